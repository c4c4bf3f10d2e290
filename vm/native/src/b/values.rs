//! The classes of values: scalars (B::IV, NV, PV, REGEXP), B::AV, B::HV, B::GV and B::IO.

use super::object::*;
use crate::args::*;
use keshi_value::{Scalar, Val, tag};
use keshi_vm::{R, Ret, Vm, Want};

// ---- scalars

pub(super) fn value_iv(vm: &mut Vm, a: &Args, _w: Want, _c: &Cv) -> R<Ret> {
    let v = value(vm, a)?;
    int(vm.to_iv_quiet(&v)?)
}
pub(super) fn value_uv(vm: &mut Vm, a: &Args, _w: Want, _c: &Cv) -> R<Ret> {
    let v = value(vm, a)?;
    ok(Val::uint(vm.to_iv_quiet(&v)? as u64))
}
pub(super) fn value_nv(vm: &mut Vm, a: &Args, _w: Want, _c: &Cv) -> R<Ret> {
    let v = value(vm, a)?;
    ok(Val::num(vm.to_nv(&v)?))
}
pub(super) fn needs64(vm: &mut Vm, a: &Args, _w: Want, _c: &Cv) -> R<Ret> {
    let v = value(vm, a)?;
    let n = vm.to_iv_quiet(&v)?;
    yes_no(i32::try_from(n).is_err())
}
pub(super) fn value_rv(vm: &mut Vm, a: &Args, _w: Want, _c: &Cv) -> R<Ret> {
    let v = value(vm, a)?;
    if !v.is_ref() {
        return Err(vm.die_text("argument is not SvROK"));
    }
    let class = class_of(vm, &v);
    ok(object(vm, class, v))
}
pub(super) fn value_pv(vm: &mut Vm, a: &Args, _w: Want, _c: &Cv) -> R<Ret> {
    // The string half of a value; a plain number has none.
    let v = value(vm, a)?;
    ok(match v.tag() {
        tag::STR => v,
        tag::BOOL => vm.to_str_val(&v)?,
        _ => v.as_dual().map_or(Val::undef(), |d| d.str.clone()),
    })
}
pub(super) fn pv_len(vm: &mut Vm, a: &Args, _w: Want, _c: &Cv) -> R<Ret> {
    let v = value(vm, a)?;
    int(vm.str_bytes_quiet(&v)?.0.len() as i64)
}
pub(super) fn pv_room(vm: &mut Vm, a: &Args, _w: Want, _c: &Cv) -> R<Ret> {
    let v = value(vm, a)?;
    int(vm.str_bytes_quiet(&v)?.0.len() as i64 + 1)
}
pub(super) fn re_text(vm: &mut Vm, a: &Args, _w: Want, _c: &Cv) -> R<Ret> {
    let r = target(vm, a)?;
    ok(r.as_regex().map(|x| x.text.clone()).unwrap_or_default())
}

// ---- arrays and hashes

pub(super) fn av_fill(vm: &mut Vm, a: &Args, _w: Want, _c: &Cv) -> R<Ret> {
    let r = target(vm, a)?;
    int(r.as_av().map_or(-1, |x| x.len() as i64 - 1))
}
fn element(vm: &mut Vm, list: &Args, i: usize) -> Val {
    let cell = cell(list, i);
    let r = Val::reference(cell);
    let class = class_of(vm, &r);
    object(vm, class, r)
}
pub(super) fn av_array(vm: &mut Vm, a: &Args, _w: Want, _c: &Cv) -> R<Ret> {
    let Some(av) = target(vm, a)?.av() else { return list(vec![]) };
    let all = (0..av.len()).map(|i| element(vm, &av, i)).collect();
    list(all)
}
pub(super) fn av_elt(vm: &mut Vm, a: &Args, _w: Want, _c: &Cv) -> R<Ret> {
    let i = iv(vm, a, 1)?;
    match target(vm, a)?.av() {
        Some(av) if i >= 0 && (i as usize) < av.len() => ok(element(vm, &av, i as usize)),
        _ => ok(nothing(vm)),
    }
}
pub(super) fn hv_keys(vm: &mut Vm, a: &Args, _w: Want, _c: &Cv) -> R<Ret> {
    let h = hash_of(vm, a)?;
    int(h.len() as i64)
}
pub(super) fn hv_max(vm: &mut Vm, a: &Args, _w: Want, _c: &Cv) -> R<Ret> {
    let h = hash_of(vm, a)?;
    int(h.len().next_power_of_two().max(8) as i64 - 1)
}
pub(super) fn hv_name(vm: &mut Vm, a: &Args, _w: Want, _c: &Cv) -> R<Ret> {
    let h = hash_of(vm, a)?;
    ok(vm.stash_name(&h))
}
pub(super) fn hv_array(vm: &mut Vm, a: &Args, _w: Want, _c: &Cv) -> R<Ret> {
    let h = hash_of(vm, a)?;
    let mut out = Vec::new();
    for k in vm.hv_keys(&h)? {
        let v = vm.hv_get(&h, &k)?;
        let r = Val::reference(Scalar::new(v));
        let class = class_of(vm, &r);
        out.push(k);
        out.push(object(vm, class, r));
    }
    list(out)
}

// ---- globs

pub(super) fn gv_name(vm: &mut Vm, a: &Args, _w: Want, _c: &Cv) -> R<Ret> {
    ok(glob(vm, a)?.name.clone())
}
pub(super) fn stash_named(vm: &mut Vm, name: &Val) -> R<Ret> {
    let stash = match name.as_str() {
        // One that is there is taken as it is: `undef %Foo::` took its name away.
        Some(s) => match vm.stash(s.bytes(), s.utf8(), false) {
            None => vm.stash(s.bytes(), s.utf8(), true),
            found => found,
        },
        None => None,
    };
    optional(vm, "B::HV", stash)
}
pub(super) fn gv_stash(vm: &mut Vm, a: &Args, _w: Want, _c: &Cv) -> R<Ret> {
    let name = glob(vm, a)?.stash.get().clone().unwrap_or_default();
    stash_named(vm, &name)
}
pub(super) fn gv_sv(vm: &mut Vm, a: &Args, _w: Want, _c: &Cv) -> R<Ret> {
    let r = Val::reference(glob(vm, a)?.scalar().clone());
    let class = class_of(vm, &r);
    ok(object(vm, class, r))
}
pub(super) fn gv_av(vm: &mut Vm, a: &Args, _w: Want, _c: &Cv) -> R<Ret> {
    let p = glob(vm, a)?.av.get().clone();
    optional(vm, "B::AV", p)
}
pub(super) fn gv_hv(vm: &mut Vm, a: &Args, _w: Want, _c: &Cv) -> R<Ret> {
    let p = glob(vm, a)?.hv.get().clone();
    optional(vm, "B::HV", p)
}
pub(super) fn gv_cv(vm: &mut Vm, a: &Args, _w: Want, _c: &Cv) -> R<Ret> {
    let p = glob(vm, a)?.cv.get().clone();
    optional(vm, "B::CV", p)
}
pub(super) fn gv_io(vm: &mut Vm, a: &Args, _w: Want, _c: &Cv) -> R<Ret> {
    let p = glob(vm, a)?.io.get().clone();
    optional(vm, "B::IO", p)
}
pub(super) fn gv_form(vm: &mut Vm, a: &Args, _w: Want, _c: &Cv) -> R<Ret> {
    let p = glob(vm, a)?.form.get().clone();
    optional(vm, "B::FM", p)
}
pub(super) fn gv_egv(vm: &mut Vm, a: &Args, _w: Want, _c: &Cv) -> R<Ret> {
    let g = glob(vm, a)?;
    optional(vm, "B::GV", Some(g))
}
pub(super) fn gv_file(vm: &mut Vm, a: &Args, _w: Want, _c: &Cv) -> R<Ret> {
    let file = glob(vm, a)?.cv.get().as_ref().map(|c| c.file.get().clone());
    ok(file.unwrap_or_else(|| Val::bytes("-")))
}
pub(super) fn gv_flags(vm: &mut Vm, a: &Args, _w: Want, _c: &Cv) -> R<Ret> {
    // The import bits are the low half here, the high half there.
    let f = i64::from(glob(vm, a)?.flags.get());
    int(((f & 0xf) << 4) | ((f >> 4) & 1))
}
pub(super) fn io_lines(vm: &mut Vm, a: &Args, _w: Want, _c: &Cv) -> R<Ret> {
    int(target(vm, a)?.io().map_or(0, |io| io.lines.get()))
}
