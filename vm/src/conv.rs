//! Conversions between values: string, number, boolean, with perl's warnings and overloading.
//!
//! Arguments are resolved values (no IND/SLOT). References stringify as `Class=HASH(0x…)`.

use crate::Vm;
use crate::exc::R;
use crate::warn::cat;
use keshi_text::num::{self, Num};
use keshi_value::Val;
use keshi_value::obj::Kind;
use keshi_value::val::tag;
use std::borrow::Cow;

/// `Num` → value.
pub fn num_val(n: Num) -> Val {
    match n {
        Num::Int(i) => Val::int(i),
        Num::Uint(u) => Val::uint(u),
        Num::Num(f) => Val::num(f),
    }
}

/// Digits of an i64 without allocation.
pub fn fmt_int(i: i64, buf: &mut [u8; 20]) -> &[u8] {
    let mut n = i.unsigned_abs();
    let mut p = buf.len();
    loop {
        p -= 1;
        buf[p] = b'0' + (n % 10) as u8;
        n /= 10;
        if n == 0 {
            break;
        }
    }
    if i < 0 {
        p -= 1;
        buf[p] = b'-';
    }
    &buf[p..]
}

impl Vm {
    /// Bytes and utf8 flag of the stringification. Borrows when the value is a string.
    pub fn str_bytes<'a>(&mut self, v: &'a Val) -> R<(Cow<'a, [u8]>, bool)> {
        match v.tag() {
            tag::STR => {
                let s = v.as_str().expect("STR");
                Ok((Cow::Borrowed(s.bytes()), s.utf8()))
            }
            tag::INT => {
                let mut b = [0; 20];
                Ok((Cow::Owned(fmt_int(v.as_i64(), &mut b).to_vec()), false))
            }
            tag::UINT => Ok((Cow::Owned(v.bits.to_string().into_bytes()), false)),
            tag::NUM => Ok((Cow::Owned(num::nv_string(v.as_f64())), false)),
            tag::BOOL => Ok((Cow::Borrowed(if v.bits != 0 { b"1" } else { b"" }), false)),
            tag::UNDEF => {
                self.warn_uninit()?;
                Ok((Cow::Borrowed(b""), false))
            }
            tag::DUAL => {
                let s = v.as_dual().expect("DUAL").str.clone();
                let (b, u) = self.str_bytes(&s)?;
                Ok((Cow::Owned(b.into_owned()), u))
            }
            _ => {
                let s = self.to_str_val(v)?;
                match s.as_str() {
                    Some(p) => Ok((Cow::Owned(p.bytes().to_vec()), p.utf8())),
                    None => Ok((Cow::Borrowed(b""), false)),
                }
            }
        }
    }

    /// Stringification without the "uninitialized" warning.
    pub fn str_bytes_quiet<'a>(&mut self, v: &'a Val) -> R<(Cow<'a, [u8]>, bool)> {
        if v.is_undef() { Ok((Cow::Borrowed(b""), false)) } else { self.str_bytes(v) }
    }

    /// The bytes of a string that goes where only bytes can: characters above 255 are fatal. `op` is the name in
    /// the message.
    pub fn octets_of(&mut self, v: &Val, op: &str) -> R<Vec<u8>> {
        let octets = {
            let (s, u) = self.str_bytes(v)?;
            keshi_text::utf8::as_bytes(&s, u).map(Cow::into_owned)
        };
        octets.ok_or_else(|| self.die_text(&format!("Wide character in {op}")))
    }

    /// As a STR value (`s.tostr`).
    pub fn to_str_val(&mut self, v: &Val) -> R<Val> {
        match v.tag() {
            tag::STR => Ok(v.clone()),
            tag::REF => {
                if let Some(r) = self.overload_unary(v, "\"\"")? {
                    if r.is_ref() && r.addr() == v.addr() {
                        return Ok(self.plain_ref_string(v));
                    }
                    return self.to_str_val(&r);
                }
                Ok(self.plain_ref_string(v))
            }
            tag::GLOB => Ok(self.glob_string(v)),
            tag::CODE | tag::PTR => Ok(self.plain_ref_string(v)),
            tag::IND | tag::SLOT => {
                let r = self.read(v)?;
                self.to_str_val(&r)
            }
            _ => {
                let (b, u) = self.str_bytes(v)?;
                Ok(Val::str(&b, u))
            }
        }
    }

    /// `*main::foo`
    pub fn glob_string(&mut self, v: &Val) -> Val {
        match v.as_gv() {
            Some(g) => {
                let e = g.egv();
                let g = e.as_deref().unwrap_or(g);
                let package = g.stash.get().clone().unwrap_or_else(|| Val::bytes("__ANON__"));
                let full = crate::mro::join_names(&package, &g.name);
                let (b, u) = full.as_str().map_or((&b""[..], false), |s| (s.bytes(), s.utf8()));
                Val::str(&[b"*", b].concat(), u)
            }
            None => Val::bytes("*main::"),
        }
    }

    /// What `ref` gives for an unblessed reference: SCALAR, ARRAY, …
    pub fn reftype(&self, v: &Val) -> &'static str {
        match v.kind() {
            Kind::ARRAY => "ARRAY",
            Kind::HASH => "HASH",
            Kind::CODE => "CODE",
            Kind::GLOB => "GLOB",
            Kind::IO => "IO",
            Kind::FORMAT => "FORMAT",
            Kind::REGEX => "REGEXP",
            Kind::OBJECT => "OBJECT",
            Kind::SCALAR => {
                let inner = v.as_scalar().expect("scalar").peek();
                if self.is_lvalue_magic(v.as_scalar().expect("scalar")) {
                    return "LVALUE";
                }
                match inner.tag() {
                    tag::REF => "REF",
                    tag::GLOB => "GLOB",
                    tag::DUAL if inner.as_dual().is_some_and(|d| d.vstring.is_some()) => "VSTRING",
                    tag::DUAL if inner.as_dual().is_some_and(|d| d.regex.is_some()) => "REGEXP",
                    _ => "SCALAR",
                }
            }
            _ => "SCALAR",
        }
    }

    /// `Class=HASH(0x55…)` without overloading; a plain qr object gives its pattern, but not under
    /// `no overloading`.
    pub fn plain_ref_string(&mut self, v: &Val) -> Val {
        if let Some(re) = v.as_regex().filter(|_| !v.is_ref() || !self.no_overloading("\"\"")) {
            return re.text.clone();
        }
        let mut out = Vec::new();
        let mut utf8 = false;
        if let Some(name) = self.blessed_name(v) {
            if let Some(s) = name.as_str() {
                out.extend_from_slice(s.bytes());
                utf8 = s.utf8();
            }
            out.push(b'=');
        }
        out.extend_from_slice(self.reftype(v).as_bytes());
        out.extend_from_slice(format!("(0x{:x})", v.addr()).as_bytes());
        Val::str(&out, utf8)
    }

    /// Numeric value (`s.tonum`).
    pub fn to_num(&mut self, v: &Val) -> R<Num> {
        match v.tag() {
            tag::INT => Ok(Num::Int(v.as_i64())),
            tag::NUM => Ok(Num::Num(v.as_f64())),
            tag::UINT => Ok(Num::Uint(v.bits)),
            tag::BOOL => Ok(Num::Int(v.bits as i64)),
            tag::STR => {
                let s = v.as_str().expect("STR");
                let p = num::parse(s.bytes());
                if !p.whole {
                    self.warn_numeric(v)?;
                }
                Ok(p.num)
            }
            tag::UNDEF => {
                self.warn_uninit()?;
                Ok(Num::Int(0))
            }
            tag::DUAL => {
                let n = v.as_dual().expect("DUAL").num.clone();
                self.to_num(&n)
            }
            tag::REF => {
                if let Some(r) = self.overload_unary(v, "0+")? {
                    if r.is_ref() && r.addr() == v.addr() {
                        return Ok(Num::from_u64(v.addr()));
                    }
                    return self.to_num(&r);
                }
                Ok(Num::from_u64(v.addr()))
            }
            tag::GLOB => {
                let s = self.glob_string(v);
                self.to_num(&s)
            }
            tag::IND | tag::SLOT => {
                let r = self.read(v)?;
                self.to_num(&r)
            }
            _ => Ok(Num::from_u64(v.addr())),
        }
    }

    pub fn to_num_val(&mut self, v: &Val) -> R<Val> {
        Ok(num_val(self.to_num(v)?))
    }
    pub fn to_iv(&mut self, v: &Val) -> R<i64> {
        if v.is_int() { Ok(v.as_i64()) } else { Ok(self.to_num(v)?.iv()) }
    }
    pub fn to_uv(&mut self, v: &Val) -> R<u64> {
        Ok(self.to_num(v)?.uv())
    }
    pub fn to_nv(&mut self, v: &Val) -> R<f64> {
        Ok(self.to_num(v)?.nv())
    }

    /// `Argument "%s" isn't numeric in OP`
    pub fn warn_numeric(&mut self, v: &Val) -> R<()> {
        if !self.warns(cat::NUMERIC) {
            return Ok(());
        }
        let (b, u) = match v.as_str() {
            Some(s) => (s.bytes().to_vec(), s.utf8()),
            None => return Ok(()),
        };
        let shown = keshi_text::quote::not_numeric(&b, u);
        let tail = self.in_op();
        self.warn(cat::NUMERIC, &format!("Argument \"{shown}\" isn't numeric{tail}"))
    }

    /// Truth.
    pub fn truth(&mut self, v: &Val) -> R<bool> {
        Ok(match v.tag() {
            tag::UNDEF => false,
            tag::INT | tag::UINT | tag::BOOL => v.bits != 0,
            tag::NUM => v.as_f64() != 0.0,
            tag::STR => {
                let b = v.as_str().expect("STR").bytes();
                !(b.is_empty() || b == b"0")
            }
            tag::DUAL => {
                let s = v.as_dual().expect("DUAL").str.clone();
                return self.truth(&s);
            }
            tag::REF => match self.overload_unary(v, "bool")? {
                Some(r) if r.is_ref() && r.addr() == v.addr() => true,
                Some(r) => return self.truth(&r),
                None => true,
            },
            tag::IND | tag::SLOT => {
                let r = self.read(v)?;
                return self.truth(&r);
            }
            _ => true,
        })
    }

    /// `defined`, on a resolved value.
    pub fn is_defined(v: &Val) -> bool {
        v.tag() != tag::UNDEF
    }

    /// String as lossy Rust text for messages.
    pub fn text_of(&mut self, v: &Val) -> R<String> {
        let (b, u) = self.str_bytes_quiet(v)?;
        Ok(if u { String::from_utf8_lossy(&b).into_owned() } else { b.iter().map(|&c| c as char).collect() })
    }
}
