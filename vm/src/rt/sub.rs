//! Runtime functions of topic `sub` (heads in l1-spec/rt.l1 and atoms.l1).

use crate::Vm;
use crate::exc::R;
use keshi_value::Val;

/// `rt.sub.missing`
pub fn missing(vm: &mut Vm, _name: u32) -> R<Val> {
    Err(vm.unimplemented("rt.sub.missing"))
}

/// `rt.sub.code`
pub fn code_of(vm: &mut Vm, _b: &Val) -> R<Val> {
    Err(vm.unimplemented("rt.sub.code"))
}

/// `rt.meth.super`
pub fn method_super(vm: &mut Vm, _b: &Val, _name: u32) -> R<Val> {
    Err(vm.unimplemented("rt.meth.super"))
}

/// `rt.meth.in`
pub fn method_in(vm: &mut Vm, _b: &Val, _name: u32) -> R<Val> {
    Err(vm.unimplemented("rt.meth.in"))
}

/// `rt.meth.dyn`
pub fn method_dynamic(vm: &mut Vm, _b: &Val, _c: &Val) -> R<Val> {
    Err(vm.unimplemented("rt.meth.dyn"))
}

/// `rt.meth.maybe`
pub fn method_maybe(vm: &mut Vm, _b: &Val, _name: u32) -> R<Val> {
    Err(vm.unimplemented("rt.meth.maybe"))
}

/// `rt.arg.rest`
pub fn arg_rest(vm: &mut Vm, _from: u64) -> R<Val> {
    Err(vm.unimplemented("rt.arg.rest"))
}

/// `rt.arg.count`
pub fn arg_count(vm: &mut Vm) -> R<i64> {
    Err(vm.unimplemented("rt.arg.count"))
}

/// `rt.arg.alias`
pub fn arg_alias(vm: &mut Vm, _i: u64) -> R<Val> {
    Err(vm.unimplemented("rt.arg.alias"))
}

/// `rt.sig.check`
pub fn sig_check(vm: &mut Vm, _spec: u32) -> R<()> {
    Err(vm.unimplemented("rt.sig.check"))
}

/// `rt.wantarray`
pub fn wantarray(vm: &mut Vm) -> R<Val> {
    Err(vm.unimplemented("rt.wantarray"))
}

/// `rt.caller.l`
pub fn caller_short(vm: &mut Vm) -> R<Val> {
    Err(vm.unimplemented("rt.caller.l"))
}

/// `rt.caller.n.l`
pub fn caller_long(vm: &mut Vm, _b: &Val) -> R<Val> {
    Err(vm.unimplemented("rt.caller.n.l"))
}

/// `rt.caller`
pub fn caller_package(vm: &mut Vm, _b: &Val) -> R<Val> {
    Err(vm.unimplemented("rt.caller"))
}

/// `rt.cursub`
pub fn current_sub(vm: &mut Vm) -> R<Val> {
    Err(vm.unimplemented("rt.cursub"))
}

/// `rt.curclass`
pub fn current_class(vm: &mut Vm) -> R<Val> {
    Err(vm.unimplemented("rt.curclass"))
}

/// `rt.core.sub`
pub fn core_sub(vm: &mut Vm, _name: u32) -> R<Val> {
    Err(vm.unimplemented("rt.core.sub"))
}

/// `rt.host.const`
pub fn host_const(vm: &mut Vm, _handle: u64) -> R<Val> {
    Err(vm.unimplemented("rt.host.const"))
}

/// `rt.host.list`
pub fn host_list(vm: &mut Vm, _a: &Val, _handle: u64) -> R<()> {
    Err(vm.unimplemented("rt.host.list"))
}

/// `rt.lvalue.result`
pub fn lvalue_result(vm: &mut Vm, _b: Val) -> R<Val> {
    Err(vm.unimplemented("rt.lvalue.result"))
}

/// `rt.const.sub`
pub fn const_closure(vm: &mut Vm, _b: &Val) -> R<Val> {
    Err(vm.unimplemented("rt.const.sub"))
}

/// `rt.attrs.apply`
pub fn apply_attrs(vm: &mut Vm, _a: &Val, _attrs: u32) -> R<()> {
    Err(vm.unimplemented("rt.attrs.apply"))
}

/// `prototype "CORE::name"`.
pub fn core_prototype(vm: &mut Vm, name: &str) -> R<Val> {
    Err(vm.unimplemented(&format!("prototype of CORE::{name}")))
}
