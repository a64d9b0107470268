//! How the demo is asked for on the command line.

use std::path::PathBuf;

use clap::Args;
use kernel::Timestamp;

use crate::config::Volume;

/// How the demo runs.
#[derive(Debug, Args)]
pub(crate) struct DemoArgs {
    /// First of three ports: app, vault, bank
    #[arg(long, default_value_t = 7700)]
    pub(crate) port: u16,
    /// Prints one line of JSON on standard output once everything answers
    #[arg(long)]
    pub(crate) json: bool,
    /// Does not open the browser
    #[arg(long)]
    pub(crate) no_open: bool,
    /// Keeps its files in this folder, and resumes what is there
    #[arg(long, value_name = "DIR")]
    pub(crate) keep: Option<PathBuf>,
    /// Keeps the app's data in this empty PostgreSQL database instead of a file
    #[arg(long, value_name = "postgres://…")]
    pub(crate) database: Option<String>,
    /// Keeps the vault's tables in this PostgreSQL database instead of a file
    #[arg(long, value_name = "postgres://…")]
    pub(crate) vault_database: Option<String>,
    /// Number from which the sample data is made: same number, same data
    #[arg(long, default_value_t = 1)]
    pub(crate) seed: u64,
    /// Freezes the clocks of the shops at this instant (RFC 3339)
    #[arg(long, value_name = "INSTANT", value_parser = instant)]
    pub(crate) at: Option<Timestamp>,
    /// Starts with 1,000,000 payments in the hotel's books
    #[arg(long)]
    pub(crate) large: bool,
    /// How many payments `--large` writes
    #[arg(long, hide = true, default_value_t = 1_000_000, value_name = "N")]
    pub(crate) large_count: u32,
    /// Starts with people, rooms and prices alone: no bookings, no payments
    #[arg(long, conflicts_with = "large")]
    pub(crate) bare: bool,
}

impl DemoArgs {
    /// How much there is at the start.
    pub(crate) const fn volume(&self) -> Volume {
        match (self.large, self.bare) {
            (true, _) => Volume::Large(self.large_count),
            (_, true) => Volume::Catalogue,
            _ => Volume::Town,
        }
    }
}

fn instant(text: &str) -> Result<Timestamp, String> {
    let example = "an instant such as 2026-06-15T09:00:00+02:00";
    Timestamp::parse_rfc3339(text).map_err(|_| example.to_owned())
}
