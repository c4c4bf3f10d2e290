//! `$^H`, `%^H` and `${^WARNING_BITS}` between the parser and the running BEGIN code.

use keshi_frontend::ast::{HintVal, Hints, HostConst, PStr, WarnBits};
use keshi_value::Val;
use keshi_value::hash::Key;
use keshi_vm::{R, Vm};
use std::rc::Rc;

/// Octets of `${^WARNING_BITS}` in 5.42: two bits for each of 80 categories.
pub const WARN_SIZE: usize = 20;
const LOCALIZE_HH: u32 = 0x20000;

pub fn pstr_val(s: &PStr) -> Val {
    Val::str(&s.bytes, s.utf8)
}

pub fn val_pstr(vm: &mut Vm, v: &Val) -> R<PStr> {
    let (b, u) = vm.str_bytes_quiet(v)?;
    Ok(PStr::new(&b[..], u))
}

fn warn_val(w: &WarnBits) -> Val {
    match w {
        WarnBits::Std => Val::undef(),
        WarnBits::All => Val::bytes([0x55; WARN_SIZE]),
        WarnBits::None => Val::bytes([0; WARN_SIZE]),
        WarnBits::Bits(b) => Val::bytes(&b[..]),
    }
}

/// State saved around BEGIN code.
pub struct Saved {
    hints: u32,
    warnings: Val,
    hash: Vec<(Val, Val)>,
}

fn hint_hash(vm: &mut Vm) -> keshi_value::Ptr<keshi_value::Hash> {
    vm.gv(b"main::\x08", false).hash().clone()
}

/// Makes the parser's state visible to Perl code.
pub fn enter(vm: &mut Vm, h: &Hints) -> Saved {
    let hh = hint_hash(vm);
    let old = hh.keys().into_iter().map(|k| {
        let v = hh.get(&key(&k)).unwrap_or_default();
        (k, v)
    });
    let saved =
        Saved { hints: vm.rtstate.hints, warnings: vm.rtstate.warning_bits.clone(), hash: old.collect() };
    write(vm, h);
    saved
}

/// Makes `$^H`, `%^H` and `${^WARNING_BITS}` those of `h`.
pub fn write(vm: &mut Vm, h: &Hints) {
    let mut hh = hint_hash(vm);
    if vm.tied_obj(&*hh).is_some() {
        // Each scope has a hash of its own; being tied is no part of what it takes over.
        hh = keshi_value::Hash::new();
        vm.gv(b"main::\x08", false).hv.set(Some(hh.clone()));
    }
    vm.rtstate.hints = h.bits;
    vm.rtstate.warning_bits = warn_val(&h.warn);
    hh.clear();
    if let Some(list) = &h.hash {
        for (k, v) in list.iter() {
            let val = match v {
                HintVal::Undef => Val::undef(),
                HintVal::Int(i) => Val::int(*i),
                HintVal::Str(s) => pstr_val(s),
                HintVal::Host(c, _) => host_const(vm, *c),
            };
            hh.set(&Key::new(&k.bytes, k.utf8), val);
        }
    }
}

fn key(v: &Val) -> Key<'_> {
    match v.as_str() {
        Some(s) => Key::new(s.bytes(), s.utf8()),
        None => Key::new(b"", false),
    }
}

/// Takes over what Perl code changed, and restores the outer state.
pub fn leave(vm: &mut Vm, h: &mut Hints, saved: Saved) -> R<()> {
    read(vm, h)?;
    restore(vm, saved);
    Ok(())
}

/// Restores the outer state; what Perl code changed is forgotten.
pub fn restore(vm: &mut Vm, saved: Saved) {
    let hh = hint_hash(vm);
    vm.rtstate.hints = saved.hints;
    vm.rtstate.warning_bits = saved.warnings;
    hh.clear();
    for (k, v) in saved.hash {
        hh.set(&key(&k), v);
    }
}

/// `$^H`, `%^H` and `${^WARNING_BITS}` as the parser's state.
pub fn read(vm: &mut Vm, h: &mut Hints) -> R<()> {
    h.bits = vm.rtstate.hints;
    let w = vm.rtstate.warning_bits.clone();
    if w.is_undef() {
        h.warn = WarnBits::Std;
    } else {
        let (b, _) = vm.str_bytes(&w)?;
        h.warn = WarnBits::Bits(Rc::from(&b[..]));
    }
    let hh = hint_hash(vm);
    let tied = vm.tied_obj(&*hh).is_some();
    if hh.is_empty() && !tied {
        h.hash = None;
    } else {
        // perl sets the bit when `%^H` is written to.
        h.bits |= LOCALIZE_HH;
        let mut list = Vec::new();
        let keys = if tied { vm.hv_keys(&hh)? } else { hh.keys() };
        for k in keys {
            let v = if tied { vm.hv_get(&hh, &k)? } else { hh.get(&key(&k)).unwrap_or_default() };
            let hv = if v.is_undef() {
                HintVal::Undef
            } else if v.is_int() {
                HintVal::Int(v.as_i64())
            } else if v.is_ref() {
                let text = val_pstr(vm, &v)?;
                HintVal::Host(hold(vm, v), text)
            } else {
                HintVal::Str(val_pstr(vm, &v)?)
            };
            list.push((val_pstr(vm, &k)?, hv));
        }
        h.hash = Some(Rc::new(list));
    }
    h.refresh_features();
    Ok(())
}

/// Keeps a value for the parser; the handle is its number.
pub fn hold(vm: &mut Vm, v: Val) -> HostConst {
    let held = &mut vm.rtstate.control.host_consts;
    held.push(v);
    HostConst(held.len() as u64 - 1)
}

/// A value of `%^H` as the cop keeps it: references are text there, but string evals see the reference again.
pub fn from_cop(vm: &Vm, text: &[u8], utf8: bool) -> HintVal {
    let plain = PStr::new(text, utf8);
    match vm.held_reference(text) {
        Some(i) => HintVal::Host(HostConst(i as u64), plain),
        None => HintVal::Str(plain),
    }
}

pub fn host_const(vm: &Vm, c: HostConst) -> Val {
    vm.rtstate.control.host_consts.get(c.0 as usize).cloned().unwrap_or_default()
}
