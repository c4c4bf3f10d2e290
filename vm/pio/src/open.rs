//! Binding a handle to something: files, descriptors, scalars, commands, forks.
//!
//! A handle whose descriptor is above `$^F` is closed before the new file is opened; one up to `$^F` keeps its
//! number and, if the open fails, its file.

use crate::errno::{Errno, Res};
use crate::fd::{self, Fd};
use crate::handle::{Handle, HandleKind};
use crate::layers::{LayerError, LayerSpec, Layers};
use crate::memory::ScalarBuf;
use crate::process::{self, Command};

/// `<`, `>`, `>>`, `+<`, `+>`, `+>>`
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    Read,
    Write,
    Append,
    Update,
    Truncate,
    AppendRead,
}

impl Mode {
    pub fn flags(self) -> libc::c_int {
        match self {
            Mode::Read => libc::O_RDONLY,
            Mode::Write => libc::O_WRONLY | libc::O_CREAT | libc::O_TRUNC,
            Mode::Append => libc::O_WRONLY | libc::O_CREAT | libc::O_APPEND,
            Mode::Update => libc::O_RDWR,
            Mode::Truncate => libc::O_RDWR | libc::O_CREAT | libc::O_TRUNC,
            Mode::AppendRead => libc::O_RDWR | libc::O_CREAT | libc::O_APPEND,
        }
    }

    pub fn reads(self) -> bool {
        !matches!(self, Mode::Write | Mode::Append)
    }

    pub fn writes(self) -> bool {
        self != Mode::Read
    }

    pub fn appends(self) -> bool {
        matches!(self, Mode::Append | Mode::AppendRead)
    }
}

/// Which way a pipe to a command goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    /// `-|`: we read what it writes.
    From,
    /// `|-`: it reads what we write.
    To,
}

/// What surrounds an `open`.
#[derive(Clone, Debug)]
pub struct OpenOpts {
    /// The layers of the mode argument, or those `use open` set.
    pub layers: Vec<LayerSpec>,
    /// `$^F`
    pub max_sys_fd: i32,
}

impl Default for OpenOpts {
    fn default() -> OpenOpts {
        OpenOpts { layers: Vec::new(), max_sys_fd: 2 }
    }
}

/// A failed open. `errno` goes to `$!` (None leaves it); a warning has its category; `fatal` is a message to
/// die with. Texts lack ` at FILE line N.`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct OpenError {
    pub errno: Option<Errno>,
    pub warning: Option<(&'static str, String)>,
    pub fatal: Option<String>,
}

impl From<Errno> for OpenError {
    fn from(e: Errno) -> OpenError {
        OpenError { errno: Some(e), ..OpenError::default() }
    }
}

impl From<LayerError> for OpenError {
    fn from(e: LayerError) -> OpenError {
        let category = if e.warning.starts_with("Cannot find encoding") { "io" } else { "layer" };
        OpenError { errno: e.errno, warning: Some((category, e.warning)), fatal: None }
    }
}

impl From<OpenError> for Errno {
    fn from(e: OpenError) -> Errno {
        e.errno.unwrap_or(Errno(libc::EINVAL))
    }
}

/// The kind of file behind a descriptor we did not open ourselves.
fn kind_of(fd: Fd) -> HandleKind {
    match crate::stat::fstat(fd) {
        Ok(s) if s.is(libc::S_IFSOCK) => HandleKind::Socket,
        _ => HandleKind::File,
    }
}

impl Handle {
    fn begin_open(&mut self, opts: &OpenOpts) {
        if self.is_open() && self.fileno().is_none_or(|f| f > opts.max_sys_fd || f < 0) {
            self.close_quietly();
        }
    }

    fn finish_open(&mut self, mut new: Handle, opts: &OpenOpts) -> Result<(), OpenError> {
        new.apply_layers(&opts.layers, true)?;
        if let Ok(fd) = new.fd() {
            fd::apply_max_sys_fd(fd, opts.max_sys_fd)?;
        }
        Ok(self.install(new, opts.max_sys_fd)?)
    }

    /// Opens a file by name.
    pub fn open_path(&mut self, mode: Mode, path: &[u8], opts: &OpenOpts) -> Result<(), OpenError> {
        self.sysopen(path, mode.flags(), 0o666, opts)?;
        if mode.appends()
            && let Ok(fd) = self.fd()
        {
            // So that `tell` starts at the end; a pipe or terminal has no position.
            let _ = fd::seek(fd, 0, libc::SEEK_END);
        }
        Ok(())
    }

    /// `sysopen`
    pub fn sysopen(
        &mut self,
        path: &[u8],
        flags: libc::c_int,
        perm: u32,
        opts: &OpenOpts,
    ) -> Result<(), OpenError> {
        self.begin_open(opts);
        let fd = fd::open(path, flags | libc::O_CLOEXEC, perm)?;
        let acc = flags & libc::O_ACCMODE;
        let new = Handle::from_fd(fd, acc != libc::O_WRONLY, acc != libc::O_RDONLY, HandleKind::File);
        self.finish_open(new, opts)
    }

    /// Opens a scalar as a file.
    pub fn open_mem(
        &mut self,
        mode: Mode,
        mut buf: Box<dyn ScalarBuf>,
        opts: &OpenOpts,
    ) -> Result<(), OpenError> {
        self.begin_open(opts);
        if matches!(mode, Mode::Write | Mode::Truncate) {
            buf.with(&mut Vec::clear);
        }
        let mut new = Handle::from_mem(buf, mode.reads(), mode.writes(), mode.appends());
        if mode.appends() {
            new.seek(0, libc::SEEK_END)?;
        }
        self.finish_open(new, opts)
    }

    /// An anonymous temporary file: `open($fh, "+>", undef)`.
    pub fn open_temp(&mut self, mode: Mode, opts: &OpenOpts) -> Result<(), OpenError> {
        self.begin_open(opts);
        let fd = crate::fs::temp_file()?;
        if mode.appends() {
            fd::set_status_flags(fd, fd::status_flags(fd)? | libc::O_APPEND)?;
        }
        let new = Handle::from_fd(fd, true, mode.writes(), HandleKind::File);
        self.finish_open(new, opts)
    }

    /// `-` as a file name: our standard input, or output.
    pub fn open_std(&mut self, mode: Mode, opts: &OpenOpts) -> Result<(), OpenError> {
        self.begin_open(opts);
        let fd = if mode.writes() { 1 } else { 0 };
        fd::status_flags(fd)?;
        let new = Handle::from_fd(fd, !mode.writes(), mode.writes(), HandleKind::Std);
        self.finish_open(new, opts)
    }

    /// `>&N` and, with `alias`, `>&=N`: a handle on a copy of a descriptor, or on the descriptor itself.
    pub fn open_dup_fd(
        &mut self,
        mode: Mode,
        source: Fd,
        alias: bool,
        opts: &OpenOpts,
    ) -> Result<(), OpenError> {
        fd::status_flags(source)?;
        let fd = if alias { source } else { fd::dup(source)? };
        if self.fileno() != Some(source) {
            self.begin_open(opts);
        }
        let new = Handle::from_fd(fd, mode.reads(), mode.writes(), kind_of(fd));
        self.finish_open(new, opts)
    }

    /// `>&FH`: as [`open_dup_fd`](Handle::open_dup_fd), from another handle, which is flushed first.
    pub fn open_dup(
        &mut self,
        mode: Mode,
        source: &mut Handle,
        alias: bool,
        opts: &OpenOpts,
    ) -> Result<(), OpenError> {
        source.flush()?;
        if let Some(buf) = source.share_memory() {
            let pos = source.tell()?;
            self.begin_open(opts);
            let mut new = Handle::from_mem(buf, mode.reads(), mode.writes(), mode.appends());
            new.seek(pos as i64, libc::SEEK_SET)?;
            return self.finish_open(new, opts);
        }
        self.open_dup_fd(mode, source.fd()?, alias, opts)?;
        if alias && self.fileno() != source.fileno() {
            // The process at the other end of a pipe goes with the descriptor that took its place.
            self.child = source.child.take();
        }
        Ok(())
    }

    fn share_memory(&self) -> Option<Box<dyn ScalarBuf>> {
        match &self.back {
            crate::handle::Backend::Mem { buf, .. } => Some(buf.share()),
            _ => None,
        }
    }

    fn on_pipe(fd: Fd, dir: Direction, pid: libc::pid_t) -> Handle {
        let mut h = Handle::from_fd(fd, dir == Direction::From, dir == Direction::To, HandleKind::Pipe);
        h.child = Some(pid);
        h
    }

    /// A pipe from or to a command; returns its pid.
    pub fn open_command(
        &mut self,
        dir: Direction,
        c: &Command,
        opts: &OpenOpts,
    ) -> Result<libc::pid_t, OpenError> {
        self.begin_open(opts);
        let (r, w) = fd::pipe()?;
        let (ours, theirs, place) = if dir == Direction::From { (r, w, 1) } else { (w, r, 0) };
        let spawned = process::spawn(c, &[(theirs, place)], None);
        fd::close(theirs)?;
        match spawned {
            Ok(pid) => {
                self.finish_open(Handle::on_pipe(ours, dir, pid), opts)?;
                Ok(pid)
            }
            Err(e) => {
                fd::close(ours)?;
                let name = String::from_utf8_lossy(c.name()).into_owned();
                let text = format!("Can't exec \"{name}\": {}", e.message());
                Err(OpenError { errno: Some(e), warning: Some(("exec", text)), fatal: None })
            }
        }
    }

    /// `open($fh, "-|")`: forks. In the parent the handle is our end of the pipe and the pid comes back; in
    /// the child (None) the handle is closed and standard output, or input, is the pipe.
    pub fn open_fork(&mut self, dir: Direction, opts: &OpenOpts) -> Result<Option<libc::pid_t>, OpenError> {
        self.begin_open(opts);
        let (r, w) = fd::pipe()?;
        let (ours, theirs, place) = if dir == Direction::From { (r, w, 1) } else { (w, r, 0) };
        match process::fork() {
            Err(e) => {
                fd::close(ours)?;
                fd::close(theirs)?;
                Err(e.into())
            }
            Ok(None) => {
                fd::close(ours)?;
                if theirs == place {
                    fd::set_cloexec(place, false)?;
                } else {
                    fd::dup2(theirs, place)?;
                    fd::close(theirs)?;
                }
                Ok(None)
            }
            Ok(Some(pid)) => {
                fd::close(theirs)?;
                self.finish_open(Handle::on_pipe(ours, dir, pid), opts)?;
                Ok(Some(pid))
            }
        }
    }
}

/// `pipe READ, WRITE`
pub fn pipe(read: &mut Handle, write: &mut Handle, opts: &OpenOpts) -> Result<(), OpenError> {
    read.begin_open(opts);
    write.begin_open(opts);
    let (r, w) = fd::pipe()?;
    read.finish_open(Handle::from_fd(r, true, false, HandleKind::Pipe), opts)?;
    write.finish_open(Handle::from_fd(w, false, true, HandleKind::Pipe), opts)
}

/// A handle on a new socket descriptor.
pub(crate) fn on_socket(h: &mut Handle, fd: Fd, opts: &OpenOpts) -> Res<()> {
    h.begin_open(opts);
    let mut new = Handle::from_fd(fd, true, true, HandleKind::Socket);
    new.layers = Layers::base(&["unix", "perlio"]);
    Ok(h.finish_open(new, opts)?)
}
