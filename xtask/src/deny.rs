//! Licences, bans and sources of all dependencies, by the rules of `deny.toml`.
//!
//! The file has the format of cargo-deny, of which this reads the three lists that matter here;
//! why it is not cargo-deny itself stands in `docs/adr/0005-dependency-rules.md`.

use std::collections::BTreeSet;
use std::path::Path;
use std::process::Command;

use serde_json::Value;

/// The rules, as read from `deny.toml`.
#[derive(Debug, Default)]
struct Rules {
    licences: BTreeSet<String>,
    exceptions: Vec<(String, BTreeSet<String>)>,
    banned: BTreeSet<String>,
    registries: BTreeSet<String>,
}

/// Checks every package of the lock file that is part of a program, on whatever system.
pub(crate) fn run(root: &Path) -> Result<(), String> {
    let path = root.join("deny.toml");
    let text = std::fs::read_to_string(&path).map_err(|e| format!("{}: {e}", path.display()))?;
    let rules = read(&text)?;
    let metadata = metadata(root)?;
    let packages = metadata["packages"].as_array().ok_or("cargo metadata: no packages")?;
    let built = built(root)?;
    let packages: Vec<&Value> =
        packages.iter().filter(|package| built.contains(&named(package))).collect();
    let faults: Vec<String> = packages.iter().flat_map(|package| check(package, &rules)).collect();
    if faults.is_empty() {
        println!("deny: {} packages, no fault", packages.len());
        return Ok(());
    }
    for fault in &faults {
        println!("deny: {fault}");
    }
    Err(format!("deny: {} faults", faults.len()))
}

fn metadata(root: &Path) -> Result<Value, String> {
    let text = cargo(root, &["metadata", "--format-version", "1", "--locked"])?;
    serde_json::from_str(&text).map_err(|e| format!("cargo metadata: {e}"))
}

/// What is built, as `name version`. The lock file also names packages that a feature would
/// only make use of if something else brought them; those are in no program.
fn built(root: &Path) -> Result<BTreeSet<String>, String> {
    let tree = ["tree", "--workspace", "--locked", "--target", "all", "--edges", "all"];
    let text = cargo(root, &[&tree[..], &["--prefix", "none", "--format", "{p}"]].concat())?;
    let name_and_version = |line: &str| {
        let mut words = line.split_whitespace();
        let (name, version) = (words.next()?, words.next()?);
        Some(format!("{name} {}", version.trim_start_matches('v')))
    };
    Ok(text.lines().filter_map(name_and_version).collect())
}

fn named(package: &Value) -> String {
    let word = |name: &str| package[name].as_str().unwrap_or("?").to_owned();
    format!("{} {}", word("name"), word("version"))
}

fn cargo(root: &Path, arguments: &[&str]) -> Result<String, String> {
    let name = arguments.first().copied().unwrap_or_default();
    let output = Command::new(std::env::var("CARGO").unwrap_or_else(|_| "cargo".into()))
        .args(arguments)
        .current_dir(root)
        .output()
        .map_err(|e| format!("cargo {name}: {e}"))?;
    if !output.status.success() {
        return Err(format!("cargo {name}: {}", String::from_utf8_lossy(&output.stderr)));
    }
    String::from_utf8(output.stdout).map_err(|e| format!("cargo {name}: {e}"))
}

fn read(text: &str) -> Result<Rules, String> {
    let table: toml::Table = text.parse().map_err(|e| format!("deny.toml: {e}"))?;
    let section = |name: &str| table.get(name).and_then(toml::Value::as_table);
    let licences = section("licenses").ok_or("deny.toml: no [licenses]")?;
    let bans = section("bans").ok_or("deny.toml: no [bans]")?;
    let sources = section("sources").ok_or("deny.toml: no [sources]")?;
    let exceptions = licences.get("exceptions").and_then(toml::Value::as_array);
    Ok(Rules {
        licences: words(licences.get("allow")),
        exceptions: exceptions.into_iter().flatten().filter_map(exception).collect(),
        banned: words(bans.get("deny")),
        registries: words(sources.get("allow-registry")),
    })
}

fn exception(line: &toml::Value) -> Option<(String, BTreeSet<String>)> {
    Some((line.get("crate")?.as_str()?.to_owned(), words(line.get("allow"))))
}

/// The strings of a list; of tables, their `crate`.
fn words(list: Option<&toml::Value>) -> BTreeSet<String> {
    let list = list.and_then(toml::Value::as_array).into_iter().flatten();
    let word = |value: &toml::Value| {
        value.as_str().or_else(|| value.get("crate")?.as_str()).map(str::to_owned)
    };
    list.filter_map(word).collect()
}

fn check(package: &Value, rules: &Rules) -> Vec<String> {
    let name = package["name"].as_str().unwrap_or("?");
    let named = named(package);
    let mut faults = Vec::new();
    if rules.banned.contains(name) {
        faults.push(format!("{named} is banned"));
    }
    if let Some(source) = package["source"].as_str() {
        let registry = source.trim_start_matches("registry+").trim_start_matches("sparse+");
        if !rules.registries.contains(registry) {
            faults.push(format!("{named} comes from {source}"));
        }
    }
    let own = rules.exceptions.iter().find(|(exception, _)| exception == name);
    let is_allowed = |licence: &str| {
        rules.licences.contains(licence) || own.is_some_and(|(_, also)| also.contains(licence))
    };
    match package["license"].as_str() {
        None => faults.push(format!("{named} names no licence")),
        Some(expression) if satisfied(expression, &is_allowed) => {}
        Some(expression) => faults.push(format!("{named} has the licence {expression}")),
    }
    faults
}

/// Whether an SPDX expression can be met with the licences allowed (`/` is the old `OR`).
fn satisfied(expression: &str, is_allowed: &dyn Fn(&str) -> bool) -> bool {
    let spaced = expression.replace('(', " ( ").replace(')', " ) ").replace('/', " OR ");
    let words: Vec<&str> = spaced.split_whitespace().collect();
    let mut at = 0;
    let met = either(&words, &mut at, is_allowed);
    met && at == words.len()
}

fn either(words: &[&str], at: &mut usize, is_allowed: &dyn Fn(&str) -> bool) -> bool {
    let mut met = both(words, at, is_allowed);
    while words.get(*at) == Some(&"OR") {
        *at += 1;
        met |= both(words, at, is_allowed);
    }
    met
}

fn both(words: &[&str], at: &mut usize, is_allowed: &dyn Fn(&str) -> bool) -> bool {
    let mut met = one(words, at, is_allowed);
    while words.get(*at) == Some(&"AND") {
        *at += 1;
        met &= one(words, at, is_allowed);
    }
    met
}

fn one(words: &[&str], at: &mut usize, is_allowed: &dyn Fn(&str) -> bool) -> bool {
    let Some(word) = words.get(*at) else { return false };
    *at += 1;
    if *word == "(" {
        let met = either(words, at, is_allowed);
        let closed = words.get(*at) == Some(&")");
        *at += 1;
        return met && closed;
    }
    if words.get(*at) == Some(&"WITH") {
        let exception = words.get(*at + 1).copied().unwrap_or_default();
        *at += 2;
        return is_allowed(&format!("{word} WITH {exception}"));
    }
    is_allowed(word)
}

#[cfg(test)]
mod tests {
    use super::*;

    const RULES: &str = r#"
        [licenses]
        allow = ["MIT", "Apache-2.0"]
        exceptions = [{ crate = "odd", allow = ["Odd-1.0"] }]
        [bans]
        deny = [{ crate = "openssl" }, "ring"]
        [sources]
        allow-registry = ["https://example.org/index"]
    "#;

    fn faults(package: &str) -> usize {
        let package: Value = serde_json::from_str(package).unwrap();
        check(&package, &read(RULES).unwrap()).len()
    }

    #[test]
    fn expressions_are_met_or_not() {
        let allowed =
            |licence: &str| licence == "MIT" || licence == "Apache-2.0 WITH LLVM-exception";
        assert!(satisfied("GPL-3.0 OR MIT", &allowed));
        assert!(satisfied("Unlicense/MIT", &allowed));
        assert!(satisfied("(GPL-3.0 OR MIT) AND MIT", &allowed));
        assert!(satisfied("Apache-2.0 WITH LLVM-exception OR BSD-1", &allowed));
        assert!(!satisfied("GPL-3.0 AND MIT", &allowed));
        assert!(!satisfied("MIT AND (GPL-3.0", &allowed));
        assert!(!satisfied("", &allowed));
    }

    #[test]
    fn licences_bans_and_sources_are_looked_at() {
        let from = r#""source":"registry+https://example.org/index""#;
        assert_eq!(faults(&format!(r#"{{"name":"a","license":"MIT",{from}}}"#)), 0);
        assert_eq!(faults(&format!(r#"{{"name":"ring","license":"MIT",{from}}}"#)), 1);
        assert_eq!(faults(&format!(r#"{{"name":"odd","license":"Odd-1.0",{from}}}"#)), 0);
        assert_eq!(faults(&format!(r#"{{"name":"a","license":"Odd-1.0",{from}}}"#)), 1);
        assert_eq!(faults(r#"{"name":"a","license":null,"source":"git+https://x.org"}"#), 2);
        assert_eq!(faults(r#"{"name":"own","license":"Apache-2.0","source":null}"#), 0);
    }
}
