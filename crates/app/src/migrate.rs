//! `guichet migrate`: what of the schema is missing, and bringing it up to date.

use std::path::Path;
use std::process::ExitCode;

use db::{Db, DbOptions};
use serde_json::json;

use crate::admin::Form;
use crate::command::could_not_run;
use crate::config::Config;
use crate::slices;

/// Whether something is changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Does {
    /// Only told.
    Plan,
    /// Applied.
    Apply,
}

/// Migrations that the database of the app has not had, in their order, and after them those of
/// the vault's tables on a server. A file of the vault is its own and brought up to date by it.
///
/// # Errors
/// A sentence for the operator.
pub(crate) fn missing(config: &Config) -> Result<Vec<&'static str>, String> {
    let missing = db::missing_migrations(&config.app.database, &slices::migrations());
    let mut missing = missing.map_err(|error| error.to_string())?;
    if config.vault_on_server() {
        let vault = vault::check(&config.vault).map_err(|error| error.to_string())?.missing;
        missing.extend(vault.into_iter().filter(|name| name.starts_with("vault/")));
    }
    Ok(missing)
}

/// The command. Exit 0: nothing missing, or all applied; 1: something is missing; 2: could not
/// run.
pub(crate) fn run(config: &Path, does: Does, form: Form) -> ExitCode {
    let done = Config::read(config).and_then(|config| {
        let missing = missing(&config)?;
        if does == Does::Apply {
            let options = DbOptions::at(config.app.database);
            Db::open(&options, &slices::migrations()).map_err(|error| error.to_string())?;
            if config.vault.database.is_some() {
                vault::migrate(&config.vault).map_err(|error| error.to_string())?;
            }
        }
        Ok(missing)
    });
    match done {
        Err(error) => could_not_run(&error),
        Ok(missing) => {
            print(&missing, does, form);
            let waits = does == Does::Plan && !missing.is_empty();
            if waits { ExitCode::FAILURE } else { ExitCode::SUCCESS }
        }
    }
}

#[expect(clippy::print_stdout, reason = "the answer of a command")]
fn print(missing: &[&str], does: Does, form: Form) {
    let word = if does == Does::Plan { "missing" } else { "applied" };
    if form == Form::Json {
        println!("{}", json!({ word: missing }));
        return;
    }
    for name in missing {
        println!("{word} {name}");
    }
    if missing.is_empty() {
        println!("the schema is up to date");
    }
}
