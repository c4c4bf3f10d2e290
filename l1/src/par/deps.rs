//! What the hot part does to memory: which reads and writes there are, which writes can wait for the commit phase,
//! and what forbids parallel execution.
//!
//! The list of admitted instructions is positive: an instruction that is not named here, and whose head has any
//! effect, is refused with that effect as the reason. `perl`, `throws` and `warns` alone do not refuse an admitted
//! one, because a worker that really comes to run Perl, die or warn stops and the region is run sequentially.

use super::classify::{Reject, reject};
use super::plan::*;
use super::values::{Base, Id, NEW_VARIABLE, Node, Step, Values};
use crate::asm::loc_text;
use crate::chunk::{Chunk, Fam};
use crate::effects::effect;
use crate::isa::{Flags, heap, op};
use crate::view::View;

/// Runtime entries that only compute a value from values.
const VALUE_ENTRIES: [&str; 88] = [
    "add",
    "sub",
    "mul",
    "div",
    "mod",
    "pow",
    "neg",
    "shl",
    "shr",
    "bit.and",
    "bit.or",
    "bit.xor",
    "bit.not",
    "nbit.and",
    "nbit.or",
    "nbit.xor",
    "nbit.not",
    "sbit.and",
    "sbit.or",
    "sbit.xor",
    "sbit.not",
    "int.op",
    "int.neg",
    "int.not",
    "abs",
    "int",
    "sqrt",
    "sin",
    "cos",
    "exp",
    "log",
    "atan2",
    "hex",
    "oct",
    "eq",
    "ne",
    "lt",
    "le",
    "gt",
    "ge",
    "ncmp",
    "seq",
    "sne",
    "slt",
    "sle",
    "sgt",
    "sge",
    "scmp",
    "not",
    "xor",
    "concat",
    "stringify",
    "repeat",
    "join",
    "sprintf",
    "sprintf.1",
    "lc",
    "uc",
    "lcfirst",
    "ucfirst",
    "fc",
    "quotemeta",
    "chr",
    "ord",
    "length",
    "reverse",
    "index",
    "rindex",
    "substr",
    "vec.n",
    "pack",
    "unpack",
    "trans.r",
    "list.at",
    "list.rest",
    "av.rest",
    "list.index",
    "list.count",
    "list.slice",
    "list.copy.av",
    "list.copy.hv",
    "list.copy",
    "av.count",
    "av.last",
    "range",
    "reverse.l",
    "anon.av",
    "anon.hv",
];

/// Of those, the ones that write to the list in their first operand.
const LIST_WRITERS: [&str; 4] = ["list.copy.av", "list.copy.hv", "list.copy", "range"];

/// What the walk over the hot instructions finds.
#[derive(Default)]
pub(super) struct Memory {
    pub commits: Vec<Commit>,
    pub entry: Vec<Entry>,
    pub private_syms: Vec<u32>,
    /// Shared arrays and lists that are read: base, pc, and whether only the element of the own iteration is.
    reads: Vec<(Base, u32)>,
    lengths: Vec<(Base, u32)>,
    appends: Vec<(u16, u32)>,
    stores: Vec<(u16, u32)>,
    /// First store to each scalar.
    pub cell_stores: Vec<(Base, u32)>,
    cell_unknown: Option<u32>,
    cell_reads: Vec<Base>,
    pub reads_aliases: bool,
}

pub(super) struct Walk<'a> {
    pub c: &'a Chunk,
    pub v: &'a Values,
    /// Is this value the induction, perhaps plus a constant?
    pub affine: &'a dyn Fn(Id) -> bool,
}

/// Calls `f` with every hot instruction that uses a value for more than a pure computation or a test of its tag.
pub(super) fn sinks<'a>(c: &'a Chunk, v: &'a Values) -> impl Iterator<Item = &'a Step> {
    v.steps.iter().filter(move |s| {
        let ins = &c.code[s.pc as usize];
        let Some(view) = View::new(ins) else { return true };
        match ins.op {
            op::BR_TAG | op::BR_NTAG | op::S_TAG | op::S_DROP | op::P_DROP => false,
            op::S_COPY | op::S_MOVE | op::P_COPY | op::P_MOVE => false,
            // Stores to scalars that are followed.
            op::CELL_SET | op::CELL_STORE => matches!(v.base(s.args[0]), Base::Fresh(_) | Base::Unknown),
            op::RT => !NEW_VARIABLE.contains(&view.info.name) && view.info.name != "alias.set",
            _ => {
                !view.is_pure()
                    || view.label().is_some() && !matches!(view.info.body, crate::isa::Body::Try(_))
            }
        }
    })
}

impl Walk<'_> {
    pub fn run(&self) -> Result<Memory, Reject> {
        let mut m = Memory::default();
        for s in &self.v.steps {
            let ins = &self.c.code[s.pc as usize];
            let Some(view) = View::new(ins) else { return reject(s.pc, "is no instruction") };
            self.step(s, &view, &mut m)?;
        }
        self.conflicts(&mut m)?;
        Ok(m)
    }

    fn step(&self, s: &Step, v: &View, m: &mut Memory) -> Result<(), Reject> {
        let base = |i: usize| self.v.base(s.args[i]);
        let fresh = |i: usize| matches!(base(i), Base::Fresh(_));
        if v.is_pure() {
            if v.ins.op == op::BR_OOB || v.ins.op == op::AV_LEN || v.ins.op == op::LIST_LEN {
                let i = if v.ins.op == op::BR_OOB { 0 } else { 1 };
                if !fresh(i) {
                    m.lengths.push((base(i), s.pc));
                }
            }
            return Ok(());
        }
        match v.ins.op {
            op::S_CONST
            | op::P_CONST
            | op::S_COPY
            | op::P_COPY
            | op::S_MOVE
            | op::P_MOVE
            | op::S_DROP
            | op::P_DROP => {}
            op::LOOP | op::STMT | op::COLD | op::PROF | op::SWITCH => {}
            op::S_TOI | op::S_TON | op::S_TONUM | op::S_TOSTR | op::BR_TRUE | op::BR_FALSE | op::BR_DEF => {}
            op::STR_LEN
            | op::STR_CAT
            | op::STR_EQ
            | op::STR_CMP
            | op::STR_SUB
            | op::STR_ORD
            | op::STR_CHR => {}
            op::LIST_NEW | op::AV_NEW | op::HV_NEW | op::CELL_NEW | op::S_GETP | op::S_SETREF => {}
            op::GLOB_SV | op::GLOB_AV | op::GLOB_HV | op::GLOB_CV | op::PAD_GET => {}
            op::STR_APP => {}
            op::REF_SV | op::REF_AV | op::REF_HV => {
                // Only strict dereferencing of an existing reference; anything else runs into an error or a write
                // by the runtime, which the worker refuses.
            }
            op::CELL_GET | op::CELL_LOAD => match base(1) {
                Base::Unknown => {
                    m.cell_unknown.get_or_insert(s.pc);
                }
                b => m.cell_reads.push(b),
            },
            op::CELL_SET | op::CELL_STORE => match base(0) {
                Base::Fresh(_) => {}
                Base::Sym(y) if m.private_syms.contains(&y) => {
                    return reject(s.pc, format!("`{}` modifies an element through its alias", v.name()));
                }
                b @ (Base::Sym(_) | Base::Reg(_)) => m.cell_stores.push((b, s.pc)),
                _ => return self.refuse(s, v),
            },
            op::AV_GET | op::AV_GETQ | op::AV_PEEKQ | op::LIST_GET => {
                m.reads_aliases |= v.ins.op == op::LIST_GET;
                if !fresh(1) {
                    m.reads.push((base(1), s.pc));
                }
            }
            op::HV_GET | op::HV_GETK | op::HV_HAS | op::HV_LEN => {}
            op::LIST_PUSH | op::AV_PUSH => match base(0) {
                Base::Fresh(_) => {}
                Base::Reg(r) => m.appends.push((r, s.pc)),
                _ => return self.refuse(s, v),
            },
            op::AV_SET | op::AV_SETQ => match base(0) {
                Base::Fresh(_) => {}
                Base::Reg(r) if (self.affine)(s.args[1]) => m.stores.push((r, s.pc)),
                _ => return self.refuse(s, v),
            },
            op::HV_SET | op::HV_SETK if fresh(0) => {}
            op::LIST_AV | op::LIST_HV if fresh(0) => {
                if v.ins.op == op::LIST_AV && !fresh(1) {
                    m.reads.push((base(1), s.pc));
                }
            }
            op::RT | op::BR_RT => return self.entry(s, v, m),
            _ => return self.refuse(s, v),
        }
        Ok(())
    }

    fn entry(&self, s: &Step, v: &View, m: &mut Memory) -> Result<(), Reject> {
        let base = |i: usize| self.v.base(s.args[i]);
        let name = v.info.name;
        match name {
            _ if NEW_VARIABLE.contains(&name) => Ok(()),
            "alias.set" => Ok(()),
            "clear.av" | "clear.hv" | "clear.cell" if matches!(base(0), Base::Fresh(_)) => Ok(()),
            "topic.set" => {
                m.reads_aliases = true;
                let sym = v.value(1) as u32;
                if !m.private_syms.contains(&sym) {
                    // Whoever looked at the variable before saw the one of the iteration before.
                    if let Some(root) = self.v.find(&Node::MemInit(Base::Sym(sym))) {
                        let user = self.v.steps.iter().find(|t| t.pc < s.pc && t.args.contains(&root));
                        if let Some(t) = user {
                            return reject(t.pc, "reads the topic of the iteration before");
                        }
                    }
                    m.private_syms.push(sym);
                }
                Ok(())
            }
            // Touches only element `i` of a list nobody else looks at.
            "list.item" | "av.alias" if (self.affine)(s.args[2]) && matches!(base(1), Base::Reg(_)) => {
                m.reads_aliases = true;
                m.reads.push((base(1), s.pc));
                Ok(())
            }
            "list.keep" | "list.keep.copy" => {
                m.reads.push((base(1), s.pc));
                match base(0) {
                    Base::Fresh(_) => {}
                    Base::Reg(r) => m.appends.push((r, s.pc)),
                    _ => return self.refuse(s, v),
                }
                Ok(())
            }
            _ if VALUE_ENTRIES.contains(&name) => {
                for (i, mode, fam, _) in v.regs() {
                    if fam != Fam::P || !mode.reads() {
                        continue;
                    }
                    let own = matches!(base(i), Base::Fresh(_));
                    if (i == 0 && LIST_WRITERS.contains(&name) || mode == crate::isa::Mode::Take) && !own {
                        return self.refuse(s, v);
                    }
                    if !own {
                        m.reads.push((base(i), s.pc));
                        if name == "list.rest" || name == "av.rest" || name == "av.count" || name == "av.last"
                        {
                            m.reads.pop();
                            m.lengths.push((base(i), s.pc));
                        }
                    }
                }
                Ok(())
            }
            _ => self.refuse(s, v),
        }
    }

    fn refuse(&self, s: &Step, v: &View) -> Result<(), Reject> {
        let e = effect(v.ins);
        let writes: Vec<String> = v.info.writes.iter().map(|l| loc_text(v, l)).collect();
        let reason = if v.info.group == "call" && !v.is_rt() {
            format!("`{}` calls Perl code", v.name())
        } else if e.flags.has(Flags::ORDERED) {
            format!("`{}` must happen in order", v.name())
        } else if !writes.is_empty() {
            let key = v.info.writes.iter().any(|l| l.heap == heap::HV || l.heap == heap::AV);
            let why = if key { " shared, key not affine" } else { " shared" };
            format!("`{}` writes {}{why}", v.name(), writes.join(" "))
        } else if e.flags.has(Flags::PERL) {
            format!("`{}` may run Perl code", v.name())
        } else {
            format!("`{}` is not known to be safe in parallel", v.name())
        };
        let hint = match v.info.writes.iter().any(|l| l.heap == heap::HV) {
            true => Some("per-chunk hash + merge"),
            false => None,
        };
        Err(Reject { pc: Some(s.pc), reason, hint })
    }

    /// Reads against what will be committed, and commits against each other.
    fn conflicts(&self, m: &mut Memory) -> Result<(), Reject> {
        let mut appended: Vec<u16> = m.appends.iter().map(|a| a.0).collect();
        appended.sort_unstable();
        appended.dedup();
        let mut stored: Vec<u16> = m.stores.iter().map(|a| a.0).collect();
        stored.sort_unstable();
        stored.dedup();
        let targets: Vec<u16> = appended.iter().chain(&stored).copied().collect();
        for (i, &t) in targets.iter().enumerate() {
            for &u in &targets[i + 1..] {
                if t == u {
                    let pc = m.stores.iter().find(|s| s.0 == t).map(|s| s.1);
                    return reject(pc, format!("P{t} is appended to and stored into"));
                }
                m.entry.push(Entry::Distinct(t, u));
            }
            for (b, pc) in m.reads.iter().chain(&m.lengths) {
                match b {
                    Base::Reg(r) if *r == t => {
                        return reject(*pc, format!("reads P{t}, which the loop writes"));
                    }
                    Base::Reg(r) => {
                        let e = Entry::Distinct(t, *r);
                        if !m.entry.contains(&e) {
                            m.entry.push(e);
                        }
                    }
                    Base::Fresh(_) => {}
                    _ => {
                        return reject(
                            *pc,
                            format!("reads an array that may be P{t}, which the loop writes"),
                        );
                    }
                }
            }
            // A plain array is tested by the executor; lists made by the compiler are plain.
            m.entry.push(Entry::PlainArray(t));
        }
        if let (Some((_, store)), Some(_)) = (m.cell_stores.first(), m.cell_unknown) {
            return reject(*store, "writes a scalar that other reads of the loop may see");
        }
        let place = |b: &Base| match b {
            Base::Sym(y) => Some(Place::Sym(*y)),
            Base::Reg(r) => Some(Place::Cell(*r)),
            _ => None,
        };
        for i in 0..m.cell_stores.len() {
            let (b, pc) = m.cell_stores[i];
            for other in
                m.cell_stores.iter().map(|s| s.0).chain(m.cell_reads.iter().copied()).collect::<Vec<_>>()
            {
                // Two names may stand for one scalar.
                if other == b
                    || matches!(other, Base::Fresh(_))
                    || matches!(other, Base::Sym(y) if m.private_syms.contains(&y))
                {
                    continue;
                }
                let (Some(x), Some(y)) = (place(&b), place(&other)) else {
                    return reject(pc, "writes a scalar that other reads of the loop may see");
                };
                let e = Entry::DistinctScalars(x, y);
                if !m.entry.contains(&e) {
                    m.entry.push(e);
                }
            }
        }
        m.commits.extend(appended.into_iter().map(|list| Commit::Append { list }));
        for array in stored {
            let mut pcs: Vec<u32> = m.stores.iter().filter(|s| s.0 == array).map(|s| s.1).collect();
            pcs.sort_unstable();
            m.commits.push(Commit::ArrayStore { array, pcs });
        }
        Ok(())
    }
}

#[cfg(test)]
pub(super) fn unknown_value_entries() -> Vec<&'static str> {
    let all = VALUE_ENTRIES.iter().chain(&LIST_WRITERS).chain(&NEW_VARIABLE);
    all.copied().filter(|n| crate::isa::rt_named(n).is_none()).collect()
}
