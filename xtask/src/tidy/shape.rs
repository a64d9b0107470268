//! Shape of the code: short files, short functions, no bare `bool` argument.

use super::{File, Finding};

/// Lines of a file, tests left out.
const FILE_LINES: usize = 500;
/// Lines of a function.
const FUNCTION_LINES: usize = 70;

pub(super) fn check(file: &File, findings: &mut Vec<Finding>) {
    let Some(source) = &file.source else { return };
    if file.is_test() {
        return;
    }
    let lines = source.own_lines();
    if lines > FILE_LINES {
        let message = format!("{lines} lines, at most {FILE_LINES}: two nouns, two files");
        findings.push(file.finding(0, "size", message));
    }
    for function in source.functions.iter().filter(|function| !source.is_test(function.line)) {
        if function.lines > FUNCTION_LINES {
            let message = format!("{} lines, at most {FUNCTION_LINES}", function.lines);
            let finding = file.finding(function.line, "length", message);
            findings.push(Finding { item: function.name.clone(), ..finding });
        }
        if has_bare_bool(&function.arguments) {
            let message = "a bare `bool` argument says nothing at the call: use an enum".to_owned();
            let finding = file.finding(function.line, "bool", message);
            findings.push(Finding { item: function.name.clone(), ..finding });
        }
    }
}

fn has_bare_bool(arguments: &str) -> bool {
    let mut depth = 0_usize;
    let outer: String = arguments
        .chars()
        .filter(|sign| {
            match sign {
                '(' | '[' => depth += 1,
                ')' | ']' => depth = depth.saturating_sub(1),
                _ => {}
            }
            depth == 0
        })
        .collect();
    outer
        .split(',')
        .any(|argument| argument.rsplit_once(':').is_some_and(|(_, kind)| kind.trim() == "bool"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bare_bool_is_found_and_others_are_not() {
        assert!(has_bare_bool("&self, keep: bool,"));
        assert!(!has_bare_bool("keep: Option<bool>, f: impl Fn(u8, x: bool) -> bool, &self"));
    }

    #[test]
    fn long_functions_are_named() {
        let text = format!("fn long() {{\n{}}}\n", "let _ = 1;\n".repeat(70));
        let mut findings = Vec::new();
        check(&File::new("crates/db/src/a.rs", &text), &mut findings);
        assert_eq!((findings[0].rule, findings[0].item.as_str()), ("length", "long"));
    }
}
