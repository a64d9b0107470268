//! The one writer of payments: what changed is written with everything that follows from it.
//!
//! A caller reads a payment, changes it in memory, and hands both to [`save`]. In the same
//! commit go the derived status, the operations, the ledger entries, the events, the planned
//! jobs, and the word to what is paid for. So none of them can exist without the others.

use std::sync::Arc;

use db::jobs::NewJob;
use db::{DbError, Tx, jobs, outbox};
use identity::merchants;
use kernel::{EventId, Invariant, JobId, Rng, Scope, Timestamp, Zone};
use ledger::LedgerError;
use serde_json::{Value, json};

use super::model::{
    CaptureMode, Card, KeepCard, Payment, Purpose, Session, ThreedsWish, Validation,
};
use super::operation::{Kind, OpState, Operation};
use super::status::{Group, Status};
use super::{entries, guarantee, operations, store, validity, whence};
use crate::attempts;
use crate::authentication_links;
use crate::contract::Contract;
use crate::jobs as names;
use crate::subject::{Confirmation, Occasion, Served, Subject, SubjectError, keeper};

/// Hour (local) at which planned captures are sent.
pub const CUT_OFF_HOUR: i8 = 23;

/// What a unit of work writes with.
#[derive(Clone, Copy)]
pub struct Pen<'a> {
    /// Whose data.
    pub scope: &'a Scope,
    /// The shop's clock.
    pub now: Timestamp,
    /// Real time.
    pub real_now: Timestamp,
    /// Randomness for names.
    pub rng: &'a dyn Rng,
    /// The address of whoever asks; empty where the payment itself knows better.
    pub from: &'a str,
    /// Who answers for what is paid for.
    pub subjects: &'a [Arc<dyn Subject>],
}

/// Why a payment could not be written; the unit of work must end with it.
#[derive(Debug, thiserror::Error)]
pub enum SaveError {
    /// Somebody else wrote it meanwhile.
    #[error("written by somebody else meanwhile")]
    Raced,
    /// The shop of the payment is not known.
    #[error("unknown shop")]
    UnknownShop,
    /// The database failed.
    #[error(transparent)]
    Db(#[from] DbError),
    /// A rule of the house did not hold.
    #[error(transparent)]
    Invariant(#[from] Invariant),
    /// The ledger refused.
    #[error(transparent)]
    Ledger(#[from] LedgerError),
    /// What is paid for could not take the news.
    #[error(transparent)]
    Subject(#[from] SubjectError),
}

/// The zone in which the merchant's days begin and end.
///
/// # Errors
/// [`DbError`] of the engine.
pub fn zone(tx: &mut Tx<'_>, scope: &Scope) -> Result<Zone, DbError> {
    Ok(merchants::store::merchant(tx, scope)?.map_or_else(Zone::paris, |m| m.zone))
}

/// Writes a changed payment with everything that follows. `before` is the payment as read in
/// this same transaction.
///
/// # Errors
/// [`SaveError`]; the unit of work must end with it.
pub fn save(
    tx: &mut Tx<'_>,
    pen: &Pen<'_>,
    before: &Payment,
    after: &mut Payment,
) -> Result<(), SaveError> {
    if after == before {
        return Ok(());
    }
    let zone = zone(tx, pen.scope)?;
    after.derive();
    authentication_links::ops::follow(tx, pen, before, after)?;
    let mut confirmation = None;
    if after.counters.authorised > before.counters.authorised {
        accepted(after, before, pen, &zone);
        after.derive();
        confirmation = confirm(tx, pen, after)?;
        after.derive();
    }
    refresh_guarantee(before, after, pen, &zone);
    after.version = before.version.checked_add(1).ok_or(Invariant { rule: "versions fit" })?;
    after.updated_at = pen.now;
    write(tx, pen, before, after)?;
    note_refusals(tx, pen, before, after)?;
    entries::post(tx, pen, before, after)?;
    emit(tx, pen, before, after)?;
    plan(tx, pen, before, after, &zone)?;
    crate::watch::follow(tx, pen, before, after)?;
    if let Some(confirmation) = confirmation {
        keep_card(tx, pen, after, &confirmation)?;
    }
    tell_loss(tx, pen, before, after)
}

/// Facts of the first accepted authorisation.
fn accepted(after: &mut Payment, before: &Payment, pen: &Pen<'_>, zone: &Zone) {
    let network = after.card.as_ref().map_or("", Card::network);
    let connector = Contract::of(pen.scope, after.shop).connector;
    let line = validity::line(validity::SEED, connector, network, after.initiator);
    after.capture_before = line.map(|line| line.ends(pen.now, zone));
    after.validity_line = line.map(|line| line.text());
    after.late = after.late || before.status.group() == Group::NotPaid;
    after.decline = None;
}

fn confirm(
    tx: &mut Tx<'_>,
    pen: &Pen<'_>,
    after: &mut Payment,
) -> Result<Option<Confirmation>, SaveError> {
    if after.served {
        return Ok(None);
    }
    let Some(subject) = subject_of(pen, after) else {
        after.served = true;
        return Ok(None);
    };
    let from = whence::of(tx, pen, after)?;
    let occasion = Occasion { now: pen.now, from: &from };
    match subject.on_paid(tx, pen.scope, after, occasion)? {
        Served::Yes(confirmation) => {
            after.served = true;
            after.booking = confirmation.booking.or(after.booking);
            Ok(Some(confirmation))
        }
        Served::PlaceGone => {
            after.late = true;
            Ok(None)
        }
    }
}

/// Who answers for what a payment pays for.
pub(crate) fn subject_of<'a>(pen: &Pen<'a>, payment: &Payment) -> Option<&'a Arc<dyn Subject>> {
    let wanted = payment.subject.as_ref()?;
    pen.subjects.iter().find(|subject| subject.kind() == wanted.kind)
}

/// Who is asked before a charge leaves: who answers for what it pays for, else the keeper of the
/// booking whose rest its holder was asked for by a link, days before he confirms it.
pub(crate) fn guard_of<'a>(pen: &Pen<'a>, payment: &Payment) -> Option<&'a Arc<dyn Subject>> {
    let of_booking = payment.subject.is_none() && payment.booking.is_some();
    let rest = payment.purpose == Purpose::Balance;
    let asked = of_booking && rest && payment.threeds_wish == ThreedsWish::Mandate;
    subject_of(pen, payment).or_else(|| keeper(pen.subjects).filter(|_| asked))
}

fn refresh_guarantee(before: &Payment, after: &mut Payment, pen: &Pen<'_>, zone: &Zone) {
    let captured_more = after.counters.captured > before.counters.captured;
    if !captured_more && after.counters.authorised == before.counters.authorised {
        return;
    }
    let day = if captured_more { Some(zone.date(pen.now)) } else { after.capture_on };
    let value = guarantee::of(after, day, zone);
    let fresh: Vec<kernel::OperationId> = after
        .operations
        .iter()
        .filter(|o| matches!(o.kind, Kind::Authorise | Kind::Capture))
        .filter(|o| o.state == OpState::Success)
        .filter(|o| before.operation(o.id).is_none_or(|old| old.state != OpState::Success))
        .map(|o| o.id)
        .collect();
    for operation in after.operations.iter_mut().filter(|o| fresh.contains(&o.id)) {
        operation.guarantee = Some(value.clone());
    }
    after.guarantee = Some(value);
}

fn write(
    tx: &mut Tx<'_>,
    pen: &Pen<'_>,
    before: &Payment,
    after: &Payment,
) -> Result<(), SaveError> {
    if !store::update(tx, pen.scope, after, before.version)? {
        return Err(SaveError::Raced);
    }
    for (position, operation) in (1_i64..).zip(&after.operations) {
        match before.operation(operation.id) {
            None => operations::store::insert(tx, pen.scope, after.id, position, operation)?,
            Some(old) if old != operation => {
                kernel::ensure!(old.amount == operation.amount && old.kind == operation.kind)?;
                if !operations::store::update(tx, pen.scope, operation, old.state)? {
                    return Err(SaveError::Raced);
                }
            }
            Some(_) => {}
        }
    }
    Ok(())
}

/// What the bank refused counts against its card and the address it came from.
fn note_refusals(
    tx: &mut Tx<'_>,
    pen: &Pen<'_>,
    before: &Payment,
    after: &Payment,
) -> Result<(), DbError> {
    let refused = after.operations.iter().filter(|o| {
        o.kind == Kind::Authorise && o.state == OpState::Failed && !o.raw.code.is_empty()
    });
    for operation in refused {
        if before.operation(operation.id).is_some_and(|old| old.state == OpState::Failed) {
            continue;
        }
        let class = operation.code.as_deref().and_then(connectors::Decline::parse);
        let class = class.map_or(connectors::Class::OtherCard, connectors::Decline::class);
        if !is_of_the_card(class) {
            continue;
        }
        let class = class.as_str();
        let (place, at) = ((after.id, operation.attempt), (pen.now, pen.real_now));
        attempts::store::note_refusal(tx, pen.scope, place, class, at)?;
    }
    Ok(())
}

/// Whether a refusal says something of the card, rather than of the line or the contract.
const fn is_of_the_card(class: connectors::Class) -> bool {
    use connectors::Class::{FixData, Never, OtherCard, RetryLater, Risk};
    matches!(class, FixData | Never | OtherCard | RetryLater | Risk)
}

fn emit(
    tx: &mut Tx<'_>,
    pen: &Pen<'_>,
    before: &Payment,
    after: &Payment,
) -> Result<(), SaveError> {
    let mut kinds: Vec<&'static str> = Vec::new();
    if before.status != after.status {
        kinds.extend(status_event(after.status));
    }
    for operation in &after.operations {
        let was = before.operation(operation.id).map(|old| old.state);
        if was != Some(operation.state) {
            kinds.extend(operation_event(operation));
        }
    }
    let given = |p: &Payment| p.capture.validation == Validation::Given;
    if given(after) && !given(before) {
        kinds.push("payment.validated");
    }
    let value = |p: &Payment| p.guarantee.as_ref().map(|g| g.value);
    if before.guarantee.is_some() && value(before) != value(after) {
        kinds.push("guarantee.changed");
    }
    let (source, quiet) =
        (source(pen, before, after), changed(before, after).is_some_and(|o| o.quiet));
    for kind in kinds {
        let event = outbox::NewEvent {
            id: EventId::new(pen.now, pen.rng),
            kind,
            object: after.id.to_string(),
            shop: after.shop,
            body: super::json::event_body_from(after, (source, quiet)),
        };
        outbox::emit(tx, pen.scope, &event, pen.now)?;
    }
    Ok(())
}

/// The operation that changed last.
fn changed<'p>(before: &Payment, after: &'p Payment) -> Option<&'p Operation> {
    after.operations.iter().rev().find(|o| before.operation(o.id) != Some(o))
}

/// Through which door the change came: that of the operation that changed last, else of whoever
/// acts.
fn source(pen: &Pen<'_>, before: &Payment, after: &Payment) -> &'static str {
    changed(before, after)
        .map_or_else(|| pen.scope.actor().door(), |operation| operation.source.as_str())
}

/// One event per movement of money, whatever the status does meanwhile: the verification counts
/// them.
const fn operation_event(operation: &Operation) -> Option<&'static str> {
    match (operation.kind, operation.state) {
        (Kind::Capture, OpState::Success) => Some("payment.captured"),
        (Kind::Refund, OpState::Sent) => Some("refund.sent"),
        (Kind::Refund, OpState::Success) if operation.elsewhere.is_some() => {
            Some("refund.recorded")
        }
        (Kind::Refund, OpState::Success) => Some("refund.done"),
        (Kind::Refund, OpState::Failed) => Some("refund.refused"),
        _ => None,
    }
}

const fn status_event(status: Status) -> Option<&'static str> {
    Some(match status {
        Status::ActionRequired => "payment.action_required",
        Status::Authorised => "payment.authorised",
        Status::ToValidate => "payment.to_validate",
        Status::Refused => "payment.refused",
        Status::Abandoned => "payment.abandoned",
        Status::Unknown => "payment.unknown",
        Status::Cancelled => "payment.cancelled",
        Status::Expired => "payment.expired",
        Status::CaptureFailed => "payment.capture_failed",
        Status::Settled => "payment.settled",
        _ => return None,
    })
}

/// Plans what the clock must do about the payment.
fn plan(
    tx: &mut Tx<'_>,
    pen: &Pen<'_>,
    before: &Payment,
    after: &Payment,
    zone: &Zone,
) -> Result<(), SaveError> {
    for operation in &after.operations {
        let was = before.operation(operation.id).map(|old| old.state);
        if was != Some(operation.state) && waits_for_query(operation) {
            let at = pen.now.plus_seconds(names::FIRST_QUERY_SECONDS);
            let what = json!({"payment": after.id, "operation": operation.id});
            enqueue(tx, pen, after, (names::QUERY, operation.id.to_string(), at, what))?;
        }
    }
    let payment = json!({"payment": after.id});
    let mut planned = Vec::new();
    if after.session == Session::Open && before.session_ends != after.session_ends {
        planned.extend(after.session_ends.map(|at| (names::SESSION_END, at)));
    }
    let accepted = after.counters.authorised > before.counters.authorised;
    if accepted && after.counters.capturable() > 0 {
        planned.extend(after.capture_before.map(|at| (names::EXPIRE, at.plus_seconds(1))));
        if after.waits_for_a_person() {
            let warning = after.capture_before.and_then(|end| names::next_warning(end, pen.now));
            planned.extend(warning.map(|at| (names::EXPIRING, at)));
        }
        if after.capture.mode == CaptureMode::Auto {
            let on = after.capture_on.filter(|_| !after.capture.is_now());
            planned.extend(on.map(|day| (names::CAPTURE_DUE, zone.at(day, CUT_OFF_HOUR, 0))));
        }
    }
    let given = before.capture.validation == Validation::Pending
        && after.capture.validation == Validation::Given;
    if given && after.capture.is_now() {
        planned.push((names::CAPTURE_DUE, pen.now));
    }
    if accepted && !after.served {
        planned.push((names::GIVE_BACK, pen.now));
    }
    let spent = |p: &Payment| p.card.is_some() && !p.may_need_card();
    if let Some(card) = after.card.as_ref().filter(|card| card.single_use)
        && spent(after)
        && !spent(before)
    {
        let what = json!({"payment": after.id, "card": card.id});
        enqueue(tx, pen, after, (names::DROP_CARD, card.id.to_string(), pen.now, what))?;
    }
    for (kind, at) in planned {
        let word = format!("{}:{}", after.id, after.version);
        enqueue(tx, pen, after, (kind, word, at, payment.clone()))?;
    }
    Ok(())
}

fn waits_for_query(operation: &Operation) -> bool {
    match operation.state {
        OpState::Unknown => operation.kind != Kind::Authenticate,
        OpState::Pending => {
            matches!(operation.kind, Kind::Authorise | Kind::Capture | Kind::Void | Kind::Refund)
        }
        _ => false,
    }
}

fn enqueue(
    tx: &mut Tx<'_>,
    pen: &Pen<'_>,
    payment: &Payment,
    (kind, dedupe, run_at, payload): (&'static str, String, Timestamp, Value),
) -> Result<(), DbError> {
    let job = NewJob {
        id: JobId::new(pen.now, pen.rng),
        merchant: pen.scope.merchant(),
        mode: pen.scope.mode(),
        shop: payment.shop,
        kind,
        dedupe: Some(dedupe),
        run_at,
        payload,
    };
    jobs::enqueue(tx, &job)
}

/// A kept card follows its booking: the vault learns until when.
fn keep_card(
    tx: &mut Tx<'_>,
    pen: &Pen<'_>,
    after: &Payment,
    confirmation: &Confirmation,
) -> Result<(), SaveError> {
    let (Some(booking), Some(check_out), Some(card)) =
        (confirmation.booking, confirmation.check_out, after.card.as_ref().filter(|c| c.kept))
    else {
        return Ok(());
    };
    if after.keep_card == KeepCard::Booking {
        let what = json!({
            "payment": after.id, "card": card.id, "booking": booking,
            "check_out": check_out.to_string(),
        });
        enqueue(tx, pen, after, (names::ATTACH_CARD, after.id.to_string(), pen.now, what))?;
    }
    Ok(())
}

fn tell_loss(
    tx: &mut Tx<'_>,
    pen: &Pen<'_>,
    before: &Payment,
    after: &Payment,
) -> Result<(), SaveError> {
    let without_money =
        |p: &Payment| p.status.group() == Group::NotPaid || p.status == Status::Refunded;
    let place_gone = after.late && !after.served;
    if without_money(after)
        && !without_money(before)
        && !place_gone
        && let Some(subject) = subject_of(pen, after)
    {
        let from = whence::of(tx, pen, after)?;
        subject.on_lost(tx, pen.scope, after, Occasion { now: pen.now, from: &from })?;
    }
    Ok(())
}
