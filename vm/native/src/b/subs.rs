//! B::CV, and the statements (B::COP) that stand for where a sub begins.

use super::object::*;
use super::values::stash_named;
use crate::args::*;
use keshi_value::code::cvf;
use keshi_value::{Body, Code, Scalar, Val};
use keshi_vm::{R, Ret, Vm, Want};

pub(super) fn cv_gv(vm: &mut Vm, a: &Args, _w: Want, _c: &Cv) -> R<Ret> {
    let c = sub(vm, a)?;
    if let Some(g) = c.glob.get().clone() {
        return optional(vm, "B::GV", Some(g));
    }
    // An anonymous sub: the glob `__ANON__` of its package.
    let package = c.package.get().as_str().map_or_else(|| b"main".to_vec(), |s| s.bytes().to_vec());
    let name = c.name.get().as_str().map_or_else(|| b"__ANON__".to_vec(), |s| s.bytes().to_vec());
    let full = [&package[..], b"::", &name].concat();
    let g = vm.gv(&full, !full.is_ascii());
    optional(vm, "B::GV", Some(g))
}
pub(super) fn cv_stash(vm: &mut Vm, a: &Args, _w: Want, _c: &Cv) -> R<Ret> {
    let c = sub(vm, a)?;
    let package = match c.package.get().clone() {
        p if p.is_undef() => c.glob.get().as_ref().and_then(|g| g.stash.get().clone()).unwrap_or_default(),
        p => p,
    };
    stash_named(vm, &package)
}
fn is_perl(c: &Code) -> bool {
    matches!(c.body.get(), Body::Chunk(_))
}
pub(super) fn cv_start(vm: &mut Vm, a: &Args, _w: Want, _c: &Cv) -> R<Ret> {
    let c = sub(vm, a)?;
    ok(if is_perl(&c) {
        object(vm, "B::COP", Val::reference(c))
    } else {
        blessed_into(vm, "B::NULL", Val::int(0))
    })
}
pub(super) fn cv_root(vm: &mut Vm, a: &Args, _w: Want, _c: &Cv) -> R<Ret> {
    let c = sub(vm, a)?;
    ok(if is_perl(&c) {
        object(vm, "B::OP", Val::reference(c))
    } else {
        blessed_into(vm, "B::NULL", Val::int(0))
    })
}
pub(super) fn cv_file(vm: &mut Vm, a: &Args, _w: Want, _c: &Cv) -> R<Ret> {
    ok(sub(vm, a)?.file.get().clone())
}
pub(super) fn cv_depth(vm: &mut Vm, a: &Args, _w: Want, _c: &Cv) -> R<Ret> {
    int(i64::from(sub(vm, a)?.depth.get()))
}
pub(super) fn cv_flags(vm: &mut Vm, a: &Args, _w: Want, _c: &Cv) -> R<Ret> {
    let c = sub(vm, a)?;
    let mut f = 0;
    for (ours, theirs) in [
        (cvf::LVALUE, 2),
        (cvf::CONST, 4),
        (cvf::ANON, 0x80),
        (cvf::CLONED, 0x40),
        (cvf::NODEBUG, 0x200),
        (cvf::CLASS_METHOD, 0x10_0000),
    ] {
        if c.has(ours) {
            f |= theirs;
        }
    }
    if !is_perl(&c) && c.is_defined() {
        f |= 8;
    }
    int(f)
}
pub(super) fn cv_xsub(vm: &mut Vm, a: &Args, _w: Want, _c: &Cv) -> R<Ret> {
    let c = sub(vm, a)?;
    int(i64::from(!is_perl(&c) && c.is_defined()))
}
pub(super) fn cv_const(vm: &mut Vm, a: &Args, _w: Want, _c: &Cv) -> R<Ret> {
    let c = sub(vm, a)?;
    let Body::Const(v) = c.body.get().clone() else { return ok(nothing(vm)) };
    let r = Val::reference(Scalar::new(v));
    let class = class_of(vm, &r);
    ok(object(vm, class, r))
}
pub(super) fn cop_line(vm: &mut Vm, a: &Args, _w: Want, _c: &Cv) -> R<Ret> {
    int(i64::from(sub(vm, a)?.line.get()))
}
pub(super) fn cop_stashpv(vm: &mut Vm, a: &Args, _w: Want, _c: &Cv) -> R<Ret> {
    ok(sub(vm, a)?.package.get().clone())
}
pub(super) fn cop_name(_vm: &mut Vm, _a: &Args, _w: Want, _c: &Cv) -> R<Ret> {
    ok(Val::bytes("nextstate"))
}
