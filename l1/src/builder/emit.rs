//! Emission: arguments against heads.

use super::*;
use crate::isa::{self, InsInfo, Mode, OpdKind, Operand, Slot, op};
use crate::view;

impl Builder {
    /// Emits one atom by name.
    pub fn atom(&mut self, name: &str, args: &[Arg]) -> Result<()> {
        let Some(code) = isa::atom_named(name) else {
            return err(format!("there is no atom `{name}`"));
        };
        if view::is_entry_call(code) {
            return err(format!("`{name}` is emitted by naming its entry, with Builder::rt"));
        }
        self.emit(code, 0, &isa::ATOMS[code as usize], args)
    }

    /// Emits a call of the runtime entry `name`: atom `br.rt` if the entry has a label, else `rt`.
    pub fn rt(&mut self, name: &str, args: &[Arg]) -> Result<()> {
        let Some(id) = isa::rt_named(name) else {
            return err(format!("there is no runtime entry `{name}`"));
        };
        let info = &isa::RTS[id as usize];
        let code = if info.label().is_some() { op::BR_RT } else { op::RT };
        self.emit(code, id as u64, info, args)
    }

    fn emit(&mut self, code: u16, imm: u64, info: &'static InsInfo, args: &[Arg]) -> Result<()> {
        if args.len() != info.operands.len() {
            return err(format!(
                "`{}` takes {} operands, not {}",
                info.name,
                info.operands.len(),
                args.len()
            ));
        }
        let mut p = Pend {
            op: code,
            regs: [0; 3],
            high: 0,
            imm,
            label: None,
            region: self.region(),
            line: self.lines.len() as u32 - 1,
            site: self.site,
        };
        let mut scratch = Vec::new();
        for (o, a) in info.operands.iter().zip(args) {
            self.operand(&mut p, info, o, a, &mut scratch)?;
        }
        self.push(Event::Atom(p));
        for r in scratch {
            self.free(r);
        }
        Ok(())
    }

    fn operand(
        &mut self,
        p: &mut Pend,
        info: &InsInfo,
        o: &Operand,
        a: &Arg,
        scratch: &mut Vec<Reg>,
    ) -> Result<()> {
        let bad = || err(format!("`{}`: {a:?} cannot be its operand `{}` ({:?})", info.name, o.name, o.kind));
        let value: u64 = match (o.kind, a) {
            (OpdKind::Reg(mode, fam), a) => {
                let r = match a {
                    Arg::R(r) => *r,
                    _ if mode == Mode::In || mode == Mode::Raw => match self.load(fam.into(), a)? {
                        Some(r) => {
                            scratch.push(r);
                            r
                        }
                        None => return bad(),
                    },
                    _ => return bad(),
                };
                if r.fam != Fam::from(fam) || !self.regs.exists(r) {
                    return bad();
                }
                let i = match o.slot {
                    Slot::A => 0,
                    Slot::B => 1,
                    _ => 2,
                };
                p.regs[i] = r.n;
                p.high |= (r.is_high() as u8) << i;
                return Ok(());
            }
            (OpdKind::Label { .. }, Arg::Label(l)) => {
                if l.0 >= self.n_labels {
                    return bad();
                }
                p.label = Some(*l);
                return Ok(());
            }
            (OpdKind::Imm | OpdKind::Ctx | OpdKind::Kind | OpdKind::Mask, Arg::Imm(v)) => *v,
            (OpdKind::Imm, Arg::Int(v)) if o.slot == Slot::Imm => *v as u64,
            (OpdKind::Imm, Arg::Int(v)) => *v as u32 as u64,
            (OpdKind::Imm, Arg::Num(v)) => v.to_bits(),
            (OpdKind::Konst, Arg::Const(v)) => *v as u64,
            // The immediates of i.const and n.const are the value itself.
            (OpdKind::Konst, Arg::Imm(v)) if o.slot == Slot::Imm => *v,
            (OpdKind::Konst, Arg::Int(v)) => self.konst(Const::Int(*v)) as u64,
            (OpdKind::Konst, Arg::Num(v)) => self.konst(Const::Num(*v)) as u64,
            (OpdKind::Konst, Arg::Str(b, u)) => self.konst(Const::Str { bytes: b.clone(), utf8: *u }) as u64,
            (OpdKind::Sym, Arg::Sym(v)) => *v as u64,
            (OpdKind::Sym, Arg::Str(b, u)) => self.sym(b, *u) as u64,
            (OpdKind::Ic, Arg::Ic(v)) => *v as u64,
            (OpdKind::Mask, Arg::Mask(m)) => *m as u64,
            (OpdKind::Kind, Arg::Kind(k)) => *k as u64,
            (OpdKind::Ctx, Arg::Ctx(c)) => *c as u64,
            _ => return bad(),
        };
        match o.slot {
            Slot::Imm => p.imm = value,
            Slot::Lo if value >> 32 == 0 => p.imm = p.imm & !0xffff_ffff | value,
            Slot::Hi if value >> 32 == 0 => p.imm = p.imm & 0xffff_ffff | value << 32,
            _ => return bad(),
        }
        Ok(())
    }

    /// Loads a literal into a new temporary; `None` if `a` is no literal of that family.
    pub fn load(&mut self, fam: Fam, a: &Arg) -> Result<Option<Reg>> {
        let (atom, arg) = match (fam, a) {
            (Fam::I, Arg::Int(i)) => ("i.const", Arg::Imm(*i as u64)),
            (Fam::I, Arg::Imm(i)) => ("i.const", Arg::Imm(*i)),
            (Fam::N, Arg::Num(n)) => ("n.const", Arg::Imm(n.to_bits())),
            (Fam::N, Arg::Int(i)) => ("n.const", Arg::Imm((*i as f64).to_bits())),
            (Fam::S, Arg::Int(_) | Arg::Num(_) | Arg::Str(..) | Arg::Const(_)) => ("s.const", a.clone()),
            (Fam::P, Arg::Const(_)) => ("p.const", a.clone()),
            _ => return Ok(None),
        };
        let r = self.temp(fam);
        self.atom(atom, &[Arg::R(r), arg])?;
        Ok(Some(r))
    }

    /// Control can reach the place where the next atom will be emitted.
    pub fn falls_through(&self) -> bool {
        let i = *self.open.last().unwrap_or(&0);
        match self.segments[i].events.last() {
            Some(Event::Atom(p)) => {
                view::is_entry_call(p.op) || !isa::ATOMS.get(p.op as usize).is_some_and(|a| a.ends_block())
            }
            _ => true,
        }
    }
}
