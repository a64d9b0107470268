//! Heads, entries and proofs for the app; checking the whole log.

use std::sync::Arc;

use db::{Db, DbError, Route, Tx};
use kernel::{MerchantId, ShopId, Timestamp};
use serde_json::Value;
use vault_wire::proof::shown_details;
use vault_wire::{
    CardLife, Checkpoint, LogConsistency, LogEntries, LogEntry, LogInclusion, LogOfCard, LogPage,
    LogProof, LogVerified, ProvedEntry, Receipts, ReceiptsList, Refused,
};

use super::tree::{Tree, leaf};
use super::{Signer, entry, store};
use crate::capture::internal;
use crate::keys::bytes::hex;

const MAX_ENTRIES: u32 = 1_000;
/// Entries with proofs in one answer, so that it fits in a frame: a proof in a log of a million
/// entries has 20 hashes.
const MAX_PROVED: u32 = 300;
/// Entries read in one turn while a tree is built.
const TURN_ENTRIES: u32 = 5_000;

/// The log of all merchants.
pub(crate) struct Log {
    pub(crate) db: Db,
    pub(crate) signer: Arc<Signer>,
}

impl Log {
    async fn entries(&self, merchant: MerchantId) -> Result<Vec<String>, DbError> {
        self.db
            .read(move |tx| {
                let mut all: Vec<String> = Vec::new();
                loop {
                    let from = u64::try_from(all.len()).unwrap_or(u64::MAX);
                    let page = store::texts(tx, merchant, (from, TURN_ENTRIES))?;
                    let more = page.len() >= usize::try_from(TURN_ENTRIES).unwrap_or(usize::MAX);
                    all.extend(page);
                    if !more {
                        return Ok(all);
                    }
                }
            })
            .await
    }

    /// The entries under a head of this size, or all.
    async fn first(&self, merchant: MerchantId, size: Option<u64>) -> Result<Vec<String>, Refused> {
        let mut entries = self.entries(merchant).await.map_err(internal)?;
        if let Some(size) = size {
            let size = usize::try_from(size).ok().filter(|size| (1..=entries.len()).contains(size));
            entries.truncate(size.ok_or_else(no_entry)?);
        }
        Ok(entries)
    }

    fn head(&self, merchant: MerchantId, tree: &Tree) -> Checkpoint {
        let origin = self.signer.origin(&merchant.to_string());
        Checkpoint {
            size: tree.size(),
            note: self.signer.head(&origin, tree.size(), &tree.root()),
            key: self.signer.verifier(&origin),
            former: self.signer.former_verifiers(&origin),
        }
    }

    /// Signs and keeps a head over what was added since the last one.
    pub(crate) async fn seal(&self, merchant: MerchantId, at: Timestamp) -> Result<(), DbError> {
        let (size, newest) = self
            .db
            .read::<_, DbError, _>(move |tx| {
                Ok((store::next(tx, merchant)?, store::newest_head(tx, merchant)?))
            })
            .await?;
        if size == newest.map_or(0, |(size, _)| size) {
            return Ok(());
        }
        let head = self.head(merchant, &Tree::of(self.entries(merchant).await?));
        self.db
            .write(Route::of(merchant.id()), move |tx| {
                store::put_head(tx, merchant, (head.size, &head.note), at)
            })
            .await
    }

    /// The head of the log as it is now.
    pub(crate) async fn checkpoint(&self, merchant: MerchantId) -> Result<Checkpoint, Refused> {
        let entries = self.entries(merchant).await.map_err(internal)?;
        Ok(self.head(merchant, &Tree::of(entries)))
    }

    /// Entries in order. A reader of a shop is told the salt and details of its own alone, as a guest
    /// may see them; the house, which names no shop, is told all of them.
    pub(crate) async fn page(
        &self,
        (merchant, reader): (MerchantId, Option<ShopId>),
        request: LogEntries,
    ) -> Result<LogPage, Refused> {
        let part = (request.from, request.limit.clamp(1, MAX_ENTRIES));
        let read = self.db.read::<_, DbError, _>(move |tx| {
            let entries = store::entries(tx, merchant, request.card, part)?;
            Ok((entries, store::next(tx, merchant)?))
        });
        let (entries, size) = read.await.map_err(internal)?;
        let entries = entries.into_iter().map(|stored| {
            let (salt, details) = match reader {
                None => (stored.salt.as_deref().map(hex), stored.details),
                Some(shop) if is_of(&stored.entry, shop) => shown(&stored).unzip(),
                Some(_) => (None, None),
            };
            let (entry, single_use) = (stored.entry, stored.single_use);
            LogEntry { seq: stored.seq, entry, salt, details, single_use }
        });
        Ok(LogPage { entries: entries.collect(), size })
    }

    /// What the log says of a card under a head, each entry with its proof; of what is sealed only the
    /// hash.
    pub(crate) async fn of_card(
        &self,
        merchant: MerchantId,
        request: LogOfCard,
    ) -> Result<CardLife, Refused> {
        let tree = Tree::of(self.first(merchant, request.size).await?);
        let part = (request.from, MAX_PROVED);
        let read = move |tx: &mut Tx<'_>| store::entries(tx, merchant, Some(request.card), part);
        let found = self.db.read::<_, DbError, _>(read).await.map_err(internal)?;
        let is_full = found.len() >= usize::try_from(MAX_PROVED).unwrap_or(usize::MAX);
        let next = found.last().filter(|_| is_full).map(|last| last.seq.saturating_add(1));
        let next = next.filter(|next| *next < tree.size());
        let proved = found.into_iter().filter_map(|stored| {
            // What is not under the head is told next time.
            let path = tree.inclusion(stored.seq)?;
            let (salt, details) = shown(&stored).unzip();
            Some(ProvedEntry {
                seq: stored.seq,
                leaf_hash: leaf(&stored.entry),
                path,
                salt,
                details,
                entry: stored.entry,
            })
        });
        let entries = proved.collect();
        Ok(CardLife { entries, next, checkpoint: self.head(merchant, &tree) })
    }

    /// The proof of an entry.
    pub(crate) async fn inclusion(
        &self,
        merchant: MerchantId,
        request: LogInclusion,
    ) -> Result<LogProof, Refused> {
        let entries = self.first(merchant, request.size).await?;
        let index = usize::try_from(request.seq).unwrap_or(usize::MAX);
        let leaf_hash = entries.get(index).map(|entry| leaf(entry)).ok_or_else(no_entry)?;
        let tree = Tree::of(entries);
        let path = tree.inclusion(request.seq).ok_or_else(no_entry)?;
        Ok(LogProof { leaf_hash, path, checkpoint: self.head(merchant, &tree) })
    }

    /// The proof that an older log is the beginning of this one.
    pub(crate) async fn consistency(
        &self,
        merchant: MerchantId,
        request: LogConsistency,
    ) -> Result<LogProof, Refused> {
        let tree = Tree::of(self.first(merchant, request.new).await?);
        let path = tree.consistency(request.old).ok_or_else(no_entry)?;
        Ok(LogProof { leaf_hash: String::new(), path, checkpoint: self.head(merchant, &tree) })
    }

    /// Receipts of a card.
    pub(crate) async fn receipts(
        &self,
        merchant: MerchantId,
        request: ReceiptsList,
    ) -> Result<Receipts, Refused> {
        let read =
            self.db.read::<_, DbError, _>(move |tx| store::receipts(tx, merchant, request.card));
        let texts = read.await.map_err(internal)?;
        let receipts = texts.iter().map(|text| serde_json::from_str(text));
        Ok(Receipts { receipts: receipts.collect::<Result<_, _>>().map_err(internal)? })
    }

    /// Recomputes the tree, compares it with every head that was ever signed, and each entry with
    /// what stands beside it. Looks at the log as it was when this began: it ends while others write.
    pub(crate) async fn verify(&self, merchant: MerchantId) -> Result<LogVerified, DbError> {
        let read =
            move |tx: &mut Tx<'_>| Ok((store::heads(tx, merchant)?, store::next(tx, merchant)?));
        let (heads, size) = self.db.read::<_, DbError, _>(read).await?;
        let origin = self.signer.origin(&merchant.to_string());
        let mut tree = Tree::of([]);
        let mut waiting = heads.iter().peekable();
        while tree.size() < size {
            let from = tree.size();
            let limit = u32::try_from(size.saturating_sub(from)).unwrap_or(u32::MAX);
            let part = (from, limit.min(TURN_ENTRIES));
            let read = move |tx: &mut Tx<'_>| store::whole(tx, merchant, part);
            let page = self.db.read::<_, DbError, _>(read).await?;
            if page.is_empty() {
                return Ok(fault(from, from));
            }
            for stored in page {
                let seq = tree.size();
                if !entry::is_sound(&stored, merchant, seq) {
                    return Ok(fault(seq, seq));
                }
                tree.push(stored.entry);
                if let Some((size, note)) = waiting.next_if(|(size, _)| *size == tree.size())
                    && self.signer.check(&origin, note) != Some((*size, tree.root()))
                {
                    return Ok(fault(tree.size(), *size));
                }
            }
        }
        if let Some((size, _)) = waiting.next() {
            return Ok(fault(tree.size(), *size));
        }
        let (size, heads) = (tree.size(), u64::try_from(heads.len()).unwrap_or(u64::MAX));
        Ok(LogVerified { sound: true, size, heads, first_fault: None })
    }
}

const fn fault(size: u64, first: u64) -> LogVerified {
    LogVerified { sound: false, size, heads: 0, first_fault: Some(first) }
}

fn no_entry() -> Refused {
    Refused::new("not_found", "The log has no such entry.")
}

/// Whether an entry tells of something in a shop.
fn is_of(entry: &str, shop: ShopId) -> bool {
    let said: Result<Value, _> = serde_json::from_str(entry);
    said.is_ok_and(|said| said["shop"] == shop.to_string())
}

/// Salt and details of an entry as a guest may see them. Entries of before details were sealed show
/// none when they name a person.
fn shown(stored: &store::Stored) -> Option<(String, String)> {
    let details = shown_details(stored.details.as_deref()?)?;
    let read: Value = serde_json::from_str(&details).ok()?;
    let names = ["name", "ip"].iter().any(|field| read.get(field).is_some());
    stored.salt.as_deref().filter(|_| !names).map(|salt| (hex(salt), details))
}
