//! The rewrite rules as constant data, and constant folding of pure atoms.
use super::dispatch::pure_value;
use crate::resolve::Spec;
use crate::rules::*;
use crate::schema::*;
use std::fmt::Write;

/// Rust text: `RULES`.
pub fn text(rules: &[Rule]) -> String {
    let mut o = String::from(
        "\n/// The rewrite rules, in file order.\npub static RULES: &[::l1_spec::rules::Rule] = {\n\
         use ::l1_spec::{rules::*, schema::Fam};\n&[\n",
    );
    for r in rules {
        let vars = r.vars.iter().map(|v| {
            let kind = match v.kind {
                VarKind::Reg(f) => format!("Reg(Fam::{f:?})"),
                VarKind::Const(f) => format!("Const(Fam::{f:?})"),
                k => format!("{k:?}"),
            };
            format!("RuleVar {{ name: {:?}, kind: VarKind::{kind} }}", v.name)
        });
        let _ = writeln!(
            o,
            "Rule {{ name: {:?}, doc: {:?}, vars: &[{}], lhs: {}, cond: {}, rhs: {}, canon: {} }},",
            r.name,
            r.doc,
            vars.collect::<Vec<_>>().join(", "),
            pat(&r.lhs),
            r.cond.map_or("None".into(), |c| format!("Some({})", cond(&c))),
            pat(&r.rhs),
            r.canon
        );
    }
    o + "]\n};\n"
}

fn pat(p: &Pat) -> String {
    match p {
        Pat::App(i, a) => format!("Pat::App({i}, &[{}])", a.iter().map(pat).collect::<Vec<_>>().join(", ")),
        Pat::Const(e) => format!("Pat::Const({})", cexpr(e)),
        p => format!("Pat::{p:?}"),
    }
}

fn cexpr(e: &CExpr) -> String {
    match e {
        CExpr::Num(n) => format!("CExpr::Num(f64::from_bits({:#x}))", n.to_bits()),
        CExpr::Bin(op, a, b) => format!("CExpr::Bin({op:?}, &{}, &{})", cexpr(a), cexpr(b)),
        e => format!("CExpr::{e:?}"),
    }
}

fn cond(c: &Cond) -> String {
    match c {
        Cond::Cmp(b, x, y) => format!("Cond::Cmp({b}, {}, {})", cexpr(x), cexpr(y)),
        Cond::Not(c) => format!("Cond::Not(&{})", cond(c)),
        Cond::And(a, b) => format!("Cond::And(&{}, &{})", cond(a), cond(b)),
        c => format!("Cond::{c:?}"),
    }
}

/// Rust text of `fn fold(op, r, imm) -> Option<(u64, bool)>`: value and "branch taken" of a pure atom over I and N
/// registers, given the bits of its input registers in order. `requires` must hold.
pub fn fold(spec: &Spec) -> Result<String, String> {
    let mut o = String::from(
        "\n/// Value and \"branch taken\" of a pure atom over I and N registers: `r` are the bits of its inputs in\n\
         /// order. `None`: not such an atom. The facts it requires must hold.\n\
         #[allow(clippy::all, unused_variables)]\n\
         pub fn fold(op: u16, r: [u64; 2], imm: u64) -> Option<(u64, bool)> {\n    Some(match op {\n",
    );
    for (i, a) in spec.atoms.iter().enumerate() {
        let numeric = a.operands.iter().all(|o| match o.kind {
            OpdKind::Reg(_, f) => matches!(f, Fam::I | Fam::N),
            OpdKind::Imm | OpdKind::Label { .. } => true,
            _ => false,
        });
        if numeric && let Some(t) = pure_value(spec, a).map_err(|e| format!("atom {}: {e}", a.name))? {
            let _ = writeln!(o, "        {i} => {t},");
        }
    }
    Ok(o + "        _ => return None,\n    })\n}\n")
}
