//! Package version: version objects are hashes `{ original, qv, alpha, version => [...] }`, as in perl.

use crate::args::*;
use keshi_text::version::Version;
use keshi_value::hash::Key;
use keshi_value::{Array, Hash, Ptr, Val, tag};
use keshi_vm::warn::cat;
use keshi_vm::{R, Ret, Vm, Want};
use std::cmp::Ordering;

const SUBS: &[Def] = &[
    ("()", noop_fallback, None),
    ("((", noop_fallback, None),
    ("new", new, None),
    ("parse", new, None),
    ("(\"\"", stringify, None),
    ("stringify", stringify, None),
    ("(0+", numify, None),
    ("numify", numify, None),
    ("(cmp", vcmp, None),
    ("(<=>", vcmp, None),
    ("vcmp", vcmp, None),
    ("VCMP", vcmp, None),
    ("(bool", boolean, None),
    ("(+", noop, None),
    ("(-", noop, None),
    ("(*", noop, None),
    ("(/", noop, None),
    ("(+=", noop, None),
    ("(-=", noop, None),
    ("(*=", noop, None),
    ("(/=", noop, None),
    ("(abs", noop, None),
    ("(nomethod", noop, None),
    ("noop", noop, None),
    ("normal", normal, None),
    ("is_alpha", is_alpha, None),
    ("qv", declare, None),
    ("declare", declare, None),
    ("is_qv", is_qv, None),
    ("to_decimal", to_decimal, None),
    ("to_dotted_decimal", to_dotted_decimal, None),
    ("tuple", tuple, None),
    ("from_tuple", from_tuple, None),
];

pub fn define_always(vm: &mut Vm) {
    define(vm, "version", SUBS);
    // `fallback => 1`
    vm.gv_str("version::()").scalar().set(Val::bool(true));
    if let Some(c) = vm.gv_str("UNIVERSAL::VERSION").cv.get().clone() {
        vm.gv_str("version::_VERSION").cv.set(Some(c));
    }
}

fn noop_fallback(_vm: &mut Vm, _a: &Args, _w: Want, _c: &Cv) -> R<Ret> {
    undef()
}

fn noop(vm: &mut Vm, a: &Args, _w: Want, _c: &Cv) -> R<Ret> {
    let v = arg(vm, a, 0)?;
    if is_version(vm, &v)? {
        return Err(vm.die_text("operation not supported with version object"));
    }
    Err(vm.die_text("lobj is not of type version"))
}

fn is_version(vm: &mut Vm, v: &Val) -> R<bool> {
    match vm.class_of(v).filter(|_| v.is_ref()) {
        Some(st) => vm.derives_from(&st, b"version"),
        None => Ok(false),
    }
}

/// The hash of a version object, checked as perl does before using it.
fn object(vm: &mut Vm, v: &Val) -> R<Ptr<Hash>> {
    if !is_version(vm, v)? {
        return Err(vm.die_text("lobj is not of type version"));
    }
    match v.hv().filter(|h| h.get_str("version").is_some_and(|p| p.av().is_some())) {
        Some(h) => Ok(h),
        None => Err(vm.die_text("Invalid version object")),
    }
}

fn read_object(vm: &mut Vm, v: &Val) -> R<Version> {
    let h = object(vm, v)?;
    let parts = h.get_str("version").and_then(|p| p.av()).expect("checked by object()");
    let mut p = Vec::with_capacity(parts.len());
    for x in vm.av_values(&parts)? {
        p.push(vm.to_iv(&x)?.clamp(i32::MIN as i64, i32::MAX as i64) as i32);
    }
    let original = match h.get_str("original") {
        Some(o) => vm.text_of(&o)?,
        None => String::new(),
    };
    Ok(Version { parts: p, qv: h.exists(&Key::ascii("qv")), alpha: h.exists(&Key::ascii("alpha")), original })
}

fn make_object(vm: &mut Vm, v: &Version, class: &[u8], utf8: bool) -> Val {
    let h = Hash::new();
    if v.qv {
        h.set_str("qv", Val::int(1));
    }
    if v.alpha {
        h.set_str("alpha", Val::int(1));
    }
    h.set_str("original", Val::text(&v.original));
    let parts = v.parts.iter().map(|p| Val::int(*p as i64)).collect();
    h.set_str("version", Val::reference(Array::from_vec(parts)));
    let r = Val::reference(h);
    if let (Some(st), Some(hdr)) = (vm.stash(class, utf8, true), r.hdr()) {
        hdr.bless(st);
    }
    r
}

/// A version from any value, as `version->parse` takes it.
fn from_value(vm: &mut Vm, v: &Val) -> R<Version> {
    if v.is_ref() && is_version(vm, v)? {
        return read_object(vm, v);
    }
    vm.version_literal(v)
}

/// Class named by the invocant, which may be an object.
fn class(vm: &mut Vm, inv: &Val) -> R<(Vec<u8>, bool)> {
    let name = match vm.blessed_name(inv) {
        Some(n) => n,
        None => inv.clone(),
    };
    let (b, u) = vm.str_bytes(&name)?;
    Ok((b.into_owned(), u))
}

fn new(vm: &mut Vm, a: &Args, _w: Want, _c: &Cv) -> R<Ret> {
    if a.is_empty() || a.len() > 3 {
        return Err(vm.die_text("Usage: version::new(class, version)"));
    }
    let inv = arg(vm, a, 0)?;
    let (cls, u) = class(vm, &inv)?;
    let mut v = arg(vm, a, 1)?;
    if a.len() == 1 || v.is_undef() {
        let version = if a.len() == 1 && inv.is_ref() {
            read_object(vm, &inv)?
        } else {
            vm.version_parsed(Version::parse(b"undef"))?
        };
        return ok(make_object(vm, &version, &cls, u));
    }
    if a.len() == 3 {
        let third = text(vm, a, 2)?;
        v = Val::text(&format!("v{third}"));
    }
    let version = from_value(vm, &v)?;
    ok(make_object(vm, &version, &cls, u))
}

fn declare(vm: &mut Vm, a: &Args, _w: Want, _c: &Cv) -> R<Ret> {
    // Called as a function (`qv(1.2)`) or as a method.
    let (cls, u, v) = if a.len() >= 2 {
        let inv = arg(vm, a, 0)?;
        let (c, u) = class(vm, &inv)?;
        (c, u, arg(vm, a, 1)?)
    } else {
        (b"version".to_vec(), false, arg(vm, a, 0)?)
    };
    if v.is_ref() && is_version(vm, &v)? {
        return ok(v);
    }
    if v.as_dual().is_some_and(|d| d.vstring.is_some()) {
        let version = from_value(vm, &v)?;
        return ok(make_object(vm, &version, &cls, u));
    }
    let t = match v.tag() {
        tag::NUM => keshi_text::num::nv_string(v.as_f64()),
        _ => vm.str_bytes_quiet(&v)?.0.into_owned(),
    };
    let version = vm.version_parsed(Version::declare(&t))?;
    ok(make_object(vm, &version, &cls, u))
}

fn me(vm: &mut Vm, a: &Args) -> R<Version> {
    let v = arg(vm, a, 0)?;
    read_object(vm, &v)
}

fn stringify(vm: &mut Vm, a: &Args, _w: Want, _c: &Cv) -> R<Ret> {
    let v = me(vm, a)?;
    ok(Val::text(&v.stringify()))
}

fn numify(vm: &mut Vm, a: &Args, _w: Want, _c: &Cv) -> R<Ret> {
    let v = me(vm, a)?;
    if v.alpha {
        vm.warn(cat::NUMERIC, "alpha->numify() is lossy")?;
    }
    ok(Val::text(&v.numify()))
}

fn normal(vm: &mut Vm, a: &Args, _w: Want, _c: &Cv) -> R<Ret> {
    let v = me(vm, a)?;
    ok(Val::text(&v.normal()))
}

fn vcmp(vm: &mut Vm, a: &Args, _w: Want, _c: &Cv) -> R<Ret> {
    let left = me(vm, a)?;
    let r = arg(vm, a, 1)?;
    let right = if r.is_undef() && !r.is_ref() {
        vm.version_parsed(Version::parse(b"undef"))?
    } else {
        from_value(vm, &r)?
    };
    let swapped = arg(vm, a, 2)?;
    let mut o = left.vcmp(&right);
    if vm.truth(&swapped)? {
        o = o.reverse();
    }
    int(match o {
        Ordering::Less => -1,
        Ordering::Equal => 0,
        Ordering::Greater => 1,
    })
}

fn boolean(vm: &mut Vm, a: &Args, _w: Want, _c: &Cv) -> R<Ret> {
    let v = me(vm, a)?;
    yes_no(v.is_true())
}

fn is_alpha(vm: &mut Vm, a: &Args, _w: Want, _c: &Cv) -> R<Ret> {
    let v = me(vm, a)?;
    yes_no(v.alpha)
}
fn is_qv(vm: &mut Vm, a: &Args, _w: Want, _c: &Cv) -> R<Ret> {
    let v = me(vm, a)?;
    yes_no(v.qv)
}

/// A new object of the invocant's class from another notation of its version.
fn converted(vm: &mut Vm, a: &Args, text: String) -> R<Ret> {
    let inv = arg(vm, a, 0)?;
    let (cls, u) = class(vm, &inv)?;
    let v = vm.version_parsed(Version::parse(text.as_bytes()))?;
    ok(make_object(vm, &v, &cls, u))
}
fn to_decimal(vm: &mut Vm, a: &Args, _w: Want, _c: &Cv) -> R<Ret> {
    let t = me(vm, a)?.numify();
    converted(vm, a, t)
}
fn to_dotted_decimal(vm: &mut Vm, a: &Args, _w: Want, _c: &Cv) -> R<Ret> {
    let t = me(vm, a)?.normal();
    converted(vm, a, t)
}

fn tuple(vm: &mut Vm, a: &Args, _w: Want, _c: &Cv) -> R<Ret> {
    let v = me(vm, a)?;
    list(v.parts.iter().map(|p| Val::int(*p as i64)).collect())
}

fn from_tuple(vm: &mut Vm, a: &Args, _w: Want, _c: &Cv) -> R<Ret> {
    if a.len() < 2 {
        return Err(vm.die_text("Usage: version::from_tuple(class, REVISION, ...)"));
    }
    let inv = arg(vm, a, 0)?;
    let (cls, u) = class(vm, &inv)?;
    let mut parts = Vec::new();
    for i in 1..a.len() {
        let n = iv(vm, a, i)?;
        match i32::try_from(n) {
            Ok(n) if n >= 0 => parts.push(n),
            _ => return Err(vm.die_text(&format!("Value {n} in argument {i} is not a version component"))),
        }
    }
    let text: Vec<String> = parts.iter().map(|p| p.to_string()).collect();
    let v = Version { original: format!("v{}", text.join(".")), parts, qv: true, alpha: false };
    ok(make_object(vm, &v, &cls, u))
}
