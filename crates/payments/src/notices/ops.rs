//! Takes events of payments and queues the mails they call for.

use db::outbox::{self, Event};
use db::{DbError, Tx};
use identity::merchants;
use kernel::{MessageId, Scope, ShopId};
use web::Context;
use web::mail::{self, Channel, Mail};

use super::compose::{self, Letter};
use super::model::{self, Notice, Told};
use crate::notifications::rules;
use crate::payment::store;

/// Writes the mail of an event, if there is one, into the transaction that hands the event over.
/// An event that cannot be read is logged and left: it must not hold the others up.
///
/// # Errors
/// [`DbError`] of the engine.
pub fn take(tx: &mut Tx<'_>, ctx: &Context, event: &Event) -> Result<(), DbError> {
    let (Some(told), Ok(id)) = (Told::of(event), event.object.parse()) else {
        tracing::error!(event = %event.id, kind = event.kind, "not an event of a payment");
        return Ok(());
    };
    let scope = identity::scope::for_house(event.merchant, event.mode);
    let Some(payment) = store::find(tx, &scope, id)? else { return Ok(()) };
    let Some(to) = payment.payer.email.clone() else { return Ok(()) };
    let history = outbox::of_object(tx, &scope, &event.object)?;
    let history: Vec<Told> = history.iter().filter_map(Told::of).collect();
    let Some(notice) = model::choose(&told, &history, &payment) else { return Ok(()) };
    if !is_wanted(tx, &scope, event.shop, notice)? {
        return Ok(());
    }
    let Some(merchant) = merchants::store::merchant(tx, &scope)? else { return Ok(()) };
    let words = ctx.words(payment.payer.language);
    let letter = Letter { payment: &payment, merchant: &merchant, at: event.at, words: &words };
    let composed = compose::compose(notice, &letter, &ctx.urls.app);
    let mail = Mail {
        id: MessageId::from(event.id.id()),
        channel: Channel::Mail,
        shop: event.shop,
        to: to.to_string(),
        subject: composed.subject,
        text: composed.text,
        link: composed.link,
        object: event.object.clone(),
    };
    mail::send(tx, &scope, &mail, ctx.now(event.shop))
}

/// Whether the shop's rules have this mail sent. That money which came too late goes back is
/// always told.
fn is_wanted(
    tx: &mut Tx<'_>,
    scope: &Scope,
    shop: ShopId,
    notice: Notice,
) -> Result<bool, DbError> {
    let key = match notice {
        Notice::Receipt { .. } => rules::PAYER_RECEIPT,
        Notice::Checking | Notice::Accepted | Notice::Refused => rules::PAYER_CHECKING,
        Notice::Refund { .. } => rules::PAYER_REFUND,
        Notice::CancelledLate { .. } => return Ok(true),
    };
    let own = rules::store::of_shop(tx, scope, shop)?;
    Ok(rules::preset(key).is_none_or(|preset| rules::is_on(preset, &own)))
}
