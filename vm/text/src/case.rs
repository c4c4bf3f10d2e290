//! Case mapping: `lc`, `uc`, `ucfirst`, `lcfirst`, `fc`.
//!
//! Without the flag and without `unicode_strings` only ASCII letters change. Otherwise Unicode's full
//! mappings apply, one character at a time (so Σ becomes σ also at the end of a word). Lower and upper
//! case come from the standard library; title case and case folding are derived from those, with the
//! exceptions listed below. Perl 5.42 follows Unicode 16, so later additions are taken out again.

use crate::utf8;

/// Which mapping.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Case {
    Lower,
    Upper,
    Title,
    Fold,
}

/// The mapping of one character: up to three code points.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Mapped {
    cps: [u64; 3],
    len: u8,
}

impl Mapped {
    fn one(cp: u64) -> Self {
        Mapped { cps: [cp, 0, 0], len: 1 }
    }
    fn collect(it: impl Iterator<Item = char>) -> Self {
        let mut m = Mapped { cps: [0; 3], len: 0 };
        for (slot, c) in m.cps.iter_mut().zip(it) {
            *slot = u64::from(c);
            m.len += 1;
        }
        m
    }
    /// The code points.
    pub fn as_slice(&self) -> &[u64] {
        &self.cps[..usize::from(self.len)]
    }
}

/// Letters that got their case partners after Unicode 16.
fn is_newer(cp: u64) -> bool {
    matches!(cp, 0xa7ce..=0xa7cf | 0xa7d2..=0xa7d5 | 0x16ea0..=0x16ed3)
}

/// The full mapping of one code point.
pub fn map(cp: u64, case: Case) -> Mapped {
    let Some(c) = u32::try_from(cp).ok().and_then(char::from_u32) else { return Mapped::one(cp) };
    if is_newer(cp) {
        return Mapped::one(cp);
    }
    match case {
        Case::Lower => Mapped::collect(c.to_lowercase()),
        Case::Upper => Mapped::collect(c.to_uppercase()),
        Case::Title => title(c),
        Case::Fold => fold(c),
    }
}

fn title(c: char) -> Mapped {
    let cp = u64::from(c);
    match cp {
        // The digraphs have a title form of their own.
        0x1c4..=0x1c6 => Mapped::one(0x1c5),
        0x1c7..=0x1c9 => Mapped::one(0x1c8),
        0x1ca..=0x1cc => Mapped::one(0x1cb),
        0x1f1..=0x1f3 => Mapped::one(0x1f2),
        // The apostrophe before the letter has no case, so the letter is the capital.
        0x149 => Mapped { cps: [0x2bc, 0x4e, 0], len: 2 },
        // Georgian is not capitalised.
        0x10d0..=0x10fa | 0x10fd..=0x10ff => Mapped::one(cp),
        // Greek with iota subscript keeps it: the title form is the capital of the second half.
        0x1f80..=0x1faf => Mapped::one(cp | 8),
        0x1fb3 | 0x1fc3 | 0x1ff3 => Mapped::one(cp + 9),
        0x1fbc | 0x1fcc | 0x1ffc => Mapped::one(cp),
        _ => {
            let up = Mapped::collect(c.to_uppercase());
            if up.len == 1 {
                return up;
            }
            // Several letters: the first stays a capital and the others become small. A final
            // iota subscript written out becomes the combining mark again.
            let mut out = up;
            for slot in &mut out.cps[1..usize::from(up.len)] {
                *slot = match *slot {
                    0x399 if (0x1f00..=0x1fff).contains(&cp) => 0x345,
                    v => map(v, Case::Lower).cps[0],
                };
            }
            out
        }
    }
}

fn fold(c: char) -> Mapped {
    let cp = u64::from(c);
    match cp {
        0x130 => Mapped { cps: [0x69, 0x307, 0], len: 2 },
        0x131 => Mapped::one(cp),
        0x1e9e => Mapped { cps: [0x73, 0x73, 0], len: 2 },
        // Cherokee folds to its capitals.
        0x13a0..=0x13f5 => Mapped::one(cp),
        0x13f8..=0x13fd => Mapped::one(cp - 8),
        0xab70..=0xabbf => Mapped::one(cp - 0xab70 + 0x13a0),
        _ => {
            let up = Mapped::collect(c.to_uppercase());
            let mut out = Mapped { cps: [0; 3], len: up.len };
            for (slot, &u) in out.cps.iter_mut().zip(up.as_slice()) {
                *slot = map(u, Case::Lower).cps[0];
            }
            out
        }
    }
}

fn ascii(b: u8, case: Case) -> u8 {
    match case {
        Case::Lower | Case::Fold => b.to_ascii_lowercase(),
        Case::Upper | Case::Title => b.to_ascii_uppercase(),
    }
}

/// Maps a Perl string by the rules of the C locale: ASCII letters, and characters above 255 whose mapping stays
/// above.
pub fn map_c_locale(s: &[u8], utf8: bool, case: Case, first: bool) -> (Vec<u8>, bool) {
    if !utf8 {
        return map_str(s, false, false, case, first);
    }
    let mut out = Vec::with_capacity(s.len());
    let mut rest = s;
    while !rest.is_empty() {
        let (cp, n) = utf8::at(rest, 0);
        if cp < 0x80 {
            out.push(ascii(cp as u8, case));
        } else {
            let m = map(cp, case);
            let m = m.as_slice();
            if cp > 255 && m.iter().all(|&c| c > 255) {
                m.iter().for_each(|&c| utf8::encode(c, &mut out));
            } else if case == Case::Fold && matches!(cp, 0x1e9e | 0xfb05) {
                // what may not become ASCII becomes something equivalent
                let own: &[u64] = if cp == 0x1e9e { &[0x17f, 0x17f] } else { &[0xfb06] };
                own.iter().for_each(|&c| utf8::encode(c, &mut out));
            } else {
                out.extend_from_slice(&rest[..n]);
            }
        }
        rest = &rest[n..];
        if first {
            out.extend_from_slice(rest);
            break;
        }
    }
    (out, true)
}

/// Maps a Perl string. `first` limits the change to the first character (`ucfirst`, `lcfirst`);
/// `unicode` is the feature `unicode_strings` and matters only for byte strings. A byte string becomes
/// UTF-8 when a character of the result needs it.
pub fn map_str(s: &[u8], utf8: bool, unicode: bool, case: Case, first: bool) -> (Vec<u8>, bool) {
    let head = match (first, utf8) {
        (false, _) => s.len(),
        (true, true) => s.first().map_or(0, |&b| utf8::skip(b).min(s.len())),
        (true, false) => s.len().min(1),
    };
    let (head, tail) = s.split_at(head);
    if !utf8 && (!unicode || head.is_ascii()) {
        let mut out: Vec<u8> = head.iter().map(|&b| ascii(b, case)).collect();
        out.extend_from_slice(tail);
        return (out, false);
    }
    let mut out = Vec::with_capacity(s.len() + 8);
    if !utf8 {
        let wide = head.iter().any(|&b| map(u64::from(b), case).as_slice().iter().any(|&c| c > 255));
        for cp in head.iter().flat_map(|&b| {
            let m = map(u64::from(b), case);
            m.cps.into_iter().take(usize::from(m.len))
        }) {
            if wide {
                utf8::encode(cp, &mut out);
            } else {
                out.push(cp as u8);
            }
        }
        utf8::append(&mut out, &mut { wide }, tail, false);
        return (out, wide);
    }
    let mut rest = head;
    // The capital of an iota subscript is a letter: it goes behind the marks that follow.
    let mut iota = false;
    while let Some(&b) = rest.first() {
        let mut n = 1;
        if b < 0x80 {
            if std::mem::take(&mut iota) {
                utf8::encode(CAPITAL_IOTA, &mut out);
            }
            out.push(ascii(b, case));
        } else {
            let (cp, len) = utf8::at(rest, 0);
            n = len;
            if iota && !is_mark(cp) {
                iota = false;
                utf8::encode(CAPITAL_IOTA, &mut out);
            }
            if cp == IOTA_SUBSCRIPT && case == Case::Upper {
                iota = true;
                rest = &rest[n..];
                continue;
            }
            for &c in map(cp, case).as_slice() {
                utf8::encode(c, &mut out);
            }
        }
        rest = &rest[n..];
    }
    if iota {
        utf8::encode(CAPITAL_IOTA, &mut out);
    }
    out.extend_from_slice(tail);
    (out, true)
}

const IOTA_SUBSCRIPT: u64 = 0x345;
const CAPITAL_IOTA: u64 = 0x399;

fn is_mark(cp: u64) -> bool {
    let c = u32::try_from(cp).ok().and_then(char::from_u32);
    c.is_some_and(unicode_normalization::char::is_combining_mark)
}

/// `lc`.
pub fn lc(s: &[u8], utf8: bool, unicode: bool) -> (Vec<u8>, bool) {
    map_str(s, utf8, unicode, Case::Lower, false)
}

/// `uc`.
pub fn uc(s: &[u8], utf8: bool, unicode: bool) -> (Vec<u8>, bool) {
    map_str(s, utf8, unicode, Case::Upper, false)
}

/// `lcfirst`.
pub fn lcfirst(s: &[u8], utf8: bool, unicode: bool) -> (Vec<u8>, bool) {
    map_str(s, utf8, unicode, Case::Lower, true)
}

/// `ucfirst`.
pub fn ucfirst(s: &[u8], utf8: bool, unicode: bool) -> (Vec<u8>, bool) {
    map_str(s, utf8, unicode, Case::Title, true)
}

/// `fc`.
pub fn fc(s: &[u8], utf8: bool, unicode: bool) -> (Vec<u8>, bool) {
    map_str(s, utf8, unicode, Case::Fold, false)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(r: (Vec<u8>, bool)) -> String {
        assert!(r.1);
        String::from_utf8(r.0).unwrap()
    }

    #[test]
    fn unicode() {
        assert_eq!(text(uc("straße ŉ ﬁ".as_bytes(), true, false)), "STRASSE ʼN FI");
        assert_eq!(text(uc("α\u{345}\u{301}x\u{345}".as_bytes(), true, false)), "Α\u{301}ΙXΙ");
        assert_eq!(text(lc("ΑΣ İ".as_bytes(), true, false)), "ασ i̇");
        assert_eq!(text(ucfirst("ǆx".as_bytes(), true, false)), "ǅx");
        assert_eq!(text(ucfirst("ßx".as_bytes(), true, false)), "Ssx");
        assert_eq!(text(ucfirst("ﬃx".as_bytes(), true, false)), "Ffix");
        assert_eq!(text(lcfirst("ÀÀ".as_bytes(), true, false)), "àÀ");
        assert_eq!(text(fc("ẞςꭰ".as_bytes(), true, false)), "ssσᎠ");
    }

    #[test]
    fn bytes() {
        assert_eq!(uc(b"a\xe9", false, false), (b"A\xe9".to_vec(), false));
        assert_eq!(uc(b"a\xe9\xdf", false, true), (b"A\xc9SS".to_vec(), false));
        assert_eq!(uc(b"a\xff", false, true), ("A\u{178}".into(), true));
        assert_eq!(fc(b"\xb5\xdf", false, true), ("\u{3bc}ss".into(), true));
        assert_eq!(ucfirst(b"\xff\xe9", false, true), ("\u{178}\u{e9}".into(), true));
        assert_eq!(lc(b"\xc9", false, true), (b"\xe9".to_vec(), false));
    }
}
