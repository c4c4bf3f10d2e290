//! UNIVERSAL::isa/can/DOES/VERSION, Internals::*, mro's core part, Regexp and constant helpers.

use crate::Vm;
use crate::exc::{R, Ret, Want};
use crate::warn::cat;
use keshi_value::obj::{Obj, flag};
use keshi_value::val::tag;
use keshi_value::{Array, Code, Glob, Hash, Ptr, Val};

pub fn define(vm: &mut Vm) {
    vm.define_native("UNIVERSAL::isa", isa, None);
    vm.define_native("UNIVERSAL::can", can, None);
    vm.define_native("UNIVERSAL::DOES", does, None);
    vm.define_native("UNIVERSAL::VERSION", version, None);
    vm.define_native("UNIVERSAL::import", import, None);
    vm.define_native("UNIVERSAL::unimport", unimport, None);
    vm.define_native("Internals::SvREADONLY", sv_readonly, Some("\\[$%@];$"));
    vm.define_native("Internals::SvREFCNT", sv_refcnt, Some("\\[$%@];$"));
    vm.define_native("Internals::hv_clear_placeholders", hv_clear_placeholders, Some("\\%"));
    vm.define_native("Internals::stack_refcounted", one, None);
    vm.define_native("Internals::V", build_options, None);
    vm.define_native("mro::get_linear_isa", get_linear_isa, None);
    vm.define_native("mro::set_mro", set_mro, None);
    vm.define_native("mro::get_mro", get_mro, None);
    vm.define_native("mro::is_universal", is_universal, None);
    vm.define_native("mro::method_changed_in", method_changed_in, None);
    vm.define_native("mro::invalidate_all_method_caches", invalidate_all, None);
    vm.define_native("mro::get_pkg_gen", get_pkg_gen, None);
    vm.define_native("Regexp::DESTROY", nothing, Some(""));
    vm.define_native("re::is_regexp", is_regexp, Some("$"));
}

fn arg(vm: &mut Vm, a: &Ptr<Array>, i: i64) -> R<Val> {
    vm.av_get(a, i)
}

/// Restricted hashes keep no places for deleted keys here.
fn hv_clear_placeholders(vm: &mut Vm, a: &Ptr<Array>, _w: Want, _c: &Ptr<Code>) -> R<Ret> {
    let hash = a.len() == 1 && arg(vm, a, 0)?.hv().is_some();
    if hash { Ok(Ret::empty()) } else { Err(vm.die_text("Usage: Internals::hv_clear_placeholders(hv)")) }
}
/// `Regexp::DESTROY`
fn nothing(_vm: &mut Vm, _a: &Ptr<Array>, _w: Want, _c: &Ptr<Code>) -> R<Ret> {
    Ok(Ret::empty())
}
/// `Config` asks: options that bind binary modules (there are none), other options, when it was built.
fn build_options(_vm: &mut Vm, _a: &Ptr<Array>, _w: Want, _c: &Ptr<Code>) -> R<Ret> {
    let options = " PERLIO_LAYERS USE_64_BIT_ALL USE_64_BIT_INT USE_LARGE_FILES USE_PERLIO";
    let built = format!("Keshi {}", env!("CARGO_PKG_VERSION"));
    Ok(Ret::List(Array::from_vec(vec![Val::bytes(options), Val::bytes(""), Val::text(&built)])))
}
/// Values on lists are counted.
fn one(_vm: &mut Vm, _a: &Ptr<Array>, _w: Want, _c: &Ptr<Code>) -> R<Ret> {
    Ok(Ret::Scalar(Val::int(1)))
}

/// `CLASS->import` of a class that has none: nothing, but arguments are worth a warning.
fn import(vm: &mut Vm, a: &Ptr<Array>, _w: Want, _c: &Ptr<Code>) -> R<Ret> {
    no_import(vm, a, "import")
}
fn unimport(vm: &mut Vm, a: &Ptr<Array>, _w: Want, _c: &Ptr<Code>) -> R<Ret> {
    no_import(vm, a, "unimport")
}

fn no_import(vm: &mut Vm, a: &Ptr<Array>, name: &str) -> R<Ret> {
    if a.len() > 1 {
        let class = arg(vm, a, 0)?;
        let class = vm.text_of(&class)?;
        if class == "UNIVERSAL" {
            return Err(vm.die_text("UNIVERSAL does not export anything"));
        }
        if vm.warns_default(cat::DEPRECATED_MISSING_IMPORT_CALLED_WITH_ARGS) {
            let first = arg(vm, a, 1)?;
            let (b, u) = vm.str_bytes_quiet(&first)?;
            let shown = keshi_text::quote::display(&b, u, 256);
            let more = if a.len() > 2 { " ..." } else { "" };
            let msg = format!(
                "Attempt to call undefined {name} method with arguments ({shown}{more}) via package \"{class}\" \
                 (Perhaps you forgot to load the package?)"
            );
            vm.warn_always(cat::DEPRECATED_MISSING_IMPORT_CALLED_WITH_ARGS, msg.as_bytes(), !msg.is_ascii())?;
        }
    }
    Ok(Ret::empty())
}

fn isa(vm: &mut Vm, a: &Ptr<Array>, _w: Want, _c: &Ptr<Code>) -> R<Ret> {
    if a.len() != 2 {
        return Err(vm.die_text("Usage: isa(reference, kind)"));
    }
    let (inv, class) = (arg(vm, a, 0)?, arg(vm, a, 1)?);
    let (n, _) = vm.str_bytes_quiet(&class)?;
    if inv.is_undef() {
        return Ok(Ret::Scalar(Val::undef()));
    }
    if inv.is_ref() {
        if vm.reftype(&inv).as_bytes() == &n[..] {
            return Ok(Ret::bool(true));
        }
        return match vm.class_of(&inv) {
            Some(st) => Ok(Ret::bool(vm.derives_from(&st, &n)?)),
            None => Ok(Ret::bool(false)),
        };
    }
    let (own, u) = vm.str_bytes_quiet(&inv)?;
    if own.is_empty() {
        return Ok(Ret::Scalar(Val::undef()));
    }
    // A class nobody knows derives from UNIVERSAL all the same.
    let stash = match vm.stash(&own, u, false) {
        Some(st) => Some(st),
        None => vm.stash(b"UNIVERSAL", false, false),
    };
    match stash {
        Some(st) => Ok(Ret::bool(vm.derives_from(&st, &n)?)),
        None => Ok(Ret::bool(false)),
    }
}

fn does(vm: &mut Vm, a: &Ptr<Array>, w: Want, c: &Ptr<Code>) -> R<Ret> {
    if a.len() != 2 {
        return Err(vm.die_text("Usage: invocant->DOES(kind)"));
    }
    let (inv, class) = (arg(vm, a, 0)?, arg(vm, a, 1)?);
    let own = match vm.blessed_name(&inv) {
        Some(n) => n,
        None if inv.is_ref() => {
            return Err(vm.die_text("Can't call method \"DOES\" on unblessed reference"));
        }
        None => vm.to_str_val(&inv)?,
    };
    if inv.is_undef() || own.as_str().is_some_and(|s| s.bytes().is_empty()) {
        return Ok(Ret::bool(false));
    }
    if vm.str_bytes_quiet(&own)? == vm.str_bytes_quiet(&class)? {
        return Ok(Ret::bool(true));
    }
    match vm.class_of(&inv) {
        Some(_) => {
            let r = vm.tied_call(&inv, "isa", vec![class])?;
            Ok(Ret::bool(vm.truth(&r)?))
        }
        None => isa(vm, a, w, c),
    }
}

fn can(vm: &mut Vm, a: &Ptr<Array>, _w: Want, _c: &Ptr<Code>) -> R<Ret> {
    if a.len() != 2 {
        return Err(vm.die_text("Usage: UNIVERSAL::can(object-ref, method)"));
    }
    let (inv, m) = (arg(vm, a, 0)?, arg(vm, a, 1)?);
    let (name, name_utf8) = vm.str_bytes_quiet(&m)?;
    let name = name.into_owned();
    let Some(stash) = class_or_handle(vm, &inv)? else { return Ok(Ret::Scalar(Val::undef())) };
    let found = match memchr::memmem::rfind(&name, b"::") {
        None => vm.find_method(&stash, &name)?,
        Some(i) => match vm.stash(&name[..i], name_utf8, false) {
            Some(st) => vm.find_method(&st, &name[i + 2..])?,
            None => None,
        },
    };
    Ok(Ret::Scalar(found.map_or(Val::undef(), Val::reference)))
}

/// Where `can` looks: the class of an object, of a file handle, of that name, or UNIVERSAL.
fn class_or_handle(vm: &mut Vm, inv: &Val) -> R<Option<Ptr<Hash>>> {
    if inv.is_undef() {
        return Ok(None);
    }
    if let Some(st) = vm.class_of(inv) {
        return Ok(Some(st));
    }
    let handle = |g: &Ptr<Glob>| g.io.get().is_some();
    if inv.is_ref() || inv.tag() == tag::GLOB {
        let glob = inv.gv().or_else(|| inv.scalar().and_then(|s| s.peek().gv()));
        return Ok(match glob {
            Some(g) if handle(&g) => vm.stash(b"IO::File", false, true),
            _ => None,
        });
    }
    let (own, u) = vm.str_bytes_quiet(inv)?;
    if own.is_empty() {
        return Ok(None);
    }
    let own = own.into_owned();
    if let Some(st) = vm.stash(&own, u, false) {
        return Ok(Some(st));
    }
    let full = vm.qualify(&own);
    let class: &[u8] = match vm.gv_find(&full, u, false) {
        Some(g) if handle(&g) => b"IO::File",
        _ => b"UNIVERSAL",
    };
    Ok(vm.stash(class, false, true))
}

fn version(vm: &mut Vm, a: &Ptr<Array>, _w: Want, _c: &Ptr<Code>) -> R<Ret> {
    let inv = arg(vm, a, 0)?;
    let stash = vm.class_of(&inv);
    let name = match vm.blessed_name(&inv) {
        Some(n) => vm.text_of(&n)?,
        None => vm.text_of(&inv)?,
    };
    let have = match &stash {
        Some(st) => match vm.gv_in(st, b"VERSION", false, false) {
            Some(g) => {
                let s = g.scalar().clone();
                vm.get_sv(&s)?
            }
            None => Val::undef(),
        },
        None => Val::undef(),
    };
    if a.len() > 1 {
        let want = arg(vm, a, 1)?;
        if have.is_undef() {
            let m = if stash.is_some() {
                format!("{name} does not define ${name}::VERSION--version check failed")
            } else {
                format!("{name} defines neither package nor VERSION--version check failed")
            };
            return Err(vm.die_text(&m));
        }
        let (h, w) = (parse_version(vm, &have)?, parse_version(vm, &want)?);
        if h.vcmp(&w) == std::cmp::Ordering::Less {
            let wt = vm.text_of(&want)?;
            let dotted = wt.starts_with('v') || wt.matches('.').count() > 1 || want.as_dual().is_some();
            let (ws, hs) = if dotted { (w.normal(), h.normal()) } else { (w.stringify(), h.stringify()) };
            return Err(vm.die_text(&format!("{name} version {ws} required--this is only version {hs}")));
        }
    }
    Ok(Ret::Scalar(have))
}

/// A version from any value: number, string, v-string, version object.
pub fn parse_version(vm: &mut Vm, v: &Val) -> R<keshi_text::version::Version> {
    if v.is_ref() {
        if let Some(h) = v.hv() {
            let o = h.get_str("original").unwrap_or_default();
            return parse_version(vm, &o);
        }
    }
    let lit = v.as_dual().and_then(|d| d.vstring.clone());
    let text = match lit {
        Some(l) => l,
        None => {
            let (b, _) = vm.str_bytes(v)?;
            b.into_owned()
        }
    };
    match keshi_text::version::Version::parse(&text) {
        Ok(p) => Ok(p.version),
        Err(m) => Err(vm.die_text(&m)),
    }
}

/// The object an `Internals::` function is about: the referent of its first argument, one of one or two.
fn referent(vm: &mut Vm, a: &Ptr<Array>, usage: &str) -> R<Val> {
    let v = if a.is_empty() { Val::undef() } else { arg(vm, a, 0)? };
    if !v.is_ref() || a.len() > 2 {
        return Err(vm.die_text(&format!("Usage: Internals::{usage}")));
    }
    Ok(v)
}

fn sv_readonly(vm: &mut Vm, a: &Ptr<Array>, _w: Want, _c: &Ptr<Code>) -> R<Ret> {
    let v = referent(vm, a, "SvREADONLY(SCALAR[, ON])")?;
    if a.len() > 1 {
        let on = arg(vm, a, 1)?;
        let on = vm.truth(&on)?;
        let protected = vm.immortals.iter().any(|t| t.addr() as u64 == v.addr());
        if let Some(h) = v.hdr().filter(|_| !protected) {
            h.set(flag::READONLY, on);
        }
        return Ok(Ret::bool(on));
    }
    Ok(Ret::bool(v.hdr().is_some_and(|h| h.has(flag::READONLY))))
}

thread_local! {
    /// Counts that `Internals::SvREFCNT` gave an object beyond its references: only those can be taken back.
    static GIVEN_COUNTS: std::cell::RefCell<std::collections::HashMap<u64, u32>> = Default::default();
}

fn sv_refcnt(vm: &mut Vm, a: &Ptr<Array>, _w: Want, _c: &Ptr<Code>) -> R<Ret> {
    let v = referent(vm, a, "SvREFCNT(SCALAR[, REFCOUNT])")?;
    let Some(h) = v.hdr() else { return Ok(Ret::Scalar(Val::int(0))) };
    // The reference in the argument list and our own do not count.
    const OURS: u32 = 2;
    if a.len() > 1 {
        let wanted = arg(vm, a, 1)?;
        let wanted = vm.to_iv(&wanted)?.clamp(0, (u32::MAX - 13).into()) as u32;
        GIVEN_COUNTS.with_borrow_mut(|given| {
            let mine = given.get(&v.addr()).copied().unwrap_or(0);
            let real = h.rc.get().saturating_sub(OURS).saturating_sub(mine);
            let extra = wanted.saturating_sub(real);
            h.rc.set(real + extra + OURS);
            if extra == 0 { given.remove(&v.addr()) } else { given.insert(v.addr(), extra) }
        });
    }
    Ok(Ret::Scalar(Val::int(h.rc.get().saturating_sub(OURS).into())))
}

fn class_arg(vm: &mut Vm, a: &Ptr<Array>, create: bool) -> R<Option<Ptr<Hash>>> {
    let v = arg(vm, a, 0)?;
    let (n, u) = vm.str_bytes_quiet(&v)?;
    Ok(vm.stash(&n, u, create))
}

fn get_linear_isa(vm: &mut Vm, a: &Ptr<Array>, _w: Want, _c: &Ptr<Code>) -> R<Ret> {
    let list = match class_arg(vm, a, false)? {
        Some(st) => {
            if a.len() > 1 {
                let kind = arg(vm, a, 1)?;
                let k = vm.text_of(&kind)?;
                if k != "dfs" && k != "c3" {
                    return Err(vm.die_text(&format!("Invalid mro name: '{k}'")));
                }
                vm.mro_by(&st, k == "c3")?
            } else {
                vm.mro(&st)?.to_vec()
            }
        }
        None => vec![arg(vm, a, 0)?],
    };
    Ok(Ret::Scalar(Val::reference(Array::from_vec(list))))
}

fn set_mro(vm: &mut Vm, a: &Ptr<Array>, _w: Want, _c: &Ptr<Code>) -> R<Ret> {
    let kind = arg(vm, a, 1)?;
    let k = vm.text_of(&kind)?;
    if k != "dfs" && k != "c3" {
        return Err(vm.die_text(&format!("Invalid mro name: '{k}'")));
    }
    if let Some(st) = class_arg(vm, a, true)? {
        if let Some(i) = st.hdr().ext_mut().stash_info.as_mut() {
            i.use_c3 = k == "c3";
        }
    }
    vm.methods_changed();
    Ok(Ret::Void)
}

fn get_mro(vm: &mut Vm, a: &Ptr<Array>, _w: Want, _c: &Ptr<Code>) -> R<Ret> {
    let c3 = class_arg(vm, a, false)?
        .is_some_and(|st| st.hdr().ext().and_then(|e| e.stash_info.as_ref()).is_some_and(|i| i.use_c3));
    Ok(Ret::Scalar(Val::bytes(if c3 { "c3" } else { "dfs" })))
}

/// Do all classes derive from this one?
fn is_universal(vm: &mut Vm, a: &Ptr<Array>, _w: Want, _c: &Ptr<Code>) -> R<Ret> {
    let v = arg(vm, a, 0)?;
    let (n, _) = vm.str_bytes_quiet(&v)?;
    if &n[..] == b"UNIVERSAL" {
        return Ok(Ret::bool(true));
    }
    let universal = vm.stash(b"UNIVERSAL", false, true).expect("created");
    Ok(Ret::bool(vm.derives_from(&universal, &n)?))
}

fn method_changed_in(vm: &mut Vm, a: &Ptr<Array>, _w: Want, _c: &Ptr<Code>) -> R<Ret> {
    let v = arg(vm, a, 0)?;
    if class_arg(vm, a, false)?.is_none() {
        let n = vm.text_of(&v)?;
        return Err(vm.die_text(&format!("No such class: \"{n}\"!")));
    }
    let v = vm.to_str_val(&v)?;
    vm.methods_changed_in(&v);
    Ok(Ret::Void)
}

fn invalidate_all(vm: &mut Vm, _a: &Ptr<Array>, _w: Want, _c: &Ptr<Code>) -> R<Ret> {
    vm.methods_changed();
    Ok(Ret::Void)
}

fn get_pkg_gen(vm: &mut Vm, a: &Ptr<Array>, _w: Want, _c: &Ptr<Code>) -> R<Ret> {
    let n = match class_arg(vm, a, false)? {
        Some(st) => vm.package_generation(&st) as i64,
        None => 0,
    };
    Ok(Ret::Scalar(Val::int(n)))
}

fn is_regexp(vm: &mut Vm, a: &Ptr<Array>, _w: Want, _c: &Ptr<Code>) -> R<Ret> {
    let v = arg(vm, a, 0)?;
    Ok(Ret::bool(v.is_ref() && crate::regex::compiled(&v).is_some()))
}
