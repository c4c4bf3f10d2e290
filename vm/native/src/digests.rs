//! Digest::MD5 and Digest::SHA. A digest object is a blessed scalar that carries the running state.

use crate::args::*;
use crate::base64;
use digest::DynDigest;
use keshi_value::obj::Obj;
use keshi_value::{Scalar, Val};
use keshi_vm::{R, Ret, Vm, Want};

/// The state kept with an object.
struct State {
    algorithm: i64,
    hash: Box<dyn DynDigest>,
}

fn hasher(algorithm: i64) -> Option<Box<dyn DynDigest>> {
    Some(match algorithm {
        5 => Box::new(md5::Md5::default()),
        1 => Box::new(sha1::Sha1::default()),
        224 => Box::new(sha2::Sha224::default()),
        256 => Box::new(sha2::Sha256::default()),
        384 => Box::new(sha2::Sha384::default()),
        512 => Box::new(sha2::Sha512::default()),
        512_224 => Box::new(sha2::Sha512_224::default()),
        512_256 => Box::new(sha2::Sha512_256::default()),
        _ => return None,
    })
}

/// The forms a digest is given in, after the suffix of the function's name.
fn shown(d: &[u8], form: &str) -> Val {
    match form {
        "hex" => Val::text(&d.iter().map(|b| format!("{b:02x}")).collect::<String>()),
        "base64" => Val::bytes(base64::encode(d, false)),
        _ => Val::bytes(d),
    }
}

fn name_of(c: &Cv) -> String {
    match c.glob.get().as_ref().and_then(|g| g.name.as_str()) {
        Some(n) => String::from_utf8_lossy(n.bytes()).into_owned(),
        None => String::new(),
    }
}

fn form_of(name: &str) -> &'static str {
    if name.ends_with("_hex") || name.starts_with("hex") {
        "hex"
    } else if name.ends_with("_base64") || name.starts_with("b64") {
        "base64"
    } else {
        ""
    }
}

/// Octets of a piece of data; wide characters die with the function's name.
fn data(vm: &mut Vm, a: &Args, i: usize) -> R<Vec<u8>> {
    octets(vm, a, i)
}

fn object(vm: &mut Vm, class: Val, algorithm: i64, hash: Box<dyn DynDigest>) -> R<Val> {
    let s = Scalar::new(Val::undef());
    s.hdr().ext_mut().magic.push(Box::new(State { algorithm, hash }));
    let r = Val::reference(s);
    let (n, u) = vm.str_bytes(&class)?;
    if let (Some(st), Some(h)) = (vm.stash(&n, u, true), r.hdr()) {
        h.bless(st);
    }
    Ok(r)
}

fn state<'a>(vm: &mut Vm, v: &'a Val) -> R<&'a mut State> {
    let found = v
        .hdr()
        .filter(|h| v.is_ref() && h.ext().is_some())
        .and_then(|h| h.ext_mut().magic.iter_mut().find_map(|m| m.downcast_mut::<State>()));
    match found {
        Some(s) => Ok(s),
        None => Err(vm.die_text("Not a reference to a digest object")),
    }
}

// ---- MD5

pub fn boot_md5(vm: &mut Vm) -> R<()> {
    define(
        vm,
        "Digest::MD5",
        &[
            ("md5", md5_function, None),
            ("md5_hex", md5_function, None),
            ("md5_base64", md5_function, None),
            ("new", md5_new, None),
            ("clone", clone, None),
            ("add", add, None),
            ("addfile", addfile, None),
            ("digest", digest, None),
            ("hexdigest", digest, None),
            ("b64digest", digest, None),
        ],
    );
    Ok(())
}

fn md5_function(vm: &mut Vm, a: &Args, _w: Want, c: &Cv) -> R<Ret> {
    let mut h = md5::Md5::default();
    for i in 0..a.len() {
        let b = data(vm, a, i)?;
        DynDigest::update(&mut h, &b);
    }
    let d = Box::new(h).finalize();
    ok(shown(&d, form_of(&name_of(c))))
}

fn md5_new(vm: &mut Vm, a: &Args, _w: Want, _c: &Cv) -> R<Ret> {
    let v = arg(vm, a, 0)?;
    if v.is_ref() {
        state(vm, &v)?.hash.reset();
        return ok(v);
    }
    ok(object(vm, v, 5, Box::new(md5::Md5::default()))?)
}

fn clone(vm: &mut Vm, a: &Args, _w: Want, _c: &Cv) -> R<Ret> {
    let v = arg(vm, a, 0)?;
    let s = state(vm, &v)?;
    let (algorithm, hash) = (s.algorithm, s.hash.box_clone());
    let class = vm.blessed_name(&v).unwrap_or_else(|| Val::bytes("Digest::MD5"));
    ok(object(vm, class, algorithm, hash)?)
}

fn add(vm: &mut Vm, a: &Args, _w: Want, _c: &Cv) -> R<Ret> {
    let v = arg(vm, a, 0)?;
    for i in 1..a.len() {
        let b = data(vm, a, i)?;
        state(vm, &v)?.hash.update(&b);
    }
    ok(v)
}

/// Reads a handle to its end with perl's own read.
fn addfile(vm: &mut Vm, a: &Args, _w: Want, _c: &Cv) -> R<Ret> {
    let (v, fh) = (arg(vm, a, 0)?, arg(vm, a, 1)?);
    if fh.is_undef() {
        return Err(vm.die_text("Bad filehandle: undef"));
    }
    let lines = keshi_vm::rt::io::readlines(vm, &fh)?;
    if let Some(l) = lines.av() {
        for line in vm.av_values(&l)? {
            let (b, u) = vm.str_bytes(&line)?;
            let Some(o) = keshi_text::utf8::as_bytes(&b, u) else {
                return Err(vm.die_text("Wide character in subroutine entry"));
            };
            let o = o.into_owned();
            state(vm, &v)?.hash.update(&o);
        }
    }
    ok(v)
}

/// The digest; the object starts anew.
fn digest(vm: &mut Vm, a: &Args, _w: Want, c: &Cv) -> R<Ret> {
    let v = arg(vm, a, 0)?;
    let d = state(vm, &v)?.hash.finalize_reset();
    ok(shown(&d, form_of(&name_of(c))))
}

// ---- SHA

const ALGORITHMS: &[i64] = &[1, 224, 256, 384, 512, 512_224, 512_256];

pub fn boot_sha(vm: &mut Vm) -> R<()> {
    for n in ALGORITHMS {
        for suffix in ["", "_hex", "_base64"] {
            vm.define_native(&format!("Digest::SHA::sha{n}{suffix}"), sha_function, None);
            vm.define_native(&format!("Digest::SHA::hmac_sha{n}{suffix}"), hmac_function, None);
        }
    }
    define(
        vm,
        "Digest::SHA",
        &[
            ("newSHA", new_sha, None),
            ("sharewind", sharewind, None),
            ("clone", clone, None),
            ("shawrite", shawrite, None),
            ("add", add, None),
            ("digest", digest, None),
            ("hexdigest", digest, None),
            ("b64digest", digest, None),
            ("hashsize", hashsize, None),
            ("algorithm", algorithm, None),
            ("_addfile", sha_addfile, None),
        ],
    );
    Ok(())
}

fn algorithm_in(name: &str) -> i64 {
    let digits: String = name
        .trim_start_matches("hmac_")
        .trim_start_matches("sha")
        .chars()
        .take_while(char::is_ascii_digit)
        .collect();
    digits.parse().unwrap_or(0)
}

fn sha_function(vm: &mut Vm, a: &Args, _w: Want, c: &Cv) -> R<Ret> {
    let name = name_of(c);
    let Some(mut h) = hasher(algorithm_in(&name)) else { return undef() };
    for i in 0..a.len() {
        h.update(&data(vm, a, i)?);
    }
    ok(shown(&h.finalize(), form_of(&name)))
}

/// HMAC: the last argument is the key.
fn hmac_function(vm: &mut Vm, a: &Args, _w: Want, c: &Cv) -> R<Ret> {
    let name = name_of(c);
    let alg = algorithm_in(&name);
    let Some(mut h) = hasher(alg) else { return undef() };
    let block = if alg >= 384 { 128 } else { 64 };
    let mut key = if a.is_empty() { Vec::new() } else { data(vm, a, a.len() - 1)? };
    if key.len() > block {
        h.update(&key);
        key = h.finalize_reset().into_vec();
    }
    key.resize(block, 0);
    h.update(&key.iter().map(|b| b ^ 0x36).collect::<Vec<u8>>());
    for i in 0..a.len().saturating_sub(1) {
        h.update(&data(vm, a, i)?);
    }
    let inner = h.finalize_reset();
    h.update(&key.iter().map(|b| b ^ 0x5c).collect::<Vec<u8>>());
    h.update(&inner);
    ok(shown(&h.finalize(), form_of(&name)))
}

fn new_sha(vm: &mut Vm, a: &Args, _w: Want, _c: &Cv) -> R<Ret> {
    let class = arg(vm, a, 0)?;
    let alg = iv(vm, a, 1)?;
    match hasher(alg) {
        Some(h) => ok(object(vm, class, alg, h)?),
        None => undef(),
    }
}

fn sharewind(vm: &mut Vm, a: &Args, _w: Want, _c: &Cv) -> R<Ret> {
    let v = arg(vm, a, 0)?;
    state(vm, &v)?.hash.reset();
    Ok(Ret::Void)
}

/// `shawrite(data, bits, state)`; Keshi hashes whole bytes.
fn shawrite(vm: &mut Vm, a: &Args, _w: Want, _c: &Cv) -> R<Ret> {
    let (b, bits, v) = (data(vm, a, 0)?, iv(vm, a, 1)?, arg(vm, a, 2)?);
    if bits % 8 != 0 {
        return Err(vm.unimplemented("Digest::SHA on a number of bits that is no multiple of 8"));
    }
    let n = ((bits.max(0) / 8) as usize).min(b.len());
    state(vm, &v)?.hash.update(&b[..n]);
    int(bits)
}

/// Bits of the digest; 512/224 and 512/256 have their own numbers.
fn hashsize(vm: &mut Vm, a: &Args, _w: Want, _c: &Cv) -> R<Ret> {
    let v = arg(vm, a, 0)?;
    let n = state(vm, &v)?.hash.output_size();
    int(n as i64 * 8)
}

fn algorithm(vm: &mut Vm, a: &Args, _w: Want, _c: &Cv) -> R<Ret> {
    let v = arg(vm, a, 0)?;
    let n = state(vm, &v)?.algorithm;
    int(n)
}

fn sha_addfile(vm: &mut Vm, a: &Args, w: Want, c: &Cv) -> R<Ret> {
    addfile(vm, a, w, c)
}
