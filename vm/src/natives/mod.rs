//! Subs that exist in every perl without loading a module: UNIVERSAL, utf8, Internals, the loaders.

mod loader;
pub use loader::provided;
mod perlio;
mod universal;
mod utf8;

use crate::Vm;

impl Vm {
    /// Defines the always-present subs.
    pub fn define_core_subs(&mut self) {
        universal::define(self);
        utf8::define(self);
        loader::define(self);
        perlio::define(self);
    }
}
