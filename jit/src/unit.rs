//! One compiled unit: machine code for one entry of a chunk in one context.
//!
//! Contract. A unit's code stays where it is until the unit is dropped; whoever runs it holds it alive. `unsafe`:
//! the function pointer is valid as long as the module, which the unit owns; the frame passed to [`Unit::run`] is
//! one of the chunk the unit was made from and fits its context.

use crate::context::{Ctx, Mask};
use crate::flow::Flow;
use crate::lower::{Env, Exit, Lower};
use cranelift_codegen::ir::{AbiParam, types};
use cranelift_codegen::isa::OwnedTargetIsa;
use cranelift_codegen::settings::{self, Configurable};
use cranelift_frontend::{FunctionBuilder, FunctionBuilderContext};
use cranelift_jit::{JITBuilder, JITModule};
use cranelift_module::{Linkage, Module};
use keshi_l1::chunk::Chunk;
use keshi_value::Val;
use keshi_vm::Vm;
use std::cell::Cell;
use std::sync::OnceLock;

/// Exits that have a counter.
pub const MAX_EXITS: usize = 4096;

pub type Entry = unsafe extern "C" fn(*mut Vm, *mut Val) -> u64;

pub struct Unit {
    pub pc: u32,
    /// The tags it is made for: those of the registers of which it knows any.
    guards: Box<[(u16, Mask)]>,
    pub exits: Vec<Exit>,
    counts: Box<[Cell<u32>]>,
    entry: Entry,
    module: Option<JITModule>,
    pub bytes: u32,
    pub micros: u32,
    pub clif: Option<String>,
    pub asm: Option<String>,
    /// The ops whose atoms the unit holds, in order; only for dumps.
    pub ops: Vec<String>,
}

/// What to keep for dumps.
#[derive(Clone, Copy, Default)]
pub struct Show {
    pub clif: bool,
    pub asm: bool,
}

/// This machine, as all units see it.
fn isa() -> Result<OwnedTargetIsa, String> {
    static ISA: OnceLock<Result<OwnedTargetIsa, String>> = OnceLock::new();
    let look = || {
        let mut flags = settings::builder();
        let set = [
            ("opt_level", "speed"),
            ("is_pic", "false"),
            ("use_colocated_libcalls", "false"),
            ("enable_probestack", "false"),
            ("enable_verifier", if cfg!(debug_assertions) { "true" } else { "false" }),
        ];
        for (k, v) in set {
            flags.set(k, v).map_err(|e| e.to_string())?;
        }
        cranelift_native::builder()?.finish(settings::Flags::new(flags)).map_err(|e| e.to_string())
    };
    ISA.get_or_init(look).clone()
}

fn module() -> Result<JITModule, String> {
    Ok(JITModule::new(JITBuilder::with_isa(isa()?, cranelift_module::default_libcall_names())))
}

/// Compiles; the error is for `--explain`, the loop is interpreted then.
pub fn compile<'a>(
    c: &'a Chunk,
    flow: &'a Flow,
    pc: u32,
    ctx: Ctx,
    show: Show,
    env: impl FnOnce(*const u32) -> Env<'a>,
) -> Result<Unit, String> {
    let start = std::time::Instant::now();
    let mut module = module()?;
    let mut cx = module.make_context();
    cx.set_disasm(show.asm);
    let sig = &mut cx.func.signature;
    sig.params.extend([AbiParam::new(types::I64), AbiParam::new(types::I64)]);
    sig.returns.push(AbiParam::new(types::I64));
    let counts: Box<[Cell<u32>]> = (0..MAX_EXITS).map(|_| Cell::new(0)).collect();
    let mut fcx = FunctionBuilderContext::new();
    let builder = FunctionBuilder::new(&mut cx.func, &mut fcx);
    let exits = Lower::new(builder, c, flow, env(counts.as_ptr() as *const u32)).run(
        pc,
        &ctx,
        module.target_config(),
    );
    let clif = show.clif.then(|| cx.func.display().to_string());
    let ops = if show.clif || show.asm { ops_of(c, &cx.func) } else { Vec::new() };
    let id =
        module.declare_function("unit", Linkage::Export, &cx.func.signature).map_err(|e| e.to_string())?;
    module.define_function(id, &mut cx).map_err(|e| format!("{e:?}"))?;
    let compiled = cx.compiled_code();
    let bytes = compiled.map_or(0, |c| c.code_buffer().len() as u32);
    let asm = compiled.and_then(|c| c.vcode.clone());
    module.clear_context(&mut cx);
    module.finalize_definitions().map_err(|e| e.to_string())?;
    // SAFETY: the function was built with this signature.
    let entry = unsafe { std::mem::transmute::<*const u8, Entry>(module.get_finalized_function(id)) };
    let micros = start.elapsed().as_micros() as u32;
    Ok(Unit {
        pc,
        guards: ctx.guards(),
        exits,
        counts,
        entry,
        module: Some(module),
        bytes,
        micros,
        clif,
        asm,
        ops,
    })
}

/// The ops of the chunk that the function has code of.
fn ops_of(c: &Chunk, f: &cranelift_codegen::ir::Function) -> Vec<String> {
    let mut pcs: Vec<u32> = (f.layout.blocks().flat_map(|b| f.layout.block_insts(b)))
        .map(|i| f.srcloc(i))
        .filter(|l| !l.is_default())
        .map(|l| l.bits())
        .collect();
    pcs.sort_unstable();
    let mut ops: Vec<String> =
        pcs.into_iter().map(|pc| c.op_at(pc)).filter(|o| !o.is_empty()).map(str::to_string).collect();
    ops.dedup();
    ops
}

impl Unit {
    /// Is the unit made for this frame?
    ///
    /// # Safety
    /// The frame is one of the unit's chunk, or a copy of one.
    pub unsafe fn admits(&self, fp: *const Val) -> bool {
        // SAFETY: S and P slots of a frame hold values.
        self.guards.iter().all(|(r, m)| m >> unsafe { (*fp.add(*r as usize)).tag() } & 1 != 0)
    }

    /// Runs the code; gives the exit taken and its pc.
    ///
    /// # Safety
    /// `fp` is the running frame of `vm`, of this unit's chunk, and the unit's context admits it.
    pub unsafe fn run(&self, vm: *mut Vm, fp: *mut Val) -> usize {
        // SAFETY: by contract.
        (unsafe { (self.entry)(vm, fp) } >> 32) as usize
    }

    /// The code, for workers; valid while the unit lives.
    pub fn entry(&self) -> Entry {
        self.entry
    }

    pub fn count(&self, exit: usize) -> u32 {
        self.counts.get(exit).map_or(0, |c| c.get())
    }
}

impl Drop for Unit {
    fn drop(&mut self) {
        if let Some(m) = self.module.take() {
            // SAFETY: nobody runs the code: runners hold the unit alive.
            unsafe { m.free_memory() }
        }
    }
}
