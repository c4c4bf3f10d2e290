//! Runtime functions of topic `control` (heads in l1-spec/rt.l1 and atoms.l1).

use crate::Vm;
use crate::exc::R;
use keshi_value::Val;

/// `rt.die`
pub fn die(vm: &mut Vm, _a: &Val) -> R<()> {
    Err(vm.unimplemented("rt.die"))
}

/// `rt.warn`
pub fn warn(vm: &mut Vm, _b: &Val) -> R<Val> {
    Err(vm.unimplemented("rt.warn"))
}

/// `rt.exit`
pub fn exit(vm: &mut Vm, _a: &Val) -> R<()> {
    Err(vm.unimplemented("rt.exit"))
}

/// `rt.eval.enter`
pub fn eval_enter(vm: &mut Vm) -> R<()> {
    Err(vm.unimplemented("rt.eval.enter"))
}

/// `rt.eval.leave`
pub fn eval_leave(vm: &mut Vm) -> R<()> {
    Err(vm.unimplemented("rt.eval.leave"))
}

/// `rt.eval.fail`
pub fn eval_fail(vm: &mut Vm, _a: Val) -> R<()> {
    Err(vm.unimplemented("rt.eval.fail"))
}

/// `rt.eval.compile`
pub fn eval_compile(vm: &mut Vm, _b: &Val, _scope: u32) -> R<Val> {
    Err(vm.unimplemented("rt.eval.compile"))
}

/// `rt.evalbytes.compile`
pub fn evalbytes_compile(vm: &mut Vm, _b: &Val, _scope: u32) -> R<Val> {
    Err(vm.unimplemented("rt.evalbytes.compile"))
}

/// `rt.require`
pub fn require_bare(vm: &mut Vm, _b: &Val) -> R<Val> {
    Err(vm.unimplemented("rt.require"))
}

/// `rt.require.expr`
pub fn require_expr(vm: &mut Vm, _b: &Val) -> R<Val> {
    Err(vm.unimplemented("rt.require.expr"))
}

/// `rt.do.file`
pub fn do_file(vm: &mut Vm, _b: &Val) -> R<Val> {
    Err(vm.unimplemented("rt.do.file"))
}

/// `rt.do.file.l`
pub fn do_file_list(vm: &mut Vm, _b: &Val) -> R<Val> {
    Err(vm.unimplemented("rt.do.file.l"))
}

/// `rt.unwind.dyn`
pub fn unwind_dynamic(vm: &mut Vm, _a: &Val, _how: u64) -> R<()> {
    Err(vm.unimplemented("rt.unwind.dyn"))
}

/// `rt.yada`
pub fn yada(vm: &mut Vm) -> R<()> {
    Err(vm.unimplemented("rt.yada"))
}

/// `rt.die.msg`
pub fn die_message(vm: &mut Vm, _msg: u32) -> R<()> {
    Err(vm.unimplemented("rt.die.msg"))
}

/// `rt.goto.code`
pub fn goto_code(vm: &mut Vm, _b: &Val) -> R<Val> {
    Err(vm.unimplemented("rt.goto.code"))
}

/// `rt.flip.line`
pub fn line_equals(vm: &mut Vm, _b: &Val) -> R<Val> {
    Err(vm.unimplemented("rt.flip.line"))
}

/// `rt.when`
pub fn when(vm: &mut Vm, _b: &Val, _how: u64) -> R<Val> {
    Err(vm.unimplemented("rt.when"))
}

/// Interpreter-wide state of this topic.
#[derive(Default)]
pub struct State {}
