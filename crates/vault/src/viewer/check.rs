//! One try of a PIN: counted, durably, then compared.

use std::sync::Arc;

use db::{DbError, Route, Tx};
use kernel::{MerchantId, Timestamp, ViewerId};
use vault_wire::{MAX_OWNERS, Owner};
use zeroize::Zeroizing;

use super::enrol::Viewers;
use super::factor::Seed;
use super::people::store::managers;
use super::store::{self, ViewerRow};
use super::{Guard, Shut, idle, post};
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

/// What a person shows that he is himself.
#[derive(Clone, Copy)]
pub(crate) struct Proof<'p> {
    pub(crate) pin: &'p Zeroizing<String>,
    /// The code of his authenticator; not looked at for who has none.
    pub(crate) factor: &'p str,
}

impl Viewers {
    /// Checks a PIN.
    pub(crate) async fn check(
        &self,
        shop: &Arc<Shop>,
        viewer: (MerchantId, ViewerId),
        (proof, now): (Proof<'_>, Timestamp),
    ) -> Result<Checked, KeepError> {
        let Ok(_turn) = self.verifiers.turn().await else { return Ok(Checked::Busy) };
        let db = &self.keeper.db;
        let counted = db
            .write::<_, DbError, _>(Route::of(viewer.1.id()), move |tx| {
                let found = store::viewer(tx, viewer.0, viewer.1)?;
                let Some(row) = found.filter(|row| row.state == "active" && !row.is_idle(now))
                else {
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
        let step = row.factor_of.map(|enrolment| {
            Seed::of(shop, enrolment).step(proof.factor, self.clock.now()).unwrap_or(0)
        });
        let verifiers = row.verifiers.clone();
        let Ok(fits) = self.verifiers.fits(place, proof.pin.clone(), verifiers).await else {
            return Ok(Checked::Busy);
        };
        let missing = row.needs_factor() && row.factor_of.is_none();
        if !fits || missing || step == Some(0) {
            return Ok(Checked::Wrong(guard));
        }
        let still = db.write::<_, DbError, _>(Route::of(viewer.1.id()), move |tx| {
            // Somebody may have shut him out, or replaced the PIN, while it was compared.
            let same = store::viewer(tx, viewer.0, viewer.1)?.is_some_and(|now| {
                now.state == "active"
                    && now.verifiers == row.verifiers
                    && (now.guard.blocked == guard.blocked)
            });
            if !same {
                return Ok(Checked::Shut(Shut::Blocked));
            }
            if let Some(step) = step
                && !store::use_step(tx, viewer, step)?
            {
                // A code serves once: the try stays counted.
                return Ok(Checked::Wrong(guard));
            }
            store::set_guard(tx, viewer, Guard::forgiven(row.guard))?;
            idle::store::touch(tx, viewer, now)?;
            Ok(Checked::Right)
        });
        Ok(still.await?)
    }

    /// Logs a wrong try; when it was the one that shut, the viewer and those who manage the users of
    /// the shop are told.
    pub(crate) async fn note_wrong(
        &self,
        (shop, viewer): (&Shop, &ViewerRow),
        (guard, now): (Guard, Timestamp),
        line: Line,
    ) -> Result<(), KeepError> {
        crate::figures::PIN_FAILURES.add();
        let shut = guard.open(now).err();
        let place = (viewer.merchant, viewer.shop);
        let letters = match shut {
            None => Vec::new(),
            Some(shut) => {
                let read = move |tx: &mut Tx<'_>| managers(tx, place);
                let others = self.keeper.db.read::<_, DbError, _>(read).await?.into_iter();
                let others = others.filter(|one| one.user.to_string() != viewer.user);
                let owners = others.map(|one| Owner { email: one.email, lang: one.lang });
                let owners: Vec<Owner> = owners.take(MAX_OWNERS).collect();
                self.shut_letters((shop, &owners), viewer, (shut, now))
            }
        };
        let locked =
            shut.map(|_| Line::new("pin.locked", place, &viewer.user, now, &*self.keeper.rng));
        self.keeper
            .db
            .write::<_, DbError, _>(Route::of(viewer.id.id()), move |tx| {
                post::queue(tx, place, &letters)?;
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
