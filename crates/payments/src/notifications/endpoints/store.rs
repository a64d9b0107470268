//! SQL of endpoints.

use db::{DbError, Insert, Row, Tx, params};
use kernel::{MerchantId, Mode, Scope, ShopId, Timestamp, WebhookEndpointId};

use super::{Endpoint, Format, State};

static ENDPOINT: Insert = Insert {
    table: "webhook_endpoint",
    columns: &[
        "id",
        "merchant_id",
        "mode",
        "shop_id",
        "url",
        "description",
        "format",
        "secret",
        "state",
        "version",
        "created_at",
    ],
};
const COLUMNS: &str = "id, mode, shop_id, url, description, format, secret, old_secret, \
     old_secret_until, state, failing_since, version, created_at";

/// Writes a new endpoint.
///
/// # Errors
/// [`DbError`].
pub fn insert(tx: &mut Tx<'_>, scope: &Scope, endpoint: &Endpoint) -> Result<(), DbError> {
    tx.insert(
        &ENDPOINT,
        params![
            endpoint.id,
            scope.merchant(),
            scope.mode().as_str(),
            endpoint.shop,
            &endpoint.url,
            &endpoint.description,
            endpoint.format.word(),
            endpoint.secret.clone(),
            endpoint.state.word(),
            endpoint.version,
            endpoint.created_at,
        ],
    )
}

/// Writes a changed endpoint; false when somebody else changed it since `version`.
///
/// # Errors
/// [`DbError`].
pub fn update(tx: &mut Tx<'_>, scope: &Scope, endpoint: &Endpoint) -> Result<bool, DbError> {
    let sql = "UPDATE webhook_endpoint SET url = $1, description = $2, format = $3, secret = $4, \
         old_secret = $5, old_secret_until = $6, state = $7, failing_since = $8, \
         version = version + 1 WHERE id = $9 AND merchant_id = $10 AND version = $11";
    let (old, until) = match &endpoint.old_secret {
        Some((old, until)) => (Some(old.clone()), until.as_micros()),
        None => (None, 0),
    };
    let values = params![
        &endpoint.url,
        &endpoint.description,
        endpoint.format.word(),
        endpoint.secret.clone(),
        old,
        until,
        endpoint.state.word(),
        endpoint.failing_since,
        endpoint.id,
        scope.merchant(),
        endpoint.version,
    ];
    Ok(tx.exec(sql, &values)? == 1)
}

/// Notes that an endpoint answered as it should.
///
/// # Errors
/// [`DbError`].
pub fn note_success(tx: &mut Tx<'_>, scope: &Scope, id: WebhookEndpointId) -> Result<(), DbError> {
    let sql = "UPDATE webhook_endpoint SET failing_since = NULL WHERE id = $1 \
         AND merchant_id = $2 AND failing_since IS NOT NULL";
    tx.exec(sql, &params![id, scope.merchant()]).map(|_| ())
}

/// Notes a failure at `now` (shop's clock) and gives since when there are only failures.
///
/// # Errors
/// [`DbError`].
pub fn note_failure(
    tx: &mut Tx<'_>,
    scope: &Scope,
    id: WebhookEndpointId,
    now: Timestamp,
) -> Result<Option<Timestamp>, DbError> {
    let sql = "UPDATE webhook_endpoint SET failing_since = $1 WHERE id = $2 \
         AND merchant_id = $3 AND failing_since IS NULL";
    tx.exec(sql, &params![now, id, scope.merchant()])?;
    let sql = "SELECT failing_since FROM webhook_endpoint WHERE id = $1 AND merchant_id = $2";
    let row = tx.query_opt(sql, &params![id, scope.merchant()])?;
    row.map_or(Ok(None), |row| row.get("failing_since"))
}

/// Stops an enabled endpoint; false when it was stopped before.
///
/// # Errors
/// [`DbError`].
pub fn stop(
    tx: &mut Tx<'_>,
    scope: &Scope,
    id: WebhookEndpointId,
    state: State,
) -> Result<bool, DbError> {
    let sql = "UPDATE webhook_endpoint SET state = $1, version = version + 1 WHERE id = $2 \
         AND merchant_id = $3 AND state = 'enabled'";
    Ok(tx.exec(sql, &params![state.word(), id, scope.merchant()])? == 1)
}

/// Removes an endpoint with what was on its way to it; the events stay.
///
/// # Errors
/// [`DbError`].
pub fn delete(tx: &mut Tx<'_>, scope: &Scope, id: WebhookEndpointId) -> Result<(), DbError> {
    let merchant = scope.merchant();
    let tries = "DELETE FROM webhook_try WHERE merchant_id = $1 AND delivery_id IN (\
         SELECT id FROM webhook_delivery WHERE endpoint_id = $2 AND merchant_id = $1)";
    tx.exec(tries, &params![merchant, id])?;
    let deliveries = "DELETE FROM webhook_delivery WHERE endpoint_id = $1 AND merchant_id = $2";
    tx.exec(deliveries, &params![id, merchant])?;
    let endpoint = "DELETE FROM webhook_endpoint WHERE id = $1 AND merchant_id = $2";
    tx.exec(endpoint, &params![id, merchant]).map(|_| ())
}

/// An endpoint of the scope's merchant and mode.
///
/// # Errors
/// [`DbError`].
pub fn find(
    tx: &mut Tx<'_>,
    scope: &Scope,
    id: WebhookEndpointId,
) -> Result<Option<Endpoint>, DbError> {
    let sql = format!(
        "SELECT {COLUMNS} FROM webhook_endpoint WHERE id = $1 AND merchant_id = $2 AND mode = $3"
    );
    let row = tx.query_opt(&sql, &params![id, scope.merchant(), scope.mode().as_str()])?;
    row.as_ref().map(read).transpose()
}

/// The endpoints of a shop, oldest first.
///
/// # Errors
/// [`DbError`].
pub fn of_shop(tx: &mut Tx<'_>, scope: &Scope, shop: ShopId) -> Result<Vec<Endpoint>, DbError> {
    let sql = format!(
        "SELECT {COLUMNS} FROM webhook_endpoint WHERE shop_id = $1 AND merchant_id = $2 \
         AND mode = $3 ORDER BY id"
    );
    let values = params![shop, scope.merchant(), scope.mode().as_str()];
    tx.query(&sql, &values)?.iter().map(read).collect()
}

/// The enabled endpoints of all merchants that something is due for; for the pump alone, which
/// then works for each in its own scope.
///
/// # Errors
/// [`DbError`].
pub fn due(
    tx: &mut Tx<'_>,
    now_real: Timestamp,
) -> Result<Vec<(MerchantId, Mode, WebhookEndpointId, ShopId)>, DbError> {
    let sql = "SELECT e.merchant_id, e.mode, e.id, e.shop_id FROM webhook_endpoint e \
         WHERE e.state = 'enabled' AND EXISTS (SELECT 1 FROM webhook_delivery d \
         WHERE d.endpoint_id = e.id AND d.merchant_id = e.merchant_id AND d.state = 'waiting' \
         AND d.due_at <= $1 AND d.lease_until <= $1) ORDER BY e.id";
    let rows = tx.query(sql, &params![now_real])?;
    let read = |row: &Row| {
        let mode: String = row.get("mode")?;
        let mode = Mode::parse(&mode).ok_or_else(|| DbError::Corrupt("mode".into()))?;
        Ok((row.get("merchant_id")?, mode, row.get("id")?, row.get("shop_id")?))
    };
    rows.iter().map(read).collect()
}

fn read(row: &Row) -> Result<Endpoint, DbError> {
    let corrupt = |what: &str| DbError::Corrupt(format!("endpoint {what}"));
    let (mode, state): (String, String) = (row.get("mode")?, row.get("state")?);
    let old: Option<Vec<u8>> = row.get("old_secret")?;
    let until: Timestamp = row.get("old_secret_until")?;
    Ok(Endpoint {
        id: row.get("id")?,
        mode: Mode::parse(&mode).ok_or_else(|| corrupt("mode"))?,
        shop: row.get("shop_id")?,
        url: row.get("url")?,
        description: row.get("description")?,
        format: Format::read(&row.get::<String>("format")?)
            .ok_or_else(|| DbError::Corrupt("endpoint format".into()))?,
        state: State::read(&state).ok_or_else(|| corrupt("state"))?,
        failing_since: row.get("failing_since")?,
        secret: row.get("secret")?,
        old_secret: old.map(|old| (old, until)),
        version: row.get("version")?,
        created_at: row.get("created_at")?,
    })
}
