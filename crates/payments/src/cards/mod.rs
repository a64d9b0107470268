//! Cards as staff and programs see them: a capture session is opened, a card is listed, shown,
//! revealed or destroyed. All of it is asked of the vault; this side never holds more than the
//! truncated number.
//!
//! What the vault's log tells of cards becomes events ([`facts`]), and messages of the vault go the
//! way of all others ([`messages`]); both follow what the vault says is new ([`news`]).
//!
//! `/cartes` lists the cards in the vault, `/cartes/{id}` shows one with what may be done with it;
//! "Voir la carte" leads the person's own browser to a page of the vault that asks for his PIN.
//! `/parametres/cartes` sets how cards are kept and starts the enrolment of a PIN.

pub mod accesses;
pub mod api;
mod buttons;
pub mod checks;
pub mod describe;
pub mod facts;
pub mod kept;
pub mod meet;
pub mod messages;
mod morning;
pub mod news;
pub mod of_booking;
pub mod pages;
pub mod reminders;
pub mod request;
pub mod settings;
pub mod stays;
mod view;

pub use buttons::{Button, Charge, Deed, NoReveal, ask_guest, of_card as buttons_of};
pub use view::{CardView, verification_icon};

/// Words and menu entry of cards.
pub const SLICE: web::Slice = web::Slice {
    name: "cards",
    migrations: &[],
    messages: &[
        http::words::Messages { locale: kernel::Locale::Fr, text: include_str!("messages/fr.ftl") },
        http::words::Messages { locale: kernel::Locale::En, text: include_str!("messages/en.ftl") },
    ],
    menu: &[web::MenuEntry {
        label: "cards-menu",
        href: "/cartes",
        icon: "lock",
        right: kernel::Right::CardView,
        order: 35,
    }],
};
