//! Symbol tables: globs by name, classes, method resolution.
//!
//! A stash is a hash whose values are GLOB values; nested packages stand under keys that end in `::`.
//! A glob is found when code is linked and keeps its identity; `local` and glob assignment change what is
//! in it.

use crate::Vm;
use crate::exc::R;
use keshi_value::glob::{StashInfo, gvf};
use keshi_value::hash::Key;
use keshi_value::obj::Obj;
use keshi_value::val::tag;
use keshi_value::{Code, Glob, Hash, Ptr, Val};
use std::rc::Rc;
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
        if let Some(v) = parent.get(&k) {
            if let Some(g) = v.as_gv() {
                if let Some(h) = g.hv.get() {
                    return Some(h.clone());
                }
                if create {
                    let h = self.new_stash(parent, key, utf8);
                    g.hv.set(Some(h.clone()));
                    return Some(h);
                }
                return None;
            }
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

    fn new_stash(&mut self, parent: &Ptr<Hash>, key: &[u8], utf8: bool) -> Ptr<Hash> {
        let h = Hash::new();
        let own = &key[..key.len() - 2];
        let full = if parent.same(&self.main) {
            own.to_vec()
        } else {
            let mut p = self.stash_name(parent).as_str().map(|s| s.bytes().to_vec()).unwrap_or_default();
            p.extend_from_slice(b"::");
            p.extend_from_slice(own);
            p
        };
        h.hdr().ext_mut().stash_info =
            Some(Box::new(StashInfo { name: Val::str(&full, utf8), ..Default::default() }));
        h
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
        let package = package.strip_prefix(b"::").unwrap_or(package);
        if package.is_empty() || package == b"main" {
            return Some(self.main.clone());
        }
        let mut full = package.to_vec();
        full.extend_from_slice(b"::");
        let (path, _) = Vm::split_name(&full);
        let mut h = self.main.clone();
        for p in path {
            h = self.stash_child(&h, p, utf8, create)?;
        }
        Some(h)
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

    // ---- classes

    /// Package name an invocant is blessed into.
    pub fn blessed_name(&self, v: &Val) -> Option<Val> {
        if !v.is_ref() {
            return None;
        }
        let s = v.hdr()?.stash()?;
        Some(self.stash_name(s))
    }

    /// Stash to look methods up in: of the object, or of the class named by a string.
    pub fn class_of(&mut self, v: &Val) -> Option<Ptr<Hash>> {
        if let Some(h) = v.hdr().filter(|_| v.is_ref()) {
            return h.stash().cloned();
        }
        if v.tag() == tag::STR {
            let s = v.as_str().expect("STR");
            let b = s.bytes();
            let b = b.strip_prefix(b"main::").unwrap_or(b);
            return self.stash(b, s.utf8(), false);
        }
        None
    }

    #[allow(clippy::mut_from_ref)]
    fn info<'a>(&self, stash: &'a Ptr<Hash>) -> &'a mut StashInfo {
        let e = stash.hdr().ext_mut();
        let i = e.stash_info.get_or_insert_with(Default::default);
        let generation = method_gen();
        if i.generation != generation {
            i.generation = generation;
            i.methods.clear();
            i.mro = None;
            i.destroy = None;
            i.overload = None;
        }
        i
    }

    /// Linearised inheritance, the class itself first.
    pub fn mro(&mut self, stash: &Ptr<Hash>) -> R<Rc<[Val]>> {
        if let Some(m) = &self.info(stash).mro {
            return Ok(m.clone());
        }
        let name = self.stash_name(stash);
        let c3 = self.info(stash).use_c3;
        let list = if c3 { self.mro_c3(&name, 0)? } else { self.mro_dfs(&name)? };
        let m: Rc<[Val]> = list.into();
        self.info(stash).mro = Some(m.clone());
        Ok(m)
    }

    /// Linearisation by a given rule, whatever the class uses.
    pub fn mro_by(&mut self, stash: &Ptr<Hash>, c3: bool) -> R<Vec<Val>> {
        let name = self.stash_name(stash);
        if c3 { self.mro_c3(&name, 0) } else { self.mro_dfs(&name) }
    }

    fn parents(&mut self, class: &Val) -> R<Vec<Val>> {
        let Some(s) = class.as_str() else { return Ok(Vec::new()) };
        let Some(stash) = self.stash(s.bytes(), s.utf8(), false) else { return Ok(Vec::new()) };
        let Some(g) = self.gv_in(&stash, b"ISA", false, false) else { return Ok(Vec::new()) };
        let Some(isa) = g.av.get().clone() else { return Ok(Vec::new()) };
        let mut out = Vec::new();
        for i in 0..isa.len() {
            let v = isa.get(i).unwrap_or_default();
            if v.is_undef() {
                continue;
            }
            let v = self.to_str_val(&v)?;
            let b = v.as_str().map(|s| s.bytes().to_vec()).unwrap_or_default();
            let u = v.as_str().is_some_and(|s| s.utf8());
            let b = b.strip_prefix(b"main::").or(b.strip_prefix(b"::")).unwrap_or(&b);
            out.push(Val::str(b, u));
        }
        Ok(out)
    }

    fn mro_dfs(&mut self, class: &Val) -> R<Vec<Val>> {
        let mut out: Vec<Val> = Vec::new();
        let mut work = vec![(class.clone(), 0usize)];
        while let Some((c, depth)) = work.pop() {
            if depth > 100 {
                let n = self.text_of(class)?;
                return Err(self.die_text(&format!("Recursive inheritance detected in package '{n}'")));
            }
            if out.iter().any(|o| same_name(o, &c)) {
                continue;
            }
            let ps = self.parents(&c)?;
            out.push(c);
            for p in ps.into_iter().rev() {
                work.push((p, depth + 1));
            }
        }
        Ok(out)
    }

    fn mro_c3(&mut self, class: &Val, depth: usize) -> R<Vec<Val>> {
        let n = self.text_of(class)?;
        if depth > 100 {
            return Err(self.die_text(&format!("Recursive inheritance detected in package '{n}'")));
        }
        let parents = self.parents(class)?;
        let mut seqs: Vec<Vec<Val>> = Vec::new();
        for p in &parents {
            seqs.push(self.mro_c3(p, depth + 1)?);
        }
        seqs.push(parents);
        let mut out = vec![class.clone()];
        loop {
            seqs.retain(|s| !s.is_empty());
            if seqs.is_empty() {
                return Ok(out);
            }
            let cand = seqs
                .iter()
                .map(|s| s[0].clone())
                .find(|c| !seqs.iter().any(|s| s[1..].iter().any(|x| same_name(x, c))));
            let Some(c) = cand else {
                let merged = self.c3_failure(class, &out, &seqs)?;
                return Err(self.die_text(&merged));
            };
            for s in &mut seqs {
                if same_name(&s[0], &c) {
                    s.remove(0);
                }
            }
            out.push(c);
        }
    }

    fn c3_failure(&mut self, class: &Val, out: &[Val], seqs: &[Vec<Val>]) -> R<String> {
        let name = self.text_of(class)?;
        let mut m =
            format!("Inconsistent hierarchy during C3 merge of class '{name}':\n\tcurrent merge results [\n");
        for o in out {
            m.push_str(&format!("\t\t{},\n", self.text_of(o)?));
        }
        let bad = self.text_of(&seqs[0][0])?;
        m.push_str(&format!("\t]\n\tmerging failed on '{bad}'"));
        Ok(m)
    }

    /// Method lookup along the MRO and in UNIVERSAL, cached per class. No AUTOLOAD.
    pub fn find_method(&mut self, stash: &Ptr<Hash>, name: &[u8]) -> R<Option<Ptr<Code>>> {
        if let Some(hit) = self.info(stash).methods.get(name) {
            return Ok(hit.clone());
        }
        let mut found = None;
        for class in self.mro(stash)?.iter() {
            found = self.sub_in_class(class, name);
            if found.is_some() {
                break;
            }
        }
        if found.is_none() {
            found = self.sub_in_class(&Val::bytes("UNIVERSAL"), name);
            if found.is_none() {
                if let Some(u) = self.stash(b"UNIVERSAL", false, false) {
                    if !u.same(stash) {
                        for class in self.mro(&u)?.iter().skip(1) {
                            found = self.sub_in_class(class, name);
                            if found.is_some() {
                                break;
                            }
                        }
                    }
                }
            }
        }
        if name == b"DESTROY" {
            let destroys = found.is_some() || self.find_method(stash, b"AUTOLOAD")?.is_some();
            self.info(stash).destroy = Some(destroys);
        }
        self.info(stash).methods.insert(name.into(), found.clone());
        Ok(found)
    }

    /// The sub `class::name` if declared or defined.
    pub fn sub_in_class(&mut self, class: &Val, name: &[u8]) -> Option<Ptr<Code>> {
        let s = class.as_str()?;
        let stash = self.stash(s.bytes(), s.utf8(), false)?;
        let g = self.gv_in(&stash, name, !name.is_ascii(), false)?;
        g.cv.get().clone()
    }

    /// Does the class derive from `base` (including itself)?
    pub fn derives_from(&mut self, stash: &Ptr<Hash>, base: &[u8]) -> R<bool> {
        let base = base.strip_prefix(b"main::").or(base.strip_prefix(b"::")).unwrap_or(base);
        Ok(self.mro(stash)?.iter().any(|c| c.as_str().is_some_and(|s| s.bytes() == base)))
    }

    /// Cached "class has overloading".
    #[allow(clippy::mut_from_ref)]
    pub fn overload_cache<'a>(&self, stash: &'a Ptr<Hash>) -> &'a mut Option<bool> {
        &mut self.info(stash).overload
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
        if bit == gvf::IMPORTED_CV {
            self.methods_changed();
        }
    }
}

fn same_name(a: &Val, b: &Val) -> bool {
    match (a.as_str(), b.as_str()) {
        (Some(a), Some(b)) => a.bytes() == b.bytes(),
        _ => false,
    }
}
