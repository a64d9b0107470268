//! Booking: things that exist once are sold once.
//!
//! [`stock`] counts what is free, [`holds`] block it for an hour, [`lodging`] knows rooms and
//! prices, [`carts`] gather a purchase, [`bookings`] are firm and numbered, [`stays`] is the
//! public page where a guest does all of it, [`today`] the first page of staff.

mod api;
pub mod bookings;
pub mod carts;
pub mod holds;
pub mod lodging;
pub mod moment;
mod pages;
mod site;
pub mod stays;
pub mod stock;
mod stored;
#[cfg(test)]
mod testing;
pub mod today;

pub use api::{described, routes as api_routes, with_vault as vault_api_routes};
pub use pages::{guest_routes, public_routes, staff_routes};

use http::words::Messages;
use kernel::{Locale, Right};
use web::{Context, JobKind, MenuEntry, Slice};

/// The tables of the crate, in the order in which they are made.
pub const MIGRATIONS: &[db::Migration] = &[
    stock::MIGRATION,
    holds::MIGRATION,
    lodging::MIGRATION,
    carts::MIGRATION,
    bookings::MIGRATION,
    bookings::JOURNAL_GUARD,
    bookings::JOURNAL_GUARD_PG,
    lodging::DETAILS,
    bookings::NOTE,
    bookings::LIST_MIGRATION,
    lodging::photos::MIGRATION,
    bookings::JOURNAL_ADDRESS,
    lodging::TARIFF_VERSION,
    lodging::FORMULA_VERSION,
    holds::VERSION_MIGRATION,
    bookings::outside::MIGRATION,
    bookings::card_request::MIGRATION,
    bookings::creating::MIGRATION,
    bookings::creating::OF_A_SHOP,
];

/// The words of the crate: those that guests read in eight languages, those of staff in two.
pub const SLICES: &[Slice] = &[
    words("stays", http::payer_words!("stays/messages")),
    words("bookings", http::payer_words!("bookings/messages/payer")),
    words("lodging", http::payer_words!("lodging/messages/payer")),
    words("staff", STAFF_MESSAGES),
];

const STAFF_MESSAGES: &[Messages] = &[
    Messages { locale: Locale::Fr, text: include_str!("bookings/messages/fr.ftl") },
    Messages { locale: Locale::En, text: include_str!("bookings/messages/en.ftl") },
    Messages { locale: Locale::Fr, text: include_str!("lodging/messages/fr.ftl") },
    Messages { locale: Locale::En, text: include_str!("lodging/messages/en.ftl") },
    Messages { locale: Locale::Fr, text: include_str!("today/messages/fr.ftl") },
    Messages { locale: Locale::En, text: include_str!("today/messages/en.ftl") },
];

const fn words(name: &'static str, messages: &'static [Messages]) -> Slice {
    Slice { name, migrations: &[], messages, menu: &[] }
}

/// The places of the crate in the staff menu.
pub const MENU: &[MenuEntry] = &[
    MenuEntry { label: "today-menu", href: "/", icon: "home", right: Right::HomeView, order: 10 },
    MenuEntry {
        label: "booking-menu",
        href: "/reservations",
        icon: "bed",
        right: Right::BookingView,
        order: 20,
    },
    MenuEntry {
        label: "lodging-menu",
        href: "/catalogue",
        icon: "calendar",
        right: Right::CatalogueEdit,
        order: 40,
    },
];

/// The handlers of the crate's jobs.
#[must_use]
pub fn job_kinds(ctx: &Context) -> Vec<JobKind> {
    vec![holds::jobs::sweep_kind(ctx), bookings::finish::finish_kind(ctx)]
}
