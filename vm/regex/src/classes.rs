//! Classes as written → plain sets of code points, for a subject of a given encoding.

use crate::ast::{Class, ClassItem, Posix, SetExpr};
use crate::flags::Charset;
use crate::set::CharSet;
use crate::unicode::{self, fold};
use crate::utf8::Cp;

/// How case is ignored for a given charset and subject encoding.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FoldKind {
    /// Only A-Z and a-z.
    Ascii,
    /// Unicode's full folding.
    Full,
    /// Full, but ASCII and non-ASCII never match each other (`/aa`).
    Apart,
    /// ASCII letters, and above 255 full, but nothing across that boundary (`/l` in the C locale).
    Locale,
}

/// What may not match each other though it folds alike.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Limit {
    /// Nothing.
    None,
    /// ASCII and the rest.
    Ascii,
    /// Code points below 256 and the rest; those from 128 to 255 only match themselves.
    Latin,
}

impl FoldKind {
    /// The limit of a kind that is more than ASCII's.
    pub fn limit(self) -> Limit {
        match self {
            FoldKind::Apart => Limit::Ascii,
            FoldKind::Locale => Limit::Latin,
            FoldKind::Ascii | FoldKind::Full => Limit::None,
        }
    }
}

impl Limit {
    /// May the two match each other, if they fold alike?
    pub fn allows(self, a: Cp, b: Cp) -> bool {
        match self {
            Limit::None => true,
            Limit::Ascii => (a < 128) == (b < 128),
            Limit::Latin => a < 128 && b < 128 || a > 255 && b > 255,
        }
    }
}

/// The folding rules.
pub fn fold_kind(charset: Charset, utf8: bool) -> FoldKind {
    match charset {
        Charset::Locale if utf8 => FoldKind::Locale,
        Charset::Depends | Charset::Locale => {
            if utf8 {
                FoldKind::Full
            } else {
                FoldKind::Ascii
            }
        }
        Charset::Unicode | Charset::Ascii => FoldKind::Full,
        Charset::AsciiRestrict => FoldKind::Apart,
    }
}

/// The set of a POSIX-like class under the given rules.
pub fn posix_set(kind: Posix, charset: Charset, utf8: bool) -> CharSet {
    let ascii = || CharSet::from_ranges(unicode::ascii_posix_ranges(kind).iter().copied());
    // \h and \v mean the same under all rules
    if matches!(kind, Posix::Vert | Posix::Horiz) {
        return unicode::posix(kind).clone();
    }
    match charset {
        Charset::Unicode => unicode::posix(kind).clone(),
        Charset::Ascii | Charset::AsciiRestrict => ascii(),
        Charset::Depends if utf8 => unicode::posix(kind).clone(),
        // above 255 only matters to UTF-8 subjects
        Charset::Depends => ascii(),
        Charset::Locale if !utf8 => ascii(),
        Charset::Locale => {
            let mut s = ascii();
            s.union(&above(unicode::posix(kind), 0x100));
            s
        }
    }
}

fn above(s: &CharSet, from: Cp) -> CharSet {
    s.intersected(&CharSet::from_ranges([(from, crate::set::CP_MAX)]))
}

/// The members of a class, negation and case folding done.
pub fn resolve(c: &Class, utf8: bool) -> CharSet {
    let mut set = CharSet::new();
    let kind = fold_kind(c.charset, utf8);
    let mut plain: Vec<(Cp, Cp)> = Vec::new();
    for item in &c.items {
        match item {
            ClassItem::Range(a, b) => plain.push((*a, *b)),
            ClassItem::Posix { kind, negated } => {
                let s = posix_set(*kind, c.charset, utf8);
                set.union(&if *negated { s.inverted() } else { s });
            }
            ClassItem::Prop { set: s, negated } => {
                if *negated {
                    set.union(&s.inverted());
                } else {
                    set.union(s);
                }
            }
            ClassItem::User { prop, negated } => {
                if let Some(s) = prop.set.get() {
                    set.union(&if *negated { s.inverted() } else { s.clone() });
                }
            }
            ClassItem::Set(e) => set.union(&resolve_expr(e, utf8)),
        }
    }
    let plain = CharSet::from_ranges(plain);
    if c.fold {
        // POSIX classes and properties are not folded, only what is listed
        set.union(&folded(&plain, kind));
    } else {
        set.union(&plain);
    }
    if c.negated { set.inverted() } else { set }
}

fn folded(s: &CharSet, kind: FoldKind) -> CharSet {
    match kind {
        FoldKind::Ascii => {
            let mut out = s.clone();
            let letters: Vec<(Cp, Cp)> = (b'A'..=b'Z')
                .flat_map(|b| [(b, b | 0x20), (b | 0x20, b)])
                .filter(|&(from, _)| s.contains(Cp::from(from)))
                .map(|(_, to)| (Cp::from(to), Cp::from(to)))
                .collect();
            out.extend(letters);
            out
        }
        k => fold::close(s, k.limit()),
    }
}

fn resolve_expr(e: &SetExpr, utf8: bool) -> CharSet {
    match e {
        SetExpr::Class(c) => resolve(c, utf8),
        SetExpr::Not(a) => resolve_expr(a, utf8).inverted(),
        SetExpr::Op(op, a, b) => {
            let (a, b) = (resolve_expr(a, utf8), resolve_expr(b, utf8));
            match op {
                b'&' => a.intersected(&b),
                b'-' => a.minus(&b),
                b'^' => {
                    let mut x = a.minus(&b);
                    x.union(&b.minus(&a));
                    x
                }
                _ => {
                    let mut x = a;
                    x.union(&b);
                    x
                }
            }
        }
    }
}

/// Strings of several characters a class matches: listed ones, and the folds of listed characters that
/// fold to more than one. Longest first.
pub fn strings(c: &Class, utf8: bool) -> Vec<Vec<Cp>> {
    let mut out: Vec<Vec<Cp>> = c.strings.clone();
    let kind = fold_kind(c.charset, utf8);
    if c.fold && !c.negated && kind != FoldKind::Ascii {
        let has = |cp: u32| {
            let cp = Cp::from(cp);
            if kind == FoldKind::Locale && cp < 256 {
                return false;
            }
            c.items.iter().any(|i| matches!(i, ClassItem::Range(a, b) if a == b && *a == cp))
        };
        if c.items.iter().any(|i| matches!(i, ClassItem::Range(a, b) if a == b && *a >= 0x80)) {
            for (seq, members) in fold::multi_by(kind.limit()) {
                if !utf8 && seq.iter().any(|&c| c > 0xFF) {
                    continue;
                }
                if members.iter().any(|&m| has(m)) {
                    out.push(seq.to_vec());
                }
            }
        }
    }
    out.sort_by_key(|s| std::cmp::Reverse(s.len()));
    out
}

/// The full fold of a character under the given limit.
#[inline]
pub fn fold_char(cp: Cp, limit: Limit) -> fold::Folded {
    let f = fold::full(cp);
    if limit != Limit::None && cp >= 0x80 {
        return limited(cp, f, limit);
    }
    f
}

fn limited(cp: Cp, f: fold::Folded, limit: Limit) -> fold::Folded {
    if limit == Limit::Latin && cp < 256 {
        return fold::Folded::same(cp);
    }
    if f.as_slice().iter().all(|&c| limit.allows(cp, c)) {
        return f;
    }
    match cp {
        0xDF | 0x1E9E => fold::Folded::pair(0x17F, 0x17F),
        // the two ligatures are alike
        0xFB05 => fold::Folded::same(0xFB06),
        _ => fold::Folded::same(cp),
    }
}
