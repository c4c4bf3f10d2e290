//! The verifier: what every chunk has to satisfy before anything runs it.
//!
//! Contract. [`verify`] never panics, whatever it is given, and takes time linear in the code (times the few rounds
//! of the dataflow). It runs on every chunk in test builds (`--verify`) and always on what user macros expand to.
//! A chunk that passes cannot make an unchecked atom touch memory it must not. The checklist:
//!
//! - **V1** opcodes and entries exist; operands are of the right class and in range of their tables; a slot belongs
//!   to one register family.
//! - **V2** slots are in range: S and P below `n_sp`, I and N from there to `n_slots`.
//! - **V3** labels lead into the code; control cannot fall out of its end.
//! - **V4** handler regions nest, handlers exist, their parents enclose them, marks are I registers.
//! - **V5** I and N registers are assigned on all paths before they are read (S and P hold undef at first).
//! - **V6** a register that was `take`n is not read again before it is written.
//! - **V7** every fact that a head `requires` is proved on all paths to it.
//! - **V8** `sync` atoms have a line (they may die, warn or run Perl); the tables of lines are sorted.
//! - **V9** an argument list that a call consumed is not used again.
//! - **V10** the restart and early-clobber laws of ops; checked by `l1-spec` when an op is loaded, because only there
//!   the parameters are known. Expansions cannot break them afterwards.
//! - **V11** declared effects of a chunk summary include the inferred ones: [`verify_summary`].
//! - **V12** a parallel plan has no shared write in its compute part: [`verify_plan`].

mod flow;
mod plan;
mod shape;

use crate::cfg::Cfg;
use crate::chunk::*;
use crate::effects::{Effect, heap_names, summary};
use crate::facts::Flow;
use std::fmt;

pub use plan::verify_plan;

/// One violation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// Number in the checklist.
    pub check: u8,
    pub pc: Option<u32>,
    pub message: String,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        write!(f, "V{:02}", self.check)?;
        if let Some(pc) = self.pc {
            write!(f, " at {pc:04}")?;
        }
        write!(f, ": {}", self.message)
    }
}

/// Faults beyond this number are not reported.
const MAX_FAULTS: usize = 50;

pub(crate) struct Faults(Vec<Fault>);

impl Faults {
    pub fn add(&mut self, check: u8, pc: impl Into<Option<u32>>, message: String) {
        if self.0.len() < MAX_FAULTS {
            self.0.push(Fault { check, pc: pc.into(), message });
        }
    }
}

/// Checks one chunk; chunks among its constants are checked on their own.
pub fn verify(c: &Chunk) -> Result<(), Vec<Fault>> {
    let mut f = Faults(Vec::new());
    shape::check(c, &mut f);
    // The dataflow relies on V1–V4.
    if f.0.is_empty() {
        let cfg = Cfg::new(c);
        let flow = Flow::new(c, &cfg);
        flow::check(c, &cfg, &flow, &mut f);
    }
    if f.0.is_empty() { Ok(()) } else { Err(f.0) }
}

/// Checks a chunk and all chunks below it; the faults come with the name of the chunk.
pub fn verify_all(c: &Chunk) -> Result<(), String> {
    let mut text = String::new();
    let mut work = vec![c];
    while let Some(c) = work.pop() {
        if let Err(faults) = verify(c) {
            for f in faults {
                text += &format!("{}: {f}\n", String::from_utf8_lossy(&c.name));
            }
        }
        let mut consts: Vec<&Const> = c.consts.iter().collect();
        while let Some(k) = consts.pop() {
            match k {
                Const::Chunk(inner) => work.push(inner),
                Const::List(v) => consts.extend(v.iter()),
                _ => {}
            }
        }
    }
    if text.is_empty() { Ok(()) } else { Err(text) }
}

/// What test builds ask of every chunk: it passes the verifier with all below it, and its text form tells all of it.
pub fn sound(c: &Chunk) -> Result<(), String> {
    match crate::asm::asm(&crate::asm::dump(c)) {
        Ok(back) if back == *c => verify_all(c),
        Ok(_) => Err(format!("{}: asm(dump(chunk)) is another chunk\n", String::from_utf8_lossy(&c.name))),
        Err(e) => Err(format!("{}: its text form: {e}\n", String::from_utf8_lossy(&c.name))),
    }
}

/// V11: a summary under which calls of `c` were judged must include everything `c` does.
pub fn verify_summary(c: &Chunk, declared: &Effect) -> Result<(), Fault> {
    let s = summary(c);
    let missing = |a: u32, b: u32| a & !b;
    let (r, w) = (missing(s.reads, declared.reads), missing(s.writes, declared.writes));
    let flags = s.flags.0 & !declared.flags.0;
    if r == 0 && w == 0 && flags == 0 {
        return Ok(());
    }
    let mut m = format!("the summary of {} leaves out", String::from_utf8_lossy(&c.name));
    for (word, set) in [("reads", r), ("writes", w)] {
        if set != 0 {
            m += &format!(" {word} {}", heap_names(set));
        }
    }
    for n in crate::isa::Flags(flags).names() {
        m += &format!(" {n}");
    }
    Err(Fault { check: 11, pc: None, message: m })
}

#[cfg(test)]
mod tests;
