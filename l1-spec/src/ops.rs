//! Ops (macros) as resolved constant data, and the sets they are looked up in.
//!
//! Contract: an [`OpDef`] is `'static` and position-free; its steps name parameters, temporaries and labels by index.
//! Built-in ops are generated as statics by the build script of keshi-l1, user ops are leaked when they are loaded;
//! both are the same type and are expanded by the same code.
use crate::schema::*;
use std::collections::HashMap;

/// The instruction set as the engine links it: generated statics, or a leaked [`crate::Spec`].
#[derive(Debug)]
pub struct Isa {
    pub atoms: &'static [AtomInfo],
    pub rts: &'static [RtInfo],
    /// Sorted by name.
    pub atom_names: &'static [(&'static str, u16)],
    pub rt_names: &'static [(&'static str, u16)],
    pub heaps: &'static [(&'static str, Option<u8>)],
}

impl Isa {
    pub fn atom(&self, name: &str) -> Option<u16> {
        self.atom_names.binary_search_by_key(&name, |e| e.0).ok().map(|i| self.atom_names[i].1)
    }
    pub fn rt(&self, name: &str) -> Option<u16> {
        self.rt_names.binary_search_by_key(&name, |e| e.0).ok().map(|i| self.rt_names[i].1)
    }
    pub fn info(&self, t: Target) -> &'static InsInfo {
        match t {
            Target::Atom(i) => &self.atoms[i as usize],
            Target::Rt(i) => &self.rts[i as usize],
        }
    }
}

/// An instruction: an atom, or a runtime entry behind `rt`/`br.rt`.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Hash)]
pub enum Target {
    Atom(u16),
    Rt(u16),
}

/// Type of a constant parameter.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ConstTy {
    Int,
    Num,
    Str,
    Any,
}

/// Family of a register parameter.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum PFam {
    Is(Fam),
    /// Whatever the caller has.
    Any,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ParamKind {
    Reg(Mode, PFam),
    Const(ConstTy),
    Label,
    Ctx,
    Imm,
    Sym,
    Ic,
    Konst,
    Mask,
    Kind,
    /// `each S @xs`: all remaining operands.
    Each(PFam),
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct ParamDef {
    pub kind: ParamKind,
    pub name: &'static str,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct LabelDef {
    pub name: &'static str,
    pub cold: bool,
    pub restart: bool,
    /// Some branch to it stands after it: a loop head.
    pub back: bool,
    pub span: (u32, u32),
}

/// Operand of a step.
#[derive(Clone, Copy, PartialEq, Debug)]
pub enum StepArg {
    /// Parameter, or the variable of an `each` block (numbered after the parameters).
    Param(u8),
    Temp(Fam, u8),
    Label(u8),
    Int(i64),
    Num(f64),
    Str(&'static str),
    /// A mask, kind, context, symbol or `new`, by the operand it lands on.
    Word(&'static str),
    Mask(Mask),
}

#[derive(Clone, Copy, PartialEq, Debug)]
pub enum PredTest {
    Const(u8),
    FamIs(u8, Fam),
    TagIn(u8, Mask),
    /// The integer value of a constant compared with a literal: -1 `<`, 0 `=`, 1 `>` as bits 1, 2, 4.
    Cmp(u8, u8, i64),
    /// The number of operands of a list compared likewise.
    Len(u8, u8, i64),
    /// The static context is one of void 0, scalar 1, list 2.
    Want(u8),
    Arch(&'static str),
}

#[derive(Clone, Copy, PartialEq, Debug)]
pub enum PredDef {
    Test(PredTest),
    Not(&'static PredDef),
    And(&'static PredDef, &'static PredDef),
    Or(&'static PredDef, &'static PredDef),
}

#[derive(Clone, Copy, Debug)]
pub enum Step {
    /// An instruction or another op, `target` if it could be resolved when the op was loaded.
    Call {
        name: &'static str,
        target: Option<Target>,
        args: &'static [StepArg],
        span: (u32, u32),
    },
    Bind(u8),
    Done,
    If {
        pred: &'static PredDef,
        then: &'static [Step],
        els: &'static [Step],
    },
    /// Once per operand of list parameter `list`, with parameter number `var` bound to it.
    Each {
        var: u8,
        list: u8,
        body: &'static [Step],
    },
    /// The block for one context.
    For {
        ctx: u8,
        body: &'static [Step],
    },
}

/// How a `perl sub` is seen from Perl.
#[derive(Clone, Copy, Debug)]
pub struct PerlSub {
    pub ret: Option<Fam>,
    pub proto: Option<&'static str>,
}

/// An op as a Perl program calls it: `$ret = name(arguments in the order of the parameters)`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PerlView {
    /// Mode and family of every argument; `any` is S.
    pub params: Vec<(Mode, Fam)>,
    /// Family of the result, the first operand of the op.
    pub ret: Option<Fam>,
    pub proto: String,
}

impl PerlView {
    /// Whether the op changes its argument number `i`.
    pub fn writes(&self, i: usize) -> bool {
        self.params.get(i).is_some_and(|p| matches!(p.0, Mode::Out | Mode::Inout))
    }
}

#[derive(Debug)]
pub struct OpDef {
    pub name: &'static str,
    pub doc: &'static str,
    pub file: &'static str,
    pub line: u32,
    pub span: (u32, u32),
    pub params: &'static [ParamDef],
    pub when: Option<&'static PredDef>,
    pub labels: &'static [LabelDef],
    /// Number of temporaries of each family, in the order I N S P.
    pub temps: [u8; 4],
    pub steps: &'static [Step],
    pub overrides: bool,
    pub pure: bool,
    pub perl: Option<PerlSub>,
}

impl OpDef {
    /// How Perl code calls this op, if it can: every `perl sub`, and every `op` of a new name whose parameters are
    /// scalars, numbers and arrays or hashes to look at.
    pub fn perl_view(&self) -> Option<PerlView> {
        if self.overrides {
            return None;
        }
        let ret = self.perl.as_ref().and_then(|p| p.ret);
        let (mut params, mut proto) = (Vec::new(), String::new());
        for p in &self.params[usize::from(ret.is_some())..] {
            let ParamKind::Reg(mode, fam) = p.kind else { return None };
            let fam = match fam {
                PFam::Is(f) => f,
                PFam::Any => Fam::S,
            };
            match (mode, fam) {
                (Mode::Raw, _) => return None,
                (Mode::In, Fam::P) => proto += "\\[@%]",
                // Which object a variable is made of is not an op's to change.
                (_, Fam::P) => return None,
                _ => proto.push('$'),
            }
            params.push((mode, fam));
        }
        if let Some(written) = self.perl.as_ref().and_then(|p| p.proto) {
            proto = written.to_string();
        }
        Some(PerlView { params, ret, proto })
    }

    /// `add(out S $d, in S $a, const int $k)`.
    pub fn signature(&self) -> String {
        let one = |p: &ParamDef| {
            let fam = |f: PFam| match f {
                PFam::Is(f) => f.letter().to_string(),
                PFam::Any => "any".into(),
            };
            let var = if p.name.starts_with(|c: char| c.is_ascii_digit()) {
                String::new()
            } else {
                format!(" ${}", p.name)
            };
            match p.kind {
                ParamKind::Reg(m, f) => format!("{} {}{var}", m.name(), fam(f)),
                ParamKind::Const(t) => format!("const {}{var}", format!("{t:?}").to_lowercase()),
                ParamKind::Each(f) => format!("each {} @{}", fam(f), p.name),
                ParamKind::Label => format!("label {}", p.name),
                ParamKind::Konst => format!("k{var}"),
                ParamKind::Ctx => "ctx".into(),
                k => format!("{}{var}", format!("{k:?}").to_lowercase()),
            }
        };
        format!("{}({})", self.name, self.params.iter().map(one).collect::<Vec<_>>().join(", "))
    }
}

/// Ops by name: the built-in ones, and those of the user's files which come first.
#[derive(Debug, Clone)]
pub struct MacroSet {
    pub isa: &'static Isa,
    /// Sorted by name, variants in file order.
    pub builtin: &'static [OpDef],
    user: HashMap<&'static str, Vec<&'static OpDef>>,
}

impl MacroSet {
    pub fn new(isa: &'static Isa, builtin: &'static [OpDef]) -> Self {
        MacroSet { isa, builtin, user: HashMap::new() }
    }

    pub fn add(&mut self, op: &'static OpDef) {
        self.user.entry(op.name).or_default().push(op);
    }

    /// Adds every op of another set's user part, as `use l1 'file'` in an inner scope does.
    pub fn merge(&mut self, other: &MacroSet) {
        for (n, v) in &other.user {
            self.user.entry(n).or_default().extend(v);
        }
    }

    pub fn user_variants(&self, name: &str) -> &[&'static OpDef] {
        self.user.get(name).map_or(&[], Vec::as_slice)
    }

    pub fn builtin_variants(&self, name: &str) -> &'static [OpDef] {
        let lo = self.builtin.partition_point(|o| o.name < name);
        let hi = lo + self.builtin[lo..].partition_point(|o| o.name == name);
        &self.builtin[lo..hi]
    }

    /// All variants, the user's first; `core.x` means the built-in `x`.
    pub fn variants(&self, name: &str) -> Vec<&'static OpDef> {
        if let Some(core) = name.strip_prefix("core.") {
            return self.builtin_variants(core).iter().collect();
        }
        self.user_variants(name).iter().copied().chain(self.builtin_variants(name)).collect()
    }

    pub fn has(&self, name: &str) -> bool {
        self.user.contains_key(name)
            || !self.builtin_variants(name.strip_prefix("core.").unwrap_or(name)).is_empty()
    }

    pub fn user_ops(&self) -> impl Iterator<Item = &'static OpDef> {
        self.user.values().flatten().copied()
    }

    /// The op `name` of the user's files as Perl code calls it; its first variant that can be called decides.
    pub fn perl_view(&self, name: &str) -> Option<PerlView> {
        self.user_variants(name).iter().find_map(|o| o.perl_view())
    }

    /// Every op name, sorted.
    pub fn names(&self) -> Vec<&'static str> {
        let mut v: Vec<_> = self.builtin.iter().map(|o| o.name).chain(self.user.keys().copied()).collect();
        v.sort_unstable();
        v.dedup();
        v
    }
}
