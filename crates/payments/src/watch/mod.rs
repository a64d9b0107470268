//! What a person must look at about a payment: raises tasks and settles them.
//!
//! A result that the bank owes becomes a task after [`UNKNOWN_MINUTES`], by the shop's clock, and
//! is settled in the commit that learns the result. A refund that the bank refused first and did
//! later becomes a task at once, in the commit that hears of it. So does money that came too late
//! where the contract takes no refunds; that task is settled when everything is given back.

mod store;

use std::sync::Arc;

use db::jobs::{self, Job, NewJob};
use db::{DbError, Route, Tx};
use identity::scope;
use kernel::{Id, JobId, PaymentId};
use web::tasks::{self, NewTask, Owner};
use web::worker::Work;
use web::{Context, JobKind, Next};

use crate::engine::learn::REFUND_DONE_LATE;
use crate::payment::rules::{self, Action};
use crate::payment::save::Pen;
use crate::payment::{Operation, Payment, store as payments};

pub use store::answers_owed;

/// The index of the slice.
pub const MIGRATION: db::Migration = db::Migration {
    name: "payments/watch/0001_unknown",
    sql: include_str!("schema/0001_unknown.sql"),
};

/// After so many minutes without a result a person is asked to look.
pub const UNKNOWN_MINUTES: i64 = 10;
/// Looks whether a result is still owed.
pub const STILL_UNKNOWN: &str = "payments.still_unknown";

/// Follows a payment that is being written, in the same commit.
///
/// # Errors
/// [`DbError`] of the engine.
pub(crate) fn follow(
    tx: &mut Tx<'_>,
    pen: &Pen<'_>,
    before: &Payment,
    after: &Payment,
) -> Result<(), DbError> {
    let owner = Owner::from(pen.scope);
    let object = after.id.to_string();
    match (before.unknown().is_some(), after.unknown().is_some()) {
        (false, true) => jobs::enqueue(tx, &look_later(pen, after))?,
        (true, false) => {
            tasks::settle(tx, owner, (tasks::PAYMENT_UNKNOWN, &object), pen.now)?;
        }
        _ => {}
    }
    let too_late = |p: &Payment| p.late && !p.served;
    if too_late(after) && !too_late(before) && rules::is_offered(after, Action::Refund) {
        let task = task(pen.rng, (tasks::PAID_TOO_LATE, &object), after);
        tasks::raise(tx, owner, &task, pen.now)?;
    }
    let owed = |p: &Payment| {
        too_late(p) && p.counters.refundable() > 0 && !rules::is_offered(p, Action::Refund)
    };
    match (owed(before), owed(after)) {
        (false, true) => {
            let task = task(pen.rng, (tasks::REFUND_ELSEWHERE, &object), after);
            tasks::raise(tx, owner, &task, pen.now)?;
        }
        (true, false) => {
            tasks::settle(tx, owner, (tasks::REFUND_ELSEWHERE, &object), pen.now)?;
        }
        _ => {}
    }
    let is_late = |o: &&Operation| o.code.as_deref() == Some(REFUND_DONE_LATE);
    for operation in after.operations.iter().filter(is_late) {
        let was = before.operation(operation.id).and_then(|o| o.code.as_deref());
        if was != Some(REFUND_DONE_LATE) {
            let task = task(pen.rng, (tasks::REFUND_DONE_LATE, &object), after);
            tasks::raise(tx, owner, &task, pen.now)?;
        }
    }
    Ok(())
}

fn task(rng: &dyn kernel::Rng, (kind, object): (&'static str, &str), of: &Payment) -> NewTask {
    NewTask {
        id: Id::random(rng),
        kind,
        object: object.to_owned(),
        note: of.order_ref.clone(),
        person: None,
        amount: None,
    }
}

fn look_later(pen: &Pen<'_>, payment: &Payment) -> NewJob {
    NewJob {
        id: JobId::new(pen.now, pen.rng),
        merchant: pen.scope.merchant(),
        mode: pen.scope.mode(),
        shop: payment.shop,
        kind: STILL_UNKNOWN,
        dedupe: Some(payment.id.to_string()),
        run_at: pen.now.plus_minutes(UNKNOWN_MINUTES),
        payload: serde_json::json!({ "payment": payment.id }),
    }
}

/// The handler of the planned look.
#[must_use]
pub fn job_kind(ctx: &Context) -> JobKind {
    let ctx = ctx.clone();
    let run = move |job: Job| -> Work<Result<Next, String>> {
        let ctx = ctx.clone();
        Box::pin(async move {
            let payment = job.payload["payment"].as_str().and_then(|text| text.parse().ok());
            let Some(payment) = payment else { return Err("no payment".to_owned()) };
            look(&ctx, &job, payment).await.map_err(|error| error.to_string())?;
            Ok(Next::Done)
        })
    };
    JobKind { kind: STILL_UNKNOWN, run: Arc::new(run) }
}

async fn look(ctx: &Context, job: &Job, id: PaymentId) -> Result<(), DbError> {
    let scope = scope::for_house(job.merchant, job.mode);
    let (rng, now) = (Arc::clone(&ctx.rng), job.run_at);
    let write = move |tx: &mut Tx<'_>| -> Result<(), DbError> {
        let Some(payment) = payments::find(tx, &scope, id)? else { return Ok(()) };
        if payment.unknown().is_none() {
            return Ok(());
        }
        let object = id.to_string();
        let task = task(rng.as_ref(), (tasks::PAYMENT_UNKNOWN, &object), &payment);
        tasks::raise(tx, Owner::from(&scope), &task, now)
    };
    ctx.db.write(Route::of(id.id()), write).await
}
