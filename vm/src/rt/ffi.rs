//! The atom `ffi.call`: a C function called from an op of a macro file.
//!
//! The VM knows no foreign functions: the crate that does sets [`State::call`].

use crate::Vm;
use crate::exc::R;
use keshi_value::Val;

#[derive(Default)]
pub struct State {
    /// Calls the foreign function behind the first value with a list of arguments.
    pub call: Option<fn(&mut Vm, &Val, &Val) -> R<Val>>,
}

/// `ffi.call`
pub fn call(vm: &mut Vm, sig: &Val, args: &Val) -> R<Val> {
    match vm.rtstate.ffi.call {
        Some(f) => f(vm, sig, args),
        None => Err(vm.unimplemented("ffi.call in a build without keshi-ffi")),
    }
}
