//! What a match has found so far: registers, groups and marks. Each change pushes what undoes it; [`Matcher::finish`]
//! hands the outcome over.

use super::backtrack::{Bt, Kind};
use super::matcher::Matcher;
use super::{Captures, UNSET};
use crate::error::RegexError;
use crate::program::Program;

impl<const U: bool> Matcher<'_, U> {
    #[inline]
    pub(super) fn push(&mut self, kind: Kind, arg: u32, a: usize, b: usize, c: usize) {
        self.stack.push(Bt { kind, arg, a, b, c });
    }

    /// Saves a register before it is changed.
    #[inline]
    pub(super) fn set_reg(&mut self, reg: u32, v: usize) {
        let old = self.regs[reg as usize];
        if !self.stack.is_empty() {
            self.push(Kind::Reg, reg, old, 0, 0);
        }
        self.regs[reg as usize] = v;
    }

    #[inline]
    pub(super) fn open_group(&mut self, n: u32, pos: usize) {
        let slot = 3 * n as usize + 2;
        if !self.stack.is_empty() {
            let old = self.slots[slot];
            self.push(Kind::Open, slot as u32, old, 0, 0);
        }
        self.slots[slot] = pos;
    }

    #[inline]
    pub(super) fn close_group(&mut self, n: u32, pos: usize) {
        let i = 3 * n as usize;
        if !self.stack.is_empty() {
            let (s, e) = (self.slots[i], self.slots[i + 1]);
            let last = (self.last_paren as usize) << 32 | self.last_close as usize;
            self.push(Kind::Close, n, s, e, last);
        }
        self.slots[i] = self.slots[i + 2];
        self.slots[i + 1] = pos;
        self.last_close = n;
        if n > self.last_paren {
            self.last_paren = n;
        }
    }

    pub(super) fn group_set(&self, g: u32) -> bool {
        let i = 3 * g as usize;
        self.slots.get(i + 1).is_some_and(|&e| e != UNSET) && self.slots[i] != UNSET
    }

    pub(super) fn clear_groups(&mut self, from: u32, to: u32) {
        for g in from..=to {
            let i = 3 * g as usize;
            if self.slots[i + 1] != UNSET {
                let (a, b) = (self.slots[i], self.slots[i + 1]);
                let last = (self.last_paren as usize) << 32 | self.last_close as usize;
                self.push(Kind::Close, g, a, b, last);
                self.slots[i] = UNSET;
                self.slots[i + 1] = UNSET;
            }
        }
    }

    pub(super) fn name_mark(&mut self, prog: &Program, n: u32, pos: usize) {
        if let Some(name) = prog.names.get(n as usize) {
            self.marks.push((name.clone(), pos));
            self.push(Kind::Mark, 0, 0, 0, 0);
        }
    }

    /// Hands the outcome to the caller's captures.
    pub fn finish(&mut self, r: &Result<bool, RegexError>, caps: &mut Captures) {
        match r {
            Ok(true) => {
                caps.pos.clear();
                caps.places.clear();
                caps.pos.push(self.keep);
                caps.pos.push(self.end);
                if self.re.numbered_plainly() {
                    for g in self.slots[3..].chunks_exact(3) {
                        let set = g[0] != UNSET && g[1] != UNSET;
                        caps.pos.push(if set { g[0] } else { UNSET });
                        caps.pos.push(if set { g[1] } else { UNSET });
                    }
                } else {
                    let span = |p: usize| match self.slots.get(p.saturating_mul(3)..) {
                        Some([s, e, ..]) if *s != UNSET && *e != UNSET => (*s, *e),
                        _ => (UNSET, UNSET),
                    };
                    for n in 1..=self.re.n_captures() {
                        let (s, e) = span(self.re.place_of(n, |p| span(p).0 != UNSET));
                        caps.pos.push(s);
                        caps.pos.push(e);
                    }
                    for p in 0..self.slots.len() / 3 {
                        let (s, e) = span(p);
                        caps.places.extend([s, e]);
                    }
                }
                caps.last_paren = self.re.number_of(self.last_paren);
                caps.last_close = self.re.number_of(self.last_close);
                caps.mark = self.marks.last().map(|m| m.0.clone());
                caps.error = None;
                caps.result = self.result;
            }
            Ok(false) => {
                caps.mark = None;
                caps.error = self.verb_error.take();
            }
            Err(_) => {}
        }
    }
}
