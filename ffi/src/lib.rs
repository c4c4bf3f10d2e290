//! keshi-ffi: calls of C functions from Perl without compiling anything.
//!
//! `FFI::Keshi` (vm/lib/FFI/Keshi.pm) is the Perl side: `ffi_sub(NAME, SIGNATURE [, LIBRARY])` gives a sub.
//! [`register`] enters the module in the loader's table and provides the body of the atom `ffi.call`.

mod call;
mod signature;

pub use call::Function;
pub use signature::{Signature, Type};

use keshi_value::code::cvf;
use keshi_value::scalar::RegexObj;
use keshi_value::{Array, Body, Code, Ptr, Val};
use keshi_vm::call::native_ptr;
use keshi_vm::{R, Ret, Vm, Want};
use std::rc::Rc;

pub fn register(vm: &mut Vm) {
    vm.register_module("FFI::Keshi", "", boot);
    vm.rtstate.ffi.call = Some(atom_call);
}

fn boot(vm: &mut Vm) -> R<()> {
    vm.define_native("FFI::Keshi::ffi_sub", ffi_sub, None);
    vm.define_native("FFI::Keshi::ffi_lib", ffi_lib, None);
    Ok(())
}

fn text(vm: &mut Vm, a: &Ptr<Array>, i: usize) -> R<Option<String>> {
    if i >= a.len() {
        return Ok(None);
    }
    let v = vm.av_get(a, i as i64)?;
    if v.is_undef() { Ok(None) } else { Ok(Some(vm.text_of(&v)?)) }
}

/// `ffi_sub(NAME, SIGNATURE [, LIBRARY])`
fn ffi_sub(vm: &mut Vm, a: &Ptr<Array>, _w: Want, _c: &Ptr<Code>) -> R<Ret> {
    let (name, sig, lib) = (text(vm, a, 0)?, text(vm, a, 1)?, text(vm, a, 2)?);
    let (Some(name), Some(sig)) = (name, sig) else {
        return Err(vm.die_text("Usage: ffi_sub(NAME, SIGNATURE [, LIBRARY])"));
    };
    match Function::find(&name, &sig, lib.as_deref()) {
        Ok(f) => Ok(Ret::Scalar(Val::reference(sub_of(f)))),
        Err(e) => Err(vm.die_text(&format!("ffi_sub: {e}"))),
    }
}

/// `ffi_lib(LIBRARY)`: loads a library or dies with the reason.
fn ffi_lib(vm: &mut Vm, a: &Ptr<Array>, _w: Want, _c: &Ptr<Code>) -> R<Ret> {
    let Some(name) = text(vm, a, 0)? else { return Err(vm.die_text("Usage: ffi_lib(LIBRARY)")) };
    match call::open(&name) {
        Ok(_) => Ok(Ret::bool(true)),
        Err(e) => Err(vm.die_text(&format!("ffi_lib: can't load library \"{name}\": {e}"))),
    }
}

/// A sub that calls the function. The function travels as the sub's private data.
fn sub_of(f: Function) -> Ptr<Code> {
    let name = f.name().to_string();
    let data = RegexObj::new(Box::new(Rc::new(f)), Val::undef());
    let code = Code::new(Body::Native(native_ptr(run), Val::ptr(data)));
    code.set_flag(cvf::NATIVE, true);
    code.package.set(Val::bytes("FFI::Keshi"));
    code.name.set(Val::text(&name));
    code
}

fn function_of(code: &Code) -> Option<Rc<Function>> {
    match code.body.get() {
        Body::Native(_, data) => data.as_regex()?.re.downcast_ref::<Rc<Function>>().cloned(),
        _ => None,
    }
}

fn run(vm: &mut Vm, a: &Ptr<Array>, _w: Want, c: &Ptr<Code>) -> R<Ret> {
    match function_of(c) {
        Some(f) => Ok(Ret::Scalar(f.call(vm, a)?)),
        None => Err(vm.die_text("panic: foreign sub without its function")),
    }
}

/// The atom `ffi.call`: `sig` is a sub made by `ffi_sub`.
fn atom_call(vm: &mut Vm, sig: &Val, args: &Val) -> R<Val> {
    match (sig.cv().as_deref().and_then(function_of), args.av()) {
        (Some(f), Some(a)) => f.call(vm, &a),
        _ => Err(vm.die_text("ffi.call: not a foreign function")),
    }
}
