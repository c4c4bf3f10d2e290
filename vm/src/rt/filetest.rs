//! `stat`, `lstat` and the file tests, with perl's memory of the last one (`_`).

use super::file::path;
use super::io::{fh, list};
use crate::Vm;
use crate::exc::R;
use crate::warn::cat;
use keshi_io::filetest::{self as sys, Tested};
use keshi_io::stat::{self, Stat};
use keshi_io::{Errno, IoRef, Res};
use keshi_value::Val;

/// `$^H` bit of `use filetest "access"`.
const HINT_FILETEST_ACCESS: u32 = 0x0040_0000;

/// The last stat.
#[derive(Default)]
pub struct State {
    buf: Option<Stat>,
    /// The file it was about, for tests that look at more than the stat buffer.
    subject: Subject,
    /// It was an `lstat` of a name.
    link: bool,
}

#[derive(Default, Clone)]
enum Subject {
    #[default]
    None,
    Name(Vec<u8>),
    Handle(IoRef),
    Dir,
}

/// Is it the bareword `_`?
fn is_underscore(vm: &Vm, v: &Val) -> bool {
    matches!(v.tag(), keshi_value::tag::GLOB | keshi_value::tag::REF)
        && v.gv().is_some_and(|g| g.shares(&vm.gv.defgv))
}

/// Runs stat or lstat on an operand and remembers the outcome. `op` is the name in warnings.
fn run(vm: &mut Vm, v: &Val, link: bool, op: &str) -> R<Option<Stat>> {
    if is_underscore(vm, v) {
        let s = &vm.rtstate.file;
        if link && !s.link {
            return Err(vm.die_text("The stat preceding lstat() wasn't an lstat"));
        }
        let buf = s.buf;
        if buf.is_none() {
            vm.errno(Errno(libc::EBADF));
        }
        return Ok(buf);
    }
    let (subject, r): (Subject, Res<Stat>) = if fh::is_handle(vm, v)? {
        let f = fh::fh(vm, v)?;
        // The warnings may be fatal: what was known is forgotten before.
        vm.rtstate.file = State::default();
        if link {
            let n = f.name();
            vm.warn(cat::IO, &format!("lstat() on filehandle{}{n}", if n.is_empty() { "" } else { " " }))?;
        }
        let dir = super::io::dir_fd(&f);
        match (f.open(), dir) {
            (Some(h), _) => {
                let fd = h.borrow().fd();
                (Subject::Handle(h), fd.and_then(stat::fstat))
            }
            (None, Some(Ok(fd))) => (Subject::Dir, stat::fstat(fd)),
            _ => {
                vm.report_evil(&f, op)?;
                (Subject::None, Err(Errno(libc::EBADF)))
            }
        }
    } else {
        let p = path(vm, v, op.trim_start_matches('-'))?;
        let r = if link { stat::lstat(&p) } else { stat::stat(&p) };
        if r.is_err() && p.last() == Some(&b'\n') {
            vm.warn(cat::NEWLINE, &format!("Unsuccessful {} on filename containing newline", word(op)))?;
        }
        (Subject::Name(p), r)
    };
    if let Err(e) = r {
        vm.errno(e);
    }
    let link = link && !matches!(subject, Subject::Handle(_) | Subject::Dir);
    vm.rtstate.file = State { buf: r.ok(), subject, link };
    Ok(r.ok())
}

/// File tests are stats to the newline warning.
fn word(op: &str) -> &str {
    if op.starts_with('-') { "stat" } else { op }
}

fn fields(s: Option<Stat>) -> Val {
    list(match s {
        Some(s) => s.fields().into_iter().map(number).collect(),
        None => vec![],
    })
}

fn number(n: i128) -> Val {
    match u64::try_from(n) {
        Ok(u) => Val::uint(u),
        Err(_) => Val::int(n as i64),
    }
}

/// `rt.stat.l`
pub fn stat(vm: &mut Vm, b: &Val) -> R<Val> {
    Ok(fields(run(vm, b, false, "stat")?))
}

/// `rt.stat`
pub fn stat_ok(vm: &mut Vm, b: &Val) -> R<Val> {
    Ok(Val::bool(run(vm, b, false, "stat")?.is_some()))
}

/// `rt.lstat.l`
pub fn lstat(vm: &mut Vm, b: &Val) -> R<Val> {
    Ok(fields(run(vm, b, true, "lstat")?))
}

/// `rt.lstat`
pub fn lstat_ok(vm: &mut Vm, b: &Val) -> R<Val> {
    Ok(Val::bool(run(vm, b, true, "lstat")?.is_some()))
}

/// `rt.filetest`
pub fn filetest(vm: &mut Vm, b: &Val, op: u64) -> R<Val> {
    let op = op as u8;
    if let Some(v) = vm.overload_filetest(b, op)? {
        return Ok(v);
    }
    // To the tests that look at the file itself a bare IO object is a name if it has a string form.
    let text_form =
        if b"tTB".contains(&op) && b.is_ref() && b.as_io().is_some() && vm.overloaded(b)?.is_some() {
            vm.overload_unary(b, "\"\"")?
        } else {
            None
        };
    let b = text_form.as_ref().unwrap_or(b);
    match op {
        b't' => terminal(vm, b),
        b'T' | b'B' => text(vm, b, op),
        b'l' => {
            if is_underscore(vm, b) && !vm.rtstate.file.link {
                return Err(vm.die_text("The stat preceding -l _ wasn't an lstat"));
            }
            if fh::is_handle(vm, b)? && !is_underscore(vm, b) {
                let f = fh::fh(vm, b)?;
                vm.rtstate.file = State::default();
                let n = f.name();
                let n = if n.is_empty() || b.io().is_some() { String::new() } else { format!(" {n}") };
                vm.warn(cat::IO, &format!("Use of -l on filehandle{n}"))?;
                if !b.is_ref() {
                    vm.errno(Errno(libc::EBADF));
                    return Ok(Val::undef());
                }
                // A reference to a handle is a file name all the same.
                let name = vm.to_str_val(b)?;
                let s = run(vm, &name, true, "-l")?;
                return Ok(answer(vm, op, s));
            }
            let s = run(vm, b, true, "-l")?;
            Ok(answer(vm, op, s))
        }
        _ => {
            if vm.hint(HINT_FILETEST_ACCESS) && b"rwxRWX".contains(&op) && !fh::is_handle(vm, b)? {
                let p = path(vm, b, "-X")?;
                return Ok(match sys::test_access(op, &p) {
                    Ok(yes) => Val::bool(yes),
                    Err(e) => {
                        vm.errno(e);
                        Val::undef()
                    }
                });
            }
            let name = format!("-{}", op as char);
            let s = run(vm, b, false, &name)?;
            Ok(answer(vm, op, s))
        }
    }
}

fn answer(vm: &mut Vm, op: u8, s: Option<Stat>) -> Val {
    let Some(s) = s else { return Val::undef() };
    if op == b's' {
        return Val::int(s.size);
    }
    match sys::test_stat(op, &s, vm.base_time as f64) {
        Some(Tested::Bool(b)) => Val::bool(b),
        Some(Tested::Size(n)) => Val::int(n),
        Some(Tested::Days(d)) => Val::num(d),
        None => Val::undef(),
    }
}

/// `rt.filetest.stacked`: the file is the one the test before was about.
pub fn filetest_stacked(vm: &mut Vm, b: &Val, op: u64) -> R<Val> {
    let op = op as u8;
    if b.is_ref() && vm.overloaded(b)?.is_some() {
        return filetest(vm, b, op as u64);
    }
    let st = &vm.rtstate.file;
    let (buf, subject, link) = (st.buf, st.subject.clone(), st.link);
    match (op, subject) {
        (b't', _) => terminal(vm, b),
        (b'T' | b'B', Subject::Name(n)) => text_of_name(vm, n, op),
        (b'T' | b'B', Subject::Handle(h)) => text_of_handle(vm, h, op),
        (b'l', _) if !link => Err(vm.die_text("The stat preceding -l _ wasn't an lstat")),
        _ => Ok(answer(vm, op, buf)),
    }
}

fn terminal(vm: &mut Vm, b: &Val) -> R<Val> {
    let fd = if fh::is_handle(vm, b)? {
        let f = fh::fh(vm, b)?;
        f.open().and_then(|h| h.borrow().fd().ok())
    } else {
        let n = super::io::bytes_of(vm, b)?;
        match keshi_io::openspec::dup_number(&n) {
            Some(fd) => Some(fd),
            None => fh::fh_maybe(vm, b).and_then(|f| f.open()).and_then(|h| h.borrow().fd().ok()),
        }
    };
    let Some(fd) = fd else {
        vm.errno(Errno(libc::EBADF));
        return Ok(Val::undef());
    };
    Ok(match sys::is_terminal(fd) {
        Ok(yes) => Val::bool(yes),
        Err(e) => {
            vm.errno(e);
            Val::undef()
        }
    })
}

fn text(vm: &mut Vm, b: &Val, op: u8) -> R<Val> {
    if is_underscore(vm, b) {
        return match vm.rtstate.file.subject.clone() {
            Subject::Name(n) => text_of_name(vm, n, op),
            Subject::Handle(h) => text_of_handle(vm, h, op),
            Subject::Dir => Ok(Val::bool(op == b'B')),
            Subject::None => {
                vm.errno(Errno(libc::ENOENT));
                Ok(Val::undef())
            }
        };
    }
    if fh::is_handle(vm, b)? {
        let f = fh::fh(vm, b)?;
        return match f.open() {
            Some(h) => text_of_handle(vm, h, op),
            None => {
                vm.rtstate.file = State::default();
                vm.report_evil(&f, &format!("-{}", op as char))?;
                Ok(Val::undef())
            }
        };
    }
    let p = path(vm, b, if op == b'T' { "fttext" } else { "ftbinary" })?;
    text_of_name(vm, p, op)
}

fn text_of_name(vm: &mut Vm, name: Vec<u8>, op: u8) -> R<Val> {
    match sys::test_text(&name, op == b'T') {
        Ok((yes, s)) => {
            vm.rtstate.file = State { buf: Some(s), subject: Subject::Name(name), link: false };
            Ok(Val::bool(yes))
        }
        Err(e) => {
            vm.errno(e);
            if name.last() == Some(&b'\n') {
                vm.warn(cat::NEWLINE, "Unsuccessful open on filename containing newline")?;
            }
            vm.rtstate.file = State { buf: None, subject: Subject::Name(name), link: false };
            Ok(Val::undef())
        }
    }
}

fn text_of_handle(vm: &mut Vm, h: IoRef, op: u8) -> R<Val> {
    let r = sys::test_text_handle(&mut h.borrow_mut(), op == b'T');
    let buf = h.borrow().fd().ok().and_then(|fd| stat::fstat(fd).ok());
    vm.rtstate.file = State { buf, subject: Subject::Handle(h), link: false };
    Ok(match r {
        Ok(yes) => Val::bool(yes),
        Err(e) => {
            vm.errno(e);
            Val::undef()
        }
    })
}
