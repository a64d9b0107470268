//! Shares come one after the other, each from another person, within ten minutes.

use kernel::Timestamp;
use vault_wire::Unsealing;

use super::share::{self, Set, Share};
use crate::keys::Root;

/// Between the first share and the last.
pub(crate) const UNSEAL_MINUTES: i64 = 10;

/// Why a share was not taken. None says which of several is the wrong one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ShareError {
    /// No share, or a sign of it is wrong.
    #[error("this is no share, or a sign of it is wrong: type it again; it begins with gs1-")]
    Invalid,
    /// Whoever holds this one has given it already.
    #[error("this share was given already: another custodian is needed")]
    Duplicate,
    /// They are not of one set, or not of this vault.
    #[error("the shares do not belong together, or to another vault: all begin again")]
    SetWrong,
    /// The first one is older than ten minutes.
    #[error("more than ten minutes since the first share: all begin again")]
    Timeout,
}

impl ShareError {
    /// The stable code.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Invalid => "share_invalid",
            Self::Duplicate => "share_duplicate",
            Self::SetWrong => "share_set_wrong",
            Self::Timeout => "unseal_timeout",
        }
    }
}

/// What came of a share that was taken.
pub(crate) enum Taken {
    /// More are needed.
    More(Unsealing),
    /// It was the last one; nothing is kept of any.
    Whole(Whole),
}

/// A root that its custodians have brought together.
pub(crate) struct Whole {
    pub(crate) root: Root,
    pub(crate) set: Set,
    /// Whose shares they were.
    pub(crate) indexes: Vec<u8>,
    pub(crate) told: Unsealing,
}

/// The shares given so far, wiped when they are dropped.
#[derive(Default)]
pub(crate) struct Gathering {
    shares: Vec<Share>,
    until: Option<Timestamp>,
    /// The ten minutes of shares that were wiped were over before all had come.
    is_late: bool,
}

impl Gathering {
    /// How many were given, how many are needed, until when the others must come.
    pub(crate) fn state(&self) -> (u8, Option<u8>, Option<Timestamp>) {
        (self.given(), self.shares.first().map(|share| share.set.needed), self.until)
    }

    fn given(&self) -> u8 {
        u8::try_from(self.shares.len()).unwrap_or(u8::MAX)
    }

    /// Wipes shares whose ten minutes are over.
    pub(crate) fn tidy(&mut self, now: Timestamp) {
        if self.until.is_some_and(|until| until <= now) {
            *self = Self { is_late: true, ..Self::default() };
        }
    }

    /// Takes one more share.
    pub(crate) fn give(&mut self, text: &str, now: Timestamp) -> Result<Taken, ShareError> {
        self.tidy(now);
        let share = Share::parse(text).ok_or(ShareError::Invalid)?;
        if std::mem::take(&mut self.is_late) {
            return Err(ShareError::Timeout);
        }
        let until = self.until.unwrap_or_else(|| now.plus_seconds(UNSEAL_MINUTES * 60));
        if let Some(first) = self.shares.first()
            && first.set != share.set
        {
            *self = Self::default();
            return Err(ShareError::SetWrong);
        }
        if self.shares.iter().any(|known| known.index == share.index) {
            return Err(ShareError::Duplicate);
        }
        let set = share.set.clone();
        self.shares.push(share);
        self.until = Some(until);
        let told = Unsealing { given: self.given(), needed: set.needed, until };
        if told.given < told.needed {
            return Ok(Taken::More(told));
        }
        let shares = std::mem::take(self).shares;
        let root = Root::Here(share::combine(&shares).ok_or(ShareError::SetWrong)?);
        let indexes = shares.iter().map(|share| share.index).collect();
        Ok(Taken::Whole(Whole { root, set, indexes, told }))
    }
}

#[cfg(test)]
mod tests {
    use crate::keys::bytes::tests::counting;
    use crate::sealing::share::tests::{KNOWN, bent};

    use super::*;

    const NOW: Timestamp = Timestamp::from_micros(1_800_000_000_000_000);

    fn given(gathering: &mut Gathering, text: &str) -> Result<u8, ShareError> {
        gathering.give(text, NOW).map(|taken| match taken {
            Taken::More(told) => told.given,
            Taken::Whole(whole) => {
                assert_eq!(whole.root.bits().unwrap().expose(), counting(0).expose());
                100
            }
        })
    }

    #[test]
    fn ve_05_a_wrong_set_and_the_same_share_twice_open_nothing() {
        let mut gathering = Gathering::default();
        assert_eq!(given(&mut gathering, "gs1-x"), Err(ShareError::Invalid));
        assert_eq!(given(&mut gathering, KNOWN[0]), Ok(1));
        assert_eq!(given(&mut gathering, KNOWN[0]), Err(ShareError::Duplicate));
        assert_eq!(gathering.state().0, 1, "the first one still counts");
        assert_eq!(given(&mut gathering, &bent()), Err(ShareError::SetWrong));
        assert_eq!(gathering.state(), (0, None, None), "all begin again");
        assert_eq!(given(&mut gathering, KNOWN[2]), Ok(1));
        assert_eq!(given(&mut gathering, KNOWN[1]), Ok(100));
        assert_eq!(gathering.state(), (0, None, None));
        let of_another = share::split(&counting(1), (2, 3), &kernel::rng::OsRng).unwrap();
        assert_eq!(given(&mut gathering, KNOWN[2]), Ok(1));
        assert_eq!(given(&mut gathering, &of_another[0].text()), Err(ShareError::SetWrong));
    }

    #[test]
    fn v_126_after_ten_minutes_nothing_is_left_of_the_first_share() {
        let mut gathering = Gathering::default();
        assert_eq!(given(&mut gathering, KNOWN[0]), Ok(1));
        let late = NOW.plus_seconds(UNSEAL_MINUTES * 60);
        gathering.tidy(late.plus_seconds(-1));
        assert_eq!(gathering.state().0, 1);
        gathering.tidy(late);
        assert_eq!(gathering.state().0, 0);
        let told = gathering.give(KNOWN[1], late.plus_seconds(5)).err();
        assert_eq!(told, Some(ShareError::Timeout), "the second custodian learns why");
        assert_eq!(given(&mut gathering, KNOWN[1]), Ok(1), "and all begin again");
    }
}
