//! Keys and what they seal: the root file, wrapped keys, card records, fingerprints.
//!
//! ```text
//! root (a file apart, shares, or a device)  ─wraps─▶  property key, fingerprint key (database)   epoch key (keyring)
//! property key ‖ epoch key  ─HKDF─▶  slot key  ─wraps─▶  card key (slot file only)
//! card key  ─XAES-256-GCM─▶  record with number, expiry, holder (database)
//! code key (another slot file)  ─XAES-256-GCM─▶  record of the security code (database)
//! ```
//!
//! A record opens only with the root, the keyring, the database *and* the slot; overwriting the
//! 128 bytes of the slot destroys the number wherever else its record was copied. Every sealing
//! binds its context (merchant, shop, card, field, version) as associated data, so bytes moved to
//! another place do not open. All keys are random from the operating system's generator.
//!
//! # The life of an epoch key and of a property key
//!
//! ```text
//! newest ──a newer one is durable──▶ retired ──no slot is sealed under it──▶ destroyed, logged
//! seals and opens                   opens only                               is in no file
//! ```
//!
//! A key is *newest* when a younger one of its kind does not exist; there is always one. Changing the
//! key of slots is one thing, whichever key changes ([`crate::rotation`]):
//!
//! | step | written | a crash after it leaves |
//! |---|---|---|
//! | 1 | the new property key, if one was asked for: a row of the database | two property keys that open; step 2 follows at the start |
//! | 2 | the new epoch key: the keyring, exchanged | both epochs held; step 3 follows at the start |
//! | 3 | the file's writer refuses slots of older epochs | the same: the start sets the bound anew |
//! | 4 | slots sealed anew in place, some hundred to a sync | some slots old, some new: each names its epoch, both open |
//! | 5 | nothing: the file is read from the disk, and no slot of an older epoch is in it | the same |
//! | 6 | the keyring without the old epoch key; the former file written over | the old key is gone; the log's entry follows at the start |
//! | 7 | the log: `key.destroyed` | the old property key, if there is one, opens nothing and goes at the start |
//! | 8 | the row of the old property key deleted, its entry in the log in the same commit | nothing to do |
//!
//! Whoever seals takes the epoch key first and the property key after it. So a slot of an epoch that
//! began after a property key was replaced is never sealed under the old property key, and step 3
//! alone makes sure that no retired key of either kind seals.
//!
//! A slot is 128 bytes at a multiple of 128: it lies within one sector of a disk and one page of
//! memory, so that a crash leaves the old one or the new one whole.

pub(crate) mod bytes;
pub(crate) mod code_record;
pub(crate) mod fingerprint;
pub(crate) mod keyring;
pub(crate) mod record;
pub(crate) mod root;
pub(crate) mod slot_key;
pub(crate) mod versions;
pub(crate) mod wrap;
pub(crate) mod xaes;

pub(crate) use bytes::Key;

use crate::token::Token;

/// The key above all others.
pub(crate) enum Root {
    /// Its bits are in this process: they came from a file, or from shares.
    Here(Key),
    /// It is in a device, which seals and opens with it and does not give it.
    Device(Token),
}

impl Root {
    /// Its bits, where they are in this process.
    pub(crate) const fn bits(&self) -> Option<&Key> {
        match self {
            Self::Here(key) => Some(key),
            Self::Device(_) => None,
        }
    }
}

/// A sealed thing that does not open: altered, moved, or sealed with another key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a sealed record does not open")]
pub(crate) struct Corrupt;

/// Strings, each led by its length as a big-endian u16: no two lists give the same bytes.
pub(crate) fn length_prefixed(parts: &[&str]) -> Vec<u8> {
    parts
        .iter()
        .flat_map(|part| {
            let length = u16::try_from(part.len()).unwrap_or(u16::MAX);
            length.to_be_bytes().into_iter().chain(part.bytes())
        })
        .collect()
}
