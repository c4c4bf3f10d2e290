//! One region: its iterations are run in chunks by this thread and those of a pool, and published in order.
//!
//! `unsafe`: workers run code that was compiled for a private frame and uses no machine (`lower::worker`); shared
//! objects are only read, and nobody writes them meanwhile, for the interpreter's thread is one of the workers. Frame
//! copies are plain words: they hold no counts. Publishing writes verified registers of the running frame.

use super::{Word2, int_in, set_int};
use crate::lower::{Buffer, Why, Worker};
use crate::unit::Unit;
use keshi_l1::chunk::{Chunk, Fam};
use keshi_l1::par::{Commit, Place, Plan, ReduceOp, Slot, Source};
use keshi_value::Val;
use keshi_value::val::tag;
use std::rc::Rc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

/// Most places reserved in advance for what one chunk appends.
const MAX_ROOM: u64 = 1 << 16;

/// The threads which help the interpreter's; a forked child makes its own.
pub(super) fn pool(threads: usize) -> Option<Arc<rayon::ThreadPool>> {
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

pub(super) struct Done {
    frame: Vec<Word2>,
    lists: Vec<Buffer>,
}

/// Start value of the counter and number of iterations.
pub(super) fn range(p: &Plan, frame: &[Word2], fp: *const Val) -> Option<(i64, u64)> {
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
pub(super) fn prepare(p: &Plan, frame: &mut [Word2], c: &Chunk) {
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
pub(super) fn run(
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
pub(super) fn commit(
    p: &Rc<(Plan, Worker)>,
    c: &Chunk,
    done: Vec<Done>,
    fp: *mut Val,
    start: i64,
    trips: u64,
) -> bool {
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
