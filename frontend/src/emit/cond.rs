//! Conditions and the operators that choose: `&&`, `||`, `//`, `?:`, flip-flops.
use super::expr::literal;
use super::operator::op_name;
use super::*;

impl Emitter<'_> {
    /// Jumps to `to` if the truth of `e` is `sense`, else falls through.
    pub fn jump_if(&mut self, e: &Expr, sense: bool, to: L) -> E {
        keshi_memory::deeper(|| self.jump_if_here(e, sense, to))
    }

    fn jump_if_here(&mut self, e: &Expr, sense: bool, to: L) -> E {
        use ExprKind::*;
        self.at(e.line);
        match &e.kind {
            Not(x) => return self.jump_if(x, !sense, to),
            List { items, .. } if items.len() == 1 => return self.jump_if(&items[0], sense, to),
            Logical(op @ (LogOp::And | LogOp::Or), a, b) => {
                // `a && b` is false as soon as `a` is; the other cases by De Morgan.
                if (*op == LogOp::And) == sense {
                    let skip = self.label();
                    self.jump_if(a, !sense, skip)?;
                    self.jump_if(b, sense, to)?;
                    return self.bind(skip);
                }
                self.jump_if(a, sense, to)?;
                return self.jump_if(b, sense, to);
            }
            Int(i) => return if (*i != 0) == sense { self.jmp(to) } else { Ok(()) },
            Binary(op, a, b)
                if !(self.hint(HINT_INTEGER)
                    || self.hint(HINT_BYTES) && super::operator::is_string_comparison(*op)) =>
            {
                let name = format!("{}.{}", if sense { "br" } else { "brn" }, op_name(*op));
                if self.b.has_op(&name) {
                    let x = self.operand(a)?;
                    let y = self.operand(b)?;
                    self.op(&name, &[x.clone(), y.clone(), to.into()])?;
                    self.done_arg(&y)?;
                    return self.done_arg(&x);
                }
            }
            Match(m) => return self.match_jump(m, e.line, sense, to),
            Func { func: ast::Func::Defined, args, .. }
                if args.len() == 1 && self.plain_defined(&args[0]) =>
            {
                let v = self.operand(&args[0])?;
                if sense {
                    self.atom("br.def", &[v.clone(), to.into()])?;
                } else {
                    let skip = self.label();
                    self.atom("br.def", &[v.clone(), skip.into()])?;
                    self.jmp(to)?;
                    self.bind(skip)?;
                }
                return self.done_arg(&v);
            }
            Assign(l, r) if super::expr::is_listy(l) => {
                let t = self.ts();
                self.assign(l, r, Dest::Scalar(t))?;
                self.atom(if sense { "br.true" } else { "br.false" }, &[t.into(), to.into()])?;
                return self.done(t);
            }
            _ => {}
        }
        if let Some(v) = literal(e) {
            let truth = match v {
                Arg::Int(i) => i != 0,
                Arg::Num(n) => n != 0.0,
                Arg::Str(s, _) => !s.is_empty() && s != b"0",
                _ => true,
            };
            return if truth == sense { self.jmp(to) } else { Ok(()) };
        }
        let t = self.ts();
        if self.keys_truth(e, t)? {
            self.atom(if sense { "br.true" } else { "br.false" }, &[t.into(), to.into()])?;
            return self.done(t);
        }
        self.spent(t);
        let r = self.scalar(e)?;
        self.atom(if sense { "br.true" } else { "br.false" }, &[r.into(), to.into()])?;
        self.done(r)
    }

    /// `defined` of something whose plain value tells.
    #[keshi_memory::deep]
    pub fn plain_defined(&self, e: &Expr) -> bool {
        match &e.kind {
            ExprKind::Pkg { sigil: Sigil::Code, .. }
            | ExprKind::Lex { sigil: Sigil::Code, .. }
            | ExprKind::Deref { sigil: Sigil::Code | Sigil::Glob | Sigil::Scalar, .. } => false,
            ExprKind::Call(c) => !c.amp || !c.args.is_empty() || !c.inherit_args,
            ExprKind::List { items, .. } if items.len() == 1 => self.plain_defined(&items[0]),
            _ => super::expr::container_sigil(e).is_none(),
        }
    }

    /// A value for any destination from code that yields different ones on different paths.
    pub fn logical(&mut self, op: LogOp, a: &Expr, b: &Expr, d: Dest) -> E {
        let end = self.label();
        match (op, d) {
            (LogOp::And, Dest::Void) => {
                self.jump_if(a, false, end)?;
                self.void(b)?;
            }
            (LogOp::Or, Dest::Void) => {
                self.jump_if(a, true, end)?;
                self.void(b)?;
            }
            _ => {
                // The left value is needed if it decides.
                let t = match d {
                    Dest::Scalar(r) if self.slot_free(r, &[b]) => {
                        self.scalar_into(a, r)?;
                        r
                    }
                    _ => {
                        let t = self.ts();
                        self.scalar_into(a, t)?;
                        t
                    }
                };
                let right = self.label();
                match op {
                    LogOp::And => self.atom("br.true", &[t.into(), right.into()])?,
                    LogOp::Or => self.atom("br.false", &[t.into(), right.into()])?,
                    LogOp::Dor => {
                        let keep = self.label();
                        self.atom("br.def", &[t.into(), keep.into()])?;
                        self.jmp(right)?;
                        self.bind(keep)?;
                    }
                }
                self.deliver(t, d)?;
                if self.b.falls_through() {
                    self.jmp(end)?;
                }
                self.bind(right)?;
                if d != Dest::Scalar(t) {
                    self.done(t)?;
                }
                self.eval(b, d)?;
            }
        }
        self.bind(end)
    }

    /// Is `r` a temporary that evaluating `later` cannot read?
    fn slot_free(&self, r: Reg, later: &[&Expr]) -> bool {
        !self.names.contains_key(&r)
            || !later.iter().any(|e| {
                let mut hit = false;
                scan::visit_expr(e, &mut |x| hit = hit || self.slot_of(x) == Some(r));
                hit
            })
    }

    /// Gives the value of a temporary to the destination; the temporary is used up by `Ret` only.
    pub fn deliver(&mut self, t: Reg, d: Dest) -> E {
        match d {
            Dest::Void => Ok(()),
            Dest::Scalar(r) => self.copy_to(r, &t.into()),
            Dest::List(l, _) => self.op("list.push", &[l.into(), t.into()]),
            Dest::Ret => {
                if self.in_eval_block() {
                    return self.ret_value(t);
                }
                self.atom("ret.s", &[t.into()])
            }
        }
    }

    pub fn conditional(&mut self, c: &Expr, a: &Expr, b: &Expr, d: Dest) -> E {
        let (no, end) = (self.label(), self.label());
        self.jump_if(c, false, no)?;
        self.eval(a, d)?;
        if self.b.falls_through() {
            self.jmp(end)?;
        }
        self.bind(no)?;
        self.eval(b, d)?;
        self.bind(end)
    }

    /// `..` in scalar context. The state (0: off, else the sequence number) lives in a cell of the closure.
    pub fn flipflop(&mut self, from: &Expr, to: &Expr, dots3: bool, d: Reg) -> E {
        let p = self.hidden_state()?;
        let n = self.ts();
        let (on, test_end, off, keep, end) =
            (self.label(), self.label(), self.label(), self.label(), self.label());
        self.op("cell.load", &[n.into(), p.into()])?;
        self.atom("br.true", &[n.into(), on.into()])?;
        self.flip_test(from, false, off)?;
        let one = self.konst(Const::Int(1));
        self.op("s.const", &[n.into(), one])?;
        if dots3 {
            self.jmp(keep)?;
        } else {
            self.jmp(test_end)?;
        }
        self.bind(on)?;
        self.op("preinc", &[n.into()])?;
        self.bind(test_end)?;
        self.flip_test(to, false, keep)?;
        // The last one: "5E0", and off again.
        let zero = self.konst(Const::Int(0));
        let z = self.ts();
        self.op("s.const", &[z.into(), zero])?;
        self.op("cell.store", &[p.into(), z.into()])?;
        self.done(z)?;
        let e0 = Arg::Str(b"E0".to_vec(), false);
        self.op("concat", &[d.into(), n.into(), e0])?;
        self.jmp(end)?;
        self.bind(keep)?;
        self.op("cell.store", &[p.into(), n.into()])?;
        self.copy_to(d, &n.into())?;
        self.jmp(end)?;
        self.bind(off)?;
        let empty = self.konst(Const::Bool(false));
        self.op("s.const", &[d.into(), empty])?;
        self.bind(end)?;
        self.done(n)?;
        self.done(p)
    }

    /// A constant in a flip-flop is compared with `$.`.
    fn flip_test(&mut self, e: &Expr, sense: bool, to: L) -> E {
        if let Some(v @ (Arg::Int(_) | Arg::Num(_) | Arg::Str(..))) = literal(e) {
            let t = self.ts();
            self.op("flip.line", &[t.into(), v])?;
            self.atom(if sense { "br.true" } else { "br.false" }, &[t.into(), to.into()])?;
            return self.done(t);
        }
        self.jump_if(e, sense, to)
    }
}
