//! `/reservations`: the list, one booking, charging its balance.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::Router;
use axum::extract::{Form as FormBody, FromRef, Path, Query, State};
use axum::http::{StatusCode, Uri};
use axum::response::Response;
use axum::routing::{get, post};
use db::{DbError, Tx};
use http::security::with_policy;
use identity::extract::{Staff, needs};
use identity::lists::{List, pages as lists};
use identity::users::store as user_store;
use kernel::{BookingId, Problem, Right, UserId, format};
use payments::cards::pages::leading_to_vault;
use payments::engine::{CardOffer, ChargeError};
use payments::{CreateError, Engine, Payment};
use web::forms::{self, TYPED_FROM_MINOR};
use web::{Context, Form};

use super::balance::{self, Balance, WhyNot};
use super::keyed::{self, NotKeyed};
use super::listing;
use super::method;
use super::model::Booking;
use super::ops::{self, BookingError};
use super::store::{self, JournalLine};
use super::tabs::Tab;
use super::view::{ConfirmPage, DetailPage, ListPage, Sheet, card_name};
use crate::lodging::store as lodging_store;

/// What the pages work with.
#[derive(Debug, Clone)]
pub struct Desk {
    pub(crate) engine: Engine,
}

impl FromRef<Desk> for Context {
    fn from_ref(desk: &Desk) -> Self {
        desk.engine.ctx.clone()
    }
}

/// The routes of the slice.
pub fn routes() -> Router<Desk> {
    Router::new()
        .route("/reservations", get(list))
        .route("/reservations/export", get(export).post(ask_export))
        .route("/reservations/flux", get(flow))
        .route("/reservations/reglages", post(keep_settings))
        .route("/reservations/totaux", get(totals))
        .route("/reservations/vues", post(keep_view))
        .route("/reservations/{id}", get(show))
        .route("/reservations/{id}/solde", get(ask_balance).post(charge_balance))
        .merge(super::editing::pages::routes())
        .merge(super::ending::pages::routes())
}

pub(super) type Answer = Result<Response, Response>;

pub(crate) fn failed<R>(staff: &Staff<R>, error: DbError) -> Response {
    web::oops::page(&staff.words, &identity::extract::api::internal(error).0)
}

pub(super) fn refused<R>(staff: &Staff<R>, error: BookingError) -> Response {
    let cause = error.to_string();
    let problem = Problem::from(error);
    if problem.status >= 500 {
        tracing::error!(cause, "booking pages");
    }
    web::oops::page(&staff.words, &problem)
}

async fn list(State(desk): State<Desk>, staff: Staff<needs::BookingView>, uri: Uri) -> Answer {
    let ctx = desk.engine.ctx.clone();
    let (scope, zone, query) =
        (staff.scope.clone(), staff.merchant.zone.clone(), query(&uri).to_owned());
    let read = move |tx: &mut Tx<'_>| {
        let shops = identity::merchants::store::shops(tx, &scope)?;
        let now = shops.first().map_or_else(|| ctx.real_now(), |shop| ctx.now(shop.id));
        listing::find(tx, &scope, &query, (now, zone))
    };
    let found = desk.engine.ctx.db.read(read).await.map_err(|error| failed(&staff, error))?;
    let cards = desk.engine.cards_of(&staff.scope, &found.asked()).await;
    let cards = cards.map_err(|error| failed(&staff, error))?;
    let list = listing::page_view(&staff.words, (&found, &cards), &staff.scope);
    let page = staff.page(&desk.engine.ctx, staff.words.say("booking-list-title"));
    Ok(http::html(&ListPage { page, shell: staff.shell.clone(), list }))
}

fn query(uri: &Uri) -> &str {
    uri.query().unwrap_or_default()
}

fn bookings() -> Arc<dyn List> {
    Arc::new(listing::Bookings)
}

async fn export(State(desk): State<Desk>, staff: Staff<needs::BookingView>, uri: Uri) -> Answer {
    lists::export((&desk.engine.ctx, &bookings()), &staff, query(&uri)).await
}

async fn ask_export(
    State(desk): State<Desk>,
    staff: Staff<needs::BookingView>,
    FormBody(fields): FormBody<BTreeMap<String, String>>,
) -> Answer {
    lists::ask_export((&desk.engine.ctx, &bookings()), &staff, &fields).await
}

async fn flow(State(desk): State<Desk>, staff: Staff<needs::BookingView>, uri: Uri) -> Answer {
    lists::flow((&desk.engine.ctx, &bookings()), &staff, query(&uri)).await
}

async fn totals(State(desk): State<Desk>, staff: Staff<needs::BookingView>, uri: Uri) -> Answer {
    lists::totals((&desk.engine.ctx, &bookings()), &staff, query(&uri)).await
}

async fn keep_settings(
    State(desk): State<Desk>,
    staff: Staff<needs::BookingView>,
    FormBody(fields): FormBody<BTreeMap<String, String>>,
) -> Answer {
    lists::keep_settings((&desk.engine.ctx, &bookings()), &staff, &fields).await
}

async fn keep_view(
    State(desk): State<Desk>,
    staff: Staff<needs::BookingView>,
    FormBody(fields): FormBody<BTreeMap<String, String>>,
) -> Answer {
    lists::keep_view((&desk.engine.ctx, &bookings()), &staff, &fields).await
}

/// A booking of the person's merchant; somebody else's does not exist.
pub(super) fn booking_of(
    tx: &mut Tx,
    scope: &kernel::Scope,
    id: &str,
) -> Result<Booking, BookingError> {
    let id: BookingId = id.parse().map_err(|_| BookingError::NotFound)?;
    store::find(tx, scope, id)?.ok_or(BookingError::NotFound)
}

async fn show(
    State(desk): State<Desk>,
    staff: Staff<needs::BookingView>,
    Path(id): Path<String>,
    Query(query): Query<BTreeMap<String, String>>,
) -> Answer {
    let tab = query.get("onglet").map_or(Tab::Summary, |word| Tab::parse(word));
    let ctx = &desk.engine.ctx;
    let (scope, zone, clock) = (staff.scope.clone(), staff.merchant.zone.clone(), ctx.clone());
    let (words, ceiling) = (Arc::clone(&staff.words), staff.ceiling(Right::PaymentsCreate));
    let read = move |tx: &mut Tx<'_>| -> Result<Sheet, BookingError> {
        let booking = booking_of(tx, &scope, &id)?;
        let payments = ops::payments_of(tx, &scope, &booking)?;
        let today = zone.date(clock.now(booking.shop));
        let may_cancel = scope.may(Right::BookingCancel)
            && (booking.starts >= today || scope.may(Right::BookingPastOverride));
        let may_edit = scope.may(Right::BookingEdit);
        let mut journal: Vec<(JournalLine, String)> = Vec::new();
        for line in store::journal(tx, &scope, booking.id)? {
            let who = who(tx, &words, &line.actor)?;
            journal.push((line, who));
        }
        Ok(Sheet {
            paid: ops::paid(&booking, &payments)?,
            balance: balance::balance(tx, &scope, &booking, &payments)?.up_to(ceiling),
            brackets: lodging_store::brackets(tx, &scope)?,
            journal,
            payments,
            booking,
            zone,
            may_cancel,
            may_edit,
            today,
        })
    };
    let sheet = ctx.db.read(read).await.map_err(|error| refused(&staff, error))?;
    let method = method::of(&desk, &staff, &sheet).await;
    let method = method.map_err(|error| failed(&staff, error))?;
    let title = [("number", sheet.booking.number.as_str())];
    let page = staff.page(ctx, staff.words.with("booking-title", &title));
    let leads_to_vault = !method.buttons.is_empty();
    let page = DetailPage::of(page, staff.shell.clone(), (&sheet, tab, method));
    match leads_to_vault {
        true => Ok(with_policy(http::html(&page), leading_to_vault(ctx))),
        false => Ok(http::html(&page)),
    }
}

/// An actor in words.
fn who(tx: &mut Tx, words: &http::Words, actor: &str) -> Result<String, DbError> {
    if let Ok(id) = actor.parse::<UserId>() {
        let user = user_store::find(tx, id)?;
        return Ok(user.map_or_else(|| actor.to_owned(), |user| user.name));
    }
    Ok(match actor {
        "payer" => words.say("booking-who-payer"),
        "clock" => words.say("booking-who-clock"),
        other => other.to_owned(),
    })
}

/// A booking with what is left of it.
struct Left {
    booking: Booking,
    payments: Vec<Payment>,
    balance: Balance,
    /// The card of a channel, where the guest paid with none that was kept.
    keyed: Option<CardOffer>,
}

async fn with_balance<R: Send + Sync>(
    desk: &Desk,
    staff: &Staff<R>,
    id: String,
) -> Result<Left, Response> {
    let scope = staff.scope.clone();
    let read = move |tx: &mut Tx<'_>| -> Result<_, BookingError> {
        let booking = booking_of(tx, &scope, &id)?;
        let payments = ops::payments_of(tx, &scope, &booking)?;
        let balance = balance::balance(tx, &scope, &booking, &payments)?;
        Ok((booking, payments, balance))
    };
    let read = desk.engine.ctx.db.read(read).await;
    let (booking, payments, mut balance) = read.map_err(|error| refused(staff, error))?;
    let keyed = match balance.why_not {
        Some(WhyNot::NoCard) => keyed::offer(&desk.engine, &staff.scope, &booking).await,
        _ => Ok(None),
    };
    let keyed = keyed.map_err(|error| failed(staff, error))?;
    if let Some(offer) = &keyed {
        balance =
            Balance { card: Some(offer.card.clone()), ..balance.on_another_card(&staff.scope) };
    }
    let balance = balance.up_to(staff.ceiling(Right::PaymentsCreate));
    Ok(Left { booking, payments, balance, keyed })
}

pub(super) fn page_of(booking: &Booking) -> String {
    format!("/reservations/{}", booking.id)
}

async fn ask_balance(
    State(desk): State<Desk>,
    staff: Staff<needs::CardUse>,
    Path(id): Path<String>,
) -> Answer {
    let left = with_balance(&desk, &staff, id).await?;
    if left.balance.why_not.is_some() {
        return Ok(http::redirect(&page_of(&left.booking)));
    }
    let page = balance_page(&desk, &staff, &left, Form::default());
    Ok(http::html(&page))
}

fn balance_page<R>(desk: &Desk, staff: &Staff<R>, left: &Left, form: Form) -> ConfirmPage {
    let (words, Left { booking, balance, keyed, .. }) = (&staff.words, left);
    let amount = format::money(balance.due, words.locale());
    let title = words.with("booking-balance-title", &[("number", &booking.number)]);
    let mut facts = vec![
        (words.say("booking-name"), booking.contact.full_name()),
        (words.say("booking-due"), amount.clone()),
    ];
    if let Some(card) = &balance.card {
        let expiry = format!("{:02}/{}", card.exp_month, card.exp_year);
        let card = format!("{} · {expiry}", card_name(card));
        facts.push((words.say("booking-card"), card));
    }
    let page = staff.page(&desk.engine.ctx, title);
    let typed = balance.due.minor() >= TYPED_FROM_MINOR;
    let consequence = match keyed {
        Some(_) => "booking-balance-keyed",
        None => "booking-balance-consequence",
    };
    ConfirmPage {
        page: if form.is_right() { page } else { page.faulty() },
        shell: staff.shell.clone(),
        token: forms::new_token(desk.engine.ctx.rng.as_ref()),
        action: format!("/reservations/{}/solde", booking.id),
        back: page_of(booking),
        facts,
        consequences: vec![words.with(consequence, &[("amount", &amount)])],
        button: words.with("booking-balance-button", &[("amount", &amount)]),
        danger: false,
        hidden: vec![("due", balance.due.minor().to_string()), ("card", token_of(balance))],
        again: if typed { amount } else { String::new() },
        asks_reason: false,
        form,
    }
}

/// Which card the question names, so that no other is charged.
fn token_of(balance: &Balance) -> String {
    balance.card.as_ref().map(|card| card.id.to_string()).unwrap_or_default()
}

async fn charge_balance(
    State(desk): State<Desk>,
    staff: Staff<needs::CardUse>,
    Path(id): Path<String>,
    FormBody(values): FormBody<BTreeMap<String, String>>,
) -> Answer {
    let left = with_balance(&desk, &staff, id).await?;
    let Left { booking, balance, .. } = &left;
    if balance.why_not.is_some() {
        // A second click, or somebody else was faster: the booking shows the result.
        return Ok(http::redirect(&page_of(booking)));
    }
    let text = |name: &str| values.get(name).map_or("", String::as_str);
    let mut form = Form::default();
    if text("due") != balance.due.minor().to_string() || text("card") != token_of(balance) {
        form.fault("form", staff.words.say("booking-balance-changed"));
    }
    let typed = format::parse_amount(text("again"), balance.due.currency());
    if balance.due.minor() >= TYPED_FROM_MINOR && typed != Ok(balance.due) {
        form.fault("again", staff.words.say("booking-again-wrong"));
    }
    if !form.is_right() {
        let page = balance_page(&desk, &staff, &left, form);
        return Ok(http::html_with(StatusCode::UNPROCESSABLE_ENTITY, &page));
    }
    charge(&desk, &staff, left).await
}

async fn charge<R: Send + Sync>(desk: &Desk, staff: &Staff<R>, left: Left) -> Answer {
    let (engine, scope, origin) = (&desk.engine, &staff.scope, staff.origin.clone());
    let Left { booking, payments, balance, keyed } = left;
    let (page, due) = (page_of(&booking), balance.due);
    let charged = match keyed {
        Some(offer) => keyed::charge(engine, scope, (booking, due), (offer, origin)).await,
        None => {
            let new = balance::payment_now(&engine.ctx, (&booking, &payments), due);
            let charged = engine.charge_kept_card(scope, booking.id, new, origin).await;
            charged.map_err(NotKeyed::from)
        }
    };
    match charged {
        // A second click, or somebody else was faster: the booking shows the result.
        Ok(_)
        | Err(
            NotKeyed::Already
            | NotKeyed::Charge(ChargeError::Create(CreateError::OrderHasLivePayment(_))),
        ) => Ok(http::redirect(&page)),
        Err(error) => {
            tracing::warn!(%error, page, "balance not charged");
            Err(web::oops::page(&staff.words, &Problem::from(error)))
        }
    }
}
