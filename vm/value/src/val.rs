//! `Val`, the 16-byte scalar value (an SV's content, or an owned pointer in a P register).
//!
//! Layout law: both words are always written whole (store forwarding; DESIGN section 14).
//! `tag < 8` means "nothing to count". Tags from 13 up are never seen by code that works on resolved
//! values: IND (alias to a scalar cell) and SLOT (uncounted pointer to a frame slot) are followed by
//! [`Val::resolve`], PTR only stands in P registers.

use crate::obj::{Hdr, Kind, Obj, Ptr, dec, inc};
use crate::scalar::{Dual, RegexObj};
use crate::{Array, Code, Format, Glob, Hash, IoObj, PStr, Scalar};

pub mod tag {
    pub const UNDEF: u8 = 0;
    pub const NUM: u8 = 1;
    pub const INT: u8 = 2;
    pub const UINT: u8 = 3;
    pub const BOOL: u8 = 4;
    pub const STR: u8 = 8;
    pub const REF: u8 = 9;
    pub const GLOB: u8 = 10;
    pub const CODE: u8 = 11;
    pub const DUAL: u8 = 12;
    pub const IND: u8 = 13;
    pub const SLOT: u8 = 14;
    pub const PTR: u8 = 15;
    /// First tag whose payload is counted.
    pub const FIRST_HEAP: u8 = 8;
}

/// Bits above the tag byte of `meta`.
pub mod meta {
    /// REF: uncounted weak reference (only inside a Scalar that is registered with the target).
    pub const WEAK: u64 = 1 << 8;
    /// A constant of the program text: modification dies "Modification of a read-only value".
    pub const READONLY: u64 = 1 << 9;
    /// GLOB value that is the glob itself (`*foo`), as opposed to a copy kept in a scalar.
    pub const REAL_GLOB: u64 = 1 << 10;
}

#[repr(C)]
pub struct Val {
    pub meta: u64,
    pub bits: u64,
}

pub const UNDEF: Val = Val { meta: 0, bits: 0 };

impl Default for Val {
    fn default() -> Val {
        UNDEF
    }
}

impl Val {
    #[inline]
    pub const fn undef() -> Val {
        UNDEF
    }
    #[inline]
    pub const fn int(i: i64) -> Val {
        Val { meta: tag::INT as u64, bits: i as u64 }
    }
    /// UINT only above `i64::MAX`.
    #[inline]
    pub const fn uint(u: u64) -> Val {
        if u <= i64::MAX as u64 { Val::int(u as i64) } else { Val { meta: tag::UINT as u64, bits: u } }
    }
    #[inline]
    pub const fn num(n: f64) -> Val {
        Val { meta: tag::NUM as u64, bits: n.to_bits() }
    }
    #[inline]
    pub const fn bool(b: bool) -> Val {
        Val { meta: tag::BOOL as u64, bits: b as u64 }
    }
    pub fn str(bytes: &[u8], utf8: bool) -> Val {
        Val::pstr(PStr::new(bytes, utf8))
    }
    pub fn bytes(bytes: impl AsRef<[u8]>) -> Val {
        Val::str(bytes.as_ref(), false)
    }
    /// From text: utf8 flag on only where needed.
    pub fn text(s: &str) -> Val {
        Val::str(s.as_bytes(), !s.is_ascii())
    }
    fn heap<T: Obj>(t: u8, p: Ptr<T>) -> Val {
        Val { meta: t as u64, bits: p.into_raw() as u64 }
    }
    pub fn pstr(p: Ptr<PStr>) -> Val {
        Val::heap(tag::STR, p)
    }
    /// `\` of a heap object.
    pub fn reference<T: Obj>(p: Ptr<T>) -> Val {
        Val::heap(tag::REF, p)
    }
    /// A P register's content.
    pub fn ptr<T: Obj>(p: Ptr<T>) -> Val {
        Val::heap(tag::PTR, p)
    }
    /// An alias to a scalar cell.
    pub fn ind(p: Ptr<Scalar>) -> Val {
        Val::heap(tag::IND, p)
    }
    pub fn glob(p: Ptr<Glob>) -> Val {
        Val::heap(tag::GLOB, p)
    }
    pub fn dual(d: Dual) -> Val {
        Val::heap(tag::DUAL, Ptr::new(d))
    }
    /// Uncounted pointer to a frame slot, valid for one call.
    pub fn slot(p: *mut Val) -> Val {
        Val { meta: tag::SLOT as u64, bits: p as u64 }
    }
    /// A reference that takes over one count of `h`.
    pub(crate) fn ref_raw(h: *mut Hdr) -> Val {
        Val { meta: tag::REF as u64, bits: h as u64 }
    }
    /// A counted reference to the object behind any REF/PTR/IND/… value.
    pub fn ref_to_obj(&self) -> Val {
        match self.hdr() {
            Some(h) => {
                inc(h);
                Val { meta: tag::REF as u64, bits: self.bits }
            }
            None => UNDEF,
        }
    }
    /// The same object as a P register value.
    pub fn ptr_to_obj(&self) -> Val {
        match self.hdr() {
            Some(h) => {
                inc(h);
                Val { meta: tag::PTR as u64, bits: self.bits }
            }
            None => UNDEF,
        }
    }

    #[inline]
    pub fn tag(&self) -> u8 {
        self.meta as u8
    }
    #[inline]
    pub fn is_heap(&self) -> bool {
        let t = self.tag();
        t >= tag::FIRST_HEAP && t != tag::SLOT
    }
    #[inline]
    pub fn is_undef(&self) -> bool {
        self.tag() == tag::UNDEF
    }
    #[inline]
    pub fn is_int(&self) -> bool {
        self.tag() == tag::INT
    }
    #[inline]
    pub fn is_str(&self) -> bool {
        self.tag() == tag::STR
    }
    #[inline]
    pub fn is_ref(&self) -> bool {
        self.tag() == tag::REF
    }
    #[inline]
    pub fn is_alias(&self) -> bool {
        matches!(self.tag(), tag::IND | tag::SLOT)
    }
    #[inline]
    pub fn as_i64(&self) -> i64 {
        self.bits as i64
    }
    #[inline]
    pub fn as_f64(&self) -> f64 {
        f64::from_bits(self.bits)
    }
    pub fn is_weak(&self) -> bool {
        self.meta & meta::WEAK != 0
    }

    /// Header of the object pointed to (REF, PTR, IND, GLOB, STR, DUAL, CODE).
    #[inline]
    pub fn hdr(&self) -> Option<&Hdr> {
        if self.is_heap() && self.bits != 0 {
            // SAFETY: a heap tag means `bits` is a live object this value holds a count of (or a weak
            // reference, which is cleared before its target dies).
            Some(unsafe { &*(self.bits as *const Hdr) })
        } else {
            None
        }
    }
    /// Kind of the object pointed to, 0 if none.
    pub fn kind(&self) -> u8 {
        self.hdr().map_or(0, |h| h.kind())
    }
    fn obj<T: Obj>(&self) -> Option<&T> {
        match self.hdr() {
            // SAFETY: the kind tells the type (obj.rs, invariant 1).
            Some(h) if h.kind() == T::KIND => Some(unsafe { &*(self.bits as *const T) }),
            _ => None,
        }
    }
    /// A counted pointer to the object, if it is of that type. Works for REF, PTR, IND, GLOB.
    pub fn to_ptr<T: Obj>(&self) -> Option<Ptr<T>> {
        // SAFETY: `obj` proved that it is a live T.
        self.obj::<T>().map(|o| unsafe { Ptr::retain(o) })
    }
    pub fn as_str(&self) -> Option<&PStr> {
        if self.tag() == tag::STR { self.obj() } else { None }
    }
    pub fn as_scalar(&self) -> Option<&Scalar> {
        self.obj()
    }
    pub fn as_av(&self) -> Option<&Array> {
        self.obj()
    }
    pub fn as_hv(&self) -> Option<&Hash> {
        self.obj()
    }
    pub fn as_cv(&self) -> Option<&Code> {
        self.obj()
    }
    pub fn as_gv(&self) -> Option<&Glob> {
        self.obj()
    }
    pub fn as_io(&self) -> Option<&IoObj> {
        self.obj()
    }
    pub fn as_format(&self) -> Option<&Format> {
        self.obj()
    }
    /// The compiled pattern of a PTR to one, of a regexp, or of a reference to a regexp (`qr//`).
    pub fn as_regex(&self) -> Option<&RegexObj> {
        if let Some(r) = self.obj() {
            return Some(r);
        }
        let held = match self.tag() {
            tag::DUAL => self.as_dual(),
            tag::REF => self.as_scalar().and_then(|s| s.peek().as_dual()),
            _ => None,
        };
        held?.regex.as_ref()?.obj()
    }
    /// The same as a counted PTR.
    pub fn regex_ptr(&self) -> Option<Val> {
        // SAFETY: `as_regex` proved that it is a live RegexObj.
        self.as_regex().map(|r| Val::ptr(unsafe { Ptr::retain(r) }))
    }
    pub fn as_dual(&self) -> Option<&Dual> {
        if self.tag() == tag::DUAL { self.obj() } else { None }
    }
    pub fn scalar(&self) -> Option<Ptr<Scalar>> {
        self.to_ptr()
    }
    pub fn av(&self) -> Option<Ptr<Array>> {
        self.to_ptr()
    }
    pub fn hv(&self) -> Option<Ptr<Hash>> {
        self.to_ptr()
    }
    pub fn cv(&self) -> Option<Ptr<Code>> {
        self.to_ptr()
    }
    pub fn gv(&self) -> Option<Ptr<Glob>> {
        self.to_ptr()
    }
    pub fn io(&self) -> Option<Ptr<IoObj>> {
        self.to_ptr()
    }

    /// Follows aliases (SLOT, then IND) to the place where the value is kept; magic is not run.
    #[inline]
    pub fn resolve(&self) -> &Val {
        let mut v = self;
        loop {
            match v.tag() {
                // SAFETY: SLOT points into the live part of the value stack (argument arrays die with
                // the call); IND holds a count of its scalar.
                tag::SLOT => v = unsafe { &*(v.bits as *const Val) },
                tag::IND => v = unsafe { (*(v.bits as *const Scalar)).peek() },
                _ => return v,
            }
        }
    }
    /// The scalar cell behind an alias, if it is one (SLOT → slot that was promoted).
    pub fn alias_cell(&self) -> Option<&Scalar> {
        let mut v = self;
        loop {
            match v.tag() {
                // SAFETY: as in `resolve`.
                tag::SLOT => v = unsafe { &*(v.bits as *const Val) },
                tag::IND => return Some(unsafe { &*(v.bits as *const Scalar) }),
                _ => return None,
            }
        }
    }
    /// Promotes a slot or element in place: afterwards it is an alias of the returned cell.
    pub fn promote(&mut self) -> Ptr<Scalar> {
        match self.tag() {
            tag::IND => self.to_ptr().expect("IND points to a scalar"),
            // SAFETY: as in `resolve`; the slot is not otherwise borrowed during this call.
            tag::SLOT => {
                let p = unsafe { (*(self.bits as *mut Val)).promote() };
                *self = Val::ind(p.clone());
                p
            }
            _ => {
                let v = std::mem::take(self);
                let ro = v.meta & meta::READONLY != 0;
                let p = Scalar::new(Val { meta: v.meta & !meta::READONLY, bits: v.bits });
                std::mem::forget(v);
                if ro {
                    p.hdr().set(crate::obj::flag::READONLY, true);
                }
                *self = Val::ind(p.clone());
                p
            }
        }
    }
    /// `self = v`, dropping the old content after the store (a drop may look at this place).
    #[inline]
    pub fn put(&mut self, v: Val) {
        let old = std::mem::replace(self, v);
        drop(old);
    }
    #[inline]
    pub fn take(&mut self) -> Val {
        std::mem::take(self)
    }
    /// Identity of the referent: what `==` on references compares and `0x…` prints.
    pub fn addr(&self) -> u64 {
        self.bits
    }
}

impl Clone for Val {
    /// Counts the object; a weak reference becomes strong, flags of the place are not copied.
    #[inline]
    fn clone(&self) -> Val {
        if self.is_heap() {
            if let Some(h) = self.hdr() {
                inc(h);
            }
            Val { meta: self.meta & 0xff, bits: self.bits }
        } else {
            Val { meta: self.meta & !meta::READONLY, bits: self.bits }
        }
    }
}

impl Drop for Val {
    #[inline]
    fn drop(&mut self) {
        if self.tag() >= tag::FIRST_HEAP {
            drop_heap(self);
        }
    }
}

#[inline(never)]
fn drop_heap(v: &mut Val) {
    if v.tag() != tag::SLOT && v.bits != 0 && !v.is_weak() {
        // SAFETY: a counted value owns one count of its live object; this is its end.
        unsafe { dec(v.bits as *mut Hdr) }
    }
}

impl std::fmt::Debug for Val {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.tag() {
            tag::UNDEF => write!(f, "undef"),
            tag::NUM => write!(f, "num {}", self.as_f64()),
            tag::INT => write!(f, "int {}", self.as_i64()),
            tag::UINT => write!(f, "uint {}", self.bits),
            tag::BOOL => write!(f, "bool {}", self.bits),
            tag::STR => {
                write!(f, "str {:?}", String::from_utf8_lossy(self.as_str().map_or(&[], |s| s.bytes())))
            }
            t => write!(f, "tag{} kind{} {:#x}", t, Kind::MASK & self.kind(), self.bits),
        }
    }
}
