//! A case: its states, and what each event does to the money.

use connectors::case::CaseFamily;
use kernel::target::last_working_day;
use kernel::{ChargebackId, Date, Money, PaymentId, ShopId, Timestamp};
use serde_json::{Value, json};

use crate::payment::words::words;

/// Longest description of the proof that was sent.
pub const MAX_PROOF_CHARACTERS: usize = 2_000;

words! {
    /// How far a case is.
    State {
        /// The bank asks for an answer.
        Opened => "opened",
        /// The merchant has sent his proof.
        Submitted => "submitted",
        /// The merchant gave up.
        Accepted => "accepted",
        /// The time to answer is over.
        Expired => "expired",
        /// The bank gave the money back.
        Won => "won",
        /// The bank keeps it with the payer.
        Lost => "lost",
    }
}

impl State {
    /// Whether the money is still in question.
    #[must_use]
    pub const fn is_open(self) -> bool {
        matches!(self, Self::Opened | Self::Submitted)
    }

    /// Whether the money is lost, as things stand.
    #[must_use]
    pub const fn is_against(self) -> bool {
        matches!(self, Self::Accepted | Self::Expired | Self::Lost)
    }
}

/// What happens to a case.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// The merchant sent his proof.
    Submit,
    /// The merchant gives up.
    Accept,
    /// The time to answer is over.
    Deadline,
    /// The bank decided for the merchant.
    Win,
    /// The bank decided against him.
    Lose,
}

/// What a step does to the money.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Effect {
    /// Nothing.
    None,
    /// What was in question is lost.
    Lost,
    /// What was in question is back.
    Won,
    /// What was lost is back.
    Recovered,
}

/// Why a step is not taken; nothing changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// The proof is at the bank already, and is not replaced.
    #[error("proof was sent already")]
    AlreadySubmitted,
    /// The case has ended.
    #[error("the case has ended")]
    Ended,
    /// The bank said this before.
    #[error("known already")]
    Known,
    /// The bank takes back what it had decided for the merchant: a round that is not known here.
    #[error("a later round")]
    LaterRound,
}

impl State {
    /// The next state, and what the step does to the money.
    ///
    /// # Errors
    /// [`Refused`].
    pub const fn after(self, step: Step) -> Result<(Self, Effect), Refused> {
        match (self, step) {
            (Self::Opened, Step::Submit) => Ok((Self::Submitted, Effect::None)),
            (Self::Opened, Step::Accept) => Ok((Self::Accepted, Effect::Lost)),
            (Self::Opened, Step::Deadline) => Ok((Self::Expired, Effect::Lost)),
            (Self::Opened | Self::Submitted, Step::Win) => Ok((Self::Won, Effect::Won)),
            (Self::Opened | Self::Submitted, Step::Lose) => Ok((Self::Lost, Effect::Lost)),
            (Self::Accepted | Self::Expired | Self::Lost, Step::Win) => {
                Ok((Self::Won, Effect::Recovered))
            }
            (Self::Submitted, Step::Submit | Step::Accept | Step::Deadline) => {
                Err(Refused::AlreadySubmitted)
            }
            (Self::Won, Step::Lose) => Err(Refused::LaterRound),
            (Self::Won, Step::Win) | (Self::Accepted | Self::Expired | Self::Lost, Step::Lose) => {
                Err(Refused::Known)
            }
            (_, Step::Submit | Step::Accept | Step::Deadline) => Err(Refused::Ended),
        }
    }
}

/// The proof that the merchant sent by himself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Proof {
    /// On which day.
    pub sent_on: Date,
    /// What was sent, or where it lies.
    pub text: String,
}

/// A sale that is contested.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Chargeback {
    /// Its id.
    pub id: ChargebackId,
    /// The shop.
    pub shop: ShopId,
    /// The payment.
    pub payment: PaymentId,
    /// Its reference.
    pub order_ref: String,
    /// The connector account that told of it.
    pub account: String,
    /// The provider's number of the case.
    pub number: String,
    /// The network of the card.
    pub network: String,
    /// The network's code of the reason.
    pub reason_code: String,
    /// What the reason comes to.
    pub family: CaseFamily,
    /// What the bank took back.
    pub amount: Money,
    /// The part of it that was still there, in minor units.
    pub disputed: i64,
    /// What the bank asks for the case.
    pub fee: Money,
    /// How far it is.
    pub state: State,
    /// When it was opened, by the shop's clock.
    pub opened_at: Timestamp,
    /// The day of it, in the merchant's zone.
    pub opened_on: Date,
    /// The last day to answer.
    pub respond_by: Date,
    /// What the merchant sent.
    pub proof: Option<Proof>,
    /// When it ended last.
    pub decided_at: Option<Timestamp>,
    /// Days that were left at the last reminder; 0 before the first.
    pub reminded: i64,
    /// Goes up by one with each change.
    pub version: i64,
}

impl Chargeback {
    /// What the bank took back of money that had gone back to the payer before, in minor units.
    #[must_use]
    pub const fn over_disputed(&self) -> i64 {
        self.amount.minor().saturating_sub(self.disputed)
    }

    /// The case as programs see it.
    #[must_use]
    pub fn json(&self) -> Value {
        let proof = self.proof.as_ref();
        json!({
            "id": self.id,
            "object": "chargeback",
            "payment": self.payment,
            "order_ref": self.order_ref,
            "case": self.number,
            "network": self.network,
            "reason": {"code": self.reason_code, "family": self.family.as_str()},
            "amount": self.amount.minor(),
            "currency": self.amount.currency(),
            "disputed": self.disputed,
            "over_disputed": self.over_disputed() > 0,
            "fee": self.fee.minor(),
            "state": self.state,
            "opened_on": self.opened_on.to_string(),
            "respond_by": self.respond_by.to_string(),
            "send_before": self.send_before().to_string(),
            "submitted_on": proof.map(|proof| proof.sent_on.to_string()),
            "proof": proof.map(|proof| proof.text.clone()),
            "decided_at": self.decided_at,
            "version": self.version,
        })
    }

    /// The last day on which banks work before the time is over.
    #[must_use]
    pub fn send_before(&self) -> Date {
        last_working_day(self.respond_by)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::payment::{Counters, Movement};

    fn any_step() -> impl Strategy<Value = Step> {
        prop_oneof![
            Just(Step::Submit),
            Just(Step::Accept),
            Just(Step::Deadline),
            Just(Step::Win),
            Just(Step::Lose),
        ]
    }

    /// Where the money of one case stands: in question, lost, or back.
    fn moved(counters: Counters, part: i64, effect: Effect) -> Counters {
        let movement = match effect {
            Effect::None => return counters,
            Effect::Lost => Movement::DisputeLost(part),
            Effect::Won => Movement::DisputeWon(part),
            Effect::Recovered => Movement::DisputeRecovered(part),
        };
        counters.after(movement).unwrap()
    }

    proptest! {
        #[test]
        fn s_82_whatever_happens_the_counters_say_where_the_money_of_each_case_is(
            captured in 1..10_000_i64,
            parts in proptest::collection::vec(1..5_000_i64, 1..4),
            steps in proptest::collection::vec((0..4_usize, any_step()), 0..30),
        ) {
            let start = Counters::default()
                .after(Movement::Authorised(captured))
                .and_then(|c| c.after(Movement::Captured(captured)))
                .unwrap();
            let mut counters = start;
            let mut cases = Vec::new();
            for part in parts {
                let part = part.min(counters.refundable());
                if part > 0 {
                    counters = counters.after(Movement::Disputed(part)).unwrap();
                    cases.push((State::Opened, part));
                }
            }
            for (which, step) in steps {
                let Some((state, part)) = cases.get_mut(which) else { continue };
                if let Ok((next, effect)) = state.after(step) {
                    counters = moved(counters, *part, effect);
                    *state = next;
                }
                let sum = |of: fn(State) -> bool| -> i64 {
                    cases.iter().filter(|(state, _)| of(*state)).map(|(_, part)| part).sum()
                };
                prop_assert_eq!(counters.disputed, sum(State::is_open));
                prop_assert_eq!(counters.charged_back, sum(State::is_against));
                prop_assert!(counters.check().is_ok());
            }
            for (state, part) in &mut cases {
                if let Ok((next, effect)) = state.after(Step::Win) {
                    counters = moved(counters, *part, effect);
                    *state = next;
                }
            }
            prop_assert_eq!(counters, start, "what is won is as if it had never been contested");
        }
    }

    #[test]
    fn s_86_what_was_sent_is_frozen() {
        for step in [Step::Submit, Step::Accept, Step::Deadline] {
            assert_eq!(State::Submitted.after(step), Err(Refused::AlreadySubmitted));
        }
        assert_eq!(State::Won.after(Step::Lose), Err(Refused::LaterRound));
        assert_eq!(State::Lost.after(Step::Accept), Err(Refused::Ended));
    }
}
