//! MIME::Base64 and MIME::QuotedPrint.

use crate::args::*;
use keshi_value::Val;
use keshi_vm::{R, Ret, Vm, Want};

const BASE64: &[Def] = &[
    ("encode_base64", encode_base64, Some("$;$")),
    ("decode_base64", decode_base64, Some("$")),
    ("encoded_base64_length", encoded_length, Some("$;$")),
    ("decoded_base64_length", decoded_length, Some("$")),
];
const QUOTED: &[Def] = &[("encode_qp", encode_qp, Some("$;$$")), ("decode_qp", decode_qp, Some("$"))];

const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
/// Characters on a line of encoded text.
const LINE: usize = 76;

pub fn boot(vm: &mut Vm) -> R<()> {
    define(vm, "MIME::Base64", BASE64);
    define(vm, "MIME::QuotedPrint", QUOTED);
    Ok(())
}

/// Base64 without line breaks; `pad` appends `=`.
pub fn encode(b: &[u8], pad: bool) -> Vec<u8> {
    let mut out = Vec::with_capacity(b.len().div_ceil(3) * 4);
    for c in b.chunks(3) {
        let n = (c[0] as u32) << 16 | (*c.get(1).unwrap_or(&0) as u32) << 8 | *c.get(2).unwrap_or(&0) as u32;
        for i in 0..4 {
            if i <= c.len() {
                out.push(ALPHABET[(n >> (18 - 6 * i)) as usize & 63]);
            } else if pad {
                out.push(b'=');
            }
        }
    }
    out
}

fn decode(b: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(b.len() / 4 * 3);
    let (mut n, mut bits) = (0u32, 0);
    for &c in b {
        let v = match c {
            b'A'..=b'Z' => c - b'A',
            b'a'..=b'z' => c - b'a' + 26,
            b'0'..=b'9' => c - b'0' + 52,
            b'+' => 62,
            b'/' => 63,
            b'=' => break,
            _ => continue,
        };
        n = n << 6 | v as u32;
        bits += 6;
        if bits >= 8 {
            bits -= 8;
            out.push((n >> bits) as u8);
            n &= (1 << bits) - 1;
        }
    }
    out
}

fn eol(vm: &mut Vm, a: &Args) -> R<Vec<u8>> {
    let v = arg(vm, a, 1)?;
    if v.is_undef() { Ok(b"\n".to_vec()) } else { bytes(vm, a, 1) }
}

fn lines(vm: &mut Vm, a: &Args) -> R<Vec<u8>> {
    let (b, eol) = (octets(vm, a, 0)?, eol(vm, a)?);
    let mut out = Vec::new();
    for l in encode(&b, true).chunks(LINE) {
        out.extend_from_slice(l);
        out.extend_from_slice(&eol);
    }
    Ok(out)
}

fn encode_base64(vm: &mut Vm, a: &Args, _w: Want, _c: &Cv) -> R<Ret> {
    let out = lines(vm, a)?;
    ok(Val::bytes(out))
}
fn decode_base64(vm: &mut Vm, a: &Args, _w: Want, _c: &Cv) -> R<Ret> {
    let b = octets(vm, a, 0)?;
    ok(Val::bytes(decode(&b)))
}
fn encoded_length(vm: &mut Vm, a: &Args, _w: Want, _c: &Cv) -> R<Ret> {
    let n = lines(vm, a)?.len();
    int(n as i64)
}
fn decoded_length(vm: &mut Vm, a: &Args, _w: Want, _c: &Cv) -> R<Ret> {
    let b = octets(vm, a, 0)?;
    int(decode(&b).len() as i64)
}

/// One line (without its end) quoted, split by soft line breaks.
fn quote_line(line: &[u8], eol: &[u8], out: &mut Vec<u8>) {
    let mut units: Vec<Vec<u8>> = Vec::with_capacity(line.len());
    for (i, &c) in line.iter().enumerate() {
        let last = i + 1 == line.len();
        let blank = c == b' ' || c == b'\t';
        let plain = (c == b'\t' || (32..127).contains(&c)) && c != b'=' && !(blank && last);
        units.push(if plain { vec![c] } else { format!("={c:02X}").into_bytes() });
    }
    let mut used = 0;
    for (i, u) in units.iter().enumerate() {
        let last = i + 1 == units.len();
        // A line may have 76 characters, the soft break's `=` included.
        let room = if last { LINE } else { LINE - 1 };
        if !eol.is_empty() && used + u.len() > room {
            out.push(b'=');
            out.extend_from_slice(eol);
            used = 0;
        }
        out.extend_from_slice(u);
        used += u.len();
    }
}

fn encode_qp(vm: &mut Vm, a: &Args, _w: Want, _c: &Cv) -> R<Ret> {
    let (b, eol) = (octets(vm, a, 0)?, eol(vm, a)?);
    let t = arg(vm, a, 2)?;
    let binary = vm.truth(&t)?;
    let mut out = Vec::new();
    if binary {
        quote_line(&b, &eol, &mut out);
    } else {
        for l in b.split_inclusive(|c| *c == b'\n') {
            match l.strip_suffix(b"\n") {
                Some(body) => {
                    quote_line(body, &eol, &mut out);
                    out.extend_from_slice(&eol);
                }
                None => quote_line(l, &eol, &mut out),
            }
        }
    }
    // Text that does not end in a line break gets a soft one.
    if !out.is_empty() && !eol.is_empty() && out.last() != Some(&b'\n') {
        out.push(b'=');
        out.extend_from_slice(&eol);
    }
    ok(Val::bytes(out))
}

fn decode_qp(vm: &mut Vm, a: &Args, _w: Want, _c: &Cv) -> R<Ret> {
    let b = octets(vm, a, 0)?;
    let mut out = Vec::with_capacity(b.len());
    for l in b.split_inclusive(|c| *c == b'\n') {
        let (body, end): (&[u8], &[u8]) = match l.strip_suffix(b"\n") {
            Some(x) => match x.strip_suffix(b"\r") {
                Some(y) => (y, b"\r\n"),
                None => (x, b"\n"),
            },
            None => (l, b""),
        };
        let blanks = body.iter().rev().take_while(|c| matches!(c, b' ' | b'\t')).count();
        // White space before a line end was added on the way.
        let body = if end.is_empty() { body } else { &body[..body.len() - blanks] };
        let mut i = 0;
        let mut soft = false;
        while i < body.len() {
            let hex = |c: Option<&u8>| c.and_then(|c| (*c as char).to_digit(16));
            match (body[i], hex(body.get(i + 1)), hex(body.get(i + 2))) {
                (b'=', Some(h), Some(l)) => {
                    out.push((h * 16 + l) as u8);
                    i += 3;
                }
                (b'=', ..) if i + 1 == body.len() && !end.is_empty() => {
                    soft = true;
                    i += 1;
                }
                (c, ..) => {
                    out.push(c);
                    i += 1;
                }
            }
        }
        if !soft {
            out.extend_from_slice(end);
        }
    }
    ok(Val::bytes(out))
}
