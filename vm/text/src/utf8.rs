//! Perl's extended UTF-8: every code point up to 2^63-1, surrogates and non-characters included.
//!
//! Up to 0x7FFF_FFFF the encoding is the original six-byte scheme; start byte 0xFE introduces seven bytes
//! and 0xFF thirteen. Functions that take a string *known to be well formed* (every string of the VM with
//! its flag on) do not fail; fed garbage they return some answer but stay in bounds.

use std::borrow::Cow;

/// The largest code point Perl allows.
pub const MAX: u64 = i64::MAX as u64;

/// Length of a sequence by its start byte (1 for a continuation byte).
#[inline]
pub const fn skip(b: u8) -> usize {
    match b {
        0..=0xbf => 1,
        0xc0..=0xdf => 2,
        0xe0..=0xef => 3,
        0xf0..=0xf7 => 4,
        0xf8..=0xfb => 5,
        0xfc..=0xfd => 6,
        0xfe => 7,
        0xff => 13,
    }
}

/// True for 0x80–0xBF.
#[inline]
pub const fn is_cont(b: u8) -> bool {
    b & 0xc0 == 0x80
}

/// Bytes needed for a code point.
#[inline]
pub const fn encoded_len(cp: u64) -> usize {
    match cp {
        0..=0x7f => 1,
        0x80..=0x7ff => 2,
        0x800..=0xffff => 3,
        0x1_0000..=0x1f_ffff => 4,
        0x20_0000..=0x3ff_ffff => 5,
        0x400_0000..=0x7fff_ffff => 6,
        0x8000_0000..=0xf_ffff_ffff => 7,
        _ => 13,
    }
}

/// Appends a code point.
#[inline]
pub fn encode(cp: u64, out: &mut Vec<u8>) {
    if cp < 0x80 {
        out.push(cp as u8);
        return;
    }
    let n = encoded_len(cp);
    let cont = n - 1;
    let start = match n {
        2..=6 => (0xff00u32 >> n) as u8 | (cp >> (6 * cont)) as u8,
        7 => 0xfe,
        _ => 0xff,
    };
    out.push(start);
    for k in (0..cont).rev() {
        // Thirteen bytes have room for 72 bits: the topmost continuation bytes are empty.
        let bits = if k >= 11 { 0 } else { (cp >> (6 * k)) as u8 & 0x3f };
        out.push(0x80 | bits);
    }
}

/// Why bytes are not a character.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Malformed {
    /// Nothing to read.
    Empty,
    /// Starts with a continuation byte.
    Continuation,
    /// The string ends inside the character.
    Short,
    /// A byte within the character is not a continuation byte.
    NonContinuation,
    /// A shorter sequence has the same value.
    Overlong,
    /// Above [`MAX`].
    Overflow,
}

/// Decodes and checks the character at the start of `s`: code point and length.
#[inline]
pub fn decode(s: &[u8]) -> Result<(u64, usize), Malformed> {
    match s.first() {
        None => Err(Malformed::Empty),
        Some(&b) if b < 0x80 => Ok((u64::from(b), 1)),
        Some(&b) => decode_multi(s, b),
    }
}

fn decode_multi(s: &[u8], b: u8) -> Result<(u64, usize), Malformed> {
    if b < 0xc0 {
        return Err(Malformed::Continuation);
    }
    let n = skip(b);
    let mut cp: u64 = if n >= 7 { 0 } else { u64::from(b) & (0x7f >> n) };
    for k in 1..n {
        match s.get(k) {
            None => return Err(Malformed::Short),
            Some(&c) if !is_cont(c) => return Err(Malformed::NonContinuation),
            Some(&c) => {
                if cp >> 57 != 0 {
                    return Err(Malformed::Overflow);
                }
                cp = cp << 6 | u64::from(c & 0x3f);
            }
        }
    }
    if encoded_len(cp) != n {
        return Err(Malformed::Overlong);
    }
    Ok((cp, n))
}

/// The character at `at` of a well-formed string: code point and length. On garbage, the byte itself.
#[inline]
pub fn at(s: &[u8], at: usize) -> (u64, usize) {
    let t = &s[at..];
    match t {
        [] => (0, 0),
        [b, ..] if *b < 0x80 => (u64::from(*b), 1),
        [b @ 0xc0..=0xdf, c, ..] => (u64::from(*b & 0x1f) << 6 | u64::from(*c & 0x3f), 2),
        [b @ 0xe0..=0xef, c, d, ..] => {
            (u64::from(*b & 0x0f) << 12 | u64::from(*c & 0x3f) << 6 | u64::from(*d & 0x3f), 3)
        }
        [b, ..] => decode(t).unwrap_or((u64::from(*b), 1)),
    }
}

/// The code points of a well-formed string with their byte offsets; double-ended.
#[derive(Clone, Debug)]
pub struct Chars<'a> {
    s: &'a [u8],
    front: usize,
    back: usize,
}

/// Iterates over a well-formed string.
pub fn chars(s: &[u8]) -> Chars<'_> {
    Chars { s, front: 0, back: s.len() }
}

impl Iterator for Chars<'_> {
    type Item = (usize, u64);
    #[inline]
    fn next(&mut self) -> Option<(usize, u64)> {
        if self.front >= self.back {
            return None;
        }
        let pos = self.front;
        let (cp, n) = at(&self.s[..self.back], pos);
        self.front += n;
        Some((pos, cp))
    }
}

impl DoubleEndedIterator for Chars<'_> {
    #[inline]
    fn next_back(&mut self) -> Option<(usize, u64)> {
        if self.front >= self.back {
            return None;
        }
        let pos = prev(self.s, self.back).max(self.front);
        let (cp, _) = at(&self.s[..self.back], pos);
        self.back = pos;
        Some((pos, cp))
    }
}

/// The offset of the character that ends at `pos`.
#[inline]
pub fn prev(s: &[u8], pos: usize) -> usize {
    let mut p = pos.saturating_sub(1);
    while p > 0 && is_cont(s[p]) {
        p -= 1;
    }
    p
}

/// Code points of a Perl string of either kind.
pub fn code_points(s: &[u8], utf8: bool) -> impl DoubleEndedIterator<Item = u64> + '_ {
    let (bytes, wide): (&[u8], &[u8]) = if utf8 { (&[], s) } else { (s, &[]) };
    bytes.iter().map(|&b| u64::from(b)).chain(chars(wide).map(|(_, c)| c))
}

/// Length in characters of a well-formed string.
#[inline]
pub fn len(s: &[u8]) -> usize {
    // One comparison per byte, which the compiler turns into vector code: continuation bytes are the
    // signed values below -64.
    let mut n = 0;
    for chunk in s.chunks(255) {
        n += usize::from(chunk.iter().map(|&b| u8::from(b as i8 >= -64)).sum::<u8>());
    }
    n
}

/// Length in characters of a Perl string.
#[inline]
pub fn str_len(s: &[u8], utf8: bool) -> usize {
    if utf8 { len(s) } else { s.len() }
}

/// Byte offset of character `n` of a well-formed string; `None` past the end (the end itself is allowed).
pub fn byte_offset(s: &[u8], n: usize) -> Option<usize> {
    if n > s.len() {
        return None;
    }
    let mut left = n;
    let mut pos = 0;
    // Whole blocks are counted before single characters are stepped over.
    for block in s.chunks(128) {
        let k = len(block);
        if k > left {
            break;
        }
        left -= k;
        pos += block.len();
    }
    while pos < s.len() && is_cont(s[pos]) {
        pos += 1;
    }
    while left > 0 {
        if pos >= s.len() {
            return None;
        }
        pos += skip(s[pos]);
        left -= 1;
    }
    Some(pos.min(s.len()))
}

/// Character index of a byte offset (offsets past the end count as the end).
#[inline]
pub fn char_index(s: &[u8], byte: usize) -> usize {
    len(&s[..byte.min(s.len())])
}

/// True if `s` is well formed in Perl's extended UTF-8.
pub fn is_valid(s: &[u8]) -> bool {
    let mut rest = s;
    loop {
        match std::str::from_utf8(rest) {
            Ok(_) => return true,
            Err(e) => {
                // Rust stops at surrogates and above 0x10FFFF; those are fine here.
                rest = &rest[e.valid_up_to()..];
                match decode(rest) {
                    Ok((_, n)) => rest = &rest[n..],
                    Err(_) => return false,
                }
            }
        }
    }
}

/// True if `s` is well formed and holds only Unicode scalar values other than non-characters.
pub fn is_strict(s: &[u8]) -> bool {
    std::str::from_utf8(s).is_ok_and(|t| t.chars().all(|c| !is_nonchar(c as u64)))
}

/// U+FDD0–U+FDEF and the last two code points of each plane.
#[inline]
pub const fn is_nonchar(cp: u64) -> bool {
    (cp >= 0xfdd0 && cp <= 0xfdef) || (cp & 0xfffe == 0xfffe && cp <= 0x10_ffff)
}

/// U+D800–U+DFFF.
#[inline]
pub const fn is_surrogate(cp: u64) -> bool {
    cp >= 0xd800 && cp <= 0xdfff
}

/// Appends Latin-1 bytes as UTF-8.
pub fn upgrade_into(s: &[u8], out: &mut Vec<u8>) {
    let mut rest = s;
    while let Some(n) = rest.iter().position(|b| !b.is_ascii()) {
        out.extend_from_slice(&rest[..n]);
        let b = rest[n];
        out.extend_from_slice(&[0xc0 | b >> 6, 0x80 | (b & 0x3f)]);
        rest = &rest[n + 1..];
    }
    out.extend_from_slice(rest);
}

/// Latin-1 bytes as UTF-8; borrowed when they are ASCII.
pub fn upgrade(s: &[u8]) -> Cow<'_, [u8]> {
    if s.is_ascii() {
        return Cow::Borrowed(s);
    }
    let mut out = Vec::with_capacity(s.len() + s.len() / 2 + 2);
    upgrade_into(s, &mut out);
    Cow::Owned(out)
}

/// UTF-8 as Latin-1 bytes; `None` when a character is above 255. Borrowed when ASCII.
pub fn downgrade(s: &[u8]) -> Option<Cow<'_, [u8]>> {
    let n = s.iter().position(|b| !b.is_ascii());
    let Some(n) = n else { return Some(Cow::Borrowed(s)) };
    let mut out = Vec::with_capacity(s.len());
    out.extend_from_slice(&s[..n]);
    let mut rest = &s[n..];
    loop {
        match rest {
            [] => return Some(Cow::Owned(out)),
            [b, tail @ ..] if b.is_ascii() => {
                out.push(*b);
                rest = tail;
            }
            [b @ 0xc2..=0xc3, c, tail @ ..] => {
                out.push(b << 6 | (c & 0x3f));
                rest = tail;
            }
            _ => return None,
        }
    }
}

/// A Perl string as UTF-8 bytes.
#[inline]
pub fn as_utf8(s: &[u8], utf8: bool) -> Cow<'_, [u8]> {
    if utf8 { Cow::Borrowed(s) } else { upgrade(s) }
}

/// A Perl string as Latin-1 bytes, `None` if it has wide characters.
#[inline]
pub fn as_bytes(s: &[u8], utf8: bool) -> Option<Cow<'_, [u8]>> {
    if utf8 { downgrade(s) } else { Some(Cow::Borrowed(s)) }
}

/// `utf8::decode` on bytes: `None` when they are not well-formed UTF-8 (returns false, nothing changes);
/// otherwise whether the flag must be turned on, which it is only if some byte is not ASCII.
pub fn try_decode(s: &[u8]) -> Option<bool> {
    if s.is_ascii() {
        Some(false)
    } else if is_valid(s) {
        Some(true)
    } else {
        None
    }
}

/// Appends a Perl string to another one, upgrading the receiver when the kinds differ.
pub fn append(out: &mut Vec<u8>, out_utf8: &mut bool, s: &[u8], utf8: bool) {
    match (*out_utf8, utf8) {
        (false, true) => {
            if let Cow::Owned(up) = upgrade(out) {
                *out = up;
            }
            *out_utf8 = true;
            out.extend_from_slice(s);
        }
        (true, false) => upgrade_into(s, out),
        _ => out.extend_from_slice(s),
    }
}

/// Perl's description of the malformed character at the start of `s`, as in warnings
/// (`Malformed UTF-8 character: %s`); `None` when it is well formed.
pub fn malformed_message(s: &[u8]) -> Option<String> {
    let why = decode(s).err()?;
    let hex = |t: &[u8]| t.iter().map(|b| format!("\\x{b:02x}")).collect::<String>();
    let first = s.first().copied().unwrap_or(0);
    let need = skip(first);
    let got = 1 + s.iter().skip(1).take(need - 1).take_while(|b| is_cont(**b)).count();
    Some(match why {
        Malformed::Empty => "(empty string)".into(),
        Malformed::Continuation => {
            format!(
                "{} (unexpected continuation byte 0x{first:02x}, with no preceding start byte)",
                hex(&s[..1])
            )
        }
        Malformed::Short => format!(
            "{} (too short; {got} byte{} available, need {need})",
            hex(&s[..got]),
            if got == 1 { "" } else { "s" }
        ),
        Malformed::NonContinuation => {
            let place = if got == 1 { "immediately".into() } else { format!("{got} bytes") };
            format!(
                "{} (unexpected non-continuation byte 0x{:02x}, {place} after start byte 0x{first:02x}; \
                 need {need} bytes, got {got})",
                hex(&s[..need.min(s.len())]),
                s[got]
            )
        }
        Malformed::Overlong => {
            let cp = s[1..need]
                .iter()
                .fold(if need >= 7 { 0 } else { u64::from(first) & (0x7f >> need) }, |a, b| {
                    a << 6 | u64::from(b & 0x3f)
                });
            let w = if cp < 256 { 2 } else { 4 };
            let mut best = Vec::new();
            encode(cp, &mut best);
            format!("{} (overlong; instead use {} to represent U+{cp:0w$X})", hex(&s[..need]), hex(&best))
        }
        Malformed::Overflow => format!("{} (overflows)", hex(&s[..need.min(s.len())])),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn enc(cp: u64) -> Vec<u8> {
        let mut v = Vec::new();
        encode(cp, &mut v);
        v
    }

    #[test]
    fn round_trips_every_length() {
        for cp in [
            0,
            0x7f,
            0x80,
            0x7ff,
            0x800,
            0xd800,
            0xffff,
            0x10000,
            0x10ffff,
            0x1fffff,
            0x200000,
            0x3ffffff,
            0x4000000,
            0x7fffffff,
            0x80000000,
            0xfffffffff,
            0x1000000000,
            MAX,
        ] {
            let v = enc(cp);
            assert_eq!(v.len(), encoded_len(cp));
            assert_eq!(decode(&v), Ok((cp, v.len())), "{cp:x}");
            assert_eq!(at(&v, 0), (cp, v.len()));
            assert!(is_valid(&v));
            assert_eq!(len(&v), 1);
        }
        assert_eq!(enc(0x80000000), b"\xfe\x82\x80\x80\x80\x80\x80");
        assert_eq!(enc(MAX), b"\xff\x80\x87\xbf\xbf\xbf\xbf\xbf\xbf\xbf\xbf\xbf\xbf");
    }

    #[test]
    fn rejects_malformed() {
        assert_eq!(decode(b"\x80"), Err(Malformed::Continuation));
        assert_eq!(decode(b"\xc0\x80"), Err(Malformed::Overlong));
        assert_eq!(decode(b"\xe0\x80\x80"), Err(Malformed::Overlong));
        assert_eq!(decode(b"\xe9\x80"), Err(Malformed::Short));
        assert_eq!(decode(b"\xe9a"), Err(Malformed::NonContinuation));
        let mut over = enc(MAX);
        over[2] = 0x88;
        assert_eq!(decode(&over), Err(Malformed::Overflow));
        assert!(!is_valid(b"abc\xff"));
        assert!(is_valid(b"\xed\xa0\x80x"));
        assert!(!is_strict(b"\xed\xa0\x80"));
        assert!(!is_strict(b"\xef\xbf\xbf"));
    }

    #[test]
    fn offsets() {
        let mut s = Vec::new();
        for i in 0..1000u64 {
            encode(if i % 3 == 0 { 0x100 + i } else { 65 }, &mut s);
        }
        assert_eq!(len(&s), 1000);
        let mut pos = 0;
        for i in 0..=1000 {
            assert_eq!(byte_offset(&s, i), Some(pos), "{i}");
            assert_eq!(char_index(&s, pos), i);
            pos += s.get(pos).map_or(0, |&b| skip(b));
        }
        assert_eq!(byte_offset(&s, 1001), None);
    }

    #[test]
    fn conversions() {
        assert_eq!(&*upgrade(b"a\xe9"), b"a\xc3\xa9");
        assert_eq!(downgrade(b"a\xc3\xa9").as_deref(), Some(&b"a\xe9"[..]));
        assert_eq!(downgrade("\u{100}".as_bytes()), None);
        assert_eq!(try_decode(b"a"), Some(false));
        assert_eq!(try_decode(b"\xc3\xa9"), Some(true));
        assert_eq!(try_decode(b"\xe9"), None);
        let back: Vec<u64> = chars("aé→".as_bytes()).rev().map(|(_, c)| c).collect();
        assert_eq!(back, [0x2192, 0xe9, 0x61]);
    }
}
