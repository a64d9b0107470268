//! `/reservations`: the list, one booking, charging its balance.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::Router;
use axum::extract::{Form as FormBody, FromRef, Path, Query, State};
use axum::http::Uri;
use axum::response::Response;
use axum::routing::{get, post};
use db::{DbError, Tx};
use http::security::with_policy;
use identity::extract::{Staff, needs};
use identity::lists::{List, pages as lists};
use identity::users::store as user_store;
use kernel::{BookingId, Problem, Right, UserId};
use payments::Engine;
use payments::cards::pages::leading_to_vault;
use web::Context;

use super::balance;
use super::listing;
use super::method;
use super::model::Booking;
use super::ops::{self, BookingError};
use super::outside;
use super::store::{self, JournalLine};
use super::tabs::Tab;
use super::view::{DetailPage, ListPage, Sheet};
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
        .merge(super::authentication::pages::routes())
        .merge(super::charging::pages::routes())
        .merge(super::card_request::pages::routes())
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
        let recorded = outside::store::of(tx, &scope, booking.id)?;
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
            paid: ops::paid(&booking, (&payments, &recorded))?,
            recorded,
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

pub(super) fn page_of(booking: &Booking) -> String {
    format!("/reservations/{}", booking.id)
}
