//! From parsed items to the resolved instruction set.
//!
//! Contract: a [`Spec`] that this module returns satisfies the encoding limits (three registers, one 64-bit or two
//! 32-bit immediates), names no unknown operand, heap, tag or kind, and its tables are in file order: the index in
//! `atoms` is the opcode, the index in `rts` the entry id.
use crate::ast::*;
use crate::diag::Diagnostic;
use crate::schema::*;
use std::collections::HashMap;

/// One primitive with its per-back-end texts.
#[derive(Clone, Debug)]
pub struct Prim {
    pub name: &'static str,
    pub doc: &'static str,
    /// Type and name: `I`, `N`, `S`, `P`, `mask`, `field`, `tag`, `ic`.
    pub params: Vec<(&'static str, &'static str)>,
    /// `I`, `N`, `S`, or `I, ovf`.
    pub result: Vec<&'static str>,
    pub lines: Vec<(&'static str, &'static str)>,
}

impl Prim {
    pub fn line(&self, key: &str) -> Option<&'static str> {
        self.lines.iter().find(|l| l.0 == key).map(|l| l.1)
    }
    pub fn branches(&self) -> bool {
        self.result.len() > 1
    }
}

#[derive(Clone, Debug)]
pub struct Heap {
    pub name: &'static str,
    pub doc: &'static str,
    pub parent: Option<u8>,
}

/// The instruction set.
#[derive(Clone, Debug, Default)]
pub struct Spec {
    pub prims: Vec<Prim>,
    pub heaps: Vec<Heap>,
    pub atoms: Vec<AtomInfo>,
    pub rts: Vec<RtInfo>,
    by_name: HashMap<&'static str, Named>,
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Named {
    Atom(u16),
    Rt(u16),
    Prim(u16),
    Heap(u8),
}

impl Spec {
    pub fn atom(&self, name: &str) -> Option<u16> {
        self.by_name.get(key(Named::Atom(0), name).as_str()).and_then(|n| match n {
            Named::Atom(i) => Some(*i),
            _ => None,
        })
    }
    pub fn rt(&self, name: &str) -> Option<u16> {
        self.by_name.get(key(Named::Rt(0), name).as_str()).and_then(|n| match n {
            Named::Rt(i) => Some(*i),
            _ => None,
        })
    }
    pub fn prim(&self, name: &str) -> Option<&Prim> {
        self.by_name.get(key(Named::Prim(0), name).as_str()).and_then(|n| match n {
            Named::Prim(i) => self.prims.get(*i as usize),
            _ => None,
        })
    }
    pub fn heap(&self, name: &str) -> Option<u8> {
        self.by_name.get(key(Named::Heap(0), name).as_str()).and_then(|n| match n {
            Named::Heap(i) => Some(*i),
            _ => None,
        })
    }

    /// The instruction set in the form that generated statics have; leaked.
    pub fn isa(&self) -> &'static crate::ops::Isa {
        let names = |v: &[InsInfo]| {
            let mut n: Vec<_> = v.iter().enumerate().map(|(i, a)| (a.name, i as u16)).collect();
            n.sort_unstable();
            leak_slice(n)
        };
        Box::leak(Box::new(crate::ops::Isa {
            atoms: leak_slice(self.atoms.clone()),
            rts: leak_slice(self.rts.clone()),
            atom_names: names(&self.atoms),
            rt_names: names(&self.rts),
            heaps: leak_slice(self.heaps.iter().map(|h| (h.name, h.parent)).collect()),
        }))
    }

    fn define(&mut self, word: &Word<'_>, n: Named, out: &mut Vec<Diagnostic>) -> &'static str {
        let k = leak(&key(n, word.text));
        if self.by_name.insert(k, n).is_some() {
            out.push(Diagnostic::new("L1-S01", word.span, format!("`{}` is defined twice", word.text)));
        }
        leak(word.text)
    }

    /// Adds the items of one file. Ops are not handled here.
    pub fn add_items(&mut self, items: &[Item<'_>]) -> Vec<Diagnostic> {
        let mut out = Vec::new();
        let mut group = "";
        for it in items {
            let doc = leak(&it.docs.join("\n"));
            match &it.kind {
                ItemKind::Group(w) => group = leak(w.text),
                ItemKind::Heap(w, parent) => {
                    let parent = parent.as_ref().and_then(|p| {
                        let h = self.heap(p.text);
                        if h.is_none() {
                            out.push(Diagnostic::new(
                                "L1-S02",
                                p.span,
                                format!("no heap `{}` above", p.text),
                            ));
                        }
                        h
                    });
                    let name = self.define(w, Named::Heap(self.heaps.len() as u8), &mut out);
                    self.heaps.push(Heap { name, doc, parent });
                }
                ItemKind::Prim(p) => {
                    let name = self.define(&p.name, Named::Prim(self.prims.len() as u16), &mut out);
                    let params = p.params.iter().filter_map(|q| match &q.words[..] {
                        [t, n] => Some((leak(t.text), leak(n.text))),
                        _ => {
                            out.push(Diagnostic::new("L1-S03", q.span, "a prim parameter is `TYPE name`"));
                            None
                        }
                    });
                    let params = params.collect();
                    let result = p.result.iter().map(|w| leak(w.text)).collect();
                    let lines = p.lines.iter().map(|l| (leak(l.0.text), leak(l.1))).collect();
                    self.prims.push(Prim { name, doc, params, result, lines });
                }
                ItemKind::Atom(h) => {
                    if let Some(info) = self.head(h, group, doc, false, &mut out) {
                        self.define(&h.name, Named::Atom(self.atoms.len() as u16), &mut out);
                        self.atoms.push(info);
                    }
                }
                ItemKind::Rt(h) => {
                    if let Some(info) = self.head(h, group, doc, true, &mut out) {
                        self.define(&h.name, Named::Rt(self.rts.len() as u16), &mut out);
                        self.rts.push(info);
                    }
                }
                ItemKind::Op(o) => {
                    out.push(Diagnostic::new("L1-S04", o.name.span, "ops belong into ops/*.l1"));
                }
            }
        }
        out
    }

    fn head(
        &self,
        h: &Head<'_>,
        group: &'static str,
        doc: &'static str,
        rt: bool,
        out: &mut Vec<Diagnostic>,
    ) -> Option<InsInfo> {
        let n = out.len();
        let mut operands = Vec::new();
        for (i, p) in h.params.iter().enumerate() {
            match operand(p, i) {
                Ok(o) => operands.push(o),
                Err(d) => out.push(d),
            }
        }
        if out.len() > n {
            return None;
        }
        if let Err(m) = assign_slots(&mut operands, rt) {
            out.push(Diagnostic::new("L1-S05", h.name.span, format!("`{}` {m}", h.name.text)));
            return None;
        }
        let operands: &'static [Operand] = Box::leak(operands.into_boxed_slice());
        let cx = Cx { spec: self, operands, out };
        let (mut requires, mut proves, mut reads, mut writes) = (vec![], vec![], vec![], vec![]);
        let mut flags = Flags::default();
        for c in &h.clauses {
            match c {
                Clause::Requires(v) => {
                    requires.extend(v.iter().filter_map(|f| cx_fact(cx.operands, f, cx.out)))
                }
                Clause::Proves(v) => proves.extend(v.iter().filter_map(|f| cx_fact(cx.operands, f, cx.out))),
                Clause::Reads(v) => {
                    reads.extend(v.iter().filter_map(|t| cx.spec.loc(cx.operands, t, cx.out)))
                }
                Clause::Writes(v) => {
                    writes.extend(v.iter().filter_map(|t| cx.spec.loc(cx.operands, t, cx.out)))
                }
                Clause::Flag(w) => match Flags::NAMES.iter().position(|f| *f == w.text) {
                    Some(b) => flags.0 |= 1 << b,
                    None => cx.out.push(
                        Diagnostic::new("L1-S06", w.span, format!("unknown flag `{}`", w.text))
                            .help(format!("flags are {}", Flags::NAMES.join(", "))),
                    ),
                },
            }
        }
        let body = match &h.body {
            BodyAst::Intrinsic => Body::Intrinsic,
            BodyAst::Rust(w) => Body::Rust(leak(w.text)),
            BodyAst::Goto(_) => Body::Goto,
            BodyAst::Value(Term { kind: TermKind::Word("skip"), .. }) => Body::Skip,
            BodyAst::Value(t) => Body::Value(self.expr(operands, t, cx.out)?),
            BodyAst::Try(t, _) => Body::Try(self.expr(operands, t, cx.out)?),
            BodyAst::If(t, _) => Body::If(self.expr(operands, t, cx.out)?),
        };
        let branch = matches!(body, Body::Goto | Body::Try(_) | Body::If(_));
        if branch && !operands.iter().any(Operand::is_label) {
            cx.out.push(Diagnostic::new(
                "L1-S07",
                h.name.span,
                "the body branches but the head has no label",
            ));
        }
        (cx.out.len() == n).then_some(InsInfo {
            name: leak(h.name.text),
            group,
            doc,
            operands,
            requires: leak_slice(requires),
            proves: leak_slice(proves),
            reads: leak_slice(reads),
            writes: leak_slice(writes),
            flags,
            body,
        })
    }

    fn loc(&self, operands: &[Operand], t: &Term<'_>, out: &mut Vec<Diagnostic>) -> Option<Loc> {
        let (name, args): (&str, &[Term<'_>]) = match &t.kind {
            TermKind::Word(w) => (w, &[]),
            TermKind::Call(w, a) | TermKind::Index(w, a) => (w.text, a),
            _ => return None,
        };
        let Some(heap) = self.heap(name) else {
            let help = crate::diag::nearest(name, self.heaps.iter().map(|h| h.name));
            let d = Diagnostic::new("L1-S08", t.span, format!("unknown heap `{name}`"));
            out.push(match help {
                Some(h) => d.help(format!("`{h}`?")),
                None => d,
            });
            return None;
        };
        let mut place = |t: Option<&Term<'_>>| match t.map(|t| (&t.kind, t.span)) {
            None | Some((TermKind::Star, _)) => Some(Place::Any),
            Some((TermKind::Word("end"), _)) => Some(Place::End),
            Some((TermKind::Word(w) | TermKind::Var(w), span)) => match operand_index(operands, w) {
                Some(i) => Some(Place::Opd(i)),
                None => {
                    out.push(Diagnostic::new("L1-S09", span, format!("`{w}` is no operand of this head")));
                    None
                }
            },
            Some((_, span)) => {
                out.push(Diagnostic::new("L1-S09", span, "a location names operands, `*` or `end`"));
                None
            }
        };
        Some(Loc { heap, base: place(args.first())?, index: place(args.get(1))? })
    }

    fn expr(&self, operands: &[Operand], t: &Term<'_>, out: &mut Vec<Diagnostic>) -> Option<Expr> {
        Some(match &t.kind {
            TermKind::Int(i) => Expr::Int(*i),
            TermKind::Word(w) | TermKind::Var(w) => {
                if let Some(i) = operand_index(operands, w) {
                    Expr::Opd(i)
                } else if let Some(t) = tag_named(w) {
                    Expr::Int(t.into())
                } else {
                    Expr::Call(leak(w), &[])
                }
            }
            TermKind::Call(w, a) => {
                let Some(p) = self.prim(w.text) else {
                    out.push(Diagnostic::new("L1-S10", w.span, format!("unknown prim `{}`", w.text)));
                    return None;
                };
                if p.params.len() != a.len() {
                    let m =
                        format!("prim `{}` takes {} operands, here are {}", w.text, p.params.len(), a.len());
                    out.push(Diagnostic::new("L1-S11", t.span, m));
                    return None;
                }
                let args: Option<Vec<_>> = a
                    .iter()
                    .zip(&p.params)
                    .map(|(x, (ty, _))| match &x.kind {
                        // tagin(a, undef): a mask may be written as a tag name
                        TermKind::Word(n) if *ty == "mask" && operand_index(operands, n).is_none() => {
                            tag_named(n).map(|t| Expr::Int(1 << t))
                        }
                        _ => self.expr(operands, x, out),
                    })
                    .collect();
                Expr::Call(leak(w.text), leak_slice(args?))
            }
            _ => {
                out.push(Diagnostic::new("L1-S12", t.span, "not an expression of the prim language"));
                return None;
            }
        })
    }
}

struct Cx<'a> {
    spec: &'a Spec,
    operands: &'static [Operand],
    out: &'a mut Vec<Diagnostic>,
}

fn key(n: Named, name: &str) -> String {
    let class = match n {
        Named::Atom(_) => 'a',
        Named::Rt(_) => 'r',
        Named::Prim(_) => 'p',
        Named::Heap(_) => 'h',
    };
    format!("{class}:{name}")
}

pub(crate) fn leak(s: &str) -> &'static str {
    if s.is_empty() { "" } else { Box::leak(s.to_owned().into_boxed_str()) }
}

pub(crate) fn leak_slice<T>(v: Vec<T>) -> &'static [T] {
    Box::leak(v.into_boxed_slice())
}

fn operand_index(operands: &[Operand], name: &str) -> Option<u8> {
    operands.iter().position(|o| o.name == name).map(|i| i as u8)
}

pub(crate) fn mode_named(w: &str) -> Option<Mode> {
    [Mode::In, Mode::Raw, Mode::Out, Mode::Inout, Mode::Take].into_iter().find(|m| m.name() == w)
}

fn operand(p: &Param<'_>, index: usize) -> Result<Operand, Diagnostic> {
    let bad = |m: String| Err(Diagnostic::new("L1-S13", p.span, m));
    let first = p.words[0].text;
    let (kind, rest) = if let Some(mode) = mode_named(first) {
        let fam = p.words.get(1).and_then(|w| {
            let mut c = w.text.chars();
            let f = c.next().and_then(Fam::from_letter);
            if c.next().is_some() { None } else { f }
        });
        let Some(fam) = fam else { return bad(format!("`{first}` needs a family: I, N, S or P")) };
        (OpdKind::Reg(mode, fam), &p.words[2..])
    } else {
        let kind = match first {
            "imm" => OpdKind::Imm,
            "label" => OpdKind::Label { cold: false },
            "cold" => OpdKind::Label { cold: true },
            "sym" => OpdKind::Sym,
            "ic" => OpdKind::Ic,
            "k" => OpdKind::Konst,
            "mask" => OpdKind::Mask,
            "kind" => OpdKind::Kind,
            "ctx" => OpdKind::Ctx,
            "entry" => OpdKind::Entry,
            w => return bad(format!("`{w}` is no operand class")),
        };
        (kind, &p.words[1..])
    };
    let name = match (rest, &p.var) {
        ([], None) => leak(&(index + 1).to_string()),
        ([w], None) => leak(w.text),
        ([], Some(v)) => leak(v.text),
        _ => return bad("an operand is a class and one name".into()),
    };
    Ok(Operand { kind, name, slot: Slot::Imm })
}

/// Registers to a, b, c in order; immediates to the whole, or the halves, of `imm`.
fn assign_slots(operands: &mut [Operand], rt: bool) -> Result<(), String> {
    let mut regs = [Slot::A, Slot::B, Slot::C].into_iter();
    let imms = operands.iter().filter(|o| o.reg().is_none()).count();
    let limit = if rt { 1 } else { 2 };
    if imms > limit {
        return Err(format!("has {imms} immediates, at most {limit} can be encoded"));
    }
    let has_label = operands.iter().any(Operand::is_label);
    if operands.iter().filter(|o| o.is_label()).count() > 1 {
        return Err("has two labels".into());
    }
    let mut halves = if has_label { [Slot::Hi, Slot::Hi] } else { [Slot::Lo, Slot::Hi] }.into_iter();
    let entry = operands.iter().any(|o| o.kind == OpdKind::Entry);
    for o in operands {
        o.slot = match o.kind {
            OpdKind::Reg(..) => regs.next().ok_or("has more than three registers")?,
            _ if rt => Slot::Hi,
            OpdKind::Entry => Slot::Lo,
            _ if entry => Slot::Hi,
            OpdKind::Konst | OpdKind::Sym | OpdKind::Ic if imms == 1 => Slot::Lo,
            _ if imms == 1 => Slot::Imm,
            OpdKind::Label { .. } => Slot::Lo,
            _ => halves.next().ok_or("has too many immediates")?,
        };
    }
    Ok(())
}

/// The facts of atoms and entries, from their generic syntax.
fn cx_fact(operands: &[Operand], f: &FactAst<'_>, out: &mut Vec<Diagnostic>) -> Option<Fact> {
    match fact(operands, f) {
        Ok(f) => Some(f),
        Err(m) => {
            out.push(Diagnostic::new("L1-S14", f.span, m).help(
                "facts: tag(s) [not] in m, tag(s)=t, kind(p)=k, plain(p,k), inb(p,i), x != null, x != 0, x = 0, \
                 a = b, class(s,ic), code(p,ic), fresh(p), borrowed(s)",
            ));
            None
        }
    }
}

fn fact(operands: &[Operand], f: &FactAst<'_>) -> Result<Fact, String> {
    let opd = |t: &Term<'_>| match &t.kind {
        TermKind::Word(w) | TermKind::Var(w) => {
            operand_index(operands, w).ok_or_else(|| format!("`{w}` is no operand of this head"))
        }
        _ => Err("an operand is expected here".into()),
    };
    let kind = |t: &Term<'_>| match &t.kind {
        TermKind::Call(w, a) if w.text == "kindof" && a.len() == 1 => opd(&a[0]).map(KindRef::OfConst),
        TermKind::Call(w, a) if w.text == "kind" && a.len() == 1 => opd(&a[0]).map(KindRef::SameAs),
        TermKind::Word(w) => match operand_index(operands, w) {
            Some(i) if operands[i as usize].kind == OpdKind::Kind => Ok(KindRef::Opd(i)),
            _ => kind_named(w).map(KindRef::Lit).ok_or_else(|| format!("unknown kind `{w}`")),
        },
        _ => Err("a kind is expected here".into()),
    };
    let mask = |t: &Term<'_>| match &t.kind {
        TermKind::Call(w, a) if w.text == "tagof" && a.len() == 1 => opd(&a[0]).map(MaskRef::OfConst),
        TermKind::Call(w, a) if w.text == "tag" && a.len() == 1 => opd(&a[0]).map(MaskRef::SameAs),
        TermKind::Word(w) => match operand_index(operands, w) {
            Some(i) if operands[i as usize].kind == OpdKind::Mask => Ok(MaskRef::Opd(i)),
            _ => mask_of([*w]).map(MaskRef::Lit).map_err(|n| format!("unknown tag `{n}`")),
        },
        TermKind::Mask(v) => {
            mask_of(v.iter().map(|w| w.text)).map(MaskRef::Lit).map_err(|n| format!("unknown tag `{n}`"))
        }
        _ => Err("a tag or mask is expected here".into()),
    };
    let (call, args): (&str, &[Term<'_>]) = match &f.lhs.kind {
        TermKind::Call(w, a) => (w.text, a),
        _ => ("", &[]),
    };
    Ok(match (call, args, f.rel, &f.rhs) {
        ("tag", [a], Rel::Eq | Rel::In, Some(r)) => Fact::Tag(opd(a)?, mask(r)?),
        ("tag", [a], Rel::NotIn | Rel::Ne, Some(r)) => Fact::Tag(
            opd(a)?,
            match mask(r)? {
                MaskRef::Lit(m) => MaskRef::Lit(!m),
                MaskRef::Opd(i) => MaskRef::NotOpd(i),
                _ => return Err("`not in` needs a mask".into()),
            },
        ),
        ("kind", [a], Rel::Eq, Some(r)) => Fact::Kind(opd(a)?, kind(r)?),
        ("plain", [a, k], Rel::Is, None) => Fact::Plain(opd(a)?, kind(k)?),
        ("inb", [a, i], Rel::Is, None) => Fact::Inb(opd(a)?, opd(i)?),
        ("class", [a, i], Rel::Is, None) => Fact::Class(opd(a)?, opd(i)?),
        ("code", [a, i], Rel::Is, None) => Fact::Code(opd(a)?, opd(i)?),
        ("fresh", [a], Rel::Is, None) => Fact::Fresh(opd(a)?),
        ("borrowed", [a], Rel::Is, None) => Fact::Borrowed(opd(a)?),
        ("", _, rel, Some(r)) => match (&r.kind, rel) {
            (TermKind::Word("null"), Rel::Ne) => Fact::NonNull(opd(&f.lhs)?),
            (TermKind::Int(0), Rel::Ne) => Fact::NonZero(opd(&f.lhs)?),
            (TermKind::Int(0), Rel::Eq) => Fact::Zero(opd(&f.lhs)?),
            (_, Rel::Eq) => Fact::Same(opd(&f.lhs)?, opd(r)?),
            _ => return Err("unknown form of fact".into()),
        },
        (c, ..) => return Err(format!("unknown form of fact `{c}`")),
    })
}
