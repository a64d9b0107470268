//! The two ways in which staff end a firm booking: calling it off, and saying that the guest did
//! not come. Both are restated on a page before they are done, and done once.

pub mod ops;
pub mod pages;

use crate::bookings::model::BookingState;

/// How a booking ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ending {
    /// It is called off.
    Cancel,
    /// The guest did not come.
    NoShow,
}

impl Ending {
    /// What it becomes.
    #[must_use]
    pub const fn state(self) -> BookingState {
        match self {
            Self::Cancel => BookingState::Cancelled,
            Self::NoShow => BookingState::NoShow,
        }
    }

    /// What the journal calls it.
    #[must_use]
    pub const fn action(self) -> &'static str {
        match self {
            Self::Cancel => "booking.cancel",
            Self::NoShow => "booking.no_show",
        }
    }
}
