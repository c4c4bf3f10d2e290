//! The emitter: from the AST of one sub, file, eval or format to an L1 chunk, by way of Perl ops.
//!
//! Contract. [`compile_unit`] takes what the parser gives the Host and returns an immutable chunk. The parser has
//! resolved names and reported errors; what cannot be compiled is a [`CompileError`], nothing is skipped.
//!
//! Conventions
//! 1. Ops, not atoms: every piece of Perl's semantics is an op (a macro of `l1-spec/ops/*.l1`, or an entry of
//!    `rt/*.l1`, which is an op of its own name); only data movement and jumps are written as atoms.
//! 2. Contexts go downwards: [`Dest`] says where a value is wanted. `Dest::Ret` is the tail position of a sub,
//!    whose context the caller decides at run time.
//! 3. `my $x` lives in an S slot, in a P slot holding a cell if it is captured or `state`; arrays and hashes live
//!    in P slots. A slot that may become an alias (`\`, call arguments, `foreach`, `tie` …; see [`scan`]) is
//!    written with op `assign`, any other directly.
//! 4. A variable is initialised where it is declared, or at the entry of its block if the declaration is
//!    conditional; it is cleared on every way out of its block, so that DESTROY is timely and each iteration has
//!    variables of its own.
//! 5. The destination register of an op is written last, after all operands have been read.
//! 6. Registers returned by `scalar`, `operand`, `place` … are given back with `done`/`done_arg`/`done_place`,
//!    which drop what they hold: a temporary never keeps an object alive beyond its statement.
//! 7. Entry `i` of the chunk's pad is entry `i` of the AST's pad. A capture with outer index [`FRESH`] is a `state`
//!    variable (or hidden state): whoever makes the closure makes a new cell, array or hash for it, by the sigil.
//! 8. A `Scope` constant lists what a string eval sees, see [`evalscope`].
mod aggregate;
mod assign;
mod assignlist;
mod assignop;
mod call;
mod closure;
mod cond;
mod control;
mod core;
mod deref;
mod evalblock;
pub mod evalscope;
mod existence;
mod expr;
mod foreach;
mod format;
mod func;
mod funcio;
mod funclv;
mod functable;
mod goto;
mod list;
mod local;
mod loops;
mod lvalue;
mod mapsort;
mod operator;
mod refalias;
mod reference;
pub mod regex;
mod scan;
mod scope;
mod stmt;
mod string;
mod sub;
mod userop;
mod vars;

use crate::ast;
use crate::ast::*;
use keshi_l1::builder::{BuildError, Builder, Label as L, Reg};
use keshi_l1::chunk::{Chunk, Const, Fam};
use std::collections::HashMap;
use std::sync::Arc;

pub use keshi_l1::builder::Arg;

/// Outer index of a capture that starts as a new variable of the closure itself.
pub const FRESH: u32 = u32::MAX;

/// Why a unit cannot be compiled.
#[derive(Clone, Debug)]
pub struct CompileError {
    pub message: String,
    pub file: Name,
    pub line: u32,
}

impl std::fmt::Display for CompileError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        writeln!(f, "{} at {} line {}.", self.message, self.file, self.line)
    }
}
impl std::error::Error for CompileError {}

pub(crate) type E<T = ()> = Result<T, CompileError>;

/// A compiled unit.
#[derive(Clone, Debug)]
pub struct Unit {
    pub chunk: Arc<Chunk>,
    /// The ops as text (`--dump=ops`), inner subs first, if asked for.
    pub ops: String,
}

#[derive(Clone, Copy, Debug, Default)]
pub struct Options {
    pub dump_ops: bool,
}

/// Compiles a sub, file, eval text, phase block or regex code block.
pub fn compile_unit(def: &SubDef, opts: Options) -> Result<Unit, CompileError> {
    sub::compile(def, opts)
}

/// Compiles a format: a sub that calls `formline` once per picture line.
pub fn compile_format(def: &FormatDef, opts: Options) -> Result<Unit, CompileError> {
    format::compile(def, opts)
}

/// Where the value of an expression is wanted.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Dest {
    Void,
    /// Into this S register.
    Scalar(Reg),
    /// Appended to this list.
    List(Reg, Mode),
    /// Returned from the sub, in the context the caller wants.
    Ret,
}

/// What a list collects.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Mode {
    /// Copies of values.
    Copy,
    /// Aliases of whatever is an lvalue (`foreach`, `map`, sub arguments).
    Alias,
}

/// Where a lexical lives.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Home {
    /// S slot; `direct`: it can never become an alias.
    Slot {
        reg: Reg,
        direct: bool,
    },
    /// P slot with a scalar cell.
    Cell(Reg),
    /// P slot with an array, hash or code.
    Av(Reg),
    Hv(Reg),
    Cv(Reg),
    /// `our`
    Pkg(Name),
    Builtin(Name),
    Host(HostConst),
}

/// What must be undone when control leaves a scope.
#[derive(Clone, Debug, Default)]
pub(crate) struct Scope {
    pub lexicals: Vec<PadIdx>,
    /// `dyn.mark` of its entry, if it has something on the stack of `local`.
    pub mark: Option<Reg>,
    /// `dyn.mark` of the handler region it is the body of.
    pub handler_mark: Option<Reg>,
    /// Match state saved at its entry.
    pub matches: Option<Reg>,
    /// Loops and other targets of control statements.
    pub frame: Option<FrameCx>,
    /// Number of handler regions open at its entry.
    pub regions: usize,
}

/// A scope that control statements look for.
#[derive(Clone, Debug)]
pub(crate) enum FrameCx {
    Loop(LoopCx),
    /// `eval BLOCK`: target of `return`.
    /// `list` collects the value if the block stands in the tail position of a sub.
    Eval {
        dest: Dest,
        list: Option<Reg>,
        end: L,
    },
    /// The block of a `sort`: target of `return`, and no other jump leaves it.
    Sort {
        value: Reg,
        end: L,
    },
    /// `given`/`when` topicaliser: target of `break`; `continue` goes to the end of the `when`. The value of the
    /// `when` that matches goes to `dest`, wherever it stands.
    Given {
        end: L,
        dest: Dest,
    },
    When {
        end: L,
    },
}

#[derive(Clone, Debug)]
pub(crate) struct LoopCx {
    pub labels: Vec<Name>,
    pub next: L,
    pub last: L,
    pub redo: L,
    /// Number of scopes that stay open at `next`/`redo` and at `last`.
    pub depth_next: usize,
    pub depth_last: usize,
    /// A foreach whose topic `when` uses (`next` instead of `break`).
    pub topical: bool,
}

pub(crate) struct Emitter<'a> {
    pub b: Builder,
    pub kind: SubKind,
    pub pad: &'a Pad,
    pub file: Name,
    pub package: Name,
    pub opts: Options,
    pub facts: scan::Facts,
    pub homes: Vec<Home>,
    pub scopes: Vec<Scope>,
    /// The block about to be opened is the body of a loop.
    pub loop_body: bool,
    /// Lexicals of all scopes opened since some point, for handlers; see `Emitter::declared`.
    pub opened: Vec<PadIdx>,
    /// Variables that stand for the items of a `foreach` inside of it, with the pad entry that string evals find.
    pub stand_ins: Vec<(PadIdx, PadIdx)>,
    /// Package scalars bound by inlined blocks and loops (`$_`, `$a`, `$b`), with the register that stands for them.
    pub topics: Vec<(Name, Option<Reg>)>,
    pub line: u32,
    pub cop: Option<std::rc::Rc<Cop>>,
    pub cops: HashMap<usize, u32>,
    pub cop_keep: Vec<std::rc::Rc<Cop>>,
    /// Temporaries known not to hold references: nothing to drop.
    pub plain: std::collections::HashSet<Reg>,
    /// Labels that `goto` may name, and the statement being emitted of each open statement list.
    pub gotos: Vec<goto::GotoLabel>,
    pub goto_stmts: Vec<*const Stmt>,
    pub sites: u32,
    pub ops: Vec<String>,
    pub inner: String,
    pub names: HashMap<Reg, String>,
    /// Register of `$self` in a `method`.
    pub self_reg: Option<Reg>,
    pub lvalue_sub: bool,
    /// For the next call to be emitted: operand of `lvalue.call`, or 0.
    pub call_lv: u64,
    /// Variables of the signature.
    pub params: Vec<PadIdx>,
}
