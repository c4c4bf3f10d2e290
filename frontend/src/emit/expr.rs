//! Expressions: the dispatch by context.
//!
//! [`Emitter::scalar`] returns the register that has the value (a variable's own slot where possible),
//! [`Emitter::operand`] also literals, [`Emitter::scalar_into`] writes a given register. [`Emitter::eval`] serves any
//! [`Dest`].
use super::*;

impl Emitter<'_> {
    pub fn eval(&mut self, e: &Expr, d: Dest) -> E {
        match d {
            Dest::Void => self.void(e),
            Dest::Scalar(r) => self.scalar_into(e, r),
            Dest::List(l, m) => self.list(e, l, m),
            Dest::Ret => self.ret(e),
        }
    }

    /// The value as an operand: a literal, a variable's slot or a temporary.
    pub fn operand(&mut self, e: &Expr) -> E<Arg> {
        if let Some(a) = literal(e) {
            return Ok(a);
        }
        Ok(Arg::R(self.scalar(e)?))
    }

    /// The value of `e` for a variable of its own: a glob is copied (perl's fake glob), so that what happens
    /// to the original's slots as a whole (`local`, `undef`) does not happen to the copy.
    pub fn copied_into(&mut self, e: &Expr, d: Reg) -> E {
        self.scalar_into(e, d)?;
        if glob_valued(e) && self.b.falls_through() {
            self.op("gv.copy", &[d.into()])?;
        }
        Ok(())
    }

    pub fn scalar(&mut self, e: &Expr) -> E<Reg> {
        if let Some(r) = self.slot_of(e) {
            return Ok(r);
        }
        let t = self.ts();
        self.scalar_into(e, t)?;
        Ok(t)
    }

    /// The register in which a scalar variable lives, if it lives in one.
    #[keshi_memory::deep]
    pub fn slot_of(&self, e: &Expr) -> Option<Reg> {
        match &e.kind {
            ExprKind::Lex { sigil: Sigil::Scalar, idx } => match &self.homes[*idx as usize] {
                Home::Slot { reg, .. } => Some(*reg),
                _ => None,
            },
            ExprKind::Pkg { sigil: Sigil::Scalar, name } => self.topic(name),
            ExprKind::List { items, .. } if items.len() == 1 => self.slot_of(&items[0]),
            _ => None,
        }
    }

    /// The register that stands for a package scalar in an inlined block.
    pub fn topic(&self, name: &str) -> Option<Reg> {
        self.topics.iter().rev().find(|t| &*t.0 == name).and_then(|t| t.1)
    }

    /// Emits `name d, operands…` for operand expressions, evaluated left to right.
    pub fn apply(&mut self, name: &str, d: Reg, args: &[&Expr]) -> E {
        if let [a, b] = args
            && self.read_late(a, b)
        {
            let (x, y) = self.pair(a, b)?;
            self.op(name, &[d.into(), x.into(), y.clone()])?;
            self.done_arg(&y)?;
            return self.done(x);
        }
        let mut ops = vec![Arg::R(d)];
        for a in args {
            ops.push(self.operand(a)?);
        }
        self.op(name, &ops)?;
        self.done_args(&ops[1..])
    }

    /// Is `a` a variable that evaluating `b` may change? perl's operators get the variable, not a copy.
    pub fn read_late(&self, a: &Expr, b: &Expr) -> bool {
        self.in_cell(a) && literal(b).is_none() && (self.slot_of(b).is_none() || self.may_alias(b))
    }

    /// A variable in a slot that may be an alias: of a tied scalar, too.
    fn may_alias(&self, e: &Expr) -> bool {
        match &e.kind {
            ExprKind::Lex { sigil: Sigil::Scalar, idx } => {
                matches!(self.homes[*idx as usize], Home::Slot { direct: false, .. })
            }
            _ => false,
        }
    }

    /// A scalar variable that lives in a cell of its own.
    fn in_cell(&self, e: &Expr) -> bool {
        match &e.kind {
            ExprKind::Lex { sigil: Sigil::Scalar, idx } => {
                matches!(self.homes[*idx as usize], Home::Cell(_) | Home::Pkg(_))
            }
            ExprKind::Pkg { sigil: Sigil::Scalar, name } => self.topic(name).is_none(),
            _ => false,
        }
    }

    /// The operands of an operator whose left one is a variable to be read after the right one was evaluated.
    pub fn pair(&mut self, a: &Expr, b: &Expr) -> E<(Reg, Arg)> {
        let p = self.place(a)?;
        let x = self.ts();
        let y = if self.in_cell(b) {
            let q = self.place(b)?;
            let y = self.ts();
            let (c, d) = (self.place_cell(&p)?, self.place_cell(&q)?);
            self.op("cell.load", &[x.into(), c.into()])?;
            self.op("cell.load", &[y.into(), d.into()])?;
            self.op("cell.reread", &[x.into(), c.into(), d.into()])?;
            self.done_place(&q)?;
            Arg::R(y)
        } else {
            let mut y = self.operand(b)?;
            if self.may_alias(b) {
                let t = self.ts();
                self.copy_to(t, &y)?;
                y = Arg::R(t);
            }
            self.place_load(&p, x)?;
            y
        };
        self.done_place(&p)?;
        Ok((x, y))
    }

    pub fn scalar_into(&mut self, e: &Expr, d: Reg) -> E {
        keshi_memory::deeper(|| self.scalar_into_here(e, d))
    }

    fn scalar_into_here(&mut self, e: &Expr, d: Reg) -> E {
        use ExprKind::*;
        if let Some(a) = literal(e) {
            return self.copy_to(d, &a);
        }
        if let Some(r) = self.slot_of(e) {
            return self.copy_to(d, &r.into());
        }
        self.at(e.line);
        match &e.kind {
            Int(_) | Num(_) | Str(_) | Bareword(_) => Ok(()),
            Uint(u) => {
                let k = self.konst(Const::Uint(*u));
                self.op("s.const", &[d.into(), k])
            }
            VString { value, literal } => {
                let k = self.konst(Const::VString {
                    bytes: value.bytes.to_vec(),
                    utf8: value.utf8,
                    literal: literal.bytes.to_vec(),
                });
                self.op("s.const", &[d.into(), k])
            }
            HostConst(h) => {
                let k = self.konst(Const::Int(h.0 as i64));
                self.op("host.const", &[d.into(), k])
            }
            Interp(v) => self.interp(v, d),
            Join(a) => self.join_sep(a, d),
            List { items, .. } => self.comma(items, Dest::Scalar(d)),
            Lex { sigil: Sigil::Scalar, idx } => match self.homes[*idx as usize].clone() {
                Home::Pkg(n) => self.pkg_scalar(&n, d),
                Home::Host(h) => {
                    let k = self.konst(Const::Int(h.0 as i64));
                    self.op("host.const", &[d.into(), k])
                }
                _ => self.load_var(*idx, d),
            },
            Pkg { sigil: Sigil::Scalar, name } => self.pkg_scalar(name, d),
            Lex { sigil: Sigil::Code, .. } | Pkg { sigil: Sigil::Code, .. } => self.code_value(e, d),
            Pkg { sigil: Sigil::Glob, name } => {
                let s = self.sym(name);
                self.op("glob.val", &[d.into(), s])
            }
            Lex { sigil: Sigil::Array | Sigil::Hash, .. } | Pkg { sigil: Sigil::Array | Sigil::Hash, .. } => {
                self.count(e, d)
            }
            Deref { sigil: Sigil::Array | Sigil::Hash, .. } => self.count(e, d),
            Deref { sigil: Sigil::Scalar, .. } => {
                let p = self.cell(e, false)?;
                self.op("cell.load", &[d.into(), p.into()])?;
                self.done(p)
            }
            Deref { sigil: Sigil::Code, .. } => self.code_value(e, d),
            Deref { sigil: Sigil::Glob, .. } => {
                let p = self.glob_ptr(e, 0)?;
                self.op("gv.val", &[d.into(), p.into()])?;
                self.done(p)
            }
            Lex { sigil: Sigil::Glob, .. } => self.fail(e.line, "a lexical glob"),
            My(m) => self.my_scalar(m, e, d),
            Elem { array, index } => self.elem_load(array, index, d),
            HElem { hash, key } => self.helem_load(hash, key, d),
            Slice { .. } | HSlice { .. } | KvSlice { .. } | KvHSlice { .. } => self.last_of_list(e, d),
            ListSlice { list, index } => self.list_slice_scalar(list, index, d),
            ArrayLast(a) => {
                let p = self.av(a, false)?;
                self.op("av.last", &[d.into(), p.into()])?;
                self.done(p)
            }
            GlobSlot { glob, slot } => {
                let p = self.glob_ptr(glob, 0)?;
                let k = self.operand(slot)?;
                self.op("gv.slot", &[d.into(), p.into(), k.clone()])?;
                self.done_arg(&k)?;
                self.done(p)
            }
            Local(x) => {
                if is_listy(x) {
                    if let Some(kind) = container_sigil(x) {
                        let p = if kind == Sigil::Array { self.av(e, false)? } else { self.hv(e, false)? };
                        self.op(
                            if kind == Sigil::Array { "av.count" } else { "hv.count" },
                            &[d.into(), p.into()],
                        )?;
                        return self.done(p);
                    }
                    return self.last_of_list(e, d);
                }
                self.place_value(e, d)
            }
            Ref(x) => self.reference(x, d),
            Unary(op, x) => self.unary(*op, x, d),
            Binary(op, a, b) => self.binary(*op, a, b, d),
            Logical(op, a, b) => self.logical(*op, a, b, Dest::Scalar(d)),
            Not(x) => self.not(x, d),
            PreInc(x) | PreDec(x) | PostInc(x) | PostDec(x) => self.incdec(e, x, Some(d)),
            Assign(l, r) => self.assign(l, r, Dest::Scalar(d)),
            OpAssign(op, l, r) => self.op_assign(*op, l, r, Dest::Scalar(d)),
            LogAssign(op, l, r) => self.log_assign(*op, l, r, Dest::Scalar(d)),
            RefAssign(l, r) => self.ref_assign(l, r, Dest::Scalar(d)),
            Cond(c, a, b) => self.conditional(c, a, b, Dest::Scalar(d)),
            Range { from, to, dots3 } => self.flipflop(from, to, *dots3, d),
            Repeat(a, b) => self.repeat_scalar(a, b, d),
            ChainCmp { first, rest } => self.chain(first, rest, d),
            SmartMatch(a, b) => self.smartmatch(a, b, d),
            Isa(a, b) => self.apply("isa", d, &[a, b]),
            FileTest { op, operand } => self.filetest(*op, operand, d),
            Match(m) => self.match_scalar(m, e.line, d),
            Subst(s) => self.subst(s, e.line, Some(d)),
            Trans(t) => self.trans(t, Some(d)),
            Qr(p) => {
                let re = self.pattern(p, regex::flag::QR)?;
                self.op("rx.qr", &[d.into(), re.into()])?;
                self.done(re)
            }
            Backtick(x) => self.apply("backtick", d, &[super::string::bare(x)]),
            ReadLine { handle, safe_argv } => self.readline(handle, *safe_argv, Dest::Scalar(d)),
            Glob(x) => self.glob_scalar(x, d),
            Func { func, args, parens } => self.func_scalar(e, *func, args, *parens, d),
            Print { func, handle, args } => self.print(*func, handle.as_deref(), args, Some(d)),
            SysExec { func, program, args } => self.sys_exec(*func, program.as_deref(), args, d),
            Sort(s) => self.sort_scalar(s, d),
            MapGrep(m) => self.map_scalar(m, d),
            Call(_) | Method(_) => self.call(e, Dest::Scalar(d)),
            Macro { name, args } => self.macro_call(name, args, d),
            AnonSub(s) => self.anon_sub(s, d),
            AnonArray(v) => {
                let l = self.list_of(v, Mode::Copy)?;
                self.op("anon.av", &[d.into(), l.into()])?;
                self.spent(l);
                Ok(())
            }
            AnonHash(v) => {
                let l = self.list_of(v, Mode::Copy)?;
                self.op("anon.hv", &[d.into(), l.into()])?;
                self.spent(l);
                Ok(())
            }
            DoBlock(b) => self.do_block(b, Dest::Scalar(d)),
            DoFile(x) => self.apply("do.file", d, &[x]),
            EvalBlock(b) => self.eval_block(b, Dest::Scalar(d)),
            EvalStr(s) => self.eval_str(s, Dest::Scalar(d)),
            Require { arg, bareword } => {
                self.apply(if *bareword { "require" } else { "require.expr" }, d, &[arg])
            }
            Return(_) => self.void(e),
            // The label may not be known before: the way on has a value.
            Next(_) | Last(_) | Redo(_) | Goto(_) | GotoSub(_) | Dump(_) => {
                self.void(e)?;
                self.atom("s.undef", &[d.into()])
            }
            CurSub => self.op("cursub", &[d.into()]),
            Yada => {
                self.op("yada", &[])?;
                self.atom("s.undef", &[d.into()])
            }
            CoreSub(f) => {
                let s = self.sym(f.name());
                self.op("core.sub", &[d.into(), s])
            }
            Error => self.fail(e.line, "syntax error"),
        }
    }

    /// Evaluated for its effects.
    #[keshi_memory::deep]
    pub fn void(&mut self, e: &Expr) -> E {
        use ExprKind::*;
        if literal(e).is_some() {
            return Ok(());
        }
        match &e.kind {
            Lex { .. } | AnonSub(_) | Error => Ok(()),
            VString { .. } | HostConst(_) => Ok(()),
            List { items, .. } => items.iter().try_for_each(|x| self.void(x)),
            My(m) => self.declare(m, e.line),
            Local(_) => self.local_void(e),
            Assign(l, r) => {
                self.at(e.line);
                self.assign(l, r, Dest::Void)
            }
            OpAssign(op, l, r) => {
                self.at(e.line);
                self.op_assign(*op, l, r, Dest::Void)
            }
            LogAssign(op, l, r) => self.log_assign(*op, l, r, Dest::Void),
            RefAssign(l, r) => self.ref_assign(l, r, Dest::Void),
            Logical(op, a, b) => self.logical(*op, a, b, Dest::Void),
            Cond(c, a, b) => self.conditional(c, a, b, Dest::Void),
            Not(x) => self.void(x),
            PreInc(x) | PostInc(x) | PreDec(x) | PostDec(x) => {
                self.at(e.line);
                self.incdec(e, x, None)
            }
            Subst(s) => {
                self.at(e.line);
                self.subst(s, e.line, None)
            }
            Trans(t) => self.trans(t, None),
            Print { func, handle, args } => {
                self.at(e.line);
                self.print(*func, handle.as_deref(), args, None)
            }
            Call(_) | Method(_) => {
                self.at(e.line);
                self.call(e, Dest::Void)
            }
            DoBlock(b) => self.do_block(b, Dest::Void),
            EvalBlock(b) => self.eval_block(b, Dest::Void),
            EvalStr(s) => {
                self.at(e.line);
                self.eval_str(s, Dest::Void)
            }
            MapGrep(m) => {
                self.at(e.line);
                self.map_void(m)
            }
            Return(x) => self.return_(x.as_deref()),
            Next(l) => self.loop_jump(0, l, e.line),
            Last(l) => self.loop_jump(1, l, e.line),
            Redo(l) => self.loop_jump(2, l, e.line),
            Goto(l) => self.goto(l, e.line),
            GotoSub(x) => self.goto_sub(x),
            Dump(_) => self.todo(e.line, "dump"),
            Yada => self.op("yada", &[]),
            Func { func, args, parens } => {
                self.at(e.line);
                self.func_void(e, *func, args, *parens)
            }
            _ => {
                let t = self.ts();
                self.scalar_into(e, t)?;
                self.done(t)
            }
        }
    }

    /// The comma operator.
    pub fn comma(&mut self, items: &[Expr], d: Dest) -> E {
        let Some((last, rest)) = items.split_last() else {
            return match d {
                Dest::Scalar(r) => self.atom("s.undef", &[r.into()]),
                Dest::Ret => self.atom("ret.v", &[]),
                _ => Ok(()),
            };
        };
        for x in rest {
            self.void(x)?;
        }
        self.eval(last, d)
    }

    fn pkg_scalar(&mut self, name: &Name, d: Reg) -> E {
        if let Some(i) = capture_number(name) {
            return self.op("rx.cap", &[d.into(), Arg::Imm(i.into())]);
        }
        let p = self.glob_sv(name)?;
        self.op("cell.load", &[d.into(), p.into()])?;
        self.done(p)
    }

    pub fn glob_sv(&mut self, name: &str) -> E<Reg> {
        let (s, c) = (self.sym(name), self.ic());
        let p = self.tp();
        self.op("glob.sv", &[p.into(), s, c])?;
        Ok(p)
    }

    /// Number of elements of an array or keys of a hash.
    pub fn count(&mut self, e: &Expr, d: Reg) -> E {
        let (p, op) = match container_sigil(e) {
            Some(Sigil::Hash) => (self.hv(e, false)?, "hv.count"),
            _ => (self.av(e, false)?, "av.count"),
        };
        self.op(op, &[d.into(), p.into()])?;
        self.done(p)
    }

    fn last_of_list(&mut self, e: &Expr, d: Reg) -> E {
        let l = self.list_of(std::slice::from_ref(e), Mode::Copy)?;
        self.op("list.last", &[d.into(), l.into()])?;
        self.spent(l);
        Ok(())
    }

    fn my_scalar(&mut self, m: &MyDecl, e: &Expr, d: Reg) -> E {
        if m.parens || m.vars.len() != 1 {
            self.declare(m, e.line)?;
            return match m.vars.last() {
                Some(v) => {
                    let x = var_expr(v, e.line);
                    self.scalar_into(&x, d)
                }
                None => self.atom("s.undef", &[d.into()]),
            };
        }
        self.declare(m, e.line)?;
        let x = var_expr(&m.vars[0], e.line);
        self.scalar_into(&x, d)
    }
}

/// A constant that can stand as a literal operand.
pub(crate) fn literal(e: &Expr) -> Option<Arg> {
    Some(match &e.kind {
        ExprKind::Int(i) => Arg::Int(*i),
        ExprKind::Num(n) => Arg::Num(*n),
        ExprKind::Str(s) | ExprKind::Bareword(s) => Arg::Str(s.bytes.to_vec(), s.utf8),
        ExprKind::Unary(UnOp::Neg, x) => match &x.kind {
            ExprKind::Int(i) if *i > 0 => Arg::Int(-i),
            ExprKind::Num(n) => Arg::Num(-n),
            _ => return None,
        },
        ExprKind::List { items, .. } if items.len() == 1 => return literal(&items[0]),
        _ => return None,
    })
}

/// `$1` … and the other capture variables, as the operand of `rx.cap`.
pub(crate) fn capture_number(name: &str) -> Option<u32> {
    let n = name.strip_prefix("main::")?;
    match n {
        "&" => Some(0),
        "`" => Some(u32::MAX - 1),
        "'" => Some(u32::MAX - 2),
        "+" => Some(u32::MAX - 3),
        "\u{e}" | "^N" => Some(u32::MAX - 4),
        _ if n.starts_with(|c: char| ('1'..='9').contains(&c)) => n.parse().ok().filter(|&i| i < 1 << 30),
        _ => None,
    }
}

/// `Array` or `Hash` if the expression is a whole container.
#[keshi_memory::deep]
pub(crate) fn container_sigil(e: &Expr) -> Option<Sigil> {
    match &e.kind {
        ExprKind::Lex { sigil: s @ (Sigil::Array | Sigil::Hash), .. }
        | ExprKind::Pkg { sigil: s @ (Sigil::Array | Sigil::Hash), .. }
        | ExprKind::Deref { sigil: s @ (Sigil::Array | Sigil::Hash), .. } => Some(*s),
        ExprKind::My(m) if !m.parens && m.vars.len() == 1 => match &m.vars[0] {
            MyVar::Lex { sigil: s @ (Sigil::Array | Sigil::Hash), .. }
            | MyVar::Our { sigil: s @ (Sigil::Array | Sigil::Hash), .. } => Some(*s),
            _ => None,
        },
        ExprKind::Local(x) => container_sigil(x),
        _ => None,
    }
}

/// Does an assignment to it give list context to the right side?
/// Is the value a typeglob, by the looks of it?
#[keshi_memory::deep]
pub(crate) fn glob_valued(e: &Expr) -> bool {
    match &e.kind {
        ExprKind::Pkg { sigil: Sigil::Glob, .. } | ExprKind::Deref { sigil: Sigil::Glob, .. } => true,
        ExprKind::Local(x) => glob_valued(x),
        ExprKind::List { items, .. } if items.len() == 1 => glob_valued(&items[0]),
        _ => false,
    }
}

#[keshi_memory::deep]
pub(crate) fn is_listy(e: &Expr) -> bool {
    match &e.kind {
        ExprKind::List { parens, .. } => *parens,
        ExprKind::My(m) => m.parens || container_sigil(e).is_some(),
        ExprKind::Slice { .. }
        | ExprKind::HSlice { .. }
        | ExprKind::KvSlice { .. }
        | ExprKind::KvHSlice { .. } => true,
        ExprKind::Local(x) => is_listy(x),
        _ => container_sigil(e).is_some(),
    }
}

/// The variable a declaration introduces, as an expression.
pub(crate) fn var_expr(v: &MyVar, line: u32) -> Expr {
    Expr::new(
        line,
        match v {
            MyVar::Lex { sigil, idx, .. } => ExprKind::Lex { sigil: *sigil, idx: *idx },
            MyVar::Our { sigil, name, .. } => ExprKind::Pkg { sigil: *sigil, name: name.clone() },
            MyVar::Undef => ExprKind::List { items: Vec::new(), parens: true },
        },
    )
}
