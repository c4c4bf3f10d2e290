//! POSIX signals: `SigSet`, `sigaction`, `sigprocmask`, `sigpending`, `sigsuspend`.
//!
//! A SigSet is a blessed number, bit n-1 standing for signal n. Handlers stay perl's safe ones, those of `%SIG`:
//! `sigaction` adds flags and mask to what `%SIG` installs.
//!
//! `unsafe`: calls on local signal sets, filled and read through the C library's own functions.

use crate::args::*;
use keshi_io::signals;
use keshi_value::hash::Key;
use keshi_value::{Hash, Ptr, Scalar, Val};
use keshi_vm::{R, Ret, Vm, Want};

pub const SUBS: &[Def] = &[
    ("sigaction", sigaction, None),
    ("sigprocmask", sigprocmask, None),
    ("sigpending", sigpending, None),
    ("sigsuspend", sigsuspend, None),
];

pub const SET: &[Def] = &[
    ("new", new, None),
    ("addset", addset, None),
    ("delset", delset, None),
    ("emptyset", emptyset, None),
    ("fillset", fillset, None),
    ("ismember", ismember, None),
];

const LAST: i32 = 64;

/// The kernel's form of a set.
fn to_kernel(bits: u64) -> libc::sigset_t {
    // SAFETY: a zeroed set is initialised by sigemptyset; numbers the library refuses are left out.
    unsafe {
        let mut s: libc::sigset_t = std::mem::zeroed();
        libc::sigemptyset(&raw mut s);
        for n in (1..=LAST).filter(|n| bits >> (n - 1) & 1 == 1) {
            libc::sigaddset(&raw mut s, n);
        }
        s
    }
}

fn from_kernel(s: &libc::sigset_t) -> u64 {
    // SAFETY: an initialised set.
    (1..=LAST).filter(|n| unsafe { libc::sigismember(s, *n) } == 1).fold(0, |b, n| b | 1 << (n - 1))
}

fn empty() -> libc::sigset_t {
    to_kernel(0)
}

fn object(vm: &mut Vm, class: &[u8], bits: u64) -> Val {
    let v = Val::reference(Scalar::new(Val::uint(bits)));
    if let (Some(stash), Some(h)) = (vm.stash(class, false, true), v.hdr()) {
        h.bless(stash);
    }
    v
}

/// The cell of a SigSet argument; None for undef.
fn set_of(vm: &mut Vm, v: &Val, name: &str, what: &str) -> R<Option<Ptr<Scalar>>> {
    if v.is_undef() {
        return Ok(None);
    }
    let good = match vm.class_of(v) {
        Some(st) => vm.derives_from(&st, b"POSIX::SigSet")?,
        None => false,
    };
    match v.scalar().filter(|_| good) {
        Some(s) => Ok(Some(s)),
        None => Err(vm.die_text(&format!("{what} is not of type POSIX::SigSet in {name}"))),
    }
}

fn bits_of(vm: &mut Vm, s: &Ptr<Scalar>) -> R<u64> {
    let v = s.get();
    vm.to_uv(&v)
}

fn own(vm: &mut Vm, a: &Args) -> R<Ptr<Scalar>> {
    let v = arg(vm, a, 0)?;
    match set_of(vm, &v, "POSIX::SigSet", "sigset")? {
        Some(s) => Ok(s),
        None => Err(vm.die_text("sigset is not of type POSIX::SigSet")),
    }
}

/// A signal number argument; None (with `$!` set) for one that does not exist.
fn signal(vm: &mut Vm, n: i64) -> R<Option<i32>> {
    if n < 0 {
        return Err(vm.die_text(&format!("Negative signals are not allowed {n}")));
    }
    match i32::try_from(n).ok().filter(|n| (1..=LAST).contains(n)) {
        Some(n) => Ok(Some(n)),
        None => {
            keshi_vm::rt::sys::set_errno(vm, libc::EINVAL);
            Ok(None)
        }
    }
}

fn new(vm: &mut Vm, a: &Args, _w: Want, _c: &Cv) -> R<Ret> {
    let class = bytes(vm, a, 0)?;
    let mut bits = 0;
    for v in rest(vm, a, 1)? {
        let n = vm.to_iv(&v)?;
        if let Some(n) = signal(vm, n)? {
            bits |= 1 << (n - 1);
        }
    }
    ok(object(vm, if class.is_empty() { b"POSIX::SigSet" } else { &class }, bits))
}

fn change(vm: &mut Vm, a: &Args, f: impl Fn(u64, u64) -> u64) -> R<Ret> {
    let s = own(vm, a)?;
    let n = iv(vm, a, 1)?;
    let Some(n) = signal(vm, n)? else { return undef() };
    let bits = bits_of(vm, &s)?;
    s.set(Val::uint(f(bits, 1 << (n - 1))));
    sys_result(vm, 0)
}

fn addset(vm: &mut Vm, a: &Args, _w: Want, _c: &Cv) -> R<Ret> {
    change(vm, a, |bits, one| bits | one)
}
fn delset(vm: &mut Vm, a: &Args, _w: Want, _c: &Cv) -> R<Ret> {
    change(vm, a, |bits, one| bits & !one)
}
fn emptyset(vm: &mut Vm, a: &Args, _w: Want, _c: &Cv) -> R<Ret> {
    own(vm, a)?.set(Val::uint(0));
    sys_result(vm, 0)
}
fn fillset(vm: &mut Vm, a: &Args, _w: Want, _c: &Cv) -> R<Ret> {
    own(vm, a)?.set(Val::uint(u64::MAX));
    sys_result(vm, 0)
}
fn ismember(vm: &mut Vm, a: &Args, _w: Want, _c: &Cv) -> R<Ret> {
    let s = own(vm, a)?;
    let n = iv(vm, a, 1)?;
    let Some(n) = signal(vm, n)? else { return undef() };
    let bits = bits_of(vm, &s)?;
    int((bits >> (n - 1) & 1) as i64)
}

/// `sigprocmask(HOW, SET, OLDSET)`
fn sigprocmask(vm: &mut Vm, a: &Args, _w: Want, _c: &Cv) -> R<Ret> {
    let how = iv(vm, a, 0)? as i32;
    let (set, old) = (arg(vm, a, 1)?, arg(vm, a, 2)?);
    let set = set_of(vm, &set, "POSIX::sigprocmask", "sigset")?;
    let old = set_of(vm, &old, "POSIX::sigprocmask", "oldsigset")?;
    let new = match &set {
        Some(s) => Some(to_kernel(bits_of(vm, s)?)),
        None => None,
    };
    let mut was = empty();
    let p = new.as_ref().map_or(std::ptr::null(), std::ptr::from_ref);
    // SAFETY: null or a live set; room for the answer.
    let r = unsafe { libc::sigprocmask(how, p, &raw mut was) };
    if let (Some(o), 0) = (old, r) {
        o.set(Val::uint(from_kernel(&was)));
    }
    // Unblocked signals arrive now.
    let result = sys_result(vm, i64::from(r));
    vm.sync()?;
    result
}

fn sigpending(vm: &mut Vm, a: &Args, _w: Want, _c: &Cv) -> R<Ret> {
    let v = arg(vm, a, 0)?;
    let Some(s) = set_of(vm, &v, "POSIX::sigpending", "sigset")? else { return undef() };
    let mut now = empty();
    // SAFETY: room for the answer.
    let r = unsafe { libc::sigpending(&raw mut now) };
    s.set(Val::uint(from_kernel(&now)));
    sys_result(vm, i64::from(r))
}

/// Waits with another mask until a signal comes, and lets its handler run.
fn sigsuspend(vm: &mut Vm, a: &Args, _w: Want, _c: &Cv) -> R<Ret> {
    let v = arg(vm, a, 0)?;
    let Some(s) = set_of(vm, &v, "POSIX::sigsuspend", "signal_mask")? else { return undef() };
    let mask = to_kernel(bits_of(vm, &s)?);
    // SAFETY: a live set.
    let r = unsafe { libc::sigsuspend(&raw const mask) };
    let result = sys_result(vm, i64::from(r));
    vm.sync()?;
    result
}

/// `sigaction(SIG, ACTION, OLDACTION)`; the actions are hashes with HANDLER, MASK, FLAGS, SAFE.
fn sigaction(vm: &mut Vm, a: &Args, _w: Want, _c: &Cv) -> R<Ret> {
    let n = iv(vm, a, 0)?;
    if n < 0 {
        return Err(vm.die_text(&format!("Negative signals are not allowed {n}")));
    }
    let (action, old) = (action_of(vm, a, 1, "action")?, action_of(vm, a, 2, "oldaction")?);
    let Some(sig) = i32::try_from(n).ok().filter(|n| (1..=LAST).contains(n)) else {
        keshi_vm::rt::sys::set_errno(vm, libc::EINVAL);
        return undef();
    };
    let Some(name) = signals::name(sig) else {
        keshi_vm::rt::sys::set_errno(vm, libc::EINVAL);
        return undef();
    };
    // SAFETY: a query into a zeroed structure.
    let was = unsafe {
        let mut s: libc::sigaction = std::mem::zeroed();
        if libc::sigaction(sig, std::ptr::null(), &raw mut s) != 0 {
            set_errno(vm);
            return undef();
        }
        s
    };
    let table = vm.gv_str("main::SIG").hash().clone();
    if let Some(o) = old {
        let handler =
            table.get(&Key::ascii(&name)).filter(|v| !v.is_undef()).unwrap_or_else(|| Val::bytes("DEFAULT"));
        o.set_str("HANDLER", handler);
        let mask = object(vm, b"POSIX::SigSet", from_kernel(&was.sa_mask));
        o.set_str("MASK", mask);
        o.set_str("FLAGS", Val::int(i64::from(was.sa_flags)));
        o.set_str("SAFE", Val::int(1));
    }
    if let Some(h) = action {
        if matches!(sig, libc::SIGKILL | libc::SIGSTOP) {
            keshi_vm::rt::sys::set_errno(vm, libc::EINVAL);
            return undef();
        }
        let handler = h.get_str("HANDLER").unwrap_or_default();
        let handler = vm.read(&handler)?;
        if handler.is_undef() {
            return Err(vm.die_text("Can't supply an action without a HANDLER"));
        }
        let mask = h.get_str("MASK").unwrap_or_default();
        let mask = vm.read(&mask)?;
        let bits = match set_of(vm, &mask, "POSIX::sigaction", "action->{MASK}")? {
            Some(s) => bits_of(vm, &s)?,
            None => 0,
        };
        let f = h.get_str("FLAGS").unwrap_or_default();
        let f = vm.read(&f)?;
        let f = if f.is_undef() { 0 } else { vm.to_iv(&f)? as i32 };
        vm.hv_set(&table, &Val::text(&name), handler)?;
        // SAFETY: what `%SIG` just installed, with flags and mask added.
        let r = unsafe {
            let mut s: libc::sigaction = std::mem::zeroed();
            let got = libc::sigaction(sig, std::ptr::null(), &raw mut s);
            // Perl's handler takes one argument only, and a reset would leave `%SIG` behind.
            s.sa_flags |= f & !(libc::SA_SIGINFO | libc::SA_RESETHAND);
            s.sa_mask = to_kernel(bits);
            if got == 0 { libc::sigaction(sig, &raw const s, std::ptr::null_mut()) } else { got }
        };
        if r != 0 {
            set_errno(vm);
            return undef();
        }
    }
    ok(Val::bytes("0 but true"))
}

/// A SigAction argument: the hash; None for undef.
fn action_of(vm: &mut Vm, a: &Args, i: usize, what: &str) -> R<Option<Ptr<Hash>>> {
    let v = arg(vm, a, i)?;
    if v.is_undef() {
        return Ok(None);
    }
    let good = match vm.class_of(&v) {
        Some(st) => vm.derives_from(&st, b"POSIX::SigAction")?,
        None => false,
    };
    match v.hv().filter(|_| good && v.is_ref()) {
        Some(h) => Ok(Some(h)),
        None => Err(vm.die_text(&format!("{what} is not of type POSIX::SigAction"))),
    }
}
