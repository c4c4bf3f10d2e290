//! The way from the command line into the engine: builds the virtual machine from the
//! [`Options`], compiles the program, runs it, and returns the exit status.

use crate::options::Options;
use std::path::Path;

/// The status for something inside of Keshi that is missing (EX_SOFTWARE).
const MISSING: i32 = 70;

/// Runs a program to its end.
pub fn run(options: Options) -> i32 {
    missing(&format!("running {}", String::from_utf8_lossy(&options.program.name)))
}

/// `--l1-check FILE`.
pub fn check_macros(file: &Path) -> i32 {
    crate::macros::check(file)
}

/// `--l1-doc NAME`.
pub fn document(name: &str) -> i32 {
    crate::macros::document(name)
}

fn missing(what: &str) -> i32 {
    eprintln!("keshi: {what}: the engine is not linked yet");
    MISSING
}
