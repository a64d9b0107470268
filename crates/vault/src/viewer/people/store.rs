//! All SQL of the people of a shop.

use db::{DbError, Tx, params};
use kernel::{MerchantId, ShopId, Timestamp};
use vault_wire::{Manager, PeoplePut};

use crate::viewer::store::{ViewerRow, read_viewer};

/// Keeps what the app told.
pub(super) fn put(
    tx: &mut Tx<'_>,
    shop: (MerchantId, ShopId),
    (people, now): (&PeoplePut, Timestamp),
) -> Result<(), DbError> {
    let json = serde_json::to_string(people).map_err(|_| DbError::Corrupt("people".into()))?;
    tx.exec(
        "INSERT INTO vault_people (merchant_id, shop_id, people, updated_at) \
         VALUES ($1, $2, $3, $4) ON CONFLICT (shop_id, merchant_id) DO UPDATE SET \
         people = excluded.people, updated_at = excluded.updated_at",
        &params![shop.0, shop.1, json, now],
    )?;
    Ok(())
}

/// What the app told last.
pub(super) fn told(
    tx: &mut Tx<'_>,
    shop: (MerchantId, ShopId),
) -> Result<Option<PeoplePut>, DbError> {
    let row = tx.query_opt(
        "SELECT people FROM vault_people WHERE merchant_id = $1 AND shop_id = $2",
        &params![shop.0, shop.1],
    )?;
    let Some(row) = row else { return Ok(None) };
    let json: String = row.get("people")?;
    serde_json::from_str(&json).map(Some).map_err(|_| DbError::Corrupt("people".into()))
}

/// Those who manage the users of a shop.
pub(crate) fn managers(
    tx: &mut Tx<'_>,
    shop: (MerchantId, ShopId),
) -> Result<Vec<Manager>, DbError> {
    Ok(told(tx, shop)?.map_or_else(Vec::new, |people| people.managers))
}

/// Viewers of a shop who sign in at the app and have, or are to choose, a PIN.
pub(super) fn of_app(
    tx: &mut Tx<'_>,
    shop: (MerchantId, ShopId),
) -> Result<Vec<ViewerRow>, DbError> {
    let rows = tx.query(
        "SELECT * FROM vault_viewer WHERE merchant_id = $1 AND shop_id = $2 \
         AND state <> 'revoked' AND user_ref LIKE 'usr%'",
        &params![shop.0, shop.1],
    )?;
    rows.iter().map(read_viewer).collect()
}
