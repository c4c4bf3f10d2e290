//! Opening and closing: `open`, `sysopen`, `pipe`, `close`, `binmode`, `fileno`.

use super::fh::{self, Fh, kind};
use super::in_memory;
use super::print::resolved;
use crate::Vm;
use crate::exc::R;
use crate::warn::cat;
use keshi_io::perform::{self, OpenArg, OpenCtx, Opened};
use keshi_io::{Errno, Handle, HandleKind, IoRef, OpenError, OpenOpts};
use keshi_text::utf8;
use keshi_value::obj::{Kind, Obj, flag};
use keshi_value::val::tag;
use keshi_value::{Glob, Ptr, Scalar, Val};

/// The argument forms of `open`.
pub enum Spec<'a> {
    TwoArg(&'a [u8]),
    Mode(&'a [u8], Vec<Val>),
}

/// `rt.open`
pub fn open(vm: &mut Vm, b: &Val, c: &Val) -> R<Val> {
    let mut f = fh::fh_new(vm, b)?;
    let mut args = resolved(vm, c)?;
    if let Some(obj) = f.tied(vm) {
        return vm.tied_call(&obj, "OPEN", args);
    }
    f.io();
    if f.has_dir() {
        let n = f.name();
        vm.warn(cat::IO, &format!("Opening dirhandle {n} also as a file"))?;
    }
    let opened = match args.len() {
        0 => {
            // open(FH): the name is in `$FH`.
            let s = f.gv.scalar().clone();
            let v = vm.get_sv(&s)?;
            let spec = super::bytes_of(vm, &v)?;
            perform(vm, &f.gv, Spec::TwoArg(&spec))?
        }
        1 => {
            vm.at_item(0, &args[0]);
            let spec = super::bytes_of(vm, &args[0])?;
            perform(vm, &f.gv, Spec::TwoArg(&spec))?
        }
        _ => {
            vm.at_item(0, &args[0]);
            let mode = super::bytes_of(vm, &args[0])?;
            args.remove(0);
            perform(vm, &f.gv, Spec::Mode(&mode, args))?
        }
    };
    Ok(match opened {
        None => Val::undef(),
        Some(Opened::Done) => Val::int(1),
        Some(Opened::Pid(p)) => Val::int(p as i64),
        Some(Opened::Child) => Val::int(0),
    })
}

/// What one argument turns into before the handle is borrowed.
enum Prepared {
    Bytes(Vec<u8>),
    Undef,
    Scalar(Ptr<Scalar>),
    Handle(IoRef),
}

fn prepare(vm: &mut Vm, v: &Val, mode: &[u8]) -> R<Result<Prepared, Errno>> {
    if mode.contains(&b'&') && fh::is_handle(vm, v)? {
        let f = fh::fh(vm, v)?;
        let Some(io) = f.io.as_ref().filter(|io| io.file.get().is_some()) else {
            let n = f.name();
            return Err(vm.die_text(&format!("Bad filehandle: {n}")));
        };
        return Ok(Ok(Prepared::Handle(fh::handle_or_new(io))));
    }
    if v.is_undef() {
        return Ok(Ok(Prepared::Undef));
    }
    if v.is_ref() && v.kind() == Kind::SCALAR && !v.hdr().is_some_and(|h| h.has(flag::BLESSED)) {
        let s = v.scalar().expect("scalar");
        // A variable that holds a copy of a glob is a variable like any other.
        if s.peek().tag() != tag::GLOB || s.peek().meta & keshi_value::val::meta::REAL_GLOB == 0 {
            return memory_argument(vm, s, mode);
        }
    }
    Ok(Ok(Prepared::Bytes(super::bytes_of(vm, v)?)))
}

fn memory_argument(vm: &mut Vm, s: Ptr<Scalar>, mode: &[u8]) -> R<Result<Prepared, Errno>> {
    let reads_only = mode.trim_ascii().starts_with(b"<");
    if s.hdr().has(flag::READONLY) && !reads_only {
        return Ok(Err(Errno(libc::EACCES)));
    }
    if s.hdr().is_magical() {
        let v = vm.get_sv(&s)?;
        if s.peek().is_undef() {
            s.set(v);
        }
    }
    if reads_only && s.peek().is_undef() {
        vm.warn_uninit()?;
    }
    if s.peek().is_ref() || s.peek().tag() == tag::GLOB {
        let v = vm.to_str_val(&s.get())?;
        s.set(v);
    }
    if s.peek().as_str().is_some_and(|p| p.utf8() && utf8::downgrade(p.bytes()).is_none()) && !truncates(mode)
    {
        vm.warn(
            cat::UTF8,
            "Strings with code points over 0xFF may not be mapped into in-memory file handles\n",
        )?;
        return Ok(Err(Errno(libc::EINVAL)));
    }
    Ok(Ok(Prepared::Scalar(s)))
}

fn truncates(mode: &[u8]) -> bool {
    let m = mode.trim_ascii();
    m.starts_with(b"+>") && !m.starts_with(b"+>>") || m.starts_with(b">") && !m.starts_with(b">>")
}

/// Is a two-argument string `-` (or `>-`): our own standard input or output?
fn standard(vm: &Vm, spec: &Spec) -> Option<Ptr<Glob>> {
    let Spec::TwoArg(s) = spec else { return None };
    let t = keshi_io::openspec::parse_two_arg(s).ok()?;
    match t.op {
        keshi_io::openspec::Op::File(m) if t.dash => {
            Some(if m.writes() { vm.gv.stdout.clone() } else { vm.gv.stdin.clone() })
        }
        _ => None,
    }
}

/// Opens a glob's handle. `None`: failed, with `$!` set and warnings given.
pub fn perform(vm: &mut Vm, gv: &Ptr<Glob>, spec: Spec) -> R<Option<Opened>> {
    let io = fh::io_of(gv);
    if io.kind.get() == kind::STD {
        // Shared with STDIN or STDOUT: let go of it, whatever happens.
        io.file.set(None);
        io.kind.set(kind::CLOSED);
    }
    if let Some(std) = standard(vm, &spec) {
        if let Some(h) = Fh::of(std).open() {
            close_quietly(vm, &Fh::of(gv.clone()))?;
            io.file.set(Some(Box::new(h)));
            io.kind.set(kind::STD);
            return Ok(Some(Opened::Done));
        }
    }
    let mut prepared = Vec::new();
    if let Spec::Mode(mode, args) = &spec {
        for (i, v) in args.iter().enumerate() {
            vm.at_item(i + 1, v);
            match prepare(vm, v, mode)? {
                Ok(p) => prepared.push(p),
                Err(e) => {
                    vm.errno(e);
                    return Ok(None);
                }
            }
        }
    }
    let h = fh::handle_or_new(&io);
    let env = super::super::sys::environment(vm)?;
    let (default_in, default_out) = default_layers(vm);
    let package = vm.here().package;
    let max_sys_fd = opts(vm)?.max_sys_fd;
    let mut find = |name: &[u8]| find_handle(vm, &package, name);
    let mut ctx = OpenCtx::new(&mut find);
    ctx.env = Some(env);
    ctx.max_sys_fd = max_sys_fd;
    ctx.default_in = default_in;
    ctx.default_out = default_out;
    let r = {
        let mut h = h.borrow_mut();
        match spec {
            Spec::TwoArg(s) => perform::open_two_arg(&mut h, s, &mut ctx),
            Spec::Mode(mode, _) => {
                let args = prepared
                    .iter()
                    .map(|p| match p {
                        Prepared::Bytes(b) => OpenArg::Bytes(b),
                        Prepared::Undef => OpenArg::Undef,
                        Prepared::Scalar(s) => OpenArg::Scalar(in_memory(s)),
                        Prepared::Handle(h) => OpenArg::Handle(h.clone()),
                    })
                    .collect();
                perform::open_mode(&mut h, mode, args, &mut ctx)
            }
        }
    };
    let warnings = std::mem::take(&mut ctx.warnings);
    for (c, text) in warnings {
        vm.warn(cat::by_name(c).unwrap_or(cat::IO), &text)?;
    }
    finish(vm, gv, r)
}

fn finish(vm: &mut Vm, gv: &Ptr<Glob>, r: Result<Opened, OpenError>) -> R<Option<Opened>> {
    let f = Fh::of(gv.clone());
    match r {
        Ok(o) => {
            let h = f.handle().expect("just opened");
            f.set_kind(kind_of(&h.borrow()));
            if o == Opened::Child {
                super::super::sys::in_child(vm);
            }
            let name = f.name();
            let reopened = perform::reopened_warning(&h.borrow(), &name);
            if let Some(w) = reopened {
                vm.warn(cat::IO, &w)?;
            }
            Ok(Some(o))
        }
        Err(e) => {
            let open = f.open().is_some();
            if !open {
                f.set_kind(kind::CLOSED);
            }
            open_failed(vm, e)?;
            Ok(None)
        }
    }
}

/// Reports a failed open: `$!`, warning, or death.
fn open_failed(vm: &mut Vm, e: OpenError) -> R<()> {
    if let Some(n) = e.errno {
        vm.errno(n);
    }
    if let Some((c, text)) = e.warning {
        vm.warn(cat::by_name(c).unwrap_or(cat::IO), &text)?;
    }
    match e.fatal {
        Some(text) => Err(vm.die_text(&text)),
        None => Ok(()),
    }
}

pub(super) fn kind_of(h: &Handle) -> u8 {
    match h.kind() {
        HandleKind::Pipe => kind::PIPE,
        HandleKind::Socket => kind::SOCKET,
        _ if !h.is_open() => kind::CLOSED,
        _ => match (h.can_read(), h.can_write()) {
            (true, true) => kind::BOTH,
            (_, true) => kind::WRITE,
            _ => kind::READ,
        },
    }
}

/// The handle a name in `>&NAME` means.
fn find_handle(vm: &mut Vm, package: &[u8], name: &[u8]) -> Option<IoRef> {
    let name = name.strip_prefix(b"*").unwrap_or(name);
    let full = if matches!(name, b"STDIN" | b"STDOUT" | b"STDERR" | b"ARGV" | b"ARGVOUT") {
        [b"main::".as_slice(), name].concat()
    } else if memchr::memmem::find(name, b"::").is_some() {
        name.to_vec()
    } else {
        [package, b"::", name].concat()
    };
    let g = vm.gv_find(&full, false, false)?;
    fh::handle_of(g.io.get().as_ref()?)
}

type LayerList = Vec<keshi_io::layers::LayerSpec>;

/// The layers `use open` asked for where the running statement was compiled.
pub(super) fn default_layers(vm: &Vm) -> (LayerList, LayerList) {
    let hints = vm.cop().and_then(|(c, _)| c.hinthash.clone());
    let part = |key: &[u8]| {
        let hint = hints.as_ref().and_then(|h| h.iter().find(|e| &e.key[..] == key));
        let text = hint.and_then(|e| e.value.as_deref()).unwrap_or_default();
        keshi_io::layers::parse(text).unwrap_or_default()
    };
    (part(b"open<"), part(b"open>"))
}

/// `${^OPEN}`: the layers for reading and writing, `IN\0OUT`, in `%^H` of the code being compiled.
pub fn open_hint_get(vm: &mut Vm) -> R<Val> {
    let hints = vm.gv(b"main::\x08", false).hash().clone();
    let parts: Vec<Val> = ["open<", "open>"].iter().filter_map(|k| hints.get_str(k)).collect();
    let [input, output] = &parts[..] else { return Ok(Val::undef()) };
    let mut text = super::bytes_of(vm, input)?;
    text.push(0);
    text.extend(super::bytes_of(vm, output)?);
    Ok(Val::bytes(text))
}

/// Assignment to `${^OPEN}`.
pub fn open_hint_set(vm: &mut Vm, v: &Val) -> R<()> {
    const LOCALIZE_HH: u32 = 0x2_0000;
    const LEXICAL_IO: u32 = 0xC_0000;
    let text = super::bytes_of(vm, v)?;
    let cut = memchr::memchr(0, &text);
    let input = &text[..cut.unwrap_or(text.len())];
    let output = cut.map_or(input, |at| &text[at + 1..]);
    let hints = vm.gv(b"main::\x08", false).hash().clone();
    hints.set_str("open<", Val::bytes(input));
    hints.set_str("open>", Val::bytes(output));
    vm.rtstate.hints |= LOCALIZE_HH | LEXICAL_IO;
    Ok(())
}

/// `$^F`
pub(super) fn opts(vm: &mut Vm) -> R<OpenOpts> {
    let mut o = OpenOpts::default();
    if let Some(g) = vm.gv_find(b"\x06", false, false) {
        let s = g.scalar().clone();
        let v = vm.get_sv(&s)?;
        o.max_sys_fd = vm.to_iv_quiet(&v)? as i32;
    }
    Ok(o)
}

/// `rt.sysopen`
pub fn sysopen(vm: &mut Vm, b: &Val, c: &Val) -> R<Val> {
    let mut f = fh::fh_new(vm, b)?;
    let args = resolved(vm, c)?;
    let io = f.io();
    let perm = if args.len() > 2 { vm.iv_item(&args, 2)? } else { 0o666 };
    let mode = vm.iv_item(&args, 1)?;
    let path = args.first().cloned().unwrap_or_default();
    vm.at_item(0, &path);
    let path = super::bytes_of(vm, &path)?;
    if io.kind.get() == kind::STD {
        io.file.set(None);
    }
    if let Some(w) = perform::nul_warning("sysopen", &path) {
        vm.warn(cat::SYSCALLS, &w)?;
    }
    let h = fh::handle_or_new(&io);
    let mut o = opts(vm)?;
    let (input, output) = default_layers(vm);
    o.layers = if mode as i32 & libc::O_ACCMODE == libc::O_RDONLY { input } else { output };
    let r = h.borrow_mut().sysopen(&path, mode as i32, perm as u32, &o).map(|()| Opened::Done);
    Ok(match finish(vm, &f.gv, r)? {
        Some(_) => Val::int(1),
        None => Val::undef(),
    })
}

/// `rt.pipe`
pub fn pipe(vm: &mut Vm, b: &Val, c: &Val) -> R<Val> {
    let (mut r, mut w) = (fh::fh_new(vm, b)?, fh::fh_new(vm, c)?);
    let (rio, wio) = (r.io(), w.io());
    for io in [&rio, &wio] {
        if io.kind.get() == kind::STD {
            io.file.set(None);
        }
    }
    let (hr, hw) = (fh::handle_or_new(&rio), fh::handle_or_new(&wio));
    if std::rc::Rc::ptr_eq(&hr, &hw) {
        return Err(vm.die_text("Bad symbol for filehandle"));
    }
    let o = opts(vm)?;
    let res = keshi_io::open::pipe(&mut hr.borrow_mut(), &mut hw.borrow_mut(), &o);
    match res {
        Ok(()) => {
            r.set_kind(kind::READ);
            w.set_kind(kind::WRITE);
            Ok(Val::bool(true))
        }
        Err(e) => {
            open_failed(vm, e)?;
            Ok(Val::undef())
        }
    }
}

/// `rt.close`
pub fn close(vm: &mut Vm, b: &Val) -> R<Val> {
    let f = fh::fh(vm, b)?;
    close_fh(vm, f)
}

/// `rt.close.sel`
pub fn close_selected(vm: &mut Vm) -> R<Val> {
    let f = Fh::of(vm.selected.clone());
    close_fh(vm, f)
}

fn close_fh(vm: &mut Vm, mut f: Fh) -> R<Val> {
    if let Some(obj) = f.tied(vm) {
        return vm.tied_call(&obj, "CLOSE", vec![]);
    }
    if f.io.is_none() {
        vm.report_evil(&f, "close")?;
        return Ok(Val::bool(false));
    }
    let io = f.io();
    if super::argv::closing(vm, &f)? {
        return Ok(Val::bool(true));
    }
    let ok = close_io(vm, &f, true)?;
    io.lines.set(0);
    io.page.set(0);
    io.lines_left.set(io.page_len.get());
    Ok(Val::bool(ok))
}

/// Closes without touching `$.` and `$?`, as the next open of the same handle would.
pub(super) fn close_quietly(vm: &mut Vm, f: &Fh) -> R<()> {
    close_io(vm, f, false).map(drop)
}

fn close_io(vm: &mut Vm, f: &Fh, explicit: bool) -> R<bool> {
    let was = f.kind();
    f.set_kind(kind::CLOSED);
    let Some(h) = f.open() else {
        if explicit {
            vm.errno(Errno(libc::EBADF));
        }
        return Ok(false);
    };
    if was == kind::STD {
        // Only this handle lets go; STDIN or STDOUT stays open.
        let r = h.borrow_mut().flush();
        if let Some(io) = &f.io {
            io.file.set(None);
        }
        return Ok(match r {
            Ok(()) => true,
            Err(e) => {
                vm.errno(e);
                false
            }
        });
    }
    let (mut c, child) = h.borrow_mut().close_no_wait();
    if let Some(pid) = child {
        let r = super::super::system::wait_child(vm, pid)?;
        c = c.waited(r);
    }
    if let Some(s) = c.status.filter(|_| explicit) {
        super::super::system::set_status(vm, s.0 as i64);
    }
    if !c.ok && explicit {
        vm.errno(c.errno.unwrap_or(Errno(0)));
    }
    Ok(c.ok)
}

/// `rt.binmode`
pub fn binmode(vm: &mut Vm, b: &Val, c: &Val) -> R<Val> {
    let spec = super::bytes_of(vm, c)?;
    binmode_with(vm, b, Some((c, &spec)))
}

/// `rt.binmode.raw`
pub fn binmode_raw(vm: &mut Vm, b: &Val) -> R<Val> {
    binmode_with(vm, b, None)
}

fn binmode_with(vm: &mut Vm, b: &Val, layer: Option<(&Val, &[u8])>) -> R<Val> {
    let f = fh::fh(vm, b)?;
    if let Some(obj) = f.tied(vm) {
        return vm.tied_call(&obj, "BINMODE", layer.map(|(v, _)| v.clone()).into_iter().collect());
    }
    let Some(h) = f.open() else {
        vm.report_evil(&f, "binmode")?;
        return Ok(Val::undef());
    };
    let r = h.borrow_mut().binmode(layer.map_or(b"", |(_, s)| s));
    match r {
        Ok(()) => Ok(Val::bool(true)),
        Err(e) => {
            open_failed(vm, e.into())?;
            Ok(Val::undef())
        }
    }
}

/// `rt.fileno`
pub fn fileno(vm: &mut Vm, b: &Val) -> R<Val> {
    let f = fh::fh(vm, b)?;
    if let Some(obj) = f.tied(vm) {
        return vm.tied_call(&obj, "FILENO", vec![]);
    }
    if let Some(h) = f.open() {
        return Ok(h.borrow().fileno().map_or(Val::undef(), |n| Val::int(n as i64)));
    }
    if let Some(fd) = super::dir::dir_fd(&f) {
        return Ok(match fd {
            Ok(n) => Val::int(n as i64),
            Err(e) => {
                vm.errno(e);
                Val::undef()
            }
        });
    }
    vm.errno(Errno(libc::EBADF));
    Ok(Val::undef())
}
