//! Signing in, staying signed in, signing out.
//!
//! Life: a person gives e-mail address, password and time code at `/connexion`; a random id goes
//! into a cookie and its SHA-256 into the table; the session ends 15 minutes after the last
//! request, 12 hours after it began, by `POST /deconnexion`, or when the user is disabled.
//!
//! A merchant with a live shop and its test twin sees one of them at a time: the session says which,
//! and `POST /mode` changes it. It begins with the live one once that is open for payments.
//!
//! Invariants: a try is counted before the password is looked at, so a burst of tries cannot
//! slip past the pause; five tries that failed make the account, and the address they came from,
//! wait 15 minutes, across restarts; a time code opens one session; all of it runs on real time,
//! whatever a shop's test clock says.
//!
//! Limits: passkeys are not here yet; the last request is noted every 20 seconds, so an idle
//! session may end that much early.

pub mod jobs;
pub mod model;
pub mod ops;
pub mod pages;
pub mod store;

#[cfg(test)]
mod tests;

pub use model::{Life, Session};
pub use ops::{Current, SignInError};

/// Tables of the slice.
pub const MIGRATIONS: &[db::Migration] = &[db::Migration {
    name: "identity/sessions/0001_sessions",
    sql: include_str!("schema/0001_sessions.sql"),
}];
