//! Backslash sequences outside bracketed classes, and the number escapes both places share.

use super::{Parser, Res, curly};
use crate::ast::{Assert, Bound, Class, ClassItem, Node, Posix};
use crate::flags::Charset;
use crate::utf8::Cp;

/// A `\N{...}`.
pub(super) enum Named {
    Chars(Vec<Cp>),
}

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
                // white space may stand between \N and a quantifier under /x
                let save = self.pos;
                if self.f.x {
                    while self.peek().is_some_and(|c| matches!(c, b' ' | b'\t' | b'\n' | b'\r' | 12)) {
                        self.pos += 1;
                    }
                }
                let braced = self.peek() == Some(b'{') && curly(self.p, self.pos).is_none();
                if !braced {
                    self.pos = save;
                    return Ok(Node::NotNl);
                }
                self.pos = save;
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
    fn reject_brace(&mut self) -> Res<()> {
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

    /// A backslash sequence that stands for one character; at the backslash.
    pub(super) fn char_escape(&mut self, in_class: bool) -> Res<Cp> {
        let start = self.pos;
        let Some(c) = self.byte_at(start + 1) else { return self.fail_plain("Trailing \\") };
        self.pos = start + 2;
        Ok(match c {
            b'n' => 10,
            b'r' => 13,
            b't' => 9,
            b'f' => 12,
            b'e' => 27,
            b'a' => 7,
            b'x' => self.hex_escape()?,
            b'o' => self.o_escape()?,
            b'c' => self.control_escape()?,
            b'0' => {
                self.pos = start + 1;
                let n = self.octal3();
                self.strict_octal(start)?;
                if self.pos - start < 4 && self.peek().is_some_and(|d| matches!(d, b'8' | b'9')) {
                    let d = char::from(self.p[self.pos]);
                    let text = format!(
                        "Non-octal character '{d}' terminates \\0 early.  Resolved as \"\\{n:03o}{d}\""
                    );
                    self.warn_at("digit", text.as_bytes(), self.pos + 1);
                }
                n
            }
            b'1'..=b'7' if in_class => {
                self.pos = start + 1;
                let n = self.octal3();
                self.strict_octal(start)?;
                n
            }
            _ => {
                self.pos = start + 1;
                let (cp, n) = self.cur_char();
                self.pos += n;
                let alnum = cp < 128 && (cp as u8).is_ascii_alphanumeric();
                if in_class {
                    if alnum {
                        let tail = if self.strict() { "" } else { " passed through" };
                        let text =
                            format!("Unrecognized escape \\{} in character class{tail}", char::from(c));
                        if self.strict() {
                            return self.fail(&text);
                        }
                        self.warn_at("regexp", text.as_bytes(), self.pos);
                    }
                } else if alnum {
                    self.reject_brace()?;
                    let shown = if c == b'{' || c.is_ascii_alphanumeric() {
                        char::from(c).to_string()
                    } else {
                        String::new()
                    };
                    // a following brace is shown with it
                    let text = format!("Unrecognized escape \\{shown} passed through");
                    self.warn_at("regexp", text.as_bytes(), self.pos);
                }
                cp
            }
        })
    }

    /// Under strict rules `\0` and the like take exactly three digits.
    fn strict_octal(&self, start: usize) -> Res<()> {
        if !self.strict() {
            return Ok(());
        }
        if self.pos - start < 4 {
            return self.fail_at("Need exactly 3 octal digits", self.pos + 1);
        }
        if self.peek().is_some_and(|c| c.is_ascii_digit()) {
            return self.fail_at("Need exactly 3 octal digits", self.pos + 2);
        }
        Ok(())
    }

    /// After `\x`.
    fn hex_escape(&mut self) -> Res<Cp> {
        if self.peek() != Some(b'{') {
            let start = self.pos;
            let mut n = 0;
            while self.pos < start + 2 {
                match self.peek().and_then(|c| char::from(c).to_digit(16)) {
                    Some(d) => n = n * 16 + Cp::from(d),
                    None => break,
                }
                self.pos += 1;
            }
            if self.strict() {
                match self.peek() {
                    Some(c)
                        if self.pos < start + 2 && !c.is_ascii_hexdigit() && c.is_ascii_alphanumeric() =>
                    {
                        return self.fail_at("Non-hex character", self.pos + 1);
                    }
                    Some(c) if self.pos == start + 2 && c.is_ascii_hexdigit() => {
                        return self.fail_at("Use \\x{...} for more than two hex characters", self.pos + 1);
                    }
                    _ => {}
                }
            }
            if self.pos < start + 2
                && let Some(c) = self.peek()
                && c.is_ascii_alphanumeric()
            {
                let text = format!(
                    "Non-hex character '{0}' terminates \\x early.  Resolved as \"\\x{n:02X}{0}\"",
                    char::from(c)
                );
                self.warn_at("digit", text.as_bytes(), self.pos);
            }
            return Ok(n);
        }
        self.braced_number('x', 16)
    }

    /// After `\o`.
    fn o_escape(&mut self) -> Res<Cp> {
        if self.peek() != Some(b'{') {
            return self.fail("Missing braces on \\o{}");
        }
        self.braced_number('o', 8)
    }

    fn braced_number(&mut self, letter: char, radix: u32) -> Res<Cp> {
        let open = self.pos;
        let is_digit = |c: u8| char::from(c).is_digit(radix);
        let Some(k) = memchr::memchr(b'}', &self.p[open..]) else {
            // marked after the digits there are
            let mut i = open + 1;
            while matches!(self.byte_at(i), Some(b' ' | b'\t')) {
                i += 1;
            }
            let d = i;
            while self.byte_at(i).is_some_and(is_digit) {
                i += 1;
            }
            let at = if i > d { i } else { open + 1 };
            return self.fail_at(&format!("Missing right brace on \\{letter}{{}}"), at);
        };
        let end = open + k;
        self.pos = end + 1;
        let digits = trim_blanks(&self.p[open + 1..end]);
        if digits.is_empty() {
            if letter == 'o' || self.strict() {
                return self.fail(&format!("Empty \\{letter}{{}}"));
            }
            return Ok(0);
        }
        let mut n: Cp = 0;
        let mut seen = 0;
        for (i, &c) in digits.iter().enumerate() {
            match char::from(c).to_digit(radix) {
                Some(d) => {
                    n = match n.checked_mul(Cp::from(radix)).and_then(|n| n.checked_add(Cp::from(d))) {
                        Some(n) if n <= crate::set::CP_MAX => n,
                        _ => return self.fail("Use of code point beyond the maximum of 0x7FFFFFFFFFFFFFFF"),
                    };
                    seen = i + 1;
                }
                // single underscores between digits are allowed
                None if c == b'_' && digits.get(i + 1).is_some_and(|&c| is_digit(c)) => {}
                None => {
                    let kind = if radix == 16 { "hex" } else { "octal" };
                    if self.strict() {
                        let lead =
                            self.p[open + 1..end].iter().take_while(|c| matches!(c, b' ' | b'\t')).count();
                        return self.fail_at(&format!("Non-{kind} character"), open + 1 + lead + i + 1);
                    }
                    let shown = if radix == 16 {
                        if n < 256 && seen <= 2 { format!("\\x{{{n:02X}}}") } else { format!("\\x{{{n:X}}}") }
                    } else {
                        format!("\\o{{{n:03o}}}")
                    };
                    let text = format!(
                        "Non-{kind} character '{}' terminates \\{letter} early.  Resolved as \"{shown}\"",
                        char::from(c)
                    );
                    self.warn_at("digit", text.as_bytes(), self.pos);
                    break;
                }
            }
        }
        Ok(n)
    }

    /// After `\c`.
    fn control_escape(&mut self) -> Res<Cp> {
        let c = match self.peek() {
            Some(c) if (0x20..0x7F).contains(&c) => c,
            _ => {
                let at = self.pos + self.char_len_at(self.pos);
                return self.fail_at("Character following \"\\c\" must be printable ASCII", at);
            }
        };
        self.pos += 1;
        if c == b'{' {
            return self.fail("Use \";\" instead of \"\\c{\"");
        }
        let v = c.to_ascii_uppercase() ^ 64;
        if (0x20..0x7F).contains(&v) {
            let ch = char::from(v);
            let plain = if v.is_ascii_alphanumeric() { ch.to_string() } else { format!("\\{ch}") };
            let text = format!("\"\\c{}\" is more clearly written simply as \"{plain}\"", char::from(c));
            self.warn_at("syntax", text.as_bytes(), self.pos);
        }
        Ok(Cp::from(v))
    }

    /// After `\N`, at the brace (or not).
    pub(super) fn named_char(&mut self, in_class: bool) -> Res<Named> {
        if self.peek() != Some(b'{') {
            if in_class {
                return self.fail("\\N in a character class must be a named character: \\N{...}");
            }
            return self.fail("Missing braces on \\N{}");
        }
        let open = self.pos;
        let Some(k) = memchr::memchr(b'}', &self.p[open..]) else {
            return self.fail_at("Missing right brace on \\N{}", open + 1);
        };
        let end = open + k;
        let inner = trim_blanks(&self.p[open + 1..end]);
        let Some(hex) = inner.strip_prefix(b"U+") else {
            if inner.is_empty() {
                self.pos = end + 1;
                if self.strict() {
                    return self.fail("Zero length \\N{}");
                }
                if in_class {
                    self.warn_at("regexp", b"Ignoring zero length \\N{} in character class", end + 1);
                }
                return Ok(Named::Chars(Vec::new()));
            }
            let name = inner.to_vec();
            return match self.host.charname(&name, self.utf8)? {
                Some(cps) => {
                    self.pos = end + 1;
                    Ok(Named::Chars(cps))
                }
                None => {
                    let mut text = b"Unknown charname '".to_vec();
                    text.extend_from_slice(&name);
                    text.push(b'\'');
                    self.fail_bytes(&text, end)
                }
            };
        };
        let mut cps = Vec::new();
        for part in hex.split(|&c| c == b'.') {
            let clean: Vec<u8> = part.iter().copied().filter(|&c| c != b'_').collect();
            let n = std::str::from_utf8(&clean).ok().and_then(|s| Cp::from_str_radix(s, 16).ok());
            match n {
                Some(n) if part.first().is_some_and(u8::is_ascii_hexdigit) => cps.push(n),
                _ => {
                    // marked after the digits that are good
                    let text = &self.p[open..end];
                    let from = text.windows(2).position(|w| w == b"U+").map_or(open, |k| open + k + 2);
                    let good =
                        self.p[from..end].iter().take_while(|c| c.is_ascii_hexdigit() || **c == b'.').count();
                    let at = if good == 0 { end + 1 } else { (from + good + 1).min(end + 1) };
                    return self.fail_at("Invalid hexadecimal number in \\N{U+...}", at);
                }
            }
        }
        self.pos = end + 1;
        Ok(Named::Chars(cps))
    }

    /// After `\p` or `\P`.
    pub(super) fn property(&mut self, negated: bool) -> Res<ClassItem> {
        let letter = if negated { 'P' } else { 'p' };
        let start = self.pos;
        let Some(c) = self.peek() else { return self.fail(&format!("Empty \\{letter}")) };
        let (name, at) = if c == b'{' {
            let Some(k) = memchr::memchr(b'}', &self.p[start..]) else {
                return self.fail_at(&format!("Missing right brace on \\{letter}{{}}"), start + 1);
            };
            let end = start + k;
            self.pos = end + 1;
            let inner = self.p[start + 1..end].to_vec();
            if inner.iter().all(u8::is_ascii_whitespace) {
                return self.fail_at(&format!("Empty \\{letter}{{}}"), start + 1);
            }
            (inner, end + 1)
        } else {
            if !c.is_ascii_alphabetic() {
                let text = format!(
                    "Character following \\{letter} must be '{{' or a single-character Unicode property name"
                );
                return self.fail_at(&text, start + self.char_len_at(start));
            }
            self.pos = start + 1;
            (vec![c], start + 1)
        };
        self.property_named(&name, negated, at)
    }

    fn property_named(&mut self, full: &[u8], negated: bool, at: usize) -> Res<ClassItem> {
        let mut negated = negated;
        let mut name = full;
        while let Some((&c, rest)) = name.split_first() {
            if c.is_ascii_whitespace() {
                name = rest;
            } else if c == b'^' {
                negated = !negated;
                name = rest;
            } else {
                break;
            }
        }
        let trimmed = trim_blanks(name);
        if let Some(user) = user_property_name(trimmed) {
            let fold = self.f.i;
            if let Some(text) = self.host.user_property(&user, fold)? {
                let set = crate::unicode::user::parse(&text, &user, &mut |n| {
                    crate::unicode::user::resolve_with_host(self.host, n, fold)
                })?;
                return Ok(ClassItem::Prop { set: std::sync::Arc::new(set), negated });
            }
        }
        match crate::unicode::property(trimmed, self.f.i) {
            Some(set) => Ok(ClassItem::Prop { set, negated }),
            None => {
                if let Some(user) = user_property_name(trimmed) {
                    let prop = std::sync::Arc::new(crate::ast::UserProp {
                        name: user,
                        fold: self.f.i,
                        set: std::sync::OnceLock::new(),
                    });
                    self.user_props.push(prop.clone());
                    return Ok(ClassItem::User { prop, negated });
                }
                let mut text = b"Can't find Unicode property definition \"".to_vec();
                text.extend_from_slice(trim_blanks(full));
                text.push(b'"');
                self.fail_bytes(&text, at)
            }
        }
    }
}

/// `IsFoo`, `InFoo`, `Pkg::IsFoo`: the name as it is looked up.
fn user_property_name(name: &[u8]) -> Option<Vec<u8>> {
    let last = name.windows(2).rposition(|w| w == b"::").map_or(0, |k| k + 2);
    let base = &name[last..];
    let ok = (base.starts_with(b"Is") || base.starts_with(b"In"))
        && name.iter().all(|&c| c.is_ascii_alphanumeric() || c == b'_' || c == b':' || c >= 0x80);
    ok.then(|| name.to_vec())
}

pub(super) fn trim_blanks(s: &[u8]) -> &[u8] {
    let is = |c: &u8| matches!(c, b' ' | b'\t');
    let a = s.iter().position(|c| !is(c)).unwrap_or(s.len());
    let b = s.iter().rposition(|c| !is(c)).map_or(a, |k| k + 1);
    &s[a..b]
}
