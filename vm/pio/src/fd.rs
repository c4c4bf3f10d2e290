//! File descriptors: the raw system calls, and the count of handles that share one descriptor.
//!
//! `open(A, "<&=", B)` makes two handles on one descriptor; it is closed when the last of them is. The counts
//! live in one process-wide table, as descriptors do. A descriptor Perl code never opened (inherited, or made
//! by C code) counts zero and is adopted on its first `retain`.
//!
//! `unsafe`: system calls on plain integers, or on buffers passed with their own length.

use crate::errno::{Errno, Res, check, check_size};
use std::ffi::{CString, OsStr};
use std::os::unix::ffi::OsStrExt;
use std::sync::Mutex;

pub type Fd = libc::c_int;

static SHARES: Mutex<Vec<u32>> = Mutex::new(Vec::new());

fn shares<R>(fd: Fd, f: impl FnOnce(&mut u32) -> R) -> R {
    let mut t = SHARES.lock().unwrap_or_else(|e| e.into_inner());
    let i = fd.max(0) as usize;
    if t.len() <= i {
        t.resize(i + 1, 0);
    }
    f(&mut t[i])
}

/// One more handle uses `fd`.
pub fn retain(fd: Fd) {
    shares(fd, |n| *n += 1)
}

/// One handle less; true if that was the last one, so the descriptor is to be closed.
pub fn release(fd: Fd) -> bool {
    shares(fd, |n| {
        *n = n.saturating_sub(1);
        *n == 0
    })
}

/// How many handles use `fd`.
pub fn share_count(fd: Fd) -> u32 {
    shares(fd, |n| *n)
}

/// A path or name as a C string. A NUL inside can never name anything: ENOENT, as perl reports it.
pub fn cstr(s: &[u8]) -> Res<CString> {
    CString::new(s).map_err(|_| Errno(libc::ENOENT))
}

/// A byte string as the standard library's path type.
pub fn path(s: &[u8]) -> &std::path::Path {
    std::path::Path::new(OsStr::from_bytes(s))
}

/// Runs a call again while a signal without a Perl handler interrupts it; EINTR comes out only when a Perl
/// handler waits to run.
pub fn retry<T>(mut f: impl FnMut() -> Res<T>) -> Res<T> {
    loop {
        match f() {
            Err(e) if e.is_interrupt() && !crate::signals::any_pending() => {}
            r => return r,
        }
    }
}

pub fn open(path: &[u8], flags: libc::c_int, perm: u32) -> Res<Fd> {
    let p = cstr(path)?;
    // SAFETY: `p` is a live C string.
    retry(|| check(unsafe { libc::open(p.as_ptr(), flags, perm) }))
}

pub fn read(fd: Fd, buf: &mut [u8]) -> Res<usize> {
    // SAFETY: `buf` is writable for its length.
    check_size(unsafe { libc::read(fd, buf.as_mut_ptr().cast(), buf.len()) })
}

pub fn write(fd: Fd, buf: &[u8]) -> Res<usize> {
    // SAFETY: `buf` is readable for its length.
    check_size(unsafe { libc::write(fd, buf.as_ptr().cast(), buf.len()) })
}

pub fn seek(fd: Fd, offset: i64, whence: i32) -> Res<u64> {
    // SAFETY: integers only.
    let r = unsafe { libc::lseek(fd, offset as libc::off_t, whence) };
    u64::try_from(r).map_err(|_| Errno::last())
}

pub fn close(fd: Fd) -> Res<()> {
    // SAFETY: integers only. Linux frees the descriptor even when it reports EINTR, so no second try.
    check(unsafe { libc::close(fd) }).map(drop)
}

pub fn dup(fd: Fd) -> Res<Fd> {
    // SAFETY: integers only.
    check(unsafe { libc::dup(fd) })
}

pub fn dup2(from: Fd, to: Fd) -> Res<Fd> {
    // SAFETY: integers only.
    retry(|| check(unsafe { libc::dup2(from, to) }))
}

/// Sets or clears close-on-exec.
pub fn set_cloexec(fd: Fd, on: bool) -> Res<()> {
    // SAFETY: integers only.
    unsafe {
        let now = check(libc::fcntl(fd, libc::F_GETFD))?;
        let want = if on { now | libc::FD_CLOEXEC } else { now & !libc::FD_CLOEXEC };
        if want != now {
            check(libc::fcntl(fd, libc::F_SETFD, want))?;
        }
    }
    Ok(())
}

/// Close-on-exec for descriptors above `$^F`, none for the others.
pub fn apply_max_sys_fd(fd: Fd, max_sys_fd: i32) -> Res<()> {
    set_cloexec(fd, fd > max_sys_fd)
}

/// The `O_*` status flags of an open descriptor.
pub fn status_flags(fd: Fd) -> Res<libc::c_int> {
    // SAFETY: integers only.
    check(unsafe { libc::fcntl(fd, libc::F_GETFL) })
}

/// Sets those of the status flags that can be changed on an open descriptor.
pub fn set_status_flags(fd: Fd, flags: libc::c_int) -> Res<()> {
    // SAFETY: integers only.
    check(unsafe { libc::fcntl(fd, libc::F_SETFL, flags) }).map(drop)
}

pub fn is_tty(fd: Fd) -> bool {
    // SAFETY: integers only.
    unsafe { libc::isatty(fd) == 1 }
}

/// A pipe's two ends: (reader, writer), both close-on-exec.
pub fn pipe() -> Res<(Fd, Fd)> {
    let mut p = [0 as Fd; 2];
    #[cfg(any(target_os = "linux", target_os = "android", target_os = "freebsd"))]
    // SAFETY: `p` holds two integers.
    check(unsafe { libc::pipe2(p.as_mut_ptr(), libc::O_CLOEXEC) })?;
    #[cfg(not(any(target_os = "linux", target_os = "android", target_os = "freebsd")))]
    {
        // SAFETY: `p` holds two integers.
        check(unsafe { libc::pipe(p.as_mut_ptr()) })?;
        set_cloexec(p[0], true)?;
        set_cloexec(p[1], true)?;
    }
    Ok((p[0], p[1]))
}

pub fn truncate(fd: Fd, len: i64) -> Res<()> {
    // SAFETY: integers only.
    retry(|| check(unsafe { libc::ftruncate(fd, len as libc::off_t) })).map(drop)
}
