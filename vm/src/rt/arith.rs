//! Runtime functions of topic `arith` (heads in l1-spec/rt.l1 and atoms.l1).

use crate::Vm;
use crate::exc::R;
use keshi_value::Val;

/// `rt.add`
pub fn add(vm: &mut Vm, _b: &Val, _c: &Val) -> R<Val> {
    Err(vm.unimplemented("rt.add"))
}

/// `rt.sub`
pub fn sub(vm: &mut Vm, _b: &Val, _c: &Val) -> R<Val> {
    Err(vm.unimplemented("rt.sub"))
}

/// `rt.mul`
pub fn mul(vm: &mut Vm, _b: &Val, _c: &Val) -> R<Val> {
    Err(vm.unimplemented("rt.mul"))
}

/// `rt.div`
pub fn div(vm: &mut Vm, _b: &Val, _c: &Val) -> R<Val> {
    Err(vm.unimplemented("rt.div"))
}

/// `rt.mod`
pub fn modulo(vm: &mut Vm, _b: &Val, _c: &Val) -> R<Val> {
    Err(vm.unimplemented("rt.mod"))
}

/// `rt.pow`
pub fn pow(vm: &mut Vm, _b: &Val, _c: &Val) -> R<Val> {
    Err(vm.unimplemented("rt.pow"))
}

/// `rt.neg`
pub fn neg(vm: &mut Vm, _b: &Val) -> R<Val> {
    Err(vm.unimplemented("rt.neg"))
}

/// `rt.shl`
pub fn shl(vm: &mut Vm, _b: &Val, _c: &Val) -> R<Val> {
    Err(vm.unimplemented("rt.shl"))
}

/// `rt.shr`
pub fn shr(vm: &mut Vm, _b: &Val, _c: &Val) -> R<Val> {
    Err(vm.unimplemented("rt.shr"))
}

/// `rt.bit.and`
pub fn bit_and(vm: &mut Vm, _b: &Val, _c: &Val) -> R<Val> {
    Err(vm.unimplemented("rt.bit.and"))
}

/// `rt.bit.or`
pub fn bit_or(vm: &mut Vm, _b: &Val, _c: &Val) -> R<Val> {
    Err(vm.unimplemented("rt.bit.or"))
}

/// `rt.bit.xor`
pub fn bit_xor(vm: &mut Vm, _b: &Val, _c: &Val) -> R<Val> {
    Err(vm.unimplemented("rt.bit.xor"))
}

/// `rt.bit.not`
pub fn bit_not(vm: &mut Vm, _b: &Val) -> R<Val> {
    Err(vm.unimplemented("rt.bit.not"))
}

/// `rt.nbit.and`
pub fn nbit_and(vm: &mut Vm, _b: &Val, _c: &Val) -> R<Val> {
    Err(vm.unimplemented("rt.nbit.and"))
}

/// `rt.nbit.or`
pub fn nbit_or(vm: &mut Vm, _b: &Val, _c: &Val) -> R<Val> {
    Err(vm.unimplemented("rt.nbit.or"))
}

/// `rt.nbit.xor`
pub fn nbit_xor(vm: &mut Vm, _b: &Val, _c: &Val) -> R<Val> {
    Err(vm.unimplemented("rt.nbit.xor"))
}

/// `rt.nbit.not`
pub fn nbit_not(vm: &mut Vm, _b: &Val) -> R<Val> {
    Err(vm.unimplemented("rt.nbit.not"))
}

/// `rt.sbit.and`
pub fn sbit_and(vm: &mut Vm, _b: &Val, _c: &Val) -> R<Val> {
    Err(vm.unimplemented("rt.sbit.and"))
}

/// `rt.sbit.or`
pub fn sbit_or(vm: &mut Vm, _b: &Val, _c: &Val) -> R<Val> {
    Err(vm.unimplemented("rt.sbit.or"))
}

/// `rt.sbit.xor`
pub fn sbit_xor(vm: &mut Vm, _b: &Val, _c: &Val) -> R<Val> {
    Err(vm.unimplemented("rt.sbit.xor"))
}

/// `rt.sbit.not`
pub fn sbit_not(vm: &mut Vm, _b: &Val) -> R<Val> {
    Err(vm.unimplemented("rt.sbit.not"))
}

/// `rt.int.op`
pub fn int_op(vm: &mut Vm, _b: &Val, _c: &Val, _op: u64) -> R<Val> {
    Err(vm.unimplemented("rt.int.op"))
}

/// `rt.int.neg`
pub fn int_neg(vm: &mut Vm, _b: &Val) -> R<Val> {
    Err(vm.unimplemented("rt.int.neg"))
}

/// `rt.int.not`
pub fn int_not(vm: &mut Vm, _b: &Val) -> R<Val> {
    Err(vm.unimplemented("rt.int.not"))
}

/// `rt.opassign`
pub fn op_assign(vm: &mut Vm, _a: &mut Val, _b: &Val, _op: u64) -> R<()> {
    Err(vm.unimplemented("rt.opassign"))
}

/// `rt.preinc`
pub fn preinc(vm: &mut Vm, _a: &mut Val) -> R<()> {
    Err(vm.unimplemented("rt.preinc"))
}

/// `rt.predec`
pub fn predec(vm: &mut Vm, _a: &mut Val) -> R<()> {
    Err(vm.unimplemented("rt.predec"))
}

/// `rt.postinc`
pub fn postinc(vm: &mut Vm, _b: &mut Val) -> R<Val> {
    Err(vm.unimplemented("rt.postinc"))
}

/// `rt.postdec`
pub fn postdec(vm: &mut Vm, _b: &mut Val) -> R<Val> {
    Err(vm.unimplemented("rt.postdec"))
}

/// `rt.abs`
pub fn abs(vm: &mut Vm, _b: &Val) -> R<Val> {
    Err(vm.unimplemented("rt.abs"))
}

/// `rt.int`
pub fn int(vm: &mut Vm, _b: &Val) -> R<Val> {
    Err(vm.unimplemented("rt.int"))
}

/// `rt.sqrt`
pub fn sqrt(vm: &mut Vm, _b: &Val) -> R<Val> {
    Err(vm.unimplemented("rt.sqrt"))
}

/// `rt.sin`
pub fn sin(vm: &mut Vm, _b: &Val) -> R<Val> {
    Err(vm.unimplemented("rt.sin"))
}

/// `rt.cos`
pub fn cos(vm: &mut Vm, _b: &Val) -> R<Val> {
    Err(vm.unimplemented("rt.cos"))
}

/// `rt.exp`
pub fn exp(vm: &mut Vm, _b: &Val) -> R<Val> {
    Err(vm.unimplemented("rt.exp"))
}

/// `rt.log`
pub fn log(vm: &mut Vm, _b: &Val) -> R<Val> {
    Err(vm.unimplemented("rt.log"))
}

/// `rt.atan2`
pub fn atan2(vm: &mut Vm, _b: &Val, _c: &Val) -> R<Val> {
    Err(vm.unimplemented("rt.atan2"))
}

/// `rt.hex`
pub fn hex(vm: &mut Vm, _b: &Val) -> R<Val> {
    Err(vm.unimplemented("rt.hex"))
}

/// `rt.oct`
pub fn oct(vm: &mut Vm, _b: &Val) -> R<Val> {
    Err(vm.unimplemented("rt.oct"))
}

/// `rt.rand`
pub fn rand(vm: &mut Vm, _b: &Val) -> R<Val> {
    Err(vm.unimplemented("rt.rand"))
}

/// `rt.srand`
pub fn srand(vm: &mut Vm, _b: &Val) -> R<Val> {
    Err(vm.unimplemented("rt.srand"))
}

/// `rt.srand.auto`
pub fn srand_auto(vm: &mut Vm) -> R<Val> {
    Err(vm.unimplemented("rt.srand.auto"))
}

/// Interpreter-wide state of this topic.
#[derive(Default)]
pub struct State {}
