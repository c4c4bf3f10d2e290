//! Unary, binary, chained and smartmatch operators, and the table of the binary ones.
use super::expr::container_sigil;
use super::*;

impl Emitter<'_> {
    pub fn unary(&mut self, op: UnOp, x: &Expr, d: Reg) -> E {
        let int = self.hint(HINT_INTEGER);
        let name = match op {
            UnOp::Neg if int => "int.neg",
            UnOp::Neg => "neg",
            UnOp::BitNot if int => "int.not",
            UnOp::BitNot if self.hints().is_some_and(|h| h.feature(Feature::Bitwise)) => "nbit.not",
            UnOp::BitNot => "bit.not",
            UnOp::StrBitNot => "sbit.not",
        };
        self.apply(name, d, &[x])
    }

    pub fn binary(&mut self, op: BinOp, a: &Expr, b: &Expr, d: Reg) -> E {
        if op == BinOp::Repeat {
            return self.repeat_scalar(a, b, d);
        }
        if self.hint(HINT_INTEGER) && has_integer_form(op) {
            let x = self.operand(a)?;
            let y = self.operand(b)?;
            let code = Arg::Imm(op_code(op).into());
            self.op("int.op", &[d.into(), x.clone(), y.clone(), code])?;
            self.done_arg(&y)?;
            return self.done_arg(&x);
        }
        if self.hint(HINT_BYTES) && is_string_comparison(op) {
            let (x, y) = (self.octets(a)?, self.octets(b)?);
            self.op(op_name(op), &[d.into(), x.into(), y.into()])?;
            self.done(y)?;
            return self.done(x);
        }
        let name = if op == BinOp::Concat { self.concat_op() } else { op_name(op) };
        self.apply(name, d, &[a, b])
    }

    /// The octets of a string operand (`use bytes`).
    pub(super) fn octets(&mut self, e: &Expr) -> E<Reg> {
        let v = self.operand(e)?;
        let t = self.ts();
        self.op("str.octets", &[t.into(), v.clone()])?;
        self.done_arg(&v)?;
        Ok(t)
    }

    pub(super) fn not(&mut self, x: &Expr, d: Reg) -> E {
        if self.keys_truth(x, d)? {
            return self.op("not", &[d.into(), d.into()]);
        }
        self.apply("not", d, &[x])
    }

    /// `keys %h` as a truth value asks whether there are any; a tied hash is not counted. False: not that.
    pub fn keys_truth(&mut self, e: &Expr, d: Reg) -> E<bool> {
        let ExprKind::Func { func: ast::Func::Keys, args, .. } = &e.kind else { return Ok(false) };
        let [h] = args.as_slice() else { return Ok(false) };
        if container_sigil(h) != Some(Sigil::Hash) {
            return Ok(false);
        }
        let p = self.hv(h, true)?;
        self.op("hv.iter", &[p.into()])?;
        self.op("hv.count", &[d.into(), p.into()])?;
        self.done(p)?;
        Ok(true)
    }

    pub(super) fn repeat_scalar(&mut self, a: &Expr, b: &Expr, d: Reg) -> E {
        // `my @x = (1) x 3` in scalar context repeats the last element.
        self.apply("repeat", d, &[a, b])
    }

    pub(super) fn chain(&mut self, first: &Expr, rest: &[(BinOp, Expr)], d: Reg) -> E {
        let end = self.label();
        let t = self.ts();
        let mut left = self.operand(first)?;
        for (i, (op, e)) in rest.iter().enumerate() {
            let mut right = self.operand(e)?;
            if let (Arg::R(_), Some(_)) = (&right, self.slot_of(e)) {
                // A variable may change before its second use.
                let c = self.ts();
                self.copy_to(c, &right)?;
                right = Arg::R(c);
            }
            self.op(op_name(*op), &[t.into(), left.clone(), right.clone()])?;
            if i + 1 < rest.len() {
                self.atom("br.false", &[t.into(), end.into()])?;
            }
            self.done_arg(&left)?;
            left = right;
        }
        self.done_arg(&left)?;
        self.bind(end)?;
        self.copy_to(d, &t.into())?;
        self.done(t)
    }

    /// Arrays and hashes are matched by reference.
    pub(super) fn smartmatch(&mut self, a: &Expr, b: &Expr, d: Reg) -> E {
        let x = self.smart_operand(a)?;
        let y = self.smart_operand(b)?;
        self.op("smartmatch", &[d.into(), x.into(), y.into()])?;
        self.done(y)?;
        self.done(x)
    }

    pub fn smart_operand(&mut self, e: &Expr) -> E<Reg> {
        if container_sigil(e).is_some() || matches!(&e.kind, ExprKind::Pkg { sigil: Sigil::Code, .. }) {
            let t = self.ts();
            self.reference(e, t)?;
            return Ok(t);
        }
        if let ExprKind::Match(m) = &e.kind
            && m.target.is_none()
            && let MatchPat::Literal(p) = &m.pat
        {
            let t = self.ts();
            let re = self.pattern(p, 0)?;
            self.op("rx.qr", &[t.into(), re.into()])?;
            self.done(re)?;
            return Ok(t);
        }
        self.scalar(e)
    }
}

pub(crate) fn is_string_comparison(op: BinOp) -> bool {
    use BinOp::*;
    matches!(op, StrEq | StrNe | StrLt | StrLe | StrGt | StrGe | StrCmp)
}

fn has_integer_form(op: BinOp) -> bool {
    use BinOp::*;
    matches!(
        op,
        Add | Sub
            | Mul
            | Div
            | Mod
            | Shl
            | Shr
            | BitAnd
            | BitOr
            | BitXor
            | NumBitAnd
            | NumBitOr
            | NumBitXor
            | NumEq
            | NumNe
            | NumLt
            | NumLe
            | NumGt
            | NumGe
            | NumCmp
    )
}

macro_rules! binops {
    ($($op:ident = $code:literal, $name:literal;)*) => {
        /// Number of the operator, see rt/arith.l1.
        pub(crate) fn op_code(op: BinOp) -> u32 {
            match op { $(BinOp::$op => $code,)* }
        }
        /// The op of the operator.
        pub(crate) fn op_name(op: BinOp) -> &'static str {
            match op { $(BinOp::$op => $name,)* }
        }
    };
}

binops! {
    Add = 1, "add"; Sub = 2, "sub"; Mul = 3, "mul"; Div = 4, "div"; Mod = 5, "mod"; Pow = 6, "pow";
    Concat = 7, "concat"; Repeat = 8, "repeat"; Shl = 9, "shl"; Shr = 10, "shr";
    BitAnd = 11, "bit.and"; BitOr = 12, "bit.or"; BitXor = 13, "bit.xor";
    NumBitAnd = 14, "nbit.and"; NumBitOr = 15, "nbit.or"; NumBitXor = 16, "nbit.xor";
    StrBitAnd = 17, "sbit.and"; StrBitOr = 18, "sbit.or"; StrBitXor = 19, "sbit.xor";
    NumEq = 20, "eq"; NumNe = 21, "ne"; NumLt = 22, "lt"; NumLe = 23, "le"; NumGt = 24, "gt"; NumGe = 25, "ge";
    NumCmp = 26, "ncmp"; StrEq = 27, "seq"; StrNe = 28, "sne"; StrLt = 29, "slt"; StrLe = 30, "sle";
    StrGt = 31, "sgt"; StrGe = 32, "sge"; StrCmp = 33, "scmp"; LogXor = 34, "xor";
}
