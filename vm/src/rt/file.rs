//! Runtime functions of topic `file` (heads in l1-spec/rt.l1 and atoms.l1).

use crate::Vm;
use crate::exc::R;
use keshi_value::Val;

/// `rt.stat.l`
pub fn stat(vm: &mut Vm, _b: &Val) -> R<Val> {
    Err(vm.unimplemented("rt.stat.l"))
}

/// `rt.stat`
pub fn stat_ok(vm: &mut Vm, _b: &Val) -> R<Val> {
    Err(vm.unimplemented("rt.stat"))
}

/// `rt.lstat.l`
pub fn lstat(vm: &mut Vm, _b: &Val) -> R<Val> {
    Err(vm.unimplemented("rt.lstat.l"))
}

/// `rt.lstat`
pub fn lstat_ok(vm: &mut Vm, _b: &Val) -> R<Val> {
    Err(vm.unimplemented("rt.lstat"))
}

/// `rt.filetest`
pub fn filetest(vm: &mut Vm, _b: &Val, _op: u64) -> R<Val> {
    Err(vm.unimplemented("rt.filetest"))
}

/// `rt.filetest.stacked`
pub fn filetest_stacked(vm: &mut Vm, _b: &Val, _op: u64) -> R<Val> {
    Err(vm.unimplemented("rt.filetest.stacked"))
}

/// `rt.chdir`
pub fn chdir(vm: &mut Vm, _b: &Val) -> R<Val> {
    Err(vm.unimplemented("rt.chdir"))
}

/// `rt.chdir.home`
pub fn chdir_home(vm: &mut Vm) -> R<Val> {
    Err(vm.unimplemented("rt.chdir.home"))
}

/// `rt.chmod`
pub fn chmod(vm: &mut Vm, _b: &Val) -> R<Val> {
    Err(vm.unimplemented("rt.chmod"))
}

/// `rt.chown`
pub fn chown(vm: &mut Vm, _b: &Val) -> R<Val> {
    Err(vm.unimplemented("rt.chown"))
}

/// `rt.utime`
pub fn utime(vm: &mut Vm, _b: &Val) -> R<Val> {
    Err(vm.unimplemented("rt.utime"))
}

/// `rt.unlink`
pub fn unlink(vm: &mut Vm, _b: &Val) -> R<Val> {
    Err(vm.unimplemented("rt.unlink"))
}

/// `rt.rename`
pub fn rename(vm: &mut Vm, _b: &Val, _c: &Val) -> R<Val> {
    Err(vm.unimplemented("rt.rename"))
}

/// `rt.link`
pub fn link(vm: &mut Vm, _b: &Val, _c: &Val) -> R<Val> {
    Err(vm.unimplemented("rt.link"))
}

/// `rt.symlink`
pub fn symlink(vm: &mut Vm, _b: &Val, _c: &Val) -> R<Val> {
    Err(vm.unimplemented("rt.symlink"))
}

/// `rt.readlink`
pub fn readlink(vm: &mut Vm, _b: &Val) -> R<Val> {
    Err(vm.unimplemented("rt.readlink"))
}

/// `rt.mkdir`
pub fn mkdir(vm: &mut Vm, _b: &Val) -> R<Val> {
    Err(vm.unimplemented("rt.mkdir"))
}

/// `rt.rmdir`
pub fn rmdir(vm: &mut Vm, _b: &Val) -> R<Val> {
    Err(vm.unimplemented("rt.rmdir"))
}

/// `rt.umask`
pub fn umask(vm: &mut Vm, _b: &Val) -> R<Val> {
    Err(vm.unimplemented("rt.umask"))
}

/// `rt.umask.get`
pub fn umask_get(vm: &mut Vm) -> R<Val> {
    Err(vm.unimplemented("rt.umask.get"))
}

/// `rt.chroot`
pub fn chroot(vm: &mut Vm, _b: &Val) -> R<Val> {
    Err(vm.unimplemented("rt.chroot"))
}

/// Interpreter-wide state of this topic.
#[derive(Default)]
pub struct State {}
