//! Subs as values: `\&f`, `defined &f`, `undef &f`, `prototype`.

use super::glob::sym_glob;
use crate::Vm;
use crate::exc::R;
use keshi_value::glob::gvf;
use keshi_value::val::tag;
use keshi_value::{Body, Code, Glob, Ptr, Val};

const STRICT_REFS: u32 = 0x2;

/// `rt.undef.cv`
pub fn undef_cv(vm: &mut Vm, a: &Val) -> R<()> {
    if let Some(c) = a.cv() {
        if c.depth.get() > 0 {
            return Err(vm.die_text("Can't undef active subroutine"));
        }
        c.body.set(Body::None);
        c.captures.set(Vec::new());
        vm.methods_changed();
    }
    Ok(())
}

/// The sub in a glob, declared if there is none.
pub fn declared_sub(vm: &mut Vm, g: &Ptr<Glob>) -> Ptr<Code> {
    if let Some(c) = g.cv.get() {
        return c.clone();
    }
    let c = Code::new(Body::None);
    c.glob.set(Some(g.clone()));
    g.cv.set(Some(c.clone()));
    vm.glob_sub_replaced(g);
    c
}

/// `rt.code.ref`
pub fn code_ref(vm: &mut Vm, name: u32) -> R<Val> {
    let g = sym_glob(vm, name);
    if g.flag(gvf::UNFIT) {
        let full = vm.glob_full_name(&g);
        if let Some(kind) = vm.unfit_entry(&full) {
            return Err(vm.die_text(&format!("Cannot convert a reference to {kind} to typeglob")));
        }
    }
    Ok(Val::reference(declared_sub(vm, &g)))
}

/// `rt.code.defined`
pub fn code_defined(vm: &mut Vm, name: u32) -> R<Val> {
    Ok(Val::bool(sym_glob(vm, name).cv.get().as_ref().is_some_and(|c| c.is_defined())))
}

/// `rt.code.exists`
pub fn code_exists(vm: &mut Vm, name: u32) -> R<Val> {
    Ok(Val::bool(sym_glob(vm, name).cv.get().is_some()))
}

/// The sub a value names or refers to, `None` if there is none. Never dies for plain names.
fn code_maybe(vm: &mut Vm, b: &Val) -> R<Option<Ptr<Code>>> {
    if let Some(c) = b.cv() {
        return Ok(Some(c));
    }
    if b.tag() == tag::GLOB || (b.is_ref() && b.gv().is_some()) {
        return Ok(b.gv().and_then(|g| g.cv.get().clone()));
    }
    if b.is_ref() {
        return match vm.overload_deref(b, "&{}")? {
            Some(v) if v.addr() != b.addr() => code_maybe(vm, &v),
            _ => Err(vm.die_text("Not a CODE reference")),
        };
    }
    let (n, u) = vm.str_bytes_quiet(b)?;
    let n = n.strip_prefix(b"&").unwrap_or(&n).to_vec();
    let full = vm.qualify(&n);
    Ok(vm.gv_find(&full, u, false).and_then(|g| g.cv.get().clone()))
}

/// `rt.code.test`
pub fn code_test(vm: &mut Vm, b: &Val, what: u64) -> R<Val> {
    let c = code_maybe(vm, b)?;
    Ok(Val::bool(match what {
        0 => c.is_some_and(|c| c.is_defined()),
        _ => c.is_some(),
    }))
}

/// `rt.gv.test`: `defined *{$x}`; a name does not make the glob, and is allowed under `strict refs`.
pub fn glob_test(vm: &mut Vm, b: &Val) -> R<Val> {
    if b.tag() == tag::GLOB || b.is_ref() {
        return super::refs::deref_gv(vm, b, 0).map(|_| Val::bool(true));
    }
    let (n, u) = vm.str_bytes_quiet(b)?;
    let full = vm.qualify(&n);
    Ok(Val::bool(!n.is_empty() && vm.gv_or_special(&full, u).is_some()))
}

/// `rt.code.ref.dyn`
pub fn code_ref_dyn(vm: &mut Vm, b: &Val) -> R<Val> {
    if let Some(c) = code_maybe(vm, b)? {
        return Ok(Val::reference(c));
    }
    if b.is_undef() && vm.hint(STRICT_REFS) {
        return Err(vm.die_text("Can't use an undefined value as a subroutine reference"));
    }
    // `\&$name` is exempt from strict refs and declares the sub.
    let (n, u) = vm.str_bytes_quiet(b)?;
    let n = n.strip_prefix(b"&").unwrap_or(&n).to_vec();
    let full = vm.qualify(&n);
    let g = vm.gv(&full, u);
    Ok(Val::reference(declared_sub(vm, &g)))
}

/// `rt.prototype`
pub fn prototype(vm: &mut Vm, b: &Val) -> R<Val> {
    if !b.is_ref() {
        let (n, _) = vm.str_bytes(b)?;
        let n = n.strip_prefix(b"&").unwrap_or(&n);
        if let Some(core) = n.strip_prefix(b"CORE::") {
            let name = String::from_utf8_lossy(core).into_owned();
            return super::sub::core_prototype(vm, &name);
        }
    }
    Ok(match code_maybe(vm, b)? {
        Some(c) => c.prototype.get().as_ref().map_or(Val::undef(), |p| {
            // Kept as the source has it: text that is not ASCII is utf8.
            Val::str(p, !p.is_ascii() && std::str::from_utf8(p).is_ok())
        }),
        None => Val::undef(),
    })
}
