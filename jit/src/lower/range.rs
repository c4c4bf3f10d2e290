//! Bounds of doubles: which range checks of a chain of blocks can be left out, merged or put off.
//!
//! Contract. Facts are about Cranelift values and hold from where they were learnt to the end of the chain (the
//! blocks [`Lower::version`] compiles in one go). A check put off is *owed*: it is made before anything that another
//! could see, and its exit goes back to the first owed check, where the frame still is what it was then, for
//! nothing that is live there is written in between. So a wrong value is computed with at most, never kept.
//!
//! What is owed are checks of values that cannot be negative: the sum of two of them is the larger of all three, so
//! one check of it settles all.

use super::*;
use crate::helpers;
use cranelift_codegen::ir::condcodes::FloatCC;
use cranelift_codegen::ir::{InstructionData, Opcode};
use keshi_l1::isa::Mode;
use keshi_l1::liveness::RegSet;
use std::rc::Rc;

/// Doubles are wide from here on (`l1_spec::sem::fwide`).
const LIMIT: f64 = 1e15;
/// Covers the roundings of a few operations.
const SLACK: f64 = 1.0 + 1e-9;
/// Operations looked through.
const DEPTH: u32 = 6;

#[derive(Clone, Default)]
pub(super) struct Ranges {
    /// Numbers no larger in magnitude than this.
    within: Vec<(Value, f64)>,
    /// Values that are not -0.0.
    mended: Vec<Value>,
    /// Integers below the greatest one.
    below_max: Vec<Value>,
    /// Integers and where they lie (see `interval`).
    pub(super) ints: Vec<(Value, super::interval::Interval)>,
    owed: Option<Owed>,
}

#[derive(Clone)]
struct Owed {
    /// Each must turn out to be below [`LIMIT`].
    values: Vec<Value>,
    pc: u32,
    why: Why,
    ctx: Ctx,
    /// What the exit reads.
    live: Rc<RegSet>,
}

impl Ranges {
    /// Nothing known, nothing owed.
    pub(super) fn is_empty(&self) -> bool {
        self.within.is_empty() && self.below_max.is_empty() && self.ints.is_empty() && self.owed.is_none()
    }
}

impl Lower<'_, '_> {
    /// The operation that gives a value, with up to two operands.
    pub(super) fn def(&self, v: Value) -> Option<(Opcode, [Value; 2])> {
        let dfg = &self.b.func.dfg;
        match dfg.insts[dfg.value_def(v).inst()?] {
            InstructionData::Binary { opcode, args } => Some((opcode, args.map(|a| dfg.resolve_aliases(a)))),
            _ => None,
        }
    }

    fn float_constant(&self, v: Value) -> Option<f64> {
        let dfg = &self.b.func.dfg;
        match dfg.insts[dfg.value_def(v).inst()?] {
            InstructionData::UnaryIeee64 { imm, .. } => Some(f64::from_bits(imm.bits())),
            _ => None,
        }
    }

    /// Neither less than 0 nor -0.0; it may be no number.
    fn not_negative(&self, v: Value, depth: u32) -> bool {
        if let Some(k) = self.float_constant(v) {
            return k.is_sign_positive();
        }
        match self.def(v) {
            Some((Opcode::Fmul, [a, b])) if a == b => true,
            Some((Opcode::Fmul | Opcode::Fadd, [a, b])) if depth > 0 => {
                self.not_negative(a, depth - 1) && self.not_negative(b, depth - 1)
            }
            _ => false,
        }
    }

    /// The magnitude is at most this, infinity if nothing is known.
    fn bound(&self, v: Value, depth: u32) -> f64 {
        if let Some(k) = self.float_constant(v) {
            return if k.is_nan() { f64::INFINITY } else { k.abs() };
        }
        let facts = &self.ranges.within;
        let mut best = facts.iter().filter(|f| f.0 == v).map(|f| f.1).fold(f64::INFINITY, f64::min);
        for (s, k) in facts {
            if self.def(*s) == Some((Opcode::Fmul, [v, v])) {
                best = best.min(k.sqrt() * SLACK);
            }
        }
        if depth == 0 {
            return best;
        }
        let of = |v| self.bound(v, depth - 1);
        let computed = match self.def(v) {
            Some((Opcode::Fmul, [a, b])) => of(a) * of(b) * SLACK,
            Some((Opcode::Fadd | Opcode::Fsub, [a, b])) => (of(a) + of(b)) * SLACK,
            _ => f64::INFINITY,
        };
        best.min(if computed.is_nan() { f64::INFINITY } else { computed })
    }

    /// From here on the magnitude of `v` is at most `k`.
    fn learn(&mut self, v: Value, k: f64) {
        self.ranges.within.push((v, k));
        if let Some((Opcode::Fadd, [a, b])) = self.def(v)
            && self.not_negative(a, DEPTH)
            && self.not_negative(b, DEPTH)
        {
            self.learn(a, k);
            self.learn(b, k);
        }
    }

    /// How the cold path at `pc` would leave compiled code, if it would.
    fn exit_at(&self, pc: u32) -> Option<Why> {
        if !self.region[self.flow.cfg.block_of[pc as usize] as usize] {
            return Some(Why::Leave);
        }
        (flow::is_cold(self.c, pc).is_some() && !(self.env.warm)(pc)).then_some(Why::Cold)
    }

    fn not_minus_zero(&self, v: Value, depth: u32) -> bool {
        if self.not_negative(v, depth) || self.ranges.mended.contains(&v) {
            return true;
        }
        let of = |v| depth > 0 && self.not_minus_zero(v, depth - 1);
        match self.def(v) {
            Some((Opcode::Fadd, [a, b])) => of(a) || of(b),
            Some((Opcode::Fsub, [a, _])) => of(a),
            _ => self.float_constant(v).is_some_and(|k| k != 0.0),
        }
    }

    /// `br.n.wide` never branches here.
    pub(super) fn never_wide(&mut self, r: u16) -> bool {
        let n = self.get_number(r);
        self.bound(n, DEPTH) < LIMIT
    }

    fn get_number(&mut self, r: u16) -> Value {
        let n = self.get_n(r);
        self.b.func.dfg.resolve_aliases(n)
    }

    /// `n.addx`, `n.subx`, `n.mulx`: the plain operation, and what of the checks is not known to pass.
    pub(super) fn checked(&mut self, v: &View) {
        let (r, pc) = (v.ins.a, v.label().unwrap_or(0));
        let (a, b) = (self.get_number(v.ins.b), self.get_number(v.ins.c));
        let n = match v.ins.op {
            op::N_ADDX => self.b.ins().fadd(a, b),
            op::N_SUBX => self.b.ins().fsub(a, b),
            // As second operand a constant needs no register.
            _ if self.float_constant(a).is_some() => self.b.ins().fmul(b, a),
            _ => self.b.ins().fmul(a, b),
        };
        let (positive, narrow) = (self.not_negative(n, DEPTH), self.bound(n, DEPTH) < LIMIT);
        if !self.not_minus_zero(n, DEPTH) {
            return self.check_zero(r, n, pc, narrow);
        }
        if !narrow {
            match self.exit_at(pc) {
                Some(why) if positive && !self.live(&self.flow.live_at(self.c, pc), r) => {
                    self.owe(n, pc, why)
                }
                _ => self.check_wide(n, pc),
            }
        }
        self.set_n(r, n);
    }

    fn check_wide(&mut self, n: Value, pc: u32) {
        let wide = helpers::wide(&mut self.b, n);
        self.branch(wide, pc, None, None);
        self.learn(n, LIMIT);
    }

    /// After `if (a <= b) goto L`: here b is less than a.
    pub(super) fn learn_less(&mut self, v: &View) {
        if v.ins.op == op::BR_I_LE {
            let b = self.get_i(v.ins.b);
            let b = self.b.func.dfg.resolve_aliases(b);
            self.ranges.below_max.push(b);
        }
    }

    /// `i.addo` of 1 to what is less than something.
    pub(super) fn increment(&mut self, v: &View) -> bool {
        if v.ins.op != op::I_ADDO || self.constant(v.ins.c) != Some(1) {
            return false;
        }
        let a = self.get_i(v.ins.b);
        let a = self.b.func.dfg.resolve_aliases(a);
        if !self.ranges.below_max.contains(&a) {
            return false;
        }
        let n = self.b.ins().iadd_imm_s(a, 1);
        self.set_i(v.ins.a, n);
        true
    }

    /// Puts off the check of a value that is not negative.
    fn owe(&mut self, n: Value, pc: u32, why: Why) {
        let mut owed = self.ranges.owed.take().unwrap_or_else(|| Owed {
            values: Vec::new(),
            pc,
            why,
            ctx: self.ctx.clone(),
            live: self.flow.live_at(self.c, pc),
        });
        let parts = self.def(n).filter(|d| d.0 == Opcode::Fadd).map_or([n; 2], |d| d.1);
        owed.values.retain(|v| !parts.contains(v));
        owed.values.push(n);
        self.ranges.owed = Some(owed);
    }

    /// Makes the checks which are owed.
    pub(super) fn settle(&mut self) {
        let Some(owed) = self.ranges.owed.take() else { return };
        let now = std::mem::replace(&mut self.ctx, owed.ctx);
        let out = self.exit_block(owed.pc, owed.why);
        self.ctx = now;
        for v in owed.values {
            let limit = self.b.ins().f64const(LIMIT);
            let good = self.b.ins().fcmp(FloatCC::GreaterThan, limit, v);
            let go = self.b.create_block();
            self.b.ins().brif(good, go, &[], out, &[]);
            self.open(go);
            self.learn(v, LIMIT);
        }
    }

    /// Settles before an instruction that does more than compute, or writes what the exit would read.
    pub(super) fn settle_before(&mut self, v: &View) {
        let Some(owed) = &self.ranges.owed else { return };
        let computes = match v.ins.op {
            op::STMT => !self.ctx.1 && self.env.stress.is_none(),
            op::BR_TAG | op::BR_NTAG => true,
            op::COLD | op::LOOP => false,
            _ => v.is_pure(),
        };
        let keeps = v.regs().filter(|r| matches!(r.1, Mode::Out | Mode::Inout)).all(|(_, _, fam, r)| {
            !self.live(&owed.live, r) && (fam != Fam::S || in_regs(self.ctx.get(r))) && fam != Fam::P
        });
        if !(computes && keeps) {
            self.settle();
        }
    }

    /// `unless (a < b) goto L` while the check of `b` is owed and `a` is a smaller constant: `a >= b` settles it.
    /// Goes on at L, for that is where more is known.
    pub(super) fn bounded(&mut self, pc: u32, v: &View) -> bool {
        let Some(owed) = &self.ranges.owed else { return false };
        if v.ins.op != op::BR_N_NLT {
            return false;
        }
        let [only] = owed.values[..] else { return false };
        let target = v.label().unwrap_or(pc);
        let (a, b) = (self.get_number(v.ins.a), self.get_number(v.ins.b));
        let Some(k) = self.float_constant(a).filter(|k| *k < LIMIT) else { return false };
        if only != b || !self.region[self.flow.cfg.block_of[target as usize] as usize] {
            return false;
        }
        let (yes, no) = (self.b.create_block(), self.b.create_block());
        let within = self.b.ins().fcmp(FloatCC::GreaterThanOrEqual, a, b);
        self.b.ins().brif(within, yes, &[], no, &[]);
        let before = (self.ctx.clone(), self.ranges.clone());
        self.open(no);
        // What is no number leaves here, so `a < b` is all that is left.
        self.goto(pc + 1);
        (self.ctx, self.ranges) = before;
        self.ranges.owed = None;
        self.open(yes);
        self.learn(b, k);
        self.next = Some(target);
        self.ended = true;
        true
    }

    /// The result `n` for register `r` may be -0.0 and, if not `narrow`, wide: one compare finds both, and 0.
    fn check_zero(&mut self, r: u16, n: Value, pc: u32, narrow: bool) {
        let bits = self.b.ins().bitcast(types::I64, MemFlagsData::new(), n);
        let rare = if narrow {
            self.b.ins().icmp_imm_s(IntCC::Equal, bits, i64::MIN)
        } else {
            let twice = self.b.ins().iadd(bits, bits);
            let less = self.b.ins().iadd_imm_s(twice, -1);
            let limit = self.int(helpers::WIDE - 1);
            self.b.ins().icmp(IntCC::UnsignedGreaterThanOrEqual, less, limit)
        };
        let (cold, go) = (self.b.create_block(), self.b.create_block());
        let mended = self.b.append_block_param(go, types::F64);
        self.b.set_cold_block(cold);
        self.b.ins().brif(rare, cold, &[], go, &[n.into()]);
        self.open(cold);
        if !narrow {
            let magnitude = self.b.ins().band_imm_s(bits, i64::MAX);
            let wide = self.b.ins().icmp_imm_s(IntCC::NotEqual, magnitude, 0);
            self.branch(wide, pc, None, None);
        }
        let zero = self.b.ins().f64const(0.0);
        let value = match self.def(n) {
            // perl multiplies integers as such, and so gets 0.
            Some((Opcode::Fmul, [a, b])) => {
                let (a, b) = (self.integral(a), self.integral(b));
                let both = self.b.ins().band(a, b);
                self.b.ins().select(both, zero, n)
            }
            _ => zero,
        };
        self.b.ins().jump(go, &[value.into()]);
        self.open(go);
        self.set_n(r, mended);
        let bound = self.bound(n, DEPTH).min(LIMIT);
        self.learn(mended, bound);
        if !matches!(self.def(n), Some((Opcode::Fmul, _))) {
            self.ranges.mended.push(mended);
        }
    }

    /// An integer below 2**53, as I8.
    fn integral(&mut self, x: Value) -> Value {
        let i = self.b.ins().fcvt_to_sint_sat(types::I64, x);
        let back = self.b.ins().fcvt_from_sint(types::F64, i);
        let same = self.b.ins().fcmp(FloatCC::Equal, back, x);
        let magnitude = self.b.ins().fabs(x);
        let limit = self.b.ins().f64const((1u64 << 53) as f64);
        let below = self.b.ins().fcmp(FloatCC::LessThan, magnitude, limit);
        self.b.ins().band(same, below)
    }
}
