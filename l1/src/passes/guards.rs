//! Guard elimination: branches whose outcome the facts decide.

use super::edit::{Changed, Edit};
use crate::cfg::Cfg;
use crate::chunk::{Chunk, Ins};
use crate::facts::Flow;
use crate::isa::{Body, op};

pub fn run(c: &Chunk) -> Option<Changed> {
    let cfg = Cfg::new(c);
    let flow = Flow::new(c, &cfg);
    let mut e = Edit::new(c);
    flow.visit(c, &cfg, |pc, v, facts, _| {
        if !matches!(v.info.body, Body::If(_)) {
            return;
        }
        match (facts.decides(c, v), v.label()) {
            (Some(false), _) => e.delete(pc),
            (Some(true), Some(l)) => e.replace(pc, Ins { op: op::JMP, imm: l as u64, ..Ins::default() }),
            _ => {}
        }
    });
    e.finish()
}
