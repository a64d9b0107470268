//! Virtual cards: a sales channel pays the property with a card that is good for one booking, in a
//! window of days, up to a balance.
//!
//! **Life.** A card is virtual when its channel says so, when the table of issuer ranges says so,
//! or when staff set it. It is registered when this side first hears of it ([`crate::cards::meet`]); each later
//! word about window and balance is a change with its source and time, and none is forgotten. It
//! is listed by what is to be done ([`board`]) and charged for its booking, as far as the balance
//! goes: by one press, several at once ([`lots`]), or by itself on the day it opens ([`daily`]).
//!
//! **Always true.** A charge that the card cannot take is refused before anything is sent, in the
//! transaction that would store the attempt ([`ops::admit`]): not active yet, window closed, above
//! the balance, other currency, trade not allowed, tried twice in 24 hours, used already. What is
//! on its way to the bank counts as spent.
//!
//! **Limits.** Balances are what was told, less what was charged here since; other systems may
//! charge the same card. Refunds are not looked at here: they go to the card of their payment. What
//! a guest still owes is known for bookings of this house; of a foreign reference only the balance.
//! A card that a payer typed is his own and never listed. A card charged by itself that was not
//! answered in time is not tried again, and raises no task of its own. A shop's lists show its
//! latest [`MOST_CARDS`] virtual cards.

pub mod api;
pub mod board;
pub mod charge;
pub mod daily;
mod digest;
pub mod list;
mod lots;
pub mod model;
pub mod ops;
mod pages;
mod settings;
pub mod store;
mod view;

#[cfg(test)]
mod page_tests;
#[cfg(test)]
mod tests;

pub use lots::Charges;
pub use model::{Facts, Refusal, Source, Tab, VirtualCard};
pub use ops::{Seen, needed};
pub use pages::routes;
pub use view::{facts as told_facts, history, reason, why_not};

use http::words::Messages;
use kernel::Locale;

/// The tables.
pub const MIGRATION: db::Migration = db::Migration {
    name: "payments/virtual_cards/0001_virtual",
    sql: include_str!("schema/0001_virtual.sql"),
};

/// Words of the slice.
pub const SLICE: web::Slice = web::Slice {
    name: "virtual_cards",
    migrations: &[],
    messages: &[
        Messages { locale: Locale::Fr, text: include_str!("messages/fr.ftl") },
        Messages { locale: Locale::En, text: include_str!("messages/en.ftl") },
    ],
    menu: &[],
};

/// Tries of one virtual card within 24 hours.
pub const MOST_ATTEMPTS: usize = 2;
/// From this many days before its last day on, what is left is about to be lost.
pub const LOSING_DAYS: i64 = 30;
/// From this many days before it opens on, a card is listed as coming soon.
pub const SOON_DAYS: i64 = 7;
/// Months after check-out in which a channel's card can be charged, unless it says otherwise
/// (the rule of Booking.com, which others follow).
pub const CHARGE_MONTHS: i64 = 12;
/// Days after a cancellation in which the channel expects its money back (the same).
pub const REFUND_DAYS: i64 = 60;
/// Days before the last one on which somebody is told what is about to be lost.
pub const ALERT_DAYS: [i64; 2] = [30, 7];
/// Times that a card is charged by itself at most.
pub const MOST_AUTO_TRIES: i64 = 2;
/// Most cards that are listed.
pub const MOST_CARDS: u32 = 1_000;
