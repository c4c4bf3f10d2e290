//! Runtime functions of topic `system` (heads in l1-spec/rt.l1 and atoms.l1).

use crate::Vm;
use crate::exc::R;
use keshi_value::Val;

/// `rt.fork`
pub fn fork(vm: &mut Vm) -> R<Val> {
    Err(vm.unimplemented("rt.fork"))
}

/// `rt.wait`
pub fn wait(vm: &mut Vm) -> R<Val> {
    Err(vm.unimplemented("rt.wait"))
}

/// `rt.waitpid`
pub fn waitpid(vm: &mut Vm, _b: &Val, _c: &Val) -> R<Val> {
    Err(vm.unimplemented("rt.waitpid"))
}

/// `rt.system`
pub fn system(vm: &mut Vm, _b: &Val) -> R<Val> {
    Err(vm.unimplemented("rt.system"))
}

/// `rt.system.prog`
pub fn system_program(vm: &mut Vm, _b: &Val) -> R<Val> {
    Err(vm.unimplemented("rt.system.prog"))
}

/// `rt.exec`
pub fn exec(vm: &mut Vm, _b: &Val) -> R<Val> {
    Err(vm.unimplemented("rt.exec"))
}

/// `rt.exec.prog`
pub fn exec_program(vm: &mut Vm, _b: &Val) -> R<Val> {
    Err(vm.unimplemented("rt.exec.prog"))
}

/// `rt.kill`
pub fn kill(vm: &mut Vm, _b: &Val) -> R<Val> {
    Err(vm.unimplemented("rt.kill"))
}

/// `rt.getppid`
pub fn getppid(vm: &mut Vm) -> R<Val> {
    Err(vm.unimplemented("rt.getppid"))
}

/// `rt.getpgrp`
pub fn getpgrp(vm: &mut Vm, _b: &Val) -> R<Val> {
    Err(vm.unimplemented("rt.getpgrp"))
}

/// `rt.setpgrp`
pub fn setpgrp(vm: &mut Vm, _b: &Val) -> R<Val> {
    Err(vm.unimplemented("rt.setpgrp"))
}

/// `rt.getpriority`
pub fn getpriority(vm: &mut Vm, _b: &Val, _c: &Val) -> R<Val> {
    Err(vm.unimplemented("rt.getpriority"))
}

/// `rt.setpriority`
pub fn setpriority(vm: &mut Vm, _b: &Val) -> R<Val> {
    Err(vm.unimplemented("rt.setpriority"))
}

/// `rt.syscall`
pub fn syscall(vm: &mut Vm, _b: &Val) -> R<Val> {
    Err(vm.unimplemented("rt.syscall"))
}

/// `rt.alarm`
pub fn alarm(vm: &mut Vm, _b: &Val) -> R<Val> {
    Err(vm.unimplemented("rt.alarm"))
}

/// `rt.sleep`
pub fn sleep(vm: &mut Vm, _b: &Val) -> R<Val> {
    Err(vm.unimplemented("rt.sleep"))
}

/// `rt.sleep.forever`
pub fn sleep_forever(vm: &mut Vm) -> R<Val> {
    Err(vm.unimplemented("rt.sleep.forever"))
}

/// `rt.sysdb.l`
pub fn sysdb_list(vm: &mut Vm, _b: &Val, _which: u32) -> R<Val> {
    Err(vm.unimplemented("rt.sysdb.l"))
}

/// `rt.sysdb`
pub fn sysdb_scalar(vm: &mut Vm, _b: &Val, _which: u32) -> R<Val> {
    Err(vm.unimplemented("rt.sysdb"))
}

/// `rt.getlogin`
pub fn getlogin(vm: &mut Vm) -> R<Val> {
    Err(vm.unimplemented("rt.getlogin"))
}

/// `rt.ipc`
pub fn ipc(vm: &mut Vm, _b: &Val, _which: u32) -> R<Val> {
    Err(vm.unimplemented("rt.ipc"))
}
