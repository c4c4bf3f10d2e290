//! Processes, signals and System V IPC: `fork`, `wait`, `system`, `exec`, `kill`, `alarm`, `syscall`, `msgget` … The getXXX databases are in [`super::sysdb`].
//!
//! `unsafe`: the raw `syscall` builtin, whose effects on memory are the Perl program's responsibility.

pub use super::sysdb::{getlogin, sysdb_list, sysdb_scalar};

use super::io::resolved;
use super::sys;
use crate::Vm;
use crate::exc::{Exc, R};
use crate::warn::cat;
use keshi_io::ipc::{self as sysv, SysArg};
use keshi_io::process::{self, Command};
use keshi_io::{Errno, Res, WaitStatus, signals};
use keshi_value::Val;
use keshi_value::val::tag;

fn arg(l: &[Val], i: usize) -> Val {
    l.get(i).cloned().unwrap_or_default()
}

/// Sets `$?`.
pub fn set_status(vm: &mut Vm, status: i64) {
    let native = vm.gv(b"main::\x03HILD_ERROR_NATIVE", false);
    native.scalar().set(Val::int(status));
    // Perl's own status has 16 bits, -1 apart.
    vm.gv.child_status.scalar().set(Val::int(if status == -1 { -1 } else { status & 0xffff }));
}

/// Runs `f`, which waits, with a callback that runs Perl's signal handlers; a handler that dies ends it.
fn with_handlers<T>(vm: &mut Vm, f: impl FnOnce(&mut dyn FnMut() -> bool) -> Res<T>) -> R<Res<T>> {
    let mut died: Option<Box<Exc>> = None;
    let r = f(&mut || match vm.sync() {
        Ok(()) => true,
        Err(e) => {
            died = Some(e);
            false
        }
    });
    match died {
        Some(e) => Err(e),
        None => Ok(r),
    }
}

/// Waits for the child of a pipe.
pub fn wait_child(vm: &mut Vm, pid: i32) -> R<Res<WaitStatus>> {
    with_handlers(vm, |on_signal| process::wait_for_with(pid, on_signal))
}

/// `rt.fork`
pub fn fork(vm: &mut Vm) -> R<Val> {
    Ok(match process::fork() {
        Ok(Some(pid)) => {
            super::math::forked(vm, false);
            Val::int(pid as i64)
        }
        Ok(None) => {
            sys::in_child(vm);
            Val::int(0)
        }
        Err(e) => {
            vm.errno(e);
            Val::undef()
        }
    })
}

/// `rt.wait`
pub fn wait(vm: &mut Vm) -> R<Val> {
    waited(vm, -1, 0)
}

/// `rt.waitpid`
pub fn waitpid(vm: &mut Vm, b: &Val, c: &Val) -> R<Val> {
    let (pid, flags) = (vm.to_iv(b)?, vm.to_iv(c)?);
    waited(vm, pid as i32, flags as i32)
}

fn waited(vm: &mut Vm, pid: i32, flags: i32) -> R<Val> {
    match vm.retry_io(|| process::waitpid(pid, flags))? {
        Ok((0, _)) => {
            set_status(vm, -1);
            Ok(Val::int(0))
        }
        Ok((p, s)) => {
            set_status(vm, s.0 as i64);
            Ok(Val::int(p as i64))
        }
        Err(e) => {
            vm.errno(e);
            set_status(vm, -1);
            Ok(Val::int(-1))
        }
    }
}

/// The command of `system`/`exec LIST`: one string may need the shell.
fn command(vm: &mut Vm, l: &Val, program: bool) -> R<Option<Command>> {
    let mut words = Vec::new();
    for v in resolved(vm, l)? {
        words.push(super::io::bytes_of(vm, &v)?);
    }
    let env = sys::environment(vm)?;
    let c = if program && !words.is_empty() {
        let p = words.remove(0);
        Some(Command::list(words).with_program(&p))
    } else if words.len() == 1 {
        Command::parse(&words[0])
    } else {
        Some(Command::list(words))
    };
    Ok(c.map(|c| c.with_env(Some(env))))
}

fn exec_failed(vm: &mut Vm, c: &Command, e: Errno) -> R<()> {
    vm.errno(e);
    let name = String::from_utf8_lossy(c.name()).into_owned();
    vm.warn(cat::EXEC, &format!("Can't exec \"{name}\": {}", e.message()))
}

/// `rt.system`
pub fn system(vm: &mut Vm, b: &Val) -> R<Val> {
    run(vm, b, false)
}

/// `rt.system.prog`
pub fn system_program(vm: &mut Vm, b: &Val) -> R<Val> {
    run(vm, b, true)
}

fn run(vm: &mut Vm, l: &Val, program: bool) -> R<Val> {
    let Some(c) = command(vm, l, program)? else {
        // An empty command: nothing is run, and `sh -c ""` would have succeeded.
        set_status(vm, 255 << 8);
        return Ok(Val::int(255 << 8));
    };
    let r = with_handlers(vm, |on_signal| process::system_with(&c, on_signal))?;
    match r {
        Ok(s) => {
            set_status(vm, s.0 as i64);
            vm.sync()?;
            Ok(Val::int(s.0 as i64))
        }
        Err(e) => {
            set_status(vm, -1);
            exec_failed(vm, &c, e)?;
            Ok(Val::int(-1))
        }
    }
}

/// `rt.exec`
pub fn exec(vm: &mut Vm, b: &Val) -> R<Val> {
    replace(vm, b, false)
}

/// `rt.exec.prog`
pub fn exec_program(vm: &mut Vm, b: &Val) -> R<Val> {
    replace(vm, b, true)
}

fn replace(vm: &mut Vm, l: &Val, program: bool) -> R<Val> {
    let Some(c) = command(vm, l, program)? else { return Ok(Val::bool(false)) };
    let e = process::exec(&c);
    exec_failed(vm, &c, e)?;
    Ok(Val::bool(false))
}

/// `rt.kill`
pub fn kill(vm: &mut Vm, b: &Val) -> R<Val> {
    let a = resolved(vm, b)?;
    let Some(first) = a.first() else { return Ok(Val::int(0)) };
    let mut text = vm.text_of(first)?;
    let named = text.trim_start_matches('-').starts_with(|c: char| c.is_ascii_alphabetic());
    let sig = if named {
        let group = text.starts_with('-');
        if group {
            text.remove(0);
        }
        let Some(n) = signals::number(&text) else {
            return Err(vm.die_text(&format!("Unrecognized signal name \"{text}\"")));
        };
        if group { -n } else { n }
    } else {
        vm.to_iv(first)? as i32
    };
    let mut pids = Vec::new();
    for v in &a[1..] {
        let numeric = match v.tag() {
            tag::STR => is_number(v),
            tag::UNDEF | tag::REF | tag::GLOB => v.is_ref() && vm.overloaded(v)?.is_some(),
            _ => true,
        };
        if !numeric {
            return Err(vm.die_text("Can't kill a non-numeric process ID"));
        }
        pids.push(vm.to_iv(v)? as i32);
    }
    let (n, err) = process::kill(sig, &pids);
    if let Some(e) = err {
        vm.errno(e);
    }
    vm.sync()?;
    Ok(Val::int(n as i64))
}

/// `rt.getppid`
pub fn getppid(_vm: &mut Vm) -> R<Val> {
    Ok(Val::int(process::getppid() as i64))
}

/// `rt.getpgrp`
pub fn getpgrp(vm: &mut Vm, b: &Val) -> R<Val> {
    let pid = vm.to_iv_quiet(b)?;
    Ok(match process::getpgrp(pid as i32) {
        Ok(n) => Val::int(n as i64),
        Err(e) => {
            vm.errno(e);
            Val::int(-1)
        }
    })
}

/// `rt.setpgrp`
pub fn setpgrp(vm: &mut Vm, b: &Val) -> R<Val> {
    let a = resolved(vm, b)?;
    let (pid, group) = (vm.to_iv_quiet(&arg(&a, 0))?, vm.to_iv_quiet(&arg(&a, 1))?);
    let r = process::setpgrp(pid as i32, group as i32);
    Ok(vm.io_bool(r))
}

/// `rt.getpriority`
pub fn getpriority(vm: &mut Vm, b: &Val, c: &Val) -> R<Val> {
    let (which, who) = (vm.to_iv(b)?, vm.to_iv(c)?);
    Ok(match process::getpriority(which as i32, who as i32) {
        Ok(n) => Val::int(n as i64),
        Err(e) => {
            vm.errno(e);
            Val::int(-1)
        }
    })
}

/// `rt.setpriority`
pub fn setpriority(vm: &mut Vm, b: &Val) -> R<Val> {
    let a = resolved(vm, b)?;
    let (which, who, prio) = (vm.to_iv(&arg(&a, 0))?, vm.to_iv(&arg(&a, 1))?, vm.to_iv(&arg(&a, 2))?);
    let r = process::setpriority(which as i32, who as i32, prio as i32);
    Ok(vm.io_bool(r))
}

/// `rt.syscall`
pub fn syscall(vm: &mut Vm, b: &Val) -> R<Val> {
    let values = resolved(vm, b)?;
    let number = vm.to_iv(&arg(&values, 0))?;
    if values.len() > 8 {
        return Err(vm.die_text("Too many args to syscall"));
    }
    let mut args = Vec::new();
    for v in values.iter().skip(1) {
        args.push(if v.is_str() {
            SysArg::Buf(super::io::bytes_of(vm, v)?)
        } else {
            SysArg::Int(vm.to_iv_quiet(v)?)
        });
    }
    // SAFETY: what the call does is up to the program, as with perl's own syscall.
    let r = unsafe { sysv::syscall(number as libc::c_long, &mut args) };
    let places = b.as_av().map(|a| a.as_slice().to_vec()).unwrap_or_default();
    for (mut place, a) in places.into_iter().skip(1).zip(args) {
        if let (SysArg::Buf(data), true) = (a, place.is_alias()) {
            if place.alias_cell().is_none_or(|c| !c.is_readonly()) {
                vm.assign(&mut place, Val::bytes(&data))?;
            }
        }
    }
    Ok(match r {
        Ok(n) => Val::int(n),
        Err(e) => {
            vm.errno(e);
            Val::int(-1)
        }
    })
}

/// `rt.alarm`
pub fn alarm(vm: &mut Vm, b: &Val) -> R<Val> {
    let n = vm.to_iv(b)?;
    if n < 0 {
        vm.warn(cat::MISC, "alarm() with negative argument")?;
        vm.errno(Errno(libc::EINVAL));
        return Ok(Val::undef());
    }
    Ok(Val::int(keshi_io::time::alarm(n.min(u32::MAX as i64) as u32) as i64))
}

/// `rt.sleep`
pub fn sleep(vm: &mut Vm, b: &Val) -> R<Val> {
    let n = vm.to_iv(b)?;
    if n < 0 {
        vm.warn(cat::MISC, "sleep() with negative argument")?;
        vm.errno(Errno(libc::EINVAL));
        return Ok(Val::int(0));
    }
    let slept = keshi_io::time::sleep(Some(n as u64));
    vm.sync()?;
    Ok(Val::int(slept as i64))
}

/// `rt.sleep.forever`
pub fn sleep_forever(vm: &mut Vm) -> R<Val> {
    let slept = keshi_io::time::sleep(None);
    vm.sync()?;
    Ok(Val::int(slept as i64))
}

/// `rt.ipc`
pub fn ipc(vm: &mut Vm, b: &Val, which: u32) -> R<Val> {
    let name = String::from_utf8_lossy(&vm.frame().linked.chunk.syms[which as usize].name).into_owned();
    let places = b.as_av().map(|a| a.as_slice().to_vec()).unwrap_or_default();
    let receives = matches!(name.as_str(), "msgrcv" | "shmread");
    let mut a = Vec::with_capacity(places.len());
    for (i, p) in places.iter().enumerate() {
        // What is only written to is not read first.
        a.push(if receives && i == 1 { Val::undef() } else { vm.read(p)? });
    }
    let mut n = [0i64; 5];
    for (i, slot) in n.iter_mut().enumerate() {
        let v = arg(&a, i);
        if v.is_int() || is_number(&v) {
            *slot = vm.to_iv(&v)?;
        } else if !v.is_str() {
            *slot = vm.to_iv_quiet(&v)?;
        }
    }
    let store = |vm: &mut Vm, i: usize, data: &[u8]| match places.get(i) {
        Some(p) if p.is_alias() => vm.assign(&mut p.clone(), Val::bytes(data)),
        _ => Ok(()),
    };
    let id = n[0] as i32;
    let plain = |r: Res<i32>| r.map(i64::from);
    let r: Res<i64> = match name.as_str() {
        "msgget" => plain(sysv::msgget(id, n[1] as i32)),
        "semget" => plain(sysv::semget(id, n[1] as i32, n[2] as i32)),
        "shmget" => plain(sysv::shmget(id, n[1] as usize, n[2] as i32)),
        "msgctl" | "shmctl" => {
            let mut buf = control_buffer(vm, &arg(&a, 2), &name)?;
            let f = if name == "msgctl" { sysv::msgctl } else { sysv::shmctl };
            let r = f(id, n[1] as i32, &mut buf);
            if r.is_ok() && n[1] as i32 == libc::IPC_STAT {
                store(vm, 2, &buf)?;
            }
            return Ok(control_result(vm, plain(r)));
        }
        "semctl" => {
            let cmd = n[2] as i32;
            let mut buf = control_buffer(vm, &arg(&a, 3), &name)?;
            let r = sysv::semctl(id, n[1] as i32, cmd, n[3] as i32, &mut buf);
            if r.is_ok() && (cmd == libc::IPC_STAT || cmd == libc::GETALL) {
                store(vm, 3, &buf)?;
            }
            return Ok(control_result(vm, plain(r)));
        }
        "semop" => {
            let ops = vm.octets_of(&arg(&a, 1), &name)?;
            sysv::semop(id, &ops).map(|()| -2)
        }
        "msgsnd" => {
            let msg = vm.octets_of(&arg(&a, 1), &name)?;
            if msg.len() < std::mem::size_of::<libc::c_long>() {
                return Err(vm.die_text("Arg too short for msgsnd"));
            }
            vm.retry_io(|| sysv::msgsnd(id, &msg, n[2] as i32))?.map(|()| -2)
        }
        "msgrcv" => match vm.retry_io(|| sysv::msgrcv(id, n[2] as usize, n[3], n[4] as i32))? {
            Ok((data, len)) => {
                store(vm, 1, &data)?;
                return Ok(if len == 0 { Val::bytes("0 but true") } else { Val::int(len as i64) });
            }
            Err(e) => Err(e),
        },
        "shmread" => match sysv::shmread(id, n[2] as usize, n[3] as usize) {
            Ok(data) => {
                store(vm, 1, &data)?;
                Ok(-2)
            }
            Err(e) => Err(e),
        },
        "shmwrite" => {
            let data = vm.octets_of(&arg(&a, 1), &name)?;
            sysv::shmwrite(id, &data, n[2] as usize, n[3] as usize).map(|()| -2)
        }
        other => return Err(vm.unimplemented(other)),
    };
    Ok(match r {
        // Those that answer only "done".
        Ok(-2) => Val::bool(true),
        Ok(n) => Val::int(n),
        Err(e) => {
            vm.errno(e);
            if name.ends_with("get") { Val::undef() } else { Val::bool(false) }
        }
    })
}

/// A string that is a number from end to end?
fn is_number(v: &Val) -> bool {
    v.as_str().is_some_and(|s| keshi_text::num::parse(s.bytes()).whole)
}

/// The structure argument of a control call: a string, or nothing.
fn control_buffer(vm: &mut Vm, v: &Val, op: &str) -> R<Vec<u8>> {
    if v.is_str() { vm.octets_of(v, op) } else { Ok(Vec::new()) }
}

/// The result of a call where 0 is a success: `0 but true`, a number, or undef and `$!`.
pub(super) fn control_result(vm: &mut Vm, r: Res<i64>) -> Val {
    match r {
        Ok(0) => Val::bytes("0 but true"),
        Ok(n) => Val::int(n),
        Err(e) => {
            vm.errno(e);
            Val::undef()
        }
    }
}
