//! Enrolling: a link and a code, then a PIN.

use std::sync::Arc;

use db::{DbError, Route};
use http::words::Catalogue;
use kernel::{Clock, Id, Timestamp, ViewerId, format};
use serde_json::json;
use subtle::ConstantTimeEq;
use vault_wire::{
    Done, Messages, MessagesDone, PinState, Refused, ViewerAnswer, ViewerEnrol, ViewerGet,
    ViewerRevoke, WireScope,
};
use zeroize::Zeroizing;

use super::letters::{Letters, phone_end};
use super::page::{Frame, PinAnswer, PinForm, PinStep};
use super::rules::{self, PIN_DIGITS};
use super::store::{self, EnrolRow, ViewerRow};
use super::{Guard, PinFault, Shut, Verifiers, code_mac, guard};
use crate::capture::{internal, not_found};
use crate::card::{KeepError, Keeper};
use crate::keys::bytes::sha256;
use crate::log::{self, Line};
use crate::shop::{self, Shop, Shops};

const LINK_MINUTES: i64 = 30;
const CODE_MINUTES: i64 = 10;
/// The same click again sends nothing within this.
const QUIET_SECONDS: i64 = 60;
const MOST_A_DAY: usize = 5;
const DAY_MINUTES: i64 = 24 * 60;
const MAX_MESSAGES: u32 = 50;
const PHONE_DIGITS: std::ops::RangeInclusive<usize> = 8..=15;

/// All viewers.
pub(crate) struct Viewers {
    pub(crate) keeper: Arc<Keeper>,
    pub(crate) shops: Arc<Shops>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) words: Catalogue,
    pub(crate) public_url: String,
    pub(crate) verifiers: Arc<Verifiers>,
}

/// An enrolment with everything around it.
struct Case {
    enrol: EnrolRow,
    viewer: ViewerRow,
    shop: Arc<Shop>,
    now: Timestamp,
}

impl Case {
    fn frame(&self) -> Frame {
        Frame {
            shop: self.shop.settings.name.clone(),
            test: self.shop.is_test(),
            lang: self.viewer.lang,
        }
    }

    fn mac(&self, code: &str) -> [u8; 32] {
        code_mac(&self.shop, self.enrol.id, code)
    }
}

impl Viewers {
    /// Sends link and code to a person who shall see cards.
    pub(crate) async fn enrol(
        &self,
        scope: &WireScope,
        request: ViewerEnrol,
    ) -> Result<ViewerAnswer, Refused> {
        let shop = self.shops.get(scope.merchant, scope.shop).ok_or_else(not_found)?;
        check_contact(&request)?;
        let now = shop.now(self.clock.now());
        let (viewer, earlier) = self.known(scope, &request, now).await?;
        if let Some(until) = viewer.enrol_after.filter(|until| now < *until) {
            let why = format!("Too many wrong codes; a new enrolment may begin at {until}.");
            return Err(Refused::new("pin_locked", why));
        }
        let quiet = now.plus_seconds(-QUIET_SECONDS);
        if earlier.iter().any(|row| row.created_at > quiet && row.state == "open") {
            return Ok(answer(Some(&viewer), now));
        }
        if earlier.len() >= MOST_A_DAY {
            return Err(Refused::new("quota", "Five enrolments a day are enough."));
        }
        self.send(&shop, &viewer, now).await.map_err(internal)?;
        Ok(answer(Some(&viewer), now))
    }

    /// The viewer as the request says him, with his enrolments of the last day.
    async fn known(
        &self,
        scope: &WireScope,
        request: &ViewerEnrol,
        now: Timestamp,
    ) -> Result<(ViewerRow, Vec<EnrolRow>), Refused> {
        let (place, user) = ((scope.merchant, scope.shop), request.user.to_string());
        let day_ago = now.plus_minutes(-DAY_MINUTES);
        let found = self
            .keeper
            .db
            .read::<_, DbError, _>(move |tx| {
                let Some(viewer) = store::of_user(tx, place, &user)? else { return Ok(None) };
                let earlier = store::enrolments(tx, (place.0, viewer.id), day_ago)?;
                Ok(Some((viewer, earlier)))
            })
            .await
            .map_err(internal)?;
        let fresh = || ViewerRow {
            merchant: scope.merchant,
            id: ViewerId::random(&*self.keeper.rng),
            shop: scope.shop,
            user: request.user.to_string(),
            name: String::new(),
            email: request.email.clone(),
            phone: request.phone.clone(),
            lang: request.lang,
            avoid: Vec::new(),
            state: "invited".into(),
            verifiers: String::new(),
            guard: Guard::default(),
            enrol_after: None,
            created_at: now,
        };
        let (mut viewer, earlier) = found.unwrap_or_else(|| (fresh(), Vec::new()));
        let moved = viewer.email != request.email || viewer.phone != request.phone;
        if moved && viewer.state == "active" {
            let why = "Address and phone of a viewer with a PIN change only after another person \
                       has taken his right away.";
            return Err(Refused::new("contact_hold", why).at("$.email"));
        }
        viewer.name.clone_from(&request.name);
        viewer.email.clone_from(&request.email);
        viewer.phone.clone_from(&request.phone);
        viewer.lang = request.lang;
        viewer.avoid.clone_from(&request.avoid);
        if viewer.state != "active" {
            viewer.state = "invited".into();
        }
        Ok((viewer, earlier))
    }

    async fn send(
        &self,
        shop: &Arc<Shop>,
        viewer: &ViewerRow,
        now: Timestamp,
    ) -> Result<(), DbError> {
        let rng = &*self.keeper.rng;
        let (id, secret) = (Id::random(rng), Id::random(rng).text());
        let code = eight_digits(rng);
        let enrol = EnrolRow {
            merchant: viewer.merchant,
            id,
            shop: viewer.shop,
            viewer: viewer.id,
            state: "open".into(),
            code_mac: code_mac(shop, id, &code),
            code_until: now.plus_minutes(CODE_MINUTES),
            tries: 0,
            page_key: None,
            created_at: now,
            expires_at: now.plus_minutes(LINK_MINUTES),
        };
        let link = format!("{}/v/p/{secret}", self.public_url);
        let messages = self.letters(shop, viewer, now).invitation(link, &code);
        let line = self.line("pin.invited", viewer, now);
        let hash = sha256(secret.as_bytes());
        let viewer = viewer.clone();
        self.keeper
            .db
            .write(Route::of(viewer.id.id()), move |tx| {
                store::end_enrolments(tx, (viewer.merchant, viewer.id))?;
                store::put(tx, &viewer)?;
                store::put_enrolment(tx, &enrol)?;
                store::put_locator(tx, hash, (viewer.merchant, id))?;
                for message in &messages {
                    store::put_message(tx, (viewer.merchant, viewer.shop), message)?;
                }
                log::append(tx, &line).map(|_| ())
            })
            .await
    }

    fn letters<'l>(&'l self, shop: &'l Shop, viewer: &'l ViewerRow, at: Timestamp) -> Letters<'l> {
        let rng = &*self.keeper.rng;
        Letters { words: &self.words, viewer, shop: &shop.settings.name, at, rng }
    }

    fn line(&self, event: &'static str, viewer: &ViewerRow, at: Timestamp) -> Line {
        let place = (viewer.merchant, viewer.shop);
        Line::new(event, place, &viewer.user, at, &*self.keeper.rng)
            .details(json!({ "name": viewer.name, "viewer": viewer.id }))
    }

    /// Where a person's PIN stands.
    pub(crate) async fn get(
        &self,
        scope: &WireScope,
        request: ViewerGet,
    ) -> Result<ViewerAnswer, Refused> {
        let shop = self.shops.get(scope.merchant, scope.shop).ok_or_else(not_found)?;
        let (place, user) = ((scope.merchant, scope.shop), request.user.to_string());
        let found = self
            .keeper
            .db
            .read::<_, DbError, _>(move |tx| store::of_user(tx, place, &user))
            .await
            .map_err(internal)?;
        Ok(answer(found.as_ref(), shop.now(self.clock.now())))
    }

    /// Takes a person's right away.
    pub(crate) async fn revoke(
        &self,
        scope: &WireScope,
        request: ViewerRevoke,
    ) -> Result<Done, Refused> {
        let shop = self.shops.get(scope.merchant, scope.shop).ok_or_else(not_found)?;
        let (place, user) = ((scope.merchant, scope.shop), request.user.to_string());
        let now = shop.now(self.clock.now());
        let line =
            Line::new("pin.revoked", place, &scope.user, now, &*self.keeper.rng).purpose(&user);
        self.keeper
            .db
            .write::<_, DbError, _>(Route::of(scope.shop.id()), move |tx| {
                let Some(mut viewer) = store::of_user(tx, place, &user)? else { return Ok(()) };
                viewer.state = "revoked".into();
                viewer.verifiers = String::new();
                store::end_enrolments(tx, (viewer.merchant, viewer.id))?;
                store::put(tx, &viewer)?;
                log::append(tx, &line).map(|_| ())
            })
            .await
            .map_err(internal)?;
        Ok(Done {})
    }

    /// Messages that wait for the app.
    pub(crate) async fn messages(&self, scope: &WireScope) -> Result<Messages, Refused> {
        let place = (scope.merchant, scope.shop);
        let read = self
            .keeper
            .db
            .read::<_, DbError, _>(move |tx| store::messages(tx, place, MAX_MESSAGES));
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
                    store::forget_message(tx, merchant, *id)?;
                }
                Ok(())
            })
            .await
            .map_err(internal)?;
        Ok(Done {})
    }

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
                PinAnswer::Locked(case.frame(), format::time(until, &case.shop.zone))
            }
            _ => PinAnswer::Expired(case.frame()),
        })
    }

    /// A visit of the link.
    pub(crate) async fn visit(&self, secret: &str) -> Result<PinAnswer, KeepError> {
        let Some(case) = self.case(secret).await? else { return Ok(PinAnswer::Unknown) };
        Ok(Self::over(&case).unwrap_or_else(|| ask_code(&case, None)))
    }

    /// The form was sent.
    pub(crate) async fn submit(&self, secret: &str, form: PinForm) -> Result<PinAnswer, KeepError> {
        let Some(case) = self.case(secret).await? else { return Ok(PinAnswer::Unknown) };
        if let Some(over) = Self::over(&case) {
            return Ok(over);
        }
        if form.key.is_empty() {
            self.code(case, &form).await
        } else {
            self.choose(case, form).await
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
            return self.ask_pin(case, None).await;
        }
        if counted < guard::TRIES {
            let left = guard::TRIES.saturating_sub(counted);
            return Ok(ask_code(&case, Some(left)));
        }
        let until = case.now.plus_minutes(guard::LOCK_MINUTES);
        let shown = format::time(until, &case.shop.zone);
        let letter = self.letters(&case.shop, &case.viewer, case.now).codes_refused(&shown);
        let line = log::refused(self.line("pin.codes", &case.viewer, case.now));
        let mut viewer = case.viewer.clone();
        viewer.enrol_after = Some(until);
        db.write::<_, DbError, _>(Route::of(viewer.id.id()), move |tx| {
            store::end_enrolments(tx, (viewer.merchant, viewer.id))?;
            store::put(tx, &viewer)?;
            store::put_message(tx, (viewer.merchant, viewer.shop), &letter)?;
            log::append(tx, &line).map(|_| ())
        })
        .await?;
        Ok(PinAnswer::Locked(case.frame(), shown))
    }

    /// The page on which a PIN is chosen, under a key of its own.
    async fn ask_pin(
        &self,
        mut case: Case,
        fault: Option<PinFault>,
    ) -> Result<PinAnswer, KeepError> {
        let key = Id::random(&*self.keeper.rng).text();
        case.enrol.state = "code_ok".into();
        case.enrol.page_key = Some(sha256(key.as_bytes()));
        let enrol = case.enrol.clone();
        self.keeper
            .db
            .write::<_, DbError, _>(Route::of(case.viewer.id.id()), move |tx| {
                store::put_enrolment(tx, &enrol)
            })
            .await?;
        Ok(PinAnswer::Ask(case.frame(), PinStep::Choose { key, fault }))
    }

    async fn choose(&self, case: Case, form: PinForm) -> Result<PinAnswer, KeepError> {
        let shown = sha256(form.key.as_bytes());
        let ours = case.enrol.page_key.is_some_and(|key| bool::from(key.ct_eq(&shown)));
        if !ours || case.enrol.state != "code_ok" {
            return Ok(ask_code(&case, None));
        }
        if let Err(fault) = self.acceptable(&case, &form) {
            return self.ask_pin(case, Some(fault)).await;
        }
        let place = (Arc::clone(&case.shop), case.viewer.id.id());
        let kept = (case.viewer.verifiers.as_str(), &*self.keeper.rng);
        let verifiers = match self.verifiers.renew(place, &form.pin, kept).await {
            Ok(Some(verifiers)) => verifiers,
            Ok(None) => return self.ask_pin(case, Some(PinFault::History)).await,
            Err(super::Busy) => return Ok(PinAnswer::Busy(case.frame())),
        };
        let messages = self.letters(&case.shop, &case.viewer, case.now).news("created", "");
        let line = self.line("pin.created", &case.viewer, case.now);
        let (mut viewer, mut enrol) = (case.viewer.clone(), case.enrol.clone());
        viewer.verifiers = verifiers;
        viewer.state = "active".into();
        viewer.guard = Guard::default();
        enrol.state = "done".into();
        enrol.page_key = None;
        let (place, now) = ((viewer.merchant, viewer.shop), case.now);
        self.keeper
            .db
            .write::<_, DbError, _>(Route::of(viewer.id.id()), move |tx| {
                store::put(tx, &viewer)?;
                store::put_enrolment(tx, &enrol)?;
                shop::store::activate(tx, place, now)?;
                for message in &messages {
                    store::put_message(tx, place, message)?;
                }
                log::append(tx, &line).map(|_| ())
            })
            .await?;
        Ok(PinAnswer::Done(case.frame()))
    }

    fn acceptable(&self, case: &Case, form: &PinForm) -> Result<(), PinFault> {
        let numbers =
            [case.viewer.avoid.as_slice(), std::slice::from_ref(&case.viewer.phone)].concat();
        rules::check(&form.pin, &numbers)?;
        if bool::from(case.mac(&form.pin).ct_eq(&case.enrol.code_mac)) {
            return Err(PinFault::History);
        }
        if form.pin == form.again { Ok(()) } else { Err(PinFault::Mismatch) }
    }

    /// Tells a viewer that his PIN was tried too often.
    pub(crate) fn shut_letters(
        &self,
        shop: &Shop,
        viewer: &ViewerRow,
        (shut, at): (Shut, Timestamp),
    ) -> Vec<vault_wire::VaultMessage> {
        let letters = self.letters(shop, viewer, at);
        match shut {
            Shut::Until(until) => letters.news("locked", &format::time(until, &shop.zone)),
            Shut::Blocked => letters.news("blocked", ""),
        }
    }
}

fn ask_code(case: &Case, left: Option<u32>) -> PinAnswer {
    let phone_end = phone_end(&case.viewer.phone);
    PinAnswer::Ask(case.frame(), PinStep::Code { phone_end, left })
}

fn eight_digits(rng: &dyn kernel::Rng) -> Zeroizing<String> {
    let mut bytes = [0; 8];
    rng.fill(&mut bytes);
    let number = u64::from_be_bytes(bytes) % 100_000_000;
    Zeroizing::new(format!("{number:0width$}", width = PIN_DIGITS))
}

fn check_contact(request: &ViewerEnrol) -> Result<(), Refused> {
    let missing = |path: &str, why: &str| Err(Refused::new("contact_missing", why).at(path));
    if request.email.parse::<kernel::Email>().is_err() {
        return missing("$.email", "An e-mail address is needed for the link.");
    }
    let digits = request.phone.chars().filter(char::is_ascii_digit).count();
    let fine = request.phone.chars().all(|c| c.is_ascii_digit() || " +.-()".contains(c));
    if !PHONE_DIGITS.contains(&digits) || !fine {
        return missing("$.phone", "A mobile number is needed for the code.");
    }
    Ok(())
}

fn answer(viewer: Option<&ViewerRow>, now: Timestamp) -> ViewerAnswer {
    let Some(viewer) = viewer else {
        return ViewerAnswer { id: None, pin: PinState::None, locked_until: None, phone_end: None };
    };
    let pin = match (viewer.state.as_str(), viewer.guard.open(now)) {
        ("revoked", _) => PinState::Revoked,
        ("active", Err(Shut::Blocked)) => PinState::Blocked,
        ("active", Err(Shut::Until(_))) => PinState::Locked,
        ("active", Ok(())) => PinState::Active,
        _ => PinState::Invited,
    };
    ViewerAnswer {
        id: Some(viewer.id),
        pin,
        locked_until: viewer.guard.locked_until.filter(|until| now < *until),
        phone_end: Some(phone_end(&viewer.phone)),
    }
}
