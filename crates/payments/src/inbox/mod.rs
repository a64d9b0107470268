//! The inbox: what providers tell by themselves, each event once.
//!
//! A provider posts to `/psp/{account}/notifications`, the same address for all payments. The
//! connector checks the seal over the bytes as received and reads the events; the engine
//! ([`crate::engine::notify`]) finds the operation they speak of, writes what they change and the
//! line of the inbox in one commit, and only then is the connector's acknowledgement sent. A commit
//! that fails answers 500, and the provider comes again. What came before is acknowledged alike and
//! changes nothing: the key is the connector account with the provider's name of the event, or the
//! SHA-256 of the bytes where it has none.
//!
//! The bytes are kept without secrets and card numbers for [`KEPT_DAYS`].
//!
//! **Limits.** One account, the simulated bank. What has a right seal and names no operation of
//! ours is acknowledged, logged and not kept.

pub mod api;
pub mod model;
pub mod store;

/// The table of the slice.
pub const MIGRATION: db::Migration =
    db::Migration { name: "payments/inbox/0001_inbox", sql: include_str!("schema/0001_inbox.sql") };

/// Days for which a message is kept: 15 months.
pub const KEPT_DAYS: i64 = 457;
