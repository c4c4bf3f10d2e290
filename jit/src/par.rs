//! Parallel execution of loops: compute on private frames, then commit in the order of iterations.
//!
//! Contract. A region gives what the sequential loop gives, or nothing at all: workers write only copies of the
//! frame and lists of their own, and any exit but the plan's drops all results; the loop then runs sequentially from
//! where it stands. Sums are exact: either a bound of the addends rules an overflow out, or every worker records the
//! extremes of its partial sums, so the commit knows whether the sequential loop would have overflowed.
//!
//! `unsafe`: registers of the running frame are read where the plan, which is verified, names them.

mod known;
mod region;

use crate::context::{Ctx, Mask};
use crate::flow;
use crate::lower::{Env, Worker};
use crate::tier::{Attached, Cranelift};
use crate::unit::{self, Unit};
use keshi_io::report;
use keshi_l1::chunk::{Chunk, Fam};
use keshi_l1::isa::op;
use keshi_l1::par::{self, Commit, Entry, Measured, Place, Plan, Profile, ReduceOp, Slot, Verdict};
use keshi_value::obj::{Kind, PENDING};
use keshi_value::val::tag;
use keshi_value::{Linked, Val};
use keshi_vm::Vm;
use std::rc::Rc;
use std::time::Instant;

#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub enum Parallel {
    #[default]
    Off,
    /// Where it pays.
    Auto,
    /// Wherever it may be.
    Force,
    /// Decides and reports, runs sequentially.
    Report,
}

/// Work below this is not worth waking threads for.
const MIN_REGION_NS: f64 = 200_000.0;
const MIN_CHUNK_NS: f64 = 50_000.0;
/// So many that a thread which falls behind leaves little for the others to wait for.
const CHUNKS_PER_THREAD: u64 = 64;
/// Estimate of compiled code before anything is measured.
const NS_PER_ATOM: f64 = 0.5;
/// A site whose regions abort this often stays sequential.
const MAX_ABORTS: u32 = 2;
/// Plans are made anew while the types of a loop settle.
const MAX_PLANS: u32 = 3;
/// A loop that was refused and is entered this often with the same types stays sequential.
const MAX_REFUSALS: u32 = 64;

type Word2 = [u64; 2];

/// What is known about one loop.
#[derive(Default)]
pub struct Site {
    plan: Option<Rc<(Plan, Worker)>>,
    plans: u32,
    /// Tags of the frame and number of cold blocks that had run when the loop was refused.
    refused: Option<(Box<[u8]>, usize)>,
    /// Entries for which that was still so.
    refusals: u32,
    aborts: u32,
    unit: Option<Rc<Unit>>,
    ns_per_iteration: Option<f64>,
    reported: bool,
}

/// Can this executor run the plan? `watched` tells of a sum whether workers have to note its extremes.
fn supported(c: &Chunk, p: &Plan, watched: impl Fn(&Commit) -> bool) -> Result<Worker, &'static str> {
    let jumps = c.code[p.tick as usize + 1];
    if p.tick + 1 != p.head && !(jumps.op == op::JMP && jumps.imm as u32 == p.head) {
        return Err("the loop does not go on at its head");
    }
    if p.test.limit_reg.is_none() {
        return Err("the bound is not in a register of its own");
    }
    if !p.private_syms.is_empty() {
        return Err("it needs a package variable of its own");
    }
    let (mut sums, mut lists) = (Vec::new(), Vec::new());
    for k in &p.commits {
        match k {
            Commit::Reduce { place: Place::Slot(Slot { fam: Fam::S, n }), op: ReduceOp::Add, .. } => {
                if watched(k) {
                    sums.push(*n);
                }
            }
            Commit::Reduce {
                place: Place::Slot(s),
                op: ReduceOp::And | ReduceOp::Or | ReduceOp::Xor,
                ..
            } if matches!(s.fam, Fam::S | Fam::I) => {}
            Commit::Append { list } => lists.push(*list),
            Commit::OrderedSum { .. } => return Err("sums of doubles run sequentially"),
            Commit::ArrayStore { .. } => return Err("stores into arrays run sequentially"),
            Commit::Reduce { .. } => return Err("this kind of reduction runs sequentially"),
        }
    }
    if p.live_out.iter().any(|s| s.fam == Fam::P) {
        return Err("an object of the last iteration is used later");
    }
    Ok(Worker { head: p.head, known: None, body: p.body.clone(), sums, lists })
}

fn analysis(c: &Chunk, flow: Option<&flow::Flow>) -> par::Analysis {
    match flow {
        Some(f) => par::Analysis::with(c, f.cfg.clone(), f.live.clone()),
        None => par::Analysis::new(c),
    }
}

/// Value of a register in a frame, if it holds an integer.
fn int_in(f: &[Word2], s: Slot) -> Option<i64> {
    let w = f[s.n as usize];
    (s.fam == Fam::I || w[0] as u8 == tag::INT).then_some(w[1] as i64)
}

fn set_int(f: &mut [Word2], s: Slot, x: i64) {
    f[s.n as usize] = [tag::INT as u64, x as u64];
}

/// A worker for this region, if the one that there is relies on more than is certain now; `None`: it fits.
fn fitting(planned: &(Plan, Worker), c: &Chunk, frame: &[Word2], start: i64, trips: u64) -> Option<Worker> {
    let (plan, worker) = planned;
    let watching = match known::sums_fit(plan, worker, c, frame, trips) {
        true => None,
        false => supported(c, plan, |_| true).ok(),
    };
    let w = watching.as_ref().unwrap_or(worker);
    let now = known::known(plan, w, c, frame, start, trips);
    let known = match &w.known {
        None => Some(now),
        Some(old) => known::weaker(old, &now),
    };
    match known {
        Some(_) => Some(Worker { known, ..w.clone() }),
        None => watching,
    }
}

/// Do the conditions of the plan hold in this frame?
fn admitted(p: &Plan, fp: *const Val) -> bool {
    // SAFETY: `fp` is the running frame; the plan's registers are verified ones.
    let at = |r: u16| unsafe { &*fp.add(r as usize) };
    p.entry.iter().all(|e| match e {
        Entry::Tag(r, m) => m >> at(*r).tag() & 1 != 0,
        Entry::PlainArray(r) => at(*r).hdr().is_some_and(|h| h.kind.get() == Kind::ARRAY),
        Entry::Distinct(a, b) => at(*a).bits != at(*b).bits,
        _ => false,
    })
}

/// What the analysis may ask about the running frame.
struct Seen<'a> {
    linked: &'a Linked,
    fp: *const Val,
}

impl Seen<'_> {
    fn tag(&self, r: u16) -> u8 {
        // SAFETY: S and P slots of the running frame hold values; `tags` and `mask` ask for no others.
        unsafe { (*self.fp.add(r as usize)).tag() }
    }

    fn tags(&self) -> impl Iterator<Item = u8> + '_ {
        (0..self.linked.chunk.n_sp).map(|r| self.tag(r))
    }

    fn mask(&self, r: u16) -> Option<Mask> {
        (r < self.linked.chunk.n_sp).then(|| 1 << self.tag(r))
    }

    fn warm(&self, i: u32) -> bool {
        self.linked.cold_counts.get(i as usize).is_some_and(|n| n.get() > 0)
    }
}

impl Cranelift {
    /// Runs the loop whose `loop` atom at `pc` has just been passed. True: it is done, `vm.pc` is behind it.
    pub(crate) fn parallel(&mut self, vm: &mut Vm, linked: &Rc<Linked>, pc: u32, fp: *mut Val) -> bool {
        let c = &linked.chunk;
        let id = c.code[pc as usize].imm as u32;
        let Some(mut planned) = self.plan(linked, id, fp) else { return false };
        let plan = &planned.0;
        if plan.tick != pc || !admitted(plan, fp) {
            return false;
        }
        // SAFETY: the running frame has n_slots words of two; copies are never dropped as values.
        let running = unsafe { std::slice::from_raw_parts(fp as *const Word2, c.n_slots as usize) };
        let Some((start, trips)) = region::range(plan, running, fp) else { return false };
        let site = Cranelift::attached(linked).site(id);
        let ns = site.ns_per_iteration.unwrap_or(plan.weight as f64 * NS_PER_ATOM);
        let threads = self.threads();
        let force = self.options.parallel == Parallel::Force;
        if trips < 2 || threads < 2 && !force || !force && ns * (trips as f64) < MIN_REGION_NS {
            return false;
        }
        let most = if force { trips } else { (ns * trips as f64 / MIN_CHUNK_NS) as u64 };
        let chunks = most.min(trips).min(threads as u64 * CHUNKS_PER_THREAD).max(1);
        if self.options.parallel == Parallel::Report {
            return false;
        }
        if let Some(w) = fitting(&planned, c, running, start, trips) {
            planned = Rc::new((planned.0.clone(), w));
            let site = Cranelift::attached(linked).site(id);
            (site.plan, site.unit) = (Some(planned.clone()), None);
        }
        let (plan, worker) = &*planned;
        let mut frame = running.to_vec();
        frame.resize(worker.frame_len(c), [0, 0]);
        region::prepare(plan, &mut frame, c);
        // They start while this thread compiles.
        let helpers = if threads > 1 { region::pool(threads - 1) } else { None };
        if threads > 1 && helpers.is_none() {
            return false;
        }
        let Some(unit) = self.worker_unit(linked, &planned, id, &frame) else { return false };
        let began = Instant::now();
        let Some(done) = region::run(&unit, &planned, &frame, helpers.as_deref(), start, trips, chunks)
        else {
            self.stats.aborts += 1;
            Cranelift::attached(linked).site(id).aborts += 1;
            return false;
        };
        if !region::commit(&planned, c, done, fp, start, trips) {
            self.stats.aborts += 1;
            Cranelift::attached(linked).site(id).aborts += 1;
            return false;
        }
        let ns = began.elapsed().as_nanos() as f64 * threads as f64 / trips as f64;
        self.stats.regions += 1;
        let site = Cranelift::attached(linked).site(id);
        site.ns_per_iteration = Some(ns);
        // SAFETY: the exit is a pc of the chunk.
        vm.pc = unsafe { linked.code.get().as_ptr().add(plan.exit as usize) };
        if self.options.report && !std::mem::replace(&mut site.reported, true) {
            let v = Verdict { head: plan.head, loop_id: id, result: Ok(plan.clone()) };
            let m = Measured { chunks: chunks as u32, ns_per_iteration: ns, trips };
            report::err(format_args!("{}\n", par::report_line(c, &v, Some(m))));
        }
        true
    }

    fn threads(&self) -> usize {
        let all = || std::thread::available_parallelism().map_or(1, |n| n.get());
        self.options.threads.map_or_else(all, |n| n as usize).clamp(1, 256)
    }

    fn plan(&mut self, linked: &Rc<Linked>, id: u32, fp: *mut Val) -> Option<Rc<(Plan, Worker)>> {
        let at: &mut Attached = Cranelift::attached(linked);
        let site = &mut at.sites[id as usize];
        if site.aborts >= MAX_ABORTS {
            return None;
        }
        if let Some(p) = &site.plan {
            if admitted(&p.0, fp) {
                return Some(p.clone());
            }
            site.plan = None;
            site.unit = None;
        }
        if site.plans >= MAX_PLANS {
            return None;
        }
        let c = &linked.chunk;
        let seen = Seen { linked, fp };
        let colds = linked.cold_counts.iter().filter(|n| n.get() > 0).count();
        if site.refused.as_ref().is_some_and(|r| r.1 == colds && seen.tags().eq(r.0.iter().copied())) {
            site.refusals += 1;
            if site.refusals >= MAX_REFUSALS {
                site.plans = MAX_PLANS;
            }
            return None;
        }
        site.refusals = 0;
        site.plans += 1;
        let analysis = at.analysis.get_or_insert_with(|| analysis(c, at.flow.as_deref()));
        let v = analysis.verdict(c, id, &Profile { tags: &|r| seen.mask(r), warm: &|i| seen.warm(i) })?;
        if cfg!(debug_assertions)
            && let Ok(p) = &v.result
            && let Err(fault) = keshi_l1::verify::verify_plan(c, p)
        {
            // Test builds insist, as they do for chunks.
            report::err(format_args!(
                "keshi: bug in the plan of the loop at {}: {fault}\n",
                c.place_of(p.head)
            ));
            std::process::exit(70);
        }
        let refusal = match &v.result {
            Err(_) => Some(String::new()),
            Ok(p) => match supported(c, p, known::unbounded) {
                Ok(w) => {
                    site.plan = Some(Rc::new((p.clone(), w)));
                    None
                }
                Err(why) => Some(format!("  but {why}")),
            },
        };
        site.refused = refusal.is_some().then(|| (seen.tags().collect(), colds));
        let report = self.options.report && (refusal.is_some() || self.options.parallel == Parallel::Report);
        if report && !std::mem::replace(&mut site.reported, true) {
            report::err(format_args!("{}{}\n", par::report_line(c, &v, None), refusal.unwrap_or_default()));
        }
        site.plan.clone()
    }

    /// A loop around the one with counter `id` that may run in parallel as a whole. It must not become part of the
    /// unit of the inner loop, and is asked about itself at its next pass.
    pub(crate) fn parallel_around(&mut self, linked: &Rc<Linked>, id: u32, fp: *mut Val) -> Option<u32> {
        let force = self.options.parallel == Parallel::Force;
        if self.options.parallel == Parallel::Off || self.threads() < 2 && !force {
            return None;
        }
        let c = &linked.chunk;
        let at = Cranelift::attached(linked);
        let seen = Seen { linked, fp };
        let analysis = at.analysis.get_or_insert_with(|| analysis(c, at.flow.as_deref()));
        let sites = &at.sites;
        let open = |id: u32| {
            sites
                .get(id as usize)
                .is_some_and(|s| s.refused.is_none() && s.aborts < MAX_ABORTS && s.plans < MAX_PLANS)
        };
        let fits = |p: &Plan| open(p.loop_id) && supported(c, p, known::unbounded).is_ok();
        let p =
            analysis.around(c, id, &Profile { tags: &|r| seen.mask(r), warm: &|i| seen.warm(i) }, &fits)?;
        linked.loop_counts.get(p.loop_id as usize)?.set(self.hot);
        Some(p.head)
    }

    fn worker_unit(
        &mut self,
        linked: &Rc<Linked>,
        p: &Rc<(Plan, Worker)>,
        id: u32,
        frame: &[Word2],
    ) -> Option<Rc<Unit>> {
        let (plan, worker) = &**p;
        let at = Cranelift::attached(linked);
        let fp = frame.as_ptr() as *const Val;
        let site = &mut at.sites[id as usize];
        // SAFETY: the copy has the layout of the frame it is a copy of.
        if let Some(u) = site.unit.as_ref().filter(|u| unsafe { u.admits(fp) }) {
            return Some(u.clone());
        }
        let c = &linked.chunk;
        let flow = at.flow.clone()?;
        let live = flow.live_at(c, plan.head);
        // SAFETY: as above.
        let ctx = unsafe { Ctx::observe(c, fp, |r| live.has(r)) };
        let warm = |pc: u32| flow::is_cold(c, pc).is_none_or(|i| plan.warm.contains(&i));
        let made = unit::compile(c, &flow, plan.head, ctx, self.shown(c), |counts| Env {
            code: linked.code.get().as_ptr(),
            consts: &linked.consts,
            pending: PENDING.as_ptr() as *const u32,
            stress: None,
            counts,
            max_exits: 0,
            warm: &warm,
            without: None,
            worker: Some(worker),
        });
        let u = Rc::new(made.ok()?);
        self.stats.units += 1;
        self.stats.micros += u.micros as u64;
        self.dump(c, plan.head, &u, " for parallel workers");
        let at = Cranelift::attached(linked);
        at.site(id).unit = Some(u.clone());
        Some(u)
    }
}
