//! Booking: things that exist once are sold once.
//!
//! [`stock`] counts what is free, [`holds`] block it for an hour, [`lodging`] knows rooms and
//! prices.

pub mod holds;
mod iso_date;
pub mod lodging;
pub mod moment;
pub mod stock;

/// The tables of the crate, in the order in which they are made.
pub const MIGRATIONS: &[&[db::Migration]] =
    &[stock::MIGRATIONS, holds::MIGRATIONS, lodging::MIGRATIONS];
#[cfg(test)]
mod testing;
