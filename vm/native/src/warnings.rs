//! Functions of package warnings: `use warnings` is native in the compiler, so they exist without the file.
//!
//! `%warnings::Offsets` holds the bit offsets of registered categories, as in warnings.pm.

use crate::args::*;
use keshi_value::Val;
use keshi_vm::warn::cat;
use keshi_vm::{R, Ret, Vm, Want};

const SUBS: &[Def] = &[
    ("enabled", enabled, None),
    ("fatal_enabled", fatal_enabled, None),
    ("warn", warn, None),
    ("warnif", warnif, None),
    ("enabled_at_level", enabled_at_level, None),
    ("fatal_enabled_at_level", fatal_enabled_at_level, None),
    ("warn_at_level", warn_at_level, None),
    ("warnif_at_level", warnif_at_level, None),
    ("register_categories", register_categories, None),
];

/// First offset for categories of modules: behind the built-in ones (80 categories).
const FIRST_FREE: i64 = 160;

pub fn define_always(vm: &mut Vm) {
    define(vm, "warnings", SUBS);
    vm.gv_str("warnings::VERSION").scalar().set(Val::bytes("1.74"));
}

/// Category number of a name, built in or registered.
fn category(vm: &mut Vm, name: &str) -> Option<u32> {
    if let Some(c) = cat::by_name(name) {
        return Some(c);
    }
    let h = vm.gv_str("warnings::Offsets").hash().clone();
    h.get_str(name).map(|v| v.as_i64() as u32 / 2)
}

fn register_categories(vm: &mut Vm, a: &Args, _w: Want, _c: &Cv) -> R<Ret> {
    let h = vm.gv_str("warnings::Offsets").hash().clone();
    for i in 0..a.len() {
        let name = text(vm, a, i)?;
        if category(vm, &name).is_none() {
            let last = h.entries().map(|e| e.raw().as_i64()).max();
            let next = last.map_or(FIRST_FREE, |n| FIRST_FREE.max(n + 2));
            h.set_str(&name, Val::int(next));
        }
    }
    Ok(Ret::Void)
}

/// Where a warning is reported from: the first caller outside the package that checks.
struct Site {
    bits: Val,
    file: String,
    line: u32,
}

/// How the place is found.
enum At {
    /// The caller of the package.
    Package,
    /// The caller of the outermost sub whose first argument is that object.
    Object(Val),
    /// So many frames up.
    Level(usize),
}

fn related(vm: &mut Vm, a: &Val, b: &Val) -> R<bool> {
    for (x, y) in [(a, b), (b, a)] {
        let (n, _) = vm.str_bytes(y)?;
        if let Some(st) = vm.class_of(x) {
            if vm.derives_from(&st, &n)? {
                return Ok(true);
            }
        }
    }
    let (x, _) = vm.str_bytes(a)?;
    let (y, _) = vm.str_bytes(b)?;
    Ok(x == y)
}

fn site(vm: &mut Vm, at: &At) -> R<Site> {
    let here = vm.here();
    let mut called = Val::str(&here.package, !here.package.is_ascii());
    let mut level = 0;
    match at {
        At::Level(n) => level = *n,
        At::Object(o) => {
            // The last frame in an unbroken view of the stack that was called with the object.
            let mut found = None;
            let mut i = 0;
            while let Some(info) = vm.caller_info(i) {
                if let Some(args) = vm.frames.get(info.frame).and_then(|f| f.args.clone()) {
                    if args.get(0).is_some_and(|v| v.is_ref() && v.addr() == o.addr()) {
                        found = Some(i);
                    }
                }
                i += 1;
            }
            level = found.unwrap_or(0);
        }
        At::Package => {
            while let Some(info) = vm.caller_info(level) {
                if !related(vm, &called, &info.package)? {
                    break;
                }
                called = info.package;
                level += 1;
            }
        }
    }
    Ok(match vm.caller_info(level) {
        Some(i) => Site { file: vm.text_of(&i.file)?, line: i.line, bits: i.bitmask },
        // What the warnings module itself was compiled with: the default.
        None => {
            let bits = match at {
                // There is no such frame: nothing is on.
                At::Level(_) => Val::bytes("0"),
                _ => Val::undef(),
            };
            Site { file: String::from_utf8_lossy(&here.file).into_owned(), line: here.line, bits }
        }
    })
}

/// (on, fatal) of a category at a place.
fn state(vm: &mut Vm, s: &Site, c: u32) -> R<(bool, bool)> {
    if vm.all_warn || vm.no_warn {
        return Ok((vm.all_warn, false));
    }
    if s.bits.is_undef() {
        let on = vm.dash_w || pragma_default(c);
        return Ok((on, false));
    }
    let (b, _) = vm.str_bytes(&s.bits)?;
    let bit = |n: u32| b.get((n / 8) as usize).is_some_and(|x| x & (1 << (n % 8)) != 0);
    // A category registered after the scope was compiled follows "all".
    let c = if (c / 4) as usize >= b.len() { 0 } else { c };
    Ok((bit(2 * c), bit(2 * c + 1)))
}

fn pragma_default(c: u32) -> bool {
    matches!(c, cat::DEPRECATED | cat::EXPERIMENTAL | cat::SEVERE | cat::GLOB | cat::LOCALE)
}

/// Reads `[category or object], [level], [message]` as the functions share them.
struct Query {
    cat: u32,
    at: At,
    message: Option<Val>,
}

fn query(vm: &mut Vm, a: &Args, name: &str, has_level: bool, has_message: bool) -> R<Query> {
    let extra = has_level as usize + has_message as usize;
    if a.len() != extra && a.len() != extra + 1 {
        let args = match (has_level, has_message) {
            (false, false) => "[category]",
            (false, true) => "[category,] 'message'",
            (true, false) => "[category,] level",
            (true, true) => "[category,] level, 'message'",
        };
        return Err(vm.die_text(&format!("Usage: warnings::{name}({args})")));
    }
    let mut i = 0;
    let mut at = At::Package;
    let cat_name = if a.len() == extra + 1 {
        let v = arg(vm, a, 0)?;
        i = 1;
        match vm.blessed_name(&v) {
            Some(n) => {
                at = At::Object(v);
                vm.text_of(&n)?
            }
            None if v.is_ref() => {
                return Err(vm.die_text("not an object"));
            }
            None => vm.text_of(&v)?,
        }
    } else {
        String::from_utf8_lossy(&vm.here().package).into_owned()
    };
    let Some(cat) = category(vm, &cat_name) else {
        let what = if i == 1 {
            format!("Unknown warnings category '{cat_name}'")
        } else {
            format!("package '{cat_name}' not registered for warnings")
        };
        return Err(vm.die_text(&what));
    };
    if has_level {
        at = At::Level(iv(vm, a, i)?.max(0) as usize);
        i += 1;
    }
    let message = if has_message { Some(arg(vm, a, i)?) } else { None };
    Ok(Query { cat, at, message })
}

fn report(vm: &mut Vm, q: &Query, only_if: bool) -> R<Ret> {
    let s = site(vm, &q.at)?;
    let (on, fatal) = state(vm, &s, q.cat)?;
    if only_if && (!on || vm.no_warn) {
        return Ok(Ret::Void);
    }
    let m = q.message.clone().unwrap_or_default();
    let (b, u) = vm.str_bytes_quiet(&m)?;
    let mut out = b.into_owned();
    out.extend(vm.suffix_at(s.file.as_bytes(), s.line));
    let v = Val::str(&out, u);
    if fatal {
        return Err(vm.die_value(v));
    }
    vm.warn_value(v)?;
    Ok(Ret::Void)
}

fn enabled(vm: &mut Vm, a: &Args, _w: Want, _c: &Cv) -> R<Ret> {
    let q = query(vm, a, "enabled", false, false)?;
    let s = site(vm, &q.at)?;
    yes_no(state(vm, &s, q.cat)?.0)
}
fn fatal_enabled(vm: &mut Vm, a: &Args, _w: Want, _c: &Cv) -> R<Ret> {
    let q = query(vm, a, "fatal_enabled", false, false)?;
    let s = site(vm, &q.at)?;
    yes_no(state(vm, &s, q.cat)?.1)
}
fn warn(vm: &mut Vm, a: &Args, _w: Want, _c: &Cv) -> R<Ret> {
    let q = query(vm, a, "warn", false, true)?;
    report(vm, &q, false)
}
fn warnif(vm: &mut Vm, a: &Args, _w: Want, _c: &Cv) -> R<Ret> {
    let q = query(vm, a, "warnif", false, true)?;
    report(vm, &q, true)
}
fn enabled_at_level(vm: &mut Vm, a: &Args, _w: Want, _c: &Cv) -> R<Ret> {
    let q = query(vm, a, "enabled_at_level", true, false)?;
    let s = site(vm, &q.at)?;
    yes_no(state(vm, &s, q.cat)?.0)
}
fn fatal_enabled_at_level(vm: &mut Vm, a: &Args, _w: Want, _c: &Cv) -> R<Ret> {
    let q = query(vm, a, "fatal_enabled_at_level", true, false)?;
    let s = site(vm, &q.at)?;
    yes_no(state(vm, &s, q.cat)?.1)
}
fn warn_at_level(vm: &mut Vm, a: &Args, _w: Want, _c: &Cv) -> R<Ret> {
    let q = query(vm, a, "warn_at_level", true, true)?;
    report(vm, &q, false)
}
fn warnif_at_level(vm: &mut Vm, a: &Args, _w: Want, _c: &Cv) -> R<Ret> {
    let q = query(vm, a, "warnif_at_level", true, true)?;
    report(vm, &q, true)
}
