//! Generators: from the resolved spec to Rust text for the build scripts of other crates.
pub mod dispatch;
pub mod docs;
pub mod fuse;
pub mod op;
pub mod ops;
pub mod rules;

/// `i.addo` → `I_ADDO`.
pub fn const_name(name: &str) -> String {
    name.replace('.', "_").to_uppercase()
}

/// `i.addo` → `i_addo`.
pub fn fn_name(name: &str) -> String {
    name.replace('.', "_")
}

/// Helper for build scripts: writes `text` to `$OUT_DIR/name` and reruns on changes of the spec crate only.
pub fn write_out(name: &str, text: &str) {
    println!("cargo:rerun-if-changed=build.rs");
    let dir = std::env::var_os("OUT_DIR").expect("OUT_DIR is set in build scripts");
    std::fs::write(std::path::Path::new(&dir).join(name), text).expect("the build directory is writable");
}
