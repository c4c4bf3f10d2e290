//! The `keshi` binary: command line only.
fn main() {}
