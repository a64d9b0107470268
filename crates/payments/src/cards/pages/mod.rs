//! `/cartes`, `/cartes/{id}`, `/parametres/cartes`.

mod approvals;
mod approver;
mod block;
mod copy;
mod delete;
mod destroy;
mod extend;
mod guards;
mod partners;
mod people;
mod purpose;
mod report;
mod settings;
mod suspend;
mod tomorrow;
mod verify;

pub(super) use approver::Approver;
pub(super) use block::BlockView;
pub(super) use partners::PartnerView;
pub(super) use people::PersonView;

use std::collections::BTreeMap;

use axum::Router;
use axum::extract::{Form as Body, FromRef, Path, State};
use axum::response::Response;
use axum::routing::{get, post};
use db::{DbError, Route, Tx};
use http::security::{Policy, with_policy};
use identity::audit;
use identity::extract::{Staff, needs};
use identity::merchants::store as merchant_store;
use kernel::{Actor, AuditId, CardToken, Problem, Right, ShopId, Timestamp, UserId, format};
use vault_wire::{
    BlockGet, Card, CardKept, CardList, CardOfBooking, CardSettingsGet, LinkCreate, Operation,
    StorageStatus, WireError, WireScope,
};
use web::Context;

use super::buttons::{self, Charge, NoReveal};
use super::view::{CardPage, CardView, ListPage, VirtualPart};
use crate::engine::Engine;
use crate::error::of_vault;
use crate::virtual_cards;

const MOST_ROWS: u32 = 200;

/// What the pages work with.
#[derive(Debug, Clone)]
pub struct Cards {
    pub(super) engine: Engine,
}

impl FromRef<Cards> for Context {
    fn from_ref(cards: &Cards) -> Self {
        cards.engine.ctx.clone()
    }
}

pub(in crate::cards) type Answer = Result<Response, Response>;

/// Staff pages of cards.
pub fn routes(engine: Engine) -> Router {
    Router::new()
        .route("/cartes", get(list))
        .route("/cartes/{id}", get(show))
        .route("/cartes/{id}/voir", post(reveal))
        .merge(verify::routes())
        .merge(delete::routes())
        .merge(extend::routes())
        .merge(copy::routes())
        .merge(destroy::routes())
        .merge(suspend::routes())
        .merge(tomorrow::routes())
        .merge(settings::routes())
        .merge(super::checks::pages::routes())
        .merge(block::routes())
        .merge(approvals::routes())
        .merge(people::routes())
        .merge(partners::routes())
        .with_state(Cards { engine })
}

impl Cards {
    /// The shop whose cards a person sees: the first of his merchant and mode.
    pub(super) async fn shop<R>(&self, staff: &Staff<R>) -> Result<ShopId, Response> {
        let scope = staff.scope.clone();
        let read = move |tx: &mut Tx<'_>| merchant_store::shops(tx, &scope);
        let shops = self.engine.ctx.db.read::<_, DbError, _>(read).await;
        let shops = shops.map_err(|error| failed(staff, &error))?;
        let first = shops.first().map(|shop| shop.id);
        first.ok_or_else(|| web::oops::page(&staff.words, &Problem::not_found()))
    }

    /// Asks the vault on behalf of a person.
    pub(super) async fn ask<O: Operation, R>(
        &self,
        staff: &Staff<R>,
        shop: ShopId,
        question: &O,
    ) -> Result<O::Answer, WireError> {
        self.engine.vault.ask(&WireScope::of(&staff.scope, shop), question).await
    }

    /// One line of the journal about a card.
    pub(super) async fn note<R>(
        &self,
        staff: &Staff<R>,
        line: identity::audit::Line,
    ) -> Result<(), Response> {
        let ctx = &self.engine.ctx;
        let real_now = ctx.real_now();
        let (id, scope) = (AuditId::new(real_now, ctx.rng.as_ref()), staff.scope.clone());
        let record = move |tx: &mut Tx<'_>| audit::record(tx, &scope, &line, real_now, id);
        let noted = ctx.db.write::<_, DbError, _>(Route::any(), record).await;
        noted.map_err(|error| failed(staff, &error))
    }
}

pub(super) fn failed<R>(staff: &Staff<R>, error: &DbError) -> Response {
    tracing::error!(%error, "pages of cards");
    web::oops::page(&staff.words, &Problem::from(error))
}

pub(super) fn refused<R>(staff: &Staff<R>, error: &WireError) -> Response {
    let mut problem = of_vault(error);
    if problem.code == "card_unknown" {
        problem = Problem::not_found();
    }
    web::oops::page(&staff.words, &problem)
}

async fn list(State(cards): State<Cards>, staff: Staff<needs::CardView>) -> Answer {
    let shop = cards.shop(&staff).await?;
    let asked =
        cards.ask(&staff, shop, &CardList { limit: MOST_ROWS, ..CardList::default() }).await;
    let mut listed = asked.map_err(|error| refused(&staff, &error))?;
    let cards_listed = listed.cards.iter_mut().map(|one| &mut one.card);
    let checked = cards.engine.with_verifications(&staff.scope, cards_listed).await;
    checked.map_err(|error| failed(&staff, &error))?;
    let settings = cards.ask(&staff, shop, &CardSettingsGet {}).await;
    let settings = settings.map_err(|error| refused(&staff, &error))?;
    let zone = &staff.merchant.zone;
    let now = (zone, cards.engine.ctx.now(shop));
    let stays = cards.engine.stays_of(&staff.scope, (&listed.cards, shop)).await;
    let stays = stays.map_err(|error| failed(&staff, &error))?;
    let row = |one| CardView::of(&staff.words, now, one).in_stay(&stays, one);
    let rows = listed.cards.iter().map(row).collect();
    let block = cards.ask(&staff, shop, &BlockGet {}).await;
    let block = block.map_err(|error| refused(&staff, &error))?;
    let page = ListPage {
        blocked: block.on,
        page: staff.page(&cards.engine.ctx, staff.words.say("cards-title")),
        shell: staff.shell.clone(),
        rows,
        may_set: staff.scope.may(Right::CardSettings),
        banner: settings.storage == StorageStatus::AwaitingPin,
        asked: match approvals::count(&cards, &staff, shop).await? {
            0 => String::new(),
            some => staff.words.count("cards-approvals-wait", i64::try_from(some).unwrap_or(1)),
        },
    };
    Ok(http::html(&page))
}

fn unknown<R>(staff: &Staff<R>) -> Response {
    web::oops::page(&staff.words, &Problem::not_found())
}

pub(in crate::cards) fn user<R>(staff: &Staff<R>) -> Option<UserId> {
    match staff.scope.actor() {
        Actor::User(id) => Some(id),
        _ => None,
    }
}

async fn show(
    State(cards): State<Cards>,
    staff: Staff<needs::CardView>,
    Path(id): Path<String>,
) -> Answer {
    let card: CardToken = id.parse().map_err(|_| unknown(&staff))?;
    let page = card_page(&cards, &staff, card, String::new()).await?;
    Ok(page)
}

/// The page of a card; its button may end at the vault.
async fn card_page<R>(cards: &Cards, staff: &Staff<R>, token: CardToken, notice: String) -> Answer {
    let shop = cards.shop(staff).await?;
    let mut kept = kept_card(cards, staff, (shop, token)).await?;
    let card = std::iter::once(&mut kept.card);
    let checked = cards.engine.with_verifications(&staff.scope, card).await;
    checked.map_err(|error| failed(staff, &error))?;
    let virtuals = virtual_part(cards, staff, (shop, &mut kept.card)).await?;
    let now = (&staff.merchant.zone, cards.engine.ctx.now(shop));
    let stays = (std::slice::from_ref(&kept), shop);
    let stays = cards.engine.stays_of(&staff.scope, stays).await;
    let stays = stays.map_err(|error| failed(staff, &error))?;
    let view = CardView::of(&staff.words, now, &kept).in_stay(&stays, &kept);
    let charge = match (&virtuals, &view.booking_href) {
        (None, Some(href)) => Charge::page(staff, href.clone()),
        (None, None) => Charge::never(staff.words.say("cards-charge-nothing")),
        (Some(_), _) => Charge::of_virtual(&cards.engine, staff, (token, shop))
            .await
            .map_err(|error| failed(staff, &error))?,
    };
    let charge = Charge { look: "primary", ..charge };
    let no_reveal = NoReveal::of(&cards.engine, staff, shop).await;
    let no_reveal = no_reveal.map_err(|error| refused(staff, &error))?;
    let title = staff.words.with("cards-card-title", &[("number", &view.masked)]);
    let page_of_stay = view.booking_href.as_deref();
    let buttons = buttons::of_card(staff, &kept.card, (charge, no_reveal), page_of_stay);
    let page = CardPage {
        page: staff.page(&cards.engine.ctx, title),
        shell: staff.shell.clone(),
        suspended: suspend::told(staff, &kept.card),
        report: report::told(cards, staff, (&kept, shop)).await?,
        suspend: staff.scope.may(Right::CardUse).then(|| format!("{}/bloquer", view.href)),
        extend: (staff.scope.may(Right::CardRetention) && view.extended.is_empty())
            .then(|| format!("{}/prolonger", view.href)),
        card: view,
        virtuals,
        buttons,
        notice,
    };
    Ok(with_policy(http::html(&page), leading_to_vault(&cards.engine.ctx)))
}

/// A card that is not destroyed, with the booking it is kept for.
async fn kept_card<R>(
    cards: &Cards,
    staff: &Staff<R>,
    (shop, card): (ShopId, CardToken),
) -> Result<CardOfBooking, Response> {
    let kept = cards.ask(staff, shop, &CardKept { card }).await;
    let kept = kept.map_err(|error| refused(staff, &error))?;
    match kept.gone {
        None => Ok(kept),
        Some(_) => Err(web::oops::page(&staff.words, &gone())),
    }
}

/// A card that was here, and is destroyed.
fn gone() -> Problem {
    Problem::new(410, "card_terminated", "The card is destroyed.")
}

/// What the page of a card says of its window, balance and charge; nothing of other cards.
async fn virtual_part<R>(
    cards: &Cards,
    staff: &Staff<R>,
    (shop, card): (ShopId, &mut Card),
) -> Result<Option<VirtualPart>, Response> {
    let engine = &cards.engine;
    let seen = engine.with_virtual(&staff.scope, shop, card).await;
    let Some(seen) = seen.map_err(|error| failed(staff, &error))? else { return Ok(None) };
    let (scope, token) = (staff.scope.clone(), card.token);
    let read = move |tx: &mut Tx<'_>| virtual_cards::store::changes(tx, &scope, token);
    let changes = engine.ctx.db.read::<_, DbError, _>(read).await;
    let changes = changes.map_err(|error| failed(staff, &error))?;
    Ok(Some(VirtualPart {
        facts: virtual_cards::told_facts(&staff.words, &seen),
        history: virtual_cards::history(&staff.words, &staff.merchant.zone, &changes),
    }))
}

/// The policy of a page whose forms end at the vault.
#[must_use]
pub fn leading_to_vault(ctx: &Context) -> Policy {
    Policy::BackOffice { forms: vec![ctx.urls.vault.clone()], frames: ctx.frames() }
}

/// Makes a link and sends the person's own browser there.
async fn reveal(
    State(cards): State<Cards>,
    staff: Staff<needs::CardReveal>,
    Path(id): Path<String>,
    Body(fields): Body<BTreeMap<String, String>>,
) -> Answer {
    let card: CardToken = id.parse().map_err(|_| unknown(&staff))?;
    let Some(user) = user(&staff) else {
        return Err(web::oops::page(&staff.words, &Problem::not_found()));
    };
    let shop = cards.shop(&staff).await?;
    let request = LinkCreate {
        card,
        user,
        purpose: fields.get(purpose::FIELD).cloned().unwrap_or_default(),
        frame_origin: None,
        client_ip: None,
        lang: staff.words.locale(),
        return_url: Some(format!("{}/cartes/{card}", cards.engine.ctx.urls.app)),
    };
    match cards.ask(&staff, shop, &request).await {
        Ok(link) => {
            cards.note(&staff, staff.line("card.reveal", card).after(link.id.to_string())).await?;
            Ok(http::redirect(&link.url))
        }
        Err(error) if purpose::is_asked(&error) => {
            purpose::question(&cards, &staff, (shop, card), &fields).await
        }
        Err(error) => match why_no_link(&staff, (&error, cards.engine.ctx.now(shop))) {
            Some(notice) => card_page(&cards, &staff, card, notice).await,
            None => Err(refused(&staff, &error)),
        },
    }
}

/// What is said on the page of a card when the vault makes no link; nothing for what is no matter
/// of the person.
fn why_no_link<R>(staff: &Staff<R>, (error, now): (&WireError, Timestamp)) -> Option<String> {
    let WireError::Refused(why) = error else { return None };
    let key = match why.code.as_str() {
        "pin_not_set" => "cards-pin-none",
        "pin_locked" => "cards-pin-locked",
        "pin_blocked" => "cards-pin-blocked",
        "pin_disabled" => "cards-pin-disabled",
        "approval_refused" => "cards-approval-alone",
        "reveal_limit" => match why.retry_after_seconds {
            None => "cards-reveal-limit-card",
            Some(seconds) => {
                let from = now.plus_seconds(seconds.into());
                let (zone, locale) = (&staff.merchant.zone, staff.words.locale());
                let from = format::date_time(from, zone, locale);
                return Some(staff.words.with("cards-reveal-limit", &[("from", &from)]));
            }
        },
        "outside_hours" => "cards-outside-hours",
        "clock_unsafe" => "cards-clock",
        "reveals_blocked" => "cards-blocked",
        "card_suspended" => "cards-suspended-why",
        "awaiting_approval" => "cards-pin-unconfirmed",
        _ => return None,
    };
    Some(staff.words.say(key))
}
