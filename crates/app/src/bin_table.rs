//! `guichet admin bin import FILE`: the table of issuer ranges, handed to the running vault.

use std::io::Read as _;
use std::path::Path;
use std::process::ExitCode;

use payments::bins::Import;
use vault_wire::{BinReport, VaultClient};

use crate::admin::Form;
use crate::command::could_not_run;
use crate::config::Config;

const READ_BYTES: usize = 64 * 1024;

/// Hands the file over; exit 0 in use, 1 refused and nothing changed, 2 could not run.
pub(crate) fn import(config: &Path, file: &Path, form: Form) -> ExitCode {
    match hand_over(config, file) {
        Ok(report) => {
            print_report(&report, form);
            if report.applied { ExitCode::SUCCESS } else { ExitCode::FAILURE }
        }
        Err(error) => could_not_run(&error),
    }
}

fn hand_over(config: &Path, path: &Path) -> Result<BinReport, String> {
    let config = Config::read(config)?;
    let named = |error: std::io::Error| format!("{}: {error}", path.display());
    let mut file = std::fs::File::open(path).map_err(named)?;
    let runtime = tokio::runtime::Runtime::new().map_err(|error| error.to_string())?;
    runtime.block_on(async {
        let vault = VaultClient::connect(config.vault.socket.clone());
        let mut import = Import::begin(&vault).await.map_err(|error| error.to_string())?;
        let mut buffer = vec![0; READ_BYTES];
        loop {
            let got = file.read(&mut buffer).map_err(named)?;
            let Some(bytes) = buffer.get(..got).filter(|bytes| !bytes.is_empty()) else { break };
            import.add(bytes).await.map_err(|error| error.to_string())?;
        }
        import.finish().await.map_err(|error| error.to_string())
    })
}

#[expect(clippy::print_stdout, reason = "the answer of the command")]
fn print_report(report: &BinReport, form: Form) {
    if form == Form::Json {
        println!("{}", serde_json::to_string(report).unwrap_or_default());
        return;
    }
    if report.applied {
        println!(
            "table {}: {} ranges, {} added, {} changed, {} removed; {} cards change country",
            report.version,
            report.ranges,
            report.added,
            report.changed,
            report.removed,
            report.cards_changing_country
        );
        return;
    }
    println!("nothing changed: {} faults", report.fault_count);
    for fault in &report.faults {
        let column = if fault.column.is_empty() { "-" } else { &fault.column };
        println!("  line {}, {column}: {}", fault.line, fault.cause);
    }
}
