//! A sealed vault holds no key and opens nothing; its doors answer, and say so.
//!
//! ```text
//!              start, root = file or device      enough shares, the device, or the operator
//! (no process) ──────────────────▶ open ◀──────────────────────────────────────────── sealed
//!      │                             │ `seal`: the process ends, its memory with it      ▲
//!      │                             └───────────▶ (no process) ─────────────────────────┤
//!      └── start, root = shares, or sealed by hand ──────────────────────────────────────┘
//! ```
//!
//! **Sealing ends the process.** Nothing wipes memory as surely as the kernel, which gives no page of
//! an ended process to anybody before it is zeroed: keys, cards, stacks and library buffers go at
//! once, and what was being answered is cut off as by a crash, which every part of the vault is built
//! for. Whoever started the process starts it again; it finds its root in shares, or the mark
//! `sealed` in its folder, and stays shut.
//!
//! While shut: pages say that nothing was debited, the API answers 503 `vault_sealed` with
//! `Retry-After`, and so does every question of the app but who is there and how it is. Doors, tables
//! and socket are open, so that the custodians can come; no message reaches a core, for there is none.
//!
//! The root in [`share`]s: any `k` of `n` people open the vault, one after the other, within ten
//! minutes ([`unsealing`]). Who they are stands in a table and in the log ([`custodians`]).
//!
//! Limits: no queue of cards for a sealed vault. The file form reads its root at a start alone, since
//! the sandbox closes the file: unsealing it ends the process once more.

mod ceremony;
pub(crate) mod custodians;
mod field;
pub(crate) mod share;
mod store;
mod unsealing;
mod waiting;

use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};
use std::time::Duration;

use db::{Db, DbError, Route};
use tokio::sync::Notify;
use tokio::time::timeout;
use vault_wire::{Done, Refused, RootForm, SEALED, SEALED_RETRY_SECONDS};

pub use ceremony::{AskShare, Ceremony, CeremonyError, GatheredRoot, RootSource};
pub use unsealing::ShareError;
pub(crate) use waiting::Sealed;

use crate::core::Core;
use crate::log::{self, Line};
use crate::{Config, confine, kernel_calls};

/// The file that keeps a vault shut whose root is a file or in a device.
const MARK: &str = "sealed";
/// What the process ends with, so that whoever keeps it alive starts it again (`EX_TEMPFAIL`).
pub(crate) const EXIT: i32 = 75;
/// The answer to whoever sealed leaves within this time.
const LEAVE: Duration = Duration::from_millis(100);
/// Sealing waits so long for its entry in the log, and no longer for tables that are slow.
const NOTE: Duration = Duration::from_millis(500);

/// Everything goes through.
const OPEN: u8 = 0;
/// Nothing does until the root is there.
const WAITS: u8 = 1;
/// Nothing does any more.
const OVER: u8 = 2;

/// Whether the doors lead anywhere; shared by all parts of the process.
pub(crate) struct Gate {
    state: AtomicU8,
    end: Notify,
}

impl Gate {
    /// Of a vault that has its root.
    pub(crate) fn opened() -> Self {
        Self { state: AtomicU8::new(OPEN), end: Notify::new() }
    }

    /// Of a vault that waits for it.
    pub(crate) fn closed() -> Self {
        Self { state: AtomicU8::new(WAITS), end: Notify::new() }
    }

    /// Whether nothing goes through.
    pub(crate) fn is_shut(&self) -> bool {
        self.state.load(Ordering::Acquire) != OPEN
    }

    /// The core is there; a gate that was shut meanwhile stays so.
    pub(crate) fn open(&self) {
        let _ = self.state.compare_exchange(WAITS, OPEN, Ordering::AcqRel, Ordering::Acquire);
    }

    /// Nothing goes through any more.
    pub(crate) fn shut(&self) {
        self.state.store(OVER, Ordering::Release);
    }

    /// The same, and the process ends.
    pub(crate) fn end(&self) {
        self.shut();
        self.end.notify_one();
    }

    /// Completes when the process is to end, and who asked for it has his answer.
    pub(crate) async fn ended(&self) {
        self.end.notified().await;
        tokio::time::sleep(LEAVE).await;
    }
}

/// What an open vault must know to be sealed, and to say in which form its root is.
pub(crate) struct Seals {
    /// The form.
    pub(crate) form: RootForm,
    /// Where the file of the root is, or was.
    pub(crate) root_file: PathBuf,
    data_dir: PathBuf,
    gate: Arc<Gate>,
}

impl Seals {
    pub(crate) fn of(config: &Config, gate: Arc<Gate>) -> Self {
        let (root_file, data_dir) = (config.root_file.clone(), config.data_dir.clone());
        Self { form: config.root, root_file, data_dir, gate }
    }
}

/// Closes in a process into which shares are typed: what it frees is wiped, and it is not dumped, nor
/// swapped where the limit allows.
pub fn close_in() {
    kernel_calls::wipe_what_is_freed();
    for missing in confine::limits() {
        tracing::warn!(missing, "the process that shares are typed into is not closed in");
    }
}

/// Whether a vault whose root is a file was sealed by hand; one that cannot be looked into was.
pub(crate) fn is_marked(data_dir: &Path) -> bool {
    data_dir.join(MARK).try_exists().unwrap_or(true)
}

fn mark(data_dir: &Path) -> std::io::Result<()> {
    File::create(data_dir.join(MARK))?.sync_all()?;
    File::open(data_dir)?.sync_all()
}

fn unmark(data_dir: &Path) -> std::io::Result<()> {
    match std::fs::remove_file(data_dir.join(MARK)) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
        other => other?,
    }
    File::open(data_dir)?.sync_all()
}

/// What a sealed vault answers.
pub(crate) fn refusal() -> Refused {
    let why = "The vault is sealed: nothing was done, nothing was debited.";
    Refused::new(SEALED, why).retry_after(SEALED_RETRY_SECONDS)
}

/// What an open vault answers to those who come to open it.
pub(crate) fn is_open() -> Refused {
    Refused::new("not_sealed", "The vault is open; nothing was done with the share.")
}

/// Writes into the log of the installation; sealing and unsealing do not wait for a log that fails.
pub(crate) async fn note(db: &Db, line: Line) {
    let append = move |tx: &mut db::Tx<'_>| log::append(tx, &line).map(|_| ());
    if let Err(error) = db.write::<_, DbError, _>(Route::any(), append).await {
        tracing::error!(%error, "ALARM: sealing or unsealing is not in the log");
    }
}

impl Core {
    /// Seals the vault: the process ends as soon as the answer is on its way. There is none when the
    /// next start will not be shut: whoever asked must look what became of it.
    pub(crate) async fn seal(&self) -> Done {
        let Seals { form, data_dir, gate, .. } = &self.seals;
        gate.shut();
        // Shares keep the next start shut by themselves.
        let kept = if *form == RootForm::Shares { Ok(()) } else { mark(data_dir) };
        let (now, rng) = (self.clock.now(), &*self.keeper.rng);
        let line = Line::new("vault.sealed", log::installation(), "operator", now, rng);
        if timeout(NOTE, note(&self.keeper.db, line)).await.is_err() {
            tracing::error!("ALARM: the tables are slow, and sealing may not be in the log");
        }
        tracing::warn!("the vault is sealed and its process ends");
        gate.end();
        if let Err(error) = kept {
            tracing::error!(%error, "ALARM: the vault ends, but its next start finds no mark");
            std::future::pending::<()>().await;
        }
        Done {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn v_127_a_gate_that_was_shut_for_good_does_not_open_again() {
        let gate = Gate::closed();
        assert!(gate.is_shut());
        gate.open();
        assert!(!gate.is_shut());
        gate.shut();
        gate.open();
        assert!(gate.is_shut());
    }

    #[test]
    fn v_127_a_mark_that_cannot_be_looked_for_counts_as_one() {
        let dir = tempfile::tempdir().unwrap();
        assert!(!is_marked(dir.path()));
        let file = dir.path().join("file");
        std::fs::write(&file, "").unwrap();
        assert!(is_marked(&file), "what is no folder cannot be looked into");
        assert!(mark(&file).is_err(), "nor be marked");
        mark(dir.path()).unwrap();
        assert!(is_marked(dir.path()));
        unmark(dir.path()).unwrap();
        assert!(!is_marked(dir.path()));
    }
}
