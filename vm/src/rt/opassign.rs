//! Operators by number (see l1-spec/rt/arith.l1): `op=` on lvalue registers, and what `use integer` makes of them.

use super::arith::{add, div, modulo, mul, neg, pow, pow_num, sub};
use super::bits::{
    bit_and, bit_or, bit_xor, complement_operand, complement_string, int_shift, nbit_and, nbit_or, nbit_xor,
    sbit_and, sbit_or, sbit_xor, shift_count, shl, shr, stringy,
};
use crate::Vm;
use crate::exc::R;
use keshi_text::num::{self, Num};
use keshi_value::Val;

/// Overload name of a numbered operator (see l1-spec/rt/arith.l1).
fn op_name(op: u64) -> &'static str {
    match op & 255 {
        1 => "+",
        2 => "-",
        3 => "*",
        4 => "/",
        5 => "%",
        6 => "**",
        7 => ".",
        8 => "x",
        9 => "<<",
        10 => ">>",
        11 | 14 => "&",
        12 | 15 => "|",
        13 | 16 => "^",
        17 => "&.",
        18 => "|.",
        19 => "^.",
        20 => "==",
        21 => "!=",
        22 => "<",
        23 => "<=",
        24 => ">",
        25 => ">=",
        26 => "<=>",
        _ => "",
    }
}

/// Binary operator under `use integer`.
pub fn int_op(vm: &mut Vm, b: &Val, c: &Val, op: u64) -> R<Val> {
    if b.is_ref() || c.is_ref() {
        if let Some(v) = vm.overload_binary(b, c, op_name(op))? {
            return Ok(v);
        }
    }
    if matches!(op & 255, 7 | 8 | 17..=19 | 27..=33) {
        return plain_op(vm, b, c, op & 255);
    }
    if matches!(op & 255, 11..=13) && stringy(b) && stringy(c) {
        return plain_op(vm, b, c, op & 255);
    }
    if op & 255 == 4 {
        // A zero divisor ends it before the dividend is looked at.
        let y = vm.to_num(c)?.iv();
        let x = if y == 0 { 0 } else { vm.to_num(b)?.iv() };
        return int_num(vm, x, y, op & 255);
    }
    let x = vm.to_num(b)?.iv();
    let y = vm.to_num(c)?;
    let y = if matches!(op & 255, 9 | 10) { shift_count(y) } else { y.iv() };
    int_num(vm, x, y, op & 255)
}

fn int_num(vm: &mut Vm, x: i64, y: i64, op: u64) -> R<Val> {
    Ok(match op {
        1 => Val::int(x.wrapping_add(y)),
        2 => Val::int(x.wrapping_sub(y)),
        3 => Val::int(x.wrapping_mul(y)),
        4 if y == 0 => return Err(vm.die_text("Illegal division by zero")),
        4 => Val::int(x.wrapping_div(y)),
        5 if y == 0 => return Err(vm.die_text("Illegal modulus zero")),
        5 => Val::int(x.wrapping_rem(y)),
        6 => {
            let v = pow_num(Num::Int(x), Num::Int(y));
            Val::int(vm.to_iv(&v)?)
        }
        9 => int_shift(x, y, true),
        10 => int_shift(x, y, false),
        11 | 14 => Val::int(x & y),
        12 | 15 => Val::int(x | y),
        13 | 16 => Val::int(x ^ y),
        20 => Val::bool(x == y),
        21 => Val::bool(x != y),
        22 => Val::bool(x < y),
        23 => Val::bool(x <= y),
        24 => Val::bool(x > y),
        25 => Val::bool(x >= y),
        26 => Val::int(x.cmp(&y) as i64),
        _ => return Err(vm.die_text("panic: unknown integer operator")),
    })
}

pub fn int_neg(vm: &mut Vm, b: &Val) -> R<Val> {
    if b.is_ref() {
        if let Some(v) = vm.overload_unary(b, "neg")? {
            return Ok(v);
        }
    }
    if b.as_str().is_some_and(|s| !num::looks_like_number(s.bytes())) {
        return neg(vm, b);
    }
    Ok(Val::int(vm.to_num(b)?.iv().wrapping_neg()))
}

pub fn int_not(vm: &mut Vm, b: &Val) -> R<Val> {
    if b.is_ref() {
        if let Some(v) = vm.overload_unary(b, "~")? {
            return Ok(v);
        }
    }
    let b = &complement_operand(vm, b)?;
    if stringy(b) {
        return complement_string(vm, b);
    }
    Ok(Val::int(!vm.to_num(b)?.iv()))
}

/// The operator numbered `op` without `use integer`.
pub fn plain_op(vm: &mut Vm, a: &Val, b: &Val, op: u64) -> R<Val> {
    use super::compare as c;
    match op {
        1 => add(vm, a, b),
        2 => sub(vm, a, b),
        3 => mul(vm, a, b),
        4 => div(vm, a, b),
        5 => modulo(vm, a, b),
        6 => pow(vm, a, b),
        7 => super::string::concat(vm, a, b),
        8 => super::string::repeat(vm, a, b),
        9 => shl(vm, a, b),
        10 => shr(vm, a, b),
        11 => bit_and(vm, a, b),
        12 => bit_or(vm, a, b),
        13 => bit_xor(vm, a, b),
        14 => nbit_and(vm, a, b),
        15 => nbit_or(vm, a, b),
        16 => nbit_xor(vm, a, b),
        17 => sbit_and(vm, a, b),
        18 => sbit_or(vm, a, b),
        19 => sbit_xor(vm, a, b),
        20 => c::eq(vm, a, b),
        21 => c::ne(vm, a, b),
        22 => c::lt(vm, a, b),
        23 => c::le(vm, a, b),
        24 => c::gt(vm, a, b),
        25 => c::ge(vm, a, b),
        26 => c::ncmp(vm, a, b),
        27 => c::seq(vm, a, b),
        28 => c::sne(vm, a, b),
        29 => c::slt(vm, a, b),
        30 => c::sle(vm, a, b),
        31 => c::sgt(vm, a, b),
        32 => c::sge(vm, a, b),
        33 => c::scmp(vm, a, b),
        _ => Err(vm.die_text("panic: unknown operator")),
    }
}

/// `a op= b` on an lvalue register.
pub fn op_assign(vm: &mut Vm, a: &mut Val, b: &Val, op: u64) -> R<()> {
    /// `.=` under `use bytes`.
    const CONCAT_BYTES: u64 = 512;
    let place = a.clone();
    let old = vm.read(&place)?;
    if old.is_ref() || b.is_ref() {
        if let Some(v) = vm.overload_assign(a, &old, b, op_name(op))? {
            return vm.assign(a, v);
        }
    }
    if op & CONCAT_BYTES != 0 {
        let (x, _) = vm.str_bytes_quiet(&old)?;
        let (y, _) = vm.str_bytes(b)?;
        return vm.assign(a, Val::bytes([&x[..], &y[..]].concat()));
    }
    if op & 255 == 7 {
        return append(vm, a, old, b);
    }
    // perl does not warn about an undef left side of these.
    let quiet = old.is_undef() && matches!(op & 255, 1 | 2 | 7 | 12 | 13 | 15 | 16 | 18 | 19);
    let left = if quiet {
        if matches!(op & 255, 18 | 19) || (matches!(op & 255, 12 | 13) && stringy(b)) {
            Val::bytes("")
        } else {
            Val::int(0)
        }
    } else {
        old
    };
    let v = if op & 256 != 0 { int_op(vm, &left, b, op)? } else { plain_op(vm, &left, b, op)? };
    vm.assign(a, v)
}

/// `.=`: in place when the left side is an unshared string.
pub(super) fn append(vm: &mut Vm, a: &mut Val, old: Val, b: &Val) -> R<()> {
    let (more, mu) = match b.as_str() {
        Some(s) => (std::borrow::Cow::Borrowed(s.bytes()), s.utf8()),
        None => vm.str_bytes(b)?,
    };
    let ours = match a.alias_cell() {
        Some(c) => plain_cell(c),
        None => !a.is_alias(),
    };
    let in_place = ours && old.as_str().is_some_and(|s| s.utf8() == mu || more.is_ascii());
    if in_place {
        // The reference held by `old` must go before the string can grow in place.
        drop(old);
        if !a.is_alias() {
            super::string::append_to(a, &more);
            return Ok(());
        }
        if let Some(c) = a.alias_cell().filter(|c| plain_cell(c)) {
            super::string::append_to(c.val_mut(), &more);
            return Ok(());
        }
        let base = vm.read(a)?;
        let (x, xu) = vm.str_bytes_quiet(&base)?;
        let v = super::string::cat_bytes(&x, xu, &more, mu);
        return vm.assign(a, v);
    }
    let (x, xu) = vm.str_bytes_quiet(&old)?;
    let v = super::string::cat_bytes(&x, xu, &more, mu);
    vm.assign(a, v)
}

fn plain_cell(c: &keshi_value::Scalar) -> bool {
    use keshi_value::obj::{Kind, Obj, flag};
    c.hdr().kind.get() == Kind::SCALAR && !c.hdr().has(flag::READONLY | flag::WEAK)
}
