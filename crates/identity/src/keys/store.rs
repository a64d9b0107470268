//! SQL of keys. A key is looked up by its hash before a merchant is known.

use db::{DbError, Insert, Row, Tx, params};
use kernel::{ApiKeyId, Mode, Scope, Timestamp};

use super::model::ApiKey;
use super::network::Network;
use crate::roles;

static API_KEY: Insert = Insert {
    table: "api_key",
    columns: &[
        "id",
        "secret_hash",
        "merchant_id",
        "shop_id",
        "mode",
        "name",
        "rights",
        "networks",
        "created_at",
    ],
};

pub(super) fn add(
    tx: &mut Tx<'_>,
    key: &ApiKey,
    secret_hash: [u8; 32],
    now: Timestamp,
) -> Result<(), DbError> {
    let networks: Vec<String> = key.networks.iter().map(Network::to_string).collect();
    tx.insert(
        &API_KEY,
        params![
            key.id,
            secret_hash,
            key.merchant,
            key.shop,
            key.mode.as_str(),
            key.name.clone(),
            roles::to_json(&key.rights),
            serde_json::Value::from(networks).to_string(),
            now,
        ],
    )
}

/// The key with this hash, open or not.
///
/// # Errors
/// [`DbError`].
pub fn by_hash(tx: &mut Tx<'_>, secret_hash: [u8; 32]) -> Result<Option<ApiKey>, DbError> {
    let row = tx.query_opt(
        "SELECT id, merchant_id, shop_id, mode, name, rights, networks, ends_at, used_at
         FROM api_key WHERE secret_hash = $1",
        &params![secret_hash],
    )?;
    row.as_ref().map(key_of).transpose()
}

/// A key of the scope.
///
/// # Errors
/// [`DbError`].
pub fn find(tx: &mut Tx<'_>, scope: &Scope, id: ApiKeyId) -> Result<Option<ApiKey>, DbError> {
    let row = tx.query_opt(
        "SELECT id, merchant_id, shop_id, mode, name, rights, networks, ends_at, used_at
         FROM api_key WHERE id = $1 AND merchant_id = $2 AND mode = $3",
        &params![id, scope.merchant(), scope.mode().as_str()],
    )?;
    row.as_ref().map(key_of).transpose()
}

/// The keys of the scope's merchant and mode, newest first.
///
/// # Errors
/// [`DbError`].
pub fn of_merchant(tx: &mut Tx<'_>, scope: &Scope) -> Result<Vec<ApiKey>, DbError> {
    let rows = tx.query(
        "SELECT id, merchant_id, shop_id, mode, name, rights, networks, ends_at, used_at
         FROM api_key WHERE merchant_id = $1 AND mode = $2 ORDER BY id DESC",
        &params![scope.merchant(), scope.mode().as_str()],
    )?;
    rows.iter().map(key_of).collect()
}

/// Notes the last use.
///
/// # Errors
/// [`DbError`].
pub fn note_use(tx: &mut Tx<'_>, key: &ApiKey, now: Timestamp) -> Result<(), DbError> {
    tx.exec(
        "UPDATE api_key SET used_at = $1
         WHERE id = $2 AND merchant_id = $3 AND (used_at IS NULL OR used_at < $1)",
        &params![now, key.id, key.merchant],
    )?;
    Ok(())
}

/// Sets the end of a key, never later than an end it has already; false when there is none.
pub(super) fn end(
    tx: &mut Tx<'_>,
    scope: &Scope,
    id: ApiKeyId,
    at: Timestamp,
) -> Result<bool, DbError> {
    let changed = tx.exec(
        "UPDATE api_key SET ends_at = $1
         WHERE id = $2 AND merchant_id = $3 AND mode = $4 AND (ends_at IS NULL OR ends_at > $1)",
        &params![at, id, scope.merchant(), scope.mode().as_str()],
    )?;
    Ok(changed == 1)
}

fn key_of(row: &Row) -> Result<ApiKey, DbError> {
    let mode: String = row.get("mode")?;
    let networks: Vec<String> =
        serde_json::from_str(&row.get::<String>("networks")?).map_err(|_| corrupt("networks"))?;
    Ok(ApiKey {
        id: row.get("id")?,
        merchant: row.get("merchant_id")?,
        shop: row.get("shop_id")?,
        mode: Mode::parse(&mode).ok_or_else(|| corrupt("mode"))?,
        name: row.get("name")?,
        rights: roles::from_json(&row.get::<String>("rights")?).ok_or_else(|| corrupt("rights"))?,
        networks: networks
            .iter()
            .map(|text| text.parse())
            .collect::<Result<_, _>>()
            .map_err(|_| corrupt("networks"))?,
        ends_at: row.get("ends_at")?,
        used_at: row.get("used_at")?,
    })
}

fn corrupt(what: &str) -> DbError {
    DbError::Corrupt(format!("key {what}"))
}
