//! Everything that starts with `(` except verbs: captures, inline modifiers, lookaround, recursion,
//! conditionals.

use super::{Parser, Res};
use crate::ast::{Cond, Node};

impl Parser<'_, '_> {
    /// At `(`. Returns the node, and whether modifiers set inside stay in force after it.
    pub(super) fn group(&mut self) -> Res<(Node, bool)> {
        let open = self.pos;
        self.pos += 1;
        let before = self.pos;
        self.skip_ignored()?;
        if self.pos != before {
            match self.peek() {
                Some(b'?') => {
                    return self.fail_at("In '(?...)', the '(' and '?' must be adjacent", self.pos + 1);
                }
                Some(b'*') => {
                    let upper = self.byte_at(self.pos + 1).is_some_and(|c| c.is_ascii_uppercase());
                    let text = if upper {
                        "In '(*VERB...)', the '(' and '*' must be adjacent"
                    } else {
                        "In '(*...)', the '(' and '*' must be adjacent"
                    };
                    return self.fail_at(text, self.pos + 1);
                }
                _ => {}
            }
        }
        match self.peek() {
            Some(b'*') => return self.verb(open).map(|n| (n, false)),
            Some(b'?') => {}
            _ => {
                if self.f.n {
                    let node = self.alternation()?;
                    self.close(open)?;
                    return Ok((wrap(node), false));
                }
                let index = self.open_group();
                let node = self.alternation()?;
                self.close(open)?;
                return Ok((Node::Group { index, node: Box::new(node) }, false));
            }
        }
        self.pos += 1;
        let seq = self.pos;
        let Some(c) = self.peek() else { return self.fail("Sequence (? incomplete") };
        let node = match c {
            b'<' | b'\'' => {
                if c == b'<' && matches!(self.byte_at(seq + 1), Some(b'=' | b'!')) {
                    let negated = self.p[seq + 1] == b'!';
                    self.pos = seq + 2;
                    if self.eof() {
                        let s = if negated {
                            "Sequence (?<!... not terminated"
                        } else {
                            "Sequence (?<=... not terminated"
                        };
                        return self.fail(s);
                    }
                    self.look(open, true, negated)?
                } else {
                    self.pos += 1;
                    self.named_group(
                        open,
                        if c == b'<' { b'>' } else { b'\'' },
                        ["(?<", "(?'"][usize::from(c == b'\'')],
                    )?
                }
            }
            b'P' => return self.python(open).map(|n| (n, false)),
            b'=' | b'!' => {
                self.pos += 1;
                if self.eof() {
                    return self.fail(if c == b'=' {
                        "Sequence (?=... not terminated"
                    } else {
                        "Sequence (?!... not terminated"
                    });
                }
                self.look(open, false, c == b'!')?
            }
            b'|' => {
                self.pos += 1;
                self.branch_reset(open)?
            }
            b':' => {
                self.pos += 1;
                let n = self.alternation()?;
                self.close(open)?;
                wrap(n)
            }
            b'>' => {
                self.pos += 1;
                let n = self.alternation()?;
                self.close(open)?;
                Node::Atomic(Box::new(n))
            }
            b'$' | b'@' => {
                return self.fail_at(&format!("Sequence (?{}...) not implemented", char::from(c)), seq + 1);
            }
            b'0' | b'R' => {
                self.pos += 1;
                if self.peek() != Some(b')') {
                    return self.fail_plain("Sequence (?R) not terminated");
                }
                self.pos += 1;
                Node::Recurse(0)
            }
            b'1'..=b'9' | b'+' => self.numbered_recursion(seq)?,
            b'-' if self.byte_at(seq + 1).is_some_and(|d| matches!(d, b'1'..=b'9')) => {
                self.numbered_recursion(seq)?
            }
            b'&' => {
                self.pos += 1;
                self.named_recursion("(?&")?
            }
            b'{' => self.code_group(false)?,
            b'?' if self.byte_at(seq + 1) == Some(b'{') => {
                self.pos += 1;
                self.code_group(true)?
            }
            b'(' => return self.conditional().map(|n| (n, false)),
            b'[' => {
                self.pos += 1;
                self.extended_class()?
            }
            _ => return self.inline_modifiers(open, seq),
        };
        Ok((node, false))
    }

    /// A new capture group's number.
    pub(super) fn open_group(&mut self) -> u32 {
        self.npar += 1;
        self.logical.push(self.npar);
        self.logical.len() as u32 - 1
    }

    /// Expects the `)` of the group opened at `open`.
    pub(super) fn close(&mut self, open: usize) -> Res<()> {
        if self.peek() == Some(b')') {
            self.pos += 1;
            return Ok(());
        }
        self.fail_at("Unmatched (", open + 1)
    }

    fn look(&mut self, open: usize, behind: bool, negated: bool) -> Res<Node> {
        // (?!) alone can never match
        if negated && !behind && self.peek() == Some(b')') {
            self.pos += 1;
            return Ok(Node::Fail);
        }
        self.look_body(open, behind, negated)
    }

    pub(super) fn look_body(&mut self, open: usize, behind: bool, negated: bool) -> Res<Node> {
        self.in_look += 1;
        let n = self.alternation();
        self.in_look -= 1;
        let n = n?;
        self.close(open)?;
        if behind {
            self.check_lookbehind(&n, negated)?;
        }
        Ok(Node::Look { behind, negated, node: Box::new(n) })
    }

    /// Captures in a lookbehind of variable length are experimental.
    fn check_lookbehind(&mut self, n: &Node, negated: bool) -> Res<()> {
        let (min, max) = crate::analyze::char_len(n);
        let mut accepts = false;
        n.walk(&mut |n| accepts |= matches!(n, Node::Verb { verb: crate::ast::Verb::Accept, .. }));
        if (accepts || max != Some(min)) && n.group_span().is_some() {
            let text: &[u8] = if negated {
                b"Variable length negative lookbehind with capturing is experimental"
            } else {
                b"Variable length positive lookbehind with capturing is experimental"
            };
            let at = self.p.len();
            self.warn_at("experimental::vlb", text, at);
        }
        Ok(())
    }

    /// At the first character of a name; leaves the position after it.
    pub(super) fn scan_name(&mut self) -> Res<Vec<u8>> {
        let start = self.pos;
        if !self.eof() {
            let (c, n) = self.cur_char();
            if !crate::unicode::is_id_start(c, self.utf8) {
                return self.fail_at("Group name must start with a non-digit word character", start + n);
            }
            self.pos += n;
            while !self.eof() {
                let (c, n) = self.cur_char();
                if !crate::unicode::is_id_continue(c, self.utf8) {
                    break;
                }
                self.pos += n;
            }
        }
        Ok(self.p[start..self.pos].to_vec())
    }

    fn named_group(&mut self, open: usize, close: u8, intro: &str) -> Res<Node> {
        if self.eof() {
            return self.fail(&format!("Sequence {intro}... not terminated"));
        }
        let name = self.scan_name()?;
        if self.peek() != Some(close) {
            return self.fail(&format!("Sequence {intro}... not terminated"));
        }
        self.pos += 1;
        let index = self.open_group();
        match self.names.iter_mut().find(|(n, _)| *n == name) {
            Some((_, v)) => {
                if !v.contains(&index) {
                    v.push(index);
                }
            }
            None => self.names.push((name, vec![index])),
        }
        let node = self.alternation()?;
        self.close(open)?;
        Ok(Node::Group { index, node: Box::new(node) })
    }

    /// `(?P<n>...)`, `(?P=n)`, `(?P>n)`
    fn python(&mut self, open: usize) -> Res<Node> {
        self.pos += 1;
        match self.peek() {
            Some(b'<') => {
                self.pos += 1;
                self.named_group(open, b'>', "(?P<")
            }
            Some(b'=') => {
                self.pos += 1;
                if self.eof() {
                    return self.fail("Sequence ?P=... not terminated");
                }
                let name = self.scan_name()?;
                let name_end = self.pos;
                if self.peek() != Some(b')') {
                    return self.fail("Sequence ?P=... not terminated");
                }
                self.pos += 1;
                self.named_backref(name, name_end)
            }
            Some(b'>') => {
                self.pos += 1;
                self.named_recursion("(?P>")
            }
            None => self.fail("Sequence (?P...) not recognized"),
            Some(_) => {
                let at = self.pos + self.char_len_at(self.pos);
                let mut text = b"Sequence (".to_vec();
                text.extend_from_slice(&self.p[open + 1..at]);
                text.extend_from_slice(b"...) not recognized");
                self.fail_bytes(&text, at)
            }
        }
    }

    fn branch_reset(&mut self, open: usize) -> Res<Node> {
        if self.known_logical.is_none() {
            self.need_total = true;
        }
        let base = self.npar;
        let mut most = base;
        let mut branches = Vec::new();
        loop {
            self.npar = base;
            branches.push(self.branch()?);
            most = most.max(self.npar);
            if self.peek() != Some(b'|') {
                break;
            }
            self.pos += 1;
        }
        self.npar = most;
        self.close(open)?;
        Ok(if branches.len() == 1 { wrap(branches.swap_remove(0)) } else { Node::Alt(branches) })
    }

    /// `(?1)`, `(?-1)`, `(?+1)`
    fn numbered_recursion(&mut self, seq: usize) -> Res<Node> {
        let sign = self.p[seq];
        if matches!(sign, b'+' | b'-') {
            self.pos += 1;
        }
        let digits = self.pos;
        while self.peek().is_some_and(|c| c.is_ascii_digit()) {
            self.pos += 1;
        }
        if self.pos == digits {
            return self.fail("Illegal pattern");
        }
        let n = parse_number(&self.p[digits..self.pos]);
        if self.peek() != Some(b')') {
            return self.fail("Expecting close bracket");
        }
        let opened = self.logical.len() as u32 - 1;
        let target = match (sign, n) {
            (_, None) => return self.fail_at("Invalid reference to group", self.pos),
            (b'-', Some(n)) => {
                if n > opened {
                    self.pos += 1;
                    return self.fail("Reference to nonexistent group");
                }
                opened - n + 1
            }
            (b'+', Some(n)) => opened.saturating_add(n),
            (_, Some(n)) => {
                self.pos += 1;
                self.pending.push((n, self.pos));
                return Ok(Node::Recurse(self.groups_numbered(n).first().copied().unwrap_or(n)));
            }
        };
        self.pos += 1;
        self.pending_places.push((target, self.pos));
        Ok(Node::Recurse(target))
    }

    fn named_recursion(&mut self, intro: &str) -> Res<Node> {
        if self.eof() {
            return self.fail(&format!("Sequence {intro}... not terminated"));
        }
        let name = self.scan_name()?;
        if self.peek() != Some(b')') {
            return self.fail(&format!("Sequence {intro}... not terminated"));
        }
        let at = self.pos;
        let groups = self.groups_named(&name, at)?;
        self.pos += 1;
        Ok(groups.first().map_or(Node::Empty, |&g| Node::Recurse(g)))
    }

    /// The groups of a name. Names may be defined later in the pattern: then it is read a second time.
    pub(super) fn groups_named(&mut self, name: &[u8], at: usize) -> Res<Vec<u32>> {
        let list = self.known_names.as_ref().unwrap_or(&self.names);
        if let Some((_, v)) = list.iter().find(|(n, _)| n == name) {
            if self.known_names.is_none() {
                // duplicates may follow
                self.need_total = true;
            }
            return Ok(v.clone());
        }
        if self.known_names.is_some() {
            return self.fail_at("Reference to nonexistent named group", at);
        }
        self.need_total = true;
        Ok(Vec::new())
    }

    pub(super) fn named_backref(&mut self, name: Vec<u8>, at: usize) -> Res<Node> {
        let groups = self.groups_named(&name, at)?;
        Ok(Node::Backref { groups, fold: self.fold() })
    }

    /// `(?(cond)yes|no)`; at the inner `(`.
    fn conditional(&mut self) -> Res<Node> {
        let inner = self.pos;
        self.pos += 1;
        let unknown = "Unknown switch condition (?(...))";
        let cond = match self.peek() {
            Some(b'?') | Some(b'*') => {
                let look = self.byte_at(inner + 2);
                let ok = self.p[inner + 1] == b'*'
                    || matches!(look, Some(b'=' | b'!' | b'{'))
                    || (look == Some(b'<') && matches!(self.byte_at(inner + 3), Some(b'=' | b'!')));
                if !ok {
                    return self.fail_at(unknown, inner + 2);
                }
                self.pos = inner;
                let saved = self.f;
                let (node, _) = self.group()?;
                self.f = saved;
                match node {
                    Node::Code { id, .. } => Cond::Code(id),
                    n @ (Node::Look { .. } | Node::Fail) => Cond::Look(n),
                    _ => return self.fail_at(unknown, inner + 2),
                }
            }
            Some(c @ (b'<' | b'\'')) => {
                self.pos += 1;
                let intro = if c == b'<' { "(?(<" } else { "(?('" };
                if self.eof() {
                    return self.fail(&format!("Sequence {intro}... not terminated"));
                }
                let name = self.scan_name()?;
                let at = self.pos;
                if self.peek() != Some(if c == b'<' { b'>' } else { b'\'' })
                    || self.byte_at(self.pos + 1) != Some(b')')
                {
                    return self.fail(&format!("Sequence {intro}... not terminated"));
                }
                self.pos += 2;
                Cond::Group(self.groups_named(&name, at)?)
            }
            Some(b'R') => {
                self.pos += 1;
                let c = match self.peek() {
                    Some(b'1'..=b'9') => {
                        let n = self.digits().unwrap_or(u32::MAX);
                        Cond::Recursion(Some(self.groups_numbered(n)))
                    }
                    Some(b'&') => {
                        self.pos += 1;
                        let name = self.scan_name()?;
                        let at = self.pos;
                        Cond::Recursion(Some(self.groups_named(&name, at)?))
                    }
                    _ => Cond::Recursion(None),
                };
                self.cond_close()?;
                c
            }
            Some(b'D') if self.looking_at(b"DEFINE") => {
                self.pos += 6;
                self.cond_close()?;
                Cond::Define
            }
            Some(b'1'..=b'9') => {
                let n = self.digits();
                let at = self.pos;
                self.cond_close()?;
                match n {
                    Some(n) => Cond::Group(self.groups_numbered(n)),
                    None => return self.fail_at("Invalid reference to group", at),
                }
            }
            Some(_) => {
                let at = self.pos + self.char_len_at(self.pos);
                return self.fail_at(unknown, at);
            }
            None => return self.fail(unknown),
        };
        let yes = self.branch()?;
        let mut no = Node::Empty;
        match self.peek() {
            Some(b'|') => {
                self.pos += 1;
                if matches!(cond, Cond::Define) {
                    return self.fail("(?(DEFINE)....) does not allow branches");
                }
                no = self.branch()?;
                if self.peek() == Some(b'|') {
                    return self.fail_at("Switch (?(condition)... contains too many branches", self.pos + 1);
                }
            }
            Some(b')') => {}
            _ => {}
        }
        if self.peek() != Some(b')') {
            return self.fail("Switch (?(condition)... not terminated");
        }
        self.pos += 1;
        Ok(Node::Cond { cond: Box::new(cond), yes: Box::new(yes), no: Box::new(no) })
    }

    fn cond_close(&mut self) -> Res<()> {
        if self.peek() != Some(b')') {
            let at = self.pos + self.char_len_at(self.pos);
            return self.fail_at("Switch condition not recognized", at);
        }
        self.pos += 1;
        Ok(())
    }

    /// A decimal number; `None` if too large.
    pub(super) fn digits(&mut self) -> Option<u32> {
        let start = self.pos;
        while self.peek().is_some_and(|c| c.is_ascii_digit()) {
            self.pos += 1;
        }
        parse_number(&self.p[start..self.pos])
    }
}

/// A non-capturing group is a unit for quantifiers: a sequence inside must not be spliced apart.
pub(super) fn wrap(n: Node) -> Node {
    match n {
        Node::Lit { ref cps, .. } if cps.len() > 1 => Node::Concat(vec![n]),
        n => n,
    }
}

pub(super) fn parse_number(d: &[u8]) -> Option<u32> {
    std::str::from_utf8(d).ok()?.parse::<u32>().ok().filter(|&n| n < i32::MAX as u32)
}
