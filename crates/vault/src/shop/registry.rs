//! Shops by id, open in memory, durable in the database.

use std::collections::{BTreeSet, HashMap};
use std::net::IpAddr;
use std::sync::{Arc, PoisonError, RwLock};

use db::{Db, DbError, Route};
use kernel::{MerchantId, Mode, Rng, ShopId, Timestamp, Zone};
use vault_wire::{CardSettingsPut, Refused, ShopPut};

use super::renew::Named;
use super::store::{self, ShopRow};
use super::{Shop, ShopClock, ShopKeys, check, look, settings};
use crate::keys::versions::{Version, Versions};
use crate::keys::{Corrupt, Key, Root};
use crate::log::Line;

pub(super) const PROPERTY: &str = "property_number";
pub(super) const CODE: &str = "property_code";
const PEPPER: &str = "pin_pepper";
const FINGERPRINT: &str = "fingerprint";
const BODY: &str = "body";

/// Why a shop could not be stored or opened.
#[derive(Debug, thiserror::Error)]
pub enum ShopError {
    /// The app's words are not accepted.
    #[error("refused: {}", .0.detail)]
    Refused(Refused),
    /// The database failed.
    #[error(transparent)]
    Db(#[from] DbError),
    /// A key does not open: another root, or a damaged row.
    #[error("a key of shop {0} does not open")]
    Key(ShopId),
}

/// All shops of this vault.
pub(crate) struct Shops {
    pub(super) db: Db,
    pub(super) root: Arc<Root>,
    pub(super) rng: Arc<dyn Rng>,
    all: RwLock<HashMap<ShopId, Arc<Shop>>>,
}

impl Shops {
    /// Reads all shops and opens their keys.
    pub(crate) async fn open(
        db: Db,
        root: Arc<Root>,
        rng: Arc<dyn Rng>,
        now: Timestamp,
    ) -> Result<Self, ShopError> {
        let shops = Self { db, root, rng, all: RwLock::default() };
        let rows: Vec<ShopRow> = shops.db.read(store::shops).await?;
        for ShopRow { settings, clock } in rows {
            let place = (settings.merchant, settings.shop);
            let cards =
                shops.db.read::<_, DbError, _>(move |tx| store::card_settings(tx, place)).await?;
            let (cards, cards_version) = settings::effective(&settings, cards);
            let zone = Zone::named(&settings.zone).unwrap_or_else(|_| Zone::paris());
            let keys = shops.keys(&settings, now).await?;
            shops.insert(Shop { settings, zone, keys, clock, cards, cards_version });
        }
        Ok(shops)
    }

    /// The keys of a known shop stay those that are in memory: a change of them is told to all.
    fn insert(&self, mut shop: Shop) {
        let mut all = self.all.write().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = all.get(&shop.settings.shop) {
            shop.keys = Arc::clone(&known.keys);
        }
        all.insert(shop.settings.shop, Arc::new(shop));
    }

    /// A shop of a merchant; foreign and unknown ones alike are nothing.
    pub(crate) fn get(&self, merchant: MerchantId, shop: ShopId) -> Option<Arc<Shop>> {
        self.of_any(shop).filter(|shop| shop.settings.merchant == merchant)
    }

    /// A shop, whosever it is: for the operator and for what everybody may see.
    pub(crate) fn of_any(&self, shop: ShopId) -> Option<Arc<Shop>> {
        self.all.read().unwrap_or_else(PoisonError::into_inner).get(&shop).cloned()
    }

    /// A file of the look of a shop's pages, for everybody who has its name.
    pub(crate) fn look_file(&self, shop: ShopId, name: &str) -> Option<look::LookFile> {
        look::file(&self.of_any(shop)?.settings, name)
    }

    /// Every shop.
    pub(crate) fn all(&self) -> Vec<Arc<Shop>> {
        self.all.read().unwrap_or_else(PoisonError::into_inner).values().cloned().collect()
    }

    /// Merchant and id of every shop.
    pub(crate) fn places(&self) -> Vec<(MerchantId, ShopId)> {
        self.all().iter().map(|shop| shop.place()).collect()
    }

    /// Every merchant, once; the drill's own among them.
    pub(crate) fn merchants(&self) -> BTreeSet<MerchantId> {
        self.all().iter().map(|shop| shop.settings.merchant).collect()
    }

    /// The shops whose API key has this hash, with whether the address may use it.
    pub(crate) fn by_key(&self, hash: &str, from: IpAddr) -> Option<(Arc<Shop>, bool)> {
        let mut found = None;
        for shop in self.all() {
            if let Some(allowed) = shop.key_allows(hash, from) {
                found = Some((shop, allowed));
            }
        }
        found
    }

    /// Stores what the app tells of a shop. Merchant and mode of a known shop never change.
    pub(crate) async fn put(&self, settings: ShopPut, now: Timestamp) -> Result<(), ShopError> {
        let zone = check(&settings).map_err(ShopError::Refused)?;
        let known = self.of_any(settings.shop);
        if let Some(known) = &known {
            if known.settings.merchant != settings.merchant {
                let refused = Refused::new("not_found", "Nothing here under this name.");
                return Err(ShopError::Refused(refused));
            }
            if known.settings.mode != settings.mode {
                let why = "A shop is live or test for ever.";
                return Err(ShopError::Refused(Refused::new("invalid_field", why).at("$.mode")));
            }
        }
        if known.as_ref().is_some_and(|shop| shop.settings == settings) {
            return Ok(());
        }
        let keys = match &known {
            Some(shop) => Arc::clone(&shop.keys),
            None => self.keys(&settings, now).await?,
        };
        let stored = settings.clone();
        let route = Route::of(settings.shop.id());
        self.db.write::<_, DbError, _>(route, move |tx| store::put_shop(tx, &stored, now)).await?;
        let clock = known.as_ref().map_or(ShopClock::Real, |shop| shop.clock);
        let own = known.filter(|shop| shop.cards_version > 0);
        let own = own.map(|shop| (shop.cards.clone(), shop.cards_version));
        let (cards, cards_version) = settings::effective(&settings, own);
        self.insert(Shop { settings, zone, keys, clock, cards, cards_version });
        Ok(())
    }

    /// Sets the clock of a test shop; live shops have none.
    pub(crate) async fn set_clock(&self, shop: &Shop, clock: ShopClock) -> Result<(), ShopError> {
        if shop.settings.mode == Mode::Live {
            let refused = Refused::new("not_found", "A live shop has real time.");
            return Err(ShopError::Refused(refused));
        }
        let owner = shop.place();
        self.db
            .write::<_, DbError, _>(Route::of(owner.1.id()), move |tx| {
                store::set_clock(tx, owner, clock)
            })
            .await?;
        self.insert(Shop { clock, ..shop.clone() });
        Ok(())
    }

    /// Changes how a shop keeps cards.
    pub(crate) async fn put_cards(
        &self,
        shop: &Shop,
        put: CardSettingsPut,
        (line, real): (Line, Timestamp),
    ) -> Result<(), ShopError> {
        settings::check(shop, &put.settings, real).map_err(ShopError::Refused)?;
        let place = shop.place();
        let next = put.version.saturating_add(1);
        let stored = (put.settings.clone(), put.version);
        let written = self
            .db
            .write::<_, DbError, _>(Route::of(place.1.id()), move |tx| {
                let fresh = store::put_card_settings(tx, place, &stored, line.at)?;
                if fresh {
                    crate::log::append(tx, &line)?;
                }
                Ok(fresh)
            })
            .await?;
        if !written {
            let why = "The settings were changed meanwhile.";
            return Err(ShopError::Refused(Refused::new("precondition_failed", why)));
        }
        self.insert(Shop { cards: put.settings, cards_version: next, ..shop.clone() });
        Ok(())
    }

    /// The keys of a shop, made when it is new.
    async fn keys(&self, settings: &ShopPut, now: Timestamp) -> Result<Arc<ShopKeys>, ShopError> {
        Ok(Arc::new(ShopKeys {
            property: Versions::new(self.stored(settings, PROPERTY, now).await?),
            code: Versions::new(self.stored(settings, CODE, now).await?),
            pepper: self.key(settings, PEPPER, now).await?,
            fingerprint: self.key(settings, FINGERPRINT, now).await?,
            body: self.key(settings, BODY, now).await?,
        }))
    }

    /// A key that is not changed yet.
    async fn key(
        &self,
        settings: &ShopPut,
        kind: &'static str,
        now: Timestamp,
    ) -> Result<Key, ShopError> {
        let mut all = self.stored(settings, kind, now).await?;
        all.pop().map(|version| version.key).ok_or(ShopError::Key(settings.shop))
    }

    /// The versions of a key as the table has them; the first is made when there is none.
    pub(super) async fn stored(
        &self,
        settings: &ShopPut,
        kind: &'static str,
        now: Timestamp,
    ) -> Result<Vec<Version>, ShopError> {
        let named = Named { merchant: settings.merchant, shop: settings.shop, kind };
        let corrupt = |_: Corrupt| ShopError::Key(settings.shop);
        let owner = named.owner();
        let known = self.db.read::<_, DbError, _>(move |tx| store::keys(tx, owner, kind)).await?;
        let stored = if known.is_empty() {
            let (_, fresh) = named.fresh((&self.root, &*self.rng), 1).map_err(corrupt)?;
            let route = Route::of(settings.merchant.id());
            let make = move |tx: &mut db::Tx<'_>| store::keys_or(tx, owner, kind, (&fresh, now));
            self.db.write::<_, DbError, _>(route, make).await?
        } else {
            known
        };
        let open = |(number, wrapped): (u32, Vec<u8>)| {
            let key = named.unwrap(&self.root, number, &wrapped).map_err(corrupt)?;
            Ok(Version { number, key })
        };
        stored.into_iter().map(open).collect()
    }
}
