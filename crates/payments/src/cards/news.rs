//! Follows the vault: asks about once a second, once for all merchants, what is new there, and
//! takes the messages that wait and tells what was written in the logs.
//!
//! **Always true.** An idle house costs one question a turn, however many merchants it has. A turn
//! is bounded: what is left waits for the next one, and the logs take turns page by page, so that
//! nobody's long log holds up another. A merchant whose turn fails is tried again after a minute.
//! A vault that does not answer ends the turn; the worker asks again less and less often.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;
use std::time::Duration;

use db::{DbError, Tx};
use kernel::{MerchantId, ShopId};
use tokio::sync::Mutex;
use tokio::time::Instant;
use vault_wire::{MessagesWait, NewsGet, NewsMark, WireError};
use web::worker::{Sweeper, Work};

use super::facts::{self, Rest};
use super::messages;
use crate::engine::Engine;

/// Pages of logs in one turn, of all merchants together.
const TURN_PAGES: usize = 50;
/// What failed is left alone for so long.
const REST: Duration = Duration::from_secs(60);

/// Why something of the vault was not followed.
#[derive(Debug, thiserror::Error)]
pub enum FollowError {
    /// The vault gave no answer, or refused.
    #[error(transparent)]
    Vault(#[from] WireError),
    /// This house's own database.
    #[error(transparent)]
    Db(#[from] DbError),
}

impl FollowError {
    /// Whether the vault is away or silent, which no other question would change.
    fn is_away(&self) -> bool {
        matches!(
            self,
            Self::Vault(WireError::Unreachable { .. } | WireError::Timeout | WireError::Sealed)
        )
    }
}

/// The follower as regular work of the app.
#[must_use]
pub fn sweeper(engine: &Engine) -> Sweeper {
    let follower = Arc::new(Follower::new(engine));
    let run = move || -> Work<Result<(), String>> {
        let follower = Arc::clone(&follower);
        Box::pin(async move { follower.turn().await.map_err(|error| error.to_string()) })
    };
    Sweeper { name: "news of the vault", run: Arc::new(run) }
}

/// Follows the vault of an installation.
pub(super) struct Follower {
    engine: Engine,
    known: Mutex<Known>,
}

/// What the follower keeps in memory; all of it can be asked for again.
#[derive(Default)]
struct Known {
    mark: Option<NewsMark>,
    behind: VecDeque<(MerchantId, ShopId)>,
    resting: BTreeMap<(MerchantId, Option<ShopId>), Instant>,
}

impl Known {
    fn add(&mut self, log: (MerchantId, ShopId)) {
        if !self.behind.contains(&log) {
            self.behind.push_back(log);
        }
    }

    fn rests(&mut self, what: (MerchantId, Option<ShopId>)) -> bool {
        let now = Instant::now();
        self.resting.retain(|_, until| *until > now);
        self.resting.contains_key(&what)
    }

    /// A vault that is away ends the turn; what fails otherwise rests.
    fn failed(
        &mut self,
        what: (MerchantId, Option<ShopId>),
        error: FollowError,
    ) -> Result<(), FollowError> {
        if error.is_away() {
            return Err(error);
        }
        tracing::error!(%error, merchant = %what.0, "news of the vault not taken over");
        self.resting.insert(what, Instant::now() + REST);
        Ok(())
    }
}

impl Follower {
    pub(super) fn new(engine: &Engine) -> Self {
        Self { engine: engine.clone(), known: Mutex::default() }
    }

    /// One turn.
    pub(super) async fn turn(&self) -> Result<(), FollowError> {
        let mut known = self.known.lock().await;
        for waiting in self.hear(&mut known).await? {
            let what = (waiting.merchant, Some(waiting.shop));
            if !known.rests(what)
                && let Err(error) = self.take(&waiting).await
            {
                known.failed(what, error)?;
            }
        }
        self.follow(&mut known).await
    }

    /// Asks what is new; gives the shops whose messages wait.
    async fn hear(&self, known: &mut Known) -> Result<Vec<MessagesWait>, FollowError> {
        let asked = NewsGet { seen: known.mark.clone() };
        let news = self.engine.vault.ask_unscoped(&asked).await?;
        if !news.logs.is_empty() {
            let places = self.engine.ctx.db.read(facts::store::places).await?;
            for log in news.logs {
                let told = match places.get(&log.merchant) {
                    Some(place) => place.old_until.is_some() && place.next == log.size,
                    None => log.size == 0,
                };
                if !told {
                    known.add((log.merchant, log.shop));
                }
            }
        }
        known.mark = Some(news.mark);
        Ok(news.messages)
    }

    async fn take(&self, waiting: &MessagesWait) -> Result<(), FollowError> {
        let (merchant, shop) = (waiting.merchant, waiting.shop);
        let read = move |tx: &mut Tx<'_>| facts::shops_of(tx, merchant);
        let shops = self.engine.ctx.db.read::<_, DbError, _>(read).await?;
        match shops.get(&shop) {
            Some(mode) => messages::take(&self.engine, (merchant, *mode), shop).await,
            None => Ok(()),
        }
    }

    async fn follow(&self, known: &mut Known) -> Result<(), FollowError> {
        for _ in 0..TURN_PAGES {
            let Some(log) = known.behind.front().copied() else { break };
            let what = (log.0, None);
            if known.rests(what) {
                known.behind.rotate_left(1);
                continue;
            }
            match facts::follow(&self.engine, log).await {
                Ok(Rest::Nothing) => {
                    known.behind.pop_front();
                }
                Ok(Rest::More) => known.behind.rotate_left(1),
                Err(error) => {
                    known.failed(what, error)?;
                    known.behind.rotate_left(1);
                }
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests;
