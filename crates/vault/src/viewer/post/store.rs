//! All SQL of messages that wait for the app.

use db::{DbError, Row, Tx, params};
use kernel::{MerchantId, MessageId, ShopId};
use vault_wire::VaultMessage;

/// Queues messages for the app to take.
pub(crate) fn queue(
    tx: &mut Tx<'_>,
    place: (MerchantId, ShopId),
    messages: &[VaultMessage],
) -> Result<(), DbError> {
    for message in messages {
        let json =
            serde_json::to_string(message).map_err(|_| DbError::Corrupt("message".into()))?;
        tx.exec(
            "INSERT INTO vault_message (merchant_id, id, shop_id, message, at) \
             VALUES ($1, $2, $3, $4, $5)",
            &params![place.0, message.id, place.1, json, message.at],
        )?;
    }
    Ok(())
}

/// Messages of a shop that wait, oldest first.
pub(super) fn waiting(
    tx: &mut Tx<'_>,
    place: (MerchantId, ShopId),
    limit: u32,
) -> Result<Vec<VaultMessage>, DbError> {
    let rows = tx.query(
        "SELECT message FROM vault_message WHERE merchant_id = $1 AND shop_id = $2 \
         ORDER BY at, id LIMIT $3",
        &params![place.0, place.1, limit],
    )?;
    let read = |row: &Row| -> Result<VaultMessage, DbError> {
        let json: String = row.get("message")?;
        serde_json::from_str(&json).map_err(|_| DbError::Corrupt("message".into()))
    };
    rows.iter().map(read).collect()
}

/// Wipes a message that was queued elsewhere.
pub(super) fn forget(tx: &mut Tx<'_>, merchant: MerchantId, id: MessageId) -> Result<(), DbError> {
    tx.exec(
        "DELETE FROM vault_message WHERE merchant_id = $1 AND id = $2",
        &params![merchant, id],
    )?;
    Ok(())
}
