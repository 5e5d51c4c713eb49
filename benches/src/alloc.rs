//! Counts allocations and the memory they hold, in passes of their own: timed passes pay one load.
#![expect(unsafe_code, reason = "an allocator cannot be written without it; it only forwards")]

use std::alloc::{GlobalAlloc, Layout, System};
use std::sync::atomic::{AtomicBool, AtomicIsize, AtomicU64, Ordering::Relaxed};

/// The system's allocator, with a tally that [`count`] switches on.
pub(crate) struct Counting;

/// The allocations of one pass.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Allocations {
    /// Allocations and reallocations.
    pub(crate) count: u64,
    /// The most bytes held at one time, beyond those held before the pass.
    pub(crate) peak: usize,
}

/// Runs one pass and counts what it allocates, on every thread.
pub(crate) fn count(pass: impl FnOnce()) -> Allocations {
    COUNT.store(0, Relaxed);
    HELD.store(0, Relaxed);
    PEAK.store(0, Relaxed);
    IS_ON.store(true, Relaxed);
    pass();
    IS_ON.store(false, Relaxed);
    // A pass that frees older memory makes `HELD` negative, but never the peak.
    Allocations { count: COUNT.load(Relaxed), peak: PEAK.load(Relaxed).unsigned_abs() }
}

static IS_ON: AtomicBool = AtomicBool::new(false);
static COUNT: AtomicU64 = AtomicU64::new(0);
static HELD: AtomicIsize = AtomicIsize::new(0);
static PEAK: AtomicIsize = AtomicIsize::new(0);

fn add(bytes: usize) {
    if IS_ON.load(Relaxed) {
        COUNT.fetch_add(1, Relaxed);
        let held = HELD.fetch_add(bytes.cast_signed(), Relaxed) + bytes.cast_signed();
        PEAK.fetch_max(held, Relaxed);
    }
}

fn remove(bytes: usize) {
    if IS_ON.load(Relaxed) {
        HELD.fetch_sub(bytes.cast_signed(), Relaxed);
    }
}

// SAFETY: every call is forwarded unchanged to the system's allocator.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        add(layout.size());
        unsafe { System.alloc(layout) }
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        add(layout.size());
        unsafe { System.alloc_zeroed(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        remove(layout.size());
        unsafe { System.dealloc(pointer, layout) }
    }

    unsafe fn realloc(&self, pointer: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        remove(layout.size());
        add(size);
        unsafe { System.realloc(pointer, layout, size) }
    }
}
