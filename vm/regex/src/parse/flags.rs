//! Inline modifiers: `(?i-x)`, `(?^aa:...)`.

use super::group::wrap;
use super::{Parser, Res};
use crate::ast::Node;
use crate::flags::Charset;

impl Parser<'_, '_> {
    /// Just after `(?`; `seq` is the position after the `?`.
    pub(super) fn inline_modifiers(&mut self, open: usize, seq: usize) -> Res<(Node, bool)> {
        let mut negative = false;
        let mut caret = false;
        let mut charset_letter: Option<u8> = None;
        let mut warned_ocg = 0u8;
        if self.peek() == Some(b'^') {
            caret = true;
            self.pos += 1;
            self.f.i = false;
            self.f.m = false;
            self.f.s = false;
            self.f.x = false;
            self.f.xx = false;
            self.f.n = false;
            // the default set is Unicode for a pattern under Unicode rules
            self.f.charset = if self.flags.utf8_pattern || self.uni_semantics() {
                Charset::Unicode
            } else {
                Charset::Depends
            };
        }
        let mut x_seen = 0;
        while let Some(c) = self.peek() {
            match c {
                b'i' => self.f.i = !negative,
                b'm' => self.f.m = !negative,
                b's' => self.f.s = !negative,
                b'n' => self.f.n = !negative,
                b'x' => {
                    if negative {
                        self.f.x = false;
                        self.f.xx = false;
                    } else {
                        x_seen += 1;
                        self.f.x = true;
                        self.f.xx = x_seen > 1;
                    }
                }
                b'p' => {
                    if negative {
                        self.warn_at("regexp", b"Useless use of (?-p)", self.pos + 1);
                    } else {
                        self.flags.p = true;
                    }
                }
                b'a' | b'd' | b'l' | b'u' => {
                    if negative {
                        let text =
                            format!("Regexp modifier \"{}\" may not appear after the \"-\"", char::from(c));
                        return self.fail_at(&text, self.pos + 1);
                    }
                    self.charset_modifier(c, &mut charset_letter, caret)?;
                }
                b'o' | b'g' | b'c' => {
                    let bit = if c == b'o' { 1 } else { 2 };
                    if warned_ocg & bit == 0 {
                        warned_ocg |= bit;
                        self.warn_useless(c, negative);
                    }
                }
                b'-' => {
                    if caret || negative {
                        return self.not_recognized(open);
                    }
                    negative = true;
                }
                b':' => {
                    self.pos += 1;
                    let n = self.alternation()?;
                    self.close(open)?;
                    return Ok((wrap(n), false));
                }
                b')' => {
                    self.pos += 1;
                    if self.pos == seq + 1 && self.flags.strict {
                        self.warn_at("regexp", b"Empty (?) without any modifiers", self.pos - 1);
                    }
                    return Ok((Node::Empty, true));
                }
                _ => return self.not_recognized(open),
            }
            self.pos += 1;
        }
        self.fail("Sequence (?... not terminated")
    }

    fn uni_semantics(&self) -> bool {
        self.flags.charset == Charset::Unicode
    }

    fn not_recognized<T>(&mut self, open: usize) -> Res<T> {
        let at = self.pos + self.char_len_at(self.pos);
        let mut text = b"Sequence (".to_vec();
        text.extend_from_slice(&self.p[open + 1..at]);
        text.extend_from_slice(b"...) not recognized");
        self.fail_bytes(&text, at)
    }

    fn charset_modifier(&mut self, c: u8, seen: &mut Option<u8>, caret: bool) -> Res<()> {
        let at = self.pos + 1;
        if caret && c == b'd' {
            let text = b"Sequence (?^d...) not recognized".to_vec();
            return self.fail_bytes(&text, at);
        }
        match *seen {
            None => {}
            Some(b'a') if c == b'a' => {
                if self.f.charset == Charset::AsciiRestrict {
                    return self.fail_at("Regexp modifier \"a\" may appear a maximum of twice", at);
                }
                self.f.charset = Charset::AsciiRestrict;
                return Ok(());
            }
            Some(prev) if prev == c => {
                return self
                    .fail_at(&format!("Regexp modifier \"{}\" may not appear twice", char::from(c)), at);
            }
            // "a" given once may only be repeated
            Some(b'a') => {
                return self.fail_at("Regexp modifier \"a\" may appear a maximum of twice", at);
            }
            Some(prev) => {
                let text = format!(
                    "Regexp modifiers \"{}\" and \"{}\" are mutually exclusive",
                    char::from(prev),
                    char::from(c)
                );
                return self.fail_at(&text, at);
            }
        }
        *seen = Some(c);
        self.f.charset = match c {
            b'a' => Charset::Ascii,
            b'l' => Charset::Locale,
            b'u' => Charset::Unicode,
            _ if self.flags.utf8_pattern || self.uni_semantics() => Charset::Unicode,
            _ => Charset::Depends,
        };
        Ok(())
    }

    fn warn_useless(&mut self, c: u8, negative: bool) {
        let ch = char::from(c);
        let shown = if c == b'c' {
            "gc"
        } else if c == b'o' {
            "o"
        } else {
            "g"
        };
        let text = if negative {
            format!("Useless (?-{ch}) - don't use /{shown} modifier")
        } else {
            format!("Useless (?{ch}) - use /{shown} modifier")
        };
        self.warn_at("regexp", text.as_bytes(), self.pos + 1);
    }
}
