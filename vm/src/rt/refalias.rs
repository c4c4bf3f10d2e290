//! Aliasing by reference (`\\$x = $ref`).

use super::refs::{VIV_AV, VIV_CELL, VIV_HV};
use crate::Vm;
use crate::exc::R;
use keshi_value::Val;
use keshi_value::obj::Kind;

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
        VIV_CELL => b.kind() == Kind::SCALAR,
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

/// `rt.refalias.sv`
pub fn sv(vm: &mut Vm, a: &mut Val, b: &Val) -> R<()> {
    check_refalias(vm, b, VIV_CELL)?;
    a.put(Val::ind(b.scalar().expect("checked")));
    Ok(())
}

/// `rt.refalias.p`
pub fn p(vm: &mut Vm, b: &Val, kind: u64) -> R<Val> {
    check_refalias(vm, b, kind)?;
    Ok(b.ptr_to_obj())
}

/// `rt.refalias.gv`
pub fn gv(vm: &mut Vm, a: &Val, b: &Val, kind: u64) -> R<()> {
    check_refalias(vm, b, kind)?;
    match a.gv() {
        Some(g) => super::glob::assign(vm, &g, b),
        None => Ok(()),
    }
}

/// `rt.refalias.elem`
pub fn elem(vm: &mut Vm, a: &Val, b: &Val, c: &Val) -> R<()> {
    check_refalias(vm, c, VIV_CELL)?;
    let cell = Val::ind(c.scalar().expect("checked"));
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
