//! `/parametres/production`: the checklist, the word on the page, the opening.

use askama::Template;
use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::{get, post};
use db::{DbError, Route, Tx};
use http::{Page, Words};
use identity::extract::{Staff, needs};
use identity::settings::{PRODUCTION, Tab, tabs};
use kernel::{AuditId, Mode, Problem, Timestamp, format};
use web::Context;
use web::shell::Shell;

use super::model::{Found, Point};
use super::ops;

/// A point as shown.
struct Line {
    title: String,
    text: String,
    is_done: bool,
    /// Where it can be done or seen; empty when nowhere.
    href: String,
    link: String,
    /// Whether the person can say here that it is done.
    asks: bool,
}

#[derive(Template)]
#[template(path = "production/templates/production.html")]
struct ProductionPage {
    page: Page,
    shell: Shell,
    tabs: Vec<Tab>,
    refusal: String,
    /// Since when the live shop is open; empty while it is not.
    opened: String,
    lines: Vec<Line>,
    may_open: bool,
    /// Why it cannot be opened; empty when it can.
    waits: String,
}

type Owner = Staff<needs::SettingsManage>;
type Answer = Result<Response, Response>;

/// `/parametres/production` and what is posted from it.
pub fn routes() -> Router<Context> {
    Router::new()
        .route("/parametres/production", get(show).post(open))
        .route("/parametres/production/page", post(check_page))
}

async fn show(State(ctx): State<Context>, staff: Owner) -> Answer {
    let found = look(&ctx, &staff).await?;
    Ok(http::html(&page(&ctx, &staff, &found, String::new())))
}

async fn look(ctx: &Context, staff: &Owner) -> Result<Found, Response> {
    let scope = staff.scope.clone();
    let found = ctx.db.read(move |tx: &mut Tx<'_>| ops::look(tx, &scope)).await;
    found.map_err(|error| failed(staff, &error))
}

async fn check_page(State(ctx): State<Context>, staff: Owner) -> Answer {
    let (scope, user, now) = (staff.scope.clone(), staff.user.id, ctx.real_now());
    let id = AuditId::new(now, ctx.rng.as_ref());
    let line = staff.line("production.page_checked", staff.merchant.id);
    let check = move |tx: &mut Tx<'_>| ops::check_page(tx, &scope, (user, &line), (now, id));
    let done = ctx.db.write(Route::any(), check).await;
    done.map(|()| http::redirect(PRODUCTION)).map_err(|error| failed(&staff, &error))
}

async fn open(State(ctx): State<Context>, staff: Owner) -> Answer {
    if staff.scope.mode() != Mode::Live {
        return refuse(&ctx, &staff, "production-turn").await;
    }
    let (scope, now) = (staff.scope.clone(), ctx.real_now());
    let id = AuditId::new(now, ctx.rng.as_ref());
    let line = staff.line("shop.opened", staff.merchant.id);
    let open = move |tx: &mut Tx<'_>| ops::open(tx, &scope, &line, (now, id));
    if ctx.db.write(Route::any(), open).await.map_err(|error| failed(&staff, &error))? {
        ctx.clocks.shops_changed();
        return Ok(http::redirect(PRODUCTION));
    }
    refuse(&ctx, &staff, "production-refused").await
}

async fn refuse(ctx: &Context, staff: &Owner, why: &str) -> Answer {
    let found = look(ctx, staff).await?;
    let refusal = staff.words.say(why);
    Ok(http::html_with(StatusCode::CONFLICT, &page(ctx, staff, &found, refusal)))
}

fn page(ctx: &Context, staff: &Owner, found: &Found, refusal: String) -> ProductionPage {
    let words = &staff.words;
    let at = |at: Timestamp| format::date_time(at, &staff.merchant.zone, words.locale());
    ProductionPage {
        page: staff.page(ctx, words.say("production-title")),
        shell: staff.shell.clone(),
        tabs: tabs(words, &staff.scope, PRODUCTION),
        refusal,
        opened: found
            .opened_at
            .map(|since| words.with("production-opened", &[("date", &at(since))]))
            .unwrap_or_default(),
        lines: Point::ALL
            .map(|point| line((words, &at), found, (point, staff.scope.mode())))
            .into(),
        may_open: found.may_open() && staff.scope.mode() == Mode::Live,
        waits: match (found.has_live_shop, found.may_open()) {
            (false, _) => words.say("production-no-live-shop"),
            (true, false) => {
                let open = Point::ALL.into_iter().filter(|point| !found.is_done(*point)).count();
                words.count("production-waits", i64::try_from(open).unwrap_or(i64::MAX))
            }
            (true, true) => words.say("production-turn"),
        },
    }
}

fn line(
    (words, at): (&Words, &impl Fn(Timestamp) -> String),
    found: &Found,
    (point, mode): (Point, Mode),
) -> Line {
    let (word, is_done) = (point.word(), found.is_done(point));
    let state = if is_done { "done" } else { "open" };
    let key = format!("production-{word}-{state}");
    let text = match (point, &found.payment, &found.notification, &found.page) {
        (Point::Payment, Some((_, since)), ..) => words.with(&key, &[("date", &at(*since))]),
        (Point::Notification, _, Some((_, since)), _) => words.with(&key, &[("date", &at(*since))]),
        (Point::Page, .., Some((name, since))) => {
            words.with(&key, &[("name", name), ("date", &at(*since))])
        }
        (Point::SecondFactor, ..) if is_done => words.count(&key, found.with_factor),
        (Point::SecondFactor, ..) => words.count(&key, found.without_factor),
        _ => words.say(&key),
    };
    // What belongs to the test shop does not exist on the live side.
    let in_test = |path: String| if mode == Mode::Test { path } else { String::new() };
    let payment = found.payment.map(|(id, _)| in_test(format!("/caisse/{id}")));
    let endpoint = found.notification.map_or_else(String::new, |(id, _)| format!("/{id}"));
    let (href, link) = match point {
        Point::Contract => ("/parametres/moyens".to_owned(), "link"),
        Point::Payment => {
            let link = if is_done { "link" } else { "how" };
            (payment.unwrap_or_else(|| "/api".to_owned()), link)
        }
        Point::Notification => (in_test(format!("/parametres/webhooks{endpoint}")), "link"),
        Point::Page => (String::new(), "link"),
        Point::SecondFactor => ("/parametres/utilisateurs".to_owned(), "link"),
    };
    Line {
        title: words.say(&format!("production-{word}")),
        text,
        is_done,
        link: words.say(&format!("production-{word}-{link}")),
        href,
        asks: point == Point::Page && !is_done,
    }
}

fn failed(staff: &Owner, error: &DbError) -> Response {
    tracing::error!(%error, "the checklist");
    web::oops::page(&staff.words, &Problem::from(error))
}
