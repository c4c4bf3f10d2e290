//! Placement: from segments of pending atoms to a chunk.

use super::*;

impl Builder {
    /// Emits one atom by name.
    pub fn atom(&mut self, name: &str, _args: &[Arg]) -> Result<()> {
        err(format!("{name}: the instruction set is not linked yet"))
    }

    /// Emits a call of the runtime entry `name` (`rt` or, with a label, `br.rt`).
    pub fn rt(&mut self, name: &str, _args: &[Arg]) -> Result<()> {
        err(format!("rt {name}: the instruction set is not linked yet"))
    }

    /// Expands the op `name` in place.
    pub fn op(&mut self, name: &str, _args: &[Arg]) -> Result<()> {
        err(format!("op {name}: the instruction set is not linked yet"))
    }

    /// Control can reach the place where the next atom will be emitted.
    pub fn falls_through(&self) -> bool {
        true
    }

    /// The finished chunk.
    pub fn finish(self) -> Result<Chunk> {
        err("the instruction set is not linked yet")
    }
}
