//! Atoms and entries that are Rust functions: called through the VM's wrappers with operands in the frame.

use super::*;
use keshi_l1::isa::{Fact, MaskRef, Mode, RTS};
use keshi_vm::dispatch_gen::{ATOM_WRAPPERS, RT_WRAPPERS};

impl Lower<'_, '_> {
    /// Calls the wrapper of the instruction at `pc`.
    pub(super) fn call(&mut self, pc: u32, v: &View) {
        if self.worker.is_some() {
            // Whatever needs the machine ends the region.
            return self.leave(pc, Why::Leave);
        }
        self.ctx.1 = true;
        let f = match v.is_rt() {
            true if (v.ins.lo() as usize) < RTS.len() => Some(RT_WRAPPERS[v.ins.lo() as usize]),
            true => None,
            false => ATOM_WRAPPERS[v.ins.op as usize],
        };
        let Some(f) = f else { return self.leave(pc, Why::Leave) };
        for (_, mode, fam, r) in v.regs() {
            if !mode.reads() {
                continue;
            }
            match fam {
                Fam::S | Fam::P => self.store(r),
                Fam::I => {
                    let x = self.get_i(r);
                    self.b.ins().store(mem(), x, self.fp, Self::at(r) + 8);
                }
                Fam::N => {
                    let x = self.get_n(r);
                    self.b.ins().store(mem(), x, self.fp, Self::at(r) + 8);
                }
            }
        }
        let aliases = self.flow.any_aliased && flow::reaches_aliases(v);
        if aliases {
            for r in 0..self.c.n_sp {
                if self.flow.aliased[r as usize] {
                    self.store(r);
                }
            }
        }
        let ins = (self.env.code as usize + pc as usize * size_of::<Ins>()) as i64;
        let (at, next) = (self.int(ins), self.int(ins + size_of::<Ins>() as i64));
        let offset = std::mem::offset_of!(keshi_vm::Vm, pc) as i32;
        self.b.ins().store(mem(), next, self.vm, offset);
        let (sig, f) = (self.wrap_sig(), self.ptr(f as *const u8));
        let call = self.b.ins().call_indirect(sig, f, &[self.vm, self.fp, at]);
        let status = self.b.inst_results(call)[0];
        let raise = self.exit_block(pc, Why::Raise);
        if aliases {
            for r in 0..self.c.n_sp {
                if self.flow.aliased[r as usize] {
                    self.ctx.set(r, ANY);
                }
            }
        }
        let Some(label) = v.label() else {
            let go = self.b.create_block();
            self.b.ins().brif(status, raise, &[], go, &[]);
            self.open(go);
            return self.outs(v, true);
        };
        let (ok, taken, go) = (self.b.create_block(), self.b.create_block(), self.b.create_block());
        let failed = self.b.ins().icmp_imm_s(IntCC::UnsignedGreaterThan, status, 1);
        self.b.ins().brif(failed, raise, &[], ok, &[]);
        self.open(ok);
        self.b.ins().brif(status, taken, &[], go, &[]);
        let before = self.ctx.clone();
        self.open(taken);
        self.outs(v, false);
        self.goto(label);
        self.ctx = before;
        self.ended = false;
        self.open(go);
        self.outs(v, true);
    }

    /// The registers after a call that did not fail.
    fn outs(&mut self, v: &View, fell_through: bool) {
        // Facts may name the tag of another operand as it was before.
        let proved: Vec<_> =
            v.regs().map(|(i, ..)| if fell_through { self.proved(v, i) } else { ANY }).collect();
        for ((_, mode, fam, r), m) in v.regs().zip(proved) {
            if !mode.writes() {
                continue;
            }
            match fam {
                Fam::I => {
                    let x = self.b.ins().load(types::I64, mem(), self.fp, Self::at(r) + 8);
                    self.set_i(r, x);
                }
                Fam::N => {
                    let x = self.b.ins().load(types::F64, mem(), self.fp, Self::at(r) + 8);
                    self.set_n(r, x);
                }
                Fam::P => self.ctx.set(r, ANY),
                Fam::S => {
                    self.ctx.set(r, if mode == Mode::Take { UNDEF } else { m });
                    if in_regs(self.ctx.get(r)) {
                        self.load_slot(r);
                    }
                }
            }
        }
    }

    /// What the head proves about the tag of S operand `i`.
    fn proved(&self, v: &View, i: usize) -> Mask {
        let mut m = ANY;
        for f in v.info.proves {
            let Fact::Tag(o, set) = f else { continue };
            if *o as usize != i {
                continue;
            }
            m &= match set {
                MaskRef::Lit(k) => *k,
                MaskRef::Opd(k) => v.value(*k as usize) as Mask,
                MaskRef::NotOpd(k) => !(v.value(*k as usize) as Mask),
                // A resolved copy of an alias may have any tag.
                MaskRef::SameAs(k) => match v.reg(*k as usize).map(|r| self.ctx.get(r)) {
                    Some(k) if k & ALIASES == 0 => k,
                    _ => ANY,
                },
                MaskRef::OfConst(k) => match self.env.consts.get(v.value(*k as usize) as usize) {
                    Some(c) => only(c.tag()),
                    None => ANY,
                },
            };
        }
        if m == 0 { ANY } else { m }
    }
}

const ALIASES: Mask = 0xe000;
