//! The binary: commands, configuration, wiring, the list of slices.
//!
//! `guichet demo` shows the whole product on a machine without network; `guichet serve` runs it
//! for real. Both supervise the app, the vault and the simulated bank of test shops as processes of
//! this same executable, each with its own origin.

mod admin;
mod bin_table;
mod checkup;
mod cli;
mod command;
mod config;
mod demo;
mod doctor;
mod init;
mod migrate;
mod new_merchant;
mod reference;
mod serve;
mod slices;
mod supervise;
mod tell_vault;
mod vault_command;
mod watch;
mod wiring;

use std::process::ExitCode;

fn main() -> ExitCode {
    // Whatever it writes is for its own user alone, whichever command writes it first.
    rustix::process::umask(rustix::fs::Mode::from_raw_mode(0o077));
    cli::run()
}
