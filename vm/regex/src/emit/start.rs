//! Where a match may start.

use super::*;

impl Compiler<'_> {
    pub(super) fn start_info(&mut self, node: &Node, verbs: bool) {
        let mut code = false;
        node.walk(&mut |n| code |= matches!(n, Node::Code { optimistic: false, .. } | Node::Postponed(_)));
        // code blocks see every attempt that may succeed by its length and the strings it must hold
        self.p.sees_attempts = code;
        let may_skip = !verbs && !code;
        self.p.start = match analyze::lead_of(node) {
            Lead::Subject => StartAt::Subject,
            Lead::Pos => StartAt::Pos,
            Lead::Line => StartAt::Line,
            Lead::DotStar if may_skip && self.plain_pattern(node) => StartAt::FirstOrLine,
            Lead::AnyStar if may_skip && self.plain_pattern(node) => StartAt::First,
            _ => StartAt::Any,
        };
        self.p.before_pos = analyze::before_pos(node);
        if !verbs && matches!(self.p.start, StartAt::Subject) && self.p.min_len > 0 {
            let longest = analyze::max_bytes(node, self.utf8);
            self.p.whole = longest.zip(analyze::ends_subject(node));
        }
        if let Some(must) = analyze::required(node, self.utf8) {
            let prefix = must.min == 0 && must.max == Some(0);
            if matches!(self.p.start, StartAt::Any) && prefix {
                if must.bytes.len() == 1 {
                    self.p.start = StartAt::Bytes([must.bytes[0]; 3], 1);
                } else {
                    self.p.start = StartAt::Prefix(Box::new(Finder::new(&must.bytes).into_owned()));
                }
            } else if !prefix || must.bytes.len() > 1 {
                self.p.required = Some(Required {
                    finder: Finder::new(&must.bytes).into_owned(),
                    min: must.min,
                    max: must.max,
                });
            }
        }
        if matches!(self.p.start, StartAt::Any) && !code {
            let f = self.first_of_start(node);
            if !f.end && !is_all(&f.set) && f.set.len() < 250 {
                let v: Vec<u8> = f.set.iter().collect();
                self.p.start = match v[..] {
                    [a] => StartAt::Bytes([a, a, a], 1),
                    [a, b] => StartAt::Bytes([a, b, b], 2),
                    [a, b, c] => StartAt::Bytes([a, b, c], 3),
                    _ => {
                        let mut t = Box::new([false; 256]);
                        for b in v {
                            t[usize::from(b)] = true;
                        }
                        StartAt::Set(t)
                    }
                };
            }
        }
    }

    /// What a match starts with; verbs in front do not count, so a start they would forbid is not even tried.
    pub(super) fn first_of_start(&self, node: &Node) -> First {
        match node {
            Node::Concat(v) => {
                let lead = v
                    .iter()
                    .take_while(|n| matches!(n, Node::Verb { verb, .. } if *verb != Verb::Accept))
                    .count();
                v[lead..].iter().rev().fold(First::ALL, |f, n| self.first(n, f))
            }
            n => self.first(n, First::ALL),
        }
    }

    /// Nothing in it depends on where the match started.
    pub(super) fn plain_pattern(&self, node: &Node) -> bool {
        let mut ok = true;
        node.walk(&mut |n| {
            ok &= !matches!(
                n,
                Node::Backref { .. }
                    | Node::Code { optimistic: false, .. }
                    | Node::Postponed(_)
                    | Node::Recurse(_)
                    | Node::Verb { .. }
                    | Node::Assert(Assert::Pos)
            );
        });
        ok
    }
}
