//! Changing the code of a chunk while everything that refers to places in it stays right.

use crate::cfg::handler_targets;
use crate::chunk::*;
use crate::isa::op;
use crate::view::{View, set_label};

/// The result of a pass.
pub struct Changed {
    pub chunk: Chunk,
    pub changes: u32,
    /// New pc of every old one; one more entry for the end of the code.
    pub pcs: Vec<u32>,
}

/// Pending changes, by pc of the old code.
pub struct Edit<'c> {
    pub c: &'c Chunk,
    code: Vec<Option<Ins>>,
    /// Instructions to put before an old one, sorted by pc.
    before: Vec<(u32, Ins)>,
    scratch: u16,
    pub changes: u32,
}

impl<'c> Edit<'c> {
    pub fn new(c: &'c Chunk) -> Edit<'c> {
        Edit {
            c,
            code: c.code.iter().copied().map(Some).collect(),
            before: Vec::new(),
            scratch: 0,
            changes: 0,
        }
    }

    /// The instruction as changed so far.
    pub fn get(&self, pc: u32) -> Option<&Ins> {
        self.code.get(pc as usize)?.as_ref()
    }

    pub fn delete(&mut self, pc: u32) {
        self.code[pc as usize] = None;
        self.changes += 1;
    }

    /// Labels in the new instruction are pcs of the old code.
    pub fn replace(&mut self, pc: u32, ins: Ins) {
        self.code[pc as usize] = Some(ins);
        self.changes += 1;
    }

    /// Puts `ins` before the instruction at `pc`, in the order of the calls; `pc` must not decrease between calls.
    pub fn insert(&mut self, pc: u32, ins: Ins) {
        self.before.push((pc, ins));
    }

    /// A new I or N register at the end of the frame; `None`: the frame is full.
    pub fn scratch(&mut self) -> Option<u16> {
        let r = self.c.n_slots.checked_add(self.scratch)?;
        self.scratch = self.scratch.checked_add(1)?;
        Some(r)
    }

    /// The new chunk, `None` if nothing was changed.
    pub fn finish(self) -> Option<Changed> {
        if self.changes == 0 {
            return None;
        }
        let n_slots = self.c.n_slots.checked_add(self.scratch)?;
        let old = self.c;
        let mut code = Vec::with_capacity(old.code.len());
        // New pc of each old one: where its insertions begin, or what follows if it is gone.
        let mut pc = Vec::with_capacity(old.code.len() + 1);
        let mut b = 0;
        for (i, ins) in self.code.iter().enumerate() {
            pc.push(code.len() as u32);
            while let Some((at, new)) = self.before.get(b)
                && *at as usize <= i
            {
                code.push(*new);
                b += 1;
            }
            code.extend(ins);
        }
        pc.push(code.len() as u32);
        let to = |old: u32| pc.get(old as usize).copied().unwrap_or(old);
        for ins in &mut code {
            if let Some(l) = View::new(ins).and_then(|v| v.label()) {
                set_label(ins, to(l));
            }
        }
        let mut c = Chunk { code, n_slots, ..old.clone() };
        for k in &mut c.consts {
            if let Const::Table(t) = k {
                *k = Const::Table(t.iter().map(|pc| to(*pc)).collect());
            }
        }
        for h in &mut c.handlers {
            match h {
                Handler::Eval { target, .. } | Handler::Goto { target, .. } => *target = to(*target),
                Handler::Loop { next, last, redo, .. } => {
                    [next, last, redo].into_iter().for_each(|t| *t = to(*t))
                }
            }
        }
        for r in &mut c.regions {
            (r.start, r.end) = (to(r.start), to(r.end));
        }
        c.regions.retain(|r| r.start < r.end);
        c.lines.iter_mut().for_each(|e| e.pc = to(e.pc));
        keep_last(&mut c.lines, |e| e.pc, c.code.len() as u32);
        c.sites.iter_mut().for_each(|e| e.pc = to(e.pc));
        keep_last(&mut c.sites, |e| e.pc, c.code.len() as u32);
        Some(Changed { chunk: c, changes: self.changes, pcs: pc })
    }
}

/// Of several entries for one pc only the last counts; entries behind the code do not.
fn keep_last<T>(v: &mut Vec<T>, pc: impl Fn(&T) -> u32, len: u32) {
    let next: Vec<Option<u32>> = (0..v.len()).map(|i| v.get(i + 1).map(&pc)).collect();
    let mut i = 0;
    v.retain(|e| {
        let keep = next[i] != Some(pc(e)) && pc(e) < len;
        i += 1;
        keep
    });
}

/// Places that control may reach otherwise than by falling through.
pub fn entered(c: &Chunk) -> Vec<bool> {
    let mut e = vec![false; c.code.len() + 1];
    let mut mark = |pc: u32| {
        if let Some(x) = e.get_mut(pc as usize) {
            *x = true;
        }
    };
    mark(0);
    for ins in &c.code {
        if let Some(l) = View::new(ins).and_then(|v| v.label()) {
            mark(l);
        }
        if ins.op == op::SWITCH {
            crate::cfg::table(c, ins).iter().for_each(|t| mark(*t));
        }
    }
    c.handlers.iter().flat_map(handler_targets).for_each(&mut mark);
    e
}
