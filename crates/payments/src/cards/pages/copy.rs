//! `/parametres/cartes/copier`: the settings of the property are given to others of the house.

use std::collections::BTreeMap;

use askama::Template;
use axum::Router;
use axum::extract::{Form as Body, State};
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::get;
use db::{DbError, Tx};
use http::Page;
use identity::extract::{Staff, needs};
use identity::merchants::{Shop, store as merchant_store};
use web::Form;
use web::shell::Shell;

use super::settings::settings_of;
use super::{Answer, Cards, failed};

#[derive(Template)]
#[template(path = "cards/templates/copy.html")]
struct CopyPage {
    page: Page,
    shell: Shell,
    form: Form,
    /// The other properties: id and name.
    shops: Vec<(String, String)>,
    /// That they have the settings now, one sentence each.
    done: Vec<String>,
}

/// The routes of the copy.
pub(super) fn routes() -> Router<Cards> {
    Router::new().route("/parametres/cartes/copier", get(show).post(copy))
}

/// The other properties of the merchant in this mode.
async fn others<R>(cards: &Cards, staff: &Staff<R>) -> Result<Vec<Shop>, Response> {
    let own = cards.shop(staff).await?;
    let scope = staff.scope.clone();
    let read = move |tx: &mut Tx<'_>| merchant_store::shops(tx, &scope);
    let shops = cards.engine.ctx.db.read::<_, DbError, _>(read).await;
    let mut shops = shops.map_err(|error| failed(staff, &error))?;
    shops.retain(|shop| shop.id != own);
    Ok(shops)
}

async fn show(State(cards): State<Cards>, staff: Staff<needs::CardSettings>) -> Answer {
    let shops = others(&cards, &staff).await?;
    Ok(page(&cards, &staff, (&shops, Form::default()), Vec::new()))
}

fn page<R>(
    cards: &Cards,
    staff: &Staff<R>,
    (shops, form): (&[Shop], Form),
    done: Vec<String>,
) -> Response {
    let status = if form.is_right() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    let page = staff.page(&cards.engine.ctx, staff.words.say("cards-copy-title"));
    let shown = CopyPage {
        page: form.mark(page),
        shell: staff.shell.clone(),
        form,
        shops: shops.iter().map(|shop| (shop.id.to_string(), shop.name.clone())).collect(),
        done,
    };
    http::html_with(status, &shown)
}

async fn copy(
    State(cards): State<Cards>,
    staff: Staff<needs::CardSettings>,
    Body(fields): Body<BTreeMap<String, String>>,
) -> Answer {
    let shops = others(&cards, &staff).await?;
    let chosen = shops.iter().filter(|shop| fields.contains_key(&shop.id.to_string()));
    let chosen: Vec<&Shop> = chosen.collect();
    let mut form = Form::with_values(&fields);
    if chosen.is_empty() {
        form.fault("shops", staff.words.say("cards-copy-missing"));
        return Ok(page(&cards, &staff, (&shops, form), Vec::new()));
    }
    let (own, answer) = settings_of(&cards, &staff).await?;
    let mut done = Vec::new();
    for shop in chosen {
        let from = (&answer.settings, shop.id);
        let name = [("shop", shop.name.as_str())];
        match cards.engine.copy_card_settings(&staff.scope, from).await {
            Ok(changed) => {
                if changed {
                    let line = staff.line("card.settings", shop.id);
                    let line = line.after(serde_json::json!({ "copied_from": own }));
                    cards.note(&staff, line).await?;
                }
                done.push(staff.words.with("cards-copy-done", &name));
            }
            Err(problem) => {
                tracing::warn!(code = problem.code, shop = %shop.id, "settings not copied");
                form.fault("shops", staff.words.with("cards-copy-failed", &name));
            }
        }
    }
    Ok(page(&cards, &staff, (&shops, form), done))
}
