//! The one module with `unsafe`: memory for keys, codes and card numbers, asked of the kernel, the heap
//! that wipes what is freed ([`heap`]), and the end of the process.
//!
//! An arena of 4 MiB in cells of 64 bytes. Best is `memfd_secret(2)`: pages that leave the
//! kernel's own map, are never swapped or dumped and cannot be read through another process.
//! Where the kernel has none, private pages are locked, kept out of core dumps and empty after a
//! fork; where even that is refused, [`arena`] says so in words for the operator. A full arena
//! gives cells of the heap, which are wiped like all others.
//!
//! What makes each use sound is said beside it. Two rules carry all: the arena is mapped once,
//! never moved and never unmapped; and the index of a cell is in the free list or in exactly one
//! [`Cell`], so nobody else reads or writes its 64 bytes.
#![expect(unsafe_code, reason = "memory and end of the process have no safe interface")]

mod heap;

pub(crate) use heap::wipe_what_is_freed;

use std::os::fd::{FromRawFd, OwnedFd};
use std::ptr::NonNull;
use std::sync::{Mutex, OnceLock, PoisonError};

use rustix::mm::{Advice, MapFlags, ProtFlags};
use zeroize::Zeroize;

/// Bytes of a cell.
const CELL_BYTES: usize = 64;
const ARENA_BYTES: usize = 4 * 1024 * 1024;
const CELLS: u32 = 65_536;
const PAGE_BYTES: usize = 4_096;

/// What the kernel gave.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Ground {
    /// Pages of `memfd_secret`.
    Secret,
    /// Locked private pages.
    Locked,
    /// Private pages that may be swapped.
    Unlocked,
    /// None: every cell is on the heap.
    Heap,
}

impl Ground {
    /// What is missing, in words for the operator.
    pub(crate) const fn missing(self) -> Option<&'static str> {
        match self {
            Self::Secret => None,
            Self::Locked => Some("no memfd_secret (kernel 6.5): secrets are in locked memory"),
            Self::Unlocked | Self::Heap => {
                Some("memory of secrets cannot be locked (LimitMEMLOCK of 8 MiB is needed)")
            }
        }
    }
}

struct Arena {
    base: Option<NonNull<u8>>,
    ground: Ground,
    free: Mutex<Vec<u32>>,
}

// SAFETY: `base` is an address that never changes; what lies there is only touched through cells,
// each of which has one owner. The free list has its own lock.
unsafe impl Send for Arena {}
// SAFETY: as above.
unsafe impl Sync for Arena {}

static ARENA: OnceLock<Arena> = OnceLock::new();

fn opened() -> &'static Arena {
    ARENA.get_or_init(|| {
        let (base, ground) = secret_pages()
            .or_else(private_pages)
            .map_or((None, Ground::Heap), |(base, ground)| (Some(base), ground));
        let free = if base.is_some() { (0..CELLS).rev().collect() } else { Vec::new() };
        Arena { base, ground, free: Mutex::new(free) }
    })
}

/// Opens the arena, once for the process and before it confines itself; gives what it stands on.
pub(crate) fn arena() -> Ground {
    opened().ground
}

/// Shows the bytes of secret pages, which have no way through `/proc`; each page with its offset.
pub(crate) fn see_secret_pages(see: &mut dyn FnMut(u64, &[u8])) {
    let arena = opened();
    let Some(base) = arena.base.filter(|_| arena.ground == Ground::Secret) else { return };
    let mut page = [0; PAGE_BYTES];
    for start in (0..ARENA_BYTES).step_by(PAGE_BYTES) {
        for (at, byte) in (start..).zip(&mut page) {
            // SAFETY: `at` is within the mapping, which is never unmapped. Its owner may write to
            // the byte at this moment: it is read once, as whatever it is, and nothing follows
            // from it but what the search says.
            *byte = unsafe { base.add(at).read_volatile() };
        }
        see(start as u64, &page);
        page.zeroize();
    }
}

fn secret_pages() -> Option<(NonNull<u8>, Ground)> {
    // SAFETY: the call takes one integer and touches no memory of ours.
    let number = unsafe { libc::syscall(libc::SYS_memfd_secret, libc::O_CLOEXEC) };
    let number = i32::try_from(number).ok().filter(|number| *number >= 0)?;
    // SAFETY: the kernel has just made this descriptor for us; nobody else has it.
    let file = unsafe { OwnedFd::from_raw_fd(number) };
    rustix::fs::ftruncate(&file, u64::try_from(ARENA_BYTES).ok()?).ok()?;
    // SAFETY: a new mapping at a place the kernel chooses aliases nothing of ours.
    let base = unsafe {
        let rights = ProtFlags::READ | ProtFlags::WRITE;
        rustix::mm::mmap(std::ptr::null_mut(), ARENA_BYTES, rights, MapFlags::SHARED, &file, 0)
    };
    let base = base.ok()?;
    // SAFETY: the range is the mapping above; the advice changes what a child gets, not us.
    let kept = unsafe { rustix::mm::madvise(base, ARENA_BYTES, Advice::LinuxDontFork) };
    kept.ok()?;
    NonNull::new(base.cast()).map(|base| (base, Ground::Secret))
}

fn private_pages() -> Option<(NonNull<u8>, Ground)> {
    let rights = ProtFlags::READ | ProtFlags::WRITE;
    // SAFETY: a new mapping at a place the kernel chooses aliases nothing of ours.
    let base = unsafe {
        rustix::mm::mmap_anonymous(std::ptr::null_mut(), ARENA_BYTES, rights, MapFlags::PRIVATE)
    };
    let base = base.ok()?;
    // SAFETY: the range is the mapping above; neither advice changes what we read from it.
    let advised = unsafe {
        rustix::mm::madvise(base, ARENA_BYTES, Advice::LinuxDontDump)
            .and_then(|()| rustix::mm::madvise(base, ARENA_BYTES, Advice::LinuxWipeOnFork))
    };
    // SAFETY: the range is the mapping above; locking changes nothing that it holds.
    let locked = unsafe { rustix::mm::mlock(base, ARENA_BYTES) };
    let whole = advised.is_ok() && locked.is_ok();
    let ground = if whole { Ground::Locked } else { Ground::Unlocked };
    NonNull::new(base.cast()).map(|base| (base, ground))
}

/// Ends the process at once. No handler runs that a library has left for the end, where one that hangs
/// would hang again.
pub(crate) fn end_at_once(code: i32) -> ! {
    // SAFETY: the call takes one integer, touches no memory of ours and does not come back.
    unsafe { libc::_exit(code) }
}

/// 64 bytes for a secret; wiped when dropped. No copy, no print.
pub(crate) struct Cell {
    at: NonNull<u8>,
    /// Its number in the arena; `None` on the heap.
    index: Option<u32>,
}

// SAFETY: a cell owns its bytes alone, wherever it is sent.
unsafe impl Send for Cell {}
// SAFETY: through a shared reference its bytes are only read.
unsafe impl Sync for Cell {}

impl Cell {
    /// A cell of zeros.
    pub(crate) fn new() -> Self {
        let arena = opened();
        let index = arena.free.lock().unwrap_or_else(PoisonError::into_inner).pop();
        let offset = index.and_then(|index| usize::try_from(index).ok()?.checked_mul(CELL_BYTES));
        if let (Some(base), Some(offset)) = (arena.base, offset) {
            // SAFETY: indexes are below `CELLS`, and `CELLS` cells fill the mapping exactly.
            let at = unsafe { base.add(offset) };
            return Self { at, index };
        }
        let room = Box::leak(Box::new([0_u8; CELL_BYTES]));
        Self { at: NonNull::from(room).cast(), index: None }
    }

    /// Its first `N` bytes.
    pub(crate) fn bytes<const N: usize>(&self) -> &[u8; N] {
        const { assert!(N <= CELL_BYTES) };
        // SAFETY: `at` leads to 64 readable bytes that live as long as `self`; bytes have no
        // alignment; writing needs `&mut self`.
        unsafe { self.at.cast::<[u8; N]>().as_ref() }
    }

    /// Its bytes, to be written.
    pub(crate) fn bytes_mut<const N: usize>(&mut self) -> &mut [u8; N] {
        const { assert!(N <= CELL_BYTES) };
        // SAFETY: as for reading; `&mut self` is the only way to these bytes.
        unsafe { self.at.cast::<[u8; N]>().as_mut() }
    }
}

impl Drop for Cell {
    fn drop(&mut self) {
        self.bytes_mut::<CELL_BYTES>().zeroize();
        match self.index {
            Some(index) => {
                opened().free.lock().unwrap_or_else(PoisonError::into_inner).push(index);
            }
            // SAFETY: without an index `at` came from `Box::leak` of this very type in `new`,
            // and nobody else has it.
            None => drop(unsafe { Box::from_raw(self.at.cast::<[u8; CELL_BYTES]>().as_ptr()) }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn v_137_cells_are_apart_and_wiped_when_given_back() {
        let mut cells: Vec<Cell> = (0..1_000).map(|_| Cell::new()).collect();
        for (number, cell) in (0_u8..=255).cycle().zip(&mut cells) {
            cell.bytes_mut::<CELL_BYTES>().fill(number);
        }
        for (number, cell) in (0_u8..=255).cycle().zip(&cells) {
            assert_eq!(cell.bytes::<CELL_BYTES>(), &[number; CELL_BYTES]);
        }
        drop(cells);
        let again: Vec<Cell> = (0..1_000).map(|_| Cell::new()).collect();
        assert!(again.iter().all(|cell| cell.bytes::<CELL_BYTES>() == &[0; CELL_BYTES]));
    }

    #[test]
    fn v_137_the_ground_of_the_arena_is_named() {
        assert_eq!(Ground::Secret.missing(), None);
        assert!(Ground::Locked.missing().is_some_and(|text| text.contains("locked")));
        assert!(Ground::Heap.missing().is_some_and(|text| text.contains("LimitMEMLOCK")));
        // Whatever this kernel gives, more cells than the arena has are still given.
        let many: Vec<Cell> = (0..CELLS + 10).map(|_| Cell::new()).collect();
        assert!(many.iter().any(|cell| cell.index.is_none()));
    }
}
