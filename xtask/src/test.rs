//! The one test command: everything that must hold before a change is delivered.

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Instant;

use crate::postgres::{self, Server};
use crate::{deny, fuzz, setup, tidy};

type Step = (&'static str, fn(&Path) -> Result<(), String>);

/// In the order of cost; each runs even when an earlier one failed.
const STEPS: [Step; 9] = [
    ("format", format),
    ("tidy", tidy::run),
    ("deny", deny::run),
    ("lints", lints),
    ("tests", all_tests),
    ("postgres", tests_on_postgres),
    ("fuzz", fuzz::run),
    ("browser", browser),
    ("browser-postgres", browser_on_postgres),
];

/// Packages whose tests keep data: they run on both engines.
const ON_BOTH_ENGINES: [&str; 8] = [
    "guichet-db",
    "guichet-vault",
    "guichet-web",
    "guichet-identity",
    "guichet-ledger",
    "guichet-payments",
    "guichet-booking",
    "guichet",
];

/// Journeys that passed only at the second time, one a line.
const FLAKY: &str = "target/flaky-journeys";

/// Runs the steps; `--only a,b` and `--skip a,b` choose.
pub(crate) fn run(root: &Path, arguments: &[String]) -> Result<(), String> {
    let chosen = chosen(arguments)?;
    let mut results = Vec::new();
    let _ = fs::remove_file(root.join(FLAKY));
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
        println!("{:16} {} ({seconds} s)", name, if *passed { "passed" } else { "FAILED" });
    }
    for journey in fs::read_to_string(root.join(FLAKY)).unwrap_or_default().lines() {
        println!("FLAKY, to be looked into: {journey}");
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

pub(crate) fn cargo(root: &Path, arguments: &[&str]) -> Result<(), String> {
    let name = std::env::var("CARGO").unwrap_or_else(|_| "cargo".into());
    finish(Command::new(name).args(arguments).current_dir(root))
}

fn finish(command: &mut Command) -> Result<(), String> {
    let status = command.stdin(Stdio::null()).status().map_err(|e| format!("{command:?}: {e}"))?;
    if status.success() { Ok(()) } else { Err(format!("{command:?}: {status}")) }
}

fn format(root: &Path) -> Result<(), String> {
    cargo(root, &["fmt", "--all", "--check"])
}

fn lints(root: &Path) -> Result<(), String> {
    cargo(root, &["clippy", "--workspace", "--all-targets", "--locked", "--", "-D", "warnings"])
}

/// Every test, with its data in files.
fn all_tests(root: &Path) -> Result<(), String> {
    setup::device()?;
    test_runner(root, &["--workspace"], None)
}

/// Every test that keeps data, with its data on a server.
fn tests_on_postgres(root: &Path) -> Result<(), String> {
    setup::device()?;
    let server = Server::start()?;
    let packages: Vec<String> =
        ON_BOTH_ENGINES.iter().map(|name| format!("--package={name}")).collect();
    let packages: Vec<&str> = packages.iter().map(String::as_str).collect();
    test_runner(root, &packages, Some(&server))
}

/// With cargo-nextest where it is installed, else with what comes with Rust.
fn test_runner(root: &Path, what: &[&str], server: Option<&Server>) -> Result<(), String> {
    let nextest = Command::new("cargo")
        .args(["nextest", "--version"])
        .stdin(Stdio::null())
        .output()
        .is_ok_and(|output| output.status.success());
    let runner: &[&str] = if nextest { &["nextest", "run"] } else { &["test"] };
    let mut command = Command::new(std::env::var("CARGO").unwrap_or_else(|_| "cargo".into()));
    command.args(runner).args(what).args(["--locked", "--no-fail-fast"]);
    finish(with_server(command.current_dir(root), server))
}

fn with_server<'c>(command: &'c mut Command, server: Option<&Server>) -> &'c mut Command {
    match server {
        Some(server) => command
            .env(postgres::VARIABLE, &server.url)
            .env(postgres::AUTHORITY_VARIABLE, &server.certificate),
        None => command.env_remove(postgres::VARIABLE),
    }
}

/// Every journey, in a real browser.
fn browser(root: &Path) -> Result<(), String> {
    journeys(root, None)
}

fn browser_on_postgres(root: &Path) -> Result<(), String> {
    let server = Server::start()?;
    journeys(root, Some(&server))
}

/// The product as the tests of the whole workspace have built it already: built by itself, it
/// would take its libraries with other features, and build them all again.
pub(crate) fn build_product(root: &Path) -> Result<(), String> {
    cargo(root, &["build", "--locked", "--workspace", "--bin", "guichet"])
}

/// Against the binary that the tests have built. Journeys that fail are tried once more, when
/// nothing else runs: what passes only then is told, and is a fault to look for.
fn journeys(root: &Path, server: Option<&Server>) -> Result<(), String> {
    setup::run(root)?;
    build_product(root)?;
    let folder = root.join("e2e");
    let entries = fs::read_dir(folder.join("journeys")).map_err(|e| format!("e2e: {e}"))?;
    let mut files: Vec<String> = entries
        .flatten()
        .map(|entry| format!("journeys/{}", entry.file_name().to_string_lossy()))
        .filter(|name| name.ends_with(".test.mjs"))
        .collect();
    files.sort();
    let (first, failed) = play(root, (&files, 2), server)?;
    let known = |line: &String| files.iter().any(|file| line.ends_with(file.as_str()));
    if first.is_ok() || failed.is_empty() || !failed.iter().all(known) {
        return first;
    }
    println!("\nonce more, one after the other: {}", failed.join(" "));
    let (second, _) = play(root, (&failed, 1), server)?;
    second.and_then(|()| note_flaky(root, &failed))
}

/// Plays journeys, some at a time; how it went, and the files of those that failed.
fn play(
    root: &Path,
    (files, at_once): (&[String], u8),
    server: Option<&Server>,
) -> Result<(Result<(), String>, Vec<String>), String> {
    let list = root.join("target/failed-journeys");
    let empty = |error: std::io::Error| format!("{}: {error}", list.display());
    fs::write(&list, "").map_err(empty)?;
    let mut command = Command::new("node");
    command
        .args(["--test", &format!("--test-concurrency={at_once}")])
        .args(["--test-reporter=spec", "--test-reporter-destination=stdout"])
        .arg("--test-reporter=./failing.mjs")
        .arg(format!("--test-reporter-destination={}", list.display()))
        .args(files)
        .env("GUICHET_BINARY", root.join("target/debug/guichet"))
        .current_dir(root.join("e2e"));
    let outcome = finish(with_server(&mut command, server));
    let failed = fs::read_to_string(&list).map_err(|error| error.to_string())?;
    Ok((outcome, failed.lines().map(str::to_owned).collect()))
}

/// Keeps what passed only at the second time, for the summary.
fn note_flaky(root: &Path, journeys: &[String]) -> Result<(), String> {
    let path = root.join(FLAKY);
    let before = fs::read_to_string(&path).unwrap_or_default();
    let after = format!("{before}{}\n", journeys.join("\n"));
    fs::write(&path, after).map_err(|error| format!("{}: {error}", path.display()))
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
