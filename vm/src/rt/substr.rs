//! `substr` and `vec`, also as lvalues.

use super::array::{av, list_values};
use super::scope::alias_ptr;
use crate::Vm;
use crate::exc::R;
use crate::magic::Magic;
use crate::warn::cat;
use keshi_text::num::Num;
use keshi_text::{strings, utf8};
use keshi_value::{Ptr, Scalar, Val};

/// Character range `[start, end)` that OFFSET and LENGTH select in a string of `n` characters; `None`: outside.
fn range(n: i64, off: i64, len: Option<i64>) -> Option<(i64, i64)> {
    let mut start = if off < 0 { n + off } else { off };
    let end = match len {
        None => n,
        Some(l) if l < 0 => n + l,
        Some(l) => start.saturating_add(l),
    };
    if start > n || (start < 0 && end < 0) {
        return None;
    }
    // Partly outside at the left: clipped.
    if start < 0 {
        if off < 0 && len.is_none() {
            start = 0;
        }
        start = start.max(0);
    }
    let end = end.clamp(0, n);
    Some((start, end.max(start)))
}

fn cut(s: &[u8], u: bool, r: (i64, i64)) -> (usize, usize) {
    if !u {
        return (r.0 as usize, r.1 as usize);
    }
    let a = utf8::byte_offset(s, r.0 as usize).unwrap_or(s.len());
    let b = utf8::byte_offset(&s[a..], (r.1 - r.0) as usize).map_or(s.len(), |x| a + x);
    (a, b)
}

fn get(vm: &mut Vm, v: &Val, off: i64, len: Option<i64>) -> R<Val> {
    let (s, u) = vm.chars_of(v)?;
    let n = utf8::str_len(&s, u) as i64;
    match range(n, off, len) {
        Some(r) => {
            let (a, b) = cut(&s, u, r);
            Ok(Val::str(&s[a..b], u))
        }
        None => {
            vm.warn(cat::SUBSTR, "substr outside of string")?;
            Ok(Val::undef())
        }
    }
}

/// substr STR, OFF
pub fn substr(vm: &mut Vm, b: &Val, c: &Val) -> R<Val> {
    let off = vm.to_iv(c)?;
    get(vm, b, off, None)
}

/// substr STR, OFF, LEN in a temporary
pub fn substr_len(vm: &mut Vm, a: &mut Val, b: &Val, c: &Val) -> R<()> {
    let s = a.clone();
    let s = vm.read(&s)?;
    let off = vm.to_iv(b)?;
    let len = clipped(vm, c)?;
    let r = get(vm, &s, off, Some(len))?;
    a.put(r);
    Ok(())
}

/// Replaces part of the value in `place`; returns the old part.
fn replace(vm: &mut Vm, place: &mut Val, off: i64, len: Option<i64>, repl: &Val) -> R<Val> {
    let p = place.clone();
    let v = vm.read(&p)?;
    let (s, u) = vm.str_bytes(&v)?;
    let n = utf8::str_len(&s, u) as i64;
    let Some(r) = range(n, off, len) else {
        return Err(vm.die_text("substr outside of string"));
    };
    let (a, b) = cut(&s, u, r);
    let old = Val::str(&s[a..b], u);
    let (t, tu) = vm.str_bytes(repl)?;
    let mut out = Vec::with_capacity(s.len() + t.len());
    let mut ou = u;
    out.extend_from_slice(&s[..a]);
    utf8::append(&mut out, &mut ou, &t, tu);
    utf8::append(&mut out, &mut ou, &s[b..], u);
    vm.assign(place, Val::str(&out, ou))?;
    Ok(old)
}

/// A length; beyond the range of integers it is the largest one.
fn clipped(vm: &mut Vm, v: &Val) -> R<i64> {
    Ok(match vm.to_num(v)? {
        Num::Uint(u) => i64::try_from(u).unwrap_or(i64::MAX),
        n => n.iv(),
    })
}

/// 4-argument substr
pub fn substr_repl(vm: &mut Vm, b: &mut Val, c: &Val) -> R<Val> {
    let args = list_values(vm, &av(c), 0)?;
    let (off, len) = range_of(vm, &args)?;
    let repl = args.get(2).cloned().unwrap_or_default();
    vm.at_item(2, &repl);
    let repl = if repl.is_undef() { Val::str(&vm.str_bytes(&repl)?.0, false) } else { repl };
    replace(vm, b, off, len, &repl)
}

/// Offset and length, the length first.
fn range_of(vm: &mut Vm, args: &[Val]) -> R<(i64, Option<i64>)> {
    let len = match args.get(1) {
        Some(l) => {
            vm.at_item(1, l);
            Some(clipped(vm, l)?)
        }
        None => None,
    };
    Ok((vm.iv_item(args, 0)?, len))
}

/// substr as lvalue
pub fn substr_lv(vm: &mut Vm, b: &mut Val, c: &Val) -> R<Val> {
    let args = list_values(vm, &av(c), 0)?;
    let (off, len) = range_of(vm, &args)?;
    let target = if b.is_alias() { alias_ptr(b) } else { b.promote() };
    // Whether the range is inside shows when the lvalue is used.
    Ok(Val::ind(vm.magical(Magic::Substr(target, off, len))))
}

pub fn substr_magic_get(vm: &mut Vm, t: &Ptr<Scalar>, off: i64, len: Option<i64>) -> R<Val> {
    let v = vm.get_sv(t)?;
    get(vm, &v, off, len)
}

/// Assignment through an lvalue substr; afterwards it covers what was assigned.
pub fn substr_magic_set(
    vm: &mut Vm,
    s: &Scalar,
    t: &Ptr<Scalar>,
    off: i64,
    len: Option<i64>,
    v: Val,
) -> R<()> {
    let mut place = Val::ind(t.clone());
    let cur = vm.get_sv(t)?;
    if cur.is_ref() {
        vm.warn(cat::SUBSTR, "Attempt to use reference as lvalue in substr")?;
    }
    let (b, u) = vm.str_bytes_quiet(&cur)?;
    let n = utf8::str_len(&b, u) as i64;
    let start = range(n, off, len).map(|r| r.0);
    replace(vm, &mut place, off, len, &v)?;
    let (nb, nu) = vm.str_bytes_quiet(&v)?;
    let newlen = utf8::str_len(&nb, nu) as i64;
    if let Some(start) = start {
        let keep_off = if off < 0 { off } else { start };
        let keep_len = if off < 0 && len.is_none() { None } else { Some(newlen) };
        let keep_off = if off < 0 { keep_off.min(-newlen).max(off - newlen.max(0)) } else { keep_off };
        let _ = keep_off;
        vm.set_magic(s, Magic::Substr(t.clone(), start, keep_len.or(Some(newlen))));
    }
    Ok(())
}

/// `vec EXPR, OFFSET, BITS`
pub fn vec(vm: &mut Vm, b: &Val) -> R<Val> {
    let a = list_values(vm, &av(b), 0)?;
    let bits = vm.iv_item(&a, 2)?;
    vm.at_item(1, &a[1]);
    let off = vec_offset(vm, &a[1])?;
    if off < 0 {
        return Ok(Val::int(0));
    }
    vm.at_item(0, &a[0]);
    let (s, u) = vm.str_bytes(&a[0])?;
    match strings::vec_get(&s, u, off, bits) {
        Ok(n) => Ok(Val::uint(n)),
        Err(m) => Err(vm.die_text(&m)),
    }
}

/// An offset; what an IV cannot hold is beyond every string.
fn vec_offset(vm: &mut Vm, v: &Val) -> R<i64> {
    Ok(match vm.to_num(v)? {
        Num::Int(i) => i,
        Num::Uint(_) => i64::MAX,
        Num::Num(f) => f as i64,
    })
}

/// vec as lvalue
pub fn vec_lv(vm: &mut Vm, b: &mut Val, c: &Val) -> R<Val> {
    let a = list_values(vm, &av(c), 0)?;
    let bits = vm.iv_item(&a, 1)?;
    vm.at_item(0, &a[0]);
    let off = vec_offset(vm, &a[0])?;
    if !matches!(bits, 1 | 2 | 4 | 8 | 16 | 32 | 64) {
        return Err(vm.die_text("Illegal number of bits in vec"));
    }
    let target = if b.is_alias() { alias_ptr(b) } else { b.promote() };
    // The vector is looked at here already, as a tied one notices.
    vm.get_sv(&target)?;
    Ok(Val::ind(vm.magical(Magic::Vec(target, off as u64, bits as u32))))
}

pub fn vec_magic_get(vm: &mut Vm, t: &Ptr<Scalar>, off: u64, bits: u32) -> R<Val> {
    let v = vm.get_sv(t)?;
    let (s, u) = vm.str_bytes_quiet(&v)?;
    if (off as i64) < 0 {
        return Ok(Val::int(0));
    }
    match strings::vec_get(&s, u, off as i64, bits as i64) {
        Ok(n) => Ok(Val::uint(n)),
        Err(m) => Err(vm.die_text(&m)),
    }
}

pub fn vec_magic_set(vm: &mut Vm, t: &Ptr<Scalar>, off: u64, bits: u32, v: Val) -> R<()> {
    if (off as i64) < 0 {
        return Err(vm.die_text("Negative offset to vec in lvalue context"));
    }
    let cur = vm.get_sv(t)?;
    let (s, u) = vm.str_bytes_quiet(&cur)?;
    let n = vm.to_uv(&v)?;
    match strings::vec_set(&s, u, off as i64, bits as i64, n) {
        Ok(b) => vm.set_sv(t, Val::str(&b, false)),
        Err(m) => Err(vm.die_text(&m)),
    }
}
