//! The checker of ops: what makes a user's macro safe to expand anywhere.
//!
//! An op is expanded with unknown operands, once for every outcome of its `static if`s, every context and every
//! family of its `any` parameters; the recorded atoms are verified as a unit ([`flow`]). Checked:
//!
//! - C1 it expands at all: names, operands, no cycle, at most 512 atoms
//! - C2 every label branched to is defined on the same static path
//! - V05 I and N temporaries, and `out` parameters, are assigned before they are read; `out` parameters at the end
//! - V06 a `take`n register is not read; parameters are used as their mode says
//! - V07 facts that atoms require are proved on every path
//! - V10 alias law: no `in` parameter is read after an `out` parameter of its family was written; restart law:
//!   no effect and no written parameter before a branch to a `restart` label
//! - V11 `assert pure` holds
//! - M14, M15 `override` where it is needed and nowhere else; no two variants for the same operands
mod facts;
mod flow;

use crate::diag::Diagnostic;
use crate::expand::{ExpandError, expand_op};
use crate::ops::*;
use crate::record::Recorder;
use crate::schema::*;
use crate::select::{self, Miss, Opd};

/// Most combinations of static choices that are tried for one op.
const MAX_PATHS: usize = 128;

fn span(s: (u32, u32)) -> (usize, usize) {
    (s.0 as usize, s.1 as usize)
}

/// First label number of the op itself; below are label parameters.
pub(crate) const LOCAL_LABELS: u32 = 1 << 16;

/// Checks one op. `set` must already contain it and all others it may use.
pub fn check_op(set: &MacroSet, op: &'static OpDef) -> Vec<Diagnostic> {
    let mut out: Vec<Diagnostic> = Vec::new();
    let has_any =
        op.params.iter().any(|p| matches!(p.kind, ParamKind::Reg(_, PFam::Any) | ParamKind::Each(PFam::Any)));
    let has_ctx = op.params.iter().any(|p| p.kind == ParamKind::Ctx);
    let has_list = op.params.iter().any(|p| matches!(p.kind, ParamKind::Each(_)));
    for ctx in if has_ctx { &[0u8, 1, 2][..] } else { &[0] } {
        let mut best: Option<Vec<Diagnostic>> = None;
        for fam in if has_any { &Fam::ALL[..] } else { &[Fam::S] } {
            let mut v = Vec::new();
            for len in if has_list { &[2usize, 0][..] } else { &[0] } {
                v.extend(check_with(set, op, *ctx, *fam, *len));
            }
            // an op over `any` must fit at least one family
            let better = best.as_ref().is_none_or(|b| v.len() < b.len());
            if better {
                best = Some(v);
            }
        }
        out.extend(best.unwrap_or_default());
    }
    out.sort_by_key(|d| (d.span, d.code));
    out.dedup();
    // one message for one place and cause
    out.dedup_by(|a, b| a.span == b.span && a.code == b.code);
    out
}

/// Sample operands: registers are numbered like the parameters.
pub(crate) fn operands(op: &OpDef, ctx: u8, any: Fam, len: usize) -> Vec<Opd> {
    let n = op.params.len() as u32;
    let fam = |f: PFam| match f {
        PFam::Is(f) => f,
        PFam::Any => any,
    };
    let mut opds: Vec<Opd> = op
        .params
        .iter()
        .enumerate()
        .map(|(i, p)| match p.kind {
            ParamKind::Reg(_, f) => Opd::Reg(fam(f), i as u32),
            // zero proves least
            ParamKind::Const(ConstTy::Int | ConstTy::Any) => Opd::Int(0),
            ParamKind::Const(ConstTy::Num) => Opd::Num(0.0),
            ParamKind::Const(ConstTy::Str) => Opd::Str(b"s".to_vec(), false),
            ParamKind::Label => Opd::Label(i as u32),
            ParamKind::Ctx => Opd::Ctx(ctx),
            ParamKind::Imm => Opd::Imm(1),
            ParamKind::Sym => Opd::Sym(0),
            ParamKind::Ic => Opd::Ic(0),
            ParamKind::Konst => Opd::Konst(u32::MAX),
            ParamKind::Mask => Opd::Mask(1),
            ParamKind::Kind => Opd::Kind(1),
            ParamKind::Each(f) => Opd::List((0..len as u32).map(|k| Opd::Reg(fam(f), n + k)).collect()),
        })
        .collect();
    if let Some(w) = op.when {
        crate::expand::assume(w, &mut opds);
    }
    opds
}

fn check_with(set: &MacroSet, op: &'static OpDef, ctx: u8, any: Fam, len: usize) -> Vec<Diagnostic> {
    let opds = operands(op, ctx, any, len);
    let mut out = Vec::new();
    let mut todo = vec![Vec::new()];
    let mut paths = 0;
    while let Some(script) = todo.pop() {
        paths += 1;
        if paths > MAX_PATHS {
            let m = format!("`{}` has more than {MAX_PATHS} combinations of `static if`", op.name);
            out.push(Diagnostic::new("L1-C03", span(op.span), m));
            break;
        }
        let mut rec = Recorder::new(op.params.len() as u32 + len as u32, LOCAL_LABELS);
        rec.scripted = true;
        rec.script = script.clone();
        let r = expand_op(set, &mut rec, op, &opds);
        for i in script.len()..rec.decisions {
            let mut s = script.clone();
            s.resize(i, false);
            s.push(true);
            todo.push(s);
        }
        match r {
            Ok(()) => out.extend(flow::check(set.isa, op, &opds, &rec, ctx)),
            Err(e) => out.push(expansion_error(op, &e)),
        }
    }
    out
}

fn expansion_error(op: &OpDef, e: &ExpandError) -> Diagnostic {
    let at = if e.span == (0, 0) { op.span } else { e.span };
    let code = match e.miss {
        Some(Miss::Unknown) => "L1-C01",
        Some(Miss::Operands) => "L1-C02",
        None if e.message.contains("itself") => "L1-C04",
        None if e.message.contains("atoms") => "L1-C05",
        None => "L1-C02",
    };
    let d = Diagnostic::new(code, span(at), e.message.clone());
    match &e.help {
        Some(h) => d.help(h.clone()),
        None => d,
    }
}

/// Checks that concern an op's place among the others: `override`, duplicates, ambiguity.
pub fn check_names(set: &MacroSet, ops: &[&'static OpDef]) -> Vec<Diagnostic> {
    let mut out = Vec::new();
    for (i, op) in ops.iter().enumerate() {
        let builtin = !set.builtin_variants(op.name).is_empty() || set.isa.rt(op.name).is_some();
        if builtin && !op.overrides && op.perl.is_none() {
            out.push(
                Diagnostic::new("L1-M14", span(op.span), format!("`{}` is a built-in op", op.name)).help(format!(
                    "write `override` before the body to replace it; the built-in one stays reachable as `core.{}`",
                    op.name
                )),
            );
        }
        if op.overrides && !builtin {
            out.push(Diagnostic::new(
                "L1-M14",
                span(op.span),
                format!("there is no built-in op `{}` to override", op.name),
            ));
        }
        if let Some(other) = ops[..i].iter().find(|o| o.name == op.name && ambiguous(o, op)) {
            out.push(
                Diagnostic::new(
                    "L1-M15",
                    span(op.span),
                    format!("two variants of `{}` fit the same operands equally well", op.name),
                )
                .note(format!("{}  (line {})", other.signature(), other.line))
                .note(format!("{}  (line {})", op.signature(), op.line))
                .help("tell them apart by family, by `const`, or by a `when` predicate"),
            );
        }
    }
    out
}

/// Some operands fit both variants with the same score, and no predicate decides.
fn ambiguous(a: &OpDef, b: &OpDef) -> bool {
    if a.params.len() != b.params.len() || a.when.is_some() || b.when.is_some() {
        return false;
    }
    // Samples from the parameters of both, at each place the more special one.
    let (oa, ob) = (operands(a, 0, Fam::S, 1), operands(b, 0, Fam::S, 1));
    let meet: Vec<Opd> = oa
        .iter()
        .zip(&ob)
        .map(|(x, y)| match (x, y) {
            (x, Opd::Reg(..)) if x.is_const() => x.clone(),
            (_, y) => y.clone(),
        })
        .collect();
    [&oa, &ob, &meet].into_iter().any(|o| {
        let (x, y) = (select::score(a, o), select::score(b, o));
        x.is_some() && x == y
    })
}
