//! Where remains are looked for: the files of a folder, and the memory of this process.

use std::fs::File;
use std::io::{Read as _, Seek as _};
use std::os::unix::fs::FileExt;
use std::path::Path;

use vault_wire::{Hit, Searched};

use super::needle::{Hunter, LONGEST_BYTES};
use crate::kernel_calls;

/// Bytes of a part that is read at once.
const PART_BYTES: usize = 256 * 1024;
/// What runs over into the next part.
const OVERLAP_BYTES: usize = LONGEST_BYTES - 1;
/// Hits that are told of one place.
const MOST_HITS: usize = 100;
/// Reasons that are told of one place.
const MOST_REASONS: usize = 20;

/// The search of one place.
pub(crate) struct Search<'h> {
    hunter: &'h Hunter,
    buffer: Vec<u8>,
    told: Searched,
}

impl<'h> Search<'h> {
    /// Of a place with this name.
    pub(crate) fn of(place: &str, hunter: &'h Hunter) -> Self {
        let told = Searched { place: place.to_owned(), ..Searched::default() };
        Self { hunter, buffer: vec![0; PART_BYTES + OVERLAP_BYTES], told }
    }

    /// What was found.
    pub(crate) fn done(self) -> Searched {
        self.told
    }

    /// Counts a part.
    pub(super) fn part(&mut self) {
        self.told.parts = self.told.parts.saturating_add(1);
    }

    /// Something that could not be read.
    pub(crate) fn unread(&mut self, why: String) {
        if self.told.unread.len() < MOST_REASONS {
            self.told.unread.push(why);
        }
    }

    /// All files of a folder and of the folders in it; a place that is one file is read as that.
    pub(crate) fn folder(&mut self, path: &Path) {
        self.folder_without(path, None);
    }

    /// The same without one folder in it.
    pub(super) fn folder_without(&mut self, path: &Path, except: Option<&Path>) {
        if except == Some(path) {
            return;
        }
        let about = match std::fs::symlink_metadata(path) {
            Ok(about) => about,
            Err(error) => return self.unread(format!("{}: {error}", path.display())),
        };
        if about.is_file() {
            return self.file(path);
        }
        if !about.is_dir() {
            return;
        }
        match std::fs::read_dir(path) {
            Ok(entries) => {
                entries.flatten().for_each(|entry| self.folder_without(&entry.path(), except));
            }
            Err(error) => self.unread(format!("{}: {error}", path.display())),
        }
    }

    fn file(&mut self, path: &Path) {
        let part = path.display().to_string();
        match File::open(path) {
            Ok(file) => self.range(&file, &part, (0, u64::MAX)),
            Err(error) => self.unread(format!("{part}: {error}")),
        }
    }

    /// A range of a file, to its end at most.
    fn range(&mut self, file: &File, part: &str, (from, to): (u64, u64)) {
        self.part();
        let mut buffer = std::mem::take(&mut self.buffer);
        let mut at = from;
        while at < to {
            let room = usize::try_from(to.saturating_sub(at)).unwrap_or(usize::MAX);
            let room = room.min(buffer.len());
            let Some(wanted) = buffer.get_mut(..room) else { break };
            match read_at(file, wanted, at) {
                Ok(0) => break,
                Ok(got) => {
                    let bytes = buffer.get(..got).unwrap_or_default();
                    let until = got.min(PART_BYTES);
                    self.bytes(bytes, until, (part, at.saturating_sub(from)));
                    at = at.saturating_add(until as u64);
                }
                Err(error) => {
                    self.unread(format!("{part}: {error}"));
                    break;
                }
            }
        }
        self.buffer = buffer;
    }

    /// Bytes at a place of a part; what begins after `until` is told with the next ones.
    pub(crate) fn bytes(&mut self, bytes: &[u8], until: usize, (part, at): (&str, u64)) {
        self.told.bytes = self.told.bytes.saturating_add(until as u64);
        if is_empty(bytes) {
            return;
        }
        let hits = &mut self.told.hits;
        self.hunter.search(bytes, until, &mut |start, what| {
            if hits.len() < MOST_HITS {
                let offset = at.saturating_add(start as u64);
                hits.push(Hit { what: what.to_owned(), part: part.to_owned(), offset });
            }
        });
    }

    /// All memory that this process may write to: heap, stacks, data, and the cells of secrets.
    pub(crate) fn memory(&mut self, memory: &OwnMemory) {
        // The buffer of this search repeats what was read before.
        let own = self.buffer.as_ptr().addr() as u64;
        let own = (own, own.saturating_add(self.buffer.len() as u64));
        match memory.ranges() {
            Ok(ranges) => {
                for Range { from, to, name } in ranges {
                    for (from, to) in around((from, to), own) {
                        let part = format!("{from:x}-{to:x} {name}");
                        self.range(&memory.bytes, &part, (from, to));
                    }
                }
            }
            Err(error) => self.unread(format!("its map: {error}")),
        }
        kernel_calls::see_secret_pages(&mut |at, bytes| {
            self.bytes(bytes, bytes.len(), ("cells of secrets", at));
        });
    }
}

/// A range without a hole in it.
fn around((from, to): (u64, u64), (hole, end): (u64, u64)) -> Vec<(u64, u64)> {
    let parts = [(from, to.min(hole)), (from.max(end), to)];
    let apart = end <= from || to <= hole;
    if apart { vec![(from, to)] } else { parts.into_iter().filter(|(a, b)| a < b).collect() }
}

/// Most of memory is empty; comparing is much faster than looking.
fn is_empty(bytes: &[u8]) -> bool {
    const ZEROS: [u8; 4_096] = [0; 4_096];
    bytes.chunks(ZEROS.len()).all(|chunk| ZEROS.get(..chunk.len()) == Some(chunk))
}

fn read_at(file: &File, buffer: &mut [u8], at: u64) -> std::io::Result<usize> {
    let mut filled = 0;
    while let Some(rest) = buffer.get_mut(filled..).filter(|rest| !rest.is_empty()) {
        match file.read_at(rest, at.saturating_add(filled as u64)) {
            Ok(0) => break,
            Ok(got) => filled = filled.saturating_add(got),
            Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
            Err(_) if filled > 0 => break,
            Err(error) => return Err(error),
        }
    }
    Ok(filled)
}

/// A range of addresses.
struct Range {
    from: u64,
    to: u64,
    name: String,
}

/// The process's view of its own memory, opened before the sandbox closes `/proc`.
///
/// It gives nothing that the process has not anyway; nobody else can open it, since the process is
/// not dumpable.
#[derive(Debug)]
pub(crate) struct OwnMemory {
    map: File,
    bytes: File,
}

impl OwnMemory {
    /// Opens it.
    ///
    /// # Errors
    /// When `/proc` is not there.
    pub(crate) fn open() -> std::io::Result<Self> {
        Ok(Self { map: File::open("/proc/self/maps")?, bytes: File::open("/proc/self/mem")? })
    }

    /// Ranges that can be written to: what the process has read or made is in them.
    fn ranges(&self) -> std::io::Result<Vec<Range>> {
        let (mut text, mut map) = (String::new(), &self.map);
        map.rewind()?;
        map.read_to_string(&mut text)?;
        Ok(text.lines().filter_map(range).collect())
    }
}

fn range(line: &str) -> Option<Range> {
    let mut words = line.split_whitespace();
    let (from, to) = words.next()?.split_once('-')?;
    let rights = words.next()?;
    let name = words.nth(3).unwrap_or("anonymous");
    // Secret pages have no way through the kernel; they are read where they are.
    let wanted = rights.starts_with("rw") && !name.starts_with("/secretmem");
    let address = |text| u64::from_str_radix(text, 16).ok();
    wanted.then_some(Range { from: address(from)?, to: address(to)?, name: name.to_owned() })
}

#[cfg(test)]
mod tests {
    use kernel::rng::SeededRng;

    use super::*;

    #[test]
    fn v_155_a_planted_trace_is_found_in_a_file_across_two_parts_and_in_memory() {
        let mut hunter = Hunter::new(&SeededRng::new(1));
        let secret: Vec<u8> = (100..132).collect();
        hunter.add("card_key", &secret);
        let dir = tempfile::tempdir().unwrap();
        let at = PART_BYTES - 7;
        let planted = [vec![1; at], secret.clone(), vec![2; 99]].concat();
        std::fs::create_dir(dir.path().join("deep")).unwrap();
        std::fs::write(dir.path().join("deep/a"), &planted).unwrap();
        std::fs::write(dir.path().join("b"), vec![0; 3 * PART_BYTES]).unwrap();
        let mut search = Search::of("folder", &hunter);
        search.folder(dir.path());
        let told = search.done();
        assert_eq!((told.parts, told.bytes), (2, (planted.len() + 3 * PART_BYTES) as u64));
        let [hit] = told.hits.as_slice() else { panic!("{told:?}") };
        assert_eq!((hit.what.as_str(), hit.offset), ("card_key", at as u64));
        assert!(hit.part.ends_with("deep/a"));

        let memory = OwnMemory::open().unwrap();
        let look = |hunter: &Hunter| {
            let mut search = Search::of("memory", hunter);
            search.memory(&memory);
            search.done()
        };
        let told = look(&hunter);
        assert!(told.bytes > 100_000 && !told.hits.is_empty(), "{told:?}");
        let mut other = Hunter::new(&SeededRng::new(2));
        let mut unseen = [0; 32];
        kernel::Rng::fill(&kernel::rng::OsRng, &mut unseen);
        other.add("card_key", &unseen);
        unseen.fill(0);
        std::hint::black_box(&unseen);
        assert_eq!(look(&other).hits, [], "what is nowhere is not found");
        drop((planted, secret));
    }

    #[test]
    fn a_hole_is_left_out_of_a_range() {
        assert_eq!(around((10, 20), (30, 40)), [(10, 20)]);
        assert_eq!(around((10, 20), (12, 15)), [(10, 12), (15, 20)]);
        assert_eq!(around((10, 20), (5, 15)), [(15, 20)]);
        assert_eq!(around((10, 20), (0, 50)), []);
    }
}
