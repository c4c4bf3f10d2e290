//! The little language of `open`: the mode argument, and the two-argument form where mode and name share one
//! string.

use crate::errno::Errno;
use crate::layers::{self, LayerSpec};
use crate::open::{Direction, Mode, OpenError};

/// What an `open` is to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Op {
    File(Mode),
    /// `>&NAME`; `alias` for `>&=NAME`.
    Dup {
        mode: Mode,
        alias: bool,
    },
    /// A command.
    Pipe(Direction),
}

/// A mode argument taken apart.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ModeSpec {
    pub op: Op,
    pub layers: Vec<LayerSpec>,
}

/// A two-argument open string taken apart.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TwoArg {
    pub op: Op,
    /// The path, command, descriptor number or handle name.
    pub name: Vec<u8>,
    /// The name is `-`: a standard handle for files, a fork for pipes.
    pub dash: bool,
    /// A warning that does not stop the open (category, text).
    pub warning: Option<(&'static str, String)>,
}

/// The descriptor a dup source names, if it is a number rather than a handle.
pub fn dup_number(name: &[u8]) -> Option<crate::fd::Fd> {
    let n = name.trim_ascii();
    if n.is_empty() || !n.iter().all(u8::is_ascii_digit) {
        return None;
    }
    std::str::from_utf8(n).ok()?.parse().ok()
}

/// Reads `[+]< > >>` and an optional `&` or `&=`; None if there is none. Returns what follows.
fn redirection(s: &[u8]) -> Option<(Op, &[u8])> {
    let (plus, t) = match s.strip_prefix(b"+") {
        Some(t) => (true, t),
        None => (false, s),
    };
    let (mode, t) = if let Some(t) = t.strip_prefix(b">>") {
        (if plus { Mode::AppendRead } else { Mode::Append }, t)
    } else if let Some(t) = t.strip_prefix(b">") {
        (if plus { Mode::Truncate } else { Mode::Write }, t)
    } else {
        (if plus { Mode::Update } else { Mode::Read }, t.strip_prefix(b"<")?)
    };
    Some(match t.strip_prefix(b"&") {
        None => (Op::File(mode), t),
        Some(t) => match t.strip_prefix(b"=") {
            Some(t) => (Op::Dup { mode, alias: true }, t),
            None => (Op::Dup { mode, alias: false }, t),
        },
    })
}

/// The second argument of a three-or-more-argument `open`.
pub fn parse_mode(mode: &[u8]) -> Result<ModeSpec, OpenError> {
    let unknown = || OpenError {
        fatal: Some(format!("Unknown open() mode '{}'", String::from_utf8_lossy(mode))),
        ..OpenError::default()
    };
    let s = mode.trim_ascii_start();
    let (op, rest) = if let Some(t) = s.strip_prefix(b"|-") {
        (Op::Pipe(Direction::To), t)
    } else if let Some(t) = s.strip_prefix(b"-|") {
        (Op::Pipe(Direction::From), t)
    } else {
        redirection(s).ok_or_else(unknown)?
    };
    let layers = match layers::parse(rest) {
        Ok(l) => l,
        // `<<` is no mode, rather than a mode with a bad layer list.
        Err(e) if rest.starts_with(b"<") || rest.starts_with(b">") => {
            return Err(OpenError { warning: Some(("layer", e.warning)), ..unknown() });
        }
        Err(e) => return Err(e.into()),
    };
    Ok(ModeSpec { op, layers })
}

pub(crate) fn missing_command() -> OpenError {
    OpenError {
        errno: Some(Errno(libc::EPIPE)),
        warning: Some(("pipe", "Missing command in piped open".into())),
        fatal: None,
    }
}

/// The string of a two-argument `open`.
pub fn parse_two_arg(s: &[u8]) -> Result<TwoArg, OpenError> {
    let s = s.trim_ascii();
    let done = |op, name: &[u8]| TwoArg { op, name: name.to_vec(), dash: name == b"-", warning: None };
    if let Some(t) = s.strip_prefix(b"|") {
        let mut cmd = t.trim_ascii_start();
        let mut warning = None;
        if let Some(head) = cmd.strip_suffix(b"|") {
            warning = Some(("pipe", "Can't open bidirectional pipe".to_string()));
            cmd = head.trim_ascii_end();
        }
        if cmd.is_empty() {
            return Err(missing_command());
        }
        return Ok(TwoArg { warning, ..done(Op::Pipe(Direction::To), cmd) });
    }
    if let Some((op, t)) = redirection(s) {
        // `+<cmd|` is no update mode: the trailing bar wins.
        if !(s.starts_with(b"+") && s.ends_with(b"|")) {
            let name = t.trim_ascii_start();
            if name.is_empty() {
                let e = if matches!(op, Op::File(_)) { libc::ENOENT } else { libc::EINVAL };
                return Err(Errno(e).into());
            }
            return Ok(done(op, name));
        }
    }
    if let Some(head) = s.strip_suffix(b"|") {
        let cmd = head.trim_ascii_end();
        if cmd.is_empty() {
            return Err(missing_command());
        }
        return Ok(done(Op::Pipe(Direction::From), cmd));
    }
    if s.is_empty() {
        return Err(Errno(libc::ENOENT).into());
    }
    Ok(done(Op::File(Mode::Read), s))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_argument_forms() {
        let p = |s: &str| parse_two_arg(s.as_bytes()).unwrap();
        assert_eq!(p(" foo \n").op, Op::File(Mode::Read));
        assert_eq!(p("< foo ").name, b"foo");
        assert_eq!(p(">>foo").op, Op::File(Mode::Append));
        assert_eq!(p("+<foo").op, Op::File(Mode::Update));
        assert_eq!(p("ls -l |").op, Op::Pipe(Direction::From));
        assert_eq!(p("ls -l |").name, b"ls -l");
        assert_eq!(p("| cat").op, Op::Pipe(Direction::To));
        assert!(p("-").dash && p(">-").dash && p("-|").dash && p("|-").dash);
        assert_eq!(p(">&STDERR").op, Op::Dup { mode: Mode::Write, alias: false });
        assert_eq!(p("<&=3").op, Op::Dup { mode: Mode::Read, alias: true });
        assert_eq!(dup_number(&p("<&=3").name), Some(3));
        assert_eq!(p("|a|").warning.unwrap().1, "Can't open bidirectional pipe");
        assert_eq!(parse_two_arg(b" | ").unwrap_err().errno, Some(Errno(libc::EPIPE)));
        assert_eq!(parse_two_arg(b"").unwrap_err().errno, Some(Errno(libc::ENOENT)));
    }

    #[test]
    fn mode_arguments() {
        let m = parse_mode(b"+>>:encoding(UTF-8):crlf").unwrap();
        assert_eq!(m.op, Op::File(Mode::AppendRead));
        assert_eq!(m.layers.len(), 2);
        assert_eq!(parse_mode(b"-|").unwrap().op, Op::Pipe(Direction::From));
        assert_eq!(parse_mode(b"").unwrap_err().fatal.unwrap(), "Unknown open() mode ''");
        let e = parse_mode(b"<<").unwrap_err();
        assert_eq!(e.fatal.unwrap(), "Unknown open() mode '<<'");
    }
}
