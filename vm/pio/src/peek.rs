//! Reading this process's memory by address, safely: the kernel copies, and answers EFAULT for what is not
//! mapped.
//!
//! `unsafe`: one system call that writes into a live buffer passed with its length.

use crate::errno::{Errno, Res};

/// Bytes fetched at a time when the length is not known; never across the end of a page, which a string that
/// ends before it must not need.
const PAGE: u64 = 4096;

fn copy(addr: u64, buf: &mut [u8]) -> Res<usize> {
    let local = libc::iovec { iov_base: buf.as_mut_ptr().cast(), iov_len: buf.len() };
    let remote = libc::iovec { iov_base: addr as *mut libc::c_void, iov_len: buf.len() };
    // SAFETY: `local` is the live buffer; the kernel checks the remote range itself.
    let n = unsafe { libc::process_vm_readv(libc::getpid(), &local, 1, &remote, 1, 0) };
    usize::try_from(n).map_err(|_| Errno::last())
}

/// `len` bytes from `addr` on, or all up to a NUL.
pub fn read(addr: u64, len: Option<usize>) -> Res<Vec<u8>> {
    let mut out = Vec::new();
    if let Some(len) = len {
        out.try_reserve_exact(len).map_err(|_| Errno(libc::ENOMEM))?;
        out.resize(len, 0);
        return if copy(addr, &mut out)? == len { Ok(out) } else { Err(Errno(libc::EFAULT)) };
    }
    let mut at = addr;
    loop {
        let mut buf = [0; PAGE as usize];
        let want = (PAGE - at % PAGE) as usize;
        let got = copy(at, &mut buf[..want])?;
        let part = &buf[..got];
        if let Some(n) = memchr::memchr(0, part) {
            out.extend_from_slice(&part[..n]);
            return Ok(out);
        }
        if got == 0 {
            return Err(Errno(libc::EFAULT));
        }
        out.extend_from_slice(part);
        at += got as u64;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mapped_and_not() {
        let s = b"some text\0more";
        let a = s.as_ptr() as u64;
        assert_eq!(read(a, None).unwrap(), b"some text");
        assert_eq!(read(a + 5, Some(9)).unwrap(), b"text\0more");
        assert_eq!(read(8, Some(1)).unwrap_err(), Errno(libc::EFAULT));
        assert!(read(8, None).is_err());
    }
}
