//! POSIX: the C library's everyday functions and constants.
//!
//! What perl's own operators do is written in Perl in POSIX.pm; here is the rest.

mod constants;
mod math;
mod process;
mod signals;
mod time;

pub use time::processor_time;

use crate::args::*;
use keshi_vm::{R, Vm};

pub fn boot(vm: &mut Vm) -> R<()> {
    define(vm, "POSIX", math::SUBS);
    define(vm, "POSIX", time::SUBS);
    define(vm, "POSIX", process::SUBS);
    define(vm, "POSIX", signals::SUBS);
    define(vm, "POSIX::SigSet", signals::SET);
    constants::define_all(vm);
    Ok(())
}
