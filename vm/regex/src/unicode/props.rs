//! `\p{name}` and `\p{name=value}`: Perl's names mapped to sets.

use std::sync::Arc;

use super::{ascii_posix_ranges, posix, table, ucd};
use crate::ast::Posix;
use crate::set::{CP_MAX, CharSet};

/// Loose matching: case, blanks, `_` and `-` do not count.
pub(super) fn loose(s: &[u8]) -> String {
    s.iter()
        .filter(|c| !matches!(c, b' ' | b'\t' | b'_' | b'-'))
        .map(|c| char::from(c.to_ascii_lowercase()))
        .collect()
}

fn posix_of(name: &str) -> Option<Posix> {
    Some(match name {
        "alpha" | "alphabetic" => Posix::Alpha,
        "digit" => Posix::Digit,
        "alnum" => Posix::Alnum,
        "lower" | "lowercase" => Posix::Lower,
        "upper" | "uppercase" => Posix::Upper,
        "space" | "whitespace" | "wspace" | "perlspace" | "spaceperl" => Posix::Space,
        "blank" | "horizspace" => Posix::Blank,
        "punct" => Posix::Punct,
        "print" => Posix::Print,
        "graph" => Posix::Graph,
        "cntrl" => Posix::Cntrl,
        "xdigit" | "hexdigit" | "hex" => Posix::Xdigit,
        "word" | "w" | "perlword" => Posix::Word,
        "vertspace" => Posix::Vert,
        "ascii" => Posix::Ascii,
        _ => return None,
    })
}

/// Properties that only serve to make others, and a script no character has: perl does not offer them.
const WITHHELD: [&str; 20] = [
    "graphemelink",
    "grlink",
    "otheralphabetic",
    "oalpha",
    "otherdefaultignorablecodepoint",
    "odi",
    "othergraphemeextend",
    "ogrext",
    "otheridcontinue",
    "oidc",
    "otheridstart",
    "oids",
    "otherlowercase",
    "olower",
    "othermath",
    "omath",
    "otheruppercase",
    "oupper",
    "katakanaorhiragana",
    "hrkt",
];

/// The set of a property; `fold`: `/i` is on, which makes the cased ones one.
pub fn property(name: &[u8], fold: bool) -> Option<Arc<CharSet>> {
    let cut = name.iter().position(|c| matches!(c, b'=' | b':'));
    let whole = loose(&name[..cut.unwrap_or(name.len())]);
    if WITHHELD.contains(&whole.strip_prefix("is").unwrap_or(&whole)) {
        return None;
    }
    match cut {
        Some(k) => with_value(&loose(&name[..k]), &name[k + 1..], fold),
        // the underscore of L_ counts
        None if matches!(name, b"L_" | b"L&" | b"l_" | b"l&") => table("LC"),
        None => single(&loose(name), fold),
    }
}

fn single(n: &str, fold: bool) -> Option<Arc<CharSet>> {
    let n = match n.strip_prefix("is") {
        // the prefix may be there once
        Some(rest) if rest.starts_with("is") => return None,
        Some(rest) if !rest.is_empty() => rest,
        _ => n,
    };
    if fold {
        match n {
            "lu" | "ll" | "lt" | "uppercaseletter" | "lowercaseletter" | "titlecaseletter" | "title"
            | "titlecase" => {
                return table("LC");
            }
            "upper" | "uppercase" | "lower" | "lowercase" | "xposixupper" | "xposixlower" => {
                return table("Cased");
            }
            "posixupper" | "posixlower" => return single("posixalpha", false),
            _ => {}
        }
    }
    if let Some(rest) = n.strip_prefix("xposix").or_else(|| n.strip_prefix("xperl")) {
        // here punctuation includes the ASCII symbols
        return posix_of(rest).map(|k| Arc::new(posix(k).clone()));
    }
    if let Some(k) = n.strip_prefix("posix").and_then(posix_of) {
        return Some(Arc::new(CharSet::from_ranges(ascii_posix_ranges(k).iter().copied())));
    }
    match n {
        "any" | "unicode" => return Some(Arc::new(CharSet::from_ranges([(0, 0x10_FFFF)]))),
        "all" => return Some(Arc::new(CharSet::all())),
        "assigned" => return Some(Arc::new(general_category("cn")?.inverted())),
        "l&" | "l_" | "lc" => return table("LC"),
        "title" | "titlecase" => return table("Lt"),
        "perlspace" | "perlword" => {
            let k = posix_of(n)?;
            return Some(Arc::new(CharSet::from_ranges(ascii_posix_ranges(k).iter().copied())));
        }
        "latin1" | "inlatin1" | "latin1supplement" | "inlatin1supplement" | "latin1sup" => {
            return Some(Arc::new(CharSet::from_ranges([(0x80, 0xFF)])));
        }
        // General_Category's punctuation, not POSIX's
        "punct" => return table("P"),
        _ => {}
    }
    if let Some(k) = posix_of(n) {
        return Some(Arc::new(posix(k).clone()));
    }
    if let Some(s) = general_category(n) {
        return Some(Arc::new(s));
    }
    if let Some(s) = private(n) {
        return Some(Arc::new(s));
    }
    if let Some(s) = ucd::value("scx", n.as_bytes()) {
        return Some(s);
    }
    // InGreek is the block, though a script has that name
    if let Some(b) = n.strip_prefix("in").and_then(|b| ucd::value("blk", b.as_bytes())) {
        return Some(b);
    }
    ucd::binary(n).or_else(|| table(n)).or_else(|| ucd::value("blk", n.as_bytes()))
}

/// Perl's own properties, which its modules use.
fn private(n: &str) -> Option<CharSet> {
    let word = posix(Posix::Word);
    Some(match n {
        "perlidstart" => {
            let mut s = (*table("XID_Start")?).clone();
            s.extend([(0x5F, 0x5F)]);
            s.intersected(word)
        }
        "perlidcont" => table("XID_Continue")?.intersected(word),
        "perlcharnamebegin" => private("perlidstart")?.intersected(&*table("L")?),
        "perlcharnamecontinue" => {
            let mut s = private("perlidcont")?;
            s.extend([(0x20, 0x20), (0x28, 0x29), (0x2D, 0x2D)]);
            s
        }
        _ => return None,
    })
}

/// General categories, completed with what is no `char`: surrogates, code points above Unicode.
pub(super) fn general_category(n: &str) -> Option<CharSet> {
    let base = || table(&format!("gc={n}")).map(|s| (*s).clone());
    Some(match n {
        "cs" | "surrogate" => CharSet::from_ranges([(0xD800, 0xDFFF)]),
        "cn" | "unassigned" => {
            let mut s = base()?.minus(&CharSet::from_ranges([(0xD800, 0xDFFF)]));
            s.extend([(0x11_0000, CP_MAX)]);
            s
        }
        "c" | "other" => {
            let mut s = base()?;
            s.extend([(0xD800, 0xDFFF), (0x11_0000, CP_MAX)]);
            s
        }
        "l&" | "l_" => (*table("LC")?).clone(),
        _ => base()?,
    })
}

fn truth(v: &str) -> Option<bool> {
    match v {
        "y" | "yes" | "t" | "true" => Some(true),
        "n" | "no" | "f" | "false" => Some(false),
        _ => None,
    }
}

fn with_value(prop: &str, value: &[u8], fold: bool) -> Option<Arc<CharSet>> {
    let v = loose(value);
    let p = prop.strip_prefix("is").unwrap_or(prop);
    match p {
        "gc" | "generalcategory" | "category" => {
            if fold
                && matches!(
                    &*v,
                    "lu" | "ll" | "lt" | "uppercaseletter" | "lowercaseletter" | "titlecaseletter"
                )
            {
                return table("LC");
            }
            if matches!(value.trim_ascii(), b"L_" | b"l_" | b"L&" | b"l&") {
                return table("LC");
            }
            ucd::value("gc", value).or_else(|| general_category(&v).map(Arc::new))
        }
        "sc" | "script" | "scx" | "scriptextensions" if matches!(&*v, "hrkt" | "katakanaorhiragana") => None,
        "age" => age(value, true),
        "in" | "presentin" => age(value, false),
        _ if ucd::knows(p) && (truth(&v).is_none() || ucd::binary(p).is_none()) => ucd::value(p, value),
        _ => {
            let yes = truth(&v)?;
            let s = single(p, fold)?;
            Some(if yes { s } else { Arc::new(s.inverted()) })
        }
    }
}

const AGES: [&str; 26] = [
    "1.1", "2.0", "2.1", "3.0", "3.1", "3.2", "4.0", "4.1", "5.0", "5.1", "5.2", "6.0", "6.1", "6.2", "6.3",
    "7.0", "8.0", "9.0", "10.0", "11.0", "12.0", "12.1", "13.0", "14.0", "15.0", "15.1",
];

/// `Age=V` (exactly that version) or `Present_In=V` (that version or before).
fn age(value: &[u8], exact: bool) -> Option<Arc<CharSet>> {
    if let Some(p) = ucd::value("age", value).filter(|_| exact) {
        return Some(p);
    }
    if !exact {
        // the versions whose names match a pattern
        if let Some(names) = ucd::matching("age", value) {
            let mut out = CharSet::new();
            names.iter().filter_map(|n| age(n.as_bytes(), false)).for_each(|s| out.union(&s));
            return Some(Arc::new(out));
        }
        if matches!(&*loose(value), "na" | "unassigned") {
            return Some(Arc::new(table("age=16.0")?.inverted()));
        }
    }
    let text = ucd::canonical("age", value)
        .or_else(|| std::str::from_utf8(value).ok())?
        .trim()
        .trim_start_matches(['v', 'V', '+']);
    // with a point in it, `_` only groups digits
    let grouped = text.replace('_', "");
    let text = if text.contains('.') { &grouped } else { text };
    let mut parts = text.split(['.', '_']);
    let major: u32 = parts.next()?.trim_start_matches('0').parse().ok()?;
    let minor: u32 = parts.next().map_or(Some(0), |m| m.parse().ok())?;
    let want = format!("{major}.{minor}");
    // regex-syntax's age is cumulative
    let upto = table(&format!("age={want}"))?;
    if !exact {
        return Some(upto);
    }
    let all: Vec<&str> = AGES.iter().copied().chain(["16.0"]).collect();
    let k = all.iter().position(|a| *a == want)?;
    if k == 0 {
        return Some(upto);
    }
    let before = table(&format!("age={}", all[k - 1]))?;
    Some(Arc::new(upto.minus(&before)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names() {
        for n in [
            "L",
            "Lu",
            "Greek",
            "IsAlpha",
            "XPosixPunct",
            "Script=Latin",
            "gc: Nd",
            "L_",
            "Any",
            "Age=3.0",
            "PosixAlnum",
        ] {
            assert!(property(n.as_bytes(), false).is_some_and(|s| !s.is_empty()), "{n}");
        }
        assert!(property(b"Foo", false).is_none());
        assert!(property(b"Lu", true).is_some_and(|s| s.contains(0x61)));
    }
}
