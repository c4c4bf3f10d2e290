//! Assembling one instruction: the operands by the head of its atom or entry.

use super::parse::{Labels, Parser, Result, Target};
use crate::chunk::Ins;
use crate::isa::{self, InsInfo, OpdKind, Operand, RTS, kind_named, mask_of, op};
use crate::view::set_slot;

use super::lex::Tok;

impl<'s> Parser<'s> {
    pub(super) fn ins(&mut self, name: &str, pc: u32, labels: &mut Labels<'s>) -> Result<Ins> {
        let entry = name.strip_prefix("br.rt.").or(name.strip_prefix("rt."));
        let mut ins = Ins::default();
        let info: &'static InsInfo = match entry {
            Some(e) => {
                let Some(id) = isa::rt_named(e) else {
                    return self.fail(format!("there is no runtime entry `{e}`"));
                };
                ins.op = if name.starts_with("br.") { op::BR_RT } else { op::RT };
                ins.imm = id as u64;
                &RTS[id as usize]
            }
            None => {
                let Some(code) = isa::atom_named(name) else {
                    return self.fail(format!("there is no atom `{name}`"));
                };
                ins.op = code;
                &isa::ATOMS[code as usize]
            }
        };
        for (i, o) in info.operands.iter().enumerate() {
            if i > 0 {
                self.need(",")?;
            }
            let x = match o.kind {
                OpdKind::Label { .. } => match self.target()? {
                    Target::Pc(pc) => pc as u64,
                    Target::Name(n, line) => {
                        labels.code.push((pc, o.slot, n, line));
                        0
                    }
                },
                _ => self.operand(o, ins.op)?,
            };
            if set_slot(&mut ins, o.slot, x).is_err() {
                return self.fail(format!("{x} does not fit operand `{}` of `{name}`", o.name));
            }
        }
        Ok(ins)
    }

    fn operand(&mut self, o: &Operand, code: u16) -> Result<u64> {
        if self.eat("#") {
            if code == op::N_CONST && !matches!(self.peek(), Some(Tok::Num(t)) if t.starts_with("0x")) {
                return Ok(self.double()?.to_bits());
            }
            let v: i128 = self.num()?;
            return match (i64::try_from(v), u64::try_from(v)) {
                (Ok(v), _) => Ok(v as u64),
                (_, Ok(v)) => Ok(v),
                _ => self.fail("the number has more than 64 bits"),
            };
        }
        Ok(match o.kind {
            OpdKind::Reg(_, f) => self.indexed(&f.letter().to_string())? as u64,
            OpdKind::Konst => self.indexed("k")? as u64,
            OpdKind::Sym => self.indexed("y")? as u64,
            OpdKind::Ic => self.indexed("ic")? as u64,
            OpdKind::Mask => {
                let mut names = vec![self.word()?];
                while self.eat("|") {
                    names.push(self.word()?);
                }
                match mask_of(names.into_iter().filter(|n| *n != "none")) {
                    Ok(m) => m as u64,
                    Err(n) => return self.fail(format!("`{n}` is no tag")),
                }
            }
            OpdKind::Kind => {
                let w = self.word()?;
                match kind_named(w) {
                    Some(k) => k as u64,
                    None => return self.fail(format!("`{w}` is no kind of object")),
                }
            }
            _ => return self.fail(format!("operand `{}` is written with `#`", o.name)),
        })
    }
}
