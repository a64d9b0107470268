//! Every route of the sources stands in `tests/endpoints.txt`, and every line of that list in the
//! sources: no door is open that nobody has looked at.
//!
//! A line is `METHOD path kind right [reason]`. The kind tells at which origin the door is, so a
//! path may stand once for the app, once for the vault and once for the bank.

use std::collections::BTreeMap;

use super::rust_text::Source;
use super::{File, Finding};

/// Where the list stands.
const LIST: &str = "tests/endpoints.txt";
/// Files of the release are served under names with a hash, which no literal can hold.
const HASHED_FILES: (&str, &str) = ("crates/http/src/assets.rs", "/assets/{file}");
const RULE: &str = "endpoints";
const METHODS: [&str; 5] = ["get", "post", "put", "patch", "delete"];

/// Who answers at an address.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Origin {
    App,
    Vault,
    Bank,
    /// Served by all three.
    Every,
}

type Door = (Origin, String, String);

/// A route as written in the sources.
struct Route {
    line: usize,
    path: Option<String>,
    methods: Vec<String>,
}

pub(super) fn check_all(files: &[File], findings: &mut Vec<Finding>) {
    let Some(list) = files.iter().find(|file| file.path == LIST) else {
        findings.push(fault(LIST, 0, "the list of all addresses is missing".to_owned()));
        return;
    };
    let listed = read(list, findings);
    let built = built(files, findings);
    for (door, (path, line)) in &built {
        if !listed.contains_key(door) {
            let message = format!("{} {} is not in {LIST}: add it, reviewed", door.1, door.2);
            findings.push(fault(path, *line, message));
        }
    }
    for (door, line) in &listed {
        if !built.contains_key(door) {
            let message = format!("no route is {} {}: remove the line", door.1, door.2);
            findings.push(fault(LIST, *line, message));
        }
    }
}

fn fault(path: &str, line: usize, message: String) -> Finding {
    Finding { path: path.to_owned(), line, rule: RULE, item: String::new(), message }
}

/// The doors of the list with their lines.
fn read(list: &File, findings: &mut Vec<Finding>) -> BTreeMap<Door, usize> {
    let mut doors = BTreeMap::new();
    for (line, text) in (1..).zip(list.text.lines()) {
        let text = text.trim();
        if text.is_empty() || text.starts_with('#') {
            continue;
        }
        match door(text) {
            Ok(door) => {
                if doors.insert(door, line).is_some() {
                    findings.push(fault(LIST, line, "this address stands twice".to_owned()));
                }
            }
            Err(message) => findings.push(fault(LIST, line, message.to_owned())),
        }
    }
    doors
}

fn door(text: &str) -> Result<Door, &'static str> {
    let words: Vec<&str> = text.split_whitespace().collect();
    let [method, path, kind, right, reason @ ..] = words.as_slice() else {
        return Err("write METHOD path kind right [reason]");
    };
    let origin = match *kind {
        "public-page" | "payer-token" | "staff" | "api" | "sealed" | "private" | "demo"
        | "app-asset" => Origin::App,
        "vault-page" | "vault-api" | "vault-asset" => Origin::Vault,
        "bank" => Origin::Bank,
        "asset" => Origin::Every,
        _ => return Err("no such kind of address"),
    };
    if !METHODS.contains(&method.to_ascii_lowercase().as_str()) {
        return Err("no such method");
    }
    if *right == "-" && reason.is_empty() {
        return Err("an address that needs no right needs a reason");
    }
    Ok((origin, (*method).to_owned(), (*path).to_owned()))
}

/// The doors of the sources with their places.
fn built(files: &[File], findings: &mut Vec<Finding>) -> BTreeMap<Door, (String, usize)> {
    let mut doors = BTreeMap::new();
    for file in files {
        let (Some(name), Some(source)) = (file.crate_name(), &file.source) else { continue };
        if file.is_test() {
            continue;
        }
        let origin = match name {
            "vault" => Origin::Vault,
            "sandbox" => Origin::Bank,
            "http" => Origin::Every,
            _ => Origin::App,
        };
        for route in routes(&file.text, source) {
            let hashed = (file.path == HASHED_FILES.0).then(|| HASHED_FILES.1.to_owned());
            let Some(path) = route.path.or(hashed) else {
                let message = "write the whole path as a literal, so that it can be compared";
                findings.push(fault(&file.path, route.line, message.to_owned()));
                continue;
            };
            if route.methods.is_empty() {
                let message = "name the methods in the call of route";
                findings.push(fault(&file.path, route.line, message.to_owned()));
            }
            for method in route.methods {
                doors.insert((origin, method, path.clone()), (file.path.clone(), route.line));
            }
        }
    }
    doors
}

/// The calls of `.route(` outside tests; `.nest(` counts as one without a path.
fn routes(text: &str, source: &Source) -> Vec<Route> {
    let code: Vec<char> = source.code.join("\n").chars().collect();
    let words: Vec<char> = text.chars().collect();
    let mut found = Vec::new();
    let mut line = 1;
    for at in 0..code.len() {
        line += usize::from(code[at] == '\n');
        let rest = &code[at..];
        let nested = starts_with(rest, ".nest(");
        if source.is_test(line) || !(nested || starts_with(rest, ".route(")) {
            continue;
        }
        let open = at + rest.iter().position(|sign| *sign == '(').unwrap_or_default();
        let Some(arguments) = between(&code[open..]) else { continue };
        if !arguments.iter().all(|sign| sign.is_whitespace()) {
            let path = if nested { None } else { literal(arguments, &words[open + 1..]) };
            found.push(Route { line, path, methods: methods(arguments) });
        }
    }
    found
}

fn starts_with(code: &[char], word: &str) -> bool {
    word.chars().enumerate().all(|(at, sign)| code.get(at) == Some(&sign))
}

/// What stands between the parenthesis at the start and the one that closes it.
fn between(code: &[char]) -> Option<&[char]> {
    let mut depth = 0_usize;
    for (at, sign) in code.iter().enumerate() {
        match sign {
            '(' => depth += 1,
            ')' if depth == 1 => return code.get(1..at),
            ')' => depth = depth.checked_sub(1)?,
            _ => {}
        }
    }
    None
}

/// The string literal that the arguments begin with; its letters stand in the text, not in the
/// code.
fn literal(arguments: &[char], words: &[char]) -> Option<String> {
    let open = arguments.iter().position(|sign| !sign.is_whitespace())?;
    if arguments.get(open) != Some(&'"') {
        return None;
    }
    Some(words.get(open + 1..)?.iter().take_while(|sign| **sign != '"').collect())
}

/// Methods called outside inner parentheses: `get(a).post(b)`, not what stands inside them.
fn methods(arguments: &[char]) -> Vec<String> {
    let (mut depth, mut word, mut found) = (0_usize, String::new(), Vec::new());
    for sign in arguments {
        match sign {
            '(' => {
                if depth == 0 && METHODS.contains(&word.as_str()) {
                    found.push(word.to_ascii_uppercase());
                }
                depth += 1;
                word.clear();
            }
            ')' => depth = depth.saturating_sub(1),
            sign if sign.is_alphanumeric() || *sign == '_' => word.push(*sign),
            _ => word.clear(),
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn findings(source: &str, list: &str) -> Vec<String> {
        let files = [File::new("crates/payments/src/pages.rs", source), File::new(LIST, list)];
        let mut findings = Vec::new();
        check_all(&files, &mut findings);
        findings.into_iter().map(|finding| finding.message).collect()
    }

    const PAGES: &str = "fn routes() { Router::new()\n.route(\n\"/a/{id}\",\nget(show::<A>)\
        .post(act(get(x)))) }\n#[cfg(test)]\nmod tests { fn t() { r.route(\"/b\", get(b)) } }";

    #[test]
    fn the_list_and_the_routes_are_the_same() {
        let list = "# all\nGET /a/{id} staff home.view\nPOST /a/{id} staff home.view\n";
        assert_eq!(findings(PAGES, list), Vec::<String>::new());
        let missing = findings(PAGES, "GET /a/{id} staff home.view\n");
        assert_eq!(missing, ["POST /a/{id} is not in tests/endpoints.txt: add it, reviewed"]);
        let stale = findings(PAGES, &format!("{list}GET /gone staff home.view\n"));
        assert_eq!(stale, ["no route is GET /gone: remove the line"]);
    }

    #[test]
    fn an_open_door_needs_a_reason() {
        let list = "GET /a/{id} staff -\nPOST /a/{id} staff - everybody may\n";
        assert!(findings(PAGES, list).iter().any(|f| f.contains("needs a reason")));
    }

    #[test]
    fn a_path_that_cannot_be_compared_is_a_finding() {
        let nested = findings("fn r() { a.nest(\"/x\", b()) }", "");
        assert_eq!(nested.len(), 1, "{nested:?}");
        let built = findings("fn r() { a.route(&path, get(b)).merge(c.route()) }", "");
        assert_eq!(built.len(), 1, "{built:?}");
        let hidden = findings("fn r() { a.route(\"/x\", handler) }", "");
        assert_eq!(hidden, ["name the methods in the call of route"]);
    }

    #[test]
    fn the_same_path_may_stand_at_another_origin() {
        let list = "GET /a/{id} bank - x\nGET /a/{id} staff r\nPOST /a/{id} staff r\n";
        assert_eq!(findings(PAGES, list), ["no route is GET /a/{id}: remove the line"]);
    }
}
