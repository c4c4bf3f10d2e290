//! The functions of packages PerlIO and PerlIO::Layer that need no module.

use crate::Vm;
use crate::exc::{R, Ret, Want};
use crate::rt::io::fh;
use keshi_value::obj::Obj;
use keshi_value::{Array, Code, Ptr, Scalar, Val};

pub fn define(vm: &mut Vm) {
    vm.define_native("PerlIO::get_layers", get_layers, Some("*;@"));
    vm.define_native("PerlIO::Layer::find", find, None);
    vm.define_native("PerlIO::Layer::NoWarnings", no_warnings, None);
}

/// The layers of a handle, lowest first; nothing for a closed one.
fn get_layers(vm: &mut Vm, a: &Ptr<Array>, _w: Want, _c: &Ptr<Code>) -> R<Ret> {
    if a.is_empty() {
        return Err(vm.die_text("Usage: PerlIO_get_layers(filehandle[,args])"));
    }
    let mut v = vm.av_get(a, 0)?;
    let magical = v.scalar().filter(|s| v.is_ref() && s.hdr().is_magical());
    if let Some(s) = magical {
        // A reference to a tied scalar that gives a glob.
        v = vm.read(&Val::ind(s))?;
    } else if !v.is_ref() && !matches!(v.tag(), keshi_value::tag::GLOB | keshi_value::tag::STR) {
        v = vm.to_str_val(&v)?;
    }
    let Some(h) = fh::fh_maybe(vm, &v).and_then(|f| f.open()) else { return Ok(Ret::empty()) };
    let names = h.borrow().layer_names();
    Ok(Ret::List(Array::from_vec(names.iter().map(Val::bytes).collect())))
}

/// An object for a layer that exists, else undef.
fn find(vm: &mut Vm, a: &Ptr<Array>, _w: Want, _c: &Ptr<Code>) -> R<Ret> {
    if a.len() < 2 {
        return Err(vm.die_text("Usage class->find(name[,load])"));
    }
    let name = vm.av_get(a, 1)?;
    let name = vm.text_of(&name)?;
    let known = matches!(
        name.as_str(),
        "unix" | "perlio" | "stdio" | "crlf" | "utf8" | "bytes" | "raw" | "pop" | "encoding" | "scalar"
    );
    if !known {
        return Ok(Ret::Scalar(Val::undef()));
    }
    let r = Val::reference(Scalar::new(Val::text(&name)));
    if let (Some(stash), Some(h)) = (vm.stash(b"PerlIO::Layer", false, true), r.hdr()) {
        h.bless(stash);
    }
    Ok(Ret::Scalar(r))
}

/// What PerlIO's own modules set as `__WARN__` handler while they try to load a layer.
fn no_warnings(_vm: &mut Vm, _a: &Ptr<Array>, _w: Want, _c: &Ptr<Code>) -> R<Ret> {
    Ok(Ret::empty())
}
