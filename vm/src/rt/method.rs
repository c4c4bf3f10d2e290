//! Method lookup: the stash of an invocant, UNIVERSAL and AUTOLOAD, perl's errors.

use super::refs::is_glob_ref;
use crate::Vm;
use crate::exc::R;
use keshi_value::obj::Kind;
use keshi_value::val::tag;
use keshi_value::{Code, Glob, Hash, Ptr, Val};

/// `meth.find`: `name` is `method` or `Pkg::method`, kept with its call site's package in the symbol.
pub fn find(vm: &mut Vm, inv: &Val, x: u32, _c: u32) -> R<Val> {
    let linked = vm.frame().linked.clone();
    let short = last_part(&linked.chunk.syms[x as usize].name);
    match vm.method_lookup(inv, short)? {
        Some(c) => Ok(Val::ptr(c)),
        None => Err(vm.no_method(inv, short)?),
    }
}

/// The glob a reference leads to.
fn invoked_glob(inv: &Val) -> Option<Ptr<Glob>> {
    if is_glob_ref(inv) { inv.scalar().and_then(|s| s.peek().gv()) } else { inv.gv() }
}

/// `Foo->…` where `Foo` is a file handle: the invocant is the handle.
pub fn handle(vm: &mut Vm, inv: &Val) -> R<Val> {
    let (name, utf8) = vm.str_bytes(inv)?;
    let full = vm.qualify(&name);
    match vm.gv_find(&full, utf8, false) {
        Some(g) if g.io.get().is_some() => Ok(Val::reference(g)),
        _ => Ok(inv.clone()),
    }
}

/// `bar` of `Foo::bar`.
pub fn last_part(name: &[u8]) -> &[u8] {
    match memchr::memmem::rfind(name, b"::") {
        Some(i) => &name[i + 2..],
        None => name,
    }
}

impl Vm {
    /// Stash of an invocant, with perl's errors for unusable ones.
    pub fn invocant_stash(&mut self, inv: &Val, method: &[u8]) -> R<Option<Ptr<Hash>>> {
        let cannot = |what: &str| format!("Can't call method \"{}\" {what}", String::from_utf8_lossy(method));
        if inv.is_ref() {
            if let Some(s) = inv.hdr().and_then(|h| h.stash().cloned()) {
                if self.is_anonymous_stash(&s) {
                    return Err(self.die_text("Can't use anonymous symbol table for method lookup"));
                }
                return Ok(Some(s));
            }
            // Unblessed file handle references have IO::File's methods.
            if inv.kind() == Kind::IO || invoked_glob(inv).is_some_and(|g| g.io.get().is_some()) {
                return Ok(self.io_class());
            }
            return Err(self.die_text(&cannot("on unblessed reference")));
        }
        if inv.gv().is_some_and(|g| g.io.get().is_some()) {
            return Ok(self.io_class());
        }
        if inv.tag() == tag::GLOB {
            return Err(self.die_text(&cannot("without a package or object reference")));
        }
        if inv.is_undef() {
            return Err(self.die_text(&cannot("on an undefined value")));
        }
        let (b, u) = self.str_bytes(inv)?;
        if b.is_empty() {
            return Err(self.die_text(&cannot("without a package or object reference")));
        }
        let b = b.into_owned();
        let name = b.strip_prefix(b"::").or(b.strip_prefix(b"main::")).unwrap_or(&b);
        // A bareword file handle comes before a class of that name.
        let full = self.qualify(&b);
        if let Some(g) = self.gv_peek(&full, u) {
            if g.io.get().is_some() {
                return Ok(self.io_class());
            }
        }
        Ok(self.stash(name, u, false))
    }

    fn io_class(&mut self) -> Option<Ptr<Hash>> {
        self.stash(b"IO::File", false, true)
    }

    /// Method lookup with UNIVERSAL and AUTOLOAD.
    pub fn method_lookup(&mut self, inv: &Val, method: &[u8]) -> R<Option<Ptr<Code>>> {
        let Some(stash) = self.invocant_stash(inv, method)? else {
            // No such package: only UNIVERSAL can answer.
            let u = self.stash(b"UNIVERSAL", false, true).expect("created");
            if let Some(c) = self.find_method(&u, method)?.filter(|c| c.is_defined()) {
                return Ok(Some(c));
            }
            let (name, class) = (Val::str(method, !method.is_ascii()), self.to_str_val(inv)?);
            return self.autoload_in(&u, &name, &class, true);
        };
        self.method_in_stash(&stash, method)
    }

    pub(crate) fn method_or_autoload(&mut self, stash: &Ptr<Hash>, method: &[u8]) -> R<Option<Ptr<Code>>> {
        if let Some(c) = self.find_method(stash, method)? {
            if c.is_defined() {
                return Ok(Some(c));
            }
            // Declared only: AUTOLOAD of its own package.
            let name = Val::str(method, !method.is_ascii());
            let pkg = self.stash_name(stash);
            if let Some(a) = self.autoload_in(stash, &name, &pkg, true)? {
                return Ok(Some(a));
            }
            return Ok(Some(c));
        }
        let name = Val::str(method, !method.is_ascii());
        let pkg = self.stash_name(stash);
        self.autoload_in(stash, &name, &pkg, true)
    }

    /// `Can't locate object method …`
    pub fn no_method(&mut self, inv: &Val, method: &[u8]) -> R<Box<crate::Exc>> {
        let m = String::from_utf8_lossy(method).into_owned();
        let (class, exists) = match self.blessed_name(inv) {
            Some(n) => (self.text_of(&n)?, true),
            None if inv.is_ref() || inv.tag() == tag::GLOB => ("IO::File".to_string(), true),
            None => {
                let t = self.text_of(inv)?;
                let known = self.stash(t.as_bytes(), !t.is_ascii(), false).is_some();
                (t, known)
            }
        };
        Ok(if exists {
            self.die_text(&format!("Can't locate object method \"{m}\" via package \"{class}\""))
        } else {
            self.die_text(&format!(
                "Can't locate object method \"{m}\" via package \"{class}\" (perhaps you forgot to load \"{class}\"?)"
            ))
        })
    }
}
