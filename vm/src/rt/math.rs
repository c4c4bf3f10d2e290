//! Mathematical functions, `hex`/`oct`, random numbers.

use super::arith::Drand48;
use crate::Vm;
use crate::conv::num_val;
use crate::exc::R;
use crate::warn::cat;
use keshi_text::num::{self, Num};
use keshi_value::Val;

macro_rules! unary_overload {
    ($vm:ident, $v:ident, $op:literal) => {
        if $v.is_ref() {
            if let Some(r) = $vm.overload_unary($v, $op)? {
                return Ok(r);
            }
        }
    };
}

pub fn abs(vm: &mut Vm, b: &Val) -> R<Val> {
    unary_overload!(vm, b, "abs");
    Ok(match vm.to_num(b)? {
        Num::Int(i) => Val::uint(i.unsigned_abs()),
        Num::Uint(u) => Val::uint(u),
        Num::Num(f) => Val::num(f.abs()),
    })
}
pub fn int(vm: &mut Vm, b: &Val) -> R<Val> {
    unary_overload!(vm, b, "int");
    Ok(match vm.to_num(b)? {
        Num::Num(f) => Val::num(f.trunc()),
        n => num_val(n),
    })
}
fn real(vm: &mut Vm, v: &Val) -> R<f64> {
    vm.to_nv(v)
}
fn fmt_g(n: f64) -> String {
    String::from_utf8_lossy(&num::nv_string(n)).into_owned()
}
pub fn sqrt(vm: &mut Vm, b: &Val) -> R<Val> {
    unary_overload!(vm, b, "sqrt");
    let n = real(vm, b)?;
    if n < 0.0 {
        return Err(vm.die_text(&format!("Can't take sqrt of {}", fmt_g(n))));
    }
    Ok(Val::num(n.sqrt()))
}
pub fn sin(vm: &mut Vm, b: &Val) -> R<Val> {
    unary_overload!(vm, b, "sin");
    Ok(Val::num(real(vm, b)?.sin()))
}
pub fn cos(vm: &mut Vm, b: &Val) -> R<Val> {
    unary_overload!(vm, b, "cos");
    Ok(Val::num(real(vm, b)?.cos()))
}
pub fn exp(vm: &mut Vm, b: &Val) -> R<Val> {
    unary_overload!(vm, b, "exp");
    Ok(Val::num(real(vm, b)?.exp()))
}
pub fn log(vm: &mut Vm, b: &Val) -> R<Val> {
    unary_overload!(vm, b, "log");
    let n = real(vm, b)?;
    if n <= 0.0 {
        return Err(vm.die_text(&format!("Can't take log of {}", fmt_g(n))));
    }
    Ok(Val::num(n.ln()))
}
pub fn atan2(vm: &mut Vm, b: &Val, c: &Val) -> R<Val> {
    if b.is_ref() || c.is_ref() {
        if let Some(v) = vm.overload_binary(b, c, "atan2")? {
            return Ok(v);
        }
    }
    let (x, y) = (real(vm, b)?, real(vm, c)?);
    Ok(Val::num(x.atan2(y)))
}

fn radix(vm: &mut Vm, b: &Val, hex: bool) -> R<Val> {
    let (s, u) = vm.str_bytes(b)?;
    let _ = u;
    let r = if hex { keshi_text::radix::hex(&s) } else { keshi_text::radix::oct(&s) };
    for w in r.warnings {
        let c = cat::by_name(w.cat.name()).unwrap_or(cat::MISC);
        vm.warn(c, &w.msg)?;
    }
    Ok(num_val(r.num))
}
pub fn hex(vm: &mut Vm, b: &Val) -> R<Val> {
    radix(vm, b, true)
}
pub fn oct(vm: &mut Vm, b: &Val) -> R<Val> {
    radix(vm, b, false)
}

fn auto_seed() -> u32 {
    let t = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
    (t.subsec_nanos() ^ (t.as_secs() as u32).wrapping_mul(2_654_435_769))
        ^ std::process::id().wrapping_mul(97)
}
/// rand
pub fn rand(vm: &mut Vm, b: &Val) -> R<Val> {
    let mut max = vm.to_nv(b)?;
    if max == 0.0 {
        max = 1.0;
    }
    let rng = vm.rtstate.arith.rng.get_or_insert_with(|| Drand48::new(auto_seed()));
    Ok(Val::num(rng.next_f64() * max))
}
fn seeded(vm: &mut Vm, seed: u64) -> Val {
    vm.rtstate.arith.rng = Some(Drand48::new(seed as u32));
    vm.srand_called = true;
    if seed == 0 {
        return Val::dual(keshi_value::scalar::Dual::new(Val::int(0), Val::bytes("0 but true"), None));
    }
    Val::uint(seed)
}
/// srand EXPR
pub fn srand(vm: &mut Vm, b: &Val) -> R<Val> {
    if b.is_undef() {
        return srand_auto(vm);
    }
    let n = vm.to_num(b)?;
    if let Num::Num(f) = n {
        if f >= 1.8446744073709552e19 {
            vm.warn(cat::OVERFLOW, "Integer overflow in srand")?;
            return Ok(seeded(vm, u64::MAX));
        }
    }
    Ok(seeded(vm, n.uv()))
}
/// srand
pub fn srand_auto(vm: &mut Vm) -> R<Val> {
    let s = auto_seed();
    Ok(seeded(vm, s as u64))
}
