//! Runtime functions of topic `format` (heads in l1-spec/rt.l1 and atoms.l1).

use crate::Vm;
use crate::exc::R;
use keshi_value::Val;

/// `rt.formline`
pub fn formline(vm: &mut Vm, _b: &Val, _c: &Val) -> R<Val> {
    Err(vm.unimplemented("rt.formline"))
}

/// `rt.write`
pub fn write(vm: &mut Vm, _b: &Val) -> R<Val> {
    Err(vm.unimplemented("rt.write"))
}

/// `rt.write.sel`
pub fn write_selected(vm: &mut Vm) -> R<Val> {
    Err(vm.unimplemented("rt.write.sel"))
}

/// Interpreter-wide state of this topic.
#[derive(Default)]
pub struct State {}

use crate::magic::Special;
pub fn special_get(_vm: &mut Vm, _sp: Special) -> Val {
    Val::undef()
}
pub fn special_set(vm: &mut Vm, sp: Special, _v: Val) -> R<()> {
    Err(vm.unimplemented(&format!("assignment to {sp:?}")))
}
