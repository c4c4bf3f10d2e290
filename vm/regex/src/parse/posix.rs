//! `[:alpha:]` inside and outside bracketed classes.

use super::{Parser, Res};
use crate::ast::Posix;

/// A POSIX-like construct found at a `[`.
pub(super) struct PosixSyntax {
    pub delim: u8,
    pub name: (usize, usize),
    pub end: usize,
}

/// Recognises `[:name:]`, `[=x=]`, `[.x.]` at `at`.
pub(super) fn posix_at(p: &[u8], at: usize) -> Option<PosixSyntax> {
    let delim = *p.get(at + 1)?;
    if !matches!(delim, b':' | b'=' | b'.') {
        return None;
    }
    let mut i = at + 2;
    if p.get(i) == Some(&b'^') {
        i += 1;
    }
    while p.get(i).is_some_and(|c| c.is_ascii_alphanumeric() || *c == b'_' || *c >= 0x80) {
        i += 1;
    }
    (p.get(i) == Some(&delim) && p.get(i + 1) == Some(&b']')).then_some(PosixSyntax {
        delim,
        name: (at + 2, i),
        end: i + 2,
    })
}

/// The class a name stands for.
pub(super) fn posix_kind(name: &[u8]) -> Option<Posix> {
    Some(match name {
        b"alpha" => Posix::Alpha,
        b"digit" => Posix::Digit,
        b"alnum" => Posix::Alnum,
        b"lower" => Posix::Lower,
        b"upper" => Posix::Upper,
        b"space" => Posix::Space,
        b"blank" => Posix::Blank,
        b"punct" => Posix::Punct,
        b"print" => Posix::Print,
        b"graph" => Posix::Graph,
        b"cntrl" => Posix::Cntrl,
        b"xdigit" => Posix::Xdigit,
        b"word" => Posix::Word,
        b"ascii" => Posix::Ascii,
        _ => return None,
    })
}

impl Parser<'_, '_> {
    /// Inside a class, at `[`: a POSIX class, if it is one.
    pub(super) fn posix_class(&mut self) -> Res<Option<(Posix, bool)>> {
        let at = self.pos;
        let Some(px) = posix_at(self.p, at) else { return Ok(None) };
        self.pos = px.end;
        if px.delim != b':' {
            let d = char::from(px.delim);
            return self.fail(&format!("POSIX syntax [{d} {d}] is reserved for future extensions"));
        }
        let mut name = &self.p[px.name.0..px.name.1];
        let negated = name.first() == Some(&b'^');
        if negated {
            name = &name[1..];
        }
        match posix_kind(name) {
            Some(k) => Ok(Some((k, negated))),
            None => {
                let mut text = b"POSIX class [:".to_vec();
                text.extend_from_slice(&self.p[px.name.0..px.name.1]);
                text.extend_from_slice(b":] unknown");
                self.fail_bytes(&text, self.pos)
            }
        }
    }

    /// Outside a class, at `[`: warns when it looks like a POSIX class.
    pub(super) fn warn_posix_outside(&mut self) {
        let Some(px) = posix_at(self.p, self.pos) else { return };
        let d = char::from(px.delim);
        let name = &self.p[px.name.0..px.name.1];
        let name = name.strip_prefix(b"^").unwrap_or(name);
        let extra = if px.delim == b':' && posix_kind(name).is_none() {
            " (but this one isn't fully valid)"
        } else if px.delim == b':' {
            ""
        } else {
            " (but this one isn't implemented)"
        };
        let text = format!("POSIX syntax [{d} {d}] belongs inside character classes{extra}");
        self.warn_at("regexp", text.as_bytes(), px.end);
    }
}
