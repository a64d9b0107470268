//! One person: his role, a new link, the end of his access.

use std::collections::BTreeMap;

use axum::extract::{Form as FormBody, Path, Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use db::{DbError, Route, Tx};
use kernel::{AuditId, Problem, Right, UserId, format};
use web::{Context, Form};

use super::view::{PersonPage, RemovePage};
use super::{Manager, assignment, described, failed, fresh, letter, refusal, send, sent};
use crate::audit;
use crate::extract::api::internal;
use crate::settings::PEOPLE;
use crate::users::ops::{self, UserError};
use crate::users::people::{self, Invited, Member, obstacle};
use crate::users::{Assignment, store};

type Found = (Member, Vec<String>);

/// A person of the merchant with the roles to choose from.
async fn find(ctx: &Context, staff: &Manager, id: &str) -> Result<Found, Response> {
    let missing = || web::oops::page(&staff.words, &Problem::not_found());
    let id: UserId = id.parse().map_err(|_| missing())?;
    let scope = staff.scope.clone();
    let read = move |tx: &mut Tx<'_>| -> Result<_, DbError> {
        Ok((people::find(tx, &scope, id)?, store::role_names(tx, &scope)?))
    };
    let found = ctx.db.read(read).await.map_err(|error| internal(error).into_response())?;
    found.0.map(|member| (member, found.1)).ok_or_else(missing)
}

/// The same, when the person at the desk may change him.
async fn changeable(ctx: &Context, staff: &Manager, id: &str) -> Result<Found, Response> {
    let found = find(ctx, staff, id).await?;
    match obstacle(&staff.scope, staff.user.id, &found.0) {
        None if found.0.user.disabled_at.is_none() => Ok(found),
        _ => Err(http::redirect(&format!("{PEOPLE}/{id}"))),
    }
}

fn as_it_stands(staff: &Manager, member: &Member) -> Form {
    let mut form = Form::default();
    if let Some(given) = member.assignments.first() {
        form.set("role", given.role.as_str());
        let refund = given.ceilings.iter().find(|(right, _)| *right == Right::PaymentsRefund);
        if let Some((_, most)) = refund {
            let most = kernel::Money::new(*most, staff.merchant.currency);
            form.set("ceiling", format::number(most, staff.words.locale()));
        }
    }
    form
}

pub(super) async fn show(
    staff: Manager,
    State(ctx): State<Context>,
    Path(id): Path<String>,
    Query(query): Query<BTreeMap<String, String>>,
) -> Response {
    match find(&ctx, &staff, &id).await {
        Ok((member, roles)) => {
            let notice = match query.get("fait").map(String::as_str) {
                Some("role") => staff.words.say("people-role-saved"),
                Some("fin") => staff.words.say("people-removed"),
                _ => String::new(),
            };
            let form = as_it_stands(&staff, &member);
            http::html(&PersonPage::of(&ctx, &staff, (&member, &roles), (form, notice)))
        }
        Err(page) => page,
    }
}

pub(super) async fn set_role(
    staff: Manager,
    State(ctx): State<Context>,
    Path(id): Path<String>,
    FormBody(values): FormBody<BTreeMap<String, String>>,
) -> Response {
    let (member, roles) = match changeable(&ctx, &staff, &id).await {
        Ok(found) => found,
        Err(page) => return page,
    };
    let mut form = Form::with_values(&values);
    let wanted = assignment(&staff, &values, &mut form);
    if form.is_right() {
        let reason = values.get("reason").cloned().unwrap_or_default();
        match save_role(&ctx, &staff, &member, (wanted, &reason)).await {
            Ok(()) => return http::redirect(&format!("{PEOPLE}/{id}?fait=role")),
            Err(error) => match refusal(&staff, &error) {
                Some((field, message)) => form.fault(field, message),
                None => return failed(error),
            },
        }
    }
    let page = PersonPage::of(&ctx, &staff, (&member, &roles), (form, String::new()));
    http::html_with(StatusCode::UNPROCESSABLE_ENTITY, &page)
}

async fn save_role(
    ctx: &Context,
    staff: &Manager,
    member: &Member,
    (wanted, reason): (Assignment, &str),
) -> Result<(), UserError> {
    let (scope, now) = (staff.scope.clone(), ctx.real_now());
    let (id, audit_id) = (member.user.id, AuditId::new(now, ctx.rng.as_ref()));
    let before: Vec<serde_json::Value> =
        member.assignments.iter().map(|given| described(given, "")).collect();
    let line = staff.line("role.given", id).before(before).after(described(&wanted, reason));
    let write = move |tx: &mut Tx<'_>| -> Result<(), UserError> {
        people::set_role(tx, &scope, (id, &wanted), now)?;
        Ok(audit::record(tx, &scope, &line, now, audit_id)?)
    };
    ctx.db.write(Route::of(id.id()), write).await
}

pub(super) async fn renew(
    staff: Manager,
    State(ctx): State<Context>,
    Path(id): Path<String>,
) -> Response {
    let member = match changeable(&ctx, &staff, &id).await {
        Ok((member, _)) => member,
        Err(page) => return page,
    };
    let Ok(fresh) = fresh(&ctx, member.user.id).await else {
        return internal(DbError::Panicked).into_response();
    };
    let invited = Invited {
        id: member.user.id,
        email: member.user.email.clone(),
        name: member.user.name.clone(),
        locale: member.user.locale,
        assignment: Assignment::of_role(""),
    };
    let mail = letter(&ctx, &staff, &invited, &fresh.token);
    let (scope, now) = (staff.scope.clone(), ctx.real_now());
    let (user, audit_id) = (member.user.id, AuditId::new(now, ctx.rng.as_ref()));
    let (line, token) = (staff.line("user.renewed", user), fresh.token.clone());
    let write = move |tx: &mut Tx<'_>| -> Result<(), UserError> {
        people::renew(tx, &scope, (user, &fresh), now)?;
        audit::record(tx, &scope, &line, now, audit_id)?;
        Ok(send(tx, &scope, &mail, now)?)
    };
    match ctx.db.write(Route::of(user.id()), write).await {
        Ok(()) => sent(&ctx, &staff, (invited.email.as_str(), &token)),
        Err(error) => failed(error),
    }
}

pub(super) async fn ask(
    staff: Manager,
    State(ctx): State<Context>,
    Path(id): Path<String>,
) -> Response {
    let member = match changeable(&ctx, &staff, &id).await {
        Ok((member, _)) => member,
        Err(page) => return page,
    };
    let name = [("name", member.user.name.as_str())];
    http::html(&RemovePage {
        page: staff.page(&ctx, staff.words.with("people-remove-title", &name)),
        shell: staff.shell.clone(),
        action: format!("{PEOPLE}/{id}/retirer"),
        back: format!("{PEOPLE}/{id}"),
        text: staff.words.with("people-remove-what", &name),
    })
}

pub(super) async fn remove(
    staff: Manager,
    State(ctx): State<Context>,
    Path(id): Path<String>,
) -> Response {
    let member = match changeable(&ctx, &staff, &id).await {
        Ok((member, _)) => member,
        Err(page) => return page,
    };
    let (scope, now) = (staff.scope.clone(), ctx.real_now());
    let (user, audit_id) = (member.user.id, AuditId::new(now, ctx.rng.as_ref()));
    let line = staff.line("user.disabled", user);
    let write = move |tx: &mut Tx<'_>| -> Result<(), UserError> {
        ops::disable(tx, &scope, user, now)?;
        Ok(audit::record(tx, &scope, &line, now, audit_id)?)
    };
    match ctx.db.write(Route::of(user.id()), write).await {
        Ok(()) => http::redirect(&format!("{PEOPLE}/{id}?fait=fin")),
        Err(error) => failed(error),
    }
}
