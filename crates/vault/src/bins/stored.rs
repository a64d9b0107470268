//! Kept cards under a new table.

use std::collections::BTreeMap;

use db::{Db, DbError, Route, Tx};
use kernel::{CardToken, MerchantId, ShopId};

use super::store as cards;
use super::table::{Facts, Known, Table};

/// Cards of one turn.
const TURN_CARDS: u32 = 500;

/// A card as far as its first digits go.
pub(super) struct Labelled {
    pub(super) token: CardToken,
    pub(super) bin: String,
    pub(super) facts: Option<Facts>,
}

/// What a card would say under the table; nothing when it keeps what it says.
fn relabelled(table: &Table, card: &Labelled) -> Option<Facts> {
    let Known::Whole(found) = table.of_lead(&card.bin) else { return None };
    let facts = found.map(|found| found.facts()).unwrap_or_default();
    (card.facts.clone().unwrap_or_default() != facts).then_some(facts)
}

/// How many kept cards of the shops would change country.
pub(super) async fn count_moves(
    db: &Db,
    table: &Table,
    shops: &[(MerchantId, ShopId)],
) -> Result<u64, DbError> {
    let mut moved = 0_u64;
    for shop in shops.iter().copied() {
        let leads = db.read::<_, DbError, _>(move |tx| cards::leads(tx, shop)).await?;
        let mut said: BTreeMap<&str, Option<Option<String>>> = BTreeMap::new();
        for (bin, country, cards) in &leads {
            let new = said.entry(bin).or_insert_with(|| match table.of_lead(bin) {
                Known::Whole(found) => Some(found.and_then(|found| found.facts().country)),
                Known::Divided => None,
            });
            if new.as_ref().is_some_and(|new| new != country) {
                moved = moved.saturating_add(*cards);
            }
        }
    }
    Ok(moved)
}

/// Gives the kept cards of the shops what the table says; those that have it already are passed.
pub(super) async fn relabel(
    db: &Db,
    table: &Table,
    shops: &[(MerchantId, ShopId)],
) -> Result<(), DbError> {
    for shop in shops.iter().copied() {
        loop {
            let version = table.version.clone();
            let read = move |tx: &mut Tx<'_>| cards::other_table(tx, shop, (&version, TURN_CARDS));
            let found = db.read::<_, DbError, _>(read).await?;
            if found.is_empty() {
                break;
            }
            let changes: Vec<(CardToken, Option<Facts>)> =
                found.iter().map(|card| (card.token, relabelled(table, card))).collect();
            let version = table.version.clone();
            db.write::<_, DbError, _>(Route::of(shop.1.id()), move |tx| {
                for (token, facts) in &changes {
                    cards::set_facts(tx, (shop.0, *token), (facts.as_ref(), &version))?;
                }
                Ok(())
            })
            .await?;
        }
    }
    Ok(())
}
