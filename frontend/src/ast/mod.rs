//! The abstract syntax tree of a Perl program.
//!
//! Contract
//! * The parser has resolved every name: lexicals are pad indices, package variables carry their full name
//!   (`main::x`), so no later pass needs a symbol table of scopes.
//! * The parser has inserted the arguments perl supplies by itself (`$_`, `@_`, `@ARGV`, …).
//! * Context is not recorded: each node says what it is, the emitter passes context downwards.
//! * Nothing is folded: `1 + 2` is an addition.
//!
//! Module map: [`expr`] expressions, [`stmt`] statements and blocks, [`sub`] subs, pads, signatures and classes,
//! [`quote`] strings, patterns and formats, [`hints`] lexical pragma state, [`func`] the builtin functions, [`target`]
//! left sides of assignments.
pub mod expr;
pub mod func;
pub mod hints;
pub mod quote;
pub mod stmt;
pub mod sub;
pub mod target;

pub use expr::*;
pub use func::{Func, FuncInfo};
pub use hints::*;
pub use quote::*;
pub use stmt::*;
pub use sub::*;

use keshi_memory::deeper;
use std::rc::Rc;

/// A symbol name. Identifiers are always valid Unicode; names written under `no utf8` are ASCII, single
/// Latin-1 characters stand for themselves, `$^W` starts with the control character. Package-qualified names
/// always use `::` and never start with it.
pub type Name = Rc<str>;

/// A Perl string constant: octets, or perl's extended UTF-8 when `utf8` is set.
#[derive(Clone, PartialEq, Eq, Hash, Default)]
pub struct PStr {
    pub bytes: Rc<[u8]>,
    pub utf8: bool,
}

impl PStr {
    pub fn new(bytes: impl Into<Rc<[u8]>>, utf8: bool) -> PStr {
        PStr { bytes: bytes.into(), utf8 }
    }

    /// A string from Rust text: flagged as UTF-8 only where it has to be.
    pub fn text(s: &str) -> PStr {
        PStr { bytes: s.as_bytes().into(), utf8: !s.is_ascii() }
    }

    /// The text for messages and names; octets of unflagged strings are Latin-1.
    pub fn to_text(&self) -> String {
        if self.utf8 {
            String::from_utf8_lossy(&self.bytes).into_owned()
        } else {
            self.bytes.iter().map(|&b| b as char).collect()
        }
    }
}

impl std::fmt::Debug for PStr {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:?}", self.to_text())
    }
}

/// The five kinds of variable, named by their sigil.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Sigil {
    Scalar,
    Array,
    Hash,
    Code,
    Glob,
}

impl Sigil {
    pub fn ch(self) -> char {
        match self {
            Sigil::Scalar => '$',
            Sigil::Array => '@',
            Sigil::Hash => '%',
            Sigil::Code => '&',
            Sigil::Glob => '*',
        }
    }

    pub fn from_ch(c: u8) -> Option<Sigil> {
        Some(match c {
            b'$' => Sigil::Scalar,
            b'@' => Sigil::Array,
            b'%' => Sigil::Hash,
            b'&' => Sigil::Code,
            b'*' => Sigil::Glob,
            _ => return None,
        })
    }
}

/// Index of a lexical in the pad of the sub that contains the node.
pub type PadIdx = u32;

/// Identity of a pad, unique in the process.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, PartialOrd, Ord)]
pub struct PadId(pub u64);
