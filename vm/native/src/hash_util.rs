//! Hash::Util: what its Perl half needs besides Internals.

use crate::args::*;
use keshi_value::{Hash, Ptr, Val};
use keshi_vm::{R, Ret, Vm, Want};

const SUBS: &[Def] = &[
    ("_clear_placeholders", clear_placeholders, Some("\\%")),
    ("all_keys", all_keys, Some("\\%\\@\\@")),
    ("legal_ref_keys", legal_ref_keys, None),
    ("hidden_ref_keys", hidden_ref_keys, None),
    ("hv_store", hv_store, Some("\\%$$")),
    ("hash_seed", hash_seed, Some("")),
    ("hash_value", hash_value, Some("$;$")),
    ("hash_traversal_mask", zero, None),
    ("bucket_ratio", bucket_ratio, Some("\\%")),
    ("used_buckets", used_buckets, Some("\\%")),
    ("num_buckets", num_buckets, Some("\\%")),
];

pub fn boot(vm: &mut Vm) -> R<()> {
    define(vm, "Hash::Util", SUBS);
    Ok(())
}

fn hash(vm: &mut Vm, a: &Args, i: usize) -> R<Ptr<Hash>> {
    let v = arg(vm, a, i)?;
    match v.hv().filter(|_| v.is_ref()) {
        Some(h) => Ok(h),
        None => Err(vm.die_text("First argument to function must be a HASH reference")),
    }
}

fn zero(_vm: &mut Vm, _a: &Args, _w: Want, _c: &Cv) -> R<Ret> {
    int(0)
}

fn clear_placeholders(vm: &mut Vm, a: &Args, _w: Want, _c: &Cv) -> R<Ret> {
    let h = hash(vm, a, 0)?;
    if let Some(p) = vm.placeholders(&h) {
        p.0.clear();
    }
    Ok(Ret::Void)
}

/// Keys that are allowed and have no value.
fn hidden(vm: &mut Vm, h: &Ptr<Hash>) -> Vec<Val> {
    let all = vm.placeholders(h).map(|p| p.0.iter().cloned().collect::<Vec<_>>()).unwrap_or_default();
    let absent = all.into_iter().filter(|(k, u)| !h.exists(&keshi_value::hash::Key::new(k, *u)));
    absent.map(|(k, u)| Val::str(&k, u)).collect()
}

fn all_keys(vm: &mut Vm, a: &Args, _w: Want, _c: &Cv) -> R<Ret> {
    let h = hash(vm, a, 0)?;
    let (keys, rest) = (arg(vm, a, 1)?, arg(vm, a, 2)?);
    let (Some(keys), Some(rest)) = (keys.av(), rest.av()) else {
        return Err(vm.die_text("Usage: Hash::Util::all_keys(\\%hash, \\@keys, \\@hidden)"));
    };
    let all = vm.hv_keys(&h)?;
    vm.av_assign(&keys, all)?;
    let missing = hidden(vm, &h);
    vm.av_assign(&rest, missing)?;
    ok(arg(vm, a, 0)?)
}

fn legal_ref_keys(vm: &mut Vm, a: &Args, _w: Want, _c: &Cv) -> R<Ret> {
    let h = hash(vm, a, 0)?;
    let mut all = vm.hv_keys(&h)?;
    all.extend(hidden(vm, &h));
    list(all)
}
fn hidden_ref_keys(vm: &mut Vm, a: &Args, _w: Want, _c: &Cv) -> R<Ret> {
    let h = hash(vm, a, 0)?;
    list(hidden(vm, &h))
}

fn hv_store(vm: &mut Vm, a: &Args, _w: Want, _c: &Cv) -> R<Ret> {
    let h = hash(vm, a, 0)?;
    let (k, v) = (arg(vm, a, 1)?, arg(vm, a, 2)?);
    vm.hv_set(&h, &k, v)?;
    yes_no(true)
}

/// The hash function is not seeded.
fn hash_seed(_vm: &mut Vm, _a: &Args, _w: Want, _c: &Cv) -> R<Ret> {
    ok(Val::bytes([0u8; 8]))
}
fn hash_value(vm: &mut Vm, a: &Args, _w: Want, _c: &Cv) -> R<Ret> {
    let b = bytes(vm, a, 0)?;
    int((keshi_value::hash::hash_bytes(&b) as u32) as i64)
}
fn bucket_ratio(vm: &mut Vm, a: &Args, _w: Want, _c: &Cv) -> R<Ret> {
    let h = hash(vm, a, 0)?;
    if h.is_empty() {
        return int(0);
    }
    ok(Val::text(&format!("{}/{}", h.len().min(h.buckets()), h.buckets())))
}
fn used_buckets(vm: &mut Vm, a: &Args, _w: Want, _c: &Cv) -> R<Ret> {
    let h = hash(vm, a, 0)?;
    int(h.len().min(h.buckets()) as i64)
}
fn num_buckets(vm: &mut Vm, a: &Args, _w: Want, _c: &Cv) -> R<Ret> {
    let h = hash(vm, a, 0)?;
    int(h.buckets() as i64)
}
