//! Processes, descriptors, terminals and the system's description.
//!
//! `unsafe`: system calls on numbers, local structures, terminated strings and buffers of known size.

use crate::args::*;
use keshi_io::errno::Errno;
use keshi_value::Val;
use keshi_vm::{R, Ret, Vm, Want};
use std::ffi::{CStr, CString};

pub const SUBS: &[Def] = &[
    ("uname", uname, None),
    ("strerror", strerror, None),
    ("errno", errno, None),
    ("_exit", exit_now, None),
    ("getpid", getpid, None),
    ("getcwd", crate::cwd::getcwd, None),
    ("dup", dup, None),
    ("dup2", dup2, None),
    ("pipe", pipe, None),
    ("close", close, None),
    ("open", open, None),
    ("creat", creat, None),
    ("read", read, None),
    ("write", write, None),
    ("lseek", lseek, None),
    ("isatty", isatty, None),
    ("ttyname", ttyname, None),
    ("ctermid", ctermid, None),
    ("access", access, None),
    ("mkfifo", mkfifo, None),
    ("nice", nice, None),
    ("pause", pause, None),
    ("setsid", setsid, None),
    ("setpgid", setpgid, None),
    ("tcgetpgrp", tcgetpgrp, None),
    ("tcsetpgrp", tcsetpgrp, None),
    ("setuid", setuid, None),
    ("setgid", setgid, None),
    ("sysconf", sysconf, None),
    ("WIFEXITED", wifexited, None),
    ("WEXITSTATUS", wexitstatus, None),
    ("WIFSIGNALED", wifsignaled, None),
    ("WTERMSIG", wtermsig, None),
    ("WIFSTOPPED", wifstopped, None),
    ("WSTOPSIG", wstopsig, None),
    ("setlocale", setlocale, None),
    ("localeconv", localeconv, None),
    ("strcoll", strcoll, None),
    ("strstr", strstr, None),
    ("mblen", mblen, None),
];

fn uname(vm: &mut Vm, _a: &Args, _w: Want, _c: &Cv) -> R<Ret> {
    // SAFETY: a local structure to be filled with terminated strings.
    let u = unsafe {
        let mut u: libc::utsname = std::mem::zeroed();
        if libc::uname(&mut u) < 0 {
            set_errno(vm);
            return list(vec![]);
        }
        u
    };
    let s = |p: &[libc::c_char]| {
        // SAFETY: terminated by the system.
        Val::bytes(unsafe { CStr::from_ptr(p.as_ptr()) }.to_bytes())
    };
    list(vec![s(&u.sysname), s(&u.nodename), s(&u.release), s(&u.version), s(&u.machine)])
}

fn strerror(vm: &mut Vm, a: &Args, _w: Want, _c: &Cv) -> R<Ret> {
    let n = iv(vm, a, 0)? as i32;
    let t = if n == 0 { "Success".into() } else { Errno(n).message() };
    ok(Val::text(&t))
}

fn errno(vm: &mut Vm, _a: &Args, _w: Want, _c: &Cv) -> R<Ret> {
    let v = keshi_vm::rt::sys::errno_val(vm);
    ok(vm.to_num_val(&v)?)
}

fn exit_now(vm: &mut Vm, a: &Args, _w: Want, _c: &Cv) -> R<Ret> {
    let n = iv(vm, a, 0)? as i32;
    // SAFETY: ends the process without running anything of it.
    unsafe { libc::_exit(n) }
}

fn getpid(_vm: &mut Vm, _a: &Args, _w: Want, _c: &Cv) -> R<Ret> {
    int(std::process::id() as i64)
}

/// Subs that pass integers to a system call; -1 sets `$!`, 0 becomes "0 but true".
macro_rules! calls {
    ($($name:ident($($x:ident),*) $e:expr;)*) => { $(
        fn $name(vm: &mut Vm, a: &Args, _w: Want, _c: &Cv) -> R<Ret> {
            #[allow(unused_mut, unused_assignments)]
            let mut i = 0;
            $(
                #[allow(unused_assignments)]
                let $x = { let v = iv(vm, a, i)? as i32; i += 1; v };
            )*
            let _ = (i, a);
            // SAFETY: only numbers are passed.
            let r = unsafe { $e };
            sys_result(vm, r as i64)
        }
    )* }
}
calls! {
    dup(fd) libc::dup(fd);
    dup2(from, to) libc::dup2(from, to);
    close(fd) libc::close(fd);
    pause() libc::pause();
    setsid() libc::setsid();
    setpgid(pid, group) libc::setpgid(pid, group);
    tcgetpgrp(fd) libc::tcgetpgrp(fd);
    tcsetpgrp(fd, group) libc::tcsetpgrp(fd, group);
    setuid(id) libc::setuid(id as libc::uid_t);
    setgid(id) libc::setgid(id as libc::gid_t);
}

fn nice(vm: &mut Vm, a: &Args, _w: Want, _c: &Cv) -> R<Ret> {
    let n = iv(vm, a, 0)? as i32;
    Errno(0).set();
    // SAFETY: a number.
    let r = unsafe { libc::nice(n) };
    if r == -1 && Errno::last().0 != 0 {
        set_errno(vm);
        return list(vec![]);
    }
    if r == 0 { ok(Val::bytes("0 but true")) } else { int(r as i64) }
}

fn pipe(vm: &mut Vm, _a: &Args, _w: Want, _c: &Cv) -> R<Ret> {
    let mut fds = [0i32; 2];
    // SAFETY: room for two descriptors.
    if unsafe { libc::pipe(fds.as_mut_ptr()) } < 0 {
        set_errno(vm);
        return list(vec![]);
    }
    list(vec![Val::int(fds[0] as i64), Val::int(fds[1] as i64)])
}

/// A path argument; one with a NUL byte fails with ENOENT.
fn path(vm: &mut Vm, a: &Args, i: usize) -> R<Option<CString>> {
    let b = bytes(vm, a, i)?;
    match CString::new(b) {
        Ok(c) => Ok(Some(c)),
        Err(_) => {
            keshi_vm::rt::sys::set_errno(vm, libc::ENOENT);
            Ok(None)
        }
    }
}

fn open(vm: &mut Vm, a: &Args, _w: Want, _c: &Cv) -> R<Ret> {
    count(vm, a, 1, 3, "POSIX::open(filename, flags = O_RDONLY, mode = 0666)")?;
    let Some(p) = path(vm, a, 0)? else { return undef() };
    let flags = if a.len() > 1 { iv(vm, a, 1)? as i32 } else { libc::O_RDONLY };
    let mode = if a.len() > 2 { iv(vm, a, 2)? as u32 } else { 0o666 };
    // SAFETY: terminated path.
    let r = unsafe { libc::open(p.as_ptr(), flags, mode) };
    sys_result(vm, r as i64)
}

fn creat(vm: &mut Vm, a: &Args, _w: Want, _c: &Cv) -> R<Ret> {
    let Some(p) = path(vm, a, 0)? else { return undef() };
    let mode = iv(vm, a, 1)? as u32;
    // SAFETY: terminated path.
    let r = unsafe { libc::open(p.as_ptr(), libc::O_WRONLY | libc::O_CREAT | libc::O_TRUNC, mode) };
    sys_result(vm, r as i64)
}

fn read(vm: &mut Vm, a: &Args, _w: Want, _c: &Cv) -> R<Ret> {
    count(vm, a, 3, 3, "POSIX::read(fd, buffer, nbytes)")?;
    let (fd, n) = (iv(vm, a, 0)? as i32, iv(vm, a, 2)?.clamp(0, 1 << 30) as usize);
    let target = cell(a, 1);
    let mut buf = vec![0u8; n];
    // SAFETY: `buf` has `n` bytes.
    let r = unsafe { libc::read(fd, buf.as_mut_ptr().cast(), n) };
    if r >= 0 {
        buf.truncate(r as usize);
        vm.set_sv(&target, Val::bytes(&buf))?;
    }
    sys_result(vm, r as i64)
}

fn write(vm: &mut Vm, a: &Args, _w: Want, _c: &Cv) -> R<Ret> {
    count(vm, a, 2, 3, "POSIX::write(fd, buffer, nbytes)")?;
    let (fd, b) = (iv(vm, a, 0)? as i32, bytes(vm, a, 1)?);
    let n = if a.len() > 2 { (iv(vm, a, 2)?.max(0) as usize).min(b.len()) } else { b.len() };
    // SAFETY: `n` is at most the buffer's length.
    let r = unsafe { libc::write(fd, b.as_ptr().cast(), n) };
    sys_result(vm, r as i64)
}

fn lseek(vm: &mut Vm, a: &Args, _w: Want, _c: &Cv) -> R<Ret> {
    let (fd, off, whence) = (iv(vm, a, 0)? as i32, iv(vm, a, 1)?, iv(vm, a, 2)? as i32);
    // SAFETY: numbers.
    let r = unsafe { libc::lseek(fd, off, whence) };
    sys_result(vm, r)
}

fn isatty(vm: &mut Vm, a: &Args, _w: Want, _c: &Cv) -> R<Ret> {
    let fd = iv(vm, a, 0)? as i32;
    // SAFETY: a number.
    yes_no(unsafe { libc::isatty(fd) } == 1)
}

fn ttyname(vm: &mut Vm, a: &Args, _w: Want, _c: &Cv) -> R<Ret> {
    let fd = iv(vm, a, 0)? as i32;
    let mut buf = [0u8; 256];
    // SAFETY: `buf` is as long as said and terminated on success.
    let r = unsafe { libc::ttyname_r(fd, buf.as_mut_ptr().cast(), buf.len()) };
    match CStr::from_bytes_until_nul(&buf) {
        Ok(s) if r == 0 => ok(Val::bytes(s.to_bytes())),
        _ => undef(),
    }
}

fn ctermid(_vm: &mut Vm, _a: &Args, _w: Want, _c: &Cv) -> R<Ret> {
    ok(Val::bytes("/dev/tty"))
}

fn access(vm: &mut Vm, a: &Args, _w: Want, _c: &Cv) -> R<Ret> {
    let Some(p) = path(vm, a, 0)? else { return undef() };
    let mode = iv(vm, a, 1)? as i32;
    // SAFETY: terminated path.
    let r = unsafe { libc::access(p.as_ptr(), mode) };
    sys_result(vm, r as i64)
}

fn mkfifo(vm: &mut Vm, a: &Args, _w: Want, _c: &Cv) -> R<Ret> {
    let Some(p) = path(vm, a, 0)? else { return undef() };
    let mode = iv(vm, a, 1)? as libc::mode_t;
    // SAFETY: terminated path.
    let r = unsafe { libc::mkfifo(p.as_ptr(), mode) };
    sys_result(vm, r as i64)
}

fn sysconf(vm: &mut Vm, a: &Args, _w: Want, _c: &Cv) -> R<Ret> {
    let n = iv(vm, a, 0)? as i32;
    // SAFETY: a number.
    let r = unsafe { libc::sysconf(n) };
    sys_result(vm, r)
}

macro_rules! status {
    ($($name:ident $f:path;)*) => { $(
        fn $name(vm: &mut Vm, a: &Args, _w: Want, _c: &Cv) -> R<Ret> {
            let n = iv(vm, a, 0)? as i32;
            ok(keshi_value::Val::from_status($f(n)))
        }
    )* }
}
/// Results of the wait macros: flags are booleans, numbers integers.
trait FromStatus<T> {
    fn from_status(v: T) -> Val;
}
impl FromStatus<bool> for Val {
    fn from_status(v: bool) -> Val {
        Val::bool(v)
    }
}
impl FromStatus<i32> for Val {
    fn from_status(v: i32) -> Val {
        Val::int(v as i64)
    }
}
status! {
    wifexited libc::WIFEXITED;
    wexitstatus libc::WEXITSTATUS;
    wifsignaled libc::WIFSIGNALED;
    wtermsig libc::WTERMSIG;
    wifstopped libc::WIFSTOPPED;
    wstopsig libc::WSTOPSIG;
}

/// setlocale(category, locale)
fn setlocale(vm: &mut Vm, a: &Args, _w: Want, _c: &Cv) -> R<Ret> {
    let category = iv(vm, a, 0)?;
    let v = arg(vm, a, 1)?;
    let name = if v.is_undef() { None } else { Some(vm.str_bytes(&v)?.0.into_owned()) };
    let Ok(category) = i32::try_from(category) else { return undef() };
    match keshi_vm::locale::set(category, name.as_deref()) {
        Some(n) => ok(Val::bytes(n)),
        None => undef(),
    }
}

fn localeconv(_vm: &mut Vm, _a: &Args, _w: Want, _c: &Cv) -> R<Ret> {
    let h = keshi_value::Hash::new();
    h.set_str("decimal_point", Val::bytes("."));
    ok(Val::reference(h))
}

fn strcoll(vm: &mut Vm, a: &Args, _w: Want, _c: &Cv) -> R<Ret> {
    let (x, y) = (arg(vm, a, 0)?, arg(vm, a, 1)?);
    ok(keshi_vm::rt::compare::scmp(vm, &x, &y)?)
}

fn strstr(vm: &mut Vm, a: &Args, _w: Want, _c: &Cv) -> R<Ret> {
    let (big, little) = (bytes(vm, a, 0)?, bytes(vm, a, 1)?);
    let at = if little.is_empty() { Some(0) } else { big.windows(little.len()).position(|w| w == little) };
    int(at.map_or(-1, |i| i as i64))
}

fn mblen(vm: &mut Vm, a: &Args, _w: Want, _c: &Cv) -> R<Ret> {
    let b = bytes(vm, a, 0)?;
    int(i64::from(b.first().is_some_and(|c| *c != 0)))
}
