//! The clock of a case: reminders, and the end of its time.

use std::sync::Arc;

use db::jobs::Job;
use db::{Route, Tx};
use identity::scope;
use kernel::time::plus_days;
use kernel::{ChargebackId, Date, PaymentId, Scope, Timestamp, Zone};
use serde::Deserialize;
use web::worker::Work;
use web::{JobKind, Next};

use super::model::{Chargeback, State, Step};
use super::ops::{self, CaseError};
use super::store;
use crate::Engine;
use crate::payment::Source;
use crate::payment::save::{self, Pen};

/// Reminds of a case, then ends it.
pub const DEADLINE: &str = "payments.chargeback";
/// Days before the last one on which staff is reminded.
pub const REMINDER_DAYS: [i64; 3] = [7, 3, 1];
/// Hour (local) of a reminder.
pub const REMINDER_HOUR: i8 = 9;

/// When a case is looked at next: at a reminder, or when its time is over.
#[must_use]
pub fn next_look(respond_by: Date, zone: &Zone, now: Timestamp) -> Timestamp {
    let reminder =
        |days: i64| zone.at(plus_days(respond_by, days.saturating_neg()), REMINDER_HOUR, 0);
    let mut reminders = REMINDER_DAYS.into_iter().map(reminder);
    reminders.find(|at| *at > now).unwrap_or_else(|| over(respond_by, zone))
}

/// When the time to answer is over.
fn over(respond_by: Date, zone: &Zone) -> Timestamp {
    zone.start_of(plus_days(respond_by, 1))
}

#[derive(Debug, Clone, Copy, Deserialize)]
struct Payload {
    chargeback: ChargebackId,
    payment: PaymentId,
}

/// The handler.
#[must_use]
pub fn job_kind(engine: &Engine) -> JobKind {
    let engine = engine.clone();
    let run = move |job: Job| -> Work<Result<Next, String>> {
        let engine = engine.clone();
        Box::pin(async move {
            let payload: Payload =
                serde_json::from_value(job.payload.clone()).map_err(|error| error.to_string())?;
            let house = scope::for_house(job.merchant, job.mode);
            let own = engine.clone();
            let work = move |tx: &mut Tx<'_>| look(tx, &own, &house, payload.chargeback);
            let route = Route::of(payload.payment.id());
            let next = engine.ctx.db.write(route, work).await;
            next.map_err(|error: CaseError| error.to_string())
        })
    };
    JobKind { kind: DEADLINE, run: Arc::new(run) }
}

fn look(
    tx: &mut Tx<'_>,
    engine: &Engine,
    house: &Scope,
    id: ChargebackId,
) -> Result<Next, CaseError> {
    let open = store::find(tx, house, id)?.filter(|case| case.state == State::Opened);
    let Some(case) = open else { return Ok(Next::Done) };
    let (pen, zone) = (engine.pen(house, case.shop), save::zone(tx, house)?);
    if pen.now >= over(case.respond_by, &zone) {
        ops::advance(tx, &pen, (case, Step::Deadline), Source::Clock)?;
        return Ok(Next::Done);
    }
    let next = next_look(case.respond_by, &zone, pen.now);
    remind(tx, &pen, case, zone.date(pen.now))?;
    Ok(Next::Again(next))
}

/// Reminds once for each number of days left.
fn remind(tx: &mut Tx<'_>, pen: &Pen<'_>, case: Chargeback, today: Date) -> Result<(), CaseError> {
    let reached = |days: &i64| today >= plus_days(case.respond_by, days.saturating_neg());
    let left = REMINDER_DAYS.into_iter().rev().find(reached);
    let Some(days) = left.filter(|days| *days != case.reminded) else { return Ok(()) };
    let after = Chargeback { reminded: days, ..case };
    ops::write(tx, pen, &after)?;
    Ok(ops::emit(tx, pen, &after, ("chargeback.deadline_near", Source::Clock))?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn s_84_worked_example_23_reminders_seven_three_and_one_day_before() {
        let zone = Zone::paris();
        let day = |text: &str| -> Date { text.parse().unwrap() };
        let mut now = zone.at(day("2026-08-10"), 12, 0);
        let mut looks = Vec::new();
        while now < over(day("2026-08-25"), &zone) {
            now = next_look(day("2026-08-25"), &zone, now);
            looks.push(zone.date(now));
        }
        let wanted = ["2026-08-18", "2026-08-22", "2026-08-24", "2026-08-26"].map(day);
        assert_eq!(looks, wanted);
    }
}
