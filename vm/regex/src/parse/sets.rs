//! `(?[ ... ])`: extended bracketed classes. `!` binds tightest, then `&`, then `+ | - ^` from the left.
//! White space is ignored, and number escapes are read strictly.

use super::{Parser, Res, is_pattern_space};
use crate::ast::{Class, ClassItem, Node, SetExpr};

const INCOMPLETE: &str = "Incomplete expression within '(?[ ])'";

impl Parser<'_, '_> {
    /// Just after `(?[`.
    pub(super) fn extended_class(&mut self) -> Res<Node> {
        let expr = self.set_group()?;
        if self.peek() != Some(b')') {
            return self.fail("Syntax error in (?[...])");
        }
        self.pos += 1;
        Ok(Node::Class(Box::new(self.class_of(ClassItem::Set(Box::new(expr))))))
    }

    /// Up to and including the closing `]`.
    fn set_group(&mut self) -> Res<SetExpr> {
        self.require_unicode()?;
        let saved = self.f;
        self.f.x = true;
        self.f.xx = true;
        self.in_set += 1;
        let e = self.set_expr(0);
        self.in_set -= 1;
        self.f = saved;
        let e = e?;
        // set_expr stops at the ']' that has a ')' behind it
        self.pos += 1;
        Ok(e)
    }

    fn class_of(&self, item: ClassItem) -> Class {
        Class {
            negated: false,
            items: vec![item],
            fold: self.f.i,
            charset: self.f.charset,
            strings: Vec::new(),
        }
    }

    fn set_blanks(&mut self) -> Res<()> {
        loop {
            self.skip_ignored()?;
            if self.eof() {
                return self.fail("Syntax error in (?[...])");
            }
            let (c, n) = self.cur_char();
            if !is_pattern_space(c) {
                return Ok(());
            }
            self.pos += n;
        }
    }

    /// The weak operators.
    fn set_expr(&mut self, parens: usize) -> Res<SetExpr> {
        let mut left = self.set_and(parens)?;
        loop {
            self.set_blanks()?;
            match self.p[self.pos] {
                op @ (b'+' | b'|' | b'-' | b'^') => {
                    self.pos += 1;
                    let right = self.set_and(parens)?;
                    left = SetExpr::Op(op, Box::new(left), Box::new(right));
                }
                b']' => {
                    if self.byte_at(self.pos + 1) != Some(b')') {
                        return self.fail_at("Unexpected ']' with no following ')' in (?[...", self.pos + 1);
                    }
                    if parens > 0 {
                        return self.fail(INCOMPLETE);
                    }
                    return Ok(left);
                }
                b')' if parens > 0 => return Ok(left),
                b')' => return self.fail_at("Unexpected ')'", self.pos + 1),
                b'(' => return self.fail_at("Unexpected '(' with no preceding operator", self.pos + 1),
                c @ (b'[' | b'\\') => {
                    self.set_operand(parens)?;
                    let at = if c == b'[' { self.pos - 1 } else { self.pos };
                    return self.fail_at("Operand with no preceding operator", at);
                }
                _ => return self.fail_at("Unexpected character", self.pos + 1),
            }
        }
    }

    /// `&`
    fn set_and(&mut self, parens: usize) -> Res<SetExpr> {
        let mut left = self.set_operand(parens)?;
        loop {
            self.set_blanks()?;
            if self.p[self.pos] != b'&' {
                return Ok(left);
            }
            self.pos += 1;
            let right = self.set_operand(parens)?;
            left = SetExpr::Op(b'&', Box::new(left), Box::new(right));
        }
    }

    fn set_operand(&mut self, parens: usize) -> Res<SetExpr> {
        self.set_blanks()?;
        self.depth += 1;
        if self.depth > super::MAX_NEST {
            return self.fail_at("Too many nested open parens", self.pos + 1);
        }
        let r = self.set_primary(parens);
        self.depth -= 1;
        r
    }

    fn set_primary(&mut self, parens: usize) -> Res<SetExpr> {
        match self.p[self.pos] {
            b'!' => {
                self.pos += 1;
                Ok(SetExpr::Not(Box::new(self.set_operand(parens)?)))
            }
            b'(' if self.byte_at(self.pos + 1) == Some(b'?') => self.interpolated_set(),
            b'(' => {
                self.pos += 1;
                self.set_blanks()?;
                if self.p[self.pos] == b')' {
                    return self.fail_at(INCOMPLETE, self.pos + 1);
                }
                let e = self.set_expr(parens + 1)?;
                self.pos += 1;
                Ok(e)
            }
            b'[' => {
                if let Some((kind, negated)) = self.posix_class()? {
                    let kind = match kind {
                        crate::ast::Posix::Upper | crate::ast::Posix::Lower if self.f.i => {
                            crate::ast::Posix::Cased
                        }
                        k => k,
                    };
                    return Ok(SetExpr::Class(self.class_of(ClassItem::Posix { kind, negated })));
                }
                let open = self.pos;
                if !self.p[open..].contains(&b']') {
                    self.pos = self.p.len();
                    return self.fail("Syntax error in (?[...])");
                }
                Ok(SetExpr::Class(self.class_body()?))
            }
            b'\\' => {
                let item = self.set_escape()?;
                Ok(SetExpr::Class(self.class_of(item)))
            }
            b']' => {
                if self.byte_at(self.pos + 1) != Some(b')') {
                    return self.fail_at("Unexpected ']' with no following ')' in (?[...", self.pos + 1);
                }
                self.fail(INCOMPLETE)
            }
            b')' if parens > 0 => self.fail_at(INCOMPLETE, self.pos + 1),
            b')' => self.fail_at("Unexpected ')'", self.pos + 1),
            c @ (b'&' | b'|' | b'+' | b'-' | b'^') => self.fail_at(
                &format!("Unexpected binary operator '{}' with no preceding operand", char::from(c)),
                self.pos + 1,
            ),
            _ => self.fail_at("Unexpected character", self.pos + 1),
        }
    }

    /// `(?^x:(?[ ... ]))`: a set compiled before and interpolated.
    fn interpolated_set(&mut self) -> Res<SetExpr> {
        let open = self.pos;
        self.pos += 2;
        let saved = self.f;
        let mut negative = false;
        let first = self.pos;
        loop {
            match self.peek() {
                Some(b'^') => self.f.i = false,
                Some(b'-') => negative = true,
                Some(b'i') => self.f.i = !negative,
                Some(b'm' | b's' | b'x' | b'n' | b'p' | b'u' | b'a' | b'l') => {}
                Some(b':') => break,
                _ if self.pos == first => return self.fail("Unexpected character"),
                _ => {
                    let at = (self.pos + self.char_len_at(self.pos)).min(self.p.len());
                    let mut text = b"Sequence (".to_vec();
                    text.extend_from_slice(&self.p[open + 1..at]);
                    text.extend_from_slice(b"...) not recognized");
                    return self.fail_bytes(&text, at);
                }
            }
            self.pos += 1;
        }
        self.pos += 1;
        self.set_blanks()?;
        if !self.looking_at(b"(?[") {
            return self.fail("Expecting interpolated extended charclass");
        }
        self.pos += 3;
        let e = self.set_group()?;
        self.f = saved;
        // the ')' of '])', then that of '(?x:'
        for _ in 0..2 {
            if self.peek() != Some(b')') {
                return self.fail("Expecting close paren for nested extended charclass");
            }
            self.pos += 1;
        }
        Ok(e)
    }
}
