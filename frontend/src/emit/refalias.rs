//! Aliasing by reference: `\$x = …`, `\my(@a) = …`, `foreach \my %h (…)`.
//!
//! Contract: the left side of a `RefAssign` holds `Ref` targets, perhaps mixed with ordinary ones. In a list
//! assignment [`flat_refs`] brings each target to one of three forms: `\ARRAY` alone in parentheses (its elements
//! become the referents of all that is left), `\SLICE` (as many as it has elements), and any other (one value).
use super::assign::is_state;
use super::expr::{container_sigil, var_expr};
use super::lvalue::{KIND_AV, KIND_CELL, KIND_CODE, KIND_HV, Place};
use super::*;
use crate::ast::target::gives_list;

impl Emitter<'_> {
    pub fn ref_assign(&mut self, l: &Expr, r: &Expr, d: Dest) -> E {
        if gives_list(l) {
            return self.assign_list(l, r, d);
        }
        // `\state $x = …`: once.
        if is_state(l) {
            let skip = self.once()?;
            let v = self.scalar(r)?;
            self.alias_target(l, v)?;
            self.done(v)?;
            self.bind(skip)?;
            let target = super::lvalue::undeclared(l);
            return self.eval(&target, d);
        }
        let v = self.scalar(r)?;
        self.alias_target(l, v)?;
        if d != Dest::Void {
            let t = self.ts();
            self.copy_to(t, &v.into())?;
            self.done(v)?;
            self.deliver(t, d)?;
            return self.done(t);
        }
        self.done(v)
    }

    /// Target `\x` of a list assignment takes what it can of list `v` from position `from`; returns the next one's.
    pub fn alias_from(&mut self, x: &Expr, v: Reg, from: u64, only: bool) -> E<u64> {
        if let ExprKind::List { items, .. } = &x.kind
            && let [array] = &items[..]
        {
            let p = self.av(array, true)?;
            self.op("refalias.av", &[p.into(), v.into(), Arg::Imm(from)])?;
            self.done(p)?;
            // Nothing is left for those behind it.
            return Ok(1 << 30);
        }
        let (slice, local) = match &x.kind {
            ExprKind::Local(y) => (&**y, true),
            _ => (x, false),
        };
        let (p, keys) = match &slice.kind {
            ExprKind::Slice { array, index } => (self.av(array, true)?, index),
            ExprKind::HSlice { hash, keys } => (self.hv(hash, true)?, keys),
            _ => {
                let t = self.ts();
                self.op("list.at", &[t.into(), v.into(), Arg::Imm(from)])?;
                self.alias_target_inner(x, t)?;
                self.done(t)?;
                return Ok(from + 1);
            }
        };
        let k = self.list_of(std::slice::from_ref(&**keys), Mode::Copy)?;
        if local {
            self.op("local.slice", &[p.into(), k.into()])?;
        }
        self.op("refalias.slice", &[p.into(), k.into(), v.into(), Arg::Imm(from)])?;
        if !only {
            let n = self.ti();
            self.op("list.rest", &[n.into(), k.into(), Arg::Imm(0)])?;
            self.op("list.drop", &[v.into(), n.into(), Arg::Imm(from)])?;
            self.done(n)?;
        }
        self.done(k)?;
        self.done(p)?;
        Ok(from)
    }

    /// Makes the variable `t` (or the scalar target as such) be what `v` refers to.
    #[keshi_memory::deep]
    pub fn alias_target(&mut self, t: &Expr, v: Reg) -> E {
        match &t.kind {
            ExprKind::Ref(x) => self.alias_target_inner(x, v),
            ExprKind::Cond(c, yes, no) => {
                let (other, end) = (self.label(), self.label());
                self.jump_if(c, false, other)?;
                self.alias_target(yes, v)?;
                self.jmp(end)?;
                self.bind(other)?;
                self.alias_target(no, v)?;
                self.bind(end)
            }
            ExprKind::List { items, parens: true } if items.len() == 1 => self.alias_target(&items[0], v),
            _ => {
                let p = self.assigned_place(t)?;
                self.place_store(&p, &v.into())?;
                self.done_place(&p)
            }
        }
    }

    #[keshi_memory::deep]
    fn alias_target_inner(&mut self, x: &Expr, v: Reg) -> E {
        match &x.kind {
            ExprKind::My(m) if m.vars.len() == 1 => {
                self.declare(m, x.line)?;
                let y = var_expr(&m.vars[0], x.line);
                self.alias_target_inner(&y, v)
            }
            ExprKind::Lex { idx, sigil } => match self.homes[*idx as usize].clone() {
                Home::Slot { reg, .. } => self.op("refalias.sv", &[reg.into(), v.into()]),
                Home::Cell(p) => self.op("refalias.p", &[p.into(), v.into(), Arg::Imm(KIND_CELL.into())]),
                Home::Av(p) => self.op("refalias.p", &[p.into(), v.into(), Arg::Imm(KIND_AV.into())]),
                Home::Hv(p) => self.op("refalias.p", &[p.into(), v.into(), Arg::Imm(KIND_HV.into())]),
                Home::Cv(p) => self.op("refalias.p", &[p.into(), v.into(), Arg::Imm(KIND_CODE.into())]),
                Home::Pkg(name) => self.alias_pkg(*sigil, &name, v),
                _ => self.todo(x.line, "aliasing of this variable"),
            },
            ExprKind::Pkg { sigil, name } => self.alias_pkg(*sigil, name, v),
            ExprKind::Elem { array, index } => {
                let p = self.av(array, true)?;
                let i = self.operand(index)?;
                self.alias_elem(&Place::Elem(p, i), v)
            }
            ExprKind::HElem { hash, key } => {
                let p = self.hv(hash, true)?;
                let i = self.operand(key)?;
                self.alias_elem(&Place::HElem(p, i), v)
            }
            ExprKind::Local(y) => {
                if matches!(y.kind, ExprKind::Elem { .. } | ExprKind::HElem { .. }) {
                    let p = self.local_place(y, x.line)?;
                    return self.alias_elem(&p, v);
                }
                self.local_void(x)?;
                self.alias_target_inner(&super::lvalue::undeclared(y), v)
            }
            // `foreach ${*$g} (…)`: the glob named or referred to gets another scalar.
            ExprKind::Deref { sigil: Sigil::Scalar, expr } => {
                let g = self.glob_ptr(expr, 1)?;
                self.op("refalias.gv", &[g.into(), v.into(), Arg::Imm(KIND_CELL.into())])?;
                self.done(g)
            }
            ExprKind::Call(c) if c.amp && c.inherit_args => self.alias_target_inner(&c.callee, v),
            ExprKind::List { items, .. } if items.len() == 1 => self.alias_target_inner(&items[0], v),
            ExprKind::Cond(c, yes, no) => {
                let (other, end) = (self.label(), self.label());
                self.jump_if(c, false, other)?;
                self.alias_target_inner(yes, v)?;
                self.jmp(end)?;
                self.bind(other)?;
                self.alias_target_inner(no, v)?;
                self.bind(end)
            }
            _ => self.todo(x.line, "this form of assignment to a reference"),
        }
    }

    fn alias_elem(&mut self, p: &Place, v: Reg) -> E {
        if let Place::Elem(a, k) | Place::HElem(a, k) = p {
            self.op("refalias.elem", &[(*a).into(), k.clone(), v.into()])?;
        }
        self.done_place(p)
    }

    fn alias_pkg(&mut self, sigil: Sigil, name: &Name, v: Reg) -> E {
        let g = self.tp();
        let s = self.sym(name);
        self.op("glob.gv", &[g.into(), s])?;
        let kind = match sigil {
            Sigil::Scalar => KIND_CELL,
            Sigil::Array => KIND_AV,
            Sigil::Hash => KIND_HV,
            _ => KIND_CODE,
        };
        self.op("refalias.gv", &[g.into(), v.into(), Arg::Imm(kind.into())])?;
        self.done(g)
    }
}

/// The targets of `\x`: see the module's contract.
#[keshi_memory::deep]
pub(crate) fn flat_refs(x: &Expr, out: &mut Vec<Expr>) {
    let refer = |e: Expr| Expr::new(x.line, ExprKind::Ref(Box::new(e)));
    let alone = |e: Expr| Expr::new(x.line, ExprKind::List { items: vec![e], parens: true });
    match &x.kind {
        ExprKind::List { items, parens } => match &items[..] {
            [one] if container_sigil(one) == Some(Sigil::Array) && *parens => {
                out.push(refer(alone(one.clone())))
            }
            [one] => flat_refs(one, out),
            _ => items.iter().for_each(|e| flat_refs(e, out)),
        },
        ExprKind::My(m) if m.parens => {
            let single: Vec<Expr> = m
                .vars
                .iter()
                .map(|v| {
                    let mut one = (**m).clone();
                    one.vars = vec![v.clone()];
                    one.parens = false;
                    Expr::new(x.line, ExprKind::My(Box::new(one)))
                })
                .collect();
            match &single[..] {
                [one] if container_sigil(one) == Some(Sigil::Array) => out.push(refer(alone(one.clone()))),
                _ => out.extend(single.into_iter().map(refer)),
            }
        }
        ExprKind::Local(y) => match &y.kind {
            ExprKind::List { items, .. } => {
                for e in items {
                    flat_refs(&Expr::new(x.line, ExprKind::Local(Box::new(e.clone()))), out)
                }
            }
            _ => out.push(refer(x.clone())),
        },
        _ => out.push(refer(x.clone())),
    }
}
