//! All SQL of the destruction of all cards of a shop.

use db::{DbError, Row, Tx, params};
use kernel::{MerchantId, ShopId, Timestamp};
use vault_wire::DestructionDone;

type Place = (MerchantId, ShopId);

/// Who has asked and when, and what was done last.
#[derive(Debug, Clone, Default)]
pub(crate) struct Said {
    pub(crate) asked: Option<(String, Timestamp)>,
    pub(crate) done: Option<DestructionDone>,
}

/// Where it stands.
pub(crate) fn said(tx: &mut Tx<'_>, (merchant, shop): Place) -> Result<Said, DbError> {
    let sql = "SELECT * FROM vault_destruction WHERE merchant_id = $1 AND shop_id = $2";
    let row = tx.query_opt(sql, &params![merchant, shop])?;
    row.as_ref().map_or_else(|| Ok(Said::default()), read)
}

fn read(row: &Row) -> Result<Said, DbError> {
    let by: Option<String> = row.get("asked_by")?;
    let at: Option<Timestamp> = row.get("asked_at")?;
    let done: Option<Timestamp> = row.get("done_at")?;
    let done = done.map(|at| -> Result<DestructionDone, DbError> {
        let cards: i64 = row.get("done_cards")?;
        Ok(DestructionDone {
            asked_by: row.get("done_asked_by")?,
            agreed_by: row.get("done_agreed_by")?,
            at,
            cards: u64::try_from(cards).unwrap_or(0),
        })
    });
    Ok(Said { asked: by.zip(at), done: done.transpose()? })
}

/// Notes who asks first.
pub(crate) fn ask(
    tx: &mut Tx<'_>,
    (merchant, shop): Place,
    (by, at): (&str, Timestamp),
) -> Result<(), DbError> {
    let sql = "INSERT INTO vault_destruction (merchant_id, shop_id, asked_by, asked_at) \
         VALUES ($1, $2, $3, $4) ON CONFLICT (shop_id, merchant_id) \
         DO UPDATE SET asked_by = excluded.asked_by, asked_at = excluded.asked_at";
    tx.exec(sql, &params![merchant, shop, by, at]).map(|_| ())
}

/// Notes what was done, and that nobody asks any more.
pub(crate) fn done(
    tx: &mut Tx<'_>,
    (merchant, shop): Place,
    done: &DestructionDone,
) -> Result<(), DbError> {
    let sql = "UPDATE vault_destruction SET asked_by = NULL, asked_at = NULL, \
         done_asked_by = $1, done_agreed_by = $2, done_at = $3, done_cards = $4 \
         WHERE merchant_id = $5 AND shop_id = $6";
    let cards = i64::try_from(done.cards).unwrap_or(i64::MAX);
    let (asked, agreed) = (done.asked_by.as_str(), done.agreed_by.as_str());
    tx.exec(sql, &params![asked, agreed, done.at, cards, merchant, shop]).map(|_| ())
}

/// Ends every card of a shop: none can be used any more; their slots are destroyed next. How many.
pub(crate) fn end_all(tx: &mut Tx<'_>, (merchant, shop): Place) -> Result<u64, DbError> {
    let sql = "UPDATE vault_card SET state = 'purging', missing_reason = 'deleted', \
         version = version + 1, proxy_profile = NULL \
         WHERE merchant_id = $1 AND shop_id = $2 AND state = 'active'";
    tx.exec(sql, &params![merchant, shop])
}

/// Cards of a shop that are kept, and those that are going.
pub(crate) fn count(tx: &mut Tx<'_>, (merchant, shop): Place) -> Result<(u64, u64), DbError> {
    let sql = "SELECT CAST(COALESCE(SUM(CASE WHEN state = 'active' THEN 1 ELSE 0 END), 0) AS BIGINT) \
         AS kept, CAST(COALESCE(SUM(CASE WHEN state = 'purging' THEN 1 ELSE 0 END), 0) AS BIGINT) \
         AS going FROM vault_card WHERE merchant_id = $1 AND shop_id = $2";
    let row = tx.query_opt(sql, &params![merchant, shop])?;
    let number = |name: &str| -> Result<u64, DbError> {
        let number: i64 = row.as_ref().map_or(Ok(0), |row| row.get(name))?;
        Ok(u64::try_from(number).unwrap_or(0))
    };
    Ok((number("kept")?, number("going")?))
}
