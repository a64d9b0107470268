//! The bank's messages, read without trust.

use kernel::{Currency, Money};
use serde::Deserialize;
use serde::de::DeserializeOwned;

use super::{BANK_PAGES, BANK_URL};
use crate::declines::{Decline, Network};
use crate::event::{Event, Kind, Refs, Sca, ScaFlow, ScaResult, Status};
use crate::request::Reply;
use crate::settings::Settings;
use crate::step::{Fault, FaultKind};

/// Characters of a reference besides letters and digits.
pub(super) const REFERENCE_EXTRA: &str = "-_.";
const MAX_REFERENCE: usize = 40;
/// Version of EMV 3-D Secure the simulated directory speaks.
const THREEDS_VERSION: &str = "2.2.0";

/// What a strong authentication came to.
#[derive(Debug, Deserialize)]
pub(super) struct Authentication {
    pub(super) id: String,
    pub(super) result: ScaResult,
    pub(super) challenge_url: Option<String>,
    pub(super) eci: Option<String>,
    pub(super) flow: Option<ScaFlow>,
}

/// The bank's word on a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Outcome {
    Approved,
    Declined,
    Pending,
}

/// Answer to an authorisation, a capture, a void or a refund.
#[derive(Debug, Deserialize)]
pub(super) struct Answer {
    pub(super) id: String,
    pub(super) outcome: Outcome,
    pub(super) code: String,
    pub(super) text: Option<String>,
    pub(super) authorisation: Option<String>,
    pub(super) chain: Option<String>,
    pub(super) network: Option<String>,
    pub(super) amount: Option<i64>,
}

/// Answer to a query.
#[derive(Debug, Deserialize)]
pub(super) struct Operation {
    #[serde(rename = "ref")]
    pub(super) reference: String,
    pub(super) kind: Kind,
    pub(super) currency: Currency,
    #[serde(default)]
    pub(super) captured: i64,
    pub(super) amount: i64,
    #[serde(flatten)]
    pub(super) answer: QueryAnswer,
}

/// The part of a query's answer that every kind has.
#[derive(Debug, Deserialize)]
pub(super) struct QueryAnswer {
    pub(super) id: String,
    pub(super) state: Outcome,
    pub(super) code: String,
    pub(super) text: Option<String>,
    pub(super) authorisation: Option<String>,
    pub(super) chain: Option<String>,
    pub(super) network: Option<String>,
}

/// A reply, sorted by what it proves.
pub(super) enum Read<T> {
    /// An answer.
    Known(T),
    /// The bank refused to take the message: nothing was done.
    NotTaken(u16),
    /// The bank knows no such thing.
    NotFound,
    /// No answer that can be relied on.
    Unreadable,
}

/// Reads a reply.
pub(super) fn read<T: DeserializeOwned>(reply: &Reply) -> Read<T> {
    match reply.status {
        200..=299 => serde_json::from_slice(&reply.body).map_or(Read::Unreadable, Read::Known),
        404 => Read::NotFound,
        400 | 401 | 403 | 405 | 413 | 415 | 422 => Read::NotTaken(reply.status),
        _ => Read::Unreadable,
    }
}

/// Where the bank is, both without trailing slash.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Bank<'s> {
    /// Where it is called.
    pub(super) calls: &'s str,
    /// Where browsers see its pages.
    pub(super) pages: &'s str,
}

/// The addresses of the bank; its pages are where it is called unless they are elsewhere.
pub(super) fn bank(settings: &Settings) -> Result<Bank<'_>, Fault> {
    let address = |name| {
        let url = settings.get(name).map(|url| url.trim_end_matches('/'));
        url.filter(|url| url.starts_with("http://") || url.starts_with("https://"))
    };
    let calls = address(BANK_URL).ok_or_else(|| Fault {
        kind: FaultKind::Config,
        field: Some(BANK_URL),
        text: "The address of the bank is missing.".into(),
    })?;
    Ok(Bank { calls, pages: address(BANK_PAGES).unwrap_or(calls) })
}

/// Whether a reference can be sent and put into an address as it stands.
pub(super) fn good_reference(reference: &str) -> Result<(), Fault> {
    let fine = |c: char| c.is_ascii_alphanumeric() || REFERENCE_EXTRA.contains(c);
    if (1..=MAX_REFERENCE).contains(&reference.len()) && reference.chars().all(fine) {
        Ok(())
    } else {
        Err(Fault {
            kind: FaultKind::Unexpected,
            field: None,
            text: "The reference has characters the bank does not take.".into(),
        })
    }
}

/// Whether an address is one of the bank's pages.
pub(super) fn is_of_bank(url: &str, bank: Bank<'_>) -> bool {
    url.strip_prefix(bank.pages).is_some_and(|rest| rest.starts_with('/'))
}

impl Authentication {
    /// What it says, as an event that does not end the flow.
    pub(super) fn event(&self, status: Status) -> Event {
        let asked = self.challenge_url.is_some() || self.flow == Some(ScaFlow::Challenge);
        Event {
            refs: Refs { authentication: Some(self.id.clone()), ..Refs::default() },
            sca: Some(Sca {
                version: THREEDS_VERSION.into(),
                result: self.result,
                flow: if asked { ScaFlow::Challenge } else { ScaFlow::Frictionless },
                eci: self.eci.clone(),
                liability: None,
            }),
            raw_code: Some(self.result.as_str().into()),
            ..Event::new(Kind::Authenticate, status)
        }
    }

    /// What it says, as the refusal that ends the flow.
    pub(super) fn refusal(&self, decline: Decline) -> Event {
        Event { decline: Some(decline), ..self.event(Status::Refused) }
    }
}

impl Answer {
    /// The event, about an operation of `kind` that succeeds as `success`.
    pub(super) fn event(self, kind: Kind, success: Status, amount: Money) -> Event {
        let amount = self.amount.map_or(amount, |minor| Money::new(minor, amount.currency()));
        let said = Said {
            id: self.id,
            outcome: self.outcome,
            code: self.code,
            text: self.text,
            network: self.network,
        };
        let refs = (self.authorisation, self.chain);
        said.event(kind, success, amount, refs)
    }
}

impl Operation {
    /// The event; an authorisation whose whole amount was captured counts as captured, an
    /// account check never does.
    pub(super) fn event(self) -> Event {
        let success = match self.kind {
            Kind::Authorise if self.amount > 0 && self.captured >= self.amount => Status::Captured,
            Kind::Capture => Status::Captured,
            Kind::Void => Status::Voided,
            Kind::Refund => Status::Refunded,
            _ => Status::Authorised,
        };
        let amount = Money::new(self.amount, self.currency);
        let QueryAnswer { id, state, code, text, authorisation, chain, network } = self.answer;
        let said = Said { id, outcome: state, code, text, network };
        said.event(self.kind, success, amount, (authorisation, chain))
    }
}

struct Said {
    id: String,
    outcome: Outcome,
    code: String,
    text: Option<String>,
    network: Option<String>,
}

impl Said {
    fn event(
        self,
        kind: Kind,
        success: Status,
        amount: Money,
        (authorisation, chain): (Option<String>, Option<String>),
    ) -> Event {
        let network = Network::parse(self.network.as_deref().unwrap_or_default());
        let base = match self.outcome {
            Outcome::Approved => Event::new(kind, success),
            Outcome::Pending if kind == Kind::Refund => Event::new(kind, Status::RefundPending),
            Outcome::Pending => Event::new(kind, Status::Pending),
            Outcome::Declined => Event::refused(kind, Decline::of(network, &self.code)),
        };
        Event {
            key: Some(self.id.clone()),
            amount: Some(amount),
            refs: Refs { provider_id: Some(self.id), authorisation, chain, authentication: None },
            card: Some(crate::event::CardFacts {
                network,
                last4: None,
                expiry: None,
                country: None,
            }),
            raw_code: Some(self.code),
            raw_text: self.text,
            ..base
        }
    }
}
