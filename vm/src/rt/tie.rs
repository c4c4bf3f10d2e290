//! `tie`, `tied`, `untie`.

use crate::Vm;
use crate::exc::{R, Want};
use crate::magic::Magic;
use keshi_value::obj::{Kind, Obj, flag};
use keshi_value::val::{meta, tag};
use keshi_value::{Array, Code, IoObj, Ptr, Val};

/// A stash entry that is a glob. Any other scalar with a glob in it is tied as the scalar it is.
fn is_glob_ref(v: &Val) -> bool {
    v.as_scalar().is_some_and(|s| s.peek().tag() == tag::GLOB && s.peek().meta & meta::REAL_GLOB != 0)
}

/// The method `TIE…` of a class or object; an empty class name is `main`.
fn constructor(vm: &mut Vm, class: &Val, method: &str) -> R<Ptr<Code>> {
    // A glob stands for the class of its name.
    if class.tag() == tag::GLOB {
        let n = vm.glob_string(class);
        let (n, u) = vm.str_bytes_quiet(&n)?;
        let n = n.strip_prefix(b"*").unwrap_or(&n);
        let name = Val::str(n.strip_prefix(b"main::").unwrap_or(n), u);
        let stash = vm.stash(n, u, false);
        if let Some(s) = &stash
            && let Some(c) = vm.method_in_stash(s, method.as_bytes())?
        {
            return Ok(c);
        }
        let t = vm.text_of(&name)?;
        return Err(vm.die_text(&format!("Can't locate object method \"{method}\" via package \"{t}\"")));
    }
    let stash = match class.hdr().filter(|_| class.is_ref()) {
        Some(h) => h.stash().cloned(),
        None => {
            let (b, u) = vm.str_bytes_quiet(class)?;
            let name = if b.is_empty() { b"main".to_vec() } else { b.into_owned() };
            vm.stash(&name, u, false)
        }
    };
    if let Some(s) = &stash {
        if let Some(c) = vm.method_in_stash(s, method.as_bytes())? {
            return Ok(c);
        }
    }
    let (package, hint) = match stash {
        Some(s) => (vm.stash_name(&s), false),
        None => (class.clone(), !class.is_ref()),
    };
    let t = if hint && !vm.truth(&package)? { String::new() } else { vm.text_of(&package)? };
    let hint = if hint { format!(" (perhaps you forgot to load \"{t}\"?)") } else { String::new() };
    Err(vm.die_text(&format!("Can't locate object method \"{method}\" via package \"{t}\"{hint}")))
}

/// The IO object of a glob, made if it has none, of a scalar that holds one, or of a reference to one.
fn handle_of(b: &Val) -> Option<Ptr<IoObj>> {
    let Some(g) = b.gv().or_else(|| b.as_scalar().and_then(|s| s.peek().gv())) else { return b.io() };
    if g.io.get().is_none() {
        g.io.set(Some(IoObj::new()));
    }
    g.io.get().clone()
}

/// `rt.tie`
pub fn tie(vm: &mut Vm, b: &Val, c: &Val) -> R<Val> {
    let b = &undeferred(vm, b, true)?;
    let args = c.av().map(|a| a.as_slice().to_vec()).unwrap_or_default();
    let mut it = args.into_iter();
    let class = it.next().unwrap_or_default();
    let class = vm.read(&class)?;
    let rest: Vec<Val> = it.collect();
    let method = match b.kind() {
        Kind::ARRAY => "TIEARRAY",
        Kind::HASH => "TIEHASH",
        Kind::GLOB | Kind::IO => "TIEHANDLE",
        Kind::SCALAR if is_glob_ref(b) => "TIEHANDLE",
        _ => "TIESCALAR",
    };
    let code = constructor(vm, &class, method)?;
    if method == "TIESCALAR" && b.hdr().is_some_and(|h| h.has(flag::READONLY)) {
        return Err(vm.die_text("Modification of a read-only value attempted"));
    }
    untie_quiet(vm, b);
    let mut all = vec![class];
    all.extend(rest);
    let obj = vm.call(&code, Array::from_vec(all), Want::Scalar)?.scalar();
    let obj = vm.read(&obj)?;
    if vm.blessed_name(&obj).is_none() {
        return Ok(obj);
    }
    if matches!(b.kind(), Kind::ARRAY | Kind::HASH) && obj.addr() == b.addr() {
        return Err(vm.die_text("Self-ties of arrays and hashes are not supported"));
    }
    let magic = Magic::Tied(obj.clone());
    if let Some(a) = b.as_av() {
        vm.set_magic(a, magic);
    } else if let Some(h) = b.as_hv() {
        h.iter_reset();
        vm.set_magic(h, magic);
    } else if let Some(s) = b.as_scalar().filter(|_| !is_glob_ref(b)) {
        vm.set_magic(s, magic);
    } else if let Some(io) = handle_of(b) {
        vm.set_magic(&*io, magic);
    }
    Ok(obj)
}

/// The element that an argument of the running call stands for; made if `create`.
fn undeferred(vm: &mut Vm, b: &Val, create: bool) -> R<Val> {
    let Some(Magic::Defer(c, k)) = b.as_scalar().and_then(|s| vm.magic_of(s)) else { return Ok(b.clone()) };
    let cell = match (c.av(), c.hv()) {
        (Some(a), _) => {
            let i = vm.to_iv(&k)?;
            if !create && !vm.av_exists(&a, i)? {
                return Ok(b.clone());
            }
            vm.av_elem(&a, i)?
        }
        (_, Some(h)) => {
            if !create && !vm.hv_exists(&h, &k)? {
                return Ok(b.clone());
            }
            vm.hv_elem(&h, &k)?
        }
        _ => return Ok(b.clone()),
    };
    Ok(Val::ptr(cell))
}

/// The tie object of whatever a reference points to.
pub fn tie_object(vm: &Vm, b: &Val) -> Option<Val> {
    match b.kind() {
        Kind::ARRAY => vm.tied_obj(b.as_av()?),
        Kind::HASH => vm.tied_obj(b.as_hv()?),
        // Also while one of its methods runs, when the scalar passes for a plain one.
        Kind::SCALAR if !is_glob_ref(b) => match vm.magic_of(b.as_scalar()?) {
            Some(Magic::Tied(obj)) => Some(obj),
            _ => None,
        },
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
        Kind::HASH => {
            super::hash::forget_tied_key(b.as_hv()?);
            vm.remove_magic(b.as_hv()?, is_tie)
        }
        Kind::SCALAR if !is_glob_ref(b) => vm.remove_magic(b.as_scalar()?, is_tie),
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
    let b = &undeferred(vm, b, false)?;
    if let Some(h) = b.as_hv()
        && let Some(Magic::Captures(all)) = vm.magic_of(h)
    {
        // `%+` and `%-` are ties of this class in perl.
        let flag = keshi_value::Scalar::new(Val::int(all.into()));
        if let Some(st) = vm.stash(b"Tie::Hash::NamedCapture", false, true) {
            keshi_value::obj::Obj::hdr(&*flag).bless(st);
        }
        return Ok(Val::reference(flag));
    }
    Ok(tie_object(vm, b).unwrap_or_default())
}

/// `rt.untie`
pub fn untie(vm: &mut Vm, b: &Val) -> R<Val> {
    let b = &undeferred(vm, b, false)?;
    let Some(obj) = tie_object(vm, b) else { return Ok(Val::bool(true)) };
    // While one of its methods runs, the machine itself holds the object.
    let in_method = b.as_scalar().is_some_and(|s| !s.hdr().is_magical());
    let extra = if in_method { 0 } else { obj.hdr().map_or(0, |h| h.rc.get()).saturating_sub(2) };
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
