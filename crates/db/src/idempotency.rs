//! The row that opens a transaction which must happen once.
//!
//! The key is scoped by merchant and path. The row is written in the commit of the work, so a
//! refused request leaves none. Work that calls outside commits the row as *running* with a
//! lease; after a crash between its two commits the lease runs out and a replay is told which
//! object the first try made.

use kernel::{Scope, Timestamp};

use crate::{DbError, Tx, params};

/// Longest key, in printable ASCII characters.
pub const MAX_KEY_CHARACTERS: usize = 255;

/// What a key means for this request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Begin {
    /// Never seen: do the work.
    Fresh,
    /// Done before with the same parameters: give this answer again.
    Replay {
        /// HTTP status of the first answer.
        status: u16,
        /// Body (API) or location (form) of the first answer.
        body: String,
    },
    /// The first request is still running.
    InFlight,
    /// Seen with other parameters.
    Mismatch,
    /// The first request died between its commits; it had made this object.
    Abandoned {
        /// Id of the object, as text.
        object: Option<String>,
    },
}

/// A key as sent, with what it protects.
#[derive(Debug, Clone)]
pub struct Key {
    /// The key itself.
    pub key: String,
    /// Path of the request: equal keys on two paths do not meet.
    pub path: String,
    /// SHA-256 of the canonical parameters.
    pub fingerprint: [u8; 32],
}

/// Whether a text may be a key: 1 to 255 printable ASCII characters.
#[must_use]
pub fn is_key(text: &str) -> bool {
    (1..=MAX_KEY_CHARACTERS).contains(&text.len())
        && text.bytes().all(|b| (0x20..0x7f).contains(&b))
}

/// Opens the work under a key, until `lease_until` (real time).
///
/// # Errors
/// [`DbError`] of the engine.
pub fn begin(
    tx: &mut Tx<'_>,
    scope: &Scope,
    key: &Key,
    now: Timestamp,
    lease_until: Timestamp,
) -> Result<Begin, DbError> {
    let sql = "SELECT fingerprint, state, object, status, body, lease_until FROM idempotency \
         WHERE merchant_id = $1 AND path = $2 AND key = $3";
    let found = tx.query_opt(sql, &params![scope.merchant(), &key.path, &key.key])?;
    let Some(row) = found else {
        let sql = "INSERT INTO idempotency (merchant_id, path, key, fingerprint, state, \
             lease_until, created_at) VALUES ($1, $2, $3, $4, 'running', $5, $6)";
        let values =
            params![scope.merchant(), &key.path, &key.key, key.fingerprint, lease_until, now];
        tx.exec(sql, &values)?;
        return Ok(Begin::Fresh);
    };
    if row.get::<[u8; 32]>("fingerprint")? != key.fingerprint {
        return Ok(Begin::Mismatch);
    }
    if row.get::<String>("state")? == "done" {
        return Ok(Begin::Replay { status: row.get("status")?, body: row.get("body")? });
    }
    if row.get::<Timestamp>("lease_until")? > now {
        return Ok(Begin::InFlight);
    }
    Ok(Begin::Abandoned { object: row.get("object")? })
}

/// The answer that a replay gets, when the work under a key is done; nothing is opened.
///
/// # Errors
/// [`DbError`] of the engine.
pub fn answered(tx: &mut Tx<'_>, scope: &Scope, key: &Key) -> Result<Option<String>, DbError> {
    let sql = "SELECT body FROM idempotency \
         WHERE merchant_id = $1 AND path = $2 AND key = $3 AND state = 'done'";
    let found = tx.query_opt(sql, &params![scope.merchant(), &key.path, &key.key])?;
    found.map(|row| row.get("body")).transpose()
}

/// Names the object that the work made, for a replay after a crash.
///
/// # Errors
/// [`DbError`] of the engine.
pub fn attach_object(
    tx: &mut Tx<'_>,
    scope: &Scope,
    key: &Key,
    object: &str,
) -> Result<(), DbError> {
    let sql =
        "UPDATE idempotency SET object = $1 WHERE merchant_id = $2 AND path = $3 AND key = $4";
    tx.exec(sql, &params![object, scope.merchant(), &key.path, &key.key]).map(|_| ())
}

/// Stores the answer that replays will get.
///
/// # Errors
/// [`DbError`] of the engine.
pub fn finish(
    tx: &mut Tx<'_>,
    scope: &Scope,
    key: &Key,
    status: u16,
    body: &str,
) -> Result<(), DbError> {
    let sql = "UPDATE idempotency SET state = 'done', status = $1, body = $2 \
         WHERE merchant_id = $3 AND path = $4 AND key = $5";
    let values = params![status, body, scope.merchant(), &key.path, &key.key];
    tx.exec(sql, &values).map(|_| ())
}
