//! Every open handle of the process, so that nothing buffered is lost: flushed before a fork and at exit.
//!
//! Handles live in `IoRef`s owned by the VM; the registry holds weak references only.

use crate::errno::{Errno, Res};
use crate::handle::{Handle, HandleKind};
use std::cell::RefCell;
use std::rc::{Rc, Weak};

/// A shared handle: what an IO object of the VM holds.
pub type IoRef = Rc<RefCell<Handle>>;

thread_local! {
    static OPEN: RefCell<Vec<Weak<RefCell<Handle>>>> = const { RefCell::new(Vec::new()) };
}

/// Wraps a handle and registers it.
pub fn share(h: Handle) -> IoRef {
    let r = Rc::new(RefCell::new(h));
    OPEN.with_borrow_mut(|v| {
        // Dead entries are swept when the list is about to grow, so registering stays cheap.
        if v.len() == v.capacity() {
            v.retain(|w| w.strong_count() > 0);
        }
        v.push(Rc::downgrade(&r));
    });
    r
}

/// The three standard handles, registered.
pub fn std_handles() -> [IoRef; 3] {
    [share(Handle::std(0)), share(Handle::std(1)), share(Handle::std(2))]
}

/// All handles alive, oldest first.
fn live() -> Vec<IoRef> {
    // At thread exit the list may be gone: then there is nothing left to flush.
    OPEN.try_with(|v| v.borrow().iter().filter_map(Weak::upgrade).collect()).unwrap_or_default()
}

/// Flushes every handle; the first error comes out after all were tried. A handle in use at this moment (its
/// own operation led here) is skipped.
pub fn flush_all() -> Res<()> {
    let mut first: Option<Errno> = None;
    for h in live() {
        if let Ok(mut h) = h.try_borrow_mut()
            && h.is_open()
            && let Err(e) = h.flush()
        {
            first = first.or(Some(e));
        }
    }
    first.map_or(Ok(()), Err)
}

/// At exit: flushes standard output, unless it was opened anew.
pub fn flush_stdout() -> Res<()> {
    for h in live() {
        if let Ok(mut h) = h.try_borrow_mut()
            && h.kind == HandleKind::Std
            && h.fileno() == Some(1)
        {
            h.flush_output()?;
        }
    }
    Ok(())
}

/// Before waiting for terminal input: what was printed to terminals shows.
pub(crate) fn flush_terminals() {
    for h in live() {
        if let Ok(mut h) = h.try_borrow_mut()
            && h.tty
            && h.writable
        {
            // A failure stays in the handle and is reported by its next operation.
            let _ = h.flush_output();
        }
    }
}

/// At exit: closes every handle, waiting for the children of pipes, as perl's destruction does. The first
/// error comes out.
pub fn close_all() -> Res<()> {
    let mut first = None;
    // The standard ones last, in their order.
    let standard = |h: &IoRef| h.try_borrow().ok().and_then(|h| h.fileno()).filter(|n| (0..=2).contains(n));
    let mut all = live();
    all.reverse();
    all.sort_by_key(standard);
    for h in all {
        if let Ok(mut h) = h.try_borrow_mut()
            && h.is_open()
        {
            first = first.or(h.close_quietly().errno);
        }
    }
    first.map_or(Ok(()), Err)
}

/// Writes out what handles hold for one descriptor, before it is duplicated by number.
pub(crate) fn flush_fd(fd: crate::fd::Fd) -> Res<()> {
    for h in live() {
        if let Ok(mut h) = h.try_borrow_mut()
            && h.fileno() == Some(fd)
        {
            h.flush_output()?;
        }
    }
    Ok(())
}
