//! Matching: running the engine, `m//` in its contexts, `pos`.

use super::super::scope::alias_ptr;
use super::host::exec_at;
use crate::Vm;
use crate::exc::R;
use crate::magic::Magic;
use crate::regex::{MatchState, compiled};
use keshi_regex::{Captures, ExecOpts};
use keshi_text::utf8;
use keshi_value::obj::Obj;
use keshi_value::{Array, Ptr, Scalar, Val};
use std::rc::Rc;
use std::sync::Arc;

/// `$REGMARK` and `$REGERROR` of the current package, set by patterns with verbs.
pub fn verbs(vm: &mut Vm, caps: &Captures, hit: bool) {
    let str_or = |m: &Option<Arc<[u8]>>, none: Val| m.as_ref().map_or(none, |b| Val::str(b, !b.is_ascii()));
    let (mark, error) = if hit {
        (str_or(&caps.mark, Val::undef()), Val::bool(false))
    } else {
        let e = match &caps.error {
            Some(n) => str_or(n, Val::bool(true)),
            None => Val::bool(false),
        };
        (Val::bool(false), e)
    };
    let package = vm.here().package;
    vm.gv(&[&package[..], b"::REGMARK"].concat(), false).scalar().set(mark);
    vm.gv(&[&package[..], b"::REGERROR"].concat(), false).scalar().set(error);
}

/// The string to match against.
pub fn subject_of(vm: &mut Vm, v: &Val) -> R<Val> {
    if let Some(s) = v.as_str() {
        if s.utf8() && vm.use_bytes() {
            return Ok(Val::str(s.bytes(), false));
        }
        return Ok(v.clone());
    }
    if v.is_undef() {
        vm.warn_uninit()?;
        return Ok(Val::bytes(""));
    }
    vm.to_str_val(v)
}

/// Remembers a success.
pub fn remember(vm: &mut Vm, subject: &Val, re: &Val, caps: Captures) -> Rc<MatchState> {
    let m = Rc::new(MatchState { subject: subject.clone(), re: re.clone(), caps, under: None });
    vm.last_match = Some(m.clone());
    m
}

/// atom `rx.match`
pub fn exec(vm: &mut Vm, a: &Val, re: &Val) -> R<i64> {
    match_scalar(vm, a, re)
}
/// atom `rx.next`
pub fn exec_g(vm: &mut Vm, a: &mut Val, re: &Val) -> R<i64> {
    match_global(vm, a, re, 0)
}

/// The string of a match without `/g`; `\G` is where `pos` of the variable is.
fn plain_subject(vm: &mut Vm, b: &Val, re: &Val) -> R<(Val, ExecOpts)> {
    let v = vm.read(b)?;
    let s = subject_of(vm, &v)?;
    let mut opts = ExecOpts::default();
    if compiled(re).is_some_and(|c| !c.codes.is_empty()) {
        vm.rtstate.regex.target = b.alias_cell().and_then(|_| b.scalar());
    }
    if compiled(re).is_some_and(|c| c.re.uses_pos())
        && let Some((at, _)) = b.alias_cell().and_then(pos_of)
    {
        opts.gpos = at.min(s.as_str().map_or(0, |s| s.len()));
    }
    Ok((s, opts))
}

/// Did a match count as empty? What `\G` leaves behind it is not part of it.
fn was_empty(re: &Val, (a, e): (usize, usize), s: &Val) -> bool {
    let before = compiled(re).map_or(0, |c| if c.re.uses_pos() { c.re.chars_before_pos() } else { 0 });
    if before == 0 || a > e {
        return a == e;
    }
    s.as_str().is_some_and(|s| utf8::str_len(&s.bytes()[a..e], s.utf8()) == before)
}

/// `rx.const`
pub fn const_target(vm: &mut Vm, k: u32) -> R<Val> {
    let linked = vm.frame().linked.clone();
    let kept = &linked.site_data.get()[k as usize];
    if let Some(s) = kept.scalar() {
        return Ok(Val::ind(s));
    }
    let s = Scalar::new(vm.const_val(&linked.chunk.consts[k as usize]));
    s.hdr().set(keshi_value::obj::flag::READONLY, true);
    linked.site_data.get_mut()[k as usize] = Val::reference(s.clone());
    Ok(Val::ind(s))
}

/// `m//` in scalar context. `\G` is where `pos` of the target is.
pub fn match_scalar(vm: &mut Vm, b: &Val, c: &Val) -> R<i64> {
    let (s, opts) = plain_subject(vm, b, c)?;
    Ok(match exec_at(vm, c, &s, 0, &opts)? {
        Some(caps) => {
            remember(vm, &s, c, caps);
            1
        }
        None => 0,
    })
}

/// Captures of a match in list context.
fn push_groups(out: &Array, m: &MatchState, n: usize) {
    let s = m.subject.as_str().expect("string");
    for i in 1..=n {
        out.push(match m.caps.get(i) {
            Some((a, b)) => Val::str(&s.bytes()[a..b], s.utf8()),
            None => Val::undef(),
        });
    }
}

/// `m//` in list context
pub fn match_list(vm: &mut Vm, b: &Val, c: &Val) -> R<Val> {
    let (s, opts) = plain_subject(vm, b, c)?;
    let out = Array::new();
    if let Some(caps) = exec_at(vm, c, &s, 0, &opts)? {
        let m = remember(vm, &s, c, caps);
        let n = compiled(c).map_or(0, |c| c.re.n_captures());
        if n == 0 {
            out.push(Val::int(1));
        } else {
            push_groups(&out, &m, n);
        }
    }
    Ok(Val::ptr(out))
}

// ---- pos

/// The scalar whose `pos` counts; a slot is promoted.
fn target(b: &mut Val) -> Ptr<Scalar> {
    if b.is_alias() { alias_ptr(b) } else { b.promote() }
}

/// `pos` of a scalar: byte offset, last match was empty.
pub fn pos_of(s: &Scalar) -> Option<(usize, bool)> {
    let e = s.hdr().ext()?;
    e.magic.iter().find_map(|m| match m.downcast_ref::<Magic>() {
        Some(Magic::PosValue(p, empty)) => Some((*p as usize, *empty)),
        _ => None,
    })
}

pub fn set_pos(vm: &mut Vm, s: &Scalar, p: Option<(usize, bool)>) {
    match p {
        Some((at, empty)) => vm.set_magic(s, Magic::PosValue(at as i64, empty)),
        None => {
            if pos_of(s).is_some() {
                vm.remove_magic(s, |m| matches!(m, Magic::PosValue(..)));
            }
        }
    }
}

fn start_options(p: Option<(usize, bool)>, len: usize) -> (usize, ExecOpts) {
    let (at, empty) = p.unwrap_or((0, false));
    let at = at.min(len);
    let opts = ExecOpts { gpos: at, min_end: if empty { at + 1 } else { 0 }, ..Default::default() };
    (at, opts)
}

/// scalar `m//g`
pub fn match_global(vm: &mut Vm, b: &mut Val, c: &Val, flags: u64) -> R<i64> {
    let t = target(b);
    let v = vm.get_sv(&t)?;
    let s = subject_of(vm, &v)?;
    let len = s.as_str().map_or(0, |s| s.len());
    let (at, opts) = start_options(pos_of(&t), len);
    if compiled(c).is_some_and(|c| !c.codes.is_empty()) {
        vm.rtstate.regex.target = Some(t.clone());
    }
    match exec_at(vm, c, &s, at, &opts)? {
        Some(caps) => {
            let (a, e) = caps.get(0).unwrap_or((at, at));
            remember(vm, &s, c, caps);
            let empty = was_empty(c, (a, e), &s);
            set_pos(vm, &t, Some((e, empty)));
            Ok(1)
        }
        None => {
            if flags & 1 == 0 {
                set_pos(vm, &t, None);
            }
            Ok(0)
        }
    }
}

/// list `m//g`
pub fn match_global_list(vm: &mut Vm, b: &mut Val, c: &Val, flags: u64) -> R<Val> {
    let t = target(b);
    let v = vm.get_sv(&t)?;
    let s = subject_of(vm, &v)?;
    let len = s.as_str().map_or(0, |s| s.len());
    let out = Array::new();
    let n = compiled(c).map_or(0, |c| c.re.n_captures());
    let mut pos = pos_of(&t);
    loop {
        let (at, opts) = start_options(pos, len);
        let Some(caps) = exec_at(vm, c, &s, at, &opts)? else { break };
        let (a, e) = caps.get(0).unwrap_or((at, at));
        let m = remember(vm, &s, c, caps);
        if n == 0 {
            let st = s.as_str().expect("string");
            out.push(Val::str(&st.bytes()[a..e], st.utf8()));
        } else {
            push_groups(&out, &m, n);
        }
        pos = Some((e, was_empty(c, (a, e), &s)));
    }
    set_pos(vm, &t, if flags & 1 != 0 { pos } else { None });
    Ok(Val::ptr(out))
}

/// `m?…?`: has this site matched since the last reset?
pub fn once_done(vm: &mut Vm, site: u64) -> R<i64> {
    let key = (Rc::as_ptr(&vm.frame().linked) as usize, site);
    Ok(vm.rtstate.regex.once.contains(&key) as i64)
}
/// notes the success of `m?…?`
pub fn once_set(vm: &mut Vm, site: u64) -> R<()> {
    let key = (Rc::as_ptr(&vm.frame().linked) as usize, site);
    vm.rtstate.regex.once.push(key);
    Ok(())
}

fn pos_value(v: &Val, p: Option<(usize, bool)>) -> Val {
    match (p, v.as_str()) {
        (Some((at, _)), Some(s)) if s.utf8() => Val::int(utf8::char_index(s.bytes(), at.min(s.len())) as i64),
        (Some((at, _)), _) => Val::int(at as i64),
        (None, _) => Val::undef(),
    }
}

/// pos
pub fn pos(vm: &mut Vm, b: &Val) -> R<Val> {
    if !b.is_alias() {
        return Ok(Val::undef());
    }
    pos_get(vm, &alias_ptr(b))
}
pub fn pos_get(_vm: &mut Vm, t: &Ptr<Scalar>) -> R<Val> {
    Ok(pos_value(t.peek(), pos_of(t)))
}
/// `pos($x) = v`
pub fn pos_put(vm: &mut Vm, t: &Ptr<Scalar>, v: Val) -> R<()> {
    if v.is_undef() {
        set_pos(vm, t, None);
        return Ok(());
    }
    let mut n = vm.to_iv(&v)?;
    let cur = vm.get_sv(t)?;
    let (b, u) = vm.str_bytes_quiet(&cur)?;
    let len = utf8::str_len(&b, u) as i64;
    if n < 0 {
        n = (n + len).max(0);
    }
    let n = n.min(len) as usize;
    let at = if u { utf8::byte_offset(&b, n).unwrap_or(b.len()) } else { n };
    set_pos(vm, t, Some((at, false)));
    Ok(())
}
/// `pos(lvalue register) = v`
pub fn pos_set(vm: &mut Vm, a: &mut Val, b: &Val) -> R<()> {
    let t = target(a);
    pos_put(vm, &t, b.clone())
}
/// pos as lvalue
pub fn pos_lv(vm: &mut Vm, b: &mut Val) -> R<Val> {
    let t = target(b);
    Ok(Val::ind(vm.magical(Magic::Pos(t))))
}

/// reset
pub fn reset(vm: &mut Vm, b: &Val) -> R<Val> {
    if b.is_undef() {
        vm.rtstate.regex.once.clear();
        return Ok(Val::int(1));
    }
    let (chars, _) = vm.str_bytes(b)?;
    let chars = chars.into_owned();
    let pkg = vm.here().package;
    let Some(stash) = vm.stash(&pkg, !pkg.is_ascii(), false) else { return Ok(Val::int(1)) };
    let mut set = [false; 256];
    let mut i = 0;
    while i < chars.len() {
        if i + 2 < chars.len() && chars[i + 1] == b'-' {
            (chars[i]..=chars[i + 2]).for_each(|c| set[c as usize] = true);
            i += 3;
        } else {
            set[chars[i] as usize] = true;
            i += 1;
        }
    }
    for k in stash.keys() {
        let (n, _) = vm.str_bytes(&k)?;
        if n.first().is_some_and(|c| set[*c as usize]) {
            if let Some(g) = vm.gv_in(&stash, &n, false, false) {
                if let Some(s) = g.sv.get().clone() {
                    vm.set_sv(&s, Val::undef())?;
                }
                if let Some(a) = g.av.get().clone() {
                    vm.av_clear(&a)?;
                }
                if let Some(h) = g.hv.get().clone() {
                    if !vm.is_stash(&h) {
                        vm.hv_clear(&h)?;
                    }
                }
            }
        }
    }
    Ok(Val::int(1))
}
/// study
pub fn study(vm: &mut Vm, b: &Val) -> R<Val> {
    let (s, _) = vm.str_bytes(b)?;
    Ok(Val::bool(!s.is_empty()))
}
