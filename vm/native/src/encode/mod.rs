//! Encode: encodings as objects of Encode::XS, Encode::utf8 and Encode::Unicode, and the functions over them.
//!
//! The conversions are those of `keshi_io::encoding`; what a failed one leads to is in [`check`].

mod check;
mod functions;

use crate::args::*;
use check::{Check, flags};
use keshi_io::encoding::{Encoding, State, single};
use keshi_text::utf8;
use keshi_value::{Ptr, Scalar, Val};
use keshi_vm::{R, Ret, Vm, Want};

pub fn boot(vm: &mut Vm) -> R<()> {
    for (name, value) in flags::ALL {
        define_constant(vm, "Encode", name, Val::int(i64::from(*value)));
    }
    define(vm, "Encode", functions::SUBS);
    define(vm, "Encode", &[("onBOOT", on_boot, None)]);
    define(
        vm,
        "Encode::XS",
        &[
            ("name", name, None),
            ("mime_name", mime_name, None),
            ("renew", renew, None),
            ("renewed", renewed, None),
            ("needs_lines", no, None),
            ("perlio_ok", yes, None),
            ("decode", decode, None),
            ("encode", encode, None),
        ],
    );
    define(vm, "Encode::utf8", &[("decode", decode, None), ("encode", encode, None)]);
    Ok(())
}

pub fn boot_unicode(vm: &mut Vm) -> R<()> {
    define(vm, "Encode::Unicode", &[("decode", decode, None), ("encode", encode, None)]);
    Ok(())
}

pub fn boot_byte(vm: &mut Vm) -> R<()> {
    define_module(vm, "Byte")
}
pub fn boot_symbol(vm: &mut Vm) -> R<()> {
    define_module(vm, "Symbol")
}
pub fn boot_ebcdic(vm: &mut Vm) -> R<()> {
    define_module(vm, "EBCDIC")
}
pub fn boot_jp(vm: &mut Vm) -> R<()> {
    define_names(vm, &["euc-jp", "shiftjis", "cp932"])
}
pub fn boot_cn(vm: &mut Vm) -> R<()> {
    define_names(vm, &["euc-cn", "cp936"])
}
pub fn boot_kr(vm: &mut Vm) -> R<()> {
    define_names(vm, &["euc-kr", "cp949"])
}
pub fn boot_tw(vm: &mut Vm) -> R<()> {
    define_names(vm, &["big5-eten", "big5-hkscs", "cp950"])
}
/// The layer itself is part of every handle; its Perl half wants Encode's constants.
pub fn boot_layer(vm: &mut Vm) -> R<()> {
    vm.require_file(b"Encode.pm").map(drop)
}

fn define_module(vm: &mut Vm, module: &str) -> R<()> {
    let names: Vec<&str> = single::all().iter().filter(|s| s.module == module).map(|s| s.name).collect();
    define_names(vm, &names)
}

/// Makes the objects known to Encode.
fn define_names(vm: &mut Vm, names: &[&str]) -> R<()> {
    let Some(code) = vm.gv_str("Encode::define_encoding").cv.get().clone() else {
        return Err(vm.die_text("Encode is not loaded"));
    };
    for name in names {
        let obj = Val::reference(Scalar::new(Val::text(name)));
        if let (Some(stash), Some(h)) = (vm.stash(b"Encode::XS", false, true), obj.hdr()) {
            h.bless(stash);
        }
        vm.call(&code, keshi_value::Array::from_vec(vec![obj, Val::text(name)]), Want::Void)?;
    }
    Ok(())
}

/// Encode's own Perl half is compiled: the encodings that need no other module.
fn on_boot(vm: &mut Vm, _a: &Args, _w: Want, _c: &Cv) -> R<Ret> {
    define_names(vm, &["ascii", "ascii-ctrl", "iso-8859-1", "null"])?;
    list(vec![])
}

// ---- objects

/// The encoding behind an object: named by the scalar it is (Encode::XS), or by its `Name`.
fn encoding_of(vm: &mut Vm, obj: &Val) -> R<Encoding> {
    let name = match obj.hv().filter(|_| obj.is_ref()) {
        Some(h) => h.get_str("Name").unwrap_or_default(),
        None => obj.as_scalar().map(|s| s.get()).unwrap_or_default(),
    };
    let name = vm.text_of(&name)?;
    match Encoding::find(&name) {
        Some(e) => Ok(e),
        None => Err(vm.die_text(&format!("Unknown encoding '{name}'"))),
    }
}

fn name(vm: &mut Vm, a: &Args, _w: Want, _c: &Cv) -> R<Ret> {
    let obj = arg(vm, a, 0)?;
    ok(Val::text(encoding_of(vm, &obj)?.name()))
}

fn mime_name(vm: &mut Vm, a: &Args, _w: Want, _c: &Cv) -> R<Ret> {
    let obj = arg(vm, a, 0)?;
    let name = Val::text(encoding_of(vm, &obj)?.name());
    vm.require_file(b"Encode/MIME/Name.pm")?;
    let Some(code) = vm.gv_str("Encode::MIME::Name::get_mime_name").cv.get().clone() else { return undef() };
    ok(vm.call_scalar(&code, vec![name])?)
}

/// These encodings keep no state.
fn renew(vm: &mut Vm, a: &Args, _w: Want, _c: &Cv) -> R<Ret> {
    ok(arg(vm, a, 0)?)
}
fn renewed(_vm: &mut Vm, _a: &Args, _w: Want, _c: &Cv) -> R<Ret> {
    int(0)
}
fn no(_vm: &mut Vm, _a: &Args, _w: Want, _c: &Cv) -> R<Ret> {
    yes_no(false)
}
fn yes(vm: &mut Vm, _a: &Args, _w: Want, _c: &Cv) -> R<Ret> {
    vm.require_file(b"PerlIO/encoding.pm")?;
    yes_no(true)
}

/// A clone of a Unicode object (`renew`) remembers what the byte order mark said, and leaves partial characters.
fn renewed_hash(vm: &mut Vm, obj: &Val) -> R<Option<Ptr<keshi_value::Hash>>> {
    let Some(h) = obj.hv().filter(|_| obj.is_ref()) else { return Ok(None) };
    let n = h.get_str("renewed").unwrap_or_default();
    Ok(if vm.truth(&n)? { Some(h) } else { None })
}

fn state_of(renewed: Option<&Ptr<keshi_value::Hash>>) -> State {
    let endian = renewed.and_then(|h| h.get_str("endian")).unwrap_or_default();
    match endian.as_str().map(|s| s.bytes().to_ascii_lowercase()).unwrap_or_default().as_slice() {
        b"n" => State::of_order(true),
        b"v" => State::of_order(false),
        _ => State::default(),
    }
}

fn keep_state(e: &Encoding, renewed: Option<&Ptr<keshi_value::Hash>>, st: &State) {
    if let (Some(h), Some(big)) = (renewed, st.is_big()) {
        let wide = e.name().contains("32");
        let letter = match (big, wide) {
            (true, false) => "n",
            (false, false) => "v",
            (true, true) => "N",
            (false, true) => "V",
        };
        h.set_str("endian", Val::bytes(letter));
    }
}

/// `$obj->decode($octets, $check)`
fn decode(vm: &mut Vm, a: &Args, _w: Want, _c: &Cv) -> R<Ret> {
    let obj = arg(vm, a, 0)?;
    let src = arg(vm, a, 1)?;
    if src.is_undef() {
        return undef();
    }
    let e = encoding_of(vm, &obj)?;
    let Some(octets) = octets_of(vm, &src)? else { return Err(vm.die_text("Wide character")) };
    let renewed = renewed_hash(vm, &obj)?;
    let mut st = state_of(renewed.as_ref());
    let c = check::argument(vm, a, 2)?;
    let partial = renewed.is_some() || c.flags & flags::STOP_AT_PARTIAL != 0;
    let mut sink = Check::new(vm, c);
    let mut out = Vec::with_capacity(octets.len());
    let used = e.decode(&mut st, &octets, !partial, &mut out, &mut sink);
    let modify = sink.finish()?;
    keep_state(&e, renewed.as_ref(), &st);
    if modify {
        let place = cell(a, 1);
        vm.set_sv(&place, Val::bytes(&octets[used..]))?;
    }
    ok(Val::str(&out, true))
}

/// `$obj->encode($string, $check)`
fn encode(vm: &mut Vm, a: &Args, _w: Want, _c: &Cv) -> R<Ret> {
    let obj = arg(vm, a, 0)?;
    let src = arg(vm, a, 1)?;
    if src.is_undef() {
        return undef();
    }
    let e = encoding_of(vm, &obj)?;
    let text = {
        let (b, u) = vm.str_bytes(&src)?;
        utf8::as_utf8(&b, u).into_owned()
    };
    let renewed = renewed_hash(vm, &obj)?;
    let mut st = state_of(renewed.as_ref());
    let c = check::argument(vm, a, 2)?;
    let mut sink = Check::new(vm, c);
    let mut out = Vec::with_capacity(text.len());
    let used = e.encode(&mut st, &text, &mut out, &mut sink);
    let modify = sink.finish()?;
    keep_state(&e, renewed.as_ref(), &st);
    if modify {
        let place = cell(a, 1);
        vm.set_sv(&place, Val::str(&text[used..], true))?;
    }
    ok(Val::bytes(out))
}

/// The octets of a string; None if some character is none.
fn octets_of(vm: &mut Vm, v: &Val) -> R<Option<Vec<u8>>> {
    let (b, u) = vm.str_bytes(v)?;
    Ok(utf8::as_bytes(&b, u).map(std::borrow::Cow::into_owned))
}
