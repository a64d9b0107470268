//! Who may touch the tables of a schema, as the server sees it: a check of what was granted.

use crate::{DbError, Tx};

/// A role that can sign in and has a right on the schema of the own tables.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Access {
    /// Its name.
    pub role: String,
    /// What gives it the right.
    pub by: By,
}

/// What gives a role a right.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum By {
    /// It is the role of this connection.
    Itself,
    /// It may do everything on the server.
    Superuser,
    /// It, a role that it belongs to, or everybody was granted it.
    Grant,
}

/// All roles with a right on the schema of the own tables, by name; none on a file.
///
/// # Errors
/// [`DbError`] of the engine.
pub fn on_own_schema(tx: &mut Tx<'_>) -> Result<Vec<Access>, DbError> {
    if !tx.is_postgres() {
        return Ok(Vec::new());
    }
    let sql = "SELECT CAST(rolname AS TEXT) AS role, \
         CASE WHEN rolname = current_user THEN 0 WHEN rolsuper THEN 1 ELSE 2 END AS by \
         FROM pg_roles WHERE rolcanlogin AND current_schema() IS NOT NULL \
         AND (has_schema_privilege(rolname, current_schema(), 'USAGE') \
         OR has_schema_privilege(rolname, current_schema(), 'CREATE')) ORDER BY role";
    let read = |row: &crate::Row| -> Result<Access, DbError> {
        let by = match row.get::<i64>("by")? {
            0 => By::Itself,
            1 => By::Superuser,
            _ => By::Grant,
        };
        Ok(Access { role: row.get("role")?, by })
    };
    tx.query(sql, &[])?.iter().map(read).collect()
}
