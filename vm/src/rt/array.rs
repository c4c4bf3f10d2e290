//! Runtime functions of topic `array` (heads in l1-spec/rt.l1 and atoms.l1).

use crate::Vm;
use crate::exc::R;
use keshi_value::Val;

/// `av.new`
pub fn new(vm: &mut Vm) -> R<Val> {
    Err(vm.unimplemented("av.new"))
}

/// `av.setlen`
pub fn set_len(vm: &mut Vm, _a: &Val, _n: i64) -> R<()> {
    Err(vm.unimplemented("av.setlen"))
}

/// `av.get`
pub fn get(vm: &mut Vm, _a: &Val, _i: i64) -> R<Val> {
    Err(vm.unimplemented("av.get"))
}

/// `av.getq`
pub fn get_unchecked(vm: &mut Vm, _a: &Val, _i: i64) -> R<Val> {
    Err(vm.unimplemented("av.getq"))
}

/// `av.peekq`
pub fn borrow(vm: &mut Vm, _a: &Val, _i: i64) -> R<Val> {
    Err(vm.unimplemented("av.peekq"))
}

/// `av.set`
pub fn set(vm: &mut Vm, _a: &Val, _i: i64, _v: &Val) -> R<()> {
    Err(vm.unimplemented("av.set"))
}

/// `av.setq`
pub fn set_unchecked(vm: &mut Vm, _a: &Val, _i: i64, _v: &Val) -> R<()> {
    Err(vm.unimplemented("av.setq"))
}

/// `av.elem`
pub fn elem_cell(vm: &mut Vm, _a: &Val, _i: i64) -> R<Val> {
    Err(vm.unimplemented("av.elem"))
}

/// `av.push`
pub fn push(vm: &mut Vm, _a: &Val, _v: &Val) -> R<()> {
    Err(vm.unimplemented("av.push"))
}

/// `av.pop`
pub fn pop(vm: &mut Vm, _a: &Val) -> R<Val> {
    Err(vm.unimplemented("av.pop"))
}

/// `av.shift`
pub fn shift(vm: &mut Vm, _a: &Val) -> R<Val> {
    Err(vm.unimplemented("av.shift"))
}

/// `av.unshift`
pub fn unshift(vm: &mut Vm, _a: &Val, _v: &Val) -> R<()> {
    Err(vm.unimplemented("av.unshift"))
}

/// `av.clear`
pub fn clear(vm: &mut Vm, _a: &Val) -> R<()> {
    Err(vm.unimplemented("av.clear"))
}

/// `rt.av.assign`
pub fn assign(vm: &mut Vm, _a: &Val, _b: Val) -> R<()> {
    Err(vm.unimplemented("rt.av.assign"))
}

/// `rt.av.assign.from`
pub fn assign_from(vm: &mut Vm, _a: &Val, _b: &Val, _from: u64) -> R<()> {
    Err(vm.unimplemented("rt.av.assign.from"))
}

/// `rt.av.count`
pub fn count(vm: &mut Vm, _b: &Val) -> R<Val> {
    Err(vm.unimplemented("rt.av.count"))
}

/// `rt.av.last`
pub fn last_index(vm: &mut Vm, _b: &Val) -> R<Val> {
    Err(vm.unimplemented("rt.av.last"))
}

/// `rt.av.last.lv`
pub fn last_index_lv(vm: &mut Vm, _b: &Val) -> R<Val> {
    Err(vm.unimplemented("rt.av.last.lv"))
}

/// `rt.av.last.set`
pub fn set_last(vm: &mut Vm, _a: &Val, _b: &Val) -> R<()> {
    Err(vm.unimplemented("rt.av.last.set"))
}

/// `rt.av.fetch`
pub fn fetch(vm: &mut Vm, _b: &Val, _c: &Val) -> R<Val> {
    Err(vm.unimplemented("rt.av.fetch"))
}

/// `rt.av.store`
pub fn store(vm: &mut Vm, _a: &Val, _b: &Val, _c: &Val) -> R<()> {
    Err(vm.unimplemented("rt.av.store"))
}

/// `rt.av.cell`
pub fn cell(vm: &mut Vm, _b: &Val, _c: &Val) -> R<Val> {
    Err(vm.unimplemented("rt.av.cell"))
}

/// `rt.av.alias`
pub fn alias(vm: &mut Vm, _b: &Val, _c: i64) -> R<Val> {
    Err(vm.unimplemented("rt.av.alias"))
}

/// `rt.av.viv`
pub fn viv(vm: &mut Vm, _b: &Val, _c: &Val, _kind: u64) -> R<Val> {
    Err(vm.unimplemented("rt.av.viv"))
}

/// `rt.av.exists`
pub fn exists(vm: &mut Vm, _b: &Val, _c: &Val) -> R<Val> {
    Err(vm.unimplemented("rt.av.exists"))
}

/// `rt.av.delete`
pub fn delete(vm: &mut Vm, _b: &Val, _c: &Val) -> R<Val> {
    Err(vm.unimplemented("rt.av.delete"))
}

/// `rt.push.1`
pub fn push_one(vm: &mut Vm, _a: &Val, _b: &Val) -> R<()> {
    Err(vm.unimplemented("rt.push.1"))
}

/// `rt.push`
pub fn push_list(vm: &mut Vm, _b: &Val, _c: &Val) -> R<Val> {
    Err(vm.unimplemented("rt.push"))
}

/// `rt.unshift`
pub fn unshift_list(vm: &mut Vm, _b: &Val, _c: &Val) -> R<Val> {
    Err(vm.unimplemented("rt.unshift"))
}

/// `rt.pop`
pub fn pop_magic(vm: &mut Vm, _b: &Val) -> R<Val> {
    Err(vm.unimplemented("rt.pop"))
}

/// `rt.shift`
pub fn shift_magic(vm: &mut Vm, _b: &Val) -> R<Val> {
    Err(vm.unimplemented("rt.shift"))
}

/// `rt.splice.l`
pub fn splice(vm: &mut Vm, _b: &Val, _c: &Val) -> R<Val> {
    Err(vm.unimplemented("rt.splice.l"))
}

/// `rt.splice`
pub fn splice_scalar(vm: &mut Vm, _b: &Val, _c: &Val) -> R<Val> {
    Err(vm.unimplemented("rt.splice"))
}

/// `rt.av.slice`
pub fn slice(vm: &mut Vm, _b: &Val, _c: &Val) -> R<Val> {
    Err(vm.unimplemented("rt.av.slice"))
}

/// `rt.av.slice.lv`
pub fn slice_lv(vm: &mut Vm, _b: &Val, _c: &Val) -> R<Val> {
    Err(vm.unimplemented("rt.av.slice.lv"))
}

/// `rt.av.kvslice`
pub fn kvslice(vm: &mut Vm, _b: &Val, _c: &Val) -> R<Val> {
    Err(vm.unimplemented("rt.av.kvslice"))
}

/// `rt.av.delete.slice`
pub fn delete_slice(vm: &mut Vm, _b: &Val, _c: &Val) -> R<Val> {
    Err(vm.unimplemented("rt.av.delete.slice"))
}

/// `rt.av.delete.kv`
pub fn delete_kvslice(vm: &mut Vm, _b: &Val, _c: &Val) -> R<Val> {
    Err(vm.unimplemented("rt.av.delete.kv"))
}

/// `rt.av.keys`
pub fn keys(vm: &mut Vm, _a: &Val, _b: &Val) -> R<()> {
    Err(vm.unimplemented("rt.av.keys"))
}

/// `rt.av.each`
pub fn each(vm: &mut Vm, _b: &Val) -> R<Val> {
    Err(vm.unimplemented("rt.av.each"))
}

/// `rt.av.each.s`
pub fn each_key(vm: &mut Vm, _b: &Val) -> R<Val> {
    Err(vm.unimplemented("rt.av.each.s"))
}

/// `rt.av.reset`
pub fn iter_reset(vm: &mut Vm, _a: &Val) -> R<()> {
    Err(vm.unimplemented("rt.av.reset"))
}
