//! `/parametres/utilisateurs`: people, their roles and their links.

mod person;
mod view;

use std::collections::BTreeMap;

use axum::Router;
use axum::extract::{Form as FormBody, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use axum::routing::{get, post};
use db::{DbError, Route, Tx};
use kernel::{AuditId, Email, Locale, MessageId, Right, UserId, card_text};
use web::forms::{self, Submit};
use web::mail::{self, Channel, Mail};
use web::{Context, Form};

use self::view::{PeoplePage, SentPage};
use super::model::Assignment;
use super::ops::UserError;
use super::people::{self, Invited};
use crate::extract::api::internal;
use crate::extract::{Staff, needs};
use crate::invitations::ops::{Fresh, NotMade, VALID_DAYS};
use crate::merchants::{model::is_name, store as merchant_store};
use crate::secrets::AppKeys;
use crate::settings::PEOPLE;
use crate::{audit, roles};

/// How much is said of why somebody may see card numbers.
const REASON_CHARACTERS: std::ops::RangeInclusive<usize> = 10..=200;

/// `/parametres/utilisateurs` and what is posted from it.
pub fn routes() -> Router<Context> {
    Router::new()
        .route("/parametres/utilisateurs", get(list).post(invite))
        .route("/parametres/utilisateurs/{id}", get(person::show))
        .route("/parametres/utilisateurs/{id}/role", post(person::set_role))
        .route("/parametres/utilisateurs/{id}/lien", post(person::renew))
        .route("/parametres/utilisateurs/{id}/retirer", get(person::ask).post(person::remove))
}

type Manager = Staff<needs::UsersManage>;

async fn list(staff: Manager, State(ctx): State<Context>) -> Response {
    let mut form = Form::default();
    form.set("role", roles::RECEPTION);
    form.set("lang", staff.merchant.locale.code());
    listed(&ctx, &staff, form).await
}

async fn listed(ctx: &Context, staff: &Manager, form: Form) -> Response {
    let scope = staff.scope.clone();
    let read = move |tx: &mut Tx<'_>| -> Result<_, DbError> {
        Ok((people::members(tx, &scope)?, super::store::role_names(tx, &scope)?))
    };
    match ctx.db.read(read).await {
        Ok((members, roles)) => {
            let status =
                if form.is_right() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
            http::html_with(status, &PeoplePage::of(ctx, staff, (&members, &roles), form))
        }
        Err(error) => internal(error).into_response(),
    }
}

/// What the form of a role says; faults are noted in the form.
fn assignment(staff: &Manager, values: &BTreeMap<String, String>, form: &mut Form) -> Assignment {
    let value = |name: &str| values.get(name).map(|text| text.trim()).unwrap_or_default();
    let mut assignment = Assignment::of_role(value("role"));
    let ceiling = value("ceiling");
    if !ceiling.is_empty() {
        match kernel::format::parse_amount(ceiling, staff.merchant.currency) {
            Ok(most) if most.minor() > 0 => {
                assignment = assignment.up_to(Right::PaymentsRefund, most.minor());
            }
            _ => form.fault("ceiling", staff.words.say("people-ceiling-wrong")),
        }
    }
    if !value("reveal").is_empty() {
        assignment = assignment.with(Right::CardReveal);
        let reason = value("reason");
        let long_enough = REASON_CHARACTERS.contains(&reason.chars().count());
        if !long_enough || card_text::holds_card_number(reason) {
            form.fault("reason", staff.words.say("people-reason-wrong"));
        }
    }
    assignment
}

/// The sentence for a refused change, with its field.
fn refusal(staff: &Manager, error: &UserError) -> Option<(&'static str, String)> {
    let words = &staff.words;
    Some(match error {
        UserError::EmailTaken => ("email", words.say("people-email-taken")),
        UserError::UnknownRole => ("role", words.say("people-role-wrong")),
        UserError::AboveOwn(right) => {
            let label = crate::extract::pages::right_label(words, *right);
            ("role", words.with("people-above-own", &[("right", &label)]))
        }
        UserError::NoCeiling(_) => ("ceiling", words.say("people-ceiling-wrong")),
        UserError::UnknownUser | UserError::Db(_) => return None,
    })
}

/// Makes fresh secrets off the event loop.
async fn fresh(ctx: &Context, user: UserId) -> Result<Fresh, NotMade> {
    let (keys, rng) = (AppKeys::from_root(ctx.app_key.expose()), ctx.rng.clone());
    let work = tokio::task::spawn_blocking(move || Fresh::new(&keys, user, rng.as_ref()));
    work.await.map_err(|_| NotMade)?
}

async fn invite(
    staff: Manager,
    State(ctx): State<Context>,
    FormBody(values): FormBody<BTreeMap<String, String>>,
) -> Response {
    let value = |name: &str| values.get(name).map(|text| text.trim()).unwrap_or_default();
    let mut form = Form::with_values(&values);
    let name = value("name").to_owned();
    if !is_name(&name) || card_text::holds_card_number(&name) {
        form.fault("name", staff.words.say("people-name-wrong"));
    }
    let email = value("email").parse::<Email>().ok();
    if email.is_none() {
        form.fault("email", staff.words.say("people-email-wrong"));
    }
    let token = value(forms::TOKEN_FIELD).to_owned();
    if token.is_empty() {
        form.fault("name", staff.words.say("form-token-missing"));
    }
    let assignment = assignment(&staff, &values, &mut form);
    let (true, Some(email)) = (form.is_right(), email) else {
        return listed(&ctx, &staff, form).await;
    };
    let now = ctx.real_now();
    let id = UserId::new(now, ctx.rng.as_ref());
    let Ok(fresh) = fresh(&ctx, id).await else {
        return internal(DbError::Panicked).into_response();
    };
    let locale = Locale::parse(value("lang")).unwrap_or(staff.merchant.locale);
    let invited = Invited { id, email, name, locale, assignment };
    let mail = letter(&ctx, &staff, &invited, &fresh.token);
    let (scope, shown, audit_id) =
        (staff.scope.clone(), fresh.token.clone(), AuditId::new(now, ctx.rng.as_ref()));
    let line = staff.line("user.created", id).after(described(&invited.assignment, ""));
    let to = invited.email.to_string();
    let write = move |tx: &mut Tx<'_>| -> Result<Submit, UserError> {
        let submit = forms::begin(tx, &scope, PEOPLE, &token, now)?;
        if submit == Submit::First {
            people::add(tx, &scope, (&invited, &fresh), now)?;
            audit::record(tx, &scope, &line, now, audit_id)?;
            send(tx, &scope, &mail, now)?;
            forms::finish(tx, &scope, PEOPLE, &token, PEOPLE)?;
        }
        Ok(submit)
    };
    match ctx.db.write(Route::any(), write).await {
        Ok(Submit::First) => sent(&ctx, &staff, (&to, &shown)),
        Ok(Submit::Again(_) | Submit::Running) => http::redirect(PEOPLE),
        Err(error) => match refusal(&staff, &error) {
            Some((field, message)) => {
                form.fault(field, message);
                listed(&ctx, &staff, form).await
            }
            None => failed(error),
        },
    }
}

/// Shown once, in answer to the form: the link is nowhere else but in the mail.
fn sent(ctx: &Context, staff: &Manager, (to, token): (&str, &str)) -> Response {
    http::html(&SentPage::of(ctx, staff, (to, link(ctx, token))))
}

fn failed(error: UserError) -> Response {
    match error {
        UserError::Db(error) => internal(error).into_response(),
        other => {
            tracing::error!(error = %other, "people");
            internal(DbError::Corrupt("user".into())).into_response()
        }
    }
}

fn link(ctx: &Context, token: &str) -> String {
    format!("{}/invitation/{token}", ctx.urls.app)
}

/// What the journal keeps of an assignment.
fn described(assignment: &Assignment, reason: &str) -> serde_json::Value {
    serde_json::json!({
        "role": assignment.role,
        "extra": assignment.extra.iter().map(|right| right.as_str()).collect::<Vec<_>>(),
        "ceilings": assignment.ceilings.iter()
            .map(|(right, most)| (right.as_str(), *most))
            .collect::<BTreeMap<_, _>>(),
        "reason": reason,
    })
}

/// The mail with the link, in the person's language.
fn letter(ctx: &Context, staff: &Manager, invited: &Invited, token: &str) -> Mail {
    let words = ctx.words(invited.locale);
    let merchant = staff.merchant.name.as_str();
    let days = VALID_DAYS.to_string();
    let values = [("merchant", merchant), ("name", invited.name.as_str()), ("days", &days)];
    let subject = words.with("invitation-mail-subject", &values);
    Mail {
        id: MessageId::new(ctx.real_now(), ctx.rng.as_ref()),
        channel: Channel::Mail,
        shop: kernel::ShopId::from(staff.merchant.id.id()),
        to: invited.email.to_string(),
        subject: subject.chars().take(mail::MAX_SUBJECT_CHARACTERS).collect(),
        text: words.with("invitation-mail-text", &values),
        link: Some(link(ctx, token)),
        object: invited.id.to_string(),
    }
}

/// Queues the mail for the first shop of the merchant.
fn send(
    tx: &mut Tx<'_>,
    scope: &kernel::Scope,
    mail: &Mail,
    now: kernel::Timestamp,
) -> Result<(), DbError> {
    let shops = merchant_store::shops(tx, scope)?;
    let Some(shop) = shops.first() else { return Ok(()) };
    mail::send(tx, scope, &Mail { shop: shop.id, ..mail.clone() }, now)
}
