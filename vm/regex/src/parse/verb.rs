//! `(*VERB:arg)` and the alphabetic assertions `(*pla:...)`.

use std::sync::Arc;

use super::{Parser, Res};
use crate::ast::{Node, Verb};

impl Parser<'_, '_> {
    /// At `*`, just after the `(` at `open`.
    pub(super) fn verb(&mut self, open: usize) -> Res<Node> {
        self.pos += 1;
        if self.peek() == Some(b'{') {
            return self.optimistic_code();
        }
        let name_start = self.pos;
        let mut upper = false;
        while let Some(c) = self.peek() {
            if c == b')' || c == b':' {
                break;
            }
            upper |= c.is_ascii_uppercase();
            self.pos += 1;
        }
        let name = self.p[name_start..self.pos].to_vec();
        let has_arg = self.peek() == Some(b':');
        if !upper && !name.is_empty() {
            return self.alpha_assertion(open, &name, has_arg);
        }
        let mut arg: Option<Arc<[u8]>> = None;
        if has_arg {
            self.pos += 1;
            let s = self.pos;
            while self.peek().is_some_and(|c| c != b')') {
                self.pos += 1;
            }
            if self.eof() {
                return self.fail("Unterminated verb pattern argument");
            }
            arg = Some(self.p[s..self.pos].into());
        } else if self.eof() {
            return self.fail("Unterminated verb pattern");
        }
        self.pos += 1;
        let verb = match &name[..] {
            b"ACCEPT" => Verb::Accept,
            b"COMMIT" => Verb::Commit,
            b"F" | b"FAIL" => Verb::Fail,
            b"" if has_arg => Verb::Mark,
            b"MARK" => Verb::Mark,
            b"PRUNE" => Verb::Prune,
            b"SKIP" => Verb::Skip,
            b"THEN" => Verb::Then,
            _ => {
                let mut text = b"Unknown verb pattern '".to_vec();
                text.extend_from_slice(&name);
                text.push(b'\'');
                return self.fail_bytes(&text, self.pos);
            }
        };
        if verb == Verb::Mark && arg.as_ref().is_none_or(|a| a.is_empty()) {
            let shown = if name.is_empty() { "" } else { "MARK" };
            return self.fail(&format!("Verb pattern '{shown}' has a mandatory argument"));
        }
        if verb == Verb::Fail && arg.is_none() {
            return Ok(Node::Fail);
        }
        Ok(Node::Verb { verb, name: arg })
    }

    fn alpha_assertion(&mut self, open: usize, name: &[u8], has_arg: bool) -> Res<Node> {
        enum Kind {
            Look(bool, bool),
            Atomic,
            Script,
            AtomicScript,
        }
        let kind = match name {
            b"pla" | b"positive_lookahead" => Some(Kind::Look(false, false)),
            b"nla" | b"negative_lookahead" => Some(Kind::Look(false, true)),
            b"plb" | b"positive_lookbehind" => Some(Kind::Look(true, false)),
            b"nlb" | b"negative_lookbehind" => Some(Kind::Look(true, true)),
            b"atomic" => Some(Kind::Atomic),
            b"sr" | b"script_run" => Some(Kind::Script),
            b"asr" | b"atomic_script_run" => Some(Kind::AtomicScript),
            _ => None,
        };
        if self.eof() {
            return self.fail("Unterminated '(*...' construct");
        }
        if has_arg && !self.p[self.pos..].contains(&b')') {
            self.pos = self.p.len();
            return self.fail("Unterminated '(*...' argument");
        }
        let Some(kind) = kind else {
            // the whole construct is shown, up to its ')'
            if let Some(k) = memchr::memchr(b')', &self.p[self.pos..]) {
                self.pos += k + 1;
            }
            let mut text = b"Unknown '(*...)' construct '".to_vec();
            text.extend_from_slice(name);
            text.push(b'\'');
            return self.fail_bytes(&text, self.pos);
        };
        if !has_arg {
            let mut text = b"'(*".to_vec();
            text.extend_from_slice(name);
            text.extend_from_slice(b"' requires a terminating ':'");
            return self.fail_bytes(&text, self.pos);
        }
        self.pos += 1;
        match kind {
            Kind::Look(behind, negated) => {
                if negated && !behind && self.peek() == Some(b')') {
                    self.pos += 1;
                    return Ok(Node::Fail);
                }
                self.look_body(open, behind, negated)
            }
            Kind::Atomic => {
                let n = self.alternation()?;
                self.close(open)?;
                Ok(Node::Atomic(Box::new(n)))
            }
            Kind::Script | Kind::AtomicScript => {
                self.require_unicode()?;
                let n = self.alternation()?;
                self.close(open)?;
                let n = if matches!(kind, Kind::AtomicScript) { Node::Atomic(Box::new(n)) } else { n };
                Ok(Node::ScriptRun(Box::new(n)))
            }
        }
    }
}
