//! What an answer of the bank changes in a payment. Pure: no database, no network.

use connectors::{Event, Kind as Asked, Status as Said};
use kernel::{Invariant, OperationId, Rng, Timestamp};

use crate::payment::operation::NOTHING_SENT;
use crate::payment::{Decline, Kind, OpState, Operation, Payment, Proof, Raw, Source, ThreeDs};

/// Code of a refund that the bank refused first and did later: a person must look at it.
pub const REFUND_DONE_LATE: &str = "refund_done_late";

/// What it is learned with.
#[derive(Clone, Copy)]
pub struct Learning<'a> {
    /// The shop's clock.
    pub now: Timestamp,
    /// Real time, in which messages travel.
    pub real_now: Timestamp,
    /// Randomness for names.
    pub rng: &'a dyn Rng,
    /// After how many seconds "unknown reference" means it never arrived.
    pub not_found_final_after_seconds: i64,
}

/// Our word for what a connector sends.
#[must_use]
pub const fn kind_of(asked: Asked) -> Option<Kind> {
    match asked {
        Asked::Authenticate => Some(Kind::Authenticate),
        Asked::Authorise => Some(Kind::Authorise),
        Asked::Capture => Some(Kind::Capture),
        Asked::Void => Some(Kind::Void),
        Asked::Refund => Some(Kind::Refund),
        Asked::Chargeback | Asked::Query | Asked::Check => None,
    }
}

/// The connector's word for an operation.
#[must_use]
pub const fn asked_of(kind: Kind) -> Option<Asked> {
    match kind {
        Kind::Authenticate => Some(Asked::Authenticate),
        Kind::Authorise => Some(Asked::Authorise),
        Kind::Capture => Some(Asked::Capture),
        Kind::Void => Some(Asked::Void),
        Kind::Refund => Some(Asked::Refund),
        Kind::Expire
        | Kind::Validate
        | Kind::Chargeback
        | Kind::ChargebackWon
        | Kind::ChargebackLost => None,
    }
}

/// Applies what the bank said about one operation. Returns whether it changed anything.
///
/// # Errors
/// [`Invariant`] when a rule of the money would break: nothing is kept then.
pub fn learn(
    payment: &mut Payment,
    operation: OperationId,
    event: &Event,
    with: &Learning<'_>,
) -> Result<bool, Invariant> {
    let Some(asked) = payment.operation(operation).cloned() else {
        return Err(Invariant { rule: "an answer belongs to an operation of its payment" });
    };
    let news = news(&asked, event, with);
    let Some(news) = news else { return Ok(false) };
    let proof = if event.trust.may_book() { Proof::Proven } else { Proof::Unproven };
    if proof == Proof::Unproven && matches!(news, OpState::Success | OpState::Failed) {
        return Ok(false);
    }
    if asked.kind == Kind::Refund && asked.state == OpState::Failed && news == OpState::Success {
        return Ok(late_refund(payment, operation, proof));
    }
    if !payment.settle(operation, news, proof)? {
        return Ok(false);
    }
    note(payment, operation, event, news);
    facts(payment, &asked, event, news);
    if captured_with_it(&asked, event, news) {
        let raw = payment.operation(operation).map(|o| o.raw.clone()).unwrap_or_default();
        let capture = Operation { raw, ..capture_of(&asked, event, with) };
        let id = capture.id;
        payment.operations.push(capture);
        payment.settle(id, OpState::Success, proof)?;
    }
    Ok(true)
}

/// The bank gave money back after it had said no. The amount is free again by now and may have
/// been refunded a second time, so nothing moves by itself: the operation is marked, the payment
/// asks for a person, and the log alarms.
fn late_refund(payment: &mut Payment, id: OperationId, proof: Proof) -> bool {
    let marked = |o: &&mut Operation| o.id == id && o.code.as_deref() != Some(REFUND_DONE_LATE);
    let Some(operation) = payment.operations.iter_mut().find(marked) else { return false };
    if proof == Proof::Unproven {
        return false;
    }
    tracing::error!(operation = %id, "ALARM: the bank gave back what it had refused to give back");
    operation.code = Some(REFUND_DONE_LATE.to_owned());
    true
}

/// How long ago an operation was sent, in seconds: in real time, or by the shop's clock when that
/// was moved further.
#[must_use]
pub fn age_seconds(asked: &Operation, with: &Learning<'_>) -> i64 {
    let since = |from: Timestamp, to: Timestamp| to.as_seconds().saturating_sub(from.as_seconds());
    let real = asked.sent_at.map_or(0, |sent| since(sent, with.real_now));
    since(asked.at, with.now).max(real)
}

fn news(asked: &Operation, event: &Event, with: &Learning<'_>) -> Option<OpState> {
    let other_amount = event.amount.is_some_and(|amount| amount != asked.amount);
    match event.status {
        Said::Authorised
        | Said::Captured
        | Said::PartiallyCaptured
        | Said::Voided
        | Said::Refunded
        | Said::PartiallyRefunded
            if other_amount && asked.kind != Kind::Authenticate =>
        {
            tracing::error!(operation = %asked.id, "ALARM: the bank speaks of another amount");
            Some(OpState::Unknown)
        }
        Said::Authorised
        | Said::Captured
        | Said::PartiallyCaptured
        | Said::Voided
        | Said::Refunded
        | Said::PartiallyRefunded => Some(OpState::Success),
        Said::Refused | Said::Cancelled | Said::Expired | Said::RefundRefused => {
            Some(OpState::Failed)
        }
        Said::ActionRequired | Said::Pending | Said::RefundPending | Said::Created => {
            Some(OpState::Pending)
        }
        Said::Unknown | Said::PartiallyAuthorised => Some(OpState::Unknown),
        Said::NotFound => {
            let last = age_seconds(asked, with) >= with.not_found_final_after_seconds;
            Some(if last { OpState::Failed } else { OpState::Unknown })
        }
        Said::Disputed => None,
    }
}

fn note(payment: &mut Payment, id: OperationId, event: &Event, news: OpState) {
    let Some(operation) = payment.operations.iter_mut().find(|o| o.id == id) else { return };
    let network = event.card.as_ref().map(|card| card.network.as_str().to_owned());
    operation.raw = Raw {
        code: event.raw_code.clone().unwrap_or_default(),
        network: network.unwrap_or_default(),
        text: kernel::card_text::mask(event.raw_text.as_deref().unwrap_or_default()),
    };
    operation.code = match news {
        OpState::Success => Some("approved".to_owned()),
        OpState::Failed => Some(refusal(event).code().to_owned()),
        _ => None,
    };
    let refs = &event.refs;
    operation.authorisation = refs.authorisation.clone().or(operation.authorisation.take());
    let provider = refs.provider_id.clone().or_else(|| refs.authentication.clone());
    operation.provider_id = provider.or(operation.provider_id.take());
}

const fn refusal(event: &Event) -> connectors::Decline {
    match (event.decline, event.status) {
        (Some(decline), _) => decline,
        (None, Said::Cancelled) => connectors::Decline::CancelledByPayer,
        (None, Said::NotFound) => connectors::Decline::NeverReceived,
        (None, _) => connectors::Decline::DoNotHonour,
    }
}

/// What the payment itself remembers of an answer.
fn facts(payment: &mut Payment, asked: &Operation, event: &Event, news: OpState) {
    if let Some(sca) = &event.sca {
        payment.threeds = Some(ThreeDs {
            version: sca.version.clone(),
            asked: payment.threeds_wish.as_str().to_owned(),
            flow: match sca.flow {
                connectors::ScaFlow::Challenge => "challenge".to_owned(),
                connectors::ScaFlow::Frictionless => "frictionless".to_owned(),
            },
            result: sca.result.as_str().to_owned(),
            eci: sca.eci.clone(),
            proof: event.refs.authentication.is_some(),
            at: Some(asked.at),
        });
    }
    if asked.kind == Kind::Authorise && news == OpState::Success {
        payment.chain = event.refs.chain.clone().or(payment.chain.take());
    }
    if news == OpState::Failed && matches!(asked.kind, Kind::Authorise | Kind::Authenticate) {
        let known = refusal(event);
        let raw = event.raw_code.clone().unwrap_or_default();
        payment.decline = Some(Decline { raw, ..decline_of(known) });
    }
}

/// A refusal in the words of the API.
#[must_use]
pub fn decline_of(known: connectors::Decline) -> Decline {
    let class = known.class();
    Decline {
        code: known.code().to_owned(),
        class: class.as_str().to_owned(),
        raw: String::new(),
        retry: class.retry_useful(),
        payer_text: known.payer_text().letter().unwrap_or('B').to_string(),
    }
}

fn captured_with_it(asked: &Operation, event: &Event, news: OpState) -> bool {
    asked.kind == Kind::Authorise && news == OpState::Success && event.status == Said::Captured
}

/// The capture that came in one step with an authorisation.
fn capture_of(asked: &Operation, event: &Event, with: &Learning<'_>) -> Operation {
    Operation {
        id: OperationId::new(with.now, with.rng),
        kind: Kind::Capture,
        state: OpState::Sent,
        code: Some("approved".to_owned()),
        authorisation: event.refs.authorisation.clone(),
        guarantee: None,
        source: Source::Connector,
        at: with.now,
        ..asked.clone()
    }
}

/// Ends an operation of which nothing left the house.
///
/// # Errors
/// [`Invariant`] when a rule of the money would break.
pub fn not_sent(
    payment: &mut Payment,
    operation: OperationId,
    code: &str,
) -> Result<(), Invariant> {
    if payment.settle(operation, OpState::Failed, Proof::Proven)?
        && let Some(o) = payment.operations.iter_mut().find(|o| o.id == operation)
    {
        o.code = Some(code.to_owned());
        NOTHING_SENT.clone_into(&mut o.raw.text);
        if matches!(o.kind, Kind::Authorise | Kind::Authenticate) {
            payment.decline = Some(unsent(code));
        }
    }
    Ok(())
}

/// Why a card request did not leave, in the words of a refusal.
fn unsent(code: &str) -> Decline {
    if let Some(known) = connectors::Decline::parse(code) {
        return decline_of(known);
    }
    let card = code.starts_with("card_");
    Decline {
        code: code.to_owned(),
        class: if card { "other_card" } else { "technical" }.to_owned(),
        raw: String::new(),
        retry: !card,
        payer_text: if card { "G" } else { "H" }.to_owned(),
    }
}
