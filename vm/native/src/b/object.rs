//! B objects: making the one that describes a thing, finding the thing again, and what is asked of any of them.

use crate::args::*;
use keshi_value::obj::{Kind, Obj};
use keshi_value::{Code, Glob, Hash, Ptr, Scalar, Val, tag};
use keshi_vm::{R, Ret, Vm, Want};

pub(super) fn blessed_into(vm: &mut Vm, class: &str, inner: Val) -> Val {
    let r = Val::reference(Scalar::new(inner));
    if let (Some(st), Some(h)) = (vm.stash(class.as_bytes(), false, true), r.hdr()) {
        h.bless(st);
    }
    r
}

/// The object for what `target` refers to.
pub(super) fn object(vm: &mut Vm, class: &str, target: Val) -> Val {
    let addr = Val::uint(target.addr());
    blessed_into(vm, class, dual(addr, target))
}

/// The object that stands for nothing: its scalar is 0.
pub(super) fn nothing(vm: &mut Vm) -> Val {
    blessed_into(vm, "B::SPECIAL", Val::int(0))
}

pub(super) fn special(vm: &mut Vm, _a: &Args, _w: Want, _c: &Cv) -> R<Ret> {
    ok(nothing(vm))
}

pub(super) fn optional<T: Obj>(vm: &mut Vm, class: &str, p: Option<Ptr<T>>) -> R<Ret> {
    ok(match p {
        Some(p) => object(vm, class, Val::reference(p)),
        None => nothing(vm),
    })
}

/// The class that describes what `r` refers to.
pub(super) fn class_of(vm: &mut Vm, r: &Val) -> &'static str {
    match r.kind() {
        Kind::ARRAY => "B::AV",
        Kind::HASH => "B::HV",
        Kind::CODE => "B::CV",
        Kind::GLOB => "B::GV",
        Kind::IO => "B::IO",
        Kind::OBJECT => "B::OBJ",
        _ if r.as_regex().is_some() => "B::REGEXP",
        _ => match r.as_scalar() {
            Some(s) if s.peek().tag() == tag::GLOB => "B::GV",
            Some(s) if vm.blessed_name(r).is_some() || s.hdr().is_magical() => "B::PVMG",
            Some(s) => match s.peek().tag() {
                tag::UNDEF => "B::NULL",
                tag::NUM => "B::NV",
                tag::STR => "B::PV",
                tag::DUAL if s.peek().as_dual().is_some_and(|d| d.vstring.is_some()) => "B::PVMG",
                tag::DUAL | tag::BOOL => "B::PVNV",
                _ => "B::IV",
            },
            None => "B::PVMG",
        },
    }
}

pub(super) fn svref_2object(vm: &mut Vm, a: &Args, _w: Want, _c: &Cv) -> R<Ret> {
    let r = arg(vm, a, 0)?;
    if !r.is_ref() {
        return Err(vm.die_text("argument is not a reference"));
    }
    let class = class_of(vm, &r);
    // A reference to a scalar that holds a glob describes the glob.
    let target = match r.as_scalar().and_then(|s| s.peek().gv()) {
        Some(g) if class == "B::GV" => Val::reference(g),
        _ => r,
    };
    ok(object(vm, class, target))
}

/// The reference inside the object that is argument 0.
pub(super) fn target(vm: &mut Vm, a: &Args) -> R<Val> {
    let me = arg(vm, a, 0)?;
    let inner = me.as_scalar().filter(|_| me.is_ref()).map(|s| s.get()).unwrap_or_default();
    match inner.as_dual() {
        Some(d) if d.str.is_ref() => Ok(d.str.clone()),
        _ => Err(vm.die_text("This B object describes nothing")),
    }
}

/// The value of the scalar described.
pub(super) fn value(vm: &mut Vm, a: &Args) -> R<Val> {
    let r = target(vm, a)?;
    Ok(r.as_scalar().map(|s| s.get()).unwrap_or_default())
}

pub(super) fn glob(vm: &mut Vm, a: &Args) -> R<Ptr<Glob>> {
    match target(vm, a)?.gv() {
        Some(g) => Ok(g),
        None => Err(vm.die_text("gv is not of type B::GV")),
    }
}

pub(super) fn sub(vm: &mut Vm, a: &Args) -> R<Ptr<Code>> {
    match target(vm, a)?.cv() {
        Some(c) => Ok(c),
        None => Err(vm.die_text("cv is not of type B::CV")),
    }
}

pub(super) fn hash_of(vm: &mut Vm, a: &Args) -> R<Ptr<Hash>> {
    match target(vm, a)?.hv() {
        Some(h) => Ok(h),
        None => Err(vm.die_text("hv is not of type B::HV")),
    }
}

pub(super) fn refcnt(vm: &mut Vm, a: &Args, _w: Want, _c: &Cv) -> R<Ret> {
    let r = target(vm, a)?;
    // The object's own reference and the one just made do not count.
    int(r.hdr().map_or(1, |h| i64::from(h.rc.get()).saturating_sub(2).max(1)))
}

/// perl's flag word of a value; the low byte is the type.
fn flag_word(vm: &mut Vm, r: &Val) -> u64 {
    let Some(h) = r.hdr() else { return 0 };
    let mut f: u64 = 0;
    if h.stash().is_some() {
        f |= 0x10_0000;
    }
    if h.is_magical() {
        f |= 0xe0_0000;
    }
    if let Some(s) = r.as_scalar() {
        if s.is_readonly() {
            f |= 0x800_0000;
        }
        let v = s.peek();
        let string = |v: &Val| if v.as_str().is_some_and(|s| s.utf8()) { 0x2000_4400 } else { 0x4400 };
        f |= match v.tag() {
            tag::INT => 0x1100,
            tag::UINT => 0x8000_1100,
            tag::NUM => 0x2200,
            tag::BOOL => 0x7700,
            tag::STR => string(v),
            tag::REF | tag::CODE => 0x800,
            _ => v.as_dual().map_or(0, |d| {
                let number = match d.num.tag() {
                    _ if d.vstring.is_some() => 0xe0_0000,
                    tag::NUM => 0x2200,
                    tag::UINT => 0x8000_1100,
                    _ => 0x1100,
                };
                number | string(&d.str)
            }),
        };
    }
    f | match class_of(vm, r) {
        "B::NULL" => 0,
        "B::IV" => 1,
        "B::NV" => 2,
        "B::PV" => 3,
        "B::PVNV" => 6,
        "B::REGEXP" => 8,
        "B::GV" => 9,
        "B::AV" => 11,
        "B::HV" => 12,
        "B::CV" => 13,
        "B::IO" => 15,
        "B::OBJ" => 16,
        _ => 7,
    }
}

pub(super) fn flags(vm: &mut Vm, a: &Args, _w: Want, _c: &Cv) -> R<Ret> {
    let r = target(vm, a)?;
    int(flag_word(vm, &r) as i64)
}
pub(super) fn sv_type(vm: &mut Vm, a: &Args, _w: Want, _c: &Cv) -> R<Ret> {
    let r = target(vm, a)?;
    int((flag_word(vm, &r) & 0xff) as i64)
}
fn masked(vm: &mut Vm, a: &Args, mask: u64) -> R<Ret> {
    let r = target(vm, a)?;
    int((flag_word(vm, &r) & mask) as i64)
}
pub(super) fn pok(vm: &mut Vm, a: &Args, _w: Want, _c: &Cv) -> R<Ret> {
    masked(vm, a, 0x4400)
}
pub(super) fn rok(vm: &mut Vm, a: &Args, _w: Want, _c: &Cv) -> R<Ret> {
    masked(vm, a, 0x800)
}
pub(super) fn magical(vm: &mut Vm, a: &Args, _w: Want, _c: &Cv) -> R<Ret> {
    masked(vm, a, 0xe0_0000)
}
pub(super) fn object_2svref(vm: &mut Vm, a: &Args, _w: Want, _c: &Cv) -> R<Ret> {
    ok(target(vm, a)?)
}
pub(super) fn is_true(vm: &mut Vm, a: &Args, _w: Want, _c: &Cv) -> R<Ret> {
    let v = value(vm, a)?;
    yes_no(vm.truth(&v)?)
}
pub(super) fn sv_stash(vm: &mut Vm, a: &Args, _w: Want, _c: &Cv) -> R<Ret> {
    let r = target(vm, a)?;
    let stash = r.hdr().and_then(|h| h.stash().cloned());
    optional(vm, "B::HV", stash)
}
