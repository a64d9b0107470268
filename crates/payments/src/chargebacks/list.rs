//! The cases as a file.

use db::{DbError, Tx};
use documents::{Cell, Column, Kind};
use http::Words;
use identity::lists::sheet::Part;
use identity::lists::{Chunk, List, Wanted, digest_of, sheet};
use kernel::{ChargebackId, Id, Right, Scope};

use super::model::{Chargeback, State};
use super::store::{self, Filter};
use super::view;

/// Where the list stands.
pub const PATH: &str = "/caisse/impayes";
/// Cases of one chunk of a file.
const CHUNK: u32 = 500;
/// Cases of the page.
pub const PAGE: u32 = 100;
/// The columns, in their order, as a file carries them.
const PARTS: [Part; 10] = [
    ("case", Kind::Text, 22),
    ("reference", Kind::Text, 22),
    ("opened", Kind::Text, 12),
    ("respond", Kind::Text, 12),
    ("network", Kind::Text, 12),
    ("reason", Kind::Text, 30),
    ("amount", Kind::Amount, 12),
    ("fee", Kind::Amount, 10),
    ("state", Kind::Text, 18),
    ("payment", Kind::Text, 31),
];
const COLUMNS: [&str; PARTS.len()] = sheet::names(&PARTS);

/// The contested sales of a merchant.
#[derive(Debug, Clone, Copy)]
pub struct Chargebacks;

/// What the query of the list asks for.
#[must_use]
pub fn filter(query: &str) -> Filter {
    let state = query.split('&').find_map(|pair| pair.strip_prefix("etat="));
    Filter { state: state.and_then(State::parse), ..Filter::default() }
}

impl List for Chargebacks {
    fn name(&self) -> &'static str {
        "chargebacks"
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
        words.say("chargebacks-sheet")
    }

    fn sheet(&self, wanted: &Wanted) -> Vec<Column> {
        sheet::plain_columns(&wanted.words, "chargebacks-col", &wanted.columns, &PARTS)
    }

    fn count(&self, tx: &mut Tx<'_>, scope: &Scope, wanted: &Wanted) -> Result<i64, DbError> {
        store::count(tx, scope, &filter(&wanted.query))
    }

    fn chunk(
        &self,
        tx: &mut Tx<'_>,
        scope: &Scope,
        wanted: &Wanted,
        after: Option<Id>,
    ) -> Result<Chunk, DbError> {
        let before = after.map(ChargebackId::from);
        let filter = Filter { before, ..filter(&wanted.query) };
        let cases = store::page(tx, scope, (&filter, CHUNK))?;
        let full = cases.len() >= usize::try_from(CHUNK).unwrap_or(usize::MAX);
        let next = cases.last().filter(|_| full).map(|case| case.id.id());
        Ok((cases.iter().map(|case| cells(wanted, case)).collect(), next))
    }

    fn digest(&self, tx: &mut Tx<'_>, scope: &Scope, wanted: &Wanted) -> Result<u64, DbError> {
        Ok(digest_of(&store::page(tx, scope, (&filter(&wanted.query), PAGE))?))
    }
}

fn cells(wanted: &Wanted, case: &Chargeback) -> Vec<Cell> {
    let words = &wanted.words;
    let row = [
        ("case", Cell::text(&case.number)),
        ("reference", Cell::text(&case.order_ref)),
        ("opened", Cell::text(case.opened_on.to_string())),
        ("respond", Cell::text(case.respond_by.to_string())),
        ("network", Cell::word(&case.network, crate::desk::words::brand(&case.network))),
        ("reason", Cell::text(view::reason(words, case))),
        ("amount", case.amount.into()),
        ("fee", case.fee.into()),
        ("state", Cell::text(view::chip(words, case.state).word)),
        ("payment", Cell::text(case.payment.to_string())),
    ];
    sheet::plain_cells(&wanted.columns, case.amount.currency(), &row)
}
