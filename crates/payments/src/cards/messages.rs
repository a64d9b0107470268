//! Messages that the vault wants sent: taken from it and queued with all others, once each.

use db::{DbError, Route, Tx};
use kernel::{MerchantId, MessageId, Mode, Scope, ShopId};
use vault_wire::{MessagesDone, MessagesTake, VaultMessage, WireScope};
use web::mail::{self, Channel, Mail};

use super::news::FollowError;
use crate::engine::Engine;

/// Queues the messages of one shop.
///
/// # Errors
/// [`FollowError`]; the messages then stay in the vault.
pub async fn take(
    engine: &Engine,
    (merchant, mode): (MerchantId, Mode),
    shop: ShopId,
) -> Result<(), FollowError> {
    let wire = WireScope::of_house(merchant, shop);
    let waiting = engine.vault.ask(&wire, &MessagesTake {}).await?;
    if waiting.messages.is_empty() {
        return Ok(());
    }
    let ids: Vec<MessageId> = waiting.messages.iter().map(|message| message.id).collect();
    let scope = identity::scope::for_house(merchant, mode);
    let queued = move |tx: &mut Tx<'_>| {
        waiting.messages.iter().try_for_each(|message| queue(tx, &scope, shop, message))
    };
    engine.ctx.db.write::<_, DbError, _>(Route::any(), queued).await?;
    if let Err(error) = engine.vault.ask(&wire, &MessagesDone { ids }).await {
        tracing::info!(%error, "the vault was not told; its messages are known by their names");
    }
    Ok(())
}

/// Once for each message, also when the vault tells it again.
fn queue(
    tx: &mut Tx<'_>,
    scope: &Scope,
    shop: ShopId,
    message: &VaultMessage,
) -> Result<(), DbError> {
    let object = message.id.to_string();
    if !mail::of_object(tx, scope, &object)?.is_empty() {
        return Ok(());
    }
    let mail = Mail {
        id: message.id,
        channel: if message.sms { Channel::Sms } else { Channel::Mail },
        shop,
        to: message.to.clone(),
        subject: message.subject.clone(),
        text: message.text.clone(),
        link: message.link.clone(),
        object,
    };
    mail::send(tx, scope, &mail, message.at)
}
