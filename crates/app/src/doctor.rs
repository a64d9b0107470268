//! `guichet doctor`: checks that count again what the app keeps counted.

use std::path::Path;
use std::process::ExitCode;

use booking::moment::Moment;
use booking::stock::{ops as stock, store::Mismatch};
use db::{Db, DbError, DbOptions, Place, Route, Tx};
use kernel::rng::OsRng;
use kernel::time::SystemClock;
use kernel::{Clock as _, LodgingId, MerchantId, Mode, Scope};

use crate::admin::{Form, database};
use crate::command::could_not_run;
use crate::slices;

/// Whether what is wrong is repaired.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Wrong {
    /// Only told.
    Tell,
    /// Set right, with a line in the journal for each row.
    Repair,
}

type Found = Vec<(MerchantId, Mismatch)>;

/// `guichet doctor stock`, beside the app while it serves. Exit 0: clean, or all repaired; 1: a
/// discrepancy; 2: could not run.
pub(crate) fn check_stock(config: &Path, wrong: Wrong, form: Form) -> ExitCode {
    let found = database(config).and_then(|file| {
        let done = match wrong {
            Wrong::Tell => db::read_once(&file, |tx| each_merchant(tx, stock::doctor)),
            Wrong::Repair => repair(&file),
        };
        done.map_err(|error: DbError| error.to_string())
    });
    let found = match found {
        Ok(found) => found,
        Err(error) => return could_not_run(&error),
    };
    let clean = found.is_empty() || wrong == Wrong::Repair;
    print(&found, wrong, form);
    if clean { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn repair(file: &Place) -> Result<Found, DbError> {
    let db = Db::open(&DbOptions::at(file.clone()), &slices::migrations())?;
    let now = SystemClock.now();
    let set_right = move |tx: &mut Tx<'_>| {
        each_merchant(tx, |tx, scope| stock::repair(tx, scope, Moment::new(now, &OsRng)))
    };
    db.write_blocking(Route::any(), set_right)
}

fn each_merchant(
    tx: &mut Tx<'_>,
    mut look: impl FnMut(&mut Tx<'_>, &Scope) -> Result<Vec<Mismatch>, DbError>,
) -> Result<Found, DbError> {
    let mut found = Vec::new();
    for merchant in identity::merchants::store::all_ids(tx)? {
        // Rows of live and test shops lie in one table and either scope reads them all; what is
        // repaired is told in the journal that the merchant reads.
        let live = identity::scope::for_house(merchant, Mode::Live);
        let sells = !identity::merchants::store::shops(tx, &live)?.is_empty();
        let mode = if sells { Mode::Live } else { Mode::Test };
        let scope = identity::scope::for_house(merchant, mode);
        found.extend(look(tx, &scope)?.into_iter().map(|row| (merchant, row)));
    }
    Ok(found)
}

#[expect(clippy::print_stdout, reason = "the answer of the command")]
fn print(found: &Found, wrong: Wrong, form: Form) {
    let repaired = wrong == Wrong::Repair;
    let clean = found.is_empty();
    if form == Form::Json {
        let rows: Vec<_> = found.iter().map(|(merchant, row)| json(*merchant, row)).collect();
        let ok = clean || repaired;
        println!("{}", serde_json::json!({"ok": ok, "repaired": repaired, "rows": rows}));
        return;
    }
    for (merchant, row) in found {
        println!(
            "{merchant} {} {}: taken {} (lines say {}), held {} (lines say {})",
            LodgingId::from(row.resource),
            row.slot,
            row.taken.0,
            row.taken.1,
            row.held.0,
            row.held.1
        );
    }
    let words = if repaired { "REPAIRED" } else { "DISCREPANCY" };
    println!("{}", if clean { "clean" } else { words });
}

fn json(merchant: MerchantId, row: &Mismatch) -> serde_json::Value {
    serde_json::json!({
        "merchant": merchant, "resource": LodgingId::from(row.resource), "slot": row.slot,
        "taken": {"stored": row.taken.0, "lines": row.taken.1},
        "held": {"stored": row.held.0, "lines": row.held.1},
    })
}
