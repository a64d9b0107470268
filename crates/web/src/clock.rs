//! The clocks of shops: real time for live ones, a movable clock for each test shop.
//!
//! Plans, holds, links, validity and payouts use the shop's clock. Sockets, leases, rate
//! limits, staff sessions and time codes use real time.

use std::collections::BTreeMap;
use std::sync::{Arc, PoisonError, RwLock};

use kernel::{Clock, ShopId, Timestamp};
use tokio::sync::watch;

/// Longest step of a test clock, in days.
pub const MAX_STEP_DAYS: i64 = 400;

/// How a test shop's clock goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ShopClock {
    /// Real time plus so many microseconds.
    Follows {
        /// Microseconds ahead of real time.
        ahead_micros: i64,
    },
    /// Stands still.
    Frozen(Timestamp),
}

/// The book of all clocks; cheap to clone.
#[derive(Clone)]
pub struct Clocks {
    real: Arc<dyn Clock>,
    tests: Arc<RwLock<BTreeMap<ShopId, ShopClock>>>,
    changes: Arc<watch::Sender<u64>>,
}

impl Clocks {
    /// A book in which every shop follows `real` until told otherwise.
    #[must_use]
    pub fn new(real: Arc<dyn Clock>) -> Self {
        Self { real, tests: Arc::default(), changes: Arc::new(watch::Sender::new(0)) }
    }

    /// Real time.
    #[must_use]
    pub fn real_now(&self) -> Timestamp {
        self.real.now()
    }

    /// The shop's time.
    #[must_use]
    pub fn now(&self, shop: ShopId) -> Timestamp {
        let tests = self.tests.read().unwrap_or_else(PoisonError::into_inner);
        match tests.get(&shop) {
            None => self.real.now(),
            Some(ShopClock::Frozen(at)) => *at,
            Some(ShopClock::Follows { ahead_micros }) => {
                Timestamp::from_micros(self.real.now().as_micros().saturating_add(*ahead_micros))
            }
        }
    }

    /// Enters a test shop, or sets its clock.
    pub fn set(&self, shop: ShopId, clock: ShopClock) {
        self.tests.write().unwrap_or_else(PoisonError::into_inner).insert(shop, clock);
        self.changes.send_modify(|count| *count = count.wrapping_add(1));
    }

    /// Tells of every [`Clocks::set`], so that other processes can follow.
    #[must_use]
    pub fn changes(&self) -> watch::Receiver<u64> {
        self.changes.subscribe()
    }

    /// Tells those who follow [`Clocks::changes`] that something else of a shop changed: its
    /// name, its look.
    pub fn shops_changed(&self) {
        self.changes.send_modify(|count| *count = count.wrapping_add(1));
    }

    /// How a test shop's clock goes; `None` for a live shop.
    #[must_use]
    pub fn state(&self, shop: ShopId) -> Option<ShopClock> {
        self.tests.read().unwrap_or_else(PoisonError::into_inner).get(&shop).copied()
    }

    /// All test shops.
    #[must_use]
    pub fn test_shops(&self) -> Vec<ShopId> {
        self.tests.read().unwrap_or_else(PoisonError::into_inner).keys().copied().collect()
    }
}

impl std::fmt::Debug for Clocks {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Clocks")
    }
}
