//! How the binary is linked.

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    // Keshi starts as fast as perl: a position-dependent executable needs none of the 30,000 relocations (and the
    // copied pages) that a position-independent one does for its tables of functions and messages. A linker that
    // does not know the option would be another system's.
    let os = std::env::var("CARGO_CFG_TARGET_OS");
    let env = std::env::var("CARGO_CFG_TARGET_ENV");
    if os.as_deref() == Ok("linux") && env.as_deref() == Ok("gnu") {
        println!("cargo::rustc-link-arg-bins=-no-pie");
    }
}
