//! The last step of an expansion: one instruction from a name and operands, and what is said if it cannot be.
use super::{Encoded, ExpandError, ExpandSink, Expander, Fresh, Res, err};
use crate::ops::*;
use crate::schema::*;
use crate::select::{self, Miss, Opd};

impl<S: ExpandSink> Expander<'_, S> {
    /// Guards and unboxing of constants, decided now. Tells if control goes on; `None`: nothing to decide.
    pub(super) fn fold(&mut self, info: &InsInfo, opds: &[Opd]) -> Res<Option<bool>> {
        let tag = |o: &Opd| {
            tag_named(match o {
                Opd::Int(_) => "int",
                Opd::Num(_) => "num",
                Opd::Str(..) => "str",
                _ => return None,
            })
        };
        match (info.name, opds) {
            ("br.tag" | "br.ntag", [c, m, l]) => {
                let mask = match m {
                    Opd::Mask(m) => *m,
                    Opd::Word(w) => mask_of([*w]).unwrap_or(MASK_ANY),
                    _ => return Ok(None),
                };
                let Some(t) = tag(c) else { return Ok(None) };
                let taken = (mask >> t & 1 != 0) == (info.name == "br.tag");
                if taken {
                    let jmp = self.atom("jmp")?;
                    self.emit(jmp, std::slice::from_ref(l))?;
                }
                Ok(Some(!taken))
            }
            ("s.geti", [d, c @ Opd::Int(_)]) | ("s.getn", [d, c @ Opd::Num(_)]) => {
                let t = self.atom(if info.name == "s.geti" { "i.const" } else { "n.const" })?;
                self.emit(t, &[d.clone(), c.clone()])?;
                Ok(Some(true))
            }
            _ => Ok(None),
        }
    }

    /// Encodes one instruction, loading constants into registers where registers are wanted.
    pub(super) fn emit(&mut self, t: Target, opds: &[Opd]) -> Res<()> {
        let info = self.set.isa.info(t);
        if info.operands.len() != opds.len() {
            return err(format!(
                "`{}` takes {} operands, here are {}",
                display_name(t, info),
                info.operands.len(),
                opds.len()
            ));
        }
        let (op, mut imm) = match t {
            Target::Atom(i) => (i, 0),
            Target::Rt(id) => {
                let name = if info.label().is_some() { "br.rt" } else { "rt" };
                let Target::Atom(i) = self.atom(name)? else { return err("no rt") };
                (i, id as u64)
            }
        };
        let mut e = Encoded { op, regs: [None; 3], imm: 0, label: None, target: t };
        let mut loaded = Vec::new();
        for (p, o) in info.operands.iter().zip(opds) {
            match (p.kind, o) {
                (OpdKind::Reg(m, fam), o) => {
                    let r = match o {
                        Opd::Reg(g, r) if *g == fam => *r,
                        o if m == Mode::In || m == Mode::Raw => {
                            let r = self.load(fam, o, &display_name(t, info), p)?;
                            loaded.push((fam, r));
                            r
                        }
                        o => return Err(mismatch(t, info, p, o)),
                    };
                    let i = match p.slot {
                        Slot::A => 0,
                        Slot::B => 1,
                        _ => 2,
                    };
                    e.regs[i] = Some((fam, r));
                }
                (OpdKind::Label { .. }, Opd::Label(l)) => e.label = Some((*l, p.slot)),
                (k, o) => {
                    let v = self.immediate(t, info, k, o).ok_or_else(|| mismatch(t, info, p, o))?;
                    imm |= match p.slot {
                        Slot::Hi => v << 32,
                        Slot::Lo => v & 0xffff_ffff,
                        _ => v,
                    };
                }
            }
        }
        e.imm = imm;
        self.atoms += 1;
        if self.atoms > self.limit {
            return err(format!("this op expands to more than {} atoms", self.limit));
        }
        self.sink.ins(&e);
        for (fam, r) in loaded {
            self.sink.free_temp(fam, r);
        }
        Ok(())
    }

    fn immediate(&mut self, t: Target, info: &InsInfo, k: OpdKind, o: &Opd) -> Option<u64> {
        Some(match (k, o) {
            (OpdKind::Imm, Opd::Imm(v)) => *v,
            (OpdKind::Imm, Opd::Int(v)) if self.wants_double(t) => (*v as f64).to_bits(),
            (OpdKind::Imm, Opd::Int(v)) => *v as u64,
            (OpdKind::Imm, Opd::Num(v)) => v.to_bits(),
            (OpdKind::Imm, Opd::Word("new")) => {
                let what = match info.name {
                    "loop" => Fresh::Loop,
                    "cold" => Fresh::Cold,
                    _ => Fresh::Id,
                };
                self.sink.fresh(what).into()
            }
            (OpdKind::Ic, Opd::Ic(i)) => (*i).into(),
            (OpdKind::Ic, Opd::Word("new")) => self.sink.fresh(Fresh::Ic).into(),
            (OpdKind::Sym, Opd::Sym(i)) => (*i).into(),
            (OpdKind::Sym, Opd::Str(s, u)) => self.sink.sym(s, *u).into(),
            (OpdKind::Sym, Opd::Word(w)) => self.sink.sym(w.as_bytes(), false).into(),
            (OpdKind::Konst, Opd::Konst(i)) => (*i).into(),
            (OpdKind::Konst, c @ (Opd::Int(_) | Opd::Num(_) | Opd::Str(..))) => self.sink.konst(c).into(),
            (OpdKind::Mask, Opd::Mask(m)) => (*m).into(),
            (OpdKind::Mask, Opd::Word(w)) => mask_of([*w]).ok()?.into(),
            (OpdKind::Kind, Opd::Kind(k)) => (*k).into(),
            (OpdKind::Kind, Opd::Int(k)) => *k as u64,
            (OpdKind::Kind, Opd::Word(w)) => kind_named(w)?.into(),
            (OpdKind::Ctx, Opd::Ctx(c)) => (*c).into(),
            (OpdKind::Ctx, Opd::Word(w)) => ["void", "scalar", "list"].iter().position(|c| c == w)? as u64,
            _ => return None,
        })
    }

    fn wants_double(&self, t: Target) -> bool {
        let info = self.set.isa.info(t);
        matches!(info.body, Body::Value(Expr::Opd(_)))
            && matches!(info.operands[0].kind, OpdKind::Reg(Mode::Out, Fam::N))
    }

    /// Loads a constant into a new temporary.
    fn load(&mut self, fam: Fam, o: &Opd, whom: &str, p: &Operand) -> Res<u32> {
        let name = match (fam, o) {
            (Fam::I, Opd::Int(_)) => "i.const",
            (Fam::N, Opd::Int(_) | Opd::Num(_)) => "n.const",
            (Fam::S, Opd::Int(_) | Opd::Num(_) | Opd::Str(..) | Opd::Konst(_)) => "s.const",
            (Fam::P, Opd::Konst(_)) => "p.const",
            _ => {
                return err(format!(
                    "operand `{}` of `{whom}` is a register of family {}, here stands {}",
                    p.name,
                    fam.letter(),
                    stands(o)
                ));
            }
        };
        let r = self.sink.temp(fam);
        let t = self.atom(name)?;
        self.emit(t, &[Opd::Reg(fam, r), o.clone()])?;
        Ok(r)
    }
}

fn display_name(t: Target, info: &InsInfo) -> String {
    match t {
        Target::Atom(_) => info.name.to_string(),
        Target::Rt(_) => format!("rt.{}", info.name),
    }
}

/// What an operand is, in the middle of a sentence.
fn stands(o: &Opd) -> String {
    match o {
        Opd::Reg(f, _) => format!("a register of family {}", f.letter()),
        Opd::Str(..)
        | Opd::Konst(_)
        | Opd::Label(_)
        | Opd::Sym(_)
        | Opd::Kind(_)
        | Opd::Ctx(_)
        | Opd::List(_) => {
            format!("a {}", o.describe())
        }
        Opd::Imm(_) | Opd::Ic(_) => format!("an {}", o.describe()),
        o => o.describe(),
    }
}

fn mismatch(t: Target, info: &InsInfo, p: &Operand, o: &Opd) -> ExpandError {
    let want = match p.kind {
        OpdKind::Reg(m, f) => format!("{} register of family {}", m.name(), f.letter()),
        OpdKind::Imm => "number".into(),
        OpdKind::Label { .. } => "label".into(),
        OpdKind::Sym => "symbol".into(),
        OpdKind::Ic => "inline cache (`new`)".into(),
        OpdKind::Konst => "constant".into(),
        OpdKind::Mask => "tag mask".into(),
        OpdKind::Kind => "kind of object".into(),
        OpdKind::Ctx => "context".into(),
        OpdKind::Entry => "runtime entry".into(),
    };
    let article = if want.starts_with(['i', 'o']) { "an" } else { "a" };
    let help = match (p.kind, o) {
        (OpdKind::Mask, _) => Some(format!("tags are {}, any", TAGS.map(|t| t.0).join(", "))),
        (OpdKind::Kind, _) => Some(format!("kinds are {}", KINDS.map(|t| t.0).join(", "))),
        _ => None,
    };
    ExpandError {
        message: format!(
            "operand `{}` of `{}` is {article} {want}, here stands {}",
            p.name,
            display_name(t, info),
            stands(o)
        ),
        span: (0, 0),
        miss: None,
        help,
    }
}

pub(super) fn missing(set: &MacroSet, name: &str, opds: &[Opd], miss: Miss) -> ExpandError {
    let (message, help) = match miss {
        Miss::Unknown => {
            let what = if name.starts_with("rt.") { "runtime entry" } else { "op or atom" };
            let near = nearest_name(set, name);
            (format!("unknown {what} `{name}`"), near.map(|n| format!("did you mean `{n}`?")))
        }
        Miss::Operands => {
            let mut sigs: Vec<String> = set.variants(name).iter().map(|o| o.signature()).collect();
            sigs.extend(select::short_atoms(set.isa, name).map(|i| head_text(&set.isa.atoms[i as usize])));
            let m = format!("no variant of `{name}` takes ({})", select::describe_all(opds));
            (m, Some(format!("there are: {}", sigs.join("; "))))
        }
    };
    ExpandError { message, span: (0, 0), miss: Some(miss), help }
}

/// `i.add(out I d, in I a, in I b)`.
pub fn head_text(info: &InsInfo) -> String {
    let one = |o: &Operand| match o.kind {
        OpdKind::Reg(m, f) => format!("{} {} {}", m.name(), f.letter(), o.name),
        OpdKind::Label { cold: true } => format!("cold {}", o.name),
        OpdKind::Label { .. } => format!("label {}", o.name),
        OpdKind::Konst => format!("k {}", o.name),
        k => format!("{} {}", format!("{k:?}").to_lowercase(), o.name),
    };
    format!("{}({})", info.name, info.operands.iter().map(one).collect::<Vec<_>>().join(", "))
}

fn nearest_name(set: &MacroSet, name: &str) -> Option<String> {
    if let Some(r) = name.strip_prefix("rt.") {
        return crate::diag::nearest(r, set.isa.rts.iter().map(|a| a.name)).map(|n| format!("rt.{n}"));
    }
    let names = set.names();
    let all = set.isa.atoms.iter().map(|a| a.name).chain(names);
    crate::diag::nearest(name, all).map(str::to_string)
}
