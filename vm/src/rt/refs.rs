//! References: dereferencing with perl's strictness and messages, autovivification, `bless`, `ref`, `undef`, `lock`,
//! globs as values, aliases of registers and cells.

use super::scope::alias_ptr;
use crate::Vm;
use crate::exc::R;
use keshi_value::obj::{Kind, Obj, flag};
use keshi_value::val::{meta, tag};
use keshi_value::{Array, Glob, Hash, Ptr, Scalar, Val};

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
        // `$$globref` is the glob itself.
        if kind == VIV_CELL
            && let Some(g) = v.gv()
        {
            let mut glob = Val::glob(g);
            glob.meta |= meta::REAL_GLOB;
            return Some(Val::ptr(Scalar::new(glob)));
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

fn glob_part(vm: &mut Vm, g: &Ptr<Glob>, kind: u64) -> Option<Val> {
    Some(match kind {
        VIV_CELL => Val::ptr(g.scalar().clone()),
        VIV_AV => Val::ptr(vm.glob_array(g)),
        VIV_HV => Val::ptr(g.hash().clone()),
        _ => Val::ptr(g.cv.get().clone()?),
    })
}

/// The common part of `ref.sv/av/hv`: `how` 0 rvalue, 1 lvalue.
fn deref(vm: &mut Vm, a: &Val, kind: u64, how: u64) -> R<Val> {
    if how == 0 && kind == VIV_CELL && a.tag() == tag::REF && !a.hdr().is_some_and(|h| h.has(flag::BLESSED)) {
        // What a reference to a glob refers to is the glob, not its scalar.
        if let Some(g) = a.gv() {
            return Ok(Val::ptr(keshi_value::Scalar::new(Val::glob(g))));
        }
    }
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
        _ if how == 2 && !vm.hint(STRICT_REFS) => {
            let (n, u) = vm.str_bytes(a)?;
            let full = vm.qualify(&n);
            Ok(match vm.gv_or_special(&full, u) {
                Some(g) => Val::ptr(g.scalar().clone()),
                None => Val::ptr(Scalar::new(Val::undef())),
            })
        }
        _ => symbolic(vm, a, kind, what, sigil),
    }
}

/// The glob that a name, glob or glob reference means where a container of `kind` is wanted.
pub fn named_glob(vm: &mut Vm, a: &Val, kind: u64) -> R<Ptr<Glob>> {
    if let Some(g) = a.gv().or_else(|| a.as_scalar().and_then(|s| s.peek().gv())) {
        return Ok(g);
    }
    let (what, _, _) = kind_words(kind);
    if a.is_undef() {
        return Err(vm.die_text(&format!("Can't use an undefined value as {what} reference")));
    }
    symbol(vm, a, what)
}

fn symbolic(vm: &mut Vm, a: &Val, kind: u64, what: &str, _sigil: &str) -> R<Val> {
    let g = symbol(vm, a, what)?;
    Ok(glob_part(vm, &g, kind).unwrap_or_default())
}

fn symbol(vm: &mut Vm, a: &Val, what: &str) -> R<Ptr<Glob>> {
    let (b, u) = vm.str_bytes(a)?;
    if vm.hint(STRICT_REFS) {
        let shown = super::string::display(&b, u, 32);
        let dots = if b.len() > 32 { "\"..." } else { "\"" };
        return Err(vm.die_text(&format!(
            "Can't use string (\"{shown}{dots}) as {what} ref while \"strict refs\" in use"
        )));
    }
    let full = vm.qualify(&b);
    Ok(vm.gv(&full, u))
}

/// `ref.sv`, `ref.av` or `ref.hv` by kind, as an rvalue.
pub fn deref_kind(vm: &mut Vm, a: &Val, kind: u64) -> R<Val> {
    deref(vm, a, kind, 0)
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

/// A reference to a scalar that holds a glob.
pub fn is_glob_ref(v: &Val) -> bool {
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
            g.stash.set(None);
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
    vm.assign(a, Val::undef())?;
    // Its destructor runs before the rest of the statement.
    vm.run_destroy_queue()
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
            if h.hdr().has(flag::READONLY) {
                return Err(vm.die_text("Modification of a read-only value attempted"));
            }
            vm.forget_stash_name(&h);
            // Destructors find what is left of the hash.
            let mut at = 0;
            h.iter_reset();
            while !h.hdr().is_magical()
                && let Some(v) = h.take_object(&mut at)
            {
                drop(v);
                vm.run_destroy_queue()?;
            }
            vm.hv_clear(&h)?;
            h.reset_buckets();
            Ok(())
        }
        None => Ok(()),
    }
}

fn immortal(vm: &Vm, v: &Val) -> Ptr<Scalar> {
    let i = if v.is_undef() {
        0
    } else if v.bits != 0 {
        1
    } else {
        2
    };
    vm.immortals[i].clone()
}

/// `list.immortal`
pub fn list_immortal(vm: &mut Vm, l: &Val, v: &Val) -> R<()> {
    if let Some(a) = l.as_av() {
        a.push(Val::ind(immortal(vm, v)));
    }
    Ok(())
}

/// `ref.immortal`
pub fn ref_immortal(vm: &mut Vm, v: &Val) -> R<Val> {
    Ok(Val::reference(immortal(vm, v)))
}

/// `cell.touch`
pub fn cell_touch(vm: &mut Vm, a: &Val) -> R<()> {
    match a.scalar() {
        Some(s) if s.hdr().is_magical() => {
            let v = vm.get_sv(&s)?;
            vm.set_sv(&s, v)
        }
        _ => Ok(()),
    }
}

/// `rt.ref.new`
pub fn new_ref(_vm: &mut Vm, b: &Val) -> R<Val> {
    if let Some(a) = b.as_av() {
        a.reify();
    }
    // The entry of a symbol table is the glob itself, not a scalar with a copy of it.
    if let Some(s) = b.as_scalar()
        && s.peek().tag() == tag::GLOB
        && s.peek().meta & meta::REAL_GLOB != 0
        && let Some(g) = s.peek().gv()
    {
        return Ok(Val::reference(g));
    }
    Ok(b.ref_to_obj())
}

/// `rt.lock`
pub fn lock(_vm: &mut Vm, b: &Val) -> R<Val> {
    Ok(b.clone())
}

/// defined
pub fn defined(_vm: &mut Vm, b: &Val) -> R<Val> {
    Ok(Val::bool(Vm::is_defined(b)))
}
/// `\ 5`: the temporary becomes a read-only cell
pub fn const_cell(vm: &mut Vm, a: &mut Val) -> R<()> {
    if a.tag() == tag::BOOL {
        // There is one of each.
        *a = Val::ind(immortal(vm, a));
        return Ok(());
    }
    let s = a.promote();
    s.hdr().set(flag::READONLY, true);
    Ok(())
}
