//! The numbers of a backup come back: each card's key out of it, its record tried, the key into a
//! slot of the new vault.

use std::path::Path;
use std::sync::Arc;

use std::collections::BTreeSet;

use db::{Db, DbError, Route, Tx};
use kernel::{CardToken, MerchantId, Rng, Timestamp};
use tokio::task::JoinSet;

use super::load::Whole;
use super::{BackupError, SLOTS, rows, store};
use crate::bins::Bins;
use crate::card::{self, Keeper};
use crate::keys::keyring::Keyring;
use crate::keys::slot_key::SLOT_BYTES;
use crate::keys::{Key, Root, record};
use crate::log::Signer;
use crate::shop::Shops;
use crate::slots::{Class, SlotIndex, Slots};

/// Keys that share a sync and a commit.
const BATCH: usize = 512;

/// The vault that comes to life.
pub(super) struct Parts<'p> {
    pub(super) db: Db,
    pub(super) dir: &'p Path,
    pub(super) keyring: Keyring,
    pub(super) signer: Signer,
    pub(super) root: &'p Arc<Root>,
    pub(super) rng: &'p Arc<dyn Rng>,
    pub(super) now: Timestamp,
}

type Sealed = (MerchantId, CardToken, [u8; SLOT_BYTES]);

/// Makes the slot files and puts the key of every card into them that lives and opens.
pub(super) async fn put(
    parts: Parts<'_>,
    (whole, backup): (&Whole, Option<&Key>),
) -> Result<(), BackupError> {
    let Parts { db, dir, keyring, signer, root, rng, now } = parts;
    let shops = Shops::open(db.clone(), Arc::clone(root), Arc::clone(rng), now).await?;
    let none = BTreeSet::new();
    let open =
        |class| Slots::open(dir, class, &none, Arc::clone(rng)).map_err(card::KeepError::from);
    let (slots, code_slots) = (open(Class::Number)?, open(Class::Code)?);
    let bins = Bins::open(dir).map_err(crate::StartError::Storage)?;
    let (signer, rng) = (Arc::new(signer), Arc::clone(rng));
    let keeper = Arc::new(Keeper { db, slots, code_slots, bins, keyring, signer, rng });
    let Some(backup) = backup else { return Ok(()) };
    let (mut all, mut count) = (Vec::new(), 0_u64);
    whole.each_slot(&mut |line| {
        all.push(rows::read_slot(line)?);
        count = count.saturating_add(1);
        Ok(())
    })?;
    if count != whole.manifest.cards {
        return Err(BackupError::Damaged(format!("{SLOTS}: the number of keys")));
    }
    for batch in all.chunks(BATCH) {
        put_batch((&keeper, &shops), batch, backup).await?;
    }
    Ok(())
}

async fn put_batch(
    (keeper, shops): (&Arc<Keeper>, &Shops),
    batch: &[Sealed],
    backup: &Key,
) -> Result<(), BackupError> {
    let mut putting = JoinSet::new();
    for (merchant, token, slot) in batch {
        let (merchant, token) = (*merchant, *token);
        let Some(row) = keeper.find(merchant, token).await? else { continue };
        // Destroyed since: its key goes nowhere.
        if row.purged.is_some() {
            continue;
        }
        let damaged = || BackupError::Damaged(format!("{SLOTS}: {token}"));
        let shop = shops.get(merchant, row.shop).ok_or_else(damaged)?;
        let (key, micros) =
            Keeper::key_of_backup(&shop, token, (slot, backup)).ok_or_else(damaged)?;
        let sealed = row.record.as_deref().ok_or_else(damaged)?;
        record::open(&key, &card::place(&row), sealed).map(drop).map_err(|_| damaged())?;
        let keeper = Arc::clone(keeper);
        putting.spawn(async move {
            let put = keeper.put_key((&shop, Class::Number), (token.id(), &key), micros).await;
            put.map(|slot| (merchant, token, slot))
        });
    }
    let mut placed: Vec<(MerchantId, CardToken, SlotIndex)> = Vec::with_capacity(batch.len());
    while let Some(done) = putting.join_next().await {
        placed.push(done.map_err(|_| DbError::Panicked)??);
    }
    let unit = move |tx: &mut Tx<'_>| {
        placed
            .iter()
            .try_for_each(|(merchant, token, slot)| store::set_slot(tx, (*merchant, *token), *slot))
    };
    Ok(keeper.db.write::<_, DbError, _>(Route::any(), unit).await?)
}
