//! Runtime functions of topic `misc` (heads in l1-spec/rt.l1 and atoms.l1).

use crate::Vm;
use crate::exc::R;
use keshi_value::Val;

/// `rt.dbmopen`
pub fn dbmopen(vm: &mut Vm, _b: &Val, _c: &Val) -> R<Val> {
    Err(vm.unimplemented("rt.dbmopen"))
}

/// `rt.dbmclose`
pub fn dbmclose(vm: &mut Vm, _b: &Val) -> R<Val> {
    Err(vm.unimplemented("rt.dbmclose"))
}
