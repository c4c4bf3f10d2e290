//! Registers and their places: the variables that stand for I, N and plain S registers, the frame in memory, and what
//! is known of a slot's tag.

use super::*;

impl Lower<'_, '_> {
    pub(crate) fn at(r: u16) -> i32 {
        r as i32 * 16
    }

    pub(super) fn var(slot: &mut Option<Variable>, b: &mut FunctionBuilder, ty: ir::Type) -> Variable {
        *slot.get_or_insert_with(|| b.declare_var(ty))
    }

    pub(super) fn meta_var(&mut self, r: u16) -> Variable {
        Self::var(&mut self.meta[r as usize], &mut self.b, types::I64)
    }

    fn bits_var(&mut self, r: u16) -> Variable {
        Self::var(&mut self.bits[r as usize], &mut self.b, types::I64)
    }

    fn num_var(&mut self, r: u16) -> Variable {
        Self::var(&mut self.num[r as usize], &mut self.b, types::F64)
    }

    pub(super) fn get_i(&mut self, r: u16) -> Value {
        let v = self.bits_var(r);
        self.b.use_var(v)
    }

    pub(super) fn set_i(&mut self, r: u16, x: Value) {
        if self.flow.marks[r as usize] {
            self.b.ins().store(mem(), x, self.fp, Self::at(r) + 8);
        }
        let v = self.bits_var(r);
        self.b.def_var(v, x);
    }

    pub(super) fn get_n(&mut self, r: u16) -> Value {
        let v = self.num_var(r);
        self.b.use_var(v)
    }

    pub(super) fn set_n(&mut self, r: u16, x: Value) {
        let v = self.num_var(r);
        self.b.def_var(v, x);
    }

    /// Meta word of a slot.
    pub(super) fn get_meta(&mut self, r: u16) -> Value {
        let m = self.ctx.get(r);
        match (in_regs(m), single(m)) {
            (true, Some(t)) => self.int(t as i64),
            (true, None) => {
                let v = self.meta_var(r);
                self.b.use_var(v)
            }
            _ => self.b.ins().load(types::I64, mem(), self.fp, Self::at(r)),
        }
    }

    /// Payload of a slot.
    pub(super) fn get_bits(&mut self, r: u16) -> Value {
        let m = self.ctx.get(r);
        match m {
            NUM => {
                let n = self.get_n(r);
                self.b.ins().bitcast(types::I64, MemFlagsData::new(), n)
            }
            _ if in_regs(m) => self.get_i(r),
            _ => self.b.ins().load(types::I64, mem(), self.fp, Self::at(r) + 8),
        }
    }

    pub(super) fn get_num(&mut self, r: u16) -> Value {
        let m = self.ctx.get(r);
        if m == NUM {
            return self.get_n(r);
        }
        if in_regs(m) {
            let i = self.get_i(r);
            return self.b.ins().bitcast(types::F64, MemFlagsData::new(), i);
        }
        self.b.ins().load(types::F64, mem(), self.fp, Self::at(r) + 8)
    }

    /// Fills the variables of a slot from memory, for the plain mask that the context already has.
    pub(super) fn load_slot(&mut self, r: u16) {
        let m = self.ctx.get(r);
        if m == NUM {
            let v = self.b.ins().load(types::F64, mem(), self.fp, Self::at(r) + 8);
            return self.set_n(r, v);
        }
        let v = self.b.ins().load(types::I64, mem(), self.fp, Self::at(r) + 8);
        self.set_i(r, v);
        if single(m).is_none() {
            let v = self.b.ins().load(types::I64, mem(), self.fp, Self::at(r));
            let var = self.meta_var(r);
            self.b.def_var(var, v);
        }
    }

    /// Stores a slot that is in variables.
    pub(super) fn store(&mut self, r: u16) {
        if !in_regs(self.ctx.get(r)) {
            return;
        }
        let meta = self.get_meta(r);
        self.b.ins().store(mem(), meta, self.fp, Self::at(r));
        if self.ctx.get(r) == NUM {
            let n = self.get_n(r);
            self.b.ins().store(mem(), n, self.fp, Self::at(r) + 8);
        } else {
            let bits = self.get_i(r);
            self.b.ins().store(mem(), bits, self.fp, Self::at(r) + 8);
        }
    }

    /// Overwrites a slot with a plain value, dropping what it held.
    pub(super) fn put(&mut self, r: u16, v: Plain) {
        self.drop_old(r);
        self.dirty[r as usize] = true;
        let m = match v {
            Plain::Num(n) => {
                self.set_n(r, n);
                NUM
            }
            Plain::Tagged(t, bits) => {
                self.set_i(r, bits);
                only(t)
            }
            Plain::Any(m, meta, bits) => {
                let var = self.meta_var(r);
                self.b.def_var(var, meta);
                self.set_i(r, bits);
                m
            }
        };
        self.ctx.set(r, m);
        if self.worker.is_some() {
            self.watch(r);
        }
    }

    /// A plain value in a slot, to be put elsewhere.
    pub(super) fn plain(&mut self, r: u16) -> Plain {
        let m = self.ctx.get(r);
        match single(m) {
            _ if m == NUM => Plain::Num(self.get_n(r)),
            Some(t) => Plain::Tagged(t, self.get_i(r)),
            None => Plain::Any(m, self.get_meta(r), self.get_i(r)),
        }
    }

    /// Drops a counted value that the slot may hold in memory; afterwards the memory is plain.
    pub(super) fn drop_old(&mut self, r: u16) {
        let m = self.ctx.get(r);
        if in_regs(m) {
            return;
        }
        if self.worker.is_some() {
            return self.no_drop(r);
        }
        self.ctx.1 = true;
        let call = |s: &mut Self| {
            let place = s.b.ins().iadd_imm_s(s.fp, Self::at(r) as i64);
            let (sig, f) = (s.drop_sig(), s.ptr(stubs::drop_slot as *const u8));
            s.b.ins().call_indirect(sig, f, &[place]);
        };
        if m & PLAIN == 0 {
            return call(self);
        }
        let (cold, go) = (self.b.create_block(), self.b.create_block());
        self.b.set_cold_block(cold);
        let t = self.b.ins().uload8(types::I64, mem(), self.fp, Self::at(r));
        let counted = self.b.ins().icmp_imm_s(IntCC::UnsignedGreaterThanOrEqual, t, 8);
        self.b.ins().brif(counted, cold, &[], go, &[]);
        self.open(cold);
        call(self);
        self.b.ins().jump(go, &[]);
        self.open(go);
    }

    /// The slot's tag is in `m` from here on.
    pub(super) fn narrow(&mut self, r: u16, m: Mask) {
        let old = self.ctx.get(r);
        if in_regs(old) {
            if m == NUM && old != NUM {
                let n = self.get_num(r);
                self.set_n(r, n);
            }
            self.ctx.set(r, m);
            return;
        }
        self.ctx.set(r, m);
        if in_regs(m) {
            self.load_slot(r);
        }
    }

    /// Is the tag in `yes`, given that it is in `yes` or `no`?
    pub(super) fn tag_test(&mut self, r: u16, yes: Mask, no: Mask) -> Value {
        let t = self.tag_of(r);
        if let Some(s) = single(yes) {
            return self.b.ins().icmp_imm_s(IntCC::Equal, t, s as i64);
        }
        if let Some(s) = single(no) {
            return self.b.ins().icmp_imm_s(IntCC::NotEqual, t, s as i64);
        }
        let set = self.int(yes as i64);
        let bit = self.b.ins().ushr(set, t);
        self.b.ins().band_imm_u(bit, 1)
    }

    pub(super) fn tag_of(&mut self, r: u16) -> Value {
        let m = self.ctx.get(r);
        match single(m) {
            Some(t) => self.int(t as i64),
            None if in_regs(m) => {
                let v = self.get_meta(r);
                self.b.ins().band_imm_u(v, 0xff)
            }
            None => self.b.ins().uload8(types::I64, mem(), self.fp, Self::at(r)),
        }
    }
}
