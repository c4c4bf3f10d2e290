//! Runtime functions of topic `refs` (heads in l1-spec/rt.l1 and atoms.l1).

use crate::Vm;
use crate::exc::R;
use keshi_value::Val;

/// `ref.sv`
pub fn deref_sv(vm: &mut Vm, _a: &Val, _how: u64) -> R<Val> {
    Err(vm.unimplemented("ref.sv"))
}

/// `ref.av`
pub fn deref_av(vm: &mut Vm, _a: &Val, _how: u64) -> R<Val> {
    Err(vm.unimplemented("ref.av"))
}

/// `ref.hv`
pub fn deref_hv(vm: &mut Vm, _a: &Val, _how: u64) -> R<Val> {
    Err(vm.unimplemented("ref.hv"))
}

/// `ref.cv`
pub fn deref_cv(vm: &mut Vm, _a: &Val, _how: u64) -> R<Val> {
    Err(vm.unimplemented("ref.cv"))
}

/// `ref.viv`
pub fn autovivify(vm: &mut Vm, _cell: &Val, _k: u32) -> R<Val> {
    Err(vm.unimplemented("ref.viv"))
}

/// `ref.bless`
pub fn bless(vm: &mut Vm, _a: &Val, _class: &Val) -> R<()> {
    Err(vm.unimplemented("ref.bless"))
}

/// `meth.find`
pub fn find_method(vm: &mut Vm, _inv: &Val, _x: u32, _c: u32) -> R<Val> {
    Err(vm.unimplemented("meth.find"))
}

/// `rt.cell.alias`
pub fn cell_alias(vm: &mut Vm, _b: &Val) -> R<Val> {
    Err(vm.unimplemented("rt.cell.alias"))
}

/// `rt.slot.alias`
pub fn slot_alias(vm: &mut Vm, _b: &mut Val) -> R<Val> {
    Err(vm.unimplemented("rt.slot.alias"))
}

/// `rt.alias.set`
pub fn alias_set(vm: &mut Vm, _b: &Val) -> R<Val> {
    Err(vm.unimplemented("rt.alias.set"))
}

/// `rt.assign`
pub fn assign(vm: &mut Vm, _a: &mut Val, _b: &Val) -> R<()> {
    Err(vm.unimplemented("rt.assign"))
}

/// `rt.value`
pub fn value(vm: &mut Vm, _b: &Val) -> R<Val> {
    Err(vm.unimplemented("rt.value"))
}

/// `rt.viv.sv`
pub fn viv_sv(vm: &mut Vm, _b: &mut Val) -> R<Val> {
    Err(vm.unimplemented("rt.viv.sv"))
}

/// `rt.viv.av`
pub fn viv_av(vm: &mut Vm, _b: &mut Val) -> R<Val> {
    Err(vm.unimplemented("rt.viv.av"))
}

/// `rt.viv.hv`
pub fn viv_hv(vm: &mut Vm, _b: &mut Val) -> R<Val> {
    Err(vm.unimplemented("rt.viv.hv"))
}

/// `rt.ref.gv`
pub fn deref_gv(vm: &mut Vm, _b: &Val, _how: u64) -> R<Val> {
    Err(vm.unimplemented("rt.ref.gv"))
}

/// `rt.viv.gv`
pub fn viv_gv(vm: &mut Vm, _b: &mut Val, _name: u32) -> R<Val> {
    Err(vm.unimplemented("rt.viv.gv"))
}

/// `rt.ref`
pub fn ref_type(vm: &mut Vm, _b: &Val) -> R<Val> {
    Err(vm.unimplemented("rt.ref"))
}

/// `rt.bless`
pub fn bless_op(vm: &mut Vm, _b: &Val, _c: &Val) -> R<Val> {
    Err(vm.unimplemented("rt.bless"))
}

/// `rt.undef.sv`
pub fn undef_sv(vm: &mut Vm, _a: &mut Val) -> R<()> {
    Err(vm.unimplemented("rt.undef.sv"))
}

/// `rt.undef.av`
pub fn undef_av(vm: &mut Vm, _a: &Val) -> R<()> {
    Err(vm.unimplemented("rt.undef.av"))
}

/// `rt.undef.hv`
pub fn undef_hv(vm: &mut Vm, _a: &Val) -> R<()> {
    Err(vm.unimplemented("rt.undef.hv"))
}

/// `rt.undef.cv`
pub fn undef_cv(vm: &mut Vm, _a: &Val) -> R<()> {
    Err(vm.unimplemented("rt.undef.cv"))
}

/// `rt.undef.gv`
pub fn undef_gv(vm: &mut Vm, _a: &Val) -> R<()> {
    Err(vm.unimplemented("rt.undef.gv"))
}

/// `rt.code.ref`
pub fn code_ref(vm: &mut Vm, _name: u32) -> R<Val> {
    Err(vm.unimplemented("rt.code.ref"))
}

/// `rt.code.defined`
pub fn code_defined(vm: &mut Vm, _name: u32) -> R<Val> {
    Err(vm.unimplemented("rt.code.defined"))
}

/// `rt.code.exists`
pub fn code_exists(vm: &mut Vm, _name: u32) -> R<Val> {
    Err(vm.unimplemented("rt.code.exists"))
}

/// `rt.code.test`
pub fn code_test(vm: &mut Vm, _b: &Val, _what: u64) -> R<Val> {
    Err(vm.unimplemented("rt.code.test"))
}

/// `rt.code.ref.dyn`
pub fn code_ref_dyn(vm: &mut Vm, _b: &Val) -> R<Val> {
    Err(vm.unimplemented("rt.code.ref.dyn"))
}

/// `rt.ref.new`
pub fn new_ref(vm: &mut Vm, _b: &Val) -> R<Val> {
    Err(vm.unimplemented("rt.ref.new"))
}

/// `rt.glob.val`
pub fn glob_value(vm: &mut Vm, _name: u32) -> R<Val> {
    Err(vm.unimplemented("rt.glob.val"))
}

/// `rt.glob.gv`
pub fn glob_ptr(vm: &mut Vm, _name: u32) -> R<Val> {
    Err(vm.unimplemented("rt.glob.gv"))
}

/// `rt.gv.val`
pub fn gv_value(vm: &mut Vm, _b: &Val) -> R<Val> {
    Err(vm.unimplemented("rt.gv.val"))
}

/// `rt.gv.assign`
pub fn gv_assign(vm: &mut Vm, _a: &Val, _b: &Val) -> R<()> {
    Err(vm.unimplemented("rt.gv.assign"))
}

/// `rt.gv.slot`
pub fn gv_slot(vm: &mut Vm, _b: &Val, _c: &Val) -> R<Val> {
    Err(vm.unimplemented("rt.gv.slot"))
}

/// `rt.gv.part`
pub fn gv_part(vm: &mut Vm, _b: &Val, _part: u64) -> R<Val> {
    Err(vm.unimplemented("rt.gv.part"))
}

/// `rt.prototype`
pub fn prototype(vm: &mut Vm, _b: &Val) -> R<Val> {
    Err(vm.unimplemented("rt.prototype"))
}

/// `rt.tie`
pub fn tie(vm: &mut Vm, _b: &Val, _c: &Val) -> R<Val> {
    Err(vm.unimplemented("rt.tie"))
}

/// `rt.tied`
pub fn tied(vm: &mut Vm, _b: &Val) -> R<Val> {
    Err(vm.unimplemented("rt.tied"))
}

/// `rt.untie`
pub fn untie(vm: &mut Vm, _b: &Val) -> R<Val> {
    Err(vm.unimplemented("rt.untie"))
}

/// `rt.lock`
pub fn lock(vm: &mut Vm, _b: &Val) -> R<Val> {
    Err(vm.unimplemented("rt.lock"))
}

/// `rt.refalias.sv`
pub fn refalias_sv(vm: &mut Vm, _a: &mut Val, _b: &Val) -> R<()> {
    Err(vm.unimplemented("rt.refalias.sv"))
}

/// `rt.refalias.p`
pub fn refalias_p(vm: &mut Vm, _b: &Val, _kind: u64) -> R<Val> {
    Err(vm.unimplemented("rt.refalias.p"))
}

/// `rt.refalias.gv`
pub fn refalias_gv(vm: &mut Vm, _a: &Val, _b: &Val, _kind: u64) -> R<()> {
    Err(vm.unimplemented("rt.refalias.gv"))
}

/// `rt.refalias.elem`
pub fn refalias_elem(vm: &mut Vm, _a: &Val, _b: &Val, _c: &Val) -> R<()> {
    Err(vm.unimplemented("rt.refalias.elem"))
}
