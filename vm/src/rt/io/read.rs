//! Input: `readline`, `eof`, `getc`, `read`, `sysread`, `recv`; and `syswrite`.

use super::fh::{self, Fh};
use super::print::{list, resolved};
use super::{argv, layer_warnings};
use crate::Vm;
use crate::exc::R;
use crate::warn::cat;
use keshi_io::{IoRef, Rs};
use keshi_text::utf8;
use keshi_value::val::tag;
use keshi_value::{Glob, IoObj, Ptr, Val};
use std::rc::Rc;

/// `$/` in the form handles want, remembered with the value it was made from.
#[derive(Default)]
pub struct RsCache {
    from: Val,
    rs: Option<Rc<Rs>>,
    /// A line buffer kept between reads.
    buf: Vec<u8>,
}

/// The record separator in force.
fn input_rs(vm: &mut Vm) -> R<Rc<Rs>> {
    let v = match vm.gv.rs.sv.get() {
        Some(s) => s.get(),
        None => Val::undef(),
    };
    let c = &vm.rtstate.io.rs;
    if let Some(rs) = &c.rs {
        if c.from.meta == v.meta && c.from.bits == v.bits && v.tag() == tag::STR {
            return Ok(rs.clone());
        }
    }
    let rs = Rc::new(match v.tag() {
        tag::UNDEF => Rs::Slurp,
        tag::REF => {
            let n = v.scalar().map(|s| s.get()).unwrap_or_default();
            Rs::Record(vm.to_iv_quiet(&n)?.max(0) as usize)
        }
        _ => {
            let (b, u) = vm.str_bytes(&v)?;
            if b.is_empty() { Rs::Paragraph } else { Rs::Str { bytes: b.into_owned(), utf8: u } }
        }
    });
    let c = &mut vm.rtstate.io.rs;
    c.from = v;
    c.rs = Some(rs.clone());
    Ok(rs)
}

/// Remembers the handle `$.` and messages are about.
pub fn set_last_read(vm: &mut Vm, g: &Ptr<Glob>) {
    vm.rtstate.io.last_read.set(g);
}

/// One record; `None` at end of file or on an error (then `$!` is set).
pub(super) fn record(vm: &mut Vm, io: &IoObj, h: &IoRef, scalar: bool) -> R<Option<Val>> {
    let rs = input_rs(vm)?;
    let mut buf = std::mem::take(&mut vm.rtstate.io.rs.buf);
    buf.clear();
    let r = vm.retry_io(|| {
        let mut h = h.borrow_mut();
        if scalar { h.read_scalar(&rs, &mut buf) } else { h.read_line(&rs, &mut buf) }
    })?;
    layer_warnings(vm, h)?;
    let got = match r {
        Ok(true) => {
            io.lines.set(io.lines.get() + 1);
            let u = h.borrow().is_utf8();
            Some(if u { characters(vm, &buf)? } else { Val::bytes(&buf) })
        }
        Ok(false) => None,
        Err(e) => {
            vm.errno(e);
            None
        }
    };
    if buf.capacity() <= 1 << 16 {
        vm.rtstate.io.rs.buf = buf;
    }
    Ok(got)
}

/// What a character handle delivered as a string. A `:utf8` handle does not look at the bytes: malformed ones
/// are warned of and replaced.
pub(super) fn characters(vm: &mut Vm, b: &[u8]) -> R<Val> {
    if utf8::is_valid(b) {
        return Ok(Val::str(b, true));
    }
    let mut out = Vec::with_capacity(b.len() + 8);
    let mut i = 0;
    let mut warned = false;
    while i < b.len() {
        match utf8::decode(&b[i..]) {
            Ok((_, n)) => {
                out.extend_from_slice(&b[i..i + n]);
                i += n;
            }
            Err(_) => {
                if !warned {
                    warned = true;
                    vm.warn(cat::UTF8, &format!("utf8 \"\\x{:02X}\" does not map to Unicode", b[i]))?;
                }
                out.extend_from_slice("\u{fffd}".as_bytes());
                i += 1;
            }
        }
    }
    Ok(Val::str(&out, true))
}

/// `io.line`: a line from a handle already resolved.
pub fn read_line(vm: &mut Vm, fh: &Val) -> R<Val> {
    readline(vm, fh)
}

fn input(vm: &mut Vm, b: &Val) -> R<Fh> {
    if b.is_undef() {
        // Unlike the other functions, `readline` takes that for a handle that is not open.
        vm.warn_uninit()?;
        vm.rtstate.io.last_read.clear();
        return Ok(Fh::of(Glob::new(Val::bytes(""), Val::bytes("main"))));
    }
    let f = fh::fh(vm, b)?;
    set_last_read(vm, &f.gv);
    Ok(f)
}

/// `rt.readline`
pub fn readline(vm: &mut Vm, b: &Val) -> R<Val> {
    if let Some(v) = vm.overload_line(b)? {
        return Ok(v);
    }
    let f = input(vm, b)?;
    if let Some(obj) = f.tied(vm) {
        return vm.tied_call(&obj, "READLINE", vec![]);
    }
    if f.gv.shares(&vm.gv.argv) {
        return argv::argv_line(vm, 0);
    }
    let Some(h) = f.readable() else {
        vm.report_unreadable(&f, "readline")?;
        return Ok(Val::undef());
    };
    let io = f.io.as_ref().expect("open");
    Ok(record(vm, io, &h, true)?.unwrap_or_default())
}

/// `rt.readline.l`
pub fn readlines(vm: &mut Vm, b: &Val) -> R<Val> {
    if let Some(l) = vm.overload_lines(b)? {
        return Ok(Val::ptr(l));
    }
    let f = input(vm, b)?;
    if let Some(obj) = f.tied(vm) {
        return Ok(Val::ptr(fh::tied_list(vm, &obj, "READLINE", vec![])?));
    }
    if f.gv.shares(&vm.gv.argv) {
        return argv::argv_lines(vm, 0);
    }
    let Some(h) = f.readable() else {
        vm.report_unreadable(&f, "readline")?;
        return Ok(list(vec![]));
    };
    let io = f.io.clone().expect("open");
    let mut out = Vec::new();
    while let Some(v) = record(vm, &io, &h, false)? {
        out.push(v);
    }
    Ok(list(out))
}

/// `rt.eof`
pub fn eof(vm: &mut Vm, b: &Val) -> R<Val> {
    let f = input(vm, b)?;
    eof_of(vm, &f, 1)
}

/// `rt.eof.last`
pub fn eof_last(vm: &mut Vm) -> R<Val> {
    match vm.rtstate.io.last_read.get() {
        Some(g) => eof_of(vm, &Fh::of(g), 0),
        None => Ok(Val::bool(true)),
    }
}

/// `which`: perl's argument to the EOF method, 0 `eof`, 1 `eof(FH)`.
fn eof_of(vm: &mut Vm, f: &Fh, which: i64) -> R<Val> {
    if let Some(obj) = f.tied(vm) {
        return vm.tied_call(&obj, "EOF", vec![Val::int(which)]);
    }
    Ok(Val::bool(at_eof(vm, f)?))
}

pub(super) fn at_eof(vm: &mut Vm, f: &Fh) -> R<bool> {
    let Some(h) = f.open() else { return Ok(true) };
    if !h.borrow().can_read() {
        vm.report_wrong_way(f, "output")?;
        return Ok(true);
    }
    Ok(vm.retry_io(|| h.borrow_mut().eof())?.unwrap_or(true))
}

/// `rt.getc`
pub fn getc(vm: &mut Vm, b: &Val) -> R<Val> {
    let f = fh::fh(vm, b)?;
    if let Some(obj) = f.tied(vm) {
        return vm.tied_call(&obj, "GETC", vec![]);
    }
    let Some(h) = f.readable() else {
        vm.report_unreadable(&f, "getc")?;
        return Ok(Val::undef());
    };
    let mut out = Vec::new();
    match vm.retry_io(|| h.borrow_mut().getc(&mut out))? {
        Ok(true) => {
            let u = h.borrow().is_utf8();
            if u { characters(vm, &out) } else { Ok(Val::bytes(&out)) }
        }
        Ok(false) => Ok(Val::undef()),
        Err(e) => {
            vm.errno(e);
            Ok(Val::undef())
        }
    }
}

/// `rt.read`
pub fn read(vm: &mut Vm, b: &mut Val, c: &Val) -> R<Val> {
    read_into(vm, b, c, "read")
}

/// `rt.sysread`
pub fn sysread(vm: &mut Vm, b: &mut Val, c: &Val) -> R<Val> {
    read_into(vm, b, c, "sysread")
}

fn read_into(vm: &mut Vm, place: &mut Val, args: &Val, op: &str) -> R<Val> {
    let args = resolved(vm, args)?;
    let f = fh::fh(vm, args.first().unwrap_or(&Val::undef()))?;
    if let Some(obj) = f.tied(vm) {
        let mut all = vec![alias(place)];
        all.extend(args.into_iter().skip(1));
        return vm.tied_call(&obj, "READ", all);
    }
    let want = vm.iv_item(&args, 1)?;
    let offset = if args.len() > 2 { vm.iv_item(&args, 2)? } else { 0 };
    if want < 0 {
        return Err(vm.die_text("Negative length"));
    }
    let Some(h) = f.readable() else {
        vm.report_unreadable(&f, op)?;
        return Ok(Val::undef());
    };
    let chars = h.borrow().is_utf8();
    if chars && op == "sysread" {
        return Err(vm.die_text("sysread() isn't allowed on :utf8 handles"));
    }
    let (mut old, was_utf8) = buffer(vm, place)?;
    // Offsets count characters on a character handle or string; the buffer then is UTF-8.
    let chars = chars || was_utf8;
    if chars && !was_utf8 {
        old = utf8::upgrade(&old).into_owned();
    }
    let len = utf8::str_len(&old, chars) as i64;
    let at = if offset < 0 { offset + len } else { offset };
    if at < 0 {
        return Err(vm.die_text("Offset outside string"));
    }
    let keep = if at <= len {
        let n = if chars { utf8::byte_offset(&old, at as usize).unwrap_or(old.len()) } else { at as usize };
        old.truncate(n);
        old
    } else {
        old.resize(old.len() + (at - len) as usize, 0);
        old
    };
    let mut data = Vec::new();
    let r = if op == "sysread" {
        vm.retry_io(|| h.borrow_mut().sysread(want as usize, &mut data))?
    } else {
        vm.retry_io(|| h.borrow_mut().read(want as usize, &mut data))?
    };
    layer_warnings(vm, &h)?;
    let n = match r {
        Ok(n) => n,
        Err(e) => {
            vm.errno(e);
            return Ok(Val::undef());
        }
    };
    if chars && !h.borrow().is_utf8() {
        data = utf8::upgrade(&data).into_owned();
    }
    let mut all = keep;
    all.extend_from_slice(&data);
    let v = if chars { characters(vm, &all)? } else { Val::bytes(&all) };
    vm.assign(place, v)?;
    Ok(Val::int(n as i64))
}

/// The buffer variable's present string.
fn buffer(vm: &mut Vm, place: &Val) -> R<(Vec<u8>, bool)> {
    let v = vm.read(place)?;
    let (b, u) = vm.str_bytes_quiet(&v)?;
    Ok((b.into_owned(), u))
}

/// An alias of a register, for a tied handle's READ.
fn alias(place: &mut Val) -> Val {
    Val::ind(place.promote())
}

/// `rt.recv`
pub fn recv(vm: &mut Vm, b: &mut Val, c: &Val) -> R<Val> {
    let args = resolved(vm, c)?;
    let f = fh::fh(vm, args.first().unwrap_or(&Val::undef()))?;
    let len = vm.to_iv(args.get(1).unwrap_or(&Val::undef()))?;
    let flags = vm.to_iv(args.get(2).unwrap_or(&Val::int(0)))?;
    if len < 0 {
        return Err(vm.die_text("Negative length"));
    }
    let Some(h) = f.open() else {
        vm.report_evil(&f, "recv")?;
        return Ok(Val::undef());
    };
    if h.borrow().is_utf8() {
        return Err(vm.die_text("recv() isn't allowed on :utf8 handles"));
    }
    let fd = h.borrow().fd();
    let mut data = Vec::new();
    let r = match fd {
        Ok(fd) => vm.retry_io(|| keshi_io::socket::recv(fd, len as usize, flags as i32, &mut data))?,
        Err(e) => Err(e),
    };
    match r {
        Ok(from) => {
            vm.assign(b, Val::bytes(&data))?;
            Ok(Val::bytes(&from))
        }
        Err(e) => {
            vm.errno(e);
            Ok(Val::undef())
        }
    }
}

/// `rt.syswrite`
pub fn syswrite(vm: &mut Vm, b: &Val) -> R<Val> {
    let args = resolved(vm, b)?;
    let f = fh::fh(vm, args.first().unwrap_or(&Val::undef()))?;
    if let Some(obj) = f.tied(vm) {
        let mut all: Vec<Val> = args.into_iter().skip(1).collect();
        if let [data] = &all[..] {
            // WRITE always gets a length.
            let n = super::bytes_of(vm, data)?.len();
            all.push(Val::int(n as i64));
        }
        return vm.tied_call(&obj, "WRITE", all);
    }
    let Some(h) = f.handle().filter(|h| h.borrow().can_write()) else {
        vm.report_unwritable(&f, "syswrite")?;
        return Ok(Val::undef());
    };
    if h.borrow().is_utf8() {
        return Err(vm.die_text("syswrite() isn't allowed on :utf8 handles"));
    }
    let v = args.get(1).cloned().unwrap_or_default();
    let data = {
        let (s, u) = vm.str_bytes(&v)?;
        utf8::as_bytes(&s, u).map(|b| b.into_owned())
    };
    let Some(data) = data else { return Err(vm.die_text("Wide character in syswrite")) };
    let len = match args.get(2).filter(|v| !v.is_undef()) {
        Some(v) => vm.to_iv(v)?,
        None => data.len() as i64,
    };
    if len < 0 {
        return Err(vm.die_text("Negative length"));
    }
    let mut at = match args.get(3) {
        Some(v) => vm.to_iv(v)?,
        None => 0,
    };
    if at < 0 {
        at += data.len() as i64;
    }
    if at < 0 || (at > data.len() as i64 && !data.is_empty()) || (data.is_empty() && at > 0) {
        return Err(vm.die_text("Offset outside string"));
    }
    let at = at as usize;
    let end = at.saturating_add(len as usize).min(data.len());
    match vm.retry_io(|| h.borrow_mut().syswrite(&data[at..end]))? {
        Ok(n) => Ok(Val::int(n as i64)),
        Err(e) => {
            vm.errno(e);
            Ok(Val::undef())
        }
    }
}
