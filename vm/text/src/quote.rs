//! Quoting: `quotemeta`, and how strings are shown in messages.

use crate::utf8;

/// Code points above ASCII that `quotemeta` escapes: white space, syntax characters, controls and
/// characters ignored by default.
static QUOTED: [(u32, u32); 33] = [
    (0x80, 0xa7),
    (0xa9, 0xa9),
    (0xab, 0xae),
    (0xb0, 0xb1),
    (0xb6, 0xb6),
    (0xbb, 0xbb),
    (0xbf, 0xbf),
    (0xd7, 0xd7),
    (0xf7, 0xf7),
    (0x34f, 0x34f),
    (0x61c, 0x61c),
    (0x115f, 0x1160),
    (0x1680, 0x1680),
    (0x17b4, 0x17b5),
    (0x180b, 0x180f),
    (0x2000, 0x203e),
    (0x2041, 0x2053),
    (0x2055, 0x206f),
    (0x2190, 0x245f),
    (0x2500, 0x2775),
    (0x2794, 0x2bff),
    (0x2e00, 0x2e7f),
    (0x3000, 0x3003),
    (0x3008, 0x3020),
    (0x3030, 0x3030),
    (0x3164, 0x3164),
    (0xfd3e, 0xfd3f),
    (0xfe00, 0xfe0f),
    (0xfe45, 0xfe46),
    (0xfeff, 0xfeff),
    (0xffa0, 0xffa0),
    (0xfff0, 0xfff8),
    (0x1bca0, 0x1bca3),
];
static QUOTED_HIGH: [(u32, u32); 2] = [(0x1d173, 0x1d17a), (0xe0000, 0xe0fff)];

/// True if `quotemeta` puts a backslash before this character of a Unicode string.
pub fn is_quoted(cp: u64) -> bool {
    match cp {
        0..=0x7f => !(cp as u8).is_ascii_alphanumeric() && cp != u64::from(b'_'),
        _ => {
            let within = |t: &[(u32, u32)]| {
                let i = t.partition_point(|r| u64::from(r.1) < cp);
                t.get(i).is_some_and(|r| u64::from(r.0) <= cp)
            };
            within(if cp < 0x1d000 { &QUOTED } else { &QUOTED_HIGH })
        }
    }
}

/// `quotemeta`. In byte strings every byte that is not an ASCII word character is quoted, unless
/// `unicode` (the feature `unicode_strings`) asks for the rules of UTF-8 strings.
pub fn quotemeta(s: &[u8], utf8: bool, unicode: bool) -> Vec<u8> {
    let mut out = Vec::with_capacity(s.len() + s.len() / 4 + 4);
    if !utf8 {
        for &b in s {
            let quote = if b.is_ascii() || unicode { is_quoted(u64::from(b)) } else { true };
            if quote {
                out.push(b'\\');
            }
            out.push(b);
        }
        return out;
    }
    let mut at = 0;
    while at < s.len() {
        let (cp, n) = utf8::at(s, at);
        if is_quoted(cp) {
            out.push(b'\\');
        }
        out.extend_from_slice(&s[at..at + n]);
        at += n;
    }
    out
}

/// A string as shown in `Argument "%s" isn't numeric`, cut off when long. Characters of the result are
/// code points: a byte from 0xA0 up stays as it is.
pub fn not_numeric(s: &[u8], utf8: bool) -> String {
    let mut out = String::new();
    if utf8 {
        for (_, cp) in utf8::chars(s) {
            if out.len() >= 32 {
                out.push_str("...");
                break;
            }
            push_uni(&mut out, cp);
        }
        return out;
    }
    let mut width = 0;
    for &b in s {
        if width >= 56 {
            out.push_str("...");
            break;
        }
        let before = out.chars().count();
        let mut b = b;
        if (0x80..0xa0).contains(&b) {
            out.push_str("M-");
            b &= 0x7f;
        }
        match b {
            b'\n' => out.push_str("\\n"),
            b'\r' => out.push_str("\\r"),
            0x0c => out.push_str("\\f"),
            b'\\' => out.push_str("\\\\"),
            0 => out.push_str("\\0"),
            1..=0x1f | 0x7f => {
                out.push('^');
                out.push((b ^ 64) as char);
            }
            _ => out.push(b as char),
        }
        width += out.chars().count() - before;
    }
    out
}

fn push_uni(out: &mut String, cp: u64) {
    match u8::try_from(cp) {
        Ok(b @ b' '..=b'~') => out.push(b as char),
        _ => out.push_str(&format!("\\x{{{cp:x}}}")),
    }
}

/// A string for messages that quote source or patterns: printable ASCII as it is, the usual escapes,
/// other bytes in octal (as short as the next character allows), wide characters as `\x{...}`.
/// At most `max` characters come out, then `...` behind the closing quote as Perl's `pv_display` has it.
pub fn display(s: &[u8], utf8: bool, max: usize) -> String {
    let mut out = String::from("\"");
    let mut cut = false;
    let mut it = utf8::code_points(s, utf8).peekable();
    while let Some(cp) = it.next() {
        let digit = it.peek().is_some_and(|&n| (0x30..=0x39).contains(&n));
        let piece = match cp {
            0x22 => "\\\"".into(),
            0x5c => "\\\\".into(),
            0x0a => "\\n".into(),
            0x0d => "\\r".into(),
            0x09 => "\\t".into(),
            0x0c => "\\f".into(),
            0x20..=0x7e => (cp as u8 as char).to_string(),
            0..=0xff if digit => format!("\\{cp:03o}"),
            0..=0xff => format!("\\{cp:o}"),
            _ => format!("\\x{{{cp:x}}}"),
        };
        if max > 0 && out.len() - 1 + piece.len() > max {
            cut = true;
            break;
        }
        out.push_str(&piece);
    }
    out.push('"');
    if cut {
        out.push_str("...");
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quotes() {
        assert_eq!(quotemeta(b"a-b_c\xe9", false, false), b"a\\-b_c\\\xe9");
        assert_eq!(quotemeta(b"\xe9\xd7", false, true), b"\xe9\\\xd7");
        assert_eq!(
            quotemeta("é\u{2028}\u{100}\u{e0001}".as_bytes(), true, false),
            "é\\\u{2028}\u{100}\\\u{e0001}".as_bytes()
        );
    }

    #[test]
    fn shows() {
        assert_eq!(not_numeric(b"a\n\t\x8a\xff\\", false), "a\\n^IM-\\n\u{ff}\\\\");
        assert_eq!(not_numeric(&[b'a'; 100], false), "a".repeat(56) + "...");
        assert_eq!(not_numeric("\u{100}".repeat(30).as_bytes(), true), "\\x{100}".repeat(5) + "...");
        assert_eq!(display(b"a\"\x005", false, 0), "\"a\\\"\\0005\"");
    }
}
