//! Runtime functions of topic `val` (heads in l1-spec/rt.l1 and atoms.l1).

use crate::Vm;
use crate::exc::R;
use keshi_value::Val;

/// `s.const`
pub fn load_const(vm: &mut Vm, _v: u32) -> R<Val> {
    Err(vm.unimplemented("s.const"))
}

/// `p.const`
pub fn load_pconst(vm: &mut Vm, _v: u32) -> R<Val> {
    Err(vm.unimplemented("p.const"))
}

/// `s.copy`
pub fn copy(vm: &mut Vm, _a: &Val) -> R<Val> {
    Err(vm.unimplemented("s.copy"))
}

/// `p.copy`
pub fn pcopy(vm: &mut Vm, _a: &Val) -> R<Val> {
    Err(vm.unimplemented("p.copy"))
}

/// `s.move`
pub fn mov(vm: &mut Vm, _a: Val) -> R<Val> {
    Err(vm.unimplemented("s.move"))
}

/// `p.move`
pub fn pmov(vm: &mut Vm, _a: Val) -> R<Val> {
    Err(vm.unimplemented("p.move"))
}

/// `s.drop`
pub fn drop(vm: &mut Vm, _a: Val) -> R<()> {
    Err(vm.unimplemented("s.drop"))
}

/// `p.drop`
pub fn pdrop(vm: &mut Vm, _a: Val) -> R<()> {
    Err(vm.unimplemented("p.drop"))
}

/// `s.getp`
pub fn ref_target(vm: &mut Vm, _a: &Val) -> R<Val> {
    Err(vm.unimplemented("s.getp"))
}

/// `s.setref`
pub fn make_ref(vm: &mut Vm, _a: &Val) -> R<Val> {
    Err(vm.unimplemented("s.setref"))
}
