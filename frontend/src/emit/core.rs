//! The emitter's hands: ops, temporaries, constants, symbols, positions.
use super::*;
use keshi_l1::chunk::{self, HintEntry};
use std::rc::Rc;

impl From<BuildError> for CompileError {
    fn from(e: BuildError) -> CompileError {
        CompileError { message: format!("internal error of the compiler: {}", e.0), file: "".into(), line: 0 }
    }
}

impl Emitter<'_> {
    pub fn fail<T>(&self, line: u32, message: impl Into<String>) -> E<T> {
        Err(CompileError { message: message.into(), file: self.file.clone(), line })
    }

    /// A Perl feature without an implementation: code that dies with a clear message when control gets there.
    pub fn todo(&mut self, line: u32, what: &str) -> E {
        self.at(line);
        let bytes = format!("{what} is not implemented in Keshi").into_bytes();
        let k = self.konst(Const::Str { bytes, utf8: false });
        self.op("die.msg", &[k])
    }

    fn place_error<T>(&self, r: Result<T, BuildError>) -> E<T> {
        r.map_err(|e| CompileError {
            message: format!("internal error of the compiler: {}", e.0),
            file: self.file.clone(),
            line: self.line,
        })
    }

    /// Emits an op: a macro, else the runtime entry of that name, else the atom.
    pub fn op(&mut self, name: &str, args: &[Arg]) -> E {
        if self.opts.dump_ops {
            self.note_op(name, args);
        }
        let r = if self.b.has_op(name) {
            self.b.op(name, args)
        } else if keshi_l1::isa::rt_named(name).is_some() {
            self.b.rt(name, args)
        } else {
            self.b.atom(name, args)
        };
        self.place_error(r)
    }

    pub fn atom(&mut self, name: &str, args: &[Arg]) -> E {
        if self.opts.dump_ops {
            self.note_op(name, args);
        }
        let r = self.b.atom(name, args);
        self.place_error(r)
    }

    fn note_op(&mut self, name: &str, args: &[Arg]) {
        let text: Vec<String> = args.iter().map(|a| self.arg_text(a)).collect();
        self.ops.push(format!("    {name:<12} {}", text.join(", ")).trim_end().to_string());
    }

    fn arg_text(&self, a: &Arg) -> String {
        match a {
            Arg::R(r) => match self.names.get(r) {
                Some(n) => n.clone(),
                None => format!("{:?}{}", r.fam, r.n),
            },
            Arg::Int(i) => i.to_string(),
            Arg::Num(n) => format!("{n:?}"),
            Arg::Str(s, _) => format!("{:?}", String::from_utf8_lossy(s)),
            Arg::Imm(i) => format!("#{i}"),
            Arg::Label(l) => format!("L{}", l.0),
            Arg::Const(k) => format!("k{k}"),
            Arg::Sym(s) => format!("sym{s}"),
            Arg::Ic(i) => format!("ic{i}"),
            Arg::Mask(m) => format!("mask {m:#x}"),
            Arg::Kind(k) => format!("kind {k}"),
            Arg::Ctx(c) => format!("ctx {c}"),
            Arg::List(v) => {
                format!("({})", v.iter().map(|a| self.arg_text(a)).collect::<Vec<_>>().join(", "))
            }
        }
    }

    // ---- registers

    pub fn temp(&mut self, fam: Fam) -> Reg {
        let r = self.b.temp(fam);
        self.plain.remove(&r);
        r
    }
    pub fn ts(&mut self) -> Reg {
        self.temp(Fam::S)
    }
    pub fn tp(&mut self) -> Reg {
        self.temp(Fam::P)
    }
    pub fn ti(&mut self) -> Reg {
        self.temp(Fam::I)
    }

    /// The register as destination, or a new temporary.
    pub fn dst(&mut self, d: Option<Reg>) -> Reg {
        d.unwrap_or_else(|| self.ts())
    }

    /// Gives a register back; what a temporary holds is dropped. Variables are left alone.
    pub fn done(&mut self, r: Reg) -> E {
        if self.plain.contains(&r) || matches!(r.fam, Fam::I | Fam::N) {
            self.b.free(r);
            return Ok(());
        }
        let x = self.b.release(r);
        self.place_error(x)
    }

    pub fn done_arg(&mut self, a: &Arg) -> E {
        match a {
            Arg::R(r) => self.done(*r),
            _ => Ok(()),
        }
    }

    pub fn done_args(&mut self, v: &[Arg]) -> E {
        v.iter().try_for_each(|a| self.done_arg(a))
    }

    /// Gives back a register whose value has been moved out.
    pub fn spent(&mut self, r: Reg) {
        self.b.free(r)
    }

    /// The register now holds a number or string: nothing to drop in time.
    pub fn mark_plain(&mut self, r: Reg) {
        self.plain.insert(r);
    }

    // ---- labels

    pub fn label(&mut self) -> L {
        self.b.label()
    }
    pub fn bind(&mut self, l: L) -> E {
        if self.opts.dump_ops {
            self.ops.push(format!("  L{}:", l.0));
        }
        let r = self.b.bind(l);
        self.place_error(r)
    }
    pub fn jmp(&mut self, l: L) -> E {
        self.atom("jmp", &[l.into()])
    }
    /// Binds a cold label: the code up to `end_cold` moves to the end of the chunk.
    pub fn bind_cold(&mut self, l: L) -> E {
        if self.opts.dump_ops {
            self.ops.push(format!("  cold L{}:", l.0));
        }
        let r = self.b.bind_cold(l);
        self.place_error(r)
    }
    pub fn pop_region(&mut self, id: u32) -> E {
        let r = self.b.pop_region(id);
        self.place_error(r)
    }
    pub fn end_cold(&mut self) -> E {
        let r = self.b.end_cold();
        self.place_error(r)
    }
    /// The back edge of a loop.
    pub fn tick(&mut self) -> E {
        let id = self.b.loop_id();
        self.atom("loop", &[Arg::Imm(id.into())])
    }
    pub fn site(&mut self) -> Arg {
        self.sites += 1;
        Arg::Imm((self.sites - 1).into())
    }

    // ---- constants and symbols

    pub fn sym(&mut self, name: &str) -> Arg {
        Arg::Sym(self.b.sym(name.as_bytes(), !name.is_ascii()))
    }
    pub fn ic(&mut self) -> Arg {
        Arg::Ic(self.b.ic())
    }
    pub fn konst(&mut self, c: Const) -> Arg {
        Arg::Const(self.b.konst(c))
    }
    pub fn text(s: &str) -> Arg {
        Arg::Str(s.as_bytes().to_vec(), !s.is_ascii())
    }

    // ---- positions

    /// Index of the chunk's COP for an AST one.
    pub fn cop_index(&mut self, cop: &Rc<Cop>) -> u32 {
        let key = Rc::as_ptr(cop) as usize;
        if let Some(&i) = self.cops.get(&key) {
            return i;
        }
        let c = chunk_cop(cop);
        let i = self.b.add_cop(c);
        self.cops.insert(key, i);
        self.cop_keep.push(cop.clone());
        i
    }

    /// Line of an expression inside the current statement.
    pub fn at(&mut self, line: u32) {
        if line != 0 && line != self.line {
            self.line = line;
            let cop = self.b.line().1;
            self.b.set_line(line, cop);
        }
    }

    pub fn hints(&self) -> Option<&Hints> {
        self.cop.as_ref().map(|c| &*c.hints)
    }
    pub fn hint(&self, bit: u32) -> bool {
        self.hints().is_some_and(|h| h.has(bit))
    }
}

/// `${^WARNING_BITS}` of everything on: one byte per four categories.
const ALL_WARNINGS: [u8; 20] = [0x55; 20];

fn chunk_cop(c: &Cop) -> chunk::Cop {
    let warnings: Option<Arc<[u8]>> = match &c.hints.warn {
        WarnBits::Std => None,
        WarnBits::All => Some(ALL_WARNINGS.as_slice().into()),
        WarnBits::None => Some([0u8; 20].as_slice().into()),
        WarnBits::Bits(b) => Some(b[..].into()),
    };
    let hinthash = c.hints.hash.as_ref().filter(|h| !h.is_empty()).map(|h| {
        h.iter()
            .map(|(k, v)| HintEntry {
                key: k.bytes[..].into(),
                key_utf8: k.utf8,
                value_utf8: matches!(v, HintVal::Str(s) | HintVal::Host(_, s) if s.utf8),
                value: match v {
                    HintVal::Undef => None,
                    HintVal::Int(i) => Some(i.to_string().into_bytes().into()),
                    HintVal::Str(s) | HintVal::Host(_, s) => Some(s.bytes[..].into()),
                },
            })
            .collect::<Vec<_>>()
            .into()
    });
    chunk::Cop {
        file: c.file.as_bytes().into(),
        package: c.package.as_bytes().into(),
        hints: c.hints.bits,
        features: c.hints.features.into(),
        warnings,
        hinthash,
        label: None,
    }
}
