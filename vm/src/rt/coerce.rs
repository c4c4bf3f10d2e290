//! Coercion atoms.

use crate::Vm;
use crate::exc::R;
use keshi_value::Val;

/// `s.toi`
pub fn to_int(vm: &mut Vm, a: &Val) -> R<i64> {
    vm.to_iv(a)
}

/// `s.ton`
pub fn to_num(vm: &mut Vm, a: &Val) -> R<f64> {
    vm.to_nv(a)
}

/// `s.tonum`
pub fn numify(vm: &mut Vm, a: &Val) -> R<Val> {
    vm.to_num_val(a)
}

/// `s.tostr`
pub fn stringify(vm: &mut Vm, a: &Val) -> R<Val> {
    vm.to_str_val(a)
}

/// `br.true`
pub fn branch_true(vm: &mut Vm, a: &Val) -> R<bool> {
    vm.truth(a)
}

/// `br.false`
pub fn branch_false(vm: &mut Vm, a: &Val) -> R<bool> {
    Ok(!vm.truth(a)?)
}

/// `br.def`
pub fn branch_def(_vm: &mut Vm, a: &Val) -> R<bool> {
    Ok(Vm::is_defined(a))
}
