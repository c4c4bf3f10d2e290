//! String atoms and builtins. Substring, `vec` and their lvalue forms are in [`super::substr`], `pack` and
//! `sprintf` in [`super::formatting`].

use super::array::{av, list_values};
use crate::Vm;
use crate::exc::R;
use crate::warn::cat;
use keshi_text::{case, quote, strings, utf8};
use keshi_value::val::tag;
use keshi_value::{Array, PStr, Val};

pub use super::formatting::{pack, sprintf, sprintf_one, trans, trans_copy, unpack, unpack_scalar};
pub use super::substr::{
    substr, substr_len, substr_lv, substr_magic_get, substr_magic_set, substr_repl, vec, vec_lv,
    vec_magic_get, vec_magic_set,
};

/// `$^H`: `use bytes`, feature `unicode_strings`.
const HINT_BYTES: u32 = 0x8;
/// `use locale`, and the bit that limits it to some categories.
const HINT_LOCALE: u32 = 0x4;
const HINT_LOCALE_PARTIAL: u32 = 0x10;
const HINT_UNI_8_BIT: u32 = 0x800;

impl Vm {
    /// Under `use locale` for characters: is the locale's character set UTF-8?
    pub fn locale_rules(&self) -> Option<bool> {
        let h = self.hints();
        let wanted = h & (HINT_LOCALE | HINT_LOCALE_PARTIAL | HINT_BYTES) == HINT_LOCALE;
        wanted.then(crate::locale::is_utf8)
    }

    /// Do byte strings follow Unicode rules here (feature `unicode_strings`)?
    pub fn unicode_strings(&self) -> bool {
        self.hints() & (HINT_UNI_8_BIT | HINT_BYTES) == HINT_UNI_8_BIT
    }
    pub fn use_bytes(&self) -> bool {
        self.hint(HINT_BYTES)
    }
    /// String and flag as character functions see them: octets under `use bytes`.
    pub fn chars_of<'a>(&mut self, v: &'a Val) -> R<(std::borrow::Cow<'a, [u8]>, bool)> {
        let (b, u) = self.str_bytes(v)?;
        Ok((b, u && !self.use_bytes()))
    }
}

// ---- atoms

/// `str.len`: characters
pub fn len(vm: &mut Vm, a: &Val) -> R<i64> {
    let (b, u) = vm.chars_of(a)?;
    Ok(utf8::str_len(&b, u) as i64)
}
/// `str.octets`
pub fn octets(vm: &mut Vm, v: &Val) -> R<Val> {
    let (b, _) = vm.str_bytes(v)?;
    Ok(Val::bytes(&b[..]))
}
/// `str.cat`
pub fn cat(vm: &mut Vm, a: &Val, b: &Val) -> R<Val> {
    concat(vm, a, b)
}
/// `str.app`: appends in place
pub fn append(vm: &mut Vm, d: &mut Val, a: &Val) -> R<()> {
    let (more, mu) = vm.str_bytes(a)?;
    if let Some(s) = d.as_str() {
        if s.utf8() == mu || more.is_ascii() {
            append_to(d, &more);
            return Ok(());
        }
    }
    let base = std::mem::take(d);
    let (x, xu) = vm.str_bytes_quiet(&base)?;
    let v = cat_bytes(&x, xu, &more, mu);
    d.put(v);
    Ok(())
}
/// `str.eq`
pub fn eq(_vm: &mut Vm, a: &Val, b: &Val) -> R<i64> {
    Ok(match (a.as_str(), b.as_str()) {
        (Some(x), Some(y)) => strings::eq(x.bytes(), x.utf8(), y.bytes(), y.utf8()) as i64,
        _ => 0,
    })
}
/// `str.cmp`
pub fn cmp(_vm: &mut Vm, a: &Val, b: &Val) -> R<i64> {
    Ok(match (a.as_str(), b.as_str()) {
        (Some(x), Some(y)) => strings::cmp(x.bytes(), x.utf8(), y.bytes(), y.utf8()) as i64,
        _ => 0,
    })
}
/// `str.sub`: `n` characters from character `o`
pub fn sub_atom(vm: &mut Vm, a: &Val, o: i64, n: u64) -> R<Val> {
    let off = Val::int(o);
    let l = Val::int(n as i64);
    let mut t = a.clone();
    substr_len(vm, &mut t, &off, &l)?;
    Ok(t)
}
/// `str.ord`: code point of character `o`, 0 outside
pub fn ord_atom(_vm: &mut Vm, a: &Val, o: i64) -> R<i64> {
    let Some(s) = a.as_str() else { return Ok(0) };
    Ok(utf8::code_points(s.bytes(), s.utf8()).nth(o.max(0) as usize).unwrap_or(0) as i64)
}
/// `str.chr`
pub fn chr_atom(vm: &mut Vm, c: i64) -> R<Val> {
    chr(vm, &Val::int(c))
}

// ---- builtins

/// `.`
pub fn concat(vm: &mut Vm, b: &Val, c: &Val) -> R<Val> {
    if b.is_ref() || c.is_ref() {
        if let Some(v) = vm.overload_binary(b, c, ".")? {
            return Ok(v);
        }
    }
    let (x, xu) = vm.str_bytes(b)?;
    let (y, yu) = vm.str_bytes(c)?;
    if xu == yu {
        let mut p = PStr::with_capacity(x.len() + y.len());
        PStr::append(&mut p, &x);
        PStr::append(&mut p, &y);
        PStr::set_utf8(&mut p, xu);
        return Ok(Val::pstr(p));
    }
    Ok(cat_bytes(&x, xu, &y, yu))
}
/// `.` under `use bytes`
pub fn concat_bytes(vm: &mut Vm, b: &Val, c: &Val) -> R<Val> {
    if b.is_ref() || c.is_ref() {
        if let Some(v) = vm.overload_binary(b, c, ".")? {
            return Ok(v);
        }
    }
    let (x, _) = vm.str_bytes(b)?;
    let (y, _) = vm.str_bytes(c)?;
    Ok(Val::bytes([&x[..], &y[..]].concat()))
}
/// `"$x"`
pub fn stringify(vm: &mut Vm, b: &Val) -> R<Val> {
    match b.tag() {
        tag::STR => Ok(b.clone()),
        tag::REF => match vm.overload_unary(b, "\"\"")? {
            Some(v) => Ok(v),
            None => Ok(vm.plain_ref_string(b)),
        },
        _ => {
            let (s, u) = vm.str_bytes(b)?;
            Ok(Val::str(&s, u))
        }
    }
}

fn repeat_count(vm: &mut Vm, c: &Val) -> R<u64> {
    use keshi_text::num::Num;
    let n = vm.to_num(c)?;
    match n {
        Num::Num(f) if !f.is_finite() => {
            vm.warn(cat::NUMERIC, "Non-finite repeat count does nothing")?;
            Ok(0)
        }
        _ if n.is_neg() => {
            vm.warn(cat::NUMERIC, "Negative repeat count does nothing")?;
            Ok(0)
        }
        n => Ok(n.uv()),
    }
}
/// `x`
pub fn repeat(vm: &mut Vm, b: &Val, c: &Val) -> R<Val> {
    if b.is_ref() || c.is_ref() {
        if let Some(v) = vm.overload_binary(b, c, "x")? {
            return Ok(v);
        }
    }
    let n = repeat_count(vm, c)?;
    let (s, u) = vm.str_bytes(b)?;
    match strings::repeat(&s, n) {
        Some(v) => Ok(Val::str(&v, u)),
        None => Err(vm.die_text("Out of memory in perl:repeat")),
    }
}
/// `(LIST) x N`
pub fn repeat_list(vm: &mut Vm, b: Val, c: &Val) -> R<Val> {
    let l = av(&b);
    let vs = list_values(vm, &l, 0)?;
    repeated(vm, vs, c)
}
/// `repeat.alias`: aliases of the same scalars each time
pub fn repeat_aliases(vm: &mut Vm, b: Val, c: &Val) -> R<Val> {
    let vs = av(&b).as_mut_slice().iter_mut().map(|v| Val::ind(super::scope::alias_ptr_of(v))).collect();
    repeated(vm, vs, c)
}
fn repeated(vm: &mut Vm, vs: Vec<Val>, c: &Val) -> R<Val> {
    let n = repeat_count(vm, c)?;
    if (vs.len() as u64).saturating_mul(n) > 1 << 32 {
        return Err(vm.die_text("Out of memory in perl:repeat"));
    }
    let out = Array::new();
    out.reserve(vs.len() * n as usize);
    for _ in 0..n {
        for v in &vs {
            out.push(v.clone());
        }
    }
    Ok(Val::ptr(out))
}
/// join
pub fn join(vm: &mut Vm, b: &Val) -> R<Val> {
    let l = av(b);
    // A single item needs no separator, which is not looked at then.
    let (sep, su) = if l.len() == 2 {
        (Vec::new(), false)
    } else {
        let v = vm.av_get(&l, 0)?;
        vm.at_item(0, &v);
        let (s, u) = vm.str_bytes(&v)?;
        (s.into_owned(), u)
    };
    joined(vm, &l, 1, &sep, su)
}

/// The items of a list from `from` on with a separator between them.
fn joined(vm: &mut Vm, l: &Array, from: usize, sep: &[u8], su: bool) -> R<Val> {
    let mut out = Vec::new();
    let mut u = false;
    let mut i = from;
    while i < l.len() {
        if i > from && !sep.is_empty() {
            utf8::append(&mut out, &mut u, sep, su);
        }
        let v = l.as_slice()[i].clone();
        let v = if v.is_alias() { vm.read(&v)? } else { v };
        vm.at_item(i, &v);
        let (s, vu) = vm.str_bytes(&v)?;
        utf8::append(&mut out, &mut u, &s, vu);
        i += 1;
    }
    Ok(Val::str(&out, u))
}

fn mapped(vm: &mut Vm, b: &Val, how: case::Case, first: bool) -> R<Val> {
    let (s, u) = vm.chars_of(b)?;
    let moved = if u && !first && how == case::Case::Upper { iota_last(&s) } else { None };
    let s = moved.map_or(s, Into::into);
    let (v, vu) = match vm.locale_rules() {
        Some(false) => case::map_c_locale(&s, u, how, first),
        Some(true) => case::map_str(&s, u, true, how, first),
        None => case::map_str(&s, u, vm.unicode_strings(), how, first),
    };
    Ok(Val::str(&v, vu))
}
/// The iota subscript becomes a letter: the marks behind it belong before it. `None`: nothing to move.
fn iota_last(s: &[u8]) -> Option<Vec<u8>> {
    const IOTA: &[u8] = "\u{345}".as_bytes();
    let mut rest = s;
    let mut out = Vec::with_capacity(s.len());
    let mut found = false;
    while let Some(k) = memchr::memmem::find(rest, IOTA) {
        found = true;
        out.extend_from_slice(&rest[..k]);
        rest = &rest[k + IOTA.len()..];
        while !rest.is_empty() {
            let (cp, n) = utf8::at(rest, 0);
            if !keshi_regex::is_mark(cp) {
                break;
            }
            // several subscripts are one
            if cp != 0x345 {
                out.extend_from_slice(&rest[..n]);
            }
            rest = &rest[n..];
        }
        out.extend_from_slice(IOTA);
    }
    found.then(|| {
        out.extend_from_slice(rest);
        out
    })
}
/// lc
pub fn lc(vm: &mut Vm, b: &Val) -> R<Val> {
    mapped(vm, b, case::Case::Lower, false)
}
/// uc
pub fn uc(vm: &mut Vm, b: &Val) -> R<Val> {
    mapped(vm, b, case::Case::Upper, false)
}
/// lcfirst
pub fn lcfirst(vm: &mut Vm, b: &Val) -> R<Val> {
    mapped(vm, b, case::Case::Lower, true)
}
/// ucfirst
pub fn ucfirst(vm: &mut Vm, b: &Val) -> R<Val> {
    mapped(vm, b, case::Case::Title, true)
}
/// fc
pub fn fc(vm: &mut Vm, b: &Val) -> R<Val> {
    mapped(vm, b, case::Case::Fold, false)
}
/// quotemeta
pub fn quotemeta(vm: &mut Vm, b: &Val) -> R<Val> {
    let (s, u) = vm.str_bytes(b)?;
    let locale = vm.locale_rules().is_some();
    if locale && u {
        // a locale quotes every character from 128 to 255
        let mut out = Vec::with_capacity(s.len() + 8);
        let mut rest = &s[..];
        while !rest.is_empty() {
            let (cp, n) = utf8::at(rest, 0);
            if (0x80..0x100).contains(&cp) {
                out.push(b'\\');
                out.extend_from_slice(&rest[..n]);
            } else {
                out.extend_from_slice(&quote::quotemeta(&rest[..n], true, true));
            }
            rest = &rest[n..];
        }
        return Ok(Val::str(&out, true));
    }
    let uni = !locale && vm.unicode_strings();
    Ok(Val::str(&quote::quotemeta(&s, u, uni), u))
}
/// chr
pub fn chr(vm: &mut Vm, b: &Val) -> R<Val> {
    use keshi_text::num::Num;
    let n = vm.to_num(b)?;
    let infnan = n.is_infnan();
    if infnan {
        let t = vm.text_of(b)?;
        return Err(vm.die_text(&format!("Cannot chr {t}")));
    }
    let cp = match n {
        _ if n.is_neg() => {
            if vm.use_bytes() {
                return Ok(Val::bytes([n.iv() as u8]));
            }
            if vm.warns(cat::UTF8) {
                let t = vm.text_of(b)?;
                vm.warn(cat::UTF8, &format!("Invalid negative number ({t}) in chr"))?;
            }
            0xfffd
        }
        Num::Num(f) => f as u64,
        n => n.uv(),
    };
    if vm.use_bytes() {
        return Ok(Val::bytes([cp as u8]));
    }
    if cp < 256 {
        return Ok(Val::bytes([cp as u8]));
    }
    if cp > i64::MAX as u64 {
        return Err(vm.die_text(&format!(
            "Use of code point 0x{cp:X} is not allowed; the permissible max is 0x7FFFFFFFFFFFFFFF"
        )));
    }
    let mut o = Vec::new();
    utf8::encode(cp, &mut o);
    Ok(Val::str(&o, true))
}
/// ord
pub fn ord(vm: &mut Vm, b: &Val) -> R<Val> {
    let (s, u) = vm.chars_of(b)?;
    let c = utf8::code_points(&s, u).next().unwrap_or(0);
    Ok(Val::uint(c))
}
/// length
pub fn length(vm: &mut Vm, b: &Val) -> R<Val> {
    if b.is_undef() {
        return Ok(Val::undef());
    }
    let (s, u) = vm.chars_of(b)?;
    Ok(Val::int(utf8::str_len(&s, u) as i64))
}
/// reverse in scalar context
pub fn reverse(vm: &mut Vm, b: &Val) -> R<Val> {
    let j = joined(vm, &av(b), 0, b"", false)?;
    let (s, u) = vm.str_bytes(&j)?;
    Ok(Val::str(&strings::reverse(&s, u), u))
}

fn search(vm: &mut Vm, h: &Val, n: &Val, pos: Option<i64>, last: bool) -> R<Val> {
    let (x, xu) = vm.chars_of(h)?;
    let (y, yu) = vm.chars_of(n)?;
    let r = if last {
        strings::rindex(&x, xu, &y, yu, pos)
    } else {
        strings::index(&x, xu, &y, yu, pos.unwrap_or(0))
    };
    Ok(Val::int(r))
}
/// index
pub fn index(vm: &mut Vm, b: &Val, c: &Val) -> R<Val> {
    search(vm, b, c, None, false)
}
/// index with position
pub fn index_pos(vm: &mut Vm, a: &mut Val, b: &Val, c: &Val) -> R<()> {
    let h = a.clone();
    let h = vm.read(&h)?;
    let p = vm.to_iv(c)?;
    let r = search(vm, &h, b, Some(p), false)?;
    a.put(r);
    Ok(())
}
/// rindex
pub fn rindex(vm: &mut Vm, b: &Val, c: &Val) -> R<Val> {
    search(vm, b, c, None, true)
}
/// rindex with position
pub fn rindex_pos(vm: &mut Vm, a: &mut Val, b: &Val, c: &Val) -> R<()> {
    let h = a.clone();
    let h = vm.read(&h)?;
    let p = vm.to_iv(c)?;
    let r = search(vm, &h, b, Some(p), true)?;
    a.put(r);
    Ok(())
}

// ---- chop and chomp

fn chop_one(vm: &mut Vm, a: &mut Val) -> R<Val> {
    let p = a.clone();
    let v = vm.read(&p)?;
    let (s, u) = vm.str_bytes(&v)?;
    if s.is_empty() {
        vm.assign(a, Val::str(&s, u))?;
        return Ok(Val::bytes(""));
    }
    let at = if u { utf8::prev(&s, s.len()) } else { s.len() - 1 };
    let removed = Val::str(&s[at..], u);
    vm.assign(a, Val::str(&s[..at], u))?;
    Ok(removed)
}

fn chomp_one(vm: &mut Vm, a: &mut Val) -> R<i64> {
    let p = a.clone();
    let v = vm.read(&p)?;
    let rs = vm.gv.rs.scalar().clone();
    let rs = vm.get_sv(&rs)?;
    if rs.is_undef() || rs.is_ref() {
        return Ok(0);
    }
    let (sep, su) = vm.str_bytes(&rs)?;
    let (s, u) = vm.str_bytes(&v)?;
    let (cut, n) = if sep.is_empty() {
        let keep = s.iter().rposition(|&c| c != b'\n').map_or(0, |i| i + 1);
        (keep, s.len() - keep)
    } else {
        let sep = if su == u {
            Some(sep.clone())
        } else if u {
            Some(utf8::upgrade(&sep))
        } else {
            utf8::downgrade(&sep)
        };
        match sep {
            Some(e) if s.ends_with(&e) => (s.len() - e.len(), utf8::str_len(&e, u)),
            _ => return Ok(0),
        }
    };
    if n == 0 {
        return Ok(0);
    }
    let new = Val::str(&s[..cut], u);
    vm.assign(a, new)?;
    Ok(n as i64)
}
/// chop
pub fn chop(vm: &mut Vm, b: &mut Val) -> R<Val> {
    chop_one(vm, b)
}
/// chop LIST
pub fn chop_list(vm: &mut Vm, b: &Val) -> R<Val> {
    let l = av(b);
    let mut last = Val::bytes("");
    let mut i = 0;
    while i < l.len() {
        let mut e = Val::ind(super::scope::alias_ptr(&l.as_slice()[i]));
        vm.at_item(i, e.resolve());
        last = chop_one(vm, &mut e)?;
        i += 1;
    }
    Ok(last)
}
/// chomp
pub fn chomp(vm: &mut Vm, b: &mut Val) -> R<Val> {
    Ok(Val::int(chomp_one(vm, b)?))
}
/// chomp LIST
pub fn chomp_list(vm: &mut Vm, b: &Val) -> R<Val> {
    let l = av(b);
    let mut n = 0;
    let mut i = 0;
    while i < l.len() {
        let mut e = Val::ind(super::scope::alias_ptr(&l.as_slice()[i]));
        vm.at_item(i, e.resolve());
        n += chomp_one(vm, &mut e)?;
        i += 1;
    }
    Ok(Val::int(n))
}
/// chop/chomp of a hash's values
pub fn chomp_hv(vm: &mut Vm, b: &Val, chomp: u64) -> R<Val> {
    let l = Val::ptr(Array::new());
    super::hash::values(vm, &l, b)?;
    if chomp != 0 { chomp_list(vm, &l) } else { chop_list(vm, &l) }
}
/// crypt
pub fn crypt(vm: &mut Vm, b: &Val, c: &Val) -> R<Val> {
    let key = vm.octets_of(b, "crypt")?;
    let setting = vm.str_bytes(c)?.0.into_owned();
    match keshi_io::crypt::crypt(&key, &setting) {
        Ok(h) => Ok(Val::bytes(h)),
        Err(e) if e.0 == libc::ENOSYS => {
            Err(vm.die_text("The crypt() function is unimplemented due to excessive paranoia."))
        }
        Err(e) => {
            vm.errno(e);
            Ok(Val::undef())
        }
    }
}

/// The first `max` characters of a string, as they are, for messages.
pub fn display(b: &[u8], utf8: bool, max: usize) -> String {
    utf8::code_points(b, utf8).take(max).map(|c| char::from_u32(c as u32).unwrap_or('\u{fffd}')).collect()
}
/// Concatenation of two strings in either encoding.
pub fn cat_bytes(a: &[u8], au: bool, b: &[u8], bu: bool) -> Val {
    let up = |s: &[u8], o: &mut Vec<u8>| {
        for &c in s {
            if c < 0x80 { o.push(c) } else { o.extend([0xc0 | (c >> 6), 0x80 | (c & 0x3f)]) }
        }
    };
    let mut o = Vec::with_capacity(a.len() + b.len());
    if au && !bu {
        o.extend_from_slice(a);
        up(b, &mut o);
    } else if bu && !au {
        up(a, &mut o);
        o.extend_from_slice(b);
    } else {
        o.extend_from_slice(a);
        o.extend_from_slice(b);
    }
    Val::str(&o, au || bu)
}

/// Appends bytes of the same encoding to a STR value, in place when it is not shared.
pub fn append_to(place: &mut Val, more: &[u8]) {
    // The pointer is taken out, appended to and put back, so that it is not counted twice meanwhile.
    let v = std::mem::take(place);
    if let Some(mut p) = v.to_ptr::<keshi_value::PStr>() {
        drop(v);
        keshi_value::PStr::append(&mut p, more);
        *place = Val::pstr(p);
    }
}
