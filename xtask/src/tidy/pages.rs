//! Pages carry no inline code: no inline script or style, no `style` or event attribute, nothing
//! from another host. Forms of staff say which mode their page was drawn in.

use super::{File, Finding};

pub(super) fn check(file: &File, findings: &mut Vec<Finding>) {
    if !file.path.ends_with(".html") || !file.path.starts_with("crates/") {
        return;
    }
    for (line, text) in (1..).zip(file.text.lines()) {
        if let Some(message) = fault(text) {
            findings.push(file.finding(line, "inline", message.to_owned()));
        }
        if is_of_staff(file) && forgets_its_side(text) {
            let message = "end the address of the form with `{{ shell.side }}`".to_owned();
            findings.push(file.finding(line, "side", message));
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

/// Pages of staff and parts of pages; the doors of the vault and of the bank have no shell.
fn is_of_staff(file: &File) -> bool {
    let is_part = !file.text.contains("{% extends");
    let has_shell =
        file.crate_name().is_some_and(|name| !["vault", "sandbox", "http"].contains(&name));
    has_shell && (is_part || file.text.contains("{% extends \"staff.html\""))
}

/// Whether a form posts without saying on which side its page stands; the switch itself need not.
fn forgets_its_side(line: &str) -> bool {
    line.split("<form").skip(1).any(|form| {
        let tag = form.split('>').next().unwrap_or_default();
        let posts = tag.contains("method=\"post\"") && !tag.contains("action=\"/mode\"");
        posts && !tag.contains("{{ shell.side }}\"")
    })
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
    fn a_form_without_its_side_is_found() {
        assert!(forgets_its_side("<form method=\"post\" action=\"/a\">"));
        assert!(forgets_its_side("<form action=\"/mode\" method=\"post\"><form method=\"post\">"));
        assert!(!forgets_its_side("<form method=\"post\" action=\"/a{{ shell.side }}\">"));
        assert!(!forgets_its_side("<form action=\"/a\">"));
        let page = |path: &str, text: &str| is_of_staff(&File::new(path, text));
        assert!(page("crates/web/templates/list.html", "<div>"));
        assert!(page("crates/payments/a.html", "{% extends \"staff.html\" %}"));
        assert!(!page("crates/payments/a.html", "{% extends \"public.html\" %}"));
        assert!(!page("crates/vault/a.html", "<div>"));
    }

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
