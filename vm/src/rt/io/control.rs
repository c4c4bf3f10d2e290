//! Positions and control of handles: `seek`, `tell`, `sysseek`, `truncate`, `flock`, `fcntl`, `ioctl`, and
//! `select` on descriptors.

use super::fh::{self, Fh};
use super::print::{list, resolved};
use super::read;
use crate::Vm;
use crate::exc::R;
use crate::rt::system::control_result;
use crate::warn::cat;
use keshi_io::control::{Arg, ControlError};
use keshi_io::{Errno, Res};
use keshi_value::{Array, Val};

fn arg(l: &[Val], i: usize) -> Val {
    l.get(i).cloned().unwrap_or_default()
}

/// `rt.seek`
pub fn seek(vm: &mut Vm, b: &Val) -> R<Val> {
    let a = resolved(vm, b)?;
    let f = fh::fh(vm, &arg(&a, 0))?;
    read::set_last_read(vm, &f.gv);
    let whence = vm.iv_item(&a, 2)?;
    let pos = vm.iv_item(&a, 1)?;
    if let Some(obj) = f.tied(vm) {
        return vm.tied_call(&obj, "SEEK", vec![Val::int(pos), Val::int(whence)]);
    }
    let Some(h) = f.open() else {
        vm.report_evil(&f, "seek")?;
        return Ok(Val::bool(false));
    };
    let r = vm.retry_io(|| h.borrow_mut().seek(pos, whence as i32))?;
    Ok(vm.io_bool(r))
}

/// `rt.sysseek`
pub fn sysseek(vm: &mut Vm, b: &Val) -> R<Val> {
    let a = resolved(vm, b)?;
    let f = fh::fh(vm, &arg(&a, 0))?;
    read::set_last_read(vm, &f.gv);
    let whence = vm.iv_item(&a, 2)?;
    let pos = vm.iv_item(&a, 1)?;
    if let Some(obj) = f.tied(vm) {
        return vm.tied_call(&obj, "SEEK", vec![Val::int(pos), Val::int(whence)]);
    }
    let Some(h) = f.open() else {
        vm.report_evil(&f, "sysseek")?;
        return Ok(Val::undef());
    };
    let r = h.borrow_mut().sysseek(pos, whence as i32);
    Ok(control_result(vm, r.map(|n| n as i64)))
}

/// `rt.tell`
pub fn tell(vm: &mut Vm, b: &Val) -> R<Val> {
    let f = fh::fh(vm, b)?;
    read::set_last_read(vm, &f.gv);
    tell_of(vm, &f)
}

/// `rt.tell.last`
pub fn tell_last(vm: &mut Vm) -> R<Val> {
    match vm.rtstate.io.last_read.get() {
        Some(g) => tell_of(vm, &Fh::of(g)),
        None => {
            vm.warn(cat::UNOPENED, "tell() on unopened filehandle")?;
            vm.errno(Errno(libc::EBADF));
            Ok(Val::int(-1))
        }
    }
}

fn tell_of(vm: &mut Vm, f: &Fh) -> R<Val> {
    if let Some(obj) = f.tied(vm) {
        return vm.tied_call(&obj, "TELL", vec![]);
    }
    let Some(h) = f.open() else {
        vm.report_evil(f, "tell")?;
        return Ok(Val::int(-1));
    };
    let r = h.borrow_mut().tell();
    Ok(match r {
        Ok(n) => Val::int(n as i64),
        Err(e) => {
            vm.errno(e);
            Val::int(-1)
        }
    })
}

/// `rt.truncate`
pub fn truncate(vm: &mut Vm, b: &Val, c: &Val) -> R<Val> {
    let len = vm.to_iv(c)?;
    let r = if fh::is_handle(vm, b)? {
        let f = fh::fh(vm, b)?;
        match f.open() {
            Some(h) if !h.borrow().can_write() => Err(Errno(libc::EINVAL)),
            Some(h) => vm.retry_io(|| h.borrow_mut().truncate(len))?,
            None => Err(Errno(libc::EBADF)),
        }
    } else {
        let path = super::bytes_of(vm, b)?;
        keshi_io::fs::truncate(&path, len)
    };
    Ok(vm.io_result(r))
}

/// `rt.flock`
pub fn flock(vm: &mut Vm, b: &Val, c: &Val) -> R<Val> {
    let f = fh::fh(vm, b)?;
    let op = vm.to_iv(c)?;
    let Some(h) = f.open() else {
        vm.report_evil(&f, "flock")?;
        return Ok(Val::bool(false));
    };
    // Others must see what was written before the lock is given up.
    let flushed = h.borrow_mut().flush();
    let fd = h.borrow().fd();
    let r = match flushed.and(fd) {
        Ok(fd) => vm.retry_io(|| keshi_io::control::flock(fd, op as i32))?,
        Err(e) => Err(e),
    };
    Ok(vm.io_bool(r))
}

/// `rt.fcntl`
pub fn fcntl(vm: &mut Vm, b: &Val) -> R<Val> {
    control(vm, b, "fcntl")
}

/// `rt.ioctl`
pub fn ioctl(vm: &mut Vm, b: &Val) -> R<Val> {
    control(vm, b, "ioctl")
}

fn control(vm: &mut Vm, l: &Val, op: &str) -> R<Val> {
    let a = resolved(vm, l)?;
    let f = fh::fh(vm, &arg(&a, 0))?;
    let func = vm.to_uv(&arg(&a, 1))?;
    let Some(h) = f.open() else {
        vm.report_evil(&f, op)?;
        return Ok(Val::undef());
    };
    let fd = h.borrow().fd();
    let fd = match fd {
        Ok(fd) => fd,
        Err(e) => {
            vm.errno(e);
            return Ok(Val::undef());
        }
    };
    let v = arg(&a, 2);
    let mut buf = None;
    if v.is_str() {
        buf = Some(super::bytes_of(vm, &v)?);
    }
    let n = if buf.is_none() { vm.to_iv_quiet(&v)? } else { 0 };
    let r = {
        let third = match &mut buf {
            Some(b) => Arg::Buf(b),
            None => Arg::Int(n),
        };
        if op == "fcntl" {
            keshi_io::control::fcntl(fd, func as i32, third)
        } else {
            keshi_io::control::ioctl(fd, func, third)
        }
    };
    if let (Some(b), Some(mut place)) = (buf, l.as_av().and_then(|a| a.as_slice().get(2).cloned())) {
        if place.is_alias() {
            vm.assign(&mut place, Val::bytes(&b))?;
        }
    }
    match r {
        Ok(n) => Ok(control_result(vm, Ok(n as i64))),
        Err(ControlError::Sys(e)) => Ok(control_result(vm, Err(e))),
        Err(ControlError::Overflow) => {
            Err(vm.die_text(&format!("Possible memory corruption: {op} overflowed 3rd argument")))
        }
    }
}

/// `rt.select.n`
pub fn select_wait(vm: &mut Vm, b: &Val) -> R<Val> {
    Ok(wait(vm, b)?.0)
}

/// `rt.select.n.l`
pub fn select_wait_list(vm: &mut Vm, b: &Val) -> R<Val> {
    let (n, left) = wait(vm, b)?;
    Ok(list(vec![n, left]))
}

fn wait(vm: &mut Vm, l: &Val) -> R<(Val, Val)> {
    let places: Vec<Val> = l.as_av().map(Array::as_slice).unwrap_or_default().to_vec();
    let mut bits: Vec<Option<Vec<u8>>> = Vec::new();
    for p in places.iter().take(3) {
        let v = vm.read(p)?;
        if v.is_undef() {
            bits.push(None);
            continue;
        }
        let b = {
            let (s, u) = vm.str_bytes(&v)?;
            keshi_text::utf8::as_bytes(&s, u).map(std::borrow::Cow::into_owned)
        };
        let Some(b) = b else { return Err(vm.die_text("Wide character in select system call")) };
        if !v.is_str() {
            vm.warn(cat::MISC, "Non-string passed as bitmask")?;
        }
        if !b.is_empty() && p.alias_cell().is_some_and(|c| c.is_readonly()) {
            return Err(vm.die_text("Modification of a read-only value attempted"));
        }
        bits.push(Some(b));
    }
    bits.resize(3, None);
    let t = match places.get(3) {
        Some(p) => vm.read(p)?,
        None => Val::undef(),
    };
    let timeout = if t.is_undef() { None } else { Some(vm.to_nv(&t)?.max(0.0)) };
    let [r, w, e] = &mut bits[..] else { return Ok((Val::undef(), Val::undef())) };
    let res: Res<(i32, f64)> =
        keshi_io::control::select(r.as_deref_mut(), w.as_deref_mut(), e.as_deref_mut(), timeout);
    match res {
        Ok((n, left)) => {
            for (p, b) in places.iter().zip(bits) {
                if let (Some(b), true) = (b.filter(|b| !b.is_empty()), p.is_alias()) {
                    let mut p = p.clone();
                    vm.assign(&mut p, Val::bytes(&b))?;
                }
            }
            let left = if timeout.is_some() { Val::num(left) } else { Val::undef() };
            Ok((Val::int(n as i64), left))
        }
        Err(e) => {
            vm.errno(e);
            if e.is_interrupt() {
                vm.sync()?;
            }
            Ok((Val::int(-1), timeout.map_or(Val::undef(), Val::num)))
        }
    }
}
