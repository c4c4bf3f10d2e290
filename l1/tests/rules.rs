//! The folder and the rewrite rules, run on edge values: both sides of a rule give the same bits and branch the same
//! way. This catches a prim whose `rust` and `smt` lines disagree.
use keshi_l1::isa::{ATOMS, RULES, atom_named, fold};
use l1_spec::rules::*;
use l1_spec::schema::*;

const EDGES: [u64; 16] = [
    0,
    1,
    2,
    3,
    7,
    63,
    64,
    255,
    0xffff_ffff,
    i64::MAX as u64,
    i64::MIN as u64,
    u64::MAX,
    (-2i64) as u64,
    (-7i64) as u64,
    0x3ff0_0000_0000_0000, // 1.0
    0x8000_0000_0000_0000, // -0.0
];

/// Value (tag and payload for S) and branch.
type Out = (u64, u64, bool);

/// `None`: a required fact does not hold, or the atom is not one of the folder's.
fn eval(p: &Pat, vars: &[u64], rule: &Rule) -> Option<Out> {
    let bound = |v: u8| Some(vars[v as usize] as i64);
    match p {
        Pat::Var(v) => match rule.vars[*v as usize].kind {
            VarKind::Reg(Fam::S) => None,
            _ => Some((0, vars[*v as usize], false)),
        },
        Pat::Const(c) => Some((0, c.eval(&bound)? as u64, false)),
        Pat::FallThrough => Some((0, 0, false)),
        Pat::Goto => Some((0, 0, true)),
        Pat::App(atom, args) => {
            let info = &ATOMS[*atom as usize];
            let (mut regs, mut imm, mut tags) = (Vec::new(), 0, Vec::new());
            let inputs = info.operands.iter().filter(|o| !matches!(o.kind, OpdKind::Reg(Mode::Out, _)));
            for (o, a) in inputs.zip(*args) {
                match o.kind {
                    OpdKind::Label { .. } => {}
                    OpdKind::Reg(..) => {
                        let (t, v, _) = eval(a, vars, rule)?;
                        regs.push(v);
                        tags.push(t);
                    }
                    _ => imm = eval(a, vars, rule)?.1,
                }
            }
            for f in info.requires {
                if let Fact::NonZero(o) = f {
                    let before = info.operands[..*o as usize].iter();
                    let n = before.filter(|o| matches!(o.kind, OpdKind::Reg(m, _) if m != Mode::Out)).count();
                    if regs[n] == 0 {
                        return None;
                    }
                }
            }
            let r = [regs.first().copied().unwrap_or(0), regs.get(1).copied().unwrap_or(0)];
            Some(match info.name {
                "s.seti" => (2, r[0], false),
                "s.setu" => (3, r[0], false),
                "s.setn" => (1, r[0], false),
                "s.setb" => (4, (r[0] != 0) as u64, false),
                "s.undef" => (0, 0, false),
                "s.geti" | "s.getn" => (0, r[0], false),
                "s.tag" => (0, tags[0], false),
                "br.tag" => (0, 0, imm >> tags[0] & 1 != 0),
                "br.ntag" => (0, 0, imm >> tags[0] & 1 == 0),
                _ => {
                    let (v, taken) = fold(*atom, r, imm)?;
                    (0, v, taken)
                }
            })
        }
    }
}

#[test]
fn both_sides_agree_on_edge_values() {
    let mut tried = 0;
    for rule in RULES {
        let n = rule.vars.iter().filter(|v| v.kind != VarKind::Label).count() as u32;
        for k in 0..(EDGES.len() as u64).pow(n) {
            let mut rest = k;
            let vars: Vec<u64> = rule
                .vars
                .iter()
                .map(|v| {
                    if v.kind == VarKind::Label {
                        return 0;
                    }
                    let x = EDGES[(rest % EDGES.len() as u64) as usize];
                    rest /= EDGES.len() as u64;
                    if v.kind == VarKind::Mask { x & 0xffff } else { x }
                })
                .collect();
            if rule.cond.is_some_and(|c| !c.eval(&|v| Some(vars[v as usize] as i64))) {
                continue;
            }
            let Some(l) = eval(&rule.lhs, &vars, rule) else { continue };
            let r = eval(&rule.rhs, &vars, rule);
            tried += 1;
            // after a taken branch the value is not written
            let nan = |x: u64| f64::from_bits(x).is_nan();
            let same = r.is_some_and(|r| l.2 == r.2 && (l.2 || l == r || nan(l.1) && nan(r.1)));
            assert!(same, "{}: {l:?} is not {r:?} for {vars:x?}", rule.name);
        }
    }
    assert!(tried > 1000);
}

#[test]
fn folding_is_exact() {
    let f = |n: &str, a: i64, b: i64| fold(atom_named(n).unwrap(), [a as u64, b as u64], 0).unwrap();
    assert!(f("i.addo", i64::MAX, 1).1);
    assert_eq!(f("i.mod", -7, 3), (2, false));
    assert!(f("i.divx", 7, 2).1);
    assert_eq!(f("br.i.lt", -1, 1), (0, true));
    assert_eq!(f("i.lt", 1, -1), (0, false));
    let n = |n: &str, a: f64, b: f64| fold(atom_named(n).unwrap(), [a.to_bits(), b.to_bits()], 0).unwrap();
    assert_eq!(n("n.add", 0.5, 0.25), (0.75f64.to_bits(), false));
    assert_eq!(n("br.n.nlt", f64::NAN, 1.0), (0, true));
}
