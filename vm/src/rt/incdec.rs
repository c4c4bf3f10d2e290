//! `++` and `--`, also of strings, of what magic is behind, and where a double is no longer exact to one.

use super::arith::{add_num, sub_num};
use crate::Vm;
use crate::exc::R;
use keshi_text::num::{self, Num};
use keshi_value::Val;
use keshi_value::val::tag;

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
pub(super) fn step(vm: &mut Vm, a: &mut Val, old: &Val, up: bool) -> R<()> {
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
