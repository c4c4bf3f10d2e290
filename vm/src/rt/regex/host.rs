//! Running the engine: the VM as its host, with the code blocks of patterns.

use super::run::{pos_of, set_pos};
use crate::Vm;
use crate::exc::{Exc, R, Want};
use crate::frame::FrameKind;
use crate::magic::Magic;
use crate::regex::{MatchState, compiled};
use crate::warn::cat;
use keshi_regex::{Captures, CodeId, CodeOutcome, ExecHost, ExecOpts, MatchView, Postponed, RegexError};
use keshi_value::obj::PENDING;
use keshi_value::{Body, Ptr, Scalar, Val};
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::Ordering;

/// The VM while a match runs.
struct Runner<'a> {
    vm: &'a mut Vm,
    re: &'a Val,
    /// Patterns that came from `(??{ })`, by token - 1.
    inner: Vec<Val>,
    subject: &'a Val,
    /// What `$_` is in code blocks: the subject with its `pos`.
    topic: Option<Ptr<Scalar>>,
    /// `$^R` values by token; the first is that from before the match.
    results: Vec<Val>,
    error: Option<Box<Exc>>,
}

impl Runner<'_> {
    fn fail(&mut self, e: Box<Exc>) -> RegexError {
        self.error = Some(e);
        RegexError::host()
    }

    fn pattern(&self, token: u64) -> &Val {
        match token {
            0 => self.re,
            n => &self.inner[n as usize - 1],
        }
    }

    /// The captures as they are now.
    fn captures(view: &MatchView<'_>) -> Captures {
        let n = view.regex.n_captures();
        let mut raw = vec![usize::MAX; 2 * (n + 1)];
        raw[0] = view.start;
        raw[1] = view.pos;
        for i in 1..=n {
            if let Some((s, e)) = view.group(i) {
                raw[2 * i] = s;
                raw[2 * i + 1] = e;
            }
        }
        let mut caps = Captures::default();
        caps.set_raw(&raw);
        if let Some(n) = view.regex.places() {
            let span = |p| view.place(p).unwrap_or((usize::MAX, usize::MAX));
            let places: Vec<usize> = (0..=n).flat_map(|p| <[usize; 2]>::from(span(p))).collect();
            caps.set_places(&places);
        }
        caps.last_paren = view.last_paren();
        caps.last_close = view.last_close();
        caps
    }

    /// Runs a block with the captures as they are now; `$_` is the subject, `pos` the current position. What
    /// the block localises stays in force.
    fn call(&mut self, id: CodeId, view: &MatchView<'_>) -> R<Val> {
        let re = self.pattern(view.token).clone();
        let code = compiled(&re).and_then(|c| c.codes.get(id.0 as usize).cloned());
        let Some(code) = code else { return Ok(Val::undef()) };
        let Body::Chunk(linked) = code.body.get() else { return Ok(Val::undef()) };
        let linked = linked.clone();
        let caps = Self::captures(view);
        let topic = self.topic.get_or_insert_with(|| Scalar::new(self.subject.clone())).clone();
        self.vm.set_magic(&*topic, Magic::PosValue(view.pos as i64, false));
        let last = self.result(view.last_result);
        self.vm.gv(b"main::\x12", false).scalar().set(last);
        let saved = self.vm.last_match.take();
        let state = MatchState { subject: self.subject.clone(), re, caps, under: Some(saved.clone()) };
        self.vm.last_match = Some(Rc::new(state));
        let g = self.vm.gv.defgv.clone();
        let old = g.sv.get().clone();
        g.sv.set(Some(topic));
        let r = self.vm.run_linked(linked, code, None, Want::Scalar, FrameKind::Pattern);
        g.sv.set(old);
        self.vm.last_match = saved;
        let v = r?.scalar();
        self.vm.read(&v)
    }

    /// The value behind a token of the engine; 0 is what `$^R` was before the match.
    fn result(&mut self, token: u64) -> Val {
        if self.results.is_empty() {
            let before = self.vm.gv(b"main::\x12", false).scalar().get();
            self.results.push(before);
        }
        self.results.get(token as usize).cloned().unwrap_or_default()
    }
}

impl ExecHost for Runner<'_> {
    fn code(&mut self, id: CodeId, view: &MatchView<'_>) -> Result<CodeOutcome, RegexError> {
        let mark = self.vm.dyn_mark();
        let r = (|| -> R<CodeOutcome> {
            let v = self.call(id, view)?;
            let truth = self.vm.truth(&v)?;
            self.results.push(v);
            let localised = self.vm.dyn_mark() > mark;
            let undo = if localised { mark as u64 + 1 } else { 0 };
            Ok(CodeOutcome { truth, result: self.results.len() as u64 - 1, undo })
        })();
        r.map_err(|e| self.fail(e))
    }

    fn postponed(&mut self, id: CodeId, view: &MatchView<'_>) -> Result<Postponed, RegexError> {
        let r = (|| -> R<Postponed> {
            let v = self.call(id, view)?;
            let outer = compiled(self.pattern(view.token)).map_or(0, |c| c.flags);
            let flags = super::pattern::with_modifiers(outer, &view.regex.postponed_flags(id));
            let re = super::pattern::postponed(self.vm, &v, flags)?;
            let regex = Arc::clone(&compiled(&re).expect("compiled").re);
            self.inner.push(re);
            Ok(Postponed { regex, token: self.inner.len() as u64 })
        })();
        r.map_err(|e| self.fail(e))
    }

    fn user_property(&mut self, name: &[u8], fold: bool) -> Result<Option<Vec<u8>>, RegexError> {
        super::compile::user_property(self.vm, name, fold).map_err(|e| self.fail(e))
    }

    fn backtracked(&mut self, token: u64) {
        if let Err(e) = self.vm.dyn_unwind(token as usize - 1) {
            self.error.get_or_insert(e);
        }
    }

    fn poll(&mut self) -> Result<(), RegexError> {
        if PENDING.load(Ordering::Relaxed) != 0 {
            if let Err(e) = self.vm.sync() {
                return Err(self.fail(e));
            }
        }
        Ok(())
    }

    fn warn(&mut self, category: &str, message: &[u8]) {
        let c = cat::by_name(category).unwrap_or(cat::REGEXP);
        if let Err(e) = self.vm.warn_bytes(c, message, false) {
            self.error = Some(e);
        }
    }
}

/// One run of the engine. The subject is a STR value.
pub fn exec_at(vm: &mut Vm, re: &Val, subject: &Val, start: usize, opts: &ExecOpts) -> R<Option<Captures>> {
    let Some(c) = compiled(re) else { return Err(vm.die_text("panic: match without a pattern")) };
    let s = subject.as_str().expect("subject is a string");
    let (bytes, u) = (s.bytes(), s.utf8());
    let mut caps = Captures::default();
    let mark = vm.dyn_mark();
    let topic = vm.rtstate.regex.target.take();
    let pos = topic.as_ref().and_then(|t| pos_of(t));
    let mut run = Runner { vm, re, inner: Vec::new(), subject, topic, results: Vec::new(), error: None };
    let opts = ExecOpts { utf8_locale: c.re.uses_locale() && crate::locale::is_utf8(), ..*opts };
    let r = keshi_regex::exec(&c.re, bytes, u, start, &opts, &mut run, &mut caps);
    let err = run.error.take();
    let token = if matches!(r, Ok(true)) { caps.result } else { 0 };
    if !run.results.is_empty() {
        if let Some(t) = &run.topic {
            set_pos(run.vm, t, pos);
        }
        let last = run.result(token);
        run.vm.gv(b"main::\x12", false).scalar().set(last);
    }
    vm.dyn_unwind(mark)?;
    if let Some(e) = err {
        return Err(e);
    }
    match r {
        Ok(hit) => {
            if c.re.has_verbs() {
                super::run::verbs(vm, &caps, hit);
            }
            Ok(hit.then_some(caps))
        }
        Err(e) => Err(vm.die_bytes(&e.message, e.utf8)),
    }
}
