//! Typeglobs (GV), file handle objects (IO), formats, and what a stash knows besides its entries.
//!
//! What a glob holds is in a body of its own, perl's GP: globs made aliases by `*a = *b` have one body, so
//! what either gets later both see; `local *a` gives a glob a new one. A [`Glob`] dereferences to its body.
//!
//! `unsafe`: a body knows the glob it was made for (perl's EGV) without counting it; the pointer is live
//! because that glob clears it when it takes another body or is freed.

use crate::code::Code;
use crate::obj::{Hdr, Kind, Obj, Ptr, Slot};
use crate::scalar::Scalar;
use crate::val::Val;
use crate::{Array, Hash};
use hashbrown::HashMap;
use std::any::Any;
use std::cell::Cell;
use std::ops::Deref;
use std::rc::Rc;

/// Bits of `Glob::flags`.
pub mod gvf {
    /// Imported from another package (relaxes `use vars`-style strictness), per slot.
    pub const IMPORTED_SV: u8 = 1;
    pub const IMPORTED_AV: u8 = 2;
    pub const IMPORTED_HV: u8 = 4;
    pub const IMPORTED_CV: u8 = 8;
    /// Named more than once ("used only once: possible typo").
    pub const MULTI: u8 = 16;
    /// `local *x = …` is under way: a reference assigned next is undone at scope exit.
    pub const INTRO: u8 = 32;
    /// Stands outside the symbol table, for the entry there is a reference that cannot become a glob.
    pub const UNFIT: u8 = 64;
}

/// The body of one glob or of several aliased ones (GP).
pub struct Gp {
    pub sv: Slot<Option<Ptr<Scalar>>>,
    pub av: Slot<Option<Ptr<Array>>>,
    pub hv: Slot<Option<Ptr<Hash>>>,
    pub cv: Slot<Option<Ptr<Code>>>,
    pub io: Slot<Option<Ptr<IoObj>>>,
    pub form: Slot<Option<Ptr<Format>>>,
    /// The glob this body was made for; null once that glob has let go of it.
    egv: Cell<*const Glob>,
}

impl Gp {
    fn new() -> Rc<Gp> {
        Rc::new(Gp {
            sv: Slot::new(None),
            av: Slot::new(None),
            hv: Slot::new(None),
            cv: Slot::new(None),
            io: Slot::new(None),
            form: Slot::new(None),
            egv: Cell::new(std::ptr::null()),
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
}

/// A body put aside, and whether it named the glob it was taken from.
pub struct SavedGp {
    gp: Rc<Gp>,
    named: bool,
}

#[repr(C)]
pub struct Glob {
    hdr: Hdr,
    gp: Slot<Rc<Gp>>,
    /// Name without package.
    pub name: Val,
    /// Stash the glob was made in; `None` once that stash is gone.
    pub stash: Slot<Option<Val>>,
    pub flags: Cell<u8>,
}

// SAFETY: repr(C), header first.
unsafe impl Obj for Glob {
    const KIND: u8 = Kind::GLOB;
    fn hdr(&self) -> &Hdr {
        &self.hdr
    }
}

impl Deref for Glob {
    type Target = Gp;
    /// The body as it is now: a borrow of a slot must end before the glob can get another body.
    #[inline]
    fn deref(&self) -> &Gp {
        self.gp.get()
    }
}

impl Drop for Glob {
    fn drop(&mut self) {
        self.forget_egv();
    }
}

impl Glob {
    /// `stash` is kept as a plain package name (a glob must not keep its stash alive in a cycle).
    pub fn new(name: Val, package: Val) -> Ptr<Glob> {
        let g = Ptr::new(Glob {
            hdr: Hdr::new(Kind::GLOB),
            gp: Slot::new(Gp::new()),
            name,
            stash: Slot::new(Some(package)),
            flags: Cell::new(0),
        });
        g.gp.get().egv.set(g.as_ptr());
        g
    }
    /// The body.
    pub fn gp(&self) -> Rc<Gp> {
        self.gp.get().clone()
    }
    /// Makes this glob an alias of `src`: both have the body of `src` from now on.
    pub fn share(&self, src: &Glob) {
        let gp = src.gp.get().clone();
        if !Rc::ptr_eq(&gp, self.gp.get()) {
            self.forget_egv();
            self.gp.set(gp);
        }
    }
    /// Have the two globs one body?
    pub fn shares(&self, o: &Glob) -> bool {
        Rc::ptr_eq(self.gp.get(), o.gp.get())
    }
    /// A new, empty body (`local *x`, `undef *x`); returns the former one.
    pub fn renew(&self) -> SavedGp {
        let named = self.forget_egv();
        let gp = Gp::new();
        gp.egv.set(self);
        SavedGp { gp: std::mem::replace(self.gp.get_mut(), gp), named }
    }
    /// The body as it is, to be put back by [`Glob::restore`] whatever the glob is made meanwhile. As in perl
    /// it no longer names the glob then.
    pub fn keep(&self) -> SavedGp {
        SavedGp { gp: self.gp.get().clone(), named: false }
    }
    /// The body put aside by [`Glob::renew`] comes back.
    pub fn restore(&self, old: SavedGp) {
        self.forget_egv();
        if old.named {
            old.gp.egv.set(self);
        }
        self.gp.set(old.gp);
    }
    /// The glob whose name the body has: messages and `*x` as a string show it (GvEGV).
    pub fn egv(&self) -> Option<Ptr<Glob>> {
        let p = self.gp.get().egv.get();
        // SAFETY: not null means the glob is live (module header).
        (!p.is_null()).then(|| unsafe { Ptr::retain(p) })
    }
    /// The body no longer names this glob. True if it did.
    fn forget_egv(&self) -> bool {
        let gp = self.gp.get();
        let named = std::ptr::eq(gp.egv.get(), self);
        if named {
            gp.egv.set(std::ptr::null());
        }
        named
    }
    pub fn flag(&self, f: u8) -> bool {
        self.flags.get() & f != 0
    }
    pub fn set_flag(&self, f: u8) {
        self.flags.set(self.flags.get() | f);
    }
    /// Clears a flag; true if it was on.
    pub fn take_flag(&self, f: u8) -> bool {
        let on = self.flag(f);
        self.flags.set(self.flags.get() & !f);
        on
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
    /// ARGV's pass over `@ARGV`, ARGVOUT's edit in place: the VM's own data.
    pub argv: Slot<Option<Box<dyn Any>>>,
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
            argv: Slot::new(None),
        })
    }
}

/// A compiled `format`: a sub that yields picture lines and their values.
#[repr(C)]
pub struct Format {
    hdr: Hdr,
    pub code: Slot<Option<Ptr<Code>>>,
    /// Pad of the enclosing code.
    pub outer_pad: Cell<u64>,
    /// For each captured variable: it belongs to an enclosing sub, so only a running one has it.
    pub of_sub: Slot<Vec<bool>>,
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
        Ptr::new(Format {
            hdr: Hdr::new(Kind::FORMAT),
            code: Slot::new(Some(code)),
            outer_pad: Cell::new(0),
            of_sub: Slot::new(Vec::new()),
        })
    }
}

/// Caches and attributes of a stash (kept in its `Ext`).
#[derive(Default)]
pub struct StashInfo {
    /// `Foo::Bar`, the name it was made with.
    pub name: Val,
    /// Names that led to it when the VM's count of package moves was `enames_at`, the canonical one first.
    pub enames: Vec<Val>,
    pub enames_at: u64,
    /// Changes of the package's subs and `@ISA`.
    pub pkg_gen: u64,
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
