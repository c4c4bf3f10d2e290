//! General loops: whether to go round again, and the memory of states that failed.

use super::backtrack::Kind;
use super::{Matcher, UNSET};
use crate::ast::{INF, Mode};
use crate::program::{NONE, Program};

impl<const U: bool> Matcher<'_, U> {
    /// Decides on another round of a general loop: the address to go on at.
    pub(super) fn loop_test(&mut self, prog: &Program, l: u32, pos: usize) -> Option<usize> {
        let lp = &prog.loops[l as usize];
        let r = lp.reg as usize;
        let (count, last) = (self.regs[r], self.regs[r + 1]);
        if count < lp.min as usize {
            self.next_round(lp.reg, count, last, pos);
            return Some(lp.body as usize);
        }
        // an empty round ends the loop
        if last == pos && count > 0 {
            return Some(lp.exit as usize);
        }
        if lp.memo != NONE && self.cur_frame == UNSET && self.seen_failing(prog, lp.memo, pos) {
            return None;
        }
        let may_go = lp.max == INF || count < lp.max as usize;
        let b = self.s.get(pos);
        let body = may_go && (lp.first == NONE || b.is_some_and(|&b| prog.sets[lp.first as usize].has(b)));
        if !body {
            return Some(lp.exit as usize);
        }
        let exit = lp.follow == NONE || b.is_some_and(|&b| prog.sets[lp.follow as usize].has(b));
        if lp.mode == Mode::Lazy {
            if exit {
                self.push(Kind::LoopLazy, l, pos, 0, 0);
                return Some(lp.exit as usize);
            }
        } else if exit {
            self.push(Kind::Choice, lp.exit, pos, 0, 0);
        }
        self.next_round(lp.reg, count, last, pos);
        Some(lp.body as usize)
    }

    pub(super) fn next_round(&mut self, reg: u32, count: usize, last: usize, pos: usize) {
        if !self.stack.is_empty() {
            self.push(Kind::Reg2, reg, count, last, 0);
        }
        self.regs[reg as usize] = count + 1;
        self.regs[reg as usize + 1] = pos;
    }

    /// Once a match has taken many rounds, remembers loop states: reaching one again means it failed before.
    pub(super) fn seen_failing(&mut self, prog: &Program, memo: u32, pos: usize) -> bool {
        let width = self.s.len() + 1;
        if self.memo.is_empty() {
            self.memo_count += 1;
            if self.memo_count <= 4 * width + 256 {
                return false;
            }
            self.memo = vec![0; (prog.nmemo * width).div_ceil(64)];
        }
        let bit = memo as usize * width + pos;
        let (w, m) = (bit / 64, 1u64 << (bit % 64));
        if self.memo[w] & m != 0 {
            return true;
        }
        self.memo[w] |= m;
        false
    }
}
