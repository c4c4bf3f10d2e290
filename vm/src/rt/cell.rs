//! Runtime functions of topic `cell` (heads in l1-spec/rt.l1 and atoms.l1).

use crate::Vm;
use crate::exc::R;
use keshi_value::Val;

/// `cell.new`
pub fn new(vm: &mut Vm) -> R<Val> {
    Err(vm.unimplemented("cell.new"))
}

/// `cell.fresh`
pub fn fresh(vm: &mut Vm, _d: &mut Val) -> R<()> {
    Err(vm.unimplemented("cell.fresh"))
}

/// `cell.get`
pub fn get(vm: &mut Vm, _a: &Val) -> R<Val> {
    Err(vm.unimplemented("cell.get"))
}

/// `cell.set`
pub fn set(vm: &mut Vm, _a: &Val, _v: &Val) -> R<()> {
    Err(vm.unimplemented("cell.set"))
}

/// `cell.load`
pub fn load(vm: &mut Vm, _a: &Val) -> R<Val> {
    Err(vm.unimplemented("cell.load"))
}

/// `cell.store`
pub fn store(vm: &mut Vm, _a: &Val, _v: &Val) -> R<()> {
    Err(vm.unimplemented("cell.store"))
}

/// `s.box`
pub fn promote(vm: &mut Vm, _a: &mut Val) -> R<Val> {
    Err(vm.unimplemented("s.box"))
}
