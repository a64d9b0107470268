//! How long a session lasts, and when someone has tried too often.

use kernel::{MerchantId, Mode, Timestamp, UserId};

/// Minutes without a request after which a session ends.
pub const IDLE_MINUTES: i64 = 15;
/// Hours after which a session ends whatever happens.
pub const TOTAL_HOURS: i64 = 12;
/// Seconds between two notes of the last request.
pub const SEEN_EVERY_SECONDS: i64 = 20;
/// Failed tries after which an account pauses.
pub const MAX_FAILURES: i64 = 5;
/// Failed tries, over all accounts, after which an address pauses: a desk with several people
/// behind one address must be able to mistype, someone who tries one password on many accounts
/// must not get far.
pub const MAX_FAILURES_OF_ADDRESS: i64 = 20;
/// Minutes of the pause, and after which failures are forgotten.
pub const PAUSE_MINUTES: i64 = 15;

/// A session as stored.
#[derive(Debug, Clone)]
pub struct Session {
    /// SHA-256 of the cookie.
    pub id_hash: [u8; 32],
    /// Whose pages it shows.
    pub merchant: MerchantId,
    /// Live or test.
    pub mode: Mode,
    /// Who signed in.
    pub user: UserId,
    /// When.
    pub began_at: Timestamp,
    /// Last noted request.
    pub seen_at: Timestamp,
    /// When it was ended by hand.
    pub ended_at: Option<Timestamp>,
}

/// Where a session stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Life {
    /// It lets in.
    Open,
    /// No request for [`IDLE_MINUTES`].
    Idle,
    /// Older than [`TOTAL_HOURS`], or ended.
    Over,
}

impl Session {
    /// Where it stands at an instant.
    #[must_use]
    pub fn life(&self, now: Timestamp) -> Life {
        let over = self.ended_at.is_some() || self.began_at.plus_minutes(TOTAL_HOURS * 60) <= now;
        match (over, self.seen_at.plus_minutes(IDLE_MINUTES) <= now) {
            (true, _) => Life::Over,
            (false, true) => Life::Idle,
            (false, false) => Life::Open,
        }
    }

    /// Whether the last request should be noted again.
    #[must_use]
    pub fn seen_is_stale(&self, now: Timestamp) -> bool {
        self.seen_at.plus_seconds(SEEN_EVERY_SECONDS) <= now
    }
}

/// Tries of one account or one address.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Attempts {
    /// Tries that failed or are still being checked.
    pub failures: i64,
    /// When they are forgotten.
    pub forgotten_at: Timestamp,
}

impl Attempts {
    /// Nobody tried.
    pub const NONE: Self = Self { failures: 0, forgotten_at: Timestamp::from_micros(0) };

    /// Counts one more try of at most `most`, or says until when to wait.
    ///
    /// # Errors
    /// The instant at which the pause ends.
    pub fn count(self, most: i64, now: Timestamp) -> Result<Self, Timestamp> {
        let known = if self.forgotten_at <= now { Self::NONE } else { self };
        if known.failures >= most {
            return Err(known.forgotten_at);
        }
        let forgotten_at = now.plus_minutes(PAUSE_MINUTES);
        Ok(Self { failures: known.failures.saturating_add(1), forgotten_at })
    }

    /// Takes one counted try back.
    #[must_use]
    pub fn give_back(self) -> Self {
        Self { failures: self.failures.saturating_sub(1).max(0), ..self }
    }
}

/// A page of this origin to go to after sign-in; anything else leads to the front page.
#[must_use]
pub fn safe_next(wish: &str) -> &str {
    let mut letters = wish.chars();
    let local = letters.next() == Some('/') && !matches!(letters.next(), Some('/' | '\\'));
    let plain = wish.chars().all(|c| c.is_ascii_graphic() && c != '\\');
    let own = ["/connexion", "/deconnexion"].iter().any(|path| wish.starts_with(path));
    if local && plain && !own { wish } else { "/" }
}

#[cfg(test)]
mod tests {
    use kernel::Id;
    use proptest::prelude::*;

    use super::*;

    fn at(minutes: i64) -> Timestamp {
        Timestamp::from_micros(0).plus_minutes(1_000_000 + minutes)
    }

    #[test]
    fn u_08_idle_after_15_minutes_over_after_12_hours() {
        let id = Id::from_bytes([7; 16]);
        let session = Session {
            id_hash: [0; 32],
            merchant: id.into(),
            mode: Mode::Test,
            user: id.into(),
            began_at: at(0),
            seen_at: at(0),
            ended_at: None,
        };
        assert_eq!(session.life(at(14)), Life::Open);
        assert_eq!(session.life(at(15)), Life::Idle);
        let busy = Session { seen_at: at(719), ..session.clone() };
        assert_eq!(busy.life(at(719)), Life::Open);
        assert_eq!(busy.life(at(720)), Life::Over);
        assert_eq!(Session { ended_at: Some(at(1)), ..session }.life(at(1)), Life::Over);
    }

    #[test]
    fn q_44_five_failures_pause_for_15_minutes() {
        let mut attempts = Attempts::NONE;
        for minute in 0..5 {
            attempts = attempts.count(MAX_FAILURES, at(minute)).unwrap();
        }
        assert_eq!(attempts.count(MAX_FAILURES, at(5)), Err(at(19)));
        assert_eq!(attempts.count(MAX_FAILURES, at(18)), Err(at(19)));
        assert_eq!(attempts.count(MAX_FAILURES, at(19)).unwrap().failures, 1);
    }

    #[test]
    fn only_own_pages_follow_sign_in() {
        assert_eq!(safe_next("/caisse?page=2"), "/caisse?page=2");
        for bad in ["", "https://evil.org", "//evil.org", "/\\evil.org", "/\t/evil.org", "caisse"] {
            assert_eq!(safe_next(bad), "/", "{bad}");
        }
    }

    proptest! {
        #[test]
        fn never_more_than_five_tries_in_a_row(gaps in prop::collection::vec(0_i64..20, 1..40)) {
            let (mut attempts, mut now, mut in_a_row) = (Attempts::NONE, 0, 0);
            for gap in gaps {
                now += gap;
                if gap >= PAUSE_MINUTES { in_a_row = 0; }
                match attempts.count(MAX_FAILURES, at(now)) {
                    Ok(next) => { in_a_row = if next.failures == 1 { 1 } else { in_a_row + 1 }; attempts = next; }
                    Err(until) => prop_assert!(until > at(now)),
                }
                prop_assert!(in_a_row <= MAX_FAILURES);
            }
        }
    }
}
