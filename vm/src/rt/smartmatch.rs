//! `~~`: the meaning follows from the kind of the right operand, then of the left one.
//!
//! Arrays and hashes come as references. An object on the right needs an overloaded `~~`; one on the left is
//! taken as a plain value.

use crate::Vm;
use crate::exc::R;
use crate::rt::{compare, regex};
use keshi_text::num;
use keshi_value::obj::Kind;
use keshi_value::{Array, Hash, Ptr, Val};

/// `use integer` in `$^H`.
const HINT_INTEGER: u32 = 1;

/// Arrays being compared with each other further out, against endless recursion.
type Seen = Vec<(usize, usize)>;

/// `~~`
pub fn smartmatch(vm: &mut Vm, b: &Val, c: &Val) -> R<Val> {
    Ok(match matches(vm, b, c, &mut Vec::new())? {
        Answer::Is(yes) => Val::bool(yes),
        Answer::Value(v) => v,
    })
}

enum Answer {
    Is(bool),
    /// What an overloaded operator gave.
    Value(Val),
}

/// The kind of what is referred to, 0 for other values; a pattern object is a REGEX.
fn kind(v: &Val) -> u8 {
    match v.is_ref() {
        true if v.regex_ptr().is_some() => Kind::REGEX,
        true => v.kind(),
        false => 0,
    }
}

fn is_object(v: &Val) -> bool {
    v.is_ref() && v.regex_ptr().is_none() && v.hdr().is_some_and(|h| h.stash().is_some())
}

fn overloaded(vm: &mut Vm, own: &Val, other: &Val, swapped: bool) -> R<Option<Val>> {
    let Some(stash) = vm.overloaded(own)? else { return Ok(None) };
    let Some(code) = vm.overload_method(&stash, "~~")? else { return Ok(None) };
    vm.call_scalar(&code, vec![own.clone(), other.clone(), Val::bool(swapped)]).map(Some)
}

fn truth(vm: &mut Vm, a: Answer) -> R<bool> {
    match a {
        Answer::Is(yes) => Ok(yes),
        Answer::Value(v) => vm.truth(&v),
    }
}

fn matches(vm: &mut Vm, d: &Val, e: &Val, seen: &mut Seen) -> R<Answer> {
    let (d, e) = (vm.read(d)?, vm.read(e)?);
    if let Some(v) = overloaded(vm, &e, &d, true)? {
        return Ok(Answer::Value(v));
    }
    if e.is_undef() {
        return Ok(Answer::Is(d.is_undef()));
    }
    if is_object(&e) {
        return Err(vm.die_text("Smart matching a non-overloaded object breaks encapsulation"));
    }
    let object = is_object(&d);
    let left = if object { 0 } else { kind(&d) };
    match kind(&e) {
        Kind::CODE => by_code(vm, &d, left, &e).map(Answer::Is),
        Kind::HASH => match e.hv() {
            Some(h) => by_hash(vm, &d, left, &h).map(Answer::Is),
            None => Ok(Answer::Is(false)),
        },
        Kind::ARRAY => match e.av() {
            Some(a) => by_array(vm, &d, left, &a, seen).map(Answer::Is),
            None => Ok(Answer::Is(false)),
        },
        Kind::REGEX => by_regex(vm, &d, left, &e).map(Answer::Is),
        _ => {
            if object && let Some(v) = overloaded(vm, &d, &e, false)? {
                return Ok(Answer::Value(v));
            }
            if d.is_undef() {
                return Ok(Answer::Is(false));
            }
            let r = if numeric(vm, &d, &e)? { number_eq(vm, &d, &e)? } else { compare::seq(vm, &d, &e)? };
            vm.truth(&r).map(Answer::Is)
        }
    }
}

fn number_eq(vm: &mut Vm, d: &Val, e: &Val) -> R<Val> {
    if !vm.hint(HINT_INTEGER) || d.is_ref() || e.is_ref() {
        return compare::eq(vm, d, e);
    }
    Ok(Val::bool(vm.to_iv(d)? == vm.to_iv(e)?))
}

/// Numbers on the right compare as numbers, and so do strings that look like one if a number is on the left.
fn numeric(vm: &mut Vm, d: &Val, e: &Val) -> R<bool> {
    let is_num = |v: &Val| !v.is_undef() && !v.is_ref() && !v.is_str();
    if is_num(e) {
        return Ok(true);
    }
    if !e.is_str() || !is_num(d) {
        return Ok(false);
    }
    let (s, _) = vm.str_bytes(e)?;
    Ok(num::looks_like_number(&s))
}

fn by_code(vm: &mut Vm, d: &Val, left: u8, code: &Val) -> R<bool> {
    let Some(cv) = code.cv() else { return Ok(false) };
    let each = match left {
        Kind::HASH => hash(d).map(|h| vm.hv_keys(&h)).transpose()?,
        Kind::ARRAY => array(d).map(|a| vm.av_values(&a)).transpose()?,
        _ => None,
    };
    for v in each.unwrap_or_else(|| vec![d.clone()]) {
        let r = vm.call_scalar(&cv, vec![v])?;
        if !vm.truth(&r)? {
            return Ok(false);
        }
    }
    Ok(true)
}

fn by_hash(vm: &mut Vm, d: &Val, left: u8, h: &Ptr<Hash>) -> R<bool> {
    if d.is_undef() {
        return Ok(false);
    }
    match left {
        Kind::HASH => {
            let Some(other) = hash(d) else { return Ok(false) };
            let keys = vm.hv_keys(&other)?;
            if keys.len() != vm.hv_keys(h)?.len() {
                return Ok(false);
            }
            for k in keys {
                if !vm.hv_exists(h, &k)? {
                    return Ok(false);
                }
            }
            Ok(true)
        }
        Kind::ARRAY => {
            let Some(a) = array(d) else { return Ok(false) };
            for v in vm.av_values(&a)? {
                if vm.hv_exists(h, &v)? {
                    return Ok(true);
                }
            }
            Ok(false)
        }
        Kind::REGEX => any_matches(vm, d, |vm| vm.hv_keys(h)),
        _ => vm.hv_exists(h, d),
    }
}

fn by_array(vm: &mut Vm, d: &Val, left: u8, a: &Ptr<Array>, seen: &mut Seen) -> R<bool> {
    match left {
        Kind::HASH => {
            let Some(h) = hash(d) else { return Ok(false) };
            for v in vm.av_values(a)? {
                if vm.hv_exists(&h, &v)? {
                    return Ok(true);
                }
            }
            return Ok(false);
        }
        Kind::ARRAY => {
            let Some(other) = array(d) else { return Ok(false) };
            return same_arrays(vm, &other, a, seen);
        }
        Kind::REGEX => return any_matches(vm, d, |vm| vm.av_values(a)),
        _ => {}
    }
    for v in vm.av_values(a)? {
        let yes = if d.is_undef() {
            v.is_undef()
        } else {
            let answer = matches(vm, d, &v, seen)?;
            truth(vm, answer)?
        };
        if yes {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Element by element; two arrays met again inside themselves are the same if they are one array.
fn same_arrays(vm: &mut Vm, x: &Ptr<Array>, y: &Ptr<Array>, seen: &mut Seen) -> R<bool> {
    let (left, right) = (vm.av_values(x)?, vm.av_values(y)?);
    if left.len() != right.len() {
        return Ok(false);
    }
    seen.push((x.addr(), y.addr()));
    for (l, r) in left.iter().zip(&right) {
        let yes = match (l.is_ref().then(|| l.av()).flatten(), r.is_ref().then(|| r.av()).flatten()) {
            (Some(a), Some(b)) if seen.iter().any(|s| s.0 == a.addr() || s.1 == b.addr()) => a.same(&b),
            _ => {
                let answer = matches(vm, l, r, seen)?;
                truth(vm, answer)?
            }
        };
        if !yes {
            seen.pop();
            return Ok(false);
        }
    }
    seen.pop();
    Ok(true)
}

fn by_regex(vm: &mut Vm, d: &Val, left: u8, re: &Val) -> R<bool> {
    match left {
        Kind::HASH => any_matches(vm, re, |vm| hash(d).map_or(Ok(Vec::new()), |h| vm.hv_keys(&h))),
        Kind::ARRAY => any_matches(vm, re, |vm| array(d).map_or(Ok(Vec::new()), |a| vm.av_values(&a))),
        _ => any_matches(vm, re, |_| Ok(vec![d.clone()])),
    }
}

fn any_matches(vm: &mut Vm, re: &Val, values: impl FnOnce(&mut Vm) -> R<Vec<Val>>) -> R<bool> {
    let re = &re.regex_ptr().unwrap_or_default();
    for v in values(vm)? {
        if regex::match_scalar(vm, &v, re)? != 0 {
            return Ok(true);
        }
    }
    Ok(false)
}

fn hash(v: &Val) -> Option<Ptr<Hash>> {
    v.hv()
}

fn array(v: &Val) -> Option<Ptr<Array>> {
    v.av()
}
