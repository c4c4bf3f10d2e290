//! Runtime functions of topic `pad` (heads in l1-spec/rt.l1 and atoms.l1).

use crate::Vm;
use crate::exc::R;
use keshi_value::Val;

/// `pad.get`
pub fn get(vm: &mut Vm, _idx: u64) -> R<Val> {
    Err(vm.unimplemented("pad.get"))
}

/// `pad.set`
pub fn set(vm: &mut Vm, _idx: u64, _a: &Val) -> R<()> {
    Err(vm.unimplemented("pad.set"))
}

/// `clos.new`
pub fn closure(vm: &mut Vm, _proto: u32) -> R<Val> {
    Err(vm.unimplemented("clos.new"))
}

/// `clos.cap`
pub fn capture(vm: &mut Vm, _c: &Val, _idx: u64, _a: &Val) -> R<()> {
    Err(vm.unimplemented("clos.cap"))
}
