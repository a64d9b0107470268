//! What pages and jobs of the app share, above the database and below identity.
//!
//! [`Context`] is handed to every slice: database, clocks, randomness, words, addresses. Beside
//! it stand the [`clock`] book of test shops, one-time [`forms`], the language of a visitor
//! ([`language`]), the staff [`shell`], error pages ([`oops`]), the frame of every [`list`], the
//! queue of [`mail`]s, the list of [`tasks`], the [`worker`] that runs jobs and hands events over,
//! and what a [`Slice`] exports.

pub mod address;
pub mod clock;
pub mod context;
pub mod csrf;
pub mod forms;
pub mod language;
pub mod list;
pub mod mail;
pub mod oops;
pub mod query;
pub mod shell;
pub mod slice;
mod sweeps;
pub mod tasks;
pub mod worker;

pub use clock::{Clocks, ShopClock};
pub use context::{Context, Urls};
pub use forms::Form;
pub use slice::{MenuEntry, Slice};
pub use worker::{JobKind, Next, Progress, Subscriber, Sweeper, Timetable, Worker};

/// Words of forms and errors that payers read, too.
pub const PAYER_MESSAGES: &[http::words::Messages] = http::payer_words!("../messages/payer");

/// The slice of this crate: the queue of mails, words of staff pages.
pub const SLICE: Slice = Slice {
    name: "web",
    migrations: &[
        db::Migration { name: "web/0001_mail", sql: include_str!("mail/schema/0001_mail.sql") },
        db::Migration { name: "web/0002_task", sql: include_str!("tasks/schema/0002_task.sql") },
        list::MIGRATION,
        tasks::PERSON_MIGRATION,
        tasks::AMOUNT_MIGRATION,
    ],
    messages: &[
        http::words::Messages {
            locale: kernel::Locale::Fr,
            text: include_str!("../messages/fr.ftl"),
        },
        http::words::Messages {
            locale: kernel::Locale::En,
            text: include_str!("../messages/en.ftl"),
        },
    ],
    menu: &[],
};

#[cfg(test)]
mod tests;
