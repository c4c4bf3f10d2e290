//! Where to try: the program's knowledge of how matches start, and of strings they must contain.

use super::Matcher;
use crate::error::RegexError;
use crate::program::{Program, StartAt};

/// Is it plain, without an attempt, that nothing can match? (Only looks for what must be there.)
pub fn hopeless(prog: &Program, s: &[u8], start: usize) -> bool {
    if prog.before_pos > 0 {
        return false;
    }
    if s.len() - start < prog.min_len {
        return true;
    }
    if let Some((longest, newline)) = prog.whole {
        let over = s.len().saturating_sub(longest);
        if over > 1 || over == 1 && !(newline && s.ends_with(b"\n")) {
            return true;
        }
    }
    let rest = &s[start..];
    match &prog.start {
        StartAt::Subject => start > 0,
        StartAt::Prefix(f) => f.find(rest).is_none(),
        StartAt::Bytes(b, 1) => memchr::memchr(b[0], rest).is_none(),
        _ => false,
    }
}

impl<const U: bool> Matcher<'_, U> {
    /// Matches of a pattern with `\G` inside begin before the position asked for.
    fn begin(&self, start: usize) -> usize {
        match self.top.before_pos {
            0 => start,
            _ if self.opts.anchored => start,
            u32::MAX => 0,
            n => {
                let mut p = self.opts.gpos.min(start);
                for _ in 0..n {
                    if p > 0 {
                        p = self.prev_char(p);
                    }
                }
                p
            }
        }
    }

    /// Finds the first match at or after `start`.
    pub fn search(&mut self, start: usize) -> Result<bool, RegexError> {
        let prog = self.top;
        let start = self.begin(start);
        let s = self.s;
        let len = s.len();
        if len - start < prog.min_len {
            return Ok(false);
        }
        // code blocks see one more attempt than may succeed
        let last = if prog.sees_attempts { len - prog.min_len.saturating_sub(1) } else { len - prog.min_len };
        // next known place of the required string
        let mut required_at: Option<usize> = None;
        let mut at = start;
        let only_here = self.opts.anchored;
        loop {
            let next = match &prog.start {
                _ if only_here => (at == start).then_some(at),
                StartAt::Any => Some(at),
                StartAt::Subject => (at == 0).then_some(0),
                StartAt::Pos => {
                    let g = self.opts.gpos;
                    (at <= g).then_some(g)
                }
                StartAt::First => (at == start).then_some(at),
                StartAt::Line => line_start(s, at),
                StartAt::FirstOrLine if at == start => Some(at),
                StartAt::FirstOrLine => line_start(s, at),
                StartAt::Bytes(b, n) => match n {
                    1 => memchr::memchr(b[0], &s[at..]),
                    2 => memchr::memchr2(b[0], b[1], &s[at..]),
                    _ => memchr::memchr3(b[0], b[1], b[2], &s[at..]),
                }
                .map(|k| at + k),
                StartAt::Set(t) => s[at..].iter().position(|&b| t[usize::from(b)]).map(|k| at + k),
                StartAt::Prefix(f) => f.find(&s[at..]).map(|k| at + k),
            };
            let Some(mut here) = next else { return Ok(false) };
            if here > last {
                return Ok(false);
            }
            if let Some(r) = &prog.required {
                let from = (here + r.min).min(len);
                if required_at.is_none_or(|p| p < from) {
                    match r.finder.find(&s[from..]) {
                        Some(k) => required_at = Some(from + k),
                        None => return Ok(false),
                    }
                }
                // the string cannot be further away than this
                if let (Some(p), Some(max)) = (required_at, r.max)
                    && here + max < p
                {
                    if only_here {
                        return Ok(false);
                    }
                    let mut to = p - max;
                    if U {
                        while to < len && s[to] & 0xC0 == 0x80 {
                            to += 1;
                        }
                    }
                    // look for a start again from there
                    at = to;
                    if matches!(prog.start, StartAt::Any) {
                        here = to;
                    } else if matches!(prog.start, StartAt::Subject | StartAt::First | StartAt::Pos) {
                        return Ok(false);
                    } else {
                        continue;
                    }
                }
            }
            if self.attempt(here)? {
                return Ok(true);
            }
            at = match self.cut {
                Some(c) if c > here => c,
                _ if here >= len => return Ok(false),
                _ => self.next_char(here),
            };
            if at > len {
                return Ok(false);
            }
        }
    }
}

/// The first start of a line at or after `at`.
fn line_start(s: &[u8], at: usize) -> Option<usize> {
    if at == 0 || s[at - 1] == b'\n' {
        return Some(at);
    }
    memchr::memchr(b'\n', &s[at..]).map(|k| at + k + 1)
}
