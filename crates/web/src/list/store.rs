//! SQL of what a person has set for a list.

use db::{DbError, Insert, Row, Tx, Val, params};
use kernel::{Actor, Scope, UserId};

/// Views a person may save for a list.
pub const MAX_VIEWS: usize = 8;
/// Longest name of a view, in characters.
pub const MAX_NAME_CHARACTERS: usize = 30;

static VIEW: Insert =
    Insert { table: "list_view", columns: &["user_id", "merchant_id", "list", "name", "query"] };

/// What a person has set for a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settings {
    /// Names of the columns shown, in their order; empty is the usual choice.
    pub shown: Vec<String>,
    /// How high rows are.
    pub rows: RowHeight,
    /// Whether letters move through the list.
    pub keys: Keys,
    /// Form of the last export; empty before the first.
    pub format: String,
}

/// How high rows are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RowHeight {
    /// For fingers.
    Tall,
    /// For pointers.
    Dense,
}

/// Whether letters move through the list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Keys {
    /// They do.
    On,
    /// They do nothing.
    Off,
}

impl Default for Settings {
    fn default() -> Self {
        Self { shown: Vec::new(), rows: RowHeight::Tall, keys: Keys::On, format: String::new() }
    }
}

/// A view that a person saved.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SavedView {
    /// Its name.
    pub name: String,
    /// The query of the list's address.
    pub query: String,
}

fn user(scope: &Scope) -> Option<UserId> {
    match scope.actor() {
        Actor::User(id) => Some(id),
        _ => None,
    }
}

/// The settings of the person who acts.
///
/// # Errors
/// [`DbError`] of the engine.
pub fn settings(tx: &mut Tx<'_>, scope: &Scope, list: &str) -> Result<Settings, DbError> {
    let Some(user) = user(scope) else { return Ok(Settings::default()) };
    let sql = "SELECT shown, dense, keys_on, file_format FROM list_setting \
               WHERE user_id = $1 AND list = $2 AND merchant_id = $3";
    let row = tx.query_opt(sql, &params![user, list, scope.merchant()])?;
    let Some(row) = row else { return Ok(Settings::default()) };
    let shown: String = row.get("shown")?;
    let (dense, keys): (bool, bool) = (row.get("dense")?, row.get("keys_on")?);
    Ok(Settings {
        shown: shown.split_whitespace().map(str::to_owned).collect(),
        rows: if dense { RowHeight::Dense } else { RowHeight::Tall },
        keys: if keys { Keys::On } else { Keys::Off },
        format: row.get("file_format")?,
    })
}

/// Keeps the settings of the person who acts.
///
/// # Errors
/// [`DbError`] of the engine.
pub fn keep(
    tx: &mut Tx<'_>,
    scope: &Scope,
    list: &str,
    settings: &Settings,
) -> Result<(), DbError> {
    let Some(user) = user(scope) else { return Ok(()) };
    let sql = "INSERT INTO list_setting \
               (user_id, merchant_id, list, shown, dense, keys_on, file_format) \
               VALUES ($1, $2, $3, $4, $5, $6, $7) \
               ON CONFLICT (user_id, list, merchant_id) DO UPDATE SET shown = $4, dense = $5, \
               keys_on = $6, file_format = $7";
    let values = params![
        user,
        scope.merchant(),
        list,
        settings.shown.join(" "),
        settings.rows == RowHeight::Dense,
        settings.keys == Keys::On,
        &settings.format,
    ];
    tx.exec(sql, &values).map(|_| ())
}

/// The views of the person who acts, by name.
///
/// # Errors
/// [`DbError`] of the engine.
pub fn views(tx: &mut Tx<'_>, scope: &Scope, list: &str) -> Result<Vec<SavedView>, DbError> {
    let Some(user) = user(scope) else { return Ok(Vec::new()) };
    let sql = "SELECT name, query FROM list_view \
               WHERE user_id = $1 AND list = $2 AND merchant_id = $3 ORDER BY name";
    let read = |row: &Row| Ok(SavedView { name: row.get("name")?, query: row.get("query")? });
    tx.query(sql, &params![user, list, scope.merchant()])?.iter().map(read).collect()
}

/// Saves a view under a name; one of that name is replaced. `false` when there are too many.
///
/// # Errors
/// [`DbError`] of the engine.
pub fn save_view(
    tx: &mut Tx<'_>,
    scope: &Scope,
    list: &str,
    view: &SavedView,
) -> Result<bool, DbError> {
    let Some(user) = user(scope) else { return Ok(false) };
    drop_view(tx, scope, list, &view.name)?;
    if views(tx, scope, list)?.len() >= MAX_VIEWS {
        return Ok(false);
    }
    let values: Vec<Val> = params![user, scope.merchant(), list, &view.name, &view.query];
    tx.insert(&VIEW, values)?;
    Ok(true)
}

/// Forgets a view.
///
/// # Errors
/// [`DbError`] of the engine.
pub fn drop_view(tx: &mut Tx<'_>, scope: &Scope, list: &str, name: &str) -> Result<(), DbError> {
    let Some(user) = user(scope) else { return Ok(()) };
    let sql = "DELETE FROM list_view \
               WHERE user_id = $1 AND list = $2 AND name = $3 AND merchant_id = $4";
    tx.exec(sql, &params![user, list, name, scope.merchant()]).map(|_| ())
}
