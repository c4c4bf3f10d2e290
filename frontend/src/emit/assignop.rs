//! Assignment with an operator (`+=`, `||=`, `x=` …), `++` and `--`: a place is read, changed and written.
use super::expr::{container_sigil, is_listy};
use super::lvalue::Place;
use super::*;

impl Emitter<'_> {
    pub fn op_assign(&mut self, op: BinOp, l: &Expr, r: &Expr, d: Dest) -> E {
        if op == BinOp::Repeat && is_listy(l) {
            return self.repeat_assign(l, r, d);
        }
        if let Some(s) = container_sigil(l) {
            // `@a .= …` is refused by the parser; `push`-like forms work on the count's cell.
            return self.fail(l.line, format!("Can't modify {s:?} in operator assignment"));
        }
        // `$h{k} op= v` in one look-up.
        if d == Dest::Void
            && op != BinOp::LogXor
            && !self.hint(HINT_INTEGER)
            && let ExprKind::HElem { hash, key } = &l.kind
        {
            let h = self.hv(hash, true)?;
            let k = self.operand(key)?;
            let k = self.keep(k, key)?;
            let v = self.operand(r)?;
            self.op("hv.opassign", &[h.into(), k.clone(), v.clone(), Arg::Imm(self.assign_code(op))])?;
            self.done_arg(&v)?;
            self.done_arg(&k)?;
            return self.done(h);
        }
        let p = self.assigned_place(l)?;
        let v = self.operand(r)?;
        self.place_op(&p, op, &v)?;
        self.done_arg(&v)?;
        self.deliver_place(&p, d)
    }

    /// An operand that must keep its value while `later` code runs.
    pub(super) fn keep(&mut self, v: Arg, e: &Expr) -> E<Arg> {
        if let Arg::R(reg) = v
            && self.slot_of(e) == Some(reg)
        {
            let t = self.ts();
            self.copy_to(t, &v)?;
            return Ok(Arg::R(t));
        }
        Ok(v)
    }

    /// `place op= v`
    pub fn place_op(&mut self, p: &Place, op: BinOp, v: &Arg) -> E {
        if op == BinOp::LogXor {
            let t = self.ts();
            self.place_load(p, t)?;
            self.op("xor", &[t.into(), t.into(), v.clone()])?;
            self.place_store(p, &t.into())?;
            return self.done(t);
        }
        let code = Arg::Imm(self.assign_code(op));
        match p {
            Place::Slot { reg, .. } | Place::Alias(reg) => {
                self.op("opassign", &[(*reg).into(), v.clone(), code])
            }
            Place::Elem(..) | Place::HElem(..) => {
                let t = self.ts();
                self.place_load(p, t)?;
                self.op("opassign", &[t.into(), v.clone(), code])?;
                self.place_store(p, &t.into())?;
                self.done(t)
            }
            _ => {
                let lv = self.place_lv(p)?;
                self.op("opassign", &[lv.into(), v.clone(), code])?;
                self.done(lv)
            }
        }
    }

    /// `@a x= 3`, `(…) x= 3`
    fn repeat_assign(&mut self, l: &Expr, r: &Expr, d: Dest) -> E {
        let v = self.list_of(std::slice::from_ref(l), Mode::Copy)?;
        let n = self.operand(r)?;
        let out = self.tp();
        self.op("repeat.l", &[out.into(), v.into(), n.clone()])?;
        self.spent(v);
        self.done_arg(&n)?;
        self.assign_from(l, out, d)
    }

    /// `||=`, `&&=`, `//=`
    pub fn log_assign(&mut self, op: LogOp, l: &Expr, r: &Expr, d: Dest) -> E {
        if container_sigil(l).is_some() {
            return self.log_assign_container(op, l, r, d);
        }
        let p = self.assigned_place(l)?;
        let end = self.label();
        let t = self.ts();
        self.place_load(&p, t)?;
        self.log_branch(op, t, end)?;
        let v = self.operand(r)?;
        self.place_store(&p, &v)?;
        match d {
            Dest::Void => {}
            _ => self.copy_to(t, &v)?,
        }
        self.done_arg(&v)?;
        self.bind(end)?;
        match d {
            Dest::Void => {
                self.done(t)?;
                self.done_place(&p)
            }
            Dest::Scalar(x) => {
                self.copy_to(x, &t.into())?;
                self.done(t)?;
                self.done_place(&p)
            }
            Dest::List(_, Mode::Copy) => {
                self.deliver(t, d)?;
                self.done(t)?;
                self.done_place(&p)
            }
            _ => {
                self.done(t)?;
                self.deliver_place(&p, d)
            }
        }
    }

    fn log_branch(&mut self, op: LogOp, t: Reg, end: L) -> E {
        let test = match op {
            LogOp::And => "br.false",
            LogOp::Or => "br.true",
            LogOp::Dor => "br.def",
        };
        self.atom(test, &[t.into(), end.into()])
    }

    /// As an lvalue: `t` becomes an alias.
    pub fn log_assign_alias(&mut self, op: LogOp, l: &Expr, r: &Expr, t: Reg) -> E {
        self.alias_into(l, t)?;
        let end = self.label();
        let v = self.ts();
        self.op("value", &[v.into(), t.into()])?;
        self.log_branch(op, v, end)?;
        self.done(v)?;
        let x = self.operand(r)?;
        self.op("assign", &[t.into(), x.clone()])?;
        self.done_arg(&x)?;
        self.bind(end)
    }

    fn log_assign_container(&mut self, op: LogOp, l: &Expr, r: &Expr, d: Dest) -> E {
        let end = self.label();
        let t = self.ts();
        self.count(l, t)?;
        self.log_branch(op, t, end)?;
        self.assign_list(l, r, Dest::Void)?;
        self.bind(end)?;
        self.done(t)?;
        self.eval(l, d)
    }

    pub fn incdec(&mut self, e: &Expr, x: &Expr, d: Option<Reg>) -> E {
        let (inc, pre) = match e.kind {
            ExprKind::PreInc(_) => (true, true),
            ExprKind::PreDec(_) => (false, true),
            ExprKind::PostInc(_) => (true, false),
            _ => (false, false),
        };
        let p = self.assigned_place(x)?;
        self.place_incdec(&p, inc, pre, d)?;
        self.done_place(&p)
    }

    pub fn place_incdec(&mut self, p: &Place, inc: bool, pre: bool, d: Option<Reg>) -> E {
        if let (Place::HElem(h, k), true) = (p, inc) {
            let t = self.dst(d);
            self.op(if pre { "hv.preinc" } else { "hv.postinc" }, &[t.into(), (*h).into(), k.clone()])?;
            return if d.is_none() { self.done(t) } else { Ok(()) };
        }
        let name = if inc { "preinc" } else { "predec" };
        let post = if inc { "postinc" } else { "postdec" };
        match p {
            Place::Elem(..) | Place::HElem(..) => {
                let t = self.ts();
                self.place_load(p, t)?;
                match d {
                    Some(x) if !pre => self.op(post, &[x.into(), t.into()])?,
                    _ => self.op(name, &[t.into()])?,
                }
                self.place_store(p, &t.into())?;
                if let (Some(x), true) = (d, pre) {
                    self.copy_to(x, &t.into())?;
                }
                self.done(t)
            }
            _ => {
                let lv = self.place_lv(p)?;
                match d {
                    None => self.op(name, &[lv.into()])?,
                    // The old value must not land in the variable itself.
                    Some(x) if !pre && x == lv => {
                        let t = self.ts();
                        self.op(post, &[t.into(), lv.into()])?;
                        self.copy_to(x, &t.into())?;
                        self.done(t)?;
                    }
                    Some(x) if !pre => self.op(post, &[x.into(), lv.into()])?,
                    Some(x) => {
                        self.op(name, &[lv.into()])?;
                        self.place_load(p, x)?;
                    }
                }
                if !matches!(p, Place::Slot { .. } | Place::Alias(_)) {
                    self.done(lv)?;
                }
                Ok(())
            }
        }
    }
}
