//! Runtime functions of topic `glob` (heads in l1-spec/rt.l1 and atoms.l1).

use crate::Vm;
use crate::exc::R;
use keshi_value::Val;

/// `glob.sv`
pub fn sv(vm: &mut Vm, _x: u32, _c: u32) -> R<Val> {
    Err(vm.unimplemented("glob.sv"))
}

/// `glob.av`
pub fn av(vm: &mut Vm, _x: u32, _c: u32) -> R<Val> {
    Err(vm.unimplemented("glob.av"))
}

/// `glob.hv`
pub fn hv(vm: &mut Vm, _x: u32, _c: u32) -> R<Val> {
    Err(vm.unimplemented("glob.hv"))
}

/// `glob.cv`
pub fn cv(vm: &mut Vm, _x: u32, _c: u32) -> R<Val> {
    Err(vm.unimplemented("glob.cv"))
}

/// `glob.io`
pub fn io(vm: &mut Vm, _x: u32, _c: u32) -> R<Val> {
    Err(vm.unimplemented("glob.io"))
}

/// `glob.bind`
pub fn bind(vm: &mut Vm, _x: u32, _v: &Val) -> R<()> {
    Err(vm.unimplemented("glob.bind"))
}

/// `*g = v`.
pub fn assign(vm: &mut Vm, _g: &keshi_value::Ptr<keshi_value::Glob>, _v: &Val) -> R<()> {
    Err(vm.unimplemented("glob assignment"))
}
