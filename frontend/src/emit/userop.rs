//! Calls of ops from a user's macro file: arguments become operands of the families that the op wants, the op is
//! expanded in place, what it has changed is stored.
//!
//! An op sees values, never aliases: a variable that only this sub can reach is the operand itself, any other place
//! is copied to a temporary before the op and assigned from it afterwards, so ties, magic and references see one
//! fetch and one store. If the op dies nothing is stored.
use super::lvalue::Place;
use super::*;
use keshi_l1::builder::Mode;

/// What is to be done with an operand after the op.
enum After {
    Done(Arg),
    /// The op has consumed it.
    Spent(Reg),
    Store(Place, Reg),
    /// A variable's own slot.
    Place(Place),
}

impl Emitter<'_> {
    pub fn macro_call(&mut self, name: &Name, args: &[Expr], d: Reg) -> E {
        let Some(view) = keshi_l1::builder::current_macros().perl_view(name) else {
            return self.todo(self.line, &format!("calling op {name} here"));
        };
        let ret: Option<Fam> = view.ret.map(Fam::from);
        let out = match ret {
            Some(Fam::S) => Some(d),
            Some(f) => Some(self.temp(f)),
            None => None,
        };
        let mut ops: Vec<Arg> = out.iter().map(|r| (*r).into()).collect();
        let mut after = Vec::new();
        for (i, (mode, fam)) in view.params.iter().enumerate() {
            let (mode, fam) = (*mode, Fam::from(*fam));
            let others = args.iter().enumerate().filter(|o| o.0 != i);
            let alone = |r: Reg| others.clone().all(|o| self.slot_of(o.1) != Some(r));
            let (op, then) = match args.get(i) {
                // Left out because the prototype allows it.
                None => self.missing_operand(fam)?,
                Some(a) if fam == Fam::P => self.container_operand(a)?,
                Some(a) if matches!(mode, Mode::In | Mode::Take) => self.value_operand(a, fam, mode)?,
                Some(a) => {
                    let own = self.slot_of(a).is_some_and(alone);
                    self.place_operand(a, fam, mode, own)?
                }
            };
            ops.push(op);
            after.push(then);
        }
        self.op(name, &ops)?;
        match (ret, out) {
            (Some(Fam::N), Some(r)) => self.op("s.setn", &[d.into(), r.into()])?,
            (Some(Fam::I), Some(r)) => self.op("s.seti", &[d.into(), r.into()])?,
            (Some(Fam::P), Some(r)) => self.op("ref.new", &[d.into(), r.into()])?,
            (None, _) => self.op("s.undef", &[d.into()])?,
            _ => {}
        }
        for a in after {
            self.after_op(a)?;
        }
        match out {
            Some(r) if r != d => self.done(r),
            _ => Ok(()),
        }
    }

    fn missing_operand(&mut self, fam: Fam) -> E<(Arg, After)> {
        let r = self.temp(fam);
        match fam {
            Fam::S => self.op("s.undef", &[r.into()])?,
            Fam::I => self.op("i.const", &[r.into(), Arg::Imm(0)])?,
            Fam::N => self.op("n.const", &[r.into(), Arg::Imm(0)])?,
            Fam::P => return self.fail(self.line, "an op's array or hash cannot be left out"),
        }
        Ok((r.into(), After::Done(r.into())))
    }

    /// An array or hash, which the prototype has wrapped into `\\`.
    fn container_operand(&mut self, a: &Expr) -> E<(Arg, After)> {
        let x = match &a.kind {
            ExprKind::Ref(x) => x,
            _ => a,
        };
        let r = match super::expr::container_sigil(x) {
            Some(Sigil::Array) => self.av(x, true)?,
            Some(Sigil::Hash) => self.hv(x, true)?,
            _ => return self.fail(a.line, "an op's P operand must be an array or a hash"),
        };
        Ok((r.into(), After::Done(r.into())))
    }

    fn value_operand(&mut self, a: &Expr, fam: Fam, mode: Mode) -> E<(Arg, After)> {
        if let (Fam::N | Fam::I, Some(r)) = (fam, self.literal_number(a, fam)?) {
            return Ok((r.into(), After::Done(r.into())));
        }
        if fam != Fam::S {
            let v = self.scalar(a)?;
            let r = self.unboxed(fam, v)?;
            self.done(v)?;
            return Ok((r.into(), After::Done(r.into())));
        }
        if mode == Mode::In {
            let v = self.operand(a)?;
            return Ok((v.clone(), After::Done(v)));
        }
        let t = self.ts();
        self.scalar_into(a, t)?;
        Ok((t.into(), After::Spent(t)))
    }

    /// A literal that needs no box on its way into a number's register.
    fn literal_number(&mut self, a: &Expr, fam: Fam) -> E<Option<Reg>> {
        let (op, bits) = match (&a.kind, fam) {
            (ExprKind::Int(i), Fam::I) => ("i.const", *i as u64),
            // Every integer up to 2^53 is a double.
            (ExprKind::Int(i), Fam::N) if i.unsigned_abs() <= 1 << 53 => ("n.const", (*i as f64).to_bits()),
            (ExprKind::Num(n), Fam::N) => ("n.const", n.to_bits()),
            _ => return Ok(None),
        };
        let r = self.temp(fam);
        self.op(op, &[r.into(), Arg::Imm(bits)])?;
        Ok(Some(r))
    }

    fn unboxed(&mut self, fam: Fam, v: Reg) -> E<Reg> {
        let r = self.temp(fam);
        self.op(if fam == Fam::N { "s.ton" } else { "s.toi" }, &[r.into(), v.into()])?;
        Ok(r)
    }

    /// Something the op writes to; `own`: no other argument is the same variable.
    fn place_operand(&mut self, a: &Expr, fam: Fam, mode: Mode, own: bool) -> E<(Arg, After)> {
        let p = self.place(a)?;
        if let (Place::Slot { reg, direct: true }, Fam::S, true) = (&p, fam, own) {
            return Ok(((*reg).into(), After::Place(p)));
        }
        let t = self.ts();
        if mode == Mode::Out {
            self.op("s.undef", &[t.into()])?;
        } else {
            self.place_load(&p, t)?;
        }
        if fam == Fam::S {
            return Ok((t.into(), After::Store(p, t)));
        }
        let r = self.unboxed(fam, t)?;
        self.done(t)?;
        Ok((r.into(), After::Store(p, r)))
    }

    fn after_op(&mut self, a: After) -> E {
        match a {
            After::Spent(r) => {
                self.spent(r);
                Ok(())
            }
            After::Done(v) => self.done_arg(&v),
            After::Place(p) => self.done_place(&p),
            After::Store(p, r) => {
                let v = match r.fam {
                    Fam::S => r,
                    _ => self.ts(),
                };
                if r != v {
                    self.op(if r.fam == Fam::N { "s.setn" } else { "s.seti" }, &[v.into(), r.into()])?;
                    self.done(r)?;
                }
                self.place_store(&p, &v.into())?;
                self.done(v)?;
                self.done_place(&p)
            }
        }
    }
}
