//! Scalar assignment (lists: `assignlist`, with operators: `assignop`), first values of `state` variables.
use super::assignlist::simple_target;
use super::expr::{is_listy, var_expr};
use super::lvalue::Place;
use super::*;

impl Emitter<'_> {
    pub fn assign(&mut self, l: &Expr, r: &Expr, d: Dest) -> E {
        if is_listy(l) {
            return self.assign_list(l, r, d);
        }
        if let ExprKind::Cond(c, a, b) = &l.kind
            && is_listy(a)
            && is_listy(b)
        {
            let (no, end) = (self.label(), self.label());
            self.jump_if(c, false, no)?;
            self.assign_list(a, r, d)?;
            self.jmp(end)?;
            self.bind(no)?;
            self.assign_list(b, r, d)?;
            return self.bind(end);
        }
        self.assign_scalar(l, r, d)
    }

    fn assign_scalar(&mut self, l: &Expr, r: &Expr, d: Dest) -> E {
        // The variable may be an alias of something read-only, which this does not write to.
        if let (ExprKind::Lex { sigil: Sigil::Scalar, idx: a }, ExprKind::Lex { idx: b, .. }) =
            (&l.kind, &r.kind)
            && a == b
            && let Home::Cell(p) = self.homes[*a as usize]
        {
            self.op("cell.touch", &[p.into()])?;
            return self.eval(l, d);
        }
        // `my $x = …` and `$x = …` into a slot that is written directly.
        if let Some((reg, idx)) = self.direct_slot(l) {
            if let ExprKind::My(m) = &l.kind {
                if m.kind == DeclKind::State {
                    return self.state_init(l, m, r, d);
                }
                self.declare_stored(m, l.line)?;
            }
            if let Some(rest) = self.appends(idx, r) {
                let v = self.operand(rest)?;
                self.op("opassign", &[reg.into(), v.clone(), Arg::Imm(self.assign_code(BinOp::Concat))])?;
                self.done_arg(&v)?;
            } else {
                self.copied_into(r, reg)?;
            }
            return self.deliver_place(&Place::Slot { reg, direct: true }, d);
        }
        if let ExprKind::My(m) = &l.kind
            && m.kind == DeclKind::State
        {
            return self.state_init(l, m, r, d);
        }
        if matches!(l.kind, ExprKind::Local(_)) && d == Dest::Void {
            let v = self.local_rhs(r)?;
            let p = self.assigned_place(l)?;
            self.place_store(&p, &v)?;
            self.done_arg(&v)?;
            return self.done_place(&p);
        }
        if let (ExprKind::Deref { sigil: Sigil::Glob, expr: to }, ExprKind::Ref(code), Dest::Void) =
            (&l.kind, &r.kind, d)
            && let ExprKind::Deref { sigil: Sigil::Code, expr: from } = &code.kind
        {
            let from = self.operand(from)?;
            let to = self.operand(to)?;
            self.op("gv.export", &[to.clone(), from.clone()])?;
            self.done_arg(&to)?;
            return self.done_arg(&from);
        }
        let v = self.operand(r)?;
        // The value must survive whatever the left side does.
        let v = match v {
            Arg::R(reg) if self.names.contains_key(&reg) && !simple_target(l) => {
                let t = self.ts();
                self.copy_to(t, &v)?;
                Arg::R(t)
            }
            v => v,
        };
        let p = self.assigned_place(l)?;
        self.place_store(&p, &v)?;
        match (d, &p) {
            // The element's new value is at hand.
            (Dest::Scalar(x), Place::Elem(..) | Place::HElem(..)) => self.copy_to(x, &v)?,
            _ => {}
        }
        self.done_arg(&v)?;
        match (d, &p) {
            (Dest::Void, _) => {}
            (Dest::Scalar(_), Place::Elem(..) | Place::HElem(..)) => {}
            _ => return self.deliver_place(&p, d),
        }
        self.done_place(&p)
    }

    /// `local $x = $x`: the right side is read before the variable is saved.
    fn local_rhs(&mut self, r: &Expr) -> E<Arg> {
        let v = self.operand(r)?;
        match v {
            Arg::R(reg) if self.names.contains_key(&reg) => {
                let t = self.ts();
                self.copy_to(t, &v)?;
                Ok(Arg::R(t))
            }
            v => Ok(v),
        }
    }

    /// The slot of a scalar that no alias can reach: one that never has any, or a new variable.
    #[keshi_memory::deep]
    pub(super) fn direct_slot(&self, l: &Expr) -> Option<(Reg, PadIdx)> {
        let idx = match &l.kind {
            ExprKind::Lex { sigil: Sigil::Scalar, idx } => *idx,
            ExprKind::My(m) if !m.parens && m.vars.len() == 1 && m.attrs.is_empty() => match &m.vars[0] {
                MyVar::Lex { sigil: Sigil::Scalar, idx } => *idx,
                _ => return None,
            },
            ExprKind::List { items, parens: false } if items.len() == 1 => {
                return self.direct_slot(&items[0]);
            }
            _ => return None,
        };
        match self.homes[idx as usize] {
            Home::Slot { reg, direct } if direct || matches!(l.kind, ExprKind::My(_)) => Some((reg, idx)),
            _ => None,
        }
    }

    /// `$x . REST` as the right side of `$x = …`: an append.
    fn appends<'e>(&self, idx: PadIdx, r: &'e Expr) -> Option<&'e Expr> {
        let ExprKind::Binary(BinOp::Concat, a, b) = &r.kind else { return None };
        let ExprKind::Lex { sigil: Sigil::Scalar, idx: i } = a.kind else { return None };
        if i != idx {
            return None;
        }
        let mut again = false;
        scan::visit_expr(b, &mut |x| {
            again |= matches!(x.kind, ExprKind::Lex { sigil: Sigil::Scalar, idx: j } if j == idx)
        });
        (!again).then_some(b)
    }

    /// The place as the value of the assignment; the place is used up.
    pub(super) fn deliver_place(&mut self, p: &Place, d: Dest) -> E {
        match d {
            Dest::Void => {}
            Dest::Scalar(x) => self.place_load(p, x)?,
            Dest::List(l, m) => self.push_place(p, l, m)?,
            Dest::Ret => {
                let t = self.ts();
                self.place_load(p, t)?;
                self.done_place(p)?;
                return self.ret_value(t);
            }
        }
        self.done_place(p)
    }

    /// `state $x = …`: once per closure.
    pub(super) fn state_init(&mut self, l: &Expr, m: &MyDecl, r: &Expr, d: Dest) -> E {
        let skip = self.once()?;
        let target = Expr::new(l.line, var_expr(&m.vars[0], l.line).take());
        self.assign(&target, r, Dest::Void)?;
        self.bind(skip)?;
        self.eval(&target, d)
    }

    /// Begins what is done but once for each closure; behind it the label is to be bound.
    pub(super) fn once(&mut self) -> E<L> {
        let flag = self.hidden_state()?;
        let first = self.ti();
        self.op("state.first", &[first.into(), flag.into()])?;
        let skip = self.label();
        self.atom("br.f", &[first.into(), skip.into()])?;
        self.done(first)?;
        self.done(flag)?;
        Ok(skip)
    }
}

/// The declaration of a `state` variable, perhaps behind `\`.
#[keshi_memory::deep]
pub(crate) fn is_state(l: &Expr) -> bool {
    match &l.kind {
        ExprKind::My(m) => m.kind == DeclKind::State,
        ExprKind::Ref(x) => is_state(x),
        _ => false,
    }
}
