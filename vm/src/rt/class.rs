//! Runtime functions of topic `class` (heads in l1-spec/rt.l1 and atoms.l1).

use crate::Vm;
use crate::exc::R;
use keshi_value::Val;

/// `rt.method.self`
pub fn method_self(vm: &mut Vm) -> R<Val> {
    Err(vm.unimplemented("rt.method.self"))
}

/// `rt.field.get`
pub fn field(vm: &mut Vm, _b: &Val, _idx: u64) -> R<Val> {
    Err(vm.unimplemented("rt.field.get"))
}
