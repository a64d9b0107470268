//! A link, and what its payment makes of it.

use std::collections::BTreeMap;

use connectors::Decline;
use kernel::{AuthenticationLinkId, CardToken, PaymentId, ShopId, Timestamp};

use super::MAX_TRIES;
use crate::desk::words::brand;
use crate::payment::words::words;
use crate::payment::{Kind, MAX_ATTEMPTS, OpState, Operation, Payment, Session};

words! {
    /// How far a link came.
    State {
        /// It was sent.
        Sent => "sent",
        /// Its holder opened it.
        Opened => "opened",
        /// The bank accepted the charge.
        Done => "done",
        /// Refused too often.
        Failed => "failed",
        /// Its time passed.
        Expired => "expired",
        /// Withdrawn with its payment, or another link took its place.
        Cancelled => "cancelled",
    }
}

words! {
    /// Whether the holder may choose another card than the one he is asked about.
    OtherCard {
        /// He may.
        Allowed => "allowed",
        /// He may not.
        Refused => "refused",
    }
}

/// What its holder agreed to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Agreement {
    /// When, by the shop's clock.
    pub at: Timestamp,
    /// The address of his browser.
    pub from: String,
    /// SHA-256 of the sentence that he read, in hexadecimal digits.
    pub text_sha256: String,
}

/// The holder of a card was asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuthenticationLink {
    /// Its id.
    pub id: AuthenticationLinkId,
    /// The shop.
    pub shop: ShopId,
    /// What is to be confirmed.
    pub payment: PaymentId,
    /// The card that he is asked about.
    pub card: CardToken,
    /// The network to which that card goes.
    pub network: String,
    /// Its last four digits.
    pub last4: String,
    /// How it was sent: `email`, `sms` or `email,sms`.
    pub channels: String,
    /// Whether he may choose another card.
    pub other_card: OtherCard,
    /// Attempts of the payment before it.
    pub tried_before: u32,
    /// Who asked, as actors are written.
    pub asked_by: String,
    /// How far it came.
    pub state: State,
    /// When it was made, by the shop's clock.
    pub created_at: Timestamp,
    /// When it ends by itself.
    pub expires_at: Timestamp,
    /// When it was first opened.
    pub opened_at: Option<Timestamp>,
    /// What its holder agreed to last.
    pub agreed: Option<Agreement>,
    /// When it was sent once more.
    pub reminded_at: Option<Timestamp>,
    /// When its payment, or another link, ended it.
    pub ended_at: Option<Timestamp>,
}

impl AuthenticationLink {
    /// Whether it still leads to the bank.
    #[must_use]
    pub fn is_open(&self, now: Timestamp) -> bool {
        self.ended_at.is_none() && now < self.expires_at
    }

    /// The card as its holder knows it.
    #[must_use]
    pub fn card_name(&self) -> String {
        format!("{} •••• {}", brand(&self.network), self.last4)
    }

    /// The word for people and programs.
    #[must_use]
    pub fn shown(&self, payment: &Payment, now: Timestamp) -> &'static str {
        let ended = self.ended_at.is_some();
        let proven = payment.last(Kind::Authenticate).is_some_and(|o| o.state == OpState::Success);
        let asked = payment.last(Kind::Authorise).is_some_and(|o| {
            o.attempt > self.tried_before && o.state.is_open() && o.attempt == payment.attempts
        });
        match self.state {
            State::Sent | State::Opened if !ended && proven && asked => "authenticated",
            State::Sent | State::Opened if !ended && now >= self.expires_at => "expired",
            state => state.as_str(),
        }
    }

    /// What the bank was last asked since.
    #[must_use]
    pub fn last_try<'p>(&self, payment: &'p Payment) -> Option<&'p Operation> {
        let since = |o: &&Operation| o.attempt > self.tried_before && is_try(o);
        payment.operations.iter().rev().find(since)
    }

    /// Tries made since that were refused. One that never left the house does not count: its
    /// holder was asked for nothing; nor one that he gave up for another card.
    #[must_use]
    pub fn failures(&self, payment: &Payment) -> usize {
        let mut last = BTreeMap::new();
        let tried = payment.operations.iter().filter(|o| o.attempt > self.tried_before);
        for operation in tried.filter(|o| is_try(o)) {
            last.insert(operation.attempt, operation);
        }
        let refused = last.values().filter(|o| o.state == OpState::Failed && !o.is_unsent());
        let given_up = Some(Decline::CancelledByPayer.code());
        refused.filter(|o| o.code.as_deref() != given_up).count()
    }

    /// Whether its holder has no try left: he was refused too often, or his payment takes no more.
    #[must_use]
    pub fn is_spent(&self, payment: &Payment) -> bool {
        payment.attempts >= MAX_ATTEMPTS || self.failures(payment) >= MAX_TRIES
    }

    /// How its payment ends it, if it does.
    #[must_use]
    pub fn end(&self, payment: &Payment, now: Timestamp) -> Option<State> {
        if payment.counters.authorised > 0 {
            return Some(State::Done);
        }
        if payment.closed.is_some() {
            return Some(State::Cancelled);
        }
        (payment.session == Session::Ended).then(|| match () {
            () if self.is_spent(payment) => State::Failed,
            () if now >= self.expires_at => State::Expired,
            () => State::Cancelled,
        })
    }
}

/// Whether the bank is asked for the holder or his money by it.
pub(super) fn is_try(operation: &Operation) -> bool {
    matches!(operation.kind, Kind::Authenticate | Kind::Authorise)
}
