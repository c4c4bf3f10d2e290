//! Stash entries that are no globs yet (perl's proxy subs).
//!
//! A sub that is only declared, or that is a constant of package main, is kept in the stash without a glob: -1 or
//! the prototype for a declaration, a reference to the value for a constant. Programs put references to values and
//! subs there, too. Whoever needs the glob gets it made from that (`gv_in`); questions about subs do not.

use crate::Vm;
use crate::stash::Symbol;
use keshi_value::code::cvf;
use keshi_value::hash::Key;
use keshi_value::obj::{Kind, Obj, flag};
use keshi_value::val::tag;
use keshi_value::{Body, Code, Glob, Ptr, Scalar, Val};

impl Vm {
    /// What the symbol table has under a name: a glob as it is, or the proxy of a sub. Nothing is made.
    fn entry(&mut self, name: &[u8], utf8: bool) -> Option<Val> {
        match self.symbol(name, utf8, false)? {
            Symbol::Glob(g) => Some(Val::glob(g)),
            Symbol::In(stash, last) => stash.get(&Key::new(last, utf8)),
        }
    }

    /// The glob of a name, if it has one.
    pub fn gv_peek(&mut self, name: &[u8], utf8: bool) -> Option<Ptr<Glob>> {
        self.entry(name, utf8).filter(|v| v.tag() == tag::GLOB)?.gv()
    }

    /// The sub of a name; for a proxy a sub made for the question.
    pub fn sub_peek(&mut self, name: &[u8], utf8: bool) -> Option<Ptr<Code>> {
        let v = self.entry(name, utf8)?;
        match v.tag() {
            tag::GLOB => v.gv()?.cv.get().clone(),
            _ => proxied_sub(&v),
        }
    }

    /// What the entry of that name refers to, if it is something no glob can be made of.
    pub(crate) fn unfit_entry(&mut self, name: &[u8]) -> Option<&'static str> {
        let v = self.entry(name, !name.is_ascii())?;
        is_unfit(&v).then(|| self.reftype(&v))
    }

    /// A constant's entry that has no glob.
    pub(crate) fn constant_entry(&mut self, name: &[u8], utf8: bool) -> Option<Val> {
        self.entry(name, utf8).filter(|v| v.is_ref() && v.cv().is_none())
    }

    /// Puts an entry under another name that has none; false if that has one.
    pub(crate) fn copy_entry(&mut self, name: &[u8], utf8: bool, v: &Val) -> bool {
        let Some(Symbol::In(stash, last)) = self.symbol(name, utf8, true) else { return false };
        let k = Key::new(last, utf8);
        if last.is_empty() || stash.exists(&k) {
            return false;
        }
        stash.set_raw(&k, v.clone());
        self.methods_changed();
        true
    }

    /// The glob of a name that exists, or that perl makes when it is asked about: punctuation, match variables.
    pub fn gv_or_special(&mut self, name: &[u8], utf8: bool) -> Option<Ptr<Glob>> {
        let short = name.strip_prefix(b"main::").unwrap_or(name);
        let special = match short {
            [b'1'..=b'9', rest @ ..] => rest.iter().all(u8::is_ascii_digit),
            [0..=0x1f, ..] => true,
            [first, rest @ ..] => {
                !first.is_ascii_alphanumeric() && *first < 0x80 && *first != b'_' && rest.is_empty()
            }
            [] => false,
        };
        if special { Some(self.gv(name, utf8)) } else { self.gv_peek(name, utf8) }
    }

    /// Puts what a proxy stands for into its new glob.
    pub(crate) fn expand_proxy(&mut self, g: &Ptr<Glob>, v: &Val) {
        let Some(c) = proxied_sub(v) else { return };
        if !v.is_ref() || v.cv().is_none() {
            c.glob.set(Some(g.clone()));
            if let (Body::Const(_), Some(p)) = (c.body.get(), g.stash.get()) {
                c.package.set(p.clone());
            }
        }
        g.cv.set(Some(c));
    }

    /// `sub name;` or `sub name(PROTO);` of a name that has no entry yet: declared without a glob.
    pub fn declare_proxy(&mut self, name: &[u8], utf8: bool, proto: Option<&[u8]>) -> bool {
        self.set_proxy(name, utf8, |_| proto.map_or(Val::int(-1), |p| Val::str(p, false)))
    }

    /// `sub name () { VALUE }` in package main.
    pub fn constant_proxy(&mut self, name: &[u8], utf8: bool, value: &Val) -> bool {
        self.set_proxy(name, utf8, |vm| {
            let s = Scalar::new(value.clone());
            s.hdr().set(flag::READONLY, true);
            let _ = vm;
            Val::reference(s)
        })
    }

    fn set_proxy(&mut self, name: &[u8], utf8: bool, make: impl FnOnce(&Vm) -> Val) -> bool {
        let Some(Symbol::In(stash, last)) = self.symbol(name, utf8, true) else { return false };
        let k = Key::new(last, utf8);
        if last.is_empty() || stash.exists(&k) {
            return false;
        }
        let v = make(self);
        stash.set_raw(&k, v);
        self.methods_changed();
        true
    }
}

/// A reference that stands for no sub.
pub(crate) fn is_unfit(v: &Val) -> bool {
    v.is_ref() && matches!(v.kind(), Kind::HASH | Kind::IO | Kind::FORMAT)
}

/// The sub a stash entry that is no glob stands for.
pub(crate) fn proxied_sub(v: &Val) -> Option<Ptr<Code>> {
    if v.is_ref() {
        if let Some(c) = v.cv() {
            return Some(c);
        }
        let value = match v.scalar() {
            Some(s) => s.get(),
            None => v.ptr_to_obj(),
        };
        let c = Code::new(Body::Const(value));
        c.set_flag(cvf::CONST, true);
        c.prototype.set(Some(Box::default()));
        return Some(c);
    }
    if v.is_str() || v.is_int() {
        let c = Code::new(Body::None);
        c.prototype.set(v.as_str().map(|s| s.bytes().into()));
        return Some(c);
    }
    None
}
