//! SQL of sessions and of tries to sign in, both read before a merchant is known.

use db::{DbError, Insert, Tx, params};
use kernel::{Mode, Timestamp, UserId};

use super::model::{Attempts, Session};
use crate::audit::Origin;

static SESSION: Insert = Insert {
    table: "session",
    columns: &[
        "id_hash",
        "merchant_id",
        "mode",
        "user_id",
        "began_at",
        "seen_at",
        "address",
        "device",
    ],
};

pub(super) fn add(tx: &mut Tx<'_>, session: &Session, origin: &Origin) -> Result<(), DbError> {
    tx.insert(
        &SESSION,
        params![
            session.id_hash,
            session.merchant,
            session.mode.as_str(),
            session.user,
            session.began_at,
            session.seen_at,
            origin.address.clone(),
            origin.device.clone(),
        ],
    )
}

/// The session with this hash, whatever its life.
///
/// # Errors
/// [`DbError`].
pub fn find(tx: &mut Tx<'_>, id_hash: [u8; 32]) -> Result<Option<Session>, DbError> {
    let row = tx.query_opt(
        "SELECT merchant_id, mode, user_id, began_at, seen_at, ended_at
         FROM session WHERE id_hash = $1",
        &params![id_hash],
    )?;
    let Some(row) = row else { return Ok(None) };
    let mode = Mode::parse(&row.get::<String>("mode")?)
        .ok_or_else(|| DbError::Corrupt("session mode".into()))?;
    Ok(Some(Session {
        id_hash,
        merchant: row.get("merchant_id")?,
        mode,
        user: row.get("user_id")?,
        began_at: row.get("began_at")?,
        seen_at: row.get("seen_at")?,
        ended_at: row.get("ended_at")?,
    }))
}

/// Notes the last request, never backwards.
///
/// # Errors
/// [`DbError`].
pub fn note_seen(tx: &mut Tx<'_>, id_hash: [u8; 32], now: Timestamp) -> Result<(), DbError> {
    tx.exec(
        "UPDATE session SET seen_at = $1 WHERE id_hash = $2 AND seen_at < $1",
        &params![now, id_hash],
    )?;
    Ok(())
}

/// The pages of the session are of this mode from now on.
pub(super) fn set_mode(tx: &mut Tx<'_>, id_hash: [u8; 32], mode: Mode) -> Result<(), DbError> {
    let sql = "UPDATE session SET mode = $1 WHERE id_hash = $2";
    tx.exec(sql, &params![mode.as_str(), id_hash]).map(|_| ())
}

/// Ends a session by hand; false when it had ended.
pub(super) fn end(tx: &mut Tx<'_>, id_hash: [u8; 32], now: Timestamp) -> Result<bool, DbError> {
    let changed = tx.exec(
        "UPDATE session SET ended_at = $1 WHERE id_hash = $2 AND ended_at IS NULL",
        &params![now, id_hash],
    )?;
    Ok(changed == 1)
}

/// Ends all sessions of a user.
pub(super) fn end_all(tx: &mut Tx<'_>, user: UserId, now: Timestamp) -> Result<u64, DbError> {
    tx.exec(
        "UPDATE session SET ended_at = $1 WHERE user_id = $2 AND ended_at IS NULL",
        &params![now, user],
    )
}

/// Removes sessions that began before an instant.
pub(super) fn remove_older(tx: &mut Tx<'_>, than: Timestamp) -> Result<u64, DbError> {
    tx.exec("DELETE FROM session WHERE began_at < $1", &params![than])
}

/// Removes tries that are forgotten.
pub(super) fn remove_forgotten(tx: &mut Tx<'_>, now: Timestamp) -> Result<u64, DbError> {
    tx.exec("DELETE FROM sign_in_attempt WHERE forgotten_at <= $1", &params![now])
}

pub(super) fn attempts(tx: &mut Tx<'_>, subject: [u8; 32]) -> Result<Attempts, DbError> {
    let row = tx.query_opt(
        "SELECT failures, forgotten_at FROM sign_in_attempt WHERE subject_hash = $1",
        &params![subject],
    )?;
    row.map_or(Ok(Attempts::NONE), |row| {
        Ok(Attempts { failures: row.get("failures")?, forgotten_at: row.get("forgotten_at")? })
    })
}

pub(super) fn set_attempts(
    tx: &mut Tx<'_>,
    subject: [u8; 32],
    attempts: Attempts,
) -> Result<(), DbError> {
    tx.exec(
        "INSERT INTO sign_in_attempt (subject_hash, failures, forgotten_at) VALUES ($1, $2, $3)
         ON CONFLICT (subject_hash) DO UPDATE SET failures = $2, forgotten_at = $3",
        &params![subject, attempts.failures, attempts.forgotten_at],
    )?;
    Ok(())
}
