//! What a saved log tells of the people who see cards: a restore gives nobody new tries, an old PIN
//! or a right that was taken away.

use std::collections::{BTreeMap, BTreeSet};

use db::{DbError, Tx};
use kernel::{MerchantId, ShopId};

use super::BackupError;
use super::replay::{Said, instant};
use crate::viewer::{Guard, store};

/// A person of a property.
type Person = (ShopId, String);

/// Everybody who tried, or whose PIN changed, after the backup.
#[derive(Debug, Default)]
pub(super) struct People {
    guards: BTreeMap<Person, Guard>,
    changed: BTreeSet<Person>,
}

impl People {
    /// Hears an entry; how many people it changed at once.
    pub(super) fn hear(
        &mut self,
        tx: &mut Tx<'_>,
        merchant: MerchantId,
        said: &Said,
    ) -> Result<u64, BackupError> {
        let person = (said.shop, said.actor.clone());
        match (said.event.as_str(), said.ok) {
            ("pin.revoked", true) => return Ok(revoke(tx, (merchant, said.shop), &said.purpose)?),
            ("pin.created" | "pin.changed" | "pin.reset", true) => {
                self.changed.insert(person);
            }
            ("card.revealed", true) => {
                if let Some(guard) = self.guard(tx, merchant, &person)? {
                    self.guards.insert(person, Guard::forgiven(guard));
                }
            }
            ("pin.try", false) => {
                if let Some(guard) = self.guard(tx, merchant, &person)? {
                    let counted = guard.count(instant(&said.at)?).unwrap_or(guard);
                    self.guards.insert(person, counted);
                }
            }
            _ => {}
        }
        Ok(0)
    }

    /// Where the counting stands so far.
    fn guard(
        &self,
        tx: &mut Tx<'_>,
        merchant: MerchantId,
        person: &Person,
    ) -> Result<Option<Guard>, DbError> {
        if let Some(guard) = self.guards.get(person) {
            return Ok(Some(*guard));
        }
        let found = store::of_user(tx, (merchant, person.0), &person.1)?;
        Ok(found.map(|found| found.guard))
    }

    /// Writes what was heard: the higher count stays, and who has another PIN since chooses one
    /// anew. How many people it changed.
    pub(super) fn settle(self, tx: &mut Tx<'_>, merchant: MerchantId) -> Result<u64, BackupError> {
        let mut changed = 0_u64;
        let people: BTreeSet<Person> = self.guards.keys().chain(&self.changed).cloned().collect();
        for person in people {
            let found = store::of_user(tx, (merchant, person.0), &person.1)?;
            let Some(found) = found.filter(|found| found.state == "active") else { continue };
            let heard = self.guards.get(&person).copied().unwrap_or(found.guard);
            let mut guard = if heard.tries > found.guard.tries { heard } else { found.guard };
            guard.blocked = guard.blocked || heard.blocked || self.changed.contains(&person);
            if guard != found.guard {
                store::set_guard(tx, (merchant, found.id), guard)?;
                changed = changed.saturating_add(1);
            }
        }
        Ok(changed)
    }
}

fn revoke(tx: &mut Tx<'_>, place: (MerchantId, ShopId), user: &str) -> Result<u64, DbError> {
    let Some(found) = store::of_user(tx, place, user)? else { return Ok(0) };
    store::revoke(tx, (place.0, found.id))?;
    Ok(1)
}
