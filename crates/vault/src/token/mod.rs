//! The root in a device that speaks PKCS#11 (OASIS, 2.40 and later): it seals and opens the keys below
//! it, and its bits are never in this process.
//!
//! ```text
//! start: module loaded, PIN read; the sandbox; then ─┬─ device, PIN and key good ─▶ open
//!                                                    └─ not ─▶ sealed: looked for each second ─▶ open
//! open: a small text is opened in the device each second
//!       ── it fails, or no answer for three seconds ─▶ gate shut, process ends ─▶ start
//! ```
//!
//! Losing the device is sealing ([`crate::sealing`]): whoever pulls it out takes every key of the
//! vault along, within five seconds, and whoever plugs it in again opens it. A library that hangs is
//! got rid of with its process, which asks nothing of it then: no handler of the module runs at the end.
//!
//! What is asked of the device: AES-GCM with one AES key of 256 bits that was made in it, is sensitive
//! and was never extractable. Wrapped keys are `nonce 12 | sealed key 32 | tag 16`, bound to what the
//! key is for. Some devices choose the nonce themselves: theirs is kept.
//!
//! **A PIN locks after a few wrong tries**, so a refused one is never tried again by itself: the note
//! `pin-refused` in the vault's folder names the file as it was, over restarts, until the file changes
//! or the operator says so ([`pin`]). Commands beside the vault keep to it, too. After a typed one that
//! was refused the next one waits a minute. A device that says it allows one more try gets none.
//!
//! A vault whose root is a file moves into the device at the first start with both: the keys below are
//! sealed anew ([`crate::rotation::root`]). The file is read for that alone, not once the keyring is
//! under a device, and not by a vault that was sealed by hand.
//!
//! Limits: one device, one key; the module's own memory is the module's. While sealed, a module that
//! hangs keeps the vault from answering its operator for half a minute; then the process ends.

mod device;
mod pin;
mod watch;

use std::path::{Path, PathBuf};
use std::time::Duration;

use kernel::Clock as _;
use kernel::rng::OsRng;
use kernel::time::SystemClock;
use tokio::time::timeout;
use vault_wire::TokenFault;

use crate::config::TokenConfig;
use crate::keys::{Root, keyring, root};
use crate::run::make_dir;
use crate::{Config, StartError, environment, sealing};

use device::Module;
pub(crate) use device::Token;
pub use pin::Pin;
pub(crate) use pin::REFUSED as PIN_NOTE;
pub(crate) use watch::watch;

/// Logging in and opening the keyring may take a device on a network so long.
const LOOK: Duration = Duration::from_secs(30);

/// Why a device cannot even be looked for. The text names the fault, never a PIN.
#[derive(Debug, thiserror::Error)]
pub enum TokenError {
    /// The configuration has the form without the device.
    #[error("root = \"token\" needs a part [vault.token] with module and label")]
    NotConfigured,
    /// The library does not load.
    #[error("vault.token.module {0}: {1}")]
    Module(PathBuf, String),
    /// The file of the PIN.
    #[error("PIN file {0}: {1}")]
    PinFile(PathBuf, String),
    /// The device, when it was asked.
    #[error("{}: {}", .0.code(), .0.cure())]
    Fault(TokenFault),
    /// There is a key already.
    #[error("the device has a key with this label already: another label, or another device")]
    KeyIsThere,
    /// The vault's folder.
    #[error("{0}: {1}")]
    Io(PathBuf, #[source] std::io::Error),
}

/// A key that was made in a device.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MadeKey {
    /// The device's serial number.
    pub serial: String,
    /// The id that the key has there, in hexadecimal digits.
    pub id: String,
}

/// Makes the key of a root in the device of the configuration; never a second one.
///
/// # Errors
/// [`TokenError`].
pub fn make_token_key(config: &Config, typed: Option<Pin>) -> Result<MadeKey, TokenError> {
    let way = Way::alone(config, typed)?;
    way.module.make_key(way.pin().map_err(TokenError::Fault)?, &OsRng)
}

/// Gives this process the variables that the module reads, by beginning anew with them, once.
///
/// # Errors
/// [`TokenError::Io`] when the program cannot begin anew.
pub fn with_variables(config: &Config) -> Result<(), TokenError> {
    let Some(token) = &config.token else { return Ok(()) };
    let io = |error| TokenError::Io(config.data_dir.clone(), error);
    environment::begin_with(&token.environment).map_err(io)
}

/// The way to a device that may not be there yet.
pub(crate) struct Way {
    module: Module,
    /// Nothing before one is typed, and after it was refused.
    pin: Option<Pin>,
    has_file: bool,
    data_dir: PathBuf,
    /// The root of a file under which the vault's keys still are: it is to move into the device.
    former: Option<Root>,
}

/// A root that was found.
pub(crate) struct Found {
    pub(crate) root: Root,
    /// Under which the vault's keys still are.
    pub(crate) former: Option<Root>,
}

impl Found {
    /// The vault's own.
    pub(crate) const fn own(root: Root) -> Self {
        Self { root, former: None }
    }
}

impl Way {
    /// Loads the module and reads the PIN; both are outside the sandbox.
    pub(crate) fn open(config: &Config) -> Result<Self, TokenError> {
        let about = config.token.as_ref().ok_or(TokenError::NotConfigured)?;
        let module = Module::load(about)?;
        let data_dir = config.data_dir.clone();
        let read = |path: &PathBuf| pin::read(path, &data_dir);
        let pin = about.pin_file.as_ref().map(read).transpose()?;
        Ok(Self { module, has_file: pin.is_some(), pin, data_dir, former: None })
    }

    /// For work without a vault, which may never have started: what is noted of a PIN needs its folder.
    fn alone(config: &Config, typed: Option<Pin>) -> Result<Self, TokenError> {
        let io = |error| TokenError::Io(config.data_dir.clone(), error);
        make_dir(&config.data_dir).map_err(io)?;
        let mut way = Self::open(config)?;
        if let Some(pin) = typed {
            way.take(pin);
        }
        Ok(way)
    }

    /// Reads the root of the file that the keyring is still under, if it is; outside the sandbox. A vault
    /// that stays shut reads none.
    pub(crate) fn with_former(mut self, config: &Config) -> Result<Self, StartError> {
        let about = |error| StartError::Io(config.data_dir.display().to_string(), error);
        let is_to_move = !sealing::is_marked(&self.data_dir)
            && keyring::is_there(&self.data_dir)
            && keyring::is_under_bits(&self.data_dir).map_err(about)?;
        if is_to_move && std::fs::symlink_metadata(&config.root_file).is_ok() {
            self.former = Some(Root::Here(root::read(&config.root_file, &self.data_dir)?));
        }
        Ok(self)
    }

    /// The PIN to try; one that was refused is not, and the device is not even looked at.
    fn pin(&self) -> Result<&Pin, TokenFault> {
        match &self.pin {
            Some(pin) if !pin.was_refused() => Ok(pin),
            // A file's PIN that is no longer here was refused.
            None if !self.has_file => Err(TokenFault::PinNeeded),
            _ => Err(TokenFault::PinRefused),
        }
    }

    fn take(&mut self, typed: Pin) {
        self.pin = Some(typed.noted_in(&self.data_dir, SystemClock.now()));
        self.has_file = false;
    }

    /// The root, if device, PIN and key are good now.
    fn root(&mut self) -> Result<Found, TokenFault> {
        let found = self.module.connect(self.pin()?, &OsRng);
        if matches!(found, Err(TokenFault::PinRefused)) {
            self.pin = None;
            tracing::error!("ALARM: the device has refused the PIN; it is not tried again");
        }
        let root = Root::Device(found?);
        let opens = |root: &Root| keyring::opens(&self.data_dir, root).map_err(failing);
        if !keyring::is_there(&self.data_dir) || opens(&root)? {
            return Ok(Found::own(root));
        }
        // A device that fails opens no key either, and is no other device for that.
        if let Root::Device(token) = &root {
            token.probe().map_err(failing)?;
        }
        match &self.former {
            Some(former) if opens(former)? => Ok(Found { root, former: self.former.take() }),
            _ => Err(TokenFault::OtherRoot),
        }
    }

    /// Whether the PIN comes from a file.
    pub(crate) const fn has_file(&self) -> bool {
        self.has_file
    }

    /// Seconds until another PIN may be typed, where one was refused a moment ago.
    pub(crate) fn wait_seconds(&self) -> Option<u32> {
        pin::wait_seconds(&self.data_dir, SystemClock.now())
    }
}

/// Looks for the device, with a typed PIN or the one that is known, on a thread that may wait for it;
/// nothing where the module does not answer or its thread dies: the process must end then.
pub(crate) async fn look(
    mut way: Way,
    typed: Option<Pin>,
) -> Option<(Way, Result<Found, TokenFault>)> {
    let looked = tokio::task::spawn_blocking(move || {
        if let Some(pin) = typed {
            way.take(pin);
        }
        let found = way.root();
        (way, found)
    });
    let looked = timeout(LOOK, looked).await.ok().and_then(Result::ok);
    if looked.is_none() {
        tracing::error!("ALARM: the module of the root's device does not answer; the process ends");
    }
    looked
}

/// The root of a device with a typed PIN, or the one of the file, for work without a vault.
pub(crate) fn root_of(config: &Config, typed: Option<Pin>) -> Result<Root, TokenError> {
    let mut way = Way::alone(config, typed)?;
    way.root().map(|found| found.root).map_err(TokenError::Fault)
}

/// The operator wants the PIN of the file tried once more.
pub(crate) fn forget_refusal(data_dir: &Path) -> std::io::Result<()> {
    pin::forget_refusal(data_dir)
}

/// What is wrong with the file of the PIN as it lies there; its content is not read.
#[must_use]
pub fn pin_file_fault(path: &Path) -> Option<String> {
    pin::fault(path)
}

fn failing(error: impl std::fmt::Display) -> TokenFault {
    tracing::error!(%error, "the device of the root");
    TokenFault::Failing
}

impl TokenConfig {
    /// Whether it is the label of a token, which PKCS#11 fills with blanks.
    fn is(&self, label: &str) -> bool {
        label.trim_end() == self.label
    }
}
