//! Backslash sequences outside bracketed classes, and the number escapes both places share.

use super::chars::{Named, trim_blanks};
use super::{Parser, Res, curly};
use crate::ast::{Assert, Bound, Class, Node, Posix};
use crate::flags::Charset;
use crate::utf8::Cp;

impl Parser<'_, '_> {
    /// At the backslash.
    pub(super) fn escape(&mut self) -> Res<Node> {
        let start = self.pos;
        let Some(c) = self.byte_at(start + 1) else { return self.fail_plain("Trailing \\") };
        let cs = self.f.charset;
        self.pos = start + 2;
        let posix = |k, neg| Ok(Class::posix(k, neg, cs));
        match c {
            b'A' => self.plain_assert(Node::Assert(Assert::Start)),
            b'z' => self.plain_assert(Node::Assert(Assert::End)),
            b'Z' => self.plain_assert(Node::Assert(Assert::EndNl)),
            b'G' => self.plain_assert(Node::Assert(Assert::Pos)),
            b'K' => {
                if self.in_look > 0 {
                    return self.fail("\\K not permitted in lookahead/lookbehind");
                }
                self.plain_assert(Node::Keep)
            }
            b'b' | b'B' => self.boundary(c == b'B'),
            b'd' | b'D' => self.class_escape(posix(Posix::Digit, c == b'D')),
            b'w' | b'W' => self.class_escape(posix(Posix::Word, c == b'W')),
            b's' | b'S' => self.class_escape(posix(Posix::Space, c == b'S')),
            b'h' | b'H' => self.class_escape(posix(Posix::Horiz, c == b'H')),
            b'v' | b'V' => self.class_escape(posix(Posix::Vert, c == b'V')),
            b'R' => self.plain_assert(Node::Newline),
            b'X' => self.plain_assert(Node::Cluster),
            b'C' => self.fail("\\C no longer supported"),
            b'N' => {
                // comments (and white space under /x) may stand between \N and a quantifier, but not a name
                let save = self.pos;
                self.skip_ignored()?;
                let braced = self.peek() == Some(b'{') && curly(self.p, self.pos).is_none();
                let apart = self.pos != save;
                self.pos = save;
                if !braced {
                    return Ok(Node::NotNl);
                }
                if apart {
                    return self.fail("Missing braces on \\N{}");
                }
                let Named::Chars(cps) = self.named_char(false)?;
                self.require_unicode()?;
                Ok(match cps.len() {
                    0 => Node::Empty,
                    1 => Node::Lit { cps, fold: self.fold() },
                    _ => Node::Concat(vec![Node::Lit { cps, fold: self.fold() }]),
                })
            }
            b'p' | b'P' => {
                let item = self.property(c == b'P')?;
                self.require_unicode()?;
                Ok(Node::Class(Box::new(Class {
                    negated: false,
                    items: vec![item],
                    fold: self.f.i,
                    charset: self.f.charset,
                    strings: Vec::new(),
                })))
            }
            b'k' => self.k_backref(),
            b'g' => self.g_backref(),
            b'1'..=b'9' => {
                let save = self.pos;
                self.pos = start + 1;
                let n = self.digits();
                let many = self.pos - start > 2;
                let count = self.total.unwrap_or(self.npar);
                if many && n.is_none_or(|n| n > count) {
                    if self.total.is_none() {
                        self.need_total = true;
                    }
                    // \10 and up are octal when there are not that many groups
                    if c <= b'7' {
                        self.pos = save - 1;
                        return self.octal_literal();
                    }
                }
                match n {
                    Some(n) => self.backref(n),
                    None => self.fail("Reference to nonexistent group"),
                }
            }
            _ => {
                self.pos = start;
                let cp = self.char_escape(false)?;
                self.note_cp(cp)?;
                let node = Node::Lit { cps: vec![cp], fold: self.fold() };
                Ok(node)
            }
        }
    }

    fn octal_literal(&mut self) -> Res<Node> {
        let cp = self.octal3();
        Ok(Node::Lit { cps: vec![cp], fold: self.fold() })
    }

    /// Up to three octal digits.
    pub(super) fn octal3(&mut self) -> Cp {
        let mut n = 0;
        let mut k = 0;
        while k < 3 {
            match self.peek() {
                Some(d @ b'0'..=b'7') => n = n * 8 + Cp::from(d - b'0'),
                _ => break,
            }
            self.pos += 1;
            k += 1;
        }
        n
    }

    fn plain_assert(&mut self, n: Node) -> Res<Node> {
        self.reject_brace()?;
        Ok(n)
    }

    fn class_escape(&mut self, n: Res<Node>) -> Res<Node> {
        self.reject_brace()?;
        n
    }

    /// `\w{` and the like, where the brace begins no quantifier.
    pub(super) fn reject_brace(&mut self) -> Res<()> {
        if self.peek() == Some(b'{') && curly(self.p, self.pos).is_none() {
            return self.fail_at("Unescaped left brace in regex is illegal here", self.pos + 1);
        }
        Ok(())
    }

    fn boundary(&mut self, negated: bool) -> Res<Node> {
        let letter = if negated { 'B' } else { 'b' };
        if self.peek() != Some(b'{') || curly(self.p, self.pos).is_some() {
            return Ok(Node::Bound { kind: Bound::Word, negated, charset: self.f.charset });
        }
        let open = self.pos;
        let Some(k) = memchr::memchr(b'}', &self.p[open..]) else {
            return self.fail_at(&format!("Missing right brace on \\{letter}{{}}"), open + 1);
        };
        let end = open + k;
        let inner = trim_blanks(&self.p[open + 1..end]);
        if inner.is_empty() {
            return self.fail_at(&format!("Empty \\{letter}{{}}"), end + 1);
        }
        let kind = match inner {
            b"gcb" | b"g" => Bound::Grapheme,
            b"lb" => Bound::Line,
            b"sb" => Bound::Sentence,
            b"wb" => Bound::WordTr29,
            _ => {
                let mut text = vec![b'\''];
                text.extend_from_slice(inner);
                text.extend_from_slice(b"' is an unknown bound type");
                let trailing =
                    self.p[open + 1..end].iter().rev().take_while(|c| matches!(c, b' ' | b'\t')).count();
                return self.fail_bytes(&text, end - trailing);
            }
        };
        self.pos = end + 1;
        self.require_unicode()?;
        if matches!(self.f.charset, Charset::Ascii | Charset::AsciiRestrict) {
            let m = if self.f.charset == Charset::Ascii { "a" } else { "aa" };
            let mut text = b"Using /u for '".to_vec();
            text.extend_from_slice(&self.p[open - 2..end + 1]);
            text.extend_from_slice(format!("' instead of /{m}").as_bytes());
            self.warn_at("regexp", &text, self.pos);
        }
        Ok(Node::Bound { kind, negated, charset: Charset::Unicode })
    }

    fn backref(&mut self, n: u32) -> Res<Node> {
        self.pending.push((n, self.pos));
        Ok(Node::Backref { groups: self.groups_numbered(n), fold: self.fold() })
    }

    fn k_backref(&mut self) -> Res<Node> {
        let Some(open @ (b'<' | b'\'' | b'{')) = self.peek() else {
            return self.fail("Sequence \\k... not terminated");
        };
        let close = match open {
            b'<' => b'>',
            b'{' => b'}',
            _ => b'\'',
        };
        self.pos += 1;
        let intro = format!("Sequence \\k{}... not terminated", char::from(open));
        if open == b'{' {
            self.skip_blanks();
        }
        if self.eof() {
            return self.fail(&intro);
        }
        let name = self.scan_name()?;
        let name_end = self.pos;
        if open == b'{' {
            self.skip_blanks();
        }
        if self.peek() != Some(close) {
            return self.fail(&intro);
        }
        self.pos += 1;
        self.named_backref(name, name_end)
    }

    fn skip_blanks(&mut self) {
        while matches!(self.peek(), Some(b' ' | b'\t')) {
            self.pos += 1;
        }
    }

    fn g_backref(&mut self) -> Res<Node> {
        let braced = self.peek() == Some(b'{');
        if braced {
            self.pos += 1;
            self.skip_blanks();
        }
        let not_terminated = "Sequence \\g{... not terminated";
        if self.eof() {
            return if braced { self.fail(not_terminated) } else { self.fail("Unterminated \\g... pattern") };
        }
        let mut relative = false;
        let mut forward = false;
        match self.peek() {
            Some(b'-') => {
                relative = true;
                self.pos += 1;
            }
            Some(b'+') if braced => {
                relative = true;
                forward = true;
                self.pos += 1;
            }
            _ => {}
        }
        if !self.peek().is_some_and(|c| c.is_ascii_digit()) {
            if !braced {
                return self.fail("Unterminated \\g... pattern");
            }
            if relative {
                return self.fail("Group name must start with a non-digit word character");
            }
            let name = self.scan_name()?;
            let at = self.pos;
            self.skip_blanks();
            if self.peek() != Some(b'}') {
                return self.fail(not_terminated);
            }
            self.pos += 1;
            return self.named_backref(name, at);
        }
        let s = self.pos;
        let n = self.digits();
        let digits_end = self.pos;
        if braced {
            self.skip_blanks();
            match self.peek() {
                Some(b'}') => self.pos += 1,
                None => return self.fail_at("Unterminated \\g{...} pattern", digits_end),
                Some(_) => return self.fail(not_terminated),
            }
        }
        let Some(n) = n else { return self.fail_at("Reference to nonexistent group", s) };
        if n == 0 {
            return self.fail_at("Reference to invalid group 0", s);
        }
        let n = if relative {
            if forward {
                self.npar + n
            } else if n > self.npar {
                return self.fail_at("Reference to nonexistent or unclosed group", s);
            } else {
                self.npar - n + 1
            }
        } else {
            n
        };
        self.backref(n)
    }
}
