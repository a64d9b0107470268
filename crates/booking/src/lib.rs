//! Booking: things that exist once are sold once.
//!
//! [`stock`] counts what is free, [`holds`] block it for an hour, [`lodging`] knows rooms and
//! prices, [`carts`] gather a purchase, [`bookings`] are firm and numbered.

mod api;
pub mod bookings;
pub mod carts;
pub mod holds;
mod iso_date;
pub mod lodging;
pub mod moment;
pub mod stays;
pub mod stock;
#[cfg(test)]
mod testing;

use http::words::Messages;
use kernel::Locale;

/// The tables of the crate, in the order in which they are made.
pub const MIGRATIONS: &[db::Migration] = &[
    stock::MIGRATION,
    holds::MIGRATION,
    lodging::MIGRATION,
    carts::MIGRATION,
    bookings::MIGRATION,
];

/// The words of the crate.
pub const MESSAGES: &[Messages] = &[
    Messages { locale: Locale::Fr, text: include_str!("bookings/messages/fr.ftl") },
    Messages { locale: Locale::En, text: include_str!("bookings/messages/en.ftl") },
    Messages { locale: Locale::Fr, text: include_str!("stays/messages/fr.ftl") },
    Messages { locale: Locale::En, text: include_str!("stays/messages/en.ftl") },
];
