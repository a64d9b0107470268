//! What became of the lines of a lot, as a file.

use db::{DbError, Tx};
use documents::{Cell, Column, Kind};
use http::Words;
use identity::lists::sheet::Part;
use identity::lists::{Chunk, List, Wanted, digest_of, sheet};
use kernel::{Actor, Id, JobId, Right, Scope};

use super::model::Ended;
use super::{store, view};

/// The columns, in their order, as a file carries them.
const PARTS: [Part; 6] = [
    ("reference", Kind::Text, 22),
    ("payer", Kind::Text, 26),
    ("amount", Kind::Amount, 12),
    ("result", Kind::Text, 18),
    ("why", Kind::Text, 40),
    ("id", Kind::Text, 31),
];
const COLUMNS: [&str; PARTS.len()] = sheet::names(&PARTS);

/// The lines of the lot that the filter names.
#[derive(Debug, Clone, Copy)]
pub struct Results;

impl List for Results {
    fn name(&self) -> &'static str {
        "lot"
    }

    fn path(&self) -> &'static str {
        "/caisse/lots"
    }

    fn export_right(&self) -> Right {
        Right::PaymentsExport
    }

    fn columns(&self) -> &'static [&'static str] {
        &COLUMNS
    }

    fn title(&self, words: &Words) -> String {
        words.say("lot-sheet")
    }

    fn sheet(&self, wanted: &Wanted) -> Vec<Column> {
        sheet::plain_columns(&wanted.words, "lot-col", &wanted.columns, &PARTS)
    }

    fn count(&self, tx: &mut Tx<'_>, scope: &Scope, wanted: &Wanted) -> Result<i64, DbError> {
        let lines = lines(tx, scope, wanted)?;
        Ok(i64::try_from(lines.len()).unwrap_or(i64::MAX))
    }

    fn chunk(
        &self,
        tx: &mut Tx<'_>,
        scope: &Scope,
        wanted: &Wanted,
        _: Option<Id>,
    ) -> Result<Chunk, DbError> {
        let lines = lines(tx, scope, wanted)?;
        Ok((lines.iter().map(|line| cells(wanted, line)).collect(), None))
    }

    fn digest(&self, tx: &mut Tx<'_>, scope: &Scope, wanted: &Wanted) -> Result<u64, DbError> {
        Ok(digest_of(&lines(tx, scope, wanted)?))
    }
}

/// The filter of the file of a lot.
#[must_use]
pub fn filter(id: JobId) -> String {
    format!("lot={id}")
}

/// The lines of the lot, if it is the reader's.
fn lines(tx: &mut Tx<'_>, scope: &Scope, wanted: &Wanted) -> Result<Vec<Ended>, DbError> {
    let id = wanted.query.strip_prefix("lot=").and_then(|id| id.parse::<JobId>().ok());
    match (id, scope.actor()) {
        (Some(id), Actor::User(user)) => store::ended(tx, scope, (id, user)),
        _ => Ok(Vec::new()),
    }
}

fn cells(wanted: &Wanted, line: &Ended) -> Vec<Cell> {
    let (chip, why) = view::outcome(&wanted.words, &line.outcome);
    let row = [
        ("reference", Cell::text(&line.order_ref)),
        ("payer", Cell::text(&line.name)),
        ("amount", line.amount.into()),
        ("result", Cell::text(chip.word)),
        ("why", Cell::text(why)),
        ("id", Cell::text(line.payment.to_string())),
    ];
    sheet::plain_cells(&wanted.columns, line.amount.currency(), &row)
}
