//! Jump threading and removal of code that nothing reaches.

use super::edit::{Changed, Edit};
use crate::cfg::table;
use crate::chunk::{Chunk, Const};
use crate::isa::op;
use crate::view::{View, set_label};

pub fn run(c: &Chunk) -> Option<Changed> {
    let n = c.code.len();
    // Where a jump to a pc ends.
    let end_of = |mut pc: u32| {
        for _ in 0..64 {
            match c.code.get(pc as usize) {
                Some(i) if i.op == op::JMP && i.imm != pc as u64 => pc = i.imm as u32,
                Some(i) if i.op == op::NOP => pc += 1,
                _ => break,
            }
        }
        pc
    };
    let mut e = Edit::new(c);
    let mut keep = vec![false; n];
    let mut work = vec![0u32];
    work.extend(c.handlers.iter().flat_map(crate::cfg::handler_targets));
    while let Some(start) = work.pop() {
        let mut pc = start as usize;
        while pc < n && !keep[pc] {
            keep[pc] = true;
            let ins = &c.code[pc];
            if let Some(l) = View::new(ins).and_then(|v| v.label()) {
                let t = end_of(l);
                if t != l {
                    let mut new = *ins;
                    set_label(&mut new, t);
                    e.replace(pc as u32, new);
                }
                work.push(t);
            }
            if ins.op == op::SWITCH {
                work.extend(table(c, ins));
            }
            if crate::effects::meta_of(ins).ends {
                break;
            }
            pc += 1;
        }
    }
    // Tables that nothing uses any more may point to dead code; they keep it alive, which costs nothing but space.
    for k in &c.consts {
        if let Const::Table(t) = k {
            t.iter().filter(|pc| (**pc as usize) < n).for_each(|pc| keep[*pc as usize] = true);
        }
    }
    let mut next = vec![n; n + 1];
    for pc in (0..n).rev() {
        let ins = e.get(pc as u32).copied();
        let trivial = match ins {
            Some(i) if i.op == op::NOP => true,
            Some(i) if i.op == op::JMP => {
                let t = i.imm as usize;
                t > pc && t <= n && next[t] == next[pc + 1]
            }
            _ => false,
        };
        if !keep[pc] || trivial {
            e.delete(pc as u32);
            next[pc] = next[pc + 1];
        } else {
            next[pc] = pc;
        }
    }
    e.finish()
}
