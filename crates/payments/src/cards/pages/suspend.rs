//! `/cartes/{id}/bloquer`: a doubtful card is blocked with a reason, so that nobody charges or sees
//! it, or that is taken back, with a reason too.

use std::collections::BTreeMap;

use askama::Template;
use axum::Router;
use axum::extract::{Form as Body, Path, State};
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::get;
use http::Page;
use identity::extract::{Staff, needs};
use kernel::{CardToken, ShopId, format};
use vault_wire::{Card, CardOfBooking, CardPatch, SuspensionCause, WireError};
use web::Form;
use web::shell::Shell;

use super::{Answer, Cards, kept_card, refused, unknown};
use crate::cards::view::CardView;

#[derive(Template)]
#[template(path = "cards/templates/suspend.html")]
struct SuspendPage {
    page: Page,
    shell: Shell,
    form: Form,
    here: String,
    back: String,
    /// Since when and why it is blocked; empty while it is not.
    told: String,
    /// Whether it is blocked now, so that this page takes that back.
    is_on: bool,
}

/// The routes of the block.
pub(super) fn routes() -> Router<Cards> {
    Router::new().route("/cartes/{id}/bloquer", get(ask).post(set))
}

/// Since when and why a card is blocked; empty while it is not.
pub(super) fn told<R>(staff: &Staff<R>, card: &Card) -> String {
    let Some(blocked) = &card.suspension else { return String::new() };
    let date = format::date_time(blocked.at, &staff.merchant.zone, staff.words.locale());
    match blocked.cause {
        SuspensionCause::Blocked => {
            let values = [("date", date.as_str()), ("reason", blocked.reason.as_str())];
            staff.words.with("cards-suspended-told", &values)
        }
        SuspensionCause::Alarm => staff.words.with("cards-suspended-alarm", &[("date", &date)]),
    }
}

async fn card_of<R>(
    cards: &Cards,
    staff: &Staff<R>,
    id: &str,
) -> Result<(ShopId, CardOfBooking), Response> {
    let card: CardToken = id.parse().map_err(|_| unknown(staff))?;
    let shop = cards.shop(staff).await?;
    Ok((shop, kept_card(cards, staff, (shop, card)).await?))
}

async fn ask(
    State(cards): State<Cards>,
    staff: Staff<needs::CardUse>,
    Path(id): Path<String>,
) -> Answer {
    let (shop, kept) = card_of(&cards, &staff, &id).await?;
    Ok(question(&cards, &staff, (shop, &kept), Form::default()))
}

fn question<R>(
    cards: &Cards,
    staff: &Staff<R>,
    (shop, kept): (ShopId, &CardOfBooking),
    form: Form,
) -> Response {
    let (words, ctx) = (&staff.words, &cards.engine.ctx);
    let status = if form.is_right() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    let view = CardView::of(words, (&staff.merchant.zone, ctx.now(shop)), kept);
    let is_on = kept.card.suspension.is_some();
    let title = if is_on { "cards-resume-title" } else { "cards-suspend-title" };
    let page = form.mark(staff.page(ctx, words.with(title, &[("number", &view.masked)])));
    let shown = SuspendPage {
        page,
        shell: staff.shell.clone(),
        here: format!("{}/bloquer", view.href),
        back: view.href,
        told: told(staff, &kept.card),
        is_on,
        form,
    };
    http::html_with(status, &shown)
}

async fn set(
    State(cards): State<Cards>,
    staff: Staff<needs::CardUse>,
    Path(id): Path<String>,
    Body(fields): Body<BTreeMap<String, String>>,
) -> Answer {
    let (shop, kept) = card_of(&cards, &staff, &id).await?;
    let mut form = Form::with_values(&fields);
    let on = fields.get("on").is_some_and(|on| on == "1");
    let reason = fields.get("reason").map_or("", |text| text.trim()).to_owned();
    let card = kept.card.token;
    let patch = CardPatch {
        card,
        version: None,
        preferred_brand: None,
        suspended: Some(on),
        reason: Some(reason.clone()),
        purge_at: None,
    };
    match cards.ask(&staff, shop, &patch).await {
        Ok(_) => {
            let action = if on { "card.suspend" } else { "card.resume" };
            cards.note(&staff, staff.line(action, card).after(reason)).await?;
            Ok(http::redirect(&format!("/cartes/{card}")))
        }
        Err(error) => match fault(&error) {
            Some(key) => {
                form.fault("reason", staff.words.say(key));
                Ok(question(&cards, &staff, (shop, &kept), form))
            }
            None => Err(refused(&staff, &error)),
        },
    }
}

/// Why the vault does not do it, where that is a matter of the form.
fn fault(error: &WireError) -> Option<&'static str> {
    let WireError::Refused(why) = error else { return None };
    match why.code.as_str() {
        "reason_too_short" => Some("cards-suspend-reason-missing"),
        "pan_in_wrong_field" => Some("cards-suspend-reason-number"),
        "card_not_kept" => Some("cards-extend-not-kept"),
        _ => None,
    }
}
