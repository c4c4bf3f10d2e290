//! AST → program, for subjects of one encoding. Code is emitted knowing what may follow, so that loops that
//! can never gain by giving characters back become possessive and alternations jump by the next byte.

mod choice;
mod literal;
mod look;
mod start;

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
            whole: None,
            sees_attempts: false,
            start: StartAt::Any,
            before_pos: 0,
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
    pub(super) fn op(&mut self, op: Op) -> usize {
        self.p.ops.push(op);
        self.p.ops.len() - 1
    }

    pub(super) fn here(&self) -> u32 {
        self.p.ops.len() as u32
    }

    pub(super) fn regs(&mut self, n: usize) -> u32 {
        let r = self.p.nregs;
        self.p.nregs += n;
        r as u32
    }

    pub(super) fn set_id(&mut self, s: ByteSet) -> u32 {
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

    pub(super) fn class_id(&mut self, s: &CharSet) -> u32 {
        let mut low = Box::new([false; 256]);
        for (b, slot) in low.iter_mut().enumerate() {
            *slot = s.contains(b as Cp);
        }
        // a byte subject has nothing above 255
        let high = if self.utf8 {
            s.ranges().iter().filter(|r| r.1 >= 256).map(|r| (r.0.max(256), r.1)).collect()
        } else {
            Box::default()
        };
        let tab = ClassTab { low, high };
        if let Some(&i) = self.class_ids.get(&tab) {
            return i;
        }
        let i = self.p.classes.len() as u32;
        self.p.classes.push(tab.clone());
        self.class_ids.insert(tab, i);
        i
    }

    pub(super) fn name_id(&mut self, n: &Option<Arc<[u8]>>) -> u32 {
        match n {
            None => NONE,
            Some(n) => {
                self.p.names.push(n.clone());
                self.p.names.len() as u32 - 1
            }
        }
    }

    pub(super) fn list_id(&mut self, l: &[u32]) -> u32 {
        self.p.lists.push(l.into());
        self.p.lists.len() as u32 - 1
    }

    pub(super) fn first(&self, n: &Node, follow: First) -> First {
        first(n, follow, self.utf8)
    }

    pub(super) fn emit(&mut self, n: &Node, follow: First) {
        match n {
            Node::Empty => {}
            Node::Fail => {
                self.op(Op::Fail);
            }
            Node::Lit { cps, fold } => self.literal(cps, *fold),
            Node::NotNl => {
                self.op(Op::Not(b'\n'));
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
                            FoldKind::Locale => 3,
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
}
