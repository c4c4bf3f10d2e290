//! Case folding: full folds (one to three characters) and the sets of characters that fold alike.

use std::collections::HashMap;
use std::sync::LazyLock;

use super::table;
use crate::classes::Limit;
use crate::set::CharSet;
use crate::utf8::Cp;

/// A folded character.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Folded {
    buf: [Cp; 3],
    len: u8,
}

impl Folded {
    /// A character that folds to itself.
    pub fn same(cp: Cp) -> Folded {
        Folded { buf: [cp, 0, 0], len: 1 }
    }

    /// A fold of two characters.
    pub fn pair(a: Cp, b: Cp) -> Folded {
        Folded { buf: [a, b, 0], len: 2 }
    }

    /// The characters.
    #[inline]
    pub fn as_slice(&self) -> &[Cp] {
        &self.buf[..usize::from(self.len)]
    }
}

struct Tables {
    /// Characters that change.
    full: HashMap<u32, Folded>,
    /// For each character with relatives: all others that have the same full fold.
    alike: HashMap<u32, Box<[u32]>>,
    /// The keys of `alike` as a set.
    cased: CharSet,
    /// Folds of more than one character, with the characters that have them.
    multi: Vec<(Folded, Vec<u32>)>,
}

static TABLES: LazyLock<Tables> = LazyLock::new(build);

fn fold_char(c: char) -> Folded {
    let mut out = Folded { buf: [0; 3], len: 0 };
    let mut put = |c: char| {
        if out.len < 3 {
            out.buf[usize::from(out.len)] = Cp::from(u32::from(c));
            out.len += 1;
        }
    };
    match u32::from(c) {
        // dotless i has no fold outside Turkic
        0x131 => put(c),
        0x1E9E => {
            put('s');
            put('s');
        }
        // Cherokee folds to its capitals
        0x13A0..=0x13F5 => put(c),
        0x13F8..=0x13FD => put(char::from_u32(u32::from(c) - 8).unwrap_or(c)),
        0xAB70..=0xABBF => put(char::from_u32(u32::from(c) - 0xAB70 + 0x13A0).unwrap_or(c)),
        _ => {
            for u in c.to_uppercase() {
                for l in u.to_lowercase() {
                    put(l);
                }
            }
        }
    }
    out
}

fn build() -> Tables {
    let mut full = HashMap::new();
    let mut groups: HashMap<Folded, Vec<u32>> = HashMap::new();
    let mut candidates = CharSet::new();
    for n in ["Changes_When_Casemapped", "Cased"] {
        if let Some(t) = table(n) {
            candidates.union(&t);
        }
    }
    for &(lo, hi) in candidates.ranges() {
        for cp in lo as u32..=hi as u32 {
            let Some(c) = char::from_u32(cp) else { continue };
            let f = fold_char(c);
            if f.as_slice() != [Cp::from(cp)] {
                full.insert(cp, f);
            }
            groups.entry(f).or_default().push(cp);
        }
    }
    let mut alike = HashMap::new();
    let mut multi = Vec::new();
    for (f, members) in groups {
        if f.len > 1 {
            multi.push((f, members.clone()));
        }
        if members.len() > 1 {
            for &m in &members {
                let others: Box<[u32]> = members.iter().copied().filter(|&o| o != m).collect();
                alike.insert(m, others);
            }
        }
    }
    // longest first, then by text: a class tries them in this order
    multi.sort_by(|a, b| b.0.len.cmp(&a.0.len).then(a.0.buf.cmp(&b.0.buf)));
    let cased = CharSet::from_ranges(alike.keys().map(|&c| (Cp::from(c), Cp::from(c))));
    Tables { full, alike, cased, multi }
}

/// The full fold of a character.
#[inline]
pub fn full(cp: Cp) -> Folded {
    if cp < 0x80 {
        let b = (cp as u8).to_ascii_lowercase();
        return Folded { buf: [Cp::from(b), 0, 0], len: 1 };
    }
    full_slow(cp)
}

fn full_slow(cp: Cp) -> Folded {
    let found = u32::try_from(cp).ok().and_then(|c| TABLES.full.get(&c).copied());
    found.unwrap_or(Folded { buf: [cp, 0, 0], len: 1 })
}

/// Other characters that fold to the same.
pub fn alike(cp: Cp) -> &'static [u32] {
    u32::try_from(cp).ok().and_then(|c| TABLES.alike.get(&c)).map_or(&[], |b| b)
}

/// Adds to `set` everything that folds like a member and may match it.
pub fn close(set: &CharSet, limit: Limit) -> CharSet {
    let touched = set.intersected(&TABLES.cased);
    let mut add = Vec::new();
    for &(lo, hi) in touched.ranges() {
        for cp in lo..=hi {
            for &o in alike(cp) {
                if limit.allows(Cp::from(o), cp) {
                    add.push((Cp::from(o), Cp::from(o)));
                }
            }
        }
    }
    let mut out = set.clone();
    out.extend(add);
    out
}

/// The folds of several characters, longest first, with the characters that have them.
pub fn multi() -> impl Iterator<Item = (&'static [Cp], &'static [u32])> {
    TABLES.multi.iter().map(|(f, m)| (f.as_slice(), m.as_slice()))
}

/// The same under a limit: what then may not fold to `ss`, folds to two long s.
pub fn multi_by(limit: Limit) -> impl Iterator<Item = (&'static [Cp], &'static [u32])> {
    let own: Option<(&[Cp], &[u32])> = match limit {
        Limit::None => None,
        Limit::Ascii => Some((&[0x17F, 0x17F], &[0xDF, 0x1E9E])),
        Limit::Latin => Some((&[0x17F, 0x17F], &[0x1E9E])),
    };
    let least = match limit {
        Limit::None => 0,
        Limit::Ascii => 0x80,
        Limit::Latin => 0x100,
    };
    multi().filter(move |(s, _)| s.iter().all(|&c| c >= least)).chain(own)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folds() {
        assert_eq!(full(0xDF).as_slice(), &[0x73, 0x73]);
        assert_eq!(full(0x1E9E).as_slice(), &[0x73, 0x73]);
        assert_eq!(full(0x212A).as_slice(), &[0x6B]);
        assert_eq!(full(0x3C2).as_slice(), &[0x3C3]);
        assert_eq!(full(0x130).as_slice(), &[0x69, 0x307]);
        assert_eq!(full(0x1F88).as_slice(), &[0x1F00, 0x3B9]);
        assert_eq!(full(0xAB70).as_slice(), &[0x13A0]);
        assert!(alike(0x6B).contains(&0x212A));
        assert_eq!(multi().count(), 73, "distinct multi-character folds");
    }
}
