//! The binary: commands, configuration, wiring, the list of slices.
//!
//! `guichet demo` shows the whole product on a machine without network; `guichet serve` runs it
//! for real. Both supervise the app and the vault as processes of this same executable, each
//! with its own origin; the demo adds the simulated bank.

mod admin;
mod cli;
mod config;
mod demo;
mod doctor;
mod new_merchant;
mod serve;
mod slices;
mod supervise;
mod tell_vault;
mod wiring;

use std::process::ExitCode;

fn main() -> ExitCode {
    cli::run()
}
