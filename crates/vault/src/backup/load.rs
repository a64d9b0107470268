//! Rows of a backup into empty tables: those of a restored vault, or a scratch file.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use db::{Db, DbError, DbOptions, Route, Tx, dump};

use super::manifest::Manifest;
use super::rows::Read;
use super::stream::{self, Belongs};
use super::{BackupError, CARDS, SLOTS, rows};
use crate::MIGRATIONS;
use crate::keys::{Key, Root};

/// Tables that stay as the new vault has them: messages that waited are not sent again, and the
/// tables belong to another keyring.
const LEFT_OUT: [&str; 2] = ["vault_message", "vault_node"];

/// A backup whose manifest is ours and whose files are what they were.
#[derive(Clone)]
pub(super) struct Whole {
    pub(super) folder: PathBuf,
    pub(super) manifest: Arc<Manifest>,
    pub(super) file_key: Arc<Key>,
}

impl Whole {
    fn belongs<'b>(&'b self, file: &'b str) -> Belongs<'b> {
        Belongs { key: &self.file_key, backup: &self.manifest.name, file }
    }

    /// Calls `see` with every line of the keys of cards.
    pub(super) fn each_slot(
        &self,
        see: &mut dyn FnMut(&str) -> Result<(), BackupError>,
    ) -> Result<(), BackupError> {
        stream::each_line(&self.folder.join(SLOTS), self.belongs(SLOTS), see)
    }

    /// Opens empty tables at a place, fills them as they were, and brings them up to date.
    pub(super) async fn tables_at(&self, options: &DbOptions) -> Result<Db, BackupError> {
        let steps = dump::seen_of(MIGRATIONS, &self.manifest.migrations)?;
        let db = Db::open(options, &[&steps]).map_err(|error| match error {
            DbError::Newer(step) => {
                let why = format!(
                    "the tables have seen {step}, which the backup has not: restore into an empty \
                     schema"
                );
                BackupError::Refused(why)
            }
            other => other.into(),
        })?;
        let whole = self.clone();
        let fill = move |tx: &mut Tx<'_>| whole.fill(tx);
        db.write::<_, BackupError, _>(Route::any(), fill).await?;
        drop(db);
        Ok(Db::open(options, &[MIGRATIONS])?)
    }

    fn fill(&self, tx: &mut Tx<'_>) -> Result<(), BackupError> {
        let tables: Vec<String> = self.manifest.rows.keys().cloned().collect();
        let known: Vec<String> = dump::tables(tx)?;
        if let Some(unknown) = tables.iter().find(|table| !known.contains(table)) {
            return Err(BackupError::Damaged(format!("{CARDS}: table {unknown}")));
        }
        if !super::store::is_empty(tx, &tables)? {
            let why = "the vault's tables are not empty: restore into an empty schema";
            return Err(BackupError::Refused(why.into()));
        }
        let (mut counts, mut current) = (BTreeMap::<String, u64>::new(), None);
        let path = self.folder.join(CARDS);
        stream::each_line(&path, self.belongs(CARDS), &mut |line| {
            match rows::read(line)? {
                Read::Head { table, columns } => current = Some((table, columns)),
                Read::Row(values) => {
                    let (table, columns) =
                        current.as_ref().ok_or_else(|| BackupError::Damaged(CARDS.into()))?;
                    let count = counts.entry(table.clone()).or_default();
                    *count = count.saturating_add(1);
                    if !LEFT_OUT.contains(&table.as_str()) {
                        dump::put_row(tx, table, columns, &values)?;
                    }
                }
            }
            Ok(())
        })?;
        let told = self.manifest.rows.iter().filter(|(_, count)| **count > 0);
        if !told.eq(counts.iter()) {
            return Err(BackupError::Damaged(format!("{CARDS}: the number of rows")));
        }
        Ok(())
    }
}

/// Reads a backup's manifest and compares all its files; `None` of keys when `slots.bak` is gone.
pub(super) fn whole(
    folder: &Path,
    root: &Root,
) -> Result<(Whole, super::manifest::HasKeys), BackupError> {
    let (manifest, file_key) = Manifest::read(folder, root)?;
    let has = manifest.compare(folder)?;
    let (manifest, file_key) = (Arc::new(manifest), Arc::new(file_key));
    Ok((Whole { folder: folder.to_owned(), manifest, file_key }, has))
}
