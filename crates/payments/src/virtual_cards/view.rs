//! What the pages of virtual cards say.

use askama::Template;
use http::{Page, Words};
use kernel::{Date, Money, Timestamp, Zone, format};
use web::Form;
use web::list::view::FormatChoice;
use web::shell::Shell;

use super::board::{Count, Entry, Shut};
use super::charge::reference;
use super::model::{Facts, Refusal, Tab};
use super::ops::Seen;
use super::store::Change;

/// A list as a tab.
pub(super) struct TabView {
    pub(super) label: String,
    /// How many, and what they come to.
    pub(super) count: String,
    pub(super) href: String,
    pub(super) on: bool,
}

/// A card as a row.
pub(super) struct RowView {
    pub(super) id: String,
    pub(super) href: String,
    pub(super) number: String,
    pub(super) booking: String,
    pub(super) booking_href: Option<String>,
    pub(super) guest: String,
    pub(super) channel: String,
    pub(super) window: String,
    pub(super) balance: String,
    pub(super) charged: String,
    pub(super) left: String,
    pub(super) next: String,
    pub(super) act: ActView,
}

/// What may be pressed.
pub(super) struct ActView {
    /// Where the button leads.
    pub(super) action: String,
    /// The words of the button.
    pub(super) button: String,
    /// What one press charges, in minor units; empty when it is asked first.
    pub(super) amount: String,
    /// Why it cannot be pressed; empty when it can.
    pub(super) why: String,
}

/// The lists.
#[derive(Template)]
#[template(path = "virtual_cards/templates/virtuals.html")]
pub(super) struct ListPage {
    pub(super) page: Page,
    pub(super) shell: Shell,
    pub(super) tabs: Vec<TabView>,
    pub(super) rows: Vec<RowView>,
    /// The filter of the list, for files and ways back.
    pub(super) filter: String,
    pub(super) formats: Vec<FormatChoice>,
    pub(super) may_charge: bool,
    pub(super) may_set: bool,
    pub(super) token: String,
}

/// The question before one charge.
#[derive(Template)]
#[template(path = "virtual_cards/templates/virtual-charge.html")]
pub(super) struct ChargePage {
    pub(super) page: Page,
    pub(super) shell: Shell,
    pub(super) form: Form,
    pub(super) token: String,
    pub(super) here: String,
    pub(super) facts: Vec<(String, String)>,
    /// Nobody told the balance.
    pub(super) unknown: bool,
    /// Why it cannot be charged; empty when it can.
    pub(super) why: String,
}

/// How a list is read: in which language, at which instant.
pub(super) struct Look<'a> {
    pub(super) words: &'a Words,
    pub(super) now: Timestamp,
    /// The most the person may charge at once, in minor units; none is no limit.
    pub(super) ceiling: Option<i64>,
}

impl Look<'_> {
    pub(super) fn tab(
        &self,
        path: &str,
        (tab, count): (Tab, &Count),
        chosen: Option<Tab>,
    ) -> TabView {
        let locale = self.words.locale();
        let money = |(currency, minor): (&String, &i64)| {
            Some(format::money(Money::new(*minor, currency.parse().ok()?), locale))
        };
        let number = i64::try_from(count.cards).unwrap_or(i64::MAX);
        let parts = std::iter::once(format::count(number, locale));
        let parts = parts.chain(count.sums.iter().filter_map(money));
        TabView {
            label: self.words.say(&format!("vcc-tab-{}", tab.as_str())),
            count: parts.collect::<Vec<_>>().join(" · "),
            href: format!("{path}?tab={}", tab.as_str()),
            on: chosen == Some(tab),
        }
    }

    pub(super) fn row(&self, entry: &Entry) -> RowView {
        let (seen, words) = (&entry.seen, self.words);
        let today = seen.zone.date(self.now);
        let claim = seen.claim.as_ref();
        RowView {
            id: seen.card.card.to_string(),
            href: format!("/cartes/{}", seen.card.card),
            number: seen.card.masked.clone(),
            booking: reference(&seen.card, claim.map(|claim| claim.number.as_str())),
            booking_href: claim.map(|claim| format!("/reservations/{}", claim.booking)),
            guest: guest(seen),
            channel: seen.card.channel.clone(),
            window: window(words, &seen.card.facts),
            balance: money(words, seen.card.facts.balance()),
            charged: format::money(entry.charged(), words.locale()),
            left: money(words, entry.left()),
            next: entry.next_day(today).map(|day| self.day(today, day)).unwrap_or_default(),
            act: self.act(entry),
        }
    }

    fn day(&self, today: Date, day: Date) -> String {
        let days = kernel::time::nights_between(today, day);
        let soon = self.words.count("vcc-in-days", days);
        format!("{} · {soon}", format::date(day, self.words.locale()))
    }

    /// The button of a card.
    pub(super) fn act(&self, entry: &Entry) -> ActView {
        let amount = entry.offer.filter(|_| entry.left().is_some());
        let button = match amount.filter(|amount| amount.minor() > 0) {
            Some(amount) => {
                let amount = format::money(amount, self.words.locale());
                self.words.with("vcc-charge-amount", &[("amount", &amount)])
            }
            None => self.words.say("vcc-charge"),
        };
        ActView {
            action: charge_path(&entry.seen),
            button,
            amount: amount.map(|amount| amount.minor().to_string()).unwrap_or_default(),
            why: self.why_not(entry).unwrap_or_default(),
        }
    }

    pub(super) fn why_not(&self, entry: &Entry) -> Option<String> {
        why_not(self.words, (self.ceiling, self.now), entry)
    }
}

/// Why a card cannot be charged at a moment by a person with this ceiling, in minor units.
#[must_use]
pub fn why_not(
    words: &Words,
    (ceiling, now): (Option<i64>, Timestamp),
    entry: &Entry,
) -> Option<String> {
    let above = |most: &i64| entry.offer.is_some_and(|offer| offer.minor() > *most);
    match (&entry.shut, ceiling.filter(above)) {
        (Some(Shut::Card(why)), _) => Some(reason(words, &entry.seen.zone, why, now)),
        (Some(Shut::NothingDue), _) => Some(words.say("vcc-nothing-due")),
        (None, Some(most)) => {
            let most = Money::new(most, entry.seen.currency());
            let most = format::money(most, words.locale());
            Some(words.with("vcc-above-ceiling", &[("amount", &most)]))
        }
        (None, None) => None,
    }
}

/// Where one card is charged.
pub(super) fn charge_path(seen: &Seen) -> String {
    format!("/cartes/{}/encaisser", seen.card.card)
}

/// Who comes, where it is known.
pub(super) fn guest(seen: &Seen) -> String {
    let Some(claim) = &seen.claim else { return String::new() };
    format!("{} {}", claim.first_name, claim.last_name).trim().to_owned()
}

fn money(words: &Words, amount: Option<Money>) -> String {
    amount.map_or_else(
        || words.say("vcc-balance-unknown"),
        |amount| format::money(amount, words.locale()),
    )
}

/// What the page of a card says of its window and balance.
#[must_use]
pub fn facts(words: &Words, seen: &Seen) -> Vec<(String, String)> {
    let told = &seen.card.facts;
    let mut facts = vec![
        (words.say("vcc-window"), window(words, told)),
        (words.say("vcc-balance"), money(words, told.balance())),
        (words.say("vcc-left"), money(words, seen.card.left(&seen.used))),
    ];
    if let Some(day) = told.refund_before {
        facts.push((words.say("vcc-refund-before"), format::date(day, words.locale())));
    }
    facts
}

/// The changes of a card, each in a sentence with its time and source.
#[must_use]
pub fn history(words: &Words, zone: &Zone, changes: &[Change]) -> Vec<(String, String)> {
    let line = |change: &Change| {
        let when = format::date_time(change.at, zone, words.locale());
        let source = words.say(&format!("vcc-source-{}", change.source.as_str()));
        let told = [window(words, &change.facts), money(words, change.facts.balance())];
        (format!("{when} · {source}"), told.join(" · "))
    };
    changes.iter().map(line).collect()
}

/// From when until when.
fn window(words: &Words, facts: &Facts) -> String {
    let say =
        |key: &str, day: Date| words.with(key, &[("date", &format::date(day, words.locale()))]);
    match (facts.active_from, facts.last_day()) {
        (Some(from), Some(until)) => {
            let locale = words.locale();
            let days =
                [("from", &*format::date(from, locale)), ("until", &format::date(until, locale))];
            words.with("vcc-from-until", &days)
        }
        (Some(from), None) => say("vcc-from", from),
        (None, Some(until)) => say("vcc-until", until),
        (None, None) => words.say("vcc-window-unknown"),
    }
}

/// Why a card cannot be charged, in a sentence.
#[must_use]
pub fn reason(words: &Words, zone: &Zone, why: &Refusal, now: Timestamp) -> String {
    let locale = words.locale();
    let at = |key: &str, at: Timestamp| {
        let date = format::date_time(at, zone, locale);
        words.with(key, &[("date", &date), ("in", &countdown(words, now, at))])
    };
    match why {
        Refusal::NotActive(opens) => at("vcc-not-active", *opens),
        Refusal::Attempts(again) => at("vcc-attempts", *again),
        Refusal::WindowClosed(last) => {
            words.with("vcc-window-closed", &[("date", &format::date(*last, locale))])
        }
        Refusal::OverBalance(left) => {
            words.with("vcc-over-balance", &[("amount", &format::money(*left, locale))])
        }
        Refusal::Currency(currency) => words.with("vcc-currency", &[("currency", currency.code())]),
        Refusal::Mcc => words.say("vcc-mcc"),
        Refusal::SingleUse => words.say("vcc-single-use"),
    }
}

const MINUTE_SECONDS: i64 = 60;
const HOUR_SECONDS: i64 = 60 * MINUTE_SECONDS;
const DAY_SECONDS: i64 = 24 * HOUR_SECONDS;

/// How long until an instant, in its largest unit, begun ones counted whole.
fn countdown(words: &Words, now: Timestamp, at: Timestamp) -> String {
    let seconds = at.as_seconds().saturating_sub(now.as_seconds()).max(0);
    let units = [
        ("vcc-in-days", DAY_SECONDS, 2 * DAY_SECONDS),
        ("vcc-in-hours", HOUR_SECONDS, HOUR_SECONDS),
        ("vcc-in-minutes", MINUTE_SECONDS, 0),
    ];
    let unit = units.iter().find(|(_, _, from)| seconds >= *from).unwrap_or(&units[2]);
    let count = seconds.saturating_add(unit.1 - 1) / unit.1;
    words.count(unit.0, count)
}
