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
                place.put(v);
                Ok(())
            }
        }
    }
}
