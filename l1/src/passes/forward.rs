//! Copy propagation inside blocks: after `i.copy d, a` the readers of `d` read `a`, and the copy may die.

use super::edit::{Changed, Edit, entered};
use crate::chunk::{Chunk, Fam};
use crate::isa::{Mode, op};
use crate::view::{View, set_slot};

pub fn run(c: &Chunk) -> Option<Changed> {
    let entered = entered(c);
    let mut e = Edit::new(c);
    // Pairs (copy, original) that are equal here; few at a time.
    let mut equal: Vec<(u16, u16)> = Vec::new();
    for (pc, ins) in c.code.iter().enumerate() {
        if entered[pc] {
            equal.clear();
        }
        let Some(v) = View::new(ins) else {
            equal.clear();
            continue;
        };
        if !equal.is_empty() {
            let mut new = *ins;
            let mut hits = 0;
            for (i, mode, fam, r) in v.regs() {
                if mode != Mode::In || !matches!(fam, Fam::I | Fam::N) {
                    continue;
                }
                if let Some((_, a)) = equal.iter().find(|p| p.0 == r)
                    && set_slot(&mut new, v.info.operands[i].slot, *a as u64).is_ok()
                {
                    hits += 1;
                }
            }
            if hits > 0 {
                e.replace(pc as u32, new);
            }
            for (_, mode, _, r) in v.regs() {
                if mode.writes() {
                    equal.retain(|p| p.0 != r && p.1 != r);
                }
            }
        }
        if matches!(ins.op, op::I_COPY | op::N_COPY) && ins.a != ins.b {
            // Through earlier copies: the original is the oldest one.
            let original = equal.iter().find(|p| p.0 == ins.b).map_or(ins.b, |p| p.1);
            if original != ins.a && equal.len() < 32 {
                equal.push((ins.a, original));
            }
        }
        if crate::effects::meta_of(ins).ends {
            equal.clear();
        }
    }
    e.finish()
}
