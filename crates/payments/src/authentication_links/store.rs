//! All SQL of authentication links.

use db::{DbError, Insert, Row, Tx, params};
use identity::locator;
use kernel::{AuthenticationLinkId, PaymentId, Scope, Timestamp};

use super::model::{Agreement, AuthenticationLink, State};
use crate::payment::Payment;
use crate::payment::words::from_row;

/// Kind of the locator rows that lead from a token to a link.
const KIND: &str = "authentication";

static LINK: Insert = Insert {
    table: "authentication_link",
    columns: &[
        "id",
        "merchant_id",
        "mode",
        "shop_id",
        "payment_id",
        "card_id",
        "network",
        "last4",
        "channels",
        "other_card",
        "tried_before",
        "asked_by",
        "state",
        "created_at",
        "expires_at",
    ],
};

/// Writes a new link.
///
/// # Errors
/// [`DbError::Conflict`] when the payment waits for another one.
pub fn insert(tx: &mut Tx<'_>, scope: &Scope, new: &AuthenticationLink) -> Result<(), DbError> {
    let values = params![
        new.id,
        scope.merchant(),
        scope.mode().as_str(),
        new.shop,
        new.payment,
        new.card,
        &new.network,
        &new.last4,
        &new.channels,
        new.other_card.as_str(),
        new.tried_before,
        &new.asked_by,
        new.state.as_str(),
        new.created_at,
        new.expires_at,
    ];
    tx.insert(&LINK, values)
}

/// Lets a token lead to a link.
///
/// # Errors
/// [`DbError`] of the engine.
pub fn register(
    tx: &mut Tx<'_>,
    scope: &Scope,
    (token, id): (&str, AuthenticationLinkId),
) -> Result<(), DbError> {
    locator::put(tx, scope, KIND, locator::hash(token), id.id())
}

/// The link behind a token, with a payer's scope.
///
/// # Errors
/// [`DbError`] of the engine.
pub fn behind(
    tx: &mut Tx<'_>,
    token: &str,
) -> Result<Option<(Scope, AuthenticationLink)>, DbError> {
    let Some((scope, id)) = locator::find(tx, KIND, token)? else { return Ok(None) };
    let link = find(tx, &scope, id.into())?;
    Ok(link.map(|link| (scope, link)))
}

/// One link.
///
/// # Errors
/// [`DbError`] of the engine.
pub fn find(
    tx: &mut Tx<'_>,
    scope: &Scope,
    id: AuthenticationLinkId,
) -> Result<Option<AuthenticationLink>, DbError> {
    let sql = "SELECT * FROM authentication_link WHERE id = $1 AND merchant_id = $2 AND mode = $3";
    let values = params![id, scope.merchant(), scope.mode().as_str()];
    tx.query_opt(sql, &values)?.as_ref().map(read).transpose()
}

/// The links of a payment: the open one, then the others, newest first.
///
/// # Errors
/// [`DbError`] of the engine.
pub fn of_payment(
    tx: &mut Tx<'_>,
    scope: &Scope,
    payment: PaymentId,
) -> Result<Vec<AuthenticationLink>, DbError> {
    let sql = "SELECT * FROM authentication_link WHERE merchant_id = $1 AND payment_id = $2 \
               AND mode = $3 ORDER BY CASE WHEN ended_at IS NULL THEN 0 ELSE 1 END, \
               created_at DESC, ended_at DESC, id DESC";
    let values = params![scope.merchant(), payment, scope.mode().as_str()];
    tx.query(sql, &values)?.iter().map(read).collect()
}

/// The link that a payment waits for.
///
/// # Errors
/// [`DbError`] of the engine.
pub fn open_of(
    tx: &mut Tx<'_>,
    scope: &Scope,
    payment: PaymentId,
) -> Result<Option<AuthenticationLink>, DbError> {
    let sql = "SELECT * FROM authentication_link WHERE merchant_id = $1 AND payment_id = $2 \
               AND mode = $3 AND ended_at IS NULL";
    let values = params![scope.merchant(), payment, scope.mode().as_str()];
    tx.query_opt(sql, &values)?.as_ref().map(read).transpose()
}

/// Ends a link; false when it had ended before.
///
/// # Errors
/// [`DbError`] of the engine.
pub fn end(
    tx: &mut Tx<'_>,
    scope: &Scope,
    (id, state, now): (AuthenticationLinkId, State, Timestamp),
) -> Result<bool, DbError> {
    let sql = "UPDATE authentication_link SET state = $1, ended_at = $2 \
               WHERE id = $3 AND merchant_id = $4 AND ended_at IS NULL";
    Ok(tx.exec(sql, &params![state.as_str(), now, id, scope.merchant()])? == 1)
}

/// Writes down that a link was opened; false when it was before, or has ended.
///
/// # Errors
/// [`DbError`] of the engine.
pub fn opened(
    tx: &mut Tx<'_>,
    scope: &Scope,
    (id, now): (AuthenticationLinkId, Timestamp),
) -> Result<bool, DbError> {
    let sql = "UPDATE authentication_link SET state = $1, opened_at = $2 \
               WHERE id = $3 AND merchant_id = $4 AND ended_at IS NULL AND opened_at IS NULL";
    let values = params![State::Opened.as_str(), now, id, scope.merchant()];
    Ok(tx.exec(sql, &values)? == 1)
}

/// Writes down what the holder agreed to; false when the link has ended.
///
/// # Errors
/// [`DbError`] of the engine.
pub fn agreed(
    tx: &mut Tx<'_>,
    scope: &Scope,
    (id, agreed): (AuthenticationLinkId, &Agreement),
) -> Result<bool, DbError> {
    let sql = "UPDATE authentication_link SET agreed_at = $1, agreed_from = $2, agreed_text = $3 \
               WHERE id = $4 AND merchant_id = $5 AND ended_at IS NULL";
    let values = params![agreed.at, &agreed.from, &agreed.text_sha256, id, scope.merchant()];
    Ok(tx.exec(sql, &values)? == 1)
}

/// Writes down that a link was sent once more; false when it was before, or has ended.
///
/// # Errors
/// [`DbError`] of the engine.
pub fn reminded(
    tx: &mut Tx<'_>,
    scope: &Scope,
    (id, now): (AuthenticationLinkId, Timestamp),
) -> Result<bool, DbError> {
    let sql = "UPDATE authentication_link SET reminded_at = $1 \
               WHERE id = $2 AND merchant_id = $3 AND ended_at IS NULL AND reminded_at IS NULL";
    Ok(tx.exec(sql, &params![now, id, scope.merchant()])? == 1)
}

/// Makes a charge the holder's own; `order_ref` is that of an order which counts as being paid
/// again from now on.
///
/// # Errors
/// [`DbError::Conflict`] when another payment of the order is live.
pub fn hand_over(
    tx: &mut Tx<'_>,
    scope: &Scope,
    (payment, order_ref): (&Payment, Option<String>),
) -> Result<(), DbError> {
    let sql = "UPDATE payment SET initiator = $1, channel = $2, threeds_wish = $3, \
               live_ref = COALESCE(live_ref, $4) WHERE id = $5 AND merchant_id = $6";
    let values = params![
        payment.initiator.as_str(),
        payment.channel.as_str(),
        payment.threeds_wish.as_str(),
        order_ref,
        payment.id,
        scope.merchant(),
    ];
    tx.exec(sql, &values).map(drop)
}

fn read(row: &Row) -> Result<AuthenticationLink, DbError> {
    let agreed_at: Option<Timestamp> = row.get("agreed_at")?;
    let agreed = match agreed_at {
        None => None,
        Some(at) => {
            let (from, text_sha256) = (row.get("agreed_from")?, row.get("agreed_text")?);
            Some(Agreement { at, from, text_sha256 })
        }
    };
    Ok(AuthenticationLink {
        id: row.get("id")?,
        shop: row.get("shop_id")?,
        payment: row.get("payment_id")?,
        card: row.get("card_id")?,
        network: row.get("network")?,
        last4: row.get("last4")?,
        channels: row.get("channels")?,
        other_card: from_row(row, "other_card", super::OtherCard::parse)?,
        tried_before: row.get("tried_before")?,
        asked_by: row.get("asked_by")?,
        state: from_row(row, "state", State::parse)?,
        created_at: row.get("created_at")?,
        expires_at: row.get("expires_at")?,
        opened_at: row.get("opened_at")?,
        agreed,
        reminded_at: row.get("reminded_at")?,
        ended_at: row.get("ended_at")?,
    })
}
