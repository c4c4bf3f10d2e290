//! Files by name: `chmod`, `unlink`, `rename`, `link`, `mkdir`, `chdir` … File tests are in [`super::filetest`].

pub use super::filetest::{State, filetest, filetest_stacked, lstat, lstat_ok, stat, stat_ok};

use super::io::fh;
use super::io::{bytes_of, resolved};
use crate::Vm;
use crate::exc::R;
use crate::warn::cat;
use keshi_io::perform::nul_warning;
use keshi_io::{Errno, Res, fs};
use keshi_value::Val;

/// A path argument; a NUL inside is warned of (the system call then fails).
pub(super) fn path(vm: &mut Vm, v: &Val, op: &str) -> R<Vec<u8>> {
    let b = bytes_of(vm, v)?;
    if let Some(w) = nul_warning(op, &b) {
        vm.warn(cat::SYSCALLS, &w)?;
    }
    Ok(b)
}

/// The descriptor of a handle value, `None` for a name.
fn handle_fd(vm: &mut Vm, v: &Val, op: &str) -> R<Option<Res<i32>>> {
    if !fh::is_handle(vm, v)? {
        return Ok(None);
    }
    let f = fh::fh(vm, v)?;
    if let Some(h) = f.open() {
        return Ok(Some(h.borrow().fd()));
    }
    if let Some(fd) = super::io::dir_fd(&f) {
        return Ok(Some(fd));
    }
    vm.report_evil(&f, op)?;
    Ok(Some(Err(Errno(libc::EBADF))))
}

/// `rt.chdir`
pub fn chdir(vm: &mut Vm, b: &Val) -> R<Val> {
    let r = match handle_fd(vm, b, "chdir")? {
        Some(fd) => fd.and_then(fs::fchdir),
        None => {
            let p = path(vm, b, "chdir")?;
            fs::chdir(&p)
        }
    };
    Ok(vm.io_bool(r))
}

/// `rt.chdir.home`
pub fn chdir_home(vm: &mut Vm) -> R<Val> {
    let env = vm.gv.env.hash().clone();
    for name in ["HOME", "LOGDIR"] {
        let v = env.get_str(name).unwrap_or_default();
        if !v.is_undef() {
            let p = bytes_of(vm, &v)?;
            if !p.is_empty() {
                let r = fs::chdir(&p);
                return Ok(vm.io_bool(r));
            }
        }
    }
    vm.errno(Errno(libc::EINVAL));
    Ok(Val::bool(false))
}

/// Applies a call to every element from `from` on; counts the successes.
fn each(
    vm: &mut Vm,
    items: &[Val],
    op: &str,
    by_fd: impl Fn(i32) -> Res<()>,
    by_name: impl Fn(&[u8]) -> Res<()>,
) -> R<Val> {
    let mut n = 0;
    for v in items {
        let r = match handle_fd(vm, v, op)? {
            Some(fd) => fd.and_then(&by_fd),
            None => {
                let p = path(vm, v, op)?;
                by_name(&p)
            }
        };
        match r {
            Ok(()) => n += 1,
            Err(e) => vm.errno(e),
        }
    }
    Ok(Val::int(n))
}

/// `rt.chmod`
pub fn chmod(vm: &mut Vm, b: &Val) -> R<Val> {
    let a = resolved(vm, b)?;
    let Some(m) = a.first() else { return Ok(Val::int(0)) };
    let mode = vm.to_iv(m)? as u32;
    each(vm, &a[1..], "chmod", |fd| fs::fchmod(fd, mode), |p| fs::chmod(p, mode))
}

/// `rt.chown`
pub fn chown(vm: &mut Vm, b: &Val) -> R<Val> {
    let a = resolved(vm, b)?;
    if a.len() < 2 {
        return Ok(Val::int(0));
    }
    let (u, g) = (vm.to_iv(&a[0])? as u32, vm.to_iv(&a[1])? as u32);
    each(vm, &a[2..], "chown", |fd| fs::fchown(fd, u, g), |p| fs::chown(p, u, g))
}

/// `rt.utime`
pub fn utime(vm: &mut Vm, b: &Val) -> R<Val> {
    let a = resolved(vm, b)?;
    if a.len() < 2 {
        return Ok(Val::int(0));
    }
    let t =
        if a[0].is_undef() && a[1].is_undef() { None } else { Some((vm.to_nv(&a[0])?, vm.to_nv(&a[1])?)) };
    each(vm, &a[2..], "utime", |fd| fs::futime(fd, t), |p| fs::utime(p, t))
}

/// `rt.unlink`
pub fn unlink(vm: &mut Vm, b: &Val) -> R<Val> {
    let mut n = 0;
    for v in resolved(vm, b)? {
        let p = path(vm, &v, "unlink")?;
        match fs::unlink(&p) {
            Ok(()) => n += 1,
            Err(e) => vm.errno(e),
        }
    }
    Ok(Val::int(n))
}

fn two(vm: &mut Vm, b: &Val, c: &Val, op: &str, f: fn(&[u8], &[u8]) -> Res<()>) -> R<Val> {
    let (from, to) = (path(vm, b, op)?, path(vm, c, op)?);
    let r = f(&from, &to);
    Ok(vm.io_bool(r))
}

/// `rt.rename`
pub fn rename(vm: &mut Vm, b: &Val, c: &Val) -> R<Val> {
    two(vm, b, c, "rename", fs::rename)
}

/// `rt.link`
pub fn link(vm: &mut Vm, b: &Val, c: &Val) -> R<Val> {
    two(vm, b, c, "link", fs::link)
}

/// `rt.symlink`
pub fn symlink(vm: &mut Vm, b: &Val, c: &Val) -> R<Val> {
    two(vm, b, c, "symlink", fs::symlink)
}

/// `rt.readlink`
pub fn readlink(vm: &mut Vm, b: &Val) -> R<Val> {
    let p = path(vm, b, "readlink")?;
    Ok(match fs::readlink(&p) {
        Ok(t) => Val::bytes(&t),
        Err(e) => {
            vm.errno(e);
            Val::undef()
        }
    })
}

/// `rt.mkdir`
pub fn mkdir(vm: &mut Vm, b: &Val) -> R<Val> {
    let a = resolved(vm, b)?;
    let p = path(vm, a.first().unwrap_or(&Val::undef()), "mkdir")?;
    let mode = match a.get(1) {
        Some(m) => vm.to_iv(m)? as u32,
        None => 0o777,
    };
    let r = fs::mkdir(&p, mode);
    Ok(vm.io_bool(r))
}

/// `rt.rmdir`
pub fn rmdir(vm: &mut Vm, b: &Val) -> R<Val> {
    let p = path(vm, b, "rmdir")?;
    let r = fs::rmdir(&p);
    Ok(vm.io_bool(r))
}

/// `rt.umask`
pub fn umask(vm: &mut Vm, b: &Val) -> R<Val> {
    if b.is_undef() {
        vm.to_iv(b)?;
        return umask_get(vm);
    }
    let m = vm.to_iv(b)? as u32;
    Ok(Val::int(fs::set_umask(m).into()))
}

/// `rt.umask.get`
pub fn umask_get(_vm: &mut Vm) -> R<Val> {
    Ok(Val::int(fs::umask().into()))
}

/// `rt.chroot`
pub fn chroot(vm: &mut Vm, b: &Val) -> R<Val> {
    let p = path(vm, b, "chroot")?;
    let r = fs::chroot(&p);
    Ok(vm.io_bool(r))
}
