//! The compiled form of a pattern for subjects of one encoding.

use std::sync::Arc;

use memchr::memmem::Finder;

use crate::ast::{Bound, Mode};
use crate::host::CodeId;
use crate::set::ByteSet;
use crate::utf8::Cp;

/// "Nowhere" for program addresses and table indices.
pub const NONE: u32 = u32::MAX;

/// One step of the matcher.
#[derive(Clone, Copy, Debug)]
pub enum Op {
    /// End of the pattern, or of a recursion into all of it.
    Match,
    /// Backtrack.
    Fail,
    /// Go on elsewhere.
    Jump(u32),
    /// One byte.
    Byte(u8),
    /// Bytes of the pool.
    Lit { off: u32, len: u32 },
    /// Bytes of the pool (lower case), ASCII letters in either case.
    FoldAscii { off: u32, len: u32 },
    /// Folded characters of the pool.
    FoldFull { off: u32, len: u32, limit: crate::classes::Limit },
    /// Any character but this ASCII one.
    Not(u8),
    /// Any character.
    Any,
    /// A character of a class.
    Class(u32),
    /// A single-character loop.
    Run(u32),
    /// `\A`
    Start,
    /// `\z`
    End,
    /// `\Z`
    EndNl,
    /// `^` with `/m`
    LineStart,
    /// `$` with `/m`
    LineEnd,
    /// `\G`
    Pos,
    /// `\b` (the class is the word characters)
    WordBound { class: u32, negated: bool },
    /// `\b{...}`
    UniBound { kind: Bound, negated: bool },
    /// Group opens.
    Open(u32),
    /// Group closes.
    Close(u32),
    /// Group closes, and may be the end of a recursion into it.
    CloseReturn(u32),
    /// Alternation with a dispatch table.
    Alt(u32),
    /// Body next, else `alt`; the body needs a byte of `set` (NONE: anything).
    Split { alt: u32, set: u32 },
    /// `to` first, else the next op.
    SplitLazy { to: u32 },
    /// Starts a counted loop.
    LoopInit(u32),
    /// Decides on another round.
    LoopTest(u32),
    /// Earlier captures.
    Backref { list: u32 },
    /// The same ignoring case.
    BackrefFold { list: u32, kind: u8 },
    /// Remembers the height of the stack.
    AtomicBegin(u32),
    /// Drops the choices made since.
    AtomicEnd(u32),
    /// Remembers height and position; pushes a choice for `alt` unless NONE.
    LookBegin { reg: u32, alt: u32 },
    /// A positive lookaround matched.
    LookEnd(u32),
    /// A negative one matched: fail, or go to `to`.
    NegEnd { reg: u32, to: u32 },
    /// Steps back.
    Behind(u32),
    /// Must be where the lookbehind started.
    BehindEnd(u32),
    /// Any of the groups set? Else to `no`.
    CondGroup { list: u32, no: u32 },
    /// In a recursion (into one of the groups of `list`, NONE: any)? Else to `no`.
    CondRecursion { list: u32, no: u32 },
    /// Code decides.
    CondCode { id: CodeId, no: u32 },
    /// Recursion into a group (0: everything).
    Call { group: u32, pc: u32 },
    /// `(*COMMIT)`
    Commit(u32),
    /// `(*PRUNE)`
    Prune(u32),
    /// `(*SKIP)`
    Skip(u32),
    /// `(*SKIP:name)`
    SkipName(u32),
    /// `(*MARK:name)`
    Mark(u32),
    /// `(*THEN)`; `reg` holds the height at the enclosing alternation.
    Then { reg: u32, name: u32 },
    /// Remembers the height for `(*THEN)`.
    AltMark(u32),
    /// `(*FAIL:name)`
    FailName(u32),
    /// `(*ACCEPT)`: ends the recursion or the match; records a name.
    Accept(u32),
    /// `\K`
    Keep,
    /// `(?{ })`
    Code(CodeId),
    /// `(??{ })`
    Postponed(CodeId),
    /// Remembers where a script run starts.
    ScriptBegin(u32),
    /// Checks the script run.
    ScriptEnd(u32),
    /// `\X`
    Cluster,
    /// `\R`
    Newline,
    /// Unsets groups `from..=to`.
    ClearGroups { from: u32, to: u32 },
}

/// What a single-character loop repeats.
#[derive(Clone, Copy, Debug)]
pub enum One {
    /// Anything.
    Any,
    /// Anything but this ASCII character.
    Not(u8),
    /// One byte.
    Byte(u8),
    /// A class.
    Class(u32),
}

/// A single-character loop.
#[derive(Clone, Debug)]
pub struct Run {
    /// What.
    pub one: One,
    /// How often at least.
    pub min: u32,
    /// How often at most.
    pub max: u32,
    /// How it chooses.
    pub mode: Mode,
    /// What the rest of the pattern may start with (NONE: anything, or the end).
    pub follow: u32,
    /// The single byte the rest must start with.
    pub follow_byte: Option<u8>,
}

/// A general loop.
#[derive(Clone, Debug)]
pub struct Loop {
    /// Register of the count; the next one holds where the round started.
    pub reg: u32,
    /// How often at least.
    pub min: u32,
    /// How often at most.
    pub max: u32,
    /// How it chooses.
    pub mode: Mode,
    /// First op of the body.
    pub body: u32,
    /// What comes after.
    pub exit: u32,
    /// What the body starts with (NONE: anything or nothing).
    pub first: u32,
    /// What the rest starts with (NONE: anything).
    pub follow: u32,
    /// Index among the loops whose failures may be remembered (NONE: not this one).
    pub memo: u32,
}

/// The branches of an alternation, by next byte.
#[derive(Clone, Debug)]
pub struct AltTable {
    /// For each byte, then for the end of the subject: index into `lists`.
    pub by_byte: Box<[u16; 257]>,
    /// Addresses of branches to be tried, in order.
    pub lists: Vec<Box<[u32]>>,
}

/// A lookbehind.
#[derive(Clone, Debug)]
pub struct Behind {
    /// Register holding the height; the next one the position.
    pub reg: u32,
    /// Fewest characters.
    pub min: u32,
    /// Most characters.
    pub max: u32,
}

/// Members of a class: a table below 256, ranges above.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct ClassTab {
    /// Code points below 256.
    pub low: Box<[bool; 256]>,
    /// The others.
    pub high: Box<[(Cp, Cp)]>,
}

impl ClassTab {
    /// Membership.
    #[inline]
    pub fn has(&self, cp: Cp) -> bool {
        if cp < 256 { self.low[cp as usize] } else { crate::set::contains(&self.high, cp) }
    }
}

/// Where a match may start.
#[derive(Debug)]
pub enum StartAt {
    /// Anywhere.
    Any,
    /// Only at the start of the subject.
    Subject,
    /// Only at `\G`.
    Pos,
    /// At the start of a line.
    Line,
    /// At the first try, or after a newline (`.*` leads).
    FirstOrLine,
    /// Only at the first try (`.*` with `/s` leads).
    First,
    /// Where one of up to three bytes is.
    Bytes([u8; 3], u8),
    /// Where a byte of the set is.
    Set(Box<[bool; 256]>),
    /// Where a string is.
    Prefix(Box<Finder<'static>>),
}

/// A string that must occur in every match.
#[derive(Debug)]
pub struct Required {
    /// The string.
    pub finder: Finder<'static>,
    /// Fewest bytes before it.
    pub min: usize,
    /// Most bytes before it.
    pub max: Option<usize>,
}

/// A program.
#[derive(Debug)]
pub struct Program {
    /// The steps.
    pub ops: Vec<Op>,
    /// Bytes of literals.
    pub bytes: Vec<u8>,
    /// Folded characters of literals.
    pub cps: Vec<Cp>,
    /// Classes.
    pub classes: Vec<ClassTab>,
    /// Single-character loops.
    pub runs: Vec<Run>,
    /// General loops.
    pub loops: Vec<Loop>,
    /// Alternations.
    pub alts: Vec<AltTable>,
    /// Sets of first bytes.
    pub sets: Vec<ByteSet>,
    /// Lists of groups.
    pub lists: Vec<Box<[u32]>>,
    /// Lookbehinds.
    pub behinds: Vec<Behind>,
    /// Names of verbs.
    pub names: Vec<Arc<[u8]>>,
    /// Number of registers.
    pub nregs: usize,
    /// Number of loops whose failures may be remembered.
    pub nmemo: usize,
    /// Groups including 0.
    pub ngroups: usize,
    /// Fewest bytes a match has.
    pub min_len: usize,
    /// Code blocks count the attempts.
    pub sees_attempts: bool,
    /// It must match the whole subject, of at most so many bytes; whether a newline may follow.
    pub whole: Option<(usize, bool)>,
    /// Where to start.
    pub start: StartAt,
    /// `\G` comes after so many characters (`u32::MAX`: a number not known), so a match begins before it.
    pub before_pos: u32,
    /// What must be there.
    pub required: Option<Required>,
}
