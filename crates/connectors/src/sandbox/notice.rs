//! What the bank tells by itself: one sealed message per outcome, sent again until it is taken.
//!
//! The seal is HMAC-SHA-256 over the body exactly as received, in hexadecimal digits, in the
//! header [`SEAL_HEADER`]. It is checked before anything is read; without a configured key
//! nothing is believed. The address is the same for all payments: the message names the
//! operation by our reference.

use aws_lc_rs::hmac;
use serde::Deserialize;

use super::NOTIFY_KEY;
use super::codec::{Authentication, Operation};
use crate::declines::Decline;
use crate::event::{Event, Kind, ScaResult, Status, Trust};
use crate::request::RawRequest;
use crate::settings::Settings;
use crate::step::{Ack, Fault, FaultKind, Step};

/// Header that carries the seal.
pub const SEAL_HEADER: &str = "bank-seal";

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
    };
    Some(Event { key: Some(head.event), trust: Trust::Signed, ..said })
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
