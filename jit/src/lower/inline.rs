//! Fast paths of Rust-bodied atoms for operands whose values are in registers.
//!
//! Contract: each gives what the atom's function gives for these operands; `false` means that the caller emits the
//! general call. A helper that splits the path ends one side with `goto` of the next pc.

use super::*;
use keshi_value::val::tag;

impl Lower<'_, '_> {
    pub(super) fn inline(&mut self, pc: u32, v: &View) -> bool {
        let ins = v.ins;
        match ins.op {
            op::S_CONST => {
                let Some(k) = self.env.consts.get(ins.imm as usize) else { return false };
                if k.tag() > tag::BOOL {
                    return false;
                }
                let (t, bits) = (k.tag(), k.bits);
                let x = match t {
                    tag::NUM => Plain::Num(self.b.ins().f64const(f64::from_bits(bits))),
                    t => Plain::Tagged(t, self.int(bits as i64)),
                };
                self.put(ins.a, x);
            }
            op::S_COPY if in_regs(self.ctx.get(ins.b)) => {
                let x = self.plain(ins.b);
                self.put(ins.a, x);
            }
            op::S_MOVE if in_regs(self.ctx.get(ins.b)) => {
                let x = self.plain(ins.b);
                self.put(ins.a, x);
                if ins.a != ins.b {
                    self.set_undef(ins.b);
                }
            }
            op::S_DROP if in_regs(self.ctx.get(ins.a)) => self.set_undef(ins.a),
            op::S_DROP => {
                self.drop_old(ins.a);
                self.ctx.set(ins.a, UNDEF);
                self.set_undef(ins.a);
            }
            op::S_TONUM if self.is(ins.b, INT | NUM | UINT) => {
                let x = self.plain(ins.b);
                self.put(ins.a, x);
            }
            op::S_TON if self.ctx.get(ins.b) == NUM => {
                let x = self.get_n(ins.b);
                self.set_n(ins.a, x);
            }
            op::S_TON if self.ctx.get(ins.b) == INT => {
                let x = self.get_i(ins.b);
                let x = self.b.ins().fcvt_from_sint(types::F64, x);
                self.set_n(ins.a, x);
            }
            op::S_TOI if self.ctx.get(ins.b) == INT => {
                let x = self.get_i(ins.b);
                self.set_i(ins.a, x);
            }
            op::BR_TRUE | op::BR_FALSE => {
                let Some(t) = self.truth(ins.a) else { return false };
                let label = v.label().unwrap_or(pc);
                let t = match ins.op {
                    op::BR_TRUE => t,
                    _ => self.b.ins().icmp_imm_s(IntCC::Equal, t, 0),
                };
                self.branch(t, label, None, None);
            }
            op::BR_DEF if in_regs(self.ctx.get(ins.a)) => {
                self.guard(ins.a, PLAIN & !UNDEF, true, v.label().unwrap_or(pc));
            }
            op::AV_GETQ | op::AV_PEEKQ => self.element(pc, v),
            _ => return false,
        }
        true
    }

    fn is(&self, r: u16, m: Mask) -> bool {
        self.ctx.get(r) & !m == 0
    }

    fn set_undef(&mut self, r: u16) {
        let zero = self.int(0);
        self.set_i(r, zero);
        self.dirty[r as usize] = true;
        self.ctx.set(r, UNDEF);
    }

    /// Not zero if the value is true.
    fn truth(&mut self, r: u16) -> Option<Value> {
        let m = self.ctx.get(r);
        if m == NUM {
            let n = self.get_n(r);
            let zero = self.b.ins().f64const(0.0);
            return Some(self.b.ins().fcmp(ir::condcodes::FloatCC::NotEqual, n, zero));
        }
        // The payload of undef is no value.
        if m == UNDEF {
            return Some(self.b.ins().iconst(types::I8, 0));
        }
        if m & !(INT | BOOL | UINT) != 0 {
            return None;
        }
        let x = self.get_i(r);
        Some(self.b.ins().icmp_imm_s(IntCC::NotEqual, x, 0))
    }

    /// `av.getq`: an element that is plain goes to variables, any other through the wrapper.
    fn element(&mut self, pc: u32, v: &View) {
        let ins = v.ins;
        let av = self.b.ins().load(types::I64, mem(), self.fp, Self::at(ins.b) + 8);
        let data = self.b.ins().load(types::I64, mem(), av, keshi_value::array::PTR as i32);
        let i = self.get_i(ins.c);
        let offset = self.b.ins().ishl_imm_u(i, 4);
        let p = self.b.ins().iadd(data, offset);
        let meta = self.b.ins().load(types::I64, mem(), p, 0);
        let (fast, slow) = (self.b.create_block(), self.b.create_block());
        // No bits above the tag: neither absent nor read-only.
        let plain = self.b.ins().icmp_imm_s(IntCC::UnsignedLessThan, meta, 8);
        self.b.ins().brif(plain, fast, &[], slow, &[]);
        let before = self.ctx.clone();
        self.open(slow);
        self.call(pc, v);
        if !self.ended {
            self.goto(pc + 1);
        }
        self.ctx = before;
        self.ended = false;
        self.open(fast);
        let bits = self.b.ins().load(types::I64, mem(), p, 8);
        self.put(ins.a, Plain::Any(PLAIN, meta, bits));
    }
}
