//! Ways from block to block: chaining, jumps to other versions, branches and guards, exits.

use super::*;

impl Lower<'_, '_> {
    /// Goes on in a block all of whose predecessors have been built: sealing it at once spares Cranelift the
    /// parameters which it gives to blocks it does not know enough about.
    pub(super) fn open(&mut self, block: Block) {
        self.b.switch_to_block(block);
        self.b.seal_block(block);
    }

    /// Goes on at `pc` as the last deed of an instruction. Code that only this block leads to becomes part of it.
    pub(super) fn go_on(&mut self, pc: u32) {
        if self.chains(pc) || self.carries(pc) {
            self.next = Some(pc);
            self.ended = true;
        } else {
            self.goto(pc);
        }
    }

    pub(super) fn chains(&self, pc: u32) -> bool {
        self.flow.single_pred(pc)
            && self.region[self.flow.cfg.block_of[pc as usize] as usize]
            && !self.of_pc.contains_key(&pc)
            && flow::is_cold(self.c, pc).is_none()
    }

    /// May the chain go on at `pc`, where others may come too, for the sake of what it knows about ranges or of what
    /// it can learn there about the registers it has just filled? Once for every context: others get a version of
    /// their own, so code at most doubles. What a worker knows at the head of its loop is worth a chain for each version
    /// of the head.
    pub(super) fn carries(&mut self, pc: u32) -> bool {
        let next = &self.c.code[pc as usize..];
        let checked = |i: &Ins| matches!(i.op, op::N_ADDX | op::N_SUBX | op::N_MULX);
        if self.ranges.is_empty() && !next.iter().take(2).any(checked)
            || !self.region[self.flow.cfg.block_of[pc as usize] as usize]
            || self.flow.is_head(pc)
            || flow::is_cold(self.c, pc).is_some()
        {
            return false;
        }
        if self.from_head {
            return true;
        }
        let mut ctx = self.ctx.clone();
        let live = self.flow.live_at(self.c, pc);
        ctx.normalise(|r| self.live(&live, r));
        let known = self.of_pc.get(&pc).is_some_and(|v| v.iter().any(|i| self.versions[*i].ctx == ctx));
        !known && self.carried.insert((pc, ctx))
    }

    /// Ends the current block by going to `pc` in the current context.
    pub(super) fn goto(&mut self, pc: u32) {
        self.settle();
        self.ended = true;
        let at_region = self.region[self.flow.cfg.block_of[pc as usize] as usize];
        if !at_region {
            return self.leave(pc, Why::Leave);
        }
        if flow::is_cold(self.c, pc).is_some() && !(self.env.warm)(pc) {
            return self.leave(pc, Why::Cold);
        }
        let live = self.flow.live_at(self.c, pc);
        let aliased = &self.flow.aliased;
        let mut want = self.ctx.clone();
        want.normalise(|r| live.has(r) || aliased[r as usize]);
        let mut known = self.of_pc.entry(pc).or_default().clone();
        let mut i = known.iter().copied().find(|i| self.versions[*i].ctx == want);
        if i.is_none() && known.len() >= MAX_VERSIONS {
            for k in &known {
                let o = self.versions[*k].ctx.clone();
                want.join(&o);
            }
            i = known.iter().copied().find(|i| self.versions[*i].ctx == want);
        }
        let i = match i {
            Some(i) => i,
            None if self.versions.len() >= MAX_BLOCKS => return self.leave(pc, Why::Leave),
            None => {
                let block = self.b.create_block();
                if flow::is_cold(self.c, pc).is_some() {
                    self.b.set_cold_block(block);
                }
                self.versions.push(Version { pc, block, ctx: want });
                let i = self.versions.len() - 1;
                known.push(i);
                self.of_pc.insert(pc, known);
                self.work.push(i);
                i
            }
        };
        let to = self.versions[i].ctx.clone();
        for r in 0..self.c.n_sp {
            let (f, t) = (self.ctx.get(r), to.get(r));
            if f == t || !in_regs(f) || !self.live(&live, r) {
                continue;
            }
            if !in_regs(t) {
                self.store(r);
            } else {
                let (meta, bits) = (self.get_meta(r), self.get_bits(r));
                let var = self.meta_var(r);
                self.b.def_var(var, meta);
                self.set_i(r, bits);
            }
        }
        let block = self.versions[i].block;
        self.b.ins().jump(block, &[]);
    }

    /// Ends the current block by leaving compiled code.
    pub(super) fn leave(&mut self, pc: u32, why: Why) {
        self.settle();
        let block = self.exit_block(pc, why);
        self.b.ins().jump(block, &[]);
        self.ended = true;
    }

    pub(super) fn exit_block(&mut self, pc: u32, why: Why) -> Block {
        let key = (pc, why, self.ctx.clone());
        if let Some(b) = self.stub_of.get(&key) {
            return *b;
        }
        let block = self.b.create_block();
        self.b.set_cold_block(block);
        self.stubs.push(Stub { block, exit: Exit { pc, why }, ctx: self.ctx.clone() });
        self.stub_of.insert(key, block);
        block
    }

    /// Branches to `pc` if `cond`; `taken` and `not` are what the branch proves about a slot.
    pub(super) fn branch(
        &mut self,
        cond: Value,
        pc: u32,
        taken: Option<(u16, Mask)>,
        not: Option<(u16, Mask)>,
    ) {
        let (yes, no) = (self.b.create_block(), self.b.create_block());
        self.b.ins().brif(cond, yes, &[], no, &[]);
        let before = (self.ctx.clone(), self.ranges.clone());
        self.open(yes);
        if let Some((r, m)) = taken {
            self.narrow(r, m);
        }
        self.goto(pc);
        (self.ctx, self.ranges) = before;
        self.ended = false;
        self.open(no);
        if let Some((r, m)) = not {
            self.narrow(r, m);
        }
    }

    /// `br.tag`/`br.ntag`.
    pub(super) fn guard(&mut self, r: u16, mask: Mask, want_in: bool, target: u32) {
        let m = self.ctx.get(r);
        let (inside, outside) = (m & mask, m & !mask);
        let (go, stay) = if want_in { (inside, outside) } else { (outside, inside) };
        if go == 0 {
            return;
        }
        if stay == 0 {
            return self.go_on(target);
        }
        let cond = self.tag_test(r, go, stay);
        self.branch(cond, target, Some((r, go)), Some((r, stay)));
    }

    pub(super) fn sync(&mut self, pc: u32) {
        if self.worker.is_some() {
            return;
        }
        self.ctx.1 = false;
        let p = self.ptr(self.env.pending);
        let w = self.b.ins().load(types::I32, mem(), p, 0);
        let out = self.exit_block(pc, Why::Sync);
        let go = self.b.create_block();
        self.b.ins().brif(w, out, &[], go, &[]);
        self.open(go);
        if let Some(s) = self.env.stress {
            let p = self.ptr(s);
            let w = self.b.ins().load(types::I32, mem(), p, 0);
            let w = self.b.ins().iadd_imm_s(w, -1);
            self.b.ins().store(mem(), w, p, 0);
            let go = self.b.create_block();
            let zero = self.b.ins().icmp_imm_s(IntCC::SignedLessThanOrEqual, w, 0);
            self.b.ins().brif(zero, out, &[], go, &[]);
            self.open(go);
        }
    }

    pub(super) fn switch(&mut self, ins: &Ins) {
        let table = keshi_l1::cfg::table(self.c, ins);
        let Some((last, rest)) = table.split_last() else { return self.ended = true };
        let x = self.get_i(ins.a);
        for (i, l) in rest.iter().enumerate() {
            let c = self.b.ins().icmp_imm_s(IntCC::Equal, x, i as i64);
            self.branch(c, *l, None, None);
        }
        self.go_on(*last);
    }
}
