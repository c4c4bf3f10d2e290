//! `next`, `last`, `redo`, `given`/`when`.
use super::*;
use keshi_l1::builder::HandlerSpec;

/// Labels of the ends of `given` and `when` blocks.
const BREAK: &[u8] = b" break";
const CONTINUE: &[u8] = b" continue";

impl Emitter<'_> {
    /// `how`: 0 next, 1 last, 2 redo. Static inside the sub, else an unwinding search through the callers.
    pub fn loop_jump(&mut self, how: u64, label: &ast::Label, line: u32) -> E {
        self.at(line);
        let name = match label {
            ast::Label::None => None,
            ast::Label::Name(n) => Some(n.clone()),
            ast::Label::Expr(e) => {
                let v = self.operand(e)?;
                return self.op("unwind.dyn", &[v, Arg::Imm(how)]);
            }
        };
        let mut found = None;
        let (mut left, mut sort) = (Vec::new(), false);
        for s in self.scopes.iter().rev() {
            match &s.frame {
                Some(FrameCx::Loop(l)) if name.as_ref().is_none_or(|n| l.labels.contains(n)) => {
                    found = Some(l.clone());
                    break;
                }
                Some(FrameCx::Eval { .. }) => left.push(0),
                Some(FrameCx::Sort { .. }) => {
                    left.push(4);
                    sort = true;
                    break;
                }
                _ => {}
            }
        }
        if found.is_some() || sort {
            for what in left {
                self.op("exit.warn", &[Arg::Imm(what | how)])?;
            }
        }
        match found {
            Some(l) => {
                let (depth, to) = match how {
                    0 => (l.depth_next, l.next),
                    1 => (l.depth_last, l.last),
                    _ => (l.depth_next, l.redo),
                };
                self.leave_to(depth)?;
                self.jmp(to)
            }
            None if sort => {
                let how = ["next", "last", "redo"][how as usize];
                match &name {
                    Some(n) => self.refuse(&format!("Label not found for \"{how} {n}\"")),
                    None => self.refuse(&format!("Can't \"{how}\" outside a loop block")),
                }
            }
            None => {
                let id = match &name {
                    Some(n) => {
                        let k = self.konst(Const::Str { bytes: n.as_bytes().to_vec(), utf8: !n.is_ascii() });
                        match k {
                            Arg::Const(i) => i,
                            _ => u32::MAX,
                        }
                    }
                    None => match self.konst(Const::Undef) {
                        Arg::Const(i) => i,
                        _ => u32::MAX,
                    },
                };
                self.atom("unwind", &[Arg::Imm(id.into()), Arg::Imm(how)])
            }
        }
    }

    // ---- given/when

    pub fn given(&mut self, topic: &Expr, body: &Block, lexicals: &[PadIdx], d: Dest) -> E {
        self.scope_open(lexicals)?;
        let end = self.label();
        self.scope_push(Scope::default());
        self.mark_scope()?;
        let v = self.ts();
        // The topic is an alias; a whole array or hash is taken by reference.
        if super::expr::container_sigil(topic).is_none() && super::lvalue::is_lvalue(topic) {
            self.alias_into(topic, v)?;
        } else {
            match self.smart_operand(topic)? {
                r if r == v => {}
                r => {
                    self.copy_to(v, &r.into())?;
                    self.done(r)?;
                }
            }
        }
        let s = self.sym("main::_");
        self.op("topic.save", std::slice::from_ref(&s))?;
        self.op("topic.set", &[v.into(), s])?;
        self.done(v)?;
        // A value apart from what is being built outside: `break` and `continue` drop it.
        let dest = match d {
            Dest::Scalar(_) => Dest::Scalar(self.b.var(b"", Fam::S)),
            Dest::List(_, m) => Dest::List(self.new_list()?, m),
            d => d,
        };
        self.no_value(dest)?;
        self.scope_push(Scope { frame: Some(FrameCx::Given { end, dest }), ..Scope::default() });
        let exit = self.exit_region(BREAK, body)?;
        self.block(body, dest)?;
        self.scopes.pop();
        self.close_exit(exit, dest, end)?;
        self.bind(end)?;
        if d == Dest::Ret {
            self.empty_value(d)?;
        }
        self.scope_close()?;
        self.scope_close()?;
        match (d, dest) {
            (Dest::Scalar(x), Dest::Scalar(t)) => self.op("s.move", &[x.into(), t.into()]),
            (Dest::List(out, _), Dest::List(own, _)) => self.cat(out, own),
            _ => Ok(()),
        }
    }

    /// Covers the block of a `given` or `when` that calls subs: `break` or `continue` in one of them
    /// (`&CORE::break`) ends it. No `goto` has such a label.
    fn exit_region(&mut self, label: &[u8], body: &Block) -> E<Option<(u32, L, usize)>> {
        if !scan::block_any(body, &mut scan::calls) {
            return Ok(None);
        }
        let mark = self.b.var(b"", Fam::I);
        self.atom("dyn.mark", &[mark.into()])?;
        let target = self.b.cold_label();
        let id = self.b.push_region(HandlerSpec::Goto { mark, label: label.into(), target });
        Ok(Some((id, target, self.opened.len())))
    }

    fn close_exit(&mut self, region: Option<(u32, L, usize)>, dest: Dest, end: L) -> E {
        let Some((id, pad, from)) = region else { return Ok(()) };
        self.pop_region(id)?;
        self.bind_cold(pad)?;
        self.clear_since(from)?;
        self.no_value(dest)?;
        self.jmp(end)?;
        self.end_cold()
    }

    /// The value of a `given` becomes the empty one.
    fn no_value(&mut self, dest: Dest) -> E {
        match dest {
            Dest::Scalar(t) => self.atom("s.undef", &[t.into()]),
            Dest::List(l, _) => self.op("list.new", &[l.into()]),
            _ => Ok(()),
        }
    }

    /// The topicaliser around this place: the scopes that stay open at its end, that end, and where the value of a
    /// `given` goes.
    fn topicaliser(&self) -> Option<(usize, L, Dest)> {
        self.scopes.iter().enumerate().rev().find_map(|(i, s)| match &s.frame {
            Some(FrameCx::Given { end, dest }) => Some((i + 1, *end, *dest)),
            Some(FrameCx::Loop(l)) if l.topical => Some((l.depth_next, l.next, Dest::Void)),
            _ => None,
        })
    }

    pub fn when(&mut self, cond: Option<&Expr>, body: &Block, d: Dest) -> E {
        let (end, no) = (self.label(), self.label());
        // Its value is that of the topicaliser, though other statements follow it there; not so in a block whose own
        // value nobody wants.
        let own = cond.is_some() as usize;
        let value = match self.topicaliser() {
            Some((depth, _, value)) if d != Dest::Void || self.scopes.len() - own <= depth + 1 => value,
            _ => d,
        };
        self.scope_push(Scope { frame: Some(FrameCx::When { end }), ..Scope::default() });
        // The condition's variables are the block's.
        self.block_open(body)?;
        if let Some(c) = cond {
            // The parser has made a match against the topic of everything that is no test by itself.
            self.jump_if(c, false, no)?;
        }
        let exit = self.exit_region(CONTINUE, body)?;
        self.body(&body.stmts, value)?;
        if self.b.falls_through() {
            self.leave_topicaliser()?;
        }
        if cond.is_some() {
            self.bind(no)?;
        }
        self.scope_close()?;
        self.scopes.pop();
        self.close_exit(exit, value, end)?;
        self.bind(end)?;
        self.empty_value(d)
    }

    /// `break`: leaves the topicaliser without a value.
    pub fn break_(&mut self) -> E {
        if let Some((_, _, dest)) = self.topicaliser() {
            self.no_value(dest)?;
        }
        self.leave_topicaliser()
    }

    /// What `break` and the end of a `when` do.
    fn leave_topicaliser(&mut self) -> E {
        match self.topicaliser() {
            Some((depth, to, _)) => {
                self.leave_to(depth)?;
                self.jmp(to)
            }
            None => self.op("exit.dyn", &[Arg::Imm(0)]),
        }
    }

    /// `continue` as a statement: leaves the `when`.
    pub fn continue_(&mut self) -> E {
        let found = self.scopes.iter().enumerate().rev().find_map(|(i, s)| match s.frame {
            Some(FrameCx::When { end }) => Some((i + 1, end)),
            _ => None,
        });
        match found {
            Some((depth, to)) => {
                if let Some((_, _, dest)) = self.topicaliser() {
                    self.no_value(dest)?;
                }
                self.leave_to(depth)?;
                self.jmp(to)
            }
            None => self.op("exit.dyn", &[Arg::Imm(1)]),
        }
    }
}

/// Conditions `when` takes as they are instead of matching the topic.
#[keshi_memory::deep]
pub(super) fn boolean(e: &Expr) -> bool {
    use ExprKind::*;
    match &e.kind {
        Match(m) => m.target.is_some(),
        Subst(_) | Not(_) | FileTest { .. } | ChainCmp { .. } | SmartMatch(..) => true,
        Binary(op, ..) => {
            use BinOp::*;
            matches!(
                op,
                NumEq | NumNe | NumLt | NumLe | NumGt | NumGe | StrEq | StrNe | StrLt | StrLe | StrGt | StrGe
            )
        }
        Range { .. } => true,
        Func { func, .. } => {
            use ast::Func::*;
            matches!(func, Defined | Exists | Eof)
        }
        Call(_) | Method(_) => false,
        Int(_) | Num(_) | Str(_) => false,
        List { items, .. } if items.len() == 1 => boolean(&items[0]),
        _ => false,
    }
}
