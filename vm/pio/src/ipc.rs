//! System V messages, semaphores and shared memory, and raw `syscall`.
//!
//! `unsafe`: the kernel gets buffers of the size the call needs, checked here; attached shared memory is
//! bounds-checked against the segment's size and detached before returning. `syscall` is as unsafe as in
//! Perl: the program vouches for it.

use crate::errno::{Errno, Res, check, check_size};
use std::mem::{size_of, zeroed};

const INVALID: Errno = Errno(libc::EINVAL);

pub fn msgget(key: i32, flags: i32) -> Res<i32> {
    // SAFETY: integers only.
    check(unsafe { libc::msgget(key as libc::key_t, flags) })
}

pub fn semget(key: i32, n: i32, flags: i32) -> Res<i32> {
    // SAFETY: integers only.
    check(unsafe { libc::semget(key as libc::key_t, n, flags) })
}

pub fn shmget(key: i32, size: usize, flags: i32) -> Res<i32> {
    // SAFETY: integers only.
    check(unsafe { libc::shmget(key as libc::key_t, size, flags) })
}

/// IPC_STAT fills `arg` with the structure, IPC_SET takes it from there; other commands use none.
fn with_struct<T: Copy>(cmd: i32, arg: &mut Vec<u8>, call: impl Fn(*mut T) -> i32) -> Res<i32> {
    // SAFETY: the structures are plain C data, valid when zeroed.
    let mut s: T = unsafe { zeroed() };
    let n = size_of::<T>();
    if cmd == libc::IPC_SET {
        if arg.len() != n {
            return Err(INVALID);
        }
        // SAFETY: same length, distinct regions, and any bytes are valid for plain C data.
        unsafe { std::ptr::copy_nonoverlapping(arg.as_ptr(), (&raw mut s).cast(), n) };
    }
    let r = check(call(&mut s))?;
    if cmd == libc::IPC_STAT {
        // SAFETY: the structure was zeroed, so every byte is initialised.
        *arg = unsafe { std::slice::from_raw_parts((&raw const s).cast::<u8>(), n) }.to_vec();
    }
    Ok(r)
}

pub fn msgctl(id: i32, cmd: i32, arg: &mut Vec<u8>) -> Res<i32> {
    // SAFETY: a structure of the right type.
    with_struct::<libc::msqid_ds>(cmd, arg, |s| unsafe { libc::msgctl(id, cmd, s) })
}

pub fn shmctl(id: i32, cmd: i32, arg: &mut Vec<u8>) -> Res<i32> {
    // SAFETY: a structure of the right type.
    with_struct::<libc::shmid_ds>(cmd, arg, |s| unsafe { libc::shmctl(id, cmd, s) })
}

/// How the kernel takes the fourth argument of semctl.
#[repr(C)]
union SemArg {
    val: i32,
    buf: *mut libc::semid_ds,
    array: *mut u16,
}

/// `value` is the number for SETVAL; `arg` the structure, or the packed shorts of GETALL and SETALL.
pub fn semctl(id: i32, n: i32, cmd: i32, value: i32, arg: &mut Vec<u8>) -> Res<i32> {
    // SAFETY: every pointer handed over is of the type the command takes and large enough.
    unsafe {
        match cmd {
            libc::IPC_STAT | libc::IPC_SET => {
                with_struct::<libc::semid_ds>(cmd, arg, |s| libc::semctl(id, 0, cmd, SemArg { buf: s }))
            }
            libc::GETALL | libc::SETALL => {
                let mut ds: libc::semid_ds = zeroed();
                check(libc::semctl(id, 0, libc::IPC_STAT, SemArg { buf: &mut ds }))?;
                let mut v = vec![0u16; ds.sem_nsems as usize];
                if cmd == libc::SETALL {
                    if arg.len() != v.len() * 2 {
                        return Err(INVALID);
                    }
                    for (s, b) in v.iter_mut().zip(arg.chunks_exact(2)) {
                        *s = u16::from_ne_bytes([b[0], b[1]]);
                    }
                }
                let r = check(libc::semctl(id, 0, cmd, SemArg { array: v.as_mut_ptr() }))?;
                if cmd == libc::GETALL {
                    *arg = v.iter().flat_map(|s| s.to_ne_bytes()).collect();
                }
                Ok(r)
            }
            _ => check(libc::semctl(id, n, cmd, SemArg { val: value })),
        }
    }
}

/// `semop` with packed triples of shorts (number, operation, flags).
pub fn semop(id: i32, ops: &[u8]) -> Res<()> {
    if ops.is_empty() || !ops.len().is_multiple_of(6) {
        return Err(INVALID);
    }
    let short = |b: &[u8]| i16::from_ne_bytes([b[0], b[1]]);
    let mut v: Vec<libc::sembuf> = ops
        .chunks_exact(6)
        .map(|c| libc::sembuf { sem_num: short(c) as u16, sem_op: short(&c[2..]), sem_flg: short(&c[4..]) })
        .collect();
    // SAFETY: an array with its length.
    check(unsafe { libc::semop(id, v.as_mut_ptr(), v.len() as _) }).map(drop)
}

/// `msgsnd`: the message starts with its type, a native long.
pub fn msgsnd(id: i32, msg: &[u8], flags: i32) -> Res<()> {
    let text = msg.len().checked_sub(size_of::<libc::c_long>()).ok_or(INVALID)?;
    // The kernel wants the type aligned.
    let mut buf = vec![0 as libc::c_long; msg.len().div_ceil(size_of::<libc::c_long>())];
    // SAFETY: the buffer is at least as long as the message.
    unsafe {
        std::ptr::copy_nonoverlapping(msg.as_ptr(), buf.as_mut_ptr().cast::<u8>(), msg.len());
        check(libc::msgsnd(id, buf.as_ptr().cast(), text, flags)).map(drop)
    }
}

/// `msgrcv`: the message's type and up to `size` bytes of text; returns the text's length too.
pub fn msgrcv(id: i32, size: usize, kind: i64, flags: i32) -> Res<(Vec<u8>, usize)> {
    let head = size_of::<libc::c_long>();
    if isize::try_from(size.saturating_add(2 * head)).is_err() {
        return Err(INVALID);
    }
    let mut buf = vec![0 as libc::c_long; size.div_ceil(head) + 1];
    // SAFETY: room for the type and `size` bytes.
    unsafe {
        let n =
            check_size(libc::msgrcv(id, buf.as_mut_ptr().cast(), size, kind as libc::c_long, flags) as _)?;
        Ok((std::slice::from_raw_parts(buf.as_ptr().cast::<u8>(), head + n).to_vec(), n))
    }
}

/// Lends the bytes `pos .. pos + size` of a segment.
fn attached<R>(id: i32, pos: usize, size: usize, flags: i32, f: impl FnOnce(*mut u8) -> R) -> Res<R> {
    // SAFETY: the segment is attached for the length of the call and the range lies inside it.
    unsafe {
        let mut ds: libc::shmid_ds = zeroed();
        check(libc::shmctl(id, libc::IPC_STAT, &mut ds))?;
        if pos.checked_add(size).is_none_or(|end| end > ds.shm_segsz) {
            return Err(Errno(libc::EFAULT));
        }
        let p = libc::shmat(id, std::ptr::null(), flags);
        if p as isize == -1 {
            return Err(Errno::last());
        }
        let r = f(p.cast::<u8>().add(pos));
        check(libc::shmdt(p))?;
        Ok(r)
    }
}

pub fn shmread(id: i32, pos: usize, size: usize) -> Res<Vec<u8>> {
    attached(id, pos, size, libc::SHM_RDONLY, |p| {
        // SAFETY: the range was checked.
        unsafe { std::slice::from_raw_parts(p, size) }.to_vec()
    })
}

/// `shmwrite`: a string shorter than `size` is padded with NULs.
pub fn shmwrite(id: i32, data: &[u8], pos: usize, size: usize) -> Res<()> {
    attached(id, pos, size, 0, |p| {
        let n = data.len().min(size);
        // SAFETY: the range was checked; the regions are distinct.
        unsafe {
            std::ptr::copy_nonoverlapping(data.as_ptr(), p, n);
            std::ptr::write_bytes(p.add(n), 0, size - n);
        }
    })
}

/// An argument of `syscall`.
pub enum SysArg {
    Int(i64),
    /// A string: its address is passed, and the kernel may change it.
    Buf(Vec<u8>),
}

/// `syscall`: the first argument is the call's number. At most seven follow.
///
/// # Safety
/// Whatever the call does to this process's memory is the caller's responsibility.
pub unsafe fn syscall(number: libc::c_long, args: &mut [SysArg]) -> Res<i64> {
    if args.len() > 7 {
        return Err(INVALID);
    }
    let mut a = [0 as libc::c_long; 7];
    for (slot, arg) in a.iter_mut().zip(args.iter_mut()) {
        *slot = match arg {
            SysArg::Int(n) => *n as libc::c_long,
            SysArg::Buf(v) => {
                // C strings end in NUL, which is not part of the Perl string.
                v.push(0);
                v.as_mut_ptr() as libc::c_long
            }
        };
    }
    // SAFETY: the caller's promise.
    let r = unsafe { libc::syscall(number, a[0], a[1], a[2], a[3], a[4], a[5], a[6]) };
    for arg in args {
        if let SysArg::Buf(v) = arg {
            v.pop();
        }
    }
    if r == -1 { Err(Errno::last()) } else { Ok(r as i64) }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A system without System V calls (some containers) has nothing to test.
    fn absent(e: Errno) -> bool {
        matches!(e.0, libc::ENOSYS | libc::EPERM | libc::EACCES | libc::ENOSPC)
    }

    #[test]
    fn messages() {
        let id = match msgget(libc::IPC_PRIVATE, 0o600 | libc::IPC_CREAT) {
            Err(e) if absent(e) => return,
            r => r.unwrap(),
        };
        let msg = [&5i64.to_ne_bytes()[..], b"text"].concat();
        msgsnd(id, &msg, 0).unwrap();
        assert_eq!(msgrcv(id, 100, 5, 0).unwrap(), (msg, 4));
        let mut ds = Vec::new();
        msgctl(id, libc::IPC_STAT, &mut ds).unwrap();
        assert_eq!(ds.len(), size_of::<libc::msqid_ds>());
        msgctl(id, libc::IPC_RMID, &mut ds).unwrap();
        assert_eq!(msgsnd(id, b"x", 0), Err(INVALID));
    }

    #[test]
    fn shared_memory_and_semaphores() {
        let id = match shmget(libc::IPC_PRIVATE, 16, 0o600 | libc::IPC_CREAT) {
            Err(e) if absent(e) => return,
            r => r.unwrap(),
        };
        shmwrite(id, b"abc", 4, 6).unwrap();
        assert_eq!(shmread(id, 3, 5).unwrap(), b"\0abc\0");
        assert_eq!(shmread(id, 15, 99999), Err(Errno(libc::EFAULT)));
        shmctl(id, libc::IPC_RMID, &mut Vec::new()).unwrap();
        let id = semget(libc::IPC_PRIVATE, 2, 0o600 | libc::IPC_CREAT).unwrap();
        let mut all = [3u16, 4].iter().flat_map(|s| s.to_ne_bytes()).collect::<Vec<_>>();
        semctl(id, 0, libc::SETALL, 0, &mut all).unwrap();
        semop(id, &[1i16, -1, 0].iter().flat_map(|s| s.to_ne_bytes()).collect::<Vec<_>>()).unwrap();
        assert_eq!(semctl(id, 1, libc::GETVAL, 0, &mut Vec::new()), Ok(3));
        semctl(id, 0, libc::IPC_RMID, 0, &mut Vec::new()).unwrap();
    }

    #[test]
    fn raw_calls() {
        // SAFETY: getpid has no arguments; write reads the bytes given.
        unsafe {
            let pid = syscall(libc::SYS_getpid, &mut []).unwrap();
            assert_eq!(pid, i64::from(std::process::id()));
            let r =
                syscall(libc::SYS_write, &mut [SysArg::Int(-1), SysArg::Buf(b"x".to_vec()), SysArg::Int(1)]);
            assert_eq!(r, Err(Errno(libc::EBADF)));
        }
    }
}
