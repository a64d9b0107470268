//! "Tout bloquer": one person shuts all showing of cards in a shop; two people lift it.

use db::{DbError, Route, Tx};
use kernel::{MerchantId, ShopId, Timestamp};
use serde_json::json;
use vault_wire::{BlockAnswer, BlockSet, Refused, WireScope};

use super::ops::Reveals;
use super::store::{self, BlockRow};
use crate::capture::{internal, not_found};
use crate::log::{self, Line};

const REASON_CHARACTERS: std::ops::RangeInclusive<usize> = 3..=500;

/// What a lift came to.
enum Lift {
    /// Two people have asked, or nothing was shut.
    Open,
    /// A second person must ask.
    Half,
}

impl Reveals {
    /// Where it stands.
    pub(crate) async fn block(&self, scope: &WireScope) -> Result<BlockAnswer, Refused> {
        let place = (scope.merchant, scope.shop);
        self.shops.get(place.0, place.1).ok_or_else(not_found)?;
        let read = self.keeper.db.read::<_, DbError, _>(move |tx| store::block(tx, place));
        Ok(answer(read.await.map_err(internal)?, 0))
    }

    /// Shuts, or asks to lift.
    pub(crate) async fn set_block(
        &self,
        scope: &WireScope,
        request: BlockSet,
    ) -> Result<BlockAnswer, Refused> {
        let shop = self.shops.get(scope.merchant, scope.shop).ok_or_else(not_found)?;
        let reason = request.reason.trim().to_owned();
        if request.on && !REASON_CHARACTERS.contains(&reason.chars().count()) {
            let why = "A reason of 3 to 500 characters.";
            return Err(Refused::new("reason_too_short", why).at("$.reason"));
        }
        let (place, now) = ((scope.merchant, scope.shop), shop.now(self.clock.now()));
        let event = if request.on { "reveals.blocked" } else { "reveals.lift" };
        let line = Line::new(event, place, &scope.user, now, &*self.keeper.rng)
            .details(json!({ "reason": reason, "relay": request.relay }));
        let (who, set) = (scope.user.clone(), BlockSet { reason, ..request });
        let done = self.keeper.db.write::<_, DbError, _>(Route::of(place.1.id()), move |tx| {
            let ended = if set.on { shut(tx, place, (&set, &who, now))? } else { 0 };
            let lift = if set.on { Lift::Half } else { lift(tx, place, &who)? };
            log::append(tx, &line)?;
            let row = match lift {
                Lift::Open => None,
                Lift::Half => store::block(tx, place)?,
            };
            Ok(answer(row, ended))
        });
        done.await.map_err(internal)
    }
}

fn shut(
    tx: &mut Tx<'_>,
    place: (MerchantId, ShopId),
    (set, who, now): (&BlockSet, &str, Timestamp),
) -> Result<u64, DbError> {
    let row = BlockRow {
        relay: set.relay,
        reason: set.reason.clone(),
        set_by: who.to_owned(),
        set_at: now,
        lifted_by: None,
    };
    store::put_block(tx, place, &row)?;
    store::cancel_links(tx, place)
}

fn lift(tx: &mut Tx<'_>, place: (MerchantId, ShopId), who: &str) -> Result<Lift, DbError> {
    let Some(mut row) = store::block(tx, place)? else { return Ok(Lift::Open) };
    if row.lifted_by.as_ref().is_some_and(|first| first != who) {
        store::lift_block(tx, place)?;
        return Ok(Lift::Open);
    }
    row.lifted_by = Some(who.to_owned());
    store::put_block(tx, place, &row)?;
    Ok(Lift::Half)
}

fn answer(row: Option<BlockRow>, cancelled_links: u64) -> BlockAnswer {
    let on = row.is_some();
    let (relay, reason) =
        row.as_ref().map(|row| (row.relay, row.reason.clone())).unwrap_or_default();
    BlockAnswer {
        on,
        relay,
        reason,
        since: row.as_ref().map(|row| row.set_at),
        set_by: row.as_ref().map(|row| row.set_by.clone()),
        lift_asked_by: row.and_then(|row| row.lifted_by),
        cancelled_links,
    }
}
