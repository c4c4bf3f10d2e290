//! die, warn, exit, eval, non-local exits.

use super::array::{av, list_values};
use crate::Vm;
use crate::exc::{Exc, R, Ret, Want};
use keshi_l1::chunk::Const;
use keshi_value::Val;
use keshi_value::obj::{Obj, PENDING, pending};
use std::sync::atomic::Ordering;

/// Interpreter-wide state of this topic.
#[derive(Default)]
pub struct State {
    /// Constants the parser asked us to hold (inlined constant subs …), by handle.
    pub host_consts: Vec<Val>,
}

/// Concatenated list, as die and warn print it.
fn message(vm: &mut Vm, vs: &[Val]) -> R<(Vec<u8>, bool)> {
    let mut out = Vec::new();
    let mut utf8 = false;
    for (i, v) in vs.iter().enumerate() {
        vm.at_item(i, v);
        let (b, u) = vm.str_bytes(v)?;
        keshi_text::utf8::append(&mut out, &mut utf8, &b, u);
    }
    Ok((out, utf8))
}

/// die LIST
pub fn die(vm: &mut Vm, a: &Val) -> R<()> {
    let vs = list_values(vm, &av(a), 0)?;
    if vs.len() == 1 && vs[0].is_ref() {
        return Err(vm.die_value(vs[0].clone()));
    }
    let (mut b, mut u) = message(vm, &vs)?;
    if b.is_empty() {
        let err = vm.gv.errgv.scalar().clone();
        let cur = vm.get_sv(&err)?;
        if cur.is_ref() {
            // An object in $@ is told where it is passed on.
            let w = vm.here();
            let args = vec![Val::bytes(&w.file[..]), Val::int(w.line as i64)];
            let v = match vm.class_of(&cur) {
                Some(st) if vm.find_method(&st, b"PROPAGATE")?.is_some() => {
                    vm.call_method(&cur, "PROPAGATE", args, Want::Scalar)?.map_or(Val::undef(), Ret::scalar)
                }
                _ => cur,
            };
            return Err(vm.die_value(v));
        }
        let (e, eu) = vm.str_bytes_quiet(&cur)?;
        if e.is_empty() {
            b = b"Died".to_vec();
        } else {
            b = e.into_owned();
            b.extend_from_slice(b"\t...propagated");
            u = eu;
        }
    }
    Err(vm.die_bytes(&b, u))
}

/// warn LIST
pub fn warn(vm: &mut Vm, b: &Val) -> R<Val> {
    let vs = list_values(vm, &av(b), 0)?;
    // Only a handler gets a reference as it is.
    if vs.len() == 1 && vs[0].is_ref() && vm.signal_hook("__WARN__")?.is_some() {
        vm.warn_value(vs[0].clone())?;
        return Ok(Val::int(1));
    }
    let (mut m, mut u) = message(vm, &vs)?;
    if m.is_empty() {
        let err = vm.gv.errgv.scalar().clone();
        let cur = vm.get_sv(&err)?;
        if cur.is_ref() {
            vm.warn_value(cur)?;
            return Ok(Val::int(1));
        }
        let (e, eu) = vm.str_bytes_quiet(&cur)?;
        if e.is_empty() {
            m = b"Warning: something's wrong".to_vec();
        } else {
            m = e.into_owned();
            m.extend_from_slice(b"\t...caught");
            u = eu;
        }
    }
    if m.last() != Some(&b'\n') {
        m.extend(vm.position_suffix());
    }
    vm.warn_value(Val::str(&m, u))?;
    Ok(Val::int(1))
}

/// exit EXPR
pub fn exit(vm: &mut Vm, a: &Val) -> R<()> {
    let n = vm.to_iv(a)?;
    Err(Box::new(Exc::Exit(n as i32)))
}

pub(crate) fn set_err(vm: &mut Vm, v: Val) {
    let s = vm.gv.errgv.scalar().clone();
    if s.hdr().is_magical() || s.is_readonly() {
        let _ = vm.set_sv(&s, v);
    } else {
        s.set(v);
    }
}

/// entry of eval
pub fn eval_enter(vm: &mut Vm) -> R<()> {
    set_err(vm, Val::bytes(""));
    Ok(())
}
/// normal exit of eval
pub fn eval_leave(vm: &mut Vm) -> R<()> {
    if PENDING.load(Ordering::Relaxed) & pending::DESTROY != 0 {
        vm.run_destroy_queue()?;
    }
    set_err(vm, Val::bytes(""));
    Ok(())
}
/// handler of eval
pub fn eval_fail(vm: &mut Vm, a: Val) -> R<()> {
    // Destructors of what the unwinding released run before $@ is set.
    vm.run_destroy_queue()?;
    set_err(vm, a);
    Ok(())
}

impl Vm {
    /// The reference whose text (`CODE(0x…)`) a cop keeps as a value of `%^H`: its place among the held ones.
    pub fn held_reference(&self, text: &[u8]) -> Option<usize> {
        let at = memchr::memmem::find(text, b"(0x")?;
        let hex = text[at + 3..].strip_suffix(b")")?;
        let addr = u64::from_str_radix(std::str::from_utf8(hex).ok()?, 16).ok()?;
        self.rtstate.control.host_consts.iter().rposition(|v| v.is_ref() && v.addr() == addr)
    }
}

fn compile(vm: &mut Vm, text: &Val, scope: u32, flags: u32) -> R<Val> {
    let Some(c) = vm.compiler.clone() else { return Err(vm.die_text("panic: no compiler")) };
    Ok(Val::ptr(c.compile_eval(vm, text, scope, flags)?))
}
/// eval STRING
pub fn eval_compile(vm: &mut Vm, b: &Val, scope: u32) -> R<Val> {
    let t = vm.text_or_empty(b)?;
    compile(vm, &t, scope, 0)
}
/// The text of evalbytes has to consist of octets; that it does not is no error of the evaluated code.
pub fn evalbytes_octets(vm: &mut Vm, b: &Val) -> R<()> {
    let (text, utf8) = vm.str_bytes_quiet(b)?;
    if utf8 && keshi_text::utf8::downgrade(&text).is_none() {
        return Err(vm.die_text("Wide character in eval \"string\""));
    }
    Ok(())
}

/// evalbytes STRING
pub fn evalbytes_compile(vm: &mut Vm, b: &Val, scope: u32) -> R<Val> {
    let t = vm.text_or_empty(b)?;
    compile(vm, &t, scope, 1)
}

impl Vm {
    fn text_or_empty(&mut self, v: &Val) -> R<Val> {
        if v.is_undef() {
            self.warn_uninit()?;
            return Ok(Val::bytes(""));
        }
        self.to_str_val(v)
    }
}

/// last/next/redo/goto with a computed label
pub fn unwind_dynamic(vm: &mut Vm, a: &Val, how: u64) -> R<()> {
    let (b, _) = vm.str_bytes(a)?;
    let label: Box<[u8]> = b.into_owned().into_boxed_slice();
    Err(vm.leave_loop(how, Some(label)))
}
/// `...`
pub fn yada(vm: &mut Vm) -> R<()> {
    Err(vm.die_text("Unimplemented"))
}
/// dies with a constant message
pub fn die_message(vm: &mut Vm, msg: u32) -> R<()> {
    let linked = vm.frame().linked.clone();
    match &linked.chunk.consts[msg as usize] {
        Const::Str { bytes, utf8 } => Err(vm.die_bytes(bytes, *utf8)),
        _ => Err(vm.die_text("panic: message constant")),
    }
}
/// `break` out of a sub called in a `given`, `continue` out of one called in a `when`
pub fn exit_dynamic(vm: &mut Vm, how: u64) -> R<()> {
    Err(vm.leave_given(how != 0))
}
/// a loop control that leaves an eval or the block of a sort
pub fn exit_warning(vm: &mut Vm, what: u64) -> R<()> {
    let how = ["next", "last", "redo", ""][what as usize & 3];
    vm.warn_exiting(if what & 4 == 0 { "eval" } else { "pseudo-block" }, how)
}
/// a `goto` that enters a construct
pub fn goto_into(vm: &mut Vm) -> R<()> {
    let text = "Use of \"goto\" to jump into a construct is deprecated, and will become fatal in Perl 5.42";
    vm.warn(crate::warn::cat::DEPRECATED_GOTO_CONSTRUCT, text)
}
/// goto &code
pub fn goto_code(vm: &mut Vm, b: &Val) -> R<Val> {
    if b.is_ref() || b.tag() == keshi_value::tag::PTR || b.tag() == keshi_value::tag::GLOB {
        return super::sub::code_of(vm, b);
    }
    if b.is_undef() {
        return Err(vm.die_text("goto must have label"));
    }
    super::sub::code_of(vm, b)
}

/// flip-flop with a constant: `$. == n`.
pub fn line_equals(vm: &mut Vm, b: &Val) -> R<Val> {
    let line = vm.gv(b"main::.", false).scalar().clone();
    let n = vm.get_sv(&line)?;
    super::compare::eq(vm, &n, b)
}
