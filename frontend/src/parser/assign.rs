//! `=` and the operators with `=`: what may stand on their left, and which context it gives their right.
use super::expr::{bx, mk};
use super::*;
use crate::ast::target::{gives_list, is_ref_target};
use crate::lexer::raw::Op;

impl Parser<'_> {
    pub(super) fn assignment(&mut self, left: Expr, line: u32) -> PResult<Expr> {
        if is_ref_target(&left) {
            if !self.feature(Feature::RefAliasing) {
                return self.fatal("Experimental aliasing via reference not enabled");
            }
            self.warn_default(warn::EXPERIMENTAL_REFALIASING, "Aliasing via reference is experimental")?;
            let right = self.assign_expr()?;
            self.check_ref_targets(
                &left,
                if gives_list(&left) { "list assignment" } else { "scalar assignment" },
            )?;
            self.note_refs(&left);
            return Ok(mk(line, ExprKind::RefAssign(bx(left), bx(right))));
        }
        let list = is_list_lvalue(&left);
        let right = self.assign_expr()?;
        if !list {
            self.lint_scalar_sort(&right)?;
        }
        let target = match &left.kind {
            ExprKind::List { items, parens: true } if items.len() == 1 => &items[0],
            _ => &left,
        };
        if let ExprKind::Cond(_, a, b) = &target.kind
            && is_list_lvalue(a) != is_list_lvalue(b)
        {
            self.error_near("Assignment to both a list and a scalar")?;
            return Ok(mk(line, ExprKind::Assign(bx(left), bx(right))));
        }
        if list && holds_state(&left) {
            self.error_near("Initialization of state variables in list currently forbidden")?;
        }
        let left = self.modifiable(left, if list { "list assignment" } else { "scalar assignment" })?;
        // The parentheses of `($c ? $x : $y)` are none of a list.
        let left = if list { left } else { super::control::unwrap_parens(left) };
        Ok(mk(line, ExprKind::Assign(bx(left), bx(right))))
    }

    pub(super) fn op_assignment(&mut self, left: Expr, op: Op, line: u32) -> PResult<Expr> {
        let right = self.assign_expr()?;
        match op_assign(op) {
            Some(AssignOp::Log(l)) => {
                let name = match l {
                    LogOp::And => "logical and assignment (&&=)",
                    LogOp::Or => "logical or assignment (||=)",
                    LogOp::Dor => "defined or assignment (//=)",
                };
                let left = self.modifiable(left, name)?;
                Ok(mk(line, ExprKind::LogAssign(l, bx(left), bx(right))))
            }
            Some(AssignOp::Bin(b)) => {
                let b = match (b, self.feature(Feature::Bitwise)) {
                    (BinOp::BitAnd, true) => BinOp::NumBitAnd,
                    (BinOp::BitOr, true) => BinOp::NumBitOr,
                    (BinOp::BitXor, true) => BinOp::NumBitXor,
                    (b, _) => b,
                };
                let left = self.modifiable(left, lvalue::binop_desc(b))?;
                Ok(mk(line, ExprKind::OpAssign(b, bx(left), bx(right))))
            }
            None => self.syntax_error(),
        }
    }
}

pub(super) enum AssignOp {
    Bin(BinOp),
    Log(LogOp),
}

pub(super) fn op_assign(op: Op) -> Option<AssignOp> {
    use AssignOp::{Bin, Log};
    Some(match op {
        Op::PowEq => Bin(BinOp::Pow),
        Op::MulEq => Bin(BinOp::Mul),
        Op::DivEq => Bin(BinOp::Div),
        Op::ModEq => Bin(BinOp::Mod),
        Op::XEq => Bin(BinOp::Repeat),
        Op::AddEq => Bin(BinOp::Add),
        Op::SubEq => Bin(BinOp::Sub),
        Op::DotEq => Bin(BinOp::Concat),
        Op::ShlEq => Bin(BinOp::Shl),
        Op::ShrEq => Bin(BinOp::Shr),
        Op::BitAndEq => Bin(BinOp::BitAnd),
        Op::BitOrEq => Bin(BinOp::BitOr),
        Op::BitXorEq => Bin(BinOp::BitXor),
        Op::SBitAndEq => Bin(BinOp::StrBitAnd),
        Op::SBitOrEq => Bin(BinOp::StrBitOr),
        Op::SBitXorEq => Bin(BinOp::StrBitXor),
        Op::XorEq => Bin(BinOp::LogXor),
        Op::AndEq => Log(LogOp::And),
        Op::OrEq => Log(LogOp::Or),
        Op::DorEq => Log(LogOp::Dor),
        _ => return None,
    })
}

/// A list on the left side of an assignment that declares a `state` variable.
#[keshi_memory::deep]
fn holds_state(e: &Expr) -> bool {
    match &e.kind {
        ExprKind::My(d) => d.kind == DeclKind::State && d.parens,
        ExprKind::List { items, parens: true } => items.iter().any(|i| match &i.kind {
            ExprKind::My(d) => d.kind == DeclKind::State,
            _ => holds_state(i),
        }),
        _ => false,
    }
}

/// Does an assignment to this expression take a list?
#[keshi_memory::deep]
pub(crate) fn is_list_lvalue(e: &Expr) -> bool {
    match &e.kind {
        ExprKind::List { parens, items } => match items.as_slice() {
            // `($c ? $x : $y) = …` is as scalar as its branches.
            [Expr { kind: ExprKind::Cond(_, a, b), .. }] if *parens => is_list_lvalue(a) || is_list_lvalue(b),
            _ => *parens,
        },
        ExprKind::Lex { sigil, .. } | ExprKind::Pkg { sigil, .. } | ExprKind::Deref { sigil, .. } => {
            matches!(sigil, Sigil::Array | Sigil::Hash)
        }
        ExprKind::My(d) => {
            d.parens
                || d.vars.first().is_some_and(|v| match v {
                    MyVar::Lex { sigil, .. } | MyVar::Our { sigil, .. } => {
                        matches!(sigil, Sigil::Array | Sigil::Hash)
                    }
                    MyVar::Undef => false,
                })
        }
        ExprKind::Slice { .. }
        | ExprKind::HSlice { .. }
        | ExprKind::KvSlice { .. }
        | ExprKind::KvHSlice { .. } => true,
        ExprKind::ListSlice { .. } => true,
        ExprKind::Local(e) => is_list_lvalue(e),
        ExprKind::Cond(_, a, b) => is_list_lvalue(a) && is_list_lvalue(b),
        _ => false,
    }
}
