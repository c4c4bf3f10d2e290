//! THE dispatch loop.
//!
//! Contract. Runs the top frame until the frame at depth `base` has returned (`Ok`) or an exception left
//! it (`Err`). Perl-to-Perl calls stay in this loop; only runtime functions that call back nest it. The
//! loop keeps `pc`, `fp` and `base` in locals; `vm.pc`/`vm.fp` are written before anything that may look
//! at them (calls, wrappers) and read back after anything that may change the frame.
//!
//! `unsafe`: chunks are verified, so labels, slots and table indices of instructions are in range; frames
//! obey frame.rs invariants 1–3.

use crate::dispatch_gen::{RT_WRAPPERS, WrapFn};
use crate::exc::{Exc, R, Ret, Want};
use crate::frame::RetTo;
use crate::warn::cat;
use crate::{Vm, operand};
use keshi_l1::chunk::Const;
use keshi_value::obj::PENDING;
use keshi_value::{Array, Ptr, Val};
use std::sync::atomic::Ordering;

include!(concat!(env!("OUT_DIR"), "/arms.rs"));

/// A faster way to run hot code. The loop asks at calls and loop back edges whose counter is due.
pub trait Tier {
    /// Called when the counter of the top frame's chunk (entry, or `loop` atom at `pc`) reached the threshold.
    /// May compile, and may run compiled code from `pc`; afterwards the loop goes on at `vm.pc`/`vm.fp`.
    fn enter(&mut self, vm: &mut Vm, pc: u32) -> TierExit;
    /// Is something compiled for the top frame's chunk at `pc`?
    fn stats(&self) -> String;
}

/// Why compiled code came back.
pub enum TierExit {
    /// Nothing compiled (yet): interpret on.
    Declined,
    /// Ran; continue at `vm.pc` in the top frame.
    Resume,
    /// A runtime function stored an exception in `vm.exc`.
    Raise,
}

fn args_of(v: Val) -> Ptr<Array> {
    v.av().unwrap_or_else(Array::new)
}

/// Runs until the frame at index `base` is gone.
pub fn run(vm: &mut Vm, base_depth: usize) -> R<()> {
    loop {
        match run_frames(vm) {
            Ok(()) => return Ok(()),
            Err(e) => vm.dispatch_exception(e, base_depth)?,
        }
    }
}

// The generated arms of fused runs label their blocks whether or not a branch leaves them.
#[allow(unused_labels)]
/// The loop proper; an exception ends it and `run` re-enters at the handler.
fn run_frames(vm: &mut Vm) -> R<()> {
    let mut pc = vm.pc;
    let mut fp = vm.fp;
    let mut base = vm.frame().linked.code.get().as_ptr();

    macro_rules! reload {
        () => {{
            pc = vm.pc;
            fp = vm.fp;
            base = vm.frame().linked.code.get().as_ptr();
        }};
    }
    macro_rules! raise {
        () => {
            return Err(vm.exc.take().expect("a wrapper that fails stores its exception"))
        };
    }
    macro_rules! call {
        ($code:expr, $args:expr, $want:expr, $ret:expr) => {{
            // SAFETY: verified registers.
            let (code, args) = (&*fp.add($code as usize), std::mem::take(&mut *fp.add($args as usize)));
            let Some(code) = code.cv() else { return Err(vm.die_text("Not a CODE reference")) };
            vm.enter_call(&code, args_of(args), $want, $ret)?;
            reload!();
            if vm.tier.is_some() {
                vm.maybe_enter_tier_at_call()?;
                reload!();
            }
        }};
    }
    macro_rules! leave {
        ($ret:expr) => {{
            let r = $ret;
            if vm.leave_sub(r)? {
                return Ok(());
            }
            reload!();
        }};
    }
    macro_rules! sync {
        () => {
            if PENDING.load(Ordering::Relaxed) != 0 {
                vm.sync()?;
            }
        };
    }

    loop {
        // SAFETY: every path through a verified chunk ends in a return, jump or throw, so `pc` is in range.
        unsafe {
            let ins = &*pc;
            pc = pc.add(1);
            vm.pc = pc;
            l1_dispatch!(ins.op; vm fp ins pc base; raise!(); {
                keshi_l1::isa::op::SWITCH => {
                    let chunk = &vm.frame().linked.chunk;
                    if let Const::Table(t) = &chunk.consts[ins.imm as u32 as usize] {
                        let i = (*fp.add(ins.a as usize)).bits as usize;
                        let l = *t.get(i).unwrap_or(&t[t.len() - 1]);
                        pc = base.add(l as usize);
                    }
                }
                keshi_l1::isa::op::LOOP => {
                    sync!();
                    if vm.hot != 0 {
                        let c = &vm.frame().linked.loop_counts[ins.imm as usize];
                        let n = c.get() + 1;
                        c.set(n);
                        if n >= vm.hot {
                            vm.enter_tier_at_loop()?;
                            reload!();
                        }
                    }
                }
                keshi_l1::isa::op::STMT => {
                    sync!();
                }
                keshi_l1::isa::op::COLD => {
                    let c = &vm.frame().linked.cold_counts[ins.imm as usize];
                    c.set(c.get().wrapping_add(1));
                }
                keshi_l1::isa::op::TRAP => {
                    return Err(vm.die_text("panic: trap in L1 code"));
                }
                keshi_l1::isa::op::ONCE => {
                    let code = vm.frame().code.clone();
                    let id = ins.hi();
                    if code.statics.get().iter().any(|(i, _)| *i == id) {
                        pc = base.add(ins.lo() as usize);
                    } else {
                        code.statics.get_mut().push((id, Val::undef()));
                    }
                }
                keshi_l1::isa::op::DYN_UNWIND => {
                    let m = (*fp.add(ins.a as usize)).bits as usize;
                    vm.dyn_unwind(m)?;
                    sync!();
                }
                keshi_l1::isa::op::CALL_V => call!(ins.a, ins.b, Want::Void, RetTo::Void),
                keshi_l1::isa::op::CALL_S => call!(ins.b, ins.c, Want::Scalar, RetTo::S(ins.a)),
                keshi_l1::isa::op::CALL_L => call!(ins.b, ins.c, Want::List, RetTo::L(ins.a)),
                keshi_l1::isa::op::CALL_D => {
                    let want = vm.frame().want;
                    vm.call_lv = vm.frame().lv;
                    call!(ins.b, ins.c, want, RetTo::L(ins.a))
                }
                keshi_l1::isa::op::CALL_TAIL => {
                    let code = (*fp.add(ins.a as usize)).cv();
                    let args = std::mem::take(&mut *fp.add(ins.b as usize));
                    let Some(code) = code else { return Err(vm.die_text("Goto undefined subroutine")) };
                    let args = args_of(args);
                    // The arguments may alias slots of the frame that goes away now.
                    args.reify();
                    if vm.goto_sub(&code, args)? {
                        return Ok(());
                    }
                    reload!();
                }
                keshi_l1::isa::op::RET_V => leave!(Ret::Void),
                keshi_l1::isa::op::RET_S => leave!(Ret::Scalar(std::mem::take(&mut *fp.add(ins.a as usize)))),
                keshi_l1::isa::op::RET_L => leave!(Ret::List(args_of(std::mem::take(&mut *fp.add(ins.a as usize))))),
                keshi_l1::isa::op::THROW => {
                    let v = std::mem::take(&mut *fp.add(ins.a as usize));
                    let v = vm.read(&v)?;
                    return Err(vm.die_value(v));
                }
                keshi_l1::isa::op::UNWIND => {
                    let label = match &vm.frame().linked.chunk.consts[ins.lo() as usize] {
                        Const::Str { bytes, .. } => Some(bytes.clone().into_boxed_slice()),
                        _ => None,
                    };
                    return Err(vm.leave_loop(ins.hi() as u64, label));
                }
                keshi_l1::isa::op::RT => {
                    let f: WrapFn = RT_WRAPPERS[ins.lo() as usize];
                    if f(vm, fp, ins) != 0 {
                        raise!();
                    }
                }
                keshi_l1::isa::op::BR_RT => {
                    let f: WrapFn = RT_WRAPPERS[ins.lo() as usize];
                    match f(vm, fp, ins) {
                        0 => {}
                        1 => pc = base.add(ins.hi() as usize),
                        _ => raise!(),
                    }
                }
                keshi_l1::isa::op::PAR_FOR => {
                    // The parallel tier takes the loop over, or declines and the cold label runs it here.
                    if !crate::par::par_for(vm, fp, ins) {
                        pc = base.add(ins.imm as u32 as usize);
                    }
                }
                keshi_l1::isa::op::PAR_COMMIT | keshi_l1::isa::op::PROF | keshi_l1::isa::op::DBG => {}
                other => {
                    return Err(vm.die_text(&format!("panic: unknown opcode {other}")));
                }
            });
        }
    }
}

impl Vm {
    /// `goto &sub`: replaces the running frame. True: the result went to a native caller.
    fn goto_sub(&mut self, code: &Ptr<keshi_value::Code>, args: Ptr<Array>) -> R<bool> {
        if self.frame().sort {
            return Err(self.die_text("Can't goto subroutine from a sort sub (or similar callback)"));
        }
        let (want, ret, lv) = (self.frame().want, self.frame().ret, self.frame().lv);
        let mut code = code.clone();
        while !code.is_defined() {
            code = match self.autoload_for(&code) {
                Ok(c) => c,
                Err(e) => {
                    if let Some(n) = self.sub_full_name(&code) {
                        return Err(self.die_text(&format!("Goto undefined subroutine &{n}")));
                    }
                    return Err(e);
                }
            };
        }
        // The statement with the `goto` decides about the warning.
        let quiet = matches!(code.body.get(), keshi_value::Body::Chunk(_)) && !self.warns(cat::RECURSION);
        self.pop_frame()?;
        self.call_lv = lv;
        if quiet {
            let saved = std::mem::replace(&mut self.no_warn, true);
            let r = self.enter_call(&code, args, want, ret);
            self.no_warn = saved;
            return r.map(|()| false);
        }
        if ret == RetTo::Native && !matches!(code.body.get(), keshi_value::Body::Chunk(_)) {
            self.enter_call(&code, args, want, ret)?;
            return Ok(true);
        }
        self.enter_call(&code, args, want, ret)?;
        Ok(false)
    }

    fn maybe_enter_tier_at_call(&mut self) -> R<()> {
        if self.hot == 0 {
            return Ok(());
        }
        let l = &self.frame().linked;
        // SAFETY: `pc` points into the top frame's code.
        let at = unsafe { self.pc.offset_from(l.code.get().as_ptr()) } as u32;
        if at != 0 || l.calls.get() < self.hot {
            return Ok(());
        }
        self.enter_tier(0)
    }

    fn enter_tier_at_loop(&mut self) -> R<()> {
        if self.tier.is_none() {
            return Ok(());
        }
        // The loop atom itself is the entry point.
        let l = &self.frame().linked;
        // SAFETY: `pc` points behind the loop atom of the top frame's code.
        let at = unsafe { self.pc.offset_from(l.code.get().as_ptr()) } as u32;
        self.enter_tier(at - 1)
    }

    fn enter_tier(&mut self, pc: u32) -> R<()> {
        let Some(mut t) = self.tier.take() else { return Ok(()) };
        let r = t.enter(self, pc);
        self.tier = Some(t);
        match r {
            TierExit::Declined | TierExit::Resume => Ok(()),
            TierExit::Raise => Err(self.exc.take().expect("compiled code stores its exception")),
        }
    }
}

/// Kept for compiled code: the same exception path as the loop.
pub fn raise_in(vm: &mut Vm, e: Box<Exc>) -> u32 {
    operand::raise(vm, e)
}
