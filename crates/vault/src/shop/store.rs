//! All SQL of shops and their wrapped keys. Every statement names the merchant, but [`shops`],
//! read once at start.

use db::{DbError, Row, Tx, params};
use kernel::{Id, MerchantId, Mode, ShopId, Timestamp};
use vault_wire::{CardSettings, ShopPut};

use super::ShopClock;

/// A shop as stored.
pub(crate) struct ShopRow {
    pub(crate) settings: ShopPut,
    pub(crate) clock: ShopClock,
}

/// Merchant and shop of a key; the shop is zeros where it is the merchant's.
pub(crate) type KeyOwner = (MerchantId, Id);

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

/// The versions of a key, oldest first: those stored, or `fresh` as the first, which is stored then.
pub(crate) fn keys_or(
    tx: &mut Tx<'_>,
    owner: KeyOwner,
    kind: &str,
    fresh: (&[u8], Timestamp),
) -> Result<Vec<(u32, Vec<u8>)>, DbError> {
    let stored = keys(tx, owner, kind)?;
    if !stored.is_empty() {
        return Ok(stored);
    }
    add_key(tx, owner, (kind, 1), fresh)?;
    keys(tx, owner, kind)
}

/// The versions of a key.
pub(crate) fn keys(
    tx: &mut Tx<'_>,
    owner: KeyOwner,
    kind: &str,
) -> Result<Vec<(u32, Vec<u8>)>, DbError> {
    let rows = tx.query(
        "SELECT version, wrapped FROM vault_key \
         WHERE merchant_id = $1 AND kind = $2 AND shop_id = $3 ORDER BY version",
        &params![owner.0, kind, owner.1],
    )?;
    rows.iter().map(|row| Ok((row.get("version")?, row.get("wrapped")?))).collect()
}

/// A key as its row holds it.
pub(crate) struct StoredKey {
    /// Whose.
    pub(crate) merchant: MerchantId,
    /// What it is for.
    pub(crate) kind: String,
    /// Of which shop; zeros for a key of the merchant.
    pub(crate) shop: Id,
    /// Its version.
    pub(crate) version: u32,
    /// Its sealed bits.
    pub(crate) wrapped: Vec<u8>,
}

/// Every key of every merchant: the root above them changes for all.
pub(crate) fn all_keys(tx: &mut Tx<'_>) -> Result<Vec<StoredKey>, DbError> {
    let rows =
        tx.query("SELECT merchant_id, kind, shop_id, version, wrapped FROM vault_key", &[])?;
    let read = |row: &Row| {
        Ok(StoredKey {
            merchant: row.get("merchant_id")?,
            kind: row.get("kind")?,
            shop: row.get("shop_id")?,
            version: row.get("version")?,
            wrapped: row.get("wrapped")?,
        })
    };
    rows.iter().map(read).collect()
}

/// Puts other sealed bits of the same key in the place of those that were read.
pub(crate) fn seal_key_anew(
    tx: &mut Tx<'_>,
    key: &StoredKey,
    wrapped: &[u8],
) -> Result<(), DbError> {
    let StoredKey { merchant, kind, shop, version, wrapped: former } = key;
    let changed = tx.exec(
        "UPDATE vault_key SET wrapped = $6 WHERE merchant_id = $1 AND kind = $2 AND shop_id = $3 \
         AND version = $4 AND wrapped = $5",
        &params![*merchant, kind.as_str(), *shop, *version, former.as_slice(), wrapped],
    )?;
    if changed == 1 { Ok(()) } else { Err(DbError::Conflict("a key has changed".into())) }
}

/// Adds a version of a key.
pub(crate) fn add_key(
    tx: &mut Tx<'_>,
    owner: KeyOwner,
    (kind, version): (&str, u32),
    (wrapped, now): (&[u8], Timestamp),
) -> Result<(), DbError> {
    tx.exec(
        "INSERT INTO vault_key (merchant_id, kind, shop_id, version, wrapped, created_at) \
         VALUES ($1, $2, $3, $4, $5, $6)",
        &params![owner.0, kind, owner.1, version, wrapped, now],
    )?;
    Ok(())
}

/// Deletes a version of a key.
pub(crate) fn delete_key(
    tx: &mut Tx<'_>,
    owner: KeyOwner,
    (kind, version): (&str, u32),
) -> Result<(), DbError> {
    tx.exec(
        "DELETE FROM vault_key WHERE merchant_id = $1 AND kind = $2 AND shop_id = $3 \
         AND version = $4",
        &params![owner.0, kind, owner.1, version],
    )?;
    Ok(())
}

/// How a shop keeps cards, with its version; nothing while staff has set nothing.
pub(crate) fn card_settings(
    tx: &mut Tx<'_>,
    shop: (MerchantId, ShopId),
) -> Result<Option<(CardSettings, u32)>, DbError> {
    let row = tx.query_opt(
        "SELECT settings, version FROM vault_settings \
         WHERE merchant_id = $1 AND shop_id = $2 AND version > 0",
        &params![shop.0, shop.1],
    )?;
    let read = |row: Row| -> Result<(CardSettings, u32), DbError> {
        let json: String = row.get("settings")?;
        let settings =
            serde_json::from_str(&json).map_err(|_| DbError::Corrupt("settings".into()))?;
        Ok((settings, row.get("version")?))
    };
    row.map(read).transpose()
}

/// When a person of the property, not of a partner, could first see cards of a shop.
pub(crate) fn activated_at(
    tx: &mut Tx<'_>,
    shop: (MerchantId, ShopId),
) -> Result<Option<Timestamp>, DbError> {
    let row = tx.query_opt(
        "SELECT activated_at FROM vault_settings WHERE merchant_id = $1 AND shop_id = $2",
        &params![shop.0, shop.1],
    )?;
    row.map_or(Ok(None), |row| row.get("activated_at"))
}

/// Notes when a person of the property could first see cards; later calls change nothing.
pub(crate) fn activate(
    tx: &mut Tx<'_>,
    shop: (MerchantId, ShopId),
    now: Timestamp,
) -> Result<(), DbError> {
    tx.exec(
        "INSERT INTO vault_settings (merchant_id, shop_id, settings, version, activated_at, \
         updated_at) VALUES ($1, $2, '', 0, $3, $3) ON CONFLICT (shop_id, merchant_id) DO UPDATE \
         SET activated_at = COALESCE(vault_settings.activated_at, excluded.activated_at)",
        &params![shop.0, shop.1, now],
    )?;
    Ok(())
}

/// Writes settings over the version they were read with; false when that is not the present one.
pub(crate) fn put_card_settings(
    tx: &mut Tx<'_>,
    shop: (MerchantId, ShopId),
    (settings, version): &(CardSettings, u32),
    now: Timestamp,
) -> Result<bool, DbError> {
    let json = serde_json::to_string(settings).map_err(|_| DbError::Corrupt("settings".into()))?;
    tx.exec(
        "INSERT INTO vault_settings (merchant_id, shop_id, settings, version, updated_at) \
         VALUES ($1, $2, '', 0, $3) ON CONFLICT DO NOTHING",
        &params![shop.0, shop.1, now],
    )?;
    let changed = tx.exec(
        "UPDATE vault_settings SET settings = $1, version = version + 1, updated_at = $2 \
         WHERE merchant_id = $3 AND shop_id = $4 AND version = $5",
        &params![json, now, shop.0, shop.1, *version],
    )?;
    Ok(changed == 1)
}
