//! A card as it leaves the vault.

use kernel::Date;
use serde_json::Value;
use vault_wire::{Card, CardStatus, CodeStatus, Issuer, Reveals, SecurityCode, Verification};

use super::code::CodeState;
use super::kind::CardKind;
use super::store::CardRow;
use crate::keys::fingerprint;

/// Times a number may be shown unless the shop says otherwise.
pub(crate) const MAX_REVEALS: u32 = 10;

/// Whether the security code of a card is in memory.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Code {
    /// It is.
    Held,
    /// It never was, or is no more.
    Absent,
}

/// The outside of a card, on a day of its shop.
pub(crate) fn view(card: &CardRow, today: Date, code: Code) -> Card {
    let code = code_status(card, code);
    let facts = card.facts.clone().unwrap_or_default();
    let gone = card.code_gone.as_ref().filter(|_| code == CodeStatus::Destroyed);
    Card {
        token: card.token,
        card_virtual: card.is_virtual,
        status: status(card, today),
        missing_reason: card.purged,
        brand: card.brand,
        co_brands: card.co_brand.into_iter().collect(),
        preferred_brand: card.preferred,
        bin: card.bin.clone(),
        last4: card.last4.clone(),
        masked: format!("******{}", card.last4),
        exp_month: card.expiry.month,
        exp_year: card.expiry.year,
        holder_initials: card.initials.clone(),
        fingerprint: card.fingerprint.map(fingerprint::text).unwrap_or_default(),
        funding: facts.funding,
        product: facts.product,
        commercial: facts.commercial,
        issuer: Issuer { name: facts.issuer, country: facts.country },
        bin_table_version: Some(card.bin_table.clone()).filter(|version| !version.is_empty()),
        entry: card.entry.clone(),
        channel: card.channel.clone(),
        received_at: card.received_at,
        verification: Verification {
            status: "unverified".into(),
            method: None,
            at: None,
            decline_code: None,
        },
        security_code: SecurityCode {
            status: code,
            actor: card.held.actor.clone().filter(|_| gone.is_some()),
            at: gone.map(|(_, at)| *at),
            destroyed_because: gone.map(|(why, _)| why.clone()),
            receipt: None,
        },
        virtual_card: told(card),
        consumption: Vec::new(),
        reveals: Reveals { count: card.reveals, max: MAX_REVEALS, last_at: card.revealed_at },
        purge_at: card.purge_at,
        single_use: card.kind == CardKind::SingleUse,
        suspension: card.suspension.clone(),
        version: card.version,
    }
}

/// Where the security code stands.
pub(crate) fn code_status(card: &CardRow, code: Code) -> CodeStatus {
    match (code, card.held.state, &card.code_gone) {
        (Code::Held, ..) => CodeStatus::Transit,
        (_, Some(CodeState::Available), _) => CodeStatus::Available,
        (_, Some(CodeState::Reserved), _) => CodeStatus::Reserved,
        (_, Some(CodeState::Unknown), _) => CodeStatus::Unknown,
        (_, Some(CodeState::Destroyed), _) | (_, None, Some(_)) => CodeStatus::Destroyed,
        (_, None, None) => CodeStatus::None,
    }
}

/// Where the card stands on a day.
pub(crate) fn status(card: &CardRow, today: Date) -> CardStatus {
    if card.purged.is_some() {
        return CardStatus::Purged;
    }
    if card.suspension.is_some() {
        return CardStatus::Suspended;
    }
    if card.expiry.is_known() && card.expiry.check(today) == Err(super::Fault::Expired) {
        return CardStatus::Expired;
    }
    if card.kind == CardKind::Pending { CardStatus::Pending } else { CardStatus::Active }
}

/// Window and balance as the channel told them when it sent the card.
fn told(card: &CardRow) -> Option<Value> {
    let mut told: Value = serde_json::from_str(card.told.as_deref()?).ok()?;
    let known = !told["balance"].is_null();
    let at = known.then(|| card.received_at.to_string());
    told.as_object_mut()?.insert("balance_at".into(), at.into());
    Some(told)
}
