//! SQL stands in `store.rs` (and the crate `db`), and every table and statement names the
//! merchant, so that no statement can reach another merchant's rows. The simulated bank is not part
//! of the house and knows no merchants of ours.

use super::rust_text::Source;
use super::{File, Finding};

/// First words of a statement.
const STATEMENTS: [&str; 8] = [
    "SELECT ",
    "INSERT INTO ",
    "INSERT OR ",
    "UPDATE ",
    "DELETE FROM ",
    "CREATE TABLE ",
    "WITH ",
    "ALTER TABLE ",
];
/// A statement also has one of these, which prose in capitals has not.
const SIGNS: [&str; 6] = [" FROM ", " SET ", "VALUES", " AS (", "(", "*"];

pub(super) fn check(file: &File, findings: &mut Vec<Finding>) {
    let has_merchants = file.crate_name() != Some("sandbox");
    if has_merchants && file.path.ends_with(".sql") && file.path.starts_with("crates/") {
        tables(file, findings);
    }
    let Some(source) = &file.source else { return };
    if file.is_test() || file.crate_name().is_none() || file.crate_name() == Some("db") {
        return;
    }
    let is_store = file.stands_in("store");
    for literal in source.literals.iter().filter(|literal| !source.is_test(literal.line)) {
        let words: Vec<&str> = literal.text.split_whitespace().filter(|w| *w != "\\").collect();
        let statement = words.join(" ");
        if !is_statement(&statement) {
            continue;
        }
        if !is_store {
            let message = "SQL stands in `store.rs`".to_owned();
            findings.push(file.finding(literal.line, "sql", message));
        } else if has_merchants && !names_merchant(&statement, source) {
            let message =
                format!("names no merchant: {}", statement.chars().take(60).collect::<String>());
            findings.push(file.finding(literal.line, "merchant", message));
        }
    }
}

/// Whether a statement, or the constant that is put into it, names the merchant.
fn names_merchant(statement: &str, source: &Source) -> bool {
    let says = |text: &str| text.contains("merchant_id");
    let fragments =
        source.literals.iter().filter(|literal| !is_statement(literal.text.trim_start()));
    says(statement) || statement.contains('{') && fragments.into_iter().any(|one| says(&one.text))
}

fn is_statement(text: &str) -> bool {
    let starts = STATEMENTS.iter().any(|start| text.starts_with(start));
    starts && SIGNS.iter().any(|sign| text.contains(sign))
}

fn tables(file: &File, findings: &mut Vec<Finding>) {
    let mut line = 1;
    for statement in file.text.split(';') {
        let begins = line + statement.find("CREATE").map_or(0, |at| lines(&statement[..at]));
        line += lines(statement);
        let code: String =
            statement.lines().filter(|l| !l.trim_start().starts_with("--")).collect();
        if let Some((_, table)) = code.split_once("CREATE TABLE ")
            && !code.contains("merchant_id")
        {
            let name = table.split(['(', ' ']).next().unwrap_or_default().to_owned();
            let message = "a table without `merchant_id`".to_owned();
            findings.push(Finding { item: name, ..file.finding(begins, "merchant", message) });
        }
    }
}

fn lines(text: &str) -> usize {
    text.bytes().filter(|byte| *byte == b'\n').count()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rules(path: &str, text: &str) -> Vec<(usize, &'static str)> {
        let mut findings = Vec::new();
        check(&File::new(path, text), &mut findings);
        findings.iter().map(|finding| (finding.line, finding.rule)).collect()
    }

    #[test]
    fn sql_stands_in_the_store() {
        let text = "fn a() {\n tx.query(\"SELECT id FROM a WHERE merchant_id = $1\", b) }";
        assert_eq!(rules("crates/ledger/src/ops.rs", text), [(2, "sql")]);
        assert!(rules("crates/ledger/src/store.rs", text).is_empty());
        assert!(rules("crates/ledger/src/ops.rs", "fn a() { say(\"UPDATE me\") }").is_empty());
    }

    #[test]
    fn every_statement_and_table_names_the_merchant() {
        let text = "fn a() { tx.exec(\"UPDATE a SET b = $1 WHERE id = $2\", c) }";
        assert_eq!(rules("crates/ledger/src/store.rs", text), [(1, "merchant")]);
        let pieces = "const F: &str = \"WHERE merchant_id = $1\";\nfn a() { format!(\"SELECT b FROM c {F}\") }";
        assert!(rules("crates/ledger/src/store.rs", pieces).is_empty());
        let tables = "CREATE TABLE a (merchant_id BYTES);\n\nCREATE TABLE b (id BYTES);\n";
        assert_eq!(rules("crates/ledger/src/schema/0001_a.sql", tables), [(3, "merchant")]);
    }
}
