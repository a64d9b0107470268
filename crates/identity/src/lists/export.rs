//! Lists as files, chunk by chunk.

use std::fs::File;
use std::io::{Read as _, Seek as _, SeekFrom};
use std::sync::Arc;

use db::{Db, DbError};
use documents::{Format, TextSheet, Workbook, WorkbookError};
use http::stream::{BrokenOff, Bytes, Pieces, Response, as_attachment};
use kernel::{Id, Scope, Zone};

use super::{List, Wanted};

/// Rows up to which a file is streamed at once; more of them are a run.
pub const FILE_ROWS: i64 = 10_000;
/// Bytes of one piece of a finished file.
pub(crate) const PIECE_BYTES: usize = 256 * 1024;

/// Why a file could not be made.
#[derive(Debug, thiserror::Error)]
pub enum ExportError {
    /// The database failed.
    #[error(transparent)]
    Db(#[from] DbError),
    /// The workbook failed.
    #[error(transparent)]
    Workbook(#[from] WorkbookError),
    /// The temporary file failed.
    #[error(transparent)]
    File(#[from] std::io::Error),
    /// The reader went away.
    #[error("the reader went away")]
    Gone,
}

/// Name of the file: what it holds, and the day it was made.
#[must_use]
pub(crate) fn file_name(list: &dyn List, wanted: &Wanted, format: Format) -> String {
    let title = web::list::folded(&list.title(&wanted.words));
    let day = wanted.zone.date(wanted.now);
    format!("{}-{day}.{}", title.replace(' ', "-"), format.extension())
}

/// Streams a list as a file, however long it is.
#[must_use]
pub(crate) fn stream(
    db: &Db,
    scope: &Scope,
    (list, wanted): (Arc<dyn List>, Wanted),
    format: Format,
) -> Response {
    let (pieces, mut response) = http::stream::answer();
    as_attachment(&mut response, &file_name(list.as_ref(), &wanted, format), format.media_type());
    let (db, scope) = (db.clone(), scope.clone());
    tokio::task::spawn_blocking(move || {
        let source = Source { db: &db, scope: &scope, list: list.as_ref(), wanted: &wanted };
        let outcome = match TextSheet::new(format, list.sheet(&wanted)) {
            Some(sheet) => source.text(&sheet, &pieces),
            None => source.workbook(&pieces),
        };
        if let Err(error) = outcome {
            tracing::warn!(%error, list = list.name(), "export broken off");
            let _ = pieces.blocking_send(Err(BrokenOff));
        }
    });
    response
}

struct Source<'a> {
    db: &'a Db,
    scope: &'a Scope,
    list: &'a dyn List,
    wanted: &'a Wanted,
}

impl Source<'_> {
    fn chunk(&self, after: Option<Id>) -> Result<super::Chunk, DbError> {
        self.db.read_blocking(|tx| self.list.chunk(tx, self.scope, self.wanted, after))
    }

    fn text(&self, sheet: &TextSheet, pieces: &Pieces) -> Result<(), ExportError> {
        send(pieces, sheet.head())?;
        let mut after = None;
        loop {
            let (rows, next) = self.chunk(after)?;
            send(pieces, sheet.rows(&rows))?;
            after = Some(match next {
                Some(next) => next,
                None => return Ok(()),
            });
        }
    }

    fn workbook(&self, pieces: &Pieces) -> Result<(), ExportError> {
        let title = self.list.title(&self.wanted.words);
        let mut book = Workbook::new(&title, self.list.sheet(self.wanted))?;
        let mut after = None;
        loop {
            let (rows, next) = self.chunk(after)?;
            rows.iter().try_for_each(|row| book.add(row))?;
            match next {
                Some(next) => after = Some(next),
                None => break,
            }
        }
        for_each_piece(book, |piece| send(pieces, piece))
    }
}

/// Writes a workbook to a temporary file and hands it over piece by piece.
pub(crate) fn for_each_piece(
    book: Workbook,
    mut take: impl FnMut(Vec<u8>) -> Result<(), ExportError>,
) -> Result<(), ExportError> {
    let mut file: File = tempfile::tempfile()?;
    book.finish(&mut file)?;
    file.seek(SeekFrom::Start(0))?;
    loop {
        let mut piece = Vec::with_capacity(PIECE_BYTES);
        let limit = u64::try_from(PIECE_BYTES).unwrap_or(u64::MAX);
        if (&mut file).take(limit).read_to_end(&mut piece)? == 0 {
            return Ok(());
        }
        take(piece)?;
    }
}

fn send(pieces: &Pieces, piece: Vec<u8>) -> Result<(), ExportError> {
    if piece.is_empty() {
        return Ok(());
    }
    pieces.blocking_send(Ok(Bytes::from(piece))).map_err(|_| ExportError::Gone)
}

/// The zone of a name stored with a run.
#[must_use]
pub(crate) fn zone(name: &str) -> Zone {
    Zone::named(name).unwrap_or_else(|_| Zone::paris())
}
