//! Places: what can be assigned to, referenced, localised (`local`), incremented.
use super::expr::container_sigil;
use super::*;

/// An evaluated lvalue: operands are computed, the access itself is still to come.
#[derive(Clone, Debug)]
pub(crate) enum Place {
    Slot {
        reg: Reg,
        direct: bool,
    },
    /// A scalar cell.
    Cell(Reg),
    Elem(Reg, Arg),
    HElem(Reg, Arg),
    /// `$#a`
    Last(Reg),
    /// An lvalue register: holds an alias.
    Alias(Reg),
    /// A typeglob.
    Glob(Reg),
}

pub(crate) const KIND_CELL: u8 = 2;
pub(crate) const KIND_AV: u8 = 3;
pub(crate) const KIND_HV: u8 = 4;
pub(crate) const KIND_CODE: u8 = 5;

impl Emitter<'_> {
    #[keshi_memory::deep]
    pub fn place(&mut self, e: &Expr) -> E<Place> {
        use ExprKind::*;
        self.at(e.line);
        Ok(match &e.kind {
            List { items, .. } if items.len() == 1 => self.place(&items[0])?,
            // The comma operator: its last operand is the lvalue.
            List { items, .. } if !items.is_empty() => {
                for x in &items[..items.len() - 1] {
                    self.void(x)?;
                }
                self.place(&items[items.len() - 1])?
            }
            Lex { sigil: Sigil::Scalar, idx } => match self.homes[*idx as usize].clone() {
                Home::Slot { reg, direct } => Place::Slot { reg, direct },
                Home::Cell(p) => Place::Cell(p),
                Home::Pkg(n) => Place::Cell(self.glob_sv(&n)?),
                _ => return self.fail(e.line, "Can't modify constant item in scalar assignment"),
            },
            Pkg { sigil: Sigil::Scalar, name } => match self.topic(name) {
                Some(r) => Place::Slot { reg: r, direct: false },
                None => Place::Cell(self.glob_sv(name)?),
            },
            Pkg { sigil: Sigil::Glob, .. } | Deref { sigil: Sigil::Glob, .. } => {
                Place::Glob(self.glob_ptr(e, 1)?)
            }
            My(m) if m.vars.len() == 1 => {
                self.declare(m, e.line)?;
                let x = super::expr::var_expr(&m.vars[0], e.line);
                self.place(&x)?
            }
            Elem { array, index } => {
                if self.is_args(array)
                    && let ExprKind::Int(i @ 0..=65535) = index.kind
                {
                    let t = self.ts();
                    self.op("arg.alias", &[t.into(), Arg::Imm(i as u64)])?;
                    return Ok(Place::Alias(t));
                }
                let p = self.av(array, true)?;
                let i = self.stable_operand(index)?;
                Place::Elem(p, i)
            }
            HElem { hash, key } => {
                let p = self.hv(hash, true)?;
                let k = self.stable_operand(key)?;
                Place::HElem(p, k)
            }
            Deref { sigil: Sigil::Scalar, .. } => Place::Cell(self.cell(e, true)?),
            ArrayLast(a) => Place::Last(self.av(a, true)?),
            Local(x) => self.local_place(x, e.line)?,
            Cond(c, a, b) => {
                let t = self.ts();
                let (no, end) = (self.label(), self.label());
                self.jump_if(c, false, no)?;
                self.alias_into(a, t)?;
                self.jmp(end)?;
                self.bind(no)?;
                self.alias_into(b, t)?;
                self.bind(end)?;
                Place::Alias(t)
            }
            // Initialised once.
            Assign(l, _) if matches!(&l.kind, My(m) if m.kind == DeclKind::State) => {
                self.void(e)?;
                self.place(&undeclared(l))?
            }
            Assign(l, r) if !super::expr::is_listy(l) => {
                let v = self.operand(r)?;
                let p = self.place(l)?;
                self.place_store(&p, &v)?;
                self.done_arg(&v)?;
                p
            }
            OpAssign(op, l, r) => {
                let p = self.place(l)?;
                let r2 = self.operand(r)?;
                self.place_op(&p, *op, &r2)?;
                self.done_arg(&r2)?;
                p
            }
            LogAssign(op, l, r) => {
                let t = self.ts();
                self.log_assign_alias(*op, l, r, t)?;
                Place::Alias(t)
            }
            PreInc(x) | PreDec(x) => {
                let p = self.place(x)?;
                self.place_incdec(&p, matches!(e.kind, PreInc(_)), true, None)?;
                p
            }
            Func { func, args, .. } => return self.func_place(e, *func, args),
            Call(_) | Method(_) => {
                let t = self.ts();
                self.call_alias(e, t, false)?;
                Place::Alias(t)
            }
            // The value of a temporary: changes are lost, as perl has it.
            _ => {
                let t = self.ts();
                self.scalar_into(e, t)?;
                Place::Slot { reg: t, direct: true }
            }
        })
    }

    /// An index or key that later code cannot change.
    fn stable_operand(&mut self, e: &Expr) -> E<Arg> {
        self.operand(e)
    }

    pub fn done_place(&mut self, p: &Place) -> E {
        match p {
            Place::Slot { reg, .. }
            | Place::Cell(reg)
            | Place::Last(reg)
            | Place::Alias(reg)
            | Place::Glob(reg) => self.done(*reg),
            Place::Elem(r, a) | Place::HElem(r, a) => {
                self.done_arg(a)?;
                self.done(*r)
            }
        }
    }

    pub fn place_load(&mut self, p: &Place, d: Reg) -> E {
        match p {
            Place::Slot { reg, .. } => self.copy_to(d, &(*reg).into()),
            Place::Cell(c) => self.op("cell.load", &[d.into(), (*c).into()]),
            Place::Elem(a, i) => self.op("av.fetch", &[d.into(), (*a).into(), i.clone()]),
            Place::HElem(h, k) => self.op("hv.get", &[d.into(), (*h).into(), k.clone()]),
            Place::Last(a) => self.op("av.last", &[d.into(), (*a).into()]),
            Place::Alias(r) => self.op("value", &[d.into(), (*r).into()]),
            Place::Glob(g) => self.op("gv.val", &[d.into(), (*g).into()]),
        }
    }

    pub fn place_store(&mut self, p: &Place, v: &Arg) -> E {
        match p {
            Place::Slot { reg, direct: true } => self.copy_to(*reg, v),
            Place::Slot { reg, .. } | Place::Alias(reg) => self.op("assign", &[(*reg).into(), v.clone()]),
            Place::Cell(c) => self.op("cell.store", &[(*c).into(), v.clone()]),
            Place::Elem(a, i) => self.op("av.store", &[(*a).into(), i.clone(), v.clone()]),
            Place::HElem(h, k) => self.op("hv.set", &[(*h).into(), k.clone(), v.clone()]),
            Place::Last(a) => self.op("av.last.set", &[(*a).into(), v.clone()]),
            Place::Glob(g) => self.op("gv.assign", &[(*g).into(), v.clone()]),
        }
    }

    /// The place as an lvalue register (operand of `inout S`). Elements come to exist.
    pub fn place_lv(&mut self, p: &Place) -> E<Reg> {
        match p {
            Place::Slot { reg, .. } | Place::Alias(reg) => Ok(*reg),
            Place::Last(a) => {
                let t = self.ts();
                self.op("av.last.lv", &[t.into(), (*a).into()])?;
                Ok(t)
            }
            Place::Glob(g) => {
                let t = self.ts();
                self.op("gv.val", &[t.into(), (*g).into()])?;
                Ok(t)
            }
            _ => {
                let c = self.place_cell(p)?;
                let t = self.ts();
                self.op("cell.alias", &[t.into(), c.into()])?;
                if !matches!(p, Place::Cell(_)) {
                    self.done(c)?;
                }
                Ok(t)
            }
        }
    }

    /// Gives back an lvalue register together with its place.
    pub fn done_lv(&mut self, p: &Place, lv: Reg) -> E {
        if !matches!(p, Place::Slot { .. } | Place::Alias(_)) {
            self.done(lv)?;
        }
        self.done_place(p)
    }

    /// The place's scalar cell. For `Place::Cell` it is the same register, otherwise a temporary.
    pub fn place_cell(&mut self, p: &Place) -> E<Reg> {
        match p {
            Place::Cell(c) => Ok(*c),
            Place::Slot { reg, .. } | Place::Alias(reg) => {
                let c = self.tp();
                self.op("s.box", &[c.into(), (*reg).into()])?;
                Ok(c)
            }
            Place::Elem(a, i) => {
                let c = self.tp();
                self.op("av.cell", &[c.into(), (*a).into(), i.clone()])?;
                Ok(c)
            }
            Place::HElem(h, k) => {
                let c = self.tp();
                self.op("hv.cell", &[c.into(), (*h).into(), k.clone()])?;
                Ok(c)
            }
            Place::Last(_) | Place::Glob(_) => {
                let lv = self.place_lv(p)?;
                let c = self.tp();
                self.op("s.box", &[c.into(), lv.into()])?;
                self.done(lv)?;
                Ok(c)
            }
        }
    }

    /// Evaluates an lvalue to its register; give both back with `done_lv`.
    pub fn lv(&mut self, e: &Expr) -> E<(Place, Reg)> {
        let p = self.place(e)?;
        let r = self.place_lv(&p)?;
        Ok((p, r))
    }

    /// `d` becomes an alias of the lvalue.
    pub fn alias_into(&mut self, e: &Expr, d: Reg) -> E {
        let p = self.place(e)?;
        match &p {
            Place::Slot { reg, .. } => self.op("slot.alias", &[d.into(), (*reg).into()])?,
            Place::Alias(r) => self.op("alias.set", &[d.into(), (*r).into()])?,
            _ => {
                let c = self.place_cell(&p)?;
                self.op("cell.alias", &[d.into(), c.into()])?;
                if !matches!(p, Place::Cell(_)) {
                    self.done(c)?;
                }
            }
        }
        self.done_place(&p)
    }

    pub fn place_value(&mut self, e: &Expr, d: Reg) -> E {
        let p = self.place(e)?;
        self.place_load(&p, d)?;
        self.done_place(&p)
    }

    // ---- elements as values
}

/// A declaration that has been executed, as the variables it declared.
#[keshi_memory::deep]
pub(crate) fn undeclared(e: &Expr) -> Expr {
    match &e.kind {
        ExprKind::My(m) if m.vars.len() == 1 && !m.parens => super::expr::var_expr(&m.vars[0], e.line),
        ExprKind::My(m) => Expr::new(
            e.line,
            ExprKind::List {
                items: m.vars.iter().map(|v| super::expr::var_expr(v, e.line)).collect(),
                parens: true,
            },
        ),
        ExprKind::Local(x) => undeclared(x),
        ExprKind::Ref(x) => Expr::new(e.line, ExprKind::Ref(Box::new(undeclared(x)))),
        ExprKind::List { items, parens } => Expr::new(
            e.line,
            ExprKind::List { items: items.iter().map(undeclared).collect(), parens: *parens },
        ),
        _ => e.clone(),
    }
}

/// Has the expression a scalar of its own that outlives it?
#[keshi_memory::deep]
pub(crate) fn is_lvalue(e: &Expr) -> bool {
    use ExprKind::*;
    match &e.kind {
        Lex { sigil: Sigil::Scalar, .. }
        | Pkg { sigil: Sigil::Scalar, .. }
        | Elem { .. }
        | HElem { .. }
        | Deref { sigil: Sigil::Scalar, .. }
        | ArrayLast(_)
        | PreInc(_)
        | PreDec(_)
        | OpAssign(..)
        | LogAssign(..) => true,
        My(m) => !m.parens && m.vars.len() == 1 && container_sigil(e).is_none(),
        Local(x) => is_lvalue(x),
        Assign(l, _) => !super::expr::is_listy(l),
        Cond(_, a, b) => is_lvalue(a) && is_lvalue(b),
        List { items, .. } if items.len() == 1 => is_lvalue(&items[0]),
        Func { func, .. } => {
            matches!(func, ast::Func::Substr | ast::Func::Vec | ast::Func::Pos | ast::Func::Keys)
        }
        _ => false,
    }
}
