//! From L1 to Cranelift IR by versioning basic blocks.
//!
//! Contract. The function built is entered at one pc of a chunk with a frame that the entry [`Ctx`] admits, and
//! behaves as the dispatch loop until it returns an exit (see [`Exit`]); then the frame in memory is what the
//! dispatch loop would have left at the exit's pc.
//!
//! A block is compiled once per context that reaches it; guards which the context decides vanish. Beyond
//! [`MAX_VERSIONS`] contexts of one pc they are joined. Invariants:
//! 1. a slot with a plain mask has its value in variables (`meta` if the tag is not known, `num` for NUM, else
//!    `bits`), and plain content in memory; any other slot is in memory;
//! 2. I and N registers live at a place are in variables; wrappers get them through the frame;
//! 3. before anything that may look at the frame its slots are stored ([`Lower::store`]).

mod calls;
mod control;
mod inline;
mod interval;
mod pure;
mod range;
mod slots;
mod stubs;
mod worker;

pub use worker::{Buffer, Worker};

use crate::context::*;
use crate::flow::{self, Flow};
use crate::helpers::Res;
use cranelift_codegen::ir::condcodes::IntCC;
use cranelift_codegen::ir::{self, Block, InstBuilder, MemFlagsData, Value, types};
use cranelift_frontend::{FunctionBuilder, Variable};
use keshi_l1::chunk::{Chunk, Fam, Ins};
use keshi_l1::isa::{Body, Expr, op};
use keshi_l1::view::View;
use std::collections::{HashMap, HashSet};

pub const MAX_VERSIONS: usize = 6;
/// Versions of all pcs together; what does not fit leaves compiled code.
const MAX_BLOCKS: usize = 6000;

/// How compiled code may leave.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Why {
    /// A cold path that has never run.
    Cold,
    /// An instruction which the dispatch loop does itself, or code outside of the unit.
    Leave,
    /// The pending word is set, or `--stress=exit`.
    Sync,
    /// An exception is stored in the machine.
    Raise,
}

#[derive(Clone, Debug)]
pub struct Exit {
    pub pc: u32,
    pub why: Why,
}

struct Stub {
    block: Block,
    exit: Exit,
    ctx: Ctx,
}

/// Addresses and switches of the machine the code is for.
pub struct Env<'a> {
    pub code: *const Ins,
    pub consts: &'a [keshi_value::Val],
    pub pending: *const u32,
    /// Counted down at every sync point; 0 leaves.
    pub stress: Option<*const u32>,
    /// One counter per exit.
    pub counts: *const u32,
    pub max_exits: usize,
    /// May the cold block at this pc be compiled?
    pub warm: &'a dyn Fn(u32) -> bool,
    /// Head of a loop around the entry that is not compiled along.
    pub without: Option<u32>,
    /// The code is for workers of a parallel loop.
    pub worker: Option<&'a Worker>,
}

struct Version {
    pc: u32,
    block: Block,
    ctx: Ctx,
}

/// A plain value on its way into a slot.
#[derive(Clone, Copy)]
pub enum Plain {
    Num(Value),
    /// Tag and payload.
    Tagged(u8, Value),
    /// Meta word and payload; the tag is in the mask.
    Any(Mask, Value, Value),
}

pub struct Lower<'a, 'f> {
    b: FunctionBuilder<'f>,
    c: &'a Chunk,
    flow: &'a Flow,
    env: Env<'a>,
    region: Vec<bool>,
    worker: Option<&'a Worker>,
    versions: Vec<Version>,
    of_pc: HashMap<u32, Vec<usize>>,
    work: Vec<usize>,
    stubs: Vec<Stub>,
    stub_of: HashMap<(u32, Why, Ctx), Block>,
    meta: Vec<Option<Variable>>,
    bits: Vec<Option<Variable>>,
    num: Vec<Option<Variable>>,
    vm: Value,
    fp: Value,
    ctx: Ctx,
    /// The current block has been ended.
    ended: bool,
    /// Instead of ending, the current block goes on at this pc (see [`Lower::go_on`]).
    next: Option<u32>,
    /// Slots some code of this unit assigns; the memory of any other slot is up to date at every exit.
    dirty: Vec<bool>,
    wrap_sig: Option<ir::SigRef>,
    drop_sig: Option<ir::SigRef>,
    look_sig: Option<ir::SigRef>,
    /// Extremes of a worker's sums.
    watched: Vec<Variable>,
    ranges: range::Ranges,
    /// The chain began at the head of a worker's loop.
    from_head: bool,
    /// Where chains went on with their ranges (see [`Lower::carries`]).
    carried: HashSet<(u32, Ctx)>,
}

const fn mem() -> MemFlagsData {
    MemFlagsData::trusted()
}

impl<'a, 'f> Lower<'a, 'f> {
    pub fn new(mut b: FunctionBuilder<'f>, c: &'a Chunk, flow: &'a Flow, env: Env<'a>) -> Self {
        let entry = b.create_block();
        b.append_block_params_for_function_params(entry);
        b.switch_to_block(entry);
        b.seal_block(entry);
        let (vm, fp) = (b.block_params(entry)[0], b.block_params(entry)[1]);
        let n = c.n_slots as usize;
        Lower {
            b,
            c,
            flow,
            worker: env.worker,
            env,
            region: Vec::new(),
            versions: Vec::new(),
            of_pc: HashMap::new(),
            work: Vec::new(),
            stubs: Vec::new(),
            stub_of: HashMap::new(),
            meta: vec![None; n],
            bits: vec![None; n],
            num: vec![None; n],
            vm,
            fp,
            ctx: Ctx::unknown(c),
            ended: false,
            next: None,
            dirty: vec![false; n],
            wrap_sig: None,
            drop_sig: None,
            look_sig: None,
            watched: Vec::new(),
            ranges: range::Ranges::default(),
            from_head: false,
            carried: HashSet::new(),
        }
    }

    /// Builds the whole function; gives its exits.
    pub fn run(
        mut self,
        pc: u32,
        entry: &Ctx,
        frontend: cranelift_codegen::isa::TargetFrontendConfig,
    ) -> Vec<Exit> {
        self.region = match self.worker {
            Some(w) => self.flow.cfg.blocks.iter().map(|b| w.covers(b.start)).collect(),
            None => self.flow.region(pc, self.env.without),
        };
        self.ctx = entry.clone();
        let live = self.flow.live_at(self.c, pc);
        for r in 0..self.c.n_slots {
            if !self.live(&live, r) {
                continue;
            }
            match self.flow.fams[r as usize] {
                Some(Fam::I) => {
                    let v = match self.known_constant(r) {
                        Some(k) => self.int(k),
                        None => self.b.ins().load(types::I64, mem(), self.fp, Self::at(r) + 8),
                    };
                    self.set_i(r, v);
                }
                Some(Fam::N) => {
                    let v = self.b.ins().load(types::F64, mem(), self.fp, Self::at(r) + 8);
                    self.set_n(r, v);
                }
                _ if r < self.c.n_sp && in_regs(self.ctx.get(r)) => self.load_slot(r),
                _ => {}
            }
        }
        self.worker_entry();
        // The entry itself may be in the middle of a block: it is a version of its own.
        self.goto(pc);
        while let Some(i) = self.work.pop() {
            self.version(i);
        }
        let stubs = std::mem::take(&mut self.stubs);
        let exits = stubs.iter().map(|s| s.exit.clone()).collect();
        for (i, s) in stubs.into_iter().enumerate() {
            self.stub(i, s);
        }
        self.b.seal_all_blocks();
        self.b.finalize(frontend);
        exits
    }

    fn live(&self, set: &keshi_l1::liveness::RegSet, r: u16) -> bool {
        set.has(r) || self.flow.aliased.get(r as usize).is_some_and(|a| *a)
    }

    fn int(&mut self, i: i64) -> Value {
        self.b.ins().iconst(types::I64, i)
    }
    fn ptr<T>(&mut self, p: *const T) -> Value {
        self.int(p as i64)
    }

    /// Compiles one version of a block.
    fn version(&mut self, i: usize) {
        let (mut pc, block, ctx) =
            (self.versions[i].pc, self.versions[i].block, self.versions[i].ctx.clone());
        self.b.switch_to_block(block);
        self.ctx = ctx;
        self.ended = false;
        self.ranges = range::Ranges::default();
        self.from_head = self.worker.is_some_and(|w| w.head == pc);
        if self.from_head {
            self.learn_known();
        }
        let mut chained = Vec::new();
        loop {
            self.b.set_srcloc(ir::SourceLoc::new(pc));
            self.ins(pc);
            if !self.ended {
                pc += 1;
                if !self.flow.is_leader(pc) {
                    continue;
                }
                self.go_on(pc);
            }
            let Some(next) = self.next.take() else { return };
            pc = next;
            // A circle which is entered in its middle.
            if chained.contains(&pc) {
                return self.goto(pc);
            }
            chained.push(pc);
            self.ended = false;
            let live = self.flow.live_at(self.c, pc);
            let aliased = &self.flow.aliased;
            self.ctx.normalise(|r| live.has(r) || aliased[r as usize]);
        }
    }

    fn ins(&mut self, pc: u32) {
        let ins = &self.c.code[pc as usize];
        let Some(v) = View::new(ins) else { return self.leave(pc, Why::Leave) };
        self.settle_before(&v);
        if self.worker.is_some() && self.worker_ins(pc, &v) {
            return;
        }
        match ins.op {
            // Between calls and drops only a signal sets the word, and it can wait for the next pass.
            op::STMT if !self.ctx.1 && self.env.stress.is_none() => {}
            op::LOOP | op::STMT => self.sync(pc),
            op::COLD | op::NOP | op::PROF | op::DBG => {}
            op::RT | op::BR_RT => self.call(pc, &v),
            op::BR_TAG | op::BR_NTAG => {
                let label = v.label().unwrap_or(pc);
                self.guard(ins.a, v.value(1) as Mask, ins.op == op::BR_TAG, label);
            }
            op::SWITCH => self.switch(ins),
            _ => match v.info.body {
                Body::Intrinsic => self.leave(pc, Why::Leave),
                Body::Rust(_) => {
                    if !self.inline(pc, &v) {
                        self.call(pc, &v);
                    }
                }
                _ => self.pure(pc, &v),
            },
        }
    }
}
