//! A request for an agreement: asked, answered, ended by itself.

use std::sync::Arc;

use db::jobs::{self, Job, NewJob};
use db::{DbError, Route, Tx};
use identity::{audit, scope, users};
use kernel::{Actor, ApprovalId, AuditId, Id, JobId, Scope, ShopId, UserId, format};
use web::tasks::{self, NewTask, Owner};
use web::worker::Work;
use web::{JobKind, Next};

use super::HOURS;
use super::describe::Names;
use super::model::{Answer, Approval, Refused, State, read_refusal};
use super::store;
use crate::engine::desk::{Ask, DeskError, Planned, What};
use crate::engine::{Dispatch, Engine};
use crate::payment::save::SaveError;
use crate::payment::{self, Payment, Source};

/// Ends a request that nobody answered.
const ENDS: &str = "payments.approval_end";

/// Keeps what a member of staff would do above his ceiling and asks those who may. Gives the
/// request that waits for the payment: this one, or the one that was there before.
///
/// # Errors
/// [`DeskError`] as if it were done now; nothing is written then.
pub fn ask(
    tx: &mut Tx<'_>,
    engine: &Engine,
    scope: &Scope,
    (ask, what): (&Ask, &What),
) -> Result<ApprovalId, DeskError> {
    let (amount, expected) = match what {
        What::Refund { amount, expected } | What::Record { amount, expected, .. } => {
            (*amount, *expected)
        }
        What::Capture(_) | What::Cancel | What::Validate => return Err(DeskError::BadAmount),
    };
    let Actor::User(asker) = scope.actor() else { return Err(DeskError::BadAmount) };
    let unlimited = Ask { ceiling: None, ..ask.clone() };
    let payment = engine.admit(tx, scope, &unlimited, what)?;
    let now = engine.ctx.now(payment.shop);
    let open = store::latest(tx, scope, payment.id)?;
    if let Some(open) = open.filter(|open| open.state == State::Awaiting) {
        if open.state_at(now) == State::Awaiting {
            return Ok(open.id);
        }
        let over = Approval { state: State::Expired, ..open };
        end(tx, engine, scope, (&over, &payment, &ask.origin))?;
    }
    let rng = engine.ctx.rng.as_ref();
    let approval = Approval {
        id: ApprovalId::new(now, rng),
        payment: payment.id,
        what: what.clone(),
        reason: ask.reason.clone(),
        asked_by: asker,
        asked_at: now,
        expires_at: now.plus_minutes(HOURS.saturating_mul(60)),
        state: State::Awaiting,
        decided_by: None,
        decided_at: None,
        why: None,
    };
    store::insert(tx, scope, &approval, (amount, expected))?;
    let task = NewTask {
        amount: Some(amount.minor()),
        ..task(engine, (tasks::APPROVAL_ASKED, &approval), note(tx, &approval, &payment)?)
    };
    tasks::raise(tx, Owner::from(scope), &task, now)?;
    jobs::enqueue(tx, &end_later(engine, scope, (&approval, payment.shop)))?;
    record(tx, engine, scope, ("approval.asked", &approval, &ask.origin))?;
    Ok(approval.id)
}

/// What came of an answer.
#[derive(Debug)]
pub(super) enum Came {
    /// The operation is stored and must leave.
    Go(Box<Dispatch>),
    /// The request has ended, by this answer or before it.
    Ended,
    /// Nothing was done for now, and the request stays.
    Stays(DeskError),
}

/// Who answers, and with which ceiling.
pub(super) struct Decider<'a> {
    /// The person.
    pub(super) scope: &'a Scope,
    /// The most he may give back in one operation; none is no limit.
    pub(super) ceiling: Option<i64>,
    /// From where.
    pub(super) origin: &'a audit::Origin,
}

/// Answers a request.
///
/// # Errors
/// [`DeskError`]: nothing is written.
pub(super) fn decide(
    tx: &mut Tx<'_>,
    engine: &Engine,
    by: &Decider<'_>,
    (id, answer): (ApprovalId, Answer),
) -> Result<Came, DeskError> {
    let approval = store::find(tx, by.scope, id)?.ok_or(DeskError::NotFound)?;
    let payment = payment::store::find(tx, by.scope, approval.payment)?;
    let payment = payment.ok_or(DeskError::NotFound)?;
    if approval.state != State::Awaiting {
        return Ok(Came::Ended);
    }
    if !approval.is_within(by.ceiling) {
        return Ok(Came::Stays(DeskError::AboveCeiling(payment.money(by.ceiling.unwrap_or(0)))));
    }
    let Actor::User(person) = by.scope.actor() else { return Ok(Came::Ended) };
    let answered = Approval { decided_by: Some(person), ..approval.clone() };
    let ask = Ask {
        payment: payment.id,
        version: None,
        source: Source::Desk,
        reason: approval.reason.clone(),
        origin: by.origin.clone(),
        ceiling: by.ceiling,
        quiet: false,
    };
    let ended = match (approval.state_at(engine.ctx.now(payment.shop)), answer) {
        (State::Expired, _) => Approval { state: State::Expired, ..approval },
        (_, Answer::Decline) => Approval { state: State::Declined, ..answered },
        (_, Answer::Grant) => match engine.admit(tx, by.scope, &ask, &approval.what) {
            Ok(_) => Approval { state: State::Granted, ..answered },
            Err(DeskError::Save(SaveError::Db(error))) => return Err(error.into()),
            Err(error) => match read_refusal(&error) {
                Refused::ForNow => return Ok(Came::Stays(error)),
                Refused::ForGood(why) => {
                    Approval { state: State::Overtaken, why: Some(why.into()), ..answered }
                }
            },
        },
    };
    if !end(tx, engine, by.scope, (&ended, &payment, by.origin))? || ended.state != State::Granted {
        return Ok(Came::Ended);
    }
    Ok(match engine.plan_operation(tx, by.scope, &ask, &ended.what)? {
        Planned::Go(dispatch) => Came::Go(dispatch),
        Planned::Done(_) => Came::Ended,
    })
}

/// Ends a request: its task, the journal, and a task of whoever asked. False when it had ended.
fn end(
    tx: &mut Tx<'_>,
    engine: &Engine,
    scope: &Scope,
    (ended, payment, origin): (&Approval, &Payment, &audit::Origin),
) -> Result<bool, DbError> {
    let now = engine.ctx.now(payment.shop);
    if !store::end(tx, scope, ended, now)? {
        return Ok(false);
    }
    let (kind, line) = match ended.state {
        State::Granted => (tasks::APPROVAL_GRANTED, "approval.granted"),
        State::Declined => (tasks::APPROVAL_DECLINED, "approval.declined"),
        State::Overtaken => (tasks::APPROVAL_OVERTAKEN, "approval.overtaken"),
        State::Expired | State::Awaiting => (tasks::APPROVAL_EXPIRED, "approval.expired"),
    };
    let asked = (tasks::APPROVAL_ASKED, &*ended.id.to_string());
    tasks::finish(tx, scope, asked, now)?;
    let told = NewTask {
        person: Some(ended.asked_by),
        ..task(engine, (kind, ended), note(tx, ended, payment)?)
    };
    tasks::raise(tx, Owner::from(scope), &told, now)?;
    record(tx, engine, scope, (line, ended, origin))?;
    Ok(true)
}

fn task(engine: &Engine, (kind, about): (&'static str, &Approval), note: String) -> NewTask {
    NewTask {
        id: Id::random(engine.ctx.rng.as_ref()),
        kind,
        object: about.id.to_string(),
        note,
        person: None,
        amount: None,
    }
}

/// The reference, how much, who asked and why: in a line, whatever the language.
fn note(tx: &mut Tx<'_>, approval: &Approval, payment: &Payment) -> Result<String, DbError> {
    let merchant_words = kernel::Locale::Fr;
    let amount = approval.amount().map(|amount| format::money(amount, merchant_words));
    let parts = [
        Some(payment.order_ref.clone()),
        amount,
        name_of(tx, approval.asked_by)?,
        approval.reason.clone(),
    ];
    Ok(parts.into_iter().flatten().collect::<Vec<_>>().join(" · "))
}

/// The names of whoever took part.
///
/// # Errors
/// [`DbError`] of the engine.
pub fn names(tx: &mut Tx<'_>, approval: &Approval) -> Result<Names, DbError> {
    let decider = match approval.decided_by {
        Some(user) => name_of(tx, user)?,
        None => None,
    };
    Ok(Names {
        asker: name_of(tx, approval.asked_by)?.unwrap_or_default(),
        decider: decider.unwrap_or_default(),
    })
}

/// The name of a member of staff.
fn name_of(tx: &mut Tx<'_>, user: UserId) -> Result<Option<String>, DbError> {
    Ok(users::store::find(tx, user)?.map(|user| user.name))
}

fn record(
    tx: &mut Tx<'_>,
    engine: &Engine,
    scope: &Scope,
    (action, approval, origin): (&'static str, &Approval, &audit::Origin),
) -> Result<(), DbError> {
    let after = serde_json::json!({
        "request": approval.id,
        "operation": approval.what.action(),
        "amount": approval.amount().map(|amount| amount.minor()),
        "currency": approval.amount().map(|amount| amount.currency()),
        "asked_by": approval.asked_by,
        "reason": approval.reason,
        "why": approval.why,
    });
    let line = audit::Line::new(action, approval.payment, origin).after(after);
    let now = engine.ctx.real_now();
    audit::record(tx, scope, &line, now, AuditId::new(now, engine.ctx.rng.as_ref()))
}

fn end_later(engine: &Engine, scope: &Scope, (approval, shop): (&Approval, ShopId)) -> NewJob {
    NewJob {
        id: JobId::new(approval.asked_at, engine.ctx.rng.as_ref()),
        merchant: scope.merchant(),
        mode: scope.mode(),
        shop,
        kind: ENDS,
        dedupe: Some(approval.id.to_string()),
        run_at: approval.expires_at,
        payload: serde_json::json!({ "approval": approval.id }),
    }
}

/// The handler that ends what nobody answered.
#[must_use]
pub fn job_kind(engine: &Engine) -> JobKind {
    let engine = engine.clone();
    let run = move |job: Job| -> Work<Result<Next, String>> {
        let engine = engine.clone();
        Box::pin(async move {
            let id = job.payload["approval"].as_str().and_then(|text| text.parse().ok());
            let Some(id) = id else { return Err("no request".to_owned()) };
            let house = scope::for_house(job.merchant, job.mode);
            let own = engine.clone();
            let work = move |tx: &mut Tx<'_>| expire(tx, &own, &house, id);
            let done = engine.ctx.db.write(Route::of(job.shop.id()), work).await;
            done.map(|()| Next::Done).map_err(|error: DbError| error.to_string())
        })
    };
    JobKind { kind: ENDS, run: Arc::new(run) }
}

fn expire(tx: &mut Tx<'_>, engine: &Engine, house: &Scope, id: ApprovalId) -> Result<(), DbError> {
    let Some(approval) = store::find(tx, house, id)? else { return Ok(()) };
    let Some(payment) = payment::store::find(tx, house, approval.payment)? else { return Ok(()) };
    let over = Approval { state: State::Expired, ..approval };
    end(tx, engine, house, (&over, &payment, &audit::Origin::default())).map(|_| ())
}
