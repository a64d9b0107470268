//! `/traitements`: the runs of the person who is signed in, one of them, its file.

use std::time::Duration;

use askama::Template;
use axum::Router;
use axum::body::Bytes;
use axum::extract::{Path, State as Shared};
use axum::http::header;
use axum::response::{IntoResponse as _, Response};
use axum::routing::{get, post};
use db::{DbError, Route, Tx};
use http::stream::as_attachment;
use http::{Page, Words};
use kernel::{AuditId, JobId, Timestamp, format};
use web::Context;
use web::shell::Shell;
use web::tasks::{self, Owner};

use super::model::{Run, State, path};
use super::store;
use crate::audit;
use crate::extract::Staff;
use crate::extract::api::internal;
use crate::extract::needs::Known;
use crate::lists::pages::missing;

/// Without script the page looks again after so many seconds.
const LOOK_EVERY_SECONDS: u32 = 5;
/// With script it is told every second.
const TELL_EVERY: Duration = Duration::from_secs(1);
/// After so many words the browser must ask again.
const MAX_WORDS: u32 = 300;
/// Runs on the list.
const LISTED_RUNS: u32 = 50;

/// The pages of runs.
pub fn routes() -> Router<Context> {
    Router::new()
        .route("/traitements", get(list))
        .route("/traitements/{id}", get(show))
        .route("/traitements/{id}/flux", get(flow))
        .route("/traitements/{id}/fichier", get(file))
        .route("/traitements/{id}/interrompre", post(stop))
        .route("/traitements/{id}/reprendre", post(go_on))
}

type Answer = Result<Response, Response>;

fn failed(error: DbError) -> Response {
    internal(error).into_response()
}

/// What the page says of a run.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Progress {
    state: String,
    word: String,
    percent: Option<i64>,
    line: String,
}

impl Progress {
    fn of(words: &Words, run: &Run, now: Timestamp) -> Self {
        let number = |value: i64| format::count(value, words.locale());
        let done = number(run.done);
        let mut said = vec![match run.total {
            Some(total) => {
                let total = number(total);
                words.count_with("run-done-of", run.done, &[("done", &done), ("total", &total)])
            }
            None => words.count_with("run-done", run.done, &[("done", &done)]),
        }];
        if run.is_at_work(now) {
            let rate = |rate| words.count_with("run-rate", rate, &[("rate", &number(rate))]);
            said.extend(run.rate().map(rate));
            let left = run.seconds_left();
            said.extend(left.map(|seconds| words.count("run-left", seconds)));
        } else if run.is_interrupted(now) {
            said.push(words.say("run-interrupted"));
        }
        let state = run.state.as_str();
        Self {
            state: state.to_owned(),
            word: words.say(&format!("run-state-{state}")),
            percent: run.percent(),
            line: said.join(" · "),
        }
    }

    fn json(&self) -> String {
        serde_json::json!({
            "state": self.state, "percent": self.percent, "line": self.line,
        })
        .to_string()
    }
}

#[derive(Template)]
#[template(path = "runs/templates/run.html")]
struct RunPage {
    page: Page,
    shell: Shell,
    here: String,
    file_name: String,
    result: Option<String>,
    progress: Progress,
    icon: &'static str,
    tone: &'static str,
    size: String,
    until: String,
}

const fn look(state: State) -> (&'static str, &'static str) {
    match state {
        State::Running => ("wait", "info"),
        State::Stopped => ("minus", "warn"),
        State::Done => ("check", "ok"),
        State::Failed => ("alert", "bad"),
    }
}

fn named(run: &Run) -> String {
    match run.result() {
        Some(_) => run.title.clone(),
        None => format!("{} ({})", run.title, run.file_name),
    }
}

struct Line {
    href: String,
    title: String,
    when: String,
    instant: String,
    word: String,
    icon: &'static str,
    tone: &'static str,
}

#[derive(Template)]
#[template(path = "runs/templates/runs.html")]
struct RunsPage {
    page: Page,
    shell: Shell,
    lines: Vec<Line>,
}

/// The run of that name, if it is the person's own.
async fn own(ctx: &Context, staff: &Staff<Known>, id: &str) -> Result<Run, Response> {
    let id: JobId = id.parse().map_err(|_| missing(staff))?;
    let (scope, user) = (staff.scope.clone(), staff.user.id);
    let read = move |tx: &mut Tx<'_>| store::own(tx, &scope, (id, user));
    ctx.db.read(read).await.map_err(failed)?.ok_or_else(|| missing(staff))
}

async fn list(Shared(ctx): Shared<Context>, staff: Staff<Known>) -> Answer {
    let (scope, user) = (staff.scope.clone(), staff.user.id);
    let read = move |tx: &mut Tx<'_>| store::latest(tx, &scope, user, LISTED_RUNS);
    let runs = ctx.db.read(read).await.map_err(failed)?;
    let words = &staff.words;
    let line = |run: &Run| {
        let (icon, tone) = look(run.state);
        Line {
            href: path(run.id),
            title: named(run),
            when: format::date_time(run.created_at, &staff.merchant.zone, words.locale()),
            instant: run.created_at.to_string(),
            word: words.say(&format!("run-state-{}", run.state.as_str())),
            icon,
            tone,
        }
    };
    let page = RunsPage {
        page: staff.page(&ctx, words.say("runs-title")),
        shell: staff.shell.clone(),
        lines: runs.iter().map(line).collect(),
    };
    Ok(http::html(&page))
}

async fn show(Shared(ctx): Shared<Context>, staff: Staff<Known>, Path(id): Path<String>) -> Answer {
    let run = own(&ctx, &staff, &id).await?;
    let words = &staff.words;
    let (icon, tone) = look(run.state);
    let until = run.file_ends().filter(|_| run.state == State::Done);
    let until = until.map_or_else(String::new, |at| {
        let when = format::date_time(at, &staff.merchant.zone, words.locale());
        words.with("run-file-until", &[("when", &when)])
    });
    let title = match run.result() {
        Some(_) => run.title.clone(),
        None => words.with("run-title", &[("title", &run.title)]),
    };
    let kilobytes = run.bytes.saturating_add(1_023) / 1_024;
    let page = RunPage {
        page: staff.page(&ctx, title),
        shell: staff.shell.clone(),
        here: path(run.id),
        file_name: run.file_name.clone(),
        result: run.result().map(str::to_owned),
        progress: Progress::of(words, &run, ctx.real_now()),
        icon,
        tone,
        size: words.with("run-size", &[("size", &format::count(kilobytes, words.locale()))]),
        until,
    };
    let mut response = http::html(&page);
    if run.state == State::Running {
        http::reply::set(&mut response, header::REFRESH, &LOOK_EVERY_SECONDS.to_string());
    }
    Ok(response)
}

/// Tells how far the run is, every second, until it ends.
async fn flow(Shared(ctx): Shared<Context>, staff: Staff<Known>, Path(id): Path<String>) -> Answer {
    let run = own(&ctx, &staff, &id).await?;
    let (pieces, response) = http::stream::events();
    let (scope, words, user) = (staff.scope.clone(), staff.words.clone(), staff.user.id);
    tokio::spawn(async move {
        for _ in 0..MAX_WORDS {
            let scope = scope.clone();
            let read = move |tx: &mut Tx<'_>| store::own(tx, &scope, (run.id, user));
            let Ok(Some(now)) = ctx.db.read(read).await else { return };
            let told = Progress::of(&words, &now, ctx.real_now()).json();
            let text = format!("event: progress\ndata: {told}\n\n");
            let ended = now.state != State::Running;
            if pieces.send(Ok(Bytes::from(text))).await.is_err() || ended {
                return;
            }
            tokio::select! {
                () = tokio::time::sleep(TELL_EVERY) => {}
                () = http::stream::ending() => return,
                () = pieces.closed() => return,
            }
        }
    });
    Ok(response)
}

async fn file(Shared(ctx): Shared<Context>, staff: Staff<Known>, Path(id): Path<String>) -> Answer {
    let run = own(&ctx, &staff, &id).await?;
    let may = run.right.is_some_and(|right| staff.scope.may(right));
    if run.state != State::Done || !may || run.result().is_some() {
        return Err(missing(&staff));
    }
    let (pieces, mut response) = http::stream::answer();
    as_attachment(&mut response, &run.file_name, &run.media_type);
    http::reply::set(&mut response, header::CONTENT_LENGTH, &run.bytes.to_string());
    let (scope, own, now) = (staff.scope.clone(), ctx.clone(), ctx.real_now());
    let line = staff.line("list.downloaded", run.id).after(run.file_name.as_str());
    let line_id = AuditId::new(now, ctx.rng.as_ref());
    let note = move |tx: &mut Tx<'_>| -> Result<(), DbError> {
        let ended = (tasks::RUN_DONE, &*run.id.to_string());
        let at = crate::clocks::ops::merchant_now(tx, &own, &scope)?;
        tasks::settle(tx, Owner::from(&scope), ended, at)?;
        audit::record(tx, &scope, &line, now, line_id)
    };
    ctx.db.write(Route::any(), note).await.map_err(failed)?;
    let scope = staff.scope.clone();
    tokio::task::spawn_blocking(move || {
        for position in 0..run.parts {
            let read = |tx: &mut Tx<'_>| store::part(tx, &scope, (run.id, position));
            let piece = match ctx.db.read_blocking(read) {
                Ok(Some(piece)) => Ok(Bytes::from(piece)),
                _ => Err(http::stream::BrokenOff),
            };
            let broken = piece.is_err();
            if pieces.blocking_send(piece).is_err() || broken {
                return;
            }
        }
    });
    Ok(response)
}

async fn stop(ctx: Shared<Context>, staff: Staff<Known>, id: Path<String>) -> Answer {
    turn(ctx, &staff, id, (State::Running, State::Stopped)).await
}

async fn go_on(ctx: Shared<Context>, staff: Staff<Known>, id: Path<String>) -> Answer {
    turn(ctx, &staff, id, (State::Stopped, State::Running)).await
}

async fn turn(
    Shared(ctx): Shared<Context>,
    staff: &Staff<Known>,
    Path(id): Path<String>,
    (from, to): (State, State),
) -> Answer {
    let run = own(&ctx, staff, &id).await?;
    let (scope, now) = (staff.scope.clone(), ctx.real_now());
    let write = move |tx: &mut Tx<'_>| store::turn(tx, &scope, run.id, (from, to, now));
    ctx.db.write(Route::of(run.id.id()), write).await.map_err(failed)?;
    Ok(http::redirect(&path(run.id)))
}
