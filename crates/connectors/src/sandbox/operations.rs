//! Capture, void, refund and query: what follows an authorisation.

use kernel::Money;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::BANK_URL;
use super::codec::{self, Answer, Operation, Read};
use super::flow::{self, State};
use crate::event::{Event, Kind, Refs, Status};
use crate::request::{Asked, Input, Op, Reply};
use crate::settings::Settings;
use crate::step::{Call, Effect, Fault, FaultKind, HttpRequest, Method, Sending, Step};

/// What was sent.
#[derive(Debug, Serialize, Deserialize)]
#[serde(tag = "stage", rename_all = "snake_case")]
pub(super) enum Stage {
    /// A capture, void or refund.
    Asked { kind: Kind, amount: Option<Money> },
    /// A query about an operation of that kind.
    Querying { kind: Kind, reference: String },
    /// A probe of the settings.
    Checking,
}

/// The step of an operation.
pub(super) fn operate(settings: &Settings, refs: &Refs, op: &Op) -> Step {
    match build(settings, refs, op) {
        Ok(call) => Step::Call(call),
        Err(fault) => Step::Fault(fault),
    }
}

/// A probe that charges nothing.
pub(super) fn check(settings: &Settings) -> Step {
    match codec::bank(settings) {
        Ok(bank) => Step::Call(Call {
            request: get(format!("{}/health", bank.calls)),
            sending: harmless(Kind::Check, "check"),
            state: State::Operation(Stage::Checking).store(),
        }),
        Err(fault) => Step::Fault(fault),
    }
}

fn build(settings: &Settings, refs: &Refs, op: &Op) -> Result<Call, Fault> {
    let bank = codec::bank(settings)?.calls;
    codec::good_reference(&op.reference)?;
    let cited = || refs.authorisation.clone().ok_or_else(no_authorisation);
    let (path, kind, amount) = match &op.asked {
        Asked::Query { kind, age_seconds } => {
            return Ok(query(bank, &op.reference, *kind, *age_seconds));
        }
        Asked::Capture(amount) => ("captures", Kind::Capture, Some(*amount)),
        Asked::Void => ("voids", Kind::Void, None),
        Asked::Refund(amount) => ("refunds", Kind::Refund, Some(*amount)),
        Asked::ChargeToken { .. } | Asked::DeleteToken { .. } => {
            return Err(Fault {
                kind: FaultKind::CapabilityMissing,
                field: None,
                text: "The simulated bank keeps no cards.".into(),
            });
        }
    };
    let mut body = json!({ "ref": op.reference, "authorisation": cited()?, "local_time": op.at });
    if let (Some(amount), Value::Object(members)) = (amount, &mut body) {
        members.insert("amount".into(), amount.minor().into());
        members.insert("currency".into(), amount.currency().code().into());
    }
    Ok(Call {
        request: HttpRequest {
            method: Method::Post,
            url: format!("{bank}/api/{path}"),
            body: Some(body),
        },
        sending: Sending { kind, reference: op.reference.clone(), effect: Effect::MovesMoney },
        state: State::Operation(Stage::Asked { kind, amount }).store(),
    })
}

fn query(bank: &str, reference: &str, kind: Kind, age_seconds: i64) -> Call {
    let (kind_word, age) = (kind.as_str(), age_seconds.max(0));
    Call {
        request: get(format!("{bank}/api/operations?ref={reference}&kind={kind_word}&age={age}")),
        sending: harmless(Kind::Query, reference),
        state: State::Operation(Stage::Querying { kind, reference: reference.into() }).store(),
    }
}

const fn get(url: String) -> HttpRequest {
    HttpRequest { method: Method::Get, url, body: None }
}

fn harmless(kind: Kind, reference: &str) -> Sending {
    Sending { kind, reference: reference.into(), effect: Effect::Harmless }
}

fn no_authorisation() -> Fault {
    Fault {
        kind: FaultKind::Unexpected,
        field: None,
        text: "The bank's authorisation number is missing.".into(),
    }
}

/// What the answer says.
pub(super) fn resume(stage: &Stage, input: &Input) -> Step {
    match (stage, input) {
        (Stage::Asked { kind, amount }, Input::Http(reply)) => {
            Step::Done(answered(*kind, *amount, reply))
        }
        (Stage::Asked { kind, .. } | Stage::Querying { kind, .. }, Input::Timeout) => {
            Step::Done(Event::unknown(*kind, "no answer in time"))
        }
        (Stage::Querying { kind, reference }, Input::Http(reply)) => {
            Step::Done(found(*kind, reference, reply))
        }
        (Stage::Checking, Input::Http(reply)) if reply.status == 200 => {
            Step::Done(Event::new(Kind::Check, Status::Authorised))
        }
        (Stage::Checking, _) => Step::Fault(Fault {
            kind: FaultKind::Config,
            field: Some(BANK_URL),
            text: "The bank does not answer at this address.".into(),
        }),
        _ => Step::unexpected("This does not answer what was asked."),
    }
}

fn answered(kind: Kind, amount: Option<Money>, reply: &Reply) -> Event {
    let success = match kind {
        Kind::Void => Status::Voided,
        Kind::Refund => Status::Refunded,
        _ => Status::Captured,
    };
    match codec::read::<Answer>(reply) {
        Read::Known(answer) => {
            let said_amount = answer.amount;
            let event = answer.event(kind, success, amount.unwrap_or(Money::eur(0)));
            // A void names no amount: what the bank released is told without a currency of ours.
            match (amount, said_amount) {
                (None, _) => Event { amount: None, ..event },
                (Some(asked), Some(said)) if said != asked.minor() => {
                    Event::unknown(kind, "the bank answered another amount")
                }
                _ => event,
            }
        }
        Read::NotTaken(status) => flow::not_taken(kind, status),
        Read::NotFound => flow::not_taken(kind, 404),
        Read::Unreadable => Event::unknown(kind, "unreadable answer"),
    }
}

fn found(kind: Kind, reference: &str, reply: &Reply) -> Event {
    match codec::read::<Operation>(reply) {
        Read::Known(operation) if operation.reference == reference && operation.kind == kind => {
            operation.event()
        }
        Read::Known(_) => Event::unknown(kind, "the bank spoke of another operation"),
        Read::NotFound => Event::new(kind, Status::NotFound),
        Read::NotTaken(_) | Read::Unreadable => Event::unknown(kind, "unreadable answer"),
    }
}
