//! `/caisse/impayes`: the cases, one case, and the two answers a merchant may give.

use std::collections::BTreeMap;
use std::sync::Arc;

use askama::Template;
use axum::Router;
use axum::extract::{Form as Body, FromRef, Path, State as Shared};
use axum::http::{StatusCode, Uri};
use axum::response::Response;
use axum::routing::{get, post};
use db::{Route, Tx};
use http::Page;
use identity::extract::Staff;
use identity::extract::needs::{ChargebackManage, PaymentsExport};
use identity::lists::{List, pages as lists};
use kernel::{ChargebackId, Date, Problem, Right};
use web::list::view as shown;
use web::list::view::Chip;
use web::shell::Shell;
use web::{Context, Form};

use super::list::{Chargebacks, PAGE, PATH, filter};
use super::model::{Chargeback, MAX_PROOF_CHARACTERS, Proof, Refused, Step};
use super::ops::{self, Answer, CaseError};
use super::store::{self, Filter};
use super::view::{self, Row, Tab};
use crate::Engine;
use crate::payment::Source;

/// What the pages work with.
#[derive(Debug, Clone)]
struct Cases {
    engine: Engine,
}

impl FromRef<Cases> for Context {
    fn from_ref(cases: &Cases) -> Self {
        cases.engine.ctx.clone()
    }
}

/// Pages of chargebacks; part of the cash desk.
pub fn routes(engine: Engine) -> Router {
    Router::new()
        .route("/caisse/impayes", get(list))
        .route("/caisse/impayes/export", get(export).post(ask_export))
        .route("/caisse/impayes/{id}", get(show))
        .route("/caisse/impayes/{id}/accepter", post(accept))
        .route("/caisse/impayes/{id}/envoye", post(submit))
        .with_state(Cases { engine })
}

type Reply = Result<Response, Response>;
type Fields = BTreeMap<String, String>;

#[derive(Template)]
#[template(path = "chargebacks-list.html")]
struct ListPage {
    page: Page,
    shell: Shell,
    tabs: Vec<Tab>,
    rows: Vec<Row>,
    filter: String,
    formats: Vec<shown::FormatChoice>,
    /// The address of older cases; empty on the last page.
    older: String,
}

#[derive(Template)]
#[template(path = "chargebacks-detail.html")]
struct DetailPage {
    page: Page,
    shell: Shell,
    form: Form,
    chip: Chip,
    amount: String,
    outcome: String,
    left: String,
    over: String,
    facts: Vec<(String, String)>,
    payment: String,
    reference: String,
    /// Where the answers are posted; empty where there is nothing to answer.
    path: String,
    opened: String,
    today: String,
}

impl Cases {
    async fn find<R: Send>(&self, staff: &Staff<R>, id: &str) -> Result<Chargeback, Response> {
        let missing = || web::oops::page(&staff.words, &Problem::not_found());
        let id: ChargebackId = id.parse().map_err(|_| missing())?;
        let scope = staff.scope.clone();
        let read = move |tx: &mut Tx<'_>| store::find(tx, &scope, id);
        let found = self.engine.ctx.db.read(read).await;
        found.map_err(|error| failed(staff, error.into()))?.ok_or_else(missing)
    }

    fn today<R>(&self, staff: &Staff<R>, case: &Chargeback) -> Date {
        staff.merchant.zone.date(self.engine.ctx.now(case.shop))
    }

    fn page<R>(&self, staff: &Staff<R>, case: &Chargeback, form: Form) -> Response {
        let words = &staff.words;
        let today = self.today(staff, case);
        let title = words.with("chargebacks-title", &[("reference", &case.order_ref)]);
        let right = form.is_right();
        let page = staff.page(&self.engine.ctx, title).about(&case.order_ref);
        let answerable = case.state.after(Step::Accept).is_ok();
        let page = DetailPage {
            page: if right { page } else { page.faulty() },
            shell: staff.shell.clone(),
            form,
            chip: view::chip(words, case.state),
            amount: crate::desk::words::money(words, case.amount),
            outcome: view::outcome(words, case),
            left: view::left(words, case, today),
            over: view::over(words, case),
            facts: view::facts(words, case),
            payment: format!("/caisse/{}", case.payment),
            reference: case.order_ref.clone(),
            path: if answerable { format!("{PATH}/{}", case.id) } else { String::new() },
            opened: case.opened_on.to_string(),
            today: today.to_string(),
        };
        let status = if right { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
        http::html_with(status, &page)
    }

    async fn answer(
        &self,
        staff: &Staff<ChargebackManage>,
        case: &Chargeback,
        (answer, mut form): (Answer, Form),
    ) -> Reply {
        let (engine, scope) = (self.engine.clone(), staff.scope.clone());
        let (id, shop, origin) = (case.id, case.shop, staff.origin.clone());
        let work = move |tx: &mut Tx<'_>| {
            let pen = engine.pen(&scope, shop);
            ops::answer(tx, &pen, (id, &answer), (&origin, Source::Desk))
        };
        match self.engine.ctx.db.write(Route::of(case.payment.id()), work).await {
            Ok(_) => Ok(http::redirect(&format!("{PATH}/{id}"))),
            Err(CaseError::Refused(refused)) => {
                let key = match refused {
                    Refused::AlreadySubmitted => "chargebacks-fault-submitted",
                    _ => "chargebacks-fault-ended",
                };
                form.fault("form", staff.words.say(key));
                let now = self.find(staff, &id.to_string()).await?;
                Ok(self.page(staff, &now, form))
            }
            Err(error) => Err(failed(staff, error)),
        }
    }
}

fn failed<R>(staff: &Staff<R>, error: CaseError) -> Response {
    tracing::error!(%error, "chargebacks");
    web::oops::page(&staff.words, &Problem::from(error))
}

async fn list(Shared(cases): Shared<Cases>, staff: Staff<ChargebackManage>, uri: Uri) -> Reply {
    let query = uri.query().unwrap_or_default();
    let chosen = filter(query);
    let before = query.split('&').find_map(|pair| pair.strip_prefix("avant="));
    let wanted = Filter { before: before.and_then(|id| id.parse().ok()), ..chosen };
    let scope = staff.scope.clone();
    let read = move |tx: &mut Tx<'_>| store::page(tx, &scope, (&wanted, PAGE));
    let found = cases.engine.ctx.db.read(read).await;
    let found = found.map_err(|error| failed(&staff, error.into()))?;
    let words = &staff.words;
    let state = chosen.state.map(|state| format!("etat={}", state.as_str())).unwrap_or_default();
    let full = found.len() >= usize::try_from(PAGE).unwrap_or(usize::MAX);
    let older = found.last().filter(|_| full);
    let may_export = staff.scope.may(Right::PaymentsExport);
    let page = ListPage {
        page: staff.page(&cases.engine.ctx, words.say("chargebacks-menu")),
        shell: staff.shell.clone(),
        tabs: view::tabs(words, chosen.state),
        rows: found.iter().map(|case| view::row(words, case, cases.today(&staff, case))).collect(),
        older: older.map(|last| format!("{PATH}?{state}&avant={}", last.id)).unwrap_or_default(),
        filter: state,
        formats: if may_export { shown::formats(words, "") } else { Vec::new() },
    };
    Ok(http::html(&page))
}

async fn show(
    Shared(cases): Shared<Cases>,
    staff: Staff<ChargebackManage>,
    Path(id): Path<String>,
) -> Reply {
    let case = cases.find(&staff, &id).await?;
    Ok(cases.page(&staff, &case, Form::default()))
}

async fn accept(
    Shared(cases): Shared<Cases>,
    staff: Staff<ChargebackManage>,
    Path(id): Path<String>,
    Body(fields): Body<Fields>,
) -> Reply {
    let case = cases.find(&staff, &id).await?;
    let mut form = Form::with_values(&fields);
    if fields.get("sure").is_none_or(|sure| sure != "oui") {
        form.fault("sure", staff.words.say("chargebacks-fault-sure"));
        return Ok(cases.page(&staff, &case, form));
    }
    cases.answer(&staff, &case, (Answer::Accept, form)).await
}

async fn submit(
    Shared(cases): Shared<Cases>,
    staff: Staff<ChargebackManage>,
    Path(id): Path<String>,
    Body(fields): Body<Fields>,
) -> Reply {
    let case = cases.find(&staff, &id).await?;
    let mut form = Form::with_values(&fields);
    let field = |name: &str| fields.get(name).map_or("", |value| value.trim()).to_owned();
    let today = cases.today(&staff, &case);
    let sent_on = field("sent_on").parse::<Date>().ok();
    let sent_on = sent_on.filter(|day| ops::is_sound(&case, *day, today));
    if sent_on.is_none() {
        form.fault("sent_on", staff.words.say("chargebacks-fault-day"));
    }
    let text = field("proof");
    if !(1..=MAX_PROOF_CHARACTERS).contains(&text.chars().count()) {
        form.fault("proof", staff.words.say("chargebacks-fault-proof"));
    } else if kernel::card_text::holds_card_number(&text) {
        form.fault("proof", staff.words.say("desk-no-number-here"));
    }
    match sent_on.filter(|_| form.is_right()) {
        Some(sent_on) => {
            let answer = Answer::Submit(Proof { sent_on, text });
            cases.answer(&staff, &case, (answer, form)).await
        }
        None => Ok(cases.page(&staff, &case, form)),
    }
}

fn all() -> Arc<dyn List> {
    Arc::new(Chargebacks)
}

async fn export(Shared(ctx): Shared<Context>, staff: Staff<PaymentsExport>, uri: Uri) -> Reply {
    lists::export((&ctx, &all()), &staff, uri.query().unwrap_or_default()).await
}

async fn ask_export(
    Shared(ctx): Shared<Context>,
    staff: Staff<PaymentsExport>,
    Body(fields): Body<Fields>,
) -> Reply {
    lists::ask_export((&ctx, &all()), &staff, &fields).await
}
