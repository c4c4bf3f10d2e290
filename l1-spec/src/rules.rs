//! Rewrite rules: the data model, and how the text becomes it.
//!
//! Contract: a rule names only prim-bodied atoms, so both sides have a meaning in SMT (see [`crate::smt`]). A pattern
//! lists the atom's operands without its `out` register; `#k` in a register place is a register that holds a literal.
//! A rule's right side costs fewer atoms than its left, or the rule is marked `canon` and keeps the number.
use crate::ast::*;
use crate::diag::{Diagnostic, nearest};
use crate::ops::Isa;
use crate::resolve::{leak, leak_slice};
use crate::schema::*;

/// What a variable of a rule stands for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum VarKind {
    Reg(Fam),
    /// A literal: 64 bits, or a double's bits where it is used as one.
    Const(Fam),
    Mask,
    Kind,
    Label,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct RuleVar {
    pub name: &'static str,
    pub kind: VarKind,
}

/// Arithmetic on literals, done when the rule fires: wrapping, on 64 bits.
#[derive(Clone, Copy, PartialEq, Debug)]
pub enum CExpr {
    Int(i64),
    Num(f64),
    Var(u8),
    Bin(char, &'static CExpr, &'static CExpr),
}

#[derive(Clone, Copy, PartialEq, Debug)]
pub enum Pat {
    Var(u8),
    /// A literal in a register or immediate place.
    Const(CExpr),
    App(u16, &'static [Pat]),
    /// The branch is never taken.
    FallThrough,
    /// The branch is always taken.
    Goto,
}

#[derive(Clone, Copy, PartialEq, Debug)]
pub enum Cond {
    Pow2(u8),
    /// The tag is in the mask variable.
    TagIn(u8, u8),
    /// Signed comparison: bits 1 less, 2 equal, 4 greater.
    Cmp(u8, CExpr, CExpr),
    Not(&'static Cond),
    And(&'static Cond, &'static Cond),
}

#[derive(Clone, Copy, Debug)]
pub struct Rule {
    pub name: &'static str,
    pub doc: &'static str,
    pub vars: &'static [RuleVar],
    pub lhs: Pat,
    pub cond: Option<Cond>,
    pub rhs: Pat,
    pub canon: bool,
}

impl CExpr {
    /// The value under a binding of the variables; `None` if a variable is unbound.
    pub fn eval(&self, bound: &dyn Fn(u8) -> Option<i64>) -> Option<i64> {
        Some(match self {
            CExpr::Int(i) => *i,
            CExpr::Num(n) => n.to_bits() as i64,
            CExpr::Var(v) => bound(*v)?,
            CExpr::Bin(op, a, b) => {
                let (a, b) = (a.eval(bound)?, b.eval(bound)?);
                match op {
                    '+' => a.wrapping_add(b),
                    '-' => a.wrapping_sub(b),
                    '*' => a.wrapping_mul(b),
                    '&' => a & b,
                    '|' => a | b,
                    _ => crate::sem::shl_perl(a, b),
                }
            }
        })
    }
}

impl Cond {
    pub fn eval(&self, bound: &dyn Fn(u8) -> Option<i64>) -> bool {
        match self {
            Cond::Pow2(v) => bound(*v).is_some_and(|k| k > 0 && k & (k - 1) == 0),
            Cond::TagIn(t, m) => bound(*m).is_some_and(|m| m >> t & 1 != 0),
            Cond::Cmp(bits, a, b) => match (a.eval(bound), b.eval(bound)) {
                (Some(a), Some(b)) => bits & 1 << (a.cmp(&b) as i8 + 1) != 0,
                _ => false,
            },
            Cond::Not(c) => !c.eval(bound),
            Cond::And(a, b) => a.eval(bound) && b.eval(bound),
        }
    }
}

impl Pat {
    /// Number of atoms the pattern stands for; a literal in a register costs one.
    pub fn cost(&self) -> usize {
        match self {
            Pat::App(_, a) => 1 + a.iter().map(Pat::cost).sum::<usize>(),
            Pat::Const(_) => 1,
            // cheaper than any guard
            Pat::Var(_) | Pat::FallThrough | Pat::Goto => 0,
        }
    }
}

/// The rules of one file.
pub fn rules_of(text: &str, isa: &'static Isa) -> Result<Vec<Rule>, Vec<Diagnostic>> {
    let asts = crate::parse::rules(text).map_err(|d| vec![d])?;
    let (mut rules, mut out) = (Vec::new(), Vec::new());
    for a in &asts {
        let mut cx = Lower { isa, vars: Vec::new(), out: &mut out };
        if let Some(r) = cx.rule(a) {
            rules.push(r);
        }
    }
    if out.is_empty() { Ok(rules) } else { Err(out) }
}

struct Lower<'a> {
    isa: &'static Isa,
    vars: Vec<RuleVar>,
    out: &'a mut Vec<Diagnostic>,
}

impl Lower<'_> {
    fn fail<T>(&mut self, span: Span, m: impl Into<String>) -> Option<T> {
        self.out.push(Diagnostic::new("L1-R01", span, m));
        None
    }

    fn rule(&mut self, a: &RuleAst<'_>) -> Option<Rule> {
        let canon = match &a.canon {
            None => false,
            Some(w) if w.text == "canon" => true,
            Some(w) => {
                return self.fail(w.span, format!("`{}` after a rule: only `canon` may follow", w.text));
            }
        };
        let PatAst::App(..) = a.lhs else {
            return self.fail(a.name.span, "the left side of a rule is an atom");
        };
        let lhs = self.pat(&a.lhs, None, true)?;
        let known = self.vars.len();
        let cond = match &a.cond {
            Some(c) => Some(self.cond(c)?),
            None => None,
        };
        let label = self.vars.iter().any(|v| v.kind == VarKind::Label);
        let rhs = match &a.rhs {
            PatAst::Word(w) if w.text == "fallthrough" && label => Pat::FallThrough,
            PatAst::Word(w) if w.text == "goto" && label => Pat::Goto,
            p => {
                let fam = self.result(&lhs);
                self.pat(p, fam.map(VarKind::Reg), false)?
            }
        };
        if self.vars.len() > known {
            let v = self.vars[known].name;
            return self.fail(a.name.span, format!("`{v}` does not occur on the left side"));
        }
        if rhs.cost() >= lhs.cost() && !(canon && rhs.cost() == lhs.cost()) {
            let m = format!("the right side costs {} atoms, the left {}", rhs.cost(), lhs.cost());
            return self.fail(a.name.span, m);
        }
        Some(Rule {
            name: leak(a.name.text),
            doc: leak(&a.docs.join("\n")),
            vars: leak_slice(std::mem::take(&mut self.vars)),
            lhs,
            cond,
            rhs,
            canon,
        })
    }

    /// Family of an atom's result.
    fn result(&self, p: &Pat) -> Option<Fam> {
        let Pat::App(i, _) = p else { return None };
        self.isa.atoms[*i as usize].operands.iter().find_map(|o| match o.kind {
            OpdKind::Reg(Mode::Out, f) => Some(f),
            _ => None,
        })
    }

    fn var(&mut self, w: &Word<'_>, kind: VarKind) -> Option<u8> {
        if let Some(i) = self.vars.iter().position(|v| v.name == w.text) {
            let have = self.vars[i].kind;
            let same = match (have, kind) {
                (VarKind::Const(_), VarKind::Const(_)) => true,
                (a, b) => a == b,
            };
            if !same {
                return self.fail(w.span, format!("`{}` is used as {have:?} and as {kind:?}", w.text));
            }
            return Some(i as u8);
        }
        self.vars.push(RuleVar { name: leak(w.text), kind });
        Some(self.vars.len() as u8 - 1)
    }

    fn pat(&mut self, p: &PatAst<'_>, want: Option<VarKind>, lhs: bool) -> Option<Pat> {
        match p {
            PatAst::Word(w) => match want {
                Some(k) => Some(Pat::Var(self.var(w, k)?)),
                None => self.fail(w.span, "an atom is expected here"),
            },
            PatAst::Const(e) => {
                let fam = match want {
                    Some(VarKind::Reg(f @ (Fam::I | Fam::N)) | VarKind::Const(f)) => f,
                    _ => Fam::I,
                };
                if lhs && matches!(e, RExprAst::Bin(..)) {
                    self.out.push(Diagnostic::new(
                        "L1-R01",
                        first_span(e),
                        "a literal on the left side is a number or a name",
                    ));
                    return None;
                }
                Some(Pat::Const(self.cexpr(e, fam)?))
            }
            PatAst::App(name, args) => {
                let Some(i) = self.isa.atom(name.text) else {
                    let near = nearest(name.text, self.isa.atoms.iter().map(|a| a.name));
                    let m = format!("unknown atom `{}`", name.text);
                    let d = Diagnostic::new("L1-R02", name.span, m);
                    self.out.push(match near {
                        Some(n) => d.help(format!("did you mean `{n}`?")),
                        None => d,
                    });
                    return None;
                };
                let info = &self.isa.atoms[i as usize];
                if !info.body.is_pure() {
                    return self.fail(
                        name.span,
                        format!("`{}` has no prim body: rules are about pure atoms", info.name),
                    );
                }
                if let (Some(VarKind::Reg(f)), have) = (want, self.result(&Pat::App(i, &[])))
                    && have != Some(f)
                {
                    return self.fail(
                        name.span,
                        format!("`{}` does not yield a register of family {f:?}", info.name),
                    );
                }
                let places: Vec<&Operand> =
                    info.operands.iter().filter(|o| !matches!(o.kind, OpdKind::Reg(Mode::Out, _))).collect();
                if places.len() != args.len() {
                    let m =
                        format!("`{}` takes {} operands here, not {}", info.name, places.len(), args.len());
                    return self.fail(name.span, m);
                }
                let mut v = Vec::new();
                for (o, a) in places.iter().zip(args) {
                    let kind = match o.kind {
                        OpdKind::Reg(_, f) => VarKind::Reg(f),
                        OpdKind::Mask => VarKind::Mask,
                        OpdKind::Kind => VarKind::Kind,
                        OpdKind::Label { .. } => VarKind::Label,
                        _ => VarKind::Const(self.result(&Pat::App(i, &[])).unwrap_or(Fam::I)),
                    };
                    v.push(self.pat(a, Some(kind), lhs)?);
                }
                Some(Pat::App(i, leak_slice(v)))
            }
        }
    }

    fn cexpr(&mut self, e: &RExprAst<'_>, fam: Fam) -> Option<CExpr> {
        Some(match e {
            RExprAst::Int(i) if fam == Fam::N => CExpr::Num(*i as f64),
            RExprAst::Int(i) => CExpr::Int(*i),
            RExprAst::Num(n) => CExpr::Num(*n),
            RExprAst::Word(w) => CExpr::Var(self.var(w, VarKind::Const(fam))?),
            RExprAst::Bin(a, op, b) => {
                let (a, b) = (self.cexpr(a, fam)?, self.cexpr(b, fam)?);
                CExpr::Bin(*op, Box::leak(Box::new(a)), Box::leak(Box::new(b)))
            }
        })
    }

    fn cond(&mut self, c: &RCondAst<'_>) -> Option<Cond> {
        Some(match c {
            RCondAst::And(a, b) => {
                let (a, b) = (self.cond(a)?, self.cond(b)?);
                Cond::And(Box::leak(Box::new(a)), Box::leak(Box::new(b)))
            }
            RCondAst::Not(a) => Cond::Not(Box::leak(Box::new(self.cond(a)?))),
            RCondAst::Call(f, a) if f.text == "pow2" => Cond::Pow2(self.var(a, VarKind::Const(Fam::I))?),
            RCondAst::Call(f, _) => return self.fail(f.span, format!("unknown test `{}`", f.text)),
            RCondAst::Rel(RExprAst::Word(t), rel @ (Rel::In | Rel::NotIn), RExprAst::Word(m)) => {
                let Some(tag) = tag_named(t.text) else {
                    return self.fail(t.span, format!("unknown tag `{}`", t.text));
                };
                let c = Cond::TagIn(tag, self.var(m, VarKind::Mask)?);
                if *rel == Rel::In { c } else { Cond::Not(Box::leak(Box::new(c))) }
            }
            RCondAst::Rel(a, rel, b) => {
                let Some(bits) = rel.bits() else {
                    return self.fail(first_span(a), "`in` compares a tag with a mask");
                };
                Cond::Cmp(bits, self.cexpr(a, Fam::I)?, self.cexpr(b, Fam::I)?)
            }
        })
    }
}

fn first_span(e: &RExprAst<'_>) -> Span {
    match e {
        RExprAst::Word(w) => w.span,
        RExprAst::Bin(a, ..) => first_span(a),
        RExprAst::Int(_) | RExprAst::Num(_) => (0, 1),
    }
}
