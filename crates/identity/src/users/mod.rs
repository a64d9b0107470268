//! Staff: a person with an e-mail address, a password, a time code and roles at places.
//!
//! Life: created by the house or by someone with `users.manage`; gets assignments (a role with
//! rights added by name, at the merchant, a shop or a point of sale); may be disabled, which acts
//! at the next request and keeps his history.
//!
//! Invariants: passwords are Argon2id hashes under the app's pepper; the seed of the time code
//! is sealed for its user; a used time step is never taken again (RFC 6238 §5.2); nobody grants
//! a right he lacks.
//!
//! Limits: one person, one e-mail address over the whole installation; no passkeys yet.

pub mod model;
pub mod ops;
pub mod pages;
pub mod password;
pub mod people;
pub mod store;
pub mod time_code;

#[cfg(test)]
mod tests;

pub use model::{Assignment, Place, User};
pub use ops::{NewUser, UserError};

/// Tables of the slice.
pub const MIGRATIONS: &[db::Migration] = &[db::Migration {
    name: "identity/users/0001_users",
    sql: include_str!("schema/0001_users.sql"),
}];
