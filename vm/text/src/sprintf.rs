//! Perl's `sprintf`: parsing of the format and layout of each conversion.
//!
//! Arguments are fetched through [`Args`], whose implementor applies magic, overloading and the
//! `uninitialized` and `numeric` warnings. The output is a Perl string: it becomes UTF-8 as soon as the
//! format or an inserted string is.

use crate::float;
use crate::num::{self, Num};
use crate::{Args, Category, Warning, utf8};

/// The largest width or precision.
const WIDEST: u64 = i64::MAX as u64 >> 1;

/// One parsed conversion.
#[derive(Default)]
struct Spec {
    left: bool,
    plus: u8,
    zero: bool,
    alt: bool,
    width: usize,
    prec: Option<usize>,
    size: Size,
    /// Explicit argument, from 1; 0 for the next one.
    index: usize,
    vector: bool,
    /// Text between the numbers of a vector.
    joiner: Vec<u8>,
    joiner_utf8: bool,
    conv: u8,
}

#[derive(Clone, Copy, Default, PartialEq)]
enum Size {
    #[default]
    None,
    Char,
    Short,
    Long,
    Quad,
    /// z, t, j: as wide as an IV but not for floats.
    Wide,
}

/// Why a conversion could not be parsed.
enum Bad<E> {
    /// Not a conversion: it is copied to the output, with a warning. The offset is where it ends.
    Invalid(usize),
    Fatal(E),
}

impl<E> From<E> for Bad<E> {
    fn from(e: E) -> Self {
        Bad::Fatal(e)
    }
}

struct Run<'f, A: Args> {
    fmt: &'f [u8],
    pos: usize,
    args: &'f mut A,
    next: usize,
    explicit: bool,
    /// The current conversion lacks an argument; valid ones warn of that, once.
    missing: bool,
    out: Vec<u8>,
    utf8: bool,
}

/// Formats; returns the bytes and whether they are UTF-8.
pub fn sprintf<A: Args>(fmt: &[u8], fmt_utf8: bool, args: &mut A) -> Result<(Vec<u8>, bool), A::Err> {
    let out = Vec::with_capacity(fmt.len() + 16);
    let mut run = Run { fmt, pos: 0, args, next: 0, explicit: false, missing: false, out, utf8: fmt_utf8 };
    run.format(fmt_utf8)?;
    Ok((run.out, run.utf8))
}

impl<A: Args> Run<'_, A> {
    fn format(&mut self, fmt_utf8: bool) -> Result<(), A::Err> {
        let fmt = self.fmt;
        let mut silent = false;
        while self.pos < fmt.len() {
            let lit = memchr::memchr(b'%', &fmt[self.pos..]).map_or(fmt.len(), |n| self.pos + n);
            utf8::append(&mut self.out, &mut self.utf8, &fmt[self.pos..lit], fmt_utf8);
            if lit == fmt.len() {
                break;
            }
            let start = lit;
            self.pos = start + 1;
            self.missing = false;
            let next = self.next;
            if fmt.get(self.pos) == Some(&b'%') {
                self.out.push(b'%');
                self.pos += 1;
                continue;
            }
            match self.spec() {
                Ok(spec) => {
                    self.convert(&spec)?;
                    if self.missing {
                        let msg = format!("Missing argument in {}", self.args.name());
                        self.args.warn(Warning::new(Category::Missing, msg))?;
                    }
                }
                Err(Bad::Fatal(e)) => return Err(e),
                Err(Bad::Invalid(end)) => {
                    silent = true;
                    self.next = next;
                    self.invalid(&fmt[start..end])?;
                    // Only the percent sign is given up; the rest is ordinary text again.
                    self.out.push(b'%');
                    self.pos = start + 1;
                }
            }
        }
        if !silent && !self.explicit && self.next < self.args.count() {
            let msg = format!("Redundant argument in {}", self.args.name());
            self.args.warn(Warning::new(Category::Redundant, msg))?;
        }
        Ok(())
    }

    fn invalid(&mut self, text: &[u8]) -> Result<(), A::Err> {
        let mut msg = format!("Invalid conversion in {}: ", self.args.name());
        if text.len() == 1 {
            msg.push_str("end of string");
        } else {
            msg.push('"');
            for &b in text {
                if (b' '..=b'~').contains(&b) {
                    msg.push(b as char);
                } else {
                    msg.push_str(&format!("\\{b:03o}"));
                }
            }
            msg.push('"');
        }
        self.args.warn(Warning::new(Category::Printf, msg))
    }

    fn peek(&self) -> u8 {
        self.fmt.get(self.pos).copied().unwrap_or(0)
    }

    fn eat(&mut self, b: u8) -> bool {
        let hit = self.fmt.get(self.pos) == Some(&b);
        self.pos += usize::from(hit);
        hit
    }

    fn overflow(&mut self) -> A::Err {
        let msg = format!("Integer overflow in format string for {} ", self.args.name());
        self.args.die(msg.trim_end().to_string())
    }

    /// A decimal number, 0 when there is none.
    fn number(&mut self) -> Result<usize, A::Err> {
        let mut n: u64 = 0;
        while self.peek().is_ascii_digit() {
            let d = u64::from(self.peek() - b'0');
            n = match n.checked_mul(10).and_then(|n| n.checked_add(d)) {
                Some(n) if n <= WIDEST => n,
                _ => return Err(self.overflow()),
            };
            self.pos += 1;
        }
        usize::try_from(n).map_err(|_| self.overflow())
    }

    /// `N$` with N not starting with 0, else nothing.
    fn position(&mut self) -> Result<usize, A::Err> {
        let start = self.pos;
        if matches!(self.peek(), b'1'..=b'9') {
            let n = self.number()?;
            if self.eat(b'$') {
                self.explicit = true;
                return Ok(n);
            }
            self.pos = start;
        }
        Ok(0)
    }

    /// The argument number for `index` (1-based, 0 = next); `None` when missing.
    fn take(&mut self, index: usize) -> Option<usize> {
        let i = if index > 0 {
            index - 1
        } else {
            self.next += 1;
            self.next - 1
        };
        if i < self.args.count() {
            return Some(i);
        }
        self.missing = true;
        None
    }

    /// A width or precision from an argument.
    fn star(&mut self, index: usize) -> Result<i64, A::Err> {
        let Some(i) = self.take(index) else { return Ok(0) };
        match self.args.num(i)? {
            Num::Uint(_) => Err(self.overflow()),
            n => match n.iv() {
                v if v.unsigned_abs() > WIDEST => Err(self.overflow()),
                v => Ok(v),
            },
        }
    }

    /// Parses `%[N$][flags][[*[N$]]v][width][.precision][size]conversion`, reading star arguments.
    fn spec(&mut self) -> Result<Spec, Bad<A::Err>> {
        let mut s = Spec { index: self.position()?, ..Spec::default() };
        loop {
            match self.peek() {
                b' ' if s.plus != b'+' => s.plus = b' ',
                b' ' => {}
                b'+' => s.plus = b'+',
                b'-' => s.left = true,
                b'0' => s.zero = true,
                b'#' => s.alt = true,
                _ => break,
            }
            self.pos += 1;
        }
        // A star is the joiner of a vector when `v` follows, else the width.
        let mut star = None;
        if self.eat(b'*') {
            star = Some(self.position()?);
        }
        if self.eat(b'v') {
            s.vector = true;
            match star.take() {
                None => s.joiner = b".".to_vec(),
                Some(index) => {
                    if let Some(i) = self.take(index) {
                        let (t, u) = self.args.str(i)?;
                        (s.joiner, s.joiner_utf8) = (t.into_owned(), u);
                    }
                }
            }
            s.zero |= self.eat(b'0');
            if self.eat(b'*') {
                star = Some(self.position()?);
            }
        }
        match star {
            Some(index) => {
                let w = self.star(index)?;
                s.left |= w < 0;
                s.width = w.unsigned_abs() as usize;
            }
            None => s.width = self.number()?,
        }
        if self.eat(b'.') {
            if self.eat(b'*') {
                let index = self.position()?;
                s.prec = usize::try_from(self.star(index)?).ok();
            } else {
                s.prec = Some(self.number()?);
            }
        }
        self.size(&mut s);
        let end = (self.pos + 1).min(self.fmt.len());
        let Some(&conv) = self.fmt.get(self.pos) else { return Err(Bad::Invalid(end)) };
        s.conv = conv;
        self.pos = end;
        match s.conv {
            b'D' | b'U' | b'O' => {
                s.conv = s.conv.to_ascii_lowercase();
                s.size = Size::Quad;
            }
            b'i' => s.conv = b'd',
            b'F' => s.conv = b'f',
            _ => {}
        }
        let ok = match s.conv {
            b'd' | b'u' | b'o' | b'x' | b'X' | b'b' | b'B' => true,
            b'e' | b'E' | b'f' | b'g' | b'G' | b'a' | b'A' => {
                !s.vector && !matches!(s.size, Size::Char | Size::Short | Size::Wide)
            }
            b'c' | b's' | b'p' | b'n' | b'%' => !s.vector,
            _ => false,
        };
        if ok { Ok(s) } else { Err(Bad::Invalid(end)) }
    }

    fn size(&mut self, s: &mut Spec) {
        s.size = match self.peek() {
            b'h' => Size::Short,
            b'l' => Size::Long,
            b'q' | b'L' | b'V' => Size::Quad,
            b'z' | b't' | b'j' => Size::Wide,
            _ => return,
        };
        self.pos += 1;
        match s.size {
            Size::Short if self.eat(b'h') => s.size = Size::Char,
            Size::Long if self.eat(b'l') => s.size = Size::Quad,
            _ => {}
        }
    }

    fn convert(&mut self, s: &Spec) -> Result<(), A::Err> {
        match s.conv {
            b'%' => return self.text(s, b"%", false),
            b's' => {
                let Some(i) = self.take(s.index) else { return self.text(s, b"", false) };
                let (t, u) = self.args.str(i)?;
                // The common case writes straight to the output.
                if s.width == 0 && s.prec.is_none() {
                    utf8::append(&mut self.out, &mut self.utf8, &t, u);
                    return Ok(());
                }
                let t = t.into_owned();
                return self.text(s, &t, u);
            }
            b'n' => {
                let i = if s.index > 0 { s.index - 1 } else { self.next };
                if i >= self.args.count() {
                    let msg = format!("Missing argument for %n in {}", self.args.name());
                    return Err(self.args.die(msg));
                }
                self.next += usize::from(s.index == 0);
                return self.args.set_len(i, utf8::str_len(&self.out, self.utf8));
            }
            b'p' => {
                let addr = match self.take(s.index) {
                    Some(i) => self.args.addr(i)?,
                    None => 0,
                };
                let prefix: &[u8] = if s.alt && addr != 0 { b"0x" } else { b"" };
                return self.integer(s, prefix, format!("{addr:x}").as_bytes());
            }
            _ => {}
        }
        let arg = self.take(s.index);
        if s.vector {
            let (t, u) = match arg {
                Some(i) => {
                    let (t, u) = self.args.vector(i)?;
                    (t.into_owned(), u)
                }
                None => (Vec::new(), false),
            };
            return self.vector(s, &t, u);
        }
        let n = match arg {
            Some(i) => self.args.num(i)?,
            None => Num::Int(0),
        };
        if let Num::Num(v) = n
            && !v.is_finite()
        {
            return self.infnan(s, v);
        }
        match s.conv {
            b'c' => self.character(s, n),
            b'd' => {
                let v = sized_int(n.iv(), s.size);
                let sign: &[u8] = match (v < 0, s.plus) {
                    (true, _) => b"-",
                    (false, b'+') => b"+",
                    (false, b' ') => b" ",
                    _ => b"",
                };
                self.decimal(s, sign, v.unsigned_abs())
            }
            b'u' | b'o' | b'x' | b'X' | b'b' | b'B' => self.unsigned(s, sized_uint(n.uv(), s.size)),
            _ => self.floating(s, n.nv()),
        }
    }

    /// `%vd` and its like: the code points of a string.
    fn vector(&mut self, s: &Spec, t: &[u8], u: bool) -> Result<(), A::Err> {
        for (k, cp) in utf8::code_points(t, u).enumerate() {
            if k > 0 {
                utf8::append(&mut self.out, &mut self.utf8, &s.joiner, s.joiner_utf8);
            }
            if s.conv == b'd' {
                // Only the first number shows a plus sign.
                let sign: &[u8] = match s.plus {
                    b'+' if k == 0 => b"+",
                    b' ' if k == 0 => b" ",
                    _ => b"",
                };
                self.decimal(s, sign, cp)?;
            } else {
                self.unsigned(s, sized_uint(cp, s.size))?;
            }
        }
        Ok(())
    }

    fn character(&mut self, s: &Spec, n: Num) -> Result<(), A::Err> {
        let cp = n.iv() as u64;
        if cp > utf8::MAX {
            let msg = format!(
                "Use of code point 0x{cp:X} is not allowed; the permissible max is 0x7FFFFFFFFFFFFFFF"
            );
            return Err(self.args.die(msg));
        }
        if cp < 256 {
            return self.text(s, &[cp as u8], false);
        }
        let mut t = Vec::with_capacity(4);
        utf8::encode(cp, &mut t);
        self.text(s, &t, true)
    }

    fn infnan(&mut self, s: &Spec, v: f64) -> Result<(), A::Err> {
        if s.conv == b'c' {
            let text = num::nv_string(v);
            return Err(self.args.die(format!("Cannot printf {} with 'c'", String::from_utf8_lossy(&text))));
        }
        let (sign, text): (&[u8], &[u8]) = if v.is_nan() {
            (b"", b"NaN")
        } else if v < 0.0 {
            (b"-", b"Inf")
        } else if s.plus != 0 {
            (b"+", b"Inf")
        } else {
            (b"", b"Inf")
        };
        self.padded(s, sign, 0, text, s.zero)
    }

    fn decimal(&mut self, s: &Spec, sign: &[u8], v: u64) -> Result<(), A::Err> {
        if s.width == 0 && s.prec.is_none() {
            self.out.extend_from_slice(sign);
            num::fmt_uv(&mut self.out, v);
            return Ok(());
        }
        let mut t = Vec::with_capacity(20);
        num::fmt_uv(&mut t, v);
        self.integer(s, sign, &t)
    }

    fn unsigned(&mut self, s: &Spec, v: u64) -> Result<(), A::Err> {
        let mut prefix: &[u8] = b"";
        let t = match s.conv {
            b'u' => return self.decimal(s, b"", v),
            b'o' => {
                let t = format!("{v:o}");
                if s.alt && v != 0 { format!("0{t}") } else { t }
            }
            b'x' => {
                prefix = b"0x";
                format!("{v:x}")
            }
            b'X' => {
                prefix = b"0X";
                format!("{v:X}")
            }
            c => {
                prefix = if c == b'b' { b"0b" } else { b"0B" };
                format!("{v:b}")
            }
        };
        if !s.alt || v == 0 {
            prefix = b"";
        }
        self.integer(s, prefix, t.as_bytes())
    }

    /// Lays out an integer: the precision is the least number of digits and switches off `0`.
    fn integer(&mut self, s: &Spec, sign: &[u8], digits: &[u8]) -> Result<(), A::Err> {
        let (mut digits, mut zeros) = (digits, 0);
        if let Some(p) = s.prec {
            if p == 0 && digits == b"0" && !(s.conv == b'o' && s.alt) {
                digits = b"";
            }
            zeros = p.saturating_sub(digits.len());
        }
        self.padded(s, sign, zeros, digits, s.zero && s.prec.is_none())
    }

    fn floating(&mut self, s: &Spec, v: f64) -> Result<(), A::Err> {
        let prec = s.prec.unwrap_or(6);
        if prec.max(s.width) > i32::MAX as usize {
            return Err(self.args.die("Numeric format result too large".into()));
        }
        let upper = s.conv.is_ascii_uppercase();
        let neg = v.is_sign_negative();
        let sign: &[u8] = match (neg, s.plus) {
            (true, _) => b"-",
            (false, b'+') => b"+",
            (false, b' ') => b" ",
            _ => b"",
        };
        let a = v.abs();
        let mut t = Vec::new();
        if t.try_reserve(prec.saturating_add(32)).is_err() {
            return Err(self.args.die("Out of memory in perl:util:safesysrealloc".into()));
        }
        match s.conv {
            b'e' | b'E' => float::scientific(&mut t, a, prec, s.alt, upper),
            b'f' => float::fixed(&mut t, a, prec, s.alt),
            b'g' | b'G' => float::general(&mut t, a, prec, s.alt, upper),
            _ => {
                float::hex(&mut t, a, s.prec, s.alt, upper);
                let prefix = [sign, if upper { b"0X" } else { b"0x" }].concat();
                return self.padded(s, &prefix, 0, &t, s.zero);
            }
        }
        self.padded(s, sign, 0, &t, s.zero)
    }

    /// Lays out text: the precision cuts it, both count characters.
    fn text(&mut self, s: &Spec, t: &[u8], u: bool) -> Result<(), A::Err> {
        let mut t = t;
        if let Some(p) = s.prec {
            let cut = if u { utf8::byte_offset(t, p) } else { (p < t.len()).then_some(p) };
            t = &t[..cut.unwrap_or(t.len())];
        }
        // Perl measures `%c` in bytes.
        let len = if s.conv == b'c' { t.len() } else { utf8::str_len(t, u) };
        let gap = s.width.saturating_sub(len);
        self.reserve(gap)?;
        if !s.left {
            self.fill(gap, if s.zero { b'0' } else { b' ' });
        }
        utf8::append(&mut self.out, &mut self.utf8, t, u);
        if s.left {
            self.fill(gap, b' ');
        }
        Ok(())
    }

    /// Blanks, sign, zeros, digits, blanks; all ASCII.
    fn padded(
        &mut self,
        s: &Spec,
        sign: &[u8],
        zeros: usize,
        digits: &[u8],
        fill0: bool,
    ) -> Result<(), A::Err> {
        let gap = s.width.saturating_sub(sign.len().saturating_add(digits.len()).saturating_add(zeros));
        self.reserve(gap.saturating_add(zeros))?;
        let fill0 = fill0 && !s.left;
        if !s.left && !fill0 {
            self.fill(gap, b' ');
        }
        self.out.extend_from_slice(sign);
        self.fill(if fill0 { gap } else { zeros }, b'0');
        self.out.extend_from_slice(digits);
        if s.left {
            self.fill(gap, b' ');
        }
        Ok(())
    }

    fn reserve(&mut self, n: usize) -> Result<(), A::Err> {
        if self.out.try_reserve(n).is_err() {
            return Err(self.args.die("Out of memory in perl:util:safesysrealloc".into()));
        }
        Ok(())
    }

    fn fill(&mut self, n: usize, b: u8) {
        self.out.resize(self.out.len() + n, b);
    }
}

fn sized_int(v: i64, size: Size) -> i64 {
    match size {
        Size::Char => i64::from(v as i8),
        Size::Short => i64::from(v as i16),
        _ => v,
    }
}

fn sized_uint(v: u64, size: Size) -> u64 {
    match size {
        Size::Char => u64::from(v as u8),
        Size::Short => u64::from(v as u16),
        _ => v,
    }
}

#[cfg(test)]
#[path = "sprintf_tests.rs"]
mod tests;
