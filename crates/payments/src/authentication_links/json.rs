//! A link as programs read it.

use kernel::Timestamp;
use serde_json::{Value, json};

use super::model::{AuthenticationLink, OtherCard};
use crate::payment::Payment;

/// The link as it stands; its address is told once, by the call that makes it.
pub(super) fn link(link: &AuthenticationLink, payment: &Payment, now: Timestamp) -> Value {
    let agreed = link.agreed.as_ref().map(
        |agreed| json!({"at": agreed.at, "from": agreed.from, "text_sha256": agreed.text_sha256}),
    );
    json!({
        "id": link.id,
        "object": "authentication_link",
        "payment": link.payment,
        "status": link.shown(payment, now),
        "amount": payment.amount.minor(),
        "currency": payment.currency(),
        "card": link.card,
        "channels": link.channels.split(',').collect::<Vec<_>>(),
        "then": "authorise",
        "may_replace_card": link.other_card == OtherCard::Allowed,
        "created_at": link.created_at,
        "expires_at": link.expires_at,
        "opened_at": link.opened_at,
        "agreed": agreed,
        "reminded_at": link.reminded_at,
        "ended_at": link.ended_at,
    })
}
