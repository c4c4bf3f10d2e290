//! `my`, `local`, scope exit, `state`.

use super::pad::fresh_by_name;
use crate::Vm;
use crate::dyns::Dyn;
use crate::exc::R;
use keshi_value::obj::{Kind, Obj};
use keshi_value::{Array, Hash, Ptr, Scalar, Val};

/// Can the object behind a pad register be reused by the next instance of the variable?
fn reusable<T: Obj>(o: &T, kind: u8) -> bool {
    let h = o.hdr();
    h.rc.get() == 1 && h.kind.get() == kind && h.flags.get() == 0
}

/// `my @a`
pub fn my_av(_vm: &mut Vm, a: &mut Val) -> R<()> {
    match a.as_av() {
        Some(x) if reusable(x, Kind::ARRAY) => x.clear(),
        _ => a.put(Val::ptr(Array::new())),
    }
    Ok(())
}

/// `my %h`
pub fn my_hv(_vm: &mut Vm, a: &mut Val) -> R<()> {
    match a.as_hv() {
        Some(x) if reusable(x, Kind::HASH) => x.clear(),
        _ => a.put(Val::ptr(Hash::new())),
    }
    Ok(())
}

/// `my $x` in a cell
pub fn my_cell(_vm: &mut Vm, a: &mut Val) -> R<()> {
    match a.as_scalar() {
        Some(x) if reusable(x, Kind::SCALAR) => x.set(Val::undef()),
        _ => a.put(Val::ptr(Scalar::new(Val::undef()))),
    }
    Ok(())
}

/// `my.proto`: the instance a named sub or BEGIN block captured at compile time, once; later new ones.
pub fn my_proto(vm: &mut Vm, a: &mut Val, idx: u64) -> R<()> {
    let linked = vm.frame().linked.clone();
    let protos = linked.proto_cells.get_mut();
    if let Some(i) = protos.iter().position(|(k, _)| *k == idx as u32) {
        let (_, v) = protos.remove(i);
        a.put(v);
        return Ok(());
    }
    let name = linked.chunk.pad.get(idx as usize).map(|p| p.name.clone()).unwrap_or_default();
    match name.first() {
        Some(b'@') => my_av(vm, a),
        Some(b'%') => my_hv(vm, a),
        Some(b'$') => my_cell(vm, a),
        _ => {
            a.put(fresh_by_name(&name));
            Ok(())
        }
    }
}

/// `clear.av`
pub fn clear_av(_vm: &mut Vm, a: &mut Val) -> R<()> {
    match a.as_av() {
        Some(x) if reusable(x, Kind::ARRAY) => x.clear(),
        _ => a.put(Val::ptr(Array::new())),
    }
    Ok(())
}

/// `clear.hv`
pub fn clear_hv(_vm: &mut Vm, a: &mut Val) -> R<()> {
    match a.as_hv() {
        Some(x) if reusable(x, Kind::HASH) => x.clear(),
        _ => a.put(Val::ptr(Hash::new())),
    }
    Ok(())
}

/// `clear.cell`
pub fn clear_cell(_vm: &mut Vm, a: &mut Val) -> R<()> {
    match a.as_scalar() {
        Some(x) if reusable(x, Kind::SCALAR) => x.set(Val::undef()),
        _ => a.put(Val::ptr(Scalar::new(Val::undef()))),
    }
    Ok(())
}

/// `local $x`
pub fn local_sv(vm: &mut Vm, name: u32) -> R<()> {
    let g = vm.frame().linked.globs[name as usize].clone();
    vm.local_sv(&g).map(drop)
}

/// `local @x`
pub fn local_av(vm: &mut Vm, name: u32) -> R<()> {
    let g = vm.frame().linked.globs[name as usize].clone();
    vm.local_av(&g);
    Ok(())
}

/// `local %x`
pub fn local_hv(vm: &mut Vm, name: u32) -> R<()> {
    let g = vm.frame().linked.globs[name as usize].clone();
    vm.local_hv(&g);
    Ok(())
}

/// `local *x`; `assigned`: the next assignment to the glob replaces its body or one slot of it.
pub fn local_gv(vm: &mut Vm, a: &Val, assigned: u64) -> R<()> {
    if let Some(g) = a.gv() {
        if assigned != 0 {
            vm.local_glob_assigned(&g);
        } else {
            vm.local_glob(&g);
        }
    }
    Ok(())
}

/// `local` of an element of either container kind.
pub fn local_any_elem(vm: &mut Vm, a: &Val, k: &Val) -> R<()> {
    if let Some(h) = a.hv() {
        return vm.local_helem(&h, k);
    }
    if let Some(av) = a.av() {
        let i = vm.to_iv(k)?;
        return vm.local_elem(&av, i);
    }
    Ok(())
}

/// `local $a[i]`
pub fn local_elem(vm: &mut Vm, a: &Val, b: &Val) -> R<()> {
    local_any_elem(vm, a, b)
}

/// `local $h{k}`
pub fn local_helem(vm: &mut Vm, a: &Val, b: &Val) -> R<()> {
    local_any_elem(vm, a, b)
}

/// `local @h{LIST}`
pub fn local_slice(vm: &mut Vm, a: &Val, b: &Val) -> R<()> {
    let Some(keys) = b.av() else { return Ok(()) };
    for k in vm.av_values(&keys)? {
        local_any_elem(vm, a, &k)?;
    }
    Ok(())
}

/// `delete local`
pub fn local_delete(vm: &mut Vm, b: &Val, c: &Val) -> R<Val> {
    if let Some(h) = b.hv() {
        let old = vm.hv_get(&h, c)?;
        vm.local_helem(&h, c)?;
        vm.hv_delete(&h, c)?;
        return Ok(old);
    }
    if let Some(a) = b.av() {
        let i = vm.to_iv(c)?;
        let old = vm.av_get(&a, i)?;
        vm.local_elem(&a, i)?;
        vm.av_delete(&a, i)?;
        return Ok(old);
    }
    Ok(Val::undef())
}

/// `topic.save`: the scalar slot of a loop variable's glob, restored by `dyn.unwind`.
pub fn topic_save(vm: &mut Vm, name: u32) -> R<()> {
    let g = vm.frame().linked.globs[name as usize].clone();
    let old = g.sv.get().clone();
    vm.dyns.push(Dyn::Restore(Box::new(move |_| {
        g.sv.set(old);
        Ok(())
    })));
    Ok(())
}

/// `topic.set`: the glob's scalar becomes the one register `a` aliases.
pub fn topic_set(vm: &mut Vm, a: &Val, name: u32) -> R<()> {
    let s: Ptr<Scalar> = alias_ptr(a);
    vm.frame().linked.globs[name as usize].sv.set(Some(s));
    Ok(())
}

/// The counted cell behind an alias.
pub fn alias_ptr(v: &Val) -> Ptr<Scalar> {
    match v.tag() {
        keshi_value::tag::IND => v.scalar().expect("IND"),
        // SAFETY: SLOT values live only in argument arrays during the call they belong to, so the slot is there; it
        // is promoted in place, like every slot something else refers to.
        keshi_value::tag::SLOT => unsafe { (*(v.bits as *mut Val)).promote() },
        _ => Scalar::new(v.clone()),
    }
}

/// The same for an element of a list, which becomes the alias.
pub fn alias_ptr_of(v: &mut Val) -> Ptr<Scalar> {
    if v.is_alias() { alias_ptr(v) } else { v.promote() }
}

/// `local $#a` and the like: the value behind the alias comes back at scope exit.
pub fn local_lv(vm: &mut Vm, a: &Val) -> R<()> {
    let s = alias_ptr(a);
    let v = vm.read(a)?;
    vm.dyns.push(Dyn::Value(s, v));
    Ok(())
}

/// `local $$name`: a name or glob can be localized, a container behind a reference cannot.
pub fn local_deref(vm: &mut Vm, a: &Val, kind: u64) -> R<Val> {
    let glob_ref = a.gv().is_some() && kind == super::refs::VIV_CELL;
    if a.is_undef() {
        return Err(vm.die_text("Can't localize through a reference"));
    }
    if a.is_ref() && !glob_ref {
        // A reference of another kind gets the message it always gets.
        super::refs::deref_kind(vm, a, kind)?;
        return Err(vm.die_text("Can't localize through a reference"));
    }
    let g = super::refs::named_glob(vm, a, kind)?;
    Ok(match kind {
        super::refs::VIV_CELL => Val::ptr(vm.local_sv(&g)?),
        super::refs::VIV_AV => Val::ptr(vm.local_av(&g)),
        _ => Val::ptr(vm.local_hv(&g)),
    })
}

/// `state` variable: 1 the first time.
pub fn state_first(vm: &mut Vm, b: &Val) -> R<i64> {
    let Some(s) = b.scalar() else { return Err(vm.die_text("panic: state flag is no cell")) };
    if s.peek().is_undef() {
        s.set(Val::int(1));
        return Ok(1);
    }
    Ok(0)
}
