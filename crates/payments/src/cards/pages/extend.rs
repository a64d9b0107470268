//! `/cartes/{id}/prolonger`: a card is kept longer than its stay asks for, once, for a named need.
//! Its security code goes at the date it had.

use std::collections::BTreeMap;

use askama::Template;
use axum::Router;
use axum::extract::{Form as Body, Path, State};
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::get;
use http::Page;
use identity::extract::{Staff, needs};
use kernel::{CardToken, ShopId};
use vault_wire::{CardExtend, CardOfBooking, ExtendReason, MOST_EXTENSION_DAYS, WireError};
use web::Form;
use web::shell::Shell;

use super::{Answer, Cards, kept_card, refused, unknown};
use crate::cards::view::CardView;

#[derive(Template)]
#[template(path = "cards/templates/extend.html")]
struct ExtendPage {
    page: Page,
    shell: Shell,
    form: Form,
    here: String,
    back: String,
    /// When it is destroyed as it stands.
    ends: String,
    /// Value and words.
    reasons: Vec<(&'static str, String)>,
}

/// The routes of the extension.
pub(super) fn routes() -> Router<Cards> {
    Router::new().route("/cartes/{id}/prolonger", get(ask).post(extend))
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
    staff: Staff<needs::CardRetention>,
    Path(id): Path<String>,
) -> Answer {
    let (shop, kept) = card_of(&cards, &staff, &id).await?;
    if kept.extended_until.is_some() {
        return Ok(http::redirect(&format!("/cartes/{}", kept.card.token)));
    }
    let mut form = Form::default();
    form.set("days", MOST_EXTENSION_DAYS.to_string());
    form.set("reason", ExtendReason::LateCharge.as_str());
    Ok(question(&cards, &staff, (shop, &kept), form))
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
    let page =
        form.mark(staff.page(ctx, words.with("cards-extend-title", &[("number", &view.masked)])));
    let reason = |reason: ExtendReason| {
        let key = reason.as_str().replace('_', "-");
        (reason.as_str(), words.say(&format!("cards-extend-reason-{key}")))
    };
    let shown = ExtendPage {
        page,
        shell: staff.shell.clone(),
        here: format!("{}/prolonger", view.href),
        back: view.href,
        ends: view.purge,
        reasons: ExtendReason::ALL.into_iter().map(reason).collect(),
        form,
    };
    http::html_with(status, &shown)
}

async fn extend(
    State(cards): State<Cards>,
    staff: Staff<needs::CardRetention>,
    Path(id): Path<String>,
    Body(fields): Body<BTreeMap<String, String>>,
) -> Answer {
    let (shop, kept) = card_of(&cards, &staff, &id).await?;
    let mut form = Form::with_values(&fields);
    let days = fields.get("days").and_then(|text| text.trim().parse::<u8>().ok());
    let days = days.filter(|days| (1..=MOST_EXTENSION_DAYS).contains(days));
    let reason = fields.get("reason").and_then(|text| ExtendReason::parse(text));
    if days.is_none() {
        form.fault("days", staff.words.say("cards-extend-days-wrong"));
    }
    if reason.is_none() {
        form.fault("reason", staff.words.say("cards-extend-reason-missing"));
    }
    let Some((days, reason)) = days.zip(reason) else {
        return Ok(question(&cards, &staff, (shop, &kept), form));
    };
    let card = kept.card.token;
    match cards.ask(&staff, shop, &CardExtend { card, days, reason }).await {
        Ok(_) => {
            let after = serde_json::json!({ "days": days, "reason": reason });
            cards.note(&staff, staff.line("card.extend", card).after(after)).await?;
            Ok(http::redirect(&format!("/cartes/{card}")))
        }
        Err(error) => match fault(&error) {
            Some(key) => {
                form.fault("days", staff.words.say(key));
                Ok(question(&cards, &staff, (shop, &kept), form))
            }
            None => Err(refused(&staff, &error)),
        },
    }
}

/// Why the vault keeps a card no longer, where that is a matter of the card.
fn fault(error: &WireError) -> Option<&'static str> {
    let WireError::Refused(why) = error else { return None };
    match why.code.as_str() {
        "extended_before" => Some("cards-extend-before"),
        "until_too_far" => Some("cards-extend-no-date"),
        "card_not_kept" => Some("cards-extend-not-kept"),
        _ => None,
    }
}
