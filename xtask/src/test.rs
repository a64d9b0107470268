//! The one test command: everything that must hold before a change is delivered.

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Instant;

use crate::{deny, setup, tidy};

type Step = (&'static str, fn(&Path) -> Result<(), String>);

/// In the order of cost; each runs even when an earlier one failed.
const STEPS: [Step; 7] = [
    ("format", format),
    ("tidy", tidy::run),
    ("deny", deny::run),
    ("lints", lints),
    ("tests", all_tests),
    ("release", release),
    ("browser", browser),
];

/// Runs the steps; `--only a,b` and `--skip a,b` choose.
pub(crate) fn run(root: &Path, arguments: &[String]) -> Result<(), String> {
    let chosen = chosen(arguments)?;
    let mut results = Vec::new();
    for (name, step) in chosen {
        println!("\n== {name}");
        let start = Instant::now();
        let result = step(root);
        if let Err(message) = &result {
            println!("{message}");
        }
        results.push((name, result.is_ok(), start.elapsed().as_secs()));
    }
    println!("\n== summary");
    for (name, passed, seconds) in &results {
        println!("{:8} {} ({seconds} s)", name, if *passed { "passed" } else { "FAILED" });
    }
    let failed = results.iter().filter(|(_, passed, _)| !passed).count();
    println!("steps: {} passed, {failed} failed", results.len() - failed);
    if failed == 0 { Ok(()) } else { Err("the tests did not pass".to_owned()) }
}

fn chosen(arguments: &[String]) -> Result<Vec<Step>, String> {
    let list = |words: &str| -> Result<Vec<String>, String> {
        let words: Vec<String> = words.split(',').map(str::to_owned).collect();
        let unknown = words.iter().find(|word| !STEPS.iter().any(|(name, _)| name == word));
        unknown.map_or(Ok(words.clone()), |word| Err(format!("no step is called {word}")))
    };
    match arguments {
        [] => Ok(STEPS.to_vec()),
        [option, words] if option == "--only" => {
            let words = list(words)?;
            Ok(STEPS.into_iter().filter(|(name, _)| words.iter().any(|w| w == name)).collect())
        }
        [option, words] if option == "--skip" => {
            let words = list(words)?;
            Ok(STEPS.into_iter().filter(|(name, _)| !words.iter().any(|w| w == name)).collect())
        }
        _ => Err(crate::USAGE.to_owned()),
    }
}

fn cargo(root: &Path, arguments: &[&str]) -> Result<(), String> {
    program(root, &std::env::var("CARGO").unwrap_or_else(|_| "cargo".into()), arguments)
}

fn program(folder: &Path, name: &str, arguments: &[&str]) -> Result<(), String> {
    let status = Command::new(name)
        .args(arguments)
        .current_dir(folder)
        .stdin(Stdio::null())
        .status()
        .map_err(|e| format!("{name}: {e}"))?;
    if status.success() { Ok(()) } else { Err(format!("{name} {}: {status}", arguments.join(" "))) }
}

fn format(root: &Path) -> Result<(), String> {
    cargo(root, &["fmt", "--all", "--check"])
}

fn lints(root: &Path) -> Result<(), String> {
    cargo(root, &["clippy", "--workspace", "--all-targets", "--locked", "--", "-D", "warnings"])
}

/// With cargo-nextest where it is installed, else with what comes with Rust.
fn all_tests(root: &Path) -> Result<(), String> {
    let nextest = Command::new("cargo")
        .args(["nextest", "--version"])
        .stdin(Stdio::null())
        .output()
        .is_ok_and(|output| output.status.success());
    if nextest {
        cargo(root, &["nextest", "run", "--workspace", "--locked", "--no-fail-fast"])
    } else {
        cargo(root, &["test", "--workspace", "--locked", "--no-fail-fast"])
    }
}

fn release(root: &Path) -> Result<(), String> {
    cargo(root, &["build", "--release", "--locked", "--package", "guichet"])
}

/// Every journey, in a real browser, against the release binary.
fn browser(root: &Path) -> Result<(), String> {
    setup::run(root)?;
    let folder = root.join("e2e");
    let entries = fs::read_dir(folder.join("journeys")).map_err(|e| format!("e2e: {e}"))?;
    let mut files: Vec<String> = entries
        .flatten()
        .map(|entry| format!("journeys/{}", entry.file_name().to_string_lossy()))
        .filter(|name| name.ends_with(".test.mjs"))
        .collect();
    files.sort();
    let mut arguments = vec!["--test", "--test-concurrency=1", "--test-reporter=spec"];
    arguments.extend(files.iter().map(String::as_str));
    program(&folder, "node", &arguments)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(arguments: &[&str]) -> Result<Vec<&'static str>, String> {
        let arguments: Vec<String> = arguments.iter().map(|word| (*word).to_owned()).collect();
        chosen(&arguments).map(|steps| steps.into_iter().map(|(name, _)| name).collect())
    }

    #[test]
    fn all_steps_run_unless_chosen() {
        assert_eq!(names(&[]).unwrap().len(), STEPS.len());
        assert_eq!(names(&["--only", "deny,tidy"]).unwrap(), ["tidy", "deny"]);
        assert_eq!(names(&["--skip", "browser"]).unwrap().len(), STEPS.len() - 1);
        assert!(names(&["--only", "nothing"]).is_err() && names(&["-x"]).is_err());
    }
}
