//! `Handle`: what a Perl file handle is bound to (a descriptor or a scalar), its buffers, layers and counters.
//!
//! Contract: an operation that a signal interrupts while a Perl handler waits to run returns EINTR and leaves
//! the handle as it was before, so the VM runs its handlers and calls again. Output is never dropped silently:
//! what a failed flush could not write stays buffered, the error is remembered and `close` reports it.

use crate::encoding::State;
use crate::errno::{Errno, Res};
use crate::fd::{self, Fd};
use crate::layers::{Kind, LayerError, LayerSpec, Layers};
use crate::memory::ScalarBuf;
use crate::process::{self, WaitStatus};

/// Perl's buffer size.
pub const BUFFER: usize = 8192;

/// What a handle reads from and writes to.
pub(crate) enum Backend {
    Closed,
    Fd(Fd),
    Mem { buf: Box<dyn ScalarBuf>, pos: u64, append: bool },
}

/// How a handle came to be; decides implicit behaviour of `close` and of switching direction.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum HandleKind {
    File,
    Std,
    /// One end of a pipe to or from a child process, or made by `pipe`.
    Pipe,
    Socket,
    Memory,
}

/// One transforming layer at work.
#[derive(Clone)]
pub(crate) struct Stage {
    pub what: StageKind,
    /// Decoder state and input not decoded yet.
    pub rstate: State,
    pub pending: Vec<u8>,
    /// Encoder state.
    pub wstate: State,
}

#[derive(Clone)]
pub(crate) enum StageKind {
    Crlf,
    Encoding(crate::encoding::Encoding),
}

/// A Perl file handle.
pub struct Handle {
    pub(crate) back: Backend,
    pub(crate) kind: HandleKind,
    pub(crate) readable: bool,
    pub(crate) writable: bool,
    /// Decoded input; what lies before `rpos` is consumed.
    pub(crate) rbuf: Vec<u8>,
    pub(crate) rpos: usize,
    /// Encoded output not written yet.
    pub(crate) wbuf: Vec<u8>,
    pub(crate) stages: Vec<Stage>,
    /// The encoded bytes `rbuf` was decoded from, and the stages as they were before.
    pub(crate) block: Vec<u8>,
    pub(crate) before_block: Vec<Stage>,
    /// Encoded bytes read from the file but not handed to the stages (left by a change of layers).
    pub(crate) rawq: Vec<u8>,
    pub(crate) layers: Layers,
    pub(crate) utf8: bool,
    pub(crate) at_eof: bool,
    pub(crate) error: Option<Errno>,
    pub(crate) tty: bool,
    pub(crate) unbuffered: bool,
    /// A record was read since the open: an empty slurp then means end of file.
    pub(crate) had_record: bool,
    pub(crate) child: Option<libc::pid_t>,
    pub(crate) warnings: Vec<String>,
    /// `$.`: records read so far.
    pub lines: u64,
    /// `$|`
    pub autoflush: bool,
}

/// What closing a handle did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Closed {
    /// Perl's return value of `close`, with the errno if a system call failed. A child that exited with a
    /// non-zero status makes `ok` false and leaves `errno` None (`$!` is then 0).
    pub ok: bool,
    pub errno: Option<Errno>,
    /// The child's wait status for `$?`, when the handle was a pipe to or from a command.
    pub status: Option<WaitStatus>,
}

impl Closed {
    /// Adds the outcome of waiting for the child.
    pub fn waited(mut self, r: Res<WaitStatus>) -> Closed {
        let status = r.unwrap_or_else(|e| {
            self.errno = self.errno.or(Some(e));
            WaitStatus(-1)
        });
        Closed { ok: self.errno.is_none() && status.0 == 0, errno: self.errno, status: Some(status) }
    }
}

impl Default for Handle {
    fn default() -> Handle {
        Handle::new()
    }
}

impl Handle {
    /// A handle bound to nothing.
    pub fn new() -> Handle {
        Handle {
            back: Backend::Closed,
            kind: HandleKind::File,
            readable: false,
            writable: false,
            rbuf: Vec::new(),
            rpos: 0,
            wbuf: Vec::new(),
            stages: Vec::new(),
            block: Vec::new(),
            before_block: Vec::new(),
            rawq: Vec::new(),
            layers: Layers::default(),
            utf8: false,
            at_eof: false,
            error: None,
            tty: false,
            unbuffered: false,
            had_record: false,
            child: None,
            warnings: Vec::new(),
            lines: 0,
            autoflush: false,
        }
    }

    /// A new handle on an open descriptor, with the usual layers.
    pub fn from_fd(fd: Fd, readable: bool, writable: bool, kind: HandleKind) -> Handle {
        fd::retain(fd);
        let mut h = Handle::new();
        h.back = Backend::Fd(fd);
        h.kind = kind;
        h.readable = readable;
        h.writable = writable;
        h.tty = kind != HandleKind::Socket && fd::is_tty(fd);
        h.layers = Layers::base(&["unix", "perlio"]);
        h
    }

    /// STDIN, STDOUT, STDERR.
    pub fn std(fd: Fd) -> Handle {
        let mut h = Handle::from_fd(fd, fd == 0, fd != 0, HandleKind::Std);
        h.unbuffered = fd == 2;
        h
    }

    /// A handle on a scalar; `open_mem` applies the open mode.
    pub(crate) fn from_mem(buf: Box<dyn ScalarBuf>, readable: bool, writable: bool, append: bool) -> Handle {
        let mut h = Handle::new();
        h.back = Backend::Mem { buf, pos: 0, append };
        h.kind = HandleKind::Memory;
        h.readable = readable;
        h.writable = writable;
        h.layers = Layers::base(&["scalar"]);
        h
    }

    pub fn is_open(&self) -> bool {
        !matches!(self.back, Backend::Closed)
    }

    pub fn can_read(&self) -> bool {
        self.is_open() && self.readable
    }

    pub fn can_write(&self) -> bool {
        self.is_open() && self.writable
    }

    pub fn kind(&self) -> HandleKind {
        self.kind
    }

    pub fn is_memory(&self) -> bool {
        matches!(self.back, Backend::Mem { .. })
    }

    /// True if reads deliver and prints take characters.
    pub fn is_utf8(&self) -> bool {
        self.utf8
    }

    /// The descriptor; None for a closed handle. An in-memory handle has -1, as `fileno` says.
    pub fn fileno(&self) -> Option<Fd> {
        match self.back {
            Backend::Closed => None,
            Backend::Fd(fd) => Some(fd),
            Backend::Mem { .. } => Some(-1),
        }
    }

    /// The descriptor for a system call, or EBADF.
    pub fn fd(&self) -> Res<Fd> {
        match self.back {
            Backend::Fd(fd) => Ok(fd),
            _ => Err(Errno(libc::EBADF)),
        }
    }

    /// The child at the other end of the pipe.
    pub fn child(&self) -> Option<libc::pid_t> {
        self.child
    }

    pub fn set_child(&mut self, pid: Option<libc::pid_t>) {
        self.child = pid
    }

    /// The first error since the handle was opened or cleared (`$fh->error`).
    pub fn error(&self) -> Option<Errno> {
        self.error
    }

    /// Marks the handle as failed: it was asked for what it cannot do.
    pub fn fail(&mut self, e: Errno) {
        self.error = Some(e);
    }

    /// Forgets the error and end-of-file marks.
    pub fn clear_error(&mut self) {
        self.error = None;
        self.at_eof = false;
    }

    /// Warnings the encoding layers raised, oldest first, without ` at FILE line N.`; empties the list.
    pub fn take_warnings(&mut self) -> Vec<String> {
        std::mem::take(&mut self.warnings)
    }

    pub fn has_warnings(&self) -> bool {
        !self.warnings.is_empty()
    }

    /// `PerlIO::get_layers`
    pub fn layer_names(&self) -> Vec<String> {
        self.layers.names()
    }

    /// `binmode` with a layer list; an empty list means `:raw`.
    pub fn binmode(&mut self, spec: &[u8]) -> Result<(), LayerError> {
        if !self.is_open() {
            return Err(LayerError { errno: Some(Errno(libc::EBADF)), warning: String::new() });
        }
        let raw = [LayerSpec { name: "raw".into(), arg: None }];
        let parsed = crate::layers::parse(spec)?;
        self.apply_layers(if parsed.is_empty() { &raw } else { &parsed }, false)
    }

    /// Changes the layer stack; `opening` as for [`Layers::apply`].
    pub fn apply_layers(&mut self, specs: &[LayerSpec], opening: bool) -> Result<(), LayerError> {
        let had = self.layers.transforms();
        let mut layers = self.layers.clone();
        for s in specs {
            layers.apply(s, opening)?;
        }
        if had || layers.transforms() {
            // What is buffered went, or is to go, through the old layers; a failure stays in `error`.
            let _ = self.flush_output();
            self.restart_stages(&layers);
        }
        self.layers = layers;
        self.utf8 = self.layers.is_utf8();
        if self.layers.0.is_empty() {
            // The last layer popped: nothing is left to do input or output with.
            if let Some(fd) = self.release() {
                // Nothing was left to lose: the output is flushed.
                let _ = fd::close(fd);
            }
        } else if !self.layers.buffered() {
            self.unbuffered = true;
        }
        Ok(())
    }

    fn restart_stages(&mut self, layers: &Layers) {
        let unread = self.unread_raw();
        let new = layers.0.iter().filter_map(|l| match &l.kind {
            Kind::Base(_) => None,
            Kind::Crlf => Some(StageKind::Crlf),
            Kind::Encoding(e) => Some(StageKind::Encoding(*e)),
        });
        let fresh =
            |what| Stage { what, rstate: State::default(), pending: Vec::new(), wstate: State::default() };
        self.stages = new.map(fresh).collect();
        self.block.clear();
        self.before_block.clear();
        self.rpos = 0;
        self.rbuf.clear();
        if let (Backend::Mem { pos, .. }, true) = (&mut self.back, self.stages.is_empty()) {
            *pos = pos.saturating_sub(unread.len() as u64);
            self.rawq.clear();
        } else if self.stages.is_empty() {
            self.rbuf = unread;
            self.rawq.clear();
        } else {
            self.rawq = unread;
        }
    }

    /// Unbinds the handle; true if it was the descriptor's last user and the descriptor is to be closed.
    fn release(&mut self) -> Option<Fd> {
        let back = std::mem::replace(&mut self.back, Backend::Closed);
        self.rbuf = Vec::new();
        self.wbuf = Vec::new();
        self.rawq = Vec::new();
        self.block = Vec::new();
        self.stages = Vec::new();
        self.before_block = Vec::new();
        self.rpos = 0;
        self.readable = false;
        self.writable = false;
        self.at_eof = false;
        self.utf8 = false;
        self.unbuffered = false;
        self.tty = false;
        self.layers = Layers::default();
        match back {
            Backend::Fd(fd) if fd::release(fd) => Some(fd),
            _ => None,
        }
    }

    /// Gives up the descriptor without closing or flushing anything: for the child of a fork.
    pub fn forget(&mut self) {
        self.release();
        self.child = None;
        self.error = None;
    }

    /// The first half of `close`: flushes and closes, but leaves the child of a pipe for the caller to wait
    /// for ([`Closed::waited`] makes the result whole). For a VM that runs handlers while it waits.
    pub fn close_no_wait(&mut self) -> (Closed, Option<libc::pid_t>) {
        if !self.is_open() {
            return (Closed { ok: false, errno: Some(Errno(libc::EBADF)), status: None }, None);
        }
        // The result of a pipe is its child's.
        let mut errno = if self.child.is_some() { None } else { self.error };
        if let Err(e) = self.flush() {
            errno = errno.or(Some(e));
        }
        if let Some(fd) = self.release() {
            errno = errno.or(fd::close(fd).err());
        }
        self.error = None;
        (Closed { ok: errno.is_none(), errno, status: None }, self.child.take())
    }

    /// `close` without touching `$.`: flushes, closes, and waits for the child of a pipe.
    pub fn close_quietly(&mut self) -> Closed {
        match self.close_no_wait() {
            (c, Some(pid)) => c.waited(process::wait_for(pid)),
            (c, None) => c,
        }
    }

    /// Perl's explicit `close`: also resets `$.`.
    pub fn close(&mut self) -> Closed {
        let r = self.close_quietly();
        self.lines = 0;
        r
    }

    /// Binds `new` to this handle, as a successful `open` does. A descriptor up to `$^F` keeps its number:
    /// the new file is moved onto it. `$.` and `$|` stay.
    pub fn install(&mut self, mut new: Handle, max_sys_fd: i32) -> Res<()> {
        if let (Backend::Fd(old), Backend::Fd(got)) = (&self.back, &new.back) {
            let (old, got) = (*old, *got);
            if old <= max_sys_fd && old != got {
                // The old file's own errors were reported when they happened.
                let _ = self.flush();
                fd::dup2(got, old)?;
                if fd::release(got) {
                    fd::close(got)?;
                }
                fd::retain(old);
                new.back = Backend::Fd(old);
                fd::apply_max_sys_fd(old, max_sys_fd)?;
                self.release();
                let waited = self.child.take();
                self.adopt(new);
                if let Some(pid) = waited {
                    // An implicit close waits, and leaves `$?` alone.
                    let _ = process::wait_for(pid);
                }
                return Ok(());
            }
        }
        if self.is_open() {
            self.close_quietly();
        }
        self.adopt(new);
        Ok(())
    }

    fn adopt(&mut self, mut new: Handle) {
        new.lines = self.lines;
        new.autoflush = self.autoflush;
        *self = new;
    }

    /// True if reading and writing go separate ways, so that neither disturbs the other's buffer.
    pub(crate) fn duplex(&self) -> bool {
        matches!(self.kind, HandleKind::Socket)
    }
}

impl Drop for Handle {
    fn drop(&mut self) {
        if self.is_open() {
            // A handle that goes away unclosed has no one to report to.
            self.close_quietly();
        }
    }
}
