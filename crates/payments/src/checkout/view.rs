//! Typed contexts of the payer's pages, made from a payment and nothing else.

use std::sync::Arc;

use askama::Template;
use http::assets::PAYER_SCRIPT;
use http::page::Band;
use http::{Page, Words};
use identity::merchants::Merchant;
use kernel::{Locale, Mode, Timestamp, Zone, format};
use web::Context;

use super::SubjectPage;
use super::case::{Case, Way};
use super::links::Links;
use crate::payment::{Payment, Purpose};

/// Everything a page of one payment is made from.
#[derive(Debug, Clone)]
pub struct Visit {
    /// The payment with its operations.
    pub payment: Payment,
    /// Who sells.
    pub merchant: Merchant,
    /// What is paid for, in words.
    pub subject: SubjectPage,
    /// The words of the page.
    pub words: Arc<Words>,
    /// Languages offered.
    pub offered: Vec<Locale>,
    /// Whether this is the demo.
    pub demo: bool,
    /// The shop's clock.
    pub now: Timestamp,
    /// Addresses.
    pub links: Links,
}

impl Visit {
    /// The frame of a page.
    #[must_use]
    pub fn page(&self, title: impl Into<String>, path: &str) -> Page {
        let band = match (self.demo, self.payment.mode) {
            (true, _) => Band::Demo,
            (false, Mode::Test) => Band::Test,
            (false, Mode::Live) => Band::None,
        };
        Page::new(Arc::clone(&self.words), title, self.merchant.name.clone())
            .band(band)
            .look(self.merchant.look(self.payment.shop))
            .script(&PAYER_SCRIPT)
            .languages(&self.offered, path)
    }

    /// The language of the page.
    #[must_use]
    pub fn locale(&self) -> Locale {
        self.words.locale()
    }

    /// An amount in minor units of the payment's currency.
    #[must_use]
    pub fn amount(&self, minor: i64) -> String {
        format::money(self.payment.money(minor), self.locale())
    }

    /// The words of the button that pays: obligation and amount.
    #[must_use]
    pub fn pay_button(&self) -> String {
        let key = match self.payment.purpose {
            Purpose::Deposit => "checkout-pay-deposit",
            Purpose::Plain | Purpose::Balance => "checkout-pay",
        };
        self.words.with(key, &[("amount", &self.amount(self.payment.amount.minor()))])
    }

    /// Where "back" leads, if anywhere.
    #[must_use]
    pub fn back(&self) -> Option<String> {
        let subject = self.subject.back_url.clone();
        subject.or_else(|| self.return_url())
    }

    /// The shop's own page, told the payment and its order and nothing else.
    #[must_use]
    pub fn return_url(&self) -> Option<String> {
        let url = self.payment.return_url.as_deref()?;
        let (address, fragment) = url.split_once('#').map_or((url, ""), |(a, f)| (a, f));
        let joint = if address.contains('?') { '&' } else { '?' };
        let order = super::links::encoded(&self.payment.order_ref);
        let end = if fragment.is_empty() { String::new() } else { format!("#{fragment}") };
        Some(format!("{address}{joint}payment={}&order_ref={order}{end}", self.payment.id))
    }
}

/// Label and amount of a line; the amount may be missing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LineView {
    /// What it is.
    pub label: String,
    /// How much, written; empty when the line has no amount.
    pub amount: String,
}

/// Clock of a hold: words without script, data for the script.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HoldView {
    /// "Réservé pour vous jusqu'à 11:50".
    pub words: String,
    /// When it ends, RFC 3339.
    pub until: String,
    /// The shop's time now, RFC 3339.
    pub now: String,
}

/// Whether the payer may still pay.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stage {
    /// He may.
    Open,
    /// He need not, or may not.
    Over,
}

/// What is bought and what is due, beside every page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Summary {
    /// Title of the thing; the order's reference when it has none.
    pub title: String,
    /// Label and value.
    pub facts: Vec<(String, String)>,
    /// Lines of the payment.
    pub lines: Vec<LineView>,
    /// Label of the sum.
    pub due_label: String,
    /// The sum.
    pub due: String,
    /// The merchant's reference.
    pub reference: String,
    /// The hold, while it counts.
    pub hold: Option<HoldView>,
}

impl Summary {
    /// The summary of a visit.
    #[must_use]
    pub fn of(visit: &Visit, stage: Stage) -> Self {
        let payment = &visit.payment;
        let due_key = match (stage, payment.purpose) {
            (Stage::Open, Purpose::Deposit) => "checkout-due-deposit",
            (Stage::Open, _) => "checkout-due",
            (Stage::Over, Purpose::Deposit) => "checkout-amount-deposit",
            (Stage::Over, _) => "checkout-amount",
        };
        let title = if visit.subject.title.is_empty() {
            visit.words.say("checkout-order")
        } else {
            visit.subject.title.clone()
        };
        Self {
            title,
            facts: visit.subject.facts.clone(),
            lines: lines(visit),
            due_label: visit.words.say(due_key),
            due: visit.amount(payment.amount.minor()),
            reference: payment.order_ref.clone(),
            hold: hold(visit).filter(|_| stage == Stage::Open),
        }
    }
}

pub(super) fn lines(visit: &Visit) -> Vec<LineView> {
    let written = |line: &crate::payment::Line| LineView {
        label: line.label.clone(),
        amount: line.amount.map_or_else(String::new, |a| format::money(a, visit.locale())),
    };
    visit.payment.lines.iter().map(written).collect()
}

fn hold(visit: &Visit) -> Option<HoldView> {
    let until = visit.subject.hold_until.filter(|until| *until > visit.now)?;
    let time = format::time(until, &visit.merchant.zone);
    Some(HoldView {
        words: visit.words.with("checkout-hold", &[("time", &time)]),
        until: until.to_string(),
        now: visit.now.to_string(),
    })
}

/// How the merchant is reached.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Contact {
    /// Name.
    pub name: String,
    /// Phone, as written.
    pub phone: String,
    /// Phone for `tel:`.
    pub tel: String,
    /// E-mail.
    pub email: String,
    /// Postal address, line by line.
    pub address: Vec<String>,
}

impl Contact {
    /// The contact of a merchant.
    #[must_use]
    pub fn of(merchant: &Merchant) -> Self {
        let dialled = |c: &char| c.is_ascii_digit() || *c == '+';
        Self {
            name: merchant.name.clone(),
            phone: merchant.phone.clone(),
            tel: merchant.phone.chars().filter(dialled).collect(),
            email: merchant.email.to_string(),
            address: merchant.address.lines().map(str::to_owned).collect(),
        }
    }
}

/// A link that looks like a button.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WayView {
    /// Its words.
    pub words: String,
    /// Where it leads.
    pub href: String,
    /// Whether it is the one to take.
    pub first: bool,
}

/// One of the pages on which the payer learns what became of his payment.
#[derive(Template)]
#[template(path = "checkout-outcome.html")]
pub struct OutcomePage {
    /// Title, brand, band, languages.
    pub page: Page,
    /// Colour.
    pub tone: &'static str,
    /// The large icon.
    pub icon: String,
    /// What happened.
    pub text: String,
    /// "Nothing was debited", where it is certain and not said above.
    pub money: String,
    /// The way to pay after all; it stays in sight on a phone, with the sum.
    pub pay: Option<WayView>,
    /// Other ways out.
    pub ways: Vec<WayView>,
    /// What it was about; none when it is no longer shown.
    pub summary: Option<Summary>,
    /// Whom to ask.
    pub contact: Contact,
}

impl OutcomePage {
    /// The page of a case.
    #[must_use]
    pub fn of(visit: &Visit, case: Case) -> Self {
        let stem = case.stem();
        let amount = visit.amount(visit.payment.amount.minor());
        let payment = &visit.payment;
        let minimum = visit.amount(payment.caps.minimum(payment.currency()).minor());
        let names = [
            ("amount", amount.as_str()),
            ("merchant", visit.merchant.name.as_str()),
            ("minimum", minimum.as_str()),
        ];
        let say = |key: &str| visit.words.with(key, &names);
        let money = if case.adds_nothing_debited() {
            visit.words.say("checkout-nothing-debited")
        } else {
            String::new()
        };
        let stage = match case {
            Case::Refused(_) | Case::Left | Case::Technical | Case::Paused => Stage::Open,
            _ => Stage::Over,
        };
        let (pay, ways) = ways(visit, case);
        Self {
            page: visit.page(say(&format!("{stem}-title")), &visit.links.pay()),
            tone: case.tone(),
            icon: large(case.icon()),
            text: say(&case.text_key()),
            money,
            pay,
            ways,
            summary: (case != Case::LinkExpired).then(|| Summary::of(visit, stage)),
            contact: Contact::of(&visit.merchant),
        }
    }
}

/// The way to pay, and the others; the first of all is the one to take.
fn ways(visit: &Visit, case: Case) -> (Option<WayView>, Vec<WayView>) {
    let one = |way: &Way| {
        let (key, href) = match way {
            Way::Retry => (retry_words(case), Some(visit.links.card())),
            Way::Receipt => ("checkout-see-receipt", Some(visit.links.receipt())),
            Way::Reload => ("checkout-try-again", Some(visit.links.card())),
            Way::Back => ("checkout-back", visit.back()),
        };
        Some((*way, WayView { words: visit.words.say(key), href: href?, first: false }))
    };
    let mut found: Vec<(Way, WayView)> = case.ways().iter().filter_map(one).collect();
    if let Some((_, first)) = found.first_mut() {
        first.first = true;
    }
    let (pay, others): (Vec<_>, Vec<_>) =
        found.into_iter().partition(|(way, _)| matches!(way, Way::Retry | Way::Reload));
    let plain = |(_, view)| view;
    (pay.into_iter().map(plain).next(), others.into_iter().map(plain).collect())
}

const fn retry_words(case: Case) -> &'static str {
    use super::case::Letter;
    match case {
        Case::Refused(Letter::A | Letter::G) => "checkout-retry-other-card",
        Case::Refused(Letter::E) => "checkout-retry-fix",
        Case::Refused(Letter::F) => "checkout-retry-code",
        Case::Left => "checkout-resume",
        _ => "checkout-retry",
    }
}

/// An icon at 48 px.
pub(super) fn large(name: &str) -> String {
    http::icon(name).replacen("class=\"icon\"", "class=\"icon xl\"", 1)
}

/// The page before the bank's own: one button.
#[derive(Template)]
#[template(path = "checkout-challenge.html")]
pub struct ChallengePage {
    /// Title, brand, band, languages.
    pub page: Page,
    /// The large icon.
    pub icon: String,
    /// Address of the bank's page without its query.
    pub action: String,
    /// The query of that address, as hidden fields: a GET form replaces it.
    pub fields: Vec<(String, String)>,
    /// Where giving up is posted.
    pub abandon: String,
    /// Whether a place is held for the payer meanwhile.
    pub held: bool,
    /// What is to be paid.
    pub summary: Summary,
    /// Whom to ask.
    pub contact: Contact,
}

impl ChallengePage {
    /// The page that leads to `url`.
    #[must_use]
    pub fn of(visit: &Visit, url: &str) -> Self {
        let (action, query) = url.split_once('?').unwrap_or((url, ""));
        let pairs = query.split('&').filter(|pair| !pair.is_empty());
        let decoded = |pair: &str| {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            (super::links::decoded(name), super::links::decoded(value))
        };
        Self {
            page: visit.page(visit.words.say("checkout-challenge-title"), &visit.links.challenge()),
            icon: large("bank"),
            action: action.to_owned(),
            fields: pairs.map(decoded).collect(),
            abandon: visit.links.abandon(),
            held: visit.subject.hold_until.is_some(),
            summary: Summary::of(visit, Stage::Open),
            contact: Contact::of(&visit.merchant),
        }
    }
}

/// Whether the waiting page loads itself again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Looks {
    /// It does.
    Again,
    /// It has looked often enough; a mail follows.
    Over,
}

/// The page that asks the server again by itself.
#[derive(Template)]
#[template(path = "checkout-waiting.html")]
pub struct WaitingPage {
    /// Title, brand, band, languages.
    pub page: Page,
    /// The large icon.
    pub icon: String,
    /// Whether the page will load itself again.
    pub again: bool,
    /// The same page, for people whose browser does not.
    pub reload: String,
    /// What follows when nothing more is shown here.
    pub later: String,
    /// What it is about.
    pub summary: Summary,
    /// Whom to ask.
    pub contact: Contact,
}

impl WaitingPage {
    /// The page while it looks, or after the last look.
    #[must_use]
    pub fn of(visit: &Visit, looks: Looks) -> Self {
        let later = match &visit.payment.payer.email {
            Some(email) => visit.words.with("checkout-later-mail", &[("email", email.as_str())]),
            None => visit.words.say("checkout-later"),
        };
        Self {
            page: visit.page(visit.words.say("checkout-waiting-title"), &visit.links.waiting()),
            icon: large("wait"),
            again: looks == Looks::Again,
            reload: visit.links.waiting(),
            later,
            summary: Summary::of(visit, Stage::Over),
            contact: Contact::of(&visit.merchant),
        }
    }
}

/// Date, time and the place whose clock it is: `24/10/2026 14:30 (heure de Paris)`.
pub(super) fn moment(words: &Words, at: Timestamp, zone: &Zone) -> String {
    let when = format::date_time(at, zone, words.locale());
    let city = zone.name().rsplit('/').next().unwrap_or_default().replace('_', " ");
    words.with("checkout-moment", &[("when", &when), ("city", &city)])
}

/// Languages the pages are offered in.
pub(super) fn offered(ctx: &Context) -> Vec<Locale> {
    ctx.catalogue.offered().to_vec()
}
