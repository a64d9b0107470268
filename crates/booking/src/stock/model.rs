//! Countable things, slots and quantities, without storage.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use kernel::{Date, Id, LodgingId};

/// Most rows one order may touch.
pub const MAX_LINES: usize = 1_000;
/// Most places of one row in one order.
pub const MAX_QUANTITY: u32 = 10_000;

/// A countable thing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Resource {
    /// The identical units of a lodging type.
    Lodging(LodgingId),
}

impl Resource {
    /// Its bits, as stored.
    #[must_use]
    pub const fn id(&self) -> Id {
        match self {
            Self::Lodging(id) => id.id(),
        }
    }

    /// The word stored beside the bits.
    #[must_use]
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Lodging(_) => "lodging",
        }
    }

    /// Reads what was stored.
    #[must_use]
    pub fn stored(kind: &str, id: Id) -> Option<Self> {
        match kind {
            "lodging" => Some(Self::Lodging(id.into())),
            _ => None,
        }
    }
}

impl fmt::Display for Resource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Lodging(id) => id.fmt(f),
        }
    }
}

impl FromStr for Resource {
    type Err = kernel::id::BadId;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        text.parse().map(Self::Lodging)
    }
}

/// What part of a resource is counted: a night `2026-07-04`, or `all`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Slot(String);

/// A text that names no slot.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a slot is a date such as 2026-07-04, or the word all")]
pub struct BadSlot;

impl Slot {
    /// The night that begins on `date`.
    #[must_use]
    pub fn night(date: Date) -> Self {
        Self(date.to_string())
    }

    /// The contingent without a date.
    #[must_use]
    pub fn all() -> Self {
        Self("all".into())
    }

    /// As stored.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The night, if the slot is one.
    #[must_use]
    pub fn date(&self) -> Option<Date> {
        self.0.parse().ok()
    }
}

impl FromStr for Slot {
    type Err = BadSlot;
    fn from_str(text: &str) -> Result<Self, BadSlot> {
        match text {
            "all" => Ok(Self::all()),
            date if date.len() == 10 => date.parse().map(Self::night).map_err(|_| BadSlot),
            _ => Err(BadSlot),
        }
    }
}

/// So many of one row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// The thing.
    pub resource: Resource,
    /// Which part of it.
    pub slot: Slot,
    /// How many, at least one.
    pub quantity: u32,
}

/// Why an order of stock makes no sense.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum LinesError {
    /// Nothing is asked.
    #[error("nothing is asked")]
    Empty,
    /// A quantity of zero, or beyond [`MAX_QUANTITY`].
    #[error("quantity out of range")]
    Quantity,
    /// More than [`MAX_LINES`] rows.
    #[error("more than 1,000 rows in one order")]
    TooLarge,
}

/// An order of stock: each row once, in the order in which every transaction locks them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lines(Vec<Line>);

impl Lines {
    /// Adds up equal rows and sorts by resource and slot.
    ///
    /// # Errors
    /// [`LinesError`].
    pub fn new(lines: impl IntoIterator<Item = Line>) -> Result<Self, LinesError> {
        let mut rows: BTreeMap<(Id, Slot), Line> = BTreeMap::new();
        for line in lines {
            let key = (line.resource.id(), line.slot.clone());
            let before = rows.get(&key).map_or(0, |row| row.quantity);
            let quantity = before.checked_add(line.quantity).ok_or(LinesError::Quantity)?;
            if line.quantity == 0 || quantity > MAX_QUANTITY {
                return Err(LinesError::Quantity);
            }
            rows.insert(key, Line { quantity, ..line });
            if rows.len() > MAX_LINES {
                return Err(LinesError::TooLarge);
            }
        }
        if rows.is_empty() {
            Err(LinesError::Empty)
        } else {
            Ok(Self(rows.into_values().collect()))
        }
    }

    /// The rows, in locking order.
    #[must_use]
    pub fn rows(&self) -> &[Line] {
        &self.0
    }

    /// The nights from `arrival` to the one before `departure`, `quantity` units each.
    ///
    /// # Errors
    /// [`LinesError`], also when the dates are the wrong way round.
    pub fn nights(
        resource: Resource,
        arrival: Date,
        departure: Date,
        quantity: u32,
    ) -> Result<Self, LinesError> {
        let count = kernel::time::nights_between(arrival, departure);
        if usize::try_from(count).unwrap_or(0) > MAX_LINES {
            return Err(LinesError::TooLarge);
        }
        Self::new((0..count).map(|night| Line {
            resource,
            slot: Slot::night(kernel::time::plus_days(arrival, night)),
            quantity,
        }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(last: u8, slot: &str, quantity: u32) -> Line {
        let mut bytes = [0; 16];
        bytes[15] = last;
        let resource = Resource::Lodging(Id::from_bytes(bytes).into());
        Line { resource, slot: slot.parse().unwrap(), quantity }
    }

    #[test]
    fn l_04_rows_are_merged_and_sorted() {
        let lines =
            Lines::new([line(2, "2026-07-05", 1), line(1, "all", 2), line(2, "2026-07-05", 3)]);
        assert_eq!(lines.unwrap().rows(), [line(1, "all", 2), line(2, "2026-07-05", 4)]);
    }

    #[test]
    fn l_04_orders_out_of_range_are_refused() {
        assert_eq!(Lines::new([]), Err(LinesError::Empty));
        assert_eq!(Lines::new([line(1, "all", 0)]), Err(LinesError::Quantity));
        let arrival: Date = "2026-07-04".parse().unwrap();
        let resource = line(1, "all", 1).resource;
        let far = kernel::time::plus_days(arrival, 1_001);
        assert_eq!(Lines::nights(resource, arrival, far, 1), Err(LinesError::TooLarge));
        assert_eq!(Lines::nights(resource, far, arrival, 1), Err(LinesError::Empty));
    }

    #[test]
    fn slots_are_dates_or_all() {
        for bad in ["", "2026-02-30", "2026-7-4", "ALL", "2026-07-04T10:00"] {
            assert!(bad.parse::<Slot>().is_err(), "{bad}");
        }
    }
}
