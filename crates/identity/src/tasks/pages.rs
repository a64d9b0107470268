//! `/taches` and `POST /taches/{id}/fait`.

use std::collections::BTreeMap;

use askama::Template;
use axum::Router;
use axum::extract::{Path, State};
use axum::response::{IntoResponse as _, Response};
use axum::routing::{get, post};
use db::{DbError, Route, Tx};
use http::Page;
use kernel::{AuditId, Id, Problem, UserId};
use web::shell::Shell;
use web::{Context, tasks};

use super::model::{Shown, Sight, is_question};
use crate::extract::api::internal;
use crate::extract::{Staff, needs};
use crate::{audit, clocks, users};

/// Most open tasks of one page.
const OPEN_ROWS: u32 = 200;
/// Most ended tasks of one page.
const DONE_ROWS: u32 = 50;

/// `/taches` and what is posted from it.
pub fn routes() -> Router<Context> {
    Router::new().route("/taches", get(list)).route("/taches/{id}/fait", post(done))
}

#[derive(Template)]
#[template(path = "tasks/templates/tasks.html")]
struct TasksPage {
    page: Page,
    shell: Shell,
    open: Vec<Shown>,
    done: Vec<Shown>,
}

async fn list(staff: Staff<needs::HomeView>, State(ctx): State<Context>) -> Response {
    let (scope, sight) = (staff.scope.clone(), Sight::of(&staff.scope, &staff.powers));
    let read = move |tx: &mut Tx<'_>| -> Result<_, DbError> {
        let mut open = tasks::open(tx, &scope, OPEN_ROWS)?;
        let mut done = tasks::finished(tx, &scope, DONE_ROWS)?;
        open.retain(|task| sight.shows(task));
        done.retain(|task| sight.shows(task));
        let mut names = BTreeMap::new();
        for who in done.iter().filter_map(|task| task.done_by.clone()) {
            let user = who.parse::<UserId>().ok();
            let found = user.map(|id| users::store::find(tx, id)).transpose()?.flatten();
            names.insert(who.clone(), found.map_or(who, |user| user.name));
        }
        Ok((open, done, names))
    };
    let (open, done, names) = match ctx.db.read(read).await {
        Ok(found) => found,
        Err(error) => return internal(error).into_response(),
    };
    let name = |who: &str| names.get(who).cloned().unwrap_or_else(|| who.to_owned());
    let reader = (staff.words.as_ref(), &staff.merchant.zone);
    http::html(&TasksPage {
        page: staff.page(&ctx, staff.words.say("task-title")),
        shell: staff.shell.clone(),
        open: open.iter().map(|task| Shown::of(task, reader, name)).collect(),
        done: done.iter().map(|task| Shown::of(task, reader, name)).collect(),
    })
}

async fn done(
    staff: Staff<needs::HomeView>,
    State(ctx): State<Context>,
    Path(id): Path<String>,
) -> Response {
    let missing = || web::oops::page(&staff.words, &Problem::not_found());
    let Ok(id) = Id::parse(&id) else { return missing() };
    let (scope, now) = (staff.scope.clone(), ctx.real_now());
    let audit_id = AuditId::new(now, ctx.rng.as_ref());
    let line = staff.line("task.done", "");
    let (sight, own) = (Sight::of(&staff.scope, &staff.powers), ctx.clone());
    let end = move |tx: &mut Tx<'_>| -> Result<bool, DbError> {
        let task = tasks::find(tx, &scope, id)?;
        let Some(task) = task.filter(|task| sight.shows(task) && !is_question(task)) else {
            return Ok(false);
        };
        let at = clocks::ops::merchant_now(tx, &own, &scope)?;
        if tasks::end(tx, &scope, id, at)? {
            let mut line = line.clone().after(task.kind.as_str());
            line.object = task.object;
            audit::record(tx, &scope, &line, now, audit_id)?;
        }
        Ok(true)
    };
    match ctx.db.write(Route::of(id), end).await {
        Ok(true) => http::redirect("/taches"),
        Ok(false) => missing(),
        Err(error) => internal(error).into_response(),
    }
}
