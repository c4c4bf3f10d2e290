//! List assignment: `(…) = …`, with the ways round an intermediate list where nothing can be seen of it.
use super::expr::{container_sigil, var_expr};
use super::lvalue::undeclared;
use super::*;
use crate::ast::target::is_ref_target;

impl Emitter<'_> {
    pub fn assign_list(&mut self, l: &Expr, r: &Expr, d: Dest) -> E {
        if let ExprKind::My(m) = &l.kind
            && m.kind == DeclKind::State
        {
            return self.state_init(l, m, r, d);
        }
        if d == Dest::Void && self.assign_args(l, r)? {
            return Ok(());
        }
        if d == Dest::Void && self.assign_each(l, r)? {
            return Ok(());
        }
        let targets = flat_targets(l);
        if let ExprKind::Func { func: ast::Func::Split, args, .. } = &r.kind
            && !targets.iter().any(yields_many)
        {
            // perl does not split more than needed.
            let v = self.new_list()?;
            self.split(args, v, targets.len() as i64 + 1)?;
            return self.assign_from(l, v, d);
        }
        // `@a = reverse @a`
        if let ExprKind::Func { func: ast::Func::Reverse, args, .. } = &r.kind
            && let [a] = &args[..]
            && d == Dest::Void
            && same_array(l, a)
        {
            let p = self.av(l, true)?;
            self.op("av.reverse", &[p.into()])?;
            return self.done(p);
        }
        // Nothing is copied for an empty list.
        let none = matches!(&l.kind, ExprKind::List { items, .. } if items.is_empty()) && unread(r);
        let v = self.list_of(std::slice::from_ref(r), if none { Mode::Alias } else { Mode::Copy })?;
        self.assign_from(l, v, d)
    }

    /// Assigns list `v` (used up) to the targets.
    pub fn assign_from(&mut self, l: &Expr, v: Reg, d: Dest) -> E {
        // The count is that of the right side.
        let count = match d {
            Dest::Scalar(x) => Some(x),
            _ => None,
        };
        let ret_count = if d == Dest::Ret { Some(self.ti()) } else { None };
        if let Some(n) = ret_count {
            self.op("list.rest", &[n.into(), v.into(), Arg::Imm(0)])?;
        }
        if let Some(x) = count {
            // A direct slot among the targets must not be overwritten first.
            let t = self.ts();
            self.op("list.count", &[t.into(), v.into()])?;
            self.store_targets(l, v)?;
            self.copy_to(x, &t.into())?;
            return self.done(t);
        }
        self.store_targets(l, v)?;
        match d {
            Dest::List(out, m) => match &undeclared(l) {
                Expr { kind: ExprKind::List { items, .. }, .. } => items.iter().try_for_each(|t| {
                    if !skips(t) {
                        return self.list(t, out, m);
                    }
                    // What stood in the place of `undef`.
                    let x = self.ts();
                    self.atom("s.undef", &[x.into()])?;
                    self.op("list.push", &[out.into(), x.into()])?;
                    self.done(x)
                }),
                u => self.list(u, out, m),
            },
            Dest::Ret => {
                let u = undeclared(l);
                let n = match ret_count {
                    Some(n) => n,
                    None => self.ti(),
                };
                let list = self.label();
                self.want_list(list)?;
                let t = self.ts();
                self.atom("s.seti", &[t.into(), n.into()])?;
                self.ret_value(t)?;
                self.bind(list)?;
                self.done(n)?;
                let out = self.list_of(std::slice::from_ref(&u), Mode::Copy)?;
                self.ret_list(out)
            }
            _ => Ok(()),
        }
    }

    fn store_targets(&mut self, l: &Expr, v: Reg) -> E {
        let targets = flat_targets(l);
        // The slots of new variables are written directly.
        let mut new = Vec::new();
        if let ExprKind::My(m) = &l.kind
            && m.parens
        {
            self.declare_stored(m, l.line)?;
            if m.kind == DeclKind::My {
                new.extend(m.vars.iter().filter_map(|v| match v {
                    MyVar::Lex { idx, .. } => Some(*idx),
                    _ => None,
                }));
            }
        }
        if targets.len() == 1
            && let Some(s) = container_sigil(&targets[0])
        {
            let (p, op) = match s {
                Sigil::Array => (self.av(&targets[0], true)?, "av.assign"),
                _ => (self.hv(&targets[0], true)?, "hv.assign"),
            };
            self.op(op, &[p.into(), v.into()])?;
            self.spent(v);
            return self.done(p);
        }
        let mut from = 0u64;
        for t in &targets {
            if let Some(s) = container_sigil(t) {
                let (p, op) = match s {
                    Sigil::Array => (self.av(t, true)?, "av.assign.from"),
                    _ => (self.hv(t, true)?, "hv.assign.from"),
                };
                self.op(op, &[p.into(), v.into(), Arg::Imm(from)])?;
                self.done(p)?;
                // Nothing is left for those behind it.
                from = 1 << 30;
                continue;
            }
            match &t.kind {
                ExprKind::Ref(x) => from = self.alias_from(x, v, from, targets.len() == 1)?,
                ExprKind::Slice { .. }
                | ExprKind::HSlice { .. }
                | ExprKind::Local(_)
                | ExprKind::Call(_)
                | ExprKind::Method(_)
                    if yields_many(t) =>
                {
                    // A slice takes as many as it has elements, a call as many as it returned.
                    let a = match t.kind {
                        ExprKind::Call(_) | ExprKind::Method(_) => {
                            let a = self.tp();
                            self.call_assigned(t, a)?;
                            a
                        }
                        _ => self.list_of(std::slice::from_ref(t), Mode::Alias)?,
                    };
                    let rest = targets.len() > 1;
                    self.op("list.assign", &[a.into(), v.into(), Arg::Imm(from)])?;
                    if rest {
                        let n = self.ti();
                        self.op("list.rest", &[n.into(), a.into(), Arg::Imm(0)])?;
                        self.op("list.drop", &[v.into(), n.into(), Arg::Imm(from)])?;
                        self.done(n)?;
                    }
                    self.done(a)?;
                }
                ExprKind::List { items, .. } if items.is_empty() => from += 1,
                _ if skips(t) => from += 1,
                ExprKind::Cond(_, a, b) if is_ref_target(a) || is_ref_target(b) => {
                    let x = self.ts();
                    self.op("list.at", &[x.into(), v.into(), Arg::Imm(from)])?;
                    self.alias_target(t, x)?;
                    self.done(x)?;
                    from += 1;
                }
                _ => {
                    let fresh = match (&t.kind, self.slot_of(t)) {
                        (ExprKind::Lex { idx, .. }, Some(reg)) if new.contains(idx) => Some((reg, *idx)),
                        _ => None,
                    };
                    if let Some((reg, _)) = fresh.or_else(|| self.direct_slot(t)) {
                        if let ExprKind::My(m) = &t.kind {
                            self.declare_stored(m, t.line)?;
                        }
                        self.op("list.at", &[reg.into(), v.into(), Arg::Imm(from)])?;
                    } else {
                        let x = self.ts();
                        self.op("list.at", &[x.into(), v.into(), Arg::Imm(from)])?;
                        let p = self.assigned_place(t)?;
                        self.place_store(&p, &x.into())?;
                        self.done(x)?;
                        self.done_place(&p)?;
                    }
                    from += 1;
                }
            }
        }
        self.done(v)
    }

    /// `my ($a, $b, @rest) = @_`: straight from the arguments.
    fn assign_args(&mut self, l: &Expr, r: &Expr) -> E<bool> {
        let source = match &r.kind {
            ExprKind::List { items, .. } if items.len() == 1 => &items[0],
            _ => r,
        };
        let ExprKind::My(m) = &l.kind else { return Ok(false) };
        if !self.is_args(source) || m.kind != DeclKind::My || !m.attrs.is_empty() {
            return Ok(false);
        }
        let plain = m.vars.iter().all(|v| match v {
            MyVar::Lex { .. } | MyVar::Undef => true,
            MyVar::Our { .. } => false,
        });
        if !plain || m.vars.is_empty() {
            return Ok(false);
        }
        self.declare_stored(m, l.line)?;
        for (i, v) in m.vars.iter().enumerate() {
            let MyVar::Lex { idx, .. } = v else { continue };
            let n = Arg::Imm(i as u64);
            match self.homes[*idx as usize].clone() {
                Home::Slot { reg, .. } => self.op("arg.get", &[reg.into(), n])?,
                Home::Cell(_) => {
                    let t = self.ts();
                    self.op("arg.get", &[t.into(), n])?;
                    self.store_var(*idx, &t.into())?;
                    self.done(t)?;
                }
                Home::Av(p) | Home::Hv(p) => {
                    let rest = self.tp();
                    self.op("arg.rest", &[rest.into(), n])?;
                    let op = if self.sigil_of(*idx) == Sigil::Array { "av.assign" } else { "hv.assign" };
                    self.op(op, &[p.into(), rest.into()])?;
                    self.spent(rest);
                    // Whatever follows gets nothing; it is new and empty.
                    break;
                }
                _ => {}
            }
        }
        Ok(true)
    }

    /// `($a, $b) = ($b, $a)` and the like: as many scalars on the left as single values on the right.
    fn assign_each(&mut self, l: &Expr, r: &Expr) -> E<bool> {
        let ExprKind::List { items, .. } = &r.kind else { return Ok(false) };
        if items.iter().any(super::list::yields_list) {
            return Ok(false);
        }
        if matches!(l.kind, ExprKind::Local(_)) {
            return Ok(false);
        }
        let targets = flat_targets(l);
        let scalar =
            |t: &Expr| super::lvalue::is_lvalue(t) && container_sigil(t).is_none() && !local_inside(t);
        if targets.len() != items.len()
            || targets.is_empty()
            || targets.len() > 8
            || !targets.iter().all(scalar)
        {
            return Ok(false);
        }
        let fresh = matches!(&l.kind, ExprKind::My(m) if m.kind == DeclKind::My);
        if let ExprKind::My(m) = &l.kind {
            if !fresh {
                return Ok(false);
            }
            self.declare_stored(m, l.line)?;
        }
        // After a jump back the variables may be aliases of what stands on the right.
        let fresh = fresh && !self.facts.has_goto;
        let mut values = Vec::new();
        for (i, e) in items.iter().enumerate() {
            if fresh && let Some(reg) = self.slot_of(&targets[i]) {
                // A new variable is invisible to the right side.
                self.scalar_into(e, reg)?;
                values.push(None);
                continue;
            }
            let mut v = self.operand(e)?;
            if let Arg::R(reg) = v
                && self.slot_of(e) == Some(reg)
            {
                let t = self.ts();
                self.copy_to(t, &v)?;
                v = Arg::R(t);
            }
            values.push(Some(v));
        }
        for (t, v) in targets.iter().zip(values) {
            let Some(v) = v else { continue };
            let p = self.place(t)?;
            self.place_store(&p, &v)?;
            self.done_place(&p)?;
            self.done_arg(&v)?;
        }
        Ok(true)
    }
}

/// The scalars and containers on the left side of a list assignment.
pub(crate) fn flat_targets(l: &Expr) -> Vec<Expr> {
    let mut out = Vec::new();
    flat(l, &mut out);
    out
}

#[keshi_memory::deep]
fn flat(l: &Expr, out: &mut Vec<Expr>) {
    match &l.kind {
        ExprKind::List { items, .. } if items.is_empty() => {}
        ExprKind::List { items, .. } => items.iter().for_each(|e| match &e.kind {
            ExprKind::List { items, .. } if items.is_empty() => {}
            _ => flat(e, out),
        }),
        ExprKind::My(m) if m.parens => out.extend(m.vars.iter().map(|v| var_expr(v, l.line))),
        ExprKind::Ref(x) => super::refalias::flat_refs(x, out),
        // `(undef) x 3`: places for values that are not wanted.
        ExprKind::Repeat(x, n) if matches!(n.kind, ExprKind::Int(0..=65535)) => {
            if let ExprKind::Int(n) = n.kind {
                (0..n).for_each(|_| flat(x, out))
            }
        }
        ExprKind::Local(x) if matches!(&x.kind, ExprKind::My(m) if m.kind == DeclKind::Our && m.parens) => {
            out.extend(flat_targets(x).into_iter().map(|e| Expr::new(l.line, ExprKind::Local(Box::new(e)))))
        }
        ExprKind::Local(x) if matches!(x.kind, ExprKind::List { .. }) => {
            out.extend(flat_targets(x).into_iter().map(|e| Expr::new(l.line, ExprKind::Local(Box::new(e)))))
        }
        _ => out.push(l.clone()),
    }
}

/// Takes more than one value, or all of them.
#[keshi_memory::deep]
fn yields_many(t: &Expr) -> bool {
    match &t.kind {
        ExprKind::Slice { .. }
        | ExprKind::HSlice { .. }
        | ExprKind::KvSlice { .. }
        | ExprKind::KvHSlice { .. }
        | ExprKind::Call(_)
        | ExprKind::Method(_) => true,
        ExprKind::Local(x) => yields_many(x),
        _ => container_sigil(t).is_some(),
    }
}

/// `undef` as a placeholder.
#[keshi_memory::deep]
fn skips(t: &Expr) -> bool {
    match &t.kind {
        ExprKind::Func { func: ast::Func::Undef, args, .. } => args.is_empty(),
        ExprKind::Local(x) => skips(x),
        _ => false,
    }
}

fn local_inside(t: &Expr) -> bool {
    matches!(t.kind, ExprKind::Local(_))
}

/// A target whose evaluation runs no code of the program.
#[keshi_memory::deep]
pub(super) fn simple_target(l: &Expr) -> bool {
    match &l.kind {
        ExprKind::Lex { .. } | ExprKind::Pkg { .. } | ExprKind::My(_) => true,
        ExprKind::Elem { array: a, index: b } | ExprKind::HElem { hash: a, key: b } => {
            simple_target(a) && simple(b)
        }
        ExprKind::Deref { expr, .. } => simple(expr),
        _ => false,
    }
}

pub(super) fn simple(e: &Expr) -> bool {
    super::expr::literal(e).is_some()
        || matches!(e.kind, ExprKind::Lex { .. } | ExprKind::Pkg { .. })
        || matches!(&e.kind, ExprKind::Elem { .. } | ExprKind::HElem { .. } if simple_target(e))
}

/// Need the values not be fetched for a list assignment that drops them?
#[keshi_memory::deep]
fn unread(e: &Expr) -> bool {
    match &e.kind {
        ExprKind::List { items, .. } => items.iter().all(unread),
        ExprKind::Repeat(x, _) => matches!(x.kind, ExprKind::List { parens: true, .. }) && unread(x),
        ExprKind::Call(_) => true,
        ExprKind::Lex { sigil, .. } | ExprKind::Pkg { sigil, .. } => *sigil == Sigil::Scalar,
        _ => false,
    }
}

fn same_array(a: &Expr, b: &Expr) -> bool {
    match (&a.kind, &b.kind) {
        (ExprKind::Lex { sigil: Sigil::Array, idx: x }, ExprKind::Lex { sigil: Sigil::Array, idx: y }) => {
            x == y
        }
        (ExprKind::Pkg { sigil: Sigil::Array, name: x }, ExprKind::Pkg { sigil: Sigil::Array, name: y }) => {
            x == y
        }
        _ => false,
    }
}
