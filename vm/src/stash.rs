//! Symbol tables: globs by name.
//!
//! A stash is a hash whose values are GLOB values; nested packages stand under keys that end in `::`.
//! A glob is found when code is linked and keeps its identity; `local` and glob assignment change what is
//! in it.

use crate::Vm;
use crate::exc::R;
use crate::magic::Magic;
use crate::mro::package_name;
use keshi_value::glob::StashInfo;
use keshi_value::hash::Key;
use keshi_value::obj::Obj;
use keshi_value::val::tag;
use keshi_value::{Code, Glob, Hash, Ptr, Val};
use std::sync::atomic::{AtomicU64, Ordering};

/// Bumped whenever a method could resolve differently: a sub is defined or removed, `@ISA` changes.
static METHOD_GEN: AtomicU64 = AtomicU64::new(1);

pub fn method_gen() -> u64 {
    METHOD_GEN.load(Ordering::Relaxed)
}

/// For the value crate: may objects of this class need DESTROY? Unknown counts as yes.
pub fn class_has_destroy(stash: &Ptr<Hash>) -> bool {
    match stash.hdr().ext().and_then(|e| e.stash_info.as_ref()) {
        Some(i) if i.generation == method_gen() => i.destroy != Some(false),
        _ => true,
    }
}

/// Where a name leads.
pub(crate) enum Symbol<'n> {
    /// The glob of a stash (`Foo::`).
    Glob(Ptr<Glob>),
    /// An entry, there or not.
    In(Ptr<Hash>, &'n [u8]),
}

impl Vm {
    pub fn methods_changed(&mut self) {
        METHOD_GEN.fetch_add(1, Ordering::Relaxed);
    }

    /// Splits `A::B::c` (also `A'B'c` if the caller converted it) into stash path and last name.
    fn split_name(name: &[u8]) -> (Vec<&[u8]>, &[u8]) {
        let mut path = Vec::new();
        let mut rest = name;
        while let Some(i) = memchr::memmem::find(rest, b"::") {
            path.push(&rest[..i + 2]);
            rest = &rest[i + 2..];
        }
        (path, rest)
    }

    fn stash_child(&mut self, parent: &Ptr<Hash>, key: &[u8], utf8: bool, create: bool) -> Option<Ptr<Hash>> {
        if key == b"main::" && parent.same(&self.main) {
            return Some(self.main.clone());
        }
        let k = Key::new(key, utf8);
        let found = parent.get(&k).filter(|v| v.tag() == tag::GLOB).and_then(|v| v.gv());
        if let Some(g) = found {
            return match g.hv.get().clone() {
                Some(h) => {
                    if create {
                        self.rename_anonymous(parent, key, utf8, &h);
                    }
                    Some(h)
                }
                None if create => {
                    let h = self.new_stash(parent, key, utf8);
                    g.hv.set(Some(h.clone()));
                    Some(h)
                }
                None => None,
            };
        }
        if !create {
            return None;
        }
        let g = Glob::new(Val::str(key, utf8), self.stash_name(parent));
        let h = self.new_stash(parent, key, utf8);
        g.hv.set(Some(h.clone()));
        parent.set_raw(&k, Val::glob(g));
        Some(h)
    }

    fn child_name(&self, parent: &Ptr<Hash>, key: &Val) -> Val {
        let prefix = if parent.same(&self.main) { Val::bytes("") } else { self.stash_name(parent) };
        package_name(&prefix, key)
    }

    fn new_stash(&mut self, parent: &Ptr<Hash>, key: &[u8], utf8: bool) -> Ptr<Hash> {
        let h = Hash::new();
        let key = Val::str(key, utf8);
        let name = self.child_name(parent, &key);
        h.hdr().ext_mut().stash_info = Some(Box::new(StashInfo { name, ..Default::default() }));
        self.set_magic(&*h, Magic::Stash);
        self.name_new_stash(parent, &key, &h);
        h
    }

    /// A symbol table without a name (`undef %Foo::`, `*Foo:: = {}`) gets that of the place it is used at.
    fn rename_anonymous(&mut self, parent: &Ptr<Hash>, key: &[u8], utf8: bool, h: &Ptr<Hash>) {
        if self.is_stash(h) && !self.is_anonymous_stash(h) || h.same(&self.main) {
            return;
        }
        let name = self.child_name(parent, &Val::str(key, utf8));
        let i = h.hdr().ext_mut().stash_info.get_or_insert_default();
        i.name = name;
        i.anonymous = false;
        self.set_magic(&**h, Magic::Stash);
        self.packages_moved();
    }

    /// Name of a stash, undef for other hashes.
    pub fn stash_name(&self, h: &Hash) -> Val {
        h.hdr().ext().and_then(|e| e.stash_info.as_ref()).map_or(Val::undef(), |i| i.name.clone())
    }

    /// `undef %Foo::`: the symbol table loses its name; objects blessed into it show `__ANON__`.
    pub fn forget_stash_name(&mut self, h: &Ptr<Hash>) {
        if let Some(i) = h.hdr().ext_mut().stash_info.as_mut().filter(|_| !h.same(&self.main)) {
            i.name = Val::bytes("__ANON__");
            i.anonymous = true;
            i.pkg_gen = 0;
            self.methods_changed();
        }
    }

    pub fn is_anonymous_stash(&self, h: &Hash) -> bool {
        h.hdr().ext().and_then(|e| e.stash_info.as_ref()).is_some_and(|i| i.anonymous)
    }

    pub fn is_stash(&self, h: &Hash) -> bool {
        h.hdr().ext().is_some_and(|e| e.stash_info.is_some())
    }

    /// The stash of a package.
    pub fn stash(&mut self, package: &[u8], utf8: bool, create: bool) -> Option<Ptr<Hash>> {
        if package.is_empty() || matches!(package, b"main" | b"::main") {
            return Some(self.main.clone());
        }
        let full = [package, b"::"].concat();
        let (path, last) = Vm::split_name(full.strip_prefix(b"::").unwrap_or(&full));
        let mut h = self.main.clone();
        for p in path {
            h = self.stash_child(&h, p, utf8, create)?;
        }
        // `Foo:` is `:` in `Foo::`.
        if last.is_empty() { Some(h) } else { self.stash_child(&h, last, utf8, create) }
    }

    /// gv_fetchpv with a fully qualified name (a name without `::` is in main).
    pub fn gv(&mut self, name: &[u8], utf8: bool) -> Ptr<Glob> {
        self.gv_find(name, utf8, true).expect("created")
    }
    pub fn gv_str(&mut self, name: &str) -> Ptr<Glob> {
        self.gv(name.as_bytes(), !name.is_ascii())
    }
    pub fn gv_lookup(&mut self, name: &[u8]) -> Option<Ptr<Glob>> {
        self.gv_find(name, !name.is_ascii(), false)
    }

    pub fn gv_find(&mut self, name: &[u8], utf8: bool, create: bool) -> Option<Ptr<Glob>> {
        match self.symbol(name, utf8, create)? {
            Symbol::Glob(g) => Some(g),
            Symbol::In(stash, last) => self.gv_in(&stash, last, utf8, create),
        }
    }

    /// Where a qualified name leads: stashes on the way are made if `create`.
    pub(crate) fn symbol<'n>(&mut self, name: &'n [u8], utf8: bool, create: bool) -> Option<Symbol<'n>> {
        let name = name.strip_prefix(b"::").unwrap_or(name);
        let (path, last) = Vm::split_name(name);
        let mut h = self.main.clone();
        if last.is_empty() && !path.is_empty() {
            // `%Foo::` itself: the glob `*Foo::` in the parent stash.
            let (parents, own) = path.split_at(path.len() - 1);
            for p in parents {
                h = self.stash_child(&h, p, utf8, create)?;
            }
            if own[0] == b"main::" && h.same(&self.main) {
                return self.main_self_glob().map(Symbol::Glob);
            }
            self.stash_child(&h, own[0], utf8, create)?;
            return h.get(&Key::new(own[0], utf8)).and_then(|v| v.gv()).map(Symbol::Glob);
        }
        for p in path {
            h = self.stash_child(&h, p, utf8, create)?;
        }
        Some(Symbol::In(h, last))
    }

    fn main_self_glob(&mut self) -> Option<Ptr<Glob>> {
        let k = Key::ascii("main::");
        if let Some(g) = self.main.get(&k).and_then(|v| v.gv()) {
            return Some(g);
        }
        let g = Glob::new(Val::bytes("main::"), Val::bytes("main"));
        g.hv.set(Some(self.main.clone()));
        self.main.set_raw(&k, Val::glob(g.clone()));
        Some(g)
    }

    /// A glob in a given stash. Punctuation, `ENV`, `STDIN`… of any package are forced to main by the parser.
    pub fn gv_in(&mut self, stash: &Ptr<Hash>, name: &[u8], utf8: bool, create: bool) -> Option<Ptr<Glob>> {
        let k = Key::new(name, utf8);
        let found = stash.get(&k);
        if let Some(v) = &found {
            if let Some(g) = v.gv() {
                if v.tag() == tag::GLOB {
                    return Some(g);
                }
            }
        }
        let core = if found.is_none() { self.core_sub(stash, name) } else { None };
        if found.is_none() && core.is_none() && !create {
            return None;
        }
        let g = Glob::new(Val::str(name, utf8), self.stash_name(stash));
        if let Some(v) = found {
            if crate::proxy::is_unfit(&v) {
                g.set_flag(keshi_value::glob::gvf::UNFIT);
                return Some(g);
            }
            self.expand_proxy(&g, &v);
        }
        if let Some(c) = core {
            c.glob.set(Some(g.clone()));
            g.cv.set(Some(c));
        }
        stash.set_raw(&k, Val::glob(g.clone()));
        if stash.same(&self.main) {
            self.init_special(&g, name);
        } else if name == b"ISA" {
            self.init_isa(&g);
        }
        Some(g)
    }

    /// The builtin of that name, if the stash is `%CORE::`.
    fn core_sub(&mut self, stash: &Hash, name: &[u8]) -> Option<Ptr<Code>> {
        let here = self.stash_name(stash);
        if here.as_str().is_none_or(|s| s.bytes() != b"CORE") {
            return None;
        }
        let name = std::str::from_utf8(name).ok()?;
        let c = self.compiler.clone()?;
        c.core_sub(self, name).ok().flatten()
    }

    /// `main::foo` of a glob.
    pub fn glob_full_name(&self, g: &Glob) -> Vec<u8> {
        let mut out = match g.stash.get() {
            Some(p) => p.as_str().map(|s| s.bytes().to_vec()).unwrap_or_else(|| b"main".to_vec()),
            None => b"__ANON__".to_vec(),
        };
        out.extend_from_slice(b"::");
        if let Some(n) = g.name.as_str() {
            out.extend_from_slice(n.bytes());
        }
        out
    }

    /// Name a glob goes by: that of the glob its body was made for.
    pub fn glob_effective_name(&self, g: &Glob) -> Vec<u8> {
        match g.egv() {
            Some(e) => self.glob_full_name(&e),
            None => self.glob_full_name(g),
        }
    }

    /// `main::foo` of a sub, if it has a name.
    pub fn sub_full_name(&self, c: &Code) -> Option<String> {
        if let Some(g) = c.glob.get() {
            return Some(String::from_utf8_lossy(&self.glob_full_name(g)).into_owned());
        }
        let p = c.package.get().as_str().map(|s| String::from_utf8_lossy(s.bytes()).into_owned());
        let n = c.name.get().as_str().map(|s| String::from_utf8_lossy(s.bytes()).into_owned());
        match (p, n) {
            (Some(p), Some(n)) => Some(format!("{p}::{n}")),
            (Some(p), None) => Some(format!("{p}::__ANON__")),
            _ => None,
        }
    }

    /// AUTOLOAD for a declared but undefined sub, or perl's "Undefined subroutine".
    pub fn autoload_for(&mut self, code: &Ptr<Code>) -> R<Ptr<Code>> {
        let name = self.sub_full_name(code);
        if let Some(g) = code.glob.get().clone() {
            // The glob may have been redefined after this reference was taken.
            if let Some(c) = g.cv.get().clone() {
                if !c.same(code) && c.is_defined() {
                    return Ok(c);
                }
            }
            if let Some(p) = g.stash.get().clone() {
                let (b, u) = self.str_bytes(&p)?;
                if let Some(stash) = self.stash(&b, u, false) {
                    if let Some(auto) = self.autoload_in(&stash, &g.name.clone(), &p, false)? {
                        return Ok(auto);
                    }
                    if let (Some(_), Some(n)) = (self.find_method(&stash, b"AUTOLOAD")?, &name) {
                        return Err(self.die_text(&format!(
                            "Use of inherited AUTOLOAD for non-method {n}() is no longer allowed"
                        )));
                    }
                }
            }
        }
        match name {
            Some(n) if !n.ends_with("::__ANON__") => {
                Err(self.die_text(&format!("Undefined subroutine &{n} called")))
            }
            _ => Err(self.die_text("Undefined subroutine called")),
        }
    }

    /// Finds AUTOLOAD in the class (methods: inherited) and sets `$AUTOLOAD` to `package::name`.
    pub fn autoload_in(
        &mut self,
        stash: &Ptr<Hash>,
        name: &Val,
        package: &Val,
        method: bool,
    ) -> R<Option<Ptr<Code>>> {
        let auto = if method {
            self.find_method(stash, b"AUTOLOAD")?
        } else {
            self.gv_in(stash, b"AUTOLOAD", false, false).and_then(|g| g.cv.get().clone())
        };
        let Some(auto) = auto.filter(|a| a.is_defined()) else { return Ok(None) };
        let home = match auto.glob.get() {
            Some(g) => g.stash.get().clone().unwrap_or_default(),
            None => auto.package.get().clone(),
        };
        let (hb, _) = self.str_bytes_quiet(&home)?;
        let gname = [&hb[..], b"::AUTOLOAD"].concat();
        let g = self.gv(&gname, !gname.is_ascii());
        let (pb, pu) = self.str_bytes_quiet(package)?;
        let (nb, nu) = self.str_bytes_quiet(name)?;
        let full = [&pb[..], b"::", &nb[..]].concat();
        let s = g.scalar().clone();
        self.set_sv(&s, Val::str(&full, pu || nu))?;
        Ok(Some(auto))
    }

    /// Marks a glob slot as imported when it is assigned from another package.
    pub fn mark_imported(&mut self, g: &Glob, bit: u8) {
        let here = self.here().package;
        if g.stash.get().as_ref().and_then(|p| p.as_str().map(|s| s.bytes() != &here[..])).unwrap_or(false) {
            g.set_flag(bit);
        }
    }
}
