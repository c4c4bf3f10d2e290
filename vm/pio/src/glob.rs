//! File name patterns: `glob` and `<*.c>` (csh rules) and `File::Glob::bsd_glob`.
//!
//! A pattern is expanded in this order: quoting, braces, then for each alternative tilde, matching and
//! sorting. Matching is by bytes; a leading dot has to be matched by a dot.

use crate::dir::DirHandle;
use crate::errno::Res;
use std::cmp::Ordering;

/// `GLOB_*` of File::Glob.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Flags(pub u32);

impl Flags {
    pub const ERR: u32 = 0x4;
    pub const MARK: u32 = 0x8;
    pub const NOCHECK: u32 = 0x10;
    pub const NOSORT: u32 = 0x20;
    pub const BRACE: u32 = 0x80;
    pub const NOMAGIC: u32 = 0x200;
    pub const QUOTE: u32 = 0x400;
    pub const TILDE: u32 = 0x800;
    pub const NOCASE: u32 = 0x1000;
    pub const ALPHASORT: u32 = 0x2000;
    /// What `glob` uses.
    pub const CSH: Flags = Flags(Self::BRACE | Self::NOMAGIC | Self::QUOTE | Self::TILDE | Self::ALPHASORT);

    fn has(self, f: u32) -> bool {
        self.0 & f != 0
    }
}

/// A pattern character: a byte, with `QUOTED` if it stands for itself only.
type Pc = u16;
const QUOTED: Pc = 0x100;

const fn pc(b: u8) -> Pc {
    b as Pc
}

/// `glob`: the pattern is split at blanks, with quotes and backslashes as in csh. `home` is `$ENV{HOME}`.
pub fn csh_glob(pattern: &[u8], home: Option<&[u8]>) -> Vec<Vec<u8>> {
    let mut out = Vec::new();
    for w in split_words(pattern) {
        // Unreadable directories are skipped: that flag is not set.
        out.extend(bsd_glob(&w, Flags::CSH, home).unwrap_or_default());
    }
    out
}

/// The blank-separated words of a `glob` argument, quotes removed. A quote without its partner is a character
/// and everything after it belongs to the same word.
fn split_words(s: &[u8]) -> Vec<Vec<u8>> {
    let mut words = Vec::new();
    let mut word: Option<Vec<u8>> = None;
    let mut i = 0;
    while i < s.len() {
        match s[i] {
            b'\\' if i + 1 < s.len() => {
                word.get_or_insert_default().extend_from_slice(&s[i..i + 2]);
                i += 1;
            }
            q @ (b'"' | b'\'') => {
                let mut j = i + 1;
                while j < s.len() && s[j] != q {
                    j += if s[j] == b'\\' { 2 } else { 1 };
                }
                let w = word.get_or_insert_default();
                if j >= s.len() {
                    w.extend_from_slice(&s[i..]);
                    break;
                }
                w.extend_from_slice(&s[i + 1..j]);
                i = j;
            }
            b if b.is_ascii_whitespace() || b == 0x0b => words.extend(word.take()),
            b => word.get_or_insert_default().push(b),
        }
        i += 1;
    }
    words.extend(word);
    words
}

/// One pattern. An error comes out only under `ERR`.
pub fn bsd_glob(pattern: &[u8], flags: Flags, home: Option<&[u8]>) -> Res<Vec<Vec<u8>>> {
    let mut pat: Vec<Pc> = Vec::with_capacity(pattern.len());
    let mut bytes = pattern.iter().take_while(|b| **b != 0).peekable();
    while let Some(&b) = bytes.next() {
        if b == b'\\' && flags.has(Flags::QUOTE) {
            pat.push(pc(*bytes.next().unwrap_or(&b'\\')) | QUOTED);
        } else {
            pat.push(pc(b));
        }
    }
    let mut out = Vec::new();
    if !flags.has(Flags::BRACE) || pat == [pc(b'{'), pc(b'}')] {
        one(&pat, flags, home, &mut out)?;
        return Ok(out);
    }
    // Leftmost brace first; the alternatives wait on a stack in order.
    let mut todo = vec![pat];
    while let Some(p) = todo.pop() {
        let Some(open) = p.iter().position(|c| *c == pc(b'{')) else {
            one(&p, flags, home, &mut out)?;
            continue;
        };
        match alternatives(&p, open) {
            Some(mut alts) => todo.extend(alts.drain(..).rev()),
            // No closing brace: only what comes before it is used.
            None => one(&p[..open], flags, home, &mut out)?,
        }
    }
    Ok(out)
}

/// The patterns that `{a,b}` at `open` stands for, or None if the brace is not closed.
fn alternatives(p: &[Pc], open: usize) -> Option<Vec<Vec<Pc>>> {
    let (mut depth, mut i, mut start) = (0, open + 1, open + 1);
    let mut parts = Vec::new();
    loop {
        match *p.get(i)? {
            c if c == pc(b'[') => {
                // A comma or brace inside brackets belongs to them.
                if let Some(n) = p[i + 1..].iter().position(|c| *c == pc(b']')) {
                    i += n + 1;
                }
            }
            c if c == pc(b'{') => depth += 1,
            c if c == pc(b',') && depth == 0 => {
                parts.push(start..i);
                start = i + 1;
            }
            c if c == pc(b'}') => {
                if depth == 0 {
                    parts.push(start..i);
                    break;
                }
                depth -= 1;
            }
            _ => {}
        }
        i += 1;
    }
    Some(parts.into_iter().map(|r| [&p[..open], &p[r], &p[i + 1..]].concat()).collect())
}

fn plain(p: &[Pc]) -> Vec<u8> {
    p.iter().map(|c| *c as u8).collect()
}

/// `~` and `~user` at the front.
fn tilde(p: &[Pc], home: Option<&[u8]>) -> Option<Vec<Pc>> {
    let rest = p.strip_prefix(&[pc(b'~')])?;
    let end = rest.iter().position(|c| *c as u8 == b'/').unwrap_or(rest.len());
    let user = plain(&rest[..end]);
    let dir = if user.is_empty() {
        match home {
            Some(h) => h.to_vec(),
            None => crate::users::getpwuid(crate::users::uids().0)?.dir,
        }
    } else {
        crate::users::getpwnam(&user)?.dir
    };
    Some(dir.iter().map(|b| pc(*b) | QUOTED).chain(rest[end..].iter().copied()).collect())
}

/// A part of a compiled pattern.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Piece {
    Byte(u8),
    Any,
    Star,
    /// (negated, ranges)
    Set(bool, Vec<(u8, u8)>),
}

fn compile(p: &[Pc]) -> Vec<Piece> {
    let mut out = Vec::with_capacity(p.len());
    let mut i = 0;
    while i < p.len() {
        match p[i] {
            c if c == pc(b'?') => out.push(Piece::Any),
            c if c == pc(b'*') => {
                if out.last() != Some(&Piece::Star) {
                    out.push(Piece::Star)
                }
            }
            c if c == pc(b'[') => match set(&p[i + 1..]) {
                Some((s, used)) => {
                    out.push(s);
                    i += used;
                }
                None => out.push(Piece::Byte(b'[')),
            },
            c => out.push(Piece::Byte(c as u8)),
        }
        i += 1;
    }
    out
}

/// A bracket expression after its `[`; None if it is not closed. A `]` right at the start is a member.
fn set(p: &[Pc]) -> Option<(Piece, usize)> {
    let neg = p.first() == Some(&pc(b'!'));
    let first = usize::from(neg);
    let close = first + 1 + p.get(first + 1..)?.iter().position(|c| *c == pc(b']'))?;
    let mut ranges = Vec::new();
    let mut i = first;
    while i < close {
        let lo = p[i] as u8;
        if p[i + 1] == pc(b'-') && i + 2 < close {
            ranges.push((lo, p[i + 2] as u8));
            i += 3;
        } else {
            ranges.push((lo, lo));
            i += 1;
        }
    }
    Some((Piece::Set(neg, ranges), close + 1))
}

fn has_magic(p: &[Piece]) -> bool {
    p.iter().any(|x| !matches!(x, Piece::Byte(_)))
}

fn matches(name: &[u8], pat: &[Piece], nocase: bool) -> bool {
    let fold = |b: u8| if nocase { b.to_ascii_lowercase() } else { b };
    let one = |p: &Piece, b: u8| match p {
        Piece::Byte(x) => fold(*x) == fold(b),
        Piece::Any | Piece::Star => true,
        Piece::Set(neg, r) => r.iter().any(|&(lo, hi)| (fold(lo)..=fold(hi)).contains(&fold(b))) != *neg,
    };
    // On a mismatch the last star takes one byte more: linear space, no recursion.
    let (mut i, mut j, mut star) = (0, 0, None);
    while i < name.len() {
        match pat.get(j) {
            Some(Piece::Star) => {
                star = Some((i, j));
                j += 1;
            }
            Some(p) if one(p, name[i]) => {
                i += 1;
                j += 1;
            }
            _ => match star {
                Some((si, sj)) => {
                    star = Some((si + 1, sj));
                    i = si + 1;
                    j = sj + 1;
                }
                None => return false,
            },
        }
    }
    pat[j..].iter().all(|p| *p == Piece::Star)
}

/// Letter case ignored first, then exact; the first difference counts as signed bytes, as perl's does.
fn alphabetical(a: &[u8], b: &[u8]) -> Ordering {
    let low = |s: &[u8]| s.iter().map(|b| b.to_ascii_lowercase() as i8).collect::<Vec<_>>();
    let (la, lb) = (low(a), low(b));
    let differ = la.iter().zip(&lb).find(|(x, y)| x != y);
    match differ {
        Some((x, y)) => x.cmp(y),
        None => la.len().cmp(&lb.len()).then_with(|| a.cmp(b)),
    }
}

/// A pattern without braces.
fn one(p: &[Pc], flags: Flags, home: Option<&[u8]>, out: &mut Vec<Vec<u8>>) -> Res<()> {
    let expanded = if flags.has(Flags::TILDE) { tilde(p, home) } else { None };
    let p = expanded.as_deref().unwrap_or(p);
    let pat = compile(p);
    let mut found = paths(&pat, flags)?;
    if found.is_empty() {
        if flags.has(Flags::NOCHECK) || (flags.has(Flags::NOMAGIC) && !has_magic(&pat)) {
            out.push(plain(p));
        }
        return Ok(());
    }
    if !flags.has(Flags::NOSORT) {
        if flags.has(Flags::ALPHASORT) || flags.has(Flags::NOCASE) {
            found.sort_by(|a, b| alphabetical(a, b));
        } else {
            found.sort();
        }
    }
    out.append(&mut found);
    Ok(())
}

/// The existing paths a pattern matches: all prefixes advance together, one segment at a time.
fn paths(pat: &[Piece], flags: Flags) -> Res<Vec<Vec<u8>>> {
    if pat.is_empty() {
        return Ok(Vec::new());
    }
    let slash = |p: &Piece| *p == Piece::Byte(b'/');
    let mut heads: Vec<Vec<u8>> = vec![Vec::new()];
    let mut rest = pat;
    while !rest.is_empty() && !heads.is_empty() {
        let slashes = rest.iter().take_while(|p| slash(p)).count();
        let end = rest[slashes..].iter().position(slash).map_or(rest.len(), |n| n + slashes);
        let seg = &rest[slashes..end];
        for h in &mut heads {
            h.extend(std::iter::repeat_n(b'/', slashes));
        }
        if has_magic(seg) {
            let mut next = Vec::new();
            for h in &heads {
                list(h, seg, flags, &mut next)?;
            }
            heads = next;
        } else {
            let name: Vec<u8> =
                seg.iter().filter_map(|p| if let Piece::Byte(b) = p { Some(*b) } else { None }).collect();
            heads.iter_mut().for_each(|h| h.extend_from_slice(&name));
        }
        rest = &rest[end..];
    }
    heads.retain_mut(|h| match crate::stat::lstat(h) {
        Err(_) => false,
        Ok(s) => {
            let link = s.is(libc::S_IFLNK);
            let dir = s.is_dir() || (link && crate::stat::stat(h).is_ok_and(|s| s.is_dir()));
            if flags.has(Flags::MARK) && dir && h.last() != Some(&b'/') {
                h.push(b'/');
            }
            true
        }
    });
    Ok(heads)
}

fn list(head: &[u8], seg: &[Piece], flags: Flags, out: &mut Vec<Vec<u8>>) -> Res<()> {
    let mut d = match DirHandle::open(if head.is_empty() { b"." } else { head }) {
        Ok(d) => d,
        Err(e) if flags.has(Flags::ERR) => return Err(e),
        Err(_) => return Ok(()),
    };
    while let Some(name) = d.read()? {
        if name.first() == Some(&b'.') && seg.first() != Some(&Piece::Byte(b'.')) {
            continue;
        }
        if matches(&name, seg, flags.has(Flags::NOCASE)) {
            out.push([head, &name].concat());
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn glob_in(dir: &std::path::Path, pat: &str) -> String {
        use std::os::unix::ffi::OsStrExt;
        let root = dir.as_os_str().as_bytes();
        // Patterns are made absolute so that tests need not share a current directory.
        let full = [root, b"/", pat.as_bytes()].concat();
        let names = csh_glob(&full, Some(b"/h"));
        let strip = |n: &Vec<u8>| {
            String::from_utf8_lossy(n.strip_prefix(&[root, b"/"].concat()[..]).unwrap_or(n)).into_owned()
        };
        names.iter().map(strip).collect::<Vec<_>>().join("|")
    }

    #[test]
    fn matching_and_order() {
        let dir = std::env::temp_dir().join(format!("keshi-glob-{}", std::process::id()));
        std::fs::create_dir_all(dir.join("d/e")).unwrap();
        for f in ["a.c", "B.c", "b.c", ".hid", "c1", "c2", "[z]", "^", "\u{e9}", "d/e/1"] {
            std::fs::write(dir.join(f), "").unwrap();
        }
        let g = |p: &str| glob_in(&dir, p);
        assert_eq!(g("*"), "\u{e9}|[z]|^|a.c|B.c|b.c|c1|c2|d");
        assert_eq!(g("[ab].c"), "a.c|b.c");
        assert_eq!(g("[^a]*"), "^|a.c");
        assert_eq!(g("[!a]*"), "\u{e9}|[z]|^|B.c|b.c|c1|c2|d");
        assert_eq!(g("\\[z\\]"), "[z]");
        assert_eq!(g("[[-\\]]*"), "[z]");
        assert_eq!(g("c[]1]"), "c1");
        assert_eq!(g(".*"), ".|..|.hid");
        assert_eq!(g("*/*"), "d/e");
        assert_eq!(g("d//*/1"), "d//e/1");
        assert_eq!(g("{b,a}.c"), "b.c|a.c");
        assert_eq!(g("nothing*"), "");
        assert_eq!(g("nothing"), "nothing");
        assert_eq!(g("c{1,2}{"), "c1|c2");
        assert_eq!(g("*/"), "d/");
        std::fs::remove_dir_all(&dir).unwrap();
    }

    #[test]
    fn words_braces_and_tildes() {
        let g = |p: &str| {
            let v = csh_glob(p.as_bytes(), Some(b"/h"));
            v.iter().map(|n| format!("<{}>", String::from_utf8_lossy(n))).collect::<String>()
        };
        assert_eq!(g(" zq1\t'zq 2' zq\\ 3 "), "<zq1><zq 2><zq 3>");
        assert_eq!(g("\"zq b"), "<\"zq b>");
        assert_eq!(g("\"zq\\\"b\""), "<zq\"b>");
        assert_eq!(g("{zq,zr{1,2}}s"), "<zqs><zr1s><zr2s>");
        assert_eq!(g("{}"), "<{}>");
        assert_eq!(g("{zq"), "<>");
        assert_eq!(g("{,zq}"), "<><zq>");
        assert_eq!(g("{zq[,]b,zr1}"), "<zr1>");
        assert_eq!(g("{zq\\,b,zr1}"), "<zq,b><zr1>");
        assert_eq!(g("~/zq"), "</h/zq>");
        assert_eq!(g("~nosuchuser"), "<~nosuchuser>");
        assert_eq!(g(""), "");
    }
}
