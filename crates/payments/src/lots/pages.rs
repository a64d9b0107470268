//! `/caisse/lots`: what an action would do to the ticked payments, doing it, what became of it.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::Router;
use axum::extract::{Form as Body, FromRef, Path, State};
use axum::http::{StatusCode, Uri};
use axum::response::Response;
use axum::routing::get;
use db::{DbError, Route, Tx};
use identity::audit;
use identity::clocks::ops::merchant_now;
use identity::extract::Staff;
use identity::extract::needs::{PaymentsExport, PaymentsRead};
use identity::lists::{List, pages as lists};
use identity::runs::{self, Kind, NewRun};
use kernel::{AuditId, JobId, PaymentId, Problem, Right, format};
use web::forms::{self, Submit};
use web::list::view as shown;
use web::tasks::{self, Owner};
use web::{Context, Form};

use super::list::{Results, filter};
use super::model::{Lot, Outlook};
use super::view::{self, PreviewPage, ResultPage};
use super::{MAX_LINES, ops, store, work};
use crate::checkout::links::decoded;
use crate::desk::acts::{Act, Cancel, Capture, Refund, Validate};
use crate::desk::offers::{self, right_of};
use crate::desk::{filter as desk, words};
use crate::engine::Engine;
use crate::engine::desk::MAX_REASON_CHARACTERS;

/// What the pages work with.
#[derive(Debug, Clone)]
pub struct Lots {
    engine: Engine,
}

impl FromRef<Lots> for Context {
    fn from_ref(lots: &Lots) -> Self {
        lots.engine.ctx.clone()
    }
}

/// Pages of lots; part of the cash desk.
pub fn routes(engine: Engine) -> Router {
    Router::new()
        .route("/caisse/lots/encaisser", get(ask::<Capture>).post(start::<Capture>))
        .route("/caisse/lots/rembourser", get(ask::<Refund>).post(start::<Refund>))
        .route("/caisse/lots/annuler", get(ask::<Cancel>).post(start::<Cancel>))
        .route("/caisse/lots/valider", get(ask::<Validate>).post(start::<Validate>))
        .route("/caisse/lots/export", get(export).post(ask_export))
        .route("/caisse/lots/{id}", get(result))
        .with_state(Lots { engine })
}

type Answer = Result<Response, Response>;
type Pairs = Vec<(String, String)>;

fn failed<R>(staff: &Staff<R>, error: &DbError) -> Response {
    tracing::error!(%error, "lots of the cash desk");
    web::oops::page(&staff.words, &Problem::from(error))
}

/// What was ticked, and the filter of the list it was ticked on.
#[derive(Debug, Clone, Default)]
struct Ticked {
    ids: Vec<PaymentId>,
    filter: String,
    fields: BTreeMap<String, String>,
}

impl Ticked {
    fn of(pairs: Pairs) -> Self {
        let mut ticked = Self::default();
        for (name, value) in pairs {
            match name.as_str() {
                "id" => {
                    let id = value.parse().ok().filter(|id| !ticked.ids.contains(id));
                    ticked.ids.extend(id.filter(|_| ticked.ids.len() < MAX_LINES));
                }
                "filtre" => ticked.filter = value.chars().filter(|c| !c.is_control()).collect(),
                _ => drop(ticked.fields.insert(name, value)),
            }
        }
        ticked
    }

    fn query(uri: &Uri) -> Self {
        let pairs = uri.query().unwrap_or_default().split('&').filter_map(|p| p.split_once('='));
        Self::of(pairs.map(|(name, value)| (decoded(name), decoded(value))).collect())
    }

    fn back(&self) -> String {
        let joint = if self.filter.is_empty() { "" } else { "?" };
        format!("{}{joint}{}", desk::PATH, self.filter)
    }

    fn field(&self, name: &str) -> &str {
        self.fields.get(name).map_or("", |value| value.trim())
    }
}

async fn ask<A: Act>(State(lots): State<Lots>, staff: Staff<A::Right>, uri: Uri) -> Answer {
    question::<A>(&lots, &staff, &Ticked::query(&uri), Form::default()).await
}

/// The page before the lot, as things stand.
async fn question<A: Act>(
    lots: &Lots,
    staff: &Staff<A::Right>,
    ticked: &Ticked,
    form: Form,
) -> Answer {
    let (engine, scope, ids) = (lots.engine.clone(), staff.scope.clone(), ticked.ids.clone());
    let act = (A::ACTION, A::ceiling(staff));
    let read = move |tx: &mut Tx<'_>| ops::look(tx, &engine, &scope, act, &ids);
    let outlook = lots.engine.ctx.db.read(read).await.map_err(|e| failed(staff, &e))?;
    let words = &staff.words;
    let key = view::action_key(A::ACTION);
    let again = view::typed_total(&outlook).map(|total| words::typed(words.locale(), total));
    let hint = again.as_ref().map(|total| words.with("desk-again-hint", &[("amount", total)]));
    let mut hidden = vec![
        (forms::TOKEN_FIELD, forms::new_token(lots.engine.ctx.rng.as_ref())),
        ("filtre", ticked.filter.clone()),
        ("vu", outlook.digest()),
    ];
    hidden.extend(outlook.chosen.iter().map(|one| ("id", one.payment.id.to_string())));
    let count = i64::try_from(outlook.going().count()).unwrap_or(i64::MAX);
    let page = staff.page(&lots.engine.ctx, words.say(&format!("{key}-title")));
    let status = if form.is_right() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    let page = PreviewPage {
        page: if form.is_right() { page } else { page.faulty() },
        shell: staff.shell.clone(),
        action: format!("/caisse/lots/{}", offers::word(A::ACTION)),
        back: ticked.back(),
        facts: view::facts(words, &outlook),
        going: outlook.going().map(|one| view::line(words, one)).collect(),
        left_out: outlook.left_out().map(|(one, _)| view::line(words, one)).collect(),
        consequence: words.say(&format!("{key}-what")),
        asks_again: again.is_some(),
        again_hint: hint.unwrap_or_default(),
        button: words.count(&format!("{key}-do"), count),
        hidden,
        form,
    };
    Ok(http::html_with(status, &page))
}

/// Why nothing was stored.
enum NotDone {
    /// This field is wrong, with this message.
    Fault(&'static str, &'static str),
    /// The database failed.
    Db(DbError),
}

impl From<DbError> for NotDone {
    fn from(error: DbError) -> Self {
        Self::Db(error)
    }
}

async fn start<A: Act>(
    State(lots): State<Lots>,
    staff: Staff<A::Right>,
    Body(pairs): Body<Pairs>,
) -> Answer {
    let ticked = Ticked::of(pairs);
    let mut form = Form::with_values(&ticked.fields);
    let reason = ticked.field("reason").to_owned();
    if kernel::card_text::holds_card_number(&reason) {
        form.fault("reason", staff.words.say("desk-no-number-here"));
    }
    if reason.chars().count() > MAX_REASON_CHARACTERS {
        form.fault("reason", staff.words.say("desk-reason-long"));
    }
    if ticked.field(forms::TOKEN_FIELD).is_empty() {
        form.fault("form", staff.words.say("form-token-missing"));
    }
    if !form.is_right() {
        return question::<A>(&lots, &staff, &ticked, form).await;
    }
    let engine = lots.engine.clone();
    let asked = Asked::of::<A>(&engine, &staff, ticked.clone(), reason);
    let route = Route::of(asked.lot.id.id());
    let unit = move |tx: &mut Tx<'_>| asked.store(tx, &engine);
    match lots.engine.ctx.db.write(route, unit).await {
        Ok(location) => Ok(http::redirect(&location)),
        Err(NotDone::Db(error)) => Err(failed(&staff, &error)),
        Err(NotDone::Fault(field, key)) => {
            form.fault(field, staff.words.say(key));
            question::<A>(&lots, &staff, &ticked, form).await
        }
    }
}

/// A submit that is right by itself.
struct Asked {
    scope: kernel::Scope,
    lot: Lot,
    ceiling: Option<i64>,
    ticked: Ticked,
    title: String,
    line: audit::Line,
    line_id: AuditId,
}

impl Asked {
    fn of<A: Act>(
        engine: &Engine,
        staff: &Staff<A::Right>,
        ticked: Ticked,
        reason: String,
    ) -> Self {
        let rng = engine.ctx.rng.as_ref();
        // Whoever knows the address of a run must not guess another.
        let id = JobId::random(rng);
        let title = format!("{}-title", view::action_key(A::ACTION));
        Self {
            scope: staff.scope.clone(),
            lot: Lot {
                id,
                user: staff.user.id,
                action: A::ACTION,
                reason: (!reason.is_empty()).then_some(reason),
                origin: staff.origin.clone(),
            },
            ceiling: A::ceiling(staff),
            ticked,
            title: staff.words.say(&title),
            line: staff.line("payment.lot", id),
            line_id: AuditId::new(engine.ctx.real_now(), rng),
        }
    }

    /// Stores the lot with its run, unless it is not what the page showed; gives the page that
    /// follows.
    fn store(&self, tx: &mut Tx<'_>, engine: &Engine) -> Result<String, NotDone> {
        let (scope, lot, now) = (&self.scope, &self.lot, engine.ctx.real_now());
        let token = self.ticked.field(forms::TOKEN_FIELD);
        let path = format!("/caisse/lots/{}", offers::word(lot.action));
        let there = runs::path(lot.id);
        let act = (lot.action, self.ceiling);
        let outlook = ops::look(tx, engine, scope, act, &self.ticked.ids)?;
        match forms::begin(tx, scope, &path, token, now)? {
            Submit::First => {}
            Submit::Again(location) => return Ok(location),
            Submit::Running => return Ok("/traitements".into()),
        }
        if let Some((field, key)) = self.fault(&outlook) {
            return Err(NotDone::Fault(field, key));
        }
        forms::finish(tx, scope, &path, token, &there)?;
        store::insert(tx, scope, lot, outlook.going(), now)?;
        let kind = Kind::Errand { name: work::NAME.into(), result: result_path(lot.id) };
        let count = i64::try_from(outlook.going().count()).unwrap_or(i64::MAX);
        let run = NewRun::errand(lot.id, right_of(lot.action), kind, (self.title.clone(), count));
        runs::store::insert(tx, scope, &run, now)?;
        let total = outlook.total().map(|total| total.minor());
        let after = serde_json::json!({
            "action": lot.action, "lines": count, "total": total, "reason": lot.reason,
        });
        audit::record(tx, scope, &self.line.clone().after(after), now, self.line_id)?;
        Ok(there)
    }

    fn fault(&self, outlook: &Outlook) -> Option<(&'static str, &'static str)> {
        if outlook.going().next().is_none() {
            return Some(("form", "lot-nothing"));
        }
        if outlook.digest() != self.ticked.field("vu") {
            return Some(("form", "lot-changed"));
        }
        let typed = self.ticked.field("again");
        let wrong = view::typed_total(outlook)
            .is_some_and(|total| format::parse_amount(typed, total.currency()) != Ok(total));
        wrong.then_some(("again", "lot-again-fault"))
    }
}

/// The page of the results of a lot.
fn result_path(id: JobId) -> String {
    format!("/caisse/lots/{id}")
}

async fn result(
    State(lots): State<Lots>,
    mut staff: Staff<PaymentsRead>,
    Path(id): Path<String>,
) -> Answer {
    let missing = || web::oops::page(&staff.words, &Problem::not_found());
    let id: JobId = id.parse().map_err(|_| missing())?;
    let (scope, user, ctx) = (staff.scope.clone(), staff.user.id, lots.engine.ctx.clone());
    let look = move |tx: &mut Tx<'_>| {
        let lot = store::find(tx, &scope, id)?.filter(|lot| lot.user == user);
        let Some(lot) = lot else { return Ok(None) };
        // He has seen it.
        let now = merchant_now(tx, &ctx, &scope)?;
        let mut seen = 0_u64;
        for kind in [tasks::ERRAND_DONE, tasks::ERRAND_FAILED] {
            let about = (kind, &*id.to_string());
            seen = seen.saturating_add(tasks::settle(tx, Owner::from(&scope), about, now)?);
        }
        Ok::<_, DbError>(Some((lot, store::ended(tx, &scope, (id, user))?, seen)))
    };
    let route = Route::of(id.id());
    let found = lots.engine.ctx.db.write(route, look).await.map_err(|e| failed(&staff, &e))?;
    let (lot, lines, seen) = found.ok_or_else(missing)?;
    staff.tasks_ended(seen);
    let words = &staff.words;
    let title = words.say(&format!("{}-title", view::action_key(lot.action)));
    let may_export = staff.scope.may(Right::PaymentsExport);
    Ok(http::html(&ResultPage {
        page: staff.page(&lots.engine.ctx, title),
        shell: staff.shell.clone(),
        run: runs::path(id),
        facts: view::tally(words, &lines),
        lines: lines.iter().map(|line| view::ended(words, line)).collect(),
        filter: filter(id),
        formats: if may_export { shown::formats(words, "") } else { Vec::new() },
    }))
}

fn results() -> Arc<dyn List> {
    Arc::new(Results)
}

async fn export(State(ctx): State<Context>, staff: Staff<PaymentsExport>, uri: Uri) -> Answer {
    lists::export((&ctx, &results()), &staff, uri.query().unwrap_or_default()).await
}

async fn ask_export(
    State(ctx): State<Context>,
    staff: Staff<PaymentsExport>,
    Body(fields): Body<BTreeMap<String, String>>,
) -> Answer {
    lists::ask_export((&ctx, &results()), &staff, &fields).await
}
