//! Parallel execution of loops: compute on private frames, then commit in the order of iterations.
//!
//! Contract. A region gives what the sequential loop gives, or nothing at all: workers write only copies of the
//! frame and lists of their own, and any exit but the plan's drops all results; the loop then runs sequentially from
//! where it stands. Sums are exact: either a bound of the addends rules an overflow out, or every worker records the
//! extremes of its partial sums, so the commit knows whether the sequential loop would have overflowed.
//!
//! `unsafe`: workers run code that was compiled for a private frame and uses no machine (`lower::worker`); shared
//! objects are only read, and nobody writes them meanwhile, for the interpreter's thread waits here. Frame copies
//! are plain words: they hold no counts.

use crate::context::{Ctx, Mask};
use crate::flow;
use crate::lower::{Buffer, Env, Why, Worker};
use crate::tier::{Attached, Cranelift};
use crate::unit::{self, Unit};
use keshi_io::report;
use keshi_l1::chunk::{Chunk, Fam};
use keshi_l1::isa::op;
use keshi_l1::par::{self, Commit, Entry, Measured, Place, Plan, Profile, ReduceOp, Slot, Source, Verdict};
use keshi_value::obj::{Kind, PENDING};
use keshi_value::val::tag;
use keshi_value::{Linked, Val};
use keshi_vm::Vm;
use std::rc::Rc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
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
/// Most places reserved in advance for what one chunk appends.
const MAX_ROOM: u64 = 1 << 16;
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

/// The threads which help the interpreter's; a forked child makes its own.
fn pool(threads: usize) -> Option<Arc<rayon::ThreadPool>> {
    static POOL: Mutex<Option<(u32, usize, Arc<rayon::ThreadPool>)>> = Mutex::new(None);
    let mut p = POOL.lock().ok()?;
    let pid = std::process::id();
    match &*p {
        Some((id, n, pool)) if *id == pid && *n == threads => return Some(pool.clone()),
        // The threads of the parent do not exist here.
        Some(_) => std::mem::forget(p.take()),
        None => {}
    }
    // Signals are for the thread that runs Perl.
    let quiet = |_| keshi_io::signals::block_all_here();
    let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).start_handler(quiet).build();
    let made = Arc::new(pool.ok()?);
    *p = Some((pid, threads, made.clone()));
    Some(made)
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

/// A sum that may overflow for all that is known before its loop is entered.
fn unbounded(k: &Commit) -> bool {
    matches!(k, Commit::Reduce { op: ReduceOp::Add, bound: None, .. })
}

/// No order of additions overflows, for every sum that workers do not watch.
fn sums_fit(p: &Plan, w: &Worker, c: &Chunk, frame: &[Word2], trips: u64) -> bool {
    let int = |n: u16| int_in(frame, Slot { fam: if n < c.n_sp { Fam::S } else { Fam::I }, n });
    p.commits.iter().all(|k| match k {
        Commit::Reduce { place: Place::Slot(s), op: ReduceOp::Add, bound } if !w.sums.contains(&s.n) => {
            let before = int_in(frame, *s);
            bound.as_ref().zip(before).is_some_and(|(b, before)| b.rules_out_overflow(before, trips, int))
        }
        _ => true,
    })
}

/// Counters in this interval, or in its not negative half, have squares that are integers.
const COUNTED: i64 = 1 << 31;
/// Bounded sums stay this far from overflow.
const SUMMED: i64 = 1 << 62;

/// What is certain of registers whenever an iteration of this region starts; in few sizes, for code that knows it
/// serves other regions, too.
fn known(p: &Plan, w: &Worker, c: &Chunk, frame: &[Word2], start: i64, trips: u64) -> Vec<(u16, i64, i64)> {
    let mut all = Vec::new();
    for i in &p.inductions {
        let from = if i.slot == p.test.slot { Some(start) } else { int_in(frame, i.slot) };
        let Some(from) = from else { continue };
        let to = from as i128 + i.step as i128 * trips as i128;
        let (least, most) = (to.min(from as i128), to.max(from as i128));
        if most <= COUNTED as i128 && least >= -COUNTED as i128 {
            all.push((i.slot.n, if least < 0 { -COUNTED } else { 0 }, COUNTED));
        }
    }
    let int = |n: u16| int_in(frame, Slot { fam: if n < c.n_sp { Fam::S } else { Fam::I }, n });
    for k in &p.commits {
        if let Commit::Reduce { place: Place::Slot(s), op: ReduceOp::Add, bound: Some(b) } = k
            && !w.sums.contains(&s.n)
            && b.rules_out_overflow(SUMMED, trips, int)
        {
            all.push((s.n, -SUMMED, SUMMED));
        }
    }
    for s in p.live_in.iter().filter(|s| matches!(s.fam, Fam::S | Fam::I) && Some(s.n) != p.test.limit_reg) {
        if let Some(x) = int_in(frame, *s) {
            all.push((s.n, x, x));
        }
    }
    all
}

/// What is left of `old` where `now` is known; `None`: all of it.
fn weaker(old: &[(u16, i64, i64)], now: &[(u16, i64, i64)]) -> Option<Vec<(u16, i64, i64)>> {
    let holds = |o: &&(u16, i64, i64)| now.iter().any(|n| n.0 == o.0 && o.1 <= n.1 && n.2 <= o.2);
    (!old.iter().all(|o| holds(&o))).then(|| old.iter().filter(holds).copied().collect())
}

/// Value of a register in a frame, if it holds an integer.
fn int_in(f: &[Word2], s: Slot) -> Option<i64> {
    let w = f[s.n as usize];
    (s.fam == Fam::I || w[0] as u8 == tag::INT).then_some(w[1] as i64)
}

fn set_int(f: &mut [Word2], s: Slot, x: i64) {
    f[s.n as usize] = [tag::INT as u64, x as u64];
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

struct Done {
    frame: Vec<Word2>,
    lists: Vec<Buffer>,
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
        let Some((start, trips)) = range(plan, running, fp) else { return false };
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
        if !sums_fit(plan, &planned.1, c, running, trips) {
            let Ok(watching) = supported(c, plan, |_| true) else { return false };
            planned = Rc::new((plan.clone(), watching));
            let site = Cranelift::attached(linked).site(id);
            (site.plan, site.unit) = (Some(planned.clone()), None);
        }
        let now = known(&planned.0, &planned.1, c, running, start, trips);
        let less = match &planned.1.known {
            None => Some(now),
            Some(old) => weaker(old, &now),
        };
        if less.is_some() {
            planned = Rc::new((planned.0.clone(), Worker { known: less, ..planned.1.clone() }));
            let site = Cranelift::attached(linked).site(id);
            (site.plan, site.unit) = (Some(planned.clone()), None);
        }
        let (plan, worker) = &*planned;
        let mut frame = running.to_vec();
        frame.resize(worker.frame_len(c), [0, 0]);
        prepare(plan, &mut frame, c);
        // They start while this thread compiles.
        let helpers = if threads > 1 { pool(threads - 1) } else { None };
        if threads > 1 && helpers.is_none() {
            return false;
        }
        let Some(unit) = self.worker_unit(linked, &planned, id, &frame) else { return false };
        let began = Instant::now();
        let Some(done) = run(&unit, &planned, &frame, helpers.as_deref(), start, trips, chunks) else {
            self.stats.aborts += 1;
            Cranelift::attached(linked).site(id).aborts += 1;
            return false;
        };
        if !commit(&planned, c, done, fp, start, trips) {
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
            Ok(p) => match supported(c, p, unbounded) {
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
        let fits = |p: &Plan| open(p.loop_id) && supported(c, p, unbounded).is_ok();
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

/// Start value of the counter and number of iterations.
fn range(p: &Plan, frame: &[Word2], fp: *const Val) -> Option<(i64, u64)> {
    let start = int_in(frame, p.test.slot)?;
    let limit = match p.test.limit {
        Source::Const(k) => k,
        Source::Reg(s) => int_in(frame, s)?,
        // SAFETY: a verified register of the running frame.
        Source::Len(r) => unsafe { (*fp.add(r as usize)).as_av()?.len() as i64 },
    };
    Some((start, p.trips(start, limit)?))
}

/// Private registers are empty, accumulators neutral.
fn prepare(p: &Plan, frame: &mut [Word2], c: &Chunk) {
    for s in p.private.iter().filter(|s| s.fam == Fam::S && s.n < c.n_sp) {
        frame[s.n as usize] = [0, 0];
    }
    for k in &p.commits {
        if let Commit::Reduce { place: Place::Slot(s), op, .. } = k {
            set_int(frame, *s, op.identity().unwrap_or(0));
        }
    }
}

/// Runs all chunks, here and on the helping threads; `None`: one of them gave up.
fn run(
    unit: &Unit,
    p: &Rc<(Plan, Worker)>,
    frame: &[Word2],
    helpers: Option<&rayon::ThreadPool>,
    start: i64,
    trips: u64,
    chunks: u64,
) -> Option<Vec<Done>> {
    let (plan, worker) = &**p;
    let good: Vec<bool> = unit.exits.iter().map(|e| e.why == Why::Leave && e.pc == plan.exit).collect();
    let entry = unit.entry();
    let (gave_up, limit) = (AtomicBool::new(false), plan.test.limit_reg?);
    let one = |k: u64| -> Option<Done> {
        let first = (trips as u128 * k as u128 / chunks as u128) as u64;
        let end = (trips as u128 * (k + 1) as u128 / chunks as u128) as u64;
        let mut f = frame.to_vec();
        for i in &plan.inductions {
            let x = int_in(frame, i.slot)?.checked_add(i.step.checked_mul(i64::try_from(first).ok()?)?)?;
            set_int(&mut f, i.slot, x);
        }
        f[limit as usize][1] = plan.bound_for(start, first, end - first)? as u64;
        let room = || Box::new(Buffer::with_capacity((end - first).min(MAX_ROOM) as usize));
        let mut lists: Vec<Box<Buffer>> = worker.lists.iter().map(|_| room()).collect();
        for (r, l) in worker.lists.iter().zip(&mut lists) {
            f[*r as usize][1] = &raw mut **l as u64;
        }
        // SAFETY: worker code uses no machine; the frame is a private copy that its context admits.
        let exit = unsafe { entry(std::ptr::null_mut(), f.as_mut_ptr() as *mut Val) } >> 32;
        if good.get(exit as usize) != Some(&true) {
            return None;
        }
        Some(Done { frame: f, lists: lists.into_iter().map(|l| *l).collect() })
    };
    let (next, all) = (AtomicU64::new(0), Mutex::new(Vec::with_capacity(chunks as usize)));
    let work = || {
        let mut mine = Vec::new();
        while !gave_up.load(Ordering::Relaxed) {
            let k = next.fetch_add(1, Ordering::Relaxed);
            if k >= chunks {
                break;
            }
            match one(k) {
                Some(done) => mine.push((k, done)),
                None => gave_up.store(true, Ordering::Relaxed),
            }
        }
        if let Ok(mut all) = all.lock() {
            all.append(&mut mine);
        }
    };
    match helpers {
        Some(pool) => pool.in_place_scope(|s| {
            (0..pool.current_num_threads()).for_each(|_| s.spawn(|_| work()));
            work();
        }),
        None => work(),
    }
    let mut all = all.into_inner().ok()?;
    all.sort_unstable_by_key(|d| d.0);
    (all.len() as u64 == chunks).then(|| all.into_iter().map(|d| d.1).collect())
}

/// Publishes the results. False: nothing was written, for the sequential loop would have overflowed.
fn commit(p: &Rc<(Plan, Worker)>, c: &Chunk, done: Vec<Done>, fp: *mut Val, start: i64, trips: u64) -> bool {
    let (plan, worker) = &**p;
    // SAFETY: verified registers of the running frame, which nobody else uses now.
    let slot = |r: u16| unsafe { &mut *fp.add(r as usize) };
    let mut totals: Vec<(Slot, i64)> = Vec::new();
    for k in &plan.commits {
        let Commit::Reduce { place: Place::Slot(s), op, .. } = k else { continue };
        let old = slot(s.n);
        if s.fam == Fam::S && !old.is_int() {
            return false;
        }
        let mut acc = old.as_i64();
        let watch = worker.sums.iter().position(|r| *op == ReduceOp::Add && *r == s.n);
        for d in &done {
            let Some(x) = int_in(&d.frame, *s) else { return false };
            if let Some(i) = watch {
                let at = worker.watch_slot(c, i);
                let (lo, hi) = (d.frame[at][1] as i64, d.frame[at + 1][1] as i64);
                if acc.checked_add(lo).is_none() || acc.checked_add(hi).is_none() {
                    return false;
                }
            }
            let Some(sum) = op.combine(acc, x) else { return false };
            acc = sum;
        }
        totals.push((*s, acc));
    }
    let Some(last) = done.last() else { return false };
    if plan.live_out.iter().any(|s| s.fam == Fam::S && last.frame[s.n as usize][0] as u8 >= tag::FIRST_HEAP) {
        return false;
    }
    let targets: Option<Vec<_>> = worker.lists.iter().map(|r| slot(*r).av()).collect();
    let Some(targets) = targets else { return false };
    for s in &plan.live_out {
        let [meta, bits] = last.frame[s.n as usize];
        match s.fam {
            Fam::S => slot(s.n).put(Val { meta: meta & 0xff, bits }),
            _ => slot(s.n).bits = bits,
        }
    }
    for i in &plan.inductions {
        let x = start_of(i.slot, plan, start, slot(i.slot.n)).wrapping_add(i.step.wrapping_mul(trips as i64));
        match i.slot.fam {
            Fam::S => slot(i.slot.n).put(Val::int(x)),
            _ => slot(i.slot.n).bits = x as u64,
        }
    }
    for (s, x) in totals {
        match s.fam {
            Fam::S => slot(s.n).put(Val::int(x)),
            _ => slot(s.n).bits = x as u64,
        }
    }
    for (i, list) in targets.iter().enumerate() {
        list.reserve(list.len() + done.iter().map(|d| d.lists[i].len()).sum::<usize>());
        for d in &done {
            for [meta, bits] in &d.lists[i] {
                list.push(Val { meta: *meta, bits: *bits });
            }
        }
    }
    true
}

fn start_of(s: Slot, p: &Plan, start: i64, now: &Val) -> i64 {
    if s == p.test.slot { start } else { now.as_i64() }
}
