//! What the bank tells by itself: one sealed message per outcome, sent again until it is taken.
//!
//! The seal is HMAC-SHA-256 over the body exactly as received, in hexadecimal digits, in the
//! header [`SEAL_HEADER`]. It is checked before anything is read; without a configured key
//! nothing is believed. The address is the same for all payments: the message names the
//! operation by our reference.

use aws_lc_rs::hmac;
use kernel::{Currency, Money};
use serde::Deserialize;

use super::NOTIFY_KEY;
use super::codec::{Authentication, Operation};
use crate::case::{Case, CaseFamily, CaseStage};
use crate::declines::{Decline, Network};
use crate::event::{Event, Kind, ScaResult, Status, Trust};
use crate::request::RawRequest;
use crate::settings::Settings;
use crate::step::{Ack, Fault, FaultKind, Step};

/// Header that carries the seal.
pub const SEAL_HEADER: &str = "bank-seal";

/// Longest number of a case, and code of a reason.
const MAX_CASE_CHARACTERS: usize = 64;

/// What every message has, whatever it tells.
#[derive(Debug, Deserialize)]
struct Head {
    /// The bank's name of the event; the same when it is sent again.
    event: String,
    #[serde(rename = "ref")]
    reference: String,
    kind: Kind,
}

/// Our reference of the operation a message speaks of; nothing is verified yet.
pub(super) fn reference(request: &RawRequest) -> Option<String> {
    serde_json::from_slice::<Head>(&request.body).ok().map(|head| head.reference)
}

/// The events of a message whose seal is right.
pub(super) fn read(settings: &Settings, request: &RawRequest) -> Step {
    if !is_sealed(settings, request) {
        return Step::Fault(Fault {
            kind: FaultKind::BadSeal,
            field: Some(NOTIFY_KEY),
            text: "The seal of the notification is missing or wrong.".into(),
        });
    }
    match event(&request.body) {
        Some(event) => Step::Settle { events: vec![event], ack: ack() },
        None => Step::unexpected("The notification cannot be read."),
    }
}

fn is_sealed(settings: &Settings, request: &RawRequest) -> bool {
    let key = settings.get(NOTIFY_KEY).and_then(digits).filter(|key| !key.is_empty());
    let mut headers = request.headers.iter();
    let seal = headers.find(|(name, _)| name == SEAL_HEADER).and_then(|(_, text)| digits(text));
    let (Some(key), Some(seal)) = (key, seal) else { return false };
    let key = hmac::Key::new(hmac::HMAC_SHA256, &key);
    hmac::verify(&key, &request.body, &seal).is_ok()
}

/// The bytes of hexadecimal digits.
fn digits(text: &str) -> Option<Vec<u8>> {
    let text = text.as_bytes();
    if !text.len().is_multiple_of(2) || !text.iter().all(u8::is_ascii_hexdigit) {
        return None;
    }
    let byte = |pair: &[u8]| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok();
    text.chunks(2).map(byte).collect()
}

fn event(body: &[u8]) -> Option<Event> {
    let head: Head = serde_json::from_slice(body).ok()?;
    let said = match head.kind {
        Kind::Authenticate => authenticated(&serde_json::from_slice(body).ok()?),
        Kind::Query | Kind::Check => return None,
        // A release names no amount: what the bank released is told without one of ours.
        Kind::Void => Event { amount: None, ..operation(body)? },
        Kind::Authorise | Kind::Capture | Kind::Refund => operation(body)?,
        Kind::Chargeback => contested(&serde_json::from_slice(body).ok()?)?,
    };
    Some(Event { key: Some(head.event), trust: Trust::Signed, ..said })
}

/// A sale that its payer contests.
#[derive(Debug, Deserialize)]
struct Contested {
    case: String,
    state: CaseStage,
    amount: i64,
    currency: Currency,
    network: String,
    reason: Reason,
    fee: Option<i64>,
    respond_by: Option<String>,
}

#[derive(Debug, Deserialize)]
struct Reason {
    code: String,
    family: CaseFamily,
}

/// The event; nothing for a message with a number or a day that cannot be one.
fn contested(said: &Contested) -> Option<Event> {
    let number = said.case.trim();
    let fits = (1..=MAX_CASE_CHARACTERS).contains(&number.chars().count());
    let respond_by = said.respond_by.as_deref().map(str::parse).transpose().ok()?;
    let status = match said.state {
        CaseStage::Won => Status::Captured,
        CaseStage::Opened | CaseStage::Lost => Status::Disputed,
    };
    let case = Case {
        number: number.to_owned(),
        stage: said.state,
        network: Network::parse(&said.network).as_str().to_owned(),
        reason_code: said.reason.code.chars().take(MAX_CASE_CHARACTERS).collect(),
        family: said.reason.family,
        fee: said.fee.filter(|fee| *fee >= 0).map(|fee| Money::new(fee, said.currency)),
        respond_by,
    };
    fits.then(|| Event {
        amount: Some(Money::new(said.amount, said.currency)),
        case: Some(case),
        ..Event::new(Kind::Chargeback, status)
    })
}

fn operation(body: &[u8]) -> Option<Event> {
    serde_json::from_slice::<Operation>(body).ok().map(Operation::event)
}

fn authenticated(answer: &Authentication) -> Event {
    match answer.result {
        ScaResult::Y | ScaResult::A | ScaResult::U | ScaResult::NotEnrolled => {
            answer.event(Status::Authorised)
        }
        ScaResult::C => answer.event(Status::ActionRequired),
        ScaResult::R => answer.refusal(Decline::ThreedsRejected),
        ScaResult::Timeout => answer.refusal(Decline::ThreedsTimeout),
        ScaResult::N | ScaResult::Cancelled => answer.refusal(Decline::ThreedsFailed),
    }
}

fn ack() -> Ack {
    Ack { status: 200, content_type: "text/plain; charset=utf-8", body: b"received\n".to_vec() }
}
