//! Package re: patterns taken apart, named groups of the last match.

use crate::args::*;
use keshi_value::{Array, Val};
use keshi_vm::regex::{Compiled, compiled};
use keshi_vm::{R, Ret, Vm, Want};

const SUBS: &[Def] = &[
    ("regexp_pattern", regexp_pattern, Some("$")),
    ("regname", regname, Some(";$$")),
    ("regnames", regnames, Some(";$")),
    ("regnames_count", regnames_count, Some("")),
    ("regmust", regmust, Some("$")),
];

pub fn define_always(vm: &mut Vm) {
    define(vm, "re", SUBS);
}

/// `use re 'debug'` asks for a pattern compiler that shows its programs: `$^H{regcomp}` then holds what
/// `install` gives.
pub fn boot(vm: &mut Vm) -> R<()> {
    define(vm, "re", &[("install", install, Some(""))]);
    Ok(())
}

fn install(_vm: &mut Vm, _a: &Args, _w: Want, _c: &Cv) -> R<Ret> {
    int(1)
}

fn regexp_pattern(vm: &mut Vm, a: &Args, w: Want, _c: &Cv) -> R<Ret> {
    let v = arg(vm, a, 0)?;
    let Some(re) = v.as_regex().filter(|_| v.is_ref()) else {
        return if w == Want::List { list(vec![]) } else { yes_no(false) };
    };
    let text = re.text.clone();
    if w != Want::List {
        return ok(text);
    }
    // `(?^flags:pattern)`
    let (b, u) = vm.str_bytes(&text)?;
    let colon = b.iter().position(|c| *c == b':').unwrap_or(0);
    let flags: Vec<u8> = b[..colon].iter().copied().filter(u8::is_ascii_alphabetic).collect();
    let mut pattern = b.get(colon + 1..b.len().saturating_sub(1)).unwrap_or(&[]).to_vec();
    if flags.contains(&b'x') && pattern.last() == Some(&b'\n') {
        pattern.pop();
    }
    list(vec![Val::str(&pattern, u), Val::bytes(flags)])
}

fn last(vm: &Vm) -> Option<(keshi_vm::regex::MatchState, Compiled)> {
    let m = vm.last_match.as_deref()?.clone();
    let c = compiled(&m.re)?.clone();
    Some((m, c))
}

/// Text of a group of the last match.
fn group(m: &keshi_vm::regex::MatchState, n: u32) -> Val {
    match (m.subject.as_str(), m.caps.place(n as usize)) {
        (Some(s), Some((from, to))) => Val::str(&s.bytes()[from..to], s.utf8()),
        _ => Val::undef(),
    }
}

fn regname(vm: &mut Vm, a: &Args, _w: Want, _c: &Cv) -> R<Ret> {
    let (name, _) = string(vm, a, 0)?;
    let t = arg(vm, a, 1)?;
    let every = vm.truth(&t)?;
    let Some((m, c)) = last(vm) else { return undef() };
    let groups = c.re.groups_of(&name);
    if groups.is_empty() {
        return undef();
    }
    let values = groups.iter().map(|g| group(&m, *g));
    if every {
        return ok(Val::reference(Array::from_vec(values.collect())));
    }
    ok(values.into_iter().find(|v| !v.is_undef()).unwrap_or_default())
}

fn regnames(vm: &mut Vm, a: &Args, _w: Want, _c: &Cv) -> R<Ret> {
    let t = arg(vm, a, 0)?;
    let every = vm.truth(&t)?;
    let Some((m, c)) = last(vm) else { return list(vec![]) };
    let names = c.re.names();
    list(
        names
            .iter()
            .filter(|(_, gs)| every || gs.iter().any(|g| m.caps.place(*g as usize).is_some()))
            .map(|(n, _)| Val::str(n, !n.is_ascii()))
            .collect(),
    )
}

fn regnames_count(vm: &mut Vm, _a: &Args, _w: Want, _c: &Cv) -> R<Ret> {
    match last(vm) {
        Some((_, c)) => int(c.re.names().len() as i64),
        None => undef(),
    }
}

fn regmust(vm: &mut Vm, a: &Args, _w: Want, _c: &Cv) -> R<Ret> {
    let v = arg(vm, a, 0)?;
    if !v.is_ref() || compiled(&v).is_none() {
        return Err(vm.die_text("Expected a regexp in re::regmust"));
    }
    // Both strings are optimizer results; none is always a true answer.
    list(vec![Val::undef(), Val::undef()])
}
