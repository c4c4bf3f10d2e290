//! `%e`, `%f`, `%g` and `%a` of finite doubles, exact for every precision and rounded half to even as C
//! does. The digits come from `core::fmt`, which is exact; this module adds C's layout. Signs, widths and
//! infinities are the caller's business (except in [`gen_g`], which writes the minus sign itself).

use std::io::Write;

/// No double has more digits than these after the point, or significant in all: more are zeros.
const MAX_FRAC: usize = 1074;
const MAX_SIG: usize = 767;

fn zeros(out: &mut Vec<u8>, n: usize) {
    out.resize(out.len() + n, b'0');
}

/// Writes to a vector, which cannot fail.
macro_rules! put {
    ($out:expr, $($fmt:tt)*) => {{ let _ = write!($out, $($fmt)*); }};
}

/// `%.{prec}f` of a non-negative finite number.
pub fn fixed(out: &mut Vec<u8>, a: f64, prec: usize, alt: bool) {
    let p = prec.min(MAX_FRAC);
    put!(out, "{:.*}", p, a);
    zeros(out, prec - p);
    if alt && prec == 0 {
        out.push(b'.');
    }
}

/// Significant digits (`n` ≥ 1 of them, without trailing ones beyond [`MAX_SIG`]) and decimal exponent.
fn digits(a: f64, n: usize) -> (Vec<u8>, i32) {
    let mut t = Vec::with_capacity(n.min(MAX_SIG) + 8);
    put!(t, "{:.*e}", n.min(MAX_SIG) - 1, a);
    let e = t.iter().position(|&b| b == b'e').unwrap_or(t.len());
    let exp = std::str::from_utf8(&t[(e + 1).min(t.len())..]).ok().and_then(|x| x.parse().ok()).unwrap_or(0);
    t.truncate(e);
    if t.len() > 1 {
        t.remove(1);
    }
    (t, exp)
}

fn exponent(out: &mut Vec<u8>, letter: u8, exp: i32) {
    out.push(letter);
    out.push(if exp < 0 { b'-' } else { b'+' });
    put!(out, "{:02}", exp.unsigned_abs());
}

/// `%.{prec}e` of a non-negative finite number.
pub fn scientific(out: &mut Vec<u8>, a: f64, prec: usize, alt: bool, upper: bool) {
    let (d, exp) = digits(a, prec.saturating_add(1));
    out.push(d[0]);
    if prec > 0 || alt {
        out.push(b'.');
    }
    out.extend_from_slice(&d[1..]);
    zeros(out, prec + 1 - d.len());
    exponent(out, if upper { b'E' } else { b'e' }, exp);
}

/// `%.{prec}g` of a non-negative finite number.
pub fn general(out: &mut Vec<u8>, a: f64, prec: usize, alt: bool, upper: bool) {
    let p = prec.max(1);
    let (mut d, exp) = digits(a, p);
    if !alt {
        while d.len() > 1 && d[d.len() - 1] == b'0' {
            d.pop();
        }
    } else {
        let missing = p.saturating_sub(d.len());
        zeros(&mut d, missing);
    }
    if exp < -4 || i64::from(exp) >= p as i64 {
        out.push(d[0]);
        if d.len() > 1 || alt {
            out.push(b'.');
        }
        out.extend_from_slice(&d[1..]);
        exponent(out, if upper { b'E' } else { b'e' }, exp);
    } else if exp < 0 {
        out.extend_from_slice(b"0.");
        zeros(out, (-1 - exp) as usize);
        out.extend_from_slice(&d);
    } else {
        let int = exp as usize + 1;
        if d.len() <= int {
            out.extend_from_slice(&d);
            zeros(out, int - d.len());
            if alt {
                out.push(b'.');
            }
        } else {
            out.extend_from_slice(&d[..int]);
            out.push(b'.');
            out.extend_from_slice(&d[int..]);
        }
    }
}

/// `%.{prec}g` with the minus sign.
pub fn gen_g(out: &mut Vec<u8>, n: f64, prec: usize) {
    if n.is_sign_negative() {
        out.push(b'-');
    }
    general(out, n.abs(), prec, false, false);
}

/// `%a` of a non-negative finite number without its `0x`: subnormals are normalised, and a carry out of
/// the fraction makes the leading digit 2.
pub fn hex(out: &mut Vec<u8>, a: f64, prec: Option<usize>, alt: bool, upper: bool) {
    let table: &[u8; 16] = if upper { b"0123456789ABCDEF" } else { b"0123456789abcdef" };
    let bits = a.to_bits();
    let mut frac = bits & ((1 << 52) - 1);
    let mut exp = (bits >> 52) as i32 - 1023;
    let mut lead = 1u8;
    if exp == -1023 {
        if frac == 0 {
            lead = 0;
            exp = 0;
        } else {
            let up = frac.leading_zeros() as i32 - 11;
            frac = (frac << up) & ((1 << 52) - 1);
            exp = -1022 - up;
        }
    }
    let mut nibbles = 13;
    if let Some(p) = prec
        && p < 13
    {
        let drop = (13 - p) as u32 * 4;
        let whole = (u64::from(lead) << 52) | frac;
        let mut kept = whole >> drop;
        // Perl decides by the first dropped digit alone: 8 counts as a tie whatever follows it.
        let first = (whole >> (drop - 4)) & 15;
        if first > 8 || (first == 8 && kept & 1 == 1) {
            kept += 1;
        }
        lead = (kept >> (p * 4)) as u8;
        frac = (kept << drop) & ((1 << 52) - 1);
        nibbles = p;
    }
    let mut text: Vec<u8> = (0..nibbles).map(|i| table[(frac >> (48 - 4 * i)) as usize & 15]).collect();
    match prec {
        None => {
            while text.last() == Some(&b'0') {
                text.pop();
            }
        }
        Some(p) => zeros(&mut text, p - nibbles),
    }
    out.push(b'0' + lead);
    if alt || !text.is_empty() {
        out.push(b'.');
    }
    out.extend_from_slice(&text);
    out.push(if upper { b'P' } else { b'p' });
    put!(out, "{exp:+}");
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with(f: impl Fn(&mut Vec<u8>)) -> String {
        let mut v = Vec::new();
        f(&mut v);
        String::from_utf8(v).unwrap()
    }

    #[test]
    fn rounds_half_to_even() {
        assert_eq!(with(|o| fixed(o, 0.5, 0, false)), "0");
        assert_eq!(with(|o| fixed(o, 1.5, 0, false)), "2");
        assert_eq!(with(|o| fixed(o, 2.5, 0, false)), "2");
        assert_eq!(with(|o| fixed(o, 0.25, 1, false)), "0.2");
        assert_eq!(with(|o| scientific(o, 1234.5, 0, false, false)), "1e+03");
        assert_eq!(with(|o| scientific(o, 2.5, 0, false, false)), "2e+00");
        assert_eq!(with(|o| scientific(o, 0.0, 3, false, true)), "0.000E+00");
    }

    #[test]
    fn general_layout() {
        assert_eq!(with(|o| general(o, 100000.0, 6, false, false)), "100000");
        assert_eq!(with(|o| general(o, 1e6, 6, false, false)), "1e+06");
        assert_eq!(with(|o| general(o, 1.0, 6, true, false)), "1.00000");
        assert_eq!(with(|o| general(o, 0.0, 6, true, false)), "0.00000");
        assert_eq!(with(|o| general(o, 0.00012345, 3, false, false)), "0.000123");
        assert_eq!(
            with(|o| general(o, 0.1, 100, false, false)),
            "0.1000000000000000055511151231257827021181583404541015625"
        );
    }

    #[test]
    fn hexadecimal() {
        assert_eq!(with(|o| hex(o, 0.1, None, false, false)), "1.999999999999ap-4");
        assert_eq!(with(|o| hex(o, 1.999, Some(1), false, false)), "2.0p+0");
        assert_eq!(with(|o| hex(o, 5e-324, None, false, false)), "1p-1074");
        assert_eq!(with(|o| hex(o, 1e-310, Some(2), false, false)), "1.26p-1030");
        assert_eq!(with(|o| hex(o, 1.0, Some(20), false, true)), "1.00000000000000000000P+0");
        assert_eq!(with(|o| hex(o, 1.0, Some(0), true, true)), "1.P+0");
    }
}
