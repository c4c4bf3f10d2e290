//! `strict->import`, `warnings->unimport`, `feature->import` … as subs, for modules that pass pragmas on to
//! their users from their own `import`. They change `$^H`, `%^H` and `${^WARNING_BITS}` of the code being
//! compiled, as the Perl files do.

use crate::hints;
use crate::pragma::{self, Target};
use keshi_frontend::ast::Hints;
use keshi_frontend::host::{HostError, Place};
use keshi_value::{Array, Code, Ptr, Val};
use keshi_vm::{R, Ret, Vm, Want};

pub fn define(vm: &mut Vm) {
    for m in pragma::PRAGMAS {
        vm.define_native(&format!("{m}::import"), import, None);
        vm.define_native(&format!("{m}::unimport"), unimport, None);
    }
    // What modules look up in the tables of feature.pm and warnings.pm.
    let features = vm.gv_str("feature::feature").hash().clone();
    for (name, key) in crate::feature::names() {
        features.set_str(name, Val::bytes(key));
    }
    let offsets = vm.gv_str("warnings::Offsets").hash().clone();
    for (n, name) in keshi_frontend::ast::warn::NAMES {
        offsets.set_str(name, Val::int(2 * i64::from(*n)));
    }
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
    let done =
        pragma::apply(&module, &args, no, &mut Target { hints: &mut h, place: &place, dash_w: vm.dash_w });
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
