//! Uuencoding: lines of a length character and groups of four characters for three bytes.

/// Appends the encoding with at most `per_line` bytes (1 to 63) on a line.
pub fn encode(data: &[u8], per_line: usize, out: &mut Vec<u8>) {
    let code = |v: u8| if v == 0 { b'`' } else { v + b' ' };
    for line in data.chunks(per_line) {
        out.push(code(line.len() as u8));
        for t in line.chunks(3) {
            let (a, b, c) = (t[0], t.get(1).copied().unwrap_or(0), t.get(2).copied().unwrap_or(0));
            let six = [a >> 2, (a & 3) << 4 | b >> 4, (b & 15) << 2 | c >> 6, c & 63];
            out.extend(six.map(code));
        }
        out.push(b'\n');
    }
}

/// The six bits of a character, if it is one of the encoding's.
fn bits(b: u8) -> Option<u8> {
    (b' '..b'a').contains(&b).then(|| (b - b' ') & 63)
}

/// Decodes lines until something is no line; returns the bytes and how much was used.
pub fn decode(s: &[u8]) -> (Vec<u8>, usize) {
    let mut out = Vec::new();
    let mut pos = 0;
    while let Some(&b) = s.get(pos) {
        let Some(len) = bits(b).filter(|_| b != b' ') else { break };
        let mut len = usize::from(len);
        pos += 1;
        // A line that is cut short still has its length.
        while len > 0 {
            let mut six = [0u8; 4];
            for slot in &mut six {
                if let Some(v) = s.get(pos).and_then(|&c| bits(c)) {
                    *slot = v;
                    pos += 1;
                }
            }
            let three = [six[0] << 2 | six[1] >> 4, six[1] << 4 | six[2] >> 2, six[2] << 6 | six[3]];
            let n = len.min(3);
            out.extend_from_slice(&three[..n]);
            len -= n;
        }
        match &s[pos..] {
            [b'\n', ..] => pos += 1,
            // A checksum character may stand before the newline.
            [_, b'\n', ..] => pos += 2,
            _ => {}
        }
    }
    (out, pos)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn round_trip() {
        let data: Vec<u8> = (0..=255).collect();
        let mut text = Vec::new();
        encode(&data, 45, &mut text);
        assert_eq!(decode(&text), (data, text.len()));
        assert_eq!(decode(b"#86)Cxx"), (b"abc".to_vec(), 5));
    }
}
