//! Links: made for one person and one card, told, ended.

use std::sync::Arc;

use db::{DbError, Route, Tx};
use kernel::{Clock, Id, RevealLinkId, Timestamp};
use serde_json::json;
use vault_wire::{
    CardStatus, LinkAnswer, LinkCancel, LinkCreate, LinkCreated, LinkGet, Refused, WireScope,
};

use super::store::{self, LinkRow, LinkState, LinkWish};
use crate::capture::{internal, not_found};
use crate::card::{self, Keeper};
use crate::core::codes::Codes;
use crate::keys::bytes::sha256;
use crate::log::{self, Line};
use crate::origin::Origin;
use crate::partner::Partners;
use crate::shop::{Shop, Shops};
use crate::viewer::store::{self as viewer_store, ViewerRow};
use crate::viewer::{Shut, Viewers};

const PURPOSES: [&str; 5] = ["guarantee", "terminal", "dispute", "check_in", "other"];
const MOST_AN_HOUR: i64 = 20;
const MOST_A_DAY: i64 = 60;
const MOST_A_DAY_OF_SHOP: i64 = 200;
const HOUR_MINUTES: i64 = 60;
const DAY_MINUTES: i64 = 24 * 60;

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
        self.check(&shop, &request, origins)?;
        let real = self.clock.now();
        let now = shop.now(real);
        let found = self.keeper.find(scope.merchant, request.card).await.map_err(internal)?;
        let card = found.filter(|card| card.shop == scope.shop).ok_or_else(not_found)?;
        if card::status(&card, shop.today(real)) == CardStatus::Purged {
            return Err(Refused::new("gone", "The card is destroyed."));
        }
        if card.reveals >= u32::from(shop.cards.max_per_card) {
            return Err(Refused::new("reveal_limit", "The card was shown as often as it may be."));
        }
        let viewer = self.viewer(scope, &request, now).await?;
        let rng = &*self.keeper.rng;
        let secret = Id::random(rng).text();
        let place = (scope.merchant, scope.shop);
        let line = Line::new("link.created", place, &scope.user, now, rng)
            .card(request.card)
            .purpose(&request.purpose)
            .details(json!({ "viewer": viewer.id, "name": viewer.name }));
        let link = LinkRow {
            merchant: scope.merchant,
            id: RevealLinkId::random(rng),
            shop: scope.shop,
            card: request.card,
            viewer: viewer.id,
            request,
            state: LinkState::Created,
            visitor: None,
            created_at: now,
            opened_at: None,
            unlocked_at: None,
        };
        let created = LinkCreated {
            id: link.id,
            url: format!("{}/v/r/{secret}", self.public_url),
            expires_at: link.opens_until(),
        };
        let hash = sha256(secret.as_bytes());
        let made = self
            .keeper
            .db
            .write::<_, DbError, _>(Route::of(link.id.id()), move |tx| {
                if store::block(tx, place)?.is_some() {
                    return Ok(false);
                }
                store::insert(tx, &link)?;
                viewer_store::put_locator(tx, hash, (link.merchant, link.id.id()))?;
                log::append(tx, &line).map(|_| true)
            })
            .await
            .map_err(internal)?;
        let blocked = || Refused::new("reveals_blocked", "Cards of this shop are not shown now.");
        made.then_some(created).ok_or_else(blocked)
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

    /// The person who will look: enrolled here, with a PIN that is open, within his limits.
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
            .read::<_, DbError, _>(move |tx| {
                let Some(viewer) = viewer_store::of_user(tx, place, &user)? else {
                    return Ok(None);
                };
                let within = within_limits(tx, &viewer, now)?;
                Ok(Some((viewer, within)))
            })
            .await
            .map_err(internal)?;
        let not_set = || Refused::new("pin_not_set", "This person has no PIN here.");
        let (viewer, within) = found.ok_or_else(not_set)?;
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
            Ok(()) if !within => {
                Err(Refused::new("reveal_limit", "Too many cards were shown; try again later."))
            }
            Ok(()) => Ok(viewer),
        }
    }

    async fn row(&self, scope: &WireScope, id: RevealLinkId) -> Result<LinkRow, Refused> {
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
                for from in [LinkState::Created, LinkState::Opened] {
                    store::go(tx, key, (from, LinkState::Cancelled), now)?;
                }
                Ok(())
            })
            .await
            .map_err(internal)?;
        self.get(scope, LinkGet { id: request.id }).await
    }
}

/// Whether a viewer and his shop may see one more number.
pub(super) fn within_limits(
    tx: &mut Tx<'_>,
    viewer: &ViewerRow,
    now: Timestamp,
) -> Result<bool, DbError> {
    let (hour, day) = (now.plus_minutes(-HOUR_MINUTES), now.plus_minutes(-DAY_MINUTES));
    let person = (viewer.merchant, viewer.id);
    Ok(store::seen_by(tx, person, hour)? < MOST_AN_HOUR
        && store::seen_by(tx, person, day)? < MOST_A_DAY
        && store::seen_in(tx, (viewer.merchant, viewer.shop), day)? < MOST_A_DAY_OF_SHOP)
}
