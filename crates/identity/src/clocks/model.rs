//! What time it is in a shop.

use jiff::Span;
use kernel::{Timestamp, Zone};
use web::ShopClock;
use web::clock::MAX_STEP_DAYS;

const MINUTES_PER_DAY: i64 = 24 * 60;

/// A wish to move a clock.
#[derive(Debug, Clone, Copy)]
pub enum Move {
    /// To an instant; it then stands still.
    To(Timestamp),
    /// By a span of the shop's calendar; it then stands still.
    By(Span),
    /// Run on from where it is.
    Follow,
}

/// Why a clock was not moved.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ClockError {
    /// It only goes forward.
    #[error("a clock only goes forward; reset the test data to go back")]
    Backward,
    /// Further than [`MAX_STEP_DAYS`].
    #[error("at most {MAX_STEP_DAYS} days per call")]
    TooFar,
}

/// The shop's time at a real instant.
#[must_use]
pub const fn time_of(clock: ShopClock, real: Timestamp) -> Timestamp {
    match clock {
        ShopClock::Frozen(at) => at,
        ShopClock::Follows { ahead_micros } => {
            Timestamp::from_micros(real.as_micros().saturating_add(ahead_micros))
        }
    }
}

/// The clock after a move.
///
/// # Errors
/// [`ClockError`].
pub fn moved(
    clock: ShopClock,
    wish: Move,
    real: Timestamp,
    zone: &Zone,
) -> Result<ShopClock, ClockError> {
    let now = time_of(clock, real);
    let target = match wish {
        Move::Follow => return Ok(ShopClock::Follows { ahead_micros: now.micros_since(real) }),
        Move::To(target) => target,
        Move::By(span) => {
            let later = zone.local(now).checked_add(span).map_err(|_| ClockError::TooFar)?;
            Timestamp::from_micros(later.timestamp().as_microsecond())
        }
    };
    if target < now {
        return Err(ClockError::Backward);
    }
    if target > now.plus_minutes(MAX_STEP_DAYS.saturating_mul(MINUTES_PER_DAY)) {
        return Err(ClockError::TooFar);
    }
    Ok(ShopClock::Frozen(target))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        Timestamp::parse_rfc3339(text).unwrap()
    }

    const REAL: ShopClock = ShopClock::Follows { ahead_micros: 0 };

    #[test]
    fn p_161_forward_freezes_follow_runs_on() {
        let (paris, real) = (Zone::paris(), at("2026-11-21T10:00:00Z"));
        let later = real.plus_minutes(5);
        let frozen = moved(REAL, Move::By("PT36H".parse().unwrap()), real, &paris).unwrap();
        assert_eq!(time_of(frozen, later), at("2026-11-22T22:00:00Z"));
        assert_eq!(moved(frozen, Move::To(real), later, &paris), Err(ClockError::Backward));
        let follows = moved(frozen, Move::Follow, later, &paris).unwrap();
        assert_eq!(time_of(follows, later.plus_minutes(1)), at("2026-11-22T22:01:00Z"));
        let far = real.plus_minutes(401 * 24 * 60);
        assert_eq!(moved(REAL, Move::To(far), real, &paris), Err(ClockError::TooFar));
    }

    #[test]
    fn a_day_is_a_day_of_the_shop_across_the_clock_change() {
        let (paris, real) = (Zone::paris(), at("2026-10-24T10:00:00Z"));
        let day = moved(REAL, Move::By("P1D".parse().unwrap()), real, &paris).unwrap();
        assert_eq!(time_of(day, real), at("2026-10-25T11:00:00Z"));
        let back = moved(REAL, Move::By("-PT1H".parse().unwrap()), real, &paris);
        assert_eq!(back, Err(ClockError::Backward));
    }
}
