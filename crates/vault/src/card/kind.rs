//! What a card is kept for.

/// What a card is kept for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum CardKind {
    /// One payment.
    SingleUse,
    /// A booking.
    Booking,
    /// A customer.
    Saved,
    /// A booking that is not known yet.
    Pending,
}

impl CardKind {
    /// All, with their words.
    pub(super) const ALL: [(Self, &'static str); 4] = [
        (Self::SingleUse, "single_use"),
        (Self::Booking, "booking"),
        (Self::Saved, "saved"),
        (Self::Pending, "pending"),
    ];

    pub(super) fn word(self) -> &'static str {
        Self::ALL.iter().find(|(kind, _)| *kind == self).map_or("single_use", |(_, word)| word)
    }
}
