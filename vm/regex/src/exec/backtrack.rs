//! The backtrack stack: choices not yet taken, and old values to be restored when an older choice is taken.

use super::UNSET;
use super::matcher::{Matcher, POLL_EVERY, Step};
use crate::program::Program;

/// Entries beyond which a match is given up (about 8 GB).
const MAX_STACK: usize = 1 << 28;

/// What an entry means. Those from `Reg` on restore state and survive the cutting of choices.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[repr(u8)]
pub enum Kind {
    /// Go on at op `arg`, position `a`.
    Choice,
    /// The other outcome of the lookaround that is being tried: op `arg`, position `a`.
    LookAlt,
    /// Next branch of alternation `arg`: position `a`, list `b`, index `c`.
    Alt,
    /// Greedy run `arg`: may shrink from `b` to `a`; next op `c`.
    Greedy,
    /// Lazy run `arg`: may grow from `a`, `b` more characters; next op `c`.
    Lazy,
    /// Lazy loop `arg`: another round at `a`.
    LoopLazy,
    /// Lookbehind `arg`: try `a` characters back; op `c`.
    Behind,
    /// `(*COMMIT)`, name `arg`
    Commit,
    /// `(*PRUNE)`
    Prune,
    /// `(*SKIP)` to `a`
    Skip,
    /// `(*THEN)`: height `a`
    Then,
    /// Register `arg` was `a`.
    Reg,
    /// Registers `arg`, `arg + 1` were `a`, `b`.
    Reg2,
    /// Slot `arg` was `a`.
    Open,
    /// Group `arg` was `a`..`b`; `c` holds last paren and last close.
    Close,
    /// `\K` was `a`.
    Keep,
    /// A mark was set.
    Mark,
    /// The code result was `a`.
    Result,
    /// A code block wants to be told (token `a`).
    Code,
    /// Recursion `arg` was entered from frame `a`.
    Enter,
    /// Recursion `arg` returned.
    Return,
}

/// An entry.
#[derive(Clone, Copy, Debug)]
pub struct Bt {
    pub kind: Kind,
    pub arg: u32,
    pub a: usize,
    pub b: usize,
    pub c: usize,
}

impl<const U: bool> Matcher<'_, U> {
    /// Takes the newest choice.
    pub(super) fn backtrack(&mut self, prog: &Program) -> Step {
        self.fuel -= 1;
        if self.fuel == 0 {
            self.fuel = POLL_EVERY;
            if self.stack.len() > MAX_STACK {
                self.error = Some(crate::error::RegexError::plain("Regexp out of space"));
                return Step::Error;
            }
            if let Err(e) = self.host.poll() {
                self.error = Some(e);
                return Step::Error;
            }
        }
        loop {
            let Some(top) = self.stack.last_mut() else { return Step::Fail };
            match top.kind {
                kind if self.no_final && kind < Kind::Reg && kind != Kind::LookAlt => {
                    self.stack.pop();
                }
                Kind::Choice | Kind::LookAlt => {
                    let (pc, pos) = (top.arg as usize, top.a);
                    self.stack.pop();
                    return Step::Resume(pc, pos);
                }
                Kind::Alt => {
                    let list = &prog.alts[top.arg as usize].lists[top.b];
                    let (pc, pos) = (list[top.c] as usize, top.a);
                    top.c += 1;
                    if top.c == list.len() {
                        self.stack.pop();
                    }
                    return Step::Resume(pc, pos);
                }
                Kind::Greedy => {
                    let bt = *top;
                    match self.shrink(prog, bt.arg, bt.a, bt.b) {
                        Some(p) => {
                            if p <= bt.a {
                                self.stack.pop();
                            } else if let Some(top) = self.stack.last_mut() {
                                top.b = p;
                            }
                            return Step::Resume(bt.c, p);
                        }
                        None => {
                            self.stack.pop();
                        }
                    }
                }
                Kind::Lazy => {
                    let bt = *top;
                    self.stack.pop();
                    if let Some(p) = self.grow(prog, bt.arg, bt.a, bt.b, bt.c) {
                        return Step::Resume(bt.c, p);
                    }
                }
                Kind::LoopLazy => {
                    let (l, pos) = (top.arg, top.a);
                    self.stack.pop();
                    let lp = &prog.loops[l as usize];
                    let (count, last) = (self.regs[lp.reg as usize], self.regs[lp.reg as usize + 1]);
                    self.next_round(lp.reg, count, last, pos);
                    return Step::Resume(lp.body as usize, pos);
                }
                Kind::Behind => {
                    let bt = *top;
                    self.stack.pop();
                    let b = &prog.behinds[bt.arg as usize];
                    let end = self.regs[b.reg as usize + 1];
                    if let Some(p) = self.step_behind(b, end, bt.a as u32, bt.arg, bt.c) {
                        return Step::Resume(bt.c + 1, p);
                    }
                }
                Kind::Commit | Kind::Prune | Kind::Skip => {
                    let bt = *top;
                    self.verb_error = Some(prog.names.get(bt.arg as usize).cloned());
                    self.cut = Some(match bt.kind {
                        Kind::Commit => UNSET,
                        Kind::Skip => bt.a,
                        _ => 0,
                    });
                    // everything fails but what surrounding lookarounds make of it
                    self.no_final = true;
                }
                Kind::Then => {
                    let bt = *top;
                    self.verb_error = Some(prog.names.get(bt.arg as usize).cloned());
                    self.stack.pop();
                    // keep the alternation's own entry, which lies at the recorded height
                    let keep = bt.a + usize::from(self.stack.get(bt.a).is_some_and(|e| e.kind == Kind::Alt));
                    if !self.unwind_to(keep) {
                        return Step::Switch;
                    }
                }
                _ => {
                    if self.undo_top() {
                        return Step::Switch;
                    }
                }
            }
        }
    }

    /// Restores what the top entry saved, and drops it. True if another program became current.
    pub(super) fn undo_top(&mut self) -> bool {
        let Some(bt) = self.stack.pop() else { return false };
        match bt.kind {
            Kind::Reg => self.regs[bt.arg as usize] = bt.a,
            Kind::Reg2 => {
                self.regs[bt.arg as usize] = bt.a;
                self.regs[bt.arg as usize + 1] = bt.b;
            }
            Kind::Open => self.slots[bt.arg as usize] = bt.a,
            Kind::Close => {
                let i = 3 * bt.arg as usize;
                self.slots[i] = bt.a;
                self.slots[i + 1] = bt.b;
                self.last_paren = (bt.c >> 32) as u32;
                self.last_close = bt.c as u32;
            }
            Kind::Keep => self.keep = bt.a,
            Kind::Mark => {
                self.marks.pop();
            }
            Kind::Result => self.result = bt.a as u64,
            Kind::Code => self.host.backtracked(bt.a as u64),
            Kind::Enter => return self.undo_enter(bt.arg as usize, bt.a),
            Kind::Return => return self.undo_return(bt.arg as usize),
            _ => {}
        }
        false
    }

    /// Drops the choices above `height`, keeping what restores state.
    pub(super) fn cut_to(&mut self, height: usize) {
        if self.stack.len() <= height {
            return;
        }
        let mut w = height;
        for r in height..self.stack.len() {
            if self.stack[r].kind >= Kind::Reg {
                self.stack[w] = self.stack[r];
                w += 1;
            }
        }
        self.stack.truncate(w);
    }

    /// Drops everything above `height`, restoring state. A program entered since then is left again; the
    /// current one is always the one the height was recorded in, so the answer is true.
    pub(super) fn unwind_to(&mut self, height: usize) -> bool {
        let mut switched = false;
        while self.stack.len() > height {
            switched ^= self.undo_top();
        }
        !switched
    }

    /// Records the height of the stack in a register. The register's own undo entry lies below it.
    pub(super) fn mark_height(&mut self, reg: u32) {
        self.set_reg(reg, 0);
        self.regs[reg as usize] = self.stack.len();
    }

    /// Starts a lookbehind `k` characters back (or as few as `min`); leaves a choice for fewer.
    pub(super) fn step_behind(
        &mut self,
        b: &crate::program::Behind,
        end: usize,
        k: u32,
        id: u32,
        pc: usize,
    ) -> Option<usize> {
        let mut p = end;
        let mut n = 0;
        while n < k && p > 0 {
            p = self.prev_char(p);
            n += 1;
        }
        if n < b.min {
            return None;
        }
        if n > b.min {
            self.push(Kind::Behind, id, (n - 1) as usize, 0, pc);
        }
        Some(p)
    }
}
