//! Operations on whole strings: comparison, searching, reversing, repeating, `vec`, and the bitwise
//! operators on strings. A string is bytes with its UTF-8 flag.

use std::borrow::Cow;
use std::cmp::Ordering;

use crate::utf8;

/// `cmp`: by code points, whatever the flags.
pub fn cmp(a: &[u8], au: bool, b: &[u8], bu: bool) -> Ordering {
    // The order of extended UTF-8 is that of its bytes.
    if au == bu { a.cmp(b) } else { utf8::code_points(a, au).cmp(utf8::code_points(b, bu)) }
}

/// `eq`.
pub fn eq(a: &[u8], au: bool, b: &[u8], bu: bool) -> bool {
    if au == bu { a == b } else { utf8::code_points(a, au).eq(utf8::code_points(b, bu)) }
}

/// The needle in the haystack's encoding; `None` if it cannot occur there.
fn same_kind<'n>(hu: bool, n: &'n [u8], nu: bool) -> Option<Cow<'n, [u8]>> {
    match (hu, nu) {
        (true, false) => Some(utf8::upgrade(n)),
        (false, true) => utf8::downgrade(n),
        _ => Some(Cow::Borrowed(n)),
    }
}

fn offset(h: &[u8], hu: bool, chars: usize) -> usize {
    if hu { utf8::byte_offset(h, chars).unwrap_or(h.len()) } else { chars.min(h.len()) }
}

/// `index`: character position of the needle at or after `pos`, or -1.
pub fn index(h: &[u8], hu: bool, n: &[u8], nu: bool, pos: i64) -> i64 {
    let Some(n) = same_kind(hu, n, nu) else { return -1 };
    let from = offset(h, hu, usize::try_from(pos).unwrap_or(0));
    match memchr::memmem::find(&h[from..], &n) {
        Some(k) => utf8::str_len(&h[..from + k], hu) as i64,
        None => -1,
    }
}

/// `rindex`: character position of the last needle starting at or before `pos` (`None`: anywhere).
pub fn rindex(h: &[u8], hu: bool, n: &[u8], nu: bool, pos: Option<i64>) -> i64 {
    let Some(n) = same_kind(hu, n, nu) else { return -1 };
    let end = match pos {
        None => h.len(),
        // Nothing starts before the string, except that an empty needle is found at 0.
        Some(p) if p < 0 && !n.is_empty() => return -1,
        Some(p) => {
            let at = offset(h, hu, usize::try_from(p).unwrap_or(0));
            at.saturating_add(n.len()).min(h.len())
        }
    };
    match memchr::memmem::rfind(&h[..end], &n) {
        Some(k) => utf8::str_len(&h[..k], hu) as i64,
        None => -1,
    }
}

/// `x` on a string; `None` when the result cannot be allocated ("Out of memory in perl:repeat").
pub fn repeat(s: &[u8], n: u64) -> Option<Vec<u8>> {
    let n = usize::try_from(n).ok()?;
    let len = s.len().checked_mul(n).filter(|&l| l <= isize::MAX as usize)?;
    let mut out = Vec::new();
    out.try_reserve_exact(len).ok()?;
    if let [b] = s {
        out.resize(n, *b);
        return Some(out);
    }
    // Doubling copies large blocks.
    if n > 0 {
        out.extend_from_slice(s);
    }
    while out.len() < len {
        let k = out.len().min(len - out.len());
        out.extend_from_within(..k);
    }
    Some(out)
}

/// `reverse` in scalar context.
pub fn reverse(s: &[u8], utf8: bool) -> Vec<u8> {
    if !utf8 || s.is_ascii() {
        return s.iter().rev().copied().collect();
    }
    let mut out = Vec::with_capacity(s.len());
    let mut end = s.len();
    while end > 0 {
        let at = utf8::prev(s, end);
        out.extend_from_slice(&s[at..end]);
        end = at;
    }
    out
}

const ILLEGAL_BITS: &str = "Illegal number of bits in vec";
const VEC_WIDE: &str = "Use of strings with code points over 0xFF as arguments to vec is forbidden";

fn bits_ok(bits: i64) -> Result<u64, String> {
    u64::try_from(bits).ok().filter(|b| b.is_power_of_two()).ok_or_else(|| ILLEGAL_BITS.into())
}

/// `vec` as a value. Elements beyond the end are 0; missing bytes of an element count as 0.
pub fn vec_get(s: &[u8], utf8: bool, offset: i64, bits: i64) -> Result<u64, String> {
    let Ok(offset) = u64::try_from(offset) else { return Ok(0) };
    let bits = bits_ok(bits)?;
    let s = utf8::as_bytes(s, utf8).ok_or(VEC_WIDE)?;
    let Some(bit) = offset.checked_mul(bits) else { return Ok(0) };
    let Ok(byte) = usize::try_from(bit / 8) else { return Ok(0) };
    if bits < 8 {
        let b = s.get(byte).copied().unwrap_or(0);
        return Ok(u64::from(b) >> (bit % 8) & ((1 << bits) - 1));
    }
    let n = (bits / 8).min(8) as usize;
    Ok((0..n)
        .fold(0, |v, k| v << 8 | u64::from(byte.checked_add(k).and_then(|i| s.get(i)).copied().unwrap_or(0))))
}

/// Assignment to `vec`: the new bytes (the result is never UTF-8).
pub fn vec_set(s: &[u8], utf8: bool, offset: i64, bits: i64, value: u64) -> Result<Vec<u8>, String> {
    let offset = u64::try_from(offset).map_err(|_| "Negative offset to vec in lvalue context")?;
    let bits = bits_ok(bits)?;
    let mut s = utf8::as_bytes(s, utf8).ok_or(VEC_WIDE)?.into_owned();
    let oom = "Out of memory during vec in lvalue context";
    let bit = offset.checked_mul(bits).ok_or(oom)?;
    let byte = usize::try_from(bit / 8).map_err(|_| oom)?;
    let n = (bits.div_ceil(8)).min(8) as usize;
    let end = byte.checked_add(n).filter(|&e| e <= isize::MAX as usize).ok_or(oom)?;
    if end > s.len() {
        s.try_reserve(end - s.len()).map_err(|_| oom)?;
        s.resize(end, 0);
    }
    if bits < 8 {
        let mask = ((1u64 << bits) - 1) as u8;
        let shift = bit % 8;
        s[byte] = s[byte] & !(mask << shift) | ((value as u8 & mask) << shift);
    } else {
        s[byte..end].copy_from_slice(&value.to_be_bytes()[8 - n..]);
    }
    Ok(s)
}

/// A bitwise operator on strings.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BitOp {
    And,
    Or,
    Xor,
}

/// `&`, `|`, `^` on strings; the result is UTF-8 when an operand is.
pub fn bit_op(op: BitOp, a: &[u8], au: bool, b: &[u8], bu: bool) -> Result<(Vec<u8>, bool), String> {
    let name = match op {
        BitOp::And => "bitwise and (&)",
        BitOp::Or => "bitwise or (|)",
        BitOp::Xor => "bitwise xor (^)",
    };
    let (Some(a), Some(b)) = (utf8::as_bytes(a, au), utf8::as_bytes(b, bu)) else {
        return Err(wide(name));
    };
    let (long, short) = if a.len() >= b.len() { (&a, &b) } else { (&b, &a) };
    let mut out = match op {
        BitOp::And => short.to_vec(),
        _ => long.to_vec(),
    };
    let other = if op == BitOp::And { long } else { short };
    for (x, y) in out.iter_mut().zip(other.iter()) {
        match op {
            BitOp::And => *x &= y,
            BitOp::Or => *x |= y,
            BitOp::Xor => *x ^= y,
        }
    }
    if au || bu {
        return Ok((utf8::upgrade(&out).into_owned(), true));
    }
    Ok((out, false))
}

/// `~` on a string; the result is never UTF-8.
pub fn bit_not(a: &[u8], au: bool) -> Result<Vec<u8>, String> {
    let Some(a) = utf8::as_bytes(a, au) else { return Err(wide("1's complement (~)")) };
    Ok(a.iter().map(|b| !b).collect())
}

fn wide(op: &str) -> String {
    format!("Use of strings with code points over 0xFF as arguments to {op} operator is not allowed")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn searches() {
        let i = |h: &str, n: &str, p| index(h.as_bytes(), true, n.as_bytes(), true, p);
        assert_eq!([i("abc", "", 0), i("abc", "", 5), i("abc", "c", -5), i("abcabc", "c", 3)], [0, 3, 2, 5]);
        assert_eq!(i("a\u{100}b", "b", 0), 2);
        assert_eq!(index(b"\xe9", false, "é".as_bytes(), true, 0), 0);
        assert_eq!(index(b"abc", false, "\u{100}".as_bytes(), true, 0), -1);
        let r = |h: &str, n: &str, p| rindex(h.as_bytes(), true, n.as_bytes(), true, p);
        assert_eq!([r("abc", "", None), r("abc", "", Some(1)), r("abc", "", Some(-1))], [3, 1, 0]);
        assert_eq!(
            [r("abcabc", "c", Some(4)), r("abcabc", "abc", Some(-1)), r("abcabc", "abc", Some(0))],
            [2, -1, 0]
        );
        assert_eq!(r("\u{100}b\u{100}b", "b", Some(2)), 1);
    }

    #[test]
    fn compares_across_flags() {
        assert_eq!(cmp(b"\xe9", false, "é".as_bytes(), true), Ordering::Equal);
        assert_eq!(cmp(b"\xff", false, "\u{100}".as_bytes(), true), Ordering::Less);
        assert!(eq(b"a", false, b"a", true));
    }

    #[test]
    fn vectors() {
        assert_eq!(vec_get(b"abc", false, 1, 16), Ok(25344));
        assert_eq!(vec_get(b"abc", false, 0, 32), Ok(1633837824));
        assert_eq!(vec_get(b"abc", false, 5, 1), Ok(1));
        assert_eq!(vec_get(b"abc", false, -1, 8), Ok(0));
        assert_eq!(vec_get(b"abc", false, 0, 3), Err(ILLEGAL_BITS.into()));
        assert_eq!(vec_set(b"", false, 3, 4, 15), Ok(b"\0\xf0".to_vec()));
        assert_eq!(vec_set(b"", false, 1, 32, u64::MAX), Ok(b"\0\0\0\0\xff\xff\xff\xff".to_vec()));
        assert!(vec_set(b"", false, -1, 8, 0).unwrap_err().starts_with("Negative"));
    }

    #[test]
    fn bits_and_pieces() {
        assert_eq!(bit_op(BitOp::Or, b"ab\xe9", false, "éb".as_bytes(), true), Ok(("ébé".into(), true)));
        assert_eq!(bit_op(BitOp::And, b"abc", false, b"ab", false), Ok((b"ab".to_vec(), false)));
        assert_eq!(bit_not(b"ab", false), Ok(b"\x9e\x9d".to_vec()));
        assert_eq!(repeat(b"ab", 5).unwrap(), b"ababababab");
        assert_eq!(repeat(b"ab", 0).unwrap(), b"");
        assert_eq!(repeat(b"ab", u64::MAX), None);
        assert_eq!(reverse("aé→".as_bytes(), true), "→éa".as_bytes());
    }
}
