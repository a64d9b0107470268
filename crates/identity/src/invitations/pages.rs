//! `/invitation/{token}`: choosing a password and connecting an authenticator.

use std::collections::BTreeMap;
use std::sync::Arc;

use askama::Template;
use axum::Router;
use axum::extract::{Form as FormBody, Path, State};
use axum::http::request::Parts;
use axum::http::{HeaderMap, StatusCode, Uri};
use axum::response::{IntoResponse as _, Response};
use axum::routing::get;
use db::{DbError, Route, Tx};
use http::{Page, Words};
use kernel::{AuditId, Locale, Problem};
use web::{Context, Form};

use super::ops;
use crate::extract::api::{internal, origin};
use crate::secrets::AppKeys;
use crate::users::password::{self, PasswordError};
use crate::users::store::Credentials;
use crate::users::time_code;

/// `/invitation/{token}`.
pub fn routes() -> Router<Context> {
    Router::new().route("/invitation/{token}", get(show).post(accept))
}

#[derive(Template)]
#[template(path = "invitations/templates/invitation.html")]
struct InvitationPage {
    page: Page,
    form: Form,
    action: String,
    intro: String,
    email: String,
    secret: String,
    otpauth: String,
}

/// An open link with its person.
struct Opened {
    token: String,
    credentials: Credentials,
    seed: Vec<u8>,
}

async fn open(ctx: &Context, token: String, words: &Arc<Words>) -> Result<Opened, Response> {
    let (wanted, now) = (token.clone(), ctx.real_now());
    let found = ctx.db.read(move |tx| ops::find(tx, &wanted, now)).await;
    let found = found.map_err(|error| internal(error).into_response())?;
    let gone = || web::oops::page(words, &Problem::not_found());
    let credentials = found.ok_or_else(gone)?;
    let keys = AppKeys::from_root(ctx.app_key.expose());
    let seed = keys.open(credentials.user.id.as_bytes(), &credentials.code_seed);
    let seed = seed.map_err(|_| internal(DbError::Corrupt("seed".into())).into_response())?;
    Ok(Opened { token, credentials, seed })
}

fn invitation(ctx: &Context, words: &Arc<Words>, opened: &Opened, form: Form) -> InvitationPage {
    let secret = <[u8; time_code::SEED_BYTES]>::try_from(opened.seed.as_slice());
    let secret = secret.map(|seed| time_code::to_base32(&seed)).unwrap_or_default();
    let action = format!("/invitation/{}", opened.token);
    let email = opened.credentials.user.email.to_string();
    let mut page = Page::new(Arc::clone(words), words.say("invitation-title"), "Guichet")
        .script(&http::assets::STAFF_SCRIPT)
        .languages(&[Locale::Fr, Locale::En], &action);
    if ctx.demo {
        page = page.band(http::page::Band::Demo);
    }
    if !form.is_right() {
        page = page.faulty();
    }
    let label = crate::extract::pages::encode(&email);
    InvitationPage {
        page,
        form,
        action,
        intro: words.with("invitation-intro", &[("name", &opened.credentials.user.name)]),
        otpauth: format!("otpauth://totp/Guichet:{label}?secret={secret}&issuer=Guichet"),
        secret: in_fours(&secret),
        email,
    }
}

fn in_fours(text: &str) -> String {
    let letters: Vec<char> = text.chars().collect();
    let groups: Vec<String> = letters.chunks(4).map(|group| group.iter().collect()).collect();
    groups.join(" ")
}

async fn show(
    State(ctx): State<Context>,
    Path(token): Path<String>,
    uri: Uri,
    headers: HeaderMap,
) -> Response {
    let words = web::language::choose_staff(&ctx, &uri, &headers);
    match open(&ctx, token, &words).await {
        Ok(opened) => http::html(&invitation(&ctx, &words, &opened, Form::default())),
        Err(page) => page,
    }
}

async fn accept(
    State(ctx): State<Context>,
    Path(token): Path<String>,
    head: Parts,
    FormBody(values): FormBody<BTreeMap<String, String>>,
) -> Response {
    let words = web::language::choose_staff(&ctx, &head.uri, &head.headers);
    let opened = match open(&ctx, token, &words).await {
        Ok(opened) => opened,
        Err(page) => return page,
    };
    let value = |name: &str| values.get(name).map(String::as_str).unwrap_or_default();
    let (chosen, again, code) = (value("password"), value("again"), value("code"));
    let now = ctx.real_now();
    let mut form = Form::default();
    if chosen != again {
        form.fault("again", words.say("invitation-differ"));
    }
    let step = time_code::matching_step(&opened.seed, code, now);
    if step.is_none() {
        form.fault("code", words.say("invitation-code-wrong"));
    }
    let hash = match hashed(&ctx, chosen.to_owned()).await {
        Ok(hash) => hash,
        Err(fault) => {
            let key = match fault {
                PasswordError::TooShort => "invitation-password-short",
                PasswordError::TooLong => "invitation-password-long",
                PasswordError::Unhashable => {
                    return internal(DbError::Panicked).into_response();
                }
            };
            form.fault("password", words.say(key));
            String::new()
        }
    };
    let (true, Some(step)) = (form.is_right(), step) else {
        let page = invitation(&ctx, &words, &opened, form);
        return http::html_with(StatusCode::UNPROCESSABLE_ENTITY, &page);
    };
    let origin = origin(&head.headers, &head.extensions);
    let (token, id) = (opened.token.clone(), AuditId::new(now, ctx.rng.as_ref()));
    let write = move |tx: &mut Tx<'_>| ops::accept(tx, (&token, &hash, step), &origin, (now, id));
    match ctx.db.write(Route::any(), write).await {
        Ok(true) => http::redirect("/connexion?motif=pret"),
        Ok(false) => web::oops::page(&words, &Problem::not_found()),
        Err(error) => internal(error).into_response(),
    }
}

/// Hashes off the event loop.
async fn hashed(ctx: &Context, chosen: String) -> Result<String, PasswordError> {
    let keys = AppKeys::from_root(ctx.app_key.expose());
    let rng = Arc::clone(&ctx.rng);
    let work = tokio::task::spawn_blocking(move || password::hash(&keys, &chosen, rng.as_ref()));
    work.await.map_err(|_| PasswordError::Unhashable)?
}
