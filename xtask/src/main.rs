//! Chores of the repository, run as `cargo xtask NAME`.
//!
//! - `tidy` reads the sources and checks the rules of the house that no compiler knows.
//! - `deny` checks licences, bans and sources of all dependencies against `deny.toml`.
//! - `coverage` writes which test proves which requirement.
//! - `api-spec` writes the descriptions of the API; `--check` compares them.
//! - `bench` measures: `db` is the database layer.
//! - `test` is the one test command: it installs what is missing, then runs everything.
#![expect(clippy::print_stdout, reason = "a command for people at a terminal")]

mod api_spec;
mod bench;
mod coverage;
mod deny;
mod fuzz;
mod postgres;
mod setup;
mod test;
mod tidy;

use std::path::PathBuf;
use std::process::ExitCode;

const USAGE: &str = "usage: cargo xtask tidy | deny | coverage | api-spec [--check] | bench NAME \
    | test [--only STEP,…] [--skip STEP,…]";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let root = root();
    let done = match arguments.split_first() {
        Some((name, [])) if name == "tidy" => tidy::run(&root),
        Some((name, [])) if name == "deny" => deny::run(&root),
        Some((name, [])) if name == "coverage" => coverage::run(&root),
        Some((name, rest)) if name == "api-spec" => api_spec::run(&root, rest),
        Some((name, rest)) if name == "bench" => bench::run(&root, rest),
        Some((name, rest)) if name == "test" => test::run(&root, rest),
        _ => Err(USAGE.to_owned()),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            println!("{message}");
            ExitCode::FAILURE
        }
    }
}

/// The folder of the workspace: the parent of this package.
fn root() -> PathBuf {
    let mut path = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
    path.pop();
    path
}
