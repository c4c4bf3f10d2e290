//! Scalar::Util.

use crate::args::*;
use keshi_value::obj::Kind;
use keshi_value::{Val, tag};
use keshi_vm::{R, Ret, Vm, Want};

pub const SUBS: &[Def] = &[
    ("blessed", blessed, Some("$")),
    ("reftype", reftype, Some("$")),
    ("refaddr", refaddr, Some("$")),
    ("looks_like_number", looks_like_number, Some("$")),
    ("dualvar", dualvar, Some("$$")),
    ("isdual", isdual, Some("$")),
    ("isvstring", isvstring, Some("$")),
    ("readonly", readonly, Some("$")),
    ("tainted", tainted, Some("$")),
    ("weaken", weaken, Some("$")),
    ("unweaken", unweaken, Some("$")),
    ("isweak", isweak, Some("$")),
    ("set_prototype", set_prototype, Some("&$")),
    ("openhandle", openhandle, Some("$")),
];

pub fn blessed(vm: &mut Vm, a: &Args, _w: Want, _c: &Cv) -> R<Ret> {
    let v = arg(vm, a, 0)?;
    ok(vm.blessed_name(&v).unwrap_or_default())
}

pub fn reftype(vm: &mut Vm, a: &Args, _w: Want, _c: &Cv) -> R<Ret> {
    let v = arg(vm, a, 0)?;
    ok(if v.is_ref() { Val::bytes(vm.reftype(&v)) } else { Val::undef() })
}

pub fn refaddr(vm: &mut Vm, a: &Args, _w: Want, _c: &Cv) -> R<Ret> {
    let v = arg(vm, a, 0)?;
    ok(if v.is_ref() { Val::uint(v.addr()) } else { Val::undef() })
}

fn looks_like_number(vm: &mut Vm, a: &Args, _w: Want, _c: &Cv) -> R<Ret> {
    let mut v = arg(vm, a, 0)?;
    if v.is_ref() && vm.overloaded(&v)?.is_some() {
        if let Some(n) = vm.overload_unary(&v, "0+")? {
            v = n;
        }
    }
    yes_no(is_number(&v))
}

/// What perl's grok_number accepts, for any value.
pub fn is_number(v: &Val) -> bool {
    match v.tag() {
        tag::INT | tag::UINT | tag::NUM | tag::BOOL => true,
        tag::STR => v.as_str().is_some_and(|s| keshi_text::num::looks_like_number(s.bytes())),
        tag::DUAL => v.as_dual().is_some_and(|d| d.vstring.is_none() || is_number(&d.str)),
        _ => false,
    }
}

fn dualvar(vm: &mut Vm, a: &Args, _w: Want, _c: &Cv) -> R<Ret> {
    count(vm, a, 2, 2, "Scalar::Util::dualvar(num, str)")?;
    let (n, s) = (arg(vm, a, 0)?, arg(vm, a, 1)?);
    let n = vm.to_num_val(&n)?;
    let s = vm.to_str_val(&s)?;
    ok(dual(n, s))
}

fn isdual(vm: &mut Vm, a: &Args, _w: Want, _c: &Cv) -> R<Ret> {
    let v = arg(vm, a, 0)?;
    yes_no(v.as_dual().is_some_and(|d| d.vstring.is_none() && d.regex.is_none()))
}

fn isvstring(vm: &mut Vm, a: &Args, _w: Want, _c: &Cv) -> R<Ret> {
    let v = arg(vm, a, 0)?;
    yes_no(v.as_dual().is_some_and(|d| d.vstring.is_some()))
}

/// perl gives the flag word's bit.
const SVF_READONLY: i64 = 0x0800_0000;

fn readonly(_vm: &mut Vm, a: &Args, _w: Want, _c: &Cv) -> R<Ret> {
    let on = match a.as_slice().first() {
        Some(v) if v.is_alias() => match v.alias_cell() {
            Some(s) => s.is_readonly(),
            None => v.resolve().meta & keshi_value::val::meta::READONLY != 0,
        },
        // A bare value in the argument list is a literal or a temporary.
        Some(v) => v.meta & keshi_value::val::meta::READONLY != 0,
        None => false,
    };
    int(if on { SVF_READONLY } else { 0 })
}

pub fn tainted(_vm: &mut Vm, _a: &Args, _w: Want, _c: &Cv) -> R<Ret> {
    yes_no(false)
}

pub fn weaken(vm: &mut Vm, a: &Args, _w: Want, _c: &Cv) -> R<Ret> {
    let s = cell(a, 0);
    if !s.peek().is_ref() {
        return Err(vm.die_text("Can't weaken a nonreference"));
    }
    if s.is_readonly() {
        return Err(vm.die_text("Modification of a read-only value attempted"));
    }
    if s.is_weak() {
        vm.warn(keshi_vm::warn::cat::MISC, "Reference is already weak")?;
    }
    s.weaken();
    vm.run_destroy_queue()?;
    Ok(Ret::Void)
}

pub fn unweaken(vm: &mut Vm, a: &Args, _w: Want, _c: &Cv) -> R<Ret> {
    let s = cell(a, 0);
    if !s.peek().is_ref() {
        return Err(vm.die_text("Can't unweaken a nonreference"));
    }
    if !s.is_weak() {
        vm.warn(keshi_vm::warn::cat::MISC, "Reference is not weak")?;
    }
    s.unweaken();
    Ok(Ret::Void)
}

pub fn isweak(_vm: &mut Vm, a: &Args, _w: Want, _c: &Cv) -> R<Ret> {
    yes_no(a.as_slice().first().and_then(|v| v.alias_cell()).is_some_and(|s| s.is_weak()))
}

fn set_prototype(vm: &mut Vm, a: &Args, _w: Want, _c: &Cv) -> R<Ret> {
    let (c, p) = (arg(vm, a, 0)?, arg(vm, a, 1)?);
    crate::sub_util::give_prototype(vm, c, p)
}

fn openhandle(vm: &mut Vm, a: &Args, _w: Want, _c: &Cv) -> R<Ret> {
    let v = arg(vm, a, 0)?;
    let io = match v.kind() {
        Kind::GLOB => v.gv().and_then(|g| g.io.get().clone()),
        Kind::IO => v.io(),
        Kind::SCALAR if v.is_ref() => {
            v.as_scalar().and_then(|s| s.peek().gv()).and_then(|g| g.io.get().clone())
        }
        _ if v.is_str() => {
            let (b, u) = vm.str_bytes(&v)?;
            let b = b.into_owned();
            let b = b.strip_prefix(b"*").unwrap_or(&b);
            let full = match b {
                b"STDIN" | b"STDOUT" | b"STDERR" | b"ARGV" => [b"main::".as_slice(), b].concat(),
                _ if b.windows(2).any(|w| w == b"::") => b.to_vec(),
                _ => [&vm.here().package[..], b"::", b].concat(),
            };
            vm.gv_find(&full, u, false).and_then(|g| g.io.get().clone())
        }
        _ => None,
    };
    let open = io.is_some_and(|io| io.file.get().is_some() || vm.tied_obj(&*io).is_some());
    ok(if open { v } else { Val::undef() })
}
