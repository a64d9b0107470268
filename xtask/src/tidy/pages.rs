//! Pages carry no inline code: no inline script or style, no `style` or event attribute, nothing
//! from another host.

use super::{File, Finding};

pub(super) fn check(file: &File, findings: &mut Vec<Finding>) {
    if !file.path.ends_with(".html") || !file.path.starts_with("crates/") {
        return;
    }
    for (line, text) in (1..).zip(file.text.lines()) {
        if let Some(message) = fault(text) {
            findings.push(file.finding(line, "inline", message.to_owned()));
        }
    }
}

fn fault(line: &str) -> Option<&'static str> {
    let lower = line.to_ascii_lowercase();
    if lower.contains("<style") {
        return Some("styles stand in the style sheet");
    }
    if lower.contains("<script") && !lower.contains("src=") {
        return Some("scripts are files of their own with `src` and `integrity`");
    }
    if lower.contains("<script") && !lower.contains("integrity=") {
        return Some("a script tag needs `integrity`");
    }
    if lower.contains(" style=") {
        return Some("no `style` attribute: use a class");
    }
    if has_event_attribute(&lower) {
        return Some("no event attribute: a script file listens");
    }
    let foreign = ["src=\"http", "src=\"//", "href=\"//", "url(http"];
    foreign.iter().any(|start| lower.contains(start)).then_some("nothing comes from another host")
}

/// ` onclick=` and its family.
fn has_event_attribute(line: &str) -> bool {
    line.match_indices(" on").any(|(at, found)| {
        let rest = line.get(at + found.len()..).unwrap_or_default();
        let word = rest.chars().take_while(char::is_ascii_lowercase).count();
        word >= 3 && rest.get(word..).is_some_and(|after| after.starts_with("=\""))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn inline_code_is_found() {
        assert!(fault("<p style=\"color:red\">").is_some());
        assert!(fault("<button onclick=\"go()\">").is_some());
        assert!(fault("<script>go()</script>").is_some());
        assert!(fault("<script src=\"/a.js\" defer></script>").is_some());
        assert!(fault("<script src=\"/a.js\" integrity=\"{{ x }}\" defer></script>").is_none());
        assert!(fault("<p>Payer once = on time</p>").is_none());
    }
}
