//! Commands of the operator.

use std::path::Path;
use std::process::ExitCode;

use ledger::{LedgerError, Report};

use crate::cli::could_not_run;
use crate::config::Config;

/// How a command answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Form {
    /// For people.
    Text,
    /// For programs.
    Json,
}

/// `guichet admin ledger verify`: reads only, runs while the app serves.
pub(crate) fn verify_ledger(config: &Path, form: Form) -> ExitCode {
    let report = match read_report(config) {
        Ok(report) => report,
        Err(error) => return could_not_run(&error),
    };
    print_report(&report, form);
    if report.ok { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn read_report(config: &Path) -> Result<Report, String> {
    let file = Config::read(config)?.app.database;
    if !file.exists() {
        return Err(format!("{} is not there", file.display()));
    }
    let verify = |tx: &mut db::Tx<'_>| {
        let merchants = identity::merchants::store::all_ids(tx)?;
        ledger::verify(tx, &merchants)
    };
    db::read_file::<_, LedgerError, _>(&file, verify).map_err(|error| error.to_string())
}

#[expect(clippy::print_stdout, reason = "the answer of the command")]
fn print_report(report: &Report, form: Form) {
    if form == Form::Json {
        println!("{}", serde_json::to_string(report).unwrap_or_default());
        return;
    }
    for book in &report.books {
        println!(
            "{} {} {}: {} transactions, {} postings, debits {}, credits {}",
            book.merchant,
            book.mode.as_str(),
            book.currency,
            book.transactions,
            book.postings,
            book.debits,
            book.credits
        );
        for broken in &book.broken {
            println!("  broken {}: {}", broken.invariant, broken.ids.join(", "));
        }
    }
    println!("{}", if report.ok { "clean" } else { "DISCREPANCY" });
}
