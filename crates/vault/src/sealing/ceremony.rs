//! The custodians take their shares, while no vault runs on the folder.
//!
//! The root is that of the root file, where there is one; else the one that the present custodians
//! bring together; else, for a vault that has sealed nothing yet, a new one that no file ever holds.
//! Each custodian accepts his responsibility under his name before he sees his share: the row and the
//! entry of the log are durable first. Cut off, it leaves a set that is not whole; the shares of the
//! set before go on opening the vault, and the ceremony is held again. Whatever can be refused without
//! a share is refused before the first one is asked for.

use std::fs::File;
use std::path::Path;
use std::sync::Arc;

use db::{Db, DbError, Route, Tx};
use kernel::rng::OsRng;
use kernel::time::SystemClock;
use kernel::{Clock as _, Timestamp};
use serde_json::json;
use tokio::runtime::Runtime;
use vault_wire::RootForm;
use zeroize::Zeroizing;

use super::custodians::Custodian;
use super::share::{self, LEAST_SHARES, MOST_SHARES, Share};
use super::store;
use super::unsealing::{Gathering, ShareError, Taken};
use crate::keys::bytes::{KEY_BYTES, hex, sha256};
use crate::keys::{Key, Root, keyring, root};
use crate::log::{self, Line};
use crate::token::{self, Pin, TokenError};
use crate::{Config, RootError, StartError, backup, environment, storage};

const SHORTEST_NAME: usize = 3;
const LONGEST_NAME: usize = 80;

/// Why the ceremony stops.
#[derive(Debug, thiserror::Error)]
pub enum CeremonyError {
    /// The vault's folder or tables.
    #[error(transparent)]
    Start(#[from] StartError),
    /// The root's file.
    #[error(transparent)]
    Root(#[from] RootError),
    /// The tables.
    #[error(transparent)]
    Db(#[from] DbError),
    /// The custodian's name: he gives another one.
    #[error("{0}")]
    Name(String),
    /// Something else, with its cure.
    #[error("{0}")]
    Refused(String),
}

/// Asks the next custodian for his share; told are the shares given and, from the first on, needed, and
/// why the share before was not taken.
pub type AskShare<'a> =
    &'a mut dyn FnMut(u8, Option<u8>, Option<ShareError>) -> Result<Zeroizing<String>, String>;

/// A root that its custodians have brought together in memory, or that is in a device.
#[derive(Clone)]
pub struct GatheredRoot(pub(crate) Arc<Root>);

impl std::fmt::Debug for GatheredRoot {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str("GatheredRoot")
    }
}

impl GatheredRoot {
    /// The root in the device of the configuration, with a typed PIN or the one of the file.
    ///
    /// # Errors
    /// [`TokenError`].
    pub fn of_token(config: &Config, typed: Option<Pin>) -> Result<Self, TokenError> {
        token::root_of(config, typed).map(|root| Self(Arc::new(root)))
    }

    /// Asks for one share after the other until they are a root. One that is not taken is asked for
    /// again, or all are, and why is told.
    ///
    /// # Errors
    /// [`CeremonyError::Refused`] when nobody answers any more.
    pub fn gather(ask: AskShare<'_>) -> Result<Self, CeremonyError> {
        let (mut gathering, mut refused) = (Gathering::default(), None);
        loop {
            let (given, needed, _) = gathering.state();
            let text = ask(given, needed, refused).map_err(CeremonyError::Refused)?;
            refused = match gathering.give(&text, SystemClock.now()) {
                Ok(Taken::Whole(whole)) => return Ok(Self(Arc::new(whole.root))),
                Ok(Taken::More(_)) => None,
                Err(why) => Some(why),
            };
        }
    }
}

/// Where the root of the shares comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RootSource {
    /// The file of the configuration.
    File,
    /// The custodians of today.
    Custodians,
    /// It was made now, and is in no file.
    Fresh,
}

/// Shares on their way to their custodians.
pub struct Ceremony {
    runtime: Runtime,
    db: Db,
    _alone: File,
    source: RootSource,
    made: Timestamp,
    verifier: [u8; KEY_BYTES],
    waiting: std::collections::VecDeque<Share>,
    names: Vec<String>,
}

impl Ceremony {
    /// Makes shares of the root: how many open the vault, and how many there are. Blocks.
    ///
    /// # Errors
    /// [`CeremonyError`]; nobody has seen a share then.
    pub fn begin(config: &Config, of: (u8, u8), ask: AskShare<'_>) -> Result<Self, CeremonyError> {
        super::close_in();
        Self::begin_here(config, of, ask)
    }

    /// The same, in a process that stays as it is.
    pub(crate) fn begin_here(
        config: &Config,
        of: (u8, u8),
        ask: AskShare<'_>,
    ) -> Result<Self, CeremonyError> {
        if config.root == RootForm::Token {
            return Err(in_a_device());
        }
        if !share::can_be(of) {
            return Err(impossible(of));
        }
        crate::run::make_dir(&config.data_dir).map_err(at(&config.data_dir))?;
        environment::ours_alone(&config.data_dir)?;
        backup::restore::must_be_whole(&config.data_dir)?;
        let alone = environment::alone(&config.data_dir)?;
        let io = |error| StartError::Io("runtime".into(), error);
        let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build();
        let runtime = runtime.map_err(io)?;
        let options = storage::options(config)?;
        let db = runtime.block_on(storage::open(config, &options))?;
        let (root, source) = root_of(config, ask)?;
        let bits = root.bits().ok_or_else(in_a_device)?;
        let verifier = share::verifier(bits);
        let shares = share::split(bits, of, &OsRng).ok_or_else(|| impossible(of))?;
        let (made, waiting) = (SystemClock.now(), shares.into());
        Ok(Self { runtime, db, _alone: alone, source, made, verifier, waiting, names: Vec::new() })
    }

    /// Where the root comes from.
    #[must_use]
    pub const fn source(&self) -> RootSource {
        self.source
    }

    /// Number of the share that the next custodian takes; nothing when all have theirs.
    #[must_use]
    pub fn next(&self) -> Option<u8> {
        self.waiting.front().map(|share| share.index)
    }

    /// Whether the next custodian may have this name.
    ///
    /// # Errors
    /// [`CeremonyError::Name`].
    pub fn check_name(&self, name: &str) -> Result<(), CeremonyError> {
        let name = name.trim();
        if !(SHORTEST_NAME..=LONGEST_NAME).contains(&name.chars().count()) {
            let why = format!("a name has {SHORTEST_NAME} to {LONGEST_NAME} signs");
            return Err(CeremonyError::Name(why));
        }
        if self.names.contains(&name.to_lowercase()) {
            let why = "this custodian has a share already: one custodian, one share";
            return Err(CeremonyError::Name(why.into()));
        }
        Ok(())
    }

    /// A custodian has read `text` and accepts it: his name is written down, then he has his share.
    ///
    /// # Errors
    /// [`CeremonyError`]; his share was not shown then.
    pub fn accept(&mut self, name: &str, text: &str) -> Result<Zeroizing<String>, CeremonyError> {
        self.check_name(name)?;
        let name = name.trim();
        let none = || CeremonyError::Refused("every share has its custodian".into());
        let share = self.waiting.front().ok_or_else(none)?;
        let custodian = Custodian {
            made: self.made,
            index: share.index,
            set: share.set.clone(),
            verifier: Some(self.verifier),
            name: name.to_owned(),
            text_hash: sha256(text.as_bytes()),
            accepted: SystemClock.now(),
        };
        let line = line(&custodian);
        let write = move |tx: &mut Tx<'_>| {
            store::insert(tx, &custodian)?;
            log::append(tx, &line)
        };
        self.runtime.block_on(self.db.write::<_, DbError, _>(Route::any(), write))?;
        self.names.push(name.to_lowercase());
        let share = self.waiting.pop_front().ok_or_else(none)?;
        Ok(share.text())
    }
}

fn at(path: &Path) -> impl FnOnce(std::io::Error) -> StartError {
    let path = path.display().to_string();
    move |error| StartError::Io(path, error)
}

fn in_a_device() -> CeremonyError {
    let why = "the root is in a device, which does not give it: there are no shares of it";
    CeremonyError::Refused(why.into())
}

fn impossible((needed, all): (u8, u8)) -> CeremonyError {
    CeremonyError::Refused(format!(
        "{needed} of {all} cannot be: {LEAST_SHARES} to {MOST_SHARES} custodians, and at least \
         {LEAST_SHARES} of them open the vault"
    ))
}

fn line(custodian: &Custodian) -> Line {
    let Custodian { index, set, name, text_hash, accepted, .. } = custodian;
    Line::new("custodian.accepted", log::installation(), "operator", *accepted, &OsRng).details(
        json!({
            "name": name, "share": index, "needed": set.needed, "all": set.all,
            "check": set.check, "text": hex(text_hash), "at": accepted,
        }),
    )
}

fn root_of(config: &Config, ask: AskShare<'_>) -> Result<(Arc<Root>, RootSource), CeremonyError> {
    let has_sealed = keyring::is_there(&config.data_dir);
    let has_file = config.root_file.try_exists().map_err(at(&config.root_file))?;
    let (root, source) = if has_file {
        (Root::Here(root::read(&config.root_file, &config.data_dir)?).into(), RootSource::File)
    } else if has_sealed {
        (GatheredRoot::gather(ask)?.0, RootSource::Custodians)
    } else {
        (Root::Here(Key::random(&OsRng)).into(), RootSource::Fresh)
    };
    let opens = || keyring::opens(&config.data_dir, &root).map_err(at(&config.data_dir));
    if has_sealed && !opens()? {
        let why = "this root does not open the vault of this folder: no share was made";
        return Err(CeremonyError::Refused(why.into()));
    }
    Ok((root, source))
}
