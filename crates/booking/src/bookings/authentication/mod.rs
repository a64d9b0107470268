//! Asking the guest of a booking, who is not there, to confirm what is due with his bank: from the
//! desk, on the card that is there for the stay.
//!
//! The link, its messages and its page are those of every payment
//! ([`payments::authentication_links`]); here a payment of what is due is made with it, in one
//! commit. While the link is open, what is due waits for the guest: nothing else charges it. What
//! he confirms is charged only if it is still due then. A link is withdrawn by cancelling its
//! payment at the cash desk; however many there were, he is asked three times within 24 hours.

pub(super) mod pages;
mod send;

use db::{DbError, Tx};
use identity::extract::Staff;
use kernel::{PaymentId, Timestamp, Zone, format};
use payments::Payment;
use payments::authentication_links::store;
use payments::payment::ThreedsWish;

use super::pages::Desk;

/// How far the guest is whom the last link asks, with the address of its payment; nothing where he
/// was never asked.
///
/// # Errors
/// [`DbError`] of the engine.
pub(super) async fn told<R>(
    desk: &Desk,
    staff: &Staff<R>,
    (payments, now): (&[Payment], (&Zone, Timestamp)),
) -> Result<Option<(String, String)>, DbError> {
    let (scope, asked) = (staff.scope.clone(), mandated(payments));
    if asked.is_empty() {
        return Ok(None);
    }
    let read = move |tx: &mut Tx<'_>| {
        for id in asked {
            let mut links = store::of_payment(tx, &scope, id)?.into_iter();
            // A payer who is there may be mandated without a link.
            let Some(link) = links.next() else { continue };
            // With its operations: they tell whether his bank has recognised him.
            let payment = payments::ops::find(tx, &scope, id)?;
            return Ok(payment.map(|payment| (payment, link)));
        }
        Ok::<_, DbError>(None)
    };
    let Some((payment, link)) = desk.engine.ctx.db.read(read).await? else { return Ok(None) };
    let (zone, now) = now;
    let when = |at| format::date_time(at, zone, staff.words.locale());
    let (at, until) = (when(link.created_at), when(link.expires_at));
    let key = format!("booking-holder-{}", link.shown(&payment, now));
    let text = staff.words.with(&key, &[("at", &at), ("until", &until)]);
    Ok(Some((text, format!("/caisse/{}", payment.id))))
}

/// The payments whose payer his bank must recognise, the newest first.
fn mandated(payments: &[Payment]) -> Vec<PaymentId> {
    let asked = payments.iter().rev().filter(|p| p.threeds_wish == ThreedsWish::Mandate);
    asked.map(|payment| payment.id).collect()
}
