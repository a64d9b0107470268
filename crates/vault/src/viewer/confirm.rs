//! A second person vouches for whoever is new among the viewers, or has lost his PIN.

use db::{DbError, Route};
use vault_wire::{Refused, ViewerAnswer, ViewerConfirm, ViewerOfShop, ViewersListed, WireScope};

use super::enrol::{Viewers, answer, waits_for};
use super::{post, recovery, store};
use crate::capture::{internal, not_found};
use crate::log;

impl Viewers {
    /// The scope's user vouches for another.
    pub(crate) async fn confirm(
        &self,
        scope: &WireScope,
        request: ViewerConfirm,
    ) -> Result<ViewerAnswer, Refused> {
        let shop = self.shops.get(scope.merchant, scope.shop).ok_or_else(not_found)?;
        let (place, user) = ((scope.merchant, scope.shop), request.user.clone());
        if scope.user == user {
            return Err(Refused::new("self_approval", "Somebody else must vouch for you."));
        }
        let (viewer, waiting) = self.with_waiting(place, user.clone()).await?;
        let viewer = viewer.ok_or_else(not_found)?;
        let now = shop.now(self.clock.now());
        let waits = match request.recovery {
            None => None,
            Some(id) => {
                Some(waits_for(&viewer, &waiting).filter(|row| row.id == id).ok_or_else(|| {
                    Refused::new("recovery_over", "The PIN that was shown no longer waits.")
                })?)
            }
        };
        let release = waits.map(|row| self.release(&shop, (&viewer, row), (&scope.user, now)));
        let vouch = !viewer.confirmed && viewer.state != "revoked";
        let messages = self.letters(&shop, &viewer, now).news("confirmed", "");
        let line = self.line("viewer.confirmed", &viewer, now).purpose(&scope.user);
        self.keeper
            .db
            .write::<_, DbError, _>(Route::of(viewer.id.id()), move |tx| {
                if let Some(release) = &release {
                    release.apply(tx)?;
                }
                if !vouch {
                    return Ok(());
                }
                store::confirm(tx, (viewer.merchant, viewer.id))?;
                post::queue(tx, place, &messages)?;
                log::append(tx, &line).map(|_| ())
            })
            .await
            .map_err(internal)?;
        let (viewer, waiting) = self.with_waiting(place, user).await?;
        let waits = viewer.as_ref().and_then(|viewer| waits_for(viewer, &waiting));
        Ok(answer(viewer.as_ref(), waits, now))
    }

    /// All viewers of the shop.
    pub(crate) async fn list(&self, scope: &WireScope) -> Result<ViewersListed, Refused> {
        let shop = self.shops.get(scope.merchant, scope.shop).ok_or_else(not_found)?;
        let (place, now) = ((scope.merchant, scope.shop), shop.now(self.clock.now()));
        let read = self.keeper.db.read::<_, DbError, _>(move |tx| {
            Ok((store::of_shop(tx, place)?, recovery::store::waiting(tx, place)?))
        });
        let (rows, waiting) = read.await.map_err(internal)?;
        let viewers = rows.iter().map(|row| {
            let viewer = answer(Some(row), waits_for(row, &waiting), now);
            ViewerOfShop { user: row.user.clone(), name: row.name.clone(), viewer }
        });
        Ok(ViewersListed { viewers: viewers.collect() })
    }
}
