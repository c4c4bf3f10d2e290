//! Quantifiers as written.

use super::{Parser, Res};
use crate::ast::INF;

/// Perl's REG_INFTY - 1.
const REG_MAX: u64 = i32::MAX as u64 - 1;

impl Parser<'_, '_> {
    /// Is there a quantifier here? Its start and end.
    pub fn peek_quantifier(&self) -> Option<(usize, usize)> {
        match self.peek()? {
            b'*' | b'+' | b'?' => Some((self.pos, self.pos + 1)),
            b'{' => curly(self.p, self.pos).map(|c| (self.pos, c.end)),
            _ => None,
        }
    }

    /// Reads a quantifier: minimum, maximum, and where it starts.
    pub(super) fn quantifier(&mut self) -> Res<Option<(u32, u32, usize)>> {
        let at = self.pos;
        let (min, max) = match self.peek() {
            Some(b'*') => (0, INF),
            Some(b'+') => (1, INF),
            Some(b'?') => (0, 1),
            Some(b'{') => {
                let Some(c) = curly(self.p, at) else { return Ok(None) };
                let min = self.curly_number(c.min)?.unwrap_or(0);
                let max = match c.max {
                    None => min,
                    Some(span) => self.curly_number(span)?.unwrap_or(INF),
                };
                self.pos = c.end;
                return Ok(Some((min, max, at)));
            }
            _ => return Ok(None),
        };
        self.pos += 1;
        Ok(Some((min, max, at)))
    }

    fn curly_number(&self, span: (usize, usize)) -> Res<Option<u32>> {
        let digits = &self.p[span.0..span.1];
        if digits.is_empty() {
            return Ok(None);
        }
        if digits.len() > 1 && digits[0] == b'0' {
            return self.fail_at("Invalid quantifier in {,}", span.1);
        }
        let n = digits.iter().try_fold(0u64, |n, d| n.checked_mul(10)?.checked_add(u64::from(d - b'0')));
        match n {
            Some(n) if n <= REG_MAX => Ok(Some(n as u32)),
            _ => self.fail_at(&format!("Quantifier in {{,}} bigger than {REG_MAX}"), span.1),
        }
    }
}

/// `{n}`, `{n,}`, `{,m}`, `{n,m}`, blanks allowed inside the braces and around the comma.
pub(crate) struct Curly {
    pub min: (usize, usize),
    pub max: Option<(usize, usize)>,
    pub end: usize,
}

/// Recognises a `{...}` quantifier at `at`.
pub(crate) fn curly(p: &[u8], at: usize) -> Option<Curly> {
    let blanks = |mut i: usize| {
        while matches!(p.get(i), Some(b' ' | b'\t')) {
            i += 1;
        }
        i
    };
    let digits = |mut i: usize| {
        while p.get(i).is_some_and(u8::is_ascii_digit) {
            i += 1;
        }
        i
    };
    if p.get(at) != Some(&b'{') {
        return None;
    }
    let a = blanks(at + 1);
    let b = digits(a);
    let c = blanks(b);
    match p.get(c)? {
        b'}' if b > a => Some(Curly { min: (a, b), max: None, end: c + 1 }),
        b',' => {
            let d = blanks(c + 1);
            let e = digits(d);
            let f = blanks(e);
            (p.get(f) == Some(&b'}') && (b > a || e > d)).then_some(Curly {
                min: (a, b),
                max: Some((d, e)),
                end: f + 1,
            })
        }
        _ => None,
    }
}
