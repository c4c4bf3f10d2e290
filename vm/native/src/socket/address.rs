//! Packing and unpacking of addresses: `inet_*`, `*_sockaddr_*`, `*_mreq*`.
//!
//! `unsafe`: plain C structures are viewed as bytes, and filled from bytes of their own length.

use super::{bad_length, byte_value, octets_of};
use crate::args::*;
use keshi_value::Val;
use keshi_vm::{Exc, R, Ret, Vm, Want};
use std::mem::{offset_of, size_of};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

pub const SUBS: &[Def] = &[
    ("inet_aton", inet_aton, None),
    ("inet_ntoa", inet_ntoa, None),
    ("inet_pton", inet_pton, None),
    ("inet_ntop", inet_ntop, None),
    ("sockaddr_family", sockaddr_family, None),
    ("pack_sockaddr_in", pack_in, None),
    ("unpack_sockaddr_in", unpack_in, None),
    ("pack_sockaddr_in6", pack_in6, None),
    ("unpack_sockaddr_in6", unpack_in6, None),
    ("pack_sockaddr_un", pack_un, None),
    ("unpack_sockaddr_un", unpack_un, None),
    ("pack_ip_mreq", pack_mreq, None),
    ("unpack_ip_mreq", unpack_mreq, None),
    ("pack_ip_mreq_source", pack_mreq_source, None),
    ("unpack_ip_mreq_source", unpack_mreq_source, None),
    ("pack_ipv6_mreq", pack_mreq6, None),
    ("unpack_ipv6_mreq", unpack_mreq6, None),
];

/// C structures without padding that matters, valid for any bytes.
///
/// # Safety
/// The type must be plain C data for which every bit pattern is valid.
unsafe trait Plain: Copy {}
// SAFETY: integers and arrays of integers only.
unsafe impl Plain for libc::sockaddr_in {}
// SAFETY: as above.
unsafe impl Plain for libc::sockaddr_in6 {}

fn bytes_of<T: Plain>(s: &T) -> Vec<u8> {
    // SAFETY: the value was made from zeroed memory, so every byte is initialised.
    unsafe { std::slice::from_raw_parts(std::ptr::from_ref(s).cast::<u8>(), size_of::<T>()) }.to_vec()
}

/// The structure in `b`; None if its length is another.
fn from_bytes<T: Plain>(b: &[u8]) -> Option<T> {
    // SAFETY: the length was compared; an unaligned read of plain data.
    (b.len() == size_of::<T>()).then(|| unsafe { std::ptr::read_unaligned(b.as_ptr().cast::<T>()) })
}

fn zeroed<T: Plain>() -> T {
    // SAFETY: all-zero bytes are valid for plain data.
    unsafe { std::mem::zeroed() }
}

fn family(b: &[u8]) -> Option<i32> {
    let at = offset_of!(libc::sockaddr, sa_family);
    let two = b.get(at..at + size_of::<libc::sa_family_t>())?;
    Some(i32::from(libc::sa_family_t::from_ne_bytes(two.try_into().ok()?)))
}

fn wrong_family(vm: &mut Vm, sub: &str, have: i32, want: &str) -> Box<Exc> {
    vm.die_text(&format!("Bad address family for Socket::{sub}, got {have}, should be {want}"))
}

/// The address of a host name or of dotted numbers.
fn inet_aton(vm: &mut Vm, a: &Args, _w: Want, _c: &Cv) -> R<Ret> {
    count(vm, a, 1, 1, "Socket::inet_aton(host)")?;
    let host = bytes(vm, a, 0)?;
    if let Some(ip) = numbers(&host) {
        return ok(Val::bytes(ip));
    }
    if host.is_empty() || host.contains(&0) {
        return undef();
    }
    let found = super::resolve::lookup(Some(&host), None, libc::AF_INET, 0, 0, 0);
    match found.ok().and_then(|l| l.into_iter().find_map(|e| from_bytes::<libc::sockaddr_in>(&e.addr))) {
        Some(s) => ok(Val::bytes(s.sin_addr.s_addr.to_ne_bytes())),
        None => undef(),
    }
}

/// `a.b.c.d`, and the forms with fewer parts, octal and hexadecimal numbers that the C library takes.
fn numbers(text: &[u8]) -> Option<[u8; 4]> {
    let text = std::str::from_utf8(text).ok()?;
    let mut parts = Vec::new();
    for p in text.split('.') {
        let n = if let Some(h) = p.strip_prefix("0x").or_else(|| p.strip_prefix("0X")) {
            u32::from_str_radix(h, 16)
        } else if p.len() > 1 && p.starts_with('0') {
            u32::from_str_radix(p, 8)
        } else if p.bytes().all(|b| b.is_ascii_digit()) {
            p.parse()
        } else {
            return None;
        };
        parts.push(n.ok()?);
    }
    let (last, heads) = parts.split_last()?;
    if heads.len() > 3 || heads.iter().any(|h| *h > 255) {
        return None;
    }
    let limit = u64::from(u32::MAX) >> (8 * heads.len());
    if u64::from(*last) > limit {
        return None;
    }
    let high = heads.iter().enumerate().fold(0u32, |v, (i, h)| v | h << (24 - 8 * i));
    Some((high | last).to_be_bytes())
}

fn inet_ntoa(vm: &mut Vm, a: &Args, _w: Want, _c: &Cv) -> R<Ret> {
    count(vm, a, 1, 1, "Socket::inet_ntoa(ip_address_sv)")?;
    let b = octets_of(vm, a, 0, "inet_ntoa")?;
    match <[u8; 4]>::try_from(&b[..]) {
        Ok(ip) => ok(Val::text(&Ipv4Addr::from(ip).to_string())),
        Err(_) => Err(bad_length(vm, "inet_ntoa", b.len(), 4)),
    }
}

fn inet_pton(vm: &mut Vm, a: &Args, _w: Want, _c: &Cv) -> R<Ret> {
    count(vm, a, 2, 2, "Socket::inet_pton(af, host)")?;
    let af = iv(vm, a, 0)? as i32;
    let host = text(vm, a, 1)?;
    match af {
        libc::AF_INET => ok(host.parse::<Ipv4Addr>().map_or(Val::undef(), |ip| Val::bytes(ip.octets()))),
        libc::AF_INET6 => ok(host.parse::<Ipv6Addr>().map_or(Val::undef(), |ip| Val::bytes(ip.octets()))),
        _ => Err(wrong_family(vm, "inet_pton", af, "either AF_INET or AF_INET6")),
    }
}

fn inet_ntop(vm: &mut Vm, a: &Args, _w: Want, _c: &Cv) -> R<Ret> {
    count(vm, a, 2, 2, "Socket::inet_ntop(af, ip_address_sv)")?;
    let af = iv(vm, a, 0)? as i32;
    let b = octets_of(vm, a, 1, "inet_ntop")?;
    let ip = match af {
        libc::AF_INET => match <[u8; 4]>::try_from(&b[..]) {
            Ok(ip) => IpAddr::from(ip),
            Err(_) => return Err(ntop_length(vm, "AF_INET", b.len(), 4)),
        },
        libc::AF_INET6 => match <[u8; 16]>::try_from(&b[..]) {
            Ok(ip) => IpAddr::from(ip),
            Err(_) => return Err(ntop_length(vm, "AF_INET6", b.len(), 16)),
        },
        _ => return Err(wrong_family(vm, "inet_ntop", af, "either AF_INET or AF_INET6")),
    };
    ok(Val::text(&ip.to_string()))
}

fn ntop_length(vm: &mut Vm, af: &str, have: usize, want: usize) -> Box<Exc> {
    vm.die_text(&format!("Bad address length for Socket::inet_ntop on {af}; got {have}, should be {want}"))
}

fn sockaddr_family(vm: &mut Vm, a: &Args, _w: Want, _c: &Cv) -> R<Ret> {
    count(vm, a, 1, 1, "Socket::sockaddr_family(sockaddr)")?;
    let b = octets_of(vm, a, 0, "sockaddr_family")?;
    match family(&b) {
        Some(f) => int(i64::from(f)),
        None => {
            let least = size_of::<libc::sa_family_t>() + offset_of!(libc::sockaddr, sa_family);
            let text = format!(
                "Bad arg length for Socket::sockaddr_family, length is {}, should be at least {least}",
                b.len()
            );
            Err(vm.die_text(&text))
        }
    }
}

/// The port of `pack_sockaddr_in*`: undef and "" are 0.
fn port_of(vm: &mut Vm, a: &Args) -> R<u16> {
    let v = arg(vm, a, 0)?;
    if v.is_undef() || vm.text_of(&v)?.is_empty() {
        return Ok(0);
    }
    Ok(vm.to_iv(&v)? as u16)
}

/// The address argument of `pack_sockaddr_in*`.
fn ip_of<const N: usize>(vm: &mut Vm, a: &Args, sub: &str) -> R<[u8; N]> {
    if arg(vm, a, 1)?.is_undef() {
        return Err(vm.die_text(&format!("Undefined address in Socket::{sub}")));
    }
    let b = octets_of(vm, a, 1, sub)?;
    match <[u8; N]>::try_from(&b[..]) {
        Ok(ip) => Ok(ip),
        Err(_) => Err(bad_length(vm, sub, b.len(), N)),
    }
}

fn pack_in(vm: &mut Vm, a: &Args, _w: Want, _c: &Cv) -> R<Ret> {
    count(vm, a, 2, 2, "Socket::pack_sockaddr_in(port_sv, ip_address_sv)")?;
    let mut s: libc::sockaddr_in = zeroed();
    s.sin_family = libc::AF_INET as libc::sa_family_t;
    s.sin_port = port_of(vm, a)?.to_be();
    s.sin_addr.s_addr = u32::from_ne_bytes(ip_of::<4>(vm, a, "pack_sockaddr_in")?);
    ok(Val::bytes(bytes_of(&s)))
}

/// A structure argument of the right length and family.
fn structure<T: Plain>(vm: &mut Vm, a: &Args, sub: &str, want: i32) -> R<T> {
    let b = octets_of(vm, a, 0, sub)?;
    let Some(s) = from_bytes::<T>(&b) else { return Err(bad_length(vm, sub, b.len(), size_of::<T>())) };
    let have = family(&b).unwrap_or(0);
    if have != want {
        return Err(wrong_family(vm, sub, have, &want.to_string()));
    }
    Ok(s)
}

fn unpack_in(vm: &mut Vm, a: &Args, w: Want, _c: &Cv) -> R<Ret> {
    count(vm, a, 1, 1, "Socket::unpack_sockaddr_in(sin_sv)")?;
    let s: libc::sockaddr_in = structure(vm, a, "unpack_sockaddr_in", libc::AF_INET)?;
    let ip = byte_value(&s.sin_addr.s_addr.to_ne_bytes());
    if w != Want::List {
        return ok(ip);
    }
    list(vec![Val::int(i64::from(u16::from_be(s.sin_port))), ip])
}

fn pack_in6(vm: &mut Vm, a: &Args, _w: Want, _c: &Cv) -> R<Ret> {
    count(vm, a, 2, 4, "Socket::pack_sockaddr_in6(port_sv, sin6_addr, scope_id=0, flowinfo=0)")?;
    let mut s: libc::sockaddr_in6 = zeroed();
    s.sin6_family = libc::AF_INET6 as libc::sa_family_t;
    s.sin6_port = port_of(vm, a)?.to_be();
    s.sin6_addr.s6_addr = ip_of::<16>(vm, a, "pack_sockaddr_in6")?;
    s.sin6_scope_id = iv(vm, a, 2)? as u32;
    s.sin6_flowinfo = (iv(vm, a, 3)? as u32).to_be();
    ok(Val::bytes(bytes_of(&s)))
}

fn unpack_in6(vm: &mut Vm, a: &Args, w: Want, _c: &Cv) -> R<Ret> {
    count(vm, a, 1, 1, "Socket::unpack_sockaddr_in6(sin6_sv)")?;
    let s: libc::sockaddr_in6 = structure(vm, a, "unpack_sockaddr_in6", libc::AF_INET6)?;
    let ip = byte_value(&s.sin6_addr.s6_addr);
    if w != Want::List {
        return ok(ip);
    }
    list(vec![
        Val::int(i64::from(u16::from_be(s.sin6_port))),
        ip,
        Val::int(i64::from(s.sin6_scope_id)),
        Val::int(i64::from(u32::from_be(s.sin6_flowinfo))),
    ])
}

const PATH: usize = offset_of!(libc::sockaddr_un, sun_path);
const UN: usize = size_of::<libc::sockaddr_un>();

fn pack_un(vm: &mut Vm, a: &Args, _w: Want, _c: &Cv) -> R<Ret> {
    count(vm, a, 1, 1, "Socket::pack_sockaddr_un(pathname)")?;
    if arg(vm, a, 0)?.is_undef() {
        return Err(vm.die_text("Undefined path in Socket::pack_sockaddr_un"));
    }
    let mut path = bytes(vm, a, 0)?;
    if path.len() > UN - PATH {
        let text = format!(
            "Path length ({}) is longer than maximum supported length ({}) and will be truncated",
            path.len(),
            UN - PATH
        );
        vm.warn(keshi_vm::warn::cat::MISC, &text)?;
        path.truncate(UN - PATH);
    }
    let mut out = vec![0; PATH];
    let at = offset_of!(libc::sockaddr_un, sun_family);
    let family = (libc::AF_UNIX as libc::sa_family_t).to_ne_bytes();
    out[at..at + family.len()].copy_from_slice(&family);
    // A name in Linux's abstract space starts with NUL and is as long as it is.
    let abstract_name = path.len() > 1 && path[0] == 0;
    out.extend_from_slice(&path);
    if !abstract_name {
        out.resize(UN, 0);
    }
    ok(Val::bytes(out))
}

fn unpack_un(vm: &mut Vm, a: &Args, _w: Want, _c: &Cv) -> R<Ret> {
    count(vm, a, 1, 1, "Socket::unpack_sockaddr_un(sun_sv)")?;
    let b = octets_of(vm, a, 0, "unpack_sockaddr_un")?;
    let have = family(&b).unwrap_or(0);
    if b.len() < PATH || have != libc::AF_UNIX {
        return Err(wrong_family(vm, "unpack_sockaddr_un", have, &libc::AF_UNIX.to_string()));
    }
    let path = &b[PATH..];
    let end = match path.first() {
        Some(0) if path.iter().any(|c| *c != 0) => path.len(),
        _ => path.iter().position(|c| *c == 0).unwrap_or(path.len()),
    };
    ok(Val::bytes(&path[..end]))
}

fn four(vm: &mut Vm, a: &Args, i: usize, sub: &str) -> R<Vec<u8>> {
    if arg(vm, a, i)?.is_undef() {
        return Ok(vec![0; 4]);
    }
    let b = octets_of(vm, a, i, sub)?;
    if b.len() != 4 { Err(bad_length(vm, sub, b.len(), 4)) } else { Ok(b) }
}

/// Group, then interface: two addresses one after the other.
fn pack_mreq(vm: &mut Vm, a: &Args, _w: Want, _c: &Cv) -> R<Ret> {
    count(vm, a, 1, 2, "Socket::pack_ip_mreq(multiaddr, interface=&PL_sv_undef)")?;
    let mut b = four(vm, a, 0, "pack_ip_mreq")?;
    b.extend(four(vm, a, 1, "pack_ip_mreq")?);
    ok(Val::bytes(b))
}

fn unpack_mreq(vm: &mut Vm, a: &Args, _w: Want, _c: &Cv) -> R<Ret> {
    count(vm, a, 1, 1, "Socket::unpack_ip_mreq(mreq_sv)")?;
    let b = octets_of(vm, a, 0, "unpack_ip_mreq")?;
    if b.len() != 8 {
        return Err(bad_length(vm, "unpack_ip_mreq", b.len(), 8));
    }
    list(vec![Val::bytes(&b[..4]), Val::bytes(&b[4..])])
}

/// Group, interface, source.
fn pack_mreq_source(vm: &mut Vm, a: &Args, _w: Want, _c: &Cv) -> R<Ret> {
    count(vm, a, 2, 3, "Socket::pack_ip_mreq_source(multiaddr, source, interface=&PL_sv_undef)")?;
    let sub = "pack_ip_mreq_source";
    let (group, source, interface) = (four(vm, a, 0, sub)?, four(vm, a, 1, sub)?, four(vm, a, 2, sub)?);
    ok(Val::bytes([group, interface, source].concat()))
}

fn unpack_mreq_source(vm: &mut Vm, a: &Args, _w: Want, _c: &Cv) -> R<Ret> {
    count(vm, a, 1, 1, "Socket::unpack_ip_mreq_source(mreq_sv)")?;
    let b = octets_of(vm, a, 0, "unpack_ip_mreq_source")?;
    if b.len() != 12 {
        return Err(bad_length(vm, "unpack_ip_mreq_source", b.len(), 12));
    }
    list(vec![Val::bytes(&b[..4]), Val::bytes(&b[8..]), Val::bytes(&b[4..8])])
}

fn pack_mreq6(vm: &mut Vm, a: &Args, _w: Want, _c: &Cv) -> R<Ret> {
    count(vm, a, 2, 2, "Socket::pack_ipv6_mreq(multiaddr, ifindex)")?;
    let mut b = octets_of(vm, a, 0, "pack_ipv6_mreq")?;
    if b.len() != 16 {
        return Err(bad_length(vm, "pack_ipv6_mreq", b.len(), 16));
    }
    let index = iv(vm, a, 1)? as u32;
    b.extend_from_slice(&index.to_ne_bytes());
    ok(Val::bytes(b))
}

fn unpack_mreq6(vm: &mut Vm, a: &Args, _w: Want, _c: &Cv) -> R<Ret> {
    count(vm, a, 1, 1, "Socket::unpack_ipv6_mreq(mreq_sv)")?;
    let b = octets_of(vm, a, 0, "unpack_ipv6_mreq")?;
    match b.get(16..20).and_then(|i| <[u8; 4]>::try_from(i).ok()).filter(|_| b.len() == 20) {
        Some(i) => list(vec![Val::bytes(&b[..16]), Val::int(i64::from(u32::from_ne_bytes(i)))]),
        None => Err(bad_length(vm, "unpack_ipv6_mreq", b.len(), 20)),
    }
}
