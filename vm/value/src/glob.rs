//! Typeglobs (GV), file handle objects (IO), formats, and what a stash knows besides its entries.

use crate::code::Code;
use crate::obj::{Hdr, Kind, Obj, Ptr, Slot};
use crate::scalar::Scalar;
use crate::val::Val;
use crate::{Array, Hash};
use std::any::Any;
use std::cell::Cell;
use std::collections::HashMap;

/// Bits of `Glob::flags`.
pub mod gvf {
    /// Imported from another package (relaxes `use vars`-style strictness), per slot.
    pub const IMPORTED_SV: u8 = 1;
    pub const IMPORTED_AV: u8 = 2;
    pub const IMPORTED_HV: u8 = 4;
    pub const IMPORTED_CV: u8 = 8;
    /// Named more than once ("used only once: possible typo").
    pub const MULTI: u8 = 16;
}

#[repr(C)]
pub struct Glob {
    hdr: Hdr,
    pub sv: Slot<Option<Ptr<Scalar>>>,
    pub av: Slot<Option<Ptr<Array>>>,
    pub hv: Slot<Option<Ptr<Hash>>>,
    pub cv: Slot<Option<Ptr<Code>>>,
    pub io: Slot<Option<Ptr<IoObj>>>,
    pub form: Slot<Option<Ptr<Format>>>,
    /// Name without package.
    pub name: Val,
    /// Stash the glob was made in; `None` once that stash is gone.
    pub stash: Slot<Option<Val>>,
    pub flags: Cell<u8>,
    pub line: Cell<u32>,
    pub file: Slot<Val>,
}

// SAFETY: repr(C), header first.
unsafe impl Obj for Glob {
    const KIND: u8 = Kind::GLOB;
    fn hdr(&self) -> &Hdr {
        &self.hdr
    }
}

impl Glob {
    /// `stash` is kept as a plain package name (a glob must not keep its stash alive in a cycle).
    pub fn new(name: Val, package: Val) -> Ptr<Glob> {
        Ptr::new(Glob {
            hdr: Hdr::new(Kind::GLOB),
            sv: Slot::new(None),
            av: Slot::new(None),
            hv: Slot::new(None),
            cv: Slot::new(None),
            io: Slot::new(None),
            form: Slot::new(None),
            name,
            stash: Slot::new(Some(package)),
            flags: Cell::new(0),
            line: Cell::new(0),
            file: Slot::new(Val::undef()),
        })
    }
    /// GvSVn: the scalar, made on demand.
    #[inline]
    pub fn scalar(&self) -> &Ptr<Scalar> {
        if self.sv.get().is_none() {
            self.sv.set(Some(Scalar::new(Val::undef())));
        }
        self.sv.get().as_ref().expect("just set")
    }
    #[inline]
    pub fn array(&self) -> &Ptr<Array> {
        if self.av.get().is_none() {
            self.av.set(Some(Array::new()));
        }
        self.av.get().as_ref().expect("just set")
    }
    #[inline]
    pub fn hash(&self) -> &Ptr<Hash> {
        if self.hv.get().is_none() {
            self.hv.set(Some(Hash::new()));
        }
        self.hv.get().as_ref().expect("just set")
    }
    pub fn flag(&self, f: u8) -> bool {
        self.flags.get() & f != 0
    }
    pub fn set_flag(&self, f: u8) {
        self.flags.set(self.flags.get() | f);
    }
}

/// An IO object: file and directory handle plus what formats keep per handle. The handle types belong
/// to the I/O crate; the VM downcasts.
#[repr(C)]
pub struct IoObj {
    hdr: Hdr,
    pub file: Slot<Option<Box<dyn Any>>>,
    pub dir: Slot<Option<Box<dyn Any>>>,
    /// `$.` of the handle.
    pub lines: Cell<i64>,
    /// `$=`, `$-`, `$%`.
    pub page_len: Cell<i64>,
    pub lines_left: Cell<i64>,
    pub page: Cell<i64>,
    /// `$^`, `$~`.
    pub top_name: Slot<Val>,
    pub fmt_name: Slot<Val>,
    /// Tied handle object is kept in `ext.magic` by the VM.
    pub kind: Cell<u8>,
}

// SAFETY: repr(C), header first.
unsafe impl Obj for IoObj {
    const KIND: u8 = Kind::IO;
    fn hdr(&self) -> &Hdr {
        &self.hdr
    }
}

impl IoObj {
    pub fn new() -> Ptr<IoObj> {
        Ptr::new(IoObj {
            hdr: Hdr::new(Kind::IO),
            file: Slot::new(None),
            dir: Slot::new(None),
            lines: Cell::new(0),
            page_len: Cell::new(60),
            lines_left: Cell::new(0),
            page: Cell::new(0),
            top_name: Slot::new(Val::undef()),
            fmt_name: Slot::new(Val::undef()),
            kind: Cell::new(0),
        })
    }
}

/// A compiled `format`: a sub that yields picture lines and their values.
#[repr(C)]
pub struct Format {
    hdr: Hdr,
    pub code: Slot<Option<Ptr<Code>>>,
}

// SAFETY: repr(C), header first.
unsafe impl Obj for Format {
    const KIND: u8 = Kind::FORMAT;
    fn hdr(&self) -> &Hdr {
        &self.hdr
    }
}

impl Format {
    pub fn new(code: Ptr<Code>) -> Ptr<Format> {
        Ptr::new(Format { hdr: Hdr::new(Kind::FORMAT), code: Slot::new(Some(code)) })
    }
}

/// Caches and attributes of a stash (kept in its `Ext`).
#[derive(Default)]
pub struct StashInfo {
    /// `Foo::Bar`; undefined once the stash was deleted from its parent.
    pub name: Val,
    /// Method cache: name → code (None: known to be missing), valid for `generation`.
    pub methods: HashMap<Box<[u8]>, Option<Ptr<Code>>>,
    /// Value of the VM's global method generation the caches belong to.
    pub generation: u64,
    /// Linearised @ISA as package names.
    pub mro: Option<std::rc::Rc<[Val]>>,
    pub use_c3: bool,
    /// `undef %Foo::` took the name away; `name` is `__ANON__`.
    pub anonymous: bool,
    /// Cached: class has a DESTROY method.
    pub destroy: Option<bool>,
    /// Cached: class has overloading; `None` unknown.
    pub overload: Option<bool>,
    /// Data of a `class` declaration (the VM's type).
    pub class: Option<Box<dyn Any>>,
}
