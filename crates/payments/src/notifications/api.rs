//! `/v1/webhook_endpoints` and `/v1/webhook_deliveries`, with the routes of rules and events.

use std::collections::BTreeMap;

use axum::Router;
use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use axum::routing::{get, post};
use db::{DbError, Route, Tx};
use http::Refusal;
use http::outside::{BadAddress, MAX_URL_CHARACTERS};
use identity::extract::api::internal;
use identity::extract::{May, needs};
use identity::secrets::AppKeys;
use kernel::{Problem, ShopId, Timestamp, WebhookEndpointId};
use serde_json::{Value, json};
use web::Context;
use web::query::Query;

use super::deliveries::{self, Delivery, Try};
use super::endpoints::ops::{self, Change, EndpointError, NewEndpoint, Pen};
use super::endpoints::{Endpoint, Format, MAX_DESCRIPTION_CHARACTERS, MAX_ENDPOINTS, store};
use super::replay::{self, Replay, Which};
use super::rules::api::{condition, events as chosen};
use super::rules::{Condition, Events, Rule, Switch};
use super::{events, rules, sign};
use crate::fields::{Body, Object};
use crate::payment::api::answer;

const MAX_INSTANT_CHARACTERS: usize = 40;

/// Endpoints, deliveries, rules and events; `app` adds the limits of keys and the state.
pub fn routes() -> Router<Context> {
    Router::new()
        .route("/v1/webhook_endpoints", get(list).post(create))
        .route("/v1/webhook_endpoints/{id}", get(show).patch(change).delete(remove))
        .route("/v1/webhook_endpoints/{id}/rotate", post(rotate))
        .route("/v1/webhook_endpoints/{id}/test", post(try_out))
        .route("/v1/webhook_endpoints/{id}/replay", post(plan_replay))
        .route("/v1/webhook_endpoints/{id}/deliveries", get(sent))
        .route("/v1/webhook_deliveries/{id}", get(one_sent))
        .route("/v1/webhook_deliveries/{id}/resend", post(resend))
        .merge(rules::api::routes())
        .merge(events::api::routes())
}

/// A refusal of this slice.
#[derive(Debug)]
pub(super) struct Failure(pub(super) Box<Response>);

impl From<Problem> for Failure {
    fn from(problem: Problem) -> Self {
        Self(Box::new(Refusal(problem).into_response()))
    }
}

impl From<DbError> for Failure {
    fn from(error: DbError) -> Self {
        Self(Box::new(internal(error).into_response()))
    }
}

impl From<EndpointError> for Failure {
    fn from(error: EndpointError) -> Self {
        let problem = match error {
            EndpointError::Db(error) => return error.into(),
            EndpointError::Unknown => Problem::not_found(),
            EndpointError::TooMany => {
                let text = format!("A shop has at most {MAX_ENDPOINTS} endpoints.");
                Problem::new(409, "too_many_endpoints", text)
            }
            EndpointError::Address(bad) => Problem::field("$.url", code(bad), cure(bad)),
            EndpointError::Raced => {
                Problem::new(409, "version_conflict", "Somebody else changed it meanwhile.")
            }
            EndpointError::Secret => {
                tracing::error!("the secret of an endpoint does not open");
                Problem::internal()
            }
        };
        problem.into()
    }
}

const fn code(bad: BadAddress) -> &'static str {
    match bad {
        BadAddress::Private => "private_address",
        _ => "invalid_field",
    }
}

const fn cure(bad: BadAddress) -> &'static str {
    match bad {
        BadAddress::NotWeb => "Give an address such as https://example.org/hooks.",
        BadAddress::Password => "Give an address without a name and a password.",
        BadAddress::NotSecure => "In live mode the address begins with https://.",
        BadAddress::Private => "Private addresses are not reached; give a public one.",
    }
}

pub(super) type Answer = Result<Response, Failure>;

pub(super) fn done(answer: Answer) -> Response {
    answer.unwrap_or_else(|failure| *failure.0)
}

/// The id in a path; a text that is none names nothing.
pub(super) fn id_of<T: std::str::FromStr>(text: &str) -> Result<T, Failure> {
    text.parse().map_err(|_| Problem::not_found().into())
}

/// A program at work on an endpoint: its scope, its place in the journal, its shop.
struct Desk<R> {
    ctx: Context,
    may: May<R>,
}

impl<R: Send + Sync + 'static> Desk<R> {
    /// Runs a unit of work with what it needs.
    async fn write<T, F>(&self, action: &'static str, object: String, work: F) -> Result<T, Failure>
    where
        T: Send + 'static,
        F: Fn(&mut Tx<'_>, &Pen<'_>, identity::audit::Line) -> Result<T, EndpointError>
            + Send
            + 'static,
    {
        let (ctx, scope) = (self.ctx.clone(), self.may.scope.clone());
        let line = self.may.line(action, object);
        let shop = self.may.shop;
        let unit = move |tx: &mut Tx<'_>| {
            let keys = AppKeys::from_root(ctx.app_key.expose());
            let pen = Pen {
                scope: &scope,
                keys: &keys,
                now: ctx.real_now(),
                shop_now: ctx.now(shop),
                rng: ctx.rng.as_ref(),
            };
            work(tx, &pen, line.clone())
        };
        Ok(self.ctx.db.write(Route::of(shop.id()), unit).await?)
    }

    async fn shown(&self, endpoint: Endpoint) -> Result<Value, Failure> {
        let scope = self.may.scope.clone();
        let read = move |tx: &mut Tx<'_>| {
            let rule = ops::own_rule(tx, &scope, &endpoint)?;
            Ok::<Value, DbError>(shape(&endpoint, rule.as_ref()))
        };
        Ok(self.ctx.db.read(read).await?)
    }
}

/// An endpoint as programs see it, without its secret.
fn shape(endpoint: &Endpoint, rule: Option<&Rule>) -> Value {
    json!({
        "id": endpoint.id,
        "object": "webhook_endpoint",
        "shop": endpoint.shop,
        "mode": endpoint.mode.as_str(),
        "url": endpoint.url,
        "description": endpoint.description,
        "format": endpoint.format.word(),
        "events": rule.map(|rule| &rule.events),
        "condition": rule.map(|rule| &rule.condition),
        "state": endpoint.state.word(),
        "failing_since": endpoint.failing_since,
        "version": endpoint.version,
        "created_at": endpoint.created_at,
    })
}

async fn list(may: May<needs::NotificationsManage>, State(ctx): State<Context>) -> Response {
    let (scope, shop) = (may.scope, may.shop);
    let read = move |tx: &mut Tx<'_>| {
        let mut data = Vec::new();
        for endpoint in store::of_shop(tx, &scope, shop)? {
            let rule = ops::own_rule(tx, &scope, &endpoint)?;
            data.push(shape(&endpoint, rule.as_ref()));
        }
        Ok::<Vec<Value>, DbError>(data)
    };
    let data = ctx.db.read(read).await.map_err(Failure::from);
    done(data.map(|data| answer(StatusCode::OK, &json!({"data": data, "next": null}))))
}

async fn create(
    may: May<needs::NotificationsManage>,
    State(ctx): State<Context>,
    bytes: Bytes,
) -> Response {
    let desk = Desk { ctx, may };
    let created = async {
        let asked = asked(&Body::parse(&bytes)?, desk.may.shop)?;
        let (now, rng) = (desk.ctx.real_now(), desk.ctx.rng.as_ref());
        let new = NewEndpoint {
            id: WebhookEndpointId::new(now, rng),
            key: sign::new_key(rng),
            shop: desk.may.shop,
            url: asked.url,
            description: asked.description,
            format: asked.format,
            events: asked.events,
            condition: asked.condition,
        };
        let secret = sign::text(&new.key);
        let made = new.clone();
        let work = move |tx: &mut Tx<'_>, pen: &Pen<'_>, line| ops::create(tx, pen, &made, line);
        let endpoint = desk.write("webhook.created", new.id.to_string(), work).await?;
        let mut shape = desk.shown(endpoint).await?;
        shape["secret"] = secret.into();
        Ok(answer(StatusCode::CREATED, &shape))
    };
    done(created.await)
}

/// What a request for an endpoint says.
struct Asked {
    url: String,
    description: String,
    format: Format,
    events: Events,
    condition: Condition,
}

/// Reads the request; a shop that is not the key's own does not exist.
fn asked(value: &Value, own: ShopId) -> Result<Asked, Failure> {
    let sent = Body::new();
    let root = sent.root(value);
    let shop = root.parsed::<ShopId>("shop", "the id of a shop");
    let url = root.required("url", root.text("url", MAX_URL_CHARACTERS));
    let events = root.required("events", chosen(&root));
    let condition = condition(&root).unwrap_or_default();
    let description = root.text("description", MAX_DESCRIPTION_CHARACTERS);
    let format = format(&root).unwrap_or_default();
    root.close();
    sent.finish()?;
    let description = description.unwrap_or_default();
    match (url, events) {
        (Some(url), Some(events)) if shop.is_none_or(|shop| shop == own) => {
            Ok(Asked { url, description, format, events, condition })
        }
        _ => Err(Problem::not_found().into()),
    }
}

/// The member `format` of a request.
fn format(root: &Object<'_>) -> Option<Format> {
    let word = root.text("format", 10)?;
    let format = Format::read(&word);
    if format.is_none() {
        root.fault("format", "Give one of: json, form.");
    }
    format
}

async fn show(
    may: May<needs::NotificationsManage>,
    State(ctx): State<Context>,
    Path(id): Path<String>,
) -> Response {
    let desk = Desk { ctx, may };
    let shown = async {
        let endpoint = found(&desk, id_of(&id)?).await?;
        Ok(answer(StatusCode::OK, &desk.shown(endpoint).await?))
    };
    done(shown.await)
}

async fn found<R>(desk: &Desk<R>, id: WebhookEndpointId) -> Result<Endpoint, Failure> {
    let (scope, shop) = (desk.may.scope.clone(), desk.may.shop);
    let read = move |tx: &mut Tx<'_>| ops::find(tx, &scope, shop, id);
    Ok(desk.ctx.db.read(read).await?)
}

async fn change(
    may: May<needs::NotificationsManage>,
    State(ctx): State<Context>,
    Path(id): Path<String>,
    bytes: Bytes,
) -> Response {
    let desk = Desk { ctx, may };
    let changed = async {
        let id: WebhookEndpointId = id_of(&id)?;
        let wish = wish(&Body::parse(&bytes)?)?;
        let place = (desk.may.shop, id);
        let work =
            move |tx: &mut Tx<'_>, pen: &Pen<'_>, line| ops::change(tx, pen, place, (&wish, line));
        let endpoint = desk.write("webhook.changed", id.to_string(), work).await?;
        Ok(answer(StatusCode::OK, &desk.shown(endpoint).await?))
    };
    done(changed.await)
}

fn wish(value: &Value) -> Result<Change, Failure> {
    let sent = Body::new();
    let root = sent.root(value);
    let wish = Change {
        url: root.text("url", MAX_URL_CHARACTERS),
        description: root.text("description", MAX_DESCRIPTION_CHARACTERS),
        format: format(&root),
        events: chosen(&root),
        condition: condition(&root),
        switch: root.yes("enabled").map(|on| Switch::stored(on.into())),
    };
    root.close();
    sent.finish()?;
    Ok(wish)
}

async fn remove(
    may: May<needs::NotificationsManage>,
    State(ctx): State<Context>,
    Path(id): Path<String>,
) -> Response {
    let desk = Desk { ctx, may };
    let removed = async {
        let id: WebhookEndpointId = id_of(&id)?;
        let place = (desk.may.shop, id);
        let work = move |tx: &mut Tx<'_>, pen: &Pen<'_>, line| ops::remove(tx, pen, place, line);
        desk.write("webhook.removed", id.to_string(), work).await?;
        Ok(StatusCode::NO_CONTENT.into_response())
    };
    done(removed.await)
}

async fn rotate(
    may: May<needs::NotificationsManage>,
    State(ctx): State<Context>,
    Path(id): Path<String>,
) -> Response {
    let desk = Desk { ctx, may };
    let rotated = async {
        let id: WebhookEndpointId = id_of(&id)?;
        let (place, key) = ((desk.may.shop, id), sign::new_key(desk.ctx.rng.as_ref()));
        let secret = sign::text(&key);
        let work =
            move |tx: &mut Tx<'_>, pen: &Pen<'_>, line| ops::rotate(tx, pen, place, (&key, line));
        let endpoint = desk.write("webhook.rotated", id.to_string(), work).await?;
        let until = endpoint.old_secret.as_ref().map(|(_, until)| *until);
        let mut shape = desk.shown(endpoint).await?;
        shape["secret"] = secret.into();
        shape["old_secret_until"] = json!(until);
        Ok(answer(StatusCode::OK, &shape))
    };
    done(rotated.await)
}

async fn try_out(
    may: May<needs::NotificationsManage>,
    State(ctx): State<Context>,
    Path(id): Path<String>,
) -> Response {
    let desk = Desk { ctx, may };
    let tried = async {
        let id: WebhookEndpointId = id_of(&id)?;
        let place = (desk.may.shop, id);
        let work = move |tx: &mut Tx<'_>, pen: &Pen<'_>, line| ops::try_out(tx, pen, place, line);
        let event = desk.write("webhook.tried", id.to_string(), work).await?;
        Ok(answer(StatusCode::ACCEPTED, &json!({"event": event})))
    };
    done(tried.await)
}

async fn plan_replay(
    may: May<needs::NotificationsResend>,
    State(ctx): State<Context>,
    Path(id): Path<String>,
    bytes: Bytes,
) -> Response {
    let desk = Desk { ctx, may };
    let planned = async {
        let endpoint: WebhookEndpointId = id_of(&id)?;
        let replay = wanted(&Body::parse(&bytes)?, endpoint)?;
        let (ctx, shop) = (desk.ctx.clone(), desk.may.shop);
        let work = move |tx: &mut Tx<'_>, pen: &Pen<'_>, line| {
            ops::find(tx, pen.scope, shop, endpoint)?;
            ops::note(tx, pen, identity::audit::Line::after(line, json!(replay)))?;
            Ok(replay::plan(tx, &ctx, pen.scope, (shop, &replay))?)
        };
        let job = desk.write("webhook.replayed", endpoint.to_string(), work).await?;
        Ok(answer(StatusCode::ACCEPTED, &json!({"replay": job})))
    };
    done(planned.await)
}

/// Reads what is to be sent again.
fn wanted(value: &Value, endpoint: WebhookEndpointId) -> Result<Replay, Failure> {
    let sent = Body::new();
    let root = sent.root(value);
    let since = root.required("since", root.text("since", MAX_INSTANT_CHARACTERS));
    let since = since.and_then(|text| {
        let at = Timestamp::parse_rfc3339(&text).ok();
        if at.is_none() {
            root.fault("since", "Give an instant such as 2026-11-23T09:00:00Z.");
        }
        at
    });
    let kinds = chosen(&root).map(|events| events.patterns().to_vec()).unwrap_or_default();
    let which = match root.text("state", MAX_INSTANT_CHARACTERS).as_deref() {
        None | Some("all") => Which::All,
        Some("failed") => Which::Failed,
        Some(_) => {
            root.fault("state", "Give one of: all, failed.");
            Which::All
        }
    };
    root.close();
    sent.finish()?;
    Ok(Replay { endpoint, since_micros: since.map_or(0, |at| at.as_micros()), kinds, which })
}

async fn sent(
    may: May<needs::NotificationsManage>,
    State(ctx): State<Context>,
    Path(id): Path<String>,
    query: Query,
) -> Response {
    let desk = Desk { ctx, may };
    let listed = async {
        let endpoint = found(&desk, id_of(&id)?).await?;
        let query = query.read(&["state", "cursor"])?;
        let state = query.get("state").map(|word| {
            let wrong = || Problem::field("$.state", "invalid_field", "Give a state.");
            deliveries::State::read(word).ok_or_else(wrong)
        });
        let (state, before) = (state.transpose()?, cursor(&query)?);
        let scope = desk.may.scope.clone();
        let read = move |tx: &mut Tx<'_>| {
            deliveries::store::page(tx, &scope, endpoint.id, (state, before))
        };
        let page = desk.ctx.db.read(read).await?;
        let full = page.len() >= usize::try_from(deliveries::store::PAGE_DELIVERIES).unwrap_or(0);
        let next = page.last().filter(|_| full).map(|last| last.id);
        let data: Vec<Value> = page.iter().map(Delivery::shape).collect();
        Ok(answer(StatusCode::OK, &json!({"data": data, "next": next})))
    };
    done(listed.await)
}

/// The cursor of a query.
pub(super) fn cursor<T: std::str::FromStr>(
    query: &BTreeMap<String, String>,
) -> Result<Option<T>, Problem> {
    let wrong = |_| Problem::field("$.cursor", "invalid_field", "Give a cursor of this list.");
    query.get("cursor").map(|text| text.parse().map_err(|_| wrong(()))).transpose()
}

async fn one_sent(
    may: May<needs::NotificationsManage>,
    State(ctx): State<Context>,
    Path(id): Path<String>,
) -> Response {
    let shown = async {
        let id = id_of(&id)?;
        let (scope, shop) = (may.scope, may.shop);
        let read = move |tx: &mut Tx<'_>| {
            let found = deliveries::store::find(tx, &scope, id)?.filter(|d| d.shop == shop);
            let Some(found) = found else { return Ok(None) };
            let tries = deliveries::store::tries(tx, &scope, id)?;
            Ok::<_, DbError>(Some((found, tries)))
        };
        let (found, tries) = ctx.db.read(read).await?.ok_or_else(Problem::not_found)?;
        let mut shape = found.shape();
        shape["made"] = tries.iter().map(Try::shape).collect();
        Ok(answer(StatusCode::OK, &shape))
    };
    done(shown.await)
}

async fn resend(
    may: May<needs::NotificationsResend>,
    State(ctx): State<Context>,
    Path(id): Path<String>,
) -> Response {
    let desk = Desk { ctx, may };
    let again = async {
        let id: kernel::DeliveryId = id_of(&id)?;
        let shop = desk.may.shop;
        let work = move |tx: &mut Tx<'_>, pen: &Pen<'_>, line| {
            let known = deliveries::store::find(tx, pen.scope, id)?;
            known.filter(|d| d.shop == shop).ok_or(EndpointError::Unknown)?;
            ops::resend(tx, pen, id, line)?;
            deliveries::store::find(tx, pen.scope, id)?.ok_or(EndpointError::Unknown)
        };
        let planned = desk.write("webhook.resent", id.to_string(), work).await?;
        Ok(answer(StatusCode::ACCEPTED, &planned.shape()))
    };
    done(again.await)
}
