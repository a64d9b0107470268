//! Where the vault's tables are: a file beside the slots, or a schema of a PostgreSQL server.
//!
//! On a server the tables lie in the schema `guichet_vault` (another one where the address names
//! one), which the first start makes. Only sealed records are there: the key of each number and
//! the codes are in slot files of this node, so that neither the server's log nor a copy of its
//! files opens a record whose slot was destroyed. For the same reason the tables belong to one
//! node: a vault with another keyring does not start on them. A demo without a keyring empties them.
//!
//! Nobody but the vault's role has a right on the schema. The demo does without that; elsewhere
//! the start is refused, unless `same_user` accepts in writing that app and vault are not apart.
//!
//! Limits: one node; names in the address are looked up, and certificates read, at the start alone,
//! because the sandbox permits neither later.

mod store;

use db::rights::By;
use db::{Db, DbError, DbOptions, Place, Route, SecureDelete};
use kernel::Timestamp;

use crate::keys::keyring;
use crate::log::Signer;
use crate::{Config, MIGRATIONS, StartError};

/// Schema of the tables on a server.
const SCHEMA: &str = "guichet_vault";
/// The file of the tables in the vault's folder.
pub(crate) const FILE: &str = "vault.db";

/// Where the tables are.
#[must_use]
pub fn place(config: &Config) -> Place {
    match &config.database {
        Some(place) => place.clone().in_schema(SCHEMA),
        None => Place::File(config.data_dir.join(FILE)),
    }
}

/// How the tables are opened, with everything that must be known before the sandbox.
pub(crate) fn options(config: &Config) -> Result<DbOptions, StartError> {
    match place(config) {
        file @ Place::File(_) if config.database.is_none() => {
            Ok(DbOptions { secure_delete: SecureDelete::On, ..DbOptions::at(file) })
        }
        Place::File(_) => {
            let why = "database is postgres://… or absent: without it the tables are in data_dir";
            Err(StartError::Config(why.into()))
        }
        // The log of a merchant is one chain: two writers would only meet in it.
        server => Ok(DbOptions { writers: 1, ..DbOptions::at(server) }.settled()?),
    }
}

/// Opens the tables and looks who else may touch them.
pub(crate) async fn open(config: &Config, options: &DbOptions) -> Result<Db, StartError> {
    let db = Db::open(options, &[MIGRATIONS])?;
    if config.demo && !keyring::is_there(&config.data_dir) {
        // A demo that begins anew: nothing opens what it had sealed before.
        db.write(Route::any(), db::wipe::all_rows).await?;
    }
    let access = db.read::<_, DbError, _>(db::rights::on_own_schema).await?;
    let faults = faults(config, &access);
    if faults.is_empty() || config.demo {
        return Ok(db);
    }
    let faults = faults.join("; ");
    if !config.accepts_one_user() {
        let cure = "give the vault's tables a role of their own, or set same_user = \
                    \"accepted: <reason>\"";
        return Err(StartError::Config(format!("{faults}: {cure}")));
    }
    tracing::warn!(faults, "app and vault are not apart on the database server");
    Ok(db)
}

/// Who has a right on the tables and should not, one sentence each.
fn faults(config: &Config, access: &[db::rights::Access]) -> Vec<String> {
    let tables = place(config);
    let app = config.app_database.as_ref().and_then(|app| app.role_at(&tables));
    let fault = |found: &db::rights::Access| {
        let role = &found.role;
        let is_app = app.as_deref() == Some(role);
        match found.by {
            By::Itself => is_app.then(|| format!("app and vault both are the role {role}")),
            By::Superuser if is_app => {
                Some(format!("the app's role {role} may do everything on the vault's server"))
            }
            By::Superuser => None,
            By::Grant if is_app => {
                Some(format!("the app's role {role} has a right on the vault's tables"))
            }
            By::Grant => Some(format!("the role {role} has a right on the vault's tables")),
        }
    };
    access.iter().filter_map(fault).collect()
}

/// The tables belong to the node whose keyring was there first: slots of another one open nothing,
/// and its sweeper would destroy what it takes for its own.
pub(crate) async fn claim(db: &Db, signer: &Signer, now: Timestamp) -> Result<(), StartError> {
    if !db.is_shared() {
        return Ok(());
    }
    let mark = signer.mark();
    let owner =
        db.write::<_, DbError, _>(Route::any(), move |tx| store::claim(tx, mark, now)).await?;
    if owner == mark {
        return Ok(());
    }
    let why = "the tables belong to another vault: its keyring is not in data_dir";
    Err(StartError::Config(why.into()))
}

/// What was found about the tables on a server, for the operator.
#[derive(Debug)]
pub struct Checked {
    /// Migrations that the next start applies.
    pub missing: Vec<&'static str>,
    /// Who has a right on the tables and should not, one sentence each.
    pub faults: Vec<String>,
}

/// Looks at the tables on a server; nothing is changed.
///
/// # Errors
/// [`StartError`] when the server cannot be asked.
pub fn check(config: &Config) -> Result<Checked, StartError> {
    let place = place(config);
    let missing = db::missing_migrations(&place, &[MIGRATIONS])?;
    let access = db::read_once::<_, DbError, _>(&place, db::rights::on_own_schema)?;
    Ok(Checked { missing, faults: faults(config, &access) })
}

/// Brings the tables on a server up to date; gives what was missing.
///
/// # Errors
/// [`StartError`] when the server cannot be asked or a step fails.
pub fn migrate(config: &Config) -> Result<Vec<&'static str>, StartError> {
    let missing = db::missing_migrations(&place(config), &[MIGRATIONS])?;
    Db::open(&options(config)?, &[MIGRATIONS])?;
    Ok(missing)
}
