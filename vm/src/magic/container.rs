//! Arrays as Perl code sees them: negative indices, tie, watched arrays, read-only checks. All runtime functions that
//! touch user arrays go through these methods (hashes: [`super::hash`]). At the end what follows from a container
//! taking a glob's slot.
use super::Magic;
use crate::Vm;
use crate::exc::{R, Want};
use keshi_value::obj::{Obj, flag};
use keshi_value::{Array, Glob, Ptr, Scalar, Val};

impl Vm {
    /// Index with negative wrap-around; `None` before the start.
    #[inline]
    pub fn av_index(&self, a: &Array, i: i64) -> Option<usize> {
        if i >= 0 {
            Some(i as usize)
        } else {
            let n = a.len() as i64 + i;
            if n >= 0 { Some(n as usize) } else { None }
        }
    }

    /// Index for the methods of a tied array; `None` if it lies before the start and they do not want that.
    fn tied_index(&mut self, obj: &Val, i: i64) -> R<Option<i64>> {
        if i >= 0 {
            return Ok(Some(i));
        }
        let neg_ok = match self.class_of(obj) {
            Some(st) => match self.gv_in(&st, b"NEGATIVE_INDICES", false, false) {
                Some(g) => {
                    let v = g.scalar().get();
                    self.truth(&v)?
                }
                None => false,
            },
            None => false,
        };
        if neg_ok {
            return Ok(Some(i));
        }
        Ok(Some(self.tied_size(obj)? + i).filter(|&n| n >= 0))
    }

    fn tied_size(&mut self, obj: &Val) -> R<i64> {
        let n = self.tied_call(obj, "FETCHSIZE", vec![])?;
        let n = self.to_iv(&n)?;
        if n < 0 {
            return Err(self.die_text("FETCHSIZE returned a negative value"));
        }
        Ok(n)
    }

    pub fn av_len(&mut self, a: &Ptr<Array>) -> R<i64> {
        if let Some(obj) = self.tied_obj(&**a) {
            return self.tied_size(&obj);
        }
        if a.hdr().is_magical() {
            if let Some(Magic::Offsets(w)) = self.magic_of(&**a) {
                return Ok(crate::rt::regex::offsets_len(self, w));
            }
        }
        Ok(a.len() as i64)
    }

    pub fn av_get(&mut self, a: &Ptr<Array>, i: i64) -> R<Val> {
        if let Some(obj) = self.tied_obj(&**a) {
            let Some(i) = self.tied_index(&obj, i)? else { return Ok(Val::undef()) };
            return self.tied_call(&obj, "FETCH", vec![Val::int(i)]);
        }
        if a.hdr().is_magical() {
            if let Some(Magic::Offsets(w)) = self.magic_of(&**a) {
                return Ok(crate::rt::regex::offsets_get(self, w, i));
            }
        }
        match self.av_index(a, i).and_then(|i| a.as_slice().get(i)) {
            Some(v) if v.tag() < keshi_value::tag::IND => Ok(v.clone()),
            Some(v) => {
                let v = v.clone();
                self.read(&v)
            }
            None => Ok(Val::undef()),
        }
    }

    pub fn av_set(&mut self, a: &Ptr<Array>, i: i64, v: Val) -> R<()> {
        if a.hdr().is_magical() {
            if let Some(obj) = self.tied_obj(&**a) {
                let Some(n) = self.tied_index(&obj, i)? else { return Err(self.non_creatable(i)) };
                return self.tied_call(&obj, "STORE", vec![Val::int(n), v]).map(drop);
            }
        }
        if a.hdr().is_magical() && matches!(self.magic_of(&**a), Some(Magic::Offsets(_))) {
            return Err(self.die_text("Modification of a read-only value attempted"));
        }
        let Some(n) = self.av_index(a, i) else { return Err(self.non_creatable(i)) };
        if a.hdr().has(flag::READONLY) && n >= a.len() {
            return Err(self.die_text("Modification of a read-only value attempted"));
        }
        let v = crate::rt::glob::copied(v);
        match a.as_mut_slice().get_mut(n) {
            Some(e) if !e.is_alias() && e.meta & keshi_value::val::meta::READONLY == 0 => e.put(v),
            Some(e) if e.is_alias() => {
                let s = e.promote();
                self.set_sv(&s, v)?;
            }
            Some(_) => return Err(self.die_text("Modification of a read-only value attempted")),
            None => {
                if n - a.len() > 1 << 40 {
                    return Err(self.die_text("Out of memory in perl:av_extend"));
                }
                a.set(n, v)
            }
        }
        if a.hdr().is_magical() {
            self.array_changed(a)?;
        }
        Ok(())
    }

    fn non_creatable(&mut self, i: i64) -> Box<crate::Exc> {
        self.die_text(&format!("Modification of non-creatable array value attempted, subscript {i}"))
    }

    /// The cell of an element, for lvalue use.
    pub fn av_elem(&mut self, a: &Ptr<Array>, i: i64) -> R<Ptr<Scalar>> {
        if a.hdr().is_magical() {
            if let Some(obj) = self.tied_obj(&**a) {
                let Some(n) = self.tied_index(&obj, i)? else { return Err(self.non_creatable(i)) };
                return Ok(self.magical(Magic::Elem(Val::ptr(a.clone()), Val::int(n))));
            }
            if let Some(Magic::Offsets(_)) = self.magic_of(&**a) {
                return Ok(self.magical(Magic::Elem(Val::ptr(a.clone()), Val::int(i))));
            }
            if let Some(Magic::Isa(_)) = self.magic_of(&**a) {
                let n = self.av_index(a, i).unwrap_or(0);
                return Ok(self.magical(Magic::Elem(Val::ptr(a.clone()), Val::int(n as i64))));
            }
        }
        let Some(n) = self.av_index(a, i) else { return Err(self.non_creatable(i)) };
        if a.hdr().has(flag::READONLY) && n >= a.len() {
            return Err(self.die_text("Modification of a read-only value attempted"));
        }
        if n >= a.len() && n - a.len() > 1 << 40 {
            return Err(self.die_text("Out of memory in perl:av_extend"));
        }
        Ok(a.elem_cell(n))
    }

    pub fn av_exists(&mut self, a: &Ptr<Array>, i: i64) -> R<bool> {
        if let Some(obj) = self.tied_obj(&**a) {
            let Some(n) = self.tied_index(&obj, i)? else { return Ok(false) };
            let r = self.tied_call(&obj, "EXISTS", vec![Val::int(n)])?;
            return self.truth(&r);
        }
        if self.is_offsets(a) {
            let n = self.av_len(a)?;
            return Ok((-n..n).contains(&i));
        }
        Ok(self.av_index(a, i).is_some_and(|n| a.exists(n)))
    }

    /// `@-`, `@+`, `@{^CAPTURE}`: made from the last match, read-only.
    fn is_offsets(&self, a: &Ptr<Array>) -> bool {
        a.hdr().is_magical() && matches!(self.magic_of(&**a), Some(Magic::Offsets(_)))
    }

    pub fn av_delete(&mut self, a: &Ptr<Array>, i: i64) -> R<Val> {
        if let Some(obj) = self.tied_obj(&**a) {
            let Some(n) = self.tied_index(&obj, i)? else { return Ok(Val::undef()) };
            return self.tied_call(&obj, "DELETE", vec![Val::int(n)]);
        }
        if a.hdr().has(flag::READONLY) {
            return Err(self.die_text("Modification of a read-only value attempted"));
        }
        let old = self.av_index(a, i).and_then(|n| a.delete(n));
        if a.hdr().is_magical() {
            self.array_changed(a)?;
        }
        match old {
            Some(v) => self.read(&v),
            None => Ok(Val::undef()),
        }
    }

    pub fn av_set_len(&mut self, a: &Ptr<Array>, n: i64) -> R<()> {
        if let Some(obj) = self.tied_obj(&**a) {
            return self.tied_call(&obj, "STORESIZE", vec![Val::int(n.max(0))]).map(drop);
        }
        if a.hdr().has(flag::READONLY) {
            return Err(self.die_text("Modification of a read-only value attempted"));
        }
        if n > 1 << 40 {
            return Err(self.die_text("Out of memory in perl:av_extend"));
        }
        a.set_len(n.max(0) as usize);
        if a.hdr().is_magical() {
            self.array_changed(a)?;
        }
        Ok(())
    }

    pub fn av_clear(&mut self, a: &Ptr<Array>) -> R<()> {
        if let Some(obj) = self.tied_obj(&**a) {
            return self.tied_call(&obj, "CLEAR", vec![]).map(drop);
        }
        if a.hdr().has(flag::READONLY) || self.is_offsets(a) {
            return Err(self.die_text("Modification of a read-only value attempted"));
        }
        a.clear();
        if a.hdr().is_magical() {
            self.array_changed(a)?;
        }
        Ok(())
    }

    pub fn av_push(&mut self, a: &Ptr<Array>, v: Val) -> R<()> {
        if a.hdr().has(flag::READONLY) {
            return Err(self.die_text("Modification of a read-only value attempted"));
        }
        if a.hdr().is_magical() {
            if let Some(obj) = self.tied_obj(&**a) {
                return self.call_method(&obj, "PUSH", vec![v], Want::Scalar).map(drop);
            }
            a.push(v);
            return self.array_changed(a);
        }
        a.push(v);
        Ok(())
    }

    /// All elements as plain values (tied: fetched one by one).
    pub fn av_values(&mut self, a: &Ptr<Array>) -> R<Vec<Val>> {
        let n = self.av_len(a)?;
        let mut out = Vec::with_capacity(n.max(0) as usize);
        for i in 0..n {
            out.push(self.av_get(a, i)?);
        }
        Ok(out)
    }

    /// Replaces the contents: `@a = LIST`, elements already copied.
    pub fn av_assign(&mut self, a: &Ptr<Array>, vs: Vec<Val>) -> R<()> {
        if let Some(obj) = self.tied_obj(&**a) {
            self.tied_call(&obj, "CLEAR", vec![])?;
            if !vs.is_empty() {
                self.call_method(&obj, "EXTEND", vec![Val::int(vs.len() as i64)], Want::Void)?;
            }
            for (i, v) in vs.into_iter().enumerate() {
                self.tied_call(&obj, "STORE", vec![Val::int(i as i64), v])?;
            }
            return Ok(());
        }
        if a.hdr().has(flag::READONLY) || self.is_offsets(a) {
            return Err(self.die_text("Modification of a read-only value attempted"));
        }
        let mut old = a.take_all();
        a.reserve(vs.len());
        for v in vs {
            a.push(v);
        }
        // The last one dies first, as in perl.
        while let Some(v) = old.pop() {
            drop(v);
        }
        if a.hdr().is_magical() {
            self.array_changed(a)?;
        }
        Ok(())
    }

    /// A watched array (`@ISA`) was modified.
    pub fn array_changed(&mut self, a: &Ptr<Array>) -> R<()> {
        match self.magic_of(&**a) {
            Some(Magic::Isa(packages)) => self.isa_changed(a, &packages),
            _ => Ok(()),
        }
    }

    pub fn glob_array_replaced(&mut self, g: &Ptr<Glob>) {
        if g.name.as_str().is_some_and(|n| n.bytes() == b"ISA") {
            self.init_isa(g);
            self.methods_changed();
        }
    }

    pub fn glob_hash_replaced(&mut self, g: &Ptr<Glob>) {
        if g.name.as_str().is_some_and(|n| crate::mro::is_stash_key(n.bytes())) {
            self.packages_moved();
        }
        let Some(h) = g.hv.get().clone() else { return };
        if g.same(&self.gv.env) {
            self.set_magic(&*h, Magic::Env);
        } else if g.same(&self.gv.sig) {
            self.set_magic(&*h, Magic::Sig);
        }
    }

    /// `@ISA` is watched from its first mention.
    pub fn init_isa(&mut self, g: &Ptr<Glob>) {
        let a = g.array().clone();
        let mut packages = match self.magic_of(&*a) {
            Some(Magic::Isa(p)) => p,
            _ => Vec::new(),
        };
        packages.extend(g.stash.get().clone());
        self.set_magic(&*a, Magic::Isa(packages));
    }

    /// Restores `local $tied[i]`.
    pub fn tied_elem_restore(&mut self, a: &Ptr<Array>, i: i64, v: Val) -> R<()> {
        let v = v.resolve().clone();
        self.av_set(a, i, v)
    }
}
