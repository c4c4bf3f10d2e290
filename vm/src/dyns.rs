//! The dynamic-scope stack behind `local`, `defer` and everything else undone at scope exit.

use crate::Vm;
use crate::exc::{R, Want};
use keshi_value::glob::{Gp, gvf};
use keshi_value::hash::Key;
use keshi_value::obj::{Kind, Obj, Slot, flag};
use keshi_value::val::tag;
use keshi_value::{Array, Code, Glob, Hash, Ptr, SavedGp, Scalar, Val};

/// One thing to undo.
pub enum Dyn {
    Sv(Ptr<Glob>, Option<Ptr<Scalar>>),
    Av(Ptr<Glob>, Option<Ptr<Array>>),
    Hv(Ptr<Glob>, Option<Ptr<Hash>>),
    /// Whole body of a glob (`local *x`).
    Gp(Ptr<Glob>, SavedGp),
    /// Array element: what was stored (`None`: did not exist).
    Elem(Ptr<Array>, i64, Option<Val>),
    /// Hash element by key value.
    HElem(Ptr<Hash>, Val, Option<Val>),
    /// A plain value to put back into a scalar (magical ones run set magic).
    Value(Ptr<Scalar>, Val),
    /// `defer`/`finally` block.
    Defer(Ptr<Code>),
    /// Anything else: runs once.
    Restore(Box<dyn FnOnce(&mut Vm) -> R<()>>),
}

impl Vm {
    pub fn dyn_mark(&self) -> usize {
        self.dyns.len()
    }

    /// Undoes everything above `mark`, newest first. An error (die in `defer`, in a tied STORE) is
    /// remembered and the rest is undone all the same.
    pub fn dyn_unwind(&mut self, mark: usize) -> R<()> {
        let mut result = Ok(());
        while self.dyns.len() > mark {
            let d = self.dyns.pop().expect("above mark");
            if let Err(e) = self.undo(d) {
                result = Err(e);
            }
        }
        result
    }

    fn undo(&mut self, d: Dyn) -> R<()> {
        match d {
            Dyn::Sv(g, old) => {
                let cur = g.sv.get().clone();
                g.sv.set(old.clone());
                drop(cur);
                if let Some(s) = old {
                    if s.hdr().is_magical() {
                        let v = s.get();
                        self.magic_set_restored(&s, v)?;
                    }
                }
            }
            Dyn::Av(g, old) => {
                g.av.set(old);
                self.glob_array_replaced(&g);
            }
            Dyn::Hv(g, old) => {
                g.hv.set(old);
                self.glob_hash_replaced(&g);
            }
            Dyn::Gp(g, old) => {
                g.restore(old);
                self.glob_hash_replaced(&g);
                self.glob_sub_replaced(&g);
            }
            Dyn::Elem(a, i, old) => {
                if a.hdr().is_magical() {
                    match old {
                        Some(v) => self.tied_elem_restore(&a, i, v)?,
                        None => self.av_delete(&a, i).map(drop)?,
                    }
                } else if let Some(i) = self.av_index(&a, i) {
                    match old {
                        Some(v) => {
                            if i >= a.len() {
                                a.set_len(i + 1);
                            }
                            a.as_mut_slice()[i].put(v);
                        }
                        None => drop(a.delete(i)),
                    }
                }
            }
            Dyn::HElem(h, k, old) => {
                if h.hdr().is_magical() && !self.is_stash(&h) {
                    match old {
                        Some(v) => {
                            let v = v.resolve().clone();
                            self.hv_set(&h, &k, v)?
                        }
                        None => self.hv_delete(&h, &k).map(drop)?,
                    }
                } else {
                    let (b, u) = self.str_bytes(&k)?;
                    let key = Key::new(&b, u);
                    match old {
                        Some(v) => h.set_raw(&key, v),
                        None => drop(h.delete(&key)),
                    }
                    if h.hdr().is_magical() {
                        self.packages_moved();
                    }
                }
            }
            Dyn::Value(s, v) => {
                s.hdr().set(flag::READONLY, false);
                self.set_sv(&s, v)?;
            }
            Dyn::Defer(code) => {
                self.call(&code, Array::new(), Want::Void)?;
            }
            Dyn::Restore(f) => f(self)?,
        }
        Ok(())
    }

    /// `local $x`: a new scalar in the glob. Magical scalars keep their magic and value handling.
    pub fn local_sv(&mut self, g: &Ptr<Glob>) -> R<Ptr<Scalar>> {
        let old = g.sv.get().clone();
        let new = Scalar::new(Val::undef());
        // `local $_` leaves behind all that the aliased scalar is.
        if let Some(o) = old.as_ref().filter(|_| !g.same(&self.gv.defgv)) {
            if o.hdr().kind.get() != Kind::SCALAR {
                // The value as it is now must be known when the old scalar is written back.
                let v = self.get_sv(o)?;
                o.set(v);
                self.copy_magic(o, &new);
            }
        }
        let last_read = old.as_ref().is_some_and(|o| {
            matches!(
                self.magic_of(&**o),
                Some(crate::magic::Magic::Special(crate::magic::Special::InputLine))
            )
        });
        self.dyns.push(Dyn::Sv(g.clone(), old));
        if last_read {
            // `local $.` keeps which handle was read last, not a number.
            let handle = self.rtstate.io.last_read.get();
            self.dyns.push(Dyn::Restore(Box::new(move |vm| {
                match handle {
                    Some(g) => vm.rtstate.io.last_read.set(&g),
                    None => vm.rtstate.io.last_read.clear(),
                }
                Ok(())
            })));
        }
        g.sv.set(Some(new.clone()));
        Ok(new)
    }
    pub fn local_av(&mut self, g: &Ptr<Glob>) -> Ptr<Array> {
        let new = Array::new();
        if self.local_args(g, new.clone()) {
            return new;
        }
        self.dyns.push(Dyn::Av(g.clone(), g.av.get().clone()));
        g.av.set(Some(new.clone()));
        self.glob_array_replaced(g);
        new
    }
    pub fn local_hv(&mut self, g: &Ptr<Glob>) -> Ptr<Hash> {
        let new = Hash::new();
        self.dyns.push(Dyn::Hv(g.clone(), g.hv.get().clone()));
        g.hv.set(Some(new.clone()));
        self.glob_hash_replaced(g);
        new
    }
    /// `local *x`: a new body with nothing in it.
    pub fn local_glob(&mut self, g: &Ptr<Glob>) {
        self.dyns.push(Dyn::Gp(g.clone(), g.renew()));
        self.local_args(g, Array::new());
        self.glob_array_replaced(g);
        self.glob_hash_replaced(g);
        self.glob_sub_replaced(g);
    }
    /// `local *x = …`: the body comes back at scope exit, the assignment says what is replaced.
    pub fn local_glob_assigned(&mut self, g: &Ptr<Glob>) {
        self.dyns.push(Dyn::Gp(g.clone(), g.keep()));
        g.set_flag(gvf::INTRO);
    }
    /// One slot of a glob's body comes back at scope exit.
    fn local_slot<T: Clone + 'static>(&mut self, g: &Ptr<Glob>, slot: fn(&Gp) -> &Slot<T>) {
        let gp = g.gp();
        let old = slot(&gp).get().clone();
        let g = g.clone();
        self.dyns.push(Dyn::Restore(Box::new(move |vm| {
            slot(&gp).set(old);
            vm.glob_array_replaced(&g);
            vm.glob_hash_replaced(&g);
            vm.glob_sub_replaced(&g);
            Ok(())
        })));
    }
    /// Before reference `v` is assigned to a glob that `local` introduced.
    pub fn local_slot_for(&mut self, g: &Ptr<Glob>, v: &Val) {
        match v.kind() {
            Kind::ARRAY => {
                let now = self.args();
                if !self.local_args(g, now) {
                    self.local_slot(g, |gp| &gp.av)
                }
            }
            Kind::HASH => self.local_slot(g, |gp| &gp.hv),
            Kind::CODE => self.local_slot(g, |gp| &gp.cv),
            Kind::IO => self.local_slot(g, |gp| &gp.io),
            Kind::FORMAT => self.local_slot(g, |gp| &gp.form),
            _ => self.local_slot(g, |gp| &gp.sv),
        }
    }
    /// `local $a[i]`
    pub fn local_elem(&mut self, a: &Ptr<Array>, i: i64) -> R<()> {
        let old = if a.hdr().is_magical() {
            if self.av_exists(a, i)? { Some(self.av_get(a, i)?) } else { None }
        } else {
            match self.av_index(a, i) {
                Some(n) if a.exists(n) => {
                    let old = std::mem::take(&mut a.as_mut_slice()[n]);
                    Some(old)
                }
                Some(_) => None,
                None => {
                    return Err(self.die_text(&format!(
                        "Modification of non-creatable array value attempted, subscript {i}"
                    )));
                }
            }
        };
        self.dyns.push(Dyn::Elem(a.clone(), i, old));
        Ok(())
    }
    /// `local $h{k}`
    pub fn local_helem(&mut self, h: &Ptr<Hash>, k: &Val) -> R<()> {
        // `local $Foo::{bar}` is `local *Foo::bar`.
        if h.hdr().is_magical() && self.is_stash(h) {
            let (b, u) = self.str_bytes(k)?;
            let found = h.get(&Key::new(&b, u)).filter(|v| v.tag() == tag::GLOB).and_then(|v| v.gv());
            if let Some(g) = found {
                self.local_glob(&g);
                return Ok(());
            }
        }
        let old = if h.hdr().is_magical() && !self.is_stash(h) {
            let old = if self.hv_exists(h, k)? { Some(self.hv_get(h, k)?) } else { None };
            if matches!(self.magic_of(&**h), Some(crate::magic::Magic::Env)) {
                // The variable is there meanwhile, and empty.
                let (b, u) = self.str_bytes(k)?;
                h.set_raw(&Key::new(&b, u), Val::undef());
                crate::rt::sys::env_changed(self, &b, Some(&Val::bytes("")))?;
            }
            old
        } else {
            let (b, u) = self.str_bytes(k)?;
            let key = Key::new(&b, u);
            let old = h.raw(&key).is_some();
            if old {
                let e = h.elem_cell(&key);
                let v = Val::ind(e);
                h.set_raw(&key, Val::undef());
                Some(v)
            } else {
                None
            }
        };
        self.dyns.push(Dyn::HElem(h.clone(), k.clone(), old));
        Ok(())
    }
}
