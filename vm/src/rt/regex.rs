//! Runtime functions of topic `regex` (heads in l1-spec/rt.l1 and atoms.l1).

use crate::Vm;
use crate::exc::R;
use keshi_value::{Ptr, Scalar, Val};

/// `rx.match`
pub fn exec(vm: &mut Vm, _a: &Val, _re: &Val) -> R<i64> {
    Err(vm.unimplemented("rx.match"))
}

/// `rx.next`
pub fn exec_g(vm: &mut Vm, _a: &mut Val, _re: &Val) -> R<i64> {
    Err(vm.unimplemented("rx.next"))
}

/// `rx.cap`
pub fn capture(vm: &mut Vm, _i: u64) -> R<Val> {
    Err(vm.unimplemented("rx.cap"))
}

/// `rt.match.save`
pub fn save_state(vm: &mut Vm) -> R<Val> {
    Err(vm.unimplemented("rt.match.save"))
}

/// `rt.match.restore`
pub fn restore_state(vm: &mut Vm, _a: Val) -> R<()> {
    Err(vm.unimplemented("rt.match.restore"))
}

/// `rt.rx.lit`
pub fn literal(vm: &mut Vm, _site: u32) -> R<Val> {
    Err(vm.unimplemented("rt.rx.lit"))
}

/// `rt.rx.build`
pub fn build(vm: &mut Vm, _b: &Val, _site: u32) -> R<Val> {
    Err(vm.unimplemented("rt.rx.build"))
}

/// `rt.rx.value`
pub fn from_value(vm: &mut Vm, _b: &Val, _site: u32) -> R<Val> {
    Err(vm.unimplemented("rt.rx.value"))
}

/// `rt.rx.qr`
pub fn qr(vm: &mut Vm, _b: &Val) -> R<Val> {
    Err(vm.unimplemented("rt.rx.qr"))
}

/// `rt.match`
pub fn match_scalar(vm: &mut Vm, _b: &Val, _c: &Val) -> R<i64> {
    Err(vm.unimplemented("rt.match"))
}

/// `rt.match.g`
pub fn match_global(vm: &mut Vm, _b: &mut Val, _c: &Val, _flags: u64) -> R<i64> {
    Err(vm.unimplemented("rt.match.g"))
}

/// `rt.match.l`
pub fn match_list(vm: &mut Vm, _b: &Val, _c: &Val) -> R<Val> {
    Err(vm.unimplemented("rt.match.l"))
}

/// `rt.match.gl`
pub fn match_global_list(vm: &mut Vm, _b: &mut Val, _c: &Val, _flags: u64) -> R<Val> {
    Err(vm.unimplemented("rt.match.gl"))
}

/// `rt.once.done`
pub fn once_done(vm: &mut Vm, _site: u64) -> R<i64> {
    Err(vm.unimplemented("rt.once.done"))
}

/// `rt.once.set`
pub fn once_set(vm: &mut Vm, _site: u64) -> R<()> {
    Err(vm.unimplemented("rt.once.set"))
}

/// `rt.subst.begin`
pub fn subst_begin(vm: &mut Vm, _b: &mut Val, _c: &Val, _flags: u64) -> R<Val> {
    Err(vm.unimplemented("rt.subst.begin"))
}

/// `rt.subst.next`
pub fn subst_next(vm: &mut Vm, _b: &Val) -> R<i64> {
    Err(vm.unimplemented("rt.subst.next"))
}

/// `rt.subst.put`
pub fn subst_put(vm: &mut Vm, _a: &Val, _b: &Val) -> R<()> {
    Err(vm.unimplemented("rt.subst.put"))
}

/// `rt.subst.end`
pub fn subst_end(vm: &mut Vm, _b: Val, _c: &mut Val) -> R<Val> {
    Err(vm.unimplemented("rt.subst.end"))
}

/// `rt.subst.k`
pub fn subst_const(vm: &mut Vm, _b: &mut Val, _c: &Val, _how: u32) -> R<Val> {
    Err(vm.unimplemented("rt.subst.k"))
}

/// `rt.split`
pub fn split(vm: &mut Vm, _b: &Val, _c: &Val, _limit: u64) -> R<Val> {
    Err(vm.unimplemented("rt.split"))
}

/// `rt.split.n`
pub fn split_n(vm: &mut Vm, _b: &Val, _c: &Val) -> R<Val> {
    Err(vm.unimplemented("rt.split.n"))
}

/// `rt.pos`
pub fn pos(vm: &mut Vm, _b: &Val) -> R<Val> {
    Err(vm.unimplemented("rt.pos"))
}

/// `rt.pos.set`
pub fn pos_set(vm: &mut Vm, _a: &mut Val, _b: &Val) -> R<()> {
    Err(vm.unimplemented("rt.pos.set"))
}

/// `rt.pos.lv`
pub fn pos_lv(vm: &mut Vm, _b: &mut Val) -> R<Val> {
    Err(vm.unimplemented("rt.pos.lv"))
}

/// `rt.reset`
pub fn reset(vm: &mut Vm, _b: &Val) -> R<Val> {
    Err(vm.unimplemented("rt.reset"))
}

/// `rt.study`
pub fn study(vm: &mut Vm, _b: &Val) -> R<Val> {
    Err(vm.unimplemented("rt.study"))
}

/// Interpreter-wide state of this topic.
#[derive(Default)]
pub struct State {}

pub fn pos_get(vm: &mut Vm, _t: &Ptr<Scalar>) -> R<Val> {
    Err(vm.unimplemented("pos"))
}
pub fn pos_put(vm: &mut Vm, _t: &Ptr<Scalar>, _v: Val) -> R<()> {
    Err(vm.unimplemented("pos"))
}
pub fn capture_n(_vm: &mut Vm, _n: u32) -> Val {
    Val::undef()
}
pub fn prematch(_vm: &mut Vm) -> Val {
    Val::undef()
}
pub fn postmatch(_vm: &mut Vm) -> Val {
    Val::undef()
}
pub fn last_paren(_vm: &mut Vm) -> Val {
    Val::undef()
}
pub fn last_closed(_vm: &mut Vm) -> Val {
    Val::undef()
}
/// `$+{k}` / `$-{k}` (all).
pub fn named_capture(vm: &mut Vm, _k: &Val, _all: bool) -> R<Val> {
    Err(vm.unimplemented("%+"))
}
pub fn named_capture_exists(vm: &mut Vm, _k: &Val, _all: bool) -> R<bool> {
    Err(vm.unimplemented("%+"))
}
pub fn named_capture_keys(vm: &mut Vm, _all: bool) -> R<Vec<Val>> {
    Err(vm.unimplemented("%+"))
}
