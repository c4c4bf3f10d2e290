//! Runtime functions of topic `dynscope` (heads in l1-spec/rt.l1 and atoms.l1).

use crate::Vm;
use crate::exc::R;
use keshi_value::Val;

/// `dyn.sv`
pub fn save_sv(vm: &mut Vm, _x: u32) -> R<()> {
    Err(vm.unimplemented("dyn.sv"))
}

/// `dyn.slot`
pub fn save_elem(vm: &mut Vm, _a: &Val, _k: &Val) -> R<()> {
    Err(vm.unimplemented("dyn.slot"))
}

/// `dyn.glob`
pub fn save_glob(vm: &mut Vm, _x: u32, _part: u64) -> R<()> {
    Err(vm.unimplemented("dyn.glob"))
}

/// `dyn.defer`
pub fn defer(vm: &mut Vm, _code: &Val) -> R<()> {
    Err(vm.unimplemented("dyn.defer"))
}
