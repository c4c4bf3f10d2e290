//! Which op variant or atom a name means for given operands.
//!
//! Order: the user's ops, built-in ops, atoms whose name is `family.name`, the runtime entry of this name. Among variants the one whose
//! parameters say most about the operands wins: a constant parameter over a family, a family over `any`; a `when`
//! that holds beats the absence of one; then file order.
use crate::ops::*;
use crate::schema::*;

/// What a caller puts in an operand place. Registers and labels are numbers of the caller.
#[derive(Clone, Debug, PartialEq)]
pub enum Opd {
    Reg(Fam, u32),
    Int(i64),
    Num(f64),
    /// Bytes and utf8 flag.
    Str(Vec<u8>, bool),
    /// 64 raw bits.
    Imm(u64),
    Label(u32),
    /// Index of a constant of the chunk.
    Konst(u32),
    Sym(u32),
    Ic(u32),
    Mask(Mask),
    Kind(u8),
    /// 0 void, 1 scalar, 2 list, 3 decided at run time.
    Ctx(u8),
    List(Vec<Opd>),
    /// A word whose meaning depends on the operand it lands on.
    Word(&'static str),
}

impl Opd {
    pub fn is_const(&self) -> bool {
        matches!(self, Opd::Int(_) | Opd::Num(_) | Opd::Str(..) | Opd::Konst(_) | Opd::Imm(_))
    }

    /// For messages.
    pub fn describe(&self) -> String {
        match self {
            Opd::Reg(f, _) => f.letter().to_string(),
            Opd::Int(i) => format!("{i}"),
            Opd::Num(n) => format!("{n}"),
            Opd::Str(..) => "string".into(),
            Opd::Imm(_) => "immediate".into(),
            Opd::Label(_) => "label".into(),
            Opd::Konst(_) => "constant".into(),
            Opd::Sym(_) => "symbol".into(),
            Opd::Ic(_) => "inline cache".into(),
            Opd::Mask(m) => mask_text(*m),
            Opd::Kind(k) => kind_name(*k).unwrap_or("kind").into(),
            Opd::Ctx(_) => "context".into(),
            Opd::List(v) => format!("list of {}", v.len()),
            Opd::Word(w) => format!("`{w}`"),
        }
    }
}

pub fn describe_all(opds: &[Opd]) -> String {
    opds.iter().map(Opd::describe).collect::<Vec<_>>().join(", ")
}

/// A constant can be loaded into a register of this family.
fn loadable(o: &Opd, f: Fam) -> bool {
    match o {
        Opd::Int(_) => f != Fam::P,
        Opd::Num(_) => matches!(f, Fam::N | Fam::S),
        Opd::Str(..) => f == Fam::S,
        Opd::Konst(_) => matches!(f, Fam::S | Fam::P),
        _ => false,
    }
}

fn score_param(p: ParamKind, o: &Opd) -> Option<u32> {
    match (p, o) {
        (ParamKind::Reg(_, PFam::Is(f)), Opd::Reg(g, _)) => (f == *g).then_some(3),
        (ParamKind::Reg(_, PFam::Any), Opd::Reg(..)) => Some(2),
        // a result which is S in scalar and P in list context
        (ParamKind::Reg(Mode::Out, PFam::Any), Opd::List(_)) => Some(1),
        (ParamKind::Reg(Mode::In | Mode::Raw, PFam::Is(f)), o) => loadable(o, f).then_some(1),
        (ParamKind::Reg(Mode::In | Mode::Raw, PFam::Any), o) => o.is_const().then_some(1),
        (ParamKind::Const(ConstTy::Int), Opd::Int(_)) => Some(5),
        (ParamKind::Const(ConstTy::Num), Opd::Num(_)) => Some(5),
        (ParamKind::Const(ConstTy::Num), Opd::Int(_)) => Some(4),
        (ParamKind::Const(ConstTy::Str), Opd::Str(..)) => Some(5),
        (ParamKind::Const(ConstTy::Any), o) => o.is_const().then_some(4),
        (ParamKind::Label, Opd::Label(_)) => Some(3),
        (ParamKind::Ctx, Opd::Ctx(_)) => Some(3),
        (ParamKind::Ctx, Opd::Word("void" | "scalar" | "list")) => Some(3),
        (ParamKind::Imm, Opd::Imm(_) | Opd::Int(_)) => Some(3),
        (ParamKind::Sym, Opd::Sym(_) | Opd::Str(..) | Opd::Word(_)) => Some(3),
        (ParamKind::Ic, Opd::Ic(_) | Opd::Word("new")) => Some(3),
        (ParamKind::Konst, o) => o.is_const().then_some(3),
        (ParamKind::Mask, Opd::Mask(_)) => Some(3),
        (ParamKind::Mask, Opd::Word(w)) => mask_of([*w]).is_ok().then_some(3),
        (ParamKind::Kind, Opd::Kind(_)) => Some(3),
        (ParamKind::Kind, Opd::Word(w)) => kind_named(w).is_some().then_some(3),
        (ParamKind::Each(f), Opd::List(v)) => v
            .iter()
            .all(|o| match (f, o) {
                (PFam::Is(f), Opd::Reg(g, _)) => f == *g,
                (PFam::Any, Opd::Reg(..)) => true,
                (PFam::Is(f), o) => loadable(o, f),
                (PFam::Any, o) => o.is_const(),
            })
            .then_some(3),
        _ => None,
    }
}

/// How well the variant fits; `None`: not at all. Predicates are not asked.
pub fn score(op: &OpDef, opds: &[Opd]) -> Option<u32> {
    if op.params.len() != opds.len() {
        return None;
    }
    op.params.iter().zip(opds).try_fold(0, |sum, (p, o)| Some(sum + score_param(p.kind, o)?))
}

/// Evaluates an expansion-time predicate.
pub fn holds(p: &PredDef, opds: &[Opd]) -> bool {
    match p {
        PredDef::Not(p) => !holds(p, opds),
        PredDef::And(a, b) => holds(a, opds) && holds(b, opds),
        PredDef::Or(a, b) => holds(a, opds) || holds(b, opds),
        PredDef::Test(t) => test(t, opds),
    }
}

fn test(t: &PredTest, opds: &[Opd]) -> bool {
    let get = |i: u8| opds.get(i as usize);
    let cmp = |bits: u8, a: i64, b: i64| bits & 1 << (a.cmp(&b) as i8 + 1) != 0;
    match *t {
        PredTest::Const(i) => get(i).is_some_and(Opd::is_const),
        PredTest::FamIs(i, f) => matches!(get(i), Some(Opd::Reg(g, _)) if *g == f),
        PredTest::TagIn(i, m) => {
            let tag = match get(i) {
                Some(Opd::Int(_)) => "int",
                Some(Opd::Num(_)) => "num",
                Some(Opd::Str(..)) => "str",
                _ => return false,
            };
            tag_named(tag).is_some_and(|t| m >> t & 1 != 0)
        }
        PredTest::Cmp(i, bits, k) => match get(i) {
            Some(Opd::Int(v)) => cmp(bits, *v, k),
            Some(Opd::Imm(v)) => cmp(bits, *v as i64, k),
            _ => false,
        },
        PredTest::Len(i, bits, k) => matches!(get(i), Some(Opd::List(v)) if cmp(bits, v.len() as i64, k)),
        PredTest::Want(c) => opds.contains(&Opd::Ctx(c)),
        PredTest::Arch(a) => std::env::consts::ARCH == a,
    }
}

/// What a name turned out to be.
#[derive(Clone, Copy, Debug)]
pub enum Found {
    Ins(Target),
    Op(&'static OpDef),
}

/// Why nothing was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Miss {
    /// No op, atom or entry of this name.
    Unknown,
    /// The name exists, but not for these operands.
    Operands,
}

/// Resolves a name for operands.
pub fn find(set: &MacroSet, name: &str, opds: &[Opd]) -> Result<Found, Miss> {
    if let Some(r) = name.strip_prefix("rt.") {
        return set.isa.rt(r).map(|i| Found::Ins(Target::Rt(i))).ok_or(Miss::Unknown);
    }
    let user = if name.starts_with("core.") { &[] } else { set.user_variants(name) };
    if let Some(op) = best(user.iter().copied(), opds) {
        return Ok(Found::Op(op));
    }
    let builtin = set.builtin_variants(name.strip_prefix("core.").unwrap_or(name));
    if let Some(op) = best(builtin.iter(), opds) {
        return Ok(Found::Op(op));
    }
    let entry = set.isa.rt(name);
    if let Some(i) = set.isa.atom(name)
        && (entry.is_none() || atom_accepts(&set.isa.atoms[i as usize], opds))
    {
        return Ok(Found::Ins(Target::Atom(i)));
    }
    let mut seen = !user.is_empty() || !builtin.is_empty();
    for i in short_atoms(set.isa, name) {
        seen = true;
        if atom_accepts(&set.isa.atoms[i as usize], opds) {
            return Ok(Found::Ins(Target::Atom(i)));
        }
    }
    if let Some(i) = entry {
        // alone, a misuse is better explained by the head of the entry
        if !seen || atom_accepts(&set.isa.rts[i as usize], opds) {
            return Ok(Found::Ins(Target::Rt(i)));
        }
    }
    Err(if seen { Miss::Operands } else { Miss::Unknown })
}

fn best(v: impl Iterator<Item = &'static OpDef>, opds: &[Opd]) -> Option<&'static OpDef> {
    let mut best: Option<(u32, &'static OpDef)> = None;
    for op in v {
        let Some(mut s) = score(op, opds) else { continue };
        if let Some(w) = op.when {
            if !holds(w, opds) {
                continue;
            }
            s += 1000;
        }
        if best.is_none_or(|b| s > b.0) {
            best = Some((s, op));
        }
    }
    best.map(|b| b.1)
}

/// The atoms a short name may mean: `add` is `i.add` or `n.add`. The unsigned ones are always written in full.
pub fn short_atoms(isa: &'static Isa, name: &str) -> impl Iterator<Item = u16> {
    let names = ["i", "n", "s", "p"].map(|f| format!("{f}.{name}"));
    names.into_iter().filter_map(|n| isa.atom(&n))
}

/// The operands have the classes and families of the atom's head.
pub fn atom_accepts(a: &InsInfo, opds: &[Opd]) -> bool {
    a.operands.len() == opds.len() && a.operands.iter().zip(opds).all(|(p, o)| operand_accepts(p.kind, o))
}

pub fn operand_accepts(k: OpdKind, o: &Opd) -> bool {
    match (k, o) {
        (OpdKind::Reg(_, f), Opd::Reg(g, _)) => f == *g,
        (OpdKind::Reg(Mode::In | Mode::Raw, f), o) => loadable(o, f),
        (OpdKind::Reg(..), _) => false,
        (OpdKind::Imm, Opd::Imm(_) | Opd::Int(_) | Opd::Num(_) | Opd::Word("new")) => true,
        (OpdKind::Label { .. }, Opd::Label(_)) => true,
        (OpdKind::Sym, Opd::Sym(_) | Opd::Str(..) | Opd::Word(_)) => true,
        (OpdKind::Ic, Opd::Ic(_) | Opd::Word("new")) => true,
        (OpdKind::Konst, o) => o.is_const(),
        (OpdKind::Mask, Opd::Mask(_)) => true,
        (OpdKind::Mask, Opd::Word(w)) => mask_of([*w]).is_ok(),
        (OpdKind::Kind, Opd::Kind(_) | Opd::Int(_)) => true,
        (OpdKind::Kind, Opd::Word(w)) => kind_named(w).is_some(),
        (OpdKind::Ctx, Opd::Ctx(_) | Opd::Word("void" | "scalar" | "list")) => true,
        _ => false,
    }
}
