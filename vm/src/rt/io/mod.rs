//! Runtime functions of topic `io` (heads in l1-spec: rt/*.l1 and atoms.l1): Perl's file handles on top of
//! `keshi_io`.
//!
//! An IO object's `file` holds a `keshi_io::IoRef`, its `dir` a `DirHandle`. No handle is borrowed while Perl
//! code may run. A call that a signal interrupts runs the Perl handlers and goes on (`Vm::retry_io`).

mod argv;
mod command;
mod control;
mod data;
mod dir;
pub mod fh;
mod memory;
mod open;
mod print;
mod read;
mod socket;

pub use argv::{argv_line, argv_lines, eof_argv};
pub use command::{backtick, backtick_lines, glob_iter, glob_list};
pub use control::{
    fcntl, flock, ioctl, seek, select_wait, select_wait_list, sysseek, tell, tell_last, truncate,
};
pub use data::{begin_source, end_source, open_data};
pub use dir::{closedir, dir_fd, opendir, readdir, readdir_list, rewinddir, seekdir, telldir};
pub use fh::LastRead;
pub use memory::in_memory;
pub use open::{
    binmode, binmode_raw, close, close_selected, fileno, open, open_hint_get, open_hint_set, pipe, sysopen,
};
pub use print::{
    autoflush, list, output_handle, print, print_one, printf, resolved, say, say_one, select, select_get,
    selected, set_autoflush, write,
};
pub use read::{
    eof, eof_last, getc, read, read_line, readline, readlines, recv, set_last_read, sysread, syswrite,
};
pub use socket::{
    accept, bind, connect, getpeername, getsockname, getsockopt, listen, send, setsockopt, shutdown, socket,
    socketpair,
};

use crate::Vm;
use crate::exc::R;
use crate::warn::cat;
use keshi_io::{Handle, IoRef, registry};
use keshi_value::val::tag;
use keshi_value::{Glob, Val};

/// Interpreter-wide state of this topic.
#[derive(Default)]
pub struct State {
    /// The handle of the last read, for `$.` and messages.
    pub last_read: LastRead,
    pub(crate) rs: read::RsCache,
    pub(crate) argv: argv::State,
    pub(crate) globs: command::Iterators,
    in_stderr: bool,
    pub(crate) source: Option<data::SourceFile>,
}

/// Binds STDIN, STDOUT and STDERR.
pub fn init(vm: &mut Vm) {
    let [i, o, e] = [&vm.gv.stdin, &vm.gv.stdout, &vm.gv.stderr];
    for (g, fd) in [(i, 0), (o, 1), (e, 2)] {
        std_handle(g, fd);
    }
    fh::io_of(&vm.gv.argv);
    // What handles inherit from before IO::File is loaded.
    let isa = vm.gv_str("IO::File::ISA").array().clone();
    for class in ["IO::Handle", "IO::Seekable", "Exporter"] {
        isa.push(Val::bytes(class));
    }
}

fn std_handle(g: &Glob, fd: i32) {
    let io = fh::io_of(g);
    if keshi_io::fd::status_flags(fd).is_ok() {
        io.file.set(Some(Box::new(registry::share(Handle::std(fd)))));
        io.kind.set(if fd == 0 { fh::kind::READ } else { fh::kind::WRITE });
    }
}

/// `-C`: UTF-8 on the standard handles. Bit 64 makes it depend on the locale.
pub fn apply_unicode(vm: &mut Vm, bits: u32) -> R<()> {
    if !unicode_applies(bits) {
        return Ok(());
    }
    let std = [(1, vm.gv.stdin.clone()), (2, vm.gv.stdout.clone()), (4, vm.gv.stderr.clone())];
    for (bit, g) in std {
        if bits & bit != 0 {
            if let Some(h) = fh::Fh::of(g).open() {
                // `:utf8` only marks the handle and cannot fail on an open one.
                let _ = h.borrow_mut().binmode(b":utf8");
            }
        }
    }
    Ok(())
}

/// True unless the bits of `-C` leave it to the locale and that is not a UTF-8 one.
pub fn unicode_applies(bits: u32) -> bool {
    bits & 64 == 0 || utf8_locale()
}

fn utf8_locale() -> bool {
    let set = |n: &str| std::env::var(n).ok().filter(|v| !v.is_empty());
    let name = set("LC_ALL").or_else(|| set("LC_CTYPE")).or_else(|| set("LANG")).unwrap_or_default();
    let name = name.to_ascii_lowercase();
    name.contains("utf-8") || name.contains("utf8")
}

/// Warnings the handle's encoding layers raised.
pub(crate) fn layer_warnings(vm: &mut Vm, h: &IoRef) -> R<()> {
    if !h.borrow().has_warnings() {
        return Ok(());
    }
    let all = h.borrow_mut().take_warnings();
    for w in all {
        vm.warn(cat::UTF8, &w)?;
    }
    Ok(())
}

/// STDERR takes characters, not bytes.
pub fn takes_characters(vm: &Vm) -> bool {
    let f = fh::Fh::of(vm.gv.stderr.clone());
    f.tied(vm).is_some() || f.handle().is_none_or(|h| h.try_borrow().is_ok_and(|h| h.is_utf8()))
}

impl Vm {
    /// A warning that is on unless switched off.
    pub fn warn_default(&mut self, c: u32, msg: &str) -> R<()> {
        if !self.warns_default(c) {
            return Ok(());
        }
        self.warn_always(c, msg.as_bytes(), !msg.is_ascii())
    }

    /// Text to STDERR: through the handle (tied or not) if it is open. There is no one to tell of a failure.
    pub fn write_stderr(&mut self, b: &[u8]) {
        self.write_stderr_str(b, false);
    }

    pub fn write_stderr_str(&mut self, b: &[u8], utf8: bool) {
        let f = fh::Fh::of(self.gv.stderr.clone());
        if !self.rtstate.io.in_stderr {
            if let Some(obj) = f.tied(self) {
                self.rtstate.io.in_stderr = true;
                let r = self.tied_call(&obj, "PRINT", vec![Val::str(b, utf8)]);
                self.rtstate.io.in_stderr = false;
                if let Err(e) = r {
                    self.exc = Some(e);
                }
                return;
            }
        }
        if let Some(h) = f.handle() {
            if let Ok(mut h) = h.try_borrow_mut() {
                let _ = h.print(b, utf8);
                let _ = h.flush_output();
            }
        }
    }

    /// Writes out all buffers; for `fork`, `exec` and the like.
    pub fn flush_all(&mut self) {
        // What cannot be written stays in its handle, which reports it when it is closed.
        let _ = registry::flush_all();
    }

    /// The end of the program: flushes and closes every handle, waiting for the children of pipes.
    pub fn close_all_handles(&mut self) -> keshi_io::Res<()> {
        registry::close_all()
    }
}

/// Bytes of a value for a system call; undef warns and is empty.
pub(crate) fn bytes_of(vm: &mut Vm, v: &Val) -> R<Vec<u8>> {
    if let Some(s) = v.as_str().filter(|_| v.tag() == tag::STR) {
        return Ok(s.bytes().to_vec());
    }
    let v = if v.is_alias() { vm.read(v)? } else { v.clone() };
    Ok(vm.str_bytes(&v)?.0.into_owned())
}

/// Tells that standard output did not take all.
pub fn stdout_lost(e: impl Into<keshi_io::Errno>) {
    keshi_io::report::err(format_args!("Unable to flush stdout: {}\n", e.into().message()));
}

/// Flushes and closes everything at the end of the program. False if standard output did not take all.
pub fn finish(vm: &mut Vm) -> bool {
    if let Err(e) = argv::end_of_program(vm) {
        let text = vm.exc_text(&e);
        vm.write_stderr(&text);
    }
    let flushed = registry::flush_stdout();
    if let Err(e) = flushed {
        stdout_lost(e);
    }
    // perl also warns of other handles that cannot be closed properly; Keshi does not.
    let _ = vm.close_all_handles();
    flushed.is_ok()
}
