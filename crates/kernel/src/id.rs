//! Prefixed identifiers: `pay_` and 26 lower-case Crockford base32 characters of 128 bits.
//!
//! Ids of things in order of time are version 7 UUIDs (RFC 9562), so that new rows land at the
//! right edge of an index; names that must not be guessed ([`Id::random`]) are all random.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::{Rng, Timestamp};

const ALPHABET: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";
/// Characters of an id after its prefix.
pub const TEXT_LENGTH: usize = 26;

/// 128 bits that name one thing.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Id([u8; 16]);

/// Why a text is not an id.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not an identifier of the expected kind")]
pub struct BadId;

impl Id {
    /// A time-ordered id: 48 bits of milliseconds, then random bits.
    #[must_use]
    pub fn ordered(now: Timestamp, rng: &dyn Rng) -> Self {
        let mut bytes = [0; 16];
        rng.fill(&mut bytes);
        let millis = now.as_millis().to_be_bytes();
        bytes[..6].copy_from_slice(&millis[2..]);
        bytes[6] = 0x70 | (bytes[6] & 0x0f);
        bytes[8] = 0x80 | (bytes[8] & 0x3f);
        Self(bytes)
    }

    /// An id that tells nothing and cannot be guessed: 128 random bits, never all digits.
    #[must_use]
    pub fn random(rng: &dyn Rng) -> Self {
        loop {
            let mut bytes = [0; 16];
            rng.fill(&mut bytes);
            let id = Self(bytes);
            if id.text().bytes().any(|c| c.is_ascii_alphabetic()) {
                return id;
            }
        }
    }

    /// The raw bytes, as stored.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; 16] {
        &self.0
    }

    /// An id read back from storage.
    #[must_use]
    pub const fn from_bytes(bytes: [u8; 16]) -> Self {
        Self(bytes)
    }

    /// The 26 characters without a prefix.
    #[must_use]
    pub fn text(&self) -> String {
        let number = u128::from_be_bytes(self.0);
        (0..TEXT_LENGTH)
            .map(|place| {
                let shift = 5 * (TEXT_LENGTH - 1 - place);
                let digit = usize::try_from((number >> shift) & 31).unwrap_or(0);
                char::from(ALPHABET.get(digit).copied().unwrap_or(b'0'))
            })
            .collect()
    }

    /// Reads the 26 characters back.
    ///
    /// # Errors
    /// [`BadId`] when the length, a character or the top bits are wrong.
    pub fn parse(text: &str) -> Result<Self, BadId> {
        if text.len() != TEXT_LENGTH {
            return Err(BadId);
        }
        let mut number: u128 = 0;
        for (place, c) in text.bytes().enumerate() {
            let digit = ALPHABET.iter().position(|a| *a == c).ok_or(BadId)?;
            if place == 0 && digit > 7 {
                return Err(BadId);
            }
            number = (number << 5) | digit as u128;
        }
        Ok(Self(number.to_be_bytes()))
    }
}

impl fmt::Debug for Id {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text())
    }
}

impl Serialize for Id {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.text())
    }
}

impl<'de> Deserialize<'de> for Id {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Self::parse(&text).map_err(serde::de::Error::custom)
    }
}

/// Declares one newtype per kind of thing, with its prefix.
macro_rules! prefixed_ids {
    ($($(#[$doc:meta])* $name:ident => $prefix:literal),+ $(,)?) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name($crate::Id);

        impl $name {
            /// What stands before the underscore.
            pub const PREFIX: &'static str = $prefix;

            /// A new id, ordered by time.
            #[must_use]
            pub fn new(now: $crate::Timestamp, rng: &dyn $crate::Rng) -> Self {
                Self($crate::Id::ordered(now, rng))
            }

            /// A new id that cannot be guessed and tells no time.
            #[must_use]
            pub fn random(rng: &dyn $crate::Rng) -> Self {
                Self($crate::Id::random(rng))
            }

            /// The bits below.
            #[must_use]
            pub const fn id(&self) -> $crate::Id {
                self.0
            }

            /// The bytes as stored.
            #[must_use]
            pub const fn as_bytes(&self) -> &[u8; 16] {
                self.0.as_bytes()
            }
        }

        impl From<$crate::Id> for $name {
            fn from(id: $crate::Id) -> Self {
                Self(id)
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                write!(f, concat!($prefix, "_{}"), self.0.text())
            }
        }

        impl std::fmt::Debug for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                write!(f, "{self}")
            }
        }

        impl std::str::FromStr for $name {
            type Err = $crate::id::BadId;
            fn from_str(text: &str) -> Result<Self, Self::Err> {
                let rest = text.strip_prefix(concat!($prefix, "_")).ok_or($crate::id::BadId)?;
                $crate::Id::parse(rest).map(Self)
            }
        }

        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
                let text = <String as serde::Deserialize>::deserialize(from)?;
                text.parse().map_err(serde::de::Error::custom)
            }
        }
    )+};
}
pub(crate) use prefixed_ids;

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use crate::rng::SeededRng;
    use crate::{PaymentId, ShopId, Timestamp};

    use super::*;

    #[test]
    fn ids_sort_by_time_and_read_back() {
        let rng = SeededRng::new(1);
        let early = PaymentId::new(Timestamp::from_micros(1_000_000), &rng);
        let late = PaymentId::new(Timestamp::from_micros(2_000_000_000), &rng);
        assert!(early < late && early.to_string() < late.to_string());
        assert_eq!(late.to_string().parse::<PaymentId>(), Ok(late));
        assert_eq!(late.to_string().parse::<ShopId>(), Err(BadId));
    }

    proptest! {
        #[test]
        fn every_id_reads_back(bytes: [u8; 16]) {
            let id = Id::from_bytes(bytes);
            prop_assert_eq!(Id::parse(&id.text()), Ok(id));
        }

        #[test]
        fn no_text_makes_it_panic(text in "\\PC*") {
            let _ = Id::parse(&text);
        }
    }
}
