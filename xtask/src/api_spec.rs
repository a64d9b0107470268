//! Writes the descriptions of the API, as the code gives them, to the documents.

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

/// What is written, and what the program is asked for.
const DOCUMENTS: [(&str, &[&str]); 2] =
    [("docs/openapi.json", &["openapi"]), ("docs/openapi-vault.json", &["openapi", "--vault"])];

/// `cargo xtask api-spec` writes; with `--check` it only compares.
pub(crate) fn run(root: &Path, arguments: &[String]) -> Result<(), String> {
    let only_compares = match arguments {
        [] => false,
        [option] if option == "--check" => true,
        _ => return Err(crate::USAGE.to_owned()),
    };
    for (path, command) in DOCUMENTS {
        let fresh = description(root, command)?;
        let file = root.join(path);
        if fs::read(&file).unwrap_or_default() == fresh {
            continue;
        }
        if only_compares {
            return Err(format!("{path} is stale: run cargo xtask api-spec"));
        }
        fs::write(&file, fresh).map_err(|error| format!("{path}: {error}"))?;
        println!("api-spec: {path} written");
    }
    Ok(())
}

/// What the program prints.
fn description(root: &Path, command: &[&str]) -> Result<Vec<u8>, String> {
    let cargo = std::env::var("CARGO").unwrap_or_else(|_| "cargo".into());
    let output = Command::new(cargo)
        .args(["run", "--quiet", "--package", "guichet", "--"])
        .args(command)
        .current_dir(root)
        .stdin(Stdio::null())
        .stderr(Stdio::inherit())
        .output()
        .map_err(|error| format!("cargo: {error}"))?;
    if output.status.success() { Ok(output.stdout) } else { Err("guichet openapi failed".into()) }
}
