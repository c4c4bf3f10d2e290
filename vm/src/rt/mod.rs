//! Runtime functions by topic: the bodies of heap atoms (`atoms.l1`) and runtime entries (`rt/*.l1`).
//! Each module owns its part of [`State`], the interpreter-wide state that is not about control flow.

pub mod arith;
pub mod array;
pub mod bits;
pub mod caller;
pub mod cell;
pub mod class;
pub mod coderef;
pub mod coerce;
pub mod compare;
pub mod control;
pub mod debug;
pub mod dynscope;
pub mod err;
pub mod ffi;
pub mod file;
pub mod filetest;
pub mod filter;
pub mod format;
pub mod formatting;
pub mod glob;
pub mod hash;
mod inc_hook;
pub mod incdec;
pub mod io;
pub mod list;
pub mod math;
pub mod method;
pub mod misc;
pub mod opassign;
pub mod pad;
pub mod picture;
mod pointers;
pub mod refalias;
pub mod refs;
pub mod regex;
pub mod require;
pub mod scope;
pub mod smartmatch;
pub mod sort;
pub mod string;
pub mod sub;
pub mod substr;
pub mod sys;
pub mod sysdb;
pub mod system;
pub mod tie;
pub mod time;
pub mod val;

use keshi_value::{Code, Ptr, Val};

/// State of the runtime topics.
#[derive(Default)]
pub struct State {
    pub in_die_hook: bool,
    /// Where the last exception was raised, category `misc` was on.
    pub died_with_misc: bool,
    pub in_warn_hook: bool,
    /// Which of the undefined operands is being converted.
    pub converting: crate::varname::Converting,
    /// `exit` was called inside BEGIN: the compilation stops with it.
    pub exit_requested: Option<i32>,
    /// Number of named subs and phase blocks compiled so far.
    pub subs_compiled: u64,
    /// Globs the main program has mentioned once so far: name; file, line and package of the mention.
    pub once: Vec<(String, (String, u32, String))>,
    /// Where the BEGIN blocks being run stand: file, line, package; innermost last.
    pub begin_place: Vec<caller::BeginPlace>,
    /// Once code compiled for the debugger has run.
    pub debug: Option<debug::Globs>,
    /// It is being found out whether the debugger wants to stop.
    pub debug_asks: bool,
    /// The files being compiled, innermost last.
    pub compiling_files: Vec<caller::CompilingFile>,
    /// What `builtin::import` asked to declare in the scope being compiled.
    pub lexical_imports: Vec<(String, Val)>,
    /// UNITCHECK blocks of the unit being compiled, and of those around it.
    pub unitcheck: Vec<Ptr<Code>>,
    pub unitcheck_outer: Vec<Vec<Ptr<Code>>>,
    pub check: Vec<Ptr<Code>>,
    pub init: Vec<Ptr<Code>>,
    /// `$^H` and `${^WARNING_BITS}` while BEGIN code runs.
    pub hints: u32,
    pub warning_bits: Val,
    pub regex: regex::State,
    pub io: io::State,
    pub file: file::State,
    pub filter: filter::State,
    pub sys: sys::State,
    pub math: math::State,
    pub format: format::State,
    pub pointers: pointers::State,
    pub control: control::State,
    pub ffi: ffi::State,
}
