//! All SQL of connector accounts.

use connectors::{Capabilities, Settings};
use db::{DbError, Row, Tx, params};
use kernel::{Mode, Scope, ShopId, Timestamp};

/// The settings of the account behind a row of `payment`, to be read by [`of_row`].
pub const OF_PAYMENT: &str = "(SELECT a.settings FROM connector_account a \
     WHERE a.shop_id = payment.shop_id AND a.merchant_id = payment.merchant_id) AS account";

/// An account as stored.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Stored {
    /// What its contract declares.
    pub settings: Settings,
    /// Goes up with each change; 0 when nothing was ever set.
    pub version: i64,
}

/// The account of a shop.
///
/// # Errors
/// [`DbError`] of the engine.
pub fn of_shop(tx: &mut Tx<'_>, scope: &Scope, shop: ShopId) -> Result<Stored, DbError> {
    let sql = "SELECT settings, version FROM connector_account \
         WHERE shop_id = $1 AND merchant_id = $2";
    let Some(row) = tx.query_opt(sql, &params![shop, scope.merchant()])? else {
        return Ok(Stored::default());
    };
    Ok(Stored { settings: read(&row.get::<String>("settings")?)?, version: row.get("version")? })
}

/// Whether a shop takes payments: a test shop always, a live one once it is open.
///
/// # Errors
/// [`DbError`] of the engine.
pub fn is_open(tx: &mut Tx<'_>, scope: &Scope, shop: ShopId) -> Result<bool, DbError> {
    match scope.mode() {
        Mode::Test => Ok(true),
        Mode::Live => {
            let shop = identity::merchants::store::shop(tx, scope, shop)?;
            Ok(shop.is_some_and(|shop| shop.is_open()))
        }
    }
}

/// What the account of a shop can do.
///
/// # Errors
/// [`DbError`] of the engine.
pub fn capabilities(tx: &mut Tx<'_>, scope: &Scope, shop: ShopId) -> Result<Capabilities, DbError> {
    Ok(super::capabilities(&of_shop(tx, scope, shop)?.settings))
}

/// What the account of a payment read with [`OF_PAYMENT`] can do.
///
/// # Errors
/// [`DbError`] when its settings cannot be read.
pub fn of_row(row: &Row) -> Result<Capabilities, DbError> {
    let text: Option<String> = row.get("account")?;
    let settings = text.as_deref().map(read).transpose()?;
    Ok(super::capabilities(&settings.unwrap_or_default()))
}

/// Writes the account of a shop as the next version of the one that was read. Returns `false` when
/// somebody else was faster.
///
/// # Errors
/// [`DbError`] of the engine.
pub fn save(
    tx: &mut Tx<'_>,
    scope: &Scope,
    shop: ShopId,
    (account, now): (&Stored, Timestamp),
) -> Result<bool, DbError> {
    let text = serde_json::to_string(&account.settings);
    let text = text.map_err(|error| DbError::Corrupt(error.to_string()))?;
    let sql = "INSERT INTO connector_account AS a \
         (shop_id, merchant_id, settings, version, updated_at) VALUES ($1, $2, $3, 1, $4) \
         ON CONFLICT (shop_id, merchant_id) DO UPDATE SET settings = excluded.settings, \
         version = a.version + 1, updated_at = excluded.updated_at WHERE a.version = $5";
    let values = params![shop, scope.merchant(), text, now, account.version];
    Ok(tx.exec(sql, &values)? == 1)
}

fn read(text: &str) -> Result<Settings, DbError> {
    serde_json::from_str(text).map_err(|error| DbError::Corrupt(format!("account: {error}")))
}
