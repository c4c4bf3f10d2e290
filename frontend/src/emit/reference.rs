//! `\`: references to whatever an expression names, and to temporaries.
use super::expr::{container_sigil, literal};
use super::lvalue::{Place, is_lvalue};
use super::*;

impl Emitter<'_> {
    /// `\ EXPR` in scalar context.
    #[keshi_memory::deep]
    pub fn reference(&mut self, e: &Expr, d: Reg) -> E {
        use ExprKind::*;
        let p = match &e.kind {
            List { items, parens: true } if items.len() != 1 || container_sigil(&items[0]).is_some() => {
                let l = self.list_of(items, Mode::Alias)?;
                return self.ref_last(l, d);
            }
            List { items, .. } if items.len() == 1 => return self.reference(&items[0], d),
            My(m) if m.parens => {
                let items: Vec<Expr> = m.vars.iter().map(|v| super::expr::var_expr(v, e.line)).collect();
                self.declare(m, e.line)?;
                let list = Expr::new(e.line, List { items, parens: true });
                return self.reference(&list, d);
            }
            Pkg { sigil: Sigil::Code, name } => {
                let s = self.sym(name);
                return self.op("code.ref", &[d.into(), s]);
            }
            Lex { sigil: Sigil::Code, .. } => self.code_ptr(e)?,
            Deref { sigil: Sigil::Code, expr } => {
                let v = self.operand(expr)?;
                self.op("code.ref.dyn", &[d.into(), v.clone()])?;
                return self.done_arg(&v);
            }
            Call(c) if c.amp && c.inherit_args => return self.reference(&c.callee, d),
            Pkg { sigil: Sigil::Glob, .. } | Deref { sigil: Sigil::Glob, .. } => self.glob_ptr(e, 1)?,
            AnonSub(s) => {
                // `\sub {}`: a reference to a scalar that holds the code reference.
                let t = self.ts();
                self.anon_sub(s, t)?;
                return self.ref_temp(t, d);
            }
            Cond(c, a, b) => {
                let (no, end) = (self.label(), self.label());
                self.jump_if(c, false, no)?;
                self.reference(a, d)?;
                self.jmp(end)?;
                self.bind(no)?;
                self.reference(b, d)?;
                return self.bind(end);
            }
            _ => match container_sigil(e) {
                Some(Sigil::Array) => self.av(e, true)?,
                Some(_) => self.hv(e, true)?,
                None => return self.scalar_ref(e, d),
            },
        };
        self.op("ref.new", &[d.into(), p.into()])?;
        self.done(p)
    }

    fn scalar_ref(&mut self, e: &Expr, d: Reg) -> E {
        if super::list::is_immortal(e) {
            let t = self.scalar(e)?;
            self.op("ref.immortal", &[d.into(), t.into()])?;
            return self.done(t);
        }
        // `lock` returns its operand, of containers a reference.
        if let ExprKind::Func { func: ast::Func::Lock, args, .. } = &e.kind
            && let [x] = &args[..]
            && is_lvalue(x)
        {
            return self.reference(x, d);
        }
        let taken = matches!(&e.kind, ExprKind::Func { func: ast::Func::Shift | ast::Func::Pop, .. });
        if taken || is_lvalue(e) {
            let pl = self.place(e)?;
            let c = self.place_cell(&pl)?;
            self.op("ref.new", &[d.into(), c.into()])?;
            if !matches!(pl, Place::Cell(_)) {
                self.done(c)?;
            }
            return self.done_place(&pl);
        }
        if let ExprKind::Logical(op, a, b) = &e.kind {
            // What the operator yields, not a copy.
            let l = self.new_list()?;
            self.logical_alias(*op, a, b, l)?;
            return self.ref_last(l, d);
        }
        if let ExprKind::Func { func: ast::Func::Scalar, args, .. } = &e.kind
            && let [x] = &args[..]
            && matches!(x.kind, ExprKind::Call(_) | ExprKind::Method(_))
        {
            let t = self.ts();
            self.call_alias(x, t, false)?;
            return self.ref_temp(t, d);
        }
        if matches!(e.kind, ExprKind::Call(_) | ExprKind::Method(_)) {
            // \foo() in scalar context: a reference to the last value.
            let l = self.tp();
            self.call_list(e, l)?;
            return self.ref_last(l, d);
        }
        if matches!(
            e.kind,
            ExprKind::Slice { .. }
                | ExprKind::HSlice { .. }
                | ExprKind::ListSlice { .. }
                | ExprKind::Func { .. }
        ) && super::list::yields_list(e)
        {
            let l = self.list_of(std::slice::from_ref(e), Mode::Alias)?;
            return self.ref_last(l, d);
        }
        let t = self.ts();
        let constant = literal(e).is_some();
        self.scalar_into(e, t)?;
        if constant {
            self.op("const.cell", &[t.into()])?;
        }
        self.ref_temp(t, d)
    }

    /// A reference to the last of the list's values, all of which are referenced.
    fn ref_last(&mut self, l: Reg, d: Reg) -> E {
        let r = self.tp();
        self.op("ref.list", &[r.into(), l.into()])?;
        self.spent(l);
        self.op("list.last", &[d.into(), r.into()])?;
        self.spent(r);
        Ok(())
    }

    /// A reference to a new scalar with the temporary's value.
    fn ref_temp(&mut self, t: Reg, d: Reg) -> E {
        let c = self.tp();
        self.op("s.box", &[c.into(), t.into()])?;
        self.op("ref.new", &[d.into(), c.into()])?;
        self.done(c)?;
        self.done(t)
    }
}
