//! The mail that tells a guest of his firm booking, queued in its commit. Receipts, and money
//! that goes back because the place was gone, are told by payments.

use db::{DbError, Tx};
use identity::merchants::{Merchant, store as merchant_store};
use kernel::{MessageId, Mode, Money, Scope, Zone, format};
use payments::{Payment, page_token};
use web::Context;
use web::mail::{self, Channel, Mail};

use super::guest;
use super::model::Booking;
use crate::carts::store as cart_store;
use crate::moment::Moment;

/// The merchant's zone; Paris when he has said nothing.
///
/// # Errors
/// [`DbError`].
pub fn zone(tx: &mut Tx, scope: &Scope) -> Result<Zone, DbError> {
    let merchant = merchant_store::merchant(tx, scope)?;
    Ok(merchant.map_or_else(Zone::paris, |merchant| merchant.zone))
}

/// Tells the guest that his booking is firm, and opens the page where he finds it; without a payment
/// when nothing was to pay.
///
/// # Errors
/// [`DbError`].
pub fn confirmed(
    tx: &mut Tx,
    scope: &Scope,
    (ctx, booking, payment): (&Context, &Booking, Option<&Payment>),
    moment: Moment,
) -> Result<(), DbError> {
    let locale = booking.contact.language;
    let words = ctx.words(locale);
    let merchant = merchant_store::merchant(tx, scope)?;
    let link = match payment {
        Some(payment) => Some(page_token::receipt_url(&ctx.urls.app, payment)),
        None => basket_url(tx, scope, (ctx, booking, merchant.as_ref()))?,
    };
    let zero = Money::zero(booking.total.currency());
    let paid = payment.map_or(zero, |payment| payment.amount);
    let rest = booking.total.minus(paid).unwrap_or(zero);
    let values = [
        ("number", booking.number.as_str()),
        ("merchant", merchant.as_ref().map_or("", |merchant| merchant.name.as_str())),
        ("name", &booking.contact.full_name()),
        ("arrival", &format::long_date(booking.starts, locale)),
        ("departure", &format::long_date(booking.ends, locale)),
        ("total", &format::money(booking.total, locale)),
        ("paid", &format::money(paid, locale)),
        ("rest", &format::money(rest, locale)),
    ];
    let key = match payment {
        None => "booking-mail-free",
        Some(_) if rest.is_zero() => "booking-mail-paid",
        Some(_) => "booking-mail-deposit",
    };
    guest::link::open(tx, scope, (ctx, booking.id))?;
    let mine = format!("{}{}", ctx.urls.app, guest::link::path(ctx, booking.id));
    let mine = words.with("access-mine-mail", &[("url", &mine)]);
    let mut text = format!("{}\n\n{mine}", words.with(key, &values));
    if scope.mode() == Mode::Test {
        text = format!("{text}\n\n{}", words.say("booking-mail-test"));
    }
    let letter = Mail {
        id: MessageId::new(moment.now, moment.rng),
        channel: Channel::Mail,
        shop: booking.shop,
        to: booking.contact.email.to_string(),
        subject: words.with("booking-mail-subject", &values),
        text,
        link,
        object: booking.id.to_string(),
    };
    mail::send(tx, scope, &letter, moment.now)
}

/// The page that confirms a booking without a payment: that of its basket.
fn basket_url(
    tx: &mut Tx,
    scope: &Scope,
    (ctx, booking, merchant): (&Context, &Booking, Option<&Merchant>),
) -> Result<Option<String>, DbError> {
    let Some((id, merchant)) = booking.cart.zip(merchant) else { return Ok(None) };
    let cart = cart_store::find(tx, scope, id)?;
    let lang = booking.contact.language.code();
    let url = |token| format!("{}/s/{}/panier/{token}?lang={lang}", ctx.urls.app, merchant.slug);
    Ok(cart.map(|cart| url(cart.token)))
}
