//! Cwd: the current directory and real paths.

use crate::args::*;
use keshi_value::Val;
use keshi_vm::{R, Ret, Vm, Want};
use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::path::{Component, Path, PathBuf};

const SUBS: &[Def] =
    &[("getcwd", getcwd, Some("")), ("fastcwd", getcwd, Some("")), ("bsd_realpath", realpath, Some(";$"))];

pub fn boot(vm: &mut Vm) -> R<()> {
    define(vm, "Cwd", SUBS);
    Ok(())
}

pub fn getcwd(vm: &mut Vm, _a: &Args, _w: Want, _c: &Cv) -> R<Ret> {
    match std::env::current_dir() {
        Ok(d) => ok(Val::bytes(d.as_os_str().as_bytes())),
        Err(e) => {
            keshi_vm::rt::sys::set_errno(vm, e.raw_os_error().unwrap_or(0));
            undef()
        }
    }
}

/// The path without links and dots; the last component need not exist.
fn realpath(vm: &mut Vm, a: &Args, _w: Want, _c: &Cv) -> R<Ret> {
    let v = arg(vm, a, 0)?;
    let b = if v.is_undef() { b".".to_vec() } else { bytes(vm, a, 0)? };
    let p = if b.is_empty() { PathBuf::from(".") } else { PathBuf::from(OsStr::from_bytes(&b)) };
    let r = std::fs::canonicalize(&p).or_else(|e| match (p.parent(), p.components().next_back()) {
        (Some(dir), Some(Component::Normal(name))) if e.kind() == std::io::ErrorKind::NotFound => {
            let dir = if dir.as_os_str().is_empty() { Path::new(".") } else { dir };
            std::fs::canonicalize(dir).map(|d| d.join(name))
        }
        _ => Err(e),
    });
    match r {
        Ok(p) => ok(Val::bytes(p.as_os_str().as_bytes())),
        Err(e) => {
            keshi_vm::rt::sys::set_errno(vm, e.raw_os_error().unwrap_or(0));
            undef()
        }
    }
}
