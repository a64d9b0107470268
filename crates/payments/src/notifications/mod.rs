//! Notifications: who is told when something happens, and how the telling is made sure of.
//!
//! **What it is.** An [event](kinds) is written in the commit of what it tells. [`rules`] say
//! who hears of it: a program of the merchant (an [endpoint](endpoints), by signed JSON or flat
//! form fields), the merchant (by mail or text message), the payer (by mail). A shop is a live one
//! or a test one, so every rule and every address is for one of the two.
//!
//! **Life of a message.** A subscriber of the outbox plans a [delivery](deliveries) per endpoint
//! in the transaction that marks the event as handed over ([`ops`]). The [`pump`] claims it
//! under a lease, signs it ([`sign`]), sends it and writes the try down. A try that fails is
//! made again by the [`plan`], ten in all; then the merchant is told by mail. Staff and programs
//! may send a message again, or everything since an instant ([`replay`]).
//!
//! **Always true.** A message that was planned is delivered at least once or ends as given up
//! with its merchant told; a process may die between any two lines. The id of an event is the
//! id of its message at every try. Order is not promised: `data.version` lets a receiver drop
//! what is old. What people and programs are shown of a message goes by the shop's clock; leases,
//! waits and what is forgotten go by real time. In live mode a message leaves over TLS to public addresses only, judged after
//! the name was resolved, and no redirect is followed. One slow endpoint delays no other.
//!
//! **Limits.** [`endpoints::MAX_ENDPOINTS`] per shop; bodies under [`body::MAX_BODY_BYTES`]. What
//! ended is forgotten with its tries after [`purge::KEPT_DAYS`] days, or as many as the
//! configuration says ([`purge`]); the event itself stays. Text messages go to numbers of the
//! merchant: a payer leaves none.

pub mod api;
pub mod body;
mod choice;
pub mod deliveries;
pub mod describe;
pub mod endpoints;
pub mod events;
pub mod kinds;
pub mod mails;
pub mod ops;
pub mod pages;
pub mod plan;
pub mod pump;
pub mod purge;
pub mod replay;
pub mod rules;
pub mod sign;
mod view;

use std::sync::Arc;

use db::{DbError, Tx, outbox::Event};
use http::words::Messages;
use kernel::{Locale, Right};
use web::{Context, MenuEntry, Slice, Subscriber};

pub use pump::Pump;

#[cfg(test)]
mod tests;

/// The tables.
pub const MIGRATION: db::Migration = db::Migration {
    name: "payments/notifications/0001_notifications",
    sql: include_str!("schema/0001_notifications.sql"),
};

/// How messages are written, and what is forgotten.
pub const FORMAT_MIGRATION: db::Migration = db::Migration {
    name: "payments/notifications/0002_format",
    sql: include_str!("schema/0002_format.sql"),
};

/// When a delivery was planned, on the shop's clock.
pub const CLOCK_MIGRATION: db::Migration = db::Migration {
    name: "payments/notifications/0003_shop_clock",
    sql: include_str!("schema/0003_shop_clock.sql"),
};

/// Words and the place in the menu.
pub const SLICE: Slice = Slice {
    name: "notifications",
    migrations: &[],
    messages: &[
        Messages { locale: Locale::Fr, text: include_str!("messages/fr.ftl") },
        Messages { locale: Locale::En, text: include_str!("messages/en.ftl") },
    ],
    menu: &[MenuEntry {
        label: "notifications-menu",
        href: "/parametres/webhooks",
        icon: "external",
        right: Right::NotificationsManage,
        order: 85,
    }],
};

/// Plans deliveries and mails for every event.
#[must_use]
pub fn subscriber(ctx: &Context, pump: &Pump) -> Subscriber {
    let (ctx, bell) = (ctx.clone(), pump.bell());
    let take = move |tx: &mut Tx<'_>, event: &Event| -> Result<(), DbError> {
        ops::take(tx, &ctx, &bell, event)
    };
    Subscriber { prefix: "", take: Arc::new(take) }
}
