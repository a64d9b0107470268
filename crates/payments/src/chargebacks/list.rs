//! The cases as a file.

use std::collections::BTreeMap;

use db::{DbError, Tx};
use documents::{Cell, Column, Kind};
use http::Words;
use identity::lists::{Chunk, List, Wanted, digest_of, sheet};
use kernel::{ChargebackId, Id, Right, Scope};
use web::list::view::TotalView;

use super::model::{Chargeback, State};
use super::store::{self, Filter};
use super::view;

/// Where the list stands.
pub const PATH: &str = "/caisse/impayes";
/// Cases of one chunk of a file.
const CHUNK: u32 = 500;
/// Cases of the page.
pub const PAGE: u32 = 100;
/// The columns, in their order.
const COLUMNS: &[&str] = &[
    "case",
    "reference",
    "opened",
    "respond",
    "network",
    "reason",
    "amount",
    "fee",
    "state",
    "payment",
];

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
        COLUMNS
    }

    fn usual(&self) -> &'static [&'static str] {
        COLUMNS
    }

    fn title(&self, words: &Words) -> String {
        words.say("chargebacks-sheet")
    }

    fn sheet(&self, wanted: &Wanted) -> Vec<Column> {
        sheet::columns(&wanted.words, "chargebacks-col", &wanted.columns, |name| match name {
            "case" => vec![("case", Kind::Text, 22)],
            "reference" => vec![("reference", Kind::Text, 22)],
            "opened" => vec![("opened", Kind::Text, 12)],
            "respond" => vec![("respond", Kind::Text, 12)],
            "network" => vec![("network", Kind::Text, 12)],
            "reason" => vec![("reason", Kind::Text, 30)],
            "amount" => vec![("amount", Kind::Amount, 12)],
            "fee" => vec![("fee", Kind::Amount, 10)],
            "state" => vec![("state", Kind::Text, 18)],
            _ => vec![("payment", Kind::Text, 31)],
        })
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

    fn totals(&self, _: &mut Tx<'_>, _: &Scope, _: &Wanted) -> Result<Vec<TotalView>, DbError> {
        Ok(Vec::new())
    }

    fn digest(&self, tx: &mut Tx<'_>, scope: &Scope, wanted: &Wanted) -> Result<u64, DbError> {
        Ok(digest_of(&store::page(tx, scope, (&filter(&wanted.query), PAGE))?))
    }
}

fn cells(wanted: &Wanted, case: &Chargeback) -> Vec<Cell> {
    let words = &wanted.words;
    let parts = BTreeMap::from([
        ("case", Cell::text(&case.number)),
        ("reference", Cell::text(&case.order_ref)),
        ("opened", Cell::text(case.opened_on.to_string())),
        ("respond", Cell::text(case.respond_by.to_string())),
        ("network", Cell::text(crate::desk::words::brand(&case.network))),
        ("reason", Cell::text(view::reason(words, case))),
        ("amount", case.amount.into()),
        ("fee", case.fee.into()),
        ("state", Cell::text(view::chip(words, case.state).word)),
        ("payment", Cell::text(case.payment.to_string())),
    ]);
    sheet::cells(&wanted.columns, case.amount.currency(), |name| {
        parts.get(name).cloned().into_iter().collect()
    })
}
