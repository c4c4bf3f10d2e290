//! Whether something is there, and making it go: `defined`, `exists`, `delete`, `undef`.
use super::expr::container_sigil;
use super::*;

impl Emitter<'_> {
    pub(super) fn defined(&mut self, e: &Expr, d: Reg) -> E {
        match &e.kind {
            ExprKind::Pkg { sigil: Sigil::Code, name } => {
                let s = self.sym(name);
                return self.op("code.defined", &[d.into(), s]);
            }
            ExprKind::Deref { sigil: Sigil::Code, expr } => {
                let v = self.operand(expr)?;
                self.op("code.test", &[d.into(), v.clone(), Arg::Imm(0)])?;
                return self.done_arg(&v);
            }
            ExprKind::Deref { sigil: Sigil::Scalar, expr } => {
                // A name that nobody used yet does not become a variable by the question.
                let v = self.operand(expr)?;
                let p = self.tp();
                self.op("ref.sv", &[p.into(), v.clone(), Arg::Imm(2)])?;
                self.done_arg(&v)?;
                self.op("cell.load", &[d.into(), p.into()])?;
                self.done(p)?;
                return self.op("defined", &[d.into(), d.into()]);
            }
            ExprKind::Deref { sigil: Sigil::Glob, expr } => {
                let v = self.operand(expr)?;
                self.op("gv.test", &[d.into(), v.clone()])?;
                return self.done_arg(&v);
            }
            ExprKind::Lex { sigil: Sigil::Code, .. } => {
                let t = self.ts();
                self.reference(e, t)?;
                self.op("code.test", &[d.into(), t.into(), Arg::Imm(0)])?;
                return self.done(t);
            }
            _ if container_sigil(e).is_some() => {
                self.count(e, d)?;
                self.op("not", &[d.into(), d.into()])?;
                return self.op("not", &[d.into(), d.into()]);
            }
            _ => {}
        }
        self.apply("defined", d, &[e])
    }

    #[keshi_memory::deep]
    pub(super) fn exists(&mut self, e: &Expr, d: Reg) -> E {
        match &e.kind {
            ExprKind::Elem { array, index } => {
                let p = self.av(array, true)?;
                let i = self.operand(index)?;
                self.op("av.exists", &[d.into(), p.into(), i.clone()])?;
                self.done_arg(&i)?;
                self.done(p)
            }
            ExprKind::HElem { hash, key } => {
                let p = self.hv(hash, true)?;
                let k = self.operand(key)?;
                self.op("hv.exists", &[d.into(), p.into(), k.clone()])?;
                self.done_arg(&k)?;
                self.done(p)
            }
            ExprKind::Pkg { sigil: Sigil::Code, name } => {
                let s = self.sym(name);
                self.op("code.exists", &[d.into(), s])
            }
            ExprKind::Deref { sigil: Sigil::Code, expr } => {
                let v = self.operand(expr)?;
                self.op("code.test", &[d.into(), v.clone(), Arg::Imm(1)])?;
                self.done_arg(&v)
            }
            ExprKind::Lex { sigil: Sigil::Code, .. } => {
                let k = self.konst(Const::Bool(true));
                self.op("s.const", &[d.into(), k])
            }
            ExprKind::List { items, .. } if items.len() == 1 => self.exists(&items[0], d),
            _ => self.fail(e.line, "exists argument is not a HASH or ARRAY element or a subroutine"),
        }
    }

    #[keshi_memory::deep]
    pub(super) fn delete(&mut self, e: &Expr, d: Dest) -> E {
        use ExprKind::*;
        let (x, local) = match &e.kind {
            Local(x) => (&**x, true),
            List { items, .. } if items.len() == 1 => return self.delete(&items[0], d),
            _ => (e, false),
        };
        let slice = match &x.kind {
            Elem { array, index } => {
                let p = self.av(array, true)?;
                return self.delete_one(if local { "local.delete" } else { "av.delete" }, p, index, d);
            }
            HElem { hash, key } => {
                let p = self.hv(hash, true)?;
                return self.delete_one(if local { "local.delete" } else { "hv.delete" }, p, key, d);
            }
            Slice { array, index } => (self.av(array, true)?, "av.delete.slice", index),
            KvSlice { array, index } => (self.av(array, true)?, "av.delete.kv", index),
            HSlice { hash, keys } => (self.hv(hash, true)?, "hv.delete.slice", keys),
            KvHSlice { hash, keys } => (self.hv(hash, true)?, "hv.delete.kv", keys),
            _ => return self.fail(e.line, "delete argument is not a HASH or ARRAY element or slice"),
        };
        let (p, op, keys) = slice;
        let k = self.list_of(std::slice::from_ref(&**keys), Mode::Copy)?;
        let r = self.tp();
        if local {
            // The old values are the result; what is deleted are their stand-ins.
            let read = match op {
                "av.delete.slice" => "av.slice",
                "av.delete.kv" => "av.kvslice",
                "hv.delete.slice" => "hv.slice",
                _ => "hv.kvslice",
            };
            self.op(read, &[r.into(), p.into(), k.into()])?;
            self.op("local.slice", &[p.into(), k.into()])?;
            let gone = self.tp();
            self.op(op, &[gone.into(), p.into(), k.into()])?;
            self.done(gone)?;
        } else {
            self.op(op, &[r.into(), p.into(), k.into()])?;
        }
        self.done(k)?;
        self.done(p)?;
        match d {
            Dest::List(l, _) => self.cat(l, r),
            Dest::Scalar(x) => {
                self.op("list.last", &[x.into(), r.into()])?;
                self.spent(r);
                Ok(())
            }
            Dest::Ret => self.ret_list(r),
            Dest::Void => self.done(r),
        }
    }

    fn delete_one(&mut self, op: &str, p: Reg, key: &Expr, d: Dest) -> E {
        let k = self.operand(key)?;
        let t = match d {
            Dest::Scalar(r) => r,
            _ => self.ts(),
        };
        self.op(op, &[t.into(), p.into(), k.clone()])?;
        self.done_arg(&k)?;
        self.done(p)?;
        match d {
            Dest::Scalar(_) => Ok(()),
            Dest::Ret => self.ret_value(t),
            _ => {
                self.deliver(t, d)?;
                self.done(t)
            }
        }
    }

    #[keshi_memory::deep]
    pub(super) fn undef(&mut self, args: &[Expr]) -> E {
        let Some(e) = args.first() else { return Ok(()) };
        match &e.kind {
            ExprKind::List { items, .. } if items.len() == 1 => return self.undef(items),
            ExprKind::Pkg { sigil: Sigil::Code, name } => {
                let p = self.tp();
                let (s, c) = (self.sym(name), self.ic());
                self.op("glob.cv", &[p.into(), s, c])?;
                let none = self.label();
                self.atom("br.null", &[p.into(), none.into()])?;
                self.op("undef.cv", &[p.into()])?;
                self.bind(none)?;
                return self.done(p);
            }
            ExprKind::Lex { sigil: Sigil::Code, .. } | ExprKind::Deref { sigil: Sigil::Code, .. } => {
                let p = self.code_ptr(e)?;
                self.op("undef.cv", &[p.into()])?;
                return self.done(p);
            }
            ExprKind::Pkg { sigil: Sigil::Glob, .. } | ExprKind::Deref { sigil: Sigil::Glob, .. } => {
                let p = self.glob_ptr(e, 1)?;
                self.op("undef.gv", &[p.into()])?;
                return self.done(p);
            }
            _ => {}
        }
        if container_sigil(e).is_some() {
            let (p, hash) = self.container_arg(e, true)?;
            self.op(if hash { "undef.hv" } else { "undef.av" }, &[p.into()])?;
            return self.done(p);
        }
        let (p, lv) = self.lv(e)?;
        self.op("undef.sv", &[lv.into()])?;
        self.done_lv(&p, lv)
    }
}
