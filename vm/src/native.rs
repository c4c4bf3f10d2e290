//! Registry of native modules: Rust code found where `XSLoader::load` looks, and subs that exist always.

use crate::Vm;
use crate::exc::R;

/// Defines the subs of one package; called by `XSLoader::load`/`DynaLoader::bootstrap`.
pub type Boot = fn(&mut Vm) -> R<()>;

pub struct NativeModule {
    pub boot: Boot,
    /// `$VERSION` the native half implements, checked as XS_VERSION_BOOTCHECK does; empty: any.
    pub version: &'static str,
}

impl Vm {
    pub fn register_module(&mut self, package: &'static str, version: &'static str, boot: Boot) {
        self.natives.insert(package, NativeModule { boot, version });
    }

    /// `XSLoader::load`: true if a native half exists and was booted.
    pub fn boot_module(&mut self, package: &str) -> R<bool> {
        let Some(m) = self.natives.get(package) else { return Ok(false) };
        let boot = m.boot;
        boot(self)?;
        Ok(true)
    }
}
