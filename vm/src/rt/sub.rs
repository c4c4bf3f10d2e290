//! Calls as seen from Perl: code references, methods, `@_`, `caller`, `wantarray`, signatures.

use super::array::av;
use super::glob::glob_code;
use super::method::last_part;
use super::scope::alias_ptr;
use crate::Vm;
use crate::exc::{CallLv, R, Want};
use crate::frame::FrameKind;
use keshi_l1::chunk::Const;
use keshi_value::obj::Obj;
use keshi_value::val::tag;
use keshi_value::{Array, Body, Code, Ptr, Val};

const STRICT_REFS: u32 = 0x2;

/// `sub.missing`
pub fn missing(vm: &mut Vm, name: u32) -> R<Val> {
    let g = vm.frame().linked.globs[name as usize].clone();
    let c = Code::new(Body::None);
    c.glob.set(Some(g));
    Ok(Val::ptr(vm.autoload_for(&c)?))
}

/// `sub.code`: what `&$x(...)` and `$x->(...)` call.
pub fn code_of(vm: &mut Vm, b: &Val) -> R<Val> {
    if b.is_ref() {
        if let Some(c) = b.cv() {
            if !c.hdr().has(keshi_value::obj::flag::BLESSED) {
                return Ok(Val::ptr(c));
            }
        }
        if let Some(v) = vm.overload_deref(b, "&{}")? {
            if v.addr() != b.addr() {
                return code_of(vm, &v);
            }
        }
        if let Some(c) = b.cv() {
            return Ok(Val::ptr(c));
        }
        if let Some(g) = b.gv() {
            return Ok(glob_code(&g));
        }
        return Err(vm.die_text("Not a CODE reference"));
    }
    match b.tag() {
        tag::PTR if b.as_cv().is_some() => return Ok(b.clone()),
        tag::GLOB => {
            let g = b.gv().expect("GLOB");
            return Ok(glob_code(&g));
        }
        tag::UNDEF => {
            if vm.hint(STRICT_REFS) {
                return Err(vm.die_text("Can't use an undefined value as a subroutine reference"));
            }
            return Err(vm.die_text("Undefined subroutine &main:: called"));
        }
        _ => {}
    }
    let (n, u) = vm.str_bytes(b)?;
    if vm.hint(STRICT_REFS) {
        let shown = super::string::display(&n, u, 32);
        let dots = if n.len() > 32 { "\"..." } else { "\"" };
        return Err(vm.die_text(&format!(
            "Can't use string (\"{shown}{dots}) as a subroutine ref while \"strict refs\" in use"
        )));
    }
    code_of_name(vm, b)
}

/// `sub.code.sym`: what `goto &$x` goes to; names are allowed under `strict refs`.
pub fn code_of_name(vm: &mut Vm, b: &Val) -> R<Val> {
    if b.is_ref() || matches!(b.tag(), tag::PTR | tag::GLOB | tag::UNDEF) {
        return code_of(vm, b);
    }
    let (n, u) = vm.str_bytes(b)?;
    let n = n.strip_prefix(b"&").unwrap_or(&n).to_vec();
    let full = vm.qualify(&n);
    let g = vm.gv(&full, u);
    Ok(glob_code(&g))
}

fn sym_name(vm: &Vm, name: u32) -> Box<[u8]> {
    vm.frame().linked.chunk.syms[name as usize].name.clone()
}

/// Package part of `Pkg::meth`.
fn package_of(name: &[u8]) -> &[u8] {
    match memchr::memmem::rfind(name, b"::") {
        Some(i) => &name[..i],
        None => b"main",
    }
}

/// `SUPER::meth`: search from the parents of the package the call was compiled in.
pub fn method_super(vm: &mut Vm, b: &Val, name: u32) -> R<Val> {
    let full = sym_name(vm, name);
    let (pkg, meth) = (package_of(&full).to_vec(), last_part(&full).to_vec());
    super_lookup(vm, b, &pkg, &meth)
}

fn super_lookup(vm: &mut Vm, inv: &Val, pkg: &[u8], meth: &[u8]) -> R<Val> {
    // The invocant must be usable all the same.
    vm.invocant_stash(inv, meth)?;
    let stash = vm.stash(pkg, !pkg.is_ascii(), false);
    let parents = match &stash {
        Some(stash) => vm.mro(stash)?.iter().skip(1).cloned().collect(),
        None => Vec::new(),
    };
    let universal = Val::bytes("UNIVERSAL");
    for class in parents.iter().chain([&universal]) {
        if let Some(c) = vm.sub_in_class(class, meth) {
            return Ok(Val::ptr(c));
        }
    }
    // `$AUTOLOAD` names the place of the call, not the parent.
    let (m, name) = (Val::str(meth, !meth.is_ascii()), [pkg, b"::SUPER"].concat());
    let name = Val::str(&name, !name.is_ascii());
    for class in parents.iter().chain([&universal]) {
        let Some(s) = class.as_str() else { continue };
        let Some(st) = vm.stash(s.bytes(), s.utf8(), false) else { continue };
        if let Some(a) = vm.autoload_in(&st, &m, &name, true)? {
            return Ok(Val::ptr(a));
        }
    }
    // Without the package the whole is taken for the name of one.
    let class = if stash.is_some() { Val::str(pkg, !pkg.is_ascii()) } else { name };
    Err(vm.no_method(&class, meth)?)
}

/// `$x->Other::meth`
pub fn method_in(vm: &mut Vm, b: &Val, name: u32) -> R<Val> {
    let full = sym_name(vm, name);
    qualified(vm, b, &full)
}

fn qualified(vm: &mut Vm, inv: &Val, full: &[u8]) -> R<Val> {
    let (pkg, meth) = (package_of(full).to_vec(), last_part(full).to_vec());
    if let Some(p) = pkg.strip_suffix(b"::SUPER") {
        return super_lookup(vm, inv, p, &meth);
    }
    if pkg == b"SUPER" {
        let here = vm.here().package;
        return super_lookup(vm, inv, &here, &meth);
    }
    vm.invocant_stash(inv, &meth)?;
    if let Some(stash) = vm.stash(&pkg, !pkg.is_ascii(), false) {
        if let Some(c) = vm.method_in_stash(&stash, &meth)? {
            return Ok(Val::ptr(c));
        }
    }
    let class = Val::str(&pkg, !pkg.is_ascii());
    Err(vm.no_method(&class, &meth)?)
}

/// `$x->$name`
pub fn method_dynamic(vm: &mut Vm, b: &Val, c: &Val) -> R<Val> {
    if c.is_ref() {
        if let Some(code) = c.cv() {
            return Ok(Val::ptr(code));
        }
        return code_of(vm, c);
    }
    let (n, _) = vm.str_bytes(c)?;
    if memchr::memmem::find(&n, b"::").is_some() {
        return qualified(vm, b, &n);
    }
    match vm.method_lookup(b, &n)? {
        Some(c) => Ok(Val::ptr(c)),
        None => Err(vm.no_method(b, &n)?),
    }
}

/// import/unimport: no error if missing.
pub fn method_maybe(vm: &mut Vm, b: &Val, name: u32) -> R<Val> {
    let full = sym_name(vm, name);
    let m = last_part(&full).to_vec();
    let Some(stash) = vm.invocant_stash(b, &m)? else { return Ok(Val::undef()) };
    Ok(vm.method_in_stash(&stash, &m)?.map_or(Val::undef(), Val::ptr))
}

/// `@_` from a position, copied.
pub fn arg_rest(vm: &mut Vm, from: u64) -> R<Val> {
    let a = vm.args();
    let vs = super::array::list_values(vm, &a, from as usize)?;
    Ok(Val::ptr(Array::from_vec(vs)))
}
/// number of arguments
pub fn arg_count(vm: &mut Vm) -> R<i64> {
    Ok(vm.args().len() as i64)
}
/// alias of an argument
pub fn arg_alias(vm: &mut Vm, i: u64) -> R<Val> {
    let a = vm.args();
    let Some(e) = a.as_mut_slice().get_mut(i as usize) else { return Ok(Val::undef()) };
    Ok(Val::ind(if e.is_alias() { alias_ptr_promoting(e) } else { e.promote() }))
}

fn alias_ptr_promoting(e: &mut Val) -> Ptr<keshi_value::Scalar> {
    if e.tag() == tag::SLOT { e.promote() } else { alias_ptr(e) }
}

/// Arity check of a signature: List[required, maximum or -1, slurpy kind].
pub fn sig_check(vm: &mut Vm, spec: u32) -> R<()> {
    let linked = vm.frame().linked.clone();
    let Const::List(l) = &linked.chunk.consts[spec as usize] else {
        return Err(vm.die_text("panic: signature constant"));
    };
    let n = |i: usize| match l.get(i) {
        Some(Const::Int(v)) => *v,
        _ => 0,
    };
    let (required, max, slurpy) = (n(0), n(1), n(2));
    let got = vm.args().len() as i64;
    let name = match vm.sub_full_name(&vm.frame().code.clone()) {
        Some(s) => s,
        None => "main::__ANON__".into(),
    };
    if got < required {
        let least = if max != required || slurpy != 0 { "at least " } else { "" };
        return Err(vm.die_from_caller(&format!(
            "Too few arguments for subroutine '{name}' (got {got}; expected {least}{required})"
        )));
    }
    if slurpy == 0 && got > max {
        let most = if max != required { "at most " } else { "" };
        return Err(vm.die_from_caller(&format!(
            "Too many arguments for subroutine '{name}' (got {got}; expected {most}{max})"
        )));
    }
    let named = n(3);
    if slurpy == 2 && got > named && (got - named) % 2 == 1 {
        return Err(vm.die_from_caller(&format!("Odd name/value argument for subroutine '{name}'")));
    }
    Ok(())
}

/// wantarray
pub fn wantarray(vm: &mut Vm) -> R<Val> {
    for f in vm.frames.iter().rev() {
        if f.kind == FrameKind::EvalStr || f.kind == FrameKind::Sub || f.kind == FrameKind::File {
            return Ok(match f.want {
                Want::Void => Val::undef(),
                Want::Scalar => Val::bool(false),
                Want::List => Val::bool(true),
            });
        }
    }
    Ok(Val::undef())
}

/// `__SUB__`
pub fn current_sub(vm: &mut Vm) -> R<Val> {
    for f in vm.frames.iter().rev() {
        match f.kind {
            // `&CORE::__SUB__`
            FrameKind::Sub if f.linked.chunk.lines.is_empty() => {}
            FrameKind::Sub => return Ok(Val::reference(f.code.clone())),
            FrameKind::File => return Ok(Val::undef()),
            _ => {}
        }
    }
    Ok(Val::undef())
}
/// `\&CORE::name`
pub fn core_sub(vm: &mut Vm, name: u32) -> R<Val> {
    let n = sym_name(vm, name);
    let n = String::from_utf8_lossy(last_part(&n)).into_owned();
    Err(vm.unimplemented(&format!("&CORE::{n}")))
}
/// A value the Host holds, by the Int constant with its handle.
fn held(vm: &mut Vm, k: u32) -> Val {
    let n = match vm.frame().linked.chunk.consts[k as usize] {
        Const::Int(n) => n as usize,
        _ => usize::MAX,
    };
    vm.rtstate.control.host_consts.get(n).cloned().unwrap_or_default()
}
/// a constant held by the Host
pub fn host_const(vm: &mut Vm, handle: u32) -> R<Val> {
    let v = held(vm, handle);
    // A constant list counts itself in scalar context.
    Ok(match v.as_av() {
        Some(l) if v.tag() == tag::PTR => Val::int(l.len() as i64),
        _ => v,
    })
}
/// a list constant held by the Host
pub fn host_list(vm: &mut Vm, a: &Val, handle: u32) -> R<()> {
    let v = held(vm, handle);
    let out = av(a);
    match v.as_av() {
        Some(l) if v.tag() == tag::PTR => {
            for x in l.as_slice().to_vec() {
                out.push(x);
            }
        }
        _ => {
            // Who sees the item as an alias (`foreach`, `map`) must not change the constant.
            let mut v = v;
            super::refs::const_cell(vm, &mut v)?;
            out.push(v);
        }
    }
    Ok(())
}
/// `host.items`
pub fn host_items(vm: &mut Vm, a: &Val, handle: u32) -> R<()> {
    let l = Array::new();
    host_list(vm, &Val::ptr(l.clone()), handle)?;
    for mut v in l.take_all() {
        if v.is_undef() {
            v = Val::ind(vm.immortals[0].clone());
        } else if !v.is_alias() {
            let s = v.promote();
            s.hdr().set(keshi_value::obj::flag::READONLY, true);
        }
        av(a).push(v);
    }
    Ok(())
}
/// `lvalue.call`
pub fn lvalue_call(vm: &mut Vm, how: u64) -> R<()> {
    vm.call_lv = if how == 2 { CallLv::Assign } else { CallLv::Alias };
    Ok(())
}
/// `lvalue.keys`
pub fn lvalue_keys(vm: &mut Vm, l: &Val, h: &Val) -> R<()> {
    let array = h.as_av().is_some();
    if vm.frame().lv == CallLv::Assign {
        let what = if array { "keys on array" } else { "keys" };
        return Err(vm.die_text(&format!("Can't modify {what} in list assignment")));
    }
    if array { super::array::keys(vm, l, h) } else { super::hash::keys(vm, l, h) }
}
/// `lvalue.push`
pub fn lvalue_push(vm: &mut Vm, l: &Val, c: &Val) -> R<()> {
    if let (CallLv::Assign, Some(g)) = (vm.frame().lv, c.gv()) {
        let s = vm.magical(crate::magic::Magic::Glob(g));
        av(l).push(Val::ind(s));
        return Ok(());
    }
    if vm.frame().lv == CallLv::Assign {
        av(l).push(c.clone());
        return Ok(());
    }
    if let Some(g) = c.gv() {
        av(l).push(Val::glob(g));
        return Ok(());
    }
    match c.hv() {
        Some(_) => super::list::flatten_hv(vm, l, c),
        None => super::list::flatten_av(vm, l, c),
    }
}
/// `sub : const`
pub fn const_closure(vm: &mut Vm, b: &Val) -> R<Val> {
    let Some(c) = b.cv() else { return Ok(b.clone()) };
    let r = vm.call(&c, Array::new(), Want::List)?.list();
    let vs = super::array::list_values(vm, &r, 0)?;
    let v = if vs.len() == 1 { vs[0].clone() } else { Val::ptr(Array::from_vec(vs)) };
    let k = Code::new(Body::Const(v));
    k.set_flag(keshi_value::code::cvf::CONST | keshi_value::code::cvf::ANON, true);
    k.prototype.set(Some(Box::default()));
    Ok(Val::reference(k))
}
/// attributes->import
pub fn apply_attrs(vm: &mut Vm, a: &Val, attrs: u32) -> R<()> {
    let linked = vm.frame().linked.clone();
    let Const::List(l) = &linked.chunk.consts[attrs as usize] else { return Ok(()) };
    let mut texts = l.iter().filter_map(|c| match c {
        Const::Str { bytes, utf8 } => Some(Val::str(bytes, *utf8)),
        _ => None,
    });
    let mut args = vec![Val::bytes("attributes"), texts.next().unwrap_or_default(), a.clone()];
    args.extend(texts);
    let file = Val::bytes("attributes.pm");
    super::require::require_bare(vm, &file)?;
    let inv = args.remove(0);
    vm.call_method(&inv, "import", args, Want::Void)?;
    Ok(())
}

/// `prototype "CORE::name"`.
pub fn core_prototype(vm: &mut Vm, name: &str) -> R<Val> {
    let Some(c) = vm.compiler.clone() else { return Ok(Val::undef()) };
    match c.core_prototype(name) {
        Some(Some(p)) => Ok(Val::text(&p)),
        Some(None) => Ok(Val::undef()),
        None => Err(vm.die_text(&format!("Can't find an opnumber for \"{name}\""))),
    }
}
