//! `/m/{token}` and the pages of its card.

use axum::Router;
use axum::extract::{FromRef, Path, State};
use axum::http::{HeaderMap, Uri, header};
use axum::response::{IntoResponse as _, Response};
use axum::routing::get;
use db::{DbError, Tx};
use http::Page;
use identity::locator;
use identity::merchants::store as merchant_store;
use kernel::{CardToken, Id, Locale, Problem, Scope, Timestamp};
use payments::Engine;
use payments::cards::accesses::{Told, view as lines};
use vault_wire::{BookingCards, CardKept, CardOfBooking, WireError, WireScope};
use web::Context;

use super::link::KIND;
use super::view::{BookingPage, CardPage, CardView, ProofPage};
use crate::bookings::model::Booking;
use crate::bookings::{ops, store};
use crate::site::pages::{Site, oops};

/// Months after its destruction in which the log of a card is shown, of 31 days.
const READABLE_MONTHS: i64 = 13;
const MONTH_SECONDS: i64 = 31 * 86_400;
/// Cards of payments that are asked for one by one.
const MOST_PAID: usize = 20;

/// What the pages work with.
#[derive(Debug, Clone)]
pub(super) struct Guests {
    engine: Engine,
}

impl FromRef<Guests> for Context {
    fn from_ref(guests: &Guests) -> Self {
        guests.engine.ctx.clone()
    }
}

/// The pages; `app` puts the policy of payers' pages around them.
pub fn routes(engine: &Engine) -> Router {
    Router::new()
        .route("/m/{token}", get(mine))
        .route("/m/{token}/carte/{card}", get(card))
        .route("/m/{token}/carte/{card}/journal", get(file))
        .route("/m/{token}/carte/{card}/{seq}", get(proof))
        .with_state(Guests { engine: engine.clone() })
}

type Answer = Result<Response, Response>;

/// A card of a booking.
pub(super) struct Mine {
    pub(super) card: CardOfBooking,
    /// Whether its log is this guest's to read: it is kept for this booking, or served one payment.
    pub(super) own: bool,
}

/// A guest whose secret address leads to his booking, in the language that he asked for by hand or
/// else booked in.
pub(in crate::bookings) struct Guest {
    pub(in crate::bookings) site: Site,
    pub(in crate::bookings) booking: Booking,
    /// The language that he asked for by hand.
    asked: Option<Locale>,
}

/// Whose booking the token of a kind leads to; `find` reads it, with what else the pages need.
///
/// # Errors
/// The page that says that nothing is there, or that the database fails.
pub(in crate::bookings) async fn enter<T: Send + 'static>(
    ctx: &Context,
    (kind, token): (&'static str, &str),
    (uri, headers): (&Uri, &HeaderMap),
    find: impl FnOnce(&mut Tx<'_>, &Scope, Id) -> Result<Option<(Booking, T)>, DbError> + Send + 'static,
) -> Result<(Guest, T), Response> {
    let fallback = web::language::choose(ctx, uri, headers);
    let token = token.to_owned();
    let read = move |tx: &mut Tx<'_>| -> Result<_, DbError> {
        let Some((scope, id)) = locator::find(tx, kind, &token)? else { return Ok(None) };
        let merchant = merchant_store::merchant(tx, &scope)?;
        let found = find(tx, &scope, id)?;
        Ok(merchant.zip(found).map(|(merchant, found)| (scope, merchant, found)))
    };
    let read = ctx.db.read(read).await.map_err(|error| oops(&fallback, error))?;
    let Some((scope, merchant, (booking, more))) = read else {
        return Err(web::oops::page(&fallback, &Problem::not_found()));
    };
    let asked = web::language::asked(uri);
    let asked = asked.filter(|locale| ctx.catalogue.offered().contains(locale));
    let words = ctx.words(asked.unwrap_or(booking.contact.language));
    let site = Site { scope, merchant, shop: booking.shop, words };
    Ok((Guest { site, booking, asked }, more))
}

/// A guest in front of his booking.
pub(super) struct Visit {
    ctx: Context,
    pub(super) token: String,
    pub(super) site: Site,
    pub(super) booking: Booking,
    /// Cards that payments of the booking were made with.
    paid: Vec<CardToken>,
    asked: Option<Locale>,
}

impl Visit {
    /// An address below the booking's page, in the language that was asked for.
    pub(super) fn href(&self, rest: &str) -> String {
        let lang = self.asked.map_or_else(String::new, |lang| format!("?lang={}", lang.code()));
        format!("/m/{}{rest}{lang}", self.token)
    }

    pub(super) fn page(&self, title: String, rest: &str) -> Page {
        self.site.page(&self.ctx, title, &format!("/m/{}{rest}", self.token))
    }

    fn oops(&self, problem: &Problem) -> Response {
        web::oops::page(&self.site.words, problem)
    }

    fn away(&self, error: &WireError) -> Response {
        tracing::warn!(%error, "the card of a guest");
        self.oops(&Problem::new(503, "vault_unavailable", "The vault does not answer."))
    }
}

impl Guests {
    async fn visit(&self, token: &str, request: (&Uri, &HeaderMap)) -> Result<Visit, Response> {
        let ctx = self.engine.ctx.clone();
        let find = |tx: &mut Tx<'_>, scope: &Scope, id: Id| -> Result<_, DbError> {
            let Some(booking) = store::find(tx, scope, id.into())? else { return Ok(None) };
            let payments = ops::payments_of(tx, scope, &booking)?;
            let paid = payments.into_iter().filter_map(|one| Some(one.card?.id)).collect();
            Ok(Some((booking, paid)))
        };
        let (Guest { site, booking, asked }, paid) =
            enter(&ctx, (KIND, token), request, find).await?;
        Ok(Visit { ctx, token: token.to_owned(), site, booking, paid, asked })
    }

    /// The cards of a booking whose log can still be read, newest first.
    async fn cards(&self, visit: &Visit) -> Result<Vec<Mine>, WireError> {
        let wire = WireScope::of(&visit.site.scope, visit.booking.shop);
        let names = vec![visit.booking.id.to_string(), visit.booking.number.clone()];
        let vault = &self.engine.vault;
        let asked = BookingCards { bookings: names.clone() };
        let kept = vault.ask(&wire, &asked).await?.cards.into_iter();
        let mut cards: Vec<Mine> = kept.map(|card| Mine { card, own: true }).collect();
        for card in visit.paid.iter().take(MOST_PAID) {
            if cards.iter().any(|known| known.card.card.token == *card) {
                continue;
            }
            match vault.ask(&wire, &CardKept { card: *card }).await {
                Ok(card) => {
                    let kept_for_it = card.booking.as_ref().is_some_and(|of| names.contains(of));
                    let own = kept_for_it || card.card.single_use;
                    cards.push(Mine { card, own });
                }
                Err(WireError::Refused(why)) if why.is_final() => {}
                Err(error) => return Err(error),
            }
        }
        let now = self.engine.ctx.now(visit.booking.shop);
        cards.retain(|mine| until(&mine.card).is_none_or(|until| until > now));
        Ok(cards)
    }

    /// One of the guest's cards with its log; any other does not exist.
    async fn told(&self, visit: &Visit, card: &str) -> Result<(CardOfBooking, Told), Response> {
        let cards = self.cards(visit).await.map_err(|error| visit.away(&error))?;
        let own = |mine: &Mine| mine.own && mine.card.card.token.to_string() == card;
        let mine = cards.into_iter().find(own).map(|mine| mine.card);
        let mine = mine.ok_or_else(|| visit.oops(&Problem::not_found()))?;
        let place = (visit.booking.shop, mine.card.token);
        let told = self.engine.told_of(&visit.site.scope, place).await;
        Ok((mine, told.map_err(|error| visit.away(&error))?))
    }
}

/// Until when the log of a card is shown; nothing while the card is kept.
pub(super) fn until(card: &CardOfBooking) -> Option<Timestamp> {
    let at = card.gone.as_ref()?.at?;
    Some(at.plus_seconds(READABLE_MONTHS * MONTH_SECONDS))
}

async fn mine(
    State(guests): State<Guests>,
    Path(token): Path<String>,
    uri: Uri,
    headers: HeaderMap,
) -> Answer {
    let visit = guests.visit(&token, (&uri, &headers)).await?;
    let cards = match guests.cards(&visit).await {
        Ok(cards) => Some(cards.iter().map(|card| CardView::of(&visit, card)).collect()),
        Err(error) => {
            tracing::warn!(%error, "cards of a guest");
            None
        }
    };
    Ok(http::html(&BookingPage::of(&visit, cards)))
}

async fn card(
    State(guests): State<Guests>,
    Path((token, card)): Path<(String, String)>,
    uri: Uri,
    headers: HeaderMap,
) -> Answer {
    let visit = guests.visit(&token, (&uri, &headers)).await?;
    let (mine, told) = guests.told(&visit, &card).await?;
    Ok(http::html(&CardPage::of(&visit, (&mine, &told))))
}

async fn proof(
    State(guests): State<Guests>,
    Path((token, card, seq)): Path<(String, String, String)>,
    uri: Uri,
    headers: HeaderMap,
) -> Answer {
    let visit = guests.visit(&token, (&uri, &headers)).await?;
    let (mine, told) = guests.told(&visit, &card).await?;
    let checked = seq.parse().ok().and_then(|seq| lines::checked(&told, seq));
    let page = checked.and_then(|checked| ProofPage::of(&visit, (&mine, &told), &checked));
    page.map(|page| http::html(&page)).ok_or_else(|| visit.oops(&Problem::not_found()))
}

async fn file(
    State(guests): State<Guests>,
    Path((token, card)): Path<(String, String)>,
    uri: Uri,
    headers: HeaderMap,
) -> Answer {
    let visit = guests.visit(&token, (&uri, &headers)).await?;
    let (mine, told) = guests.told(&visit, &card).await?;
    let text = serde_json::to_string_pretty(&told.file).unwrap_or_default();
    let mut response = text.into_response();
    let name = format!("attachment; filename=\"carte-{}.json\"", mine.card.last4);
    http::reply::set(&mut response, header::CONTENT_TYPE, "application/json");
    http::reply::set(&mut response, header::CONTENT_DISPOSITION, &name);
    Ok(response)
}
