//! What a match left behind: `$1`, `$&`, `@-`, `%+` …

use crate::Vm;
use crate::exc::R;
use crate::regex::{MatchState, compiled};
use keshi_text::utf8;
use keshi_value::scalar::RegexObj;
use keshi_value::{Array, Val};
use std::rc::Rc;

/// `match.save`
pub fn save_state(vm: &mut Vm) -> R<Val> {
    let o = RegexObj::new(Box::new(vm.last_match.clone()), Val::undef());
    Ok(Val::ptr(o))
}
/// `match.restore`
pub fn restore_state(vm: &mut Vm, a: Val) -> R<()> {
    if let Some(m) = a.as_regex().and_then(|r| r.re.downcast_ref::<Option<Rc<MatchState>>>()) {
        vm.last_match = m.clone();
    }
    Ok(())
}

fn piece(m: &MatchState, a: usize, b: usize) -> Val {
    match m.subject.as_str() {
        Some(s) if a <= b && b <= s.len() => Val::str(&s.bytes()[a..b], s.utf8()),
        _ => Val::undef(),
    }
}

/// atom `rx.cap`
pub fn capture(vm: &mut Vm, i: u64) -> R<Val> {
    Ok(match i as u32 {
        0xffff_fffe => prematch(vm),
        0xffff_fffd => postmatch(vm),
        0xffff_fffc => last_paren(vm),
        0xffff_fffb => last_closed(vm),
        n => capture_n(vm, n),
    })
}

pub fn capture_n(vm: &mut Vm, n: u32) -> Val {
    match &vm.last_match {
        Some(m) => match m.caps.get(n as usize) {
            Some((a, b)) => piece(m, a, b),
            None => Val::undef(),
        },
        None => Val::undef(),
    }
}
/// Was the last match one with `/p`?
pub fn kept(vm: &Vm) -> bool {
    let re = vm.last_match.as_ref().and_then(|m| compiled(&m.re));
    re.is_some_and(|c| c.re.flags().p || c.flags & super::pattern::flag::P != 0)
}
pub fn prematch(vm: &mut Vm) -> Val {
    match vm.last_match.as_ref().and_then(|m| m.caps.get(0).map(|r| (m, r))) {
        Some((m, (a, _))) => piece(m, 0, a),
        None => Val::undef(),
    }
}
pub fn postmatch(vm: &mut Vm) -> Val {
    match vm.last_match.as_ref().and_then(|m| m.caps.get(0).map(|r| (m, r))) {
        Some((m, (_, b))) => piece(m, b, m.subject.as_str().map_or(0, |s| s.len())),
        None => Val::undef(),
    }
}
pub fn last_paren(vm: &mut Vm) -> Val {
    match vm.last_match.as_ref().map_or(0, |m| m.caps.last_paren) {
        0 => Val::undef(),
        n => capture_n(vm, n),
    }
}
pub fn last_closed(vm: &mut Vm) -> Val {
    match vm.last_match.as_ref().map_or(0, |m| m.caps.last_close) {
        0 => Val::undef(),
        n => capture_n(vm, n),
    }
}

/// Length of `@-` (`which` 0), `@+` (1), `@{^CAPTURE}` (2).
pub fn offsets_len(vm: &Vm, which: u8) -> i64 {
    let Some(m) = &vm.last_match else { return 0 };
    let groups = compiled(&m.re).map_or(0, |c| c.re.n_captures()) as i64;
    let filled = (0..=groups).rev().find(|&i| m.caps.get(i as usize).is_some()).map_or(0, |i| i + 1);
    match which {
        0 => filled,
        1 => groups + 1,
        _ => (filled - 1).max(0),
    }
}

/// Element of `@-`, `@+` or `@{^CAPTURE}`.
pub fn offsets_get(vm: &mut Vm, which: u8, i: i64) -> Val {
    let n = offsets_len(vm, which);
    let i = if i < 0 { i + n } else { i };
    if i < 0 {
        return Val::undef();
    }
    if which == 2 {
        return capture_n(vm, i as u32 + 1);
    }
    let Some(m) = &vm.last_match else { return Val::undef() };
    let Some((a, b)) = m.caps.get(i as usize) else { return Val::undef() };
    let at = if which == 0 { a } else { b };
    match m.subject.as_str() {
        Some(s) if s.utf8() => Val::int(utf8::char_index(s.bytes(), at) as i64),
        _ => Val::int(at as i64),
    }
}

/// A group by its place in the pattern.
pub fn capture_place(vm: &Vm, p: u32) -> Val {
    match &vm.last_match {
        Some(m) => m.caps.place(p as usize).map_or(Val::undef(), |(a, b)| piece(m, a, b)),
        None => Val::undef(),
    }
}

fn groups(vm: &Vm, name: &[u8]) -> Vec<u32> {
    let Some(m) = &vm.last_match else { return Vec::new() };
    compiled(&m.re).map_or(Vec::new(), |c| c.re.groups_of(name).to_vec())
}

/// `$+{k}` / `$-{k}`
pub fn named_capture(vm: &mut Vm, k: &Val, all: bool) -> R<Val> {
    let (n, _) = vm.str_bytes(k)?;
    let gs = groups(vm, &n);
    if all {
        if gs.is_empty() {
            return Ok(Val::undef());
        }
        let out = Array::new();
        for g in gs {
            let v = capture_place(vm, g);
            out.push(v);
        }
        return Ok(Val::reference(out));
    }
    for g in gs {
        let v = capture_place(vm, g);
        if !v.is_undef() {
            return Ok(v);
        }
    }
    Ok(Val::undef())
}
pub fn named_capture_exists(vm: &mut Vm, k: &Val, all: bool) -> R<bool> {
    let (n, _) = vm.str_bytes(k)?;
    let gs = groups(vm, &n);
    Ok(if all { !gs.is_empty() } else { gs.iter().any(|g| !capture_place(vm, *g).is_undef()) })
}
pub fn named_capture_keys(vm: &mut Vm, all: bool) -> R<Vec<Val>> {
    let names: Vec<(Vec<u8>, Vec<u32>)> = match &vm.last_match {
        Some(m) => compiled(&m.re).map_or(Vec::new(), |c| c.re.names().to_vec()),
        None => Vec::new(),
    };
    let mut out = Vec::new();
    for (n, gs) in names {
        if all || gs.iter().any(|g| !capture_place(vm, *g).is_undef()) {
            out.push(Val::str(&n, !n.is_ascii()));
        }
    }
    Ok(out)
}

/// `match.captures`: all groups of the last match, (1) if it has none
pub fn match_captures(vm: &mut Vm) -> R<Val> {
    let out = Array::new();
    let n = match &vm.last_match {
        Some(m) => compiled(&m.re).map_or(0, |c| c.re.n_captures()),
        None => 0,
    };
    if n == 0 {
        out.push(Val::int(1));
    }
    for i in 1..=n {
        let v = capture_n(vm, i as u32);
        out.push(v);
    }
    Ok(Val::ptr(out))
}
