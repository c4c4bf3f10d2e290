//! Recursion into groups and into patterns computed at match time. A frame holds the caller's captures and
//! registers while the callee runs, and the callee's while the caller goes on, so that backtracking into a
//! finished callee only has to swap them back.

use std::sync::Arc;

use super::backtrack::Kind;
use super::{Matcher, UNSET, resolve_properties};
use crate::error::RegexError;
use crate::host::{CodeId, Postponed};
use crate::program::Program;
use crate::regex::Regex;

/// Frames beyond which recursion is taken to be endless.
const MAX_FRAMES: usize = 1 << 22;

/// A recursion.
pub struct Frame {
    /// Group entered (0: the whole pattern).
    group: u32,
    /// Where the caller goes on.
    ret: usize,
    /// The caller's frame.
    parent: usize,
    slots: Vec<usize>,
    regs: Vec<usize>,
    last: (u32, u32),
    /// Where it was entered.
    pos: usize,
    /// Frames entered at the same position without progress.
    nested_here: usize,
    /// On the other side, where the innermost recursion into the group was entered.
    entered: usize,
    /// The other side's program, for `(??{ })` (the inner `None` is the top one).
    prog: Option<Option<Arc<Program>>>,
    /// The pattern of the callee and the host's token, for `(??{ })`.
    pub regex: Option<(Arc<Regex>, u64)>,
}

/// The pattern that is running, and the host's token for it.
pub(super) fn regex_of<'a>(frames: &'a [Frame], cur: usize, top: &'a Regex) -> (&'a Regex, u64) {
    let mut i = cur;
    while i != UNSET {
        if let Some((r, token)) = &frames[i].regex {
            return (r, *token);
        }
        i = frames[i].parent;
    }
    (top, 0)
}

/// The match as the host sees it. A macro, for the host is borrowed at the same time.
macro_rules! view {
    ($m:ident, $pos:ident) => {{
        let (regex, token) = $crate::exec::frames::regex_of(&$m.frames, $m.cur_frame, $m.re);
        $crate::host::MatchView {
            regex,
            token,
            subject: $m.s,
            utf8: U,
            start: $m.start,
            pos: $pos,
            slots: &$m.slots,
            last_paren: $m.last_paren,
            last_close: $m.last_close,
            last_result: $m.result,
        }
    }};
}
pub(super) use view;

impl<const U: bool> Matcher<'_, U> {
    fn nested_here(&self, pos: usize) -> usize {
        match self.frames.get(self.cur_frame) {
            Some(f) if f.pos == pos => f.nested_here + 1,
            _ => 0,
        }
    }

    /// `(?1)`
    pub(super) fn enter(&mut self, group: u32, ret: usize, pos: usize) -> Result<(), RegexError> {
        let nested_here = self.nested_here(pos);
        let entered_at = self.entered_at.entry(group).or_insert(UNSET);
        if *entered_at == pos {
            return Err(RegexError::plain("Infinite recursion in regex"));
        }
        let before = std::mem::replace(entered_at, pos);
        if self.frames.len() > MAX_FRAMES {
            return Err(RegexError::plain("Regexp out of space"));
        }
        self.frames.push(Frame {
            group,
            ret,
            parent: self.cur_frame,
            slots: self.slots.clone(),
            regs: self.regs.clone(),
            last: (self.last_paren, self.last_close),
            pos,
            nested_here,
            entered: before,
            prog: None,
            regex: None,
        });
        let id = self.frames.len() - 1;
        let parent = self.cur_frame;
        self.push(Kind::Enter, id as u32, parent, 0, 0);
        self.cur_frame = id;
        Ok(())
    }

    /// `(??{ })`: false if it cannot match.
    pub(super) fn enter_postponed(&mut self, id: CodeId, ret: usize, pos: usize) -> Result<bool, RegexError> {
        let nested_here = self.nested_here(pos);
        if nested_here > 1000 {
            return Err(RegexError::plain("EVAL without pos change exceeded limit in regex"));
        }
        if self.frames.len() > MAX_FRAMES {
            return Err(RegexError::plain("Regexp out of space"));
        }
        let Postponed { regex: re, token: inner_token } = {
            let view = view!(self, pos);
            self.host.postponed(id, &view)?
        };
        resolve_properties(&re, self.host)?;
        let prog = re.program(U, self.opts.utf8_locale).clone();
        let slots = std::mem::replace(&mut self.slots, vec![UNSET; prog.ngroups * 3]);
        let regs = std::mem::replace(&mut self.regs, vec![0; prog.nregs]);
        let outer = self.inner.replace(prog);
        self.slots[0] = pos;
        self.frames.push(Frame {
            group: 0,
            ret,
            parent: self.cur_frame,
            slots,
            regs,
            last: (self.last_paren, self.last_close),
            pos,
            nested_here,
            entered: UNSET,
            prog: Some(outer),
            regex: Some((re, inner_token)),
        });
        (self.last_paren, self.last_close) = (0, 0);
        let id = self.frames.len() - 1;
        let parent = self.cur_frame;
        self.push(Kind::Enter, id as u32, parent, 0, 0);
        self.cur_frame = id;
        Ok(true)
    }

    /// Exchanges the state of caller and callee. True if the program changed.
    fn swap(&mut self, id: usize) -> bool {
        let f = &mut self.frames[id];
        std::mem::swap(&mut self.slots, &mut f.slots);
        std::mem::swap(&mut self.regs, &mut f.regs);
        let last = f.last;
        f.last = (self.last_paren, self.last_close);
        (self.last_paren, self.last_close) = last;
        match &mut f.prog {
            Some(p) => {
                std::mem::swap(&mut self.inner, p);
                true
            }
            None => {
                if let Some(at) = self.entered_at.get_mut(&f.group) {
                    std::mem::swap(at, &mut f.entered);
                }
                false
            }
        }
    }

    fn leave(&mut self) -> (usize, bool) {
        let id = self.cur_frame;
        let switched = self.swap(id);
        self.cur_frame = self.frames[id].parent;
        self.push(Kind::Return, id as u32, 0, 0, 0);
        (self.frames[id].ret, switched)
    }

    /// Group `n` closed: if the current recursion is into it, where the caller goes on.
    pub(super) fn return_from(&mut self, n: u32) -> Option<usize> {
        let f = self.frames.get(self.cur_frame)?;
        (f.group == n && f.prog.is_none()).then(|| self.leave().0)
    }

    /// The end of the pattern, or `(*ACCEPT)`: leaves the current recursion if there is one. The flag tells
    /// that the program changed.
    pub(super) fn return_any(&mut self) -> Option<(usize, bool)> {
        (self.cur_frame != UNSET).then(|| self.leave())
    }

    pub(super) fn undo_enter(&mut self, id: usize, parent: usize) -> bool {
        let switched = self.swap(id);
        self.cur_frame = parent;
        self.frames.truncate(id);
        switched
    }

    pub(super) fn undo_return(&mut self, id: usize) -> bool {
        let switched = self.swap(id);
        self.cur_frame = id;
        switched
    }

    /// `(?(R)`, `(?(R1)`
    pub(super) fn in_recursion(&self, groups: Option<&[u32]>) -> bool {
        match self.frames.get(self.cur_frame) {
            Some(f) if f.prog.is_none() => groups.is_none_or(|g| g.contains(&f.group)),
            _ => false,
        }
    }
}
