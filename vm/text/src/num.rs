//! Numbers and their decimal spelling.
//!
//! * [`parse`] gives the numeric value of a string exactly as Perl does: leading and trailing white
//!   space, sign, decimal integer (IV, UV or NV by size), fraction, exponent, the spellings of infinity
//!   and NaN, and how far the number went.
//! * [`fmt_nv`] is Perl's `%.15g` stringification, with fast paths for integers and short decimals.
//! * [`nv_to_iv`] and [`nv_to_uv`] are Perl's casts of an NV to an IV or UV.
//! * [`str_inc`] is the magical `++` on strings.

use crate::is_space;

/// A numeric value: an IV, a UV above `i64::MAX`, or an NV.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Num {
    Int(i64),
    Uint(u64),
    Num(f64),
}

impl Num {
    /// The smallest representation of an unsigned integer: `Int` when it fits.
    #[inline]
    pub fn from_u64(v: u64) -> Num {
        if v <= i64::MAX as u64 { Num::Int(v as i64) } else { Num::Uint(v) }
    }
    /// The value as NV.
    #[inline]
    pub fn nv(self) -> f64 {
        match self {
            Num::Int(i) => i as f64,
            Num::Uint(u) => u as f64,
            Num::Num(n) => n,
        }
    }
    /// The value as IV (`SvIV`): NVs are truncated, big values wrap or saturate as Perl's casts do.
    #[inline]
    pub fn iv(self) -> i64 {
        match self {
            Num::Int(i) => i,
            Num::Uint(u) => u as i64,
            Num::Num(n) => nv_to_iv(n),
        }
    }
    /// The value as UV (`SvUV`).
    #[inline]
    pub fn uv(self) -> u64 {
        match self {
            Num::Int(i) => i as u64,
            Num::Uint(u) => u,
            Num::Num(n) => nv_to_uv(n),
        }
    }
    /// True for infinities and NaN.
    #[inline]
    pub fn is_infnan(self) -> bool {
        matches!(self, Num::Num(n) if !n.is_finite())
    }
    /// True for every value below zero (not for -0.0 nor NaN).
    #[inline]
    pub fn is_neg(self) -> bool {
        match self {
            Num::Int(i) => i < 0,
            Num::Uint(_) => false,
            Num::Num(n) => n < 0.0,
        }
    }
    /// Appends Perl's stringification.
    pub fn fmt(self, out: &mut Vec<u8>) {
        match self {
            Num::Int(i) => fmt_iv(out, i),
            Num::Uint(u) => fmt_uv(out, u),
            Num::Num(n) => fmt_nv(out, n),
        }
    }
}

/// What [`parse`] found.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Parsed {
    pub num: Num,
    /// The whole string is a number (`looks_like_number`); otherwise using it as a number warns
    /// `Argument "%s" isn't numeric`.
    pub whole: bool,
    /// Bytes used, including leading but not trailing white space; 0 when there is no number.
    pub used: usize,
    /// Spelled as a plain integer (no point, no exponent, no Inf/NaN).
    pub integer: bool,
}

const NOT_A_NUMBER: Parsed = Parsed { num: Num::Int(0), whole: false, used: 0, integer: true };

/// Takes a sign at `i`; true for a minus.
#[inline]
pub(crate) fn sign(s: &[u8], i: &mut usize) -> bool {
    let c = s.get(*i);
    if matches!(c, Some(b'-' | b'+')) {
        *i += 1;
    }
    c == Some(&b'-')
}

/// The numeric value of a string.
pub fn parse(s: &[u8]) -> Parsed {
    let mut i = 0;
    while i < s.len() && is_space(s[i]) {
        i += 1;
    }
    let neg = sign(s, &mut i);
    let start = i;
    let mut mant: u64 = 0;
    let mut big = false;
    while let Some(&c) = s.get(i) {
        let d = c.wrapping_sub(b'0');
        if d > 9 {
            break;
        }
        // 19 digits cannot overflow, so the check is only for the rare long number.
        if i - start < 18 {
            mant = mant * 10 + u64::from(d);
        } else if !big {
            match mant.checked_mul(10).and_then(|m| m.checked_add(u64::from(d))) {
                Some(m) => mant = m,
                None => big = true,
            }
        }
        i += 1;
    }
    let int_digits = i - start;
    let next = s.get(i).copied();
    if int_digits == 0 && next != Some(b'.') {
        // Perl takes a lone minus sign followed by white space for a number.
        let sign_only = neg && start < s.len() && rest_blank(s, start);
        return infnan(s, start, neg).unwrap_or(Parsed { whole: sign_only, ..NOT_A_NUMBER });
    }
    if !matches!(next, Some(b'.' | b'e' | b'E' | b'#')) {
        let whole = rest_blank(s, i) || s == b"0 but true";
        return Parsed { num: integer(neg, mant, big, &s[start..i]), whole, used: i, integer: true };
    }
    // "1#INF" and "1.#IND" are the old Windows spellings.
    if next == Some(b'#') || (next == Some(b'.') && s.get(i + 1) == Some(&b'#')) {
        if int_digits == 1
            && mant == 1
            && let Some(p) = infnan(s, start, neg)
        {
            return p;
        }
        if next == Some(b'#') {
            return Parsed {
                num: integer(neg, mant, big, &s[start..i]),
                whole: false,
                used: i,
                integer: true,
            };
        }
    }
    let mut float = false;
    if next == Some(b'.') {
        let frac = i + 1;
        let mut j = frac;
        while j < s.len() && s[j].is_ascii_digit() {
            j += 1;
        }
        if int_digits == 0 && j == frac {
            return NOT_A_NUMBER;
        }
        float = true;
        i = j;
    }
    if matches!(s.get(i), Some(b'e' | b'E')) {
        let mut j = i + 1;
        if matches!(s.get(j), Some(b'+' | b'-')) {
            j += 1;
        }
        let digits = j;
        while j < s.len() && s[j].is_ascii_digit() {
            j += 1;
        }
        if j > digits {
            float = true;
            i = j;
        }
    }
    let whole = rest_blank(s, i);
    if !float {
        return Parsed { num: integer(neg, mant, big, &s[start..i]), whole, used: i, integer: true };
    }
    let v = decimal(&s[start..i]);
    Parsed { num: Num::Num(if neg { -v } else { v }), whole, used: i, integer: false }
}

/// True if the string as a whole spells a number.
pub fn looks_like_number(s: &[u8]) -> bool {
    parse(s).whole
}

fn rest_blank(s: &[u8], at: usize) -> bool {
    s[at..].iter().all(|&b| is_space(b))
}

fn integer(neg: bool, mant: u64, big: bool, digits: &[u8]) -> Num {
    if big {
        let v = decimal(digits);
        return Num::Num(if neg { -v } else { v });
    }
    if !neg {
        return Num::from_u64(mant);
    }
    match mant {
        0..=0x7fff_ffff_ffff_ffff => Num::Int(-(mant as i64)),
        0x8000_0000_0000_0000 => Num::Int(i64::MIN),
        _ => Num::Num(-(mant as f64)),
    }
}

/// Correctly rounded value of an unsigned decimal number (digits, point, exponent; already scanned).
pub fn decimal(digits: &[u8]) -> f64 {
    // The scanner lets through only what `f64::from_str` takes, so the fallback is never used.
    std::str::from_utf8(digits).ok().and_then(|t| t.parse::<f64>().ok()).unwrap_or(0.0)
}

/// Infinity and NaN at `at` (just after the sign).
fn infnan(s: &[u8], at: usize, neg: bool) -> Option<Parsed> {
    let mut i = at;
    let windows = s.get(i) == Some(&b'1');
    if windows {
        i += 1;
        if s.get(i) == Some(&b'.') {
            i += 1;
        }
        if s.get(i) != Some(&b'#') {
            return None;
        }
        i += 1;
    }
    let has = |i: usize, w: &[u8]| s.get(i..i + w.len()).is_some_and(|t| t.eq_ignore_ascii_case(w));
    let done = |v: f64, end: usize, ok: bool| {
        let whole = ok && rest_blank(s, end);
        Some(Parsed { num: Num::Num(if neg { -v } else { v }), whole, used: end, integer: false })
    };
    // The Windows spellings may be padded with zeros.
    let pad = |mut i: usize| {
        while windows && s.get(i) == Some(&b'0') {
            i += 1;
        }
        i
    };
    if has(i, b"infinity") {
        return done(f64::INFINITY, i + 8, true);
    }
    if has(i, b"inf") {
        return done(f64::INFINITY, pad(i + 3), true);
    }
    if windows && has(i, b"ind") {
        return done(f64::NAN, pad(i + 3), true);
    }
    let prefixed = has(i, b"qnan") || has(i, b"snan");
    let n = if prefixed { i + 1 } else { i };
    if !has(n, b"nan") {
        return None;
    }
    let mut end = n + 3;
    if !prefixed && matches!(s.get(end), Some(b'q' | b'Q' | b's' | b'S')) {
        end += 1;
    }
    if s.get(end) == Some(&b'(') {
        return match s[end..].iter().position(|&b| b == b')') {
            Some(close) => {
                let ok = nan_payload(&s[end + 1..end + close]);
                done(f64::NAN, if ok { end + close + 1 } else { end }, ok)
            }
            None => done(f64::NAN, end, false),
        };
    }
    done(f64::NAN, pad(end), true)
}

fn nan_payload(p: &[u8]) -> bool {
    match p {
        [b'0', b'x' | b'X', hex @ ..] => !hex.is_empty() && hex.iter().all(u8::is_ascii_hexdigit),
        [b'0', b'b' | b'B', bin @ ..] => !bin.is_empty() && bin.iter().all(|b| matches!(b, b'0' | b'1')),
        _ => !p.is_empty() && p.iter().all(u8::is_ascii_digit),
    }
}

const TWO63: f64 = 9_223_372_036_854_775_808.0;
const TWO64: f64 = 18_446_744_073_709_551_616.0;

/// Perl's cast of an NV to an IV: values from 2^63 up go through UV and wrap, NaN is 0.
#[inline]
pub fn nv_to_iv(n: f64) -> i64 {
    if n < TWO63 {
        n as i64
    } else if n < TWO64 {
        n as u64 as i64
    } else if n > 0.0 {
        -1
    } else {
        0
    }
}

/// Perl's cast of an NV to a UV: negative values go through IV and wrap, NaN is 0.
#[inline]
pub fn nv_to_uv(n: f64) -> u64 {
    if n < 0.0 { n as i64 as u64 } else { n as u64 }
}

static PAIRS: &[u8; 200] = b"0001020304050607080910111213141516171819\
2021222324252627282930313233343536373839\
4041424344454647484950515253545556575859\
6061626364656667686970717273747576777879\
8081828384858687888990919293949596979899";

/// Writes the decimal digits of `v` to the end of `buf` and returns where they start.
#[inline]
fn digits(buf: &mut [u8; 20], mut v: u64) -> usize {
    let mut at = 20;
    while v >= 100 {
        let d = (v % 100) as usize * 2;
        v /= 100;
        at -= 2;
        buf[at..at + 2].copy_from_slice(&PAIRS[d..d + 2]);
    }
    if v >= 10 {
        at -= 2;
        buf[at..at + 2].copy_from_slice(&PAIRS[v as usize * 2..v as usize * 2 + 2]);
    } else {
        at -= 1;
        buf[at] = b'0' + v as u8;
    }
    at
}

/// Appends an unsigned integer.
#[inline]
pub fn fmt_uv(out: &mut Vec<u8>, v: u64) {
    let mut buf = [0; 20];
    let at = digits(&mut buf, v);
    out.extend_from_slice(&buf[at..]);
}

/// Appends a signed integer.
#[inline]
pub fn fmt_iv(out: &mut Vec<u8>, v: i64) {
    if v < 0 {
        out.push(b'-');
    }
    fmt_uv(out, v.unsigned_abs());
}

const POW10: [f64; 9] = [1.0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8];

/// Appends an NV as Perl prints it: `%.15g`, `Inf`, `-Inf`, `NaN`; minus zero prints as `0`.
pub fn fmt_nv(out: &mut Vec<u8>, n: f64) {
    if n == 0.0 {
        out.push(b'0');
        return;
    }
    let a = n.abs();
    if a < 1e15 {
        let t = a as u64;
        if t as f64 == a {
            if n < 0.0 {
                out.push(b'-');
            }
            fmt_uv(out, t);
            return;
        }
        if (1e-4..1e7).contains(&a) && short_decimal(out, n, a) {
            return;
        }
    } else if !n.is_finite() {
        out.extend_from_slice(if n.is_nan() {
            b"NaN"
        } else if n < 0.0 {
            b"-Inf"
        } else {
            b"Inf"
        });
        return;
    }
    crate::float::gen_g(out, n, 15);
}

/// Decimals of at most eight places. `t / 10^k` is one correctly rounded division of exact operands, so
/// when it gives the number back, `t` has its digits; with at most 15 digits they are those of `%.15g`.
fn short_decimal(out: &mut Vec<u8>, n: f64, a: f64) -> bool {
    for (k, &p) in POW10.iter().enumerate().skip(1) {
        let t = (a * p).round();
        if t >= 1e15 {
            return false;
        }
        if t / p == a {
            if n < 0.0 {
                out.push(b'-');
            }
            let whole = (t / p) as u64;
            fmt_uv(out, whole);
            out.push(b'.');
            let mut frac = (t as u64) - whole * p as u64;
            let at = out.len();
            out.resize(at + k, b'0');
            for slot in out[at..].iter_mut().rev() {
                *slot = b'0' + (frac % 10) as u8;
                frac /= 10;
            }
            return true;
        }
    }
    false
}

/// The stringification of an NV as its own vector.
pub fn nv_string(n: f64) -> Vec<u8> {
    let mut v = Vec::with_capacity(24);
    fmt_nv(&mut v, n);
    v
}

/// Perl's magical string increment: `Some` for strings matching `/^[a-zA-Z]*[0-9]*\z/` which are not
/// empty and not all digits (those are incremented as numbers).
pub fn str_inc(s: &[u8]) -> Option<Vec<u8>> {
    let letters = s.iter().take_while(|b| b.is_ascii_alphabetic()).count();
    if letters == 0 || !s[letters..].iter().all(u8::is_ascii_digit) {
        return None;
    }
    let mut v = s.to_vec();
    for c in v.iter_mut().rev() {
        match *c {
            b'z' => *c = b'a',
            b'Z' => *c = b'A',
            b'9' => *c = b'0',
            _ => {
                *c += 1;
                return Some(v);
            }
        }
    }
    let first = match v[0] {
        b'0' => b'1',
        c => c,
    };
    v.insert(0, first);
    Some(v)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn s(n: f64) -> String {
        String::from_utf8(nv_string(n)).unwrap()
    }

    #[test]
    fn parses_integers_by_size() {
        assert_eq!(parse(b" 12 ").num, Num::Int(12));
        assert_eq!(parse(b"9223372036854775808").num, Num::Uint(1 << 63));
        assert_eq!(parse(b"-9223372036854775808").num, Num::Int(i64::MIN));
        assert_eq!(parse(b"-9223372036854775809").num, Num::Num(-9223372036854775809.0));
        assert_eq!(parse(b"18446744073709551615").num, Num::Uint(u64::MAX));
        assert_eq!(parse(b"18446744073709551616").num, Num::Num(TWO64));
        assert_eq!(parse(b"000000000000000000000000000000000001").num, Num::Int(1));
    }

    #[test]
    fn looks_like_number_as_perl() {
        for y in [
            " 1",
            "1 ",
            "1\n",
            "+1",
            "1.",
            ".5",
            "1.e3",
            "1e5 ",
            "Inf",
            "-inf",
            "INFINITY",
            "nan",
            "nanq",
            "qnan",
            "nan(123)",
            "nan(0x12)",
            "1.#INF",
            "1#INF",
            "1.#IND",
            "1.#QNAN",
            "1.#INF000",
            "0 but true",
            "inf ",
        ] {
            assert!(looks_like_number(y.as_bytes()), "{y}");
        }
        for n in [
            "",
            " ",
            "1 x",
            "+",
            "-",
            ".",
            "1e",
            "1e+",
            "0x10",
            "1_0",
            "Infinite",
            "infx",
            "- inf",
            "nan(",
            "nanx",
            "nan()",
            "nan(12)x",
            "#INF",
            "1.#INFx",
            "1.#IND(1)",
            "0 but True",
            "  0 but true",
            ".e1",
            "1.2.3",
        ] {
            assert!(!looks_like_number(n.as_bytes()), "{n}");
        }
    }

    #[test]
    fn parses_prefixes() {
        assert_eq!(parse(b"1.5e3abc").num, Num::Num(1500.0));
        assert_eq!(parse(b"1e").num, Num::Int(1));
        assert_eq!(parse(b"3 apples").used, 1);
        assert!(parse(b"nanx").num.nv().is_nan());
        assert_eq!(parse(b"1e400").num, Num::Num(f64::INFINITY));
        assert_eq!(parse(b"0e99999999999").num, Num::Num(0.0));
    }

    #[test]
    fn formats() {
        for (n, t) in [
            (0.1, "0.1"),
            (-0.0, "0"),
            (1e15, "1e+15"),
            (123456.789, "123456.789"),
            (0.1 + 0.2, "0.3"),
            (1e-5, "1e-05"),
            (0.0001, "0.0001"),
            (1e20, "1e+20"),
            (1e100, "1e+100"),
            (1.0 / 3.0, "0.333333333333333"),
            (5e-324, "4.94065645841247e-324"),
            (f64::MAX, "1.79769313486232e+308"),
            (999999999999999.9, "1e+15"),
            (-1.5, "-1.5"),
            (1.10, "1.1"),
            (f64::NEG_INFINITY, "-Inf"),
            (3.00000001, "3.00000001"),
            (100000000000000.5, "100000000000000"),
        ] {
            assert_eq!(s(n), t);
        }
    }

    #[test]
    fn casts() {
        assert_eq!(nv_to_iv(1e20), -1);
        assert_eq!(nv_to_iv(-1e20), i64::MIN);
        assert_eq!(nv_to_iv(f64::NAN), 0);
        assert_eq!(nv_to_iv(TWO63), i64::MIN);
        assert_eq!(nv_to_uv(-1.5), u64::MAX);
    }

    #[test]
    fn increments() {
        for (a, b) in
            [("az", "ba"), ("Zz", "AAa"), ("a9", "b0"), ("zz99", "aaa00"), ("zZ9", "aaA0"), ("Z", "AA")]
        {
            assert_eq!(str_inc(a.as_bytes()).unwrap(), b.as_bytes());
        }
        for n in ["", "9", "a-b", "9z", "a9b"] {
            assert_eq!(str_inc(n.as_bytes()), None);
        }
    }
}
