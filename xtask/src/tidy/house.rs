//! Who may do what in the house: web code stands in `api.rs` and `pages.rs`, a `Scope` is granted
//! by `identity` alone, lints are not silenced, and rules are stated, not numbered.

use super::{File, Finding};

/// Crates that are about HTTP as a whole.
const HTTP_CRATES: [&str; 5] = ["http", "web", "vault", "sandbox", "app"];
/// Families of requirement numbers; a rule in the code states itself and its public source.
const FAMILIES: [&str; 18] =
    ["V", "P", "M", "S", "L", "T", "A", "W", "D", "C", "U", "Y", "Q", "E", "VE", "SM", "CE", "J"];
/// Names that look like requirement numbers and are not.
const NOT_NUMBERS: [&str; 4] = ["P-256", "P-384", "P-521", "P-224"];
/// Endings of files whose words are read by people who have never seen the numbers.
const READ_BY_PEOPLE: [&str; 7] = [".rs", ".html", ".ftl", ".sql", ".js", ".mjs", ".css"];

pub(super) fn check(file: &File, findings: &mut Vec<Finding>) {
    numbers(file, findings);
    let Some(source) = &file.source else { return };
    for (at, line) in source.code.iter().enumerate() {
        let squeezed: String = line.chars().filter(|c| !c.is_whitespace()).collect();
        if squeezed.contains("#[allow(") || squeezed.contains("#![allow(") {
            let message = "write `#[expect(lint, reason = \"…\")]`".to_owned();
            findings.push(file.finding(at + 1, "allow", message));
        }
    }
    if file.is_test() || file.crate_name().is_none() {
        return;
    }
    for (line, code) in source.own_code() {
        if code.contains("axum::") && !may_use_axum(file) {
            let message = "axum stands only in `api.rs` and `pages.rs`".to_owned();
            findings.push(file.finding(line, "axum", message));
        }
        let grants = code.contains("granted_by_identity");
        if grants && !matches!(file.crate_name(), Some("identity" | "kernel")) {
            let message = "a `Scope` is granted by `identity` alone".to_owned();
            findings.push(file.finding(line, "scope", message));
        }
    }
}

fn may_use_axum(file: &File) -> bool {
    let whole = file.crate_name().is_some_and(|name| HTTP_CRATES.contains(&name));
    whole || file.stands_in("api") || file.stands_in("pages")
}

fn numbers(file: &File, findings: &mut Vec<Finding>) {
    let judged = READ_BY_PEOPLE.iter().any(|end| file.path.ends_with(end));
    if !judged || file.path.starts_with("xtask/") {
        return;
    }
    for (line, text) in (1..).zip(file.text.lines()) {
        if let Some(number) = requirement_number(text) {
            let message = format!("`{number}`: state the rule and its public source instead");
            findings.push(file.finding(line, "numbers", message));
        }
    }
}

/// The first word of a line that is a requirement number such as two letters, dash, two digits.
fn requirement_number(line: &str) -> Option<&str> {
    let is_sign = |c: char| !(c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '/' | '.'));
    line.split(is_sign).map(|word| word.trim_end_matches(['.', '/'])).find(|word| {
        let Some((family, digits)) = word.split_once('-') else { return false };
        let known = FAMILIES.contains(&family) && !NOT_NUMBERS.contains(word);
        known && (2..=3).contains(&digits.len()) && digits.bytes().all(|b| b.is_ascii_digit())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rules(path: &str, text: &str) -> Vec<&'static str> {
        let mut findings = Vec::new();
        check(&File::new(path, text), &mut findings);
        findings.iter().map(|finding| finding.rule).collect()
    }

    #[test]
    fn requirement_numbers_are_for_test_names() {
        assert_eq!(requirement_number("/// See V-122 for it."), Some("V-122"));
        assert_eq!(requirement_number("(P-06, first line)"), Some("P-06"));
        assert_eq!(requirement_number("fn v_122_record() P-256 AES-256 DOS-2026-000123"), None);
    }

    #[test]
    fn axum_stands_at_the_edge() {
        assert_eq!(rules("crates/payments/src/payment/ops.rs", "use axum::Router;"), ["axum"]);
        assert!(rules("crates/payments/src/payment/api.rs", "use axum::Router;").is_empty());
        assert!(rules("crates/web/src/forms.rs", "use axum::Router;").is_empty());
    }

    #[test]
    fn only_identity_grants_a_scope() {
        let text = "fn a() { Scope::granted_by_identity(m) }";
        assert_eq!(rules("crates/ledger/src/ops.rs", text), ["scope"]);
        assert!(rules("crates/identity/src/scope.rs", text).is_empty());
        assert!(rules("crates/ledger/src/tests.rs", text).is_empty());
    }

    #[test]
    fn lints_are_expected_never_allowed() {
        assert_eq!(rules("crates/db/src/a.rs", "#[allow(dead_code)]\nfn a() {}"), ["allow"]);
    }
}
