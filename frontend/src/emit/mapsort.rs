//! `map`, `grep`, `any`, `all`, `sort`: loops over runtime steps, with the block's code inlined.
//!
//! `$_` (and `$a`, `$b`) are package variables. Where nobody else can see them during the block, a register takes
//! their place ([`Emitter::private_topic`]).
use super::*;

impl Emitter<'_> {
    /// Can a register stand for a package scalar while this code runs?
    pub fn private_topic(&self, exprs: &[&Expr], blocks: &[&Block]) -> bool {
        if self.pad.has_eval {
            return false;
        }
        let mut ok = true;
        let mut check = |e: &Expr| {
            use ExprKind::*;
            ok &= !matches!(
                e.kind,
                Call(_)
                    | Method(_)
                    | EvalStr(_)
                    | Local(_)
                    | AnonSub(_)
                    | DoFile(_)
                    | Require { .. }
                    | Macro { .. }
                    | GotoSub(_)
                    | Pkg { sigil: Sigil::Glob, .. }
                    | GlobSlot { .. }
                    | Glob(_)
                    | Ref(_)
                    | RefAssign(..)
                    | Backtick(_)
                    | Return(_)
            );
            ok &= !matches!(&e.kind, Deref { sigil: Sigil::Scalar | Sigil::Glob, .. });
            ok &= !matches!(&e.kind, Sort(s) if matches!(s.cmp, SortCmp::Sub(_)));
            ok &= !matches!(&e.kind, Func { func: ast::Func::Tie | ast::Func::Pos | ast::Func::Reset, .. });
            ok &= !has_code(e);
            // pos lives in the cell's magic.
            ok &= !matches!(&e.kind, Match(m) if matches!(&m.pat, MatchPat::Literal(p) if p.mods.g));
        };
        exprs.iter().for_each(|e| scan::visit_expr(e, &mut check));
        blocks.iter().for_each(|b| scan::visit_block(b, &mut check));
        ok
    }

    fn body_private(&self, m: &MapOp) -> bool {
        match &m.body {
            MapBody::Expr(e) => self.private_topic(&[e], &[]),
            MapBody::Block(b) => self.private_topic(&[], &[b]) && !has_given(b),
        }
    }

    /// The loop around a map-like body: `body` is emitted with `$_` bound, `i` and `src` at hand.
    fn each_topic(&mut self, m: &MapOp, body: &mut dyn FnMut(&mut Self, Reg, Reg, L) -> E) -> E {
        let list = self.list_of(&m.args, Mode::Alias)?;
        let src = self.b.var(b"", Fam::P);
        self.atom("p.move", &[src.into(), list.into()])?;
        self.spent(list);
        let (i, one, n) = (self.b.var(b"", Fam::I), self.b.var(b"", Fam::I), self.b.var(b"", Fam::I));
        let name: Name = "main::_".into();
        let private = self.body_private(m);
        let reg = if private { Some(self.b.var(b"", Fam::S)) } else { None };
        self.scope_push(Scope::default());
        let sym = self.sym(&name);
        if !private {
            self.mark_scope()?;
            self.op("topic.save", std::slice::from_ref(&sym))?;
        }
        self.topics.push((name, reg));
        self.atom("i.const", &[i.into(), Arg::Imm(0)])?;
        self.atom("i.const", &[one.into(), Arg::Imm(1)])?;
        self.op("list.rest", &[n.into(), src.into(), Arg::Imm(0)])?;
        let (test, done) = (self.label(), self.label());
        self.bind(test)?;
        self.atom("br.i.le", &[n.into(), i.into(), done.into()])?;
        match reg {
            Some(r) => self.op("list.item", &[r.into(), src.into(), i.into()])?,
            None => {
                let t = self.ts();
                self.op("list.item", &[t.into(), src.into(), i.into()])?;
                self.op("topic.set", &[t.into(), sym])?;
                self.done(t)?;
            }
        }
        body(self, src, i, done)?;
        self.atom("i.add", &[i.into(), i.into(), one.into()])?;
        self.tick()?;
        self.jmp(test)?;
        self.bind(done)?;
        self.topics.pop();
        if let Some(r) = reg {
            self.atom("s.drop", &[r.into()])?;
        }
        self.scope_close()?;
        self.atom("p.drop", &[src.into()])
    }

    fn map_body(&mut self, m: &MapOp, d: Dest) -> E {
        match &m.body {
            MapBody::Expr(e) => self.eval(e, d),
            MapBody::Block(b) => self.block(b, d),
        }
    }

    /// Jumps to `to` if the truth of the body is `sense`.
    fn body_jump(&mut self, m: &MapOp, sense: bool, to: L) -> E {
        if let MapBody::Expr(e) = &m.body {
            return self.jump_if(e, sense, to);
        }
        if let MapBody::Block(b) = &m.body
            && b.lexicals.is_empty()
            && let [Stmt { kind: StmtKind::Expr(e), .. }] = &b.stmts[..]
            && !scan::block_has_local(b)
        {
            return self.jump_if(e, sense, to);
        }
        let t = self.ts();
        self.map_body(m, Dest::Scalar(t))?;
        self.atom(if sense { "br.true" } else { "br.false" }, &[t.into(), to.into()])?;
        self.done(t)
    }

    pub fn map_list(&mut self, m: &MapOp, l: Reg, mode: Mode) -> E {
        match m.func {
            ast::Func::Map => {
                self.each_topic(m, &mut |em, _, _, _| em.map_body(m, Dest::List(l, Mode::Copy)))
            }
            ast::Func::Grep => {
                let keep = if mode == Mode::Alias { "list.keep" } else { "list.keep.copy" };
                self.each_topic(m, &mut |em, src, i, _| {
                    let no = em.label();
                    em.body_jump(m, false, no)?;
                    em.op(keep, &[l.into(), src.into(), i.into()])?;
                    em.bind(no)
                })
            }
            _ => {
                let t = self.ts();
                self.map_scalar(m, t)?;
                self.op("list.push", &[l.into(), t.into()])?;
                self.done(t)
            }
        }
    }

    pub fn map_scalar(&mut self, m: &MapOp, d: Reg) -> E {
        match m.func {
            ast::Func::Map => {
                let l = self.new_list()?;
                self.map_list(m, l, Mode::Copy)?;
                self.op("list.count", &[d.into(), l.into()])?;
                self.done(l)
            }
            ast::Func::Grep => {
                let n = self.b.var(b"", Fam::I);
                let one = self.b.var(b"", Fam::I);
                self.atom("i.const", &[n.into(), Arg::Imm(0)])?;
                self.atom("i.const", &[one.into(), Arg::Imm(1)])?;
                self.each_topic(m, &mut |em, _, _, _| {
                    let no = em.label();
                    em.body_jump(m, false, no)?;
                    em.atom("i.add", &[n.into(), n.into(), one.into()])?;
                    em.bind(no)
                })?;
                self.atom("s.seti", &[d.into(), n.into()])
            }
            // any, all: stop at the first that decides.
            f => {
                let any = f == ast::Func::Any;
                let hit = self.b.var(b"", Fam::I);
                self.atom("i.const", &[hit.into(), Arg::Imm((!any).into())])?;
                self.each_topic(m, &mut |em, _, _, done| {
                    let go_on = em.label();
                    em.body_jump(m, !any, go_on)?;
                    em.atom("i.const", &[hit.into(), Arg::Imm(any.into())])?;
                    em.jmp(done)?;
                    em.bind(go_on)
                })?;
                self.atom("s.setb", &[d.into(), hit.into()])
            }
        }
    }

    pub fn map_void(&mut self, m: &MapOp) -> E {
        match m.func {
            ast::Func::Map => self.each_topic(m, &mut |em, _, _, _| {
                let l = em.new_list()?;
                em.map_body(m, Dest::List(l, Mode::Copy))?;
                em.done(l)
            }),
            _ => {
                let t = self.ts();
                self.map_scalar(m, t)?;
                self.done(t)
            }
        }
    }

    // ---- sort

    pub fn sort_scalar(&mut self, s: &SortOp, d: Reg) -> E {
        let l = self.new_list()?;
        self.sort_list(s, l, Mode::Copy)?;
        self.op("list.count", &[d.into(), l.into()])?;
        self.done(l)
    }

    pub fn sort_list(&mut self, s: &SortOp, l: Reg, m: Mode) -> E {
        let v = self.list_of(&s.args, m)?;
        let r = self.tp();
        match &s.cmp {
            SortCmp::Default => self.op("sort", &[r.into(), v.into(), Arg::Imm(0)])?,
            SortCmp::Sub(e) => {
                let code = self.ts();
                match &e.kind {
                    ExprKind::Pkg { sigil: Sigil::Code, .. } | ExprKind::Lex { sigil: Sigil::Code, .. } => {
                        self.reference(e, code)?
                    }
                    _ => self.scalar_into(e, code)?,
                }
                self.op("sort.sub", &[r.into(), v.into(), code.into()])?;
                self.done(code)?;
            }
            SortCmp::Block(b) => match self.known_order(b) {
                Some(flags) => self.op("sort", &[r.into(), v.into(), Arg::Imm(flags)])?,
                None => {
                    self.sort_block(b, v, r)?;
                    return self.cat(l, r);
                }
            },
        }
        self.spent(v);
        self.cat(l, r)
    }

    /// `{ $a <=> $b }` and its three relatives.
    fn known_order(&self, b: &Block) -> Option<u64> {
        let [Stmt { kind: StmtKind::Expr(e), cop, .. }] = &b.stmts[..] else { return None };
        let ExprKind::Binary(op, x, y) = &e.kind else { return None };
        let numeric = match op {
            BinOp::NumCmp => 1,
            BinOp::StrCmp => 0,
            _ => return None,
        };
        let var = |e: &Expr| match &e.kind {
            ExprKind::Pkg { sigil: Sigil::Scalar, name } => name
                .strip_prefix(&*cop.package)
                .and_then(|n| n.strip_prefix("::"))
                .filter(|n| *n == "a" || *n == "b")
                .map(|n| n == "a"),
            _ => None,
        };
        let integer = if numeric == 1 && cop.hints.has(HINT_INTEGER) { 4 } else { 0 };
        match (var(x)?, var(y)?) {
            (true, false) => Some(numeric | integer),
            (false, true) => Some(numeric | integer | 2),
            _ => None,
        }
    }

    fn sort_block(&mut self, b: &Block, v: Reg, out: Reg) -> E {
        let st = self.b.var(b"", Fam::P);
        self.op("sort.begin", &[st.into(), v.into()])?;
        self.spent(v);
        let package = b.stmts.first().map(|s| s.cop.package.clone()).unwrap_or_else(|| self.package.clone());
        let names: [Name; 2] = [format!("{package}::a").into(), format!("{package}::b").into()];
        let private = self.private_topic(&[], &[b]);
        let regs = [self.b.var(b"", Fam::S), self.b.var(b"", Fam::S)];
        self.scope_push(Scope::default());
        let syms = [self.sym(&names[0]), self.sym(&names[1])];
        if !private {
            self.mark_scope()?;
            for s in &syms {
                self.op("topic.save", std::slice::from_ref(s))?;
            }
        }
        for (n, r) in names.iter().zip(regs) {
            self.topics.push((n.clone(), private.then_some(r)));
        }
        let (next, done) = (self.label(), self.label());
        self.bind(next)?;
        let more = self.ti();
        self.op("sort.more", &[more.into(), st.into()])?;
        self.atom("br.f", &[more.into(), done.into()])?;
        self.done(more)?;
        self.op("sort.pair", &[regs[0].into(), regs[1].into(), st.into()])?;
        if !private {
            for (r, s) in regs.iter().zip(&syms) {
                self.op("topic.set", &[(*r).into(), s.clone()])?;
            }
        }
        let t = self.ts();
        self.comparison(b, t)?;
        self.op("sort.put", &[st.into(), t.into()])?;
        self.done(t)?;
        self.tick()?;
        self.jmp(next)?;
        self.bind(done)?;
        self.topics.truncate(self.topics.len() - 2);
        for r in regs {
            self.atom("s.drop", &[r.into()])?;
        }
        self.scope_close()?;
        self.op("sort.end", &[out.into(), st.into()])
    }

    /// The value of a comparison block: `return` ends the block, not the sub around it.
    fn comparison(&mut self, b: &Block, t: Reg) -> E {
        let end = self.label();
        let frame = FrameCx::Sort { value: t, end };
        self.scope_push(Scope { frame: Some(frame), ..Scope::default() });
        self.block(b, Dest::Scalar(t))?;
        self.scopes.pop();
        self.bind(end)
    }
}

/// A pattern with `(?{ … })`.
fn has_code(e: &Expr) -> bool {
    let p = match &e.kind {
        ExprKind::Match(m) => match &m.pat {
            MatchPat::Literal(p) => p,
            MatchPat::Expr(_) => return false,
        },
        ExprKind::Subst(s) => &s.pat,
        ExprKind::Qr(p) => p,
        _ => return false,
    };
    p.has_code || p.parts.iter().any(|x| matches!(x, PatPart::Code { .. }))
}

/// `given` gives `$_` another value behind the register's back.
#[keshi_memory::deep]
pub(crate) fn has_given(b: &Block) -> bool {
    b.stmts.iter().any(|s| {
        let mut hit = matches!(s.kind, StmtKind::Given { .. });
        scan::stmt_parts(&s.kind, &mut |p, _| {
            if let scan::Part::Block(b) = p {
                hit |= has_given(b)
            }
        });
        hit
    })
}
