//! `Encode::decode`, `encode` and their relatives: a name or object, a string, CHECK.

use super::check::flags;
use crate::args::*;
use keshi_io::encoding::{Encoding, State};
use keshi_text::utf8;
use keshi_value::{Scalar, Val};
use keshi_vm::{R, Ret, Vm, Want};

pub const SUBS: &[Def] = &[
    ("decode", decode, Some("$$;$")),
    ("bytes2str", decode, Some("$$;$")),
    ("encode", encode, Some("$$;$")),
    ("str2bytes", encode, Some("$$;$")),
    ("decode_utf8", decode_utf8, Some("$;$")),
    ("encode_utf8", encode_utf8, Some("$")),
    ("from_to", from_to, Some("$$$;$")),
    ("is_utf8", is_utf8, Some("$;$")),
    ("_utf8_on", utf8_on, Some("$")),
    ("_utf8_off", utf8_off, Some("$")),
];

/// The object of an encoding given by name or as object.
fn object(vm: &mut Vm, v: &Val) -> R<Val> {
    if v.is_undef() {
        return Err(vm.die_text("Encoding name should not be undef"));
    }
    let Some(find) = vm.gv_str("Encode::find_encoding").cv.get().clone() else {
        return Err(vm.die_text("Encode is not loaded"));
    };
    let obj = vm.call_scalar(&find, vec![v.clone()])?;
    let obj = vm.read(&obj)?;
    if obj.is_undef() {
        let name = vm.text_of(v)?;
        return Err(vm.die_text(&format!("Unknown encoding '{name}'")));
    }
    Ok(obj)
}

/// CHECK says that what was converted is taken out of the source.
fn takes(vm: &mut Vm, check: &Val) -> R<bool> {
    if check.is_undef() || check.is_ref() {
        return Ok(false);
    }
    let n = vm.to_iv(check)? as u32;
    Ok(n != 0 && n & flags::LEAVE_SRC == 0)
}

fn convert(vm: &mut Vm, a: &Args, method: &str) -> R<Val> {
    let name = arg(vm, a, 0)?;
    let obj = object(vm, &name)?;
    let src = arg(vm, a, 1)?;
    if src.is_undef() {
        return Ok(Val::undef());
    }
    let check = arg(vm, a, 2)?;
    let place = if takes(vm, &check)? { cell(a, 1) } else { Scalar::new(src) };
    let check = if check.is_undef() { Val::int(0) } else { check };
    match vm.call_method(&obj, method, vec![Val::ind(place), check], Want::Scalar)? {
        Some(r) => {
            let v = r.scalar();
            vm.read(&v)
        }
        None => Err(vm.die_text(&format!("Can't locate object method \"{method}\" via an encoding"))),
    }
}

fn decode(vm: &mut Vm, a: &Args, _w: Want, _c: &Cv) -> R<Ret> {
    count(vm, a, 2, 3, "Encode::decode(encoding, octets, check = NULL)")?;
    ok(convert(vm, a, "decode")?)
}

fn encode(vm: &mut Vm, a: &Args, _w: Want, _c: &Cv) -> R<Ret> {
    count(vm, a, 2, 3, "Encode::encode(encoding, string, check = NULL)")?;
    ok(convert(vm, a, "encode")?)
}

fn decode_utf8(vm: &mut Vm, a: &Args, w: Want, c: &Cv) -> R<Ret> {
    count(vm, a, 1, 2, "Encode::decode_utf8(octets, check = NULL)")?;
    let mut all = vec![Val::bytes("utf8")];
    all.extend(a.as_slice().iter().cloned());
    decode(vm, &keshi_value::Array::from_vec(all), w, c)
}

fn encode_utf8(vm: &mut Vm, a: &Args, _w: Want, _c: &Cv) -> R<Ret> {
    count(vm, a, 1, 1, "Encode::encode_utf8(string)")?;
    let v = arg(vm, a, 0)?;
    if v.is_undef() {
        return undef();
    }
    let out = {
        let (b, u) = vm.str_bytes(&v)?;
        utf8::as_utf8(&b, u).into_owned()
    };
    ok(Val::bytes(out))
}

/// `from_to($octets, FROM, TO, CHECK)`: in place; the new length, or undef.
fn from_to(vm: &mut Vm, a: &Args, _w: Want, _c: &Cv) -> R<Ret> {
    count(vm, a, 3, 4, "Encode::from_to(octets, from, to, check = NULL)")?;
    let (from, to, src) = (arg(vm, a, 1)?, arg(vm, a, 2)?, arg(vm, a, 0)?);
    let (from, to) = (object(vm, &from)?, object(vm, &to)?);
    if src.is_undef() {
        return undef();
    }
    let check = arg(vm, a, 3)?;
    let partial = takes(vm, &check)?;
    let check = if check.is_undef() { Val::int(0) } else { check };
    let octets = Val::ind(Scalar::new(src));
    let Some(text) = vm.call_method(&from, "decode", vec![octets], Want::Scalar)? else {
        return undef();
    };
    let text = Scalar::new(text.scalar());
    let args = vec![Val::ind(text.clone()), check];
    let Some(new) = vm.call_method(&to, "encode", args, Want::Scalar)? else { return undef() };
    let new = new.scalar();
    let rest = text.get();
    if new.is_undef() || (partial && !vm.str_bytes_quiet(&rest)?.0.is_empty()) {
        return undef();
    }
    let n = vm.str_bytes(&new)?.0.len();
    let place = cell(a, 0);
    vm.set_sv(&place, new)?;
    int(n as i64)
}

fn is_utf8(vm: &mut Vm, a: &Args, _w: Want, _c: &Cv) -> R<Ret> {
    count(vm, a, 1, 2, "Encode::is_utf8(sv, check = 0)")?;
    let v = arg(vm, a, 0)?;
    let check = arg(vm, a, 1)?;
    let marked = v.as_str().is_some_and(|s| s.utf8());
    let sound = !vm.truth(&check)? || v.as_str().is_none_or(|s| utf8::is_valid(s.bytes()));
    yes_no(marked && sound)
}

/// Sets the mark; what it was before, undef for something that is no string.
fn mark(vm: &mut Vm, a: &Args, on: bool) -> R<Ret> {
    let v = arg(vm, a, 0)?;
    if v.is_ref() || v.as_str().is_none() {
        return undef();
    }
    let (b, was) = {
        let (b, u) = vm.str_bytes(&v)?;
        (b.into_owned(), u)
    };
    if was != on {
        // A string that claims to be UTF-8 has to be: what is not becomes U+FFFD.
        let bytes = if on && !utf8::is_valid(&b) {
            let lax = Encoding::find("utf8");
            let mut out = Vec::new();
            if let Some(e) = lax {
                e.decode(&mut State::default(), &b, true, &mut out, &mut Replace);
            }
            out
        } else {
            b
        };
        cell(a, 0).set(Val::str(&bytes, on));
    }
    yes_no(was)
}

/// Replaces what has no meaning.
struct Replace;

impl keshi_io::encoding::Sink for Replace {
    fn bad(&mut self, _e: &Encoding, _seq: &[u8], out: &mut Vec<u8>) -> bool {
        out.extend_from_slice("\u{fffd}".as_bytes());
        true
    }
    fn lacks(&mut self, _e: &Encoding, _c: u64, _out: &mut Vec<u8>) -> bool {
        true
    }
    fn complain(&mut self, _e: &Encoding, _text: String) -> bool {
        true
    }
}

fn utf8_on(vm: &mut Vm, a: &Args, _w: Want, _c: &Cv) -> R<Ret> {
    mark(vm, a, true)
}

fn utf8_off(vm: &mut Vm, a: &Args, _w: Want, _c: &Cv) -> R<Ret> {
    mark(vm, a, false)
}
