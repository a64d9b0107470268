//! Bookings (dossiers): what was sold, to whom, at which price, and everything that happened.
//!
//! Life: `pre_booked`, `to_validate` or at once `confirmed` (firm); then `cancelled`, `no_show`
//! or `done`; `refused` and `expired` end a booking that never was firm. A booking of the public
//! page is created *confirmed* in the transaction that books its first payment (or at once when
//! nothing is to pay), under the number reserved at the first pay click: before that there is
//! only a cart and a hold, so an abandoned payment leaves no booking behind.
//!
//! Invariants: moves are exactly those of [`model::BookingState::may_become`]; each move and its
//! journal line are one commit; lines of the journal are never changed or deleted, by the schema;
//! numbers are unique per merchant and year.
//!
//! Limits: changes, pre-bookings by staff and deletion are not here yet; the list finds
//! names from their beginning, and inside a word among the newest bookings.

pub mod api;
pub mod authentication;
pub mod balance;
pub mod card_request;
pub mod charging;
pub mod creating;
pub mod describe;
pub mod editing;
pub mod ending;
pub mod finish;
pub mod guest;
pub mod letters;
pub mod listing;
pub mod lots;
mod method;
pub mod model;
pub mod ops;
pub mod outside;
pub mod pages;
pub mod paper;
pub mod store;
pub mod subject;
mod subject_page;
mod tabs;
#[cfg(test)]
mod tests;
pub mod view;

pub use model::{Booking, BookingState};
pub use subject::{BookingSubject, CartSubject};

/// The tables of the slice.
pub const MIGRATION: db::Migration =
    db::Migration { name: "bookings/0001_booking", sql: include_str!("schema/0001_booking.sql") };

/// The journal is only ever added to; the schema itself refuses anything else.
pub const JOURNAL_GUARD: db::Migration = db::Migration {
    name: "bookings/0002_booking_journal_guard",
    sql: include_str!("schema/0002_booking_journal_guard.sql"),
};

/// Search columns and indexes of the list.
pub const LIST_MIGRATION: db::Migration = db::Migration {
    name: "bookings/0004_booking_list",
    sql: include_str!("schema/0004_booking_list.sql"),
};

/// The same guard in PostgreSQL's words.
pub const JOURNAL_GUARD_PG: db::Migration = db::Migration {
    name: "bookings/0002_booking_journal_guard.pg",
    sql: include_str!("schema/0002_booking_journal_guard.pg.sql"),
};

/// What staff note about a booking.
pub const NOTE: db::Migration = db::Migration {
    name: "bookings/0003_booking_note",
    sql: include_str!("schema/0003_booking_note.sql"),
};

/// The address that a line of the journal came from.
pub const JOURNAL_ADDRESS: db::Migration = db::Migration {
    name: "bookings/0005_booking_journal_address",
    sql: include_str!("schema/0005_booking_journal_address.sql"),
};
