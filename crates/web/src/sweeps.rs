//! Regular work that needs no plan: every sweeper at its own pace, in a task of its own.
//!
//! **Always true.** A sweeper that waits, for another process or for ever, holds up neither the
//! jobs and events of the worker nor another sweeper. One that fails is tried again after 2, 4 …
//! 30 seconds; the log has a line when it begins to fail and one when it works again.

use std::sync::Arc;
use std::time::Duration;

use tokio::task::JoinSet;
use tokio::time::{Instant, sleep, timeout_at};

use crate::Worker;
use crate::worker::Work;

const SWEEP_EVERY: Duration = Duration::from_secs(1);
/// The longest wait after failures.
const LONGEST_WAIT: Duration = Duration::from_secs(30);
/// How long a caller waits for sweepers; what they do then goes on without him.
const PATIENCE: Duration = Duration::from_secs(5);

/// Regular work that needs no plan, about once a second.
#[derive(Clone)]
pub struct Sweeper {
    /// For logs.
    pub name: &'static str,
    /// One round.
    pub run: Arc<dyn Fn() -> Work<Result<(), String>> + Send + Sync>,
}

/// Starts all sweepers; they end with the set.
pub(crate) fn start(worker: &Worker, sweepers: &[Sweeper]) -> JoinSet<()> {
    let mut set = JoinSet::new();
    for sweeper in sweepers {
        set.spawn(forever(worker.clone(), sweeper.clone()));
    }
    set
}

async fn forever(worker: Worker, sweeper: Sweeper) {
    let (mut wait, mut said) = (SWEEP_EVERY, None);
    loop {
        sleep(wait).await;
        if !worker.leads().await {
            continue;
        }
        match (sweeper.run)().await {
            Ok(()) => {
                if said.take().is_some() {
                    tracing::info!(sweeper = sweeper.name, "works again");
                }
                wait = SWEEP_EVERY;
            }
            Err(error) => {
                if said.as_ref() != Some(&error) {
                    tracing::warn!(sweeper = sweeper.name, error, "fails; tried until it works");
                }
                said = Some(error);
                wait = wait.saturating_mul(2).min(LONGEST_WAIT);
            }
        }
    }
}

/// One round of every sweeper, all at once; the caller waits for them, but not for long.
pub(crate) async fn once(sweepers: &[Sweeper]) {
    let end = Instant::now() + PATIENCE;
    let running: Vec<_> =
        sweepers.iter().map(|sweeper| (sweeper.name, tokio::spawn((sweeper.run)()))).collect();
    for (sweeper, run) in running {
        match timeout_at(end, run).await {
            Ok(Ok(Ok(()))) => {}
            Ok(Ok(Err(error))) => tracing::warn!(sweeper, error, "sweep failed"),
            Ok(Err(error)) => tracing::error!(sweeper, %error, "sweep ended"),
            Err(_) => tracing::warn!(sweeper, "sweep not awaited any longer"),
        }
    }
}
