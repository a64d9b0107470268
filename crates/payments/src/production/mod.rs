//! The way from the test shop to the live one: `/parametres/production`.
//!
//! **Life.** A merchant begins with a live shop and its test twin. The test shop takes payments
//! from the simulated bank, for ever and for nothing. The live shop is opened once, on its own side,
//! by a person who may change settings there, when five points are done: an acquirer contract, a
//! captured test payment, a notification that a program of the merchant took, the payment page
//! looked at by a person, a second factor for everybody who signs in.
//!
//! **Invariants.** Each point is read from what happened, at the moment of opening, in the
//! transaction that opens; only the page is a word of a person, with his name. A live shop that is
//! not open creates no payment, checks no card and has no public site. A connector whose money is
//! simulated is no contract.
//!
//! **Limits.** All live shops of a merchant are opened together. There is no live connector yet: the
//! first point stays open, and says so; with the first connector it must ask for the account of the
//! shop. What happened is forgotten with the messages it is read from, until the shop is open.

pub mod model;
pub mod ops;
pub mod pages;
pub mod store;
#[cfg(test)]
mod tests;

use http::words::Messages;
use kernel::Locale;

/// The table.
pub const MIGRATION: db::Migration = db::Migration {
    name: "payments/production/0001_production",
    sql: include_str!("schema/0001_production.sql"),
};

/// Words of the slice.
pub const SLICE: web::Slice = web::Slice {
    name: "production",
    migrations: &[],
    messages: &[
        Messages { locale: Locale::Fr, text: include_str!("messages/fr.ftl") },
        Messages { locale: Locale::En, text: include_str!("messages/en.ftl") },
    ],
    menu: &[],
};
