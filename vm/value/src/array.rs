//! Arrays (AV) and temporary lists, flat vectors of 16-byte values; `class` instances.
//!
//! `ptr` addresses element 0 and `len` elements follow; `off` free elements precede it (cheap `shift`).
//! Elements may be IND aliases (promoted elements, `foreach`/argument aliases) and, in argument arrays
//! only (`flag::ARGS`), SLOT values. A missing element is `Val` undef with [`ABSENT`] in its meta word.
//! The compilers read `ptr` and `len` at the offsets below.

use crate::Hash;
use crate::obj::{Hdr, Kind, Obj, Ptr, Slot, flag};
use crate::scalar::Scalar;
use crate::val::{Val, tag};
use std::cell::Cell;

/// Meta bit of an element that `exists` denies.
pub const ABSENT: u64 = 1 << 11;
/// Offsets for compiled code.
pub const PTR: usize = std::mem::size_of::<Hdr>();
pub const LEN: usize = PTR + 8;

#[repr(C)]
pub struct Array {
    hdr: Hdr,
    ptr: Cell<*mut Val>,
    len: Cell<usize>,
    /// Elements allocated from `ptr` on.
    cap: Cell<usize>,
    /// Free elements before `ptr`.
    off: Cell<usize>,
}

// SAFETY: repr(C), header first.
unsafe impl Obj for Array {
    const KIND: u8 = Kind::ARRAY;
    fn hdr(&self) -> &Hdr {
        &self.hdr
    }
}

fn absent() -> Val {
    Val { meta: ABSENT, bits: 0 }
}

thread_local! {
    static POOL: Slot<Vec<*mut Array>> = const { Slot::new(Vec::new()) };
}
const POOL_MAX: usize = 256;
const POOL_CAP: usize = 64;

impl Array {
    pub fn new() -> Ptr<Array> {
        if let Ok(Some(p)) = POOL.try_with(|p| p.get_mut().pop()) {
            // SAFETY: pooled arrays are empty, live allocations owned by the pool alone.
            unsafe {
                let h = (*p).hdr();
                h.rc.set(1);
                h.kind.set(Kind::ARRAY);
                h.flags.set(0);
                return Ptr::from_raw(p);
            }
        }
        Ptr::new(Array {
            hdr: Hdr::new(Kind::ARRAY),
            ptr: Cell::new(std::ptr::null_mut()),
            len: Cell::new(0),
            cap: Cell::new(0),
            off: Cell::new(0),
        })
    }
    pub fn from_vec(v: Vec<Val>) -> Ptr<Array> {
        let a = Array::new();
        a.reserve(v.len());
        for x in v {
            a.push(x);
        }
        a
    }
    /// Pools or frees an array whose count reached zero.
    pub(crate) unsafe fn dealloc(p: *mut Array) {
        // SAFETY: called once by obj::free; ext is already dropped.
        unsafe {
            (*p).clear();
            if (*p).cap.get() + (*p).off.get() <= POOL_CAP
                && POOL
                    .try_with(|pool| {
                        let pool = pool.get_mut();
                        if pool.len() < POOL_MAX {
                            pool.push(p);
                            return true;
                        }
                        false
                    })
                    .unwrap_or(false)
            {
                return;
            }
            drop(Box::from_raw(p));
        }
    }
    #[inline]
    pub fn len(&self) -> usize {
        self.len.get()
    }
    #[inline]
    pub fn is_empty(&self) -> bool {
        self.len.get() == 0
    }
    #[inline]
    pub fn as_slice(&self) -> &[Val] {
        if self.ptr.get().is_null() {
            return &[];
        }
        // SAFETY: `len` initialised elements from `ptr`; borrow rule of Slot applies (short, no mutation).
        unsafe { std::slice::from_raw_parts(self.ptr.get(), self.len.get()) }
    }
    #[allow(clippy::mut_from_ref)]
    #[inline]
    pub fn as_mut_slice(&self) -> &mut [Val] {
        if self.ptr.get().is_null() {
            return &mut [];
        }
        // SAFETY: as in `as_slice`.
        unsafe { std::slice::from_raw_parts_mut(self.ptr.get(), self.len.get()) }
    }
    /// Moves the storage so that `n` elements fit from `ptr` on.
    pub fn reserve(&self, n: usize) {
        let (cap, off, len) = (self.cap.get(), self.off.get(), self.len.get());
        if n <= cap {
            return;
        }
        if off > 0 && n <= cap + off && off >= len / 2 {
            self.rebase();
            return;
        }
        let want = n.max(cap + cap / 2).max(4);
        let mut v: Vec<Val> = Vec::with_capacity(want);
        // SAFETY: `len` live elements move bitwise into the new block; the old block is freed without
        // dropping them.
        unsafe {
            if !self.ptr.get().is_null() {
                std::ptr::copy_nonoverlapping(self.ptr.get(), v.as_mut_ptr(), len);
                drop(Vec::from_raw_parts(self.ptr.get().sub(off), 0, cap + off));
            }
            self.cap.set(v.capacity());
            self.off.set(0);
            self.ptr.set(v.as_mut_ptr());
            std::mem::forget(v);
        }
    }
    /// Shifts the elements back to the start of the allocation.
    fn rebase(&self) {
        let off = self.off.get();
        // SAFETY: `off` free elements precede `ptr` in the same allocation; copy allows overlap.
        unsafe {
            let base = self.ptr.get().sub(off);
            std::ptr::copy(self.ptr.get(), base, self.len.get());
            self.ptr.set(base);
        }
        self.cap.set(self.cap.get() + off);
        self.off.set(0);
    }
    #[inline]
    pub fn push(&self, v: Val) {
        let n = self.len.get();
        if n == self.cap.get() {
            self.reserve(n + 1);
        }
        // SAFETY: capacity checked; the place is uninitialised, so write without drop.
        unsafe { self.ptr.get().add(n).write(v) };
        self.len.set(n + 1);
    }
    /// Last element as stored (may be an alias).
    pub fn pop_raw(&self) -> Option<Val> {
        let n = self.len.get().checked_sub(1)?;
        self.len.set(n);
        // SAFETY: element n was initialised and is now outside `len`: moved out once.
        Some(unsafe { self.ptr.get().add(n).read() })
    }
    pub fn shift_raw(&self) -> Option<Val> {
        let n = self.len.get().checked_sub(1)?;
        // SAFETY: element 0 is initialised; it is moved out and the window advances past it.
        let v = unsafe { self.ptr.get().read() };
        unsafe { self.ptr.set(self.ptr.get().add(1)) };
        self.len.set(n);
        self.cap.set(self.cap.get() - 1);
        self.off.set(self.off.get() + 1);
        if n == 0 {
            self.rebase();
        }
        Some(v)
    }
    pub fn unshift(&self, vs: Vec<Val>) {
        let k = vs.len();
        let n = self.len.get();
        if self.off.get() < k {
            // Leave as much room again in front, so that repeated unshift is linear.
            let room = k + n / 2 + 4;
            let mut v: Vec<Val> = Vec::with_capacity(room + n + 4);
            // SAFETY: elements move bitwise to offset `room` of the fresh block, old block freed undropped.
            unsafe {
                if !self.ptr.get().is_null() {
                    std::ptr::copy_nonoverlapping(self.ptr.get(), v.as_mut_ptr().add(room), n);
                    let base = self.ptr.get().sub(self.off.get());
                    drop(Vec::from_raw_parts(base, 0, self.cap.get() + self.off.get()));
                }
                self.cap.set(v.capacity() - room);
                self.off.set(room);
                self.ptr.set(v.as_mut_ptr().add(room));
                std::mem::forget(v);
            }
        }
        // SAFETY: `off >= k` free elements precede `ptr`.
        unsafe {
            let p = self.ptr.get().sub(k);
            for (i, v) in vs.into_iter().enumerate() {
                p.add(i).write(v);
            }
            self.ptr.set(p);
        }
        self.off.set(self.off.get() - k);
        self.cap.set(self.cap.get() + k);
        self.len.set(n + k);
    }
    /// `$#a = n-1`. New elements do not exist yet.
    pub fn set_len(&self, n: usize) {
        if n < self.len.get() {
            let mut dead: Vec<Val> = self.drain_from(n);
            while let Some(v) = dead.pop() {
                drop(v);
            }
        } else {
            self.reserve(n);
            for _ in self.len.get()..n {
                self.push(absent());
            }
        }
    }
    /// Removes and returns the elements from `n` on.
    pub fn drain_from(&self, n: usize) -> Vec<Val> {
        let len = self.len.get();
        let mut out = Vec::with_capacity(len - n);
        self.len.set(n);
        for i in n..len {
            // SAFETY: initialised elements now outside `len`, each moved out once.
            out.push(unsafe { self.ptr.get().add(i).read() });
        }
        out
    }
    /// Empties the array; the elements die after it is empty, the last one first, as in perl.
    pub fn clear(&self) {
        if self.len.get() > 0 {
            let mut dead = self.drain_from(0);
            while let Some(v) = dead.pop() {
                drop(v);
            }
        }
        if self.off.get() > 0 {
            self.rebase();
        }
    }
    /// All elements moved out.
    pub fn take_all(&self) -> Vec<Val> {
        self.drain_from(0)
    }
    pub fn splice_raw(&self, at: usize, remove: usize, insert: Vec<Val>) -> Vec<Val> {
        let mut tail = self.drain_from(at);
        let rest = tail.split_off(remove);
        self.reserve(at + insert.len() + rest.len());
        for v in insert.into_iter().chain(rest) {
            self.push(v);
        }
        tail
    }
    /// Resolved element; `None` beyond the end. No magic.
    #[inline]
    pub fn get(&self, i: usize) -> Option<Val> {
        self.as_slice().get(i).map(|v| v.resolve().clone())
    }
    /// Plain store into element `i` (through an alias if the element is one), growing as needed.
    /// The VM checks magic and read-only first.
    pub fn set(&self, i: usize, v: Val) {
        if i >= self.len.get() {
            self.set_len(i);
            self.push(v);
            return;
        }
        let e = &mut self.as_mut_slice()[i];
        match e.tag() {
            tag::IND => e.as_scalar().expect("IND").set(v),
            // SAFETY: SLOT elements only live in argument arrays during the call.
            tag::SLOT => unsafe { (*(e.bits as *mut Val)).put_resolved(v) },
            _ => e.put(v),
        }
    }
    /// The cell of element `i`, promoting and growing as needed (perl's av_fetch with lval).
    pub fn elem_cell(&self, i: usize) -> Ptr<Scalar> {
        if i >= self.len.get() {
            self.set_len(i);
            self.push(Val::undef());
        }
        let e = &mut self.as_mut_slice()[i];
        e.meta &= !ABSENT;
        e.promote()
    }
    pub fn exists(&self, i: usize) -> bool {
        self.as_slice().get(i).is_some_and(|v| v.tag() != tag::UNDEF || v.meta & ABSENT == 0)
    }
    /// `delete $a[i]`: the element goes; at the end the array shrinks to the last existing one.
    pub fn delete(&self, i: usize) -> Option<Val> {
        if i >= self.len.get() {
            return None;
        }
        let old = std::mem::replace(&mut self.as_mut_slice()[i], absent());
        if i + 1 == self.len.get() {
            let mut n = i;
            while n > 0 && !self.exists(n - 1) {
                n -= 1;
            }
            self.set_len(n);
        }
        if old.tag() == tag::UNDEF && old.meta & ABSENT != 0 {
            return None;
        }
        Some(old)
    }
    /// After a foreach iteration: an element only the array refers to goes back inline.
    pub fn demote(&self, i: usize) {
        if let Some(e) = self.as_mut_slice().get_mut(i) {
            if e.tag() == tag::IND {
                let s = e.as_scalar().expect("IND");
                let h = s.hdr();
                if h.rc.get() == 1 && h.kind.get() == Kind::SCALAR && h.flags.get() == 0 {
                    let v = std::mem::take(s.val_mut());
                    e.put(v);
                }
            }
        }
    }
    /// Argument array that outlives its call (`\@_`, closures): SLOT values become aliases of promoted slots.
    pub fn reify(&self) {
        for e in self.as_mut_slice() {
            if e.tag() == tag::SLOT {
                e.promote();
            }
        }
        self.hdr.set(flag::ARGS, false);
    }
}

impl Drop for Array {
    fn drop(&mut self) {
        self.clear();
        if !self.ptr.get().is_null() {
            // SAFETY: the block was made by Vec with exactly this capacity; no live elements remain.
            unsafe {
                let off = self.off.get();
                drop(Vec::from_raw_parts(self.ptr.get().sub(off), 0, self.cap.get() + off))
            }
        }
    }
}

impl Val {
    /// Store into a place that may have become an alias.
    pub fn put_resolved(&mut self, v: Val) {
        match self.alias_cell() {
            Some(s) => s.set(v),
            None => self.put(v),
        }
    }
}

/// An instance of a `class`: its fields, each a PTR to a scalar, array or hash.
#[repr(C)]
pub struct Instance {
    hdr: Hdr,
    pub fields: Slot<Vec<Val>>,
    pub class: Ptr<Hash>,
}

// SAFETY: repr(C), header first.
unsafe impl Obj for Instance {
    const KIND: u8 = Kind::OBJECT;
    fn hdr(&self) -> &Hdr {
        &self.hdr
    }
}

impl Instance {
    pub fn new(class: Ptr<Hash>) -> Ptr<Instance> {
        Ptr::new(Instance { hdr: Hdr::new(Kind::OBJECT), fields: Slot::new(Vec::new()), class })
    }
}

impl Drop for Instance {
    /// Fields die in the reverse order of their declaration.
    fn drop(&mut self) {
        while let Some(f) = self.fields.get_mut().pop() {
            drop(f);
        }
    }
}
