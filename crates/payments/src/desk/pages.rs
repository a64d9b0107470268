//! Routes of the cash desk.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::Router;
use axum::extract::{Form as Body, FromRef, Path, Query, State};
use axum::http::{StatusCode, Uri, header};
use axum::response::Response;
use axum::routing::{get, post};
use db::{DbError, Route, Tx};
use identity::extract::Staff;
use identity::extract::needs::{PaymentsExport, PaymentsRead};
use identity::lists::{List, pages as lists};
use kernel::{Money, PaymentId, Problem};
use web::forms::{self, Submit};
use web::{Context, Form};

use super::action::{self, ActionPage, Intent, Way};
use super::acts::{Act, Cancel, Capture, Record, Refund, Validate};
use super::detail::{DetailPage, Sheet};
use super::filter::Filter;
use super::history::History;
use super::list::{self, ListPage, Payments};
use super::{offers, record, words};
use crate::engine::desk::{Ask, DeskError, Planned};
use crate::engine::{Dispatch, Engine};
use crate::payment::rules::{self, Action};
use crate::payment::{self, Payment, Source, Status};
use crate::{approvals, grace};

/// While the bank is asked, the page looks again after so many seconds.
const LOOK_EVERY_SECONDS: u32 = 2;

/// What the pages work with.
#[derive(Debug, Clone)]
pub struct Desk {
    engine: Engine,
}

impl FromRef<Desk> for Context {
    fn from_ref(desk: &Desk) -> Self {
        desk.engine.ctx.clone()
    }
}

/// Pages of the cash desk; `app` puts the headers of the back office, the cross-site guard and
/// the menu around them.
pub fn routes(engine: Engine) -> Router {
    Router::new()
        .route("/caisse", get(list))
        .route("/caisse/export", get(export).post(ask_export))
        .route("/caisse/flux", get(flow))
        .route("/caisse/reglages", post(keep_settings))
        .route("/caisse/totaux", get(totals))
        .route("/caisse/vues", post(keep_view))
        .route("/caisse/{id}", get(show))
        .route("/caisse/{id}/encaisser", get(ask::<Capture>).post(act::<Capture>))
        .route("/caisse/{id}/rembourser", get(ask::<Refund>).post(act::<Refund>))
        .route("/caisse/{id}/enregistrer", get(ask::<Record>).post(act::<Record>))
        .route("/caisse/{id}/annuler", get(ask::<Cancel>).post(act::<Cancel>))
        .route("/caisse/{id}/valider", get(ask::<Validate>).post(act::<Validate>))
        .route("/caisse/{id}/reprendre", post(take_back))
        .with_state(Desk { engine: engine.clone() })
        .merge(crate::lots::routes(&engine))
        .merge(crate::chargebacks::routes(engine.clone()))
        .merge(approvals::routes(engine))
}

/// The most the person may move in one operation of this kind.
fn ceiling<A: Act>(staff: &Staff<A::Right>, payment: &Payment) -> Option<Money> {
    A::ceiling(staff).map(|minor| payment.money(minor))
}

type Answer = Result<Response, Response>;

impl Desk {
    /// A payment of the person's merchant; somebody else's does not exist.
    async fn payment<R: Send>(&self, staff: &Staff<R>, id: &str) -> Result<Payment, Response> {
        let missing = || web::oops::page(&staff.words, &Problem::not_found());
        let id: PaymentId = id.parse().map_err(|_| missing())?;
        let scope = staff.scope.clone();
        let read = move |tx: &mut Tx<'_>| payment::store::find(tx, &scope, id);
        let found = self.engine.ctx.db.read(read).await.map_err(|e| failed(staff, &e))?;
        found.ok_or_else(missing)
    }

    fn ctx(&self) -> &Context {
        &self.engine.ctx
    }
}

fn failed<R>(staff: &Staff<R>, error: &DbError) -> Response {
    tracing::error!(%error, "cash desk");
    web::oops::page(&staff.words, &Problem::from(error))
}

async fn list(State(desk): State<Desk>, staff: Staff<PaymentsRead>, uri: Uri) -> Answer {
    let filter = Filter::parse(query(&uri));
    let (scope, zone) = (staff.scope.clone(), staff.merchant.zone.clone());
    let ctx = desk.ctx().clone();
    let read = move |tx: &mut Tx<'_>| {
        let shops = identity::merchants::store::shops(tx, &scope)?;
        let now = shops.first().map_or_else(|| ctx.real_now(), |shop| ctx.now(shop.id));
        list::find(tx, &scope, filter, (now, zone, shops))
    };
    let found = desk.ctx().db.read(read).await.map_err(|e| failed(&staff, &e))?;
    let list = list::view(&staff.words, &staff.scope, &found);
    let page = staff.page(desk.ctx(), staff.words.say("desk-title"));
    Ok(http::html(&ListPage { page, shell: staff.shell.clone(), list }))
}

fn query(uri: &Uri) -> &str {
    uri.query().unwrap_or_default()
}

fn payments() -> Arc<dyn List> {
    Arc::new(Payments)
}

async fn export(State(desk): State<Desk>, staff: Staff<PaymentsExport>, uri: Uri) -> Answer {
    lists::export((desk.ctx(), &payments()), &staff, query(&uri)).await
}

async fn ask_export(
    State(desk): State<Desk>,
    staff: Staff<PaymentsExport>,
    Body(fields): Body<BTreeMap<String, String>>,
) -> Answer {
    lists::ask_export((desk.ctx(), &payments()), &staff, &fields).await
}

async fn flow(State(desk): State<Desk>, staff: Staff<PaymentsRead>, uri: Uri) -> Answer {
    lists::flow((desk.ctx(), &payments()), &staff, query(&uri)).await
}

async fn totals(State(desk): State<Desk>, staff: Staff<PaymentsRead>, uri: Uri) -> Answer {
    lists::totals((desk.ctx(), &payments()), &staff, query(&uri)).await
}

async fn keep_settings(
    State(desk): State<Desk>,
    staff: Staff<PaymentsRead>,
    Body(fields): Body<BTreeMap<String, String>>,
) -> Answer {
    lists::keep_settings((desk.ctx(), &payments()), &staff, &fields).await
}

async fn keep_view(
    State(desk): State<Desk>,
    staff: Staff<PaymentsRead>,
    Body(fields): Body<BTreeMap<String, String>>,
) -> Answer {
    lists::keep_view((desk.ctx(), &payments()), &staff, &fields).await
}

async fn show(
    State(desk): State<Desk>,
    staff: Staff<PaymentsRead>,
    Path(id): Path<String>,
) -> Answer {
    let payment = desk.payment(&staff, &id).await?;
    let busy = is_busy(&payment);
    let (scope, words) = (staff.scope.clone(), staff.words.clone());
    let engine = desk.engine.clone();
    let zone = staff.merchant.zone.clone();
    let read = move |tx: &mut Tx<'_>| {
        let seen = (&payment, words.as_ref());
        let subject = crate::checkout::pages::subject_page(tx, &engine, &scope, seen)?;
        let history = History::read(tx, &scope, &payment)?;
        let now = engine.ctx.now(payment.shop);
        let waiting = grace::waiting(tx, &scope, payment.id)?.map(|waiting| waiting.action);
        let request = match approvals::latest(tx, &scope, payment.id)? {
            Some(request) => Some((approvals::names(tx, &request)?, request)),
            None => None,
        };
        Ok::<Sheet, DbError>(Sheet { payment, subject, history, zone, now, waiting, request })
    };
    let sheet = desk.ctx().db.read(read).await.map_err(|e| failed(&staff, &e))?;
    let title = [("reference", sheet.payment.order_ref.as_str())];
    let page = staff.page(desk.ctx(), staff.words.with("desk-payment-title", &title));
    let page = page.about(&sheet.payment.order_ref);
    let busy = busy || sheet.waiting.is_some();
    let detail = DetailPage::of(page, staff.shell.clone(), &staff.scope, &sheet);
    let mut response = http::html(&detail);
    if busy {
        http::reply::set(&mut response, header::REFRESH, &LOOK_EVERY_SECONDS.to_string());
    }
    Ok(response)
}

/// Whether an answer of the bank is awaited at this moment.
fn is_busy(payment: &Payment) -> bool {
    payment.in_flight().is_some()
        || matches!(payment.status, Status::Authorising | Status::Refunding)
            && payment.unknown().is_none()
}

async fn ask<A: Act>(
    State(desk): State<Desk>,
    staff: Staff<A::Right>,
    Path(id): Path<String>,
    Query(query): Query<BTreeMap<String, String>>,
) -> Answer {
    let payment = desk.payment(&staff, &id).await?;
    let mut form = Form::default();
    if let Some(amount) = query.get("montant") {
        form.set("amount", amount.as_str());
        form.set("prefilled", "yes");
    }
    if A::ACTION == Action::Record {
        let today = staff.merchant.zone.date(desk.ctx().now(payment.shop));
        form.set("on", today.to_string());
    }
    Ok(question::<A>(&desk, &staff, &payment, form))
}

/// The page of an action, or the payment's own when the action is not possible now.
fn question<A: Act>(
    desk: &Desk,
    staff: &Staff<A::Right>,
    payment: &Payment,
    form: Form,
) -> Response {
    if rules::check(payment, A::ACTION).is_err() {
        return http::redirect(&format!("/caisse/{}", payment.id));
    }
    let status = if form.is_right() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    let title = staff.words.with(
        &format!("{}-title", words::action_key(A::ACTION)),
        &[("reference", payment.order_ref.as_str())],
    );
    let token = forms::new_token(desk.ctx().rng.as_ref());
    let ceiling = ceiling::<A>(staff, payment);
    let intent = Intent { action: A::ACTION, payment, token, form, ceiling };
    let page = staff.page(desk.ctx(), title).about(&payment.order_ref);
    http::html_with(status, &ActionPage::of(page, staff.shell.clone(), intent))
}

/// What a submit came to inside its transaction.
enum Done {
    /// A repetition, or done without the bank: to this page.
    There(String),
    /// A request is stored and must leave.
    Send(Box<Dispatch>),
}

async fn act<A: Act>(
    State(desk): State<Desk>,
    staff: Staff<A::Right>,
    Path(id): Path<String>,
    Body(fields): Body<BTreeMap<String, String>>,
) -> Answer {
    let payment = desk.payment(&staff, &id).await?;
    let there = format!("/caisse/{}", payment.id);
    let ceiling = ceiling::<A>(&staff, &payment);
    let sent = match action::read(&staff.words, (&payment, A::ACTION), ceiling, &fields) {
        Ok(sent) => sent,
        Err(form) => return Ok(question::<A>(&desk, &staff, &payment, form)),
    };
    if sent.token.is_empty() {
        let mut form = Form::with_values(&fields);
        form.fault("form", staff.words.say("form-token-missing"));
        return Ok(question::<A>(&desk, &staff, &payment, form));
    }
    let ask = Ask {
        payment: payment.id,
        version: sent.version,
        source: Source::Desk,
        reason: sent.reason.clone(),
        origin: staff.origin.clone(),
        ceiling: ceiling.map(|most| most.minor()),
        quiet: false,
    };
    let (engine, scope, location) = (desk.engine.clone(), staff.scope.clone(), there.clone());
    let path = offers::path(&payment, A::ACTION);
    let plan = move |tx: &mut Tx<'_>| {
        let real_now = engine.ctx.real_now();
        match forms::begin(tx, &scope, &path, &sent.token, real_now)? {
            Submit::First => {}
            Submit::Again(location) => return Ok(Done::There(location)),
            Submit::Running => return Ok(Done::There(location.clone())),
        }
        forms::finish(tx, &scope, &path, &sent.token, &location)?;
        if grace::waiting(tx, &scope, ask.payment)?.is_some() {
            return Ok(Done::There(location.clone()));
        }
        if sent.way == Way::Ask {
            let request = approvals::ask(tx, &engine, &scope, (&ask, &sent.what))?;
            return Ok(Done::There(format!("/demandes/{request}")));
        }
        if grace::what(A::ACTION).is_some() {
            grace::plan(tx, &engine, &scope, (&ask, A::ACTION))?;
            return Ok(Done::There(location.clone()));
        }
        let planned = engine.plan_operation(tx, &scope, &ask, &sent.what)?;
        Ok::<Done, DeskError>(match planned {
            Planned::Go(dispatch) => Done::Send(dispatch),
            Planned::Done(_) => Done::There(location.clone()),
        })
    };
    match desk.ctx().db.write(Route::of(payment.id.id()), plan).await {
        Ok(Done::There(location)) => Ok(http::redirect(&location)),
        Ok(Done::Send(dispatch)) => {
            send(&desk, &staff, *dispatch).await;
            Ok(http::redirect(&there))
        }
        Err(error) => refused::<A>(&desk, &staff, &id, (&fields, error)).await,
    }
}

/// Takes back what waits; what was done already stays done, and its page says so.
async fn take_back(
    State(desk): State<Desk>,
    staff: Staff<PaymentsRead>,
    Path(id): Path<String>,
) -> Answer {
    let payment = desk.payment(&staff, &id).await?;
    let scope = staff.scope.clone();
    let work = move |tx: &mut Tx<'_>| {
        let waiting = grace::waiting(tx, &scope, payment.id)?;
        match waiting.filter(|waiting| scope.may(offers::right_of(waiting.action))) {
            Some(_) => grace::take_back(tx, &scope, payment.id),
            None => Ok(false),
        }
    };
    let route = Route::of(payment.id.id());
    desk.ctx().db.write(route, work).await.map_err(|error| failed(&staff, &error))?;
    Ok(http::redirect(&format!("/caisse/{}", payment.id)))
}

/// Asks the bank; goes on when the browser leaves. The payment's page shows what came of it.
async fn send<R>(desk: &Desk, staff: &Staff<R>, dispatch: Dispatch) {
    let (engine, scope) = (desk.engine.clone(), staff.scope.clone());
    let work = tokio::spawn(async move {
        if let Err(error) = engine.run(&scope, dispatch).await {
            tracing::error!(%error, "operation of the cash desk");
        }
    });
    let _ = work.await;
}

/// Nothing was sent: the form again with the reason, on the payment as it stands now.
async fn refused<A: Act>(
    desk: &Desk,
    staff: &Staff<A::Right>,
    id: &str,
    (fields, error): (&BTreeMap<String, String>, DeskError),
) -> Answer {
    let payment = desk.payment(staff, id).await?;
    let say = |key: &str| staff.words.say(key);
    let with_amount = |key: &str, amount| {
        staff.words.with(key, &[("amount", &words::money(&staff.words, amount))])
    };
    let (field, message) = match error {
        DeskError::RefundableChanged(now) => {
            ("amount", with_amount("desk-refundable-changed", now))
        }
        DeskError::AboveRefundable(most) | DeskError::AboveCapturable(most) => {
            let most = words::money(&staff.words, most);
            ("amount", staff.words.with("desk-amount-most", &[("most", &most)]))
        }
        DeskError::AboveCeiling(most) => ("amount", action::above_ceiling(&staff.words, most)),
        DeskError::VersionConflict(_) => ("form", say("desk-version-conflict")),
        DeskError::NotAllowed { why, .. } => ("form", say(&words::why_key(why))),
        DeskError::WindowOver => ("form", say("desk-window-over")),
        DeskError::BadReason => ("reason", say("desk-no-number-here")),
        DeskError::UnsoundRecord(fault) => (record::field(fault), say(record::fault_key(fault))),
        DeskError::RecordedAlready(_) => ("reference", say("desk-record-twice")),
        DeskError::BadAmount => ("amount", say("desk-amount-format")),
        other => return Err(web::oops::page(&staff.words, &Problem::from(other))),
    };
    let mut form = Form::with_values(fields);
    form.fault(field, message);
    Ok(question::<A>(desk, staff, &payment, form))
}
