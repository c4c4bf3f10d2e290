//! From a parsed op to its [`OpDef`]: parameters, labels and predicates get their numbers, names their targets.
//!
//! What can be said without expanding is said here (unknown parameters, labels, families, tags); everything else is
//! the checker's. Both report into the same list, in file order.
use crate::ast::*;
use crate::diag::{Diagnostic, nearest};
use crate::ops::*;
use crate::resolve::{leak, leak_slice, mode_named};
use crate::schema::*;
use crate::select::{self, Opd};

mod pred;

/// The file an op comes from.
#[derive(Clone, Copy)]
pub struct Source<'s> {
    pub path: &'static str,
    pub text: &'s str,
}

/// The ops of one file, not yet checked. An op with `PMC` parameters yields one variant for S and one for P.
pub fn ops_of(items: &[Item<'_>], src: Source<'_>, set: &MacroSet) -> (Vec<OpDef>, Vec<Diagnostic>) {
    ops_of_with(items, items.iter(), src, set)
}

/// The same, where the ops of `scope` are to come: their names hide short names of atoms.
pub fn ops_of_with<'i, 's: 'i>(
    items: &[Item<'s>],
    scope: impl Iterator<Item = &'i Item<'s>>,
    src: Source<'_>,
    set: &MacroSet,
) -> (Vec<OpDef>, Vec<Diagnostic>) {
    let (mut ops, mut out) = (Vec::new(), Vec::new());
    let local: Vec<&str> =
        scope.filter_map(|i| if let ItemKind::Op(o) = &i.kind { Some(o.name.text) } else { None }).collect();
    for it in items {
        match &it.kind {
            ItemKind::Group(_) => {}
            ItemKind::Op(o) => {
                let generic = o.params.iter().any(|p| p.words.iter().any(|w| w.text == "PMC"));
                for pmc in if generic { &[Fam::S, Fam::P][..] } else { &[Fam::S] } {
                    let n = out.len();
                    let cx = Lower { set, src, op: o, pmc: generic.then_some(*pmc), local: &local };
                    let def = cx.op(&it.docs, &mut out);
                    if out.len() == n {
                        ops.extend(def);
                    } else {
                        break;
                    }
                }
            }
            k => {
                let what = match k {
                    ItemKind::Atom(_) => "atom",
                    ItemKind::Rt(_) => "rt",
                    ItemKind::Prim(_) => "prim",
                    _ => "heap",
                };
                out.push(
                    Diagnostic::new("L1-M01", it.span, format!("`{what}` is not allowed in a macro file"))
                        .help("a macro file defines ops and perl subs; atoms and runtime entries belong to the engine"),
                );
            }
        }
    }
    (ops, out)
}

struct Lower<'a, 's> {
    set: &'a MacroSet,
    src: Source<'a>,
    op: &'a OpAst<'s>,
    /// Family that `PMC` stands for in this variant.
    pmc: Option<Fam>,
    /// Names of the ops of the same file.
    local: &'a [&'s str],
}

#[derive(Default)]
struct State {
    params: Vec<ParamDef>,
    /// Variables of the open `each` blocks.
    each: Vec<&'static str>,
    labels: Vec<LabelDef>,
    used: Vec<bool>,
    bound: Vec<bool>,
    temps: [u8; 4],
    /// Number of `[Sn]` temporaries, which `[Pn]` follow in an S variant of a PMC op.
    s_temps: u8,
}

fn span32(s: Span) -> (u32, u32) {
    (s.0 as u32, s.1 as u32)
}

impl<'s> Lower<'_, 's> {
    fn op(&self, docs: &[&str], out: &mut Vec<Diagnostic>) -> Option<OpDef> {
        let o = self.op;
        let name = leak(o.name.text);
        let mut st = State::default();
        if self.set.isa.atom(name).is_some() {
            out.push(
                Diagnostic::new("L1-M02", o.name.span, format!("`{name}` is the name of an atom"))
                    .help("an op may have any other name, also the short name of a group of atoms"),
            );
            return None;
        }
        if let Some((Some(fam), _)) = &o.perl {
            let kind = match self.family(fam) {
                Ok(f) => ParamKind::Reg(Mode::Out, f),
                Err(d) => {
                    out.push(d);
                    return None;
                }
            };
            st.params.push(ParamDef { kind, name: "ret" });
        }
        for (i, p) in o.params.iter().enumerate() {
            match self.param(p, i) {
                Ok(p) => {
                    let twice = st.params.iter().any(|q| q.name == p.name && p.name != "ctx");
                    if twice {
                        let m = format!("two parameters are named `{}`", p.name);
                        out.push(Diagnostic::new("L1-M03", o.params[i].span, m));
                    }
                    st.params.push(p);
                }
                Err(d) => out.push(d),
            }
        }
        if st.params.len() < o.params.len() {
            return None;
        }
        if st.params.len() > 200 {
            out.push(Diagnostic::new("L1-M03", o.name.span, "more than 200 parameters"));
            return None;
        }
        st.s_temps = max_temp(&o.body, 'S');
        self.collect_labels(&o.body, &mut st, out);
        let when = o.when.as_ref().and_then(|p| self.pred(p, &st, out));
        let steps = self.block(&o.body, &mut st, out);
        for (l, used) in st.labels.iter().zip(&st.used) {
            if !used {
                let span = (l.span.0 as usize, l.span.1 as usize);
                out.push(Diagnostic::new("L1-M05", span, format!("label `{}` is never branched to", l.name)));
            }
        }
        let line = self.src.text[..o.name.span.0].matches('\n').count() as u32 + 1;
        let (mut overrides, mut pure) = (false, false);
        for a in &o.attrs {
            match a.text {
                "override" => overrides = true,
                "pure" => pure = true,
                w => out.push(
                    Diagnostic::new("L1-M06", a.span, format!("nothing is known to assert about `{w}`"))
                        .help("`assert pure` is the only assertion"),
                ),
            }
        }
        if let Some((ret, Some(proto))) = &o.perl {
            let n = st.params.len() - usize::from(ret.is_some());
            if let Err(why) = prototype_fits(proto, n) {
                out.push(
                    Diagnostic::new("L1-M16", o.name.span, format!("prototype \"{proto}\": {why}")).help(
                        "one of $, _ and \\[…] stands for each parameter, optional ones behind a semicolon",
                    ),
                );
            }
        }
        let perl = o.perl.as_ref().map(|(fam, proto)| PerlSub {
            ret: fam.as_ref().and_then(|f| Fam::from_letter(f.text.chars().next()?)),
            proto: proto.as_deref().map(leak),
        });
        Some(OpDef {
            name,
            doc: leak(&docs.join("\n")),
            file: self.src.path,
            line,
            span: span32(o.name.span),
            params: leak_slice(st.params),
            when,
            labels: leak_slice(st.labels),
            temps: st.temps,
            steps,
            overrides,
            pure,
            perl,
        })
    }

    fn family(&self, w: &Word<'_>) -> Result<PFam, Diagnostic> {
        Ok(match w.text {
            "I" | "INT" => PFam::Is(Fam::I),
            "N" | "NUM" => PFam::Is(Fam::N),
            "S" | "SV" => PFam::Is(Fam::S),
            "P" => PFam::Is(Fam::P),
            "PMC" => PFam::Is(self.pmc.unwrap_or(Fam::P)),
            "any" => PFam::Any,
            _ => {
                return Err(Diagnostic::new(
                    "L1-M04",
                    w.span,
                    format!("unknown register family `{}`", w.text),
                )
                .help("families are I (INT), N (NUM), S (SV), P, PMC (S or P) and any"));
            }
        })
    }

    fn param(&self, p: &Param<'_>, index: usize) -> Result<ParamDef, Diagnostic> {
        let bad = |m: String| Err(Diagnostic::new("L1-M03", p.span, m));
        let first = &p.words[0];
        let mut rest = &p.words[1..];
        let kind = if let Some(m) = mode_named(first.text) {
            let Some(f) = rest.first() else {
                return bad(format!("`{}` needs a register family", first.text));
            };
            rest = &rest[1..];
            ParamKind::Reg(m, self.family(f)?)
        } else {
            match first.text {
                "const" => {
                    let Some(t) = rest.first() else {
                        return bad("`const` needs int, num, str or any".into());
                    };
                    rest = &rest[1..];
                    ParamKind::Const(match t.text {
                        "int" => ConstTy::Int,
                        "num" => ConstTy::Num,
                        "str" => ConstTy::Str,
                        "any" => ConstTy::Any,
                        t => return bad(format!("unknown type of constant `{t}`: int, num, str or any")),
                    })
                }
                "each" => {
                    let Some(f) = rest.first() else { return bad("`each` needs a register family".into()) };
                    rest = &rest[1..];
                    ParamKind::Each(self.family(f)?)
                }
                "label" => ParamKind::Label,
                "ctx" => ParamKind::Ctx,
                "imm" => ParamKind::Imm,
                "sym" => ParamKind::Sym,
                "ic" => ParamKind::Ic,
                "k" => ParamKind::Konst,
                "mask" => ParamKind::Mask,
                "kind" => ParamKind::Kind,
                _ if self.op.perl.is_some() => ParamKind::Reg(Mode::In, self.family(first)?),
                w => {
                    return Err(Diagnostic::new("L1-M03", p.span, format!("`{w}` does not begin a parameter")).help(
                        "parameters begin with in, out, inout, take, raw, const, label, ctx, each, imm, sym, ic, k, \
                         mask or kind",
                    ));
                }
            }
        };
        let name = match (rest, &p.var) {
            ([], Some(v)) => leak(v.text),
            ([w], None) if kind == ParamKind::Label => leak(w.text),
            ([], None) if kind == ParamKind::Ctx => "ctx",
            ([], None) => leak(&(index + 1).to_string()),
            _ => return bad("a parameter is a mode, a family and a $name".into()),
        };
        Ok(ParamDef { kind, name })
    }

    fn collect_labels(&self, body: &[Stmt<'_>], st: &mut State, out: &mut Vec<Diagnostic>) {
        for s in body {
            match &s.kind {
                StmtKind::Label(words) => {
                    let Some((name, attrs)) = words.split_last() else { continue };
                    let mut d = LabelDef {
                        name: leak(name.text),
                        cold: false,
                        restart: false,
                        back: false,
                        span: span32(name.span),
                    };
                    for a in attrs {
                        match a.text {
                            "cold" => d.cold = true,
                            "restart" => d.restart = true,
                            w => out.push(Diagnostic::new(
                                "L1-M05",
                                a.span,
                                format!("`{w}` is no property of a label; there are `cold` and `restart`"),
                            )),
                        }
                    }
                    let taken = st.labels.iter().any(|l| l.name == d.name)
                        || st.params.iter().any(|p| p.kind == ParamKind::Label && p.name == d.name);
                    if taken || tag_named(d.name).is_some() {
                        let why = if taken { "is defined twice" } else { "is the name of a tag" };
                        out.push(Diagnostic::new("L1-M05", name.span, format!("label `{}` {why}", d.name)));
                    }
                    if taken {
                        continue;
                    }
                    st.labels.push(d);
                    st.used.push(false);
                    st.bound.push(false);
                }
                StmtKind::StaticIf(_, t, e) => {
                    self.collect_labels(t, st, out);
                    self.collect_labels(e, st, out);
                }
                StmtKind::Each(.., b) | StmtKind::For(_, b) => self.collect_labels(b, st, out),
                StmtKind::Call(..) => {}
            }
        }
    }

    fn block(&self, body: &[Stmt<'s>], st: &mut State, out: &mut Vec<Diagnostic>) -> &'static [Step] {
        let mut steps = Vec::new();
        for s in body {
            match &s.kind {
                StmtKind::Label(words) => {
                    if let Some(i) =
                        words.last().and_then(|w| st.labels.iter().position(|l| l.name == w.text))
                    {
                        st.bound[i] = true;
                        steps.push(Step::Bind(i as u8));
                    }
                }
                StmtKind::Call(w, args) if w.text == "done" => {
                    if let Some(a) = args.first() {
                        out.push(Diagnostic::new("L1-M07", a.span, "`done` takes no operands"));
                    }
                    steps.push(Step::Done);
                }
                StmtKind::Call(w, args) => steps.extend(self.call(w, args, s.span, st, out)),
                StmtKind::StaticIf(p, t, e) => {
                    let pred = self.pred(p, st, out);
                    let (then, els) = (self.block(t, st, out), self.block(e, st, out));
                    if let Some(pred) = pred {
                        steps.push(Step::If { pred, then, els });
                    }
                }
                StmtKind::Each(var, list, b) => {
                    let i = st.params.iter().position(|p| p.name == list.text);
                    match i.map(|i| (i, st.params[i].kind)) {
                        Some((i, ParamKind::Each(_))) => {
                            let v = (st.params.len() + st.each.len()) as u8;
                            st.each.push(leak(var.text));
                            let body = self.block(b, st, out);
                            st.each.pop();
                            steps.push(Step::Each { var: v, list: i as u8, body });
                        }
                        _ => out.push(
                            Diagnostic::new(
                                "L1-M08",
                                list.span,
                                format!("there is no list parameter `@{}`", list.text),
                            )
                            .help("declare it as `each S @name`"),
                        ),
                    }
                }
                StmtKind::For(c, b) => {
                    let ctx = ["void", "scalar", "list"].iter().position(|n| *n == c.text);
                    if !st.params.iter().any(|p| p.kind == ParamKind::Ctx) {
                        out.push(
                            Diagnostic::new("L1-M09", c.span, "`for` needs a context parameter")
                                .help("add `ctx` to the parameters"),
                        );
                    }
                    let body = self.block(b, st, out);
                    match ctx {
                        Some(c) => steps.push(Step::For { ctx: c as u8, body }),
                        None => out.push(Diagnostic::new(
                            "L1-M09",
                            c.span,
                            format!("`{}` is no context; there are void, scalar and list", c.text),
                        )),
                    }
                }
            }
        }
        leak_slice(steps)
    }

    fn var(&self, name: &str, span: Span, st: &State) -> Result<u8, Diagnostic> {
        if let Ok(n) = name.parse::<usize>() {
            let first = usize::from(self.op.perl.as_ref().is_some_and(|p| p.0.is_some()));
            if n == 0 || n + first > st.params.len() {
                let m = format!("`${n}`: the op has {} parameters", st.params.len() - first);
                return Err(Diagnostic::new("L1-M10", span, m));
            }
            return Ok((n - 1 + first) as u8);
        }
        if let Some(i) = st.each.iter().rposition(|e| *e == name) {
            return Ok((st.params.len() + i) as u8);
        }
        if let Some(i) = st.params.iter().position(|p| p.name == name) {
            return Ok(i as u8);
        }
        let d = Diagnostic::new("L1-M10", span, format!("there is no parameter `${name}`"));
        Err(match nearest(name, st.params.iter().map(|p| p.name)) {
            Some(n) => d.help(format!("did you mean `${n}`?")),
            None => d.help("ops have no variables: use a parameter or a temporary such as [S0]"),
        })
    }

    fn call(
        &self,
        w: &Word<'s>,
        args: &[Arg<'s>],
        span: Span,
        st: &mut State,
        out: &mut Vec<Diagnostic>,
    ) -> Option<Step> {
        let n = out.len();
        let mut lowered = Vec::with_capacity(args.len());
        for a in args {
            match self.arg(a, st) {
                Ok(x) => lowered.push(x),
                Err(d) => out.push(d),
            }
        }
        if out.len() > n {
            return None;
        }
        let target = self.target(w.text, &lowered, st);
        if let Some(t) = target {
            // words are known to be wrong as soon as the instruction is known
            for ((p, x), a) in self.set.isa.info(t).operands.iter().zip(&lowered).zip(args) {
                let StepArg::Word(word) = x else { continue };
                match p.kind {
                    OpdKind::Label { .. } => {
                        let known = st.labels.iter().map(|l| l.name);
                        let d = Diagnostic::new("L1-M05", a.span, format!("there is no label `{word}`"));
                        out.push(match nearest(word, known) {
                            Some(n) => d.help(format!("did you mean `{n}`?")),
                            None => d.help(format!("define it with `{word}:`, or take it as `label {word}`")),
                        });
                    }
                    OpdKind::Mask if mask_of([*word]).is_err() => out.push(unknown_tag(word, a.span)),
                    OpdKind::Kind if kind_named(word).is_none() => out.push(
                        Diagnostic::new("L1-M12", a.span, format!("unknown kind of object `{word}`"))
                            .help(format!("kinds are {}", KINDS.map(|k| k.0).join(", "))),
                    ),
                    _ => {}
                }
            }
        }
        Some(Step::Call { name: leak(w.text), target, args: leak_slice(lowered), span: span32(span) })
    }

    fn arg(&self, a: &Arg<'_>, st: &mut State) -> Result<StepArg, Diagnostic> {
        Ok(match &a.kind {
            ArgKind::Var(v) => StepArg::Param(self.var(v, a.span, st)?),
            ArgKind::List(v) => {
                let i = self.var(v, a.span, st)?;
                if !matches!(st.params.get(i as usize).map(|p| p.kind), Some(ParamKind::Each(_))) {
                    return Err(Diagnostic::new("L1-M08", a.span, format!("`@{v}` is no list parameter")));
                }
                StepArg::Param(i)
            }
            ArgKind::Temp(c, n) => {
                let mut fam = Fam::from_letter(*c).unwrap_or(Fam::S);
                let mut n = *n;
                if let (Some(Fam::S), Fam::P) = (self.pmc, fam) {
                    fam = Fam::S;
                    n = n.saturating_add(st.s_temps);
                }
                if n >= 60 {
                    return Err(Diagnostic::new(
                        "L1-M11",
                        a.span,
                        "an op has at most 60 temporaries of a family",
                    ));
                }
                st.temps[fam as usize] = st.temps[fam as usize].max(n + 1);
                StepArg::Temp(fam, n)
            }
            ArgKind::Int(i) => StepArg::Int(*i),
            ArgKind::Num(n) => StepArg::Num(*n),
            ArgKind::Str(s) => StepArg::Str(leak(s)),
            ArgKind::Words(w) if w.len() == 1 => {
                let name = w[0].text;
                if let Some(i) = st.labels.iter().position(|l| l.name == name) {
                    st.used[i] = true;
                    if st.bound[i] {
                        st.labels[i].back = true;
                    }
                    StepArg::Label(i as u8)
                } else if let Some(i) = st.params.iter().position(|p| {
                    p.name == name && p.kind == ParamKind::Label || p.name == "ctx" && name == "ctx"
                }) {
                    StepArg::Param(i as u8)
                } else {
                    StepArg::Word(leak(name))
                }
            }
            ArgKind::Words(w) => match mask_of(w.iter().map(|w| w.text)) {
                Ok(m) => StepArg::Mask(m),
                Err(t) => {
                    let span = w.iter().find(|w| w.text == t).map_or(a.span, |w| w.span);
                    return Err(unknown_tag(t, span));
                }
            },
        })
    }

    /// The instruction, if the name alone or the families of the operands decide it.
    fn target(&self, name: &str, args: &[StepArg], st: &State) -> Option<Target> {
        if let Some(r) = name.strip_prefix("rt.") {
            return self.set.isa.rt(r).map(Target::Rt);
        }
        if self.set.has(name) || self.local.contains(&name) {
            return None;
        }
        if let Some(i) = self.set.isa.atom(name)
            && self.set.isa.rt(name).is_none()
        {
            return Some(Target::Atom(i));
        }
        let opds: Option<Vec<Opd>> = args
            .iter()
            .map(|a| {
                Some(match a {
                    StepArg::Param(i) => match st.params.get(*i as usize)?.kind {
                        ParamKind::Reg(_, PFam::Is(f)) => Opd::Reg(f, 0),
                        ParamKind::Label => Opd::Label(0),
                        _ => return None,
                    },
                    StepArg::Temp(f, _) => Opd::Reg(*f, 0),
                    StepArg::Label(_) => Opd::Label(0),
                    StepArg::Int(i) => Opd::Int(*i),
                    StepArg::Num(n) => Opd::Num(*n),
                    StepArg::Str(s) => Opd::Str(s.as_bytes().to_vec(), false),
                    StepArg::Word(w) => Opd::Word(w),
                    StepArg::Mask(m) => Opd::Mask(*m),
                })
            })
            .collect();
        let opds = opds?;
        let mut hits = select::short_atoms(self.set.isa, name)
            .filter(|i| select::atom_accepts(&self.set.isa.atoms[*i as usize], &opds));
        match (hits.next(), self.set.isa.rt(name)) {
            (Some(first), _) => hits.next().is_none().then_some(Target::Atom(first)),
            (None, Some(i)) => {
                select::atom_accepts(&self.set.isa.rts[i as usize], &opds).then_some(Target::Rt(i))
            }
            (None, None) => None,
        }
    }
}

fn unknown_tag(tag: &str, span: Span) -> Diagnostic {
    Diagnostic::new("L1-M12", span, format!("unknown tag `{tag}`"))
        .help(format!("tags are {}, any", TAGS.map(|t| t.0).join(", ")))
}

/// One more than the highest number of this family's temporaries.
fn max_temp(body: &[Stmt<'_>], fam: char) -> u8 {
    body.iter()
        .map(|s| match &s.kind {
            StmtKind::Call(_, args) => args
                .iter()
                .map(|a| match a.kind {
                    ArgKind::Temp(c, n) if c == fam => n.saturating_add(1),
                    _ => 0,
                })
                .max()
                .unwrap_or(0),
            StmtKind::StaticIf(_, t, e) => max_temp(t, fam).max(max_temp(e, fam)),
            StmtKind::Each(.., b) | StmtKind::For(_, b) => max_temp(b, fam),
            StmtKind::Label(_) => 0,
        })
        .max()
        .unwrap_or(0)
}

/// Whether a written prototype gives the op one argument for each of its `n` parameters.
fn prototype_fits(proto: &str, n: usize) -> Result<(), String> {
    let mut items = 0;
    let mut chars = proto.chars();
    while let Some(c) = chars.next() {
        match c {
            ';' | ' ' => continue,
            '$' | '_' => {}
            '\\' => match chars.next() {
                Some('[') if chars.by_ref().any(|c| c == ']') => {}
                Some('$' | '@' | '%') => {}
                _ => return Err("a `\\` without a sigil behind it".into()),
            },
            c => return Err(format!("`{c}` gives no operand")),
        }
        items += 1;
    }
    match items == n {
        true => Ok(()),
        false => Err(format!("{items} arguments for {n} parameters")),
    }
}
