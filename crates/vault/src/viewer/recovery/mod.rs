//! A lost PIN: its successor waits, so that who has stolen mailbox and telephone sees no card.
//!
//! Life of a recovery: `waiting`, from the moment the new PIN is chosen; `done` when another person
//! agrees or its hour has come; `stopped` by "That was not me", which also shuts the viewer out;
//! `over` when the viewer proves to know a PIN, loses his right, or chooses once more.
//!
//! Until then the old PIN stays what it was: usable, locked or blocked. Whoever changed his address
//! or telephone lately has no hour: another person must agree.

pub(super) mod store;

use std::sync::Arc;

use db::{DbError, Route};
use kernel::{Id, Timestamp, format};

use super::Guard;
use super::choose::Case;
use super::enrol::Viewers;
use super::page::{Frame, PinAnswer, PinStep};
use super::store::{self as viewers, EnrolRow, ViewerRow, put_message};
use crate::card::KeepError;
use crate::keys::bytes::sha256;
use crate::log;
use crate::shop::Shop;
use store::RecoveryRow;

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
        matches!(self.recovery.state.as_str(), "waiting" | "done") && self.now < ends
    }

    fn frame(&self) -> Frame {
        let settings = &self.shop.settings;
        let (shop, test) = (settings.name.clone(), self.shop.is_test());
        Frame { shop, test, lang: self.viewer.lang, back: None }
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
        let held = viewer.contact_held_until.is_some_and(|until| now < until);
        let usable_from = (!held).then(|| now.plus_minutes(WAIT_HOURS * 60));
        let recovery = RecoveryRow {
            merchant: viewer.merchant,
            id: Id::random(rng),
            shop: viewer.shop,
            viewer: viewer.id,
            state: "waiting".into(),
            verifiers,
            usable_from,
            created_at: now,
        };
        let secret = Id::random(rng).text();
        let link = format!("{}/v/p/{secret}", self.public_url);
        let zone = &case.shop.zone;
        let from = usable_from.map(|at| format::date_time(at, zone, viewer.lang));
        let letters = self.letters(&case.shop, viewer, now);
        let mut messages = letters.replaced(from.as_deref(), &link);
        let owners = case.enrol.owners.iter();
        messages.extend(owners.map(|owner| letters.replaced_of_another(owner, &link)));
        let line = self.line("pin.reset_waits", viewer, now);
        let done = EnrolRow { state: "done".into(), page_key: None, ..case.enrol.clone() };
        let hash = sha256(secret.as_bytes());
        self.keeper
            .db
            .write::<_, DbError, _>(Route::of(viewer.id.id()), move |tx| {
                store::end_all(tx, (recovery.merchant, recovery.viewer))?;
                store::put(tx, &recovery)?;
                viewers::put_enrolment(tx, &done)?;
                viewers::put_locator(tx, hash, (recovery.merchant, recovery.id))?;
                for message in &messages {
                    put_message(tx, (recovery.merchant, recovery.shop), message)?;
                }
                log::append(tx, &line).map(|_| ())
            })
            .await?;
        Ok(PinAnswer::Waits(case.frame(), from))
    }

    /// The PIN that waited is used from now on. `by` is who agreed, or the clock.
    pub(super) async fn release(
        &self,
        shop: &Shop,
        (viewer, waits): (&ViewerRow, &RecoveryRow),
        (by, now): (&str, Timestamp),
    ) -> Result<(), DbError> {
        let messages = self.letters(shop, viewer, now).news("changed", "");
        let line = self.line("pin.reset", viewer, now).purpose(by);
        let waits = waits.clone();
        self.keeper
            .db
            .write::<_, DbError, _>(Route::of(viewer.id.id()), move |tx| {
                if !store::finish(tx, (waits.merchant, waits.id))? {
                    return Ok(());
                }
                let found = viewers::viewer(tx, waits.merchant, waits.viewer)?;
                let Some(mut viewer) = found.filter(|viewer| viewer.state == "active") else {
                    return Ok(());
                };
                viewer.verifiers.clone_from(&waits.verifiers);
                viewer.guard = Guard::default();
                viewers::put(tx, &viewer)?;
                for message in &messages {
                    put_message(tx, (viewer.merchant, viewer.shop), message)?;
                }
                log::append(tx, &line).map(|_| ())
            })
            .await
    }

    /// Those whose hour has come, by the shop's clock.
    pub(crate) async fn release_due(&self, shop: &Shop, now: Timestamp) -> Result<(), DbError> {
        let place = (shop.settings.merchant, shop.settings.shop);
        let due = self.keeper.db.read::<_, DbError, _>(move |tx| {
            let mut due = Vec::new();
            for waits in store::waiting(tx, place)? {
                let has_come = waits.usable_from.is_some_and(|from| from <= now);
                let viewer = viewers::viewer(tx, waits.merchant, waits.viewer)?;
                due.extend(viewer.filter(|_| has_come).map(|viewer| (viewer, waits)));
            }
            Ok(due)
        });
        for (viewer, waits) in due.await? {
            self.release(shop, (&viewer, &waits), ("clock", now)).await?;
        }
        Ok(())
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
            _ => PinAnswer::Expired(found.frame()),
        })
    }

    /// "That was not me": what waits is gone, and nobody uses a PIN of this viewer until another
    /// one was chosen and agreed to. It also serves after the new PIN has come into use.
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
                viewers::end_enrolments(tx, viewer)?;
                let Some(row) = viewers::viewer(tx, viewer.0, viewer.1)? else { return Ok(()) };
                store::end_all(tx, viewer)?;
                viewers::set_guard(tx, viewer, Guard { blocked: true, ..row.guard })?;
                for message in &messages {
                    put_message(tx, place, message)?;
                }
                log::append(tx, &line).map(|_| ())
            })
            .await?;
        Ok(PinAnswer::Stopped(found.frame()))
    }
}
