//! The sign-in page, signing out, and the cookie.

use std::collections::BTreeMap;

use askama::Template;
use axum::Router;
use axum::extract::{Form as FormBody, Query, State};
use axum::http::{HeaderMap, StatusCode, Uri, header};
use axum::response::{IntoResponse as _, Response};
use axum::routing::{get, post};
use db::{DbError, Route};
use http::{Page, Words};
use kernel::{AuditId, Locale, Mode, Problem, Timestamp, UserId};
use tokio::sync::Semaphore;
use web::{Context, Form, forms};

use super::model::safe_next;
use super::ops::{self, NewSession, SignInError};
use crate::audit::Origin;
use crate::extract::api::{Caller, internal};
use crate::extract::pages::{cookie, cookie_name, is_https};
use crate::extract::{Staff, needs};
use crate::secrets::{self, AppKeys};
use crate::users::store::Credentials;
use crate::users::{User, password, time_code};

/// Passwords hashed at the same time; each takes 19 MiB and some milliseconds of one core.
static HASHING: Semaphore = Semaphore::const_new(2);

const SECONDS_PER_MINUTE: i64 = 60;
const MICROS_PER_SECOND: i64 = 1_000_000;

/// `/connexion`, `/deconnexion` and `/mode`.
pub fn routes() -> Router<Context> {
    Router::new()
        .route("/connexion", get(show).post(sign_in))
        .route("/deconnexion", post(sign_out))
        .route("/mode", post(turn))
}

#[derive(Template)]
#[template(path = "sessions/templates/sign_in.html")]
struct SignInPage {
    page: Page,
    form: Form,
    form_token: String,
    notice: String,
}

async fn show(
    State(ctx): State<Context>,
    Query(query): Query<BTreeMap<String, String>>,
    uri: Uri,
    headers: HeaderMap,
) -> Response {
    let words = web::language::choose_staff(&ctx, &uri, &headers);
    let mut form = Form::default();
    form.set("next", safe_next(query.get("next").map_or("", String::as_str)));
    let notice = match query.get("motif").map(String::as_str) {
        Some("fin") => words.say("session-over"),
        Some("sortie") => words.say("session-left"),
        Some("pret") => words.say("session-ready"),
        _ => String::new(),
    };
    http::html(&page(&ctx, &words, form, notice))
}

fn page(ctx: &Context, words: &std::sync::Arc<Words>, form: Form, notice: String) -> SignInPage {
    let title = words.say("session-title");
    let mut page = Page::new(std::sync::Arc::clone(words), title, "Guichet")
        .script(&http::assets::STAFF_SCRIPT)
        .languages(&[Locale::Fr, Locale::En], "/connexion");
    if ctx.demo {
        page = page.band(http::page::Band::Demo);
    }
    if !form.is_right() {
        page = page.faulty();
    }
    SignInPage { page, form, form_token: forms::new_token(ctx.rng.as_ref()), notice }
}

/// What was typed.
struct Typed {
    email: String,
    password: String,
    code: String,
    form_token: String,
}

impl Typed {
    fn read(values: &BTreeMap<String, String>) -> Self {
        let value = |name: &str| values.get(name).cloned().unwrap_or_default();
        Self {
            email: value("email").trim().to_owned(),
            password: value("password"),
            code: value("code"),
            form_token: value(forms::TOKEN_FIELD),
        }
    }
}

async fn sign_in(
    State(ctx): State<Context>,
    Caller(origin): Caller,
    uri: Uri,
    headers: HeaderMap,
    FormBody(values): FormBody<BTreeMap<String, String>>,
) -> Response {
    let words = web::language::choose_staff(&ctx, &uri, &headers);
    let next = values.get("next").map_or("/", |next| safe_next(next)).to_owned();
    let typed = Typed::read(&values);
    let mut form = Form::default();
    form.set("next", next.as_str());
    if !kernel::card_text::holds_card_number(&typed.email) {
        form.set("email", typed.email.as_str());
    }
    for (field, value) in
        [("email", &typed.email), ("password", &typed.password), ("code", &typed.code)]
    {
        if value.is_empty() {
            form.fault(field, words.say(&format!("session-{field}-missing")));
        }
    }
    if !form.is_right() {
        return refused(StatusCode::UNPROCESSABLE_ENTITY, &page(&ctx, &words, form, String::new()));
    }
    match authenticate(&ctx, typed, &origin).await {
        Ok(Some(token)) => with_cookie(http::redirect(&next), &set_cookie(&ctx, &token)),
        Ok(None) => {
            form.fault("code", words.say("session-code-used"));
            refused(StatusCode::UNAUTHORIZED, &page(&ctx, &words, form, String::new()))
        }
        Err(error) => sign_in_error(&ctx, &words, form, error),
    }
}

fn sign_in_error(
    ctx: &Context,
    words: &std::sync::Arc<Words>,
    mut form: Form,
    error: SignInError,
) -> Response {
    match error {
        SignInError::Wrong => {
            form.fault("email", words.say("session-wrong"));
            refused(StatusCode::UNAUTHORIZED, &page(ctx, words, form, String::new()))
        }
        SignInError::Paused { until } => {
            let micros = until.micros_since(ctx.real_now()).max(1);
            let seconds = (micros + MICROS_PER_SECOND - 1) / MICROS_PER_SECOND;
            let minutes = (seconds + SECONDS_PER_MINUTE - 1) / SECONDS_PER_MINUTE;
            form.fault("email", words.count("session-paused", minutes));
            let page = page(ctx, words, form, String::new());
            let mut response = refused(StatusCode::TOO_MANY_REQUESTS, &page);
            http::reply::set(&mut response, header::RETRY_AFTER, &seconds.to_string());
            response
        }
        SignInError::Db(error) => internal(error).into_response(),
    }
}

fn refused(status: StatusCode, page: &SignInPage) -> Response {
    http::html_with(status, page)
}

/// The cookie's value of the opened session; nothing when the code was used before.
async fn authenticate(
    ctx: &Context,
    typed: Typed,
    origin: &Origin,
) -> Result<Option<String>, SignInError> {
    let now = ctx.real_now();
    let (email, from) = (typed.email.clone(), origin.clone());
    let begin = move |tx: &mut db::Tx<'_>| ops::begin(tx, &email, &from, now);
    let credentials = ctx.db.write(Route::any(), begin).await?;
    let keys = AppKeys::from_root(ctx.app_key.expose());
    let audit = AuditId::new(now, ctx.rng.as_ref());
    let aimed_at = credentials.as_ref().map(|credentials| credentials.user.clone());
    let form_token = typed.form_token.clone();
    let compared = compare(keys.clone(), typed, credentials, now).await?;
    if let Some((user, step)) = compared {
        let token = if form_token.is_empty() {
            secrets::random_token(ctx.rng.as_ref())
        } else {
            keys.session_of_form(&form_token, user, step)
        };
        let new = NewSession { id_hash: secrets::hash(&token), audit, origin: origin.clone() };
        let complete = move |tx: &mut db::Tx<'_>| ops::complete(tx, user, step, &new, now);
        return Ok(ctx.db.write(Route::any(), complete).await?.map(|_| token));
    }
    if let Some(user) = aimed_at {
        note_refusal(ctx, user, origin.clone(), audit);
    }
    Err(SignInError::Wrong)
}

/// Beside the answer, so that its time does not tell whether the account exists.
fn note_refusal(ctx: &Context, user: User, origin: Origin, id: AuditId) {
    let (db, now) = (ctx.db.clone(), ctx.real_now());
    let note = move |tx: &mut db::Tx<'_>| ops::note_refusal(tx, &user, &origin, now, id);
    tokio::spawn(async move {
        if let Err(error) = db.write(Route::any(), note).await {
            tracing::error!(%error, "refused sign-in not in the journal");
        }
    });
}

/// Compares password and code off the event loop; gives the user and the step of his code.
async fn compare(
    keys: AppKeys,
    typed: Typed,
    credentials: Option<Credentials>,
    now: Timestamp,
) -> Result<Option<(UserId, i64)>, DbError> {
    let _turn = HASHING.acquire().await.map_err(|_| DbError::Closed)?;
    let work = tokio::task::spawn_blocking(move || {
        let stored = credentials.as_ref().map(|found| found.password_hash.as_str());
        if !password::verify(&keys, &typed.password, stored) {
            return None;
        }
        let found = credentials?;
        let seed = keys.open(found.user.id.as_bytes(), &found.code_seed).ok()?;
        let step = time_code::matching_step(&seed, &typed.code, now)?;
        Some((found.user.id, step))
    });
    work.await.map_err(|_| DbError::Panicked)
}

async fn sign_out(
    State(ctx): State<Context>,
    Caller(origin): Caller,
    headers: HeaderMap,
) -> Response {
    if let Some(token) = cookie(&ctx, &headers) {
        let now = ctx.real_now();
        let (id_hash, audit) = (secrets::hash(&token), AuditId::new(now, ctx.rng.as_ref()));
        let close = move |tx: &mut db::Tx<'_>| ops::close(tx, id_hash, &origin, now, audit);
        if let Err(error) = ctx.db.write(Route::any(), close).await {
            return internal(error).into_response();
        }
    }
    let gone = format!("{}=; Path=/; Max-Age=0{}", cookie_name(&ctx), attributes(&ctx));
    with_cookie(http::redirect("/connexion?motif=sortie"), &gone)
}

/// Shows the merchant's shops of the other mode, from their front page on: nothing of one mode
/// exists in the other.
async fn turn(
    State(ctx): State<Context>,
    staff: Staff<needs::Known>,
    FormBody(values): FormBody<BTreeMap<String, String>>,
) -> Response {
    let Some(mode) = values.get("mode").and_then(|mode| Mode::parse(mode)) else {
        return web::oops::page(&staff.words, &Problem::not_found());
    };
    let (now, session, origin) = (ctx.real_now(), staff.session.clone(), staff.origin.clone());
    let id = AuditId::new(now, ctx.rng.as_ref());
    let turn = move |tx: &mut db::Tx<'_>| ops::turn_to(tx, &session, mode, &origin, (now, id));
    match ctx.db.write(Route::any(), turn).await {
        Ok(true) => http::redirect("/"),
        Ok(false) if staff.session.mode == mode => http::redirect("/"),
        Ok(false) => web::oops::page(&staff.words, &Problem::not_found()),
        Err(error) => internal(error).into_response(),
    }
}

/// Opens a session by e-mail address alone, for the demo; gives the `Set-Cookie` header.
///
/// # Errors
/// [`SignInError::Wrong`] when there is no such user, and outside the demo.
pub async fn open_in_demo(ctx: &Context, email: &str) -> Result<String, SignInError> {
    if !ctx.demo {
        return Err(SignInError::Wrong);
    }
    let (token, now) = (secrets::random_token(ctx.rng.as_ref()), ctx.real_now());
    let new = NewSession {
        id_hash: secrets::hash(&token),
        audit: AuditId::new(now, ctx.rng.as_ref()),
        origin: Origin { device: "demo".into(), ..Origin::default() },
    };
    let email = email.to_owned();
    let open = move |tx: &mut db::Tx<'_>| ops::open_in_demo(tx, &email, &new, now);
    ctx.db.write(Route::any(), open).await?;
    Ok(set_cookie(ctx, &token))
}

/// The e-mail address of who is signed in, if somebody is.
///
/// # Errors
/// [`db::DbError`].
pub async fn signed_in(ctx: &Context, headers: &HeaderMap) -> Result<Option<String>, DbError> {
    let Some(token) = cookie(ctx, headers) else { return Ok(None) };
    let (id_hash, now) = (secrets::hash(&token), ctx.real_now());
    let current = ctx.db.read(move |tx| ops::current(tx, id_hash, now)).await?;
    Ok(current.map(|current| current.user.email.to_string()))
}

fn set_cookie(ctx: &Context, token: &str) -> String {
    format!("{}={token}; Path=/{}", cookie_name(ctx), attributes(ctx))
}

fn attributes(ctx: &Context) -> &'static str {
    if is_https(ctx) { "; HttpOnly; SameSite=Lax; Secure" } else { "; HttpOnly; SameSite=Lax" }
}

fn with_cookie(mut response: Response, cookie: &str) -> Response {
    http::reply::set(&mut response, header::SET_COOKIE, cookie);
    response
}
