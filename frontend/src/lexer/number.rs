//! Numeric literals and v-strings.
use super::{Lexer, is_word};
use logos::Logos;

/// A numeric literal.
#[derive(Clone, PartialEq, Debug)]
pub enum Number {
    Int(u64),
    Float(f64),
    /// Code points of a v-string.
    VString(Vec<u64>),
}

#[derive(Logos, Clone, Copy, PartialEq, Eq, Debug)]
#[logos(utf8 = false)]
enum NumTok {
    #[regex("0[xX]_*[0-9a-fA-F][0-9a-fA-F_]*(\\.[0-9a-fA-F_]*)?[pP][+-]?[0-9][0-9_]*")]
    #[regex("0[xX]_*\\._*[0-9a-fA-F][0-9a-fA-F_]*[pP][+-]?[0-9][0-9_]*")]
    #[regex("0[bB]_*[01][01_]*(\\.[01_]*)?[pP][+-]?[0-9][0-9_]*")]
    #[regex("0[bB]_*\\._*[01][01_]*[pP][+-]?[0-9][0-9_]*")]
    #[regex("0[oO]?[0-7_]*(\\.[0-7_]*)?[pP][+-]?[0-9][0-9_]*", priority = 30)]
    RadixFloat,
    #[regex("0[xX][0-9a-fA-F_]*")]
    Hex,
    #[regex("0[bB][0-9_]*")]
    Bin,
    #[regex("0[oO][0-9_]*")]
    #[regex("0[0-9_]+", priority = 20)]
    Oct,
    #[regex("[0-9][0-9_]*")]
    Dec,
    /// Fraction or exponent; the caller cuts off a `..` operator before the scan.
    #[regex("(0|[1-9][0-9_]*)\\.[0-9_]*([eE][+-]?_*[0-9][0-9_]*)?", priority = 20)]
    #[regex("(0|[1-9][0-9_]*)[eE][+-]?_*[0-9][0-9_]*", priority = 20)]
    #[regex("\\.[0-9][0-9_]*([eE][+-]?_*[0-9][0-9_]*)?")]
    Float,
    #[regex("(0|[1-9][0-9_]*)\\.[0-9][0-9_]*(\\.[0-9][0-9_]*)+", priority = 40)]
    #[regex("v[0-9][0-9_]*(\\.[0-9][0-9_]*)*")]
    Version,
}

/// What was wrong with, or remarkable about, a literal.
#[derive(Clone, PartialEq, Debug)]
pub enum NumNote {
    /// `Illegal binary digit '%c'` and its relatives: an error.
    Illegal(String),
    /// `Integer overflow in %s number`: a warning.
    Overflow(&'static str),
    /// `Hexadecimal float: %s`: a warning.
    HexFloat(&'static str),
    /// `%s number > %s non-portable`: a warning.
    NonPortable(&'static str),
    /// `Misplaced _ in number`
    Misplaced,
    /// `No digits found for %s literal`: an error.
    NoDigits(&'static str),
}

#[derive(Debug)]
pub struct Literal {
    pub number: Number,
    /// Hexadecimal, octal or binary (for `overload::constant binary`).
    pub radix: bool,
    pub notes: Vec<NumNote>,
    pub len: usize,
}

impl Lexer {
    /// Is there a v-string (`v9786`, `v1.2`) at the current position, as opposed to a word?
    pub fn at_vstring(&self) -> bool {
        if self.cur() != b'v' || !self.peek(1).is_ascii_digit() {
            return false;
        }
        let mut p = self.pos + 1;
        while self.at(p).is_ascii_digit() || self.at(p) == b'_' {
            p += 1;
        }
        if self.at(p) == b'.' && self.at(p + 1).is_ascii_digit() {
            return true;
        }
        if is_word(self.at(p)) || self.at(p) == b':' && self.at(p + 1) == b':' {
            return false;
        }
        let mut q = p;
        while super::is_space(self.at(q)) {
            q += 1;
        }
        !(self.at(q) == b'=' && self.at(q + 1) == b'>')
    }

    /// Reads the literal at the current position, which starts with a digit, `.digit` or `vdigit`.
    pub fn number(&mut self) -> Option<Literal> {
        // What could belong to it; `..` ends it, and so does a sign that no exponent precedes.
        let rest = self.rest();
        let within = |i: usize| match rest[i] {
            b'.' => rest.get(i + 1) != Some(&b'.'),
            b'+' | b'-' => i > 0 && matches!(rest[i - 1] | 0x20, b'e' | b'p'),
            c => c.is_ascii_alphanumeric() || c == b'_',
        };
        let window = &rest[..(0..rest.len()).position(|i| !within(i)).unwrap_or(rest.len())];
        let mut lex = NumTok::lexer(window);
        let tok = lex.next()?.ok()?;
        let text = lex.slice().to_vec();
        self.pos += text.len();
        let mut notes = Vec::new();
        if misplaced_underscore(&text) {
            notes.push(NumNote::Misplaced);
        }
        if text.len() > 1 && text[1].is_ascii_alphabetic() && !text[2..].iter().any(u8::is_ascii_hexdigit) {
            notes.push(NumNote::NoDigits(match text[1] | 0x20 {
                b'x' => "hexadecimal",
                b'b' => "binary",
                _ => "octal",
            }));
        }
        let clean: String = text.iter().filter(|&&c| c != b'_').map(|&c| c as char).collect();
        let number = match tok {
            NumTok::Version => Number::VString(
                clean.trim_start_matches('v').split('.').map(|p| p.parse().unwrap_or(u64::MAX)).collect(),
            ),
            NumTok::Float => Number::Float(clean.trim_end_matches('.').parse().unwrap_or(f64::INFINITY)),
            NumTok::Dec => match clean.parse::<u64>() {
                Ok(v) => Number::Int(v),
                Err(_) => Number::Float(clean.parse().unwrap_or(f64::INFINITY)),
            },
            NumTok::Hex => radix_int(&clean[2..], 4, &mut notes),
            NumTok::Bin => radix_int(&clean[2..], 1, &mut notes),
            NumTok::Oct => radix_int(clean[1..].trim_start_matches(['o', 'O']), 3, &mut notes),
            NumTok::RadixFloat => Number::Float(radix_float(&clean, &mut notes)),
        };
        let radix = matches!(tok, NumTok::Hex | NumTok::Bin | NumTok::Oct | NumTok::RadixFloat);
        Some(Literal { number, radix, notes, len: text.len() })
    }
}

fn misplaced_underscore(text: &[u8]) -> bool {
    let radix = text.len() > 1 && text[0] == b'0' && text[1].is_ascii_alphabetic();
    text.windows(2).enumerate().any(|(i, w)| {
        let prefix = radix && i < 1;
        !prefix && (w == b"__" || (w[0] == b'_' && !w[1].is_ascii_hexdigit()) || w == b"._")
    }) || text.last() == Some(&b'_')
}

fn radix_int(digits: &str, shift: u32, notes: &mut Vec<NumNote>) -> Number {
    let what = match shift {
        1 => "binary",
        3 => "octal",
        _ => "hexadecimal",
    };
    let mut value: u64 = 0;
    let mut float: Option<f64> = None;
    for c in digits.chars() {
        let d = c.to_digit(16).unwrap_or(0);
        if d >= 1 << shift {
            notes.push(NumNote::Illegal(format!("Illegal {what} digit '{c}'")));
            break;
        }
        match &mut float {
            Some(f) => *f = *f * f64::from(1 << shift) + f64::from(d),
            None if value >> (64 - shift) != 0 => {
                notes.push(NumNote::Overflow(what));
                float = Some(value as f64 * f64::from(1 << shift) + f64::from(d));
            }
            None => value = value << shift | u64::from(d),
        }
    }
    if float.is_some() || value > u64::from(u32::MAX) {
        notes.push(NumNote::NonPortable(match shift {
            1 => "Binary number > 0b11111111111111111111111111111111 non-portable",
            3 => "Octal number > 037777777777 non-portable",
            _ => "Hexadecimal number > 0xffffffff non-portable",
        }));
    }
    float.map_or(Number::Int(value), Number::Float)
}

/// Bits of a mantissa, and the least and greatest exponent of a normal number.
const MANTISSA_BITS: u32 = f64::MANTISSA_DIGITS;
const MIN_EXP: i32 = f64::MIN_EXP - 1;
const MAX_EXP: i32 = f64::MAX_EXP - 1;

/// A literal with a binary exponent. Digits of the fraction that start beyond the mantissa are left out.
fn radix_float(text: &str, notes: &mut Vec<NumNote>) -> f64 {
    let lower = text.to_ascii_lowercase();
    let (body, shift) = if let Some(b) = lower.strip_prefix("0x") {
        (b, 4)
    } else if let Some(b) = lower.strip_prefix("0b") {
        (b, 1)
    } else {
        (lower.trim_start_matches('0').trim_start_matches('o'), 3)
    };
    let (mantissa, exp) = body.split_once('p').unwrap_or((body, "0"));
    let (int, frac) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let whole = match radix_int(int, shift, notes) {
        Number::Int(n) => n,
        // Too long: only what an integer holds counts.
        _ => int.chars().try_fold(0u64, |v, c| leading_digits(v, c, shift)).unwrap_or_else(|v| v),
    };
    notes.retain(|n| !matches!(n, NumNote::NonPortable(_)));
    let mut value = whole as f64;
    let mut bits = u64::BITS - whole.leading_zeros();
    let mut scale = 1.0;
    let mut last = 0;
    for c in frac.chars() {
        last = c.to_digit(16).unwrap_or(0);
        if bits < MANTISSA_BITS {
            scale /= f64::from(1 << shift);
            value += f64::from(last) * scale;
        }
        bits = bits.saturating_add(shift);
    }
    if last != 0 {
        bits -= last.trailing_zeros();
    }
    if bits > MANTISSA_BITS {
        notes.push(NumNote::HexFloat("mantissa overflow"));
    }
    let negative = exp.starts_with('-');
    let exp: i32 = exp.parse().unwrap_or(if negative { i32::MIN } else { i32::MAX });
    if exp < MIN_EXP {
        notes.push(NumNote::HexFloat("exponent underflow"));
    } else if exp > MAX_EXP {
        notes.push(NumNote::HexFloat("exponent overflow"));
    }
    if value == 0.0 {
        return 0.0;
    }
    // Two steps keep subnormal results exact.
    let exp = exp.clamp(-4000, 4000);
    value * 2f64.powi(exp / 2) * 2f64.powi(exp - exp / 2)
}

/// One more digit, unless it would not fit: then the value stays as it is.
fn leading_digits(value: u64, c: char, shift: u32) -> Result<u64, u64> {
    if value >> (u64::BITS - shift) != 0 {
        return Err(value);
    }
    Ok(value << shift | u64::from(c.to_digit(16).unwrap_or(0)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn num(s: &str) -> (Number, usize) {
        let mut lx = Lexer::new(s.as_bytes().to_vec(), "t".into(), 1, false);
        let l = lx.number().unwrap();
        (l.number, l.len)
    }

    #[test]
    fn literals() {
        assert_eq!(num("12_345"), (Number::Int(12345), 6));
        assert_eq!(num("0x1F"), (Number::Int(31), 4));
        assert_eq!(num("0o17"), (Number::Int(15), 4));
        assert_eq!(num("017"), (Number::Int(15), 3));
        assert_eq!(num("0"), (Number::Int(0), 1));
        assert_eq!(num("0b101"), (Number::Int(5), 5));
        assert_eq!(num("1..5"), (Number::Int(1), 1));
        assert_eq!(num("1.5e3"), (Number::Float(1500.0), 5));
        assert_eq!(num("1.eq"), (Number::Float(1.0), 2));
        assert_eq!(num(".5"), (Number::Float(0.5), 2));
        assert_eq!(num("1.2.3"), (Number::VString(vec![1, 2, 3]), 5));
        assert_eq!(num("v65.66"), (Number::VString(vec![65, 66]), 6));
        assert_eq!(num("0x1.8p1"), (Number::Float(3.0), 7));
        assert_eq!(num("0x.8p1024"), (Number::Float(2f64.powi(1023)), 9));
        assert_eq!(num("0x1fffffffffffff.8p0"), (Number::Float(9007199254740991.0), 20));
        assert_eq!(num("0x0p99999999999"), (Number::Float(0.0), 15));
        assert_eq!(num("18446744073709551616"), (Number::Float(18446744073709551616.0), 20));
    }
}
