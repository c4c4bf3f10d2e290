//! What Keshi itself has to say on standard output and standard error: dumps, statistics, `syntax OK`.
//!
//! Contract: unlike `print!` these never panic. That nobody takes a message (a full device, a reader that is gone) is
//! no reason to end the program.

use std::fmt::Arguments;
use std::io::Write;

/// To standard output.
pub fn out(text: Arguments<'_>) {
    let _ = std::io::stdout().write_fmt(text);
}

/// To standard error.
pub fn err(text: Arguments<'_>) {
    let _ = std::io::stderr().write_fmt(text);
}
