//! Keys and what they seal: the root file, wrapped keys, card records, fingerprints.
//!
//! ```text
//! root (a file apart)  ─wraps─▶  property key, fingerprint key (database)   epoch key (keyring)
//! property key ‖ epoch key  ─HKDF─▶  slot key  ─wraps─▶  card key (slot file only)
//! card key  ─XAES-256-GCM─▶  record with number, expiry, holder (database)
//! code key (another slot file)  ─XAES-256-GCM─▶  record of the security code (database)
//! ```
//!
//! A record opens only with the root, the keyring, the database *and* the slot; overwriting the
//! 128 bytes of the slot destroys the number wherever else its record was copied. Every sealing
//! binds its context (merchant, shop, card, field, version) as associated data, so bytes moved to
//! another place do not open. All keys are random from the operating system's generator.

pub(crate) mod bytes;
pub(crate) mod code_record;
pub(crate) mod fingerprint;
pub(crate) mod keyring;
pub(crate) mod record;
pub(crate) mod root;
pub(crate) mod slot_key;
pub(crate) mod wrap;
pub(crate) mod xaes;

pub(crate) use bytes::Key;

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
