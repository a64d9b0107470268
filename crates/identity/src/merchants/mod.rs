//! Who sells, and where: a merchant (legal entity) has shops (points of acceptance with a
//! contract, test or live) and each shop has points of sale (channels).
//!
//! Life: created by the operator, a live shop together with its test twin; a shop never changes its
//! mode. A test shop takes payments at once, for ever, from the simulated bank. A live shop sells
//! nothing until it is opened, once, when its checklist is done.
//!
//! Invariants: a slug names one merchant over the whole installation (it is a row of the
//! [`crate::locator`]); test and live data never meet, because every row below a shop carries the
//! shop's mode through its scope.
//!
//! Limits: the pages that edit a merchant are not here yet; one fee plan per shop.

pub mod model;
pub mod ops;
pub mod store;

#[cfg(test)]
mod tests;

pub use model::{Custody, FeePlan, Merchant, PointOfSale, Shop};
pub use ops::MerchantError;

/// Tables of the slice.
pub const MIGRATIONS: &[db::Migration] = &[
    db::Migration {
        name: "identity/merchants/0001_merchants",
        sql: include_str!("schema/0001_merchants.sql"),
    },
    db::Migration {
        name: "identity/merchants/0002_opened",
        sql: include_str!("schema/0002_opened.sql"),
    },
];
