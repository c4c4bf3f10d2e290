//! Source text and the character-level part of lexing.
//!
//! Perl has no token stream of its own: what a character means depends on what the parser expects. So the
//! parser asks for the kind of token it wants at the current position; plain tokens (operators, identifiers,
//! numbers) are recognised by the logos scanners of [`raw`], delimited text by [`quote`].
//!
//! Laws
//! 1. `pos` always is a valid offset of `src`; reading at the end yields byte 0.
//! 2. Line numbers are computed from positions: a [`Mark`] restarts the count (`#line`, removed heredoc).
//! 3. A heredoc's body is removed from `src` when its operator is read, so every other scanner may run across
//!    line ends freely.
pub mod number;
pub mod pairs;
pub mod quote;
pub mod raw;

use crate::ast::Name;

/// From `pos` on, lines count from `line` in `file`.
#[derive(Clone, Debug)]
struct Mark {
    pos: usize,
    line: u32,
    file: Name,
}

#[derive(Clone, Debug)]
pub struct Lexer {
    pub src: Vec<u8>,
    pub pos: usize,
    marks: Vec<Mark>,
    cache: std::cell::Cell<(usize, u32)>,
    /// The text itself is UTF-8 flagged (string eval of a character string, `use utf8` literals).
    pub utf8: bool,
    /// Octets of the text are characters, whatever `use utf8` says (string eval under `unicode_eval`).
    pub characters: bool,
    /// Start offsets of the last three tokens, newest last: for `near "…"`.
    pub recent: [usize; 3],
    /// This text is the inside of a quote-like construct.
    pub nested: bool,
    /// Braces and square brackets open at the current position.
    pub brackets: u32,
    /// The text ends at this line end for now (argument line of a format); a token that crosses it moves it on.
    limit: Option<usize>,
    /// The last string that spans lines.
    pub multiline: Option<Multiline>,
}

/// A delimited text of more than one line, for a hint in error messages.
#[derive(Clone, Debug)]
pub struct Multiline {
    pub start: u32,
    pub end: u32,
    pub open: String,
    pub close: String,
}

pub fn is_word_start(c: u8) -> bool {
    c == b'_' || c.is_ascii_alphabetic()
}

pub fn is_word(c: u8) -> bool {
    c == b'_' || c.is_ascii_alphanumeric()
}

pub fn is_space(c: u8) -> bool {
    matches!(c, b' ' | b'\t' | b'\n' | b'\r' | 0x0b | 0x0c)
}

impl Lexer {
    pub fn new(src: Vec<u8>, file: Name, line: u32, utf8: bool) -> Lexer {
        let marks = vec![Mark { pos: 0, line, file }];
        let cache = std::cell::Cell::new((0, line));
        Lexer {
            src,
            pos: 0,
            marks,
            cache,
            utf8,
            characters: false,
            recent: [0; 3],
            nested: false,
            brackets: 0,
            limit: None,
            multiline: None,
        }
    }

    pub fn at(&self, pos: usize) -> u8 {
        self.src.get(pos).copied().unwrap_or(0)
    }

    pub fn cur(&self) -> u8 {
        self.at(self.pos)
    }

    pub fn peek(&self, n: usize) -> u8 {
        self.at(self.pos + n)
    }

    pub fn rest(&self) -> &[u8] {
        &self.src[self.pos.min(self.src.len())..]
    }

    pub fn eof(&self) -> bool {
        self.pos >= self.src.len() || self.at_limit()
    }

    fn at_limit(&self) -> bool {
        self.limit.is_some_and(|l| self.pos == l || self.pos > l && self.cur() == b'\n')
    }

    /// Makes the end of the current line the end of the text, or lifts that.
    pub fn limit_to_line(&mut self, on: bool) {
        self.limit = on.then(|| memchr_newline(&self.src, self.pos));
    }

    pub fn looking_at(&self, s: &str) -> bool {
        self.rest().starts_with(s.as_bytes())
    }

    pub fn file(&self) -> Name {
        self.mark_for(self.pos).file.clone()
    }

    pub fn file_at(&self, pos: usize) -> Name {
        self.mark_for(pos).file.clone()
    }

    /// Did a `#line` directive take effect?
    pub fn renumbered(&self) -> bool {
        self.marks.len() > 1
    }

    fn mark_for(&self, pos: usize) -> &Mark {
        let i = self.marks.partition_point(|m| m.pos <= pos);
        &self.marks[i.saturating_sub(1)]
    }

    pub fn line(&self) -> u32 {
        self.line_at(self.pos)
    }

    pub fn line_at(&self, pos: usize) -> u32 {
        let pos = pos.min(self.src.len());
        let mark = self.mark_for(pos);
        let (cpos, cline) = self.cache.get();
        let (from, base) =
            if cpos >= mark.pos && cpos <= pos { (cpos, cline) } else { (mark.pos, mark.line) };
        let line = base + count_newlines(&self.src[from..pos]);
        self.cache.set((pos, line));
        line
    }

    /// From `pos` on, the line is `line` (of `file`, if given).
    pub fn add_mark(&mut self, pos: usize, line: u32, file: Option<Name>) {
        let file = file.unwrap_or_else(|| self.mark_for(pos).file.clone());
        self.marks.retain(|m| m.pos < pos);
        self.marks.push(Mark { pos, line, file });
        self.cache.set((pos, line));
    }

    /// Notes that a token starts here.
    pub fn token_start(&mut self) {
        if self.recent[2] != self.pos {
            self.recent = [self.recent[1], self.recent[2], self.pos];
        }
    }

    /// Skips white space and comments; `#line` directives take effect.
    pub fn skip_space(&mut self) {
        loop {
            match self.cur() {
                _ if self.eof() => return,
                b'#' => self.skip_comment(),
                c if is_space(c) => self.pos += 1,
                _ => return,
            }
        }
    }

    fn skip_comment(&mut self) {
        let start = self.pos;
        let end = memchr_newline(&self.src, start);
        if self.limit == Some(end) {
            self.pos = end;
            return;
        }
        self.pos = (end + 1).min(self.src.len());
        if (start == 0 || self.src[start - 1] == b'\n')
            && let Some((line, file)) = parse_line_directive(&self.src[start..end])
        {
            self.add_mark(self.pos, line, file.map(|f| f.as_str().into()));
        }
    }

    pub fn skip_to_eol(&mut self) {
        self.pos = memchr_newline(&self.src, self.pos);
    }

    /// At a statement start: skips white space, comments and pod.
    pub fn skip_space_and_pod(&mut self) {
        loop {
            self.skip_space();
            let line_start = self.pos == 0 || self.src[self.pos - 1] == b'\n';
            if self.cur() != b'=' || !line_start || !self.peek(1).is_ascii_alphabetic() {
                return;
            }
            self.skip_pod();
        }
    }

    fn skip_pod(&mut self) {
        loop {
            let end = memchr_newline(&self.src, self.pos);
            let line = &self.src[self.pos..end];
            let cut = line.starts_with(b"=cut") && !line.get(4).is_some_and(|&c| is_word(c));
            self.pos = (end + 1).min(self.src.len());
            if cut || self.eof() {
                return;
            }
        }
    }

    /// Length in bytes of the identifier character at `pos`, 0 if there is none.
    pub fn ident_len(&self, pos: usize, start: bool, utf8: bool) -> usize {
        let c = self.at(pos);
        if c < 0x80 {
            return usize::from(if start { is_word_start(c) } else { is_word(c) });
        }
        if !utf8 {
            return 0;
        }
        match decode(&self.src[pos..]) {
            Some((ch, n)) if start && unicode_ident::is_xid_start(ch) && !is_excluded(ch) => n,
            Some((ch, n)) if !start && unicode_ident::is_xid_continue(ch) && !is_excluded(ch) => n,
            _ => 0,
        }
    }

    /// Does an identifier start at `pos`?
    pub fn ident_at(&self, pos: usize, utf8: bool) -> bool {
        self.ident_len(pos, true, utf8) > 0
    }

    /// The end of the plain identifier (no package separators) that starts at `pos`.
    pub fn ident_end(&self, mut pos: usize, utf8: bool) -> usize {
        loop {
            match self.ident_len(pos, false, utf8) {
                0 => return pos,
                n => pos += n,
            }
        }
    }

    /// Scans a word with package separators from `pos`: its normalised name and its end. `apos` says whether
    /// `'` separates packages. `Foo::` keeps its trailing separator.
    pub fn scan_word(&self, mut pos: usize, utf8: bool, apos: bool) -> (String, usize) {
        let mut name = String::new();
        loop {
            let end = self.ident_end(pos, utf8);
            name.push_str(&String::from_utf8_lossy(&self.src[pos..end]));
            pos = end;
            if self.at(pos) == b':' && self.at(pos + 1) == b':' && self.at(pos + 2) != b'$' {
                name.push_str("::");
                pos += 2;
            } else if apos && self.at(pos) == b'\'' && self.ident_at(pos + 1, utf8) {
                name.push_str("::");
                pos += 1;
            } else {
                return (name, pos);
            }
        }
    }
}

/// What is no identifier character to perl 5.42: symbols that Unicode lists for compatibility, and characters
/// younger than Unicode 16.
fn is_excluded(c: char) -> bool {
    matches!(c as u32, 0x2118 | 0x212e
        | 0x558 | 0x58b..=0x58c | 0x88f | 0xc5c | 0xcdc | 0x208f | 0x209d..=0x209f | 0xa7ce..=0xa7cf | 0xa7d2
        | 0xa7d4 | 0xa7dd | 0xa7e2 | 0xa7f1 | 0xab6c..=0xab6d | 0x10940..=0x1095f | 0x11db0..=0x11def
        | 0x16ea0..=0x16ed3 | 0x1e6c0..=0x1e6ff | 0x2b73a..=0x2b73f | 0x2cea2..=0x2cead | 0x323b0..=0x33479)
}

/// The character at the start of UTF-8 text.
pub fn decode(b: &[u8]) -> Option<(char, usize)> {
    let n = match b.first()? {
        0..=0x7f => 1,
        0xc2..=0xdf => 2,
        0xe0..=0xef => 3,
        0xf0..=0xf4 => 4,
        _ => return None,
    };
    let s = std::str::from_utf8(b.get(..n)?).ok()?;
    s.chars().next().map(|c| (c, n))
}

pub fn count_newlines(b: &[u8]) -> u32 {
    b.iter().filter(|&&c| c == b'\n').count() as u32
}

/// Offset of the next newline from `from`, or the end of the text.
pub fn memchr_newline(src: &[u8], from: usize) -> usize {
    src[from.min(src.len())..].iter().position(|&c| c == b'\n').map_or(src.len(), |i| from + i)
}

/// `# line 12 "file"`
pub fn parse_line_directive(text: &[u8]) -> Option<(u32, Option<String>)> {
    let text = std::str::from_utf8(text).ok()?;
    let rest = text.strip_prefix('#')?.trim_start_matches([' ', '\t']).strip_prefix("line")?;
    if !rest.starts_with([' ', '\t']) {
        return None;
    }
    let rest = rest.trim_start_matches([' ', '\t']);
    let digits = rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len());
    let line: u32 = rest[..digits].parse().ok()?;
    let tail = &rest[digits..];
    if !tail.is_empty() && !tail.starts_with([' ', '\t', '\r', '\x0c']) {
        return None;
    }
    let tail = tail.trim_matches([' ', '\t', '\r', '\x0c']);
    if tail.is_empty() {
        return Some((line, None));
    }
    // A quote that is never closed is part of the name.
    if let Some((name, after)) = tail.strip_prefix('"').and_then(|q| q.split_once('"')) {
        return after.trim().is_empty().then(|| (line, Some(name.to_string())));
    }
    (!tail.contains([' ', '\t'])).then(|| (line, Some(tail.to_string())))
}
