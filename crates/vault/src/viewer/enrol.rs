//! Enrolling: a link and a code are sent. And what the app asks of a viewer.

use std::sync::Arc;

use db::{DbError, Route};
use http::words::Catalogue;
use kernel::{Clock, Id, MerchantId, ShopId, Timestamp, ViewerId, format};
use serde_json::json;
use vault_wire::Owner;
use vault_wire::{
    MAX_OWNERS, PinChange, PinPage, PinState, PinWaits, Refused, ViewerAnswer, ViewerEnrol,
    ViewerGet, WireScope,
};
use zeroize::Zeroizing;

use super::letters::{Letters, phone_end};
use super::recovery::store::RecoveryRow;
use super::rules::PIN_DIGITS;
use super::store::{self, EnrolKind, EnrolRow, ViewerRow};
use super::{Guard, Shut, Verifiers, code_mac, post, recovery};
use crate::capture::{internal, not_found};
use crate::card::Keeper;
use crate::clock::Watch;
use crate::keys::bytes::sha256;
use crate::log::{self, Line};
use crate::origin::Origin;
use crate::shop::{Shop, Shops};

const LINK_MINUTES: i64 = 30;
const CODE_MINUTES: i64 = 10;
/// A change begins at once, in the browser that asked for it.
const CHANGE_MINUTES: i64 = 10;
/// The same click again sends nothing within this.
const QUIET_SECONDS: i64 = 60;
const MOST_A_DAY: usize = 5;
const DAY_MINUTES: i64 = 24 * 60;
/// After a new address or telephone, a lost PIN is replaced only with another person's agreement.
const CONTACT_HOLD_DAYS: i64 = 60;
/// Where a person corrects his address and telephone, at the app.
const CONTACT_PAGE: &str = "/parametres/cartes";
const PHONE_DIGITS: std::ops::RangeInclusive<usize> = 8..=15;

/// All viewers.
pub(crate) struct Viewers {
    pub(crate) keeper: Arc<Keeper>,
    pub(crate) shops: Arc<Shops>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) words: Catalogue,
    pub(crate) public_url: String,
    pub(crate) app: Origin,
    pub(crate) verifiers: Arc<Verifiers>,
    pub(crate) watch: Arc<Watch>,
}

/// Somebody who shall see cards, and how he is reached.
pub(super) struct Invitation {
    /// `usr_…`, or somebody of a partner.
    pub(super) user: String,
    pub(super) name: String,
    pub(super) email: String,
    pub(super) phone: String,
    pub(super) lang: kernel::Locale,
    pub(super) avoid: Vec<String>,
    pub(super) return_url: Option<String>,
    pub(super) owners: Vec<vault_wire::Owner>,
}

impl Invitation {
    fn of(request: ViewerEnrol) -> Self {
        let ViewerEnrol { user, name, email, phone, lang, avoid, return_url, owners } = request;
        Self { user: user.to_string(), name, email, phone, lang, avoid, return_url, owners }
    }
}

/// A viewer as a request says him.
struct Known {
    viewer: ViewerRow,
    /// He is to be reached elsewhere than before.
    moved: bool,
    /// With a PIN: as he was before his address or telephone became another.
    before: Option<ViewerRow>,
    /// His enrolments of the last day.
    earlier: Vec<EnrolRow>,
}

impl Viewers {
    /// Sends link and code to a person of the app who shall see cards.
    pub(crate) async fn enrol(
        &self,
        scope: &WireScope,
        request: ViewerEnrol,
    ) -> Result<ViewerAnswer, Refused> {
        self.invite(scope, Invitation::of(request)).await
    }

    /// The same for whoever it is.
    pub(super) async fn invite(
        &self,
        scope: &WireScope,
        request: Invitation,
    ) -> Result<ViewerAnswer, Refused> {
        let shop = self.shops.get(scope.merchant, scope.shop).ok_or_else(not_found)?;
        check_contact(&request)?;
        if request.owners.len() > MAX_OWNERS {
            return Err(Refused::new("invalid_field", "At most 20 are told.").at("$.owners"));
        }
        self.check_return(&shop, request.return_url.as_ref())?;
        let now = shop.now(self.clock.now());
        let Known { viewer, moved, before, earlier } = self.known(scope, &request, now).await?;
        if let Some(until) = viewer.enrol_after.filter(|until| now < *until) {
            let why = format!("Too many wrong codes; a new enrolment may begin at {until}.");
            return Err(Refused::new("pin_locked", why));
        }
        let quiet = now.plus_seconds(-QUIET_SECONDS);
        let same = earlier.iter().any(|row| row.created_at > quiet && row.state == "open");
        if same && !moved {
            return Ok(ViewerAnswer { sent_before: true, ..answer(Some(&viewer), None, now) });
        }
        if earlier.len() >= MOST_A_DAY {
            return Err(Refused::new("quota", "Five enrolments a day are enough."));
        }
        let rng = &*self.keeper.rng;
        let (secret, code) = (Id::random(rng).text(), eight_digits(rng));
        // Who is reached elsewhere since lately has another person agree to a PIN of any kind.
        let held = viewer.contact_held(now).is_some();
        let waits = viewer.state == "active" || (held && viewer.has_pin());
        let kind = if waits { EnrolKind::Reset } else { EnrolKind::New };
        let id = Id::random(rng);
        let enrol = EnrolRow {
            code_mac: code_mac(&shop, id, &code),
            code_until: now.plus_minutes(CODE_MINUTES),
            back: request.return_url,
            owners: request.owners,
            ..EnrolRow::begun(&viewer, (id, kind), (now, LINK_MINUTES))
        };
        let link = format!("{}/v/p/{secret}", self.public_url);
        let change = format!("{}{CONTACT_PAGE}", self.app.text());
        let letters = self.letters(&shop, &viewer, now);
        let mut messages = letters.invitation(link, &code, &change);
        if let Some(before) = &before {
            messages.extend(self.letters(&shop, before, now).news("moved", ""));
        }
        let sent = self.send((&viewer, enrol, before.is_some()), (&secret, messages));
        sent.await.map_err(internal)?;
        Ok(answer(Some(&viewer), None, now))
    }

    async fn known(
        &self,
        scope: &WireScope,
        request: &Invitation,
        now: Timestamp,
    ) -> Result<Known, Refused> {
        let (place, user) = ((scope.merchant, scope.shop), request.user.clone());
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
            user: request.user.clone(),
            name: String::new(),
            email: request.email.clone(),
            phone: request.phone.clone(),
            lang: request.lang,
            avoid: Vec::new(),
            state: "invited".into(),
            verifiers: String::new(),
            guard: Guard::default(),
            confirmed: false,
            enrol_after: None,
            contact_held_until: None,
            factor_of: None,
            former: (String::new(), String::new()),
            used_at: None,
            created_at: now,
        };
        let (mut viewer, earlier) = found.unwrap_or_else(|| (fresh(), Vec::new()));
        let moved = viewer.email != request.email || viewer.phone != request.phone;
        // Who asks twice is not a newcomer the second time.
        let before = (moved && viewer.has_pin()).then(|| viewer.clone());
        if before.is_some() {
            if viewer.contact_held(now).is_none() {
                viewer.former = (viewer.email.clone(), viewer.phone.clone());
            }
            viewer.contact_held_until = Some(now.plus_minutes(CONTACT_HOLD_DAYS * DAY_MINUTES));
        }
        viewer.name.clone_from(&request.name);
        viewer.email.clone_from(&request.email);
        viewer.phone.clone_from(&request.phone);
        viewer.lang = request.lang;
        viewer.avoid.clone_from(&request.avoid);
        if viewer.state != "active" {
            viewer.state = "invited".into();
        }
        Ok(Known { viewer, moved, before, earlier })
    }

    async fn send(
        &self,
        (viewer, enrol, moved): (&ViewerRow, EnrolRow, bool),
        (secret, messages): (&str, Vec<vault_wire::VaultMessage>),
    ) -> Result<(), DbError> {
        let line = self.line("pin.invited", viewer, enrol.created_at);
        let (hash, viewer) = (sha256(secret.as_bytes()), viewer.clone());
        self.keeper
            .db
            .write(Route::of(viewer.id.id()), move |tx| {
                store::end_enrolments(tx, (viewer.merchant, viewer.id))?;
                if moved {
                    // What was asked for at the former address does not come into use.
                    recovery::store::end_all(tx, (viewer.merchant, viewer.id))?;
                }
                store::invite(tx, &viewer)?;
                store::put_enrolment(tx, &enrol)?;
                store::put_locator(tx, hash, (viewer.merchant, enrol.id))?;
                post::queue(tx, (viewer.merchant, viewer.shop), &messages)?;
                log::append(tx, &line).map(|_| ())
            })
            .await
    }

    fn check_return(&self, shop: &Shop, url: Option<&String>) -> Result<(), Refused> {
        if url.is_some_and(|url| !shop.may_return_to(url, &self.app)) {
            let why = "The address is not on a registered origin of the shop.";
            return Err(Refused::new("return_url_not_registered", why).at("$.return_url"));
        }
        Ok(())
    }

    /// A page on which a viewer who knows his PIN gives himself another.
    pub(crate) async fn change(
        &self,
        scope: &WireScope,
        request: PinChange,
    ) -> Result<PinPage, Refused> {
        let shop = self.shops.get(scope.merchant, scope.shop).ok_or_else(not_found)?;
        self.check_return(&shop, request.return_url.as_ref())?;
        self.watch.must_be_safe()?;
        let now = shop.now(self.clock.now());
        let viewer = self.open_viewer(scope, (request.user, now)).await?;
        let rng = &*self.keeper.rng;
        let (id, secret) = (Id::random(rng), Id::random(rng).text());
        let begun = EnrolRow::begun(&viewer, (id, EnrolKind::Change), (now, CHANGE_MINUTES));
        let enrol = EnrolRow { back: request.return_url, ..begun };
        let page = PinPage {
            url: format!("{}/v/p/{secret}", self.public_url),
            expires_at: enrol.expires_at,
        };
        let hash = sha256(secret.as_bytes());
        self.keeper
            .db
            .write::<_, DbError, _>(Route::of(viewer.id.id()), move |tx| {
                store::end_enrolments(tx, (viewer.merchant, viewer.id))?;
                store::put_enrolment(tx, &enrol)?;
                store::put_locator(tx, hash, (viewer.merchant, id))
            })
            .await
            .map_err(internal)?;
        Ok(page)
    }

    /// A person as viewer of a property.
    async fn of_user(
        &self,
        scope: &WireScope,
        user: kernel::UserId,
    ) -> Result<Option<ViewerRow>, Refused> {
        let (place, user) = ((scope.merchant, scope.shop), user.to_string());
        let read = self.keeper.db.read::<_, DbError, _>(move |tx| store::of_user(tx, place, &user));
        read.await.map_err(internal)
    }

    /// A viewer whose PIN is usable now.
    async fn open_viewer(
        &self,
        scope: &WireScope,
        (user, now): (kernel::UserId, Timestamp),
    ) -> Result<ViewerRow, Refused> {
        let viewer = self.of_user(scope, user).await?.filter(|viewer| viewer.state == "active");
        let viewer =
            viewer.ok_or_else(|| Refused::new("pin_not_set", "This person has no PIN here."))?;
        match viewer.guard.open(now) {
            Ok(()) => Ok(viewer),
            Err(Shut::Blocked) => Err(Refused::new("pin_blocked", "The PIN must be set anew.")),
            Err(Shut::Until(until)) => {
                Err(Refused::new("pin_locked", format!("The PIN is locked until {until}.")))
            }
        }
    }

    pub(super) fn letters<'l>(
        &'l self,
        shop: &'l Shop,
        viewer: &'l ViewerRow,
        at: Timestamp,
    ) -> Letters<'l> {
        let rng = &*self.keeper.rng;
        Letters { words: &self.words, viewer, shop: &shop.settings.name, at, rng }
    }

    pub(super) fn line(&self, event: &'static str, viewer: &ViewerRow, at: Timestamp) -> Line {
        let place = (viewer.merchant, viewer.shop);
        let rng = &*self.keeper.rng;
        Line::new(event, place, &viewer.user, at, rng)
            .sealed(json!({ "name": viewer.name, "viewer": viewer.id }), rng)
    }

    /// Where a person's PIN stands.
    pub(crate) async fn get(
        &self,
        scope: &WireScope,
        request: ViewerGet,
    ) -> Result<ViewerAnswer, Refused> {
        let shop = self.shops.get(scope.merchant, scope.shop).ok_or_else(not_found)?;
        let place = (scope.merchant, scope.shop);
        let (found, waiting) = self.with_waiting(place, request.user.to_string()).await?;
        let its = found.as_ref().and_then(|viewer| waits_for(viewer, &waiting));
        Ok(answer(found.as_ref(), its, shop.now(self.clock.now())))
    }

    /// The viewer of a user, and every PIN that waits in the shop.
    pub(super) async fn with_waiting(
        &self,
        place: (MerchantId, ShopId),
        user: String,
    ) -> Result<(Option<ViewerRow>, Vec<RecoveryRow>), Refused> {
        let read = self.keeper.db.read::<_, DbError, _>(move |tx| {
            Ok((store::of_user(tx, place, &user)?, recovery::store::waiting(tx, place)?))
        });
        read.await.map_err(internal)
    }

    /// Tells a viewer, and those who manage users, that his PIN was tried too often.
    pub(crate) fn shut_letters(
        &self,
        (shop, owners): (&Shop, &[Owner]),
        viewer: &ViewerRow,
        (shut, at): (Shut, Timestamp),
    ) -> Vec<vault_wire::VaultMessage> {
        let letters = self.letters(shop, viewer, at);
        let mut all = match shut {
            Shut::Until(until) => {
                let until = format::time_in_prose(until, &shop.zone, viewer.lang);
                letters.news("locked", &until)
            }
            Shut::Blocked => letters.news("blocked", ""),
        };
        all.extend(owners.iter().map(|owner| letters.shut_of_another(owner)));
        all
    }
}

fn eight_digits(rng: &dyn kernel::Rng) -> Zeroizing<String> {
    let mut bytes = [0; 8];
    rng.fill(&mut bytes);
    let number = u64::from_be_bytes(bytes) % 100_000_000;
    Zeroizing::new(format!("{number:0width$}", width = PIN_DIGITS))
}

fn check_contact(request: &Invitation) -> Result<(), Refused> {
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

/// The PIN that waits for this viewer.
pub(super) fn waits_for<'r>(
    viewer: &ViewerRow,
    waiting: &'r [RecoveryRow],
) -> Option<&'r RecoveryRow> {
    waiting.iter().find(|row| row.viewer == viewer.id)
}

pub(super) fn answer(
    viewer: Option<&ViewerRow>,
    waits: Option<&RecoveryRow>,
    now: Timestamp,
) -> ViewerAnswer {
    let Some(viewer) = viewer else {
        return ViewerAnswer {
            id: None,
            pin: PinState::None,
            locked_until: None,
            waits: None,
            phone_end: None,
            confirmed: false,
            sent_before: false,
        };
    };
    let pin = match (viewer.state.as_str(), viewer.guard.open(now)) {
        ("revoked", _) => PinState::Revoked,
        ("disabled", _) => PinState::Disabled,
        ("active", Err(Shut::Blocked)) => PinState::Blocked,
        ("active", Err(Shut::Until(_))) => PinState::Locked,
        ("active", Ok(())) => PinState::Active,
        _ => PinState::Invited,
    };
    ViewerAnswer {
        id: Some(viewer.id),
        pin,
        locked_until: viewer.guard.locked_until.filter(|until| now < *until),
        waits: waits.map(|row| PinWaits { recovery: row.id, usable_from: row.usable_from }),
        phone_end: Some(phone_end(&viewer.phone)),
        confirmed: viewer.confirmed,
        sent_before: false,
    }
}
