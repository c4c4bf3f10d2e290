//! The optimizer: passes from chunk to chunk, run when a chunk is loaded or gets hot.
//!
//! Contract. A pass takes a verified chunk and returns a verified chunk that does the same, with the same side
//! effects in the same order, the same lines and the same handlers; the frame may grow by scratch registers at its
//! end, never change otherwise, so a running frame stays valid. Every pass is linear in the code (times the few
//! rounds of the dataflow). Laws for authors:
//!
//! 1. Passes never invent facts: what they delete was proved by [`crate::facts`] or is dead by [`crate::liveness`].
//! 2. Only prim-bodied atoms are rewritten; heap atoms may lose a guard before them, nothing else.
//! 3. A pass that changes nothing returns `None`, so that the driver can stop.

mod dce;
mod edit;
mod forward;
mod guards;
mod jumps;
mod rules;

use crate::chunk::Chunk;

pub use edit::Changed;

/// A pass: the changed chunk, or `None` if it found nothing to do.
pub type Pass = fn(&Chunk) -> Option<Changed>;

/// All passes in the order in which they run.
pub const PASSES: [(&str, Pass); 5] = [
    ("rules", rules::run),
    ("forward", forward::run),
    ("guards", guards::run),
    ("jumps", jumps::run),
    ("dce", dce::run),
];

/// How often the sequence is repeated at most; one pass opens chances for another.
const ROUNDS: usize = 3;

/// What the passes did, for `--stats` and `--dump=opt`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Stats {
    /// Changes per pass, in the order of [`PASSES`].
    pub changes: [u32; PASSES.len()],
    pub atoms_before: usize,
    pub atoms_after: usize,
}

/// An optimised chunk.
pub struct Optimised {
    pub chunk: Chunk,
    /// New pc of every old one. A running frame may be carried over at a `loop` atom, if the new frame has room: the
    /// atom is still there, and what the new code reads after it the old code has written, too.
    pub pcs: Vec<u32>,
    pub stats: Stats,
}

/// The optimised chunk; inner chunks are not touched.
pub fn optimise(c: &Chunk) -> Optimised {
    let mut stats = Stats { atoms_before: c.code.len(), ..Stats::default() };
    let mut pcs: Vec<u32> = (0..=c.code.len() as u32).collect();
    let mut current: Option<Chunk> = None;
    for _ in 0..ROUNDS {
        let mut changed = false;
        for (i, (_, pass)) in PASSES.iter().enumerate() {
            if let Some(new) = pass(current.as_ref().unwrap_or(c)) {
                stats.changes[i] += new.changes;
                for pc in &mut pcs {
                    *pc = new.pcs.get(*pc as usize).copied().unwrap_or(*pc);
                }
                current = Some(new.chunk);
                changed = true;
            }
        }
        if !changed {
            break;
        }
    }
    let chunk = current.unwrap_or_else(|| c.clone());
    stats.atoms_after = chunk.code.len();
    Optimised { chunk, pcs, stats }
}

/// One pass by name, for golden tests and for bisecting.
pub fn run_pass(name: &str, c: &Chunk) -> Option<Chunk> {
    let (_, pass) = PASSES.iter().find(|p| p.0 == name)?;
    Some(pass(c).map_or_else(|| c.clone(), |r| r.chunk))
}

#[cfg(test)]
mod tests;
