//! Meanings of the prims that are longer than an expression. Called by the dispatch loop, by the folder and, as
//! helpers, by compiled code. All total: no operand makes them panic.

/// Where doubles end to stand for integers as well: perl prints integers from here on in full.
const WIDE: u64 = 1e15f64.to_bits() << 1;

#[inline]
pub fn fwide(a: f64) -> bool {
    a.to_bits() << 1 >= WIDE
}

#[inline]
pub fn faddx(a: f64, b: f64) -> (f64, bool) {
    let sum = a + b;
    if rare(sum) { (sum + 0.0, fwide(sum)) } else { (sum, false) }
}

#[inline]
pub fn fsubx(a: f64, b: f64) -> (f64, bool) {
    let difference = a - b;
    if rare(difference) { (difference + 0.0, fwide(difference)) } else { (difference, false) }
}

#[inline]
pub fn fmulx(a: f64, b: f64) -> (f64, bool) {
    let product = a * b;
    if rare(product) { (zero_product(a, b, product), fwide(product)) } else { (product, false) }
}

/// Zero, wide or no number.
#[inline]
fn rare(x: f64) -> bool {
    (x.to_bits() << 1).wrapping_sub(1) >= WIDE - 1
}

#[cold]
fn zero_product(a: f64, b: f64, product: f64) -> f64 {
    let integer = |x: f64| x.trunc() == x && x.abs() < (1u64 << 53) as f64;
    if product == 0.0 && integer(a) && integer(b) { 0.0 } else { product }
}

pub fn floormod(a: i64, b: i64) -> i64 {
    if b == 0 {
        return 0;
    }
    let r = a.wrapping_rem(b);
    if r != 0 && (r ^ b) < 0 { r + b } else { r }
}

pub fn divexact(a: i64, b: i64) -> (i64, bool) {
    match (a.checked_div(b), a.checked_rem(b)) {
        (Some(q), Some(0)) => (q, false),
        _ => (0, true),
    }
}

pub fn shl_perl(a: i64, b: i64) -> i64 {
    let (a, n) = (a as u64, b.unsigned_abs());
    let v = match (n < 64, b >= 0) {
        (false, _) => 0,
        (true, true) => a << n,
        (true, false) => a >> n,
    };
    v as i64
}

pub fn shr_perl(a: i64, b: i64) -> i64 {
    let (a, n) = (a as u64, b.unsigned_abs());
    let v = match (n < 64, b >= 0) {
        (false, _) => 0,
        (true, true) => a >> n,
        (true, false) => a << n,
    };
    v as i64
}

pub fn sar_perl(a: i64, b: i64) -> i64 {
    let n = b.unsigned_abs();
    if b >= 0 {
        a >> n.min(63)
    } else if n < 64 {
        ((a as u64) << n) as i64
    } else {
        0
    }
}

pub fn shl_iv(a: i64, b: i64) -> i64 {
    let n = b.unsigned_abs();
    if b < 0 {
        a >> n.min(63)
    } else if n < 64 {
        ((a as u64) << n) as i64
    } else {
        0
    }
}

/// The integer with exactly this value. `-0.0` is a double and nothing else.
pub fn f2i_exact(a: f64) -> (i64, bool) {
    let i = a as i64;
    let ok = i as f64 == a && (-9223372036854775808.0..9223372036854775808.0).contains(&a);
    (i, !ok || (i == 0 && a.is_sign_negative()))
}

pub fn f2u_exact(a: f64) -> (i64, bool) {
    let u = a as u64;
    let ok = u as f64 == a && (0.0..18446744073709551616.0).contains(&a);
    (u as i64, !ok || (u == 0 && a.is_sign_negative()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn modulus_follows_the_divisor() {
        assert_eq!(floormod(-7, 3), 2);
        assert_eq!(floormod(7, -3), -2);
        assert_eq!(floormod(i64::MIN, -1), 0);
        assert_eq!(floormod(6, 3), 0);
    }

    #[test]
    fn shifts_saturate() {
        assert_eq!(shl_perl(1, 64), 0);
        assert_eq!(shl_perl(1, -1), 0);
        assert_eq!(shr_perl(-1, 63), 1);
        assert_eq!(sar_perl(-1, 200), -1);
        assert_eq!(shl_iv(-8, -1), -4);
        assert_eq!(shl_perl(5, i64::MIN), 0);
    }

    #[test]
    fn exact_conversions() {
        assert_eq!(f2i_exact(3.0), (3, false));
        assert!(f2i_exact(-0.0).1 && f2i_exact(0.5).1 && f2i_exact(f64::NAN).1 && f2i_exact(9.3e18).1);
        assert!(f2i_exact(9223372036854775808.0).1);
        assert_eq!(f2i_exact(-9223372036854775808.0), (i64::MIN, false));
        assert_eq!(f2u_exact(9223372036854775808.0), (i64::MIN, false));
        assert_eq!(divexact(6, 3), (2, false));
        assert!(divexact(7, 3).1 && divexact(i64::MIN, -1).1);
    }
}
