//! Control flow of a chunk: blocks, their successors, handler edges, order.
//!
//! Contract. Built in linear time for any code whose labels are in range (V3); labels out of range are ignored,
//! so a broken chunk can be looked at without a panic.

use crate::chunk::*;
use crate::effects::meta_of;
use crate::isa::{Flags, op};
use crate::view::View;

/// A run of instructions entered only at its start and left only at its end.
#[derive(Clone, Debug)]
pub struct Block {
    pub start: u32,
    pub end: u32,
    /// Blocks control may go to from the end: the branch target(s) first, the fall-through last.
    pub succ: Vec<u32>,
    /// Last entry of `succ` is the fall-through.
    pub falls: bool,
    /// Handler target blocks which an exception or dynamic jump inside may reach.
    pub handlers: Vec<u32>,
}

pub struct Cfg {
    pub blocks: Vec<Block>,
    /// Block of each pc.
    pub block_of: Vec<u32>,
    /// Reverse post order from the entry, over normal and handler edges; unreachable blocks are missing.
    pub order: Vec<u32>,
}

impl Cfg {
    pub fn new(c: &Chunk) -> Cfg {
        let n = c.code.len();
        let mut leader = vec![false; n + 1];
        let mut mark = |pc: u32| {
            if let Some(l) = leader.get_mut(pc as usize) {
                *l = true;
            }
        };
        mark(0);
        for h in &c.handlers {
            for t in handler_targets(h) {
                mark(t);
            }
        }
        for r in &c.regions {
            mark(r.start);
            mark(r.end);
        }
        for (pc, ins) in c.code.iter().enumerate() {
            let label = View::new(ins).and_then(|v| v.label());
            if let Some(l) = label {
                mark(l);
            }
            if ins.op == op::SWITCH {
                table(c, ins).iter().for_each(|t| mark(*t));
            }
            if label.is_some() || meta_of(ins).ends {
                mark(pc as u32 + 1);
            }
        }
        let starts: Vec<u32> = (0..n as u32).filter(|pc| leader[*pc as usize]).collect();
        let mut block_of = vec![0; n];
        let mut blocks = Vec::with_capacity(starts.len());
        for (i, &start) in starts.iter().enumerate() {
            let end = starts.get(i + 1).copied().unwrap_or(n as u32);
            block_of[start as usize..end as usize].fill(i as u32);
            blocks.push(Block { start, end, succ: Vec::new(), falls: false, handlers: Vec::new() });
        }
        let at = |pc: u32| block_of.get(pc as usize).copied();
        for block in &mut blocks {
            let last = &c.code[block.end as usize - 1];
            if let Some(t) = View::new(last).and_then(|v| v.label()).and_then(at) {
                block.succ.push(t);
            }
            if last.op == op::SWITCH {
                for t in table(c, last).iter().filter_map(|t| at(*t)) {
                    if !block.succ.contains(&t) {
                        block.succ.push(t);
                    }
                }
            }
            if !meta_of(last).ends
                && let Some(t) = at(block.end)
            {
                block.succ.push(t);
                block.falls = true;
            }
        }
        let mut cfg = Cfg { blocks, block_of, order: Vec::new() };
        cfg.add_handlers(c);
        cfg.order = cfg.reverse_post_order();
        cfg
    }

    /// Sweeps over the region bounds; blocks never straddle one.
    fn add_handlers(&mut self, c: &Chunk) {
        if c.regions.is_empty() {
            return;
        }
        let mut events: Vec<(u32, bool, u32)> = Vec::new();
        for r in &c.regions {
            if r.start < r.end && (r.handler as usize) < c.handlers.len() {
                events.push((r.start, true, r.handler));
                events.push((r.end, false, r.handler));
            }
        }
        events.sort_unstable();
        let mut active: Vec<u32> = Vec::new();
        let mut e = 0;
        for i in 0..self.blocks.len() {
            while let Some(&(pc, open, h)) = events.get(e)
                && pc <= self.blocks[i].start
            {
                match open {
                    true => active.push(h),
                    false => {
                        if let Some(k) = active.iter().rposition(|a| *a == h) {
                            active.remove(k);
                        }
                    }
                }
                e += 1;
            }
            let block = &self.blocks[i];
            if !c.code[block.start as usize..block.end as usize].iter().any(may_raise) {
                continue;
            }
            // An exception goes to the innermost handler that wants it; which one that is depends on the exception.
            let mut to: Vec<u32> = active
                .iter()
                .flat_map(|h| handler_targets(&c.handlers[*h as usize]))
                .filter_map(|t| self.block_of.get(t as usize).copied())
                .collect();
            to.sort_unstable();
            to.dedup();
            self.blocks[i].handlers = to;
        }
    }

    fn reverse_post_order(&self) -> Vec<u32> {
        let mut seen = vec![false; self.blocks.len()];
        let mut post = Vec::with_capacity(self.blocks.len());
        let mut stack: Vec<(u32, usize)> = Vec::new();
        if !self.blocks.is_empty() {
            seen[0] = true;
            stack.push((0, 0));
        }
        while let Some((b, i)) = stack.last_mut() {
            let block = &self.blocks[*b as usize];
            let next = block.succ.get(*i).or_else(|| block.handlers.get(*i - block.succ.len())).copied();
            *i += 1;
            match next {
                Some(t) => {
                    if !seen[t as usize] {
                        seen[t as usize] = true;
                        stack.push((t, 0));
                    }
                }
                None => {
                    post.push(*b);
                    stack.pop();
                }
            }
        }
        post.reverse();
        post
    }

    /// Predecessors over normal edges.
    pub fn preds(&self) -> Vec<Vec<u32>> {
        let mut p = vec![Vec::new(); self.blocks.len()];
        for (i, b) in self.blocks.iter().enumerate() {
            for &s in &b.succ {
                if p[s as usize].last() != Some(&(i as u32)) {
                    p[s as usize].push(i as u32);
                }
            }
        }
        p
    }
}

/// Whether control can go from the atom to a handler: it may die, or run Perl code.
pub(crate) fn may_raise(i: &Ins) -> bool {
    let flags = [Flags::THROWS, Flags::WARNS, Flags::PERL, Flags::SYNC];
    View::new(i).is_none_or(|v| flags.into_iter().any(|f| v.info.flags.has(f)))
}

/// The pcs a handler may continue at.
pub fn handler_targets(h: &Handler) -> impl Iterator<Item = u32> + use<> {
    let (n, v) = match h {
        Handler::Eval { target, .. } | Handler::Goto { target, .. } => (1, [*target; 3]),
        Handler::Loop { next, last, redo, .. } => (3, [*next, *last, *redo]),
    };
    v.into_iter().take(n)
}

/// The jump table of a `switch`, empty if the constant is none.
pub fn table<'c>(c: &'c Chunk, ins: &Ins) -> &'c [u32] {
    match c.consts.get(ins.lo() as usize) {
        Some(Const::Table(t)) => t,
        _ => &[],
    }
}
