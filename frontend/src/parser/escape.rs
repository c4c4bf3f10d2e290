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
            let digits: String = text.trim().chars().filter(|&c| c != '_').collect();
            let valid: String = digits.chars().take_while(char::is_ascii_hexdigit).collect();
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
            let Some(d) = (self.lx.cur() as char).to_digit(16) else { break };
            v = v * 16 + u64::from(d);
            self.lx.pos += 1;
        }
        Ok(Escape::Point(v))
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
        let digits: String =
            text.trim().chars().filter(|&c| c != '_').take_while(|c| c.is_digit(8)).collect();
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
            return self.fatal("Missing control char name in string");
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
                    super::term::push_utf8(&mut out, v);
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
        let text = String::from_utf8_lossy(&self.lx.rest()[1..n]).into_owned();
        self.lx.pos += n + 1;
        Some(text)
    }
}
