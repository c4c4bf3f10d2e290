//! `pack`.

use super::{Count, Item, Template, ber, size, uu};
use crate::num::{Num, nv_string};
use crate::{Args, Category, Warning, utf8};

/// Where an item takes its value from.
#[derive(Clone, Copy)]
enum Source {
    /// The length computed for a `/` item.
    Len(usize),
    Arg(usize),
    /// No argument is left: an empty string or 0.
    Missing,
}

struct Packer<'a, A: Args> {
    args: &'a mut A,
    next: usize,
    out: Vec<u8>,
    /// The output is UTF-8.
    utf8: bool,
    /// `U0`: bytes go into the UTF-8 as they are.
    raw: bool,
    raw_used: bool,
    /// Byte offsets where the open groups start; the first is the whole string.
    starts: Vec<usize>,
    length: Option<usize>,
}

/// Packs the arguments; returns the bytes and whether they are UTF-8.
pub fn pack<A: Args>(t: &Template, args: &mut A) -> Result<(Vec<u8>, bool), A::Err> {
    for w in &t.warnings {
        args.warn(w.clone())?;
    }
    let mut p = Packer {
        args,
        next: 0,
        out: Vec::new(),
        utf8: t.starts_u,
        raw: t.starts_u,
        raw_used: t.starts_u,
        starts: vec![0],
        length: None,
    };
    p.items(&t.items)?;
    if p.raw_used && !utf8::is_valid(&p.out) {
        return Err(p.malformed());
    }
    Ok((p.out, p.utf8))
}

impl<A: Args> Packer<'_, A> {
    fn die<T>(&mut self, msg: impl Into<String>) -> Result<T, A::Err> {
        Err(self.args.die(msg.into()))
    }

    fn warn(&mut self, msg: String) -> Result<(), A::Err> {
        self.args.warn(Warning::new(Category::Pack, msg))
    }

    fn malformed(&mut self) -> A::Err {
        let mut at = 0;
        while let Ok((_, n)) = utf8::decode(&self.out[at..]) {
            at += n;
        }
        if let Some(m) = utf8::malformed_message(&self.out[at..]) {
            let msg = format!("Malformed UTF-8 character: {m} in pack");
            if let Err(e) = self.args.warn_always(Warning::new(Category::Utf8, msg)) {
                return e;
            }
        }
        self.args.die("Malformed UTF-8 character (fatal)".into())
    }

    /// Positions count characters.
    fn by_chars(&self) -> bool {
        self.utf8 && !self.raw
    }

    fn upgrade(&mut self) {
        if self.utf8 {
            return;
        }
        for s in &mut self.starts {
            *s += self.out[..*s].iter().filter(|b| !b.is_ascii()).count();
        }
        self.out = utf8::upgrade(&self.out).into_owned();
        self.utf8 = true;
    }

    fn left(&self) -> usize {
        self.args.count().saturating_sub(self.next)
    }

    fn source(&mut self) -> Source {
        if let Some(n) = self.length {
            return Source::Len(n);
        }
        if self.next < self.args.count() {
            self.next += 1;
            return Source::Arg(self.next - 1);
        }
        Source::Missing
    }

    fn num(&mut self) -> Result<Num, A::Err> {
        match self.source() {
            Source::Len(n) => Ok(Num::Int(n as i64)),
            Source::Arg(i) => self.args.num(i),
            Source::Missing => Ok(Num::Int(0)),
        }
    }

    /// A number that must not be infinite or NaN.
    fn int(&mut self, item: &Item) -> Result<Num, A::Err> {
        let n = self.num()?;
        if let Num::Num(v) = n
            && !v.is_finite()
        {
            let text = String::from_utf8_lossy(&nv_string(v)).into_owned();
            return match item.code {
                b'w' => self.die(format!("Cannot compress {text} in pack")),
                c => self.die(format!("Cannot pack {text} with '{}'", c as char)),
            };
        }
        Ok(n)
    }

    fn text(&mut self) -> Result<(Vec<u8>, bool), A::Err> {
        Ok(match self.source() {
            Source::Len(n) => (n.to_string().into_bytes(), false),
            Source::Arg(i) => {
                let (s, u) = self.args.str(i)?;
                (s.into_owned(), u)
            }
            Source::Missing => (Vec::new(), false),
        })
    }

    fn put(&mut self, bytes: &[u8]) {
        if self.by_chars() {
            utf8::upgrade_into(bytes, &mut self.out);
        } else {
            self.out.extend_from_slice(bytes);
        }
    }

    fn fill(&mut self, n: usize, b: u8) -> Result<(), A::Err> {
        if self.out.try_reserve(n).is_err() {
            return self.die("Out of memory in perl:util:safesysrealloc");
        }
        self.out.resize(self.out.len() + n, b);
        Ok(())
    }

    fn items(&mut self, items: &[Item]) -> Result<(), A::Err> {
        let mut forced = None;
        for (k, item) in items.iter().enumerate() {
            let count = forced.take().map_or(item.count, Count::N);
            if item.slash
                && let Some(next) = items.get(k + 1)
            {
                let n = self.slash_count(next)?;
                forced = Some(n);
                self.length = Some(n);
            }
            self.item(item, count)?;
            self.length = None;
        }
        Ok(())
    }

    /// The count of the item after a `/`: characters of the next string, or number of elements.
    fn slash_count(&mut self, next: &Item) -> Result<usize, A::Err> {
        let left = self.left();
        if !matches!(next.code, b'a' | b'A' | b'Z') {
            return Ok(match next.count {
                Count::N(n) => n.min(left),
                _ => left,
            });
        }
        if let Count::N(n) = next.count {
            return Ok(n);
        }
        let n = if left == 0 {
            0
        } else {
            let (s, u) = self.args.str(self.next)?;
            utf8::str_len(&s, u)
        };
        Ok(n + usize::from(next.code == b'Z'))
    }

    fn item(&mut self, item: &Item, count: Count) -> Result<(), A::Err> {
        let n = match count {
            Count::None => 1,
            Count::N(n) => n,
            Count::Star => match item.code {
                b'@' | b'X' | b'x' | b'u' => 0,
                _ => self.left(),
            },
        };
        match item.code {
            b'(' => return self.group(item, count),
            // Also `U*` without arguments.
            b'U' if n == 0 => {
                self.upgrade();
                self.raw = true;
                self.raw_used = true;
                return Ok(());
            }
            b'C' if n == 0 => {
                self.raw = false;
                return Ok(());
            }
            b'@' => {
                let start = self.starts[self.starts.len() - 1];
                return self.seek(start, n as i64, self.by_chars() && !item.bang, '@');
            }
            b'.' => return self.dot(item, count),
            b'x' => {
                let mut n = n;
                if item.bang {
                    let at = utf8::str_len(&self.out, self.by_chars());
                    n = if n == 0 { 0 } else { (n - at % n) % n };
                }
                return self.fill(n, 0);
            }
            b'X' => return self.back(item, n),
            b'a' | b'A' | b'Z' => return self.string(item, count),
            b'b' | b'B' => return self.bits(item, count),
            b'h' | b'H' => return self.nibbles(item, count),
            b'u' => return self.uuencode(n),
            b'P' => {
                let p = self.pointer()?;
                return self.ordered(item, &p.to_le_bytes());
            }
            _ => {}
        }
        for _ in 0..n {
            self.element(item)?;
        }
        Ok(())
    }

    fn group(&mut self, item: &Item, count: Count) -> Result<(), A::Err> {
        if item.group.is_empty() {
            return Ok(());
        }
        let raw = self.raw;
        let length = self.length.take();
        let (times, star) = match count {
            Count::None => (1, false),
            Count::N(n) => (n, false),
            Count::Star => (self.left(), true),
        };
        for _ in 0..times {
            if star && self.left() == 0 {
                break;
            }
            self.starts.push(self.out.len());
            self.items(&item.group)?;
            self.starts.pop();
        }
        self.length = length;
        self.raw = raw && self.utf8;
        Ok(())
    }

    /// Moves to `offset` from byte position `base`, cutting off or padding with NULs.
    fn seek(&mut self, base: usize, offset: i64, chars: bool, code: char) -> Result<(), A::Err> {
        let base = base.min(self.out.len());
        if offset < 0 {
            let back = offset.unsigned_abs() as usize;
            let to = if chars {
                let have = utf8::len(&self.out[..base]);
                have.checked_sub(back).and_then(|n| utf8::byte_offset(&self.out, n))
            } else {
                base.checked_sub(back)
            };
            return match to {
                Some(to) => {
                    self.out.truncate(to);
                    Ok(())
                }
                None => self.die(format!("'{code}' outside of string in pack")),
            };
        }
        let n = offset as usize;
        let have = utf8::str_len(&self.out[base..], chars);
        if n > have {
            return self.fill(n - have, 0);
        }
        let to = if chars { utf8::byte_offset(&self.out[base..], n).unwrap_or(0) } else { n };
        self.out.truncate(base + to);
        Ok(())
    }

    fn dot(&mut self, item: &Item, count: Count) -> Result<(), A::Err> {
        let offset = self.int(item)?.iv();
        let base = match count {
            Count::Star => 0,
            Count::N(0) => self.out.len(),
            Count::None => self.starts[self.starts.len() - 1],
            Count::N(n) => self.starts[self.starts.len().saturating_sub(n)],
        };
        self.seek(base, offset, self.by_chars() && !item.bang, '.')
    }

    fn back(&mut self, item: &Item, n: usize) -> Result<(), A::Err> {
        let chars = self.by_chars();
        let at = utf8::str_len(&self.out, chars);
        let n = match (item.bang, n) {
            (true, 0) => 0,
            (true, n) => at % n,
            (false, n) => n,
        };
        if n > at {
            return self.die("'X' outside of string in pack");
        }
        let to = if chars { utf8::byte_offset(&self.out, at - n).unwrap_or(0) } else { at - n };
        self.out.truncate(to);
        Ok(())
    }

    /// The low bytes of the characters of a string, with a warning when that loses something.
    fn narrow(&mut self, s: &[u8], code: u8) -> Result<Vec<u8>, A::Err> {
        let mut wrapped = false;
        let bytes = utf8::chars(s)
            .map(|(_, c)| {
                wrapped |= c > 255;
                c as u8
            })
            .collect();
        if wrapped {
            self.warn(format!("Character(s) in '{}' format wrapped in pack", code as char))?;
        }
        Ok(bytes)
    }

    fn string(&mut self, item: &Item, count: Count) -> Result<(), A::Err> {
        let (mut s, mut u) = self.text()?;
        if u && !self.utf8 {
            self.upgrade();
        }
        if u && self.raw {
            s = self.narrow(&s, item.code)?;
            u = false;
        }
        let len = utf8::str_len(&s, u);
        let z = usize::from(item.code == b'Z');
        let n = match count {
            Count::None => 1,
            Count::N(n) => n,
            Count::Star => len + z,
        };
        let copy = len.min(if n > 0 { n - z.min(n) } else { 0 });
        let bytes = if u { utf8::byte_offset(&s, copy).unwrap_or(s.len()) } else { copy };
        if u {
            self.out.extend_from_slice(&s[..bytes]);
        } else {
            self.put(&s[..bytes]);
        }
        self.fill(n - copy, if item.code == b'A' { b' ' } else { 0 })
    }

    /// The digits of a bit or hex string and how many bytes they fill.
    fn digits(&mut self, count: Count, per_byte: usize) -> Result<(Vec<u64>, usize), A::Err> {
        let (s, u) = self.text()?;
        let mut d: Vec<u64> = utf8::code_points(&s, u).collect();
        let n = match count {
            Count::None => 1,
            Count::N(n) => n,
            // Perl takes the length in bytes here, also of UTF-8.
            Count::Star => s.len(),
        };
        d.truncate(n);
        Ok((d, n.div_ceil(per_byte)))
    }

    fn bits(&mut self, item: &Item, count: Count) -> Result<(), A::Err> {
        let (d, bytes) = self.digits(count, 8)?;
        for chunk in d.chunks(8) {
            let mut b = 0u8;
            for (k, c) in chunk.iter().enumerate() {
                let bit = (c & 1) as u8;
                b |= if item.code == b'b' { bit << k } else { bit << (7 - k) };
            }
            self.put(&[b]);
        }
        self.fill(bytes - d.len().div_ceil(8), 0)
    }

    fn nibbles(&mut self, item: &Item, count: Count) -> Result<(), A::Err> {
        let (d, bytes) = self.digits(count, 2)?;
        for chunk in d.chunks(2) {
            let mut b = 0u8;
            for (k, &c) in chunk.iter().enumerate() {
                let c = c as u8;
                let v = if c.is_ascii_alphabetic() { c.wrapping_add(9) & 15 } else { c & 15 };
                b |= if (item.code == b'h') == (k == 0) { v } else { v << 4 };
            }
            self.put(&[b]);
        }
        self.fill(bytes - d.len().div_ceil(2), 0)
    }

    fn uuencode(&mut self, n: usize) -> Result<(), A::Err> {
        let (mut s, u) = self.text()?;
        if u {
            s = self.narrow(&s, b'u')?;
        }
        let mut per_line = if n <= 2 { 45 } else { n / 3 * 3 };
        if per_line > 63 {
            self.warn("Field too wide in 'u' format in pack".into())?;
            per_line = 63;
        }
        uu::encode(&s, per_line, &mut self.out);
        Ok(())
    }

    fn pointer(&mut self) -> Result<u64, A::Err> {
        match self.source() {
            Source::Arg(i) => self.args.ptr(i),
            _ => Ok(0),
        }
    }

    /// Writes little-endian bytes in the item's order.
    fn ordered(&mut self, item: &Item, le: &[u8]) -> Result<(), A::Err> {
        if item.big {
            let mut be = [0; 16];
            let be = &mut be[..le.len()];
            be.copy_from_slice(le);
            be.reverse();
            self.put(be);
        } else {
            self.put(le);
        }
        Ok(())
    }

    fn element(&mut self, item: &Item) -> Result<(), A::Err> {
        match item.code {
            b'c' | b'C' => {
                let v = self.int(item)?.iv();
                let range = if item.code == b'c' { -128..=127 } else { 0..=255 };
                if !range.contains(&v) {
                    self.warn(format!("Character in '{}' format wrapped in pack", item.code as char))?;
                }
                self.put(&[v as u8]);
                Ok(())
            }
            b'W' | b'U' => self.code_point(item),
            b'w' => self.compressed(item),
            b'f' => {
                let v = self.num()?.nv() as f32;
                self.ordered(item, &v.to_le_bytes())
            }
            b'd' | b'F' => {
                let v = self.num()?.nv();
                self.ordered(item, &v.to_le_bytes())
            }
            b'D' => {
                let v = self.num()?.nv();
                self.ordered(item, &ber::to_long_double(v))
            }
            b'p' => {
                let p = self.pointer()?;
                self.ordered(item, &p.to_le_bytes())
            }
            _ => {
                let n = self.int(item)?;
                let signed = item.code.is_ascii_lowercase() && item.code != b'v';
                let v = if signed { n.iv() as u64 } else { n.uv() };
                let le = v.to_le_bytes();
                let mut bytes = [0; 8];
                let k = size(item);
                bytes[..k].copy_from_slice(&le[..k]);
                if matches!(item.code, b'n' | b'N') {
                    bytes[..k].reverse();
                }
                self.ordered(item, &bytes[..k])
            }
        }
    }

    fn code_point(&mut self, item: &Item) -> Result<(), A::Err> {
        let cp = self.int(item)?.uv();
        if item.code == b'W' && (cp < 256 || self.raw) {
            if cp > 255 {
                self.warn("Character in 'W' format wrapped in pack".into())?;
            }
            self.put(&[cp as u8]);
            return Ok(());
        }
        if cp > utf8::MAX {
            return self.die(format!(
                "Use of code point 0x{cp:X} is not allowed; the permissible max is 0x7FFFFFFFFFFFFFFF"
            ));
        }
        if item.code == b'W' {
            self.upgrade();
            utf8::encode(cp, &mut self.out);
            return Ok(());
        }
        // `U` writes the bytes of the encoding, which are characters of their own unless in `U0` mode.
        let mut t = Vec::with_capacity(13);
        utf8::encode(cp, &mut t);
        self.put(&t);
        Ok(())
    }

    fn compressed(&mut self, item: &Item) -> Result<(), A::Err> {
        let at = self.next;
        let n = self.int(item)?;
        if n.is_neg() {
            return self.die("Cannot compress negative numbers in pack");
        }
        let mut t = Vec::new();
        match n {
            Num::Num(v) if v >= 18_446_744_073_709_551_616.0 => {
                // Strings keep all their digits; only true NVs (whose spelling has an exponent) do not.
                let (s, _) = self.args.str(at)?;
                let digits = s.trim_ascii();
                if digits.iter().all(u8::is_ascii_digit) {
                    ber::encode_decimal(digits, &mut t);
                } else if s == nv_string(v) {
                    ber::encode_f64(v, &mut t);
                } else {
                    return self.die("Can only compress unsigned integers in pack");
                }
            }
            n => ber::encode_u64(n.uv(), &mut t),
        }
        self.put(&t);
        Ok(())
    }
}
