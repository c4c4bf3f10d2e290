//! Facts: what is known about the registers at a place, and how instructions change that.
//!
//! Contract. One forward dataflow, [`Flow`], serves verifier, guard elimination and the other passes. A fact that
//! is stated holds on every path to its place, whatever the atoms' operands; nothing is assumed about the frame at
//! entry. Laws:
//!
//! 1. `requires` is checked before an instruction, `proves` is added on its fall-through. The taken side of
//!    `br.tag`, `br.ntag`, `br.t`, `br.f` and of comparisons with a constant gets the opposite.
//! 2. Writing a register kills what was known about it, relations included.
//! 3. Whatever may run Perl kills the facts about heap objects (`plain inb class code`), except `plain` of fresh
//!    objects, never those about register contents — but for slots that may be aliased.
//! 4. An aliased slot keeps its tag only across pure atoms.

use crate::chunk::*;
use crate::effects::{const_mask, meta_of};
use crate::isa::{Fact, KindRef, MASK_ANY, MaskRef, heap, op};
use crate::view::View;
use std::cmp::Ordering;
use std::rc::Rc;

mod flow;

pub use flow::{Defined, Flow};

/// What is known about one register.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SlotFact {
    /// Possible tags (S).
    pub mask: u16,
    /// Kind of the object (P); 0: unknown.
    pub kind: u8,
    pub flags: u8,
    /// The bits it holds (I, N).
    pub value: Option<u64>,
}

impl SlotFact {
    pub const PLAIN: u8 = 1;
    pub const NON_NULL: u8 = 2;
    pub const FRESH: u8 = 4;
    pub const BORROWED: u8 = 8;
    pub const NON_ZERO: u8 = 16;

    pub const NONE: SlotFact = SlotFact { mask: MASK_ANY, kind: 0, flags: 0, value: None };

    fn join(self, o: SlotFact) -> SlotFact {
        let kind = if self.kind == o.kind { self.kind } else { 0 };
        let mut flags = self.flags & o.flags;
        if kind == 0 {
            flags &= !Self::PLAIN;
        }
        let value = if self.value == o.value { self.value } else { None };
        SlotFact { mask: self.mask | o.mask, kind, flags, value }
    }

    pub fn has(&self, f: u8) -> bool {
        self.flags & f != 0
    }
}

/// A fact about two things.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Rel {
    /// Index in range of a plain array.
    Inb(u16, u16),
    /// Class as remembered by an inline cache.
    Class(u16, u32),
    Code(u16, u32),
}

impl Rel {
    fn mentions(&self, r: u16) -> bool {
        match *self {
            Rel::Inb(a, i) => a == r || i == r,
            Rel::Class(a, _) | Rel::Code(a, _) => a == r,
        }
    }
}

/// What running Perl code can make untrue.
const VOLATILE: u8 = SlotFact::PLAIN | SlotFact::BORROWED;

const PAGE: usize = 16;
type Page = Rc<[SlotFact; PAGE]>;

/// Everything known at one place. Pages of registers are shared between places that agree about them.
#[derive(Clone, Debug, Default)]
pub struct Facts {
    /// A missing page knows nothing.
    pages: Vec<Option<Page>>,
    /// Registers with PLAIN or BORROWED, sorted: what running Perl code kills.
    volatile: Vec<u16>,
    rels: Vec<Rel>,
}

impl Facts {
    pub fn slot(&self, r: u16) -> SlotFact {
        match self.pages.get(r as usize / PAGE) {
            Some(Some(p)) => p[r as usize % PAGE],
            _ => SlotFact::NONE,
        }
    }

    pub fn has_rel(&self, r: Rel) -> bool {
        self.rels.binary_search(&r).is_ok()
    }

    pub fn set(&mut self, r: u16, f: SlotFact) {
        let old = self.slot(r);
        if old == f {
            return;
        }
        let i = r as usize / PAGE;
        if i >= self.pages.len() {
            self.pages.resize(i + 1, None);
        }
        let page = self.pages[i].get_or_insert_with(|| Rc::new([SlotFact::NONE; PAGE]));
        Rc::make_mut(page)[r as usize % PAGE] = f;
        match (f.has(VOLATILE), self.volatile.binary_search(&r)) {
            (true, Err(k)) => self.volatile.insert(k, r),
            (false, Ok(k)) => {
                self.volatile.remove(k);
            }
            _ => {}
        }
    }

    fn add_rel(&mut self, r: Rel) {
        if let Err(i) = self.rels.binary_search(&r) {
            self.rels.insert(i, r);
        }
    }

    fn change(&mut self, r: u16, f: impl FnOnce(&mut SlotFact)) {
        let mut s = self.slot(r);
        f(&mut s);
        self.set(r, s);
    }

    /// Forgets all about a register.
    pub fn forget(&mut self, r: u16) {
        self.set(r, SlotFact::NONE);
        if !self.rels.is_empty() {
            self.rels.retain(|x| !x.mentions(r));
        }
    }

    /// Adds an assumption about the tag of an S register.
    pub fn assume_tag(&mut self, r: u16, mask: u16) {
        self.learn(Learnt::Mask(r, mask));
    }

    /// Keeps what holds in both; tells whether `self` changed.
    pub fn join(&mut self, o: &Facts) -> bool {
        let mut changed = false;
        for (i, mine) in self.pages.iter_mut().enumerate() {
            let Some(page) = mine else { continue };
            let other = o.pages.get(i).and_then(|p| p.as_ref());
            if other.is_some_and(|p| Rc::ptr_eq(p, page)) {
                continue;
            }
            let mut joined = [SlotFact::NONE; PAGE];
            if let Some(other) = other {
                for k in 0..PAGE {
                    joined[k] = page[k].join(other[k]);
                }
            }
            if joined != **page {
                changed = true;
                let empty = joined.iter().all(|f| *f == SlotFact::NONE);
                *mine = if empty { None } else { Some(Rc::new(joined)) };
            } else if let Some(other) = other
                && **other == joined
            {
                *mine = Some(other.clone());
            }
        }
        let before = self.rels.len();
        self.rels.retain(|r| o.has_rel(*r));
        let volatile = std::mem::take(&mut self.volatile);
        self.volatile = volatile.into_iter().filter(|r| self.slot(*r).has(VOLATILE)).collect();
        changed | (before != self.rels.len())
    }

    /// The known facts in words, for messages: those about the registers of `v`.
    pub fn about(&self, v: &View) -> String {
        let mut out = Vec::new();
        for (_, _, fam, r) in v.regs() {
            let f = self.slot(r);
            let name = format!("{fam:?}{r}");
            if f.mask != MASK_ANY {
                out.push(format!("tag({name}) in {}", crate::isa::mask_text(f.mask)));
            }
            if f.kind != 0 {
                let p = if f.has(SlotFact::PLAIN) { "plain" } else { "kind" };
                out.push(format!("{p}({name},{})", crate::isa::kind_name(f.kind).unwrap_or("?")));
            }
            if f.has(SlotFact::NON_NULL) {
                out.push(format!("{name}!=null"));
            }
            if f.has(SlotFact::NON_ZERO) {
                out.push(format!("{name}!=0"));
            }
        }
        out.sort();
        out.dedup();
        if out.is_empty() { "nothing".into() } else { out.join(", ") }
    }

    fn mask(&self, c: &Chunk, v: &View, m: &MaskRef) -> u16 {
        let opd = |i: u8| v.value(i as usize) as u16;
        match m {
            MaskRef::Lit(m) => *m,
            MaskRef::Opd(i) => opd(*i),
            MaskRef::NotOpd(i) => !opd(*i),
            MaskRef::SameAs(i) => self.slot(opd(*i)).mask,
            MaskRef::OfConst(i) => c.consts.get(v.value(*i as usize) as usize).map_or(MASK_ANY, const_mask),
        }
    }

    fn kind(&self, v: &View, k: &KindRef) -> u8 {
        match k {
            KindRef::Lit(k) => *k,
            KindRef::Opd(i) => v.value(*i as usize) as u8,
            KindRef::SameAs(i) => self.slot(v.value(*i as usize) as u16).kind,
            KindRef::OfConst(_) => 0,
        }
    }

    /// Does `f`, a requirement of `v`, hold here?
    pub fn holds(&self, c: &Chunk, v: &View, f: &Fact) -> bool {
        let reg = |i: u8| v.reg(i as usize).unwrap_or(u16::MAX);
        let s = |i: u8| self.slot(reg(i));
        match f {
            Fact::Tag(a, m) => s(*a).mask & !self.mask(c, v, m) == 0,
            Fact::Kind(a, k) => s(*a).kind == self.kind(v, k) && s(*a).kind != 0,
            Fact::Plain(a, k) => s(*a).kind == self.kind(v, k) && s(*a).has(SlotFact::PLAIN),
            Fact::Inb(a, i) => self.has_rel(Rel::Inb(reg(*a), reg(*i))),
            Fact::NonNull(a) => s(*a).has(SlotFact::NON_NULL) || s(*a).kind != 0,
            Fact::NonZero(a) => s(*a).has(SlotFact::NON_ZERO) || s(*a).value.is_some_and(|v| !is_zero(v)),
            Fact::Zero(a) => s(*a).value == Some(0),
            Fact::Same(a, b) => reg(*a) == reg(*b),
            Fact::Class(a, i) => self.has_rel(Rel::Class(reg(*a), v.value(*i as usize) as u32)),
            Fact::Code(a, i) => self.has_rel(Rel::Code(reg(*a), v.value(*i as usize) as u32)),
            Fact::Fresh(a) => s(*a).has(SlotFact::FRESH),
            Fact::Borrowed(a) => s(*a).has(SlotFact::BORROWED),
        }
    }

    /// The state after `v` on the fall-through.
    pub fn step(&mut self, c: &Chunk, v: &View) {
        let new = self.proved(c, v);
        let m = meta_of(v.ins);
        if m.effect.runs_perl() || m.effect.writes != 0 {
            self.kill_heap(m.effect.runs_perl(), m.declared);
        }
        if !m.pure && !c.aliased.is_empty() && (v.is_rt() || m.effect.runs_perl() || m.effect.writes != 0) {
            for r in &c.aliased {
                self.forget(*r);
            }
        }
        self.overwrite(v);
        for n in new {
            self.learn(n);
        }
    }

    pub(crate) fn kill_heap(&mut self, perl: bool, writes: u32) {
        let own = (writes >> heap::AV_LEN | writes >> heap::ARGS) & 1 != 0;
        let hit = |h: u8| perl || writes >> h & 1 != 0;
        let (inb, class) = (hit(heap::AV_LEN) || hit(heap::ARGS), hit(heap::OBJ) || hit(heap::GLOB));
        let code = hit(heap::CODE) || hit(heap::GLOB);
        if !self.rels.is_empty() && (inb || class || code) {
            let mut rels = std::mem::take(&mut self.rels);
            rels.retain(|r| match r {
                Rel::Inb(a, _) => !inb || !own && self.slot(*a).has(SlotFact::FRESH),
                Rel::Class(..) => !class,
                Rel::Code(..) => !code,
            });
            self.rels = rels;
        }
        if perl || writes >> heap::OBJ & 1 != 0 {
            for i in (0..self.volatile.len()).rev() {
                let r = self.volatile[i];
                let f = self.slot(r);
                let lost = if f.has(SlotFact::FRESH) { 0 } else { SlotFact::PLAIN };
                self.set(r, SlotFact { flags: f.flags & !(lost | SlotFact::BORROWED), ..f });
            }
        }
    }

    /// A fresh object stays ours only as long as it is used in ways that hand its pointer to nobody.
    fn escape(&mut self, v: &View) {
        if v.is_pure() {
            return;
        }
        let keeps = matches!(
            v.ins.op,
            op::LIST_PUSH
                | op::LIST_SLOT
                | op::LIST_CELL
                | op::LIST_AV
                | op::LIST_HV
                | op::LIST_GET
                | op::AV_PUSH
                | op::AV_GET
                | op::AV_GETQ
                | op::AV_SET
                | op::AV_SETQ
                | op::AV_SETLEN
                | op::HV_GET
                | op::HV_SET
                | op::CELL_GET
                | op::CELL_SET
        );
        for (i, mode, fam, r) in v.regs() {
            let container = keeps && !(v.ins.op == op::LIST_CELL && i > 0);
            if fam == Fam::P && mode.reads() && !container {
                let f = self.slot(r);
                if f.has(SlotFact::FRESH) {
                    self.set(r, SlotFact { flags: f.flags & !SlotFact::FRESH, ..f });
                }
            }
        }
    }

    /// What the fall-through of `v` will know, evaluated in the state before it.
    fn proved(&self, c: &Chunk, v: &View) -> Vec<Learnt> {
        let mut out = Vec::new();
        let reg = |i: u8| v.reg(i as usize).unwrap_or(u16::MAX);
        for f in v.info.proves {
            out.push(match f {
                Fact::Tag(a, m) => Learnt::Mask(reg(*a), self.mask(c, v, m)),
                Fact::Kind(a, k) => match self.kind(v, k) {
                    0 => continue,
                    k => Learnt::Kind(reg(*a), k, 0),
                },
                Fact::Plain(a, k) => {
                    Learnt::Kind(reg(*a), self.kind(v, k), SlotFact::PLAIN | SlotFact::NON_NULL)
                }
                Fact::NonNull(a) => Learnt::Flag(reg(*a), SlotFact::NON_NULL),
                Fact::NonZero(a) => Learnt::Flag(reg(*a), SlotFact::NON_ZERO),
                Fact::Fresh(a) => Learnt::Flag(reg(*a), SlotFact::FRESH),
                Fact::Borrowed(a) => Learnt::Flag(reg(*a), SlotFact::BORROWED),
                Fact::Zero(a) => Learnt::Value(reg(*a), 0),
                Fact::Inb(a, i) => Learnt::Rel(Rel::Inb(reg(*a), reg(*i))),
                Fact::Class(a, i) => Learnt::Rel(Rel::Class(reg(*a), v.value(*i as usize) as u32)),
                Fact::Code(a, i) => Learnt::Rel(Rel::Code(reg(*a), v.value(*i as usize) as u32)),
                Fact::Same(..) => continue,
            });
        }
        let (a, b) = (v.ins.a, v.ins.b);
        match v.ins.op {
            op::I_CONST | op::N_CONST => out.push(Learnt::Value(a, v.ins.imm)),
            // The copy knows what the original knows, but is not the only holder.
            op::I_COPY | op::N_COPY | op::P_COPY | op::P_MOVE => {
                let f = self.slot(b);
                let lost = if v.ins.op == op::P_COPY { SlotFact::FRESH } else { 0 };
                out.push(Learnt::All(a, SlotFact { flags: f.flags & !lost, ..f }));
                for r in &self.rels {
                    match *r {
                        Rel::Inb(x, i) if x == b && a != b => out.push(Learnt::Rel(Rel::Inb(a, i))),
                        Rel::Inb(x, i) if i == b && a != b => out.push(Learnt::Rel(Rel::Inb(x, a))),
                        _ => {}
                    }
                }
            }
            op::BR_I_EQ | op::BR_N_EQ if self.is_zero_reg(b) => out.push(Learnt::Flag(a, SlotFact::NON_ZERO)),
            op::BR_I_EQ | op::BR_N_EQ if self.is_zero_reg(a) => out.push(Learnt::Flag(b, SlotFact::NON_ZERO)),
            op::BR_I_NE => match (self.slot(a).value, self.slot(b).value) {
                (_, Some(k)) => out.push(Learnt::Value(a, k)),
                (Some(k), _) => out.push(Learnt::Value(b, k)),
                _ => {}
            },
            _ => {}
        }
        out
    }

    fn is_zero_reg(&self, r: u16) -> bool {
        self.slot(r).value.is_some_and(is_zero)
    }

    /// What the taken branch of `v` knows on top of the state before `v`. Outputs of `v` are not written there.
    pub fn step_taken(&mut self, c: &Chunk, v: &View) {
        let (a, b, m) = (v.ins.a, v.ins.b, meta_of(v.ins));
        if m.effect.runs_perl() || m.effect.writes != 0 || v.is_rt() {
            self.step_effects_only(c, v);
        }
        match v.ins.op {
            op::BR_TAG => self.learn(Learnt::Mask(a, self.operand_mask(v))),
            op::BR_NTAG => self.learn(Learnt::Mask(a, !self.operand_mask(v))),
            op::BR_T => self.learn(Learnt::Flag(a, SlotFact::NON_ZERO)),
            op::BR_F => self.learn(Learnt::Value(a, 0)),
            op::BR_I_NE if self.is_zero_reg(b) => self.learn(Learnt::Flag(a, SlotFact::NON_ZERO)),
            op::BR_N_NE if self.is_zero_reg(b) => self.learn(Learnt::Flag(a, SlotFact::NON_ZERO)),
            op::BR_I_EQ => {
                if let Some(k) = self.slot(b).value {
                    self.learn(Learnt::Value(a, k));
                }
            }
            _ => {}
        }
    }

    /// Does the branch `v` always (`Some(true)`) or never (`Some(false)`) go to its label here?
    pub fn decides(&self, c: &Chunk, v: &View) -> Option<bool> {
        let (a, b) = (v.ins.a, v.ins.b);
        let known = |r: u16| self.slot(r).value;
        let ints = || Some((known(a)? as i64, known(b)? as i64));
        let nums = || Some((f64::from_bits(known(a)?), f64::from_bits(known(b)?)));
        match v.ins.op {
            op::JMP => Some(true),
            op::BR_TAG | op::BR_NTAG => {
                let (have, want) = (self.slot(a).mask, self.operand_mask(v));
                let inside = match (have & want, have & !want) {
                    (_, 0) => true,
                    (0, _) => false,
                    _ => return None,
                };
                Some(inside == (v.ins.op == op::BR_TAG))
            }
            op::BR_T | op::BR_F => {
                let zero = match known(a) {
                    Some(k) => k == 0,
                    None if self.slot(a).has(SlotFact::NON_ZERO) => false,
                    None => return None,
                };
                Some(zero == (v.ins.op == op::BR_F))
            }
            op::BR_I_EQ => ints().map(|(a, b)| a == b),
            op::BR_I_NE => ints().map(|(a, b)| a != b),
            op::BR_I_LT => ints().map(|(a, b)| a < b),
            op::BR_I_LE => ints().map(|(a, b)| a <= b),
            op::BR_U_LT => ints().map(|(a, b)| (a as u64) < b as u64),
            op::BR_N_EQ => nums().map(|(a, b)| a == b),
            op::BR_N_NE => nums().map(|(a, b)| a != b),
            op::BR_N_LT => nums().map(|(a, b)| a < b),
            op::BR_N_LE => nums().map(|(a, b)| a <= b),
            op::BR_N_NLT => nums().map(|(a, b)| a.partial_cmp(&b) != Some(Ordering::Less)),
            op::BR_N_NLE => {
                nums().map(|(a, b)| !matches!(a.partial_cmp(&b), Some(Ordering::Less | Ordering::Equal)))
            }
            // A guard whose fact is known already.
            op::BR_NULL | op::BR_KIND | op::BR_OOB | op::BR_CLASS | op::BR_CODE
                if !v.info.proves.is_empty() && v.info.proves.iter().all(|f| self.holds(c, v, f)) =>
            {
                Some(false)
            }
            op::BR_NULL if self.holds(c, v, &Fact::NonNull(0)) => Some(false),
            _ => None,
        }
    }

    fn operand_mask(&self, v: &View) -> u16 {
        let i = v.info.operands.iter().position(|o| o.kind == crate::isa::OpdKind::Mask);
        i.map_or(MASK_ANY, |i| v.value(i) as u16)
    }

    fn step_effects_only(&mut self, c: &Chunk, v: &View) {
        let m = meta_of(v.ins);
        self.kill_heap(m.effect.runs_perl(), m.declared);
        for r in &c.aliased {
            self.forget(*r);
        }
        self.overwrite(v);
    }

    /// What the instruction writes is not known any more.
    fn overwrite(&mut self, v: &View) {
        self.escape(v);
        for (_, mode, _, r) in v.regs() {
            if mode.writes() {
                self.forget(r);
            }
        }
    }

    fn learn(&mut self, n: Learnt) {
        match n {
            Learnt::Mask(r, m) => self.change(r, |f| f.mask &= m),
            Learnt::Kind(r, k, flags) => self.change(r, |f| {
                f.kind = k;
                f.flags |= flags | SlotFact::NON_NULL;
            }),
            Learnt::Flag(r, flag) => self.change(r, |f| f.flags |= flag),
            Learnt::Value(r, v) => self.change(r, |f| {
                f.value = Some(v);
                if !is_zero(v) {
                    f.flags |= SlotFact::NON_ZERO;
                }
            }),
            Learnt::All(r, f) => self.set(r, f),
            Learnt::Rel(r) => self.add_rel(r),
        }
    }
}

enum Learnt {
    Mask(u16, u16),
    Kind(u16, u8, u8),
    Flag(u16, u8),
    Value(u16, u64),
    All(u16, SlotFact),
    Rel(Rel),
}

/// Zero as an integer or as either double.
fn is_zero(bits: u64) -> bool {
    bits == 0 || bits == 1 << 63
}

#[cfg(test)]
mod tests;
