//! Placement: from segments of pending atoms to a chunk.
//!
//! Four linear steps: (1) flatten hot, then cold segments; (2) thread jumps to jumps; (3) drop what no path
//! reaches, jumps to the next atom and `nop`s; (4) number what is left and fill in labels and tables.

use super::*;
use crate::isa::{self, op};
use crate::view;

/// Line of the atom put after a label at the end of a segment; reaching it is an error.
const SENTINEL: u32 = u32::MAX;

/// The flattened code.
struct Flat {
    atoms: Vec<Pend>,
    /// Per label: index of the atom it stands before, or `atoms.len()`.
    at: Vec<Option<u32>>,
}

impl Flat {
    /// Where a jump to `l` ends after following plain jumps.
    fn target(&self, l: Label) -> Option<u32> {
        let mut t = self.at[l.0 as usize]?;
        // A cycle of jumps is an endless loop in the program; any member will do.
        for _ in 0..64 {
            match self.atoms.get(t as usize) {
                Some(Pend { op: op::JMP, label: Some(next), .. }) => t = self.at[next.0 as usize]?,
                Some(Pend { op: op::NOP, .. }) => t += 1,
                _ => break,
            }
        }
        Some(t)
    }
}

impl Builder {
    /// The finished chunk.
    pub fn finish(mut self) -> Result<Chunk> {
        if self.open.len() != 1 {
            return err("a cold section is still open");
        }
        if !self.regions.is_empty() {
            return err("a handler region is still open");
        }
        let (n_sp, n_in) = self.regs.counts();
        let n_slots = n_sp + n_in;
        if n_slots > u16::MAX as usize {
            return err(format!("the frame needs {n_slots} registers, at most 65535 are possible"));
        }
        self.chunk.n_sp = n_sp as u16;
        self.chunk.n_slots = n_slots as u16;
        let flat = self.flatten()?;
        let n = flat.atoms.len();
        let keep = self.reachable(&flat)?;
        // Pc of every kept atom; for a dropped one the pc of the next kept.
        let mut pc = vec![0u32; n + 1];
        let mut next = 0;
        for i in 0..n {
            pc[i] = next;
            next += keep[i] as u32;
        }
        pc[n] = next;
        let resolve = |l: Label| -> Result<u32> {
            match flat.target(l) {
                Some(t) if pc[t as usize] < next => Ok(pc[t as usize]),
                _ => err(format!("label {} leads out of the chunk", l.0)),
            }
        };
        self.emit_code(&flat, &keep, &resolve)?;
        self.emit_handlers(&flat, &keep, &resolve)?;
        for (id, labels) in std::mem::take(&mut self.tables) {
            let pcs: Result<Vec<u32>> = labels.iter().map(|l| resolve(*l)).collect();
            self.chunk.consts[id as usize] = Const::Table(pcs?.into());
        }
        for p in std::mem::take(&mut self.pads) {
            let slot = self.slot(p.reg)?;
            self.chunk.pad.push(PadVar {
                name: p.name,
                slot,
                fam: p.reg.fam,
                capture: p.capture,
                state: p.state,
            });
        }
        for r in std::mem::take(&mut self.aliased) {
            let slot = self.slot(r)?;
            self.chunk.aliased.push(slot);
        }
        self.chunk.aliased.sort_unstable();
        self.chunk.aliased.dedup();
        Ok(self.chunk)
    }

    fn slot(&self, r: Reg) -> Result<u16> {
        if !self.regs.exists(r) {
            return err(format!("register {r:?} does not belong to this chunk"));
        }
        // `finish` has checked that all slots fit.
        Ok(r.n as u16 + if r.is_high() { self.chunk.n_sp } else { 0 })
    }

    fn flatten(&mut self) -> Result<Flat> {
        let mut flat = Flat { atoms: Vec::new(), at: vec![None; self.n_labels as usize] };
        for seg in std::mem::take(&mut self.segments) {
            let end = seg.events.len();
            let trailing_label = matches!(seg.events.last(), Some(Event::Bind(_)));
            for (i, e) in seg.events.into_iter().enumerate() {
                match e {
                    Event::Bind(l) => flat.at[l.0 as usize] = Some(flat.atoms.len() as u32),
                    Event::Atom(p) => {
                        if i + 1 == end && !ends_block(&p) {
                            return err("control falls out of the end of the code");
                        }
                        flat.atoms.push(p)
                    }
                }
            }
            if trailing_label {
                flat.atoms.push(Pend { line: SENTINEL, ..Pend::bare(op::TRAP) });
            }
        }
        if flat.atoms.is_empty() {
            return err("the chunk has no code");
        }
        Ok(flat)
    }

    /// Which atoms survive.
    fn reachable(&self, flat: &Flat) -> Result<Vec<bool>> {
        let n = flat.atoms.len();
        let mut keep = vec![false; n];
        let mut work = vec![0u32];
        let goal =
            |l: Label| flat.target(l).ok_or(BuildError(format!("label {} is used but not bound", l.0)));
        for (_, h) in &self.handlers {
            match h {
                HandlerSpec::Eval { target, .. } | HandlerSpec::Goto { target, .. } => {
                    work.push(goal(*target)?)
                }
                HandlerSpec::Loop { next, last, redo, .. } => {
                    for l in [next, last, redo] {
                        work.push(goal(*l)?);
                    }
                }
            }
        }
        let tables: HashMap<u64, &Vec<Label>> = self.tables.iter().map(|t| (t.0 as u64, &t.1)).collect();
        while let Some(t) = work.pop() {
            let mut i = t as usize;
            while i < n && !keep[i] {
                let p = &flat.atoms[i];
                keep[i] = true;
                if let Some(l) = p.label {
                    work.push(goal(l)?);
                }
                if p.op == op::SWITCH
                    && let Some(labels) = tables.get(&(p.imm & 0xffff_ffff))
                {
                    for l in labels.iter() {
                        work.push(goal(*l)?);
                    }
                }
                if p.line == SENTINEL {
                    return err("control reaches a label at the end of the code, where nothing follows");
                }
                if ends_block(p) {
                    break;
                }
                i += 1;
            }
        }
        // Backwards, so that a run of jumps to one place vanishes as a whole.
        let mut next_kept = vec![n as u32; n + 1];
        for i in (0..n).rev() {
            if keep[i] {
                let p = &flat.atoms[i];
                if p.op == op::NOP {
                    keep[i] = false;
                } else if p.op == op::JMP
                    && let Some(t) = p.label.and_then(|l| flat.target(l))
                    && t as usize > i
                    && next_kept[t as usize] == next_kept[i + 1]
                {
                    keep[i] = false;
                }
            }
            next_kept[i] = if keep[i] { i as u32 } else { next_kept[i + 1] };
        }
        Ok(keep)
    }

    fn emit_code(
        &mut self,
        flat: &Flat,
        keep: &[bool],
        resolve: &impl Fn(Label) -> Result<u32>,
    ) -> Result<()> {
        let n_sp = self.chunk.n_sp as u32;
        let (mut line, mut site) = (u32::MAX, u32::MAX);
        for p in flat.atoms.iter().zip(keep).filter(|k| *k.1).map(|k| k.0) {
            let pc = self.chunk.code.len() as u32;
            let reg = |i: usize| (p.regs[i] + if p.high >> i & 1 != 0 { n_sp } else { 0 }) as u16;
            let mut ins = Ins { op: p.op, a: reg(0), b: reg(1), c: reg(2), imm: p.imm };
            if let Some(l) = p.label {
                view::set_label(&mut ins, resolve(l)?);
            }
            self.chunk.code.push(ins);
            if p.line != line {
                line = p.line;
                let (line, cop) = self.lines[line as usize];
                self.chunk.lines.push(LineEntry { pc, line, cop });
            }
            if p.site != site {
                site = p.site;
                let op = self.sites.get(site as usize).cloned().unwrap_or_else(|| Arc::from(""));
                self.chunk.sites.push(OpSite { pc, op });
            }
        }
        Ok(())
    }

    fn emit_handlers(
        &mut self,
        flat: &Flat,
        keep: &[bool],
        resolve: &impl Fn(Label) -> Result<u32>,
    ) -> Result<()> {
        let handlers = std::mem::take(&mut self.handlers);
        // Open run per handler: first pc. A handler covers the atoms of its children too.
        let mut start: Vec<Option<u32>> = vec![None; handlers.len()];
        let mut chain: Vec<u32> = Vec::new();
        let mut pc = 0u32;
        let mut regions = Vec::new();
        let mut current = None;
        let close = |h: u32,
                     start: &mut Vec<Option<u32>>,
                     end: u32,
                     regions: &mut Vec<(usize, Region)>,
                     depth: usize| {
            if let Some(s) = start[h as usize].take()
                && s < end
            {
                regions.push((depth, Region { start: s, end, handler: h }));
            }
        };
        for p in flat.atoms.iter().zip(keep).filter(|k| *k.1).map(|k| k.0) {
            if p.region != current {
                current = p.region;
                let mut new = Vec::new();
                let mut r = p.region;
                while let Some(h) = r {
                    new.push(h);
                    r = handlers[h as usize].0;
                }
                new.reverse();
                let common = chain.iter().zip(&new).take_while(|(a, b)| a == b).count();
                for (d, h) in chain.iter().enumerate().skip(common).rev() {
                    close(*h, &mut start, pc, &mut regions, d);
                }
                for h in &new[common..] {
                    start[*h as usize] = Some(pc);
                }
                chain = new;
            }
            pc += 1;
        }
        for (d, h) in chain.iter().enumerate().rev() {
            close(*h, &mut start, pc, &mut regions, d);
        }
        // Innermost first where two regions cover the same range.
        regions.sort_by_key(|(d, r)| (r.start, r.end, std::cmp::Reverse(*d)));
        self.chunk.regions = regions.into_iter().map(|r| r.1).collect();
        for (parent, h) in handlers {
            let h = match h {
                HandlerSpec::Eval { mark, target, is_try } => {
                    Handler::Eval { parent, mark: self.slot(mark)?, target: resolve(target)?, is_try }
                }
                HandlerSpec::Goto { mark, label, target } => {
                    Handler::Goto { parent, mark: self.slot(mark)?, label, target: resolve(target)? }
                }
                HandlerSpec::Loop { mark, label, next, last, redo } => Handler::Loop {
                    parent,
                    mark: self.slot(mark)?,
                    label,
                    next: resolve(next)?,
                    last: resolve(last)?,
                    redo: resolve(redo)?,
                },
            };
            self.chunk.handlers.push(h);
        }
        Ok(())
    }
}

fn ends_block(p: &Pend) -> bool {
    !view::is_entry_call(p.op) && isa::ATOMS.get(p.op as usize).is_some_and(|a| a.ends_block())
}
