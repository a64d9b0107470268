//! `/cartes/virtuelles`: the virtual cards of a shop by what is to be done, and charging them.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::Router;
use axum::extract::{Form as Body, FromRef, Path, Query, State};
use axum::http::{StatusCode, Uri};
use axum::response::Response;
use axum::routing::get;
use db::{DbError, Route, Tx};
use identity::extract::{Staff, needs};
use identity::lists::{List, pages as lists};
use identity::lots::pages as several;
use identity::merchants::store as merchant_store;
use kernel::{CardToken, Money, Problem, Right, ShopId, format};
use web::forms::{self, Submit, TYPED_FROM_MINOR};
use web::list::view as shown;
use web::{Context, Form};

use super::board::{self, Entry};
use super::charge::{self, NotCharged, Order};
use super::list::{PATH, Virtuals};
use super::lots::Charges;
use super::model::Tab;
use super::view::{self, ChargePage, ListPage, Look, TabView};
use crate::engine::charge::ChargeError;
use crate::engine::{Dispatch, Engine};
use crate::payment::CreateError;

/// What the pages work with.
#[derive(Debug, Clone)]
pub(super) struct Desk {
    pub(super) engine: Engine,
}

impl FromRef<Desk> for Context {
    fn from_ref(desk: &Desk) -> Self {
        desk.engine.ctx.clone()
    }
}

pub(super) type Answer = Result<Response, Response>;

/// The pages.
pub fn routes(engine: Engine) -> Router {
    Router::new()
        .route("/cartes/virtuelles", get(list))
        .route("/cartes/virtuelles/export", get(export).post(ask_export))
        .route("/cartes/{id}/encaisser", get(ask).post(charge))
        .merge(super::settings::routes())
        .route(
            "/cartes/virtuelles/encaisser",
            get(several::ask)
                .post(several::start)
                .with_state(several::Door::of(&engine.ctx, Charges::new(&engine))),
        )
        .with_state(Desk { engine })
}

impl Desk {
    /// The shop whose cards a person sees: the first of his merchant and mode.
    pub(super) async fn shop<R>(&self, staff: &Staff<R>) -> Result<ShopId, Response> {
        let scope = staff.scope.clone();
        let read = move |tx: &mut Tx<'_>| merchant_store::shops(tx, &scope);
        let shops = self.engine.ctx.db.read::<_, DbError, _>(read).await;
        let shops = shops.map_err(|error| failed(staff, &error))?;
        shops.first().map(|shop| shop.id).ok_or_else(|| missing(staff))
    }

    async fn entry<R>(&self, staff: &Staff<R>, id: &str) -> Result<Entry, Response> {
        let card: CardToken = id.parse().map_err(|_| missing(staff))?;
        let shop = self.shop(staff).await?;
        let (engine, scope) = (self.engine.clone(), staff.scope.clone());
        let read = move |tx: &mut Tx<'_>| board::entry(tx, &engine.pen(&scope, shop), card);
        let found = self.engine.ctx.db.read::<_, DbError, _>(read).await;
        found.map_err(|error| failed(staff, &error))?.ok_or_else(|| missing(staff))
    }

    pub(super) fn look<'a, R>(&self, staff: &'a Staff<R>, shop: ShopId) -> Look<'a> {
        let ceiling = staff.ceiling(Right::PaymentsCreate);
        Look { words: &staff.words, now: self.engine.ctx.now(shop), ceiling }
    }
}

pub(super) fn missing<R>(staff: &Staff<R>) -> Response {
    web::oops::page(&staff.words, &Problem::not_found())
}

pub(super) fn failed<R>(staff: &Staff<R>, error: &DbError) -> Response {
    tracing::error!(%error, "pages of virtual cards");
    web::oops::page(&staff.words, &Problem::from(error))
}

async fn list(
    State(desk): State<Desk>,
    staff: Staff<needs::CardView>,
    Query(query): Query<BTreeMap<String, String>>,
) -> Answer {
    let shop = desk.shop(&staff).await?;
    let all = desk.engine.virtual_cards(&staff.scope, shop).await;
    let all = all.map_err(|error| failed(&staff, &error))?;
    let tab = query.get("tab").and_then(|word| Tab::parse(word));
    let look = desk.look(&staff, shop);
    let whole = TabView {
        label: staff.words.say("vcc-tab-all"),
        count: format::count(i64::try_from(all.len()).unwrap_or(i64::MAX), staff.words.locale()),
        href: PATH.to_owned(),
        on: tab.is_none(),
    };
    let counts = board::counts(&all);
    let each = counts.iter().map(|(one, count)| look.tab(PATH, (*one, count), tab));
    let chosen = all.iter().filter(|entry| tab.is_none_or(|tab| entry.tabs.contains(&tab)));
    let page = ListPage {
        page: staff.page(&desk.engine.ctx, staff.words.say("vcc-title")),
        shell: staff.shell.clone(),
        tabs: std::iter::once(whole).chain(each).collect(),
        rows: chosen.map(|entry| look.row(entry)).collect(),
        filter: tab.map(|tab| format!("tab={}", tab.as_str())).unwrap_or_default(),
        formats: match staff.scope.may(Right::PaymentsExport) {
            true => shown::formats(&staff.words, ""),
            false => Vec::new(),
        },
        may_charge: staff.scope.may(Right::CardUse),
        may_set: staff.scope.may(Right::CardSettings),
        token: forms::new_token(desk.engine.ctx.rng.as_ref()),
    };
    Ok(http::html(&page))
}

async fn ask(
    State(desk): State<Desk>,
    staff: Staff<needs::CardUse>,
    Path(id): Path<String>,
) -> Answer {
    let entry = desk.entry(&staff, &id).await?;
    let mut form = Form::default();
    if let Some(offer) = entry.offer {
        form.set("amount", format::number(offer, staff.words.locale()));
    }
    Ok(question(&desk, &staff, &entry, form))
}

fn question<R>(desk: &Desk, staff: &Staff<R>, entry: &Entry, form: Form) -> Response {
    let (words, seen) = (&staff.words, &entry.seen);
    let title = words.with("vcc-charge-title", &[("number", &seen.card.masked)]);
    let page = staff.page(&desk.engine.ctx, title);
    let status = if form.is_right() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    let number = seen.claim.as_ref().map(|claim| claim.number.as_str());
    let mut facts = vec![(words.say("vcc-booking"), charge::reference(&seen.card, number))];
    if let Some(claim) = &seen.claim {
        facts.push((words.say("vcc-guest"), view::guest(seen)));
        facts.push((words.say("vcc-due"), format::money(claim.due, words.locale())));
    }
    facts.extend(view::facts(words, seen));
    let shown = ChargePage {
        page: form.mark(page),
        shell: staff.shell.clone(),
        token: forms::new_token(desk.engine.ctx.rng.as_ref()),
        here: view::charge_path(seen),
        facts,
        unknown: entry.left().is_none(),
        why: desk.look(staff, seen.card.shop).why_not(entry).unwrap_or_default(),
        form,
    };
    http::html_with(status, &shown)
}

/// What a submit came to.
enum Done {
    /// A repetition of the same form: where the first one led.
    Again(String),
    /// The bank is to be asked.
    Go(Box<Dispatch>),
}

async fn charge(
    State(desk): State<Desk>,
    staff: Staff<needs::CardUse>,
    Path(id): Path<String>,
    Body(fields): Body<BTreeMap<String, String>>,
) -> Answer {
    let entry = desk.entry(&staff, &id).await?;
    let text = |name: &str| fields.get(name).map_or("", |value| value.trim());
    // After the first press the card offers another amount.
    if let Some(there) = led_to(&desk, &staff, (&entry, text(forms::TOKEN_FIELD))).await? {
        return Ok(http::redirect(&there));
    }
    let mut form = Form::with_values(&fields);
    let one_press = text("minor").parse::<i64>().ok();
    let typed = format::parse_amount(text("amount"), entry.seen.currency()).ok();
    let pressed = one_press.map(|minor| Money::new(minor, entry.seen.currency()));
    if text(forms::TOKEN_FIELD).is_empty() {
        form.fault("form", staff.words.say("form-token-missing"));
    }
    // One press charges what the button said, unless that is much, or the balance is unknown.
    let unsure = entry.left().is_none() || pressed.is_some_and(|p| p.minor() >= TYPED_FROM_MINOR);
    let Some(amount) = pressed.or(typed).filter(|amount| amount.minor() > 0) else {
        form.fault("amount", staff.words.say("vcc-amount-fault"));
        return Ok(question(&desk, &staff, &entry, form));
    };
    if pressed.is_some() && (unsure || pressed != entry.offer) {
        form.set("amount", format::number(entry.offer.unwrap_or(amount), staff.words.locale()));
        return Ok(question(&desk, &staff, &entry, form));
    }
    let ceiling = staff.ceiling(Right::PaymentsCreate).filter(|most| amount.minor() > *most);
    if let Some(most) = ceiling {
        let most = format::money(Money::new(most, amount.currency()), staff.words.locale());
        form.fault("amount", staff.words.with("vcc-above-ceiling", &[("amount", &most)]));
    }
    if !form.is_right() {
        return Ok(question(&desk, &staff, &entry, form));
    }
    let order = {
        let card = &entry.seen.card;
        Order::new(&desk.engine, (card.card, card.shop), amount, staff.origin.clone())
    };
    match send(&desk.engine, &staff, order, text(forms::TOKEN_FIELD)).await {
        Ok(location) => Ok(http::redirect(&location)),
        Err(error) => Ok(not_charged(&desk, &staff, (&entry, form), error)),
    }
}

/// The place of a card's charging forms among all forms.
fn form_place(card: CardToken) -> String {
    format!("virtual {card}")
}

/// Where the same form led when it was sent before.
async fn led_to<R>(
    desk: &Desk,
    staff: &Staff<R>,
    (entry, token): (&Entry, &str),
) -> Result<Option<String>, Response> {
    let (scope, token) = (staff.scope.clone(), token.to_owned());
    let place = form_place(entry.seen.card.card);
    let read = move |tx: &mut Tx<'_>| forms::led_to(tx, &scope, &place, &token);
    let found = desk.engine.ctx.db.read(read).await;
    found.map_err(|error| failed(staff, &error))
}

/// Charges once per form; gives the page of the payment.
async fn send<R>(
    engine: &Engine,
    staff: &Staff<R>,
    order: Order,
    token: &str,
) -> Result<String, NotCharged> {
    let offer = engine.virtual_offer(&staff.scope, (order.card, order.shop)).await?;
    let (own, scope, token) = (engine.clone(), staff.scope.clone(), token.to_owned());
    let location = format!("/caisse/{}", order.ids.payment);
    let (there, route) = (location.clone(), Route::of(order.ids.payment.id()));
    let unit = move |tx: &mut Tx<'_>| {
        let place = form_place(order.card);
        match forms::begin(tx, &scope, &place, &token, own.ctx.real_now())? {
            Submit::First => {}
            Submit::Again(location) => return Ok(Done::Again(location)),
            Submit::Running => return Ok(Done::Again(PATH.to_owned())),
        }
        forms::finish(tx, &scope, &place, &token, &there)?;
        let dispatch = charge::begin(tx, &own, &scope, (&order, &offer))?;
        Ok::<_, NotCharged>(Done::Go(Box::new(dispatch)))
    };
    match engine.ctx.db.write(route, unit).await? {
        Done::Again(location) => Ok(location),
        Done::Go(dispatch) => {
            engine.run(&staff.scope, *dispatch).await?;
            Ok(location)
        }
    }
}

/// Nothing was sent: the question again with the reason.
fn not_charged<R>(
    desk: &Desk,
    staff: &Staff<R>,
    (entry, mut form): (&Entry, Form),
    error: NotCharged,
) -> Response {
    let (words, seen) = (&staff.words, &entry.seen);
    let message = match error {
        NotCharged::Unknown => return missing(staff),
        NotCharged::Card(why) => {
            view::reason(words, &seen.zone, &why, desk.engine.ctx.now(seen.card.shop))
        }
        NotCharged::Changed => words.say("vcc-changed"),
        NotCharged::NoPlace => words.say("vcc-no-moto"),
        NotCharged::Vault(error) => {
            return web::oops::page(words, &crate::error::of_vault(&error));
        }
        NotCharged::Charge(ChargeError::Create(CreateError::OrderHasLivePayment(_))) => {
            words.say("vcc-under-way")
        }
        NotCharged::Charge(error) => {
            tracing::warn!(%error, card = %seen.card.card, "virtual card not charged");
            return web::oops::page(words, &Problem::from(error));
        }
    };
    form.fault("amount", message);
    question(desk, staff, entry, form)
}

fn virtuals(engine: &Engine) -> Arc<dyn List> {
    Arc::new(Virtuals::new(engine))
}

async fn export(State(desk): State<Desk>, staff: Staff<needs::PaymentsExport>, uri: Uri) -> Answer {
    let list = virtuals(&desk.engine);
    lists::export((&desk.engine.ctx, &list), &staff, uri.query().unwrap_or_default()).await
}

async fn ask_export(
    State(desk): State<Desk>,
    staff: Staff<needs::PaymentsExport>,
    Body(fields): Body<BTreeMap<String, String>>,
) -> Answer {
    lists::ask_export((&desk.engine.ctx, &virtuals(&desk.engine)), &staff, &fields).await
}
