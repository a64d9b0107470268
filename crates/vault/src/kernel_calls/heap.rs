//! The heap of the process: what is given back is wiped first, once the vault has asked for it.
//!
//! A card number passes through buffers that are not ours (the HTTP library's, the formatter's, the
//! state of a waiting task). They are freed, not wiped, and a freed block keeps its bytes until
//! somebody else writes there. So every block is wiped when it is freed or moved. Other processes of
//! the same program do not ask, and pay for one look at a flag.

use std::alloc::{GlobalAlloc, Layout, System};
use std::sync::atomic::{AtomicBool, Ordering};

static WIPES: AtomicBool = AtomicBool::new(false);

/// The system's allocator, which wipes what it takes back.
pub(crate) struct Heap;

#[global_allocator]
static HEAP: Heap = Heap;

/// From now on, for the whole process.
pub(crate) fn wipe_what_is_freed() {
    WIPES.store(true, Ordering::Relaxed);
}

/// Writes zeros over a block. The call of the C library is there to be kept: a plain write before a
/// release may be left out as useless.
///
/// # Safety
/// The caller owns `bytes` bytes at `block`, and nobody reads them any more.
unsafe fn wipe(block: *mut u8, bytes: usize) {
    // SAFETY: as the caller promises.
    unsafe { libc::explicit_bzero(block.cast(), bytes) }
}

// SAFETY: every call is handed to the system's allocator under the same layout; in between only
// bytes are written that belong to the caller and that he gives up.
unsafe impl GlobalAlloc for Heap {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        // SAFETY: as the caller promises.
        unsafe { System.alloc(layout) }
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        // SAFETY: as the caller promises.
        unsafe { System.alloc_zeroed(layout) }
    }

    unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
        if WIPES.load(Ordering::Relaxed) {
            // SAFETY: the caller gives up the block of this layout.
            unsafe { wipe(block, layout.size()) };
        }
        // SAFETY: as the caller promises.
        unsafe { System.dealloc(block, layout) }
    }

    unsafe fn realloc(&self, block: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        if !WIPES.load(Ordering::Relaxed) {
            // SAFETY: as the caller promises.
            return unsafe { System.realloc(block, layout, size) };
        }
        // SAFETY: the caller promises that `size` fits the alignment and is not zero.
        let wanted = unsafe { Layout::from_size_align_unchecked(size, layout.align()) };
        // SAFETY: as above.
        let fresh = unsafe { System.alloc(wanted) };
        if !fresh.is_null() {
            // SAFETY: both blocks have at least the smaller size, and a fresh one overlaps none.
            unsafe { std::ptr::copy_nonoverlapping(block, fresh, layout.size().min(size)) };
            // SAFETY: the caller gives up the block of this layout.
            unsafe { wipe(block, layout.size()) };
            // SAFETY: as the caller promises; nobody uses the old block after its move.
            unsafe { System.dealloc(block, layout) };
        }
        fresh
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn v_137_a_block_keeps_its_bytes_when_it_moves_and_nothing_when_it_is_freed() {
        wipe_what_is_freed();
        let mut text = Vec::with_capacity(100_000);
        text.extend((0..100_000_u32).map(|n| (n % 251) as u8));
        let kept = text.clone();
        text.reserve_exact(1_000_000);
        assert_eq!(text, kept);
        text.shrink_to_fit();
        assert_eq!(text, kept);

        let layout = Layout::from_size_align(4_096, 8).unwrap();
        // SAFETY: the block is written and read while it is ours; after its release only the part
        // that the C library does not use for itself is looked at, in the same thread.
        let left = unsafe {
            let block = HEAP.alloc(layout);
            block.write_bytes(0xa5, layout.size());
            wipe(block, layout.size());
            let left = (0..layout.size()).filter(|at| block.add(*at).read_volatile() != 0).count();
            HEAP.dealloc(block, layout);
            left
        };
        assert_eq!(left, 0);
    }
}
