//! `/parametres/cartes/detruire`: all cards of the property are destroyed, for good, when two people
//! who have just signed in have typed its name.

use std::collections::BTreeMap;

use askama::Template;
use axum::Router;
use axum::extract::{Form as Body, State};
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::get;
use http::Page;
use identity::extract::{Staff, needs};
use kernel::{Right, ShopId, Timestamp, format};
use vault_wire::{CardsDestroy, Destruction, DestructionGet, WireError};
use web::Form;
use web::shell::Shell;

use super::block::name;
use super::settings::is_fresh;
use super::{Answer, Cards, refused};

const HERE: &str = "/parametres/cartes/detruire";

#[derive(Template)]
#[template(path = "cards/templates/destroy.html")]
struct DestroyPage {
    page: Page,
    shell: Shell,
    form: Form,
    /// The name to be typed.
    property: String,
    /// How many cards there are.
    count: String,
    /// How many are being destroyed; empty when none is.
    going: String,
    /// Who has asked, and until when another may agree; empty when nobody has.
    asked: String,
    /// What was destroyed last; empty when nothing was.
    done: String,
    /// Why this person cannot go on now; empty when he can.
    why_not: String,
    /// His word is the second: it is done at once.
    is_second: bool,
}

/// The routes of the destruction.
pub(super) fn routes() -> Router<Cards> {
    Router::new().route("/parametres/cartes/detruire", get(show).post(destroy))
}

async fn show(State(cards): State<Cards>, staff: Staff<needs::CardDelete>) -> Answer {
    let shop = cards.shop(&staff).await?;
    page(&cards, &staff, shop, Form::default()).await
}

async fn page<R>(cards: &Cards, staff: &Staff<R>, shop: ShopId, form: Form) -> Answer {
    let told = cards.ask(staff, shop, &DestructionGet {}).await;
    let told = told.map_err(|error| refused(staff, &error))?;
    let words = &staff.words;
    let status = if form.is_right() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    let page = staff.page(&cards.engine.ctx, words.say("cards-destroy-title"));
    let many = |key: &str, number: u64| words.count(key, i64::try_from(number).unwrap_or(i64::MAX));
    let going = told.going;
    let shown = DestroyPage {
        page: form.mark(page),
        shell: staff.shell.clone(),
        form,
        count: many("cards-destroy-count", told.cards),
        going: if going == 0 { String::new() } else { many("cards-destroy-going", going) },
        asked: asked(cards, staff, &told).await?,
        done: done(cards, staff, &told).await?,
        why_not: why_not(staff, &told),
        is_second: told.asked.is_some(),
        property: told.name,
    };
    Ok(http::html_with(status, &shown))
}

fn date<R>(staff: &Staff<R>, at: Timestamp) -> String {
    format::date_time(at, &staff.merchant.zone, staff.words.locale())
}

async fn asked<R>(cards: &Cards, staff: &Staff<R>, told: &Destruction) -> Result<String, Response> {
    let Some(asked) = &told.asked else { return Ok(String::new()) };
    let user = name(cards, staff, Some(asked.by.clone())).await?;
    let until = date(staff, asked.until);
    Ok(staff.words.with("cards-destroy-asked", &[("user", &user), ("until", &until)]))
}

async fn done<R>(cards: &Cards, staff: &Staff<R>, told: &Destruction) -> Result<String, Response> {
    let Some(done) = &told.done else { return Ok(String::new()) };
    let first = name(cards, staff, Some(done.asked_by.clone())).await?;
    let second = name(cards, staff, Some(done.agreed_by.clone())).await?;
    let (at, count) = (date(staff, done.at), done.cards.to_string());
    let values = [("date", at.as_str()), ("cards", &count), ("first", &first), ("second", &second)];
    Ok(staff.words.with("cards-destroy-done", &values))
}

/// Why a person cannot go on: he has asked himself, or may not agree to what another asked.
fn why_not<R>(staff: &Staff<R>, told: &Destruction) -> String {
    match &told.asked {
        _ if told.cards == 0 => staff.words.say("cards-destroy-nothing"),
        Some(asked) if asked.by == staff.scope.actor().text() => {
            staff.words.say("cards-destroy-self")
        }
        Some(_) if !staff.scope.may(Right::UsersManage) => {
            let right = Right::UsersManage.as_str();
            staff.words.with("cards-lacks", &[("right", right)])
        }
        _ => String::new(),
    }
}

async fn destroy(
    State(cards): State<Cards>,
    staff: Staff<needs::CardDelete>,
    Body(fields): Body<BTreeMap<String, String>>,
) -> Answer {
    let shop = cards.shop(&staff).await?;
    let mut form = Form::with_values(&fields);
    let told = cards.ask(&staff, shop, &DestructionGet {}).await;
    let told = told.map_err(|error| refused(&staff, &error))?;
    let why_not = why_not(&staff, &told);
    if !why_not.is_empty() {
        form.fault("form", why_not);
        return page(&cards, &staff, shop, form).await;
    }
    if !is_fresh(staff.session.began_at, cards.engine.ctx.real_now()) {
        form.fault("form", staff.words.say("cards-destroy-sign-in-again"));
        return page(&cards, &staff, shop, form).await;
    }
    let typed = fields.get("name").cloned().unwrap_or_default();
    match cards.ask(&staff, shop, &CardsDestroy { name: typed }).await {
        Ok(after) => {
            let agreed = after.asked.is_none();
            let count = after.done.filter(|_| agreed).map(|done| done.cards);
            let (action, cards_then) = match count {
                Some(count) => ("cards.destroy", count),
                None => ("cards.destroy_ask", after.cards),
            };
            let line = staff.line(action, shop);
            let line = line.after(serde_json::json!({ "cards": cards_then }));
            cards.note(&staff, line).await?;
            Ok(http::redirect(HERE))
        }
        Err(WireError::Refused(why)) if why.path.as_deref() == Some("$.name") => {
            form.fault("name", staff.words.with("cards-destroy-name", &[("name", &told.name)]));
            page(&cards, &staff, shop, form).await
        }
        Err(WireError::Refused(why)) if why.code == "self_approval" => {
            form.fault("form", staff.words.say("cards-destroy-self"));
            page(&cards, &staff, shop, form).await
        }
        Err(error) => Err(refused(&staff, &error)),
    }
}
