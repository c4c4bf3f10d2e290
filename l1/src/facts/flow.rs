//! The forward dataflow over a chunk: facts and assigned registers at the start of every block.

use super::{Facts, SlotFact};
use crate::cfg::{Cfg, may_raise};
use crate::chunk::*;
use crate::isa::{Mode, op};
use crate::view::View;
use std::collections::BTreeSet;

/// The facts at the start of every block, and which registers are assigned there.
pub struct Flow {
    /// `None`: never reached.
    pub entry: Vec<Option<Facts>>,
    defined: Vec<u64>,
    words: usize,
}

/// Registers that hold something of their family: all S and P at entry, others once written, none once taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Defined(Vec<u64>);

impl Defined {
    pub fn has(&self, r: u16) -> bool {
        self.0.get(r as usize / 64).is_some_and(|w| w >> (r % 64) & 1 != 0)
    }
    fn put(&mut self, r: u16, on: bool) {
        if let Some(w) = self.0.get_mut(r as usize / 64) {
            *w = *w & !(1 << (r % 64)) | (on as u64) << (r % 64);
        }
    }
    /// What both hold.
    fn meet(&mut self, o: &Defined) {
        for (a, b) in self.0.iter_mut().zip(&o.0) {
            *a &= b;
        }
    }
    /// The state after `v`, whichever way it leaves.
    pub fn step(&mut self, v: &View) {
        // Two passes: `out` wins where the same register is also taken.
        for (_, mode, _, r) in v.regs() {
            if mode == Mode::Take {
                self.put(r, false);
            }
        }
        for (_, mode, _, r) in v.regs() {
            if matches!(mode, Mode::Out | Mode::Inout) {
                self.put(r, true);
            }
        }
    }
}

impl Flow {
    /// Runs the dataflow to its fixed point.
    pub fn new(c: &Chunk, cfg: &Cfg) -> Flow {
        let n = cfg.blocks.len();
        let words = (c.n_slots as usize).div_ceil(64);
        let mut f = Flow { entry: vec![None; n], defined: vec![u64::MAX; n * words], words };
        if n == 0 {
            return f;
        }
        f.entry[0] = Some(entry_facts(c));
        f.defined[..words].copy_from_slice(&initially_defined(c).0);
        let mut position = vec![u32::MAX; n];
        for (i, b) in cfg.order.iter().enumerate() {
            position[*b as usize] = i as u32;
        }
        // Blocks to visit, by position in reverse post order.
        let mut work: BTreeSet<u32> = (0..1).collect();
        while let Some(i) = work.pop_first() {
            let b = cfg.order[i as usize];
            let block = &cfg.blocks[b as usize];
            let Some(mut facts) = f.entry[b as usize].clone() else { continue };
            let mut defined = f.defined_at(b);
            if !block.handlers.is_empty() {
                // What the block defines may be missing, what it has taken when an atom raises is gone (but a return
                // takes its value with the frame: no handler of this chunk runs afterwards). Of the facts those survive that hold
                // all the way and do not depend on the heap.
                let mut least: Option<Defined> = None;
                let mut now = defined.clone();
                let (mut low, mut here) = (facts.clone(), facts.clone());
                for ins in &c.code[block.start as usize..block.end as usize] {
                    let Some(v) = View::new(ins) else { continue };
                    if may_raise(ins) {
                        let mut raised = now.clone();
                        for (_, mode, _, r) in v.regs() {
                            if mode == Mode::Take && !matches!(ins.op, op::RET_S | op::RET_L) {
                                raised.put(r, false);
                            }
                        }
                        match &mut least {
                            Some(least) => least.meet(&raised),
                            none => *none = Some(raised),
                        }
                    }
                    now.step(&v);
                    here.step(c, &v);
                    low.join(&here);
                }
                let mut least = least.unwrap_or(now);
                least.meet(&defined);
                low.kill_heap(true, u32::MAX);
                for r in &c.aliased {
                    low.forget(*r);
                }
                for &h in &block.handlers {
                    if f.merge(h, &low, &least) {
                        work.insert(position[h as usize]);
                    }
                }
            }
            let last = block.end as usize - 1;
            let mut taken = None;
            for (pc, ins) in c.code[..block.end as usize].iter().enumerate().skip(block.start as usize) {
                let Some(v) = View::new(ins) else { continue };
                if pc == last && block.succ.len() > block.falls as usize {
                    let mut t = facts.clone();
                    t.step_taken(c, &v);
                    let mut d = defined.clone();
                    d.step_taken(&v);
                    taken = Some((t, d));
                }
                facts.step(c, &v);
                defined.step(&v);
            }
            for (k, &s) in block.succ.iter().enumerate() {
                let falls = block.falls && k + 1 == block.succ.len();
                let changed = match &taken {
                    Some((taken, taken_defined)) if !falls => f.merge(s, taken, taken_defined),
                    _ => f.merge(s, &facts, &defined),
                };
                if changed {
                    work.insert(position[s as usize]);
                }
            }
        }
        f
    }

    fn merge(&mut self, b: u32, facts: &Facts, defined: &Defined) -> bool {
        let mut changed = match &mut self.entry[b as usize] {
            Some(old) => old.join(facts),
            none => {
                *none = Some(facts.clone());
                true
            }
        };
        let at = b as usize * self.words;
        for (old, new) in self.defined[at..at + self.words].iter_mut().zip(&defined.0) {
            changed |= *old & new != *old;
            *old &= new;
        }
        changed
    }

    pub fn defined_at(&self, b: u32) -> Defined {
        let at = b as usize * self.words;
        Defined(self.defined[at..at + self.words].to_vec())
    }

    /// Visits every reachable instruction with the facts and definitions before it.
    pub fn visit<'c>(&self, c: &'c Chunk, cfg: &Cfg, mut f: impl FnMut(u32, &View<'c>, &Facts, &Defined)) {
        for &b in &cfg.order {
            let Some(mut facts) = self.entry[b as usize].clone() else { continue };
            let mut defined = self.defined_at(b);
            let block = &cfg.blocks[b as usize];
            for pc in block.start..block.end {
                let Some(v) = View::new(&c.code[pc as usize]) else { continue };
                f(pc, &v, &facts, &defined);
                facts.step(c, &v);
                defined.step(&v);
            }
        }
    }
}

impl Defined {
    /// On the taken side outputs are as they were, except those of heap atoms, which write before they branch.
    fn step_taken(&mut self, v: &View) {
        if !v.is_pure() {
            self.step(v);
        }
    }
}

/// A new frame is filled with undef. Slots of variables are left out: nothing is gained by knowing that they are not
/// yet assigned.
fn entry_facts(c: &Chunk) -> Facts {
    let mut f = Facts::default();
    for v in c.code.iter().filter_map(View::new) {
        for (_, _, fam, r) in v.regs() {
            if fam == Fam::S {
                f.set(r, SlotFact { mask: 1, ..SlotFact::NONE });
            }
        }
    }
    c.pad.iter().map(|p| p.slot).chain(c.aliased.iter().copied()).for_each(|r| f.set(r, SlotFact::NONE));
    f
}

/// S and P registers always hold a value: undef, and no object, at first.
fn initially_defined(c: &Chunk) -> Defined {
    let mut d = Defined(vec![0; (c.n_slots as usize).div_ceil(64)]);
    for ins in &c.code {
        if let Some(v) = View::new(ins) {
            for (_, _, fam, r) in v.regs() {
                if matches!(fam, Fam::S | Fam::P) {
                    d.put(r, true);
                }
            }
        }
    }
    d
}
