//! Hash atoms and builtins.

use super::array::{av, list_values};
use super::refs::viv_in_cell;
use crate::Vm;
use crate::exc::R;
use crate::magic::Magic;
use crate::warn::cat;
use keshi_value::hash::Key;
use keshi_value::obj::{Kind, Obj, flag};
use keshi_value::{Array, Hash, Ptr, Val};

/// The hash in a P register; a null one reads as empty.
pub fn hv(v: &Val) -> Ptr<Hash> {
    v.hv().unwrap_or_else(Hash::new)
}

fn plain(h: &Hash) -> bool {
    h.hdr().kind.get() == Kind::HASH
}

/// `hv.new`
pub fn new(_vm: &mut Vm) -> R<Val> {
    Ok(Val::ptr(Hash::new()))
}
/// `hv.get`
pub fn get(vm: &mut Vm, h: &Val, k: &Val) -> R<Val> {
    if let (Some(x), Some(s)) = (h.as_hv(), k.as_str()) {
        if plain(x) {
            match x.raw(&Key::new(s.bytes(), s.utf8())) {
                Some(v) if v.tag() < keshi_value::tag::IND => return Ok(v.clone()),
                None if !x.hdr().has(flag::READONLY) => return Ok(Val::undef()),
                _ => {}
            }
        }
    }
    vm.hv_get(&hv(h), k)
}
/// `hv.getk`
pub fn get_const(vm: &mut Vm, h: &Val, key: u32, _x: u32) -> R<Val> {
    let k = vm.frame().linked.consts[key as usize].clone();
    get(vm, h, &k)
}
/// `hv.set`
pub fn set(vm: &mut Vm, h: &Val, k: &Val, v: &Val) -> R<()> {
    vm.hv_set(&hv(h), k, v.clone())
}
/// `hv.setk`
pub fn set_const(vm: &mut Vm, h: &Val, v: &Val, key: u32, _x: u32) -> R<()> {
    let k = vm.frame().linked.consts[key as usize].clone();
    vm.hv_set(&hv(h), &k, v.clone())
}
/// `hv.elem`
pub fn elem_cell(vm: &mut Vm, h: &Val, k: &Val) -> R<Val> {
    Ok(Val::ptr(vm.hv_elem(&hv(h), k)?))
}
/// `hv.has`
pub fn has(vm: &mut Vm, h: &Val, k: &Val) -> R<i64> {
    Ok(vm.hv_exists(&hv(h), k)? as i64)
}
/// `hv.del`
pub fn delete(vm: &mut Vm, h: &Val, k: &Val) -> R<Val> {
    vm.hv_delete(&hv(h), k)
}
/// `hv.len`
pub fn len(vm: &mut Vm, h: &Val) -> R<i64> {
    let n = vm.hv_count(&hv(h))?;
    vm.to_iv(&n)
}
/// `hv.iter`
pub fn iter_reset(vm: &mut Vm, h: &Val) -> R<()> {
    reset(vm, &hv(h))
}

fn reset(vm: &mut Vm, h: &Ptr<Hash>) -> R<()> {
    h.iter_reset();
    if h.hdr().is_magical() {
        h.hdr().ext_mut().magic.retain(|m| !m.is::<TiedIter>());
    }
    let _ = vm;
    Ok(())
}
/// `hv.next`
pub fn iter_next(vm: &mut Vm, h: &Val) -> R<(Val, Val, bool)> {
    let h = hv(h);
    match next_key(vm, &h)? {
        Some(k) => {
            let c = vm.hv_elem(&h, &k)?;
            Ok((k, Val::ptr(c), false))
        }
        None => Ok((Val::undef(), Val::undef(), true)),
    }
}

/// Is `each` or the like under way over a tied hash?
pub fn tied_iterating(h: &Hash) -> bool {
    h.hdr().ext().is_some_and(|e| e.magic.iter().any(|m| m.is::<TiedIter>()))
}

/// The key that an iteration over a tied hash gave last is let go.
pub fn forget_tied_key(h: &Hash) {
    if tied_iterating(h) {
        h.hdr().ext_mut().magic.retain(|m| !m.is::<TiedIter>());
    }
}

/// Keys still to come of an iteration over a tied (or otherwise computed) hash.
struct TiedIter(Val, Vec<Val>);

/// Advances the hash's one iterator.
pub fn next_key(vm: &mut Vm, h: &Ptr<Hash>) -> R<Option<Val>> {
    if plain(h) {
        if h.inserted_while_iterating() && vm.warns_default(cat::INTERNAL) {
            vm.warn_always(
                cat::INTERNAL,
                b"Use of each() on hash after insertion without resetting hash iterator results in undefined behavior",
                false,
            )?;
        }
        return Ok(h.iter_next().map(|e| e.key_val()));
    }
    let m = vm.magic_of(&**h);
    match m {
        Some(Magic::Tied(obj)) => {
            let pos = h.hdr().ext_mut().magic.iter().position(|m| m.is::<TiedIter>());
            let last = pos.map(|i| {
                let m = h.hdr().ext_mut().magic.remove(i);
                m.downcast::<TiedIter>().expect("just found").0
            });
            let k = match last {
                None => vm.tied_call(&obj, "FIRSTKEY", vec![])?,
                Some(l) => vm.tied_call(&obj, "NEXTKEY", vec![l])?,
            };
            if k.is_undef() {
                return Ok(None);
            }
            h.hdr().ext_mut().magic.push(Box::new(TiedIter(k.clone(), Vec::new())));
            Ok(Some(k))
        }
        Some(Magic::Captures(_) | Magic::Errno) => {
            let pos = h.hdr().ext_mut().magic.iter().position(|m| m.is::<TiedIter>());
            let mut rest = match pos {
                Some(i) => {
                    let m = h.hdr().ext_mut().magic.remove(i);
                    m.downcast::<TiedIter>().expect("just found").1
                }
                None => {
                    let mut ks = vm.hv_keys(h)?;
                    ks.reverse();
                    ks
                }
            };
            let k = rest.pop();
            if k.is_some() {
                h.hdr().ext_mut().magic.push(Box::new(TiedIter(Val::undef(), rest)));
            }
            Ok(k)
        }
        _ => Ok(h.iter_next().map(|e| e.key_val())),
    }
}

fn assign_pairs(vm: &mut Vm, h: &Ptr<Hash>, vs: Vec<Val>) -> R<()> {
    if vs.len() % 2 == 1 && vm.warns(crate::warn::cat::MISC) {
        let msg = if vs.len() == 1 && vs[0].is_ref() && matches!(vs[0].kind(), Kind::ARRAY | Kind::HASH) {
            "Reference found where even-sized list expected"
        } else {
            "Odd number of elements in hash assignment"
        };
        vm.warn(crate::warn::cat::MISC, msg)?;
    }
    vm.hv_clear(h)?;
    let mut it = vs.into_iter();
    while let Some(k) = it.next() {
        let v = it.next().unwrap_or_default();
        vm.hv_set(h, &k, v)?;
    }
    Ok(())
}
/// `%h = LIST`
pub fn assign(vm: &mut Vm, a: &Val, b: Val) -> R<()> {
    let vs = list_values(vm, &av(&b), 0)?;
    drop(b);
    assign_pairs(vm, &hv(a), vs)
}
/// `(…, %h) = LIST`
pub fn assign_from(vm: &mut Vm, a: &Val, b: &Val, from: u64) -> R<()> {
    let vs = list_values(vm, &av(b), from as usize)?;
    assign_pairs(vm, &hv(a), vs)
}
/// scalar(%h)
pub fn count(vm: &mut Vm, b: &Val) -> R<Val> {
    vm.hv_count(&hv(b))
}
/// cell of `$h{k}`
pub fn cell(vm: &mut Vm, b: &Val, c: &Val) -> R<Val> {
    Ok(Val::ptr(vm.hv_elem(&hv(b), c)?))
}
/// vivified referent of `$h{k}`
pub fn viv(vm: &mut Vm, b: &Val, c: &Val, kind: u64) -> R<Val> {
    let h = hv(b);
    if plain(&h) {
        if let Some(s) = c.as_str() {
            if let Some(v) = h.raw(&Key::new(s.bytes(), s.utf8())) {
                let r = v.resolve();
                let want = kind as u8;
                if r.is_ref()
                    && !super::array::magical_alias(v)
                    && r.hdr().is_some_and(|x| x.kind() == want && x.flags.get() & 2 == 0)
                {
                    return Ok(r.ptr_to_obj());
                }
            }
        }
    }
    let s = vm.hv_elem(&h, c)?;
    viv_in_cell(vm, &s, kind)
}
/// exists
pub fn exists(vm: &mut Vm, b: &Val, c: &Val) -> R<Val> {
    Ok(Val::bool(vm.hv_exists(&hv(b), c)?))
}
/// delete
pub fn delete_elem(vm: &mut Vm, b: &Val, c: &Val) -> R<Val> {
    vm.hv_delete(&hv(b), c)
}
/// `$h{k} op= v`
pub fn op_assign(vm: &mut Vm, a: &Val, b: &Val, c: &Val, op: u64) -> R<()> {
    let s = vm.hv_elem(&hv(a), b)?;
    let mut lv = Val::ind(s);
    super::opassign::op_assign(vm, &mut lv, c, op)
}
/// `++$h{k}`
pub fn preinc(vm: &mut Vm, b: &Val, c: &Val) -> R<Val> {
    let s = vm.hv_elem(&hv(b), c)?;
    let mut lv = Val::ind(s);
    super::incdec::preinc(vm, &mut lv)?;
    vm.read(&lv)
}
/// `$h{k}++`
pub fn postinc(vm: &mut Vm, b: &Val, c: &Val) -> R<Val> {
    let s = vm.hv_elem(&hv(b), c)?;
    let mut lv = Val::ind(s);
    super::incdec::postinc(vm, &mut lv)
}
/// keys
pub fn keys(vm: &mut Vm, a: &Val, b: &Val) -> R<()> {
    let h = hv(b);
    reset(vm, &h)?;
    let l = av(a);
    for k in vm.hv_keys(&h)? {
        l.push(k);
    }
    Ok(())
}
/// values, as aliases
pub fn values(vm: &mut Vm, a: &Val, b: &Val) -> R<()> {
    let h = hv(b);
    reset(vm, &h)?;
    let l = av(a);
    if plain(&h) {
        for c in h.value_cells() {
            l.push(Val::ind(c));
        }
        return Ok(());
    }
    for k in vm.hv_keys(&h)? {
        let c = vm.hv_elem(&h, &k)?;
        l.push(Val::ind(c));
    }
    Ok(())
}
/// values, copied
pub fn values_copy(vm: &mut Vm, a: &Val, b: &Val) -> R<()> {
    let h = hv(b);
    reset(vm, &h)?;
    let l = av(a);
    for k in vm.hv_keys(&h)? {
        let v = vm.hv_get(&h, &k)?;
        l.push(v);
    }
    Ok(())
}
/// keys in scalar context
pub fn keys_count(vm: &mut Vm, b: &Val) -> R<Val> {
    let h = hv(b);
    reset(vm, &h)?;
    if plain(&h) {
        return Ok(Val::int(h.len() as i64));
    }
    Ok(Val::int(vm.hv_keys(&h)?.len() as i64))
}
/// `keys(%h) = N`
pub fn keys_lv(vm: &mut Vm, b: &Val) -> R<Val> {
    let h = hv(b);
    reset(vm, &h)?;
    Ok(Val::ind(vm.magical(Magic::Keys(h))))
}
/// each
pub fn each(vm: &mut Vm, b: &Val) -> R<Val> {
    let h = hv(b);
    let out = Array::new();
    if let Some(k) = next_key(vm, &h)? {
        let v = if plain(&h) { Val::ind(vm.hv_elem(&h, &k)?) } else { vm.hv_get(&h, &k)? };
        out.push(k);
        out.push(v);
    }
    Ok(Val::ptr(out))
}
/// each in scalar context
pub fn each_key(vm: &mut Vm, b: &Val) -> R<Val> {
    Ok(next_key(vm, &hv(b))?.unwrap_or_default())
}
/// `@h{LIST}`
pub fn slice(vm: &mut Vm, b: &Val, c: &Val) -> R<Val> {
    let h = hv(b);
    let out = Array::new();
    for (i, k) in list_values(vm, &av(c), 0)?.into_iter().enumerate() {
        vm.at_item(i, &k);
        let v = vm.hv_get(&h, &k)?;
        out.push(v);
    }
    Ok(Val::ptr(out))
}
/// `@h{LIST}` as lvalues
pub fn slice_lv(vm: &mut Vm, b: &Val, c: &Val) -> R<Val> {
    let h = hv(b);
    let out = Array::new();
    for (i, k) in list_values(vm, &av(c), 0)?.into_iter().enumerate() {
        vm.at_item(i, &k);
        let s = vm.hv_elem(&h, &k)?;
        out.push(Val::ind(s));
    }
    Ok(Val::ptr(out))
}
/// `%h{LIST}`
pub fn kvslice(vm: &mut Vm, b: &Val, c: &Val) -> R<Val> {
    let h = hv(b);
    let out = Array::new();
    for (i, k) in list_values(vm, &av(c), 0)?.into_iter().enumerate() {
        vm.at_item(i, &k);
        let v = vm.hv_get(&h, &k)?;
        out.push(k);
        out.push(v);
    }
    Ok(Val::ptr(out))
}
/// delete @h{LIST}
pub fn delete_slice(vm: &mut Vm, b: &Val, c: &Val) -> R<Val> {
    let h = hv(b);
    let out = Array::new();
    for (i, k) in list_values(vm, &av(c), 0)?.into_iter().enumerate() {
        vm.at_item(i, &k);
        let v = vm.hv_delete(&h, &k)?;
        out.push(v);
    }
    Ok(Val::ptr(out))
}
/// delete %h{LIST}
pub fn delete_kvslice(vm: &mut Vm, b: &Val, c: &Val) -> R<Val> {
    let h = hv(b);
    let out = Array::new();
    for (i, k) in list_values(vm, &av(c), 0)?.into_iter().enumerate() {
        vm.at_item(i, &k);
        let v = vm.hv_delete(&h, &k)?;
        out.push(k);
        out.push(v);
    }
    Ok(Val::ptr(out))
}
