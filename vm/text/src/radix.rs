//! Numbers in base 2, 8 and 16, and the numeric literals of source code.
//!
//! [`oct`] and [`hex`] are the builtins; [`literal`] scans a literal of a program. Warnings come back as
//! data in the order Perl raises them. A digit of a message is the byte taken as a Latin-1 character.

use crate::num::{Num, decimal};
use crate::{Category, Warning, is_space};

/// The base of a number: its name in messages, bits per digit and largest portable value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Base {
    Bin,
    Oct,
    Hex,
}

impl Base {
    fn bits(self) -> u32 {
        match self {
            Base::Bin => 1,
            Base::Oct => 3,
            Base::Hex => 4,
        }
    }
    fn name(self) -> &'static str {
        match self {
            Base::Bin => "binary",
            Base::Oct => "octal",
            Base::Hex => "hexadecimal",
        }
    }
    fn non_portable(self) -> &'static str {
        match self {
            Base::Bin => "Binary number > 0b11111111111111111111111111111111 non-portable",
            Base::Oct => "Octal number > 037777777777 non-portable",
            Base::Hex => "Hexadecimal number > 0xffffffff non-portable",
        }
    }
    fn digit(self, b: u8) -> Option<u32> {
        (b as char).to_digit(1 << self.bits())
    }
}

/// Value and warnings of [`oct`], [`hex`] and [`grok`].
#[derive(Clone, Debug, PartialEq)]
pub struct Radix {
    pub num: Num,
    /// Bytes of the argument used.
    pub used: usize,
    pub warnings: Vec<Warning>,
}

/// Collects digits; falls over to a double when 64 bits are not enough.
struct Acc {
    base: Base,
    uv: u64,
    nv: Option<f64>,
    warnings: Vec<Warning>,
}

impl Acc {
    fn new(base: Base) -> Self {
        Acc { base, uv: 0, nv: None, warnings: Vec::new() }
    }
    fn push(&mut self, d: u32) {
        let bits = self.base.bits();
        match &mut self.nv {
            Some(n) => *n = *n * f64::from(1u32 << bits) + f64::from(d),
            None if self.uv >> (64 - bits) != 0 => {
                let text = format!("Integer overflow in {} number", self.base.name());
                self.warnings.push(Warning::new(Category::Overflow, text));
                self.nv = Some(self.uv as f64 * f64::from(1u32 << bits) + f64::from(d));
            }
            None => self.uv = self.uv << bits | u64::from(d),
        }
    }
    fn finish(mut self, used: usize) -> Radix {
        if self.nv.is_some() || self.uv > 0xffff_ffff {
            self.warnings.push(Warning::new(Category::Portable, self.base.non_portable()));
        }
        let num = self.nv.map_or(Num::from_u64(self.uv), Num::Num);
        Radix { num, used, warnings: self.warnings }
    }
}

/// Digits of `base` from the start of `s`, with single underscores between or before digits. The first
/// other byte ends the number with a warning, except that octal warns only of 8 and 9.
pub fn grok(s: &[u8], base: Base) -> Radix {
    let mut acc = Acc::new(base);
    let mut i = 0;
    while let Some(&b) = s.get(i) {
        if let Some(d) = base.digit(b) {
            acc.push(d);
        } else if b == b'_' && s.get(i + 1).is_some_and(|&n| base.digit(n).is_some()) {
            // a separator
        } else {
            if base != Base::Oct || matches!(b, b'8' | b'9') {
                let text = format!("Illegal {} digit '{}' ignored", base.name(), b as char);
                acc.warnings.push(Warning::new(Category::Digit, text));
            }
            break;
        }
        i += 1;
    }
    acc.finish(i)
}

fn skip_prefix(s: &[u8], letter: u8) -> Option<usize> {
    match s {
        [b'0', l, ..] if l.eq_ignore_ascii_case(&letter) => Some(2),
        [l, ..] if l.eq_ignore_ascii_case(&letter) => Some(1),
        _ => None,
    }
}

fn grok_from(s: &[u8], at: usize, base: Base) -> Radix {
    let mut r = grok(&s[at..], base);
    r.used += at;
    r
}

/// The builtin `oct`: octal, or any base by the prefix `0x`, `x`, `0b`, `b`, `0o`, `o`.
pub fn oct(s: &[u8]) -> Radix {
    let blanks = s.iter().take_while(|&&b| is_space(b)).count();
    let t = &s[blanks..];
    for (letter, base) in [(b'x', Base::Hex), (b'b', Base::Bin), (b'o', Base::Oct)] {
        if let Some(n) = skip_prefix(t, letter) {
            return grok_from(s, blanks + n, base);
        }
    }
    grok_from(s, blanks, Base::Oct)
}

/// The builtin `hex`: an optional `0x` or `x`, then hexadecimal digits.
pub fn hex(s: &[u8]) -> Radix {
    grok_from(s, skip_prefix(s, b'x').unwrap_or(0), Base::Hex)
}

/// A numeric literal of a program.
#[derive(Clone, Debug, PartialEq)]
pub struct Literal {
    pub num: Num,
    /// Bytes of source used.
    pub used: usize,
    pub warnings: Vec<Warning>,
    /// Text of a syntax error, such as `Illegal octal digit '8'`.
    pub error: Option<String>,
}

/// Scans the literal at the start of `s`, which begins with a digit, or a point and a digit. Version
/// strings (`1.2.3`) and ranges (`1..2`) are the lexer's: of `1.2.3` this takes `1.2`, of `1..2` only `1`.
pub fn literal(s: &[u8]) -> Literal {
    match s {
        [b'0', b'x' | b'X', ..] => radix_literal(s, 2, Base::Hex),
        [b'0', b'b' | b'B', ..] => radix_literal(s, 2, Base::Bin),
        [b'0', b'o' | b'O', ..] => radix_literal(s, 2, Base::Oct),
        [b'0', b'0'..=b'9' | b'_', ..] => radix_literal(s, 1, Base::Oct),
        _ => decimal_literal(s),
    }
}

/// Said once per literal.
fn misplaced(warnings: &mut Vec<Warning>) {
    let w = Warning::new(Category::Syntax, "Misplaced _ in number");
    if !warnings.contains(&w) {
        warnings.push(w);
    }
}

/// Takes digits and underscores. An underscore must stand between two digits.
fn run(s: &[u8], i: &mut usize, text: &mut Vec<u8>, warnings: &mut Vec<Warning>, ok: impl Fn(u8) -> bool) {
    let mut prev_digit = false;
    while let Some(&b) = s.get(*i) {
        if b == b'_' {
            if !prev_digit || !s.get(*i + 1).is_some_and(|&n| ok(n) || n == b'_') {
                misplaced(warnings);
            }
            prev_digit = false;
        } else if ok(b) {
            text.push(b);
            prev_digit = true;
        } else {
            break;
        }
        *i += 1;
    }
}

fn decimal_literal(s: &[u8]) -> Literal {
    let mut text = Vec::new();
    let mut warnings = Vec::new();
    let mut i = 0;
    let mut float = false;
    let is_digit = |b: u8| b.is_ascii_digit();
    run(s, &mut i, &mut text, &mut warnings, is_digit);
    if s.get(i) == Some(&b'.') && s.get(i + 1) != Some(&b'.') {
        float = true;
        text.push(b'.');
        i += 1;
        run(s, &mut i, &mut text, &mut warnings, is_digit);
    }
    if matches!(s.get(i), Some(b'e' | b'E')) {
        let mut j = i + 1;
        let mut exp = vec![b'e'];
        let mut more = Vec::new();
        if let Some(&sign @ (b'+' | b'-')) = s.get(j) {
            exp.push(sign);
            j += 1;
        }
        run(s, &mut j, &mut exp, &mut more, is_digit);
        if exp.last().is_some_and(u8::is_ascii_digit) {
            float = true;
            text.extend_from_slice(&exp);
            more.retain(|w| !warnings.contains(w));
            warnings.append(&mut more);
            i = j;
        }
    }
    let int = (!float)
        .then(|| std::str::from_utf8(&text).ok().and_then(|t| t.parse::<u64>().ok()))
        .flatten()
        .map(Num::from_u64);
    let num = int.unwrap_or_else(|| Num::Num(decimal(&text)));
    Literal { num, used: i, warnings, error: None }
}

fn radix_literal(s: &[u8], start: usize, base: Base) -> Literal {
    let mut digits = Vec::new();
    let mut warnings = Vec::new();
    let mut i = start;
    let is_digit = |b: u8| base.digit(b).is_some();
    run(s, &mut i, &mut digits, &mut warnings, is_digit);
    if let Some((num, used)) = radix_float(s, i, &digits, base, &mut warnings) {
        return Literal { num, used, warnings, error: None };
    }
    let mut error = None;
    if let Some(&d) = s.get(i)
        && base != Base::Hex
        && d.is_ascii_digit()
    {
        error = Some(format!("Illegal {} digit '{}'", base.name(), d as char));
        i += 1;
    } else if digits.is_empty() && start == 2 {
        error = Some(format!("No digits found for {} literal", base.name()));
    }
    let mut acc = Acc::new(base);
    digits.iter().filter_map(|&b| base.digit(b)).for_each(|d| acc.push(d));
    let r = acc.finish(i);
    warnings.extend(r.warnings);
    Literal { num: r.num, used: i, warnings, error }
}

/// The rest of a floating literal such as `0x1.8p3`, when there is a binary exponent.
fn radix_float(
    s: &[u8],
    mut i: usize,
    int: &[u8],
    base: Base,
    warnings: &mut Vec<Warning>,
) -> Option<(Num, usize)> {
    let mut frac = Vec::new();
    let mut more = Vec::new();
    if s.get(i) == Some(&b'.') {
        i += 1;
        run(s, &mut i, &mut frac, &mut more, |b| base.digit(b).is_some());
    }
    if !matches!(s.get(i), Some(b'p' | b'P')) || (int.is_empty() && frac.is_empty()) {
        return None;
    }
    i += 1;
    let neg = crate::num::sign(s, &mut i);
    if !s.get(i).is_some_and(u8::is_ascii_digit) {
        return None;
    }
    let mut exp_text = Vec::new();
    run(s, &mut i, &mut exp_text, &mut more, |b| b.is_ascii_digit());
    more.retain(|w| !warnings.contains(w));
    warnings.append(&mut more);
    let exp = exp_text.iter().fold(0i64, |e, &d| (e * 10 + i64::from(d - b'0')).min(1 << 40));
    // 64 bits of mantissa are kept; the bits beyond the double's 53 are cut off with a warning.
    let bits = base.bits();
    let mut mant: u64 = 0;
    let mut scale = if neg { -exp } else { exp };
    let mut lost = false;
    for (k, &b) in int.iter().chain(&frac).enumerate() {
        let d = u64::from(base.digit(b).unwrap_or(0));
        if mant >> (64 - bits) == 0 {
            mant = mant << bits | d;
            scale -= if k >= int.len() { i64::from(bits) } else { 0 };
        } else {
            lost |= d != 0;
            scale += if k < int.len() { i64::from(bits) } else { 0 };
        }
    }
    let extra = 11u32.saturating_sub(mant.leading_zeros());
    if mant & ((1 << extra) - 1) != 0 {
        lost = true;
    }
    mant &= !((1u64 << extra) - 1);
    if lost {
        warnings.push(Warning::new(Category::Overflow, "Hexadecimal float: mantissa overflow"));
    }
    // A zero mantissa does not save a wild exponent from the warning.
    let top = scale + 63 - i64::from(mant.max(1).leading_zeros());
    if top > 1023 {
        warnings.push(Warning::new(Category::Overflow, "Hexadecimal float: exponent overflow"));
    } else if top < -1022 {
        warnings.push(Warning::new(Category::Overflow, "Hexadecimal float: exponent underflow"));
    }
    Some((Num::Num(ldexp(mant as f64, scale)), i))
}

/// `x * 2^e` in steps that neither overflow nor underflow early.
fn ldexp(mut x: f64, e: i64) -> f64 {
    let mut e = e.clamp(-4000, 4000);
    while e > 1000 {
        x *= 2f64.powi(1000);
        e -= 1000;
    }
    while e < -960 {
        // Only the last step can round, because before it the value stays a normal number or is 0.
        x *= 2f64.powi(-960);
        e += 960;
    }
    x * 2f64.powi(e as i32)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn msgs(w: &[Warning]) -> Vec<&str> {
        w.iter().map(|w| w.msg.as_str()).collect()
    }

    #[test]
    fn builtins() {
        for (t, v) in
            [("0xFF", 255), ("b101", 5), ("0o17", 15), ("789", 7), (" 12", 10), ("0x_1f", 31), ("1__2", 1)]
        {
            assert_eq!(oct(t.as_bytes()).num, Num::Int(v), "{t}");
        }
        assert_eq!(hex(b"0b101").num, Num::Int(45313));
        assert_eq!(msgs(&hex(b"0xg").warnings), ["Illegal hexadecimal digit 'g' ignored"]);
        let r = hex(b"fffffffffffffffff");
        assert_eq!(r.num, Num::Num(295147905179352825855.0));
        assert_eq!(
            msgs(&r.warnings),
            ["Integer overflow in hexadecimal number", "Hexadecimal number > 0xffffffff non-portable"]
        );
        assert_eq!(oct(b"1777777777777777777777").num, Num::Uint(u64::MAX));
    }

    #[test]
    fn literals() {
        for (t, v, used) in [
            ("1_000;", Num::Int(1000), 5),
            ("0x1.8p3", Num::Num(12.0), 7),
            ("0x.8p1", Num::Num(1.0), 6),
            ("0x1.8", Num::Int(1), 3),
            ("0x1p", Num::Int(1), 3),
            ("1e", Num::Int(1), 1),
            ("1..2", Num::Int(1), 1),
            ("1.5e+3", Num::Num(1500.0), 6),
            ("01.4p0", Num::Num(1.5), 6),
            ("00", Num::Int(0), 2),
            ("18446744073709551616", Num::Num(18446744073709551616.0), 20),
            ("0x1p-1074", Num::Num(5e-324), 9),
            ("0x1p-1075", Num::Num(0.0), 9),
            ("0x1p1024", Num::Num(f64::INFINITY), 8),
            (".5", Num::Num(0.5), 2),
        ] {
            let l = literal(t.as_bytes());
            assert_eq!((l.num, l.used, l.error), (v, used, None), "{t}");
        }
        assert_eq!(literal(b"019").error.unwrap(), "Illegal octal digit '9'");
        assert_eq!(literal(b"0x").error.unwrap(), "No digits found for hexadecimal literal");
        for t in ["1__0", "1_", "0x_ff", "1e_5", "1._5", "0_7"] {
            assert_eq!(msgs(&literal(t.as_bytes()).warnings), ["Misplaced _ in number"], "{t}");
        }
        assert!(literal(b"1_0.5_5e1_0").warnings.is_empty());
    }
}
