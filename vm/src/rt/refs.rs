//! References: dereferencing with perl's strictness and messages, autovivification, bless, method lookup,
//! globs as values, tie.

use super::scope::alias_ptr;
use crate::Vm;
use crate::exc::{R, Want};
use crate::magic::Magic;
use keshi_value::obj::{Kind, Obj, flag};
use keshi_value::val::tag;
use keshi_value::{Array, Code, Glob, Hash, IoObj, Ptr, Scalar, Val};

const STRICT_REFS: u32 = 0x2;

/// `kind` operands of the vivifying entries: kinds of the object header.
pub const VIV_CELL: u64 = Kind::SCALAR as u64;
pub const VIV_AV: u64 = Kind::ARRAY as u64;
pub const VIV_HV: u64 = Kind::HASH as u64;

fn kind_words(kind: u64) -> (&'static str, &'static str, &'static str) {
    match kind {
        VIV_CELL => ("a SCALAR", "$", "${}"),
        VIV_AV => ("an ARRAY", "@", "@{}"),
        VIV_HV => ("a HASH", "%", "%{}"),
        _ => ("a CODE", "&", "&{}"),
    }
}

/// The object a fresh reference of that kind points to.
fn fresh(kind: u64) -> Val {
    match kind {
        VIV_CELL => Val::reference(Scalar::new(Val::undef())),
        VIV_AV => Val::reference(Array::new()),
        _ => Val::reference(Hash::new()),
    }
}

/// The object of `kind` directly behind a reference, glob, or IO.
fn target(vm: &mut Vm, v: &Val, kind: u64) -> Option<Val> {
    let obj_kind = v.kind();
    if v.tag() == tag::REF {
        let fits = match kind {
            VIV_CELL => obj_kind == Kind::SCALAR,
            VIV_AV => obj_kind == Kind::ARRAY,
            VIV_HV => obj_kind == Kind::HASH,
            _ => obj_kind == Kind::CODE,
        };
        if fits {
            if kind == VIV_CELL {
                return Some(v.ptr_to_obj());
            }
            return Some(v.ptr_to_obj());
        }
        if let (Some(re), true) = (v.as_regex(), kind == VIV_CELL) {
            return Some(Val::ptr(re.cell().clone()));
        }
        // A reference to a scalar that holds a glob counts as a glob reference.
        if let Some(s) = v.as_scalar() {
            if s.peek().tag() == tag::GLOB {
                let g = s.peek().gv().expect("GLOB");
                return glob_part(vm, &g, kind);
            }
        }
    }
    if matches!(v.tag(), tag::REF | tag::GLOB) {
        if let Some(g) = v.gv() {
            return glob_part(vm, &g, kind);
        }
    }
    None
}

fn glob_part(_vm: &mut Vm, g: &Ptr<Glob>, kind: u64) -> Option<Val> {
    Some(match kind {
        VIV_CELL => Val::ptr(g.scalar().clone()),
        VIV_AV => Val::ptr(g.array().clone()),
        VIV_HV => Val::ptr(g.hash().clone()),
        _ => Val::ptr(g.cv.get().clone()?),
    })
}

/// The common part of `ref.sv/av/hv`: `how` 0 rvalue, 1 lvalue.
fn deref(vm: &mut Vm, a: &Val, kind: u64, how: u64) -> R<Val> {
    if let Some(p) = target(vm, a, kind) {
        let blessed = a.hdr().is_some_and(|h| h.has(flag::BLESSED));
        if !blessed {
            return Ok(p);
        }
        let (_, _, op) = kind_words(kind);
        return match vm.overload_deref(a, op)? {
            Some(v) if v.addr() != a.addr() => deref_plain(vm, &v, kind, how),
            _ => Ok(p),
        };
    }
    if a.is_ref() {
        let (_, _, op) = kind_words(kind);
        if let Some(v) = vm.overload_deref(a, op)? {
            if v.addr() != a.addr() {
                return deref_plain(vm, &v, kind, how);
            }
        }
    }
    deref_plain(vm, a, kind, how)
}

fn deref_plain(vm: &mut Vm, a: &Val, kind: u64, how: u64) -> R<Val> {
    if let Some(p) = target(vm, a, kind) {
        return Ok(p);
    }
    let (what, sigil, _) = kind_words(kind);
    match a.tag() {
        tag::REF => Err(vm.die_text(&format!("Not {what} reference"))),
        tag::UNDEF => {
            if how != 0 {
                if vm.hint(STRICT_REFS) || how == 1 {
                    return Err(vm.die_text(&format!("Can't use an undefined value as {what} reference")));
                }
            } else if vm.hint(STRICT_REFS) {
                return Err(vm.die_text(&format!("Can't use an undefined value as {what} reference")));
            }
            // perl's rv2Xv on undef in rvalue context: empty, with a warning.
            vm.warn_uninit()?;
            Ok(fresh(kind).ptr_to_obj())
        }
        tag::CODE | tag::PTR => Ok(a.ptr_to_obj()),
        _ => symbolic(vm, a, kind, what, sigil),
    }
}

fn symbolic(vm: &mut Vm, a: &Val, kind: u64, what: &str, _sigil: &str) -> R<Val> {
    let (b, u) = vm.str_bytes(a)?;
    if vm.hint(STRICT_REFS) {
        let shown = super::string::display(&b, u, 32);
        let dots = if b.len() > 32 { "\"..." } else { "\"" };
        return Err(vm.die_text(&format!(
            "Can't use string (\"{shown}{dots}) as {what} ref while \"strict refs\" in use"
        )));
    }
    let full = vm.qualify(&b);
    let g = vm.gv(&full, u);
    Ok(glob_part(vm, &g, kind).unwrap_or_default())
}

/// `ref.sv`
pub fn deref_sv(vm: &mut Vm, a: &Val, how: u64) -> R<Val> {
    deref(vm, a, VIV_CELL, how)
}
/// `ref.av`
pub fn deref_av(vm: &mut Vm, a: &Val, how: u64) -> R<Val> {
    deref(vm, a, VIV_AV, how)
}
/// `ref.hv`
pub fn deref_hv(vm: &mut Vm, a: &Val, how: u64) -> R<Val> {
    deref(vm, a, VIV_HV, how)
}

/// `ref.cv`
pub fn deref_cv(vm: &mut Vm, a: &Val, _how: u64) -> R<Val> {
    super::sub::code_of(vm, a)
}

/// The referent of a cell's value, made if the value is undef.
pub fn viv_in_cell(vm: &mut Vm, s: &Ptr<Scalar>, kind: u64) -> R<Val> {
    let v = vm.get_sv(s)?;
    if v.is_undef() {
        if s.is_readonly() {
            let (what, ..) = kind_words(kind);
            return Err(vm.die_text(&format!("Can't use an undefined value as {what} reference")));
        }
        let r = fresh(kind);
        let p = r.ptr_to_obj();
        vm.set_sv(s, r)?;
        // A tied or otherwise magical place may have stored something else.
        if s.hdr().is_magical() {
            let v = vm.get_sv(s)?;
            if let Some(t) = target(vm, &v, kind) {
                return Ok(t);
            }
        }
        return Ok(p);
    }
    deref(vm, &v, kind, 1)
}

/// `ref.viv`
pub fn autovivify(vm: &mut Vm, cell: &Val, k: u32) -> R<Val> {
    let kind = match k as u8 {
        Kind::ARRAY => VIV_AV,
        Kind::HASH => VIV_HV,
        _ => VIV_CELL,
    };
    let s = super::cell::scalar_of(cell);
    viv_in_cell(vm, &s, kind)
}

fn viv_slot(vm: &mut Vm, b: &mut Val, kind: u64) -> R<Val> {
    if b.is_alias() {
        let s = alias_ptr(b);
        return viv_in_cell(vm, &s, kind);
    }
    if b.is_undef() {
        let r = fresh(kind);
        let p = r.ptr_to_obj();
        b.put(r);
        return Ok(p);
    }
    let v = b.clone();
    deref(vm, &v, kind, 1)
}

/// `rt.viv.sv`
pub fn viv_sv(vm: &mut Vm, b: &mut Val) -> R<Val> {
    viv_slot(vm, b, VIV_CELL)
}
/// `rt.viv.av`
pub fn viv_av(vm: &mut Vm, b: &mut Val) -> R<Val> {
    viv_slot(vm, b, VIV_AV)
}
/// `rt.viv.hv`
pub fn viv_hv(vm: &mut Vm, b: &mut Val) -> R<Val> {
    viv_slot(vm, b, VIV_HV)
}

/// `ref.bless`
pub fn bless(vm: &mut Vm, a: &Val, class: &Val) -> R<()> {
    bless_op(vm, a, class).map(drop)
}

/// `rt.bless`
pub fn bless_op(vm: &mut Vm, b: &Val, c: &Val) -> R<Val> {
    if !b.is_ref() {
        return Err(vm.die_text("Can't bless non-reference value"));
    }
    if c.is_ref() && vm.overloaded(c)?.is_none() {
        return Err(vm.die_text("Attempt to bless into a reference"));
    }
    let (n, u) = vm.str_bytes(c)?;
    if n.is_empty() {
        vm.warn(crate::warn::cat::MISC, "Explicit blessing to '' (assuming package main)")?;
    }
    if b.kind() == Kind::OBJECT {
        return Err(vm.die_text("Can't bless an object reference"));
    }
    let name = if n.is_empty() { b"main".to_vec() } else { n.into_owned() };
    let Some(stash) = vm.stash(&name, u, true) else { return Err(vm.die_text("Can't bless")) };
    if super::class::class_of(&stash).is_some() {
        return Err(vm.die_text("Attempt to bless into a class"));
    }
    let Some(h) = b.hdr() else { return Ok(b.clone()) };
    if h.has(flag::READONLY) && h.kind() != Kind::SCALAR && h.kind() != Kind::CODE {
        return Err(vm.die_text("Modification of a read-only value attempted"));
    }
    h.bless(stash);
    Ok(b.clone())
}

/// `meth.find`: `name` is `method` or `Pkg::method`, kept with its call site's package in the symbol.
pub fn find_method(vm: &mut Vm, inv: &Val, x: u32, _c: u32) -> R<Val> {
    let name = vm.frame().linked.chunk.syms[x as usize].name.clone();
    let short = last_part(&name);
    match vm.method_lookup(inv, short)? {
        Some(c) => Ok(Val::ptr(c)),
        None => Err(vm.no_method(inv, short)?),
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
        let m = String::from_utf8_lossy(method).into_owned();
        if inv.is_ref() {
            if let Some(s) = inv.hdr().and_then(|h| h.stash().cloned()) {
                if self.is_anonymous_stash(&s) {
                    return Err(self.die_text("Can't use anonymous symbol table for method lookup"));
                }
                return Ok(Some(s));
            }
            // Unblessed file handle references have IO::File's methods.
            if inv.kind() == Kind::GLOB || inv.kind() == Kind::IO || vm_glob_ref(inv) {
                return Ok(self.io_class());
            }
            return Err(self.die_text(&format!("Can't call method \"{m}\" on unblessed reference")));
        }
        if inv.tag() == tag::GLOB {
            return Ok(self.io_class());
        }
        if inv.is_undef() {
            return Err(self.die_text(&format!("Can't call method \"{m}\" on an undefined value")));
        }
        let (b, u) = self.str_bytes(inv)?;
        if b.is_empty() {
            return Err(
                self.die_text(&format!("Can't call method \"{m}\" without a package or object reference"))
            );
        }
        let b = b.into_owned();
        let name = b.strip_prefix(b"::").or(b.strip_prefix(b"main::")).unwrap_or(&b);
        // A bareword file handle comes before a class of that name.
        if let Some(s) = self.stash(name, u, false) {
            return Ok(Some(s));
        }
        let full = self.qualify(&b);
        if let Some(g) = self.gv_find(&full, u, false) {
            if g.io.get().is_some() {
                return Ok(self.io_class());
            }
        }
        Ok(None)
    }

    fn io_class(&mut self) -> Option<Ptr<Hash>> {
        self.stash(b"IO::File", false, true)
    }

    /// Method lookup with UNIVERSAL and AUTOLOAD.
    pub fn method_lookup(&mut self, inv: &Val, method: &[u8]) -> R<Option<Ptr<Code>>> {
        let Some(stash) = self.invocant_stash(inv, method)? else {
            // No such package: only UNIVERSAL can answer.
            let u = self.stash(b"UNIVERSAL", false, true).expect("created");
            return Ok(self.find_method(&u, method)?.filter(|c| c.is_defined()));
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
                let known = self.stash(t.as_bytes(), !t.is_ascii(), false).is_some_and(|s| !s.is_empty());
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

/// A reference to a scalar that holds a glob.
fn vm_glob_ref(v: &Val) -> bool {
    v.as_scalar().is_some_and(|s| s.peek().tag() == tag::GLOB)
}

/// `rt.cell.alias`
pub fn cell_alias(_vm: &mut Vm, b: &Val) -> R<Val> {
    Ok(Val::ind(super::cell::scalar_of(b)))
}

/// `rt.slot.alias`
pub fn slot_alias(_vm: &mut Vm, b: &mut Val) -> R<Val> {
    Ok(Val::ind(b.promote()))
}

/// `rt.alias.set`
pub fn alias_set(_vm: &mut Vm, b: &Val) -> R<Val> {
    Ok(if b.is_alias() { Val::ind(alias_ptr(b)) } else { b.clone() })
}

/// `rt.assign`
pub fn assign(vm: &mut Vm, a: &mut Val, b: &Val) -> R<()> {
    vm.assign(a, b.clone())
}

/// `rt.value`
pub fn value(_vm: &mut Vm, b: &Val) -> R<Val> {
    Ok(b.clone())
}

/// `rt.ref.gv`: the glob for `*{$x}`.
pub fn deref_gv(vm: &mut Vm, b: &Val, how: u64) -> R<Val> {
    if let Some(v) = vm.overload_deref(b, "*{}")? {
        if v.addr() != b.addr() {
            return deref_gv(vm, &v, how);
        }
    }
    if b.tag() == tag::GLOB || b.is_ref() {
        if let Some(g) = b.gv() {
            return Ok(Val::ptr(g));
        }
        if let Some(s) = b.as_scalar() {
            if let Some(g) = s.peek().gv().filter(|_| s.peek().tag() == tag::GLOB) {
                return Ok(Val::ptr(g));
            }
        }
        if let Some(io) = b.io() {
            let g = Glob::new(Val::bytes("__ANONIO__"), Val::bytes("main"));
            g.io.set(Some(io));
            return Ok(Val::ptr(g));
        }
        return Err(vm.die_text("Not a GLOB reference"));
    }
    if b.is_undef() {
        if vm.hint(STRICT_REFS) || how != 0 {
            return Err(vm.die_text("Can't use an undefined value as a symbol reference"));
        }
        vm.warn_uninit()?;
    }
    let (n, u) = vm.str_bytes_quiet(b)?;
    if vm.hint(STRICT_REFS) {
        let shown = super::string::display(&n, u, 32);
        let dots = if n.len() > 32 { "\"..." } else { "\"" };
        return Err(vm.die_text(&format!(
            "Can't use string (\"{shown}{dots}) as a symbol ref while \"strict refs\" in use"
        )));
    }
    let full = vm.qualify(&n);
    Ok(Val::ptr(vm.gv(&full, u)))
}

/// `rt.ref`
pub fn ref_type(vm: &mut Vm, b: &Val) -> R<Val> {
    if !b.is_ref() {
        return Ok(Val::bytes(""));
    }
    if let Some(n) = vm.blessed_name(b) {
        return Ok(n);
    }
    Ok(Val::bytes(vm.reftype(b)))
}

/// `rt.undef.sv`
pub fn undef_sv(vm: &mut Vm, a: &mut Val) -> R<()> {
    vm.assign(a, Val::undef())
}

/// `rt.undef.av`
pub fn undef_av(vm: &mut Vm, a: &Val) -> R<()> {
    match a.av() {
        Some(a) => {
            // A tied array is shortened first, then told to clear.
            if vm.tied_obj(&*a).is_some() {
                vm.av_set_len(&a, 0)?;
            }
            vm.av_clear(&a)
        }
        None => Ok(()),
    }
}

/// `rt.undef.hv`
pub fn undef_hv(vm: &mut Vm, a: &Val) -> R<()> {
    match a.hv() {
        Some(h) => {
            vm.forget_stash_name(&h);
            vm.hv_clear(&h)
        }
        None => Ok(()),
    }
}

/// `rt.ref.new`
pub fn new_ref(_vm: &mut Vm, b: &Val) -> R<Val> {
    if let Some(a) = b.as_av() {
        a.reify();
    }
    Ok(b.ref_to_obj())
}

/// `rt.tie`
pub fn tie(vm: &mut Vm, b: &Val, c: &Val) -> R<Val> {
    let args = c.av().map(|a| a.as_slice().to_vec()).unwrap_or_default();
    let mut it = args.into_iter();
    let class = it.next().unwrap_or_default();
    let class = vm.read(&class)?;
    let rest: Vec<Val> = it.collect();
    let method = match b.kind() {
        Kind::ARRAY => "TIEARRAY",
        Kind::HASH => "TIEHASH",
        Kind::GLOB | Kind::IO => "TIEHANDLE",
        Kind::SCALAR if vm_glob_ref(b) => "TIEHANDLE",
        _ => "TIESCALAR",
    };
    // The package without a name is main.
    let nameless = class.is_undef() || (!class.is_ref() && vm.text_of(&class)?.is_empty());
    let stash = if nameless { Some(vm.main.clone()) } else { vm.invocant_stash(&class, method.as_bytes())? };
    let code = match stash {
        Some(st) => vm.method_in_stash(&st, method.as_bytes())?,
        None => None,
    };
    let Some(code) = code else {
        let t = if nameless { "main".to_string() } else { vm.text_of(&class)? };
        let hint = if vm.stash(t.as_bytes(), false, false).is_some() {
            String::new()
        } else {
            format!(" (perhaps you forgot to load \"{t}\"?)")
        };
        return Err(
            vm.die_text(&format!("Can't locate object method \"{method}\" via package \"{t}\"{hint}"))
        );
    };
    untie_quiet(vm, b);
    let mut all = vec![class];
    all.extend(rest);
    let obj = vm.call(&code, Array::from_vec(all), Want::Scalar)?.scalar();
    let obj = vm.read(&obj)?;
    if !obj.is_ref() {
        return Ok(Val::undef());
    }
    match b.kind() {
        Kind::ARRAY => vm.set_magic(b.as_av().expect("av"), Magic::Tied(obj.clone())),
        Kind::HASH => vm.set_magic(b.as_hv().expect("hv"), Magic::Tied(obj.clone())),
        Kind::SCALAR if !vm_glob_ref(b) => vm.set_magic(b.as_scalar().expect("sv"), Magic::Tied(obj.clone())),
        _ => {
            let g = match b.gv() {
                Some(g) => Some(g),
                None => b.as_scalar().and_then(|s| s.peek().gv()),
            };
            let io = match (g, b.io()) {
                (Some(g), _) => {
                    if g.io.get().is_none() {
                        g.io.set(Some(IoObj::new()));
                    }
                    g.io.get().clone()
                }
                (None, io) => io,
            };
            if let Some(io) = io {
                vm.set_magic(&*io, Magic::Tied(obj.clone()));
            }
        }
    }
    Ok(obj)
}

/// The tie object of whatever a reference points to.
pub fn tie_object(vm: &Vm, b: &Val) -> Option<Val> {
    match b.kind() {
        Kind::ARRAY => vm.tied_obj(b.as_av()?),
        Kind::HASH => vm.tied_obj(b.as_hv()?),
        Kind::SCALAR if !vm_glob_ref(b) => vm.tied_obj(b.as_scalar()?),
        Kind::IO => vm.tied_obj(b.as_io()?),
        _ => {
            let g = b.gv().or_else(|| b.as_scalar().and_then(|s| s.peek().gv()))?;
            let io = g.io.get().clone()?;
            vm.tied_obj(&*io)
        }
    }
}

fn untie_quiet(vm: &mut Vm, b: &Val) -> Option<Magic> {
    let is_tie = |m: &Magic| matches!(m, Magic::Tied(_));
    match b.kind() {
        Kind::ARRAY => vm.remove_magic(b.as_av()?, is_tie),
        Kind::HASH => vm.remove_magic(b.as_hv()?, is_tie),
        Kind::SCALAR if !vm_glob_ref(b) => vm.remove_magic(b.as_scalar()?, is_tie),
        Kind::IO => vm.remove_magic(b.as_io()?, is_tie),
        _ => {
            let g = b.gv().or_else(|| b.as_scalar().and_then(|s| s.peek().gv()))?;
            let io = g.io.get().clone()?;
            vm.remove_magic(&*io, is_tie)
        }
    }
}

/// `rt.tied`
pub fn tied(vm: &mut Vm, b: &Val) -> R<Val> {
    Ok(tie_object(vm, b).unwrap_or_default())
}

/// `rt.untie`
pub fn untie(vm: &mut Vm, b: &Val) -> R<Val> {
    let Some(obj) = tie_object(vm, b) else { return Ok(Val::bool(true)) };
    let extra = obj.hdr().map_or(0, |h| h.rc.get()).saturating_sub(2);
    if vm.class_of(&obj).is_some() {
        let has = match vm.class_of(&obj) {
            Some(s) => vm.find_method(&s, b"UNTIE")?,
            None => None,
        };
        if let Some(c) = has {
            vm.call(&c, Array::from_vec(vec![obj.clone(), Val::int(extra as i64)]), Want::Void)?;
        } else if extra > 0 && vm.warns(crate::warn::cat::UNTIE) {
            vm.warn(
                crate::warn::cat::UNTIE,
                &format!("untie attempted while {extra} inner references still exist"),
            )?;
        }
    }
    untie_quiet(vm, b);
    Ok(Val::bool(true))
}

/// `rt.lock`
pub fn lock(_vm: &mut Vm, b: &Val) -> R<Val> {
    Ok(b.clone())
}

fn kind_name(kind: u64) -> &'static str {
    match kind {
        VIV_CELL => "a SCALAR",
        VIV_AV => "an ARRAY",
        VIV_HV => "a HASH",
        _ => "a CODE",
    }
}

fn check_refalias(vm: &mut Vm, b: &Val, kind: u64) -> R<()> {
    if !b.is_ref() {
        return Err(vm.die_text("Assigned value is not a reference"));
    }
    let ok = match kind {
        VIV_CELL => b.kind() == Kind::SCALAR,
        VIV_AV => b.kind() == Kind::ARRAY,
        VIV_HV => b.kind() == Kind::HASH,
        _ => b.kind() == Kind::CODE,
    };
    if ok {
        Ok(())
    } else {
        Err(vm.die_text(&format!("Assigned value is not {} reference", kind_name(kind))))
    }
}

/// `rt.refalias.sv`
pub fn refalias_sv(vm: &mut Vm, a: &mut Val, b: &Val) -> R<()> {
    check_refalias(vm, b, VIV_CELL)?;
    a.put(Val::ind(b.scalar().expect("checked")));
    Ok(())
}

/// `rt.refalias.p`
pub fn refalias_p(vm: &mut Vm, b: &Val, kind: u64) -> R<Val> {
    check_refalias(vm, b, kind)?;
    Ok(b.ptr_to_obj())
}

/// `rt.refalias.gv`
pub fn refalias_gv(vm: &mut Vm, a: &Val, b: &Val, kind: u64) -> R<()> {
    check_refalias(vm, b, kind)?;
    match a.gv() {
        Some(g) => super::glob::assign(vm, &g, b),
        None => Ok(()),
    }
}

/// `rt.refalias.elem`
pub fn refalias_elem(vm: &mut Vm, a: &Val, b: &Val, c: &Val) -> R<()> {
    check_refalias(vm, c, VIV_CELL)?;
    let cell = Val::ind(c.scalar().expect("checked"));
    if let Some(h) = a.hv() {
        let (k, u) = vm.str_bytes(b)?;
        h.set_raw(&keshi_value::hash::Key::new(&k, u), cell);
    } else if let Some(av) = a.av() {
        let i = vm.to_iv(b)?;
        let Some(i) = vm.av_index(&av, i) else {
            return Err(
                vm.die_text(&format!("Modification of non-creatable array value attempted, subscript {i}"))
            );
        };
        if i >= av.len() {
            av.set_len(i + 1);
        }
        av.as_mut_slice()[i].put(cell);
    }
    Ok(())
}

/// defined
pub fn defined(_vm: &mut Vm, b: &Val) -> R<Val> {
    Ok(Val::bool(Vm::is_defined(b)))
}
/// `\ 5`: the temporary becomes a read-only cell
pub fn const_cell(_vm: &mut Vm, a: &mut Val) -> R<()> {
    let s = a.promote();
    s.hdr().set(flag::READONLY, true);
    Ok(())
}
