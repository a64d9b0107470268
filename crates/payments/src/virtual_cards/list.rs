//! The virtual cards as a file.

use db::{DbError, Tx};
use documents::{Cell, Column, Kind};
use http::Words;
use identity::lists::sheet::Part;
use identity::lists::{Chunk, List, Wanted, digest_of, sheet};
use identity::merchants::store as merchants;
use kernel::{Id, Money, Right, Scope};

use super::board::{self, Entry};
use super::charge::reference;
use super::model::Tab;
use super::view;
use crate::engine::Engine;

/// The address of the lists.
pub(super) const PATH: &str = "/cartes/virtuelles";

/// The columns, in their order, as a file carries them.
const PARTS: [Part; 10] = [
    ("booking", Kind::Text, 22),
    ("guest", Kind::Text, 26),
    ("channel", Kind::Text, 18),
    ("number", Kind::Text, 16),
    ("from", Kind::Date, 12),
    ("until", Kind::Date, 12),
    ("balance", Kind::Amount, 12),
    ("charged", Kind::Amount, 12),
    ("left", Kind::Amount, 12),
    ("next", Kind::Date, 12),
];
const COLUMNS: [&str; PARTS.len()] = sheet::names(&PARTS);

/// The virtual cards of the reader's shop, or those of one list (`tab=late`).
#[derive(Debug, Clone)]
pub struct Virtuals {
    engine: Engine,
}

impl Virtuals {
    /// Of this house.
    #[must_use]
    pub fn new(engine: &Engine) -> Self {
        Self { engine: engine.clone() }
    }

    fn rows(&self, tx: &mut Tx<'_>, scope: &Scope, wanted: &Wanted) -> Result<Vec<Entry>, DbError> {
        let shops = merchants::shops(tx, scope)?;
        let Some(shop) = shops.first() else { return Ok(Vec::new()) };
        let mut all = board::entries(tx, &self.engine.pen(scope, shop.id), shop.id)?;
        let word = wanted.query.split('&').find_map(|pair| pair.strip_prefix("tab="));
        if let Some(tab) = word.and_then(Tab::parse) {
            all.retain(|entry| entry.tabs.contains(&tab));
        }
        Ok(all)
    }
}

impl List for Virtuals {
    fn name(&self) -> &'static str {
        "virtual_cards"
    }

    fn path(&self) -> &'static str {
        PATH
    }

    fn export_right(&self) -> Right {
        Right::PaymentsExport
    }

    fn columns(&self) -> &'static [&'static str] {
        &COLUMNS
    }

    fn title(&self, words: &Words) -> String {
        words.say("vcc-title")
    }

    fn sheet(&self, wanted: &Wanted) -> Vec<Column> {
        sheet::plain_columns(&wanted.words, "vcc-col", &wanted.columns, &PARTS)
    }

    fn count(&self, tx: &mut Tx<'_>, scope: &Scope, wanted: &Wanted) -> Result<i64, DbError> {
        let rows = self.rows(tx, scope, wanted)?;
        Ok(i64::try_from(rows.len()).unwrap_or(i64::MAX))
    }

    fn chunk(
        &self,
        tx: &mut Tx<'_>,
        scope: &Scope,
        wanted: &Wanted,
        _: Option<Id>,
    ) -> Result<Chunk, DbError> {
        let rows = self.rows(tx, scope, wanted)?;
        Ok((rows.iter().map(|entry| cells(wanted, entry)).collect(), None))
    }

    fn digest(&self, tx: &mut Tx<'_>, scope: &Scope, wanted: &Wanted) -> Result<u64, DbError> {
        Ok(digest_of(&self.rows(tx, scope, wanted)?))
    }
}

fn cells(wanted: &Wanted, entry: &Entry) -> Vec<Cell> {
    let (card, claim) = (&entry.seen.card, entry.seen.claim.as_ref());
    let facts = &card.facts;
    let money = |amount: Option<Money>| amount.map_or(Cell::Empty, Cell::Amount);
    let day = |day: Option<kernel::Date>| day.map_or(Cell::Empty, Cell::Date);
    let number = claim.map(|claim| claim.number.as_str());
    let row = [
        ("booking", Cell::text(reference(card, number))),
        ("guest", Cell::text(view::guest(&entry.seen))),
        ("channel", Cell::text(&card.channel)),
        ("number", Cell::text(&card.masked)),
        ("from", day(facts.active_from)),
        ("until", day(facts.last_day())),
        ("balance", money(facts.balance())),
        ("charged", Cell::Amount(entry.charged())),
        ("left", money(entry.left())),
        ("next", day(entry.next_day(wanted.zone.date(wanted.now)))),
    ];
    sheet::plain_cells(&wanted.columns, entry.seen.currency(), &row)
}
