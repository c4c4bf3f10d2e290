//! Array atoms and builtins. Everything that may be tied or watched goes through `magic::container`.

use super::refs::viv_in_cell;
use crate::Vm;
use crate::exc::{R, Want};
use keshi_value::obj::{Kind, Obj};
use keshi_value::{Array, Ptr, Scalar, Val};

/// The array in a P register; a null one reads as empty.
pub fn av(v: &Val) -> Ptr<Array> {
    v.av().unwrap_or_else(Array::new)
}

fn plain(a: &Array) -> bool {
    a.hdr().kind.get() == Kind::ARRAY
}

/// `av.new`
pub fn new(_vm: &mut Vm) -> R<Val> {
    Ok(Val::ptr(Array::new()))
}
/// `av.setlen`
pub fn set_len(vm: &mut Vm, a: &Val, n: i64) -> R<()> {
    vm.av_set_len(&av(a), n)
}
/// `av.get`
pub fn get(vm: &mut Vm, a: &Val, i: i64) -> R<Val> {
    if let Some(x) = a.as_av() {
        if plain(x) {
            if let Some(v) = vm.av_index(x, i).and_then(|i| x.as_slice().get(i)) {
                if v.tag() < keshi_value::tag::IND {
                    return Ok(v.clone());
                }
            }
        }
    }
    vm.av_get(&av(a), i)
}
/// `av.getq`
pub fn get_unchecked(vm: &mut Vm, a: &Val, i: i64) -> R<Val> {
    get(vm, a, i)
}
/// `av.peekq`
pub fn borrow(vm: &mut Vm, a: &Val, i: i64) -> R<Val> {
    get(vm, a, i)
}
/// `av.set`
pub fn set(vm: &mut Vm, a: &Val, i: i64, v: &Val) -> R<()> {
    vm.av_set(&av(a), i, v.clone())
}
/// `av.setq`
pub fn set_unchecked(vm: &mut Vm, a: &Val, i: i64, v: &Val) -> R<()> {
    vm.av_set(&av(a), i, v.clone())
}
/// `av.elem`
pub fn elem_cell(vm: &mut Vm, a: &Val, i: i64) -> R<Val> {
    Ok(Val::ptr(vm.av_elem(&av(a), i)?))
}
/// `av.push`
pub fn push(vm: &mut Vm, a: &Val, v: &Val) -> R<()> {
    vm.av_push(&av(a), v.clone())
}
/// `av.pop`
pub fn pop(vm: &mut Vm, a: &Val) -> R<Val> {
    pop_magic(vm, a)
}
/// `av.shift`
pub fn shift(vm: &mut Vm, a: &Val) -> R<Val> {
    shift_magic(vm, a)
}
/// `av.unshift`
pub fn unshift(vm: &mut Vm, a: &Val, v: &Val) -> R<()> {
    unshift_values(vm, &av(a), vec![v.clone()]).map(drop)
}
/// `av.clear`
pub fn clear(vm: &mut Vm, a: &Val) -> R<()> {
    vm.av_clear(&av(a))
}

/// Values of a temporary list from `from` on; aliases followed, get magic run.
pub fn list_values(vm: &mut Vm, l: &Array, from: usize) -> R<Vec<Val>> {
    let n = l.len();
    let mut out = Vec::with_capacity(n.saturating_sub(from));
    let mut i = from;
    while i < l.len() {
        let v = l.as_slice()[i].clone();
        out.push(if v.is_alias() { vm.read(&v)? } else { v });
        i += 1;
    }
    Ok(out)
}

/// `@a = LIST`
pub fn assign(vm: &mut Vm, a: &Val, b: Val) -> R<()> {
    let l = av(&b);
    // The list is ours alone: its plain values move.
    let vs = if l.rc() <= 2 {
        let raw = l.take_all();
        let mut out = Vec::with_capacity(raw.len());
        for v in raw {
            out.push(if v.is_alias() || v.meta & keshi_value::array::ABSENT != 0 {
                vm.read(&v)?.clone()
            } else {
                v
            });
        }
        out
    } else {
        list_values(vm, &l, 0)?
    };
    drop(b);
    iter_reset(vm, a)?;
    vm.av_assign(&av(a), vs)
}
/// `av.reverse`
pub fn reverse_in_place(vm: &mut Vm, a: &Val) -> R<()> {
    let a = av(a);
    if !a.hdr().is_magical() && !a.hdr().has(keshi_value::obj::flag::READONLY) {
        a.reify();
        a.as_mut_slice().reverse();
        return Ok(());
    }
    let mut vs = vm.av_values(&a)?;
    vs.reverse();
    vm.av_assign(&a, vs)
}
/// `(…, @a) = LIST`
pub fn assign_from(vm: &mut Vm, a: &Val, b: &Val, from: u64) -> R<()> {
    let vs = list_values(vm, &av(b), from as usize)?;
    vm.av_assign(&av(a), vs)
}
/// scalar(@a)
pub fn count(vm: &mut Vm, b: &Val) -> R<Val> {
    Ok(Val::int(vm.av_len(&av(b))?))
}
/// `$#a`
pub fn last_index(vm: &mut Vm, b: &Val) -> R<Val> {
    Ok(Val::int(vm.av_len(&av(b))? - 1))
}
/// `$#a` as lvalue
pub fn last_index_lv(vm: &mut Vm, b: &Val) -> R<Val> {
    Ok(vm.array_len_lv(av(b)))
}
/// `$#a = v`
pub fn set_last(vm: &mut Vm, a: &Val, b: &Val) -> R<()> {
    let n = vm.to_iv(b)?;
    vm.av_set_len(&av(a), n + 1)
}
/// `$a[$i]`
pub fn fetch(vm: &mut Vm, b: &Val, c: &Val) -> R<Val> {
    let i = index(vm, c)?;
    get(vm, b, i)
}

/// An array subscript; references used as one are warned about.
pub fn index(vm: &mut Vm, c: &Val) -> R<i64> {
    if c.is_int() {
        return Ok(c.as_i64());
    }
    if c.is_ref() && vm.overloaded(c)?.is_none() && vm.warns(crate::warn::cat::MISC) {
        let t = vm.text_of(c)?;
        vm.warn(crate::warn::cat::MISC, &format!("Use of reference \"{t}\" as array index"))?;
    }
    vm.to_iv(c)
}
/// `$a[$i] = v`
pub fn store(vm: &mut Vm, a: &Val, b: &Val, c: &Val) -> R<()> {
    let i = index(vm, b)?;
    vm.av_set(&av(a), i, c.clone())
}
/// cell of `$a[$i]`
pub fn cell(vm: &mut Vm, b: &Val, c: &Val) -> R<Val> {
    let i = index(vm, c)?;
    Ok(Val::ptr(vm.av_elem(&av(b), i)?))
}
/// foreach over the array itself
pub fn alias(vm: &mut Vm, b: &Val, i: i64) -> R<Val> {
    let a = av(b);
    if i > 0 {
        a.demote(i as usize - 1);
    }
    Ok(Val::ind(vm.av_elem(&a, i)?))
}
/// vivified referent of `$a[$i]`
pub fn viv(vm: &mut Vm, b: &Val, c: &Val, kind: u64) -> R<Val> {
    let i = index(vm, c)?;
    let a = av(b);
    // Fast path: a plain element that already is the right reference.
    let want = kind as u8;
    if plain(&a) {
        if let Some(v) = vm.av_index(&a, i).and_then(|n| a.as_slice().get(n)) {
            let r = v.resolve();
            if r.is_ref()
                && !magical_alias(v)
                && r.hdr().is_some_and(|h| h.kind() == want && h.flags.get() & 2 == 0)
            {
                return Ok(r.ptr_to_obj());
            }
        }
    }
    let s = vm.av_elem(&a, i)?;
    viv_in_cell(vm, &s, kind)
}
/// An element that is a tied or otherwise magical scalar: what it holds is only what was last read.
pub fn magical_alias(v: &Val) -> bool {
    v.is_alias() && v.alias_cell().is_some_and(|s| s.hdr().is_magical())
}
/// exists
pub fn exists(vm: &mut Vm, b: &Val, c: &Val) -> R<Val> {
    let i = index(vm, c)?;
    Ok(Val::bool(vm.av_exists(&av(b), i)?))
}
/// delete
pub fn delete(vm: &mut Vm, b: &Val, c: &Val) -> R<Val> {
    let i = index(vm, c)?;
    vm.av_delete(&av(b), i)
}
/// push one
pub fn push_one(vm: &mut Vm, a: &Val, b: &Val) -> R<()> {
    vm.av_push(&av(a), b.clone())
}
/// push LIST
pub fn push_list(vm: &mut Vm, b: &Val, c: &Val) -> R<Val> {
    let a = av(b);
    let vs = list_values(vm, &av(c), 0)?;
    if let Some(obj) = vm.tied_obj(&*a) {
        return match vm.call_method(&obj, "PUSH", vs, Want::Scalar)? {
            Some(r) => Ok(r.scalar()),
            None => Ok(Val::undef()),
        };
    }
    if vs.is_empty() && a.hdr().has(keshi_value::obj::flag::READONLY) {
        return Ok(Val::int(a.len() as i64));
    }
    for v in vs {
        vm.av_push(&a, v)?;
    }
    Ok(Val::int(a.len() as i64))
}

fn unshift_values(vm: &mut Vm, a: &Ptr<Array>, vs: Vec<Val>) -> R<Val> {
    if let Some(obj) = vm.tied_obj(&**a) {
        return match vm.call_method(&obj, "UNSHIFT", vs, Want::Scalar)? {
            Some(r) => Ok(r.scalar()),
            None => Ok(Val::undef()),
        };
    }
    if a.hdr().has(keshi_value::obj::flag::READONLY) && !vs.is_empty() {
        return Err(vm.die_text("Modification of a read-only value attempted"));
    }
    a.unshift(vs);
    vm.array_changed(a)?;
    Ok(Val::int(a.len() as i64))
}
/// unshift LIST
pub fn unshift_list(vm: &mut Vm, b: &Val, c: &Val) -> R<Val> {
    let vs = list_values(vm, &av(c), 0)?;
    // Other than push, unshift of nothing is refused, too.
    if vs.is_empty() && av(b).hdr().has(keshi_value::obj::flag::READONLY) {
        return Err(vm.die_text("Modification of a read-only value attempted"));
    }
    unshift_values(vm, &av(b), vs)
}
/// pop
pub fn pop_magic(vm: &mut Vm, b: &Val) -> R<Val> {
    take_end(vm, b, "POP", Array::pop_raw)
}
/// shift
pub fn shift_magic(vm: &mut Vm, b: &Val) -> R<Val> {
    take_end(vm, b, "SHIFT", Array::shift_raw)
}

/// `shift.alias`: the element itself, for `\shift` and the like.
pub fn shift_alias(vm: &mut Vm, b: &Val, pop: u64) -> R<Val> {
    let a = av(b);
    if !plain(&a) || a.hdr().has(keshi_value::obj::flag::READONLY) {
        let v = if pop != 0 { pop_magic(vm, b)? } else { shift_magic(vm, b)? };
        return Ok(Val::ind(Scalar::new(v)));
    }
    let v = if pop != 0 { a.pop_raw() } else { a.shift_raw() };
    let mut v = v.unwrap_or_default();
    if v.is_alias() {
        return Ok(Val::ind(super::scope::alias_ptr(&v)));
    }
    v.meta &= !keshi_value::array::ABSENT;
    Ok(Val::ind(Scalar::new(v)))
}

fn take_end(vm: &mut Vm, b: &Val, method: &str, f: fn(&Array) -> Option<Val>) -> R<Val> {
    let a = av(b);
    if !plain(&a) {
        if let Some(obj) = vm.tied_obj(&*a) {
            return vm.tied_call(&obj, method, vec![]);
        }
    }
    if a.hdr().has(keshi_value::obj::flag::READONLY) {
        return Err(vm.die_text("Modification of a read-only value attempted"));
    }
    let v = f(&a);
    if !plain(&a) {
        vm.array_changed(&a)?;
    }
    match v {
        Some(v) if v.is_alias() => vm.read(&v),
        Some(mut v) => {
            v.meta &= !keshi_value::array::ABSENT;
            Ok(v)
        }
        None => Ok(Val::undef()),
    }
}

fn splice_list(vm: &mut Vm, b: &Val, c: &Val) -> R<Vec<Val>> {
    let a = av(b);
    let args = list_values(vm, &av(c), 0)?;
    if let Some(obj) = vm.tied_obj(&*a) {
        return match vm.call_method(&obj, "SPLICE", args, Want::List)? {
            Some(r) => list_values(vm, &r.list(), 0),
            None => Ok(Vec::new()),
        };
    }
    if a.hdr().has(keshi_value::obj::flag::READONLY) {
        return Err(vm.die_text("Modification of a read-only value attempted"));
    }
    let n = a.len() as i64;
    let mut it = args.into_iter();
    let mut off = match it.next() {
        Some(v) => {
            vm.at_item(0, &v);
            vm.to_iv(&v)?
        }
        None => 0,
    };
    if off < 0 {
        let given = off;
        off += n;
        if off < 0 {
            return Err(vm.die_text(&format!(
                "Modification of non-creatable array value attempted, subscript {given}"
            )));
        }
    }
    let mut len = match it.next() {
        Some(v) => {
            vm.at_item(1, &v);
            vm.to_iv(&v)?
        }
        None => n - off,
    };
    if off > n {
        if vm.warns(crate::warn::cat::MISC) {
            vm.warn(crate::warn::cat::MISC, "splice() offset past end of array")?;
        }
        off = n;
    }
    if len < 0 {
        len = (n - off + len).max(0);
    }
    let len = len.min(n - off).max(0);
    let removed = a.splice_raw(off as usize, len as usize, it.collect());
    vm.array_changed(&a)?;
    let mut out = Vec::with_capacity(removed.len());
    for v in removed {
        out.push(if v.is_alias() { vm.read(&v)? } else { v });
    }
    Ok(out)
}
/// splice in list context
pub fn splice(vm: &mut Vm, b: &Val, c: &Val) -> R<Val> {
    Ok(Val::ptr(Array::from_vec(splice_list(vm, b, c)?)))
}
/// splice in scalar context
pub fn splice_scalar(vm: &mut Vm, b: &Val, c: &Val) -> R<Val> {
    Ok(splice_list(vm, b, c)?.pop().unwrap_or_default())
}

fn indices(vm: &mut Vm, c: &Val) -> R<Vec<i64>> {
    let vs = list_values(vm, &av(c), 0)?;
    vs.iter()
        .enumerate()
        .map(|(i, v)| {
            vm.at_item(i, v);
            index(vm, v)
        })
        .collect()
}
/// `@a[LIST]`
pub fn slice(vm: &mut Vm, b: &Val, c: &Val) -> R<Val> {
    let a = av(b);
    let out = Array::new();
    for i in indices(vm, c)? {
        let v = vm.av_get(&a, i)?;
        out.push(v);
    }
    Ok(Val::ptr(out))
}
/// `@a[LIST]` as lvalues
pub fn slice_lv(vm: &mut Vm, b: &Val, c: &Val) -> R<Val> {
    let a = av(b);
    let out = Array::new();
    for i in indices(vm, c)? {
        let s = vm.av_elem(&a, i)?;
        out.push(Val::ind(s));
    }
    Ok(Val::ptr(out))
}
/// `%a[LIST]`
pub fn kvslice(vm: &mut Vm, b: &Val, c: &Val) -> R<Val> {
    let a = av(b);
    let out = Array::new();
    for k in list_values(vm, &av(c), 0)? {
        let i = index(vm, &k)?;
        let v = vm.av_get(&a, i)?;
        out.push(k);
        out.push(v);
    }
    Ok(Val::ptr(out))
}
/// delete @a[LIST]
pub fn delete_slice(vm: &mut Vm, b: &Val, c: &Val) -> R<Val> {
    let a = av(b);
    let out = Array::new();
    for i in indices(vm, c)? {
        let v = vm.av_delete(&a, i)?;
        out.push(v);
    }
    Ok(Val::ptr(out))
}
/// delete %a[LIST]
pub fn delete_kvslice(vm: &mut Vm, b: &Val, c: &Val) -> R<Val> {
    let a = av(b);
    let out = Array::new();
    for k in list_values(vm, &av(c), 0)? {
        let i = index(vm, &k)?;
        let v = vm.av_delete(&a, i)?;
        out.push(k);
        out.push(v);
    }
    Ok(Val::ptr(out))
}
/// keys @a
pub fn keys(vm: &mut Vm, a: &Val, b: &Val) -> R<()> {
    let n = vm.av_len(&av(b))?;
    let l = av(a);
    for i in 0..n {
        l.push(Val::int(i));
    }
    iter_reset(vm, b)
}

/// Position of `each @a`, kept in the array's extension.
struct EachPos(usize);

fn each_pos(a: &Array) -> &mut usize {
    let e = a.hdr().ext_mut();
    let i = match e.magic.iter().position(|m| m.is::<EachPos>()) {
        Some(i) => i,
        None => {
            e.magic.push(Box::new(EachPos(0)));
            e.magic.len() - 1
        }
    };
    &mut e.magic[i].downcast_mut::<EachPos>().expect("just found").0
}
/// each @a
pub fn each(vm: &mut Vm, b: &Val) -> R<Val> {
    let a = av(b);
    let n = vm.av_len(&a)? as usize;
    let out = Array::new();
    let p = *each_pos(&a);
    if p < n {
        *each_pos(&a) = p + 1;
        out.push(Val::int(p as i64));
        let s = vm.av_elem(&a, p as i64)?;
        out.push(Val::ind(s));
    } else {
        *each_pos(&a) = 0;
    }
    Ok(Val::ptr(out))
}
/// each @a in scalar context
pub fn each_key(vm: &mut Vm, b: &Val) -> R<Val> {
    let l = each(vm, b)?;
    Ok(av(&l).get(0).unwrap_or_default())
}
/// keys/values reset the iterator
pub fn iter_reset(_vm: &mut Vm, a: &Val) -> R<()> {
    if let Some(a) = a.as_av() {
        if a.hdr().ext().is_some_and(|e| e.magic.iter().any(|m| m.is::<EachPos>())) {
            *each_pos(a) = 0;
        }
    }
    Ok(())
}
