//! [`View`]: an instruction seen through its head.
//!
//! Contract. `ATOMS[ins.op]` is the head of an instruction; the heads of `rt` and `br.rt` only say where the
//! entry id is, what counts is the head of the entry, `RTS[id]`. [`View`] hides that difference: facts, effects,
//! verifier, dumps and passes ask a `View` and never look at `a b c imm` themselves.

use crate::chunk::{Fam, Ins};
use crate::isa::{ATOMS, InsInfo, Mode, OpdKind, Operand, RTS, Slot, op};

/// `rt` or `br.rt`: the operands are those of a runtime entry.
pub fn is_entry_call(opcode: u16) -> bool {
    opcode == op::RT || opcode == op::BR_RT
}

/// An instruction with its head.
#[derive(Clone, Copy)]
pub struct View<'a> {
    pub ins: &'a Ins,
    pub info: &'static InsInfo,
}

impl<'a> View<'a> {
    /// `None`: no such atom or entry.
    pub fn new(ins: &'a Ins) -> Option<View<'a>> {
        let info = match is_entry_call(ins.op) {
            true => RTS.get(ins.lo() as usize)?,
            false => ATOMS.get(ins.op as usize)?,
        };
        Some(View { ins, info })
    }

    pub fn is_rt(&self) -> bool {
        is_entry_call(self.ins.op)
    }

    /// `i.addo`, `rt.sprintf`, `br.rt.…` as dumps print it.
    pub fn name(&self) -> String {
        match self.ins.op {
            op::RT => format!("rt.{}", self.info.name),
            op::BR_RT => format!("br.rt.{}", self.info.name),
            _ => self.info.name.to_string(),
        }
    }

    pub fn operands(&self) -> &'static [Operand] {
        self.info.operands
    }

    /// Raw content of operand `i`.
    pub fn value(&self, i: usize) -> u64 {
        self.info.operands.get(i).map_or(0, |o| get_slot(self.ins, o.slot))
    }

    /// Register operands: index, mode, family, slot number.
    pub fn regs(&self) -> impl Iterator<Item = (usize, Mode, Fam, u16)> + use<'a> {
        let ins = self.ins;
        self.info.operands.iter().enumerate().filter_map(move |(i, o)| {
            let (m, f) = o.reg()?;
            Some((i, m, f.into(), get_slot(ins, o.slot) as u16))
        })
    }

    /// Slot of operand `i` if it is a register.
    pub fn reg(&self, i: usize) -> Option<u16> {
        let o = self.info.operands.get(i)?;
        o.reg().map(|_| get_slot(self.ins, o.slot) as u16)
    }

    pub fn label(&self) -> Option<u32> {
        self.info.label().map(|o| get_slot(self.ins, o.slot) as u32)
    }

    /// Does the label belong to a path that is not expected to run?
    pub fn label_is_cold(&self) -> bool {
        self.info.operands.iter().any(|o| o.kind == OpdKind::Label { cold: true })
    }

    /// Control never reaches the next instruction.
    pub fn ends_block(&self) -> bool {
        !self.is_rt() && self.info.ends_block()
    }

    pub fn is_pure(&self) -> bool {
        !self.is_rt() && self.info.body.is_pure()
    }
}

pub fn get_slot(ins: &Ins, s: Slot) -> u64 {
    match s {
        Slot::A => ins.a as u64,
        Slot::B => ins.b as u64,
        Slot::C => ins.c as u64,
        Slot::Imm => ins.imm,
        Slot::Lo => ins.imm & 0xffff_ffff,
        Slot::Hi => ins.imm >> 32,
    }
}

/// Writes an operand; what does not fit is refused.
pub fn set_slot(ins: &mut Ins, s: Slot, v: u64) -> Result<(), u64> {
    let half = |v: u64| if v >> 32 == 0 { Ok(v) } else { Err(v) };
    let reg = |v: u64| u16::try_from(v).map_err(|_| v);
    match s {
        Slot::A => ins.a = reg(v)?,
        Slot::B => ins.b = reg(v)?,
        Slot::C => ins.c = reg(v)?,
        Slot::Imm => ins.imm = v,
        Slot::Lo => ins.imm = ins.imm & !0xffff_ffff | half(v)?,
        Slot::Hi => ins.imm = ins.imm & 0xffff_ffff | half(v)? << 32,
    }
    Ok(())
}

/// Replaces the label operand.
pub fn set_label(ins: &mut Ins, pc: u32) {
    let slot = View::new(ins).and_then(|v| v.info.label()).map(|o| o.slot);
    if let Some(s) = slot {
        // A pc has 32 bits, so it fits every immediate place.
        let _ = set_slot(ins, s, pc as u64);
    }
}
