//! Socket: constants, packed addresses, name resolution.
//!
//! Addresses are the byte strings that `bind`, `connect` and `getsockname` take and give: the kernel's
//! structures as they lie in memory.

mod address;
mod constants;
mod resolve;

use crate::args::*;
use keshi_value::Val;
use keshi_vm::{R, Ret, Vm, Want};

pub fn boot(vm: &mut Vm) -> R<()> {
    constants::define_all(vm);
    define(vm, "Socket", &[("AUTOLOAD", autoload, None)]);
    define(vm, "Socket", address::SUBS);
    define(vm, "Socket", resolve::SUBS);
    Ok(())
}

/// Only names without a definition come here.
fn autoload(vm: &mut Vm, _a: &Args, _w: Want, _c: &Cv) -> R<Ret> {
    let g = vm.gv_str("Socket::AUTOLOAD");
    let full = g.scalar().get();
    let full = vm.text_of(&full)?;
    let name = full.rsplit("::").next().unwrap_or_default().to_string();
    let known = vm.gv_str("Socket::EXPORT").array().clone();
    let more = vm.gv_str("Socket::EXPORT_OK").array().clone();
    for list in [known, more] {
        for v in vm.av_values(&list)? {
            if vm.text_of(&v)? == name {
                let text = format!("Your vendor has not defined Socket macro {name}, used");
                return Err(vm.die_text(&text));
            }
        }
    }
    Err(vm.die_text(&format!("{name} is not a valid Socket macro")))
}

/// Dies where an argument has characters that are no bytes; gives the octets.
fn octets_of(vm: &mut Vm, a: &Args, i: usize, sub: &str) -> R<Vec<u8>> {
    let (b, u) = string(vm, a, i)?;
    match keshi_text::utf8::as_bytes(&b, u) {
        Some(o) => Ok(o.into_owned()),
        None => Err(vm.die_text(&format!("Wide character in Socket::{sub}"))),
    }
}

fn bad_length(vm: &mut Vm, sub: &str, have: usize, want: usize) -> Box<keshi_vm::Exc> {
    vm.die_text(&format!("Bad arg length for Socket::{sub}, length is {have}, should be {want}"))
}

/// `$v` of a hint hash, 0 if it is not there.
fn hint(vm: &mut Vm, h: &keshi_value::Hash, name: &str) -> R<i32> {
    match h.get_str(name) {
        Some(v) => Ok(vm.to_iv(&v)? as i32),
        None => Ok(0),
    }
}

fn byte_value(b: &[u8]) -> Val {
    Val::bytes(b)
}
