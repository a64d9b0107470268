//! Trying a profile on a message without a vault: nothing is stored, nothing is sent.

use kernel::{CardToken, Rng};
use serde::Serialize;
use vault_wire::ProxyProfile;

use super::draft::{self, DraftCard, Given};
use super::profile::Profile;
use crate::bins::Table;
use crate::card::Pan;

/// What a message would become.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Rehearsed {
    /// The message as it would go on, with tokens that name nothing.
    pub document: String,
    /// Its cards.
    pub cards: Vec<RehearsedCard>,
    /// How many numbers that no path names would be masked.
    pub masked: usize,
}

/// A card that a message carries, as it may be shown.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RehearsedCard {
    /// Where its number stands.
    pub path: String,
    /// The channel's reference.
    pub booking: Option<String>,
    /// `stored`, `token`, or why there is none: `retrieval_failed`, `not_sent`, `invalid`.
    pub result: &'static str,
    /// `******` and the last four digits.
    pub masked: Option<String>,
    /// Its expiry, where it is understood.
    pub expiry: Option<String>,
    /// Whether a code came with it.
    pub code: bool,
}

/// What would become of a message.
///
/// # Errors
/// A sentence with the code and the path of what is wrong with the profile or the message.
pub fn rehearse(profile: ProxyProfile, message: &[u8], rng: &dyn Rng) -> Result<Rehearsed, String> {
    let profile = Profile::read(profile)
        .map_err(|why| format!("{} {}: {}", why.code, why.path.unwrap_or_default(), why.detail))?;
    let text = std::str::from_utf8(message).map_err(|_| "document_invalid: not UTF-8")?;
    let draft =
        draft::read(&profile, text).map_err(|fault| format!("{} {}", fault.code, fault.path))?;
    let cards: Vec<RehearsedCard> = draft.cards.iter().map(told).collect();
    let tokens: Vec<Option<CardToken>> = cards
        .iter()
        .map(|card| (card.result == "stored").then(|| CardToken::random(rng)))
        .collect();
    let masked = draft.masked;
    let written = draft.write(text, &tokens);
    let written = written.map_err(|fault| format!("{} {}", fault.code, fault.path))?;
    let document = String::from_utf8_lossy(&written).into_owned();
    Ok(Rehearsed { document, cards, masked })
}

fn told(card: &DraftCard) -> RehearsedCard {
    let (result, masked) = match &card.given {
        Given::Token => ("token", None),
        Given::Placeholder => ("retrieval_failed", None),
        Given::Nothing => ("not_sent", None),
        Given::Number(text) => match Pan::read(text, &Table::default()) {
            Ok(pan) => ("stored", Some(format!("******{}", pan.last4()))),
            Err(_) => ("invalid", None),
        },
    };
    let expiry = card.expiry.map(|expiry| format!("{:02}/{}", expiry.month, expiry.year));
    let (path, booking, code) = (card.path.clone(), card.booking.clone(), card.code.is_some());
    RehearsedCard { path, booking, result, masked, expiry, code }
}
