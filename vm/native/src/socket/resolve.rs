//! `getaddrinfo` and `getnameinfo`.
//!
//! `unsafe`: the C library's resolver gets terminated strings and a zeroed hint structure; its list is read
//! while it lives and freed once.

use super::{hint, octets_of};
use crate::args::*;
use keshi_value::{Hash, Val};
use keshi_vm::{R, Ret, Vm, Want};
use std::ffi::{CStr, CString};

pub const SUBS: &[Def] = &[("getaddrinfo", getaddrinfo, None), ("getnameinfo", getnameinfo, None)];

/// One answer of the resolver.
pub struct Found {
    pub family: i32,
    pub kind: i32,
    pub protocol: i32,
    pub addr: Vec<u8>,
    pub canonical: Option<Vec<u8>>,
}

/// Asks the resolver; the error is one of the `EAI_` numbers.
pub fn lookup(
    host: Option<&[u8]>,
    service: Option<&[u8]>,
    family: i32,
    kind: i32,
    protocol: i32,
    flags: i32,
) -> Result<Vec<Found>, i32> {
    let c = |b: Option<&[u8]>| match b {
        Some(b) => CString::new(b).map(Some).map_err(|_| libc::EAI_NONAME),
        None => Ok(None),
    };
    let (host, service) = (c(host)?, c(service)?);
    let p = |s: &Option<CString>| s.as_ref().map_or(std::ptr::null(), |s| s.as_ptr());
    // SAFETY: zeroed hints are valid; the strings live through the call; the list is only read before it is
    // freed, and every address is as long as its length says.
    unsafe {
        let mut hints: libc::addrinfo = std::mem::zeroed();
        hints.ai_family = family;
        hints.ai_socktype = kind;
        hints.ai_protocol = protocol;
        hints.ai_flags = flags;
        let mut all = std::ptr::null_mut();
        let r = libc::getaddrinfo(p(&host), p(&service), &raw const hints, &raw mut all);
        if r != 0 {
            return Err(r);
        }
        let mut out = Vec::new();
        let mut at = all;
        while let Some(i) = at.as_ref() {
            out.push(Found {
                family: i.ai_family,
                kind: i.ai_socktype,
                protocol: i.ai_protocol,
                addr: std::slice::from_raw_parts(i.ai_addr.cast::<u8>(), i.ai_addrlen as usize).to_vec(),
                canonical: (!i.ai_canonname.is_null())
                    .then(|| CStr::from_ptr(i.ai_canonname).to_bytes().to_vec()),
            });
            at = i.ai_next;
        }
        libc::freeaddrinfo(all);
        Ok(out)
    }
}

/// The error as perl gives it: number and text; 0 and "" for none.
fn error_value(n: i32) -> Val {
    if n == 0 {
        return dual(Val::int(0), Val::bytes(""));
    }
    // SAFETY: the function returns a static string for every number.
    let text = unsafe { CStr::from_ptr(libc::gai_strerror(n)) }.to_bytes().to_vec();
    dual(Val::int(i64::from(n)), Val::bytes(text))
}

/// A string argument; None for undef and "".
fn optional(vm: &mut Vm, a: &Args, i: usize) -> R<Option<Vec<u8>>> {
    if arg(vm, a, i)?.is_undef() {
        return Ok(None);
    }
    let b = octets_of(vm, a, i, "getaddrinfo")?;
    Ok((!b.is_empty()).then_some(b))
}

fn getaddrinfo(vm: &mut Vm, a: &Args, _w: Want, _c: &Cv) -> R<Ret> {
    if a.len() > 3 {
        return Err(vm.die_text("Usage: Socket::getaddrinfo(host, service, hints)"));
    }
    let (host, service) = (optional(vm, a, 0)?, optional(vm, a, 1)?);
    let hints = arg(vm, a, 2)?;
    let (mut family, mut kind, mut protocol, mut flags) = (0, 0, 0, 0);
    if !hints.is_undef() {
        let Some(h) = hints.hv().filter(|_| hints.is_ref()) else {
            return Err(vm.die_text("hints is not a HASH reference"));
        };
        flags = hint(vm, &h, "flags")?;
        family = hint(vm, &h, "family")?;
        kind = hint(vm, &h, "socktype")?;
        protocol = hint(vm, &h, "protocol")?;
    }
    match lookup(host.as_deref(), service.as_deref(), family, kind, protocol, flags) {
        Err(n) => list(vec![error_value(n)]),
        Ok(found) => {
            let mut out = vec![error_value(0)];
            for f in found {
                let h = Hash::new();
                h.set_str("family", Val::int(i64::from(f.family)));
                h.set_str("socktype", Val::int(i64::from(f.kind)));
                h.set_str("protocol", Val::int(i64::from(f.protocol)));
                h.set_str("addr", Val::bytes(&f.addr));
                h.set_str("canonname", f.canonical.map_or(Val::undef(), Val::bytes));
                out.push(Val::reference(h));
            }
            list(out)
        }
    }
}

/// perl's own flags: leave out the host or the service.
const NO_HOST: i64 = 1;
const NO_SERVICE: i64 = 2;

fn getnameinfo(vm: &mut Vm, a: &Args, _w: Want, _c: &Cv) -> R<Ret> {
    count(vm, a, 1, 3, "Socket::getnameinfo(addr, flags, xflags)")?;
    let addr = octets_of(vm, a, 0, "getnameinfo")?;
    let (flags, xflags) = (iv(vm, a, 1)?, iv(vm, a, 2)?);
    let (mut host, mut service) = ([0u8; 1025], [0u8; 256]);
    let room = |wanted: bool, n: usize| if wanted { n as libc::socklen_t } else { 0 };
    // SAFETY: the address is copied into aligned storage of the largest size; the buffers are as long as
    // told.
    let r = unsafe {
        let mut s: libc::sockaddr_storage = std::mem::zeroed();
        if addr.len() > size_of::<libc::sockaddr_storage>() {
            return list(vec![error_value(libc::EAI_FAMILY)]);
        }
        std::ptr::copy_nonoverlapping(addr.as_ptr(), (&raw mut s).cast::<u8>(), addr.len());
        libc::getnameinfo(
            (&raw const s).cast(),
            addr.len() as libc::socklen_t,
            host.as_mut_ptr().cast(),
            room(xflags & NO_HOST == 0, host.len()),
            service.as_mut_ptr().cast(),
            room(xflags & NO_SERVICE == 0, service.len()),
            flags as libc::c_int,
        )
    };
    if r != 0 {
        return list(vec![error_value(r)]);
    }
    let part = |b: &[u8], left_out: bool| {
        let n = b.iter().position(|c| *c == 0).unwrap_or(0);
        if left_out { Val::undef() } else { Val::bytes(&b[..n]) }
    };
    list(vec![error_value(0), part(&host, xflags & NO_HOST != 0), part(&service, xflags & NO_SERVICE != 0)])
}
