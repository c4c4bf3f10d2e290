//! Dead code: pure atoms whose result nothing reads.
//!
//! Writing an S register also drops its old content, which may be the last reference to an object with a
//! destructor; such a write only goes if the old content is known to be a plain number.

use super::edit::{Changed, Edit};
use crate::cfg::Cfg;
use crate::chunk::{Chunk, Fam};
use crate::facts::Flow;
use crate::isa::{Body, Mode, op};
use crate::liveness::Liveness;
use crate::view::View;

/// Tags without a reference count.
const PLAIN: u16 = 0x1f;

pub fn run(c: &Chunk) -> Option<Changed> {
    let cfg = Cfg::new(c);
    let live = Liveness::new(c, &cfg);
    let none = vec![false; c.code.len()];
    let mut dead = find(c, &cfg, &live, &none);
    let writes_s = |pc: usize| {
        let v = View::new(&c.code[pc]);
        v.is_some_and(|v| v.regs().any(|(_, mode, fam, _)| mode == Mode::Out && fam == Fam::S))
    };
    if (0..dead.len()).any(|pc| dead[pc] && writes_s(pc)) {
        // Without the write the old content lives on; it must be nothing that is ever destroyed.
        let mut pinned = none;
        Flow::new(c, &cfg).visit(c, &cfg, |pc, v, facts, _| {
            pinned[pc as usize] = v.regs().any(|(_, mode, fam, r)| {
                let plain = facts.slot(r).mask & !PLAIN == 0 && !c.aliased.contains(&r);
                fam == Fam::S && mode == Mode::Out && !plain
            });
        });
        dead = find(c, &cfg, &live, &pinned);
    }
    let mut e = Edit::new(c);
    for (pc, _) in dead.iter().enumerate().filter(|d| *d.1) {
        e.delete(pc as u32);
    }
    e.finish()
}

/// The atoms that can go, leaving the pinned ones alone.
fn find(c: &Chunk, cfg: &Cfg, live: &Liveness, pinned: &[bool]) -> Vec<bool> {
    let mut dead = vec![false; c.code.len()];
    for (b, block) in cfg.blocks.iter().enumerate() {
        let end = live.at_end(cfg, b as u32);
        let mut after = end.clone();
        for pc in (block.start..block.end).rev() {
            let Some(v) = View::new(&c.code[pc as usize]) else { continue };
            let unread = v.regs().all(|(_, mode, _, r)| mode != Mode::Out || !after.has(r));
            if unread && !pinned[pc as usize] && removable(&v) {
                dead[pc as usize] = true;
                continue;
            }
            after.step_back(&v);
            if v.label().is_some() {
                after.add(&end);
            }
        }
    }
    dead
}

/// Has no effect but on its result, and no fact that others rely on.
fn removable(v: &View) -> bool {
    v.is_pure()
        && matches!(v.info.body, Body::Value(_))
        && v.info.reads.is_empty()
        && v.ins.op != op::WANT
        && v.regs().any(|r| r.1 == Mode::Out)
}
