//! The card vault: its own process, origin, database file and keys.
//!
//! ```text
//! browser ─ card page ─▶ edge ─┐                       ┌─▶ relay ─▶ allow-listed hosts
//! app ─ Unix socket ─▶ socket ─┴─ typed messages ─▶ core
//!                                   keys · cards · pages · codes · database · slots
//! ```
//!
//! A card number enters through the vault's own origin ([`edge`]), is sealed under a key of its
//! own ([`card`], [`keys`], [`slots`]) and leaves only filled into a template of the release
//! towards an allow-listed host ([`relay`]). Everybody else has a token, the brand, the first
//! 6 or 8 and the last 4 digits, and the expiry. A security code is in memory only, for minutes,
//! until the first authorisation answer ([`core`]); where a shop's acquirer allows it, a code of a
//! booking's card is held for one view or one authorisation ([`card::code`]).
//!
//! What a number's first digits say of its issuer is in a table the operator imports ([`bins`]).
//!
//! People who may see a number have a PIN ([`viewer`]) and look through a link that serves once
//! ([`reveal`]). What happens to a card is in a log from which nothing can be taken ([`log`]).
//!
//! Invariants: a card is durable before its page answers; a destroyed card never comes back; a
//! relay call is noted before its first byte leaves and is never sent again by itself; no answer
//! to the app has a place for a number or a code; a held code has one consumer and is destroyed
//! before its page is sent.
//!
//! Software vendors have keys of their own, and each property says what they may do ([`partner`]).
//!
//! A sealed vault holds no key: its doors answer, and say so ([`sealing`]). The root may be in a
//! device, which it never leaves ([`token`]).
//!
//! The keys that seal slots change by themselves, and their old ones are destroyed ([`rotation`]).
//! What a lost disk takes comes back from a backup that is of no use to a thief ([`backup`]).
//!
//! Limits: one process with one sandbox ([`confine`]) for all three roles.

mod add_card;
mod audit;
mod backup;
mod bins;
mod capture;
mod card;
mod clock;
mod config;
mod confine;
mod core;
mod edge;
mod environment;
mod figures;
mod kernel_calls;
mod keys;
mod log;
mod news;
mod origin;
mod partner;
mod proxy;
mod relay;
mod reveal;
mod rotation;
mod run;
mod sealing;
mod shop;
mod shred;
mod slots;
mod socket;
mod storage;
mod strict;
#[cfg(test)]
mod tests;
mod token;
mod viewer;

pub use backup::{Accepted, BackupError, RestoreWish, Restored, make_recipient, restore};
pub use config::{Config, Sandbox, TokenConfig};
pub use edge::describe::described;
pub use keys::keyring::KeyringError;
pub use keys::root::RootError;
pub use proxy::{READY_PROFILES, Rehearsed, RehearsedCard, ready_profile, rehearse};
pub use relay::TemplateError;
pub use run::{run, run_and};
pub use sealing::{
    AskShare, Ceremony, CeremonyError, GatheredRoot, RootSource, ShareError, close_in,
};
pub use shred::search_outside;
pub use storage::{Checked, check, migrate, place};
pub use token::{MadeKey, Pin, TokenError, make_token_key, pin_file_fault, with_variables};
pub use vault_wire::RootForm;

/// Makes the root key of a new vault, readable by its user alone; never overwrites one.
///
/// # Errors
/// [`RootError`] naming the file.
pub fn make_root(path: &std::path::Path) -> Result<(), RootError> {
    keys::root::create(path, &kernel::rng::OsRng)
}
pub use shop::ShopError;

/// Tables of the vault.
pub(crate) const MIGRATIONS: &[db::Migration] = &[
    db::Migration { name: "vault/0001_vault", sql: include_str!("schema/0001_vault.sql") },
    db::Migration { name: "vault/0002_reveal", sql: include_str!("schema/0002_reveal.sql") },
    db::Migration { name: "vault/0003_bins", sql: include_str!("schema/0003_bins.sql") },
    db::Migration { name: "vault/0010_viewers", sql: include_str!("schema/0010_viewers.sql") },
    db::Migration {
        name: "vault/0011_typed_code",
        sql: include_str!("schema/0011_typed_code.sql"),
    },
    db::Migration { name: "vault/0012_recovery", sql: include_str!("schema/0012_recovery.sql") },
    db::Migration { name: "vault/0013_node", sql: include_str!("schema/0013_node.sql") },
    db::Migration { name: "vault/0014_virtual", sql: include_str!("schema/0014_virtual.sql") },
    db::Migration { name: "vault/0020_partners", sql: include_str!("schema/0020_partners.sql") },
    db::Migration {
        name: "vault/0021_partner_viewers",
        sql: include_str!("schema/0021_partner_viewers.sql"),
    },
    db::Migration { name: "vault/0030_slots", sql: include_str!("schema/0030_slots.sql") },
    db::Migration { name: "vault/0031_proxy", sql: include_str!("schema/0031_proxy.sql") },
    db::Migration { name: "vault/0032_calendar", sql: include_str!("schema/0032_calendar.sql") },
    db::Migration { name: "vault/0040_restored", sql: include_str!("schema/0040_restored.sql") },
    db::Migration { name: "vault/0041_guards", sql: include_str!("schema/0041_guards.sql") },
    db::Migration {
        name: "vault/0042_custodians",
        sql: include_str!("schema/0042_custodians.sql"),
    },
    db::Migration { name: "vault/0043_verifier", sql: include_str!("schema/0043_verifier.sql") },
    db::Migration { name: "vault/0044_clock", sql: include_str!("schema/0044_clock.sql") },
    db::Migration { name: "vault/0049_missing", sql: include_str!("schema/0049_missing.sql") },
    db::Migration { name: "vault/0055_suspended", sql: include_str!("schema/0055_suspended.sql") },
    db::Migration {
        name: "vault/0056_destruction",
        sql: include_str!("schema/0056_destruction.sql"),
    },
];

/// Words of the vault's pages.
pub(crate) const MESSAGES: &[http::words::Messages] = http::payer_words!("messages");

/// A result whose failure was logged and is not told.
pub(crate) type Hidden<T> = Result<T, ()>;

/// Why the vault does not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The root key.
    #[error(transparent)]
    Root(#[from] RootError),
    /// The device of the root.
    #[error(transparent)]
    Token(#[from] TokenError),
    /// The keyring.
    #[error(transparent)]
    Keyring(#[from] KeyringError),
    /// Database or slots.
    #[error("storage: {0}")]
    Storage(String),
    /// A shop's keys.
    #[error(transparent)]
    Shop(#[from] ShopError),
    /// A template of the release.
    #[error(transparent)]
    Template(#[from] TemplateError),
    /// A file or an address.
    #[error("{0}: {1}")]
    Io(String, #[source] std::io::Error),
    /// A setting.
    #[error("configuration: {0}")]
    Config(String),
    /// The sandbox was required and is not whole.
    #[error("the sandbox is not whole: {0}")]
    Sandbox(String),
}
