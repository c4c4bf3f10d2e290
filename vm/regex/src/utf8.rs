//! Perl's extended UTF-8: code points up to 2^63, lead bytes FE and FF included.
//!
//! Input is taken to be well formed (the string layer guarantees it); a truncated or malformed sequence
//! never reads out of bounds, it decodes as single bytes.

/// A code point as Perl sees it (not limited to Unicode's range).
pub type Cp = u64;

/// Length in bytes of the sequence a lead byte announces.
#[inline]
pub fn seq_len(lead: u8) -> usize {
    match lead {
        0..=0xBF => 1,
        0xC0..=0xDF => 2,
        0xE0..=0xEF => 3,
        0xF0..=0xF7 => 4,
        0xF8..=0xFB => 5,
        0xFC..=0xFD => 6,
        0xFE => 7,
        0xFF => 13,
    }
}

/// Decodes the character at `i` (which must be inside `s`); returns it with its length in bytes.
#[inline]
pub fn decode(s: &[u8], i: usize) -> (Cp, usize) {
    let b = s[i];
    if b < 0x80 {
        return (Cp::from(b), 1);
    }
    decode_long(s, i)
}

fn decode_long(s: &[u8], i: usize) -> (Cp, usize) {
    let lead = s[i];
    let len = seq_len(lead);
    if len == 1 || i + len > s.len() {
        return (Cp::from(lead), 1);
    }
    let mut cp: Cp = match len {
        2 => Cp::from(lead & 0x1F),
        3 => Cp::from(lead & 0x0F),
        4 => Cp::from(lead & 0x07),
        5 => Cp::from(lead & 0x03),
        6 => Cp::from(lead & 0x01),
        _ => 0,
    };
    for &b in &s[i + 1..i + len] {
        if b & 0xC0 != 0x80 {
            return (Cp::from(lead), 1);
        }
        cp = (cp << 6) | Cp::from(b & 0x3F);
    }
    (cp, len)
}

/// Start of the character that ends just before `i` (`i` > 0).
#[inline]
pub fn prev_start(s: &[u8], i: usize) -> usize {
    let mut j = i - 1;
    while j > 0 && s[j] & 0xC0 == 0x80 {
        j -= 1;
    }
    j
}

/// Appends `cp` in Perl's extended UTF-8.
pub fn encode(cp: Cp, out: &mut Vec<u8>) {
    let (len, lead): (usize, u8) = match cp {
        0..=0x7F => {
            out.push(cp as u8);
            return;
        }
        0x80..=0x7FF => (2, 0xC0),
        0x800..=0xFFFF => (3, 0xE0),
        0x1_0000..=0x1F_FFFF => (4, 0xF0),
        0x20_0000..=0x3FF_FFFF => (5, 0xF8),
        0x400_0000..=0x7FFF_FFFF => (6, 0xFC),
        0x8000_0000..=0xF_FFFF_FFFF => (7, 0xFE),
        _ => (13, 0xFF),
    };
    let top_shift = 6 * (len as u32 - 1);
    let top = if top_shift >= 64 { 0 } else { (cp >> top_shift) as u8 };
    out.push(if len >= 7 { lead } else { lead | top });
    for k in (0..len - 1).rev() {
        let shift = 6 * k as u32;
        let bits = if shift >= 64 { 0 } else { (cp >> shift) & 0x3F };
        out.push(0x80 | bits as u8);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn round_trip_up_to_63_bits() {
        for cp in [
            0,
            0x7F,
            0x80,
            0x7FF,
            0x800,
            0xFFFF,
            0x10000,
            0x10FFFF,
            0x1FFFFF,
            0x3FFFFFF,
            0x7FFFFFFF,
            0xFFFFFFFFF,
            0x1000000000,
            i64::MAX as u64,
        ] {
            let mut v = Vec::new();
            encode(cp, &mut v);
            assert_eq!(decode(&v, 0), (cp, v.len()), "{cp:x}");
        }
    }

    #[test]
    fn malformed_is_taken_bytewise() {
        assert_eq!(decode(b"\xC3", 0), (0xC3, 1));
        assert_eq!(decode(b"\xE2\x82", 0), (0xE2, 1));
    }
}
