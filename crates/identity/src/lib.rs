//! Whose house this is and who may do what in it: merchants, shops, staff, rights, API keys,
//! sessions, settings, the audit journal and the shops' test clocks.
//!
//! Life: an operator creates a [`merchants::Merchant`] with shops and points of sale; people get a
//! [`users`] account and a role at a place; they sign in ([`sessions`]) or a program shows a key
//! ([`keys`]); the extractors of [`extract`] turn either into a [`kernel::Scope`], the proof
//! every store function of the product asks for.
//!
//! Invariants: a scope is made in [`scope`] and nowhere else; secrets (session ids, keys, page
//! tokens) are stored as SHA-256 hashes, passwords as Argon2id under a pepper; rights are read
//! again at each request, so a change acts at once; journal lines are only ever added.
//!
//! Limits: sign-in with a passkey is not here yet; roles are given as they are, the page that
//! edits a role is not here yet; a role given for one shop of several counts only where that shop
//! covers all of the merchant's shops of the mode.

pub mod api;
pub mod audit;
pub mod clocks;
pub mod extract;
#[cfg(any(test, feature = "fixtures"))]
pub mod fixtures;
pub mod invitations;
pub mod keys;
pub mod lists;
pub mod locator;
pub mod looks;
pub mod lots;
pub mod merchants;
pub mod pages;
pub mod roles;
pub mod runs;
pub mod scope;
pub mod secrets;
pub mod sessions;
pub mod settings;
pub mod tasks;
pub mod users;

use http::words::Messages;
use kernel::{Locale, Right};
use web::{MenuEntry, Slice};

/// The slices of this crate.
pub const SLICES: &[Slice] = &[
    Slice { name: "merchants", migrations: merchants::MIGRATIONS, messages: &[], menu: &[] },
    Slice { name: "looks", migrations: looks::MIGRATIONS, messages: &[], menu: &[] },
    Slice { name: "locator", migrations: locator::MIGRATIONS, messages: &[], menu: &[] },
    Slice { name: "users", migrations: users::MIGRATIONS, messages: ACCESS, menu: &[] },
    Slice { name: "sessions", migrations: sessions::MIGRATIONS, messages: SESSIONS, menu: &[] },
    Slice { name: "keys", migrations: keys::MIGRATIONS, messages: KEYS, menu: &[] },
    Slice {
        name: "invitations",
        migrations: invitations::MIGRATIONS,
        messages: INVITATIONS,
        menu: &[],
    },
    Slice { name: "people", migrations: &[], messages: PEOPLE, menu: &[] },
    Slice { name: "tasks", migrations: &[], messages: TASKS, menu: &[] },
    Slice { name: "settings", migrations: &[], messages: SETTINGS, menu: SETTINGS_MENU },
    Slice { name: "audit", migrations: audit::MIGRATIONS, messages: AUDIT, menu: AUDIT_MENU },
    Slice { name: "clocks", migrations: clocks::MIGRATIONS, messages: &[], menu: &[] },
    Slice { name: "runs", migrations: runs::MIGRATIONS, messages: RUNS, menu: &[] },
    Slice { name: "lots", migrations: lots::MIGRATIONS, messages: LOTS, menu: &[] },
];

const RUNS: &[Messages] = &[
    Messages { locale: Locale::Fr, text: include_str!("runs/messages/fr.ftl") },
    Messages { locale: Locale::En, text: include_str!("runs/messages/en.ftl") },
];
const LOTS: &[Messages] = &[
    Messages { locale: Locale::Fr, text: include_str!("lots/messages/fr.ftl") },
    Messages { locale: Locale::En, text: include_str!("lots/messages/en.ftl") },
];
const ACCESS: &[Messages] = &[
    Messages { locale: Locale::Fr, text: include_str!("extract/messages/fr.ftl") },
    Messages { locale: Locale::En, text: include_str!("extract/messages/en.ftl") },
];
const KEYS: &[Messages] = &[
    Messages { locale: Locale::Fr, text: include_str!("keys/messages/fr.ftl") },
    Messages { locale: Locale::En, text: include_str!("keys/messages/en.ftl") },
];
const INVITATIONS: &[Messages] = &[
    Messages { locale: Locale::Fr, text: include_str!("invitations/messages/fr.ftl") },
    Messages { locale: Locale::En, text: include_str!("invitations/messages/en.ftl") },
];
const PEOPLE: &[Messages] = &[
    Messages { locale: Locale::Fr, text: include_str!("users/messages/fr.ftl") },
    Messages { locale: Locale::En, text: include_str!("users/messages/en.ftl") },
];
const SESSIONS: &[Messages] = &[
    Messages { locale: Locale::Fr, text: include_str!("sessions/messages/fr.ftl") },
    Messages { locale: Locale::En, text: include_str!("sessions/messages/en.ftl") },
];
const AUDIT: &[Messages] = &[
    Messages { locale: Locale::Fr, text: include_str!("audit/messages/fr.ftl") },
    Messages { locale: Locale::En, text: include_str!("audit/messages/en.ftl") },
];
const TASKS: &[Messages] = &[
    Messages { locale: Locale::Fr, text: include_str!("tasks/messages/fr.ftl") },
    Messages { locale: Locale::En, text: include_str!("tasks/messages/en.ftl") },
];
const SETTINGS: &[Messages] = &[
    Messages { locale: Locale::Fr, text: include_str!("settings/messages/fr.ftl") },
    Messages { locale: Locale::En, text: include_str!("settings/messages/en.ftl") },
];
const SETTINGS_MENU: &[MenuEntry] = &[
    MenuEntry {
        label: "settings-menu",
        href: settings::PROPERTY,
        icon: "key",
        right: Right::SettingsManage,
        order: 80,
    },
    MenuEntry {
        label: "settings-people",
        href: settings::PEOPLE,
        icon: "people",
        right: Right::UsersManage,
        order: 81,
    },
    MenuEntry {
        label: "settings-keys",
        href: settings::KEYS,
        icon: "key",
        right: Right::KeysManage,
        order: 82,
    },
];
const AUDIT_MENU: &[MenuEntry] = &[MenuEntry {
    label: "audit-menu",
    href: "/journal",
    icon: "receipt",
    right: Right::AuditRead,
    order: 90,
}];
