//! Backticks and `glob`.

use super::print::list;
use crate::Vm;
use crate::exc::R;
use keshi_io::process::Command;
use keshi_io::{Direction, Handle, OpenOpts, Rs, registry};
use keshi_value::Val;
use std::collections::{HashMap, VecDeque};

/// Results a scalar `glob` has still to give, by operator (its chunk and number).
pub type Iterators = HashMap<(usize, u64), VecDeque<Val>>;

/// The output of a command; `None` if it could not be run. Sets `$?`.
fn capture(vm: &mut Vm, b: &Val) -> R<Option<(Vec<u8>, bool)>> {
    let line = super::bytes_of(vm, b)?;
    let env = super::super::sys::environment(vm)?;
    let Some(command) = Command::parse(&line) else {
        super::super::system::set_status(vm, -1);
        vm.errno(keshi_io::Errno(libc::ENOENT));
        return Ok(None);
    };
    let h = registry::share(Handle::new());
    let options = OpenOpts { layers: super::open::default_layers(vm).0, ..OpenOpts::default() };
    let opened = h.borrow_mut().open_command(Direction::From, &command.with_env(Some(env)), &options);
    if let Err(e) = opened {
        super::super::system::set_status(vm, -1);
        if let Some(n) = e.errno {
            vm.errno(n);
        }
        if let Some((c, text)) = e.warning {
            vm.warn(crate::warn::cat::by_name(c).unwrap_or(crate::warn::cat::EXEC), &text)?;
        }
        return Ok(None);
    }
    let utf8 = h.borrow().is_utf8();
    let mut out = Vec::new();
    // What was read before an error is the result, as in perl.
    let _ = vm.retry_io(|| h.borrow_mut().read_line(&Rs::Slurp, &mut out))?;
    let (closed, child) = h.borrow_mut().close_no_wait();
    let mut status = closed.status.map_or(-1, |s| s.0);
    if let Some(pid) = child {
        let r = super::super::system::wait_child(vm, pid)?;
        status = closed.waited(r).status.map_or(-1, |s| s.0);
    }
    super::super::system::set_status(vm, status as i64);
    Ok(Some((out, utf8)))
}

/// `rt.backtick`
pub fn backtick(vm: &mut Vm, b: &Val) -> R<Val> {
    Ok(capture(vm, b)?.map_or(Val::undef(), |(out, utf8)| Val::str(&out, utf8)))
}

/// `rt.backtick.l`: the output split into records by `$/`.
pub fn backtick_lines(vm: &mut Vm, b: &Val) -> R<Val> {
    let Some((out, utf8)) = capture(vm, b)? else { return Ok(list(vec![])) };
    let shared = keshi_io::SharedBytes(std::rc::Rc::new(std::cell::RefCell::new(out)));
    let mut h = Handle::new();
    if h.open_mem(keshi_io::Mode::Read, Box::new(shared), &OpenOpts::default()).is_err() {
        return Ok(list(vec![]));
    }
    if utf8 {
        // `:utf8` only marks the handle and cannot fail on an open one.
        let _ = h.binmode(b":utf8");
    }
    let h = registry::share(h);
    let io = keshi_value::IoObj::new();
    let mut lines = Vec::new();
    while let Some(v) = super::read::record(vm, &io, &h, false)? {
        lines.push(v);
    }
    Ok(list(lines))
}

fn expand(vm: &mut Vm, b: &Val) -> R<Vec<Val>> {
    let pattern = super::bytes_of(vm, b)?;
    if pattern.contains(&0) {
        let shown = keshi_io::perform::nul_warning("glob", &pattern)
            .map(|w| w.replace("pathname", "pattern"))
            .unwrap_or_default();
        vm.warn(crate::warn::cat::SYSCALLS, &shown)?;
        return Ok(Vec::new());
    }
    let home = vm.gv.env.hash().get_str("HOME");
    let home = match home {
        Some(v) if !v.is_undef() => Some(super::bytes_of(vm, &v)?),
        _ => None,
    };
    Ok(keshi_io::glob::csh_glob(&pattern, home.as_deref()).into_iter().map(Val::bytes).collect())
}

/// `rt.glob.l`
pub fn glob_list(vm: &mut Vm, b: &Val) -> R<Val> {
    if let Some(l) = vm.overload_lines(b)? {
        return Ok(Val::ptr(l));
    }
    Ok(list(expand(vm, b)?))
}

/// `rt.glob`: the next name; undef ends the round.
pub fn glob_iter(vm: &mut Vm, b: &Val, site: u64) -> R<Val> {
    if let Some(v) = vm.overload_line(b)? {
        return Ok(v);
    }
    let key = (std::ptr::from_ref(&*vm.frame().linked.chunk).addr(), site);
    if let Some(q) = vm.rtstate.io.globs.get_mut(&key) {
        return Ok(match q.pop_front() {
            Some(v) => v,
            None => {
                vm.rtstate.io.globs.remove(&key);
                Val::undef()
            }
        });
    }
    let mut q: VecDeque<Val> = expand(vm, b)?.into();
    let first = q.pop_front();
    if first.is_some() {
        vm.rtstate.io.globs.insert(key, q);
    }
    Ok(first.unwrap_or_default())
}
