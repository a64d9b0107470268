//! Changing a property's own data.

use db::{DbError, Tx};
use http::contrast;
use kernel::{AuditId, Scope, Timestamp, card_text};
use serde_json::json;

use super::store;
use crate::audit::{self, Line};
use crate::looks;
use crate::merchants::{self, Merchant, model};

/// Longest phone number, in characters.
const MAX_PHONE_CHARACTERS: usize = 30;
/// Longest address, in characters.
const MAX_ADDRESS_CHARACTERS: usize = 400;

/// What an owner may change of his property.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Property {
    /// Name on pages and papers.
    pub name: String,
    /// Phone that guests may call.
    pub phone: String,
    /// Postal address, lines separated by line feeds.
    pub address: String,
    /// Accent, `#rrggbb`; none is the house's own.
    pub accent: Option<String>,
}

impl Property {
    /// As it stands.
    #[must_use]
    pub fn of(merchant: &Merchant) -> Self {
        Self {
            name: merchant.name.clone(),
            phone: merchant.phone.clone(),
            address: merchant.address.clone(),
            accent: merchant.accent.clone(),
        }
    }

    /// The fields that cannot be taken, by name.
    #[must_use]
    pub fn faults(&self) -> Vec<&'static str> {
        let phone = |c: char| c.is_ascii_digit() || " +.-()/".contains(c);
        let fits = |text: &str, most: usize| {
            (1..=most).contains(&text.chars().count()) && !card_text::holds_card_number(text)
        };
        let is_text = |c: char| !c.is_control() || c == '\n';
        let fields = [
            ("name", model::is_name(&self.name) && fits(&self.name, usize::MAX)),
            ("phone", fits(&self.phone, MAX_PHONE_CHARACTERS) && self.phone.chars().all(phone)),
            (
                "address",
                fits(&self.address, MAX_ADDRESS_CHARACTERS) && self.address.chars().all(is_text),
            ),
            ("accent", self.accent.as_deref().is_none_or(|text| contrast::parse(text).is_some())),
        ];
        fields.into_iter().filter(|(_, fine)| !fine).map(|(name, _)| name).collect()
    }
}

/// Saves a property without faults, with its line in the journal. Nothing is written when
/// nothing changed.
///
/// # Errors
/// [`DbError`].
pub fn save(
    tx: &mut Tx<'_>,
    scope: &Scope,
    (property, line): (&Property, &Line),
    (now, id): (Timestamp, AuditId),
) -> Result<(), DbError> {
    let before = merchants::store::merchant(tx, scope)?.as_ref().map(Property::of);
    if before.as_ref() == Some(property) {
        return Ok(());
    }
    store::set_property(tx, scope, property)?;
    looks::ops::set_accent(tx, scope, property.accent.as_deref())?;
    let told = |property: &Property| {
        json!({
            "name": property.name,
            "phone": property.phone,
            "address": property.address,
            "accent": property.accent,
        })
    };
    let mut line = line.clone().after(told(property));
    line.before = before.as_ref().map(told);
    audit::record(tx, scope, &line, now, id)
}
