//! s///.

use super::host::exec_at;
use super::run::{pos_of, remember, set_pos, subject_of};
use crate::Vm;
use crate::exc::R;
use keshi_l1::chunk::Const;
use keshi_regex::ExecOpts;
use keshi_text::utf8;
use keshi_value::scalar::RegexObj;
use keshi_value::{Ptr, Scalar, Val};
use std::cell::RefCell;

const GLOBAL: u64 = 1;
const RETURN: u64 = 2;
const CODE: u64 = 4;

/// A substitution under way.
struct Subst {
    /// The value before it became a string (what `/r` gives when nothing matches).
    original: Val,
    /// The variable, for `pos` in the replacement.
    target: Option<Ptr<Scalar>>,
    subject: Val,
    re: Val,
    flags: u64,
    out: Vec<u8>,
    utf8: bool,
    /// Subject bytes before this one are in `out`.
    copied: usize,
    /// Where the next search starts.
    at: usize,
    /// Where `\G` is.
    pos: usize,
    last_empty: bool,
    count: i64,
    done: bool,
}

fn state(v: &Val) -> Option<&RefCell<Subst>> {
    v.as_regex()?.re.downcast_ref()
}

/// `subst.begin`
pub fn subst_begin(vm: &mut Vm, b: &mut Val, c: &Val, flags: u64) -> R<Val> {
    let p = b.clone();
    let v = vm.read(&p)?;
    if flags & RETURN == 0 && b.alias_cell().is_some_and(|s| s.is_readonly()) {
        return Err(vm.die_text("Modification of a read-only value attempted"));
    }
    let subject = subject_of(vm, &v)?;
    let pos = b.alias_cell().and_then(pos_of).map_or(0, |(at, _)| at);
    let pos = pos.min(subject.as_str().map_or(0, |s| s.len()));
    let utf8 = subject.as_str().is_some_and(|s| s.utf8());
    let st = Subst {
        subject,
        original: v,
        target: b.alias_cell().and_then(|_| b.scalar()),
        re: c.clone(),
        flags,
        out: Vec::new(),
        utf8,
        copied: 0,
        at: 0,
        pos,
        last_empty: false,
        count: 0,
        done: false,
    };
    Ok(Val::ptr(RegexObj::new(Box::new(RefCell::new(st)), Val::undef())))
}

/// `subst.next`
pub fn subst_next(vm: &mut Vm, b: &Val) -> R<i64> {
    let Some(cell) = state(b) else { return Ok(0) };
    let (subject, re, at, pos, empty) = {
        let s = cell.borrow();
        if s.done || (s.count > 0 && s.flags & GLOBAL == 0) {
            return Ok(0);
        }
        (s.subject.clone(), s.re.clone(), s.at, s.pos, s.last_empty)
    };
    let len = subject.as_str().map_or(0, |s| s.len());
    if at > len {
        return Ok(0);
    }
    let opts = ExecOpts { gpos: pos, min_end: if empty { at + 1 } else { 0 }, ..Default::default() };
    let Some(caps) = exec_at(vm, &re, &subject, at, &opts)? else {
        cell.borrow_mut().done = true;
        return Ok(0);
    };
    let (a, e) = caps.get(0).unwrap_or((at, at));
    if a < at {
        // a `\G` inside the pattern let a match begin in what is already replaced: the end
        cell.borrow_mut().done = true;
        return Ok(0);
    }
    remember(vm, &subject, &re, caps);
    let first = {
        let s = cell.borrow();
        s.count == 0 && s.flags & RETURN == 0 && s.original.is_undef()
    };
    if first {
        // What is to be changed is made a string once more.
        vm.warn_uninit()?;
    }
    let mut s = cell.borrow_mut();
    if s.flags & CODE != 0
        && let Some(t) = &s.target
    {
        // `pos` in the replacement is where the match begins.
        set_pos(vm, t, Some((a, false)));
    }
    s.count += 1;
    let st = subject.as_str().expect("string");
    let from = s.copied;
    let (mut out, mut u) = (std::mem::take(&mut s.out), s.utf8);
    if from <= a {
        utf8::append(&mut out, &mut u, &st.bytes()[from..a], st.utf8());
    }
    s.out = out;
    s.utf8 = u;
    s.copied = e;
    s.at = e;
    s.pos = e;
    s.last_empty = a == e;
    Ok(1)
}

/// `subst.put`
pub fn subst_put(vm: &mut Vm, a: &Val, b: &Val) -> R<()> {
    let (r, ru) = vm.str_bytes(b)?;
    if let Some(cell) = state(a) {
        let mut s = cell.borrow_mut();
        let (mut out, mut u) = (std::mem::take(&mut s.out), s.utf8);
        utf8::append(&mut out, &mut u, &r, ru);
        s.out = out;
        s.utf8 = u;
    }
    Ok(())
}

/// `subst.end`
pub fn subst_end(vm: &mut Vm, b: Val, c: &mut Val) -> R<Val> {
    let Some(cell) = state(&b) else { return Ok(Val::bool(false)) };
    let mut s = cell.borrow_mut();
    let st = s.subject.clone();
    if s.count == 0 {
        return Ok(if s.flags & RETURN != 0 { s.original.clone() } else { Val::bool(false) });
    }
    let str = st.as_str().expect("string");
    let (mut out, mut u) = (std::mem::take(&mut s.out), s.utf8);
    utf8::append(&mut out, &mut u, &str.bytes()[s.copied.min(str.len())..], str.utf8());
    let (count, flags) = (s.count, s.flags);
    drop(s);
    let v = Val::str(&out, u);
    if flags & RETURN != 0 {
        return Ok(v);
    }
    vm.assign(c, v)?;
    if let Some(sv) = c.alias_cell() {
        set_pos(vm, sv, None);
    }
    Ok(Val::int(count))
}

/// s/// with a constant replacement
pub fn subst_const(vm: &mut Vm, b: &mut Val, c: &Val, how: u32) -> R<Val> {
    let linked = vm.frame().linked.clone();
    let Const::List(l) = &linked.chunk.consts[how as usize] else {
        return Err(vm.die_text("panic: substitution constant"));
    };
    let (Some(repl), Some(Const::Int(flags))) = (l.first(), l.get(1)) else {
        return Err(vm.die_text("panic: substitution constant"));
    };
    let repl = vm.const_val(repl);
    let st = subst_begin(vm, b, c, *flags as u64)?;
    while subst_next(vm, &st)? != 0 {
        subst_put(vm, &st, &repl)?;
    }
    subst_end(vm, st, b)
}
