//! `/parametres/webhooks`: addresses that are told, what they were told, mails by rule.

use std::collections::BTreeMap;

use axum::Router;
use axum::extract::{Form as Fields, Path, Query, State};
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::{get, post};
use db::{DbError, Route, Tx, outbox};
use http::outside::BadAddress;
use identity::extract::Staff;
use identity::extract::needs::{NotificationsManage, NotificationsResend};
use identity::merchants::{self, Shop};
use identity::secrets::AppKeys;
use identity::{audit, audit::Line, settings};
use kernel::{
    AuditId, Date, DeliveryId, EventId, Problem, RuleId, ShopId, Timestamp, WebhookEndpointId, Zone,
};
use serde_json::json;
use web::forms::{self, Submit};
use web::{Context, Form};

use super::deliveries::{self, store::PAGE_DELIVERIES};
use super::endpoints::ops::{self, Change, EndpointError, NewEndpoint, Pen};
use super::endpoints::{self, Endpoint, MAX_DESCRIPTION_CHARACTERS, MAX_ENDPOINTS};
use super::replay::{self, Replay, Which};
use super::rules::{self, SELECTIONS, Switch};
use super::sign;
use super::view::{EndpointPage, EventPage, ListPage, More, NewPage, Note, Sheet, ShopView};

pub(super) const HOME: &str = "/parametres/webhooks";

/// The pages; `app` puts the headers of the back office, the cross-site guard and the menu
/// around them.
pub fn routes() -> Router<Context> {
    Router::new()
        .route("/parametres/webhooks", get(list))
        .route("/parametres/webhooks/nouveau", get(ask).post(create))
        .route("/parametres/webhooks/{id}", get(show))
        .route("/parametres/webhooks/{id}/etat", post(switch))
        .route("/parametres/webhooks/{id}/essai", post(try_out))
        .route("/parametres/webhooks/{id}/secret", post(show_secret))
        .route("/parametres/webhooks/{id}/renouveler", post(rotate))
        .route("/parametres/webhooks/{id}/rejouer", post(plan_replay))
        .route("/parametres/webhooks/{id}/supprimer", post(remove))
        .route("/parametres/webhooks/regles/{shop}/{key}", post(switch_rule))
        .route("/parametres/webhooks/evenements/{id}", get(show_event))
        .route("/parametres/webhooks/remises/{id}/renvoyer", post(resend))
        .merge(rules::pages::routes())
}

type Answer = Result<Response, Response>;
type Typed = BTreeMap<String, String>;

pub(super) fn failed<R>(staff: &Staff<R>, error: &EndpointError) -> Response {
    let problem = match error {
        EndpointError::Unknown => Problem::not_found(),
        EndpointError::Raced => Problem::new(409, "version_conflict", "Changed meanwhile."),
        EndpointError::Db(error) => {
            tracing::error!(%error, "notifications");
            Problem::from(error)
        }
        other => {
            tracing::error!(error = %other, "notifications");
            Problem::internal()
        }
    };
    web::oops::page(&staff.words, &problem)
}

pub(super) fn missing<R>(staff: &Staff<R>) -> Response {
    web::oops::page(&staff.words, &Problem::not_found())
}

fn broken<R>(staff: &Staff<R>) -> impl FnOnce(DbError) -> Response + '_ {
    move |error| failed(staff, &error.into())
}

pub(super) fn id_of<T: std::str::FromStr>(text: &str) -> Option<T> {
    text.parse().ok()
}

/// Runs a unit of work once per form; gives where it leads. A form without a token is one that
/// nobody rendered.
pub(super) async fn once<R, F>(
    (ctx, staff): (&Context, &Staff<R>),
    (shop, path): (ShopId, &str),
    (typed, location): (&Typed, &str),
    work: F,
) -> Result<String, EndpointError>
where
    F: Fn(&mut Tx<'_>, &Pen<'_>) -> Result<(), EndpointError> + Send + 'static,
{
    let token = typed.get(forms::TOKEN_FIELD).cloned().unwrap_or_default();
    if token.is_empty() {
        return Ok(location.to_owned());
    }
    let (own, scope) = (ctx.clone(), staff.scope.clone());
    let (path, location) = (path.to_owned(), location.to_owned());
    let unit = move |tx: &mut Tx<'_>| {
        let now = own.real_now();
        match forms::begin(tx, &scope, &path, &token, now)? {
            Submit::First => {}
            Submit::Again(location) => return Ok(location),
            Submit::Running => return Ok(location.clone()),
        }
        let keys = AppKeys::from_root(own.app_key.expose());
        let (rng, shop_now) = (own.rng.as_ref(), own.now(shop));
        work(tx, &Pen { scope: &scope, keys: &keys, now, shop_now, rng })?;
        forms::finish(tx, &scope, &path, &token, &location)?;
        Ok::<String, EndpointError>(location.clone())
    };
    ctx.db.write(Route::of(shop.id()), unit).await
}

async fn endpoint<R>(ctx: &Context, staff: &Staff<R>, id: &str) -> Result<Endpoint, Response> {
    let id: WebhookEndpointId = id_of(id).ok_or_else(|| missing(staff))?;
    let scope = staff.scope.clone();
    let read = move |tx: &mut Tx<'_>| endpoints::store::find(tx, &scope, id);
    ctx.db.read(read).await.map_err(broken(staff))?.ok_or_else(|| missing(staff))
}

async fn list(staff: Staff<NotificationsManage>, State(ctx): State<Context>) -> Answer {
    let scope = staff.scope.clone();
    let read = move |tx: &mut Tx<'_>| {
        let mut views = Vec::new();
        for shop in merchants::store::shops(tx, &scope)? {
            let endpoints = endpoints::store::of_shop(tx, &scope, shop.id)?;
            let rules = rules::store::of_shop(tx, &scope, shop.id)?;
            views.push(ShopView { shop, endpoints, rules });
        }
        Ok::<Vec<ShopView>, DbError>(views)
    };
    let views = ctx.db.read(read).await.map_err(broken(&staff))?;
    let page = staff.page(&ctx, staff.words.say("notifications-title"));
    let tabs = settings::tabs(&staff.words, &staff.scope, settings::WEBHOOKS);
    let shell = (staff.shell.clone(), tabs);
    Ok(http::html(&ListPage::of(page, shell, &views, &staff.words)))
}

pub(super) async fn shops<R>(ctx: &Context, staff: &Staff<R>) -> Result<Vec<Shop>, Response> {
    let scope = staff.scope.clone();
    let read = move |tx: &mut Tx<'_>| merchants::store::shops(tx, &scope);
    ctx.db.read(read).await.map_err(broken(staff))
}

async fn ask(staff: Staff<NotificationsManage>, State(ctx): State<Context>) -> Answer {
    new_page(&ctx, &staff, Form::default()).await
}

async fn new_page(ctx: &Context, staff: &Staff<NotificationsManage>, form: Form) -> Answer {
    let status = if form.is_right() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    let shops = shops(ctx, staff).await?;
    let token = forms::new_token(ctx.rng.as_ref());
    let page = staff.page(ctx, staff.words.say("notifications-new-title"));
    let frame = (page, staff.shell.clone());
    Ok(http::html_with(status, &NewPage::of(frame, token, form, &shops, &staff.words)))
}

async fn create(
    staff: Staff<NotificationsManage>,
    State(ctx): State<Context>,
    Fields(typed): Fields<Typed>,
) -> Answer {
    let mut form = Form::with_values(&typed);
    let shops = shops(&ctx, &staff).await?;
    let named = shops.iter().find(|shop| form.is("shop", &shop.id.to_string()));
    let Some(shop) = named.or_else(|| shops.first()) else { return Err(missing(&staff)) };
    let url = form.value("url").trim().to_owned();
    if let Err(bad) = endpoints::address(&url, staff.scope.mode()) {
        form.fault("url", staff.words.say(fault_key(bad)));
    }
    let description = form.value("description").trim().to_owned();
    if description.chars().count() > MAX_DESCRIPTION_CHARACTERS {
        form.fault("description", staff.words.say("notifications-description-long"));
    }
    let selection = SELECTIONS.iter().find(|selection| form.is("events", selection.key));
    let Some(selection) = selection.filter(|_| form.is_right()) else {
        if selection.is_none() {
            form.fault("events", staff.words.say("notifications-events-missing"));
        }
        return new_page(&ctx, &staff, form).await;
    };
    let (events, condition) = selection.parts();
    let (now, rng) = (ctx.real_now(), ctx.rng.as_ref());
    let id = WebhookEndpointId::new(now, rng);
    let key = sign::new_key(rng);
    let shop = shop.id;
    let format = endpoints::Format::read(form.value("format")).unwrap_or_default();
    let new = NewEndpoint { id, key, shop, url, description, format, events, condition };
    let line = staff.line("webhook.created", id);
    let work =
        move |tx: &mut Tx<'_>, pen: &Pen<'_>| ops::create(tx, pen, &new, line.clone()).map(|_| ());
    let place = (shop, "/parametres/webhooks/nouveau");
    let there = format!("{HOME}/{id}");
    match once((&ctx, &staff), place, (&typed, &there), work).await {
        Ok(location) => Ok(http::redirect(&location)),
        Err(EndpointError::TooMany) => {
            let most = MAX_ENDPOINTS.to_string();
            form.fault("form", staff.words.with("notifications-too-many", &[("most", &most)]));
            new_page(&ctx, &staff, form).await
        }
        Err(error) => Err(failed(&staff, &error)),
    }
}

const fn fault_key(bad: BadAddress) -> &'static str {
    match bad {
        BadAddress::NotWeb => "notifications-url-wrong",
        BadAddress::Password => "notifications-url-password",
        BadAddress::NotSecure => "notifications-url-insecure",
        BadAddress::Private => "notifications-url-private",
    }
}

async fn show(
    staff: Staff<NotificationsManage>,
    State(ctx): State<Context>,
    Path(id): Path<String>,
    Query(query): Query<Typed>,
) -> Answer {
    let endpoint = endpoint(&ctx, &staff, &id).await?;
    let note = query.get("fait").and_then(|word| {
        let known = ["essai", "rejoue", "etat", "secret", "cree"].contains(&word.as_str());
        let text = || staff.words.say(&format!("notifications-done-{word}"));
        known.then(|| Note { tone: "ok", icon: "check", text: text() })
    });
    let mut page = endpoint_page(&ctx, &staff, endpoint, (&query, Form::default())).await?;
    page.note = note.or(page.note);
    Ok(http::html(&page))
}

async fn endpoint_page<R>(
    ctx: &Context,
    staff: &Staff<R>,
    endpoint: Endpoint,
    (query, form): (&Typed, Form),
) -> Result<EndpointPage, Response> {
    let state = query.get("etat").and_then(|word| deliveries::State::read(word));
    let before: Option<DeliveryId> = query.get("avant").and_then(|id| id.parse().ok());
    let scope = staff.scope.clone();
    let read = move |tx: &mut Tx<'_>| {
        let list = deliveries::store::page(tx, &scope, endpoint.id, (state, before))?;
        let full = u32::try_from(list.len()).unwrap_or(u32::MAX) >= PAGE_DELIVERIES;
        let shop = merchants::store::shop(tx, &scope, endpoint.shop)?;
        Ok::<Sheet, DbError>(Sheet {
            rules: rules::store::of_shop(tx, &scope, endpoint.shop)?,
            shop: shop.map_or_else(String::new, |shop| shop.name),
            endpoint,
            deliveries: list,
            state,
            has_more: if full { More::Yes } else { More::No },
        })
    };
    let sheet = ctx.db.read(read).await.map_err(broken(staff))?;
    let named = &sheet.endpoint.description;
    let title = if named.is_empty() {
        staff.words.say("notifications-endpoint-title")
    } else {
        named.clone()
    };
    let frame = (staff.page(ctx, title), staff.shell.clone());
    let typed = (forms::new_token(ctx.rng.as_ref()), form);
    Ok(EndpointPage::of(frame, &sheet, typed, &staff.merchant.zone, &staff.words))
}

/// What a button of an endpoint's page does.
async fn press<R, F>(
    (ctx, staff): (&Context, &Staff<R>),
    (id, button, told): (&str, &str, &str),
    typed: &Typed,
    work: F,
) -> Answer
where
    F: Fn(&mut Tx<'_>, &Pen<'_>, (ShopId, WebhookEndpointId)) -> Result<(), EndpointError>
        + Send
        + 'static,
{
    let endpoint = endpoint(ctx, staff, id).await?;
    let place = (endpoint.shop, endpoint.id);
    let path = format!("{HOME}/{}/{button}", endpoint.id);
    let there = match told {
        "" => HOME.to_owned(),
        told => format!("{HOME}/{}?fait={told}", endpoint.id),
    };
    let unit = move |tx: &mut Tx<'_>, pen: &Pen<'_>| work(tx, pen, place);
    let done = once((ctx, staff), (endpoint.shop, &path), (typed, &there), unit).await;
    done.map(|location| http::redirect(&location)).map_err(|error| failed(staff, &error))
}

async fn switch(
    staff: Staff<NotificationsManage>,
    State(ctx): State<Context>,
    Path(id): Path<String>,
    Fields(typed): Fields<Typed>,
) -> Answer {
    let switch = switched(&typed);
    let line = staff.line("webhook.changed", &id);
    let work = move |tx: &mut Tx<'_>, pen: &Pen<'_>, place| {
        let change = Change { switch: Some(switch), ..Change::default() };
        ops::change(tx, pen, place, (&change, line.clone())).map(|_| ())
    };
    press((&ctx, &staff), (&id, "etat", "etat"), &typed, work).await
}

/// What a button that switches asks for.
pub(super) fn switched(typed: &Typed) -> Switch {
    if typed.get("etat").is_some_and(|word| word == "on") { Switch::On } else { Switch::Off }
}

async fn try_out(
    staff: Staff<NotificationsManage>,
    State(ctx): State<Context>,
    Path(id): Path<String>,
    Fields(typed): Fields<Typed>,
) -> Answer {
    let line = staff.line("webhook.tried", &id);
    let work = move |tx: &mut Tx<'_>, pen: &Pen<'_>, place| {
        ops::try_out(tx, pen, place, line.clone()).map(|_| ())
    };
    press((&ctx, &staff), (&id, "essai", "essai"), &typed, work).await
}

async fn rotate(
    staff: Staff<NotificationsManage>,
    State(ctx): State<Context>,
    Path(id): Path<String>,
    Fields(typed): Fields<Typed>,
) -> Answer {
    let (line, key) = (staff.line("webhook.rotated", &id), sign::new_key(ctx.rng.as_ref()));
    let work = move |tx: &mut Tx<'_>, pen: &Pen<'_>, place| {
        ops::rotate(tx, pen, place, (&key, line.clone())).map(|_| ())
    };
    press((&ctx, &staff), (&id, "renouveler", "secret"), &typed, work).await
}

async fn remove(
    staff: Staff<NotificationsManage>,
    State(ctx): State<Context>,
    Path(id): Path<String>,
    Fields(typed): Fields<Typed>,
) -> Answer {
    let line = staff.line("webhook.removed", &id);
    let work =
        move |tx: &mut Tx<'_>, pen: &Pen<'_>, place| ops::remove(tx, pen, place, line.clone());
    press((&ctx, &staff), (&id, "supprimer", ""), &typed, work).await
}

/// Shows the secret, and says in the journal that it was shown.
async fn show_secret(
    staff: Staff<NotificationsManage>,
    State(ctx): State<Context>,
    Path(id): Path<String>,
) -> Answer {
    let endpoint = endpoint(&ctx, &staff, &id).await?;
    let keys = AppKeys::from_root(ctx.app_key.expose());
    let now = ctx.now(endpoint.shop);
    let opened = endpoint.keys(&keys, now).map_err(|_| failed(&staff, &EndpointError::Secret))?;
    let Some(key) = opened.first() else { return Err(missing(&staff)) };
    record(&ctx, &staff, staff.line("webhook.secret_shown", endpoint.id)).await?;
    let mut page = endpoint_page(&ctx, &staff, endpoint, (&Typed::new(), Form::default())).await?;
    page.secret = sign::text(key);
    Ok(http::html(&page))
}

async fn record<R>(ctx: &Context, staff: &Staff<R>, line: Line) -> Result<(), Response> {
    let (scope, now) = (staff.scope.clone(), ctx.real_now());
    let id = AuditId::new(now, ctx.rng.as_ref());
    let unit = move |tx: &mut Tx<'_>| audit::record(tx, &scope, &line, now, id);
    ctx.db.write(Route::any(), unit).await.map_err(broken(staff))
}

async fn plan_replay(
    staff: Staff<NotificationsResend>,
    State(ctx): State<Context>,
    Path(id): Path<String>,
    Fields(typed): Fields<Typed>,
) -> Answer {
    let mut form = Form::with_values(&typed);
    let zone = staff.merchant.zone.clone();
    let Some(since) = instant(form.value("since"), form.value("time"), &zone) else {
        form.fault("since", staff.words.say("notifications-since-wrong"));
        let endpoint = endpoint(&ctx, &staff, &id).await?;
        let page = endpoint_page(&ctx, &staff, endpoint, (&Typed::new(), form)).await?;
        return Ok(http::html_with(StatusCode::UNPROCESSABLE_ENTITY, &page));
    };
    let which = if form.is("which", "failed") { Which::Failed } else { Which::All };
    let kinds = match form.value("kind") {
        "" => Vec::new(),
        kind => vec![kind.to_owned()],
    };
    let (own, line) = (ctx.clone(), staff.line("webhook.replayed", &id));
    let work = move |tx: &mut Tx<'_>, pen: &Pen<'_>, (shop, endpoint)| {
        let since_micros = since.as_micros();
        let replay = Replay { endpoint, since_micros, kinds: kinds.clone(), which };
        replay::plan(tx, &own, pen.scope, (shop, &replay))?;
        Ok(ops::note(tx, pen, line.clone().after(json!(replay)))?)
    };
    press((&ctx, &staff), (&id, "rejouer", "rejoue"), &typed, work).await
}

/// A day and a time of day in the merchant's zone.
fn instant(day: &str, time: &str, zone: &Zone) -> Option<Timestamp> {
    let day: Date = day.parse().ok()?;
    let (hour, minute) = if time.is_empty() { ("0", "0") } else { time.split_once(':')? };
    let hour = hour.parse().ok().filter(|hour| (0..24).contains(hour))?;
    let minute = minute.parse().ok().filter(|minute| (0..60).contains(minute))?;
    Some(zone.at(day, hour, minute))
}

async fn switch_rule(
    staff: Staff<NotificationsManage>,
    State(ctx): State<Context>,
    Path((shop, key)): Path<(String, String)>,
    Fields(typed): Fields<Typed>,
) -> Answer {
    let shop: ShopId = id_of(&shop).ok_or_else(|| missing(&staff))?;
    let known = shops(&ctx, &staff).await?.iter().any(|known| known.id == shop);
    if !known || rules::preset(&key).is_none() {
        return Err(missing(&staff));
    }
    let switch = switched(&typed);
    let (scope, now) = (staff.scope.clone(), ctx.real_now());
    let (rule, id) = (RuleId::new(now, ctx.rng.as_ref()), AuditId::new(now, ctx.rng.as_ref()));
    let line = staff.line("notification_rule.changed", &key).after(switch.is_on());
    let unit = move |tx: &mut Tx<'_>| {
        let place = (shop, key.as_str());
        rules::api::switch_preset(tx, &scope, place, (switch, rule, now))?;
        audit::record(tx, &scope, &line, now, id)
    };
    ctx.db.write(Route::of(shop.id()), unit).await.map_err(broken(&staff))?;
    Ok(http::redirect(&format!("{HOME}#regles")))
}

async fn show_event(
    staff: Staff<NotificationsManage>,
    State(ctx): State<Context>,
    Path(id): Path<String>,
) -> Answer {
    let (id, scope): (EventId, _) =
        (id_of(&id).ok_or_else(|| missing(&staff))?, staff.scope.clone());
    let read = move |tx: &mut Tx<'_>| {
        let Some(event) = outbox::find(tx, &scope, id)? else { return Ok(None) };
        let mut journeys = Vec::new();
        for delivery in deliveries::store::of_event(tx, &scope, id)? {
            let endpoint = endpoints::store::find(tx, &scope, delivery.endpoint)?;
            let tries = deliveries::store::tries(tx, &scope, delivery.id)?;
            journeys.push((delivery, endpoint, tries));
        }
        Ok::<_, DbError>(Some((event, journeys)))
    };
    let found = ctx.db.read(read).await.map_err(broken(&staff))?;
    let (event, journeys) = found.ok_or_else(|| missing(&staff))?;
    let page = staff.page(&ctx, super::mails::label(&staff.words, &event.kind));
    let (frame, zone) = ((page, staff.shell.clone()), &staff.merchant.zone);
    Ok(http::html(&EventPage::of(frame, &event, &journeys, zone, &staff.words)))
}

async fn resend(
    staff: Staff<NotificationsResend>,
    State(ctx): State<Context>,
    Path(id): Path<String>,
) -> Answer {
    let id: DeliveryId = id_of(&id).ok_or_else(|| missing(&staff))?;
    let (own, scope) = (ctx.clone(), staff.scope.clone());
    let line = staff.line("webhook.resent", id);
    let unit = move |tx: &mut Tx<'_>| {
        let known = deliveries::store::find(tx, &scope, id)?.ok_or(EndpointError::Unknown)?;
        let keys = AppKeys::from_root(own.app_key.expose());
        let (now, shop_now) = (own.real_now(), own.now(known.shop));
        let pen = Pen { scope: &scope, keys: &keys, now, shop_now, rng: own.rng.as_ref() };
        ops::resend(tx, &pen, id, line.clone())
    };
    let again = ctx.db.write(Route::of(id.id()), unit).await;
    let again = again.map_err(|error| failed(&staff, &error))?;
    Ok(http::redirect(&format!("{HOME}/evenements/{}", again.event)))
}
