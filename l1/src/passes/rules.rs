//! Constant folding and the proved rewrite rules of `l1-spec/rules`.
//!
//! One forward walk. For every register it is known which pure atom made its content and whether the operands of
//! that atom still hold what they held; that makes trees out of straight code. Knowledge ends at places that control
//! enters otherwise than by falling through. A rule that needs a literal in a register takes a scratch register.

use super::edit::{Changed, Edit, entered};
use crate::chunk::{Chunk, Fam, Ins};
use crate::isa::{self, Body, Mode, OpdKind, RULES, fold, op};
use crate::view::{View, set_slot};
use l1_spec::rules::{Pat, Rule};
use std::collections::HashMap;
use std::sync::LazyLock;

/// Rules by the opcode of their root.
static BY_ROOT: LazyLock<Vec<Vec<&'static Rule>>> = LazyLock::new(|| {
    let mut v = vec![Vec::new(); isa::ATOMS.len()];
    for r in RULES {
        if let Pat::App(o, _) = r.lhs {
            v[o as usize].push(r);
        }
    }
    v
});

pub fn run(c: &Chunk) -> Option<Changed> {
    let mut w = Walk::new(c);
    w.run(&entered(c));
    w.e.finish()
}

/// The names of the rules that fire in a chunk.
#[cfg(test)]
pub fn fired(c: &Chunk) -> Vec<&'static str> {
    let mut w = Walk::new(c);
    w.run(&entered(c));
    w.fired
}

/// The atom that made a register's content, with the versions of what it read.
#[derive(Clone)]
struct Made {
    ins: Ins,
    reads: [(u16, u32); 2],
}

struct Walk<'c> {
    e: Edit<'c>,
    made: HashMap<u16, Made>,
    /// Counts the writes of each register.
    version: Vec<u32>,
    fired: Vec<&'static str>,
}

/// What a rule's variables stand for.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Bound {
    Reg(u16),
    Bits(u64),
}

type Bindings = [Option<Bound>; 12];

impl<'c> Walk<'c> {
    fn new(c: &'c Chunk) -> Self {
        Walk {
            e: Edit::new(c),
            made: HashMap::new(),
            version: vec![0; c.n_slots as usize],
            fired: Vec::new(),
        }
    }

    fn run(&mut self, entered: &[bool]) {
        for pc in 0..self.e.c.code.len() as u32 {
            if entered[pc as usize] {
                self.made.clear();
            }
            // A rewritten instruction may match another rule; each firing makes it cheaper.
            for _ in 0..4 {
                if !self.rewrite(pc) {
                    break;
                }
            }
            self.record(pc);
            // A frame may come over from the unoptimised code at a tick; it has no scratch registers.
            if self.e.c.code[pc as usize].op == op::LOOP {
                self.made.clear();
            }
        }
    }

    fn rewrite(&mut self, pc: u32) -> bool {
        let Some(ins) = self.e.get(pc).copied() else { return false };
        let Some(v) = View::new(&ins) else { return false };
        if !v.is_pure() || ins.op == op::I_CONST || ins.op == op::N_CONST || ins.op == op::JMP {
            return false;
        }
        if self.fold(pc, &v) {
            return true;
        }
        for rule in &BY_ROOT[ins.op as usize] {
            let mut b: Bindings = [None; 12];
            if rule.vars.len() > b.len() || !self.matches(&rule.lhs, &v, &mut b) {
                continue;
            }
            let bits = |i: u8| match b.get(i as usize)? {
                Some(Bound::Bits(x)) => Some(*x as i64),
                _ => None,
            };
            if rule.cond.is_some_and(|c| !c.eval(&bits)) {
                continue;
            }
            if self.build(pc, &v, rule, &b) {
                self.fired.push(rule.name);
                return true;
            }
        }
        false
    }

    /// Value of a register that holds a literal.
    fn literal(&self, r: u16) -> Option<u64> {
        match self.made.get(&r) {
            Some(m) if matches!(m.ins.op, op::I_CONST | op::N_CONST) => Some(m.ins.imm),
            _ => None,
        }
    }

    /// Replaces an atom whose inputs are literals.
    fn fold(&mut self, pc: u32, v: &View) -> bool {
        let mut inputs = [0u64; 2];
        let mut n = 0;
        for (i, mode, fam, r) in v.regs() {
            if mode == Mode::Out {
                continue;
            }
            let (true, Some(x)) = (matches!(fam, Fam::I | Fam::N) && n < 2, self.literal(r)) else {
                return false;
            };
            // What the head requires must hold for these literals.
            let zero = x == 0 || x == 1 << 63 && fam == Fam::N;
            if zero && v.info.requires.contains(&isa::Fact::NonZero(i as u8)) {
                return false;
            }
            inputs[n] = x;
            n += 1;
        }
        if n == 0 {
            return false;
        }
        let Some((value, taken)) = fold(v.ins.op, inputs, v.ins.imm) else { return false };
        match (&v.info.body, taken, v.label()) {
            (Body::Value(_), _, _) | (Body::Try(_), false, _) => {
                let Some((_, _, fam, d)) = v.regs().find(|r| r.1 == Mode::Out) else { return false };
                let o = if fam == Fam::N { op::N_CONST } else { op::I_CONST };
                self.e.replace(pc, Ins { op: o, a: d, imm: value, ..Ins::default() });
            }
            (Body::If(_) | Body::Try(_), true, Some(l)) => self.goto(pc, l),
            (Body::If(_), false, _) => self.e.delete(pc),
            _ => return false,
        }
        true
    }

    fn goto(&mut self, pc: u32, l: u32) {
        self.e.replace(pc, Ins { op: op::JMP, imm: l as u64, ..Ins::default() });
    }

    fn matches(&self, p: &Pat, v: &View, b: &mut Bindings) -> bool {
        let Pat::App(code, args) = p else { return false };
        if v.ins.op != *code {
            return false;
        }
        let mut args = args.iter();
        for (i, o) in v.info.operands.iter().enumerate() {
            if matches!(o.kind, OpdKind::Reg(Mode::Out, _)) {
                continue;
            }
            let Some(p) = args.next() else { return false };
            let ok = match o.kind {
                OpdKind::Reg(..) => self.matches_reg(p, v.value(i) as u16, b),
                _ => bind_bits(p, v.value(i), b),
            };
            if !ok {
                return false;
            }
        }
        args.next().is_none()
    }

    fn matches_reg(&self, p: &Pat, r: u16, b: &mut Bindings) -> bool {
        match p {
            Pat::Var(n) => bind(b, *n, Bound::Reg(r)),
            Pat::Const(_) => self.literal(r).is_some_and(|x| bind_bits(p, x, b)),
            Pat::App(..) => {
                let Some(m) = self.made.get(&r) else { return false };
                if m.reads.iter().any(|(x, version)| *x != u16::MAX && self.version[*x as usize] != *version)
                {
                    return false;
                }
                match View::new(&m.ins) {
                    Some(v) => self.matches(p, &v, b),
                    None => false,
                }
            }
            Pat::FallThrough | Pat::Goto => false,
        }
    }

    /// Writes the right side in place of the instruction.
    fn build(&mut self, pc: u32, v: &View, rule: &Rule, b: &Bindings) -> bool {
        let out = v.regs().find(|r| r.1 == Mode::Out).map(|r| (r.2, r.3));
        match rule.rhs {
            Pat::FallThrough => self.e.delete(pc),
            Pat::Goto => match v.label() {
                Some(l) => self.goto(pc, l),
                None => return false,
            },
            Pat::Var(n) => {
                let (Some((fam, d)), Some(Bound::Reg(r))) = (out, b[n as usize]) else { return false };
                let o = match fam {
                    Fam::I => op::I_COPY,
                    Fam::N => op::N_COPY,
                    // Copying a value counts references, which is no simplification.
                    Fam::S | Fam::P => return false,
                };
                match d == r {
                    true => self.e.delete(pc),
                    false => self.e.replace(pc, Ins { op: o, a: d, b: r, ..Ins::default() }),
                }
            }
            Pat::Const(k) => {
                let (Some((fam, d)), Some(x)) = (out, k.eval(&|i| bits(b, i))) else { return false };
                let o = if fam == Fam::N { op::N_CONST } else { op::I_CONST };
                self.e.replace(pc, Ins { op: o, a: d, imm: x as u64, ..Ins::default() });
            }
            Pat::App(code, args) => {
                let info = &isa::ATOMS[code as usize];
                let mut new = Ins { op: code, ..Ins::default() };
                let mut args = args.iter();
                let mut literals = Vec::new();
                for o in info.operands {
                    let x = match o.kind {
                        OpdKind::Reg(Mode::Out, _) => out.map(|o| o.1 as u64),
                        OpdKind::Reg(_, f) => match args.next() {
                            Some(Pat::Var(n)) => match b[*n as usize] {
                                Some(Bound::Reg(r)) => Some(r as u64),
                                _ => None,
                            },
                            Some(Pat::Const(k)) => k.eval(&|i| bits(b, i)).and_then(|x| {
                                let r = self.e.scratch()?;
                                literals.push((Fam::from(f), r, x as u64));
                                Some(r as u64)
                            }),
                            _ => None,
                        },
                        _ => match args.next() {
                            Some(Pat::Var(n)) => bits(b, *n).map(|x| x as u64),
                            Some(Pat::Const(k)) => k.eval(&|i| bits(b, i)).map(|x| x as u64),
                            _ => None,
                        },
                    };
                    if x.is_none_or(|x| set_slot(&mut new, o.slot, x).is_err()) {
                        return false;
                    }
                }
                for (fam, r, x) in literals {
                    let o = if fam == Fam::N { op::N_CONST } else { op::I_CONST };
                    let k = Ins { op: o, a: r, imm: x, ..Ins::default() };
                    self.e.insert(pc, k);
                    self.note(&k);
                }
                self.e.replace(pc, new);
            }
        }
        true
    }

    /// Takes note of what the instruction at `pc`, as it is now, makes.
    fn record(&mut self, pc: u32) {
        if let Some(ins) = self.e.get(pc).copied() {
            self.note(&ins)
        }
    }

    fn note(&mut self, ins: &Ins) {
        let Some(v) = View::new(ins) else {
            self.made.clear();
            return;
        };
        let mut reads = [(u16::MAX, 0); 2];
        let mut n = 0;
        let mut wrote = None;
        for (_, mode, _, r) in v.regs() {
            if mode.reads() && n < 2 {
                reads[n] = (r, self.version.get(r as usize).copied().unwrap_or(0));
                n += 1;
            }
        }
        for (_, mode, _, r) in v.regs() {
            if mode.writes() {
                self.made.remove(&r);
                if r as usize >= self.version.len() {
                    self.version.resize(r as usize + 1, 0);
                }
                self.version[r as usize] += 1;
                wrote = (mode == Mode::Out).then_some(r);
            }
        }
        // An aliased slot may change behind our back.
        if !v.is_pure() {
            for r in &self.e.c.aliased {
                self.made.remove(r);
                if let Some(v) = self.version.get_mut(*r as usize) {
                    *v += 1;
                }
            }
        }
        if let Some(d) = wrote
            && v.is_pure()
            && matches!(v.info.body, Body::Value(_) | Body::Try(_))
            && v.info.reads.is_empty()
        {
            self.made.insert(d, Made { ins: *ins, reads });
        }
    }
}

fn bits(b: &Bindings, i: u8) -> Option<i64> {
    match b.get(i as usize)? {
        Some(Bound::Bits(x)) => Some(*x as i64),
        _ => None,
    }
}

fn bind(b: &mut Bindings, n: u8, x: Bound) -> bool {
    match &mut b[n as usize] {
        Some(old) => *old == x,
        none => {
            *none = Some(x);
            true
        }
    }
}

/// A literal or immediate against its pattern.
fn bind_bits(p: &Pat, x: u64, b: &mut Bindings) -> bool {
    use l1_spec::rules::CExpr;
    match p {
        Pat::Var(n) => bind(b, *n, Bound::Bits(x)),
        Pat::Const(CExpr::Var(n)) => bind(b, *n, Bound::Bits(x)),
        Pat::Const(k) => k.eval(&|i| bits(b, i)).is_some_and(|k| k as u64 == x),
        _ => false,
    }
}
