//! Loops: `while`, C-style `for`, `foreach`, bare blocks.
//!
//! A loop whose body may run code of other subs gets a handler region, so that their `last LABEL` finds it.
use super::expr::container_sigil;
use super::*;
use keshi_l1::builder::HandlerSpec;

/// What `loop_open` hands to `loop_close`.
pub(crate) struct OpenLoop {
    next: L,
    last: L,
    redo: L,
    region: Option<(u32, Reg, [L; 3])>,
    from: usize,
    depth_last: usize,
}

impl Emitter<'_> {
    /// Starts a loop: pushes a scope that `next` and `last` look for. `conts` are searched for calls as well.
    fn loop_open(&mut self, labels: &[Name], parts: &[&Block], topical: bool) -> E<OpenLoop> {
        let (next, last, redo) = (self.label(), self.label(), self.label());
        let depth_last = self.scopes.len();
        let calls = parts.iter().any(|b| scan::block_any(b, &mut scan::calls));
        let region = if calls {
            let mark = self.b.var(b"", Fam::I);
            self.atom("dyn.mark", &[mark.into()])?;
            let pads = [self.b.cold_label(), self.b.cold_label(), self.b.cold_label()];
            let label = labels.last().map(|n| n.as_bytes().into());
            let id = self.b.push_region(HandlerSpec::Loop {
                mark,
                label,
                next: pads[0],
                last: pads[1],
                redo: pads[2],
            });
            Some((id, mark, pads))
        } else {
            None
        };
        self.scopes.push(Scope {
            frame: Some(FrameCx::Loop(LoopCx {
                labels: labels.to_vec(),
                next,
                last,
                redo,
                depth_next: depth_last + 1,
                depth_last: depth_last + 1,
                topical,
            })),
            ..Scope::default()
        });
        Ok(OpenLoop { next, last, redo, region, from: self.opened.len(), depth_last })
    }

    /// Ends a loop: landing pads of dynamic jumps, label `last`.
    fn loop_close(&mut self, l: &OpenLoop) -> E {
        debug_assert_eq!(self.scopes.len(), l.depth_last + 1);
        self.scopes.pop();
        if let Some((id, _, pads)) = l.region {
            let r = self.b.pop_region(id);
            r.map_err(CompileError::from)?;
            for (pad, to) in pads.into_iter().zip([l.next, l.last, l.redo]) {
                self.b.bind_cold(pad).map_err(CompileError::from)?;
                self.clear_since(l.from)?;
                self.jmp(to)?;
                self.end_cold()?;
            }
        }
        self.bind(l.last)
    }

    pub fn while_stmt(&mut self, w: &While, labels: &[Name]) -> E {
        if w.modifier {
            return self.while_modifier(w);
        }
        let parts: Vec<&Block> = [Some(&w.body), w.cont.as_ref()].into_iter().flatten().collect();
        self.scope_open(&[])?;
        let lp = self.loop_open(labels, &parts, false)?;
        let test = self.label();
        self.bind(test)?;
        // Variables of the condition are new at each test.
        self.scope_open(&w.lexicals)?;
        self.stay_here();
        let done = self.label();
        if let Some(c) = &w.cond {
            self.jump_if(c, false, done)?;
        }
        self.bind(lp.redo)?;
        self.block(&w.body, Dest::Void)?;
        self.bind(lp.next)?;
        if let Some(c) = &w.cont {
            self.block(c, Dest::Void)?;
        }
        self.leave_to(self.scopes.len() - 1)?;
        self.tick()?;
        self.jmp(test)?;
        self.bind(done)?;
        self.scope_close()?;
        self.loop_close(&lp)?;
        self.scope_close()
    }

    /// `next` and `redo` stay inside the scopes opened since `loop_open`.
    fn stay_here(&mut self) {
        let depth = self.scopes.len();
        let lp = self.scopes.iter_mut().rev().find_map(|s| match &mut s.frame {
            Some(FrameCx::Loop(l)) => Some(l),
            _ => None,
        });
        if let Some(l) = lp {
            l.depth_next = depth;
        }
    }

    fn while_modifier(&mut self, w: &While) -> E {
        let (test, done) = (self.label(), self.label());
        self.scope_open(&w.lexicals)?;
        if w.do_first {
            let body = self.label();
            self.bind(body)?;
            self.modifier_body(&w.body)?;
            self.tick()?;
            match &w.cond {
                Some(c) => self.jump_if(c, true, body)?,
                None => self.jmp(body)?,
            }
            self.bind(test)?;
            self.bind(done)?;
            return self.scope_close();
        }
        self.bind(test)?;
        if let Some(c) = &w.cond {
            self.jump_if(c, false, done)?;
        }
        self.modifier_body(&w.body)?;
        self.tick()?;
        self.jmp(test)?;
        self.bind(done)?;
        self.scope_close()
    }

    fn modifier_body(&mut self, b: &Block) -> E {
        // `do BLOCK while`: the block is an expression statement with its own scope.
        self.scope_open(&b.lexicals)?;
        for s in &b.stmts {
            if let StmtKind::Expr(e) = &s.kind {
                self.void(e)?;
            } else {
                self.stmt(s, Dest::Void)?;
            }
        }
        self.scope_close()
    }

    pub fn c_for(&mut self, c: &CFor, labels: &[Name]) -> E {
        self.scope_open(&c.lexicals)?;
        if let Some(i) = &c.init {
            self.void(i)?;
        }
        let lp = self.loop_open(labels, &[&c.body], false)?;
        let test = self.label();
        self.bind(test)?;
        let done = self.label();
        if let Some(e) = &c.cond {
            self.jump_if(e, false, done)?;
        }
        self.bind(lp.redo)?;
        self.block(&c.body, Dest::Void)?;
        self.bind(lp.next)?;
        if let Some(e) = &c.step {
            self.void(e)?;
        }
        self.tick()?;
        self.jmp(test)?;
        self.bind(done)?;
        self.loop_close(&lp)?;
        self.scope_close()
    }

    /// `{ … }`: a loop that runs once.
    pub fn bare_block(&mut self, b: &Block, cont: Option<&Block>, labels: &[Name], d: Dest) -> E {
        let d = if cont.is_some() && d != Dest::Void { Dest::Void } else { d };
        let parts: Vec<&Block> = [Some(b), cont].into_iter().flatten().collect();
        let lp = self.loop_open(labels, &parts, false)?;
        self.bind(lp.redo)?;
        self.block(b, d)?;
        self.bind(lp.next)?;
        if let Some(c) = cont {
            self.block(c, Dest::Void)?;
        }
        self.loop_close(&lp)?;
        if d == Dest::Ret { self.empty_value(d) } else { Ok(()) }
    }

    // ---- foreach

    pub fn foreach(&mut self, f: &Foreach, labels: &[Name]) -> E {
        self.scope_open(&f.lexicals)?;
        let r = self.foreach_in(f, labels);
        r?;
        self.scope_close()
    }

    fn foreach_in(&mut self, f: &Foreach, labels: &[Name]) -> E {
        let parts: Vec<&Block> = [Some(&f.body), f.cont.as_ref()].into_iter().flatten().collect();
        // The variable of a global loop is saved for the whole loop.
        let global = match &f.var {
            ForVar::Pkg(n) => Some(n.clone()),
            ForVar::Lex { idx, .. } => match &self.homes[*idx as usize] {
                Home::Pkg(n) => Some(n.clone()),
                _ => None,
            },
            _ => None,
        };
        if let Some((from, to)) = range_of(&f.list)
            && !matches!(f.var, ForVar::Many(_) | ForVar::RefAlias(_))
        {
            return self.foreach_range(f, labels, &parts, global, from, to);
        }
        if let Some(array) = single_array(&f.list)
            && !matches!(f.var, ForVar::Many(_))
        {
            // Live over the array.
            let held = self.av(array, true)?;
            let av = self.b.var(b"", Fam::P);
            self.atom("p.copy", &[av.into(), held.into()])?;
            self.done(held)?;
            return self.foreach_over(f, labels, &parts, global, av, true);
        }
        let l = self.list_of(std::slice::from_ref(&f.list), Mode::Alias)?;
        let av = self.b.var(b"", Fam::P);
        self.atom("p.move", &[av.into(), l.into()])?;
        self.spent(l);
        self.foreach_over(f, labels, &parts, global, av, false)
    }

    /// Loop over an array or a list of aliases.
    fn foreach_over(
        &mut self, f: &Foreach, labels: &[Name], parts: &[&Block], global: Option<Name>, av: Reg, live: bool,
    ) -> E {
        let i = self.b.var(b"", Fam::I);
        let (one, n) = (self.b.var(b"", Fam::I), self.b.var(b"", Fam::I));
        self.open_topic(&global)?;
        let saved = self.save_outer(&f.var)?;
        self.atom("i.const", &[i.into(), Arg::Imm(0)])?;
        self.atom("i.const", &[one.into(), Arg::Imm(1)])?;
        let lp = self.loop_open(labels, parts, global.as_deref() == Some("main::_"))?;
        let (test, done) = (self.label(), self.label());
        self.bind(test)?;
        self.op("list.rest", &[n.into(), av.into(), Arg::Imm(0)])?;
        self.atom("br.i.le", &[n.into(), i.into(), done.into()])?;
        match &f.var {
            ForVar::Many(vars) => {
                for idx in vars {
                    let (over, joined) = (self.label(), self.label());
                    self.atom("br.i.le", &[n.into(), i.into(), over.into()])?;
                    let t = self.ts();
                    self.op("list.item", &[t.into(), av.into(), i.into()])?;
                    self.bind_loop_var(*idx, t)?;
                    self.done(t)?;
                    self.atom("i.add", &[i.into(), i.into(), one.into()])?;
                    self.jmp(joined)?;
                    self.bind(over)?;
                    let u = self.ts();
                    self.atom("s.undef", &[u.into()])?;
                    self.bind_loop_var(*idx, u)?;
                    self.done(u)?;
                    self.bind(joined)?;
                }
            }
            _ => {
                let item = if live { "av.alias" } else { "list.item" };
                let t = self.ts();
                if live && self.only_read(f) {
                    self.atom("av.get", &[t.into(), av.into(), i.into()])?;
                } else {
                    self.op(item, &[t.into(), av.into(), i.into()])?;
                }
                self.set_loop_var(&f.var, &global, t)?;
                self.done(t)?;
            }
        }
        self.loop_body(f, &lp)?;
        if !matches!(f.var, ForVar::Many(_)) {
            self.atom("i.add", &[i.into(), i.into(), one.into()])?;
        }
        self.tick()?;
        self.jmp(test)?;
        self.bind(done)?;
        self.loop_close(&lp)?;
        self.restore_outer(&f.var, saved)?;
        self.close_topic(&global)?;
        self.atom("p.drop", &[av.into()])
    }

    /// The body with its labels.
    fn loop_body(&mut self, f: &Foreach, lp: &OpenLoop) -> E {
        self.bind(lp.redo)?;
        if f.modifier {
            self.modifier_body(&f.body)?;
        } else {
            self.block(&f.body, Dest::Void)?;
        }
        self.bind(lp.next)?;
        if let Some(c) = &f.cont {
            self.block(c, Dest::Void)?;
        }
        // The alias must not outlive the iteration.
        if let ForVar::Lex { idx, .. } = &f.var
            && let Home::Slot { reg, .. } = self.homes[*idx as usize]
        {
            self.atom("s.drop", &[reg.into()])?;
        }
        Ok(())
    }

    fn open_topic(&mut self, global: &Option<Name>) -> E {
        let Some(n) = global else { return Ok(()) };
        self.scopes.push(Scope::default());
        self.mark_scope()?;
        let s = self.sym(n);
        self.op("topic.save", &[s])
    }

    fn close_topic(&mut self, global: &Option<Name>) -> E {
        if global.is_some() {
            self.scope_close()?;
        }
        Ok(())
    }

    /// An outer lexical used as loop variable gets its own scalar back afterwards.
    fn save_outer(&mut self, v: &ForVar) -> E<Option<Reg>> {
        let ForVar::Lex { idx, declared: false, .. } = v else { return Ok(None) };
        match self.homes[*idx as usize].clone() {
            Home::Slot { reg, .. } => {
                let keep = self.b.var(b"", Fam::S);
                self.atom("s.move", &[keep.into(), reg.into()])?;
                Ok(Some(keep))
            }
            Home::Cell(p) => {
                let keep = self.b.var(b"", Fam::P);
                self.atom("p.copy", &[keep.into(), p.into()])?;
                Ok(Some(keep))
            }
            _ => Ok(None),
        }
    }

    fn restore_outer(&mut self, v: &ForVar, saved: Option<Reg>) -> E {
        let (ForVar::Lex { idx, .. }, Some(keep)) = (v, saved) else { return Ok(()) };
        match self.homes[*idx as usize].clone() {
            Home::Slot { reg, .. } => self.atom("s.move", &[reg.into(), keep.into()]),
            Home::Cell(p) => self.atom("p.move", &[p.into(), keep.into()]),
            _ => Ok(()),
        }
    }

    /// The loop variable becomes what `t` holds: an alias, or a value of its own.
    fn set_loop_var(&mut self, v: &ForVar, global: &Option<Name>, t: Reg) -> E {
        if let Some(n) = global {
            let s = self.sym(n);
            return self.op("topic.set", &[t.into(), s]);
        }
        match v {
            ForVar::Lex { idx, .. } => self.bind_loop_var(*idx, t),
            ForVar::RefAlias(e) => {
                let x = self.ts();
                self.copy_to(x, &t.into())?;
                let target = match &e.kind {
                    ExprKind::Ref(_) | ExprKind::My(_) => e.clone(),
                    _ => Expr::new(e.line, ExprKind::Ref(Box::new(e.clone()))),
                };
                self.alias_target(&target, x)?;
                self.done(x)
            }
            _ => Ok(()),
        }
    }

    fn bind_loop_var(&mut self, idx: PadIdx, t: Reg) -> E {
        match self.homes[idx as usize].clone() {
            Home::Slot { reg, .. } => self.op("alias.set", &[reg.into(), t.into()]),
            Home::Cell(p) => self.op("s.box", &[p.into(), t.into()]),
            _ => self.fail(self.line, "internal error of the compiler: loop variable"),
        }
    }

    /// The body cannot tell a copy of the element from an alias.
    fn only_read(&self, f: &Foreach) -> bool {
        let ForVar::Lex { idx, declared: true, .. } = &f.var else { return false };
        if !matches!(self.homes[*idx as usize], Home::Slot { .. }) || self.pad.has_eval {
            return false;
        }
        let mut ok = !self.facts.written.contains(idx) && !self.pad.entries[*idx as usize].ref_taken;
        let mut check = |b: &Block| {
            scan::visit_block(b, &mut |e| {
                use ExprKind::*;
                match &e.kind {
                    // Anything that may reach the array's elements in another way.
                    Call(_) | Method(_) | EvalStr(_) | Macro { .. } | Local(_) | Subst(_) | Trans(_) | GotoSub(_)
                    | DoFile(_) | Require { .. } | RefAssign(..) => ok = false,
                    Assign(l, _) | OpAssign(_, l, _) | LogAssign(_, l, _) | PreInc(l) | PreDec(l) | PostInc(l)
                    | PostDec(l) => ok &= only_scalar_lexicals(l),
                    MapGrep(_) | Sort(_) => ok = false,
                    Func { func, .. } => {
                        use ast::Func::*;
                        ok &= !matches!(
                            func,
                            Push | Pop | Shift | Unshift | Splice | Chop | Chomp | Undef | Delete | Tie
                        );
                    }
                    _ => {}
                }
            })
        };
        check(&f.body);
        if let Some(c) = &f.cont {
            check(c)
        }
        ok
    }

    /// `for (A .. B)`: counted if the bounds are numbers.
    fn foreach_range(
        &mut self, f: &Foreach, labels: &[Name], parts: &[&Block], global: Option<Name>, from: &Expr, to: &Expr,
    ) -> E {
        let numeric = matches!((&from.kind, &to.kind), (ExprKind::Int(_), ExprKind::Int(_)))
            || matches!(from.kind, ExprKind::Int(_)) && !matches!(to.kind, ExprKind::Str(_));
        if !numeric {
            // Strings are possible: decide at run time by making the list. A numeric range is counted.
            return self.foreach_dynamic_range(f, labels, parts, global, from, to);
        }
        let (lo, hi) = (self.b.var(b"", Fam::I), self.b.var(b"", Fam::I));
        let a = self.operand(from)?;
        let b = self.operand(to)?;
        self.op("range.bound", &[lo.into(), a.clone()])?;
        self.op("range.bound", &[hi.into(), b.clone()])?;
        self.done_arg(&b)?;
        self.done_arg(&a)?;
        self.counted(f, labels, parts, global, lo, hi)
    }

    fn foreach_dynamic_range(
        &mut self, f: &Foreach, labels: &[Name], parts: &[&Block], global: Option<Name>, from: &Expr, to: &Expr,
    ) -> E {
        let _ = (from, to);
        let l = self.list_of(std::slice::from_ref(&f.list), Mode::Alias)?;
        let av = self.b.var(b"", Fam::P);
        self.atom("p.move", &[av.into(), l.into()])?;
        self.spent(l);
        self.foreach_over(f, labels, parts, global, av, false)
    }

    fn counted(
        &mut self, f: &Foreach, labels: &[Name], parts: &[&Block], global: Option<Name>, i: Reg, hi: Reg,
    ) -> E {
        let one = self.b.var(b"", Fam::I);
        self.open_topic(&global)?;
        let saved = self.save_outer(&f.var)?;
        self.atom("i.const", &[one.into(), Arg::Imm(1)])?;
        let lp = self.loop_open(labels, parts, global.as_deref() == Some("main::_"))?;
        let (test, done) = (self.label(), self.label());
        self.bind(test)?;
        self.atom("br.i.lt", &[hi.into(), i.into(), done.into()])?;
        match (&f.var, &global) {
            (ForVar::Lex { idx, .. }, None) => match self.homes[*idx as usize].clone() {
                Home::Slot { reg, .. } => {
                    // The slot may still be the alias of the iteration before.
                    self.atom("s.seti", &[reg.into(), i.into()])?;
                }
                Home::Cell(p) => {
                    let t = self.ts();
                    self.atom("s.seti", &[t.into(), i.into()])?;
                    self.op("s.box", &[p.into(), t.into()])?;
                    self.done(t)?;
                }
                _ => {}
            },
            _ => {
                let t = self.ts();
                self.atom("s.seti", &[t.into(), i.into()])?;
                self.set_loop_var(&f.var, &global, t)?;
                self.done(t)?;
            }
        }
        self.loop_body(f, &lp)?;
        // The bound may be the largest integer.
        self.atom("i.addo", &[i.into(), i.into(), one.into(), done.into()])?;
        self.tick()?;
        self.jmp(test)?;
        self.bind(done)?;
        self.loop_close(&lp)?;
        self.restore_outer(&f.var, saved)?;
        self.close_topic(&global)
    }
}

/// Bounds of a loop over one range.
fn range_of(list: &Expr) -> Option<(&Expr, &Expr)> {
    match &list.kind {
        ExprKind::Range { from, to, .. } => Some((from, to)),
        ExprKind::List { items, .. } if items.len() == 1 => range_of(&items[0]),
        _ => None,
    }
}

/// The array of a loop over exactly one.
fn single_array(list: &Expr) -> Option<&Expr> {
    match &list.kind {
        ExprKind::List { items, .. } if items.len() == 1 => single_array(&items[0]),
        ExprKind::My(_) | ExprKind::Local(_) => None,
        _ if container_sigil(list) == Some(Sigil::Array) => Some(list),
        _ => None,
    }
}

fn only_scalar_lexicals(l: &Expr) -> bool {
    match &l.kind {
        ExprKind::Lex { sigil, .. } => *sigil == Sigil::Scalar,
        ExprKind::My(_) => true,
        ExprKind::List { items, .. } => items.iter().all(only_scalar_lexicals),
        // Elements of hashes are no array elements, unless they share scalars by aliasing.
        ExprKind::HElem { .. } => true,
        _ => false,
    }
}
