//! One message of a provider, and what became of it.

use kernel::{OperationId, PaymentId, Timestamp};

use crate::payment::words::words;

words! {
    /// What a message changed.
    Outcome {
        /// The operation it speaks of has a new state.
        Applied => "applied",
        /// Nothing: the same or more was known.
        Ignored => "ignored",
        /// The provider was asked, and what it answers counts.
        Asked => "asked",
        /// Nothing yet: the answer to our own request is under way and decides.
        Awaited => "awaited",
        /// Nothing: it speaks of another amount or currency.
        Quarantined => "quarantined",
    }
}

/// A message as it is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// The provider's name of the event, or the SHA-256 of the bytes.
    pub event: String,
    /// The connector account it came for.
    pub account: String,
    /// The payment.
    pub payment: PaymentId,
    /// The operation it speaks of.
    pub operation: OperationId,
    /// What it changed.
    pub outcome: Outcome,
    /// What came, without secrets and card numbers.
    pub body: String,
    /// When it came, real time.
    pub received_at: Timestamp,
}
