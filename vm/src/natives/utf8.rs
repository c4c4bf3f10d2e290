//! The functions of package utf8 that need no module.

use crate::Vm;
use crate::exc::{R, Ret, Want};
use crate::rt::regex::{pos_of, set_pos};
use crate::rt::scope::alias_ptr;
use keshi_text::utf8 as u8text;
use keshi_value::{Array, Code, Ptr, Scalar, Val};

pub fn define(vm: &mut Vm) {
    vm.define_native("utf8::is_utf8", is_utf8, None);
    vm.define_native("utf8::valid", valid, None);
    vm.define_native("utf8::encode", encode, None);
    vm.define_native("utf8::decode", decode, None);
    vm.define_native("utf8::upgrade", upgrade, None);
    vm.define_native("utf8::downgrade", downgrade, None);
    vm.define_native("utf8::native_to_unicode", same, None);
    vm.define_native("utf8::unicode_to_native", same, None);
}

/// The scalar passed as first argument, to be changed in place.
fn place(vm: &mut Vm, a: &Ptr<Array>, name: &str) -> R<Ptr<Scalar>> {
    match a.as_mut_slice().first_mut() {
        Some(e) if e.is_alias() => {
            if e.tag() == keshi_value::tag::SLOT {
                return Ok(e.promote());
            }
            Ok(alias_ptr(e))
        }
        Some(e) => Ok(e.promote()),
        None => Err(vm.die_text(&format!("Usage: utf8::{name}(sv)"))),
    }
}

fn value(vm: &mut Vm, a: &Ptr<Array>) -> R<Val> {
    vm.av_get(a, 0)
}

fn is_utf8(vm: &mut Vm, a: &Ptr<Array>, _w: Want, _c: &Ptr<Code>) -> R<Ret> {
    let v = value(vm, a)?;
    Ok(Ret::bool(v.as_str().is_some_and(|s| s.utf8())))
}

fn valid(vm: &mut Vm, a: &Ptr<Array>, _w: Want, _c: &Ptr<Code>) -> R<Ret> {
    let v = value(vm, a)?;
    Ok(Ret::bool(v.as_str().is_none_or(|s| !s.utf8() || u8text::is_valid(s.bytes()))))
}

fn encode(vm: &mut Vm, a: &Ptr<Array>, _w: Want, _c: &Ptr<Code>) -> R<Ret> {
    let s = place(vm, a, "encode")?;
    let v = vm.get_sv(&s)?;
    if v.is_undef() {
        return Ok(Ret::Void);
    }
    let (b, u) = vm.str_bytes(&v)?;
    let out = u8text::as_utf8(&b, u).into_owned();
    vm.set_sv(&s, Val::str(&out, false))?;
    Ok(Ret::Void)
}

fn decode(vm: &mut Vm, a: &Ptr<Array>, _w: Want, _c: &Ptr<Code>) -> R<Ret> {
    let s = place(vm, a, "decode")?;
    let v = vm.get_sv(&s)?;
    let (b, u) = vm.str_bytes_quiet(&v)?;
    let Some(bytes) = u8text::as_bytes(&b, u) else { return Ok(Ret::bool(false)) };
    match u8text::try_decode(&bytes) {
        Some(has_wide) => {
            vm.set_sv(&s, Val::str(&bytes, has_wide))?;
            Ok(Ret::bool(true))
        }
        None => Ok(Ret::bool(false)),
    }
}

fn upgrade(vm: &mut Vm, a: &Ptr<Array>, _w: Want, _c: &Ptr<Code>) -> R<Ret> {
    let s = place(vm, a, "upgrade")?;
    let v = vm.get_sv(&s)?;
    if v.is_undef() {
        return Ok(Ret::Scalar(Val::undef()));
    }
    let (b, u) = vm.str_bytes(&v)?;
    let out = u8text::as_utf8(&b, u).into_owned();
    let n = out.len();
    if !u {
        let pos = pos_of(&s).map(|(at, empty)| (u8text::byte_offset(&out, at).unwrap_or(n), empty));
        set_pos(vm, &s, pos);
        // Same characters, other encoding: read-only values may be upgraded too, and no set magic runs.
        s.set(Val::str(&out, true));
    }
    Ok(Ret::Scalar(Val::int(n as i64)))
}

fn downgrade(vm: &mut Vm, a: &Ptr<Array>, _w: Want, _c: &Ptr<Code>) -> R<Ret> {
    let s = place(vm, a, "downgrade")?;
    let v = vm.get_sv(&s)?;
    let fail_ok = vm.av_get(a, 1)?;
    let (b, u) = vm.str_bytes_quiet(&v)?;
    if !u {
        return Ok(Ret::bool(true));
    }
    match u8text::downgrade(&b) {
        Some(d) => {
            let pos = pos_of(&s).map(|(at, empty)| (u8text::len(&b[..at.min(b.len())]), empty));
            set_pos(vm, &s, pos);
            s.set(Val::str(&d, false));
            Ok(Ret::bool(true))
        }
        None if vm.truth(&fail_ok)? => Ok(Ret::bool(false)),
        None => Err(vm.die_text("Wide character in subroutine entry")),
    }
}

fn same(vm: &mut Vm, a: &Ptr<Array>, _w: Want, _c: &Ptr<Code>) -> R<Ret> {
    let v = value(vm, a)?;
    let n = vm.to_uv(&v)?;
    Ok(Ret::Scalar(Val::uint(n)))
}
