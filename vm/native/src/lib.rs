//! keshi-native: the native halves of the modules whose Perl half calls `XSLoader::load`.
//!
//! [`register`] only enters names in the loader's table and defines what exists in every perl without
//! loading a module (`builtin::`, `version::`, `warnings::`); a module's subs are defined when it is booted.

mod args;
mod builtin;
mod list_util;
mod scalar_util;
mod sub_util;
mod version;
mod warnings;

use keshi_vm::{R, Vm};

/// Registers every native module with the interpreter.
pub fn register(vm: &mut Vm) {
    builtin::define_always(vm);
    version::define_always(vm);
    warnings::define_always(vm);
    for (package, boot) in MODULES {
        vm.register_module(package, "", *boot);
    }
}

const MODULES: &[(&str, fn(&mut Vm) -> R<()>)] = &[("List::Util", list_util::boot)];
