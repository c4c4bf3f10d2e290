//! Sockets.

use super::fh::{self, Fh, kind};
use super::open::opts;
use super::print::resolved;
use crate::Vm;
use crate::exc::R;
use keshi_io::fd::Fd;
use keshi_io::{Errno, IoRef, Res, socket as sys};
use keshi_value::{Ptr, Val};

fn arg(l: &[Val], i: usize) -> Val {
    l.get(i).cloned().unwrap_or_default()
}

fn target(vm: &mut Vm, v: &Val) -> R<(Fh, IoRef)> {
    let mut f = fh::fh_new(vm, v)?;
    let io = f.io();
    if io.kind.get() == kind::STD {
        io.file.set(None);
    }
    Ok((f, fh::handle_or_new(&io)))
}

/// The descriptor of an open socket, or perl's warning.
fn open_fd(vm: &mut Vm, v: &Val, op: &str) -> R<Option<(Ptr<keshi_value::IoObj>, Fd)>> {
    let f = fh::fh(vm, v)?;
    match f.open().and_then(|h| h.borrow().fd().ok()) {
        Some(fd) => Ok(Some((f.io.expect("open"), fd))),
        None => {
            vm.report_evil(&f, op)?;
            Ok(None)
        }
    }
}

/// `rt.socket`
pub fn socket(vm: &mut Vm, b: &Val, c: &Val) -> R<Val> {
    let (f, h) = target(vm, b)?;
    let a = resolved(vm, c)?;
    let (p, t, d) = (vm.iv_item(&a, 2)?, vm.iv_item(&a, 1)?, vm.iv_item(&a, 0)?);
    let o = opts(vm)?;
    let r = sys::socket(&mut h.borrow_mut(), d as i32, t as i32, p as i32, &o);
    if r.is_ok() {
        f.set_kind(kind::SOCKET);
    }
    Ok(vm.io_result(r))
}

/// `rt.socketpair`
pub fn socketpair(vm: &mut Vm, b: &Val) -> R<Val> {
    let a = resolved(vm, b)?;
    let (f1, h1) = target(vm, &arg(&a, 0))?;
    let (f2, h2) = target(vm, &arg(&a, 1))?;
    let (p, t, d) = (vm.iv_item(&a, 4)?, vm.iv_item(&a, 3)?, vm.iv_item(&a, 2)?);
    let o = opts(vm)?;
    let r = if std::rc::Rc::ptr_eq(&h1, &h2) {
        Err(Errno(libc::EINVAL))
    } else {
        sys::socketpair(&mut h1.borrow_mut(), &mut h2.borrow_mut(), d as i32, t as i32, p as i32, &o)
    };
    if r.is_ok() {
        f1.set_kind(kind::SOCKET);
        f2.set_kind(kind::SOCKET);
    }
    Ok(vm.io_result(r))
}

fn addressed(vm: &mut Vm, b: &Val, c: &Val, op: &str, f: fn(Fd, &[u8]) -> Res<()>) -> R<Val> {
    let addr = super::bytes_of(vm, c)?;
    let Some((_, fd)) = open_fd(vm, b, op)? else { return Ok(Val::undef()) };
    let r = f(fd, &addr);
    if r.is_err_and(|e| e.is_interrupt()) {
        vm.sync()?;
    }
    Ok(vm.io_result(r))
}

/// `rt.bind`
pub fn bind(vm: &mut Vm, b: &Val, c: &Val) -> R<Val> {
    addressed(vm, b, c, "bind", sys::bind)
}

/// `rt.connect`
pub fn connect(vm: &mut Vm, b: &Val, c: &Val) -> R<Val> {
    addressed(vm, b, c, "connect", sys::connect)
}

fn numbered(vm: &mut Vm, b: &Val, c: &Val, op: &str, f: fn(Fd, i32) -> Res<()>) -> R<Val> {
    let n = vm.to_iv(c)?;
    let Some((_, fd)) = open_fd(vm, b, op)? else { return Ok(Val::undef()) };
    let r = f(fd, n as i32);
    Ok(vm.io_result(r))
}

/// `rt.listen`
pub fn listen(vm: &mut Vm, b: &Val, c: &Val) -> R<Val> {
    numbered(vm, b, c, "listen", sys::listen)
}

/// `rt.shutdown`
pub fn shutdown(vm: &mut Vm, b: &Val, c: &Val) -> R<Val> {
    numbered(vm, b, c, "shutdown", sys::shutdown)
}

/// `rt.accept`
pub fn accept(vm: &mut Vm, b: &Val, c: &Val) -> R<Val> {
    let Some((_, listener)) = open_fd(vm, c, "accept")? else { return Ok(Val::bool(false)) };
    let (f, h) = target(vm, b)?;
    let o = opts(vm)?;
    let r = vm.retry_io(|| sys::accept(&mut h.borrow_mut(), listener, &o))?;
    match r {
        Ok(addr) => {
            f.set_kind(kind::SOCKET);
            Ok(Val::bytes(&addr))
        }
        Err(e) => {
            vm.errno(e);
            Ok(Val::bool(false))
        }
    }
}

/// `rt.send`
pub fn send(vm: &mut Vm, b: &Val) -> R<Val> {
    let a = resolved(vm, b)?;
    let Some((_, fd)) = open_fd(vm, &arg(&a, 0), "send")? else { return Ok(Val::undef()) };
    if fh::fh(vm, &arg(&a, 0))?.open().is_some_and(|h| h.borrow().is_utf8()) {
        return Err(vm.die_text("send() isn't allowed on :utf8 handles"));
    }
    let data = {
        let v = arg(&a, 1);
        let (s, u) = vm.str_bytes(&v)?;
        keshi_text::utf8::as_bytes(&s, u).map(|b| b.into_owned())
    };
    let Some(data) = data else { return Err(vm.die_text("Wide character in send")) };
    let flags = vm.to_iv_quiet(&arg(&a, 2))? as i32;
    let to = match a.get(3) {
        Some(v) if !v.is_undef() => Some(super::bytes_of(vm, v)?),
        _ => None,
    };
    match vm.retry_io(|| sys::send(fd, &data, flags, to.as_deref()))? {
        Ok(n) => Ok(Val::int(n as i64)),
        Err(e) => {
            vm.errno(e);
            Ok(Val::undef())
        }
    }
}

fn bytes_result(vm: &mut Vm, r: Res<Vec<u8>>) -> Val {
    match r {
        Ok(b) => Val::bytes(&b),
        Err(e) => {
            vm.errno(e);
            Val::undef()
        }
    }
}

/// `rt.getsockopt`
pub fn getsockopt(vm: &mut Vm, b: &Val) -> R<Val> {
    let a = resolved(vm, b)?;
    let (level, name) = (vm.to_iv(&arg(&a, 1))?, vm.to_iv(&arg(&a, 2))?);
    let Some((_, fd)) = open_fd(vm, &arg(&a, 0), "getsockopt")? else { return Ok(Val::undef()) };
    let r = sys::getsockopt(fd, level as i32, name as i32);
    Ok(bytes_result(vm, r))
}

/// `rt.setsockopt`
pub fn setsockopt(vm: &mut Vm, b: &Val) -> R<Val> {
    let a = resolved(vm, b)?;
    let (level, name) = (vm.to_iv(&arg(&a, 1))?, vm.to_iv(&arg(&a, 2))?);
    let v = arg(&a, 3);
    // A string is the packed value itself, a number an int; undef is 0.
    let value = if v.is_str() {
        vm.octets_of(&v, "setsockopt")?
    } else {
        (vm.to_iv_quiet(&v)? as i32).to_ne_bytes().to_vec()
    };
    let Some((_, fd)) = open_fd(vm, &arg(&a, 0), "setsockopt")? else { return Ok(Val::undef()) };
    let r = sys::setsockopt(fd, level as i32, name as i32, &value);
    Ok(vm.io_result(r))
}

/// `rt.getsockname`
pub fn getsockname(vm: &mut Vm, b: &Val) -> R<Val> {
    let Some((_, fd)) = open_fd(vm, b, "getsockname")? else { return Ok(Val::undef()) };
    Ok(bytes_result(vm, sys::getsockname(fd)))
}

/// `rt.getpeername`
pub fn getpeername(vm: &mut Vm, b: &Val) -> R<Val> {
    let Some((_, fd)) = open_fd(vm, b, "getpeername")? else { return Ok(Val::undef()) };
    Ok(bytes_result(vm, sys::getpeername(fd)))
}
