//! Patterns, substitutions, transliterations and formats.
use super::*;
use keshi_l1::pattern as flag;

#[derive(Clone, Debug)]
pub struct Pattern {
    pub parts: Vec<PatPart>,
    pub mods: PatMods,
    /// The opening delimiter (messages, `m?…?`); `'` means that nothing was interpolated.
    pub delim: u8,
    /// Line of the opening delimiter.
    pub line: u32,
    /// Has literal code blocks.
    pub has_code: bool,
    /// What code blocks in the run-time text may see (only where `use re 'eval'` allows them).
    pub scope: Option<Rc<EvalScope>>,
}

impl Pattern {
    /// The modifiers as bits of a Regex constant.
    pub fn flags(&self) -> u32 {
        let m = &self.mods;
        let mut f = 0;
        for (on, bit) in [
            (m.i, flag::I),
            (m.m, flag::M),
            (m.s, flag::S),
            (m.x == 1, flag::X),
            (m.x > 1, flag::X | flag::XX),
            (m.n, flag::N),
            (m.p, flag::P),
            (m.o, flag::ONCE),
            (m.strict, flag::STRICT),
            (self.delim == b'\'', flag::QUOTED),
        ] {
            if on {
                f |= bit
            }
        }
        f | match m.charset {
            Charset::None => 0,
            Charset::Depends => flag::DEPENDS,
            Charset::Locale => flag::LOCALE,
            Charset::Unicode => flag::UNICODE,
            Charset::Ascii => flag::ASCII,
            Charset::AsciiRestrict => flag::ASCII_RESTRICT,
        }
    }
}

#[derive(Clone, Debug)]
pub enum PatPart {
    /// Pattern source as written (no string escapes processed; `\N{name}` already turned into `\N{U+…}`).
    Lit(PStr),
    /// An interpolated scalar; arrays come as [`ExprKind::Join`].
    Expr(Expr),
    /// A code block; `text` is its source with the parentheses, as `qr` prints it.
    Code { text: PStr, kind: PatCode, sub: Rc<SubDef> },
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum PatCode {
    /// `(?{ … })`
    Run,
    /// `(??{ … })`
    Postponed,
    /// `(*{ … })`
    Optimistic,
}

/// Modifiers of `m`, `qr` and `s`.
#[derive(Clone, Copy, Default, PartialEq, Eq, Debug)]
pub struct PatMods {
    pub i: bool,
    pub m: bool,
    pub s: bool,
    /// 1: `x`, 2: `xx`
    pub x: u8,
    pub n: bool,
    pub p: bool,
    pub g: bool,
    pub c: bool,
    pub o: bool,
    pub r: bool,
    /// `use re 'strict'`
    pub strict: bool,
    /// Number of `e`s.
    pub e: u8,
    pub charset: Charset,
}

#[derive(Clone, Copy, Default, PartialEq, Eq, Debug)]
pub enum Charset {
    #[default]
    None,
    /// `/d`
    Depends,
    /// `/l`
    Locale,
    /// `/u`
    Unicode,
    /// `/a`
    Ascii,
    /// `/aa`
    AsciiRestrict,
}

#[derive(Clone, Debug)]
pub struct MatchOp {
    /// `None`: matches `$_`.
    pub target: Option<Expr>,
    pub pat: MatchPat,
    /// `!~`
    pub negate: bool,
    /// `m?…?`
    pub once: bool,
}

#[derive(Clone, Debug)]
pub enum MatchPat {
    Literal(Pattern),
    /// `$x =~ EXPR`: the value is the pattern.
    Expr(Expr),
}

#[derive(Clone, Debug)]
pub struct SubstOp {
    pub target: Option<Expr>,
    pub pat: Pattern,
    /// Evaluated once per match; with `/e` a `DoBlock`, with `/ee` an `EvalStr` of it.
    pub repl: Expr,
    pub negate: bool,
}

#[derive(Clone, Debug)]
pub struct TransOp {
    pub target: Option<Expr>,
    /// Code-point ranges as written, escapes done.
    pub search: Vec<(u64, u64)>,
    pub replace: Vec<(u64, u64)>,
    pub complement: bool,
    pub delete: bool,
    pub squeeze: bool,
    /// `/r`
    pub keep: bool,
    pub negate: bool,
    /// The replacement part was empty (and is then the search list unless `/d`).
    pub identical: bool,
    /// Either list was written as UTF-8 text.
    pub utf8: bool,
}

/// `format NAME = …`; arguments are evaluated in the format's own pad.
#[derive(Clone, Debug)]
pub struct FormatDef {
    /// Full name of the handle.
    pub name: Name,
    pub pad: Pad,
    pub package: Name,
    pub file: Name,
    pub line: u32,
    pub lines: Vec<FormatLine>,
    pub hints: Rc<Hints>,
}

#[derive(Clone, Debug)]
pub struct FormatLine {
    pub cop: Rc<Cop>,
    /// The picture as written (the text `formline` gets), with its newline.
    pub picture: PStr,
    /// Arguments of the line below, in list context, lvalues where the picture has `^` fields.
    pub args: Vec<Expr>,
}
