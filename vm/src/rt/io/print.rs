//! `print`, `say`, `printf` and the selected handle's `$|`.

use super::fh::{self, Fh};
use crate::Vm;
use crate::dyns::Dyn;
use crate::exc::R;
use crate::warn::cat;
use keshi_io::{IoRef, Res};
use keshi_value::obj::{Kind, Obj};
use keshi_value::val::tag;
use keshi_value::{Array, Glob, Ptr, Scalar, Val};

/// `io.write`: one value as it is.
pub fn write(vm: &mut Vm, fh: &Val, v: &Val) -> R<()> {
    let l = [v.clone()];
    emit(vm, fh, &l, Ending::None, "print").map(drop)
}

/// `rt.io.out`
pub fn output_handle(vm: &mut Vm, b: &Val) -> R<Val> {
    if let Some(g) = b.gv() {
        return Ok(Val::ptr(g));
    }
    super::super::refs::deref_gv(vm, b, 1)
}

/// `rt.io.sel`
pub fn selected(vm: &mut Vm) -> R<Val> {
    Ok(Val::ptr(vm.selected.clone()))
}

/// `rt.print`
pub fn print(vm: &mut Vm, b: &Val, c: &Val) -> R<Val> {
    emit(vm, b, &values(c), Ending::Ors, "print")
}

/// `rt.print.1`
pub fn print_one(vm: &mut Vm, b: &Val, c: &Val) -> R<Val> {
    emit(vm, b, std::slice::from_ref(c), Ending::Ors, "print")
}

/// `rt.say`
pub fn say(vm: &mut Vm, b: &Val, c: &Val) -> R<Val> {
    emit(vm, b, &values(c), Ending::Newline, "say")
}

/// `rt.say.1`
pub fn say_one(vm: &mut Vm, b: &Val, c: &Val) -> R<Val> {
    emit(vm, b, std::slice::from_ref(c), Ending::Newline, "say")
}

/// `rt.printf`
pub fn printf(vm: &mut Vm, b: &Val, c: &Val) -> R<Val> {
    let f = out(vm, b)?;
    if let Some(obj) = f.tied(vm) {
        return vm.tied_call(&obj, "PRINTF", values(c));
    }
    if !f.handle().is_some_and(|h| h.borrow().can_write()) {
        vm.report_unwritable(&f, "printf")?;
        return Ok(Val::undef());
    }
    let s = {
        let items = resolved(vm, c)?;
        super::super::formatting::sprintf_into(vm, items, values(c), "printf")
    }?;
    emit(vm, b, std::slice::from_ref(&s), Ending::None, "printf")
}

/// What follows the items.
#[derive(Clone, Copy, PartialEq)]
enum Ending {
    None,
    Ors,
    Newline,
}

fn values(l: &Val) -> Vec<Val> {
    l.as_av().map(|a| a.as_slice().to_vec()).unwrap_or_default()
}

fn out(vm: &mut Vm, v: &Val) -> R<Fh> {
    match v.gv() {
        Some(g) => Ok(Fh::of(g)),
        None => fh::fh_new(vm, v),
    }
}

/// A separator variable's value, if it is defined.
fn separator(vm: &mut Vm, which: fn(&Vm) -> &Ptr<Glob>) -> R<Option<Val>> {
    let Some(s) = which(vm).sv.get().clone() else { return Ok(None) };
    let v = if s.hdr().kind.get() == Kind::SCALAR { s.get() } else { vm.get_sv(&s)? };
    Ok((!v.is_undef()).then_some(v))
}

fn emit(vm: &mut Vm, target: &Val, items: &[Val], end: Ending, op: &str) -> R<Val> {
    let f = out(vm, target)?;
    if let Some(obj) = f.tied(vm) {
        return tied_print(vm, &obj, items, end);
    }
    let Some(h) = f.handle().filter(|h| h.borrow().can_write()) else {
        vm.report_unwritable(&f, op)?;
        return Ok(Val::undef());
    };
    let ofs = if items.len() > 1 && end != Ending::None { separator(vm, |vm| &vm.gv.ofs)? } else { None };
    for (i, v) in items.iter().enumerate() {
        if i > 0 {
            if let Some(s) = &ofs {
                if !put(vm, &f, &h, s, op)? {
                    return Ok(Val::undef());
                }
            }
        }
        if !put_item(vm, &f, &h, i, v, op, items.len())? {
            return Ok(Val::undef());
        }
    }
    match end {
        Ending::None => {}
        Ending::Newline => {
            let r = h.borrow_mut().print(b"\n", false);
            if !wrote(vm, &f, r)? {
                return Ok(Val::undef());
            }
        }
        Ending::Ors => {
            if let Some(s) = separator(vm, |vm| &vm.gv.ors)? {
                if !put(vm, &f, &h, &s, op)? {
                    return Ok(Val::undef());
                }
            }
        }
    }
    let done = h.borrow_mut().print_done();
    match done {
        Err(e) if !e.is_interrupt() => {
            vm.errno(e);
            Ok(Val::undef())
        }
        _ => Ok(Val::bool(true)),
    }
}

/// Writes an item; its number is for the name in warnings.
fn put_item(vm: &mut Vm, f: &Fh, h: &IoRef, i: usize, v: &Val, op: &str, of: usize) -> R<bool> {
    if of > 1 && v.resolve().is_undef() {
        vm.at_item(i, &Val::undef());
    }
    put(vm, f, h, v, op)
}

/// Writes one value; false if that failed.
fn put(vm: &mut Vm, f: &Fh, h: &IoRef, v: &Val, op: &str) -> R<bool> {
    if let Some(s) = v.as_str().filter(|_| v.tag() == tag::STR) {
        if s.utf8() {
            warn_wide(vm, h, s.bytes(), op)?;
        }
        let r = h.borrow_mut().print(s.bytes(), s.utf8());
        return wrote(vm, f, r);
    }
    let v = if v.is_alias() { vm.read(v)? } else { v.clone() };
    let (b, u) = vm.str_bytes(&v)?;
    if u {
        warn_wide(vm, h, &b, op)?;
    }
    let r = h.borrow_mut().print(&b, u);
    wrote(vm, f, r)
}

/// The warning for characters a byte handle cannot take comes before they are written.
fn warn_wide(vm: &mut Vm, h: &IoRef, s: &[u8], op: &str) -> R<()> {
    let chars = h.borrow().is_utf8();
    if chars || s.is_ascii() || keshi_text::utf8::downgrade(s).is_some() {
        return Ok(());
    }
    vm.warn_default(cat::UTF8, &format!("Wide character in {op}"))
}

fn wrote(vm: &mut Vm, f: &Fh, r: Res<bool>) -> R<bool> {
    if let Err(e) = r {
        vm.errno(e);
        return Ok(false);
    }
    if let Some(h) = f.handle() {
        super::layer_warnings(vm, &h)?;
    }
    Ok(true)
}

/// PRINT of a tied handle; `say` gives it a `$\` of "\n".
fn tied_print(vm: &mut Vm, obj: &Val, items: &[Val], end: Ending) -> R<Val> {
    if end != Ending::Newline {
        return vm.tied_call(obj, "PRINT", items.to_vec());
    }
    let mark = vm.dyn_mark();
    let ors = vm.gv.ors.clone();
    vm.dyns.push(Dyn::Sv(ors.clone(), ors.sv.get().clone()));
    ors.sv.set(Some(Scalar::new(Val::bytes("\n"))));
    let r = vm.tied_call(obj, "PRINT", items.to_vec());
    vm.dyn_unwind(mark)?;
    r
}

/// `$|` of the selected handle.
pub fn autoflush(vm: &Vm) -> bool {
    vm.selected.io.get().as_ref().and_then(|io| fh::handle_of(io)).is_some_and(|h| h.borrow().autoflush)
}

pub fn set_autoflush(vm: &mut Vm, on: bool) -> R<()> {
    let h = fh::handle_or_new(&fh::io_of(&vm.selected));
    let was = std::mem::replace(&mut h.borrow_mut().autoflush, on);
    if on && !was {
        // What could not be written stays in the handle, whose next operation or `close` reports it.
        let _ = h.borrow_mut().flush_output();
    }
    Ok(())
}

/// `rt.select`: the handle that becomes the default one.
pub fn select(vm: &mut Vm, b: &Val) -> R<Val> {
    let old = select_get(vm)?;
    let mut f = fh::fh_new(vm, b)?;
    f.io();
    vm.selected = f.gv;
    Ok(old)
}

/// `rt.select.get`: the selected handle's name, or the glob if it cannot be found under its name any more.
pub fn select_get(vm: &mut Vm) -> R<Val> {
    let g = vm.selected.clone();
    let g = g.egv().unwrap_or(g);
    let full = vm.glob_full_name(&g);
    let utf8 = g.name.as_str().is_some_and(|s| s.utf8());
    match vm.gv_find(&full, utf8, false) {
        Some(found) if found.same(&g) => Ok(Val::str(&full, utf8)),
        _ => Ok(Val::reference(g)),
    }
}

/// The items of a list with aliases followed.
pub fn resolved(vm: &mut Vm, l: &Val) -> R<Vec<Val>> {
    match l.as_av() {
        Some(a) => super::super::array::list_values(vm, a, 0),
        None => Ok(Vec::new()),
    }
}

/// A list value of a vector.
pub fn list(v: Vec<Val>) -> Val {
    Val::ptr(Array::from_vec(v))
}
