//! Runs a benchmark as an optimised program: `cargo xtask bench NAME [OPTIONS]`.

use std::path::Path;
use std::process::{Command, Stdio};

/// Hands everything on to the package of benchmarks.
pub(crate) fn run(root: &Path, arguments: &[String]) -> Result<(), String> {
    // One of them measures the product as it runs.
    crate::test::cargo(root, &["build", "--quiet", "--release", "--bin", "guichet"])?;
    let cargo = std::env::var("CARGO").unwrap_or_else(|_| "cargo".into());
    let status = Command::new(cargo)
        .args(["run", "--quiet", "--release", "--package", "guichet-bench", "--"])
        .args(arguments)
        .current_dir(root)
        .stdin(Stdio::null())
        .status()
        .map_err(|error| format!("cargo: {error}"))?;
    if status.success() { Ok(()) } else { Err(format!("the benchmark ended with {status}")) }
}
