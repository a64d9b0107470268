//! `/cartes/virtuelles/reglages`: whether virtual cards are charged by themselves, and the trade
//! under which the property is known.

use std::collections::BTreeMap;

use askama::Template;
use axum::Router;
use axum::extract::{Form as Body, State};
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::get;
use db::{DbError, Route, Tx};
use http::Page;
use identity::audit;
use identity::extract::{Staff, needs};
use kernel::{AuditId, ShopId};
use web::Form;
use web::shell::Shell;

use crate::virtual_cards::pages::{Answer, Desk, failed};
use crate::virtual_cards::store::{self, Policy};

const HERE: &str = "/cartes/virtuelles/reglages";
/// Digits of a trade (ISO 18245).
const TRADE_DIGITS: usize = 4;

#[derive(Template)]
#[template(path = "virtual_cards/templates/virtual-settings.html")]
struct SettingsPage {
    page: Page,
    shell: Shell,
    form: Form,
    auto: bool,
    version: i64,
}

/// The page of the settings.
pub(in crate::virtual_cards) fn routes() -> Router<Desk> {
    Router::new().route("/cartes/virtuelles/reglages", get(show).post(save))
}

async fn policy<R>(desk: &Desk, staff: &Staff<R>) -> Result<(ShopId, Policy), Response> {
    let (shop, scope) = (desk.shop(staff).await?, staff.scope.clone());
    let read = move |tx: &mut Tx<'_>| store::policy(tx, &scope, shop);
    let policy = desk.engine.ctx.db.read::<_, DbError, _>(read).await;
    Ok((shop, policy.map_err(|error| failed(staff, &error))?))
}

async fn show(State(desk): State<Desk>, staff: Staff<needs::CardSettings>) -> Answer {
    let (_, policy) = policy(&desk, &staff).await?;
    let mut form = Form::default();
    form.set("mcc", policy.mcc.as_str());
    Ok(answer(&desk, &staff, form, &policy))
}

fn answer<R>(desk: &Desk, staff: &Staff<R>, form: Form, policy: &Policy) -> Response {
    let page = staff.page(&desk.engine.ctx, staff.words.say("vcc-settings-title"));
    let status = if form.is_right() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    let shown = SettingsPage {
        page: form.mark(page),
        shell: staff.shell.clone(),
        form,
        auto: policy.auto_since.is_some(),
        version: policy.version,
    };
    http::html_with(status, &shown)
}

async fn save(
    State(desk): State<Desk>,
    staff: Staff<needs::CardSettings>,
    Body(fields): Body<BTreeMap<String, String>>,
) -> Answer {
    let (shop, before) = policy(&desk, &staff).await?;
    let text = |name: &str| fields.get(name).map_or("", |value| value.trim());
    let (mcc, auto) = (text("mcc").to_owned(), fields.contains_key("auto"));
    let mut form = Form::with_values(&fields);
    let digits = mcc.len() == TRADE_DIGITS && mcc.bytes().all(|b| b.is_ascii_digit());
    if !mcc.is_empty() && !digits {
        form.fault("mcc", staff.words.say("vcc-mcc-fault"));
    }
    if text("version") != before.version.to_string() {
        form.fault("form", staff.words.say("vcc-settings-changed"));
    }
    let today = staff.merchant.zone.date(desk.engine.ctx.now(shop));
    let auto_since = auto.then(|| before.auto_since.unwrap_or(today));
    let typed = Policy { auto_since, mcc, version: before.version };
    if !form.is_right() {
        return Ok(answer(&desk, &staff, form, &typed));
    }
    let after = Policy { version: before.version.saturating_add(1), ..typed.clone() };
    let real_now = desk.engine.ctx.real_now();
    let line_id = AuditId::new(real_now, desk.engine.ctx.rng.as_ref());
    let line = staff.line("card.virtual_settings", shop).after(serde_json::json!({
        "auto_charge_virtual": after.auto_since.is_some(), "mcc": after.mcc,
    }));
    let (scope, written) = (staff.scope.clone(), after.clone());
    let write = move |tx: &mut Tx<'_>| {
        let done = store::put_policy(tx, &scope, (shop, &written))?;
        if done {
            audit::record(tx, &scope, &line, real_now, line_id)?;
        }
        Ok::<_, DbError>(done)
    };
    let done = desk.engine.ctx.db.write(Route::of(shop.id()), write).await;
    if done.map_err(|error| failed(&staff, &error))? {
        return Ok(http::redirect(HERE));
    }
    form.fault("form", staff.words.say("vcc-settings-changed"));
    Ok(answer(&desk, &staff, form, &typed))
}
