//! Operators: precedence climbing over perl's table.
use super::assign::op_assign;
use super::*;
use crate::lexer::raw::{Op, operator};

/// Precedence levels, loosest first.
pub(crate) mod prec {
    pub const LOW_OR: u8 = 1;
    pub const LOW_AND: u8 = 2;
    pub const LOW_NOT: u8 = 3;
    pub const COMMA: u8 = 4;
    pub const ASSIGN: u8 = 5;
    pub const COND: u8 = 6;
    pub const RANGE: u8 = 7;
    pub const OR: u8 = 8;
    pub const AND: u8 = 9;
    pub const BIT_OR: u8 = 10;
    pub const BIT_AND: u8 = 11;
    pub const EQUAL: u8 = 12;
    pub const RELATION: u8 = 13;
    /// Arguments of named unary operators bind tighter than this.
    pub const UNI: u8 = 14;
    pub const ISA: u8 = 15;
    pub const SHIFT: u8 = 16;
    pub const ADD: u8 = 17;
    pub const MUL: u8 = 18;
    pub const BIND: u8 = 19;
    pub const UNARY: u8 = 20;
    pub const POW: u8 = 21;
    pub const INC: u8 = 22;
}

pub(crate) fn mk(line: u32, kind: ExprKind) -> Expr {
    Expr { line, kind }
}

pub(crate) fn bx(e: Expr) -> ExprBox {
    Box::new(e)
}

impl Parser<'_> {
    /// A complete expression: commas, `and`, `or`, `not` included.
    pub(crate) fn expr(&mut self) -> PResult<Expr> {
        self.prec(prec::LOW_OR)
    }

    /// An expression without commas.
    pub(crate) fn assign_expr(&mut self) -> PResult<Expr> {
        self.prec(prec::ASSIGN)
    }

    /// An expression of operators binding at least as tight as `min`.
    pub(crate) fn prec(&mut self, min: u8) -> PResult<Expr> {
        self.deeper(|p| {
            let left = p.unary()?;
            p.lx.skip_space();
            p.skip_conflict_markers()?;
            p.climb(left, min)
        })
    }

    /// The operator at the current position, adjusted to the features in force.
    pub(crate) fn next_op(&mut self) -> Option<(Op, usize)> {
        self.lx.skip_space();
        let (op, len) = operator(self.lx.rest())?;
        let bitwise = self.feature(Feature::Bitwise);
        Some(match op {
            Op::SBitAnd if !bitwise => (Op::BitAnd, 1),
            Op::SBitOr if !bitwise => (Op::BitOr, 1),
            Op::SBitXor if !bitwise => (Op::BitXor, 1),
            Op::SBitAndEq if !bitwise => (Op::BitAnd, 1),
            Op::SBitOrEq if !bitwise => (Op::BitOr, 1),
            Op::SBitXorEq if !bitwise => (Op::BitXor, 1),
            Op::XDigits => (Op::X, 1),
            Op::Isa if !self.feature(Feature::Isa) => (Op::Word, len),
            Op::XEq if self.lx.peek(2) == b'>' => (Op::X, 1),
            Op::XEq if self.lx.peek(2) == b'=' || self.lx.peek(2) == b'~' => (Op::X, 1),
            o => (o, len),
        })
    }

    fn take_op(&mut self, len: usize) {
        self.lx.token_start();
        self.lx.pos += len;
    }

    /// Extends `left` with operators that bind at least as tight as `min`.
    pub(crate) fn climb(&mut self, mut left: Expr, min: u8) -> PResult<Expr> {
        loop {
            let Some((op, len)) = self.next_op() else { return Ok(left) };
            let line = self.line();
            if let Some((level, bin)) = self.left_assoc(op) {
                if level < min {
                    return Ok(left);
                }
                if op == Op::BitAnd {
                    self.lint_semicolon()?;
                }
                self.take_op(len);
                let right = self.prec(level + 1)?;
                self.lint_bitwise(bin, &left, &right)?;
                left = mk(line, ExprKind::Binary(bin, bx(left), bx(right)));
                continue;
            }
            match op {
                Op::Inc | Op::Dec if min <= prec::INC => {
                    self.take_op(len);
                    let what = if op == Op::Inc { "postincrement (++)" } else { "postdecrement (--)" };
                    let left_lv = bx(self.modifiable(left, what)?);
                    let kind =
                        if op == Op::Inc { ExprKind::PostInc(left_lv) } else { ExprKind::PostDec(left_lv) };
                    left = mk(line, kind);
                    if matches!(self.next_op(), Some((Op::Inc | Op::Dec, _))) {
                        return self.syntax_error();
                    }
                }
                Op::Pow if min <= prec::POW => {
                    self.take_op(len);
                    let right = self.prec(prec::UNARY)?;
                    left = mk(line, ExprKind::Binary(BinOp::Pow, bx(left), bx(right)));
                }
                Op::Bind | Op::NotBind if min <= prec::BIND => {
                    self.take_op(len);
                    let right = self.prec(prec::BIND + 1)?;
                    left = self.bind(left, right, op == Op::NotBind, line)?;
                }
                Op::X if min <= prec::MUL => {
                    self.take_op(len);
                    let right = self.prec(prec::MUL + 1)?;
                    left = mk(line, ExprKind::Repeat(bx(left), bx(right)));
                }
                Op::Isa if min <= prec::ISA => {
                    self.take_op(len);
                    let mut right = self.prec(prec::ISA + 1)?;
                    if let ExprKind::Bareword(s) = &right.kind {
                        let s = s.clone();
                        self.accept_bareword(&right);
                        right.kind = ExprKind::Str(s);
                    }
                    self.lint_negated(&left, Some(&right), "derived class test")?;
                    left = mk(line, ExprKind::Isa(bx(left), bx(right)));
                    // It does not associate with itself and the other relations.
                    if let Some((
                        Op::Isa | Op::Lt | Op::Gt | Op::Le | Op::Ge | Op::SLt | Op::SGt | Op::SLe | Op::SGe,
                        _,
                    )) = self.next_op()
                    {
                        return self.syntax_error();
                    }
                }
                Op::Lt | Op::Gt | Op::Le | Op::Ge | Op::SLt | Op::SGt | Op::SLe | Op::SGe
                    if min <= prec::RELATION =>
                {
                    left = self.chain(left, prec::RELATION, line)?;
                }
                Op::Eq | Op::Ne | Op::SEq | Op::SNe | Op::Cmp | Op::SCmp | Op::Smart
                    if min <= prec::EQUAL =>
                {
                    left = self.equality(left, op, len, line)?;
                }
                Op::AndAnd if min <= prec::AND => {
                    left = self.logical(left, LogOp::And, len, prec::AND + 1)?
                }
                Op::OrOr if min <= prec::OR => left = self.logical(left, LogOp::Or, len, prec::OR + 1)?,
                Op::Dor if min <= prec::OR => left = self.logical(left, LogOp::Dor, len, prec::OR + 1)?,
                Op::XorXor if min <= prec::OR => {
                    self.take_op(len);
                    let right = self.prec(prec::OR + 1)?;
                    self.lint_logical(&left)?;
                    left = mk(line, ExprKind::Binary(BinOp::LogXor, bx(left), bx(right)));
                }
                Op::Range | Op::Range3 if min <= prec::RANGE => {
                    self.take_op(len);
                    let to = bx(self.prec(prec::RANGE + 1)?);
                    left = mk(line, ExprKind::Range { from: bx(left), to, dots3: op == Op::Range3 });
                    if matches!(self.next_op(), Some((Op::Range | Op::Range3, _))) {
                        return self.syntax_error();
                    }
                }
                Op::Question if min <= prec::COND => {
                    self.take_op(len);
                    let yes = self.assign_expr()?;
                    self.expect(b':')?;
                    let no = self.prec(prec::COND)?;
                    self.lint_condition(&left)?;
                    left = mk(line, ExprKind::Cond(bx(left), bx(yes), bx(no)));
                }
                Op::Assign if min <= prec::ASSIGN => {
                    self.take_op(len);
                    self.lint_reversed()?;
                    left = self.assignment(left, line)?;
                }
                _ if min <= prec::ASSIGN && op_assign(op).is_some() => {
                    self.take_op(len);
                    left = self.op_assignment(left, op, line)?;
                }
                Op::Comma | Op::FatComma if min <= prec::COMMA => {
                    left = self.comma_list(left)?;
                    // A comma list is no operand of anything that binds tighter.
                    if !matches!(self.next_op(), Some((Op::And | Op::Or | Op::Xor, _))) {
                        return Ok(left);
                    }
                }
                Op::And if min <= prec::LOW_AND => {
                    left = self.logical(left, LogOp::And, len, prec::LOW_AND + 1)?;
                }
                Op::Or if min <= prec::LOW_OR => {
                    left = self.logical(left, LogOp::Or, len, prec::LOW_OR + 1)?;
                }
                Op::Xor if min <= prec::LOW_OR => {
                    self.take_op(len);
                    let right = self.prec(prec::LOW_OR + 1)?;
                    self.lint_logical(&left)?;
                    left = mk(line, ExprKind::Binary(BinOp::LogXor, bx(left), bx(right)));
                }
                _ => return Ok(left),
            }
        }
    }

    fn left_assoc(&self, op: Op) -> Option<(u8, BinOp)> {
        let bitwise = self.feature(Feature::Bitwise);
        let pick = |num, plain| if bitwise { num } else { plain };
        Some(match op {
            Op::Mul => (prec::MUL, BinOp::Mul),
            Op::Div => (prec::MUL, BinOp::Div),
            Op::Mod => (prec::MUL, BinOp::Mod),
            Op::Add => (prec::ADD, BinOp::Add),
            Op::Sub => (prec::ADD, BinOp::Sub),
            Op::Dot => (prec::ADD, BinOp::Concat),
            Op::Shl => (prec::SHIFT, BinOp::Shl),
            Op::Shr => (prec::SHIFT, BinOp::Shr),
            Op::BitAnd => (prec::BIT_AND, pick(BinOp::NumBitAnd, BinOp::BitAnd)),
            Op::BitOr => (prec::BIT_OR, pick(BinOp::NumBitOr, BinOp::BitOr)),
            Op::BitXor => (prec::BIT_OR, pick(BinOp::NumBitXor, BinOp::BitXor)),
            Op::SBitAnd => (prec::BIT_AND, BinOp::StrBitAnd),
            Op::SBitOr => (prec::BIT_OR, BinOp::StrBitOr),
            Op::SBitXor => (prec::BIT_OR, BinOp::StrBitXor),
            _ => return None,
        })
    }

    fn logical(&mut self, left: Expr, op: LogOp, len: usize, right_level: u8) -> PResult<Expr> {
        let line = self.line();
        self.take_op(len);
        let right = self.prec(right_level)?;
        self.lint_condition(&left)?;
        self.lint_bareword_test(&left)?;
        if op != LogOp::Dor {
            self.lint_read_test(&left)?;
        }
        self.lint_logical(&left)?;
        self.refuse_dead_my(&left, op, &right)?;
        Ok(mk(line, ExprKind::Logical(op, bx(left), bx(right))))
    }

    /// `my $x if 0` once made a static variable.
    pub(crate) fn refuse_dead_my(&mut self, cond: &Expr, op: LogOp, e: &Expr) -> PResult {
        let truth = match &cond.kind {
            ExprKind::Int(n) => *n != 0,
            ExprKind::Num(n) => *n != 0.0,
            ExprKind::Str(s) => !matches!(&*s.bytes, b"" | b"0"),
            _ => return Ok(()),
        };
        let dead = match op {
            LogOp::And => !truth,
            LogOp::Or => truth,
            _ => return Ok(()),
        };
        let e = match &e.kind {
            ExprKind::List { items, .. } => items.first().unwrap_or(e),
            _ => e,
        };
        match &e.kind {
            ExprKind::My(d) if dead && d.kind == DeclKind::My => {
                self.fatal("This use of my() in false conditional is no longer allowed")
            }
            _ => Ok(()),
        }
    }

    fn equality(&mut self, left: Expr, op: Op, len: usize, line: u32) -> PResult<Expr> {
        if !matches!(op, Op::Cmp | Op::SCmp | Op::Smart) {
            return self.chain(left, prec::EQUAL, line);
        }
        if op == Op::Smart && !self.feature(Feature::SmartMatch) {
            return self.syntax_error();
        }
        self.take_op(len);
        let right = self.prec(prec::EQUAL + 1)?;
        let e = match op {
            Op::Cmp => ExprKind::Binary(BinOp::NumCmp, bx(left), bx(right)),
            Op::SCmp => ExprKind::Binary(BinOp::StrCmp, bx(left), bx(right)),
            _ => ExprKind::SmartMatch(bx(listed(left)), bx(listed(right))),
        };
        if let Some((Op::Cmp | Op::SCmp | Op::Smart | Op::Eq | Op::Ne | Op::SEq | Op::SNe, _)) =
            self.next_op()
        {
            return self.syntax_error();
        }
        Ok(mk(line, e))
    }

    /// One comparison, or a chain of them.
    fn chain(&mut self, left: Expr, level: u8, line: u32) -> PResult<Expr> {
        let mut rest = Vec::new();
        while let Some((op, len)) = self.next_op() {
            let bin = match (level, op) {
                (prec::RELATION, Op::Lt) => BinOp::NumLt,
                (prec::RELATION, Op::Gt) => BinOp::NumGt,
                (prec::RELATION, Op::Le) => BinOp::NumLe,
                (prec::RELATION, Op::Ge) => BinOp::NumGe,
                (prec::RELATION, Op::SLt) => BinOp::StrLt,
                (prec::RELATION, Op::SGt) => BinOp::StrGt,
                (prec::RELATION, Op::SLe) => BinOp::StrLe,
                (prec::RELATION, Op::SGe) => BinOp::StrGe,
                (prec::EQUAL, Op::Eq) => BinOp::NumEq,
                (prec::EQUAL, Op::Ne) => BinOp::NumNe,
                (prec::EQUAL, Op::SEq) => BinOp::StrEq,
                (prec::EQUAL, Op::SNe) => BinOp::StrNe,
                (prec::EQUAL, Op::Cmp | Op::SCmp | Op::Smart) => return self.syntax_error(),
                _ => break,
            };
            self.take_op(len);
            if bin == BinOp::NumNe {
                self.lint_not_bind()?;
            }
            let right = self.prec(if level == prec::RELATION { prec::ISA + 1 } else { level + 1 })?;
            rest.push((bin, right));
            if level == prec::RELATION && matches!(self.next_op(), Some((Op::Isa, _))) {
                return self.syntax_error();
            }
        }
        if rest.len() == 1
            && let Some((bin, right)) = rest.pop()
        {
            self.lint_array_base(bin, &left, &right)?;
            self.lint_negated(&left, Some(&right), lvalue::binop_desc(bin))?;
            return Ok(mk(line, ExprKind::Binary(bin, bx(left), bx(right))));
        }
        Ok(mk(line, ExprKind::ChainCmp { first: bx(left), rest }))
    }

    /// `left, …`: the rest of a comma list. The current position is on the first comma.
    pub(crate) fn comma_list(&mut self, first: Expr) -> PResult<Expr> {
        let line = first.line;
        let mut items = vec![first];
        while self.comma() {
            if self.at_list_end() {
                continue;
            }
            items.push(self.assign_expr()?);
        }
        Ok(mk(line, ExprKind::List { items, parens: false }))
    }

    /// Consumes a comma.
    pub(crate) fn comma(&mut self) -> bool {
        match self.next_op() {
            Some((Op::Comma | Op::FatComma, len)) => {
                self.take_op(len);
                true
            }
            _ => false,
        }
    }

    /// After a comma or a list operator: does no term follow?
    pub(crate) fn at_list_end(&mut self) -> bool {
        self.lx.skip_space();
        match self.lx.cur() {
            _ if self.lx.eof() => true,
            b')' | b']' | b'}' | b';' | b',' | b':' => !self.lx.looking_at("::"),
            b'=' => true,
            b'?' | b'|' | b'^' | b'>' => true,
            b'-' => self.lx.peek(1) == b'>',
            b'&' => self.lx.peek(1) == b'&',
            b'.' => !self.lx.peek(1).is_ascii_digit() && !self.lx.looking_at("..."),
            b'!' => matches!(self.lx.peek(1), b'=' | b'~'),
            4 | 26 => true,
            c if c.is_ascii_alphabetic() => self.at_ending_word(),
            _ => false,
        }
    }

    /// A word that cannot start a term: statement modifiers and word operators.
    fn at_ending_word(&mut self) -> bool {
        let Some(w) = self.peek_word() else { return false };
        let ending = matches!(
            w.as_str(),
            "if" | "unless"
                | "while"
                | "until"
                | "for"
                | "foreach"
                | "or"
                | "and"
                | "xor"
                | "eq"
                | "ne"
                | "lt"
                | "gt"
                | "le"
                | "ge"
                | "cmp"
        ) || (w == "when" && self.feature(Feature::Switch))
            || (w == "isa" && self.feature(Feature::Isa));
        if !ending {
            return false;
        }
        let after = self.lx.pos + w.len();
        if matches!(w.as_str(), "eq" | "ne" | "lt" | "gt" | "le" | "ge" | "cmp") {
            return matches!(self.lx.at(after), b' ' | b'=')
                && self.lx.at(after + 1) != b'>'
                && !self.fat_comma_ahead(after);
        }
        let qualified = self.lx.at(after) == b':' && self.lx.at(after + 1) == b':';
        !qualified && !self.fat_comma_ahead(after)
    }

    /// `left =~ right`
    fn bind(&mut self, left: Expr, mut right: Expr, negate: bool, line: u32) -> PResult<Expr> {
        let what = match &right.kind {
            ExprKind::Subst(_) => "substitution (s///)",
            ExprKind::Trans(_) => "transliteration (tr///)",
            _ => "pattern match (m//)",
        };
        self.lint_bind(&left, what)?;
        self.lint_negated(&left, None, what)?;
        let kind = match right.take() {
            ExprKind::Match(mut m) if m.target.is_none() => {
                m.target = Some(left);
                m.negate = negate;
                ExprKind::Match(m)
            }
            ExprKind::Subst(mut s) if s.target.is_none() => {
                if negate && s.pat.mods.r {
                    self.error("Using !~ with s///r doesn't make sense")?;
                }
                let left = if s.pat.mods.r { left } else { self.modifiable(left, "substitution (s///)")? };
                s.target = Some(left);
                s.negate = negate;
                ExprKind::Subst(s)
            }
            ExprKind::Trans(mut t) if t.target.is_none() => {
                if negate && t.keep {
                    self.error("Using !~ with tr///r doesn't make sense")?;
                }
                let reads_only = t.keep || t.identical;
                let left = if reads_only { left } else { self.modifiable(left, "transliteration (tr///)")? };
                t.target = Some(left);
                t.negate = negate;
                ExprKind::Trans(t)
            }
            kind => {
                let pat = self.value_pattern(mk(right.line, kind));
                ExprKind::Match(Box::new(MatchOp { target: Some(left), pat, negate, once: false }))
            }
        };
        Ok(mk(line, kind))
    }

    /// Prefix operators.
    fn unary(&mut self) -> PResult<Expr> {
        self.lx.skip_space();
        self.lx.token_start();
        let line = self.line();
        let c = self.lx.cur();
        match c {
            b'!' => {
                self.lx.pos += 1;
                let e = self.prec(prec::UNARY)?;
                Ok(mk(line, ExprKind::Not(bx(e))))
            }
            b'~' => {
                self.lx.pos += 1;
                let string = self.lx.cur() == b'.' && self.feature(Feature::Bitwise);
                if string {
                    self.lx.pos += 1;
                }
                let op = if string { UnOp::StrBitNot } else { UnOp::BitNot };
                let e = self.prec(prec::UNARY)?;
                Ok(mk(line, ExprKind::Unary(op, bx(e))))
            }
            b'\\' => {
                self.lx.pos += 1;
                let e = self.prec(prec::UNARY)?;
                let e = self.referenced(e)?;
                Ok(mk(line, ExprKind::Ref(bx(e))))
            }
            b'+' if self.lx.peek(1) == b'+' => {
                self.lx.pos += 2;
                let e = self.prec(prec::INC)?;
                let e = self.modifiable(e, "preincrement (++)")?;
                Ok(mk(line, ExprKind::PreInc(bx(e))))
            }
            b'-' if self.lx.peek(1) == b'-' => {
                self.lx.pos += 2;
                let e = self.prec(prec::INC)?;
                let e = self.modifiable(e, "predecrement (--)")?;
                Ok(mk(line, ExprKind::PreDec(bx(e))))
            }
            b'+' => {
                self.lx.pos += 1;
                self.prec(prec::UNARY)
            }
            b'-' => self.minus(line),
            _ => self.term(),
        }
    }

    /// `-` in front of a term: file test, `-bareword` or negation.
    fn minus(&mut self, line: u32) -> PResult<Expr> {
        let letter = self.lx.peek(1);
        if letter.is_ascii_alphabetic() && self.lx.ident_len(self.lx.pos + 2, false, self.utf8()) == 0 {
            let tests = b"rwxoRWXOezsfdlpSugkbctTBAMC";
            if tests.contains(&letter) && !self.fat_comma_ahead(self.lx.pos + 2) {
                self.lx.pos += 2;
                return self.file_test(letter, line);
            }
        }
        self.lx.pos += 1;
        let e = self.prec(prec::UNARY)?;
        if let ExprKind::Bareword(s) = &e.kind {
            let s = s.clone();
            self.accept_bareword(&e);
            return Ok(mk(line, ExprKind::Unary(UnOp::Neg, bx(mk(line, ExprKind::Str(s))))));
        }
        Ok(mk(line, ExprKind::Unary(UnOp::Neg, bx(e))))
    }
}

/// A slice as operand of `~~` is an array of its elements.
pub(crate) fn listed(e: Expr) -> Expr {
    match e.kind {
        ExprKind::Slice { .. }
        | ExprKind::HSlice { .. }
        | ExprKind::KvSlice { .. }
        | ExprKind::KvHSlice { .. } => mk(e.line, ExprKind::AnonArray(vec![e])),
        _ => e,
    }
}
