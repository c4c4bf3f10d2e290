//! Exit stubs, and the functions which compiled code calls besides the wrappers of the VM.
//!
//! `unsafe`: compiled code passes the running machine and slots of its frame.

use super::*;
use cranelift_codegen::ir::{AbiParam, SigRef, Signature};
use keshi_value::Val;
use keshi_vm::{Vm, operand};

/// Offset of the kind byte in the header of a heap object.
pub const KIND: i32 = std::mem::offset_of!(keshi_value::Hdr, kind) as i32;
/// What a null P register points to when its kind is asked for.
pub static NOTHING: [u64; 2] = [0; 2];

/// Drops a slot's value and leaves undef.
///
/// # Safety
/// `p` is a slot of the running frame.
pub unsafe extern "C" fn drop_slot(p: *mut Val) {
    // SAFETY: by contract a valid value.
    unsafe { (*p).put(Val::undef()) }
}

/// # Safety
/// `p` is a slot of the running frame.
pub unsafe extern "C" fn classof(p: *const Val, _: u64) -> i64 {
    // SAFETY: by contract a valid value.
    unsafe { operand::classof(&*p) }
}

/// # Safety
/// `vm` is the running machine, `x` an inline cache of its top chunk.
pub unsafe extern "C" fn ic_key(vm: *const Vm, x: u64) -> i64 {
    // SAFETY: by contract.
    unsafe { operand::ic_key(&*vm, x as u32) }
}

/// # Safety
/// As [`ic_key`].
pub unsafe extern "C" fn epoch(vm: *const Vm, x: u64) -> i64 {
    // SAFETY: by contract.
    unsafe { operand::epoch(&*vm, x as u32) }
}

/// # Safety
/// `vm` is the running machine.
pub unsafe extern "C" fn dynsp(vm: *const Vm, _: u64) -> i64 {
    // SAFETY: by contract.
    unsafe { operand::dynsp(&*vm) }
}

/// # Safety
/// `vm` is the running machine.
pub unsafe extern "C" fn frame_want(vm: *const Vm, _: u64) -> i64 {
    // SAFETY: by contract.
    unsafe { operand::frame_want(&*vm) }
}

/// A signature of pointers and words.
fn words(l: &mut Lower, params: usize, ret: Option<ir::Type>) -> SigRef {
    let mut s = Signature::new(l.b.func.signature.call_conv);
    s.params.extend((0..params).map(|_| AbiParam::new(types::I64)));
    s.returns.extend(ret.map(AbiParam::new));
    l.b.import_signature(s)
}

impl Lower<'_, '_> {
    pub(super) fn wrap_sig(&mut self) -> SigRef {
        if self.wrap_sig.is_none() {
            self.wrap_sig = Some(words(self, 3, Some(types::I32)));
        }
        self.wrap_sig.expect("just made")
    }
    pub(super) fn drop_sig(&mut self) -> SigRef {
        if self.drop_sig.is_none() {
            self.drop_sig = Some(words(self, 1, None));
        }
        self.drop_sig.expect("just made")
    }
    pub(super) fn look_sig(&mut self) -> SigRef {
        if self.look_sig.is_none() {
            self.look_sig = Some(words(self, 2, Some(types::I64)));
        }
        self.look_sig.expect("just made")
    }

    /// Fills an exit: stores what the interpreter may read from here on, counts, returns number and pc.
    pub(super) fn stub(&mut self, id: usize, s: Stub) {
        self.b.switch_to_block(s.block);
        self.ctx = s.ctx;
        if self.worker.is_some() && s.exit.why == Why::Raise {
            let code = self.int((id as i64) << 32);
            self.b.ins().return_(&[code]);
            return;
        }
        self.store_watched();
        let pc = s.exit.pc;
        let raised;
        let live: &keshi_l1::liveness::RegSet = match s.exit.why {
            Why::Raise => {
                raised = self.flow.live_in_handlers(self.c, pc);
                &raised
            }
            _ => &self.flow.live_at(self.c, pc).clone(),
        };
        for r in 0..self.c.n_slots {
            if !self.live(live, r) {
                continue;
            }
            match self.flow.fams[r as usize] {
                // A register that is never written here is in memory already.
                Some(Fam::I) if self.bits[r as usize].is_some() => {
                    let x = self.get_i(r);
                    self.b.ins().store(mem(), x, self.fp, Self::at(r) + 8);
                }
                Some(Fam::N) if self.num[r as usize].is_some() => {
                    let x = self.get_n(r);
                    self.b.ins().store(mem(), x, self.fp, Self::at(r) + 8);
                }
                _ if r < self.c.n_sp && self.dirty[r as usize] => self.store(r),
                _ => {}
            }
        }
        if id < self.env.max_exits {
            let p = self.ptr(self.env.counts);
            let at = id as i32 * 4;
            let n = self.b.ins().load(types::I32, mem(), p, at);
            let n = self.b.ins().iadd_imm_s(n, 1);
            self.b.ins().store(mem(), n, p, at);
        }
        let code = self.int((id as i64) << 32 | pc as i64);
        self.b.ins().return_(&[code]);
    }
}
