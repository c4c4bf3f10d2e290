//! `unpack`.

use std::borrow::Cow;

use super::{Count, Item, Template, ber, size, uu};
use crate::num::{self, Num};
use crate::{Category, Warning, utf8};

/// A value that `unpack` returns.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    Undef,
    Num(Num),
    /// Bytes and UTF-8 flag.
    Str(Vec<u8>, bool),
    /// The string at a memory address (never 0): up to its NUL (`p`), or of a given length (`P`).
    Ptr {
        addr: u64,
        len: Option<usize>,
    },
}

impl Value {
    /// The value as the length for the item after a `/`.
    fn count(&self, warnings: &mut Vec<Warning>) -> Result<usize, String> {
        let n = match self {
            Value::Num(n) => *n,
            Value::Str(s, u) => {
                let p = num::parse(s);
                if !p.whole {
                    let text = crate::quote::not_numeric(s, *u);
                    let msg = format!("Argument \"{text}\" isn't numeric in unpack");
                    warnings.push(Warning::new(Category::Numeric, msg));
                }
                p.num
            }
            _ => Num::Int(0),
        };
        usize::try_from(n.iv()).map_err(|_| "Negative '/' count in unpack".into())
    }
}

struct Unpacker<'a> {
    s: Cow<'a, [u8]>,
    pos: usize,
    /// The data is UTF-8.
    is_utf8: bool,
    /// It was not at the beginning: strings go back to bytes.
    upgraded: bool,
    /// Items see characters rather than bytes.
    chars: bool,
    starts: Vec<usize>,
    values: Vec<Value>,
    one: bool,
    bits: usize,
    sum: u64,
    fsum: f64,
    warnings: &'a mut Vec<Warning>,
}

/// Unpacks a string. With `one` (scalar context) the work stops after the first value. Warnings are
/// appended to `warnings` even when the result is an error, which is the text of the exception.
pub fn unpack(
    t: &Template,
    data: &[u8],
    utf8: bool,
    one: bool,
    warnings: &mut Vec<Warning>,
) -> Result<Vec<Value>, String> {
    warnings.extend(t.warnings.iter().cloned());
    let upgrade = !utf8 && (t.starts_u || t.has_u0);
    let is_utf8 = utf8 || upgrade;
    let s = if upgrade { utf8::upgrade(data) } else { Cow::Borrowed(data) };
    let mut u = Unpacker {
        s,
        pos: 0,
        is_utf8,
        upgraded: upgrade,
        chars: is_utf8 && !t.starts_u,
        starts: vec![0],
        values: Vec::new(),
        one,
        bits: 0,
        sum: 0,
        fsum: 0.0,
        warnings,
    };
    u.items(&t.items)?;
    if one {
        u.values.truncate(1);
    }
    Ok(u.values)
}

impl Unpacker<'_> {
    fn rest(&self) -> &[u8] {
        &self.s[self.pos..]
    }

    fn at_end(&self) -> bool {
        self.pos >= self.s.len()
    }

    fn done(&self) -> bool {
        self.one && !self.values.is_empty()
    }

    fn wrapped(&mut self, item: &Item, many: &str) {
        let msg = format!("Character{many} in '{}' format wrapped in unpack", item.code as char);
        self.warnings.push(Warning::new(Category::Unpack, msg));
    }

    fn push_num(&mut self, n: Num) {
        if self.bits == 0 {
            self.values.push(Value::Num(n));
        } else if self.bits > 64 {
            self.fsum += n.nv();
        } else {
            self.sum = self.sum.wrapping_add(n.uv());
        }
    }

    fn push_float(&mut self, v: f64) {
        if self.bits == 0 {
            self.values.push(Value::Num(Num::Num(v)));
        } else {
            self.fsum += v;
        }
    }

    fn items(&mut self, items: &[Item]) -> Result<(), String> {
        let floor = self.values.len();
        let mut forced = None;
        for item in items {
            if forced.is_none() && self.done() {
                return Ok(());
            }
            let own = forced.is_none();
            let count = match forced.take() {
                Some(_) if matches!(item.count, Count::N(_)) => {
                    return Err("Count after length/code in unpack".into());
                }
                Some(n) => Count::N(n),
                None => item.count,
            };
            if item.code == b'%' {
                self.bits = match count {
                    Count::None => 16,
                    Count::N(n) => n,
                    Count::Star => self.s.len(),
                };
                (self.sum, self.fsum) = (0, 0.0);
                continue;
            }
            let beyond = self.at_end();
            // A length of 0 from the data is no `U0` or `C0`.
            if own || count != Count::N(0) || !matches!(item.code, b'U' | b'C') {
                self.item(item, count)?;
            }
            if self.bits > 0 {
                self.finish_sum(item);
            }
            if item.slash && item.code != b'(' {
                if self.values.len() <= floor {
                    return Ok(());
                }
                if beyond {
                    return Err("length/code after end of string in unpack".into());
                }
                let Some(v) = self.values.pop() else { return Ok(()) };
                forced = Some(v.count(self.warnings)?);
            }
        }
        Ok(())
    }

    fn finish_sum(&mut self, item: &Item) {
        let float = matches!(item.code, b'f' | b'F' | b'd' | b'D');
        let bit_string = matches!(item.code, b'b' | b'B');
        let n = if float || (self.bits > 64 && !bit_string) {
            let modulus = 2f64.powi(self.bits.min(2000) as i32);
            Num::Num(wrap(self.fsum, modulus))
        } else if self.bits < 64 {
            Num::from_u64(self.sum & ((1 << self.bits) - 1))
        } else {
            Num::from_u64(self.sum)
        };
        self.bits = 0;
        self.values.push(Value::Num(n));
    }

    fn item(&mut self, item: &Item, count: Count) -> Result<(), String> {
        // `*` is "as long as the data" where a position is meant and "no limit" for elements.
        let span = match count {
            Count::None => 1,
            Count::N(n) => n,
            Count::Star => self.s.len(),
        };
        match item.code {
            b'(' => return self.group(item, count),
            b'U' if count == Count::N(0) => {
                self.chars = false;
                return Ok(());
            }
            b'C' if count == Count::N(0) => {
                self.chars = self.is_utf8;
                return Ok(());
            }
            b'@' => {
                let start = self.starts[self.starts.len() - 1];
                return match self.forward(start, span, self.chars && !item.bang) {
                    Some(to) => {
                        self.pos = to;
                        Ok(())
                    }
                    None => Err("'@' outside of string in unpack".into()),
                };
            }
            b'.' => return self.dot(item, count),
            b'x' => {
                let mut n = span;
                if item.bang {
                    let at = utf8::str_len(&self.s[..self.pos], self.chars);
                    n = if n == 0 { 0 } else { (n - at % n) % n };
                }
                self.pos = self.forward(self.pos, n, self.chars).ok_or("'x' outside of string in unpack")?;
                return Ok(());
            }
            b'X' => return self.back(item, span),
            b'a' | b'A' | b'Z' if self.bits == 0 => return self.string(item, count),
            b'b' | b'B' => return self.bit_string(item, count),
            b'h' | b'H' => return self.hex_string(item, count),
            b'u' => return self.uudecode(),
            b'P' => {
                if count == Count::Star {
                    return Err("'P' must have an explicit size in unpack".into());
                }
                if let Some(b) = self.gather::<8>(item) {
                    let addr = u64::from_le_bytes(b);
                    let len = Some(span);
                    self.values.push(if addr == 0 { Value::Undef } else { Value::Ptr { addr, len } });
                }
                return Ok(());
            }
            _ => {}
        }
        let mut n = if count == Count::Star { usize::MAX } else { span };
        if self.one && self.bits == 0 && !item.slash {
            n = n.min(1);
        }
        for _ in 0..n {
            if self.at_end() || !self.element(item)? {
                break;
            }
        }
        Ok(())
    }

    fn group(&mut self, item: &Item, count: Count) -> Result<(), String> {
        let chars = self.chars;
        if item.group.is_empty() {
            return Ok(());
        }
        let bits = std::mem::take(&mut self.bits);
        let (times, star) = match count {
            Count::None => (1, false),
            Count::N(n) => (n, false),
            Count::Star => (self.s.len(), true),
        };
        for _ in 0..times {
            if (star && self.at_end()) || self.done() {
                break;
            }
            self.starts.push(self.pos);
            self.items(&item.group)?;
            self.starts.pop();
        }
        self.bits = bits;
        self.chars = chars;
        Ok(())
    }

    fn forward(&self, from: usize, n: usize, chars: bool) -> Option<usize> {
        let from = from.min(self.s.len());
        if chars {
            utf8::byte_offset(&self.s[from..], n).map(|k| from + k)
        } else {
            from.checked_add(n).filter(|&to| to <= self.s.len())
        }
    }

    fn dot(&mut self, item: &Item, count: Count) -> Result<(), String> {
        let base = match count {
            Count::Star => 0,
            Count::N(0) => self.pos,
            Count::None => self.starts[self.starts.len() - 1],
            Count::N(n) => self.starts[self.starts.len().saturating_sub(n)],
        };
        let chars = self.chars && !item.bang;
        let n = if base <= self.pos {
            utf8::str_len(&self.s[base..self.pos], chars) as i64
        } else {
            -(utf8::str_len(&self.s[self.pos..base], chars) as i64)
        };
        self.values.push(Value::Num(Num::Int(n)));
        Ok(())
    }

    fn back(&mut self, item: &Item, n: usize) -> Result<(), String> {
        let at = utf8::str_len(&self.s[..self.pos], self.chars);
        let n = match (item.bang, n) {
            (true, 0) => 0,
            (true, n) => at % n,
            (false, n) => n,
        };
        let to = at.checked_sub(n).ok_or("'X' outside of string in unpack")?;
        self.pos = if self.chars { utf8::byte_offset(&self.s, to).unwrap_or(0) } else { to };
        Ok(())
    }

    fn string(&mut self, item: &Item, count: Count) -> Result<(), String> {
        let rest = self.rest();
        let mut end = match count {
            Count::None => self.forward(self.pos, 1, self.chars).map_or(rest.len(), |e| e - self.pos),
            Count::N(n) => self.forward(self.pos, n, self.chars).map_or(rest.len(), |e| e - self.pos),
            Count::Star => rest.len(),
        };
        let mut text = &rest[..end];
        match item.code {
            b'Z' => {
                if let Some(nul) = text.iter().position(|&b| b == 0) {
                    text = &text[..nul];
                    // `Z*` leaves what follows the NUL to the next item.
                    if count == Count::Star {
                        end = nul + 1;
                    }
                }
            }
            b'A' => text = strip(text, self.chars && !self.upgraded),
            _ => {}
        }
        let v = match utf8::downgrade(text) {
            Some(bytes) if self.chars && self.upgraded => Value::Str(bytes.into_owned(), false),
            _ => Value::Str(text.to_vec(), self.chars),
        };
        self.values.push(v);
        self.pos += end;
        Ok(())
    }

    /// The next byte; in character mode the next character's low byte.
    fn byte(&mut self, item: &Item) -> Option<u8> {
        if !self.chars {
            let b = *self.s.get(self.pos)?;
            self.pos += 1;
            return Some(b);
        }
        if self.at_end() {
            return None;
        }
        let (cp, n) = utf8::at(&self.s, self.pos);
        self.pos += n;
        if cp > 255 {
            self.wrapped(item, if item.code == b'U' { "(s)" } else { "" });
        }
        Some(cp as u8)
    }

    /// `N` bytes in little-endian order, or nothing when fewer are left.
    fn gather<const N: usize>(&mut self, item: &Item) -> Option<[u8; N]> {
        let mut out = [0; N];
        if !self.chars {
            out.copy_from_slice(self.rest().get(..N)?);
            self.pos += N;
        } else {
            let end = self.forward(self.pos, N, true)?;
            let mut wide = false;
            for (slot, (_, cp)) in out.iter_mut().zip(utf8::chars(&self.s[self.pos..end])) {
                *slot = cp as u8;
                wide |= cp > 255;
            }
            if wide {
                self.wrapped(item, "(s)");
            }
            self.pos = end;
        }
        if item.big || matches!(item.code, b'n' | b'N') {
            out.reverse();
        }
        Some(out)
    }

    fn bit_string(&mut self, item: &Item, count: Count) -> Result<(), String> {
        let mut left = self.digit_count(count, 8);
        let mut text = Vec::with_capacity(if self.bits > 0 { 0 } else { left });
        while left > 0 {
            let Some(mut b) = self.byte(item) else { break };
            if item.code == b'B' {
                b = b.reverse_bits();
            }
            let n = left.min(8);
            for k in 0..n {
                text.push(b'0' + (b >> k & 1));
            }
            left -= n;
        }
        if self.bits > 0 {
            self.sum += text.iter().filter(|&&b| b == b'1').count() as u64;
        } else {
            self.values.push(Value::Str(text, false));
        }
        Ok(())
    }

    /// Digits wanted, at most what the rest of the data holds.
    fn digit_count(&self, count: Count, per_byte: usize) -> usize {
        let all = self.rest().len().saturating_mul(per_byte);
        match count {
            Count::None => all.min(1),
            Count::N(n) => all.min(n),
            Count::Star => all,
        }
    }

    fn hex_string(&mut self, item: &Item, count: Count) -> Result<(), String> {
        let mut left = self.digit_count(count, 2);
        let mut text = Vec::with_capacity(left);
        while left > 0 {
            let Some(mut b) = self.byte(item) else { break };
            if item.code == b'H' {
                b = b.rotate_left(4);
            }
            text.push(b"0123456789abcdef"[usize::from(b & 15)]);
            if left > 1 {
                text.push(b"0123456789abcdef"[usize::from(b >> 4)]);
            }
            left -= left.min(2);
        }
        if self.bits == 0 {
            self.values.push(Value::Str(text, false));
        }
        Ok(())
    }

    fn uudecode(&mut self) -> Result<(), String> {
        // Perl returns undef only where no byte could come out.
        let possible = self.rest().len() * 3 / 4 > 0;
        let (out, used) = uu::decode(self.rest());
        let any = possible || !out.is_empty();
        self.pos += used;
        if self.bits == 0 {
            self.values.push(if any { Value::Str(out, false) } else { Value::Undef });
        }
        Ok(())
    }

    /// One element; false when the data does not hold it.
    fn element(&mut self, item: &Item) -> Result<bool, String> {
        let n = match item.code {
            b'C' | b'W' | b'c' | b'a' | b'A' | b'Z' => {
                let (cp, n) =
                    if self.chars { utf8::at(&self.s, self.pos) } else { (u64::from(self.s[self.pos]), 1) };
                self.pos += n;
                if item.code == b'c' && cp > 127 { Num::Int(cp as i64 - 256) } else { Num::from_u64(cp) }
            }
            b'U' => return Ok(self.utf8_char(item)),
            b'w' => return self.compressed(item),
            b'f' => {
                let Some(b) = self.gather::<4>(item) else { return Ok(false) };
                self.push_float(f64::from(f32::from_le_bytes(b)));
                return Ok(true);
            }
            b'd' | b'F' => {
                let Some(b) = self.gather::<8>(item) else { return Ok(false) };
                self.push_float(f64::from_le_bytes(b));
                return Ok(true);
            }
            b'D' => {
                let Some(b) = self.gather::<16>(item) else { return Ok(false) };
                self.push_float(ber::from_long_double(&b));
                return Ok(true);
            }
            b'p' => {
                let Some(b) = self.gather::<8>(item) else { return Ok(false) };
                let addr = u64::from_le_bytes(b);
                self.values.push(if addr == 0 { Value::Undef } else { Value::Ptr { addr, len: None } });
                return Ok(true);
            }
            _ => {
                // n, N, v and V are unsigned unless `!` is given; the others are signed in lower case.
                let signed = if matches!(item.code | 32, b'n' | b'v') {
                    item.bang
                } else {
                    item.code.is_ascii_lowercase()
                };
                let v = match size(item) {
                    2 => self.gather::<2>(item).map(|b| {
                        let v = u16::from_le_bytes(b);
                        if signed { i64::from(v as i16) } else { i64::from(v) }
                    }),
                    4 => self.gather::<4>(item).map(|b| {
                        let v = u32::from_le_bytes(b);
                        if signed { i64::from(v as i32) } else { i64::from(v) }
                    }),
                    _ => match self.gather::<8>(item).map(u64::from_le_bytes) {
                        Some(v) if !signed => {
                            self.push_num(Num::from_u64(v));
                            return Ok(true);
                        }
                        v => v.map(|v| v as i64),
                    },
                };
                let Some(v) = v else { return Ok(false) };
                Num::Int(v)
            }
        };
        self.push_num(n);
        Ok(true)
    }

    /// `U`: decodes UTF-8 from the bytes, which in character mode are themselves characters.
    fn utf8_char(&mut self, item: &Item) -> bool {
        let mut buf = [0u8; 13];
        let mut have = 0;
        let start = self.pos;
        let Some(first) = self.byte(item) else { return false };
        buf[0] = first;
        have += 1;
        while have < utf8::skip(first) {
            let Some(b) = self.byte(item) else { break };
            buf[have] = b;
            have += 1;
        }
        let cp = match utf8::decode(&buf[..have]) {
            Ok((cp, _)) => cp,
            Err(_) => {
                if let Some(m) = utf8::malformed_message(&buf[..have]) {
                    let msg = format!("Malformed UTF-8 character: {m} in unpack");
                    self.warnings.push(Warning::new(Category::Utf8, msg));
                }
                // Only the bytes that can belong to the character are skipped.
                let used = 1 + buf[1..have].iter().take_while(|b| utf8::is_cont(**b)).count();
                self.pos = self.forward(start, used, self.chars).unwrap_or(self.s.len());
                0
            }
        };
        self.push_num(Num::from_u64(cp));
        true
    }

    fn compressed(&mut self, item: &Item) -> Result<bool, String> {
        let mut v = 0u64;
        let mut big: Option<Vec<u8>> = None;
        while let Some(b) = self.byte(item) {
            match &mut big {
                Some(d) => ber::decimal_push7(d, b & 0x7f),
                None if v >> 57 != 0 => {
                    let mut d: Vec<u8> = v.to_string().bytes().map(|c| c - b'0').collect();
                    ber::decimal_push7(&mut d, b & 0x7f);
                    big = Some(d);
                }
                None => v = v << 7 | u64::from(b & 0x7f),
            }
            if b & 0x80 == 0 {
                self.values.push(match big {
                    Some(d) => Value::Str(d.into_iter().map(|d| d + b'0').collect(), false),
                    None => Value::Num(Num::from_u64(v)),
                });
                return Ok(true);
            }
        }
        Err("Unterminated compressed integer in unpack".into())
    }
}

/// A sum of floats modulo a power of two, in the steps (and with the rounding) of Perl.
fn wrap(mut v: f64, modulus: f64) -> f64 {
    if !modulus.is_finite() || !v.is_finite() {
        return v;
    }
    if v < 0.0 {
        v += modulus * (-v / modulus).ceil();
    }
    (v / modulus).fract() * modulus
}

/// Without trailing white space and NULs.
fn strip(mut s: &[u8], chars: bool) -> &[u8] {
    while let Some(&last) = s.last() {
        let at = if chars { utf8::prev(s, s.len()) } else { s.len() - 1 };
        let space = if last < 0x80 || !chars {
            last == 0 || crate::is_space(last)
        } else {
            u32::try_from(utf8::at(s, at).0).ok().and_then(char::from_u32).is_some_and(char::is_whitespace)
        };
        if !space {
            break;
        }
        s = &s[..at];
    }
    s
}
