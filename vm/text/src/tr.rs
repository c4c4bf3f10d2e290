//! The transliteration operator: compiling the two lists to a table, and running it.

use crate::utf8;
use crate::{Category, Warning};

/// The modifiers `c`, `d`, `s`, `r`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Flags {
    pub complement: bool,
    pub delete: bool,
    pub squeeze: bool,
    pub ret: bool,
}

/// One character of a list as the lexer delivers it. An escaped hyphen (`\-`, `\x2d`) makes no range.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ListChar {
    pub cp: u64,
    pub escaped: bool,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum To {
    Same,
    Delete,
    /// All characters of the range become this one.
    Fixed(u64),
    /// The first character becomes this one and so on in step.
    Step(u64),
}

#[derive(Clone, Copy, Debug)]
struct Range {
    lo: u64,
    hi: u64,
    to: To,
}

/// What becomes of a character below 256: not in the list, delete it, or a code point.
const KEEP: u32 = u32::MAX;
const DROP: u32 = u32::MAX - 1;
/// The code point does not fit: look at the ranges.
const FAR: u32 = u32::MAX - 2;

/// A compiled transliteration.
#[derive(Clone, Debug)]
pub struct Tr {
    low: Box<[u32; 256]>,
    /// Sorted and disjoint.
    ranges: Vec<Range>,
    pub flags: Flags,
    /// Nothing can change: the operator only counts, also on read-only values.
    pub identical: bool,
    /// Warnings of compilation.
    pub warnings: Vec<Warning>,
}

/// The result of a run: the number of characters found, and the new string if it was built.
#[derive(Clone, Debug, PartialEq)]
pub struct Outcome {
    pub count: usize,
    /// `None` when the string is unchanged.
    pub changed: Option<(Vec<u8>, bool)>,
}

/// Expands the ranges of a list.
fn expand(list: &[ListChar]) -> Result<Vec<(u64, u64)>, String> {
    let hyphen = |i: usize| list.get(i).is_some_and(|c| c.cp == 0x2d && !c.escaped);
    let mut out = Vec::new();
    let mut i = 0;
    while i < list.len() {
        let lo = list[i].cp;
        if !(hyphen(i + 1) && i + 2 < list.len()) {
            out.push((lo, lo));
            i += 1;
            continue;
        }
        let hi = list[i + 2].cp;
        if lo > hi {
            let show = |c: u64| char::from_u32(c as u32).unwrap_or('\u{fffd}');
            let range = if lo < 128 && hi < 128 {
                format!("{}-{}", show(lo), show(hi))
            } else {
                format!("\\x{{{lo:04X}}}-\\x{{{hi:04X}}}")
            };
            return Err(format!("Invalid range \"{range}\" in transliteration operator"));
        }
        out.push((lo, hi));
        i += 3;
        if hyphen(i) && i + 1 < list.len() {
            return Err("Ambiguous range in transliteration operator".into());
        }
    }
    Ok(out)
}

fn total(list: &[(u64, u64)]) -> u128 {
    list.iter().map(|(lo, hi)| u128::from(hi - lo) + 1).sum()
}

/// Everything that is in none of the ranges.
fn complement(list: &[(u64, u64)]) -> Vec<(u64, u64)> {
    let mut sorted = list.to_vec();
    sorted.sort_unstable();
    let mut out = Vec::new();
    let mut next = 0;
    for (lo, hi) in sorted {
        if lo > next {
            out.push((next, lo - 1));
        }
        next = next.max(hi + 1);
    }
    if next <= utf8::MAX {
        out.push((next, utf8::MAX));
    }
    out
}

impl Tr {
    /// Compiles the lists; the error is a compile-time exception.
    pub fn compile(search: &[ListChar], replace: &[ListChar], flags: Flags) -> Result<Tr, String> {
        let mut from = expand(search)?;
        let to = expand(replace)?;
        let mut warnings = Vec::new();
        if flags.complement {
            from = complement(&from);
        } else {
            let (n, m) = (total(&from), total(&to));
            if flags.delete && m == n && n > 0 {
                let msg = "Useless use of /d modifier in transliteration operator";
                warnings.push(Warning::new(Category::Misc, msg));
            }
            if m > n {
                warnings.push(Warning::new(Category::Misc, "Replacement list is longer than search list"));
            }
        }
        let mut t = Tr { low: Box::new([KEEP; 256]), ranges: Vec::new(), flags, identical: false, warnings };
        t.pair(&from, &to);
        t.ranges.sort_unstable_by_key(|r| r.lo);
        t.identical = !flags.ret && !flags.squeeze && t.ranges.iter().all(|r| r.to == To::Same);
        for cp in 0..256u64 {
            t.low[cp as usize] = match t.find(cp) {
                None => KEEP,
                Some(None) => DROP,
                Some(Some(c)) => u32::try_from(c).ok().filter(|&c| c < FAR).unwrap_or(FAR),
            };
        }
        Ok(t)
    }

    /// Walks both lists in step.
    fn pair(&mut self, from: &[(u64, u64)], to: &[(u64, u64)]) {
        let last = to.last().map(|r| r.1);
        let mut targets = to.iter().copied();
        let mut target = targets.next();
        for &(mut lo, hi) in from {
            while lo <= hi {
                let (n, what) = match (target, last) {
                    (Some((a, b)), _) => {
                        let n = (b - a).min(hi - lo);
                        target = if a + n < b { Some((a + n + 1, b)) } else { targets.next() };
                        (n, if a == lo { To::Same } else { To::Step(a) })
                    }
                    (None, _) if self.flags.delete => (hi - lo, To::Delete),
                    (None, Some(c)) => (hi - lo, To::Fixed(c)),
                    (None, None) => (hi - lo, To::Same),
                };
                self.insert(lo, lo + n, what);
                lo += n + 1;
            }
        }
    }

    /// Adds a range except where an earlier one already says what to do.
    fn insert(&mut self, mut lo: u64, hi: u64, to: To) {
        let base = lo;
        let mut clash: Vec<(u64, u64)> =
            self.ranges.iter().filter(|r| r.lo <= hi && r.hi >= lo).map(|r| (r.lo, r.hi)).collect();
        clash.sort_unstable();
        clash.push((hi + 1, hi + 1));
        for (a, b) in clash {
            if a > lo {
                let to = match to {
                    To::Step(c) => To::Step(c + (lo - base)),
                    t => t,
                };
                self.ranges.push(Range { lo, hi: a - 1, to });
            }
            lo = lo.max(b + 1);
        }
    }

    /// `None`: not in the list; `Some(None)`: delete; else the new character.
    fn find(&self, cp: u64) -> Option<Option<u64>> {
        let i = self.ranges.partition_point(|r| r.hi < cp);
        let r = self.ranges.get(i).filter(|r| r.lo <= cp)?;
        Some(match r.to {
            To::Same => Some(cp),
            To::Delete => None,
            To::Fixed(c) => Some(c),
            To::Step(c) => Some(c + (cp - r.lo)),
        })
    }

    #[inline]
    fn look(&self, cp: u64) -> Option<Option<u64>> {
        if cp < 256 {
            match self.low[cp as usize] {
                KEEP => return None,
                DROP => return Some(None),
                FAR => {}
                c => return Some(Some(u64::from(c))),
            }
        }
        self.find(cp)
    }

    /// Runs the table over a string.
    pub fn run(&self, s: &[u8], utf8: bool) -> Outcome {
        if self.identical {
            let count = utf8::code_points(s, utf8).filter(|&c| self.look(c).is_some()).count();
            return Outcome { count, changed: None };
        }
        let mut out = Vec::with_capacity(s.len());
        let mut out_utf8 = utf8;
        let mut count = 0;
        let mut last = None;
        for cp in utf8::code_points(s, utf8) {
            let new = match self.look(cp) {
                None => {
                    last = None;
                    cp
                }
                Some(None) => {
                    count += 1;
                    continue;
                }
                Some(Some(c)) => {
                    count += 1;
                    if self.flags.squeeze && last == Some(c) {
                        continue;
                    }
                    last = Some(c);
                    c
                }
            };
            if out_utf8 {
                utf8::encode(new, &mut out);
            } else if new < 256 {
                out.push(new as u8);
            } else {
                out = utf8::upgrade(&out).into_owned();
                out_utf8 = true;
                utf8::encode(new, &mut out);
            }
        }
        let changed = (out != s || out_utf8 != utf8).then_some((out, out_utf8));
        Outcome { count, changed }
    }
}

/// Turns plain text without escapes into list characters.
pub fn plain(s: &[u8], utf8: bool) -> Vec<ListChar> {
    utf8::code_points(s, utf8).map(|cp| ListChar { cp, escaped: false }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tr(a: &str, b: &str, f: &str, s: &str) -> (usize, String) {
        let has = |c| f.contains(c);
        let flags = Flags { complement: has('c'), delete: has('d'), squeeze: has('s'), ret: has('r') };
        let t = Tr::compile(&plain(a.as_bytes(), true), &plain(b.as_bytes(), true), flags).unwrap();
        let o = t.run(s.as_bytes(), true);
        (o.count, o.changed.map_or(s.to_string(), |(b, _)| String::from_utf8(b).unwrap()))
    }

    #[test]
    fn runs() {
        for (a, b, f, s, n, want) in [
            ("a-c", "d-f", "", "hello a-cab", 4, "hello d-fde"),
            ("abc", "d", "", "hello a-cab", 4, "hello d-ddd"),
            ("a-z", "", "d", "hello a-cab", 9, " -"),
            ("a-z", "A-Z", "c", "hello a-cab", 2, "helloZaZcab"),
            ("a-z", "X", "cs", "h\u{e9}\u{100}z", 2, "hXz"),
            ("a-z", "AB", "cd", "hello a-cab", 2, "helloacab"),
            ("aa", "bc", "", "aab", 2, "bbb"),
            ("a-cb", "x-z1", "", "cab", 3, "zxy"),
            ("a-z", "AAA", "s", "hello a-cab", 9, "A A-A"),
            ("abc", "x", "d", "a-cab", 4, "x-x"),
            ("a-", "X", "", "a-b", 2, "XXb"),
            ("a-z", "\u{100}-\u{200}", "c", "o a", 1, "o\u{120}a"),
            ("b-y", "", "", "abc", 2, "abc"),
        ] {
            assert_eq!(tr(a, b, f, s), (n, want.to_string()), "{a} {b} {f}");
        }
    }

    #[test]
    fn errors() {
        let e = |s: &str| Tr::compile(&plain(s.as_bytes(), true), &[], Flags::default()).unwrap_err();
        assert_eq!(e("z-a"), "Invalid range \"z-a\" in transliteration operator");
        assert_eq!(e("\u{100}-P"), "Invalid range \"\\x{0100}-\\x{0050}\" in transliteration operator");
        assert_eq!(e("a-b-c"), "Ambiguous range in transliteration operator");
    }

    #[test]
    fn upgrades_bytes() {
        let t =
            Tr::compile(&plain(b"a", false), &plain("\u{100}".as_bytes(), true), Flags::default()).unwrap();
        assert_eq!(t.run(b"a\xe9", false).changed, Some(("\u{100}é".into(), true)));
        assert_eq!(t.run(b"\xe9", false), Outcome { count: 0, changed: None });
    }
}
