//! Rules as SMT-LIB 2: what Z3 is asked, and the ledger of its answers.
//!
//! I values are 64-bit vectors, N values IEEE doubles, S values a pair of tag (8 bits) and payload (64 bits). An atom
//! with a label means a value and "taken"; both sides of a rule must agree on both, under the rule's condition and
//! what its left side requires; and the right side may require nothing more.
//! The ledger holds one line per rule: name, hash of the question (which contains the meaning of every prim in it),
//! verdict. A machine without Z3 compares hashes; a rule that changed without a new proof fails there too.
use crate::resolve::Spec;
use crate::rules::*;
use crate::schema::*;
use std::fmt::Write;

/// A term by its sort.
#[derive(Clone, Debug)]
enum Sm {
    I(String),
    N(String),
    B(String),
    S(String, String),
    Mask(String),
}

/// Value and branch of one side.
struct Side {
    value: Option<Sm>,
    taken: String,
    /// Facts its atoms need.
    needs: Vec<String>,
}

pub fn bv(v: i64) -> String {
    format!("#x{:016x}", v as u64)
}

/// The text between `(check-sat)`s: first question must be unsat (the sides never differ), the second sat (the left
/// side can occur).
pub struct Question {
    pub differ: String,
    pub occurs: String,
}

impl Question {
    pub fn hash(&self) -> u64 {
        // FNV-1a: stable, and no more is needed
        self.differ
            .bytes()
            .chain(self.occurs.bytes())
            .fold(0xcbf2_9ce4_8422_2325, |h, b| (h ^ u64::from(b)).wrapping_mul(0x0100_0000_01b3))
    }
}

pub fn question(spec: &Spec, rule: &Rule) -> Result<Question, String> {
    let cx = Cx { spec, rule };
    let mut head = String::from("(set-logic ALL)\n");
    for (i, v) in rule.vars.iter().enumerate() {
        let _ = match v.kind {
            VarKind::Reg(Fam::N) => writeln!(head, "(declare-const v{i} (_ FloatingPoint 11 53))"),
            VarKind::Reg(Fam::S) => {
                writeln!(head, "(declare-const v{i}t (_ BitVec 8))\n(declare-const v{i}p (_ BitVec 64))")
            }
            VarKind::Mask => writeln!(head, "(declare-const v{i} (_ BitVec 16))"),
            VarKind::Label => Ok(()),
            _ => writeln!(head, "(declare-const v{i} (_ BitVec 64))"),
        };
        // tags of S registers are below 16
        if v.kind == VarKind::Reg(Fam::S) {
            let _ = writeln!(head, "(assert (bvult v{i}t #x10))");
        }
    }
    if let Some(c) = &rule.cond {
        let _ = writeln!(head, "(assert {})", cx.cond(c)?);
    }
    let l = cx.side(&rule.lhs, None)?;
    for n in &l.needs {
        let _ = writeln!(head, "(assert {n})");
    }
    let r = match rule.rhs {
        Pat::FallThrough => Side { value: None, taken: "false".into(), needs: vec![] },
        Pat::Goto => Side { value: None, taken: "true".into(), needs: vec![] },
        p => cx.side(&p, matches!(l.value, Some(Sm::N(_))).then_some(Fam::N))?,
    };
    let mut same = vec![format!("(= {} {})", l.taken, r.taken)];
    same.extend(r.needs);
    if let (Some(a), Some(b)) = (&l.value, &r.value) {
        let eq = match (a, b) {
            (Sm::S(t, p), Sm::S(u, q)) => format!("(and (= {t} {u}) (= {p} {q}))"),
            // bit for bit: `=` on doubles tells -0.0 from 0.0 and takes all NaNs for one
            (Sm::I(a), Sm::I(b)) | (Sm::N(a), Sm::N(b)) => format!("(= {a} {b})"),
            _ => return Err(format!("rule {}: the sides are of different sorts", rule.name)),
        };
        same.push(format!("(=> (not {}) {eq})", l.taken));
    }
    let differ = format!("{head}(assert (not (and {})))\n(check-sat)\n", same.join(" "));
    Ok(Question { differ, occurs: format!("{head}(check-sat)\n") })
}

struct Cx<'a> {
    spec: &'a Spec,
    rule: &'a Rule,
}

impl Cx<'_> {
    fn cexpr(&self, e: &CExpr) -> String {
        match e {
            CExpr::Int(i) => bv(*i),
            CExpr::Num(n) => bv(n.to_bits() as i64),
            CExpr::Var(v) => format!("v{v}"),
            CExpr::Bin(op, a, b) => {
                let f = match op {
                    '+' => "bvadd",
                    '-' => "bvsub",
                    '*' => "bvmul",
                    '&' => "bvand",
                    '|' => "bvor",
                    _ => "bvshl",
                };
                format!("({f} {} {})", self.cexpr(a), self.cexpr(b))
            }
        }
    }

    fn cond(&self, c: &Cond) -> Result<String, String> {
        Ok(match c {
            Cond::Pow2(v) => {
                format!("(and (bvsgt v{v} {}) (= (bvand v{v} (bvsub v{v} {})) {}))", bv(0), bv(1), bv(0))
            }
            Cond::TagIn(t, m) => format!("(= ((_ extract {t} {t}) v{m}) #b1)"),
            Cond::Cmp(bits, a, b) => {
                let (a, b) = (self.cexpr(a), self.cexpr(b));
                let mut any = Vec::new();
                for (bit, f) in [(1, "bvslt"), (2, "="), (4, "bvsgt")] {
                    if bits & bit != 0 {
                        any.push(format!("({f} {a} {b})"));
                    }
                }
                format!("(or {})", any.join(" "))
            }
            Cond::Not(c) => format!("(not {})", self.cond(c)?),
            Cond::And(a, b) => format!("(and {} {})", self.cond(a)?, self.cond(b)?),
        })
    }

    fn side(&self, p: &Pat, want: Option<Fam>) -> Result<Side, String> {
        let mut needs = Vec::new();
        let (value, taken) = self.pat(p, want, &mut needs)?;
        Ok(Side { value, taken: taken.unwrap_or_else(|| "false".into()), needs })
    }

    /// Value and, for branching atoms, when the branch is taken.
    fn pat(
        &self,
        p: &Pat,
        want: Option<Fam>,
        needs: &mut Vec<String>,
    ) -> Result<(Option<Sm>, Option<String>), String> {
        match p {
            Pat::Var(v) => Ok((
                match self.rule.vars[*v as usize].kind {
                    VarKind::Reg(Fam::N) => Some(Sm::N(format!("v{v}"))),
                    VarKind::Reg(Fam::S) => Some(Sm::S(format!("v{v}t"), format!("v{v}p"))),
                    VarKind::Mask => Some(Sm::Mask(format!("v{v}"))),
                    VarKind::Label => None,
                    VarKind::Reg(_) | VarKind::Const(_) | VarKind::Kind => Some(Sm::I(format!("v{v}"))),
                },
                None,
            )),
            Pat::Const(c) => {
                let bits = self.cexpr(c);
                let double = want == Some(Fam::N);
                Ok((
                    Some(if double { Sm::N(format!("((_ to_fp 11 53) {bits})")) } else { Sm::I(bits) }),
                    None,
                ))
            }
            Pat::App(atom, args) => {
                let info = &self.spec.atoms[*atom as usize];
                let mut vals: Vec<Option<Sm>> = Vec::new();
                let mut rest = args.iter();
                let result = info.operands.iter().find_map(|o| match o.kind {
                    OpdKind::Reg(Mode::Out, f) => Some(f),
                    _ => None,
                });
                for o in info.operands {
                    vals.push(match o.kind {
                        OpdKind::Reg(Mode::Out, _) => None,
                        OpdKind::Reg(_, f) => {
                            let (v, taken) =
                                self.pat(rest.next().ok_or("too few operands")?, Some(f), needs)?;
                            if taken.is_some() {
                                return Err(format!(
                                    "rule {}: a branching atom inside a pattern",
                                    self.rule.name
                                ));
                            }
                            v
                        }
                        _ => self.pat(rest.next().ok_or("too few operands")?, result, needs)?.0,
                    });
                }
                for f in info.requires {
                    needs.push(self.fact(f, &vals)?);
                }
                Ok(match &info.body {
                    Body::Value(e) => (Some(as_int(self.expr(e, &vals)?.0, result)), None),
                    Body::If(e) => match self.expr(e, &vals)?.0 {
                        Sm::B(b) => (None, Some(b)),
                        _ => return Err(format!("{}: `if` of a value", info.name)),
                    },
                    Body::Try(e) => {
                        let (v, o) = self.expr(e, &vals)?;
                        (Some(v), Some(o.ok_or("`try` without `ovf`")?))
                    }
                    Body::Goto => (None, Some("true".into())),
                    Body::Skip => (None, None),
                    Body::Rust(_) | Body::Intrinsic => return Err(format!("{} is not pure", info.name)),
                })
            }
            Pat::FallThrough | Pat::Goto => Err("only as a whole right side".into()),
        }
    }

    fn fact(&self, f: &Fact, vals: &[Option<Sm>]) -> Result<String, String> {
        let get =
            |o: &u8| vals.get(*o as usize).and_then(|v| v.as_ref()).ok_or("a fact about nothing".to_string());
        match f {
            Fact::Tag(o, m) => {
                let Sm::S(t, _) = get(o)? else { return Err("tag of a non-scalar".into()) };
                let mask = match m {
                    MaskRef::Lit(m) => format!("#x{m:04x}"),
                    MaskRef::Opd(i) | MaskRef::NotOpd(i) => match get(i)? {
                        Sm::Mask(v) if matches!(m, MaskRef::Opd(_)) => v.clone(),
                        Sm::Mask(v) => format!("(bvnot {v})"),
                        _ => return Err("no mask".into()),
                    },
                    _ => return Err("this fact has no meaning in SMT".into()),
                };
                Ok(format!("(= ((_ extract 0 0) (bvlshr {mask} ((_ zero_extend 8) {t}))) #b1)"))
            }
            Fact::NonZero(o) => match get(o)? {
                Sm::I(v) => Ok(format!("(not (= {v} {}))", bv(0))),
                Sm::N(v) => Ok(format!("(not (fp.isZero {v}))")),
                _ => Err("not a number".into()),
            },
            f => Err(format!("the fact {f:?} has no meaning in SMT")),
        }
    }

    fn expr(&self, e: &Expr, vals: &[Option<Sm>]) -> Result<(Sm, Option<String>), String> {
        match e {
            Expr::Int(i) => Ok((Sm::I(bv(*i)), None)),
            Expr::Opd(o) => match vals.get(*o as usize) {
                Some(Some(v)) => Ok((v.clone(), None)),
                _ => Err("an operand without value".into()),
            },
            Expr::Call(name, args) => {
                let p = self.spec.prim(name).ok_or_else(|| format!("unknown prim {name}"))?;
                let vals: Result<Vec<Sm>, String> = args
                    .iter()
                    .zip(&p.params)
                    .map(|(a, (ty, _))| match (*ty, a) {
                        ("mask", Expr::Int(m)) => Ok(Sm::Mask(format!("#x{:04x}", *m as u16))),
                        ("tag", Expr::Int(t)) => Ok(Sm::I(format!("#x{:02x}", *t as u8))),
                        ("I", a) => Ok(as_int(self.expr(a, vals)?.0, Some(Fam::I))),
                        (_, a) => Ok(self.expr(a, vals)?.0),
                    })
                    .collect();
                self.prim(p, &vals?)
            }
        }
    }

    fn prim(&self, p: &crate::resolve::Prim, vals: &[Sm]) -> Result<(Sm, Option<String>), String> {
        let line = p.line("smt").ok_or_else(|| format!("prim {} has no `smt` line", p.name))?;
        if let ("box", [Sm::I(t), Sm::I(v)]) = (p.name, vals) {
            return Ok((Sm::S(t.clone(), v.clone()), None));
        }
        let mut text = format!(" {line} ");
        for ((_, name), v) in p.params.iter().zip(vals) {
            text = match v {
                Sm::I(s) | Sm::N(s) | Sm::B(s) | Sm::Mask(s) => replace_word(&text, name, s),
                Sm::S(t, pay) => {
                    text.replace(&format!("(tag {name})"), t).replace(&format!("(payload {name})"), pay)
                }
            };
        }
        let (value, ovf) = match text.split_once(" , ") {
            Some((v, o)) => (v.trim().to_string(), Some(o.trim().to_string())),
            None => (text.trim().to_string(), None),
        };
        let value = match p.result[0] {
            "N" => Sm::N(value),
            "B" => Sm::B(value),
            _ => Sm::I(value),
        };
        Ok((value, ovf))
    }
}

/// A truth value in an I register is 0 or 1.
fn as_int(v: Sm, want: Option<Fam>) -> Sm {
    match v {
        Sm::B(b) if want == Some(Fam::I) => Sm::I(format!("(ite {b} {} {})", bv(1), bv(0))),
        v => v,
    }
}

/// Replaces a word that stands alone between blanks and parentheses.
fn replace_word(text: &str, word: &str, by: &str) -> String {
    let mut out = String::new();
    let mut cur = String::new();
    for c in text.chars() {
        if c.is_whitespace() || c == '(' || c == ')' {
            out += if cur == word { by } else { &cur };
            cur.clear();
            out.push(c);
        } else {
            cur.push(c);
        }
    }
    out + &cur
}

/// Z3's answer to one question.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Verdict {
    Proved,
    /// The sides can differ.
    Refuted,
    /// The left side can never occur.
    Vacuous,
    /// Neither, within the time limit.
    Unknown,
}

impl Verdict {
    pub fn name(self) -> &'static str {
        match self {
            Verdict::Proved => "proved",
            Verdict::Refuted => "refuted",
            Verdict::Vacuous => "vacuous",
            Verdict::Unknown => "unknown",
        }
    }
}

/// Asks the `z3` of the path; `None` if there is none.
pub fn ask(q: &Question) -> Option<Verdict> {
    Some(match (run(&q.differ)?.as_str(), run(&q.occurs)?.as_str()) {
        ("sat", _) => Verdict::Refuted,
        (_, "unsat") => Verdict::Vacuous,
        ("unsat", "sat") => Verdict::Proved,
        _ => Verdict::Unknown,
    })
}

fn run(text: &str) -> Option<String> {
    use std::io::Write as _;
    use std::process::{Command, Stdio};
    let mut child = Command::new("z3")
        .args(["-in", "-T:60"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .ok()?;
    child.stdin.take()?.write_all(text.as_bytes()).ok()?;
    let out = child.wait_with_output().ok()?;
    Some(String::from_utf8_lossy(&out.stdout).lines().next().unwrap_or("").trim().to_string())
}

/// One line of the ledger.
pub fn ledger_line(rule: &Rule, q: &Question, v: Verdict) -> String {
    format!("{:<24} {:016x} {}", rule.name, q.hash(), v.name())
}

/// Is the rule with this question in the ledger as proved?
pub fn in_ledger(ledger: &str, rule: &Rule, q: &Question) -> bool {
    let hash = format!("{:016x}", q.hash());
    ledger.lines().any(|l| l.split_whitespace().eq([rule.name, &hash, "proved"]))
}
