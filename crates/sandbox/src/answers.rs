//! What the bank says, as JSON.

use serde_json::{Value, json};

use crate::cards::Network;
use crate::model::{Authentication, Kind, Operation, State};
use crate::{Bank, verdict};

/// Answer about a strong authentication.
pub(crate) fn authentication(a: &Authentication, bank: &Bank) -> Value {
    let result = a.result_at(bank.clock.now());
    let mut answer = json!({
        "id": a.id,
        "ref": a.reference,
        "result": result,
        "flow": a.flow,
        "repeats": a.repeats,
    });
    if let Value::Object(members) = &mut answer {
        if result == "C" {
            members.insert("challenge_url".into(), page_url(a, bank).into());
        } else {
            let network =
                if a.card.network == "mastercard" { Network::Mastercard } else { Network::Visa };
            members.insert("eci".into(), network.indicator(result).into());
        }
    }
    answer
}

/// The bank's page of a challenge.
pub(crate) fn page_url(a: &Authentication, bank: &Bank) -> String {
    format!("{}/3ds/{}", bank.config.public_url.trim_end_matches('/'), a.id.text())
}

/// Answer to an authorisation, capture, void or refund.
pub(crate) fn outcome(o: &Operation) -> Value {
    json!({
        "id": o.id,
        "outcome": o.state.as_str(),
        "code": o.code,
        "text": verdict::text(&o.code),
        "authorisation": number(o),
        "chain": chain(o),
        "network": o.card.network,
        "amount": o.amount.minor(),
        "currency": o.amount.currency(),
    })
}

/// Answer to a query.
pub(crate) fn operation(o: &Operation) -> Value {
    json!({
        "id": o.id,
        "ref": o.reference,
        "kind": o.kind.as_str(),
        "amount": o.amount.minor(),
        "currency": o.amount.currency(),
        "state": o.state.as_str(),
        "code": o.code,
        "text": verdict::text(&o.code),
        "authorisation": number(o),
        "chain": chain(o),
        "network": o.card.network,
        "captured": o.captured,
        "voided": o.voided,
        "refunded": o.refunded,
        "at": o.local_at,
        "repeats": o.repeats,
    })
}

/// One line of what the bank really did.
pub(crate) fn line(o: &Operation) -> Value {
    json!({
        "id": o.id,
        "ref": o.reference,
        "kind": o.kind.as_str(),
        "amount": o.amount.minor(),
        "currency": o.amount.currency(),
        "state": o.state.as_str(),
        "at": o.local_at,
    })
}

fn number(o: &Operation) -> Option<&str> {
    (o.state == State::Approved || o.kind != Kind::Authorise).then_some(o.number.as_str())
}

fn chain(o: &Operation) -> Option<&str> {
    (o.state == State::Approved && o.kind == Kind::Authorise).then_some(o.chain.as_str())
}
