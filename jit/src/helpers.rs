//! Cranelift code for prims that are more than one instruction, and the lowering generated from prims.l1.
//!
//! Contract: the same result as the `rust` line of the prim for all operands, and no trap for any operand that the
//! prim's atom admits.

use cranelift_codegen::ir::condcodes::{FloatCC, IntCC};
use cranelift_codegen::ir::{InstBuilder, MemFlagsData, Value, types};
use cranelift_frontend::FunctionBuilder;

/// What a prim gives.
#[derive(Clone, Copy, Debug)]
pub enum Res {
    One(Value),
    Bool(Value),
    /// Value and "take the branch".
    Ovf(Value, Value),
}

use self as helpers;
include!(concat!(env!("OUT_DIR"), "/prims.rs"));

type B<'a, 'b> = &'a mut FunctionBuilder<'b>;

fn int(b: B, i: i64) -> Value {
    b.ins().iconst(types::I64, i)
}

pub fn nego(b: B, a: Value) -> Res {
    let v = b.ins().ineg(a);
    // 0 and the least integer are the two values that stay the same without their sign bit shifted out.
    let twice = b.ins().ishl_imm_u(a, 1);
    let o = b.ins().icmp_imm_s(IntCC::Equal, twice, 0);
    Res::Ovf(v, o)
}

/// `x / y`, `x % y` where the quotient does not fit: the divisor becomes 1.
fn safe_divisor(b: B, x: Value, y: Value) -> (Value, Value) {
    let least = b.ins().icmp_imm_s(IntCC::Equal, x, i64::MIN);
    let minus = b.ins().icmp_imm_s(IntCC::Equal, y, -1);
    let bad = b.ins().band(least, minus);
    let one = int(b, 1);
    (b.ins().select(bad, one, y), bad)
}

pub fn floormod(b: B, x: Value, y: Value) -> Res {
    let r = b.ins().srem(x, y);
    let mixed = b.ins().bxor(r, y);
    let differ = b.ins().icmp_imm_s(IntCC::SignedLessThan, mixed, 0);
    let some = b.ins().icmp_imm_s(IntCC::NotEqual, r, 0);
    let fix = b.ins().band(differ, some);
    let zero = int(b, 0);
    let add = b.ins().select(fix, y, zero);
    Res::One(b.ins().iadd(r, add))
}

pub fn divexact(b: B, x: Value, y: Value) -> Res {
    let (y, bad) = safe_divisor(b, x, y);
    let q = b.ins().sdiv(x, y);
    let back = b.ins().imul(q, y);
    let rest = b.ins().icmp(IntCC::NotEqual, back, x);
    let o = b.ins().bor(rest, bad);
    Res::Ovf(q, o)
}

pub fn sdiv(b: B, x: Value, y: Value) -> Res {
    let (y, bad) = safe_divisor(b, x, y);
    let q = b.ins().sdiv(x, y);
    let wrapped = int(b, i64::MIN);
    let q = b.ins().select(bad, wrapped, q);
    Res::Ovf(q, bad)
}

pub fn srem(b: B, x: Value, y: Value) -> Res {
    Res::One(b.ins().srem(x, y))
}

pub fn cmp3(b: B, x: Value, y: Value) -> Res {
    let gt = b.ins().icmp(IntCC::SignedGreaterThan, x, y);
    let lt = b.ins().icmp(IntCC::SignedLessThan, x, y);
    Res::One(difference(b, gt, lt))
}

fn difference(b: B, gt: Value, lt: Value) -> Value {
    let (gt, lt) = (b.ins().uextend(types::I64, gt), b.ins().uextend(types::I64, lt));
    b.ins().isub(gt, lt)
}

pub fn fcmp3(b: B, x: Value, y: Value) -> Res {
    let gt = b.ins().fcmp(FloatCC::GreaterThan, x, y);
    let lt = b.ins().fcmp(FloatCC::LessThan, x, y);
    let v = difference(b, gt, lt);
    let o = b.ins().fcmp(FloatCC::Unordered, x, y);
    Res::Ovf(v, o)
}

pub fn f2i_exact(b: B, a: Value) -> Res {
    let i = b.ins().fcvt_to_sint_sat(types::I64, a);
    let back = b.ins().fcvt_from_sint(types::F64, i);
    let differs = b.ins().fcmp(FloatCC::NotEqual, back, a);
    // 2**63 saturates to an integer that rounds back to it.
    let limit = b.ins().f64const(9223372036854775808.0);
    let big = b.ins().fcmp(FloatCC::UnorderedOrGreaterThanOrEqual, a, limit);
    let o = minus_zero(b, a, i);
    let o = b.ins().bor(o, differs);
    let o = b.ins().bor(o, big);
    Res::Ovf(i, o)
}

fn minus_zero(b: B, a: Value, i: Value) -> Value {
    let bits = b.ins().bitcast(types::I64, MemFlagsData::new(), a);
    let zero = b.ins().icmp_imm_s(IntCC::Equal, i, 0);
    let sign = b.ins().icmp_imm_s(IntCC::NotEqual, bits, 0);
    b.ins().band(zero, sign)
}

pub fn f2u_exact(b: B, a: Value) -> Res {
    let i = b.ins().fcvt_to_uint_sat(types::I64, a);
    let back = b.ins().fcvt_from_uint(types::F64, i);
    let differs = b.ins().fcmp(FloatCC::NotEqual, back, a);
    let limit = b.ins().f64const(18446744073709551616.0);
    let big = b.ins().fcmp(FloatCC::UnorderedOrGreaterThanOrEqual, a, limit);
    let o = minus_zero(b, a, i);
    let o = b.ins().bor(o, differs);
    let o = b.ins().bor(o, big);
    Res::Ovf(i, o)
}

/// `|n|`, saved from the one value without a magnitude by being unsigned, and `n < 0`.
fn magnitude(b: B, n: Value) -> (Value, Value) {
    (b.ins().iabs(n), b.ins().icmp_imm_s(IntCC::SignedLessThan, n, 0))
}

#[derive(Clone, Copy)]
enum Sh {
    Left,
    Logical,
    Arithmetic,
}

/// Shift by a count that may be 64 or more.
fn shift(b: B, how: Sh, a: Value, n: Value) -> Value {
    let wide = b.ins().icmp_imm_s(IntCC::UnsignedGreaterThanOrEqual, n, 64);
    let (v, over) = match how {
        Sh::Left => (b.ins().ishl(a, n), int(b, 0)),
        Sh::Logical => (b.ins().ushr(a, n), int(b, 0)),
        Sh::Arithmetic => (b.ins().sshr(a, n), b.ins().sshr_imm_u(a, 63)),
    };
    b.ins().select(wide, over, v)
}

fn either(b: B, a: Value, n: Value, forth: Sh, back: Sh) -> Res {
    let (m, neg) = magnitude(b, n);
    let (x, y) = (shift(b, forth, a, m), shift(b, back, a, m));
    Res::One(b.ins().select(neg, y, x))
}

pub fn shl_perl(b: B, a: Value, n: Value) -> Res {
    either(b, a, n, Sh::Left, Sh::Logical)
}

pub fn shr_perl(b: B, a: Value, n: Value) -> Res {
    either(b, a, n, Sh::Logical, Sh::Left)
}

pub fn sar_perl(b: B, a: Value, n: Value) -> Res {
    either(b, a, n, Sh::Arithmetic, Sh::Left)
}

pub fn shl_iv(b: B, a: Value, n: Value) -> Res {
    either(b, a, n, Sh::Left, Sh::Arithmetic)
}

/// Bits of 1e15 without the sign bit's place.
pub const WIDE: i64 = (1e15f64.to_bits() << 1) as i64;

/// The test of `fwide`.
pub fn wide(b: B, a: Value) -> Value {
    let bits = b.ins().bitcast(types::I64, MemFlagsData::new(), a);
    let bits = b.ins().iadd(bits, bits);
    let limit = int(b, WIDE);
    b.ins().icmp(IntCC::UnsignedGreaterThanOrEqual, bits, limit)
}

pub fn fwide(b: B, a: Value) -> Res {
    Res::Bool(wide(b, a))
}

pub fn s2f_exact(b: B, a: Value) -> Res {
    let v = b.ins().fcvt_from_sint(types::F64, a);
    let limit = int(b, 1 << 53);
    let shifted = b.ins().iadd(a, limit);
    let twice = int(b, 1 << 54);
    let o = b.ins().icmp(IntCC::UnsignedGreaterThan, shifted, twice);
    Res::Ovf(v, o)
}
