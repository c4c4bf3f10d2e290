//! Runtime functions of topic `ffi` (heads in l1-spec/rt.l1 and atoms.l1).

use crate::Vm;
use crate::exc::R;
use keshi_value::Val;

/// `ffi.call`
pub fn call(vm: &mut Vm, _sig: &Val, _args: &Val) -> R<Val> {
    Err(vm.unimplemented("ffi.call"))
}
