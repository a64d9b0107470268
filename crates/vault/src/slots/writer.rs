//! The one thread that writes a slot file.

use std::collections::{BTreeSet, HashMap};
use std::fs::File;
use std::num::NonZeroU64;
use std::os::unix::fs::FileExt;
use std::sync::{Arc, PoisonError, RwLock, mpsc};

use kernel::{Id, Rng};
use rustix::fs::{Advice, fadvise};

use super::{Command, HEADER_BYTES, Remains, Reply, Resealed, SlotError, SlotIndex};
use crate::keys::slot_key::{self, SLOT_BYTES};

const GROW_SLOTS: u64 = 8_192;
const MAX_SLOTS: u64 = 16_777_216;
/// Commands that share one sync.
const MAX_BATCH: usize = 256;
/// Memory forgets a file by whole pages.
const PAGE_BYTES: u64 = 4_096;

pub(super) struct Writer {
    file: File,
    gate: Arc<RwLock<()>>,
    free: BTreeSet<SlotIndex>,
    count: u64,
    /// The oldest epoch whose slots are taken.
    oldest: u32,
    /// A sync has failed, or a destruction was cut off.
    unsure: bool,
    rng: Arc<dyn Rng>,
}

/// What a destroyed slot held, and who wants to know.
type Ended = (Remains, Reply<Option<Remains>>);

/// What waits for the sync of a batch.
#[derive(Default)]
struct Waiting {
    put: Vec<(SlotIndex, Reply<SlotIndex>)>,
    resealed: Vec<(u64, Reply<u64>)>,
    destroyed: HashMap<SlotIndex, Vec<Ended>>,
}

impl Writer {
    pub(super) fn new(file: File, gate: Arc<RwLock<()>>, rng: Arc<dyn Rng>) -> Self {
        Self { file, gate, free: BTreeSet::new(), count: 0, oldest: 0, unsure: false, rng }
    }

    /// Finds the free slots and destroys what no row names.
    pub(super) fn sweep(&mut self, used: &BTreeSet<SlotIndex>) -> Result<(), SlotError> {
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
    pub(super) fn run(mut self, queue: &mpsc::Receiver<Command>) {
        while let Ok(first) = queue.recv() {
            let mut waiting = Waiting::default();
            self.begin(first, &mut waiting);
            for _ in 1..MAX_BATCH {
                match queue.try_recv() {
                    Ok(next) => self.begin(next, &mut waiting),
                    Err(_) => break,
                }
            }
            self.finish(waiting);
        }
    }

    /// Writes what a command asks for; its answer waits for the sync.
    fn begin(&mut self, command: Command, waiting: &mut Waiting) {
        match command {
            Command::Put(slot, reply) => match self.write(&slot) {
                Ok(index) => waiting.put.push((index, reply)),
                Err(error) => drop(reply.send(Err(error))),
            },
            Command::Destroy(index, card, reply) => match self.holds(index, card) {
                Ok(Some(remains)) => {
                    waiting.destroyed.entry(index).or_default().push((remains, reply));
                }
                other => drop(reply.send(other)),
            },
            Command::Bound(epoch, reply) => {
                self.oldest = self.oldest.max(epoch);
                let _ = reply.send(self.sure());
            }
            Command::Reseal(slots, reply) => match self.reseal(&slots, waiting) {
                Ok(count) => waiting.resealed.push((count, reply)),
                Err(error) => drop(reply.send(Err(error))),
            },
            Command::Settle(reply) => {
                let settled = self.sync().and_then(|()| super::forget_cache(&self.file));
                let _ = reply.send(settled);
            }
        }
    }

    fn finish(&mut self, waiting: Waiting) {
        let Waiting { put, resealed, destroyed } = waiting;
        if !put.is_empty() || !resealed.is_empty() {
            let synced = self.sync();
            let told = || synced.as_ref().map_or(Err(SlotError::Unsure), |()| Ok(()));
            for (index, reply) in put {
                let _ = reply.send(told().map(|()| index));
            }
            for (count, reply) in resealed {
                let _ = reply.send(told().map(|()| count));
            }
        }
        if !destroyed.is_empty() {
            let indexes: Vec<SlotIndex> = destroyed.keys().copied().collect();
            let outcome = self.overwrite(&indexes);
            if let Err(error) = &outcome {
                tracing::error!(%error, "ALARM: slots could not be destroyed");
                self.unsure = true;
            }
            for (remains, reply) in destroyed.into_values().flatten() {
                let told = outcome.as_ref().map(|()| Some(remains));
                let _ = reply.send(told.map_err(|error| match error {
                    SlotError::Io(io) => SlotError::Io(io.kind().into()),
                    SlotError::NotDestroyed => SlotError::NotDestroyed,
                    _ => SlotError::Unsure,
                }));
            }
        }
    }

    /// Everything written is on the disk; after a failure nothing is believed any more.
    fn sync(&mut self) -> Result<(), SlotError> {
        self.sure()?;
        let synced = self.file.sync_data();
        self.believe(synced)
    }

    fn believe(&mut self, synced: std::io::Result<()>) -> Result<(), SlotError> {
        synced.map_err(|error| {
            tracing::error!(%error, "ALARM: a slot file could not be synced");
            self.unsure = true;
            SlotError::Unsure
        })
    }

    const fn sure(&self) -> Result<(), SlotError> {
        if self.unsure { Err(SlotError::Unsure) } else { Ok(()) }
    }

    /// What stands in a slot, if it is the card's.
    fn holds(&self, index: SlotIndex, card: Id) -> Result<Option<Remains>, SlotError> {
        self.sure()?;
        let slot = self.read(index)?;
        let Some((owner, rest)) = slot.split_first_chunk::<16>() else { return Ok(None) };
        if owner != card.as_bytes() {
            return Ok(None);
        }
        let epoch = rest.first_chunk().map_or(0, |bytes| u32::from_be_bytes(*bytes));
        Ok(Some(Remains { sha256: crate::keys::bytes::sha256(&slot), epoch }))
    }

    fn read(&self, index: SlotIndex) -> Result<[u8; SLOT_BYTES], SlotError> {
        let mut slot = [0; SLOT_BYTES];
        self.file.read_exact_at(&mut slot, index.offset())?;
        Ok(slot)
    }

    fn write(&mut self, slot: &[u8; SLOT_BYTES]) -> Result<SlotIndex, SlotError> {
        self.sure()?;
        if slot_key::label(slot).is_some_and(|label| label.epoch < self.oldest) {
            return Err(SlotError::Retired);
        }
        if self.free.is_empty() {
            self.grow()?;
        }
        let index = self.free.pop_first().ok_or(SlotError::Full)?;
        self.file.write_all_at(slot, index.offset())?;
        Ok(index)
    }

    /// Leaves alone what was destroyed meanwhile, or is about to be.
    fn reseal(&self, slots: &[Resealed], waiting: &Waiting) -> Result<u64, SlotError> {
        self.sure()?;
        let mut count = 0_u64;
        for Resealed { index, old, new } in slots {
            if waiting.destroyed.contains_key(index) || self.read(*index)? != *old {
                continue;
            }
            let _alone = self.gate.write().unwrap_or_else(PoisonError::into_inner);
            self.file.write_all_at(new, index.offset())?;
            count = count.saturating_add(1);
        }
        Ok(count)
    }

    fn grow(&mut self) -> Result<(), SlotError> {
        let count = self.count.saturating_add(GROW_SLOTS);
        if count > MAX_SLOTS {
            return Err(SlotError::Full);
        }
        self.file.set_len(SlotIndex(count).offset())?;
        let synced = self.file.sync_all();
        self.believe(synced)?;
        self.free.extend((self.count..count).map(SlotIndex));
        self.count = count;
        Ok(())
    }

    /// Memory keeps no copy of a slot: what is read next comes from the disk.
    fn forget(&self, index: SlotIndex) -> Result<(), SlotError> {
        let page = index.offset() / PAGE_BYTES * PAGE_BYTES;
        let length = NonZeroU64::new(PAGE_BYTES);
        Ok(fadvise(&self.file, page, length, Advice::DontNeed).map_err(std::io::Error::from)?)
    }

    /// Random bytes over each slot, sync, read back from the disk, compare; then zeros mark it free.
    fn overwrite(&mut self, indexes: &[SlotIndex]) -> Result<(), SlotError> {
        let mut written = Vec::with_capacity(indexes.len());
        for index in indexes {
            let mut noise = [0; SLOT_BYTES];
            self.rng.fill(&mut noise);
            self.file.write_all_at(&noise, index.offset())?;
            written.push((*index, noise));
        }
        self.sync()?;
        for (index, noise) in written {
            self.forget(index)?;
            if self.read(index)? != noise {
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
    use tokio::sync::oneshot;

    use super::*;

    #[test]
    fn v_86_after_a_failed_sync_nothing_is_believed() {
        // Takes every write and refuses every sync.
        let disk = std::fs::OpenOptions::new().read(true).write(true).open("/dev/zero").unwrap();
        let rng = Arc::new(SeededRng::new(1));
        let mut writer = Writer::new(disk, Arc::default(), rng);
        writer.free.extend([SlotIndex(1), SlotIndex(2)]);
        let (commands, queue) = mpsc::channel();
        std::thread::spawn(move || writer.run(&queue));
        let destroy = |index| {
            let (reply, answer) = oneshot::channel();
            let card = Id::from_bytes([0; 16]);
            commands.send(Command::Destroy(SlotIndex(index), card, reply)).unwrap();
            answer.blocking_recv().unwrap()
        };
        for _ in 0..2 {
            assert!(
                matches!(destroy(0), Err(SlotError::Unsure)),
                "nor is it said to be gone later"
            );
        }
        let (reply, answer) = oneshot::channel();
        commands.send(Command::Put(Box::new([1; SLOT_BYTES]), reply)).unwrap();
        assert!(matches!(answer.blocking_recv().unwrap(), Err(SlotError::Unsure)));
    }

    /// A count that hears of the failure is not the last to know of it.
    #[test]
    fn v_128_a_sync_that_fails_in_a_count_is_remembered() {
        let disk = std::fs::OpenOptions::new().read(true).write(true).open("/dev/zero").unwrap();
        let mut writer = Writer::new(disk, Arc::default(), Arc::new(SeededRng::new(1)));
        writer.free.extend([SlotIndex(1)]);
        let (commands, queue) = mpsc::channel();
        std::thread::spawn(move || writer.run(&queue));
        let settle = || {
            let (reply, answer) = oneshot::channel();
            commands.send(Command::Settle(reply)).unwrap();
            answer.blocking_recv().unwrap()
        };
        assert!(matches!(settle(), Err(SlotError::Unsure)));
        let (reply, answer) = oneshot::channel();
        commands.send(Command::Bound(2, reply)).unwrap();
        assert!(matches!(answer.blocking_recv().unwrap(), Err(SlotError::Unsure)));
        let (reply, answer) = oneshot::channel();
        commands.send(Command::Put(Box::new([1; SLOT_BYTES]), reply)).unwrap();
        assert!(matches!(answer.blocking_recv().unwrap(), Err(SlotError::Unsure)));
    }
}
