//! Carts: what a buyer is about to book, with prices frozen as they were shown.
//!
//! Life: a cart is created with its lines; saving the contact starts the hold (a shop may start
//! it with the cart); each pay click sets the hold to an hour and leads to the one payment of
//! the cart; it becomes *ordered* when its booking exists.
//!
//! Invariants: one live hold and one live payment per cart; the number and the id of the booking
//! are reserved at the first pay click and never change; a price that changed while nothing was
//! held is charged only after the buyer accepted it.
//!
//! Limits: [`model::MAX_LINES`] lines, all of one shop and one currency.

pub mod api;
pub mod contact;
pub mod describe;
pub mod error;
pub mod model;
pub mod ops;
mod pay;
pub mod store;

pub use contact::{Contact, ContactDraft};
pub use model::{Cart, CartLine, CartState};

/// The tables of the slice.
pub const MIGRATION: db::Migration =
    db::Migration { name: "carts/0001_cart", sql: include_str!("schema/0001_cart.sql") };
