//! A payment: one intent to collect one amount, with everything that happened to it.

use connectors::Capabilities;
use kernel::{
    BookingId, CardToken, Currency, CustomerId, Date, Email, Invariant, Locale, Mode, Money,
    OperationId, PaymentId, PointOfSaleId, ShopId, Timestamp,
};
use serde::{Deserialize, Serialize};

use super::counters::{Counters, Movement};
pub use super::facts::{
    CaptureMode, Channel, Closed, Initiator, KeepCard, Purpose, Reason, Session, ThreedsWish,
    Validation,
};
use super::guarantee::{Guarantee, ThreeDs};
use super::operation::{Kind, OpState, Operation, Proof};
use super::status::{self, Status};
use super::terms::Terms;
use crate::subject::SubjectRef;

/// Attempts one payment may carry.
pub const MAX_ATTEMPTS: u32 = 5;
/// How long the payer's session lives from the first opening of the page.
pub const SESSION_MINUTES: i64 = 60;

/// When and how the debit follows the authorisation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CapturePlan {
    /// By plan or by hand.
    pub mode: CaptureMode,
    /// Days after the request, for the plan.
    pub delay_days: u32,
    /// Whether a person must validate first.
    pub validation: Validation,
}

impl CapturePlan {
    /// Debited with the authorisation.
    pub const NOW: Self =
        Self { mode: CaptureMode::Auto, delay_days: 0, validation: Validation::None };
    /// Debited when somebody asks for it.
    pub const MANUAL: Self =
        Self { mode: CaptureMode::Manual, delay_days: 0, validation: Validation::None };

    /// Whether authorisation and debit are one step.
    #[must_use]
    pub fn is_now(&self) -> bool {
        self.mode == CaptureMode::Auto
            && self.delay_days == 0
            && self.validation != Validation::Pending
    }
}

/// Who pays, as far as he said.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Payer {
    /// For the receipt.
    pub email: Option<Email>,
    /// First name.
    pub first_name: String,
    /// Last name.
    pub last_name: String,
    /// Language of the pages.
    pub language: Locale,
    /// Country, two letters.
    pub country: Option<String>,
    /// Telephone.
    #[serde(default)]
    pub phone: Option<String>,
}

impl Payer {
    /// Somebody who said nothing yet.
    #[must_use]
    pub const fn unknown(language: Locale) -> Self {
        Self {
            email: None,
            first_name: String::new(),
            last_name: String::new(),
            language,
            country: None,
            phone: None,
        }
    }
}

/// One line of what is bought, shown beside the amount.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Line {
    /// What it is.
    pub label: String,
    /// How much, when the line has an amount.
    pub amount: Option<Money>,
}

/// What may be known of a card outside the vault.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Card {
    /// Its name at the vault.
    pub id: CardToken,
    /// Brand chosen or found.
    pub brand: String,
    /// Further brands on it.
    #[serde(default)]
    pub co_brands: Vec<String>,
    /// The brand the payer prefers.
    #[serde(default)]
    pub preferred_brand: Option<String>,
    /// The network left by the means its payment takes, where the usual one is not among them.
    #[serde(default)]
    pub only: Option<String>,
    /// First digits, as truncated by the vault.
    #[serde(default)]
    pub bin: String,
    /// Last four digits.
    pub last4: String,
    /// Month of expiry.
    pub exp_month: u8,
    /// Year of expiry.
    pub exp_year: u16,
    /// Country of the issuer.
    #[serde(default)]
    pub country: Option<String>,
    /// `debit`, `credit`, `prepaid`.
    #[serde(default)]
    pub funding: Option<String>,
    /// Whether it is kept after this payment.
    #[serde(default)]
    pub kept: bool,
    /// Whether the vault holds it for this payment alone.
    #[serde(default)]
    pub single_use: bool,
}

impl Card {
    /// The network a charge goes to: the only one its payment takes, else the payer's choice, else
    /// CB where the card has it (the preset of French merchants; the payer may always choose
    /// otherwise, Regulation (EU) 2015/751 article 8), else the card's own.
    #[must_use]
    pub fn network(&self) -> &str {
        let preset = self.co_brands.iter().map(String::as_str).find(|brand| *brand == "cb");
        self.only.as_deref().or(self.preferred_brand.as_deref()).or(preset).unwrap_or(&self.brand)
    }
}

/// Why the bank refused, in stable words.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Decline {
    /// Normalised code, such as `insufficient_funds`.
    pub code: String,
    /// What follows: `fix_data`, `other_card`, `retry_later`…
    pub class: String,
    /// The bank's own code.
    pub raw: String,
    /// Whether trying this card again can help.
    pub retry: bool,
    /// Letter of the payer's text.
    pub payer_text: String,
}

/// One intent to collect one amount.
#[derive(Debug, Clone, PartialEq)]
pub struct Payment {
    /// Its id.
    pub id: PaymentId,
    /// Live or test.
    pub mode: Mode,
    /// The shop.
    pub shop: ShopId,
    /// The point of sale.
    pub point_of_sale: PointOfSaleId,
    /// Where the sale is made.
    pub channel: Channel,
    /// What the amount is for.
    pub purpose: Purpose,
    /// The merchant's reference.
    pub order_ref: String,
    /// The asked amount.
    pub amount: Money,
    /// What happened to the money.
    pub counters: Counters,
    /// As last derived; `doctor` derives it again.
    pub status: Status,
    /// When and how the debit follows.
    pub capture: CapturePlan,
    /// The planned day of the debit.
    pub capture_on: Option<Date>,
    /// End of validity of the authorisation.
    pub capture_before: Option<Timestamp>,
    /// The line of the validity table that gave it.
    pub validity_line: Option<String>,
    /// What is paid for.
    pub subject: Option<SubjectRef>,
    /// The booking it belongs to, once there is one.
    pub booking: Option<BookingId>,
    /// Who asks.
    pub initiator: Initiator,
    /// Why without the payer.
    pub reason: Option<Reason>,
    /// Whether the card may be kept.
    pub keep_card: KeepCard,
    /// The card of the last attempt.
    pub card: Option<Card>,
    /// The issuer's reference that later merchant-initiated charges name.
    pub chain: Option<String>,
    /// What is wished of strong authentication.
    pub threeds_wish: ThreedsWish,
    /// Strong authentication of the last attempt.
    pub threeds: Option<ThreeDs>,
    /// Who bears a fraud.
    pub guarantee: Option<Guarantee>,
    /// The last refusal.
    pub decline: Option<Decline>,
    /// Attempts begun.
    pub attempts: u32,
    /// The payer's session.
    pub session: Session,
    /// When the session ends.
    pub session_ends: Option<Timestamp>,
    /// Ended before any authorisation, and why.
    pub closed: Option<Closed>,
    /// Accepted after it was given up, or after the place was gone.
    pub late: bool,
    /// Whether the subject was told that the money is there.
    pub served: bool,
    /// Who pays.
    pub payer: Payer,
    /// The customer, if known.
    pub customer: Option<CustomerId>,
    /// What is bought.
    pub lines: Vec<Line>,
    /// What the request added to the amount.
    pub terms: Terms,
    /// Where the payer goes afterwards.
    pub return_url: Option<String>,
    /// The merchant's own data.
    pub metadata: serde_json::Map<String, serde_json::Value>,
    /// The secret of its pages.
    pub page_token: String,
    /// Goes up by one with each change.
    pub version: i64,
    /// When it was made, by the shop's clock.
    pub created_at: Timestamp,
    /// When it last changed.
    pub updated_at: Timestamp,
    /// What the account it goes through can do.
    pub caps: Capabilities,
    /// What was done, oldest first. Empty in lists.
    pub operations: Vec<Operation>,
}

impl Payment {
    /// The currency of all its amounts.
    #[must_use]
    pub const fn currency(&self) -> Currency {
        self.amount.currency()
    }

    /// An amount in its currency.
    #[must_use]
    pub const fn money(&self, minor: i64) -> Money {
        Money::new(minor, self.amount.currency())
    }

    /// The operation of that id.
    #[must_use]
    pub fn operation(&self, id: OperationId) -> Option<&Operation> {
        self.operations.iter().find(|operation| operation.id == id)
    }

    /// The latest operation of a kind.
    #[must_use]
    pub fn last(&self, kind: Kind) -> Option<&Operation> {
        self.operations.iter().rev().find(|operation| operation.kind == kind)
    }

    /// The accepted authorisation that captures, voids and refunds refer to.
    #[must_use]
    pub fn accepted_authorisation(&self) -> Option<&Operation> {
        self.operations
            .iter()
            .rev()
            .find(|o| o.kind == Kind::Authorise && o.state == OpState::Success)
    }

    /// An operation whose result is unknown.
    #[must_use]
    pub fn unknown(&self) -> Option<&Operation> {
        self.operations.iter().find(|operation| operation.state == OpState::Unknown)
    }

    /// An operation at the bank without an answer yet.
    #[must_use]
    pub fn in_flight(&self) -> Option<&Operation> {
        self.operations.iter().find(|operation| operation.state == OpState::Sent)
    }

    /// Whether the payer may try (again).
    #[must_use]
    pub fn may_attempt(&self) -> bool {
        matches!(self.status, Status::Created | Status::ActionRequired)
            && self.attempts < MAX_ATTEMPTS
    }

    /// Whether its means may be offered to the payer at all: the account takes nothing below its
    /// minimum.
    #[must_use]
    pub fn is_offered(&self) -> bool {
        self.amount.minor() >= self.caps.minimum(self.currency()).minor()
    }

    /// Whether a debit comes only when a person asks for it or validates it.
    #[must_use]
    pub fn waits_for_a_person(&self) -> bool {
        self.capture.mode == CaptureMode::Manual || self.capture.validation == Validation::Pending
    }

    /// Whether its card may still have to be shown to the bank.
    #[must_use]
    pub const fn may_need_card(&self) -> bool {
        matches!(
            self.status,
            Status::Created | Status::ActionRequired | Status::Authorising | Status::Unknown
        )
    }

    /// Moves the amounts; the rules between them hold before and after.
    ///
    /// # Errors
    /// [`Invariant`] when a rule would break.
    pub fn apply(&mut self, movement: Movement) -> Result<(), Invariant> {
        self.counters = self.counters.after(movement)?;
        Ok(())
    }

    /// Settles an operation and moves the amounts with it. Returns `false` when the news change
    /// nothing (a repeat, or a failure after a success).
    ///
    /// # Errors
    /// [`Invariant`] when a rule would break or the operation is not of this payment.
    pub fn settle(
        &mut self,
        id: OperationId,
        news: OpState,
        proof: Proof,
    ) -> Result<bool, Invariant> {
        let operation = self
            .operations
            .iter_mut()
            .find(|operation| operation.id == id)
            .ok_or(Invariant { rule: "an answer belongs to an operation of its payment" })?;
        let before = operation.state;
        let Ok(next) = before.receives(news, proof) else { return Ok(false) };
        if operation.kind == Kind::Refund && before == OpState::Failed {
            // The reserve of the ledger was released: a person must look at it.
            return Ok(false);
        }
        operation.state = next;
        let (kind, amount) = (operation.kind, operation.amount.minor());
        let movement = match (kind, before, next) {
            (Kind::Authorise, _, OpState::Success) => Some(Movement::Authorised(amount)),
            (Kind::Capture, _, OpState::Success) => Some(Movement::Captured(amount)),
            (Kind::Void, _, OpState::Success) => Some(Movement::Voided(amount)),
            (Kind::Refund, _, OpState::Success) => Some(Movement::RefundAccepted(amount)),
            (Kind::Refund, _, OpState::Failed) => Some(Movement::RefundRefused(amount)),
            _ => None,
        };
        if let Some(movement) = movement {
            self.apply(movement)?;
        }
        Ok(true)
    }

    /// Derives the status again from everything else.
    pub fn derive(&mut self) {
        self.status = status::of(self);
    }

    /// Rules that hold whenever a payment is written or read.
    ///
    /// # Errors
    /// [`Invariant`] naming the broken rule.
    pub fn check(&self) -> Result<(), Invariant> {
        self.counters.check()?;
        kernel::ensure!(self.amount.minor() > 0)?;
        kernel::ensure!(self.status == status::of(self))?;
        let sums = |kind: Kind| -> i128 {
            self.operations
                .iter()
                .filter(|o| o.kind == kind && o.state == OpState::Success)
                .map(|o| i128::from(o.amount.minor()))
                .sum()
        };
        kernel::ensure!(sums(Kind::Authorise) == i128::from(self.counters.authorised))?;
        kernel::ensure!(sums(Kind::Capture) == i128::from(self.counters.captured))?;
        kernel::ensure!(sums(Kind::Expire) == i128::from(self.counters.expired))?;
        kernel::ensure!(sums(Kind::Void) == i128::from(self.counters.voided))?;
        kernel::ensure!(sums(Kind::Refund) == i128::from(self.counters.refunded))
    }
}
