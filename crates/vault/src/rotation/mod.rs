//! Keys of slots change: by their age, or because the operator asks.
//!
//! An epoch of numbers lasts seven days, one of codes a day; the keys of a property change when the
//! operator says so. Each way ends alike: a new epoch begins, every slot of an older one is sealed
//! anew in place, the file is read from the disk, and when nothing of the older epochs is in it,
//! their keys are destroyed and the log says so. Cards are stored, shown and charged meanwhile.
//! [`crate::keys`] has the order of writes and what a crash leaves at each step.
//!
//! Who may: whoever reaches the operator's frames of the socket. Asked again while one is running,
//! the second waits and finds its work done or begins anew.
//!
//! What is logged: `key.made` and `key.destroyed`, the key's name as purpose; keys of epochs in the
//! log of the installation, those of a property in its merchant's. What a crash kept from being
//! logged is logged at the next start, from what the keyring holds.
//!
//! The root changes at a start, from a file into a device ([`root`]).
//!
//! Limits: one change at a time; fingerprint, pepper and log keys do not change yet. On a
//! server, the database's own log keeps the deleted row of a property key for as long as its
//! operator keeps that log; it is wrapped under the root.
//! A card whose slot is damaged keeps its class's old keys until it goes or its slot is mended; after
//! a day the self-check names them, `vault status` does not.

mod epochs;
pub(crate) mod root;
mod store;

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use db::DbError;
use tokio::sync::Mutex;
use vault_wire::{Refused, Rotate, RotateWhat, Rotated};

use crate::capture::{internal, not_found};
use crate::core::Core;
use crate::log;
use crate::slots::Class;

const EVERY: Duration = Duration::from_secs(60);
const DAY_SECONDS: i64 = 24 * 60 * 60;

/// How long an epoch of a class lasts.
pub(crate) const fn epoch_days(class: Class) -> i64 {
    match class {
        Class::Number => 7,
        Class::Code => 1,
    }
}

/// Why epochs begin.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Why {
    /// An epoch is over, or a change was cut off.
    Due,
    /// The operator asks.
    Asked,
}

/// How the change of keys stands.
#[derive(Default)]
pub(crate) struct Rotations {
    /// Whoever has it changes keys. Names of the retired property keys for whose end an epoch has
    /// begun.
    turn: Mutex<BTreeSet<String>>,
    left: [AtomicU64; 2],
}

impl Rotations {
    const fn left_of(&self, class: Class) -> &AtomicU64 {
        let [numbers, codes] = &self.left;
        match class {
            Class::Number => numbers,
            Class::Code => codes,
        }
    }

    /// Keys stay what they are while this is held.
    pub(crate) async fn hold(&self) -> impl Send {
        self.turn.lock().await
    }

    /// The same, unless somebody has it: then nothing, at once.
    pub(crate) fn hold_if_free(&self) -> Option<impl Send> {
        self.turn.try_lock().ok()
    }

    /// Slots that are still sealed under retired keys, as far as the running change has got.
    pub(crate) fn left(&self) -> u64 {
        let [numbers, codes] = &self.left;
        numbers.load(Ordering::Relaxed).saturating_add(codes.load(Ordering::Relaxed))
    }
}

#[cfg(not(test))]
const fn step(_: &str) {}
#[cfg(test)]
use crate::tests::rotation::step;

/// No new key was made: the one before was not destroyed yet.
fn still_retired(left: u64) -> Refused {
    let why = format!(
        "No new key was made: a change of this property's keys had not ended. It was gone on with; \
         {left} records are still under old keys. At 0, ask again for a new key."
    );
    Refused::new("busy", why)
}

impl Core {
    /// Goes on with what was cut off, then changes keys when their time has come.
    pub(crate) async fn change_keys_forever(self: Arc<Self>) {
        loop {
            if let Err(error) = self.change_keys(Why::Due).await {
                tracing::error!(%error, "ALARM: keys were not changed");
            }
            tokio::time::sleep(EVERY).await;
        }
    }

    /// Changes keys because the operator asks; ends when no record is under the old ones.
    pub(crate) async fn rotate(&self, asked: Rotate) -> Result<Rotated, Refused> {
        // One turn from the new key to the end of the old one: two at once would both make it.
        let mut turn = self.rotations.turn.lock().await;
        let mut made = Vec::new();
        if let RotateWhat::Property { shop } = asked.what {
            let shop = self.shops.of_any(shop).ok_or_else(not_found)?;
            let by = ("operator", self.clock.now());
            made = self.shops.renew(&shop, by).await.map_err(internal)?;
            if made.is_empty() {
                self.change_keys_in(&mut turn, Why::Asked).await.map_err(internal)?;
                return Err(still_retired(self.rotations.left()));
            }
            step("renewed");
        }
        let mut told = self.change_keys_in(&mut turn, Why::Asked).await.map_err(internal)?;
        made.append(&mut told.made);
        told.made = made;
        Ok(told)
    }

    /// Keys of epochs that are destroyed, as the log has them.
    pub(crate) async fn destroyed_epochs(&self) -> Result<BTreeSet<String>, DbError> {
        let (merchant, _) = log::installation();
        let read = move |tx: &mut db::Tx<'_>| log::store::purposes(tx, merchant, "key.destroyed");
        self.keeper.db.read::<_, DbError, _>(read).await
    }
}
