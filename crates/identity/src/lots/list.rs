//! What became of the lines of a lot, as a file.

use std::sync::Arc;

use db::{DbError, Tx};
use documents::{Cell, Column, Kind};
use http::Words;
use kernel::{Actor, Id, JobId, Right, Scope};

use super::model::{Deed, Line, Lot, Outcome, Stand};
use super::{Lots, store, view};
use crate::lists::sheet::Part;
use crate::lists::{Chunk, List, Wanted, digest_of, sheet};

/// Where results stand.
pub(super) const PATH: &str = "/lots";
/// The columns, in their order, as a file carries them.
const PARTS: [Part; 7] = [
    ("reference", Kind::Text, 22),
    ("name", Kind::Text, 26),
    ("detail", Kind::Text, 24),
    ("amount", Kind::Amount, 12),
    ("result", Kind::Text, 18),
    ("why", Kind::Text, 40),
    ("id", Kind::Text, 31),
];
const COLUMNS: [&str; PARTS.len()] = sheet::names(&PARTS);

/// The lines of the lot that the filter names.
pub(super) struct Results {
    /// What was done to them.
    pub(super) deed: Arc<dyn Deed>,
}

impl List for Results {
    fn name(&self) -> &'static str {
        "lot"
    }

    fn path(&self) -> &'static str {
        PATH
    }

    fn export_right(&self) -> Right {
        self.deed.about().export
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
        let lines = self.lines(tx, scope, wanted)?;
        Ok(i64::try_from(lines.len()).unwrap_or(i64::MAX))
    }

    fn chunk(
        &self,
        tx: &mut Tx<'_>,
        scope: &Scope,
        wanted: &Wanted,
        _: Option<Id>,
    ) -> Result<Chunk, DbError> {
        let lines = self.lines(tx, scope, wanted)?;
        Ok((lines.iter().map(|line| self.cells(wanted, line)).collect(), None))
    }

    fn digest(&self, tx: &mut Tx<'_>, scope: &Scope, wanted: &Wanted) -> Result<u64, DbError> {
        Ok(digest_of(&self.lines(tx, scope, wanted)?))
    }
}

/// The filter of the file of a lot.
pub(super) fn filter(id: JobId) -> String {
    format!("lot={id}")
}

/// The lot that a filter names.
pub(super) fn named(query: &str) -> Option<JobId> {
    query.split('&').find_map(|pair| pair.strip_prefix("lot=")?.parse().ok())
}

impl Results {
    /// The lines of the lot, if it is the reader's.
    fn lines(
        &self,
        tx: &mut Tx<'_>,
        scope: &Scope,
        wanted: &Wanted,
    ) -> Result<Vec<(Line, Outcome)>, DbError> {
        let Some(id) = named(&wanted.query) else { return Ok(Vec::new()) };
        match own(tx, scope, id)? {
            Some(_) => ended(tx, scope, (self.deed.as_ref(), &wanted.words), id),
            None => Ok(Vec::new()),
        }
    }

    fn cells(&self, wanted: &Wanted, (line, outcome): &(Line, Outcome)) -> Vec<Cell> {
        let (chip, why) = view::outcome(&wanted.words, outcome);
        let row = [
            ("reference", Cell::text(&line.label.reference)),
            ("name", Cell::text(&line.label.name)),
            ("detail", Cell::text(&line.label.detail)),
            ("amount", line.amount.into()),
            ("result", Cell::text(chip.word)),
            ("why", Cell::text(why)),
            ("id", Cell::text(self.deed.about().id(line.thing))),
        ];
        sheet::plain_cells(&wanted.columns, line.amount.currency(), &row)
    }
}

/// A lot of the person who acts.
pub(super) fn own(tx: &mut Tx<'_>, scope: &Scope, id: JobId) -> Result<Option<Lot>, DbError> {
    let lot = store::find(tx, scope, id)?;
    Ok(lot.filter(|lot| scope.actor() == Actor::User(lot.user)))
}

/// The lines of a lot with what became of them.
pub(super) fn ended(
    tx: &mut Tx<'_>,
    scope: &Scope,
    (deed, words): (&dyn Deed, &Words),
    id: JobId,
) -> Result<Vec<(Line, Outcome)>, DbError> {
    let mut all = Vec::new();
    for line in store::lines(tx, scope, id)? {
        let outcome = match &line.stand {
            Stand::Waiting => Outcome::Waiting,
            Stand::Done => Outcome::Done,
            Stand::Refused(why) => Outcome::LeftOut(deed.about().why(words, why)),
            Stand::Asked(made) => deed.answer(tx, scope, words, *made)?,
        };
        all.push((line, outcome));
    }
    Ok(all)
}

impl Lots {
    /// The results that a filter names, for who asked for them and may take them away.
    pub(super) async fn results(
        &self,
        scope: &Scope,
        query: &str,
    ) -> Result<Option<Arc<dyn List>>, DbError> {
        let Some(id) = named(query) else { return Ok(None) };
        let house = scope.clone();
        let lot = self.ctx.db.read(move |tx| own(tx, &house, id)).await?;
        let Some(lot) = lot else { return Ok(None) };
        let deed = self.deed(&lot.deed)?;
        let may = scope.may(deed.about().export);
        Ok(may.then(|| Arc::new(Results { deed }) as Arc<dyn List>))
    }
}
