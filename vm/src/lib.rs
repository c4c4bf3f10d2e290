//! The virtual machine: interpreter state, dispatch loop, calls, dynamic scope, and the runtime
//! functions behind the heap atoms and `rt` entries of L1.
//!
//! Laws for contributors
//! 1. A runtime function is a plain Rust function `fn(&mut Vm, …) -> R<T>` in `rt::<topic>`; its head in
//!    `l1-spec/rt/*.l1` or `atoms.l1` declares operands and effects. Missing functions are compile errors.
//! 2. Arguments arrive resolved (`in S`: aliases followed, get magic run). Code that stores goes through
//!    `Vm::assign`/`set_sv` (read-only check, set magic), never through `Scalar::set` on user variables.
//! 3. Perl code may run inside any call that takes `&mut Vm`: never hold a borrow into an array, hash or
//!    scalar across one; clone values first.
//! 4. Reads never write.

pub mod call;
pub mod conv;
pub mod describe;
pub mod die;
pub mod dispatch;
pub mod dispatch_gen;
pub mod dyns;
pub mod exc;
pub mod frame;
pub mod init;
pub mod link;
pub mod locale;
pub mod magic;
pub mod mro;
pub mod native;
mod natives;
pub mod operand;
pub mod overload;
pub mod par;
pub mod proxy;
pub mod regex;
pub mod rt;
pub mod stash;
pub mod sync;
pub mod varlist;
pub mod varname;
pub mod version;
pub mod warn;

pub use exc::{Exc, LoopKind, NativeFn, R, Ret, Want};
use frame::{Frame, ValueStack};
pub use keshi_io::report;
use keshi_l1::chunk::Ins;
use keshi_value::{Code, Glob, Hash, Ptr, Val};
use std::collections::HashMap;
use std::rc::Rc;

/// Globs the runtime uses all the time.
pub struct Wellknown {
    pub defgv: Ptr<Glob>,
    pub errgv: Ptr<Glob>,
    pub ofs: Ptr<Glob>,
    pub ors: Ptr<Glob>,
    pub rs: Ptr<Glob>,
    pub listsep: Ptr<Glob>,
    pub subsep: Ptr<Glob>,
    pub stdin: Ptr<Glob>,
    pub stdout: Ptr<Glob>,
    pub stderr: Ptr<Glob>,
    pub argv: Ptr<Glob>,
    pub argvout: Ptr<Glob>,
    pub inc: Ptr<Glob>,
    pub env: Ptr<Glob>,
    pub sig: Ptr<Glob>,
    pub script_name: Ptr<Glob>,
    pub child_status: Ptr<Glob>,
    pub sort_a: Ptr<Glob>,
    pub sort_b: Ptr<Glob>,
}

/// String-eval, `require`, `do FILE`: the frontend behind a trait, so that the VM does not depend on it.
pub trait Compiler {
    /// Compiles a file's text to a sub that runs it.
    fn compile_file(&self, vm: &mut Vm, source: Vec<u8>, name: &[u8]) -> R<Ptr<Code>>;
    /// Compiles a string-eval in the scope of the running frame; `scope` is the index of the Scope constant.
    fn compile_eval(&self, vm: &mut Vm, source: &Val, scope: u32, flags: u32) -> R<Ptr<Code>>;
    /// Compiles the code blocks of a pattern text made at run time, in the scope of the running frame. The sub
    /// gives for each block the offset of its `{`, its length, and a closure.
    fn compile_pattern_code(&self, vm: &mut Vm, text: PatternText<'_>) -> R<Ptr<Code>>;
    /// Prototype of a builtin: `None` unknown name, `Some(None)` no prototype can express it.
    fn core_prototype(&self, name: &str) -> Option<Option<String>>;
    /// The builtin `name` as a sub (`&CORE::name`), if it can be one.
    fn core_sub(&self, vm: &mut Vm, name: &str) -> R<Option<Ptr<Code>>>;
}

/// A pattern made at run time whose code blocks are to be compiled.
pub struct PatternText<'a> {
    pub text: Vec<u8>,
    pub utf8: bool,
    /// `/x` is on.
    pub x: bool,
    /// The Scope constant of the place.
    pub scope: &'a [(Box<[u8]>, u32)],
}

/// Everything an interpreter owns.
pub struct Vm {
    pub stack: ValueStack,
    pub fp: *mut Val,
    pub pc: *const Ins,
    pub frames: Vec<Frame>,
    pub dyns: Vec<dyns::Dyn>,
    /// The package moves the effective names of all stashes account for.
    pub(crate) named_at: u64,
    /// Where a native call's result is left, and the exception being raised.
    pub ret: Ret,
    pub exc: Option<Box<Exc>>,
    /// Exception caught by the innermost handler, until `err.take`.
    pub caught: Option<Box<Exc>>,
    pub main: Ptr<Hash>,
    pub gv: Wellknown,
    pub last_match: Option<Rc<regex::MatchState>>,
    pub compiler: Option<Rc<dyn Compiler>>,
    /// `$^W`
    pub dash_w: bool,
    /// `-X`
    pub no_warn: bool,
    /// The scalars that `undef`, true and false are where they have an identity.
    pub immortals: [Ptr<keshi_value::Scalar>; 3],
    /// Set by `lvalue.call` for the call that follows.
    pub call_lv: exc::CallLv,
    /// `-W`
    pub all_warn: bool,
    pub dash_t_taint: bool,
    pub phase: &'static str,
    pub base_time: i64,
    pub selected: Ptr<Glob>,
    pub end_blocks: Vec<Ptr<Code>>,
    pub evals: u32,
    /// Nesting of `eval` frames/regions, for `$^S`.
    pub in_eval: u32,
    /// `$^S` is undef while compiling.
    pub compiling: u32,
    pub natives: HashMap<&'static str, native::NativeModule>,
    /// Proto cells of pads still being compiled: (pad id, pad index) → PTR.
    pub proto_cells: HashMap<(u64, u32), Val>,
    /// Runtime state of whole subsystems, each owned by its module.
    pub rtstate: rt::State,
    pub fuse: bool,
    pub tier: Option<Box<dyn dispatch::Tier>>,
    pub hot: u32,
    pub nested: u32,
    pub srand_called: bool,
    /// Text `caller` reports for the file or eval about to be run.
    pub pending_eval_text: Option<Val>,
    /// The frame about to be pushed is that of a comparison sub.
    pub pending_sort: bool,
    /// … that of a BEGIN block, with its index into `rtstate.begin_place`.
    pub pending_begin: Option<usize>,
}
