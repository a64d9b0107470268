//! Typed contexts of the pages of a PIN and of a shown card.

use askama::Template;
use axum::http::StatusCode;
use axum::response::Response;
use http::html_with;
use http::page::{Band, Page};
use http::words::Words;
use kernel::{Locale, Timestamp, format};
use vault_wire::CodeStatus;

use super::Edge;
use crate::reveal::{Ask, Asked, Limit, Shown};
use crate::viewer::{Frame, PinFault, PinStep};

/// A page that says one thing.
#[derive(Template)]
#[template(path = "secret-says.html")]
pub(super) struct SaysTemplate {
    page: Page,
    sentence: String,
    back: Option<String>,
    back_words: String,
    reference: String,
}

/// What to quote of a refusal; nothing where all is well.
fn reference(status: StatusCode) -> String {
    if status.is_success() { String::new() } else { http::server::request_id() }
}

impl SaysTemplate {
    /// The messages `vault-{what}-title` and `vault-{what}`, without a shop.
    pub(super) fn response(
        edge: &Edge,
        (status, lang): (u16, Locale),
        what: &str,
        back: Option<String>,
    ) -> Response {
        let words = edge.words.words(lang);
        let (title, sentence) =
            (words.say(&format!("vault-{what}-title")), words.say(&format!("vault-{what}")));
        let back_words = words.say("vault-reveal-back");
        let page = Page::new(words, title, "");
        let status = StatusCode::from_u16(status).unwrap_or(StatusCode::GONE);
        let reference = reference(status);
        html_with(status, &Self { page, sentence, back, back_words, reference })
    }
}

fn framed(edge: &Edge, frame: &Frame, title: &str) -> Page {
    let words = edge.words.words(frame.lang);
    let title = words.say(title);
    let band = if frame.test { Band::Test } else { Band::None };
    Page::new(words, title, frame.shop.clone()).band(band)
}

/// The messages of an enrolment that has ended, well or not.
pub(super) fn says(edge: &Edge, status: u16, what: &str, frame: &Frame, until: &str) -> Response {
    let page = framed(edge, frame, &format!("vault-{what}-title"));
    let sentence = page.words.with(&format!("vault-{what}"), &[("until", until)]);
    let back_words = page.say("vault-reveal-back");
    let status = StatusCode::from_u16(status).unwrap_or(StatusCode::GONE);
    let (back, reference) = (frame.back.clone(), reference(status));
    html_with(status, &SaysTemplate { page, sentence, back, back_words, reference })
}

/// The forms of an enrolment.
#[derive(Template)]
#[template(path = "pin.html")]
struct PinTemplate {
    page: Page,
    action: String,
    intro: String,
    key: Option<String>,
    error: Option<String>,
    /// The present PIN is asked for, too; what is wrong with it.
    old: Option<Option<String>>,
    /// What an authenticator is given, where one is to be connected.
    seed: Option<String>,
}

/// "That was not me".
#[derive(Template)]
#[template(path = "pin-stop.html")]
struct StopTemplate {
    page: Page,
    action: String,
}

/// The step in which code or PIN is asked for.
pub(super) fn pin(edge: &Edge, frame: Frame, step: PinStep, here: &str) -> Response {
    let title = match step {
        PinStep::Change { .. } => "vault-pin-change-title",
        PinStep::Stop => "vault-pin-stop-title",
        PinStep::Code { .. } | PinStep::Choose { .. } => "vault-pin-title",
    };
    let mut page = framed(edge, &frame, title);
    if !matches!(step, PinStep::Choose { .. }) {
        // A choice of language asks for the page again, which would ask for the code again.
        page = page.languages(edge.words.offered(), here);
    }
    let fault_words = |page: &Page, fault: Option<PinFault>| {
        fault.map(|fault| page.say(&format!("vault-{}", fault.code())))
    };
    let action = format!("{here}?lang={}", frame.lang.code());
    let seed = match &step {
        PinStep::Choose { seed, .. } => seed.clone(),
        _ => None,
    };
    let (intro, key, error, old) = match step {
        PinStep::Stop => return html_with(StatusCode::OK, &StopTemplate { page, action }),
        PinStep::Code { phone_end, left } => {
            let intro = page.words.with("vault-pin-code-intro", &[("end", &phone_end)]);
            let error = left.map(|left| tries_left(&page.words, "vault-pin-code-wrong", left));
            (intro, None, error, None)
        }
        PinStep::Choose { key, fault, .. } => {
            (page.say("vault-pin-choose-intro"), Some(key), fault_words(&page, fault), None)
        }
        PinStep::Change { key, fault, left } => {
            let wrong = left.map(|left| tries_left(&page.words, "vault-reveal-wrong", left));
            let intro = page.say("vault-pin-change-intro");
            (intro, Some(key), fault_words(&page, fault), Some(wrong))
        }
    };
    let wrong = error.is_some() || old.as_ref().is_some_and(Option::is_some);
    let status = if wrong { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    if wrong {
        page = page.faulty();
    }
    html_with(status, &PinTemplate { page, action, intro, key, error, old, seed })
}

fn tries_left(words: &Words, key: &str, left: u32) -> String {
    words.count(key, i64::from(left))
}

/// The form that asks for a PIN.
#[derive(Template)]
#[template(path = "reveal.html")]
struct AskTemplate {
    page: Page,
    action: String,
    about: Asked,
    key: String,
    error: Option<String>,
    code_line: String,
}

impl AskTemplate {
    fn offers_code(&self) -> bool {
        self.about.code == CodeStatus::Available
    }
}

fn about_page(edge: &Edge, about: &Asked, title: &str) -> Page {
    let frame = Frame { shop: about.shop.clone(), test: about.test, lang: about.lang, back: None };
    framed(edge, &frame, title)
}

/// What is said of the code, in the words of the back office.
fn code_line(words: &Words, about: &Asked) -> String {
    match about.code {
        CodeStatus::Available => words.say("vault-code-available"),
        CodeStatus::Reserved => words.say("vault-code-reserved"),
        CodeStatus::Unknown => words.say("vault-code-unknown"),
        CodeStatus::Transit | CodeStatus::None => words.say("vault-code-none"),
        CodeStatus::Destroyed => {
            let Some(gone) = &about.gone else { return words.say("vault-code-none") };
            let at = gone.at.map(|at| format::date_time(at, &about.zone, about.lang));
            let at = at.unwrap_or_default();
            match (gone.because.as_str(), &gone.actor) {
                ("viewed", Some(who)) => {
                    words.with("vault-code-viewed", &[("date", &at), ("user", who)])
                }
                ("authorised" | "declined", _) => words.with("vault-code-used", &[("date", &at)]),
                _ => words.with("vault-code-destroyed", &[("date", &at)]),
            }
        }
    }
}

/// The page with the PIN field.
pub(super) fn ask(edge: &Edge, ask: Ask, secret: &str) -> Response {
    let mut page = about_page(edge, &ask.about, "vault-reveal-title");
    let wrong = if ask.about.factor { "vault-reveal-wrong-both" } else { "vault-reveal-wrong" };
    let error = ask.left.map(|left| tries_left(&page.words, wrong, left));
    let status = if error.is_some() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    if error.is_some() {
        page = page.faulty();
    }
    let code_line = code_line(&page.words, &ask.about);
    let (action, about) = (format!("/v/r/{secret}"), ask.about);
    html_with(status, &AskTemplate { page, action, about, key: ask.key, error, code_line })
}

/// The page with the number.
#[derive(Template)]
#[template(path = "reveal-shown.html")]
struct ShownTemplate<'s> {
    page: Page,
    action: String,
    shown: &'s Shown,
    code_line: String,
    leaves: String,
}

/// The number, for its seconds.
pub(super) fn show(edge: &Edge, shown: Shown, secret: &str) -> Response {
    let page = about_page(edge, &shown.about, "vault-shown-title");
    let code_line = code_line(&page.words, &shown.about);
    let seconds = shown.seconds.to_string();
    let leaves = page.words.with("vault-shown-leaves", &[("n", &seconds)]);
    let action = format!("/v/r/{secret}");
    html_with(StatusCode::OK, &ShownTemplate { page, action, shown: &shown, code_line, leaves })
}

/// A page about a card that says one thing.
pub(super) fn told(
    edge: &Edge,
    status: StatusCode,
    what: &str,
    about: &Asked,
    until: &str,
) -> Response {
    let values = [("until", until), ("last4", about.last4.as_str())];
    said(edge, (status, what), about, &values)
}

/// Why no number is shown, and when it is again.
pub(super) fn limited(edge: &Edge, limit: Limit, about: &Asked) -> Response {
    let status = StatusCode::from_u16(limit.status()).unwrap_or(StatusCode::FORBIDDEN);
    match limit {
        Limit::Until(until) => {
            let until = format::date_time(until, &about.zone, about.lang);
            said(edge, (status, "reveal-limit"), about, &[("until", &until)])
        }
        Limit::OfCard(most) => {
            let most = most.to_string();
            said(edge, (status, "reveal-limit-card"), about, &[("most", &most)])
        }
        Limit::Hours(hours) => {
            let (from, to) = (hours.from.to_string(), hours.to.to_string());
            said(edge, (status, "reveal-hours"), about, &[("from", &from), ("to", &to)])
        }
        Limit::Network => said(edge, (status, "reveal-network"), about, &[]),
        Limit::Suspended => said(edge, (status, "reveal-suspended"), about, &[]),
    }
}

/// A second person is asked: the page looks again by itself.
pub(super) fn waits(edge: &Edge, until: Timestamp, about: &Asked) -> Response {
    let until = format::time_in_prose(until, &about.zone, about.lang);
    let values = [("until", until.as_str()), ("last4", about.last4.as_str())];
    said(edge, (StatusCode::ACCEPTED, "reveal-waits"), about, &values)
}

fn said(
    edge: &Edge,
    (status, what): (StatusCode, &str),
    about: &Asked,
    values: &[(&str, &str)],
) -> Response {
    let page = about_page(edge, about, &format!("vault-{what}-title"));
    let sentence = page.words.with(&format!("vault-{what}"), values);
    let back_words = page.say("vault-reveal-back");
    let (back, reference) = (about.back.clone(), reference(status));
    html_with(status, &SaysTemplate { page, sentence, back, back_words, reference })
}
