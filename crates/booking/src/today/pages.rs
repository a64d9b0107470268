//! The first page after signing in.

use askama::Template;
use axum::Router;
use axum::extract::State;
use axum::response::Response;
use axum::routing::get;
use db::{DbError, Tx};
use http::Page;
use identity::extract::{Staff, needs};
use identity::merchants::store as merchant_store;
use identity::tasks::{Shown, Sight};
use kernel::{Date, Right, Scope, format};
use payments::desk::filter::Filter as PaymentFilter;
use payments::desk::store as desk_store;
use payments::desk::words::{Chip, chip};
use payments::payment::Group;
use payments::watch;
use web::shell::Shell;
use web::tasks::{self, Task};

use crate::bookings::pages::{Desk, failed};
use crate::bookings::store::{self, Filter, Part};
use crate::bookings::view::state_chip;
use crate::bookings::{Booking, balance, ops, outside};

/// Most rows of each list.
const ROWS: u32 = 20;
const RECENT_ROWS: u32 = 5;

/// The route of the slice.
pub fn routes() -> Router<Desk> {
    Router::new().route("/", get(show))
}

/// A booking of the day.
struct Row {
    href: String,
    number: String,
    name: String,
    lodging: String,
    dates: String,
    due: String,
    chip: Chip,
}

/// A payment to look at.
struct PaymentRow {
    href: String,
    reference: String,
    name: String,
    amount: String,
    chip: Chip,
}

#[derive(Template)]
#[template(path = "today/templates/today.html")]
struct TodayPage {
    page: Page,
    shell: Shell,
    day: String,
    figures: Vec<(String, String, String)>,
    arrivals: Vec<Row>,
    departures: Vec<Row>,
    recent: Vec<Row>,
    payments: Vec<PaymentRow>,
    sees_payments: bool,
    sees_bookings: bool,
    tasks: Vec<Shown>,
    bank: Option<Chip>,
}

/// What the day is made of.
#[derive(Default)]
struct Day {
    arrivals: Vec<(Booking, i64)>,
    departures: Vec<(Booking, i64)>,
    recent: Vec<(Booking, i64)>,
    payments: Vec<desk_store::Listed>,
    more_payments: bool,
    tasks: Vec<Task>,
    owed: i64,
}

async fn show(
    State(desk): State<Desk>,
    staff: Staff<needs::HomeView>,
) -> Result<Response, Response> {
    let ctx = desk.engine.ctx.clone();
    let sight = Sight::of(&staff.scope, &staff.powers);
    let (scope, zone, clock) = (staff.scope.clone(), staff.merchant.zone.clone(), ctx.clone());
    let read = move |tx: &mut Tx<'_>| -> Result<(Date, Day), DbError> {
        let shops = merchant_store::shops(tx, &scope)?;
        let now = shops.first().map_or_else(|| clock.real_now(), |shop| clock.now(shop.id));
        let today = zone.date(now);
        let mut day = Day::default();
        if scope.may(Right::BookingView) {
            let on = |arrival, departure| Filter { arrival, departure, ..Filter::default() };
            day.arrivals = bookings(tx, &scope, (&on(Some(today), None), ROWS))?;
            day.departures = bookings(tx, &scope, (&on(None, Some(today)), ROWS))?;
            day.arrivals.retain(|(booking, _)| booking.state.is_firm());
            day.departures.retain(|(booking, _)| booking.state.is_firm());
            day.recent = bookings(tx, &scope, (&Filter::default(), RECENT_ROWS))?;
        }
        if scope.may(Right::PaymentsRead) {
            let filter = PaymentFilter { group: Some(Group::ToDo), ..PaymentFilter::default() };
            let (rows, more) = desk_store::page(tx, &scope, &filter, (now, &zone))?;
            (day.payments, day.more_payments) = (rows, more);
            day.owed = watch::answers_owed(tx, &scope)?;
        }
        day.tasks = tasks::open(tx, &scope, ROWS)?;
        day.tasks.retain(|task| sight.shows(task));
        Ok((today, day))
    };
    let (today, day) = ctx.db.read(read).await.map_err(|error| failed(&staff, error))?;
    let page = staff.page(&ctx, staff.words.say("today-title"));
    Ok(http::html(&today_page(page, &staff, (today, &day))))
}

/// Bookings with their lines and what is left to charge.
fn bookings(
    tx: &mut Tx,
    scope: &Scope,
    (filter, limit): (&Filter, u32),
) -> Result<Vec<(Booking, i64)>, DbError> {
    let mut found = Vec::new();
    for mut booking in store::list(tx, scope, filter, Part { before: None, limit })? {
        booking.lines = store::lines(tx, scope, booking.id)?;
        let payments = ops::payments_of(tx, scope, &booking)?;
        let recorded = outside::store::of(tx, scope, booking.id)?;
        let due = balance::due(&booking, (&payments, &recorded));
        let due = due.map_err(|error| DbError::Corrupt(error.to_string()))?.minor();
        found.push((booking, due));
    }
    Ok(found)
}

fn today_page(page: Page, staff: &Staff<needs::HomeView>, (today, day): (Date, &Day)) -> TodayPage {
    let words = &staff.words;
    let locale = words.locale();
    let rows = |list: &[(Booking, i64)]| -> Vec<Row> {
        list.iter().map(|(booking, due)| row(words, booking, *due)).collect()
    };
    let count = |list: usize| i64::try_from(list).unwrap_or(i64::MAX);
    let figure =
        |key: &str, n: usize, href: String| (n.to_string(), words.count(key, count(n)), href);
    let sees_bookings = staff.scope.may(Right::BookingView);
    let sees_payments = staff.scope.may(Right::PaymentsRead);
    let mut figures = Vec::new();
    if sees_bookings {
        let href = format!("/reservations?arrivee={today}");
        figures.push(figure("today-arrivals", day.arrivals.len(), href));
        figures.push(figure("today-departures", day.departures.len(), "/reservations".into()));
    }
    if sees_payments {
        let href = format!("/caisse?etat={}", Group::ToDo.as_str());
        figures.push(figure("today-payments", day.payments.len(), href));
    }
    if sees_bookings && sees_payments {
        let dues = day.arrivals.iter().chain(&day.departures).filter(|(_, due)| *due > 0);
        figures.push(figure("today-unpaid", dues.count(), "#arrivals".into()));
    }
    TodayPage {
        page,
        shell: staff.shell.clone(),
        day: format::long_date(today, locale),
        figures,
        arrivals: rows(&day.arrivals),
        departures: rows(&day.departures),
        recent: rows(&day.recent),
        payments: day.payments.iter().map(|listed| payment(words, listed)).collect(),
        sees_payments,
        sees_bookings,
        tasks: day
            .tasks
            .iter()
            .map(|task| Shown::of(task, (words, &staff.merchant.zone), str::to_owned))
            .collect(),
        bank: sees_payments.then(|| bank(words, day.owed)),
    }
}

/// How the connection to the bank stands: whether answers are owed.
fn bank(words: &http::Words, owed: i64) -> Chip {
    if owed == 0 {
        Chip { tone: "ok", icon: "check", word: words.say("today-bank-fine") }
    } else {
        Chip { tone: "warn", icon: "wait", word: words.count("today-bank-owes", owed) }
    }
}

fn row(words: &http::Words, booking: &Booking, due: i64) -> Row {
    let locale = words.locale();
    let lodging: Vec<&str> =
        booking.lines.iter().map(|line| line.names.lodging.get(locale)).collect();
    let due = kernel::Money::new(due, booking.total.currency());
    Row {
        href: format!("/reservations/{}", booking.id),
        number: booking.number.clone(),
        name: booking.contact.full_name(),
        lodging: lodging.join(", "),
        dates: format!(
            "{} – {}",
            format::date(booking.starts, locale),
            format::date(booking.ends, locale)
        ),
        due: if due.is_zero() || !booking.state.is_firm() {
            String::new()
        } else {
            words.with("today-due", &[("amount", &format::money(due, locale))])
        },
        chip: state_chip(words, booking.state),
    }
}

fn payment(words: &http::Words, listed: &desk_store::Listed) -> PaymentRow {
    PaymentRow {
        href: format!("/caisse/{}", listed.id),
        reference: listed.order_ref.clone(),
        name: listed.name.clone(),
        amount: format::money(listed.amount, words.locale()),
        chip: chip(words, listed.status),
    }
}
