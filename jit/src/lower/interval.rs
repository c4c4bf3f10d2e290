//! Intervals of integers in workers' code: overflow checks that cannot fail, divisions by what is known.
//!
//! Contract. When a region starts, the bounds of its counters and bounded sums and the values of what it does not
//! write are known (`Worker::known`). They hold of the values these registers have at the head of the loop; facts
//! about other values follow from them. As those of `range` they last to the end of the chain.

use super::*;

/// Least and greatest value.
pub(super) type Interval = (i64, i64);

/// Operations looked through.
const DEPTH: u32 = 6;

/// The results of `f` for all pairs, if none overflows. `f` is monotone in each operand.
fn hull((a, b): Interval, (c, d): Interval, f: impl Fn(i64, i64) -> Option<i64>) -> Option<Interval> {
    let corners = [f(a, c)?, f(a, d)?, f(b, c)?, f(b, d)?];
    Some((*corners.iter().min()?, *corners.iter().max()?))
}

impl Lower<'_, '_> {
    /// At the head of a worker's loop.
    pub(super) fn learn_known(&mut self) {
        let Some(w) = self.worker else { return };
        for (r, lo, hi) in w.known.iter().flatten() {
            if *r >= self.c.n_sp || self.ctx.get(*r) == INT {
                let x = self.get_i(*r);
                self.learn_interval(x, (*lo, *hi));
            }
        }
    }

    /// The value of a register that is the same whenever this code runs.
    pub(super) fn known_constant(&self, r: u16) -> Option<i64> {
        let known = self.worker?.known.as_ref()?;
        known.iter().find(|k| k.0 == r && k.1 == k.2).map(|k| k.1)
    }

    fn learn_interval(&mut self, x: Value, i: Interval) {
        let x = self.b.func.dfg.resolve_aliases(x);
        self.ranges.ints.push((x, i));
    }

    fn interval(&self, v: Value, depth: u32) -> Option<Interval> {
        let v = self.b.func.dfg.resolve_aliases(v);
        if let Some(k) = self.ranges.ints.iter().find(|k| k.0 == v) {
            return Some(k.1);
        }
        let dfg = &self.b.func.dfg;
        let inst = dfg.value_def(v).inst()?;
        if let ir::InstructionData::UnaryImm { opcode: ir::Opcode::Iconst, imm } = dfg.insts[inst] {
            return Some((imm.bits(), imm.bits()));
        }
        if depth == 0 {
            return None;
        }
        let (opcode, [a, b]) = self.def(v)?;
        let f = match opcode {
            ir::Opcode::Iadd => i64::checked_add,
            ir::Opcode::Isub => i64::checked_sub,
            ir::Opcode::Imul => i64::checked_mul,
            _ => return None,
        };
        hull(self.interval(a, depth - 1)?, self.interval(b, depth - 1)?, f)
    }

    /// `i.addo`, `i.subo`, `i.mulo` without its check, if that cannot fail.
    pub(super) fn cannot_overflow(&mut self, v: &View) -> bool {
        if self.ranges.ints.is_empty() || !matches!(v.ins.op, op::I_ADDO | op::I_SUBO | op::I_MULO) {
            return false;
        }
        let (a, b) = (self.get_i(v.ins.b), self.get_i(v.ins.c));
        let (Some(x), Some(y)) = (self.interval(a, DEPTH), self.interval(b, DEPTH)) else { return false };
        let fits = match v.ins.op {
            op::I_ADDO => hull(x, y, i64::checked_add),
            op::I_SUBO => hull(x, y, i64::checked_sub),
            _ => hull(x, y, i64::checked_mul),
        };
        if fits.is_none() {
            return false;
        }
        let n = match v.ins.op {
            op::I_ADDO => self.b.ins().iadd(a, b),
            op::I_SUBO => self.b.ins().isub(a, b),
            _ => self.b.ins().imul(a, b),
        };
        self.set_i(v.ins.a, n);
        true
    }

    /// `i.mod` of what is not negative by a known positive number.
    pub(super) fn known_modulus(&mut self, v: &View) -> bool {
        if self.ranges.ints.is_empty() || v.ins.op != op::I_MOD {
            return false;
        }
        let (a, b) = (self.get_i(v.ins.b), self.get_i(v.ins.c));
        let (Some((lo, hi)), Some((k, same))) = (self.interval(a, DEPTH), self.interval(b, DEPTH)) else {
            return false;
        };
        if lo < 0 || k <= 0 || k != same {
            return false;
        }
        let k_value = self.int(k);
        let x = self.b.ins().srem(a, k_value);
        self.learn_interval(x, (0, hi.min(k - 1)));
        self.set_i(v.ins.a, x);
        true
    }
}
