//! Runtime functions of topic `err` (heads in l1-spec/rt.l1 and atoms.l1).

use crate::Vm;
use crate::exc::R;
use keshi_value::Val;

/// `err.take`
pub fn take(vm: &mut Vm) -> R<Val> {
    Err(vm.unimplemented("err.take"))
}
