//! Characters, literals and classes.

use super::*;

impl Compiler<'_> {
    /// The single-character matcher a node amounts to.
    pub(super) fn one(&mut self, n: &Node) -> Option<One> {
        match n {
            Node::NotNl => Some(One::Not(b'\n')),
            Node::Any => Some(One::Any),
            Node::Class(_) | Node::Lit { .. } | Node::Alt(_) => {
                let s = self.one_set(n)?;
                Some(self.one_of_set(&s))
            }
            Node::Concat(v) if v.len() == 1 => self.one(&v[0]),
            _ => None,
        }
    }

    pub(super) fn one_of_set(&mut self, s: &CharSet) -> One {
        match s.single() {
            Some(c) if c < 0x80 || (!self.utf8 && c <= 0xFF) => One::Byte(c as u8),
            None if let Some(c) = s.inverted().single()
                && c < 0x80 =>
            {
                One::Not(c as u8)
            }
            _ => One::Class(self.class_id(s)),
        }
    }

    pub(super) fn one_set(&self, n: &Node) -> Option<CharSet> {
        match n {
            Node::Class(c) => {
                if !classes::strings(c, self.utf8).is_empty() {
                    return None;
                }
                Some(classes::resolve(c, self.utf8))
            }
            Node::Lit { cps, fold } => {
                let [c] = cps[..] else { return None };
                let s = CharSet::from_ranges([(c, c)]);
                let Some(cs) = fold else { return Some(s) };
                match fold_kind(*cs, self.utf8) {
                    FoldKind::Ascii => {
                        let mut s = s;
                        if c < 128 && (c as u8).is_ascii_alphabetic() {
                            s.extend([(c ^ 0x20, c ^ 0x20)]);
                        }
                        Some(s)
                    }
                    k => {
                        if classes::fold_char(c, k.limit()).as_slice().len() > 1 {
                            return None;
                        }
                        Some(fold::close(&s, k.limit()))
                    }
                }
            }
            Node::Concat(v) if v.len() == 1 => self.one_set(&v[0]),
            Node::Alt(v) => {
                let mut s = CharSet::new();
                for n in v {
                    s.union(&self.one_set(n)?);
                }
                Some(s)
            }
            _ => None,
        }
    }

    pub(super) fn emit_one(&mut self, one: One) {
        self.op(match one {
            One::Any => Op::Any,
            One::Not(b) => Op::Not(b),
            One::Byte(b) => Op::Byte(b),
            One::Class(c) => Op::Class(c),
        });
    }

    pub(super) fn bytes(&mut self, b: &[u8]) -> (u32, u32) {
        let off = self.p.bytes.len() as u32;
        self.p.bytes.extend_from_slice(b);
        (off, b.len() as u32)
    }

    pub(super) fn plain(&mut self, cps: &[Cp]) {
        match lit_bytes(cps, self.utf8) {
            None => self.op(Op::Fail),
            Some(b) if b.len() == 1 => self.op(Op::Byte(b[0])),
            Some(b) => {
                let (off, len) = self.bytes(&b);
                self.op(Op::Lit { off, len })
            }
        };
    }

    pub(super) fn literal(&mut self, cps: &[Cp], fold: Option<crate::flags::Charset>) {
        let letter = |c: Cp| c < 128 && (c as u8).is_ascii_alphabetic();
        let Some(cs) = fold else { return self.plain(cps) };
        if cps.iter().all(|&c| c < 128 && !letter(c)) {
            return self.plain(cps);
        }
        let kind = fold_kind(cs, self.utf8);
        if cps.len() == 1
            && let Some(s) = self.one_set(&Node::Lit { cps: cps.to_vec(), fold })
        {
            let one = self.one_of_set(&s);
            return self.emit_one(one);
        }
        let ascii = cps.iter().all(|&c| c < 128);
        let simple = match kind {
            FoldKind::Ascii => true,
            FoldKind::Apart | FoldKind::Locale => ascii,
            FoldKind::Full => ascii && self.only_ascii_relatives(cps),
        };
        if simple {
            let lower: Vec<Cp> = cps.iter().map(|&c| if letter(c) { c | 0x20 } else { c }).collect();
            if !cps.iter().any(|&c| letter(c)) {
                return self.plain(cps);
            }
            match lit_bytes(&lower, self.utf8) {
                None => self.op(Op::Fail),
                Some(b) => {
                    let (off, len) = self.bytes(&b);
                    self.op(Op::FoldAscii { off, len })
                }
            };
            return;
        }
        let limit = kind.limit();
        let off = self.p.cps.len() as u32;
        for &c in cps {
            self.p.cps.extend_from_slice(classes::fold_char(c, limit).as_slice());
        }
        let len = self.p.cps.len() as u32 - off;
        self.op(Op::FoldFull { off, len, limit });
    }

    /// Is an ASCII literal matched by nothing outside ASCII?
    pub(super) fn only_ascii_relatives(&self, cps: &[Cp]) -> bool {
        let low: Vec<u8> = cps.iter().map(|&c| (c as u8).to_ascii_lowercase()).collect();
        let pair = |p: &[u8; 2]| low.windows(2).any(|w| w == p);
        if !self.utf8 {
            return !pair(b"ss");
        }
        !low.iter().any(|c| matches!(c, b'k' | b's')) && ![b"ff", b"fi", b"fl"].iter().any(|p| pair(p))
    }

    pub(super) fn class(&mut self, c: &Class, follow: First) {
        let strings = classes::strings(c, self.utf8);
        let set = classes::resolve(c, self.utf8);
        if strings.is_empty() {
            let one = self.one_of_set(&set);
            return self.emit_one(one);
        }
        let fold = c.fold.then_some(c.charset);
        let mut branches: Vec<Node> = strings.into_iter().map(|cps| Node::Lit { cps, fold }).collect();
        branches.push(Node::Class(Box::new(Class {
            strings: Vec::new(),
            fold: false,
            negated: false,
            items: set.ranges().iter().map(|&(a, b)| crate::ast::ClassItem::Range(a, b)).collect(),
            charset: c.charset,
        })));
        self.alternation(&branches, follow);
    }
}
