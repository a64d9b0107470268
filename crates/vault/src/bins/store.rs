//! All SQL of kept cards under a table.

use db::{DbError, Row, Tx, params};
use kernel::{CardToken, MerchantId, ShopId};

use super::stored::Labelled;
use super::table::Facts;
use crate::card::store::{facts_text, read_facts};

/// First digits and countries of the cards that a shop keeps, each with how many there are.
pub(super) fn leads(
    tx: &mut Tx<'_>,
    shop: (MerchantId, ShopId),
) -> Result<Vec<(String, Option<String>, u64)>, DbError> {
    let rows = tx.query(
        "SELECT bin, facts, CAST(COUNT(*) AS BIGINT) AS cards FROM vault_card \
         WHERE merchant_id = $1 AND shop_id = $2 AND state = 'active' \
         GROUP BY bin, facts ORDER BY bin, facts",
        &params![shop.0, shop.1],
    )?;
    let read = |row: &Row| -> Result<(String, Option<String>, u64), DbError> {
        let cards: i64 = row.get("cards")?;
        let country = read_facts(row)?.and_then(|facts| facts.country);
        Ok((row.get("bin")?, country, u64::try_from(cards).unwrap_or(0)))
    };
    rows.iter().map(read).collect()
}

/// Kept cards of a shop that were last looked up in another table.
pub(super) fn other_table(
    tx: &mut Tx<'_>,
    shop: (MerchantId, ShopId),
    (version, limit): (&str, u32),
) -> Result<Vec<Labelled>, DbError> {
    let rows = tx.query(
        "SELECT id, bin, facts FROM vault_card WHERE merchant_id = $1 AND shop_id = $2 \
         AND state = 'active' AND bin_table <> $3 ORDER BY id LIMIT $4",
        &params![shop.0, shop.1, version, limit],
    )?;
    let read = |row: &Row| -> Result<Labelled, DbError> {
        Ok(Labelled { token: row.get("id")?, bin: row.get("bin")?, facts: read_facts(row)? })
    };
    rows.iter().map(read).collect()
}

/// Notes that a card was looked up in a table, and what that said when it is something else.
pub(super) fn set_facts(
    tx: &mut Tx<'_>,
    card: (MerchantId, CardToken),
    (facts, version): (Option<&Facts>, &str),
) -> Result<(), DbError> {
    tx.exec(
        "UPDATE vault_card SET facts = COALESCE($1, facts), bin_table = $2 \
         WHERE merchant_id = $3 AND id = $4 AND state = 'active'",
        &params![facts_text(facts)?, version, card.0, card.1],
    )?;
    Ok(())
}
