//! Arithmetic, bit operators, increments: perl's IV/UV/NV rules (`PERL_PRESERVE_IVUV`).
//!
//! Integral doubles take part as integers where the result fits, so `2**53 + 1` is exact, as in perl.

use crate::Vm;
use crate::exc::R;
use keshi_text::num::{self, Num};
use keshi_value::Val;
use keshi_value::val::tag;

pub use super::math::{abs, atan2, cos, exp, hex, int, log, oct, rand, sin, sqrt, srand, srand_auto};

/// Interpreter-wide state of this topic.
#[derive(Default)]
pub struct State {
    pub rng: Option<Drand48>,
    pub fixed_seeds: Option<super::math::FixedSeeds>,
}

/// perl's own generator, freebsd's drand48.
#[derive(Clone, Copy)]
pub struct Drand48(u64);

impl Drand48 {
    pub fn new(seed: u32) -> Drand48 {
        Drand48(((seed as u64) << 16) + 0x330e)
    }
    pub fn next_f64(&mut self) -> f64 {
        self.0 = self.0.wrapping_mul(0x5_deec_e66d).wrapping_add(0xb) & 0xffff_ffff_ffff;
        self.0 as f64 / (1u64 << 48) as f64
    }
}

/// An operand as exact integer, if it is one (SvIV_please).
fn exact(n: Num) -> Option<i128> {
    match n {
        Num::Int(i) => Some(i as i128),
        Num::Uint(u) => Some(u as i128),
        Num::Num(f) if f.fract() == 0.0 && f.abs() < 9_007_199_254_740_992.0 => Some(f as i128),
        Num::Num(_) => None,
    }
}

fn from_i128(v: i128) -> Option<Val> {
    if v >= i64::MIN as i128 && v <= i64::MAX as i128 {
        Some(Val::int(v as i64))
    } else if v >= 0 && v <= u64::MAX as i128 {
        Some(Val::uint(v as u64))
    } else {
        None
    }
}

pub fn add_num(x: Num, y: Num) -> Val {
    if let (Some(a), Some(b)) = (exact(x), exact(y)) {
        if let Some(v) = from_i128(a + b) {
            return v;
        }
    }
    Val::num(x.nv() + y.nv())
}
pub fn sub_num(x: Num, y: Num) -> Val {
    if let (Some(a), Some(b)) = (exact(x), exact(y)) {
        if let Some(v) = from_i128(a - b) {
            return v;
        }
    }
    Val::num(x.nv() - y.nv())
}
pub fn mul_num(x: Num, y: Num) -> Val {
    if let (Some(a), Some(b)) = (exact(x), exact(y)) {
        if let Some(v) = a.checked_mul(b).and_then(from_i128) {
            return v;
        }
    }
    Val::num(x.nv() * y.nv())
}

/// Overloading, then both operands as numbers.
macro_rules! binary {
    ($vm:ident, $a:ident, $b:ident, $op:literal) => {{
        if $a.is_ref() || $b.is_ref() {
            if let Some(v) = $vm.overload_binary($a, $b, $op)? {
                return Ok(v);
            }
        }
        // perl looks at the right operand first only where it warns; the order of reads is left, right.
        let x = $vm.to_num($a)?;
        let y = $vm.to_num($b)?;
        (x, y)
    }};
}

pub fn add(vm: &mut Vm, b: &Val, c: &Val) -> R<Val> {
    let (x, y) = binary!(vm, b, c, "+");
    Ok(add_num(x, y))
}
pub fn sub(vm: &mut Vm, b: &Val, c: &Val) -> R<Val> {
    let (x, y) = binary!(vm, b, c, "-");
    Ok(sub_num(x, y))
}
pub fn mul(vm: &mut Vm, b: &Val, c: &Val) -> R<Val> {
    let (x, y) = binary!(vm, b, c, "*");
    Ok(mul_num(x, y))
}
pub fn div(vm: &mut Vm, b: &Val, c: &Val) -> R<Val> {
    let (x, y) = binary!(vm, b, c, "/");
    if y.nv() == 0.0 {
        return Err(vm.die_text("Illegal division by zero"));
    }
    if let (Some(a), Some(d)) = (exact(x), exact(y)) {
        if a % d == 0 {
            if let Some(v) = from_i128(a / d) {
                return Ok(v);
            }
        }
    }
    Ok(Val::num(x.nv() / y.nv()))
}
/// `%`
pub fn modulo(vm: &mut Vm, b: &Val, c: &Val) -> R<Val> {
    let (x, y) = binary!(vm, b, c, "%");
    mod_num(vm, x, y)
}

fn trunc_int(n: Num) -> Option<i128> {
    match n {
        Num::Int(i) => Some(i as i128),
        Num::Uint(u) => Some(u as i128),
        Num::Num(f) if f.is_finite() && f.abs() < 1.8446744073709552e19 => Some(f.trunc() as i128),
        _ => None,
    }
}

fn mod_num(vm: &mut Vm, x: Num, y: Num) -> R<Val> {
    let (Some(a), Some(m)) = (trunc_int(x), trunc_int(y)) else {
        // Too big for integers: perl falls back to fmod.
        let (l, r) = (x.nv(), y.nv());
        if r == 0.0 {
            return Err(vm.die_text("Illegal modulus zero"));
        }
        let (la, ra) = (l.abs().floor(), r.abs().floor());
        if ra == 0.0 {
            return Err(vm.die_text("Illegal modulus zero"));
        }
        let mut res = la % ra;
        if (l < 0.0) != (r < 0.0) && res != 0.0 {
            res = ra - res;
        }
        return Ok(Val::num(if r < 0.0 { -res } else { res }));
    };
    if m == 0 {
        return Err(vm.die_text("Illegal modulus zero"));
    }
    let mut r = a % m;
    if r != 0 && (r < 0) != (m < 0) {
        r += m;
    }
    Ok(from_i128(r).unwrap_or(Val::num(r as f64)))
}

pub fn pow(vm: &mut Vm, b: &Val, c: &Val) -> R<Val> {
    let (x, y) = binary!(vm, b, c, "**");
    Ok(pow_num(x, y))
}

/// perl's rule: integers are multiplied as such while `bits(base) * exponent <= 64`, everything else is
/// computed in doubles; an integral result below 2**53 of integer operands is an integer again.
pub fn pow_num(x: Num, y: Num) -> Val {
    let (a, e) = (exact(x), exact(y));
    if let (Some(a), Some(e)) = (a, e) {
        let base = a.unsigned_abs();
        let bits = (128 - base.leading_zeros()) as i128;
        if e >= 0 && !base.is_power_of_two() && bits * e <= 64 {
            let v = (0..e).fold(1u128, |acc, _| acc * base) as i128;
            if let Some(v) = from_i128(if a < 0 && e % 2 == 1 { -v } else { v }) {
                return v;
            }
        }
    }
    let r = x.nv().powf(y.nv());
    if a.is_some() && e.is_some() {
        if let Some(v) = exact(Num::Num(r)).and_then(from_i128) {
            return v;
        }
    }
    Val::num(r)
}

/// Unary minus: strings that start with a word get a "-" in front, "-foo" becomes "+foo".
pub fn neg(vm: &mut Vm, b: &Val) -> R<Val> {
    if b.is_ref() {
        if let Some(v) = vm.overload_unary(b, "neg")? {
            return Ok(v);
        }
    }
    if let Some(s) = b.as_str() {
        let bytes = s.bytes();
        if !bytes.is_empty() && !num::looks_like_number(bytes) {
            let first = bytes[0];
            if first == b'-' || first == b'+' {
                let mut o = vec![if first == b'-' { b'+' } else { b'-' }];
                o.extend_from_slice(&bytes[1..]);
                return Ok(Val::str(&o, s.utf8()));
            }
            if first.is_ascii_alphabetic() || first == b'_' {
                let mut o = vec![b'-'];
                o.extend_from_slice(bytes);
                return Ok(Val::str(&o, s.utf8()));
            }
        }
    }
    Ok(neg_num(vm.to_num(b)?))
}

pub fn neg_num(n: Num) -> Val {
    match n {
        Num::Int(0) => Val::int(0),
        Num::Int(i) => i.checked_neg().map_or(Val::uint(1 << 63), Val::int),
        Num::Uint(u) if u == 1 << 63 => Val::int(i64::MIN),
        Num::Uint(u) => Val::num(-(u as f64)),
        Num::Num(f) => Val::num(-f),
    }
}

/// A shift count: what an IV cannot hold is as good as its limit.
fn count(n: Num) -> i64 {
    match n {
        Num::Int(i) => i,
        Num::Uint(_) => i64::MAX,
        Num::Num(f) => f as i64,
    }
}

fn shift(n: Num, by: i64, left: bool) -> Val {
    let (left, by) = if by < 0 { (!left, by.unsigned_abs()) } else { (left, by as u64) };
    let u = n.uv();
    Val::uint(match (left, by < 64) {
        (_, false) => 0,
        (true, true) => u << by,
        (false, true) => u >> by,
    })
}
fn int_shift(i: i64, by: i64, left: bool) -> Val {
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
    Ok(shift(x, count(y), true))
}
pub fn shr(vm: &mut Vm, b: &Val, c: &Val) -> R<Val> {
    let (x, y) = binary!(vm, b, c, ">>");
    Ok(shift(x, count(y), false))
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Bit {
    And,
    Or,
    Xor,
}

impl Bit {
    fn int(self, a: u64, b: u64) -> u64 {
        match self {
            Bit::And => a & b,
            Bit::Or => a | b,
            Bit::Xor => a ^ b,
        }
    }
    fn name(self) -> &'static str {
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
fn stringy(v: &Val) -> bool {
    match v.tag() {
        tag::INT | tag::UINT | tag::NUM | tag::BOOL => false,
        tag::DUAL => v.as_dual().is_some_and(|d| d.vstring.is_some()),
        _ => true,
    }
}

/// The operand of `~`: a reference counts as its number, or what the class converts it to.
fn complement_operand(vm: &mut Vm, b: &Val) -> R<Val> {
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
fn complement_string(vm: &mut Vm, b: &Val) -> R<Val> {
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

/// Overload name of a numbered operator (see rt.l1).
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
    let x = vm.to_num(b)?.iv();
    let y = vm.to_num(c)?;
    let y = if matches!(op & 255, 9 | 10) { count(y) } else { y.iv() };
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
fn append(vm: &mut Vm, a: &mut Val, old: Val, b: &Val) -> R<()> {
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

/// From here on a double is not exact to one.
const INTEGERS_END: f64 = 9_007_199_254_740_992.0;

fn lost_precision(vm: &mut Vm, was: f64, doing: &str) -> R<()> {
    if was.is_finite() {
        vm.warn(crate::warn::cat::IMPRECISION, &format!("Lost precision when {doing} {was:.6} by 1"))?;
    }
    Ok(())
}

fn incremented(vm: &mut Vm, v: &Val) -> R<Val> {
    Ok(match v.tag() {
        // An object without `++` becomes its address, whatever its conversions.
        tag::REF => add_num(Num::from_u64(v.addr()), Num::Int(1)),
        tag::UNDEF => Val::int(1),
        tag::INT => match v.as_i64().checked_add(1) {
            Some(i) => Val::int(i),
            None => Val::uint(1 << 63),
        },
        tag::STR => {
            let s = v.as_str().expect("STR");
            let b = s.bytes();
            if b.is_empty() {
                return Ok(Val::int(1));
            }
            if !num::looks_like_number(b) {
                if let Some(n) = num::str_inc(b) {
                    return Ok(Val::str(&n, s.utf8()));
                }
            }
            let n = vm.to_num(v)?;
            add_num(n, Num::Int(1))
        }
        tag::NUM => {
            let was = v.as_f64();
            if was >= INTEGERS_END {
                lost_precision(vm, was, "incrementing")?;
            }
            Val::num(was + 1.0)
        }
        _ => {
            let n = vm.to_num(v)?;
            add_num(n, Num::Int(1))
        }
    })
}
fn decremented(vm: &mut Vm, v: &Val) -> R<Val> {
    Ok(match v.tag() {
        tag::REF => sub_num(Num::from_u64(v.addr()), Num::Int(1)),
        tag::UNDEF => Val::int(-1),
        tag::INT => match v.as_i64().checked_sub(1) {
            Some(i) => Val::int(i),
            None => {
                lost_precision(vm, i64::MIN as f64, "decrementing")?;
                Val::num(i64::MIN as f64 - 1.0)
            }
        },
        tag::NUM => {
            let was = v.as_f64();
            if was <= -INTEGERS_END {
                lost_precision(vm, was, "decrementing")?;
            }
            Val::num(was - 1.0)
        }
        _ => {
            let n = vm.to_num(v)?;
            sub_num(n, Num::Int(1))
        }
    })
}

/// `++`/`--` on a place: `old` is its value, held once by the caller.
fn step(vm: &mut Vm, a: &mut Val, old: &Val, up: bool) -> R<()> {
    if old.is_ref() && vm.overload_step(a, old, if up { "++" } else { "--" })? {
        return Ok(());
    }
    let v = if up { incremented(vm, old)? } else { decremented(vm, old)? };
    vm.assign(a, v)
}

fn read_place(vm: &mut Vm, a: &Val) -> R<Val> {
    let place = a.clone();
    vm.read(&place)
}

/// `++$x`
pub fn preinc(vm: &mut Vm, a: &mut Val) -> R<()> {
    let old = read_place(vm, a)?;
    step(vm, a, &old, true)
}
/// `--$x`
pub fn predec(vm: &mut Vm, a: &mut Val) -> R<()> {
    let old = read_place(vm, a)?;
    step(vm, a, &old, false)
}
/// `$x++`
pub fn postinc(vm: &mut Vm, b: &mut Val) -> R<Val> {
    // The second count of `before` makes a shared object of it: the method changes a copy.
    let before = read_place(vm, b)?;
    step(vm, b, &before.clone(), true)?;
    Ok(if before.is_undef() { Val::int(0) } else { before })
}
/// `$x--`
pub fn postdec(vm: &mut Vm, b: &mut Val) -> R<Val> {
    let before = read_place(vm, b)?;
    step(vm, b, &before.clone(), false)?;
    Ok(before)
}
