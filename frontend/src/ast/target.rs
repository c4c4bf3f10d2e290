//! Questions about the left side of an assignment that both the parser and the emitter ask.
use super::*;

/// Holds the left side of an assignment a target to be aliased?
#[keshi_memory::deep]
pub fn is_ref_target(e: &Expr) -> bool {
    match &e.kind {
        ExprKind::Ref(_) => true,
        ExprKind::List { items, parens: true } => items.iter().any(is_ref_target),
        ExprKind::Local(e) => is_ref_target(e),
        ExprKind::Cond(_, a, b) => is_ref_target(a) || is_ref_target(b),
        _ => false,
    }
}

/// Does an assignment to these references give its right side list context?
#[keshi_memory::deep]
pub fn gives_list(l: &Expr) -> bool {
    match &l.kind {
        ExprKind::List { parens, .. } => *parens,
        ExprKind::My(m) => m.parens,
        ExprKind::Ref(x) => {
            gives_list(x) || matches!(x.kind, ExprKind::Slice { .. } | ExprKind::HSlice { .. })
        }
        ExprKind::Local(x) => {
            gives_list(x) || matches!(x.kind, ExprKind::Slice { .. } | ExprKind::HSlice { .. })
        }
        ExprKind::Cond(_, a, b) => gives_list(a) && gives_list(b),
        _ => false,
    }
}
