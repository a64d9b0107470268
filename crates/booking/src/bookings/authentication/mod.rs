//! Asking the guest of a booking, who is not there, to confirm what is due with his bank: from the
//! desk, on the card that is there for the stay.
//!
//! The link, its messages and its page are those of every payment
//! ([`payments::authentication_links`]); here a payment of what is due is made with it, in one
//! commit. While the link is open, what is due waits for the guest: nothing else charges it. What he
//! confirms is charged only if it is still due then. A link is withdrawn by cancelling its payment
//! at the cash desk.

pub(super) mod pages;
mod send;

use db::{DbError, Tx};
use identity::extract::Staff;
use kernel::{Timestamp, Zone, format};
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
    let asked = payments.iter().rev().find(|p| p.threeds_wish == ThreedsWish::Mandate);
    let Some(payment) = asked else { return Ok(None) };
    let (scope, id) = (staff.scope.clone(), payment.id);
    let read = move |tx: &mut Tx<'_>| {
        // With its operations: they tell whether his bank has recognised him.
        let payment = payments::ops::find(tx, &scope, id)?;
        let link = store::of_payment(tx, &scope, id)?.into_iter().next();
        Ok::<_, DbError>(payment.zip(link))
    };
    let Some((payment, link)) = desk.engine.ctx.db.read(read).await? else { return Ok(None) };
    let (zone, now) = now;
    let when = |at| format::date_time(at, zone, staff.words.locale());
    let (at, until) = (when(link.created_at), when(link.expires_at));
    let key = format!("booking-holder-{}", link.shown(&payment, now));
    let text = staff.words.with(&key, &[("at", &at), ("until", &until)]);
    Ok(Some((text, format!("/caisse/{id}"))))
}
