//! Magic: scalars whose reading or writing does something, and containers that are tied or watched.
//!
//! A magical object has the MAGICAL bit in its kind byte and one [`Magic`] in its extension. `get` is run
//! by `Vm::get_sv`, `set` by `Vm::set_sv`; tied and watched containers are handled in [`container`].
//! The stored value of a magical scalar is only a cache of what was last read or written.

pub mod container;
pub mod hash;
pub mod special;

use crate::Vm;
use crate::exc::R;
use keshi_value::obj::{Kind, Obj, flag};
use keshi_value::val::tag;
use keshi_value::{Array, Glob, Hash, Ptr, Scalar, Val};
pub use special::Special;

#[derive(Clone)]
pub enum Magic {
    Special(Special),
    /// `tie`: the object behind.
    Tied(Val),
    /// Element of a tied or watched array/hash: the container (PTR) and the key/index.
    Elem(Val, Val),
    /// `$#a`
    ArrayLen(Ptr<Array>),
    /// `substr` as lvalue: target cell, offset, length (characters; `None`: to the end).
    Substr(Ptr<Scalar>, i64, Option<i64>),
    /// `vec` as lvalue.
    Vec(Ptr<Scalar>, u64, u32),
    /// `pos` as lvalue.
    Pos(Ptr<Scalar>),
    /// `keys %h` as lvalue.
    Keys(Ptr<Hash>),
    /// A typeglob an `:lvalue` sub returns.
    Glob(Ptr<Glob>),
    /// Argument `$h{k}` or `$a[i]` of a call that does not exist yet.
    Defer(Val, Val),
    /// `%ENV`, `%SIG`, `@ISA`, `%^H`: containers that are watched.
    Env,
    Sig,
    /// `%{^HOOK}`: only known names, only code.
    Hook,
    /// `@ISA` of these packages.
    Isa(Vec<Val>),
    /// A symbol table: its entries are globs, and methods come and go with them.
    Stash,
    Hints,
    /// `%+`, `%-`: named captures; the flag is "all".
    Captures(bool),
    /// `@-` (0), `@+` (1), `@{^CAPTURE}` (2)
    Offsets(u8),
    /// `%!`
    Errno,
    /// Position of the last `m//g` match on this scalar, in bytes; and "last match was empty".
    PosValue(i64, bool),
}

impl Vm {
    pub fn magic_of<T: Obj>(&self, o: &T) -> Option<Magic> {
        let e = o.hdr().ext()?;
        e.magic
            .iter()
            .filter_map(|m| m.downcast_ref::<Magic>())
            .find(|m| !matches!(m, Magic::PosValue(..)))
            .cloned()
    }
    /// Attaches magic, replacing magic of the same shape.
    pub fn set_magic<T: Obj>(&self, o: &T, m: Magic) {
        let e = o.hdr().ext_mut();
        let d = std::mem::discriminant(&m);
        e.magic.retain(|x| x.downcast_ref::<Magic>().is_none_or(|x| std::mem::discriminant(x) != d));
        // Ties come first: they hide what the object is otherwise.
        if matches!(m, Magic::Tied(_)) {
            e.magic.insert(0, Box::new(m))
        } else {
            e.magic.push(Box::new(m))
        }
        self.refresh_magical(o);
    }
    pub fn remove_magic<T: Obj>(&self, o: &T, f: impl Fn(&Magic) -> bool) -> Option<Magic> {
        o.hdr().ext()?;
        let e = o.hdr().ext_mut();
        let i = e.magic.iter().position(|m| m.downcast_ref::<Magic>().is_some_and(&f))?;
        let m = e.magic.remove(i);
        self.refresh_magical(o);
        m.downcast::<Magic>().ok().map(|b| *b)
    }
    fn refresh_magical<T: Obj>(&self, o: &T) {
        let any = o.hdr().ext().is_some_and(|e| {
            e.magic
                .iter()
                .filter_map(|m| m.downcast_ref::<Magic>())
                .any(|m| !matches!(m, Magic::PosValue(..)))
        });
        let set_only = self.has_pos(o);
        o.hdr().set_magical(any || set_only);
    }
    fn has_pos<T: Obj>(&self, o: &T) -> bool {
        o.hdr().ext().is_some_and(|e| {
            e.magic.iter().filter_map(|m| m.downcast_ref::<Magic>()).any(|m| matches!(m, Magic::PosValue(..)))
        })
    }
    pub fn copy_magic(&self, from: &Scalar, to: &Scalar) {
        if let Some(m) = self.magic_of(from) {
            if matches!(m, Magic::Special(_) | Magic::Tied(_) | Magic::Elem(..)) {
                self.set_magic(to, m);
            }
        }
    }
    /// A fresh scalar with this magic (perl's PVLV).
    pub fn magical(&self, m: Magic) -> Ptr<Scalar> {
        let s = Scalar::new(Val::undef());
        self.set_magic(&*s, m);
        s
    }
    pub fn is_lvalue_magic(&self, s: &Scalar) -> bool {
        matches!(self.magic_of(s), Some(Magic::Substr(..) | Magic::Vec(..) | Magic::Pos(_) | Magic::Keys(_)))
    }
    /// The tie object of a scalar, array, hash or IO.
    pub fn tied_obj<T: Obj>(&self, o: &T) -> Option<Val> {
        if !o.hdr().is_magical() {
            return None;
        }
        match self.magic_of(o) {
            Some(Magic::Tied(v)) => Some(v),
            _ => None,
        }
    }

    /// Get magic.
    pub fn magic_get(&mut self, s: &Scalar) -> R<Val> {
        let Some(m) = self.magic_of(s) else { return Ok(s.get()) };
        match m {
            Magic::Special(sp) => self.special_get(sp, s),
            Magic::Tied(obj) => {
                let s = s.keep();
                let v = self.without_magic(&s, |vm| vm.tied_call(&obj, "FETCH", vec![]))?;
                let v = crate::rt::glob::copied(v);
                s.set(v.clone());
                Ok(v)
            }
            Magic::Elem(c, k) => match (c.av(), c.hv()) {
                (Some(a), _) => {
                    let i = self.to_iv(&k)?;
                    self.av_get(&a, i)
                }
                (_, Some(h)) => self.hv_get(&h, &k),
                _ => Ok(s.get()),
            },
            Magic::Defer(c, k) => match (c.av(), c.hv()) {
                (Some(a), _) => {
                    let i = self.to_iv(&k)?;
                    self.av_get(&a, i)
                }
                (_, Some(h)) => self.hv_get(&h, &k),
                _ => Ok(Val::undef()),
            },
            Magic::ArrayLen(a) => Ok(Val::int(self.av_len(&a)? - 1)),
            Magic::Substr(t, off, len) => crate::rt::string::substr_magic_get(self, &t, off, len),
            Magic::Vec(t, off, bits) => crate::rt::string::vec_magic_get(self, &t, off, bits),
            Magic::Pos(t) => crate::rt::regex::pos_get(self, &t),
            Magic::Keys(h) => Ok(Val::int(h.len() as i64)),
            Magic::Glob(g) => Ok(Val::glob(g)),
            _ => Ok(s.get()),
        }
    }

    /// Runs a method of a tied scalar's object: to it the variable is an ordinary one.
    fn without_magic(&mut self, s: &Ptr<Scalar>, f: impl FnOnce(&mut Vm) -> R<Val>) -> R<Val> {
        s.hdr().set_magical(false);
        let r = f(self);
        // Unless it was untied meanwhile.
        s.hdr().set_magical(self.magic_of(&**s).is_some());
        r
    }

    /// Everything that is not a plain store.
    pub fn set_sv_slow(&mut self, s: &Scalar, v: Val) -> R<()> {
        if s.hdr().has(flag::READONLY) {
            return Err(self.die_text("Modification of a read-only value attempted"));
        }
        if self.has_pos(s) {
            self.remove_magic(s, |m| matches!(m, Magic::PosValue(..)));
            if s.hdr().kind.get() == Kind::SCALAR {
                return self.set_sv(s, v);
            }
        }
        match self.magic_of(s) {
            None => {
                s.set(v);
                Ok(())
            }
            Some(m) => self.magic_set(s, m, v),
        }
    }

    fn magic_set(&mut self, s: &Scalar, m: Magic, v: Val) -> R<()> {
        match m {
            Magic::Special(sp) => self.special_set(sp, s, v),
            Magic::Tied(obj) => {
                let s = s.keep();
                s.set(crate::rt::glob::copied(v.clone()));
                self.without_magic(&s, |vm| vm.tied_call(&obj, "STORE", vec![v])).map(drop)
            }
            Magic::Elem(c, k) => {
                s.set(v.clone());
                match (c.av(), c.hv()) {
                    (Some(a), _) => {
                        let i = self.to_iv(&k)?;
                        self.av_set(&a, i, v)
                    }
                    (_, Some(h)) => self.hv_set(&h, &k, v),
                    _ => Ok(()),
                }
            }
            Magic::Defer(c, k) => match (c.av(), c.hv()) {
                (Some(a), _) => {
                    let i = self.to_iv(&k)?;
                    self.av_set(&a, i, v)
                }
                (_, Some(h)) => self.hv_set(&h, &k, v),
                _ => Ok(()),
            },
            Magic::ArrayLen(a) => {
                let n = self.to_iv(&v)?;
                self.av_set_len(&a, n.saturating_add(1))
            }
            Magic::Substr(t, off, len) => crate::rt::string::substr_magic_set(self, s, &t, off, len, v),
            Magic::Vec(t, off, bits) => crate::rt::string::vec_magic_set(self, &t, off, bits, v),
            Magic::Pos(t) => crate::rt::regex::pos_put(self, &t, v),
            Magic::Glob(g) => crate::rt::glob::assign(self, &g, &v),
            Magic::Keys(h) => {
                let n = self.to_iv(&v)?;
                h.want_buckets(n.max(0) as usize);
                Ok(())
            }
            _ => {
                s.set(v);
                Ok(())
            }
        }
    }

    /// `local` gives a magical scalar its old value back: side effects of the assignment happen.
    pub fn magic_set_restored(&mut self, s: &Scalar, v: Val) -> R<()> {
        match self.magic_of(s) {
            Some(Magic::Special(Special::InputLine)) => Ok(()),
            Some(Magic::Special(sp)) if !sp.is_readonly() => self.special_set(sp, s, v),
            _ => Ok(()),
        }
    }

    /// Assignments where a glob is involved: `$x = *foo` keeps the glob; `*{$x}`-like targets are handled
    /// by the glob ops. A scalar that holds a glob copy is overwritten like any other.
    pub fn assign_glob_aware(&mut self, s: &Scalar, v: Val) -> R<()> {
        if s.peek().tag() == tag::GLOB && s.peek().meta & keshi_value::val::meta::REAL_GLOB != 0 {
            let g = s.peek().gv().expect("GLOB");
            return crate::rt::glob::assign(self, &g, &v);
        }
        s.set(crate::rt::glob::copied(v));
        Ok(())
    }

    /// Calls a method of a tie object, scalar context.
    pub fn tied_call(&mut self, obj: &Val, method: &str, args: Vec<Val>) -> R<Val> {
        match self.call_method(obj, method, args, crate::Want::Scalar)? {
            Some(r) => {
                let v = r.scalar();
                self.read(&v)
            }
            None if obj.is_undef() => {
                Err(self.die_text(&format!("Can't call method \"{method}\" on an undefined value")))
            }
            None => {
                let class = match self.blessed_name(obj) {
                    Some(n) => self.text_of(&n)?,
                    None => self.text_of(obj)?,
                };
                Err(self
                    .die_text(&format!("Can't locate object method \"{method}\" via package \"{class}\"")))
            }
        }
    }
}
