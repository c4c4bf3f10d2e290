//! Memory at its limits, as perl behaves there.
//!
//! Contract
//! * Heap: [`Allocator`] is the system's, but a process that cannot get more memory ends with perl's message and
//!   status 1 instead of an abort.
//! * Stack: whatever descends a structure a program can nest as it likes goes through [`deeper`] (or is
//!   marked `#[deep]`), which goes on on a new segment when the present one is nearly used up. Only memory limits the depth;
//!   [`stack_used`] tells what a descent that can give up has taken so far.
//!
//! `unsafe`: the allocator's functions pass their arguments on under the same contract; the two system calls that
//! report take pointers to constants.
pub use keshi_deep::deep;
use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;

/// What is left of a segment must do for one step of a descent.
const RED_ZONE: usize = 128 * 1024;
const SEGMENT: usize = 4 * 1024 * 1024;

thread_local! {
    static GROWN: Cell<usize> = const { Cell::new(0) };
}

/// One step of a descent.
#[inline]
pub fn deeper<T>(f: impl FnOnce() -> T) -> T {
    deeper_by(RED_ZONE, f)
}

/// One step that may need `room` octets of stack until the next one.
#[inline]
pub fn deeper_by<T>(room: usize, f: impl FnOnce() -> T) -> T {
    match stacker::remaining_stack() {
        Some(left) if left >= room => f(),
        _ => on_new_segment(f),
    }
}

/// Octets of stack the segments of this thread take, the thread's own stack apart.
pub fn stack_used() -> usize {
    GROWN.get()
}

/// Gives the segment back also when `f` unwinds.
struct Grown;

impl Drop for Grown {
    fn drop(&mut self) {
        GROWN.set(GROWN.get() - SEGMENT);
    }
}

#[cold]
#[inline(never)]
fn on_new_segment<T>(f: impl FnOnce() -> T) -> T {
    if !available(SEGMENT) {
        out_of_memory();
    }
    GROWN.set(GROWN.get() + SEGMENT);
    let _grown = Grown;
    stacker::grow(SEGMENT, f)
}

/// Could the system map that much? `stacker` would panic where it cannot.
fn available(size: usize) -> bool {
    // Guard pages.
    let size = size + 64 * 1024;
    // SAFETY: an anonymous mapping at an address the system chooses touches no memory of ours.
    unsafe {
        let at = libc::mmap(
            std::ptr::null_mut(),
            size,
            libc::PROT_READ | libc::PROT_WRITE,
            libc::MAP_PRIVATE | libc::MAP_ANON,
            -1,
            0,
        );
        at != libc::MAP_FAILED && libc::munmap(at, size) == 0
    }
}

/// Ends the process as perl ends when `malloc` fails: nothing that needs memory can be done any more.
#[cold]
pub fn out_of_memory() -> ! {
    let text = b"Out of memory in perl:util:safesysmalloc\n";
    // SAFETY: the pointer and length are those of a constant; `_exit` does not come back.
    unsafe {
        libc::write(2, text.as_ptr().cast(), text.len());
        libc::_exit(1)
    }
}

/// The system's allocator, ending the process where it has nothing more to give.
pub struct Allocator;

// SAFETY: every call goes to `System` with the arguments it came with.
unsafe impl GlobalAlloc for Allocator {
    #[inline]
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        given(unsafe { System.alloc(layout) })
    }

    #[inline]
    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        given(unsafe { System.alloc_zeroed(layout) })
    }

    #[inline]
    unsafe fn realloc(&self, p: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        given(unsafe { System.realloc(p, layout, size) })
    }

    #[inline]
    unsafe fn dealloc(&self, p: *mut u8, layout: Layout) {
        unsafe { System.dealloc(p, layout) }
    }
}

#[inline]
fn given(p: *mut u8) -> *mut u8 {
    if p.is_null() {
        out_of_memory();
    }
    p
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_million_levels() {
        fn down(n: u64) -> u64 {
            deeper(|| if n == 0 { 0 } else { 1 + std::hint::black_box(down(n - 1)) })
        }
        assert_eq!(down(1_000_000), 1_000_000);
        assert_eq!(stack_used(), 0);
    }
}
