//! `perlstring`, `cstring` and `cchar`: a string as it is written in Perl or C source.

use crate::args::*;
use keshi_value::Val;
use keshi_vm::{R, Ret, Vm, Want};

#[derive(Clone, Copy, PartialEq)]
enum Quote {
    Perl,
    C,
}

/// A character inside quotes; `next` decides about trigraphs.
fn escape(out: &mut Vec<u8>, b: u8, next: &[u8], style: Quote) {
    let short = match b {
        b'"' => "\\\"",
        b'\\' => "\\\\",
        b'\n' => "\\n",
        b'\r' => "\\r",
        b'\t' => "\\t",
        7 => "\\a",
        8 => "\\b",
        0x0c => "\\f",
        0x0b if style == Quote::C => "\\v",
        b'$' if style == Quote::Perl => "\\$",
        b'@' if style == Quote::Perl => "\\@",
        _ => "",
    };
    if !short.is_empty() {
        out.extend_from_slice(short.as_bytes());
    } else if (b == b'?' && style == Quote::C && next.first() == Some(&b'?')) || !(b' '..=b'~').contains(&b) {
        out.extend_from_slice(format!("\\{b:03o}").as_bytes());
    } else {
        out.push(b);
    }
}

fn quoted(vm: &mut Vm, a: &Args, style: Quote) -> R<Ret> {
    let v = arg(vm, a, 0)?;
    if v.is_undef() {
        return ok(Val::bytes("0"));
    }
    let (s, utf8) = string(vm, a, 0)?;
    let mut out = b"\"".to_vec();
    if utf8 && style == Quote::Perl {
        for c in keshi_text::utf8::code_points(&s, true) {
            match u8::try_from(c) {
                Ok(b) if b.is_ascii() && (b >= b' ' || matches!(b, 7..=13)) && b != 0x7f && b != 0x0b => {
                    escape(&mut out, b, b"", style);
                }
                _ => out.extend_from_slice(format!("\\x{{{c:x}}}").as_bytes()),
            }
        }
    } else {
        for (i, b) in s.iter().enumerate() {
            escape(&mut out, *b, &s[i + 1..], style);
        }
    }
    out.push(b'"');
    ok(Val::bytes(out))
}
pub(super) fn perlstring(vm: &mut Vm, a: &Args, _w: Want, _c: &Cv) -> R<Ret> {
    quoted(vm, a, Quote::Perl)
}
pub(super) fn cstring(vm: &mut Vm, a: &Args, _w: Want, _c: &Cv) -> R<Ret> {
    quoted(vm, a, Quote::C)
}
pub(super) fn cchar(vm: &mut Vm, a: &Args, _w: Want, _c: &Cv) -> R<Ret> {
    let s = bytes(vm, a, 0)?;
    let mut out = b"'".to_vec();
    match s.first() {
        Some(b'\'') => out.extend_from_slice(b"\\'"),
        Some(b'"') => out.push(b'"'),
        Some(b) => escape(&mut out, *b, b"", Quote::C),
        None => out.extend_from_slice(b"\\000"),
    }
    out.push(b'\'');
    ok(Val::bytes(out))
}
