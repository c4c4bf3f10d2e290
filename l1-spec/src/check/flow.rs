//! The dataflow over one expanded op, and the messages that come out of it.
use super::facts::{F, Reg, Span, State};
use super::{LOCAL_LABELS, span};
use crate::diag::Diagnostic;
use crate::ops::*;
use crate::record::{Event, Line, Recorder};
use crate::schema::*;
use crate::select::Opd;
use std::collections::HashMap;

pub fn check(
    isa: &'static Isa,
    op: &'static OpDef,
    opds: &[Opd],
    rec: &Recorder,
    ctx: u8,
) -> Vec<Diagnostic> {
    let mut code: Vec<&Line> = Vec::new();
    let mut labels: HashMap<u32, usize> = HashMap::new();
    // Hot code falls out of its end into the end of the op; cold sections never do.
    let mut hot_end = 0;
    for (i, section) in rec.sections.iter().enumerate() {
        for e in section {
            match e {
                Event::Ins(l) => code.push(l),
                Event::Bind(l) => {
                    labels.insert(*l, code.len());
                }
            }
        }
        if i == 0 {
            hot_end = code.len();
            for at in labels.values_mut().filter(|at| **at == hot_end) {
                *at = usize::MAX;
            }
        }
    }
    let cx = Cx { isa, op, opds, rec, code, labels, hot_end, ctx };
    let mut out = Vec::new();
    let states = cx.solve();
    let mut end = states.end.clone();
    for (i, s) in states.at.iter().enumerate() {
        if let Some(s) = s {
            cx.report(i, s, &mut out);
        }
    }
    if let Some(s) = end.take() {
        cx.report_end(&s, &mut out);
    }
    out
}

struct Cx<'a> {
    isa: &'static Isa,
    op: &'static OpDef,
    opds: &'a [Opd],
    rec: &'a Recorder,
    code: Vec<&'a Line>,
    /// Index of the instruction after the label; `usize::MAX` is the end of the op.
    labels: HashMap<u32, usize>,
    hot_end: usize,
    ctx: u8,
}

struct States {
    at: Vec<Option<State>>,
    end: Option<State>,
}

/// An operand of a recorded instruction.
enum Val {
    Reg(Reg, Fam, Mode),
    Imm(u64),
    None,
}

impl Cx<'_> {
    fn info(&self, i: usize) -> &'static InsInfo {
        self.isa.info(self.code[i].ins.target)
    }

    fn val(&self, i: usize, o: u8) -> Val {
        let (info, e) = (self.info(i), &self.code[i].ins);
        let Some(p) = info.operands.get(o as usize) else { return Val::None };
        let reg = |n: usize, m| e.regs[n].map_or(Val::None, |(f, r)| Val::Reg(r, f, m));
        match (p.kind, p.slot) {
            (OpdKind::Reg(m, _), Slot::A) => reg(0, m),
            (OpdKind::Reg(m, _), Slot::B) => reg(1, m),
            (OpdKind::Reg(m, _), _) => reg(2, m),
            (OpdKind::Label { .. }, _) => Val::None,
            (_, Slot::Lo) => Val::Imm(e.imm & 0xffff_ffff),
            (_, Slot::Hi) => Val::Imm(e.imm >> 32),
            _ => Val::Imm(e.imm),
        }
    }

    fn reg(&self, i: usize, o: u8) -> Option<Reg> {
        match self.val(i, o) {
            Val::Reg(r, ..) => Some(r),
            _ => None,
        }
    }

    fn regs(&self, i: usize) -> impl Iterator<Item = (Reg, Fam, Mode)> + '_ {
        (0..self.info(i).operands.len()).filter_map(move |o| match self.val(i, o as u8) {
            Val::Reg(r, f, m) => Some((r, f, m)),
            _ => None,
        })
    }

    fn kind(&self, i: usize, k: KindRef, s: &State) -> Option<u8> {
        match k {
            KindRef::Lit(k) => Some(k),
            KindRef::Opd(o) => match self.val(i, o) {
                Val::Imm(k) => Some(k as u8),
                _ => None,
            },
            KindRef::SameAs(o) => {
                let r = self.reg(i, o)?;
                s.facts.iter().find_map(|f| match f {
                    F::Kind(a, k) | F::Plain(a, k) if *a == r => Some(*k),
                    _ => None,
                })
            }
            KindRef::OfConst(_) => None,
        }
    }

    fn mask(&self, i: usize, m: MaskRef, s: &State) -> Mask {
        match m {
            MaskRef::Lit(m) => m,
            MaskRef::Opd(o) => match self.val(i, o) {
                Val::Imm(m) => m as Mask,
                _ => MASK_ANY,
            },
            MaskRef::NotOpd(o) => match self.val(i, o) {
                Val::Imm(m) => !(m as Mask),
                _ => MASK_ANY,
            },
            MaskRef::SameAs(o) => self.reg(i, o).map_or(MASK_ANY, |r| s.tag(r)),
            MaskRef::OfConst(o) => match self.val(i, o) {
                Val::Imm(k) => {
                    let tag = match self.rec.consts.get(k as usize) {
                        Some(Opd::Int(_)) => "int",
                        Some(Opd::Num(_)) => "num",
                        Some(Opd::Str(..)) => "str",
                        _ => return MASK_ANY,
                    };
                    mask_of([tag]).unwrap_or(MASK_ANY)
                }
                _ => MASK_ANY,
            },
        }
    }

    /// The fact with registers instead of operand numbers.
    fn fact(&self, i: usize, f: &Fact, s: &State) -> Option<F> {
        let imm = |o: u8| match self.val(i, o) {
            Val::Imm(v) => Some(v as u32),
            _ => None,
        };
        Some(match *f {
            Fact::Tag(..) => return None,
            Fact::Kind(o, k) => F::Kind(self.reg(i, o)?, self.kind(i, k, s)?),
            Fact::Plain(o, k) => F::Plain(self.reg(i, o)?, self.kind(i, k, s)?),
            Fact::Inb(a, b) => F::Inb(self.reg(i, a)?, self.reg(i, b)?),
            Fact::NonNull(o) => F::NonNull(self.reg(i, o)?),
            Fact::NonZero(o) => F::NonZero(self.reg(i, o)?),
            Fact::Zero(o) => F::Zero(self.reg(i, o)?),
            Fact::Same(a, b) => F::Same(self.reg(i, a)?, self.reg(i, b)?),
            Fact::Class(o, x) => F::Class(self.reg(i, o)?, imm(x)?),
            Fact::Code(o, x) => F::Code(self.reg(i, o)?, imm(x)?),
            Fact::Fresh(o) => F::Fresh(self.reg(i, o)?),
            Fact::Borrowed(o) => F::Borrowed(self.reg(i, o)?),
        })
    }

    fn entry(&self) -> State {
        let mut s = State::default();
        for (i, p) in self.op.params.iter().enumerate() {
            let ParamKind::Reg(m, _) = p.kind else { continue };
            if m != Mode::Out {
                s.assigned.insert(i as Reg);
                // by contract of `in P`: the caller has an object
                if matches!(self.opds[i], Opd::Reg(Fam::P, _)) {
                    s.facts.insert(F::NonNull(i as Reg));
                }
            }
        }
        for o in self.opds {
            if let Opd::List(v) = o {
                for r in v {
                    if let Opd::Reg(f, r) = r {
                        s.assigned.insert(*r);
                        if *f == Fam::P {
                            s.facts.insert(F::NonNull(*r));
                        }
                    }
                }
            }
        }
        s
    }

    /// States after the instruction: on fall-through and on the branch.
    fn step(&self, i: usize, before: &State) -> (State, State) {
        let (info, line) = (self.info(i), self.code[i]);
        let mut s = before.clone();
        // facts and tags that refer to operands are evaluated before the operands change
        let gen_facts: Vec<F> = info.proves.iter().filter_map(|f| self.fact(i, f, before)).collect();
        let gen_tags: Vec<(Reg, Mask)> = info
            .proves
            .iter()
            .filter_map(|f| match f {
                Fact::Tag(o, m) => Some((self.reg(i, *o)?, self.mask(i, *m, before))),
                _ => None,
            })
            .collect();
        for (r, _, m) in self.regs(i) {
            if m.writes() {
                s.define(r);
                if let Some(p) = self.op.params.get(r as usize)
                    && matches!(p.kind, ParamKind::Reg(..))
                {
                    s.written.entry(r).or_insert(line.span);
                }
            }
        }
        for w in info.writes {
            s.clobber(self.isa.heaps[w.heap as usize].0);
        }
        if info.flags.has(Flags::PERL) {
            s.clobber("World");
        }
        let effect = Flags::WARNS | Flags::PERL | Flags::ORDERED | Flags::SYNC;
        if s.effect.is_none() && (!info.writes.is_empty() || info.flags.0 & effect != 0) {
            s.effect = Some((line.span, info.name));
        }
        let mut taken = s.clone();
        for (r, _, m) in self.regs(i) {
            if m == Mode::Take {
                s.taken.insert(r, line.span);
                taken.taken.insert(r, line.span);
            }
        }
        for (r, m) in gen_tags {
            let known = if self.regs(i).any(|x| x.0 == r && x.2.writes()) { MASK_ANY } else { before.tag(r) };
            // what the branch knows is the opposite
            if info.label().is_some() {
                taken.tags.insert(r, known & !m);
            }
            s.tags.insert(r, known & m);
        }
        for f in gen_facts {
            match f {
                F::Zero(r) if info.label().is_some() => {
                    taken.facts.insert(F::NonZero(r));
                }
                F::NonZero(r) if info.label().is_some() => {
                    taken.facts.insert(F::Zero(r));
                }
                _ => {}
            }
            s.facts.insert(f);
        }
        // a literal that is not zero
        if let (Body::Value(Expr::Opd(o)), Some(d)) = (info.body, self.reg(i, 0)) {
            match self.val(i, o) {
                Val::Imm(v) if v != 0 => {
                    s.facts.insert(F::NonZero(d));
                }
                Val::Reg(src, ..) if before.holds(F::NonZero(src)) => {
                    s.facts.insert(F::NonZero(d));
                }
                _ => {}
            }
        }
        (s, taken)
    }

    fn solve(&self) -> States {
        let n = self.code.len();
        let mut st = States { at: vec![None; n], end: None };
        let mut work = Vec::new();
        let flow = |st: &mut States, work: &mut Vec<usize>, to: usize, s: &State| {
            let slot = if to == usize::MAX { &mut st.end } else { &mut st.at[to] };
            let changed = match slot {
                None => {
                    *slot = Some(s.clone());
                    true
                }
                Some(old) => old.meet(s),
            };
            if changed && to != usize::MAX {
                work.push(to);
            }
        };
        let next = |i: usize| if i + 1 == self.hot_end || i + 1 == n { usize::MAX } else { i + 1 };
        flow(&mut st, &mut work, if self.hot_end == 0 { usize::MAX } else { 0 }, &self.entry());
        while let Some(i) = work.pop() {
            let Some(before) = st.at[i].clone() else { continue };
            let (fall, taken) = self.step(i, &before);
            if let Some((l, _)) = self.code[i].ins.label
                && let Some(&to) = self.labels.get(&l)
            {
                flow(&mut st, &mut work, to, &taken);
            }
            if !self.info(i).ends_block() {
                flow(&mut st, &mut work, next(i), &fall);
            }
        }
        st
    }

    // ---- messages ---------------------------------------------------------------------------------------------

    fn name(&self, r: Reg) -> String {
        if let Some(p) = self.op.params.get(r as usize) {
            return format!("${}", p.name);
        }
        match self.rec.temp_names.iter().find(|t| t.0 == r) {
            Some(t) => t.1.clone(),
            None => "a constant".into(),
        }
    }

    fn ins_name(&self, i: usize) -> String {
        match self.code[i].ins.target {
            Target::Atom(_) => self.info(i).name.to_string(),
            Target::Rt(_) => format!("rt.{}", self.info(i).name),
        }
    }

    fn report(&self, i: usize, s: &State, out: &mut Vec<Diagnostic>) {
        let (line, info) = (self.code[i], self.info(i));
        let at = span(line.span);
        let own = line.depth == 1;
        let name = self.ins_name(i);
        for (r, fam, m) in self.regs(i) {
            let param = self.op.params.get(r as usize).map(|p| p.kind);
            let low = matches!(fam, Fam::I | Fam::N);
            let is_out = matches!(param, Some(ParamKind::Reg(Mode::Out, _)));
            if m.reads() && !s.assigned.contains(&r) && (low || is_out) && own {
                let what = if is_out { "an `out` parameter" } else { "a temporary" };
                out.push(
                    Diagnostic::new(
                        "L1-V05",
                        at,
                        format!(
                            "`{name}` reads {}, {what} that is not assigned on every path to here",
                            self.name(r)
                        ),
                    )
                    .help("assign it before, on all paths"),
                );
            }
            if m.reads()
                && own
                && name != "s.drop"
                && name != "p.drop"
                && let Some(t) = s.taken.get(&r)
            {
                out.push(
                    Diagnostic::new(
                        "L1-V06",
                        at,
                        format!("`{name}` reads {} whose value was taken", self.name(r)),
                    )
                    .note(format!("taken by the statement in line {}", self.line_of(*t)))
                    .help("`take` moves the value out; use `copy` before, or read it earlier"),
                );
            }
            if let Some(ParamKind::Reg(pm @ (Mode::In | Mode::Raw), _)) = param
                && m.writes()
            {
                let verb = if m == Mode::Take { "takes" } else { "writes" };
                out.push(
                    Diagnostic::new(
                        "L1-V06",
                        at,
                        format!("`{name}` {verb} {}, which is an `{}` parameter", self.name(r), pm.name()),
                    )
                    .help(if m == Mode::Take {
                        "declare it `take` or `inout`"
                    } else {
                        "declare it `out` or `inout`"
                    }),
                );
            }
            self.alias_law(i, r, fam, m, s, out);
        }
        if own {
            for f in info.requires {
                self.requires(i, f, s, out);
            }
        }
        if let Some((l, _)) = line.ins.label {
            if l >= LOCAL_LABELS && !self.labels.contains_key(&l) {
                let label = self.label_name(l).unwrap_or("label");
                out.push(Diagnostic::new(
                    "L1-C06",
                    at,
                    format!("`{label}` is not defined under this `static if`"),
                ));
            }
            self.restart_law(i, l, s, out);
        }
        if self.op.pure && (!info.writes.is_empty() || info.flags.0 & !Flags::ALLOC != 0) {
            let mut why: Vec<String> =
                info.writes.iter().map(|w| format!("writes {}", self.isa.heaps[w.heap as usize].0)).collect();
            why.extend(info.flags.names().filter(|n| *n != "alloc").map(str::to_string));
            out.push(
                Diagnostic::new(
                    "L1-V11",
                    at,
                    format!("`{}` is asserted to be pure, but `{name}` is not", self.op.name),
                )
                .note(why.join(", ")),
            );
        }
    }

    fn alias_law(&self, i: usize, r: Reg, fam: Fam, m: Mode, s: &State, out: &mut Vec<Diagnostic>) {
        let line = self.code[i];
        let is_in = |r: Reg| {
            matches!(
                self.op.params.get(r as usize).map(|p| p.kind),
                Some(ParamKind::Reg(Mode::In | Mode::Raw | Mode::Take, _))
            )
        };
        if !m.reads() || !is_in(r) {
            return;
        }
        for (w, t) in &s.written {
            let Some(ParamKind::Reg(Mode::Out, _)) = self.op.params.get(*w as usize).map(|p| p.kind) else {
                continue;
            };
            let same_family = matches!(self.opds[*w as usize], Opd::Reg(f, _) if f == fam);
            if same_family && (line.depth == 1 || line.span != *t) {
                out.push(
                    Diagnostic::new(
                        "L1-V10",
                        span(line.span),
                        format!(
                            "`{}` reads {} after {} was written",
                            self.ins_name(i),
                            self.name(r),
                            self.name(*w)
                        ),
                    )
                    .note(format!("{} is written in line {}", self.name(*w), self.line_of(*t)))
                    .note("alias law: an `out` parameter may be the same register as any `in` parameter")
                    .help(format!("compute into a temporary and write {} last", self.name(*w))),
                );
                return;
            }
        }
    }

    fn label_def(&self, l: u32) -> Option<&'static LabelDef> {
        self.rec.label_defs.iter().find(|d| d.0 == l).map(|d| d.1)
    }

    fn label_name(&self, l: u32) -> Option<&'static str> {
        self.label_def(l).map(|d| d.name)
    }

    fn restart_law(&self, i: usize, l: u32, s: &State, out: &mut Vec<Diagnostic>) {
        let Some(def) = self.label_def(l).filter(|d| d.restart) else { return };
        let line = self.code[i];
        let info = self.info(i);
        // an atom that branches has not stored its result
        let cause = match (s.written.iter().next(), s.effect) {
            (Some((r, t)), _) => Some(format!("{} is written in line {}", self.name(*r), self.line_of(*t))),
            (None, Some((t, a))) => Some(format!("`{a}` in line {} has an effect", self.line_of(t))),
            _ if !info.writes.is_empty() => Some(format!("`{}` itself has an effect", info.name)),
            _ => None,
        };
        if let Some(c) = cause {
            out.push(
                Diagnostic::new(
                    "L1-V10",
                    span(line.span),
                    format!("branch to restart label `{}` after an effect", def.name),
                )
                .note(c)
                .note("restart law: code at a `restart` label does the whole op again")
                .help("branch before the effect, or to a label without `restart`"),
            );
        }
    }

    fn requires(&self, i: usize, f: &Fact, s: &State, out: &mut Vec<Diagnostic>) {
        let (text, help, known) = if let Fact::Tag(o, m) = f {
            let Some(r) = self.reg(i, *o) else { return };
            let want = self.mask(i, *m, s);
            let have = s.tag(r);
            if have & !want == 0 {
                return;
            }
            let n = self.name(r);
            let known =
                if have == MASK_ANY { None } else { Some(format!("tag({n}) in {}", mask_text(have))) };
            let text = format!("tag({n}) in {}", mask_text(want));
            (
                text,
                Some(format!("`br.ntag {n}, {}, {}` proves it", mask_text(want), self.some_label())),
                known,
            )
        } else {
            let Some(fact) = self.fact(i, f, s) else { return };
            if s.holds(fact) {
                return;
            }
            let help = match fact {
                F::Plain(r, k) => Some(format!("br.kind {}, {}", self.name(r), kind_name(k).unwrap_or("?"))),
                F::Inb(a, b) => Some(format!("br.oob {}, {}", self.name(a), self.name(b))),
                F::NonNull(r) => Some(format!("br.null {}", self.name(r))),
                F::NonZero(r) => Some(format!("br.f {}", self.name(r))),
                F::Class(r, _) => Some(format!("br.class {}, IC", self.name(r))),
                F::Code(r, _) => Some(format!("br.code {}, IC", self.name(r))),
                _ => None,
            };
            let help = help.map(|h| format!("`{h}, {}` proves it", self.some_label()));
            let (r, _) = match fact {
                F::Inb(a, b) => (a, Some(b)),
                F::Plain(a, _) | F::NonNull(a) | F::NonZero(a) => (a, None),
                _ => (u32::MAX, None),
            };
            let known: Vec<String> =
                s.facts.iter().filter(|g| g.mentions(r)).map(|g| self.fact_text(*g)).collect();
            (self.fact_text(fact), help, (!known.is_empty()).then(|| known.join(", ")))
        };
        let mut d = Diagnostic::new(
            "L1-V07",
            span(self.code[i].span),
            format!("`{}` requires {text}, not proved on this path", self.ins_name(i)),
        );
        if let Some(k) = known {
            d = d.note(format!("proved here: {k}"));
        }
        d = d.note(format!("missing: {text}"));
        out.push(match help {
            Some(h) => d.help(h),
            None => d,
        });
    }

    /// A label that a guard could branch to.
    fn some_label(&self) -> &'static str {
        self.op.labels.iter().find(|l| l.cold).map_or("slow", |l| l.name)
    }

    fn fact_text(&self, f: F) -> String {
        let k = |k: u8| kind_name(k).unwrap_or("?");
        match f {
            F::Kind(r, x) => format!("kind({})={}", self.name(r), k(x)),
            F::Plain(r, x) => format!("plain({}, {})", self.name(r), k(x)),
            F::Inb(a, b) => format!("inb({}, {})", self.name(a), self.name(b)),
            F::NonNull(r) => format!("{} != null", self.name(r)),
            F::NonZero(r) => format!("{} != 0", self.name(r)),
            F::Zero(r) => format!("{} = 0", self.name(r)),
            F::Same(a, b) => format!("{} = {}", self.name(a), self.name(b)),
            F::Class(r, _) => format!("class({})", self.name(r)),
            F::Code(r, _) => format!("code({})", self.name(r)),
            F::Fresh(r) => format!("fresh({})", self.name(r)),
            F::Borrowed(r) => format!("borrowed({})", self.name(r)),
        }
    }

    fn report_end(&self, s: &State, out: &mut Vec<Diagnostic>) {
        for (i, p) in self.op.params.iter().enumerate() {
            if let ParamKind::Reg(Mode::Out, _) = p.kind
                && !s.assigned.contains(&(i as Reg))
                && !(self.ctx == 0 && self.op.params.iter().any(|p| p.kind == ParamKind::Ctx))
            {
                out.push(
                    Diagnostic::new(
                        "L1-V05",
                        span(self.op.span),
                        format!("`{}` can end without having written ${}", self.op.name, p.name),
                    )
                    .help("an `out` parameter gets a value on every path to the end"),
                );
            }
        }
    }

    /// Line of a span, for notes; the source is the op's file.
    fn line_of(&self, s: Span) -> String {
        format!("\u{1}{}\u{2}", s.0)
    }
}
