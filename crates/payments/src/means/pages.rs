//! `/parametres/moyens`: the matrix, for those who set things, and what a test account declares.

use std::collections::BTreeMap;
use std::sync::Arc;

use askama::Template;
use axum::Router;
use axum::extract::{Form as FormBody, Path, State};
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::get;
use db::{DbError, Route, Tx};
use http::Page;
use identity::audit;
use identity::extract::{Staff, needs};
use identity::merchants::{self, Shop};
use identity::settings::{MEANS, Tab, tabs};
use kernel::{AuditId, Mode, Problem, ShopId};
use web::forms::conflict::{self, Difference};
use web::forms::{self, Submit};
use web::shell::Shell;
use web::{Context, Form};

use super::form::{self, Select};
use super::{Row, matrix};
use crate::account::store::{self, Stored};

/// A column of the matrix.
struct Head {
    label: String,
    /// Page where the account is changed; empty when it cannot be.
    href: String,
    /// Words of the way there.
    change: String,
}

#[derive(Template)]
#[template(path = "means/templates/means.html")]
struct MeansPage {
    page: Page,
    shell: Shell,
    tabs: Vec<Tab>,
    heads: Vec<Head>,
    rows: Vec<Row>,
}

#[derive(Template)]
#[template(path = "means/templates/account.html")]
struct AccountPage {
    page: Page,
    shell: Shell,
    tabs: Vec<Tab>,
    form: Form,
    selects: Vec<Select>,
    both: Vec<Difference>,
    action: String,
    token: String,
    version: i64,
}

type Owner = Staff<needs::SettingsManage>;

/// `/parametres/moyens` and the page of each account.
pub fn routes() -> Router<Context> {
    Router::new()
        .route("/parametres/moyens", get(show))
        .route("/parametres/moyens/{shop}", get(ask).post(save))
}

fn address(shop: ShopId) -> String {
    format!("{MEANS}/{shop}")
}

async fn show(State(ctx): State<Context>, staff: Owner) -> Result<Response, Response> {
    let scope = staff.scope.clone();
    let read = move |tx: &mut Tx<'_>| {
        let shops = merchants::store::shops(tx, &scope)?;
        let of = |shop: Shop| Ok((store::capabilities(tx, &scope, shop.id)?, shop));
        shops.into_iter().map(of).collect::<Result<Vec<_>, DbError>>()
    };
    let found = ctx.db.read(read).await.map_err(|error| failed(&staff, &Problem::from(&error)))?;
    let words = &staff.words;
    let names = super::heads(words.locale()).into_iter().next().unwrap_or_default();
    let head = |shop: &Shop| Head {
        label: format!("{names} · {}", shop.name),
        change: words.with("means-change", &[("shop", &shop.name)]),
        href: if shop.mode == Mode::Test { address(shop.id) } else { String::new() },
    };
    let (caps, shops): (Vec<_>, Vec<_>) = found.into_iter().unzip();
    Ok(http::html(&MeansPage {
        page: staff.page(&ctx, words.say("means-title")),
        shell: staff.shell.clone(),
        tabs: tabs(words, &staff.scope, MEANS),
        heads: shops.iter().map(head).collect(),
        rows: matrix(words, &caps),
    }))
}

/// A test shop of the merchant with its account.
struct Sheet {
    shop: Shop,
    account: Stored,
}

impl Sheet {
    async fn read(ctx: &Context, staff: &Owner, shop: &str) -> Result<Self, Response> {
        let missing = || failed(staff, &Problem::not_found());
        let shop: ShopId = shop.parse().map_err(|_| missing())?;
        let scope = staff.scope.clone();
        let read = move |tx: &mut Tx<'_>| {
            let known = merchants::store::shop(tx, &scope, shop)?;
            let Some(shop) = known.filter(|shop| shop.mode == Mode::Test) else { return Ok(None) };
            let account = store::of_shop(tx, &scope, shop.id)?;
            Ok(Some(Self { shop, account }))
        };
        let found: Result<_, DbError> = ctx.db.read(read).await;
        found.map_err(|error| failed(staff, &Problem::from(&error)))?.ok_or_else(missing)
    }

    fn page(&self, ctx: &Context, staff: &Owner, form: Form, both: Vec<Difference>) -> Response {
        let words = &staff.words;
        let page = staff.page(ctx, words.with("means-account-title", &[("shop", &self.shop.name)]));
        let status = match (form.is_right(), both.is_empty()) {
            (false, _) => StatusCode::UNPROCESSABLE_ENTITY,
            (true, false) => StatusCode::CONFLICT,
            (true, true) => StatusCode::OK,
        };
        let page = AccountPage {
            page: if status == StatusCode::OK { page } else { page.faulty() },
            shell: staff.shell.clone(),
            tabs: tabs(words, &staff.scope, MEANS),
            selects: form::selects(words, &form),
            both,
            action: address(self.shop.id),
            token: forms::new_token(ctx.rng.as_ref()),
            version: self.account.version,
            form,
        };
        http::html_with(status, &page)
    }
}

async fn ask(
    State(ctx): State<Context>,
    staff: Owner,
    Path(shop): Path<String>,
) -> Result<Response, Response> {
    let sheet = Sheet::read(&ctx, &staff, &shop).await?;
    let form = form::values(&sheet.account.settings);
    Ok(sheet.page(&ctx, &staff, form, Vec::new()))
}

async fn save(
    State(ctx): State<Context>,
    staff: Owner,
    Path(shop): Path<String>,
    FormBody(posted): FormBody<BTreeMap<String, String>>,
) -> Result<Response, Response> {
    let mut sheet = Sheet::read(&ctx, &staff, &shop).await?;
    let mut typed = Form::with_values(&posted);
    let settings = form::read(&staff.words, &mut typed);
    if !typed.is_right() {
        return Ok(sheet.page(&ctx, &staff, typed, Vec::new()));
    }
    let version = typed.value(conflict::VERSION_FIELD).parse().unwrap_or(-1);
    let wanted = Stored { settings, version };
    let token = posted.get(forms::TOKEN_FIELD).cloned().unwrap_or_default();
    match write(&ctx, &staff, (sheet.shop.id, wanted, token)).await {
        Ok(true) => Ok(http::redirect(MEANS)),
        Ok(false) => {
            sheet = Sheet::read(&ctx, &staff, &shop).await?;
            let both = form::differences(&staff.words, &typed, &sheet.account.settings);
            Ok(sheet.page(&ctx, &staff, typed, both))
        }
        Err(error) => Err(failed(&staff, &Problem::from(&error))),
    }
}

/// Saves once for a form however often it is sent; false when somebody else saved meanwhile.
async fn write(
    ctx: &Context,
    staff: &Owner,
    (shop, wanted, token): (ShopId, Stored, String),
) -> Result<bool, DbError> {
    let (scope, now, rng) = (staff.scope.clone(), ctx.real_now(), Arc::clone(&ctx.rng));
    let path = address(shop);
    let line = staff.line("account.changed", shop).after(told(&wanted));
    let unit = move |tx: &mut Tx<'_>| {
        let before = store::of_shop(tx, &scope, shop)?;
        match forms::begin(tx, &scope, &path, &token, now)? {
            Submit::Again(_) | Submit::Running => return Ok(true),
            Submit::First => {}
        }
        let saved = store::save(tx, &scope, shop, (&wanted, now))?;
        forms::finish(tx, &scope, &path, &token, MEANS)?;
        if saved {
            let line = line.clone().before(told(&before));
            audit::record(tx, &scope, &line, now, AuditId::new(now, rng.as_ref()))?;
        }
        Ok(saved)
    };
    ctx.db.write(Route::of(shop.id()), unit).await
}

fn told(account: &Stored) -> serde_json::Value {
    serde_json::json!(account.settings)
}

fn failed(staff: &Owner, problem: &Problem) -> Response {
    web::oops::page(&staff.words, problem)
}
