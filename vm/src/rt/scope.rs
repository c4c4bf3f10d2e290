//! Runtime functions of topic `scope` (heads in l1-spec/rt.l1 and atoms.l1).

use crate::Vm;
use crate::exc::R;
use keshi_value::Val;

/// `rt.my.av`
pub fn my_av(vm: &mut Vm, _a: &mut Val) -> R<()> {
    Err(vm.unimplemented("rt.my.av"))
}

/// `rt.my.hv`
pub fn my_hv(vm: &mut Vm, _a: &mut Val) -> R<()> {
    Err(vm.unimplemented("rt.my.hv"))
}

/// `rt.my.cell`
pub fn my_cell(vm: &mut Vm, _a: &mut Val) -> R<()> {
    Err(vm.unimplemented("rt.my.cell"))
}

/// `rt.my.proto`
pub fn my_proto(vm: &mut Vm, _a: &mut Val, _idx: u64) -> R<()> {
    Err(vm.unimplemented("rt.my.proto"))
}

/// `rt.clear.av`
pub fn clear_av(vm: &mut Vm, _a: &mut Val) -> R<()> {
    Err(vm.unimplemented("rt.clear.av"))
}

/// `rt.clear.hv`
pub fn clear_hv(vm: &mut Vm, _a: &mut Val) -> R<()> {
    Err(vm.unimplemented("rt.clear.hv"))
}

/// `rt.clear.cell`
pub fn clear_cell(vm: &mut Vm, _a: &mut Val) -> R<()> {
    Err(vm.unimplemented("rt.clear.cell"))
}

/// `rt.local.sv`
pub fn local_sv(vm: &mut Vm, _name: u32) -> R<()> {
    Err(vm.unimplemented("rt.local.sv"))
}

/// `rt.local.av`
pub fn local_av(vm: &mut Vm, _name: u32) -> R<()> {
    Err(vm.unimplemented("rt.local.av"))
}

/// `rt.local.hv`
pub fn local_hv(vm: &mut Vm, _name: u32) -> R<()> {
    Err(vm.unimplemented("rt.local.hv"))
}

/// `rt.local.gv`
pub fn local_gv(vm: &mut Vm, _a: &Val) -> R<()> {
    Err(vm.unimplemented("rt.local.gv"))
}

/// `rt.local.elem`
pub fn local_elem(vm: &mut Vm, _a: &Val, _b: &Val) -> R<()> {
    Err(vm.unimplemented("rt.local.elem"))
}

/// `rt.local.helem`
pub fn local_helem(vm: &mut Vm, _a: &Val, _b: &Val) -> R<()> {
    Err(vm.unimplemented("rt.local.helem"))
}

/// `rt.local.slice`
pub fn local_slice(vm: &mut Vm, _a: &Val, _b: &Val) -> R<()> {
    Err(vm.unimplemented("rt.local.slice"))
}

/// `rt.local.delete`
pub fn local_delete(vm: &mut Vm, _b: &Val, _c: &Val) -> R<Val> {
    Err(vm.unimplemented("rt.local.delete"))
}

/// `rt.topic.save`
pub fn topic_save(vm: &mut Vm, _name: u32) -> R<()> {
    Err(vm.unimplemented("rt.topic.save"))
}

/// `rt.topic.set`
pub fn topic_set(vm: &mut Vm, _a: &Val, _name: u32) -> R<()> {
    Err(vm.unimplemented("rt.topic.set"))
}

/// `rt.local.deref`
pub fn local_deref(vm: &mut Vm, _a: &Val) -> R<()> {
    Err(vm.unimplemented("rt.local.deref"))
}

/// `rt.state.first`
pub fn state_first(vm: &mut Vm, _b: &Val) -> R<i64> {
    Err(vm.unimplemented("rt.state.first"))
}
