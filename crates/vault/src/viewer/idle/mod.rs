//! PINs that nobody uses: after 90 days one is disabled until its owner enrols again (PCI DSS v4.0.1,
//! 8.2.6: inactive accounts are removed or disabled within 90 days).
//!
//! Of use is a PIN when it is chosen, and each time it is typed right. Those that were chosen before
//! this was counted begin their 90 days at the first look.

pub(super) mod store;

use db::{DbError, Route, Tx};
use kernel::Timestamp;

use super::Viewers;
use super::post;
use crate::log;
use crate::reveal;
use crate::shop::Shop;

/// So long a PIN may lie unused.
const IDLE_DAYS: i64 = 90;

impl Viewers {
    /// Disables what was of no use for too long, by the shop's clock, and tells whose it was.
    pub(crate) async fn disable_idle(&self, shop: &Shop, now: Timestamp) -> Result<(), DbError> {
        let (db, place) = (&self.keeper.db, shop.place());
        let read = move |tx: &mut Tx<'_>| store::uncounted_or_idle(tx, place, idle_since(now));
        for viewer in db.read::<_, DbError, _>(read).await? {
            let whose = (viewer.merchant, viewer.id);
            let route = Route::of(viewer.id.id());
            if viewer.used_at.is_none() {
                let begin = move |tx: &mut Tx<'_>| store::touch(tx, whose, now);
                db.write::<_, DbError, _>(route, begin).await?;
                continue;
            }
            let messages = self.letters(shop, &viewer, now).news("disabled", "");
            let line = self.line("pin.disabled", &viewer, now);
            let disable = move |tx: &mut Tx<'_>| {
                if !store::disable(tx, whose, idle_since(now))? {
                    return Ok(());
                }
                reveal::store::cancel_links_of(tx, whose)?;
                post::queue(tx, place, &messages)?;
                log::append(tx, &line).map(|_| ())
            };
            db.write::<_, DbError, _>(route, disable).await?;
        }
        Ok(())
    }
}

/// What was last of use then, or earlier, is idle (PCI DSS v4.0.1, 8.2.6).
pub(super) fn idle_since(now: Timestamp) -> Timestamp {
    now.plus_minutes(-IDLE_DAYS * 24 * 60)
}
