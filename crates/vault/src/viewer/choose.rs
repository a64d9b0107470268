//! The page of a link: a code is typed, a PIN is chosen, or changed by who knows it.

use std::sync::Arc;

use db::{DbError, Route};
use kernel::{Id, Timestamp, format};
use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

use super::check::{Checked, Proof};
use super::enrol::Viewers;
use super::factor::Seed;
use super::letters::phone_end;
use super::page::{Frame, PinAnswer, PinForm, PinStep};
use super::store::{self, EnrolKind, EnrolRow, ViewerRow};
use super::{PinFault, Shut, code_mac, guard, post, recovery, rules};
use crate::card::KeepError;
use crate::keys::bytes::sha256;
use crate::log;
use crate::reveal::Seen;
use crate::shop::{self, Shop};

/// An enrolment with everything around it.
pub(super) struct Case {
    pub(super) enrol: EnrolRow,
    pub(super) viewer: ViewerRow,
    pub(super) shop: Arc<Shop>,
    pub(super) now: Timestamp,
}

impl Case {
    pub(super) fn frame(&self) -> Frame {
        Frame {
            shop: self.shop.settings.name.clone(),
            test: self.shop.is_test(),
            lang: self.viewer.lang,
            back: self.enrol.back.clone(),
        }
    }

    /// A time of day within a sentence to this viewer.
    fn prose(&self, at: Timestamp) -> String {
        format::time_in_prose(at, &self.shop.zone, self.viewer.lang)
    }

    fn shut(&self, shut: Shut) -> PinAnswer {
        match shut {
            Shut::Blocked => PinAnswer::Blocked(self.frame()),
            Shut::Until(until) => PinAnswer::Shut(self.frame(), self.prose(until)),
        }
    }

    fn mac(&self, code: &str) -> [u8; 32] {
        code_mac(&self.shop, self.enrol.id, code)
    }
}

/// Why a PIN is asked for again.
#[derive(Default)]
struct Asks {
    /// What is wrong with the new one.
    fault: Option<PinFault>,
    /// The old one was wrong: tries left.
    left: Option<u32>,
}

impl Viewers {
    async fn case(&self, secret: &str) -> Result<Option<Case>, KeepError> {
        let hash = sha256(secret.as_bytes());
        let found = self
            .keeper
            .db
            .read::<_, DbError, _>(move |tx| {
                let Some(owner) = store::locate(tx, hash)? else { return Ok(None) };
                let Some(enrol) = store::enrolment(tx, owner)? else { return Ok(None) };
                let viewer = store::viewer(tx, owner.0, enrol.viewer)?;
                Ok(viewer.map(|viewer| (enrol, viewer)))
            })
            .await?;
        let Some((enrol, viewer)) = found else { return Ok(None) };
        let Some(shop) = self.shops.get(enrol.merchant, enrol.shop) else { return Ok(None) };
        let now = shop.now(self.clock.now());
        Ok(Some(Case { enrol, viewer, shop, now }))
    }

    /// What a link that is over says; nothing while it is not.
    fn over(case: &Case) -> Option<PinAnswer> {
        let open = matches!(case.enrol.state.as_str(), "open" | "code_ok");
        if open && case.now < case.enrol.expires_at {
            return None;
        }
        let locked = case.viewer.enrol_after.filter(|until| case.now < *until);
        Some(match locked {
            Some(until) if case.enrol.state == "cancelled" => {
                PinAnswer::Locked(case.frame(), case.prose(until))
            }
            _ => PinAnswer::Expired(case.frame()),
        })
    }

    /// A visit of the link.
    pub(crate) async fn visit(&self, secret: &str) -> Result<PinAnswer, KeepError> {
        let Some(case) = self.case(secret).await? else { return self.visit_stop(secret).await };
        match (Self::over(&case), case.enrol.kind) {
            (Some(over), _) => Ok(over),
            (None, EnrolKind::New | EnrolKind::Reset) => Ok(ask_code(&case, None)),
            (None, EnrolKind::Change) => self.ask_pin(case, Asks::default()).await,
        }
    }

    /// The form was sent.
    pub(crate) async fn submit(
        &self,
        secret: &str,
        (form, seen): (PinForm, Seen),
    ) -> Result<PinAnswer, KeepError> {
        let Some(case) = self.case(secret).await? else { return self.stop(secret).await };
        if let Some(over) = Self::over(&case) {
            return Ok(over);
        }
        if self.watch.is_back() {
            return Ok(PinAnswer::Uncertain(case.frame()));
        }
        match case.enrol.kind {
            EnrolKind::Change => self.change_pin(case, (form, seen)).await,
            EnrolKind::New | EnrolKind::Reset if form.key.is_empty() => {
                self.code(case, &form).await
            }
            EnrolKind::New | EnrolKind::Reset => self.choose(case, (form, seen)).await,
        }
    }

    /// A code: counted first, then compared.
    async fn code(&self, mut case: Case, form: &PinForm) -> Result<PinAnswer, KeepError> {
        case.enrol.tries = case.enrol.tries.saturating_add(1);
        let (merchant, id, counted) = (case.enrol.merchant, case.enrol.id, case.enrol.tries);
        let db = &self.keeper.db;
        let won = db
            .write::<_, DbError, _>(Route::of(case.viewer.id.id()), move |tx| {
                let Some(mut now) = store::enrolment(tx, (merchant, id))? else { return Ok(false) };
                let first = now.tries.saturating_add(1) == counted;
                now.tries = counted;
                if first {
                    store::put_enrolment(tx, &now)?;
                }
                Ok(first)
            })
            .await?;
        let typed: String = form.code.chars().filter(|c| !c.is_whitespace()).collect();
        let typed = Zeroizing::new(typed);
        let right = won
            && counted <= guard::TRIES
            && case.now < case.enrol.code_until
            && bool::from(case.mac(&typed).ct_eq(&case.enrol.code_mac));
        if right {
            return self.ask_pin(case, Asks::default()).await;
        }
        if counted < guard::TRIES {
            let left = guard::TRIES.saturating_sub(counted);
            return Ok(ask_code(&case, Some(left)));
        }
        let until = case.now.plus_minutes(guard::LOCK_MINUTES);
        let shown = case.prose(until);
        let letter = [self.letters(&case.shop, &case.viewer, case.now).codes_refused(&shown)];
        let line = log::refused(self.line("pin.codes", &case.viewer, case.now));
        let (viewer, shop) = ((merchant, case.viewer.id), case.viewer.shop);
        db.write::<_, DbError, _>(Route::of(viewer.1.id()), move |tx| {
            store::end_enrolments(tx, viewer)?;
            store::hold_enrolments(tx, viewer, until)?;
            post::queue(tx, (merchant, shop), &letter)?;
            log::append(tx, &line).map(|_| ())
        })
        .await?;
        Ok(PinAnswer::Locked(case.frame(), shown))
    }

    /// The page on which a PIN is chosen, under a key of its own.
    async fn ask_pin(&self, mut case: Case, asks: Asks) -> Result<PinAnswer, KeepError> {
        let key = Id::random(&*self.keeper.rng).text();
        case.enrol.state = "code_ok".into();
        case.enrol.page_key = Some(sha256(key.as_bytes()));
        let enrol = case.enrol.clone();
        let opened =
            self.keeper.db.write::<_, DbError, _>(Route::of(case.viewer.id.id()), move |tx| {
                store::open_page(tx, &enrol)
            });
        if !opened.await? {
            return Ok(PinAnswer::Expired(case.frame()));
        }
        let Asks { fault, left } = asks;
        let step = match case.enrol.kind {
            EnrolKind::New | EnrolKind::Reset => {
                let seed = self.seed(&case).map(|seed| seed.text());
                PinStep::Choose { key, fault, seed }
            }
            EnrolKind::Change => PinStep::Change { key, fault, left },
        };
        Ok(PinAnswer::Ask(case.frame(), step))
    }

    /// Whether the form came from the last page that was shown.
    fn is_ours(case: &Case, form: &PinForm) -> bool {
        let shown = sha256(form.key.as_bytes());
        let ours = case.enrol.page_key.is_some_and(|key| bool::from(key.ct_eq(&shown)));
        ours && case.enrol.state == "code_ok"
    }

    async fn choose(
        &self,
        case: Case,
        (form, seen): (PinForm, Seen),
    ) -> Result<PinAnswer, KeepError> {
        if !Self::is_ours(&case, &form) {
            return Ok(ask_code(&case, None));
        }
        self.keep_pin(case, (form, seen)).await
    }

    /// The old PIN is checked first, as one that would show a card.
    async fn change_pin(
        &self,
        case: Case,
        (form, seen): (PinForm, Seen),
    ) -> Result<PinAnswer, KeepError> {
        if !Self::is_ours(&case, &form) {
            return self.ask_pin(case, Asks::default()).await;
        }
        let viewer = (case.viewer.merchant, case.viewer.id);
        let proof = Proof { pin: &form.old, factor: &form.factor };
        match self.check(&case.shop, viewer, (proof, case.now)).await? {
            Checked::Right => self.keep_pin(case, (form, seen)).await,
            Checked::Wrong(guard) => {
                let line = log::refused(self.line("pin.try", &case.viewer, case.now));
                self.note_wrong((&case.shop, &case.viewer), (guard, case.now), line).await?;
                match guard.open(case.now) {
                    Ok(()) => {
                        let asks = Asks { left: Some(guard.left()), fault: None };
                        self.ask_pin(case, asks).await
                    }
                    Err(shut) => Ok(case.shut(shut)),
                }
            }
            Checked::Shut(shut) => Ok(case.shut(shut)),
            Checked::Busy => Ok(PinAnswer::Busy(case.frame())),
        }
    }

    /// Writes the new PIN down, unless it is a bad one.
    async fn keep_pin(
        &self,
        case: Case,
        (form, seen): (PinForm, Seen),
    ) -> Result<PinAnswer, KeepError> {
        let refused = |fault| Asks { fault: Some(fault), left: None };
        if let Err(fault) = self.acceptable(&case, &form) {
            return self.ask_pin(case, refused(fault)).await;
        }
        let seed = self.seed(&case);
        let step = seed.as_ref().map(|seed| seed.step(&form.factor, self.clock.now()));
        if step == Some(None) {
            return self.ask_pin(case, refused(PinFault::Factor)).await;
        }
        let place = (Arc::clone(&case.shop), case.viewer.id.id());
        let kept = (case.viewer.verifiers.as_str(), &*self.keeper.rng);
        let verifiers = match self.verifiers.renew(place, &form.pin, kept).await {
            Ok(Some(verifiers)) => verifiers,
            Ok(None) => return self.ask_pin(case, refused(PinFault::History)).await,
            Err(super::Busy) => return Ok(PinAnswer::Busy(case.frame())),
        };
        let (event, news) = match case.enrol.kind {
            EnrolKind::Reset => return self.let_wait(case, verifiers).await,
            EnrolKind::New => ("pin.created", "created"),
            EnrolKind::Change => ("pin.changed", "changed"),
        };
        let messages = self.letters(&case.shop, &case.viewer, case.now).news(news, "");
        let line = self.line(event, &case.viewer, case.now);
        let (enrol, now) = (case.enrol.clone(), case.now);
        let needs_factor = case.viewer.needs_factor();
        let (viewer, place) = ((enrol.merchant, enrol.viewer), (enrol.merchant, enrol.shop));
        let kept = self.keeper.db.write::<_, DbError, _>(Route::of(viewer.1.id()), move |tx| {
            if !store::take_page(tx, &enrol)? {
                return Ok(false);
            }
            if !needs_factor && shop::store::activated_at(tx, place)?.is_none() {
                // The very first viewer of a shop has nobody who could vouch for him.
                store::confirm(tx, viewer)?;
            }
            store::set_pin(tx, viewer, (&verifiers, now))?;
            if enrol.kind == EnrolKind::New {
                // Who has link and code of a message is at home where he typed them.
                seen.note(tx, viewer, now)?;
            }
            if let Some(step) = step.flatten() {
                store::set_factor(tx, viewer, (enrol.id, step))?;
            }
            recovery::store::end_all(tx, viewer)?;
            if !needs_factor {
                // A person of a partner is nobody who could vouch for the first one of the house.
                shop::store::activate(tx, place, now)?;
            }
            post::queue(tx, place, &messages)?;
            log::append(tx, &line)?;
            Ok(true)
        });
        if !kept.await? {
            return Ok(PinAnswer::Expired(case.frame()));
        }
        Ok(match case.enrol.kind {
            EnrolKind::Change => PinAnswer::Changed(case.frame()),
            EnrolKind::New | EnrolKind::Reset => PinAnswer::Done(case.frame()),
        })
    }

    /// The seed that this enrolment gives, to who does not sign in at the app.
    fn seed(&self, case: &Case) -> Option<Seed> {
        let gives = case.enrol.kind == EnrolKind::New && case.viewer.needs_factor();
        gives.then(|| Seed::of(&case.shop, case.enrol.id))
    }

    fn acceptable(&self, case: &Case, form: &PinForm) -> Result<(), PinFault> {
        let numbers =
            [case.viewer.avoid.as_slice(), std::slice::from_ref(&case.viewer.phone)].concat();
        rules::check(&form.pin, &numbers)?;
        if case.enrol.kind != EnrolKind::Change
            && bool::from(case.mac(&form.pin).ct_eq(&case.enrol.code_mac))
        {
            return Err(PinFault::History);
        }
        if form.pin == form.again { Ok(()) } else { Err(PinFault::Mismatch) }
    }
}

fn ask_code(case: &Case, left: Option<u32>) -> PinAnswer {
    let phone_end = phone_end(&case.viewer.phone);
    PinAnswer::Ask(case.frame(), PinStep::Code { phone_end, left })
}
