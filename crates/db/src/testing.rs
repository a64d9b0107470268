//! Databases for tests: SQLite files, or schemas of the PostgreSQL server that a variable names.

use std::path::Path;
use std::sync::atomic::{AtomicU32, Ordering};

use crate::postgres::scratch_schema;
use crate::{DbError, DbOptions, Place};

/// Address of a server on which tests may make schemas, `postgres://…`. Without it tests keep
/// their data in files.
pub const SERVER_VARIABLE: &str = "GUICHET_TEST_POSTGRES";
/// File with the certificate that this server shows on connections with TLS.
pub const AUTHORITY_VARIABLE: &str = "GUICHET_TEST_POSTGRES_AUTHORITY";

/// How many cases of a property a test tries, of those it tries on files: each statement is a round
/// trip to a server, where a quarter must do.
#[must_use]
pub fn cases(on_files: u32) -> u32 {
    if std::env::var_os(SERVER_VARIABLE).is_some() { on_files.div_ceil(4) } else { on_files }
}

/// An empty database for one test: a schema on the server of [`SERVER_VARIABLE`], else the file
/// `name` in `folder`. The same folder and name lead to the same data.
///
/// # Errors
/// [`DbError`] when the server does not answer.
pub fn scratch(folder: &Path, name: &str) -> Result<DbOptions, DbError> {
    let Ok(server) = std::env::var(SERVER_VARIABLE) else {
        return Ok(DbOptions::sqlite(folder.join(name)));
    };
    // The folder remembers its schema, so that a test can open its data again.
    let note = folder.join(format!("{name}.schema"));
    let fault = |error: std::io::Error| DbError::Engine(error.to_string());
    let url = if note.exists() {
        std::fs::read_to_string(&note).map_err(fault)?
    } else {
        static MADE: AtomicU32 = AtomicU32::new(0);
        let number = MADE.fetch_add(1, Ordering::Relaxed);
        let made = scratch_schema(&server, &format!("t{}_{number}", std::process::id()))?;
        std::fs::write(&note, &made).map_err(fault)?;
        made
    };
    Ok(DbOptions { readers: 2, ..DbOptions::at(Place::Server(url)) })
}
