//! What was chosen, what would be done to it, and what was done.

use identity::audit::Origin;
use kernel::{JobId, Money, OperationId, PaymentId, UserId};

use crate::engine::desk::What;
use crate::payment::rules::Action;
use crate::payment::{OpState, Payment};

/// A chosen payment, and what the action would do to it now.
#[derive(Debug, Clone)]
pub struct Chosen {
    /// As it stands.
    pub payment: Payment,
    /// What would move.
    pub amount: Money,
    /// Why it is left out; nothing when it is done.
    pub why: Option<&'static str>,
}

/// What an action would do to all that was chosen.
#[derive(Debug, Clone, Default)]
pub struct Outlook {
    /// In the order chosen.
    pub chosen: Vec<Chosen>,
}

impl Outlook {
    /// What is done.
    pub fn going(&self) -> impl Iterator<Item = &Chosen> {
        self.chosen.iter().filter(|chosen| chosen.why.is_none())
    }

    /// What is left out, with the reason.
    pub fn left_out(&self) -> impl Iterator<Item = (&Chosen, &'static str)> {
        self.chosen.iter().filter_map(|chosen| chosen.why.map(|why| (chosen, why)))
    }

    /// What moves in all; nothing when nothing is done or the sum is beyond any amount.
    #[must_use]
    pub fn total(&self) -> Option<Money> {
        let mut going = self.going().map(|chosen| chosen.amount);
        let first = going.next()?;
        going.try_fold(first, |sum, amount| sum.plus(amount).ok())
    }

    /// What the button was shown to do; another word when something changed.
    #[must_use]
    pub fn digest(&self) -> String {
        let seen = self.going().map(|one| (one.payment.id, one.payment.version, one.amount));
        format!("{:016x}", identity::lists::digest_of(&seen.collect::<Vec<_>>()))
    }
}

/// What all that is left of a payment comes to under an action; none for what is written down one
/// by one.
#[must_use]
pub const fn what(action: Action, amount: Money) -> Option<What> {
    Some(match action {
        Action::Refund => What::Refund { amount, expected: amount },
        Action::Capture => What::Capture(Some(amount)),
        Action::Cancel => What::Cancel,
        Action::Validate => What::Validate,
        Action::Record => return None,
    })
}

/// A lot.
#[derive(Debug, Clone)]
pub struct Lot {
    /// Its id, that of its run.
    pub id: JobId,
    /// Who asked.
    pub user: UserId,
    /// What is done.
    pub action: Action,
    /// Why, in his words.
    pub reason: Option<String>,
    /// From where, for the journal.
    pub origin: Origin,
}

/// A line that waits.
#[derive(Debug, Clone)]
pub struct Line {
    /// Its place, from 0.
    pub position: i64,
    /// The payment.
    pub payment: PaymentId,
    /// As it was seen.
    pub version: i64,
    /// What moves.
    pub amount: Money,
}

/// How a line was left.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Left {
    /// The bank is asked; the operation says what became of it.
    Asked(OperationId),
    /// Done without the bank.
    Done,
    /// Not done.
    Refused(&'static str),
}

/// What became of a line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// Its turn has not come.
    Waiting,
    /// Done.
    Done,
    /// The bank's answer is awaited.
    AtTheBank,
    /// No answer yet: the bank is asked again.
    Unknown,
    /// Left out by the house: the word of the reason.
    LeftOut(String),
    /// Refused by the bank: its meaning and its own code.
    Refused(String, String),
}

impl Outcome {
    /// What the state of the operation says.
    #[must_use]
    pub fn at_the_bank(state: OpState, code: String, raw: String) -> Self {
        match state {
            OpState::Success => Self::Done,
            OpState::Failed => Self::Refused(code, raw),
            OpState::Unknown => Self::Unknown,
            OpState::Init | OpState::Sent | OpState::Pending => Self::AtTheBank,
        }
    }
}

/// A line with what became of it.
#[derive(Debug, Clone)]
pub struct Ended {
    /// The payment.
    pub payment: PaymentId,
    /// The merchant's reference.
    pub order_ref: String,
    /// Name of the payer; empty when unknown.
    pub name: String,
    /// What moves.
    pub amount: Money,
    /// What became of it.
    pub outcome: Outcome,
}
