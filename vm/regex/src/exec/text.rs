//! Comparing text: back-references, folded literals, `\R`.

use super::{Matcher, UNSET};
use crate::classes::{Limit, fold_char};
use crate::program::Program;
use crate::utf8::{self, Cp};

impl<const U: bool> Matcher<'_, U> {
    #[inline]
    fn char_at(&self, pos: usize) -> (Cp, usize) {
        if U { utf8::decode(self.s, pos) } else { (Cp::from(self.s[pos]), 1) }
    }

    /// Matches folded characters; where the text ends.
    pub(super) fn match_folded(&self, want: &[Cp], pos: usize, limit: Limit) -> Option<usize> {
        let (mut p, mut k) = (pos, 0);
        while k < want.len() {
            if p >= self.s.len() {
                return None;
            }
            let (cp, n) = self.char_at(p);
            let f = fold_char(cp, limit);
            let f = f.as_slice();
            if !want[k..].starts_with(f) {
                return None;
            }
            k += f.len();
            p += n;
        }
        Some(p)
    }

    fn captured(&self, prog: &Program, list: u32) -> Option<(usize, usize)> {
        prog.lists[list as usize].iter().find_map(|&g| {
            let i = 3 * g as usize;
            let (a, b) = (self.slots[i], self.slots[i + 1]);
            (a != UNSET && b != UNSET).then_some((a, b))
        })
    }

    pub(super) fn backref(&self, prog: &Program, list: u32, pos: usize) -> Option<usize> {
        let (a, b) = self.captured(prog, list)?;
        let text = &self.s[a..b];
        self.s[pos..].starts_with(text).then_some(pos + text.len())
    }

    pub(super) fn backref_fold(&self, prog: &Program, list: u32, pos: usize, kind: u8) -> Option<usize> {
        let (a, b) = self.captured(prog, list)?;
        if kind == 0 {
            let n = b - a;
            let ok = self.s.len() - pos >= n && self.s[pos..pos + n].eq_ignore_ascii_case(&self.s[a..b]);
            return ok.then_some(pos + n);
        }
        let limit = match kind {
            2 => Limit::Ascii,
            3 => Limit::Latin,
            _ => Limit::None,
        };
        let mut want = Vec::new();
        let mut i = a;
        while i < b {
            let (cp, n) = self.char_at(i);
            want.extend_from_slice(fold_char(cp, limit).as_slice());
            i += n;
        }
        self.match_folded(&want, pos, limit)
    }

    /// `\R`: the end. CR LF is one unit and is never split.
    pub(super) fn newline_at(&self, pos: usize) -> Option<usize> {
        let b = *self.s.get(pos)?;
        match b {
            b'\r' if self.s.get(pos + 1) == Some(&b'\n') => Some(pos + 2),
            b'\n' | 0x0B | 0x0C | b'\r' => Some(pos + 1),
            0x85 if !U => Some(pos + 1),
            _ if U && b >= 0x80 => {
                let (cp, n) = utf8::decode(self.s, pos);
                matches!(cp, 0x85 | 0x2028 | 0x2029).then_some(pos + n)
            }
            _ => None,
        }
    }
}
