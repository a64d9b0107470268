//! Asking the holder of a kept card, who is not there, to let his bank confirm a charge: a link by
//! mail or text message that leads to one page of the payer, and from there to his bank.
//!
//! **Life.** *sent* with the payment's session opened until the link ends; *opened* by the guest;
//! then the payment decides: *done* when the bank accepted (*authenticated* is told while it has
//! proven its holder and not yet answered), *failed* after [`MAX_TRIES`] refused tries or the last
//! one of its payment, *expired* at its end, *cancelled* with the payment or by a later link, which
//! also ends a try that waits at the bank's page. The end is written in the commit that changes the
//! payment ([`ops::follow`]), so a link never says other than its payment.
//!
//! **Always true.** One open link per payment, by the schema; earlier links lead nowhere. From the
//! moment of the link the charge is the holder's own: his bank is asked to challenge him, no
//! security code goes along, and what the bank accepts can be named by later charges without him.
//! The page asks for neither number nor code unless he chooses another card, and always names the
//! card that its button charges, whatever was tried since. What he agreed to is kept: when, from
//! where, and the hash of the sentence that he read, which names amount and card.
//!
//! **Limits.** [`MOST_A_DAY`] links of one payment within 24 hours, 15 minutes to 14 days each, one
//! reminder [`REMINDER_HOURS`] hours before the end. A payment takes five tries in all, whoever
//! made them. An agreement without a charge (`mandate`) is not offered. Messages of live shops
//! wait for a gateway, like all others.

pub mod api;
pub mod describe;
mod json;
mod letters;
pub mod model;
pub mod ops;
pub mod store;

pub use model::{Agreement, AuthenticationLink, OtherCard, State};

/// The table.
pub const MIGRATION: db::Migration = db::Migration {
    name: "payments/authentication_links/0052_authentication_link",
    sql: include_str!("schema/0052_authentication_link.sql"),
};
/// The card that its holder reads.
pub const CARD_MIGRATION: db::Migration = db::Migration {
    name: "payments/authentication_links/0058_link_card",
    sql: include_str!("schema/0058_link_card.sql"),
};

/// What the holder reads.
pub const SLICE: web::Slice = web::Slice {
    name: "authentication links",
    migrations: &[],
    messages: http::payer_words!("messages"),
    menu: &[],
};

/// Most links of one payment within 24 hours.
pub const MOST_A_DAY: usize = 3;
/// Refused tries after which a link leads nowhere.
pub const MAX_TRIES: usize = 3;
/// Hours before its end at which a link is sent once more.
pub const REMINDER_HOURS: i64 = 24;
/// Shortest life of a link.
pub const LEAST_SECONDS: i64 = 900;
/// Longest life of a link.
pub const MOST_SECONDS: i64 = 1_209_600;
/// Life of a link unless another is asked for.
pub const USUAL_SECONDS: i64 = 259_200;
