//! Ops in the builder: the macro library of l1-spec expands straight into the chunk under construction.

use super::*;
use crate::isa;
use l1_spec::expand::{Encoded, ExpandSink, Fresh, expand};
pub use l1_spec::ops::PerlView;
use l1_spec::ops::{MacroSet, OpDef};
pub use l1_spec::schema::Mode;
use l1_spec::schema::Slot;
use l1_spec::select::Opd;
use std::sync::LazyLock;

static BUILTIN: LazyLock<Arc<MacroSet>> = LazyLock::new(|| Arc::new(MacroSet::new(&isa::ISA, isa::OPS)));

/// The built-in ops; user files are loaded on top of them with `l1_spec::load_user_file`.
pub fn builtin_macros() -> &'static Arc<MacroSet> {
    &BUILTIN
}

thread_local! {
    static CURRENT: std::cell::RefCell<Option<Arc<MacroSet>>> = const { std::cell::RefCell::new(None) };
}

/// The ops new builders of this thread start with: the built-in ones, or what [`install_macros`] put there.
pub fn current_macros() -> Arc<MacroSet> {
    CURRENT.with(|c| c.borrow().clone()).unwrap_or_else(|| BUILTIN.clone())
}

/// Makes `set` (built-in ops with user files on top) the ops of all chunks compiled from now on.
pub fn install_macros(set: Arc<MacroSet>) {
    CURRENT.with(|c| *c.borrow_mut() = Some(set));
}

impl Builder {
    /// The ops that this chunk is compiled with: the built-in ones and those of the user files in scope.
    pub fn set_macros(&mut self, set: Arc<MacroSet>) {
        self.macros = set;
    }

    /// There is an op of this name.
    pub fn has_op(&self, name: &str) -> bool {
        self.macros.has(name)
    }

    /// Expands the op `name` in place.
    pub fn op(&mut self, name: &str, args: &[Arg]) -> Result<()> {
        let opds: Vec<Opd> = args.iter().map(opd).collect();
        let set = self.macros.clone();
        let mut sink = Sink { b: self, error: None, depth: 0, site: u32::MAX };
        let r = expand(&set, &mut sink, name, &opds);
        if let Some(e) = sink.error {
            return Err(e);
        }
        r.map_err(|e| BuildError(format!("op `{name}`: {e}")))
    }
}

fn opd(a: &Arg) -> Opd {
    match a {
        Arg::R(r) => Opd::Reg(r.fam.into(), r.n),
        Arg::Int(i) => Opd::Int(*i),
        Arg::Num(n) => Opd::Num(*n),
        Arg::Str(b, u) => Opd::Str(b.clone(), *u),
        Arg::Imm(v) => Opd::Imm(*v),
        Arg::Label(l) => Opd::Label(l.0),
        Arg::Const(k) => Opd::Konst(*k),
        Arg::Sym(s) => Opd::Sym(*s),
        Arg::Ic(i) => Opd::Ic(*i),
        Arg::Mask(m) => Opd::Mask(*m),
        Arg::Kind(k) => Opd::Kind(*k),
        Arg::Ctx(c) => Opd::Ctx(*c),
        Arg::List(v) => Opd::List(v.iter().map(opd).collect()),
    }
}

struct Sink<'a> {
    b: &'a mut Builder,
    error: Option<BuildError>,
    depth: usize,
    /// Site of the code around the op.
    site: u32,
}

impl Sink<'_> {
    fn note(&mut self, r: Result<()>) {
        if let Err(e) = r {
            self.error.get_or_insert(e);
        }
    }
}

impl ExpandSink for Sink<'_> {
    fn temp(&mut self, fam: l1_spec::schema::Fam) -> u32 {
        self.b.temp(fam.into()).n
    }
    fn free_temp(&mut self, fam: l1_spec::schema::Fam, n: u32) {
        self.b.free(Reg { fam: fam.into(), n })
    }
    fn label(&mut self, cold: bool) -> u32 {
        if cold { self.b.cold_label().0 } else { self.b.label().0 }
    }
    fn bind(&mut self, label: u32) {
        let r = self.b.bind(Label(label));
        self.note(r)
    }
    fn begin_cold(&mut self, label: u32) {
        let r = self.b.bind_cold(Label(label));
        self.note(r)
    }
    fn end_cold(&mut self) {
        let r = self.b.end_cold();
        self.note(r)
    }
    fn konst(&mut self, c: &Opd) -> u32 {
        self.b.konst(match c {
            Opd::Int(i) => Const::Int(*i),
            Opd::Num(n) => Const::Num(*n),
            Opd::Str(b, u) => Const::Str { bytes: b.clone(), utf8: *u },
            _ => Const::Undef,
        })
    }
    fn sym(&mut self, name: &[u8], utf8: bool) -> u32 {
        self.b.sym(name, utf8)
    }
    fn fresh(&mut self, what: Fresh) -> u32 {
        match what {
            Fresh::Ic => self.b.ic(),
            Fresh::Loop => self.b.loop_id(),
            Fresh::Cold | Fresh::Id => self.b.cold_id(),
        }
    }
    fn ins(&mut self, e: &Encoded) {
        let mut p = Pend {
            imm: e.imm,
            region: self.b.region(),
            line: self.b.lines.len() as u32 - 1,
            site: self.b.site,
            ..Pend::bare(e.op)
        };
        for (i, r) in e.regs.iter().enumerate() {
            if let Some((fam, n)) = r {
                let r = Reg { fam: (*fam).into(), n: *n };
                p.regs[i] = r.n;
                p.high |= (r.is_high() as u8) << i;
            }
        }
        if let Some((l, slot)) = e.label {
            debug_assert!(matches!(slot, Slot::Imm | Slot::Lo | Slot::Hi), "labels are immediates");
            p.label = Some(Label(l));
        }
        self.b.push(Event::Atom(p));
    }
    fn enter_op(&mut self, op: &'static OpDef) {
        if self.depth == 0 {
            self.site = self.b.site;
            self.b.set_site(op.name);
        }
        self.depth += 1;
    }
    fn leave_op(&mut self) {
        self.depth -= 1;
        if self.depth == 0 {
            self.b.site = self.site;
        }
    }
}
