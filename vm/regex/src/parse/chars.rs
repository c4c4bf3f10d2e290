//! Escapes that stand for characters, in and outside bracketed classes.

use super::{Parser, Res};
use crate::utf8::Cp;

/// A `\N{...}`.
pub(super) enum Named {
    Chars(Vec<Cp>),
}

impl Parser<'_, '_> {
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
        let Some(hex) = inner.strip_prefix(b"U+").filter(|h| !h.is_empty()) else {
            if inner == b"U+" {
                return self.fail_at("Invalid hexadecimal number in \\N{U+...}", end + 1);
            }
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
}

/// Without blanks around.
pub(super) fn trim_blanks(s: &[u8]) -> &[u8] {
    let is = |c: &u8| matches!(c, b' ' | b'\t');
    let a = s.iter().position(|c| !is(c)).unwrap_or(s.len());
    let b = s.iter().rposition(|c| !is(c)).map_or(a, |k| k + 1);
    &s[a..b]
}
