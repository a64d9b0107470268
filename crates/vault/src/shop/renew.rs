//! The keys of a property change: a new version, then the old one goes. What was sealed under the
//! old one is sealed anew in between ([`crate::rotation`]).

use db::{DbError, Route};
use kernel::{Id, MerchantId, Rng, ShopId, Timestamp};

use super::registry::{CODE, PROPERTY};
use super::store::{self, KeyOwner};
use super::{Shop, ShopError, Shops};
use crate::keys::versions::Version;
use crate::keys::wrap::{Purpose, unwrap, wrap};
use crate::keys::{Corrupt, Key, Root};
use crate::log::{self, Line};
use crate::slots::Class;

/// The row of a key, without its version.
#[derive(Clone, Copy)]
pub(super) struct Named {
    pub(super) merchant: MerchantId,
    pub(super) shop: ShopId,
    pub(super) kind: &'static str,
}

impl Named {
    const fn property((merchant, shop): (MerchantId, ShopId), class: Class) -> Self {
        let kind = match class {
            Class::Number => PROPERTY,
            Class::Code => CODE,
        };
        Self { merchant, shop, kind }
    }

    /// Of the shop; else of its merchant.
    fn is_of_shop(&self) -> bool {
        matches!(self.kind, PROPERTY | CODE)
    }

    pub(super) fn owner(&self) -> KeyOwner {
        let none = Id::from_bytes([0; 16]);
        (self.merchant, if self.is_of_shop() { self.shop.id() } else { none })
    }

    /// As the inventory and the log name it.
    fn id(&self, version: u32) -> String {
        format!("{}/{}/{version}", self.kind, self.shop)
    }

    fn purpose<'p>(&self, (merchant, shop): (&'p str, &'p str), version: u32) -> Purpose<'p> {
        Purpose { kind: self.kind, merchant, shop, version }
    }

    fn texts(&self) -> (String, String) {
        let shop = if self.is_of_shop() { self.shop.to_string() } else { String::new() };
        (self.merchant.to_string(), shop)
    }

    /// A new key, and its wrapped form.
    pub(super) fn fresh(
        &self,
        (root, rng): (&Root, &dyn Rng),
        version: u32,
    ) -> Result<(Key, Vec<u8>), Corrupt> {
        let (merchant, shop) = self.texts();
        let key = Key::random(rng);
        let wrapped = wrap(root, &self.purpose((&merchant, &shop), version), &key, rng)?;
        Ok((key, wrapped))
    }

    pub(super) fn unwrap(&self, root: &Root, version: u32, wrapped: &[u8]) -> Result<Key, Corrupt> {
        let (merchant, shop) = self.texts();
        unwrap(root, &self.purpose((&merchant, &shop), version), wrapped)
    }
}

/// A version of a property key that seals no more and is still held.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct RetiredKey {
    merchant: MerchantId,
    shop: ShopId,
    class: Class,
    version: u32,
}

impl RetiredKey {
    /// As the inventory and the log name it.
    pub(crate) fn id(&self) -> String {
        Named::property((self.merchant, self.shop), self.class).id(self.version)
    }
}

impl Shops {
    /// Gives a property new keys for its slots, both in one commit; their names. A change that was
    /// begun and not ended is gone on with instead.
    pub(crate) async fn renew(
        &self,
        shop: &Shop,
        (by, now): (&str, Timestamp),
    ) -> Result<Vec<String>, ShopError> {
        let place = shop.place();
        if Class::ALL.iter().any(|class| !shop.keys.of(*class).retired().is_empty()) {
            return Ok(Vec::new());
        }
        let corrupt = |_: Corrupt| ShopError::Key(place.1);
        let (mut fresh, mut rows) = (Vec::new(), Vec::new());
        for class in Class::ALL {
            let named = Named::property(place, class);
            let newest = shop.keys.of(class).newest().map_err(corrupt)?;
            let number = newest.number.saturating_add(1);
            let (key, wrapped) = named.fresh((&self.root, &*self.rng), number).map_err(corrupt)?;
            let line = Line::new("key.made", place, by, now, &*self.rng).purpose(&named.id(number));
            fresh.push((class, Version { number, key }));
            rows.push((named, number, wrapped, line));
        }
        let names = rows.iter().map(|(named, number, ..)| named.id(*number)).collect();
        let write = move |tx: &mut db::Tx<'_>| {
            for (named, number, wrapped, line) in &rows {
                store::add_key(tx, named.owner(), (named.kind, *number), (wrapped, now))?;
                log::append(tx, line)?;
            }
            Ok(())
        };
        if let Err(error) = self.db.write::<_, DbError, _>(Route::of(place.0.id()), write).await {
            self.read_anew(shop, now).await?;
            return Err(error.into());
        }
        for (class, version) in fresh {
            shop.keys.of(class).add(version);
        }
        Ok(names)
    }

    /// After a commit that failed or of which nothing was heard: what the table holds, seals.
    async fn read_anew(&self, shop: &Shop, now: Timestamp) -> Result<(), ShopError> {
        let place = shop.place();
        for class in Class::ALL {
            let kind = Named::property(place, class).kind;
            let held = shop.keys.of(class);
            let newest = held.newest().map_err(|_| ShopError::Key(place.1))?.number;
            for version in self.stored(&shop.settings, kind, now).await? {
                if version.number > newest {
                    held.add(version);
                }
            }
        }
        Ok(())
    }

    /// The property keys that seal no more.
    pub(crate) fn retired(&self) -> Vec<RetiredKey> {
        let mut all = Vec::new();
        for shop in self.all() {
            let (merchant, shop_id) = shop.place();
            for class in Class::ALL {
                let versions = shop.keys.of(class).retired();
                let retired = |version| RetiredKey { merchant, shop: shop_id, class, version };
                all.extend(versions.into_iter().map(retired));
            }
        }
        all
    }

    /// Destroys a retired property key under which nothing is sealed.
    pub(crate) async fn destroy_key(
        &self,
        key: RetiredKey,
        now: Timestamp,
    ) -> Result<(), ShopError> {
        let RetiredKey { merchant, shop, class, version } = key;
        let named = Named::property((merchant, shop), class);
        let line = Line::new("key.destroyed", (merchant, shop), "clock", now, &*self.rng);
        let line = line.purpose(&named.id(version));
        let write = move |tx: &mut db::Tx<'_>| {
            store::delete_key(tx, named.owner(), (named.kind, version))?;
            log::append(tx, &line)
        };
        self.db.write::<_, DbError, _>(Route::of(merchant.id()), write).await?;
        if let Some(held) = self.get(merchant, shop) {
            held.keys.of(class).forget(version);
        }
        Ok(())
    }
}
