//! All SQL of shops and their wrapped keys. Every statement names the merchant, but [`shops`],
//! read once at start.

use db::{DbError, Row, Tx, params};
use kernel::{Id, MerchantId, Mode, ShopId, Timestamp};
use vault_wire::ShopPut;

use super::ShopClock;

/// A shop as stored.
pub(crate) struct ShopRow {
    pub(crate) settings: ShopPut,
    pub(crate) clock: ShopClock,
}

/// All shops of the vault, once at start.
pub(crate) fn shops(tx: &mut Tx<'_>) -> Result<Vec<ShopRow>, DbError> {
    let rows = tx.query("SELECT settings, clock_at, clock_real FROM vault_shop", &[])?;
    let read = |row: &Row| -> Result<ShopRow, DbError> {
        let settings: String = row.get("settings")?;
        let settings =
            serde_json::from_str(&settings).map_err(|_| DbError::Corrupt("settings".into()))?;
        let clock = ShopClock::of_stored(row.get("clock_at")?, row.get("clock_real")?);
        Ok(ShopRow { settings, clock })
    };
    rows.iter().map(read).collect()
}

/// Adds or changes a shop.
pub(crate) fn put_shop(tx: &mut Tx<'_>, settings: &ShopPut, now: Timestamp) -> Result<(), DbError> {
    let json = serde_json::to_string(settings).map_err(|_| DbError::Corrupt("settings".into()))?;
    tx.exec(
        "INSERT INTO vault_shop (merchant_id, id, mode, settings, updated_at) \
         VALUES ($1, $2, $3, $4, $5) ON CONFLICT (id, merchant_id) DO UPDATE SET \
         settings = excluded.settings, updated_at = excluded.updated_at",
        &params![settings.merchant, settings.shop, settings.mode.as_str(), json, now],
    )?;
    Ok(())
}

/// Sets the clock of a test shop.
pub(crate) fn set_clock(
    tx: &mut Tx<'_>,
    shop: (MerchantId, ShopId),
    clock: ShopClock,
) -> Result<(), DbError> {
    let (at, real) = clock.stored();
    tx.exec(
        "UPDATE vault_shop SET clock_at = $1, clock_real = $2 \
         WHERE merchant_id = $3 AND id = $4 AND mode = $5",
        &params![at, real, shop.0, shop.1, Mode::Test.as_str()],
    )?;
    Ok(())
}

/// The key of a kind: the one stored, or `fresh`, which is stored then.
pub(crate) fn key_or(
    tx: &mut Tx<'_>,
    owner: (MerchantId, Id),
    kind: &str,
    fresh: (&[u8], Timestamp),
) -> Result<Vec<u8>, DbError> {
    tx.exec(
        "INSERT INTO vault_key (merchant_id, kind, shop_id, version, wrapped, created_at) \
         VALUES ($1, $2, $3, 1, $4, $5) ON CONFLICT DO NOTHING",
        &params![owner.0, kind, owner.1, fresh.0, fresh.1],
    )?;
    let row = tx.query_opt(
        "SELECT wrapped FROM vault_key WHERE merchant_id = $1 AND kind = $2 AND shop_id = $3 \
         AND version = 1",
        &params![owner.0, kind, owner.1],
    )?;
    row.ok_or_else(|| DbError::Corrupt("key".into()))?.get("wrapped")
}
