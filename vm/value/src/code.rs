//! Subroutines (CV): a linked chunk with its captures, or a native function.

use crate::glob::Glob;
use crate::obj::{Hdr, Kind, Obj, Ptr, Slot};
use crate::val::Val;
use keshi_l1::chunk::{Chunk, Ins};
use std::any::Any;
use std::cell::Cell;
use std::rc::Rc;
use std::sync::Arc;

/// A chunk bound to this interpreter: glob pointers, constants as values, inline caches, the code as
/// the dispatch loop runs it (with fused opcodes overlaid), counters, compiled code.
pub struct Linked {
    pub chunk: Arc<Chunk>,
    /// Executable copy of `chunk.code`; only opcode fields may differ (overlay fusion).
    pub code: Slot<Vec<Ins>>,
    pub consts: Vec<Val>,
    pub globs: Vec<Ptr<Glob>>,
    pub ics: Slot<Vec<Ic>>,
    pub loop_counts: Vec<Cell<u32>>,
    pub cold_counts: Vec<Cell<u32>>,
    pub calls: Cell<u32>,
    /// What a tier attached (the JIT's compiled unit); the driver asks the tier through a trait.
    pub tier: Slot<Option<Box<dyn Any>>>,
    /// Compiled regexes, `state` variables, flip-flop states … per constant/site index.
    pub site_data: Slot<Vec<Val>>,
    /// Cells made while the program was still being parsed (captured by named subs or BEGIN), by pad
    /// index; the first execution of the chunk takes them over.
    pub proto_cells: Slot<Vec<(u32, Val)>>,
    pub fused: Cell<bool>,
}

/// Inline cache: data only, 32 bytes.
#[derive(Clone, Default)]
#[repr(C)]
pub struct Ic {
    pub key: u64,
    pub epoch: u64,
    pub ptr: u64,
    pub extra: u64,
}

/// Bits of `Code::flags`.
pub mod cvf {
    pub const LVALUE: u32 = 1;
    pub const METHOD: u32 = 2;
    pub const ANON: u32 = 4;
    /// A constant sub: `sub () { 42 }` inlined by the compiler.
    pub const CONST: u32 = 8;
    /// Declared by XS/native code.
    pub const NATIVE: u32 = 16;
    pub const CLONED: u32 = 32;
    pub const NODEBUG: u32 = 64;
    pub const CLASS_METHOD: u32 = 128;
    pub const AUTOLOAD_SET: u32 = 256;
    /// The text of a string eval.
    pub const EVAL: u32 = 512;
}

/// Address of a native function; the VM knows its signature (`keshi_vm::native::NativeFn`).
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct NativePtr(pub *const ());

#[derive(Clone, Default)]
pub enum Body {
    /// Declared, not defined: `sub foo;`
    #[default]
    None,
    Chunk(Rc<Linked>),
    /// A Rust function and data private to it.
    Native(NativePtr, Val),
    /// Constant value(s) of a constant sub.
    Const(Val),
}

#[repr(C)]
pub struct Code {
    hdr: Hdr,
    pub body: Slot<Body>,
    /// PTR values of captured variables, in the order of `Chunk::captures`.
    pub captures: Slot<Vec<Val>>,
    pub prototype: Slot<Option<Box<[u8]>>>,
    pub flags: Cell<u32>,
    /// `*main::foo` the sub was defined as; `__ANON__` for anonymous ones.
    pub glob: Slot<Option<Ptr<Glob>>>,
    /// Name and package given at definition, for `caller` and messages.
    pub name: Slot<Val>,
    pub package: Slot<Val>,
    pub file: Slot<Val>,
    pub line: Cell<u32>,
    /// `state` variables and once-flags of this instance, by site id.
    pub statics: Slot<Vec<(u32, Val)>>,
    /// Calls in progress (recursion warnings, "can't undef active subroutine").
    pub depth: Cell<u32>,
}

// SAFETY: repr(C), header first.
unsafe impl Obj for Code {
    const KIND: u8 = Kind::CODE;
    fn hdr(&self) -> &Hdr {
        &self.hdr
    }
}

impl Code {
    /// Takes over everything another sub is, except for its name.
    pub fn become_like(&self, new: &Code) {
        self.body.set(new.body.get().clone());
        self.captures.set(new.captures.get().clone());
        self.prototype.set(new.prototype.get().clone());
        self.flags.set(new.flags.get());
        self.package.set(new.package.get().clone());
        self.file.set(new.file.get().clone());
        self.line.set(new.line.get());
    }
    pub fn new(body: Body) -> Ptr<Code> {
        Ptr::new(Code {
            hdr: Hdr::new(Kind::CODE),
            body: Slot::new(body),
            captures: Slot::new(Vec::new()),
            prototype: Slot::new(None),
            flags: Cell::new(0),
            glob: Slot::new(None),
            name: Slot::new(Val::undef()),
            package: Slot::new(Val::undef()),
            file: Slot::new(Val::undef()),
            line: Cell::new(0),
            statics: Slot::new(Vec::new()),
            depth: Cell::new(0),
        })
    }
    pub fn has(&self, f: u32) -> bool {
        self.flags.get() & f != 0
    }
    pub fn set_flag(&self, f: u32, on: bool) {
        let v = self.flags.get();
        self.flags.set(if on { v | f } else { v & !f });
    }
    pub fn is_defined(&self) -> bool {
        !matches!(self.body.get(), Body::None)
    }
}
