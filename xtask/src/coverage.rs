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

/// Writes the page.
pub(crate) fn run(root: &Path) -> Result<(), String> {
    let files = tidy::files(root)?;
    fs::write(root.join(PAGE), page(&files)).map_err(|error| format!("{PAGE}: {error}"))
}

/// The page as it should be.
pub(crate) fn page(files: &[File]) -> String {
    let mut tests: BTreeMap<(String, u32), Vec<String>> = BTreeMap::new();
    for file in files.iter().filter(|file| has_tests(&file.path)) {
        for name in test_names(&file.text) {
            if let Some(id) = id_of(&name) {
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

/// `p_107_refunds…` and `P-107 refunds…` are P-107.
fn id_of(name: &str) -> Option<(String, u32)> {
    let (letters, rest) = name.split_once(['_', '-'])?;
    let fine = (1..=2).contains(&letters.len())
        && letters.bytes().all(|c| c.is_ascii_alphabetic())
        && ["V", "P", "M", "S", "L", "U", "Q", "C", "VE", "E", "Y", "D"]
            .contains(&letters.to_uppercase().as_str());
    let digits: String = rest.chars().take_while(char::is_ascii_digit).collect();
    let number = digits.parse().ok()?;
    let ends = rest.chars().nth(digits.len()).is_none_or(|c| c == '_' || c == ' ' || c == ':');
    (fine && ends).then(|| (letters.to_uppercase(), number))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_tests_tell_their_requirement() {
        assert_eq!(id_of("p_107_refunds_state"), Some(("P".into(), 107)));
        assert_eq!(id_of("ve_03_vectors"), Some(("VE".into(), 3)));
        assert_eq!(id_of("U-37 the card page"), Some(("U".into(), 37)));
        assert_eq!(id_of("read_2_lines"), None);
        assert_eq!(id_of("p_2x"), None);
        let text = "#[test]\nfn l_20_a_hold() {}\ntest('U-37 fields', () => {})";
        assert_eq!(test_names(text), ["l_20_a_hold", "U-37 fields"]);
    }
}
