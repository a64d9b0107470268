//! Checks the rules of the house that no compiler knows.
//!
//! Every rule looks at text, best effort, and names file, line and cure. A finding that is right
//! as it stands gets a line in `xtask/tidy-exceptions.txt`: path, rule (or `rule:item`), reason.
//! An exception that no longer excuses anything is a finding too, so the list never rots.

mod arrows;
mod docs;
mod endpoints;
mod exceptions;
mod house;
mod pages;
mod rust_text;
mod shape;
mod sql;
mod words;

use std::fmt;
use std::fs;
use std::path::{Path, PathBuf};

use rust_text::Source;

use crate::coverage;

/// One breach of a rule.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Finding {
    /// Path below the root, with `/`.
    pub(crate) path: String,
    /// Line, from 1; 0 when the whole file is meant.
    pub(crate) line: usize,
    /// Name of the rule, as in the exceptions file.
    pub(crate) rule: &'static str,
    /// What the rule was broken by (a function, a dependency); may be empty.
    pub(crate) item: String,
    /// What is wrong and what to do.
    pub(crate) message: String,
}

impl fmt::Display for Finding {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}:{}: [{}", self.path, self.line, self.rule)?;
        if !self.item.is_empty() {
            write!(out, ":{}", self.item)?;
        }
        write!(out, "] {}", self.message)
    }
}

/// A file of the repository, read once.
pub(crate) struct File {
    /// Path below the root, with `/`.
    pub(crate) path: String,
    /// Its text.
    pub(crate) text: String,
    /// The same, taken apart, for Rust files.
    pub(crate) source: Option<Source>,
}

impl File {
    /// Reads a text as if it stood at `path`.
    pub(crate) fn new(path: &str, text: &str) -> Self {
        let is_rust = Path::new(path).extension().is_some_and(|end| end == "rs");
        let source = is_rust.then(|| Source::read(text));
        Self { path: path.to_owned(), text: text.to_owned(), source }
    }

    /// The crate's folder name (`payments`), for files below `crates/`.
    pub(crate) fn crate_name(&self) -> Option<&str> {
        self.path.strip_prefix("crates/")?.split('/').next()
    }

    /// The last part of the path.
    pub(crate) fn name(&self) -> &str {
        self.path.rsplit('/').next().unwrap_or(&self.path)
    }

    /// Whether the whole file is test code.
    pub(crate) fn is_test(&self) -> bool {
        self.path.starts_with("tests/")
            || self.path.contains("/tests/")
            || self.name() == "tests.rs"
            || self.name().ends_with("_tests.rs")
    }

    /// Whether a part of the path has this name, with or without `.rs`.
    pub(crate) fn stands_in(&self, part: &str) -> bool {
        self.path.split('/').any(|piece| piece == part || piece.strip_suffix(".rs") == Some(part))
    }

    /// A finding about this file.
    pub(crate) fn finding(&self, line: usize, rule: &'static str, message: String) -> Finding {
        Finding { path: self.path.clone(), line, rule, item: String::new(), message }
    }
}

/// Runs all rules over the repository.
pub(crate) fn run(root: &Path) -> Result<(), String> {
    let files = files(root)?;
    let mut findings = Vec::new();
    for file in &files {
        arrows::check(file, &mut findings);
        docs::check(file, root, &mut findings);
        house::check(file, &mut findings);
        pages::check(file, &mut findings);
        shape::check(file, &mut findings);
        sql::check(file, &mut findings);
    }
    words::check_all(&files, &mut findings);
    endpoints::check_all(&files, &mut findings);
    coverage_is_fresh(&files, &mut findings);
    let list = fs::read_to_string(root.join(exceptions::PATH)).unwrap_or_default();
    let findings = exceptions::apply(&list, findings);
    if findings.is_empty() {
        println!("tidy: {} files, no finding", files.len());
        return Ok(());
    }
    for finding in &findings {
        println!("{finding}");
    }
    Err(format!("tidy: {} findings", findings.len()))
}

fn coverage_is_fresh(files: &[File], findings: &mut Vec<Finding>) {
    let stands = files.iter().find(|file| file.path == coverage::PAGE);
    if stands.is_none_or(|file| file.text != coverage::page(files)) {
        let message = "stale: run `cargo xtask coverage`".to_owned();
        let path = coverage::PAGE.to_owned();
        findings.push(Finding { path, line: 0, rule: "coverage", item: String::new(), message });
    }
}

/// Folders that are not ours to judge.
const SKIPPED: [&str; 4] = [".git", "target", "node_modules", "out"];
/// Endings of files that the rules read.
const READ: [&str; 11] =
    ["rs", "toml", "md", "html", "ftl", "sql", "js", "mjs", "css", "txt", "json"];

/// Every text file of the repository, by path.
pub(crate) fn files(root: &Path) -> Result<Vec<File>, String> {
    let mut files = Vec::new();
    let mut folders = vec![root.to_path_buf()];
    while let Some(folder) = folders.pop() {
        let entries = fs::read_dir(&folder).map_err(|e| format!("{}: {e}", folder.display()))?;
        for entry in entries.flatten() {
            let path = entry.path();
            let name = entry.file_name().to_string_lossy().into_owned();
            if path.is_dir() && !SKIPPED.contains(&name.as_str()) {
                folders.push(path);
            } else if let Some(file) = read_one(root, &path) {
                files.push(file);
            }
        }
    }
    files.sort_by(|left, right| left.path.cmp(&right.path));
    Ok(files)
}

fn read_one(root: &Path, path: &PathBuf) -> Option<File> {
    let ending = path.extension()?.to_str()?;
    if !READ.contains(&ending) {
        return None;
    }
    let below = path.strip_prefix(root).ok()?.to_str()?.replace('\\', "/");
    let text = fs::read_to_string(path).ok()?;
    Some(File::new(&below, &text))
}
