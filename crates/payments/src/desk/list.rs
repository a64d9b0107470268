//! The list of the cash desk: views, filters, rows, totals, and the same list as a file.

use std::sync::Arc;

use askama::Template;
use db::{DbError, Tx};
use documents::Column;
use http::{Page, Words};
use identity::lists::{Chunk, List, Wanted, digest_of};
use identity::merchants::model::{PointOfSale, Shop};
use kernel::{Id, Right, Scope, Timestamp, Zone, format};
use web::list::search::Reading;
use web::list::seek::{Next, store as seek};
use web::list::store::{SavedView, Settings};
use web::list::view::{
    self, Active, Choice, ColumnChoice, Field, Group as Choices, ListView, Pager, RowView, Tab,
    TotalView, Totals as TotalsView, counted,
};
use web::shell::Shell;

use super::filter::{Filter, PAGE_SIZES, PATH, Preset};
use super::store::{self, Listed};
use super::{choices, columns, words};
use crate::lots;
use crate::payment::listing::store::{self as listing, TABLE};
use crate::payment::listing::{Total, Totals};
use crate::payment::{Group, Status};

/// The list of payments.
#[derive(Debug, Clone, Copy)]
pub struct Payments;

impl List for Payments {
    fn name(&self) -> &'static str {
        "payments"
    }

    fn path(&self) -> &'static str {
        PATH
    }

    fn export_right(&self) -> Right {
        Right::PaymentsExport
    }

    fn columns(&self) -> &'static [&'static str] {
        columns::ALL
    }

    fn usual(&self) -> &'static [&'static str] {
        columns::USUAL
    }

    fn title(&self, words: &Words) -> String {
        words.say("desk-sheet")
    }

    fn sheet(&self, wanted: &Wanted) -> Vec<Column> {
        columns::columns(wanted)
    }

    fn count(&self, tx: &mut Tx<'_>, scope: &Scope, wanted: &Wanted) -> Result<i64, DbError> {
        let totals = totals(tx, scope, &Filter::parse(&wanted.query), (wanted.now, &wanted.zone))?;
        Ok(totals.iter().map(|total| total.count).sum())
    }

    fn chunk(
        &self,
        tx: &mut Tx<'_>,
        scope: &Scope,
        wanted: &Wanted,
        after: Option<Id>,
    ) -> Result<Chunk, DbError> {
        let filter = Filter::parse(&wanted.query).bare();
        let plan = store::plan(tx, scope, &filter, (wanted.now, &wanted.zone))?;
        let (rows, next) = seek::chunk(tx, (&TABLE, &plan), after)?;
        let cells = rows
            .iter()
            .map(|row| Ok(columns::cells(wanted, &store::read(row)?)))
            .collect::<Result<Vec<_>, DbError>>()?;
        Ok((cells, next))
    }

    fn totals(
        &self,
        tx: &mut Tx<'_>,
        scope: &Scope,
        wanted: &Wanted,
    ) -> Result<Vec<TotalView>, DbError> {
        let filter = Filter::parse(&wanted.query);
        let totals = totals(tx, scope, &filter, (wanted.now, &wanted.zone))?;
        Ok(totals.iter().map(|total| total_view(&wanted.words, total)).collect())
    }

    fn digest(&self, tx: &mut Tx<'_>, scope: &Scope, wanted: &Wanted) -> Result<u64, DbError> {
        let filter = Filter::parse(&wanted.query);
        let page = store::page_of(tx, scope, &filter, (wanted.now, &wanted.zone))?;
        Ok(digest_of(&page.0))
    }
}

/// Sums of everything the filter lets through, one per currency.
fn totals(
    tx: &mut Tx<'_>,
    scope: &Scope,
    filter: &Filter,
    at: (Timestamp, &Zone),
) -> Result<Vec<Total>, DbError> {
    let plan = store::plan(tx, scope, &filter.bare(), at)?;
    Ok(listing::totals(tx, &plan, Totals::Always)?.unwrap_or_default())
}

/// The views of the house.
fn views() -> [(&'static str, Filter); 5] {
    let filter = |change: fn(&mut Filter)| Filter::default().with(change);
    [
        ("desk-view-to-do", filter(|f| f.group = Some(Group::ToDo))),
        ("desk-view-today", filter(|f| f.preset = Some(Preset::Today))),
        ("desk-view-to-capture", filter(|f| f.status = Some(Status::Authorised))),
        ("desk-view-not-paid", filter(|f| f.group = Some(Group::NotPaid))),
        ("desk-view-all", Filter::default()),
    ]
}

/// The page.
#[derive(Template)]
#[template(path = "desk-list.html")]
pub struct ListPage {
    /// Title, band, languages.
    pub page: Page,
    /// Menu and person.
    pub shell: Shell,
    /// The list.
    pub list: ListView,
}

/// What the page is made from.
#[derive(Debug)]
pub struct Found {
    /// The filter.
    pub filter: Filter,
    /// Rows of the page.
    pub rows: Vec<Listed>,
    /// What follows.
    pub next: Next,
    /// Totals of the filter, when they are known.
    pub totals: Option<Vec<Total>>,
    /// Rows of each view of the house.
    pub counts: Vec<i64>,
    /// Views the person saved.
    pub saved: Vec<SavedView>,
    /// How the person likes the list.
    pub settings: Settings,
    /// The merchant's shops.
    pub shops: Vec<Shop>,
    /// Their points of sale.
    pub points: Vec<PointOfSale>,
    /// The merchant's zone.
    pub zone: Zone,
    /// Now.
    pub now: Timestamp,
}

/// Reads everything the page needs.
///
/// # Errors
/// [`DbError`] of the engine.
pub fn find(
    tx: &mut Tx<'_>,
    scope: &Scope,
    filter: Filter,
    (now, zone, shops): (Timestamp, Zone, Vec<Shop>),
) -> Result<Found, DbError> {
    let at = (now, &zone);
    let (rows, next) = store::page_of(tx, scope, &filter, at)?;
    let whole = next == Next::End && filter.before.is_none();
    let totals = if whole {
        Some(sums_of(&rows))
    } else {
        let plan = store::plan(tx, scope, &filter.bare(), at)?;
        listing::totals(tx, &plan, filter.totals)?
    };
    let mut counts = Vec::new();
    for (_, view) in views() {
        let plan = store::plan(tx, scope, &view, at)?;
        counts.push(seek::count(tx, (&TABLE, &plan))?);
    }
    let saved = web::list::store::views(tx, scope, Payments.name())?;
    let settings = web::list::store::settings(tx, scope, Payments.name())?;
    let mut points = Vec::new();
    for shop in &shops {
        points.extend(identity::merchants::store::points_of_sale(tx, scope, shop.id)?);
    }
    Ok(Found { filter, rows, next, totals, counts, saved, settings, shops, points, zone, now })
}

/// The sums of rows that are all there are.
fn sums_of(rows: &[Listed]) -> Vec<Total> {
    let mut totals: Vec<Total> = Vec::new();
    for row in rows {
        let one =
            Total { count: 1, asked: row.amount, captured: row.captured, refunded: row.refunded };
        let same = |t: &&mut Total| t.currency() == row.amount.currency();
        match totals.iter_mut().find(same) {
            Some(total) => {
                total.count = total.count.saturating_add(1);
                total.asked = plus(total.asked, one.asked);
                total.captured = plus(total.captured, one.captured);
                total.refunded = plus(total.refunded, one.refunded);
            }
            None => totals.push(one),
        }
    }
    totals.sort_by_key(|total| total.currency().code().to_owned());
    totals
}

/// Amounts shown on a page; a sum that no amount can hold stays at the largest.
const fn plus(a: kernel::Money, b: kernel::Money) -> kernel::Money {
    kernel::Money::new(a.minor().saturating_add(b.minor()), a.currency())
}

/// What the page shows.
#[must_use]
pub fn view(words: &Arc<Words>, scope: &Scope, found: &Found) -> ListView {
    let filter = &found.filter;
    let chosen = view::chosen(&found.settings, columns::ALL, columns::USUAL);
    let may_export = scope.may(Right::PaymentsExport);
    let digest = digest_of(&found.rows);
    let fields = fields(words, found);
    let asked: Vec<&str> = fields.iter().map(|field| field.name).collect();
    ListView {
        path: PATH,
        flow: format!("{PATH}/flux?{}&vu={digest}", filter.query()),
        query: filter.bare().query(),
        beside: beside(words, scope),
        search_label: words.say("desk-search"),
        search_hint: words.say("desk-search-hint"),
        search: filter.search.clone(),
        kept: kept(filter, &["q", "lire"]),
        tabs: tabs(words, found),
        active: active(words, found),
        readings: other_readings(words, filter),
        open: vec![groups(words, filter), dates(words, filter)],
        folded: choices::folded(words, found),
        fields_kept: kept(filter, &asked),
        fields,
        notice: ignored(words, filter),
        heads: chosen.iter().map(|name| columns::head(words, name)).collect(),
        rows: found.rows.iter().map(|row| row_view(words, &chosen, row, &found.zone)).collect(),
        empty: words.say(if filter.is_open() { "desk-empty" } else { "desk-none-found" }),
        icon: "card",
        elsewhere: Vec::new(),
        totals: totals_view(words, found),
        reset: (!filter.is_open()).then(|| PATH.to_owned()),
        pager: pager(words, found),
        sizes: sizes(filter),
        columns: column_choices(words, &chosen),
        formats: if may_export { view::formats(words, &found.settings.format) } else { Vec::new() },
        bulk: lots::pages::bulk(words, scope),
        settings: found.settings.clone(),
    }
}

/// Contested sales, for who may look at them.
fn beside(words: &Words, scope: &Scope) -> Vec<Choice> {
    let cases = scope.may(Right::ChargebackManage).then(|| Choice {
        words: words.say("chargebacks-menu"),
        href: "/caisse/impayes".into(),
        on: false,
    });
    cases.into_iter().collect()
}

fn kept(filter: &Filter, without: &[&str]) -> Vec<(&'static str, String)> {
    let first = filter.first_page().pairs().into_iter();
    first.filter(|(name, _)| !without.contains(name)).collect()
}

fn tabs(words: &Words, found: &Found) -> Vec<Tab> {
    let bare = found.filter.bare();
    let house = views().into_iter().zip(&found.counts).map(|((key, view), count)| Tab {
        words: words.say(key),
        href: view.href(),
        on: view == bare,
        count: counted(*count),
        saved: String::new(),
    });
    house.chain(view::saved_tabs(PATH, &bare.query(), &found.saved)).collect()
}

/// Everything the list is limited to, each with the list without it.
fn active(words: &Words, found: &Found) -> Vec<Active> {
    let filter = &found.filter;
    let today = found.zone.date(found.now);
    let readings = filter.readings(today);
    let mut all: Vec<Active> = readings
        .iter()
        .map(|reading| {
            let other = readings.iter().find(|other| *other != reading).map(Reading::word);
            let without = filter.with(|f| match other {
                Some(other) => f.reading = Some(other.to_owned()),
                None => (f.search, f.reading) = (String::new(), None),
            });
            Active { words: view::said(words, reading), without: without.href() }
        })
        .collect();
    let mut add = |said: Option<String>, without: fn(&mut Filter)| {
        all.extend(said.map(|words| Active { words, without: filter.with(without).href() }));
    };
    let say = |key: &str, value: &str| words.with(key, &[("value", value)]);
    let day = |date: &kernel::Date| format::date(*date, words.locale());
    let money = |minor: &i64| words::money(words, kernel::Money::eur(*minor));
    add(filter.group.map(|g| words.say(&words::group_key(g))), |f| f.group = None);
    add(filter.status.map(|s| words.say(&words::status_key(s))), |f| f.status = None);
    add(filter.preset.map(|p| preset(words, p)), |f| f.preset = None);
    add(filter.from.as_ref().map(|d| say("desk-chip-from", &day(d))), |f| f.from = None);
    add(filter.to.as_ref().map(|d| say("desk-chip-to", &day(d))), |f| f.to = None);
    add(filter.min.as_ref().map(|m| say("desk-chip-min", &money(m))), |f| f.min = None);
    add(filter.max.as_ref().map(|m| say("desk-chip-max", &money(m))), |f| f.max = None);
    add(filter.brand.as_deref().map(words::brand), |f| f.brand = None);
    add(filter.channel.map(|c| words::channel(words, c)), |f| f.channel = None);
    let threeds = filter.threeds.as_deref().map(|t| words::threeds(words, t));
    add(threeds.map(|t| say("desk-chip-threeds", &t)), |f| f.threeds = None);
    let guarantee = filter.guarantee.map(|g| words.say(&words::guarantee_key(g)));
    add(guarantee.map(|g| say("desk-chip-guarantee", &g)), |f| f.guarantee = None);
    let source = filter.source.map(|source| choices::source(words, source));
    add(source.map(|source| say("desk-chip-source", &source)), |f| f.source = None);
    add(filter.late.map(|late| choices::late(words, late)), |f| f.late = None);
    let shop = filter.shop.map(|id| {
        let shop = found.shops.iter().find(|shop| shop.id == id);
        shop.map_or_else(|| id.to_string(), |shop| shop.name.clone())
    });
    add(shop.map(|s| say("desk-chip-shop", &s)), |f| f.shop = None);
    let point = filter.point_of_sale.map(|id| {
        let point = found.points.iter().find(|point| point.id == id);
        point.map_or_else(|| id.to_string(), |point| point_name(found, point))
    });
    add(point.map(|p| say("desk-chip-point", &p)), |f| f.point_of_sale = None);
    let customer = filter.customer.map(|id| say("desk-chip-customer", &id.to_string()));
    add(customer, |f| f.customer = None);
    let metadata = filter.metadata.as_ref().map(|(key, value)| format!("{key} : {value}"));
    add(metadata, |f| f.metadata = None);
    all
}

/// What a point of sale is called: after its shop, when there are several.
fn point_name(found: &Found, point: &PointOfSale) -> String {
    match found.shops.iter().find(|shop| shop.id == point.shop) {
        Some(shop) if found.shops.len() > 1 => format!("{} · {}", shop.name, point.name),
        _ => point.name.clone(),
    }
}

/// Four digits may also be a part of a reference: another search, offered beside the chips.
fn other_readings(words: &Words, filter: &Filter) -> Vec<Choice> {
    let four = filter.search.len() == 4 && filter.search.bytes().all(|b| b.is_ascii_digit());
    if !four || filter.reading.as_deref() == Some("texte") {
        return Vec::new();
    }
    let said = words.with("desk-search-as-text", &[("value", &filter.search)]);
    let href = filter.with(|f| f.reading = Some("texte".into())).href();
    vec![Choice { words: said, href, on: false }]
}

fn groups(words: &Words, filter: &Filter) -> Choices {
    let one = |group: &Group| Choice {
        words: words.say(&words::group_key(*group)),
        href: filter.with(|f| f.group = (filter.group != Some(*group)).then_some(*group)).href(),
        on: filter.group == Some(*group),
    };
    Choices { title: words.say("desk-groups"), choices: Group::ALL.iter().map(one).collect() }
}

fn preset(words: &Words, preset: Preset) -> String {
    words.say(&format!("desk-date-{}", preset.as_str()))
}

fn dates(words: &Words, filter: &Filter) -> Choices {
    let one = |one: &Preset| {
        let on = filter.preset == Some(*one);
        let href = filter.with(|f| f.preset = (!on).then_some(*one)).href();
        Choice { words: preset(words, *one), href, on }
    };
    Choices { title: words.say("desk-col-date"), choices: Preset::ALL.iter().map(one).collect() }
}

fn fields(words: &Words, found: &Found) -> Vec<Field> {
    let pairs = found.filter.pairs();
    let field = |name: &'static str, kind: &'static str| Field {
        name,
        label: words.say(&format!("desk-field-{name}")),
        kind,
        value: pairs.iter().find(|(n, _)| *n == name).map_or(String::new(), |(_, v)| v.clone()),
        options: Vec::new(),
    };
    let ranges = [("du", "date"), ("au", "date"), ("min", "text"), ("max", "text")];
    let mut fields: Vec<Field> = ranges.map(|(name, kind)| field(name, kind)).into();
    if found.points.len() > 1 {
        let points = found.points.iter().map(|p| (p.id.to_string(), point_name(found, p)));
        fields.push(Field { options: points.collect(), ..field("point", "text") });
    }
    fields.extend([field("client", "text"), field("meta", "text")]);
    fields
}

fn ignored(words: &Words, filter: &Filter) -> String {
    if filter.ignored.is_empty() {
        return String::new();
    }
    words.with("list-ignored", &[("names", &filter.ignored.join(", "))])
}

fn row_view(words: &Words, chosen: &[&str], row: &Listed, zone: &Zone) -> RowView {
    RowView {
        sign: None,
        id: row.id.to_string(),
        href: format!("{PATH}/{}", row.id),
        cells: chosen.iter().map(|name| columns::shown(words, name, row, zone)).collect(),
    }
}

fn totals_view(words: &Words, found: &Found) -> TotalsView {
    match &found.totals {
        Some(totals) => {
            TotalsView::Known(totals.iter().map(|total| total_view(words, total)).collect())
        }
        None => TotalsView::Elsewhere {
            data: format!("{PATH}/totaux?{}", found.filter.bare().query()),
            page: Filter { totals: Totals::Always, ..found.filter.clone() }.href(),
        },
    }
}

fn total_view(words: &Words, total: &Total) -> TotalView {
    let refunded = total.refunded;
    let given_back = kernel::Money::new(refunded.minor().saturating_neg(), refunded.currency());
    let sum = |key: &str, amount| (words.say(key), words::money(words, amount));
    let count = format::count(total.count, words.locale());
    TotalView {
        count: words.count_with("desk-total-count", total.count, &[("count", &count)]),
        sums: vec![
            sum("desk-total-asked", total.asked),
            sum("desk-total-captured", total.captured),
            sum("desk-total-refunded", given_back),
        ],
    }
}

fn pager(words: &Words, found: &Found) -> Pager {
    let filter = &found.filter;
    let from = |id: Id| Filter { before: Some(id.into()), ..filter.first_page() }.href();
    Pager {
        first: filter.before.map(|_| filter.first_page().href()),
        next: if let Next::More(id) = found.next { Some(from(id)) } else { None },
        further: if let Next::Further(id) = found.next {
            let at = web::list::seek::made_at(id);
            let when = format::date_time(at, &found.zone, words.locale());
            Some((from(id), words.with("list-looked-back", &[("when", &when)])))
        } else {
            None
        },
    }
}

fn sizes(filter: &Filter) -> Vec<Choice> {
    let one = |size: &u32| Choice {
        words: size.to_string(),
        href: filter.with(|f| f.size = Some(*size)).href(),
        on: filter.rows() == *size,
    };
    PAGE_SIZES.iter().map(one).collect()
}

fn column_choices(words: &Words, chosen: &[&str]) -> Vec<ColumnChoice> {
    let place = |name: &str| chosen.iter().position(|one| *one == name);
    let one = |name: &&str| ColumnChoice {
        name: (*name).to_owned(),
        title: columns::title(words, name),
        place: place(name).map_or_else(String::new, |at| at.saturating_add(1).to_string()),
    };
    columns::ALL.iter().map(one).collect()
}
