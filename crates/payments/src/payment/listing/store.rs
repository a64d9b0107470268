//! SQL of the lists: what is asked of the table of payments, for the pages and the API alike.

use db::{DbError, Row, Tx, Val};
use kernel::{Currency, Id, Money, PaymentId, Scope, Zone, time};
use web::list::search::Reading;
use web::list::seek::{
    Drive, Next, Plan, Reach, Table, beginning_with, containing, first_id, store as seek,
};

use super::{Asked, Late, Page, Sought, Total, Totals, find};
use crate::payment::{Payment, Status, save, store};

/// The table of payments as lists see it.
pub const TABLE: Table = Table {
    name: "payment",
    columns: "id, merchant_id, created_at, order_ref, payer, payer_name, payer_email, status, \
        amount, currency, captured, refunded, card_brand, card_last4, channel, shop_id, \
        point_of_sale_id, threeds_result, guarantee_value, customer_id, metadata, booking_id, late",
    sums: &["amount", "captured", "refunded"],
};
/// A beginning that more payments share is searched along the list.
const MAX_CANDIDATES: i64 = 1_000;
/// A part inside a word is searched among the newest payments.
const INSIDE_WORDS_ROWS: u32 = 4_000;

/// A page of payments, newest first, with the totals of the filter when they are wanted. It may be
/// short, or even empty, although others follow: then the cursor goes on from where this page
/// stopped looking.
///
/// # Errors
/// [`DbError`] of the engine.
pub fn page(tx: &mut Tx<'_>, scope: &Scope, asked: &Asked) -> Result<Page, DbError> {
    let zone = save::zone(tx, scope)?;
    let plan = plan(tx, scope, &asked.sought, &zone)?;
    let totals = totals(tx, &plan, asked.totals)?;
    let before = asked.before.map(|payment| payment.id());
    let found = seek::page(tx, (&TABLE, &plan), before, asked.limit)?;
    let ids = found.rows.iter().map(|row| row.get("id")).collect::<Result<Vec<Id>, DbError>>()?;
    let next = match found.next {
        Next::End => None,
        Next::More(id) | Next::Further(id) => Some(PaymentId::from(id).to_string()),
    };
    Ok(Page { payments: of_ids(tx, scope, &ids)?, totals, next })
}

/// The payments of these ids, newest first, without their operations.
fn of_ids(tx: &mut Tx<'_>, scope: &Scope, ids: &[Id]) -> Result<Vec<Payment>, DbError> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let mut plan = Plan::everything(scope);
    let marks: Vec<String> = ids.iter().map(|id| plan.mark(*id)).collect();
    let sql = format!(
        "{} WHERE merchant_id = $1 AND mode = $2 AND id IN ({}) ORDER BY id DESC",
        *store::ROW,
        marks.join(", ")
    );
    tx.query(&sql, &plan.values)?.iter().map(store::read).collect()
}

/// Sums of everything a plan lets through, one per currency, when they are wanted.
///
/// # Errors
/// [`DbError`] of the engine.
pub fn totals(tx: &mut Tx<'_>, plan: &Plan, wanted: Totals) -> Result<Option<Vec<Total>>, DbError> {
    let rows = match wanted {
        Totals::IfFew => seek::few_sums(tx, (&TABLE, plan))?,
        Totals::Always => Some(seek::sums(tx, (&TABLE, plan))?),
        Totals::Never => None,
    };
    rows.map(|rows| rows.iter().map(read_total).collect()).transpose()
}

fn read_total(row: &Row) -> Result<Total, DbError> {
    let currency: Currency = row.get("currency")?;
    let sum = |column: &str| Ok::<Money, DbError>(Money::new(row.get(column)?, currency));
    Ok(Total {
        count: row.get("met")?,
        asked: sum("amount")?,
        captured: sum("captured")?,
        refunded: sum("refunded")?,
    })
}

/// What is asked of the table. The rarest of the exact conditions leads along its index; what
/// else is sought is tested on the payments it meets.
///
/// # Errors
/// [`DbError`] of the engine.
pub fn plan(tx: &mut Tx<'_>, scope: &Scope, sought: &Sought, zone: &Zone) -> Result<Plan, DbError> {
    let mut plan = Plan::everything(scope);
    days(&mut plan, sought.days, zone);
    exact(&mut plan, sought);
    if let [Reading::Day(day)] = sought.readings.as_slice() {
        days(&mut plan, (Some(*day), Some(*day)), zone);
    } else {
        either(&mut plan, |found| {
            sought.readings.iter().try_for_each(|reading| search(tx, found, reading, zone))
        })?;
    }
    if let Some(name) = &sought.name {
        either(&mut plan, |found| name_of(tx, found, name))?;
    }
    in_states(&mut plan, &sought.statuses);
    rest(&mut plan, sought);
    Ok(plan)
}

/// Ids begin with their instant, so days are a stretch of every index.
fn days(plan: &mut Plan, (first, last): (Option<kernel::Date>, Option<kernel::Date>), zone: &Zone) {
    let end = last.map(|day| time::plus_days(day, 1));
    plan.between(
        first.map(|day| first_id(zone.start_of(day))),
        end.map(|day| first_id(zone.start_of(day))),
    );
}

/// Adds a condition that an index answers: it leads when nothing does yet.
fn lead(plan: &mut Plan, condition: String) {
    if plan.drives.is_empty() { plan.drive(condition) } else { plan.rest.push(condition) }
}

fn exact(plan: &mut Plan, sought: &Sought) {
    let (least, most) = sought.amounts;
    let amount = least.filter(|least| Some(*least) == most);
    let equal: [(&str, Option<Val>); 5] = [
        ("booking_id", sought.booking.map(Val::from)),
        ("order_ref", sought.order_ref.as_deref().map(Val::from)),
        ("customer_id", sought.customer.map(Val::from)),
        ("card_last4", sought.last4.as_deref().map(Val::from)),
        ("amount", amount.map(Val::from)),
    ];
    if let Some(email) = &sought.email {
        let mark = plan.mark(email.to_lowercase().into_bytes());
        lead(plan, of_all(&format!("find_email = {mark}")));
    }
    if let Some(number) = &sought.authorisation {
        let condition = authorised(plan, number);
        lead(plan, condition);
    }
    for (column, value) in equal {
        if let Some(value) = value {
            let mark = plan.mark(value);
            lead(plan, format!("{column} = {mark}"));
        }
    }
}

/// Payments that a search column finds: the ids first, as the rows are wide.
fn of_all(condition: &str) -> String {
    format!("id IN (SELECT id FROM payment WHERE merchant_id = $1 AND mode = $2 AND {condition})")
}

fn authorised(plan: &mut Plan, number: &str) -> String {
    let (small, capital) = (plan.mark(number.to_lowercase()), plan.mark(number.to_uppercase()));
    format!(
        "id IN (SELECT payment_id FROM payment_operation WHERE merchant_id = $1 \
         AND authorisation IN ({small}, {capital}))"
    )
}

/// Adds drives of which one has to fit. They lead when nothing does yet, else they are tested on
/// what leads.
fn either(
    plan: &mut Plan,
    look: impl FnOnce(&mut Plan) -> Result<(), DbError>,
) -> Result<(), DbError> {
    let mut found = Plan { drives: Vec::new(), ..plan.clone() };
    look(&mut found)?;
    if plan.drives.is_empty() {
        *plan = found;
        return Ok(());
    }
    (plan.values, plan.rest) = (found.values, found.rest);
    let any: Vec<String> = found.drives.iter().map(|way| format!("({})", way.on)).collect();
    if !any.is_empty() {
        plan.rest.push(format!("({})", any.join(" OR ")));
    }
    Ok(())
}

/// Limits a plan to states: one stretch of the index for each, unless it has a better way.
fn in_states(plan: &mut Plan, statuses: &[Status]) {
    if statuses.is_empty() {
        return;
    }
    let marks: Vec<String> = statuses.iter().map(|status| plan.mark(status.as_str())).collect();
    if plan.drives.is_empty() && plan.rest.is_empty() {
        marks.iter().for_each(|mark| plan.drive(format!("status = {mark}")));
    } else {
        plan.rest.push(format!("status IN ({})", marks.join(", ")));
    }
}

/// What is tested on the rows that a drive meets.
fn rest(plan: &mut Plan, sought: &Sought) {
    let late = sought.late.map(|late| i64::from(late == Late::Yes));
    let equal: [(&str, Option<Val>); 7] = [
        ("card_brand", sought.brand.as_deref().map(Val::from)),
        ("shop_id", sought.shop.map(Val::from)),
        ("point_of_sale_id", sought.point_of_sale.map(Val::from)),
        ("channel", sought.channel.map(|channel| channel.as_str().into())),
        ("threeds_result", sought.threeds.as_deref().map(Val::from)),
        ("guarantee_value", sought.guarantee.map(|value| value.as_str().into())),
        ("late", late.map(Val::from)),
    ];
    for (column, value) in equal {
        if let Some(value) = value {
            plan.equal(column, value);
        }
    }
    let (least, most) = sought.amounts;
    for (test, minor) in [("amount >=", least), ("amount <=", most)] {
        if let Some(minor) = minor.filter(|_| least != most) {
            let mark = plan.mark(minor);
            plan.rest.push(format!("{test} {mark}"));
        }
    }
    if let Some((key, value)) = &sought.metadata {
        let member = serde_json::json!({ key.as_str(): value }).to_string();
        let inside = member.trim_start_matches('{').trim_end_matches('}').to_lowercase();
        let mark = plan.mark(containing(&inside));
        plan.rest.push(format!("LOWER(metadata) LIKE {mark} ESCAPE '!'"));
    }
    if let Some(source) = sought.source {
        let mark = plan.mark(source.as_str());
        plan.rest.push(format!(
            "EXISTS (SELECT 1 FROM payment_operation o WHERE o.payment_id = met.id \
             AND o.merchant_id = met.merchant_id AND o.kind = 'authorise' AND o.source = {mark})"
        ));
    }
}

/// Adds the drives of a reading: a search with two readings has the payments of both.
fn search(tx: &mut Tx<'_>, plan: &mut Plan, reading: &Reading, zone: &Zone) -> Result<(), DbError> {
    let on = match reading {
        Reading::LastFour(digits) => format!("card_last4 = {}", plan.mark(digits)),
        Reading::Amount(minor) => format!("amount = {}", plan.mark(*minor)),
        Reading::Id(text) => id(plan, text),
        Reading::Year(year) => year_bounds(plan, *year, zone),
        Reading::Day(_) => return Ok(()),
        Reading::Email(text) => return email(tx, plan, text),
        Reading::Text(text) => return words(tx, plan, text),
    };
    plan.drive(on);
    Ok(())
}

fn id(plan: &mut Plan, text: &str) -> String {
    if let Ok(payment) = text.parse::<PaymentId>() {
        return format!("id = {}", plan.mark(payment));
    }
    if let Ok(booking) = text.parse::<kernel::BookingId>() {
        return format!("booking_id = {}", plan.mark(booking));
    }
    "id IS NULL".to_owned()
}

fn year_bounds(plan: &mut Plan, year: i16, zone: &Zone) -> String {
    let start = |year: i16| {
        let day = kernel::Date::new(year, 1, 1).unwrap_or(kernel::Date::MAX);
        first_id(zone.start_of(day))
    };
    let (from, to) = (plan.mark(start(year)), plan.mark(start(year.saturating_add(1))));
    format!("id >= {from} AND id < {to}")
}

fn email(tx: &mut Tx<'_>, plan: &mut Plan, text: &str) -> Result<(), DbError> {
    if !text.starts_with('@') {
        let on = begins(plan, "find_email", text);
        if add_if_few(tx, plan, &[on])? {
            return Ok(());
        }
    }
    let mark = plan.mark(containing(text));
    plan.rest.push(format!("LOWER(payer_email) LIKE {mark} ESCAPE '!'"));
    Ok(())
}

/// References, names and authorisation numbers that begin with the text, from their indexes; and
/// what holds it inside a word, among the newest. A beginning that very many share is looked for
/// along the list instead.
fn words(tx: &mut Tx<'_>, plan: &mut Plan, text: &str) -> Result<(), DbError> {
    let mut beginnings = names(plan, text).to_vec();
    beginnings.extend([begins(plan, "find_reference", text), begins(plan, "find_number", text)]);
    let authorised = authorised(plan, text);
    let mark = plan.mark(containing(text));
    let inside = format!(
        "LOWER(order_ref) LIKE {mark} ESCAPE '!' OR LOWER(payer_name) LIKE {mark} ESCAPE '!'"
    );
    if beginning_or_inside(tx, plan, (&beginnings, inside))? {
        plan.drive(authorised);
    }
    Ok(())
}

/// A part of the payer's name, looked for in the same way.
fn name_of(tx: &mut Tx<'_>, plan: &mut Plan, text: &str) -> Result<(), DbError> {
    let beginnings = names(plan, text);
    let mark = plan.mark(containing(text));
    let inside = format!("LOWER(payer_name) LIKE {mark} ESCAPE '!'");
    beginning_or_inside(tx, plan, (&beginnings, inside)).map(|_| ())
}

fn names(plan: &mut Plan, text: &str) -> [String; 2] {
    [
        begins(plan, "find_name", find::without_particles(text)),
        begins(plan, "find_first_name", text),
    ]
}

fn beginning_or_inside(
    tx: &mut Tx<'_>,
    plan: &mut Plan,
    (beginnings, inside): (&[String], String),
) -> Result<bool, DbError> {
    let few = add_if_few(tx, plan, beginnings)?;
    if few {
        plan.drives.push(Drive { on: inside, reach: Reach::Newest(INSIDE_WORDS_ROWS) });
    } else {
        plan.rest.push(format!("({inside})"));
    }
    Ok(few)
}

/// The stretch of a search column that begins with a text.
fn begins(plan: &mut Plan, column: &str, text: &str) -> String {
    let (from, to) = beginning_with(text);
    let (from, to) = (plan.mark(from), plan.mark(to));
    format!("{column} >= {from} AND {column} < {to}")
}

/// Adds what begins with the text, when that is not too much to be sorted.
fn add_if_few(tx: &mut Tx<'_>, plan: &mut Plan, beginnings: &[String]) -> Result<bool, DbError> {
    let few = Plan {
        values: plan.values.clone(),
        bounds: Vec::new(),
        drives: Vec::new(),
        rest: Vec::new(),
    };
    for beginning in beginnings {
        let mut one = few.clone();
        one.drive(beginning.clone());
        if seek::count(tx, (&TABLE, &one))? > MAX_CANDIDATES {
            return Ok(false);
        }
    }
    beginnings.iter().for_each(|beginning| plan.drive(of_all(beginning)));
    Ok(true)
}
