//! What is known at one point of an expanded op: the lattice of the checker.
//!
//! Must-information (tags, facts, assigned registers) is intersected where paths meet, may-information (taken,
//! written, effects) is united.
use crate::schema::*;
use std::collections::{BTreeMap, BTreeSet};

pub type Reg = u32;
pub type Span = (u32, u32);

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum F {
    Kind(Reg, u8),
    Plain(Reg, u8),
    Inb(Reg, Reg),
    NonNull(Reg),
    NonZero(Reg),
    Zero(Reg),
    Same(Reg, Reg),
    Class(Reg, u32),
    Code(Reg, u32),
    Fresh(Reg),
    Borrowed(Reg),
}

impl F {
    fn regs(self) -> (Reg, Option<Reg>) {
        match self {
            F::Inb(a, b) | F::Same(a, b) => (a, Some(b)),
            F::Kind(a, _)
            | F::Plain(a, _)
            | F::NonNull(a)
            | F::NonZero(a)
            | F::Zero(a)
            | F::Class(a, _)
            | F::Code(a, _)
            | F::Fresh(a)
            | F::Borrowed(a) => (a, None),
        }
    }
    pub fn mentions(self, r: Reg) -> bool {
        let (a, b) = self.regs();
        a == r || b == Some(r)
    }
}

#[derive(Clone, PartialEq, Default, Debug)]
pub struct State {
    pub assigned: BTreeSet<Reg>,
    /// Tag set of S registers; absent: any.
    pub tags: BTreeMap<Reg, Mask>,
    pub facts: BTreeSet<F>,
    pub taken: BTreeMap<Reg, Span>,
    /// Parameters written so far, with the statement.
    pub written: BTreeMap<Reg, Span>,
    /// First effect so far: the statement and the atom's name.
    pub effect: Option<(Span, &'static str)>,
}

impl State {
    /// Meets another path; true if something changed.
    pub fn meet(&mut self, o: &State) -> bool {
        let before = self.clone();
        self.assigned.retain(|r| o.assigned.contains(r));
        self.facts.retain(|f| o.holds(*f));
        self.tags = self
            .tags
            .iter()
            .filter_map(|(r, m)| {
                let both = m | o.tags.get(r)?;
                (both != MASK_ANY).then_some((*r, both))
            })
            .collect();
        for (r, s) in &o.taken {
            self.taken.entry(*r).or_insert(*s);
        }
        for (r, s) in &o.written {
            self.written.entry(*r).or_insert(*s);
        }
        if self.effect.is_none() {
            self.effect = o.effect;
        }
        *self != before
    }

    pub fn tag(&self, r: Reg) -> Mask {
        self.tags.get(&r).copied().unwrap_or(MASK_ANY)
    }

    pub fn holds(&self, f: F) -> bool {
        if self.facts.contains(&f) {
            return true;
        }
        match f {
            F::Kind(r, k) => self.facts.contains(&F::Plain(r, k)),
            F::NonNull(r) => self
                .facts
                .iter()
                .any(|g| matches!(g, F::Kind(a, _) | F::Plain(a, _) | F::Fresh(a) if *a == r)),
            F::Same(a, b) => a == b || self.facts.contains(&F::Same(b, a)),
            _ => false,
        }
    }

    /// The register gets a new value.
    pub fn define(&mut self, r: Reg) {
        self.facts.retain(|f| !f.mentions(r));
        self.tags.remove(&r);
        self.taken.remove(&r);
        self.assigned.insert(r);
    }

    /// Forgets what a write to this heap may have changed.
    pub fn clobber(&mut self, heap: &str) {
        let all = heap == "World";
        self.facts.retain(|f| match f {
            F::Inb(..) => !all && heap != "AvLen",
            F::Plain(..) | F::Class(..) => !all && heap != "Obj",
            F::Code(..) => !all && heap != "Code",
            _ => true,
        });
    }
}
