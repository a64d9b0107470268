//! What the booking pages of the back office show.

use askama::Template;
use http::{Page, Words};
use kernel::{Date, Locale, Money, Timestamp, Zone, format};
use payments::Payment;
use payments::desk::words::{Chip, brand, chip};
use payments::payment::{Card, Purpose, Status};
use web::shell::Shell;

use super::balance::Balance;
use super::method::Method;
use super::model::{Booking, BookingState};
use super::outside::Recorded;
use super::store::JournalLine;
use super::tabs::{Tab, TabLink};
use crate::lodging::AgeBracket;
use crate::stays::view::{self as stay_view, LineView};

/// A state in word, shape and colour.
#[must_use]
pub fn state_chip(words: &Words, state: BookingState) -> Chip {
    let (icon, tone) = match state {
        BookingState::Confirmed => ("check", "ok"),
        BookingState::Done => ("check", "neutral"),
        BookingState::PreBooked => ("clock", "info"),
        BookingState::ToValidate => ("wait", "warn"),
        BookingState::NoShow => ("alert", "bad"),
        BookingState::Cancelled | BookingState::Refused => ("ban", "neutral"),
        BookingState::Expired => ("minus", "neutral"),
    };
    // A chip may shout what a filter only names.
    let of = |kind: &str| format!("booking-{kind}-{}", state.as_str().replace('_', "-"));
    let loud = of("chip");
    let key = if words.has(&loud) { loud } else { of("state") };
    Chip { word: words.say(&key), icon, tone }
}

#[derive(Template)]
#[template(path = "bookings/templates/bookings.html")]
pub(super) struct ListPage {
    pub(super) page: Page,
    pub(super) shell: Shell,
    pub(super) list: web::list::view::ListView,
}

/// One payment of a booking.
pub(super) struct PaymentRow {
    href: String,
    reference: String,
    purpose: String,
    when: String,
    chip: Chip,
    amount: String,
    refunded: String,
}

/// A line of the journal.
pub(super) struct Moment {
    instant: String,
    when: String,
    what: String,
    who: String,
    note: String,
    tone: &'static str,
}

/// A notice above the page.
pub(super) struct Notice {
    tone: &'static str,
    icon: &'static str,
    text: String,
}

/// An action, or why it is not possible.
pub(super) struct ActionView {
    words: String,
    href: String,
    reason: String,
    primary: bool,
    danger: bool,
}

/// Everything the page of a booking is made from.
pub(super) struct Sheet {
    pub(super) recorded: Vec<Recorded>,
    pub(super) booking: Booking,
    pub(super) payments: Vec<Payment>,
    pub(super) paid: Money,
    pub(super) balance: Balance,
    pub(super) journal: Vec<(JournalLine, String)>,
    pub(super) brackets: Vec<AgeBracket>,
    pub(super) zone: Zone,
    pub(super) may_cancel: bool,
    pub(super) may_edit: bool,
    pub(super) today: Date,
}

#[derive(Template)]
#[template(path = "bookings/templates/detail.html")]
pub(super) struct DetailPage {
    page: Page,
    shell: Shell,
    chip: Chip,
    kicker: String,
    /// What the program that sent it calls it.
    reference: String,
    tab: Tab,
    tabs: Vec<TabLink>,
    edit: Option<String>,
    note: String,
    notices: Vec<Notice>,
    actions: Vec<ActionView>,
    lines: Vec<LineView>,
    cheapest: Vec<String>,
    contact: Vec<(String, String)>,
    money: Vec<(String, String, &'static str)>,
    payments: Vec<PaymentRow>,
    recorded: Vec<RecordedRow>,
    method: Method,
    journal: Vec<Moment>,
}

/// Which card it is, in a line.
pub(super) fn card_name(card: &Card) -> String {
    format!("{} •••• {}", brand(card.network()), card.last4)
}

impl DetailPage {
    pub(super) fn of(
        page: Page,
        shell: Shell,
        (sheet, tab, method): (&Sheet, Tab, Method),
    ) -> Self {
        let words = std::sync::Arc::clone(&page.words);
        let look = Look { words: &words, sheet };
        let booking = &sheet.booking;
        let href = format!("/reservations/{}", booking.id);
        Self {
            tab,
            tabs: tab.links(&words, &href),
            edit: sheet.may_edit.then(|| format!("{href}/contact")),
            note: booking.note.clone(),
            chip: state_chip(&words, booking.state),
            kicker: look.kicker(),
            reference: look.reference(),
            notices: look.notices(),
            actions: look.actions(&method.balance),
            lines: booking
                .lines
                .iter()
                .map(|l| stay_view::line(&words, l, &sheet.brackets))
                .collect(),
            cheapest: look.cheapest(),
            contact: look.contact(),
            money: look.money(),
            payments: sheet.payments.iter().map(|payment| look.payment(payment)).collect(),
            recorded: sheet.recorded.iter().map(|one| look.recorded(one)).collect(),
            method,
            journal: sheet.journal.iter().map(|(line, who)| look.moment(line, who)).collect(),
            page,
            shell,
        }
    }
}

struct Look<'a> {
    words: &'a Words,
    sheet: &'a Sheet,
}

impl Look<'_> {
    fn locale(&self) -> Locale {
        self.words.locale()
    }

    fn written(&self, amount: Money) -> String {
        format::money(amount, self.locale())
    }

    fn when(&self, at: Timestamp) -> String {
        format::date_time(at, &self.sheet.zone, self.locale())
    }

    fn kicker(&self) -> String {
        let booking = &self.sheet.booking;
        let values = [
            ("name", &*booking.contact.full_name()),
            ("arrival", &format::long_date(booking.starts, self.locale())),
            ("departure", &format::long_date(booking.ends, self.locale())),
        ];
        self.words.with("booking-kicker", &values)
    }

    fn reference(&self) -> String {
        let known = self.sheet.booking.reference.as_ref();
        known.map_or_else(String::new, |reference| {
            self.words.with("booking-own-reference", &[("reference", reference)])
        })
    }

    /// What must be read first; a refusal is forgotten once a later charge succeeded.
    fn notices(&self) -> Vec<Notice> {
        let last = self.sheet.payments.iter().rev().find(|p| p.purpose == Purpose::Balance);
        let Some(last) = last else { return Vec::new() };
        let (tone, icon, key) = match last.status {
            Status::Refused => ("bad", "alert", "booking-balance-refused"),
            Status::Unknown => ("warn", "question", "booking-balance-unknown"),
            _ => return Vec::new(),
        };
        vec![Notice { tone, icon, text: self.words.say(key) }]
    }

    fn actions(&self, balance: &Balance) -> Vec<ActionView> {
        let booking = &self.sheet.booking;
        let due = self.written(balance.due);
        let reason = balance.why_not.map_or_else(String::new, |why| why.say(self.words));
        let charge = ActionView {
            words: self.words.with("booking-charge-balance", &[("amount", &due)]),
            href: format!("/reservations/{}/solde", booking.id),
            primary: reason.is_empty(),
            danger: false,
            reason,
        };
        let allowed = booking.state.may_become(BookingState::Cancelled);
        let reason = match (allowed, self.sheet.may_cancel) {
            (false, _) => self.words.say("booking-no-cancel-state"),
            (true, false) => self.words.say("booking-no-cancel-past"),
            (true, true) => String::new(),
        };
        let cancel = ActionView {
            words: self.words.say("booking-cancel"),
            href: format!("/reservations/{}/annuler", booking.id),
            primary: false,
            danger: reason.is_empty(),
            reason,
        };
        vec![charge, cancel, self.no_show()]
    }

    fn no_show(&self) -> ActionView {
        let booking = &self.sheet.booking;
        let reason = if !booking.state.may_become(BookingState::NoShow) {
            self.words.say("booking-no-show-not-state")
        } else if booking.starts > self.sheet.today {
            let day = format::date(booking.starts, self.locale());
            self.words.with("booking-no-show-not-yet", &[("day", &day)])
        } else if !self.sheet.may_edit {
            self.words.say("booking-no-show-right")
        } else {
            String::new()
        };
        ActionView {
            words: self.words.say("booking-no-show"),
            href: format!("/reservations/{}/absence", booking.id),
            primary: false,
            danger: false,
            reason,
        }
    }

    /// What the owner may see: a cheaper cover that the policy did not take.
    fn cheapest(&self) -> Vec<String> {
        let one = |line: &crate::carts::CartLine| {
            let cheapest = line.quote.cheapest?;
            (cheapest.minor() < line.quote.total.minor()).then(|| {
                let amount = self.written(cheapest);
                self.words.with("booking-cheapest", &[("amount", &amount)])
            })
        };
        self.sheet.booking.lines.iter().filter_map(one).collect()
    }

    fn contact(&self) -> Vec<(String, String)> {
        let contact = &self.sheet.booking.contact;
        let facts = [
            ("booking-name", contact.full_name()),
            ("booking-email", contact.email.to_string()),
            ("booking-phone", contact.phone.clone()),
            ("booking-address", contact.address.clone()),
            ("booking-company", contact.company.clone()),
            ("booking-language", contact.language.own_name().to_owned()),
        ];
        let shown = facts.into_iter().filter(|(_, value)| !value.is_empty());
        shown.map(|(key, value)| (self.words.say(key), value)).collect()
    }

    fn money(&self) -> Vec<(String, String, &'static str)> {
        let booking = &self.sheet.booking;
        vec![
            (self.words.say("booking-total"), self.written(booking.total), ""),
            (self.words.say("booking-paid"), self.written(self.sheet.paid), ""),
            (self.words.say("booking-due"), self.written(self.sheet.balance.due), "total due"),
        ]
    }

    fn payment(&self, payment: &Payment) -> PaymentRow {
        let purpose = match payment.purpose {
            Purpose::Deposit => "booking-purpose-deposit",
            Purpose::Balance => "booking-purpose-balance",
            Purpose::Plain => "booking-purpose-plain",
        };
        let refunded = payment.counters.refunded;
        PaymentRow {
            href: format!("/caisse/{}", payment.id),
            reference: payment.order_ref.clone(),
            purpose: self.words.say(purpose),
            when: self.when(payment.created_at),
            chip: chip(self.words, payment.status),
            amount: self.written(payment.amount),
            refunded: if refunded == 0 {
                String::new()
            } else {
                self.written(payment.money(refunded))
            },
        }
    }

    fn recorded(&self, one: &Recorded) -> RecordedRow {
        let word = |what: &str, word: &str| self.words.say(&format!("booking-{what}-{word}"));
        RecordedRow {
            reference: one.reference.clone(),
            what: word("recorded", one.kind.as_str()),
            means: word("means", one.means.as_str()),
            when: self.when(one.at),
            amount: self.written(one.amount),
        }
    }

    fn moment(&self, line: &JournalLine, who: &str) -> Moment {
        let key = format!("booking-journal-{}", line.action.replace(['.', '_'], "-"));
        let what = if self.words.has(&key) { self.words.say(&key) } else { line.action.clone() };
        let tone = match line.action.as_str() {
            "booking.confirmed" | "payment.received" => "ok",
            "booking.cancelled" | "payment.lost" => "bad",
            _ => "",
        };
        Moment {
            instant: line.at.to_string(),
            when: self.when(line.at),
            what,
            who: [who, &line.address]
                .into_iter()
                .filter(|part| !part.is_empty())
                .collect::<Vec<_>>()
                .join(" · "),
            note: line.note.clone(),
            tone,
        }
    }
}

/// A transaction that was made elsewhere.
pub(super) struct RecordedRow {
    reference: String,
    what: String,
    means: String,
    when: String,
    amount: String,
}
