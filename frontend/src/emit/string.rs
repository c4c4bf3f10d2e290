//! Interpolation and joining.
use super::expr::literal;
use super::operator::op_code;
use super::*;

/// `$x` of `"$x"` for a consumer that makes a string of it anyway.
pub fn bare(e: &Expr) -> &Expr {
    match &e.kind {
        ExprKind::Interp(v) => match v.as_slice() {
            [one] if literal(one).is_none() => one,
            _ => e,
        },
        _ => e,
    }
}

impl Emitter<'_> {
    /// `"a $b @c"`: one part is stringified, several are concatenated from left to right.
    pub fn interp(&mut self, parts: &[Expr], d: Reg) -> E {
        match parts {
            [] => {
                let k = self.konst(Const::Str { bytes: Vec::new(), utf8: false });
                return self.op("s.const", &[d.into(), k]);
            }
            [one] if literal(one).is_some() => return self.scalar_into(one, d),
            [one] => {
                let v = self.operand(one)?;
                self.op("stringify", &[d.into(), v.clone()])?;
                return self.done_arg(&v);
            }
            _ => {}
        }
        if let [a, b] = parts {
            return self.apply(self.concat_op(), d, &[a, b]);
        }
        let Some((last, init)) = parts.split_last() else { return Ok(()) };
        let mut own: Option<Reg> = None;
        let (mut acc, rest) = match init {
            [a, b, rest @ ..] if self.read_late(a, b) => {
                let (x, y) = self.pair(a, b)?;
                let t = self.ts();
                self.op(self.concat_op(), &[t.into(), x.into(), y.clone()])?;
                self.done_arg(&y)?;
                self.done(x)?;
                own = Some(t);
                (Arg::R(t), rest)
            }
            [a, rest @ ..] => (self.operand(a)?, rest),
            [] => return Ok(()),
        };
        for e in rest {
            let v = self.operand(e)?;
            match own {
                Some(t) => self.append(t, &v)?,
                None => {
                    let t = self.ts();
                    self.op(self.concat_op(), &[t.into(), acc.clone(), v.clone()])?;
                    self.done_arg(&acc)?;
                    acc = Arg::R(t);
                    own = Some(t);
                }
            }
            self.done_arg(&v)?;
        }
        let v = self.operand(last)?;
        match own {
            Some(t) => {
                self.append(t, &v)?;
                self.done_arg(&v)?;
                self.op("s.move", &[d.into(), t.into()])?;
                self.spent(t);
            }
            None => {
                self.op(self.concat_op(), &[d.into(), acc.clone(), v.clone()])?;
                self.done_arg(&v)?;
                self.done_arg(&acc)?;
            }
        }
        Ok(())
    }

    /// `t .= v` on a temporary.
    fn append(&mut self, t: Reg, v: &Arg) -> E {
        self.op("opassign", &[t.into(), v.clone(), Arg::Imm(self.assign_code(BinOp::Concat))])
    }

    /// `.` joins characters, under `use bytes` octets.
    pub fn concat_op(&self) -> &'static str {
        if self.hint(HINT_BYTES) { "concat.bytes" } else { "concat" }
    }

    /// Operand `op` of `opassign`: number of the operator and the pragmas it obeys.
    pub fn assign_code(&self, op: BinOp) -> u64 {
        let mut code = u64::from(op_code(op));
        if self.hint(HINT_INTEGER) {
            code |= 256;
        }
        if op == BinOp::Concat && self.hint(HINT_BYTES) {
            code |= 512;
        }
        code
    }

    /// An array inside a string: joined with `$"`.
    pub fn join_sep(&mut self, a: &Expr, d: Reg) -> E {
        let p = self.glob_sv("main::\"")?;
        let l = self.new_list()?;
        let sep = self.ts();
        self.op("cell.load", &[sep.into(), p.into()])?;
        self.done(p)?;
        self.op("list.push", &[l.into(), sep.into()])?;
        self.done(sep)?;
        self.list(a, l, Mode::Copy)?;
        self.op("join", &[d.into(), l.into()])?;
        self.done(l)
    }
}
