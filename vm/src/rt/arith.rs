//! Arithmetic: `+ - * / % **` and unary minus, by perl's IV/UV/NV rules (`PERL_PRESERVE_IVUV`).
//!
//! Integral doubles take part as integers where the result fits, so `2**53 + 1` is exact, as in perl.

use crate::Vm;
use crate::exc::R;
use keshi_text::num::{self, Num};
use keshi_value::Val;

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
pub(super) use binary;

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
