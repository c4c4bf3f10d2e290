//! Atoms that move values between registers.

use crate::Vm;
use crate::exc::R;
use keshi_value::Val;

/// `s.const`
pub fn load_const(vm: &mut Vm, v: u32) -> R<Val> {
    Ok(vm.frame().linked.consts[v as usize].clone())
}

/// `p.const`
pub fn load_pconst(vm: &mut Vm, v: u32) -> R<Val> {
    Ok(vm.frame().linked.consts[v as usize].ptr_to_obj())
}

/// `s.copy`
pub fn copy(_vm: &mut Vm, a: &Val) -> R<Val> {
    Ok(a.clone())
}

/// `p.copy`
pub fn pcopy(_vm: &mut Vm, a: &Val) -> R<Val> {
    Ok(a.clone())
}

/// `s.move`
pub fn mov(_vm: &mut Vm, a: Val) -> R<Val> {
    Ok(a)
}

/// `p.move`
pub fn pmov(_vm: &mut Vm, a: Val) -> R<Val> {
    Ok(a)
}

/// `s.drop`
pub fn drop(_vm: &mut Vm, _a: Val) -> R<()> {
    Ok(())
}

/// `p.drop`
pub fn pdrop(_vm: &mut Vm, _a: Val) -> R<()> {
    Ok(())
}

/// `s.getp`: the referent as a P value.
pub fn ref_target(_vm: &mut Vm, a: &Val) -> R<Val> {
    Ok(a.ptr_to_obj())
}

/// `s.setref`
pub fn make_ref(_vm: &mut Vm, a: &Val) -> R<Val> {
    Ok(a.ref_to_obj())
}
