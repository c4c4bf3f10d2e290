//! Lexical variables: where they live, how they come to be and are let go.
use super::*;
use keshi_l1::builder::PadEntry as BuilderPad;

impl Emitter<'_> {
    /// Gives every pad entry its home and loads the captures.
    pub fn declare_pad(&mut self) -> E {
        let pad = self.pad;
        for (i, e) in pad.entries.iter().enumerate() {
            let idx = i as PadIdx;
            let sigil = e.name.chars().next();
            let fam = match sigil {
                Some('$') => {
                    let boxed = e.captured
                        || e.outer.is_some()
                        || matches!(e.kind, PadKind::State | PadKind::Field(_));
                    if boxed { Fam::P } else { Fam::S }
                }
                _ => Fam::P,
            };
            let home = match &e.kind {
                PadKind::Our(n) => Home::Pkg(n.clone()),
                PadKind::Import(LexImport::Builtin(n)) => Home::Builtin(n.clone()),
                PadKind::Import(LexImport::Host(h)) => Home::Host(*h),
                _ if e.name.is_empty() => {
                    let reg = self.b.var(b"", Fam::S);
                    Home::Slot { reg, direct: false }
                }
                _ => {
                    let reg = self.b.var(e.name.as_bytes(), fam);
                    self.names.insert(reg, format!("{}.{i}", e.name));
                    match sigil {
                        Some('@') => Home::Av(reg),
                        Some('%') => Home::Hv(reg),
                        Some('&') => Home::Cv(reg),
                        _ if fam == Fam::P => Home::Cell(reg),
                        _ => {
                            let direct = !e.ref_taken && !self.facts.aliased.contains(&idx) && !pad.has_eval;
                            if !direct {
                                self.b.note_aliased(reg);
                            }
                            Home::Slot { reg, direct }
                        }
                    }
                }
            };
            let reg = match home {
                Home::Slot { reg, .. } | Home::Cell(reg) | Home::Av(reg) | Home::Hv(reg) | Home::Cv(reg) => {
                    Some(reg)
                }
                _ => None,
            };
            let state = e.kind == PadKind::State;
            let capture = match (e.outer, &e.kind) {
                (Some(o), _) => Some(self.b.add_capture(e.name.as_bytes(), o)),
                (None, PadKind::State) => Some(self.b.add_capture(e.name.as_bytes(), FRESH)),
                _ => None,
            };
            self.homes.push(home);
            // Entries without a register still take their place in the numbering.
            let reg = match reg {
                Some(r) => r,
                None => self.b.var(b"", Fam::S),
            };
            self.b.add_pad(BuilderPad { name: e.name.as_bytes().into(), reg, capture, state });
            if let Some(c) = capture
                && reg.fam == Fam::P
            {
                self.atom("pad.get", &[reg.into(), Arg::Imm(c.into())])?;
            }
        }
        Ok(())
    }

    /// A hidden capture: one cell per closure (`state` flags, flip-flops).
    pub fn hidden_state(&mut self) -> E<Reg> {
        let c = self.b.add_capture(b"$", FRESH);
        let p = self.tp();
        self.atom("pad.get", &[p.into(), Arg::Imm(c.into())])?;
        Ok(p)
    }

    pub fn is_capture(&self, idx: PadIdx) -> bool {
        // Entries beyond the parser's are the emitter's own.
        self.pad
            .entries
            .get(idx as usize)
            .is_some_and(|e| e.outer.is_some() || matches!(e.kind, PadKind::State | PadKind::Field(_)))
    }

    /// `my`: the variable starts a new life.
    pub fn var_init(&mut self, idx: PadIdx) -> E {
        if self.is_capture(idx) {
            return Ok(());
        }
        let captured = self.pad.entries.get(idx as usize).is_some_and(|e| e.captured);
        let proto = Arg::Imm(idx.into());
        match self.homes[idx as usize].clone() {
            Home::Cell(p) | Home::Av(p) | Home::Hv(p) if captured => self.op("my.proto", &[p.into(), proto]),
            Home::Cell(p) => self.op("my.cell", &[p.into()]),
            Home::Av(p) => self.op("my.av", &[p.into()]),
            Home::Hv(p) => self.op("my.hv", &[p.into()]),
            _ => Ok(()),
        }
    }

    /// At block entry: a variable that control may reach without passing its declaration.
    pub fn var_init_early(&mut self, idx: PadIdx) -> E {
        if let Home::Slot { reg, .. } = self.homes[idx as usize] {
            return self.atom("s.undef", &[reg.into()]);
        }
        self.var_init(idx)
    }

    /// Scope exit of one variable.
    pub fn var_clear(&mut self, idx: PadIdx) -> E {
        if self.is_capture(idx) {
            return Ok(());
        }
        match self.homes[idx as usize].clone() {
            Home::Slot { reg, .. } => self.atom("s.undef", &[reg.into()]),
            Home::Cell(p) => self.op("clear.cell", &[p.into()]),
            Home::Av(p) => self.op("clear.av", &[p.into()]),
            Home::Hv(p) => self.op("clear.hv", &[p.into()]),
            Home::Cv(p) => self.atom("p.drop", &[p.into()]),
            _ => Ok(()),
        }
    }

    /// Value of a scalar lexical into a register.
    pub fn load_var(&mut self, idx: PadIdx, d: Reg) -> E {
        match self.homes[idx as usize].clone() {
            Home::Slot { reg, .. } if reg == d => Ok(()),
            Home::Slot { reg, .. } => self.op("s.copy", &[d.into(), reg.into()]),
            Home::Cell(p) => self.op("cell.load", &[d.into(), p.into()]),
            _ => self.fail(self.line, "not a scalar variable"),
        }
    }

    pub fn store_var(&mut self, idx: PadIdx, v: &Arg) -> E {
        match self.homes[idx as usize].clone() {
            Home::Slot { reg, direct: true } => self.copy_to(reg, v),
            Home::Slot { reg, .. } => self.op("assign", &[reg.into(), v.clone()]),
            Home::Cell(p) => self.op("cell.store", &[p.into(), v.clone()]),
            _ => self.fail(self.line, "not a scalar variable"),
        }
    }

    /// `d = v` between registers (literals are loaded).
    pub fn copy_to(&mut self, d: Reg, v: &Arg) -> E {
        match v {
            Arg::R(r) if *r == d => Ok(()),
            Arg::R(_) => self.op("s.copy", &[d.into(), v.clone()]),
            _ => {
                let k = self.literal(v);
                self.op("s.const", &[d.into(), k])
            }
        }
    }

    /// A literal as constant index.
    pub fn literal(&mut self, v: &Arg) -> Arg {
        match v {
            Arg::Int(i) => self.konst(Const::Int(*i)),
            Arg::Num(n) => self.konst(Const::Num(*n)),
            Arg::Str(b, u) => self.konst(Const::Str { bytes: b.clone(), utf8: *u }),
            other => other.clone(),
        }
    }

    /// The declaration `my …`/`our …`/`state …` as it is executed, without any value.
    pub fn declare(&mut self, d: &MyDecl, line: u32) -> E {
        for v in &d.vars {
            if let MyVar::Lex { idx, .. } = v
                && let Home::Slot { reg, .. } = self.homes[*idx as usize]
                && !self.facts.conditional.contains(idx)
                && !self.facts.has_goto
            {
                self.atom("s.undef", &[reg.into()])?;
            }
        }
        self.declare_stored(d, line)
    }

    /// The declaration of variables that are given a value at once: their slots need no value before.
    pub fn declare_stored(&mut self, d: &MyDecl, line: u32) -> E {
        for v in &d.vars {
            let MyVar::Lex { idx, .. } = v else { continue };
            if d.kind != DeclKind::My {
                continue;
            }
            if !self.facts.conditional.contains(idx) && !self.facts.has_goto {
                self.var_init(*idx)?;
            }
        }
        if !d.attrs.is_empty() && d.kind != DeclKind::Field {
            d.vars.iter().try_for_each(|v| self.my_attrs(v, d, line))?;
        }
        if d.kind == DeclKind::Field {
            return self.todo(line, "field outside of a class");
        }
        Ok(())
    }

    fn my_attrs(&mut self, v: &MyVar, d: &MyDecl, line: u32) -> E {
        if matches!(v, MyVar::Undef) {
            return Ok(());
        }
        let r = self.ts();
        self.reference(&super::expr::var_expr(v, line), r)?;
        let class = d.class.clone().unwrap_or_else(|| self.package.clone());
        let k = self.attr_list(&class, &d.attrs);
        self.op("attrs.apply", &[r.into(), k])?;
        self.done(r)
    }

    /// The package whose handlers are asked, then the attributes.
    pub fn attr_list(&mut self, package: &Name, attrs: &[Attr]) -> Arg {
        let package = Const::Str { bytes: package.as_bytes().to_vec(), utf8: !package.is_ascii() };
        let list = attrs.iter().map(|a| {
            let mut bytes = a.name.as_bytes().to_vec();
            if let Some(p) = &a.arg {
                bytes.push(b'(');
                bytes.extend_from_slice(&p.bytes);
                bytes.push(b')');
            }
            let utf8 = !a.name.is_ascii() || a.arg.as_ref().is_some_and(|p| p.utf8);
            Const::Str { bytes, utf8 }
        });
        let list: Vec<Const> = std::iter::once(package).chain(list).collect();
        self.konst(Const::List(list.into()))
    }

    pub fn sigil_of(&self, idx: PadIdx) -> Sigil {
        let c = self.pad.entries[idx as usize].name.bytes().next().unwrap_or(b'$');
        Sigil::from_ch(c).unwrap_or(Sigil::Scalar)
    }
}
