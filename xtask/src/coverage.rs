//! Writes `docs/coverage.md`: which test proves which requirement, from the names of the tests.
//!
//! A test that proves a requirement begins with its id in lower case: `p_107_refunds_state…`
//! stands for P-107. What has no such test is not in the list.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use crate::tidy::{self, File};

/// The page, below the root.
pub(crate) const PAGE: &str = "docs/coverage.md";

const HEAD: &str = "# Which test proves which requirement\n\n\
    Written by `cargo xtask coverage` from the names of the tests; do not edit.\n\n\
    | id | tests |\n|---|---|\n";

/// Kinds of requirement.
const KINDS: [&str; 12] = ["V", "P", "M", "S", "L", "U", "Q", "C", "VE", "E", "Y", "D"];

/// P-107 is `("P", 107)`.
type Id = (String, u32);

/// Writes the page.
pub(crate) fn run(root: &Path) -> Result<(), String> {
    let files = tidy::files(root)?;
    fs::write(root.join(PAGE), page(&files)).map_err(|error| format!("{PAGE}: {error}"))
}

/// The page as it should be.
pub(crate) fn page(files: &[File]) -> String {
    let mut tests: BTreeMap<Id, Vec<String>> = BTreeMap::new();
    for file in files.iter().filter(|file| has_tests(&file.path)) {
        for name in test_names(&file.text) {
            for id in ids_of(&name) {
                tests.entry(id).or_default().push(format!("`{}` {name}", file.path));
            }
        }
    }
    let rows = tests.into_iter().map(|((letters, number), mut names)| {
        names.sort();
        names.dedup();
        format!("| {letters}-{number:02} | {} |\n", names.join("<br>"))
    });
    rows.fold(HEAD.to_owned(), |page, row| page + &row)
}

fn has_tests(path: &str) -> bool {
    if path.starts_with("xtask/") {
        return false;
    }
    let end = Path::new(path).extension().and_then(|end| end.to_str());
    matches!(end, Some("rs")) || (path.starts_with("e2e/") && path.ends_with(".test.mjs"))
}

/// Names of functions, and of journeys: `test("U-37 …"`.
fn test_names(text: &str) -> Vec<String> {
    let functions = text.split("fn ").skip(1).filter_map(|rest| {
        let end = rest.find(|c: char| !c.is_ascii_alphanumeric() && c != '_')?;
        rest.get(..end).map(str::to_owned)
    });
    let journeys = text.split("test(").skip(1).filter_map(|rest| {
        let quote = rest.chars().next().filter(|c| "\"'`".contains(*c))?;
        let words = rest.get(1..)?.split(quote).next()?;
        words.starts_with(|c: char| c.is_ascii_uppercase()).then(|| words.to_owned())
    });
    functions.chain(journeys).collect()
}

/// The ids a name begins with: `p_13_p_14_amounts…` proves P-13 and P-14.
fn ids_of(name: &str) -> Vec<Id> {
    let mut ids = Vec::new();
    let mut rest = name;
    while let Some((id, after)) = first_id(rest) {
        ids.push(id);
        rest = after;
    }
    ids
}

fn first_id(name: &str) -> Option<(Id, &str)> {
    let (letters, rest) = name.split_once(['_', '-'])?;
    let letters = letters.to_uppercase();
    let digits = rest.len() - rest.trim_start_matches(|c: char| c.is_ascii_digit()).len();
    let (number, after) = rest.split_at_checked(digits)?;
    let ends = after.is_empty() || after.starts_with(['_', ' ', ':']);
    let number = number.parse().ok().filter(|_| ends && KINDS.contains(&letters.as_str()))?;
    Some(((letters, number), after.trim_start_matches(['_', ' '])))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_tests_tell_their_requirement() {
        let id = |letters: &str, number| (letters.to_owned(), number);
        assert_eq!(ids_of("p_107_refunds_state"), [id("P", 107)]);
        assert_eq!(ids_of("p_13_p_14_amounts"), [id("P", 13), id("P", 14)]);
        assert_eq!(ids_of("ve_03_vectors"), [id("VE", 3)]);
        assert_eq!(ids_of("U-37 the card page"), [id("U", 37)]);
        assert_eq!(ids_of("read_2_lines"), []);
        assert_eq!(ids_of("p_2x"), []);
        let text = "#[test]\nfn l_20_a_hold() {}\ntest('U-37 fields', () => {})";
        assert_eq!(test_names(text), ["l_20_a_hold", "U-37 fields"]);
    }
}
