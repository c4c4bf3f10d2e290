//! The file system: names, modes, owners, times, directories' making and removal, the current directory.
//!
//! `unsafe`: system calls on live C strings, integers and small local structs.

use crate::errno::{Errno, Res, check};
use crate::fd::{Fd, cstr, path};
use std::os::unix::ffi::{OsStrExt, OsStringExt};

pub fn chmod(p: &[u8], mode: u32) -> Res<()> {
    let p = cstr(p)?;
    // SAFETY: a live C string.
    check(unsafe { libc::chmod(p.as_ptr(), mode as libc::mode_t) }).map(drop)
}

pub fn fchmod(fd: Fd, mode: u32) -> Res<()> {
    // SAFETY: integers only.
    check(unsafe { libc::fchmod(fd, mode as libc::mode_t) }).map(drop)
}

/// An id of `u32::MAX` (-1) leaves that owner.
pub fn chown(p: &[u8], uid: u32, gid: u32) -> Res<()> {
    let p = cstr(p)?;
    // SAFETY: a live C string.
    check(unsafe { libc::chown(p.as_ptr(), uid, gid) }).map(drop)
}

pub fn fchown(fd: Fd, uid: u32, gid: u32) -> Res<()> {
    // SAFETY: integers only.
    check(unsafe { libc::fchown(fd, uid, gid) }).map(drop)
}

fn times(t: Option<(f64, f64)>) -> Option<[libc::timespec; 2]> {
    let spec = |t: f64| {
        let whole = t.floor();
        libc::timespec { tv_sec: whole as libc::time_t, tv_nsec: ((t - whole) * 1e9) as _ }
    };
    t.map(|(a, m)| [spec(a), spec(m)])
}

/// Sets access and modification time; None means now.
pub fn utime(p: &[u8], t: Option<(f64, f64)>) -> Res<()> {
    let p = cstr(p)?;
    let t = times(t);
    let ptr = t.as_ref().map_or(std::ptr::null(), |t| t.as_ptr());
    // SAFETY: a live C string, and null or two timespecs.
    check(unsafe { libc::utimensat(libc::AT_FDCWD, p.as_ptr(), ptr, 0) }).map(drop)
}

pub fn futime(fd: Fd, t: Option<(f64, f64)>) -> Res<()> {
    let t = times(t);
    let ptr = t.as_ref().map_or(std::ptr::null(), |t| t.as_ptr());
    // SAFETY: null or two timespecs.
    check(unsafe { libc::futimens(fd, ptr) }).map(drop)
}

pub fn rename(from: &[u8], to: &[u8]) -> Res<()> {
    let (f, t) = (cstr(from)?, cstr(to)?);
    // SAFETY: live C strings.
    check(unsafe { libc::rename(f.as_ptr(), t.as_ptr()) }).map(drop)
}

pub fn link(from: &[u8], to: &[u8]) -> Res<()> {
    let (f, t) = (cstr(from)?, cstr(to)?);
    // SAFETY: live C strings.
    check(unsafe { libc::link(f.as_ptr(), t.as_ptr()) }).map(drop)
}

pub fn symlink(target: &[u8], name: &[u8]) -> Res<()> {
    let (f, t) = (cstr(target)?, cstr(name)?);
    // SAFETY: live C strings.
    check(unsafe { libc::symlink(f.as_ptr(), t.as_ptr()) }).map(drop)
}

pub fn readlink(p: &[u8]) -> Res<Vec<u8>> {
    cstr(p)?;
    Ok(std::fs::read_link(path(p))?.into_os_string().into_vec())
}

/// `unlink`. A directory is refused (EISDIR), even for root.
pub fn unlink(p: &[u8]) -> Res<()> {
    let c = cstr(p)?;
    // SAFETY: the effective uid cannot fail to be read.
    if unsafe { libc::geteuid() } == 0 && crate::stat::lstat(p)?.is_dir() {
        return Err(Errno(libc::EISDIR));
    }
    // SAFETY: a live C string.
    check(unsafe { libc::unlink(c.as_ptr()) }).map(drop)
}

/// `mkdir`: trailing slashes are ignored.
pub fn mkdir(p: &[u8], mode: u32) -> Res<()> {
    let mut end = p.len();
    while end > 1 && p[end - 1] == b'/' {
        end -= 1;
    }
    let p = cstr(&p[..end])?;
    // SAFETY: a live C string.
    check(unsafe { libc::mkdir(p.as_ptr(), mode as libc::mode_t) }).map(drop)
}

pub fn rmdir(p: &[u8]) -> Res<()> {
    let p = cstr(p)?;
    // SAFETY: a live C string.
    check(unsafe { libc::rmdir(p.as_ptr()) }).map(drop)
}

pub fn mkfifo(p: &[u8], mode: u32) -> Res<()> {
    let p = cstr(p)?;
    // SAFETY: a live C string.
    check(unsafe { libc::mkfifo(p.as_ptr(), mode as libc::mode_t) }).map(drop)
}

pub fn chdir(p: &[u8]) -> Res<()> {
    let p = cstr(p)?;
    // SAFETY: a live C string.
    check(unsafe { libc::chdir(p.as_ptr()) }).map(drop)
}

pub fn fchdir(fd: Fd) -> Res<()> {
    // SAFETY: integers only.
    check(unsafe { libc::fchdir(fd) }).map(drop)
}

pub fn getcwd() -> Res<Vec<u8>> {
    Ok(std::env::current_dir()?.into_os_string().into_vec())
}

pub fn chroot(p: &[u8]) -> Res<()> {
    let p = cstr(p)?;
    // SAFETY: a live C string.
    check(unsafe { libc::chroot(p.as_ptr()) }).map(drop)
}

pub fn truncate(p: &[u8], len: i64) -> Res<()> {
    let p = cstr(p)?;
    // SAFETY: a live C string.
    check(unsafe { libc::truncate(p.as_ptr(), len as libc::off_t) }).map(drop)
}

/// Sets the umask and returns the one before.
pub fn set_umask(mask: u32) -> u32 {
    // SAFETY: cannot fail.
    unsafe { libc::umask(mask as libc::mode_t) as u32 }
}

/// The umask, unchanged.
pub fn umask() -> u32 {
    let now = set_umask(0);
    set_umask(now);
    now
}

/// A directory kept open, so that names relative to it stay good when the current directory changes.
pub struct Dir(std::fs::File);

impl Dir {
    pub fn open(p: &[u8]) -> Res<Dir> {
        cstr(p)?;
        Ok(Dir(std::fs::File::open(path(p))?))
    }

    fn fd(&self) -> Fd {
        std::os::fd::AsRawFd::as_raw_fd(&self.0)
    }

    pub fn rename(&self, from: &[u8], to: &[u8]) -> Res<()> {
        let (f, t) = (cstr(from)?, cstr(to)?);
        // SAFETY: live C strings and descriptor.
        check(unsafe { libc::renameat(self.fd(), f.as_ptr(), self.fd(), t.as_ptr()) }).map(drop)
    }

    pub fn unlink(&self, name: &[u8]) -> Res<()> {
        let c = cstr(name)?;
        // SAFETY: a live C string and descriptor.
        check(unsafe { libc::unlinkat(self.fd(), c.as_ptr(), 0) }).map(drop)
    }

    pub fn chmod(&self, name: &[u8], mode: u32) -> Res<()> {
        let c = cstr(name)?;
        // SAFETY: a live C string and descriptor.
        check(unsafe { libc::fchmodat(self.fd(), c.as_ptr(), mode as libc::mode_t, 0) }).map(drop)
    }
}

/// An anonymous temporary file: in `$TMPDIR`, else in /tmp or the current directory.
pub(crate) fn temp_file() -> Res<Fd> {
    let own = std::env::var_os("TMPDIR").filter(|d| !d.is_empty());
    let dirs = own.iter().map(|d| d.as_bytes()).chain([b"/tmp".as_slice(), b"."]);
    let mut last = Errno(libc::ENOENT);
    for dir in dirs {
        match mkstemp(&[dir, b"/PerlIO_XXXXXX"].concat()) {
            Ok((fd, path)) => {
                unlink(&path)?;
                return Ok(fd);
            }
            Err(e) => last = e,
        }
    }
    Err(last)
}

/// Makes a file from a template ending in XXXXXX; returns its descriptor and name.
pub fn mkstemp(template: &[u8]) -> Res<(Fd, Vec<u8>)> {
    let mut t = cstr(template)?.into_bytes_with_nul();
    // SAFETY: a NUL-terminated buffer of our own, which the call changes in place.
    let fd = check(unsafe { libc::mkostemp(t.as_mut_ptr().cast(), libc::O_CLOEXEC) })?;
    t.pop();
    Ok((fd, t))
}
