//! Statements.
use super::*;

impl Emitter<'_> {
    /// A statement list; the last statement gives the value for `d`.
    pub fn body(&mut self, stmts: &[Stmt], d: Dest) -> E {
        let labels = self.goto_open(stmts)?;
        // Lexical subs exist from the start of their block; they get their bodies where they are written.
        for s in stmts {
            if let StmtKind::LexSub { idx, declares: true, .. } = s.kind
                && let Home::Cv(p) = self.homes[idx as usize]
                && !self.is_capture(idx)
            {
                self.op("my.proto", &[p.into(), Arg::Imm(idx.into())])?;
            }
        }
        // A label without a statement counts as an empty one.
        let last = stmts.iter().rposition(|s| match s.kind {
            StmtKind::LexSub { .. } => false,
            StmtKind::Nothing => !s.labels.is_empty(),
            _ => true,
        });
        for (i, s) in stmts.iter().enumerate() {
            self.goto_label(s, &labels, d)?;
            let is_last = Some(i) == last;
            let d = if is_last { d } else { Dest::Void };
            keshi_memory::deeper(|| self.stmt(s, d))?;
        }
        if last.is_none() {
            self.empty_value(d)?;
        }
        self.goto_close(labels)
    }

    /// The value of a statement that has none.
    pub fn empty_value(&mut self, d: Dest) -> E {
        if !self.b.falls_through() {
            return Ok(());
        }
        match d {
            Dest::Scalar(r) => self.atom("s.undef", &[r.into()]),
            Dest::Ret => self.ret_nothing(),
            _ => Ok(()),
        }
    }

    fn lexical_sub(&mut self, idx: PadIdx, def: &SubDef) -> E {
        let Home::Cv(p) = self.homes[idx as usize] else { return Ok(()) };
        let state = self.pad.entries[idx as usize].kind == PadKind::State;
        if self.is_capture(idx) && !state {
            // Of a sub further out: the Host has given it its body.
            return Ok(());
        }
        if def.body.is_none() {
            return Ok(());
        }
        let t = self.tp();
        self.closure(def, t)?;
        self.op("lexsub.fill", &[p.into(), t.into(), Arg::Imm(state.into())])?;
        self.done(t)
    }

    pub fn stmt(&mut self, s: &Stmt, d: Dest) -> E {
        self.line = s.cop.line;
        let cop = self.cop_index(&s.cop);
        self.cop = Some(s.cop.clone());
        self.package = s.cop.package.clone();
        self.file = s.cop.file.clone();
        if self.opts.dump_ops {
            self.ops.push(format!("    ; line {}", s.cop.line));
        }
        if !matches!(s.kind, StmtKind::Nothing | StmtKind::LexSub { .. } | StmtKind::Field(_)) {
            self.b.stmt(s.cop.line, cop).map_err(CompileError::from)?;
            if let Some(debug) = s.cop.debug.as_ref().filter(|d| d.statement) {
                let scope = self.konst(evalscope::encode(&debug.scope, &self.stand_ins));
                self.op("dbg.stmt", &[scope])?;
            }
        }
        match &s.kind {
            StmtKind::Expr(e) => self.eval(e, d),
            StmtKind::If { unless, arms, otherwise, lexicals } => {
                self.if_stmt(*unless, arms, otherwise.as_ref(), lexicals, d)
            }
            StmtKind::While(w) => {
                self.while_stmt(w, &s.labels, d)?;
                self.empty_value(d)
            }
            StmtKind::CFor(c) => {
                self.c_for(c, &s.labels, d)?;
                self.empty_value(d)
            }
            StmtKind::Foreach(f) => {
                self.foreach(f, &s.labels)?;
                if let Dest::Scalar(r) = d {
                    let k = self.konst(Const::Bool(false));
                    return self.op("s.const", &[r.into(), k]);
                }
                self.empty_value(d)
            }
            StmtKind::Block { body, cont } => self.bare_block(body, cont.as_ref(), &s.labels, d),
            StmtKind::LexSub { idx, def, .. } => self.lexical_sub(*idx, def),
            StmtKind::Nothing | StmtKind::Field(_) => self.empty_value(d),
            StmtKind::Package { body, .. } => self.bare_block(body, None, &s.labels, d),
            StmtKind::Given { topic, body, lexicals } => self.given(topic, body, lexicals, d),
            StmtKind::When { cond, body, lexicals } => {
                self.scope_open(lexicals)?;
                self.when(Some(cond), body, d)?;
                self.scope_close()
            }
            StmtKind::Default(body) => self.when(None, body, d),
            StmtKind::Try(t) => self.try_stmt(t, d),
            StmtKind::Defer(b) => {
                self.deferred(b, "a \"defer\" block")?;
                self.empty_value(d)
            }
        }
    }

    fn if_stmt(
        &mut self,
        unless: bool,
        arms: &[(Expr, Block)],
        otherwise: Option<&Block>,
        lexicals: &[PadIdx],
        d: Dest,
    ) -> E {
        self.scope_open(lexicals)?;
        let end = self.label();
        for (i, (cond, block)) in arms.iter().enumerate() {
            let next = self.label();
            let last = i + 1 == arms.len() && otherwise.is_none();
            if last && d != Dest::Void {
                // Without an else the value of the condition is the value of the statement.
                let t = self.ts();
                let yes = self.label();
                match &cond.kind {
                    ExprKind::Not(x) if unless && i == 0 => {
                        self.scalar_into(x, t)?;
                        self.atom("br.false", &[t.into(), yes.into()])?;
                    }
                    _ => {
                        self.scalar_into(cond, t)?;
                        self.atom("br.true", &[t.into(), yes.into()])?;
                    }
                }
                self.deliver(t, d)?;
                if self.b.falls_through() {
                    self.jmp(end)?;
                }
                self.bind(yes)?;
                self.done(t)?;
                self.block(block, d)?;
                self.bind(next)?;
                break;
            }
            self.jump_if(cond, false, next)?;
            self.block(block, d)?;
            if self.b.falls_through() && !last {
                self.jmp(end)?;
            }
            self.bind(next)?;
        }
        if let Some(b) = otherwise {
            self.block(b, d)?;
        }
        self.bind(end)?;
        self.scope_close()
    }
}
