//! Loops: `while`, C-style `for`, bare blocks; what all loops share. `foreach` is in its own module.
//!
//! A loop whose body may run code of other subs gets a handler region, so that their `last LABEL` finds it.
use super::*;
use keshi_l1::builder::HandlerSpec;

/// What `loop_open` hands to `loop_close`.
pub(crate) struct OpenLoop {
    pub next: L,
    last: L,
    pub redo: L,
    region: Option<(u32, Reg, [L; 3])>,
    /// Variables of the loop, and those of its body alone, start here in `opened`.
    from: usize,
    body: usize,
    depth_last: usize,
}

impl Emitter<'_> {
    /// Starts a loop: pushes a scope that `next` and `last` look for. `conts` are searched for calls as well.
    pub fn loop_open(&mut self, labels: &[Name], parts: &[&Block], topical: bool) -> E<OpenLoop> {
        let (next, last, redo) = (self.label(), self.label(), self.label());
        let depth_last = self.scopes.len();
        let calls = parts.iter().any(|b| scan::block_any(b, &mut scan::calls));
        let region = if calls {
            let mark = self.b.var(b"", Fam::I);
            self.atom("dyn.mark", &[mark.into()])?;
            let pads = [self.b.cold_label(), self.b.cold_label(), self.b.cold_label()];
            let label = labels.last().map(|n| n.as_bytes().into());
            let id = self.b.push_region(HandlerSpec::Loop {
                mark,
                label,
                next: pads[0],
                last: pads[1],
                redo: pads[2],
            });
            Some((id, mark, pads))
        } else {
            None
        };
        self.scope_push(Scope {
            frame: Some(FrameCx::Loop(LoopCx {
                labels: labels.to_vec(),
                next,
                last,
                redo,
                depth_next: depth_last + 1,
                depth_last: depth_last + 1,
                topical,
            })),
            handler_mark: region.map(|(_, mark, _)| mark),
            ..Scope::default()
        });
        let from = self.opened.len();
        Ok(OpenLoop { next, last, redo, region, from, body: from, depth_last })
    }

    /// Ends a loop: landing pads of dynamic jumps, label `last`.
    pub fn loop_close(&mut self, l: &OpenLoop) -> E {
        debug_assert_eq!(self.scopes.len(), l.depth_last + 1);
        self.scopes.pop();
        if let Some((id, _, pads)) = l.region {
            self.pop_region(id)?;
            let ways = [(l.next, l.body), (l.last, l.from), (l.redo, l.body)];
            for (pad, (to, from)) in pads.into_iter().zip(ways) {
                self.bind_cold(pad)?;
                self.clear_since(from)?;
                self.jmp(to)?;
                self.end_cold()?;
            }
        }
        self.bind(l.last)
    }

    /// The test of a loop that jumps to `done` when it fails. Returns the register that then holds its value, if
    /// the loop's value is wanted and the test has other values than true and false.
    fn loop_test(&mut self, c: &Expr, done: L, d: Dest) -> E<Option<Reg>> {
        if !matches!(d, Dest::List(..) | Dest::Ret) || super::control::boolean(c) {
            self.jump_if(c, false, done)?;
            return Ok(None);
        }
        let t = self.b.var(b"", Fam::S);
        self.scalar_into(c, t)?;
        self.atom("br.false", &[t.into(), done.into()])?;
        Ok(Some(t))
    }

    /// A loop ended by its test has the value of the test: in a list, or as the last statement of a sub.
    fn loop_value(&mut self, c: Option<&Expr>, value: Option<Reg>, d: Dest) -> E {
        if c.is_none() || !matches!(d, Dest::List(..) | Dest::Ret) || !self.b.falls_through() {
            return Ok(());
        }
        let t = match value {
            Some(t) => t,
            None => {
                let t = self.b.var(b"", Fam::S);
                let no = self.konst(Const::Bool(false));
                self.op("s.const", &[t.into(), no])?;
                t
            }
        };
        self.deliver(t, d)
    }

    /// `d`: where the value of the loop goes if its test ends it.
    pub fn while_stmt(&mut self, w: &While, labels: &[Name], d: Dest) -> E {
        if w.modifier {
            return self.while_modifier(w);
        }
        let parts: Vec<&Block> = [Some(&w.body), w.cont.as_ref()].into_iter().flatten().collect();
        self.scope_open(&[])?;
        self.save_matches(&w.body)?;
        for &i in &w.lexicals {
            self.var_init_early(i)?;
        }
        let mut lp = self.loop_open(labels, &parts, false)?;
        let test = self.label();
        self.bind(test)?;
        // Variables of the condition are new at each test.
        self.scope_open(&w.lexicals)?;
        self.stay_here();
        lp.body = self.opened.len();
        let done = self.label();
        let value = match &w.cond {
            Some(c) => self.loop_test(c, done, d)?,
            None => None,
        };
        self.bind(lp.redo)?;
        self.loop_block(&w.body)?;
        self.bind(lp.next)?;
        if let Some(c) = &w.cont {
            self.block(c, Dest::Void)?;
        }
        self.leave_to(self.scopes.len() - 1)?;
        self.tick()?;
        self.jmp(test)?;
        self.bind(done)?;
        self.loop_value(w.cond.as_ref(), value, d)?;
        self.scope_close()?;
        self.loop_close(&lp)?;
        self.scope_close()
    }

    /// `next` and `redo` stay inside the scopes opened since `loop_open`.
    fn stay_here(&mut self) {
        let depth = self.scopes.len();
        let lp = self.scopes.iter_mut().rev().find_map(|s| match &mut s.frame {
            Some(FrameCx::Loop(l)) => Some(l),
            _ => None,
        });
        if let Some(l) = lp {
            l.depth_next = depth;
        }
    }

    fn while_modifier(&mut self, w: &While) -> E {
        let (test, done) = (self.label(), self.label());
        self.scope_open(&w.lexicals)?;
        if w.do_first {
            let body = self.label();
            self.bind(body)?;
            self.modifier_body(&w.body)?;
            self.tick()?;
            match &w.cond {
                Some(c) => self.jump_if(c, true, body)?,
                None => self.jmp(body)?,
            }
            self.bind(test)?;
            self.bind(done)?;
            return self.scope_close();
        }
        self.bind(test)?;
        if let Some(c) = &w.cond {
            self.jump_if(c, false, done)?;
        }
        self.modifier_body(&w.body)?;
        self.tick()?;
        self.jmp(test)?;
        self.bind(done)?;
        self.scope_close()
    }

    pub fn modifier_body(&mut self, b: &Block) -> E {
        // `do BLOCK while`: the block is an expression statement with its own scope.
        self.scope_open(&b.lexicals)?;
        for s in &b.stmts {
            if let StmtKind::Expr(e) = &s.kind {
                self.void(e)?;
            } else {
                self.stmt(s, Dest::Void)?;
            }
        }
        self.scope_close()
    }

    pub fn c_for(&mut self, c: &CFor, labels: &[Name], d: Dest) -> E {
        self.scope_open(&c.lexicals)?;
        self.save_matches(&c.body)?;
        if let Some(i) = &c.init {
            self.void(i)?;
        }
        let lp = self.loop_open(labels, &[&c.body], false)?;
        let test = self.label();
        self.bind(test)?;
        let done = self.label();
        let value = match &c.cond {
            Some(e) => self.loop_test(e, done, d)?,
            None => None,
        };
        self.bind(lp.redo)?;
        self.loop_block(&c.body)?;
        self.bind(lp.next)?;
        if let Some(e) = &c.step {
            self.void(e)?;
        }
        self.tick()?;
        self.jmp(test)?;
        self.bind(done)?;
        self.loop_value(c.cond.as_ref(), value, d)?;
        self.loop_close(&lp)?;
        self.scope_close()
    }

    /// `{ … }`: a loop that runs once.
    pub fn bare_block(&mut self, b: &Block, cont: Option<&Block>, labels: &[Name], d: Dest) -> E {
        let d = if cont.is_some() && d != Dest::Void { Dest::Void } else { d };
        let parts: Vec<&Block> = [Some(b), cont].into_iter().flatten().collect();
        let lp = self.loop_open(labels, &parts, false)?;
        self.bind(lp.redo)?;
        self.block(b, d)?;
        self.bind(lp.next)?;
        if let Some(c) = cont {
            self.block(c, Dest::Void)?;
        }
        self.loop_close(&lp)?;
        if d == Dest::Ret { self.empty_value(d) } else { Ok(()) }
    }
}
