//! Single-character loops.

use super::Matcher;
use super::backtrack::Kind;
use crate::ast::{INF, Mode};
use crate::program::{ClassTab, NONE, One, Program, Run};
use crate::utf8;

impl<const U: bool> Matcher<'_, U> {
    /// End of the character at `pos` if it is in the class.
    #[inline]
    pub(super) fn class_at(&self, tab: &ClassTab, pos: usize) -> Option<usize> {
        let b = *self.s.get(pos)?;
        if !U || b < 0x80 {
            return tab.low[usize::from(b)].then_some(pos + 1);
        }
        let (cp, n) = utf8::decode(self.s, pos);
        tab.has(cp).then_some(pos + n)
    }

    #[inline]
    fn one_at(&self, prog: &Program, one: One, pos: usize) -> Option<usize> {
        let b = *self.s.get(pos)?;
        match one {
            One::Any => Some(self.next_char(pos)),
            One::Not(w) => (b != w).then(|| self.next_char(pos)),
            One::Byte(w) => (b == w).then_some(pos + 1),
            One::Class(c) => self.class_at(&prog.classes[c as usize], pos),
        }
    }

    /// Exactly `n` characters.
    #[inline]
    fn exactly(&self, prog: &Program, one: One, pos: usize, n: u32) -> Option<usize> {
        let mut p = pos;
        for _ in 0..n {
            p = self.one_at(prog, one, p)?;
        }
        Some(p)
    }

    /// As many as there are, at most `n`.
    fn most(&self, prog: &Program, one: One, pos: usize, n: u32) -> usize {
        let s = self.s;
        let limit = if n == INF { s.len() } else { s.len().min(pos.saturating_add(n as usize)) };
        match one {
            One::Any if !U || n == INF => limit,
            One::Not(w) if !U || n == INF => memchr::memchr(w, &s[pos..limit]).map_or(limit, |k| pos + k),
            One::Byte(w) => {
                let mut p = pos;
                while p < limit && s[p] == w {
                    p += 1;
                }
                p
            }
            One::Class(c) if !U => {
                let low = &prog.classes[c as usize].low;
                let mut p = pos;
                while p < limit && low[usize::from(s[p])] {
                    p += 1;
                }
                p
            }
            One::Class(c) if n == INF => {
                let tab = &prog.classes[c as usize];
                let mut p = pos;
                loop {
                    while p < s.len() && s[p] < 0x80 && tab.low[usize::from(s[p])] {
                        p += 1;
                    }
                    if p >= s.len() || s[p] < 0x80 {
                        return p;
                    }
                    match self.class_at(tab, p) {
                        Some(q) => p = q,
                        None => return p,
                    }
                }
            }
            _ => {
                let mut p = pos;
                let mut left = n;
                while left > 0 {
                    match self.one_at(prog, one, p) {
                        Some(q) => p = q,
                        None => break,
                    }
                    left -= 1;
                }
                p
            }
        }
    }

    /// Runs a loop for the first time: where the rest of the pattern goes on.
    #[inline]
    pub(super) fn start_run(&mut self, prog: &Program, id: u32, pc: usize, pos: usize) -> Option<usize> {
        let r = &prog.runs[id as usize];
        let least = if r.min == 0 { pos } else { self.exactly(prog, r.one, pos, r.min)? };
        if r.max == r.min {
            return Some(least);
        }
        let more = if r.max == INF { INF } else { r.max - r.min };
        if r.mode == Mode::Lazy {
            return self.lazy_from(prog, r, id, least, more, pc + 1);
        }
        let most = self.most(prog, r.one, least, more);
        if r.mode == Mode::Possessive || most == least {
            return Some(most);
        }
        let p = self.highest(prog, r, least, most)?;
        if p > least {
            self.push(Kind::Greedy, id, least, p, pc + 1);
        }
        Some(p)
    }

    /// The last position between `least` and `most` where the rest may match.
    fn highest(&self, prog: &Program, r: &Run, least: usize, most: usize) -> Option<usize> {
        let s = self.s;
        if let Some(b) = r.follow_byte {
            let end = (most + 1).min(s.len());
            return memchr::memrchr(b, &s[least..end]).map(|k| least + k);
        }
        if r.follow == NONE {
            return Some(most);
        }
        let set = &prog.sets[r.follow as usize];
        let mut p = most;
        loop {
            if p >= s.len() || set.has(s[p]) {
                return Some(p);
            }
            if p <= least {
                return None;
            }
            p = self.prev_char(p);
        }
    }

    /// Gives characters back: the next lower position.
    pub(super) fn shrink(&self, prog: &Program, id: u32, least: usize, cur: usize) -> Option<usize> {
        if cur <= least {
            return None;
        }
        let r = &prog.runs[id as usize];
        let p = self.prev_char(cur);
        self.highest(prog, r, least, p)
    }

    /// Takes one more character of a lazy loop.
    pub(super) fn grow(
        &mut self,
        prog: &Program,
        id: u32,
        pos: usize,
        left: usize,
        next: usize,
    ) -> Option<usize> {
        let r = &prog.runs[id as usize];
        let p = self.one_at(prog, r.one, pos)?;
        let left = if left == INF as usize { INF } else { left as u32 - 1 };
        self.lazy_from(prog, r, id, p, left, next)
    }

    /// The first position from `pos` on where the rest may match; leaves a choice to grow further.
    fn lazy_from(
        &mut self,
        prog: &Program,
        r: &Run,
        id: u32,
        pos: usize,
        more: u32,
        next: usize,
    ) -> Option<usize> {
        let s = self.s;
        let (mut p, mut left) = (pos, more);
        if let (Some(b), INF, One::Any | One::Not(_)) = (r.follow_byte, left, r.one) {
            let limit = match r.one {
                One::Not(w) => memchr::memchr2(b, w, &s[p..]).map(|k| p + k)?,
                _ => memchr::memchr(b, &s[p..]).map(|k| p + k)?,
            };
            if s[limit] != b {
                return None;
            }
            p = limit;
        } else if r.follow != NONE {
            let set = &prog.sets[r.follow as usize];
            while p < s.len() && !set.has(s[p]) {
                if left == 0 {
                    return None;
                }
                p = self.one_at(prog, r.one, p)?;
                if left != INF {
                    left -= 1;
                }
            }
        }
        if left > 0 && p < s.len() {
            self.push(Kind::Lazy, id, p, left as usize, next);
        }
        Some(p)
    }
}
