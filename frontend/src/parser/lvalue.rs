//! What may be modified or referenced, in perl's words.
use super::expr::mk;
use super::*;

impl Parser<'_> {
    /// Checks that `e` may be modified by `op` (perl's description of the operator).
    pub(crate) fn modifiable(&mut self, e: Expr, op: &str) -> PResult<Expr> {
        self.check_modifiable(&e, op)?;
        Ok(e)
    }

    pub(crate) fn check_modifiable(&mut self, e: &Expr, op: &str) -> PResult {
        // One complaint is enough.
        if self.has_errors() {
            return Ok(());
        }
        match self.not_modifiable(e, op) {
            Some(what) => self.error_near(&format!("Can't modify {what} in {op}")),
            None => Ok(()),
        }
    }

    /// The description of `e` if it cannot be modified.
    #[keshi_memory::deep]
    fn not_modifiable(&mut self, e: &Expr, op: &str) -> Option<String> {
        let list = op == "list assignment" || op == "local";
        Some(match &e.kind {
            ExprKind::Lex { sigil, .. } | ExprKind::Pkg { sigil, .. } | ExprKind::Deref { sigil, .. } => {
                return self.sigil_not_modifiable(*sigil, e, op);
            }
            ExprKind::List { items, parens } => {
                // In scalar context only the last member is assigned to.
                if !list || !parens && op == "list assignment" {
                    return items.last().and_then(|i| self.not_modifiable(i, op));
                }
                for i in items {
                    if let Some(w) = self.not_modifiable(i, op) {
                        return Some(w);
                    }
                }
                return None;
            }
            ExprKind::Cond(_, a, b) => {
                let a = self.not_modifiable(a, op);
                return if a.is_some() { a } else { self.not_modifiable(b, op) };
            }
            ExprKind::Int(_)
            | ExprKind::Uint(_)
            | ExprKind::Num(_)
            | ExprKind::Str(_)
            | ExprKind::VString { .. }
            | ExprKind::HostConst(_)
            | ExprKind::Bareword(_) => "constant item".into(),
            ExprKind::Interp(_) => "string".into(),
            ExprKind::Binary(b, ..) => binop_desc(*b).into(),
            ExprKind::Repeat(l, _) => {
                if list && matches!(l.kind, ExprKind::List { parens: true, .. }) {
                    return None;
                }
                "repeat (x)".into()
            }
            ExprKind::Unary(UnOp::Neg, _) => "negation (-)".into(),
            ExprKind::Unary(UnOp::BitNot, _) => "1's complement (~)".into(),
            ExprKind::Unary(UnOp::StrBitNot, _) => "string 1's complement (~)".into(),
            ExprKind::Not(_) => "not".into(),
            ExprKind::PostInc(_) => "postincrement (++)".into(),
            ExprKind::PostDec(_) => "postdecrement (--)".into(),
            ExprKind::AnonArray(_) => "anonymous array ([])".into(),
            ExprKind::AnonHash(_) => "anonymous hash ({})".into(),
            ExprKind::AnonSub(_) => "anonymous subroutine".into(),
            ExprKind::Ref(_) => ref_desc(e).into(),
            ExprKind::Match(_) => "pattern match (m//)".into(),
            ExprKind::Subst(_) => "substitution (s///)".into(),
            ExprKind::Trans(_) => "transliteration (tr///)".into(),
            ExprKind::Qr(_) => "pattern quote (qr//)".into(),
            ExprKind::KvSlice { .. } => "index/value array slice".into(),
            ExprKind::KvHSlice { .. } => "key/value hash slice".into(),
            ExprKind::ListSlice { .. } => "list slice".into(),
            ExprKind::Range { .. } => "range (or flop)".into(),
            ExprKind::DoBlock(_) => "do BLOCK".into(),
            ExprKind::ReadLine { .. } => "<HANDLE>".into(),
            ExprKind::MapGrep(m) => format!("{} iterator", m.func.name()),
            ExprKind::Func { func, .. } => return func_not_modifiable(*func, list),
            ExprKind::Method(_) => return None,
            ExprKind::Call(c) => {
                return self.call_not_modifiable(c, op);
            }
            _ => return None,
        })
    }

    /// Checks the targets of an aliasing assignment.
    #[keshi_memory::deep]
    pub(crate) fn check_ref_targets(&mut self, l: &Expr, op: &str) -> PResult {
        match &l.kind {
            ExprKind::Ref(x) => match ref_not_modifiable(x, false, false) {
                Some(what) => self.error_near(&format!("Can't modify reference to {what} in {op}")),
                None => Ok(()),
            },
            ExprKind::List { items, .. } => items.iter().try_for_each(|i| self.check_ref_targets(i, op)),
            ExprKind::Cond(_, a, b) => {
                self.check_ref_targets(a, op)?;
                self.check_ref_targets(b, op)
            }
            _ => self.check_modifiable(l, op),
        }
    }

    /// A call of a sub known not to be an lvalue sub cannot be assigned to; unknown subs are left to run time.
    fn call_not_modifiable(&mut self, c: &CallOp, _op: &str) -> Option<String> {
        let ExprKind::Pkg { name, .. } = &c.callee.kind else { return None };
        let info = self.host.sub_info(name)?;
        if !info.defined || info.lvalue {
            return None;
        }
        Some(format!("non-lvalue subroutine call of &{name}"))
    }

    fn sigil_not_modifiable(&mut self, sigil: Sigil, e: &Expr, op: &str) -> Option<String> {
        let scalar_op = op != "list assignment" && op != "scalar assignment" && op != "local";
        let private = matches!(e.kind, ExprKind::Lex { .. });
        match sigil {
            Sigil::Array if scalar_op && op != "repeat (x)" => {
                Some(if private { "private array" } else { "array dereference" }.into())
            }
            Sigil::Hash if scalar_op => {
                Some(if private { "private hash" } else { "hash dereference" }.into())
            }
            _ => None,
        }
    }

    /// Operand of `\`: marks variables whose reference is taken, turns `\&foo` into the code itself.
    pub(crate) fn referenced(&mut self, mut e: Expr) -> PResult<Expr> {
        let e = match e.take() {
            // `\&foo` names the sub, it does not call it.
            ExprKind::Call(c) if c.amp && c.inherit_args => c.callee,
            ExprKind::List { items, parens: true } => {
                let items = items.into_iter().map(code_itself).collect();
                mk(e.line, ExprKind::List { items, parens: true })
            }
            kind => mk(e.line, kind),
        };
        self.note_refs(&e);
        Ok(e)
    }

    pub(crate) fn note_refs(&mut self, e: &Expr) {
        keshi_memory::deeper(|| self.note_refs_in(e))
    }

    fn note_refs_in(&mut self, e: &Expr) {
        match &e.kind {
            ExprKind::Lex { idx, .. } => self.mark_ref_taken(*idx),
            ExprKind::My(d) => {
                for v in &d.vars {
                    if let MyVar::Lex { idx, .. } = v {
                        self.mark_ref_taken(*idx);
                    }
                }
            }
            ExprKind::List { items, .. } => {
                for i in items {
                    self.note_refs(i);
                }
            }
            ExprKind::Cond(_, a, b) => {
                self.note_refs(a);
                self.note_refs(b);
            }
            ExprKind::Assign(a, _) | ExprKind::OpAssign(_, a, _) | ExprKind::LogAssign(_, a, _) => {
                self.note_refs(a)
            }
            // What stands below another `\` was noted with that.
            ExprKind::PreInc(a) | ExprKind::PreDec(a) | ExprKind::Local(a) => self.note_refs(a),
            ExprKind::Logical(_, a, b) => {
                self.note_refs(a);
                self.note_refs(b);
            }
            _ => {}
        }
    }
}

fn ref_desc(e: &Expr) -> &'static str {
    if crate::ast::target::gives_list(e) { "reference constructor" } else { "single ref constructor" }
}

/// What `\x` refers to, if no variable can be made an alias of that. `alone`: the only thing in parentheses.
#[keshi_memory::deep]
fn ref_not_modifiable(x: &Expr, alone: bool, local: bool) -> Option<String> {
    let container = |sigil: Sigil| match sigil {
        Sigil::Array if alone && local => Some("localized parenthesized array".to_string()),
        Sigil::Hash if alone => Some("parenthesized hash".to_string()),
        _ => None,
    };
    match &x.kind {
        ExprKind::List { items, parens } => match &items[..] {
            [one] => ref_not_modifiable(one, *parens || alone, local),
            _ => items.iter().find_map(|i| ref_not_modifiable(i, false, local)),
        },
        ExprKind::My(d) => match d.vars[..] {
            [MyVar::Lex { sigil, .. } | MyVar::Our { sigil, .. }] if d.parens || alone => match sigil {
                Sigil::Hash => Some("parenthesized hash".into()),
                _ => None,
            },
            _ => None,
        },
        ExprKind::Local(y) => ref_not_modifiable(y, alone, true),
        ExprKind::Lex { sigil, .. } | ExprKind::Pkg { sigil, .. } => container(*sigil),
        ExprKind::Deref { sigil, .. } => Some(
            match sigil {
                Sigil::Scalar => "scalar dereference",
                Sigil::Array => "array dereference",
                Sigil::Hash => "hash dereference",
                Sigil::Code => "subroutine dereference",
                _ => "ref-to-glob cast",
            }
            .into(),
        ),
        ExprKind::Cond(_, a, b) => {
            ref_not_modifiable(a, false, local).or_else(|| ref_not_modifiable(b, false, local))
        }
        ExprKind::DoBlock(_) => Some("do block".into()),
        ExprKind::Glob(_) => Some("glob".into()),
        ExprKind::Trans(_) => Some("transliteration (tr///)".into()),
        ExprKind::Call(c) if c.amp && c.inherit_args => match c.callee.kind {
            ExprKind::Deref { .. } => Some("subroutine dereference".into()),
            _ => None,
        },
        ExprKind::Call(_) | ExprKind::Method(_) => Some("subroutine entry".into()),
        ExprKind::Ref(_) => Some(ref_desc(x).into()),
        ExprKind::Binary(b, ..) => Some(binop_desc(*b).into()),
        ExprKind::Int(_) | ExprKind::Uint(_) | ExprKind::Num(_) | ExprKind::Str(_) => {
            Some("constant item".into())
        }
        ExprKind::Func { func, .. } => Some(func_desc(*func).into()),
        _ => None,
    }
}

fn func_not_modifiable(func: Func, list: bool) -> Option<String> {
    match func {
        Func::Substr | Func::Vec | Func::Pos | Func::Keys => None,
        Func::Undef if list => None,
        f => Some(func_desc(f).into()),
    }
}

/// `&foo` inside `\(…)` names the sub.
fn code_itself(mut e: Expr) -> Expr {
    match e.take() {
        ExprKind::Call(c) if c.amp && c.inherit_args => c.callee,
        kind => mk(e.line, kind),
    }
}

/// perl's description of a builtin's op.
pub(crate) fn func_desc(f: Func) -> &'static str {
    match f {
        Func::Join => "join or string",
        Func::Undef => "undef operator",
        Func::Defined => "defined operator",
        Func::Ref => "reference-type operator",
        Func::Prototype => "subroutine prototype",
        Func::Readline => "<HANDLE>",
        Func::Pos => "match position",
        Func::Reset => "symbol reset",
        f => f.name(),
    }
}

/// perl's description of a binary operator's op.
pub(crate) fn binop_desc(b: BinOp) -> &'static str {
    match b {
        BinOp::Add => "addition (+)",
        BinOp::Sub => "subtraction (-)",
        BinOp::Mul => "multiplication (*)",
        BinOp::Div => "division (/)",
        BinOp::Mod => "modulus (%)",
        BinOp::Pow => "exponentiation (**)",
        BinOp::Concat => "concatenation (.) or string",
        BinOp::Repeat => "repeat (x)",
        BinOp::Shl => "left bitshift (<<)",
        BinOp::Shr => "right bitshift (>>)",
        BinOp::BitAnd => "bitwise and (&)",
        BinOp::BitOr => "bitwise or (|)",
        BinOp::BitXor => "bitwise xor (^)",
        BinOp::NumBitAnd => "numeric bitwise and (&)",
        BinOp::NumBitOr => "numeric bitwise or (|)",
        BinOp::NumBitXor => "numeric bitwise xor (^)",
        BinOp::StrBitAnd => "string bitwise and (&.)",
        BinOp::StrBitOr => "string bitwise or (|.)",
        BinOp::StrBitXor => "string bitwise xor (^.)",
        BinOp::NumEq => "numeric eq (==)",
        BinOp::NumNe => "numeric ne (!=)",
        BinOp::NumLt => "numeric lt (<)",
        BinOp::NumLe => "numeric le (<=)",
        BinOp::NumGt => "numeric gt (>)",
        BinOp::NumGe => "numeric ge (>=)",
        BinOp::NumCmp => "numeric comparison (<=>)",
        BinOp::StrEq => "string eq",
        BinOp::StrNe => "string ne",
        BinOp::StrLt => "string lt",
        BinOp::StrLe => "string le",
        BinOp::StrGt => "string gt",
        BinOp::StrGe => "string ge",
        BinOp::StrCmp => "string comparison (cmp)",
        BinOp::LogXor => "logical xor",
    }
}
