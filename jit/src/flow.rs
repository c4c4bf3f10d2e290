//! What compilation needs to know about a chunk's control flow, computed once per chunk.

use keshi_l1::cfg::Cfg;
use keshi_l1::chunk::{Chunk, Fam, attr};
use keshi_l1::isa::{Mode, op};
use keshi_l1::liveness::{Liveness, RegSet};
use keshi_l1::view::View;
use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;

pub struct Flow {
    pub cfg: Rc<Cfg>,
    pub live: Rc<Liveness>,
    at: RefCell<HashMap<u32, Rc<RegSet>>>,
    /// Slots that code elsewhere may reach: alias targets, everything under string-eval.
    pub aliased: Vec<bool>,
    pub any_aliased: bool,
    /// I slots which exception handlers read from the frame: their marks.
    pub marks: Vec<bool>,
    /// Family of the I and N slots.
    pub fams: Vec<Option<Fam>>,
    /// Blocks which one edge of one block leads to.
    single: Vec<bool>,
    /// Blocks with which a loop begins.
    heads: Vec<bool>,
}

impl Flow {
    /// `None`: the chunk is not one the compiler takes (it is too large, or two families share a slot).
    pub fn new(c: &Chunk) -> Option<Flow> {
        if c.code.len() > 50_000 || c.n_sp > 4000 {
            return None;
        }
        let cfg = Rc::new(Cfg::new(c));
        let live = Rc::new(Liveness::new(c, &cfg));
        let mut aliased = vec![c.attrs & attr::HAS_EVAL != 0; c.n_sp as usize];
        for r in &c.aliased {
            if let Some(a) = aliased.get_mut(*r as usize) {
                *a = true;
            }
        }
        let mut fams = vec![None; c.n_slots as usize];
        for v in c.code.iter().filter_map(View::new) {
            for (_, _, fam, r) in v.regs() {
                let f = &mut fams[r as usize];
                if matches!(fam, Fam::I | Fam::N) {
                    if f.is_some_and(|g| g != fam) {
                        return None;
                    }
                    *f = Some(fam);
                }
            }
        }
        let mut marks = vec![false; c.n_slots as usize];
        for h in &c.handlers {
            let (_, mark) = h.parent_and_mark();
            if let Some(m) = marks.get_mut(mark as usize) {
                *m = true;
            }
        }
        let any_aliased = aliased.contains(&true);
        let (single, heads) = (single_preds(&cfg), heads(&cfg));
        Some(Flow { cfg, live, at: RefCell::default(), aliased, any_aliased, marks, fams, single, heads })
    }

    pub fn is_leader(&self, pc: u32) -> bool {
        self.cfg.blocks[self.cfg.block_of[pc as usize] as usize].start == pc
    }

    /// Does `pc` start a block that only one edge leads to?
    pub fn single_pred(&self, pc: u32) -> bool {
        let b = self.cfg.block_of[pc as usize] as usize;
        self.single[b] && self.cfg.blocks[b].start == pc
    }

    /// Does a loop begin with the block of `pc`?
    pub fn is_head(&self, pc: u32) -> bool {
        self.heads[self.cfg.block_of[pc as usize] as usize]
    }

    /// Registers live before the instruction at `pc`.
    pub fn live_at(&self, c: &Chunk, pc: u32) -> Rc<RegSet> {
        if let Some(s) = self.at.borrow().get(&pc) {
            return s.clone();
        }
        let block = self.cfg.block_of[pc as usize];
        let end = self.cfg.blocks[block as usize].end;
        let mut live = self.live.at_end(&self.cfg, block);
        for i in (pc..end).rev() {
            let Some(v) = View::new(&c.code[i as usize]) else { continue };
            live.step_back(&v);
            if let Some(t) = v.label() {
                live.add(&self.live.at_start[self.cfg.block_of[t as usize] as usize]);
            }
        }
        for h in &self.cfg.blocks[block as usize].handlers {
            live.add(&self.live.at_start[*h as usize]);
        }
        let live = Rc::new(live);
        self.at.borrow_mut().insert(pc, live.clone());
        live
    }

    /// Registers which the handlers around `pc` may read.
    pub fn live_in_handlers(&self, c: &Chunk, pc: u32) -> RegSet {
        let mut s = RegSet::new(c.n_slots);
        for h in &self.cfg.blocks[self.cfg.block_of[pc as usize] as usize].handlers {
            s.add(&self.live.at_start[*h as usize]);
        }
        s
    }

    /// The blocks a unit entered at `pc` covers: its loop nest, or everything if `pc` is in no loop. `without` is
    /// the head of a loop around it that stays outside.
    pub fn region(&self, pc: u32, without: Option<u32>) -> Vec<bool> {
        let n = self.cfg.blocks.len();
        let start = self.cfg.block_of[pc as usize];
        let preds = self.cfg.preds();
        let outside = without.map(|pc| self.cfg.block_of[pc as usize]);
        let reach = |next: &dyn Fn(u32) -> Vec<u32>| {
            let mut seen = vec![false; n];
            let mut work = next(start);
            while let Some(b) = work.pop() {
                if Some(b) != outside && !std::mem::replace(&mut seen[b as usize], true) {
                    work.extend(next(b));
                }
            }
            seen
        };
        let forth = reach(&|b| self.cfg.blocks[b as usize].succ.clone());
        if !forth[start as usize] {
            return vec![true; n];
        }
        let back = reach(&|b| preds[b as usize].clone());
        forth.iter().zip(&back).map(|(a, b)| *a && *b).collect()
    }
}

/// The chunk's entry and handlers count as edges.
fn single_preds(cfg: &Cfg) -> Vec<bool> {
    let mut edges = vec![0u32; cfg.blocks.len()];
    edges[0] = 1;
    for b in &cfg.blocks {
        for s in b.succ.iter().chain(&b.handlers) {
            edges[*s as usize] += 1;
        }
    }
    edges.into_iter().map(|n| n == 1).collect()
}

/// Targets of edges that go back in a depth-first walk.
fn heads(cfg: &Cfg) -> Vec<bool> {
    let n = cfg.blocks.len();
    let (mut heads, mut seen, mut open) = (vec![false; n], vec![false; n], vec![false; n]);
    let roots = std::iter::once(0).chain(cfg.blocks.iter().flat_map(|b| b.handlers.iter().copied()));
    for root in roots.collect::<Vec<_>>() {
        let mut stack = vec![(root, 0)];
        while let Some((b, next)) = stack.pop() {
            let at = b as usize;
            if next == 0 && std::mem::replace(&mut seen[at], true) {
                continue;
            }
            open[at] = true;
            match cfg.blocks[at].succ.get(next) {
                Some(s) => {
                    stack.push((b, next + 1));
                    heads[*s as usize] |= open[*s as usize];
                    stack.push((*s, 0));
                }
                None => open[at] = false,
            }
        }
    }
    heads
}

/// Written S or P slots of an instruction with their modes.
pub fn is_cold(c: &Chunk, pc: u32) -> Option<u32> {
    let i = &c.code[pc as usize];
    (i.op == op::COLD).then_some(i.imm as u32)
}

/// May the instruction reach slots through aliases or string-eval?
pub fn reaches_aliases(v: &View) -> bool {
    v.info.flags.has(keshi_l1::isa::Flags::PERL)
        || !v.info.writes.is_empty()
        || v.regs().any(|r| r.1 == Mode::Inout)
}
