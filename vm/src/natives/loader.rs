//! XSLoader and DynaLoader: where modules look for their native half.

use crate::Vm;
use crate::exc::{R, Ret, Want};
use keshi_value::hash::Key;
use keshi_value::{Array, Code, Ptr, Val};

/// Files whose Perl halves would look for shared objects: what they define is here.
const PROVIDED: [&str; 2] = ["XSLoader.pm", "DynaLoader.pm"];

/// What `%INC` says of a file that is part of the interpreter; `None`: it is not.
pub fn provided(file: &[u8]) -> Option<String> {
    PROVIDED.iter().find(|f| f.as_bytes() == file).map(|f| place(f))
}

fn place(file: &str) -> String {
    format!("(keshi)/{file}")
}

pub fn define(vm: &mut Vm) {
    vm.define_native("XSLoader::load", load, None);
    vm.define_native("DynaLoader::bootstrap", load, None);
    vm.define_native("DynaLoader::bootstrap_inherit", load, None);
    vm.define_native("DynaLoader::boot_DynaLoader", nothing, None);
    vm.define_native("DynaLoader::dl_load_flags", zero, None);
    let inc = vm.gv.inc.hash().clone();
    for f in PROVIDED {
        inc.set(&Key::ascii(f), Val::text(&place(f)));
    }
    for (n, v) in [("XSLoader::VERSION", "0.32"), ("DynaLoader::VERSION", "1.56")] {
        vm.gv_str(n).scalar().set(Val::bytes(v));
    }
}

fn nothing(_vm: &mut Vm, _a: &Ptr<Array>, _w: Want, _c: &Ptr<Code>) -> R<Ret> {
    Ok(Ret::empty())
}
fn zero(_vm: &mut Vm, _a: &Ptr<Array>, _w: Want, _c: &Ptr<Code>) -> R<Ret> {
    Ok(Ret::Scalar(Val::int(0)))
}

fn load(vm: &mut Vm, a: &Ptr<Array>, _w: Want, _c: &Ptr<Code>) -> R<Ret> {
    let module = if a.is_empty() { Val::bytes(&vm.here().package[..]) } else { vm.av_get(a, 0)? };
    let name = vm.text_of(&module)?;
    if vm.boot_module(&name)? {
        return Ok(Ret::bool(true));
    }
    let mut dirs = String::new();
    let inc = vm.gv.inc.array().clone();
    for d in vm.av_values(&inc)? {
        dirs.push(' ');
        dirs.push_str(&vm.text_of(&d)?);
    }
    Err(vm
        .die_text(&format!("Can't locate loadable object for module {name} in @INC (@INC contains:{dirs})")))
}
