//! List context: every expression appends what it yields to a list register.
use super::expr::{container_sigil, literal};
use super::*;

impl Emitter<'_> {
    pub fn new_list(&mut self) -> E<Reg> {
        let l = self.tp();
        self.op("list.new", &[l.into()])?;
        Ok(l)
    }

    /// A new list of the expressions' values; the caller uses it up (`spent`) or drops it (`done`).
    pub fn list_of(&mut self, items: &[Expr], m: Mode) -> E<Reg> {
        let l = self.new_list()?;
        for e in items {
            self.list(e, l, m)?;
        }
        Ok(l)
    }

    /// Each item in scalar context: arguments of builtins with a prototype of `$`s.
    pub fn scalars_of<'e>(&mut self, items: impl IntoIterator<Item = &'e Expr>) -> E<Reg> {
        let l = self.new_list()?;
        for e in items {
            self.push_scalar(e, l)?;
        }
        Ok(l)
    }

    pub fn push_scalar(&mut self, e: &Expr, l: Reg) -> E {
        let v = self.operand(e)?;
        self.op("list.push", &[l.into(), v.clone()])?;
        self.done_arg(&v)
    }

    pub fn list(&mut self, e: &Expr, l: Reg, m: Mode) -> E {
        keshi_memory::deeper(|| self.list_here(e, l, m))
    }

    fn list_here(&mut self, e: &Expr, l: Reg, m: Mode) -> E {
        use ExprKind::*;
        if let Some(v) = literal(e) {
            return self.op("list.push", &[l.into(), v]);
        }
        self.at(e.line);
        if m == Mode::Copy && super::expr::glob_valued(e) {
            let t = self.ts();
            self.copied_into(e, t)?;
            self.op("list.push", &[l.into(), t.into()])?;
            return self.done(t);
        }
        match &e.kind {
            List { items, .. } => items.iter().try_for_each(|x| self.list(x, l, m)),
            Lex { sigil: Sigil::Scalar, idx } => match (self.homes[*idx as usize].clone(), m) {
                (Home::Slot { reg, .. }, Mode::Alias) => self.op("list.slot", &[l.into(), reg.into()]),
                (Home::Slot { reg, .. }, Mode::Copy) => self.op("list.push", &[l.into(), reg.into()]),
                (Home::Cell(p), Mode::Alias) => self.op("list.cell", &[l.into(), p.into()]),
                (Home::Pkg(n), _) => self.push_pkg(&n, l, m),
                (Home::Host(h), _) => {
                    let k = self.konst(Const::Int(h.0 as i64));
                    self.op("host.list", &[l.into(), k])
                }
                _ => self.push_value(e, l),
            },
            Pkg { sigil: Sigil::Scalar, name } => self.push_pkg(name, l, m),
            HostConst(h) => {
                let k = self.konst(Const::Int(h.0 as i64));
                self.op("host.list", &[l.into(), k])
            }
            _ if container_sigil(e).is_some() => self.flatten(e, l, m),
            My(d) => {
                self.declare(d, e.line)?;
                for v in &d.vars {
                    let x = super::expr::var_expr(v, e.line);
                    self.list(&x, l, m)?;
                }
                Ok(())
            }
            Local(x) => {
                if super::expr::is_listy(x) {
                    self.local_void(e)?;
                    let x = super::lvalue::undeclared(x);
                    return self.list(&x, l, m);
                }
                let p = self.place(e)?;
                self.push_place(&p, l, m)?;
                self.done_place(&p)
            }
            Not(_) | Func { func: ast::Func::Undef, .. } if m == Mode::Alias && is_immortal(e) => {
                let t = self.scalar(e)?;
                self.op("list.immortal", &[l.into(), t.into()])?;
                self.done(t)
            }
            Func { func: ast::Func::Scalar, args, .. }
                if m == Mode::Alias && matches!(&args[..], [x] if has_own_lvalue(x)) =>
            {
                let t = self.ts();
                self.alias_into(&args[0], t)?;
                self.op("list.alias", &[l.into(), t.into()])?;
                self.done(t)
            }
            Elem { .. } | HElem { .. } | Deref { sigil: Sigil::Scalar, .. } if m == Mode::Alias => {
                self.push_alias(e, l)
            }
            Slice { array, index } => {
                let op = if m == Mode::Alias { "av.slice.lv" } else { "av.slice" };
                let p = self.av(array, true)?;
                self.slice(op, p, index, l)
            }
            HSlice { hash, keys } => {
                let op = if m == Mode::Alias { "hv.slice.lv" } else { "hv.slice" };
                let p = self.hv(hash, true)?;
                self.slice(op, p, keys, l)
            }
            KvSlice { array, index } => {
                let p = self.av(array, true)?;
                self.slice("av.kvslice", p, index, l)
            }
            KvHSlice { hash, keys } => {
                let p = self.hv(hash, true)?;
                self.slice("hv.kvslice", p, keys, l)
            }
            ListSlice { list, index } => {
                let v = self.list_of(std::slice::from_ref(&**list), m)?;
                if m == Mode::Alias {
                    self.op("list.promote", &[v.into()])?;
                }
                let i = self.list_of(std::slice::from_ref(&**index), Mode::Copy)?;
                let r = self.tp();
                self.op("list.slice", &[r.into(), v.into(), i.into()])?;
                self.done(i)?;
                self.done(v)?;
                self.cat(l, r)
            }
            Cond(c, a, b) => self.conditional(c, a, b, Dest::List(l, m)),
            Logical(op, a, b)
                if m == Mode::Alias
                    && (super::lvalue::is_lvalue(a) || matches!(a.kind, Call(_) | Method(_))) =>
            {
                self.logical_alias(*op, a, b, l)
            }
            Logical(op, a, b) => self.logical(*op, a, b, Dest::List(l, m)),
            Assign(lhs, r) => self.assign(lhs, r, Dest::List(l, m)),
            OpAssign(op, a, b) => self.op_assign(*op, a, b, Dest::List(l, m)),
            LogAssign(op, a, b) => self.log_assign(*op, a, b, Dest::List(l, m)),
            RefAssign(a, b) => self.ref_assign(a, b, Dest::List(l, m)),
            PreInc(_) | PreDec(_) if m == Mode::Alias => self.push_alias(e, l),
            Range { from, to, .. } => {
                let a = self.operand(from)?;
                let b = self.operand(to)?;
                self.op("range", &[l.into(), a.clone(), b.clone()])?;
                self.done_arg(&b)?;
                self.done_arg(&a)
            }
            Repeat(a, b) if matches!(a.kind, List { parens: true, .. }) => {
                let v = self.list_of(std::slice::from_ref(&**a), m)?;
                let n = self.operand(b)?;
                let r = self.tp();
                let op = if m == Mode::Alias { "repeat.alias" } else { "repeat.l" };
                self.op(op, &[r.into(), v.into(), n.clone()])?;
                self.spent(v);
                self.done_arg(&n)?;
                self.cat(l, r)
            }
            Ref(x) => self.ref_list(x, l),
            Match(mt) => self.match_list(mt, e.line, l),
            ReadLine { handle, safe_argv } => self.readline(handle, *safe_argv, Dest::List(l, m)),
            Backtick(x) => self.push_rt("backtick.l", super::string::bare(x), l),
            Glob(x) => self.push_rt("glob.l", x, l),
            Func { func: ast::Func::Scalar, args, .. }
                if m == Mode::Alias && matches!(&args[..], [x] if matches!(x.kind, Call(_) | Method(_))) =>
            {
                let t = self.ts();
                self.call_alias(&args[0], t, false)?;
                self.op("list.alias", &[l.into(), t.into()])?;
                self.done(t)
            }
            Func { func, args, parens } => self.func_list(e, *func, args, *parens, l, m),
            Sort(s) => self.sort_list(s, l, m),
            MapGrep(x) => self.map_list(x, l, m),
            Call(_) | Method(_) => {
                let r = self.tp();
                self.call_list(e, r)?;
                self.cat(l, r)
            }
            DoBlock(b) => self.do_block(b, Dest::List(l, m)),
            DoFile(x) => self.push_rt("do.file.l", x, l),
            EvalBlock(b) => self.eval_block(b, Dest::List(l, m)),
            EvalStr(s) => self.eval_str(s, Dest::List(l, m)),
            Return(_) | Next(_) | Last(_) | Redo(_) | Goto(_) | GotoSub(_) | Dump(_) | Yada => self.void(e),
            _ => self.push_value(e, l),
        }
    }

    /// `a || b` and the like, where the operand that is the value stands for itself.
    pub fn logical_alias(&mut self, op: LogOp, a: &Expr, b: &Expr, l: Reg) -> E {
        let (t, v) = (self.ts(), self.ts());
        let p = self.place(a)?;
        // An element comes to be only when it is assigned to.
        let elem = match &p {
            super::lvalue::Place::Elem(c, k) => Some(("list.elem", *c, k.clone())),
            super::lvalue::Place::HElem(c, k) => Some(("list.helem", *c, k.clone())),
            _ => None,
        };
        if elem.is_some() {
            self.place_load(&p, v)?;
        } else {
            let lv = self.place_lv(&p)?;
            self.op("slot.alias", &[t.into(), lv.into()])?;
            self.op("value", &[v.into(), t.into()])?;
        }
        let (right, end) = (self.label(), self.label());
        match op {
            LogOp::And => self.atom("br.true", &[v.into(), right.into()])?,
            LogOp::Or => self.atom("br.false", &[v.into(), right.into()])?,
            LogOp::Dor => {
                let keep = self.label();
                self.atom("br.def", &[v.into(), keep.into()])?;
                self.jmp(right)?;
                self.bind(keep)?;
            }
        }
        match elem {
            Some((op, c, k)) => self.op(op, &[l.into(), c.into(), k])?,
            None => self.op("list.alias", &[l.into(), t.into()])?,
        }
        self.jmp(end)?;
        self.bind(right)?;
        self.done(v)?;
        self.done(t)?;
        self.done_place(&p)?;
        self.list(b, l, Mode::Alias)?;
        self.bind(end)
    }

    /// The scalar value, as one element.
    fn push_value(&mut self, e: &Expr, l: Reg) -> E {
        let r = self.scalar(e)?;
        self.op("list.push", &[l.into(), r.into()])?;
        self.done(r)
    }

    fn push_pkg(&mut self, name: &Name, l: Reg, m: Mode) -> E {
        if let Some(r) = self.topic(name) {
            let op = if m == Mode::Alias { "list.slot" } else { "list.push" };
            return self.op(op, &[l.into(), r.into()]);
        }
        // Capture variables are aliased through their magical cells.
        if m == Mode::Copy
            && let Some(i) = super::expr::capture_number(name)
        {
            let t = self.ts();
            self.op("rx.cap", &[t.into(), Arg::Imm(i.into())])?;
            self.op("list.push", &[l.into(), t.into()])?;
            return self.done(t);
        }
        let p = self.glob_sv(name)?;
        if m == Mode::Alias {
            self.op("list.cell", &[l.into(), p.into()])?;
        } else {
            let t = self.ts();
            self.op("cell.load", &[t.into(), p.into()])?;
            self.op("list.push", &[l.into(), t.into()])?;
            self.done(t)?;
        }
        self.done(p)
    }

    /// A whole array or hash.
    fn flatten(&mut self, e: &Expr, l: Reg, m: Mode) -> E {
        if container_sigil(e) == Some(Sigil::Array) {
            // `foreach (@$x)` and `foo(@$x)` create the array, plain reading does not.
            let p = self.av(e, m == Mode::Alias)?;
            self.op(if m == Mode::Alias { "list.av" } else { "list.copy.av" }, &[l.into(), p.into()])?;
            return self.done(p);
        }
        let p = self.hv(e, m == Mode::Alias)?;
        self.op(if m == Mode::Alias { "list.hv" } else { "list.copy.hv" }, &[l.into(), p.into()])?;
        self.done(p)
    }

    /// An element or dereferenced scalar as an alias; elements that do not exist yet stay so until assigned.
    fn push_alias(&mut self, e: &Expr, l: Reg) -> E {
        match &e.kind {
            ExprKind::Elem { array, index } => {
                let p = self.av(array, true)?;
                let i = self.operand(index)?;
                self.op("list.elem", &[l.into(), p.into(), i.clone()])?;
                self.done_arg(&i)?;
                self.done(p)
            }
            ExprKind::HElem { hash, key } => {
                let p = self.hv(hash, true)?;
                let k = self.operand(key)?;
                self.op("list.helem", &[l.into(), p.into(), k.clone()])?;
                self.done_arg(&k)?;
                self.done(p)
            }
            _ => {
                let p = self.place(e)?;
                self.push_place(&p, l, Mode::Alias)?;
                self.done_place(&p)
            }
        }
    }

    pub fn push_place(&mut self, p: &super::lvalue::Place, l: Reg, m: Mode) -> E {
        use super::lvalue::Place;
        match (p, m) {
            (Place::Slot { reg, .. }, Mode::Alias) if self.names.contains_key(reg) => {
                self.op("list.slot", &[l.into(), (*reg).into()])
            }
            (Place::Alias(r), Mode::Alias) => self.op("list.alias", &[l.into(), (*r).into()]),
            (Place::Last(_), Mode::Alias) => {
                let t = self.place_lv(p)?;
                self.op("list.alias", &[l.into(), t.into()])?;
                self.done(t)
            }
            (Place::Cell(c), Mode::Alias) => self.op("list.cell", &[l.into(), (*c).into()]),
            (Place::Elem(..) | Place::HElem(..), Mode::Alias) => {
                let c = self.place_cell(p)?;
                self.op("list.cell", &[l.into(), c.into()])?;
                self.done(c)
            }
            _ => {
                let t = self.ts();
                self.place_load(p, t)?;
                self.op("list.push", &[l.into(), t.into()])?;
                self.done(t)
            }
        }
    }

    fn slice(&mut self, op: &str, p: Reg, index: &Expr, l: Reg) -> E {
        let i = self.list_of(std::slice::from_ref(index), Mode::Copy)?;
        let r = self.tp();
        self.op(op, &[r.into(), p.into(), i.into()])?;
        self.done(i)?;
        self.done(p)?;
        self.cat(l, r)
    }

    /// Appends a result list and uses it up.
    pub fn cat(&mut self, l: Reg, r: Reg) -> E {
        self.op("list.cat", &[l.into(), r.into()])?;
        self.spent(r);
        Ok(())
    }

    fn push_rt(&mut self, name: &str, x: &Expr, l: Reg) -> E {
        let v = self.operand(x)?;
        let r = self.tp();
        self.op(name, &[r.into(), v.clone()])?;
        self.done_arg(&v)?;
        self.cat(l, r)
    }

    /// `(LIST)[i]` in scalar context: the last selected element.
    pub fn list_slice_scalar(&mut self, list: &Expr, index: &Expr, d: Reg) -> E {
        let single = !yields_list(index);
        let v = self.list_of(std::slice::from_ref(list), Mode::Copy)?;
        if single {
            let i = self.operand(index)?;
            self.op("list.index", &[d.into(), v.into(), i.clone()])?;
            self.done_arg(&i)?;
            return self.done(v);
        }
        let i = self.list_of(std::slice::from_ref(index), Mode::Copy)?;
        let r = self.tp();
        self.op("list.slice", &[r.into(), v.into(), i.into()])?;
        self.done(i)?;
        self.done(v)?;
        self.op("list.last", &[d.into(), r.into()])?;
        self.spent(r);
        Ok(())
    }

    /// `\ EXPR` in list context.
    #[keshi_memory::deep]
    fn ref_list(&mut self, x: &Expr, l: Reg) -> E {
        use ExprKind::*;
        match &x.kind {
            List { items, parens: true } => {
                // `\(@a)` references the elements; among others, arrays and hashes are taken whole.
                for it in items {
                    match &it.kind {
                        List { .. } => self.ref_list(it, l)?,
                        _ if container_sigil(it).is_some() && items.len() > 1 => self.push_ref(it, l)?,
                        _ => self.ref_elements(it, l)?,
                    }
                }
                Ok(())
            }
            My(m) if m.parens => {
                self.declare(m, x.line)?;
                for v in &m.vars {
                    let e = super::expr::var_expr(v, x.line);
                    self.push_ref(&e, l)?;
                }
                Ok(())
            }
            Local(y) if matches!(y.kind, List { parens: true, .. }) => {
                self.local_void(x)?;
                self.ref_list(y, l)
            }
            _ if container_sigil(x).is_none() && yields_list(x) => self.ref_elements(x, l),
            _ => self.push_ref(x, l),
        }
    }

    fn push_ref(&mut self, x: &Expr, l: Reg) -> E {
        let t = self.ts();
        self.reference(x, t)?;
        self.op("list.push", &[l.into(), t.into()])?;
        self.done(t)
    }

    fn ref_elements(&mut self, x: &Expr, l: Reg) -> E {
        if !yields_list(x) {
            return self.push_ref(x, l);
        }
        let v = self.list_of(std::slice::from_ref(x), Mode::Alias)?;
        let r = self.tp();
        self.op("ref.list", &[r.into(), v.into()])?;
        self.spent(v);
        self.cat(l, r)
    }
}

/// Does the expression yield undef, true or false as the one scalar each of them is?
pub(crate) fn is_immortal(e: &Expr) -> bool {
    match &e.kind {
        ExprKind::Not(_) => true,
        ExprKind::Func { func: ast::Func::Undef, args, .. } => args.is_empty(),
        _ => false,
    }
}

/// Lvalues with magic of their own, which `scalar` hands through.
fn has_own_lvalue(e: &Expr) -> bool {
    match &e.kind {
        ExprKind::ArrayLast(_) => true,
        ExprKind::Func { func: ast::Func::Substr, args, .. } => args.len() < 4,
        ExprKind::Func { func, .. } => matches!(func, ast::Func::Vec | ast::Func::Pos),
        _ => false,
    }
}

/// May the expression yield anything but one value in list context?
#[keshi_memory::deep]
pub(crate) fn yields_list(e: &Expr) -> bool {
    use ExprKind::*;
    match &e.kind {
        List { items, .. } => items.len() != 1 || yields_list(&items[0]),
        My(m) => m.parens || m.vars.len() != 1 || container_sigil(e).is_some(),
        Local(x) => yields_list(x),
        Assign(l, _) => super::expr::is_listy(l),
        RefAssign(l, _) => crate::ast::target::gives_list(l),
        Cond(_, a, b) => yields_list(a) || yields_list(b),
        Logical(_, _, b) => yields_list(b),
        Repeat(a, _) => matches!(a.kind, List { parens: true, .. }),
        Ref(x) => match &x.kind {
            List { parens, .. } => *parens,
            My(m) => m.parens,
            _ => container_sigil(x).is_none() && yields_list(x),
        },
        Func { func, .. } => super::functable::list_valued(*func),
        Match(_)
        | Slice { .. }
        | HSlice { .. }
        | KvSlice { .. }
        | KvHSlice { .. }
        | ListSlice { .. }
        | Range { .. }
        | ReadLine { .. }
        | Backtick(_)
        | Glob(_)
        | Sort(_)
        | MapGrep(_)
        | Call(_)
        | Method(_)
        | DoBlock(_)
        | DoFile(_)
        | EvalBlock(_)
        | EvalStr(_)
        | HostConst(_)
        | Return(_)
        | Macro { .. } => true,
        _ => container_sigil(e).is_some(),
    }
}
