//! Pattern text to AST: alternation, sequences and quantifiers; the state shared by the other parts of the
//! parser. Errors and warnings are worded and placed (`<-- HERE`) as Perl does.
//!
//! A pattern may have to be read twice: when a number could be a back-reference or an octal escape, which
//! depends on how many groups follow, or when something in it calls for Unicode rules throughout.

mod chars;
mod class;
mod code;
mod escape;
mod flags;
mod group;
mod posix;
mod property;
mod quant;
mod sets;
mod verb;

use std::collections::HashMap;
use std::sync::Arc;

use crate::ast::{INF, Mode, Node, UserProp};
use crate::error::{RegexError, marked, unmarked};
use crate::flags::{Charset, Flags};
use crate::host::{CodeBlock, CodeId, CompileHost};
use crate::utf8::{self, Cp};

pub(crate) use quant::curly;

/// Deepest nesting of parentheses.
const MAX_NEST: usize = 1000;
/// What parsing found.
pub struct Parsed {
    /// The pattern.
    pub node: Node,
    /// Number of capture groups by the numbers the program sees.
    pub groups: u32,
    /// The number of each group of the pattern text: they differ after `(?|`. Index 0 stands for the match.
    pub logical: Vec<u32>,
    /// Names in order of first appearance, with their groups (by place in the text).
    pub names: Vec<(Vec<u8>, Vec<u32>)>,
    /// Final flags (the character set may have become Unicode).
    pub flags: Flags,
    /// The source ends in a `/x` comment.
    pub run_on_comment: bool,
    /// The pattern is shown with /u: it holds characters above 255.
    pub shown_unicode: bool,
    /// Properties to be resolved when matching.
    pub user_props: Vec<Arc<UserProp>>,
    /// The modifiers in force at each `(??{ })`.
    pub postponed: Vec<(CodeId, Flags)>,
}

/// Why a parse stopped.
pub(crate) enum Stop {
    Error(RegexError),
    /// Start over under Unicode rules; `shown` if the pattern becomes UTF-8 by it.
    Unicode {
        shown: bool,
    },
}

impl From<RegexError> for Stop {
    fn from(e: RegexError) -> Stop {
        Stop::Error(e)
    }
}

pub(crate) type Res<T> = Result<T, Stop>;

/// The modifiers in force at a point of the pattern.
#[derive(Clone, Copy)]
pub(crate) struct Mods {
    pub i: bool,
    pub m: bool,
    pub s: bool,
    pub x: bool,
    pub xx: bool,
    pub n: bool,
    pub charset: Charset,
}

pub(crate) struct Parser<'a, 'h> {
    pub p: &'a [u8],
    pub pos: usize,
    pub utf8: bool,
    pub flags: Flags,
    pub f: Mods,
    pub host: &'h mut dyn CompileHost,
    /// Groups opened so far, by the numbers the program sees.
    pub npar: u32,
    /// The number of every group opened so far (index 0 unused).
    pub logical: Vec<u32>,
    /// The same for the whole pattern, when known from an earlier pass.
    pub known_logical: Option<Vec<u32>>,
    pub names: Vec<(Vec<u8>, Vec<u32>)>,
    /// Total number of groups, when known from an earlier pass.
    pub total: Option<u32>,
    pub need_total: bool,
    /// References by number to be checked at the end: (group, where to mark).
    pub pending: Vec<(u32, usize)>,
    /// The same for references by place in the text.
    pub pending_places: Vec<(u32, usize)>,
    /// Final names from an earlier pass.
    pub known_names: Option<Vec<(Vec<u8>, Vec<u32>)>>,
    pub depth: usize,
    pub in_look: usize,
    /// What was just read was only a setting of modifiers, nothing a quantifier could apply to.
    pub no_atom: bool,
    /// A literal `{` here needs no warning.
    pub brace_quiet: bool,
    /// Inside `(?[ ])`, where escapes are read strictly.
    pub in_set: usize,
    pub warnings: Vec<(&'static str, Vec<u8>)>,
    pub run_on_comment: bool,
    pub user_props: Vec<Arc<UserProp>>,
    pub postponed: Vec<(CodeId, Flags)>,
    pub blocks: &'h mut HashMap<usize, CodeBlock>,
}

/// Parses `p`.
pub fn parse(p: &[u8], flags: Flags, host: &mut dyn CompileHost) -> Result<Parsed, RegexError> {
    let mut flags = flags;
    if flags.utf8_pattern && flags.charset == Charset::Depends {
        flags.charset = Charset::Unicode;
    }
    let mut blocks = HashMap::new();
    let mut total = None;
    let mut known = None;
    let mut known_logical = None;
    let mut shown_unicode = false;
    loop {
        let mut ps = Parser {
            p,
            pos: 0,
            utf8: flags.utf8_pattern,
            flags,
            f: Mods {
                i: flags.i,
                m: flags.m,
                s: flags.s,
                x: flags.x || flags.xx,
                xx: flags.xx,
                n: flags.n,
                charset: flags.charset,
            },
            host: &mut *host,
            npar: 0,
            logical: vec![0],
            known_logical: known_logical.take(),
            names: Vec::new(),
            total,
            need_total: false,
            pending: Vec::new(),
            pending_places: Vec::new(),
            known_names: known.take(),
            depth: 0,
            in_look: 0,
            no_atom: false,
            brace_quiet: true,
            in_set: 0,
            warnings: Vec::new(),
            run_on_comment: false,
            user_props: Vec::new(),
            postponed: Vec::new(),
            blocks: &mut blocks,
        };
        let node = match ps.top() {
            Ok(n) => n,
            Err(Stop::Unicode { shown }) => {
                flags.charset = Charset::Unicode;
                shown_unicode |= shown;
                continue;
            }
            Err(Stop::Error(mut e)) => {
                ps.flush_warnings();
                e.utf8 |= flags.utf8_pattern;
                return Err(e);
            }
        };
        if ps.need_total {
            total = Some(ps.npar);
            known = Some(std::mem::take(&mut ps.names));
            known_logical = Some(std::mem::take(&mut ps.logical));
            continue;
        }
        let places = ps.logical.len() as u32 - 1;
        let bad = |&&(n, _): &&(u32, usize), most: u32| n > most;
        let first_bad = ps.pending.iter().find(|r| bad(r, ps.npar));
        if let Some(&(_, at)) = first_bad.or_else(|| ps.pending_places.iter().find(|r| bad(r, places))) {
            let mut e = RegexError::plain(marked(b"Reference to nonexistent group", p, at));
            e.utf8 = flags.utf8_pattern;
            return Err(e);
        }
        ps.flush_warnings();
        return Ok(Parsed {
            node,
            groups: ps.npar,
            logical: ps.logical,
            names: ps.names,
            flags: ps.flags,
            run_on_comment: ps.run_on_comment,
            shown_unicode,
            user_props: ps.user_props,
            postponed: ps.postponed,
        });
    }
}

impl Parser<'_, '_> {
    fn top(&mut self) -> Res<Node> {
        let node = self.alternation()?;
        if self.pos < self.p.len() {
            // only a ')' can stop the alternation early
            return self.fail_at("Unmatched )", self.pos + 1);
        }
        Ok(node)
    }

    fn flush_warnings(&mut self) {
        for (cat, msg) in std::mem::take(&mut self.warnings) {
            self.host.warn(cat, &msg, self.flags.utf8_pattern);
        }
    }

    /// The groups (by place in the text) that a number stands for.
    pub fn groups_numbered(&self, n: u32) -> Vec<u32> {
        match &self.known_logical {
            Some(map) => (1..map.len() as u32).filter(|&p| map[p as usize] == n).collect(),
            None => vec![n],
        }
    }

    // ---- errors and warnings

    pub fn error_at(&self, text: &str, at: usize) -> Stop {
        Stop::Error(RegexError::plain(marked(text.as_bytes(), self.p, at)))
    }

    pub fn fail_at<T>(&self, text: &str, at: usize) -> Res<T> {
        Err(self.error_at(text, at))
    }

    /// Marked at the current position.
    pub fn fail<T>(&self, text: &str) -> Res<T> {
        self.fail_at(text, self.pos)
    }

    pub fn fail_bytes<T>(&self, text: &[u8], at: usize) -> Res<T> {
        Err(Stop::Error(RegexError::plain(marked(text, self.p, at))))
    }

    /// Without a mark.
    pub fn fail_plain<T>(&self, text: &str) -> Res<T> {
        Err(Stop::Error(RegexError::plain(unmarked(text.as_bytes(), self.p))))
    }

    pub fn warn_at(&mut self, category: &'static str, text: &[u8], at: usize) {
        if self.host.warns(category) {
            self.warnings.push((category, marked(text, self.p, at)));
        }
    }

    pub fn warn_plain(&mut self, category: &'static str, text: &[u8]) {
        if self.host.warns(category) {
            self.warnings.push((category, unmarked(text, self.p)));
        }
    }

    /// Doubtful things are errors here.
    pub fn strict(&self) -> bool {
        self.flags.strict || self.in_set > 0
    }

    // ---- characters

    pub fn peek(&self) -> Option<u8> {
        self.p.get(self.pos).copied()
    }

    pub fn byte_at(&self, i: usize) -> Option<u8> {
        self.p.get(i).copied()
    }

    pub fn eof(&self) -> bool {
        self.pos >= self.p.len()
    }

    pub fn looking_at(&self, s: &[u8]) -> bool {
        self.p[self.pos.min(self.p.len())..].starts_with(s)
    }

    /// The character at the current position, and its length.
    pub fn cur_char(&self) -> (Cp, usize) {
        if self.utf8 { utf8::decode(self.p, self.pos) } else { (Cp::from(self.p[self.pos]), 1) }
    }

    pub fn char_len_at(&self, i: usize) -> usize {
        if i >= self.p.len() {
            0
        } else if self.utf8 {
            utf8::decode(self.p, i).1
        } else {
            1
        }
    }

    /// Something needs Unicode rules for the whole pattern.
    pub fn require_unicode(&mut self) -> Res<()> {
        if self.flags.charset == Charset::Depends { Err(Stop::Unicode { shown: false }) } else { Ok(()) }
    }

    /// A code point was written: above 255 the pattern is Unicode.
    pub fn note_cp(&mut self, cp: Cp) -> Res<()> {
        if cp > 255 && self.flags.charset == Charset::Depends {
            Err(Stop::Unicode { shown: true })
        } else {
            Ok(())
        }
    }

    /// `/i` in force, as the rules to fold by.
    pub fn fold(&self) -> Option<Charset> {
        self.f.i.then_some(self.f.charset)
    }

    /// Skips comments and, under `/x`, white space.
    pub fn skip_ignored(&mut self) -> Res<()> {
        loop {
            if self.looking_at(b"(?#") {
                match memchr::memchr(b')', &self.p[self.pos..]) {
                    Some(k) => self.pos += k + 1,
                    None => {
                        self.pos = self.p.len();
                        return self.fail_plain("Sequence (?#... not terminated");
                    }
                }
                continue;
            }
            if !self.f.x || self.eof() {
                return Ok(());
            }
            let (c, n) = self.cur_char();
            if is_pattern_space(c) {
                self.pos += n;
            } else if c == Cp::from(b'#') {
                match memchr::memchr(b'\n', &self.p[self.pos..]) {
                    Some(k) => self.pos += k + 1,
                    None => {
                        self.pos = self.p.len();
                        self.run_on_comment = true;
                    }
                }
            } else {
                return Ok(());
            }
        }
    }

    // ---- structure

    /// Up to `)` or the end.
    pub fn alternation(&mut self) -> Res<Node> {
        let mut branches = vec![self.branch()?];
        while self.peek() == Some(b'|') {
            self.pos += 1;
            branches.push(self.branch()?);
        }
        Ok(if branches.len() == 1 { branches.swap_remove(0) } else { Node::Alt(branches) })
    }

    /// Up to `|`, `)` or the end.
    pub fn branch(&mut self) -> Res<Node> {
        let mut seq: Vec<Node> = Vec::new();
        loop {
            self.skip_ignored()?;
            match self.peek() {
                None | Some(b'|' | b')') => break,
                _ => {}
            }
            let caret = self.peek() == Some(b'^');
            let first = seq.is_empty();
            let piece = self.piece(first)?;
            self.brace_quiet |= caret;
            append(&mut seq, piece);
        }
        Ok(match seq.len() {
            0 => Node::Empty,
            1 => seq.swap_remove(0),
            _ => Node::Concat(seq),
        })
    }

    /// An atom with its quantifier.
    fn piece(&mut self, first: bool) -> Res<Node> {
        self.brace_quiet |= first;
        let atom_start = self.pos;
        self.no_atom = false;
        let atom = self.atom()?;
        if std::mem::take(&mut self.no_atom) {
            self.brace_quiet = true;
            return Ok(Node::Empty);
        }
        self.brace_quiet = false;
        self.skip_ignored()?;
        let Some((min, max, at)) = self.quantifier()? else { return Ok(atom) };
        self.brace_quiet = true;
        let quant_end = self.pos;
        if min > max {
            self.warn_at("regexp", b"Quantifier {n,m} with n > m can't match", self.pos);
        }
        // white space and comments may separate the quantifier from its greediness
        self.skip_ignored()?;
        let mode = match self.peek() {
            Some(b'?') => {
                self.pos += 1;
                Mode::Lazy
            }
            Some(b'+') => {
                self.pos += 1;
                Mode::Possessive
            }
            _ => Mode::Greedy,
        };
        if min == max && mode != Mode::Greedy && self.p[at] == b'{' {
            let c = if mode == Mode::Lazy { '?' } else { '+' };
            let text = format!("Useless use of greediness modifier '{c}'");
            self.warn_at("regexp", text.as_bytes(), self.pos);
        }
        if max > 1 && crate::analyze::is_zero_width(&atom) {
            if max == INF {
                let mut text = self.p[atom_start..quant_end].to_vec();
                text.extend_from_slice(b" matches null string many times");
                self.warn_at("regexp", &text, quant_end);
            } else {
                self.warn_plain("regexp", b"Quantifier unexpected on zero-length expression");
            }
        }
        self.skip_ignored()?;
        if let Some((start, _)) = self.peek_quantifier() {
            return self.fail_at("Nested quantifiers", start + 1);
        }
        if min > max {
            // its groups may still be recursed into
            let never = Node::Repeat { node: Box::new(atom), min: 0, max: 0, mode };
            return Ok(Node::Concat(vec![never, Node::Fail]));
        }
        let node = match (atom, mode) {
            (Node::Empty, _) => Node::Empty,
            (n, Mode::Greedy) if min == 1 && max == 1 => n,
            (n, mode) => Node::Repeat { node: Box::new(n), min, max, mode },
        };
        Ok(node)
    }

    /// One atom, without quantifier.
    fn atom(&mut self) -> Res<Node> {
        let c = self.p[self.pos];
        match c {
            b'^' => {
                self.pos += 1;
                Ok(Node::Assert(if self.f.m {
                    crate::ast::Assert::LineStart
                } else {
                    crate::ast::Assert::Start
                }))
            }
            b'$' => {
                self.pos += 1;
                Ok(Node::Assert(if self.f.m {
                    crate::ast::Assert::LineEnd
                } else {
                    crate::ast::Assert::EndNl
                }))
            }
            b'.' => {
                self.pos += 1;
                Ok(if self.f.s { Node::Any } else { Node::NotNl })
            }
            b'[' => self.bracketed(),
            b'(' => {
                self.depth += 1;
                if self.depth > MAX_NEST {
                    return self.fail_at("Too many nested open parens", self.pos + 1);
                }
                let saved = self.f;
                let r = self.group();
                self.depth -= 1;
                // inline modifiers without ':' reach to the end of the enclosing group: group() leaves
                // them in place by returning Empty with `keep`
                match r {
                    Ok((node, keep)) => {
                        if keep {
                            self.no_atom = true;
                        } else {
                            self.f = saved;
                        }
                        Ok(node)
                    }
                    Err(e) => Err(e),
                }
            }
            b'*' | b'+' | b'?' => self.fail_at("Quantifier follows nothing", self.pos + 1),
            b'\\' => self.escape(),
            _ => self.literal_run(),
        }
    }

    /// Plain characters up to something special; the last is left alone if a quantifier follows it.
    fn literal_run(&mut self) -> Res<Node> {
        let mut cps: Vec<Cp> = Vec::new();
        loop {
            let start = self.pos;
            let (c, n) = self.cur_char();
            self.note_cp(c)?;
            match self.p[start] {
                b'{' => self.check_literal_brace(start, !cps.is_empty())?,
                b']' | b'}' if cps.is_empty() => {
                    let text = format!("Unescaped literal '{}'", char::from(self.p[start]));
                    if self.flags.strict {
                        self.warn_at("regexp", text.as_bytes(), start + 1);
                    }
                }
                _ => {}
            }
            self.pos += n;
            cps.push(c);
            if self.f.x || self.looking_at(b"(?#") {
                self.skip_ignored()?;
            }
            let more =
                !matches!(self.peek(), None | Some(b'|' | b'(' | b')' | b'[' | b'^' | b'$' | b'.' | b'\\'));
            if !more {
                break;
            }
            if self.peek_quantifier().is_some() {
                if cps.len() > 1 {
                    cps.pop();
                    self.pos = start;
                }
                break;
            }
        }
        Ok(Node::Lit { cps, fold: self.fold() })
    }

    /// A `{` that is no quantifier: illegal after a backslashed letter, doubtful after other things.
    fn check_literal_brace(&mut self, at: usize, in_run: bool) -> Res<()> {
        let after_escape = at >= 2
            && self.p[at - 2] == b'\\'
            && self.p[at - 1].is_ascii_alphabetic()
            && !(at >= 3 && self.p[at - 3] == b'\\');
        if after_escape {
            return self.fail_at("Unescaped left brace in regex is illegal here", at + 1);
        }
        if in_run || !self.brace_quiet {
            self.warn_at("regexp", b"Unescaped left brace in regex is passed through", at + 1);
        }
        Ok(())
    }
}

/// Adds to a sequence; characters that follow each other become one literal.
fn append(seq: &mut Vec<Node>, n: Node) {
    match n {
        Node::Empty => {}
        Node::Lit { cps, fold } => match seq.last_mut() {
            Some(Node::Lit { cps: prev, fold: pf }) if *pf == fold => prev.extend(cps),
            _ => seq.push(Node::Lit { cps, fold }),
        },
        Node::Concat(v) => v.into_iter().for_each(|n| append(seq, n)),
        n => seq.push(n),
    }
}

/// Unicode's Pattern_White_Space.
pub(crate) fn is_pattern_space(c: Cp) -> bool {
    matches!(c, 9..=13 | 0x20 | 0x85 | 0x200E | 0x200F | 0x2028 | 0x2029)
}
