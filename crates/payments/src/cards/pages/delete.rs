//! `/cartes/{id}/supprimer`: what goes with a card, then one button. A virtual card that holds
//! money is deleted with a reason only.

use std::collections::BTreeMap;

use askama::Template;
use axum::Router;
use axum::extract::{Form as Body, Path, State};
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::get;
use http::Page;
use identity::extract::{Staff, needs};
use kernel::{CardToken, ShopId, card_text, format};
use vault_wire::{CardDelete, CardOfBooking};
use web::Form;
use web::shell::Shell;

use super::{Answer, Cards, failed, kept_card, refused, unknown};
use crate::cards::view::CardView;
use crate::virtual_cards::{Seen, needed};

const REASON_CHARACTERS: usize = 500;

#[derive(Template)]
#[template(path = "cards/templates/delete.html")]
struct DeletePage {
    page: Page,
    shell: Shell,
    form: Form,
    here: String,
    back: String,
    /// What happens, one sentence each.
    what: Vec<String>,
    asks_reason: bool,
    button: String,
}

/// The routes of the deletion.
pub(super) fn routes() -> Router<Cards> {
    Router::new().route("/cartes/{id}/supprimer", get(ask).post(delete))
}

/// A card about to be deleted.
struct Doomed {
    shop: ShopId,
    kept: CardOfBooking,
    /// What is lost with it, if it is virtual and can still be charged.
    holds: Option<Seen>,
}

async fn doomed<R>(cards: &Cards, staff: &Staff<R>, id: &str) -> Result<Doomed, Response> {
    let card: CardToken = id.parse().map_err(|_| unknown(staff))?;
    let shop = cards.shop(staff).await?;
    let mut kept = kept_card(cards, staff, (shop, card)).await?;
    let seen = cards.engine.with_virtual(&staff.scope, shop, &mut kept.card).await;
    let seen = seen.map_err(|error| failed(staff, &error))?;
    let today = staff.merchant.zone.date(cards.engine.ctx.now(shop));
    let holds = seen.filter(|seen| needed(seen).is_some_and(|last| last >= today));
    Ok(Doomed { shop, kept, holds })
}

async fn ask(
    State(cards): State<Cards>,
    staff: Staff<needs::CardDelete>,
    Path(id): Path<String>,
) -> Answer {
    let doomed = doomed(&cards, &staff, &id).await?;
    Ok(question(&cards, &staff, &doomed, Form::default()))
}

fn question<R>(cards: &Cards, staff: &Staff<R>, doomed: &Doomed, form: Form) -> Response {
    let (words, ctx) = (&staff.words, &cards.engine.ctx);
    let status = if form.is_right() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    let now = (&staff.merchant.zone, ctx.now(doomed.shop));
    let view = CardView::of(words, now, &doomed.kept);
    let page =
        form.mark(staff.page(ctx, words.with("cards-delete-title", &[("number", &view.masked)])));
    let mut what = vec![words.say("cards-delete-what")];
    if doomed.kept.booking.is_some() {
        what.push(words.say("cards-delete-booking"));
    }
    if let Some(seen) = &doomed.holds {
        what.push(match seen.card.left(&seen.used) {
            Some(left) => {
                let amount = format::money(left, words.locale());
                words.with("cards-delete-needed", &[("amount", &amount)])
            }
            None => words.say("cards-delete-needed-unknown"),
        });
    }
    let named = [("brand", view.brand.as_str()), ("number", view.masked.as_str())];
    let shown = DeletePage {
        page,
        shell: staff.shell.clone(),
        here: format!("{}/supprimer", view.href),
        back: view.href.clone(),
        what,
        asks_reason: doomed.holds.is_some(),
        button: words.with("cards-delete-confirm", &named),
        form,
    };
    http::html_with(status, &shown)
}

async fn delete(
    State(cards): State<Cards>,
    staff: Staff<needs::CardDelete>,
    Path(id): Path<String>,
    Body(fields): Body<BTreeMap<String, String>>,
) -> Answer {
    let doomed = doomed(&cards, &staff, &id).await?;
    let mut form = Form::with_values(&fields);
    let reason = fields.get("reason").map_or("", |text| text.trim());
    let reason: String = card_text::mask(reason).chars().take(REASON_CHARACTERS).collect();
    if doomed.holds.is_some() && reason.is_empty() {
        form.fault("reason", staff.words.say("cards-delete-reason-missing"));
        return Ok(question(&cards, &staff, &doomed, form));
    }
    let card = doomed.kept.card.token;
    let deleted = cards.ask(&staff, doomed.shop, &CardDelete { card }).await;
    deleted.map_err(|error| refused(&staff, &error))?;
    let line = staff.line("card.delete", card).after(serde_json::json!({ "reason": reason }));
    cards.note(&staff, line).await?;
    let booking = doomed.kept.booking.filter(|name| name.starts_with("bkg_"));
    let back =
        booking.map_or("/cartes".to_owned(), |id| format!("/reservations/{id}?onglet=carte"));
    Ok(http::redirect(&back))
}
