//! Bracketed character classes.

use super::chars::Named;
use super::{Parser, Res};
use crate::ast::{Class, ClassItem, Node, Posix};
use crate::utf8::Cp;

/// One thing read inside brackets.
enum Elem {
    Char(Cp),
    Set(ClassItem),
    /// Several characters from one `\N{}`.
    Seq(Vec<Cp>),
    Nothing,
}

impl Parser<'_, '_> {
    /// At `[`.
    pub(super) fn bracketed(&mut self) -> Res<Node> {
        self.warn_posix_outside();
        let class = self.class_body()?;
        // one character is a literal: under /i it may be part of what a longer fold matches
        if let [ClassItem::Range(a, b)] = class.items[..]
            && a == b
            && !class.negated
            && class.strings.is_empty()
            && crate::unicode::fold::full(a).as_slice().len() == 1
        {
            return Ok(Node::Lit { cps: vec![a], fold: class.fold.then_some(class.charset) });
        }
        Ok(Node::Class(Box::new(class)))
    }

    /// At `[`; also used for the operands of `(?[ ])`.
    pub(super) fn class_body(&mut self) -> Res<Class> {
        let open = self.pos;
        self.pos += 1;
        let mut class = Class {
            negated: false,
            items: Vec::new(),
            fold: self.f.i,
            charset: self.f.charset,
            strings: Vec::new(),
        };
        self.class_blanks();
        if self.peek() == Some(b'^') {
            class.negated = true;
            self.pos += 1;
            self.class_blanks();
        }
        let mut first = true;
        // the character before the last one, and where it starts
        let (mut before, mut last) = (None, None);
        loop {
            self.class_blanks();
            match self.peek() {
                None => return self.unmatched_class(open, &class, before),
                Some(b']') if !first => {
                    self.pos += 1;
                    break;
                }
                _ => {}
            }
            first = false;
            let elem_start = self.pos;
            let elem = self.class_element(open)?;
            before = last;
            last = match elem {
                Elem::Char(c) => Some((elem_start, c)),
                _ => None,
            };
            self.class_blanks();
            // a range?
            if self.peek() == Some(b'-') && self.byte_at(self.pos + 1).is_some_and(|c| c != b']') {
                let dash = self.pos;
                self.pos += 1;
                self.class_blanks();
                if self.peek() == Some(b']') || self.eof() {
                    self.pos = dash;
                    self.put_element(&mut class, elem)?;
                    continue;
                }
                self.class_range(&mut class, elem, elem_start, dash, open)?;
                continue;
            }
            self.put_element(&mut class, elem)?;
        }
        Ok(class)
    }

    /// The class has no end. With a character in it whose fold is longer, perl reads the class a second time with
    /// a `)` behind it, which a `-` at the end then makes the end of a range.
    fn unmatched_class<T>(&self, open: usize, class: &Class, before: Option<(usize, Cp)>) -> Res<T> {
        let long = |i: &ClassItem| matches!(i, ClassItem::Range(a, b) if a == b && crate::unicode::fold::full(*a).as_slice().len() > 1);
        if let Some((start, c)) = before
            && self.p.ends_with(b"-")
            && c > Cp::from(b')')
            && class.fold
            && !class.negated
            && class.items.iter().any(long)
        {
            let text = [b"Invalid [] range \"", &self.p[start..], b")\""].concat();
            return self.fail_bytes(&text, self.p.len());
        }
        self.fail_at("Unmatched [", open + 1)
    }

    /// Under `/xx` blanks in a class mean nothing.
    fn class_blanks(&mut self) {
        if self.f.xx {
            while matches!(self.peek(), Some(b' ' | b'\t')) {
                self.pos += 1;
            }
        }
    }

    fn put_element(&mut self, class: &mut Class, e: Elem) -> Res<()> {
        match e {
            Elem::Char(c) => {
                self.note_cp(c)?;
                class.items.push(ClassItem::Range(c, c));
            }
            Elem::Set(i) => class.items.push(i),
            Elem::Seq(s) => {
                if self.strict() {
                    return self.fail_at("\\N{} here is restricted to one character", self.pos - 1);
                }
                if class.negated {
                    self.warn_at(
                        "regexp",
                        b"Using just the first character returned by \\N{} in character class",
                        self.pos,
                    );
                    class.items.push(ClassItem::Range(s[0], s[0]));
                } else {
                    class.strings.push(s);
                }
            }
            Elem::Nothing => {}
        }
        Ok(())
    }

    fn class_range(
        &mut self,
        class: &mut Class,
        lo: Elem,
        start: usize,
        dash: usize,
        open: usize,
    ) -> Res<()> {
        let lo_char = match &lo {
            Elem::Char(c) => Some(*c),
            _ => None,
        };
        let Some(lo_char) = lo_char else {
            // [\w-x]: the dash is literal
            self.false_range(start, dash + 1)?;
            self.put_element(class, lo)?;
            class.items.push(ClassItem::Range(Cp::from(b'-'), Cp::from(b'-')));
            self.pos = dash + 1;
            return Ok(());
        };
        if self.peek() == Some(b'[') && super::posix::posix_at(self.p, self.pos).is_some() {
            // [a-[:digit:]]
            let item = self.class_element(open)?;
            self.false_range(start, self.pos)?;
            self.put_element(class, lo)?;
            class.items.push(ClassItem::Range(Cp::from(b'-'), Cp::from(b'-')));
            return self.put_element(class, item);
        }
        let hi = self.class_element(open)?;
        match hi {
            Elem::Char(hi_char) => {
                if lo_char > hi_char {
                    let mut text = b"Invalid [] range \"".to_vec();
                    text.extend_from_slice(&self.p[start..self.pos]);
                    text.push(b'"');
                    return self.fail_bytes(&text, self.pos);
                }
                self.note_cp(hi_char)?;
                class.items.push(ClassItem::Range(lo_char, hi_char));
                Ok(())
            }
            hi => {
                self.false_range(start, self.pos)?;
                self.put_element(class, Elem::Char(lo_char))?;
                class.items.push(ClassItem::Range(Cp::from(b'-'), Cp::from(b'-')));
                self.put_element(class, hi)
            }
        }
    }

    fn false_range(&mut self, start: usize, end: usize) -> Res<()> {
        let mut text = b"False [] range \"".to_vec();
        text.extend_from_slice(&self.p[start..end]);
        text.push(b'"');
        if self.strict() {
            return self.fail_bytes(&text, end);
        }
        self.warn_at("regexp", &text, end);
        Ok(())
    }

    fn class_element(&mut self, open: usize) -> Res<Elem> {
        let c = self.p[self.pos];
        if c == b'['
            && let Some((kind, negated)) = self.posix_class()?
        {
            let kind = match kind {
                Posix::Upper | Posix::Lower if self.f.i => Posix::Cased,
                k => k,
            };
            return Ok(Elem::Set(ClassItem::Posix { kind, negated }));
        }
        if c != b'\\' {
            let (cp, n) = self.cur_char();
            self.pos += n;
            return Ok(Elem::Char(cp));
        }
        let start = self.pos;
        let Some(e) = self.byte_at(start + 1) else {
            return self.fail_at("Unmatched [", self.unmatched_at(open));
        };
        let posix = |p: &mut Self, kind, negated| {
            p.pos = start + 2;
            Ok(Elem::Set(ClassItem::Posix { kind, negated }))
        };
        match e {
            b'd' | b'D' => posix(self, Posix::Digit, e == b'D'),
            b'w' | b'W' => posix(self, Posix::Word, e == b'W'),
            b's' | b'S' => posix(self, Posix::Space, e == b'S'),
            b'h' | b'H' => posix(self, Posix::Horiz, e == b'H'),
            b'v' | b'V' => posix(self, Posix::Vert, e == b'V'),
            b'b' => {
                self.pos = start + 2;
                Ok(Elem::Char(8))
            }
            b'N' => {
                self.pos = start + 2;
                let Named::Chars(cps) = self.named_char(true)?;
                self.require_unicode()?;
                Ok(match cps.len() {
                    0 => Elem::Nothing,
                    1 => Elem::Char(cps[0]),
                    _ => Elem::Seq(cps),
                })
            }
            b'p' | b'P' => {
                self.pos = start + 2;
                let item = self.property(e == b'P')?;
                self.require_unicode()?;
                Ok(Elem::Set(item))
            }
            _ => Ok(Elem::Char(self.char_escape(true)?)),
        }
    }

    /// An escape that stands alone as an operand of `(?[ ])`.
    pub(super) fn set_escape(&mut self) -> Res<ClassItem> {
        match self.class_element(self.pos)? {
            Elem::Char(c) => {
                self.note_cp(c)?;
                Ok(ClassItem::Range(c, c))
            }
            Elem::Set(i) => Ok(i),
            Elem::Seq(_) | Elem::Nothing => {
                self.fail_at("\\N{} here is restricted to one character", self.pos - 1)
            }
        }
    }

    fn unmatched_at(&self, open: usize) -> usize {
        let _ = open;
        self.p.len()
    }
}
