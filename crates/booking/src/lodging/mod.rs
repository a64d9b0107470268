//! Lodging: room types, formulas, tariffs, the price of a stay, and the search for one.
//!
//! Life: a lodging type is created with its units and opened night by night in [`crate::stock`];
//! tariffs are entered as periods; a search reads the catalogue once and evaluates it in memory.
//!
//! Invariants: availability and price are independent, a stay is sellable when every night has
//! room *and* a price exists; two prices for the same day and length are refused unless the new
//! one replaces the old; prices are never negative, zero is a price; a quote carries how its
//! price was found.
//!
//! Limits: [`pricing::MAX_NIGHTS`] nights, [`pricing::MAX_LENGTHS`] lengths of tariffs; seasons
//! act when tariffs are entered; supplements, restrictions and pinned units are not here yet.

pub mod api;
pub mod describe;
pub mod editing;
pub mod equipment;
pub mod formula_editing;
pub mod model;
pub mod ops;
pub mod pages;
pub mod photos;
pub mod pricing;
pub mod quote;
mod saving;
pub mod search;
pub mod store;
pub mod tariff_editing;
pub mod tariffs;
#[cfg(test)]
mod tests;

pub use equipment::Equipment;
pub use model::{AgeBracket, Formula, Kind, Lodging, Party, Texts};
pub use quote::Quote;
pub use search::{Reason, StayQuery};

/// The tables of the slice.
pub const MIGRATION: db::Migration =
    db::Migration { name: "lodging/0001_lodging", sql: include_str!("schema/0001_lodging.sql") };

/// The version of a tariff, for two people who change it.
pub const TARIFF_VERSION: db::Migration = db::Migration {
    name: "lodging/0003_tariff_version",
    sql: include_str!("schema/0003_tariff_version.sql"),
};

/// The version of a formula, for the same.
pub const FORMULA_VERSION: db::Migration = db::Migration {
    name: "lodging/0004_formula_version",
    sql: include_str!("schema/0004_formula_version.sql"),
};

/// Equipment and conditions of a lodging.
pub const DETAILS: db::Migration = db::Migration {
    name: "lodging/0002_lodging_details",
    sql: include_str!("schema/0002_lodging_details.sql"),
};
