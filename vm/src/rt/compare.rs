//! Runtime functions of topic `compare` (heads in l1-spec/rt.l1 and atoms.l1).

use crate::Vm;
use crate::exc::R;
use keshi_value::Val;

/// `rt.eq`
pub fn eq(vm: &mut Vm, _b: &Val, _c: &Val) -> R<Val> {
    Err(vm.unimplemented("rt.eq"))
}

/// `rt.ne`
pub fn ne(vm: &mut Vm, _b: &Val, _c: &Val) -> R<Val> {
    Err(vm.unimplemented("rt.ne"))
}

/// `rt.lt`
pub fn lt(vm: &mut Vm, _b: &Val, _c: &Val) -> R<Val> {
    Err(vm.unimplemented("rt.lt"))
}

/// `rt.le`
pub fn le(vm: &mut Vm, _b: &Val, _c: &Val) -> R<Val> {
    Err(vm.unimplemented("rt.le"))
}

/// `rt.gt`
pub fn gt(vm: &mut Vm, _b: &Val, _c: &Val) -> R<Val> {
    Err(vm.unimplemented("rt.gt"))
}

/// `rt.ge`
pub fn ge(vm: &mut Vm, _b: &Val, _c: &Val) -> R<Val> {
    Err(vm.unimplemented("rt.ge"))
}

/// `rt.ncmp`
pub fn ncmp(vm: &mut Vm, _b: &Val, _c: &Val) -> R<Val> {
    Err(vm.unimplemented("rt.ncmp"))
}

/// `rt.seq`
pub fn seq(vm: &mut Vm, _b: &Val, _c: &Val) -> R<Val> {
    Err(vm.unimplemented("rt.seq"))
}

/// `rt.sne`
pub fn sne(vm: &mut Vm, _b: &Val, _c: &Val) -> R<Val> {
    Err(vm.unimplemented("rt.sne"))
}

/// `rt.slt`
pub fn slt(vm: &mut Vm, _b: &Val, _c: &Val) -> R<Val> {
    Err(vm.unimplemented("rt.slt"))
}

/// `rt.sle`
pub fn sle(vm: &mut Vm, _b: &Val, _c: &Val) -> R<Val> {
    Err(vm.unimplemented("rt.sle"))
}

/// `rt.sgt`
pub fn sgt(vm: &mut Vm, _b: &Val, _c: &Val) -> R<Val> {
    Err(vm.unimplemented("rt.sgt"))
}

/// `rt.sge`
pub fn sge(vm: &mut Vm, _b: &Val, _c: &Val) -> R<Val> {
    Err(vm.unimplemented("rt.sge"))
}

/// `rt.scmp`
pub fn scmp(vm: &mut Vm, _b: &Val, _c: &Val) -> R<Val> {
    Err(vm.unimplemented("rt.scmp"))
}

/// `rt.not`
pub fn not(vm: &mut Vm, _b: &Val) -> R<Val> {
    Err(vm.unimplemented("rt.not"))
}

/// `rt.xor`
pub fn xor(vm: &mut Vm, _b: &Val, _c: &Val) -> R<Val> {
    Err(vm.unimplemented("rt.xor"))
}

/// `rt.smartmatch`
pub fn smartmatch(vm: &mut Vm, _b: &Val, _c: &Val) -> R<Val> {
    Err(vm.unimplemented("rt.smartmatch"))
}

/// `rt.isa`
pub fn isa(vm: &mut Vm, _b: &Val, _c: &Val) -> R<Val> {
    Err(vm.unimplemented("rt.isa"))
}
