//! The list of bookings on the frame of all lists ([`web::list`]): views, search, filters,
//! columns, totals, and the same list as a file.

mod columns;
mod filter;
pub(crate) mod store;

use std::collections::HashMap;
use std::sync::Arc;

use db::{DbError, Tx};
use documents::Column;
use http::Words;
use identity::lists::{Chunk, List, Wanted, digest_of};
use kernel::{BookingId, Id, Money, Right, Scope, Timestamp, Zone, format};
use payments::cards::of_booking::Asked;
use web::list::search::Reading;
use web::list::seek::{Next, made_at, store as seek};
use web::list::view::{
    self, Active, Choice, ColumnChoice, Field, Group, ListView, Pager, Tab, TotalView, Totals,
    counted,
};

use super::lots;
use super::method;
use super::model::{Booking, BookingState, Provenance};
use columns::{cells, columns, head, row_view, title};
use filter::{Filter, SIZES, TODAY};
use store::TABLE;

/// The list.
pub(crate) const PATH: &str = "/reservations";
const COLUMNS: &[&str] =
    &["number", "name", "email", "starts", "ends", "state", "total", "created", "provenance"];
const USUAL: &[&str] = &["number", "name", "starts", "ends", "state", "total"];
/// The list of bookings.
#[derive(Debug, Clone, Copy)]
pub struct Bookings;

impl List for Bookings {
    fn name(&self) -> &'static str {
        "bookings"
    }

    fn path(&self) -> &'static str {
        PATH
    }

    fn export_right(&self) -> Right {
        Right::BookingView
    }

    fn columns(&self) -> &'static [&'static str] {
        COLUMNS
    }

    fn usual(&self) -> &'static [&'static str] {
        USUAL
    }

    fn title(&self, words: &Words) -> String {
        words.say("booking-list-title")
    }

    fn sheet(&self, wanted: &Wanted) -> Vec<Column> {
        columns(wanted)
    }

    fn count(&self, tx: &mut Tx<'_>, scope: &Scope, wanted: &Wanted) -> Result<i64, DbError> {
        let sums = sums(tx, scope, &Filter::parse(&wanted.query), (wanted.now, &wanted.zone))?;
        Ok(sums.iter().map(|(count, _)| count).sum())
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
            .map(|row| Ok(cells(wanted, &super::store::read(row)?)))
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
        let sums = sums(tx, scope, &filter, (wanted.now, &wanted.zone))?;
        Ok(sums.iter().map(|sum| total_view(&wanted.words, sum)).collect())
    }

    fn digest(&self, tx: &mut Tx<'_>, scope: &Scope, wanted: &Wanted) -> Result<u64, DbError> {
        let filter = Filter::parse(&wanted.query);
        Ok(digest_of(&store::page(tx, scope, &filter, (wanted.now, &wanted.zone))?.0))
    }
}

type Sum = (i64, Money);

fn sum_of(row: &db::Row) -> Result<Sum, DbError> {
    Ok((row.get("met")?, Money::new(row.get("total")?, row.get("currency")?)))
}

/// Number and price of everything the filter lets through, one per currency.
fn sums(
    tx: &mut Tx<'_>,
    scope: &Scope,
    filter: &Filter,
    at: (Timestamp, &Zone),
) -> Result<Vec<Sum>, DbError> {
    let plan = store::plan(tx, scope, &filter.bare(), at)?;
    seek::sums(tx, (&TABLE, &plan))?.iter().map(sum_of).collect()
}

fn views() -> [(&'static str, Filter); 5] {
    let only = |name, value| Filter::default().with(name, Some(value));
    [
        ("booking-view-arrivals", only("arrivee", TODAY)),
        ("booking-view-departures", only("depart", TODAY)),
        ("booking-view-to-validate", only("etat", "to_validate")),
        ("booking-view-firm", only("etat", "confirmed")),
        ("booking-view-all", Filter::default()),
    ]
}

/// What the page is made from.
pub(crate) struct Found {
    filter: Filter,
    rows: Vec<Booking>,
    next: Next,
    sums: Option<Vec<Sum>>,
    counts: Vec<i64>,
    saved: Vec<web::list::store::SavedView>,
    settings: web::list::store::Settings,
    at: (Timestamp, Zone),
}

/// Reads everything the page needs.
///
/// # Errors
/// [`DbError`] of the engine.
pub(crate) fn find(
    tx: &mut Tx<'_>,
    scope: &Scope,
    query: &str,
    (now, zone): (Timestamp, Zone),
) -> Result<Found, DbError> {
    let filter = Filter::parse(query);
    let at = (now, &zone);
    let (rows, next) = store::page(tx, scope, &filter, at)?;
    let plan = store::plan(tx, scope, &filter.bare(), at)?;
    let sums = if filter.value("totaux").is_some() {
        Some(sums(tx, scope, &filter, at)?)
    } else {
        let few = seek::few_sums(tx, (&TABLE, &plan))?;
        few.map(|few| few.iter().map(sum_of).collect()).transpose()?
    };
    let mut counts = Vec::new();
    for (_, view) in views() {
        let plan = store::plan(tx, scope, &view, at)?;
        counts.push(seek::count(tx, (&TABLE, &plan))?);
    }
    let saved = web::list::store::views(tx, scope, Bookings.name())?;
    let settings = web::list::store::settings(tx, scope, Bookings.name())?;
    Ok(Found { filter, rows, next, sums, counts, saved, settings, at: (now, zone) })
}

impl Found {
    /// The bookings on the page, as their cards are asked for.
    pub(crate) fn asked(&self) -> Vec<Asked> {
        self.rows.iter().map(method::asked).collect()
    }
}

/// The card of each booking on a page.
pub(crate) type Cards = HashMap<BookingId, payments::cards::of_booking::Found>;

/// What the page shows.
pub(crate) fn page_view(
    words: &Arc<Words>,
    (found, cards): (&Found, &Cards),
    scope: &Scope,
) -> ListView {
    let card =
        |row: &Booking| cards.get(&row.id).map(|card| card.sign(words, (&found.at.1, found.at.0)));
    let filter = &found.filter;
    let bare = filter.bare();
    let is_open = bare == Filter::default();
    let chosen = view::chosen(&found.settings, COLUMNS, USUAL);
    let digest = digest_of(&found.rows);
    let kept = |names: &[&str]| filter.without(&["avant", "totaux"]).without(names).pairs;
    ListView {
        path: PATH,
        flow: format!("{PATH}/flux?{}&vu={digest}", filter.query()),
        query: bare.query(),
        beside: Vec::new(),
        search_label: words.say("booking-search"),
        search_hint: words.say("booking-search-hint"),
        search: filter.value("q").unwrap_or_default().to_owned(),
        kept: kept(&["q", "lire"]),
        tabs: tabs(words, found),
        active: active(words, found),
        readings: Vec::new(),
        open: vec![states(words, filter)],
        folded: vec![provenances(words, filter)],
        fields: fields(words, filter),
        fields_kept: kept(&["arrivee", "depart", "min", "max"]),
        notice: if filter.ignored.is_empty() {
            String::new()
        } else {
            words.with("list-ignored", &[("names", &filter.ignored.join(", "))])
        },
        heads: chosen.iter().map(|name| head(words, name)).collect(),
        rows: found
            .rows
            .iter()
            .map(|row| row_view(words, &chosen, row, (&found.at.1, card(row))))
            .collect(),
        empty: words.say(if is_open { "booking-empty" } else { "booking-none-found" }),
        icon: "bed",
        elsewhere: Vec::new(),
        totals: match &found.sums {
            Some(sums) => Totals::Known(sums.iter().map(|sum| total_view(words, sum)).collect()),
            None => Totals::Elsewhere {
                data: format!("{PATH}/totaux?{}", bare.query()),
                page: filter.with("totaux", Some("oui")).href(),
            },
        },
        reset: (!is_open).then(|| PATH.to_owned()),
        pager: pager(words, found),
        sizes: sizes(filter),
        columns: COLUMNS
            .iter()
            .map(|name| ColumnChoice {
                name: (*name).to_owned(),
                title: title(words, name),
                place: chosen
                    .iter()
                    .position(|one| one == name)
                    .map_or_else(String::new, |at| at.saturating_add(1).to_string()),
            })
            .collect(),
        formats: view::formats(words, &found.settings.format),
        bulk: lots::pages::bulk(words, scope),
        settings: found.settings.clone(),
    }
}

fn sizes(filter: &Filter) -> Vec<Choice> {
    let one = |size: &&str| Choice {
        words: (*size).to_owned(),
        href: filter.with("taille", Some(size)).href(),
        on: filter.rows().to_string() == **size,
    };
    SIZES.iter().map(one).collect()
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

fn active(words: &Words, found: &Found) -> Vec<Active> {
    let filter = &found.filter;
    let today = found.at.1.date(found.at.0);
    let all = filter.readings(today);
    let reading = |reading: &Reading| {
        let other = all.iter().find(|other| *other != reading).map(Reading::word);
        let without = match other {
            Some(word) => filter.with("lire", Some(word)),
            None => filter.with("q", None).with("lire", None),
        };
        Active { words: view::said(words, reading), without: without.href() }
    };
    let mut active: Vec<Active> = all.iter().map(reading).collect();
    for (name, value) in &filter.bare().pairs {
        let said = match *name {
            "etat" => filter.state().map(|state| state_words(words, state)),
            "arrivee" | "depart" => {
                let day = if *name == "arrivee" {
                    filter.arrival(today)
                } else {
                    filter.departure(today)
                };
                day.map(|day| {
                    format!("{} : {}", field_label(words, name), format::date(day, words.locale()))
                })
            }
            "provenance" => Some(provenance_words(words, value)),
            "min" | "max" => Some(format!("{} : {value}", field_label(words, name))),
            _ => None,
        };
        active.extend(said.map(|words| Active { words, without: filter.with(name, None).href() }));
    }
    active
}

fn state_words(words: &Words, state: BookingState) -> String {
    words.say(&format!("booking-state-{}", state.as_str().replace('_', "-")))
}

fn provenance_words(words: &Words, value: &str) -> String {
    let key = format!("booking-provenance-{}", value.replace('_', "-"));
    if words.has(&key) { words.say(&key) } else { value.to_owned() }
}

fn field_label(words: &Words, name: &str) -> String {
    words.say(&format!("booking-field-{name}"))
}

fn states(words: &Words, filter: &Filter) -> Group {
    let one = |state: BookingState| {
        let on = filter.state() == Some(state);
        let href = filter.with("etat", (!on).then_some(state.as_str())).href();
        Choice { words: state_words(words, state), href, on }
    };
    Group {
        title: words.say("booking-states"),
        choices: BookingState::ALL.into_iter().map(one).collect(),
    }
}

fn provenances(words: &Words, filter: &Filter) -> Group {
    let one = |provenance: &Provenance| {
        let word = provenance.as_str();
        let on = filter.value("provenance") == Some(word);
        let href = filter.with("provenance", (!on).then_some(word)).href();
        Choice { words: provenance_words(words, word), href, on }
    };
    Group {
        title: words.say("booking-col-provenance"),
        choices: Provenance::ALL.iter().map(one).collect(),
    }
}

fn fields(words: &Words, filter: &Filter) -> Vec<Field> {
    let field = |name: &'static str, kind: &'static str| Field {
        name,
        label: field_label(words, name),
        kind,
        value: filter.value(name).filter(|value| *value != TODAY).unwrap_or_default().to_owned(),
        options: Vec::new(),
    };
    vec![
        field("arrivee", "date"),
        field("depart", "date"),
        field("min", "text"),
        field("max", "text"),
    ]
}

fn pager(words: &Words, found: &Found) -> Pager {
    let filter = &found.filter;
    let first = filter.without(&["avant", "totaux"]);
    let from = |id: Id| {
        let mut from = first.clone();
        from.set("avant", Some(BookingId::from(id).to_string()));
        from.href()
    };
    Pager {
        first: filter.before().map(|_| first.href()),
        next: if let Next::More(id) = found.next { Some(from(id)) } else { None },
        further: if let Next::Further(id) = found.next {
            let when = format::date_time(made_at(id), &found.at.1, words.locale());
            Some((from(id), words.with("list-looked-back", &[("when", &when)])))
        } else {
            None
        },
    }
}

fn total_view(words: &Words, (count, total): &Sum) -> TotalView {
    TotalView {
        count: words.count("booking-count", *count),
        sums: vec![(words.say("booking-col-total"), format::money(*total, words.locale()))],
    }
}
