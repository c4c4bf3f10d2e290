//! Bit operators and shifts: on numbers, on strings, and the forms of the feature `bitwise`.

use super::arith::binary;
use crate::Vm;
use crate::exc::R;
use keshi_text::num::Num;
use keshi_value::Val;
use keshi_value::val::tag;

/// A shift count: what an IV cannot hold is as good as its limit.
pub(super) fn shift_count(n: Num) -> i64 {
    match n {
        Num::Int(i) => i,
        Num::Uint(_) => i64::MAX,
        Num::Num(f) => f as i64,
    }
}

pub(super) fn shift(n: Num, by: i64, left: bool) -> Val {
    let (left, by) = if by < 0 { (!left, by.unsigned_abs()) } else { (left, by as u64) };
    let u = n.uv();
    Val::uint(match (left, by < 64) {
        (_, false) => 0,
        (true, true) => u << by,
        (false, true) => u >> by,
    })
}

pub(super) fn int_shift(i: i64, by: i64, left: bool) -> Val {
    let (left, by) = if by < 0 { (!left, by.unsigned_abs()) } else { (left, by as u64) };
    Val::int(match (left, by < 64) {
        (true, false) => 0,
        (false, false) => {
            if i < 0 {
                -1
            } else {
                0
            }
        }
        (true, true) => i << by,
        (false, true) => i >> by,
    })
}

pub fn shl(vm: &mut Vm, b: &Val, c: &Val) -> R<Val> {
    let (x, y) = binary!(vm, b, c, "<<");
    Ok(shift(x, shift_count(y), true))
}

pub fn shr(vm: &mut Vm, b: &Val, c: &Val) -> R<Val> {
    let (x, y) = binary!(vm, b, c, ">>");
    Ok(shift(x, shift_count(y), false))
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Bit {
    And,
    Or,
    Xor,
}

impl Bit {
    pub(super) fn int(self, a: u64, b: u64) -> u64 {
        match self {
            Bit::And => a & b,
            Bit::Or => a | b,
            Bit::Xor => a ^ b,
        }
    }
    pub(super) fn name(self) -> &'static str {
        match self {
            Bit::And => "&",
            Bit::Or => "|",
            Bit::Xor => "^",
        }
    }
    fn dotted(self) -> &'static str {
        match self {
            Bit::And => "&.",
            Bit::Or => "|.",
            Bit::Xor => "^.",
        }
    }
}

/// Is the operand a string for the bit operators? All that has no number of its own is (perl's `!SvNIOKp`):
/// undef and references too.
pub(super) fn stringy(v: &Val) -> bool {
    match v.tag() {
        tag::INT | tag::UINT | tag::NUM | tag::BOOL => false,
        tag::DUAL => v.as_dual().is_some_and(|d| d.vstring.is_some()),
        _ => true,
    }
}

/// The operand of `~`: a reference counts as its number, or what the class converts it to.
pub(super) fn complement_operand(vm: &mut Vm, b: &Val) -> R<Val> {
    if !b.is_ref() {
        return Ok(b.clone());
    }
    Ok(match vm.overload_unary(b, "0+")? {
        Some(v) if !v.is_ref() => v,
        _ => Val::uint(b.addr()),
    })
}

fn string_bits(vm: &mut Vm, op: Bit, a: &Val, b: &Val) -> R<Val> {
    let (x, xu) = vm.str_bytes(a)?;
    let (y, yu) = vm.str_bytes(b)?;
    let (x, y) = (to_octets(vm, &x, xu, op.name())?, to_octets(vm, &y, yu, op.name())?);
    let n = if op == Bit::And { x.len().min(y.len()) } else { x.len().max(y.len()) };
    let mut out = Vec::with_capacity(n);
    for i in 0..n {
        let (p, q) = (x.get(i).copied().unwrap_or(0), y.get(i).copied().unwrap_or(0));
        out.push(op.int(p as u64, q as u64) as u8);
    }
    Ok(octets_val(&out, xu || yu))
}

fn to_octets(vm: &mut Vm, s: &[u8], utf8: bool, op: &str) -> R<Vec<u8>> {
    if !utf8 {
        return Ok(s.to_vec());
    }
    match keshi_text::utf8::downgrade(s) {
        Some(v) => Ok(v.into_owned()),
        None => {
            let name = match op {
                "&" => "bitwise and (&)",
                "|" => "bitwise or (|)",
                "^" => "bitwise xor (^)",
                _ => "1's complement (~)",
            };
            Err(vm.die_text(&format!(
                "Use of strings with code points over 0xFF as arguments to {name} operator is not allowed"
            )))
        }
    }
}

fn octets_val(b: &[u8], utf8: bool) -> Val {
    if utf8 { Val::str(&keshi_text::utf8::upgrade(b), true) } else { Val::str(b, false) }
}

fn bitop(vm: &mut Vm, op: Bit, a: &Val, b: &Val) -> R<Val> {
    if a.is_ref() || b.is_ref() {
        if let Some(v) = vm.overload_binary(a, b, op.name())? {
            return Ok(v);
        }
    }
    if stringy(a) && stringy(b) {
        return string_bits(vm, op, a, b);
    }
    num_bits(vm, op, a, b)
}

fn num_bits(vm: &mut Vm, op: Bit, a: &Val, b: &Val) -> R<Val> {
    let (x, y) = (vm.to_num(a)?, vm.to_num(b)?);
    if vm.hint(1) {
        return Ok(Val::int(op.int(x.iv() as u64, y.iv() as u64) as i64));
    }
    Ok(Val::uint(op.int(x.uv(), y.uv())))
}

fn numeric_bitop(vm: &mut Vm, op: Bit, a: &Val, b: &Val) -> R<Val> {
    if a.is_ref() || b.is_ref() {
        if let Some(v) = vm.overload_numeric_bits(a, b, op.name())? {
            return Ok(v);
        }
    }
    num_bits(vm, op, a, b)
}

fn string_bitop(vm: &mut Vm, op: Bit, a: &Val, b: &Val) -> R<Val> {
    if a.is_ref() || b.is_ref() {
        if let Some(v) = vm.overload_binary(a, b, op.dotted())? {
            return Ok(v);
        }
    }
    string_bits(vm, op, a, b)
}

pub fn bit_and(vm: &mut Vm, b: &Val, c: &Val) -> R<Val> {
    bitop(vm, Bit::And, b, c)
}

pub fn bit_or(vm: &mut Vm, b: &Val, c: &Val) -> R<Val> {
    bitop(vm, Bit::Or, b, c)
}

pub fn bit_xor(vm: &mut Vm, b: &Val, c: &Val) -> R<Val> {
    bitop(vm, Bit::Xor, b, c)
}

pub(super) fn complement_string(vm: &mut Vm, b: &Val) -> R<Val> {
    let (s, u) = vm.str_bytes(b)?;
    let o = to_octets(vm, &s, u, "~")?;
    let inv: Vec<u8> = o.iter().map(|c| !c).collect();
    Ok(Val::str(&inv, false))
}

fn complement_num(vm: &mut Vm, b: &Val) -> R<Val> {
    let n = vm.to_num(b)?;
    if vm.hint(1) {
        return Ok(Val::int(!n.iv()));
    }
    Ok(Val::uint(!n.uv()))
}

pub fn bit_not(vm: &mut Vm, b: &Val) -> R<Val> {
    if b.is_ref() {
        if let Some(v) = vm.overload_unary(b, "~")? {
            return Ok(v);
        }
    }
    let b = &complement_operand(vm, b)?;
    if stringy(b) { complement_string(vm, b) } else { complement_num(vm, b) }
}

pub fn nbit_and(vm: &mut Vm, b: &Val, c: &Val) -> R<Val> {
    numeric_bitop(vm, Bit::And, b, c)
}

pub fn nbit_or(vm: &mut Vm, b: &Val, c: &Val) -> R<Val> {
    numeric_bitop(vm, Bit::Or, b, c)
}

pub fn nbit_xor(vm: &mut Vm, b: &Val, c: &Val) -> R<Val> {
    numeric_bitop(vm, Bit::Xor, b, c)
}

pub fn nbit_not(vm: &mut Vm, b: &Val) -> R<Val> {
    if b.is_ref() {
        if let Some(v) = vm.overload_numeric_bits(b, &Val::undef(), "~")? {
            return Ok(v);
        }
    }
    complement_num(vm, b)
}

pub fn sbit_and(vm: &mut Vm, b: &Val, c: &Val) -> R<Val> {
    string_bitop(vm, Bit::And, b, c)
}

pub fn sbit_or(vm: &mut Vm, b: &Val, c: &Val) -> R<Val> {
    string_bitop(vm, Bit::Or, b, c)
}

pub fn sbit_xor(vm: &mut Vm, b: &Val, c: &Val) -> R<Val> {
    string_bitop(vm, Bit::Xor, b, c)
}

pub fn sbit_not(vm: &mut Vm, b: &Val) -> R<Val> {
    if b.is_ref() {
        if let Some(v) = vm.overload_unary(b, "~.")? {
            return Ok(v);
        }
    }
    complement_string(vm, b)
}
