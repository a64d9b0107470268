//! The root in a device that speaks PKCS#11 (OASIS, 2.40 and later): it seals and opens the keys below
//! it, and its bits are never in this process.
//!
//! ```text
//! start: module loaded, PIN read, then the sandbox ─┬─ device, PIN and key good ─▶ open
//!                                                   └─ not ─▶ sealed: looked for each second ─▶ open
//! open: a small text is opened in the device each second
//!       ── it fails, or no answer for three seconds ─▶ gate shut, process ends ─▶ start
//! ```
//!
//! Losing the device is sealing ([`crate::sealing`]): whoever pulls it out takes every key of the
//! vault along, within five seconds, and whoever plugs it in again opens it. A library that hangs is
//! got rid of with its process.
//!
//! What is asked of the device: AES-GCM with one AES key of 256 bits that was made in it, is sensitive
//! and was never extractable. Wrapped keys are `nonce 12 | sealed key 32 | tag 16`, bound to what the
//! key is for. Some devices choose the nonce themselves: theirs is kept.
//!
//! **A PIN locks after a few wrong tries**, so a refused one is never tried again by itself: the mark
//! `pin-refused` in the vault's folder names the file as it was, over restarts, until the file changes
//! or the operator says so. A device that says it allows one more try gets none.
//!
//! A vault whose root is a file moves into the device at the first start with both: the keys below are
//! sealed anew ([`crate::rotation::root`]).
//!
//! Limits: one device, one key; the module's own memory is the module's. While sealed, a module that
//! hangs keeps the vault from answering its operator.

mod device;
mod pin;
mod watch;

use std::path::{Path, PathBuf};

use kernel::rng::OsRng;
use vault_wire::TokenFault;

use crate::config::TokenConfig;
use crate::keys::{Root, keyring, root};
use crate::{Config, environment};

use device::Module;
pub(crate) use device::Token;
pub use pin::Pin;
use pin::PinFile;
pub(crate) use watch::watch;

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
    let mut way = Way::open(config)?;
    way.pin = typed.or(way.pin);
    let pin = way.pin.as_ref().ok_or(TokenError::Fault(TokenFault::PinNeeded))?;
    way.module.make_key(pin, &OsRng)
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
    pin: Option<Pin>,
    file: Option<PinFile>,
    data_dir: PathBuf,
    /// The file of a root that is to move into the device.
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
        let (file, pin) = match &about.pin_file {
            Some(path) => pin::read(path, &data_dir).map(|(file, pin)| (Some(file), Some(pin)))?,
            None => (None, None),
        };
        let former = former(config);
        Ok(Self { module, pin, file, data_dir, former })
    }

    /// The root, if device, PIN and key are good now. A PIN that was refused is not tried.
    pub(crate) fn root(&mut self) -> Result<Found, TokenFault> {
        let noted = self.file.as_ref().is_some_and(|file| file.was_refused(&self.data_dir));
        let pin = match &self.pin {
            Some(pin) if !noted => pin,
            // A file's PIN that is no longer here was refused, even if that could not be noted.
            None if self.file.is_none() => return Err(TokenFault::PinNeeded),
            _ => return Err(TokenFault::PinRefused),
        };
        let found = self.module.connect(pin, &OsRng);
        if matches!(found, Err(TokenFault::PinRefused)) {
            self.refused();
        }
        let root = Root::Device(found?);
        let opens = |root: &Root| keyring::opens(&self.data_dir, root).map_err(failing);
        if !keyring::is_there(&self.data_dir) || opens(&root)? {
            return Ok(Found::own(root));
        }
        match self.former.take() {
            Some(former) if opens(&former)? => Ok(Found { root, former: Some(former) }),
            _ => Err(TokenFault::OtherRoot),
        }
    }

    /// The same with a PIN that somebody has typed.
    pub(crate) fn root_with(&mut self, typed: Pin) -> Result<Found, TokenFault> {
        (self.pin, self.file) = (Some(typed), None);
        self.root()
    }

    /// Whether the PIN comes from a file.
    pub(crate) const fn has_file(&self) -> bool {
        self.file.is_some()
    }

    /// Nobody tries it again: this process has forgotten it, the next one reads the note.
    fn refused(&mut self) {
        self.pin = None;
        if let Some(file) = &self.file {
            if let Err(error) = file.note_refusal(&self.data_dir) {
                tracing::error!(%error, "ALARM: the refused PIN is not noted for the next start");
            }
            tracing::error!("ALARM: the device has refused the PIN; it is not tried again");
        }
    }
}

/// The root of a device with a typed PIN, or the one of the file, for work without a vault.
pub(crate) fn root_of(config: &Config, typed: Option<Pin>) -> Result<Root, TokenError> {
    let mut way = Way::open(config)?;
    let found = match typed {
        Some(pin) => way.root_with(pin),
        None => way.root(),
    };
    found.map(|found| found.root).map_err(TokenError::Fault)
}

/// The root of the file that the vault had before, if it is still there.
fn former(config: &Config) -> Option<Root> {
    let there = std::fs::symlink_metadata(&config.root_file).is_ok();
    let read = there.then(|| root::read(&config.root_file, &config.data_dir))?;
    read.map_err(|error| tracing::warn!(%error, "the former root")).ok().map(Root::Here)
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
