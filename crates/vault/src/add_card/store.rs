//! All SQL of the keys of idempotency of the vault's own API.

use db::{DbError, Tx, params};
use kernel::{Id, MerchantId, Timestamp};

/// What a key of idempotency is used for already.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Repeat {
    /// Nothing: it is ours now.
    Fresh,
    /// This answer.
    Answered(String),
    /// The same request is running.
    InFlight,
    /// Another body.
    Mismatch,
}

/// Takes a key of idempotency, or tells what became of it. `since` is how long answers count,
/// `stale` from when on a running request is taken for dead.
pub(crate) fn take_key(
    tx: &mut Tx<'_>,
    key: (MerchantId, Id),
    body: [u8; 32],
    now: Timestamp,
) -> Result<Repeat, DbError> {
    const ANSWER_HOURS: i64 = 24;
    const LEASE_SECONDS: i64 = 60;
    let day_ago = now.plus_minutes(-ANSWER_HOURS * 60);
    let row = tx.query_opt(
        "SELECT body, answer, created_at FROM vault_idem WHERE merchant_id = $1 AND id = $2",
        &params![key.0, key.1],
    )?;
    if let Some(row) = row {
        let created: Timestamp = row.get("created_at")?;
        let answer: Option<String> = row.get("answer")?;
        let dead = answer.is_none() && created < now.plus_seconds(-LEASE_SECONDS);
        if created > day_ago && !dead {
            let same = row.get::<[u8; 32]>("body")? == body;
            return Ok(match answer {
                _ if !same => Repeat::Mismatch,
                Some(answer) => Repeat::Answered(answer),
                None => Repeat::InFlight,
            });
        }
    }
    tx.exec(
        "INSERT INTO vault_idem (merchant_id, id, body, created_at) VALUES ($1, $2, $3, $4) \
         ON CONFLICT (id, merchant_id) DO UPDATE SET body = excluded.body, answer = NULL, \
         created_at = excluded.created_at",
        &params![key.0, key.1, body, now],
    )?;
    Ok(Repeat::Fresh)
}

/// Stores the answer of a key.
pub(crate) fn answer_key(
    tx: &mut Tx<'_>,
    key: (MerchantId, Id),
    answer: &str,
) -> Result<(), DbError> {
    tx.exec(
        "UPDATE vault_idem SET answer = $1 WHERE merchant_id = $2 AND id = $3",
        &params![answer, key.0, key.1],
    )?;
    Ok(())
}

/// Gives a key back whose request came to nothing.
pub(crate) fn free_key(tx: &mut Tx<'_>, key: (MerchantId, Id)) -> Result<(), DbError> {
    tx.exec(
        "DELETE FROM vault_idem WHERE merchant_id = $1 AND id = $2 AND answer IS NULL",
        &params![key.0, key.1],
    )?;
    Ok(())
}
