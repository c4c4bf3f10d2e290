//! Scopes: what block entry sets up and every way out undoes.
use super::*;

impl Emitter<'_> {
    /// Opens the scope of a block: its lexicals, and a mark if it uses `local`.
    pub fn block_open(&mut self, b: &Block) -> E {
        self.scope_open(&b.lexicals)?;
        if scan::block_has_local(b) && self.scopes.len() > 2 {
            self.mark_scope()?;
        }
        if !std::mem::take(&mut self.loop_body) && self.scopes.len() > 2 {
            self.save_matches(b)?;
        }
        Ok(())
    }

    /// The end of the scope on top restores what the last match was, if `b` matches anything.
    pub fn save_matches(&mut self, b: &Block) -> E {
        if scan::block_has_match(b) {
            let p = self.b.var(b"", Fam::P);
            self.op("match.save", &[p.into()])?;
            self.top().matches = Some(p);
        }
        Ok(())
    }

    /// The body of a loop: the last match of one round is there in the next.
    pub fn loop_block(&mut self, b: &Block) -> E {
        self.loop_body = true;
        self.block(b, Dest::Void)
    }

    pub fn scope_open(&mut self, lexicals: &[PadIdx]) -> E {
        let own: Vec<PadIdx> = lexicals.iter().copied().filter(|&i| !self.is_capture(i)).collect();
        for &i in &own {
            // Parameters have their values already.
            let early = self.facts.conditional.contains(&i) || self.facts.has_goto;
            if early && !self.params.contains(&i) {
                self.var_init_early(i)?;
            }
        }
        self.opened.extend(&own);
        self.scope_push(Scope { lexicals: own, ..Scope::default() });
        Ok(())
    }

    pub fn scope_push(&mut self, s: Scope) {
        let regions = self.b.region_depth();
        self.scopes.push(Scope { regions, ..s });
    }

    pub fn top(&mut self) -> &mut Scope {
        if self.scopes.is_empty() {
            self.scope_push(Scope::default());
        }
        let i = self.scopes.len() - 1;
        &mut self.scopes[i]
    }

    /// Remembers the height of the stack of `local` for the innermost scope.
    pub fn mark_scope(&mut self) -> E<Reg> {
        let m = self.b.var(b"", Fam::I);
        self.atom("dyn.mark", &[m.into()])?;
        self.top().mark = Some(m);
        Ok(m)
    }

    /// Code that undoes scope number `i`.
    fn undo(&mut self, i: usize) -> E {
        let s = self.scopes[i].clone();
        if let Some(m) = s.mark {
            self.atom("dyn.unwind", &[m.into()])?;
        }
        if let Some(p) = s.matches {
            // A copy, since other ways out of the same code restore it, too.
            let t = self.tp();
            self.atom("p.copy", &[t.into(), p.into()])?;
            self.op("match.restore", &[t.into()])?;
            self.spent(t);
        }
        for idx in s.lexicals.iter().rev() {
            self.var_clear(*idx)?;
        }
        Ok(())
    }

    /// Closes the innermost scope; control falls out of it (if it can).
    pub fn scope_close(&mut self) -> E {
        if self.b.falls_through() {
            self.undo(self.scopes.len() - 1)?;
        }
        self.scopes.pop();
        Ok(())
    }

    /// Code for leaving all scopes above `depth` by a jump; they stay open for the code after it.
    pub fn leave_to(&mut self, depth: usize) -> E {
        for i in (depth..self.scopes.len()).rev() {
            // Handlers inside of what is being left must not see it half undone.
            let inner = self.b.suspend_regions(self.scopes[i].regions);
            let r = self.undo(i);
            self.b.resume_regions(inner);
            r?;
        }
        Ok(())
    }

    /// What an exception or a `last` from a called sub leaves behind: clears every variable opened since `from`.
    pub fn clear_since(&mut self, from: usize) -> E {
        let mut v: Vec<PadIdx> = self.opened[from..].to_vec();
        v.sort_unstable();
        v.dedup();
        for idx in v {
            self.var_clear(idx)?;
        }
        Ok(())
    }

    /// A block as a statement sequence with its scope.
    pub fn block(&mut self, b: &Block, d: Dest) -> E {
        self.block_open(b)?;
        // What the end of the scope takes away can be passed on as a copy only.
        let d = match d {
            Dest::List(l, Mode::Alias) if self.top().mark.is_some() || !self.top().lexicals.is_empty() => {
                Dest::List(l, Mode::Copy)
            }
            d => d,
        };
        // What follows the block in its expression is under the pragmas, and at the line, of before.
        let (cop, line, at) = (self.cop.clone(), self.line, self.b.line());
        self.body(&b.stmts, d)?;
        self.scope_close()?;
        self.cop = cop;
        self.line = line;
        self.b.set_line(at.0, at.1);
        Ok(())
    }
}
