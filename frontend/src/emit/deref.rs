//! From an expression to the object it names or refers to: array, hash, scalar cell, glob, sub; what is not there is
//! vivified where perl does it. Loads of single elements.
use super::expr::container_sigil;
use super::lvalue::{KIND_AV, KIND_CELL, KIND_HV, Place, undeclared};
use super::*;

impl Emitter<'_> {
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

    #[keshi_memory::deep]
    pub(super) fn container(&mut self, e: &Expr, lv: bool, want: Sigil) -> E<Reg> {
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
    #[keshi_memory::deep]
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
}
