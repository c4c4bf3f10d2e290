//! Perl's extended UTF-8 (code points beyond U+10FFFF, surrogates): its characters, and to and from Latin-1.

/// The length of the character a byte starts in Perl's extended UTF-8.
pub fn char_len(lead: u8) -> usize {
    match lead {
        0..0xc0 => 1,
        0xc0..0xe0 => 2,
        0xe0..0xf0 => 3,
        0xf0..0xf8 => 4,
        0xf8..0xfc => 5,
        0xfc..0xfe => 6,
        0xfe => 7,
        0xff => 13,
    }
}

/// The characters of an extended UTF-8 string with their bytes; a stray byte counts as itself.
pub fn chars(s: &[u8]) -> impl Iterator<Item = (u64, &[u8])> {
    let mut rest = s;
    std::iter::from_fn(move || {
        let lead = *rest.first()?;
        let n = char_len(lead);
        let tail = rest.get(1..n).filter(|t| t.iter().all(|b| b & 0xc0 == 0x80));
        let (c, len) = match tail {
            Some(tail) if n > 1 => {
                let head = if n >= 7 { 0 } else { u64::from(lead) & (0x7f >> n) };
                (tail.iter().fold(head, |a, b| a << 6 | u64::from(b & 0x3f)), n)
            }
            _ => (u64::from(lead), 1),
        };
        let (this, next) = rest.split_at(len);
        rest = next;
        Some((c, this))
    })
}

/// Latin-1 bytes as UTF-8.
pub fn upgrade(src: &[u8], out: &mut Vec<u8>) {
    out.reserve(src.len());
    for &b in src {
        if b < 0x80 { out.push(b) } else { out.extend_from_slice(&[0xc0 | b >> 6, 0x80 | b & 0x3f]) }
    }
}

/// UTF-8 as Latin-1 bytes, or None if some character is beyond U+00FF.
pub fn downgrade(src: &[u8]) -> Option<Vec<u8>> {
    chars(src).map(|(c, _)| u8::try_from(c).ok()).collect()
}
