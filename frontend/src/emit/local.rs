//! `local`.
use super::expr::container_sigil;
use super::lvalue::{KIND_AV, KIND_CELL, KIND_HV, Place};
use super::*;

impl Emitter<'_> {
    /// `local EXPR` without use of the value.
    #[keshi_memory::deep]
    pub fn local_void(&mut self, e: &Expr) -> E {
        let ExprKind::Local(x) = &e.kind else {
            return self.void(e);
        };
        match &x.kind {
            ExprKind::Func { func: ast::Func::Undef, args, .. } if args.is_empty() => Ok(()),
            ExprKind::List { items, .. } => items.iter().try_for_each(|i| {
                let one = Expr::new(i.line, ExprKind::Local(Box::new(i.clone())));
                self.local_void(&one)
            }),
            ExprKind::Slice { array, index } => {
                let p = self.av(array, true)?;
                self.local_slice(p, index)
            }
            ExprKind::HSlice { hash, keys } => {
                let p = self.hv(hash, true)?;
                self.local_slice(p, keys)
            }
            ExprKind::My(m) if m.kind == DeclKind::Our => m.vars.iter().try_for_each(|v| {
                let y = super::expr::var_expr(v, e.line);
                let one = Expr::new(e.line, ExprKind::Local(Box::new(y)));
                self.local_void(&one)
            }),
            _ if container_sigil(x).is_some() => {
                if let Some(p) = self.local_container(x, e.line)? {
                    self.done(p)?;
                }
                Ok(())
            }
            _ => {
                let p = self.local_place(x, e.line)?;
                self.done_place(&p)
            }
        }
    }

    fn local_slice(&mut self, p: Reg, keys: &Expr) -> E {
        let k = self.list_of(std::slice::from_ref(keys), Mode::Copy)?;
        self.op("local.slice", &[p.into(), k.into()])?;
        self.done(k)?;
        self.done(p)
    }

    /// Saves a whole array or hash and puts an empty one in its place, which comes in a register if the variable is
    /// found at run time.
    #[keshi_memory::deep]
    pub fn local_container(&mut self, x: &Expr, line: u32) -> E<Option<Reg>> {
        match &x.kind {
            ExprKind::Pkg { sigil, name } => {
                let s = self.sym(name);
                self.op(if *sigil == Sigil::Array { "local.av" } else { "local.hv" }, &[s])?;
                Ok(None)
            }
            ExprKind::Lex { idx, sigil } => match self.homes[*idx as usize].clone() {
                Home::Pkg(n) => {
                    let s = self.sym(&n);
                    self.op(if *sigil == Sigil::Array { "local.av" } else { "local.hv" }, &[s])?;
                    Ok(None)
                }
                _ => self.fail(line, "Can't localize lexical variable"),
            },
            ExprKind::Deref { expr, sigil } => {
                let kind = if *sigil == Sigil::Array { KIND_AV } else { KIND_HV };
                self.local_deref(expr, kind).map(Some)
            }
            ExprKind::List { items, .. } if items.len() == 1 => self.local_container(&items[0], line),
            ExprKind::My(m) if m.vars.len() == 1 => {
                let y = super::expr::var_expr(&m.vars[0], line);
                self.local_container(&y, line)
            }
            _ => self.todo(line, "local on this expression").map(|()| None),
        }
    }

    /// `local` of a variable named at run time.
    fn local_deref(&mut self, name: &Expr, kind: u8) -> E<Reg> {
        let v = self.operand(name)?;
        let p = self.tp();
        self.op("local.deref", &[p.into(), v.clone(), Arg::Imm(kind.into())])?;
        self.done_arg(&v)?;
        Ok(p)
    }

    /// The place of the target of an assignment. A glob that is localized and assigned keeps its body until
    /// then, so that assigning a reference replaces one slot only.
    #[keshi_memory::deep]
    pub fn assigned_place(&mut self, t: &Expr) -> E<Place> {
        match &t.kind {
            ExprKind::Local(x) => match &x.kind {
                ExprKind::List { items, .. } if items.len() == 1 => {
                    let one = Expr::new(t.line, ExprKind::Local(Box::new(items[0].clone())));
                    self.assigned_place(&one)
                }
                ExprKind::Pkg { sigil: Sigil::Glob, .. } | ExprKind::Deref { sigil: Sigil::Glob, .. } => {
                    let g = self.glob_ptr(x, 1)?;
                    self.op("local.gv", &[g.into(), Arg::Imm(1)])?;
                    Ok(Place::Glob(g))
                }
                _ => self.local_place(x, t.line),
            },
            ExprKind::List { items, .. } if items.len() == 1 => self.assigned_place(&items[0]),
            ExprKind::Call(_) | ExprKind::Method(_) => {
                let r = self.ts();
                self.at(t.line);
                self.call_alias(t, r, true)?;
                Ok(Place::Alias(r))
            }
            _ => self.place(t),
        }
    }

    /// Localises a scalar lvalue and returns its place.
    #[keshi_memory::deep]
    pub fn local_place(&mut self, x: &Expr, line: u32) -> E<Place> {
        use ExprKind::*;
        Ok(match &x.kind {
            Pkg { sigil: Sigil::Scalar, name } => {
                let s = self.sym(name);
                self.op("local.sv", &[s])?;
                Place::Cell(self.glob_sv(name)?)
            }
            Lex { sigil: Sigil::Scalar, idx } => match self.homes[*idx as usize].clone() {
                Home::Pkg(n) => {
                    let s = self.sym(&n);
                    self.op("local.sv", &[s])?;
                    Place::Cell(self.glob_sv(&n)?)
                }
                _ => return self.fail(line, "Can't localize lexical variable"),
            },
            Pkg { sigil: Sigil::Glob, .. } | Deref { sigil: Sigil::Glob, .. } => {
                let g = self.glob_ptr(x, 1)?;
                self.op("local.gv", &[g.into(), Arg::Imm(0)])?;
                Place::Glob(g)
            }
            Elem { array, index } => {
                let p = self.av(array, true)?;
                let i = self.operand(index)?;
                let i = self.pin(i)?;
                self.op("local.elem", &[p.into(), i.clone()])?;
                Place::Elem(p, i)
            }
            HElem { hash, key } => {
                let p = self.hv(hash, true)?;
                let k = self.operand(key)?;
                let k = self.pin(k)?;
                self.op("local.helem", &[p.into(), k.clone()])?;
                Place::HElem(p, k)
            }
            Deref { sigil: Sigil::Scalar, expr } => Place::Cell(self.local_deref(expr, KIND_CELL)?),
            List { items, .. } if items.len() == 1 => self.local_place(&items[0], line)?,
            Cond(c, a, b) => {
                let t = self.ts();
                let (no, end) = (self.label(), self.label());
                self.jump_if(c, false, no)?;
                for (e, last) in [(a, false), (b, true)] {
                    let p = self.local_place(e, line)?;
                    let lv = self.place_lv(&p)?;
                    self.op("alias.set", &[t.into(), lv.into()])?;
                    self.done_lv(&p, lv)?;
                    if !last {
                        self.jmp(end)?;
                        self.bind(no)?;
                    }
                }
                self.bind(end)?;
                Place::Alias(t)
            }
            // local our $x
            My(m) if m.vars.len() == 1 && m.kind == DeclKind::Our => {
                let y = super::expr::var_expr(&m.vars[0], line);
                self.local_place(&y, line)?
            }
            My(_) | Assign(..) => return self.fail(line, "Can't modify this expression in local"),
            // The length is put back by assigning it at the end of the scope.
            ArrayLast(a) => {
                let p = self.av(a, true)?;
                let t = self.ts();
                self.op("av.last.lv", &[t.into(), p.into()])?;
                self.op("local.lv", &[t.into()])?;
                self.done(t)?;
                Place::Last(p)
            }
            _ => {
                self.todo(line, "local on this expression")?;
                let t = self.ts();
                self.atom("s.undef", &[t.into()])?;
                Place::Slot { reg: t, direct: true }
            }
        })
    }

    /// A copy of a variable's slot used as index or key.
    fn pin(&mut self, v: Arg) -> E<Arg> {
        match v {
            Arg::R(r) if self.names.contains_key(&r) => {
                let t = self.ts();
                self.copy_to(t, &v)?;
                Ok(Arg::R(t))
            }
            v => Ok(v),
        }
    }
}
