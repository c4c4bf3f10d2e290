//! The matcher: one loop over the program's ops. Choices and what is needed to undo state live on one heap
//! stack (see `backtrack`), so neither subject length nor recursion in the pattern uses the native stack.

use std::sync::Arc;

use super::backtrack::{Bt, Kind};
use super::frames::{Frame, view};
use super::{ExecOpts, Scratch, UNSET};
use crate::error::RegexError;
use crate::host::ExecHost;
use crate::program::{NONE, Op, Program};
use crate::regex::Regex;
use crate::utf8;

/// Backtracks between two calls of the host's `poll`.
pub(super) const POLL_EVERY: u32 = 1 << 16;

pub(crate) struct Matcher<'a, const U: bool> {
    pub re: &'a Regex,
    pub s: &'a [u8],
    pub opts: ExecOpts,
    pub host: &'a mut dyn ExecHost,
    /// The program of the pattern itself.
    pub top: &'a Program,
    /// The program that runs, when it is that of a `(??{ })`.
    pub inner: Option<Arc<Program>>,
    /// Start, end and unclosed start of each group.
    pub slots: Vec<usize>,
    pub regs: Vec<usize>,
    pub stack: Vec<Bt>,
    pub last_paren: u32,
    pub last_close: u32,
    /// Where the current attempt began.
    pub start: usize,
    /// `\K`, or the start.
    pub keep: usize,
    pub end: usize,
    pub frames: Vec<Frame>,
    pub cur_frame: usize,
    /// Where the innermost recursion into each group was entered.
    pub entered_at: std::collections::HashMap<u32, usize>,
    pub marks: Vec<(Arc<[u8]>, usize)>,
    /// Name for `$REGERROR`.
    pub verb_error: Option<Option<Arc<[u8]>>>,
    /// Set by a verb: the next attempt may not start before this.
    pub cut: Option<usize>,
    /// A verb was backtracked into: no choices are left in this attempt.
    pub no_final: bool,
    pub result: u64,
    pub fuel: u32,
    pub error: Option<RegexError>,
    /// Loop states known to fail, once the match looks super-linear.
    pub memo: Vec<u64>,
    pub memo_count: usize,
    /// Boundaries of the line last asked about.
    pub line: Option<crate::unicode::breaks::Line>,
}

/// What backtracking came to.
pub(super) enum Step {
    Resume(usize, usize),
    /// Another program is current now; go on failing there.
    Switch,
    Fail,
    Error,
}

impl<'a, const U: bool> Matcher<'a, U> {
    pub fn new(
        re: &'a Regex,
        s: &'a [u8],
        opts: &ExecOpts,
        host: &'a mut dyn ExecHost,
        mut scratch: Scratch,
    ) -> Self {
        let top: &'a Program = re.program(U, opts.utf8_locale);
        scratch.stack.clear();
        scratch.slots.clear();
        scratch.slots.resize(top.ngroups * 3, UNSET);
        scratch.regs.clear();
        scratch.regs.resize(top.nregs, 0);
        Matcher {
            re,
            s,
            opts: *opts,
            host,
            top,
            inner: None,
            slots: scratch.slots,
            regs: scratch.regs,
            stack: scratch.stack,
            last_paren: 0,
            last_close: 0,
            start: 0,
            keep: 0,
            end: 0,
            frames: Vec::new(),
            cur_frame: UNSET,
            entered_at: Default::default(),
            marks: Vec::new(),
            verb_error: None,
            cut: None,
            no_final: false,
            result: 0,
            fuel: POLL_EVERY,
            error: None,
            memo: Vec::new(),
            memo_count: 0,
            line: None,
        }
    }

    pub fn into_scratch(self) -> Scratch {
        Scratch { slots: self.slots, regs: self.regs, stack: self.stack }
    }

    /// One attempt at `start`.
    pub fn attempt(&mut self, start: usize) -> Result<bool, RegexError> {
        self.stack.clear();
        self.slots.fill(UNSET);
        self.last_paren = 0;
        self.last_close = 0;
        self.start = start;
        self.keep = start;
        self.slots[0] = start;
        if !self.frames.is_empty() {
            self.frames.clear();
            self.entered_at.clear();
        }
        self.cur_frame = UNSET;
        self.marks.clear();
        self.cut = None;
        self.no_final = false;
        self.run(0, start)
    }

    pub(super) fn run(&mut self, pc: usize, pos: usize) -> Result<bool, RegexError> {
        let (mut pc, mut pos) = (pc, pos);
        let mut failing = false;
        loop {
            let exit = match self.inner.clone() {
                None => self.run_program(self.top, pc, pos, failing)?,
                Some(p) => self.run_program(&p, pc, pos, failing)?,
            };
            match exit {
                Exit::Done(r) => return Ok(r),
                Exit::Switch(p, q) => {
                    (pc, pos) = (p, q);
                    failing = false;
                }
                Exit::SwitchFailing => failing = true,
            }
        }
    }

    #[allow(clippy::too_many_lines)]
    fn run_program(
        &mut self,
        prog: &Program,
        pc: usize,
        pos: usize,
        failing: bool,
    ) -> Result<Exit, RegexError> {
        let (mut pc, mut pos) = (pc, pos);
        let s = self.s;
        macro_rules! fail {
            () => {{
                match self.backtrack(prog) {
                    Step::Resume(p, q) => {
                        pc = p;
                        pos = q;
                        continue;
                    }
                    Step::Switch => return Ok(Exit::SwitchFailing),
                    Step::Fail => return Ok(Exit::Done(false)),
                    Step::Error => return Err(self.take_error()),
                }
            }};
        }
        macro_rules! check {
            ($c:expr) => {
                if $c {
                    pc += 1;
                } else {
                    fail!()
                }
            };
        }
        if failing {
            match self.backtrack(prog) {
                Step::Resume(p, q) => {
                    pc = p;
                    pos = q;
                }
                Step::Switch => return Ok(Exit::SwitchFailing),
                Step::Fail => return Ok(Exit::Done(false)),
                Step::Error => return Err(self.take_error()),
            }
        }
        loop {
            match prog.ops[pc] {
                Op::Byte(b) => {
                    if pos < s.len() && s[pos] == b {
                        pos += 1;
                        pc += 1;
                    } else {
                        fail!()
                    }
                }
                Op::Lit { off, len } => {
                    let lit = &prog.bytes[off as usize..(off + len) as usize];
                    if s[pos..].starts_with(lit) {
                        pos += lit.len();
                        pc += 1;
                    } else {
                        fail!()
                    }
                }
                Op::FoldAscii { off, len } => {
                    let lit = &prog.bytes[off as usize..(off + len) as usize];
                    if s.len() - pos >= lit.len() && s[pos..pos + lit.len()].eq_ignore_ascii_case(lit) {
                        pos += lit.len();
                        pc += 1;
                    } else {
                        fail!()
                    }
                }
                Op::FoldFull { off, len, limit } => {
                    let want = &prog.cps[off as usize..(off + len) as usize];
                    match self.match_folded(want, pos, limit) {
                        Some(p) => {
                            pos = p;
                            pc += 1;
                        }
                        None => fail!(),
                    }
                }
                Op::Not(b) => {
                    if pos < s.len() && s[pos] != b {
                        pos = self.next_char(pos);
                        pc += 1;
                    } else {
                        fail!()
                    }
                }
                Op::Any => {
                    if pos < s.len() {
                        pos = self.next_char(pos);
                        pc += 1;
                    } else {
                        fail!()
                    }
                }
                Op::Class(c) => match self.class_at(&prog.classes[c as usize], pos) {
                    Some(p) => {
                        pos = p;
                        pc += 1;
                    }
                    None => fail!(),
                },
                Op::Run(id) => match self.start_run(prog, id, pc, pos) {
                    Some(p) => {
                        pos = p;
                        pc += 1;
                    }
                    None => fail!(),
                },
                Op::Open(n) => {
                    self.open_group(n, pos);
                    pc += 1;
                }
                Op::Close(n) => {
                    self.close_group(n, pos);
                    pc += 1;
                }
                Op::CloseReturn(n) => {
                    self.close_group(n, pos);
                    match self.return_from(n) {
                        Some(p) => pc = p,
                        None => pc += 1,
                    }
                }
                Op::Jump(to) => pc = to as usize,
                Op::Split { alt, set } => {
                    if set != NONE && (pos >= s.len() || !prog.sets[set as usize].has(s[pos])) {
                        pc = alt as usize;
                    } else {
                        self.push(Kind::Choice, alt, pos, 0, 0);
                        pc += 1;
                    }
                }
                Op::SplitLazy { to } => {
                    self.push(Kind::Choice, pc as u32 + 1, pos, 0, 0);
                    pc = to as usize;
                }
                Op::Alt(t) => {
                    let table = &prog.alts[t as usize];
                    let b = if pos < s.len() { usize::from(s[pos]) } else { 256 };
                    let li = table.by_byte[b];
                    let list = &table.lists[usize::from(li)];
                    match list.len() {
                        0 => fail!(),
                        1 => {}
                        _ => self.push(Kind::Alt, t, pos, usize::from(li), 1),
                    }
                    pc = list[0] as usize;
                }
                Op::AltMark(r) => {
                    let h = self.stack.len();
                    self.set_reg(r, h);
                    // the saved register itself lies at the recorded height
                    let h = self.stack.len();
                    self.regs[r as usize] = h;
                    pc += 1;
                }
                Op::LoopInit(l) => {
                    let r = prog.loops[l as usize].reg as usize;
                    if !self.stack.is_empty() {
                        let (a, b) = (self.regs[r], self.regs[r + 1]);
                        self.push(Kind::Reg2, r as u32, a, b, 0);
                    }
                    self.regs[r] = 0;
                    self.regs[r + 1] = UNSET;
                    pc += 1;
                }
                Op::LoopTest(l) => match self.loop_test(prog, l, pos) {
                    Some(p) => pc = p,
                    None => fail!(),
                },
                Op::Start => check!(pos == 0),
                Op::End => check!(pos == s.len()),
                Op::EndNl => check!(pos == s.len() || (pos + 1 == s.len() && s[pos] == b'\n')),
                Op::LineStart => check!(pos == 0 || (pos < s.len() && s[pos - 1] == b'\n')),
                Op::LineEnd => check!(pos == s.len() || s[pos] == b'\n'),
                Op::Pos => check!(pos == self.opts.gpos),
                Op::WordBound { class, negated } => {
                    let tab = &prog.classes[class as usize];
                    let before = pos > 0 && self.class_at(tab, self.prev_char(pos)).is_some();
                    let after = self.class_at(tab, pos).is_some();
                    check!((before != after) != negated)
                }
                Op::UniBound { kind, negated } => {
                    let b = crate::unicode::breaks::is_boundary(s, U, pos, kind, &mut self.line);
                    check!(b != negated)
                }
                Op::Backref { list } => match self.backref(prog, list, pos) {
                    Some(p) => {
                        pos = p;
                        pc += 1;
                    }
                    None => fail!(),
                },
                Op::BackrefFold { list, kind } => match self.backref_fold(prog, list, pos, kind) {
                    Some(p) => {
                        pos = p;
                        pc += 1;
                    }
                    None => fail!(),
                },
                Op::AtomicBegin(r) => {
                    self.mark_height(r);
                    pc += 1;
                }
                Op::AtomicEnd(r) => {
                    self.cut_to(self.regs[r as usize]);
                    pc += 1;
                }
                Op::LookBegin { reg, alt } => {
                    self.set_reg(reg + 1, pos);
                    self.mark_height(reg);
                    if alt != NONE {
                        self.push(Kind::LookAlt, alt, pos, 0, 0);
                    }
                    pc += 1;
                }
                Op::LookEnd(r) => {
                    pos = self.regs[r as usize + 1];
                    self.cut_to(self.regs[r as usize]);
                    pc += 1;
                }
                Op::NegEnd { reg, to } => {
                    let at = self.regs[reg as usize + 1];
                    if !self.unwind_to(self.regs[reg as usize]) {
                        return Ok(Exit::SwitchFailing);
                    }
                    if to == NONE {
                        fail!()
                    }
                    pos = at;
                    pc = to as usize;
                }
                Op::Behind(id) => {
                    let b = &prog.behinds[id as usize];
                    match self.step_behind(b, pos, b.max, id, pc) {
                        Some(p) => {
                            pos = p;
                            pc += 1;
                        }
                        None => fail!(),
                    }
                }
                Op::BehindEnd(r) => check!(pos == self.regs[r as usize + 1]),
                Op::CondGroup { list, no } => {
                    let any = prog.lists[list as usize].iter().any(|&g| self.group_set(g));
                    pc = if any { pc + 1 } else { no as usize };
                }
                Op::CondRecursion { list, no } => {
                    let yes =
                        self.in_recursion(if list == NONE { None } else { Some(&prog.lists[list as usize]) });
                    pc = if yes { pc + 1 } else { no as usize };
                }
                Op::CondCode { id, no } => match self.run_code(id, pos) {
                    Ok(out) => pc = if out.truth { pc + 1 } else { no as usize },
                    Err(e) => return Err(e),
                },
                Op::Code(id) => {
                    let out = self.run_code(id, pos)?;
                    let old = self.result;
                    self.push(Kind::Result, 0, old as usize, 0, 0);
                    self.result = out.result;
                    pc += 1;
                }
                Op::Call { group, pc: to } => {
                    self.enter(group, pc + 1, pos)?;
                    pc = to as usize;
                }
                Op::Postponed(id) => {
                    if self.enter_postponed(id, pc + 1, pos)? {
                        return Ok(Exit::Switch(0, pos));
                    }
                    fail!()
                }
                Op::Commit(n) => {
                    self.name_mark(prog, n, pos);
                    self.push(Kind::Commit, n, pos, 0, 0);
                    pc += 1;
                }
                Op::Prune(n) => {
                    self.name_mark(prog, n, pos);
                    self.push(Kind::Prune, n, pos, 0, 0);
                    pc += 1;
                }
                Op::Skip(n) => {
                    self.push(Kind::Skip, n, pos, 0, 0);
                    pc += 1;
                }
                Op::SkipName(n) => {
                    let name = &prog.names[n as usize];
                    if let Some(m) = self.marks.iter().rev().find(|m| m.0 == *name) {
                        let at = m.1;
                        self.push(Kind::Skip, n, at, 0, 0);
                    }
                    pc += 1;
                }
                Op::Mark(n) => {
                    self.name_mark(prog, n, pos);
                    pc += 1;
                }
                Op::Then { reg, name } => {
                    self.name_mark(prog, name, pos);
                    let h = self.regs[reg as usize];
                    self.push(Kind::Then, name, h, 0, 0);
                    pc += 1;
                }
                Op::FailName(n) => {
                    self.verb_error = Some(prog.names.get(n as usize).cloned());
                    fail!()
                }
                Op::Fail => fail!(),
                Op::Keep => {
                    let old = self.keep;
                    self.push(Kind::Keep, 0, old, 0, 0);
                    self.keep = pos;
                    pc += 1;
                }
                Op::ScriptBegin(r) => {
                    self.set_reg(r, pos);
                    pc += 1;
                }
                Op::ScriptEnd(r) => {
                    let from = self.regs[r as usize];
                    check!(crate::unicode::breaks::is_script_run(&s[from..pos], U))
                }
                Op::Cluster => {
                    if pos < s.len() {
                        pos = crate::unicode::breaks::cluster_end(s, U, pos);
                        pc += 1;
                    } else {
                        fail!()
                    }
                }
                Op::Newline => match self.newline_at(pos) {
                    Some(p) => {
                        pos = p;
                        pc += 1;
                    }
                    None => fail!(),
                },
                Op::ClearGroups { from, to } => {
                    self.clear_groups(from, to);
                    pc += 1;
                }
                end @ (Op::Accept(_) | Op::Match) => {
                    if let Op::Accept(n) = end {
                        self.name_mark(prog, n, pos);
                    }
                    match self.return_any() {
                        Some((p, false)) => pc = p,
                        Some((p, true)) => return Ok(Exit::Switch(p, pos)),
                        None => {
                            if self.accept_end(pos) {
                                return Ok(Exit::Done(true));
                            }
                            fail!()
                        }
                    }
                }
            }
        }
    }

    /// The whole pattern matched up to `pos`: is that acceptable?
    fn accept_end(&mut self, pos: usize) -> bool {
        if pos < self.opts.min_end || (self.opts.not_empty_at == Some(pos) && self.start == pos) {
            return false;
        }
        self.end = pos;
        true
    }

    fn run_code(
        &mut self,
        id: crate::host::CodeId,
        pos: usize,
    ) -> Result<crate::host::CodeOutcome, RegexError> {
        let view = view!(self, pos);
        let out = self.host.code(id, &view)?;
        if out.undo != 0 {
            self.push(Kind::Code, 0, out.undo as usize, 0, 0);
        }
        Ok(out)
    }

    pub(super) fn take_error(&mut self) -> RegexError {
        self.error.take().unwrap_or_else(RegexError::host)
    }

    #[inline]
    pub(super) fn next_char(&self, pos: usize) -> usize {
        if U && self.s[pos] >= 0xC0 { (pos + utf8::seq_len(self.s[pos])).min(self.s.len()) } else { pos + 1 }
    }

    #[inline]
    pub(super) fn prev_char(&self, pos: usize) -> usize {
        if U { utf8::prev_start(self.s, pos) } else { pos - 1 }
    }
}

pub(super) enum Exit {
    Done(bool),
    Switch(usize, usize),
    SwitchFailing,
}
