//! All profiles, open in memory, durable in the database.

use std::collections::BTreeMap;
use std::sync::{Arc, PoisonError, RwLock};

use db::{Db, DbError, Route, Tx};
use kernel::{Id, MerchantId, Mode, ProxyProfileId, Rng, Timestamp};
use subtle::ConstantTimeEq as _;
use vault_wire::{ProfileAdded, Profiles, ProxyDirection, ProxyProfile, Refused};

use super::profile::Profile;
use super::store::{self, ProfileRow};
use super::target::{Hosts, Target};
use crate::capture::internal;
use crate::card::Keeper;
use crate::keys::bytes::sha256;
use crate::log::{self, Line};
use crate::partner::networks::counts_for;
use crate::shop::Shop;

/// Profiles of one shop; each is a label of a figure.
const MOST_PROFILES: usize = 20;

/// A profile, ready for use.
pub(super) struct Open {
    pub(super) merchant: MerchantId,
    pub(super) profile: Profile,
    key: Option<[u8; 32]>,
}

impl Open {
    /// Whether this is the key of its address.
    pub(super) fn opens(&self, key: &str) -> bool {
        self.key.is_some_and(|hash| bool::from(hash.ct_eq(&sha256(key.as_bytes()))))
    }
}

/// All profiles.
pub(crate) struct Book {
    db: Db,
    rng: Arc<dyn Rng>,
    hosts: Hosts,
    public_url: String,
    open: RwLock<BTreeMap<ProxyProfileId, Arc<Open>>>,
}

impl Book {
    /// Reads them all. One that is not understood any more is left out, with an alarm.
    pub(crate) async fn open(
        keeper: &Keeper,
        hosts: Hosts,
        public_url: String,
    ) -> Result<Self, DbError> {
        let (db, rng) = (keeper.db.clone(), Arc::clone(&keeper.rng));
        let mut open = BTreeMap::new();
        for row in db.read::<_, DbError, _>(store::all).await? {
            let ProfileRow { merchant, profile, key } = row;
            let Some(id) = profile.id else { continue };
            match Profile::read(profile) {
                Ok(profile) => {
                    open.insert(id, Arc::new(Open { merchant, profile, key }));
                }
                Err(why) => tracing::error!(%id, code = why.code, "ALARM: a profile is broken"),
            }
        }
        Ok(Self { db, rng, hosts, public_url, open: RwLock::new(open) })
    }

    fn see<T>(&self, look: impl FnOnce(&BTreeMap<ProxyProfileId, Arc<Open>>) -> T) -> T {
        look(&self.open.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// A profile.
    pub(super) fn get(&self, id: ProxyProfileId) -> Option<Arc<Open>> {
        self.see(|open| open.get(&id).cloned())
    }

    /// Where its messages go.
    pub(super) fn target(&self, open: &Open, mode: Mode) -> Result<Target, Refused> {
        open.profile.target(mode, &self.hosts)
    }

    /// All of them, for the operator.
    pub(crate) fn list(&self) -> Profiles {
        let told = |open: &Arc<Open>| open.profile.told.clone();
        Profiles { profiles: self.see(|open| open.values().map(told).collect()) }
    }

    /// Adds a profile; the key of its address is told this once.
    pub(crate) async fn add(
        &self,
        shop: &Shop,
        mut told: ProxyProfile,
        (actor, now): (&str, Timestamp),
    ) -> Result<ProfileAdded, Refused> {
        let count = self.see(|open| {
            open.values().filter(|one| one.profile.told.shop == shop.settings.shop).count()
        });
        if told.shop != shop.settings.shop || told.id.is_some() {
            let why = "A new profile of this shop has no name yet.";
            return Err(Refused::new("profile_invalid", why).at("$.shop"));
        }
        if count >= MOST_PROFILES {
            let why = "A shop has at most 20 profiles.";
            return Err(Refused::new("profile_invalid", why).at("$"));
        }
        let mode = shop.settings.mode;
        if let Some(at) = told.ips.iter().position(|network| !counts_for(network, mode)) {
            let why = "A live shop's messages come from public addresses.";
            return Err(Refused::new("profile_invalid", why).at(format!("$.ips[{at}]")));
        }
        let id = ProxyProfileId::random(&*self.rng);
        let key = (told.direction == ProxyDirection::In).then(|| {
            format!("vk_in_{}{}", Id::random(&*self.rng).text(), Id::random(&*self.rng).text())
        });
        let hash = key.as_ref().map(|key| sha256(key.as_bytes()));
        told.id = Some(id);
        let profile = Profile::read(told.clone())?;
        profile.target(mode, &self.hosts)?;
        let merchant = shop.settings.merchant;
        let place = (merchant, shop.settings.shop);
        let details = serde_json::to_value(&told).map_err(internal)?;
        let line = Line::new("profile.added", place, actor, now, &*self.rng)
            .purpose(&id.to_string())
            .details(details);
        let row = ProfileRow { merchant, profile: told.clone(), key: hash };
        let write = move |tx: &mut Tx<'_>| {
            store::add(tx, id, &row, now)?;
            log::append(tx, &line).map(|_| ())
        };
        self.db.write::<_, DbError, _>(Route::of(id.id()), write).await.map_err(internal)?;
        let open = Arc::new(Open { merchant, profile, key: hash });
        self.open.write().unwrap_or_else(PoisonError::into_inner).insert(id, open);
        let url = key.map(|key| format!("{}/v1/in/{id}/{key}", self.public_url));
        Ok(ProfileAdded { profile: told, url })
    }
}
