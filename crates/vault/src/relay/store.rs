//! All SQL of relay calls.

use db::{DbError, Tx, params};
use kernel::{CardToken, Id, MerchantId, Timestamp};

/// A relay call about to be sent.
pub(crate) struct RelayRow {
    pub(crate) merchant: MerchantId,
    pub(crate) id: Id,
    pub(crate) card: CardToken,
    pub(crate) template: String,
    pub(crate) at: Timestamp,
}

/// What became of an earlier call of the same name.
pub(crate) enum Earlier {
    /// There was none; ours is noted.
    None,
    /// It was sent; nobody knows more.
    Sent,
    /// It was answered so.
    Answered(String),
}

/// Notes a call before its first byte leaves.
pub(crate) fn begin_relay(tx: &mut Tx<'_>, call: &RelayRow) -> Result<Earlier, DbError> {
    let row = tx.query_opt(
        "SELECT answer FROM vault_relay WHERE merchant_id = $1 AND id = $2",
        &params![call.merchant, call.id],
    )?;
    if let Some(row) = row {
        let answer: Option<String> = row.get("answer")?;
        return Ok(answer.map_or(Earlier::Sent, Earlier::Answered));
    }
    tx.exec(
        "INSERT INTO vault_relay (merchant_id, id, card, template, state, sent_at) \
         VALUES ($1, $2, $3, $4, 'sent', $5)",
        &params![call.merchant, call.id, call.card, &call.template, call.at],
    )?;
    Ok(Earlier::None)
}

/// Forgets a call of which no byte left.
pub(crate) fn forget_relay(tx: &mut Tx<'_>, call: (MerchantId, Id)) -> Result<(), DbError> {
    tx.exec(
        "DELETE FROM vault_relay WHERE merchant_id = $1 AND id = $2 AND answer IS NULL",
        &params![call.0, call.1],
    )?;
    Ok(())
}

/// Keeps the scanned answer of a call.
pub(crate) fn finish_relay(
    tx: &mut Tx<'_>,
    call: (MerchantId, Id),
    answer: &str,
) -> Result<(), DbError> {
    tx.exec(
        "UPDATE vault_relay SET state = 'answered', answer = $1 \
         WHERE merchant_id = $2 AND id = $3",
        &params![answer, call.0, call.1],
    )?;
    Ok(())
}
