//! Expansion-time predicates: the tests of `static if` and `when`.
use super::{Lower, State};
use crate::ast::*;
use crate::diag::Diagnostic;
use crate::ops::*;
use crate::resolve::leak;
use crate::schema::*;

impl Lower<'_, '_> {
    pub(super) fn pred(
        &self,
        p: &Pred<'_>,
        st: &State,
        out: &mut Vec<Diagnostic>,
    ) -> Option<&'static PredDef> {
        let def = match p {
            Pred::Not(a) => PredDef::Not(self.pred(a, st, out)?),
            Pred::And(a, b) => {
                let (a, b) = (self.pred(a, st, out), self.pred(b, st, out));
                PredDef::And(a?, b?)
            }
            Pred::Or(a, b) => {
                let (a, b) = (self.pred(a, st, out), self.pred(b, st, out));
                PredDef::Or(a?, b?)
            }
            Pred::Test(f) => match self.test(f, st) {
                Ok(t) => PredDef::Test(t),
                Err(d) => {
                    out.push(d);
                    return None;
                }
            },
        };
        Some(Box::leak(Box::new(def)))
    }

    fn test(&self, f: &FactAst<'_>, st: &State) -> Result<PredTest, Diagnostic> {
        let bad = || {
            Diagnostic::new("L1-M13", f.span, "this is no expansion-time test").help(
                "tests are const($x), fam($x) == F, tag($x) in int|…, int($x) >= 0, $x == 0, len($list) > 1, \
                 want(list), arch(x86_64), joined by and, or, not",
            )
        };
        let param = |t: &Term<'_>| match &t.kind {
            TermKind::Var(v) => self.var(v, t.span, st),
            _ => Err(bad()),
        };
        let bits = f.rel.bits().unwrap_or(0);
        let number = |t: &Option<Term<'_>>| match t.as_ref().map(|t| &t.kind) {
            Some(TermKind::Int(i)) => Some(*i),
            _ => None,
        };
        let (call, args): (&str, &[Term<'_>]) = match &f.lhs.kind {
            TermKind::Call(w, a) => (w.text, a),
            TermKind::Var(_) if bits != 0 => {
                let k = number(&f.rhs).ok_or_else(bad)?;
                return Ok(PredTest::Cmp(param(&f.lhs)?, bits, k));
            }
            _ => return Err(bad()),
        };
        let [arg] = args else { return Err(bad()) };
        Ok(match (call, f.rel) {
            ("const", Rel::Is) => PredTest::Const(param(arg)?),
            ("fam", Rel::Eq) => match f.rhs.as_ref().map(|t| &t.kind) {
                Some(TermKind::Word(w)) => {
                    let fam = w.chars().next().and_then(Fam::from_letter).filter(|_| w.len() == 1);
                    PredTest::FamIs(param(arg)?, fam.ok_or_else(bad)?)
                }
                _ => return Err(bad()),
            },
            ("tag", Rel::In | Rel::Eq) => {
                let m = match f.rhs.as_ref().map(|t| &t.kind) {
                    Some(TermKind::Word(w)) => mask_of([*w]),
                    Some(TermKind::Mask(v)) => mask_of(v.iter().map(|w| w.text)),
                    _ => return Err(bad()),
                };
                let m = m.map_err(|t| Diagnostic::new("L1-M12", f.span, format!("unknown tag `{t}`")))?;
                PredTest::TagIn(param(arg)?, m)
            }
            ("int", _) if bits != 0 => PredTest::Cmp(param(arg)?, bits, number(&f.rhs).ok_or_else(bad)?),
            ("len", _) if bits != 0 => PredTest::Len(param(arg)?, bits, number(&f.rhs).ok_or_else(bad)?),
            ("want", Rel::Is) => match &arg.kind {
                TermKind::Word(w) => {
                    let c = ["void", "scalar", "list"].iter().position(|c| c == w).ok_or_else(bad)?;
                    PredTest::Want(c as u8)
                }
                _ => return Err(bad()),
            },
            ("arch", Rel::Is) => match &arg.kind {
                TermKind::Word(w) => PredTest::Arch(leak(w)),
                _ => return Err(bad()),
            },
            _ => return Err(bad()),
        })
    }
}
