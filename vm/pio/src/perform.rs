//! `open` as Perl calls it: the two-argument string, or a mode and its arguments.
//!
//! The VM supplies what only it knows: the handle a name means, the environment, the layers `use open` set.

use crate::errno::Errno;
use crate::fd::Fd;
use crate::handle::Handle;
use crate::layers::LayerSpec;
use crate::memory::ScalarBuf;
use crate::open::{Direction, Mode, OpenError, OpenOpts};
use crate::openspec::{self, Op, dup_number, missing_command};
use crate::process::Command;
use crate::registry::IoRef;

/// An argument of `open` after the mode.
pub enum OpenArg<'a> {
    /// A string: a path, a command or its words, a handle's name or number.
    Bytes(&'a [u8]),
    /// undef: a temporary file.
    Undef,
    /// A reference to a scalar.
    Scalar(Box<dyn ScalarBuf>),
    /// A handle, for a dup.
    Handle(IoRef),
}

/// What the VM knows.
pub struct OpenCtx<'a> {
    /// The handle a name means; None if there is none of that name.
    pub find: &'a mut dyn FnMut(&[u8]) -> Option<IoRef>,
    /// `%ENV` as `NAME=value`, for commands; None for the process's own.
    pub env: Option<Vec<Vec<u8>>>,
    /// The default layers for input and for output.
    pub default_in: Vec<LayerSpec>,
    pub default_out: Vec<LayerSpec>,
    /// `$^F`
    pub max_sys_fd: i32,
    /// Warnings of an open that may succeed: (category, text).
    pub warnings: Vec<(&'static str, String)>,
}

impl<'a> OpenCtx<'a> {
    pub fn new(find: &'a mut dyn FnMut(&[u8]) -> Option<IoRef>) -> OpenCtx<'a> {
        OpenCtx {
            find,
            env: None,
            default_in: Vec::new(),
            default_out: Vec::new(),
            max_sys_fd: 2,
            warnings: Vec::new(),
        }
    }

    fn opts(&self, layers: Vec<LayerSpec>, output: bool) -> OpenOpts {
        let layers = match (layers.is_empty(), output) {
            (false, _) => layers,
            (true, true) => self.default_out.clone(),
            (true, false) => self.default_in.clone(),
        };
        OpenOpts { layers, max_sys_fd: self.max_sys_fd }
    }
}

/// A successful open: what it returns to Perl.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Opened {
    /// True (1).
    Done,
    /// The pid of the process at the other end.
    Pid(libc::pid_t),
    /// We are the child of a fork-open: 0.
    Child,
}

/// The two-argument (or one-argument) form.
pub fn open_two_arg(h: &mut Handle, s: &[u8], ctx: &mut OpenCtx) -> Result<Opened, OpenError> {
    let t = openspec::parse_two_arg(s)?;
    ctx.warnings.extend(t.warning);
    match t.op {
        Op::File(mode) if t.dash => {
            h.open_std(mode, &ctx.opts(Vec::new(), mode.writes()))?;
            Ok(Opened::Done)
        }
        Op::File(mode) => path(h, mode, &t.name, Vec::new(), ctx),
        Op::Dup { mode, alias } => dup(h, mode, alias, OpenArg::Bytes(&t.name), Vec::new(), ctx),
        Op::Pipe(dir) => pipe(h, dir, &[OpenArg::Bytes(&t.name)], Vec::new(), ctx),
    }
}

/// The form with a mode argument; `args` is what follows it.
pub fn open_mode(
    h: &mut Handle,
    mode: &[u8],
    mut args: Vec<OpenArg>,
    ctx: &mut OpenCtx,
) -> Result<Opened, OpenError> {
    let spec = openspec::parse_mode(mode)?;
    if let Op::Pipe(dir) = spec.op {
        return pipe(h, dir, &args, spec.layers, ctx);
    }
    if args.len() > 1 {
        let text = match spec.op {
            Op::Dup { .. } => {
                let sign = String::from_utf8_lossy(mode.trim_ascii()).into_owned();
                format!("More than one argument to '{sign}' open")
            }
            _ => "More than one argument to open(,':perlio')".into(),
        };
        return Err(OpenError { fatal: Some(text), ..OpenError::default() });
    }
    let arg = args.pop().unwrap_or(OpenArg::Bytes(b""));
    match (spec.op, arg) {
        (Op::Dup { mode, alias }, arg) => dup(h, mode, alias, arg, spec.layers, ctx),
        (Op::File(mode), OpenArg::Bytes(p)) => path(h, mode, p, spec.layers, ctx),
        (Op::File(mode), OpenArg::Undef) => {
            h.open_temp(mode, &ctx.opts(spec.layers, mode.writes()))?;
            Ok(Opened::Done)
        }
        (Op::File(mode), OpenArg::Scalar(buf)) => {
            h.open_mem(mode, buf, &ctx.opts(spec.layers, mode.writes()))?;
            Ok(Opened::Done)
        }
        // A handle where a file name belongs is stringified by the VM, not handed here.
        (_, OpenArg::Handle(_)) | (Op::Pipe(_), _) => Err(Errno(libc::EINVAL).into()),
    }
}

fn path(
    h: &mut Handle,
    mode: Mode,
    name: &[u8],
    layers: Vec<LayerSpec>,
    ctx: &mut OpenCtx,
) -> Result<Opened, OpenError> {
    if let Some(w) = nul_warning("open", name) {
        ctx.warnings.push(("syscalls", w));
    }
    match h.open_path(mode, name, &ctx.opts(layers, mode.writes())) {
        Ok(()) => Ok(Opened::Done),
        Err(e) => {
            if mode == Mode::Read && e.warning.is_none() && name.last() == Some(&b'\n') {
                ctx.warnings.push(("newline", "Unsuccessful open on filename containing newline".into()));
            }
            Err(e)
        }
    }
}

/// The warning (category `syscalls`) for a name with a NUL inside, which reaches no system call.
pub fn nul_warning(what: &str, name: &[u8]) -> Option<String> {
    let at = memchr::memchr(0, name)?;
    let (head, tail) = (&name[..at], &name[at + 1..]);
    let tail = &tail[..memchr::memchr(0, tail).unwrap_or(tail.len())];
    Some(format!(
        "Invalid \\0 character in pathname for {what}: {}\\0{}",
        String::from_utf8_lossy(head),
        String::from_utf8_lossy(tail)
    ))
}

fn dup(
    h: &mut Handle,
    mode: Mode,
    alias: bool,
    source: OpenArg,
    layers: Vec<LayerSpec>,
    ctx: &mut OpenCtx,
) -> Result<Opened, OpenError> {
    let opts = ctx.opts(layers, mode.writes());
    let bad = |n: &[u8]| OpenError {
        fatal: Some(format!("Bad filehandle: {}", String::from_utf8_lossy(n))),
        ..OpenError::default()
    };
    let from = match source {
        OpenArg::Handle(r) => r,
        OpenArg::Bytes(n) => match dup_number(n) {
            Some(fd) => return number(h, mode, alias, fd, &opts),
            None => (ctx.find)(n).ok_or_else(|| bad(n))?,
        },
        OpenArg::Undef => return Err(bad(b"")),
        OpenArg::Scalar(_) => return Err(Errno(libc::EINVAL).into()),
    };
    match from.try_borrow_mut() {
        Ok(mut src) => h.open_dup(mode, &mut src, alias, &opts)?,
        // The handle being opened is the source itself.
        Err(_) => {
            h.flush()?;
            h.open_dup_fd(mode, h.fd()?, alias, &opts)?
        }
    }
    Ok(Opened::Done)
}

fn number(h: &mut Handle, mode: Mode, alias: bool, fd: Fd, opts: &OpenOpts) -> Result<Opened, OpenError> {
    if !alias {
        // The handle that owns the number may hold output for it.
        crate::registry::flush_fd(fd)?;
    }
    h.open_dup_fd(mode, fd, alias, opts)?;
    Ok(Opened::Done)
}

fn pipe(
    h: &mut Handle,
    dir: Direction,
    args: &[OpenArg],
    layers: Vec<LayerSpec>,
    ctx: &mut OpenCtx,
) -> Result<Opened, OpenError> {
    let opts = ctx.opts(layers, dir == Direction::To);
    let mut words = Vec::with_capacity(args.len());
    for a in args {
        match a {
            OpenArg::Bytes(b) => words.push(*b),
            OpenArg::Undef => words.push(b""),
            OpenArg::Scalar(_) | OpenArg::Handle(_) => return Err(Errno(libc::EINVAL).into()),
        }
    }
    let command = match words.as_slice() {
        [] => return Err(missing_command()),
        [one] => {
            let one = one.trim_ascii();
            if one == b"-" {
                return Ok(h.open_fork(dir, &opts)?.map_or(Opened::Child, Opened::Pid));
            }
            Command::parse(one).ok_or_else(missing_command)?
        }
        many => Command::list(many.iter().map(|w| w.to_vec()).collect()),
    };
    Ok(Opened::Pid(h.open_command(dir, &command.with_env(ctx.env.clone()), &opts)?))
}

/// The warning (category `io`) when a standard descriptor came to be used the wrong way round, as after
/// closing STDIN and opening a file for output. `name` is the handle's own.
pub fn reopened_warning(h: &Handle, name: &str) -> Option<String> {
    if name == "STDIN" || name == "STDOUT" || name == "STDERR" {
        return None;
    }
    let (std, way) = match (h.fileno()?, h.can_read(), h.can_write()) {
        (0, false, true) => ("STDIN", "output"),
        (1, true, false) => ("STDOUT", "input"),
        (2, true, false) => ("STDERR", "input"),
        _ => return None,
    };
    Some(format!("Filehandle {std} reopened as {name} only for {way}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::memory::SharedBytes;
    use crate::read::Rs;
    use crate::registry;

    fn slurp(h: &mut Handle) -> Vec<u8> {
        let mut v = Vec::new();
        h.read_line(&Rs::Slurp, &mut v).unwrap();
        v
    }

    #[test]
    fn the_forms_of_open() {
        let file = registry::share(Handle::new());
        let inner = file.clone();
        let mut find = move |n: &[u8]| (n == b"FILE").then(|| inner.clone());
        let mut ctx = OpenCtx::new(&mut find);
        open_mode(&mut file.borrow_mut(), b"+>", vec![OpenArg::Undef], &mut ctx).unwrap();
        let mut h = Handle::new();
        assert_eq!(open_two_arg(&mut h, b"+<&FILE", &mut ctx), Ok(Opened::Done));
        h.print(b"dup", false).unwrap();
        h.close();
        let words = [&b"echo"[..], b"a  b", b"$c"].map(OpenArg::Bytes);
        let pid = open_mode(&mut h, b"-|:utf8", words.into(), &mut ctx).unwrap();
        assert!(matches!(pid, Opened::Pid(p) if p > 0) && h.is_utf8());
        assert_eq!(slurp(&mut h), b"a  b $c\n");
        open_two_arg(&mut h, b" echo $((1+1)) | ", &mut ctx).unwrap();
        assert_eq!(slurp(&mut h), b"2\n");
        let text = SharedBytes::default();
        text.0.borrow_mut().extend_from_slice(b"mem");
        open_mode(&mut h, b"<", vec![OpenArg::Scalar(Box::new(text))], &mut ctx).unwrap();
        assert_eq!(slurp(&mut h), b"mem");
        file.borrow_mut().seek(0, libc::SEEK_SET).unwrap();
        assert_eq!(slurp(&mut file.borrow_mut()), b"dup");
    }

    #[test]
    fn a_forked_child_writes_to_us() {
        let mut find = |_: &[u8]| None;
        let mut ctx = OpenCtx::new(&mut find);
        let mut h = Handle::new();
        match open_two_arg(&mut h, b"-|", &mut ctx).unwrap() {
            Opened::Child => {
                let _ = crate::fd::write(1, b"from the child");
                crate::process::exit_now(7)
            }
            o => assert!(matches!(o, Opened::Pid(_))),
        }
        assert_eq!(slurp(&mut h), b"from the child");
        assert_eq!(h.close().status.unwrap().0, 7 << 8);
    }

    #[test]
    fn failures_are_worded() {
        let mut find = |_: &[u8]| None;
        let mut ctx = OpenCtx::new(&mut find);
        let mut h = Handle::new();
        let e = open_two_arg(&mut h, b"<&NOSUCH", &mut ctx).unwrap_err();
        assert_eq!(e.fatal.unwrap(), "Bad filehandle: NOSUCH");
        let e = open_mode(&mut h, b"<", vec![OpenArg::Bytes(b"x\0y")], &mut ctx).unwrap_err();
        assert_eq!(e.errno, Some(Errno(libc::ENOENT)));
        assert_eq!(ctx.warnings[0].1, "Invalid \\0 character in pathname for open: x\\0y");
        open_mode(&mut h, b"<", vec![OpenArg::Bytes(b"/no/such\n")], &mut ctx).unwrap_err();
        assert_eq!(ctx.warnings[1].0, "newline");
        let e = open_mode(&mut h, b"|-", vec![OpenArg::Bytes(b" ")], &mut ctx).unwrap_err();
        assert_eq!(e.errno, Some(Errno(libc::EPIPE)));
    }
}
