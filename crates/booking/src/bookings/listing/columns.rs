//! The columns that the list of bookings may show and that its exports carry.

use documents::cell::Moment;
use documents::{Cell, Column, Kind};
use http::Words;
use identity::lists::Wanted;
use kernel::{Zone, format};
use web::list::view::{Head, RowView, Shown};

use super::{PATH, provenance_words, state_words};
use crate::bookings::model::Booking;
use crate::bookings::view::state_chip;

pub(super) fn title(words: &Words, name: &str) -> String {
    words.say(&format!("booking-col-{name}"))
}

pub(super) fn head(words: &Words, name: &str) -> Head {
    Head { title: title(words, name), figures: name == "total" }
}

pub(super) fn row_view(words: &Words, chosen: &[&str], booking: &Booking, zone: &Zone) -> RowView {
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
    }
}

pub(super) fn sheet(words: &Words, shown: &[String]) -> Vec<Column> {
    let column = |name: &'static str, kind: Kind, width: u16| Column {
        name,
        title: title(words, name),
        kind,
        width,
    };
    let mut columns = Vec::new();
    for name in shown {
        match name.as_str() {
            "number" => columns.push(column("number", Kind::Text, 18)),
            "name" => columns.push(column("name", Kind::Text, 26)),
            "email" => columns.push(column("email", Kind::Text, 28)),
            "starts" => columns.push(column("starts", Kind::Date, 12)),
            "ends" => columns.push(column("ends", Kind::Date, 12)),
            "state" => columns.push(column("state", Kind::Text, 16)),
            "total" => columns.push(column("total", Kind::Amount, 12)),
            "created" => {
                columns.push(column("created", Kind::Moment, 16));
                columns.push(column("offset", Kind::Text, 10));
            }
            _ => columns.push(column("provenance", Kind::Text, 16)),
        }
    }
    columns.push(column("currency", Kind::Text, 8));
    columns
}

pub(super) fn cells(wanted: &Wanted, booking: &Booking) -> Vec<Cell> {
    let words = &wanted.words;
    let mut cells = Vec::new();
    for name in &wanted.columns {
        match name.as_str() {
            "number" => cells.push(Cell::text(&booking.number)),
            "name" => cells.push(Cell::text(booking.contact.full_name())),
            "email" => cells.push(Cell::text(booking.contact.email.to_string())),
            "starts" => cells.push(booking.starts.into()),
            "ends" => cells.push(booking.ends.into()),
            "state" => cells.push(Cell::text(state_words(words, booking.state))),
            "total" => cells.push(booking.total.into()),
            "created" => {
                let moment = Moment::of(booking.created_at, &wanted.zone);
                let offset = Cell::text(format!("UTC{}", moment.offset));
                cells.extend([Cell::Moment(moment), offset]);
            }
            _ => cells.push(Cell::text(provenance_words(words, booking.provenance.as_str()))),
        }
    }
    cells.push(Cell::text(booking.total.currency().code()));
    cells
}
