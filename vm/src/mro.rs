//! Classes: what an invocant is blessed into, effective package names, linearised `@ISA`, method lookup.
//!
//! A linearisation is a list of package *names*, the canonical (effective) name of each stash: a stash keeps
//! the name it was made with for as long as that name leads to it; when packages are aliased, replaced or
//! deleted, the names of all stashes are taken anew from the symbol table at the next question (`moves`
//! counts such changes). Caches are valid for one value of the global method generation.

use crate::Vm;
use crate::exc::R;
use crate::stash::method_gen;
use keshi_value::glob::StashInfo;
use keshi_value::hash::Key;
use keshi_value::obj::Obj;
use keshi_value::{Array, Code, Glob, Hash, Ptr, Val};
use std::collections::{HashMap, VecDeque};
use std::rc::Rc;
use std::sync::atomic::{AtomicU64, Ordering};

/// Bumped whenever a stash gets or loses a place in the symbol table other than by being made.
static MOVES: AtomicU64 = AtomicU64::new(0);

/// Inheritance deeper than this is taken for recursive.
const MAX_DEPTH: usize = 100;
/// Names one stash is known by at most: tables that contain each other would give it any number.
const MAX_NAMES: usize = 8;

impl Vm {
    /// Stashes changed places: method caches and effective names are stale.
    pub fn packages_moved(&mut self) {
        MOVES.fetch_add(1, Ordering::Relaxed);
        self.methods_changed();
    }

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
        let s = v.as_str()?;
        let b = s.bytes();
        let b = b.strip_prefix(b"main::").unwrap_or(b);
        self.stash(b, s.utf8(), false)
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

    // ---- names of packages

    /// Every stash that can be reached, each with the names that lead to it.
    fn packages(&mut self) -> Vec<(Ptr<Hash>, Vec<Val>)> {
        let mut found: Vec<(Ptr<Hash>, Vec<Val>)> = vec![(self.main.clone(), vec![Val::bytes("main")])];
        let mut index: HashMap<*const Hash, usize> = HashMap::from([(self.main.as_ptr(), 0)]);
        let mut queue = VecDeque::from([(self.main.clone(), Val::bytes(""))]);
        while let Some((stash, prefix)) = queue.pop_front() {
            let children: Vec<(Val, Ptr<Hash>)> = stash
                .entries()
                .filter(|e| is_stash_key(e.key_bytes()))
                .filter_map(|e| Some((e.key_val(), e.raw().resolve().gv()?.hv.get().clone()?)))
                .collect();
            for (key, child) in children {
                if child.same(&self.main) {
                    continue;
                }
                let name = package_name(&prefix, &key);
                let at = *index.entry(child.as_ptr()).or_insert_with(|| {
                    found.push((child.clone(), Vec::new()));
                    found.len() - 1
                });
                let names = &mut found[at].1;
                if names.len() < MAX_NAMES {
                    names.push(name.clone());
                    queue.push_back((child, name));
                }
            }
        }
        found
    }

    /// Gives all reachable stashes their effective names: those they had and still have come first.
    fn name_packages(&mut self, moves: u64) {
        for (stash, mut names) in self.packages() {
            let i = self.info(&stash);
            let had = if i.enames.is_empty() { vec![i.name.clone()] } else { std::mem::take(&mut i.enames) };
            let (mut kept, mut rest) = (Vec::new(), Vec::new());
            for o in had {
                if let Some(at) = names.iter().position(|n| same_name(n, &o)) {
                    kept.push(names.remove(at));
                }
            }
            rest.append(&mut names);
            kept.append(&mut rest);
            let i = self.info(&stash);
            i.enames = kept;
            i.enames_at = moves;
        }
        self.named_at = moves;
    }

    /// A stash just made under `parent`: it has a name for each name of the parent.
    pub(crate) fn name_new_stash(&mut self, parent: &Ptr<Hash>, key: &Val, new: &Ptr<Hash>) {
        let moves = MOVES.load(Ordering::Relaxed);
        if moves == 0 || self.named_at != moves || self.info(parent).enames_at != moves {
            return;
        }
        let main = parent.same(&self.main);
        let prefixes = if main { vec![Val::bytes("")] } else { self.info(parent).enames.clone() };
        let i = self.info(new);
        i.enames = prefixes.iter().map(|p| package_name(p, key)).collect();
        i.enames_at = moves;
    }

    /// The canonical one of the names that lead to a stash now (HvENAME); `None` if none does.
    pub fn effective_name(&mut self, stash: &Ptr<Hash>) -> Option<Val> {
        let moves = MOVES.load(Ordering::Relaxed);
        if moves == 0 {
            return Some(self.stash_name(stash)).filter(|n| !n.is_undef());
        }
        if self.named_at != moves {
            self.name_packages(moves);
        }
        let i = self.info(stash);
        if i.enames_at == moves { i.enames.first().cloned() } else { None }
    }

    /// Effective name, or the name it was made with if nothing leads to it any more.
    fn class_name(&mut self, stash: &Ptr<Hash>) -> Val {
        match self.effective_name(stash) {
            Some(n) => n,
            None => self.stash_name(stash),
        }
    }

    // ---- linearisation

    /// Linearised inheritance, the class itself first.
    pub fn mro(&mut self, stash: &Ptr<Hash>) -> R<Rc<[Val]>> {
        if let Some(m) = &self.info(stash).mro {
            return Ok(m.clone());
        }
        let c3 = self.info(stash).use_c3;
        let m: Rc<[Val]> = self.mro_by(stash, c3)?.into();
        self.info(stash).mro = Some(m.clone());
        Ok(m)
    }

    /// Linearisation by a given rule, whatever the class uses.
    pub fn mro_by(&mut self, stash: &Ptr<Hash>, c3: bool) -> R<Vec<Val>> {
        if c3 {
            return self.mro_c3(stash, 0);
        }
        let mut out = Vec::new();
        self.mro_dfs(stash, &mut Vec::new(), &mut out)?;
        Ok(out)
    }

    /// The classes in `@ISA`; one that does not exist has a name only.
    fn parents(&mut self, stash: &Ptr<Hash>) -> R<Vec<(Val, Option<Ptr<Hash>>)>> {
        let Some(g) = self.gv_in(stash, b"ISA", false, false) else { return Ok(Vec::new()) };
        let Some(isa) = g.av.get().clone() else { return Ok(Vec::new()) };
        let mut out = Vec::new();
        for i in 0..isa.len() {
            let v = isa.get(i).unwrap_or_default();
            let v = if v.is_undef() { Val::bytes("main") } else { self.to_str_val(&v)? };
            let Some(s) = v.as_str() else { continue };
            let b = s.bytes();
            let b = b.strip_prefix(b"main::").or(b.strip_prefix(b"::")).unwrap_or(b);
            out.push(match self.stash(b, s.utf8(), false) {
                Some(st) => (self.class_name(&st), Some(st)),
                None => (Val::str(b, s.utf8()), None),
            });
        }
        Ok(out)
    }

    /// `path` are the classes from the one asked about down to the child of this one.
    fn mro_dfs(&mut self, stash: &Ptr<Hash>, path: &mut Vec<(Ptr<Hash>, Val)>, out: &mut Vec<Val>) -> R<()> {
        let name = self.class_name(stash);
        if let Some(start) = path.iter().position(|(s, _)| s.same(stash)) {
            // Who goes on reaches the limit at this class of the circle.
            let circle = path.len() - start;
            let at = start + (MAX_DEPTH + 1 - start) % circle;
            return Err(self.recursive_inheritance(&path[at].1.clone()));
        }
        if path.len() > MAX_DEPTH {
            return Err(self.recursive_inheritance(&name));
        }
        if out.iter().any(|o| same_name(o, &name)) {
            return Ok(());
        }
        out.push(name.clone());
        path.push((stash.clone(), name));
        for (parent, st) in self.parents(stash)? {
            match st {
                Some(st) => self.mro_dfs(&st, path, out)?,
                None if out.iter().any(|o| same_name(o, &parent)) => {}
                None => out.push(parent),
            }
        }
        path.pop();
        Ok(())
    }

    fn recursive_inheritance(&mut self, name: &Val) -> Box<crate::Exc> {
        match self.text_of(name) {
            Ok(n) => self.die_text(&format!("Recursive inheritance detected in package '{n}'")),
            Err(e) => e,
        }
    }

    fn mro_c3(&mut self, stash: &Ptr<Hash>, depth: usize) -> R<Vec<Val>> {
        let class = self.class_name(stash);
        if depth > MAX_DEPTH {
            return Err(self.recursive_inheritance(&class));
        }
        let parents = self.parents(stash)?;
        let mut seqs: Vec<Vec<Val>> = Vec::new();
        for (name, st) in &parents {
            seqs.push(match st {
                Some(st) => self.mro_c3(st, depth + 1)?,
                None => vec![name.clone()],
            });
        }
        seqs.push(parents.into_iter().map(|p| p.0).collect());
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
                let merged = self.c3_failure(&class, &out, &seqs)?;
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

    /// `@ISA` of these packages changed: a class that inherits from itself is an error there and then.
    pub(crate) fn isa_changed(&mut self, isa: &Ptr<Array>, packages: &[Val]) -> R<()> {
        self.methods_changed();
        for p in packages {
            let Some(s) = p.as_str() else { continue };
            let Some(stash) = self.stash(s.bytes(), s.utf8(), false) else { continue };
            let here = self.gv_in(&stash, b"ISA", false, false).and_then(|g| g.av.get().clone());
            if here.is_some_and(|a| a.same(isa)) {
                self.info(&stash).pkg_gen += 1;
                self.mro(&stash)?;
            }
        }
        Ok(())
    }

    /// Packages that derive from the class of that name, the class itself not among them.
    pub fn subclasses(&mut self, class: &Val) -> R<Vec<Val>> {
        let mut out = Vec::new();
        for (stash, _) in self.packages() {
            let list = self.mro(&stash)?;
            if list[1..].iter().any(|c| same_name(c, class)) && !same_name(&list[0], class) {
                out.push(list[0].clone());
            }
        }
        Ok(out)
    }

    // ---- methods

    /// Method lookup along the MRO and in UNIVERSAL, cached per class. No AUTOLOAD.
    pub fn find_method(&mut self, stash: &Ptr<Hash>, name: &[u8]) -> R<Option<Ptr<Code>>> {
        if let Some(hit) = self.info(stash).methods.get(name) {
            return Ok(hit.clone());
        }
        let mut found = self.sub_in_stash(stash, name);
        if found.is_none() {
            found = self.inherited_sub(stash, name)?;
        }
        if found.is_none() {
            if let Some(u) = self.stash(b"UNIVERSAL", false, false).filter(|u| !u.same(stash)) {
                found = self.sub_in_stash(&u, name);
                if found.is_none() {
                    found = self.inherited_sub(&u, name)?;
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

    /// The sub as the classes above this one have it.
    fn inherited_sub(&mut self, stash: &Ptr<Hash>, name: &[u8]) -> R<Option<Ptr<Code>>> {
        for class in self.mro(stash)?.iter().skip(1) {
            if let Some(c) = self.sub_in_class(class, name) {
                return Ok(Some(c));
            }
        }
        Ok(None)
    }

    /// The sub `class::name` if declared or defined.
    pub fn sub_in_class(&mut self, class: &Val, name: &[u8]) -> Option<Ptr<Code>> {
        let s = class.as_str()?;
        let stash = self.stash(s.bytes(), s.utf8(), false)?;
        self.sub_in_stash(&stash, name)
    }

    fn sub_in_stash(&mut self, stash: &Ptr<Hash>, name: &[u8]) -> Option<Ptr<Code>> {
        let g = self.gv_in(stash, name, !name.is_ascii(), false)?;
        g.cv.get().clone()
    }

    /// Does the class derive from `base` (including itself)? All do from UNIVERSAL and what that derives from.
    pub fn derives_from(&mut self, stash: &Ptr<Hash>, base: &[u8]) -> R<bool> {
        let base = base.strip_prefix(b"main::").or(base.strip_prefix(b"::")).unwrap_or(base);
        if base == b"UNIVERSAL" || self.has_ancestor(stash, base)? {
            return Ok(true);
        }
        match self.stash(b"UNIVERSAL", false, false) {
            Some(u) if !u.same(stash) => self.has_ancestor(&u, base),
            _ => Ok(false),
        }
    }

    fn has_ancestor(&mut self, stash: &Ptr<Hash>, base: &[u8]) -> R<bool> {
        let list = self.mro(stash)?;
        if list.iter().any(|c| c.as_str().is_some_and(|s| s.bytes() == base)) {
            return Ok(true);
        }
        // The name may be one of several of a class.
        let Some(named) = self.stash(base, !base.is_ascii(), false) else { return Ok(false) };
        let Some(canonical) = self.effective_name(&named) else { return Ok(named.same(stash)) };
        Ok(list.iter().any(|c| same_name(c, &canonical)))
    }

    /// Cached "class has overloading".
    #[allow(clippy::mut_from_ref)]
    pub fn overload_cache<'a>(&self, stash: &'a Ptr<Hash>) -> &'a mut Option<bool> {
        &mut self.info(stash).overload
    }

    /// A glob has another sub, or none any more.
    pub fn glob_sub_replaced(&mut self, g: &Ptr<Glob>) {
        match g.stash.get().clone() {
            Some(package) => self.methods_changed_in(&package),
            None => self.methods_changed(),
        }
    }

    /// A sub of the package was defined, replaced or removed.
    pub fn methods_changed_in(&mut self, package: &Val) {
        self.methods_changed();
        let Some(s) = package.as_str() else { return };
        if let Some(stash) = self.stash(s.bytes(), s.utf8(), false) {
            self.info(&stash).pkg_gen += 1;
        }
    }

    /// How often subs or `@ISA` of the package changed.
    pub fn package_generation(&mut self, stash: &Ptr<Hash>) -> u64 {
        self.info(stash).pkg_gen + 1
    }
}

/// Is an entry of that name a place for a symbol table?
pub(crate) fn is_stash_key(key: &[u8]) -> bool {
    key.ends_with(b"::") || key == b":"
}

/// `Foo::Bar` of `Foo` and the stash key `Bar::`.
pub(crate) fn package_name(prefix: &Val, key: &Val) -> Val {
    if prefix.as_str().is_none_or(|p| p.bytes().is_empty()) {
        let Some(k) = key.as_str() else { return Val::undef() };
        return Val::str(k.bytes().strip_suffix(b"::").unwrap_or(k.bytes()), k.utf8());
    }
    // `a:` stands under `:` in `a::`, so the separator is what ends the whole, not what ends the key.
    let full = join_names(prefix, key);
    full.as_str().map_or(Val::undef(), |s| Val::str(&s.bytes()[..s.bytes().len() - 2], s.utf8()))
}

/// `a::b`, the parts in either encoding.
pub(crate) fn join_names(prefix: &Val, key: &Val) -> Val {
    let empty = (Vec::new(), false);
    let (p, pu) = prefix.as_str().map_or(empty.clone(), |s| (s.bytes().to_vec(), s.utf8()));
    let (k, ku) = key.as_str().map_or(empty, |s| (s.bytes().to_vec(), s.utf8()));
    let (mut p, k) = match (pu, ku) {
        (true, false) => (p, keshi_text::utf8::upgrade(&k).into_owned()),
        (false, true) => (keshi_text::utf8::upgrade(&p).into_owned(), k),
        _ => (p, k),
    };
    p.extend_from_slice(b"::");
    p.extend_from_slice(&k);
    Val::str(&p, pu || ku)
}

/// Are two names the same as sequences of characters?
fn same_name(a: &Val, b: &Val) -> bool {
    match (a.as_str(), b.as_str()) {
        (Some(a), Some(b)) if a.utf8() == b.utf8() => a.bytes() == b.bytes(),
        (Some(a), Some(b)) => {
            let (a, b) = (Key::new(a.bytes(), a.utf8()), Key::new(b.bytes(), b.utf8()));
            a.bytes == b.bytes && a.utf8 == b.utf8
        }
        _ => false,
    }
}
