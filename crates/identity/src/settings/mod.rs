//! `/parametres`: what a merchant sets himself, a tab per subject.
//!
//! The property (name, address, accent, logo) is edited here; people and keys have their tabs,
//! written by their own slices. A tab whose right is missing is absent.
//!
//! Limits: the e-mail address of the property is shown and not changed here, since its change
//! must be confirmed at the old and the new address.

pub mod ops;
pub mod pages;
pub(crate) mod store;

#[cfg(test)]
mod tests;

use http::Words;
use kernel::{Right, Scope};

/// Path of the property.
pub const PROPERTY: &str = "/parametres";
/// Path of people and their rights.
pub const PEOPLE: &str = "/parametres/utilisateurs";
/// Path of the keys of programs.
pub const KEYS: &str = "/parametres/cles";
/// Path of what each means of payment can do.
pub const MEANS: &str = "/parametres/moyens";
/// Path of how cards are kept.
pub const CARDS: &str = "/parametres/cartes";
/// Path of the programs that are told what happens.
pub const WEBHOOKS: &str = "/parametres/webhooks";
/// Path of what is left before real payments.
pub const PRODUCTION: &str = "/parametres/production";

const TABS: &[(&str, &str, Right)] = &[
    ("settings-property", PROPERTY, Right::SettingsManage),
    ("settings-people", PEOPLE, Right::UsersManage),
    ("settings-keys", KEYS, Right::KeysManage),
    ("settings-webhooks", WEBHOOKS, Right::NotificationsManage),
    ("settings-cards", CARDS, Right::CardSettings),
    ("settings-means", MEANS, Right::SettingsManage),
    ("settings-production", PRODUCTION, Right::SettingsManage),
];

/// A tab as shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tab {
    /// Its words.
    pub label: String,
    /// Its page.
    pub href: &'static str,
    /// Whether the page belongs to it.
    pub current: bool,
}

/// The tabs a person may open; `here` is the path of the page.
#[must_use]
pub fn tabs(words: &Words, scope: &Scope, here: &str) -> Vec<Tab> {
    let shown = TABS.iter().filter(|(.., right)| scope.may(*right));
    shown
        .map(|(label, href, _)| Tab { label: words.say(label), href, current: *href == here })
        .collect()
}
