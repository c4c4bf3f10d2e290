//! `do BLOCK`, `eval BLOCK`, string eval, `try`/`catch`/`finally`, `defer`.
use super::*;
use keshi_l1::builder::HandlerSpec;

impl Emitter<'_> {
    pub fn do_block(&mut self, b: &Block, d: Dest) -> E {
        self.block(b, d)
    }

    /// `eval BLOCK`. `return` leaves it with its value; an exception empties the value and sets `$@`.
    pub fn eval_block(&mut self, b: &Block, d: Dest) -> E {
        let (handler, end) = (self.b.cold_label(), self.label());
        let mark = self.b.var(b"", Fam::I);
        // A list that was half built when the exception came must not keep its elements.
        let (own, inner) = match d {
            Dest::Ret => {
                let l = self.new_list()?;
                (Some(l), Dest::Ret)
            }
            Dest::List(_, m) => {
                let l = self.new_list()?;
                (Some(l), Dest::List(l, m))
            }
            Dest::Scalar(_) => (None, Dest::Scalar(self.b.var(b"", Fam::S))),
            Dest::Void => (None, Dest::Void),
        };
        let list = if d == Dest::Ret { own } else { None };
        self.op("eval.enter", &[])?;
        self.atom("dyn.mark", &[mark.into()])?;
        let from = self.opened.len();
        let region = self.b.push_region(HandlerSpec::Eval { mark, target: handler, is_try: false });
        self.scope_push(Scope {
            handler_mark: Some(mark),
            frame: Some(FrameCx::Eval { dest: inner, list, end }),
            ..Scope::default()
        });
        self.block_open(b)?;
        if scan::block_has_local(b) && self.top().mark.is_none() {
            self.mark_scope()?;
        }
        self.body(&b.stmts, inner)?;
        self.scope_close()?;
        self.scopes.pop();
        let ex = self.caught(region, handler, end, from)?;
        self.op("eval.fail", &[ex.into()])?;
        self.spent(ex);
        match inner {
            Dest::Scalar(r) => self.atom("s.undef", &[r.into()])?,
            Dest::List(l, _) => self.op("list.new", &[l.into()])?,
            _ => {
                if let Some(l) = list {
                    self.op("list.new", &[l.into()])?
                }
            }
        }
        let join = self.label();
        self.jmp(join)?;
        self.end_cold()?;
        self.bind(end)?;
        self.op("eval.leave", &[])?;
        self.bind(join)?;
        match (d, inner, own) {
            (Dest::Scalar(x), Dest::Scalar(t), _) => {
                self.op("s.move", &[x.into(), t.into()])?;
            }
            (Dest::List(out, _), _, Some(l)) => self.cat(out, l)?,
            (Dest::Ret, _, Some(l)) => self.ret_list(l)?,
            _ => {}
        }
        Ok(())
    }

    /// Ends a guarded region whose way on is `end` and begins its handler, with the variables opened since `from`
    /// cleared. The register has the exception.
    fn caught(&mut self, region: u32, handler: L, end: L, from: usize) -> E<Reg> {
        if self.b.falls_through() {
            self.jmp(end)?;
        }
        self.pop_region(region)?;
        self.bind_cold(handler)?;
        let ex = self.ts();
        self.atom("err.take", &[ex.into()])?;
        self.clear_since(from)?;
        Ok(ex)
    }

    /// String eval: the text becomes a sub that is called in the context of the eval, sharing `@_`.
    pub fn eval_str(&mut self, s: &EvalStr, d: Dest) -> E {
        let text = self.scalar(&s.text)?;
        if s.bytes {
            self.op("evalbytes.octets", &[text.into()])?;
        }
        let (handler, end) = (self.b.cold_label(), self.label());
        let mark = self.b.var(b"", Fam::I);
        let out = match d {
            Dest::Void => None,
            Dest::Scalar(_) => Some(self.b.var(b"", Fam::S)),
            _ => Some(self.tp()),
        };
        let op = match d {
            Dest::Void => "call.v",
            Dest::Scalar(_) => "call.s",
            Dest::List(..) => "call.l",
            Dest::Ret => "call.d",
        };
        self.op("eval.enter", &[])?;
        self.atom("dyn.mark", &[mark.into()])?;
        let region = self.b.push_region(HandlerSpec::Eval { mark, target: handler, is_try: false });
        let code = self.tp();
        let scope = self.konst(evalscope::encode(&s.scope, &self.stand_ins));
        let compile = if s.bytes { "evalbytes.compile" } else { "eval.compile" };
        self.op(compile, &[code.into(), text.into(), scope])?;
        self.done(text)?;
        let args = self.shared_args()?;
        self.call_op(op, out, code, args)?;
        self.done(code)?;
        self.pop_region(region)?;
        self.bind_cold(handler)?;
        let ex = self.ts();
        self.atom("err.take", &[ex.into()])?;
        self.op("eval.fail", &[ex.into()])?;
        self.spent(ex);
        match (d, out) {
            (Dest::Scalar(_), Some(r)) => self.atom("s.undef", &[r.into()])?,
            (_, Some(r)) => self.op("list.new", &[r.into()])?,
            _ => {}
        }
        self.jmp(end)?;
        self.end_cold()?;
        self.op("eval.leave", &[])?;
        self.bind(end)?;
        match (d, out) {
            (Dest::Scalar(x), Some(t)) => self.op("s.move", &[x.into(), t.into()]),
            (Dest::List(l, _), Some(t)) => self.cat(l, t),
            (Dest::Ret, Some(t)) => self.ret_list(t),
            _ => Ok(()),
        }
    }

    /// `try`/`catch`/`finally`. Unlike eval, `return` and loop controls pass through to the sub.
    pub fn try_stmt(&mut self, t: &Try, d: Dest) -> E {
        // `finally` runs at the unwinding of this scope, on whatever way out.
        let outer = t.finally.is_some();
        if outer {
            self.scope_push(Scope::default());
            self.mark_scope()?;
        }
        if let Some(f) = &t.finally {
            self.deferred(f, "a \"finally\" block")?;
        }
        match &t.catch {
            None => self.block(&t.body, d)?,
            Some((idx, body)) => {
                let (handler, end) = (self.b.cold_label(), self.label());
                let mark = self.b.var(b"", Fam::I);
                self.atom("dyn.mark", &[mark.into()])?;
                let from = self.opened.len();
                let region = self.b.push_region(HandlerSpec::Eval { mark, target: handler, is_try: true });
                self.block(&t.body, d)?;
                let ex = self.caught(region, handler, end, from)?;
                let lex: Vec<PadIdx> = if body.lexicals.contains(idx) { vec![] } else { vec![*idx] };
                self.scope_open(&lex)?;
                self.var_init(*idx)?;
                self.store_var(*idx, &ex.into())?;
                self.done(ex)?;
                self.block(body, d)?;
                self.scope_close()?;
                if self.b.falls_through() {
                    self.jmp(end)?;
                }
                self.end_cold()?;
                self.bind(end)?;
            }
        }
        if outer {
            self.scope_close()?;
        }
        Ok(())
    }

    /// `defer BLOCK`: a closure over the frame's variables, called when the enclosing scope is left.
    pub fn deferred(&mut self, b: &Block, what: &'static str) -> E {
        if let Some(kw) = escapes(b) {
            return self.fail(b.line, format!("Can't \"{kw}\" out of {what}"));
        }
        let def = self.block_as_sub(b);
        let p = self.tp();
        self.closure(&def, p)?;
        self.atom("dyn.defer", &[p.into()])?;
        self.done(p)
    }

    /// A block of this sub as a sub of its own that captures what it uses.
    fn block_as_sub(&self, b: &Block) -> SubDef {
        let mut used = std::collections::HashSet::new();
        scan::visit_block(b, &mut |e| {
            if let ExprKind::Lex { idx, .. } = e.kind {
                used.insert(idx);
            }
        });
        let mut own = std::collections::HashSet::new();
        own_lexicals(b, &mut own);
        let entries = self
            .pad
            .entries
            .iter()
            .enumerate()
            .map(|(i, e)| {
                let idx = i as PadIdx;
                let mut e = e.clone();
                if own.contains(&idx) || matches!(e.kind, PadKind::Our(_) | PadKind::Import(_)) {
                    return e;
                }
                if used.contains(&idx) {
                    e.outer = Some(idx);
                    if e.kind == PadKind::State {
                        e.kind = PadKind::My;
                    }
                } else {
                    e = PadEntry { name: "".into(), kind: PadKind::My, outer: None, captured: false, ..e };
                }
                e
            })
            .collect();
        let hints = self.cop.as_ref().map(|c| c.hints.clone()).unwrap_or_default();
        SubDef {
            kind: SubKind::Anon,
            name: None,
            package: self.package.clone(),
            file: self.file.clone(),
            line: b.line,
            proto: None,
            lvalue: false,
            method_attr: false,
            const_attr: false,
            attrs: Vec::new(),
            class_method: false,
            self_idx: None,
            sig: None,
            pad: Pad { id: self.pad.id, outer: Some(self.pad.id), entries, has_eval: self.pad.has_eval },
            body: Some(b.clone()),
            uses_args: false,
            hints,
            module_true: false,
            program: false,
        }
    }
}

#[keshi_memory::deep]
fn own_lexicals(b: &Block, out: &mut std::collections::HashSet<PadIdx>) {
    out.extend(&b.lexicals);
    for s in &b.stmts {
        match &s.kind {
            StmtKind::If { lexicals, .. }
            | StmtKind::Given { lexicals, .. }
            | StmtKind::When { lexicals, .. } => out.extend(lexicals),
            StmtKind::While(w) => out.extend(&w.lexicals),
            StmtKind::CFor(c) => out.extend(&c.lexicals),
            StmtKind::Foreach(f) => out.extend(&f.lexicals),
            StmtKind::Try(t) => out.extend(t.catch.iter().map(|c| c.0)),
            _ => {}
        }
        scan::stmt_parts(&s.kind, &mut |p, _| match p {
            scan::Part::Block(b) => own_lexicals(b, out),
            scan::Part::Expr(e) => scan::visit_expr(e, &mut |x| match &x.kind {
                ExprKind::DoBlock(b) | ExprKind::EvalBlock(b) => out.extend(&b.lexicals),
                ExprKind::MapGrep(m) => {
                    if let MapBody::Block(b) = &m.body {
                        out.extend(&b.lexicals)
                    }
                }
                _ => {}
            }),
        });
    }
}

/// The keyword of a jump that would leave the block.
fn escapes(b: &Block) -> Option<&'static str> {
    let mut hit = None;
    let mut own = std::collections::HashSet::new();
    labels(b, &mut own);
    scan::visit_block(b, &mut |e| match &e.kind {
        ExprKind::Return(_) => hit = hit.or(Some("return")),
        ExprKind::Goto(ast::Label::Name(n)) if own.contains(n) => {}
        ExprKind::Goto(_) | ExprKind::GotoSub(_) => hit = hit.or(Some("goto")),
        _ => {}
    });
    hit
}

/// The labels of a block's statements and of those inside them.
#[keshi_memory::deep]
fn labels(b: &Block, out: &mut std::collections::HashSet<Name>) {
    for s in &b.stmts {
        out.extend(s.labels.iter().cloned());
        scan::stmt_parts(&s.kind, &mut |p, _| {
            if let scan::Part::Block(b) = p {
                labels(b, out)
            }
        });
    }
}
