//! Calls of subs and methods, and what returning means.
use super::expr::container_sigil;
use super::list::yields_list;
use super::*;

impl Emitter<'_> {
    pub fn call(&mut self, e: &Expr, d: Dest) -> E {
        match d {
            Dest::List(l, _) => {
                let r = self.tp();
                self.call_list(e, r)?;
                self.cat(l, r)
            }
            Dest::Ret => {
                let r = self.tp();
                self.invoke(e, "call.d", Some(r))?;
                self.ret_list(r)
            }
            Dest::Void => self.invoke(e, "call.v", None),
            Dest::Scalar(r) => self.invoke(e, "call.s", Some(r)),
        }
    }

    /// The call in scalar context, where the value of an `:lvalue` sub comes as an alias; `assigned`: it must be one.
    pub fn call_alias(&mut self, e: &Expr, r: Reg, assigned: bool) -> E {
        self.call_lv = if assigned { 2 } else { 1 };
        self.invoke(e, "call.s", Some(r))
    }

    /// The call in list context whose result is assigned to. (Without that, too, aliases come as such in list context.)
    pub fn call_assigned(&mut self, e: &Expr, r: Reg) -> E {
        self.call_lv = 2;
        self.invoke(e, "call.l", Some(r))
    }

    /// The call in list context; `r` receives the list.
    pub fn call_list(&mut self, e: &Expr, r: Reg) -> E {
        self.invoke(e, "call.l", Some(r))
    }

    /// The sub to call: under the debugger DB::sub, which calls it.
    fn debugged(&mut self, code: Reg) -> E<Reg> {
        if !self.cop.as_ref().is_some_and(|c| c.debug.as_ref().is_some_and(|d| d.calls)) {
            return Ok(code);
        }
        let (own, hook) = (self.tp(), self.tp());
        self.atom("p.copy", &[own.into(), code.into()])?;
        self.done(code)?;
        self.op("dbg.sub", &[hook.into(), own.into()])?;
        self.spent(own);
        Ok(hook)
    }

    fn invoke(&mut self, e: &Expr, op: &str, out: Option<Reg>) -> E {
        let lv = std::mem::take(&mut self.call_lv);
        match &e.kind {
            ExprKind::Call(c) => {
                let args =
                    if c.inherit_args { self.shared_args()? } else { self.list_of(&c.args, Mode::Alias)? };
                let code = self.code_ptr(&c.callee)?;
                self.at(e.line);
                let code = self.debugged(code)?;
                self.lv_call(lv)?;
                self.call_op(op, out, code, args)?;
                self.done(code)
            }
            ExprKind::Method(m) => self.method(m, e.line, op, out, lv),
            _ => self.fail(e.line, "internal error of the compiler: not a call"),
        }
    }

    fn lv_call(&mut self, lv: u64) -> E {
        if lv == 0 { Ok(()) } else { self.op("lvalue.call", &[Arg::Imm(lv)]) }
    }

    /// `call.x [out,] code, args, ic`; the argument list is used up.
    pub fn call_op(&mut self, op: &str, out: Option<Reg>, code: Reg, args: Reg) -> E {
        let ic = self.ic();
        let mut v: Vec<Arg> = out.iter().map(|r| Arg::R(*r)).collect();
        v.extend([code.into(), args.into(), ic]);
        self.op(op, &v)?;
        self.spent(args);
        if let Some(r) = out {
            self.plain.remove(&r);
        }
        Ok(())
    }

    /// The caller's own `@_` for `&foo;`, string evals and `goto &foo`.
    pub fn shared_args(&mut self) -> E<Reg> {
        let p = self.tp();
        if self.kind == SubKind::Main {
            let (s, c) = (self.sym("main::_"), self.ic());
            self.op("glob.av", &[p.into(), s, c])?;
        } else {
            self.op("arg.all", &[p.into()])?;
        }
        Ok(p)
    }

    fn method(&mut self, m: &MethodOp, line: u32, op: &str, out: Option<Reg>, lv: u64) -> E {
        let args = self.new_list()?;
        let inv = match &m.invocant.kind {
            ExprKind::Call(_) => {
                let t = self.ts();
                self.call_alias(&m.invocant, t, false)?;
                self.op("list.alias", &[args.into(), t.into()])?;
                self.op("value", &[t.into(), t.into()])?;
                t.into()
            }
            ExprKind::Str(s) if !m.maybe && !s.bytes.contains(&b':') => {
                let name = self.operand(&m.invocant)?;
                let handle = self.ts();
                self.op("meth.handle", &[handle.into(), name.clone()])?;
                self.done_arg(&name)?;
                handle.into()
            }
            _ => self.operand(&m.invocant)?,
        };
        match &m.invocant.kind {
            ExprKind::Call(_) => {}
            ExprKind::Lex { sigil: Sigil::Scalar, .. } => self.list(&m.invocant, args, Mode::Alias)?,
            _ => self.op("list.push", &[args.into(), inv.clone()])?,
        }
        for a in &m.args {
            self.list(a, args, Mode::Alias)?;
        }
        self.at(line);
        let code = self.tp();
        let mut skip = None;
        match &m.name {
            MethodName::Plain(n) if m.maybe => {
                let s = self.sym(n);
                self.op("meth.maybe", &[code.into(), inv.clone(), s])?;
                let l = self.label();
                self.atom("br.null", &[code.into(), l.into()])?;
                skip = Some(l);
            }
            MethodName::Plain(n) => {
                let (s, c) = (self.sym(n), self.ic());
                self.op("meth.find", &[code.into(), inv.clone(), s, c])?;
            }
            MethodName::Super { name, package } => {
                let s = self.sym(&format!("{package}::{name}"));
                self.op("meth.super", &[code.into(), inv.clone(), s])?;
            }
            MethodName::Qualified { class, name, is_super } => {
                let s = self.sym(&format!("{class}::{name}"));
                self.op(if *is_super { "meth.super" } else { "meth.in" }, &[code.into(), inv.clone(), s])?;
            }
            MethodName::Dynamic(x) => {
                let n = self.operand(x)?;
                self.op("meth.dyn", &[code.into(), inv.clone(), n.clone()])?;
                self.done_arg(&n)?;
            }
            MethodName::Lexical(x) => {
                let p = self.code_ptr(x)?;
                self.atom("p.copy", &[code.into(), p.into()])?;
                self.done(p)?;
            }
        }
        self.done_arg(&inv)?;
        let code = self.debugged(code)?;
        self.lv_call(lv)?;
        self.call_op(op, out, code, args)?;
        if let Some(none) = skip {
            let joined = self.label();
            self.jmp(joined)?;
            self.bind(none)?;
            self.atom("p.drop", &[args.into()])?;
            match out {
                Some(r) if r.fam == Fam::S => self.atom("s.undef", &[r.into()])?,
                Some(r) => self.op("list.new", &[r.into()])?,
                None => {}
            }
            self.bind(joined)?;
        }
        self.done(code)
    }

    // ---- returning

    /// The innermost `eval BLOCK` or block of a `sort` that a `return` here would leave.
    fn eval_frame(&self) -> Option<(usize, Dest, Option<Reg>, L)> {
        self.scopes.iter().enumerate().rev().find_map(|(i, s)| match s.frame {
            Some(FrameCx::Eval { dest, list, end }) => Some((i, dest, list, end)),
            Some(FrameCx::Sort { value, end }) => Some((i, Dest::Scalar(value), None, end)),
            _ => None,
        })
    }

    pub fn in_eval_block(&self) -> bool {
        self.eval_frame().is_some()
    }

    /// `return EXPR`
    pub fn return_(&mut self, e: Option<&Expr>) -> E {
        let file = self.kind == SubKind::Main && self.eval_frame().is_none();
        if file && self.hints().is_some_and(|h| h.feature(Feature::ModuleTrue)) {
            if let Some(e) = e {
                self.at(e.line);
                self.void(e)?;
            }
            return self.return_true();
        }
        match e {
            Some(e) => {
                self.at(e.line);
                self.ret(e)
            }
            None => self.ret_nothing(),
        }
    }

    pub fn ret_nothing(&mut self) -> E {
        match self.eval_frame() {
            Some((depth, dest, _, end)) => {
                if let Dest::Scalar(r) = dest {
                    self.atom("s.undef", &[r.into()])?;
                }
                self.leave_to(depth + 1)?;
                self.jmp(end)
            }
            None => self.atom("ret.v", &[]),
        }
    }

    /// Returns the value of a register; a temporary is used up, a variable is left alone.
    pub fn ret_value(&mut self, t: Reg) -> E {
        if let Some((depth, dest, list, end)) = self.eval_frame() {
            match (dest, list) {
                (Dest::Ret, Some(l)) => self.op("list.push", &[l.into(), t.into()])?,
                (dest, _) => match dest {
                    Dest::Scalar(r) => self.copy_to(r, &t.into())?,
                    Dest::List(l, _) => self.op("list.push", &[l.into(), t.into()])?,
                    _ => {}
                },
            }
            self.done(t)?;
            self.leave_to(depth + 1)?;
            return self.jmp(end);
        }
        if self.names.contains_key(&t) {
            let c = self.ts();
            self.copy_to(c, &t.into())?;
            self.atom("ret.s", &[c.into()])?;
            self.spent(c);
            return Ok(());
        }
        self.atom("ret.s", &[t.into()])?;
        self.spent(t);
        Ok(())
    }

    /// Returns a list (used up).
    pub fn ret_list(&mut self, l: Reg) -> E {
        if let Some((depth, dest, list, end)) = self.eval_frame() {
            match (dest, list) {
                (Dest::Ret, Some(out)) => self.cat(out, l)?,
                (Dest::Scalar(r), _) => {
                    self.op("list.last", &[r.into(), l.into()])?;
                    self.spent(l);
                }
                (Dest::List(out, _), _) => self.cat(out, l)?,
                _ => self.done(l)?,
            }
            self.leave_to(depth + 1)?;
            return self.jmp(end);
        }
        self.atom("ret.l", &[l.into()])?;
        self.spent(l);
        Ok(())
    }

    /// Jumps to `list` if the sub was called in list context.
    pub fn want_list(&mut self, list: L) -> E {
        let (w, two) = (self.ti(), self.ti());
        self.atom("want", &[w.into()])?;
        self.atom("i.const", &[two.into(), Arg::Imm(2)])?;
        self.atom("br.i.eq", &[w.into(), two.into(), list.into()])?;
        self.done(two)?;
        self.done(w)
    }

    /// Returns the value of `e` in the context of the caller (or of the enclosing `eval BLOCK`).
    #[keshi_memory::deep]
    pub fn ret(&mut self, e: &Expr) -> E {
        use ExprKind::*;
        if let Some((depth, dest, _, end)) = self.eval_frame()
            && dest != Dest::Ret
        {
            self.eval(e, dest)?;
            if self.b.falls_through() {
                self.leave_to(depth + 1)?;
                self.jmp(end)?;
            }
            return Ok(());
        }
        match &e.kind {
            List { items, .. } if items.len() == 1 && !self.lvalue_sub => return self.ret(&items[0]),
            List { items, .. } if items.is_empty() => return self.ret_nothing(),
            Call(_) | Method(_) => {
                self.at(e.line);
                return self.call(e, Dest::Ret);
            }
            Cond(c, a, b) => {
                self.conditional(c, a, b, Dest::Ret)?;
                return Ok(());
            }
            Logical(op, a, b) if yields_list(b) || !self.lvalue_sub => {
                return self.logical(*op, a, b, Dest::Ret);
            }
            DoBlock(b) => return self.do_block(b, Dest::Ret),
            EvalBlock(b) => return self.eval_block(b, Dest::Ret),
            EvalStr(s) => {
                self.at(e.line);
                return self.eval_str(s, Dest::Ret);
            }
            Assign(l, r) if super::expr::is_listy(l) => return self.assign(l, r, Dest::Ret),
            Return(_) | Next(_) | Last(_) | Redo(_) | Goto(_) | GotoSub(_) | Dump(_) => return self.void(e),
            _ => {}
        }
        if self.lvalue_sub && self.kind != SubKind::Main {
            return self.ret_lvalue(e);
        }
        if !yields_list(e) {
            return self.ret_scalar(e);
        }
        let list = self.label();
        self.want_list(list)?;
        self.ret_scalar(e)?;
        self.bind(list)?;
        let l = self.list_of(std::slice::from_ref(e), Mode::Copy)?;
        self.ret_list(l)
    }

    fn ret_scalar(&mut self, e: &Expr) -> E {
        // A plain lexical dies with the frame: move it out.
        if let ExprKind::Lex { sigil: Sigil::Scalar, idx } = &e.kind
            && let Home::Slot { reg, direct: true } = self.homes[*idx as usize]
            && !self.in_eval_block()
        {
            return self.atom("ret.s", &[reg.into()]);
        }
        let t = self.ts();
        self.copied_into(e, t)?;
        if self.b.falls_through() { self.ret_value(t) } else { Ok(()) }
    }

    /// The value of an `:lvalue` sub: aliases.
    fn ret_lvalue(&mut self, e: &Expr) -> E {
        if yields_list(e) && !matches!(e.kind, ExprKind::HostConst(_)) {
            let list = self.label();
            self.want_list(list)?;
            match last_lvalue(e) {
                true => {
                    let (l, t) = (self.new_list()?, self.ts());
                    self.alias_into(e, t)?;
                    self.op("list.alias", &[l.into(), t.into()])?;
                    self.done(t)?;
                    self.ret_list(l)?;
                }
                false if matches!(e.kind, ExprKind::Slice { .. } | ExprKind::HSlice { .. }) => {
                    self.jmp(list)?
                }
                false => self.ret_scalar(e)?,
            }
            self.bind(list)?;
        }
        let l = self.new_list()?;
        self.push_lvalues(e, l)?;
        if self.b.falls_through() { self.ret_list(l) } else { Ok(()) }
    }

    #[keshi_memory::deep]
    fn push_lvalues(&mut self, e: &Expr, l: Reg) -> E {
        match &e.kind {
            ExprKind::List { items, .. } => items.iter().try_for_each(|x| self.push_lvalues(x, l)),
            ExprKind::Func { func: ast::Func::Keys, args, .. } if args.len() == 1 => {
                let p = match container_sigil(&args[0]) {
                    Some(Sigil::Hash) => self.hv(&args[0], true)?,
                    _ => self.av(&args[0], true)?,
                };
                self.op("lvalue.keys", &[l.into(), p.into()])?;
                self.done(p)
            }
            ExprKind::Func { func: ast::Func::Shift | ast::Func::Pop, .. } => {
                let t = self.ts();
                self.alias_into(e, t)?;
                self.op("list.alias", &[l.into(), t.into()])?;
                self.done(t)
            }
            _ if super::lvalue::is_lvalue(e) => {
                let t = self.ts();
                self.alias_into(e, t)?;
                self.op("list.alias", &[l.into(), t.into()])?;
                self.done(t)
            }
            ExprKind::Lex { .. } | ExprKind::Pkg { .. } | ExprKind::Deref { .. }
                if container_sigil(e).is_some() =>
            {
                let p = match container_sigil(e) {
                    Some(Sigil::Array) => self.av(e, true)?,
                    _ => self.hv(e, true)?,
                };
                self.op("lvalue.push", &[l.into(), p.into()])?;
                self.done(p)
            }
            ExprKind::Pkg { sigil: Sigil::Glob, .. } | ExprKind::Deref { sigil: Sigil::Glob, .. } => {
                let p = self.glob_ptr(e, 1)?;
                self.op("lvalue.push", &[l.into(), p.into()])?;
                self.done(p)
            }
            ExprKind::HostConst(_) => {
                let t = self.ts();
                self.scalar_into(e, t)?;
                self.op("const.cell", &[t.into()])?;
                self.op("list.alias", &[l.into(), t.into()])?;
                self.done(t)
            }
            _ => match super::expr::literal(e) {
                Some(v) => {
                    let t = self.ts();
                    self.copy_to(t, &v)?;
                    self.op("const.cell", &[t.into()])?;
                    self.op("list.alias", &[l.into(), t.into()])?;
                    self.done(t)
                }
                None => self.list(e, l, Mode::Alias),
            },
        }
    }
}

/// Ends the comma operator in an lvalue?
#[keshi_memory::deep]
fn last_lvalue(e: &Expr) -> bool {
    match &e.kind {
        ExprKind::List { items, .. } => items.last().is_some_and(last_lvalue),
        ExprKind::Func { func: ast::Func::Keys, args, .. } => {
            args.first().and_then(container_sigil) == Some(Sigil::Hash)
        }
        _ => super::lvalue::is_lvalue(e),
    }
}
