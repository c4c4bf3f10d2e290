//! Places: what can be assigned to, referenced, localised; containers and element access.
use super::expr::{container_sigil, literal};
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

    // ---- containers

    /// `@_` of a sub (not of the main program).
    pub fn is_args(&self, e: &Expr) -> bool {
        matches!(&e.kind, ExprKind::Pkg { sigil: Sigil::Array, name } if &**name == "main::_")
            && !matches!(self.kind, SubKind::Main)
    }

    /// The array of an array-valued expression; `lv`: it is about to be changed (autovivification).
    pub fn av(&mut self, e: &Expr, lv: bool) -> E<Reg> {
        if self.is_args(e) {
            let p = self.tp();
            self.op("arg.all", &[p.into()])?;
            return Ok(p);
        }
        self.container(e, lv, Sigil::Array)
    }

    pub fn hv(&mut self, e: &Expr, lv: bool) -> E<Reg> {
        self.container(e, lv, Sigil::Hash)
    }

    fn container(&mut self, e: &Expr, lv: bool, want: Sigil) -> E<Reg> {
        use ExprKind::*;
        let (glob, viv, deref, kind) = match want {
            Sigil::Array => ("glob.av", "viv.av", "ref.av", KIND_AV),
            _ => ("glob.hv", "viv.hv", "ref.hv", KIND_HV),
        };
        self.at(e.line);
        match &e.kind {
            Lex { idx, .. } => match self.homes[*idx as usize].clone() {
                Home::Av(p) | Home::Hv(p) => Ok(p),
                Home::Pkg(name) => self.glob_part(glob, &name),
                _ => self.fail(e.line, "internal error of the compiler: not a container"),
            },
            Pkg { name, .. } => self.glob_part(glob, name),
            My(m) if m.vars.len() == 1 => {
                self.declare(m, e.line)?;
                let x = super::expr::var_expr(&m.vars[0], e.line);
                self.container(&x, lv, want)
            }
            Local(x) => match self.local_container(x, e.line)? {
                Some(p) => Ok(p),
                None if want == Sigil::Array => self.av(x, lv),
                None => self.container(x, lv, want),
            },
            List { items, .. } if items.len() == 1 => self.container(&items[0], lv, want),
            Deref { expr, .. } => {
                if lv {
                    return self.vivify(expr, kind, viv, deref);
                }
                let v = self.operand(expr)?;
                let p = self.tp();
                self.op(deref, &[p.into(), v.clone(), Arg::Imm(0)])?;
                self.done_arg(&v)?;
                Ok(p)
            }
            Assign(l, _) if container_sigil(l).is_some() => {
                self.void(e)?;
                let l = undeclared(l);
                self.container(&l, lv, want)
            }
            _ => {
                // A function's result and the like: a reference.
                let v = self.operand(e)?;
                let p = self.tp();
                self.op(deref, &[p.into(), v.clone(), Arg::Imm(lv.into())])?;
                self.done_arg(&v)?;
                Ok(p)
            }
        }
    }

    fn glob_part(&mut self, op: &str, name: &str) -> E<Reg> {
        let (s, c) = (self.sym(name), self.ic());
        let p = self.tp();
        self.op(op, &[p.into(), s, c])?;
        Ok(p)
    }

    /// The referent of a reference-valued expression, created if that is an undefined lvalue.
    pub fn vivify(&mut self, e: &Expr, kind: u8, viv: &str, deref: &str) -> E<Reg> {
        use ExprKind::*;
        let p = self.tp();
        let k = Arg::Imm(kind.into());
        match &e.kind {
            List { items, parens: true } if items.len() == 1 => {
                self.spent(p);
                return self.vivify(&items[0], kind, viv, deref);
            }
            List { items, .. } if !items.is_empty() => {
                self.spent(p);
                let (last, rest) = items.split_last().expect("not empty");
                for x in rest {
                    self.void(x)?;
                }
                return self.vivify(last, kind, viv, deref);
            }
            Cond(c, a, b) => {
                let (no, end) = (self.label(), self.label());
                self.jump_if(c, false, no)?;
                let q = self.vivify(a, kind, viv, deref)?;
                self.atom("p.move", &[p.into(), q.into()])?;
                self.done(q)?;
                self.jmp(end)?;
                self.bind(no)?;
                let q = self.vivify(b, kind, viv, deref)?;
                self.atom("p.move", &[p.into(), q.into()])?;
                self.done(q)?;
                self.bind(end)?;
            }
            Elem { array, index } if !self.is_args(array) => {
                let a = self.av(array, true)?;
                let i = self.operand(index)?;
                self.op("av.viv", &[p.into(), a.into(), i.clone(), k])?;
                self.done_arg(&i)?;
                self.done(a)?;
            }
            HElem { hash, key } => {
                let h = self.hv(hash, true)?;
                let i = self.operand(key)?;
                self.op("hv.viv", &[p.into(), h.into(), i.clone(), k])?;
                self.done_arg(&i)?;
                self.done(h)?;
            }
            // What `local` has just emptied is not filled again.
            Local(_) => {
                let pl = self.place(e)?;
                let t = self.ts();
                self.place_load(&pl, t)?;
                self.op(deref, &[p.into(), t.into(), Arg::Imm(1)])?;
                self.done(t)?;
                self.done_place(&pl)?;
            }
            Lex { sigil: Sigil::Scalar, .. }
            | Pkg { sigil: Sigil::Scalar, .. }
            | My(_)
            | Elem { .. }
            | Deref { sigil: Sigil::Scalar, .. }
            | LogAssign(..) => {
                let pl = self.place(e)?;
                match &pl {
                    Place::Cell(c) => self.op("ref.viv", &[p.into(), (*c).into(), Arg::Kind(kind)])?,
                    _ => {
                        let r = self.place_lv(&pl)?;
                        self.op(viv, &[p.into(), r.into()])?;
                    }
                }
                self.done_place(&pl)?;
            }
            List { items, .. } if !items.is_empty() => {
                self.spent(p);
                let (last, others) = (&items[items.len() - 1], &items[..items.len() - 1]);
                others.iter().try_for_each(|x| self.void(x))?;
                return self.vivify(last, kind, viv, deref);
            }
            // Only what an `:lvalue` sub returned can be given a referent.
            Call(_) | Method(_) => {
                let t = self.ts();
                self.call_alias(e, t, false)?;
                let (alias, end) = (self.label(), self.label());
                self.atom("br.tag", &[t.into(), Arg::Mask(1 << 13), alias.into()])?;
                self.op(deref, &[p.into(), t.into(), Arg::Imm(1)])?;
                self.jmp(end)?;
                self.bind(alias)?;
                self.op(viv, &[p.into(), t.into()])?;
                self.bind(end)?;
                self.done(t)?;
            }
            _ => {
                let v = self.operand(e)?;
                self.op(deref, &[p.into(), v.clone(), Arg::Imm(1)])?;
                self.done_arg(&v)?;
            }
        }
        Ok(p)
    }

    /// The cell `$$x` means.
    pub fn cell(&mut self, e: &Expr, lv: bool) -> E<Reg> {
        let ExprKind::Deref { expr, .. } = &e.kind else {
            let pl = self.place(e)?;
            return self.place_cell(&pl);
        };
        if lv {
            return self.vivify(expr, KIND_CELL, "viv.sv", "ref.sv");
        }
        let v = self.operand(expr)?;
        let p = self.tp();
        self.op("ref.sv", &[p.into(), v.clone(), Arg::Imm(0)])?;
        self.done_arg(&v)?;
        Ok(p)
    }

    /// The typeglob of `*name`, `*{…}` or an expression that yields one.
    pub fn glob_ptr(&mut self, e: &Expr, how: u64) -> E<Reg> {
        let p = self.tp();
        match &e.kind {
            ExprKind::Pkg { sigil: Sigil::Glob, name } => {
                let s = self.sym(name);
                self.op("glob.gv", &[p.into(), s])?;
            }
            ExprKind::Deref { sigil: Sigil::Glob, expr } => {
                let v = self.operand(expr)?;
                self.op("ref.gv", &[p.into(), v.clone(), Arg::Imm(how)])?;
                self.done_arg(&v)?;
            }
            _ => {
                let v = self.operand(e)?;
                self.op("ref.gv", &[p.into(), v.clone(), Arg::Imm(how)])?;
                self.done_arg(&v)?;
            }
        }
        Ok(p)
    }

    // ---- elements as values

    pub fn elem_load(&mut self, array: &Expr, index: &Expr, d: Reg) -> E {
        if self.is_args(array)
            && let ExprKind::Int(i @ 0..=65535) = index.kind
        {
            return self.op("arg.get", &[d.into(), Arg::Imm(i as u64)]);
        }
        let p = self.av(array, true)?;
        let i = self.operand(index)?;
        self.op("av.fetch", &[d.into(), p.into(), i.clone()])?;
        self.done_arg(&i)?;
        self.done(p)
    }

    pub fn helem_load(&mut self, hash: &Expr, key: &Expr, d: Reg) -> E {
        let p = self.hv(hash, true)?;
        let k = self.operand(key)?;
        self.op("hv.get", &[d.into(), p.into(), k.clone()])?;
        self.done_arg(&k)?;
        self.done(p)
    }

    /// A code value as P, for calls: `&name`, `&$ref`, lexical subs.
    pub fn code_ptr(&mut self, e: &Expr) -> E<Reg> {
        match &e.kind {
            ExprKind::Lex { sigil: Sigil::Code, idx } => match self.homes[*idx as usize].clone() {
                Home::Cv(p) => Ok(p),
                Home::Builtin(n) => {
                    let full = format!("builtin::{n}");
                    self.named_code(&full)
                }
                Home::Pkg(n) => self.named_code(&n),
                Home::Host(h) => {
                    let t = self.ts();
                    let k = self.konst(Const::Int(h.0 as i64));
                    self.op("host.const", &[t.into(), k])?;
                    let p = self.tp();
                    self.op("sub.code", &[p.into(), t.into()])?;
                    self.done(t)?;
                    Ok(p)
                }
                _ => self.fail(e.line, "internal error of the compiler: not a sub"),
            },
            ExprKind::Pkg { sigil: Sigil::Code, name } => self.named_code(name),
            ExprKind::Deref { sigil: Sigil::Code, expr } => self.dynamic_code(expr),
            ExprKind::CoreSub(_) => self.dynamic_code(e),
            _ => self.dynamic_code(e),
        }
    }

    fn dynamic_code(&mut self, e: &Expr) -> E<Reg> {
        let v = self.operand(e)?;
        let p = self.tp();
        self.op("sub.code", &[p.into(), v.clone()])?;
        self.done_arg(&v)?;
        Ok(p)
    }

    fn named_code(&mut self, name: &str) -> E<Reg> {
        let p = self.tp();
        let (s, c) = (self.sym(name), self.ic());
        self.op("glob.cv", &[p.into(), s.clone(), c])?;
        let (missing, ok) = (self.b.cold_label(), self.label());
        self.atom("br.null", &[p.into(), missing.into()])?;
        self.bind_cold(missing)?;
        self.op("sub.missing", &[p.into(), s])?;
        self.end_cold()?;
        self.bind(ok)?;
        Ok(p)
    }

    /// `&name` as a value is what `\&name` refers to; only `defined`, `exists` and `undef` see it undereferenced.
    pub fn code_value(&mut self, e: &Expr, d: Reg) -> E {
        self.reference(e, d)
    }

    // ---- references

    /// `\ EXPR` in scalar context.
    pub fn reference(&mut self, e: &Expr, d: Reg) -> E {
        use ExprKind::*;
        let p = match &e.kind {
            List { items, parens: true } if items.len() != 1 || container_sigil(&items[0]).is_some() => {
                let l = self.list_of(items, Mode::Alias)?;
                let r = self.tp();
                self.op("ref.list", &[r.into(), l.into()])?;
                self.spent(l);
                self.op("list.last", &[d.into(), r.into()])?;
                self.spent(r);
                return Ok(());
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
            let r = self.tp();
            self.op("ref.list", &[r.into(), l.into()])?;
            self.spent(l);
            self.op("list.last", &[d.into(), r.into()])?;
            self.spent(r);
            return Ok(());
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
            let r = self.tp();
            self.op("ref.list", &[r.into(), l.into()])?;
            self.spent(l);
            self.op("list.last", &[d.into(), r.into()])?;
            self.spent(r);
            return Ok(());
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
            let r = self.tp();
            self.op("ref.list", &[r.into(), l.into()])?;
            self.spent(l);
            self.op("list.last", &[d.into(), r.into()])?;
            self.spent(r);
            return Ok(());
        }
        let t = self.ts();
        let constant = literal(e).is_some();
        self.scalar_into(e, t)?;
        if constant {
            self.op("const.cell", &[t.into()])?;
        }
        self.ref_temp(t, d)
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

/// A declaration that has been executed, as the variables it declared.
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
