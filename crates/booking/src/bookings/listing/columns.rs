//! The columns that the list of bookings may show and that its exports carry.

use documents::{Cell, Column, Kind};
use http::Words;
use identity::lists::{Wanted, sheet};
use kernel::{Zone, format};
use web::list::view::{Head, RowView, Shown, Sign};

use super::{PATH, provenance_words, state_words};
use crate::bookings::model::Booking;
use crate::bookings::view::state_chip;

/// Key of the words of a column, without its name.
const TITLE: &str = "booking-col";

pub(super) fn title(words: &Words, name: &str) -> String {
    words.say(&format!("{TITLE}-{name}"))
}

pub(super) fn head(words: &Words, name: &str) -> Head {
    Head { title: title(words, name), figures: name == "total" }
}

pub(super) fn row_view(
    words: &Words,
    chosen: &[&str],
    booking: &Booking,
    (zone, card): (&Zone, Option<Sign>),
) -> RowView {
    let locale = words.locale();
    let shown = |name: &&str| match *name {
        "number" => Shown::Reference(booking.number.clone()),
        "name" => Shown::Two(booking.contact.full_name(), booking.contact.email.to_string()),
        "email" => Shown::Text(booking.contact.email.to_string()),
        "starts" => Shown::Time(format::date(booking.starts, locale), booking.starts.to_string()),
        "ends" => Shown::Time(format::date(booking.ends, locale), booking.ends.to_string()),
        "state" => Shown::State(state_chip(words, booking.state)),
        "total" => Shown::Figure(format::money(booking.total, locale)),
        "created" => Shown::Time(
            format::date_time(booking.created_at, zone, locale),
            booking.created_at.to_string(),
        ),
        _ => Shown::Text(provenance_words(words, booking.provenance.as_str())),
    };
    RowView {
        id: booking.id.to_string(),
        href: format!("{PATH}/{}", booking.id),
        cells: chosen.iter().map(shown).collect(),
        sign: card,
    }
}

pub(super) fn columns(wanted: &Wanted) -> Vec<Column> {
    sheet::columns(&wanted.words, TITLE, &wanted.columns, |name| match name {
        "number" => vec![("number", Kind::Text, 18)],
        "name" => vec![("name", Kind::Text, 26)],
        "email" => vec![("email", Kind::Text, 28)],
        "starts" => vec![("starts", Kind::Date, 12)],
        "ends" => vec![("ends", Kind::Date, 12)],
        "state" => vec![("state", Kind::Text, 16)],
        "total" => vec![("total", Kind::Amount, 12)],
        "created" => sheet::instant_parts("created").into(),
        _ => vec![("provenance", Kind::Text, 16)],
    })
}

pub(super) fn cells(wanted: &Wanted, booking: &Booking) -> Vec<Cell> {
    let words = &wanted.words;
    sheet::cells(&wanted.columns, booking.total.currency(), |name| match name {
        "number" => vec![Cell::text(&booking.number)],
        "name" => vec![Cell::text(booking.contact.full_name())],
        "email" => vec![Cell::text(booking.contact.email.to_string())],
        "starts" => vec![booking.starts.into()],
        "ends" => vec![booking.ends.into()],
        "state" => vec![Cell::word(booking.state.as_str(), state_words(words, booking.state))],
        "total" => vec![booking.total.into()],
        "created" => sheet::instant(booking.created_at, &wanted.zone).into(),
        _ => {
            let code = booking.provenance.as_str();
            vec![Cell::word(code, provenance_words(words, code))]
        }
    })
}
