//! Calls: from L1 (frames, no native recursion) and from Rust (nested run loop).
//!
//! `unsafe`: slot addresses of live frames (frame.rs, invariants 1–3).

use crate::dyns::Dyn;
use crate::exc::{CallLv, Exc, R, Ret, Want};
use crate::frame::{FrameKind, RetTo};
use crate::{NativeFn, Vm};
use keshi_l1::chunk::Handler;
use keshi_value::code::{NativePtr, cvf};
use keshi_value::obj::Obj;
use keshi_value::obj::flag;
use keshi_value::val::tag;
use keshi_value::{Array, Body, Code, Glob, Hash, Linked, Ptr, Val};
use std::rc::Rc;

/// Native stack kept free for runtime functions when the run loop nests.
const NATIVE_RED_ZONE: usize = 256 * 1024;

pub fn native_ptr(f: NativeFn) -> NativePtr {
    NativePtr(f as *const ())
}

fn native_fn(p: NativePtr) -> NativeFn {
    // SAFETY: NativePtr values are only made by `native_ptr`.
    unsafe { std::mem::transmute::<*const (), NativeFn>(p.0) }
}

impl Vm {
    /// Starts a call from L1: pushes a frame, or runs a native function to its end and delivers.
    pub fn enter_call(&mut self, code: &Ptr<Code>, args: Ptr<Array>, want: Want, ret: RetTo) -> R<()> {
        match code.body.get() {
            Body::Chunk(l) => {
                let l = l.clone();
                let depth = code.depth.get();
                if depth == 99 {
                    self.deep_recursion_warning(code)?;
                }
                let eval = code.has(cvf::EVAL);
                let kind = if eval { FrameKind::EvalStr } else { FrameKind::Sub };
                let lv = std::mem::take(&mut self.call_lv);
                if lv == CallLv::Assign && !code.has(cvf::LVALUE) {
                    return Err(self.not_lvalue_sub(code));
                }
                self.push_frame(l, code.clone(), Some(args), want, kind, ret)?;
                if let Some(f) = self.frames.last_mut() {
                    f.lv = lv;
                }
                Ok(())
            }
            Body::Native(p, _) => {
                let lv = std::mem::take(&mut self.call_lv);
                let f = native_fn(*p);
                let code = code.clone();
                let r = f(self, &args, want, &code)?;
                let alias = match &r {
                    Ret::Scalar(v) => v.is_alias(),
                    Ret::List(l) => l.as_slice().iter().any(|v| v.is_alias()),
                    Ret::Void => false,
                };
                if lv == CallLv::Assign && !alias {
                    return Err(self.not_lvalue_sub(&code));
                }
                self.deliver(r, ret);
                Ok(())
            }
            Body::Const(v) => {
                if std::mem::take(&mut self.call_lv) == CallLv::Assign {
                    return Err(self.not_lvalue_sub(code));
                }
                let r = match v.as_av() {
                    // A constant list counts itself in scalar context.
                    Some(l) if v.tag() == keshi_value::tag::PTR && want == Want::Scalar => {
                        Ret::Scalar(Val::int(l.len() as i64))
                    }
                    Some(l) if v.tag() == keshi_value::tag::PTR => {
                        Ret::List(Array::from_vec(l.as_slice().to_vec()))
                    }
                    _ => Ret::Scalar(v.clone()),
                };
                self.deliver(r, ret);
                Ok(())
            }
            Body::None => {
                let target = self.autoload_for(code)?;
                self.enter_call(&target, args, want, ret)
            }
        }
    }

    fn not_lvalue_sub(&mut self, code: &Ptr<Code>) -> Box<crate::exc::Exc> {
        let name = self.sub_full_name(code).map(|n| format!(" of &{n}")).unwrap_or_default();
        self.die_text(&format!("Can't modify non-lvalue subroutine call{name}"))
    }

    /// What an `:lvalue` sub returns to a caller that assigns: nothing but variables.
    fn check_lvalues(&mut self, l: &Array, want: Want) -> R<()> {
        let from = if want == Want::Scalar { l.len().saturating_sub(1) } else { 0 };
        if want == Want::Scalar && l.is_empty() {
            return Err(self.die_text("Can't return undef from lvalue subroutine"));
        }
        for v in &l.as_slice()[from..] {
            let what = match v.tag() {
                _ if v.is_alias() => match v.scalar() {
                    Some(s) if s.same(&self.immortals[0]) && want == Want::List => continue,
                    Some(s) if s.same(&self.immortals[0]) => "undef",
                    Some(s) if s.is_readonly() => "a readonly value",
                    _ => continue,
                },
                tag::PTR => continue,
                tag::UNDEF if want == Want::List => continue,
                tag::UNDEF => "undef",
                _ => "a temporary",
            };
            return Err(self.die_text(&format!("Can't return {what} from lvalue subroutine")));
        }
        Ok(())
    }

    /// Puts a result where the caller wants it. Runs in the caller's frame.
    pub fn deliver(&mut self, r: Ret, to: RetTo) {
        match to {
            RetTo::Void => drop(r),
            // SAFETY: the slot number comes from the caller's verified call atom.
            RetTo::S(d) => unsafe { crate::operand::put(self.fp, d, r.scalar()) },
            RetTo::L(d) => unsafe { crate::operand::put(self.fp, d, Val::ptr(r.list())) },
            RetTo::Native => self.ret = r,
        }
    }

    /// Ends the running sub with `r`. True: the nested run loop that started the frame must stop.
    pub fn leave_sub(&mut self, mut r: Ret) -> R<bool> {
        let f = self.frame();
        let (want, ret, lv) = (f.want, f.ret, f.lv);
        let lvalue = lv != CallLv::None;
        let aliases = lvalue || f.linked.chunk.attrs & keshi_l1::chunk::attr::LVALUE != 0;
        if lv == CallLv::Assign {
            match &r {
                Ret::List(l) => self.check_lvalues(&l.clone(), want)?,
                Ret::Scalar(v) => self.check_lvalues(&Array::from_vec(vec![v.clone()]), want)?,
                Ret::Void => self.check_lvalues(&Array::new(), want)?,
            }
        }
        r = match (want, r) {
            (Want::Void, _) => Ret::Void,
            (Want::Scalar, Ret::List(l)) => match l.as_slice().last() {
                // The slots of the frame go away.
                Some(v) if lvalue && v.is_alias() => Ret::Scalar(Val::ind(crate::rt::scope::alias_ptr(v))),
                Some(v) => {
                    let v = v.clone();
                    Ret::Scalar(self.read(&v)?)
                }
                None => Ret::Scalar(Val::undef()),
            },
            (Want::Scalar, Ret::Void) => Ret::Scalar(Val::undef()),
            (Want::List, Ret::List(l)) if !aliases => {
                // Results are copies: aliases end here.
                for i in 0..l.len() {
                    if l.as_slice()[i].is_alias() || l.as_slice()[i].meta & keshi_value::array::ABSENT != 0 {
                        let v = l.as_slice()[i].clone();
                        let v = self.read(&v)?;
                        l.as_mut_slice()[i].put(v);
                    }
                }
                Ret::List(l)
            }
            (Want::List, Ret::List(l)) => {
                for v in l.as_mut_slice() {
                    if v.is_alias() {
                        let s = crate::rt::scope::alias_ptr(v);
                        v.put(Val::ind(s));
                    }
                }
                Ret::List(l)
            }
            (_, r) => r,
        };
        if let (RetTo::S(_), Ret::Scalar(v)) = (ret, &r) {
            if v.is_alias() && !lvalue {
                let v = v.clone();
                r = Ret::Scalar(self.read(&v)?);
            }
        }
        self.pop_frame()?;
        self.deliver(r, ret);
        Ok(ret == RetTo::Native)
    }

    /// Calls a sub from Rust and runs it to its end.
    pub fn call(&mut self, code: &Ptr<Code>, args: Ptr<Array>, want: Want) -> R<Ret> {
        self.call_kind(code, args, want, FrameKind::Sub)
    }

    pub fn call_kind(&mut self, code: &Ptr<Code>, args: Ptr<Array>, want: Want, kind: FrameKind) -> R<Ret> {
        match code.body.get() {
            Body::Chunk(l) => {
                let l = l.clone();
                self.run_linked(l, code.clone(), Some(args), want, kind)
            }
            _ => {
                let saved = std::mem::take(&mut self.ret);
                let r = self.enter_native(code, args, want);
                let out = std::mem::replace(&mut self.ret, saved);
                r.map(|()| out)
            }
        }
    }

    fn enter_native(&mut self, code: &Ptr<Code>, args: Ptr<Array>, want: Want) -> R<()> {
        if let Body::None = code.body.get() {
            let target = self.autoload_for(code)?;
            let r = self.call(&target, args, want)?;
            self.ret = r;
            return Ok(());
        }
        self.enter_call(code, args, want, RetTo::Native)
    }

    /// Runs a linked chunk in a nested loop.
    pub fn run_linked(
        &mut self,
        linked: Rc<Linked>,
        code: Ptr<Code>,
        args: Option<Ptr<Array>>,
        want: Want,
        kind: FrameKind,
    ) -> R<Ret> {
        let (pc, fp) = (self.pc, self.fp);
        let saved = std::mem::take(&mut self.ret);
        let base = self.frames.len();
        let r = match self.push_frame(linked, code, args, want, kind, RetTo::Native) {
            Ok(()) => {
                self.nested += 1;
                let r = keshi_memory::deeper_by(NATIVE_RED_ZONE, || crate::dispatch::run(self, base));
                self.nested -= 1;
                r
            }
            Err(e) => Err(e),
        };
        let out = std::mem::replace(&mut self.ret, saved);
        self.pc = pc;
        self.fp = fp;
        r.map(|()| out)
    }

    /// Calls a named sub with plain values, scalar context.
    pub fn call_scalar(&mut self, code: &Ptr<Code>, args: Vec<Val>) -> R<Val> {
        Ok(self.call(code, Array::from_vec(args), Want::Scalar)?.scalar())
    }

    /// Calls `$inv->name(args)`; `None` if there is no such method.
    pub fn call_method(&mut self, inv: &Val, name: &str, args: Vec<Val>, want: Want) -> R<Option<Ret>> {
        let Some(stash) = self.class_of(inv) else { return Ok(None) };
        let Some(code) = self.method_in_stash(&stash, name.as_bytes())? else { return Ok(None) };
        self.call_with_invocant(&code, inv, args, want).map(Some)
    }

    /// As `call_method`, but AUTOLOAD does not stand in: for methods a class need not have.
    pub fn call_own_method(&mut self, inv: &Val, name: &str, args: Vec<Val>, want: Want) -> R<Option<Ret>> {
        let Some(stash) = self.class_of(inv) else { return Ok(None) };
        let Some(code) = self.find_method(&stash, name.as_bytes())? else { return Ok(None) };
        self.call_with_invocant(&code, inv, args, want).map(Some)
    }

    fn call_with_invocant(&mut self, code: &Ptr<Code>, inv: &Val, args: Vec<Val>, want: Want) -> R<Ret> {
        let mut all = vec![inv.clone()];
        all.extend(args);
        self.call(code, Array::from_vec(all), want)
    }

    /// Method lookup with AUTOLOAD in a class.
    pub fn method_in_stash(&mut self, stash: &Ptr<Hash>, method: &[u8]) -> R<Option<Ptr<Code>>> {
        match self.method_or_autoload(stash, method)? {
            None if self.load_io_file(stash)? => self.method_or_autoload(stash, method),
            found => Ok(found),
        }
    }

    /// The first method that a handle is found to lack loads IO::File, which has them all; true if it did.
    fn load_io_file(&mut self, stash: &Ptr<Hash>) -> R<bool> {
        const FILE: &str = "IO/File.pm";
        let name = self.stash_name(stash);
        if name.as_str().is_none_or(|s| s.bytes() != b"IO::File")
            || self.gv.inc.hash().get_str(FILE).is_some()
        {
            return Ok(false);
        }
        self.require_file(FILE.as_bytes())?;
        Ok(true)
    }

    /// The current `@_`.
    pub fn args(&mut self) -> Ptr<Array> {
        for f in self.frames.iter().rev() {
            if let Some(a) = &f.args {
                return a.clone();
            }
            if f.kind == FrameKind::Sub {
                break;
            }
        }
        self.gv.defgv.array().clone()
    }

    /// Is the array of glob `g` the `@_` of a running sub rather than one of its own?
    fn holds_args(&self, g: &Ptr<Glob>) -> bool {
        g.shares(&self.gv.defgv)
            && self
                .frames
                .iter()
                .rev()
                .take_while(|f| f.args.is_some() || f.kind != FrameKind::Sub)
                .any(|f| f.args.is_some())
    }

    /// The array of a glob; that of `*_` is the `@_` of the running sub.
    pub fn glob_array(&mut self, g: &Ptr<Glob>) -> Ptr<Array> {
        if self.holds_args(g) { self.args_reified() } else { g.array().clone() }
    }

    /// Puts an array into a glob; returns the former one.
    pub fn set_glob_array(&mut self, g: &Ptr<Glob>, new: Option<Ptr<Array>>) -> Option<Ptr<Array>> {
        if !self.holds_args(g) {
            let old = g.av.take();
            g.av.set(new);
            return old;
        }
        let old = self.args();
        self.replace_args(&old, new.unwrap_or_else(Array::new));
        Some(old)
    }

    /// String evals share the `@_` of their sub: all of them get the new one.
    fn replace_args(&mut self, old: &Ptr<Array>, new: Ptr<Array>) {
        for f in self.frames.iter_mut().rev() {
            if let Some(a) = &mut f.args
                && a.same(old)
            {
                *a = new.clone();
            }
        }
    }

    /// `local @_` in a sub: `new` is its `@_` until the end of the scope.
    pub fn local_args(&mut self, g: &Ptr<Glob>, new: Ptr<Array>) -> bool {
        if !self.holds_args(g) {
            return false;
        }
        let old = self.args();
        self.replace_args(&old, new.clone());
        self.dyns.push(Dyn::Restore(Box::new(move |vm| {
            // Whatever array was put there meanwhile goes, too.
            let now = vm.args();
            vm.replace_args(&now, old);
            Ok(())
        })));
        true
    }

    /// The current `@_`, safe to keep after the call.
    pub fn args_reified(&mut self) -> Ptr<Array> {
        let a = self.args();
        if a.hdr().has(flag::ARGS) || a.as_slice().iter().any(|v| v.tag() == keshi_value::tag::SLOT) {
            a.reify();
        }
        a
    }

    /// Looks for a handler of the raised exception, leaving frames down to `base`.
    /// `Ok`: resumed at a handler in this run loop. `Err`: goes to the enclosing loop.
    pub fn dispatch_exception(&mut self, mut e: Box<Exc>, base: usize) -> R<()> {
        if let Exc::Die(v) = &*e {
            self.rtstate.died_with_misc =
                self.warns(crate::warn::cat::MISC) || self.cop().is_none_or(|(c, _)| c.warnings.is_none());
            // What the unwinding destroys sees the exception in `$@` already.
            if self.eval_catches(base) {
                let v = v.clone();
                crate::rt::control::set_err(self, v);
            }
        }
        while self.frames.len() > base {
            match self.find_handler(&e) {
                Some((mark_slot, target)) => {
                    // SAFETY: handler slots are I slots of this frame, written at region entry.
                    let mark = unsafe { (*self.fp.add(mark_slot as usize)).bits as usize };
                    if let Err(e2) = self.dyn_unwind(mark) {
                        e = e2;
                        continue;
                    }
                    let f = self.frames.last().expect("frame");
                    let code = f.linked.code.get();
                    self.pc = &code[target as usize];
                    if matches!(*e, Exc::Die(_)) {
                        self.caught = Some(e);
                    }
                    return Ok(());
                }
                None => {
                    if let Err(e2) = self.pop_frame() {
                        e = e2;
                    }
                }
            }
        }
        Err(e)
    }

    /// `next`/`last`/`redo` (`how` 0, 1, 2) out of the sub they stand in, `goto LABEL` (3): the transfer if
    /// some calling sub has such a loop, else perl's error.
    pub fn leave_loop(&mut self, how: u64, label: Option<Box<[u8]>>) -> Box<Exc> {
        use crate::LoopKind::{Last, Next, Redo};
        let (kind, word) = match how {
            0 => (Next, "next"),
            1 => (Last, "last"),
            2 => (Redo, "redo"),
            _ => return self.goto_label(label.unwrap_or_default()),
        };
        for i in (0..self.frames.len()).rev() {
            let (evals, found) = self.exits_before_loop(i, &label);
            for _ in 0..evals {
                if let Err(e) = self.warn_exiting("eval", word) {
                    return e;
                }
            }
            if found {
                return Box::new(Exc::Loop { kind, label });
            }
            let left = match self.frames[i].kind {
                FrameKind::Sub => Some("subroutine"),
                FrameKind::Format => Some("format"),
                _ => None,
            };
            if let Some(what) = left
                && let Err(e) = self.warn_exiting(what, word)
            {
                return e;
            }
            if self.is_callback(i) {
                break;
            }
        }
        match label {
            Some(l) => {
                self.die_text(&format!("Label not found for \"{word} {}\"", String::from_utf8_lossy(&l)))
            }
            None => self.die_text(&format!("Can't \"{word}\" outside a loop block")),
        }
    }

    /// `goto LABEL` out of the sub or string eval it stands in: the transfer, if a caller has the label.
    fn goto_label(&mut self, label: Box<[u8]>) -> Box<Exc> {
        if label.is_empty() {
            return self.die_text("goto must have label");
        }
        match self.has_label(&label) && label[0] != b' ' {
            true => Box::new(Exc::Goto(label)),
            false if self.in_comparison() => self.die_text("Can't \"goto\" out of a pseudo block"),
            false => self.die_text(&format!("Can't find label {}", String::from_utf8_lossy(&label))),
        }
    }

    /// Control cannot go from this frame to its caller: the interpreter itself has called the sub.
    fn is_callback(&self, i: usize) -> bool {
        let f = &self.frames[i];
        f.ret == RetTo::Native && f.kind == FrameKind::Sub
    }

    /// The innermost callback is the comparison of a sort.
    fn in_comparison(&self) -> bool {
        (0..self.frames.len()).rev().find(|i| self.is_callback(*i)).is_some_and(|i| self.frames[i].sort)
    }

    /// `Exiting eval via next`
    pub fn warn_exiting(&mut self, what: &str, how: &str) -> R<()> {
        self.warn(crate::warn::cat::EXITING, &format!("Exiting {what} via {how}"))
    }

    /// `break` or `continue` in a sub called from a `given` or `when`, whose handlers have labels no program has.
    pub fn leave_given(&mut self, continues: bool) -> Box<Exc> {
        let (label, error) = match continues {
            false => (" break", "Can't \"break\" outside a given block"),
            true => (" continue", "Can't \"continue\" outside a when block"),
        };
        match self.has_label(label.as_bytes()) {
            true => Box::new(Exc::Goto(label.as_bytes().into())),
            false => self.die_text(error),
        }
    }

    fn has_label(&self, label: &[u8]) -> bool {
        for i in (0..self.frames.len()).rev() {
            if self.handlers_at(i).any(|h| matches!(h, Handler::Goto { label: l, .. } if **l == *label)) {
                return true;
            }
            if self.is_callback(i) {
                return false;
            }
        }
        false
    }

    /// Handlers around the pc of frame `i`, innermost first.
    fn handlers_at(&self, i: usize) -> impl Iterator<Item = &Handler> {
        let c = &self.frames[i].linked.chunk;
        let mut h = c.handler_at(self.pc_index(i));
        std::iter::from_fn(move || {
            let x = &c.handlers[h? as usize];
            h = x.parent_and_mark().0;
            Some(x)
        })
    }

    /// How many evals of frame `i` are left on the way to its loop with that label (`None`: any), and is there one?
    fn exits_before_loop(&self, i: usize, want: &Option<Box<[u8]>>) -> (usize, bool) {
        let mut evals = 0;
        for h in self.handlers_at(i) {
            match h {
                Handler::Loop { label, .. } if want.is_none() || want == label => return (evals, true),
                Handler::Eval { is_try: false, .. } => evals += 1,
                _ => {}
            }
        }
        (evals, false)
    }

    /// Will an exception be caught by an `eval` in a frame from `base` on?
    fn eval_catches(&self, base: usize) -> bool {
        let mut evals =
            (base..self.frames.len()).rev().flat_map(|i| self.handlers_at(i)).filter_map(|h| match h {
                Handler::Eval { is_try, .. } => Some(!is_try),
                _ => None,
            });
        evals.next().unwrap_or(false)
    }

    /// Innermost handler in the top frame that takes `e`: (slot of its dyn mark, target pc).
    fn find_handler(&self, e: &Exc) -> Option<(u16, u32)> {
        let f = self.frames.last()?;
        let code = f.linked.code.get();
        // `pc` is behind the raising instruction.
        // SAFETY: both point into this frame's code vector.
        let pc = unsafe { self.pc.offset_from(code.as_ptr()) } as u32;
        let mut h = f.linked.chunk.handler_at(pc.saturating_sub(1));
        while let Some(i) = h {
            let handler = &f.linked.chunk.handlers[i as usize];
            let (parent, mark) = handler.parent_and_mark();
            match (handler, e) {
                (Handler::Eval { target, .. }, Exc::Die(_)) => return Some((mark, *target)),
                (Handler::Loop { label, next, last, redo, .. }, Exc::Loop { kind, label: want })
                    if want.is_none() || want == label =>
                {
                    let t = match kind {
                        crate::LoopKind::Next => *next,
                        crate::LoopKind::Last => *last,
                        crate::LoopKind::Redo => *redo,
                    };
                    return Some((mark, t));
                }
                (Handler::Goto { label, target, .. }, Exc::Goto(want)) if label == want => {
                    return Some((mark, *target));
                }
                _ => h = parent,
            }
        }
        None
    }
}
