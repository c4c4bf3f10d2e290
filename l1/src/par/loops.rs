//! Loop finding: natural loops, and the part of each that runs when nothing unusual happens.
//!
//! The *hot part* of a loop is what can be reached from its head with the register tags of the entry, without going
//! through a `cold` block. Everything else is an event that aborts a parallel region, so it need not be analysed.

use crate::cfg::Cfg;
use crate::chunk::Chunk;
use crate::facts::{Facts, Flow};
use crate::isa::op;
use crate::view::View;
use std::collections::{BTreeSet, HashSet};

/// Immediate dominators by reverse post order (Cooper, Harvey and Kennedy's iteration).
pub struct Dom {
    idom: Vec<u32>,
    position: Vec<u32>,
}

const NONE: u32 = u32::MAX;

impl Dom {
    pub fn new(cfg: &Cfg) -> Dom {
        let n = cfg.blocks.len();
        let mut position = vec![NONE; n];
        for (i, b) in cfg.order.iter().enumerate() {
            position[*b as usize] = i as u32;
        }
        let mut preds = cfg.preds();
        for (i, b) in cfg.blocks.iter().enumerate() {
            for h in &b.handlers {
                preds[*h as usize].push(i as u32);
            }
        }
        let mut d = Dom { idom: vec![NONE; n], position };
        if n == 0 {
            return d;
        }
        d.idom[0] = 0;
        let mut changed = true;
        while changed {
            changed = false;
            for &b in cfg.order.iter().skip(1) {
                let mut new = NONE;
                for &p in &preds[b as usize] {
                    if d.idom[p as usize] != NONE {
                        new = if new == NONE { p } else { d.meet(new, p) };
                    }
                }
                if new != d.idom[b as usize] {
                    d.idom[b as usize] = new;
                    changed = true;
                }
            }
        }
        d
    }

    fn meet(&self, mut a: u32, mut b: u32) -> u32 {
        while a != b {
            while self.position[a as usize] > self.position[b as usize] {
                a = self.idom[a as usize];
            }
            while self.position[b as usize] > self.position[a as usize] {
                b = self.idom[b as usize];
            }
        }
        a
    }

    pub fn dominates(&self, a: u32, mut b: u32) -> bool {
        if self.position[a as usize] == NONE || self.position[b as usize] == NONE {
            return false;
        }
        while self.position[b as usize] > self.position[a as usize] {
            b = self.idom[b as usize];
        }
        a == b
    }
}

/// A natural loop with a `loop` atom.
#[derive(Debug)]
pub struct Loop {
    pub header: u32,
    /// Pc of the head block.
    pub head: u32,
    /// Pc of the `loop` atom.
    pub tick: u32,
    pub loop_id: u32,
    /// Blocks, header included, in reverse post order.
    pub blocks: Vec<u32>,
    set: HashSet<u32>,
}

impl Loop {
    pub fn contains(&self, b: u32) -> bool {
        self.set.contains(&b)
    }
}

/// All loops, outer ones before the loops inside them.
pub fn find(c: &Chunk, cfg: &Cfg, dom: &Dom) -> Vec<Loop> {
    let preds = cfg.preds();
    let mut loops = Vec::new();
    for &h in &cfg.order {
        let block = &cfg.blocks[h as usize];
        let mut work: Vec<u32> = preds[h as usize].iter().copied().filter(|p| dom.dominates(h, *p)).collect();
        // The emitter puts the tick before the jump back, or at the head.
        let ticks = |b: &u32| {
            let at = &cfg.blocks[*b as usize];
            (at.start..at.end).find(|pc| c.code[*pc as usize].op == op::LOOP)
        };
        let Some(tick) = work.iter().chain([&h]).find_map(ticks) else { continue };
        if work.is_empty() {
            continue;
        }
        let mut set = HashSet::from([h]);
        while let Some(b) = work.pop() {
            if set.insert(b) {
                work.extend(preds[b as usize].iter().copied().filter(|p| dom.position[*p as usize] != NONE));
            }
        }
        let blocks = cfg.order.iter().copied().filter(|b| set.contains(b)).collect();
        let loop_id = c.code[tick as usize].imm as u32;
        loops.push(Loop { header: h, head: block.start, tick, loop_id, blocks, set });
    }
    loops
}

/// The hot part of a loop.
pub struct Hot {
    /// Reached blocks in reverse post order, the header first.
    pub blocks: Vec<u32>,
    /// Facts at the start of each of them.
    pub facts: Vec<Facts>,
    /// Feasible edges between them, back edges to the header included.
    pub edges: Vec<(u32, u32)>,
    /// Cold blocks the hot part may go to.
    pub aborts: Vec<u32>,
    /// Counters of cold blocks that are taken for hot.
    pub warm: Vec<u32>,
    /// Edges out of the loop: pc of the branch and target pc.
    pub exits: Vec<(u32, u32)>,
}

impl Hot {
    pub fn new(c: &Chunk, cfg: &Cfg, flow: &Flow, l: &Loop, profile: &super::Profile) -> Hot {
        let index: std::collections::HashMap<u32, usize> =
            l.blocks.iter().enumerate().map(|(i, b)| (*b, i)).collect();
        let mut entry: Vec<Option<Facts>> = vec![None; l.blocks.len()];
        let mut start = entry_facts(c, cfg, flow, l);
        for v in l.blocks.iter().flat_map(|b| block_views(c, cfg, *b)) {
            for (_, _, fam, r) in v.regs() {
                if fam == crate::chunk::Fam::S
                    && let Some(m) = (profile.tags)(r)
                {
                    start.assume_tag(r, m);
                }
            }
        }
        entry[0] = Some(start);
        let mut edges = BTreeSet::new();
        let (mut aborts, mut exits, mut warm) = (BTreeSet::new(), BTreeSet::new(), BTreeSet::new());
        let mut work = BTreeSet::from([0usize]);
        while let Some(i) = work.pop_first() {
            let b = l.blocks[i];
            let block = &cfg.blocks[b as usize];
            let Some(mut facts) = entry[i].clone() else { continue };
            let last = block.end - 1;
            for pc in block.start..last {
                if let Some(v) = View::new(&c.code[pc as usize]) {
                    facts.step(c, &v);
                }
            }
            let Some(v) = View::new(&c.code[last as usize]) else { continue };
            let decided = facts.decides(c, &v);
            for (k, &s) in block.succ.iter().enumerate() {
                let falls = block.falls && k + 1 == block.succ.len();
                if decided == Some(falls) {
                    continue;
                }
                let target = cfg.blocks[s as usize].start;
                let first = &c.code[target as usize];
                if first.op == op::COLD {
                    if !(profile.warm)(first.imm as u32) {
                        aborts.insert(target);
                        continue;
                    }
                    warm.insert(first.imm as u32);
                }
                let Some(&t) = index.get(&s) else {
                    exits.insert((last, target));
                    continue;
                };
                let mut out = facts.clone();
                match falls {
                    true => out.step(c, &v),
                    false if block.falls => out.step_taken(c, &v),
                    false => out.step(c, &v),
                }
                edges.insert((b, s));
                let changed = match &mut entry[t] {
                    Some(old) => old.join(&out),
                    none => {
                        *none = Some(out);
                        true
                    }
                };
                if changed {
                    work.insert(t);
                }
            }
        }
        let (mut blocks, mut facts) = (Vec::new(), Vec::new());
        for (b, f) in l.blocks.iter().zip(entry) {
            if let Some(f) = f {
                blocks.push(*b);
                facts.push(f);
            }
        }
        Hot {
            blocks,
            facts,
            edges: edges.into_iter().collect(),
            aborts: aborts.into_iter().collect(),
            warm: warm.into_iter().collect(),
            exits: exits.into_iter().collect(),
        }
    }
}

pub fn block_views<'c>(c: &'c Chunk, cfg: &Cfg, b: u32) -> impl Iterator<Item = View<'c>> {
    let block = &cfg.blocks[b as usize];
    c.code[block.start as usize..block.end as usize].iter().filter_map(View::new)
}

/// What is known when the loop is entered from outside.
fn entry_facts(c: &Chunk, cfg: &Cfg, flow: &Flow, l: &Loop) -> Facts {
    let mut all: Option<Facts> = None;
    for (i, block) in cfg.blocks.iter().enumerate() {
        if l.contains(i as u32) || !block.succ.contains(&l.header) {
            continue;
        }
        let Some(mut f) = flow.entry[i].clone() else { continue };
        let falls = block.falls && block.succ.last() == Some(&l.header);
        for pc in block.start..block.end {
            let Some(v) = View::new(&c.code[pc as usize]) else { continue };
            match pc + 1 == block.end && block.falls && !falls {
                true => f.step_taken(c, &v),
                false => f.step(c, &v),
            }
        }
        match &mut all {
            Some(a) => {
                a.join(&f);
            }
            None => all = Some(f),
        }
    }
    all.unwrap_or_default()
}
