//! A lost PIN: its successor waits, so that who has stolen mailbox and telephone sees no card.
//!
//! Life of a recovery: `waiting`, from the moment the new PIN is chosen; `done` when another person
//! agrees or its hour has come; `over` when the viewer chooses once more, changes the PIN that he
//! knows, is reached elsewhere, or loses his right. From each of these `stopped`, for 60 days, by
//! "That was not me", which also shuts the viewer out.
//!
//! Until it is done the old PIN stays what it was: usable, locked or blocked. The hour comes after
//! 48 hours; when address or telephone changed lately, not before 60 days after that.

pub(super) mod store;

use std::sync::Arc;

use db::{DbError, Route, Tx};
use kernel::{Id, Timestamp, format};
use store::RecoveryRow;

use super::choose::Case;
use super::enrol::Viewers;
use super::page::{Frame, PinAnswer, PinStep};
use super::store::{self as viewers, ViewerRow};
use super::{Guard, post};
use crate::card::KeepError;
use crate::keys::bytes::sha256;
use crate::log::{self, Line};
use crate::shop::Shop;

const WAIT_HOURS: i64 = 48;
/// So long the link that stops it serves.
const LINK_DAYS: i64 = 60;

/// A recovery that a link leads to.
struct Found {
    recovery: RecoveryRow,
    viewer: ViewerRow,
    shop: Arc<Shop>,
    now: Timestamp,
}

impl Found {
    /// Whether there is still something to stop.
    fn may_be_stopped(&self) -> bool {
        let ends = self.recovery.created_at.plus_minutes(LINK_DAYS * 24 * 60);
        self.recovery.state != "stopped" && self.now < ends
    }

    fn frame(&self) -> Frame {
        let settings = &self.shop.settings;
        let (shop, test) = (settings.name.clone(), self.shop.is_test());
        Frame { shop, test, lang: self.viewer.lang, back: None }
    }
}

/// A recovery that comes into use, with what is told of it.
pub(super) struct Release {
    waits: RecoveryRow,
    messages: Vec<vault_wire::VaultMessage>,
    line: Line,
}

impl Release {
    /// Writes it down, unless it no longer waits; false then.
    pub(super) fn apply(&self, tx: &mut Tx<'_>) -> Result<bool, DbError> {
        let viewer = (self.waits.merchant, self.waits.viewer);
        if !store::finish(tx, (self.waits.merchant, self.waits.id))? {
            return Ok(false);
        }
        viewers::set_pin(tx, viewer, (&self.waits.verifiers, self.line.at))?;
        post::queue(tx, (self.waits.merchant, self.waits.shop), &self.messages)?;
        log::append(tx, &self.line)?;
        Ok(true)
    }
}

impl Viewers {
    /// Keeps the successor of a lost PIN back, and tells everybody concerned.
    pub(super) async fn let_wait(
        &self,
        case: Case,
        verifiers: String,
    ) -> Result<PinAnswer, KeepError> {
        let (viewer, now, rng) = (&case.viewer, case.now, &*self.keeper.rng);
        let secret = Id::random(rng).text();
        let link = format!("{}/v/p/{secret}", self.public_url);
        let held = viewer.contact_held(now);
        let wait = now.plus_minutes(WAIT_HOURS * 60);
        let recovery = RecoveryRow {
            merchant: viewer.merchant,
            id: Id::random(rng),
            shop: viewer.shop,
            viewer: viewer.id,
            state: "waiting".into(),
            verifiers,
            usable_from: held.map_or(wait, |until| until.max(wait)),
            link_hash: sha256(secret.as_bytes()),
            created_at: now,
        };
        let messages = self.warnings(&case, (recovery.usable_from, held.is_some()), &link);
        let until = format::date_time(recovery.usable_from, &case.shop.zone, viewer.lang);
        let line = self.line("pin.reset_waits", viewer, now);
        let enrol = case.enrol.clone();
        let kept = self.keeper.db.write::<_, DbError, _>(Route::of(viewer.id.id()), move |tx| {
            if !viewers::take_page(tx, &enrol)? {
                return Ok(false);
            }
            store::end_all(tx, (recovery.merchant, recovery.viewer))?;
            store::put(tx, &recovery)?;
            viewers::put_locator(tx, recovery.link_hash, (recovery.merchant, recovery.id))?;
            post::queue(tx, (recovery.merchant, recovery.shop), &messages)?;
            log::append(tx, &line)?;
            Ok(true)
        });
        Ok(match kept.await? {
            true => PinAnswer::Waits(case.frame(), until),
            false => PinAnswer::Expired(case.frame()),
        })
    }

    /// To the viewer, where he is and was reached, and to those who manage users.
    fn warnings(
        &self,
        case: &Case,
        (from, moved): (Timestamp, bool),
        link: &str,
    ) -> Vec<vault_wire::VaultMessage> {
        let told = |lang| format::date_time(from, &case.shop.zone, lang);
        let letters = self.letters(&case.shop, &case.viewer, case.now);
        let mut messages = letters.replaced(&told(case.viewer.lang), link);
        if moved {
            let (email, phone) = case.viewer.former.clone();
            let before = ViewerRow { email, phone, ..case.viewer.clone() };
            let letters = self.letters(&case.shop, &before, case.now);
            messages.extend(letters.replaced(&told(before.lang), link));
        }
        let owners = case.enrol.owners.iter();
        let warn = |owner| letters.replaced_of_another((owner, moved), (&told(owner.lang), link));
        messages.extend(owners.map(warn));
        messages
    }

    /// What it takes that the PIN which waits is used. `by` is who agreed, or the clock.
    pub(super) fn release(
        &self,
        shop: &Shop,
        (viewer, waits): (&ViewerRow, &RecoveryRow),
        (by, now): (&str, Timestamp),
    ) -> Release {
        let messages = self.letters(shop, viewer, now).news("changed", "");
        let line = self.line("pin.reset", viewer, now).purpose(by);
        Release { waits: waits.clone(), messages, line }
    }

    /// Brings those into use whose hour has come, by the shop's clock; forgets what is long over.
    pub(crate) async fn release_due(&self, shop: &Shop, now: Timestamp) -> Result<(), DbError> {
        let place = shop.place();
        let due = self.keeper.db.read::<_, DbError, _>(move |tx| {
            let mut due = Vec::new();
            for waits in store::waiting(tx, place)? {
                let viewer = viewers::viewer(tx, waits.merchant, waits.viewer)?;
                let its_hour = waits.usable_from <= now;
                due.extend(viewer.filter(|_| its_hour).map(|viewer| (viewer, waits)));
            }
            Ok(due)
        });
        for (viewer, waits) in due.await? {
            let release = self.release(shop, (&viewer, &waits), ("clock", now));
            let route = Route::of(viewer.id.id());
            self.keeper.db.write::<_, DbError, _>(route, move |tx| release.apply(tx)).await?;
        }
        let before = now.plus_minutes(-LINK_DAYS * 24 * 60);
        let route = Route::of(place.1.id());
        self.keeper
            .db
            .write::<_, DbError, _>(route, move |tx| store::forget(tx, place, before))
            .await
    }

    async fn found(&self, secret: &str) -> Result<Option<Found>, KeepError> {
        let hash = sha256(secret.as_bytes());
        let found = self.keeper.db.read::<_, DbError, _>(move |tx| {
            let Some(owner) = viewers::locate(tx, hash)? else { return Ok(None) };
            let Some(recovery) = store::find(tx, owner)? else { return Ok(None) };
            let viewer = viewers::viewer(tx, owner.0, recovery.viewer)?;
            Ok(viewer.map(|viewer| (recovery, viewer)))
        });
        let Some((recovery, viewer)) = found.await? else { return Ok(None) };
        let Some(shop) = self.shops.get(recovery.merchant, recovery.shop) else { return Ok(None) };
        let now = shop.now(self.clock.now());
        Ok(Some(Found { recovery, viewer, shop, now }))
    }

    /// A visit of the link that stops a recovery. Programs that look into mails visit links, so
    /// the visit alone stops nothing.
    pub(super) async fn visit_stop(&self, secret: &str) -> Result<PinAnswer, KeepError> {
        let Some(found) = self.found(secret).await? else { return Ok(PinAnswer::Unknown) };
        Ok(match found.recovery.state.as_str() {
            "stopped" => PinAnswer::Stopped(found.frame()),
            _ if found.may_be_stopped() => PinAnswer::Ask(found.frame(), PinStep::Stop),
            _ => PinAnswer::NothingToStop(found.frame()),
        })
    }

    /// "That was not me": what waits is gone, whichever link it came by, and nobody uses a PIN of
    /// this viewer until another one was chosen and has waited.
    pub(super) async fn stop(&self, secret: &str) -> Result<PinAnswer, KeepError> {
        let Some(found) = self.found(secret).await? else { return Ok(PinAnswer::Unknown) };
        if !found.may_be_stopped() {
            return self.visit_stop(secret).await;
        }
        let messages = self.letters(&found.shop, &found.viewer, found.now).news("stopped", "");
        let line = log::refused(self.line("pin.reset_stopped", &found.viewer, found.now));
        let (id, viewer) = (found.recovery.id, (found.viewer.merchant, found.viewer.id));
        let place = (found.viewer.merchant, found.viewer.shop);
        self.keeper
            .db
            .write::<_, DbError, _>(Route::of(viewer.1.id()), move |tx| {
                if !store::stop(tx, (viewer.0, id))? {
                    return Ok(());
                }
                store::end_all(tx, viewer)?;
                viewers::end_enrolments(tx, viewer)?;
                let Some(row) = viewers::viewer(tx, viewer.0, viewer.1)? else { return Ok(()) };
                viewers::set_guard(tx, viewer, Guard { blocked: true, ..row.guard })?;
                post::queue(tx, place, &messages)?;
                log::append(tx, &line).map(|_| ())
            })
            .await?;
        Ok(PinAnswer::Stopped(found.frame()))
    }
}
