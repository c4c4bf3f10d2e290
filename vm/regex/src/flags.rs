//! Pattern modifiers and the `(?^...:...)` form a compiled pattern has as a string.

/// Which rules decide what `\w`, case and the POSIX classes mean.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Charset {
    /// `/d`: Unicode rules if pattern or subject is UTF-8, ASCII rules otherwise.
    #[default]
    Depends,
    /// `/l`: the run-time locale: Unicode rules if its character set is UTF-8, else ASCII rules below 256.
    Locale,
    /// `/u`
    Unicode,
    /// `/a`
    Ascii,
    /// `/aa`
    AsciiRestrict,
}

impl Charset {
    /// The modifier letters.
    pub fn letters(self) -> &'static str {
        match self {
            Charset::Depends => "",
            Charset::Locale => "l",
            Charset::Unicode => "u",
            Charset::Ascii => "a",
            Charset::AsciiRestrict => "aa",
        }
    }
}

/// Modifiers a pattern is compiled with.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Flags {
    /// `/i`
    pub i: bool,
    /// `/m`
    pub m: bool,
    /// `/s`
    pub s: bool,
    /// `/x`
    pub x: bool,
    /// `/xx` (implies `x`)
    pub xx: bool,
    /// `/n`
    pub n: bool,
    /// `/p`
    pub p: bool,
    /// The character set modifier.
    pub charset: Charset,
    /// The pattern's bytes are UTF-8.
    pub utf8_pattern: bool,
    /// `use re 'strict'` is in effect.
    pub strict: bool,
    /// The pattern is the empty-after-split kind: `split ' '` (leading white space is skipped). Not
    /// interpreted here; kept for the caller.
    pub split: bool,
}

impl Flags {
    /// The modifiers as `(?^...` shows them: character set, then `p`, then `msixxn`.
    pub fn letters(&self) -> String {
        let mut out = String::from(self.charset.letters());
        if self.p {
            out.push('p');
        }
        for (on, c) in
            [(self.m, 'm'), (self.s, 's'), (self.i, 'i'), (self.x, 'x'), (self.xx, 'x'), (self.n, 'n')]
        {
            if on {
                out.push(c);
            }
        }
        out
    }

    /// `qr//` as a string. `run_on_comment`: the source ends inside a `/x` comment.
    pub fn stringify(&self, source: &[u8], run_on_comment: bool) -> Vec<u8> {
        let mut out = Vec::with_capacity(source.len() + 12);
        out.extend_from_slice(b"(?^");
        out.extend_from_slice(self.letters().as_bytes());
        out.push(b':');
        out.extend_from_slice(source);
        if run_on_comment {
            out.push(b'\n');
        }
        out.push(b')');
        out
    }
}
