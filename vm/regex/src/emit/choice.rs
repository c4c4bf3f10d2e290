//! Alternation and quantifiers.

use super::*;

impl Compiler<'_> {
    pub(super) fn alternation(&mut self, v: &[Node], follow: First) {
        if let Some(s) = self.one_set_of_alt(v) {
            let one = self.one_of_set(&s);
            return self.emit_one(one);
        }
        let mut has_then = false;
        for n in v {
            n.walk(&mut |n| has_then |= matches!(n, Node::Verb { verb: Verb::Then, .. }));
        }
        let saved_then = self.then_reg;
        if has_then {
            let r = self.regs(1);
            self.op(Op::AltMark(r));
            self.then_reg = Some(r);
        }
        let table = self.p.alts.len();
        self.p.alts.push(AltTable { by_byte: Box::new([0; 257]), lists: Vec::new() });
        self.op(Op::Alt(table as u32));
        let mut entries = Vec::with_capacity(v.len());
        let mut ends = Vec::new();
        let mut span: Option<(u32, u32)> = None;
        for (i, n) in v.iter().enumerate() {
            entries.push((self.here(), self.first(n, follow)));
            if let Some((from, to)) = span
                && self.stale_captures > 0
            {
                self.op(Op::ClearGroups { from, to });
            }
            self.emit(n, follow);
            if i + 1 < v.len() {
                ends.push(self.op(Op::Jump(NONE)));
            }
            if let Some((a, b)) = n.group_span() {
                span = Some(span.map_or((a, b), |(x, y)| (x.min(a), y.max(b))));
            }
        }
        let end = self.here();
        for e in ends {
            self.p.ops[e] = Op::Jump(end);
        }
        self.then_reg = saved_then;
        let mut ids: HashMap<Vec<u32>, u16> = HashMap::new();
        let mut lists: Vec<Box<[u32]>> = Vec::new();
        let mut by_byte = Box::new([0u16; 257]);
        for (b, slot) in by_byte.iter_mut().enumerate() {
            let list: Vec<u32> = entries
                .iter()
                .filter(|(_, f)| if b == 256 { f.end } else { f.set.has(b as u8) })
                .map(|e| e.0)
                .collect();
            *slot = *ids.entry(list.clone()).or_insert_with(|| {
                lists.push(list.into());
                lists.len() as u16 - 1
            });
        }
        self.p.alts[table] = AltTable { by_byte, lists };
    }

    pub(super) fn one_set_of_alt(&self, v: &[Node]) -> Option<CharSet> {
        let mut s = CharSet::new();
        for n in v {
            s.union(&self.one_set(n)?);
        }
        Some(s)
    }

    pub(super) fn repeat(&mut self, node: &Node, min: u32, max: u32, mode: Mode, follow: First) {
        if max == 0 {
            // never run, but its groups may be recursed into
            if !self.called.is_empty() {
                let j = self.op(Op::Jump(NONE));
                self.emit(node, First::ALL);
                let end = self.here();
                self.p.ops[j] = Op::Jump(end);
            }
            return;
        }
        // a group of fixed length repeated zero times in a later round of an outer loop is unset again
        if min == 0
            && self.stale_captures > 0
            && let Node::Group { index, node: body } = node
            && let (1.., Some(_)) = analyze::char_len(body)
            && analyze::char_len(body).1 == Some(analyze::char_len(body).0)
            && body.group_span().is_none()
        {
            self.op(Op::ClearGroups { from: *index, to: *index });
        }
        if let Some(one) = self.one(node) {
            return self.run(node, one, min, max, mode, follow);
        }
        if mode == Mode::Possessive {
            let inner = Node::Repeat { node: Box::new(node.clone()), min, max, mode: Mode::Greedy };
            return self.emit(&Node::Atomic(Box::new(inner)), follow);
        }
        if min == 1 && max == 1 {
            return self.emit(node, follow);
        }
        if min == 0 && max == 1 {
            let f = self.first(node, follow);
            if mode == Mode::Greedy {
                let set = if f.end { NONE } else { self.set_id(f.set) };
                let at = self.op(Op::Split { alt: NONE, set });
                self.emit(node, follow);
                let alt = self.here();
                self.p.ops[at] = Op::Split { alt, set };
            } else {
                let at = self.op(Op::SplitLazy { to: NONE });
                self.emit(node, follow);
                let to = self.here();
                self.p.ops[at] = Op::SplitLazy { to };
            }
            return;
        }
        let reg = self.regs(2);
        let id = self.p.loops.len() as u32;
        let inner = self.first(node, follow);
        let body_follow = First { set: inner.set.or(&follow.set), end: inner.end || follow.end };
        let memo = if self.memo_ok && max == INF {
            self.p.nmemo += 1;
            self.p.nmemo as u32 - 1
        } else {
            NONE
        };
        let first = if inner.end { NONE } else { self.set_id(inner.set) };
        let after = if follow.end { NONE } else { self.set_id(follow.set) };
        self.p.loops.push(Loop { reg, min, max, mode, body: 0, exit: 0, first, follow: after, memo });
        self.op(Op::LoopInit(id));
        let test = self.op(Op::LoopTest(id)) as u32;
        let memo_saved = self.memo_ok;
        self.memo_ok = memo_saved && min <= 1 && max == INF;
        self.stale_captures += 1;
        self.emit(node, body_follow);
        self.stale_captures -= 1;
        self.memo_ok = memo_saved;
        self.op(Op::Jump(test));
        let exit = self.here();
        let l = &mut self.p.loops[id as usize];
        l.body = test + 1;
        l.exit = exit;
    }

    pub(super) fn run(&mut self, node: &Node, one: One, min: u32, max: u32, mode: Mode, follow: First) {
        if min == 1 && max == 1 {
            return self.emit_one(one);
        }
        let own = self.first(node, First { set: ByteSet::NONE, end: false }).set;
        let mode = if own.disjoint(&follow.set) && (follow.end || !follow.set.is_empty()) {
            Mode::Possessive
        } else {
            mode
        };
        let follow_byte = if !follow.end && follow.set.len() == 1 { follow.set.iter().next() } else { None };
        let follow = self.set_id(follow.set);
        let id = self.p.runs.len() as u32;
        self.p.runs.push(Run { one, min, max, mode, follow, follow_byte });
        self.op(Op::Run(id));
    }
}
