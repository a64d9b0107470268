//! Messages that the vault wants sent: taken from it and queued with all others, once each.

use std::sync::Arc;

use db::{DbError, Route, Tx};
use identity::merchants::store as merchant_store;
use kernel::{MerchantId, MessageId, Mode, Scope, ShopId};
use vault_wire::{MessagesDone, MessagesTake, VaultMessage, WireScope};
use web::mail::{self, Channel, Mail};
use web::worker::{Sweeper, Work};

use crate::engine::Engine;

/// Takes what waits in the vault, about once a second.
#[must_use]
pub fn sweeper(engine: &Engine) -> Sweeper {
    let engine = engine.clone();
    let run = move || -> Work<Result<(), String>> {
        let engine = engine.clone();
        Box::pin(async move { take_all(&engine).await.map_err(|error| error.to_string()) })
    };
    Sweeper { name: "messages of the vault", run: Arc::new(run) }
}

async fn take_all(engine: &Engine) -> Result<(), DbError> {
    let shops = engine.ctx.db.read::<_, DbError, _>(every_shop).await?;
    for (merchant, mode, shop) in shops {
        take(engine, (merchant, mode), shop).await?;
    }
    Ok(())
}

/// Every shop, with its merchant.
///
/// # Errors
/// [`DbError`] of the engine.
pub(super) fn every_shop(tx: &mut Tx<'_>) -> Result<Vec<(MerchantId, Mode, ShopId)>, DbError> {
    let mut all = Vec::new();
    for merchant in merchant_store::all_ids(tx)? {
        for mode in [Mode::Test, Mode::Live] {
            let scope = identity::scope::for_house(merchant, mode);
            let shops = merchant_store::shops(tx, &scope)?;
            all.extend(shops.into_iter().map(|shop| (merchant, mode, shop.id)));
        }
    }
    Ok(all)
}

/// Queues the messages of one shop. A vault that does not answer is asked again later.
///
/// # Errors
/// [`DbError`] of the queue; the messages then stay in the vault.
pub async fn take(
    engine: &Engine,
    (merchant, mode): (MerchantId, Mode),
    shop: ShopId,
) -> Result<(), DbError> {
    let wire = WireScope::of_house(merchant, shop);
    let Ok(waiting) = engine.vault.ask(&wire, &MessagesTake {}).await else { return Ok(()) };
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
