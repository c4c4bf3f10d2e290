//! Runtime functions of topic `coerce` (heads in l1-spec/rt.l1 and atoms.l1).

use crate::Vm;
use crate::exc::R;
use keshi_value::Val;

/// `s.toi`
pub fn to_int(vm: &mut Vm, _a: &Val) -> R<i64> {
    Err(vm.unimplemented("s.toi"))
}

/// `s.ton`
pub fn to_num(vm: &mut Vm, _a: &Val) -> R<f64> {
    Err(vm.unimplemented("s.ton"))
}

/// `s.tonum`
pub fn numify(vm: &mut Vm, _a: &Val) -> R<Val> {
    Err(vm.unimplemented("s.tonum"))
}

/// `s.tostr`
pub fn stringify(vm: &mut Vm, _a: &Val) -> R<Val> {
    Err(vm.unimplemented("s.tostr"))
}

/// `br.true`
pub fn branch_true(vm: &mut Vm, _a: &Val) -> R<bool> {
    Err(vm.unimplemented("br.true"))
}

/// `br.false`
pub fn branch_false(vm: &mut Vm, _a: &Val) -> R<bool> {
    Err(vm.unimplemented("br.false"))
}

/// `br.def`
pub fn branch_def(vm: &mut Vm, _a: &Val) -> R<bool> {
    Err(vm.unimplemented("br.def"))
}
