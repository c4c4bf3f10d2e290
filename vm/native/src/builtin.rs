//! Package builtin: always present; `use builtin …` declares its functions lexically.

use crate::args::*;
use crate::scalar_util;
use keshi_value::{Val, tag};
use keshi_vm::warn::cat;
use keshi_vm::{R, Ret, Vm, Want};

const SUBS: &[Def] = &[
    ("true", t, Some("")),
    ("false", f, Some("")),
    ("inf", inf, Some("")),
    ("nan", nan, Some("")),
    ("is_bool", is_bool, Some("$")),
    ("is_tainted", scalar_util::tainted, Some("$")),
    ("weaken", scalar_util::weaken, Some("$")),
    ("unweaken", scalar_util::unweaken, Some("$")),
    ("is_weak", scalar_util::isweak, Some("$")),
    ("blessed", scalar_util::blessed, Some("$")),
    ("refaddr", scalar_util::refaddr, Some("$")),
    ("reftype", scalar_util::reftype, Some("$")),
    ("ceil", ceil, Some("$")),
    ("floor", floor, Some("$")),
    ("stringify", stringify, Some("$")),
    ("trim", trim, Some("$")),
    ("created_as_string", created_as_string, Some("$")),
    ("created_as_number", created_as_number, Some("$")),
    ("indexed", indexed, Some("@")),
    ("load_module", load_module, Some("$")),
    ("export_lexically", export_lexically, None),
    ("import", import, None),
];

/// Functions of the bundles `use builtin ":5.40"`, with the version each became stable in (0: experimental).
const STABLE: &[(&str, u32)] = &[
    ("true", 39),
    ("false", 39),
    ("inf", 0),
    ("nan", 0),
    ("is_bool", 0),
    ("is_tainted", 39),
    ("weaken", 39),
    ("unweaken", 39),
    ("is_weak", 39),
    ("blessed", 39),
    ("refaddr", 39),
    ("reftype", 39),
    ("ceil", 39),
    ("floor", 39),
    ("stringify", 39),
    ("trim", 39),
    ("created_as_string", 39),
    ("created_as_number", 39),
    ("indexed", 39),
    ("load_module", 0),
    ("export_lexically", 0),
];

pub fn define_always(vm: &mut Vm) {
    define(vm, "builtin", SUBS);
    let inc = vm.gv.inc.hash().clone();
    inc.set_str("builtin.pm", Val::bytes("(keshi)/builtin.pm"));
    let g = vm.gv_str("builtin::VERSION");
    g.scalar().set(Val::bytes("0.019"));
}

fn t(_vm: &mut Vm, _a: &Args, _w: Want, _c: &Cv) -> R<Ret> {
    yes_no(true)
}
fn f(_vm: &mut Vm, _a: &Args, _w: Want, _c: &Cv) -> R<Ret> {
    yes_no(false)
}

fn experimental(vm: &mut Vm, name: &str) -> R<()> {
    vm.warn(cat::EXPERIMENTAL_BUILTIN, &format!("Built-in function 'builtin::{name}' is experimental"))
}

fn inf(vm: &mut Vm, _a: &Args, _w: Want, _c: &Cv) -> R<Ret> {
    experimental(vm, "inf")?;
    ok(Val::num(f64::INFINITY))
}
fn nan(vm: &mut Vm, _a: &Args, _w: Want, _c: &Cv) -> R<Ret> {
    experimental(vm, "nan")?;
    ok(Val::num(f64::NAN))
}
fn is_bool(vm: &mut Vm, a: &Args, _w: Want, _c: &Cv) -> R<Ret> {
    experimental(vm, "is_bool")?;
    let v = arg(vm, a, 0)?;
    yes_no(v.tag() == tag::BOOL)
}

/// A number as an integer where it is one.
pub fn integral(n: f64) -> Val {
    if n.abs() < 9.2e18 && n == n.trunc() && !(n == 0.0 && n.is_sign_negative()) {
        Val::int(n as i64)
    } else {
        Val::num(n)
    }
}

fn ceil(vm: &mut Vm, a: &Args, _w: Want, _c: &Cv) -> R<Ret> {
    let n = nv(vm, a, 0)?.ceil();
    ok(integral(n))
}
fn floor(vm: &mut Vm, a: &Args, _w: Want, _c: &Cv) -> R<Ret> {
    let n = nv(vm, a, 0)?.floor();
    ok(integral(n))
}
fn stringify(vm: &mut Vm, a: &Args, _w: Want, _c: &Cv) -> R<Ret> {
    let v = arg(vm, a, 0)?;
    ok(vm.to_str_val(&v)?)
}

fn is_white(c: u64) -> bool {
    char::from_u32(c as u32).is_some_and(char::is_whitespace)
}

fn trim(vm: &mut Vm, a: &Args, _w: Want, _c: &Cv) -> R<Ret> {
    let (b, u) = string(vm, a, 0)?;
    let points: Vec<u64> = keshi_text::utf8::code_points(&b, u).collect();
    let from = points.iter().take_while(|c| is_white(**c)).count();
    let to = points.len() - points[from..].iter().rev().take_while(|c| is_white(**c)).count();
    let mut out = Vec::with_capacity(b.len());
    for &c in &points[from..to] {
        if u { keshi_text::utf8::encode(c, &mut out) } else { out.push(c as u8) }
    }
    ok(Val::str(&out, u))
}

fn created_as_string(vm: &mut Vm, a: &Args, _w: Want, _c: &Cv) -> R<Ret> {
    let v = arg(vm, a, 0)?;
    yes_no(matches!(v.tag(), tag::STR | tag::DUAL))
}
fn created_as_number(vm: &mut Vm, a: &Args, _w: Want, _c: &Cv) -> R<Ret> {
    let v = arg(vm, a, 0)?;
    yes_no(matches!(v.tag(), tag::INT | tag::UINT | tag::NUM))
}

fn indexed(vm: &mut Vm, a: &Args, w: Want, _c: &Cv) -> R<Ret> {
    if w != Want::List {
        vm.warn(cat::SCALAR, "Useless use of builtin::indexed in scalar context")?;
        return int(2 * a.len() as i64);
    }
    let mut out = Vec::with_capacity(2 * a.len());
    for (i, v) in rest(vm, a, 0)?.into_iter().enumerate() {
        out.push(Val::int(i as i64));
        out.push(v);
    }
    list(out)
}

fn load_module(vm: &mut Vm, a: &Args, _w: Want, _c: &Cv) -> R<Ret> {
    experimental(vm, "load_module")?;
    count(vm, a, 1, 1, "builtin::load_module(defined string)")?;
    let v = arg(vm, a, 0)?;
    if v.is_undef() {
        return Err(vm.die_text("Usage: builtin::load_module(defined string)"));
    }
    let name = vm.text_of(&v)?;
    let file = format!("{}.pm", name.replace("::", "/").replace('\'', "/"));
    vm.require_file(file.as_bytes())?;
    ok(v)
}

fn compile_time_only(vm: &mut Vm, name: &str) -> R<()> {
    if vm.compiling == 0 {
        return Err(vm.die_text(&format!("{name} can only be called at compile time")));
    }
    Ok(())
}

/// `export_lexically NAME => REF, …`: into the scope being compiled.
fn export_lexically(vm: &mut Vm, a: &Args, _w: Want, _c: &Cv) -> R<Ret> {
    experimental(vm, "export_lexically")?;
    compile_time_only(vm, "export_lexically")?;
    if a.len() % 2 == 1 {
        return Err(vm.die_text("Odd number of elements in export_lexically"));
    }
    let mut pending = Vec::new();
    for i in (0..a.len()).step_by(2) {
        let (name, r) = (text(vm, a, i)?, arg(vm, a, i + 1)?);
        if !r.is_ref() {
            return Err(vm.die_text("Expected a reference in export_lexically"));
        }
        let kind = vm.reftype(&r);
        let (sigil, wanted, what) = match name.chars().next() {
            Some('$') => ('$', kind != "CODE" && kind != "ARRAY" && kind != "HASH", "SCALAR"),
            Some('@') => ('@', kind == "ARRAY", "ARRAY"),
            Some('%') => ('%', kind == "HASH", "HASH"),
            _ => ('&', kind == "CODE", "CODE"),
        };
        if !wanted {
            return Err(vm.die_text(&format!("Expected {what} reference in export_lexically")));
        }
        let full = if sigil == '&' && !name.starts_with('&') { format!("&{name}") } else { name };
        pending.push((full, r));
    }
    vm.rtstate.lexical_imports.extend(pending);
    Ok(Ret::Void)
}

fn import(vm: &mut Vm, a: &Args, _w: Want, _c: &Cv) -> R<Ret> {
    compile_time_only(vm, "builtin::import")?;
    for i in 1..a.len() {
        let name = text(vm, a, i)?;
        if let Some(bundle) = name.strip_prefix(':') {
            import_bundle(vm, bundle)?;
            continue;
        }
        let short = name.strip_prefix('&').unwrap_or(&name);
        if name.starts_with(['$', '@', '%']) || !STABLE.iter().any(|(n, _)| *n == short) {
            return Err(vm.die_text(&format!("'{name}' is not recognised as a builtin function")));
        }
        import_one(vm, short);
    }
    Ok(Ret::Void)
}

fn import_bundle(vm: &mut Vm, bundle: &str) -> R<()> {
    let minor = bundle.strip_prefix("5.").and_then(|m| m.parse::<u32>().ok());
    let Some(minor) = minor else {
        return Err(vm.die_text(&format!("Invalid version bundle \"{bundle}\"")));
    };
    let (_, ours, _) = keshi_vm::version::PERL_VERSION;
    if minor > ours {
        return Err(
            vm.die_text(&format!("Builtin version bundle \"{bundle}\" is not supported by Perl 5.{ours}"))
        );
    }
    for (n, since) in STABLE {
        if *since != 0 && minor >= *since {
            import_one(vm, n);
        }
    }
    Ok(())
}

fn import_one(vm: &mut Vm, name: &str) {
    if let Some(c) = vm.gv_str(&format!("builtin::{name}")).cv.get().clone() {
        vm.rtstate.lexical_imports.push((format!("&{name}"), Val::reference(c)));
    }
}
