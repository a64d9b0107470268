//! Which crate may know which: arrows go down only, and the vault and the sandbox are named by
//! the binary alone.

use super::{File, Finding};

/// The floors of the house, ground first; a crate may use the floors below its own.
const FLOORS: [&[&str]; 9] = [
    &["kernel"],
    &["db", "http", "documents", "connectors", "vault_wire"],
    &["web"],
    &["identity"],
    &["ledger"],
    &["payments"],
    &["sales"],
    &["booking"],
    &["app"],
];
/// What the card vault may use.
const VAULT_USES: [&str; 4] = ["kernel", "db", "http", "vault_wire"];
/// What the simulated outside world may use.
const SANDBOX_USES: [&str; 3] = ["kernel", "db", "http"];
/// Crates that only the binary (and the tests across crates) may name.
const STARTED_BY_APP: [&str; 2] = ["vault", "sandbox"];

pub(super) fn check(file: &File, findings: &mut Vec<Finding>) {
    let Some(name) = file.path.strip_suffix("/Cargo.toml") else { return };
    let Some(name) = name.strip_prefix("crates/").or((name == "xtask").then_some(name)) else {
        return;
    };
    let manifest: toml::Table = match file.text.parse() {
        Ok(manifest) => manifest,
        Err(_) => return, // cargo says so better
    };
    for section in ["dependencies", "dev-dependencies", "build-dependencies"] {
        let Some(table) = manifest.get(section).and_then(toml::Value::as_table) else { continue };
        for used in table.keys().filter(|used| is_ours(used)) {
            if !may_use(name, used) {
                let message = format!("`{name}` may not use `{used}`: arrows go down only");
                let line = line_of(&file.text, used);
                findings
                    .push(Finding { item: used.clone(), ..file.finding(line, "arrows", message) });
            }
        }
    }
}

fn is_ours(name: &str) -> bool {
    floor(name).is_some() || STARTED_BY_APP.contains(&name)
}

fn floor(name: &str) -> Option<usize> {
    FLOORS.iter().position(|floor| floor.contains(&name))
}

fn may_use(name: &str, used: &str) -> bool {
    match name {
        "app" => true,
        "vault" => VAULT_USES.contains(&used),
        "sandbox" => SANDBOX_USES.contains(&used),
        _ if STARTED_BY_APP.contains(&used) => false,
        _ => match (floor(name), floor(used)) {
            (Some(own), Some(other)) => other < own,
            _ => false,
        },
    }
}

fn line_of(text: &str, word: &str) -> usize {
    text.lines().position(|line| line.starts_with(word)).map_or(0, |at| at + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arrows_go_down_only() {
        assert!(may_use("payments", "ledger") && !may_use("ledger", "payments"));
        assert!(!may_use("db", "http"), "same floor");
        assert!(may_use("app", "vault") && !may_use("payments", "vault"));
        assert!(!may_use("vault", "web") && !may_use("sandbox", "connectors"));
        assert!(!may_use("xtask", "kernel"));
    }

    #[test]
    fn a_forbidden_arrow_is_found_with_its_line() {
        let text = "[package]\nname = \"x\"\n[dev-dependencies]\nbooking.workspace = true\n";
        let mut findings = Vec::new();
        check(&File::new("crates/web/Cargo.toml", text), &mut findings);
        assert_eq!((findings.len(), findings[0].line), (1, 4));
    }
}
