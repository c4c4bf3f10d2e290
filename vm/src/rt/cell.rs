//! Scalar-cell atoms.

use crate::Vm;
use crate::exc::R;
use keshi_value::obj::Obj;
use keshi_value::{Ptr, Scalar, Val};

/// The scalar in a P register. A verified chunk never has anything else there; a null register (variable
/// used before its declaration ran, e.g. after `goto`) reads as a fresh scalar.
pub fn scalar_of(v: &Val) -> Ptr<Scalar> {
    v.scalar().unwrap_or_else(|| Scalar::new(Val::undef()))
}

/// `cell.new`
pub fn new(_vm: &mut Vm) -> R<Val> {
    Ok(Val::ptr(Scalar::new(Val::undef())))
}

/// `cell.fresh`: a new undef cell unless nobody else holds this one.
pub fn fresh(_vm: &mut Vm, d: &mut Val) -> R<()> {
    match d.as_scalar() {
        Some(s) if s.hdr().rc.get() == 1 && s.hdr().flags.get() == 0 && !s.hdr().is_magical() => {
            s.set(Val::undef())
        }
        _ => d.put(Val::ptr(Scalar::new(Val::undef()))),
    }
    Ok(())
}

/// `cell.get`
pub fn get(_vm: &mut Vm, a: &Val) -> R<Val> {
    Ok(a.as_scalar().map_or(Val::undef(), |s| s.get()))
}

/// `cell.set`
pub fn set(_vm: &mut Vm, a: &Val, v: &Val) -> R<()> {
    if let Some(s) = a.as_scalar() {
        s.set(v.clone());
    }
    Ok(())
}

/// `cell.load`
pub fn load(vm: &mut Vm, a: &Val) -> R<Val> {
    match a.scalar() {
        Some(s) => vm.get_sv(&s),
        None => Ok(Val::undef()),
    }
}

/// `rt.cell.reread`: an operator sees its left variable `c` as the magic of the right one, `d`, left it.
pub fn reread(vm: &mut Vm, x: &mut Val, c: &Val, d: &Val) -> R<()> {
    let magical = |v: &Val| v.as_scalar().is_some_and(|s| s.hdr().is_magical());
    if magical(d) && !magical(c) {
        x.put(load(vm, c)?);
    }
    Ok(())
}

/// `cell.store`
pub fn store(vm: &mut Vm, a: &Val, v: &Val) -> R<()> {
    match a.scalar() {
        Some(s) => vm.set_sv(&s, v.clone()),
        None => Err(vm.die_text("panic: store into a variable that was never declared")),
    }
}

/// `s.box`
pub fn promote(_vm: &mut Vm, a: &mut Val) -> R<Val> {
    Ok(Val::ptr(a.promote()))
}
