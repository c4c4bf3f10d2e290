//! The chunk builder: what the frontend's emitter and the tests write L1 with.
//!
//! Contract. Registers and labels are virtual until [`Builder::finish`]; atoms are checked against their
//! heads (number, kind and family of the operands) when they are emitted, so a chunk that `finish` returns
//! passes V1–V3 of the verifier by construction. Nothing here panics on bad input: misuse is a [`BuildError`]
//! that names the instruction. Laws:
//!
//! 1. A slot belongs to one family for the whole life of the chunk. Freed temporaries are reused in their family.
//! 2. `free` emits nothing. Timely destruction is the emitter's business: [`Builder::release`] drops and frees.
//! 3. Code between `begin_cold` and `end_cold` moves to the end of the chunk and, where it can fall out of its
//!    end, continues with what was emitted after `end_cold`.
//! 4. Every atom keeps the line and the innermost handler region that were current when it was emitted.

mod emit;
mod layout;
mod macros;
mod regs;

use crate::chunk::*;
use std::collections::HashMap;
use std::fmt;
use std::sync::Arc;

pub use macros::{Mode, PerlView, builtin_macros, current_macros, install_macros};
pub use regs::Reg;

/// A code position, bound once.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Label(pub u32);

/// What can stand in an operand place.
#[derive(Clone, Debug, PartialEq)]
pub enum Arg {
    R(Reg),
    /// A literal: matches `const int` parameters, `imm` and `k` operands, and is loaded for a register operand.
    Int(i64),
    Num(f64),
    /// A literal string: bytes and utf8 flag.
    Str(Vec<u8>, bool),
    /// 64 raw bits.
    Imm(u64),
    Label(Label),
    Const(u32),
    Sym(u32),
    Ic(u32),
    /// A tag set, bit `1 << tag`.
    Mask(u16),
    Kind(u8),
    Ctx(u8),
    /// The operands of an `each` parameter.
    List(Vec<Arg>),
}

impl From<Reg> for Arg {
    fn from(r: Reg) -> Arg {
        Arg::R(r)
    }
}
impl From<Label> for Arg {
    fn from(l: Label) -> Arg {
        Arg::Label(l)
    }
}
impl From<i64> for Arg {
    fn from(i: i64) -> Arg {
        Arg::Int(i)
    }
}

/// Why a chunk cannot be built: a mistake of the emitter or of a macro, or a limit (65,535 slots).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BuildError(pub String);

impl fmt::Display for BuildError {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str(&self.0)
    }
}
impl std::error::Error for BuildError {}

pub type Result<T> = std::result::Result<T, BuildError>;

pub(crate) fn err<T>(m: impl Into<String>) -> Result<T> {
    Err(BuildError(m.into()))
}

/// A handler as the emitter states it; see [`Handler`].
#[derive(Clone, Debug)]
pub enum HandlerSpec {
    /// `mark` is the I register that holds the `dyn.mark` of the entry.
    Eval {
        mark: Reg,
        target: Label,
        is_try: bool,
    },
    Loop {
        mark: Reg,
        label: Option<Box<[u8]>>,
        next: Label,
        last: Label,
        redo: Label,
    },
    Goto {
        mark: Reg,
        label: Box<[u8]>,
        target: Label,
    },
}

/// A pad entry as the emitter states it; see [`PadVar`].
#[derive(Clone, Debug)]
pub struct PadEntry {
    pub name: Box<[u8]>,
    pub reg: Reg,
    pub capture: Option<u32>,
    pub state: bool,
}

/// One atom with virtual operands.
#[derive(Clone, Debug)]
pub(crate) struct Pend {
    pub op: u16,
    /// Register numbers; the bit set in `high` says which of them are of family I or N.
    pub regs: [u32; 3],
    pub high: u8,
    pub imm: u64,
    pub label: Option<Label>,
    pub region: Option<u32>,
    pub line: u32,
    pub site: u32,
}

impl Pend {
    pub(crate) fn bare(op: u16) -> Pend {
        Pend { op, regs: [0; 3], high: 0, imm: 0, label: None, region: None, line: 0, site: u32::MAX }
    }
}

pub(crate) enum Event {
    Atom(Pend),
    Bind(Label),
}

#[derive(Default)]
pub(crate) struct Segment {
    pub events: Vec<Event>,
}

pub struct Builder {
    pub(crate) chunk: Chunk,
    pub(crate) regs: regs::Regs,
    pub(crate) n_labels: u32,
    pub(crate) bound: Vec<bool>,
    pub(crate) cold_labels: Vec<bool>,
    /// Segment 0 is the hot code; the others are laid out after it in order.
    pub(crate) segments: Vec<Segment>,
    /// Segments being written, innermost last.
    open: Vec<usize>,
    pub(crate) handlers: Vec<(Option<u32>, HandlerSpec)>,
    regions: Vec<u32>,
    pub(crate) pads: Vec<PadEntry>,
    pub(crate) lines: Vec<(u32, u32)>,
    pub(crate) sites: Vec<Arc<str>>,
    /// Site of the op being expanded, `u32::MAX` outside.
    pub(crate) site: u32,
    macros: Arc<l1_spec::ops::MacroSet>,
    /// Jump tables: constant index and labels.
    pub(crate) tables: Vec<(u32, Vec<Label>)>,
    aliased: Vec<Reg>,
    const_ids: HashMap<Vec<u8>, u32>,
    sym_ids: HashMap<Sym, u32>,
    cop_ids: HashMap<u64, Vec<u32>>,
}

impl Builder {
    pub fn new(
        name: &[u8],
        kind: ChunkKind,
        file: Arc<[u8]>,
        package: Arc<[u8]>,
        pad_id: u32,
        line: u32,
    ) -> Self {
        Builder {
            chunk: Chunk {
                name: name.into(),
                kind,
                pad_id,
                file,
                package,
                line,
                code: Vec::new(),
                n_sp: 0,
                n_slots: 0,
                consts: Vec::new(),
                syms: Vec::new(),
                n_ics: 0,
                n_loops: 0,
                n_colds: 0,
                pad: Vec::new(),
                captures: Vec::new(),
                cops: Vec::new(),
                lines: Vec::new(),
                regions: Vec::new(),
                handlers: Vec::new(),
                sites: Vec::new(),
                prototype: None,
                attrs: 0,
                aliased: Vec::new(),
            },
            regs: regs::Regs::default(),
            n_labels: 0,
            bound: Vec::new(),
            cold_labels: Vec::new(),
            segments: vec![Segment::default()],
            open: vec![0],
            handlers: Vec::new(),
            regions: Vec::new(),
            pads: Vec::new(),
            lines: vec![(line, u32::MAX)],
            sites: Vec::new(),
            site: u32::MAX,
            macros: current_macros(),
            tables: Vec::new(),
            aliased: Vec::new(),
            const_ids: HashMap::new(),
            sym_ids: HashMap::new(),
            cop_ids: HashMap::new(),
        }
    }

    // ---- registers ------------------------------------------------------------------------------------------

    /// A register for a named variable, never reused.
    pub fn var(&mut self, _name: &[u8], fam: Fam) -> Reg {
        self.regs.fresh(fam)
    }

    /// A temporary. It keeps its slot until `free`.
    pub fn temp(&mut self, fam: Fam) -> Reg {
        self.regs.temp(fam)
    }

    /// One more user of a temporary: it takes one more `free`.
    pub fn retain(&mut self, r: Reg) {
        self.regs.retain(r)
    }

    /// Gives a temporary back. Emits nothing; a variable is left alone.
    pub fn free(&mut self, r: Reg) {
        self.regs.free(r)
    }

    /// Drops the value of an S or P temporary and frees the register.
    pub fn release(&mut self, r: Reg) -> Result<()> {
        if self.regs.is_temp(r) && self.regs.users(r) == 1 {
            match r.fam {
                Fam::S => self.atom("s.drop", &[Arg::R(r)])?,
                Fam::P => self.atom("p.drop", &[Arg::R(r)])?,
                Fam::I | Fam::N => {}
            }
        }
        self.regs.free(r);
        Ok(())
    }

    /// A slot which `list.slot` or `s.box` may turn into an alias from elsewhere.
    pub fn note_aliased(&mut self, r: Reg) {
        if !self.aliased.contains(&r) {
            self.aliased.push(r);
        }
    }

    // ---- labels and placement -------------------------------------------------------------------------------

    pub fn label(&mut self) -> Label {
        self.new_label(false)
    }

    /// A label whose block is not expected to run: the block carries a counter and moves to the end of the chunk
    /// when it is written with [`Builder::bind_cold`].
    pub fn cold_label(&mut self) -> Label {
        self.new_label(true)
    }

    fn new_label(&mut self, cold: bool) -> Label {
        self.n_labels += 1;
        self.bound.push(false);
        self.cold_labels.push(cold);
        Label(self.n_labels - 1)
    }

    pub fn bind(&mut self, l: Label) -> Result<()> {
        match self.bound.get_mut(l.0 as usize) {
            None => err(format!("label {} does not exist", l.0)),
            Some(true) => err(format!("label {} is bound twice", l.0)),
            Some(b) => {
                *b = true;
                self.push(Event::Bind(l));
                Ok(())
            }
        }
    }

    /// `begin_cold`, `bind` and the counter of the block, as macros do it for their `cold` labels.
    pub fn bind_cold(&mut self, l: Label) -> Result<()> {
        self.begin_cold();
        self.bind(l)?;
        let id = self.cold_id();
        self.atom("cold", &[Arg::Imm(id as u64)])
    }

    pub fn begin_cold(&mut self) {
        self.segments.push(Segment::default());
        self.open.push(self.segments.len() - 1);
    }

    pub fn end_cold(&mut self) -> Result<()> {
        if self.open.len() < 2 {
            return err("end_cold without begin_cold");
        }
        if self.falls_through() {
            let resume = self.label();
            self.atom("jmp", &[Arg::Label(resume)])?;
            self.open.pop();
            self.bind(resume)
        } else {
            self.open.pop();
            Ok(())
        }
    }

    pub(crate) fn push(&mut self, e: Event) {
        let i = *self.open.last().unwrap_or(&0);
        self.segments[i].events.push(e);
    }

    // ---- tables ---------------------------------------------------------------------------------------------

    /// Index of a constant; equal constants share one.
    pub fn konst(&mut self, c: Const) -> u32 {
        let Some(key) = const_key(&c) else {
            self.chunk.consts.push(c);
            return self.chunk.consts.len() as u32 - 1;
        };
        if let Some(&i) = self.const_ids.get(&key) {
            return i;
        }
        self.chunk.consts.push(c);
        let i = self.chunk.consts.len() as u32 - 1;
        self.const_ids.insert(key, i);
        i
    }

    /// The jump table of a `switch`: label per value, last one is the default.
    pub fn table(&mut self, labels: &[Label]) -> Result<u32> {
        if labels.is_empty() || labels.iter().any(|l| l.0 >= self.n_labels) {
            return err("a jump table needs labels of this chunk and a default");
        }
        let id = self.konst(Const::Table([].into()));
        self.tables.push((id, labels.to_vec()));
        Ok(id)
    }

    /// Index of a package symbol by its full name without sigil, `main::foo`.
    pub fn sym(&mut self, name: &[u8], utf8: bool) -> u32 {
        let s = Sym { name: name.into(), utf8 };
        if let Some(&i) = self.sym_ids.get(&s) {
            return i;
        }
        self.chunk.syms.push(s.clone());
        let i = self.chunk.syms.len() as u32 - 1;
        self.sym_ids.insert(s, i);
        i
    }

    /// A new inline cache.
    pub fn ic(&mut self) -> u32 {
        self.chunk.n_ics += 1;
        self.chunk.n_ics - 1
    }

    pub fn loop_id(&mut self) -> u32 {
        self.chunk.n_loops += 1;
        self.chunk.n_loops - 1
    }

    pub fn cold_id(&mut self) -> u32 {
        self.chunk.n_colds += 1;
        self.chunk.n_colds - 1
    }

    /// Index of a COP; equal ones share one.
    pub fn add_cop(&mut self, c: Cop) -> u32 {
        let key = (c.hints as u64) ^ c.features.rotate_left(20) ^ (c.package.len() as u64) << 56;
        let ids = self.cop_ids.entry(key).or_default();
        if let Some(&i) = ids.iter().rev().find(|&&i| self.chunk.cops[i as usize] == c) {
            return i;
        }
        self.chunk.cops.push(c);
        let i = self.chunk.cops.len() as u32 - 1;
        ids.push(i);
        i
    }

    /// Appends to the pad; the index is what inner subs and string-evals capture by.
    pub fn add_pad(&mut self, p: PadEntry) -> u32 {
        self.pads.push(p);
        self.pads.len() as u32 - 1
    }

    /// Appends to the captures; the index is the operand of `pad.get`.
    pub fn add_capture(&mut self, name: &[u8], outer: u32) -> u32 {
        self.chunk.captures.push(CaptureSource { name: name.into(), outer });
        self.chunk.captures.len() as u32 - 1
    }

    pub fn set_prototype(&mut self, p: Option<&[u8]>) {
        self.chunk.prototype = p.map(Into::into);
    }

    /// Sets bits of [`attr`].
    pub fn add_attrs(&mut self, bits: u32) {
        self.chunk.attrs |= bits;
    }

    // ---- source places and regions --------------------------------------------------------------------------

    /// Line and COP of the atoms that follow.
    pub fn set_line(&mut self, line: u32, cop: u32) {
        if self.lines.last() != Some(&(line, cop)) {
            self.lines.push((line, cop));
        }
    }

    pub fn line(&self) -> (u32, u32) {
        self.lines.last().copied().unwrap_or((0, u32::MAX))
    }

    /// A statement boundary: `set_line` and the `stmt` atom.
    pub fn stmt(&mut self, line: u32, cop: u32) -> Result<()> {
        self.set_line(line, cop);
        self.atom("stmt", &[Arg::Imm(line as u64)])
    }

    /// Opens a handler region around the atoms that follow. The id is for `pop_region`.
    pub fn push_region(&mut self, h: HandlerSpec) -> u32 {
        self.handlers.push((self.regions.last().copied(), h));
        let id = self.handlers.len() as u32 - 1;
        self.regions.push(id);
        id
    }

    pub fn pop_region(&mut self, id: u32) -> Result<()> {
        match self.regions.pop() {
            Some(r) if r == id => Ok(()),
            _ => err(format!("region {id} is not the innermost open one")),
        }
    }

    /// The atoms that follow come from op `name`; for dumps.
    pub(crate) fn set_site(&mut self, name: &'static str) {
        self.site = match self.sites.iter().rposition(|s| **s == *name) {
            Some(i) => i as u32,
            None => {
                self.sites.push(name.into());
                self.sites.len() as u32 - 1
            }
        };
    }

    /// Number of open regions.
    pub fn region_depth(&self) -> usize {
        self.regions.len()
    }

    /// Leaves the regions above `depth` for a while: code that cleans up on the way out of them is not covered by
    /// their handlers. What it returns goes to [`Builder::resume_regions`].
    pub fn suspend_regions(&mut self, depth: usize) -> Vec<u32> {
        self.regions.split_off(depth.min(self.regions.len()))
    }

    pub fn resume_regions(&mut self, suspended: Vec<u32>) {
        self.regions.extend(suspended);
    }

    pub(crate) fn region(&self) -> Option<u32> {
        self.regions.last().copied()
    }
}

/// Equal keys, equal constants; `None`: never shared.
fn const_key(c: &Const) -> Option<Vec<u8>> {
    let tagged = |t: u8, b: &[u8]| {
        let mut v = vec![t];
        v.extend_from_slice(b);
        Some(v)
    };
    match c {
        Const::Undef => tagged(0, &[]),
        Const::Int(i) => tagged(1, &i.to_le_bytes()),
        Const::Uint(u) => tagged(2, &u.to_le_bytes()),
        Const::Num(n) => tagged(3, &n.to_bits().to_le_bytes()),
        Const::Bool(b) => tagged(4, &[*b as u8]),
        Const::Str { bytes, utf8 } => tagged(5 + *utf8 as u8, bytes),
        Const::Glob(n) => tagged(7, n.as_bytes()),
        Const::VString { .. }
        | Const::Chunk(_)
        | Const::Scope(_)
        | Const::Regex { .. }
        | Const::Table(_)
        | Const::List(_) => None,
    }
}

#[cfg(test)]
pub(crate) mod tests;
