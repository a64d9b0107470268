//! A slot file: keys of cards or of security codes, apart from the database and from every
//! backup. There is one file for each class, so that a code's key never shares a file with a
//! number's.
//!
//! A header of 4,096 bytes, then slots of 128 bytes. One thread writes; puts and destructions
//! that wait share one `fdatasync`. A slot is destroyed by writing random bytes over it, syncing,
//! reading it back and only then marking it free with zeros.
//!
//! Order of writing: the slot is durable before the row that names it. A slot without a row (the
//! process ended between the two) is destroyed at the next start.

use std::collections::{BTreeSet, HashMap};
use std::fs::{File, OpenOptions};
use std::os::unix::fs::{FileExt, OpenOptionsExt};
use std::path::Path;
use std::sync::{Arc, mpsc};

use kernel::{Id, Rng};
use tokio::sync::oneshot;

use crate::keys::slot_key::SLOT_BYTES;

const HEADER_BYTES: u64 = 4_096;
/// A header line is shorter than this.
const MARK_BYTES: usize = 32;
const GROW_SLOTS: u64 = 8_192;
const MAX_SLOTS: u64 = 16_777_216;
/// Slots read at once.
const READ_SLOTS: usize = 8_192;
/// Commands that share one sync.
const MAX_BATCH: usize = 256;

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
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Class {
    /// Card numbers.
    Number,
    /// Security codes.
    Code,
}

impl Class {
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
        let mut writer = Writer { file: file.try_clone()?, free: BTreeSet::new(), count: 0, rng };
        writer.sweep(used)?;
        let (commands, queue) = mpsc::channel();
        std::thread::Builder::new()
            .name(format!("slots-{}", class.word()))
            .spawn(move || writer.run(&queue))?;
        Ok(Self { file: Arc::new(file), commands })
    }

    /// Writes a slot; durable when this completes.
    pub(crate) async fn put(&self, slot: [u8; SLOT_BYTES]) -> Result<SlotIndex, SlotError> {
        let (reply, answer) = oneshot::channel();
        let command = Command::Put(Box::new(slot), reply);
        self.commands.send(command).map_err(|_| SlotError::Closed)?;
        answer.await.map_err(|_| SlotError::Closed)?
    }

    /// Reads a slot.
    pub(crate) fn get(&self, index: SlotIndex) -> Result<[u8; SLOT_BYTES], SlotError> {
        let mut slot = [0; SLOT_BYTES];
        self.file.read_exact_at(&mut slot, index.offset())?;
        Ok(slot)
    }

    /// How many slots carry the name of a card.
    pub(crate) fn named(&self, card: Id) -> Result<u64, SlotError> {
        let (mut found, mut at) = (0_u64, HEADER_BYTES);
        let mut part = vec![0; READ_SLOTS * SLOT_BYTES];
        loop {
            let got = self.file.read_at(&mut part, at)?;
            let whole = part.get(..got).unwrap_or_default().chunks_exact(SLOT_BYTES);
            let read = whole.len();
            if read == 0 {
                return Ok(found);
            }
            let named = whole.filter(|slot| slot.starts_with(card.as_bytes())).count();
            found = found.saturating_add(named as u64);
            at = at.saturating_add((read * SLOT_BYTES) as u64);
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
        let (reply, answer) = oneshot::channel();
        let command = Command::Destroy(index, card, reply);
        self.commands.send(command).map_err(|_| SlotError::Closed)?;
        answer.await.map_err(|_| SlotError::Closed)?
    }
}

struct Writer {
    file: File,
    free: BTreeSet<SlotIndex>,
    count: u64,
    rng: Arc<dyn Rng>,
}

impl Writer {
    /// Finds the free slots and destroys what no row names.
    fn sweep(&mut self, used: &BTreeSet<SlotIndex>) -> Result<(), SlotError> {
        let bytes = self.file.metadata()?.len().saturating_sub(HEADER_BYTES);
        self.count = bytes / SLOT_BYTES as u64;
        let mut orphans = Vec::new();
        for index in (0..self.count).map(SlotIndex).filter(|index| !used.contains(index)) {
            let mut slot = [0; SLOT_BYTES];
            self.file.read_exact_at(&mut slot, index.offset())?;
            if slot == [0; SLOT_BYTES] {
                self.free.insert(index);
            } else {
                orphans.push(index);
            }
        }
        if !orphans.is_empty() {
            tracing::info!(count = orphans.len(), "slots without a card are destroyed");
            self.overwrite(&orphans)?;
        }
        Ok(())
    }

    /// Ends with the last handle.
    fn run(mut self, queue: &mpsc::Receiver<Command>) {
        while let Ok(first) = queue.recv() {
            let mut batch = vec![first];
            while batch.len() < MAX_BATCH
                && let Ok(next) = queue.try_recv()
            {
                batch.push(next);
            }
            self.run_batch(batch);
        }
    }

    fn run_batch(&mut self, batch: Vec<Command>) {
        let mut put = Vec::new();
        let mut destroyed = HashMap::new();
        for command in batch {
            match command {
                Command::Put(slot, reply) => match self.write(&slot) {
                    Ok(index) => put.push((index, reply)),
                    Err(error) => {
                        let _ = reply.send(Err(error));
                    }
                },
                Command::Destroy(index, card, reply) => match self.holds(index, card) {
                    Ok(Some(remains)) => {
                        destroyed.entry(index).or_insert_with(Vec::new).push((reply, remains));
                    }
                    other => {
                        let _ = reply.send(other);
                    }
                },
            }
        }
        if !put.is_empty() {
            let synced = self.file.sync_data().map_err(|error| error.kind());
            for (index, reply) in put {
                let _ = reply.send(synced.map(|()| index).map_err(|k| SlotError::Io(k.into())));
            }
        }
        if !destroyed.is_empty() {
            let indexes: Vec<SlotIndex> = destroyed.keys().copied().collect();
            let outcome = self.overwrite(&indexes);
            for (reply, remains) in destroyed.into_values().flatten() {
                let told = outcome.as_ref().map(|()| Some(remains));
                let _ = reply.send(told.map_err(|error| match error {
                    SlotError::Io(io) => SlotError::Io(io.kind().into()),
                    _ => SlotError::NotDestroyed,
                }));
            }
        }
    }

    /// What stands in a slot, if it is the card's.
    fn holds(&self, index: SlotIndex, card: Id) -> Result<Option<Remains>, SlotError> {
        let mut slot = [0; SLOT_BYTES];
        self.file.read_exact_at(&mut slot, index.offset())?;
        let Some((owner, rest)) = slot.split_first_chunk::<16>() else { return Ok(None) };
        if owner != card.as_bytes() {
            return Ok(None);
        }
        let epoch = rest.first_chunk().map_or(0, |bytes| u32::from_be_bytes(*bytes));
        Ok(Some(Remains { sha256: crate::keys::bytes::sha256(&slot), epoch }))
    }

    fn write(&mut self, slot: &[u8; SLOT_BYTES]) -> Result<SlotIndex, SlotError> {
        if self.free.is_empty() {
            self.grow()?;
        }
        let index = self.free.pop_first().ok_or(SlotError::Full)?;
        self.file.write_all_at(slot, index.offset())?;
        Ok(index)
    }

    fn grow(&mut self) -> Result<(), SlotError> {
        let count = self.count.saturating_add(GROW_SLOTS);
        if count > MAX_SLOTS {
            return Err(SlotError::Full);
        }
        self.file.set_len(SlotIndex(count).offset())?;
        self.file.sync_all()?;
        self.free.extend((self.count..count).map(SlotIndex));
        self.count = count;
        Ok(())
    }

    /// Random bytes over each slot, sync, read back, compare; then zeros mark it free.
    fn overwrite(&mut self, indexes: &[SlotIndex]) -> Result<(), SlotError> {
        let mut written = Vec::with_capacity(indexes.len());
        for index in indexes {
            let mut noise = [0; SLOT_BYTES];
            self.rng.fill(&mut noise);
            self.file.write_all_at(&noise, index.offset())?;
            written.push((*index, noise));
        }
        self.file.sync_data()?;
        for (index, noise) in written {
            let mut back = [0; SLOT_BYTES];
            self.file.read_exact_at(&mut back, index.offset())?;
            if back != noise {
                return Err(SlotError::NotDestroyed);
            }
            self.file.write_all_at(&[0; SLOT_BYTES], index.offset())?;
            self.free.insert(index);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use kernel::rng::SeededRng;

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
