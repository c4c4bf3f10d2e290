//! Runtime functions of topic `hash` (heads in l1-spec/rt.l1 and atoms.l1).

use crate::Vm;
use crate::exc::R;
use keshi_value::Val;

/// `hv.new`
pub fn new(vm: &mut Vm) -> R<Val> {
    Err(vm.unimplemented("hv.new"))
}

/// `hv.get`
pub fn get(vm: &mut Vm, _h: &Val, _k: &Val) -> R<Val> {
    Err(vm.unimplemented("hv.get"))
}

/// `hv.getk`
pub fn get_const(vm: &mut Vm, _h: &Val, _key: u32, _x: u32) -> R<Val> {
    Err(vm.unimplemented("hv.getk"))
}

/// `hv.set`
pub fn set(vm: &mut Vm, _h: &Val, _k: &Val, _v: &Val) -> R<()> {
    Err(vm.unimplemented("hv.set"))
}

/// `hv.setk`
pub fn set_const(vm: &mut Vm, _h: &Val, _v: &Val, _key: u32, _x: u32) -> R<()> {
    Err(vm.unimplemented("hv.setk"))
}

/// `hv.elem`
pub fn elem_cell(vm: &mut Vm, _h: &Val, _k: &Val) -> R<Val> {
    Err(vm.unimplemented("hv.elem"))
}

/// `hv.del`
pub fn delete(vm: &mut Vm, _h: &Val, _k: &Val) -> R<Val> {
    Err(vm.unimplemented("hv.del"))
}

/// `hv.len`
pub fn len(vm: &mut Vm, _h: &Val) -> R<i64> {
    Err(vm.unimplemented("hv.len"))
}

/// `hv.iter`
pub fn iter_reset(vm: &mut Vm, _h: &Val) -> R<()> {
    Err(vm.unimplemented("hv.iter"))
}

/// `hv.next`
pub fn iter_next(vm: &mut Vm, _h: &Val) -> R<(Val, Val, bool)> {
    Err(vm.unimplemented("hv.next"))
}

/// `rt.hv.assign`
pub fn assign(vm: &mut Vm, _a: &Val, _b: Val) -> R<()> {
    Err(vm.unimplemented("rt.hv.assign"))
}

/// `rt.hv.assign.from`
pub fn assign_from(vm: &mut Vm, _a: &Val, _b: &Val, _from: u64) -> R<()> {
    Err(vm.unimplemented("rt.hv.assign.from"))
}

/// `rt.hv.count`
pub fn count(vm: &mut Vm, _b: &Val) -> R<Val> {
    Err(vm.unimplemented("rt.hv.count"))
}

/// `rt.hv.cell`
pub fn cell(vm: &mut Vm, _b: &Val, _c: &Val) -> R<Val> {
    Err(vm.unimplemented("rt.hv.cell"))
}

/// `rt.hv.viv`
pub fn viv(vm: &mut Vm, _b: &Val, _c: &Val, _kind: u64) -> R<Val> {
    Err(vm.unimplemented("rt.hv.viv"))
}

/// `rt.hv.delete`
pub fn delete_elem(vm: &mut Vm, _b: &Val, _c: &Val) -> R<Val> {
    Err(vm.unimplemented("rt.hv.delete"))
}

/// `rt.hv.opassign`
pub fn op_assign(vm: &mut Vm, _a: &Val, _b: &Val, _c: &Val, _op: u64) -> R<()> {
    Err(vm.unimplemented("rt.hv.opassign"))
}

/// `rt.hv.preinc`
pub fn preinc(vm: &mut Vm, _b: &Val, _c: &Val) -> R<Val> {
    Err(vm.unimplemented("rt.hv.preinc"))
}

/// `rt.hv.postinc`
pub fn postinc(vm: &mut Vm, _b: &Val, _c: &Val) -> R<Val> {
    Err(vm.unimplemented("rt.hv.postinc"))
}

/// `rt.hv.keys`
pub fn keys(vm: &mut Vm, _a: &Val, _b: &Val) -> R<()> {
    Err(vm.unimplemented("rt.hv.keys"))
}

/// `rt.hv.values`
pub fn values(vm: &mut Vm, _a: &Val, _b: &Val) -> R<()> {
    Err(vm.unimplemented("rt.hv.values"))
}

/// `rt.hv.values.copy`
pub fn values_copy(vm: &mut Vm, _a: &Val, _b: &Val) -> R<()> {
    Err(vm.unimplemented("rt.hv.values.copy"))
}

/// `rt.hv.keys.count`
pub fn keys_count(vm: &mut Vm, _b: &Val) -> R<Val> {
    Err(vm.unimplemented("rt.hv.keys.count"))
}

/// `rt.hv.keys.lv`
pub fn keys_lv(vm: &mut Vm, _b: &Val) -> R<Val> {
    Err(vm.unimplemented("rt.hv.keys.lv"))
}

/// `rt.hv.each`
pub fn each(vm: &mut Vm, _b: &Val) -> R<Val> {
    Err(vm.unimplemented("rt.hv.each"))
}

/// `rt.hv.each.s`
pub fn each_key(vm: &mut Vm, _b: &Val) -> R<Val> {
    Err(vm.unimplemented("rt.hv.each.s"))
}

/// `rt.hv.slice`
pub fn slice(vm: &mut Vm, _b: &Val, _c: &Val) -> R<Val> {
    Err(vm.unimplemented("rt.hv.slice"))
}

/// `rt.hv.slice.lv`
pub fn slice_lv(vm: &mut Vm, _b: &Val, _c: &Val) -> R<Val> {
    Err(vm.unimplemented("rt.hv.slice.lv"))
}

/// `rt.hv.kvslice`
pub fn kvslice(vm: &mut Vm, _b: &Val, _c: &Val) -> R<Val> {
    Err(vm.unimplemented("rt.hv.kvslice"))
}

/// `rt.hv.delete.slice`
pub fn delete_slice(vm: &mut Vm, _b: &Val, _c: &Val) -> R<Val> {
    Err(vm.unimplemented("rt.hv.delete.slice"))
}

/// `rt.hv.delete.kv`
pub fn delete_kvslice(vm: &mut Vm, _b: &Val, _c: &Val) -> R<Val> {
    Err(vm.unimplemented("rt.hv.delete.kv"))
}

/// `hv.has`
pub fn has(vm: &mut Vm, _h: &Val, _k: &Val) -> R<i64> {
    Err(vm.unimplemented("hv.has"))
}

/// `rt.hv.exists`
pub fn exists(vm: &mut Vm, _b: &Val, _c: &Val) -> R<Val> {
    Err(vm.unimplemented("rt.hv.exists"))
}
