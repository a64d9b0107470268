//! What is new, of all merchants in one answer, so that the app need not ask for each of them.
//!
//! Each time the sizes of all logs are read by one query over their index and compared with those
//! read before; a log whose size changed gets the next number, and an answer tells those with a
//! higher number than the mark it was asked with. Numbers live in memory: marks of an earlier life
//! of the vault are as none.

mod store;

use std::collections::{BTreeMap, HashMap};
use std::sync::{Mutex, PoisonError};

use db::{Db, DbError, Tx};
use kernel::{Id, MerchantId, Rng, ShopId};
use vault_wire::{LogSize, MessagesWait, News, NewsGet, NewsMark};

use crate::shop::Shops;
use crate::shred::is_drill;

/// Logs of one answer.
const MOST_LOGS: usize = 1_000;
/// Shops with messages of one answer.
const MOST_SHOPS: u32 = 200;

/// Knows which logs have changed since when.
pub(crate) struct Desk {
    run: String,
    changes: Mutex<Changes>,
}

/// The newest change of each log.
#[derive(Debug, Default)]
struct Changes {
    newest: u64,
    logs: BTreeMap<MerchantId, (u64, u64)>,
    in_order: BTreeMap<u64, MerchantId>,
}

impl Changes {
    fn note(&mut self, merchant: MerchantId, size: u64) {
        let known = self.logs.get(&merchant).copied();
        if known.is_some_and(|(_, known)| known == size) {
            return;
        }
        if let Some((number, _)) = known {
            self.in_order.remove(&number);
        }
        self.newest = self.newest.saturating_add(1);
        self.logs.insert(merchant, (self.newest, size));
        self.in_order.insert(self.newest, merchant);
    }

    /// Number, owner and size of logs that changed after a number, oldest change first.
    fn after(&self, number: u64) -> Vec<(u64, MerchantId, u64)> {
        let later = self.in_order.range(number.saturating_add(1)..).take(MOST_LOGS);
        let told = later.filter_map(|(number, merchant)| {
            self.logs.get(merchant).map(|(_, size)| (*number, *merchant, *size))
        });
        told.collect()
    }
}

impl Desk {
    pub(crate) fn new(rng: &dyn Rng) -> Self {
        Self { run: Id::random(rng).text(), changes: Mutex::default() }
    }

    /// What is new since the mark of an earlier answer.
    pub(crate) async fn read(
        &self,
        (db, shops): (&Db, &Shops),
        asked: NewsGet,
    ) -> Result<News, DbError> {
        let read = |tx: &mut Tx<'_>| Ok((store::sizes(tx)?, store::waiting(tx, MOST_SHOPS)?));
        let (sizes, waiting) = db.read::<_, DbError, _>(read).await?;
        let seen = asked.seen.filter(|mark| mark.run == self.run).map_or(0, |mark| mark.number);
        let changed = {
            let mut changes = self.changes.lock().unwrap_or_else(PoisonError::into_inner);
            let told = sizes.into_iter().filter(|(merchant, _)| !is_drill(*merchant));
            told.for_each(|(merchant, size)| changes.note(merchant, size));
            changes.after(seen)
        };
        let number = changed.last().map_or(seen, |(number, ..)| *number);
        let places: HashMap<MerchantId, ShopId> = match changed.is_empty() {
            true => HashMap::new(),
            false => shops.places().into_iter().collect(),
        };
        let logs = changed.into_iter().filter_map(|(_, merchant, size)| {
            places.get(&merchant).map(|shop| LogSize { merchant, shop: *shop, size })
        });
        let messages = waiting.into_iter().filter(|(merchant, _)| !is_drill(*merchant));
        Ok(News {
            mark: NewsMark { run: self.run.clone(), number },
            logs: logs.collect(),
            messages: messages.map(|(merchant, shop)| MessagesWait { merchant, shop }).collect(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn v_142_a_change_is_told_once_for_each_mark_and_nothing_is_passed_over() {
        let merchant = |byte| MerchantId::from(Id::from_bytes([byte; 16]));
        let mut changes = Changes::default();
        let told = |changes: &Changes, after| -> Vec<(MerchantId, u64)> {
            changes.after(after).into_iter().map(|(_, merchant, size)| (merchant, size)).collect()
        };
        changes.note(merchant(1), 0);
        changes.note(merchant(2), 7);
        assert_eq!(told(&changes, 0), [(merchant(1), 0), (merchant(2), 7)]);
        let mark = changes.newest;
        changes.note(merchant(1), 0);
        changes.note(merchant(2), 7);
        assert_eq!(told(&changes, mark), []);
        changes.note(merchant(1), 3);
        changes.note(merchant(1), 4);
        assert_eq!(told(&changes, mark), [(merchant(1), 4)]);
        changes.note(merchant(2), 5);
        assert_eq!(told(&changes, changes.newest - 1), [(merchant(2), 5)], "a smaller one too");
        for index in 0..1_500_u64 {
            let id = Id::from_bytes(u128::from(index + 1_000).to_be_bytes());
            changes.note(MerchantId::from(id), 1);
        }
        let (mut mark, mut seen) = (0, 0);
        while let Some((last, ..)) = changes.after(mark).last().copied() {
            let part = changes.after(mark).len();
            assert!(part <= MOST_LOGS);
            (mark, seen) = (last, seen + part);
        }
        assert_eq!(seen, 1_502);
    }
}
