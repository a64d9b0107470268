//! When something happens, from where, and where its new ids come from, handed to every operation.

use kernel::{EventId, Rng, Timestamp};

/// The instant on the shop's clock, and randomness for ids.
#[derive(Clone, Copy)]
pub struct Moment<'a> {
    /// The shop's clock.
    pub now: Timestamp,
    /// Randomness.
    pub rng: &'a dyn Rng,
    /// The address of whoever asks; empty for what happens by itself.
    pub from: &'a str,
}

impl<'a> Moment<'a> {
    /// At `now`.
    #[must_use]
    pub const fn new(now: Timestamp, rng: &'a dyn Rng) -> Self {
        Self { now, rng, from: "" }
    }

    /// Asked for from an address.
    #[must_use]
    pub const fn from(self, address: &'a str) -> Self {
        Self { from: address, ..self }
    }

    /// A new id of an event.
    #[must_use]
    pub fn event(&self) -> EventId {
        EventId::new(self.now, self.rng)
    }
}
