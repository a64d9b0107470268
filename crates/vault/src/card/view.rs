//! A card as it leaves the vault.

use kernel::Date;
use vault_wire::{Card, CardStatus, CodeStatus, Issuer, Reveals, SecurityCode, Verification};

use super::store::{CardKind, CardRow};
use crate::keys::fingerprint;

/// Times a number may be shown; revealing comes later, the figure is part of the shape.
const MAX_REVEALS: u32 = 10;

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
    let gone = card.code_gone.as_ref().filter(|_| code == Code::Absent);
    let code = match (code, gone) {
        (Code::Held, _) => CodeStatus::Transit,
        (Code::Absent, Some(_)) => CodeStatus::Destroyed,
        (Code::Absent, None) => CodeStatus::None,
    };
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
        funding: None,
        product: None,
        commercial: None,
        issuer: Issuer { name: None, country: None },
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
            actor: None,
            at: gone.map(|(_, at)| *at),
            destroyed_because: gone.map(|(why, _)| why.clone()),
            receipt: None,
        },
        virtual_card: None,
        consumption: Vec::new(),
        reveals: Reveals { count: 0, max: MAX_REVEALS, last_at: None },
        purge_at: card.purge_at,
        single_use: card.kind == CardKind::SingleUse,
        version: card.version,
    }
}

/// Where the card stands on a day.
pub(crate) fn status(card: &CardRow, today: Date) -> CardStatus {
    if card.purged.is_some() {
        return CardStatus::Purged;
    }
    if card.expiry.check(today) == Err(super::Fault::Expired) {
        return CardStatus::Expired;
    }
    if card.kind == CardKind::Pending { CardStatus::Pending } else { CardStatus::Active }
}
