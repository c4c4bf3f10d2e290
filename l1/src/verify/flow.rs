//! V5, V6, V7 and V9: what must hold on all paths.

use super::Faults;
use crate::asm::fact_text;
use crate::cfg::Cfg;
use crate::chunk::*;
use crate::facts::Flow;
use crate::isa::{Mode, op};
use crate::view::View;

pub(super) fn check(c: &Chunk, cfg: &Cfg, flow: &Flow, f: &mut Faults) {
    let taken = Taken::of(c);
    flow.visit(c, cfg, |pc, v, facts, defined| {
        for (_, mode, fam, r) in v.regs() {
            let reads = match (mode, fam) {
                (Mode::Out, _) => false,
                // `my @x` reuses the array that is there, if one is.
                (Mode::Inout, Fam::P) => false,
                (Mode::Take, _) => !matches!(v.ins.op, op::S_DROP | op::P_DROP),
                // Looks at the slot as it is.
                (Mode::Raw, Fam::S) => false,
                _ => true,
            };
            if reads && !defined.has(r) {
                let reg = format!("{fam:?}{r}");
                match taken.how(r) {
                    Some(How::Call) if fam == Fam::P => {
                        f.add(9, pc, format!("`{}` uses the list {reg}, which a call has consumed", v.name()))
                    }
                    Some(_) => f.add(6, pc, format!("`{}` reads {reg} after its value was taken", v.name())),
                    None => f.add(5, pc, format!("`{}` reads {reg}, not assigned on every path", v.name())),
                }
            }
        }
        for r in v.info.requires {
            if !facts.holds(c, v, r) {
                let m = format!(
                    "`{}` requires {}, not proved on this path; proved here: {}",
                    v.name(),
                    fact_text(v, r),
                    facts.about(v)
                );
                f.add(7, pc, m);
            }
        }
    });
}

#[derive(Clone, Copy, PartialEq)]
enum How {
    Call,
    Other,
}

/// How each slot loses its value somewhere in the chunk; for the wording of faults.
struct Taken(Vec<Option<How>>);

impl Taken {
    fn of(c: &Chunk) -> Taken {
        let mut t = vec![None; c.n_slots as usize];
        for v in c.code.iter().filter_map(View::new) {
            for (_, mode, _, r) in v.regs() {
                if mode == Mode::Take && !matches!(v.ins.op, op::S_DROP | op::P_DROP) {
                    let call = v.info.group == "call" && !v.is_rt();
                    let how = if call { How::Call } else { How::Other };
                    if let Some(s) = t.get_mut(r as usize)
                        && *s != Some(How::Call)
                    {
                        *s = Some(how);
                    }
                }
            }
        }
        Taken(t)
    }

    fn how(&self, r: u16) -> Option<How> {
        self.0.get(r as usize).copied().flatten()
    }
}
