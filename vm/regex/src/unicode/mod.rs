//! Unicode data the engine needs: properties, the sets behind POSIX classes, case folding, boundaries.
//! The tables are regex-syntax's (Unicode 16, the version of Perl 5.42) and the standard library's.

pub mod breaks;
pub mod fold;
pub mod names;
mod props;
mod ucd;
pub mod user;

use std::collections::HashMap;
use std::sync::{Arc, LazyLock, Mutex};

use crate::ast::Posix;
use crate::set::{CP_MAX, CharSet};
use crate::utf8::Cp;

pub use props::property;

/// Is it a combining mark?
pub fn is_mark(cp: Cp) -> bool {
    table("M").is_some_and(|t| t.contains(cp))
}

static CACHE: LazyLock<Mutex<HashMap<String, Option<Arc<CharSet>>>>> = LazyLock::new(Mutex::default);

/// A set by a name regex-syntax knows, cached.
pub(crate) fn table(name: &str) -> Option<Arc<CharSet>> {
    if let Ok(c) = CACHE.lock()
        && let Some(v) = c.get(name)
    {
        return v.clone();
    }
    let v = load(name).map(Arc::new);
    if let Ok(mut c) = CACHE.lock() {
        c.insert(name.to_owned(), v.clone());
    }
    v
}

fn load(name: &str) -> Option<CharSet> {
    use regex_syntax::hir::{Class, HirKind};
    let hir = regex_syntax::parse(&format!("\\p{{{name}}}")).ok()?;
    Some(match hir.kind() {
        HirKind::Class(Class::Unicode(c)) => CharSet::from_ranges(
            c.ranges().iter().map(|r| (Cp::from(u32::from(r.start())), Cp::from(u32::from(r.end())))),
        ),
        HirKind::Class(Class::Bytes(c)) => {
            CharSet::from_ranges(c.ranges().iter().map(|r| (Cp::from(r.start()), Cp::from(r.end()))))
        }
        HirKind::Literal(l) => {
            let s = std::str::from_utf8(&l.0).ok()?;
            CharSet::from_ranges(s.chars().map(|c| (Cp::from(u32::from(c)), Cp::from(u32::from(c)))))
        }
        _ => CharSet::new(),
    })
}

fn tables(names: &[&str]) -> CharSet {
    let mut s = CharSet::new();
    for n in names {
        if let Some(t) = table(n) {
            s.union(&t);
        }
    }
    s
}

const POSIX_COUNT: usize = Posix::Cased as usize + 1;
static POSIX: LazyLock<[std::sync::OnceLock<CharSet>; POSIX_COUNT]> =
    LazyLock::new(|| std::array::from_fn(|_| std::sync::OnceLock::new()));

/// The members of a POSIX-like class under Unicode rules.
pub fn posix(kind: Posix) -> &'static CharSet {
    POSIX[kind as usize].get_or_init(|| match kind {
        Posix::Word => tables(&["Alphabetic", "M", "Nd", "Pc", "Join_Control"]),
        Posix::Digit => tables(&["Nd"]),
        Posix::Space => tables(&["White_Space"]),
        Posix::Alpha => tables(&["Alphabetic"]),
        Posix::Alnum => tables(&["Alphabetic", "Nd"]),
        Posix::Ascii => CharSet::from_ranges([(0, 0x7F)]),
        Posix::Blank | Posix::Horiz => {
            let mut s = tables(&["Zs"]);
            s.add(9, 9);
            s
        }
        Posix::Cntrl => CharSet::from_ranges([(0, 0x1F), (0x7F, 0x9F)]),
        Posix::Graph => {
            let mut s = tables(&["White_Space", "Cc", "Cn"]);
            s.extend([(0xD800, 0xDFFF), (0x11_0000, CP_MAX)]);
            s.inverted()
        }
        Posix::Print => {
            let mut s = posix(Posix::Graph).clone();
            s.union(&tables(&["Zs"]));
            s
        }
        Posix::Lower => tables(&["Lowercase"]),
        Posix::Upper => tables(&["Uppercase"]),
        Posix::Punct => {
            let mut s = tables(&["P"]);
            s.extend(ascii_posix_ranges(Posix::Punct).iter().copied());
            s
        }
        Posix::Xdigit => {
            let mut s = CharSet::from_ranges(ascii_posix_ranges(Posix::Xdigit).iter().copied());
            s.extend([(0xFF10, 0xFF19), (0xFF21, 0xFF26), (0xFF41, 0xFF46)]);
            s
        }
        Posix::Vert => CharSet::from_ranges([(0x0A, 0x0D), (0x85, 0x85), (0x2028, 0x2029)]),
        Posix::Cased => tables(&["Cased"]),
    })
}

/// The members of a POSIX-like class within ASCII.
pub fn ascii_posix_ranges(kind: Posix) -> &'static [(Cp, Cp)] {
    match kind {
        Posix::Word => &[(0x30, 0x39), (0x41, 0x5A), (0x5F, 0x5F), (0x61, 0x7A)],
        Posix::Digit => &[(0x30, 0x39)],
        Posix::Space => &[(9, 13), (0x20, 0x20)],
        Posix::Alpha | Posix::Cased => &[(0x41, 0x5A), (0x61, 0x7A)],
        Posix::Alnum => &[(0x30, 0x39), (0x41, 0x5A), (0x61, 0x7A)],
        Posix::Ascii => &[(0, 0x7F)],
        Posix::Blank | Posix::Horiz => &[(9, 9), (0x20, 0x20)],
        Posix::Cntrl => &[(0, 0x1F), (0x7F, 0x7F)],
        Posix::Graph => &[(0x21, 0x7E)],
        Posix::Lower => &[(0x61, 0x7A)],
        Posix::Print => &[(0x20, 0x7E)],
        Posix::Punct => &[(0x21, 0x2F), (0x3A, 0x40), (0x5B, 0x60), (0x7B, 0x7E)],
        Posix::Upper => &[(0x41, 0x5A)],
        Posix::Xdigit => &[(0x30, 0x39), (0x41, 0x46), (0x61, 0x66)],
        Posix::Vert => &[(0x0A, 0x0D)],
    }
}

/// May a group name start with `c`?
pub fn is_id_start(c: Cp, utf8: bool) -> bool {
    if c < 128 {
        return (c as u8).is_ascii_alphabetic() || c == Cp::from(b'_');
    }
    // Perl wants a word character, too
    utf8 && table("XID_Start").is_some_and(|t| t.contains(c)) && posix(Posix::Word).contains(c)
}

/// May a group name go on with `c`?
pub fn is_id_continue(c: Cp, utf8: bool) -> bool {
    if c < 128 {
        return (c as u8).is_ascii_alphanumeric() || c == Cp::from(b'_');
    }
    utf8 && posix(Posix::Word).contains(c)
}
