//! A link with which a person chooses his own password and connects his authenticator.
//!
//! Life: made when a user is added, or when he lost his password or his phone; works once, for
//! [`ops::VALID_DAYS`] days of real time; a newer link ends the older ones.
//!
//! Invariants: the link is stored as its SHA-256; nobody but the one who opens it sees the
//! password; accepting it proves that his authenticator shows the right code, and ends his other
//! sessions.
//!
//! Limits: the seed is shown as text and as an `otpauth:` link, without a picture to scan.

pub mod ops;
pub mod pages;
pub mod store;

#[cfg(test)]
mod tests;

/// Tables of the slice.
pub const MIGRATIONS: &[db::Migration] = &[db::Migration {
    name: "identity/invitations/0001_invitation",
    sql: include_str!("schema/0001_invitation.sql"),
}];
