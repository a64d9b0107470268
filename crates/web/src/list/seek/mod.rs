//! Pages out of large tables in bounded time.
//!
//! A filter becomes a [`Plan`]: one or several *drives*, each a condition that an index answers
//! in the order of ids, and the *rest*, tested on the rows a drive meets. A page walks each drive
//! from the cursor, newest first, merges what it finds and stops after [`WALK_ROWS`] rows; when
//! the page is not full by then, it says how far it looked, and the next link goes on from there.
//! So the time of a page depends on the size of the page and never on that of the table.
//!
//! **Invariants.** Rows come in the order of their ids, which are ordered by time; no row is shown
//! twice and none is left out between two pages. A page of a rare thing costs an index look-up, a
//! page of a common thing a short walk, and the worst mixture [`WALK_ROWS`] rows.

pub mod store;

use db::{Row, Val};
use kernel::Id;

/// Rows a page looks through at most.
pub const WALK_ROWS: u32 = 20_000;
/// Rows a page looks through at first; most pages are full by then.
pub const FIRST_WALK_ROWS: u32 = 1_000;
/// Where counts on tabs stop.
pub const COUNT_ROWS: u32 = 1_000;
/// Rows that are few enough to be summed with the page.
pub const FEW_ROWS: u32 = 2_000;
/// Rows that an export looks through at a time.
pub const CHUNK_ROWS: u32 = 2_500;

/// A table with time-ordered ids in a column `id`, and `merchant_id` and `mode`.
#[derive(Debug, Clone, Copy)]
pub struct Table {
    /// Its name.
    pub name: &'static str,
    /// The columns that rows and conditions of the rest need.
    pub columns: &'static str,
    /// Column of the currency, then the columns to be summed.
    pub sums: &'static [&'static str],
}

/// A condition that an index answers in the order of ids.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Drive {
    /// SQL over the table's columns; empty is the whole table.
    pub on: String,
    /// How far it looks.
    pub reach: Reach,
}

/// How far a drive looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reach {
    /// As far as the page needs.
    All,
    /// Among the newest so many rows only.
    Newest(u32),
}

/// What a filter asks of a table.
#[derive(Debug, Clone)]
pub struct Plan {
    /// Values of the marks `$3`…; `$1` and `$2` are merchant and mode.
    pub values: Vec<Val>,
    /// Limits of the id, which every drive's index answers too.
    pub bounds: Vec<String>,
    /// A row belongs to the list when one of them holds.
    pub drives: Vec<Drive>,
    /// And all of these.
    pub rest: Vec<String>,
}

impl Plan {
    /// Everything of a merchant.
    #[must_use]
    pub fn everything(scope: &kernel::Scope) -> Self {
        Self {
            values: db::params![scope.merchant(), scope.mode().as_str()],
            bounds: Vec::new(),
            drives: Vec::new(),
            rest: Vec::new(),
        }
    }

    /// The mark of a further value.
    pub fn mark(&mut self, value: impl Into<Val>) -> String {
        self.values.push(value.into());
        format!("${}", self.values.len())
    }

    /// Adds a drive that looks as far as needed.
    pub fn drive(&mut self, on: String) {
        self.drives.push(Drive { on, reach: Reach::All });
    }

    /// Limits the list to ids from one on, up to but without another.
    pub fn between(&mut self, from: Option<Id>, to: Option<Id>) {
        for (test, id) in [("id >=", from), ("id <", to)] {
            if let Some(id) = id {
                let mark = self.mark(id);
                self.bounds.push(format!("{test} {mark}"));
            }
        }
    }

    /// Demands a column to be equal to a value.
    pub fn equal(&mut self, column: &str, value: impl Into<Val>) {
        let mark = self.mark(value);
        self.rest.push(format!("{column} = {mark}"));
    }

    /// The drives; the whole table when none was given.
    fn ways(&self) -> Vec<Drive> {
        if self.drives.is_empty() {
            return vec![Drive { on: String::new(), reach: Reach::All }];
        }
        self.drives.clone()
    }
}

/// One page.
#[derive(Debug, Default)]
pub struct Found {
    /// Rows, newest first.
    pub rows: Vec<Row>,
    /// Where the next page begins.
    pub next: Next,
}

/// What follows a page.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Next {
    /// Nothing.
    #[default]
    End,
    /// More rows, older than this id.
    More(Id),
    /// Nobody looked yet at what is older than this id.
    Further(Id),
}

/// The first id that can be made at an instant: ids begin with their millisecond.
#[must_use]
pub fn first_id(at: kernel::Timestamp) -> Id {
    let [_, _, rest @ ..] = at.as_millis().to_be_bytes();
    let mut bytes = [0; 16];
    for (place, byte) in bytes.iter_mut().zip(rest) {
        *place = byte;
    }
    Id::from_bytes(bytes)
}

/// The millisecond in which an id was made.
#[must_use]
pub fn made_at(id: Id) -> kernel::Timestamp {
    let mut bytes = [0; 8];
    for (place, byte) in bytes.iter_mut().skip(2).zip(id.as_bytes()) {
        *place = *byte;
    }
    let micros = i64::from_be_bytes(bytes).saturating_mul(1_000);
    kernel::Timestamp::from_micros(micros)
}

/// A pattern for "contains", with the wild cards of the text itself made plain; goes with
/// `ESCAPE '!'`.
#[must_use]
pub fn containing(text: &str) -> String {
    let plain = text.replace('!', "!!").replace('%', "!%").replace('_', "!_");
    format!("%{plain}%")
}

/// The two ends of everything that begins with a text, as bytes: from, and up to without.
#[must_use]
pub fn beginning_with(text: &str) -> (Vec<u8>, Vec<u8>) {
    let from = text.as_bytes().to_vec();
    // No UTF-8 text has this byte.
    let to = [text.as_bytes(), &[0xff]].concat();
    (from, to)
}

#[cfg(test)]
mod tests;
