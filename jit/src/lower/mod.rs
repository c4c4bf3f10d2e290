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
mod inline;
mod pure;
mod range;
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
                    let v = self.b.ins().load(types::I64, mem(), self.fp, Self::at(r) + 8);
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

    pub(crate) fn at(r: u16) -> i32 {
        r as i32 * 16
    }

    fn live(&self, set: &keshi_l1::liveness::RegSet, r: u16) -> bool {
        set.has(r) || self.flow.aliased.get(r as usize).is_some_and(|a| *a)
    }

    // ---- variables

    fn var(slot: &mut Option<Variable>, b: &mut FunctionBuilder, ty: ir::Type) -> Variable {
        *slot.get_or_insert_with(|| b.declare_var(ty))
    }
    fn meta_var(&mut self, r: u16) -> Variable {
        Self::var(&mut self.meta[r as usize], &mut self.b, types::I64)
    }
    fn bits_var(&mut self, r: u16) -> Variable {
        Self::var(&mut self.bits[r as usize], &mut self.b, types::I64)
    }
    fn num_var(&mut self, r: u16) -> Variable {
        Self::var(&mut self.num[r as usize], &mut self.b, types::F64)
    }
    fn get_i(&mut self, r: u16) -> Value {
        let v = self.bits_var(r);
        self.b.use_var(v)
    }
    fn set_i(&mut self, r: u16, x: Value) {
        if self.flow.marks[r as usize] {
            self.b.ins().store(mem(), x, self.fp, Self::at(r) + 8);
        }
        let v = self.bits_var(r);
        self.b.def_var(v, x);
    }
    fn get_n(&mut self, r: u16) -> Value {
        let v = self.num_var(r);
        self.b.use_var(v)
    }
    fn set_n(&mut self, r: u16, x: Value) {
        let v = self.num_var(r);
        self.b.def_var(v, x);
    }
    fn int(&mut self, i: i64) -> Value {
        self.b.ins().iconst(types::I64, i)
    }
    fn ptr<T>(&mut self, p: *const T) -> Value {
        self.int(p as i64)
    }

    /// Meta word of a slot.
    fn get_meta(&mut self, r: u16) -> Value {
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
    fn get_bits(&mut self, r: u16) -> Value {
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

    fn get_num(&mut self, r: u16) -> Value {
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
    fn load_slot(&mut self, r: u16) {
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
    fn store(&mut self, r: u16) {
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
    fn put(&mut self, r: u16, v: Plain) {
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
    fn plain(&mut self, r: u16) -> Plain {
        let m = self.ctx.get(r);
        match single(m) {
            _ if m == NUM => Plain::Num(self.get_n(r)),
            Some(t) => Plain::Tagged(t, self.get_i(r)),
            None => Plain::Any(m, self.get_meta(r), self.get_i(r)),
        }
    }

    /// Drops a counted value that the slot may hold in memory; afterwards the memory is plain.
    fn drop_old(&mut self, r: u16) {
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

    // ---- control

    /// Goes on in a block all of whose predecessors have been built: sealing it at once spares Cranelift the
    /// parameters which it gives to blocks it does not know enough about.
    fn open(&mut self, block: Block) {
        self.b.switch_to_block(block);
        self.b.seal_block(block);
    }

    /// Goes on at `pc` as the last deed of an instruction. Code that only this block leads to becomes part of it.
    fn go_on(&mut self, pc: u32) {
        if self.chains(pc) || self.carries(pc) {
            self.next = Some(pc);
            self.ended = true;
        } else {
            self.goto(pc);
        }
    }

    fn chains(&self, pc: u32) -> bool {
        self.flow.single_pred(pc)
            && self.region[self.flow.cfg.block_of[pc as usize] as usize]
            && !self.of_pc.contains_key(&pc)
            && flow::is_cold(self.c, pc).is_none()
    }

    /// May the chain go on at `pc`, where others may come too, for the sake of what it knows about ranges or of what
    /// it can learn there about the registers it has just filled? Once for every context: others get a version of
    /// their own, so code at most doubles.
    fn carries(&mut self, pc: u32) -> bool {
        let next = &self.c.code[pc as usize..];
        let checked = |i: &Ins| matches!(i.op, op::N_ADDX | op::N_SUBX | op::N_MULX);
        if self.ranges.is_empty() && !next.iter().take(2).any(checked)
            || !self.region[self.flow.cfg.block_of[pc as usize] as usize]
            || self.flow.is_head(pc)
            || flow::is_cold(self.c, pc).is_some()
        {
            return false;
        }
        let mut ctx = self.ctx.clone();
        let live = self.flow.live_at(self.c, pc);
        ctx.normalise(|r| self.live(&live, r));
        let known = self.of_pc.get(&pc).is_some_and(|v| v.iter().any(|i| self.versions[*i].ctx == ctx));
        !known && self.carried.insert((pc, ctx))
    }

    /// Ends the current block by going to `pc` in the current context.
    fn goto(&mut self, pc: u32) {
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
    fn leave(&mut self, pc: u32, why: Why) {
        self.settle();
        let block = self.exit_block(pc, why);
        self.b.ins().jump(block, &[]);
        self.ended = true;
    }

    fn exit_block(&mut self, pc: u32, why: Why) -> Block {
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
    fn branch(&mut self, cond: Value, pc: u32, taken: Option<(u16, Mask)>, not: Option<(u16, Mask)>) {
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

    /// The slot's tag is in `m` from here on.
    fn narrow(&mut self, r: u16, m: Mask) {
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

    /// `br.tag`/`br.ntag`.
    fn guard(&mut self, r: u16, mask: Mask, want_in: bool, target: u32) {
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

    /// Is the tag in `yes`, given that it is in `yes` or `no`?
    fn tag_test(&mut self, r: u16, yes: Mask, no: Mask) -> Value {
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

    fn tag_of(&mut self, r: u16) -> Value {
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

    /// Compiles one version of a block.
    fn version(&mut self, i: usize) {
        let (mut pc, block, ctx) =
            (self.versions[i].pc, self.versions[i].block, self.versions[i].ctx.clone());
        self.b.switch_to_block(block);
        self.ctx = ctx;
        self.ended = false;
        self.ranges = range::Ranges::default();
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

    fn sync(&mut self, pc: u32) {
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

    fn switch(&mut self, ins: &Ins) {
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
