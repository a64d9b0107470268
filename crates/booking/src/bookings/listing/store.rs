//! SQL of the list: what a filter asks of the table of bookings.

use db::{DbError, Tx};
use kernel::{Scope, Timestamp, Zone};
use web::list::search::{Reading, folded};
use web::list::seek::{
    Drive, Next, Plan, Reach, Table, beginning_with, containing, first_id, store as seek,
};

use super::filter::{self, Filter};
use crate::bookings::model::Booking;
use crate::bookings::store::read;

/// The table of bookings as lists see it.
pub(crate) const TABLE: Table = Table {
    name: "booking",
    columns: "id, merchant_id, number, shop_id, point_of_sale_id, state, provenance, cart_id, \
        hold_id, starts, ends, total, currency, contact, search, note, version, created_at, \
        reference",
    sums: &["total"],
};
/// A beginning that more bookings share is searched along the list.
const MAX_CANDIDATES: i64 = 1_000;
/// A part inside a word is searched among the newest bookings.
const INSIDE_WORDS_ROWS: u32 = 4_000;

/// What a filter asks of the table.
///
/// # Errors
/// [`DbError`] of the engine.
pub(crate) fn plan(
    tx: &mut Tx<'_>,
    scope: &Scope,
    filter: &Filter,
    (now, zone): (Timestamp, &Zone),
) -> Result<Plan, DbError> {
    let mut plan = Plan::everything(scope);
    let today = zone.date(now);
    for reading in filter.readings(today) {
        search(tx, &mut plan, &reading, zone)?;
    }
    let days = [("starts", filter.arrival(today)), ("ends", filter.departure(today))];
    let state = filter.state().map(|state| state.as_str().to_owned());
    let exact = days.map(|(column, day)| (column, day.map(|day| day.to_string())));
    for (column, value) in exact.into_iter().chain([("state", state)]) {
        let Some(value) = value else { continue };
        let mark = plan.mark(value);
        if plan.drives.is_empty() && plan.rest.is_empty() {
            plan.drive(format!("{column} = {mark}"));
        } else {
            plan.rest.push(format!("{column} = {mark}"));
        }
    }
    if let Some(provenance) = filter.value("provenance") {
        plan.equal("provenance", provenance);
    }
    for (name, test) in [("min", "total >="), ("max", "total <=")] {
        if let Some(minor) = filter.value(name).and_then(filter::amount) {
            let mark = plan.mark(minor);
            plan.rest.push(format!("{test} {mark}"));
        }
    }
    Ok(plan)
}

/// Adds the drives of a reading.
fn search(tx: &mut Tx<'_>, plan: &mut Plan, reading: &Reading, zone: &Zone) -> Result<(), DbError> {
    match reading {
        Reading::Text(text) => words(tx, plan, text),
        Reading::Email(text) if !text.starts_with('@') => {
            let begins = begins(plan, "find_email", text);
            plan.drive(format!("id IN ({begins})"));
            Ok(())
        }
        Reading::Email(text) => {
            let mark = plan.mark(containing(text));
            plan.rest.push(format!("search LIKE {mark} ESCAPE '!'"));
            Ok(())
        }
        // Four digits are the end of a number, as people read it out.
        Reading::LastFour(digits) => words(tx, plan, digits),
        Reading::Year(year) => {
            let start = |year: i16| {
                let day = kernel::Date::new(year, 1, 1).unwrap_or(kernel::Date::MAX);
                first_id(zone.start_of(day))
            };
            let from = plan.mark(start(*year));
            let to = plan.mark(start(year.saturating_add(1)));
            plan.drive(format!("id >= {from} AND id < {to}"));
            Ok(())
        }
        Reading::Day(day) => {
            let mark = plan.mark(day.to_string());
            plan.drive(format!("starts = {mark}"));
            Ok(())
        }
        Reading::Amount(minor) => {
            plan.equal("total", *minor);
            Ok(())
        }
        Reading::Id(text) => {
            match text.parse::<kernel::BookingId>() {
                Ok(id) => {
                    let mark = plan.mark(id);
                    plan.drive(format!("id = {mark}"));
                }
                Err(_) => plan.drive("id IS NULL".to_owned()),
            }
            Ok(())
        }
    }
}

/// Numbers and names that begin with the text, from their indexes; and what holds it inside a
/// word, among the newest. A beginning that very many share is looked for along the list.
fn words(tx: &mut Tx<'_>, plan: &mut Plan, text: &str) -> Result<(), DbError> {
    let beginnings = [begins(plan, "find_name", text), begins(plan, "find_first_name", text)];
    let mark = plan.mark(containing(&folded(text)));
    let inside = format!("search LIKE {mark} ESCAPE '!'");
    let mut few = true;
    for beginning in &beginnings {
        let mut one = Plan { drives: Vec::new(), rest: Vec::new(), ..plan.clone() };
        one.drive(format!("id IN ({beginning})"));
        few = few && seek::count(tx, (&TABLE, &one))? <= MAX_CANDIDATES;
    }
    if !few {
        plan.rest.push(format!("({inside})"));
        return Ok(());
    }
    beginnings.iter().for_each(|beginning| plan.drive(format!("id IN ({beginning})")));
    let number = plan.mark(text.to_uppercase());
    plan.drive(format!("number = {number}"));
    plan.drives.push(Drive { on: inside, reach: Reach::Newest(INSIDE_WORDS_ROWS) });
    Ok(())
}

/// The ids whose search column begins with a text.
fn begins(plan: &mut Plan, column: &str, text: &str) -> String {
    let (from, to) = beginning_with(text);
    let (from, to) = (plan.mark(from), plan.mark(to));
    format!(
        "SELECT id FROM booking WHERE merchant_id = $1 AND mode = $2 \
         AND {column} >= {from} AND {column} < {to}"
    )
}

/// A page of the list, newest first, and what follows it.
///
/// # Errors
/// [`DbError`] of the engine.
pub(crate) fn page(
    tx: &mut Tx<'_>,
    scope: &Scope,
    filter: &Filter,
    at: (Timestamp, &Zone),
) -> Result<(Vec<Booking>, Next), DbError> {
    let plan = plan(tx, scope, filter, at)?;
    let before = filter.before().map(|booking| booking.id());
    let found = seek::page(tx, (&TABLE, &plan), before, filter.rows())?;
    let rows = found.rows.iter().map(read).collect::<Result<Vec<_>, DbError>>()?;
    Ok((rows, found.next))
}
