//! Aliasing by reference (`\\$x = $ref`).

use super::array::av as array_of;
use super::refs::{VIV_AV, VIV_CELL, VIV_HV};
use crate::Vm;
use crate::exc::R;
use keshi_value::obj::Kind;
use keshi_value::{Ptr, Scalar, Val};

fn kind_name(kind: u64) -> &'static str {
    match kind {
        VIV_CELL => "a SCALAR",
        VIV_AV => "an ARRAY",
        VIV_HV => "a HASH",
        _ => "a CODE",
    }
}

fn check_refalias(vm: &mut Vm, b: &Val, kind: u64) -> R<()> {
    if !b.is_ref() {
        return Err(vm.die_text("Assigned value is not a reference"));
    }
    let ok = match kind {
        // A glob stands where a scalar can.
        VIV_CELL => matches!(b.kind(), Kind::SCALAR | Kind::GLOB),
        VIV_AV => b.kind() == Kind::ARRAY,
        VIV_HV => b.kind() == Kind::HASH,
        _ => b.kind() == Kind::CODE,
    };
    if ok {
        Ok(())
    } else {
        Err(vm.die_text(&format!("Assigned value is not {} reference", kind_name(kind))))
    }
}

/// The cell a checked reference refers to; that of a glob is a new one which holds the glob.
fn cell_of(b: &Val) -> Ptr<Scalar> {
    b.scalar().unwrap_or_else(|| Scalar::new(b.gv().map_or_else(Val::undef, Val::glob)))
}

/// `rt.refalias.sv`
pub fn sv(vm: &mut Vm, a: &mut Val, b: &Val) -> R<()> {
    check_refalias(vm, b, VIV_CELL)?;
    a.put(Val::ind(cell_of(b)));
    Ok(())
}

/// `rt.refalias.p`
pub fn p(vm: &mut Vm, b: &Val, kind: u64) -> R<Val> {
    check_refalias(vm, b, kind)?;
    if kind == VIV_CELL {
        return Ok(Val::ptr(cell_of(b)));
    }
    Ok(b.ptr_to_obj())
}

/// `rt.refalias.gv`
pub fn gv(vm: &mut Vm, a: &Val, b: &Val, kind: u64) -> R<()> {
    check_refalias(vm, b, kind)?;
    match a.gv() {
        Some(g) if kind == VIV_CELL => {
            g.sv.set(Some(cell_of(b)));
            Ok(())
        }
        Some(g) => super::glob::assign(vm, &g, b),
        None => Ok(()),
    }
}

/// `rt.refalias.elem`
pub fn elem(vm: &mut Vm, a: &Val, b: &Val, c: &Val) -> R<()> {
    check_refalias(vm, c, VIV_CELL)?;
    let cell = Val::ind(cell_of(c));
    if let Some(h) = a.hv() {
        let (k, u) = vm.str_bytes(b)?;
        h.set_raw(&keshi_value::hash::Key::new(&k, u), cell);
    } else if let Some(av) = a.av() {
        let i = vm.to_iv(b)?;
        let Some(i) = vm.av_index(&av, i) else {
            return Err(
                vm.die_text(&format!("Modification of non-creatable array value attempted, subscript {i}"))
            );
        };
        if i >= av.len() {
            av.set_len(i + 1);
        }
        av.as_mut_slice()[i].put(cell);
    }
    Ok(())
}

/// `rt.refalias.av`
pub fn array(vm: &mut Vm, a: &Val, l: &Val, from: u64) -> R<()> {
    let (av, list) = (array_of(a), array_of(l));
    let mut cells = Vec::new();
    for v in super::array::list_values(vm, &list, from as usize)? {
        check_refalias(vm, &v, VIV_CELL)?;
        cells.push(Val::ind(cell_of(&v)));
    }
    av.clear();
    for c in cells {
        av.push(c);
    }
    Ok(())
}

/// `rt.refalias.slice`
pub fn slice(vm: &mut Vm, a: &Val, keys: &Val, l: &Val, from: u64) -> R<()> {
    let keys = vm.av_values(&array_of(keys))?;
    let values = super::array::list_values(vm, &array_of(l), from as usize)?;
    for (i, k) in keys.iter().enumerate() {
        let v = values.get(i).cloned().unwrap_or_default();
        elem(vm, a, k, &v)?;
    }
    Ok(())
}
