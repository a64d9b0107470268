//! Reads the forms of our own pages: where they lead and what they carry.
//!
//! The pages are written by this program, so a short reader of tags is enough: attributes in
//! double quotes, no scripts, no comments with markup.

/// A form of a page.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Form {
    /// Where it leads; as written.
    pub(super) action: String,
    /// Whether it is sent as a query.
    pub(super) is_query: bool,
    /// Fields with what they hold when the page opens.
    pub(super) fields: Vec<(String, String)>,
}

impl Form {
    /// Sets a field, whether the page had it or not.
    pub(super) fn set(&mut self, name: &str, value: &str) {
        self.fields.retain(|(known, _)| known != name);
        self.fields.push((name.to_owned(), value.to_owned()));
    }

    /// The body of the request.
    #[must_use]
    pub(super) fn encoded(&self) -> String {
        let pair = |(name, value): &(String, String)| format!("{}={}", encode(name), encode(value));
        self.fields.iter().map(pair).collect::<Vec<String>>().join("&")
    }
}

/// The forms of a page, in order.
#[must_use]
pub(super) fn forms(page: &str) -> Vec<Form> {
    let parts = page.split("<form").skip(1);
    parts.filter_map(|part| form(part.split("</form>").next()?)).collect()
}

fn form(text: &str) -> Option<Form> {
    let (head, inside) = text.split_once('>')?;
    let mut form = Form {
        action: attribute(head, "action").unwrap_or_default(),
        is_query: attribute(head, "method").is_none_or(|method| method == "get"),
        fields: Vec::new(),
    };
    for tag in inside.split("<input").skip(1).filter_map(|tag| tag.split('>').next()) {
        let kind = attribute(tag, "type").unwrap_or_default();
        let is_choice = kind == "checkbox" || kind == "radio";
        if is_choice && !tag.split_whitespace().any(|word| word.starts_with("checked")) {
            continue;
        }
        if let Some(name) = attribute(tag, "name") {
            form.fields.push((name, attribute(tag, "value").unwrap_or_default()));
        }
    }
    Some(form)
}

fn attribute(tag: &str, name: &str) -> Option<String> {
    let wanted = format!("{name}=\"");
    let at = tag.match_indices(&wanted).map(|(at, _)| at).find(|at| {
        let before = tag.get(..*at).and_then(|before| before.chars().next_back());
        before.is_none_or(char::is_whitespace)
    })?;
    let rest = tag.get(at.checked_add(wanted.len())?..)?;
    let value = rest.split('"').next()?;
    let plain = value.replace("&#38;", "&").replace("&amp;", "&").replace("&#34;", "\"");
    Some(plain.replace("&quot;", "\"").replace("&#39;", "'").replace("&lt;", "<"))
}

fn encode(text: &str) -> String {
    text.bytes().fold(String::new(), |mut all, byte| {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            all.push(char::from(byte));
        } else {
            all.push_str(&format!("%{byte:02X}"));
        }
        all
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_form_is_read_as_a_browser_would_send_it() {
        let page = r#"<form method="post" action="/a?x=1&amp;y=2"><input type="hidden" name="t"
            value="&#34;1&#34;"><input type="checkbox" name="no" value="1">
            <input type="radio" name="brand" value="cb" checked><input name="who"></form>
            <form action="/search"><input name="q" value="é"></form>"#;
        let all = forms(page);
        assert_eq!(all[0].action, "/a?x=1&y=2");
        assert!(!all[0].is_query && all[1].is_query);
        assert_eq!(all[0].encoded(), "t=%221%22&brand=cb&who=");
        assert_eq!(all[1].encoded(), "q=%C3%A9");
    }
}
