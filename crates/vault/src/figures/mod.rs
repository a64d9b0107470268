//! Figures for whoever watches the vault. What stands in the database is read when it is asked for;
//! what is refused before it reaches the database is counted here, since the process started.
//!
//! Always true: no figure names a card, a person or a merchant.

mod store;

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Instant;

use db::DbError;
use kernel::{Mode, ProxyProfileId, Timestamp};
use vault_wire::{Figures, ModeFigures, ProxyCards, Times};

use crate::card::Keeper;
use crate::core::codes::Codes;
use crate::shop::Shops;
use crate::shred::is_drill;
use crate::slots::Class;

const DAY_SECONDS: i64 = 24 * 60 * 60;

/// Something that was refused, counted since the process started.
#[derive(Debug)]
pub(crate) struct Count(AtomicU64);

/// Wrong PINs.
pub(crate) static PIN_FAILURES: Count = Count(AtomicU64::new(0));
/// Keys used from an address that they are not for.
pub(crate) static DENIED_ADDRESSES: Count = Count(AtomicU64::new(0));
/// Reveals and enrolments that were too many.
pub(crate) static QUOTA_REFUSED: Count = Count(AtomicU64::new(0));

/// Cards of messages of channels, by profile and by what became of them.
static PROXY_CARDS: Mutex<BTreeMap<(ProxyProfileId, &'static str), u64>> =
    Mutex::new(BTreeMap::new());

/// One more card of a profile; `result` is one of few words.
pub(crate) fn proxy_cards(profile: ProxyProfileId, result: &'static str) {
    let mut counts = PROXY_CARDS.lock().unwrap_or_else(PoisonError::into_inner);
    let count = counts.entry((profile, result)).or_default();
    *count = count.saturating_add(1);
}

fn told_proxy_cards() -> Vec<ProxyCards> {
    let counts = PROXY_CARDS.lock().unwrap_or_else(PoisonError::into_inner);
    let told = |((profile, result), count): (&(ProxyProfileId, &'static str), &u64)| ProxyCards {
        profile: *profile,
        result: (*result).to_owned(),
        count: *count,
    };
    counts.iter().map(told).collect()
}

impl Count {
    /// One more.
    pub(crate) fn add(&self) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }

    fn get(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}

/// Upper bounds of the classes of times, in microseconds.
const BOUNDS: [u64; 11] =
    [1_000, 2_500, 5_000, 10_000, 25_000, 50_000, 100_000, 250_000, 500_000, 1_000_000, 5_000_000];

/// Times since the process started, each counted in one class; the last has no bound.
#[derive(Debug)]
pub(crate) struct Durations {
    classes: [AtomicU64; BOUNDS.len() + 1],
    micros: AtomicU64,
}

/// How long it took to store a card, from the sealing to the durable row.
pub(crate) static STORED: Durations = Durations {
    classes: [const { AtomicU64::new(0) }; BOUNDS.len() + 1],
    micros: AtomicU64::new(0),
};

impl Durations {
    /// One more, which took until now.
    pub(crate) fn add(&self, since: Instant) {
        let micros = u64::try_from(since.elapsed().as_micros()).unwrap_or(u64::MAX);
        let class = BOUNDS.partition_point(|bound| *bound < micros);
        if let Some(count) = self.classes.get(class) {
            count.fetch_add(1, Ordering::Relaxed);
        }
        self.micros.fetch_add(micros, Ordering::Relaxed);
    }

    fn told(&self) -> Times {
        let count = |(bound, count): (&u64, &AtomicU64)| (*bound, count.load(Ordering::Relaxed));
        Times {
            classes: BOUNDS.iter().zip(&self.classes).map(count).collect(),
            longer: self.classes.last().map_or(0, |count| count.load(Ordering::Relaxed)),
            sum_micros: self.micros.load(Ordering::Relaxed),
        }
    }
}

/// All figures, at an instant of the machine's clock.
pub(crate) async fn read(
    keeper: &Keeper,
    shops: &Shops,
    codes: &Codes,
    real: Timestamp,
) -> Result<Figures, DbError> {
    let mut all = shops.all();
    all.retain(|shop| !is_drill(shop.settings.merchant));
    let places = all.iter().map(|shop| store::Place {
        merchant: shop.settings.merchant,
        shop: shop.settings.shop,
        mode: shop.settings.mode,
        now: shop.now(real),
    });
    let places: Vec<store::Place> = places.collect();
    let mut merchants: Vec<_> = places.iter().map(|place| place.merchant).collect();
    merchants.sort_unstable();
    merchants.dedup();
    let mut figures = keeper
        .db
        .read::<_, DbError, _>(move |tx| {
            let mut figures = Figures {
                modes: [Mode::Live, Mode::Test].map(ModeFigures::of).to_vec(),
                ..Figures::default()
            };
            for place in &places {
                let modes = &mut figures.modes;
                if let Some(sum) = modes.iter_mut().find(|sum| sum.mode == place.mode) {
                    store::add_shop(tx, place, sum)?;
                }
            }
            for merchant in merchants {
                store::add_merchant(tx, merchant, real, &mut figures)?;
            }
            Ok(figures)
        })
        .await?;
    for key in keeper.keyring.all() {
        older(&mut figures.key_age_days, &key.kind, days(key.made, real));
    }
    for class in Class::ALL {
        if let Ok(newest) = keeper.keyring.newest(class) {
            figures.epochs.insert(class.word().to_owned(), newest.number);
        }
    }
    figures.codes_in_memory = u64::try_from(codes.count()).unwrap_or(u64::MAX);
    figures.pin_failures = PIN_FAILURES.get();
    figures.denied_addresses = DENIED_ADDRESSES.get();
    figures.quota_refused = QUOTA_REFUSED.get();
    figures.stored = STORED.told();
    figures.proxy_cards = told_proxy_cards();
    Ok(figures)
}

/// Whole seconds between two instants; 0 for one that is still to come.
fn seconds(since: Timestamp, now: Timestamp) -> u64 {
    u64::try_from(now.as_seconds().saturating_sub(since.as_seconds())).unwrap_or(0)
}

fn days(since: Timestamp, now: Timestamp) -> u64 {
    seconds(since, now).checked_div(DAY_SECONDS.unsigned_abs()).unwrap_or(0)
}

fn older(ages: &mut BTreeMap<String, u64>, kind: &str, age: u64) {
    let known = ages.entry(kind.to_owned()).or_default();
    *known = age.max(*known);
}

fn add(counts: &mut BTreeMap<String, u64>, name: &str, more: u64) {
    let known = counts.entry(name.to_owned()).or_default();
    *known = known.saturating_add(more);
}
