//! How the binary is linked: Keshi is to start as fast as perl.

use std::path::Path;

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-changed=src/startup.order");
    let var = |name: &str| std::env::var(name).unwrap_or_default();
    // Another system's linker may not know the options.
    if var("CARGO_CFG_TARGET_OS") != "linux" || var("CARGO_CFG_TARGET_ENV") != "gnu" {
        return;
    }
    // A position-dependent executable needs none of the 30,000 relocations, and copied pages, that a
    // position-independent one does for its tables of functions and messages.
    println!("cargo::rustc-link-arg-bins=-no-pie");
    // The toolchain links with lld on this architecture only. The names are those of a release build.
    let order = Path::new(&var("CARGO_MANIFEST_DIR")).join("src/startup.order");
    if var("CARGO_CFG_TARGET_ARCH") == "x86_64" && var("PROFILE") == "release" && order.exists() {
        println!("cargo::rustc-link-arg-bins=-Wl,--symbol-ordering-file={}", order.display());
        println!("cargo::rustc-link-arg-bins=-Wl,--no-warn-symbol-ordering");
    }
}
