//! The Cranelift tier: compiles hot loops and subs from L1, with the types seen at run time.
//!
//! Laws for contributors
//! 1. No atom has a second meaning here: pure atoms are lowered from their bodies (prims.l1), all others call the
//!    function the dispatch loop calls. What `lower::inline` adds are shortcuts for values in registers.
//! 2. Compiled code may be left at every sync point and at every cold path; the frame in memory is complete then.
//! 3. Nothing is refused: what is not compiled is left to the dispatch loop at its pc.
//! 4. `unsafe` only in `tier`, `unit`, `par`, `lower::{stubs, worker}` and `context`, for the reasons their headers give.

mod context;
mod flow;
mod helpers;
mod lower;
mod par;
mod tier;
mod unit;

pub use par::Parallel;
pub use tier::{Cranelift, Options};
pub use unit::Show;
