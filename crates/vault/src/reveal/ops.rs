//! Links: made for one person and one card, told, ended.

use std::sync::Arc;

use db::{DbError, Route, Tx};
use kernel::{CardToken, Clock, Id, RevealLinkId, Timestamp};
use serde_json::json;
use vault_wire::{
    CardStatus, LinkAnswer, LinkCancel, LinkCreate, LinkCreated, LinkGet, Refused, SecondPerson,
    WireScope,
};

use super::approval::{self, Second, Seen, Showing};
use super::limits::{self, Limit};
use super::store::{self, LinkRow, LinkState, LinkWish};
use crate::capture::{internal, not_found};
use crate::card::{self, CardRow, Keeper};
use crate::clock::Watch;
use crate::core::codes::Codes;
use crate::keys::bytes::sha256;
use crate::log::{self, Line};
use crate::origin::Origin;
use crate::partner::Partners;
use crate::shop::{Shop, Shops};
use crate::viewer::store::{self as viewer_store, ViewerRow};
use crate::viewer::{Shut, Viewers};

const PURPOSES: [&str; 5] = ["guarantee", "terminal", "dispute", "check_in", "other"];

/// All reveal links.
pub(crate) struct Reveals {
    pub(crate) keeper: Arc<Keeper>,
    pub(crate) shops: Arc<Shops>,
    pub(crate) codes: Arc<Codes>,
    pub(crate) viewers: Arc<Viewers>,
    pub(crate) partners: Arc<Partners>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) app: Origin,
    pub(crate) public_url: String,
    pub(crate) watch: Arc<Watch>,
}

impl Reveals {
    /// Makes a link for a person of the app.
    pub(crate) async fn create(
        &self,
        scope: &WireScope,
        request: LinkCreate,
    ) -> Result<LinkCreated, Refused> {
        let shop = self.shops.get(scope.merchant, scope.shop).ok_or_else(not_found)?;
        self.make(scope, request.into(), &shop.cards.frame_origins).await
    }

    /// Makes a link; the origins are those that may frame its page.
    pub(super) async fn make(
        &self,
        scope: &WireScope,
        request: LinkWish,
        origins: &[String],
    ) -> Result<LinkCreated, Refused> {
        let shop = self.shops.get(scope.merchant, scope.shop).ok_or_else(not_found)?;
        let request = said(&shop, request)?;
        self.check(&shop, &request, origins)?;
        self.watch.must_be_safe()?;
        let real = self.clock.now();
        let now = shop.now(real);
        let found = self.keeper.find(scope.merchant, request.card).await.map_err(internal)?;
        let card = found.filter(|card| card.shop == scope.shop).ok_or_else(not_found)?;
        if card::status(&card, shop.today(real)) == CardStatus::Purged {
            return Err(Refused::new("gone", "The card is destroyed."));
        }
        let viewer = self.viewer(scope, &request, now).await?;
        let limit = self.limit((&shop, &viewer, &card), now).await.map_err(internal)?;
        let showing = showing(&shop, &viewer, (request.card, None), now);
        if let Some(limit) = limit {
            return Err(limit.refused(now));
        }
        let rng = &*self.keeper.rng;
        let secret = Id::random(rng).text();
        let place = (scope.merchant, scope.shop);
        let line = Line::new("link.created", place, &scope.user, now, rng)
            .card(request.card)
            .purpose(&request.purpose)
            .details(json!({
                "initials": card::initials(&viewer.name), "partner": request.partner,
            }))
            .sealed(json!({ "viewer": viewer.id, "name": viewer.name }), rng);
        let link = LinkRow::begun(&viewer, request, (RevealLinkId::random(rng), now));
        let (id, expires_at) = (link.id, link.opens_until());
        let hash = sha256(secret.as_bytes());
        let made = self
            .keeper
            .db
            .write::<_, DbError, _>(Route::of(link.id.id()), move |tx| {
                if store::block(tx, place)?.is_some() {
                    let why = "Cards of this shop are not shown now.";
                    return Ok(Err(Refused::new("reveals_blocked", why)));
                }
                let mut link = link.clone();
                link.state = match approval::needed(tx, &showing, now)? {
                    Second::Nobody => LinkState::Created,
                    Second::Ask(..) => LinkState::AwaitingApproval,
                    Second::Alone => return Ok(Err(alone())),
                };
                store::insert(tx, &link)?;
                viewer_store::put_locator(tx, hash, (link.merchant, link.id.id()))?;
                log::append(tx, &line).map(|_| Ok(link.state))
            })
            .await
            .map_err(internal)?;
        Ok(LinkCreated {
            id,
            url: format!("{}/v/r/{secret}", self.public_url),
            expires_at,
            status: made?.word().to_owned(),
        })
    }

    fn check(&self, shop: &Shop, request: &LinkWish, origins: &[String]) -> Result<(), Refused> {
        if !PURPOSES.contains(&request.purpose.as_str()) {
            let why = "guarantee, terminal, dispute, check_in or other.";
            return Err(Refused::new("invalid_field", why).at("$.purpose"));
        }
        let listed = |origin: &String| origins.contains(origin);
        if request.frame_origin.as_ref().is_some_and(|origin| !listed(origin)) {
            let why = "This origin is not listed.";
            return Err(Refused::new("frame_origin_not_registered", why).at("$.frame_origin"));
        }
        let back = request.return_url.as_ref();
        if back.is_some_and(|url| !shop.may_return_to(url, &self.app)) {
            let why = "The address is not on a registered origin of the shop.";
            return Err(Refused::new("return_url_not_registered", why).at("$.return_url"));
        }
        Ok(())
    }

    /// Why no number of this card is shown to this person now, wherever he is.
    pub(super) async fn limit(
        &self,
        (shop, viewer, card): (&Shop, &ViewerRow, &CardRow),
        now: Timestamp,
    ) -> Result<Option<Limit>, DbError> {
        if card.suspension.is_some() {
            return Ok(Some(Limit::Suspended));
        }
        let most = shop.cards.max_per_card;
        if card.reveals >= u32::from(most) {
            return Ok(Some(Limit::OfCard(most)));
        }
        let shut = shop.cards.hours.filter(|_| !limits::is_open(shop, now));
        let (place, said, viewer) = (shop.place(), shop.cards.second_person, viewer.clone());
        let read = move |tx: &mut Tx<'_>| {
            if let Some(hours) = shut
                && approval::rule(tx, place, said)? == SecondPerson::Off
            {
                return Ok(Some(Limit::Hours(hours)));
            }
            Ok(opens(tx, &viewer, now)?.map(Limit::Until))
        };
        self.keeper.db.read(read).await
    }

    /// The person who will look: enrolled here, with a PIN that is open.
    async fn viewer(
        &self,
        scope: &WireScope,
        request: &LinkWish,
        now: Timestamp,
    ) -> Result<ViewerRow, Refused> {
        let (place, user) = ((scope.merchant, scope.shop), request.user.clone());
        let found = self
            .keeper
            .db
            .read::<_, DbError, _>(move |tx| viewer_store::of_user(tx, place, &user))
            .await
            .map_err(internal)?;
        let not_set = || Refused::new("pin_not_set", "This person has no PIN here.");
        let viewer = found.ok_or_else(not_set)?;
        if viewer.state == "disabled" || (viewer.state == "active" && viewer.is_idle(now)) {
            let why = "The PIN was not used for 90 days; it must be set anew.";
            return Err(Refused::new("pin_disabled", why));
        }
        if viewer.state != "active" {
            return Err(not_set());
        }
        if !viewer.confirmed {
            let why = "Another person must vouch for this viewer first.";
            return Err(Refused::new("awaiting_approval", why));
        }
        match viewer.guard.open(now) {
            Err(Shut::Blocked) => Err(Refused::new("pin_blocked", "The PIN must be set anew.")),
            Err(Shut::Until(until)) => {
                Err(Refused::new("pin_locked", format!("The PIN is locked until {until}.")))
            }
            Ok(()) => Ok(viewer),
        }
    }

    pub(super) async fn row(
        &self,
        scope: &WireScope,
        id: RevealLinkId,
    ) -> Result<LinkRow, Refused> {
        let merchant = scope.merchant;
        let found = self
            .keeper
            .db
            .read::<_, DbError, _>(move |tx| store::link(tx, merchant, id))
            .await
            .map_err(internal)?;
        found.filter(|link| link.shop == scope.shop).ok_or_else(not_found)
    }

    /// Where a link stands.
    pub(crate) async fn get(
        &self,
        scope: &WireScope,
        request: LinkGet,
    ) -> Result<LinkAnswer, Refused> {
        let shop = self.shops.get(scope.merchant, scope.shop).ok_or_else(not_found)?;
        let link = self.row(scope, request.id).await?;
        let state = link.state_at(shop.now(self.clock.now()), shop.cards.show_seconds);
        Ok(LinkAnswer {
            id: link.id,
            status: state.word().to_owned(),
            created_at: link.created_at,
            opened_at: link.opened_at,
            unlocked_at: link.unlocked_at,
        })
    }

    /// Ends a link that nobody has looked through.
    pub(crate) async fn cancel(
        &self,
        scope: &WireScope,
        request: LinkCancel,
    ) -> Result<LinkAnswer, Refused> {
        let link = self.row(scope, request.id).await?;
        let now = link.created_at;
        let key = (link.merchant, link.id);
        self.keeper
            .db
            .write::<_, DbError, _>(Route::of(link.id.id()), move |tx| {
                for from in [LinkState::Created, LinkState::AwaitingApproval, LinkState::Opened] {
                    store::go(tx, key, (from, LinkState::Cancelled), now)?;
                }
                Ok(())
            })
            .await
            .map_err(internal)?;
        self.get(scope, LinkGet { id: request.id }).await
    }
}

/// A wish with its purpose: `other` when nobody said one and nobody must.
fn said(shop: &Shop, wish: LinkWish) -> Result<LinkWish, Refused> {
    match (wish.purpose.is_empty(), shop.cards.purpose_required) {
        (false, _) => Ok(wish),
        (true, false) => Ok(LinkWish { purpose: "other".into(), ..wish }),
        (true, true) => {
            let why = "The property wants to know why.";
            Err(Refused::new("purpose_required", why).at("$.purpose"))
        }
    }
}

/// A showing to come of a card of the shop, to somebody who may be there already.
pub(super) fn showing(
    shop: &Shop,
    viewer: &ViewerRow,
    (card, seen): (CardToken, Option<Seen>),
    now: Timestamp,
) -> Showing {
    let (place, viewer, rule) = (shop.place(), viewer.clone(), shop.cards.second_person);
    Showing { shop: place, viewer, card, seen, rule, in_hours: limits::is_open(shop, now) }
}

fn alone() -> Refused {
    let why = "Another person must agree, and nobody else manages the users of this shop.";
    Refused::new("approval_refused", why)
}

/// When a viewer may see one more number in his shop; nothing when he may now.
pub(super) fn opens(
    tx: &mut Tx<'_>,
    viewer: &ViewerRow,
    now: Timestamp,
) -> Result<Option<Timestamp>, DbError> {
    let day = now.plus_minutes(-limits::DAY_MINUTES);
    let person = (viewer.merchant, viewer.id);
    let his = store::shown_to(tx, person, (day, limits::LOOKED_AT_OF_PERSON))?;
    let place = (viewer.merchant, viewer.shop);
    let all = store::shown_in(tx, place, (day, limits::LOOKED_AT_OF_SHOP))?;
    Ok(limits::opens(&his, &all, now))
}
