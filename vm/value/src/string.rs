//! Perl strings: bytes plus the utf8 flag in one allocation, copied on write.
//!
//! Invariants: `len <= cap`; bytes `0..len` are initialised; a string with more than one reference is
//! never changed. With the utf8 flag on, the bytes are valid perl-extended UTF-8.

use crate::obj::{Hdr, Kind, Obj, Ptr, flag};
use std::alloc::{Layout, alloc, dealloc, handle_alloc_error, realloc};

#[repr(C)]
pub struct PStr {
    hdr: Hdr,
    len: usize,
    cap: usize,
    data: [u8; 0],
}

// SAFETY: repr(C), header first.
unsafe impl Obj for PStr {
    const KIND: u8 = Kind::STR;
    fn hdr(&self) -> &Hdr {
        &self.hdr
    }
}

/// Offset of the bytes; the compilers use it.
pub const DATA: usize = std::mem::size_of::<PStr>();

fn layout(cap: usize) -> Layout {
    Layout::from_size_align(DATA + cap, std::mem::align_of::<PStr>()).expect("string size")
}

impl PStr {
    pub fn with_capacity(cap: usize) -> Ptr<PStr> {
        let cap = cap.max(8);
        let l = layout(cap);
        // SAFETY: non-zero size; header and lengths are written before the pointer is handed out.
        unsafe {
            let p = alloc(l) as *mut PStr;
            if p.is_null() {
                handle_alloc_error(l);
            }
            p.write(PStr { hdr: Hdr::new(Kind::STR), len: 0, cap, data: [] });
            Ptr::from_raw(p)
        }
    }
    pub fn new(bytes: &[u8], utf8: bool) -> Ptr<PStr> {
        let p = PStr::with_capacity(bytes.len());
        // SAFETY: fresh allocation of sufficient capacity, unique.
        unsafe {
            let m = p.as_ptr() as *mut PStr;
            std::ptr::copy_nonoverlapping(bytes.as_ptr(), (m as *mut u8).add(DATA), bytes.len());
            (*m).len = bytes.len();
        }
        p.hdr.set(flag::UTF8, utf8);
        p
    }
    #[inline]
    pub fn bytes(&self) -> &[u8] {
        // SAFETY: `0..len` initialised, inside the allocation of this object.
        unsafe { std::slice::from_raw_parts((self as *const PStr as *const u8).add(DATA), self.len) }
    }
    #[inline]
    pub fn utf8(&self) -> bool {
        self.hdr.has(flag::UTF8)
    }
    pub fn len(&self) -> usize {
        self.len
    }
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }
    /// Appends to `s`, in place when it is not shared.
    pub fn append(s: &mut Ptr<PStr>, more: &[u8]) {
        let need = s.len + more.len();
        PStr::reserve(s, need);
        // SAFETY: unique (reserve), capacity suffices; `more` cannot overlap a unique buffer that we
        // may have moved, because callers pass slices of other objects (checked by borrowck: &mut Ptr).
        unsafe {
            let m = s.as_ptr() as *mut PStr;
            std::ptr::copy_nonoverlapping(more.as_ptr(), (m as *mut u8).add(DATA + (*m).len), more.len());
            (*m).len = need;
        }
    }
    /// Makes `s` unshared with room for `need` bytes.
    pub fn reserve(s: &mut Ptr<PStr>, need: usize) {
        if s.rc() > 1 {
            let n = PStr::with_capacity(need.max(s.len) + need / 4);
            // SAFETY: `n` is fresh and large enough.
            unsafe {
                let m = n.as_ptr() as *mut PStr;
                std::ptr::copy_nonoverlapping(s.bytes().as_ptr(), (m as *mut u8).add(DATA), s.len);
                (*m).len = s.len;
            }
            n.hdr.set(flag::UTF8, s.utf8());
            *s = n;
        } else if s.cap < need {
            let cap = need + need / 2 + 16;
            let old = s.as_ptr() as *mut PStr;
            // SAFETY: unique owner, so nobody else holds the old address; layout is the one it was made with.
            unsafe {
                let l = layout((*old).cap);
                let p = realloc(old as *mut u8, l, DATA + cap) as *mut PStr;
                if p.is_null() {
                    handle_alloc_error(layout(cap));
                }
                (*p).cap = cap;
                let stale = std::mem::replace(s, Ptr::from_raw(p));
                std::mem::forget(stale);
            }
        }
    }
    /// Runs `f` on the bytes as a vector, unshared; for in-place edits.
    pub fn edit<T>(s: &mut Ptr<PStr>, f: impl FnOnce(&mut Vec<u8>) -> T) -> T {
        let mut v = s.bytes().to_vec();
        let r = f(&mut v);
        let u = s.utf8();
        *s = PStr::new(&v, u);
        r
    }
    pub fn set_utf8(s: &mut Ptr<PStr>, on: bool) {
        if s.utf8() != on {
            if s.rc() > 1 {
                *s = PStr::new(s.bytes(), on);
            } else {
                s.hdr.set(flag::UTF8, on);
            }
        }
    }
    /// Mutable bytes of an unshared string.
    pub fn bytes_mut(s: &mut Ptr<PStr>) -> &mut [u8] {
        let n = s.len;
        PStr::reserve(s, n);
        // SAFETY: unique after reserve, borrowed through &mut.
        unsafe { std::slice::from_raw_parts_mut((s.as_ptr() as *mut u8).add(DATA), n) }
    }
    pub fn truncate(s: &mut Ptr<PStr>, n: usize) {
        let len = s.len;
        PStr::reserve(s, len);
        if n < len {
            // SAFETY: unique after reserve; shrinking keeps the bytes initialised.
            unsafe { (*(s.as_ptr() as *mut PStr)).len = n };
        }
    }
    /// Capacity, for the compilers' in-place append.
    pub fn capacity(&self) -> usize {
        self.cap
    }
    pub(crate) unsafe fn dealloc(p: *mut PStr) {
        // SAFETY: called once by obj::free with the layout the string was made with.
        unsafe { dealloc(p as *mut u8, layout((*p).cap)) }
    }
}
