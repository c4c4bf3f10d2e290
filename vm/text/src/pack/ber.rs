//! Number formats that Rust has no type for: BER compressed integers beyond 64 bits and the x87 long
//! double of `D`.

/// Appends a BER compressed integer: base 128, most significant first, high bit on all but the last byte.
pub fn encode_u64(mut v: u64, out: &mut Vec<u8>) {
    let start = out.len();
    loop {
        let more = if out.len() > start { 0x80 } else { 0 };
        out.push((v & 0x7f) as u8 | more);
        v >>= 7;
        if v == 0 {
            break;
        }
    }
    out[start..].reverse();
}

/// The same for a whole number beyond 64 bits; all steps are exact.
pub fn encode_f64(v: f64, out: &mut Vec<u8>) {
    let start = out.len();
    let mut v = v.trunc();
    while v >= 1.0 {
        let more = if out.len() > start { 0x80 } else { 0 };
        let next = (v / 128.0).floor();
        out.push((v - next * 128.0) as u8 | more);
        v = next;
    }
    out[start..].reverse();
}

/// The same for a string of decimal digits.
pub fn encode_decimal(digits: &[u8], out: &mut Vec<u8>) {
    let start = out.len();
    let mut n: Vec<u8> = digits.iter().map(|d| d - b'0').collect();
    loop {
        let mut rem = 0u32;
        for d in &mut n {
            let cur = rem * 10 + u32::from(*d);
            *d = (cur / 128) as u8;
            rem = cur % 128;
        }
        let more = if out.len() > start { 0x80 } else { 0 };
        out.push(rem as u8 | more);
        let lead = n.iter().take_while(|&&d| d == 0).count();
        n.drain(..lead);
        if n.is_empty() {
            break;
        }
    }
    out[start..].reverse();
}

/// `decimal * 128 + add` on decimal digits (values 0–9), most significant first.
pub fn decimal_push7(decimal: &mut Vec<u8>, add: u8) {
    let mut carry = u32::from(add);
    for d in decimal.iter_mut().rev() {
        let cur = u32::from(*d) * 128 + carry;
        *d = (cur % 10) as u8;
        carry = cur / 10;
    }
    while carry > 0 {
        decimal.insert(0, (carry % 10) as u8);
        carry /= 10;
    }
}

/// A double as an x87 80-bit number padded to 16 bytes, little endian.
pub fn to_long_double(v: f64) -> [u8; 16] {
    let bits = v.to_bits();
    let frac = bits & ((1 << 52) - 1);
    let exp = (bits >> 52) as u16 & 0x7ff;
    let (exp80, mant) = match exp {
        0 if frac == 0 => (0, 0),
        0 => {
            let up = frac.leading_zeros();
            (16383 - 1022 - (up as u16 - 11), frac << up)
        }
        0x7ff => (0x7fff, 1 << 63 | frac << 11),
        _ => (exp + (16383 - 1023), 1 << 63 | frac << 11),
    };
    let sign = if v.is_sign_negative() { 0x8000 } else { 0 };
    let mut out = [0; 16];
    out[..8].copy_from_slice(&mant.to_le_bytes());
    out[8..10].copy_from_slice(&(exp80 | sign).to_le_bytes());
    out
}

/// The inverse, rounding to double.
pub fn from_long_double(b: &[u8; 16]) -> f64 {
    let mant = u64::from_le_bytes([b[0], b[1], b[2], b[3], b[4], b[5], b[6], b[7]]);
    let se = u16::from_le_bytes([b[8], b[9]]);
    let exp = i32::from(se & 0x7fff);
    let v = match (exp, mant) {
        (0x7fff, m) if m == 1 << 63 => f64::INFINITY,
        (0x7fff, _) => f64::NAN,
        (0, 0) => 0.0,
        // Without its leading bit the number is an invalid operand.
        (1.., m) if m >> 63 == 0 => f64::NAN,
        _ => {
            // Two factors, so that neither the powers nor the product leave the range too early.
            let e = (exp - 16383 - 63).clamp(-2400, 2400);
            let half = e / 3;
            mant as f64 * 2f64.powi(half) * 2f64.powi(half) * 2f64.powi(e - 2 * half)
        }
    };
    if se & 0x8000 != 0 { -v } else { v }
}
