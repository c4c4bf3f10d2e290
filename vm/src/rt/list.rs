//! Temporary lists: building with aliases, `@_`, slices, ranges, anonymous containers. Sorting is in
//! [`super::sort`].

use super::array::{av, index as subscript, list_values};
use super::hash::hv;
use super::scope::alias_ptr;
use crate::Vm;
use crate::exc::R;
use crate::magic::Magic;
use keshi_text::num::{self, Num};
use keshi_value::obj::{Kind, Obj};
use keshi_value::{Array, Hash, Scalar, Val};

pub use super::sort::{sort, sort_begin, sort_end, sort_more, sort_pair, sort_put, sort_sub};

/// `list.new`
pub fn new(_vm: &mut Vm) -> R<Val> {
    Ok(Val::ptr(Array::new()))
}
/// `list.push`
pub fn push(_vm: &mut Vm, l: &Val, v: &Val) -> R<()> {
    if let Some(a) = l.as_av() {
        a.push(v.clone());
    }
    Ok(())
}
/// `list.slot`: an alias of a frame slot, valid for the call.
pub fn push_slot(_vm: &mut Vm, l: &Val, v: &mut Val) -> R<()> {
    if let Some(a) = l.as_av() {
        if v.is_alias() {
            a.push(Val::ind(alias_ptr(v)));
        } else {
            a.push(Val::slot(v as *mut Val));
        }
    }
    Ok(())
}
/// `list.cell`
pub fn push_cell(_vm: &mut Vm, l: &Val, c: &Val) -> R<()> {
    if let (Some(a), Some(s)) = (l.as_av(), c.scalar()) {
        a.push(Val::ind(s));
    }
    Ok(())
}
/// `list.av`: aliases of all elements.
pub fn flatten_av(vm: &mut Vm, l: &Val, a: &Val) -> R<()> {
    let (out, src) = (av(l), av(a));
    if src.hdr().kind.get() == Kind::ARRAY {
        let mut i = 0;
        while i < src.len() {
            let v = Val::ind(src.elem_cell(i));
            out.push(v);
            i += 1;
        }
        return Ok(());
    }
    for i in 0..vm.av_len(&src)? {
        let s = vm.av_elem(&src, i)?;
        out.push(Val::ind(s));
    }
    Ok(())
}
/// `list.hv`: keys and aliases of the values.
pub fn flatten_hv(vm: &mut Vm, l: &Val, h: &Val) -> R<()> {
    let (out, h) = (av(l), hv(h));
    for k in vm.hv_keys(&h)? {
        let s = vm.hv_elem(&h, &k)?;
        out.push(k);
        out.push(Val::ind(s));
    }
    Ok(())
}
/// `list.cat`
pub fn append(_vm: &mut Vm, l: &Val, m: Val) -> R<()> {
    let (out, src) = (av(l), av(&m));
    for v in src.take_all() {
        out.push(v);
    }
    Ok(())
}
/// `list.get`
pub fn get(vm: &mut Vm, l: &Val, i: i64) -> R<Val> {
    let v = match l.as_av().and_then(|a| a.as_slice().get(i as usize)) {
        Some(v) => v.clone(),
        None => return Ok(Val::undef()),
    };
    vm.read(&v)
}
/// `arg.get`
pub fn arg_get(vm: &mut Vm, i: u64) -> R<Val> {
    let a = vm.args();
    vm.av_get(&a, i as i64)
}
/// `arg.shift`
pub fn arg_shift(vm: &mut Vm) -> R<Val> {
    let a = Val::ptr(vm.args());
    super::array::shift_magic(vm, &a)
}
/// `arg.all`: `@_`
pub fn args_array(vm: &mut Vm) -> R<Val> {
    Ok(Val::ptr(vm.args()))
}
/// copies of an array's elements
pub fn copy_av(vm: &mut Vm, a: &Val, b: &Val) -> R<()> {
    let (out, src) = (av(a), av(b));
    if src.hdr().kind.get() == Kind::ARRAY {
        out.reserve(out.len() + src.len());
        for v in list_values(vm, &src, 0)? {
            let mut v = v;
            v.meta &= !keshi_value::array::ABSENT;
            out.push(v);
        }
        return Ok(());
    }
    for v in vm.av_values(&src)? {
        out.push(v);
    }
    Ok(())
}
/// keys and copies of a hash's values
pub fn copy_hv(vm: &mut Vm, a: &Val, b: &Val) -> R<()> {
    let (out, h) = (av(a), hv(b));
    for k in vm.hv_keys(&h)? {
        let v = vm.hv_get(&h, &k)?;
        out.push(k);
        out.push(v);
    }
    Ok(())
}
/// an alias stays an alias
pub fn push_alias(_vm: &mut Vm, a: &Val, b: &Val) -> R<()> {
    let v = if b.is_alias() { Val::ind(alias_ptr(b)) } else { b.clone() };
    av(a).push(v);
    Ok(())
}
/// copies of a list's values
pub fn copy_list(vm: &mut Vm, a: &Val, b: &Val) -> R<()> {
    let out = av(a);
    for v in list_values(vm, &av(b), 0)? {
        out.push(v);
    }
    Ok(())
}
/// argument `$a[i]`
pub fn push_elem(vm: &mut Vm, a: &Val, b: &Val, c: &Val) -> R<()> {
    let (out, src) = (av(a), av(b));
    let i = subscript(vm, c)?;
    let v = if src.hdr().is_magical() || vm.av_index(&src, i).is_some_and(|n| n < src.len() && src.exists(n))
    {
        Val::ind(vm.av_elem(&src, i)?)
    } else {
        Val::ind(vm.magical(Magic::Defer(Val::ptr(src), Val::int(i))))
    };
    out.push(v);
    Ok(())
}
/// argument `$h{k}`
pub fn push_helem(vm: &mut Vm, a: &Val, b: &Val, c: &Val) -> R<()> {
    let (out, h) = (av(a), hv(b));
    let v = if h.hdr().is_magical() || vm.hv_exists(&h, c)? {
        Val::ind(vm.hv_elem(&h, c)?)
    } else {
        Val::ind(vm.magical(Magic::Defer(Val::ptr(h), c.clone())))
    };
    out.push(v);
    Ok(())
}
/// value at a constant position
pub fn at(vm: &mut Vm, b: &Val, i: u64) -> R<Val> {
    get(vm, b, i as i64)
}
/// the last value
pub fn last(vm: &mut Vm, b: Val) -> R<Val> {
    let v = b.as_av().and_then(|a| a.as_slice().last().cloned()).unwrap_or_default();
    vm.read(&v)
}
/// elements from `from` on
pub fn rest_len(_vm: &mut Vm, b: &Val, from: u64) -> R<i64> {
    Ok((b.as_av().map_or(0, |a| a.len()) as i64 - from as i64).max(0))
}
/// elements of a program's array from `from` on
pub fn array_rest_len(vm: &mut Vm, b: &Val, from: u64) -> R<i64> {
    let Some(a) = b.as_av() else { return Ok(0) };
    let n = if a.hdr().is_magical() { vm.av_len(&av(b))? } else { a.len() as i64 };
    Ok((n - from as i64).max(0))
}
/// loop variable over a list
pub fn item(_vm: &mut Vm, b: &Val, i: i64) -> R<Val> {
    let Some(a) = b.as_av() else { return Ok(Val::undef()) };
    let Some(e) = a.as_mut_slice().get_mut(i as usize) else { return Ok(Val::undef()) };
    if e.is_alias() {
        return Ok(Val::ind(alias_ptr(e)));
    }
    Ok(Val::ind(e.promote()))
}
/// grep keeps an element as it is
pub fn keep(_vm: &mut Vm, a: &Val, b: &Val, i: i64) -> R<()> {
    if let Some(v) = b.as_av().and_then(|l| l.as_slice().get(i as usize)) {
        av(a).push(if v.is_alias() { Val::ind(alias_ptr(v)) } else { v.clone() });
    }
    Ok(())
}
/// `(LIST)[INDICES]`
pub fn slice(vm: &mut Vm, b: &Val, c: &Val) -> R<Val> {
    let (src, out) = (av(b), Array::new());
    if src.is_empty() {
        return Ok(Val::ptr(out));
    }
    for (n, k) in list_values(vm, &av(c), 0)?.into_iter().enumerate() {
        vm.at_item(n, &k);
        let i = subscript(vm, &k)?;
        match vm.av_index(&src, i).and_then(|n| src.as_slice().get(n)) {
            Some(v) if v.is_alias() => out.push(Val::ind(alias_ptr(v))),
            Some(v) => out.push(v.clone()),
            None => out.push(Val::undef()),
        }
    }
    Ok(Val::ptr(out))
}
/// one index in scalar context
pub fn index(vm: &mut Vm, b: &Val, c: &Val) -> R<Val> {
    let i = subscript(vm, c)?;
    vm.av_get(&av(b), i)
}

/// perl's rule: a range is numeric if both ends look like numbers (and do not start with a 0 that matters),
/// or the left end is undef or not a string.
fn numeric_range(vm: &mut Vm, a: &Val, b: &Val) -> R<bool> {
    let string_like = |v: &Val| v.is_str() || v.as_dual().is_some();
    if (a.is_undef() || !string_like(a)) && (b.is_undef() || !string_like(b)) {
        return Ok(true);
    }
    let looks = |vm: &mut Vm, v: &Val| -> R<bool> {
        if v.is_undef() {
            return Ok(false);
        }
        if !string_like(v) {
            return Ok(true);
        }
        let (s, _) = vm.str_bytes(v)?;
        Ok(num::looks_like_number(&s))
    };
    if a.is_undef() {
        return looks(vm, b);
    }
    if !looks(vm, a)? {
        // An empty or undef right end does not make a word numeric.
        return Ok(false);
    }
    let (s, _) = vm.str_bytes(a)?;
    if s.len() > 1 && s[0] == b'0' {
        return Ok(false);
    }
    if b.is_undef() {
        return Ok(true);
    }
    if s.is_empty() {
        return Ok(false);
    }
    Ok(true)
}
/// numeric range?
pub fn range_is_numeric(vm: &mut Vm, b: &Val, c: &Val) -> R<i64> {
    Ok(numeric_range(vm, b, c)? as i64)
}
/// one bound of a numeric range
pub fn range_bound(vm: &mut Vm, b: &Val) -> R<i64> {
    match vm.to_num(b)? {
        Num::Int(i) => Ok(i),
        Num::Num(n) if (-9.223_372_036_854_775e18..9.223_372_036_854_775e18).contains(&n) => Ok(n as i64),
        _ => Err(vm.die_text("Range iterator outside integer range")),
    }
}
/// appends a range
pub fn range(vm: &mut Vm, a: &Val, b: &Val, c: &Val) -> R<()> {
    let out = av(a);
    if numeric_range(vm, b, c)? {
        let (lo, hi) = (range_bound(vm, b)?, range_bound(vm, c)?);
        if hi >= lo {
            let n = (hi as i128 - lo as i128 + 1) as u128;
            if n > 1 << 40 {
                return Err(vm.die_text("Out of memory in perl:extend"));
            }
            out.reserve(out.len() + n as usize);
            for i in lo..=hi {
                out.push(Val::int(i));
            }
        }
        return Ok(());
    }
    let (s, u) = vm.str_bytes(b)?;
    let (e, _) = vm.str_bytes(c)?;
    let mut cur = s.to_vec();
    let max = e.len();
    loop {
        if cur.len() > max {
            break;
        }
        out.push(Val::str(&cur, u));
        if cur == *e {
            break;
        }
        cur = match num::str_inc(&cur) {
            Some(n) => n,
            None if !cur.is_empty() && cur.iter().all(u8::is_ascii_digit) => digits_inc(cur),
            None => {
                // Not a magical string: the increment would make it a number, which ends the sequence.
                break;
            }
        };
    }
    Ok(())
}
/// `07` → `08`, `99` → `100`: the increment of a string of digits.
fn digits_inc(mut s: Vec<u8>) -> Vec<u8> {
    for c in s.iter_mut().rev() {
        if *c != b'9' {
            *c += 1;
            return s;
        }
        *c = b'0';
    }
    s.insert(0, b'1');
    s
}
/// reverse in list context
pub fn reverse(_vm: &mut Vm, b: Val) -> R<Val> {
    if let Some(a) = b.as_av() {
        a.as_mut_slice().reverse();
    }
    Ok(b)
}
/// `\(LIST)`
pub fn refs_to(_vm: &mut Vm, b: Val) -> R<Val> {
    let out = Array::new();
    for e in av(&b).as_mut_slice() {
        let s = if e.is_alias() { alias_ptr(e) } else { Scalar::new(e.clone()) };
        out.push(Val::reference(s));
    }
    Ok(Val::ptr(out))
}
/// number of elements
pub fn count(_vm: &mut Vm, b: &Val) -> R<Val> {
    Ok(Val::int(b.as_av().map_or(0, |a| a.len()) as i64))
}
/// `[LIST]`
pub fn anon_array(vm: &mut Vm, b: Val) -> R<Val> {
    let vs = list_values(vm, &av(&b), 0)?;
    Ok(Val::reference(Array::from_vec(vs)))
}
/// `{LIST}`
pub fn anon_hash(vm: &mut Vm, b: Val) -> R<Val> {
    let vs = list_values(vm, &av(&b), 0)?;
    let h = Hash::new();
    if vs.len() % 2 == 1 && vm.warns(crate::warn::cat::MISC) {
        vm.warn(crate::warn::cat::MISC, "Odd number of elements in anonymous hash")?;
    }
    let mut it = vs.into_iter();
    while let Some(k) = it.next() {
        let v = it.next().unwrap_or_default();
        vm.hv_set(&h, &k, v)?;
    }
    Ok(Val::reference(h))
}

/// `grep` in a copying context
pub fn keep_copy(vm: &mut Vm, a: &Val, b: &Val, i: i64) -> R<()> {
    let v = get(vm, b, i)?;
    av(a).push(v);
    Ok(())
}
/// assigns values from `from` on to aliases, one by one; missing values are undef
pub fn assign_aliases(vm: &mut Vm, a: &Val, b: &Val, from: u64) -> R<()> {
    let targets = av(a);
    let values = list_values(vm, &av(b), from as usize)?;
    let mut values = values.into_iter();
    let mut i = 0;
    while i < targets.len() {
        let t = &targets.as_slice()[i];
        // An array or hash that an `:lvalue` sub returned takes the rest.
        if t.tag() == keshi_value::tag::PTR {
            let t = t.clone();
            let rest = Val::ptr(Array::from_vec(values.collect()));
            match t.hv() {
                Some(_) => super::hash::assign(vm, &t, rest)?,
                None => super::array::assign(vm, &t, rest)?,
            };
            av(b).set_len((from as usize + i).min(av(b).len()));
            return Ok(());
        }
        let v = values.next().unwrap_or_default();
        if t.is_alias() {
            let s = alias_ptr(t);
            // `undef` stands for a value that is not wanted.
            if !s.same(&vm.immortals[0]) {
                vm.set_sv(&s, v)?;
            }
        }
        i += 1;
    }
    Ok(())
}
/// `list.promote`
pub fn promote_all(_vm: &mut Vm, a: &Val) -> R<()> {
    for v in av(a).as_mut_slice() {
        if !v.is_alias() && v.tag() != keshi_value::tag::PTR {
            v.promote();
        }
    }
    Ok(())
}
/// removes elements
pub fn drop_range(_vm: &mut Vm, a: &Val, n: i64, from: u64) -> R<()> {
    let l = av(a);
    let from = (from as usize).min(l.len());
    let n = (n.max(0) as usize).min(l.len() - from);
    drop(l.splice_raw(from, n, Vec::new()));
    Ok(())
}
