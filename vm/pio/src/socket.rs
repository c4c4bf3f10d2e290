//! Sockets. Addresses are the packed byte strings Perl programs handle.
//!
//! `unsafe`: system calls on buffers passed with their own length; addresses are copied through an aligned
//! `sockaddr_storage`.

use crate::errno::{Errno, Res, check, check_size};
use crate::fd::{self, Fd};
use crate::handle::Handle;
use crate::open::{OpenOpts, on_socket};
use std::mem::{size_of, zeroed};

/// An aligned address for the kernel, and its length.
struct Addr(libc::sockaddr_storage, libc::socklen_t);

impl Addr {
    /// Room for an answer.
    fn empty() -> Addr {
        // SAFETY: all-zero bytes are a valid storage.
        Addr(unsafe { zeroed() }, size_of::<libc::sockaddr_storage>() as libc::socklen_t)
    }

    fn from(bytes: &[u8]) -> Res<Addr> {
        let mut a = Addr::empty();
        if bytes.len() > a.1 as usize {
            return Err(Errno(libc::EINVAL));
        }
        // SAFETY: the length was checked and the regions are distinct.
        unsafe { std::ptr::copy_nonoverlapping(bytes.as_ptr(), (&raw mut a.0).cast(), bytes.len()) };
        a.1 = bytes.len() as libc::socklen_t;
        Ok(a)
    }

    fn ptr(&mut self) -> *mut libc::sockaddr {
        (&raw mut self.0).cast()
    }

    fn bytes(&self) -> Vec<u8> {
        let n = (self.1 as usize).min(size_of::<libc::sockaddr_storage>());
        // SAFETY: within the storage.
        unsafe { std::slice::from_raw_parts((&raw const self.0).cast::<u8>(), n) }.to_vec()
    }
}

fn cloexec(kind: i32) -> i32 {
    #[cfg(target_os = "linux")]
    return kind | libc::SOCK_CLOEXEC;
    #[cfg(not(target_os = "linux"))]
    kind
}

/// `socket`
pub fn socket(h: &mut Handle, domain: i32, kind: i32, proto: i32, opts: &OpenOpts) -> Res<()> {
    // SAFETY: integers only.
    let fd = check(unsafe { libc::socket(domain, cloexec(kind), proto) })?;
    on_socket(h, fd, opts)
}

/// `socketpair`
pub fn socketpair(
    a: &mut Handle,
    b: &mut Handle,
    domain: i32,
    kind: i32,
    proto: i32,
    opts: &OpenOpts,
) -> Res<()> {
    let mut fds = [0 as Fd; 2];
    // SAFETY: room for two descriptors.
    check(unsafe { libc::socketpair(domain, cloexec(kind), proto, fds.as_mut_ptr()) })?;
    on_socket(a, fds[0], opts)?;
    on_socket(b, fds[1], opts)
}

pub fn bind(fd: Fd, addr: &[u8]) -> Res<()> {
    let mut a = Addr::from(addr)?;
    // SAFETY: an address with its length.
    check(unsafe { libc::bind(fd, a.ptr(), a.1) }).map(drop)
}

pub fn connect(fd: Fd, addr: &[u8]) -> Res<()> {
    let mut a = Addr::from(addr)?;
    // SAFETY: an address with its length.
    check(unsafe { libc::connect(fd, a.ptr(), a.1) }).map(drop)
}

pub fn listen(fd: Fd, backlog: i32) -> Res<()> {
    // SAFETY: integers only.
    check(unsafe { libc::listen(fd, backlog) }).map(drop)
}

/// `accept`: binds `new` to the connection and returns the peer's address.
pub fn accept(new: &mut Handle, listener: Fd, opts: &OpenOpts) -> Res<Vec<u8>> {
    let mut a = Addr::empty();
    // SAFETY: room for an address with its length.
    let fd = fd::retry(|| check(unsafe { libc::accept(listener, a.ptr(), &mut a.1) }))?;
    on_socket(new, fd, opts)?;
    Ok(a.bytes())
}

pub fn shutdown(fd: Fd, how: i32) -> Res<()> {
    // SAFETY: integers only.
    check(unsafe { libc::shutdown(fd, how) }).map(drop)
}

/// `send`; with `to`, to that address.
pub fn send(fd: Fd, data: &[u8], flags: i32, to: Option<&[u8]>) -> Res<usize> {
    let p = data.as_ptr().cast();
    let n = match to {
        // SAFETY: a buffer with its length.
        None => unsafe { libc::send(fd, p, data.len(), flags) },
        Some(to) => {
            let mut a = Addr::from(to)?;
            // SAFETY: a buffer and an address with their lengths.
            unsafe { libc::sendto(fd, p, data.len(), flags, a.ptr(), a.1) }
        }
    };
    check_size(n)
}

/// `recv`: replaces `out` by up to `len` received bytes and returns the sender's address, empty if the socket
/// is connected.
pub fn recv(fd: Fd, len: usize, flags: i32, out: &mut Vec<u8>) -> Res<Vec<u8>> {
    let mut a = Addr::empty();
    out.clear();
    out.resize(len, 0);
    // SAFETY: a buffer and room for an address, with their lengths.
    let r = check_size(unsafe { libc::recvfrom(fd, out.as_mut_ptr().cast(), len, flags, a.ptr(), &mut a.1) });
    out.truncate(*r.as_ref().unwrap_or(&0));
    r.map(|_| a.bytes())
}

/// `getsockopt`: the option's packed value.
pub fn getsockopt(fd: Fd, level: i32, option: i32) -> Res<Vec<u8>> {
    let mut v = vec![0u8; 256];
    let mut n = v.len() as libc::socklen_t;
    // SAFETY: a buffer with its length.
    check(unsafe { libc::getsockopt(fd, level, option, v.as_mut_ptr().cast(), &mut n) })?;
    v.truncate(n as usize);
    Ok(v)
}

/// `setsockopt` with a packed value (an integer option: the native bytes of an i32).
pub fn setsockopt(fd: Fd, level: i32, option: i32, value: &[u8]) -> Res<()> {
    let n = value.len() as libc::socklen_t;
    // SAFETY: a buffer with its length.
    check(unsafe { libc::setsockopt(fd, level, option, value.as_ptr().cast(), n) }).map(drop)
}

pub fn getsockname(fd: Fd) -> Res<Vec<u8>> {
    let mut a = Addr::empty();
    // SAFETY: room for an address with its length.
    check(unsafe { libc::getsockname(fd, a.ptr(), &mut a.1) })?;
    Ok(a.bytes())
}

pub fn getpeername(fd: Fd) -> Res<Vec<u8>> {
    let mut a = Addr::empty();
    // SAFETY: room for an address with its length.
    check(unsafe { libc::getpeername(fd, a.ptr(), &mut a.1) })?;
    Ok(a.bytes())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::read::Rs;

    #[test]
    fn a_pair_talks_both_ways() {
        let (mut a, mut b) = (Handle::new(), Handle::new());
        socketpair(&mut a, &mut b, libc::AF_UNIX, libc::SOCK_STREAM, 0, &OpenOpts::default()).unwrap();
        a.print(b"ping\nrest", false).unwrap();
        a.flush().unwrap();
        let mut line = Vec::new();
        b.read_line(&Rs::newline(), &mut line).unwrap();
        assert_eq!(line, b"ping\n");
        // What was read ahead stays while the same handle writes.
        b.print(b"pong\n", false).unwrap();
        b.flush().unwrap();
        shutdown(a.fd().unwrap(), libc::SHUT_WR).unwrap();
        b.read_line(&Rs::Slurp, &mut line).unwrap();
        assert_eq!(line, b"ping\nrest");
        let mut got = Vec::new();
        recv(a.fd().unwrap(), 99, 0, &mut got).unwrap();
        assert_eq!(got, b"pong\n");
    }

    #[test]
    fn tcp_on_the_loopback() {
        let o = OpenOpts::default();
        let mut l = Handle::new();
        socket(&mut l, libc::AF_INET, libc::SOCK_STREAM, 0, &o).unwrap();
        let lfd = l.fd().unwrap();
        setsockopt(lfd, libc::SOL_SOCKET, libc::SO_REUSEADDR, &1i32.to_ne_bytes()).unwrap();
        assert_ne!(getsockopt(lfd, libc::SOL_SOCKET, libc::SO_REUSEADDR).unwrap(), 0i32.to_ne_bytes());
        let mut any = getsockname(lfd).unwrap();
        any[4..8].copy_from_slice(&[127, 0, 0, 1]);
        bind(lfd, &any).unwrap();
        listen(lfd, 1).unwrap();
        let mut c = Handle::new();
        socket(&mut c, libc::AF_INET, libc::SOCK_STREAM, 0, &o).unwrap();
        connect(c.fd().unwrap(), &getsockname(lfd).unwrap()).unwrap();
        let mut s = Handle::new();
        let peer = accept(&mut s, lfd, &o).unwrap();
        assert_eq!(peer, getsockname(c.fd().unwrap()).unwrap());
        assert_eq!(getpeername(s.fd().unwrap()).unwrap(), peer);
        assert_eq!(send(c.fd().unwrap(), b"x", 0, None), Ok(1));
        let mut out = Vec::new();
        assert_eq!(s.read(1, &mut out), Ok(1));
        assert_eq!(bind(lfd, &[0; 200]), Err(Errno(libc::EINVAL)));
    }
}
