//! Execution of parallel regions (`par.for`): the plan is made by keshi-l1, the work is done by Rayon.

use crate::Vm;
use keshi_l1::chunk::Ins;
use keshi_value::Val;

/// Runs a parallel region if the parallel tier takes it; false: the loop runs sequentially.
pub fn par_for(_vm: &mut Vm, _fp: *mut Val, _ins: &Ins) -> bool {
    false
}
