//! All partners and grants, open in memory, durable in the database. Changes go one after another:
//! written first, then seen.

use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};

use db::{Db, DbError, Route, Tx};
use kernel::{Clock, MerchantId, PartnerId, Rng, ShopId, Timestamp};
use serde_json::Value;
use vault_wire::{Partner, PartnerKey, Refused};

use super::store::{self, GrantRow, KeyRow, PartnerRow};
use crate::capture::{internal, not_found};
use crate::log::{self, Line};

/// What is known.
#[derive(Default)]
struct Book {
    partners: HashMap<PartnerId, Arc<PartnerRow>>,
    keys: HashMap<[u8; 32], PartnerId>,
    grants: HashMap<(PartnerId, ShopId), GrantRow>,
}

/// All partners.
pub(crate) struct Partners {
    pub(super) db: Db,
    pub(super) rng: Arc<dyn Rng>,
    pub(super) clock: Arc<dyn Clock>,
    book: RwLock<Book>,
    /// Held by whoever changes something.
    changes: tokio::sync::Mutex<()>,
}

impl Partners {
    /// Reads everybody.
    pub(crate) async fn open(
        db: Db,
        rng: Arc<dyn Rng>,
        clock: Arc<dyn Clock>,
    ) -> Result<Self, DbError> {
        let (partners, grants) = db.read::<_, DbError, _>(store::all).await?;
        let mut book = Book::default();
        for row in partners {
            book.note(row);
        }
        for grant in grants {
            book.grants.insert((grant.partner, grant.shop), grant);
        }
        let (book, changes) = (RwLock::new(book), tokio::sync::Mutex::default());
        Ok(Self { db, rng, clock, book, changes })
    }

    fn see<T>(&self, look: impl FnOnce(&Book) -> T) -> T {
        look(&self.book.read().unwrap_or_else(PoisonError::into_inner))
    }

    fn note<T>(&self, change: impl FnOnce(&mut Book) -> T) -> T {
        change(&mut self.book.write().unwrap_or_else(PoisonError::into_inner))
    }

    /// A partner.
    pub(crate) fn get(&self, id: PartnerId) -> Option<Arc<PartnerRow>> {
        self.see(|book| book.partners.get(&id).cloned())
    }

    /// Everybody, newest application first.
    pub(super) fn everybody(&self) -> Vec<Arc<PartnerRow>> {
        let mut all: Vec<_> = self.see(|book| book.partners.values().cloned().collect());
        all.sort_by_key(|row| (std::cmp::Reverse(row.submitted_at), row.id));
        all
    }

    /// The partner and key of a hash.
    pub(super) fn by_key(&self, hash: [u8; 32]) -> Option<(Arc<PartnerRow>, KeyRow)> {
        let row = self.see(|book| book.partners.get(book.keys.get(&hash)?).cloned())?;
        let key = row.keys.iter().find(|key| key.hash == hash)?.clone();
        Some((row, key))
    }

    /// What a shop lets a partner do.
    pub(super) fn grant(&self, partner: PartnerId, shop: ShopId) -> Option<GrantRow> {
        self.see(|book| book.grants.get(&(partner, shop)).cloned())
    }

    /// Grants that fit, oldest first.
    pub(super) fn grants(&self, fits: impl Fn(&GrantRow) -> bool) -> Vec<GrantRow> {
        let mut found: Vec<GrantRow> =
            self.see(|book| book.grants.values().filter(|grant| fits(grant)).cloned().collect());
        found.sort_by_key(|grant| (grant.since, grant.partner));
        found
    }

    /// Changes a partner: one at a time, logged in the same commit.
    pub(super) async fn change<F>(
        &self,
        id: PartnerId,
        (event, by): (&'static str, &str),
        change: F,
    ) -> Result<Arc<PartnerRow>, Refused>
    where
        F: FnOnce(&mut PartnerRow, Timestamp) -> Result<Value, Refused>,
    {
        let _turn = self.changes.lock().await;
        let mut row = PartnerRow::clone(&*self.get(id).ok_or_else(not_found)?);
        let now = self.clock.now();
        let details = change(&mut row, now)?;
        self.write(&row, self.line(event, (id, by), now).details(details)).await?;
        Ok(self.note(|book| book.note(row)))
    }

    /// Adds a partner.
    pub(super) async fn add(&self, row: PartnerRow) -> Result<(), Refused> {
        let _turn = self.changes.lock().await;
        let line = self.line("partner.submitted", (row.id, "public"), row.submitted_at);
        self.write(&row, line).await?;
        self.note(|book| book.note(row));
        Ok(())
    }

    async fn write(&self, row: &PartnerRow, line: Line) -> Result<(), Refused> {
        let (stored, now) = (row.clone(), line.at);
        let write = move |tx: &mut Tx<'_>| {
            store::put(tx, &stored, now)?;
            log::append(tx, &line).map(|_| ())
        };
        self.db.write::<_, DbError, _>(Route::of(row.id.id()), write).await.map_err(internal)
    }

    /// An entry of the installation's own log.
    pub(super) fn line(
        &self,
        event: &'static str,
        (partner, by): (PartnerId, &str),
        at: Timestamp,
    ) -> Line {
        Line::new(event, log::installation(), by, at, &*self.rng).purpose(&partner.to_string())
    }

    /// Writes a grant, or that there is none any more.
    pub(super) async fn set_grant(
        &self,
        key: (MerchantId, ShopId, PartnerId),
        (grant, line): (Option<GrantRow>, Line),
    ) -> Result<(), DbError> {
        let _turn = self.changes.lock().await;
        let stored = grant.clone();
        let write = move |tx: &mut Tx<'_>| {
            match &stored {
                Some(grant) => store::put_grant(tx, grant)?,
                None => store::end_grant(tx, key)?,
            }
            log::append(tx, &line).map(|_| ())
        };
        self.db.write::<_, DbError, _>(Route::of(key.1.id()), write).await?;
        self.note(|book| match grant {
            Some(grant) => book.grants.insert((key.2, key.1), grant),
            None => book.grants.remove(&(key.2, key.1)),
        });
        Ok(())
    }

    /// Notes that a grant was used, at most once a minute.
    pub(super) async fn used(&self, partner: PartnerId, shop: ShopId) -> Result<(), DbError> {
        const SAME_SECONDS: i64 = 60;
        let now = self.clock.now();
        let due = self.note(|book| {
            let grant = book.grants.get_mut(&(partner, shop))?;
            let stale = grant.last_used_at.is_none_or(|at| now >= at.plus_seconds(SAME_SECONDS));
            grant.last_used_at = if stale { Some(now) } else { grant.last_used_at };
            stale.then_some((grant.merchant, shop, partner))
        });
        let Some(key) = due else { return Ok(()) };
        let write = move |tx: &mut Tx<'_>| store::used(tx, key, now);
        self.db.write::<_, DbError, _>(Route::of(shop.id()), write).await
    }
}

impl Book {
    fn note(&mut self, row: PartnerRow) -> Arc<PartnerRow> {
        for key in &row.keys {
            self.keys.insert(key.hash, row.id);
        }
        let row = Arc::new(row);
        self.partners.insert(row.id, Arc::clone(&row));
        row
    }
}

/// A partner as the operator sees him.
pub(super) fn told(row: &PartnerRow) -> Partner {
    let keys = row.keys.iter().map(|key| PartnerKey {
        id: key.id,
        mode: key.mode,
        created_at: key.created_at,
        expires_at: key.expires_at,
        ended_at: key.ended_at,
    });
    Partner {
        id: row.id,
        status: row.state,
        application: row.about.application.clone(),
        quotas: row.about.quotas,
        ips: row.about.ips.clone(),
        ips_waiting: row.about.waiting.clone(),
        keys: keys.collect(),
        because: row.about.because.clone(),
        submitted_at: row.submitted_at,
        decided_at: row.about.decided_at,
    }
}
