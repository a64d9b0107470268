//! The check of everything that is there: the books, and a search of all files for card numbers.
//!
//! Each call begins a check of its own and waits for it, so that what it answers was true after the
//! call. On a million payments a check takes longer than anybody waits: it goes on by itself, and
//! meanwhile calls are answered at once with the last one that ended, marked as not fresh, or with
//! nothing while there is none. Nothing is left out to be faster.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use http::Refusal;
use kernel::{MerchantId, Timestamp};
use ledger::LedgerError;
use tokio::task::JoinHandle;

use super::{DemoState, clock, scan, state};

/// How long a call waits for its check; shorter than the server's own limit for an answer.
const PATIENCE: Duration = Duration::from_secs(20);

/// What a check found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Checked {
    /// When it began, on the demo's clock.
    pub(super) at: Timestamp,
    /// Debits less credits of all books, in minor units.
    pub(super) sum: i64,
    /// Whether no invariant of the books is broken.
    pub(super) ok: bool,
    /// Card numbers in files.
    pub(super) in_files: usize,
}

/// What a call is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Told {
    /// What the check found, unless none has ended well.
    pub(super) checked: Option<Checked>,
    /// Whether that check began after the call.
    pub(super) fresh: bool,
}

/// The last check, and the one that goes on although nobody waits for it.
#[derive(Debug, Clone, Default)]
pub(crate) struct Checks(Arc<Mutex<Kept>>);

#[derive(Debug, Default)]
struct Kept {
    last: Option<Checked>,
    /// How long the last one took.
    took: Duration,
    overdue: Option<JoinHandle<()>>,
    /// Counts resets: a check of what was there before is no answer any more.
    age: u64,
}

impl Checks {
    /// Forgets what was found, as the data goes.
    pub(super) fn forget(&self) {
        let mut kept = self.kept();
        let age = kept.age.wrapping_add(1);
        *kept = Kept { age, ..Kept::default() };
    }

    fn kept(&self) -> MutexGuard<'_, Kept> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// One that failed leaves nothing that was found before it.
    fn note(&self, age: u64, (found, took): (Option<Checked>, Duration)) {
        let mut kept = self.kept();
        if kept.age == age {
            (kept.last, kept.took) = (found, took);
        }
    }
}

/// The check of this call, or the last that ended when it takes too long.
pub(super) async fn latest(state: &DemoState) -> Result<Told, Refusal> {
    let checks = &state.checks;
    let (age, patience) = {
        let kept = checks.kept();
        if kept.overdue.as_ref().is_some_and(|task| !task.is_finished()) {
            return Ok(Told { checked: kept.last, fresh: false });
        }
        // As long as the one before took too long, so will this one.
        (kept.age, if kept.took > PATIENCE { Duration::ZERO } else { PATIENCE })
    };
    let (tell, told) = tokio::sync::oneshot::channel();
    let own = state.clone();
    let task = tokio::spawn(async move {
        let began = Instant::now();
        let found = run(&own).await;
        if let Err(error) = &found {
            tracing::error!(%error, "the check of everything failed");
        }
        own.checks.note(age, (found.as_ref().ok().copied(), began.elapsed()));
        let _ = tell.send(found);
    });
    match tokio::time::timeout(patience, told).await {
        Ok(found) => {
            let checked = found.map_err(state::failed)?.map_err(state::failed)?;
            Ok(Told { checked: Some(checked), fresh: true })
        }
        Err(_) => {
            let mut kept = checks.kept();
            kept.overdue = Some(task);
            Ok(Told { checked: kept.last, fresh: false })
        }
    }
}

async fn run(state: &DemoState) -> Result<Checked, String> {
    let at = clock::now(state);
    let merchants: Vec<MerchantId> = state.keys.merchants.iter().map(|m| m.id).collect();
    let verify = move |tx: &mut db::Tx<'_>| payments::books::verify(tx, &merchants, ledger::FIRST);
    let report = state.ctx.db.read::<_, LedgerError, _>(verify).await;
    let report = report.map_err(|error| error.to_string())?;
    let data = state.data.clone();
    let scanned = tokio::task::spawn_blocking(move || scan::card_numbers_in(&data)).await;
    let scanned = scanned.map_err(|error| error.to_string())?;
    Ok(Checked {
        at,
        sum: report.books.iter().map(|book| book.debits.saturating_sub(book.credits)).sum(),
        ok: report.ok,
        in_files: scanned.map_err(|error| error.to_string())?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn u_99_a_check_of_before_a_reset_answers_nothing_after_it() {
        let checks = Checks::default();
        let at = Timestamp::from_micros(0);
        let checked = Some(Checked { at, sum: 0, ok: true, in_files: 0 });
        let ended = |age, found| checks.note(age, (found, Duration::ZERO));
        ended(0, checked);
        assert_eq!(checks.kept().last, checked);
        checks.forget();
        assert_eq!(checks.kept().last, None);
        ended(0, checked);
        assert_eq!(checks.kept().last, None, "it looked at what is gone");
        ended(1, checked);
        assert_eq!(checks.kept().last, checked);
        ended(1, None);
        assert_eq!(checks.kept().last, None, "one that failed says nothing");
    }
}
