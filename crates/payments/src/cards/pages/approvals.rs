//! `/cartes/accords`: a second person agrees that somebody sees a card, or does not.

use std::collections::BTreeMap;

use askama::Template;
use axum::Router;
use axum::extract::{Form as Body, State};
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::get;
use http::page::Page;
use identity::extract::{Staff, needs};
use kernel::{RevealLinkId, Right, ShopId, format};
use vault_wire::{LinkApprove, LinkWaiting, LinkWaits, LinksWaiting, Unusual};
use web::shell::Shell;

use super::{Answer, Cards, refused, unknown};
use crate::desk::words::brand;

/// Routes of the page.
pub(super) fn routes() -> Router<Cards> {
    Router::new().route("/cartes/accords", get(show).post(decide))
}

/// Somebody who waits.
struct Waits {
    id: String,
    name: String,
    brand: String,
    last4: String,
    booking: String,
    purpose: String,
    ip: String,
    why: Vec<String>,
    since: String,
    until: String,
    /// Is the person who looks at this page.
    is_me: bool,
}

#[derive(Template)]
#[template(path = "cards/templates/approvals.html")]
struct ApprovalsPage {
    page: Page,
    shell: Shell,
    /// Why the last answer changed nothing; empty when it did.
    notice: String,
    waiting: Vec<Waits>,
}

async fn waiting<R>(
    cards: &Cards,
    staff: &Staff<R>,
    shop: ShopId,
) -> Result<LinksWaiting, Response> {
    let asked = cards.ask(staff, shop, &LinkWaiting {}).await;
    asked.map_err(|error| refused(staff, &error))
}

/// How many wait for an answer that this person may give.
pub(super) async fn count<R>(
    cards: &Cards,
    staff: &Staff<R>,
    shop: ShopId,
) -> Result<usize, Response> {
    if !staff.scope.may(Right::UsersManage) {
        return Ok(0);
    }
    let me = staff.scope.actor().text();
    let links = waiting(cards, staff, shop).await?.links;
    Ok(links.iter().filter(|one| one.user != me).count())
}

async fn show(State(cards): State<Cards>, staff: Staff<needs::UsersManage>) -> Answer {
    page(&cards, &staff, (StatusCode::OK, String::new())).await
}

async fn page<R>(
    cards: &Cards,
    staff: &Staff<R>,
    (status, notice): (StatusCode, String),
) -> Answer {
    let shop = cards.shop(staff).await?;
    let links = waiting(cards, staff, shop).await?.links;
    let page = ApprovalsPage {
        page: staff.page(&cards.engine.ctx, staff.words.say("cards-approvals-title")),
        shell: staff.shell.clone(),
        notice,
        waiting: links.into_iter().map(|one| line(staff, one)).collect(),
    };
    Ok(http::html_with(status, &page))
}

fn line<R>(staff: &Staff<R>, one: LinkWaits) -> Waits {
    let (words, zone) = (&staff.words, &staff.merchant.zone);
    let time = |at| format::time_in_prose(at, zone, words.locale());
    let purpose = one.purpose.replace('_', "-");
    Waits {
        id: one.id.to_string(),
        brand: brand(one.brand.as_str()),
        last4: one.last4,
        booking: one.booking.unwrap_or_default(),
        purpose: words.say(&format!("cards-purpose-{purpose}")),
        ip: one.ip,
        why: one.why.into_iter().map(|why| words.say(reason(why))).collect(),
        since: time(one.asked_at),
        until: time(one.until),
        is_me: one.user == staff.scope.actor().text(),
        name: one.name,
    }
}

/// The sentence for what is out of the ordinary.
const fn reason(why: Unusual) -> &'static str {
    match why {
        Unusual::ManyShown => "cards-unusual-many",
        Unusual::SameCard => "cards-unusual-card",
        Unusual::NewBrowser => "cards-unusual-browser",
        Unusual::NewNetwork => "cards-unusual-network",
        Unusual::OutsideHours => "cards-unusual-hours",
        Unusual::EveryTime => "cards-unusual-always",
    }
}

async fn decide(
    State(cards): State<Cards>,
    staff: Staff<needs::UsersManage>,
    Body(fields): Body<BTreeMap<String, String>>,
) -> Answer {
    let shop = cards.shop(&staff).await?;
    let id = fields.get("link").and_then(|id| id.parse::<RevealLinkId>().ok());
    let id = id.ok_or_else(|| unknown(&staff))?;
    let approve = fields.get("do").is_some_and(|what| what == "approve");
    match cards.ask(&staff, shop, &LinkApprove { id, approve }).await {
        Ok(_) => {
            let action = if approve { "card.approve" } else { "card.refuse" };
            cards.note(&staff, staff.line(action, id)).await?;
            Ok(http::redirect("/cartes/accords"))
        }
        Err(error) => {
            let (status, key) = match error.code() {
                Some("self_approval") => (StatusCode::FORBIDDEN, "cards-approval-self"),
                Some("not_granted") => (StatusCode::FORBIDDEN, "cards-approval-not-told"),
                Some("link_expired") => (StatusCode::GONE, "cards-approval-over"),
                _ => return Err(refused(&staff, &error)),
            };
            page(&cards, &staff, (status, staff.words.say(key))).await
        }
    }
}
