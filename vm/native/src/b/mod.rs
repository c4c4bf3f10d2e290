//! B: the everyday part. What a program can find out about its values, globs and subs; op trees do not exist
//! here, and the functions that walk them die.
//!
//! A B object is a blessed scalar with the address of what it describes; the scalar's string half is a
//! reference to that, so that nothing a B object describes can go away.

mod object;
mod quote;
mod subs;
mod tables;
mod values;

use crate::args::*;
use keshi_value::Val;
use keshi_vm::{R, Ret, Vm, Want};
use object::*;
use tables::{CONSTANTS, FUNCTIONS, METHODS, MISSING};
use values::stash_named;

pub fn boot(vm: &mut Vm) -> R<()> {
    define(vm, "B", FUNCTIONS);
    for name in MISSING {
        vm.define_native(&format!("B::{name}"), missing, None);
    }
    for (class, methods) in METHODS {
        define(vm, class, methods);
    }
    define_constants(vm, "B", CONSTANTS);
    let exports = vm.gv_str("B::EXPORT_OK").array().clone();
    for (name, _) in CONSTANTS {
        exports.push(Val::text(name));
    }
    Ok(())
}

fn missing(vm: &mut Vm, _a: &Args, _w: Want, c: &Cv) -> R<Ret> {
    let name = vm.sub_full_name(c).unwrap_or_default();
    Err(vm.unimplemented(&name))
}
fn zero(_vm: &mut Vm, _a: &Args, _w: Want, _c: &Cv) -> R<Ret> {
    int(0)
}
fn no(_vm: &mut Vm, _a: &Args, _w: Want, _c: &Cv) -> R<Ret> {
    yes_no(false)
}
fn yes(_vm: &mut Vm, _a: &Args, _w: Want, _c: &Cv) -> R<Ret> {
    yes_no(true)
}
fn undefined(_vm: &mut Vm, _a: &Args, _w: Want, _c: &Cv) -> R<Ret> {
    undef()
}

// ---- the interpreter

fn cast_i32(vm: &mut Vm, a: &Args, _w: Want, _c: &Cv) -> R<Ret> {
    int(i64::from(iv(vm, a, 0)? as i32))
}
fn dowarn(vm: &mut Vm, _a: &Args, _w: Want, _c: &Cv) -> R<Ret> {
    int(i64::from(vm.dash_w))
}
fn defstash(vm: &mut Vm, _a: &Args, _w: Want, _c: &Cv) -> R<Ret> {
    stash_named(vm, &Val::bytes("main"))
}
fn inc_gv(vm: &mut Vm, _a: &Args, _w: Want, _c: &Cv) -> R<Ret> {
    let g = vm.gv.inc.clone();
    optional(vm, "B::GV", Some(g))
}
fn address(vm: &mut Vm, a: &Args, _w: Want, _c: &Cv) -> R<Ret> {
    let v = arg(vm, a, 0)?;
    ok(Val::uint(v.addr()))
}
