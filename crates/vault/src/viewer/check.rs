//! One try of a PIN: counted, durably, then compared.

use std::sync::Arc;

use db::{DbError, Route};
use kernel::{MerchantId, Timestamp, ViewerId};
use zeroize::Zeroizing;

use super::enrol::Viewers;
use super::store::{self, ViewerRow};
use super::{Guard, Shut};
use crate::card::KeepError;
use crate::log::{self, Line};
use crate::shop::Shop;

/// What became of a try.
pub(crate) enum Checked {
    /// It is his; nothing of the try counts.
    Right,
    /// It is not; where the counting stands.
    Wrong(Guard),
    /// Nobody may try; nothing was counted.
    Shut(Shut),
    /// Too many PINs are being checked; nothing was counted.
    Busy,
}

impl Viewers {
    /// Checks a PIN.
    pub(crate) async fn check(
        &self,
        shop: &Arc<Shop>,
        viewer: (MerchantId, ViewerId),
        (pin, now): (&Zeroizing<String>, Timestamp),
    ) -> Result<Checked, KeepError> {
        let Ok(_turn) = self.verifiers.turn().await else { return Ok(Checked::Busy) };
        let db = &self.keeper.db;
        let counted = db
            .write::<_, DbError, _>(Route::of(viewer.1.id()), move |tx| {
                let found = store::viewer(tx, viewer.0, viewer.1)?;
                let Some(row) = found.filter(|row| row.state == "active") else {
                    return Ok(Err(Shut::Blocked));
                };
                let counted = row.guard.count(now);
                if let Ok(guard) = counted {
                    store::set_guard(tx, viewer, guard)?;
                }
                Ok(counted.map(|guard| (row, guard)))
            })
            .await?;
        let (row, guard) = match counted {
            Ok(counted) => counted,
            Err(shut) => return Ok(Checked::Shut(shut)),
        };
        let place = (Arc::clone(shop), viewer.1.id());
        let Ok(fits) = self.verifiers.fits(place, pin.clone(), row.verifiers.clone()).await else {
            return Ok(Checked::Busy);
        };
        if !fits {
            return Ok(Checked::Wrong(guard));
        }
        let still = db.write::<_, DbError, _>(Route::of(viewer.1.id()), move |tx| {
            // Somebody may have shut him out, or replaced the PIN, while it was compared.
            let now = store::viewer(tx, viewer.0, viewer.1)?.is_some_and(|now| {
                now.state == "active"
                    && now.verifiers == row.verifiers
                    && (now.guard.blocked == guard.blocked)
            });
            if now {
                store::set_guard(tx, viewer, Guard::forgiven(row.guard))?;
            }
            Ok(now)
        });
        Ok(if still.await? { Checked::Right } else { Checked::Shut(Shut::Blocked) })
    }

    /// Logs a wrong try, and tells the viewer when it was the one that shut.
    pub(crate) async fn note_wrong(
        &self,
        (shop, viewer): (&Shop, &ViewerRow),
        (guard, now): (Guard, Timestamp),
        line: Line,
    ) -> Result<(), KeepError> {
        crate::figures::PIN_FAILURES.add();
        let shut = guard.open(now).err();
        let letters =
            shut.map_or_else(Vec::new, |shut| self.shut_letters(shop, viewer, (shut, now)));
        let place = (viewer.merchant, viewer.shop);
        let locked =
            shut.map(|_| Line::new("pin.locked", place, &viewer.user, now, &*self.keeper.rng));
        self.keeper
            .db
            .write::<_, DbError, _>(Route::of(viewer.id.id()), move |tx| {
                for letter in &letters {
                    store::put_message(tx, place, letter)?;
                }
                log::append(tx, &line)?;
                if let Some(locked) = &locked {
                    log::append(tx, locked)?;
                }
                Ok(())
            })
            .await?;
        Ok(())
    }
}
