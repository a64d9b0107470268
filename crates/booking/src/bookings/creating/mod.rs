//! Bookings that a program sends whole: a hotel system, a sales channel.
//!
//! A program that has sold a stay itself has no use for a basket and a payment page. It sends who
//! comes, where and when, in one call, and the booking is firm in that commit: the nights are taken
//! at the price of now, or nothing is written. It may give the booking a name of its own, its
//! *reference*, under which it may have left the guest's card in the vault before: the card is then
//! the booking's.
//!
//! **Always true.** A reference names one booking of a shop that is not over, by the schema, and
//! looks like none of this house's own names, so that nothing is found by two of them. A booking that
//! is called off gives its reference free; where several had it, it means the one that is not over,
//! else the newest. Stock, prices and the right to sell are those of every other door.
//!
//! **Limits.** Nothing is charged and no mail leaves: the program tells its guest itself. Prices are
//! those of the property, not the channel's. The card that waits is asked for at once and, when the
//! vault does not answer then, by a job.

pub mod api;
pub mod describe;
pub mod ops;
#[cfg(test)]
mod tests;

use super::model::NUMBER_PREFIX;
use payments::payment::elsewhere::is_reference;

/// What programs call their bookings.
pub const MIGRATION: db::Migration = db::Migration {
    name: "bookings/creating/0059_reference",
    sql: include_str!("schema/0059_reference.sql"),
};

/// Each shop calls its own bookings, and those that are over leave their name to others.
pub const OF_A_SHOP: db::Migration = db::Migration {
    name: "bookings/creating/0060_reference_of_a_shop",
    sql: include_str!("schema/0060_reference_of_a_shop.sql"),
};

/// How an id of a booking begins.
const ID_PREFIX: &str = "bkg_";

/// Whether a program may call its booking so: a short text that is no name of this house.
fn is_own_name(text: &str) -> bool {
    let begins = |prefix: &str| {
        text.get(..prefix.len()).is_some_and(|head| head.eq_ignore_ascii_case(prefix))
    };
    is_reference(text) && !begins(NUMBER_PREFIX) && !begins(ID_PREFIX)
}
