//! Tokens of the spec language.
//!
//! Logos finds the tokens; [`Lexer`] adds the two rules that depend on where we are: line ends separate statements
//! inside the braces of an op (and mean nothing elsewhere), and the body of a `prim` is one verbatim text per line.
use logos::Logos;
use std::fmt;

#[derive(Logos, Clone, Debug, PartialEq)]
#[logos(skip r"[ \t\r]+")]
#[logos(skip(r"//([^/\n][^\n]*)?", allow_greedy = true))]
pub enum Tok<'s> {
    #[regex(r"[A-Za-z_][A-Za-z0-9_]*(\.[A-Za-z0-9_]+)*")]
    Name(&'s str),
    #[regex(r"[a-z_][A-Za-z0-9_]*(::[A-Za-z_][A-Za-z0-9_]*)+")]
    Path(&'s str),
    #[regex(r"-?[0-9]+", |l| l.slice().parse().ok())]
    #[regex(r"0x[0-9A-Fa-f]+", |l| u64::from_str_radix(&l.slice()[2..], 16).ok().map(|v| v as i64))]
    Int(i64),
    #[regex(r"-?[0-9]+\.[0-9]+([eE][-+]?[0-9]+)?", |l| l.slice().parse().ok())]
    Float(f64),
    #[regex(r#""([^"\\\n]|\\[^\n])*""#, |l| unescape(l.slice()))]
    Str(String),
    #[regex(r"\$([A-Za-z_][A-Za-z0-9_]*|[0-9]+)", |l| &l.slice()[1..])]
    Var(&'s str),
    #[regex(r"@[A-Za-z_][A-Za-z0-9_]*", |l| &l.slice()[1..])]
    AtVar(&'s str),
    #[regex(r"\[[INSP][0-9]+\]", |l| temp(l.slice()))]
    Temp((char, u8)),
    #[regex(r"///[^\n]*", |l| l.slice()[3..].trim(), allow_greedy = true)]
    Doc(&'s str),
    #[token("\n")]
    Nl,
    #[token(";")]
    Semi,
    #[token(",")]
    Comma,
    #[token(":")]
    Colon,
    #[token("(")]
    LParen,
    #[token(")")]
    RParen,
    #[token("[")]
    LBracket,
    #[token("]")]
    RBracket,
    #[token("{")]
    LBrace,
    #[token("}")]
    RBrace,
    #[token("=")]
    Eq,
    #[token("==")]
    EqEq,
    #[token("!=")]
    Ne,
    #[token("<")]
    Lt,
    #[token("<=")]
    Le,
    #[token(">")]
    Gt,
    #[token(">=")]
    Ge,
    #[token("!")]
    Bang,
    #[token("|")]
    Pipe,
    #[token("@")]
    At,
    #[token("*")]
    Star,
    #[token("->")]
    Arrow,
    #[token("=>")]
    FatArrow,
    #[token("#")]
    Hash,
    #[token("+")]
    Plus,
    #[token("-")]
    Minus,
    #[token("&")]
    Amp,
    #[token("<<")]
    Shl,
    /// A line of a prim body, verbatim.
    Raw(&'s str),
    // Words with a place in the grammar.
    #[token("atom")]
    Atom,
    #[token("group")]
    Group,
    #[token("heap")]
    Heap,
    #[token("prim")]
    Prim,
    #[token("rt")]
    Rt,
    #[token("op")]
    Op,
    #[regex(r"perl[ \t]+sub")]
    PerlSub,
    #[token("proto")]
    Proto,
    #[token("rule")]
    Rule,
    #[token("requires")]
    Requires,
    #[token("proves")]
    Proves,
    #[token("reads")]
    Reads,
    #[token("writes")]
    Writes,
    #[token("in")]
    In,
    #[token("not")]
    Not,
    #[token("and")]
    And,
    #[token("or")]
    Or,
    #[token("try")]
    Try,
    #[token("if")]
    If,
    #[token("else")]
    Else,
    #[token("goto")]
    Goto,
    #[token("static")]
    Static,
    #[token("each")]
    Each,
    #[token("for")]
    For,
    #[token("when")]
    When,
    #[token("override")]
    Override,
    #[token("assert")]
    Assert,
}

fn temp(s: &str) -> Option<(char, u8)> {
    let b = &s[1..s.len() - 1];
    Some((b.chars().next()?, b[1..].parse().ok()?))
}

fn unescape(s: &str) -> Option<String> {
    let mut out = String::new();
    let mut it = s[1..s.len() - 1].chars();
    while let Some(c) = it.next() {
        out.push(match c {
            '\\' => match it.next()? {
                'n' => '\n',
                't' => '\t',
                'r' => '\r',
                '0' => '\0',
                'x' => char::from(u8::from_str_radix(&format!("{}{}", it.next()?, it.next()?), 16).ok()?),
                c @ ('\\' | '"' | '$' | '@') => c,
                _ => return None,
            },
            c => c,
        });
    }
    Some(out)
}

#[derive(Clone, Debug, PartialEq)]
pub struct LexError {
    pub span: (usize, usize),
    pub message: String,
}

impl fmt::Display for LexError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

pub type Spanned<'s> = Result<(usize, Tok<'s>, usize), LexError>;

/// What the tokens of the current brace mean.
#[derive(PartialEq)]
enum Ctx {
    Top,
    /// After `prim`, before its `{`.
    PrimHead,
    /// After `op`/`perl sub`, before its `{`.
    OpHead,
    OpBody,
}

/// The whole token stream of a file.
pub fn tokens(source: &str) -> Vec<Spanned<'_>> {
    let mut out: Vec<Spanned<'_>> = Vec::new();
    let mut base = 0;
    let mut lex = Tok::lexer(source).spanned();
    let (mut ctx, mut braces, mut parens) = (Ctx::Top, 0usize, 0usize);
    while let Some((tok, span)) = lex.next() {
        let (lo, hi) = (span.start + base, span.end + base);
        let tok = match tok {
            Ok(t) => t,
            Err(()) => {
                out.push(Err(bad_token(source, lo, hi)));
                return out;
            }
        };
        match tok {
            // `//!` headers and bare `//` rulers come through as docs of nothing.
            Tok::Nl => {
                if ctx == Ctx::OpBody && parens == 0 {
                    out.push(Ok((lo, Tok::Nl, hi)));
                }
                continue;
            }
            Tok::Doc(_) if ctx == Ctx::OpBody => continue,
            Tok::Prim if ctx == Ctx::Top => ctx = Ctx::PrimHead,
            Tok::Op | Tok::PerlSub if ctx == Ctx::Top => ctx = Ctx::OpHead,
            Tok::LParen => parens += 1,
            Tok::RParen => parens = parens.saturating_sub(1),
            Tok::LBrace if ctx == Ctx::PrimHead => {
                out.push(Ok((lo, tok, hi)));
                let end = match prim_lines(source, hi, &mut out) {
                    Ok(end) => end,
                    Err(e) => {
                        out.push(Err(e));
                        return out;
                    }
                };
                base = end;
                lex = Tok::lexer(&source[end..]).spanned();
                ctx = Ctx::Top;
                continue;
            }
            Tok::LBrace => {
                braces += 1;
                ctx = Ctx::OpBody;
                parens = 0;
            }
            Tok::RBrace => {
                braces = braces.saturating_sub(1);
                out.push(Ok((lo, tok, hi)));
                if braces == 0 {
                    ctx = Ctx::Top;
                } else {
                    out.push(Ok((hi, Tok::Nl, hi)));
                }
                continue;
            }
            Tok::Else => {
                while matches!(out.last(), Some(Ok((_, Tok::Nl, _)))) {
                    out.pop();
                }
            }
            _ => {}
        }
        out.push(Ok((lo, tok, hi)));
    }
    out
}

fn bad_token(source: &str, lo: usize, hi: usize) -> LexError {
    let text = &source[lo..hi];
    let message = match text.chars().next() {
        Some('"') => "this string does not end on its line, or has an unknown escape".to_string(),
        Some('0'..='9' | '-') => format!("the number `{text}` does not fit in 64 bits"),
        Some('[') => format!("`{text}` is no temporary: those are [I0]..[I255], [N0].., [S0].., [P0].."),
        Some(c) => format!("unexpected character {c:?}"),
        None => "unexpected end of text".to_string(),
    };
    LexError { span: (lo, hi.max(lo + 1)), message }
}

/// The lines between the braces of a prim; returns the offset after `}`.
fn prim_lines<'s>(source: &'s str, from: usize, out: &mut Vec<Spanned<'s>>) -> Result<usize, LexError> {
    let mut at = from;
    for line in source[from..].split_inclusive('\n') {
        let text = line.trim();
        let lead = at + (line.len() - line.trim_start().len());
        if let Some(after) = text.strip_prefix('}') {
            if !after.trim().is_empty() && !after.trim_start().starts_with("//") {
                return Err(LexError { span: (lead, lead + text.len()), message: "text after `}`".into() });
            }
            out.push(Ok((lead, Tok::RBrace, lead + 1)));
            return Ok(at + line.len());
        }
        if !text.is_empty() {
            let (key, rest) = text.split_once(char::is_whitespace).unwrap_or((text, ""));
            out.push(Ok((lead, Tok::Name(key), lead + key.len())));
            out.push(Ok((lead + key.len(), Tok::Raw(rest.trim()), lead + text.len())));
        }
        at += line.len();
    }
    Err(LexError { span: (from, from + 1), message: "this `prim` body has no closing `}`".into() })
}
