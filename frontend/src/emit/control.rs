//! `next`, `last`, `redo`, `given`/`when`.
use super::*;

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
        for s in self.scopes.iter().rev() {
            match &s.frame {
                Some(FrameCx::Loop(l)) if name.as_ref().is_none_or(|n| l.labels.contains(n)) => {
                    found = Some(l.clone());
                    break;
                }
                _ => {}
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
        // The topic is a copy, except that a whole array or hash is taken by reference.
        match self.smart_operand(topic)? {
            r if r == v => {}
            r => {
                self.copy_to(v, &r.into())?;
                self.done(r)?;
            }
        }
        let s = self.sym("main::_");
        self.op("topic.save", std::slice::from_ref(&s))?;
        self.op("topic.set", &[v.into(), s])?;
        self.done(v)?;
        self.scope_push(Scope { frame: Some(FrameCx::Given { end, dest: d }), ..Scope::default() });
        self.block(body, d)?;
        self.scopes.pop();
        self.bind(end)?;
        if d == Dest::Ret {
            self.empty_value(d)?;
        }
        self.scope_close()?;
        self.scope_close()
    }

    /// The topicaliser around this place: the scopes that stay open at its end, that end, and where the value of a
    /// `given` goes.
    fn topicaliser(&self) -> Option<(usize, L, Option<Dest>)> {
        self.scopes.iter().enumerate().rev().find_map(|(i, s)| match &s.frame {
            Some(FrameCx::Given { end, dest }) => Some((i + 1, *end, Some(*dest))),
            Some(FrameCx::Loop(l)) if l.topical => Some((l.depth_next, l.next, None)),
            _ => None,
        })
    }

    pub fn when(&mut self, cond: Option<&Expr>, body: &Block, d: Dest) -> E {
        let end = self.label();
        if let Some(c) = cond {
            self.when_test(c, end)?;
        }
        let value = match self.topicaliser() {
            // Only a statement of the `given` block itself gives its value from the middle.
            Some((depth, _, Some(dest))) if self.scopes.len() == depth + 1 => dest,
            Some((_, _, None)) => Dest::Void,
            _ => d,
        };
        self.scope_push(Scope { frame: Some(FrameCx::When { end }), ..Scope::default() });
        self.block(body, value)?;
        self.scopes.pop();
        if self.b.falls_through() {
            self.leave_topicaliser()?;
        }
        self.bind(end)?;
        self.empty_value(d)
    }

    fn when_test(&mut self, c: &Expr, no: L) -> E {
        use ExprKind::*;
        match &c.kind {
            Logical(LogOp::And, a, b) => {
                self.when_test(a, no)?;
                return self.when_test(b, no);
            }
            Logical(LogOp::Or, a, b) if boolean(a) => {
                let yes = self.label();
                let other = self.label();
                self.when_test(a, other)?;
                self.jmp(yes)?;
                self.bind(other)?;
                self.when_test(b, no)?;
                return self.bind(yes);
            }
            _ if boolean(c) => return self.jump_if(c, false, no),
            _ => {}
        }
        let v = self.smart_operand(c)?;
        let t = self.ts();
        self.op("when", &[t.into(), v.into(), Arg::Imm(0)])?;
        self.done(v)?;
        self.atom("br.false", &[t.into(), no.into()])?;
        self.done(t)
    }

    /// `break`
    pub fn break_(&mut self) -> E {
        if let Some((_, _, Some(Dest::Scalar(r)))) = self.topicaliser() {
            self.atom("s.undef", &[r.into()])?;
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
            None => {
                let text = b"Can't \"break\" outside a given block".to_vec();
                let k = self.konst(Const::Str { bytes: text, utf8: false });
                self.op("die.msg", &[k])
            }
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
                self.leave_to(depth)?;
                self.jmp(to)
            }
            None => {
                let text = b"Can't \"continue\" outside a when block".to_vec();
                let k = self.konst(Const::Str { bytes: text, utf8: false });
                self.op("die.msg", &[k])
            }
        }
    }
}

/// Conditions `when` takes as they are instead of matching the topic.
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
