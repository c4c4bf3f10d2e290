//! What instructions do to the world, condensed from their heads for fast questions.
//!
//! Contract. [`effect`] is a superset of what the instruction does: the flag `perl` (may run Perl code) and the
//! heap `World` include everything. Heads are trusted here; only `l1-spec/*.l1` can declare them.

use crate::chunk::{Chunk, Const, Ins};
use crate::isa::{ATOMS, Flags, HEAPS, InsInfo, RTS, heap, op};
use crate::view::is_entry_call;
use std::sync::LazyLock;

/// A set of heaps, bit `1 << heap`.
pub type Heaps = u32;

/// Every heap.
pub const ALL_HEAPS: Heaps = u32::MAX;

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Effect {
    pub reads: Heaps,
    pub writes: Heaps,
    pub flags: Flags,
}

impl Effect {
    /// May run Perl code: overloading, tie, magic, DESTROY, signal handlers.
    pub fn runs_perl(&self) -> bool {
        self.flags.has(Flags::PERL) || self.flags.has(Flags::SYNC) || self.writes == ALL_HEAPS
    }
    pub fn is_pure(&self) -> bool {
        self.reads == 0 && self.writes == 0 && self.flags.0 & !Flags::ALLOC == 0
    }
    pub fn union(self, o: Effect) -> Effect {
        Effect {
            reads: self.reads | o.reads,
            writes: self.writes | o.writes,
            flags: Flags(self.flags.0 | o.flags.0),
        }
    }
}

/// Effect and properties of an opcode or entry that are needed per instruction.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Meta {
    pub effect: Effect,
    /// Heaps which the instruction itself writes, not counting Perl code it may run.
    pub declared: Heaps,
    pub ends: bool,
    pub pure: bool,
}

fn heaps(locs: &[crate::isa::Loc]) -> Heaps {
    locs.iter().fold(0, |s, l| s | below(l.heap))
}

/// The heap with all heaps below it.
fn below(h: u8) -> Heaps {
    if h == heap::WORLD {
        return ALL_HEAPS;
    }
    let mut set = 1 << h;
    // Parents come before their children in heaps.l1.
    for (i, (_, parent)) in HEAPS.iter().enumerate() {
        if parent.is_some_and(|p| p != heap::WORLD && set >> p & 1 != 0) {
            set |= 1 << i;
        }
    }
    set
}

fn meta(info: &InsInfo, rt: bool) -> Meta {
    let declared = heaps(info.writes);
    let mut e = Effect { reads: heaps(info.reads), writes: declared, flags: info.flags };
    if info.flags.has(Flags::PERL) {
        e.reads = ALL_HEAPS;
        e.writes = ALL_HEAPS;
    }
    Meta { effect: e, declared, ends: !rt && info.ends_block(), pure: !rt && info.body.is_pure() }
}

static ATOM_META: LazyLock<Vec<Meta>> = LazyLock::new(|| ATOMS.iter().map(|a| meta(a, false)).collect());
static RT_META: LazyLock<Vec<Meta>> = LazyLock::new(|| RTS.iter().map(|a| meta(a, true)).collect());

pub(crate) fn meta_of(ins: &Ins) -> Meta {
    let m = match is_entry_call(ins.op) {
        true => RT_META.get(ins.lo() as usize),
        false => ATOM_META.get(ins.op as usize),
    };
    // An unknown instruction may do anything.
    m.copied().unwrap_or(Meta {
        effect: Effect { reads: ALL_HEAPS, writes: ALL_HEAPS, flags: Flags(u8::MAX) },
        declared: ALL_HEAPS,
        ends: true,
        pure: false,
    })
}

/// Effect of one instruction.
pub fn effect(ins: &Ins) -> Effect {
    meta_of(ins).effect
}

/// Summary of a chunk: everything a call of it may do. Calls inside count as anything.
pub fn summary(c: &Chunk) -> Effect {
    c.code.iter().fold(Effect::default(), |s, i| {
        let e = effect(i);
        let frame_only = matches!(i.op, op::STMT | op::LOOP | op::RET_S | op::RET_V | op::RET_L);
        s.union(if frame_only { Effect { flags: Flags(0), ..e } } else { e })
    })
}

/// Names of the heaps in a set.
pub fn heap_names(s: Heaps) -> String {
    if s == ALL_HEAPS {
        return "World".into();
    }
    let v: Vec<_> = (0..HEAPS.len()).filter(|i| s >> i & 1 != 0).map(|i| HEAPS[i].0).collect();
    v.join(" ")
}

/// The tag mask of a constant.
pub fn const_mask(k: &Const) -> u16 {
    let tag = match k {
        Const::Undef => 0,
        Const::Num(_) => 1,
        Const::Int(_) => 2,
        Const::Uint(u) if *u <= i64::MAX as u64 => 2,
        Const::Uint(_) => 3,
        Const::Bool(_) => 4,
        Const::Str { .. } | Const::VString { .. } => 8,
        Const::Glob(_) => 10,
        Const::Chunk(_) | Const::Scope(_) | Const::Regex { .. } | Const::Table(_) | Const::List(_) => {
            return u16::MAX;
        }
    };
    1 << tag
}
