//! The product's own program, which some benchmarks start.

use std::path::PathBuf;

use crate::Outcome;

/// The product, built beside the benchmarks.
pub(crate) fn program() -> Outcome<PathBuf> {
    let here = std::env::current_exe()?;
    let program = here.with_file_name("guichet");
    if program.exists() {
        return Ok(program);
    }
    Err(format!("{} is missing: cargo build --release --bin guichet", program.display()).into())
}
