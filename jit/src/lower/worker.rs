//! Code for the workers of a parallel loop.
//!
//! Contract. A worker runs on a private copy of the frame, without the machine. It reads shared arrays and cells,
//! writes its own registers and lists, and leaves at the plan's exit when its iterations are done. Every other exit
//! means: abort, nothing happened.

use super::*;
use keshi_value::val::tag;
use keshi_value::{array, obj::Kind, scalar};

/// What the code of a plan's workers needs to know.
#[derive(Clone)]
pub struct Worker {
    /// Pc of the head of the loop.
    pub head: u32,
    /// Least and greatest integer in a register whenever an iteration starts. `None`: nobody has looked yet.
    pub known: Option<Vec<(u16, i64, i64)>>,
    /// Pcs of the body.
    pub body: Vec<(u32, u32)>,
    /// S registers that sum up and may overflow: their least and greatest value are recorded, in the frame behind the
    /// registers.
    pub sums: Vec<u16>,
    /// P registers whose payload is a [`Buffer`].
    pub lists: Vec<u16>,
}

/// Values appended by one worker.
pub type Buffer = Vec<[u64; 2]>;

impl Worker {
    pub fn covers(&self, pc: u32) -> bool {
        self.body.iter().any(|r| r.0 <= pc && pc < r.1)
    }
    /// Slot of the least value of sum `i`; the greatest is in the next one.
    pub fn watch_slot(&self, c: &Chunk, i: usize) -> usize {
        c.n_slots as usize + 2 * i
    }
    pub fn frame_len(&self, c: &Chunk) -> usize {
        c.n_slots as usize + 2 * self.sums.len()
    }
}

/// # Safety
/// `list` is the worker's own buffer.
unsafe extern "C" fn append(list: *mut Buffer, meta: u64, bits: u64) -> u32 {
    // SAFETY: by contract.
    unsafe { (*list).push([meta & 0xff, bits]) };
    0
}

impl Lower<'_, '_> {
    pub(super) fn worker_entry(&mut self) {
        let n = self.worker.map_or(0, |w| w.sums.len());
        for _ in 0..2 * n {
            let v = self.b.declare_var(types::I64);
            let zero = self.int(0);
            self.b.def_var(v, zero);
            self.watched.push(v);
        }
    }

    /// Notes the new value of a sum.
    pub(super) fn watch(&mut self, r: u16) {
        let Some(i) = self.worker.and_then(|w| w.sums.iter().position(|s| *s == r)) else { return };
        if self.ctx.get(r) != INT {
            return;
        }
        let x = self.get_i(r);
        let (lo, hi) = (self.watched[2 * i], self.watched[2 * i + 1]);
        let (a, b) = (self.b.use_var(lo), self.b.use_var(hi));
        let (a, b) = (self.b.ins().smin(a, x), self.b.ins().smax(b, x));
        self.b.def_var(lo, a);
        self.b.def_var(hi, b);
    }

    /// Stores the extremes of the sums at an exit.
    pub(super) fn store_watched(&mut self) {
        for (i, v) in self.watched.clone().into_iter().enumerate() {
            let x = self.b.use_var(v);
            let at = (self.c.n_slots as usize + i) as i32 * 16 + 8;
            self.b.ins().store(mem(), x, self.fp, at);
        }
    }

    /// A worker drops nothing: it gives up where the dispatch loop would.
    pub(super) fn no_drop(&mut self, r: u16) {
        let t = self.b.ins().uload8(types::I64, mem(), self.fp, Self::at(r));
        let counted = self.b.ins().icmp_imm_s(IntCC::UnsignedGreaterThanOrEqual, t, tag::FIRST_HEAP as i64);
        self.give_up_if(counted);
    }

    fn give_up_if(&mut self, cond: Value) {
        let out = self.exit_block(0, Why::Raise);
        let go = self.b.create_block();
        self.b.ins().brif(cond, out, &[], go, &[]);
        self.open(go);
    }

    /// Instructions that workers do in a way of their own.
    pub(super) fn worker_ins(&mut self, pc: u32, v: &View) -> bool {
        let Some(w) = self.worker else { return false };
        let ins = v.ins;
        match v.info.name {
            "stmt" | "loop" | "cold" | "nop" => {}
            "switch" => return false,
            "list.push" if w.lists.contains(&ins.a) && in_regs(self.ctx.get(ins.b)) => {
                let list = self.b.ins().load(types::I64, mem(), self.fp, Self::at(ins.a) + 8);
                let (meta, bits) = (self.get_meta(ins.b), self.get_bits(ins.b));
                let (sig, f) = (self.wrap_sig(), self.ptr(append as *const u8));
                self.b.ins().call_indirect(sig, f, &[list, meta, bits]);
            }
            "list.item" | "av.get" | "av.getq" | "av.peekq" if !w.lists.contains(&ins.b) => {
                self.shared_item(ins)
            }
            "list.rest" if !w.lists.contains(&ins.b) => {
                let av = self.shared_array(ins.b);
                let n = self.b.ins().load(types::I64, mem(), av, array::LEN as i32);
                let n = self.b.ins().iadd_imm_s(n, -(ins.hi() as i64));
                let zero = self.int(0);
                let n = self.b.ins().smax(n, zero);
                self.set_i(ins.a, n);
            }
            // Unknown tags of a shared register: what it holds must be plain.
            _ if !v.is_pure() && !v.is_rt() && !self.inline(pc, v) => self.leave(pc, Why::Leave),
            _ => return !v.is_pure() && !v.is_rt(),
        }
        true
    }

    /// The plain array in a P register.
    fn shared_array(&mut self, r: u16) -> Value {
        let av = self.b.ins().load(types::I64, mem(), self.fp, Self::at(r) + 8);
        let none = self.b.ins().icmp_imm_s(IntCC::Equal, av, 0);
        self.give_up_if(none);
        let kind = self.b.ins().uload8(types::I64, mem(), av, stubs::KIND);
        let other = self.b.ins().icmp_imm_s(IntCC::NotEqual, kind, Kind::ARRAY as i64);
        self.give_up_if(other);
        av
    }

    /// Reads an element through its alias, if it is a plain value in the end.
    fn shared_item(&mut self, ins: &Ins) {
        let av = self.shared_array(ins.b);
        let n = self.b.ins().load(types::I64, mem(), av, array::LEN as i32);
        let i = self.get_i(ins.c);
        let over = self.b.ins().icmp(IntCC::UnsignedGreaterThanOrEqual, i, n);
        self.give_up_if(over);
        let data = self.b.ins().load(types::I64, mem(), av, array::PTR as i32);
        let offset = self.b.ins().ishl_imm_u(i, 4);
        let p = self.b.ins().iadd(data, offset);
        let meta = self.b.ins().load(types::I64, mem(), p, 0);
        let (direct, alias, join) = (self.b.create_block(), self.b.create_block(), self.b.create_block());
        let place = self.b.append_block_param(join, types::I64);
        let plain = self.b.ins().icmp_imm_s(IntCC::UnsignedLessThan, meta, 8);
        self.b.ins().brif(plain, direct, &[], alias, &[]);
        self.open(direct);
        self.b.ins().jump(join, &[p.into()]);
        self.open(alias);
        let t = self.b.ins().band_imm_u(meta, 0xff);
        let other = self.b.ins().icmp_imm_s(IntCC::NotEqual, t, tag::IND as i64);
        self.give_up_if(other);
        let cell = self.b.ins().load(types::I64, mem(), p, 8);
        let kind = self.b.ins().uload8(types::I64, mem(), cell, stubs::KIND);
        let magic = self.b.ins().icmp_imm_s(IntCC::NotEqual, kind, Kind::SCALAR as i64);
        self.give_up_if(magic);
        let inner = self.b.ins().iadd_imm_s(cell, scalar::VAL as i64);
        self.b.ins().jump(join, &[inner.into()]);
        self.open(join);
        let meta = self.b.ins().load(types::I64, mem(), place, 0);
        let counted = self.b.ins().icmp_imm_s(IntCC::UnsignedGreaterThanOrEqual, meta, 8);
        self.give_up_if(counted);
        let bits = self.b.ins().load(types::I64, mem(), place, 8);
        self.put(ins.a, Plain::Any(PLAIN, meta, bits));
    }
}
