//! A unit from its first to its last op: prologue (captures, `@_`, signature), body, epilogue.
use super::*;
use keshi_l1::chunk::{ChunkKind, attr};
use std::collections::{HashMap, HashSet};

pub(crate) fn compile(def: &SubDef, opts: Options) -> E<Unit> {
    let Some(body) = &def.body else {
        return Err(CompileError {
            message: "a declaration has no code".into(),
            file: def.file.clone(),
            line: def.line,
        });
    };
    let facts = scan::Facts::of(def);
    let name = unit_name(def);
    let mut em = Emitter::start(&name, def.kind, &def.pad, &def.file, &def.package, def.line, facts, opts);
    em.lvalue_sub = def.lvalue;
    em.b.set_prototype(def.proto.as_ref().map(|p| &p.bytes[..]));
    let mut attrs = 0;
    for (on, bit) in [
        (def.lvalue, attr::LVALUE),
        (def.method_attr, attr::METHOD),
        (def.sig.is_some(), attr::SIGNATURE),
        (def.pad.has_eval, attr::HAS_EVAL),
        (def.class_method, attr::IS_METHOD_KW),
    ] {
        if on {
            attrs |= bit
        }
    }
    em.b.add_attrs(attrs);
    em.declare_pad()?;
    let cop = std::rc::Rc::new(Cop {
        line: def.line,
        file: def.file.clone(),
        package: def.package.clone(),
        hints: def.hints.clone(),
        debug: None,
    });
    em.set_cop(&cop, def.line);
    if def.class_method {
        em.method_entry(def)?;
    }
    em.fields(def)?;
    em.scope_push(Scope::default());
    if let Some(sig) = &def.sig {
        em.signature(sig)?;
    }
    match def.kind {
        SubKind::Adjust => {
            em.block_open(body)?;
            em.body(&body.stmts, Dest::Void)?;
        }
        _ => {
            em.block_open(body)?;
            em.body(&body.stmts, if def.module_true || def.program { Dest::Void } else { Dest::Ret })?;
        }
    }
    if em.b.falls_through() {
        if def.module_true {
            em.return_true()?;
        } else {
            em.atom("ret.v", &[])?;
        }
    }
    em.finish()
}

fn unit_name(def: &SubDef) -> Vec<u8> {
    let text = match (def.kind, &def.name) {
        (SubKind::Main, _) => "(main)".to_string(),
        (SubKind::Eval, _) => "(eval)".to_string(),
        (SubKind::Anon, _) => format!("{}::__ANON__", def.package),
        (SubKind::Begin, _) => format!("{}::BEGIN", def.package),
        (SubKind::UnitCheck, _) => format!("{}::UNITCHECK", def.package),
        (SubKind::Check, _) => format!("{}::CHECK", def.package),
        (SubKind::Init, _) => format!("{}::INIT", def.package),
        (SubKind::End, _) => format!("{}::END", def.package),
        (SubKind::Adjust, _) => format!("{}::ADJUST", def.package),
        (_, Some(n)) => n.to_string(),
        (_, None) => format!("{}::__ANON__", def.package),
    };
    text.into_bytes()
}

impl<'a> Emitter<'a> {
    #[allow(clippy::too_many_arguments)]
    pub fn start(
        name: &[u8],
        kind: SubKind,
        pad: &'a Pad,
        file: &Name,
        package: &Name,
        line: u32,
        facts: scan::Facts,
        opts: Options,
    ) -> Emitter<'a> {
        let ck = match kind {
            SubKind::Main => ChunkKind::Main,
            SubKind::Eval => ChunkKind::Eval,
            SubKind::Begin | SubKind::UnitCheck | SubKind::Check | SubKind::Init | SubKind::End => {
                ChunkKind::Begin
            }
            SubKind::Format => ChunkKind::Format,
            _ => ChunkKind::Sub,
        };
        let b =
            Builder::new(name, ck, file.as_bytes().into(), package.as_bytes().into(), pad.id.0 as u32, line);
        Emitter {
            b,
            kind,
            pad,
            file: file.clone(),
            package: package.clone(),
            opts,
            facts,
            homes: Vec::new(),
            scopes: Vec::new(),
            loop_body: false,
            opened: Vec::new(),
            stand_ins: Vec::new(),
            topics: Vec::new(),
            line,
            cop: None,
            cops: HashMap::new(),
            cop_keep: Vec::new(),
            plain: HashSet::new(),
            gotos: Vec::new(),
            goto_stmts: Vec::new(),
            sites: 0,
            ops: Vec::new(),
            inner: String::new(),
            names: HashMap::new(),
            self_reg: None,
            lvalue_sub: false,
            call_lv: 0,
            params: Vec::new(),
        }
    }

    pub fn set_cop(&mut self, cop: &std::rc::Rc<Cop>, line: u32) {
        let i = self.cop_index(cop);
        self.cop = Some(cop.clone());
        self.package = cop.package.clone();
        self.file = cop.file.clone();
        self.line = line;
        self.b.set_line(line, i);
    }

    pub fn finish(self) -> E<Unit> {
        let file = self.file.clone();
        let (line, ops, inner) = (self.line, self.ops, self.inner);
        let chunk = self.b.finish().map_err(|e| CompileError {
            message: format!("internal error of the compiler: {}", e.0),
            file,
            line,
        })?;
        let mut text = inner;
        if !ops.is_empty() {
            text += &format!("sub {} line {}\n", String::from_utf8_lossy(&chunk.name), chunk.line);
            for l in ops {
                text += &l;
                text.push('\n');
            }
            text.push('\n');
        }
        Ok(Unit { chunk: Arc::new(chunk), ops: text })
    }

    /// The value of a file under feature `module_true`.
    pub fn return_true(&mut self) -> E {
        let t = self.ts();
        let one = self.konst(Const::Int(1));
        self.atom("s.const", &[t.into(), one])?;
        self.atom("ret.s", &[t.into()])?;
        self.spent(t);
        Ok(())
    }

    /// `method`: the invocant is taken off `@_` and checked.
    fn method_entry(&mut self, def: &SubDef) -> E {
        let Some(idx) = def.self_idx else { return Ok(()) };
        let t = self.ts();
        self.op("method.self", &[t.into()])?;
        self.var_init(idx)?;
        self.store_var(idx, &t.into())?;
        self.done(t)?;
        if let Home::Slot { reg, .. } = self.homes[idx as usize] {
            self.self_reg = Some(reg);
        }
        Ok(())
    }

    /// Fields used in a method are bound from the object.
    fn fields(&mut self, def: &SubDef) -> E {
        let used: Vec<(usize, u32)> = def
            .pad
            .entries
            .iter()
            .enumerate()
            .filter_map(|(i, e)| match e.kind {
                PadKind::Field(n) if e.outer.is_none() => Some((i, n)),
                _ => None,
            })
            .collect();
        if used.is_empty() {
            return Ok(());
        }
        let Some(self_idx) = def.self_idx else { return Ok(()) };
        let s = self.ts();
        self.load_var(self_idx, s)?;
        for (i, n) in used {
            if let Home::Cell(p) | Home::Av(p) | Home::Hv(p) = self.homes[i] {
                self.op("field.get", &[p.into(), s.into(), Arg::Imm(n.into())])?;
            }
        }
        self.done(s)
    }

    /// Arity first, then the parameters from `@_` in order.
    fn signature(&mut self, sig: &Signature) -> E {
        let slurpy = match sig.slurpy {
            None => 0,
            Some((Sigil::Hash, _)) => 2,
            Some(_) => 1,
        };
        let max = if sig.slurpy.is_some() { -1 } else { sig.params.len() as i64 };
        let n = sig.params.len() as i64;
        let spec = Const::List(
            [Const::Int(sig.required.into()), Const::Int(max), Const::Int(slurpy), Const::Int(n)].into(),
        );
        let k = self.konst(spec);
        self.op("sig.check", &[k])?;
        self.params.extend(sig.params.iter().filter_map(|p| p.idx));
        self.params.extend(sig.slurpy.and_then(|(_, idx)| idx));
        for (i, p) in sig.params.iter().enumerate() {
            self.at(p.line);
            if let Some(idx) = p.idx {
                self.var_init(idx)?;
            }
            self.param(i, p)?;
        }
        if let Some((_, Some(idx))) = sig.slurpy {
            self.var_init(idx)?;
            let l = self.tp();
            self.op("arg.rest", &[l.into(), Arg::Imm(n as u64)])?;
            match self.homes[idx as usize].clone() {
                Home::Av(p) => self.op("av.assign", &[p.into(), l.into()])?,
                Home::Hv(p) => self.op("hv.assign", &[p.into(), l.into()])?,
                _ => {}
            }
            self.spent(l);
        }
        Ok(())
    }

    fn param(&mut self, i: usize, p: &SigParam) -> E {
        let Some(d) = &p.default else {
            let Some(idx) = p.idx else { return Ok(()) };
            return self.fetch_param(i, idx);
        };
        // `$=`: optional, no value.
        let (given, done) = (self.label(), self.label());
        let n = self.ti();
        self.op("arg.count", &[n.into()])?;
        let k = self.ti();
        self.atom("i.const", &[k.into(), Arg::Imm(i as u64)])?;
        let missing = self.label();
        self.atom("br.i.le", &[n.into(), k.into(), missing.into()])?;
        self.done(n)?;
        self.done(k)?;
        if d.when != DefaultWhen::Missing {
            let t = self.ts();
            self.atom("arg.get", &[t.into(), Arg::Imm(i as u64)])?;
            let test = if d.when == DefaultWhen::Undef { "br.def" } else { "br.true" };
            self.atom(test, &[t.into(), given.into()])?;
            self.done(t)?;
        } else {
            self.jmp(given)?;
        }
        self.bind(missing)?;
        match (&d.expr, p.idx) {
            (Some(e), Some(idx)) => {
                let v = self.operand(e)?;
                self.store_var(idx, &v)?;
                self.done_arg(&v)?;
            }
            (Some(e), None) => self.void(e)?,
            _ => {}
        }
        self.jmp(done)?;
        self.bind(given)?;
        if let Some(idx) = p.idx {
            self.fetch_param(i, idx)?;
        }
        self.bind(done)
    }

    fn fetch_param(&mut self, i: usize, idx: PadIdx) -> E {
        match self.homes[idx as usize] {
            Home::Slot { reg, .. } => self.atom("arg.get", &[reg.into(), Arg::Imm(i as u64)]),
            _ => {
                let t = self.ts();
                self.atom("arg.get", &[t.into(), Arg::Imm(i as u64)])?;
                self.store_var(idx, &t.into())?;
                self.done(t)
            }
        }
    }
}
