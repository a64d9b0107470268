//! `/parametres/cles`: the keys of programs; a key's text is shown once.

use std::collections::BTreeMap;

use askama::Template;
use axum::Router;
use axum::extract::{Form as FormBody, Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use axum::routing::{get, post};
use db::{DbError, Route, Tx};
use http::{Page, Words};
use kernel::{ApiKeyId, AuditId, Problem, Right, Timestamp, format};
use web::forms::{self, Submit};
use web::shell::Shell;
use web::{Context, Form};

use super::model::{ApiKey, KeyText};
use super::network::Network;
use super::ops::{self, KeyError, MAX_NETWORKS, NewKey};
use super::store;
use crate::extract::api::internal;
use crate::extract::pages::{right_label, role_label};
use crate::extract::{Staff, needs};
use crate::merchants::{Shop, store as merchant_store};
use crate::settings::{KEYS, Tab, tabs};
use crate::{audit, roles};

/// Choice of the form that stands for all rights of the person at the desk.
const ALL_RIGHTS: &str = "all";

/// `/parametres/cles` and what is posted from it.
pub fn routes() -> Router<Context> {
    Router::new()
        .route("/parametres/cles", get(list).post(issue))
        .route("/parametres/cles/{id}/renouveler", post(rotate))
        .route("/parametres/cles/{id}/revoquer", get(ask).post(revoke))
}

type Keeper = Staff<needs::KeysManage>;

struct Row {
    name: String,
    shop: String,
    rights: String,
    networks: String,
    used: String,
    state: String,
    open: bool,
    base: String,
}

/// Something to choose, with its words.
struct Choice {
    value: String,
    label: String,
}

#[derive(Template)]
#[template(path = "keys/templates/keys.html")]
struct KeysPage {
    page: Page,
    shell: Shell,
    tabs: Vec<Tab>,
    form: Form,
    token: String,
    rows: Vec<Row>,
    shops: Vec<Choice>,
    rights: Vec<Choice>,
}

#[derive(Template)]
#[template(path = "keys/templates/key.html")]
struct KeyPage {
    page: Page,
    shell: Shell,
    tabs: Vec<Tab>,
    text: String,
    key: String,
}

#[derive(Template)]
#[template(path = "keys/templates/revoke.html")]
struct RevokePage {
    page: Page,
    shell: Shell,
    action: String,
    text: String,
}

async fn list(staff: Keeper, State(ctx): State<Context>) -> Response {
    listed(&ctx, &staff, Form::default()).await
}

async fn listed(ctx: &Context, staff: &Keeper, form: Form) -> Response {
    let scope = staff.scope.clone();
    let read = move |tx: &mut Tx<'_>| -> Result<_, DbError> {
        Ok((store::of_merchant(tx, &scope)?, merchant_store::shops(tx, &scope)?))
    };
    let (keys, shops) = match ctx.db.read(read).await {
        Ok(found) => found,
        Err(error) => return internal(error).into_response(),
    };
    let words = &staff.words;
    let page = staff.page(ctx, words.say("settings-keys"));
    let status = if form.is_right() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    let presets = roles::PRESETS.iter().map(|preset| Choice {
        value: preset.name.to_owned(),
        label: words.with("key-rights-of", &[("role", &role_label(words, preset.name))]),
    });
    let all = Choice { value: ALL_RIGHTS.to_owned(), label: words.say("key-rights-all") };
    let named = |shop: &Shop| Choice { value: shop.id.to_string(), label: shop.name.clone() };
    let now = ctx.real_now();
    let page = KeysPage {
        page: form.mark(page),
        shell: staff.shell.clone(),
        tabs: tabs(words, &staff.scope, KEYS),
        form,
        token: forms::new_token(ctx.rng.as_ref()),
        rows: keys.iter().map(|key| row(staff, key, (&shops, now))).collect(),
        shops: shops.iter().map(named).collect(),
        rights: std::iter::once(all).chain(presets).collect(),
    };
    http::html_with(status, &page)
}

fn row(staff: &Keeper, key: &ApiKey, (shops, now): (&[Shop], Timestamp)) -> Row {
    let words = &staff.words;
    let written = |at| format::date_time(at, &staff.merchant.zone, words.locale());
    let open = key.is_open(now);
    let state = match key.ends_at {
        None => words.say("key-open"),
        Some(end) if open => words.with("key-open-until", &[("at", &written(end))]),
        Some(end) => words.with("key-ended", &[("at", &written(end))]),
    };
    Row {
        name: key.name.clone(),
        shop: shops
            .iter()
            .find(|shop| shop.id == key.shop)
            .map_or(String::new(), |shop| shop.name.clone()),
        rights: rights_words(words, &key.rights),
        networks: key.networks.iter().map(Network::to_string).collect::<Vec<_>>().join(", "),
        used: key.used_at.map_or_else(|| words.say("key-never-used"), written),
        state,
        open,
        base: format!("{KEYS}/{}", key.id),
    }
}

/// The one right by name, or how many there are.
fn rights_words(words: &Words, rights: &[Right]) -> String {
    match rights {
        [only] => right_label(words, *only),
        many => words.count("key-rights-count", i64::try_from(many.len()).unwrap_or(i64::MAX)),
    }
}

/// What was typed, with its faults noted in the form.
fn wanted(
    ctx: &Context,
    staff: &Keeper,
    values: &BTreeMap<String, String>,
    form: &mut Form,
) -> Option<NewKey> {
    let value = |name: &str| values.get(name).map(|text| text.trim()).unwrap_or_default();
    let words = &staff.words;
    let name = value("name").to_owned();
    if name.is_empty() || kernel::card_text::holds_card_number(&name) {
        form.fault("name", words.say("key-name-wrong"));
    }
    let networks: Option<Vec<Network>> = value("networks")
        .split([',', '\n', ' '])
        .map(str::trim)
        .filter(|text| !text.is_empty())
        .map(|text| text.parse().ok())
        .collect();
    let networks = networks.filter(|list| (1..=MAX_NETWORKS).contains(&list.len()));
    if networks.is_none() {
        form.fault("networks", words.say("key-networks-wrong"));
    }
    let own = |right: &Right| staff.scope.may(*right);
    let rights: Vec<Right> = match value("rights") {
        ALL_RIGHTS => staff.scope.rights().to_vec(),
        name => roles::preset(name).map(roles::Preset::rights).unwrap_or_default(),
    };
    let rights: Vec<Right> = rights.into_iter().filter(own).collect();
    if rights.is_empty() {
        form.fault("rights", words.say("key-rights-wrong"));
    }
    let shop = value("shop").parse().ok();
    if shop.is_none() {
        form.fault("shop", words.say("key-shop-wrong"));
    }
    if value(forms::TOKEN_FIELD).is_empty() {
        form.fault("name", words.say("form-token-missing"));
    }
    if !form.is_right() {
        return None;
    }
    let (rng, now) = (ctx.rng.as_ref(), ctx.real_now());
    let text = KeyText::new(staff.session.mode, rng);
    let id = ApiKeyId::new(now, rng);
    Some(NewKey { id, text, shop: shop?, name, rights, networks: networks? })
}

async fn issue(
    staff: Keeper,
    State(ctx): State<Context>,
    FormBody(values): FormBody<BTreeMap<String, String>>,
) -> Response {
    let mut form = Form::with_values(&values);
    let Some(new) = wanted(&ctx, &staff, &values, &mut form) else {
        return listed(&ctx, &staff, form).await;
    };
    let token = values.get(forms::TOKEN_FIELD).cloned().unwrap_or_default();
    let (scope, now) = (staff.scope.clone(), ctx.real_now());
    let audit_id = AuditId::new(now, ctx.rng.as_ref());
    let rights: Vec<&str> = new.rights.iter().map(|right| right.as_str()).collect();
    let line = staff.line("key.issued", new.id).after(rights);
    let shown = new.text.expose().to_owned();
    let write = move |tx: &mut Tx<'_>| -> Result<Submit, KeyError> {
        let submit = forms::begin(tx, &scope, KEYS, &token, now)?;
        if submit == Submit::First {
            ops::issue(tx, &scope, &new, now)?;
            audit::record(tx, &scope, &line, now, audit_id)?;
            forms::finish(tx, &scope, KEYS, &token, KEYS)?;
        }
        Ok(submit)
    };
    match ctx.db.write(Route::any(), write).await {
        Ok(Submit::First) => http::html(&key_page(&ctx, &staff, shown)),
        Ok(Submit::Again(_) | Submit::Running) => http::redirect(KEYS),
        Err(KeyError::UnknownShop) => {
            form.fault("shop", staff.words.say("key-shop-wrong"));
            listed(&ctx, &staff, form).await
        }
        Err(KeyError::Field(_)) => {
            form.fault("name", staff.words.say("key-name-wrong"));
            listed(&ctx, &staff, form).await
        }
        Err(error) => failed(&staff, error),
    }
}

/// Shown once, in answer to the form: the text is stored nowhere.
fn key_page(ctx: &Context, staff: &Keeper, key: String) -> KeyPage {
    KeyPage {
        page: staff.page(ctx, staff.words.say("key-issued-title")),
        shell: staff.shell.clone(),
        tabs: tabs(&staff.words, &staff.scope, KEYS),
        text: staff.words.say("key-issued"),
        key,
    }
}

fn failed(staff: &Keeper, error: KeyError) -> Response {
    match error {
        KeyError::Db(error) => internal(error).into_response(),
        KeyError::AboveOwn(right) => {
            web::oops::page(&staff.words, &crate::extract::api::missing_right(right))
        }
        KeyError::UnknownKey | KeyError::UnknownShop | KeyError::Field(_) => {
            web::oops::page(&staff.words, &Problem::not_found())
        }
    }
}

async fn rotate(staff: Keeper, State(ctx): State<Context>, Path(id): Path<String>) -> Response {
    let Ok(old) = id.parse::<ApiKeyId>() else {
        return web::oops::page(&staff.words, &Problem::not_found());
    };
    let (rng, now) = (ctx.rng.as_ref(), ctx.real_now());
    let text = KeyText::new(staff.session.mode, rng);
    let (new, audit_id) = (ApiKeyId::new(now, rng), AuditId::new(now, rng));
    let line = staff.line("key.rotated", old).after(new.to_string());
    let (scope, shown) = (staff.scope.clone(), text.expose().to_owned());
    let write = move |tx: &mut Tx<'_>| -> Result<(), KeyError> {
        ops::rotate(tx, &scope, old, (new, text.clone()), now)?;
        Ok(audit::record(tx, &scope, &line, now, audit_id)?)
    };
    match ctx.db.write(Route::any(), write).await {
        Ok(()) => http::html(&key_page(&ctx, &staff, shown)),
        Err(error) => failed(&staff, error),
    }
}

async fn ask(staff: Keeper, State(ctx): State<Context>, Path(id): Path<String>) -> Response {
    let missing = || web::oops::page(&staff.words, &Problem::not_found());
    let Ok(key) = id.parse::<ApiKeyId>() else { return missing() };
    let scope = staff.scope.clone();
    match ctx.db.read(move |tx| store::find(tx, &scope, key)).await {
        Ok(Some(key)) => {
            let name = [("name", key.name.as_str())];
            http::html(&RevokePage {
                page: staff.page(&ctx, staff.words.with("key-revoke-title", &name)),
                shell: staff.shell.clone(),
                action: format!("{KEYS}/{}/revoquer", key.id),
                text: staff.words.say("key-revoke-what"),
            })
        }
        Ok(None) => missing(),
        Err(error) => internal(error).into_response(),
    }
}

async fn revoke(staff: Keeper, State(ctx): State<Context>, Path(id): Path<String>) -> Response {
    let missing = || web::oops::page(&staff.words, &Problem::not_found());
    let Ok(key) = id.parse::<ApiKeyId>() else { return missing() };
    let (scope, now) = (staff.scope.clone(), ctx.real_now());
    let audit_id = AuditId::new(now, ctx.rng.as_ref());
    let line = staff.line("key.revoked", key);
    let write = move |tx: &mut Tx<'_>| -> Result<(), KeyError> {
        store::find(tx, &scope, key)?.ok_or(KeyError::UnknownKey)?;
        match ops::revoke(tx, &scope, key, now) {
            Ok(()) => Ok(audit::record(tx, &scope, &line, now, audit_id)?),
            // It had ended before: the list shows that.
            Err(KeyError::UnknownKey) => Ok(()),
            Err(error) => Err(error),
        }
    };
    match ctx.db.write(Route::any(), write).await {
        Ok(()) => http::redirect(KEYS),
        Err(error) => failed(&staff, error),
    }
}
