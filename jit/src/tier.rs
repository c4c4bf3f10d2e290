//! The tier as the dispatch loop sees it: decides what to compile, runs it, learns from exits.
//!
//! `unsafe`: units run on the top frame of the machine, which is of the chunk they were compiled from; its context
//! is checked before. Machine and frame are not otherwise borrowed meanwhile.

use crate::context::Ctx;
use crate::flow::Flow;
use crate::lower::{Env, Why};
use crate::par::{Parallel, Site};
use crate::unit::{self, MAX_EXITS, Show, Unit};
use keshi_io::report;
use keshi_l1::chunk::Chunk;
use keshi_l1::isa::op;
use keshi_value::obj::PENDING;
use keshi_value::{Linked, Val};
use keshi_vm::Vm;
use keshi_vm::dispatch::{Tier, TierExit};
use std::cell::Cell;
use std::collections::HashSet;
use std::rc::Rc;

/// A cold path taken this often from compiled code is compiled, too.
const WARM_EXITS: u32 = 8;
/// Contexts of one entry before one unit for all is made.
const MAX_UNITS: usize = 4;
/// Passes of a loop between two sync exits under `--stress=exit`, in turn.
const STRESS: [u32; 5] = [1, 2, 7, 3, 50];

#[derive(Clone, Default)]
pub struct Options {
    pub parallel: Parallel,
    pub threads: Option<u32>,
    /// One line to standard error for every loop of which it is decided whether it runs in parallel.
    pub report: bool,
    /// One line to standard error for every unit, or why there is none.
    pub explain: bool,
    /// Leave compiled code again and again at sync points.
    pub stress_exits: bool,
    pub show: Show,
    /// Called with a title and the text for every unit to be dumped.
    pub dump: Option<Rc<dyn Fn(&str, &str)>>,
    /// Only chunks with a name that this accepts are dumped.
    pub wanted: Option<Rc<dyn Fn(&str) -> bool>>,
}

#[derive(Default)]
pub(crate) struct Stats {
    pub regions: u32,
    pub aborts: u32,
    pub units: u32,
    pub micros: u64,
    bytes: u64,
    entries: u64,
    declined: u32,
    exits: [u64; 4],
    again: u32,
}

pub struct Cranelift {
    pub(crate) options: Options,
    pub(crate) stats: Stats,
    /// Passes after which a loop is hot.
    pub(crate) hot: u32,
    stress: Box<Cell<u32>>,
    turn: usize,
}

/// What is attached to a linked chunk.
pub(crate) struct Attached {
    pub flow: Option<Rc<Flow>>,
    /// Loops, by counter.
    pub sites: Vec<Site>,
    /// What the parallelizer needs to know of the chunk, once it has asked.
    pub analysis: Option<keshi_l1::par::Analysis>,
    units: Vec<Rc<Unit>>,
    /// Cold pcs to be compiled.
    warm: HashSet<u32>,
    /// Entries that cannot be compiled.
    refused: HashSet<u32>,
}

impl Attached {
    pub fn site(&mut self, id: u32) -> &mut Site {
        &mut self.sites[id as usize]
    }
}

impl Cranelift {
    pub fn new(options: Options) -> Cranelift {
        Cranelift { options, stats: Stats::default(), hot: 1, stress: Box::new(Cell::new(1)), turn: 0 }
    }

    pub(crate) fn attached(linked: &Linked) -> &mut Attached {
        let slot = linked.tier.get_mut();
        let any = slot.get_or_insert_with(|| {
            Box::new(Attached {
                flow: Flow::new(&linked.chunk).map(Rc::new),
                sites: linked.loop_counts.iter().map(|_| Site::default()).collect(),
                analysis: None,
                units: Vec::new(),
                warm: HashSet::new(),
                refused: HashSet::new(),
            })
        });
        any.downcast_mut::<Attached>().expect("there is one tier")
    }

    fn unit(&mut self, linked: &Rc<Linked>, pc: u32, fp: *mut Val) -> Option<Rc<Unit>> {
        let at = Cranelift::attached(linked);
        // SAFETY: `fp` is the running frame of this chunk.
        if let Some(u) = at.units.iter().find(|u| u.pc == pc && unsafe { u.admits(fp) }) {
            return Some(u.clone());
        }
        let flow = at.flow.clone()?;
        if at.refused.contains(&pc) {
            return None;
        }
        let known = at.units.iter().filter(|u| u.pc == pc).count();
        let live = flow.live_at(&linked.chunk, pc);
        let ctx = if known < MAX_UNITS {
            // SAFETY: as above.
            unsafe { Ctx::observe(&linked.chunk, fp, |r| live.has(r) || flow.aliased[r as usize]) }
        } else {
            Ctx::unknown(&linked.chunk)
        };
        let before = pc.checked_sub(1).map(|i| linked.chunk.code[i as usize]);
        let around = before.filter(|i| i.op == op::LOOP);
        let without = around.and_then(|i| self.parallel_around(linked, i.imm as u32, fp));
        match self.compile(linked, &flow, pc, ctx, without) {
            Ok(u) => {
                if self.options.explain {
                    let kind = kind_of(linked, pc);
                    let place = linked.chunk.place_of(pc);
                    report::err(format_args!(
                        "{place} {kind:<8} JIT   from {pc:04}, {} bytes in {} us\n",
                        u.bytes, u.micros
                    ));
                }
                let u = Rc::new(u);
                Cranelift::attached(linked).units.push(u.clone());
                Some(u)
            }
            Err(why) => {
                if self.options.explain {
                    report::err(format_args!(
                        "{} {:<8} LOOP  {why}\n",
                        linked.chunk.place_of(pc),
                        kind_of(linked, pc)
                    ));
                }
                at.refused.insert(pc);
                self.stats.declined += 1;
                None
            }
        }
    }

    fn compile(
        &mut self,
        linked: &Rc<Linked>,
        flow: &Flow,
        pc: u32,
        ctx: Ctx,
        without: Option<u32>,
    ) -> Result<Unit, String> {
        let c = &linked.chunk;
        let show = self.shown(c);
        let warm = |pc: u32| {
            let id = crate::flow::is_cold(c, pc);
            let ran = id.and_then(|i| linked.cold_counts.get(i as usize)).is_none_or(|n| n.get() > 0);
            ran || Cranelift::attached(linked).warm.contains(&pc)
        };
        let stress = self.options.stress_exits.then_some(self.stress.as_ptr() as *const u32);
        let u = unit::compile(c, flow, pc, ctx, show, |counts| Env {
            code: linked.code.get().as_ptr(),
            consts: &linked.consts,
            pending: PENDING.as_ptr() as *const u32,
            stress,
            counts,
            max_exits: MAX_EXITS,
            warm: &warm,
            without,
            worker: None,
        })?;
        self.stats.units += 1;
        self.stats.micros += u.micros as u64;
        self.stats.bytes += u.bytes as u64;
        self.dump(c, pc, &u, "");
        Ok(u)
    }

    /// What of a unit of this chunk is to be dumped.
    pub(crate) fn shown(&self, c: &Chunk) -> Show {
        let name = String::from_utf8_lossy(&c.name);
        let wanted = self.options.dump.is_some() && self.options.wanted.as_ref().is_none_or(|w| w(&name));
        if wanted { self.options.show } else { Show::default() }
    }

    pub(crate) fn dump(&self, c: &Chunk, pc: u32, u: &Unit, role: &str) {
        let Some(dump) = &self.options.dump else { return };
        let ops = match u.ops.is_empty() {
            true => "no ops".to_string(),
            false => format!("ops {}", u.ops.join(", ")),
        };
        let name = String::from_utf8_lossy(&c.name);
        let title = format!("{name} at {} from {pc:04}{role}: {ops}", c.place_of(pc));
        for text in [&u.clif, &u.asm].into_iter().flatten() {
            dump(&title, text);
        }
    }

    /// After an exit: a cold path that is taken again and again belongs into the unit.
    fn learn(&mut self, linked: &Linked, u: &Rc<Unit>, exit: usize) {
        let e = &u.exits[exit];
        self.stats.exits[e.why as usize] += 1;
        if e.why == Why::Cold && u.count(exit) >= WARM_EXITS {
            let at = Cranelift::attached(linked);
            at.warm.insert(e.pc);
            at.units.retain(|o| !Rc::ptr_eq(o, u));
            self.stats.again += 1;
        }
    }
}

/// A word for what begins at `pc`.
fn kind_of(linked: &Linked, pc: u32) -> &'static str {
    let before = pc.checked_sub(1).and_then(|i| linked.chunk.code.get(i as usize));
    match before {
        None => "sub",
        Some(i) if i.op == op::LOOP => "loop",
        Some(_) => "cold",
    }
}

impl Tier for Cranelift {
    fn enter(&mut self, vm: &mut Vm, pc: u32) -> TierExit {
        let (linked, fp) = (vm.frame().linked.clone(), vm.fp);
        self.hot = vm.hot;
        // The dispatch loop has done the work of the loop atom itself.
        let looped = linked.chunk.code[pc as usize].op == op::LOOP;
        let start = if looped { pc + 1 } else { pc };
        if looped && self.options.parallel != Parallel::Off && self.parallel(vm, &linked, pc, fp) {
            return TierExit::Resume;
        }
        let Some(u) = self.unit(&linked, start, fp) else {
            if looped {
                linked.loop_counts[linked.chunk.code[pc as usize].imm as usize].set(0);
            }
            return TierExit::Declined;
        };
        if self.options.stress_exits {
            self.turn = (self.turn + 1) % STRESS.len();
            self.stress.set(STRESS[self.turn]);
        }
        self.stats.entries += 1;
        // SAFETY: `unit` has checked the frame; `u` and `linked` live until after the run.
        let exit = unsafe { u.run(vm, fp) };
        let e = &u.exits[exit];
        let raised = e.why == Why::Raise;
        if !raised {
            // SAFETY: exits name pcs of the chunk.
            vm.pc = unsafe { linked.code.get().as_ptr().add(e.pc as usize) };
        }
        self.learn(&linked, &u, exit);
        if raised { TierExit::Raise } else { TierExit::Resume }
    }

    fn stats(&self) -> String {
        let s = &self.stats;
        format!(
            "parallel: {} regions, {} aborted\njit: {} units, {} bytes, {} us; {} entries; exits: {} cold, {} leave, {} sync, {} raise; {} recompiled, {} declined",
            s.regions,
            s.aborts,
            s.units,
            s.bytes,
            s.micros,
            s.entries,
            s.exits[0],
            s.exits[1],
            s.exits[2],
            s.exits[3],
            s.again,
            s.declined
        )
    }
}
