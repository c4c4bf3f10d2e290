//! What is certain when a region starts: whether sums can overflow, and what workers' code may rely on.
//!
//! Contract. Everything here is true of every iteration of the region, on every thread.

use super::{Word2, int_in};
use crate::lower::Worker;
use keshi_l1::chunk::{Chunk, Fam};
use keshi_l1::par::{Commit, Place, Plan, ReduceOp, Slot};

/// A sum that may overflow for all that is known before its loop is entered.
pub(super) fn unbounded(k: &Commit) -> bool {
    matches!(k, Commit::Reduce { op: ReduceOp::Add, bound: None, .. })
}

/// No order of additions overflows, for every sum that workers do not watch.
pub(super) fn sums_fit(p: &Plan, w: &Worker, c: &Chunk, frame: &[Word2], trips: u64) -> bool {
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
pub(super) fn known(
    p: &Plan,
    w: &Worker,
    c: &Chunk,
    frame: &[Word2],
    start: i64,
    trips: u64,
) -> Vec<(u16, i64, i64)> {
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
pub(super) fn weaker(old: &[(u16, i64, i64)], now: &[(u16, i64, i64)]) -> Option<Vec<(u16, i64, i64)>> {
    let holds = |o: &&(u16, i64, i64)| now.iter().any(|n| n.0 == o.0 && o.1 <= n.1 && n.2 <= o.2);
    (!old.iter().all(|o| holds(&o))).then(|| old.iter().filter(holds).copied().collect())
}
