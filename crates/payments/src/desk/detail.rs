//! One payment at the cash desk: its money, its card, what may be done, everything that happened.

use askama::Template;
use connectors::capabilities::VoidSupport;
use http::{Page, Words};
use kernel::{Date, Money, Scope, Timestamp, Zone, format};
use web::shell::Shell;

use super::entries::{self, Entry};
use super::history::{History, Moment};
use super::offers::{self, ActionView};
use super::words::{self, Chip};
use crate::approvals::{self, Approval, Names};
use crate::chargebacks::view as chargebacks;
use crate::checkout::SubjectPage;
use crate::payment::rules::Action;
use crate::payment::{CaptureMode, Card, Payment, Status, Validation};

/// Label and value.
pub type Fact = (String, String);

/// A notice above the page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notice {
    /// Colour.
    pub tone: &'static str,
    /// Icon.
    pub icon: &'static str,
    /// What it says.
    pub text: String,
    /// The page that says more; empty without one.
    pub href: String,
}

/// One amount of the money table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MoneyLine {
    /// Its label.
    pub label: String,
    /// Its amount.
    pub amount: String,
    /// Class of the line.
    pub class: &'static str,
}

/// What the page is made from.
#[derive(Debug, Clone)]
pub struct Sheet {
    /// The payment with its operations.
    pub payment: Payment,
    /// What it pays for.
    pub subject: SubjectPage,
    /// Everything that happened.
    pub history: History,
    /// The merchant's zone.
    pub zone: Zone,
    /// Now, by the shop's clock.
    pub now: Timestamp,
    /// What waits and may be taken back.
    pub waiting: Option<Action>,
    /// The latest request for an agreement, and who took part.
    pub request: Option<(Names, Approval)>,
}

/// What may be taken back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SecondThought {
    /// What will be done.
    pub text: String,
    /// Where the button posts.
    pub href: String,
}

/// The page.
#[derive(Template)]
#[template(path = "desk-detail.html")]
pub struct DetailPage {
    /// Title, band, languages.
    pub page: Page,
    /// Menu and person.
    pub shell: Shell,
    /// What waits and may be taken back.
    pub second_thought: Option<SecondThought>,
    /// What must be read first.
    pub notices: Vec<Notice>,
    /// Where the payment stands.
    pub chip: Chip,
    /// The asked amount.
    pub amount: String,
    /// What it is, in a line.
    pub kicker: String,
    /// What may be done.
    pub actions: Vec<ActionView>,
    /// The money.
    pub money: Vec<MoneyLine>,
    /// Our own name of it, in two halves between which a line may break.
    pub id: (String, String),
    /// Facts of the payment.
    pub facts: Vec<Fact>,
    /// Facts of the card and its guarantee.
    pub card: Vec<Fact>,
    /// Brand of the card; empty without one.
    pub brand: String,
    /// The card's number as it may be shown.
    pub pan: String,
    /// Page of what is paid for.
    pub booking: Option<(String, String)>,
    /// What was bought.
    pub lines: Vec<Fact>,
    /// What happened, oldest first.
    pub timeline: Vec<Moment>,
    /// Lines of the ledger.
    pub entries: Vec<Entry>,
}

impl DetailPage {
    /// The page of a payment, as the person behind `scope` may see it.
    #[must_use]
    pub fn of(page: Page, shell: Shell, scope: &Scope, sheet: &Sheet) -> Self {
        let words = std::sync::Arc::clone(&page.words);
        let payment = &sheet.payment;
        let look = Look { words: &words, sheet, scope };
        Self {
            second_thought: look.second_thought(),
            notices: look.notices(),
            chip: words::chip(&words, payment.status),
            amount: words::money(&words, payment.amount),
            kicker: look.kicker(),
            actions: offers::all(&words, sheet, scope),
            money: look.money(),
            id: halves(&payment.id.to_string()),
            facts: look.facts(),
            card: look.card(),
            brand: payment.card.as_ref().map(|c| words::brand(c.network())).unwrap_or_default(),
            pan: payment.card.as_ref().map(pan).unwrap_or_default(),
            booking: look.booking(),
            lines: look.lines(),
            timeline: sheet.history.moments(&words, payment, &sheet.zone),
            entries: entries::of(&words, &sheet.history.ledger),
            page,
            shell,
        }
    }
}

/// First and last digits as the vault's truncation allows, in groups of four.
fn pan(card: &Card) -> String {
    let hidden = 16_usize.saturating_sub(card.bin.len().saturating_add(card.last4.len()));
    let digits = format!("{}{}{}", card.bin, "•".repeat(hidden), card.last4);
    let characters: Vec<char> = digits.chars().collect();
    let groups: Vec<String> = characters.chunks(4).map(|group| group.iter().collect()).collect();
    groups.join(" ")
}

fn halves(id: &str) -> (String, String) {
    let (head, tail) = id.split_at_checked(id.len() / 2).unwrap_or((id, ""));
    (head.to_owned(), tail.to_owned())
}

struct Look<'a> {
    words: &'a Words,
    sheet: &'a Sheet,
    scope: &'a Scope,
}

impl Look<'_> {
    fn say(&self, key: &str) -> String {
        self.words.say(key)
    }

    fn minor(&self, minor: i64) -> String {
        words::money(self.words, self.sheet.payment.money(minor))
    }

    fn when(&self, at: Timestamp) -> String {
        format::date_time(at, &self.sheet.zone, self.words.locale())
    }

    fn day(&self, day: Date) -> String {
        format::date(day, self.words.locale())
    }

    fn kicker(&self) -> String {
        let payment = &self.sheet.payment;
        let names = [
            ("when", self.when(payment.created_at)),
            (
                "channel",
                self.say(&format!("desk-channel-{}", words::dashed(payment.channel.as_str()))),
            ),
        ];
        let names: Vec<(&str, &str)> = names.iter().map(|(n, v)| (*n, v.as_str())).collect();
        self.words.with("desk-kicker", &names)
    }

    fn second_thought(&self) -> Option<SecondThought> {
        let action = self.sheet.waiting?;
        Some(SecondThought {
            text: self.say(&format!("{}-waits", words::action_key(action))),
            href: format!("/caisse/{}/reprendre", self.sheet.payment.id),
        })
    }

    fn notices(&self) -> Vec<Notice> {
        let payment = &self.sheet.payment;
        let mut notices = Vec::new();
        if let Some((names, request)) = &self.sheet.request
            && let Some((tone, icon, text)) =
                approvals::notice(self.words, &self.sheet.zone, self.sheet.now, (request, names))
        {
            let href = format!("/demandes/{}", request.id);
            notices.push(Notice { tone, icon, text, href });
        }
        let cases = &self.sheet.history.cases;
        for (chip, text, href) in chargebacks::notices(self.words, self.scope, cases) {
            notices.push(Notice { tone: chip.tone, icon: chip.icon, text, href });
        }
        let mut add =
            |tone, icon, text| notices.push(Notice { tone, icon, text, href: String::new() });
        if let Some(text) = words::failure(self.words, payment) {
            add("bad", "ban", text);
        }
        if payment.unknown().is_some() {
            add("warn", "question", self.say("desk-notice-unknown"));
        }
        if payment.status == Status::Refunding && payment.unknown().is_none() {
            add("info", "wait", self.say("desk-notice-refunding"));
        }
        if let Some(refund) = words::refused_refund(payment) {
            let code = refund.code.as_deref().unwrap_or_default();
            let reason = words::refusal(self.words, code, &refund.raw.code);
            let amount = words::money(self.words, refund.amount);
            let values = [("amount", amount.as_str()), ("reason", reason.as_str())];
            add("bad", "alert", self.words.with("desk-notice-refund-refused", &values));
        }
        for refund in payment.operations.iter().filter(|o| words::is_done_late(o)) {
            let amount = words::money(self.words, refund.amount);
            let values = [("amount", amount.as_str())];
            add("bad", "alert", self.words.with("desk-notice-refund-done-late", &values));
        }
        if payment.late {
            add("warn", "alert", self.say("desk-notice-late"));
        }
        if let Some(until) = self.reserved_until() {
            let values = [("day", self.day(self.sheet.zone.date(until)))];
            let values = values.each_ref().map(|(name, day)| (*name, day.as_str()));
            add("info", "wait", self.words.with("desk-notice-released-here", &values));
        }
        notices
    }

    /// Until when the payer's bank keeps reserved what was released here without telling it.
    fn reserved_until(&self) -> Option<Timestamp> {
        let payment = &self.sheet.payment;
        let untold = payment.counters.voided > 0 && payment.caps.void == VoidSupport::None;
        payment.capture_before.filter(|until| untold && *until > self.sheet.now)
    }

    fn money(&self) -> Vec<MoneyLine> {
        let c = &self.sheet.payment.counters;
        let fee = self.sheet.history.fee_minor();
        let taken = [c.refunded, c.disputed, c.charged_back, fee];
        let net = taken.into_iter().fold(c.captured, i64::saturating_sub);
        let always = [
            ("desk-money-asked", self.sheet.payment.amount.minor(), ""),
            ("desk-money-authorised", c.authorised, ""),
            ("desk-money-released", c.voided.saturating_add(c.expired).saturating_neg(), "if"),
            ("desk-money-capturable", c.capturable(), "if"),
            ("desk-money-gross", c.captured, ""),
            ("desk-money-fee", fee.saturating_neg(), "if"),
            ("desk-money-refunded", c.refunded.saturating_neg(), "if"),
            ("desk-money-refund-pending", c.refund_pending.saturating_neg(), "if"),
            ("desk-money-disputed", c.disputed.saturating_neg(), "if"),
            ("desk-money-charged-back", c.charged_back.saturating_neg(), "if"),
            ("desk-money-net", net, "total"),
            ("desk-money-refundable", c.refundable(), ""),
        ];
        always
            .into_iter()
            .filter(|(_, minor, class)| *class != "if" || *minor != 0)
            .map(|(key, minor, class)| MoneyLine {
                label: self.say(key),
                amount: self.minor(minor),
                class: if class == "total" { "total" } else { "" },
            })
            .collect()
    }

    fn facts(&self) -> Vec<Fact> {
        let payment = &self.sheet.payment;
        let mut facts = Vec::new();
        let mut add = |key: &str, value: String| {
            if !value.is_empty() {
                facts.push((self.say(key), value));
            }
        };
        add("desk-fact-reference", payment.order_ref.clone());
        let payer = &payment.payer;
        add("desk-fact-payer", format!("{} {}", payer.first_name, payer.last_name).trim().into());
        add("desk-fact-email", payer.email.as_ref().map(ToString::to_string).unwrap_or_default());
        add("desk-fact-purpose", self.say(&format!("desk-purpose-{}", payment.purpose.as_str())));
        add("desk-fact-capture", self.capture());
        add("desk-fact-initiator", self.initiator());
        add("desk-fact-attempts", payment.attempts.to_string());
        let methods = payment.terms.methods.brands().iter().map(|brand| brand.name());
        add("desk-fact-methods", methods.collect::<Vec<_>>().join(", "));
        let event = payment.terms.event_date.map(|day| self.day(day));
        add("desk-fact-event", event.unwrap_or_default());
        facts
    }

    fn capture(&self) -> String {
        let payment = &self.sheet.payment;
        let before = payment.capture_before.map(|at| self.when(at)).unwrap_or_default();
        match (payment.counters.capturable() > 0, payment.capture.mode) {
            (true, CaptureMode::Auto) if payment.capture.validation == Validation::Pending => {
                let day = payment.capture_on.map(|day| self.day(day)).unwrap_or_default();
                let values = [("day", day.as_str()), ("when", &before)];
                self.words.with("desk-capture-to-validate", &values)
            }
            (true, _) if !before.is_empty() => {
                self.words.with("desk-capture-before", &[("when", &before)])
            }
            (_, CaptureMode::Manual) => self.say("desk-capture-manual"),
            (_, CaptureMode::Auto) if payment.capture.is_now() => self.say("desk-capture-now"),
            (_, CaptureMode::Auto) => {
                let day = payment.capture_on.map(|day| self.day(day)).unwrap_or_default();
                self.words.with("desk-capture-on", &[("day", &day)])
            }
        }
    }

    fn initiator(&self) -> String {
        let payment = &self.sheet.payment;
        let who = self.say(&format!("desk-initiator-{}", payment.initiator.as_str()));
        match payment.reason {
            Some(reason) => {
                let key = format!("desk-reason-{}", words::dashed(reason.as_str()));
                let values = [("who", who.as_str()), ("why", &self.say(&key))];
                self.words.with("desk-initiator-why", &values)
            }
            None => who,
        }
    }

    fn card(&self) -> Vec<Fact> {
        let payment = &self.sheet.payment;
        let Some(card) = &payment.card else { return Vec::new() };
        let mut facts = Vec::new();
        let mut add = |key: &str, value: String| facts.push((self.say(key), value));
        add("desk-card-expiry", format!("{:02}/{:04}", card.exp_month, card.exp_year));
        if let Some(country) = &card.country {
            add("desk-card-country", country.clone());
        }
        add(
            "desk-card-kept",
            self.say(if card.kept { "desk-card-is-kept" } else { "desk-card-not-kept" }),
        );
        if let Some(threeds) = &payment.threeds {
            let key = format!("desk-threeds-{}", words::dashed(&threeds.result.to_lowercase()));
            let words = if self.words.has(&key) { self.say(&key) } else { threeds.result.clone() };
            add("desk-card-threeds", words);
        }
        if let Some(guarantee) = &payment.guarantee {
            let value = self.say(&format!("desk-guarantee-{}", guarantee.value.as_str()));
            let key = format!("desk-guarantee-why-{}", words::dashed(&guarantee.reason));
            let why = if self.words.has(&key) { self.say(&key) } else { guarantee.reason.clone() };
            let pair = [("value", value.as_str()), ("why", why.as_str())];
            add("desk-card-guarantee", self.words.with("desk-guarantee", &pair));
        }
        if let Some(number) = payment.accepted_authorisation().and_then(|o| o.authorisation.clone())
        {
            add("desk-card-authorisation", number);
        }
        facts
    }

    fn booking(&self) -> Option<(String, String)> {
        let subject = &self.sheet.subject;
        let own = self.sheet.payment.booking.map(|id| format!("/reservations/{id}"));
        let href = subject.staff_url.clone().or(own)?;
        let number = subject.number.clone().unwrap_or_default();
        let title = [number, subject.title.clone()];
        let title: Vec<String> = title.into_iter().filter(|part| !part.is_empty()).collect();
        let words =
            if title.is_empty() { self.say("desk-see-booking") } else { title.join(" · ") };
        Some((href, words))
    }

    fn lines(&self) -> Vec<Fact> {
        let written = |amount: Option<Money>| {
            amount.map_or_else(String::new, |amount| words::money(self.words, amount))
        };
        let lines = self.sheet.payment.lines.iter();
        lines.map(|line| (line.label.clone(), written(line.amount))).collect()
    }
}
