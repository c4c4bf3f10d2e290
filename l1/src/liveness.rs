//! Which registers may still be read: backward dataflow over the blocks of a chunk.
//!
//! Contract. A register that is not live at a place is read on no path from there before it is written. What an
//! exception handler reads is live throughout the blocks it covers.

use crate::cfg::Cfg;
use crate::chunk::Chunk;
use crate::isa::Mode;
use crate::view::View;

/// A set of registers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RegSet(Vec<u64>);

impl RegSet {
    pub fn new(n: u16) -> RegSet {
        RegSet(vec![0; (n as usize).div_ceil(64)])
    }
    pub fn has(&self, r: u16) -> bool {
        self.0.get(r as usize / 64).is_some_and(|w| w >> (r % 64) & 1 != 0)
    }
    pub fn put(&mut self, r: u16, on: bool) {
        if let Some(w) = self.0.get_mut(r as usize / 64) {
            *w = *w & !(1 << (r % 64)) | (on as u64) << (r % 64);
        }
    }
    /// Adds all of `o`; tells whether that changed anything.
    pub fn add(&mut self, o: &RegSet) -> bool {
        let mut changed = false;
        for (a, b) in self.0.iter_mut().zip(&o.0) {
            changed |= *a | b != *a;
            *a |= b;
        }
        changed
    }
    /// From the set after `v` to the set before it.
    pub fn step_back(&mut self, v: &View) {
        for (_, mode, _, r) in v.regs() {
            if mode == Mode::Out {
                self.put(r, false);
            }
        }
        for (_, mode, _, r) in v.regs() {
            if mode.reads() {
                self.put(r, true);
            }
        }
    }
}

/// The registers live at the start of every block.
pub struct Liveness {
    pub at_start: Vec<RegSet>,
}

impl Liveness {
    pub fn new(c: &Chunk, cfg: &Cfg) -> Liveness {
        let n = cfg.blocks.len();
        let mut l = Liveness { at_start: vec![RegSet::new(c.n_slots); n] };
        let mut preds = cfg.preds();
        for (i, b) in cfg.blocks.iter().enumerate() {
            for h in &b.handlers {
                preds[*h as usize].push(i as u32);
            }
        }
        let mut queued = vec![true; n];
        let mut work: Vec<u32> = (0..n as u32).collect();
        while let Some(b) = work.pop() {
            queued[b as usize] = false;
            let mut live = l.at_end(cfg, b);
            for v in c.code[cfg.blocks[b as usize].start as usize..cfg.blocks[b as usize].end as usize]
                .iter()
                .rev()
                .filter_map(View::new)
            {
                // A branch that is taken leaves its outputs as they were; what the target reads is live before it.
                live.step_back(&v);
                if let Some(t) = v.label().and_then(|t| cfg.block_of.get(t as usize)) {
                    let target = l.at_start[*t as usize].clone();
                    live.add(&target);
                }
            }
            for h in &cfg.blocks[b as usize].handlers {
                let handler = l.at_start[*h as usize].clone();
                live.add(&handler);
            }
            if l.at_start[b as usize].add(&live) {
                for p in &preds[b as usize] {
                    if !std::mem::replace(&mut queued[*p as usize], true) {
                        work.push(*p);
                    }
                }
            }
        }
        l
    }

    pub fn at_end(&self, cfg: &Cfg, b: u32) -> RegSet {
        let block = &cfg.blocks[b as usize];
        let mut live = match self.at_start.first() {
            Some(s) => RegSet(vec![0; s.0.len()]),
            None => RegSet(Vec::new()),
        };
        for s in block.succ.iter().chain(&block.handlers) {
            live.add(&self.at_start[*s as usize]);
        }
        live
    }
}
