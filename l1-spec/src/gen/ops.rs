//! The built-in ops as constant data, so that nothing of the spec is parsed when the engine starts.
use crate::ops::*;
use std::fmt::Write;

/// Rust text: `OPS` (sorted by name) and `ISA`. Follows the text of [`super::op::text`].
pub fn text(ops: &[OpDef]) -> String {
    let mut o = String::from(
        "\n/// The instruction set in one piece.\npub static ISA: ::l1_spec::ops::Isa = ::l1_spec::ops::Isa {\n    \
         atoms: ATOMS, rts: RTS, atom_names: ATOM_NAMES, rt_names: RT_NAMES, heaps: HEAPS,\n};\n\n\
         /// The built-in ops, sorted by name; variants of a name in file order.\n\
         pub static OPS: &[::l1_spec::ops::OpDef] = {\nuse ::l1_spec::{ops::*, schema::*};\n&[\n",
    );
    for op in ops {
        let _ = writeln!(
            o,
            "OpDef {{ name: {:?}, doc: {:?}, file: {:?}, line: {}, span: {:?}, params: &[{}], when: {}, labels: &{:?}, \
             temps: {:?}, steps: {}, overrides: {}, pure: {}, perl: None }},",
            op.name,
            op.doc,
            op.file,
            op.line,
            op.span,
            op.params.iter().map(param).collect::<Vec<_>>().join(", "),
            op.when.map_or("None".into(), |p| format!("Some(&{})", pred(p))),
            op.labels,
            op.temps,
            steps(op.steps),
            op.overrides,
            op.pure
        );
    }
    o.push_str("]\n};\n");
    o
}

fn fam(f: PFam) -> String {
    match f {
        PFam::Any => "PFam::Any".into(),
        PFam::Is(f) => format!("PFam::Is(Fam::{f:?})"),
    }
}

fn param(p: &ParamDef) -> String {
    let kind = match p.kind {
        ParamKind::Reg(m, f) => format!("Reg(Mode::{m:?}, {})", fam(f)),
        ParamKind::Const(t) => format!("Const(ConstTy::{t:?})"),
        ParamKind::Each(f) => format!("Each({})", fam(f)),
        k => format!("{k:?}"),
    };
    format!("ParamDef {{ kind: ParamKind::{kind}, name: {:?} }}", p.name)
}

fn pred(p: &PredDef) -> String {
    match p {
        PredDef::Not(a) => format!("PredDef::Not(&{})", pred(a)),
        PredDef::And(a, b) => format!("PredDef::And(&{}, &{})", pred(a), pred(b)),
        PredDef::Or(a, b) => format!("PredDef::Or(&{}, &{})", pred(a), pred(b)),
        PredDef::Test(PredTest::FamIs(i, f)) => format!("PredDef::Test(PredTest::FamIs({i}, Fam::{f:?}))"),
        PredDef::Test(t) => format!("PredDef::Test(PredTest::{t:?})"),
    }
}

fn arg(a: &StepArg) -> String {
    match a {
        StepArg::Temp(f, n) => format!("StepArg::Temp(Fam::{f:?}, {n})"),
        StepArg::Num(n) => format!("StepArg::Num(f64::from_bits({:#x}))", n.to_bits()),
        a => format!("StepArg::{a:?}"),
    }
}

fn steps(v: &[Step]) -> String {
    let one = |s: &Step| match s {
        Step::Call { name, target, args, span } => format!(
            "Step::Call {{ name: {name:?}, target: {}, args: &[{}], span: {span:?} }}",
            target.map_or("None".into(), |t| format!("Some(Target::{t:?})")),
            args.iter().map(arg).collect::<Vec<_>>().join(", ")
        ),
        Step::If { pred: p, then, els } => {
            format!("Step::If {{ pred: &{}, then: {}, els: {} }}", pred(p), steps(then), steps(els))
        }
        Step::Each { var, list, body } => {
            format!("Step::Each {{ var: {var}, list: {list}, body: {} }}", steps(body))
        }
        Step::For { ctx, body } => format!("Step::For {{ ctx: {ctx}, body: {} }}", steps(body)),
        s => format!("Step::{s:?}"),
    };
    format!("&[{}]", v.iter().map(one).collect::<Vec<_>>().join(", "))
}
