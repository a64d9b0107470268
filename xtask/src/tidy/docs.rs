//! Documents: what they name exists; and no text of the repository speaks of the machine it was
//! written on.

use std::path::Path;

use super::{File, Finding};

/// Folders at the root; a word in back quotes that begins with one of them is a path.
const ROOTS: [&str; 8] =
    ["crates/", "docs/", "xtask/", "e2e/", "tests/", ".ci/", "bench/", ".cargo/"];
/// Beginnings of paths that exist on one machine only.
const MACHINE: [&str; 3] = ["/root/", "/home/", "/Users/"];

pub(super) fn check(file: &File, root: &Path, findings: &mut Vec<Finding>) {
    machine_paths(file, findings);
    if Path::new(&file.path).extension().is_none_or(|end| end != "md") {
        return;
    }
    let mut fenced = false;
    for (line, text) in (1..).zip(file.text.lines()) {
        if text.trim_start().starts_with("```") {
            fenced = !fenced;
        }
        let links = targets(text, "](", ')').filter(|to| !to.contains(':') && !to.starts_with('#'));
        let quoted = targets(text, "`", '`').filter(|word| is_path(word) && !fenced);
        for (name, from) in links.map(|to| (to, &file.path)).chain(quoted.map(|to| (to, &EMPTY))) {
            if !exists(root, from, name) {
                let message = format!("`{name}` does not exist: correct or remove it");
                findings.push(file.finding(line, "docs", message));
            }
        }
    }
}

static EMPTY: String = String::new();

/// The texts between an opening and the next closing sign of one line.
fn targets<'a>(line: &'a str, open: &'static str, close: char) -> impl Iterator<Item = &'a str> {
    let mut rest = line;
    std::iter::from_fn(move || {
        let begin = rest.find(open)? + open.len();
        let after = rest.get(begin..)?;
        let end = after.find(close)?;
        rest = after.get(end + close.len_utf8()..)?;
        after.get(..end)
    })
}

fn is_path(word: &str) -> bool {
    let plain = !word.contains(['*', '{', '<', ' ', '…', '$']);
    plain && ROOTS.iter().any(|root| word.starts_with(root)) && !word.contains("NNNN")
}

/// Whether a path exists, seen from the root or from the document that names it.
fn exists(root: &Path, document: &str, name: &str) -> bool {
    let name = name.split(['#', ':']).next().unwrap_or(name);
    let folder = Path::new(document).parent().unwrap_or(Path::new(""));
    root.join(folder).join(name).exists()
}

fn machine_paths(file: &File, findings: &mut Vec<Finding>) {
    if file.path.starts_with("xtask/") || file.name() == "package-lock.json" {
        return; // the rule names what it looks for
    }
    for (line, text) in (1..).zip(file.text.lines()) {
        for start in MACHINE {
            let found = text.match_indices(start).any(|(at, _)| {
                let before = text.get(..at).and_then(|text| text.chars().next_back());
                before.is_none_or(|sign| {
                    !sign.is_alphanumeric() && !matches!(sign, '.' | '}' | ')' | '_' | '-')
                })
            });
            if found {
                let message = format!("`{start}…` is a path of one machine");
                findings.push(file.finding(line, "machine", message));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_document_may_name_only_what_exists() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
        let text =
            "See `xtask/src/main.rs`, `xtask/none.rs` and [it](none.md), [us](https://x.org).";
        let mut findings = Vec::new();
        check(&File::new("README.md", text), &root, &mut findings);
        assert_eq!(findings.len(), 2);
    }

    #[test]
    fn paths_of_one_machine_are_found() {
        let mut findings = Vec::new();
        machine_paths(
            &File::new("a.sh.txt", "cd /home/someone\nlet a = \"x/home/y\";"),
            &mut findings,
        );
        assert_eq!(findings.len(), 1);
    }
}
