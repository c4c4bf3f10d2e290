//! Operand access for the generated wrappers: reading resolves aliases and runs get magic, writing drops
//! the old content. `unsafe`: register numbers come from verified chunks, so `fp + r` is a live slot.

use crate::Vm;
use crate::exc::R;
use keshi_value::obj::Kind;
use keshi_value::val::tag;
use keshi_value::{Scalar, Val};

/// The value of an S register, aliases followed, magic run.
///
/// # Safety
/// `r` is an S slot of the running frame.
#[inline]
pub unsafe fn fetch(vm: &mut Vm, fp: *mut Val, r: u16) -> R<Val> {
    // SAFETY: by contract a live slot.
    let v = unsafe { &*fp.add(r as usize) };
    if v.tag() < tag::IND { Ok(v.clone()) } else { vm.read(v) }
}

/// Stores into a register, dropping what was there.
///
/// # Safety
/// `r` is an S or P slot of the running frame.
#[inline]
pub unsafe fn put(fp: *mut Val, r: u16, v: Val) {
    // SAFETY: by contract a live slot; the old value is dropped after the store.
    let old = unsafe { std::ptr::replace(fp.add(r as usize), v) };
    drop(old);
}

impl Vm {
    /// Reads through aliases, with get magic.
    pub fn read(&mut self, v: &Val) -> R<Val> {
        match v.tag() {
            // SAFETY: SLOT points to a live slot of a calling frame (argument arrays die with the call).
            tag::SLOT => self.read(unsafe { &*(v.bits as *const Val) }),
            tag::IND => match v.as_scalar() {
                Some(s) => self.get_sv(s),
                None => Ok(Val::undef()),
            },
            tag::PTR => match v.as_scalar() {
                Some(s) => self.get_sv(s),
                None => Ok(v.clone()),
            },
            _ => Ok(v.clone()),
        }
    }

    /// A scalar's value, with get magic.
    #[inline]
    pub fn get_sv(&mut self, s: &Scalar) -> R<Val> {
        use keshi_value::obj::Obj;
        if s.hdr().kind.get() == Kind::SCALAR { Ok(s.get()) } else { self.magic_get(s) }
    }

    /// Assigns to a scalar: read-only check, store, set magic.
    #[inline]
    pub fn set_sv(&mut self, s: &Scalar, v: Val) -> R<()> {
        use keshi_value::obj::{Obj, flag};
        if s.hdr().kind.get() == Kind::SCALAR && !s.hdr().has(flag::READONLY) {
            if s.peek().tag() == tag::GLOB || v.tag() == tag::GLOB {
                return self.assign_glob_aware(s, v);
            }
            s.set(v);
            return Ok(());
        }
        self.set_sv_slow(s, v)
    }

    /// Assigns to a variable slot, element or alias.
    #[inline]
    pub fn assign(&mut self, place: &mut Val, v: Val) -> R<()> {
        match place.tag() {
            tag::IND => {
                let s = place.scalar().expect("IND");
                self.set_sv(&s, v)
            }
            // SAFETY: as in `read`.
            tag::SLOT => self.assign(unsafe { &mut *(place.bits as *mut Val) }, v),
            _ => {
                if place.meta & keshi_value::val::meta::READONLY != 0 {
                    return Err(self.die_text("Modification of a read-only value attempted"));
                }
                place.put(crate::rt::glob::copied(v));
                Ok(())
            }
        }
    }
}

/// As `fetch`, for instructions that also change an S register in place.
///
/// # Safety
/// As `fetch`.
#[inline]
pub unsafe fn fetch_copy(vm: &mut Vm, fp: *mut Val, r: u16) -> R<Val> {
    // SAFETY: same contract.
    unsafe { fetch(vm, fp, r) }
}

/// Stores an exception for the tier that called a wrapper; gives the wrapper's status.
#[cold]
pub fn raise(vm: &mut Vm, e: Box<crate::Exc>) -> u32 {
    vm.exc = Some(e);
    2
}

/// Stash address of a blessed referent, 0 if none (`br.class`).
pub fn classof(v: &Val) -> i64 {
    v.hdr().and_then(|h| h.stash()).map_or(0, |s| s.addr() as i64)
}

/// Key kept in an inline cache of the running chunk.
pub fn ic_key(vm: &Vm, ic: u32) -> i64 {
    vm.frame().linked.ics.get()[ic as usize].key as i64
}

/// Current epoch an inline cache depends on: one global method generation.
pub fn epoch(_vm: &Vm, _ic: u32) -> i64 {
    crate::stash::method_gen() as i64
}

pub fn dynsp(vm: &Vm) -> i64 {
    vm.dyns.len() as i64
}

pub fn frame_want(vm: &Vm) -> i64 {
    vm.frame().want as i64
}

/// Kind byte of a heap object; 0 for null.
///
/// # Safety
/// `p` is null or the address of a live heap object.
#[allow(non_snake_case)]
#[inline]
pub unsafe fn ld8_KIND(p: u64) -> i64 {
    if p == 0 {
        return 0;
    }
    // SAFETY: by contract; the header comes first in every object.
    unsafe { (*(p as *const keshi_value::Hdr)).kind.get() as i64 }
}

/// Length word of an array.
///
/// # Safety
/// `p` is the address of a live array (proved by `plain(p, av)`).
#[allow(non_snake_case)]
#[inline]
pub unsafe fn ld64_LEN(p: u64) -> i64 {
    // SAFETY: by contract.
    unsafe { (*(p as *const keshi_value::Array)).len() as i64 }
}
