//! Commands of the operator.

use std::path::Path;
use std::process::ExitCode;

use db::Place;
use kernel::{MerchantId, Mode};
use ledger::{LedgerError, Report};

use crate::command::could_not_run;
use crate::config::Config;

/// How a command answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Form {
    /// For people.
    Text,
    /// For programs.
    Json,
}

/// Which books are verified, and from where on.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Wanted {
    /// Those of one merchant, or of all.
    pub(crate) merchant: Option<MerchantId>,
    /// Live or test, or both.
    pub(crate) mode: Option<Mode>,
    /// Number of the first transaction of each book that is looked at.
    pub(crate) from: u64,
}

/// `guichet admin ledger verify`: reads only, runs while the app serves. Without a merchant or a
/// mode all books are read.
pub(crate) fn verify_ledger(config: &Path, wanted: Wanted, form: Form) -> ExitCode {
    let mut report = match read_report(config, (wanted.merchant, wanted.from)) {
        Ok(report) => report,
        Err(error) => return could_not_run(&error),
    };
    report.books.retain(|book| wanted.mode.is_none_or(|mode| book.mode == mode));
    report.ok = report.books.iter().all(|book| book.broken.is_empty());
    print_report(&report, form);
    if report.ok { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// What the books say, of one merchant or of all.
///
/// # Errors
/// A sentence for the operator.
pub(crate) fn read_report(
    config: &Path,
    (wanted, from): (Option<MerchantId>, u64),
) -> Result<Report, String> {
    let verify = |tx: &mut db::Tx<'_>| -> Result<Option<Report>, LedgerError> {
        let mut merchants = identity::merchants::store::all_ids(tx)?;
        merchants.retain(|known| wanted.is_none_or(|wanted| *known == wanted));
        let unknown = wanted.is_some() && merchants.is_empty();
        if unknown { Ok(None) } else { payments::books::verify(tx, &merchants, from).map(Some) }
    };
    let report = db::read_once::<_, LedgerError, _>(&database(config)?, verify);
    report.map_err(|error| error.to_string())?.ok_or_else(|| "no such merchant".to_owned())
}

/// The database of the app.
pub(crate) fn database(config: &Path) -> Result<Place, String> {
    match Config::read(config)?.app.database {
        Place::File(file) if !file.exists() => Err(format!("{} is not there", file.display())),
        place => Ok(place),
    }
}

#[expect(clippy::print_stdout, reason = "the answer of the command")]
fn print_report(report: &Report, form: Form) {
    if form == Form::Json {
        println!("{}", serde_json::to_string(report).unwrap_or_default());
        return;
    }
    for book in &report.books {
        println!(
            "{} {} {}: {} transactions, {} postings, debits {}, credits {}, head {}",
            book.merchant,
            book.mode.as_str(),
            book.currency,
            book.transactions,
            book.postings,
            book.debits,
            book.credits,
            book.head_hash
        );
        for broken in &book.broken {
            println!("  broken {}: {}", broken.invariant, broken.ids.join(", "));
        }
    }
    println!("{}", if report.ok { "clean" } else { "DISCREPANCY" });
}

/// `guichet openapi`: the description of the API on standard output.
#[expect(clippy::print_stdout, reason = "the answer of a command")]
pub(crate) fn print_description(document: http::openapi::Document) -> ExitCode {
    print!("{}", document.node().pretty());
    ExitCode::SUCCESS
}
