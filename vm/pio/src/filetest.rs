//! The file tests `-r -w … -C`.
//!
//! `unsafe`: identity and access calls on integers, live C strings and a buffer passed with its length.

use crate::errno::{Errno, Res, check};
use crate::fd::{self, Fd, cstr};
use crate::handle::Handle;
use crate::stat::Stat;

/// A file test's value.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Tested {
    Bool(bool),
    /// `-s` of a file that is not empty.
    Size(i64),
    /// `-M -A -C`: age in days.
    Days(f64),
}

/// How much of a file `-T` and `-B` look at.
const SAMPLE: usize = 512;

/// The tests a stat buffer answers: all but `-t`, `-T`, `-B`. `base_time` is `$^T`. None for a letter that is
/// no such test.
pub fn test_stat(op: u8, s: &Stat, base_time: f64) -> Option<Tested> {
    let kind = |k: libc::mode_t| s.is(k);
    let bit = |b: libc::mode_t| !s.has(0, b);
    let days = |t: i64| Tested::Days((base_time - t as f64) / 86400.0);
    Some(Tested::Bool(match op {
        b'e' => true,
        b'r' => permits(s, 0o400, true),
        b'w' => permits(s, 0o200, true),
        b'x' => permits(s, 0o100, true),
        b'R' => permits(s, 0o400, false),
        b'W' => permits(s, 0o200, false),
        b'X' => permits(s, 0o100, false),
        b'o' => s.uid == uid(true),
        b'O' => s.uid == uid(false),
        b'z' => s.size == 0,
        b's' => return Some(Tested::Size(s.size)),
        b'f' => kind(libc::S_IFREG),
        b'd' => kind(libc::S_IFDIR),
        b'l' => kind(libc::S_IFLNK),
        b'p' => kind(libc::S_IFIFO),
        b'S' => kind(libc::S_IFSOCK),
        b'b' => kind(libc::S_IFBLK),
        b'c' => kind(libc::S_IFCHR),
        b'u' => bit(libc::S_ISUID),
        b'g' => bit(libc::S_ISGID),
        b'k' => bit(libc::S_ISVTX),
        b'M' => return Some(days(s.mtime)),
        b'A' => return Some(days(s.atime)),
        b'C' => return Some(days(s.ctime)),
        _ => return None,
    }))
}

fn uid(effective: bool) -> u32 {
    // SAFETY: these cannot fail.
    unsafe { if effective { libc::geteuid() } else { libc::getuid() } }
}

fn in_group(gid: u32, effective: bool) -> bool {
    // SAFETY: these cannot fail.
    if gid == unsafe { if effective { libc::getegid() } else { libc::getgid() } } {
        return true;
    }
    crate::users::groups().is_ok_and(|g| g.contains(&gid))
}

/// The mode bits' answer; `bit` is the owner's.
fn permits(s: &Stat, bit: u32, effective: bool) -> bool {
    let me = uid(effective);
    if me == 0 {
        // Root may run only what someone may run.
        return bit != 0o100 || s.mode & 0o111 != 0 || s.is_dir();
    }
    let bit = if s.uid == me {
        bit
    } else if in_group(s.gid, effective) {
        bit >> 3
    } else {
        bit >> 6
    };
    s.mode & bit != 0
}

/// `-r -w -x -R -W -X` under `use filetest "access"`: the kernel's own answer.
pub fn test_access(op: u8, path: &[u8]) -> Res<bool> {
    let mode = match op {
        b'r' | b'R' => libc::R_OK,
        b'w' | b'W' => libc::W_OK,
        b'x' | b'X' => libc::X_OK,
        _ => return Err(Errno(libc::EINVAL)),
    };
    let p = cstr(path)?;
    let flags = if op.is_ascii_lowercase() { libc::AT_EACCESS } else { 0 };
    // SAFETY: a live C string.
    match check(unsafe { libc::faccessat(libc::AT_FDCWD, p.as_ptr(), mode, flags) }) {
        Ok(_) => Ok(true),
        Err(e) if e.0 == libc::EACCES => Ok(false),
        Err(e) => Err(e),
    }
}

/// `-t`
pub fn is_terminal(fd: Fd) -> Res<bool> {
    fd::status_flags(fd)?;
    Ok(fd::is_tty(fd))
}

/// `-T` (text) or, with `text` false, `-B`, of a file by name. The stat buffer comes back for `_`.
pub fn test_text(path: &[u8], text: bool) -> Res<(bool, Stat)> {
    let fd = fd::open(path, libc::O_RDONLY | libc::O_CLOEXEC, 0)?;
    let r = sample(fd);
    fd::close(fd)?;
    let (s, bytes) = r?;
    Ok((judge(&bytes, s.is_dir(), text), s))
}

fn sample(fd: Fd) -> Res<(Stat, Vec<u8>)> {
    let s = crate::stat::fstat(fd)?;
    let mut buf = vec![0; SAMPLE];
    // A directory cannot be read: it has no text.
    let n = fd::retry(|| fd::read(fd, &mut buf)).unwrap_or(0);
    buf.truncate(n);
    Ok((s, buf))
}

/// `-T` or `-B` of a handle: looks at its buffer, filling it if empty; at end of file both are true.
pub fn test_text_handle(h: &mut Handle, text: bool) -> Res<bool> {
    let s = crate::stat::fstat(h.fd()?)?;
    if s.is_dir() {
        return Ok(!text);
    }
    let mut bytes = Vec::new();
    h.ready_to_read()?;
    h.consume(&mut |avail| {
        bytes.extend_from_slice(&avail[..avail.len().min(SAMPLE)]);
        0
    })?;
    Ok(judge(&bytes, false, text))
}

fn judge(bytes: &[u8], dir: bool, text: bool) -> bool {
    if bytes.is_empty() {
        return !(dir && text);
    }
    looks_like_text(bytes) == text
}

/// Text is what is UTF-8, or has at most a third of bytes that no text has. A NUL is never text.
fn looks_like_text(bytes: &[u8]) -> bool {
    if memchr::memchr(0, bytes).is_some() {
        return false;
    }
    match std::str::from_utf8(bytes) {
        Ok(s) if !s.is_ascii() => return true,
        // Only the last character is cut off.
        Err(e) if e.error_len().is_none() => return true,
        _ => {}
    }
    let odd = bytes.iter().filter(|b| !matches!(**b, b' '..=b'~' | b'\t'..=b'\r' | 0x08 | 0x1b)).count();
    odd * 3 <= bytes.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tests_on_known_files() {
        let d = crate::stat::stat(b"/").unwrap();
        assert_eq!(test_stat(b'd', &d, 0.0), Some(Tested::Bool(true)));
        assert_eq!(test_stat(b'f', &d, 0.0), Some(Tested::Bool(false)));
        assert_eq!(test_stat(b'q', &d, 0.0), None);
        let age = test_stat(b'M', &d, d.mtime as f64 + 86400.0);
        assert_eq!(age, Some(Tested::Days(1.0)));
        assert_eq!(crate::stat::stat(b"/no/such").unwrap_err(), Errno(libc::ENOENT));
        assert!(!test_text(b"/", true).unwrap().0 && test_text(b"/", false).unwrap().0);
        assert!(test_text(b"/dev/null", true).unwrap().0 && test_text(b"/dev/null", false).unwrap().0);
    }

    #[test]
    fn text_or_binary() {
        assert!(looks_like_text(b"hello\n"));
        assert!(looks_like_text("na\u{ef}ve".as_bytes()));
        assert!(!looks_like_text(b"a\0b"));
        assert!(!looks_like_text(b"\x01\x02\xff\xfe\x80\x81ab"));
    }
}
