//! Boundaries of user-perceived characters, words, sentences and lines; script runs. The rules are those of
//! UAX #29 and #14 as kept by the unicode-segmentation and unicode-linebreak crates, with Perl's tailoring
//! of words (no break within white space).
//!
//! No rule looks across a line feed, so a subject is examined a line at a time and the result kept for the
//! rest of the match.

use unicode_script::{Script, UnicodeScript};
use unicode_segmentation::UnicodeSegmentation;

use crate::ast::{Bound, Posix};
use crate::utf8::{self, Cp};

/// Boundaries of one kind within one line.
#[derive(Debug)]
pub struct Line {
    kind: Bound,
    /// Byte offsets the line covers.
    from: usize,
    to: usize,
    /// Boundaries, sorted, as byte offsets.
    at: Vec<usize>,
}

fn as_char(cp: Cp) -> char {
    u32::try_from(cp).ok().and_then(char::from_u32).unwrap_or('\u{FFFD}')
}

/// The line around `pos`, end included when it is the subject's.
fn line(s: &[u8], utf8: bool, pos: usize, kind: Bound) -> Line {
    let from = memchr::memrchr(b'\n', &s[..pos]).map_or(0, |k| k + 1);
    let to = memchr::memchr(b'\n', &s[pos..]).map_or(s.len(), |k| pos + k + 1);
    let mut text = String::with_capacity(to - from);
    // byte offset in `text` of each character, with its place in the subject
    let mut places = Vec::new();
    let mut p = from;
    let mut cps = Vec::new();
    while p < to {
        let (cp, n) = if utf8 { utf8::decode(s, p) } else { (Cp::from(s[p]), 1) };
        places.push((text.len(), p));
        cps.push(cp);
        text.push(as_char(cp));
        p += n;
    }
    places.push((text.len(), to));
    let place = |i: usize| places.binary_search_by_key(&i, |x| x.0).ok();
    let mut at: Vec<usize> = Vec::new();
    let mut put = |i: usize| {
        if let Some(k) = place(i) {
            at.push(places[k].1);
        }
    };
    match kind {
        Bound::Word => {}
        Bound::Grapheme => text.grapheme_indices(true).for_each(|(i, _)| put(i)),
        Bound::Sentence => text.split_sentence_bound_indices().for_each(|(i, _)| put(i)),
        Bound::WordTr29 => {
            let blank = |k: usize| cps.get(k).is_some_and(|&c| super::posix(Posix::Space).contains(c));
            for (i, _) in text.split_word_bound_indices() {
                if let Some(k) = place(i)
                    && !(k > 0 && blank(k - 1) && blank(k))
                {
                    put(i);
                }
            }
        }
        Bound::Line => unicode_linebreak::linebreaks(&text).for_each(|(i, _)| put(i)),
    }
    put(text.len());
    at.dedup();
    Line { kind, from, to, at }
}

/// Is there a boundary at `pos`? `known` keeps the last line examined.
pub fn is_boundary(s: &[u8], utf8: bool, pos: usize, kind: Bound, known: &mut Option<Line>) -> bool {
    if s.is_empty() {
        return false;
    }
    if pos == 0 {
        return kind != Bound::Line;
    }
    if pos == s.len() {
        return true;
    }
    if s[pos - 1] == b'\n' {
        let next = if utf8 { utf8::decode(s, pos).0 } else { Cp::from(s[pos]) };
        return kind != Bound::WordTr29 || !super::posix(Posix::Space).contains(next);
    }
    let usable = known.as_ref().is_some_and(|l| l.kind == kind && l.from <= pos && pos < l.to);
    if !usable {
        *known = Some(line(s, utf8, pos, kind));
    }
    known.as_ref().is_some_and(|l| l.at.binary_search(&pos).is_ok())
}

/// End of the extended grapheme cluster that starts at `pos`.
pub fn cluster_end(s: &[u8], utf8: bool, pos: usize) -> usize {
    if s[pos] == b'\r' && s.get(pos + 1) == Some(&b'\n') {
        return pos + 2;
    }
    if !utf8 {
        return pos + 1;
    }
    // two ASCII characters never join
    if s[pos] < 0x80 && s.get(pos + 1).is_none_or(|&b| b < 0x80) {
        return pos + 1;
    }
    let mut window = 16;
    loop {
        let mut text = String::new();
        let mut ends = Vec::new();
        let mut p = pos;
        while p < s.len() && ends.len() < window {
            let (cp, n) = utf8::decode(s, p);
            text.push(as_char(cp));
            p += n;
            ends.push((text.len(), p));
        }
        let first = text.graphemes(true).next().map_or(0, str::len);
        if first == text.len() && p < s.len() {
            window *= 4;
            continue;
        }
        return ends.iter().find(|e| e.0 == first).map_or(p, |e| e.1);
    }
}

/// Scripts a character may be taken for; `None`: any. Han also counts as part of the mixed writing systems.
fn scripts(c: char) -> Option<Vec<u16>> {
    const JAPANESE: u16 = 1000;
    const KOREAN: u16 = 1001;
    const HAN_BOPOMOFO: u16 = 1002;
    let ext = c.script_extension();
    if ext.is_common() || ext.is_inherited() {
        return None;
    }
    let mut out = Vec::new();
    for s in ext.iter() {
        out.push(s as u16);
        match s {
            Script::Han => out.extend([JAPANESE, KOREAN, HAN_BOPOMOFO]),
            Script::Hiragana | Script::Katakana => out.push(JAPANESE),
            Script::Hangul => out.push(KOREAN),
            Script::Bopomofo => out.push(HAN_BOPOMOFO),
            _ => {}
        }
    }
    Some(out)
}

/// Could all characters be of one script, with digits of one set?
pub fn is_script_run(s: &[u8], utf8: bool) -> bool {
    let mut possible: Option<Vec<u16>> = None;
    let mut zero: Option<Cp> = None;
    let mut p = 0;
    while p < s.len() {
        let (cp, n) = if utf8 { utf8::decode(s, p) } else { (Cp::from(s[p]), 1) };
        p += n;
        let Some(c) = u32::try_from(cp).ok().and_then(char::from_u32) else { return s.len() == n };
        // a lone unknown character is a run of its own
        if c.script() == Script::Unknown {
            return s.len() == n;
        }
        if super::posix(Posix::Digit).contains(cp) {
            let z = digit_zero(cp);
            if zero.is_some_and(|o| o != z) {
                return false;
            }
            zero = Some(z);
        }
        let Some(these) = scripts(c) else { continue };
        possible = Some(match possible {
            None => these,
            Some(old) => old.into_iter().filter(|s| these.contains(s)).collect(),
        });
        if possible.as_ref().is_some_and(Vec::is_empty) {
            return false;
        }
    }
    true
}

/// The zero of the set of ten a digit belongs to: sets start at multiples of ten within their range.
fn digit_zero(cp: Cp) -> Cp {
    let digits = super::posix(Posix::Digit);
    for &(lo, hi) in digits.ranges() {
        if (lo..=hi).contains(&cp) {
            return cp - (cp - lo) % 10;
        }
    }
    cp
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clusters() {
        let s = "e\u{301}x\r\n".as_bytes();
        assert_eq!(cluster_end(s, true, 0), 3);
        assert_eq!(cluster_end(s, true, 3), 4);
        assert_eq!(cluster_end(s, true, 4), 6);
    }

    #[test]
    fn words() {
        let s = b"Hello,  world";
        let mut known = None;
        let at: Vec<usize> =
            (0..=s.len()).filter(|&p| is_boundary(s, false, p, Bound::WordTr29, &mut known)).collect();
        assert_eq!(at, [0, 5, 6, 8, 13]);
    }

    #[test]
    fn runs() {
        assert!(is_script_run("abc123".as_bytes(), true));
        assert!(!is_script_run("ab\u{430}".as_bytes(), true));
        assert!(!is_script_run("1\u{661}".as_bytes(), true));
    }
}
