//! Runtime functions of topic `time` (heads in l1-spec/rt.l1 and atoms.l1).

use crate::Vm;
use crate::exc::R;
use keshi_value::Val;

/// `rt.time`
pub fn time(vm: &mut Vm) -> R<Val> {
    Err(vm.unimplemented("rt.time"))
}

/// `rt.times.l`
pub fn times(vm: &mut Vm) -> R<Val> {
    Err(vm.unimplemented("rt.times.l"))
}

/// `rt.times`
pub fn times_user(vm: &mut Vm) -> R<Val> {
    Err(vm.unimplemented("rt.times"))
}

/// `rt.localtime.l`
pub fn localtime(vm: &mut Vm, _b: &Val) -> R<Val> {
    Err(vm.unimplemented("rt.localtime.l"))
}

/// `rt.localtime`
pub fn localtime_text(vm: &mut Vm, _b: &Val) -> R<Val> {
    Err(vm.unimplemented("rt.localtime"))
}

/// `rt.gmtime.l`
pub fn gmtime(vm: &mut Vm, _b: &Val) -> R<Val> {
    Err(vm.unimplemented("rt.gmtime.l"))
}

/// `rt.gmtime`
pub fn gmtime_text(vm: &mut Vm, _b: &Val) -> R<Val> {
    Err(vm.unimplemented("rt.gmtime"))
}
