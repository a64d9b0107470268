//! `/demandes/{id}`: a request with its answer, or the two buttons that give one.

use askama::Template;
use axum::Router;
use axum::extract::{FromRef, Path, State as Shared};
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::{get, post};
use db::{DbError, Route, Tx};
use http::Page;
use identity::extract::Staff;
use identity::extract::needs::{PaymentsRead, PaymentsRefund};
use kernel::{ApprovalId, Problem, Scope, Timestamp};
use web::Context;
use web::list::view::Chip;
use web::shell::Shell;

use super::describe::{Names, Reader};
use super::model::{Answer, Approval, RIGHT, State};
use super::ops::{self, Came, Decider};
use super::store;
use crate::engine::desk::DeskError;
use crate::engine::{Dispatch, Engine};
use crate::payment::{self, Payment};

/// What the pages work with.
#[derive(Debug, Clone)]
struct Requests {
    engine: Engine,
}

impl FromRef<Requests> for Context {
    fn from_ref(requests: &Requests) -> Self {
        requests.engine.ctx.clone()
    }
}

/// Pages of requests; part of the cash desk.
pub fn routes(engine: Engine) -> Router {
    Router::new()
        .route("/demandes/{id}", get(show))
        .route("/demandes/{id}/accorder", post(grant))
        .route("/demandes/{id}/refuser", post(decline))
        .with_state(Requests { engine })
}

type Reply = Result<Response, Response>;

#[derive(Template)]
#[template(path = "approval.html")]
struct RequestPage {
    page: Page,
    shell: Shell,
    chip: Chip,
    outcome: String,
    facts: Vec<(String, String)>,
    /// Address and name of the payment's page.
    payment: (String, String),
    /// Where the answers are posted: to agree, to decline; none where there is nothing to answer.
    answers: Option<(String, String)>,
    /// Why the reader cannot answer, or why his answer did nothing.
    notice: String,
}

struct Found {
    approval: Approval,
    payment: Payment,
    names: Names,
    now: Timestamp,
}

impl Requests {
    async fn find<R: Send>(&self, staff: &Staff<R>, id: &str) -> Result<Found, Response> {
        let missing = || web::oops::page(&staff.words, &Problem::not_found());
        let id: ApprovalId = id.parse().map_err(|_| missing())?;
        let (scope, engine) = (staff.scope.clone(), self.engine.clone());
        let read = move |tx: &mut Tx<'_>| read(tx, &engine, &scope, id);
        let found = self.engine.ctx.db.read(read).await;
        found.map_err(|error| failed(staff, error.into()))?.ok_or_else(missing)
    }

    fn page<R>(&self, staff: &Staff<R>, found: &Found, refused: Option<&DeskError>) -> Response {
        let Found { approval, payment, names, now } = found;
        let reader = Reader { words: &staff.words, zone: &staff.merchant.zone, now: *now };
        let ceiling = staff.ceiling(RIGHT);
        let waits = approval.state_at(*now) == State::Awaiting;
        let may = staff.scope.may(RIGHT) && approval.is_within(ceiling);
        let too_low = ceiling.filter(|_| waits && !may).map(|most| payment.money(most));
        let notice = match (refused, too_low) {
            (Some(error), _) => reader.refusal(error),
            (None, Some(most)) => reader.above(most),
            (None, None) => String::new(),
        };
        let path = format!("/demandes/{}", approval.id);
        let reference = payment.order_ref.as_str();
        let title = staff.words.with("approval-title", &[("reference", reference)]);
        let page = RequestPage {
            page: staff.page(&self.engine.ctx, title).about(reference),
            shell: staff.shell.clone(),
            chip: reader.chip(approval),
            outcome: reader.outcome(approval, names),
            facts: reader.facts(approval, names),
            payment: (format!("/caisse/{}", payment.id), payment.order_ref.clone()),
            answers: (waits && may)
                .then(|| (format!("{path}/accorder"), format!("{path}/refuser"))),
            notice,
        };
        let status = if refused.is_some() { StatusCode::CONFLICT } else { StatusCode::OK };
        http::html_with(status, &page)
    }

    async fn answer(&self, staff: Staff<PaymentsRefund>, id: &str, answer: Answer) -> Reply {
        let found = self.find(&staff, id).await?;
        let id = found.approval.id;
        let (engine, scope) = (self.engine.clone(), staff.scope.clone());
        let (ceiling, origin) = (staff.ceiling(RIGHT), staff.origin.clone());
        let work = move |tx: &mut Tx<'_>| {
            let by = Decider { scope: &scope, ceiling, origin: &origin };
            ops::decide(tx, &engine, &by, (id, answer))
        };
        let route = Route::of(found.payment.id.id());
        match self.engine.ctx.db.write(route, work).await {
            Ok(Came::Go(dispatch)) => self.send(&staff.scope, *dispatch).await,
            Ok(Came::Ended) => {}
            Ok(Came::Stays(error)) | Err(error @ DeskError::RecordedAlready(_)) => {
                return Ok(self.page(&staff, &found, Some(&error)));
            }
            Err(error) => return Err(failed(&staff, error)),
        }
        Ok(http::redirect(&format!("/demandes/{id}")))
    }

    /// Asks the bank; goes on when the browser leaves.
    async fn send(&self, scope: &Scope, dispatch: Dispatch) {
        let (engine, scope) = (self.engine.clone(), scope.clone());
        let work = tokio::spawn(async move {
            if let Err(error) = engine.run(&scope, dispatch).await {
                tracing::error!(%error, "an operation that was agreed to");
            }
        });
        let _ = work.await;
    }
}

fn read(
    tx: &mut Tx<'_>,
    engine: &Engine,
    scope: &Scope,
    id: ApprovalId,
) -> Result<Option<Found>, DbError> {
    let Some(approval) = store::find(tx, scope, id)? else { return Ok(None) };
    let Some(payment) = payment::store::find(tx, scope, approval.payment)? else {
        return Ok(None);
    };
    let names = ops::names(tx, &approval)?;
    let now = engine.ctx.now(payment.shop);
    Ok(Some(Found { approval, payment, names, now }))
}

fn failed<R>(staff: &Staff<R>, error: DeskError) -> Response {
    tracing::error!(%error, "requests for an agreement");
    web::oops::page(&staff.words, &Problem::from(error))
}

async fn show(
    Shared(requests): Shared<Requests>,
    staff: Staff<PaymentsRead>,
    Path(id): Path<String>,
) -> Reply {
    let found = requests.find(&staff, &id).await?;
    Ok(requests.page(&staff, &found, None))
}

async fn grant(
    Shared(requests): Shared<Requests>,
    staff: Staff<PaymentsRefund>,
    Path(id): Path<String>,
) -> Reply {
    requests.answer(staff, &id, Answer::Grant).await
}

async fn decline(
    Shared(requests): Shared<Requests>,
    staff: Staff<PaymentsRefund>,
    Path(id): Path<String>,
) -> Reply {
    requests.answer(staff, &id, Answer::Decline).await
}
