//! What happens to a case, inside a transaction; nothing here opens the network.

use connectors::case::{Case, CaseStage};
use db::jobs::{self as queue, NewJob};
use db::outbox::{self, NewEvent};
use db::{DbError, Tx};
use identity::audit;
use kernel::{
    AuditId, ChargebackId, Date, EventId, Id, Invariant, JobId, Money, OperationId, Scope,
};
use ledger::CaseMove;
use web::tasks::{self, NewTask, Owner};

use super::model::{Chargeback, Effect, Proof, Refused, State, Step};
use super::{deadlines, jobs, store};
use crate::inbox::model::Outcome;
use crate::payment::save::{self, Pen, SaveError};
use crate::payment::{
    Kind, Movement, OpState, Operation, Payment, Raw, Source, entries, store as payments,
};

/// Why a step was not written; nothing changed.
#[derive(Debug, thiserror::Error)]
pub(crate) enum CaseError {
    /// No such case of this merchant and mode.
    #[error("no such case")]
    NotFound,
    /// The case does not take this step now.
    #[error(transparent)]
    Refused(#[from] Refused),
    /// It could not be written.
    #[error(transparent)]
    Save(#[from] SaveError),
}

impl From<DbError> for CaseError {
    fn from(error: DbError) -> Self {
        Self::Save(error.into())
    }
}

impl From<Invariant> for CaseError {
    fn from(error: Invariant) -> Self {
        Self::Save(error.into())
    }
}

/// What a provider tells of a case.
pub(crate) struct Told<'a> {
    /// The connector account that tells.
    pub(crate) account: &'a str,
    /// The case.
    pub(crate) case: &'a Case,
    /// How much the bank takes back.
    pub(crate) amount: Option<Money>,
}

/// Applies what a provider tells of a case; nothing when its outcome comes before its opening.
pub(crate) fn told(
    tx: &mut Tx<'_>,
    pen: &Pen<'_>,
    payment: &Payment,
    told: &Told<'_>,
) -> Result<Option<Outcome>, SaveError> {
    let known = store::by_number(tx, pen.scope, (told.account, &told.case.number))?;
    let strange = |case: &Chargeback| {
        case.payment != payment.id || told.amount.is_some_and(|amount| amount != case.amount)
    };
    if known.as_ref().is_some_and(strange) {
        tracing::error!(
            case = %told.case.number, payment = %payment.id, told = ?told.amount,
            "ALARM: the bank tells of a case with another sale or amount"
        );
        return Ok(Some(Outcome::Quarantined));
    }
    let step = match (told.case.stage, known) {
        (CaseStage::Opened, Some(_)) => return Ok(Some(Outcome::Ignored)),
        (CaseStage::Opened, None) => return open(tx, pen, payment, told).map(Some),
        (_, None) => return Ok(None),
        (CaseStage::Won, Some(case)) => (case, Step::Win),
        (CaseStage::Lost, Some(case)) => (case, Step::Lose),
    };
    match advance(tx, pen, step, Source::Connector) {
        Ok(_) => Ok(Some(Outcome::Applied)),
        Err(CaseError::Refused(Refused::LaterRound)) => {
            tracing::error!(
                case = %told.case.number,
                "ALARM: the bank takes back a case that it had decided for the merchant"
            );
            Ok(Some(Outcome::Quarantined))
        }
        Err(CaseError::Refused(_) | CaseError::NotFound) => Ok(Some(Outcome::Ignored)),
        Err(CaseError::Save(error)) => Err(error),
    }
}

/// The bank took its debit back: a fact, whatever was given back before.
fn open(
    tx: &mut Tx<'_>,
    pen: &Pen<'_>,
    before: &Payment,
    told: &Told<'_>,
) -> Result<Outcome, SaveError> {
    let captured = before.money(before.counters.captured);
    let fits = |amount: &Money| {
        amount.currency() == captured.currency() && (1..=captured.minor()).contains(&amount.minor())
    };
    let Some(amount) = told.amount.filter(fits) else {
        tracing::error!(
            payment = %before.id, told = ?told.amount, ?captured,
            "ALARM: the bank takes back what was never debited"
        );
        return Ok(Outcome::Quarantined);
    };
    let case = opened(tx, pen, before, (told, amount))?;
    store::insert(tx, pen.scope, &case)?;
    let mut after = before.clone();
    if case.disputed > 0 {
        after.apply(Movement::Disputed(case.disputed))?;
    }
    after.operations.push(operation(pen, &case, (Kind::Chargeback, Source::Connector)));
    save::save(tx, pen, before, &mut after)?;
    entries::contested(tx, pen, &after, (case.id, CaseMove::Opened, amount))?;
    entries::contested(tx, pen, &after, (case.id, CaseMove::Fee, case.fee))?;
    agree(tx, pen.scope, &after)?;
    emit(tx, pen, &case, ("chargeback.opened", Source::Connector))?;
    let task = NewTask {
        id: Id::random(pen.rng),
        kind: tasks::CHARGEBACK_OPENED,
        object: case.id.to_string(),
        note: after.order_ref.clone(),
        person: None,
        amount: None,
    };
    tasks::raise(tx, Owner::from(pen.scope), &task, pen.now)?;
    plan(tx, pen, &case)?;
    Ok(Outcome::Applied)
}

fn opened(
    tx: &mut Tx<'_>,
    pen: &Pen<'_>,
    payment: &Payment,
    (told, amount): (&Told<'_>, Money),
) -> Result<Chargeback, DbError> {
    let case = told.case;
    let opened_on = save::zone(tx, pen.scope)?.date(pen.now);
    Ok(Chargeback {
        id: ChargebackId::new(pen.now, pen.rng),
        shop: payment.shop,
        payment: payment.id,
        order_ref: payment.order_ref.clone(),
        account: told.account.to_owned(),
        number: case.number.clone(),
        network: case.network.clone(),
        reason_code: case.reason_code.clone(),
        family: case.family,
        amount,
        disputed: amount.minor().min(payment.counters.refundable()),
        fee: payment.money(case.fee.map_or(0, |fee| fee.minor())),
        state: State::Opened,
        opened_at: pen.now,
        opened_on,
        respond_by: deadlines::respond_by(&case.network, opened_on, case.respond_by),
        proof: None,
        decided_at: None,
        reminded: 0,
        version: 1,
    })
}

fn plan(tx: &mut Tx<'_>, pen: &Pen<'_>, case: &Chargeback) -> Result<(), DbError> {
    let zone = save::zone(tx, pen.scope)?;
    let job = NewJob {
        id: JobId::new(pen.now, pen.rng),
        merchant: pen.scope.merchant(),
        mode: pen.scope.mode(),
        shop: case.shop,
        kind: jobs::DEADLINE,
        dedupe: Some(case.id.to_string()),
        run_at: jobs::next_look(case.respond_by, &zone, pen.now),
        payload: serde_json::json!({ "chargeback": case.id, "payment": case.payment }),
    };
    queue::enqueue(tx, &job)
}

/// Takes a step that the case takes now, with everything that follows from it.
pub(crate) fn advance(
    tx: &mut Tx<'_>,
    pen: &Pen<'_>,
    (case, step): (Chargeback, Step),
    source: Source,
) -> Result<Chargeback, CaseError> {
    let (state, effect) = case.state.after(step)?;
    let decided_at = (!state.is_open()).then_some(pen.now);
    let after = Chargeback { state, decided_at, ..case };
    write(tx, pen, &after)?;
    moved(tx, pen, &after, (effect, source))?;
    let kind = match (effect, step) {
        (Effect::Lost, _) => "chargeback.lost",
        (Effect::Won | Effect::Recovered, _) => "chargeback.won",
        (Effect::None, _) => "chargeback.submitted",
    };
    emit(tx, pen, &after, (kind, source))?;
    let task = (tasks::CHARGEBACK_OPENED, &*after.id.to_string());
    tasks::settle(tx, Owner::from(pen.scope), task, pen.now)?;
    Ok(after)
}

/// Writes a changed case whose version is still the one that was read.
pub(super) fn write(tx: &mut Tx<'_>, pen: &Pen<'_>, after: &Chargeback) -> Result<(), SaveError> {
    if store::update(tx, pen.scope, after)? { Ok(()) } else { Err(SaveError::Raced) }
}

/// Moves the money of a case.
fn moved(
    tx: &mut Tx<'_>,
    pen: &Pen<'_>,
    case: &Chargeback,
    (effect, source): (Effect, Source),
) -> Result<(), CaseError> {
    let part = case.disputed;
    let (kind, movement, entry) = match effect {
        Effect::None => return Ok(()),
        Effect::Lost => (Kind::ChargebackLost, Movement::DisputeLost(part), CaseMove::Lost),
        Effect::Won => (Kind::ChargebackWon, Movement::DisputeWon(part), CaseMove::Won),
        Effect::Recovered => {
            (Kind::ChargebackWon, Movement::DisputeRecovered(part), CaseMove::Recovered)
        }
    };
    let before = payments::find(tx, pen.scope, case.payment)?.ok_or(CaseError::NotFound)?;
    let mut after = before.clone();
    if part > 0 {
        after.apply(movement)?;
    }
    after.operations.push(operation(pen, case, (kind, source)));
    save::save(tx, pen, &before, &mut after)?;
    entries::contested(tx, pen, &after, (case.id, entry, case.amount))?;
    Ok(agree(tx, pen.scope, &after)?)
}

/// The counters of a payment are the sums over its cases.
pub(crate) fn agree(tx: &mut Tx<'_>, scope: &Scope, payment: &Payment) -> Result<(), DbError> {
    let cases = store::of_payment(tx, scope, payment.id)?;
    let sum = |of: fn(State) -> bool| -> i128 {
        let parts = cases.iter().filter(|case| of(case.state));
        parts.map(|case| i128::from(case.disputed)).sum()
    };
    kernel::ensure!(sum(State::is_open) == i128::from(payment.counters.disputed))?;
    kernel::ensure!(sum(State::is_against) == i128::from(payment.counters.charged_back))?;
    Ok(())
}

fn operation(pen: &Pen<'_>, case: &Chargeback, (kind, source): (Kind, Source)) -> Operation {
    Operation {
        id: OperationId::new(pen.now, pen.rng),
        kind,
        state: OpState::Success,
        amount: case.amount,
        attempt: 0,
        code: None,
        raw: Raw {
            code: case.reason_code.clone(),
            network: case.network.clone(),
            ..Raw::default()
        },
        authorisation: None,
        provider_id: Some(case.number.clone()),
        guarantee: None,
        author: pen.scope.actor().text(),
        source,
        reason: None,
        at: pen.now,
        sent_at: None,
        queries: 0,
        elsewhere: None,
        quiet: false,
    }
}

/// Tells outsiders of a case.
pub(super) fn emit(
    tx: &mut Tx<'_>,
    pen: &Pen<'_>,
    case: &Chargeback,
    (kind, source): (&'static str, Source),
) -> Result<(), DbError> {
    let mut body = case.json();
    if let Some(members) = body.as_object_mut() {
        members.insert("mode".into(), pen.scope.mode().as_str().into());
        members.insert(crate::notifications::body::SOURCE.into(), source.as_str().into());
    }
    let event = NewEvent {
        id: EventId::new(pen.now, pen.rng),
        kind,
        object: case.id.to_string(),
        shop: case.shop,
        body,
    };
    outbox::emit(tx, pen.scope, &event, pen.now)
}

/// What the merchant does about a case.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Answer {
    /// He gives up.
    Accept,
    /// He sent his proof.
    Submit(Proof),
}

/// The merchant answers, by page or API, with a line in the journal.
pub(crate) fn answer(
    tx: &mut Tx<'_>,
    pen: &Pen<'_>,
    (id, answer): (ChargebackId, &Answer),
    (origin, source): (&audit::Origin, Source),
) -> Result<Chargeback, CaseError> {
    let case = store::find(tx, pen.scope, id)?.ok_or(CaseError::NotFound)?;
    let (step, action) = match answer {
        Answer::Accept => (Step::Accept, "chargeback.accepted"),
        Answer::Submit(_) => (Step::Submit, "chargeback.submitted"),
    };
    let proof = match answer {
        Answer::Accept => case.proof.clone(),
        Answer::Submit(proof) => Some(proof.clone()),
    };
    let after = advance(tx, pen, (Chargeback { proof, ..case }, step), source)?;
    let line = audit::Line::new(action, after.payment, origin).after(after.json());
    audit::record(tx, pen.scope, &line, pen.real_now, AuditId::new(pen.real_now, pen.rng))?;
    Ok(after)
}

/// Whether a day of sending can be true: neither before the case nor after today.
pub(crate) fn is_sound(case: &Chargeback, sent_on: Date, today: Date) -> bool {
    (case.opened_on..=today).contains(&sent_on)
}
