//! The interpreter as the parser sees it (`keshi_frontend::host::Host`), and the parser as the VM sees it
//! (`keshi_vm::Compiler`): BEGIN-time execution, `use`, string eval, `require`.
//!
//! Contract: [`install`] connects a VM with the frontend; [`compile_main`] compiles the main program.

mod begin;
mod cells;
mod class;
mod compile;
mod coresub;
mod encoding;
mod feature;
mod hints;
mod host;
mod pattern;
mod pragma;
mod pragma_subs;
mod srclines;
mod use_l1;

pub use compile::{Dumps, compile_main, install, run_phase_block};
pub use host::VmHost;
