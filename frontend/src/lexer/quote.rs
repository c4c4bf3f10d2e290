//! Delimited text and heredocs.
use super::{Lexer, count_newlines, memchr_newline, pairs};

/// The text between two delimiters.
#[derive(Clone, Debug)]
pub struct Delimited {
    pub body: Vec<u8>,
    /// Opening delimiter (its first byte if it is not ASCII).
    pub open: u8,
    pub close: u8,
    /// Line of the first byte of the body.
    pub line: u32,
    /// Offset of the body in the source.
    pub start: usize,
}

/// Closing delimiters of the ASCII brackets; every other delimiter closes itself.
pub fn closing(open: u8) -> u8 {
    match open {
        b'(' => b')',
        b'[' => b']',
        b'{' => b'}',
        b'<' => b'>',
        c => c,
    }
}

/// A heredoc operator as written.
#[derive(Clone, Debug)]
pub struct HeredocTag {
    pub tag: Vec<u8>,
    /// `'`: raw, `"`: interpolating, `` ` ``: command.
    pub quote: u8,
    /// `<<~`
    pub indent: bool,
}

impl Lexer {
    /// Reads delimited text; the current position is on the opening delimiter. Backslashes before delimiters
    /// are dropped unless `keep` (patterns keep them). `more`: the brackets of `extra_paired_delimiters` count.
    /// `Err` carries the closing delimiter that was missing.
    pub fn delimited(&mut self, keep: bool, utf8: bool, more: bool) -> Result<Delimited, Vec<u8>> {
        let (open, open_len) = self.delimiter_at(self.pos, utf8);
        let pair = if more { pairs::closing(&open, utf8) } else { None };
        let close: Vec<u8> = match pair {
            Some(c) => c,
            None if open_len == 1 => vec![closing(open[0])],
            None => open.clone(),
        };
        let nests = open != close;
        self.pos += open_len;
        let start = self.pos;
        let line = self.line();
        let mut body = Vec::new();
        let mut depth = 1;
        loop {
            if self.pos >= self.src.len() {
                self.pos = start;
                return Err(close);
            }
            let rest = &self.src[self.pos..];
            if rest[0] == b'\\' && rest.len() > 1 && open != b"\\" {
                let delim = [&open, &close].into_iter().find(|d| rest[1..].starts_with(d));
                match delim {
                    Some(d) if !keep => {
                        body.extend_from_slice(d);
                        self.pos += 1 + d.len();
                    }
                    Some(d) => {
                        body.extend_from_slice(&rest[..1 + d.len()]);
                        self.pos += 1 + d.len();
                    }
                    None => {
                        body.extend_from_slice(&rest[..2]);
                        self.pos += 2;
                    }
                }
                continue;
            }
            if rest.starts_with(&close) {
                depth -= 1;
                if depth == 0 {
                    self.pos += close.len();
                    let end = self.line();
                    if end > line {
                        let latin1 = |b: &[u8]| b.iter().map(|&c| c as char).collect();
                        let lossy = |b: &[u8]| String::from_utf8_lossy(b).into_owned();
                        let text = |b: &[u8]| if utf8 { lossy(b) } else { latin1(b) };
                        let (open, close) = (text(&open), text(&close));
                        self.multiline = Some(super::Multiline { start: line, end, open, close });
                    }
                    return Ok(Delimited { body, open: open[0], close: close[0], line, start });
                }
                body.extend_from_slice(&close);
                self.pos += close.len();
                continue;
            }
            if nests && rest.starts_with(&open) {
                depth += 1;
            }
            body.push(rest[0]);
            self.pos += 1;
        }
    }

    /// The delimiter at `pos` and its length.
    pub fn delimiter_at(&self, pos: usize, utf8: bool) -> (Vec<u8>, usize) {
        let c = self.at(pos);
        if c >= 0x80 && utf8 {
            let n = keshi_text::utf8::at(&self.src, pos).1;
            return (self.src[pos..pos + n].to_vec(), n);
        }
        (vec![c], 1)
    }

    /// At `<<`: reads the tag, if this is a heredoc operator. Leaves the position after the tag.
    pub fn heredoc_tag(&mut self, utf8: bool) -> Option<Result<HeredocTag, String>> {
        let mut p = self.pos + 2;
        let indent = self.at(p) == b'~';
        if indent {
            p += 1;
        }
        let mut q = p;
        while matches!(self.at(q), b' ' | b'\t') {
            q += 1;
        }
        let c = self.at(q);
        if matches!(c, b'"' | b'\'' | b'`') {
            let end = self.src[q + 1..].iter().position(|&x| x == c);
            let Some(n) = end else {
                return Some(Err("Unterminated delimiter for here document".into()));
            };
            let tag = self.src[q + 1..q + 1 + n].to_vec();
            self.pos = q + n + 2;
            return Some(Ok(HeredocTag { tag, quote: c, indent }));
        }
        let (quote, p) = if self.at(p) == b'\\' { (b'\'', p + 1) } else { (b'"', p) };
        if !self.ident_at(p, utf8) {
            return None;
        }
        let end = self.ident_end(p, utf8);
        self.pos = end;
        Some(Ok(HeredocTag { tag: self.src[p..end].to_vec(), quote, indent }))
    }

    /// Can a heredoc operator of this text find its body here?
    pub fn has_next_line(&self) -> bool {
        memchr_newline(&self.src, self.pos) < self.src.len()
    }

    /// Cuts the heredoc's body out of the text: body, the line it starts on and the delimiter's indentation.
    /// `None`: no terminator.
    pub fn take_heredoc(&mut self, tag: &HeredocTag) -> Option<(Vec<u8>, u32, Vec<u8>)> {
        let eol = memchr_newline(&self.src, self.pos);
        let first = eol + 1;
        let body_line = self.line_at(eol.min(self.src.len())) + 1;
        // The position after a removed heredoc has a mark of its own; `first` is then where it points.
        let body_line = if first <= self.src.len() { self.line_at(first) } else { body_line };
        let mut p = first;
        let mut body = Vec::new();
        loop {
            // An empty line ends a heredoc without a name at the end of the text, too.
            if p > self.src.len() || p == self.src.len() && !tag.tag.is_empty() {
                return None;
            }
            let end = memchr_newline(&self.src, p);
            let mut line = &self.src[p..end];
            let next = (end + 1).min(self.src.len());
            if line.last() == Some(&b'\r') {
                line = &line[..line.len() - 1];
            }
            let cmp = if tag.indent {
                // The name itself may start with space.
                let skip = line.len().saturating_sub(tag.tag.len());
                if line[..skip].iter().all(|c| matches!(c, b' ' | b'\t')) { &line[skip..] } else { line }
            } else {
                line
            };
            if cmp == tag.tag.as_slice() {
                let indent = line[..line.len() - cmp.len()].to_vec();
                let removed = count_newlines(&self.src[first..next]);
                let file = self.mark_file(first);
                self.src.drain(first..next);
                self.reset_mark(first, body_line + removed, file);
                return Some((body, body_line, indent));
            }
            body.extend_from_slice(line);
            body.extend_from_slice(if next > end { b"\n" } else { b"" });
            if next == end {
                return None;
            }
            p = next;
        }
    }

    fn mark_file(&self, pos: usize) -> crate::ast::Name {
        self.mark_for(pos).file.clone()
    }

    fn reset_mark(&mut self, pos: usize, line: u32, file: crate::ast::Name) {
        self.marks.retain(|m| m.pos < pos);
        self.marks.push(super::Mark { pos, line, file });
        self.cache.set((0, self.marks[0].line));
    }
}

/// Removes the delimiter's indentation from a `<<~` body. `Err` is the number of the first line that lacks it.
pub fn unindent(body: &[u8], indent: &[u8]) -> Result<Vec<u8>, usize> {
    let mut out = Vec::with_capacity(body.len());
    for (i, line) in body.split_inclusive(|&c| c == b'\n').enumerate() {
        if let Some(l) = line.strip_prefix(indent) {
            out.extend_from_slice(l);
        } else if line.iter().all(|c| matches!(c, b' ' | b'\t' | b'\n' | b'\r')) {
            let n = line.iter().take_while(|c| matches!(c, b' ' | b'\t')).count();
            out.extend_from_slice(&line[n..]);
        } else {
            return Err(i + 1);
        }
    }
    Ok(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lx(s: &str) -> Lexer {
        Lexer::new(s.as_bytes().to_vec(), "t".into(), 1, false)
    }

    #[test]
    fn brackets_nest() {
        let d = lx("{a{b}\\}c}x").delimited(false, false, false).unwrap();
        assert_eq!(d.body, b"a{b}}c");
    }

    #[test]
    fn heredocs_are_cut_out() {
        let mut l = lx("<<A . <<B;\na1\nA\nb1\nB\nnext");
        let a = l.heredoc_tag(false).unwrap().unwrap();
        assert_eq!(l.take_heredoc(&a).unwrap(), (b"a1\n".to_vec(), 2, vec![]));
        l.pos += 3;
        let b = l.heredoc_tag(false).unwrap().unwrap();
        assert_eq!(l.take_heredoc(&b).unwrap(), (b"b1\n".to_vec(), 4, vec![]));
        assert_eq!(l.rest(), b";\nnext");
        l.pos += 2;
        assert_eq!(l.line(), 6);
    }

    #[test]
    fn indentation() {
        assert_eq!(unindent(b"  a\n    b\n\n  c\n", b"  ").unwrap(), b"a\n  b\n\nc\n");
    }
}
