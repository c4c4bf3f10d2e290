//! From handle values as Perl code has them (glob, glob reference, IO reference, name) to handles, and perl's
//! complaints about handles that cannot do what is asked.

use crate::Vm;
use crate::exc::R;
use crate::warn::cat;
use keshi_io::{Errno, Handle, IoRef, Res, registry};
use keshi_value::obj::{Obj, flag};
use keshi_value::val::tag;
use keshi_value::{Glob, IoObj, Ptr, Scalar, Val};

/// Values of `IoObj::kind`, perl's IoTYPE.
pub mod kind {
    /// Never opened.
    pub const NONE: u8 = 0;
    pub const CLOSED: u8 = b' ';
    pub const READ: u8 = b'<';
    pub const WRITE: u8 = b'>';
    pub const BOTH: u8 = b'+';
    pub const PIPE: u8 = b'|';
    pub const SOCKET: u8 = b's';
    /// `open FH, "-"`: shares STDIN or STDOUT.
    pub const STD: u8 = b'-';
}

/// A resolved handle value. A glob may have no IO part yet.
pub struct Fh {
    pub gv: Ptr<Glob>,
    pub io: Option<Ptr<IoObj>>,
}

impl Fh {
    pub fn of(gv: Ptr<Glob>) -> Fh {
        let io = gv.io.get().clone();
        Fh { gv, io }
    }
    /// The IO part, made on demand.
    pub fn io(&mut self) -> Ptr<IoObj> {
        if self.io.is_none() {
            self.io = Some(io_of(&self.gv));
        }
        self.io.clone().expect("just made")
    }
    /// The handle, open or not.
    pub fn handle(&self) -> Option<IoRef> {
        handle_of(self.io.as_ref()?)
    }
    /// The handle if it is open.
    pub fn open(&self) -> Option<IoRef> {
        self.handle().filter(|h| h.borrow().is_open())
    }
    /// The handle if it is open for reading.
    pub fn readable(&self) -> Option<IoRef> {
        self.handle().filter(|h| h.borrow().can_read())
    }
    pub fn name(&self) -> String {
        self.gv.name.as_str().map(|s| String::from_utf8_lossy(s.bytes()).into_owned()).unwrap_or_default()
    }
    /// The object a handle is tied to.
    pub fn tied(&self, vm: &Vm) -> Option<Val> {
        vm.tied_obj(&**self.io.as_ref()?)
    }
    pub fn kind(&self) -> u8 {
        self.io.as_ref().map_or(kind::NONE, |io| io.kind.get())
    }
    pub fn set_kind(&self, k: u8) {
        if let Some(io) = &self.io {
            io.kind.set(k);
        }
    }
    /// The directory this handle has open.
    pub fn has_dir(&self) -> bool {
        self.io.as_ref().is_some_and(|io| io.dir.get().is_some())
    }
}

/// The IO part of a glob, made on demand.
pub fn io_of(g: &Glob) -> Ptr<IoObj> {
    if g.io.get().is_none() {
        g.io.set(Some(IoObj::new()));
    }
    g.io.get().clone().expect("just set")
}

/// The handle an IO object holds.
pub fn handle_of(io: &IoObj) -> Option<IoRef> {
    io.file.get().as_ref()?.downcast_ref::<IoRef>().cloned()
}

/// The same, made (closed) on demand.
pub fn handle_or_new(io: &IoObj) -> IoRef {
    match handle_of(io) {
        Some(h) => h,
        None => {
            let h = registry::share(Handle::new());
            io.file.set(Some(Box::new(h.clone())));
            h
        }
    }
}

/// Resolves a handle value; names are looked up whatever `strict refs` says, as perl's file functions do. A
/// name that has no glob gets one of its own outside the symbol table.
pub fn fh(vm: &mut Vm, v: &Val) -> R<Fh> {
    if !matches!(v.tag(), tag::GLOB | tag::REF | tag::PTR | tag::UNDEF) {
        let (b, u) = vm.str_bytes(v)?;
        let full = vm.qualify(&b);
        if vm.gv_peek(&full, u).is_none() {
            return Ok(Fh::of(Glob::new(Val::str(&b, u), Val::bytes("main"))));
        }
    }
    fh_new(vm, v)
}

/// The same for what opens a handle (and for output to one): a name's glob is made.
pub fn fh_new(vm: &mut Vm, v: &Val) -> R<Fh> {
    if let Some(g) = plain_glob(v) {
        return Ok(Fh::of(g));
    }
    if v.is_undef() {
        vm.rtstate.converting.step = Some("ref-to-glob cast");
        vm.at_handle();
    }
    if matches!(v.tag(), tag::REF | tag::PTR | tag::UNDEF) {
        let g = super::super::refs::deref_gv(vm, v, 0)?;
        return Ok(Fh::of(g.gv().unwrap_or_else(|| anonymous(None))));
    }
    let (b, u) = vm.str_bytes(v)?;
    let full = vm.qualify(&b);
    Ok(Fh::of(vm.gv(&full, u)))
}

/// The same without creating globs or dying: `None` if the value names no handle.
pub fn fh_maybe(vm: &mut Vm, v: &Val) -> Option<Fh> {
    if let Some(g) = plain_glob(v) {
        return Some(Fh::of(g));
    }
    match v.tag() {
        tag::REF | tag::PTR => v.io().map(|io| Fh::of(anonymous(Some(io)))),
        tag::STR => {
            let s = v.as_str()?;
            let full = vm.qualify(s.bytes());
            vm.gv_find(&full, s.utf8(), false).map(Fh::of)
        }
        _ => None,
    }
}

/// A glob, a reference to one, or a reference to a scalar that holds one; unless an object may overload it.
fn plain_glob(v: &Val) -> Option<Ptr<Glob>> {
    match v.tag() {
        tag::GLOB | tag::PTR => v.gv(),
        tag::REF => {
            if let Some(g) = v.gv() {
                return Some(g);
            }
            if v.hdr()?.has(flag::BLESSED) {
                return None;
            }
            let s = v.as_scalar()?;
            if s.peek().tag() == tag::GLOB { s.peek().gv() } else { None }
        }
        _ => None,
    }
}

/// True for a value that is itself a handle (not a name). Get magic of a scalar behind a reference runs once
/// here; [`fh`] then takes what it gave.
pub fn is_handle(vm: &mut Vm, v: &Val) -> R<bool> {
    if let Some(s) = v.scalar().filter(|s| v.is_ref() && s.hdr().is_magical()) {
        vm.get_sv(&s)?;
    }
    Ok(plain_glob(v).is_some() || (v.is_ref() && v.as_io().is_some()))
}

/// A glob around an IO object that came by reference.
fn anonymous(io: Option<Ptr<IoObj>>) -> Ptr<Glob> {
    let g = Glob::new(Val::bytes("__ANONIO__"), Val::bytes("main"));
    g.io.set(io);
    g
}

/// The handle of the last read: a weak reference, so that remembering it keeps no file open.
pub struct LastRead(Ptr<Scalar>);

impl Default for LastRead {
    fn default() -> LastRead {
        LastRead(Scalar::new(Val::undef()))
    }
}

impl LastRead {
    pub fn get(&self) -> Option<Ptr<Glob>> {
        self.0.peek().gv()
    }
    pub fn set(&self, g: &Ptr<Glob>) {
        if self.0.peek().is_ref() && self.0.peek().addr() == g.addr() as u64 {
            return;
        }
        self.0.set(Val::reference(g.clone()));
        self.0.weaken();
    }
    pub fn clear(&self) {
        self.0.set(Val::undef());
    }
}

impl Vm {
    pub fn errno(&mut self, e: Errno) {
        self.rtstate.sys.errno = e.0;
    }

    /// "print() on closed filehandle FOO" and its like; sets `$!` to EBADF.
    pub fn report_evil(&mut self, f: &Fh, op: &str) -> R<()> {
        // Also before the warning, which may be fatal.
        self.errno(Errno(libc::EBADF));
        let closed = f.kind() == kind::CLOSED;
        let (c, vile) = if closed { (cat::CLOSED, "closed") } else { (cat::UNOPENED, "unopened") };
        if self.warns(c) {
            let name = f.name();
            let name = if name.is_empty() { name } else { format!(" {name}") };
            let pars = if op.starts_with('-') { "" } else { "()" };
            let what = if is_socket_op(op) || f.kind() == kind::SOCKET { "socket" } else { "filehandle" };
            self.warn(c, &format!("{op}{pars} on {vile} {what}{name}"))?;
            if f.has_dir() {
                self.warn(c, &format!("\t(Are you trying to call {op}{pars} on dirhandle{name}?)\n"))?;
            }
        }
        self.errno(Errno(libc::EBADF));
        Ok(())
    }

    /// "Filehandle STDIN opened only for input"; sets `$!` to EBADF.
    pub fn report_wrong_way(&mut self, f: &Fh, only_for: &str) -> R<()> {
        if self.warns(cat::IO) {
            let name = f.name();
            let name = if name.is_empty() { name } else { format!(" {name}") };
            self.warn(cat::IO, &format!("Filehandle{name} opened only for {only_for}"))?;
        }
        self.errno(Errno(libc::EBADF));
        Ok(())
    }

    /// For a reading op on a handle that cannot: which complaint fits.
    pub fn report_unreadable(&mut self, f: &Fh, op: &str) -> R<()> {
        let Some(h) = f.open() else { return self.report_evil(f, op) };
        self.report_wrong_way(f, "output")?;
        h.borrow_mut().fail(Errno(libc::EBADF));
        self.errno(Errno(libc::EBADF));
        Ok(())
    }

    /// For a writing op on a handle that cannot.
    pub fn report_unwritable(&mut self, f: &Fh, op: &str) -> R<()> {
        if f.open().is_some() { self.report_wrong_way(f, "input") } else { self.report_evil(f, op) }
    }

    /// Runs a system call again after Perl's signal handlers have run, as long as it is interrupted.
    pub fn retry_io<T>(&mut self, mut f: impl FnMut() -> Res<T>) -> R<Res<T>> {
        loop {
            match f() {
                Err(e) if e.is_interrupt() && keshi_io::signals::any_pending() => self.sync()?,
                r => return Ok(r),
            }
        }
    }

    /// The outcome of a system call as perl's true or undef; failure sets `$!`.
    pub fn io_result(&mut self, r: Res<()>) -> Val {
        match r {
            Ok(()) => Val::bool(true),
            Err(e) => {
                self.errno(e);
                Val::undef()
            }
        }
    }

    /// The same with perl's false ("") for failure.
    pub fn io_bool(&mut self, r: Res<()>) -> Val {
        if let Err(e) = r {
            self.errno(e);
            return Val::bool(false);
        }
        Val::bool(true)
    }
}

fn is_socket_op(op: &str) -> bool {
    matches!(
        op,
        "bind"
            | "connect"
            | "listen"
            | "accept"
            | "shutdown"
            | "getsockopt"
            | "setsockopt"
            | "getsockname"
            | "getpeername"
            | "send"
            | "recv"
    )
}

/// The result of a nested list call on a tied handle.
pub fn tied_list(vm: &mut Vm, obj: &Val, method: &str, args: Vec<Val>) -> R<Ptr<keshi_value::Array>> {
    match vm.call_method(obj, method, args, crate::Want::List)? {
        Some(r) => Ok(r.list()),
        // Raises perl's message about the missing method.
        None => vm.tied_call(obj, method, vec![]).map(|_| keshi_value::Array::new()),
    }
}
