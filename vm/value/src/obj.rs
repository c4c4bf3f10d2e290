//! Heap objects: the common header, the counted pointer and what happens when a count reaches zero.
//!
//! Invariants (`unsafe` in this module relies on them):
//! 1. every heap object starts with a [`Hdr`] whose `kind` tells its Rust type (`Obj::KIND`);
//! 2. an object is reached only through counted pointers, uncounted SLOT values and registered weak
//!    references; the last counted pointer frees it;
//! 3. freeing is iterative: children whose count reaches zero are queued, so a list of a million nodes
//!    does not recurse;
//! 4. interpreter objects stay on their thread.

use crate::glob::StashInfo;
use crate::{Array, Code, Format, Glob, Hash, IoObj, PStr, Scalar, Val};
use std::any::Any;
use std::cell::{Cell, RefCell, UnsafeCell};
use std::ops::Deref;
use std::ptr::NonNull;
use std::sync::atomic::{AtomicU32, Ordering};

/// Kind byte of a heap object. `MAGICAL` is or-ed in for tied and otherwise magical containers, so that
/// one byte compare tells "that kind and plain".
#[allow(non_snake_case)]
pub mod Kind {
    pub const STR: u8 = 1;
    pub const SCALAR: u8 = 2;
    pub const ARRAY: u8 = 3;
    pub const HASH: u8 = 4;
    pub const CODE: u8 = 5;
    pub const GLOB: u8 = 6;
    pub const IO: u8 = 7;
    pub const FORMAT: u8 = 8;
    pub const REGEX: u8 = 9;
    pub const DUAL: u8 = 10;
    /// `class` instances (perlclass).
    pub const OBJECT: u8 = 11;
    pub const MASK: u8 = 0x7f;
    pub const MAGICAL: u8 = 0x80;
}

/// Flag bits of `Hdr::flags`.
pub mod flag {
    pub const READONLY: u8 = 1;
    pub const BLESSED: u8 = 2;
    /// Some weak reference points here.
    pub const WEAK_TARGET: u8 = 4;
    /// String: utf8 flag. Array: argument array which may hold SLOT values.
    pub const UTF8: u8 = 8;
    pub const ARGS: u8 = 8;
    /// DESTROY has been called or is being called.
    pub const DESTROYED: u8 = 16;
    /// Scalar: holds a weak reference.
    pub const WEAK: u8 = 32;
    /// Array/hash: contents are not owned by a program variable (temporary list).
    pub const TEMP: u8 = 64;
    /// Restricted hash / protected COW constant (Internals::SvREADONLY on containers uses READONLY).
    pub const PROTECT: u8 = 128;
}

/// Common header, 16 bytes.
#[repr(C)]
pub struct Hdr {
    pub rc: Cell<u32>,
    pub kind: Cell<u8>,
    pub flags: Cell<u8>,
    pub owner: Cell<u8>,
    pub spare: Cell<u8>,
    ext: Cell<*mut Ext>,
}

/// Rarely needed parts of an object.
#[derive(Default)]
pub struct Ext {
    /// Stash the object is blessed into.
    pub stash: Option<Ptr<Hash>>,
    /// Magic attached by the VM (tie objects, special variables, user magic); the VM knows the types.
    pub magic: Vec<Box<dyn Any>>,
    /// Scalars that hold a weak reference to this object.
    pub weak: Vec<*const Scalar>,
    /// If this hash is a stash: its name and method caches.
    pub stash_info: Option<Box<StashInfo>>,
}

impl Hdr {
    pub const fn new(kind: u8) -> Hdr {
        Hdr {
            rc: Cell::new(1),
            kind: Cell::new(kind),
            flags: Cell::new(0),
            owner: Cell::new(0),
            spare: Cell::new(0),
            ext: Cell::new(std::ptr::null_mut()),
        }
    }
    #[inline]
    pub fn kind(&self) -> u8 {
        self.kind.get() & Kind::MASK
    }
    #[inline]
    pub fn is_magical(&self) -> bool {
        self.kind.get() & Kind::MAGICAL != 0
    }
    pub fn set_magical(&self, on: bool) {
        let k = self.kind();
        self.kind.set(if on { k | Kind::MAGICAL } else { k });
    }
    #[inline]
    pub fn has(&self, f: u8) -> bool {
        self.flags.get() & f != 0
    }
    #[inline]
    pub fn set(&self, f: u8, on: bool) {
        let v = self.flags.get();
        self.flags.set(if on { v | f } else { v & !f });
    }
    pub fn ext(&self) -> Option<&Ext> {
        // SAFETY: `ext` is null or a box owned by this header (invariant 2: freed with the object).
        unsafe { self.ext.get().as_ref() }
    }
    /// The extension, made on demand. The caller keeps the borrow short.
    #[allow(clippy::mut_from_ref)]
    pub fn ext_mut(&self) -> &mut Ext {
        if self.ext.get().is_null() {
            self.ext.set(Box::into_raw(Box::<Ext>::default()));
        }
        // SAFETY: just made sure it is a live box; objects stay on one thread (4) and callers do not
        // hold two borrows.
        unsafe { &mut *self.ext.get() }
    }
    /// Stash of a blessed object.
    pub fn stash(&self) -> Option<&Ptr<Hash>> {
        if !self.has(flag::BLESSED) {
            return None;
        }
        self.ext().and_then(|e| e.stash.as_ref())
    }
    pub fn bless(&self, stash: Ptr<Hash>) {
        self.ext_mut().stash = Some(stash);
        self.set(flag::BLESSED, true);
    }
    pub fn unbless(&self) {
        if !self.ext.get().is_null() {
            self.ext_mut().stash = None;
        }
        self.set(flag::BLESSED, false);
    }
    fn drop_ext(&self) {
        let e = self.ext.replace(std::ptr::null_mut());
        if !e.is_null() {
            // SAFETY: `ext` was made by Box::into_raw and is detached now.
            drop(unsafe { Box::from_raw(e) });
        }
    }
}

/// A type that starts with a [`Hdr`].
///
/// # Safety
/// `repr(C)`, first field `Hdr` with `KIND`.
pub unsafe trait Obj: Sized {
    const KIND: u8;
    fn hdr(&self) -> &Hdr;
}

/// Counted pointer to a heap object, perl's SV* with one reference.
pub struct Ptr<T: Obj>(NonNull<T>);

impl<T: Obj> Ptr<T> {
    pub fn new(obj: T) -> Ptr<T> {
        // SAFETY: Box never yields null.
        Ptr(unsafe { NonNull::new_unchecked(Box::into_raw(Box::new(obj))) })
    }
    /// Takes over one count.
    ///
    /// # Safety
    /// `p` points to a live `T` of which the caller owns one count.
    pub unsafe fn from_raw(p: *mut T) -> Ptr<T> {
        // SAFETY: by contract not null.
        Ptr(unsafe { NonNull::new_unchecked(p) })
    }
    /// Adds a count.
    ///
    /// # Safety
    /// `p` points to a live `T`.
    pub unsafe fn retain(p: *const T) -> Ptr<T> {
        // SAFETY: by contract live.
        unsafe { inc((*p).hdr()) };
        Ptr(unsafe { NonNull::new_unchecked(p as *mut T) })
    }
    pub fn into_raw(self) -> *mut T {
        let p = self.0.as_ptr();
        std::mem::forget(self);
        p
    }
    #[inline]
    pub fn as_ptr(&self) -> *const T {
        self.0.as_ptr()
    }
    pub fn addr(&self) -> usize {
        self.0.as_ptr() as usize
    }
    pub fn same(&self, o: &Ptr<T>) -> bool {
        self.0 == o.0
    }
    pub fn rc(&self) -> u32 {
        self.hdr().rc.get()
    }
}

impl<T: Obj> Deref for Ptr<T> {
    type Target = T;
    #[inline]
    fn deref(&self) -> &T {
        // SAFETY: invariant 2, we hold a count.
        unsafe { self.0.as_ref() }
    }
}

impl<T: Obj> Clone for Ptr<T> {
    #[inline]
    fn clone(&self) -> Ptr<T> {
        inc(self.hdr());
        Ptr(self.0)
    }
}

impl<T: Obj> Drop for Ptr<T> {
    #[inline]
    fn drop(&mut self) {
        // SAFETY: we own one count of a live object.
        unsafe { dec(self.0.as_ptr() as *mut Hdr) }
    }
}

#[inline]
pub fn inc(h: &Hdr) {
    h.rc.set(h.rc.get().wrapping_add(1));
}

/// Gives back one count; frees (or queues for DESTROY) at zero.
///
/// # Safety
/// `h` is a live object of which the caller owns one count.
#[inline]
pub unsafe fn dec(h: *mut Hdr) {
    // SAFETY: by contract.
    unsafe {
        let rc = (*h).rc.get() - 1;
        (*h).rc.set(rc);
        if rc == 0 {
            release(h);
        }
    }
}

/// Work waiting for the VM's next sync point; also set by signal handlers. One word so that every tier
/// can test it with one load.
pub static PENDING: AtomicU32 = AtomicU32::new(0);
/// Bits of [`PENDING`].
pub mod pending {
    pub const DESTROY: u32 = 1;
    pub const SIGNAL: u32 = 2;
    pub const OTHER: u32 = 4;
}

/// Asks the VM whether objects of a class have a destructor; answers may be cached by the VM.
pub type NeedsDestroy = fn(&Ptr<Hash>) -> bool;

struct Heap {
    freeing: Cell<bool>,
    queue: RefCell<Vec<*mut Hdr>>,
    destroy: RefCell<Vec<Val>>,
    needs_destroy: Cell<Option<NeedsDestroy>>,
}

thread_local! {
    static HEAP: Heap = const {
        Heap {
            freeing: Cell::new(false),
            queue: RefCell::new(Vec::new()),
            destroy: RefCell::new(Vec::new()),
            needs_destroy: Cell::new(None),
        }
    };
}

/// Installs the VM's answer to "has this class a DESTROY method?".
pub fn set_needs_destroy(f: NeedsDestroy) {
    HEAP.with(|h| h.needs_destroy.set(Some(f)));
}

/// References to the objects that wait for their DESTROY call, oldest first.
pub fn take_destroy_queue() -> Vec<Val> {
    PENDING.fetch_and(!pending::DESTROY, Ordering::Relaxed);
    HEAP.try_with(|h| std::mem::take(&mut *h.destroy.borrow_mut())).unwrap_or_default()
}

#[cold]
unsafe fn release(h: *mut Hdr) {
    // Thread teardown: the queue is gone, the process is about to end; leaking is right.
    let _ = HEAP.try_with(|heap| {
        // SAFETY: `h` reached zero and nobody else holds it.
        unsafe {
            if heap.freeing.get() {
                // A string has no children and no DESTROY: it need not wait for its turn.
                if (*h).kind() == Kind::STR {
                    free(h)
                } else {
                    heap.queue.borrow_mut().push(h)
                }
                return;
            }
            heap.freeing.set(true);
            let mut next = Some(h);
            while let Some(h) = next {
                finish(heap, h);
                next = heap.queue.borrow_mut().pop();
            }
            heap.freeing.set(false);
        }
    });
}

/// Frees an object nobody holds, or hands it to the queue of DESTROY calls. Children that die go on top of
/// the free queue, the first one uppermost: the order is that of a recursive walk.
///
/// # Safety
/// As [`release`].
unsafe fn finish(heap: &Heap, h: *mut Hdr) {
    // SAFETY: by contract.
    unsafe {
        if (*h).has(flag::BLESSED) && !(*h).has(flag::DESTROYED) {
            let needs = match ((*h).stash(), heap.needs_destroy.get()) {
                (Some(s), Some(f)) => f(s),
                _ => false,
            };
            if needs {
                // Resurrected until DESTROY has run; the queue owns the one count.
                (*h).set(flag::DESTROYED, true);
                (*h).rc.set(1);
                heap.destroy.borrow_mut().push(Val::ref_raw(h));
                PENDING.fetch_or(pending::DESTROY, Ordering::Relaxed);
                return;
            }
        }
        let mark = heap.queue.borrow().len();
        free(h);
        heap.queue.borrow_mut()[mark..].reverse();
    }
}

/// Frees one object; children that die are queued by `release`.
unsafe fn free(h: *mut Hdr) {
    // SAFETY: invariant 1 gives the type behind `h`; its count is zero.
    unsafe {
        if (*h).has(flag::WEAK_TARGET) {
            let holders = std::mem::take(&mut (*h).ext_mut().weak);
            for s in holders {
                (*s).weak_target_died();
            }
        }
        (*h).drop_ext();
        match (*h).kind() {
            Kind::STR => PStr::dealloc(h as *mut PStr),
            Kind::SCALAR => {
                (*(h as *mut Scalar)).before_free();
                drop(Box::from_raw(h as *mut Scalar))
            }
            Kind::ARRAY => Array::dealloc(h as *mut Array),
            Kind::HASH => drop(Box::from_raw(h as *mut Hash)),
            Kind::CODE => drop(Box::from_raw(h as *mut Code)),
            Kind::GLOB => drop(Box::from_raw(h as *mut Glob)),
            Kind::IO => drop(Box::from_raw(h as *mut IoObj)),
            Kind::FORMAT => drop(Box::from_raw(h as *mut Format)),
            Kind::REGEX => drop(Box::from_raw(h as *mut crate::scalar::RegexObj)),
            Kind::DUAL => drop(Box::from_raw(h as *mut crate::scalar::Dual)),
            Kind::OBJECT => drop(Box::from_raw(h as *mut crate::array::Instance)),
            _ => {}
        }
    }
}

/// Interior mutability for single-threaded objects: borrow for the length of one call only.
pub struct Slot<T>(UnsafeCell<T>);

impl<T> Slot<T> {
    pub const fn new(v: T) -> Slot<T> {
        Slot(UnsafeCell::new(v))
    }
    /// Shared view; the caller must not let Perl code or a mutation of the same slot run under it.
    #[inline]
    pub fn get(&self) -> &T {
        // SAFETY: single thread (4), short borrows by the rule of this type.
        unsafe { &*self.0.get() }
    }
    #[allow(clippy::mut_from_ref)]
    #[inline]
    pub fn get_mut(&self) -> &mut T {
        // SAFETY: as in `get`.
        unsafe { &mut *self.0.get() }
    }
    pub fn set(&self, v: T) {
        // The old value is dropped after the new one is in place: a drop may look at the object.
        let old = std::mem::replace(self.get_mut(), v);
        drop(old);
    }
    pub fn take(&self) -> T
    where
        T: Default,
    {
        std::mem::take(self.get_mut())
    }
    #[inline]
    pub fn as_ptr(&self) -> *mut T {
        self.0.get()
    }
}
