//! The shapes in which programs see payments and operations.

use serde_json::{Value, json};

use super::model::{CaptureMode, Payment, Validation};
use super::operation::Operation;
use super::rules;

/// It left as an order by telephone, whether it was asked for as one by its channel or turned into
/// one: later charges find no agreement in it.
pub const SENT_AS_MOTO: &str = "sent_as_moto";

/// A payment. `app` is the address of this house, for `page_url`.
#[must_use]
pub fn payment(payment: &Payment, app: &str) -> Value {
    let mut body = event_body(payment);
    let open = payment.may_attempt();
    if let Some(object) = body.as_object_mut() {
        let url = open.then(|| crate::page_token::page_url(app, payment));
        object.insert("page_url".into(), url.into());
    }
    body
}

/// The same, with the door through which the change came, and whether the payer hears nothing of
/// it.
#[must_use]
pub fn event_body_from(payment: &Payment, (source, quiet): (&str, bool)) -> Value {
    let mut body = event_body(payment);
    if let Some(members) = body.as_object_mut() {
        if quiet {
            members.insert("notify_payer".into(), false.into());
        }
        members.insert(crate::notifications::body::SOURCE.into(), source.into());
    }
    body
}

/// A payment as events carry it: without the address of its page, which is a secret.
#[must_use]
pub fn event_body(payment: &Payment) -> Value {
    let deferred = payment.capture.delay_days > 0;
    let chain = payment.chain.as_ref();
    let chain = chain.map(|reference| json!({"reference": reference, "first": null}));
    let mut body = json!({
        "id": payment.id,
        "object": "payment",
        "mode": payment.mode.as_str(),
        "shop": payment.shop,
        "point_of_sale": payment.point_of_sale,
        "channel": payment.channel,
        "order_ref": payment.order_ref,
        "typology": if deferred { "deferred" } else { "immediate" },
        "purpose": payment.purpose,
        "amount": payment.amount.minor(),
        "currency": payment.currency(),
        "effective": null,
        "status": payment.status,
        "counters": payment.counters,
        "capturable": payment.counters.capturable(),
        "refundable": payment.counters.refundable(),
        "allowed": rules::allowed(payment),
        "capture": capture(payment),
        "methods": payment.terms.methods.codes(),
        "method": payment.card.as_ref().map(|card| card.network().to_uppercase()),
        "card": payment.card.as_ref().map(card),
        "initiator": payment.initiator,
        "reason": payment.reason,
        "chain": chain,
        "processor": processor(payment),
        "warnings": warnings(payment),
        "threeds": payment.threeds.as_ref().map(threeds),
        "guarantee": payment.guarantee,
    });
    let rest = json!({
        "risk": null,
        "decline": decline(payment),
        "attempts": payment.attempts,
        "schedule": null,
        "remittance": null,
        "duplicated_from": null,
        "late": payment.late,
        "payer": payment.payer,
        "customer": payment.customer,
        "save_card": payment.terms.save_card,
        "event_date": payment.terms.event_date.map(|day| day.to_string()),
        "booking": payment.booking,
        "page_url": null,
        "metadata": payment.metadata,
        "version": payment.version,
        "created_at": payment.created_at,
        "updated_at": payment.updated_at,
    });
    if let (Some(body), Value::Object(rest)) = (body.as_object_mut(), rest) {
        body.extend(rest);
    }
    body
}

/// Under which names the provider keeps the accepted authorisation, for whoever books it
/// elsewhere; nothing before it, nor in lists.
fn processor(payment: &Payment) -> Value {
    payment.accepted_authorisation().map_or(Value::Null, |accepted| {
        json!({
            "name": crate::contract::CONNECTOR,
            "reference": accepted.provider_id,
            "authorisation": accepted.authorisation,
            "network_transaction_id": payment.chain,
            "at": accepted.at,
        })
    })
}

/// What the asker may not have asked for.
fn warnings(payment: &Payment) -> Vec<&'static str> {
    let by_telephone = payment.initiator == super::Initiator::Merchant
        && payment.channel == super::Channel::MotoTerminal
        && payment.reason != Some(super::Reason::Moto);
    by_telephone.then_some(SENT_AS_MOTO).into_iter().collect()
}

fn capture(payment: &Payment) -> Value {
    let validation = match payment.capture.validation {
        Validation::None => "automatic",
        Validation::Pending => "pending",
        Validation::Given => "given",
    };
    let automatic = payment.capture.mode == CaptureMode::Auto;
    json!({
        "mode": payment.capture.mode,
        "on": payment.capture_on.filter(|_| automatic).map(|day| day.to_string()),
        "validation": validation,
        "before": payment.capture_before,
        "trigger": null,
    })
}

fn card(card: &super::Card) -> Value {
    let network = card.network();
    let is_payers = card.preferred_brand.is_some() && card.only.is_none();
    let others: Vec<&String> =
        std::iter::once(&card.brand).chain(&card.co_brands).filter(|b| *b != network).collect();
    json!({
        "id": card.id,
        "brand": network,
        "co_brands": others,
        "preferred_brand": network,
        "chosen_by": if is_payers { "payer" } else { "merchant" },
        "bin": card.bin,
        "last4": card.last4,
        "exp_month": card.exp_month,
        "exp_year": card.exp_year,
        "country": card.country,
        "funding": card.funding,
        "virtual": false,
    })
}

fn threeds(done: &super::ThreeDs) -> Value {
    json!({
        "version": done.version,
        "asked": done.asked,
        "flow": done.flow,
        "result": done.result,
        "eci": done.eci,
        "exemption": null,
    })
}

fn decline(payment: &Payment) -> Value {
    let declined = payment.decline.as_ref();
    declined.map_or(
        Value::Null,
        |d| json!({"code": d.code, "class": d.class, "raw": d.raw, "retry": d.retry}),
    )
}

/// An operation.
#[must_use]
pub fn operation(operation: &Operation) -> Value {
    let (author_type, author_id) = match operation.author.split_once('_') {
        Some(("usr", _)) => ("user", Some(operation.author.as_str())),
        Some(("key", _)) => ("api_key", Some(operation.author.as_str())),
        _ => (operation.author.as_str(), None),
    };
    json!({
        "id": operation.id,
        "object": "operation",
        "kind": operation.kind,
        "state": operation.state,
        "amount": operation.amount.minor(),
        "currency": operation.amount.currency(),
        "code": operation.code,
        "raw": operation.raw,
        "authorisation": operation.authorisation,
        "guarantee": operation.guarantee,
        "author": {"type": author_type, "id": author_id},
        "source": operation.source,
        "reason": operation.reason,
        "elsewhere": operation.elsewhere,
        "at": operation.at,
    })
}

/// Sums of a filter in one currency, minor units.
pub fn total(total: &super::listing::Total) -> Value {
    json!({
        "currency": total.asked.currency(),
        "count": total.count,
        "amount": total.asked.minor(),
        "captured": total.captured.minor(),
        "refunded": total.refunded.minor(),
    })
}
