//! Hashes as Perl code sees them: tied and restricted ones, symbol tables, `%^H`, `%ENV` and `${^HOOK}` behind their
//! elements. All runtime functions that touch user hashes go through these methods (arrays: [`super::container`]).
use super::Magic;
use crate::Vm;
use crate::exc::{R, Want};
use keshi_value::hash::Key;
use keshi_value::obj::{Obj, flag};
use keshi_value::val::{meta, tag};
use keshi_value::{Hash, Ptr, Scalar, Val};

impl Vm {
    fn key_parts(&mut self, k: &Val) -> R<(Vec<u8>, bool)> {
        let (b, u) = self.str_bytes(k)?;
        Ok((b.into_owned(), u))
    }

    pub fn hv_get(&mut self, h: &Ptr<Hash>, k: &Val) -> R<Val> {
        if h.hdr().is_magical() {
            if let Some(v) = self.magic_hv_get(h, k)? {
                return Ok(v);
            }
        }
        let found = match k.as_str() {
            Some(s) => h.raw(&Key::new(s.bytes(), s.utf8())).cloned(),
            None => {
                let (b, u) = self.key_parts(k)?;
                h.raw(&Key::new(&b, u)).cloned()
            }
        };
        match found {
            Some(v) if v.tag() < keshi_value::tag::IND => Ok(v),
            Some(v) => self.read(&v),
            None if h.hdr().has(flag::READONLY) => {
                let (b, u) = self.key_parts(k)?;
                match self.placeholders(h) {
                    Some(p) if p.0.contains(&(b.to_vec(), u)) => {}
                    _ => self.restricted_check(h, k, "access disallowed key")?,
                }
                Ok(Val::undef())
            }
            None => Ok(Val::undef()),
        }
    }

    fn magic_hv_get(&mut self, h: &Ptr<Hash>, k: &Val) -> R<Option<Val>> {
        match self.magic_of(&**h) {
            Some(Magic::Tied(obj)) => Ok(Some(self.tied_call(&obj, "FETCH", vec![k.clone()])?)),
            Some(Magic::Captures(all)) => crate::rt::regex::named_capture(self, k, all).map(Some),
            Some(Magic::Errno) => crate::rt::sys::errno_hash_get(self, k).map(Some),
            _ => Ok(None),
        }
    }

    /// The keys a restricted hash allows but does not have.
    pub fn placeholders<'a>(&self, h: &'a Hash) -> Option<&'a mut Placeholders> {
        let e = h.hdr().ext().map(|_| h.hdr().ext_mut())?;
        e.magic.iter_mut().find_map(|m| m.downcast_mut::<Placeholders>())
    }

    fn add_placeholder(&self, h: &Hash, key: &[u8], utf8: bool) {
        if self.placeholders(h).is_none() {
            h.hdr().ext_mut().magic.push(Box::new(Placeholders::default()));
        }
        if let Some(p) = self.placeholders(h) {
            p.0.insert((key.to_vec(), utf8));
        }
    }

    /// A key that is about to be made in a restricted hash must be one of those it allows.
    fn claim_key(&mut self, h: &Ptr<Hash>, k: &Val, key: &[u8], utf8: bool) -> R<()> {
        if let Some(p) = self.placeholders(h) {
            if p.0.remove(&(key.to_vec(), utf8)) {
                return Ok(());
            }
        }
        self.restricted_check(h, k, "access disallowed key")
    }

    /// Deletion from a restricted hash leaves a placeholder; read-only values stay.
    fn delete_restricted(&mut self, h: &Ptr<Hash>, k: &Val, key: &[u8], utf8: bool) -> R<()> {
        match h.raw(&Key::new(key, utf8)) {
            Some(v) => {
                let fixed = match v.alias_cell() {
                    Some(s) => s.is_readonly(),
                    None => v.meta & keshi_value::val::meta::READONLY != 0,
                };
                if fixed {
                    return self.restricted_check(h, k, "delete readonly key");
                }
                self.add_placeholder(h, key, utf8);
                Ok(())
            }
            None if self.placeholders(h).is_some_and(|p| p.0.contains(&(key.to_vec(), utf8))) => Ok(()),
            None => self.restricted_check(h, k, "delete disallowed key"),
        }
    }

    fn restricted_check(&mut self, h: &Ptr<Hash>, k: &Val, what: &str) -> R<()> {
        if !h.hdr().has(flag::READONLY) {
            return Ok(());
        }
        let t = self.text_of(k)?;
        Err(self.die_text(&format!(
            "Attempt to {what} '{t}' {} a restricted hash",
            if what.starts_with("delete") { "from" } else { "in" }
        )))
    }

    pub fn hv_set(&mut self, h: &Ptr<Hash>, k: &Val, v: Val) -> R<()> {
        if h.hdr().is_magical() {
            if let Some(Magic::Tied(obj)) = self.magic_of(&**h) {
                return self.tied_call(&obj, "STORE", vec![k.clone(), v]).map(drop);
            }
            if let Some(Magic::Captures(_)) = self.magic_of(&**h) {
                return Err(self.die_text("Modification of a read-only value attempted"));
            }
        }
        let (b, u) = match k.as_str() {
            Some(s) => (s.bytes().to_vec(), s.utf8()),
            None => self.key_parts(k)?,
        };
        let key = Key::new(&b, u);
        if h.hdr().has(flag::READONLY) && !h.exists(&key) {
            self.claim_key(h, k, &b, u)?;
        }
        if h.hdr().is_magical() && self.is_stash(h) {
            return self.stash_entry_set(h, &key, v);
        }
        let mut v = crate::rt::glob::copied(v);
        if h.hdr().is_magical() && matches!(self.magic_of(&**h), Some(Magic::Env)) {
            v = crate::rt::sys::env_value(self, key.utf8, &v)?;
        }
        match h.raw(&key) {
            Some(e) if e.is_alias() => {
                let s = h.elem_cell(&key);
                self.set_sv(&s, v.clone())?;
            }
            _ => h.set_raw(&key, v.clone()),
        }
        if h.hdr().is_magical() {
            self.hash_elem_changed(h, &key.bytes, Some(&v))?;
        }
        Ok(())
    }

    pub fn hv_elem(&mut self, h: &Ptr<Hash>, k: &Val) -> R<Ptr<Scalar>> {
        if h.hdr().is_magical() {
            match self.magic_of(&**h) {
                Some(
                    Magic::Tied(_)
                    | Magic::Env
                    | Magic::Sig
                    | Magic::Hook
                    | Magic::Hints
                    | Magic::Captures(_)
                    | Magic::Errno,
                ) => {
                    let key = self.key_or_empty(k)?;
                    return Ok(self.magical(Magic::Elem(Val::ptr(h.clone()), key)));
                }
                _ => {}
            }
        }
        let (b, u) = self.key_parts(k)?;
        let key = Key::new(&b, u);
        if h.hdr().has(flag::READONLY) && !h.exists(&key) {
            self.claim_key(h, k, &b, u)?;
        }
        let cell = h.elem_cell(&key);
        if h.hdr().is_magical() && self.is_stash(h) {
            // The entry is the glob itself: what is assigned to it goes into the glob.
            if cell.peek().tag() == tag::GLOB {
                cell.val_mut().meta |= meta::REAL_GLOB;
            }
            self.stash_changed(&b);
        }
        Ok(cell)
    }

    /// `$Foo::{name} = …`
    fn stash_entry_set(&mut self, h: &Ptr<Hash>, key: &Key, v: Val) -> R<()> {
        if let Some(g) = h.get(key).filter(|e| e.tag() == tag::GLOB).and_then(|e| e.gv()) {
            return crate::rt::glob::assign(self, &g, &v);
        }
        h.set_raw(key, crate::rt::glob::copied(v));
        self.stash_changed(&key.bytes);
        Ok(())
    }

    /// The entry of a stash is another one or gone.
    fn stash_changed(&mut self, key: &[u8]) {
        if crate::mro::is_stash_key(key) {
            self.packages_moved();
        } else {
            self.methods_changed();
        }
    }

    fn key_or_empty(&mut self, v: &Val) -> R<Val> {
        if v.is_undef() { Ok(Val::bytes("")) } else { Ok(v.clone()) }
    }

    pub fn hv_exists(&mut self, h: &Ptr<Hash>, k: &Val) -> R<bool> {
        if h.hdr().is_magical() {
            match self.magic_of(&**h) {
                Some(Magic::Tied(obj)) => {
                    let r = self.tied_call(&obj, "EXISTS", vec![k.clone()])?;
                    return self.truth(&r);
                }
                Some(Magic::Captures(all)) => return crate::rt::regex::named_capture_exists(self, k, all),
                Some(Magic::Errno) => return crate::rt::sys::errno_hash_exists(self, k),
                _ => {}
            }
        }
        let (b, u) = self.key_parts(k)?;
        Ok(h.exists(&Key::new(&b, u)))
    }

    pub fn hv_delete(&mut self, h: &Ptr<Hash>, k: &Val) -> R<Val> {
        if h.hdr().is_magical() {
            if let Some(Magic::Tied(obj)) = self.magic_of(&**h) {
                return self.tied_call(&obj, "DELETE", vec![k.clone()]);
            }
            if let Some(Magic::Captures(_)) = self.magic_of(&**h) {
                return Err(self.die_text("Modification of a read-only value attempted"));
            }
        }
        let (b, u) = self.key_parts(k)?;
        let key = Key::new(&b, u);
        if h.hdr().has(flag::READONLY) {
            self.delete_restricted(h, k, &b, u)?;
        }
        let old = h.delete(&key);
        if h.hdr().is_magical() {
            if self.is_stash(h) {
                self.stash_changed(&b);
            } else {
                self.hash_elem_changed(h, &key.bytes, None)?;
            }
        }
        match old {
            Some(v) => self.read(&v),
            None => Ok(Val::undef()),
        }
    }

    pub fn hv_clear(&mut self, h: &Ptr<Hash>) -> R<()> {
        if h.hdr().is_magical() {
            match self.magic_of(&**h) {
                Some(Magic::Tied(obj)) => return self.tied_call(&obj, "CLEAR", vec![]).map(drop),
                Some(Magic::Captures(_)) => {
                    return Err(self.die_text("Modification of a read-only value attempted"));
                }
                Some(Magic::Env | Magic::Sig) => {
                    for k in h.keys() {
                        self.hv_delete(h, &k)?;
                    }
                    return Ok(());
                }
                _ => {}
            }
        }
        if h.hdr().has(flag::READONLY) {
            for k in h.keys() {
                self.hv_delete(h, &k)?;
            }
            return Ok(());
        }
        h.clear();
        if self.is_stash(h) {
            self.packages_moved();
        }
        Ok(())
    }

    /// Keys in iteration order (tied: FIRSTKEY/NEXTKEY).
    pub fn hv_keys(&mut self, h: &Ptr<Hash>) -> R<Vec<Val>> {
        match if h.hdr().is_magical() { self.magic_of(&**h) } else { None } {
            Some(Magic::Tied(obj)) => {
                let mut out = Vec::new();
                let mut k = self.tied_call(&obj, "FIRSTKEY", vec![])?;
                while !k.is_undef() {
                    out.push(k.clone());
                    k = self.tied_call(&obj, "NEXTKEY", vec![k])?;
                }
                Ok(out)
            }
            Some(Magic::Captures(all)) => crate::rt::regex::named_capture_keys(self, all),
            Some(Magic::Errno) => crate::rt::sys::errno_hash_keys(self),
            _ => Ok(h.keys()),
        }
    }

    /// `scalar(%h)`: the number of keys.
    pub fn hv_count(&mut self, h: &Ptr<Hash>) -> R<Val> {
        if let Some(obj) = self.tied_obj(&**h) {
            if let Some(r) = self.call_own_method(&obj, "SCALAR", vec![], Want::Scalar)? {
                return Ok(r.scalar());
            }
            // In the middle of an iteration it cannot be empty.
            if crate::rt::hash::tied_iterating(h) {
                return Ok(Val::bool(true));
            }
            let k = self.tied_call(&obj, "FIRSTKEY", vec![])?;
            return Ok(Val::bool(!k.is_undef()));
        }
        if h.hdr().is_magical() {
            let n = self.hv_keys(h)?.len();
            return Ok(Val::int(n as i64));
        }
        Ok(Val::int(h.len() as i64))
    }

    /// A watched hash (`%ENV`, `%SIG`) was modified at `key`.
    fn hash_elem_changed(&mut self, h: &Ptr<Hash>, key: &[u8], v: Option<&Val>) -> R<()> {
        match self.magic_of(&**h) {
            Some(Magic::Env) => crate::rt::sys::env_changed(self, key, v),
            Some(Magic::Sig) => crate::rt::sys::sig_changed(self, key, v),
            Some(Magic::Hook) => self.check_hook(key, v),
            _ => Ok(()),
        }
    }

    fn check_hook(&mut self, key: &[u8], v: Option<&Val>) -> R<()> {
        let name = String::from_utf8_lossy(key).into_owned();
        if !matches!(key, b"require__before" | b"require__after") {
            return Err(self.die_text(&format!("Attempt to set unknown hook '{name}' in %{{^HOOK}}")));
        }
        match v {
            Some(v) if !(v.is_undef() || v.is_ref() && v.cv().is_some()) => {
                Err(self.die_text(&format!("${{^HOOK}}{{{name}}} may only be a CODE reference or undef")))
            }
            _ => Ok(()),
        }
    }
}

/// Keys that a restricted hash allows and that have no value now, with their utf8 flag.
#[derive(Default)]
pub struct Placeholders(pub std::collections::BTreeSet<(Vec<u8>, bool)>);
