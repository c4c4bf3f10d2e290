//! The atom `par.for`, which the emitter does not write: regions are started by the compiled tier (`jit/src/par.rs`)
//! at the loop itself, see docs/design-changes.md.

use crate::Vm;
use keshi_l1::chunk::Ins;
use keshi_value::Val;

/// Runs a parallel region if the parallel tier takes it; false: the loop runs sequentially.
pub fn par_for(_vm: &mut Vm, _fp: *mut Val, _ins: &Ins) -> bool {
    false
}
