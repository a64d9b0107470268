//! The mail that tells a guest of his firm booking, queued in its commit. Receipts, and money
//! that goes back because the place was gone, are told by payments.

use db::{DbError, Tx};
use identity::merchants::{Merchant, store as merchant_store};
use kernel::{MessageId, Money, Scope, Zone, format};
use payments::{Payment, page_token};
use web::Context;
use web::mail::{self, Channel, Mail};

use super::model::Booking;
use crate::moment::Moment;

/// The merchant's zone; Paris when he has said nothing.
///
/// # Errors
/// [`DbError`].
pub fn zone(tx: &mut Tx, scope: &Scope) -> Result<Zone, DbError> {
    let merchant = merchant_store::merchant(tx, scope)?;
    Ok(merchant.map_or_else(Zone::paris, |merchant| merchant.zone))
}

fn name(merchant: Option<Merchant>) -> String {
    merchant.map_or_else(String::new, |merchant| merchant.name)
}

/// Tells the guest that his booking is firm.
///
/// # Errors
/// [`DbError`].
pub fn confirmed(
    tx: &mut Tx,
    scope: &Scope,
    (ctx, booking, payment): (&Context, &Booking, &Payment),
    moment: Moment,
) -> Result<(), DbError> {
    let locale = booking.contact.language;
    let words = ctx.words(locale);
    let merchant = name(merchant_store::merchant(tx, scope)?);
    let rest = booking.total.minus(payment.amount).unwrap_or(Money::zero(payment.currency()));
    let values = [
        ("number", booking.number.as_str()),
        ("merchant", &merchant),
        ("name", &booking.contact.full_name()),
        ("arrival", &format::long_date(booking.starts, locale)),
        ("departure", &format::long_date(booking.ends, locale)),
        ("total", &format::money(booking.total, locale)),
        ("paid", &format::money(payment.amount, locale)),
        ("rest", &format::money(rest, locale)),
    ];
    let key = if rest.is_zero() { "booking-mail-paid" } else { "booking-mail-deposit" };
    let letter = Mail {
        id: MessageId::new(moment.now, moment.rng),
        channel: Channel::Mail,
        shop: booking.shop,
        to: booking.contact.email.to_string(),
        subject: words.with("booking-mail-subject", &values),
        text: words.with(key, &values),
        link: Some(page_token::receipt_url(&ctx.urls.app, payment)),
        object: booking.id.to_string(),
    };
    mail::send(tx, scope, &letter, moment.now)
}
