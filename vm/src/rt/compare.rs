//! Comparison operators.

use crate::Vm;
use crate::exc::R;
use keshi_text::num::Num;
use keshi_value::Val;
use std::cmp::Ordering;

/// IV/UV/NV comparison without loss; `None` for NaN.
pub fn cmp_num(a: Num, b: Num) -> Option<Ordering> {
    use Num::{Int, Uint};
    match (a, b) {
        (Int(x), Int(y)) => Some(x.cmp(&y)),
        (Uint(x), Uint(y)) => Some(x.cmp(&y)),
        (Int(x), Uint(y)) => Some(if x < 0 { Ordering::Less } else { (x as u64).cmp(&y) }),
        (Uint(x), Int(y)) => Some(if y < 0 { Ordering::Greater } else { x.cmp(&(y as u64)) }),
        (Num::Num(x), Num::Num(y)) => x.partial_cmp(&y),
        (Int(x), Num::Num(y)) => cmp_int_nv(x as i128, y),
        (Uint(x), Num::Num(y)) => cmp_int_nv(x as i128, y),
        (Num::Num(x), Int(y)) => cmp_int_nv(y as i128, x).map(Ordering::reverse),
        (Num::Num(x), Uint(y)) => cmp_int_nv(y as i128, x).map(Ordering::reverse),
    }
}

/// Exact comparison of an integer with a double.
fn cmp_int_nv(i: i128, n: f64) -> Option<Ordering> {
    if n.is_nan() {
        return None;
    }
    if n >= 1.9e19 {
        return Some(Ordering::Less);
    }
    if n <= -1.0e19 {
        return Some(Ordering::Greater);
    }
    let t = n.trunc();
    match i.cmp(&(t as i128)) {
        Ordering::Equal => 0.0f64.partial_cmp(&(n - t)),
        o => Some(o),
    }
}

fn numeric(vm: &mut Vm, op: &str, a: &Val, b: &Val, f: fn(Option<Ordering>) -> bool) -> R<Val> {
    if a.is_ref() || b.is_ref() {
        if let Some(v) = vm.overload_binary(a, b, op)? {
            return Ok(v);
        }
    }
    let (x, y) = (vm.to_num(a)?, vm.to_num(b)?);
    Ok(Val::bool(f(cmp_num(x, y))))
}

fn stringwise(vm: &mut Vm, op: &str, a: &Val, b: &Val, f: fn(Ordering) -> bool) -> R<Val> {
    if a.is_ref() || b.is_ref() {
        if let Some(v) = vm.overload_binary(a, b, op)? {
            return Ok(v);
        }
    }
    Ok(Val::bool(f(order(vm, a, b)?)))
}

fn order(vm: &mut Vm, a: &Val, b: &Val) -> R<Ordering> {
    let (x, xu) = vm.str_bytes(a)?;
    let (y, yu) = vm.str_bytes(b)?;
    Ok(keshi_text::strings::cmp(&x, xu, &y, yu))
}

/// `==`
pub fn eq(vm: &mut Vm, b: &Val, c: &Val) -> R<Val> {
    numeric(vm, "==", b, c, |o| o == Some(Ordering::Equal))
}
/// `!=`
pub fn ne(vm: &mut Vm, b: &Val, c: &Val) -> R<Val> {
    numeric(vm, "!=", b, c, |o| o != Some(Ordering::Equal))
}
/// `<`
pub fn lt(vm: &mut Vm, b: &Val, c: &Val) -> R<Val> {
    numeric(vm, "<", b, c, |o| o == Some(Ordering::Less))
}
/// `<=`
pub fn le(vm: &mut Vm, b: &Val, c: &Val) -> R<Val> {
    numeric(vm, "<=", b, c, |o| matches!(o, Some(Ordering::Less | Ordering::Equal)))
}
/// `>`
pub fn gt(vm: &mut Vm, b: &Val, c: &Val) -> R<Val> {
    numeric(vm, ">", b, c, |o| o == Some(Ordering::Greater))
}
/// `>=`
pub fn ge(vm: &mut Vm, b: &Val, c: &Val) -> R<Val> {
    numeric(vm, ">=", b, c, |o| matches!(o, Some(Ordering::Greater | Ordering::Equal)))
}
/// `<=>`
pub fn ncmp(vm: &mut Vm, b: &Val, c: &Val) -> R<Val> {
    if b.is_ref() || c.is_ref() {
        if let Some(v) = vm.overload_binary(b, c, "<=>")? {
            return Ok(v);
        }
    }
    let (x, y) = (vm.to_num(b)?, vm.to_num(c)?);
    Ok(match cmp_num(x, y) {
        Some(o) => Val::int(o as i64),
        None => Val::undef(),
    })
}
/// `eq`
pub fn seq(vm: &mut Vm, b: &Val, c: &Val) -> R<Val> {
    stringwise(vm, "eq", b, c, |o| o == Ordering::Equal)
}
/// `ne`
pub fn sne(vm: &mut Vm, b: &Val, c: &Val) -> R<Val> {
    stringwise(vm, "ne", b, c, |o| o != Ordering::Equal)
}
/// `lt`
pub fn slt(vm: &mut Vm, b: &Val, c: &Val) -> R<Val> {
    stringwise(vm, "lt", b, c, |o| o == Ordering::Less)
}
/// `le`
pub fn sle(vm: &mut Vm, b: &Val, c: &Val) -> R<Val> {
    stringwise(vm, "le", b, c, |o| o != Ordering::Greater)
}
/// `gt`
pub fn sgt(vm: &mut Vm, b: &Val, c: &Val) -> R<Val> {
    stringwise(vm, "gt", b, c, |o| o == Ordering::Greater)
}
/// `ge`
pub fn sge(vm: &mut Vm, b: &Val, c: &Val) -> R<Val> {
    stringwise(vm, "ge", b, c, |o| o != Ordering::Less)
}
/// `cmp`
pub fn scmp(vm: &mut Vm, b: &Val, c: &Val) -> R<Val> {
    if b.is_ref() || c.is_ref() {
        if let Some(v) = vm.overload_binary(b, c, "cmp")? {
            return Ok(v);
        }
    }
    Ok(Val::int(order(vm, b, c)? as i64))
}
/// `!`
pub fn not(vm: &mut Vm, b: &Val) -> R<Val> {
    if b.is_ref() {
        if let Some(v) = vm.overload_unary(b, "!")? {
            return Ok(v);
        }
    }
    Ok(Val::bool(!vm.truth(b)?))
}
/// `xor`
pub fn xor(vm: &mut Vm, b: &Val, c: &Val) -> R<Val> {
    Ok(Val::bool(vm.truth(b)? != vm.truth(c)?))
}
/// `isa`
pub fn isa(vm: &mut Vm, b: &Val, c: &Val) -> R<Val> {
    let Some(stash) = b.hdr().filter(|_| b.is_ref()).and_then(|h| h.stash().cloned()) else {
        return Ok(Val::bool(false));
    };
    // A class may override isa().
    if let Some(m) = vm.find_method(&stash, b"isa")? {
        if !m.has(keshi_value::code::cvf::NATIVE) {
            let r = vm.call_scalar(&m, vec![b.clone(), c.clone()])?;
            return Ok(Val::bool(vm.truth(&r)?));
        }
    }
    let (n, _) = vm.str_bytes(c)?;
    Ok(Val::bool(vm.derives_from(&stash, &n)?))
}
