//! Directory handles.

use super::fh::{self, Fh};
use super::print::list;
use crate::Vm;
use crate::exc::R;
use crate::warn::cat;
use keshi_io::dir::DirHandle;
use keshi_io::{Errno, Res};
use keshi_value::Val;
use std::cell::RefCell;
use std::rc::Rc;

type DirRef = Rc<RefCell<DirHandle>>;

fn dir_of(f: &Fh) -> Option<DirRef> {
    f.io.as_ref()?.dir.get().as_ref()?.downcast_ref::<DirRef>().cloned()
}

/// The descriptor of an open directory handle; `None` if the handle has no directory.
pub fn dir_fd(f: &Fh) -> Option<Res<i32>> {
    dir_of(f).map(|d| d.borrow().fd())
}

/// `rt.opendir`
pub fn opendir(vm: &mut Vm, b: &Val, c: &Val) -> R<Val> {
    let mut f = fh::fh_new(vm, b)?;
    let io = f.io();
    let path = super::bytes_of(vm, c)?;
    if f.open().is_some() {
        let n = f.name();
        vm.warn(cat::IO, &format!("Opening filehandle {n} also as a directory"))?;
    }
    if let Some(w) = keshi_io::perform::nul_warning("open_dir", &path) {
        vm.warn(cat::SYSCALLS, &w)?;
    }
    io.dir.set(None);
    match DirHandle::open(&path) {
        Ok(d) => {
            io.dir.set(Some(Box::new(Rc::new(RefCell::new(d)) as DirRef)));
            Ok(Val::bool(true))
        }
        Err(e) => {
            vm.errno(e);
            Ok(Val::undef())
        }
    }
}

/// The open directory, or perl's warning.
fn dir(vm: &mut Vm, b: &Val, op: &str) -> R<Option<DirRef>> {
    let f = fh::fh(vm, b)?;
    if let Some(d) = dir_of(&f) {
        return Ok(Some(d));
    }
    let name = f.name();
    let what = if f.open().is_some() {
        format!("{op}() attempted on handle {name} opened with open()")
    } else {
        format!("{op}() attempted on invalid dirhandle {name}")
    };
    vm.warn(cat::IO, &what)?;
    vm.errno(Errno(libc::EBADF));
    Ok(None)
}

fn next(vm: &mut Vm, d: &DirRef) -> Option<Val> {
    let r = d.borrow_mut().read();
    match r {
        Ok(n) => n.map(Val::bytes),
        Err(e) => {
            vm.errno(e);
            None
        }
    }
}

/// `rt.readdir`
pub fn readdir(vm: &mut Vm, b: &Val) -> R<Val> {
    let Some(d) = dir(vm, b, "readdir")? else { return Ok(Val::undef()) };
    Ok(next(vm, &d).unwrap_or_default())
}

/// `rt.readdir.l`
pub fn readdir_list(vm: &mut Vm, b: &Val) -> R<Val> {
    let Some(d) = dir(vm, b, "readdir")? else { return Ok(list(vec![])) };
    let mut out = Vec::new();
    while let Some(v) = next(vm, &d) {
        out.push(v);
    }
    Ok(list(out))
}

/// `rt.telldir`
pub fn telldir(vm: &mut Vm, b: &Val) -> R<Val> {
    let Some(d) = dir(vm, b, "telldir")? else { return Ok(Val::undef()) };
    let r = d.borrow().tell();
    Ok(match r {
        Ok(n) => Val::int(n),
        Err(e) => {
            vm.errno(e);
            Val::undef()
        }
    })
}

/// `rt.seekdir`
pub fn seekdir(vm: &mut Vm, b: &Val, c: &Val) -> R<Val> {
    let pos = vm.to_iv(c)?;
    let Some(d) = dir(vm, b, "seekdir")? else { return Ok(Val::undef()) };
    let r = d.borrow_mut().seek(pos);
    Ok(vm.io_result(r))
}

/// `rt.rewinddir`
pub fn rewinddir(vm: &mut Vm, b: &Val) -> R<Val> {
    let Some(d) = dir(vm, b, "rewinddir")? else { return Ok(Val::undef()) };
    let r = d.borrow_mut().rewind();
    Ok(vm.io_result(r))
}

/// `rt.closedir`
pub fn closedir(vm: &mut Vm, b: &Val) -> R<Val> {
    let Some(d) = dir(vm, b, "closedir")? else { return Ok(Val::undef()) };
    if let Some(io) = fh::fh(vm, b)?.io {
        io.dir.set(None);
    }
    let r = d.borrow_mut().close();
    Ok(vm.io_result(r))
}
