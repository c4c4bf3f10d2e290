//! `\p{name=/PATTERN/}`: the characters whose official name matches.
//!
//! The names come from the program's own table (see [`NameTable`]); those that are made from the code point
//! (ideographs, Hangul syllables) are made here. A pattern that is literal text, perhaps anchored, is searched for
//! in the table as a whole; any other is tried on every name.

use std::sync::OnceLock;

use crate::exec::{Captures, ExecOpts, exec};
use crate::host::NoHost;
use crate::set::CharSet;
use crate::utf8::Cp;
use crate::{Flags, RegexError};

/// All official names.
#[derive(Default)]
pub struct NameTable {
    /// Pairs of lines: code point (or several, of a sequence) in hexadecimal, then the name; pairs are separated by
    /// an empty line.
    pub text: Vec<u8>,
    /// Ranges whose names are a prefix, a hyphen and the code point.
    pub numbered: Vec<(Vec<u8>, Cp, Cp)>,
}

const HANGUL: Cp = 0xAC00;

/// The names of the Hangul syllables, in order.
fn hangul() -> &'static [Vec<u8>] {
    static NAMES: OnceLock<Vec<Vec<u8>>> = OnceLock::new();
    NAMES.get_or_init(|| {
        let lead = "G GG N D DD R M B BB S SS  J JJ C K T P H";
        let vowel = "A AE YA YAE EO E YEO YE O WA WAE OE YO U WEO WE WI YU EU YI I";
        let tail = " G GG GS N NJ NH D L LG LM LB LS LT LP LH M B BS S SS NG J C K T P H";
        let mut out = Vec::with_capacity(11172);
        for l in lead.split(' ') {
            for v in vowel.split(' ') {
                for t in tail.split(' ') {
                    out.push(format!("HANGUL SYLLABLE {l}{v}{t}").into_bytes());
                }
            }
        }
        out
    })
}

fn number(hex: &[u8]) -> Option<Cp> {
    Cp::from_str_radix(std::str::from_utf8(hex).ok()?, 16).ok()
}

/// Literal text with its anchors.
struct Plain {
    text: Vec<u8>,
    start: bool,
    end: bool,
}

impl Plain {
    fn of(pattern: &[u8]) -> Option<Plain> {
        let (mut p, mut start, mut end) = (pattern, false, false);
        for anchor in [&b"^"[..], b"\\A"] {
            if let Some(rest) = p.strip_prefix(anchor) {
                (p, start) = (rest, true);
                break;
            }
        }
        for anchor in [&b"$"[..], b"\\z", b"\\Z"] {
            if let Some(rest) = p.strip_suffix(anchor) {
                (p, end) = (rest, true);
                break;
            }
        }
        let mut text = Vec::with_capacity(p.len());
        let mut it = p.iter();
        while let Some(&c) = it.next() {
            text.push(match c {
                b'A'..=b'Z' | b'0'..=b'9' | b' ' | b'-' => c,
                b'\\' => *it.next().filter(|c| matches!(c, b'(' | b')'))?,
                _ => return None,
            });
        }
        (!text.is_empty()).then_some(Plain { text, start, end })
    }

    fn fits(&self, name: &[u8]) -> bool {
        match (self.start, self.end) {
            (true, true) => name == self.text,
            (true, false) => name.starts_with(&self.text),
            (false, true) => name.ends_with(&self.text),
            (false, false) => memchr::memmem::find(name, &self.text).is_some(),
        }
    }

    /// Can a name with this prefix in front of `-` and digits fit at all?
    fn may_fit(&self, prefix: &[u8]) -> bool {
        let digits = |c: &u8| c.is_ascii_digit() || (b'A'..=b'F').contains(c) || *c == b'-';
        let head = self.text.len() - self.text.iter().rev().take_while(|c| digits(c)).count();
        head == 0 || memchr::memmem::find(prefix, &self.text[..head]).is_some()
    }

    fn in_table(&self, text: &[u8], out: &mut Vec<Cp>) {
        for at in memchr::memmem::find_iter(text, &self.text) {
            let begin = text[..at].iter().rposition(|&b| b == b'\n').map_or(0, |k| k + 1);
            let end = memchr::memchr(b'\n', &text[at..]).map_or(text.len(), |k| at + k);
            let Some(before) = text[..begin].strip_suffix(b"\n") else { continue };
            let code = &before[before.iter().rposition(|&b| b == b'\n').map_or(0, |k| k + 1)..];
            if self.fits(&text[begin..end])
                && let Some(cp) = number(code)
            {
                out.push(cp);
            }
        }
    }
}

/// The characters with a name that matches.
pub fn matching(table: &NameTable, pattern: &[u8]) -> Result<CharSet, RegexError> {
    let mut found = Vec::new();
    if let Some(plain) = Plain::of(pattern) {
        plain.in_table(&table.text, &mut found);
        others(table, |p| plain.may_fit(p), |name| Ok(plain.fits(name)), &mut found)?;
    } else {
        let re = crate::compile(pattern, Flags::default(), &mut NoHost)?;
        let mut caps = Captures::default();
        let mut fits = |name: &[u8]| exec(&re, name, false, 0, &ExecOpts::default(), &mut NoHost, &mut caps);
        let mut lines = table.text.split(|&b| b == b'\n');
        while let Some(code) = lines.next() {
            let Some(cp) = number(code) else { continue };
            if let Some(name) = lines.next()
                && fits(name)?
            {
                found.push(cp);
            }
        }
        others(table, |_| true, fits, &mut found)?;
    }
    found.sort_unstable();
    found.dedup();
    Ok(CharSet::from_ranges(found.into_iter().map(|c| (c, c))))
}

/// The characters whose names are made.
fn others(
    table: &NameTable,
    worth: impl Fn(&[u8]) -> bool,
    mut fits: impl FnMut(&[u8]) -> Result<bool, RegexError>,
    found: &mut Vec<Cp>,
) -> Result<(), RegexError> {
    for (k, name) in hangul().iter().enumerate() {
        if fits(name)? {
            found.push(HANGUL + k as Cp);
        }
    }
    for (prefix, lo, hi) in table.numbered.iter().filter(|(p, ..)| worth(p)) {
        for cp in *lo..=*hi {
            let name = [&prefix[..], format!("-{cp:04X}").as_bytes()].concat();
            if fits(&name)? {
                found.push(cp);
            }
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_and_other_patterns() {
        let table = NameTable {
            text: b"\n00041\nLATIN CAPITAL LETTER A\n\n00061\nLATIN SMALL LETTER A\n\n00041 00300\nA SEQUENCE A\n\n00028\nLEFT (A)\n\n".to_vec(),
            numbered: vec![(b"IDEOGRAPH".to_vec(), 0x4E00, 0x4E02)],
        };
        let of = |p: &str| matching(&table, p.as_bytes()).unwrap().ranges().to_vec();
        assert_eq!(of("LETTER A$"), [(0x41, 0x41), (0x61, 0x61)]);
        assert_eq!(of("\\ALATIN S"), [(0x61, 0x61)]);
        assert_eq!(of("\\(A\\)\\z"), [(0x28, 0x28)]);
        assert_eq!(of("^IDEOGRAPH-4E01$"), [(0x4E01, 0x4E01)]);
        assert_eq!(of("(?:SMALL|OGRAPH-4E02)"), [(0x61, 0x61), (0x4E02, 0x4E02)]);
        assert_eq!(of("^HANGUL SYLLABLE GAG$"), [(0xAC01, 0xAC01)]);
    }
}
