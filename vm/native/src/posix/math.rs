//! Numbers: <math.h>, <stdlib.h> conversions, floating-point classification.
//!
//! `unsafe`: calls of C math functions that take and return plain numbers.

use crate::args::*;
use crate::builtin::integral;
use keshi_value::Val;
use keshi_vm::{R, Ret, Vm, Want};

/// Subs of one number computed by an expression.
macro_rules! unary {
    ($($name:ident $f:expr;)*) => { $(
        fn $name(vm: &mut Vm, a: &Args, _w: Want, _c: &Cv) -> R<Ret> {
            count(vm, a, 1, 1, concat!("POSIX::", stringify!($name), "(x)"))?;
            let f: fn(f64) -> f64 = $f;
            let x = nv(vm, a, 0)?;
            ok(integral(f(x)))
        }
    )* }
}
macro_rules! binary {
    ($($name:ident $f:expr;)*) => { $(
        fn $name(vm: &mut Vm, a: &Args, _w: Want, _c: &Cv) -> R<Ret> {
            count(vm, a, 2, 2, concat!("POSIX::", stringify!($name), "(x, y)"))?;
            let f: fn(f64, f64) -> f64 = $f;
            let (x, y) = (nv(vm, a, 0)?, nv(vm, a, 1)?);
            ok(integral(f(x, y)))
        }
    )* }
}
macro_rules! test {
    ($($name:ident $f:expr;)*) => { $(
        fn $name(vm: &mut Vm, a: &Args, _w: Want, _c: &Cv) -> R<Ret> {
            count(vm, a, 1, 1, concat!("POSIX::", stringify!($name), "(x)"))?;
            let f: fn(f64) -> bool = $f;
            let x = nv(vm, a, 0)?;
            int(f(x) as i64)
        }
    )* }
}

// SAFETY of the C calls below: pure functions of numbers.
unsafe extern "C" {
    safe fn lgamma(x: f64) -> f64;
    safe fn tgamma(x: f64) -> f64;
    safe fn erf(x: f64) -> f64;
    safe fn erfc(x: f64) -> f64;
    safe fn j0(x: f64) -> f64;
    safe fn j1(x: f64) -> f64;
    safe fn y0(x: f64) -> f64;
    safe fn y1(x: f64) -> f64;
    safe fn jn(n: i32, x: f64) -> f64;
    safe fn yn(n: i32, x: f64) -> f64;
    safe fn nextafter(x: f64, y: f64) -> f64;
    safe fn remainder(x: f64, y: f64) -> f64;
    safe fn logb(x: f64) -> f64;
    safe fn ilogb(x: f64) -> i32;
    safe fn rint(x: f64) -> f64;
    safe fn fdim(x: f64, y: f64) -> f64;
    safe fn scalbn(x: f64, n: i32) -> f64;
}

unary! {
    floor f64::floor;
    ceil f64::ceil;
    round f64::round;
    trunc f64::trunc;
    acos f64::acos;
    asin f64::asin;
    atan f64::atan;
    tan f64::tan;
    sinh f64::sinh;
    cosh f64::cosh;
    tanh f64::tanh;
    acosh f64::acosh;
    asinh f64::asinh;
    atanh f64::atanh;
    cbrt f64::cbrt;
    exp2 f64::exp2;
    expm1 f64::exp_m1;
    log10 f64::log10;
    log1p f64::ln_1p;
    log2 f64::log2;
    bessel_j0 |x| j0(x);
    bessel_j1 |x| j1(x);
    bessel_y0 |x| y0(x);
    bessel_y1 |x| y1(x);
    log_b |x| logb(x);
    erf_ |x| erf(x);
    erfc_ |x| erfc(x);
    lgamma_ |x| lgamma(x);
    tgamma_ |x| tgamma(x);
    rint_ |x| rint(x);
}
binary! {
    fmod |x, y| x % y;
    copysign f64::copysign;
    hypot f64::hypot;
    fmax f64::max;
    fmin f64::min;
    fdim_ |x, y| fdim(x, y);
    nextafter_ |x, y| nextafter(x, y);
    remainder_ |x, y| remainder(x, y);
}
test! {
    isnan f64::is_nan;
    isinf f64::is_infinite;
    isfinite f64::is_finite;
    isnormal f64::is_normal;
    signbit f64::is_sign_negative;
}

pub const SUBS: &[Def] = &[
    ("floor", floor, None),
    ("ceil", ceil, None),
    ("round", round, None),
    ("trunc", trunc, None),
    ("acos", acos, None),
    ("asin", asin, None),
    ("atan", atan, None),
    ("tan", tan, None),
    ("sinh", sinh, None),
    ("cosh", cosh, None),
    ("tanh", tanh, None),
    ("acosh", acosh, None),
    ("asinh", asinh, None),
    ("atanh", atanh, None),
    ("cbrt", cbrt, None),
    ("exp2", exp2, None),
    ("expm1", expm1, None),
    ("log10", log10, None),
    ("log1p", log1p, None),
    ("log2", log2, None),
    ("logb", log_b, None),
    ("j0", bessel_j0, None),
    ("j1", bessel_j1, None),
    ("y0", bessel_y0, None),
    ("y1", bessel_y1, None),
    ("jn", bessel_jn, None),
    ("yn", bessel_yn, None),
    ("erf", erf_, None),
    ("erfc", erfc_, None),
    ("lgamma", lgamma_, None),
    ("tgamma", tgamma_, None),
    ("rint", rint_, None),
    ("nearbyint", rint_, None),
    ("ilogb", ilogb_, None),
    ("fmod", fmod, None),
    ("copysign", copysign, None),
    ("hypot", hypot, None),
    ("fmax", fmax, None),
    ("fmin", fmin, None),
    ("fdim", fdim_, None),
    ("nextafter", nextafter_, None),
    ("remainder", remainder_, None),
    ("fma", fma, None),
    ("isnan", isnan, None),
    ("isinf", isinf, None),
    ("isfinite", isfinite, None),
    ("isnormal", isnormal, None),
    ("signbit", signbit, None),
    ("lround", lround, None),
    ("lrint", lrint, None),
    ("ldexp", ldexp, None),
    ("scalbn", ldexp, None),
    ("frexp", frexp, None),
    ("modf", modf, None),
    ("strtol", strtol, None),
    ("strtoul", strtoul, None),
    ("strtod", strtod, None),
    ("strtold", strtod, None),
    ("abs", absolute, None),
];

fn bessel_jn(vm: &mut Vm, a: &Args, _w: Want, _c: &Cv) -> R<Ret> {
    let (n, x) = (iv(vm, a, 0)?, nv(vm, a, 1)?);
    ok(integral(jn(n as i32, x)))
}
fn bessel_yn(vm: &mut Vm, a: &Args, _w: Want, _c: &Cv) -> R<Ret> {
    let (n, x) = (iv(vm, a, 0)?, nv(vm, a, 1)?);
    ok(integral(yn(n as i32, x)))
}
fn ilogb_(vm: &mut Vm, a: &Args, _w: Want, _c: &Cv) -> R<Ret> {
    let x = nv(vm, a, 0)?;
    int(ilogb(x) as i64)
}
fn fma(vm: &mut Vm, a: &Args, _w: Want, _c: &Cv) -> R<Ret> {
    let (x, y, z) = (nv(vm, a, 0)?, nv(vm, a, 1)?, nv(vm, a, 2)?);
    ok(integral(x.mul_add(y, z)))
}
fn absolute(vm: &mut Vm, a: &Args, _w: Want, _c: &Cv) -> R<Ret> {
    let v = arg(vm, a, 0)?;
    ok(keshi_vm::rt::math::abs(vm, &v)?)
}
fn lround(vm: &mut Vm, a: &Args, _w: Want, _c: &Cv) -> R<Ret> {
    let x = nv(vm, a, 0)?;
    int(x.round() as i64)
}
fn lrint(vm: &mut Vm, a: &Args, _w: Want, _c: &Cv) -> R<Ret> {
    let x = nv(vm, a, 0)?;
    int(rint(x) as i64)
}
fn ldexp(vm: &mut Vm, a: &Args, _w: Want, _c: &Cv) -> R<Ret> {
    let (x, n) = (nv(vm, a, 0)?, iv(vm, a, 1)?);
    ok(integral(scalbn(x, n.clamp(-5000, 5000) as i32)))
}

/// Mantissa in [0.5, 1) and exponent.
fn frexp(vm: &mut Vm, a: &Args, _w: Want, _c: &Cv) -> R<Ret> {
    let x = nv(vm, a, 0)?;
    if x == 0.0 || !x.is_finite() {
        return list(vec![Val::num(x), Val::int(0)]);
    }
    let e = ilogb(x) + 1;
    list(vec![Val::num(scalbn(x, -e)), Val::int(e as i64)])
}

fn modf(vm: &mut Vm, a: &Args, _w: Want, _c: &Cv) -> R<Ret> {
    let x = nv(vm, a, 0)?;
    let frac = if x.is_infinite() { 0f64.copysign(x) } else { x - x.trunc() };
    list(vec![integral(frac), integral(x.trunc())])
}

/// The value in scalar context; in list context also how many characters were not used.
fn with_rest(w: Want, v: Val, unused: usize) -> R<Ret> {
    if w == Want::List { list(vec![v, Val::int(unused as i64)]) } else { ok(v) }
}

fn white(b: &[u8]) -> usize {
    b.iter().take_while(|c| keshi_text::is_space(**c)).count()
}

/// C's strtol rules: sign, base prefix; (negative, magnitude or overflow, bytes used).
fn integer_prefix(b: &[u8], mut base: i64) -> (bool, Option<u64>, usize) {
    let mut i = white(b);
    let negative = b.get(i) == Some(&b'-');
    if matches!(b.get(i), Some(b'-' | b'+')) {
        i += 1;
    }
    let hex = b.get(i) == Some(&b'0')
        && matches!(b.get(i + 1), Some(b'x' | b'X'))
        && b.get(i + 2).is_some_and(u8::is_ascii_hexdigit);
    if (base == 0 || base == 16) && hex {
        base = 16;
        i += 2;
    } else if base == 0 {
        base = if b.get(i) == Some(&b'0') { 8 } else { 10 };
    }
    let start = i;
    let mut n = Some(0u64);
    while let Some(d) = b.get(i).and_then(|c| (*c as char).to_digit(36)) {
        if d as i64 >= base {
            break;
        }
        n = n.and_then(|n| n.checked_mul(base as u64)).and_then(|n| n.checked_add(d as u64));
        i += 1;
    }
    if i == start { (false, Some(0), 0) } else { (negative, n, i) }
}

fn base_arg(vm: &mut Vm, a: &Args) -> R<Option<i64>> {
    let base = if a.len() > 1 { iv(vm, a, 1)? } else { 0 };
    if base == 0 || (2..=36).contains(&base) {
        return Ok(Some(base));
    }
    keshi_vm::rt::sys::set_errno(vm, libc::EINVAL);
    Ok(None)
}

fn strtol(vm: &mut Vm, a: &Args, w: Want, _c: &Cv) -> R<Ret> {
    count(vm, a, 1, 2, "POSIX::strtol(str, base = 0)")?;
    let b = bytes(vm, a, 0)?;
    let Some(base) = base_arg(vm, a)? else {
        return if w == Want::List { list(vec![Val::undef(), Val::undef()]) } else { undef() };
    };
    let (negative, n, used) = integer_prefix(&b, base);
    let v = match n {
        Some(n) if negative && n <= 1 << 63 => Val::int((n as i64).wrapping_neg()),
        Some(n) if !negative && n <= i64::MAX as u64 => Val::int(n as i64),
        _ => {
            keshi_vm::rt::sys::set_errno(vm, libc::ERANGE);
            Val::int(if negative { i64::MIN } else { i64::MAX })
        }
    };
    with_rest(w, v, b.len() - used)
}

fn strtoul(vm: &mut Vm, a: &Args, w: Want, _c: &Cv) -> R<Ret> {
    count(vm, a, 1, 2, "POSIX::strtoul(str, base = 0)")?;
    let b = bytes(vm, a, 0)?;
    let Some(base) = base_arg(vm, a)? else {
        return if w == Want::List { list(vec![Val::undef(), Val::undef()]) } else { undef() };
    };
    let (negative, n, used) = integer_prefix(&b, base);
    let v = match n {
        Some(n) => Val::uint(if negative { n.wrapping_neg() } else { n }),
        None => {
            keshi_vm::rt::sys::set_errno(vm, libc::ERANGE);
            Val::uint(u64::MAX)
        }
    };
    with_rest(w, v, b.len() - used)
}

fn strtod(vm: &mut Vm, a: &Args, w: Want, _c: &Cv) -> R<Ret> {
    count(vm, a, 1, 1, "POSIX::strtod(str)")?;
    let b = bytes(vm, a, 0)?;
    let Ok(c) = std::ffi::CString::new(b.split(|c| *c == 0).next().unwrap_or(&[])) else { return undef() };
    let mut end = std::ptr::null_mut();
    // SAFETY: `c` is a terminated string; `end` receives a pointer into it.
    let n = unsafe { libc::strtod(c.as_ptr(), &mut end) };
    let used = end as usize - c.as_ptr() as usize;
    with_rest(w, integral(n), b.len() - used)
}
