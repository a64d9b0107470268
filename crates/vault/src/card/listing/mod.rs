//! Lists of the cards that a shop keeps, page by page.
//!
//! **Always true.** Newest first; a page goes on behind the card that the page before ended with,
//! also when that card is destroyed meanwhile. Cards of one payment stand in no list, destroyed ones
//! only where they are asked for.

pub(crate) mod store;

use kernel::Date;
use vault_wire::{CardFilter, Refused};

use crate::keys::fingerprint;

/// Cards in one answer.
pub(crate) const MOST_CARDS: u32 = 200;
/// Names of one booking: its id and its number.
const MOST_NAMES: usize = 4;

/// What is looked for, on a day of the shop.
#[derive(Debug, Clone)]
pub(crate) struct Wanted {
    pub(crate) filter: CardFilter,
    pub(crate) fingerprint: Option<[u8; fingerprint::FINGERPRINT_BYTES]>,
    pub(crate) today: Date,
}

impl Wanted {
    /// What the filter asks for; a fingerprint of another form is refused with its path.
    pub(crate) fn read(filter: CardFilter, today: Date) -> Result<Self, Refused> {
        let wrong = |path: &str, why: &str| Refused::new("invalid_field", why).at(path);
        if filter.bookings.len() > MOST_NAMES {
            return Err(wrong("$.filter.bookings", "Name one booking."));
        }
        let fingerprint = filter.fingerprint.as_deref().map(|text| {
            let read = fingerprint::parse(text);
            read.ok_or_else(|| wrong("$.filter.fingerprint", "A fingerprint is like fp_…."))
        });
        Ok(Self { fingerprint: fingerprint.transpose()?, filter, today })
    }
}
