//! Typed contexts of the card page.

use std::sync::LazyLock;

use askama::Template;
use axum::http::StatusCode;
use axum::response::Response;
use http::assets::Asset;
use http::html_with;
use http::page::{Band, Page};
use http::security::Frames;
use http::words::Words;
use kernel::Locale;
use kernel::format::{money, time};
use vault_wire::{Brand, CodePolicy, Keep, Purpose};

use super::Edge;
use crate::capture::{CardPage, Change, ClosedPage, Kept, Masked, Step, consent_text};
use crate::card::{Fault, FieldFault, co_badged_leads};

/// The one script of the card page.
pub(crate) static CARD_SCRIPT: LazyLock<Asset> = LazyLock::new(|| {
    let bytes = include_bytes!("../assets/card.js");
    Asset::new("card", "js", "text/javascript; charset=utf-8", bytes)
});

/// A fault in words, with the field it belongs to.
pub(super) struct Shown {
    id: &'static str,
    words: String,
}

/// The clock of a hold.
pub(super) struct Hold {
    until: String,
    now: String,
    words: String,
}

/// What browsers may fill into the card fields.
#[derive(Clone, Copy)]
struct Filling {
    phone: bool,
    number: &'static str,
    expiry: &'static str,
    code: &'static str,
    name: &'static str,
}

impl Filling {
    /// The holder's own card, unless somebody else types what he hears on the phone.
    const fn of(purpose: Purpose) -> Self {
        match purpose {
            Purpose::Payment | Purpose::Guarantee | Purpose::Save => Self {
                phone: false,
                number: "cc-number",
                expiry: "cc-exp",
                code: "cc-csc",
                name: "cc-name",
            },
            Purpose::Moto => {
                Self { phone: true, number: "off", expiry: "off", code: "off", name: "off" }
            }
        }
    }
}

/// Everything both templates show.
#[derive(Template)]
#[template(path = "card.html")]
pub(super) struct CardTemplate {
    page: Page,
    action: String,
    merchant: String,
    lines: Vec<String>,
    amount: String,
    hold: Option<Hold>,
    notice: Option<String>,
    errors: Vec<Shown>,
    changing: bool,
    filling: Filling,
    masked: bool,
    kept: Option<Kept>,
    kept_choices: Vec<Brand>,
    known_expiry: Option<String>,
    brands: Vec<Brand>,
    leads: String,
    ask_code: bool,
    code_optional: bool,
    ask_name: bool,
    holder: String,
    ask_email: bool,
    email: String,
    offer_save: bool,
    save: bool,
    consent: Option<String>,
    button: String,
    back_url: Option<String>,
    languages: Vec<Locale>,
    /// Origin of the demo's split screen, which may fill in a test card.
    stage: Option<String>,
}

/// The step that asks which scheme of the card to use.
#[derive(Template)]
#[template(path = "card-brand.html")]
struct BrandTemplate {
    page: Page,
    action: String,
    kept: Option<Kept>,
    kept_choices: Vec<Brand>,
    save: bool,
    button: String,
    back_url: Option<String>,
    languages: Vec<Locale>,
}

impl CardTemplate {
    /// The page of one of the two steps.
    pub(super) fn response(edge: &Edge, shown: CardPage, how: (StatusCode, Change)) -> Response {
        let (status, change) = how;
        let step = shown.step.clone();
        let card = Self::new(edge, shown, change);
        match step {
            Step::Card => html_with(status, &card),
            Step::Brand(choices) => {
                let title = card.page.say("vault-brand-title");
                let template = BrandTemplate {
                    page: Page { title, ..card.page },
                    action: card.action,
                    kept: card.kept,
                    kept_choices: choices,
                    save: card.save,
                    button: card.button,
                    back_url: card.back_url,
                    languages: card.languages,
                };
                html_with(status, &template)
            }
        }
    }

    fn new(edge: &Edge, shown: CardPage, change: Change) -> Self {
        let words = edge.words.words(shown.lang);
        let display = &shown.request.display;
        let amount = display.amount.map(|m| money(m, shown.lang)).unwrap_or_default();
        let title = match shown.request.purpose {
            Purpose::Payment => words.say("vault-title-pay"),
            Purpose::Guarantee => words.say("vault-title-guarantee"),
            Purpose::Save => words.say("vault-title-save"),
            Purpose::Moto => words.say("vault-title-moto"),
        };
        let filling = Filling::of(shown.request.purpose);
        let hold = display.hold_until.map(|until| Hold {
            until: until.to_string(),
            now: shown.now.to_string(),
            words: words.with("vault-hold", &[("time", &time(until, &shown.zone))]),
        });
        let consent = (shown.request.keep == Keep::Booking).then(|| {
            consent_text(&words, shown.request.purpose, (&shown.shop, shown.retention_days))
        });
        let button = button(&words, &shown, &amount);
        let errors = shown.faults.iter().map(|fault| said(&words, fault)).collect();
        let band = if shown.test || display.test { Band::Test } else { Band::None };
        let mut page = Page::new(words, title, shown.shop.clone())
            .band(band)
            .look(shown.look.clone())
            .script(&CARD_SCRIPT);
        if !shown.faults.is_empty() {
            page = page.faulty();
        }
        let merchant =
            if display.merchant.is_empty() { shown.shop.clone() } else { display.merchant.clone() };
        let kept_choices = shown.kept.as_ref().map(|k| k.choices.clone()).unwrap_or_default();
        Self {
            action: format!("/v/c/{}", shown.secret),
            merchant,
            lines: display.lines.clone(),
            amount,
            hold,
            notice: display.notice.clone(),
            errors,
            changing: change == Change::Number && shown.kept.is_none(),
            filling,
            masked: filling.phone && shown.masked == Masked::Yes,
            known_expiry: shown.kept.as_ref().and_then(|kept| kept.expiry.clone()),
            kept_choices: if kept_choices.len() > 1 { kept_choices } else { Vec::new() },
            kept: shown.kept,
            brands: shown.brands,
            leads: co_badged_leads().join(" "),
            ask_code: shown.request.code != CodePolicy::None,
            code_optional: shown.request.code == CodePolicy::Optional,
            ask_name: display.ask_name,
            holder: shown.holder,
            ask_email: display.ask_email || display.email.is_some(),
            email: shown.email,
            offer_save: display.offer_save,
            save: shown.save,
            consent,
            button,
            back_url: display.back_url.clone(),
            languages: edge.words.offered().to_vec(),
            stage: match &edge.frames {
                Frames::By(origin) => Some(origin.clone()),
                Frames::None => None,
            },
            page,
        }
    }

    fn wrong(&self, id: &str) -> bool {
        self.errors.iter().any(|error| error.id == id)
    }

    fn error(&self, id: &str) -> Option<&str> {
        self.errors.iter().find(|error| error.id == id).map(|error| error.words.as_str())
    }

    /// Schemes to choose from: those of the kept card, or the pair that a typed one may have.
    fn choices(&self) -> Vec<Brand> {
        if !self.kept_choices.is_empty() {
            return self.kept_choices.clone();
        }
        let pair = [Brand::Cb, Brand::Visa];
        pair.into_iter().filter(|brand| self.brands.contains(brand)).collect()
    }
}

fn button(words: &Words, shown: &CardPage, amount: &str) -> String {
    match (&shown.request.display.button, shown.request.purpose, amount.is_empty()) {
        (Some(given), ..) => given.clone(),
        (None, Purpose::Guarantee, _) => words.say("vault-guarantee-button"),
        (None, Purpose::Save, _) => words.say("vault-save-button"),
        (None, Purpose::Payment | Purpose::Moto, true) => words.say("vault-pay-plain"),
        (None, Purpose::Payment | Purpose::Moto, false) => {
            words.with("vault-pay", &[("amount", amount)])
        }
    }
}

fn said(words: &Words, fault: &FieldFault) -> Shown {
    Shown { id: fault.field.id(), words: sentence(words, fault.fault) }
}

/// The sentence with the cure.
pub(super) fn sentence(words: &Words, fault: Fault) -> String {
    let key = fault.message_key();
    match fault {
        Fault::BrandNotAccepted(brand) => words.with(&key, &[("brand", brand.name())]),
        Fault::CodeFormat(digits) => words.with(&key, &[("n", &digits.to_string())]),
        _ => words.say(&key),
    }
}

/// A page that only says something.
#[derive(Template)]
#[template(path = "card-closed.html")]
pub(super) struct ClosedTemplate {
    page: Page,
    sentence: String,
    back_url: Option<String>,
    reference: String,
}

impl ClosedTemplate {
    /// `unknown`, `unavailable`, `unreadable` or `forbidden`.
    pub(super) fn new(edge: &Edge, lang: Locale, what: &str) -> Self {
        let words = edge.words.words(lang);
        let title = words.say(&format!("vault-{what}-title"));
        let sentence = words.say(&format!("vault-{what}"));
        let (page, reference) = (Page::new(words, title, ""), http::server::request_id());
        Self { page, sentence, back_url: None, reference }
    }

    /// With the menu of languages of the page at `here`.
    pub(super) fn at(mut self, edge: &Edge, here: &str) -> Self {
        self.page = self.page.languages(edge.words.offered(), here);
        self
    }

    /// The page was tried too often, or is too old.
    pub(super) fn closed(edge: &Edge, closed: ClosedPage) -> Self {
        let band = if closed.test { Band::Test } else { Band::None };
        let mut page = Self::new(edge, closed.lang, "closed");
        page.page.brand = closed.shop;
        page.page = page.page.band(band).look(closed.look);
        page.back_url = closed.back_url;
        page
    }
}
