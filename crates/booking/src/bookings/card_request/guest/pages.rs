//! `/carte/{token}`: what the guest reads, and the way to the vault's card page.

use std::sync::Arc;

use askama::Template;
use axum::Router;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode, Uri};
use axum::response::Response;
use axum::routing::get;
use db::{DbError, Tx};
use http::{Page, Words};
use kernel::{Id, Scope, format};
use payments::Engine;
use vault_wire::{CaptureCreate, CodePolicy, Display, Keep, Purpose, WireScope};

use crate::bookings::card_request::ops::LINK;
use crate::bookings::card_request::{CardRequest, store};
use crate::bookings::guest::pages::{self as guest, Guest};
use crate::bookings::model::Booking;
use crate::bookings::pages::Desk;
use crate::bookings::{method, store as bookings};
use crate::site::pages::{Site, oops};

/// The routes of the slice.
pub(crate) fn routes(engine: &Engine) -> Router {
    Router::new()
        .route("/carte/{token}", get(show).post(give))
        .with_state(Desk { engine: engine.clone() })
}

#[derive(Template)]
#[template(path = "bookings/templates/guest_card.html")]
struct GuestPage {
    page: Page,
    /// `ok`, `bad`, or nothing while a card is awaited.
    tone: &'static str,
    icon: &'static str,
    lede: String,
    facts: Vec<(String, String)>,
    /// Where the form leads; empty when no card is awaited.
    action: String,
    contact: Vec<String>,
}

/// Where a request stands when its guest comes.
enum Standing {
    /// A card is awaited.
    Awaited,
    /// A card came; its last digits.
    Given(String),
    /// It ended without one.
    Over,
}

/// A guest in front of his request.
struct Visit {
    site: Site,
    booking: Booking,
    standing: Standing,
    token: String,
}

impl Visit {
    async fn enter(
        desk: &Desk,
        token: String,
        request: (&Uri, &HeaderMap),
    ) -> Result<Self, Response> {
        let find = |tx: &mut Tx<'_>, scope: &Scope, id: Id| -> Result<_, DbError> {
            let Some(asked) = store::find(tx, scope, id.into())? else { return Ok(None) };
            Ok(bookings::find(tx, scope, asked.booking)?.map(|booking| (booking, asked)))
        };
        let guest = guest::enter(&desk.engine.ctx, (LINK, &token), request, find).await?;
        let (Guest { site, booking, .. }, asked) = guest;
        let standing = standing(desk, &site, (&asked, &booking)).await;
        let standing = standing.map_err(|error| oops(&site.words, error))?;
        Ok(Self { site, booking, standing, token })
    }

    fn words(&self) -> &Arc<Words> {
        &self.site.words
    }

    fn here(&self) -> String {
        format!("/carte/{}", self.token)
    }

    fn page(&self, desk: &Desk) -> GuestPage {
        let (words, locale) = (self.words(), self.words().locale());
        let merchant = [("merchant", self.site.merchant.name.as_str())];
        let (title, lede, tone, icon) = match &self.standing {
            Standing::Awaited => (
                words.say("booking-card-guest-title"),
                words.with("booking-card-guest-why", &merchant),
                "",
                "lock",
            ),
            Standing::Given(last4) => (
                words.say("booking-card-guest-given"),
                words.with("booking-card-guest-kept", &[merchant[0], ("last4", last4)]),
                "ok",
                "check",
            ),
            Standing::Over => (
                words.say("booking-card-guest-over"),
                words.with("booking-card-guest-over-cure", &merchant),
                "bad",
                "clock",
            ),
        };
        let awaited = matches!(self.standing, Standing::Awaited);
        let action =
            if awaited { format!("{}?lang={}", self.here(), locale.code()) } else { String::new() };
        GuestPage {
            page: self.site.page(&desk.engine.ctx, title, &self.here()),
            tone,
            icon,
            lede,
            facts: vec![
                (words.say("booking-card-guest-number"), self.booking.number.clone()),
                (words.say("booking-starts"), format::long_date(self.booking.starts, locale)),
                (words.say("booking-ends"), format::long_date(self.booking.ends, locale)),
            ],
            action,
            contact: self.site.contact(),
        }
    }
}

/// Asks the vault whether a card came since; a vault that is away leaves the question open.
async fn standing(
    desk: &Desk,
    site: &Site,
    (request, booking): (&CardRequest, &Booking),
) -> Result<Standing, DbError> {
    let cards = desk.engine.cards_of(&site.scope, &[method::asked(booking)]).await?;
    if let Some(card) = cards.get(&booking.id).and_then(|found| request.answer(found)) {
        return Ok(Standing::Given(card.last4.clone()));
    }
    let now = desk.engine.ctx.now(booking.shop);
    let open = request.is_open(now) && booking.state.takes_cards();
    Ok(if open { Standing::Awaited } else { Standing::Over })
}

async fn show(
    State(desk): State<Desk>,
    Path(token): Path<String>,
    uri: Uri,
    headers: HeaderMap,
) -> Result<Response, Response> {
    let visit = Visit::enter(&desk, token, (&uri, &headers)).await?;
    let status = match visit.standing {
        Standing::Over => StatusCode::GONE,
        Standing::Awaited | Standing::Given(_) => StatusCode::OK,
    };
    Ok(http::html_with(status, &visit.page(&desk)))
}

/// Opens a card page and sends the guest there.
async fn give(
    State(desk): State<Desk>,
    Path(token): Path<String>,
    uri: Uri,
    headers: HeaderMap,
) -> Result<Response, Response> {
    let visit = Visit::enter(&desk, token, (&uri, &headers)).await?;
    let here = format!("{}?lang={}", visit.here(), visit.words().locale().code());
    if !matches!(visit.standing, Standing::Awaited) {
        return Ok(http::redirect(&here));
    }
    let ctx = &desk.engine.ctx;
    let url = format!("{}{here}", ctx.urls.app);
    let wire = WireScope::of(&visit.site.scope, visit.booking.shop);
    let opened = desk.engine.vault.ask(&wire, &card_page(&visit, url)).await;
    match opened {
        Ok(page) => Ok(http::redirect(&page.url)),
        Err(error) => {
            tracing::warn!(%error, booking = %visit.booking.id, "card page for a guest");
            let problem = payments::error::of_vault(&error);
            Err(web::oops::page(visit.words(), &problem))
        }
    }
}

fn card_page(visit: &Visit, url: String) -> CaptureCreate {
    let (booking, words) = (&visit.booking, visit.words());
    let locale = words.locale();
    let stay = [
        ("arrival", format::date(booking.starts, locale)),
        ("departure", format::date(booking.ends, locale)),
    ];
    let stay: Vec<(&str, &str)> = stay.iter().map(|(name, text)| (*name, text.as_str())).collect();
    CaptureCreate {
        shop: booking.shop,
        purpose: Purpose::Guarantee,
        payment: None,
        booking: Some(booking.id),
        customer: None,
        keep: Keep::Booking,
        lang: locale,
        return_url: url.clone(),
        form_origin: None,
        frame_origin: None,
        card: None,
        ask: Vec::new(),
        code: CodePolicy::None,
        brands: Vec::new(),
        display: Display {
            merchant: visit.site.merchant.name.clone(),
            lines: vec![booking.number.clone(), words.with("booking-subject-title", &stay)],
            back_url: Some(url),
            ask_name: true,
            ..Display::default()
        },
    }
}
