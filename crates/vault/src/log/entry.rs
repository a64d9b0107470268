//! One entry: what is logged, and its canonical form.

use std::collections::BTreeMap;

use db::{DbError, Tx};
use kernel::{CardToken, MerchantId, Rng, ShopId, Timestamp};
use serde_json::{Value, json};
use vault_wire::proof::{SEALED, commitment, opens};

use super::store;
use crate::keys::bytes::hex;

/// Version of the entries' form.
const FORM: u32 = 1;
/// Random bytes that hide the details behind their commitment.
pub(crate) const SALT_BYTES: usize = 16;

/// What is to be logged.
#[derive(Debug, Clone)]
pub(crate) struct Line {
    /// Such as `card.revealed`.
    pub(crate) event: &'static str,
    /// Whether it was done, or refused.
    pub(crate) done: Done,
    pub(crate) merchant: MerchantId,
    pub(crate) shop: ShopId,
    pub(crate) card: Option<CardToken>,
    /// Who: `usr_…`, `payer`, `clock`, `api`.
    pub(crate) actor: String,
    /// Why, as a word.
    pub(crate) purpose: String,
    /// Names, addresses, amounts.
    pub(crate) details: Value,
    pub(crate) at: Timestamp,
    salt: [u8; SALT_BYTES],
}

/// Whether something happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Done {
    /// It did.
    Yes,
    /// It was refused.
    No,
}

impl Line {
    /// A thing that was done with a card.
    pub(crate) fn new(
        event: &'static str,
        place: (MerchantId, ShopId),
        actor: &str,
        at: Timestamp,
        rng: &dyn Rng,
    ) -> Self {
        let mut salt = [0; SALT_BYTES];
        rng.fill(&mut salt);
        let (merchant, shop) = place;
        Self {
            event,
            done: Done::Yes,
            merchant,
            shop,
            card: None,
            actor: actor.to_owned(),
            purpose: String::new(),
            details: json!({}),
            at,
            salt,
        }
    }

    /// About this card.
    pub(crate) const fn card(mut self, card: CardToken) -> Self {
        self.card = Some(card);
        self
    }

    /// With a reason, as a word.
    pub(crate) fn purpose(mut self, purpose: &str) -> Self {
        purpose.clone_into(&mut self.purpose);
        self
    }

    /// With details that can be erased.
    pub(crate) fn details(mut self, details: Value) -> Self {
        self.details = details;
        self
    }

    /// With details that only its hash is shown of to guests; they can be erased with the others.
    pub(crate) fn sealed(mut self, mut sealed: Value, rng: &dyn Rng) -> Self {
        let mut salt = [0; SALT_BYTES];
        rng.fill(&mut salt);
        sealed["salt"] = hex(&salt).into();
        self.details[SEALED] = sealed;
        self
    }

    /// The canonical JSON (RFC 8785) of the entry with this number: names in order, no blanks.
    fn canonical(&self, seq: u64, commit: &str) -> String {
        canonical(&BTreeMap::from([
            ("v", json!(FORM)),
            ("seq", json!(seq)),
            ("at", json!(instant(self.at))),
            ("event", json!(self.event)),
            ("ok", json!(self.done == Done::Yes)),
            ("merchant", json!(self.merchant)),
            ("shop", json!(self.shop)),
            ("card", json!(self.card)),
            ("actor", json!(self.actor)),
            ("purpose", json!(self.purpose)),
            ("commit", json!(commit)),
        ]))
    }
}

/// JSON with its names in order and no blanks.
pub(super) fn canonical(fields: &BTreeMap<&str, Value>) -> String {
    serde_json::to_string(fields).unwrap_or_default()
}

/// The same line, as a refusal.
pub(crate) const fn refused(mut line: Line) -> Line {
    line.done = Done::No;
    line
}

/// `2026-07-01T08:00:00.000Z`: always milliseconds.
pub(super) fn instant(at: Timestamp) -> String {
    let whole = Timestamp::from_micros(at.as_seconds().saturating_mul(1_000_000)).to_string();
    let millis = at.as_micros().rem_euclid(1_000_000) / 1_000;
    format!("{}.{millis:03}Z", whole.trim_end_matches('Z'))
}

/// Whether an entry is the one of this place, and what stands beside it is what it says: card, time,
/// and the details it is bound to. Details that were erased together with their salt are no fault.
pub(super) fn is_sound(stored: &store::Whole, merchant: MerchantId, seq: u64) -> bool {
    let Ok(said) = serde_json::from_str::<Value>(&stored.entry) else { return false };
    opens(&stored.entry, (stored.salt.as_deref(), stored.details.as_deref()))
        && stored.seq == seq
        && said["seq"] == seq
        && said["merchant"] == json!(merchant)
        && said["card"] == json!(stored.card)
        && said["at"] == instant(stored.at)
}

/// Appends an entry; its number.
pub(crate) fn append(tx: &mut Tx<'_>, line: &Line) -> Result<u64, DbError> {
    let seq = store::next(tx, line.merchant)?;
    let details = line.details.to_string();
    let commit = commitment(&line.salt, &details);
    let commit = commit.ok_or_else(|| DbError::Corrupt("details".into()))?;
    let entry = line.canonical(seq, &commit);
    store::insert(tx, line, seq, (&entry, &line.salt, &details))?;
    Ok(seq)
}

#[cfg(test)]
mod tests {
    use kernel::rng::SeededRng;

    use super::*;

    #[test]
    fn v_145_entries_are_canonical_and_hide_their_details() {
        let rng = SeededRng::new(1);
        let place = (MerchantId::random(&rng), ShopId::random(&rng));
        let at = Timestamp::parse_rfc3339("2026-07-01T08:05:00.001Z").unwrap();
        let line = Line::new("card.revealed", place, "usr_a", at, &rng)
            .purpose("guarantee")
            .details(json!({ "ip": "203.0.113.7" }));
        let entry = line.canonical(1, &commitment(&line.salt, "{}").unwrap());
        let names = [
            "actor", "at", "card", "commit", "event", "merchant", "ok", "purpose", "seq", "shop",
            "v",
        ];
        let places: Vec<usize> =
            names.iter().map(|name| entry.find(&format!("\"{name}\":")).unwrap()).collect();
        assert!(places.is_sorted(), "{entry}");
        assert!(entry.contains("\"at\":\"2026-07-01T08:05:00.001Z\"") && !entry.contains(' '));
        assert!(!entry.contains("203.0.113.7"));
        let whole = Timestamp::parse_rfc3339("2026-07-01T08:00:00Z").unwrap();
        assert_eq!(instant(whole), "2026-07-01T08:00:00.000Z");
    }
}
