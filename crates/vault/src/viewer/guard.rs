//! Counting tries: what a wrong one costs, whatever happens in between.
//!
//! A try is counted as wrong before the PIN is looked at, and that count is durable; a right PIN
//! then gives it back. So a process that is killed in between has counted, and nobody gets a free
//! try by killing it.

use kernel::Timestamp;

/// Wrong tries in a row that lock.
pub(crate) const TRIES: u32 = 5;
const MOST_TRIES: u32 = 10;
pub(crate) const LOCK_MINUTES: i64 = 30;
const DAY_MINUTES: i64 = 24 * 60;

/// Where the counting stands.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Guard {
    /// Wrong tries in a row.
    pub(crate) tries: u32,
    /// When the lock opens.
    pub(crate) locked_until: Option<Timestamp>,
    /// When it last shut.
    pub(crate) locked_at: Option<Timestamp>,
    /// Shut until a new enrolment.
    pub(crate) blocked: bool,
}

/// Why nobody may try.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Shut {
    /// Until then.
    Until(Timestamp),
    /// Until a new enrolment.
    Blocked,
}

impl Guard {
    /// Whether anybody may try now.
    pub(crate) fn open(&self, now: Timestamp) -> Result<(), Shut> {
        match self.locked_until {
            _ if self.blocked => Err(Shut::Blocked),
            Some(until) if now < until => Err(Shut::Until(until)),
            _ => Ok(()),
        }
    }

    /// One more try, taken as wrong.
    pub(crate) fn count(mut self, now: Timestamp) -> Result<Self, Shut> {
        self.open(now)?;
        self.locked_until = None;
        self.tries = self.tries.saturating_add(1);
        if self.tries.is_multiple_of(TRIES) {
            let again = self.locked_at.is_some_and(|at| now < at.plus_minutes(DAY_MINUTES));
            self.blocked = again || self.tries >= MOST_TRIES;
            self.locked_until = Some(now.plus_minutes(LOCK_MINUTES));
            self.locked_at = Some(now);
        }
        Ok(self)
    }

    /// After a right PIN: nothing of this try counts, but an earlier lock is remembered.
    pub(crate) const fn forgiven(before: Self) -> Self {
        Self { tries: 0, locked_until: None, locked_at: before.locked_at, blocked: false }
    }

    /// Tries left before the next lock.
    pub(crate) const fn left(&self) -> u32 {
        TRIES.saturating_sub(self.tries % TRIES)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(minutes: i64) -> Timestamp {
        Timestamp::from_micros(0).plus_minutes(10 * 60 + minutes)
    }

    fn wrong(mut guard: Guard, times: u32, now: Timestamp) -> Guard {
        for _ in 0..times {
            guard = guard.count(now).unwrap();
        }
        guard
    }

    #[test]
    fn ve_08_five_wrong_lock_and_five_more_within_a_day_block() {
        let locked = wrong(Guard::default(), 5, at(0));
        assert_eq!(locked.open(at(29)), Err(Shut::Until(at(30))));
        assert_eq!(locked.count(at(29)), Err(Shut::Until(at(30))), "not even counted");
        let counted = locked.count(at(30)).unwrap();
        assert_eq!(counted.open(at(30)), Ok(()), "a sixth try may be right");
        let open = Guard::forgiven(locked);
        assert_eq!((open.tries, open.left()), (0, 5));
        let blocked = wrong(open, 5, at(60));
        assert_eq!(blocked.open(at(60 * 24 * 9)), Err(Shut::Blocked));
        let next_day = wrong(open, 5, at(25 * 60));
        assert_eq!(next_day.open(at(25 * 60)), Err(Shut::Until(at(25 * 60 + 30))));
    }

    #[test]
    fn v_59_ten_wrong_in_a_row_block_and_a_fifth_that_is_right_does_not_lock() {
        let locked = wrong(Guard::default(), 5, at(0));
        let far = at(60 * 24 * 2);
        assert_eq!(wrong(locked, 5, far).open(far.plus_minutes(60)), Err(Shut::Blocked));
        let four = wrong(Guard::default(), 4, at(0));
        assert_eq!(four.left(), 1);
        assert!(four.count(at(0)).unwrap().locked_until.is_some(), "counted as if wrong");
        assert_eq!(Guard::forgiven(four).open(at(0)), Ok(()));
    }
}
