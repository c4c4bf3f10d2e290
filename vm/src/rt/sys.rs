//! Process-wide state Perl code sees through magic: `%ENV`, `%SIG`, `$!`, user and group ids.

use crate::Vm;
use crate::exc::R;
use crate::magic::Special;
use keshi_value::Val;

/// Interpreter-wide state of this topic.
#[derive(Default)]
pub struct State {
    /// `$!` as Perl code left it; system calls set it through `set_errno`.
    pub errno: i32,
}

pub fn set_errno(vm: &mut Vm, n: i32) {
    vm.rtstate.sys.errno = n;
}

/// `$!`: number and message.
pub fn errno_val(vm: &mut Vm) -> Val {
    let n = vm.rtstate.sys.errno;
    let text = if n == 0 { String::new() } else { keshi_io::errno::Errno(n).message() };
    Val::dual(keshi_value::scalar::Dual::new(Val::int(n as i64), Val::text(&text), None))
}

pub fn ids_get(vm: &mut Vm, _sp: Special) -> Val {
    let _ = vm;
    Val::undef()
}

pub fn ids_set(vm: &mut Vm, sp: Special, _v: &Val) -> R<()> {
    Err(vm.unimplemented(&format!("assignment to {sp:?}")))
}

pub fn errno_hash_get(vm: &mut Vm, _k: &Val) -> R<Val> {
    Err(vm.unimplemented("%!"))
}
pub fn errno_hash_exists(vm: &mut Vm, _k: &Val) -> R<bool> {
    Err(vm.unimplemented("%!"))
}
pub fn errno_hash_keys(vm: &mut Vm) -> R<Vec<Val>> {
    Err(vm.unimplemented("%!"))
}
/// `%ENV` changed at `key`.
pub fn env_changed(vm: &mut Vm, _key: &[u8], _v: Option<&Val>) -> R<()> {
    let _ = vm;
    Ok(())
}
/// `%SIG` changed at `key`.
pub fn sig_changed(vm: &mut Vm, _key: &[u8], _v: Option<&Val>) -> R<()> {
    let _ = vm;
    Ok(())
}
/// Runs Perl handlers of the signals that arrived.
pub fn run_signal_handlers(vm: &mut Vm) -> R<()> {
    let _ = vm;
    Ok(())
}

/// `%ENV`, `%SIG` and `$!` at start-up.
pub fn init(vm: &mut Vm) {
    let _ = vm;
}
