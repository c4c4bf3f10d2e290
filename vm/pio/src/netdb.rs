//! The network databases: hosts, networks, protocols, services.
//!
//! `unsafe`: the C calls return null or a pointer into static storage, copied out before the next call; their
//! string and address lists end in null.

use crate::fd::cstr;
use crate::process::c_bytes;
use libc::{c_char, c_int, c_void};

/// A host: `gethost*`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Host {
    pub name: Vec<u8>,
    pub aliases: Vec<Vec<u8>>,
    pub addrtype: i32,
    pub length: i32,
    /// Packed addresses.
    pub addrs: Vec<Vec<u8>>,
}

/// A network: `getnet*`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Net {
    pub name: Vec<u8>,
    pub aliases: Vec<Vec<u8>>,
    pub addrtype: i32,
    pub net: u32,
}

/// A protocol: `getproto*`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Proto {
    pub name: Vec<u8>,
    pub aliases: Vec<Vec<u8>>,
    pub number: i32,
}

/// A service: `getserv*`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Service {
    pub name: Vec<u8>,
    pub aliases: Vec<Vec<u8>>,
    pub port: u16,
    pub proto: Vec<u8>,
}

#[repr(C)]
struct NetEnt {
    name: *mut c_char,
    aliases: *mut *mut c_char,
    addrtype: c_int,
    net: u32,
}

unsafe extern "C" {
    fn gethostbyname(name: *const c_char) -> *mut libc::hostent;
    fn gethostbyaddr(addr: *const c_void, len: libc::socklen_t, kind: c_int) -> *mut libc::hostent;
    fn gethostent() -> *mut libc::hostent;
    safe fn sethostent(stay: c_int);
    safe fn endhostent();
    fn getnetbyname(name: *const c_char) -> *mut NetEnt;
    fn getnetbyaddr(net: u32, kind: c_int) -> *mut NetEnt;
    fn getnetent() -> *mut NetEnt;
    safe fn setnetent(stay: c_int);
    safe fn endnetent();
    fn getprotobyname(name: *const c_char) -> *mut libc::protoent;
    fn getprotobynumber(n: c_int) -> *mut libc::protoent;
    fn getprotoent() -> *mut libc::protoent;
    safe fn setprotoent(stay: c_int);
    safe fn endprotoent();
    fn getservbyname(name: *const c_char, proto: *const c_char) -> *mut libc::servent;
    fn getservbyport(port: c_int, proto: *const c_char) -> *mut libc::servent;
    fn getservent() -> *mut libc::servent;
    safe fn setservent(stay: c_int);
    safe fn endservent();
    #[cfg(target_os = "linux")]
    fn __h_errno_location() -> *mut c_int;
    #[cfg(not(target_os = "linux"))]
    static mut h_errno: c_int;
}

/// # Safety
/// `list` is null or ends in null, its strings are valid.
unsafe fn strings(mut list: *mut *mut c_char) -> Vec<Vec<u8>> {
    let mut v = Vec::new();
    // SAFETY: the caller's promise.
    unsafe {
        while !list.is_null() && !(*list).is_null() {
            v.push(c_bytes(*list));
            list = list.add(1);
        }
    }
    v
}

/// # Safety
/// `p` is null or a valid entry.
unsafe fn host(p: *const libc::hostent) -> Option<Host> {
    // SAFETY: the caller's promise; each address has `h_length` bytes.
    unsafe {
        let e = p.as_ref()?;
        let mut addrs = Vec::new();
        let mut a = e.h_addr_list;
        while !a.is_null() && !(*a).is_null() {
            addrs.push(std::slice::from_raw_parts((*a).cast::<u8>(), e.h_length.max(0) as usize).to_vec());
            a = a.add(1);
        }
        Some(Host {
            name: c_bytes(e.h_name),
            aliases: strings(e.h_aliases),
            addrtype: e.h_addrtype,
            length: e.h_length,
            addrs,
        })
    }
}

/// # Safety
/// `p` is null or a valid entry.
unsafe fn net(p: *const NetEnt) -> Option<Net> {
    // SAFETY: the caller's promise.
    unsafe {
        let e = p.as_ref()?;
        Some(Net { name: c_bytes(e.name), aliases: strings(e.aliases), addrtype: e.addrtype, net: e.net })
    }
}

/// # Safety
/// `p` is null or a valid entry.
unsafe fn proto(p: *const libc::protoent) -> Option<Proto> {
    // SAFETY: the caller's promise.
    unsafe {
        let e = p.as_ref()?;
        Some(Proto { name: c_bytes(e.p_name), aliases: strings(e.p_aliases), number: e.p_proto })
    }
}

/// # Safety
/// `p` is null or a valid entry.
unsafe fn service(p: *const libc::servent) -> Option<Service> {
    // SAFETY: the caller's promise.
    unsafe {
        let e = p.as_ref()?;
        Some(Service {
            name: c_bytes(e.s_name),
            aliases: strings(e.s_aliases),
            port: u16::from_be(e.s_port as u16),
            proto: c_bytes(e.s_proto),
        })
    }
}

/// The resolver's error, which Perl puts in `$?`.
fn resolver_error() -> i32 {
    // SAFETY: this thread's (or the process's) own variable.
    unsafe {
        #[cfg(target_os = "linux")]
        return *__h_errno_location();
        #[cfg(not(target_os = "linux"))]
        h_errno
    }
}

/// `gethostbyname`; a failure is the resolver's error code, for `$?`.
pub fn host_by_name(name: &[u8]) -> Result<Host, i32> {
    const NOT_FOUND: i32 = 1;
    let n = cstr(name).map_err(|_| NOT_FOUND)?;
    // SAFETY: see the module header.
    unsafe { host(gethostbyname(n.as_ptr())) }.ok_or_else(resolver_error)
}

/// `gethostbyaddr` with a packed address.
pub fn host_by_addr(addr: &[u8], addrtype: i32) -> Result<Host, i32> {
    let n = addr.len() as libc::socklen_t;
    // SAFETY: see the module header.
    unsafe { host(gethostbyaddr(addr.as_ptr().cast(), n, addrtype)) }.ok_or_else(resolver_error)
}

pub fn next_host() -> Option<Host> {
    // SAFETY: see the module header.
    unsafe { host(gethostent()) }
}

pub fn net_by_name(name: &[u8]) -> Option<Net> {
    let n = cstr(name).ok()?;
    // SAFETY: see the module header.
    unsafe { net(getnetbyname(n.as_ptr())) }
}

pub fn net_by_addr(addr: u32, addrtype: i32) -> Option<Net> {
    // SAFETY: see the module header.
    unsafe { net(getnetbyaddr(addr, addrtype)) }
}

pub fn next_net() -> Option<Net> {
    // SAFETY: see the module header.
    unsafe { net(getnetent()) }
}

pub fn proto_by_name(name: &[u8]) -> Option<Proto> {
    let n = cstr(name).ok()?;
    // SAFETY: see the module header.
    unsafe { proto(getprotobyname(n.as_ptr())) }
}

pub fn proto_by_number(n: i32) -> Option<Proto> {
    // SAFETY: see the module header.
    unsafe { proto(getprotobynumber(n)) }
}

pub fn next_proto() -> Option<Proto> {
    // SAFETY: see the module header.
    unsafe { proto(getprotoent()) }
}

/// `getservbyname`; an empty protocol means any.
pub fn service_by_name(name: &[u8], proto: &[u8]) -> Option<Service> {
    let (n, p) = (cstr(name).ok()?, cstr(proto).ok()?);
    let p = if proto.is_empty() { std::ptr::null() } else { p.as_ptr() };
    // SAFETY: see the module header.
    unsafe { service(getservbyname(n.as_ptr(), p)) }
}

pub fn service_by_port(port: u16, proto: &[u8]) -> Option<Service> {
    let p = cstr(proto).ok()?;
    let p = if proto.is_empty() { std::ptr::null() } else { p.as_ptr() };
    // SAFETY: see the module header.
    unsafe { service(getservbyport(port.to_be().into(), p)) }
}

pub fn next_service() -> Option<Service> {
    // SAFETY: see the module header.
    unsafe { service(getservent()) }
}

/// A database with a cursor.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Database {
    Hosts,
    Nets,
    Protos,
    Services,
}

/// `sethostent` and its like: rewinds the cursor; `stay` keeps the connection open.
pub fn rewind(db: Database, stay: bool) {
    let stay = stay.into();
    match db {
        Database::Hosts => sethostent(stay),
        Database::Nets => setnetent(stay),
        Database::Protos => setprotoent(stay),
        Database::Services => setservent(stay),
    }
}

/// `endhostent` and its like.
pub fn end(db: Database) {
    match db {
        Database::Hosts => endhostent(),
        Database::Nets => endnetent(),
        Database::Protos => endprotoent(),
        Database::Services => endservent(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_need_no_database() {
        let h = host_by_name(b"127.0.0.1").unwrap();
        assert_eq!((h.addrs, h.addrtype, h.length), (vec![vec![127, 0, 0, 1]], libc::AF_INET, 4));
        assert!(host_by_name(b"a\0b").is_err());
        assert!(service_by_name(b"no such service", b"").is_none());
        assert!(proto_by_name(b"no such protocol").is_none());
    }
}
