//! Scalar cells (perl's SV as a container), dualvars and compiled-pattern objects.
//!
//! A cell holds one resolved value (never IND, SLOT or PTR). Magic is attached through `Hdr::ext`; a
//! magical cell has kind byte `SCALAR|MAGICAL`, so plain access needs one byte compare.

use crate::obj::{Hdr, Kind, Obj, Ptr, Slot, flag};
use crate::val::{Val, meta, tag};
use std::any::Any;

#[repr(C)]
pub struct Scalar {
    hdr: Hdr,
    val: Slot<Val>,
}

/// Offset of the value in a cell; the compilers use it.
pub const VAL: usize = std::mem::size_of::<Hdr>();

// SAFETY: repr(C), header first.
unsafe impl Obj for Scalar {
    const KIND: u8 = Kind::SCALAR;
    fn hdr(&self) -> &Hdr {
        &self.hdr
    }
}

impl Scalar {
    pub fn new(v: Val) -> Ptr<Scalar> {
        Ptr::new(Scalar { hdr: Hdr::new(Kind::SCALAR), val: Slot::new(v) })
    }
    /// Another count on this scalar.
    pub fn keep(&self) -> Ptr<Scalar> {
        // SAFETY: scalars live in counted boxes only, and a borrow of one implies that it is alive.
        unsafe { Ptr::retain(self) }
    }
    /// The value without running get magic.
    #[inline]
    pub fn peek(&self) -> &Val {
        self.val.get()
    }
    #[inline]
    pub fn get(&self) -> Val {
        self.val.get().clone()
    }
    /// Stores without running set magic and without the read-only check (the VM's `assign` does both).
    #[inline]
    pub fn set(&self, v: Val) {
        if self.hdr.has(flag::WEAK) {
            self.unregister_weak();
        }
        self.val.set(v);
    }
    /// In-place access for `.=`-like edits of a plain cell.
    #[allow(clippy::mut_from_ref)]
    #[inline]
    pub fn val_mut(&self) -> &mut Val {
        if self.hdr.has(flag::WEAK) {
            self.unregister_weak();
            self.val.set(Val::undef());
        }
        self.val.get_mut()
    }
    pub fn is_readonly(&self) -> bool {
        self.hdr.has(flag::READONLY)
    }
    /// Scalar::Util::weaken: the reference kept here no longer counts.
    pub fn weaken(&self) {
        if self.hdr.has(flag::WEAK) || !self.peek().is_ref() {
            return;
        }
        let v = self.val.get_mut();
        let Some(h) = v.hdr() else { return };
        h.ext_mut().weak.push(self as *const Scalar);
        h.set(flag::WEAK_TARGET, true);
        self.hdr.set(flag::WEAK, true);
        // Dropping a strong twin gives the count back; this may free the target and clear us again.
        let strong = Val { meta: tag::REF as u64, bits: v.bits };
        v.meta |= meta::WEAK;
        drop(strong);
    }
    pub fn is_weak(&self) -> bool {
        self.hdr.has(flag::WEAK)
    }
    /// Scalar::Util::unweaken.
    pub fn unweaken(&self) {
        if self.is_weak() {
            let strong = self.peek().clone();
            self.set(strong);
        }
    }
    fn unregister_weak(&self) {
        self.hdr.set(flag::WEAK, false);
        if let Some(h) = self.val.get().hdr() {
            let me = self as *const Scalar;
            h.ext_mut().weak.retain(|p| *p != me);
        }
        // The weak value owns no count: forget it.
        std::mem::forget(std::mem::take(self.val.get_mut()));
    }
    pub(crate) fn weak_target_died(&self) {
        self.hdr.set(flag::WEAK, false);
        std::mem::forget(std::mem::take(self.val.get_mut()));
    }
    pub(crate) fn before_free(&self) {
        if self.hdr.has(flag::WEAK) {
            self.unregister_weak();
        }
    }
}

/// A value with independent string and number sides: `dualvar`, `$!`, vstrings, and a regexp as a plain
/// scalar (`$$qr`).
#[repr(C)]
pub struct Dual {
    hdr: Hdr,
    pub num: Val,
    pub str: Val,
    /// The literal of a v-string.
    pub vstring: Option<Vec<u8>>,
    /// The compiled pattern (PTR) of a regexp.
    pub regex: Option<Val>,
}

// SAFETY: repr(C), header first.
unsafe impl Obj for Dual {
    const KIND: u8 = Kind::DUAL;
    fn hdr(&self) -> &Hdr {
        &self.hdr
    }
}

impl Dual {
    pub fn new(num: Val, str: Val, vstring: Option<Vec<u8>>) -> Dual {
        Dual { hdr: Hdr::new(Kind::DUAL), num, str, vstring, regex: None }
    }
    /// A regexp: both sides are its text.
    pub fn regexp(re: Ptr<RegexObj>) -> Dual {
        let text = re.text.clone();
        Dual {
            hdr: Hdr::new(Kind::DUAL),
            num: text.clone(),
            str: text,
            vstring: None,
            regex: Some(Val::ptr(re)),
        }
    }
}

/// A compiled pattern; a scalar holding a `Dual` of it is perl's REGEXP, the referent of `qr//`. The engine's
/// type is the VM's business.
#[repr(C)]
pub struct RegexObj {
    hdr: Hdr,
    pub re: Box<dyn Any>,
    /// What `"$qr"` gives: `(?^:…)`.
    pub text: Val,
    /// `$$qr`: the pattern as a scalar, made on demand.
    cell: Slot<Option<Ptr<Scalar>>>,
}

// SAFETY: repr(C), header first.
unsafe impl Obj for RegexObj {
    const KIND: u8 = Kind::REGEX;
    fn hdr(&self) -> &Hdr {
        &self.hdr
    }
}

impl RegexObj {
    pub fn new(re: Box<dyn Any>, text: Val) -> Ptr<RegexObj> {
        Ptr::new(RegexObj { hdr: Hdr::new(Kind::REGEX), re, text, cell: Slot::new(None) })
    }
    /// The scalar behind `$$qr`: its text, until the program assigns something else.
    pub fn cell(&self) -> &Ptr<Scalar> {
        if self.cell.get().is_none() {
            self.cell.set(Some(Scalar::new(self.text.clone())));
        }
        self.cell.get().as_ref().expect("just set")
    }
}
