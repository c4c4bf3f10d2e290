//! attributes, mro and re: what their Perl halves ask of the core.

use crate::args::*;
use keshi_value::code::cvf;
use keshi_value::{Array, Val};
use keshi_vm::{R, Ret, Vm, Want};

pub fn boot_attributes(vm: &mut Vm) -> R<()> {
    define(
        vm,
        "attributes",
        &[
            ("_modify_attrs", modify_attrs, Some("$;$")),
            ("_fetch_attrs", fetch_attrs, Some("$")),
            ("_guess_stash", guess_stash, Some("$")),
            ("reftype", crate::scalar_util::reftype, Some("$")),
        ],
    );
    // perl gives _modify_attrs no effective prototype for `&`-less list calls.
    if let Some(c) = vm.gv_str("attributes::_modify_attrs").cv.get() {
        c.prototype.set(Some(b"$;@".as_slice().into()));
    }
    Ok(())
}

fn referent(vm: &mut Vm, a: &Args, name: &str) -> R<Val> {
    let v = arg(vm, a, 0)?;
    if !v.is_ref() {
        return Err(vm.die_text(&format!("Usage: attributes::{name} $reference")));
    }
    Ok(v)
}

/// Applies the built-in attributes; the others are returned.
fn modify_attrs(vm: &mut Vm, a: &Args, _w: Want, _c: &Cv) -> R<Ret> {
    let v = referent(vm, a, "_modify_attrs")?;
    let mut unknown = Vec::new();
    for at in rest(vm, a, 1)? {
        let name = vm.text_of(&at)?;
        let (off, plain) = match name.strip_prefix('-') {
            Some(n) => (true, n),
            None => (false, name.as_str()),
        };
        let Some(cv) = v.cv() else {
            // "shared" does nothing without threads.
            if plain == "shared" && off {
                return Err(vm.die_text("A variable may not be unshared"));
            }
            if plain != "shared" {
                unknown.push(at);
            }
            continue;
        };
        match plain {
            "lvalue" => {
                if cv.is_defined() && cv.has(cvf::LVALUE) == off {
                    let m = if off {
                        "lvalue attribute cannot be removed after the subroutine has been defined"
                    } else {
                        "lvalue attribute applied to already-defined subroutine"
                    };
                    vm.warn(keshi_vm::warn::cat::MISC, m)?;
                }
                cv.set_flag(cvf::LVALUE, !off);
            }
            "method" => cv.set_flag(cvf::METHOD, !off),
            "const" => {}
            p if p.starts_with("prototype(") && p.ends_with(')') => {
                if off {
                    return Err(vm.die_text("panic: -prototype attribute"));
                }
                let text: Vec<u8> =
                    p["prototype(".len()..p.len() - 1].bytes().filter(|b| *b != b' ').collect();
                let show = |p: &[u8]| format!("({})", String::from_utf8_lossy(p));
                let old = cv.prototype.get().clone();
                if old.as_deref() != Some(&text[..]) && vm.warns_default(keshi_vm::warn::cat::PROTOTYPE) {
                    let name = vm.sub_full_name(&cv).unwrap_or_default();
                    let old = old.map_or(format!("{name}: none"), |p| format!("{name} {}", show(&p)));
                    let message = format!("Prototype mismatch: sub {old} vs {}", show(&text));
                    vm.warn_always(keshi_vm::warn::cat::PROTOTYPE, message.as_bytes(), !message.is_ascii())?;
                }
                cv.prototype.set(Some(text.into()));
            }
            p if p.starts_with("prototype(") => {
                return Err(vm.die_text("Unterminated attribute parameter in attribute list"));
            }
            _ => unknown.push(at),
        }
    }
    list(unknown)
}

fn fetch_attrs(vm: &mut Vm, a: &Args, _w: Want, _c: &Cv) -> R<Ret> {
    let v = referent(vm, a, "_fetch_attrs")?;
    let mut out = Vec::new();
    if let Some(cv) = v.cv() {
        if cv.has(cvf::LVALUE) {
            out.push(Val::bytes("lvalue"));
        }
        if cv.has(cvf::METHOD) {
            out.push(Val::bytes("method"));
        }
    }
    list(out)
}

/// The package attributes of this thing are looked up in, if it is known.
fn guess_stash(vm: &mut Vm, a: &Args, _w: Want, _c: &Cv) -> R<Ret> {
    let v = referent(vm, a, "_guess_stash")?;
    if let Some(n) = vm.blessed_name(&v) {
        return ok(n);
    }
    let from_code = v.cv().and_then(|c| match c.glob.get() {
        Some(g) => g.stash.get().clone(),
        None => Some(c.package.get().clone()),
    });
    ok(from_code.unwrap_or_default())
}

pub fn boot_mro(vm: &mut Vm) -> R<()> {
    define(vm, "mro", &[("_nextcan", nextcan, None), ("get_isarev", get_isarev, None)]);
    Ok(())
}

/// Packages that derive from the class.
fn get_isarev(vm: &mut Vm, a: &Args, _w: Want, _c: &Cv) -> R<Ret> {
    let v = arg(vm, a, 0)?;
    let class = vm.to_str_val(&v)?;
    let names = vm.subclasses(&class)?;
    ok(Val::reference(Array::from_vec(names)))
}

/// The next method after the running one in the C3 order of the object's class.
fn nextcan(vm: &mut Vm, a: &Args, _w: Want, _c: &Cv) -> R<Ret> {
    let inv = arg(vm, a, 0)?;
    let t = arg(vm, a, 1)?;
    let must = vm.truth(&t)?;
    let class = match vm.blessed_name(&inv) {
        Some(n) => n,
        None => inv.clone(),
    };
    let (cb, cu) = vm.str_bytes(&class)?;
    let cb = cb.into_owned();
    let stash = vm.stash(&cb, cu, true).expect("created");
    // The innermost named sub outside next::method itself.
    let mut running = None;
    for i in (0..vm.frames.len().saturating_sub(1)).rev() {
        if vm.frames[i].kind != keshi_vm::frame::FrameKind::Sub {
            continue;
        }
        let code = vm.frames[i].code.clone();
        match vm.sub_full_name(&code) {
            Some(n) if !n.ends_with("::__ANON__") && n != "DB::sub" => {
                running = Some(n);
                break;
            }
            _ => {}
        }
    }
    let Some(full) = running else {
        return Err(vm.die_text("next::method/next::can/maybe::next::method must be used in method context"));
    };
    let Some((package, method)) = full.rsplit_once("::") else {
        return Err(vm.die_text("next::method/next::can/maybe::next::method cannot find enclosing method"));
    };
    let order = vm.mro_by(&stash, true)?;
    let mut passed = false;
    for c in order {
        let name = vm.text_of(&c)?;
        if passed {
            if let Some(code) = vm.sub_in_class(&c, method.as_bytes()).filter(|c| c.is_defined()) {
                return ok(Val::reference(code));
            }
        } else if name == package {
            passed = true;
        }
    }
    if must {
        let shown = String::from_utf8_lossy(&cb).into_owned();
        return Err(vm.die_text(&format!("No next::method '{method}' found for {shown}")));
    }
    undef()
}
