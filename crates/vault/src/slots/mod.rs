//! A slot file: keys of cards or of security codes, apart from the database and from every
//! backup. There is one file for each class, so that a code's key never shares a file with a
//! number's.
//!
//! A header of 4,096 bytes, then slots of 128 bytes. One thread writes ([`writer`]); what waits for
//! it shares one `fdatasync`. A slot is destroyed by writing random bytes over it, syncing, reading
//! it back from the disk (not from memory) and only then marking it free with zeros.
//!
//! Order of writing: the slot is durable before the row that names it. A slot without a row (the
//! process ended between the two) is destroyed at the next start, or when its epoch ends.
//!
//! A slot may be sealed anew in place under a younger epoch. Once the writer knows the youngest, it
//! takes no slot of an older one.
//!
//! After a sync that failed nobody knows what the disk holds, whatever memory shows: the file takes
//! and tells nothing more until the vault starts again and reads it from the disk.

mod writer;

use std::collections::BTreeSet;
use std::fs::{File, OpenOptions};
use std::os::unix::fs::{FileExt, OpenOptionsExt};
use std::path::Path;
use std::sync::{Arc, PoisonError, RwLock, mpsc};

use kernel::{Id, Rng};
use rustix::fs::{Advice, fadvise};
use tokio::sync::oneshot;

use self::writer::Writer;
use crate::keys::slot_key::{self, Label, SLOT_BYTES};

const HEADER_BYTES: u64 = 4_096;
/// A header line is shorter than this.
const MARK_BYTES: usize = 32;
/// Slots read at once.
const READ_SLOTS: usize = 8_192;

/// Why a slot cannot be written or read.
#[derive(Debug, thiserror::Error)]
pub enum SlotError {
    /// The disk said no.
    #[error("slot file: {0}")]
    Io(#[from] std::io::Error),
    /// Not our file.
    #[error("slot file: unknown header")]
    Header,
    /// All slots are taken.
    #[error("slot file: full")]
    Full,
    /// A slot still shows old bytes after it was written over.
    #[error("slot file: a destroyed slot could be read back")]
    NotDestroyed,
    /// The slot is sealed under an epoch that has ended: it must be sealed again.
    #[error("slot file: the epoch has ended")]
    Retired,
    /// A sync has failed: what the disk holds is known after the next start.
    #[error("slot file: a sync has failed; the vault must be started again")]
    Unsure,
    /// The writer has ended.
    #[error("slot file: closed")]
    Closed,
}

/// Number of a slot.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct SlotIndex(pub(crate) u64);

impl SlotIndex {
    fn offset(self) -> u64 {
        HEADER_BYTES.saturating_add(self.0.saturating_mul(SLOT_BYTES as u64))
    }
}

/// What a slot file keeps keys of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Class {
    /// Card numbers.
    Number,
    /// Security codes.
    Code,
}

impl Class {
    /// Both.
    pub(crate) const ALL: [Self; 2] = [Self::Number, Self::Code];

    /// The word in file names, headers and key derivations.
    pub(crate) const fn word(self) -> &'static str {
        match self {
            Self::Number => "number",
            Self::Code => "code",
        }
    }

    fn mark(self) -> String {
        format!("guichet-slots-v1 {}\n", self.word())
    }
}

type Reply<T> = oneshot::Sender<Result<T, SlotError>>;

enum Command {
    Put(Box<[u8; SLOT_BYTES]>, Reply<SlotIndex>),
    Destroy(SlotIndex, Id, Reply<Option<Remains>>),
    Bound(u32, Reply<()>),
    Reseal(Vec<Resealed>, Reply<u64>),
    Settle(Reply<()>),
}

/// A slot sealed anew.
pub(crate) struct Resealed {
    pub(crate) index: SlotIndex,
    /// What it was made from: only over this it is written.
    pub(crate) old: [u8; SLOT_BYTES],
    pub(crate) new: [u8; SLOT_BYTES],
}

/// What is said of a slot that was destroyed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Remains {
    /// SHA-256 of its 128 bytes before.
    pub(crate) sha256: [u8; 32],
    /// The epoch that sealed it.
    pub(crate) epoch: u32,
}

/// A slot file. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Slots {
    file: Arc<File>,
    commands: mpsc::Sender<Command>,
    /// Taken to read a slot, and to write one anew: nobody reads half of each.
    gate: Arc<RwLock<()>>,
}

impl Slots {
    /// Opens or makes the file of a class in `dir`. `used` are the slots that rows name; whatever
    /// stands in another one is destroyed.
    pub(crate) fn open(
        dir: &Path,
        class: Class,
        used: &BTreeSet<SlotIndex>,
        rng: Arc<dyn Rng>,
    ) -> Result<Self, SlotError> {
        let path = dir.join(format!("slots.{}", class.word()));
        let line = class.mark();
        let file = OpenOptions::new()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .mode(0o600)
            .open(path)?;
        if file.metadata()?.len() < HEADER_BYTES {
            file.set_len(HEADER_BYTES)?;
            file.write_all_at(line.as_bytes(), 0)?;
            file.sync_all()?;
        }
        let mut mark = [0; MARK_BYTES];
        file.read_exact_at(&mut mark, 0)?;
        if !mark.starts_with(line.as_bytes()) {
            return Err(SlotError::Header);
        }
        // What a former process wrote and did not sync is on the disk, or the start fails.
        file.sync_data()?;
        forget_cache(&file)?;
        let gate = Arc::new(RwLock::new(()));
        let mut writer = Writer::new(file.try_clone()?, Arc::clone(&gate), rng);
        writer.sweep(used)?;
        let (commands, queue) = mpsc::channel();
        std::thread::Builder::new()
            .name(format!("slots-{}", class.word()))
            .spawn(move || writer.run(&queue))?;
        Ok(Self { file: Arc::new(file), commands, gate })
    }

    async fn tell<T>(&self, command: impl FnOnce(Reply<T>) -> Command) -> Result<T, SlotError> {
        let (reply, answer) = oneshot::channel();
        self.commands.send(command(reply)).map_err(|_| SlotError::Closed)?;
        answer.await.map_err(|_| SlotError::Closed)?
    }

    /// Writes a slot; durable when this completes.
    ///
    /// # Errors
    /// [`SlotError::Retired`] when a younger epoch has begun since it was sealed.
    pub(crate) async fn put(&self, slot: [u8; SLOT_BYTES]) -> Result<SlotIndex, SlotError> {
        self.tell(|reply| Command::Put(Box::new(slot), reply)).await
    }

    /// From now on no slot of an older epoch is taken.
    pub(crate) async fn take_none_before(&self, epoch: u32) -> Result<(), SlotError> {
        self.tell(|reply| Command::Bound(epoch, reply)).await
    }

    /// Writes slots anew in place, where they still hold what they were made from; how many. Durable
    /// when this completes.
    pub(crate) async fn reseal(&self, slots: Vec<Resealed>) -> Result<u64, SlotError> {
        self.tell(|reply| Command::Reseal(slots, reply)).await
    }

    /// Reads a slot.
    pub(crate) fn get(&self, index: SlotIndex) -> Result<[u8; SLOT_BYTES], SlotError> {
        let mut slot = [0; SLOT_BYTES];
        let _whole = self.gate.read().unwrap_or_else(PoisonError::into_inner);
        self.file.read_exact_at(&mut slot, index.offset())?;
        Ok(slot)
    }

    /// How many slots carry the name of a card.
    pub(crate) fn named(&self, card: Id) -> Result<u64, SlotError> {
        let mut found = 0_u64;
        self.each(|_, slot| {
            found = found.saturating_add(slot.starts_with(card.as_bytes()).into())
        })?;
        Ok(found)
    }

    /// Everything written is on the disk, and what is read next comes from there. By the writer: a
    /// disk tells once that it lost something, and the writer must be who hears it.
    ///
    /// # Errors
    /// [`SlotError::Unsure`] when a sync fails now or has failed before.
    pub(crate) async fn settle(&self) -> Result<(), SlotError> {
        self.tell(Command::Settle).await
    }

    /// The slots of epochs before one, as the disk holds them.
    pub(crate) async fn before(&self, epoch: u32) -> Result<Vec<(SlotIndex, Label)>, SlotError> {
        self.settle().await?;
        let slots = self.clone();
        let read = tokio::task::spawn_blocking(move || slots.labels_before(epoch));
        read.await.map_err(|_| SlotError::Closed)?
    }

    fn labels_before(&self, epoch: u32) -> Result<Vec<(SlotIndex, Label)>, SlotError> {
        let mut found = Vec::new();
        self.each(|index, slot| {
            found.extend(slot_key::label(slot).filter(|l| l.epoch < epoch).map(|l| (index, l)));
        })?;
        Ok(found)
    }

    fn each(&self, mut see: impl FnMut(SlotIndex, &[u8])) -> Result<(), SlotError> {
        let mut next = SlotIndex(0);
        let mut part = vec![0; READ_SLOTS * SLOT_BYTES];
        loop {
            let got = {
                let _whole = self.gate.read().unwrap_or_else(PoisonError::into_inner);
                self.file.read_at(&mut part, next.offset())?
            };
            let whole = part.get(..got).unwrap_or_default().chunks_exact(SLOT_BYTES);
            if whole.len() == 0 {
                return Ok(());
            }
            for slot in whole {
                see(next, slot);
                next = SlotIndex(next.0.saturating_add(1));
            }
        }
    }

    /// Destroys the slot of a card; durable when this completes. A slot that serves another card
    /// by now (this was done before, and its row not yet changed) is left alone: then nothing is
    /// said of it.
    pub(crate) async fn destroy(
        &self,
        index: SlotIndex,
        card: Id,
    ) -> Result<Option<Remains>, SlotError> {
        self.tell(|reply| Command::Destroy(index, card, reply)).await
    }
}

/// What is read next comes from the disk, as far as it was written there.
fn forget_cache(file: &File) -> Result<(), SlotError> {
    Ok(fadvise(file, 0, None, Advice::DontNeed).map_err(std::io::Error::from)?)
}

#[cfg(test)]
mod tests {
    use kernel::rng::SeededRng;

    use crate::keys::Key;
    use crate::keys::slot_key::SlotKeys;

    use super::*;

    fn open(dir: &Path, used: &[SlotIndex]) -> Slots {
        let used = used.iter().copied().collect();
        Slots::open(dir, Class::Number, &used, Arc::new(SeededRng::new(1))).unwrap()
    }

    fn count(dir: &Path, needle: u8) -> usize {
        let bytes = std::fs::read(dir.join("slots.number")).unwrap();
        bytes.windows(16).filter(|w| w.iter().all(|b| *b == needle)).count()
    }

    #[tokio::test]
    async fn v_123_slots_are_written_read_and_destroyed() {
        let dir = tempfile::tempdir().unwrap();
        let slots = open(dir.path(), &[]);
        let first = slots.put([1; SLOT_BYTES]).await.unwrap();
        let second = slots.put([2; SLOT_BYTES]).await.unwrap();
        assert_eq!(slots.get(second).unwrap(), [2; SLOT_BYTES]);
        slots.destroy(first, Id::from_bytes([9; 16])).await.unwrap();
        assert_eq!(slots.get(first).unwrap(), [1; SLOT_BYTES], "not this card's slot");
        slots.destroy(first, Id::from_bytes([1; 16])).await.unwrap();
        assert_eq!(count(dir.path(), 1), 0);
        let third = slots.put([3; SLOT_BYTES]).await.unwrap();
        assert_eq!(third, first, "a destroyed slot is used again");
    }

    #[tokio::test]
    async fn v_123_a_slot_without_a_row_is_swept() {
        let dir = tempfile::tempdir().unwrap();
        let slots = open(dir.path(), &[]);
        let kept = slots.put([7; SLOT_BYTES]).await.unwrap();
        slots.put([8; SLOT_BYTES]).await.unwrap();
        drop(slots);
        let slots = open(dir.path(), &[kept]);
        assert_eq!(count(dir.path(), 8), 0);
        assert_eq!(slots.get(kept).unwrap(), [7; SLOT_BYTES]);
    }

    /// A whole slot of an epoch.
    fn sealed(card: Id, epoch: u32, rng: &SeededRng) -> [u8; SLOT_BYTES] {
        let (property, key) = (Key::random(rng), Key::random(rng));
        let keys = SlotKeys {
            property: &property,
            epoch: &key,
            number: epoch,
            shop: "shop_a",
            class: Class::Number,
        };
        slot_key::seal(&keys, card, &Key::random(rng), 1, rng).unwrap()
    }

    #[tokio::test]
    async fn v_128_slots_are_sealed_anew_in_place_and_old_epochs_are_taken_no_more() {
        let dir = tempfile::tempdir().unwrap();
        let (slots, rng) = (open(dir.path(), &[]), SeededRng::new(5));
        let (card, gone) = (Id::random(&rng), Id::random(&rng));
        let old = sealed(card, 1, &rng);
        let index = slots.put(old).await.unwrap();
        let other = slots.put(sealed(gone, 1, &rng)).await.unwrap();
        slots.take_none_before(2).await.unwrap();
        assert!(matches!(slots.put(sealed(card, 1, &rng)).await, Err(SlotError::Retired)));
        let found: Vec<SlotIndex> =
            slots.before(2).await.unwrap().into_iter().map(|(index, _)| index).collect();
        assert_eq!(found, [index, other]);
        let theirs = slots.get(other).unwrap();
        slots.destroy(other, gone).await.unwrap();
        let new = sealed(card, 2, &rng);
        let anew = |index, old| Resealed { index, old, new };
        let count = slots.reseal(vec![anew(index, old), anew(other, theirs)]).await.unwrap();
        assert_eq!(count, 1, "a destroyed slot stays destroyed");
        assert_eq!(slots.get(index).unwrap(), new);
        assert_eq!(slots.reseal(vec![anew(index, old)]).await.unwrap(), 0);
        assert!(slots.before(2).await.unwrap().is_empty());
    }

    #[tokio::test]
    async fn many_writers_share_a_sync() {
        let dir = tempfile::tempdir().unwrap();
        let slots = open(dir.path(), &[]);
        let puts = (0..200_u8).map(|n| {
            let slots = slots.clone();
            tokio::spawn(async move { slots.put([n; SLOT_BYTES]).await.unwrap() })
        });
        let mut seen = BTreeSet::new();
        for put in puts.collect::<Vec<_>>() {
            assert!(seen.insert(put.await.unwrap()));
        }
    }
}
