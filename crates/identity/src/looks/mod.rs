//! The look of a merchant: one accent and one logo on the pages his guests see.
//!
//! Life: the owner gives a colour and a picture on `/parametres`; the picture is decoded and
//! encoded anew, so that nothing but pixels is kept; the accent becomes a small style sheet
//! ([`http::theme`]). Both are served under names that hold a hash of their content, so browsers
//! keep them for ever and a change has a new name.
//!
//! Invariants: a stored logo is a PNG of at most [`picture::MAX_WIDTH`] by
//! [`picture::MAX_HEIGHT`] pixels; style sheets hold colours and nothing else.
//!
//! Limits: one look for all shops of a merchant; SVG is refused.

pub mod ops;
pub mod pages;
pub mod picture;
pub mod store;

#[cfg(test)]
mod tests;

/// Tables of the slice.
pub const MIGRATIONS: &[db::Migration] = &[db::Migration {
    name: "identity/looks/0001_logo",
    sql: include_str!("schema/0001_logo.sql"),
}];
