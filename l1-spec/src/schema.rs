//! The resolved shape of the instruction set, as constant data.
//!
//! Contract: everything here is plain `const`-constructible data over `'static` references, so the generated
//! tables cost nothing at start-up. The same types serve the build scripts (built from the parsed spec), the
//! engine (generated statics) and the loader of user macro files. Texts that come from a file at run time are
//! leaked once: a loaded macro lives as long as the process.

/// Register family.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Hash, PartialOrd, Ord)]
pub enum Fam {
    /// 64 integer bits.
    I,
    /// An `f64`.
    N,
    /// A scalar value.
    S,
    /// An owned heap object.
    P,
}

impl Fam {
    pub const ALL: [Fam; 4] = [Fam::I, Fam::N, Fam::S, Fam::P];

    pub fn letter(self) -> char {
        match self {
            Fam::I => 'I',
            Fam::N => 'N',
            Fam::S => 'S',
            Fam::P => 'P',
        }
    }

    pub fn from_letter(c: char) -> Option<Fam> {
        Fam::ALL.into_iter().find(|f| f.letter() == c)
    }
}

/// How an instruction uses a register.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Hash)]
pub enum Mode {
    /// Reads it; an alias in an S register is followed first.
    In,
    /// Reads the slot as it is, aliases included.
    Raw,
    /// Overwrites it.
    Out,
    /// Reads and changes it in place.
    Inout,
    /// Moves the value out and leaves undef.
    Take,
}

impl Mode {
    pub fn name(self) -> &'static str {
        match self {
            Mode::In => "in",
            Mode::Raw => "raw",
            Mode::Out => "out",
            Mode::Inout => "inout",
            Mode::Take => "take",
        }
    }
    /// The old content is observed.
    pub fn reads(self) -> bool {
        self != Mode::Out
    }
    /// The register holds something else afterwards.
    pub fn writes(self) -> bool {
        matches!(self, Mode::Out | Mode::Inout | Mode::Take)
    }
}

/// What an operand is.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Hash)]
pub enum OpdKind {
    Reg(Mode, Fam),
    /// A number (an integer, or the bits of a double for `n.const`).
    Imm,
    /// A branch target; `cold` ones are not expected to be taken.
    Label {
        cold: bool,
    },
    /// A symbol: package and name of a glob, method or field.
    Sym,
    /// An inline-cache index.
    Ic,
    /// An index into the chunk's constants.
    Konst,
    /// A set of tags, see [`mask_of`].
    Mask,
    /// A kind of heap object.
    Kind,
    /// Calling context.
    Ctx,
    /// The runtime entry of `rt` and `br.rt`; its schema describes the register operands.
    Entry,
}

/// Where an operand is encoded in the 16 bytes.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Hash)]
pub enum Slot {
    A,
    B,
    C,
    /// All 64 immediate bits.
    Imm,
    /// Bits 0..32 of the immediate. A label of a two-immediate atom is always here.
    Lo,
    /// Bits 32..64 of the immediate.
    Hi,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Operand {
    pub kind: OpdKind,
    /// Name in the head; for unnamed ones the position (`"1"`, `"2"`, …).
    pub name: &'static str,
    pub slot: Slot,
}

impl Operand {
    pub fn reg(&self) -> Option<(Mode, Fam)> {
        match self.kind {
            OpdKind::Reg(m, f) => Some((m, f)),
            _ => None,
        }
    }
    pub fn is_label(&self) -> bool {
        matches!(self.kind, OpdKind::Label { .. })
    }
}

/// A set of tags, bit `1 << tag`.
pub type Mask = u16;
pub const MASK_ANY: Mask = u16::MAX;

/// A tag set in a fact: literal, or the `mask` operand with this index.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum MaskRef {
    Lit(Mask),
    Opd(u8),
    /// The complement of the `mask` operand.
    NotOpd(u8),
    /// Whatever the other register's tag is known to be.
    SameAs(u8),
    /// The tag of the constant in this operand.
    OfConst(u8),
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum KindRef {
    Lit(u8),
    /// The `kind` operand with this index.
    Opd(u8),
    SameAs(u8),
    OfConst(u8),
}

/// A predicate over the operands of one instruction; operands are named by index into its schema.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Fact {
    /// The tag of the S operand is in the set.
    Tag(u8, MaskRef),
    /// The P operand is of this kind.
    Kind(u8, KindRef),
    /// Of this kind and without magic.
    Plain(u8, KindRef),
    /// The I operand (second) is a valid index of the plain array (first).
    Inb(u8, u8),
    NonNull(u8),
    NonZero(u8),
    Zero(u8),
    /// Both registers hold the same value.
    Same(u8, u8),
    Class(u8, u8),
    Code(u8, u8),
    Fresh(u8),
    Borrowed(u8),
}

/// Part of a location inside a heap.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Place {
    /// All of it.
    Any,
    Opd(u8),
    /// The element just past the end.
    End,
}

/// A heap location an instruction reads or writes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Loc {
    pub heap: u8,
    pub base: Place,
    pub index: Place,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Flags(pub u8);

impl Flags {
    pub const THROWS: u8 = 1;
    pub const WARNS: u8 = 2;
    pub const PERL: u8 = 4;
    pub const ALLOC: u8 = 8;
    pub const SYNC: u8 = 16;
    pub const ORDERED: u8 = 32;
    pub const NAMES: [&'static str; 6] = ["throws", "warns", "perl", "alloc", "sync", "ordered"];

    pub fn has(self, bit: u8) -> bool {
        self.0 & bit != 0
    }
    pub fn names(self) -> impl Iterator<Item = &'static str> {
        (0..6).filter(move |i| self.0 >> i & 1 != 0).map(|i| Self::NAMES[i])
    }
}

/// Expression of a pure body.
#[derive(Clone, Copy, PartialEq, Debug)]
pub enum Expr {
    Opd(u8),
    Int(i64),
    Call(&'static str, &'static [Expr]),
}

#[derive(Clone, Copy, PartialEq, Debug)]
pub enum Body {
    /// `= expr`: the value of the `out` operand.
    Value(Expr),
    /// `= try expr else L`: the value, or the branch.
    Try(Expr),
    /// `= if expr goto L`.
    If(Expr),
    /// `= goto L`.
    Goto,
    /// `= skip`.
    Skip,
    /// `@ path`: a Rust function below `crate::rt` of the VM.
    Rust(&'static str),
    /// `!`: written by hand in every tier.
    Intrinsic,
}

impl Body {
    pub fn is_pure(&self) -> bool {
        !matches!(self, Body::Rust(_) | Body::Intrinsic)
    }
}

/// One atom or one runtime entry.
#[derive(Clone, Copy, Debug)]
pub struct InsInfo {
    pub name: &'static str,
    pub group: &'static str,
    pub doc: &'static str,
    pub operands: &'static [Operand],
    pub requires: &'static [Fact],
    pub proves: &'static [Fact],
    pub reads: &'static [Loc],
    pub writes: &'static [Loc],
    pub flags: Flags,
    pub body: Body,
}

pub type AtomInfo = InsInfo;
pub type RtInfo = InsInfo;

impl InsInfo {
    pub fn operand(&self, name: &str) -> Option<(usize, &Operand)> {
        self.operands.iter().enumerate().find(|(_, o)| o.name == name)
    }
    pub fn label(&self) -> Option<&Operand> {
        self.operands.iter().find(|o| o.is_label())
    }
    /// Control never reaches the next instruction.
    pub fn ends_block(&self) -> bool {
        matches!(self.body, Body::Goto) || ENDS.contains(&self.name)
    }
}

/// The intrinsics after which control does not fall through.
pub const ENDS: [&str; 8] = ["ret.v", "ret.s", "ret.l", "throw", "unwind", "trap", "call.tail", "switch"];

/// Tags, in the numbering of the value layout.
pub const TAGS: [(&str, u8); 13] = [
    ("undef", 0),
    ("num", 1),
    ("int", 2),
    ("uint", 3),
    ("bool", 4),
    ("str", 8),
    ("ref", 9),
    ("glob", 10),
    ("code", 11),
    ("dual", 12),
    ("cell", 13),
    ("slot", 14),
    ("ptr", 15),
];

pub fn tag_named(name: &str) -> Option<u8> {
    TAGS.iter().find(|t| t.0 == name).map(|t| t.1)
}

pub fn tag_name(tag: u8) -> Option<&'static str> {
    TAGS.iter().find(|t| t.1 == tag).map(|t| t.0)
}

/// The mask of `int|uint|…`; `any` is every tag.
pub fn mask_of<'a>(names: impl IntoIterator<Item = &'a str>) -> Result<Mask, &'a str> {
    names.into_iter().try_fold(0, |m, n| match (n, tag_named(n)) {
        ("any", _) => Ok(MASK_ANY),
        (_, Some(t)) => Ok(m | 1 << t),
        _ => Err(n),
    })
}

/// `int|uint` for a mask; inverse of [`mask_of`].
pub fn mask_text(m: Mask) -> String {
    if m == MASK_ANY {
        return "any".into();
    }
    let names: Vec<_> = TAGS.iter().filter(|t| m >> t.1 & 1 != 0).map(|t| t.0).collect();
    if names.is_empty() { "none".into() } else { names.join("|") }
}

/// Kinds of heap objects a P register can hold, in the numbering of the object header (`keshi_value::Kind`): the
/// header byte equals the number exactly if the object has no magic. `list` is an array used as a list; a `plan`
/// is an array as well.
pub const KINDS: [(&str, u8); 11] = [
    ("cell", 2),
    ("av", 3),
    ("hv", 4),
    ("code", 5),
    ("glob", 6),
    ("io", 7),
    ("format", 8),
    ("rx", 9),
    ("object", 11),
    ("list", 3),
    ("plan", 3),
];

pub fn kind_named(name: &str) -> Option<u8> {
    KINDS.iter().find(|k| k.0 == name).map(|k| k.1)
}

pub fn kind_name(kind: u8) -> Option<&'static str> {
    KINDS.iter().find(|k| k.1 == kind).map(|k| k.0)
}
