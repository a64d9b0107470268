//! A unit of work as it waits for a writer, the same for both engines.

use std::panic::{AssertUnwindSafe, catch_unwind};

use tokio::sync::oneshot;

use crate::{DbError, Route, Tx};

/// A unit that waits for a writer: run it, then tell its caller how the commit ended.
pub(crate) trait Unit: Send {
    /// Runs the closure; true when its changes may be kept. May be called again after a rollback.
    fn run(&mut self, tx: &mut Tx<'_>) -> bool;
    /// Hands the result over; `failed` replaces it when the commit did not happen.
    fn answer(self: Box<Self>, failed: Option<DbError>);
}

/// A unit with the aggregate it belongs to.
pub(crate) struct Queued {
    pub(crate) route: Route,
    pub(crate) unit: Box<dyn Unit>,
}

struct Waiting<T, E, F> {
    work: F,
    result: Option<Result<T, E>>,
    reply: oneshot::Sender<Result<T, E>>,
}

impl<T, E, F> Unit for Waiting<T, E, F>
where
    T: Send,
    E: From<DbError> + Send,
    F: FnMut(&mut Tx<'_>) -> Result<T, E> + Send,
{
    fn run(&mut self, tx: &mut Tx<'_>) -> bool {
        let outcome = catch_unwind(AssertUnwindSafe(|| (self.work)(tx)));
        let mut result = outcome.unwrap_or_else(|_| Err(DbError::Panicked.into()));
        if result.is_ok()
            && let Some(failure) = tx.failure()
        {
            result = Err(failure.clone().into());
        }
        let keep = result.is_ok();
        self.result = Some(result);
        keep
    }

    fn answer(self: Box<Self>, failed: Option<DbError>) {
        let result = match (failed, self.result) {
            (Some(error), _) => Err(error.into()),
            (None, Some(result)) => result,
            (None, None) => Err(DbError::Closed.into()),
        };
        // The caller may have gone away; the work is done all the same.
        let _ = self.reply.send(result);
    }
}

/// A closure as a unit, and where its answer will come.
pub(crate) fn queue<T, E, F>(route: Route, work: F) -> (Queued, oneshot::Receiver<Result<T, E>>)
where
    T: Send + 'static,
    E: From<DbError> + Send + 'static,
    F: FnMut(&mut Tx<'_>) -> Result<T, E> + Send + 'static,
{
    let (reply, answer) = oneshot::channel();
    let unit = Box::new(Waiting { work, result: None, reply });
    (Queued { route, unit }, answer)
}
