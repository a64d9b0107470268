//! The list of the cash desk as a page: search, filters, rows, totals of the whole filter.

use askama::Template;
use http::{Page, Words};
use kernel::{Date, Timestamp, Zone, format};
use web::shell::Shell;

use super::filter::{BRANDS, Filter, Preset, Reading};
use super::store::{Listed, Total};
use super::words::{self, Chip};
use crate::payment::Group;

/// A choice of the filter, as a link.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Choice {
    /// Its words.
    pub words: String,
    /// The list with it.
    pub href: String,
    /// Whether it is the present one.
    pub on: bool,
}

/// How the search was understood.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Understood {
    /// "Montant : 34,20 €".
    pub words: String,
    /// The list without the search.
    pub without: String,
    /// The other way to read it, when there is one.
    pub other: Option<Choice>,
}

/// One row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RowView {
    /// Its page.
    pub href: String,
    /// The merchant's reference.
    pub reference: String,
    /// Who pays.
    pub name: String,
    /// When, in the merchant's zone.
    pub when: String,
    /// The same for machines.
    pub instant: String,
    /// Brand; empty without a card.
    pub brand: String,
    /// Last four digits.
    pub last4: String,
    /// Where it stands.
    pub chip: Chip,
    /// The asked amount.
    pub amount: String,
    /// Given back; empty when nothing was.
    pub refunded: String,
}

/// Totals in one currency.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TotalView {
    /// "12 paiements".
    pub count: String,
    /// Asked.
    pub asked: String,
    /// Debited.
    pub captured: String,
    /// Given back.
    pub refunded: String,
}

/// The page.
#[derive(Template)]
#[template(path = "desk-list.html")]
pub struct ListPage {
    /// Title, band, languages.
    pub page: Page,
    /// Menu and person.
    pub shell: Shell,
    /// What was typed.
    pub search: String,
    /// Filters that a search keeps, as hidden fields.
    pub kept: Vec<(&'static str, String)>,
    /// How it was understood.
    pub understood: Option<Understood>,
    /// Groups of states.
    pub groups: Vec<Choice>,
    /// Days.
    pub dates: Vec<Choice>,
    /// Brands.
    pub brands: Vec<Choice>,
    /// Parameters that were ignored.
    pub ignored: String,
    /// Rows of this page.
    pub rows: Vec<RowView>,
    /// Totals of the whole filter.
    pub totals: Vec<TotalView>,
    /// The list without any filter, when there is one.
    pub reset: Option<String>,
    /// The first page, when this is another.
    pub first: Option<String>,
    /// The next page.
    pub next: Option<String>,
}

/// What the list is made from.
#[derive(Debug, Clone)]
pub struct Found {
    /// The filter.
    pub filter: Filter,
    /// Rows of the page.
    pub rows: Vec<Listed>,
    /// Whether more follow.
    pub more: bool,
    /// Totals of the filter.
    pub totals: Vec<Total>,
    /// The merchant's zone.
    pub zone: Zone,
    /// Now.
    pub now: Timestamp,
}

impl ListPage {
    /// The page of what was found.
    #[must_use]
    pub fn of(page: Page, shell: Shell, found: &Found) -> Self {
        let words = std::sync::Arc::clone(&page.words);
        let filter = &found.filter;
        let last = found.rows.last().map(|row| row.id);
        let next =
            last.filter(|_| found.more).map(|last| filter.with(|f| f.before = Some(last)).href());
        Self {
            search: filter.search.clone(),
            kept: kept(filter),
            understood: understood(&words, filter, found.zone.date(found.now)),
            groups: groups(&words, filter),
            dates: dates(&words, filter),
            brands: brands(filter),
            ignored: ignored(&words, filter),
            rows: found.rows.iter().map(|row| row_view(&words, row, &found.zone)).collect(),
            totals: found.totals.iter().map(|total| total_view(&words, total)).collect(),
            reset: (!filter.is_open()).then(|| "/caisse".to_owned()),
            first: filter.before.map(|_| filter.with(|_| {}).href()),
            next,
            page,
            shell,
        }
    }
}

fn kept(filter: &Filter) -> Vec<(&'static str, String)> {
    let group = filter.group.map(|group| ("etat", group.as_str().to_owned()));
    let preset = filter.preset.map(|preset| ("date", preset.as_str().to_owned()));
    let brand = filter.brand.clone().map(|brand| ("marque", brand));
    [group, preset, brand].into_iter().flatten().collect()
}

fn understood(words: &Words, filter: &Filter, today: Date) -> Option<Understood> {
    let reading = filter.reading(today)?;
    let value = match &reading {
        Reading::LastFour(digits) => format!("•••• {digits}"),
        Reading::Amount(minor) => words::money(words, kernel::Money::eur(*minor)),
        Reading::Day(day) => format::date(*day, words.locale()),
        _ => filter.search.clone(),
    };
    let other = filter.is_ambiguous().then(|| {
        let key = if filter.as_text { "desk-reading-last4" } else { "desk-reading-text" };
        let value = [("value", filter.search.as_str())];
        let href = filter.with(|f| f.as_text = !f.as_text).href();
        Choice { words: words.with(key, &value), href, on: false }
    });
    Some(Understood {
        words: words.with(reading.key(), &[("value", &value)]),
        without: filter
            .with(|f| {
                f.search.clear();
                f.as_text = false;
            })
            .href(),
        other,
    })
}

fn groups(words: &Words, filter: &Filter) -> Vec<Choice> {
    let all = Choice {
        words: words.say("desk-group-all"),
        href: filter.with(|f| f.group = None).href(),
        on: filter.group.is_none(),
    };
    let one = |group: &Group| Choice {
        words: words.say(&words::group_key(*group)),
        href: filter.with(|f| f.group = Some(*group)).href(),
        on: filter.group == Some(*group),
    };
    std::iter::once(all).chain(Group::ALL.iter().map(one)).collect()
}

fn dates(words: &Words, filter: &Filter) -> Vec<Choice> {
    let one = |preset: &Preset| {
        let on = filter.preset == Some(*preset);
        Choice {
            words: words.say(&format!("desk-date-{}", preset.as_str())),
            href: filter.with(|f| f.preset = (!on).then_some(*preset)).href(),
            on,
        }
    };
    Preset::ALL.iter().map(one).collect()
}

fn brands(filter: &Filter) -> Vec<Choice> {
    let one = |brand: &&str| {
        let on = filter.brand.as_deref() == Some(brand);
        Choice {
            words: words::brand(brand),
            href: filter.with(|f| f.brand = (!on).then(|| (*brand).to_owned())).href(),
            on,
        }
    };
    BRANDS.iter().map(one).collect()
}

fn ignored(words: &Words, filter: &Filter) -> String {
    if filter.ignored.is_empty() {
        return String::new();
    }
    words.with("desk-ignored", &[("names", &filter.ignored.join(", "))])
}

fn row_view(words: &Words, row: &Listed, zone: &Zone) -> RowView {
    let refunded = !row.refunded.is_zero();
    RowView {
        href: format!("/caisse/{}", row.id),
        reference: row.order_ref.clone(),
        name: row.name.clone(),
        when: format::date_time(row.created_at, zone, words.locale()),
        instant: row.created_at.to_string(),
        brand: row.brand.as_deref().map(words::brand).unwrap_or_default(),
        last4: row.last4.clone().unwrap_or_default(),
        chip: words::chip(words, row.status),
        amount: words::money(words, row.amount),
        refunded: if refunded { negative(words, row.refunded) } else { String::new() },
    }
}

fn total_view(words: &Words, total: &Total) -> TotalView {
    TotalView {
        count: words.count("desk-total-count", total.count),
        asked: words::money(words, total.asked),
        captured: words::money(words, total.captured),
        refunded: negative(words, total.refunded),
    }
}

fn negative(words: &Words, amount: kernel::Money) -> String {
    let minor = amount.minor().saturating_neg();
    words::money(words, kernel::Money::new(minor, amount.currency()))
}
