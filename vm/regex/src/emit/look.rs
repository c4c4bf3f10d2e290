//! Lookaround, conditions and verbs.

use super::*;

impl Compiler<'_> {
    pub(super) fn look_body(&mut self, node: &Node, behind: bool, reg: u32) {
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
    pub(super) fn accept_here(&mut self) {
        let end = self.here();
        if let Some((_, jumps)) = self.accepts.pop() {
            for j in jumps {
                self.p.ops[j] = Op::Jump(end);
            }
        }
    }

    pub(super) fn conditional(&mut self, cond: &Cond, yes: &Node, no: &Node, follow: First) {
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

    pub(super) fn verb(&mut self, verb: Verb, name: &Option<Arc<[u8]>>) {
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
}
