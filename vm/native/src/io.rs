//! IO::Handle's natives, File::Glob, Sys::Hostname.
//!
//! `unsafe`: gethostname on a buffer of known size.

use crate::args::*;
use keshi_io::errno::Errno;
use keshi_io::glob;
use keshi_value::Val;
use keshi_vm::rt::io::fh;
use keshi_vm::{R, Ret, Vm, Want};

pub fn boot(vm: &mut Vm) -> R<()> {
    define(
        vm,
        "IO::Handle",
        &[
            ("blocking", blocking, Some("$;$")),
            ("ungetc", ungetc, None),
            ("error", error, None),
            ("clearerr", clearerr, None),
            ("untaint", untaint, None),
            ("flush", flush, None),
            ("setbuf", setbuf, None),
            ("setvbuf", setbuf, None),
            ("sync", sync, None),
            ("getline", getline, None),
            ("gets", getline, None),
            ("getlines", getlines, None),
        ],
    );
    define_constants(
        vm,
        "IO::Handle",
        &[("_IOFBF", 0), ("_IOLBF", 1), ("_IONBF", 2), ("SEEK_SET", 0), ("SEEK_CUR", 1), ("SEEK_END", 2)],
    );
    vm.define_native("IO::File::new_tmpfile", new_tmpfile, None);
    define(vm, "IO::Seekable", &[("getpos", getpos, None), ("setpos", setpos, None)]);
    define_constants(
        vm,
        "IO::Poll",
        &[
            ("POLLIN", libc::POLLIN as i64),
            ("POLLPRI", libc::POLLPRI as i64),
            ("POLLOUT", libc::POLLOUT as i64),
            ("POLLERR", libc::POLLERR as i64),
            ("POLLHUP", libc::POLLHUP as i64),
            ("POLLNVAL", libc::POLLNVAL as i64),
            ("POLLRDNORM", libc::POLLRDNORM as i64),
            ("POLLWRNORM", libc::POLLWRNORM as i64),
            ("POLLRDBAND", libc::POLLRDBAND as i64),
            ("POLLWRBAND", libc::POLLWRBAND as i64),
        ],
    );
    Ok(())
}

/// `IO::File->new_tmpfile`: an object around a file that has no name any more.
fn new_tmpfile(vm: &mut Vm, a: &Args, _w: Want, _c: &Cv) -> R<Ret> {
    let class = if a.is_empty() { Val::bytes("IO::File") } else { arg(vm, a, 0)? };
    let class = vm.blessed_name(&class).unwrap_or(class);
    let (class, utf8) = {
        let (b, u) = vm.str_bytes(&class)?;
        (b.into_owned(), u)
    };
    let handle = Val::reference(keshi_value::Glob::new(Val::bytes("_GEN_TMP"), Val::bytes("Symbol")));
    let how = keshi_value::Array::from_vec(vec![Val::bytes("+>"), Val::undef()]);
    let opened = keshi_vm::rt::io::open(vm, &handle, &Val::ptr(how))?;
    if !vm.truth(&opened)? {
        return undef();
    }
    if let (Some(st), Some(h)) = (vm.stash(&class, utf8, true), handle.hdr()) {
        h.bless(st);
    }
    ok(handle)
}

/// `$io->getline`, also as `gets`
fn getline(vm: &mut Vm, a: &Args, _w: Want, c: &Cv) -> R<Ret> {
    if a.len() != 1 {
        return Err(usage(vm, c));
    }
    let io = arg(vm, a, 0)?;
    ok(keshi_vm::rt::io::readline(vm, &io)?)
}

fn getlines(vm: &mut Vm, a: &Args, w: Want, c: &Cv) -> R<Ret> {
    if a.len() != 1 {
        return Err(usage(vm, c));
    }
    if w != Want::List {
        return Err(vm.die_text("Can't call $io->getlines in a scalar context, use $io->getline"));
    }
    let io = arg(vm, a, 0)?;
    let lines = keshi_vm::rt::io::readlines(vm, &io)?;
    match lines.av() {
        Some(l) => Ok(Ret::List(l)),
        None => Ok(Ret::empty()),
    }
}

fn usage(vm: &mut Vm, c: &Cv) -> Box<keshi_vm::Exc> {
    let name = vm.sub_full_name(c).unwrap_or_default();
    let short = name.rsplit("::").next().unwrap_or_default().to_string();
    vm.die_text(&format!("usage: $io->{short}()"))
}

/// The open handle of argument 0; without one `$!` is EINVAL.
fn handle(vm: &mut Vm, a: &Args) -> R<Option<keshi_io::IoRef>> {
    let v = arg(vm, a, 0)?;
    let h = fh::fh_maybe(vm, &v).and_then(|f| f.open());
    if h.is_none() {
        keshi_vm::rt::sys::set_errno(vm, libc::EINVAL);
    }
    Ok(h)
}

fn done(vm: &mut Vm, r: Result<(), Errno>) -> R<Ret> {
    match r {
        Ok(()) => ok(Val::bytes("0 but true")),
        Err(e) => {
            keshi_vm::rt::sys::set_errno(vm, e.0);
            undef()
        }
    }
}

fn blocking(vm: &mut Vm, a: &Args, _w: Want, _c: &Cv) -> R<Ret> {
    let on = if a.len() > 1 {
        let v = arg(vm, a, 1)?;
        Some(vm.truth(&v)?)
    } else {
        None
    };
    let Some(h) = handle(vm, a)? else { return undef() };
    let fd = h.borrow().fd();
    match fd.and_then(|fd| keshi_io::control::blocking(fd, on)) {
        Ok(was) => int(was as i64),
        Err(e) => done(vm, Err(e)),
    }
}

fn ungetc(vm: &mut Vm, a: &Args, _w: Want, _c: &Cv) -> R<Ret> {
    let c = iv(vm, a, 1)?;
    let Some(h) = handle(vm, a)? else { return undef() };
    match u8::try_from(c) {
        Ok(b) => h.borrow_mut().ungetc(&[b]),
        Err(_) => {
            let mut out = Vec::new();
            keshi_text::utf8::encode(c as u64, &mut out);
            h.borrow_mut().ungetc(&out);
        }
    }
    int(c)
}

fn error(vm: &mut Vm, a: &Args, _w: Want, _c: &Cv) -> R<Ret> {
    let bad = match handle(vm, a)? {
        Some(h) => h.borrow().error().is_some(),
        None => true,
    };
    int(bad as i64)
}

fn clearerr(vm: &mut Vm, a: &Args, _w: Want, _c: &Cv) -> R<Ret> {
    match handle(vm, a)? {
        Some(h) => {
            h.borrow_mut().clear_error();
            int(0)
        }
        None => int(-1),
    }
}

/// Nothing is tainted.
fn untaint(vm: &mut Vm, a: &Args, _w: Want, _c: &Cv) -> R<Ret> {
    let h = handle(vm, a)?;
    int(if h.is_some() { 0 } else { -1 })
}

fn flush(vm: &mut Vm, a: &Args, _w: Want, _c: &Cv) -> R<Ret> {
    let Some(h) = handle(vm, a)? else { return undef() };
    let r = h.borrow_mut().flush();
    done(vm, r)
}

fn setbuf(vm: &mut Vm, _a: &Args, _w: Want, c: &Cv) -> R<Ret> {
    let name = vm.sub_full_name(c).unwrap_or_default();
    Err(vm.die_text(&format!("{name} not implemented on this architecture")))
}

fn sync(vm: &mut Vm, a: &Args, _w: Want, _c: &Cv) -> R<Ret> {
    let Some(h) = handle(vm, a)? else { return undef() };
    let fd = h.borrow().fd();
    let r = fd.and_then(keshi_io::control::fsync);
    done(vm, r)
}

/// A position, to be given to `setpos`.
fn getpos(vm: &mut Vm, a: &Args, _w: Want, _c: &Cv) -> R<Ret> {
    let v = arg(vm, a, 0)?;
    ok(keshi_vm::rt::io::tell(vm, &v)?)
}

fn setpos(vm: &mut Vm, a: &Args, _w: Want, _c: &Cv) -> R<Ret> {
    let pos = arg(vm, a, 1)?;
    if pos.is_undef() {
        keshi_vm::rt::sys::set_errno(vm, libc::EINVAL);
        return undef();
    }
    let n = vm.to_iv(&pos)?;
    let Some(h) = handle(vm, a)? else { return undef() };
    let r = h.borrow_mut().seek(n, libc::SEEK_SET);
    done(vm, r.map(drop))
}

// ---- File::Glob

const GLOB_CONSTANTS: &[(&str, i64)] = &[
    ("GLOB_ABEND", -2),
    ("GLOB_ALPHASORT", 0x2000),
    ("GLOB_ALTDIRFUNC", 0x40),
    ("GLOB_BRACE", 0x80),
    ("GLOB_ERR", 0x4),
    ("GLOB_LIMIT", 0x4000),
    ("GLOB_MARK", 0x8),
    ("GLOB_NOCASE", 0x1000),
    ("GLOB_NOCHECK", 0x10),
    ("GLOB_NOMAGIC", 0x200),
    ("GLOB_NOSORT", 0x20),
    ("GLOB_NOSPACE", -1),
    ("GLOB_QUOTE", 0x400),
    ("GLOB_TILDE", 0x800),
];

pub fn boot_glob(vm: &mut Vm) -> R<()> {
    define_constants(vm, "File::Glob", GLOB_CONSTANTS);
    define_constants(vm, "File::Glob", &[("GLOB_CSH", glob::Flags::CSH.0 as i64)]);
    define(
        vm,
        "File::Glob",
        &[
            ("bsd_glob", bsd_glob, None),
            ("csh_glob", csh_glob, None),
            ("bsd_csh_glob", bsd_glob, None),
            ("GLOB_ERROR", glob_error, Some("")),
        ],
    );
    Ok(())
}

fn home() -> Option<Vec<u8>> {
    std::env::var_os("HOME").map(std::ffi::OsString::into_encoded_bytes)
}

fn bsd_glob(vm: &mut Vm, a: &Args, _w: Want, _c: &Cv) -> R<Ret> {
    let pattern = bytes(vm, a, 0)?;
    let flags = if a.len() > 1 { glob::Flags(iv(vm, a, 1)? as u32) } else { glob::Flags::CSH };
    match glob::bsd_glob(&pattern, flags, home().as_deref()) {
        Ok(names) => list(names.iter().map(Val::bytes).collect()),
        Err(e) => {
            keshi_vm::rt::sys::set_errno(vm, e.0);
            list(vec![])
        }
    }
}

fn csh_glob(vm: &mut Vm, a: &Args, _w: Want, _c: &Cv) -> R<Ret> {
    let pattern = bytes(vm, a, 0)?;
    list(glob::csh_glob(&pattern, home().as_deref()).iter().map(Val::bytes).collect())
}

fn glob_error(_vm: &mut Vm, _a: &Args, _w: Want, _c: &Cv) -> R<Ret> {
    int(0)
}

// ---- Sys::Hostname

pub fn boot_hostname(vm: &mut Vm) -> R<()> {
    vm.define_native("Sys::Hostname::ghname", ghname, None);
    Ok(())
}

fn ghname(vm: &mut Vm, _a: &Args, _w: Want, _c: &Cv) -> R<Ret> {
    let mut buf = [0u8; 256];
    // SAFETY: one byte less than the buffer has is offered, so the name is terminated.
    let r = unsafe { libc::gethostname(buf.as_mut_ptr().cast(), buf.len() - 1) };
    if r != 0 {
        set_errno(vm);
        return undef();
    }
    let n = buf.iter().position(|b| *b == 0).unwrap_or(0);
    ok(Val::bytes(&buf[..n]))
}

/// Modules whose work the core does: loading them succeeds and defines nothing.
pub fn boot_nothing(_vm: &mut Vm) -> R<()> {
    Ok(())
}
