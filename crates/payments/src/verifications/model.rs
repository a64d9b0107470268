//! A verification, its limits and what it says of a card.

use connectors::{Class, Decline, Event, Status};
use kernel::{CardToken, Money, ShopId, Timestamp, VerificationId};

use super::{MOST_PER_CARD, MOST_PER_DAY};
use crate::payment::words::words;

words! {
    /// How a card is checked.
    Way {
        /// An account check: amount zero.
        Zero => "zero",
        /// A small authorisation, released at once.
        OneUnit => "one_euro",
    }
}

words! {
    /// Which way is asked for.
    Wish {
        /// Zero where the connector can, else the small amount.
        Auto => "auto",
        /// Amount zero only.
        Zero => "zero",
        /// The small amount only.
        OneUnit => "one_euro",
    }
}

words! {
    /// How far a verification is.
    State {
        /// At the bank.
        Sent => "sent",
        /// No answer; the bank is being asked.
        Unknown => "unknown",
        /// The issuer accepts the card.
        Verified => "verified",
        /// The issuer refuses the card.
        Failed => "failed",
        /// The answer says nothing of the card, or never came.
        Unverified => "unverified",
        /// Nothing left the house: it does not count.
        NotSent => "not_sent",
    }
}

words! {
    /// How far the release of the small amount is.
    VoidState {
        /// To be sent.
        Due => "due",
        /// At the bank, or no answer came: it is asked about before anything else.
        Sent => "sent",
        /// Released.
        Done => "done",
        /// Left to a person.
        Left => "left",
    }
}

/// Waits before a release that failed is tried again, in seconds after the try before.
pub const VOID_WAITS_SECONDS: [i64; 4] = [60, 300, 1_800, 21_600];

/// One check of one card.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verification {
    /// Its id; also our reference at the bank.
    pub id: VerificationId,
    /// The shop.
    pub shop: ShopId,
    /// The card.
    pub card: CardToken,
    /// How it is checked.
    pub way: Way,
    /// What is authorised; zero for an account check.
    pub amount: Money,
    /// How far it is.
    pub state: State,
    /// Why the issuer did not accept.
    pub decline: Option<Decline>,
    /// The bank's own code.
    pub raw_code: Option<String>,
    /// The issuer forbids further tries.
    pub stop: bool,
    /// The bank's authorisation, which its release cites.
    pub authorisation: Option<String>,
    /// How far the release is; nothing where there is none.
    pub void: Option<VoidState>,
    /// Releases sent.
    pub void_tries: u32,
    /// Questions to the bank about it.
    pub queries: u32,
    /// When it was asked for, by the shop's clock.
    pub at: Timestamp,
    /// When it was answered.
    pub answered_at: Option<Timestamp>,
}

impl Verification {
    /// One of a card of a shop whose question leaves for the issuer.
    #[must_use]
    pub const fn sent(
        id: VerificationId,
        (shop, card): (ShopId, CardToken),
        (way, amount): (Way, Money),
        at: Timestamp,
    ) -> Self {
        Self {
            id,
            shop,
            card,
            way,
            amount,
            state: State::Sent,
            decline: None,
            raw_code: None,
            stop: false,
            authorisation: None,
            void: None,
            void_tries: 0,
            queries: 0,
            at,
            answered_at: None,
        }
    }

    /// Our reference of the release sent last.
    #[must_use]
    pub fn void_reference(&self) -> String {
        format!("{}-v{}", self.id, self.void_tries)
    }

    /// The word that outsiders read of a decline.
    #[must_use]
    pub fn class(&self) -> Option<&'static str> {
        self.decline.and_then(class)
    }

    /// As it stands after what the bank said.
    #[must_use]
    pub fn answered(&self, event: &Event, now: Timestamp) -> Self {
        let heard = Self { answered_at: Some(now), ..self.clone() };
        match (event.status, event.decline) {
            (Status::Authorised | Status::PartiallyAuthorised | Status::Captured, _) => Self {
                state: State::Verified,
                authorisation: event.refs.authorisation.clone(),
                void: (self.way == Way::OneUnit).then_some(VoidState::Due),
                ..heard
            },
            (Status::Refused, decline) => {
                let decline = decline.unwrap_or(Decline::DoNotHonour);
                Self {
                    state: declined(decline),
                    decline: Some(decline),
                    raw_code: event.raw_code.clone(),
                    stop: decline.class() == Class::Never,
                    ..heard
                }
            }
            _ => Self { state: State::Unknown, ..self.clone() },
        }
    }

    /// Whether an amount may still be reserved on the card.
    #[must_use]
    pub const fn holds(&self) -> bool {
        matches!(self.void, Some(VoidState::Due | VoidState::Sent))
    }

    /// The first instant after `after` at which its release is looked at again; nothing after the
    /// last.
    #[must_use]
    pub fn next_release(&self, after: Timestamp) -> Option<Timestamp> {
        let mut at = self.answered_at.unwrap_or(self.at);
        VOID_WAITS_SECONDS.iter().find_map(|wait| {
            at = at.plus_seconds(*wait);
            (at > after).then_some(at)
        })
    }

    /// As the events of a card tell it.
    #[must_use]
    pub fn event_body(&self) -> serde_json::Value {
        serde_json::json!({
            "id": self.id,
            "card": self.card,
            "status": self.state.as_str(),
            "method": self.way.as_str(),
            "at": self.answered_at,
            "decline_code": self.class(),
        })
    }

    /// Whether it says something of the card.
    const fn concludes(&self) -> bool {
        match self.state {
            State::Verified | State::Failed => true,
            State::Unverified => self.decline.is_some(),
            State::Sent | State::Unknown | State::NotSent => false,
        }
    }
}

/// What a decline says of the card; nothing when it speaks of the line or the contract.
#[must_use]
pub const fn class(decline: Decline) -> Option<&'static str> {
    Some(match decline {
        Decline::InvalidCard => "invalid_number",
        Decline::LostOrStolen => "lost_stolen",
        Decline::ExpiredCard => "expired",
        Decline::InsufficientFunds | Decline::LimitExceeded => "insufficient",
        Decline::AuthenticationRequired => "sca_required",
        _ => match decline.class() {
            Class::Technical | Class::Config | Class::Cancelled | Class::Risk => return None,
            _ => "refused",
        },
    })
}

/// Where a decline leaves the card: a limit or a wish for strong authentication proves nothing
/// against it.
#[must_use]
pub fn declined(decline: Decline) -> State {
    match class(decline) {
        None | Some("insufficient" | "sca_required") => State::Unverified,
        Some(_) => State::Failed,
    }
}

/// What is known of a card.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Standing {
    /// The verification that says so; nothing when the card was never checked.
    pub says: Option<Verification>,
    /// One is under way.
    pub pending: bool,
}

impl Standing {
    /// From the verifications of a card, newest first.
    #[must_use]
    pub fn of(all: &[Verification]) -> Self {
        Self {
            says: all.iter().find(|one| one.concludes()).cloned(),
            pending: all.first().is_some_and(|one| one.state == State::Sent),
        }
    }

    /// `pending`, `verified`, `failed` or `unverified`.
    #[must_use]
    pub fn status(&self) -> &'static str {
        match &self.says {
            _ if self.pending => "pending",
            Some(one) => one.state.as_str(),
            None => State::Unverified.as_str(),
        }
    }

    /// As a card shows it.
    #[must_use]
    pub fn shown(&self) -> vault_wire::Verification {
        let says = self.says.as_ref();
        vault_wire::Verification {
            status: self.status().to_owned(),
            method: says.map(|one| one.way.as_str().to_owned()),
            at: says.map(|one| one.answered_at.unwrap_or(one.at)),
            decline_code: says.and_then(Verification::class).map(str::to_owned),
        }
    }
}

/// Why a card is not checked now; nothing was sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refusal {
    /// Too often.
    Limit {
        /// When it is possible again, if ever.
        next: Option<Timestamp>,
        /// How long to wait before asking again.
        seconds: u32,
    },
    /// Its issuer said "never again".
    DoNotRetry,
    /// The code was to go along, and none is held.
    NoCode,
    /// Past its expiry month.
    Expired,
    /// It is blocked.
    Suspended,
    /// The small amount is not for virtual cards.
    NotForVirtual,
    /// The connector has no check of amount zero.
    NoZero,
    /// A live shop that is not open yet.
    ShopNotOpen,
    /// A virtual card that opens at this instant only.
    NotActive(Timestamp),
}

const DAY_SECONDS: u32 = 86_400;

/// Whether a card may be checked once more, from its verifications, newest first.
///
/// # Errors
/// [`Refusal`].
pub fn admit(all: &[Verification], now: Timestamp) -> Result<(), Refusal> {
    if all.iter().any(|one| one.stop) {
        return Err(Refusal::DoNotRetry);
    }
    let counted: Vec<&Verification> =
        all.iter().filter(|one| one.state != State::NotSent).collect();
    if counted.len() >= MOST_PER_CARD {
        return Err(Refusal::Limit { next: None, seconds: DAY_SECONDS });
    }
    let free = |one: &Verification| one.at.plus_seconds(DAY_SECONDS.into());
    match counted.get(MOST_PER_DAY.saturating_sub(1)) {
        Some(oldest) if free(oldest) > now => {
            let wait = free(oldest).micros_since(now).div_euclid(1_000_000).saturating_add(1);
            let seconds = u32::try_from(wait).unwrap_or(DAY_SECONDS);
            Err(Refusal::Limit { next: Some(free(oldest)), seconds })
        }
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use kernel::rng::SeededRng;

    use super::*;

    fn one(state: State, at: &str) -> Verification {
        let (rng, at) = (SeededRng::new(1), Timestamp::parse_rfc3339(at).unwrap());
        let (id, shop) = (VerificationId::new(at, &rng), ShopId::random(&rng));
        let of = (shop, CardToken::random(&rng));
        Verification { state, ..Verification::sent(id, of, (Way::Zero, Money::eur(0)), at) }
    }

    #[test]
    fn v_44_declines_are_told_in_six_words_and_two_prove_nothing() {
        let of = |decline| (class(decline), declined(decline));
        assert_eq!(of(Decline::InvalidCard), (Some("invalid_number"), State::Failed));
        assert_eq!(of(Decline::LostOrStolen), (Some("lost_stolen"), State::Failed));
        assert_eq!(of(Decline::ExpiredCard), (Some("expired"), State::Failed));
        assert_eq!(of(Decline::DoNotHonour), (Some("refused"), State::Failed));
        assert_eq!(of(Decline::InsufficientFunds), (Some("insufficient"), State::Unverified));
        let wants = of(Decline::AuthenticationRequired);
        assert_eq!(wants, (Some("sca_required"), State::Unverified));
        assert_eq!(of(Decline::IssuerUnavailable), (None, State::Unverified));
    }

    #[test]
    fn v_43_a_release_that_fails_is_tried_after_1_5_30_minutes_and_6_hours() {
        let mut held = one(State::Verified, "2026-11-23T12:00:00Z");
        held.answered_at = Some(held.at);
        let (mut looks, mut now) = (Vec::new(), held.at);
        while let Some(next) = held.next_release(now) {
            looks.push(next.micros_since(now) / 60_000_000);
            now = next;
        }
        assert_eq!(looks, [1, 5, 30, 360]);
    }

    #[test]
    fn v_45_two_in_a_day_ten_in_a_life_and_none_after_never_again() {
        let now = Timestamp::parse_rfc3339("2026-11-23T12:00:00Z").unwrap();
        let early = one(State::Verified, "2026-11-22T13:00:00Z");
        let late = one(State::Unverified, "2026-11-23T09:00:00Z");
        assert_eq!(admit(std::slice::from_ref(&late), now), Ok(()));
        let free = Timestamp::parse_rfc3339("2026-11-23T13:00:00Z").unwrap();
        let both = [late.clone(), early.clone()];
        assert_eq!(admit(&both, now), Err(Refusal::Limit { next: Some(free), seconds: 3_601 }));
        assert_eq!(admit(&both, free), Ok(()), "24 hours later");
        let unsent = [late, one(State::NotSent, "2026-11-22T13:00:00Z")];
        assert_eq!(admit(&unsent, now), Ok(()), "what never left does not count");
        let ten = vec![one(State::Failed, "2026-01-01T00:00:00Z"); MOST_PER_CARD];
        assert!(matches!(admit(&ten, now), Err(Refusal::Limit { next: None, .. })));
        let stopped = Verification { stop: true, ..early };
        assert_eq!(admit(&[stopped], now), Err(Refusal::DoNotRetry));
    }

    #[test]
    fn v_43_a_silence_does_not_undo_what_the_issuer_said() {
        let silent = one(State::Unknown, "2026-11-23T10:00:00Z");
        let good = one(State::Verified, "2026-11-20T10:00:00Z");
        assert_eq!(Standing::of(&[]).status(), "unverified");
        assert_eq!(Standing::of(std::slice::from_ref(&silent)).status(), "unverified");
        assert_eq!(Standing::of(&[silent, good.clone()]).status(), "verified");
        let running = one(State::Sent, "2026-11-23T11:00:00Z");
        assert_eq!(Standing::of(&[running, good]).status(), "pending");
    }
}
