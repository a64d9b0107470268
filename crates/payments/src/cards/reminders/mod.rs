//! Reminders before a property shows security codes for the last time.
//!
//! **What it is.** A property that shows a code once does so up to a day of its own choice. Thirty
//! and seven days before it, the people who manage its settings get a mail each and find one task.
//! After that day new codes are not kept; what is held goes on to its own end.
//!
//! **Always true.** Mail and task are written in the commit that notes that they were: whatever
//! dies, nobody is reminded twice of one day, and after a pause of the house he is reminded late
//! rather than never. A last day counts from the first morning on which the vault holds it: one that
//! was refused, or taken back on the same day, leaves what was told as it is. Another one starts
//! anew, and what of it had passed on that morning is not told.
//!
//! **Limits.** It is looked at once a morning ([`super::morning`]), by the property's clock.

mod letters;
pub mod store;

use db::{DbError, Tx};
use identity::users::people::holding;
use kernel::time::nights_between;
use kernel::{Date, Id, Right, ShopId, Zone};
use web::Context;
use web::tasks::{self, NewTask, Owner};

use self::store::Reminder;
use crate::payment::save::Pen;

/// The table.
pub const MIGRATION: db::Migration = db::Migration {
    name: "payments/cards/0063_card_reminder",
    sql: include_str!("schema/0063_card_reminder.sql"),
};

/// Days before the last one on which people are reminded.
const REMIND_DAYS: [i64; 2] = [30, 7];

/// Which reminder is due so many days before the last one, if any, after the one `told` last.
fn due(told: Option<i64>, days: i64) -> Option<i64> {
    let level = REMIND_DAYS.into_iter().filter(|level| days <= *level).min()?;
    (days >= 0 && told.is_none_or(|told| told > level)).then_some(level)
}

/// The last reminder that so many days before the last one is past already.
fn passed(days: i64) -> Option<i64> {
    REMIND_DAYS.into_iter().filter(|level| days < *level).min()
}

/// Notes until when codes are shown once, on the first morning that finds it so.
fn begin(
    tx: &mut Tx<'_>,
    pen: &Pen<'_>,
    (shop, zone, until): (ShopId, &Zone, Date),
) -> Result<(), DbError> {
    let known = store::find(tx, pen.scope, shop)?;
    if known.is_some_and(|known| known.until == until) {
        return Ok(());
    }
    let told = passed(nights_between(zone.date(pen.now), until));
    store::put(tx, pen.scope, (shop, &Reminder { until, told }))
}

/// Reminds the people of a shop if it is time.
///
/// # Errors
/// [`DbError`] of the engine.
pub(super) fn remind(
    tx: &mut Tx<'_>,
    (ctx, pen): (&Context, &Pen<'_>),
    (shop, zone, until): (ShopId, &Zone, Option<Date>),
) -> Result<(), DbError> {
    let (owner, object) = (Owner::from(pen.scope), shop.to_string());
    let days = until.map(|until| nights_between(zone.date(pen.now), until));
    let Some((until, days)) = until.zip(days).filter(|(_, days)| *days >= 0) else {
        store::forget(tx, pen.scope, shop)?;
        return tasks::settle(tx, owner, (tasks::CODES_ENDING, &object), pen.now).map(|_| ());
    };
    begin(tx, pen, (shop, zone, until))?;
    let told = store::find(tx, pen.scope, shop)?.and_then(|known| known.told);
    let Some(level) = due(told, days) else {
        if told.is_none() {
            tasks::settle(tx, owner, (tasks::CODES_ENDING, &object), pen.now)?;
        }
        return Ok(());
    };
    store::put(tx, pen.scope, (shop, &Reminder { until, told: Some(level) }))?;
    for user in holding(tx, pen.scope, (Right::SettingsManage, shop))? {
        letters::send(tx, (ctx, pen), (&user, shop), (until, days))?;
    }
    let task = NewTask {
        id: Id::random(pen.rng),
        kind: tasks::CODES_ENDING,
        object,
        note: until.to_string(),
        person: None,
        amount: None,
    };
    tasks::raise(tx, owner, &task, pen.now)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn v_12_each_reminder_is_due_once_and_a_late_one_replaces_those_before_it() {
        assert_eq!(due(None, 31), None);
        assert_eq!(due(None, 30), Some(30));
        assert_eq!(due(Some(30), 29), None);
        assert_eq!(due(Some(30), 7), Some(7));
        assert_eq!(due(Some(7), 0), None);
        assert_eq!(due(None, 3), Some(7), "the house slept");
        assert_eq!(due(None, -1), None, "over");
    }

    #[test]
    fn v_12_what_had_passed_when_the_end_was_set_is_not_told() {
        assert_eq!((passed(31), passed(30), passed(20)), (None, None, Some(30)));
        assert_eq!(due(passed(20), 20), None);
        assert_eq!(due(passed(20), 7), Some(7));
        assert_eq!(passed(2), Some(7));
    }
}
