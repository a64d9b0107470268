//! A browser without script or cookies, enough to walk the payer's way.

use crate::demo::{Demo, agent};

/// A page as received.
#[derive(Debug, Clone)]
pub(crate) struct Page {
    /// Where it was read.
    pub(crate) url: String,
    pub(crate) html: String,
}

/// A form found in a page.
#[derive(Debug, Clone)]
pub(crate) struct FormInPage {
    pub(crate) action: String,
    pub(crate) fields: Vec<(String, String)>,
    /// Buttons with a name: (name, value, words).
    pub(crate) buttons: Vec<(String, String, String)>,
}

/// Reads a page and follows redirects, as a browser does; the chain is kept for assertions.
pub(crate) fn open(url: &str) -> Page {
    follow(agent().get(url).header("accept-language", "fr").call().unwrap(), url)
}

/// Submits a form of a page with some fields set.
pub(crate) fn submit(page: &Page, form: &FormInPage, set: &[(&str, &str)]) -> Page {
    let mut fields = form.fields.clone();
    for (name, value) in set {
        fields.retain(|(known, _)| known != name);
        fields.push(((*name).to_owned(), (*value).to_owned()));
    }
    let url = absolute(&page.url, &form.action);
    let response = agent()
        .post(&url)
        .header("accept-language", "fr")
        .header("sec-fetch-site", "same-origin")
        .send_form(fields.iter().map(|(k, v)| (k.as_str(), v.as_str())))
        .unwrap();
    follow(response, &url)
}

fn follow(mut response: ureq::http::Response<ureq::Body>, url: &str) -> Page {
    let mut url = url.to_owned();
    for _ in 0..10 {
        let status = response.status().as_u16();
        let location = response.headers().get("location").map(|v| v.to_str().unwrap().to_owned());
        let Some(location) = location.filter(|_| (300..400).contains(&status)) else {
            let html = response.body_mut().read_to_string().unwrap_or_default();
            return Page { url, html };
        };
        url = absolute(&url, &location);
        response = agent().get(&url).header("accept-language", "fr").call().unwrap();
    }
    panic!("redirected in circles at {url}");
}

fn absolute(base: &str, target: &str) -> String {
    if target.starts_with("http") {
        return target.to_owned();
    }
    let (scheme, rest) = base.split_once("://").unwrap();
    let host = rest.split('/').next().unwrap();
    if target.is_empty() {
        return base.to_owned();
    }
    assert!(target.starts_with('/'), "relative target {target:?} on {base}");
    format!("{scheme}://{host}{target}")
}

impl Page {
    /// Whether the page says this, entities and non-breaking blanks read as a person does.
    pub(crate) fn says(&self, words: &str) -> bool {
        readable(&self.html).contains(&readable(words))
    }

    pub(crate) fn forms(&self) -> Vec<FormInPage> {
        self.html
            .split("<form")
            .skip(1)
            .map(|part| form(part.split("</form>").next().unwrap()))
            .collect()
    }

    /// The form that has a field of this name.
    pub(crate) fn form_with(&self, field: &str) -> FormInPage {
        let has = |form: &FormInPage| form.fields.iter().any(|(name, _)| name == field);
        self.forms().into_iter().find(has).unwrap_or_else(|| {
            panic!("no form with {field} at {}:\n{}", self.url, readable(&self.html))
        })
    }

    /// The form with a button that says this.
    pub(crate) fn form_saying(&self, words: &str) -> (FormInPage, (String, String)) {
        for form in self.forms() {
            for (name, value, says) in &form.buttons {
                if readable(says).contains(words) {
                    return (form.clone(), (name.clone(), value.clone()));
                }
            }
        }
        panic!("no button {words:?} at {}:\n{}", self.url, readable(&self.html));
    }
}

fn form(html: &str) -> FormInPage {
    let head = html.split('>').next().unwrap();
    let mut fields = Vec::new();
    for input in html.split("<input").skip(1) {
        let tag = input.split('>').next().unwrap();
        let kind = attribute(tag, "type").unwrap_or_default();
        let ticked = tag.contains(" checked");
        if matches!(kind.as_str(), "checkbox" | "radio") && !ticked {
            continue;
        }
        if let Some(name) = attribute(tag, "name") {
            fields.push((name, attribute(tag, "value").unwrap_or_default()));
        }
    }
    let mut buttons = Vec::new();
    for button in html.split("<button").skip(1) {
        let (tag, rest) = button.split_once('>').unwrap();
        let words = rest.split("</button>").next().unwrap();
        let name = attribute(tag, "name").unwrap_or_default();
        buttons.push((name, attribute(tag, "value").unwrap_or_default(), words.to_owned()));
    }
    FormInPage { action: attribute(head, "action").unwrap_or_default(), fields, buttons }
}

fn attribute(tag: &str, name: &str) -> Option<String> {
    let start = tag.find(&format!(" {name}=\""))? + name.len() + 3;
    let value = tag[start..].split('"').next()?;
    Some(unescape(value))
}

fn unescape(text: &str) -> String {
    text.replace("&#38;", "&")
        .replace("&amp;", "&")
        .replace("&#34;", "\"")
        .replace("&quot;", "\"")
        .replace("&#39;", "'")
        .replace("&#x27;", "'")
        .replace("&#60;", "<")
        .replace("&#62;", ">")
}

/// The words of a page as a person reads them.
pub(crate) fn readable(html: &str) -> String {
    let mut text = String::new();
    let mut inside = false;
    for c in html.chars() {
        match c {
            '<' => inside = true,
            '>' => {
                inside = false;
                text.push(' ');
            }
            _ if inside => {}
            '\u{a0}' | '\u{202f}' | '\n' => text.push(' '),
            c => text.push(c),
        }
    }
    unescape(&text).split_whitespace().collect::<Vec<&str>>().join(" ")
}

/// What a guest types on the card page.
pub(crate) struct Card {
    pub(crate) number: &'static str,
    pub(crate) exp: &'static str,
    pub(crate) code: &'static str,
}

/// A good date and code with the number.
pub(crate) fn card(number: &'static str) -> Card {
    Card { number, exp: "03/29", code: "123" }
}

/// From the payment's page to wherever the card leads: the bank's challenge, the receipt, a
/// refusal.
pub(crate) fn pay(page_url: &str, card: &Card) -> Page {
    let page = open(page_url);
    type_card(&page, card)
}

/// Types a card on the vault's page.
pub(crate) fn type_card(page: &Page, card: &Card) -> Page {
    let form = page.form_with("number");
    let fields = [
        ("number", card.number),
        ("exp", card.exp),
        ("code", card.code),
        ("holder", "Anne Roy"),
        // Without this field a co-badged card asks its brand in a step of its own.
        ("brand", ""),
    ];
    submit(page, &form, &fields)
}

/// From the page that leads to the bank, through the bank's page, with one of its buttons.
pub(crate) fn decide_at_bank(page: &Page, button: &str) -> Page {
    let bank = if page.url.contains("/3ds") && page.html.contains("/3ds/") && !page.says("Valider")
    {
        let target = link_to_bank(page);
        open(&target)
    } else {
        page.clone()
    };
    let (form, (name, value)) = bank.form_saying(button);
    submit(&bank, &form, &[(name.as_str(), value.as_str())])
}

pub(crate) fn link_to_bank(page: &Page) -> String {
    let of_bank = |target: &String| target.starts_with("http") && target.contains("/3ds/");
    let forms = page.forms().into_iter().map(|form| form.action);
    let links = page.html.split("href=\"").skip(1).map(|p| unescape(p.split('"').next().unwrap()));
    forms.chain(links).find(of_bank).unwrap_or_else(|| panic!("no way to the bank:\n{}", page.html))
}

/// Follows the link or the button that says this.
pub(crate) fn go(page: &Page, words: &str) -> Page {
    for link in page.html.split("<a ").skip(1) {
        let (tag, rest) = link.split_once('>').unwrap();
        if readable(rest.split("</a>").next().unwrap()).contains(words) {
            let target = attribute(&format!(" {tag}"), "href").unwrap();
            return open(&absolute(&page.url, &target));
        }
    }
    let (form, (name, value)) = page.form_saying(words);
    let set: &[(&str, &str)] = if name.is_empty() { &[] } else { &[(&name, &value)] };
    submit(page, &form, set)
}

/// Types a card and, if asked, says yes at the bank.
pub(crate) fn pay_and_approve(demo: &Demo, page_url: &str, number: &'static str) -> Page {
    let page = pay(page_url, &card(number));
    if page.url.starts_with(demo.app()) && page.url.contains("/3ds") {
        return decide_at_bank(&page, "Valider");
    }
    page
}
