//! V1–V4 and V8: everything that can be seen without following control flow.

use super::Faults;
use crate::chunk::*;
use crate::effects::meta_of;
use crate::isa::{Flags, MASK_ANY, OpdKind, Operand, Slot, kind_name, op, tag_name};
use crate::view::View;

pub(super) fn check(c: &Chunk, f: &mut Faults) {
    let len = c.code.len() as u32;
    if c.n_sp > c.n_slots {
        f.add(2, None, format!("{} S and P slots in a frame of {}", c.n_sp, c.n_slots));
    }
    let mut fams: Vec<Option<Fam>> = vec![None; c.n_slots as usize];
    for (pc, ins) in c.code.iter().enumerate() {
        let pc = pc as u32;
        let Some(v) = View::new(ins) else {
            f.add(1, pc, format!("no instruction has opcode {} and entry {}", ins.op, ins.lo()));
            continue;
        };
        if v.is_rt() && (ins.op == op::BR_RT) != v.info.label().is_some() {
            f.add(1, pc, format!("entry `{}` is called by the wrong one of `rt` and `br.rt`", v.info.name));
            continue;
        }
        for (i, _, fam, r) in v.regs() {
            let high = matches!(fam, Fam::I | Fam::N);
            if r >= c.n_slots || (r >= c.n_sp) != high {
                let name = v.info.operands[i].name;
                f.add(2, pc, format!("`{}`: operand `{name}` is {fam:?}{r}, out of the frame", v.name()));
                continue;
            }
            match &mut fams[r as usize] {
                Some(g) if *g != fam => {
                    f.add(
                        1,
                        pc,
                        format!("`{}`: slot {r} is used as {fam:?} here and as {g:?} before", v.name()),
                    );
                }
                g => *g = Some(fam),
            }
        }
        for (i, o) in v.info.operands.iter().enumerate() {
            if let Err(m) = operand(c, &v, o, v.value(i)) {
                f.add(1, pc, format!("`{}`: {m}", v.name()));
            }
        }
        if let Some(l) = v.label()
            && l >= len
        {
            f.add(3, pc, format!("`{}` jumps to {l}, the code ends at {len}", v.name()));
        }
    }
    match c.code.last() {
        None => f.add(3, None, "the chunk has no code".into()),
        Some(last) if !meta_of(last).ends => {
            f.add(3, len - 1, "control falls out of the end of the code".into())
        }
        _ => {}
    }
    for (i, k) in c.consts.iter().enumerate() {
        if let Const::Table(t) = k {
            if t.is_empty() {
                f.add(3, None, format!("jump table k{i} has no default"));
            }
            for pc in t.iter().filter(|pc| **pc >= len) {
                f.add(3, None, format!("jump table k{i} leads to {pc}, the code ends at {len}"));
            }
        }
    }
    pads(c, &mut fams, f);
    regions(c, len, f);
    lines(c, f);
}

/// V1 for operands that are no registers.
fn operand(c: &Chunk, v: &View, o: &Operand, x: u64) -> Result<(), String> {
    let range = |what: &str, n: usize| match (x as usize) < n {
        true => Ok(()),
        false => Err(format!("there is no {what} {x}")),
    };
    match o.kind {
        OpdKind::Sym => range("symbol", c.syms.len()),
        OpdKind::Ic => range("inline cache", c.n_ics as usize),
        OpdKind::Konst if o.slot == Slot::Imm => Ok(()),
        OpdKind::Konst => {
            range("constant", c.consts.len())?;
            konst(v.ins.op, &c.consts[x as usize])
        }
        OpdKind::Mask => {
            let known = (0..16).filter(|t| tag_name(*t).is_some()).fold(0u64, |m, t| m | 1 << t);
            match x != 0 && (x & !known == 0 || x == MASK_ANY as u64) {
                true => Ok(()),
                false => Err(format!("{x:#x} is no set of tags")),
            }
        }
        OpdKind::Kind => match u8::try_from(x).ok().and_then(kind_name) {
            Some(_) => Ok(()),
            None => Err(format!("{x} is no kind of object")),
        },
        OpdKind::Ctx if x > 3 => Err(format!("{x} is no context")),
        OpdKind::Imm => match v.ins.op {
            op::LOOP => range("loop counter", c.n_loops as usize),
            op::COLD => range("cold counter", c.n_colds as usize),
            op::PAD_GET => range("capture", c.captures.len()),
            _ => Ok(()),
        },
        _ => Ok(()),
    }
}

/// The constant must be of the sort the atom loads.
fn konst(opcode: u16, k: &Const) -> Result<(), String> {
    let scalar = matches!(
        k,
        Const::Undef
            | Const::Int(_)
            | Const::Uint(_)
            | Const::Num(_)
            | Const::Bool(_)
            | Const::Str { .. }
            | Const::VString { .. }
            | Const::Glob(_)
    );
    let ok = match opcode {
        op::S_CONST => scalar,
        op::SWITCH => matches!(k, Const::Table(_)),
        op::CLOS_NEW => matches!(k, Const::Chunk(_)),
        op::HV_GETK | op::HV_SETK => matches!(k, Const::Str { .. }),
        _ => true,
    };
    if ok { Ok(()) } else { Err("the constant is of the wrong sort".into()) }
}

fn pads(c: &Chunk, fams: &mut [Option<Fam>], f: &mut Faults) {
    for p in &c.pad {
        let name = String::from_utf8_lossy(&p.name);
        let high = matches!(p.fam, Fam::I | Fam::N);
        if p.slot >= c.n_slots || (p.slot >= c.n_sp) != high {
            f.add(2, None, format!("variable {name} is {:?}{}, out of the frame", p.fam, p.slot));
        } else if fams[p.slot as usize].is_some_and(|g| g != p.fam) {
            f.add(
                1,
                None,
                format!("variable {name} is {:?}{}, the code uses the slot otherwise", p.fam, p.slot),
            );
        }
        if p.capture.is_some_and(|i| i as usize >= c.captures.len()) {
            f.add(1, None, format!("variable {name} is a capture that does not exist"));
        }
    }
    for &s in &c.aliased {
        if s >= c.n_sp {
            f.add(2, None, format!("aliased slot {s} is none of the S slots"));
        }
    }
}

/// V4.
fn regions(c: &Chunk, len: u32, f: &mut Faults) {
    let n = c.handlers.len() as u32;
    for (i, h) in c.handlers.iter().enumerate() {
        let (parent, mark) = h.parent_and_mark();
        // Inner handlers are opened later, so parents come first and cannot form a cycle.
        if parent.is_some_and(|p| p as usize >= i) {
            f.add(4, None, format!("handler h{i} does not come after its parent"));
        }
        if mark < c.n_sp || mark >= c.n_slots {
            f.add(4, None, format!("the mark of handler h{i} is no I register"));
        }
        for t in crate::cfg::handler_targets(h).filter(|t| *t >= len) {
            f.add(4, None, format!("handler h{i} continues at {t}, the code ends at {len}"));
        }
    }
    let mut sorted: Vec<&Region> = Vec::with_capacity(c.regions.len());
    for r in &c.regions {
        if r.start >= r.end || r.end > len || r.handler >= n {
            f.add(4, r.start, format!("region {}..{} of h{} is malformed", r.start, r.end, r.handler));
            return;
        }
        sorted.push(r);
    }
    // Outer regions first; of two equal ranges the one with the outer handler.
    sorted.sort_by_key(|r| (r.start, std::cmp::Reverse(r.end), r.handler));
    let mut open: Vec<&Region> = Vec::new();
    for r in sorted {
        while open.last().is_some_and(|o| o.end <= r.start) {
            open.pop();
        }
        if let Some(o) = open.last()
            && o.end < r.end
        {
            f.add(
                4,
                r.start,
                format!("regions of h{} and h{} overlap without nesting", o.handler, r.handler),
            );
        }
        let (parent, _) = c.handlers[r.handler as usize].parent_and_mark();
        if parent != open.last().map(|o| o.handler) {
            f.add(4, r.start, format!("the region of h{} is not directly inside its parent's", r.handler));
        }
        open.push(r);
    }
}

/// V8.
fn lines(c: &Chunk, f: &mut Faults) {
    let first = c.lines.first().map_or(u32::MAX, |e| e.pc);
    for (pc, ins) in c.code.iter().enumerate().take(first as usize) {
        if meta_of(ins).effect.flags.has(Flags::SYNC) {
            f.add(8, pc as u32, "a sync atom has no line".into());
        }
    }
    if !c.lines.is_sorted_by_key(|e| e.pc) {
        f.add(8, None, "the line table is not sorted".into());
    }
    if let Some(e) = c.lines.iter().find(|e| e.cop != u32::MAX && e.cop as usize >= c.cops.len()) {
        f.add(8, e.pc, format!("there is no cop {}", e.cop));
    }
    if !c.sites.is_sorted_by_key(|e| e.pc) {
        f.add(8, None, "the table of ops is not sorted".into());
    }
}
