//! Storable::dclone: a deep copy that keeps shared and cyclic structure and blessings.

use crate::args::*;
use keshi_value::obj::Kind;
use keshi_value::{Array, Hash, Scalar, Val};
use keshi_vm::{R, Ret, Vm, Want};
use std::collections::HashMap;

pub fn boot(vm: &mut Vm) -> R<()> {
    define(vm, "Storable", &[("dclone", dclone, Some("$")), ("init_perinterp", nothing, None)]);
    // The version of the format; flock exists here.
    define_constants(
        vm,
        "Storable",
        &[("BIN_MAJOR", 2), ("BIN_MINOR", 12), ("BIN_WRITE_MINOR", 12), ("CAN_FLOCK", 1)],
    );
    for name in ["pstore", "net_pstore", "mstore", "net_mstore", "pretrieve", "mretrieve"] {
        vm.define_native(&format!("Storable::{name}"), missing, None);
    }
    Ok(())
}

fn nothing(_vm: &mut Vm, _a: &Args, _w: Want, _c: &Cv) -> R<Ret> {
    Ok(Ret::Void)
}

fn missing(vm: &mut Vm, _a: &Args, _w: Want, c: &Cv) -> R<Ret> {
    let name = vm.sub_full_name(c).unwrap_or_default();
    Err(vm.unimplemented(&name))
}

fn dclone(vm: &mut Vm, a: &Args, _w: Want, _c: &Cv) -> R<Ret> {
    let v = arg(vm, a, 0)?;
    let mut seen = HashMap::new();
    ok(copy(vm, &v, &mut seen)?)
}

/// A copy of a value; `seen` maps the address of a referent to the reference to its copy.
fn copy(vm: &mut Vm, v: &Val, seen: &mut HashMap<u64, Val>) -> R<Val> {
    if !v.is_ref() {
        return Ok(v.clone());
    }
    if let Some(done) = seen.get(&v.addr()) {
        return Ok(done.clone());
    }
    match vm.class_of(v) {
        Some(st) if vm.find_method(&st, b"STORABLE_freeze")?.is_some() => {
            return Err(vm.unimplemented("STORABLE_freeze"));
        }
        _ => {}
    }
    keshi_memory::deeper(|| copy_referent(vm, v, seen))
}

fn copy_referent(vm: &mut Vm, v: &Val, seen: &mut HashMap<u64, Val>) -> R<Val> {
    if v.as_regex().is_some() {
        return Ok(v.clone());
    }
    let new = match v.kind() {
        Kind::ARRAY => Val::reference(Array::new()),
        Kind::HASH => Val::reference(Hash::new()),
        Kind::SCALAR => Val::reference(Scalar::new(Val::undef())),
        _ => {
            let what = vm.reftype(v);
            return Err(vm.die_text(&format!("Can't store {what} items")));
        }
    };
    // Entered before the contents are copied: cycles lead back here.
    seen.insert(v.addr(), new.clone());
    if let (Some(from), Some(to)) = (v.av(), new.av()) {
        for i in 0..vm.av_len(&from)? {
            let x = vm.av_get(&from, i)?;
            let c = copy(vm, &x, seen)?;
            to.push(c);
        }
    } else if let (Some(from), Some(to)) = (v.hv(), new.hv()) {
        for k in vm.hv_keys(&from)? {
            let x = vm.hv_get(&from, &k)?;
            let c = copy(vm, &x, seen)?;
            vm.hv_set(&to, &k, c)?;
        }
    } else if let (Some(from), Some(to)) = (v.scalar(), new.scalar()) {
        let x = vm.get_sv(&from)?;
        let c = copy(vm, &x, seen)?;
        to.set(c);
    }
    if let (Some(st), Some(h)) = (v.hdr().and_then(|h| h.stash().cloned()), new.hdr()) {
        h.bless(st);
    }
    Ok(new)
}
