//! V12: a parallel plan against the code it was made from.

use super::Fault;
use crate::chunk::Chunk;
use crate::par::Plan;

/// V12.
pub fn verify_plan(c: &Chunk, plan: &Plan) -> Result<(), Fault> {
    crate::par::check_plan(c, plan).map_err(|(pc, message)| Fault { check: 12, pc, message })
}
