//! `strict->import`, `warnings->unimport`, `feature->import` … as subs, for modules that pass pragmas on to
//! their users from their own `import`. They change `$^H`, `%^H` and `${^WARNING_BITS}` of the code being
//! compiled, as the Perl files do.

use crate::hints;
use crate::pragma::{self, Target};
use keshi_frontend::ast::*;
use keshi_frontend::host::{HostError, Place};
use keshi_value::{Array, Code, Ptr, Val};
use keshi_vm::{R, Ret, Vm, Want};
use std::rc::Rc;

pub fn define(vm: &mut Vm) {
    for m in pragma::PRAGMAS {
        vm.define_native(&format!("{m}::import"), import, None);
        vm.define_native(&format!("{m}::unimport"), unimport, None);
    }
    vm.define_native("strict::bits", strict_bits, None);
    vm.define_native("feature::features_enabled", features_enabled, None);
    vm.define_native("feature::feature_enabled", feature_enabled, None);
    vm.define_native("feature::feature_bundle", feature_bundle, None);
    // What modules look up in the tables of feature.pm and warnings.pm.
    let features = vm.gv_str("feature::feature").hash().clone();
    for (name, key) in crate::feature::names() {
        features.set_str(name, Val::bytes(key));
    }
    let size = hints::WARN_SIZE;
    for (name, value) in [
        ("BYTES", Val::int(size as i64)),
        ("LAST_BIT", Val::int(8 * size as i64)),
        ("NONE", Val::bytes([0; hints::WARN_SIZE])),
        ("DEFAULT", Val::bytes(pragma::default_bits())),
    ] {
        vm.gv_str(&format!("warnings::{name}")).scalar().set(value);
    }
    let offsets = vm.gv_str("warnings::Offsets").hash().clone();
    for (n, name) in keshi_frontend::ast::warn::NAMES {
        offsets.set_str(name, Val::int(2 * i64::from(*n)));
    }
}

/// The pragmas in force at a level of the call stack: 0 is the code that asks, 1 (the default) its caller.
fn hints_at(vm: &mut Vm, level: Option<Val>) -> R<Hints> {
    let level = match level {
        Some(v) if !v.is_undef() => vm.to_iv(&v)?.max(0) as usize,
        _ => 1,
    };
    let mut h = Hints::initial();
    if level == 0 {
        if let Some((cop, _)) = vm.cop() {
            h.bits = cop.hints;
            h.hash = cop.hinthash.as_ref().map(|list| {
                let entry = |e: &keshi_l1::chunk::HintEntry| (PStr::new(&e.key[..], false), HintVal::Int(1));
                Rc::new(list.iter().map(entry).collect())
            });
        }
    } else {
        let info = vm.caller_info(level - 1).filter(|i| !i.file.is_undef());
        // Called from BEGIN: the code being compiled, whose `%^H` no statement has yet.
        let begin = |vm: &Vm, i: &keshi_vm::rt::caller::CallerInfo| {
            vm.compiling > 0 && i.hinthash.is_undef() && i.hints == vm.rtstate.hints
        };
        match info.filter(|i| !begin(vm, i)) {
            Some(info) => {
                h.bits = info.hints;
                if let Some(hv) = info.hinthash.hv() {
                    let mut list = Vec::new();
                    for k in hv.keys() {
                        list.push((hints::val_pstr(vm, &k)?, HintVal::Int(1)));
                    }
                    h.hash = Some(Rc::new(list));
                }
            }
            None => hints::read(vm, &mut h)?,
        }
    }
    h.refresh_features();
    Ok(h)
}

fn features_enabled(vm: &mut Vm, a: &Ptr<Array>, _w: Want, _c: &Ptr<Code>) -> R<Ret> {
    let level = vm.av_values(a)?.into_iter().next();
    let h = hints_at(vm, level)?;
    let mut names: Vec<&str> = FEATURE_KEYS
        .iter()
        .filter(|(_, f)| h.feature(*f))
        .filter_map(|(k, _)| crate::feature::names().find(|(_, key)| key == k).map(|(n, _)| n))
        .collect();
    names.sort_unstable();
    Ok(Ret::List(Array::from_vec(names.into_iter().map(Val::bytes).collect())))
}

fn feature_enabled(vm: &mut Vm, a: &Ptr<Array>, _w: Want, _c: &Ptr<Code>) -> R<Ret> {
    let mut args = vm.av_values(a)?.into_iter();
    let name = match args.next() {
        Some(v) => vm.text_of(&v)?,
        None => String::new(),
    };
    let h = hints_at(vm, args.next())?;
    let key = crate::feature::names().find(|(n, _)| *n == name).map(|(_, k)| k);
    let on = FEATURE_KEYS.iter().any(|(k, f)| Some(*k) == key && h.feature(*f));
    Ok(Ret::Scalar(Val::bool(on)))
}

/// The bundle in force; undefined if single features were chosen.
fn feature_bundle(vm: &mut Vm, a: &Ptr<Array>, _w: Want, _c: &Ptr<Code>) -> R<Ret> {
    const NAMES: &[&str] =
        &["default", "5.10", "5.11", "5.15", "5.23", "5.27", "5.35", "5.37", "5.39", "5.41"];
    let level = vm.av_values(a)?.into_iter().next();
    let h = hints_at(vm, level)?;
    let bundle = (h.bits & HINT_FEATURE_MASK) >> HINT_FEATURE_SHIFT;
    Ok(Ret::Scalar(NAMES.get(bundle as usize).map_or(Val::undef(), Val::bytes)))
}

/// `strict::bits`: the bits of `$^H` for some strictures; naming one makes it explicit.
fn strict_bits(vm: &mut Vm, a: &Ptr<Array>, _w: Want, _c: &Ptr<Code>) -> R<Ret> {
    let (mut bits, mut wrong) = (0, Vec::new());
    for v in vm.av_values(a)? {
        let name = vm.text_of(&v)?;
        let (bit, explicit) = match name.as_str() {
            "refs" => (HINT_STRICT_REFS, HINT_EXPLICIT_STRICT_REFS),
            "subs" => (HINT_STRICT_SUBS, HINT_EXPLICIT_STRICT_SUBS),
            "vars" => (HINT_STRICT_VARS, HINT_EXPLICIT_STRICT_VARS),
            _ => {
                wrong.push(name);
                continue;
            }
        };
        bits |= bit;
        vm.rtstate.hints |= explicit;
    }
    if !wrong.is_empty() {
        return Err(vm.die_text(&format!("Unknown 'strict' tag(s) '{}'", wrong.join(" "))));
    }
    Ok(Ret::Scalar(Val::int(bits.into())))
}

fn import(vm: &mut Vm, a: &Ptr<Array>, _w: Want, c: &Ptr<Code>) -> R<Ret> {
    change(vm, a, c, false)
}
fn unimport(vm: &mut Vm, a: &Ptr<Array>, _w: Want, c: &Ptr<Code>) -> R<Ret> {
    change(vm, a, c, true)
}

fn change(vm: &mut Vm, a: &Ptr<Array>, c: &Ptr<Code>, no: bool) -> R<Ret> {
    // The module is the package the sub was defined in.
    let module = match c.glob.get().as_ref().and_then(|g| g.stash.get().clone()) {
        Some(p) => vm.text_of(&p)?,
        None => return Ok(Ret::Void),
    };
    let mut args = Vec::new();
    for v in vm.av_values(a)?.into_iter().skip(1) {
        args.push(vm.text_of(&v)?);
    }
    let mut h = Hints::default();
    hints::read(vm, &mut h)?;
    let w = vm.here();
    let place = Place {
        file: String::from_utf8_lossy(&w.file).as_ref().into(),
        line: w.line,
        package: String::from_utf8_lossy(&w.package).as_ref().into(),
    };
    let warn_bytes = pragma::warn_bytes(vm);
    let target = &mut Target { hints: &mut h, place: &place, dash_w: vm.dash_w, warn_bytes };
    let done = pragma::apply(&module, &args, no, target);
    match done {
        Ok(true) => hints::write(vm, &h),
        Ok(false) => {
            hints::write(vm, &h);
            return registered(vm, &args, no);
        }
        Err(HostError::Message(m)) => return Err(vm.die_value(hints::pstr_val(&m))),
        Err(HostError::Exception(c)) => {
            let v = hints::host_const(vm, c);
            return Err(vm.die_value(v));
        }
    }
    Ok(Ret::Void)
}

/// `use warnings` with categories of modules: their offsets are in `%warnings::Offsets`.
fn registered(vm: &mut Vm, args: &[String], no: bool) -> R<Ret> {
    let offsets = vm.gv_str("warnings::Offsets").hash().clone();
    let mut bits = match vm.rtstate.warning_bits.clone() {
        v if v.is_undef() => pragma::default_bits(),
        v => vm.str_bytes(&v)?.0.into_owned(),
    };
    let mut fatal = None;
    for a in args {
        match a.as_str() {
            "FATAL" => fatal = Some(true),
            "NONFATAL" => fatal = Some(false),
            name if pragma::is_retired(name) => {}
            "all" => {
                for c in 0..4 * pragma::warn_bytes(vm) as u32 {
                    pragma::set_category(&mut bits, c, no, fatal);
                }
            }
            name => {
                let known = pragma::members(name);
                let own = offsets.get_str(name).map(|v| v.as_i64() as u32 / 2);
                if known.is_empty() && own.is_none() {
                    return Err(vm.die_text(&format!("Unknown warnings category '{name}'")));
                }
                for c in known.into_iter().chain(own) {
                    pragma::set_category(&mut bits, c, no, fatal);
                }
            }
        }
    }
    vm.rtstate.warning_bits = Val::bytes(&bits);
    Ok(Ret::Void)
}
