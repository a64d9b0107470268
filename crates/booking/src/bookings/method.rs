//! "Mode de paiement" of a booking: the card that was left for it and what may be done with it,
//! or why there is none.

use db::{DbError, Tx};
use http::Words;
use identity::extract::Staff;
use kernel::{Right, Zone, format};
use payments::cards::of_booking::{Asked, Found};
use payments::cards::{Button, CardView, Charge, NoReveal, ask_guest, buttons_of};
use web::list::view::Sign;

use super::authentication;
use super::balance::Balance;
use super::card_request::{self, CardRequest};
use super::charging::model::{stopped, was_given};
use super::model::Booking;
use super::pages::{Desk, page_of};
use super::view::Sheet;

/// The block.
pub(super) struct Method {
    /// Where the card stands, or why there is none.
    pub(super) sign: Sign,
    /// The card, without its number.
    pub(super) card: Option<CardView>,
    /// What was paid before.
    pub(super) prepaid: String,
    /// Since when the guest is asked for a card; empty when he is not.
    pub(super) asked: String,
    /// How far the guest is whom a link asks to confirm a charge, and the payment it is about.
    pub(super) confirming: Option<(String, String)>,
    /// What can be charged and what stands against it, on the card that counts.
    pub(super) balance: Balance,
    /// What may be done, in the order of all pages.
    pub(super) buttons: Vec<Button>,
}

/// What the vault is asked about a booking.
pub(super) fn asked(booking: &Booking) -> Asked {
    Asked {
        id: booking.id,
        number: booking.number.clone(),
        reference: booking.reference.clone(),
        shop: booking.shop,
        made_at: booking.created_at,
    }
}

/// The block for a person at the desk.
pub(super) async fn of<R: Send + Sync>(
    desk: &Desk,
    staff: &Staff<R>,
    sheet: &Sheet,
) -> Result<Method, DbError> {
    let (engine, words, booking) = (&desk.engine, &*staff.words, &sheet.booking);
    let mut cards = engine.cards_of(&staff.scope, &[asked(booking)]).await?;
    let found = cards.remove(&booking.id).unwrap_or(Found::Unknown);
    let now = (&sheet.zone, engine.ctx.now(booking.shop));
    let prepaid = format::money(sheet.paid, words.locale());
    let (scope, id) = (staff.scope.clone(), booking.id);
    let latest = move |tx: &mut Tx<'_>| card_request::latest(tx, &scope, (id, now.1));
    let asked = engine.ctx.db.read::<_, DbError, _>(latest).await?;
    let asked = asked.filter(|asked| asked.answer(&found).is_none());
    let mut method = Method {
        sign: found.sign(words, now),
        card: None,
        prepaid: words.with("booking-prepaid", &[("amount", &prepaid)]),
        asked: asked.map_or_else(String::new, |asked| said(words, &sheet.zone, &asked)),
        confirming: authentication::told(desk, staff, (&sheet.payments, now)).await?,
        balance: sheet.balance.clone().in_parts(),
        buttons: Vec::new(),
    };
    let page = page_of(booking);
    let Found::Card(one, told) = found else {
        if matches!(found, Found::None(_)) && booking.state.takes_cards() {
            method.buttons = vec![ask_guest(staff, "cards-ask", Some(&page))];
        }
        return Ok(method);
    };
    let token = one.card.token;
    if told.is_none() && sheet.balance.card.is_none() {
        let ceiling = staff.ceiling(Right::PaymentsCreate);
        method.balance = method.balance.on_another_card(&staff.scope).up_to(ceiling).in_parts();
    }
    let kept = sheet.balance.card.as_ref().map(|kept| kept.id).filter(|kept| *kept != token);
    let is_other = kept.is_some_and(|kept| !was_given(&one.card, kept));
    if told.is_none() && !is_other && method.balance.why_not.is_none() {
        method.balance.why_not = stopped(&one.card);
    }
    let why_not = match is_other {
        true => Some(words.say("booking-balance-other-card")),
        false => method.balance.why_not.map(|why| why.say(words)),
    };
    let charge = match (told, why_not) {
        (Some(_), _) => Charge::of_virtual(engine, staff, (token, booking.shop)).await?,
        (None, Some(why)) => Charge::never(why),
        (None, None) => Charge::page(staff, format!("{page}/solde")),
    };
    let no_reveal = NoReveal::of(engine, staff, booking.shop).await.unwrap_or_else(|error| {
        tracing::warn!(%error, "who may see cards");
        NoReveal { reason: words.say("cards-vault-away"), enrol: false }
    });
    method.card = Some(CardView::of(words, now, &one));
    method.buttons = buttons_of(staff, &one.card, (charge, no_reveal), Some(&page));
    Ok(method)
}

/// When the guest was asked, and until when his link leads anywhere.
fn said(words: &Words, zone: &Zone, asked: &CardRequest) -> String {
    let day = |at| format::date(zone.date(at), words.locale());
    let (at, until) = (day(asked.created_at), day(asked.expires_at));
    words.with("booking-card-asked", &[("at", &at), ("until", &until)])
}
