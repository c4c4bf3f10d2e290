//! Backslash escapes of strings, patterns and transliterations.
use super::interp::Interp;
use super::*;

/// What an escape stands for.
pub(crate) enum Escape {
    /// A code point written as octet value (`\n`, `\x{e9}`, `\351`).
    Point(u64),
    /// A character named by `\N{…}`: always Unicode text.
    Chars(PStr),
    /// Nothing special: the character after the backslash itself.
    Literal,
}

impl Parser<'_> {
    /// A backslash escape in an interpolating string.
    pub(crate) fn string_escape(&mut self, it: &mut Interp) -> PResult {
        let start = self.lx.pos;
        self.lx.pos += 1;
        if self.lx.eof() {
            it.piece.octet(b'\\');
            return Ok(());
        }
        match self.escape()? {
            Escape::Point(p) => it.piece.point(p),
            Escape::Chars(s) => it.piece.append(&s),
            Escape::Literal => {
                let c = self.lx.cur();
                if c.is_ascii_alphanumeric() {
                    let shown = c as char;
                    self.warn(warn::MISC, &format!("Unrecognized escape \\{shown} passed through"))?;
                }
                let n = if c >= 0x80 && self.utf8() {
                    crate::lexer::decode(self.lx.rest()).map_or(1, |(_, n)| n)
                } else {
                    1
                };
                let end = self.lx.pos + n;
                self.copy_raw(it, end);
                return Ok(());
            }
        }
        let text = self.lx.src[start..self.lx.pos].to_vec();
        it.piece.source.extend_from_slice(&text);
        Ok(())
    }

    /// Reads the escape after a backslash. For `Escape::Literal` nothing is consumed.
    pub(crate) fn escape(&mut self) -> PResult<Escape> {
        let c = self.lx.cur();
        let simple = match c {
            b'n' => 10,
            b't' => 9,
            b'r' => 13,
            b'f' => 12,
            b'b' => 8,
            b'a' => 7,
            b'e' => 27,
            b'0'..=b'7' => return Ok(Escape::Point(self.octal_digits(3))),
            b'x' => return self.hex_escape(),
            b'o' => return self.octal_escape(),
            b'c' => return self.control_escape(),
            b'N' => return self.named_escape(),
            _ => return Ok(Escape::Literal),
        };
        self.lx.pos += 1;
        Ok(Escape::Point(simple))
    }

    fn octal_digits(&mut self, max: usize) -> u64 {
        let mut v = 0;
        for _ in 0..max {
            let c = self.lx.cur();
            if !matches!(c, b'0'..=b'7') {
                break;
            }
            v = v * 8 + u64::from(c - b'0');
            self.lx.pos += 1;
        }
        v
    }

    fn hex_escape(&mut self) -> PResult<Escape> {
        self.lx.pos += 1;
        if self.lx.cur() == b'{' {
            let Some(text) = self.braced_text() else {
                self.error_within("Missing right brace on \\x{}")?;
                self.lx.pos = self.lx.src.len();
                return Ok(Escape::Point(0));
            };
            let (valid, bad) = digits(&text, 16);
            if let Some(c) = bad {
                let shown = valid.to_uppercase();
                self.ends_early("hex", c, "x", &format!("\\x{{{shown:0>2}}}"))?;
            }
            if valid.is_empty() {
                return Ok(Escape::Point(0));
            }
            return match u64::from_str_radix(&valid, 16) {
                Ok(v) if v <= i64::MAX as u64 => Ok(Escape::Point(v)),
                _ => self.too_large(&valid),
            };
        }
        let mut v = 0;
        for _ in 0..2 {
            let Some(d) = (self.lx.cur() as char).to_digit(16) else {
                let c = self.lx.cur();
                if c.is_ascii_graphic() && !self.lx.eof() {
                    let c = c as char;
                    self.ends_early("hex", c, "x", &format!("\\x{v:02X}{c}"))?;
                }
                break;
            };
            v = v * 16 + u64::from(d);
            self.lx.pos += 1;
        }
        Ok(Escape::Point(v))
    }

    /// Warns that a number ended before the end of its digits' place.
    fn ends_early(&mut self, kind: &str, c: char, letter: &str, resolved: &str) -> PResult {
        let text =
            format!("Non-{kind} character '{c}' terminates \\{letter} early.  Resolved as \"{resolved}\"");
        self.warn(warn::DIGIT, &text)
    }

    fn too_large<T>(&mut self, hex: &str) -> PResult<T> {
        let shown = hex.trim_start_matches('0').to_uppercase();
        self.fatal(&format!(
            "Use of code point 0x{shown} is not allowed; the permissible max is 0x7FFFFFFFFFFFFFFF"
        ))
    }

    fn octal_escape(&mut self) -> PResult<Escape> {
        self.lx.pos += 1;
        if self.lx.cur() != b'{' {
            self.error_within("Missing braces on \\o{}")?;
            return Ok(Escape::Point(0));
        }
        let Some(text) = self.braced_text() else {
            self.error_within("Missing right brace on \\o{}")?;
            self.lx.pos = self.lx.src.len();
            return Ok(Escape::Point(0));
        };
        let (digits, bad) = digits(&text, 8);
        if let (Some(c), false) = (bad, digits.is_empty()) {
            self.ends_early("octal", c, "o", &format!("\\o{{{digits:0>3}}}"))?;
        }
        if digits.is_empty() {
            self.error_within("Empty \\o{}")?;
            return Ok(Escape::Point(0));
        }
        match u64::from_str_radix(&digits, 8) {
            Ok(v) if v <= i64::MAX as u64 => Ok(Escape::Point(v)),
            Ok(v) => self.too_large(&format!("{v:X}")),
            Err(_) => self.too_large("FFFFFFFFFFFFFFFF"),
        }
    }

    fn control_escape(&mut self) -> PResult<Escape> {
        self.lx.pos += 1;
        if self.lx.eof() {
            self.error_within("Missing control char name in \\c")?;
            self.syntax_failed = true;
            return Err(Abort);
        }
        let c = self.lx.cur().to_ascii_uppercase();
        self.lx.pos += 1;
        if !(0x20..0x7f).contains(&c) {
            return self.fatal("Character following \"\\c\" must be printable ASCII");
        }
        Ok(Escape::Point(u64::from(c ^ 64)))
    }

    /// `\N{U+263A}` and `\N{name}`
    fn named_escape(&mut self) -> PResult<Escape> {
        self.lx.pos += 1;
        if self.lx.cur() != b'{' {
            self.error_within("Missing braces on \\N{}")?;
            return Ok(Escape::Point(0));
        }
        let Some(text) = self.braced_text() else {
            let more = if self.in_pattern { " or unescaped left brace after \\N" } else { "" };
            self.error_within(&format!("Missing right brace on \\N{{}}{more}"))?;
            self.lx.pos = self.lx.src.len();
            return Ok(Escape::Point(0));
        };
        let text = text.trim().to_string();
        if let Some(hex) = text.strip_prefix("U+") {
            let hex: String = hex.chars().filter(|&c| c != '_').collect();
            return match u64::from_str_radix(&hex, 16) {
                Ok(v) if v <= i64::MAX as u64 => {
                    let mut out = Vec::new();
                    keshi_text::utf8::encode(v, &mut out);
                    Ok(Escape::Chars(PStr::new(out, true)))
                }
                Ok(_) => self.too_large(&hex),
                Err(_) => self.fatal("Invalid hexadecimal number in \\N{U+...}"),
            };
        }
        if text.is_empty() {
            self.error_within("Unknown charname ''")?;
            return Ok(Escape::Point(0));
        }
        match self.with_ctx(|host, ctx| host.charname(&text, ctx), None)? {
            // A name asks for Unicode rules.
            Some(s) if !s.utf8 && !s.bytes.is_ascii() => {
                let text: String = s.bytes.iter().map(|&b| char::from(b)).collect();
                Ok(Escape::Chars(PStr::new(text.into_bytes(), true)))
            }
            Some(s) => Ok(Escape::Chars(s)),
            None => {
                self.error_within(&format!("Unknown charname '{text}'"))?;
                Ok(Escape::Point(0))
            }
        }
    }

    /// The text between braces at the current position; consumed with them.
    pub(crate) fn braced_text(&mut self) -> Option<String> {
        let n = self.lx.rest().iter().position(|&c| c == b'}')?;
        let text = &self.lx.rest()[1..n];
        let text = if self.utf8() {
            String::from_utf8_lossy(text).into_owned()
        } else {
            text.iter().map(|&b| char::from(b)).collect()
        };
        self.lx.pos += n + 1;
        Some(text)
    }
}

/// The digits at the start of the text between braces, single underscores between or before them left out; and the
/// character that ends them early.
fn digits(text: &str, radix: u32) -> (String, Option<char>) {
    let mut out = String::new();
    let mut rest = text.trim().chars().peekable();
    while let Some(c) = rest.next() {
        if c.is_digit(radix) {
            out.push(c);
        } else if c != '_' || !rest.peek().is_some_and(|n| n.is_digit(radix)) {
            return (out, Some(c));
        }
    }
    (out, None)
}
