//! Expands an op into atoms, streamed into a sink.
//!
//! Contract. The sink sees only encoded instructions, labels and cold sections, in an order that can be appended to a
//! chunk. Laws: a temporary is allocated at its first use and freed when its op ends; an S or P temporary that may
//! still hold a value is dropped on every exit; `done` is a jump to the end and vanishes where it falls there;
//! a constant in a register place is loaded right before the instruction that needs it.
use crate::ops::*;
use crate::schema::*;
use crate::select::{self, Found, Miss, Opd};
use std::fmt;

mod emit;
pub use emit::head_text;
use emit::missing;

/// Numbers that are handed out per chunk.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Fresh {
    Ic,
    Loop,
    Cold,
    /// `once`, `prof`, `dbg` and whatever else takes an id.
    Id,
}

/// An instruction ready to be written: `op` and register fields, `imm` without its label.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Encoded {
    pub op: u16,
    pub regs: [Option<(Fam, u32)>; 3],
    pub imm: u64,
    /// Label and the place of its target: `Imm`, `Lo` or `Hi`.
    pub label: Option<(u32, Slot)>,
    /// The schema operand order, for sinks that check facts.
    pub target: Target,
}

/// Where an expansion goes. Registers and labels are the sink's own numbers.
pub trait ExpandSink {
    fn temp(&mut self, fam: Fam) -> u32;
    fn free_temp(&mut self, fam: Fam, reg: u32);
    fn label(&mut self, cold: bool) -> u32;
    fn bind(&mut self, label: u32);
    /// The instructions up to `end_cold` go to the end of the chunk. They never fall out of their end.
    fn begin_cold(&mut self, label: u32);
    fn end_cold(&mut self);
    /// Index of a constant (`Int`, `Num`, `Str`) in the chunk.
    fn konst(&mut self, c: &Opd) -> u32;
    fn sym(&mut self, name: &[u8], utf8: bool) -> u32;
    fn fresh(&mut self, what: Fresh) -> u32;
    fn ins(&mut self, e: &Encoded);
    /// An op begins; instructions up to the matching `leave_op` come from it.
    fn enter_op(&mut self, _op: &'static OpDef) {}
    fn leave_op(&mut self) {}
    /// The statement the next instructions come from.
    fn at(&mut self, _span: (u32, u32)) {}
    /// Temporary `[fam n]` of the running op lives in this register.
    fn name_temp(&mut self, _fam: Fam, _n: u8, _reg: u32) {}
    /// This label of the running op has this number.
    fn name_label(&mut self, _def: &'static LabelDef, _label: u32) {}
    /// Overrides the outcome of a `static if`: the checker tries both.
    fn decide(&mut self, _pred: &'static PredDef) -> Option<bool> {
        None
    }
}

#[derive(Clone, Debug, PartialEq)]
pub struct ExpandError {
    pub message: String,
    /// Statement of the outermost op.
    pub span: (u32, u32),
    pub miss: Option<Miss>,
    pub help: Option<String>,
}

impl fmt::Display for ExpandError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}
impl std::error::Error for ExpandError {}

type Res<T> = Result<T, ExpandError>;

fn err<T>(message: impl Into<String>) -> Res<T> {
    Err(ExpandError { message: message.into(), span: (0, 0), miss: None, help: None })
}

/// Nesting limit of ops in ops.
const DEPTH: usize = 40;
/// Most atoms of one op in a definition; lists of operands may lead beyond it at a use.
pub const MAX_ATOMS: usize = 512;
const MAX_ATOMS_AT_USE: usize = 1 << 20;

/// Expands the op or instruction `name` for these operands.
pub fn expand<S: ExpandSink>(set: &MacroSet, sink: &mut S, name: &str, opds: &[Opd]) -> Res<()> {
    Expander { set, sink, stack: Vec::new(), atoms: 0, limit: MAX_ATOMS_AT_USE }.call(name, opds)
}

/// Expands this very variant, under the limit for definitions.
pub fn expand_op<S: ExpandSink>(set: &MacroSet, sink: &mut S, op: &'static OpDef, opds: &[Opd]) -> Res<()> {
    Expander { set, sink, stack: Vec::new(), atoms: 0, limit: MAX_ATOMS }.op(op, opds)
}

struct Expander<'a, S> {
    set: &'a MacroSet,
    sink: &'a mut S,
    /// The ops being expanded, outermost first.
    stack: Vec<&'static OpDef>,
    atoms: usize,
    limit: usize,
}

/// One op being expanded.
struct Frame {
    op: &'static OpDef,
    /// Parameters, then the variables of open `each` blocks.
    opds: Vec<Opd>,
    temps: Vec<Option<u32>>,
    /// Temporaries that may hold a refcounted value here, bit by number over S then P.
    live: u128,
    labels: Vec<Option<u32>>,
    label_live: Vec<u128>,
    end: Option<u32>,
    end_used: bool,
    in_cold: bool,
    /// Control can reach this point.
    reach: bool,
}

impl Frame {
    fn temp_index(&self, fam: Fam, n: u8) -> usize {
        let before: usize = self.op.temps[..fam as usize].iter().map(|t| *t as usize).sum();
        before + n as usize
    }
    fn bit(&self, fam: Fam, n: u8) -> u128 {
        let n = match fam {
            Fam::S => n as usize,
            Fam::P => self.op.temps[2] as usize + n as usize,
            Fam::I | Fam::N => return 0,
        };
        1u128.checked_shl(n as u32).unwrap_or(0)
    }
}

impl<S: ExpandSink> Expander<'_, S> {
    fn call(&mut self, name: &str, opds: &[Opd]) -> Res<()> {
        match select::find(self.set, name, opds) {
            Ok(Found::Ins(t)) => self.emit(t, opds),
            Ok(Found::Op(op)) => self.op(op, opds),
            Err(m) => Err(missing(self.set, name, opds, m)),
        }
    }

    fn op(&mut self, op: &'static OpDef, opds: &[Opd]) -> Res<()> {
        if let Some(i) = self.stack.iter().position(|o| std::ptr::eq(*o, op)) {
            let names: Vec<_> = self.stack[i..].iter().map(|o| o.name).collect();
            return err(format!("`{}` expands into itself: {} -> {}", op.name, names.join(" -> "), op.name));
        }
        if self.stack.len() >= DEPTH {
            return err(format!("`{}` is nested deeper than {DEPTH} ops", op.name));
        }
        self.stack.push(op);
        self.sink.enter_op(op);
        let r = self.body(op, opds);
        self.sink.leave_op();
        self.stack.pop();
        r
    }

    fn body(&mut self, op: &'static OpDef, opds: &[Opd]) -> Res<()> {
        let mut f = Frame {
            op,
            opds: opds.to_vec(),
            temps: vec![None; op.temps.iter().map(|t| *t as usize).sum()],
            live: 0,
            labels: vec![None; op.labels.len()],
            label_live: vec![0; op.labels.len()],
            end: None,
            end_used: false,
            in_cold: false,
            reach: true,
        };
        for (o, p) in f.opds.iter_mut().zip(op.params) {
            if let (Opd::Word(w), ParamKind::Ctx) = (&*o, p.kind) {
                *o = Opd::Ctx(["void", "scalar", "list"].iter().position(|c| c == w).unwrap_or(3) as u8);
            }
        }
        self.steps(&mut f, op.steps)?;
        if f.in_cold {
            self.exit(&mut f, true)?;
            self.sink.end_cold();
        } else if f.reach {
            self.drops(&mut f)?;
        }
        if let (Some(l), true) = (f.end, f.end_used) {
            self.sink.bind(l);
        }
        let mut i = 0;
        for fam in Fam::ALL {
            for _ in 0..op.temps[fam as usize] {
                if let Some(t) = f.temps[i] {
                    self.sink.free_temp(fam, t);
                }
                i += 1;
            }
        }
        Ok(())
    }

    fn steps(&mut self, f: &mut Frame, steps: &'static [Step]) -> Res<()> {
        for (i, s) in steps.iter().enumerate() {
            match s {
                Step::Call { name, target, args, span } => {
                    let outer = self.stack.len() == 1;
                    if outer {
                        self.sink.at(*span);
                    }
                    self.statement(f, name, *target, args).map_err(|mut e| {
                        if outer {
                            e.span = *span;
                        }
                        e
                    })?;
                }
                Step::Bind(l) => self.bind(f, *l)?,
                Step::Done => {
                    // `done` before a cold section, or as the last step, falls to the end by itself.
                    let last = steps
                        .get(i + 1)
                        .is_none_or(|n| matches!(n, Step::Bind(l) if f.op.labels[*l as usize].cold));
                    let rest_cold = steps[i + 1..]
                        .iter()
                        .all(|n| !matches!(n, Step::Bind(l) if !f.op.labels[*l as usize].cold));
                    let top = std::ptr::eq(steps, f.op.steps);
                    let falls = !f.in_cold && top && last && rest_cold;
                    self.exit(f, !falls)?;
                    f.reach = false;
                }
                Step::If { pred, then, els } => {
                    let decided = self.sink.decide(pred);
                    let yes = decided.unwrap_or_else(|| select::holds(pred, &f.opds));
                    if decided == Some(true) {
                        let saved = f.opds.clone();
                        assume(pred, &mut f.opds);
                        self.steps(f, then)?;
                        f.opds = saved;
                    } else {
                        self.steps(f, if yes { then } else { els })?;
                    }
                }
                Step::Each { var, list, body } => {
                    let Some(Opd::List(items)) = f.opds.get(*list as usize).cloned() else {
                        return err(format!("@{} is no list here", f.op.params[*list as usize].name));
                    };
                    for item in items {
                        f.opds.truncate(*var as usize);
                        f.opds.push(item);
                        self.steps(f, body)?;
                    }
                    f.opds.truncate(*var as usize);
                }
                Step::For { .. } => {
                    // The blocks of one `for` group stand next to each other; the first one handles all.
                    if i == 0 || !matches!(steps[i - 1], Step::For { .. }) {
                        let n = steps[i..].iter().take_while(|s| matches!(s, Step::For { .. })).count();
                        self.contexts(f, &steps[i..i + n])?;
                    }
                }
            }
        }
        Ok(())
    }

    /// The `for void/scalar/list` blocks.
    fn contexts(&mut self, f: &mut Frame, blocks: &'static [Step]) -> Res<()> {
        let ctx = f.opds.iter().find_map(|o| if let Opd::Ctx(c) = o { Some(*c) } else { None });
        let block = |c: u8| {
            blocks.iter().find_map(|b| match b {
                Step::For { ctx, body } if *ctx == c => Some(*body),
                _ => None,
            })
        };
        match ctx {
            Some(c @ 0..=2) => match block(c) {
                Some(b) => self.steps(f, b),
                None => err(format!("`{}` has no `for` block for this context", f.op.name)),
            },
            Some(_) => {
                let want = self.atom("want")?;
                let bf = self.atom("br.f")?;
                let sub = self.atom("i.sub")?;
                let konst = self.atom("i.const")?;
                let jmp = self.atom("jmp")?;
                let (w, one) = (self.sink.temp(Fam::I), self.sink.temp(Fam::I));
                let (void, scalar, end) =
                    (self.sink.label(false), self.sink.label(false), self.sink.label(false));
                self.emit(want, &[Opd::Reg(Fam::I, w)])?;
                self.emit(bf, &[Opd::Reg(Fam::I, w), Opd::Label(void)])?;
                self.emit(konst, &[Opd::Reg(Fam::I, one), Opd::Int(1)])?;
                self.emit(sub, &[Opd::Reg(Fam::I, w), Opd::Reg(Fam::I, w), Opd::Reg(Fam::I, one)])?;
                self.emit(bf, &[Opd::Reg(Fam::I, w), Opd::Label(scalar)])?;
                self.sink.free_temp(Fam::I, w);
                self.sink.free_temp(Fam::I, one);
                let live = f.live;
                let mut all = live;
                for (c, l) in [(2u8, None), (1, Some(scalar)), (0, Some(void))] {
                    if let Some(l) = l {
                        self.sink.bind(l);
                    }
                    let saved = f.opds.clone();
                    for o in &mut f.opds {
                        match o {
                            Opd::Ctx(x) => *x = c,
                            Opd::List(v)
                                if v.len() == 2
                                    && matches!(v[..], [Opd::Reg(Fam::S, _), Opd::Reg(Fam::P, _)]) =>
                            {
                                *o = v[usize::from(c == 2)].clone();
                            }
                            _ => {}
                        }
                    }
                    f.live = live;
                    f.reach = true;
                    match block(c) {
                        Some(b) => self.steps(f, b)?,
                        None => return err(format!("`{}` has no `for` block for every context", f.op.name)),
                    }
                    all |= f.live;
                    f.opds = saved;
                    if c != 0 && f.reach {
                        self.emit(jmp, &[Opd::Label(end)])?;
                    }
                }
                self.sink.bind(end);
                f.reach = true;
                f.live = all;
                Ok(())
            }
            None => err(format!("`{}` has `for` blocks but was given no context", f.op.name)),
        }
    }

    fn atom(&self, name: &str) -> Res<Target> {
        match self.set.isa.atom(name) {
            Some(i) => Ok(Target::Atom(i)),
            None => err(format!("the instruction set has no `{name}`")),
        }
    }

    fn bind(&mut self, f: &mut Frame, l: u8) -> Res<()> {
        let def = f.op.labels[l as usize];
        let label = self.local(f, l);
        let fell = f.reach;
        match (f.in_cold, def.cold) {
            (false, false) | (true, true) => self.sink.bind(label),
            (false, true) => {
                if fell && f.reach {
                    // hot code that runs into a cold label
                    let jmp = self.atom("jmp")?;
                    self.emit(jmp, &[Opd::Label(label)])?;
                }
                self.sink.begin_cold(label);
                f.in_cold = true;
            }
            (true, false) => {
                if fell {
                    let jmp = self.atom("jmp")?;
                    self.emit(jmp, &[Opd::Label(label)])?;
                }
                self.sink.end_cold();
                f.in_cold = false;
                self.sink.bind(label);
            }
        }
        f.live = f.label_live[l as usize] | if fell { f.live } else { 0 };
        if def.back {
            f.live |= u128::MAX;
        }
        f.reach = true;
        Ok(())
    }

    fn local(&mut self, f: &mut Frame, l: u8) -> u32 {
        if let Some(x) = f.labels[l as usize] {
            return x;
        }
        let x = self.sink.label(f.op.labels[l as usize].cold);
        f.labels[l as usize] = Some(x);
        self.sink.name_label(&f.op.labels[l as usize], x);
        x
    }

    /// Leaves the op from here: drops, then a jump to the end unless the code falls there anyway.
    fn exit(&mut self, f: &mut Frame, jump: bool) -> Res<()> {
        if !f.reach {
            return Ok(());
        }
        self.drops(f)?;
        if jump {
            let end = *f.end.get_or_insert_with(|| self.sink.label(false));
            f.end_used = true;
            let jmp = self.atom("jmp")?;
            self.emit(jmp, &[Opd::Label(end)])?;
        }
        Ok(())
    }

    /// Drops the S and P temporaries that may hold a value.
    fn drops(&mut self, f: &mut Frame) -> Res<()> {
        if f.live == 0 {
            return Ok(());
        }
        for (fam, name) in [(Fam::S, "s.drop"), (Fam::P, "p.drop")] {
            for n in 0..f.op.temps[fam as usize] {
                if let (Some(r), true) = (f.temps[f.temp_index(fam, n)], f.live & f.bit(fam, n) != 0) {
                    let drop = self.atom(name)?;
                    self.emit(drop, &[Opd::Reg(fam, r)])?;
                }
            }
        }
        Ok(())
    }

    fn statement(
        &mut self,
        f: &mut Frame,
        name: &'static str,
        target: Option<Target>,
        args: &'static [StepArg],
    ) -> Res<()> {
        let mut opds = Vec::with_capacity(args.len());
        for a in args {
            opds.push(match *a {
                StepArg::Param(i) => match f.opds.get(i as usize) {
                    Some(o) => o.clone(),
                    None => return err("the operand of an `each` block is used outside of it"),
                },
                StepArg::Temp(fam, n) => {
                    let i = f.temp_index(fam, n);
                    let r = match f.temps[i] {
                        Some(r) => r,
                        None => {
                            let r = *f.temps[i].insert(self.sink.temp(fam));
                            self.sink.name_temp(fam, n, r);
                            r
                        }
                    };
                    Opd::Reg(fam, r)
                }
                StepArg::Label(l) => Opd::Label(self.local(f, l)),
                StepArg::Int(i) => Opd::Int(i),
                StepArg::Num(n) => Opd::Num(n),
                StepArg::Str(s) => Opd::Str(s.as_bytes().to_vec(), !s.is_ascii()),
                StepArg::Word(w) => Opd::Word(w),
                StepArg::Mask(m) => Opd::Mask(m),
            });
        }
        let found = match target {
            Some(t) => Found::Ins(t),
            None => select::find(self.set, name, &opds).map_err(|m| missing(self.set, name, &opds, m))?,
        };
        // Values in temporaries that an exit through a label parameter would leave behind go first.
        let mut stub = None;
        for (a, o) in args.iter().zip(&mut opds) {
            match a {
                StepArg::Label(l) => f.label_live[*l as usize] |= f.live,
                StepArg::Param(_) if f.live != 0 && matches!(o, Opd::Label(_)) => {
                    let l = self.sink.label(true);
                    stub = Some((l, o.clone()));
                    *o = Opd::Label(l);
                }
                _ => {}
            }
        }
        let before = f.live;
        match found {
            Found::Ins(t) => {
                let info = self.set.isa.info(t);
                for (p, a) in info.operands.iter().zip(args) {
                    if let (OpdKind::Reg(m, _), StepArg::Temp(fam, n)) = (p.kind, a) {
                        let bit = f.bit(*fam, *n);
                        match m {
                            Mode::Take => f.live &= !bit,
                            Mode::Out if boxes_plain(info) => f.live &= !bit,
                            Mode::Out | Mode::Inout => f.live |= bit,
                            Mode::In | Mode::Raw => {}
                        }
                    }
                }
                f.reach = match self.fold(info, &opds)? {
                    Some(reach) => reach,
                    None => {
                        self.emit(t, &opds)?;
                        !info.ends_block()
                    }
                };
            }
            Found::Op(op) => {
                for (p, a) in op.params.iter().zip(args) {
                    if let (ParamKind::Reg(m, _), StepArg::Temp(fam, n)) = (p.kind, a) {
                        let bit = f.bit(*fam, *n);
                        match m {
                            Mode::Take => f.live &= !bit,
                            Mode::Out | Mode::Inout => f.live |= bit,
                            Mode::In | Mode::Raw => {}
                        }
                    }
                }
                self.op(op, &opds)?;
                f.reach = true;
            }
        }
        if let Some((l, to)) = stub {
            let after = std::mem::replace(&mut f.live, before);
            self.sink.begin_cold(l);
            self.drops(f)?;
            let jmp = self.atom("jmp")?;
            self.emit(jmp, &[to])?;
            self.sink.end_cold();
            f.live = after;
        }
        Ok(())
    }
}

/// The result is a number or truth value: nothing to drop.
fn boxes_plain(info: &InsInfo) -> bool {
    let below: Mask = 0xff;
    info.proves.iter().any(|f| matches!(f, Fact::Tag(_, MaskRef::Lit(m)) if m & !below == 0))
}

/// Makes the operands fit a predicate that the checker takes for true.
pub(crate) fn assume(p: &PredDef, opds: &mut [Opd]) {
    match p {
        PredDef::And(a, b) => {
            assume(a, opds);
            assume(b, opds);
        }
        PredDef::Or(a, _) => assume(a, opds),
        PredDef::Not(_) => {}
        PredDef::Test(t) => match *t {
            PredTest::Const(i) => {
                if let Some(o) = opds.get_mut(i as usize)
                    && !o.is_const()
                {
                    *o = Opd::Int(0);
                }
            }
            PredTest::Cmp(i, bits, k) => {
                // zero wherever it fits: it proves least
                let fits = |v: i64| bits & 1 << (v.cmp(&k) as i8 + 1) != 0;
                if let Some(o) = opds.get_mut(i as usize)
                    && !matches!(*o, Opd::Int(v) if fits(v))
                {
                    let v = [0, k, k.saturating_add(1), k.saturating_sub(1)].into_iter().find(|v| fits(*v));
                    *o = Opd::Int(v.unwrap_or(k));
                }
            }
            PredTest::TagIn(i, m) => {
                let Some(o) = opds.get_mut(i as usize) else { return };
                let has = |t: &str| tag_named(t).is_some_and(|t| m >> t & 1 != 0);
                if has("int") {
                    *o = Opd::Int(1);
                } else if has("num") {
                    *o = Opd::Num(1.5);
                } else if has("str") {
                    *o = Opd::Str(b"s".to_vec(), false);
                }
            }
            _ => {}
        },
    }
}
