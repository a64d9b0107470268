//! Names of the planned work of payments, and its instants. The handlers are in
//! [`crate::engine`].

use db::jobs::NewJob;
use db::outbox::Event;
use kernel::{JobId, Timestamp};
use web::Context;

/// Asks the bank what became of an operation.
pub const QUERY: &str = "payments.query";
/// Ends the payer's session.
pub const SESSION_END: &str = "payments.session_end";
/// Sends an authentication link once more.
pub const AUTHENTICATION_REMINDER: &str = "payments.authentication_reminder";
/// Sends a planned capture.
pub const CAPTURE_DUE: &str = "payments.capture_due";
/// Ends an authorisation whose validity passed.
pub const EXPIRE: &str = "payments.expire";
/// Warns that an authorisation which waits for a person lapses soon.
pub const EXPIRING: &str = "payments.expiring";
/// Gives back money for which there is no place.
pub const GIVE_BACK: &str = "payments.give_back";
/// Tells the vault until when a kept card stays.
pub const ATTACH_CARD: &str = "payments.attach_card";
/// Has the vault destroy a card that was given for one payment only.
pub const DROP_CARD: &str = "payments.drop_card";
/// Begins the day of the virtual cards of a shop.
pub const VIRTUAL_DAY: &str = "payments.virtual_day";
/// Mails the board of the virtual cards of a shop, on Mondays.
pub const VIRTUAL_DIGEST: &str = "payments.virtual_digest";
/// Looks at the cards that a shop keeps, each day at nine.
pub const CARD_MORNING: &str = "payments.card_morning";
/// Looks at a card that the vault has stored.
pub const CARD_STORED: &str = "payments.card_stored";
/// Tells the vault the end of a stay that moved.
pub const STAY_MOVED: &str = "payments.stay_moved";
/// Asks what became of the check of a card, and releases what it left authorised.
pub const VERIFICATION: &str = "payments.verification";

/// What follows from an event, at once and once for each event: a job of an earlier one that is
/// running has read what it works on already.
#[must_use]
pub fn after(
    ctx: &Context,
    event: &Event,
    (kind, payload): (&'static str, serde_json::Value),
) -> NewJob {
    let now = ctx.now(event.shop);
    NewJob {
        id: JobId::new(now, ctx.rng.as_ref()),
        merchant: event.merchant,
        mode: event.mode,
        shop: event.shop,
        kind,
        dedupe: Some(event.id.to_string()),
        run_at: now,
        payload,
    }
}

/// Hours before the end of an authorisation at which a warning is given.
pub const WARNING_HOURS: [i64; 3] = [72, 24, 4];

/// The next warning before the end of an authorisation; `None` after the last.
#[must_use]
pub fn next_warning(ends: Timestamp, now: Timestamp) -> Option<Timestamp> {
    let at = |hours: i64| ends.plus_seconds(hours.saturating_mul(-3_600));
    WARNING_HOURS.into_iter().map(at).find(|at| *at > now)
}

/// Instants of the questions to the bank, in seconds after the time-out; the last five follow
/// a day apart each.
pub const QUERY_PLAN_SECONDS: [i64; 11] =
    [5, 30, 120, 600, 3_600, 21_600, 108_000, 194_400, 280_800, 367_200, 453_600];
/// The first of them.
pub const FIRST_QUERY_SECONDS: i64 = 5;

/// Seconds from question number `asked` (from 1) to the next one; `None` after the last.
#[must_use]
pub fn seconds_to_next_query(asked: u32) -> Option<i64> {
    let index = usize::try_from(asked).ok()?;
    let next = QUERY_PLAN_SECONDS.get(index)?;
    let last = QUERY_PLAN_SECONDS.get(index.checked_sub(1)?)?;
    next.checked_sub(*last)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn p_27_three_warnings_before_an_authorisation_lapses() {
        let ends = Timestamp::from_micros(0).plus_seconds(7 * 86_400);
        let mut left = Vec::new();
        let mut now = Timestamp::from_micros(0);
        while let Some(at) = next_warning(ends, now) {
            left.push((ends.as_seconds() - at.as_seconds()) / 3_600);
            now = at;
        }
        assert_eq!(left, WARNING_HOURS);
        assert_eq!(next_warning(ends, ends.plus_seconds(-3_600)), None);
    }

    #[test]
    fn p_17_questions_after_the_time_out() {
        let mut at = vec![FIRST_QUERY_SECONDS];
        for asked in 1.. {
            let Some(wait) = seconds_to_next_query(asked) else { break };
            at.push(at.last().unwrap() + wait);
        }
        let (day, hour) = (86_400, 3_600);
        let six = 6 * hour;
        let days = (1..=5).map(|n| six + n * day);
        let plan: Vec<i64> = [5, 30, 120, 600, hour, six].into_iter().chain(days).collect();
        assert_eq!(at, plan);
    }
}
