//! `flock`, `fcntl`, `ioctl` and the four-argument `select`.
//!
//! `unsafe`: fcntl and ioctl get an integer or a buffer at least as large as any structure the kernel writes
//! for the request, checked afterwards for an overrun; select gets bit sets sized for the highest descriptor.

use crate::errno::{Errno, Res, check};
use crate::fd::{self, Fd};

/// Room given to the kernel for what `fcntl` and `ioctl` write: perl's own minimum.
const ROOM: usize = 256;
/// A byte behind that room that has to stay.
const GUARD: u8 = 17;

/// `flock`
pub fn flock(fd: Fd, op: i32) -> Res<()> {
    // SAFETY: integers only.
    fd::retry(|| check(unsafe { libc::flock(fd, op) })).map(drop)
}

/// The third argument of `fcntl` or `ioctl`.
pub enum Arg<'a> {
    Int(i64),
    /// A structure, replaced by what the kernel made of it.
    Buf(&'a mut Vec<u8>),
}

/// A failed `fcntl` or `ioctl`.
#[derive(Debug, PartialEq, Eq)]
pub enum ControlError {
    Sys(Errno),
    /// The kernel wrote past the end of the buffer: perl dies with "Possible memory corruption: %s overflowed
    /// 3rd argument".
    Overflow,
}

fn control(arg: Arg, call: impl Fn(usize) -> libc::c_int) -> Result<i32, ControlError> {
    let done = |r| check(r).map_err(ControlError::Sys);
    match arg {
        Arg::Int(n) => done(call(n as usize)),
        Arg::Buf(v) => {
            let len = v.len();
            let mut room = v.clone();
            room.resize(len.max(ROOM), 0);
            room.push(GUARD);
            let r = done(call(room.as_mut_ptr() as usize))?;
            if room.pop() != Some(GUARD) {
                return Err(ControlError::Overflow);
            }
            room.truncate(len);
            *v = room;
            Ok(r)
        }
    }
}

/// `fcntl`. The VM shows 0 as "0 but true".
pub fn fcntl(fd: Fd, op: i32, arg: Arg) -> Result<i32, ControlError> {
    // SAFETY: see the module header.
    control(arg, |a| unsafe { libc::fcntl(fd, op, a) })
}

/// `ioctl`. The VM shows 0 as "0 but true".
pub fn ioctl(fd: Fd, op: u64, arg: Arg) -> Result<i32, ControlError> {
    // SAFETY: see the module header.
    control(arg, |a| unsafe { libc::ioctl(fd, op as _, a) })
}

/// `$fh->sync`
pub fn fsync(fd: Fd) -> Res<()> {
    // SAFETY: integers only.
    fd::retry(|| check(unsafe { libc::fsync(fd) })).map(drop)
}

/// `$fh->blocking`: sets (or, with None, leaves) the mode and returns the one before.
pub fn blocking(fd: Fd, on: Option<bool>) -> Res<bool> {
    let now = fd::status_flags(fd)?;
    let was = now & libc::O_NONBLOCK == 0;
    if let Some(on) = on.filter(|on| *on != was) {
        let want = if on { now & !libc::O_NONBLOCK } else { now | libc::O_NONBLOCK };
        // SAFETY: integers only.
        check(unsafe { libc::fcntl(fd, libc::F_SETFL, want) })?;
    }
    Ok(was)
}

const WORD: usize = libc::c_ulong::BITS as usize;

fn load(bits: &[u8], words: usize) -> Vec<libc::c_ulong> {
    let mut set = vec![0; words];
    for (i, b) in bits.iter().enumerate() {
        for k in (0..8).filter(|k| b >> k & 1 == 1) {
            let n = i * 8 + k;
            set[n / WORD] |= 1 << (n % WORD);
        }
    }
    set
}

fn store(set: &[libc::c_ulong], bits: &mut [u8]) {
    for (i, b) in bits.iter_mut().enumerate() {
        *b = (0..8)
            .map(|k| i * 8 + k)
            .fold(0, |acc, n| acc | ((set[n / WORD] >> (n % WORD) & 1) as u8) << (n % 8));
    }
}

/// `select(RBITS, WBITS, EBITS, TIMEOUT)`: bit strings as `vec` makes them, changed in place. Returns how many
/// descriptors are ready and the time left. EINTR is reported, not retried.
pub fn select(
    read: Option<&mut [u8]>,
    write: Option<&mut [u8]>,
    except: Option<&mut [u8]>,
    timeout: Option<f64>,
) -> Res<(i32, f64)> {
    let mut masks = [read, write, except];
    let bytes = masks.iter().flatten().map(|m| m.len()).max().unwrap_or(0);
    let words = bytes.div_ceil(WORD / 8).max(std::mem::size_of::<libc::fd_set>() / (WORD / 8));
    let nfds = libc::c_int::try_from(bytes * 8).map_err(|_| Errno(libc::EINVAL))?;
    let mut sets: Vec<Option<Vec<libc::c_ulong>>> =
        masks.iter().map(|m| m.as_deref().map(|m| load(m, words))).collect();
    let mut tv = timeout.map(|t| {
        let t = if t.is_finite() { t.clamp(0.0, i32::MAX as f64) } else { 0.0 };
        libc::timeval { tv_sec: t.trunc() as _, tv_usec: (t.fract() * 1e6) as _ }
    });
    let mut ptrs = [std::ptr::null_mut::<libc::fd_set>(); 3];
    for (p, s) in ptrs.iter_mut().zip(&mut sets) {
        if let Some(s) = s {
            *p = s.as_mut_ptr().cast();
        }
    }
    let tvp = tv.as_mut().map_or(std::ptr::null_mut(), |t| t as *mut _);
    // SAFETY: see the module header.
    let n = check(unsafe { libc::select(nfds, ptrs[0], ptrs[1], ptrs[2], tvp) })?;
    for (m, s) in masks.iter_mut().zip(&sets) {
        if let (Some(m), Some(s)) = (m, s) {
            store(s, m);
        }
    }
    Ok((n, tv.map_or(0.0, |t| t.tv_sec as f64 + t.tv_usec as f64 / 1e6)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn select_sees_a_ready_pipe() {
        let (r, w) = fd::pipe().unwrap();
        let mut bits = vec![0u8; r as usize / 8 + 1];
        bits[r as usize / 8] |= 1 << (r % 8);
        let mut idle = bits.clone();
        assert_eq!(select(Some(&mut idle), None, None, Some(0.0)).unwrap().0, 0);
        assert!(idle.iter().all(|b| *b == 0));
        fd::write(w, b"x").unwrap();
        let mut ready = bits.clone();
        assert_eq!(select(Some(&mut ready), None, None, Some(1.0)).unwrap().0, 1);
        assert_eq!(ready, bits);
        assert_eq!(fcntl(r, libc::F_GETFD, Arg::Int(0)), Ok(libc::FD_CLOEXEC));
        fd::close(r).unwrap();
        fd::close(w).unwrap();
        assert_eq!(select(Some(&mut bits), None, None, Some(0.0)), Err(Errno(libc::EBADF)));
    }

    #[test]
    fn ioctl_fills_a_buffer() {
        let (r, w) = fd::pipe().unwrap();
        fd::write(w, b"four").unwrap();
        let mut n = vec![0; 4];
        ioctl(r, libc::FIONREAD, Arg::Buf(&mut n)).unwrap();
        assert_eq!(i32::from_ne_bytes(n.try_into().unwrap()), 4);
        fd::close(r).unwrap();
        fd::close(w).unwrap();
    }
}
