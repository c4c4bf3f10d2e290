//! Sub::Util: names and prototypes of subs.

use crate::args::*;
use keshi_value::{Code, Val};
use keshi_vm::{R, Ret, Vm, Want};

pub const SUBS: &[Def] =
    &[("set_prototype", set_prototype, None), ("subname", subname, None), ("set_subname", set_subname, None)];

fn set_prototype(vm: &mut Vm, a: &Args, _w: Want, _c: &Cv) -> R<Ret> {
    let (p, c) = (arg(vm, a, 0)?, arg(vm, a, 1)?);
    give_prototype(vm, c, p)
}

/// The prototype `p` (or none) for the sub that `c` refers to; what both set_prototype functions do.
pub fn give_prototype(vm: &mut Vm, c: Val, p: Val) -> R<Ret> {
    if !c.is_ref() {
        return Err(vm.die_text("set_prototype: not a reference"));
    }
    let Some(cv) = c.cv() else { return Err(vm.die_text("set_prototype: not a subroutine reference")) };
    if p.is_undef() {
        cv.prototype.set(None);
    } else {
        let (b, _) = vm.str_bytes(&p)?;
        cv.prototype.set(Some(b.into_owned().into()));
    }
    ok(c)
}

fn subname(vm: &mut Vm, a: &Args, _w: Want, _c: &Cv) -> R<Ret> {
    let v = arg(vm, a, 0)?;
    let Some(cv) = v.cv().filter(|_| v.is_ref()) else {
        return Err(vm.die_text("Not a subroutine reference"));
    };
    let name = vm.sub_full_name(&cv).unwrap_or_else(|| "main::__ANON__".into());
    ok(Val::text(&name))
}

/// A copy of the sub under another name; captured variables are shared.
fn set_subname(vm: &mut Vm, a: &Args, _w: Want, _c: &Cv) -> R<Ret> {
    let (name, u) = string(vm, a, 0)?;
    let v = arg(vm, a, 1)?;
    let Some(cv) = v.cv().filter(|_| v.is_ref()) else {
        return Err(vm.die_text("Not a subroutine reference"));
    };
    let (package, short) = match name.windows(2).rposition(|w| w == b"::") {
        Some(i) => (name[..i].to_vec(), name[i + 2..].to_vec()),
        None => (b"main".to_vec(), name),
    };
    let new = Code::new(cv.body.get().clone());
    new.captures.set(cv.captures.get().clone());
    new.prototype.set(cv.prototype.get().clone());
    new.flags.set(cv.flags.get());
    new.file.set(cv.file.get().clone());
    new.line.set(cv.line.get());
    new.statics.set(cv.statics.get().clone());
    new.package.set(Val::str(&package, u));
    new.name.set(Val::str(&short, u));
    let r = Val::reference(new);
    if let (Some(st), Some(h)) = (v.hdr().and_then(|h| h.stash().cloned()), r.hdr()) {
        h.bless(st);
    }
    ok(r)
}
