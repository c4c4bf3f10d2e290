//! Tie::Hash::NamedCapture: the class of `%+` (flag 0) and `%-` (flag 1). The object is a reference to the flag.

use crate::args::*;
use keshi_value::obj::Obj;
use keshi_value::{Scalar, Val};
use keshi_vm::rt::regex::{named_capture, named_capture_exists, named_capture_keys};
use keshi_vm::{R, Ret, Vm, Want};

const CLASS: &str = "Tie::Hash::NamedCapture";

const SUBS: &[Def] = &[
    ("TIEHASH", tiehash, None),
    ("FETCH", fetch, None),
    ("STORE", store, None),
    ("DELETE", delete, None),
    ("CLEAR", clear, None),
    ("EXISTS", exists, None),
    ("FIRSTKEY", first, None),
    ("NEXTKEY", next, None),
    ("SCALAR", scalar, None),
    ("flags", flags, None),
];

pub fn define_always(vm: &mut Vm) {
    define(vm, CLASS, SUBS);
}

fn tiehash(vm: &mut Vm, a: &Args, _w: Want, _c: &Cv) -> R<Ret> {
    let (class, _) = string(vm, a, 0)?;
    let mut all = false;
    for i in (1..a.len()).step_by(2) {
        if string(vm, a, i)?.0 == b"all" {
            let v = arg(vm, a, i + 1)?;
            all = vm.truth(&v)?;
        }
    }
    let object = Scalar::new(Val::int(all.into()));
    if let Some(st) = vm.stash(&class, !class.is_ascii(), true) {
        object.hdr().bless(st);
    }
    ok(Val::reference(object))
}

/// Checks the number of arguments. The flag of the object, or `None` for something else.
fn own(vm: &mut Vm, a: &Args, name: &str, params: &[&str]) -> R<Option<bool>> {
    if a.len() != params.len() + 1 {
        return Err(vm.die_text(&format!("Usage: {CLASS}::{name}({})", params.join(", "))));
    }
    let v = arg(vm, a, 0)?;
    let Some(flag) = v.as_scalar().filter(|_| v.is_ref()).map(Scalar::get) else { return Ok(None) };
    Ok(Some(vm.truth(&flag)?))
}

fn fetch(vm: &mut Vm, a: &Args, _w: Want, _c: &Cv) -> R<Ret> {
    let Some(all) = own(vm, a, "FETCH", &["$key"])? else { return undef() };
    let k = arg(vm, a, 1)?;
    ok(named_capture(vm, &k, all)?)
}

fn read_only(vm: &mut Vm, a: &Args, name: &str, params: &[&str]) -> R<Ret> {
    own(vm, a, name, params)?;
    Err(vm.die_text("Modification of a read-only value attempted"))
}

fn store(vm: &mut Vm, a: &Args, _w: Want, _c: &Cv) -> R<Ret> {
    read_only(vm, a, "STORE", &["$key", "$value"])
}

fn delete(vm: &mut Vm, a: &Args, _w: Want, _c: &Cv) -> R<Ret> {
    read_only(vm, a, "DELETE", &["$key"])
}

fn clear(vm: &mut Vm, a: &Args, _w: Want, _c: &Cv) -> R<Ret> {
    read_only(vm, a, "CLEAR", &[])
}

fn exists(vm: &mut Vm, a: &Args, _w: Want, _c: &Cv) -> R<Ret> {
    let Some(all) = own(vm, a, "EXISTS", &["$key"])? else { return undef() };
    let k = arg(vm, a, 1)?;
    yes_no(named_capture_exists(vm, &k, all)?)
}

fn first(vm: &mut Vm, a: &Args, _w: Want, _c: &Cv) -> R<Ret> {
    let Some(all) = own(vm, a, "FIRSTKEY", &[])? else { return undef() };
    ok(named_capture_keys(vm, all)?.into_iter().next().unwrap_or_default())
}

fn next(vm: &mut Vm, a: &Args, _w: Want, _c: &Cv) -> R<Ret> {
    let Some(all) = own(vm, a, "NEXTKEY", &["$lastkey"])? else { return undef() };
    let (last, _) = string(vm, a, 1)?;
    let keys = named_capture_keys(vm, all)?;
    let at = keys.iter().position(|k| k.as_str().is_some_and(|s| s.bytes() == last));
    ok(at.and_then(|i| keys.get(i + 1).cloned()).unwrap_or_default())
}

fn scalar(vm: &mut Vm, a: &Args, _w: Want, _c: &Cv) -> R<Ret> {
    let Some(all) = own(vm, a, "SCALAR", &[])? else { return undef() };
    int(named_capture_keys(vm, all)?.len() as i64)
}

/// The two values `flags` knows: one name, all names.
fn flags(_vm: &mut Vm, _a: &Args, _w: Want, _c: &Cv) -> R<Ret> {
    list(vec![Val::int(0), Val::int(1)])
}
