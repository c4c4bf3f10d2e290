//! The chunk: one compiled sub, file, string-eval or block, as canonical L1.
//!
//! Contract. A chunk is immutable once published (`Rc`/`Arc`), names no heap object and no machine
//! address (constants are plain data), and can therefore be dumped, assembled, cached and shared
//! between threads. The VM keeps what is bound to a running interpreter (glob pointers, inline caches,
//! fused opcodes, compiled code) in a side structure of its own.
//!
//! Frame layout: slots `0..n_sp` hold S and P registers (always valid values, dropped when the frame
//! ends), slots `n_sp..n_slots` hold I and N registers (payload half only, never dropped).
//! A label in `imm` is the absolute index of an instruction in `code`.

use std::sync::Arc;

/// One L1 instruction, 16 bytes. See DESIGN section 3, "Encoding".
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub struct Ins {
    pub op: u16,
    pub a: u16,
    pub b: u16,
    pub c: u16,
    pub imm: u64,
}

impl Ins {
    /// Low half of `imm`: runtime entry id of `rt`/`br.rt`, otherwise the first small immediate.
    pub fn lo(&self) -> u32 {
        self.imm as u32
    }
    /// High half of `imm`: extra immediate of `rt`, label of `br.rt`.
    pub fn hi(&self) -> u32 {
        (self.imm >> 32) as u32
    }
}

/// Register families. `S` and `P` share the low part of the frame, `I` and `N` the high part.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Fam {
    I,
    N,
    S,
    P,
}

/// A constant. Strings are Perl strings: bytes plus the utf8 flag.
#[derive(Clone, Debug, PartialEq)]
pub enum Const {
    Undef,
    Int(i64),
    Uint(u64),
    Num(f64),
    Bool(bool),
    Str {
        bytes: Vec<u8>,
        utf8: bool,
    },
    /// `v1.22.333`: the string and the literal it was written as.
    VString {
        bytes: Vec<u8>,
        utf8: bool,
        literal: Vec<u8>,
    },
    /// A bareword or typeglob constant `*main::foo`, by name.
    Glob(Arc<str>),
    /// The code of an inner sub.
    Chunk(Arc<Chunk>),
    /// Names visible to a string-eval at its place: `(name with sigil, pad index)`, innermost last.
    Scope(Arc<[(Box<[u8]>, u32)]>),
    /// A compiled-pattern site: source and modifiers as written (`qr/…/msix`), compiled on first use.
    Regex {
        pattern: Vec<u8>,
        utf8: bool,
        flags: u32,
    },
    /// Jump table of `switch`: label per value, last one is the default.
    Table(Arc<[u32]>),
    /// A list of further constants (a picture of a format, a list of pad indices, …).
    List(Arc<[Const]>),
}

/// A package symbol named by the chunk, e.g. `main::foo`. Bound to a glob when the chunk is linked.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Sym {
    /// Fully qualified, `::` separators, no sigil. Bytes, since identifiers may be any utf8 or latin-1.
    pub name: Box<[u8]>,
    pub utf8: bool,
}

/// What a `my`/`our`/`state` entry of the pad is; perl's PADNAME.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PadVar {
    /// With sigil, `&` for lexical subs; empty for a nameless entry.
    pub name: Box<[u8]>,
    /// Frame slot which holds the variable.
    pub slot: u16,
    pub fam: Fam,
    /// Captured variable: index into the closure's capture array, filled by `pad.get` at entry.
    pub capture: Option<u32>,
    /// Declared with `state`.
    pub state: bool,
}

/// A handler region. `eval`/`try` bodies and loops which dynamic `next/last/redo` may leave.
/// Regions are properly nested; cold code of a region is a further entry with the same `id`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Region {
    pub start: u32,
    pub end: u32,
    /// Index into `handlers`.
    pub handler: u32,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Handler {
    /// `eval {}`/`try {}`: on an exception unwind to the mark in I slot `mark`, jump to `target`.
    Eval { parent: Option<u32>, mark: u16, target: u32, is_try: bool },
    /// A loop (or bare block) that `last LABEL` etc. from an inner sub may reach.
    Loop { parent: Option<u32>, mark: u16, label: Option<Box<[u8]>>, next: u32, last: u32, redo: u32 },
    /// A statement list with a statement that `goto LABEL` from an inner sub or string eval may name.
    Goto { parent: Option<u32>, mark: u16, label: Box<[u8]>, target: u32 },
}

impl Handler {
    /// The handler around this one, and the I slot with the mark of its entry.
    pub fn parent_and_mark(&self) -> (Option<u32>, u16) {
        match self {
            Handler::Eval { parent, mark, .. }
            | Handler::Loop { parent, mark, .. }
            | Handler::Goto { parent, mark, .. } => (*parent, *mark),
        }
    }
}

/// What a statement boundary needs at run time (`caller`, warnings, `die` messages); perl's COP.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cop {
    pub file: Arc<[u8]>,
    pub package: Arc<[u8]>,
    /// perl's `$^H` bits.
    pub hints: u32,
    /// Feature bits (perl keeps them partly in `$^H`, partly in `%^H`).
    pub features: u64,
    /// `${^WARNING_BITS}`; `None`: governed by `-w` (`$^W`).
    pub warnings: Option<Arc<[u8]>>,
    /// `%^H` at this place, if not empty.
    pub hinthash: Option<Arc<[HintEntry]>>,
    /// Label of the statement.
    pub label: Option<Box<[u8]>>,
}

/// One entry of `%^H`: key and the value stringified (perl stores plain values only); `None` = undef.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HintEntry {
    pub key: Box<[u8]>,
    pub key_utf8: bool,
    pub value_utf8: bool,
    pub value: Option<Box<[u8]>>,
}

/// `pc → cop, line`: entry valid from `pc` up to the next one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LineEntry {
    pub pc: u32,
    pub line: u32,
    pub cop: u32,
}

/// Where an op was expanded: atoms `start..` up to the next site belong to macro `op`; for dumps only.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OpSite {
    pub pc: u32,
    pub op: Arc<str>,
}

/// Kind of unit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ChunkKind {
    Main,
    Sub,
    Eval,
    Begin,
    Format,
}

/// A captured variable of a closure prototype: where the enclosing frame holds it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CaptureSource {
    pub name: Box<[u8]>,
    /// Index in the `pad` of the enclosing chunk.
    pub outer: u32,
}

#[derive(Clone, Debug, PartialEq)]
pub struct Chunk {
    /// `main::foo`, `main::__ANON__`, `(main)`, `(eval 3)`.
    pub name: Box<[u8]>,
    pub kind: ChunkKind,
    /// Identity of the pad while compiling: inner named subs and BEGIN blocks are instantiated before the
    /// enclosing chunk is complete and find its variables under this number.
    pub pad_id: u32,
    pub file: Arc<[u8]>,
    pub package: Arc<[u8]>,
    pub line: u32,
    pub code: Vec<Ins>,
    pub n_sp: u16,
    pub n_slots: u16,
    pub consts: Vec<Const>,
    pub syms: Vec<Sym>,
    pub n_ics: u32,
    /// Number of `loop` counters and of `cold` counters.
    pub n_loops: u32,
    pub n_colds: u32,
    pub pad: Vec<PadVar>,
    pub captures: Vec<CaptureSource>,
    pub cops: Vec<Cop>,
    pub lines: Vec<LineEntry>,
    pub regions: Vec<Region>,
    pub handlers: Vec<Handler>,
    pub sites: Vec<OpSite>,
    pub prototype: Option<Box<[u8]>>,
    /// `:lvalue`, `:method`, `:const`, has signature …, see `attr`.
    pub attrs: u32,
    /// Slots which `list.slot` may alias: the compilers keep them in memory.
    pub aliased: Vec<u16>,
}

/// Bits of `Chunk::attrs`.
pub mod attr {
    pub const LVALUE: u32 = 1;
    pub const METHOD: u32 = 2;
    pub const SIGNATURE: u32 = 4;
    pub const HAS_EVAL: u32 = 8;
    pub const IS_METHOD_KW: u32 = 16;
}

impl Chunk {
    /// Line and cop that govern `pc`.
    pub fn line_at(&self, pc: u32) -> Option<&LineEntry> {
        let i = self.lines.partition_point(|e| e.pc <= pc);
        i.checked_sub(1).map(|i| &self.lines[i])
    }

    /// Name of the op that the atom at `pc` was expanded from; empty for what the emitter writes itself.
    pub fn op_at(&self, pc: u32) -> &str {
        let i = self.sites.partition_point(|s| s.pc <= pc);
        i.checked_sub(1).map_or("", |i| &self.sites[i].op)
    }

    /// `FILE:LINE` of `pc`, as reports name it.
    pub fn place_of(&self, pc: u32) -> String {
        let entry = self.line_at(pc);
        let file = entry.and_then(|e| self.cops.get(e.cop as usize)).map_or(&self.file, |cop| &cop.file);
        format!("{}:{}", String::from_utf8_lossy(file), entry.map_or(self.line, |e| e.line))
    }

    /// Innermost handler whose region covers `pc`.
    pub fn handler_at(&self, pc: u32) -> Option<u32> {
        // Regions are pushed inner first per level by the builder; the narrowest one wins.
        self.regions
            .iter()
            .filter(|r| r.start <= pc && pc < r.end)
            .min_by_key(|r| r.end - r.start)
            .map(|r| r.handler)
    }
}

impl From<Fam> for l1_spec::schema::Fam {
    fn from(f: Fam) -> l1_spec::schema::Fam {
        match f {
            Fam::I => l1_spec::schema::Fam::I,
            Fam::N => l1_spec::schema::Fam::N,
            Fam::S => l1_spec::schema::Fam::S,
            Fam::P => l1_spec::schema::Fam::P,
        }
    }
}

impl From<l1_spec::schema::Fam> for Fam {
    fn from(f: l1_spec::schema::Fam) -> Fam {
        match f {
            l1_spec::schema::Fam::I => Fam::I,
            l1_spec::schema::Fam::N => Fam::N,
            l1_spec::schema::Fam::S => Fam::S,
            l1_spec::schema::Fam::P => Fam::P,
        }
    }
}
