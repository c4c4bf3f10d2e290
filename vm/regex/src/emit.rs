//! AST → program, for subjects of one encoding. Code is emitted knowing what may follow, so that loops that
//! can never gain by giving characters back become possessive and alternations jump by the next byte.

use std::collections::HashMap;
use std::sync::Arc;

use memchr::memmem::Finder;

use crate::analyze::{self, First, Lead, first, lit_bytes, min_bytes};
use crate::ast::{Assert, Bound, Class, Cond, INF, Mode, Node, Posix, Verb};
use crate::classes::{self, FoldKind, fold_kind};
use crate::program::*;
use crate::set::{ByteSet, CharSet};
use crate::unicode::fold;
use crate::utf8::Cp;

struct Compiler<'a> {
    root: &'a Node,
    utf8: bool,
    p: Program,
    class_ids: HashMap<ClassTab, u32>,
    set_ids: HashMap<ByteSet, u32>,
    /// Where each group's code starts.
    group_pc: HashMap<u32, u32>,
    /// `Call` ops to be given their target.
    calls: Vec<(usize, u32)>,
    /// Groups that are recursed into.
    called: Vec<u32>,
    /// Captures may hold values of an earlier round.
    stale_captures: usize,
    /// Groups open at this point.
    open: Vec<u32>,
    /// `(*ACCEPT)` jumps to be pointed at the end of the lookaround they are in.
    accepts: Vec<(usize, Vec<usize>)>,
    /// Register of the enclosing alternation, for `(*THEN)`.
    then_reg: Option<u32>,
    /// Failures of loops may be remembered here.
    memo_ok: bool,
}

/// Compiles.
pub fn program(node: &Node, groups: u32, utf8: bool) -> Program {
    let mut called = Vec::new();
    let mut memo_ok = true;
    let mut verbs = false;
    node.walk(&mut |n| match n {
        Node::Recurse(g) => {
            called.push(*g);
            memo_ok = false;
        }
        Node::Backref { .. }
        | Node::Postponed(_)
        | Node::Code { .. }
        | Node::Cond { .. }
        | Node::ScriptRun(_) => {
            memo_ok = false;
        }
        Node::Verb { .. } => {
            memo_ok = false;
            verbs = true;
        }
        _ => {}
    });
    let mut c = Compiler {
        root: node,
        utf8,
        p: Program {
            ops: Vec::new(),
            bytes: Vec::new(),
            cps: Vec::new(),
            classes: Vec::new(),
            runs: Vec::new(),
            loops: Vec::new(),
            alts: Vec::new(),
            sets: Vec::new(),
            lists: Vec::new(),
            behinds: Vec::new(),
            names: Vec::new(),
            nregs: 0,
            nmemo: 0,
            ngroups: groups as usize + 1,
            min_len: 0,
            start: StartAt::Any,
            required: None,
        },
        class_ids: HashMap::new(),
        set_ids: HashMap::new(),
        group_pc: HashMap::new(),
        calls: Vec::new(),
        stale_captures: usize::from(!called.is_empty()),
        called,
        open: Vec::new(),
        accepts: Vec::new(),
        then_reg: None,
        memo_ok,
    };
    c.emit(node, First::ALL);
    c.op(Op::Match);
    for (at, group) in std::mem::take(&mut c.calls) {
        let pc = if group == 0 { 0 } else { c.group_pc.get(&group).copied().unwrap_or(NONE) };
        c.p.ops[at] = if pc == NONE { Op::Fail } else { Op::Call { group, pc } };
    }
    let accept = {
        let mut a = false;
        node.walk(&mut |n| a |= matches!(n, Node::Verb { verb: Verb::Accept, .. }));
        a
    };
    if !accept {
        c.p.min_len = min_bytes(node, utf8);
    }
    c.start_info(node, verbs);
    c.p
}

fn is_all(s: &ByteSet) -> bool {
    *s == ByteSet::ALL
}

impl Compiler<'_> {
    fn op(&mut self, op: Op) -> usize {
        self.p.ops.push(op);
        self.p.ops.len() - 1
    }

    fn here(&self) -> u32 {
        self.p.ops.len() as u32
    }

    fn regs(&mut self, n: usize) -> u32 {
        let r = self.p.nregs;
        self.p.nregs += n;
        r as u32
    }

    fn set_id(&mut self, s: ByteSet) -> u32 {
        if is_all(&s) {
            return NONE;
        }
        if let Some(&i) = self.set_ids.get(&s) {
            return i;
        }
        let i = self.p.sets.len() as u32;
        self.p.sets.push(s);
        self.set_ids.insert(s, i);
        i
    }

    fn class_id(&mut self, s: &CharSet) -> u32 {
        let mut low = Box::new([false; 256]);
        for (b, slot) in low.iter_mut().enumerate() {
            *slot = s.contains(b as Cp);
        }
        let high = s.ranges().iter().filter(|r| r.1 >= 256).map(|r| (r.0.max(256), r.1)).collect();
        let tab = ClassTab { low, high };
        if let Some(&i) = self.class_ids.get(&tab) {
            return i;
        }
        let i = self.p.classes.len() as u32;
        self.p.classes.push(tab.clone());
        self.class_ids.insert(tab, i);
        i
    }

    fn name_id(&mut self, n: &Option<Arc<[u8]>>) -> u32 {
        match n {
            None => NONE,
            Some(n) => {
                self.p.names.push(n.clone());
                self.p.names.len() as u32 - 1
            }
        }
    }

    fn list_id(&mut self, l: &[u32]) -> u32 {
        self.p.lists.push(l.into());
        self.p.lists.len() as u32 - 1
    }

    fn first(&self, n: &Node, follow: First) -> First {
        first(n, follow, self.utf8)
    }

    /// The single-character matcher a node amounts to.
    fn one(&mut self, n: &Node) -> Option<One> {
        match n {
            Node::NotNl => Some(One::NotNl),
            Node::Any => Some(One::Any),
            Node::Class(_) | Node::Lit { .. } | Node::Alt(_) => {
                let s = self.one_set(n)?;
                Some(self.one_of_set(&s))
            }
            Node::Concat(v) if v.len() == 1 => self.one(&v[0]),
            _ => None,
        }
    }

    fn one_of_set(&mut self, s: &CharSet) -> One {
        match s.single() {
            Some(c) if c < 0x80 || (!self.utf8 && c <= 0xFF) => One::Byte(c as u8),
            _ => One::Class(self.class_id(s)),
        }
    }

    fn one_set(&self, n: &Node) -> Option<CharSet> {
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
                        if classes::fold_char(c, k == FoldKind::Apart).as_slice().len() > 1 {
                            return None;
                        }
                        Some(fold::close(&s, k == FoldKind::Apart))
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

    fn emit_one(&mut self, one: One) {
        self.op(match one {
            One::Any => Op::Any,
            One::NotNl => Op::NotNl,
            One::Byte(b) => Op::Byte(b),
            One::Class(c) => Op::Class(c),
        });
    }

    fn emit(&mut self, n: &Node, follow: First) {
        match n {
            Node::Empty => {}
            Node::Fail => {
                self.op(Op::Fail);
            }
            Node::Lit { cps, fold } => self.literal(cps, *fold),
            Node::NotNl => {
                self.op(Op::NotNl);
            }
            Node::Any => {
                self.op(Op::Any);
            }
            Node::Class(c) => self.class(c, follow),
            Node::Assert(a) => {
                self.op(match a {
                    Assert::Start => Op::Start,
                    Assert::End => Op::End,
                    Assert::EndNl => Op::EndNl,
                    Assert::LineStart => Op::LineStart,
                    Assert::LineEnd => Op::LineEnd,
                    Assert::Pos => Op::Pos,
                });
            }
            Node::Bound { kind: Bound::Word, negated, charset } => {
                let s = classes::posix_set(Posix::Word, *charset, self.utf8);
                let class = self.class_id(&s);
                self.op(Op::WordBound { class, negated: *negated });
            }
            Node::Bound { kind, negated, .. } => {
                self.op(Op::UniBound { kind: *kind, negated: *negated });
            }
            Node::Concat(v) => {
                let mut follows = vec![follow; v.len()];
                for i in (1..v.len()).rev() {
                    follows[i - 1] = self.first(&v[i], follows[i]);
                }
                for (n, f) in v.iter().zip(follows) {
                    self.emit(n, f);
                }
            }
            Node::Alt(v) => self.alternation(v, follow),
            Node::Group { index, node } => {
                let pc = self.here();
                self.group_pc.entry(*index).or_insert(pc);
                let called = self.called.contains(index);
                self.op(Op::Open(*index));
                self.open.push(*index);
                // after a recursion anything may come
                let f = if called { First::ALL } else { follow };
                self.emit(node, f);
                self.open.pop();
                self.op(if called { Op::CloseReturn(*index) } else { Op::Close(*index) });
            }
            Node::Repeat { node, min, max, mode } => self.repeat(node, *min, *max, *mode, follow),
            Node::Backref { groups, fold } => {
                let list = self.list_id(groups);
                match fold {
                    None => self.op(Op::Backref { list }),
                    Some(cs) => {
                        let kind = match fold_kind(*cs, self.utf8) {
                            FoldKind::Ascii => 0,
                            FoldKind::Full => 1,
                            FoldKind::Apart => 2,
                        };
                        self.op(Op::BackrefFold { list, kind })
                    }
                };
            }
            Node::Look { behind, negated, node } => {
                if *negated {
                    let reg = self.regs(2);
                    let begin = self.op(Op::LookBegin { reg, alt: NONE });
                    self.look_body(node, *behind, reg);
                    self.op(Op::NegEnd { reg, to: NONE });
                    let alt = self.here();
                    self.p.ops[begin] = Op::LookBegin { reg, alt };
                } else {
                    let reg = self.regs(2);
                    self.op(Op::LookBegin { reg, alt: NONE });
                    self.look_body(node, *behind, reg);
                    self.op(Op::LookEnd(reg));
                }
            }
            Node::Atomic(node) => {
                let reg = self.regs(1);
                self.op(Op::AtomicBegin(reg));
                let memo = std::mem::replace(&mut self.memo_ok, false);
                self.accepts.push((self.open.len(), Vec::new()));
                // what follows cannot make it match differently
                self.emit(node, First::ALL);
                self.accept_here();
                self.memo_ok = memo;
                self.op(Op::AtomicEnd(reg));
            }
            Node::ScriptRun(node) => {
                let reg = self.regs(1);
                self.op(Op::ScriptBegin(reg));
                self.emit(node, First::ALL);
                self.op(Op::ScriptEnd(reg));
            }
            Node::Cond { cond, yes, no } => self.conditional(cond, yes, no, follow),
            Node::Recurse(g) => {
                let at = self.op(Op::Fail);
                self.calls.push((at, *g));
            }
            Node::Verb { verb, name } => self.verb(*verb, name),
            Node::Keep => {
                self.op(Op::Keep);
            }
            Node::Code { id, .. } => {
                self.op(Op::Code(*id));
            }
            Node::Postponed(id) => {
                self.op(Op::Postponed(*id));
            }
            Node::Cluster => {
                self.op(Op::Cluster);
            }
            Node::Newline => {
                self.op(Op::Newline);
            }
        }
    }

    // ---- literals

    fn bytes(&mut self, b: &[u8]) -> (u32, u32) {
        let off = self.p.bytes.len() as u32;
        self.p.bytes.extend_from_slice(b);
        (off, b.len() as u32)
    }

    fn plain(&mut self, cps: &[Cp]) {
        match lit_bytes(cps, self.utf8) {
            None => self.op(Op::Fail),
            Some(b) if b.len() == 1 => self.op(Op::Byte(b[0])),
            Some(b) => {
                let (off, len) = self.bytes(&b);
                self.op(Op::Lit { off, len })
            }
        };
    }

    fn literal(&mut self, cps: &[Cp], fold: Option<crate::flags::Charset>) {
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
            FoldKind::Apart => ascii,
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
        let apart = kind == FoldKind::Apart;
        let off = self.p.cps.len() as u32;
        for &c in cps {
            self.p.cps.extend_from_slice(classes::fold_char(c, apart).as_slice());
        }
        let len = self.p.cps.len() as u32 - off;
        self.op(Op::FoldFull { off, len, apart });
    }

    /// Is an ASCII literal matched by nothing outside ASCII?
    fn only_ascii_relatives(&self, cps: &[Cp]) -> bool {
        let low: Vec<u8> = cps.iter().map(|&c| (c as u8).to_ascii_lowercase()).collect();
        let pair = |p: &[u8; 2]| low.windows(2).any(|w| w == p);
        if !self.utf8 {
            return !pair(b"ss");
        }
        !low.iter().any(|c| matches!(c, b'k' | b's')) && ![b"ff", b"fi", b"fl"].iter().any(|p| pair(p))
    }

    fn class(&mut self, c: &Class, follow: First) {
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

    // ---- choice

    fn alternation(&mut self, v: &[Node], follow: First) {
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

    fn one_set_of_alt(&self, v: &[Node]) -> Option<CharSet> {
        let mut s = CharSet::new();
        for n in v {
            s.union(&self.one_set(n)?);
        }
        Some(s)
    }

    fn repeat(&mut self, node: &Node, min: u32, max: u32, mode: Mode, follow: First) {
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

    fn run(&mut self, node: &Node, one: One, min: u32, max: u32, mode: Mode, follow: First) {
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

    // ---- assertions

    fn look_body(&mut self, node: &Node, behind: bool, reg: u32) {
        let memo = std::mem::replace(&mut self.memo_ok, false);
        let then = self.then_reg.take();
        let open = self.open.len();
        self.accepts.push((open, Vec::new()));
        if behind {
            let (mut min, max) = analyze::behind_len(node, self.root);
            node.walk(&mut |n| {
                if matches!(n, Node::Verb { verb: Verb::Accept, .. }) {
                    min = 0;
                }
            });
            let id = self.p.behinds.len() as u32;
            self.p.behinds.push(Behind { reg, min, max: max.unwrap_or(255) });
            self.op(Op::Behind(id));
        }
        self.emit(node, First::ALL);
        if behind {
            self.op(Op::BehindEnd(reg));
        }
        self.accept_here();
        self.then_reg = then;
        self.memo_ok = memo;
    }

    /// `(*ACCEPT)` in the lookaround or atomic group that ends here goes on here.
    fn accept_here(&mut self) {
        let end = self.here();
        if let Some((_, jumps)) = self.accepts.pop() {
            for j in jumps {
                self.p.ops[j] = Op::Jump(end);
            }
        }
    }

    fn conditional(&mut self, cond: &Cond, yes: &Node, no: &Node, follow: First) {
        let saved_then = self.then_reg;
        let at = match cond {
            Cond::Group(l) => {
                let list = self.list_id(l);
                self.op(Op::CondGroup { list, no: NONE })
            }
            Cond::Recursion(l) => {
                let list = l.as_ref().map_or(NONE, |l| self.list_id(l));
                self.op(Op::CondRecursion { list, no: NONE })
            }
            Cond::Define => {
                let j = self.op(Op::Jump(NONE));
                self.emit(yes, First::ALL);
                let end = self.here();
                self.p.ops[j] = Op::Jump(end);
                return;
            }
            Cond::Code(id) => self.op(Op::CondCode { id: *id, no: NONE }),
            Cond::Look(Node::Look { behind, negated, node }) => {
                let reg = self.regs(2);
                let begin = self.op(Op::LookBegin { reg, alt: NONE });
                self.look_body(node, *behind, reg);
                if *negated {
                    let end = self.op(Op::NegEnd { reg, to: NONE });
                    let alt = self.here();
                    self.p.ops[begin] = Op::LookBegin { reg, alt };
                    end
                } else {
                    self.op(Op::LookEnd(reg));
                    begin
                }
            }
            // (?!): never
            Cond::Look(_) => self.op(Op::Jump(NONE)),
        };
        self.emit(yes, follow);
        let j = self.op(Op::Jump(NONE));
        let no_pc = self.here();
        match &mut self.p.ops[at] {
            Op::CondGroup { no, .. } | Op::CondRecursion { no, .. } | Op::CondCode { no, .. } => *no = no_pc,
            Op::LookBegin { alt, .. } => *alt = no_pc,
            Op::NegEnd { to, .. } | Op::Jump(to) => *to = no_pc,
            _ => {}
        }
        self.emit(no, follow);
        let end = self.here();
        self.p.ops[j] = Op::Jump(end);
        self.then_reg = saved_then;
    }

    fn verb(&mut self, verb: Verb, name: &Option<Arc<[u8]>>) {
        let id = self.name_id(name);
        match verb {
            Verb::Commit => self.op(Op::Commit(id)),
            Verb::Prune => self.op(Op::Prune(id)),
            Verb::Skip if name.is_some() => self.op(Op::SkipName(id)),
            Verb::Skip => self.op(Op::Skip(NONE)),
            Verb::Mark => self.op(Op::Mark(id)),
            Verb::Fail => self.op(Op::FailName(id)),
            Verb::Then => match self.then_reg {
                Some(reg) => self.op(Op::Then { reg, name: id }),
                None => self.op(Op::Prune(id)),
            },
            Verb::Accept => {
                let from = self.accepts.last().map_or(0, |a| a.0);
                let open: Vec<u32> = self.open[from..].iter().rev().copied().collect();
                for g in open {
                    self.op(Op::Close(g));
                }
                match self.accepts.last_mut() {
                    Some(a) => {
                        let at = self.p.ops.len();
                        a.1.push(at);
                        self.op(Op::Jump(NONE))
                    }
                    None => self.op(Op::Accept(id)),
                }
            }
        };
    }

    // ---- where to start

    fn start_info(&mut self, node: &Node, verbs: bool) {
        let may_skip = !verbs;
        self.p.start = match analyze::lead_of(node) {
            Lead::Subject => StartAt::Subject,
            Lead::Pos => StartAt::Pos,
            Lead::Line => StartAt::Line,
            Lead::DotStar if may_skip && self.plain_pattern(node) => StartAt::FirstOrLine,
            Lead::AnyStar if may_skip && self.plain_pattern(node) => StartAt::First,
            _ => StartAt::Any,
        };
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
        if matches!(self.p.start, StartAt::Any) {
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
    fn first_of_start(&self, node: &Node) -> First {
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
    fn plain_pattern(&self, node: &Node) -> bool {
        let mut ok = true;
        node.walk(&mut |n| {
            ok &= !matches!(
                n,
                Node::Backref { .. }
                    | Node::Code { .. }
                    | Node::Postponed(_)
                    | Node::Recurse(_)
                    | Node::Verb { .. }
                    | Node::Assert(Assert::Pos)
            );
        });
        ok
    }
}
