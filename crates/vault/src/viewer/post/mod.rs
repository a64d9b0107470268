//! Messages to viewers and to those who manage them: they wait here until the app has queued them.

mod store;

use db::{DbError, Route};
use vault_wire::{Done, Messages, MessagesDone, Refused, WireScope};

use super::Viewers;
use crate::capture::internal;

pub(crate) use store::queue;

const MAX_MESSAGES: u32 = 50;

impl Viewers {
    /// Messages that wait for the app.
    pub(crate) async fn messages(&self, scope: &WireScope) -> Result<Messages, Refused> {
        let place = (scope.merchant, scope.shop);
        let read =
            self.keeper.db.read::<_, DbError, _>(move |tx| store::waiting(tx, place, MAX_MESSAGES));
        Ok(Messages { messages: read.await.map_err(internal)? })
    }

    /// The app has queued these.
    pub(crate) async fn messages_done(
        &self,
        scope: &WireScope,
        request: MessagesDone,
    ) -> Result<Done, Refused> {
        let merchant = scope.merchant;
        self.keeper
            .db
            .write::<_, DbError, _>(Route::of(scope.shop.id()), move |tx| {
                for id in &request.ids {
                    store::forget(tx, merchant, *id)?;
                }
                Ok(())
            })
            .await
            .map_err(internal)?;
        Ok(Done {})
    }
}
