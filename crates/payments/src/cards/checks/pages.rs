//! `/parametres/cartes/verifications`: whether cards are checked by themselves.

use std::collections::BTreeMap;

use askama::Template;
use axum::Router;
use axum::extract::{Form as Body, State};
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::get;
use http::Page;
use identity::extract::{Staff, needs};
use kernel::{Money, format};
use web::Form;
use web::shell::Shell;

use super::{DAYS_BEFORE, FALLBACK_MINOR, Policy, When};
use crate::cards::pages::{Answer, Cards, failed};

const HERE: &str = "/parametres/cartes/verifications";

#[derive(Template)]
#[template(path = "cards/templates/checks.html")]
struct ChecksPage {
    page: Page,
    shell: Shell,
    form: Form,
    /// What may be chosen: word, sentence, whether it is.
    choices: Vec<(&'static str, String, bool)>,
    with_code: bool,
    version: i64,
}

/// The routes of the page.
pub(in crate::cards) fn routes() -> Router<Cards> {
    Router::new().route("/parametres/cartes/verifications", get(show).post(save))
}

async fn show(State(cards): State<Cards>, staff: Staff<needs::CardSettings>) -> Answer {
    let shop = cards.shop(&staff).await?;
    let policy = cards.engine.check_policy(&staff.scope, shop).await;
    let policy = policy.map_err(|error| failed(&staff, &error))?;
    let mut form = Form::default();
    form.set("days_before", policy.days_before.to_string());
    let amount = Money::new(policy.amount_fallback, staff.merchant.currency);
    form.set("amount", format::money(amount, staff.words.locale()));
    Ok(answer(&cards, &staff, form, &policy))
}

fn answer<R>(cards: &Cards, staff: &Staff<R>, form: Form, policy: &Policy) -> Response {
    let page = staff.page(&cards.engine.ctx, staff.words.say("cards-checks-title"));
    let status = if form.is_right() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    let choice = |when: &When| {
        let key = format!("cards-checks-{}", when.as_str().replace('_', "-"));
        (when.as_str(), staff.words.say(&key), *when == policy.auto)
    };
    let shown = ChecksPage {
        page: form.mark(page),
        shell: staff.shell.clone(),
        form,
        choices: When::ALL.iter().map(choice).collect(),
        with_code: policy.with_code,
        version: policy.version,
    };
    http::html_with(status, &shown)
}

/// What the form says; faults are noted in it.
fn typed<R>(staff: &Staff<R>, fields: &BTreeMap<String, String>, form: &mut Form) -> Policy {
    let text = |name: &str| fields.get(name).map_or("", |value| value.trim());
    let mut wish = Policy { with_code: fields.contains_key("with_code"), ..Policy::default() };
    match When::parse(text("auto")) {
        Some(auto) => wish.auto = auto,
        None => form.fault("auto", staff.words.say("cards-checks-when-wrong")),
    }
    match text("days_before").parse() {
        Ok(days) if DAYS_BEFORE.contains(&days) => wish.days_before = days,
        _ => form.fault("days_before", staff.words.say("cards-checks-days-wrong")),
    }
    match format::parse_amount(text("amount"), staff.merchant.currency) {
        Ok(amount) if FALLBACK_MINOR.contains(&amount.minor()) => {
            wish.amount_fallback = amount.minor();
        }
        _ => form.fault("amount", staff.words.say("cards-checks-amount-wrong")),
    }
    wish
}

async fn save(
    State(cards): State<Cards>,
    staff: Staff<needs::CardSettings>,
    Body(fields): Body<BTreeMap<String, String>>,
) -> Answer {
    let shop = cards.shop(&staff).await?;
    let before = cards.engine.check_policy(&staff.scope, shop).await;
    let before = before.map_err(|error| failed(&staff, &error))?;
    let mut form = Form::with_values(&fields);
    let wish = Policy { version: before.version, ..typed(&staff, &fields, &mut form) };
    if fields.get("version").map(String::as_str) != Some(before.version.to_string().as_str()) {
        form.fault("form", staff.words.say("cards-settings-stale"));
    }
    if !form.is_right() {
        return Ok(answer(&cards, &staff, form, &wish));
    }
    let line = staff.line("card.check_settings", shop);
    let done = cards.engine.put_check_policy(&staff.scope, (shop, &wish), line).await;
    if done.map_err(|error| failed(&staff, &error))? {
        return Ok(http::redirect(HERE));
    }
    form.fault("form", staff.words.say("cards-settings-stale"));
    Ok(answer(&cards, &staff, form, &wish))
}
