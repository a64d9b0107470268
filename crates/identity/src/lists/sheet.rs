//! The columns of a list as a file carries them: plain values, so that what a page shows in one
//! place (a card, an instant) stands in several.

use documents::cell::Moment;
use documents::{Cell, Column, Kind};
use http::Words;
use kernel::{Currency, Timestamp, Zone};

/// A column of a sheet: its name, what it holds, its width in characters.
pub type Part = (&'static str, Kind, u16);

/// The parts of an instant, under the name of its own column.
#[must_use]
pub const fn instant_parts(name: &'static str) -> [Part; 2] {
    [(name, Kind::Moment, 16), ("offset", Kind::Text, 10)]
}

/// An instant on the clock of a zone, and how far that clock is from universal time.
#[must_use]
pub fn instant(at: Timestamp, zone: &Zone) -> [Cell; 2] {
    let moment = Moment::of(at, zone);
    let offset = Cell::text(format!("UTC{}", moment.offset));
    [Cell::Moment(moment), offset]
}

/// The names of parts, in their order: the columns of a list of which each stands in one part.
#[must_use]
pub const fn names<const N: usize>(parts: &[Part; N]) -> [&'static str; N] {
    let mut names = [""; N];
    let mut at = 0;
    while at < N {
        names[at] = parts[at].0;
        at += 1;
    }
    names
}

/// The columns of a sheet: the parts of each column that is wanted, then the currency of the
/// amounts, which a page says otherwise. `title` is the key of their words without their name.
#[must_use]
pub fn columns(
    words: &Words,
    title: &str,
    wanted: &[String],
    parts: impl Fn(&str) -> Vec<Part>,
) -> Vec<Column> {
    let parts = wanted.iter().flat_map(|name| parts(name));
    let column = |(name, kind, width): Part| Column {
        name,
        title: words.say(&format!("{title}-{name}")),
        kind,
        width,
    };
    parts.chain([("currency", Kind::Text, 8)]).map(column).collect()
}

/// The cells of a row: those of each column that is wanted, then the currency.
#[must_use]
pub fn cells(wanted: &[String], currency: Currency, of: impl Fn(&str) -> Vec<Cell>) -> Vec<Cell> {
    let cells = wanted.iter().flat_map(|name| of(name));
    cells.chain([Cell::text(currency.code())]).collect()
}

/// The columns of a sheet of which each stands in one part.
#[must_use]
pub fn plain_columns(words: &Words, title: &str, wanted: &[String], parts: &[Part]) -> Vec<Column> {
    columns(words, title, wanted, |name| {
        parts.iter().filter(|part| part.0 == name).copied().collect()
    })
}

/// The cells of a row of which each stands in one part: the cell under each name that is wanted,
/// then the currency.
#[must_use]
pub fn plain_cells(
    wanted: &[String],
    currency: Currency,
    row: &[(&'static str, Cell)],
) -> Vec<Cell> {
    cells(wanted, currency, |name| {
        row.iter().filter(|part| part.0 == name).map(|part| part.1.clone()).collect()
    })
}
