//! Runtime functions of topic `list` (heads in l1-spec/rt.l1 and atoms.l1).

use crate::Vm;
use crate::exc::R;
use keshi_value::Val;

/// `list.new`
pub fn new(vm: &mut Vm) -> R<Val> {
    Err(vm.unimplemented("list.new"))
}

/// `list.push`
pub fn push(vm: &mut Vm, _l: &Val, _v: &Val) -> R<()> {
    Err(vm.unimplemented("list.push"))
}

/// `list.slot`
pub fn push_slot(vm: &mut Vm, _l: &Val, _v: &mut Val) -> R<()> {
    Err(vm.unimplemented("list.slot"))
}

/// `list.cell`
pub fn push_cell(vm: &mut Vm, _l: &Val, _c: &Val) -> R<()> {
    Err(vm.unimplemented("list.cell"))
}

/// `list.av`
pub fn flatten_av(vm: &mut Vm, _l: &Val, _a: &Val) -> R<()> {
    Err(vm.unimplemented("list.av"))
}

/// `list.hv`
pub fn flatten_hv(vm: &mut Vm, _l: &Val, _h: &Val) -> R<()> {
    Err(vm.unimplemented("list.hv"))
}

/// `list.cat`
pub fn append(vm: &mut Vm, _l: &Val, _m: Val) -> R<()> {
    Err(vm.unimplemented("list.cat"))
}

/// `list.get`
pub fn get(vm: &mut Vm, _l: &Val, _i: i64) -> R<Val> {
    Err(vm.unimplemented("list.get"))
}

/// `arg.get`
pub fn arg_get(vm: &mut Vm, _i: u64) -> R<Val> {
    Err(vm.unimplemented("arg.get"))
}

/// `arg.shift`
pub fn arg_shift(vm: &mut Vm) -> R<Val> {
    Err(vm.unimplemented("arg.shift"))
}

/// `arg.all`
pub fn args_array(vm: &mut Vm) -> R<Val> {
    Err(vm.unimplemented("arg.all"))
}

/// `rt.list.copy.av`
pub fn copy_av(vm: &mut Vm, _a: &Val, _b: &Val) -> R<()> {
    Err(vm.unimplemented("rt.list.copy.av"))
}

/// `rt.list.copy.hv`
pub fn copy_hv(vm: &mut Vm, _a: &Val, _b: &Val) -> R<()> {
    Err(vm.unimplemented("rt.list.copy.hv"))
}

/// `rt.list.alias`
pub fn push_alias(vm: &mut Vm, _a: &Val, _b: &Val) -> R<()> {
    Err(vm.unimplemented("rt.list.alias"))
}

/// `rt.list.copy`
pub fn copy_list(vm: &mut Vm, _a: &Val, _b: &Val) -> R<()> {
    Err(vm.unimplemented("rt.list.copy"))
}

/// `rt.list.elem`
pub fn push_elem(vm: &mut Vm, _a: &Val, _b: &Val, _c: &Val) -> R<()> {
    Err(vm.unimplemented("rt.list.elem"))
}

/// `rt.list.helem`
pub fn push_helem(vm: &mut Vm, _a: &Val, _b: &Val, _c: &Val) -> R<()> {
    Err(vm.unimplemented("rt.list.helem"))
}

/// `rt.list.at`
pub fn at(vm: &mut Vm, _b: &Val, _i: u64) -> R<Val> {
    Err(vm.unimplemented("rt.list.at"))
}

/// `rt.list.last`
pub fn last(vm: &mut Vm, _b: Val) -> R<Val> {
    Err(vm.unimplemented("rt.list.last"))
}

/// `rt.list.rest`
pub fn rest_len(vm: &mut Vm, _b: &Val, _from: u64) -> R<i64> {
    Err(vm.unimplemented("rt.list.rest"))
}

/// `rt.list.item`
pub fn item(vm: &mut Vm, _b: &Val, _c: i64) -> R<Val> {
    Err(vm.unimplemented("rt.list.item"))
}

/// `rt.list.keep`
pub fn keep(vm: &mut Vm, _a: &Val, _b: &Val, _c: i64) -> R<()> {
    Err(vm.unimplemented("rt.list.keep"))
}

/// `rt.list.slice`
pub fn slice(vm: &mut Vm, _b: &Val, _c: &Val) -> R<Val> {
    Err(vm.unimplemented("rt.list.slice"))
}

/// `rt.list.index`
pub fn index(vm: &mut Vm, _b: &Val, _c: &Val) -> R<Val> {
    Err(vm.unimplemented("rt.list.index"))
}

/// `rt.range`
pub fn range(vm: &mut Vm, _a: &Val, _b: &Val, _c: &Val) -> R<()> {
    Err(vm.unimplemented("rt.range"))
}

/// `rt.range.isnum`
pub fn range_is_numeric(vm: &mut Vm, _b: &Val, _c: &Val) -> R<i64> {
    Err(vm.unimplemented("rt.range.isnum"))
}

/// `rt.range.bound`
pub fn range_bound(vm: &mut Vm, _b: &Val) -> R<i64> {
    Err(vm.unimplemented("rt.range.bound"))
}

/// `rt.reverse.l`
pub fn reverse(vm: &mut Vm, _b: Val) -> R<Val> {
    Err(vm.unimplemented("rt.reverse.l"))
}

/// `rt.ref.list`
pub fn refs_to(vm: &mut Vm, _b: Val) -> R<Val> {
    Err(vm.unimplemented("rt.ref.list"))
}

/// `rt.list.count`
pub fn count(vm: &mut Vm, _b: &Val) -> R<Val> {
    Err(vm.unimplemented("rt.list.count"))
}

/// `rt.anon.av`
pub fn anon_array(vm: &mut Vm, _b: Val) -> R<Val> {
    Err(vm.unimplemented("rt.anon.av"))
}

/// `rt.anon.hv`
pub fn anon_hash(vm: &mut Vm, _b: Val) -> R<Val> {
    Err(vm.unimplemented("rt.anon.hv"))
}

/// `rt.sort`
pub fn sort(vm: &mut Vm, _b: Val, _flags: u64) -> R<Val> {
    Err(vm.unimplemented("rt.sort"))
}

/// `rt.sort.sub`
pub fn sort_sub(vm: &mut Vm, _b: Val, _c: &Val) -> R<Val> {
    Err(vm.unimplemented("rt.sort.sub"))
}

/// `rt.sort.begin`
pub fn sort_begin(vm: &mut Vm, _b: Val) -> R<Val> {
    Err(vm.unimplemented("rt.sort.begin"))
}

/// `rt.sort.more`
pub fn sort_more(vm: &mut Vm, _b: &Val) -> R<i64> {
    Err(vm.unimplemented("rt.sort.more"))
}

/// `rt.sort.pair`
pub fn sort_pair(vm: &mut Vm, _c: &Val) -> R<(Val, Val)> {
    Err(vm.unimplemented("rt.sort.pair"))
}

/// `rt.sort.put`
pub fn sort_put(vm: &mut Vm, _a: &Val, _b: &Val) -> R<()> {
    Err(vm.unimplemented("rt.sort.put"))
}

/// `rt.sort.end`
pub fn sort_end(vm: &mut Vm, _b: Val) -> R<Val> {
    Err(vm.unimplemented("rt.sort.end"))
}
